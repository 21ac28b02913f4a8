"""Shapes of zones for a map: cells of a label raster, or polygons."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.errors import ZoneError
from gep.grid.crs import ellipsoid, is_geographic, load_crs
from gep.plot import style
from gep.zones import Zones
from gep.zones.polygons import open_extra
from gep.zones.table import codes_of, some

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    from gep.grid.georef import GridSpec

#: Cells that are drawn along the longer side of a raster; of more, every n-th.
_CELLS = 1500
#: A border is a dark line on a light one, to be seen on every colour.
_BORDERS = (("white", 1.6), ("#202020", 0.5))

Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Outlines:
    """Where zones lie, in units of their CRS.

    Attributes
    ----------
    bounds : tuple of 4 floats
        West, south, east, north.
    metres, aspect : float
        Metres of one unit along x at mid latitude; height over width of a square degree or metre.
    groups : list of str
        Zone (or value of a level) of each part.
    anchors : mapping
        By group: x and y of a point well inside, and the room around it.
    parts : list or ndarray
        Polygons as paths, or the position in ``groups`` of each cell (-1 outside).
    """

    bounds: Bounds
    metres: float
    aspect: float
    groups: list[str]
    anchors: Mapping[str, tuple[float, float, float]]
    parts: Any

    def draw(self, ax: Axes, colours: Mapping[str, Any]) -> None:
        """Fill each group with its colour, or hatch it where that is None."""
        if isinstance(self.parts, np.ndarray):
            _draw_cells(ax, self, colours)
        else:
            _draw_paths(ax, self, colours)


def outlines(zones: Any, groups: Mapping[str, str], code: str) -> Outlines:
    """Return the shapes of zones.

    Parameters
    ----------
    zones : Zones, GeoDataFrame or path
        On a grid, or polygons.
    groups : mapping of str to str
        Group of each zone of the account, by code; others are not drawn.
    code : str
        Column of the codes of polygons.

    Raises
    ------
    ZoneError
        No grid, no such column, no CRS, or no code that the account knows.
    """
    if isinstance(zones, Zones):
        if zones.shapes is None:
            return _of_cells(zones, groups)
        zones = zones.shapes.rename_axis(code).reset_index(name="geometry")
    return _of_polygons(zones, groups, code)


def _measures(crs: str, bounds: Bounds) -> tuple[float, float]:
    """Return metres of one unit along x in the middle of the map, and its aspect."""
    if not is_geographic(crs):
        return float(load_crs(crs).axis_info[0].unit_conversion_factor), 1.0
    a, rf = ellipsoid(crs)
    latitude = math.radians((bounds[1] + bounds[3]) / 2)
    e2 = (2.0 - 1.0 / rf) / rf
    w = 1.0 - e2 * math.sin(latitude) ** 2
    # a degree of longitude and of latitude on the ellipsoid, from its two radii of curvature
    east, north = a * math.cos(latitude) / math.sqrt(w), a * (1.0 - e2) / w**1.5
    return math.radians(east), north / east


def _refuse_strangers(found: list[str], groups: Mapping[str, str]) -> None:
    if not set(found) & set(groups):
        raise ZoneError(
            f"no zone of the account is among {some(found)}", where="zone_map", expected=some(groups)
        )


# -------------------------------------------------------------------------------------------- rasters


def _of_cells(zones: Zones, groups: Mapping[str, str]) -> Outlines:
    if zones.spec is None or zones.index is None:
        raise ZoneError(
            "these zones come from a table of areas and have no shape", where="zone_map",
            fix="give polygons with the codes of the zones: zone_map(ledger, 'townships.gpkg')",
        )  # fmt: skip
    _refuse_strangers(zones.codes, groups)
    names = list(dict.fromkeys(groups[c] for c in zones.codes if c in groups))
    place = np.array([names.index(groups[c]) if c in groups else -1 for c in zones.codes] + [-1], np.int32)
    step = max(1, math.ceil(max(zones.index.shape) / _CELLS))
    # positions of zones end with the -1 of outside
    cells = place[zones.index[::step, ::step]]
    if zones.spec.transform[4] > 0:
        cells = cells[::-1]
    whole = _bounds(zones.spec, step, cells.shape)
    cells, bounds = _trimmed(cells, whole)
    metres, aspect = _measures(zones.spec.crs, bounds)
    return Outlines(bounds, metres, aspect, names, _cell_anchors(cells, names, bounds, aspect), cells)


def _bounds(spec: GridSpec, step: int, shape: tuple[int, ...]) -> Bounds:
    """Return the outer edges of the cells that are drawn; the last ones may reach over the grid's."""
    west, south, _, north = spec.bounds
    dx, dy = spec.transform[0] * step, abs(spec.transform[4]) * step
    top = north if spec.transform[4] < 0 else south + dy * shape[0]
    return west, top - dy * shape[0], west + dx * shape[1], top


