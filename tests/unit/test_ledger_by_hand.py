"""A ledger of eight rows, written down by hand: every figure and every sentence that it yields."""

import math
from html import escape

import numpy as np
import pandas as pd
import pytest

from gep import Amount, Ledger
from gep.errors import DoesNotAddUp, LedgerError, ZoneError
from gep.ledger.parts import COVERAGE_COLUMNS, Meta, typed
from gep.ledger.provenance import title

FORMULA = {
    "name": "value.market_value", "arguments": {"quantity": "X/year", "price": "money/X"},
    "result": "money/year", "kind": "exact", "cite": ["garze-2010:§2.3(2)", "gong-2017"],
}  # fmt: skip


def run(zh, en, method, report, **more):
    told = {"clause": "", "variant": "", "note_zh": "", "note_en": ""} | {
        name: [] for name in ("formulas", "inputs", "coefficients", "spreads", "deflators", "fallbacks")
    }
    return {"zh": zh, "en": en, "method": method, "report": report, **told, **more}


RUNS = {
    "crops.output": run(
        "农产品产量", "Crop output", "market price", "万t/year", formulas=[FORMULA],
        inputs=["crop_output", "crop_price"], spreads=["output over zones by area of cropland"],
    ),
    "water_conservation.water_retained": run(
        "水源涵养量", "Water retained", "shadow engineering", "万m3/year",
        clause="6.2", variant="balance", note_zh="负值保留。", note_en="Negative balances stay.",
        formulas=[FORMULA], inputs=["precipitation"], coefficients=["own/cost", "own/share"],
        deflators=["CNY_2010 to CNY_2020 by chn-cpi"], fallbacks=["ecosystem grassland took the row of land"],
    ),
    "tourism.recreation": run("旅游价值", "Recreation", "travel cost", "", inputs=["precipitation"]),
    "species_conservation.habitat": run("生境", "Habitat", "replacement cost", ""),
}  # fmt: skip


def entry(name, unit, form, source):
    return {"name": name, "unit": unit, "form": form, "status": "published", "source": source, "hash": "00ff"}


def coefficient(name, value, unit, **more):
    empty = dict.fromkeys(("ecosystem", "item", "region", "note_zh", "note_en", "instead_of"), "")
    told = {"id": f"own/{name}", "quantity": name, "value": value, "unit": unit, "status": "verified"}
    return empty | told | {"title_zh": "书", "title_en": "Book", "locator": "p. 7"} | more


META = Meta(
    profile={
        "id": "demo", "edition": "2", "zh": "演示方法", "en": "Demonstration method",
        "source": "mee-2020", "modified": ["services.crops", "prices"],
    },
    region="全区",
    library="0.0",
    inputs=[
        entry("crop_output", "t/year", "table", "yearbook"), entry("crop_price", "CNY_2020/t", "table", ""),
        entry("precipitation", "mm/year", "grid", "station"), entry("my_own", "1", "table", ""),
    ],
    coefficients=[
        coefficient("cost", 7.0, "CNY_2020/m3", region="CHN", note_zh="注", note_en="Note"),
        coefficient("share", 0.25, "1", ecosystem="forest", item="oak", region="CHN", instead_of="a/b"),
        coefficient("other", 1.0, "1"),
    ],
    runs=RUNS,
    findings=[],
    labels={
        "category:regulating": {"zh": "调节服务", "en": "Regulating services"},
        "service:crops": {"zh": "农产品", "en": "Crops"},
        "indicator:crops.output": {"zh": "农产品产量", "en": "Crop output"},
        "item:maize": {"zh": "玉米", "en": "Maize"},
    },
)  # fmt: skip
WATERY = ("regulating", "water_conservation", "water_retained", "")
ROWS = [
    # zone, ecosystem, category, service, indicator, item, quantity, unit, price, unit of price, value
    ("01", "cropland", "provisioning", "crops", "output", "maize", 1e5, "t/year", 2e3, "CNY_2020/t", 2e8),
    ("02", "cropland", "provisioning", "crops", "output", "maize", 3e5, "t/year", 2e3, "CNY_2020/t", 6e8),
    ("全区", "", "provisioning", "crops", "output", "wheat", 5e4, "t/year", 3e3, "CNY_2020/t", 1.5e8),
    ("01", "forest", *WATERY, 2e4, "m3/year", 7.0, "CNY_2020/m3", 1.4e5),
    ("02", "forest", *WATERY, np.nan, "m3/year", 7.0, "CNY_2020/m3", np.nan),
    ("03", "grassland", *WATERY, 4e4, "m3/year", 7.0, "CNY_2020/m3", 2.8e5),
    ("01", "", "cultural", "tourism", "recreation", "", np.nan, "", np.nan, "", 1e8),
    ("03", "forest", "supporting", "species_conservation", "habitat", "", np.nan, "", np.nan, "", 5e7),
]  # fmt: skip
COVERAGE = [
    ("crops", "02", "cropland", "crop_output missing", 0.25e6, 2),
    ("water_conservation", "02", "forest", "precipitation missing", 1.5e6, 15),
    ("", "03", "", "land_cover has no class there", 0.5e6, 5),
]


