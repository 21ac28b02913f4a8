"""Where the cells of a grid lie and how large they truly are: CRS, affine terms, cell area."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import xarray as xr

from gep.errors import Faults, GridError, need_extra

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

Float = np.float64
Affine6 = tuple[float, float, float, float, float, float]

#: Share of a cell by which two positions may differ and still be the same.
TOLERANCE = 1e-3
#: Largest departure of the areal scale from 1 that a grid may have.
AREAL_LIMIT = 0.01

_NAMES = {"y": ("y", "lat", "latitude", "northing"), "x": ("x", "lon", "long", "longitude", "easting")}
_STANDARD = {"y": ("latitude", "projection_y_coordinate"), "x": ("longitude", "projection_x_coordinate")}
_WGS84, _CGCS2000 = (6378137.0, 298.257223563), (6378137.0, 298.257222101)
_BUILT_IN = {
    "EPSG:4326": ("WGS 84", "WGS_1984", "WGS 84", _WGS84, 6326, 7030),
    "EPSG:4490": (
        "China Geodetic Coordinate System 2000", "China_2000", "CGCS2000", _CGCS2000, 1043, 1024,
    ),
}  # fmt: skip
_LAST_ID = re.compile(r'(?:AUTHORITY|ID)\["(\w+)",\s*"?(\w+)"?\]\s*\]\s*$')
_SPHEROID = re.compile(r'(?:SPHEROID|ELLIPSOID)\["[^"]*",\s*([\d.eE+]+),\s*([\d.eE+]+)')
_CODE = re.compile(r"^(?:\+init=|urn:ogc:def:crs:)?(epsg|esri)(?::[\d.]*)?:(\d+)$", re.IGNORECASE)


# ---------------------------------------------------------------------------------------------- CRS


def pyproj_for(purpose: str) -> Any:
    """Return the module pyproj, or say that the extra ``geo`` is needed for ``purpose``."""
    try:
        import pyproj
    except ImportError as error:
        raise need_extra("pyproj", "geo", purpose) from error
    return pyproj


@lru_cache(maxsize=256)
def _crs(text: str) -> Any:
    pyproj = pyproj_for(f"reading the CRS {short_crs(text)}")
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise GridError(f"{text!r} is not a CRS", expected="for example 'EPSG:4326'") from error


def crs_text(value: Any) -> str:
    """Return a CRS (code, WKT, object) as ``"EPSG:4326"`` where it has a code, else as WKT.

    Examples
    --------
    >>> crs_text("epsg:4490"), crs_text(4326), crs_text("urn:ogc:def:crs:OGC:1.3:CRS84")
    ('EPSG:4490', 'EPSG:4326', 'EPSG:4326')
    """
    if isinstance(value, int | np.integer):
        return f"EPSG:{value}"
    text = (value if isinstance(value, str) else str(getattr(value, "to_wkt", value.__str__)())).strip()
    if code := _CODE.match(text):
        return f"{code[1].upper()}:{code[2]}"
    if text.upper().endswith(":CRS84"):
        return "EPSG:4326"
    if code := _LAST_ID.search(text):
        return f"{code[1].upper()}:{code[2]}"
    return text if "[" in text else str(_crs(text).to_wkt())


def short_crs(text: str) -> str:
    """Return a CRS for messages: the code, or the name inside a WKT."""
    named = re.match(r'\w+\["([^"]*)"', text)
    return f"'{named[1]}' (no code)" if named else text


@lru_cache(maxsize=256)
def same_crs(a: str, b: str) -> bool:
    """Tell whether two CRS texts mean the same; without pyproj only equal texts do."""
    if a == b:
        return True
    if {a, b} <= set(_BUILT_IN):
        return False
    try:
        return bool(_crs(a).equals(_crs(b), ignore_axis_order=True))
    except ImportError:
        return False


@lru_cache(maxsize=256)
def is_geographic(crs: str) -> bool:
    """Tell whether coordinates are longitude and latitude in degrees."""
    if crs in _BUILT_IN:
        return True
    if "[" in crs:
        return crs.upper().startswith(("GEOGCS", "GEOGCRS", "GEODCRS"))
    return bool(_crs(crs).is_geographic)


def _ellipsoid(crs: str) -> tuple[float, float]:
    """Return semi-major axis in metres and inverse flattening (0 for a sphere)."""
    if crs in _BUILT_IN:
        return _BUILT_IN[crs][3]
    if found := _SPHEROID.search(crs):
        return float(found[1]), float(found[2])
    body = _crs(crs).ellipsoid
    return float(body.semi_major_metre), float(body.inverse_flattening)


def set_crs(data: xr.DataArray, crs: str | int) -> xr.DataArray:
    """Return ``data`` tagged with a CRS; no cell is moved.

    Parameters
    ----------
    data : xarray.DataArray
        A grid.
    crs : str or int
        ``"EPSG:4326"``, ``"EPSG:4490"``; anything else (other codes, WKT) needs pyproj.

    Returns
    -------
    xarray.DataArray
        The same values with a CF grid mapping coordinate ``spatial_ref``.

    Raises
    ------
    GridError
        ``crs`` is no CRS.
    MissingExtra
        pyproj is needed and not installed.

    Examples
    --------
    >>> grid = xr.DataArray([[1, 2], [3, 4]], {"lat": [40.5, 39.5], "lon": [110.5, 111.5]}, ("lat", "lon"))
    >>> GridSpec.of(set_crs(grid, "EPSG:4326")).crs
    'EPSG:4326'
    """
    text = crs_text(crs)
    wkt = _built_in_wkt(text) if text in _BUILT_IN else str(_crs(text).to_wkt(version="WKT1_GDAL"))
    old = _grid_mapping(data)
    attrs = {"crs_wkt": wkt, "spatial_ref": wkt}
    if old is not None and "GeoTransform" in data.coords[old].attrs:
        attrs["GeoTransform"] = data.coords[old].attrs["GeoTransform"]
    out = data.drop_vars([old]) if old is not None else data.copy(deep=False)
    out = out.assign_coords(spatial_ref=xr.DataArray(np.int64(0), attrs=attrs))
    out.attrs = {k: v for k, v in data.attrs.items() if k not in ("crs", "grid_mapping")}
    out.encoding = {**data.encoding, "grid_mapping": "spatial_ref"}
    return out


def _built_in_wkt(code: str) -> str:
    name, datum, body, (a, rf), datum_id, body_id = _BUILT_IN[code]
    return (
        f'GEOGCS["{name}",DATUM["{datum}",SPHEROID["{body}",{a:.0f},{rf!r},AUTHORITY["EPSG","{body_id}"]],'
        f'AUTHORITY["EPSG","{datum_id}"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
        'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],'
        f'AXIS["Longitude",EAST],AUTHORITY["EPSG","{code[5:]}"]]'
    )


def _grid_mapping(data: xr.DataArray) -> Hashable | None:
    named = data.encoding.get("grid_mapping", data.attrs.get("grid_mapping", "spatial_ref"))
    scalars = [n for n, c in data.coords.items() if c.ndim == 0 and "crs_wkt" in c.attrs]
    return next((n for n in [named, *scalars] if n in data.coords), None)


def _read_crs(data: xr.DataArray, name: str) -> str:
    mapping = _grid_mapping(data)
    attrs = data.coords[mapping].attrs if mapping is not None else {}
    found = attrs.get("crs_wkt") or attrs.get("spatial_ref") or data.attrs.get("crs")
    if not found and "grid_mapping_name" in attrs:
        found = pyproj_for("reading a CF grid mapping without WKT").CRS.from_cf(attrs)
    if not found:
        raise GridError("it has no CRS", where=name, fix=f"{name} = gep.set_crs({name}, 'EPSG:4326')")
    return crs_text(found)


# --------------------------------------------------------------------------------------------- axes


def _dims(data: xr.DataArray, name: str) -> tuple[str, str]:
    """Return the names of the y and the x dimension, by name or by CF attributes."""
    found = []
    for axis in ("y", "x"):
        fits = [d for d in data.dims if str(d).lower() in _NAMES[axis]] or [
            d for d in data.dims if d in data.coords and _cf_axis(data.coords[d].attrs, axis)
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
    if dim not in data.coords or data.coords[dim].ndim != 1 or data.coords[dim].dtype.kind not in "fiu":
        raise GridError(
            f"it has no numeric coordinates along {dim!r}", where=name,
            expected="one coordinate a row and column; curvilinear or rotated grids are not taken",
            fix=f"{name} = {name}.assign_coords({dim}=...) with the cell centres",
        )  # fmt: skip
    raw = data.coords[dim].to_numpy()
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
    mapping = _grid_mapping(data)
    text = data.coords[mapping].attrs.get("GeoTransform") if mapping is not None else None
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
        >>> grid = xr.DataArray([[1, 2], [3, 4]], {"y": [40.5, 39.5], "x": [110.5, 111.5]}, ("y", "x"))
        >>> GridSpec.of(set_crs(grid, "EPSG:4490")).transform
        (1.0, 0.0, 110.0, 0.0, -1.0, 41.0)
        """
        faults, axes = Faults(), []
        dims = _dims(data, name)
        crs, told = "", None
        try:
            crs, told = _read_crs(data, name), _geotransform(data, name)
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
            return {"metre": "m"}.get(name := str(_crs(self.crs).axis_info[0].unit_name), name)
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
        if {self.crs, other.crs} == set(_BUILT_IN):
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
        return _cell_area(self.crs, self.transform, self.shape)

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


