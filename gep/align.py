"""Bring a raster on to the grid of the account, by the rule that its kind of quantity demands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import xarray as xr
from scipy import sparse

from gep import units
from gep.errors import GridError, UnitError, need_extra
from gep.georef import GridSpec, band_area, is_geographic, same_crs, set_crs, short_crs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Float = np.float64
_NODATA = ("_FillValue", "nodata", "missing_value")


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
        No usable georeference, no cell in common, or classes without a nodata value to pad with.
    UnitError
        No unit and no ``kind``.
    MissingExtra
        The CRS differ and rasterio (extra ``geo``) is not installed.

    Notes
    -----
    Within one CRS shares of area are exact (on the ellipsoid for longitude/latitude) and amounts
    keep their total to rounding; across CRS GDAL resamples and the change is told.

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
    return _dress(ordered, moved, nodata, source, target, (rule, f"{method}; {_change(before, moved, rule)}"))


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
    out.attrs = {k: v for k, v in data.attrs.items() if k not in (*_NODATA, "crs", "grid_mapping")}
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
    """Return the values declared as missing, those in attrs first."""
    told = [place[k] for place in (data.attrs, data.encoding) for k in _NODATA if place.get(k) is not None]
    found = [np.asarray(v).ravel()[0].item() for v in told]
    fits = [v for v in dict.fromkeys(found) if v == v]  # NaN is not equal to itself
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
        attrs = {k: v for k, v in attrs.items() if k not in _NODATA}
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


def _change(before: NDArray[Float], after: NDArray[Float], rule: str) -> str:
    """Return how the total (amounts), the mean or the share of missing cells changed."""
    if rule == "amount":
        a, b = float(np.nansum(before)), float(np.nansum(after))
        percent = f" ({100 * (b / a - 1):+.3g} %)" if a else ""
        return f"total {a:.10g} -> {b:.10g}{percent}"
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
        return _warper(source, target, rule)
    ratios = (abs(t / s) for s, t in zip(source.transform[::4], target.transform[::4], strict=True))
    wide, tall = ratios
    if rule == "amount":
        rows, cols = (_overlap(source, target, k) @ _inverse_size(source, k) for k in (0, 1))
        return "shares of area", lambda layer: _shares(layer, rows, cols)
    if rule == "category":
        if min(wide, tall) >= 2 * (1 - 1e-9):
            rows, cols = _overlap(source, target, 0), _overlap(source, target, 1)
            return "largest share of area", lambda layer: _largest(layer, rows, cols)
        at = _nearest(source, target)
        return "nearest", lambda layer: _pick(layer, *at)
    if max(wide, tall) < 1 - 1e-9:
        return "bilinear", lambda layer: _bilinear(layer, source, target)
    rows, cols = _overlap(source, target, 0), _overlap(source, target, 1)
    return "mean weighted by area", lambda layer: _mean(layer, rows, cols)


def _edges(spec: GridSpec, axis: int) -> NDArray[Float]:
    """Return cell edges of one axis, ascending."""
    a, _, c, _, e, f = spec.transform
    start, step = ((f, e), (c, a))[axis]
    edges = np.asarray(start + step * np.arange(spec.shape[axis] + 1, dtype=Float), Float)
    return edges if step > 0 else edges[::-1]


def _overlap(source: GridSpec, target: GridSpec, axis: int) -> sparse.csr_array:
    """Return the matrix (target cells x source cells) of common length, or band area for latitudes."""
    geographic = is_geographic(target.crs)
    near, far = _edges(source, axis), _edges(target, axis)
    total = sparse.csr_array((target.shape[axis], source.shape[axis]))
    for turn in (-360.0, 0.0, 360.0) if geographic and axis == 1 else (0.0,):
        total = total + _common(near + turn, far, target.crs if geographic and axis == 0 else None)
    flip_target, flip_source = (axis == 0 and s.transform[4] < 0 for s in (target, source))
    total = total[::-1] if flip_target else total
    return sparse.csr_array(total[:, ::-1] if flip_source else total)


def _inverse_size(source: GridSpec, axis: int) -> sparse.dia_array:
    """Return 1 / (length or band area) of the source cells, as a diagonal matrix."""
    edges = _edges(source, axis)
    size = np.diff(edges)
    if axis == 0 and is_geographic(source.crs):
        size = band_area(edges[:-1], edges[1:], source.crs)
    if axis == 0 and source.transform[4] < 0:
        size = size[::-1]
    return sparse.diags_array(1 / size)


def _common(source: NDArray[Float], target: NDArray[Float], crs: str | None) -> sparse.csr_array:
    cell = source[1] - source[0]
    at = np.clip(np.rint((target - source[0]) / cell), 0, source.size - 1).astype(int)
    target = np.where(np.abs(target - source[at]) < 1e-6 * cell, source[at], target)
    low, high = max(source[0], target[0]), min(source[-1], target[-1])
    cuts = np.unique(np.concatenate([source, target]))
    cuts = cuts[(cuts >= low) & (cuts <= high)]
    shape = (target.size - 1, source.size - 1)
    if cuts.size < 2:
        return sparse.csr_array(shape)
    middle = (cuts[1:] + cuts[:-1]) / 2
    size = np.diff(cuts) if crs is None else band_area(cuts[:-1], cuts[1:], crs)
    rows, cols = np.searchsorted(target, middle) - 1, np.searchsorted(source, middle) - 1
    return sparse.csr_array((size, (rows, cols)), shape=shape)


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


def _position(source: GridSpec, target: GridSpec) -> tuple[NDArray[Float], NDArray[Float]]:
    """Return where the target's centres lie, in source cells from the source's first edge."""
    a, _, c, _, e, f = source.transform
    y, x = target.coordinates().values()
    if is_geographic(source.crs):
        x = c + np.remainder(x - c, 360.0)
    return (y - f) / e, (x - c) / a


def _nearest(source: GridSpec, target: GridSpec) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return source row and column of the target's centres; -1 where there is none."""
    found = []
    for at, size in zip(_position(source, target), source.shape, strict=True):
        index = np.floor(at + 1e-9).astype(np.intp)
        found.append(np.where((index >= 0) & (index < size), index, -1))
    return found[0], found[1]


