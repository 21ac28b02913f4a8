"""Indicators over zones and years: density, quotients, Lorenz and Gini, growth, conversion."""

import math

import numpy as np
import pandas as pd
import pytest

from gep import indicators
from gep.errors import LedgerError
from gep.ledger import Ledger

A, B, C, D = "150105101", "150105102", "150105103", "150105104"


def livestock(case, values):
    given = [(z, "", v, "亿元_2010/year") for z, v in zip((A, B, C, D), values, strict=True)]
    return case.compile(
        case.inputs(rows=case.rows_with(livestock_net_output=given)), allow_empty=["livestock"]
    )


def test_density_and_rank_by_hand(ledger):
    table = indicators.density_ranking(ledger, unit="元/m2", service="livestock")
    area = ledger.zones["area_m2"]
    assert table.loc[B, "density"] == pytest.approx(2e8 / area[B])
    order = sorted(area.index, key=lambda z: -{A: 1, B: 2, C: 3, D: 4}[z] / area[z])
    assert list(table.index) == order
    assert table["rank"].tolist() == [1, 2, 3, 4]
    weighted = (table["ratio"] * table["area_km2"]).sum() / table["area_km2"].sum()
    assert weighted == pytest.approx(1)
    assert (
        indicators.density_ranking(ledger)
        .attrs["notes"][0]
        .startswith("known for the region alone, in no zone: tourism")
    )


def test_a_level_and_a_zone_without_value_in_the_ranking(case):
    led = livestock(case, [None, 2.0, 3.0, 4.0])
    table = indicators.density_ranking(led, service="livestock")
    assert table.index[-1] == A
    assert pd.isna(table.loc[A, "rank"])
    assert table.loc[A, "missing_rows"] == 1
    county = indicators.density_ranking(led, by="county")
    assert set(county.index) == {"甲县", "乙县"}


def test_location_quotients_by_hand(case):
    led = livestock(case, [1.0, 2.0, 3.0, 4.0])
    table = indicators.location_quotient(led, of="category")
    value = led.by("zone", "category", unit="CNY")["value"].drop("全区", level="zone")
    zone, category = value.groupby("zone").sum(), value.groupby("category").sum()
    wanted = value[C, "provisioning"] / zone[C] / (category["provisioning"] / zone.sum())
    assert table.loc[C, "provisioning"] == pytest.approx(wanted)
    assert ((table["provisioning"] * zone).sum() / zone.sum()) == pytest.approx(1)
    assert "物质产品" in indicators.location_quotient(led, of="category", labels="zh").columns


def test_a_missing_cell_has_no_quotient(case):
    table = indicators.location_quotient(livestock(case, [None, 2.0, 3.0, 4.0]))
    assert math.isnan(table.loc[A, "livestock"])
    assert table.loc[B, "livestock"] > 0


def test_gini_by_hand(case):
    led = livestock(case, [1.0, 2.0, 3.0, 4.0])
    found = indicators.gini_of(led, service="livestock")
    assert found == pytest.approx(0.25)  # mean difference of all pairs 1.25, mean 2.5
    assert "every zone weighs the same" in found.notes
    heads = indicators.gini_of(led, service="livestock", weight="population")
    assert heads == pytest.approx(0, abs=1e-12)  # 10 000 yuan a head in every township
    assert indicators.lorenz(led, service="livestock")["cumulative_value"].tolist() == pytest.approx(
        [0.1, 0.3, 0.6, 1]
    )


def test_zones_without_value_are_left_out_and_told(case):
    found = indicators.gini_of(livestock(case, [None, 2.0, 2.0, 2.0]), service="livestock")
    assert found == 0
    assert any("left out" in note and "东镇" in note for note in found.notes)


@pytest.mark.parametrize(
    ("values", "weights"),
    [([], None), ([1, math.nan], None), ([1, -1], None), ([0, 0], None), ([1, 2], [1, 0]), ([1], [1, 2])],
)
def test_what_has_no_gini(values, weights):
    with pytest.raises(LedgerError):
        indicators.gini(values, weights)


@pytest.mark.parametrize("wrong", [{"by": "river"}, {"service": "fishery"}, {"weight": "gdp"}])
def test_what_the_account_does_not_know(ledger, wrong):
    with pytest.raises(LedgerError, match="expected"):
        indicators.gini_of(ledger, **wrong)


def test_growth_by_hand(case):
    first = livestock(case, [1.0, 2.0, 3.0, 4.0])
    frame = first.frame.assign(year=2014)
    frame.loc[frame["service"] == "livestock", "value"] *= 1.21
    last = type(first)(frame, first.zones, first.region, first.coverage, first.meta)
    table = indicators.growth(first, last, by="service")
    assert table.loc["livestock", "growth"] == pytest.approx(21)
    assert table.loc["crops", "growth"] == 0
    yearly = indicators.growth(first, last, by="service", yearly=True)
    assert yearly.loc["livestock", "growth"] == pytest.approx(100 * (1.21**0.25 - 1))
    whole = indicators.growth(first, last)
    assert whole == pytest.approx(100 * 2.1e8 / first.total("CNY"))
    assert whole.unit == "%"
    with pytest.raises(LedgerError, match="one price year"):
        indicators.growth(first, case.compile(price_year=2015, deflator="chn-cpi"))
    with pytest.raises(LedgerError, match="there is no year"):
        indicators.growth(last, first, yearly=True)


def test_from_nothing_there_is_no_growth(case):
    zero, some = livestock(case, [0.0] * 4), livestock(case, [1.0] * 4)
    assert np.isnan(indicators.growth(zero, some, by="service").loc["livestock", "growth"])


def test_conversion_rate(ledger):
    found = indicators.conversion_rate(ledger)
    realised = 4.1e8 + 10e8 + 0.325e8
    assert found == pytest.approx(100 * realised / ledger.total("CNY"))
    assert found.unit == "%"
    assert "counted as realised: crops, livestock, tourism" in found.notes
    assert indicators.conversion_rate(ledger, services=["crops"]) == pytest.approx(
        100 * 4.1e8 / ledger.total("CNY")
    )
    with pytest.raises(LedgerError, match="fishery"):
        indicators.conversion_rate(ledger, services=["fishery"])


def test_conversion_as_published_for_ninghai(ledger):
    """Chen et al. 2021, abstract: GEP 1259.03, regulating 670.59 (53.26 %), converted 588.44 亿元."""
    frame = ledger.frame.iloc[[0, 1]].assign(zone="全区", ecosystem="", quantity_unit="", spread="")
    frame = frame.assign(category=["regulating", "cultural"], service=["soil_retention", "tourism"])
    frame = frame.assign(value=[670.59e8, 588.44e8], quantity=np.nan, price=np.nan)
    ninghai = Ledger(frame, ledger.zones, {"gdp": 1259.03e8 / 2.09}, ledger.coverage, ledger.meta)
    assert round(float(indicators.conversion_rate(ninghai)), 2) == 46.74 == round(100 - 53.26, 2)
    assert round(float(ninghai.total("亿元")), 2) == 1259.03
