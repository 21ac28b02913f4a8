"""Price series of one's own: units that are stated, bases that are linked, deflators by group, exchange."""

import math
import os
from pathlib import Path

import pandas as pd
import pytest

from gep.errors import AmbiguousCoefficient, CoefficientError, PriceYearError, UnitError
from gep.prices import Deflator, Exchange, Money, by_group
from gep.prices.links import basis

ROOT = Path(os.environ.get("GEP_SHARED_DIR") or Path(__file__).resolve().parents[3] / "shared")
STATS = ROOT / "data" / "stats"
needs_data = pytest.mark.skipif(
    not STATS.is_dir(), reason="the folder of real data (GEP_SHARED_DIR) is not here"
)


@pytest.fixture
def series(tmp_path):
    """Write a CSV and read it: series("year,value,...", currency="CNY", ...)."""

    def read(text, **options):
        path = tmp_path / "own.csv"
        path.write_text(text.replace(" ", ""), encoding="utf-8")
        return Deflator.load(path, **{"currency": "CNY", "source": "yearbook", **options})

    return read


# Units --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("%", "year,value\n2011,5\n2012,-2"),
        ("ratio", "year,value\n2011,1.05\n2012,0.98"),
        ("previous year = 100", "year,value\n2011,105\n2012,98"),
        ("上年＝100", "year,value\n2011,105\n2012,98"),
        ("2010 = 100", "year,value\n2010,100\n2011,105\n2012,102.9"),
        ("2010年=100", "year,value\n2012,102.9\n2010,100\n2011,105"),
        ("2005=1", "year,value\n2010,2\n2011,2.1\n2012,2.058"),
    ],
)
def test_one_series_in_every_form(series, unit, text):
    found = series(text, unit=unit)
    assert found.factor("CNY_2010", "CNY_2012") == pytest.approx(1.05 * 0.98, rel=1e-12)
    assert found.factor("CNY_2012", "CNY_2011") == pytest.approx(1 / 0.98, rel=1e-12)


@pytest.mark.parametrize("unit", ["index", "index 100", "100", "1", "2010", "yoy"])
def test_a_unit_that_leaves_it_open_is_refused(unit):
    with pytest.raises(CoefficientError, match="does not say") as caught:
        basis(unit)
    assert "previous year = 100" in caught.value.faults[0].expected


def test_without_unit_currency_or_source_nothing_is_read(series):
    text = "year,value\n2011,105"
    for lacking in ("unit", "currency", "source"):
        with pytest.raises(CoefficientError, match=f"no {lacking}"):
            series(text, **{"unit": "上年=100", lacking: ""})


@pytest.mark.parametrize(
    ("unit", "values", "says"),
    [
        ("%", (102.4, 101.9, 105.0), "is not the unit"),  # an index under the name of a percentage
        ("ratio", (102.4, 101.9, 105.0), "no number of an index"),
        ("ratio", (2.4, 1.9, 5.0), "is not the unit"),  # a percentage under the name of a ratio
        ("上年=100", (2.4, 1.9, 5.0), "no number of an index"),
        ("上年=100", (1.024, 1.019, 1.05), "no number of an index"),
        ("2011=100", (1.0, 1.019, 1.05), "in the base year"),
        ("2010=100", (100.0, -3.0, 101.0), "no number of an index"),
        ("2010=100", (100.0, 0.0, 101.0), "no number of an index"),
    ],
)
def test_numbers_that_cannot_be_in_their_unit_are_refused(series, unit, values, says):
    rows = "\n".join(f"{year},{value}" for year, value in zip((2011, 2012, 2013), values, strict=True))
    with pytest.raises(CoefficientError, match=says):
        series(f"year,value\n{rows}", unit=unit)


def test_one_year_of_great_inflation_is_believed(series):
    found = series("year,value\n2011,5\n2012,125.3\n2013,8", unit="%")
    assert found.factor("CNY_2011", "CNY_2012") == pytest.approx(2.253)


def test_faults_come_together_and_name_their_rows(series):
    with pytest.raises(CoefficientError, match="2 faults") as caught:
        series("year,value\n2011,many\n2012,102\nsoon,103", unit="上年=100")
    assert [fault.where for fault in caught.value.faults] == ["own.csv:2", "own.csv:4"]