# ----------------------------------------------------------------------------------------- cell area


@dataclass(frozen=True, eq=False)
class CellArea:
    """True area of the cells of a grid in m2, kept as two thin factors, never as a full raster.

    Attributes
    ----------
    form : str
        ``constant`` (equal-area CRS), ``by_row`` (longitude/latitude) or ``by_cell``.
    shape : tuple of int
        Rows, columns.
    """

    form: Literal["constant", "by_row", "by_cell"]
    shape: tuple[int, int]
    left: NDArray[Float]
    right: NDArray[Float]

    def rows(self, start: int, stop: int) -> NDArray[Float]:
        """Return areas in m2 that broadcast to ``(stop - start, columns)``."""
        if self.form == "constant":
            return self.left
        left = self.left[start:stop]
        if self.form == "by_row":
            return left
        out = left[:, :1] * self.right[:1]
        for k in range(1, self.right.shape[0]):
            out += left[:, k : k + 1] * self.right[k]
        return out

    def total(self) -> float:
        """Return the area of the whole grid in m2."""
        rows, cols = self.shape
        if self.form == "constant":
            return float(self.left[0, 0]) * rows * cols
        if self.form == "by_row":
            return math.fsum(self.left[:, 0]) * cols
        return math.fsum(self.left.sum(axis=0) * self.right.sum(axis=1))

    @property
    def mean(self) -> float:
        """Mean area of a cell in m2."""
        return self.total() / (self.shape[0] * self.shape[1])


