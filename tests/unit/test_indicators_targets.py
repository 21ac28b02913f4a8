"""Targets set against an account, and rows 10 and 11 of the two mountains."""

import math

import numpy as np
import pandas as pd
import pytest

from gep import indicators
from gep.errors import TableError
from gep.ledger import Ledger

C = "150105103"


def one(ledger, previous=None, **row):
    return indicators.assess(ledger, pd.DataFrame([row]), previous=previous).iloc[0]


def test_met_and_not_met_with_units(ledger):
    total = float(ledger.total("亿元"))
    met = one(ledger, indicator="gep", target=total * 1e4 * 0.5, unit="万元")
    assert (met["verdict"], met["achieved"]) == ("met", pytest.approx(200))
    assert one(ledger, indicator="gep", target=total * 2, unit="亿元")["verdict"] == "not_met"
    assert one(ledger, indicator="gep", target=total * 2, unit="亿元", rule="<=")["verdict"] == "met"


def test_by_township_name_and_service(ledger):
    found = one(ledger, indicator="service:livestock", zone="南乡", target=4, unit="亿元")
    assert (found["zone"], found["actual"], found["achieved"]) == (C, pytest.approx(3), pytest.approx(75))
    density = one(ledger, indicator="per_area", zone=C, target=1.0, unit="元/m2")
    assert density["actual"] == pytest.approx(float(ledger.per_area("元/m2", by="zone").loc[C, "value"]))
    heads = one(ledger, indicator="per_capita", zone=C, target=1.0, unit="元/person")
    assert heads["actual"] == pytest.approx(float(ledger.per_capita("元/person", by="zone").loc[C, "value"]))


def test_indicators_of_the_region_and_what_is_given_beside(ledger):
    assert one(ledger, indicator="product_share", target=20, unit="%")["verdict"] == "met"
    assert one(ledger, indicator="ggi", target=99)["verdict"] == "not_met"
    given = one(ledger, indicator="林草覆盖率", target=38, unit="%", actual=37.3)
    assert (given["verdict"], given["notes"]) == ("not_met", "given")


def test_missing_is_never_a_verdict(ledger):
    frame = ledger.frame.copy()
    frame.loc[(frame["service"] == "livestock") & (frame["zone"] == C), "value"] = np.nan
    gap = Ledger(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta, ledger.extent)
    none = one(gap, indicator="service:livestock", zone=C, target=1, unit="亿元")
    assert none["verdict"] == "not_known"
    assert math.isnan(none["achieved"])
    # 7 of 10 亿元 are known: enough for 7, not enough to say that 8 is not reached
    assert one(gap, indicator="service:livestock", target=7, unit="亿元")["verdict"] == "met"
    assert one(gap, indicator="service:livestock", target=8, unit="亿元")["verdict"] == "not_known"
    assert one(gap, indicator="service:livestock", target=8, unit="亿元", rule="<=")["verdict"] == "not_known"
    assert one(gap, indicator="service:livestock", target=8, unit="亿元")["missing_rows"] == 1
    assert one(ledger, indicator="gep", target=None, unit="亿元")["verdict"] == "not_known"


def test_rising_against_the_account_before(ledger):
    frame = ledger.frame.assign(year=2009)
    frame["value"] *= 0.9
    frame["price"] *= 0.9
    before = Ledger(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta, ledger.extent)
    row = {"indicator": "gep", "rule": "rising", "unit": "亿元"}
    assert one(ledger, before, **row)["verdict"] == "met"
    assert one(ledger, ledger, **row)["verdict"] == "not_met"
    assert one(ledger, **row)["verdict"] == "not_known"
    grown = one(ledger, before, indicator="growth", target=10, unit="%")
    assert grown["actual"] == pytest.approx(100 / 9)
    table = indicators.two_mountains(ledger, before, labels="en")
    assert table.index.tolist() == [10, 11]
    assert table["verdict"].tolist() == ["met", "met"]


def test_two_mountains_by_hand(ledger):
    table = indicators.two_mountains(ledger)
    assert table.loc[10, "value"] == pytest.approx(float(ledger.per_area("万元/km2")))
    assert table.loc[11, "value"] == pytest.approx(float(indicators.product_share(ledger)))
    assert table.loc[10, "indicator"] == "单位国土面积生态系统生产总值"
    assert table.loc[11, "target"] == "稳定提高"
    assert table["verdict"].tolist() == ["无法判断", "无法判断"]


def test_labels(ledger):
    targets = pd.DataFrame(
        [
            {"indicator": "gep", "target": 1, "unit": "亿元"},
            {"indicator": "service:crops", "target": 1, "unit": "亿元"},
        ]
    )
    table = indicators.assess(ledger, targets, labels="zh")
    assert table["indicator"].tolist() == ["生态系统生产总值（GEP）", "农业产品"]
    assert table["verdict"].tolist() == ["完成", "完成"]


def test_all_faults_at_once(ledger):
    targets = pd.DataFrame(
        [
            {"indicator": "geep", "target": 1, "unit": "亿元"},
            {"indicator": "gep", "zone": "nowhere", "target": 1, "unit": "亿元"},
            {"indicator": "gep", "target": "much", "unit": "亿元"},
            {"indicator": "gep", "target": 1, "unit": "t"},
            {"indicator": "gep", "target": 1, "unit": "亿元", "rule": "about"},
            {"indicator": "ggi", "zone": C, "target": 1, "unit": "1"},
            {"indicator": "service:fishery", "target": 1, "unit": "亿元"},
            {"indicator": "growth", "target": 1, "unit": "%"},
        ]
    )
    with pytest.raises(TableError) as caught:
        indicators.assess(ledger, targets)
    assert len(caught.value.faults) == 8
    assert {f.where.partition(" (")[0] for f in caught.value.faults} == {f"target {n}" for n in range(1, 9)}
