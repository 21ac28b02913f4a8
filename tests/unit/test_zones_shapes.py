"""Zones and their shapes by hand: shares of cells that borders cut, gaps, overlaps, outlines, findings."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gep.errors import Faults, ZoneError
from gep.grid.crs import set_crs
from gep.zones import Zones
from gep.zones.areas import _difference, _slip
from gep.zones.labels import match_labels
from gep.zones.polygons import open_extra
from gep.zones.table import km2, some

geopandas = pytest.importorskip("geopandas")
pytest.importorskip("rasterio")
pytest.importorskip("pyproj")
shapely = pytest.importorskip("shapely")

#: Four rows of five cells of 100 m, on a grid that keeps areas.
CRS, WEST, NORTH, STEP = "EPSG:6933", 1e7, 5e6, 100.0


def grid(values=None, south_first=False):
    y = NORTH - STEP * (np.arange(4) + 0.5)
    x = WEST + STEP * (np.arange(5) + 0.5)
    data = np.ones((4, 5)) if values is None else np.asarray(values)
    made = set_crs(xr.DataArray(data, {"y": y, "x": x}, ("y", "x")), CRS)
    return made[::-1] if south_first else made


def frame(*boxes):
    """Return rectangles (left, top, right, bottom), counted in cells from the upper left."""
    shapes = [
        shapely.box(WEST + STEP * a, NORTH - STEP * d, WEST + STEP * c, NORTH - STEP * b)
        for a, b, c, d in boxes
    ]
    return geopandas.GeoDataFrame({"code": [f"z{i}" for i in range(len(boxes))]}, geometry=shapes, crs=CRS)


# Cells --------------------------------------------------------------------------------------------

#: The border of the first two runs through the second column, that of the third through the third row.
CUT = frame((0, 0, 1.25, 2.5), (1.25, 0, 5, 2.5), (0, 2.5, 5, 3))


@pytest.mark.parametrize("south_first", [False, True])
def test_each_zone_has_its_part_of_the_cells_that_a_border_cuts(south_first):
    pytest.importorskip("exactextract")
    z = Zones.from_polygons(CUT, like=grid(south_first=south_first), cells="share")
    assert z.zone_area().to_numpy() / 1e4 == pytest.approx([3.125, 9.375, 2.5], rel=1e-4)
    found = {}
    for place, zone, share in zip(z.shared.place, z.shared.zone, z.shared.share, strict=True):
        row, column = divmod(int(place), 5)
        found[3 - row if south_first else row, column, int(zone)] = share
    sides = {(r, 1): (0.25, 0.75) for r in (0, 1)}
    shares = {(*cell, zone): part for cell, parts in sides.items() for zone, part in enumerate(parts)}
    shares |= {(2, c, 0 if c < 1 else 1): 0.5 for c in (0, 2, 3, 4)}
    shares |= {(2, 1, 0): 0.125, (2, 1, 1): 0.375}
    shares |= {(2, c, 2): 0.5 for c in range(5)}
    assert found == pytest.approx(shares, rel=1e-6)


@pytest.mark.parametrize("south_first", [False, True])
def test_cells_go_to_the_polygon_with_their_centre_and_ties_to_the_first(south_first):
    shapes = frame((0, 0, 2, 2.4), (1.996, 0, 5, 2.4), (0, 2.4, 2, 3))
    z = Zones.from_polygons(shapes, like=grid(south_first=south_first))
    index = z.index[::-1] if south_first else z.index
    assert index.tolist() == [[0, 0, 1, 1, 1], [0, 0, 1, 1, 1], [2, 2, -1, -1, -1], [-1] * 5]
    assert index.dtype == np.int32
    touched = Zones.from_polygons(shapes, like=grid(south_first=south_first), all_touched=True)
    index = touched.index[::-1] if south_first else touched.index
    assert index.tolist()[2] == [0, 0, 1, 1, 1]


def test_what_lies_beside_the_zones_is_counted():
    z = Zones.from_polygons(frame((0, 0, 2, 2.4), (2, 0, 5, 2.4)), like=grid())
    assert z.findings == [
        "10 cells (0.1 km2) lie outside all zones",
        "zone z0: cells cover 0.04 km2, its polygon is 0.048 km2 (-16.7 %)",
        "zone z1: cells cover 0.06 km2, its polygon is 0.072 km2 (-16.7 %)",
    ]


def test_gaps_between_zones_are_told_with_their_area():
    pytest.importorskip("exactextract")
    ring = [(0, 0, 5, 1), (0, 1, 1, 2), (2, 1, 3, 2), (4, 1, 5, 2), (0, 2, 5, 4)]
    z = Zones.from_polygons(frame(*ring), like=grid(), cells="share")
    assert z.findings == [
        "2 gaps between zones, together 0.02 km2",
        "2 cells (0.02 km2) lie outside all zones",
    ]
    whole = Zones.from_polygons(frame((0, 0, 5, 2), (0, 2, 5, 4)), like=grid(), cells="share")
    assert whole.findings == []


def test_overlaps_are_told_with_zones_and_area():
    z = Zones.from_polygons(frame((0, 0, 2.01, 4), (2, 0, 5, 4)), like=grid())
    assert z.findings == ["zones z0 and z1 overlap by 0.0004 km2; its cells go to z0"]
    assert (z.index[:, :2] == 0).all()
    with pytest.raises(ZoneError) as caught:
        Zones.from_polygons(frame((0, 0, 3, 4), (2, 0, 5, 4), (0, 3, 1, 4)), like=grid())
    whats = [fault.what for fault in caught.value.faults]
    assert whats == [
        "zones z0 and z1 overlap by 0.04 km2, 33.3 % of the smaller",
        "zones z0 and z2 overlap by 0.01 km2, 100.0 % of the smaller",
    ]
    assert {fault.where for fault in caught.value.faults} == {"zones"}


def test_small_overlaps_add_up_with_each_of_its_size():
    """Four neighbours take 0.99, 0.99, 0.97 and 0.97 % of the first zone, which has 20 cells."""
    side, end = 0.0495, 0.194 / 4.8  # times 4 and 4.8 cells
    around = [(-5 + side, 0, side, 4), (5 - side, 0, 10, 4), (0.1, -5, 4.9, end), (0.1, 4 - end, 4.9, 9)]
    order = [around[0], around[2], around[1], around[3]]
    with pytest.raises(ZoneError) as caught:
        Zones.from_polygons(frame((0, 0, 5, 4), *order), like=grid())
    (fault,) = caught.value.faults
    assert fault.what == "zone z0 overlaps 4 others a little, together by 0.00784 km2, 3.9 % of it"


def test_zones_that_only_touch_do_not_overlap():
    quarters = [(0, 0, 2, 2), (2, 0, 5, 2), (0, 2, 2, 4), (2, 2, 5, 4)]
    assert Zones.from_polygons(frame(*quarters), like=grid()).findings == []


def test_polygons_of_one_zone_are_added_up():
    parts = frame((0, 0, 1, 1), (3, 2, 5, 4))
    one = geopandas.GeoDataFrame({"code": ["a"]}, geometry=[parts.union_all()], crs=CRS)
    z = Zones.from_polygons(one, like=grid())
    assert z.table.loc["a", "polygon_area_m2"] == pytest.approx(5e4, rel=1e-4)
    assert z.zone_area()["a"] == pytest.approx(5e4, rel=1e-4)


def test_faults_of_shapes_say_where():
    odd = frame((0, 0, 1, 1), (1, 0, 2, 1), (2, 0, 3, 1))
    odd.geometry = [odd.geometry.iloc[0], None, odd.geometry.iloc[2].exterior]
    with pytest.raises(ZoneError) as caught:
        Zones.from_polygons(odd.set_crs(None, allow_override=True), like=grid())
    faults = [(fault.where, fault.what) for fault in caught.value.faults]
    assert faults == [
        ("zones", "the polygons have no CRS"),
        ("row 2 of the zones", "geometry is empty, not a polygon"),
        ("row 3 of the zones", "geometry is LinearRing, not a polygon"),
    ]
    with pytest.raises(ZoneError, match="cells='half' is not known; expected 'centre' or 'share'"):
        Zones.from_polygons(CUT, like=grid(), cells="half")


def test_what_holds_no_polygons_is_refused(tmp_path):
    with pytest.raises(
        ZoneError, match=r"^zones: a DataFrame has no shapes; expected a geopandas.GeoDataFrame"
    ):
        Zones.from_polygons(pd.DataFrame({"code": ["a"]}), like=grid())
    path = tmp_path / "zones.gpkg"
    path.write_bytes(b"nothing of that kind")
    with pytest.raises(ZoneError, match=r"zones.gpkg: it cannot be read: DataSourceError; expected a file"):
        Zones.from_polygons(path, like=grid())
    path.write_bytes(b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>")
    with pytest.raises(ZoneError, match=r"zones.gpkg: it holds no polygons but leads to other files"):
        Zones.from_polygons(path, like=grid())
    CUT.to_file(tmp_path / "cut.gpkg")
    assert Zones.from_polygons(str(tmp_path / "cut.gpkg"), like=grid()).codes == ["z0", "z1", "z2"]


def test_a_corner_that_lies_nowhere_is_told_with_its_row():
    odd = frame((0, 0, 1, 1), (1, 0, 2, 1), (2, 0, 3, 1))
    nowhere = shapely.Polygon([(WEST, NORTH), (np.inf, NORTH), (WEST, NORTH - 1)])
    odd.geometry = [odd.geometry.iloc[0], nowhere, odd.geometry.iloc[2]]
    with pytest.raises(ZoneError) as caught:
        Zones.from_polygons(odd, like=grid())
    faults = [(fault.where, fault.what) for fault in caught.value.faults]
    assert faults == [("row 2 of the zones", "geometry has a corner that lies nowhere")]


def test_shares_on_degrees_do_not_depend_on_the_order_of_rows():
    pytest.importorskip("exactextract")
    lat, lon = 40.005 - 0.01 * np.arange(4), 111.005 + 0.01 * np.arange(5)
    north_first = set_crs(
        xr.DataArray(np.ones((4, 5)), {"lat": lat, "lon": lon}, ("lat", "lon")), "EPSG:4326"
    )
    shapes = [shapely.box(111.0, 39.995, 111.02, 40.01), shapely.box(111.02, 39.98, 111.05, 40.01)]
    zones = geopandas.GeoDataFrame({"code": ["a", "b"]}, geometry=shapes, crs="EPSG:4326")
    areas = [
        Zones.from_polygons(zones, like=like, cells="share").shared
        for like in (north_first, north_first[::-1])
    ]
    rows = [np.unique(shared.place[shared.zone == 0] // 5).tolist() for shared in areas]
    assert rows == [[1], [2]]


def test_a_missing_package_is_named_without_its_modules():
    with pytest.raises(ImportError, match="trying it needs the package 'nothing_of_that_name'"):
        open_extra("nothing_of_that_name.features.more", "trying it")


# Outlines -----------------------------------------------------------------------------------------

LABELS = np.array([[1, 1, 2, 2, 0], [1, 2, 2, 0, 0], [0, 1, 2, 0, 0], [0, 0, 0, 3, 3]])
TABLE = pd.DataFrame({"code": ["1", "2", "3", "4"]})


@pytest.mark.parametrize("south_first", [False, True])
def test_outlines_of_cells_are_those_of_their_squares(south_first):
    z = Zones.from_labels(grid(LABELS, south_first), TABLE, nodata=0)
    found = z.outlines()
    assert found.index.tolist() == ["1", "2", "3", "4"]
    assert found.crs == CRS
    for code, shape in zip(z.codes[:3], found, strict=False):
        cells = [(c, r, c + 1, r + 1) for r, c in zip(*np.nonzero(int(code) == LABELS), strict=True)]
        assert shape.is_valid
        assert shape.equals(frame(*cells).union_all())
    assert len(found["1"].geoms) == 2
    assert found["4"] is None


def test_outlines_of_polygons_are_the_polygons():
    z = Zones.from_polygons(CUT, like=grid())
    assert z.outlines().tolist() == CUT.geometry.tolist()
    assert z.outlines().index.tolist() == ["z0", "z1", "z2"]


def test_zones_of_a_table_have_no_outlines():
    areas = pd.DataFrame({"zone": ["a"], "ecosystem": ["forest"], "area": [1.0]})
    with pytest.raises(ZoneError, match="region: these zones come from a table of areas and have no shape"):
        Zones.from_areas(areas, unit="km2").outlines()


# Words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "area", "told", "said"),
    [
        ("stated area", 1.02e6, 1e6, "its stated area is 1 km2 (+2.0 %)"),
        ("stated area", 1e6, 1.02e6, "its stated area is 1.02 km2 (-2.0 %)"),
        ("stated area", 9.9e6, 1e6, "its stated area is 1 km2 (+890.0 %)"),
        ("stated area", 1e6, 9.9e6, "its stated area is 9.9 km2 (-89.9 %)"),
        ("stated area", 4e7, 1e6, "its stated area is 1 km2, 40 times too small"),
        ("stated area", 1e6, 4e7, "its stated area is 40 km2, 40 times too large"),
        ("stated area", 1e7, 1e6, "its stated area is 1 km2, 10 times too small"),
        ("stated area", 1e6, 1.5e7, "its stated area is 15 km2, 15 times too large: mu read as ha?"),
        ("polygon", 4e7, 1e6, "its polygon is 1 km2 (+3900.0 %)"),
        ("stated area", 1e6, 0.0, "its stated area is 0 km2"),
    ],
)
def test_areas_that_differ_are_said_in_words(what, area, told, said):
    assert _difference("a", area, told, what) == f"zone a: cells cover {km2(area)}, {said}"


@pytest.mark.parametrize(
    ("ratio", "said"),
    [
        (1e6, "km2 read as m2?"), (1e-6, "m2 read as km2?"), (1e4, "ha read as m2?"),
        (100, "km2 read as ha?"), (1500, "km2 read as mu?"), (2e4 / 30, "mu read as m2?"),
        (1 / 15, "mu read as ha?"), (15, "ha read as mu?"),
        (118, "km2 read as ha?"), (84, "km2 read as ha?"), (122, ""), (82, ""), (1.0, ""),
    ],
)  # fmt: skip
def test_a_unit_that_was_read_as_another_is_found_by_the_ratio(ratio, said):
    assert _slip(ratio) == (f": {said}" if said else "")


@pytest.mark.parametrize(
    ("square_metres", "text"),
    [
        (123456.0, "0.1235 km2"),
        (9.99e9, "9990 km2"),
        (1e10, "10,000 km2"),
        (1.23456e10, "12,346 km2"),
        (0.0, "0 km2"),
    ],
)
def test_areas_as_text(square_metres, text):
    assert km2(square_metres) == text


def test_the_first_of_many():
    assert some(range(10)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    assert some(range(12)) == "0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
    assert some("abc", 2) == "a, b and 1 more"


def test_labels_below_zero_find_their_rows():
    table = pd.DataFrame({"code": ["-1", "007", "x", "x-2"]})
    faults = Faults()
    tidy = table.set_index("code")
    found = match_labels(tidy, table, np.array([-1, 2, 7]), faults)
    assert (found.tolist(), len(faults)) == ([0, -1, 1], 0)
    twice = pd.DataFrame({"code": ["a", "b"], "label": [5, 5.0]})
    match_labels(twice.set_index("code"), twice, np.array([5]), faults)
    assert [f.what for f in faults] == ["zones a and b claim one label 5"]


def spread(values, dtype=np.int64):
    """Return a raster whose first cells hold some values and whose others hold the last."""
    flat = np.full(20, values[-1], dtype)
    flat[: len(values)] = values[:20]
    return grid(flat.reshape(4, 5))


def test_codes_may_lie_far_apart_and_below_zero():
    values = [-(2**53), 7, 20_000_008]
    z = Zones.from_labels(spread(values), pd.DataFrame({"code": values}))
    assert z.index.ravel().tolist() == [0, 1, *[2] * 18]
    narrow = Zones.from_labels(spread([5, 3]), pd.DataFrame({"code": ["3", "5", "X5"]}))
    assert narrow.index.ravel().tolist() == [1, *[0] * 19]


def test_codes_that_a_float32_holds_are_read_and_the_next_is_refused():
    assert Zones.from_labels(spread([1, 2**24 - 1], np.float32)).codes == ["1", "16777215"]
    with pytest.raises(ZoneError, match="1 labels are too large for float32, for example 16777216: zones"):
        Zones.from_labels(spread([2**24, 1], np.float32))
    with pytest.raises(ZoneError, match="labels are of type <U1; expected whole numbers"):
        Zones.from_labels(spread(["a", "b"], "<U1"))


def test_a_long_list_of_fills_is_cut():
    wide = set_crs(
        xr.DataArray(
            2**53 + 1 + np.arange(24).reshape(4, 6),
            {"y": NORTH - STEP * np.arange(4), "x": WEST + STEP * np.arange(6)}, ("y", "x"),
        ), CRS,
    )  # fmt: skip
    with pytest.raises(ZoneError) as caught:
        Zones.from_labels(wide)
    assert [fault.where for fault in caught.value.faults].count("labels") == 20
    with pytest.raises(ZoneError) as caught:
        Zones.from_labels(wide - 2**53 - 30)
    (fault,) = caught.value.faults
    assert fault.fix.startswith(f"nodata={list(range(-29, -9))} if outside")


# Shown --------------------------------------------------------------------------------------------


def test_zones_say_what_they_are():
    table = pd.DataFrame({"code": [1, 2, 3], "name": ["A", "B", "C"], "belt": ["w", "w", "e"]})
    z = Zones.from_labels(grid(LABELS), table, nodata=0, levels=("belt",), region="Demo")
    assert repr(z).startswith("Zones('Demo': 3 zones, levels belt, 4 x 5 cells of 100 x 100 ")
    assert repr(z).endswith("; 1 finding)")
    assert z.findings == ["9 cells (0.09 km2) lie outside all zones"]
    html = z._repr_html_()
    assert f"<p>{z.findings[0]}</p>" in html
    assert "".join(f"<th>{head}</th>" for head in ("code", "name", "belt", "km²")) in html
    assert "<td>2</td><td>B</td><td>w</td><td>0.05</td>" in html
    areas = pd.DataFrame({"zone": ["a", "b"], "ecosystem": ["forest"] * 2, "area": [1.0, 2.0]})
    assert repr(Zones.from_areas(areas, unit="km2")) == "Zones('region': 2 zones, 2 areas, 3 km2, no grid)"
