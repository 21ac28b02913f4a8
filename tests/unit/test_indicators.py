"""Ratios of a ledger to what an economy makes."""

import math

import pytest

from gep import indicators
from gep.errors import LedgerError


def test_green_gold_index_by_hand(ledger):
    found = indicators.ggi(ledger)
    assert found == pytest.approx(ledger.total("CNY") / 50e8, rel=1e-14)
    assert found.unit == "1"


def test_a_deflator_does_not_change_the_ratio(case, ledger):
    later = case.compile(price_year=2015, deflator="chn-cpi")
    assert indicators.ggi(later) == pytest.approx(float(indicators.ggi(ledger)), rel=1e-12)


def test_product_share_by_hand(ledger):
    """Crops 4.1e8, livestock 10e8, tourism 0.325e8 of a GDP of 50e8."""
    found = indicators.product_share(ledger)
    assert found == pytest.approx(100 * (4.1 + 10 + 0.325) / 50, rel=1e-12)
    assert found.unit == "%"
    only = indicators.product_share(ledger, ["cultural"])
    assert only == pytest.approx(100 * 0.325 / 50)


def test_holes_go_with_the_ratio(holed):
    assert "precipitation missing" in str(indicators.ggi(holed))


def test_a_service_that_is_left_out_counts_nothing(case):
    led = case.compile(profile=case.profile.using(tourism=False))
    assert indicators.product_share(led) == pytest.approx(100 * 14.1 / 50, rel=1e-12)


@pytest.mark.parametrize("rows", [[], [("150105101", "", 1.0, "亿元_2010/year")]])
def test_without_a_gdp_of_the_region_there_is_no_ratio(case, rows):
    led = case.compile(case.inputs(rows=case.rows_with(gdp=rows)))
    for ratio in (indicators.ggi, indicators.product_share):
        with pytest.raises(LedgerError, match="GDP of the region is not known") as caught:
            ratio(led)
        assert "gdp" in caught.value.faults[0].expected


def test_no_category_present_is_not_a_share_of_zero(case):
    profile = case.profile.using(crops=False, livestock=False, tourism=False)
    led = case.compile(profile=profile)
    found = indicators.product_share(led)
    assert math.isnan(found) or any("provisioning" in note for note in found.notes)