@pytest.fixture(scope="module")
def hand():
    keys = ["zone", "ecosystem", "category", "service", "indicator", "item"]
    frame = pd.DataFrame(ROWS, columns=[*keys, "quantity", "quantity_unit", "price", "price_unit", "value"])
    frame = frame.assign(
        year=2020, price_year="CNY_2020", status="published", coefficient_status="verified", spread="",
        run=frame["service"] + "." + frame["indicator"],
    )  # fmt: skip
    zones = pd.DataFrame(
        {
            "name": ["东镇", "西乡", "东镇"],
            "county": ["甲县", "乙县", "乙县"],
            "area_m2": [2e6, 3e6, 5e6],
            "stated_area_m2": [2e6, 3e6, 15e6],
            "population": [1000.0, 3000.0, 4000.0],
        },
        index=pd.Index(["01", "02", "03"], name="code"),
    )
    coverage = pd.DataFrame(COVERAGE, columns=["service", "zone", "ecosystem", "cause", "area_m2", "cells"])
    extent = pd.DataFrame({"zone": ["01", "02"], "ecosystem": ["forest", "marsh"], "area_m2": [1e6, 2e6]})
    region = {"gdp": 4.2e9, "gdp_status": "published"}
    return Ledger(frame, zones, region, coverage.set_index(pd.Index([5, 6, 7])), META, extent)


GAPS = (
    "not covered: 0.25 km2 of 西乡 in crops: crop_output missing",
    "not covered: 1.50 km2 of 西乡 in water_conservation: precipitation missing",
    "not covered: 0.50 km2 of 东镇 (03) in all grid services: land_cover has no class there",
)
LACKS = "1 of 7 rows have no value: water_conservation in 西乡"


# Figures ------------------------------------------------------------------------------------------


def test_what_it_is(hand):
    assert (hand.year, hand.price_year) == (2020, "CNY_2020")
    assert hand.services == ["crops", "water_conservation", "tourism", "species_conservation"]
    assert hand.coverage.index.tolist() == [0, 1, 2]
    assert hand.extent.index.tolist() == [0, 1]
    notes = "; ".join(("CNY_2020", *GAPS, LACKS))
    assert repr(hand) == (f"<Ledger 全区 2020 by demo: 10.50 亿元 ({notes}); 3 zones, 4 services, 8 rows>")
    bare = Ledger(hand.frame.set_index(hand.frame.index + 3), hand.zones, {}, hand.coverage, META)
    assert (len(bare.extent), bare.extent.columns.tolist()) == (0, ["zone", "ecosystem", "area_m2"])
    assert bare.frame.index.tolist() == list(range(8))


def test_totals(hand):
    whole = hand.total()
    assert whole == pytest.approx(10.5042, rel=1e-15)
    assert (whole.unit, whole.notes) == ("亿元", ("CNY_2020", *GAPS, LACKS))
    assert hand.total("万元", intermediate=True) == pytest.approx(110042.0, rel=1e-15)
    part = hand.total("CNY", zone="02")
    lacks = "1 of 2 rows have no value: water_conservation in 西乡"
    assert (float(part), part.notes) == (6e8, ("CNY_2020", *GAPS[:2], lacks))
    assert hand.total(ecosystem="cropland").notes == ("CNY_2020", GAPS[0], GAPS[2])
    assert hand.total(county="甲县").notes == ("CNY_2020",)
    nothing = hand.total(zone="02", service="water_conservation")
    assert math.isnan(nothing)
    assert nothing.notes[-1] == "1 of 1 rows have no value: water_conservation in 西乡"


#: Value in 万元, rows without a value, km2 not covered.
TABLES = {
    "zone": {"01": (30014.0, 0, 0.0), "02": (6e4, 1, 1.5), "03": (28.0, 0, 0.5), "全区": (15e3, 0, 0.0)},
    "county": {"甲县": (30014.0, 0, 0.0), "乙县": (60028.0, 1, 2.0), "全区": (15000.0, 0, 0.0)},
    "service": {"crops": (95e3, 0, 0.75), "water_conservation": (42.0, 1, 2.0), "tourism": (1e4, 0, 0.5)},
    "ecosystem": {
        "cropland": (8e4, 0, 0.75), "": (25e3, 0, 0.5), "forest": (14.0, 1, 2.0), "grassland": (28.0, 0, 0.5)
    },
    "item": {"maize": (8e4, 0, 0.75), "wheat": (15e3, 0, 0.75), "": (10042.0, 1, 2.0)},
}  # fmt: skip


