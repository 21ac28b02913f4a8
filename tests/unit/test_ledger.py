"""The ledger: invariants, sums and views, what is not covered, per area and per head."""

import math
import pickle

import numpy as np
import pandas as pd
import pytest

from gep import Amount, Ledger
from gep.errors import DoesNotAddUp, GepError, LedgerError, ZoneError
from gep.ledger.parts import COLUMNS

ZONES = ("150105101", "150105102", "150105103", "150105104")


def rebuilt(ledger, frame):
    return Ledger(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta)


# Invariants ---------------------------------------------------------------------------------------


def test_a_ledger_can_be_built_again_from_its_parts(ledger):
    assert rebuilt(ledger, ledger.frame.copy()).total("CNY") == ledger.total("CNY")
    assert tuple(ledger.frame.columns) == COLUMNS


def broken(frame, how):
    frame = frame.copy()
    if how == "duplicate":
        return pd.concat([frame, frame.iloc[[12]]])
    column, value = {
        "years": ("year", 2011),
        "price years": ("price_year", "CNY_2011"),
        "units": ("quantity_unit", "万t/year"),
        "zones": ("zone", "nowhere"),
    }[how]
    frame.loc[0, column] = value
    return frame


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("duplicate", "two rows for 150105101 / deciduous_broadleaf_forest / .*water_conservation"),
        ("years", r"year: \[2010, 2011\]"),
        ("price years", "CNY_2010', 'CNY_2011"),
        ("units", r"has units \['t/year', '万t/year'\]"),
        ("zones", r"zones \['nowhere'\] have no row"),
    ],
)
def test_a_frame_that_breaks_a_rule_makes_no_ledger(ledger, how, says):
    with pytest.raises(LedgerError, match=says):
        rebuilt(ledger, broken(ledger.frame, how))


def test_several_broken_rules_come_at_once(ledger):
    frame = broken(broken(ledger.frame, "years"), "zones")
    with pytest.raises(LedgerError, match="2 faults"):
        rebuilt(ledger, frame)


def test_value_must_be_quantity_times_price(ledger):
    frame = ledger.frame.copy()
    frame.loc[12, "value"] *= 1 + 1e-6
    with pytest.raises(DoesNotAddUp, match="quantity x price") as caught:
        rebuilt(ledger, frame)
    assert "water_conservation" in caught.value.faults[0].where
    frame.loc[12, "value"] = ledger.frame.loc[12, "value"] * (1 + 1e-12)
    rebuilt(ledger, frame)


def test_an_empty_frame_makes_no_ledger(ledger):
    with pytest.raises(LedgerError, match="no rows"):
        rebuilt(ledger, ledger.frame.iloc[:0])


# Sums and views -----------------------------------------------------------------------------------


def test_totals_in_any_unit_of_money(ledger):
    whole = math.fsum(ledger.frame["value"])
    assert ledger.total("CNY") == pytest.approx(whole, rel=1e-15)
    assert ledger.total("亿元") == pytest.approx(whole / 1e8, rel=1e-15)
    assert ledger.total("万元/year") == pytest.approx(whole / 1e4, rel=1e-15)
    assert ledger.total() == ledger.total("亿元")
    assert ledger.total("CNY_2010").unit == "CNY_2010"


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        ("CNY_2015", "different price years"),
        ("USD", "different currencies"),
        ("t", "got CNY_2010; expected t"),
    ],
)
def test_a_total_in_money_of_another_year_or_kind_is_refused(ledger, unit, said):
    with pytest.raises(GepError, match=said):
        ledger.total(unit)


def test_totals_of_parts(ledger):
    frame = ledger.frame
    for key in ("zone", "service", "category", "ecosystem", "item"):
        for value, rows in frame.groupby(key):
            assert ledger.total("CNY", **{key: value}) == pytest.approx(math.fsum(rows["value"]), rel=1e-14)


def test_a_zone_by_its_name_only_where_that_is_unique(ledger):
    assert ledger.total(zone="西乡") == ledger.total(zone="150105102")
    with pytest.raises(ZoneError, match="the name of 150105101, 150105104"):
        ledger.total(zone="东镇")
    with pytest.raises(ZoneError, match="no zone"):
        ledger.total(zone="北镇")


