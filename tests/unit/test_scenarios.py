"""Scenarios: what each change does to the arguments and to the account, and what is refused."""

import copy

import numpy as np
import pandas as pd
import pytest

import gep
from gep.errors import LedgerError, TableError
from gep.scenarios import (
    Change,
    Coefficients,
    Convert,
    Price,
    Reclass,
    Scenario,
    compare,
    conversions,
    run,
)

FOREST, GRASS = "deciduous_broadleaf_forest", "temperate_steppe"


@pytest.fixture
def grid(case):
    return {
        "profile": case.profile, "inputs": case.inputs(), "zones": case.zones(), "year": 2010,
        "coefficients": case.table(),
    }  # fmt: skip


@pytest.fixture
def table(case, tables):
    zones, inputs = tables
    return {
        "profile": case.profile, "inputs": inputs, "zones": zones, "year": 2010, "coefficients": case.table()
    }  # fmt: skip


def total(ledger, service):
    return float(ledger.total("CNY", service=service))


def areas(args):
    return args["zones"].extent.set_index(["zone", "ecosystem"])["area_m2"] / 1e6


# Nothing -------------------------------------------------------------------------------------------


def test_an_empty_scenario_changes_nothing(grid):
    found = run(grid, [Scenario("nothing")])
    pd.testing.assert_frame_equal(found["nothing"].frame, found["base"].frame, check_exact=True)
    assert found["nothing"].meta == found["base"].meta
    assert Scenario("nothing").apply(grid) == grid


def test_what_is_given_is_not_touched(grid):
    before = copy.deepcopy(grid["inputs"].rows), grid["inputs"].land_cover.data.copy(deep=True)
    Scenario(
        "much", Price("crop_price", factor=3), Reclass(GRASS, FOREST), Change("precipitation", factor=2)
    ).apply(grid)
    pd.testing.assert_frame_equal(grid["inputs"].rows, before[0])
    assert (grid["inputs"].land_cover.data == before[1]).all()
    assert grid["inputs"].grids["precipitation"].status == "published"


# Land ----------------------------------------------------------------------------------------------


def test_shares_and_areas_of_a_table_are_converted_at_once(table):
    made = areas(
        Scenario(
            "s",
            Convert("forest", "grassland", share=0.5),
            Convert("grassland", "cropland", area=10, unit="km2"),
        ).apply(table)
    )
    assert made.to_dict() == pytest.approx(
        {("a", "forest"): 50, ("a", "cropland"): 50, ("b", "forest"): 15, ("b", "grassland"): 25,
         ("a", "grassland"): 50, ("b", "cropland"): 10}
    )  # fmt: skip
    assert made.sum() == pytest.approx(areas(table).sum())


def test_an_area_is_spread_by_what_there_is_and_a_zone_may_be_named(table):
    made = areas(Scenario("s", Convert("forest", "bare", area=13, unit="km2")).apply(table))
    assert made["a", "bare"] == pytest.approx(10)
    only = areas(Scenario("s", Convert("forest", "bare", area=1300, unit="ha", zone="乙")).apply(table))
    assert ("a", "bare") not in only
    assert only["b", "forest"] == pytest.approx(17)


def test_a_matrix_is_its_conversions():
    shares = pd.DataFrame([[0.9, 0.1], [0.0, 1.0]], index=["forest", "bare"], columns=["forest", "bare"])
    assert conversions(shares, "a") == [Convert("forest", "bare", share=0.1, zone="a")]


def test_all_faults_of_land_at_once(table):
    bad = Scenario(
        "bad",
        Convert("forest", "forrest", share=0.1),
        Convert("forest", "bare", share=0.6),
        Convert("forest", "cropland", share=0.6),
        Convert("lake", "bare", share=0.1),
        Convert("forest", "bare", share=1.2),
        Convert("forest", "bare", area=-1, unit="km2"),
        Convert("forest", "bare", area=1, unit="kg"),
        Convert("forest", "bare"),
        Convert("forest", "bare", share=0.1, zone="nowhere"),
        Reclass("forest", "bare"),
    )
    with pytest.raises(TableError) as caught:
        bad.apply(table)
    text = str(caught.value)
    for part in (
        "'forrest' is not known", "zone a: 120 km2 of forest are converted, there are 100",
        "there is no lake", "the share is 1.2", "-1 cannot be converted", "a share or an area",
        "no zone 'nowhere'", "no land-cover map",
    ):  # fmt: skip
        assert part in text, part


