"""Unit tests of the audit: cells, units and words as accounts really print them."""
# Rows are typed as printed, one a line.
# ruff: noqa: E501, SIM905

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from gep.auditing import AuditReport, audit
from gep.errors import TableError

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = (
    "category service indicator physical_value physical_unit price_value price_unit money_value money_unit year"
).split()
BASE = (
    "provisioning|物质产品||||||16.85|亿元",
    "regulating|调节服务||||||163.12|亿元",
    "cultural|文化服务||||||41.27|亿元",
    "total|GEP|合计|||||221.24|亿元",
)


def table(*rows: str, year: str = "2020") -> pd.DataFrame:
    cells = [[c.strip() for c in row.split("|")] for row in rows]
    frame = pd.DataFrame([c + [""] * (len(COLUMNS) - len(c)) for c in cells], columns=COLUMNS)
    frame["year"] = frame["year"].where(frame["year"] != "", year)
    return frame.assign(region="某县")


def faults(report: AuditReport) -> list[str]:
    return [f.code for f in report.findings if f.severity != "note"]


CLEAN: dict[str, tuple[str, ...]] = {
    "percentage points": (*BASE, "context||调节服务占比|73.7|百分点"),
    "pct": (*BASE, "context||share of regulating|73.7|pct"),
    "unknown unit of a share": (*BASE, "context||调节服务占比|73.7|wagons"),
    "tenths": (*BASE, "context||GDP|||||137.9|亿元", "context||第一产业占比|1|成"),
    "zeros": (*BASE, "context||常住人口|0|万人", "context||人均GEP|9.37|万元/人", "context||国土面积|0|km2"),
    "times": (
        "total|GEP||||||1000.0|亿元|2011",
        "total|GEP||||||2390.0|亿元|2018",
        "context||GEP较2011年增长|1.39|倍|||||2018",
    ),
    "empty cells": (
        *BASE,
        *(f"regulating|其中：{s}||{s}||||{s}|亿元" for s in ("——", "--", "…", "*", "无", "未核算")),
    ),
    "percent twice": (*BASE, "context||调节服务占比|73.7%|%"),
    "percent in the name": (*BASE, "context||调节服务占比（%）|73.7|"),
    "about": (*BASE, "context||单位面积GEP|约1000|万元/平方公里", "context||国土面积|2168.5|平方公里"),
    "category words": (
        "生态物质产品|a||||||16.85|亿元",
        "生态调节服务|b||||||163.12|亿元",
        "文化服务类|c||||||41.27|亿元",
        "GEP合计|GEP||||||221.24|亿元",
    ),
    "share of the whole": (*BASE, "context||调节服务占GEP的比重|73.7|%"),
    "share of a category": (
        *BASE,
        "regulating|其中：水源涵养||||||74.9|亿元",
        "context||水源涵养占调节服务比重|45.9|%",
    ),
    "share of something else": (
        *BASE,
        "regulating|其中：水源涵养||||||74.9|亿元",
        "context||水源涵养占第一产业比重|2.1|%",
    ),
    "change of a share": (*BASE, "context||调节服务占比提高|2.1|百分点"),
    "GEP over GDP": (*BASE, "context||2020年GDP|||||137.9|亿元", "context||GEP占GDP比重|160.4|%"),
    "part over GDP": (
        *BASE,
        "context||GDP|||||137.9|亿元",
        "context||GEP/GDP|1.60|times",
        "context||生态旅游占GDP比重|9.9|%",
    ),
    "average growth": (
        "total|GEP||||||1000.0|亿元|2015",
        "total|GEP||||||1276.3|亿元|2020",
        "context||GEP年均增长率|5.0|%|||||2020",
        "context||average annual growth of GEP, 2015-2020|5.0|%|||||2020",
    ),
    "decrease": (
        "total|GEP||||||3895.1|亿元|2019",
        "total|GEP||||||3475.97|亿元|2020",
        "context||GEP较上年下降|10.8|%|||||2020",
    ),
    "per head without a person": (*BASE, "context||人均GEP|9.37|万元", "context||常住人口|23.61|万人"),
    "density of a part": (
        *BASE,
        "context||国土面积|2168.5|平方公里",
        "context||湿地单位面积GEP|11800|万元/平方公里",
        "context||wetland GEP per unit area|11800|万元/平方公里",
    ),
    "density of a part with money": (
        *BASE,
        "context||湿地|||||36.6|亿元",
        "context||国土面积|2168.5|平方公里",
        "context||湿地单位面积价值|1.18|亿元/平方公里",
    ),
    "per head of a part": (
        *BASE,
        "context||population|23.61|万人",
        "context||GEP per capita of rural towns|3.1|万元/人",
    ),
    "lines known in part": (
        "regulating|水源涵养||||||46.0|亿元",
        "total|GEP|合计|||||221.24|亿元",
        "context||调节服务占比|73.7|%",
    ),
    "ordinals": (
        "provisioning|一、物质产品价值||||||15.0|亿元",
        "provisioning|1、农业产品||||||10.0|亿元",
        "provisioning|2、林业产品||||||5.0|亿元",
        "regulating|（二）调节服务价值||||||80.0|亿元",
        "regulating|1. 水源涵养||||||50.0|亿元",
        "regulating|(2) 土壤保持||||||30.0|亿元",
        "cultural|三、文化服务价值||||||5.0|亿元",
        "total|合计||||||100.0|亿元",
    ),
    "heading of a service": (
        "regulating|固碳释氧||||||5.0|亿元",
        "regulating|固碳释氧|固碳|||||2.0|亿元",
        "regulating|固碳释氧|释氧|||||3.0|亿元",
        "regulating|土壤保持||||||20.0|亿元",
        "total|GEP||||||25.0|亿元",
    ),
    "headings known by their figures": (
        "provisioning|一、直接经济价值||||||384.59|亿元",
        "provisioning|1、农林牧渔业总产值||||||368.24|亿元",
        "provisioning|2、供水价值||||||16.35|亿元",
        "cultural|二、间接经济价值||||||1290.95|亿元",
        "cultural|1、文化旅游服务价值||||||677.87|亿元",
        "cultural|2、水力发电价值||||||5.18|亿元",
        "cultural|3、景观增值价值||||||607.90|亿元",
        "regulating|三、生态与环境价值||||||1805.62|亿元",
        "total|生态服务价值||||||3481.16|亿元",
    ),
    "value as an indicator": (
        "provisioning|物质产品|价值量|||||15.0|亿元",
        "regulating|调节服务|价值量|||||80.0|亿元",
        "regulating|水源涵养|价值量|||||50.0|亿元",
        "regulating|土壤保持|价值量|||||30.0|亿元",
        "cultural|文化服务|价值量|||||5.0|亿元",
        "total|GEP|价值量|||||100.0|亿元",
    ),
}

PLANTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "share in points": ("share", (*BASE, "context||调节服务占比|37.7|百分点")),
    "times": (
        "growth",
        (
            "total|GEP||||||1000.0|亿元|2011",
            "total|GEP||||||2390.0|亿元|2018",
            "context||GEP较2011年增长|2.39|倍|||||2018",
        ),
    ),
    "about": (
        "density-area",
        (*BASE, "context||单位面积GEP|约3000|万元/平方公里", "context||国土面积|2168.5|平方公里"),
    ),
    **{
        f"share {name}": ("share", (*BASE, f"context||{name}|37.7|%"))
        for name in (
            "调节服务占GEP的比重",
            "调节服务占总值比例",
            "调节服务占GEP百分比",
            "Percentage of regulating services",
        )
    },
    "share of the named whole": (
        "share",
        (*BASE, "regulating|其中：水源涵养||||||74.9|亿元", "context||水源涵养占调节服务比重|33.9|%"),
    ),
    **{
        f"ratio {name}": (
            "gdp-ratio",
            (*BASE, "context||2020年GDP|||||137.9|亿元", f"context||{name}|1.06|times"),
        )
        for name in ("GEP to GDP ratio", "绿金指数", "GEP与GDP之比", "GEP是GDP的倍数")
    },
    "average growth": (
        "growth",
        (
            "total|GEP||||||1000.0|亿元|2015",
            "total|GEP||||||1276.3|亿元|2020",
            "context||GEP年均增长率|27.6|%|||||2020",
        ),
    ),
    "decrease": (
        "growth",
        (
            "total|GEP||||||3895.1|亿元|2019",
            "total|GEP||||||3475.97|亿元|2020",
            "context||GEP较上年下降|1.08|%|||||2020",
        ),
    ),
    "rise": (
        "growth",
        (
            "total|GEP||||||1000.0|亿元|2015",
            "total|GEP||||||1276.3|亿元|2020",
            "context||GEP较2015年提高|37.6|%|||||2020",
        ),
    ),
    "per head without a person": (
        "per-head",
        (*BASE, "context||人均GEP|7.39|万元", "context||常住人口|23.61|万人"),
    ),
    "density of the whole": (
        "density-area",
        (*BASE, "context||全县单位面积GEP|985.12|万元/平方公里", "context||国土面积|2168.5|平方公里"),
    ),
    "duplicate": (
        "duplicate",
        (
            "regulating|水源涵养|水库|||||50.0|亿元",
            "regulating|水源涵养|水库|||||50.0|亿元",
            "total|GEP|合计|||||100.0|亿元",
        ),
    ),
    "heading of a service": (
        "sum",
        (
            "regulating|固碳释氧||||||6.0|亿元",
            "regulating|固碳释氧|固碳|||||2.0|亿元",
            "regulating|固碳释氧|释氧|||||3.0|亿元",
            "regulating|土壤保持||||||20.0|亿元",
            "total|GEP||||||26.0|亿元",
        ),
    ),
    "ordinals": (
        "sum",
        (
            "provisioning|一、物质产品||||||17.0|亿元",
            "provisioning|1、农业产品||||||10.0|亿元",
            "provisioning|2、林业产品||||||5.0|亿元",
            "total|合计||||||17.0|亿元",
        ),
    ),
    "negative": ("negative", ("regulating|水质净化|COD|||||-2.0|亿元", "regulating|固碳||||||5.0|亿元")),
}