def test_a_year_stands_once(series):
    with pytest.raises(CoefficientError, match="2011 stands twice"):
        series("year,value\n2010,100\n2011,105\n2011,106", unit="2010=100")


def test_an_empty_cell_is_a_year_without_a_link(series):
    found = series("year,value\n2011,105\n2012,\n2013,103", unit="上年=100")
    with pytest.raises(PriceYearError, match="no link to CNY_2012"):
        found.factor("CNY_2011", "CNY_2013")


def test_levels_reach_over_years_that_are_not_given(series):
    found = series("year,value\n2010,100\n2015,120\n2020,150", unit="2010=100")
    assert found.factor("CNY_2010", "CNY_2020") == pytest.approx(1.5)
    assert found.factor("CNY_2015", "CNY_2020") == pytest.approx(1.25)
    with pytest.raises(PriceYearError, match="no link to"):
        found.factor("CNY_2012", "CNY_2020")


# Bases --------------------------------------------------------------------------------------------

TWO_BASES = """year,value,unit
2010,100,2010=100
2015,118,2010=100
2020,130,2010=100
2015,90,2020=100
2020,100,2020=100
2023,104,2020=100
"""


def test_bases_are_linked_in_the_base_year_of_the_newer_and_say_so(series):
    found = series(TWO_BASES)
    assert found.factor("CNY_2010", "CNY_2023") == pytest.approx(1.30 * 1.04)
    assert found.factor("CNY_2015", "CNY_2020") == pytest.approx(130 / 118)
    assert found.joins == ("'2010=100' linked with '2020=100' in 2020",)
    assert "in 2020" in Money("CNY_2023", found).note("CNY_2010/t")


def test_another_link_year_can_be_stated_and_makes_another_chain(series):
    found = series(TWO_BASES, link=2015)
    assert found.factor("CNY_2010", "CNY_2023") == pytest.approx(1.18 * 104 / 90)
    assert "in 2015" in repr(found)
    with pytest.raises(CoefficientError, match="cannot be linked in 2018") as caught:
        series(TWO_BASES, link=2018)
    assert "[2015, 2020]" in caught.value.faults[0].expected


def test_an_overlap_of_several_years_without_a_natural_year_is_not_decided(series):
    text = TWO_BASES.replace("2020=100", "2021=100").replace("2020,100,", "2020,99,")
    with pytest.raises(CoefficientError, match="another chain") as caught:
        series(text)
    assert "state the year" in caught.value.faults[0].fix


def test_bases_that_do_not_meet_are_refused(series):
    with pytest.raises(CoefficientError, match="no year in common"):
        series("year,value,unit\n2010,100,2010=100\n2012,103,2010=100\n2015,100,2015=100\n2016,102,2015=100")


def test_whole_series_are_linked_as_well():
    cpi, gdp = Deflator.shipped("chn-cpi"), Deflator.shipped("chn-gdp-deflator")
    both = Deflator.joined(gdp, cpi, 2023)
    assert both.factor("CNY_2020", "CNY_2024") == pytest.approx(
        gdp.factor("CNY_2020", "CNY_2023") * cpi.factor("CNY_2023", "CNY_2024")
    )
    with pytest.raises(CoefficientError, match="overlap in 1986 to 2023"):
        Deflator.joined(gdp, cpi)


def test_one_deflator_of_several_currencies():
    both = Deflator.together(Deflator.shipped("chn-cpi"), Deflator.shipped("usa-cpi"))
    assert both.currencies == ["CNY", "USD"]
    money = Money("CNY_2020", both, Exchange.shipped())
    assert money.convert("USD_2010/t")[0] == pytest.approx(
        Deflator.shipped("usa-cpi").factor("USD_2010", "USD_2020") * 6.9042
    )
    with pytest.raises(CoefficientError, match="both series of CNY"):
        Deflator.together(Deflator.shipped("chn-cpi"), Deflator.shipped("chn-gdp-deflator"))


# Groups -------------------------------------------------------------------------------------------

SERVICES = {"crops": "provisioning", "soil_retention": "regulating", "tourism": "cultural"}


def test_the_service_comes_before_its_category_and_the_rest_last():
    found = by_group(
        {"tourism": "chn-cpi", "cultural": "chn-gdp-deflator", "*": "chn-gdp-deflator"}, SERVICES
    )
    assert [found[s].name for s in SERVICES] == ["chn-gdp-deflator", "chn-gdp-deflator", "chn-cpi"]
    assert set(by_group("chn-cpi", SERVICES)) == set(SERVICES)


