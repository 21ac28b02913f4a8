"""Values known for a larger whole: spread by a stated key, closing exactly, or left where they are known."""

import math

import pandas as pd
import pytest

import gep
from gep.account.spread import read_key
from gep.errors import GepError, ZoneError
from gep.profiles.model import Ref, Spread

COUNTIES = [("甲县", "", 3.0, "亿元_2010/year"), ("乙县", "", 7.0, "亿元_2010/year")]


def test_keys_as_users_write_them():
    assert read_key("population", "tourism") == Spread(Ref("input", "population"))
    assert read_key("area", "tourism") == Spread(Ref("area", ""))
    assert read_key("area:forest+grassland", "tourism").among == ("forest", "grassland")


def test_without_a_key_a_value_of_the_region_stays_there_and_is_shown(ledger):
    rows = ledger.frame[ledger.frame["service"] == "tourism"]
    assert rows["zone"].tolist() == ["全区"]
    assert ledger.by("zone", unit="CNY").loc["全区", "value"] == pytest.approx(32.5e6)
    assert ledger.by("zone").index.tolist() == [*ledger.zones.index, "全区"]


def test_population_spreads_the_region_by_hand(case):
    led = case.compile(allocate={"tourism": "population"})
    found = led.frame[led.frame["service"] == "tourism"].set_index("zone")["value"]
    assert found.to_list() == pytest.approx([3.25e6, 6.5e6, 9.75e6, 13e6], rel=1e-14)
    assert set(led.frame["zone"]) == set(led.zones.index)
    assert "by input:population" in led.frame.loc[led.frame["service"] == "tourism", "spread"].iloc[0]


def test_a_key_leaves_its_mark_on_status_and_trace(case):
    """A figure is only as good as its weakest input, and a key is an input."""
    people = pd.DataFrame({"zone": case.zones().codes, "population [person]": [1, 2, 3, 4]})
    inputs = case.inputs(rows=case.rows_with(population=[]))
    inputs.add_table(people, status="illustrative")
    led = case.compile(inputs, allocate={"tourism": "population"})
    row = led.frame[led.frame["service"] == "tourism"].iloc[0]
    assert "population" in led.meta.runs["tourism.recreation"]["inputs"]
    assert row["status"] == "illustrative"


def test_area_spreads_by_the_extent(case):
    led = case.compile(allocate={"tourism": "area:deciduous_broadleaf_forest+temperate_steppe"})
    km2 = case.cell_km2() * (case.cover <= 2)
    found = led.frame[led.frame["service"] == "tourism"].set_index("zone")["value"]
    whole = km2[case.labels > 0].sum()
    for zone, value in found.items():
        share = km2[case.labels == int(zone)].sum() / whole
        assert value == pytest.approx(32.5e6 * share, rel=1e-9)
    assert math.fsum(found) == pytest.approx(32.5e6, rel=1e-14)


@pytest.mark.parametrize("key", ["area", "population", "area:cropland"])
def test_county_statistics_close_exactly_on_the_county(case, key):
    led = case.compile(
        case.inputs(rows=case.rows_with(livestock_net_output=COUNTIES)), allocate={"livestock": key}
    )
    rows = led.frame[led.frame["service"] == "livestock"].join(led.zones["county"], on="zone")
    assert len(rows) == 4
    for county, value in (("甲县", 3e8), ("乙县", 7e8)):
        assert math.fsum(rows.loc[rows["county"] == county, "value"]) == pytest.approx(value, rel=1e-15)
    assert rows["spread"].str.contains("from county to zones").all()


def test_county_statistics_by_population_by_hand(case):
    led = case.compile(
        case.inputs(rows=case.rows_with(livestock_net_output=COUNTIES)), allocate={"livestock": "population"}
    )
    found = led.frame[led.frame["service"] == "livestock"]["value"].to_list()
    assert found == pytest.approx([1e8, 2e8, 3e8, 4e8], rel=1e-14)  # 3 by 1:2, 7 by 3:4