def test_unknown_keys_and_values_list_the_known(ledger):
    with pytest.raises(LedgerError, match="no key 'colour'"):
        ledger.total(colour="red")
    with pytest.raises(LedgerError, match="water_conservation"):
        ledger.total(service="magic")
    with pytest.raises(LedgerError, match="county"):
        ledger.by("colour")
    with pytest.raises(LedgerError):
        ledger.by()


def test_tables_say_their_unit_and_carry_labels(ledger):
    table = ledger.by("zone", "service", unit="万元", labels="zh")
    assert table.attrs["units"] == "万元 (CNY_2010)"
    assert ("南乡", "水源涵养") in table.index
    assert "Crop output" in ledger.by("service", "indicator", labels="en").index.get_level_values("indicator")
    assert "（未归属）" in ledger.by("ecosystem", labels="zh").index


def test_quantities_by_hand(ledger):
    """20万 t of crops are sown by item; reported in 万t."""
    table = ledger.quantities()
    maize = table.loc[("crops", "output", "maize")]
    assert (maize["quantity"], maize["quantity_unit"]) == (pytest.approx(18.0), "万t/year")
    water = ledger.frame[ledger.frame["service"] == "water_conservation"]["quantity"].sum()
    assert table.loc[("water_conservation", "water_retained", ""), "quantity"] == pytest.approx(water / 1e4)
    assert "水源涵养量" in ledger.quantities(labels="zh").index.get_level_values("indicator")


def test_quantities_say_what_is_not_in_them(ledger, holed):
    water = ("water_conservation", "water_retained", "")
    assert (ledger.quantities()[["missing_rows", "not_covered_km2"]] == 0).all(axis=None)
    lost = holed.by("service").loc["water_conservation", "not_covered_km2"]
    assert holed.quantities().loc[water, "not_covered_km2"] == pytest.approx(lost)
    frame = ledger.frame.copy()
    row = frame.index[frame["service"] == "water_conservation"][0]
    frame.loc[row, ["quantity", "value"]] = np.nan
    assert rebuilt(ledger, frame).quantities().loc[water, "missing_rows"] == 1
    assert "not_covered_km2" in ledger.quantities(labels="zh")


@pytest.mark.parametrize(
    "ask",
    [
        lambda led: led.by("zone", labels="cn"),
        lambda led: led.quantities(labels="cn"),
        lambda led: led.per_area(by="zone", labels="cn"),
        lambda led: led.explain("crops", lang="cn"),
    ],
)
def test_an_unknown_language_is_told_with_the_known(ledger, ask):
    with pytest.raises(LedgerError, match="no names in 'cn'; expected 'zh' or 'en'"):
        ask(ledger)


def test_a_zone_may_be_given_as_a_number(ledger, holed):
    assert ledger.total(zone=150105102) == ledger.total(zone="150105102")
    assert holed.total(zone=150105101).notes == holed.total(zone="150105101").notes
    assert ledger.explain("crops", zone=150105102).text == ledger.explain("crops", zone="150105102").text


def test_the_total_of_an_intermediate_service_says_why_there_is_none(ledger):
    led = rebuilt(ledger, ledger.frame.replace({"service": {"carbon_sequestration": "species_conservation"}}))
    with pytest.raises(LedgerError, match=r"is an intermediate service.*never summed.*intermediate=True"):
        led.total(service="species_conservation")
    assert led.total(service="species_conservation", intermediate=True) > 0


def test_shares_add_up_to_one(ledger):
    assert math.fsum(ledger.shares()) == pytest.approx(1.0, rel=1e-15)
    assert ledger.shares("service")["crops"] == pytest.approx(4.1e8 / ledger.total("CNY"))


def test_intermediate_services_stay_out_of_totals(ledger):
    frame = ledger.frame.replace({"service": {"carbon_sequestration": "species_conservation"}})
    led = rebuilt(ledger, frame)
    carbon = ledger.total("CNY", service="carbon_sequestration")
    assert led.total("CNY") == pytest.approx(ledger.total("CNY") - carbon, rel=1e-12)
    assert led.total("CNY", intermediate=True) == pytest.approx(float(ledger.total("CNY")), rel=1e-12)
    assert "species_conservation" not in led.by("service").index
    assert "species_conservation" in led.by("service", intermediate=True).index


# Not covered --------------------------------------------------------------------------------------