def _trimmed(cells: NDArray[np.int32], bounds: Bounds) -> tuple[NDArray[np.int32], Bounds]:
    """Cut off rows and columns without a zone."""
    west, south, east, north = bounds
    dy, dx = (north - south) / cells.shape[0], (east - west) / cells.shape[1]
    rows, columns = (np.flatnonzero((cells >= 0).any(axis=i)) for i in (1, 0))
    if not rows.size:
        return cells, bounds
    r0, r1, c0, c1 = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
    edges = (west + dx * c0, north - dy * r1, west + dx * c1, north - dy * r0)
    return cells[r0:r1, c0:c1], (float(edges[0]), float(edges[1]), float(edges[2]), float(edges[3]))


def _cell_anchors(
    cells: NDArray[np.int32], names: list[str], bounds: Bounds, aspect: float
) -> dict[str, tuple[float, float, float]]:
    """Return for each group the cell that lies farthest from its border."""
    from scipy import ndimage

    west, _, east, north = bounds
    dx, dy = (east - west) / cells.shape[1], (north - bounds[1]) / cells.shape[0]
    found = {}
    for position, where in enumerate(ndimage.find_objects(cells + 1, max_label=len(names))):
        if where is not None:
            inside = np.pad(cells[where] == position, 1)
            far = ndimage.distance_transform_edt(inside, sampling=(dy * aspect, dx))
            row, column = np.unravel_index(int(far.argmax()), far.shape)
            x = west + dx * (where[1].start + column - 0.5)
            y = north - dy * (where[0].start + row - 0.5)
            found[names[position]] = (float(x), float(y), float(far.max()))
    return found


def _draw_cells(ax: Axes, shapes: Outlines, colours: Mapping[str, Any]) -> None:
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    cells, (west, south, east, north) = shapes.parts, shapes.bounds
    empty = to_rgba(style.missing()["facecolor"])
    table = [empty if (c := colours.get(g)) is None else to_rgba(c) for g in shapes.groups]
    image = np.array([*table, (1.0, 1.0, 1.0, 0.0)])[cells]
    edges = (west, east, south, north)
    ax.imshow(image, extent=edges, interpolation="nearest", origin="upper", aspect="auto")
    lacking = [i for i, g in enumerate(shapes.groups) if colours.get(g) is None]
    if (hatched := np.isin(cells, lacking)).any():
        _hatch(ax, hatched, shapes.bounds)
    segments = list(_edges(cells, shapes.bounds))
    for shade, width in _BORDERS:
        borders = LineCollection(segments, colors=shade, linewidths=width, capstyle="projecting")
        ax.add_collection(borders, autolim=False)


