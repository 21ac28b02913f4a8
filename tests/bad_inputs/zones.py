"""Zones that are wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

import gep
from gep.errors import GepError, GridError, ZoneError

from .registry import finds, raises, right
from .sound import Account, grid

LABELS, POLYGONS, AREAS = "zones: labels", "zones: polygons", "zones: table of areas"


def _labels(
    title: str, change: Callable[[Account], None], *says: str, error: type[GepError] = ZoneError
) -> None:
    raises(LABELS, title, error, *says)(change)


def _put(column: str, row: int, value: Any) -> Callable[[Account], None]:
    def change(a: Account) -> None:
        a.zone_table = a.zone_table.astype(object)
        a.zone_table.loc[row, column] = value

    return change


def _cells(value: float, cell: tuple[int, int] = (0, 0)) -> Callable[[Account], None]:
    def change(a: Account) -> None:
        values = a.labels.to_numpy().astype(float)
        values[cell] = value
        a.labels = grid(values)

    return change


def _large(a: Account) -> None:
    a.zone_table["code"] = ["150105101", "150105102", "150105103", "150105104"]
    a.labels = grid((a.labels.to_numpy() + 150105000).astype(np.float32))


def _blank(a: Account) -> None:
    a.labels = grid(np.zeros((6, 8), np.int32))


def _no_table(a: Account) -> None:
    a.zone_table, a.zone_options = None, {}
    a.labels[0, 0] = 0


_labels("one code twice", _put("code", 1, "101"), "code 101", "东镇, 西乡")
_labels("an empty code", _put("code", 1, None), "row 2", "no code")
_labels(
    "no column of codes",
    lambda a: setattr(a, "zone_table", a.zone_table.rename(columns={"code": "id"})),
    "'code'",
)
_labels("an empty level", _put("county", 1, None), "zone 102", "no county")
_labels("the region called like a zone", lambda a: a.zone_options.update(region="101"), "101")
_labels("the region called like a county", lambda a: a.zone_options.update(region="甲"), "甲")
_labels("a label without a row", _cells(105), "label 105", "1 cells")
_labels("labels that are fractions", _cells(101.5), "101.5")
_labels("a fill value that is not declared", _cells(1e20), "fill value", "1e20")
_labels("an infinite label", _cells(np.inf), "labels", "fill value")
_labels("codes too large for their float32", _large, "float32", "150105104")
_labels("no label at all", _blank, "no zone has a cell")
_labels("names for labels", lambda a: setattr(a, "labels", grid(a.labels.to_numpy().astype(str))), "type")
_labels("labels of zero and no table", _no_table, "0 would be zones")
_labels(
    "an array without coordinates",
    lambda a: setattr(a, "labels", a.labels.to_numpy()),
    "ndarray",
    error=GepError,
)
_labels(
    "shifted against the land cover",
    lambda a: setattr(a, "labels", grid(a.labels.to_numpy(), shift=0.3)),
    "0.3 cells",
    error=GridError,
)
_labels(
    "no CRS", lambda a: setattr(a, "labels", grid(a.labels.to_numpy(), crs=None)), "no CRS", error=GridError
)
_labels("no row at all", lambda a: setattr(a, "zone_table", a.zone_table.iloc[:0]), "no rows")


@finds(LABELS, "a zone without a cell: kept, and missing", "without a cell", "105")
def no_cell(a: Account) -> list[str]:
    a.zone_table.loc[4] = ["105", "空镇", "乙"]
    return list(a.zones().findings)


@finds(LABELS, "a hole: cells outside all zones", "outside all zones", "1 cells")
def hole(a: Account) -> None:
    a.labels[2, 2] = 0


@finds(LABELS, "stated areas of another unit", "zone 101", "times too", "km2 read as ha")
def stated(a: Account) -> None:
    a.zone_table["land"] = [11.2, 11.2, 11.2, 11.2]
    a.zone_options |= {"stated_area": "land", "stated_area_unit": "ha"}


@right(LABELS, "codes that are numbers with a point")
def pointed(a: Account) -> None:
    a.zone_table["code"] = [101.0, 102.0, 103.0, 104.0]


@right(LABELS, "codes with blanks around them")
def blanks(a: Account) -> None:
    a.zone_table["code"] = [" 101", "102 ", "103", "104"]


# ------------------------------------------------------------------------------------------ polygons


def townships() -> Any:
    """Return the four zones as polygons."""
    import geopandas
    from shapely.geometry import box

    west, mid, east, north, half, south = 111.6, 111.64, 111.68, 40.96, 40.93, 40.9
    shapes = [
        box(west, half, mid, north),
        box(mid, half, east, north),
        box(west, south, mid, half),
        box(mid, south, east, half),
    ]
    rows = {
        "code": ["101", "102", "103", "104"],
        "name": ["东镇", "西乡", "南乡", "北镇"],
        "county": list("甲甲乙乙"),
    }
    return geopandas.GeoDataFrame(rows, geometry=shapes, crs="EPSG:4326")


def _polygons(
    title: str, change: Callable[[Any], Any], *says: str, error: type[GepError] = ZoneError
) -> None:
    @raises(POLYGONS, title, error, *says)
    def spoil(a: Account) -> None:
        gep.Zones.from_polygons(change(townships()), like=a.cover, levels=("county",), region="全区")


def _shape(row: int, shape: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def change(frame: Any) -> Any:
        shapes = list(frame.geometry)
        shapes[row] = shape(shapes[row])
        return frame.set_geometry(shapes, crs="EPSG:4326")

    return change


_polygons("no CRS", lambda f: f.set_crs(None, allow_override=True), "no CRS")
_polygons("one code twice", lambda f: f.assign(code=["101", "101", "103", "104"]), "code 101", "东镇, 西乡")
_polygons("zones that overlap", _shape(0, lambda s: s.buffer(0.005)), "101 and 102 overlap", "%")
_polygons(
    "one zone drawn twice, under two codes",
    lambda f: f.iloc[[0, 1, 2, 3, 3]].assign(code=["101", "102", "103", "104", "105"]),
    "104 and 105 overlap",
    "100.0 %",
)
_polygons("points for polygons", _shape(1, lambda s: s.centroid), "row 2", "Point")
_polygons("an empty shape", _shape(1, lambda s: None), "row 2", "empty")
_polygons(
    "degrees tagged as metres: no zone on the grid",
    lambda f: f.set_crs("EPSG:3857", allow_override=True),
    "no zone has a cell",
)
_polygons(
    "latitude and longitude exchanged",
    lambda f: f.set_geometry(f.geometry.map(_turn), crs="EPSG:4326"),
    "no zone has a cell",
    error=GepError,
)
_polygons("no column of codes", lambda f: f.drop(columns="code"), "'code'")


def _turn(shape: Any) -> Any:
    import shapely

    return shapely.transform(shape, lambda at: at[:, ::-1])


@raises(POLYGONS, "a file that is not there", ZoneError, "missing.gpkg")
def absent(a: Account) -> None:
    gep.Zones.from_polygons(a.folder / "missing.gpkg", like=a.cover)


@raises(POLYGONS, "a file that is no map", ZoneError, "no shapes")
def no_map(a: Account) -> None:
    gep.Zones.from_polygons(a.write("tables.csv"), like=a.cover)


@raises(POLYGONS, "a table for polygons", ZoneError, "DataFrame")
def table(a: Account) -> None:
    gep.Zones.from_polygons(a.zone_table, like=a.cover)


@finds(POLYGONS, "holes inside a zone: cells outside all zones", "outside all zones", "1 cells")
def ring(a: Account) -> list[str]:
    from shapely.geometry import box

    frame = _shape(0, lambda s: s - box(111.61, 40.94, 111.62, 40.95))(townships())
    return list(gep.Zones.from_polygons(frame, like=a.cover).findings)


@finds(POLYGONS, "a shape that crosses itself: repaired, and told", "repaired", "101")
def bow(a: Account) -> list[str]:
    from shapely.geometry import Polygon

    tie = Polygon([(111.6, 40.93), (111.64, 40.96), (111.64, 40.93), (111.6, 40.96)])
    return list(gep.Zones.from_polygons(_shape(0, lambda s: tie)(townships()), like=a.cover).findings)


@finds(POLYGONS, "a sliver of overlap", "101 and 102 overlap")
def sliver(a: Account) -> list[str]:
    from shapely.geometry import box

    frame = _shape(0, lambda s: box(111.6, 40.93, 111.6401, 40.96))(townships())
    return list(gep.Zones.from_polygons(frame, like=a.cover).findings)


@right(POLYGONS, "another CRS, which is told")
def reprojected(a: Account) -> None:
    frame = townships().to_crs("EPSG:4490")
    a.made["zones"] = gep.Zones.from_polygons(frame, like=a.cover, levels=("county",), region="全区")


# --------------------------------------------------------------------------------------------- areas


def _areas(
    title: str,
    change: Callable[[pd.DataFrame], Any],
    *says: str,
    error: type[GepError] = ZoneError,
    unit: str = "km2",
) -> None:
    @raises(AREAS, title, error, *says)
    def spoil(a: Account) -> None:
        frame = pd.DataFrame(
            {
                "zone": ["101", "101", "102"],
                "ecosystem": ["forest", "cropland", "forest"],
                "area": [5.0, 3.0, 2.0],
            }
        )
        a.made["zones"] = gep.Zones.from_areas(change(frame), unit=unit, region="全区")


_areas("no unit", lambda f: f, "no unit", unit="unit")
_areas("a unit that is no area", lambda f: f, "km", unit="km")
_areas("an area below zero", lambda f: f.assign(area=[5.0, -3.0, 2.0]), "row 2", "below zero")
_areas("an area that is missing", lambda f: f.assign(area=[5.0, None, 2.0]), "row 2", "missing")
_areas("an area that is text", lambda f: f.assign(area=["5", "3,000.5 ", "two"]), "row 3", "two")
_areas("an infinite area", lambda f: f.assign(area=[5.0, np.inf, 2.0]), "row 2", "without end")
_areas("a zone and ecosystem twice", lambda f: f.assign(ecosystem="forest"), "zone 101", "more than once")
_areas("a row of totals", lambda f: f.assign(zone=["101", "101", "合计"]), "合计", "total")
_areas(
    "an ecosystem that nobody knows",
    lambda f: f.assign(ecosystem=["forest", "farms", "forest"]),
    "farms",
    error=GepError,
)
_areas(
    "an ecosystem beside a part of it",
    lambda f: f.assign(ecosystem=["forest", "evergreen_needleleaf_forest", "forest"]),
    "101",
    "evergreen_needleleaf_forest",
    error=GepError,
)
_areas(
    "a row of totals among the ecosystems",
    lambda f: f.assign(ecosystem=["forest", "合计", "forest"]),
    "合计",
    error=GepError,
)
_areas("a column that is missing", lambda f: f.drop(columns="ecosystem"), "'ecosystem'")
_areas("no rows", lambda f: f.iloc[:0], "no rows")
