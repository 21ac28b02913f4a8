"""Where the cells of a grid lie: CRS, affine terms and shape, and how two grids differ."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.errors import Faults, GridError
from gep.grid.cell_area import Affine6, CellArea, cell_area_of
from gep.grid.crs import BUILT_IN, grid_mapping, is_geographic, load_crs, read_crs, same_crs, short_crs

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

Float = np.float64

#: Share of a cell by which two positions may differ and still be the same.
TOLERANCE = 1e-3

_NAMES = {"y": ("y", "lat", "latitude", "northing"), "x": ("x", "lon", "long", "longitude", "easting")}
_STANDARD = {"y": ("latitude", "projection_y_coordinate"), "x": ("longitude", "projection_x_coordinate")}


#: Attributes by which files declare the values that mean "nothing is known".
MISSING = ("_FillValue", "nodata", "missing_value")


def declared_missing(data: xr.DataArray, name: str) -> list[int | float]:
    """Return the numbers that a grid declares as missing, those in attrs first; NaN is always missing.

    Raises
    ------
    GridError
        Something is declared that is no number.
    """
    found: list[int | float] = []
    for place, key in itertools.product((data.attrs, data.encoding), MISSING):
        told = np.atleast_1d([] if place.get(key) is None else place[key]).ravel()
        try:
            numbers = told if told.dtype.kind in "iuf" else told.astype(np.float64)
        except (TypeError, ValueError) as error:
            raise GridError(f"it declares {key} = {place[key]!r}", where=name, expected="a number") from error
        found += [v for v in numbers.tolist() if v == v]  # NaN is not equal to itself
    return list(dict.fromkeys(found))


def need_array(data: Any, name: str) -> None:
    """Refuse what has no coordinates and no attributes: arrays, numbers, whole datasets."""
    if not (hasattr(data, "coords") and hasattr(data, "dtype")):
        raise GridError(
            f"it is a {type(data).__name__}", where=name, expected="an xarray.DataArray on the grid",
            fix="xarray.DataArray(values, {'lat': ..., 'lon': ...}, ('lat', 'lon')), and gep.set_crs",
        )  # fmt: skip


# --------------------------------------------------------------------------------------------- axes


def _dims(data: xr.DataArray, name: str) -> tuple[str, str]:
    """Return the names of the y and the x dimension, by name or by CF attributes."""
    found = []
    for axis in ("y", "x"):
        fits = [d for d in data.dims if str(d).lower() in _NAMES[axis]] or [
            d for d in data.dims if d in data.coords and _cf_axis(data.coords.variables[d].attrs, axis)
        ]
        if len(fits) != 1:
            raise GridError(
                f"{len(fits)} of its dimensions {tuple(data.dims)} can be the {axis} dimension",
                where=name, expected="(y, x), (lat, lon), (northing, easting) or CF axis attributes",
                fix=f"{name}.rename({{...: '{axis}'}})",
            )  # fmt: skip
        found.append(str(fits[0]))
    return found[0], found[1]


def _cf_axis(attrs: dict[str, Any], axis: str) -> bool:
    return attrs.get("axis") == axis.upper() or attrs.get("standard_name") in _STANDARD[axis]


def _axis(data: xr.DataArray, dim: str, axis: str, name: str) -> tuple[float, float | None, int]:
    """Return first centre, step (None for a single cell) and number of cells of one axis."""
    # data.coords[dim] would build an array of its own each time
    along = data.coords.variables.get(dim)
    if along is None or along.ndim != 1 or along.dtype.kind not in "fiu":
        raise GridError(
            f"it has no numeric coordinates along {dim!r}", where=name,
            expected="one coordinate a row and column; curvilinear or rotated grids are not taken",
            fix=f"{name} = {name}.assign_coords({dim}=...) with the cell centres",
        )  # fmt: skip
    raw = along.to_numpy()
    at = raw.astype(Float)
    if not np.isfinite(at).all() or at.size == 0:
        raise GridError(f"its coordinates along {dim!r} are empty or not finite", where=name)
    if at.size == 1:
        return float(at[0]), None, 1
    step = float((at[-1] - at[0]) / (at.size - 1))
    off = np.inf if step == 0 else float(np.abs((at - at[0]) / step - np.arange(at.size)).max())
    if off > TOLERANCE:
        hint = "; float32 is too coarse for such small cells" if raw.dtype == np.float32 and off < 0.5 else ""
        raise GridError(
            f"its coordinates along {dim!r} are not evenly spaced: off by up to {off:.3g} cells{hint}",
            where=name, expected=f"a regular, monotonic axis (within {TOLERANCE:g} of a cell)",
            fix=f"{name}.sortby('{dim}') if they are only out of order",
        )  # fmt: skip
    if axis == "x" and step < 0:
        raise GridError("its columns run from east to west", where=name, fix=f"{name}.sortby('{dim}')")
    return float(at[0]), step, int(at.size)


def _geotransform(data: xr.DataArray, name: str) -> Affine6 | None:
    mapping = grid_mapping(data)
    text = data.coords.variables[mapping].attrs.get("GeoTransform") if mapping is not None else None
    if text is None:
        return None
    c, a, b, f, d, e = (float(v) for v in (text.split() if isinstance(text, str) else text))
    if b or d:
        raise GridError(
            f"it is rotated (affine terms b = {b:g}, d = {d:g})", where=name,
            fix=f"{name}.rio.reproject({name}.rio.crs)",
        )  # fmt: skip
    return a, b, c, d, e, f


def _settle(
    axis: tuple[float, float | None, int], told: tuple[float, float] | None, dim: str, name: str
) -> tuple[float, float]:
    """Return outer edge and step from coordinates and GeoTransform; a cut-out may lie inside."""
    first, step, n = axis
    if told is None:
        if step is None:
            raise GridError(
                f"a single cell along {dim!r} has no size", where=name,
                fix="give its spatial_ref coordinate a GeoTransform, or keep more than one row and column",
            )  # fmt: skip
        return first - step / 2, step
    origin, size = told
    offset = (first - origin) / size - 0.5
    drift = 0.0 if step is None else (abs(step / size) - 1) * n
    if abs(offset - round(offset)) > TOLERANCE or round(offset) < 0 or abs(drift) > TOLERANCE:
        raise GridError(
            f"coordinates and GeoTransform disagree along {dim!r}: the first cell lies {offset:.6g} cells "
            f"from where GeoTransform says, a step is {step or size:.10g} against {size:.10g}",
            where=name, expected="the same cells (a cut-out of them is fine)",
            fix=f"del {name}.spatial_ref.attrs['GeoTransform'] if the coordinates are right",
        )  # fmt: skip
    if step is not None and step * size < 0:  # the rows were turned round since
        return origin + (round(offset) + 1) * size, -size
    return origin + round(offset) * size, size


# ------------------------------------------------------------------------------------------ GridSpec


@dataclass(frozen=True)
class GridSpec:
    """The grid of a raster: two rasters with equal specs share every cell.

    Attributes
    ----------
    crs : str
        ``"EPSG:4326"`` style where there is a code, else WKT.
    transform : tuple of 6 floats
        Affine terms a, b, c, d, e, f of the upper-left corner of cell (0, 0); b = d = 0; e is
        positive where rows run from south to north. CRS units.
    shape : tuple of int
        Rows, columns.
    dims : tuple of str
        Names of the y and the x dimension.
    """

    crs: str
    transform: Affine6
    shape: tuple[int, int]
    dims: tuple[str, str]

    @classmethod
    def of(cls, data: xr.DataArray, name: str = "grid") -> GridSpec:
        """Read the grid of a DataArray; further dimensions (time, band) do not matter.

        Raises
        ------
        GridError
            No CRS, no or uneven coordinates, rotation, GeoTransform against coordinates.

        Examples
        --------
        >>> import xarray as xr
        >>> from gep.grid.crs import set_crs
        >>> grid = xr.DataArray([[1, 2], [3, 4]], {"y": [40.5, 39.5], "x": [110.5, 111.5]}, ("y", "x"))
        >>> GridSpec.of(set_crs(grid, "EPSG:4490")).transform
        (1.0, 0.0, 110.0, 0.0, -1.0, 41.0)
        """
        need_array(data, name)
        faults, axes = Faults(), []
        dims = _dims(data, name)
        crs, told = "", None
        try:
            crs, told = read_crs(data, name), _geotransform(data, name)
        except GridError as error:
            faults.take(error)
        for dim, axis, at in zip(dims, "yx", ((4, 5), (0, 2)), strict=True):
            try:
                told_axis = None if told is None else (told[at[1]], told[at[0]])
                axes.append(_settle(_axis(data, dim, axis, name), told_axis, dim, name))
            except GridError as error:
                faults.take(error)
        faults.raise_as(GridError, "it has no usable georeference", where=name)
        (f, e), (c, a) = axes
        spec = cls(crs, (a, 0.0, c, 0.0, e, f), (data.sizes[dims[0]], data.sizes[dims[1]]), dims)
        spec._check_degrees(name)
        return spec

    def _check_degrees(self, name: str) -> None:
        lat, lon = self.coordinates().values()
        far = max(abs(float(lat[0])), abs(float(lat[-1])))
        if is_geographic(self.crs) and (far > 90 + 1e-9 or np.abs(lon).max() > 540):
            raise GridError(
                f"{self.crs} is in degrees, but coordinates reach y = {far:.8g}, x = {np.abs(lon).max():.8g}",
                where=name, fix="tag it with the CRS it really has: gep.set_crs(grid, 'EPSG:...')",
            )  # fmt: skip

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north edge in CRS units."""
        a, _, c, _, e, f = self.transform
        far = f + e * self.shape[0]
        return c, min(f, far), c + a * self.shape[1], max(f, far)

    @property
    def unit(self) -> str:
        """Unit of the coordinates, for messages: degrees or metres (or what the CRS says)."""
        if is_geographic(self.crs):
            return "degrees"
        try:
            return {"metre": "m"}.get(name := str(load_crs(self.crs).axis_info[0].unit_name), name)
        except ImportError:
            return "CRS units"

    def differences(self, other: GridSpec) -> list[str]:
        """Return how ``other`` departs from this grid, one sentence each; empty when it is the same.

        Positions count as equal within 0.001 of a cell at all four corners.

        Examples
        --------
        >>> a = GridSpec("EPSG:4326", (0.1, 0, 110.0, 0, -0.1, 41.0), (10, 20), ("y", "x"))
        >>> b = GridSpec("EPSG:4326", (0.1, 0, 110.03, 0, -0.1, 41.0), (10, 20), ("y", "x"))
        >>> a.differences(b)
        ['it is shifted by 0.3 cells (0.03 degrees) east']
        """
        found = []
        if self.shape != other.shape:
            found.append("its shape is {} x {}, not {} x {}".format(*other.shape, *self.shape))
        if self.transform[4] * other.transform[4] < 0:
            way = "south to north" if other.transform[4] > 0 else "north to south"
            found.append(f"its rows run from {way}, those of the grid the other way")
        if same_crs(self.crs, other.crs):
            return found + self._shift(other)
        alike = not found and not self._shift(other)
        hint = self._retag(other, alike=alike)
        return [f"its CRS is {short_crs(other.crs)}, not {short_crs(self.crs)}{hint}", *found]

    def _retag(self, other: GridSpec, *, alike: bool) -> str:
        if {self.crs, other.crs} == set(BUILT_IN):
            return (
                f" (WGS84 and CGCS2000 differ by centimetres: gep.set_crs(..., {self.crs!r}) retags it "
                "where that does not matter)"
            )
        tag = self.crs if "[" not in self.crs else "..."
        hint = f" (all its numbers are the same: if it is only tagged wrongly, gep.set_crs(..., {tag!r}))"
        return hint if alike else ""

    def _shift(self, other: GridSpec) -> list[str]:
        dx, dy = self.transform[0], abs(self.transform[4])
        west, south, east, north = (o - s for o, s in zip(other.bounds, self.bounds, strict=True))
        found = []
        for moved, cell, ways in ((west, dx, "east west"), (north, dy, "north south")):
            if abs(moved) > TOLERANCE * cell:
                way = ways.split()[moved < 0]
                found.append(f"{abs(moved) / cell:.3g} cells ({abs(moved):.4g} {self.unit}) {way}")
        out = [f"it is shifted by {' and '.join(found)}"] if found else []
        drift = max(abs(east - west) / dx, abs(south - north) / dy)
        a, e = other.transform[0], abs(other.transform[4])
        if self.shape == other.shape and drift > TOLERANCE:
            out.append(
                f"its cells are {a:.8g} x {e:.8g} {self.unit}, not {dx:.8g} x {dy:.8g}, "
                f"which adds up to {drift:.3g} cells at the far corner"
            )
        elif self.shape != other.shape and not np.allclose((a, e), (dx, dy)):
            out.append(f"its cells are {a / dx:.4g} times as wide and {e / dy:.4g} times as high")
        return out

    def require(self, other: GridSpec, name: str) -> None:
        """Raise GridError with every difference and the way to mend it unless ``other`` is this grid."""
        if found := self.differences(other):
            raise GridError(
                f"not on the grid of the account: {'; '.join(found)}", where=name,
                expected=str(self), fix=f"{name} = gep.align({name}, like=land_cover)",
            )  # fmt: skip

    def __str__(self) -> str:
        a, _, c, _, e, f = self.transform
        return (
            f"{self.shape[0]} x {self.shape[1]} cells of {a:.8g} x {abs(e):.8g} {self.unit} "
            f"from ({c:.8g}, {f:.8g}), {short_crs(self.crs)}"
        )

    def cell_area(self) -> CellArea:
        """Return the true area of the cells in m2 on the ellipsoid of the CRS.

        Raises
        ------
        GridError
            The CRS distorts areas by more than 1 % somewhere in the grid (web Mercator).
        MissingExtra
            The CRS is projected and pyproj is not installed.

        Examples
        --------
        >>> world = GridSpec("EPSG:4326", (1.0, 0, -180.0, 0, -1.0, 90.0), (180, 360), ("lat", "lon"))
        >>> round(world.cell_area().total() / 1e12, 4)
        510.0656
        """
        return cell_area_of(self.crs, self.transform, self.shape)

    def coordinates(self) -> dict[str, NDArray[Float]]:
        """Return the centres of rows and columns, CRS units, by dimension name."""
        a, _, c, _, e, f = self.transform
        rows, cols = self.shape
        y, x = np.arange(rows, dtype=Float) + 0.5, np.arange(cols, dtype=Float) + 0.5
        return {self.dims[0]: np.asarray(f + e * y), self.dims[1]: np.asarray(c + a * x)}

    def point(self, row: int, col: int) -> tuple[float, float]:
        """Return x and y of the centre of one cell, CRS units."""
        a, _, c, _, e, f = self.transform
        return c + a * (col + 0.5), f + e * (row + 0.5)