def _pick(layer: NDArray[Float], rows: NDArray[np.intp], cols: NDArray[np.intp]) -> NDArray[Float]:
    out = layer[np.ix_(rows, cols)]
    out[rows < 0], out[:, cols < 0] = np.nan, np.nan
    return out


def _bilinear(layer: NDArray[Float], source: GridSpec, target: GridSpec) -> NDArray[Float]:
    """Interpolate between centres; neighbours without a value drop out, edges eat no cells."""
    rows, cols = (
        _weights(at, size) for at, size in zip(_position(source, target), source.shape, strict=True)
    )
    out = _mean(layer, rows, cols)
    out[np.isnan(_pick(layer, *_nearest(source, target)))] = np.nan
    return out


def _weights(at: NDArray[Float], size: int) -> sparse.csr_array:
    centre = np.clip(at - 0.5, 0, size - 1)
    low = np.minimum(np.floor(centre).astype(np.intp), max(size - 2, 0))
    part = centre - low
    target = np.arange(at.size)
    values = np.concatenate([1 - part, part])
    places = (np.tile(target, 2), np.concatenate([low, np.minimum(low + 1, size - 1)]))
    return sparse.csr_array((values, places), shape=(at.size, size))


def _warper(
    source: GridSpec, target: GridSpec, rule: str
) -> tuple[str, Callable[[NDArray[Float]], NDArray[Float]]]:
    """Return the same for another CRS: GDAL's warp on north-up arrays."""
    try:
        from affine import Affine
        from rasterio import warp
    except ImportError as error:
        purpose = f"aligning from {short_crs(source.crs)} to {short_crs(target.crs)}"
        raise need_extra("rasterio", "geo", purpose) from error
    ratio = _ratio(source, target, warp.transform)
    if rule == "category":
        method = "mode" if ratio >= 2 else "nearest"
    elif rule == "amount":
        method = "sum"
    else:
        method = "average" if ratio >= 1 else "bilinear"
    both = (source, target)
    affines = [Affine(s.transform[0], 0.0, s.bounds[0], 0.0, -abs(s.transform[4]), s.bounds[3]) for s in both]
    flips = [-1 if s.transform[4] > 0 else 1 for s in (source, target)]

    def move(layer: NDArray[Float]) -> NDArray[Float]:
        out = np.full(target.shape, np.nan)
        warp.reproject(
            np.ascontiguousarray(layer[:: flips[0]]), out, src_transform=affines[0], src_crs=source.crs,
            src_nodata=np.nan, dst_transform=affines[1], dst_crs=target.crs, dst_nodata=np.nan,
            resampling=warp.Resampling[method],
        )  # fmt: skip
        return out[:: flips[1]]

    return f"{method} (GDAL)", move


def _ratio(source: GridSpec, target: GridSpec, transform: Any) -> float:
    """Return the shorter side of a target cell, in source cells, at the middle of the target."""
    (x, y), (a, e) = target.point(target.shape[0] // 2, target.shape[1] // 2), target.transform[::4]
    xs, ys = transform(target.crs, source.crs, [x, x + a, x], [y, y, y + e])
    wide, tall = source.transform[::4]
    steps = np.hypot(np.subtract(xs[1:], xs[0]) / wide, np.subtract(ys[1:], ys[0]) / tall)
    return float(steps.min())