def test_a_map_follows_its_rules(grid, case):
    mask = case.grid((np.arange(12)[:, None] < 6) & np.ones((12, 10), bool))
    made = Scenario("s", Reclass(GRASS, FOREST, where=mask, zone="甲县"), Reclass(4, 3)).apply(grid)
    cover, was = made["inputs"].land_cover.data.to_numpy(), case.cover
    inside = np.isin(case.labels, [150105101, 150105102]) & (np.arange(12)[:, None] < 6)
    wanted = np.where((was == 2) & inside, 1, was)
    assert (cover == np.where(wanted == 4, 3, wanted)).all()
    assert cover.dtype == was.dtype
    assert made["inputs"].land_cover.status == "illustrative"
    ledger = Scenario("s", Reclass(GRASS, FOREST)).run(grid)
    assert GRASS not in set(ledger.extent["ecosystem"])
    assert any("do not follow the land" in f for f in ledger.meta.findings)


def test_all_faults_of_a_map_at_once(grid, case):
    mask = case.grid(np.ones((12, 10)), shift=0.3)
    bad = Scenario(
        "bad", Reclass(9, 1), Reclass(1, "lake"), Reclass(1, 2, where=mask),
        Convert("forest", "bare", share=0.1), Reclass(1, 2, zone="nowhere"),
        Reclass([1, 2], 3, where=case.grid(np.zeros((12, 10)))),
    )  # fmt: skip
    with pytest.raises(TableError) as caught:
        bad.apply(grid)
    text = str(caught.value)
    for part in (
        "no class 9",
        "no class 'lake'",
        "within a mask",
        "lie on a grid",
        "'nowhere'",
        "no cell is changed",
    ):
        assert part in text, part


# Numbers -------------------------------------------------------------------------------------------


def test_a_price_of_one_item(grid):
    led = run(grid, [Scenario("dear", Price("crop_price", item="maize", factor=1.5))])
    assert total(led["dear"], "crops") - total(led["base"], "crops") == pytest.approx(0.5 * 3.6e8)
    assert total(led["dear"], "livestock") == total(led["base"], "livestock")
    assert set(led["dear"].frame.query("service == 'crops'")["status"]) == {"illustrative"}


def test_growth_and_a_path_of_prices_to_another_year(grid):
    path = {2015: 3.0, 2020: 4.0}
    found = run(
        grid,
        [
            Scenario("growing", Price("crop_price", growth=0.02, since=2010), year=2020),
            Scenario("path", Price("crop_price", item="wheat", by_year=path, unit="CNY_2010/kg"), year=2020),
        ],
    )  # fmt: skip
    assert found["growing"].year == 2020
    assert found["growing"].price_year == "CNY_2010"
    assert total(found["growing"], "crops") == pytest.approx(4.1e8 * 1.02**10)
    assert total(found["path"], "crops") == pytest.approx(3.6e8 + 0.8e8)


def test_a_grid_and_a_zone_may_change(grid):
    made = Scenario(
        "dry", Change("precipitation", factor=0.9), Change("population", zone="南乡", value=5.0, unit="万人")
    ).apply(grid)
    rain = made["inputs"].grids["precipitation"]
    assert rain.data.mean() == pytest.approx(0.9 * grid["inputs"].grids["precipitation"].data.mean())
    assert (rain.status, rain.source) == ("illustrative", "invented; scenario dry")
    rows = made["inputs"].rows.query("variable == 'population'").set_index("zone")
    assert rows.loc["150105103", ["value", "status"]].tolist() == [5.0, "illustrative"]
    assert rows.loc["150105101", "value"] == 10000.0


def test_a_coefficient_by_name_shipped_or_own(grid):
    found = run(
        grid,
        [
            Scenario("dear", Price("reservoir_cost", factor=2.0), status="estimated", source="tender"),
            Scenario("fast", Change("nep_npp_ratio", ecosystem="forest", factor=1.5)),
        ],
    )
    assert total(found["dear"], "water_conservation") == pytest.approx(
        2 * total(found["base"], "water_conservation")
    )
    base, fast = (
        found[n].by("service", "ecosystem", unit="CNY")["value"]["carbon_sequestration"]
        for n in ("base", "fast")
    )
    assert (fast / base).to_dict() == pytest.approx({FOREST: 1.5, GRASS: 1.0})
    row = next(c for c in found["dear"].meta.coefficients if c["quantity"] == "reservoir_cost")
    assert (row["status"], row["id"]) == ("estimated", "garze-2010/reservoir_cost (dear)")
    assert "x 2" in row["note_en"]


def test_rows_of_ones_own_stand_in_place_of_the_base(grid, case):
    rows = case.coefficients([("new", "nep_npp_ratio", 0.3, "1", "forest")])
    made = Scenario("s", Coefficients(rows)).run(grid)
    row = next(
        c for c in made.meta.coefficients if c["ecosystem"] == "forest" and c["quantity"] == "nep_npp_ratio"
    )
    assert (row["id"], row["value"]) == ("new (s)", 0.3)
    assert total(made, "soil_retention") == total(run(grid, [])["base"], "soil_retention")


