"""Inputs: grids and tables, every number with a unit and a status; missing is never zero."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gep import Inputs
from gep.errors import GepError, GridError, PriceYearError, TableError, UnitError
from gep.prices import Deflator, Money
from gep.tables import weakest

LONG = ["variable", "zone", "value", "unit"]


def same(unit):
    return 1.0, unit


def long(*rows, columns=LONG):
    return pd.DataFrame(list(rows), columns=columns)


def taken(table, **options):
    inputs = Inputs()
    inputs.add_table(table, **{"status": "published", **options})
    return inputs


def csv(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


# Tables -------------------------------------------------------------------------------------------


def test_long_and_wide_tables_say_the_same(tmp_path):
    of_rows = taken(long(("population", "a", 1.0, "万人"), ("population", "b", 2.0, "万人")))
    headers = taken(pd.DataFrame({"zone": ["a", "b"], "population [万人]": [1.0, 2.0]}))
    named = taken(pd.DataFrame({"zone": ["a", "b"], "population": [1, 2]}), units={"population": "万人"})
    file = taken(csv(tmp_path / "p.csv", "zone,population [万人]\na,1\nb,2.0\n"))
    for other in (headers, named, file):
        pd.testing.assert_frame_equal(other.rows.drop(columns="origin"), of_rows.rows.drop(columns="origin"))
        assert other.hashes() == of_rows.hashes()


def test_a_column_without_unit_is_refused():
    with pytest.raises(UnitError, match="column 'population' has no unit") as caught:
        taken(pd.DataFrame({"zone": ["a"], "population": [1.0], "gdp": [1.0]}))
    assert len(caught.value.faults) == 2
    assert "population [t/year]" in caught.value.faults[0].expected


@pytest.mark.parametrize("unit", ["", None, float("nan"), "-"])
def test_a_row_without_unit_is_refused(unit):
    with pytest.raises(TableError, match="unit") as caught:
        taken(long(("population", "a", 1.0, unit)))
    assert "frame row 0" in caught.value.faults[0].where
    assert "a pure number says '1'" in caught.value.faults[0].expected


def test_all_faults_of_a_table_come_at_once_with_their_lines(tmp_path):
    path = csv(
        tmp_path / "t.csv",
        "variable,zone,value,unit,status\n"
        "crop_output,a,1,t/year,published\n"
        'crop_output,b,"1,234",t/year,published\n'
        "crop_output,c,5,kt/year,published\n"
        "crop_output,d,5,,published\n"
        "crop_output,a,7,t/year,published\n"
        "crop_price,,2,元/kg,published\n"
        "crop_output,e,5,t/year,guessed\n",
    )
    with pytest.raises(TableError, match="6 faults") as caught:
        Inputs(tables=[path])
    found = {f.where: f.what for f in caught.value.faults}
    assert set(found) == {f"t.csv:{line}" for line in range(3, 9)}
    assert "'1,234' is not a number" in found["t.csv:3"]
    assert "refused" in found["t.csv:4"]
    assert "given twice, first in t.csv:2" in found["t.csv:6"]
    assert "without a price year" in found["t.csv:7"]
    assert "status 'guessed'" in found["t.csv:8"]
    assert "thousands separators" in str(caught.value)


def test_a_byte_order_mark_and_blank_lines_do_no_harm(tmp_path):
    path = csv(tmp_path / "t.csv", "\ufeffvariable,zone,value,unit\npopulation,a,3,person\n,,,\n")
    assert taken(path).array("population", same)[0].sel(zone="a") == 3.0


def test_a_file_in_another_encoding_is_named(tmp_path):
    with pytest.raises(TableError, match=r"gbk\.csv.*save it as CSV UTF-8"):
        taken(csv(tmp_path / "gbk.csv", "variable,value,unit\n人口,3,人\n", "gbk"))


def test_a_row_with_too_many_cells_is_refused(tmp_path):
    with pytest.raises(TableError, match="more cells than the header"):
        taken(csv(tmp_path / "t.csv", "variable,value,unit\npopulation,3,person,oops\n"))


@pytest.mark.parametrize("cell", [None, "", "  ", float("nan"), pd.NA, "NA", "nan"])
def test_an_empty_cell_is_missing_and_not_zero(cell):
    rows = long(("population", "a", cell, "person"), ("population", "b", 0, "person"))
    found, _ = taken(rows.assign(status="published")).array("population", same)
    assert np.isnan(found).to_numpy().tolist() == [True, False]
    assert found.sel(zone="b") == 0.0


def test_a_variable_of_a_template_that_nobody_filled_in_is_passed_over_and_kept_in_mind():
    inputs = taken(long(("population", "a", "", "person"), ("stated_area", "b", 2, "km2")))
    assert inputs.rows["zone"].tolist() == ["b"]
    assert inputs.unfilled == ["population"]


def test_a_gap_among_filled_rows_is_missing_and_not_passed_over():
    inputs = taken(long(("population", "a", "", "person"), ("population", "b", 0, "person")))
    assert inputs.rows["value"].isna().tolist() == [True, False]
    assert inputs.unfilled == []


def test_columns_that_nobody_reads_are_refused(tmp_path):
    rows = long(("population", "a", 1.0, "person")).rename(columns={"zone": "Zone"})
    with pytest.raises(TableError, match="column 'Zone' is not read; expected 'zone'"):
        taken(rows.assign(year=2005))
    with pytest.raises(TableError, match="value stand twice"):
        taken(csv(tmp_path / "t.csv", "variable,value,value,unit\npopulation,1,2,person\n"))


def test_keys_in_the_index_of_a_frame_are_kept():
    rows = long(("population", "a", 1.0, "person")).set_index("zone")
    assert taken(rows).rows["zone"].tolist() == ["a"]


@pytest.mark.parametrize(("zone", "item"), [("合 计", ""), ("Total", ""), ("", "小计"), ("总和", "")])
def test_totals_beside_their_parts_are_refused(zone, item):
    rows = long(("population", zone, 1.0, "person")).assign(item=item)
    with pytest.raises(TableError, match="is a total beside its parts"):
        taken(rows)


def test_land_cover_needs_a_crosswalk():
    with pytest.raises(TableError, match="without a crosswalk"):
        Inputs(land_cover=xr.DataArray(np.ones((2, 2), "int16"), dims=("y", "x")), status="published")


def test_codes_survive_a_column_of_floats():
    frame = pd.DataFrame({"zone": [150105101.0, 150105102.0], "population [person]": [1, 2]})
    assert taken(frame).rows["zone"].tolist() == ["150105101", "150105102"]


def test_leading_zeros_of_text_codes_stay(tmp_path):
    assert taken(csv(tmp_path / "t.csv", "zone,population [person]\n0101,5\n")).rows["zone"].tolist() == [
        "0101"
    ]


def test_duplicates_are_refused_across_tables_too():
    inputs = taken(long(("population", "a", 1.0, "person")))
    with pytest.raises(TableError, match="population / a is given twice, first in frame row 0"):
        inputs.add_table(long(("population", "a", 2.0, "person")), status="published")
    assert len(inputs.rows) == 1


def test_a_price_year_can_be_given_for_a_whole_table():
    inputs = taken(long(("gdp", "", 1.0, "亿元/year")), price_year=2018)
    assert inputs.rows["unit"].tolist() == ["10^8 CNY_2018/year"]


def test_half_with_zone_and_half_without_is_refused():
    inputs = taken(long(("visits", "a", 1.0, "visit/year"), ("visits", "", 2.0, "visit/year")))
    with pytest.raises(TableError, match="some rows have a zone and others have none") as caught:
        inputs.array("visits", same)
    assert caught.value.faults[0].where == "frame row 1"


def test_rows_in_several_units_meet_in_the_first():
    rows = long(("crop_output", "a", 1.0, "万t/year"), ("crop_output", "b", 500.0, "t/year"))
    found, _ = taken(rows).array("crop_output", same)
    assert found.attrs["units"] == "10^4 t/year"
    assert found.to_numpy().tolist() == [1.0, 0.05]


def test_rows_of_two_price_years_meet_only_through_a_deflator():
    rows = long(("crop_price", "a", 3.0, "CNY_2015/t"), ("crop_price", "b", 3.0, "CNY_2020/t"))
    inputs = taken(rows)
    with pytest.raises(PriceYearError, match="CNY_2015 and CNY_2020"):
        inputs.array("crop_price", Money("CNY_2020").convert)
    cpi = Deflator.shipped("chn-cpi")
    found, _ = inputs.array("crop_price", Money("CNY_2020", cpi).convert)
    rise = 1.02000002 * 1.01593136 * 1.0207479 * 1.02899234 * 1.02419422  # 2016 to 2020, as published
    assert found.to_numpy().tolist() == pytest.approx([3.0 * rise, 3.0], rel=1e-12)
    assert found.attrs["units"] == "CNY_2020/t"


def test_combinations_without_a_row_are_missing():
    columns = ["variable", "zone", "item", "value", "unit"]
    rows = long(
        ("flood_storage", "a", "lake", 1.0, "m3/year"),
        ("flood_storage", "b", "marsh", 2.0, "m3/year"),
        columns=columns,
    )
    found, _ = taken(rows).array("flood_storage", same)
    assert found.sel(zone="a", item="lake") == 1.0
    assert int(np.isnan(found).sum()) == 2
    one, _ = taken(rows).array("flood_storage", same, "marsh")
    assert one.dims == ("zone",)
    with pytest.raises(TableError, match="no rows for item 'reef'"):
        taken(rows).array("flood_storage", same, "reef")


# Status -------------------------------------------------------------------------------------------


def test_a_status_is_required():
    with pytest.raises(TableError, match="does not say how it is known"):
        Inputs(tables=[long(("population", "a", 1.0, "person"))])
    grid = xr.DataArray(np.ones((2, 2)), dims=("lat", "lon"), attrs={"units": "mm/year"})
    with pytest.raises(GepError, match="does not say how it is known"):
        Inputs({"precipitation": grid})
    with pytest.raises(TableError, match="land_cover"):
        Inputs(land_cover=grid.astype("uint8"), crosswalk={1: "forest"})


def test_the_weakest_status_wins():
    columns = [*LONG, "status"]
    rows = long(
        ("population", "a", 1.0, "person", "published"),
        ("population", "b", 1.0, "person", "illustrative"),
        columns=columns,
    )
    assert Inputs(tables=[rows]).array("population", same)[1] == "illustrative"
    assert weakest([]) == ""


# Grids --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "attrs", "says"),
    [
        (np.ones((2, 2)), {}, "precipitation has no unit"),
        (np.ones((2, 2)), {"units": "-"}, "says nothing"),
        (np.ones((2, 2)), {"units": "mb"}, "millibarn"),
        (np.ones((3, 2, 2)), {"units": "mm/year"}, "two: rows and columns"),
        (np.full((2, 2), "x"), {"units": "mm/year"}, "expected numbers"),
    ],
)
def test_grids_that_cannot_be_taken(values, attrs, says):
    dims = ("band", "lat", "lon")[-values.ndim :]
    with pytest.raises(GepError) as caught:
        Inputs({"precipitation": xr.DataArray(values, dims=dims, attrs=attrs)}, status="published")
    assert says in str(caught.value)
    assert caught.value.faults[0].where == "grid precipitation"


def test_all_faults_of_a_dataset_come_at_once_and_its_georeference_is_passed_over():
    bare = xr.DataArray(np.ones((2, 2)), dims=("lat", "lon"))
    data = xr.Dataset({"precipitation": bare, "evapotranspiration": bare, "spatial_ref": xr.DataArray(0)})
    with pytest.raises(UnitError, match="2 faults"):
        Inputs(data, status="published")
    inputs = Inputs()
    inputs.add_grids(
        data, units=dict.fromkeys(["precipitation", "evapotranspiration"], "mm/year"), status="derived"
    )
    assert inputs.names() == {"precipitation", "evapotranspiration"}


@pytest.mark.parametrize("dtype", ["float32", "int16"])
def test_declared_fill_values_become_missing(dtype):
    grid = xr.DataArray(
        np.array([[1, -9999]], dtype), dims=("lat", "lon"), attrs={"units": "mm/year", "_FillValue": -9999}
    )
    found = Inputs({"precipitation": grid}, status="published").grids["precipitation"].data
    assert np.isnan(found).to_numpy().tolist() == [[False, True]]


def test_land_cover_must_be_whole_numbers():
    codes = xr.DataArray(np.array([[1.0, 1.5]]), dims=("lat", "lon"))
    with pytest.raises(TableError, match="not whole numbers"):
        Inputs(land_cover=codes, crosswalk={1: "forest"}, status="published")


def test_declared_nodata_of_land_cover_joins_the_crosswalk():
    codes = xr.DataArray(np.array([[1, 255]], "uint8"), dims=("lat", "lon"), attrs={"_FillValue": 255})
    assert Inputs(land_cover=codes, crosswalk={1: "forest"}, status="published").crosswalk.nodata == (255,)


# Hashes -------------------------------------------------------------------------------------------


def test_hashes_follow_the_content(case):
    first = case.inputs().hashes()
    assert case.inputs().hashes() == first
    changed = case.values("precipitation")
    changed[0, 0] += 1e-9
    rows = case.rows_with(gdp=[("", "", 50.5, "亿元_2010/year")])
    second = case.inputs({"precipitation": changed}, rows=rows).hashes()
    assert {name for name in first if first[name] != second[name]} == {"precipitation", "gdp"}
    third = case.inputs({"precipitation": (case.values("precipitation"), "m/year")}).hashes()
    assert third["precipitation"] != first["precipitation"]


def test_the_order_of_rows_does_not_change_a_hash():
    rows = [("population", "a", 1.0, "person"), ("population", "b", 2.0, "person")]
    assert taken(long(*rows)).hashes() == taken(long(*rows[::-1])).hashes()


def test_the_repr_lists_what_is_there(case):
    text = repr(case.inputs())
    assert "land cover by own" in text
    assert "population (4)" in text


@pytest.mark.parametrize(("fill", "missing"), [("-9999", 1), ([-9999.0, -1.0], 2), (np.array([-9999.0]), 1)])
def test_fills_are_read_however_they_are_declared(fill, missing):
    rain = xr.DataArray([[-9999.0, -1.0], [3.0, 4.0]], dims=("y", "x"), attrs={"units": "mm/year"})
    taken_grid = Inputs({"precipitation": rain.assign_attrs(_FillValue=fill)}, status="published")
    assert int(np.isnan(taken_grid.grids["precipitation"].data).sum()) == missing
    with pytest.raises(GridError, match="land_cover: it declares _FillValue = 'none'"):
        Inputs(land_cover=rain.assign_attrs(_FillValue="none"), crosswalk="clcd", status="published")
