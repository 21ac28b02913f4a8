"""Ledgers at other prices: constant prices, another currency, base-year prices."""

import math

import numpy as np
import pandas as pd
import pytest

from gep import Ledger, indicators
from gep.change import deflated, revalued
from gep.errors import CoefficientError, LedgerError, PriceYearError, UnitError
from gep.prices import Deflator, Exchange

CPI = Deflator.shipped("chn-cpi").factor("CNY_2010", "CNY_2015")
GDP = Deflator.shipped("chn-gdp-deflator").factor("CNY_2010", "CNY_2015")


def rebuilt(ledger, frame, **parts):
    parts = {"region": ledger.region, "extent": ledger.extent, **parts}
    return Ledger(frame, ledger.zones, parts["region"], ledger.coverage, ledger.meta, parts["extent"])


def with_prices(ledger, factor, service):
    """The ledger with the prices of a service changed."""
    frame = ledger.frame.copy()
    hit = frame["service"] == service
    frame.loc[hit, ["price", "value"]] *= factor
    return rebuilt(ledger, frame)


# Constant prices ----------------------------------------------------------------------------------


def test_every_value_and_price_is_carried_and_quantities_stay(ledger):
    found = deflated(ledger, "CNY_2015", "chn-cpi")
    assert found.price_year == "CNY_2015"
    assert found.total("CNY") == pytest.approx(ledger.total("CNY") * CPI, rel=1e-13)
    pd.testing.assert_series_equal(found.frame["quantity"], ledger.frame["quantity"])
    pd.testing.assert_series_equal(found.frame["price"], ledger.frame["price"] * CPI)
    assert set(found.frame["price_unit"]) >= {"CNY_2015/m3", "CNY_2015/t", ""}
    assert ledger.price_year == "CNY_2010"


def test_it_is_what_compiling_in_that_year_gives(case, ledger):
    compiled = case.compile(price_year=2015, deflator="chn-cpi")
    found = deflated(ledger, "CNY_2015", "chn-cpi")
    np.testing.assert_allclose(found.frame["value"], compiled.frame["value"], rtol=1e-12)
    assert list(found.frame["price_unit"]) == list(compiled.frame["price_unit"])
    assert indicators.ggi(found) == pytest.approx(float(indicators.ggi(ledger)), rel=1e-12)


def test_there_and_back_is_the_same(ledger):
    back = deflated(deflated(ledger, "CNY_2018", "chn-cpi"), "CNY_2010", "chn-cpi")
    np.testing.assert_allclose(back.frame["value"], ledger.frame["value"], rtol=1e-14)
    assert list(back.frame["price_unit"]) == list(ledger.frame["price_unit"])
    assert back.region["gdp"] == pytest.approx(ledger.region["gdp"], rel=1e-14)
    assert deflated(ledger, "CNY_2010", "chn-cpi") is ledger


def test_provenance_says_how(ledger):
    found = deflated(ledger, "CNY_2015", "chn-cpi")
    assert any("CNY_2010 to CNY_2015 by chn-cpi: x 1.149" in line for line in found.meta.findings)
    assert "price level: CNY_2010 to CNY_2015 by chn-cpi" in str(found.explain("soil_retention"))
    assert not any("chn-cpi" in line for line in ledger.meta.findings)


def test_a_missing_value_stays_missing(ledger):
    frame = ledger.frame.copy()
    frame.loc[3, "value"] = np.nan
    found = deflated(rebuilt(ledger, frame), "CNY_2015", "chn-cpi")
    assert found.frame["value"].isna().sum() == ledger.frame["value"].isna().sum() + 1


def test_a_deflator_for_each_group_of_services(ledger):
    found = deflated(ledger, "CNY_2015", {"tourism": "chn-cpi", "*": "chn-gdp-deflator", "gdp": "chn-cpi"})
    ratio = (found.frame["value"] / ledger.frame["value"]).groupby(ledger.frame["service"]).max()
    assert ratio["tourism"] == pytest.approx(CPI)
    assert ratio["crops"] == ratio["soil_retention"] == pytest.approx(GDP)
    assert found.region["gdp"] == pytest.approx(ledger.region["gdp"] * CPI)
    with pytest.raises(CoefficientError, match="no deflator for"):
        deflated(ledger, "CNY_2015", {"tourism": "chn-cpi"})


def test_a_gdp_without_its_deflator_is_left_out_and_not_mixed(ledger):
    by_category = dict.fromkeys(("provisioning", "regulating", "cultural"), "chn-cpi")
    found = deflated(ledger, "CNY_2015", by_category)
    assert any("GDP" in line for line in found.meta.findings)
    with pytest.raises(LedgerError, match="GDP"):
        indicators.ggi(found)


# Another currency ---------------------------------------------------------------------------------


def test_deflated_at_home_then_exchanged(ledger):
    found = deflated(ledger, "USD_2015", "chn-cpi", "us-fed")
    rate = Exchange.shipped().factor("CNY_2015", "USD_2015")
    assert found.total("USD") == pytest.approx(ledger.total("CNY") * CPI * rate, rel=1e-13)
    assert "USD_2015/m3" in set(found.frame["price_unit"])
    assert any("then CNY_2015 to USD_2015 by us-fed" in line for line in found.meta.findings)
    back = deflated(found, "CNY_2015", None, "us-fed")
    assert back.total("CNY") == pytest.approx(ledger.total("CNY") * CPI, rel=1e-13)


