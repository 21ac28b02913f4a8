"""Polygons of zones: shape checks, geodesic areas, overlaps and the cells they hold."""

from __future__ import annotations

import importlib
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.errors import Faults, ZoneError, need_extra
from gep.grid.shared import Shared
from gep.zones.table import km2

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from numpy.typing import NDArray

    from gep.grid.georef import GridSpec

#: Share of the smaller zone that overlaps: worth a word, and too much (also of one zone, in sum).
OVERLAP_NOTED, OVERLAP_REFUSED = 1e-6, 0.01
#: Bytes at the beginning of a file in which GDAL looks for what it is.
_HEAD = 1024


def open_extra(package: str, purpose: str) -> Any:
    """Return an optional package, or say that the extra ``geo`` is needed for ``purpose``."""
    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise need_extra(package.split(".", maxsplit=1)[0], "geo", purpose) from error


def read_polygons(polygons: Any) -> Any:
    """Return polygons as a GeoDataFrame, from a file or as they are given.

    Raises
    ------
    ZoneError
        A file that cannot be read or leads to other files, or something without shapes.
    """
    geopandas = open_extra("geopandas", "zones from polygons")
    if isinstance(polygons, str | Path):
        _refuse_virtual(Path(polygons))
        try:
            polygons = geopandas.read_file(polygons)
        except Exception as error:  # each reader of files has its own errors
            raise ZoneError(
                f"it cannot be read: {type(error).__name__}", where=str(polygons),
                expected="a file of polygons: GeoPackage, Shapefile, GeoJSON",
            ) from error  # fmt: skip
    if not isinstance(polygons, geopandas.GeoDataFrame):
        what = f"a {type(polygons).__name__} has no shapes"
        raise ZoneError(what, where="zones", expected="a geopandas.GeoDataFrame, or a file of polygons")
    return polygons


def _refuse_virtual(place: Path) -> None:
    """Refuse a file that only says where others lie, of this machine or of any other."""
    with suppress(OSError, ValueError), place.open("rb") as file:
        if b"<OGRVRTDataSource" in file.read(_HEAD):
            raise ZoneError(
                "it holds no polygons but leads to other files", where=str(place),
                expected="GeoPackage, Shapefile, GeoJSON", fix="give the file that holds the polygons",
            )  # fmt: skip


def check_shapes(frame: Any, faults: Faults) -> None:
    """Note a missing CRS and every row that is not a polygon."""
    if frame.crs is None:
        faults.add("the polygons have no CRS", where="zones", fix="frame = frame.set_crs('EPSG:...')")
    kinds = frame.geometry.geom_type
    empty = (frame.geometry.is_empty | frame.geometry.isna()).to_numpy()
    for place in np.flatnonzero(~kinds.isin(["Polygon", "MultiPolygon"]).to_numpy() | empty):
        found = "empty" if empty[place] else kinds.iloc[place]
        faults.add(f"geometry is {found}, not a polygon", where=f"row {place + 1} of the zones")
    shapely = open_extra("shapely", "zones from polygons")
    corners, of = shapely.get_coordinates(frame.geometry.to_numpy(), return_index=True)
    for place in np.unique(of[~np.isfinite(corners).all(axis=1)]):
        faults.add("geometry has a corner that lies nowhere", where=f"row {place + 1} of the zones")


def geodesic_areas(shapes: Any) -> NDArray[np.float64]:
    """Return geodesic areas in m2 on the ellipsoid of the CRS; holes count as holes however they turn."""
    polygon = open_extra("shapely.geometry.polygon", "zones from polygons")
    crs = shapes.crs.geodetic_crs or shapes.crs
    geod = crs.get_geod()

    def area(shape: Any) -> float:
        parts = [g for g in getattr(shape, "geoms", [shape]) if g.geom_type == "Polygon"]
        return float(sum(geod.geometry_area_perimeter(polygon.orient(g))[0] for g in parts))

    return np.array([area(shape) for shape in shapes.to_crs(crs)])