@pytest.mark.parametrize("name", CLEAN)
def test_a_clean_account_in_these_words_gives_no_alarm(name: str) -> None:
    assert faults(audit(table(*CLEAN[name]))) == []


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_fault_in_these_words_is_found(name: str) -> None:
    code, rows = PLANTED[name]
    assert code in faults(audit(table(*rows)))


@pytest.mark.parametrize(
    "row",
    [
        "森林生态系统单位面积GEP|5000|万元/平方公里",
        "自然保护区单位面积GEP|5000|万元/平方公里",
        "GEP per km2 of nature reserves|5000|万元/平方公里",
        "农村人均GEP|5.1|万元/人",
        "per capita GEP of herders|5.1|万元/人",
        "GDP与GEP之比|0.62|",
        "生态产品价值占GDP比重|3.1|%",
        "GEP占全省比重|3.2|%",
        "文化服务占全省文化服务比重|3.2|%",
        "share of regulating services in provincial regulating services|3.2|%",
        "GEP增速提高|2.1|个百分点",
    ],
)
def test_figures_of_a_part_or_of_another_whole_are_left_alone(row: str) -> None:
    context = ("国土面积|2168.5|平方公里", "常住人口|23.61|万人", "GDP|||||137.9|亿元", row)
    assert faults(audit(table(*BASE, *(f"context||{c}" for c in context)))) == []


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("density-area", "2020年单位面积GEP|5000|万元/平方公里"),
        ("density-area", "某县单位面积生态产品总值|5000|万元/平方公里"),
        ("per-head", "全县人均GEP|5.1|万元/人"),
        ("gdp-ratio", "GEP占GDP的比重|106|%"),
    ],
)
def test_figures_of_the_whole_are_checked(code: str, row: str) -> None:
    context = ("国土面积|2168.5|平方公里", "常住人口|23.61|万人", "全县GDP|||||137.9|亿元", row)
    assert faults(audit(table(*BASE, *(f"context||{c}" for c in context)))) == [code]


