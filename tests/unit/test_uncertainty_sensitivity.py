"""Sensitivity to the profile is a difference between methods, and says so."""

import numpy as np
import pytest

from gep import Ledger
from gep.errors import LedgerError
from gep.uncertainty import compare_profiles


@pytest.fixture(scope="module")
def two(case, ledger):
    profile = case.profile.using(water_conservation="balance", tourism=False)
    return {"mee": ledger, "ndrc": case.compile(profile=profile)}


def test_differences_are_those_of_the_ledgers(two):
    table = compare_profiles(two, by="service", unit="万元")
    water = [led.total("万元", service="water_conservation") for led in two.values()]
    row = table.loc["water_conservation"]
    assert row["mee"] == pytest.approx(float(water[0]))
    assert row["difference:ndrc"] == pytest.approx(water[1] - water[0])
    assert row["relative:ndrc"] == pytest.approx((water[1] - water[0]) / water[0])
    assert table.loc["crops", "difference:ndrc"] == 0.0
    total = table.loc["total"]
    assert total["difference:ndrc"] == pytest.approx(two["ndrc"].total("万元") - two["mee"].total("万元"))


def test_what_one_profile_leaves_out_is_missing_and_no_zero(two):
    row = compare_profiles(two, by="service").loc["tourism"]
    assert np.isnan(row["ndrc"])
    assert np.isnan(row["difference:ndrc"])
    turned = compare_profiles(dict(reversed(two.items())), by="service")
    assert np.isnan(turned.loc["tourism", "relative:mee"])


def test_it_is_called_by_its_name(two):
    table = compare_profiles(two)
    assert table.attrs["name"] == "profile sensitivity"
    assert "no interval" in table.attrs["reading"]
    assert table.index.names == ["category", "service"]
    assert ("total", "") in table.index
    assert compare_profiles(two, labels="zh").attrs["name"] == "profile sensitivity"


def test_only_the_profile_may_differ(case, ledger, two):
    with pytest.raises(LedgerError, match="two at least"):
        compare_profiles({"mee": ledger})
    later = case.compile(price_year=2015, deflator="chn-cpi")
    moved = Ledger(
        ledger.frame.assign(year=2011),
        ledger.zones.rename(columns=str),
        ledger.region,
        ledger.coverage,
        ledger.meta,
    )
    with pytest.raises(LedgerError) as caught:
        compare_profiles({"a": ledger, "b": later, "c": moved})
    assert "price year CNY_2015" in str(caught.value)
    assert "year 2011" in str(caught.value)
