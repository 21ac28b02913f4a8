"""Bring a raster on to the grid of the account, by the rule that its kind of quantity demands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import xarray as xr

from gep import units
from gep.errors import GridError, UnitError
from gep.grid import overlap, warp
from gep.grid.crs import same_crs, set_crs
from gep.grid.georef import MISSING, GridSpec, declared_missing

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from scipy import sparse

Float = np.float64

#: Relative change of a total that is rounding, and the largest error of GDAL that is scaled away.
KEPT, SCALED = 1e-6, 1e-3


def align(data: xr.DataArray, like: xr.DataArray | GridSpec, kind: units.Kind | None = None) -> xr.DataArray:
    """Return ``data`` on the grid of ``like``; how follows from the kind of quantity.

    ============  ====================================================================
    category      nearest; the class with the largest share of a cell twice as large
    density       mean weighted by area; bilinear on to smaller cells
    state         as density
    amount        shared out by area, so that the total stays
    ============  ====================================================================

    Parameters
    ----------
    data : xarray.DataArray
        Raster with unit, CRS and regular coordinates; further dimensions are kept.
    like : xarray.DataArray or GridSpec
        The grid to go to.
    kind : {"category", "density", "amount", "state"}, optional
        Read from ``attrs["units"]`` unless given.

    Returns
    -------
    xarray.DataArray
        Name, unit and attributes as before, and in ``attrs["aligned"]`` from where, by what rule and
        how the total or mean changed. Cells that ``data`` does not reach are missing: NaN, or the
        declared nodata value of classes, which keep their dtype. A cell that is reached in part has
        the amount of that part, or the mean of it.

    Raises
    ------
    GridError
        No usable georeference, no cell in common, classes without a nodata value to pad with, or
        amounts whose total would change by more than rounding.
    UnitError
        No unit and no ``kind``.
    MissingExtra
        The CRS differ and rasterio (extra ``geo``) is not installed.

    Notes
    -----
    Within one CRS shares of area are exact (on the ellipsoid for longitude/latitude) and amounts
    keep their total to rounding; across CRS GDAL resamples and the change is told. Where ``like``
    holds all of ``data``, totals that GDAL misses by up to 0.1 % are scaled back; more is refused.
    Where it does not, ``aligned`` says how much of an amount lies outside.

    Examples
    --------
    >>> people = xr.DataArray([[8.0, 4.0]], {"lat": [0.5], "lon": [0.5, 1.5]}, ("lat", "lon"))
    >>> people.attrs["units"] = "person"
    >>> target = GridSpec("EPSG:4326", (1.0, 0, 0.5, 0, -2.0, 2.0), (1, 2), ("lat", "lon"))
    >>> source = GridSpec("EPSG:4326", (1.0, 0, 0.0, 0, -1.0, 1.0), (1, 2), ("lat", "lon"))
    >>> align(place(people, source), target).values.tolist()
    [[6.0, 2.0]]
    """
    name = str(data.name or "grid")
    rule = _rule(data, kind, name)
    source = GridSpec.of(data, name)
    if isinstance(like, GridSpec):
        return _moved(data, source, like, rule)
    target = GridSpec.of(like, "like")
    out = _moved(data, source, target, rule)
    return out.assign_coords({dim: like.coords[dim] for dim in target.dims})  # the very same floats


def _moved(data: xr.DataArray, source: GridSpec, target: GridSpec, rule: units.Kind) -> xr.DataArray:
    """Return data on the target grid, with coordinates computed from its affine terms."""
    name = str(data.name or "grid")
    if not source.differences(target):
        return _same(data, source, target, rule)
    lead = [d for d in data.dims if d not in source.dims]
    ordered = data.transpose(*lead, *source.dims)
    cells = ordered.to_numpy().reshape(-1, *source.shape)
    nodata = _nodata(data)
    missing = np.isnan(cells) if cells.dtype.kind == "f" else np.zeros(cells.shape, bool)
    for value in nodata:
        missing |= cells == value
    method, move = _mover(source, target, rule)
    layers = []
    for layer, hole in zip(cells, missing, strict=True):
        filled = np.where(hole, np.nan, layer.astype(Float))
        layers.append((filled, move(filled)))
    moved = np.stack([after for _, after in layers])
    before = np.stack([b for b, _ in layers])
    if not np.isfinite(moved).any() and np.isfinite(before).any():
        raise GridError("it has no cell with a value on the target grid", where=name, expected=str(target))
    if rule == "amount":
        moved, change = _kept(before, moved, source, target, name)
    else:
        change = _change(before, moved, rule)
    return _dress(ordered, moved, nodata, source, target, (rule, f"{method}; {change}"))


def _rule(data: xr.DataArray, kind: units.Kind | None, name: str) -> units.Kind:
    """Return the kind of quantity; an amount is never treated as anything else."""
    if kind is None:
        return units.kind(units.units_of(data, name))
    if kind not in get_args(units.Kind):
        raise GridError(f"kind {kind!r} is unknown", where=name, expected=f"one of {get_args(units.Kind)}")
    try:
        told = units.kind(units.units_of(data, name))
    except UnitError:
        return kind
    if "amount" in (told, kind) and told != kind:
        raise GridError(
            f"it is in {data.attrs.get('units')}, which is {told}, but kind={kind!r} is asked for; "
            "only amounts are shared out, and nearest or a mean would not keep their total",
            where=name, expected=f"kind={told!r}", fix="leave kind out, or mend the unit",
        )  # fmt: skip
    return kind


def _same(data: xr.DataArray, source: GridSpec, target: GridSpec, rule: str) -> xr.DataArray:
    """Return data that lie on the grid already; values declared as missing become NaN."""
    out = place(data.transpose(..., *source.dims), target, source.dims)
    if rule == "category":
        return out
    for value in _nodata(data):
        out = out.where(out != value)
    out.attrs = {k: v for k, v in data.attrs.items() if k not in (*MISSING, "crs", "grid_mapping")}
    return out


def place(data: xr.DataArray, spec: GridSpec, dims: tuple[str, str] | None = None) -> xr.DataArray:
    """Return ``data`` with the coordinates, dimension names and CRS of a grid; no value moves."""
    old = dims or spec.dims
    out = data.rename({o: n for o, n in zip(old, spec.dims, strict=True) if o != n})
    centres = zip(spec.coordinates().items(), "YX", strict=True)
    out = out.assign_coords({dim: (dim, at, {"axis": axis}) for (dim, at), axis in centres})
    out = set_crs(out, spec.crs)
    a, b, c, d, e, f = spec.transform
    out.coords["spatial_ref"].attrs["GeoTransform"] = " ".join(repr(float(v)) for v in (c, a, b, f, d, e))
    return out


def _nodata(data: xr.DataArray) -> list[Any]:
    """Return the values declared as missing that the type can hold, those in attrs first."""
    fits = declared_missing(data, str(data.name or "grid"))
    if data.dtype.kind in "iu":
        info = np.iinfo(data.dtype)
        fits = [v for v in fits if info.min <= v <= info.max]
    return fits


def _dress(
    data: xr.DataArray,
    moved: NDArray[Float],
    nodata: list[Any],
    source: GridSpec,
    target: GridSpec,
    told: tuple[str, str],
) -> xr.DataArray:
    """Return moved values as a DataArray like ``data`` was."""
    rule, text = told
    attrs = dict(data.attrs)
    dtype: np.dtype[Any] = np.dtype(Float)
    if rule == "category" and data.dtype.kind in "iu":
        hole, dtype = np.isnan(moved), data.dtype
        if hole.any() and not nodata:
            raise GridError(
                f"{int(hole.sum())} target cells are not reached and no value is declared as missing",
                where=str(data.name or "grid"), expected="attrs['_FillValue'], a value that is no class",
                fix="data.attrs['_FillValue'] = 255",
            )  # fmt: skip
        moved = np.where(hole, nodata[0] if nodata else 0, moved)
        if nodata:
            attrs["_FillValue"] = nodata[0]
    else:
        attrs = {k: v for k, v in attrs.items() if k not in MISSING}
        if data.dtype == np.float32 and rule != "amount":
            dtype = data.dtype
    attrs["aligned"] = f"from {source} to {target} by {text}"
    lead = data.dims[:-2]
    shape = (*data.shape[:-2], *target.shape)
    coords = {k: v for k, v in data.coords.items() if not set(v.dims) & set(source.dims)}
    out = xr.DataArray(
        moved.astype(dtype).reshape(shape), coords, (*lead, *target.dims), name=data.name, attrs=attrs
    )
    return place(out, target)


def _kept(
    before: NDArray[Float], moved: NDArray[Float], source: GridSpec, target: GridSpec, name: str
) -> tuple[NDArray[Float], str]:
    """Return amounts whose total is kept, layer by layer, and how it changed; else raise GridError."""
    plain, one_crs = np.where(np.isfinite(before), before, 0.0), same_crs(source.crs, target.crs)
    size, all_of_it, got = np.abs(plain).sum((1, 2)), plain.sum((1, 2)), np.nansum(moved, (1, 2))
    if one_crs:
        rows, cols = (overlap.reached(source, target, axis) for axis in (0, 1))
        inside = rows @ plain @ cols
    else:
        inside = all_of_it if warp.covers(source, target) else got
    off = np.abs(got - inside)
    mend = (off > KEPT * size) & (off <= SCALED * np.abs(got)) & (not one_crs)
    factor = np.divide(inside, got, out=np.ones(got.shape), where=mend)
    if (wrong := (off > KEPT * size) & ~mend).any():
        k = int(np.flatnonzero(wrong)[0])
        raise GridError(
            f"{inside[k]:.10g} of its total lies on the target, which would get {got[k]:.10g}", where=name,
            expected=f"a change below {KEPT:g}: amounts are shared out, never made or lost",
            fix="cut the target to 360 degrees of longitude" if one_crs
            else "align it first to cells of about its own size in the CRS of the target",
        )  # fmt: skip
    a, b, lost = (float(part.sum()) for part in (all_of_it, got * factor, all_of_it - inside))
    text = f"total {a:.10g} -> {b:.10g}" + (f" ({100 * (b / a - 1):+.3g} %)" if a else "")
    if mend.any():
        text += f", scaled by {factor[mend].min():.7g} to {factor[mend].max():.7g} to keep it"
    if abs(lost) > KEPT * size.sum():
        share = f" ({100 * lost / a:.3g} %)" if a else ""
        text += f", {'' if one_crs else 'about '}{lost:.6g}{share} lies outside the target"
    return moved * factor[:, None, None], text


def _change(before: NDArray[Float], after: NDArray[Float], rule: str) -> str:
    """Return how the mean and the share of missing cells changed."""
    holes = f"missing {100 * np.isnan(before).mean():.2f} % -> {100 * np.isnan(after).mean():.2f} % of cells"
    if rule == "category" or not np.isfinite(before).any():
        return holes
    return f"mean {np.nanmean(before):.6g} -> {np.nanmean(after):.6g}, {holes}"


# --------------------------------------------------------------------------------------------- rules


def _mover(
    source: GridSpec, target: GridSpec, rule: str
) -> tuple[str, Callable[[NDArray[Float]], NDArray[Float]]]:
    """Return the name of the method and the function that moves one layer (NaN is missing)."""
    if not same_crs(source.crs, target.crs):
        return warp.warper(source, target, rule)
    ratios = (abs(t / s) for s, t in zip(source.transform[::4], target.transform[::4], strict=True))
    wide, tall = ratios
    if rule == "amount":
        rows, cols = (overlap.shares(source, target, axis) for axis in (0, 1))
        return "shares of area", lambda layer: _shares(layer, rows, cols)
    if rule == "category":
        if min(wide, tall) >= 2 * (1 - 1e-9):
            rows, cols = overlap.common(source, target, 0), overlap.common(source, target, 1)
            return "largest share of area", lambda layer: _largest(layer, rows, cols)
        at = overlap.nearest(source, target)
        return "nearest", lambda layer: _pick(layer, *at)
    if max(wide, tall) < 1 - 1e-9:
        return "bilinear", lambda layer: _bilinear(layer, source, target)
    rows, cols = overlap.common(source, target, 0), overlap.common(source, target, 1)
    return "mean weighted by area", lambda layer: _mean(layer, rows, cols)


def _apply(rows: sparse.csr_array, layer: NDArray[Float], cols: sparse.csr_array) -> NDArray[Float]:
    return np.asarray((cols @ (rows @ layer).T).T)


def _shares(layer: NDArray[Float], rows: sparse.csr_array, cols: sparse.csr_array) -> NDArray[Float]:
    """Share amounts out by the part of each source cell that lies in each target cell."""
    there = np.isfinite(layer)
    total = _apply(rows, np.where(there, layer, 0.0), cols)
    return np.where(_apply(rows, there.astype(Float), cols) > 0, total, np.nan)


def _mean(layer: NDArray[Float], rows: sparse.csr_array, cols: sparse.csr_array) -> NDArray[Float]:
    """Average weighted by common area over the cells with a value."""
    there = np.isfinite(layer)
    weight = _apply(rows, there.astype(Float), cols)
    total = _apply(rows, np.where(there, layer, 0.0), cols)
    return np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.nan)


def _largest(layer: NDArray[Float], rows: sparse.csr_array, cols: sparse.csr_array) -> NDArray[Float]:
    """Take the class with the largest common area; the lowest code where two are equal."""
    best = np.zeros((rows.shape[0], cols.shape[0]))
    out = np.full(best.shape, np.nan)
    for value in np.unique(layer[np.isfinite(layer)]):
        share = _apply(rows, (layer == value).astype(Float), cols)
        more = share > best * (1 + 1e-12)
        best[more], out[more] = share[more], value
    return out


def _pick(layer: NDArray[Float], rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[Float]:
    out = layer[np.ix_(rows, cols)]
    out[rows < 0], out[:, cols < 0] = np.nan, np.nan
    return out


def _bilinear(layer: NDArray[Float], source: GridSpec, target: GridSpec) -> NDArray[Float]:
    """Interpolate between centres; neighbours without a value drop out, edges eat no cells."""
    places = zip(overlap.position(source, target), source.shape, strict=True)
    rows, cols = (overlap.weights(at, size) for at, size in places)
    out = _mean(layer, rows, cols)
    out[np.isnan(_pick(layer, *overlap.nearest(source, target)))] = np.nan
    return out