@pytest.mark.parametrize(("key", "rows"), TABLES.items(), ids=TABLES)
def test_tables_by_one_key(hand, key, rows):
    table = hand.by(key, unit="万元")
    assert list(table.columns) == ["value", "missing_rows", "not_covered_km2"]
    assert list(table.itertuples(name=None)) == [(key, *numbers) for key, numbers in rows.items()]
    assert (table.index.name, table.attrs) == (key, {"units": "万元 (CNY_2020)"})


def test_a_table_by_two_keys_with_names(hand):
    table = hand.by("zone", "item", labels="zh", unit="CNY", intermediate=True)
    assert table.reset_index().fillna(-1.0).to_numpy().tolist() == [
        ["东镇", "玉米", 2e8, 0, 0.0],
        ["东镇", "", 100140000.0, 0, 0.0],
        ["西乡", "玉米", 6e8, 0, 0.25],
        ["西乡", "", -1.0, 1, 1.5],
        ["东镇", "", 50280000.0, 0, 0.5],
        ["全区（未分摊）", "wheat", 1.5e8, 0, 0.0],
    ]
    assert table.attrs == {"units": "CNY (CNY_2020)"}
    assert hand.by("zone", labels="en").index[-1] == "全区 (not allocated)"
    assert hand.by("zone", "service").attrs == {"units": "亿元 (CNY_2020)"}


def test_tables_come_in_the_order_of_the_profile_whatever_that_of_the_rows(hand):
    turned = Ledger(hand.frame[::-1], hand.zones, hand.region, hand.coverage, hand.meta)
    assert turned.by("zone", "category").index.tolist() == [
        ("01", "cultural"), ("01", "regulating"), ("01", "provisioning"),
        ("02", "regulating"), ("02", "provisioning"), ("03", "regulating"), ("全区", "provisioning"),
    ]  # fmt: skip
    assert turned.by("category", "zone").index.tolist()[:3] == [
        ("cultural", "01"), ("regulating", "01"), ("regulating", "02"),
    ]  # fmt: skip


def test_quantities(hand):
    table = hand.quantities()
    assert table.index.names == ["service", "indicator", "item"]
    assert list(table.itertuples(name=None)) == [
        (("crops", "output", "maize"), 40.0, "万t/year", 0, 0.75),
        (("crops", "output", "wheat"), 5.0, "万t/year", 0, 0.75),
        (("water_conservation", "water_retained", ""), 6.0, "万m3/year", 1, 2.0),
    ]
    named = hand.quantities(labels="en")
    assert named.index.tolist()[:2] == [("Crops", "Crop output", "Maize"), ("Crops", "Crop output", "wheat")]
    assert list(named.columns) == ["quantity", "quantity_unit", "missing_rows", "not_covered_km2"]


def test_shares(hand):
    shares = hand.shares()
    assert shares.name == "share"
    assert shares.to_dict() == pytest.approx(
        {"provisioning": 9.5 / 10.5042, "regulating": 0.0042 / 10.5042, "cultural": 1 / 10.5042}, rel=1e-14
    )


def test_per_area(hand):
    whole = hand.per_area()
    assert (whole, whole.unit) == (pytest.approx(10504.2), "万元/km2")
    assert whole.notes == (
        "on the accounted area of 10.00 km2",
        "on the stated area of 20.00 km2 (+100.00%) it is 5,252.10",
        "CNY_2020", *GAPS, LACKS,
    )  # fmt: skip
    table = hand.per_area(by="zone")
    assert list(table.columns) == ["value", "on_stated_area", "not_covered_km2"]
    assert table["value"].tolist() == pytest.approx([15007.0, 20000.0, 5.6, 1500.0])
    assert table["on_stated_area"].tolist() == pytest.approx([15007.0, 20000.0, 28 / 15, 750.0])
    assert table["not_covered_km2"].tolist() == [0.0, 1.5, 0.5, 0.0]
    county = hand.per_area(by="county", labels="en")
    assert county.index.tolist() == ["甲县", "乙县", "全区 (not allocated)"]
    assert county["value"].tolist() == pytest.approx([15007.0, 7503.5, 1500.0])
    assert county.attrs == {"units": "万元/km2"}