def test_a_step_without_a_series_is_refused(ledger):
    with pytest.raises(UnitError, match="different currencies"):
        deflated(ledger, "USD_2015", "chn-cpi")
    with pytest.raises(PriceYearError, match="before it is exchanged"):
        deflated(ledger, "USD_2015", None, "us-fed")
    with pytest.raises(PriceYearError, match="price years"):
        deflated(ledger, "CNY_2015", None)
    with pytest.raises(PriceYearError, match="no currency-year"):
        deflated(ledger, "CNY_2015/t", "chn-cpi")


# Base-year prices ---------------------------------------------------------------------------------


def only(ledger, keep):
    return rebuilt(ledger, ledger.frame[keep(ledger.frame)])


def test_quantities_at_their_own_prices_are_the_same_rows(ledger):
    found = revalued(ledger, ledger)
    priced = ledger.frame["quantity"].notna()
    np.testing.assert_allclose(found.frame["value"][priced], ledger.frame["value"][priced], rtol=1e-12)
    assert found.frame["value"][~priced].isna().all()
    assert any("livestock, tourism" in line and "no base price" in line for line in found.meta.findings)
    assert "gdp" not in found.region


def test_a_price_that_moved_counts_at_its_base(ledger):
    dear = with_prices(ledger, 3.0, "soil_retention")
    found = revalued(dear, ledger)
    assert found.total("CNY", service="soil_retention") == pytest.approx(
        ledger.total("CNY", service="soil_retention"), rel=1e-12
    )
    assert "prices of 2010 (CNY_2010)" in str(found.explain("soil_retention"))


def test_rows_with_a_value_only_are_deflated_on_demand(ledger):
    later = deflated(ledger, "CNY_2015", "chn-cpi")
    found = revalued(later, ledger, "chn-cpi")
    assert found.price_year == "CNY_2010"
    assert found.total("CNY") == pytest.approx(ledger.total("CNY"), rel=1e-12)
    assert any("their value is deflated" in line for line in found.meta.findings)


def test_a_new_row_takes_the_one_price_of_its_item_or_none(ledger):
    zone = ledger.frame["zone"].iloc[12]
    base = only(ledger, lambda f: ~((f["zone"] == zone) & (f["service"] == "soil_retention")))
    found = revalued(ledger, base)
    assert found.total("CNY", service="soil_retention") == pytest.approx(
        ledger.total("CNY", service="soil_retention"), rel=1e-12
    )
    assert any("took the one price" in line for line in found.meta.findings)
    none = revalued(ledger, only(ledger, lambda f: f["item"] != "maize"))
    maize = none.frame["item"] == "maize"
    assert none.frame["value"][maize].isna().all()
    assert any("crops" in line and "no base price" in line for line in none.meta.findings)


def test_a_price_that_differs_within_the_base_is_not_borrowed(ledger):
    frame = ledger.frame.copy()
    soil = frame.index[frame["service"] == "soil_retention"]
    frame.loc[soil[0], ["price", "value"]] *= 2.0
    base = rebuilt(ledger, frame.drop(index=soil[-1]))
    found = revalued(ledger, base)
    assert math.isnan(found.frame["value"].iloc[soil[-1]])
    assert found.frame["value"].iloc[soil[0]] == pytest.approx(2.0 * ledger.frame["value"].iloc[soil[0]])


def test_other_zones_and_other_units_are_refused(ledger, case):
    frame = ledger.frame.assign(quantity_unit=ledger.frame["quantity_unit"].replace("t/year", "kg/year"))
    with pytest.raises(LedgerError, match=r"crops / output .* t/year .*kg/year|kg/year.*t/year"):
        revalued(rebuilt(ledger, frame), ledger)
    less = ledger.zones.drop(index=ledger.zones.index[0])
    kept = ledger.frame[ledger.frame["zone"] != ledger.zones.index[0]]
    other = Ledger(kept, less, ledger.region, ledger.coverage, ledger.meta, ledger.extent)
    with pytest.raises(LedgerError, match="150105101 are in the ledger of 2010 alone"):
        revalued(ledger, other)


def test_an_account_is_compiled_in_another_currency(case, ledger):
    compiled = case.compile(price_year="USD_2015", deflator="chn-cpi", exchange="us-fed")
    found = deflated(ledger, "USD_2015", "chn-cpi", "us-fed")
    np.testing.assert_allclose(found.frame["value"], compiled.frame["value"], rtol=1e-12)
    assert "then CNY_2015 to USD_2015 by us-fed" in str(compiled.explain("soil_retention"))
    assert not case.check(price_year="USD_2015", deflator="chn-cpi", exchange="us-fed").faults
    with pytest.raises(UnitError, match="different currencies"):
        case.compile(price_year="USD_2015", deflator="chn-cpi")
