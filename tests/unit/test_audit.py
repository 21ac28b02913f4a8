"""Unit tests of the audit: reading, intervals, notes, single relations, report."""
# Rows are typed as printed, one a line.
# ruff: noqa: E501, SIM905

from __future__ import annotations

import pandas as pd
import pytest

import gep.auditing as audit_package
from gep.auditing import Interval, audit, interval
from gep.auditing.arithmetic import derivations
from gep.auditing.words import category_named, means, same_name, whole_area
from gep.errors import TableError

COLUMNS = (
    "category service indicator physical_value physical_unit price_value price_unit money_value money_unit note"
).split()


def table(*rows: str, **more: object) -> pd.DataFrame:
    """Rows of cells between bars, in the order of COLUMNS."""
    cells = [[c.strip() for c in row.split("|")] for row in rows]
    frame = pd.DataFrame([c + [""] * (len(COLUMNS) - len(c)) for c in cells], columns=COLUMNS)
    return frame.assign(year="2020", region="r", account="a", **more)


CLEAN = (
    "provisioning|material products||||||1.34|1e8 CNY",
    "regulating|all regulating||||||28.44|1e8 CNY",
    "cultural|all cultural||||||73.29|1e8 CNY",
    "total|total|GEP|||||103.07|1e8 CNY",
    "context|context|share material|1.30|%",
    "context|context|share regulating|27.59|%",
    "context|context|share cultural|71.11|%",
    "context|context|GEP per area|1014.79|1e4 CNY/km2",
    "context|context|national land area|1015.68|km2",
    "context|context|GEP per head|1.15|1e4 CNY/person",
    "context|context|population|89.63|1e4 persons",
    "context|context|GDP|||||773.42|1e8 CNY",
    "context|context|GEP/GDP|0.133|ratio",
    "context|context|居民人均生态产品产值占比|9.65|%",
)


def test_a_clean_account_has_no_finding_and_many_relations() -> None:
    report = audit(table(*CLEAN))
    assert not report
    assert len(report) == 0
    assert len(report.held) == len(report.checks) >= 8
    assert "103.07 1e8 CNY = 1.34 + 28.44 + 73.29" in str(report)
    assert "8 relations" not in str(report.findings)


def test_the_clean_account_in_chinese_words() -> None:
    rows = (
        "物质产品|物质产品|||||| 1.34|亿元",
        "调节服务|调节服务|||||| 28.44|亿元",
        "文化服务|文化旅游服务|||||| 73.29|亿元",
        "合计|合计|生态系统生产总值|||||103.07|亿元",
        "context||调节服务占比|27.59|%",
        "context||单位面积GEP|1014.79|万元/km2",
        "context||国土总面积|1025.2|平方公里",
        "context||人均GEP|1.15|万元/人",
        "context||常住人口|88.53|万人",
        "context||地区生产总值|||||773.42|亿元",
    )
    report = audit(table(*rows))
    assert {f.code for f in report} == {"density-area", "per-head"}
    assert any(c.code == "share" and c.held for c in report.checks)
    assert all("对应" in f.text("zh") for f in report)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("103.07", 103.065, 103.075),
        ("360", 359.5, 360.5),
        ("-1.2", -1.25, -1.15),
        ("1,234.5", 1234.45, 1234.55),
    ],
)
def test_printed_digits_are_intervals(text: str, low: float, high: float) -> None:
    assert interval(text).low == pytest.approx(low)
    assert interval(text).high == pytest.approx(high)


def test_interval_arithmetic() -> None:
    a, b = Interval(1.0, 2.0), Interval(-1.0, 3.0)
    assert (a * b) == Interval(-2.0, 6.0)
    assert (a - b) == Interval(-2.0, 3.0)
    assert (1.0 / a) == Interval(0.5, 1.0)
    assert (a / b).contains(1e300)
    assert interval("1.15", "truncated").contains(1.1599)
    assert not interval("1.15").contains(interval("1.164").mid)
    with pytest.raises(ValueError, match="upwards"):
        Interval(2.0, 1.0)
    with pytest.raises(ValueError, match="not a number"):
        interval("many")


def test_bad_input_is_reported_all_at_once(tmp_path: pytest.TempPathFactory) -> None:
    path = tmp_path / "bad.csv"  # type: ignore[operator]
    path.write_text(
        "category,service,money_value,year\nmagic,x,1,2020\ntotal,x,many,2020\ntotal,x,1,MMXX\n", "utf-8-sig"
    )
    with pytest.raises(TableError) as caught:
        audit(path)
    assert [f.where for f in caught.value.faults] == ["bad.csv:2", "bad.csv:3", "bad.csv:4"]
    with pytest.raises(TableError) as caught:
        audit(pd.DataFrame({"x": [1]}))
    assert len(caught.value.faults) == 3
    with pytest.raises(TableError, match="cannot be read"):
        audit(tmp_path / "absent.csv")  # type: ignore[operator]


def test_floats_keep_the_digits_python_shows() -> None:
    frame = table(*CLEAN).assign(money_value=[1.34, 28.44, 73.29, 103.07, *[None] * 7, 773.42, None, None])
    assert not audit(frame)


def test_unknown_units_are_noted_and_stop_nothing() -> None:
    report = audit(table(*CLEAN[:4], "regulating|of which air|SO2|3|wagons|2|CNY/wagon|1|1e8 CNY"))
    assert {f.code for f in report} == {"unit-unknown"}
    assert {f.severity for f in report} == {"note"}


def test_units_that_do_not_make_money() -> None:
    row = "regulating|soil|泥沙|10|1e4 t|5|CNY/m2|50|1e4 CNY"
    assert [f.code for f in audit(table(row))] == ["units"]
    stated = table(row.replace("|50|", "|0.5|")).assign(factor_value="0.01", note="coefficient 0.01 m2/t")
    assert not audit(stated)