def test_per_capita(hand):
    whole = hand.per_capita()
    assert (whole, whole.unit) == (pytest.approx(13.130250), "万元/person")
    assert whole.notes == ("population 8,000", "CNY_2020", *GAPS, LACKS)
    table = hand.per_capita(by="county")
    assert table["value"].tolist() == pytest.approx([30.014, 60028 / 7000, 1.875])
    assert table["not_covered_km2"].tolist() == [0.0, 2.0, 0.0]
    assert table.attrs == {"units": "万元/person"}


def other(hand, **changes):
    parts = {"frame": hand.frame, "zones": hand.zones, "region": hand.region} | changes
    return Ledger(parts["frame"], parts["zones"], parts["region"], hand.coverage, hand.meta)


def test_facts_of_the_region_come_before_those_of_its_zones(hand):
    told = other(hand, region={"population": 10000.0, "stated_area_m2": 5e6})
    assert told.per_capita("元/person") == pytest.approx(105042.0)
    assert "on the stated area of 5.00 km2 (-50.00%) it is 21,008.40" in told.per_area().notes
    gap = hand.zones.assign(stated_area_m2=[2e6, np.nan, 8e6])
    assert other(hand, zones=gap).per_area().notes[1] == "CNY_2020"
    same = hand.zones.assign(stated_area_m2=[2e6, 3e6, 5e6 + 5.0])
    assert other(hand, zones=same).per_area().notes[1] == "CNY_2020"
    assert other(hand, zones=hand.zones.drop(columns="stated_area_m2")).per_area().notes[1] == "CNY_2020"


def test_what_has_no_area_or_nobody_has_no_ratio(hand):
    empty = other(hand, zones=hand.zones.assign(area_m2=[2e6, 0.0, 5e6], population=[0.0, 3000.0, 4000.0]))
    assert empty.per_area(by="zone")["value"].isna().tolist() == [False, True, False, False]
    assert empty.per_capita(by="zone")["value"].isna().tolist() == [True, False, False, False]


def test_who_has_no_population_is_named(hand):
    lacking = other(hand, zones=hand.zones.assign(population=[1000.0, np.nan, np.nan]))
    with pytest.raises(ZoneError, match="2 zones have no population: 02 西乡, 03 东镇;"):
        lacking.per_capita()
    with pytest.raises(ZoneError, match="3 zones have no population"):
        other(hand, zones=hand.zones.drop(columns="population")).per_capita(by="zone")


def test_money_of_other_countries_is_in_powers_of_ten(hand):
    frame = hand.frame.assign(
        price_year="USD_2020", price_unit=hand.frame["price_unit"].str.replace("CNY", "USD")
    )
    dollars = other(hand, frame=frame)
    assert str(dollars.total(item="maize")).startswith("8.00 10^8 USD (USD_2020; ")
    assert dollars.per_area().unit == "10^4 USD/km2"
    assert dollars.per_capita() == pytest.approx(13.13025)
    assert dollars.total("USD/year") == pytest.approx(1050420000.0)


# Rules --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "column", "value", "says"),
    [
        (1, "item", "", ""),
        (1, "year", 2021, "year: [2020, 2021]; expected one for a ledger"),
        (6, "zone", "04", "zones ['04'] have no row in the zone table"),
        (0, "quantity_unit", "kg/year", "('crops', 'output', 'maize') has units ['kg/year', 't/year']"),
        (1, "zone", "01", "two rows for 01 / cropland / provisioning / crops / output / maize"),
    ],
)
def test_a_broken_rule_is_told(hand, row, column, value, says):
    frame = hand.frame.astype({"year": object})
    frame.loc[row, column] = value
    if not says:
        assert len(other(hand, frame=frame).frame) == 8
        return
    with pytest.raises(LedgerError) as caught:
        other(hand, frame=frame)
    assert says in str(caught.value)
    assert len(caught.value.faults) == 1


def changed(hand, **columns):
    frame = hand.frame.assign(**columns)
    return Ledger(frame, hand.zones, hand.region, hand.coverage, hand.meta, hand.extent)


def test_what_nobody_knows_is_told_together(hand):
    services = [f"unheard_of_{k:02}_{'x' * 40}" for k in range(8)]
    with pytest.raises(LedgerError) as told:
        changed(hand, service=services, price_year="shells", value=[math.inf, *[1.0] * 7], price=np.nan)
    names = ", ".join(services)[:200]
    said = [fault.what for fault in told.value.faults]
    assert said == [
        f"services {names} are not known to this version of gep",
        "price_year is no currency with its year",
        "value without end",
    ]
    assert [fault.expected for fault in told.value.faults][1:] == [
        "CNY_2020",
        "finite numbers; a missing one is NaN",
    ]


def test_zones_that_stand_twice_are_told(hand):
    zones = pd.concat([hand.zones, hand.zones.iloc[[1]]])
    with pytest.raises(LedgerError, match="zones 02 stand twice in the zone table"):
        Ledger(hand.frame, zones, hand.region, hand.coverage, hand.meta, hand.extent)