def _hatch(ax: Axes, mask: NDArray[np.bool_], bounds: Bounds) -> None:
    """Hatch cells: one path of the runs of every row."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    west, south, east, north = bounds
    dx, dy = (east - west) / mask.shape[1], (north - south) / mask.shape[0]
    change = np.diff(np.pad(mask, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    (row, start), (_, stop) = np.nonzero(change == 1), np.nonzero(change == -1)
    x0, x1, y0 = west + dx * start, west + dx * stop, north - dy * (row + 1)
    corners = np.stack([x0, y0, x1, y0, x1, y0 + dy, x0, y0 + dy, x0, y0], axis=1).reshape(-1, 2)
    codes = np.tile([Path.MOVETO, *[Path.LINETO] * 3, Path.CLOSEPOLY], len(row))
    look = {**style.missing(), "facecolor": "none"}
    ax.add_patch(PathPatch(Path(corners, codes), gid="no data", **look))


def _edges(cells: NDArray[np.int32], bounds: Bounds) -> NDArray[np.float64]:
    """Return the edges between cells of different groups as segments."""
    west, south, east, north = bounds
    dx, dy = (east - west) / cells.shape[1], (north - south) / cells.shape[0]
    padded = np.pad(cells, 1, constant_values=-1)
    row, column = np.nonzero(padded[1:-1, 1:] != padded[1:-1, :-1])
    x, y = west + dx * column, north - dy * row
    upright = np.stack([x, y, x, y - dy], axis=1)
    row, column = np.nonzero(padded[1:, 1:-1] != padded[:-1, 1:-1])
    x, y = west + dx * column, north - dy * row
    level = np.stack([x, y, x + dx, y], axis=1)
    return np.concatenate([upright, level]).reshape(-1, 2, 2)


# ------------------------------------------------------------------------------------------- polygons


def _of_polygons(polygons: Any, groups: Mapping[str, str], code: str) -> Outlines:
    geopandas = open_extra("geopandas", "a map of polygons")
    shapely = open_extra("shapely", "a map of polygons")
    frame = polygons if hasattr(polygons, "geometry") else geopandas.read_file(polygons)
    if code not in frame or frame.crs is None:
        lacks = f"no column {code!r}" if code not in frame else "no CRS"
        raise ZoneError(
            f"the polygons have {lacks}", where="zone_map", expected=f"one of {list(frame.columns)}"
        )
    codes = [str(c) for c in codes_of(frame[code])]
    _refuse_strangers(codes, groups)
    kept = [i for i, c in enumerate(codes) if c in groups]
    shapes = frame.geometry.iloc[kept]
    names = [groups[codes[i]] for i in kept]
    west, south, east, north = (float(v) for v in shapes.total_bounds)
    bounds = (west, south, east, north)
    metres, aspect = _measures(frame.crs.to_string(), bounds)
    anchors: dict[str, tuple[float, float, float]] = {}
    for name, shape in zip(names, shapes, strict=True):
        circle = shapely.maximum_inscribed_circle(shape)
        (x, y), room = circle.coords[0], float(circle.length)
        if room > anchors.get(name, (0.0, 0.0, -1.0))[2]:
            anchors[name] = (float(x), float(y), room)
    paths = [(name, _path(shape, shapely)) for name, shape in zip(names, shapes, strict=True)]
    return Outlines(bounds, metres, aspect, list(dict.fromkeys(names)), anchors, paths)


def _path(shape: Any, shapely: Any) -> Any:
    """Return polygons with their holes as one path."""
    from matplotlib.path import Path

    rings = shapely.get_rings(shapely.orient_polygons(shapely.get_parts(shape)))
    return Path.make_compound_path(*(Path(shapely.get_coordinates(r), closed=True) for r in rings))


def _draw_paths(ax: Axes, shapes: Outlines, colours: Mapping[str, Any]) -> None:
    from matplotlib.patches import PathPatch

    for group, path in shapes.parts:
        face = colours.get(group)
        look = style.missing() if face is None else {"facecolor": face, "linewidth": 0.0}
        ax.add_patch(PathPatch(path, gid=group, **look))
    for shade, width in _BORDERS:
        for _, path in shapes.parts:
            ax.add_patch(PathPatch(path, fill=False, edgecolor=shade, linewidth=width))
