"""The shapes of zones: their polygons, or the outlines of their cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gep.errors import ZoneError
from gep.zones.polygons import open_extra

if TYPE_CHECKING:
    from gep.zones.zones import Zones


def outlines(zones: Zones) -> Any:
    """Return the shape of each zone; one without cells has none.

    Returns
    -------
    geopandas.GeoSeries
        By code. The polygons that the zones were built from, in their CRS; otherwise the outlines
        of cells on the grid, in the grid's.

    Raises
    ------
    ZoneError
        Zones of a table of areas have no shape.
    MissingExtra
        geopandas or rasterio (extra ``geo``) is not installed.
    """
    if zones.shapes is not None:
        return zones.shapes
    if zones.index is None or zones.spec is None:
        raise ZoneError(
            "these zones come from a table of areas and have no shape", where=zones.region,
            expected="zones from polygons or labels",
        )  # fmt: skip
    geopandas = open_extra("geopandas", "outlines of zones")
    shapely = open_extra("shapely.geometry", "outlines of zones")
    parts: dict[int, list[Any]] = {}
    for shape, position in _traced(zones):
        parts.setdefault(int(position), []).append(shapely.shape(shape))
    # cells that meet at a corner alone are parts of their own, so that what they make is valid
    whole = [shapely.MultiPolygon(parts[i]) if i in parts else None for i in range(len(zones))]
    return geopandas.GeoSeries(whole, index=zones.table.index, crs=zones.spec.crs)


def _traced(zones: Zones) -> Any:
    features = open_extra("rasterio.features", "outlines of zones")
    affine = open_extra("affine", "outlines of zones").Affine
    assert zones.spec is not None  # noqa: S101
    assert zones.index is not None  # noqa: S101
    a, _, west, _, e, _ = zones.spec.transform
    index = np.ascontiguousarray(zones.index[::-1] if e > 0 else zones.index, np.int32)
    transform = affine(a, 0.0, west, 0.0, -abs(e), zones.spec.bounds[3])
    return features.shapes(index, mask=index >= 0, connectivity=4, transform=transform)
