"""The table of zones: what is refused and where, what is filled in, what builders name by themselves."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gep.errors import Faults, GridError, ZoneError
from gep.grid.crs import set_crs
from gep.zones import Zones
from gep.zones.table import areas_of, tidy_table


def labels(values):
    values = np.asarray(values)
    rows, columns = values.shape
    axes = {"lat": 41.0 - 0.01 * np.arange(rows), "lon": 111.0 + 0.01 * np.arange(columns)}
    return set_crs(xr.DataArray(values, axes, ("lat", "lon")), "EPSG:4326")


def found(call, *args, **options):
    """Return where and what of each fault of an error."""
    with pytest.raises(ZoneError) as caught:
        call(*args, **options)
    return [(fault.where, fault.what) for fault in caught.value.faults]


def tidied(frame, **options):
    faults = Faults()
    given = {"code": "code", "name": "name", "levels": (), "region": "region"} | options
    tidy = tidy_table(frame, given["code"], given["name"], given["levels"], given["region"], faults)
    return tidy, [(fault.where, fault.what) for fault in faults]


# Codes and names ----------------------------------------------------------------------------------


def test_a_zone_without_a_name_is_called_by_its_code():
    tidy, faults = tidied(pd.DataFrame({"code": [1, 2.0, "x"], "name": ["A", None, " "]}))
    assert (tidy["name"].tolist(), faults) == (["A", "2", "x"], [])
    assert (tidy.index.name, tidy.index.dtype, tidy.index.tolist()) == ("code", object, ["1", "2", "x"])
    assert tidied(pd.DataFrame({"code": pd.Series([], dtype="int64")}))[1] == [
        ("zones", "the table has no rows")
    ]


def test_codes_that_are_missing_or_doubled_are_told_with_their_rows():
    frame = pd.DataFrame({"code": ["a", None, "a", ""], "name": ["A", "B", "C", "D"]})
    assert tidied(frame)[1] == [
        ("row 2 of the zones", "a zone has no code"),
        ("row 4 of the zones", "a zone has no code"),
        ("zones", "code a stands for several zones (A, C)"),
    ]


@pytest.mark.parametrize(
    "level", ["code", "polygon_area_m2", "on_stated_area", "cause", "cells", "not_covered_km2"]
)
def test_a_level_is_not_called_like_another_column(level):
    frame = pd.DataFrame({"own": [1], level: ["x"]})
    assert tidied(frame, code="own", levels=(level,))[1] == [("zones", f"a level cannot be called {level!r}")]


def test_the_name_may_be_a_level_if_it_is_the_name():
    frame = pd.DataFrame({"code": [1, 2], "name": ["A", "A"], "other": ["B", "C"]})
    tidy, faults = tidied(frame, levels=("name",))
    assert (tidy["name"].tolist(), faults) == (["A", "A"], [])
    assert tidied(frame, name="other", levels=("name",))[1] == [("zones", "a level cannot be called 'name'")]


# Areas --------------------------------------------------------------------------------------------


def areas(values, unit, **options):
    faults = Faults()
    frame = pd.DataFrame(values)
    made = areas_of(frame, "area", unit, faults, **options)
    return made.tolist(), [(fault.where, fault.what) for fault in faults]


def test_each_row_of_areas_may_have_a_unit():
    assert areas({"area": [1.0, 15.0], "u": ["km2", "亩"]}, "u") == ([1e6, 1e4], [])
    assert areas({"area": [1.0, 2.0]}, "ha") == ([1e4, 2e4], [])
    assert areas({"area": [1.0], "unit": ["ha"]}, "unit") == ([1e4], [])


@pytest.mark.parametrize(
    ("values", "unit", "said"),
    [
        ({"area": [1.0]}, None, "the areas have no unit"),
        ({"area": [1.0]}, "unit", "the areas have no unit"),
        ({"extent": [1.0]}, "km2", "the areas have no column 'area'"),
    ],
)
def test_areas_without_a_column_or_unit_are_told(values, unit, said):
    (made,), faults = areas(values, unit)
    assert np.isnan(made)
    assert faults == [("zones", said)]


def test_a_wrong_unit_and_wrong_numbers_are_each_told_once():
    values = {"area": [1.0, "many", -3.0, 4.0], "u": ["km2", "km2", "km2", "t"]}
    _, faults = areas(values, "u")
    assert faults == [
        ("unit of area", "got t"),
        ("row 2", "area many is missing, below zero or without end"),
        ("row 3", "area -3.0 is missing, below zero or without end"),
    ]


def test_an_area_may_be_missing_only_where_it_is_not_needed():
    made, faults = areas({"area": [1.0, None]}, "ha")
    assert (made[0], np.isnan(made[1]), faults) == (1e4, True, [])
    assert areas({"area": [1.0, None]}, "ha", needed=True)[1] == [
        ("row 2", "area nan is missing, below zero or without end")
    ]
    assert areas({"area": [0.0]}, "ha", needed=True) == ([0.0], [])


# Builders -----------------------------------------------------------------------------------------

EXTENT = pd.DataFrame({"zone": ["a", "a"], "ecosystem": ["forest", "cropland"], "area": [1.0, 2.0]})


def test_zones_of_a_table_need_areas_and_no_part_beside_its_whole():
    assert found(Zones.from_areas, EXTENT.assign(area=[1.0, None]), unit="km2") == [
        ("row 2", "area nan is missing, below zero or without end")
    ]
    assert found(Zones.from_areas, EXTENT.drop(columns=["ecosystem", "area"]), unit="km2") == [
        ("zones", "the table has no column 'ecosystem' and 'area'")
    ]
    nested = EXTENT.assign(ecosystem=["forest", "deciduous_broadleaf_forest"])
    ((where, what),) = found(Zones.from_areas, nested, unit="km2")
    assert where == "zone a"
    assert "is a part of" in what


def test_the_whole_is_called_region_unless_it_has_a_name():
    raster = labels([[1, 2], [1, 2]])
    assert {z.region for z in (Zones.from_labels(raster), Zones.from_areas(EXTENT, unit="km2"))} == {"region"}
    bare = Zones.from_areas(EXTENT, unit="km2")
    assert Zones(bare.table).region == "region"
    assert Zones.from_areas(EXTENT, unit="km2", region="甲").region == "甲"


def test_areas_of_zones_are_called_so():
    for z in (Zones.from_labels(labels([[1, 2], [1, 2]])), Zones.from_areas(EXTENT, unit="km2")):
        assert z.zone_area().name == "area_m2"
        assert z.zone_area().index.name in ("code", "zone")


def test_many_labels_without_a_row_are_counted():
    values = np.arange(24).reshape(4, 6)
    told = found(Zones.from_labels, labels(values), pd.DataFrame({"code": [23]}))
    assert len(told) == 21
    assert told[0][1].startswith("label 0 has no row in the table (1 cells, 0.9")
    assert told[-1] == ("zones", "and 3 more labels without a row")
    told = found(Zones.from_labels, labels(values), pd.DataFrame({"code": range(20, 24)}))
    assert [what for _, what in told][-1].startswith("label 19 has no row")
    assert len(told) == 20


def test_labels_without_a_row_are_measured_alone():
    told = found(Zones.from_labels, labels([[1, 1], [5, 0]]), pd.DataFrame({"code": [1]}), nodata=0)
    assert [what.partition(" km2")[0][:-3] for _, what in told] == [
        "label 5 has no row in the table (1 cells, 0.9"
    ]


def test_a_raster_without_a_georeference_is_named():
    with pytest.raises(GridError, match=r"^labels: "):
        Zones.from_labels(xr.DataArray(np.ones((2, 2), int), dims=("lat", "lon")))
    pytest.importorskip("geopandas")
    import geopandas

    with pytest.raises(GridError, match=r"^like: "):
        Zones.from_polygons(geopandas.GeoDataFrame({"code": []}), like=xr.DataArray(np.ones((2, 2))))


def test_polygons_have_names_and_a_region_and_are_repaired_alone():
    geopandas = pytest.importorskip("geopandas")
    from shapely.geometry import Polygon, box

    bow = Polygon([(111.05, 40.97), (111.09, 41.01), (111.09, 40.97), (111.05, 41.01)])
    shapes = geopandas.GeoDataFrame(
        {"code": ["a", "b"], "name": ["A", "B"]}, geometry=[box(110.9, 40.9, 111.04, 41.1), bow], crs=4326
    )
    z = Zones.from_polygons(shapes, like=labels(np.ones((10, 10), int)))
    assert (z.names, z.region) == (["A", "B"], "region")
    assert z.findings[0] == "repaired invalid polygons of b"


# Finding zones ------------------------------------------------------------------------------------

NAMED = pd.DataFrame(
    {"code": [1, 2, 3, 4], "name": ["River", "River", "Rivers", "Hill"], "belt": list("wwee")}
)


def test_a_name_of_several_zones_is_refused_with_their_codes():
    z = Zones.from_labels(labels([[1, 2], [3, 4]]), NAMED, levels=("belt",), region="Demo")
    assert found(z.resolve, "River") == [("Demo", "2 zones have the name 'River'")]
    assert z.resolve_all("River") == "1, 2"
    assert z.resolve("Hill") == z.resolve(4) == "4"
    with pytest.raises(ZoneError, match=r"did you mean Rivers \(3\), River \(1, 2\)\?"):
        z.resolve("Riverss")
    with pytest.raises(ZoneError, match=r"did you mean Hill \(4\)\?"):
        z.resolve("Hxxxl l")
    with pytest.raises(ZoneError, match=r"known are 1, 2, 3, 4"):
        z.resolve("Ocean")


def test_an_unknown_level_is_told_with_the_known():
    z = Zones.from_labels(labels([[1, 2], [3, 4]]), NAMED, levels=("belt",))
    with pytest.raises(ZoneError, match=r"there is no level 'county'; expected one of \['belt'\]"):
        z.by_level("county")
    with pytest.raises(ZoneError, match=r"expected zones built with levels="):
        Zones.from_labels(labels([[1, 2], [3, 4]]), NAMED).by_level("belt")


def test_a_notebook_shows_each_zone_with_its_area():
    table = NAMED.assign(county=list("klmn"))
    z = Zones.from_labels(labels([[1, 2], [3, 0]]), table, nodata=0, levels=("belt", "county"))
    assert "levels belt, county, " in repr(z)
    assert repr(z).endswith("; 2 findings)")
    html = z._repr_html_()
    assert f"<p>{'; '.join(z.findings)}</p>" in html
    for code, area in z.zone_area().items():
        assert f"<td>{code}</td><td>{z.table.loc[code, 'name']}</td>" in html
        assert f"<td>{area / 1e6:,.2f}</td></tr>" in html