def test_holes_show_in_totals_tables_and_densities(case, holed):
    coverage = holed.coverage
    water = coverage.loc[coverage["service"] == "water_conservation", "area_m2"].sum() / 1e6
    land = 2 * case.cell_km2()[11, 0]
    for said in (str(holed.total()), str(holed.per_area()), str(holed.per_capita())):
        assert f"{land:,.2f} km2 of 南乡 in all grid services: land_cover has no class there" in said
        assert "precipitation missing" in said
        assert "evapotranspiration missing" in said
    by_service = holed.by("service")["not_covered_km2"]
    assert by_service["water_conservation"] == pytest.approx(water + land, rel=1e-9)
    assert by_service["soil_retention"] == pytest.approx(land, rel=1e-9)
    by_zone = holed.by("zone")["not_covered_km2"]
    assert by_zone.to_dict() == pytest.approx(
        {ZONES[0]: water, ZONES[1]: 0, ZONES[2]: land, ZONES[3]: 0, "全区": 0}, rel=1e-9
    )
    assert holed.by("county")["not_covered_km2"]["甲县"] == pytest.approx(water, rel=1e-9)
    assert holed.per_area(by="zone").loc[ZONES[0], "not_covered_km2"] == pytest.approx(water, rel=1e-9)
    assert holed.per_area(by="county").loc["乙县", "not_covered_km2"] == pytest.approx(land, rel=1e-9)


def test_only_the_holes_of_what_was_asked_for_are_told(holed):
    assert "precipitation missing" not in str(holed.total(service="soil_retention"))
    assert "precipitation missing" not in str(holed.total(zone=ZONES[1]))
    assert "precipitation missing" in str(holed.total(category="regulating"))
    assert "precipitation missing" not in str(holed.total(category="provisioning"))


@pytest.mark.parametrize("key", ["category", "indicator", "item"])
def test_holes_of_one_service_do_not_show_beside_another(case, holed, key):
    """Crops and tourism come from tables: beside them stands at most the land that has no class."""
    land = 2 * case.cell_km2()[11, 0]
    table = holed.by(key)["not_covered_km2"]
    for name in {
        "category": ["provisioning", "cultural"],
        "indicator": ["output", "recreation"],
        "item": ["maize"],
    }[key]:
        assert table[name] <= land * (1 + 1e-9)


def test_cells_that_two_services_miss_are_not_counted_twice_for_a_zone(case):
    rain, soil = case.values("precipitation"), case.values("soil_erodibility")
    rain[:5, :5] = soil[:5, :5] = np.nan
    led = case.compile(case.inputs({"precipitation": rain, "soil_erodibility": soil}))
    wanted = np.isin(case.cover, [1, 2, 3]) & np.equal(case.labels, int(ZONES[0]))
    km2 = case.cell_km2()[
        wanted
    ].sum()  # soil retention wants all that water conservation wants, and cropland
    assert led.by("service").loc["soil_retention", "not_covered_km2"] == pytest.approx(km2, rel=1e-9)
    assert led.by("zone").loc[ZONES[0], "not_covered_km2"] == pytest.approx(km2, rel=1e-9)


def test_a_sound_account_has_no_holes(ledger):
    assert ledger.coverage.empty
    assert ledger.total().notes == ("CNY_2010",)
    assert (ledger.by("zone")["not_covered_km2"] == 0).all()


def test_two_zones_of_one_name_can_be_told_apart_in_the_notes(case):
    rain = case.values("precipitation")
    rain[:2, :5] = rain[6:8, 4:9] = np.nan
    led = case.compile(case.inputs({"precipitation": rain}))
    assert set(led.coverage["zone"]) == {ZONES[0], ZONES[3]}  # both are called 东镇
    notes = " ".join(led.total(service="water_conservation").notes)
    assert ZONES[0] in notes
    assert ZONES[3] in notes


# Per area, per head -------------------------------------------------------------------------------


def test_per_area_by_hand(case, ledger):
    km2 = case.cell_km2()[case.labels > 0].sum()
    assert ledger.per_area("万元/km2") == pytest.approx(ledger.total("万元") / km2, rel=1e-9)
    assert ledger.per_area("元/亩") == pytest.approx(ledger.total("CNY") / (km2 * 1500), rel=1e-9)
    assert f"on the accounted area of {km2:,.2f} km2" in str(ledger.per_area())
    by_zone = ledger.per_area("万元/km2", by="zone")
    for zone in ZONES:
        own = case.cell_km2()[np.equal(case.labels, int(zone))].sum()
        assert by_zone.loc[zone, "value"] == pytest.approx(ledger.total("万元", zone=zone) / own, rel=1e-9)
    assert by_zone.attrs["units"] == "万元/km2"