def band_area(south: NDArray[Float], north: NDArray[Float], crs: str) -> NDArray[Float]:
    """Return m2 between two latitudes (degrees) per radian of longitude; exact, any thickness.

    The authalic closed form, written as a difference so that thin bands lose no digits:
    with s = sin(latitude), b²/2 · [s/(1 - e²s²) + atanh(e·s)/e] from ``south`` to ``north``.
    """
    a, rf = _ellipsoid(crs)
    flat = 1 / rf if rf else 0.0
    e2 = flat * (2 - flat)
    low, high = np.radians(np.clip(south, -90, 90)), np.radians(np.clip(north, -90, 90))
    s0, s1 = np.sin(low), np.sin(high)
    ds = 2 * np.cos((low + high) / 2) * np.sin((high - low) / 2)
    if not e2:
        return np.asarray(a * a * ds)
    e = math.sqrt(e2)
    rational = ds * (1 + e2 * s0 * s1) / ((1 - e2 * s0 * s0) * (1 - e2 * s1 * s1))
    return np.asarray(a * a * (1 - e2) / 2 * (rational + np.arctanh(e * ds / (1 - e2 * s0 * s1)) / e))


@lru_cache(maxsize=64)
def _cell_area(crs: str, transform: Affine6, shape: tuple[int, int]) -> CellArea:
    a, _, _, _, e, f = transform
    rows, cols = shape
    if is_geographic(crs):
        edges = np.asarray(f + e * np.arange(rows + 1, dtype=Float), Float)
        area = np.abs(band_area(edges[:-1], edges[1:], crs)) * math.radians(a)
        return CellArea("by_row", shape, area[:, None], np.ones((1, cols)))
    return _projected_area(crs, transform, shape)