def test_five_rows_that_are_there_twice_are_named(hand):
    again = pd.concat([hand.frame, hand.frame])
    with pytest.raises(LedgerError) as told:
        Ledger(again, hand.zones, hand.region, hand.coverage, hand.meta, hand.extent)
    assert len([f for f in told.value.faults if f.what.startswith("two rows for ")]) == 5


def test_a_product_that_is_off_says_what_was_expected(hand):
    with pytest.raises(DoesNotAddUp) as told:
        changed(hand, value=hand.frame["value"] * 1.01)
    assert told.value.faults[0].expected == "equal numbers"


def test_tables_hold_numbers_under_some_names_and_texts_under_others():
    table = pd.DataFrame({"a": ["x", "y"], "n": [1.0, None]})
    assert typed(table, ["n"]) is table
    with pytest.raises(TypeError, match="a holds something else than numbers"):
        typed(table, ["a", "n"])
    with pytest.raises(TypeError, match="n holds something else than texts"):
        typed(table, [])


def test_holes_are_a_table_of_their_own_columns(hand):
    given = pd.DataFrame(COVERAGE, columns=["service", "zone", "ecosystem", "cause", "area_m2", "cells"])
    odd = given.assign(more=1).set_index(pd.Index([5, 6, 7]))
    made = Ledger(hand.frame, hand.zones, hand.region, odd, hand.meta, hand.extent).coverage
    assert made.columns.tolist() == list(COVERAGE_COLUMNS)
    assert made.index.tolist() == [0, 1, 2]


def test_quantities_nobody_knows_have_no_sum(hand):
    lacking = hand.frame["service"] == "crops"
    blank = hand.frame[["quantity", "price", "value"]].mask(lacking)
    made = changed(hand, **{name: blank[name] for name in blank})
    assert made.quantities().reset_index().set_index("service")["quantity"].isna().to_dict() == {
        "crops": True,
        "water_conservation": False,
    }


def test_more_than_ten_zones_are_not_all_named(hand):
    codes = [f"{k:02}" for k in range(1, 13)]
    zones = pd.DataFrame({"name": [f"Z{c}" for c in codes], "area_m2": 1e6}, pd.Index(codes, name="code"))
    row = hand.frame.iloc[[4]]
    rows = pd.concat([row.assign(zone=code) for code in codes])

    def lacks(count):
        made = Ledger(
            rows[:count], zones[:count], {}, hand.coverage.iloc[:0], hand.meta, hand.extent.iloc[:0]
        )
        return made.total().notes[-1]

    ten = ", ".join(f"Z{c}" for c in codes[:10])
    assert lacks(10) == f"10 of 10 rows have no value: water_conservation in {ten}"
    assert lacks(12) == f"12 of 12 rows have no value: water_conservation in {ten} and 2 more"


def test_an_explanation_in_chinese_has_no_english_words_of_its_own(hand):
    text = str(hand.explain("water_conservation", lang="zh"))
    for word in ("方案", "条款", "退用", "缺值", "价格水平", "系数", "用户给出的行代替"):
        assert f"{word}" in text
    for word in (
        "variant",
        "clause",
        "fallback",
        "no value",
        "price level",
        "Coefficients",
        "in place of",
        "XX",
    ):
        assert word not in text


def test_the_product_may_be_off_by_what_floats_lose(hand):
    frame = hand.frame.copy()
    frame.loc[3, "value"] = 1.4e5 * (1 + 9e-10)
    other(hand, frame=frame)
    frame.loc[3, "value"] = 1.4e5 * (1 - 2e-9)
    with pytest.raises(DoesNotAddUp) as caught:
        other(hand, frame=frame)
    (fault,) = caught.value.faults
    assert fault.where == "01 / water_conservation / water_retained"
    assert fault.what == "quantity x price = 140000, value 140000"


def test_an_unknown_key_is_told_with_the_known(hand):
    known = "zone, ecosystem, category, service, indicator, item, county"
    for ask in (lambda: hand.by("colour"), lambda: hand.total(colour="red"), hand.by):
        with pytest.raises(LedgerError) as caught:
            ask()
        assert caught.value.faults[0].expected == known
    with pytest.raises(LedgerError, match="expected one of zone, county"):
        hand.per_area(by="service")
    with pytest.raises(LedgerError, match=r"no rows with item = 'rice'; expected one of maize, wheat, $"):
        hand.total(item="rice")
    with pytest.raises(
        ZoneError, match="'04' is no zone; expected a code, or one of the names 东镇, 西乡, 东镇"
    ):
        hand.total(zone="04")
    with pytest.raises(ZoneError, match="'东镇' is the name of 01, 03"):
        hand.total(zone="东镇")