def test_the_second_level_works_as_the_first(case):
    belts = [("west", "", 4.0, "亿元_2010/year"), ("east", "", 6.0, "亿元_2010/year")]
    led = case.compile(
        case.inputs(rows=case.rows_with(livestock_net_output=belts)), allocate={"livestock": "population"}
    )
    found = led.frame[led.frame["service"] == "livestock"]["value"].to_list()
    assert found == pytest.approx([1e8, 2e8, 3e8, 4e8], rel=1e-14)  # 4 by 1:3, 6 by 2:4


def test_a_county_without_a_figure_stays_missing(case):
    inputs = case.inputs(rows=case.rows_with(livestock_net_output=COUNTIES[:1]))
    led = case.compile(inputs, allocate={"livestock": "population"})
    rows = led.frame[led.frame["service"] == "livestock"].set_index("zone")["value"]
    assert rows.isna().to_list() == [False, False, True, True]


def test_county_statistics_without_a_key_are_refused(case):
    with pytest.raises(GepError, match="known by county") as caught:
        case.compile(case.inputs(rows=case.rows_with(livestock_net_output=COUNTIES)))
    assert "allocate=" in str(caught.value)


def test_unknown_zones_are_named(case):
    rows = case.rows_with(livestock_net_output=[("东镇", "", 1.0, "亿元_2010/year")])
    with pytest.raises(GepError, match="东镇' is not known") as caught:
        case.compile(case.inputs(rows=rows))
    assert "keyed by code, not by name" in str(caught.value)


@pytest.mark.parametrize(
    ("people", "says"),
    [
        ([("150105101", "", 1.0, "person")], "no value for 150105102, 150105103, 150105104"),
        (
            [(z, "", 0.0, "person") for z in ("150105101", "150105102", "150105103", "150105104")],
            "zero everywhere",
        ),
        ([("", "", 100.0, "person")], "no values by zone"),
    ],
)
def test_a_key_that_cannot_spread_is_refused(case, people, says):
    with pytest.raises(GepError, match=says):
        case.compile(case.inputs(rows=case.rows_with(population=people)), allocate={"tourism": "population"})


def test_allocating_an_unknown_service_is_refused(case):
    with pytest.raises(GepError, match="allocate names turism"):
        case.compile(allocate={"turism": "area"})


def test_one_zone_takes_the_value_of_the_region():
    areas = pd.DataFrame({"zone": ["x"], "ecosystem": ["forest"], "area": [1.0]})
    inputs = gep.Inputs(
        tables=[pd.DataFrame({"variable": ["tourism_value"], "value": [1.0], "unit": ["亿元_2010/year"]})],
        status="published",
    )
    profile = gep.load_profile("garze-2010")
    profile = profile.using(**{code: code == "tourism" for code in profile.services})
    led = gep.compile_account(profile, inputs, gep.Zones.from_areas(areas, unit="km2", region="R"), 2010)
    assert led.by("zone", "ecosystem", unit="亿元")["value"].to_dict() == {("x", "forest"): 1.0}


def test_spreading_over_ecosystems_by_a_table_closes(example_data):
    """Table 4 of the Garzê paper as key: the value of a service over ecosystems adds up to the service."""
    areas = pd.read_csv(example_data / "garze_2010_areas.csv", dtype={"zone": str})
    zones = gep.Zones.from_areas(areas, region="甘孜藏族自治州")
    led = gep.compile_account(
        gep.load_profile("garze-2010"),
        gep.Inputs(tables=[example_data / "garze_2010_inputs.csv"]),
        zones,
        2010,
    )
    # 321.49e8 m3 at 7.06 yuan; forest has 616.93 of the key's 2269.71
    assert led.total("亿元", service="water_conservation") == pytest.approx(321.49 * 7.06, rel=1e-12)
    forest = led.total("亿元", service="water_conservation", ecosystem="forest")
    weights = [616.93, 617.09, 993.56, 33.56, 2.59, 0.10, 0.14, 5.74]
    assert forest == pytest.approx(321.49 * 7.06 * 616.93 / math.fsum(weights), rel=1e-12)


def test_the_error_of_a_missing_key_is_a_zone_error(case):
    with pytest.raises(ZoneError, match=r"known by county.*no key is stated"):
        case.compile(case.inputs(rows=case.rows_with(livestock_net_output=COUNTIES)))