@pytest.mark.parametrize(
    "unit",
    [
        "10⁸元",
        "Billion yuan",
        "bn CNY",
        "US$ billion",
        "亿元人民币",
        "亿元（2020年价）",
        "亿",
        "万亿",
        "（亿元）",
    ],
)
def test_money_is_known_in_many_spellings(unit: str) -> None:
    report = audit(table(*(row.replace("亿元", unit) for row in BASE)))
    assert [c.code for c in report.held] == ["sum"]
    assert not report.findings
    wrong = audit(table(*(row.replace("亿元", unit).replace("221.24", "321.24") for row in BASE)))
    assert faults(wrong) == ["sum"]


def test_money_that_is_none_is_noted() -> None:
    report = audit(table("regulating|水源涵养||||||5.2|万吨"))
    assert [(f.code, f.severity) for f in report.findings] == [("not-money", "note")]


@pytest.mark.parametrize("total", ["GEP", "生态产品总值", "总量", "共计", "全部", "GEP 合计"])
def test_total_words(total: str) -> None:
    assert audit(table(*BASE[:3], BASE[3].replace("total|", f"{total}|"))).held


def test_the_other_sign_is_a_candidate_cause() -> None:
    rows = (
        "regulating|水质净化|COD|||||2100|万元",
        "regulating|水质净化|总氮|||||-760|万元",
        "regulating|水质净化|小计|||||2860|万元",
    )
    report = audit(table(*rows))
    assert "sign" in {c.key for f in report.findings for c in f.causes}


def test_year_words_and_frames_of_numbers() -> None:
    assert audit(table(*BASE, year="2020年度")).held[0].year == 2020
    frame = table(*BASE).assign(money_value=pd.array([16.85, None, 41.27, 221.24], dtype="Float64"))
    assert audit(frame.assign(service=pd.array([pd.NA, "b", "c", "d"], dtype="string"))) is not None
    whole = audit(table(*BASE).assign(money_value=[812.0, 6540.0, 1233.0, 8586.0]))
    assert faults(whole) == []


def test_no_zero_makes_it_fail() -> None:
    rows = (
        *BASE,
        "regulating|固碳|其中：固碳量|5|万t|60|元/t|300|万元",
        "context||国土面积|2168.5|平方公里",
        "context||单位面积GEP|1020.24|万元/平方公里",
        "context||常住人口|23.61|万人",
        "context||人均GEP|9.37|万元/人",
        "context||GDP|||||137.9|亿元",
        "context||GEP/GDP|1.60|",
        "context||调节服务占比|73.7|%",
        "context||第一产业占比|10|%",
        "context||GEP较上年增长|3.1|%",
        "context||GEP较2019年增加|||||6.6|亿元",
        "context||森林蓄积价值|||||6.6|亿元",
        "total|GEP||||||214.6|亿元|2019",
    )
    frame = table(*rows)
    spots = [
        (i, c)
        for i in range(len(frame))
        for c in ("physical_value", "price_value", "money_value")
        if frame.loc[i, c]
    ]
    for i, first in enumerate(spots):
        for second in spots[i:]:
            changed = frame.copy()
            changed.loc[first[0], first[1]] = "0"
            changed.loc[second[0], second[1]] = "0"
            audit(changed)


def test_what_is_no_table_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="not a table"):
        audit([1, 2])  # type: ignore[arg-type]
    path = tmp_path / "huge.csv"
    path.write_text("category,service,money_value\ntotal,x,1\ntotal," + "y" * 200_000 + ",1\n", "utf-8")
    with pytest.raises(TableError, match="as CSV"):
        audit(path)
    path.write_text("category,service,money_value,money_value\ntotal,x,1,2\n", "utf-8")
    with pytest.raises(TableError, match="2 times"):
        audit(path)