def note_overlaps(shapes: Any, tidy: pd.DataFrame, findings: list[str], faults: Faults) -> None:
    """Note overlaps of polygons; a large one is a fault, and so are small ones that add up to much."""
    first, second = shapes.sindex.query(shapes, predicate="intersects")
    pairs = np.column_stack([first, second])[first < second]
    if not len(pairs):
        return
    shapely = open_extra("shapely", "zones from polygons")
    plain = shapes.to_numpy()
    shared = shapely.area(shapely.intersection(plain[pairs[:, 0]], plain[pairs[:, 1]]))
    flat, sizes = shapely.area(plain), tidy["polygon_area_m2"].to_numpy()
    share = shared / np.minimum(flat[pairs[:, 0]], flat[pairs[:, 1]])
    for (i, j), part in sorted(zip(pairs.tolist(), share.tolist(), strict=True)):
        a, b = tidy.index[i], tidy.index[j]
        size = km2(part * min(sizes[i], sizes[j]))
        if part > OVERLAP_REFUSED:
            faults.add(
                f"zones {a} and {b} overlap by {size}, {100 * part:.1f} % of the smaller", where="zones",
                fix="cut one by the other, or build one Zones for each zoning",
            )  # fmt: skip
        elif part > OVERLAP_NOTED:
            findings.append(f"zones {a} and {b} overlap by {size}; its cells go to {a}")
    small = share <= OVERLAP_REFUSED  # the others are faults already
    ends, twice = pairs[small].ravel(order="F"), np.tile(shared[small], 2)
    parts = np.bincount(ends, twice, len(plain)) / flat
    counts = np.bincount(ends[twice > OVERLAP_NOTED * flat[ends]], minlength=len(plain))
    for i in np.flatnonzero(parts > OVERLAP_REFUSED).tolist():
        faults.add(
            f"zone {tidy.index[i]} overlaps {counts[i]} others a little, together by "
            f"{km2(parts[i] * sizes[i])}, {100 * parts[i]:.1f} % of it", where="zones",
            fix="cut the zones by each other, or build one Zones for each zoning",
        )  # fmt: skip


def burn(shapes: Any, spec: GridSpec, *, all_touched: bool) -> NDArray[np.int32]:
    """Return for each cell the position of the polygon that holds its centre, -1 for none."""
    features = open_extra("rasterio.features", "zones from polygons")
    affine = open_extra("affine", "zones from polygons").Affine
    a, _, west, _, e, _ = spec.transform
    order = range(len(shapes) - 1, -1, -1)  # the first in the table is drawn last and keeps its cells
    index = features.rasterize(
        [(shapes.iloc[i], i) for i in order], out_shape=spec.shape, fill=-1, dtype="int32",
        transform=affine(a, 0.0, west, 0.0, -abs(e), spec.bounds[3]), all_touched=all_touched,
    )  # fmt: skip
    return np.ascontiguousarray(index[::-1] if spec.transform[4] > 0 else index)


def cut(shapes: Any, spec: GridSpec) -> Shared:
    """Return the cells that the borders of polygons cut, with the part of each zone."""
    exact = open_extra("exactextract", "shares of cells")
    geopandas = open_extra("geopandas", "zones from polygons")
    source = importlib.import_module("exactextract.raster").NumPyRasterSource
    west, south, east, north = spec.bounds
    grid = source(np.broadcast_to(np.int8(0), spec.shape), west, south, east, north)
    rows, width = spec.shape

    def parts() -> Iterator[tuple[NDArray[Any], int, NDArray[Any]]]:
        for position in range(len(shapes)):
            one = geopandas.GeoDataFrame(geometry=shapes.iloc[[position]])
            found = exact.exact_extract(grid, one, ["cell_id", "coverage"], output="pandas")
            share = np.asarray(found["coverage"].iloc[0], np.float64)
            place = np.asarray(found["cell_id"].iloc[0], np.int64)
            border = (share > 0) & (share < 1)
            place = place[border]
            if spec.transform[4] > 0:  # rows from south to north
                place = (rows - 1 - place // width) * width + place % width
            yield place, position, share[border]

    return Shared.of(parts())


def note_gaps(shapes: Any, findings: list[str]) -> None:
    """Note slivers between polygons that belong to none."""
    shapely = open_extra("shapely", "zones from polygons")
    whole = shapes.union_all()
    rings = [ring for part in shapely.get_parts(whole) for ring in shapely.get_rings(part)[1:]]
    if rings:
        gaps = type(shapes)([shapely.polygons(ring) for ring in rings], crs=shapes.crs)
        findings.append(f"{len(rings)} gaps between zones, together {km2(float(geodesic_areas(gaps).sum()))}")