def test_water_by_the_tonne_is_water_by_the_cubic_metre() -> None:
    assert not audit(table("regulating|water retention|涵养水源|19.18|1e8 t|6.11|CNY/m3|117.19|1e8 CNY"))


def test_a_stated_factor_that_the_units_contradict() -> None:
    row = "regulating|air|SO2|1137|t|1200|CNY/t|136.44|1e8 CNY"
    report = audit(table(row).assign(factor_value="0.0001"))
    assert report.findings[0].code == "units"
    assert "ratio-1e4" in {c.key for c in report.findings[0].causes}


def test_derived_rows_are_no_evidence() -> None:
    frame = table("regulating|w|water|2|m3|3|CNY/m3|6|CNY").assign(flag="SD")
    report = audit(frame)
    assert not report
    assert not report.held or all(c.code != "quantity-price" for c in report.held)
    assert [c.status for c in report.checks if c.code == "quantity-price"] == ["circular"]


def test_stocks_count_only_where_they_are_counted() -> None:
    counted = audit(table("provisioning|timber|活立木蓄积|18.00|1e4 m3|414.88|CNY/m3|7467.84|1e4 CNY"))
    assert [f.code for f in counted] == ["stock-in-total"]
    aside = audit(table(*CLEAN[:4], "context|context|贴现值 capitalised value|||||8968.15|1e8 CNY"))
    assert not aside
    assert any(c.code == "stock-in-total" and c.held for c in aside.checks)
    assert not audit(table("provisioning|products|livestock 畜牧业||||||22.08|1e8 CNY"))


def test_totals_of_another_scope_are_not_compared() -> None:
    report = audit(table(*CLEAN[:4], "total|total|GEP (other scope)|||||574.54|1e8 CNY"))
    assert not report
    assert [c.status for c in report.checks if c.code == "sum"] == ["held", "not compared"]
    assert not audit(table(CLEAN[3], "total|total|GEP (other scope)|||||574.54|1e8 CNY"))


def test_carbon_and_oxygen() -> None:
    co2 = "regulating|carbon sequestration|CO2|100|t"
    assert not audit(table(co2, "regulating|oxygen release|O2|73|t"))
    assert not audit(table("regulating|固碳|固碳量|27.3|t", "regulating|释氧|释氧量|73|t"))
    assert [f.code for f in audit(table(co2, "regulating|oxygen release|O2|810|t"))] == ["oxygen-carbon"]


def test_bounds_with_groups() -> None:
    towns = [f"context|township {n}|lower bound|||||13|1e8 CNY" for n in range(6)]
    frame = table(CLEAN[3], *towns)
    frame["indicator"] = [
        f"{i} {s}" if "bound" in i else i for i, s in zip(frame.indicator, frame.service, strict=True)
    ]
    names = list(frame.indicator[1:])
    assert not audit(frame, groups=[(names, 93)])
    report = audit(frame, groups=[(names, 70)])
    assert [f.code for f in report] == ["bounds"]


def test_growth_between_printed_years() -> None:
    frame = table(
        "total|total|GEP|||||2045.13|1e8 CNY", "total|total|GEP|||||2051.43|1e8 CNY", "context||growth|0.31|%"
    )
    frame["year"] = ["2019", "2020", "2020"]
    assert not audit(frame)
    frame.loc[2, "physical_value"] = "3.1"
    report = audit(frame)
    assert report.findings[0].code == "growth"
    assert "ratio-10" in {c.key for c in report.findings[0].causes}
    assert not audit(frame, year=2019)


def test_derivations_are_read_and_prose_is_not() -> None:
    assert [d.value.contains(186.996) for d in derivations("80 income + 107 facilities; 8000 visits")] == [
        False
    ]
    assert derivations("80 income + 107 facilities; 8000 visits")[0].value.mid == pytest.approx(187)
    assert derivations("= 7467.84 + 215.55 + 8.00")[0].anchored
    assert derivations("N 0.37% x 38.86e8 t")[0].value.mid == pytest.approx(1437.82e4, rel=1e-4)
    for prose in (
        "range of cities 104-19207",
        "-> 89.23-90.02e4 persons, not 88.53",
        "total(y+1)/(1+growth)",
        "line 141",
    ):
        assert derivations(prose) == []


def test_words() -> None:
    assert category_named("调节服务合计") == "regulating"
    assert category_named("climate regulation") is None
    assert means("environment", "ecological and environmental value")
    assert not means("direct", "indirect economic value")
    assert whole_area("national land area")
    assert whole_area("国土总面积")
    assert not whole_area("forest area")
    assert not whole_area("built-up area")
    assert same_name("ecological red line (text)") == same_name("ecological red line (indicator 9)")
    assert same_name("river yield (perennial)") != same_name("river yield (seasonal)")


def test_the_report_as_table_text_and_html() -> None:
    report = audit(table(*CLEAN[:3], "total|total|GEP|||||130.07|1e8 CNY"))
    frame = report.to_frame()
    assert list(frame.code) == ["sum"]
    assert frame.causes[0] == "transposed-digits"
    assert "<li>" in report._repr_html_()
    assert "错误" in report.text("zh")
    assert report.errors == report.findings == tuple(report)
    assert set(audit_package.__all__) >= {"audit", "AuditReport", "Finding", "interval", "Interval"}


def test_tolerance_forgives() -> None:
    rows = (*CLEAN[:3], "total|total|GEP|||||103.7|1e8 CNY")
    assert audit(table(*rows))
    assert not audit(table(*rows), tolerance=0.01)
