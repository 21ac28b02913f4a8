"""Price years: chains of links, and money that is refused or carried."""

import math

import pytest

from gep import Deflator
from gep.errors import CoefficientError, PriceYearError
from gep.prices import Money, available

HEADER = "id,series,value,unit,source,locator,status\n"


@pytest.fixture
def series(tmp_path):
    """Prices double from 2018 to 2019 and rise by half from 2019 to 2020."""
    path = tmp_path / "own.csv"
    path.write_text(
        HEADER
        + "a,own,2.0,CNY_2019/CNY_2018,mee-2020,p. 1,verified\n"
        + "b,own,1.5,CNY_2020/CNY_2019,mee-2020,p. 1,verified\n",
        encoding="utf-8",
    )
    return Deflator.load(path)


def test_links_multiply_and_run_backwards(series):
    assert series.factor("CNY_2018", "CNY_2020") == 3.0
    assert series.factor("CNY_2020", "CNY_2018") == pytest.approx(1 / 3)
    assert series.factor("CNY_2019", "CNY_2019") == 1.0
    assert [link.id for link in series.path("CNY_2018", "CNY_2020")] == ["a", "b"]


def test_only_the_years_between_count():
    """Seven links lead from 2012 to 2019: 2012 itself is not one of them."""
    path = Deflator.shipped("chn-cpi").path("CNY_2012", "CNY_2019")
    assert [link.later for link in path] == [f"CNY_{year}" for year in range(2013, 2020)]


def test_the_shipped_series_by_hand():
    rates = [1.05553899, 1.02619524, 1.0262105, 1.01921642, 1.01437024]  # 2011 to 2015, as published
    assert Deflator.shipped("chn-cpi").factor("CNY_2010", "CNY_2015") == pytest.approx(
        math.prod(rates), rel=1e-12
    )


@pytest.mark.parametrize("name", available())
def test_shipped_series_have_no_gap_and_a_source_for_every_link(name):
    found = Deflator.shipped(name)
    years = sorted(int(later[-4:]) for later in found.links)
    assert years == list(range(years[0], years[-1] + 1))
    assert all(link.source and link.locator for link in found.links.values())


def test_a_year_beyond_the_series_is_named(series):
    with pytest.raises(PriceYearError, match="no link to CNY_2021, CNY_2022") as caught:
        series.factor("CNY_2018", "CNY_2022")
    assert "CNY_2019 to CNY_2020" in caught.value.faults[0].expected


def test_currencies_are_not_exchanged(series):
    with pytest.raises(PriceYearError, match="different currencies"):
        series.factor("USD_2018", "CNY_2020")


def test_an_unknown_series_lists_the_known():
    with pytest.raises(CoefficientError, match="chn-cpi"):
        Deflator.shipped("nowhere")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("a,own,2.0,CNY_2019/CNY_2017,mee-2020,p,verified", "a link of two years"),
        ("a,own,2.0,CNY_2019,mee-2020,p,verified", "a link of two years"),
        ("a,own,105,CNY_2019/CNY_2018,mee-2020,p,verified", "no year-on-year link"),  # an index, not a ratio
        ("a,own,1.05,CNY_2018/CNY_2019,mee-2020,p,verified", r"own\.csv:2"),  # upside down
        ("a,own,1.05,CNY_2019/CNY_2018,,,verified", "no source"),
        ("a,own,many,CNY_2019/CNY_2018,mee-2020,p,verified", "cannot be read"),
    ],
)
def test_links_that_cannot_be_believed_are_refused(tmp_path, row, says):
    path = tmp_path / "own.csv"
    path.write_text(HEADER + row + "\n", encoding="utf-8")
    with pytest.raises(CoefficientError, match=says) as caught:
        Deflator.load(path)
    assert "own.csv" in str(caught.value)


def test_money_of_another_year_needs_a_deflator(series):
    with pytest.raises(PriceYearError, match="CNY_2018 and CNY_2020") as caught:
        Money("CNY_2020").convert("CNY_2018/t")
    assert "deflator" in caught.value.faults[0].fix
    assert Money("CNY_2020", series).convert("CNY_2018/t") == (3.0, "CNY_2020/t")
    assert Money("CNY_2020", series).convert("t/CNY_2018") == (pytest.approx(1 / 3), "t/CNY_2020")


@pytest.mark.parametrize("unit", ["t/ha", "CNY_2020/t", "1"])
def test_other_units_pass_untouched(unit):
    assert Money("CNY_2020").convert(unit) == (1.0, unit)
    assert Money("CNY_2020").note(unit) == ""


def test_a_note_says_the_factor_and_the_source(series):
    assert Money("CNY_2020", series).note("CNY_2018/t") == "CNY_2018 to CNY_2020 by own: x 3 (mee-2020)"