def test_a_stated_area_that_differs_is_shown_beside(case):
    led = case.compile(case.inputs(rows=case.rows_with(stated_area=[("", "", 50.0, "km2")])))
    other = led.total("万元") / 50
    assert "on the stated area of 50.00 km2" in str(led.per_area("万元/km2"))
    assert f"it is {other:,.2f}" in str(led.per_area("万元/km2"))


def test_stated_areas_of_zones_are_a_column_of_their_own(case):
    led = case.compile(case.inputs(rows=case.rows_with(stated_area=[(z, "", 10.0, "km2") for z in ZONES])))
    table = led.per_area("万元/km2", by="zone")
    assert table.loc[ZONES[1], "on_stated_area"] == pytest.approx(led.total("万元", zone=ZONES[1]) / 10)


def test_per_head_by_hand(ledger):
    assert ledger.per_capita("元/person") == pytest.approx(ledger.total("CNY") / 1e5, rel=1e-14)
    assert ledger.per_capita("万元/万人") == pytest.approx(ledger.total("CNY") / 1e5, rel=1e-14)
    assert "population 100,000" in str(ledger.per_capita())
    by_zone = ledger.per_capita("元/person", by="zone")["value"]
    assert by_zone[ZONES[3]] == pytest.approx(ledger.total("CNY", zone=ZONES[3]) / 4e4, rel=1e-14)
    by_county = ledger.per_capita("元/person", by="county")["value"]
    parts = sum(ledger.total("CNY", zone=z) for z in ZONES[2:])
    assert by_county["乙县"] == pytest.approx(parts / 7e4, rel=1e-14)


@pytest.mark.parametrize("how", ["per_area", "per_capita"])
@pytest.mark.parametrize(
    ("by", "said"), [("service", "no area or population by 'service'"), ("colour", "no key")]
)
def test_densities_by_what_has_no_area_or_people_are_refused(ledger, how, by, said):
    with pytest.raises(LedgerError, match=said):
        getattr(ledger, how)(by=by)


def test_a_county_with_a_zone_of_unknown_area_has_no_figure_on_it(case):
    stated = [(z, "", 10.0, "km2") for z in ZONES[1:]]
    led = case.compile(case.inputs(rows=case.rows_with(stated_area=stated)))
    table = led.per_area("万元/km2", by="county")
    assert math.isnan(table.loc["甲县", "on_stated_area"])
    assert table.loc["乙县", "on_stated_area"] == pytest.approx(led.total("万元", county="乙县") / 20)
    assert table["value"].notna().all()


def test_a_level_of_one_value_may_be_called_as_the_region(ledger):
    zones = ledger.zones.assign(county=ledger.meta.region)
    led = Ledger(ledger.frame, zones, ledger.region, ledger.coverage, ledger.meta)
    table = led.per_area("万元/km2", by="county")
    assert table["value"].tolist() == [pytest.approx(led.per_area("万元/km2"))]
    assert led.by("county", labels="en").index.tolist() == [ledger.meta.region]


# Amounts, pickling --------------------------------------------------------------------------------


def test_an_amount_is_a_number_that_prints_its_unit_and_notes():
    amount = Amount(1234.5, "亿元", ["CNY_2010", "a note"])
    assert amount * 2 == 2469.0
    assert str(amount) == repr(amount) == "1,234.50 亿元 (CNY_2010; a note)"
    back = pickle.loads(pickle.dumps(amount))
    assert (back, back.unit, back.notes) == (amount, "亿元", ("CNY_2010", "a note"))


def test_a_ledger_survives_pickling(holed):
    back = pickle.loads(pickle.dumps(holed))
    pd.testing.assert_frame_equal(back.frame, holed.frame)
    pd.testing.assert_frame_equal(back.coverage, holed.coverage)
    assert back.meta == holed.meta
    assert repr(back) == repr(holed)


def test_the_repr_says_what_it_is(ledger):
    assert repr(ledger).startswith("<Ledger 全区 2010 by demo: ")
    assert "4 zones, 6 services, 41 rows" in repr(ledger)
