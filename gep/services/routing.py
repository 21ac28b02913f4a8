"""From a digital elevation model to slope, aspect and contributing area, on true cell sizes."""

from __future__ import annotations

import importlib
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from gep import units
from gep.errors import GridError, need_extra
from gep.grid.crs import ellipsoid, is_geographic
from gep.grid.georef import GridSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Grid = NDArray[np.float64]

#: Rows down and columns right of the neighbour that each D8 code names.
_D8 = {
    1: (0, 1), 2: (1, 1), 4: (1, 0), 8: (1, -1), 16: (0, -1), 32: (-1, -1), 64: (-1, 0), 128: (-1, 1),
}  # fmt: skip
_OUTSIDE = -9999.0


def slope(dem: xr.DataArray) -> xr.DataArray:
    """Return the angle of the slope of each cell.

    坡度（由 DEM 计算，经纬度网格按真实像元大小）。

    Parameters
    ----------
    dem : DataArray, m
        Elevation on a grid with a CRS, in longitude and latitude or projected in metres.

    Returns
    -------
    DataArray, degree
        Missing along the edge and beside missing cells: give a model larger than the area.

    Raises
    ------
    GridError
        No usable georeference, a grid that is not two-dimensional, or a CRS in feet.
    UnitError
        The elevation has no unit of length.

    Notes
    -----
    Gradient over the eight neighbours after Horn. A coarse model flattens: slopes of a 90 m model
    are well below those of a 10 m model of the same hills.

    References
    ----------
    horn-1981

    Examples
    --------
    >>> from gep.grid.crs import set_crs
    >>> y, x = 30.0 * np.arange(3)[::-1], 30.0 * np.arange(3)
    >>> plane = xr.DataArray(np.add.outer(0 * y, 0.1 * x), {"y": y, "x": x}, ("y", "x"), attrs={"units": "m"})
    >>> round(float(slope(set_crs(plane, "EPSG:32649"))[1, 1]), 4)
    5.7106
    """
    bare, spec = _elevation(dem)
    east, north = _gradient(bare.to_numpy(), spec)
    angle = np.degrees(np.arctan(np.hypot(east, north)))
    return bare.copy(data=angle).assign_attrs(units="degree")


def aspect(dem: xr.DataArray) -> xr.DataArray:
    """Return the direction in which the slope falls, clockwise from north.

    坡向（下坡方向，自正北顺时针）。

    Parameters
    ----------
    dem : DataArray, m
        Elevation, as for :func:`slope`.

    Returns
    -------
    DataArray, degree
        0 to 360; missing where :func:`slope` is, and on level ground.

    Raises
    ------
    GridError, UnitError
        As for :func:`slope`.

    References
    ----------
    horn-1981

    Examples
    --------
    A plane that rises to the east falls to the west:

    >>> from gep.grid.crs import set_crs
    >>> y, x = 30.0 * np.arange(3)[::-1], 30.0 * np.arange(3)
    >>> plane = xr.DataArray(np.add.outer(0 * y, 0.1 * x), {"y": y, "x": x}, ("y", "x"), attrs={"units": "m"})
    >>> float(aspect(set_crs(plane, "EPSG:32649"))[1, 1])
    270.0
    """
    bare, spec = _elevation(dem)
    east, north = _gradient(bare.to_numpy(), spec)
    falls = np.degrees(np.arctan2(-east, -north)) % 360.0
    level = (east == 0) & (north == 0)
    return bare.copy(data=np.where(level, np.nan, falls)).assign_attrs(units="degree")


