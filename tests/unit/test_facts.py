"""Facts that indicators divide by: area, population, GDP."""

import numpy as np
import pandas as pd
import pytest

import gep
from gep.errors import GepError, ZoneError

ZONES = ("150105101", "150105102", "150105103", "150105104")


def test_areas_and_people_of_zones(case, ledger):
    km2 = case.cell_km2()
    for zone in ZONES:
        assert ledger.zones.at[zone, "area_m2"] / 1e6 == pytest.approx(
            km2[np.equal(case.labels, int(zone))].sum(), rel=1e-9
        )
    assert ledger.zones["population"].tolist() == [1e4, 2e4, 3e4, 4e4]
    assert ledger.zones["county"].tolist() == ["甲县", "甲县", "乙县", "乙县"]


def test_people_in_other_units(case):
    people = [(z, "", n, "万人") for z, n in zip(ZONES, (1, 2, 3, 4), strict=True)]
    led = case.compile(case.inputs(rows=case.rows_with(population=people)))
    assert led.zones["population"].tolist() == [1e4, 2e4, 3e4, 4e4]


@pytest.mark.parametrize("unit", ["person", "person/km2"])
def test_people_from_a_grid_by_amount_or_density(case, unit):
    heads = np.full((12, 10), 50.0)
    heads[:, 9] = 1e6  # outside all zones
    inputs = case.inputs({"population": (heads, unit)}, rows=case.rows_with(population=[]))
    led = case.compile(inputs)
    weight = np.ones((12, 10)) if unit == "person" else case.cell_km2()
    expected = [(50.0 * weight)[np.equal(case.labels, int(z))].sum() for z in ZONES]
    assert led.zones["population"].tolist() == pytest.approx(expected, rel=1e-9)
    assert led.per_capita("CNY/person") == pytest.approx(led.total("CNY") / sum(expected), rel=1e-9)


def test_a_population_grid_with_turned_dimensions_is_the_same(case):
    heads = np.arange(120.0).reshape(12, 10)
    rows = case.rows_with(population=[])
    turned = case.grid(heads, "person").transpose("lon", "lat")
    led = case.compile(case.inputs({"population": turned}, rows=rows))
    expected = [heads[np.equal(case.labels, int(z))].sum() for z in ZONES]
    assert led.zones["population"].tolist() == pytest.approx(expected, rel=1e-12)


def test_people_on_land_without_a_class_are_people_of_the_zone(case):
    cover = case.cover.copy()
    cover[11, 0:2] = 0
    inputs = case.inputs(
        {"population": (np.full((12, 10), 50.0), "person")}, rows=case.rows_with(population=[])
    )
    inputs.add_land_cover(case.grid(cover), gep.Crosswalk("own", case.classes, (0,)), status="published")
    assert case.compile(inputs).zones.at[ZONES[2], "population"] == 28 * 50.0


def test_holes_of_a_population_grid_are_no_holes_of_services(case):
    heads = np.full((12, 10), 50.0)
    heads[0, 0:3] = np.nan
    led = case.compile(case.inputs({"population": (heads, "person")}, rows=case.rows_with(population=[])))
    assert led.by("zone")["not_covered_km2"].sum() == 0.0
    assert led.zones.loc[ZONES[0], "population"] == 22 * 50.0


def test_gdp_is_carried_to_the_money_of_the_account(case):
    assert case.compile().region["gdp"] == pytest.approx(50e8)
    later = case.compile(price_year=2015, deflator="chn-cpi")
    factor = 1.05553899 * 1.02619524 * 1.0262105 * 1.01921642 * 1.01437024
    assert later.region["gdp"] == pytest.approx(50e8 * factor, rel=1e-12)


def test_people_of_the_region_and_of_its_zones_may_stand_side_by_side(case):
    people = [("", "", 12.0, "万人"), *((z, "", 1.0, "万人") for z in ZONES)]
    led = case.compile(case.inputs(rows=case.rows_with(population=people)))
    assert led.region["population"] == 12e4
    assert led.zones["population"].sum() == 4e4
    assert "population 120,000" in str(led.per_capita())


def test_unknown_zones_of_a_fact_are_named(case):
    people = [("150105999", "", 1.0, "person")]
    with pytest.raises(GepError, match="150105999' is not known"):
        case.compile(case.inputs(rows=case.rows_with(population=people)))


def test_a_zone_without_people_is_named_when_per_head_is_asked(case):
    led = case.compile(
        case.inputs(rows=case.rows_with(population=[(z, "", 5.0, "person") for z in ZONES[:2]]))
    )
    for ask in (led.per_capita, lambda: led.per_capita(by="zone"), lambda: led.per_capita(by="county")):
        with pytest.raises(
            ZoneError, match="2 zones have no population: 150105103 南乡, 150105104 东镇"
        ) as caught:
            ask()
        assert "population [person]" in caught.value.faults[0].fix


def test_a_population_of_the_region_that_is_missing_is_not_a_number_to_divide_by(case):
    table = pd.DataFrame(
        {"variable": ["population"], "value": [""], "unit": ["person"], "status": ["published"]}
    )
    inputs = case.inputs(rows=case.rows_with(population=[]))
    inputs.add_table(table)
    with pytest.raises(GepError, match="population"):
        case.compile(inputs).per_capita()


def test_a_zone_where_nobody_lives_has_no_figure_per_head(case):
    people = [(z, "", float(n), "person") for n, z in enumerate(ZONES)]
    led = case.compile(case.inputs(rows=case.rows_with(population=people)))
    found = led.per_capita("元/person", by="zone")["value"]
    assert np.isnan(found[ZONES[0]])
    assert found[ZONES[1]] == pytest.approx(led.total("CNY", zone=ZONES[1]), rel=1e-14)


def test_a_zone_without_cells_stays(case):
    empty = {"code": "150105109", "name": "空", "county": "乙县", "belt": "west"}
    table = pd.concat([case.zones().table.reset_index(), pd.DataFrame([empty])])
    led = case.compile(zones=case.zones(table))
    assert led.zones.at["150105109", "area_m2"] == 0.0
    assert np.isnan(led.by("zone").loc["150105109", "value"])
    assert "without a cell, kept as missing: 150105109" in led.meta.findings


def test_stated_areas_come_from_inputs_or_from_the_zones(case):
    stated = case.rows_with(stated_area=[(z, "", 30.0, "km2") for z in ZONES])
    led = case.compile(case.inputs(rows=stated))
    assert led.zones["stated_area_m2"].tolist() == [30e6] * 4
    labels = case.grid(case.labels)
    table = pd.DataFrame({"code": [int(z) for z in ZONES], "km2": [20.0] * 4})
    zones = gep.Zones.from_labels(labels, table, nodata=0, stated_area="km2", stated_area_unit="km2")
    assert case.compile(zones=zones).zones["stated_area_m2"].tolist() == [20e6] * 4