def _projected_area(crs: str, transform: Affine6, shape: tuple[int, int]) -> CellArea:
    """Fit the true m2 per square CRS unit by Chebyshev polynomials and average them over each cell."""
    from numpy.polynomial import chebyshev as cheb

    a, _, c, _, e, f = transform
    n = 33
    nodes = cheb.chebpts1(n)
    x, y = np.meshgrid(c + a * shape[1] * (nodes + 1) / 2, f + e * shape[0] * (nodes + 1) / 2)
    density, lat, nominal = _true_density(crs, x, y)
    constant = np.full((1, 1), abs(a * e) * nominal)
    if _distortion(crs, nominal / density - 1, lat) < 1e-8:
        return CellArea("constant", shape, constant, np.ones((1, shape[1])))
    inverse = np.linalg.inv(cheb.chebvander(nodes, n - 1))
    table = inverse @ (density / nominal) @ inverse.T
    if not np.isfinite(table).all() or np.abs(table[-4:]).max() + np.abs(table[:, -4:]).max() > 1e-9:
        raise GridError(f"parts of the grid lie outside the domain of {short_crs(crs)}", fix="cut the grid")
    left, size, right = np.linalg.svd(table)
    rank = max(1, int((size > 1e-11 * size[0]).sum()))
    means = [_cell_means(n, k) for k in shape]
    tall = constant[0, 0] * (means[0] @ left[:, :rank]) * size[:rank]
    return CellArea("by_cell", shape, tall, right[:rank] @ means[1].T)


def _cell_means(n: int, cells: int) -> NDArray[Float]:
    """Return the mean of each Chebyshev polynomial over each of the cells that divide [-1, 1]."""
    from numpy.polynomial import chebyshev as cheb

    edges = np.linspace(-1, 1, cells + 1)
    antiderivative = cheb.chebval(edges, cheb.chebint(np.eye(n)))
    return np.asarray(np.diff(antiderivative, axis=1).T * cells / 2)


def _true_density(
    crs: str, x: NDArray[Float], y: NDArray[Float]
) -> tuple[NDArray[Float], NDArray[Float], float]:
    """Return true m2 per square CRS unit, latitude in degrees, and the m2 that the CRS unit claims."""
    pyproj = pyproj_for(f"the cell area in {short_crs(crs)}")
    projected = _crs(crs)
    if not projected.is_projected:
        raise GridError(f"{short_crs(crs)} is neither projected nor longitude/latitude")
    unit = float(projected.axis_info[0].unit_conversion_factor)
    base = projected.geodetic_crs
    radian = float(base.axis_info[0].unit_conversion_factor)
    to_base = pyproj.Transformer.from_crs(projected, base, always_xy=True)
    h = 5000.0 / unit

    def slope(sx: float, sy: float) -> tuple[NDArray[Float], NDArray[Float]]:
        at = [to_base.transform(x + k * sx * h, y + k * sy * h) for k in (-2, -1, 1, 2)]
        turn = 2 * np.pi / radian
        near = np.array([np.remainder(p[0] - at[0][0] + turn / 2, turn) - turn / 2 for p in at])
        lat = np.array([p[1] for p in at])
        weights = np.array([1, -8, 8, -1]) * radian / (12 * h)
        return np.tensordot(weights, near, 1), np.tensordot(weights, lat, 1)

    with np.errstate(invalid="ignore"):
        (lon_x, lat_x), (lon_y, lat_y) = slope(1, 0), slope(0, 1)
        phi = np.asarray(to_base.transform(x, y)[1]) * radian
        semi, rf = float(base.ellipsoid.semi_major_metre), float(base.ellipsoid.inverse_flattening)
        e2 = (2 - 1 / rf) / rf if rf else 0.0
        metric = semi**2 * (1 - e2) * np.cos(phi) / (1 - e2 * np.sin(phi) ** 2) ** 2
        return metric * np.abs(lon_x * lat_y - lon_y * lat_x), np.degrees(phi), unit**2


def _distortion(crs: str, excess: NDArray[Float], lat: NDArray[Float]) -> float:
    """Return the largest relative error of nominal areas; refuse when it passes the limit."""
    with np.errstate(invalid="ignore"):
        away = np.abs(lat) <= 75 if (np.abs(lat) <= 75).any() else np.ones(lat.shape, bool)  # poles: unsteady
    size = np.where(np.isfinite(excess) & away, np.abs(excess), -1.0)
    worst = np.unravel_index(int(size.argmax()), size.shape)
    if size[worst] < 0:
        raise GridError(f"the grid lies outside the domain of {short_crs(crs)}")
    if size[worst] > AREAL_LIMIT:
        way = "large" if excess[worst] > 0 else "small"
        at = f"{abs(lat[worst]):.1f} {'N' if lat[worst] >= 0 else 'S'}"
        raise GridError(
            f"{short_crs(crs)} distorts areas: areas would be {100 * size[worst]:.1f} % too {way} at {at}",
            expected=f"a CRS that keeps areas within {100 * AREAL_LIMIT:g} %",
            fix="land_cover = land_cover.rio.reproject('EPSG:6933') (equal-area; in China rather "
            "Albers, '+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80'), then gep.align the others",
        )
    return float(size[worst])
