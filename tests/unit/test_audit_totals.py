"""Totals beside totals, shares closed to 100, and ways of printing that change nothing."""

from __future__ import annotations

import pandas as pd
import pytest

from gep.auditing import AuditReport, audit
from gep.auditing.published import load, measure

COLUMNS = [
    "region",
    "category",
    "service",
    "indicator",
    "physical_value",
    "physical_unit",
    "money_value",
    "money_unit",
]


def table(*rows: str) -> pd.DataFrame:
    cells = [(row.split("|") + [""] * len(COLUMNS))[: len(COLUMNS)] for row in rows]
    return pd.DataFrame(cells, columns=COLUMNS).assign(year="2020", account="a", source="s")


def total(region: str, value: str, name: str = "GEP") -> str:
    return f"{region}|total|total|{name}|||{value}|1e8 CNY"


def codes(report: AuditReport) -> list[str]:
    return [f.code for f in report]


def test_two_totals_of_one_name_must_agree() -> None:
    report = audit(table(total("r", "103.07"), total("r", "130.07")))
    assert codes(report) == ["totals"]
    assert report.findings[0].causes[0].key == "transposed-digits"
    assert report.findings[0].gap == pytest.approx(26.99)
    assert not audit(table(total("r", "103.07"), total("r", "103.1")))
    assert not audit(table(total("r", "103.07"), total("r", "130.07", "GEP (other scope)")))
    assert not audit(table(total("r", "103.07"), total("r", "130.07")).assign(source=["paper", "yearbook"]))


def test_a_region_is_held_against_the_parts_that_bear_its_name() -> None:
    parts = (total("甲市东区", "40.0"), total("甲市西区", "60.0"))
    held = audit(table(total("甲市", "100.0"), *parts))
    assert not held
    assert [c.code for c in held.held] == ["sum-regions"]
    over = audit(table(total("甲市", "98.0"), *parts))
    assert [(f.code, f.severity) for f in over] == [("sum-regions", "error")]
    assert over.findings[0].gap == pytest.approx(-1.85)
    # parts that come to less may be not all of them; far less says nothing
    assert [f.severity for f in audit(table(total("甲市", "103.0"), *parts))] == ["warning"]
    assert not audit(table(total("甲市", "300.0"), *parts)).checks
    assert not audit(table(total("甲市", "98.0"), total("乙市", "40.0"), total("丙市", "60.0"))).checks


def closed(
    shares: tuple[str, str, str], parts: tuple[str, str, str] = ("30.39", "106.68", "49.84")
) -> AuditReport:
    names = ("provisioning", "regulating", "cultural")
    rows = [f"r|{n}|all {n}|{n}|||{v}|1e8 CNY" for n, v in zip(names, parts, strict=True)]
    rows += [f"r|context||share {n}|{v}|%" for n, v in zip(names, shares, strict=True)]
    return audit(table(*rows, total("r", "186.91")))


def test_a_largest_share_moved_to_close_at_100_is_noted() -> None:
    report = closed(("16.26", "57.07", "26.67"))
    assert [(f.code, f.severity, f.gap_unit) for f in report] == [("share-closed", "note", "%")]
    assert report.findings[0].gap == pytest.approx(-0.01)
    assert "100.01" in report.findings[0].text()
    assert "100.01" in report.findings[0].text("zh")


def test_other_last_digits_are_explained_by_rounding() -> None:
    # each as the figures give it; and one of the smaller ones off instead
    assert "share-closed" not in codes(closed(("16.26", "57.08", "26.67")))
    assert "share-closed" not in codes(closed(("16.25", "57.08", "26.67")))


def test_shares_without_a_unit_are_percent_where_one_exceeds_the_whole() -> None:
    rows = load(
        table("r|context||share a|90.68", "r|context||share b|0.94", "q|context||share a|0.9068")
    ).rows
    assert [str(r.physical) for r in rows] == ["90.68 %", "0.94 %", "0.9068"]


def test_traditional_characters_are_read() -> None:
    rows = (
        "臺灣|物質產品|物質產品|||| 1.34|億元", "臺灣|調節服務|調節服務||||28.44|億元",
        "臺灣|文化服務|文化旅遊服務||||73.29|億元", "臺灣|合計|合計|生態系統生產總值|||103.07|億元",
        "臺灣|context||調節服務佔比|27.59|%",
    )  # fmt: skip
    report = audit(table(*rows))
    assert not report
    assert {c.code for c in report.held} == {"sum", "share"}
    assert load(table(*rows)).rows[0].region == "臺灣"


@pytest.mark.parametrize("column", ["service", "indicator"])
def test_names_in_either_column_are_held_against_the_total(column: str) -> None:
    rows = [("provisioning", "crops", "1.34"), ("regulating", "water", "28.44"), ("total", "GEP", "28.78")]
    found = audit(pd.DataFrame(rows, columns=["category", column, "money_value"]).assign(money_unit="亿元"))
    assert codes(found) == ["sum"]
    assert found.findings[0].where == ("table:3 GEP", "table:1 crops", "table:2 water")


def test_a_tonne_of_nitrogen_is_no_trillion() -> None:
    assert measure("tN/year") == measure("t/year")
    assert measure("tn CNY", is_money=True)[0] == 1e12