def test_a_group_without_a_series_or_without_a_service_is_named():
    with pytest.raises(CoefficientError, match="no deflator for crops, soil_retention"):
        by_group({"cultural": "chn-cpi"}, SERVICES)
    with pytest.raises(CoefficientError, match="given for turism") as caught:
        by_group({"turism": "chn-cpi", "*": "chn-cpi"}, SERVICES)
    assert "tourism" in caught.value.faults[0].expected


# Exchange -----------------------------------------------------------------------------------------


def test_rates_run_both_ways_and_through_the_dollar():
    """6.9042 yuan and 1/1.1410 euro for a dollar: 7.8777 yuan for a euro (G.5A, 2020)."""
    fed = Exchange.shipped("us-fed")
    assert fed.factor("USD_2020", "CNY_2020") == 6.9042
    assert fed.factor("CNY_2020", "USD_2020") == pytest.approx(1 / 6.9042)
    assert fed.factor("EUR_2020", "CNY_2020") == pytest.approx(6.9042 * 1.1410)
    assert fed.factor("GBP_2020", "EUR_2020") == pytest.approx(1.2829 / 1.1410)
    assert fed.factor("CNY_2020", "CNY_2020") == 1.0
    assert len(fed.path("EUR_2020", "CNY_2020")) == 2


def test_a_rate_holds_within_one_year():
    with pytest.raises(PriceYearError, match="holds within one year") as caught:
        Exchange.shipped().factor("CNY_2010", "USD_2020")
    assert "deflate to CNY_2020" in caught.value.faults[0].fix


def test_a_year_or_currency_without_a_rate_is_named():
    with pytest.raises(PriceYearError, match="no rate of GBP_2016 and CNY_2016"):
        Exchange.shipped().factor("GBP_2016", "CNY_2016")
    with pytest.raises(CoefficientError, match="us-fed"):
        Exchange.shipped("nowhere")


def test_money_is_deflated_at_home_and_then_exchanged():
    cpi, fed = Deflator.shipped("chn-cpi"), Exchange.shipped()
    money = Money("USD_2020", cpi, fed)
    factor, unit = money.convert("CNY_2010/t")
    assert unit == "USD_2020/t"
    assert factor == pytest.approx(cpi.factor("CNY_2010", "CNY_2020") / 6.9042, rel=1e-14)
    # the other order would be the rate of 2010 and prices of the United States: 1.1869 / 6.7696
    assert factor != pytest.approx(
        Deflator.shipped("usa-cpi").factor("USD_2010", "USD_2020") / 6.7696, rel=0.01
    )
    note = money.note("CNY_2010/t")
    assert note.startswith("CNY_2010 to CNY_2020 by chn-cpi")
    assert "then CNY_2020 to USD_2020 by us-fed" in note
    assert "us-fed-g5a" in note


def test_each_missing_step_is_refused():
    fed = Exchange.shipped()
    with pytest.raises(UnitError, match="different currencies"):
        Money("USD_2020", Deflator.shipped("chn-cpi")).convert("CNY_2020/t")
    with pytest.raises(PriceYearError, match="before it is exchanged"):
        Money("USD_2020", None, fed).convert("CNY_2010/t")
    with pytest.raises(PriceYearError, match="price years"):
        Money("CNY_2020", None, fed).convert("CNY_2010/t")
    with pytest.raises(PriceYearError, match="no link to CNY_2011"):
        Money("USD_2020", Deflator.shipped("usa-cpi"), fed).convert("CNY_2010/t")
    assert Money("USD_2020", None, fed).convert("CNY_2020/t")[0] == pytest.approx(1 / 6.9042)


@pytest.mark.parametrize(
    ("rows", "kind", "says"),
    [
        ("a,6.9,CNY_2020/USD_2019,mee-2020,p,x", CoefficientError, "two currencies of one year"),
        ("a,6.9,CNY_2020,mee-2020,p,x", CoefficientError, "two currencies of one year"),
        ("a,-6.9,CNY_2020/USD_2020,mee-2020,p,x", CoefficientError, "no exchange rate"),
        ("a,6.9,CNY_2020/USD_2020,,,x", CoefficientError, "no source"),
        ("a,6.9,CNY/USD,mee-2020,p,x", CoefficientError, "without a price year"),
        (
            "a,6.9,CNY_2020/USD_2020,mee-2020,p,x\nb,0.14,USD_2020/CNY_2020,mee-2020,p,x",
            AmbiguousCoefficient,
            "two rates",
        ),
    ],
)
def test_rates_that_cannot_be_believed_are_refused(tmp_path, rows, kind, says):
    path = tmp_path / "own.csv"
    path.write_text(f"id,value,unit,source,locator,status\n{rows}\n", encoding="utf-8")
    with pytest.raises(kind, match=says):
        Exchange.load(path)