def contributing_area(dem: xr.DataArray) -> xr.DataArray:
    """Return the area that drains through each cell, the cell itself included.

    汇水面积（含本像元；D8 流向，洼地先行填平）。

    Parameters
    ----------
    dem : DataArray, m
        Elevation, as for :func:`slope`; missing cells lie outside.

    Returns
    -------
    DataArray, m2
        Missing where the elevation is.

    Raises
    ------
    GridError, UnitError
        As for :func:`slope`.
    MissingExtra
        pyflwdir is not installed.

    Notes
    -----
    Hollows are filled, then all water of a cell goes down the steepest way to one neighbour (D8),
    and the true areas of the cells are added up. Heights count to about 0.1 mm (single precision).
    Cells near the edge lack what drains in from beyond: give a model of the whole catchment. Less
    the cell itself it is the ``inflow_area`` of ``relief_grid.slope_length_desmet_govers``.

    References
    ----------
    pyflwdir

    Examples
    --------
    A strip that falls to the east, in cells of 900 m2:

    >>> from gep.grid.crs import set_crs
    >>> y, x = 30.0 * np.arange(2)[::-1], 400000.0 + 30.0 * np.arange(3)
    >>> fall = xr.DataArray(
    ...     [[3.0, 2.0, 1.0], [np.nan] * 3], {"y": y, "x": x}, ("y", "x"), attrs={"units": "m"}
    ... )
    >>> drained = contributing_area(set_crs(fall, "EPSG:32649"))
    >>> (drained[0] / drained[0, 0]).round(3).values.tolist()
    [1.0, 2.0, 3.0]
    """
    bare, spec = _elevation(dem)
    pyflwdir = _pyflwdir()
    turn = slice(None, None, -1 if spec.transform[4] > 0 else 1)  # rows from north to south
    height = bare.to_numpy()[turn].astype(np.float32)
    missing = ~np.isfinite(height)
    height[missing] = _OUTSIDE
    filled, falls = pyflwdir.dem.fill_depressions(height, nodata=_OUTSIDE)
    filled = np.where(missing, np.nan, filled)
    wide, tall = (side[turn] for side in _cell_sides(spec))
    flow = pyflwdir.from_array(_steepest(filled, falls, wide, tall), ftype="d8", check_ftype=False)
    area = np.broadcast_to(spec.cell_area().rows(0, spec.shape[0]), spec.shape)
    drained = flow.accuflux(np.ascontiguousarray(area[turn]), nodata=_OUTSIDE)
    return bare.copy(data=np.where(missing, np.nan, drained)[turn]).assign_attrs(units="m2")


def _pyflwdir() -> Any:
    try:
        return importlib.import_module("pyflwdir")
    except ImportError as error:
        raise need_extra("pyflwdir", "terrain", "routing flow over a digital elevation model") from error


def _steepest(filled: Grid, falls: NDArray[np.uint8], wide: Grid, tall: Grid) -> NDArray[np.uint8]:
    """Return D8 codes of the steepest way down; on level ground those found when filling hollows.

    Filling finds the lowest neighbour, however far: on an even slope water would run diagonally.
    """
    rows, columns = filled.shape
    padded = np.pad(filled, 1, constant_values=np.nan)
    best = np.zeros(filled.shape)
    codes = falls.copy()
    for code, (down, right) in _D8.items():
        neighbour = padded[1 + down : 1 + down + rows, 1 + right : 1 + right + columns]
        far = np.hypot(down * tall, right * wide)[:, None]
        with np.errstate(invalid="ignore"):
            drop = (filled - neighbour) / far
        steeper = drop > best
        best[steeper] = drop[steeper]
        codes[steeper] = code
    return codes


def _elevation(dem: xr.DataArray) -> tuple[xr.DataArray, GridSpec]:
    """Return the elevation in metres, rows first, and its grid."""
    spec = GridSpec.of(dem, "dem")
    if set(dem.dims) != set(spec.dims):
        raise GridError(
            f"it has the dimensions {tuple(dem.dims)}", where="dem", expected="two: rows, columns"
        )
    if not is_geographic(spec.crs) and spec.unit != "m":
        raise GridError(f"its coordinates are in {spec.unit}", where="dem", expected="degrees or metres")
    bare = units.bare(dem, "dem", "m")
    return bare.transpose(*spec.dims).astype(float), spec


def _gradient(height: Grid, spec: GridSpec) -> tuple[Grid, Grid]:
    """Return the rise to the east and to the north, metre by metre, after Horn."""
    wide, tall = _cell_sides(spec)
    h = np.pad(height, 1, constant_values=np.nan)
    rows = h[:-2] + 2 * h[1:-1] + h[2:]
    columns = h[:, :-2] + 2 * h[:, 1:-1] + h[:, 2:]
    east = (rows[:, 2:] - rows[:, :-2]) / (8.0 * wide[:, None])
    north = (columns[2:] - columns[:-2]) / (8.0 * tall[:, None]) * math.copysign(1.0, spec.transform[4])
    # the cell itself has no weight in Horn's gradient, but a missing cell has no slope
    gone = np.where(np.isfinite(height), 0.0, np.nan)
    return east + gone, north + gone


def _cell_sides(spec: GridSpec) -> tuple[Grid, Grid]:
    """Return width and height of the cells of each row, m."""
    width, _, _, _, height, _ = spec.transform
    if not is_geographic(spec.crs):
        return np.full(spec.shape[0], width), np.full(spec.shape[0], abs(height))
    major, inverse = ellipsoid(spec.crs)
    flat = 1.0 / inverse if inverse else 0.0
    squared = flat * (2.0 - flat)
    phi = np.radians(spec.coordinates()[spec.dims[0]])
    sine = 1.0 - squared * np.sin(phi) ** 2
    wide = np.radians(width) * major * np.cos(phi) / np.sqrt(sine)
    tall = np.radians(abs(height)) * major * (1.0 - squared) / sine**1.5
    return wide, tall