# Sentences ----------------------------------------------------------------------------------------

WATER = """Water conservation | 水源涵养 (water_conservation)
in 东镇 (01), 西乡 (02), 东镇 (03), 2020, values in CNY_2020
by demo (2): Demonstration method
  changed: services.crops, prices

Water retained (water_conservation.water_retained): 420,000 CNY_2020; method: shadow engineering
  variant: balance - Negative balances stay.
  clause: 6.2
  东镇 / Forest: 20,000 m3/year x 7 CNY_2020/m3 = 140,000 CNY_2020 [published]
  西乡 / Forest: no value m3/year x 7 CNY_2020/m3 = no value CNY_2020 [published]
  东镇 / Grassland: 40,000 m3/year x 7 CNY_2020/m3 = 280,000 CNY_2020 [published]
  fallback: ecosystem grassland took the row of land

Formulas
  value.market_value(quantity [X/year], price [money/X]) -> money/year [exact]
    {garze}, §2.3(2)
    {gong}
  price level: CNY_2010 to CNY_2020 by chn-cpi

Inputs
  precipitation [mm/year], grid: published, station (Annual precipitation; content 00ff)

Coefficients
  own/cost: cost (CHN) = 7 CNY_2020/m3 [verified]
    Book; p. 7
    Note
  own/share: share (forest oak CHN) = 0.25 [verified]
    Book; p. 7
    the user's row stands in place of a/b

Area not covered
  西乡, forest: 1.5000 km2, 15 cells: precipitation missing
  东镇, unmapped land: 0.5000 km2, 5 cells: land_cover has no class there"""

CROPS = """农业产品 | Crops (crops)
东镇 (01), 西乡 (02), 全区 (全区)，2020年，价值以CNY_2020计
依据 demo (2): 演示方法
  改动: services.crops, prices

农产品产量 (crops.output): 950,000,000 CNY_2020; 估价方法: market price
  东镇 / 农田 / maize: 100,000 t/year x 2,000 CNY_2020/t = 200,000,000 CNY_2020 [published]
  西乡 / 农田 / maize: 300,000 t/year x 2,000 CNY_2020/t = 600,000,000 CNY_2020 [published]
  全区 / （未归属） / wheat: 50,000 t/year x 3,000 CNY_2020/t = 150,000,000 CNY_2020 [published]
  分摊: output over zones by area of cropland

公式
  value.market_value(quantity [X/year], price [money/X]) -> money/year [exact]
    {garze}, §2.3(2)
    {gong}

输入数据
  crop_output [t/year], table: published, yearbook (农产品产量; content 00ff)
  crop_price [CNY_2020/t], table: published (农产品价格; content 00ff)

未覆盖面积
  西乡, cropland: 0.2500 km2, 2 cells: crop_output missing
  东镇, 无分类的土地: 0.5000 km2, 5 cells: land_cover has no class there"""

TOURISM = """Tourism and recreation | 旅游康养 (tourism)
in 东镇 (01), 2020, values in CNY_2020
by demo (2): Demonstration method
  changed: services.crops, prices

Recreation (tourism.recreation): 100,000,000 CNY_2020; method: travel cost
  东镇 / (not attributed): 100,000,000 CNY_2020 [published]

Inputs
  precipitation [mm/year], grid: published, station (Annual precipitation; content 00ff)"""


@pytest.mark.parametrize(
    ("service", "lang", "zone", "text"),
    [("water_conservation", "en", "", WATER), ("crops", "zh", "", CROPS), ("tourism", "en", "01", TOURISM)],
)
def test_the_whole_of_an_explanation(hand, service, lang, zone, text):
    cited = {name.partition("-")[0]: title(name, lang) for name in ("garze-2010", "gong-2017")}
    found = hand.explain(service, zone=zone, lang=lang)
    assert str(found) == repr(found) == text.format(**cited)
    assert found._repr_html_() == f"<pre>{escape(found.text)}</pre>"
    assert found.runs == {name: RUNS[name] for name in RUNS if name.startswith(service)}


def test_an_explanation_of_a_part_has_its_holes_alone(hand):
    assert "precipitation missing" in hand.explain("water_conservation", zone="02", ecosystem="forest").text
    assert "not covered" not in hand.explain("water_conservation", zone="01").text
    grass = hand.explain("water_conservation", ecosystem="grassland").text
    assert "Area not covered\n  东镇, unmapped land" in grass