def test_all_faults_of_numbers_at_once(grid, case):
    unused = case.coefficients([("x", "dust_uptake", 1.0, "t/ha/year", "")])
    bad = Scenario(
        "bad",
        Price("crop_price", item="rice", factor=2),
        Price("crop_output", factor=2),
        Price("crop_prise", factor=2),
        Change("visits", factor=2, value=3),
        Change("visits", growth=0.1),
        Change("visits", by_year={2030: 1.0}),
        Change("visits", value=3.0, unit="t"),
        Change("visits", factor=float("nan")),
        Change("gdp", zone="150105101", factor=2),
        Change("precipitation", zone="150105101", factor=2),
        Coefficients(unused),
    )
    with pytest.raises(TableError) as caught:
        bad.apply(grid)
    text = str(caught.value)
    for part in (
        "no quantity of 'rice'", "crop_output is no price", "no input or coefficient 'crop_prise'",
        "not one way", "growth since when", "no value for 2010", "t in place of", "without end",
        "no row is changed", "changed as a whole",
    ):  # fmt: skip
        assert part in text, part


def test_an_input_that_no_service_uses_is_refused(grid, case):
    grid["profile"] = case.profile.using(tourism=False)
    with pytest.raises(TableError, match="no service of the account uses visits"):
        Scenario("s", Change("visits", factor=2)).apply(grid)


# Several -------------------------------------------------------------------------------------------


def test_faults_of_all_scenarios_come_before_anything_is_computed(table):
    wrong = [
        Scenario("one", Convert("lake", "bare", share=0.1)),
        Scenario("two", Price("x", factor=1)),
        Scenario("two"),
    ]
    with pytest.raises(TableError, match="3 faults") as caught:
        run(table, wrong)
    assert "scenario one: " in str(caught.value)
    assert "'two' is the name of several" in str(caught.value)


def test_provenance_names_the_scenario(grid):
    led = Scenario("dear", Price("crop_price", factor=1.5)).run(grid)
    assert led.meta.findings[0] == "scenario dear: crop_price x 1.5 [illustrative]"
    assert led.meta.profile["scenario"] == "dear"
    entry = next(i for i in led.meta.inputs if i["name"] == "crop_price")
    assert (entry["status"], "scenario dear" in entry["source"]) == ("illustrative", True)
    assert "changed: scenario dear" in str(led.explain("crops"))
    assert "dear" in repr(Scenario("dear", Price("crop_price", factor=1.5)))


def test_a_scenario_that_changes_no_value_says_so(grid):
    led = run(grid, [Scenario("heads", Change("population", factor=2))])["heads"]
    assert led.meta.findings[0] == "scenario heads: no value differs from the base"


def test_comparing(grid, case):
    found = run(grid, [Scenario("dear", Price("crop_price", factor=1.5)), Scenario("same")])
    by = compare(found, by="service", unit="CNY")
    assert by.loc[("dear", "crops"), ["base", "value", "difference", "relative"]].tolist() == pytest.approx(
        [4.1e8, 6.15e8, 2.05e8, 0.5]
    )
    assert (by.loc["same", "difference"] == 0).all()
    assert by.attrs["units"] == "CNY (CNY_2010)"
    whole = compare(found, by=(), unit="CNY")
    assert whole.loc["dear", "difference"] == pytest.approx(2.05e8)
    assert "农业产品" in compare(found, labels="zh").loc["dear"].index
    found["less"] = case.compile(profile=case.profile.using(crops=False))
    assert compare(found).loc[("less", "crops"), "note"] == "not in the scenario"
    gap = case.rows_with(livestock_net_output=[(z, "", None if z == "150105101" else 1.0, "亿元_2010/year")
                                               for z in grid["zones"].codes])  # fmt: skip
    found["gap"] = case.compile(case.inputs(rows=gap))
    assert compare(found).loc[("gap", "livestock"), "note"] == "1 rows missing here"


def test_accounts_that_cannot_be_compared(grid, case, ledger):
    with pytest.raises(LedgerError, match="nothing beside"):
        compare({"one": ledger})
    with pytest.raises(LedgerError, match="no account"):
        compare({"one": ledger}, base="two")
    later = case.compile(price_year=2015, deflator="chn-cpi")
    with pytest.raises(LedgerError, match="several price years"):
        compare({"one": ledger, "two": later})


@pytest.mark.parametrize(
    "make",
    [
        lambda: Scenario(" "),
        lambda: Scenario("s", status="guessed"),
        lambda: Scenario("s", 3),
        lambda: Scenario("s").apply({"profile": None}),
    ],
)
def test_scenarios_that_are_none(make):
    with pytest.raises(gep.GepError):
        make()
