"""Every value is counted once and goes somewhere: what a table could count twice or lose is refused."""

import numpy as np
import pandas as pd
import pytest

import gep
from gep.errors import DoesNotAddUp, GepError, LedgerError, TableError, UnitError, ZoneError
from tests.conftest import rows_with

MEE = gep.load_profile("mee-2020")


def test_one_total_does_not_meet_items(case, demo):
    rows = rows_with(visit_spending=[("", "a", 20.0, "CNY_2010/visit"), ("", "b", 300.0, "CNY_2010/visit")])
    with pytest.raises(TableError, match=r"is one total.*by item"):
        case.compile(case.inputs(rows=rows), profile=demo.only("tourism"))


def test_the_value_of_a_county_does_not_vanish_where_its_key_is_zero(case, demo):
    cover = case.cover.copy()
    cover[5:] = np.where(cover[5:] == 3, 2, cover[5:])
    rows = rows_with(
        crop_output=[("甲县", "maize", 10.0, "万t/year"), ("乙县", "maize", 8.0, "万t/year")],
        crop_price=[("", "maize", 2.0, "CNY_2010/kg")],
    )
    with pytest.raises(DoesNotAddUp, match="zero throughout 乙县"):
        case.compile(case.inputs(rows=rows, cover=cover), profile=demo.only("crops"))


def test_a_hole_is_told_by_every_service_that_rests_on_it(case):
    npp = case.values("net_primary_production")
    npp[3:9] = np.nan
    own = case.table([("own/oxygen", "oxygen_price", 400.0, "CNY_2010/tO2", "")])
    ledger = case.compile(
        case.inputs({"net_primary_production": npp}), profile=MEE.only("oxygen_release"), coefficients=own
    )
    assert ledger.by("service").loc["oxygen_release", "not_covered_km2"] > 20
    assert "net_primary_production missing" in str(ledger.total(service="oxygen_release"))


def test_the_region_has_one_value_by_whatever_name(case, demo):
    rows = rows_with(visits=[("", "", 50.0, "万人次/year"), ("全区", "", 80.0, "万人次/year")])
    with pytest.raises(TableError, match="given for the region twice"):
        case.compile(case.inputs(rows=rows), profile=demo.only("tourism"))
    rows = rows_with(gdp=[("", "", 5.0, "亿元_2010/year"), ("全区", "", 5.0, "亿元_2010/year")])
    with pytest.raises(TableError, match="given for the region twice"):
        case.compile(case.inputs(rows=rows))


def test_an_ecosystem_does_not_stand_beside_a_part_of_itself(case, demo):
    rows = [
        ("water_retained", "forest", 10.0, "万m3/year"),
        ("water_retained", "deciduous_broadleaf_forest", 10.0, "万m3/year"),
    ]
    report = case.check(_by_ecosystem(case, rows), profile=demo.only("water_conservation"))
    assert "is a part of forest, both are given" in str(report)


def test_ecosystems_that_a_service_leaves_out_are_not_counted(case, demo):
    rows = [("water_retained", "cropland", 10.0, "万m3/year")]
    with pytest.raises(GepError, match="cropland, which water_conservation leaves out"):
        case.compile(_by_ecosystem(case, rows), profile=demo.only("water_conservation"))


def _by_ecosystem(case, rows):
    inputs = case.inputs()
    for name in ("precipitation", "evapotranspiration"):
        inputs.grids.pop(name)
    columns = ["variable", "ecosystem", "value", "unit"]
    inputs.add_table(pd.DataFrame(rows, columns=columns), status="illustrative")
    return inputs


@pytest.mark.parametrize("name", ["gdp", "population"])
def test_a_part_of_a_fact_is_not_the_fact(case, name):
    unit = {"gdp": "亿元_2010/year", "population": "person"}[name]
    with pytest.raises(TableError, match=f"{name} is given by item"):
        case.compile(case.inputs(rows=rows_with(**{name: [("", "primary", 10.0, unit)]})))


def test_every_group_of_a_key_is_known(case):
    with pytest.raises(ZoneError, match="names no ecosystem: grasland"):
        case.compile(allocate={"tourism": "area:forest+grasland"})


@pytest.mark.parametrize("value", [-9999.0, -1.0])
def test_no_price_is_a_fill_value_or_negative(case, value):
    rows = rows_with(visit_spending=[("", "", value, "CNY_2010/visit")])
    with pytest.raises(UnitError, match=f"{value:g} CNY_2010/visit"):
        case.compile(case.inputs(rows=rows))


def test_a_fill_value_in_a_flow_of_money_is_refused(case):
    rows = rows_with(livestock_net_output=[("", "", -9999.0, "万元_2010/year")])
    with pytest.raises(UnitError, match=r"-9999 .*a fill value"):
        case.compile(case.inputs(rows=rows))


def test_a_price_by_item_needs_a_quantity_by_item(case, demo):
    rows = rows_with(crop_output=[("", "", 20.0, "万t/year")])
    with pytest.raises(LedgerError, match="the price of output differs by item"):
        case.compile(case.inputs(rows=rows), profile=demo.only("crops"))


def test_a_population_that_its_zones_do_not_add_up_to_is_noted(case):
    zones = [(f"1501051{i:02d}", "", 10000.0 * i, "person") for i in range(1, 5)]
    noted = case.compile(case.inputs(rows=rows_with(population=[*zones, ("", "", 1e6, "person")])))
    assert any("its zones add up to 100,000 person" in note for note in noted.meta.findings)
    same = case.compile(case.inputs(rows=rows_with(population=[*zones, ("", "", 1.005e5, "person")])))
    assert not any("its zones add up to" in note for note in same.meta.findings)