def test_a_source_in_one_line():
    sources = {
        "a": {"title_en": "Book", "issuer": "House", "year": 2001},
        "b": {"title_zh": "书", "title_en": "Book", "year": "2002"},
        "c": {"title_zh": "书"},
    }
    assert title("a", "en", sources) == title("a", "zh", sources) == "Book, House, 2001 [a]"
    assert [title("b", lang, sources) for lang in ("zh", "en")] == ["书, 2002 [b]", "Book, 2002 [b]"]
    assert (title("c", "en", sources), title("d", "en", sources)) == ("书 [c]", "d [d]")


def test_long_lines_are_cut_and_added_up(hand):
    rows = hand.frame.iloc[[6]].loc[[6] * 45].assign(value=100.0, item=[f"i{n}" for n in range(45)])
    text = other(hand, frame=rows).explain("tourism").text
    assert "  and 5 more rows, together 500 CNY_2020" in text
    assert ("/ i39:" in text, "/ i40:" in text) == (True, False)
    assert "more rows" not in other(hand, frame=rows.iloc[:40]).explain("tourism").text
    assert "): 4,500 CNY_2020;" in text


def test_more_than_three_zones_are_not_all_named(hand):
    four = pd.concat([hand.frame.iloc[[6]].assign(zone=zone) for zone in ("01", "02", "03", "全区")])
    assert "in 东镇 (01), 西乡 (02), 东镇 (03) ..., 2020" in other(hand, frame=four).explain("tourism").text


