"""From a number back to formula, inputs, coefficient rows and pages."""

import pytest

import gep
from gep.errors import GepError
from gep.ledger.provenance import title


def test_an_explanation_reads_like_a_page_of_an_audit(ledger):
    text = str(ledger.explain("water_conservation", zone="150105101"))
    for said in (
        "Water conservation | 水源涵养 (water_conservation)",
        "in 东镇 (150105101), 2010, values in CNY_2010",
        "by demo (1): Demonstration method",
        "method: shadow engineering",
        "variant: nonnegative - Negative balances count as zero.",
        "water.water_retained_nonnegative(precipitation [m/year], runoff [m/year], ",
        "precipitation [mm/year], grid: published, invented",
        "/temperate_steppe: runoff_coefficient (temperate_steppe CHN) = 3.94 % [verified]",
        "table 2",
        "m3/year x 7.06 CNY_2010/m3 = ",
    ):
        assert said in text
    assert "net_primary_production" not in text


def test_every_formula_of_the_chain_is_named(ledger):
    runs = ledger.meta.runs
    assert [f["name"] for f in runs["soil_retention.sediment"]["formulas"]] == [
        "soil.sediment_avoided", "soil.retained", "value.market_value",
    ]  # fmt: skip
    assert [f["name"] for f in runs["tourism.recreation"]["formulas"]] == ["culture.travel_cost"]


def test_the_numbers_of_the_text_are_those_of_the_rows(ledger):
    found = ledger.explain("carbon_sequestration", zone="150105103", ecosystem="temperate_steppe")
    (row,) = found.rows.itertuples()
    assert f"{row.quantity:,.6g} tCO2/year x 380 CNY_2010/tCO2 = {row.value:,.6g} CNY_2010" in str(found)
    assert {c["id"] for c in found.coefficients} >= {"own/ratio/grassland", "garze-2010/carbon_price"}
    assert "fallback: ecosystem temperate_steppe took the row of grassland" in str(found)


def test_holes_and_price_levels_are_told(case, holed):
    text = str(holed.explain("water_conservation", zone="150105101"))
    assert "Area not covered" in text
    assert "precipitation missing" in text
    later = case.compile(price_year=2015, deflator="chn-cpi")
    assert "price level: CNY_2010 to CNY_2015 by chn-cpi" in str(later.explain("soil_retention"))


def test_unmapped_land_is_told_for_grid_services(holed):
    assert "land_cover has no class there" in str(holed.explain("soil_retention", zone="150105103"))


def test_spreads_are_told(ledger):
    assert "spread: output over zones by area of cropland" in str(ledger.explain("crops"))


def test_in_chinese(ledger):
    text = str(ledger.explain("water_conservation", lang="zh"))
    assert text.startswith("水源涵养 | Water conservation")
    assert "负值按零计。" in text
    assert "演示方法" in text
    assert "落叶阔叶林" in text
    for said in ("东镇 (150105101)", "估价方法: shadow engineering", "公式", "输入数据", "降水量"):
        assert said in text
    assert not any(word in text for word in ("Formulas", "Inputs", "Coefficients", "variant:", "clause:"))


def test_a_page_of_many_rows_says_how_many_more(ledger, monkeypatch):
    monkeypatch.setattr("gep.ledger.provenance._ROWS", 2)
    rows = ledger.frame[ledger.frame["service"] == "livestock"]
    rest = rows["value"].iloc[2:].sum()
    assert f"and {len(rows) - 2} more rows, together {rest:,.0f} CNY_2010" in str(ledger.explain("livestock"))


def test_a_missing_number_is_said_in_words(ledger):
    frame = ledger.frame.copy()
    frame.loc[frame["service"] == "livestock", "value"] = float("nan")
    lost = gep.Ledger(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta)
    text = str(lost.explain("livestock"))
    assert "(livestock.net_output): no value CNY_2010" in text
    assert "nan" not in text


def test_values_known_directly_have_no_price(ledger):
    text = str(ledger.explain("livestock", zone="150105101"))
    assert "(not attributed): 100,000,000 CNY_2010 [published]" in text
    assert " x " not in text


def test_a_changed_profile_says_so(case):
    led = case.compile(profile=case.profile.using(tourism=False))
    assert "changed: tourism=False" in str(led.explain("crops"))


def test_a_service_that_is_not_there_is_refused(ledger):
    with pytest.raises(GepError, match="no rows with service = 'magic'"):
        ledger.explain("magic")


def test_titles_of_sources():
    assert title("gong-2017", "zh").startswith("中国生态系统水源涵养空间特征及其影响因素, ")
    assert title("gong-2017", "en").endswith("生态学报 37(7):2455-2462, 2017 [gong-2017]")
    assert (
        title("mine", "zh", {"mine": {"title_en": "Own survey", "year": 2021}}) == "Own survey, 2021 [mine]"
    )
    assert title("nowhere", "en") == "nowhere [nowhere]"


def test_sources_of_ones_own_appear_by_title(case):
    frame = case.table().frame.drop(columns=["set", "origin"]).assign(source="survey", low="", high="")
    own = type(case.table()).from_frame(frame, sources={"survey": {"title_en": "Own survey", "year": 2021}})
    led = case.compile(coefficients=own)
    assert "Own survey, 2021 [survey]; invented for tests" in str(led.explain("carbon_sequestration"))