def test_two_ways_between_currencies_are_not_chosen_from(tmp_path):
    path = tmp_path / "own.csv"
    rows = [("CNY", "USD", 7), ("EUR", "USD", 0.9), ("CNY", "GBP", 9), ("EUR", "GBP", 1.1)]
    lines = [f"r{i},{v},{a}_2020/{b}_2020,mee-2020,p,x" for i, (a, b, v) in enumerate(rows)]
    path.write_text("\n".join(["id,value,unit,source,locator,status", *lines]), encoding="utf-8")
    with pytest.raises(AmbiguousCoefficient, match="through GBP_2020 and USD_2020"):
        Exchange.load(path).factor("CNY_2020", "EUR_2020")


# Against the public files ---------------------------------------------------------------------------


@needs_data
@pytest.mark.parametrize(("name", "column"), [("chn-cpi", "cpi"), ("chn-gdp-deflator", "gdp_deflator")])
def test_chinese_series_agree_with_the_public_copy_in_all_years(name, column):
    table = pd.read_csv(STATS / "china_price_indices.csv").set_index("year")
    shipped = Deflator.shipped(name)
    known = table[f"{column}_percent"].dropna()
    assert len(known) == len(shipped.links)
    for year, percent in known.items():
        assert shipped.links[f"CNY_{year}"].value == pytest.approx(1 + percent / 100, abs=1e-8)
    for base in (2010, 2020):
        loaded = Deflator.load(
            STATS / "china_price_indices.csv", currency="CNY", value=f"{column}_{base}_100",
            unit=f"{base} = 100", source="worldbank-wdi",
        )  # fmt: skip
        levels = table[f"{column}_{base}_100"].dropna()
        for year in levels.index:
            factor = shipped.factor(f"CNY_{base}", f"CNY_{year}")
            assert factor * 100 == pytest.approx(levels[year], rel=2e-6)
            assert loaded.factor(f"CNY_{base}", f"CNY_{year}") == pytest.approx(factor, rel=2e-6)


@needs_data
@pytest.mark.parametrize(
    ("name", "country", "currency"),
    [
        ("usa-cpi", "USA", "USD"),
        ("emu-cpi", "EMU", "EUR"),
        ("lao-cpi", "LAO", "LAK"),
        ("idn-cpi", "IDN", "IDR"),
    ],
)
def test_a_country_is_picked_out_of_a_file_of_many(name, country, currency):
    loaded = Deflator.load(
        STATS / "worldbank_cpi_inflation_percent.csv", currency=currency, unit="%",
        value="annual_percent", where={"Country Code": country}, source="worldbank-wdi",
    )  # fmt: skip
    shipped = Deflator.shipped(name)
    first, last = min(shipped.links), max(shipped.links)
    assert shipped.factor(first, last) == pytest.approx(loaded.factor(first, last), rel=1e-6)


@needs_data
def test_exchange_rates_agree_with_the_public_copy():
    """The copy prints every currency per dollar, also those that the release quotes in dollars."""
    codes = {
        "China": "CNY",
        "Euro": "EUR",
        "Japan": "JPY",
        "Canada": "CAD",
        "Australia": "AUD",
        "Hong Kong": "HKD",
    }
    fed = Exchange.shipped()
    table = pd.read_csv(STATS / "fx_annual_us_fed.csv")
    compared = 0
    for date, country, rate in table.itertuples(index=False):
        year = int(str(date)[:4])
        if country in codes and 1990 <= year <= 2024:
            found = fed.factor(f"USD_{year}", f"{codes[country]}_{year}")
            assert found == pytest.approx(rate, rel=2e-4), (country, year)
            compared += 1
    assert compared == 201
    assert math.isclose(fed.factor("USD_2020", "CNY_2020"), 6.9042)