def test_a_notebook_shows_total_and_services(hand):
    notes = escape("; ".join(("CNY_2020", *GAPS, LACKS)))
    cells = [
        ("provisioning", "农产品", "9.5"),
        ("调节服务", "water_conservation", "0.0042"),
        ("cultural", "tourism", "1"),
    ]
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
    assert hand._repr_html_() == (
        "<div><strong>全区 2020 生态产品总值 | gross ecosystem product</strong>"
        f"<p>10.50 亿元 ({notes}) — demo; 3 zones, 8 rows</p>"
        f"<table><thead><tr><th></th><th></th><th>亿元</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )
    gone = other(hand, frame=hand.frame.iloc[[4]])
    assert "<td>water_conservation</td><td></td>" in gone._repr_html_()


# As a Dataset -------------------------------------------------------------------------------------


def cube(hand, column, line=""):
    """Return a column as a Dataset would hold it, filled in row by row."""
    zones, ecosystems = ["01", "02", "03", "全区"], ["cropland", "", "forest", "grassland", "marsh"]
    lines = [
        *("crops.output/maize", "crops.output/wheat", "water_conservation.water_retained"),
        *("tourism.recreation", "species_conservation.habitat"),
    ]
    whole = np.full((4, 5, 5), np.nan)
    for row in hand.frame.to_dict("records"):
        name = f"{row['service']}.{row['indicator']}" + (f"/{row['item']}" if row["item"] else "")
        whole[zones.index(row["zone"]), ecosystems.index(row["ecosystem"]), lines.index(name)] = row[column]
    return whole[:, :, lines.index(line)] if line else whole


LINES = [
    *(
        (f"crops.output/{crop}", f"crops_output_{crop}", "t", f"Crop output {crop}", f"农产品产量 {crop}",
         "market price")
        for crop in ("maize", "wheat")
    ),
    (
        *("water_conservation.water_retained", "water_conservation_water_retained", "m3"),
        *("water_conservation.water_retained",) * 2, "shadow engineering",
    ),
]  # fmt: skip


def test_a_dataset_holds_each_number_in_its_place(hand):
    data = hand.to_xarray()
    np.testing.assert_array_equal(data["value"], cube(hand, "value"))
    rows = ~np.isnan(cube(other(hand, frame=hand.frame.fillna({"value": 0.0, "quantity": 0.0})), "value"))
    flags = np.where(rows, np.where(np.isnan(cube(hand, "value")), 2, 1), 0)
    np.testing.assert_array_equal(data["value_flag"], flags)
    assert data["value_flag"].dtype == np.int8
    for line, name, *_ in LINES:
        np.testing.assert_array_equal(data[name], cube(hand, "quantity", line))
        np.testing.assert_array_equal(data[f"{name}_price"], cube(hand, "price", line))
    area = np.full((4, 5), np.nan)
    area[0, 2], area[1, 4] = 1e6, 2e6
    np.testing.assert_array_equal(data["ecosystem_area"], area)
    np.testing.assert_array_equal(data["population"], [1000.0, 3000.0, 4000.0, np.nan])
    np.testing.assert_array_equal(data["stated_area_m2"], [2e6, 3e6, 15e6, np.nan])


def test_a_dataset_says_what_its_variables_are(hand):
    data = hand.to_xarray()
    told = {
        "value": {
            "long_name": "monetary value of the service flow in the accounting year",
            "units": "CNY_2020", "ancillary_variables": "value_flag", "price_year": 2020,
        },
        "value_flag": {
            "long_name": "what is known of value",
            "flag_values": [0, 1, 2], "flag_meanings": "no_row known missing",
        },
        "ecosystem_area": {"long_name": "area of the ecosystem in the zone", "units": "m2"},
        "area_m2": {"long_name": "accounted area", "units": "m2"},
        "stated_area_m2": {"long_name": "stated area", "units": "m2"},
        "population": {"long_name": "resident population", "units": "person"},
    }  # fmt: skip
    for line, name, unit, en, zh, method in LINES:
        about = {"long_name": en, "long_name_zh": zh, "line": line}
        told[name] = about | {"units": f"{unit}/year"}
        told[f"{name}_price"] = about | {
            "long_name": f"price: {en}", "units": f"CNY_2020/{unit}", "price_year": 2020, "method": method,
        }  # fmt: skip
    found = {str(name): dict(variable.attrs) for name, variable in data.data_vars.items()}
    found["value_flag"]["flag_values"] = found["value_flag"]["flag_values"].tolist()
    assert found == told
    assert data.attrs == {
        "Conventions": "CF-1.11",
        "title": "Gross ecosystem product of 全区, 2020",
        "source": "gep 0.0; demo (2): Demonstration method",
        "region": "全区",
        "accounting_year": 2020,
        "price_year": "CNY_2020",
        "intermediate_services": "species_conservation",
        "comment": "NaN is never zero, see value_flag; intermediate services are in no total",
        "region_gdp": 4.2e9,
    }


def test_the_coordinates_of_a_dataset_carry_names(hand):
    data = hand.to_xarray()
    zone, ecosystem, line = "zone", "ecosystem", "line"
    coordinates = {
        "zone": (zone, ["01", "02", "03", "全区"], "code of the zone"),
        "zone_name": (zone, ["东镇", "西乡", "东镇", "全区"], "name of the zone"),
        "zone_county": (zone, ["甲县", "乙县", "乙县", "全区"], "county of the zone"),
        "ecosystem": (
            ecosystem, ["cropland", "", "forest", "grassland", "marsh"],
            "ecosystem type; empty: not attributed",
        ),
        "ecosystem_name": (
            ecosystem, ["Cropland", "(not attributed)", "Forest", "Grassland", "Marsh"],
            "name of the ecosystem type",
        ),
        "line": (
            line,
            [
                "crops.output/maize", "crops.output/wheat", "water_conservation.water_retained",
                "tourism.recreation", "species_conservation.habitat",
            ],
            "service.indicator, or service.indicator/item",
        ),
        "category": (
            line, ["provisioning"] * 2 + ["regulating", "cultural", "supporting"], "category of the line"
        ),
        "service": (
            line, ["crops"] * 2 + ["water_conservation", "tourism", "species_conservation"],
            "service of the line",
        ),
        "indicator": (
            line, ["output"] * 2 + ["water_retained", "recreation", "habitat"], "indicator of the line"
        ),
        "item": (line, ["maize", "wheat", "", "", ""], "item of the line"),
    }  # fmt: skip
    for name, (dim, values, about) in coordinates.items():
        assert data[name].dims == (dim,)
        assert data[name].to_numpy().tolist() == values
        assert data[name].attrs == {"long_name": about}
    assert (data["year"].item(), data["year"].attrs) == (2020, {"long_name": "accounting year"})
    assert set(data.coords) == {*coordinates, "year"}


def test_a_dataset_without_rows_of_the_region_has_no_such_zone(hand):
    known = other(hand, frame=hand.frame[hand.frame["zone"] != "全区"])
    data = known.to_xarray()
    assert data["zone"].to_numpy().tolist() == ["01", "02", "03"]
    assert "ecosystem_area" not in data
    bare = other(hand, frame=hand.frame, zones=hand.zones.drop(columns=["population", "stated_area_m2"]))
    assert not {"population", "stated_area_m2"} & set(bare.to_xarray())


def test_names_that_netcdf_would_confuse_are_numbered(hand):
    frame = hand.frame.iloc[[0, 1, 2]].assign(zone="01", item=["a b", "a-b", "a/b-"])
    names = [name for name in other(hand, frame=frame).to_xarray() if "price" not in name]
    assert names[2:5] == ["crops_output_a_b", "crops_output_a_b_2", "crops_output_a_b_3"]


@pytest.mark.parametrize(
    ("unit", "notes", "text"),
    [("t", ["a", "b"], "1,234.50 t (a; b)"), ("t", [], "1,234.50 t"), ("1", [], "1,234.50")],
)
def test_amounts_as_text(unit, notes, text):
    assert str(Amount(1234.5, unit, notes)) == text
