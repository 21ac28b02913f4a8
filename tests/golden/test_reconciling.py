"""What the Saihan plan implies for its townships, and eight published errors with code, size and place."""
# Rows are typed as printed, one a line.
# ruff: noqa: E501, SIM905

from __future__ import annotations

import pandas as pd
import pytest

from gep.auditing import AuditReport, audit
from gep.reconciling import Bounds, Constraint, bounds

COLUMNS = (
    "category service indicator physical_value physical_unit price_value price_unit money_value money_unit note"
).split()
SAIHAN = "赛罕区“绿水青山就是金山银山”实践创新基地建设实施方案（审议稿），赛罕区人民政府，2022-06"
GAOTIANYAN = "缪建群等 2017 生态学报 37(19):6422-6430 doi 10.5846/stxb201607091410"
CHINA = "马国霞等 2017 中国环境科学 37(4):1474"
HAINAN = "海南热带雨林国家公园 GEP 2019, 2020 (obspoint.com 2021-09-26; news.cn 2023-02-25)"
JINAN = "济南市南部山区 2020 年 GEP (f.sdnews.com.cn 2022-01-04)"

#: Chapter 2, section 4: 这 6 个镇（街道）GEP 均超过 13 亿元，合计约占到全区 GEP 总量的 93%，而剩余 5 个街道 GEP
#: 价值量均未超过 3 亿元.
LARGE = ("敕勒川路街道", "昭乌达路街道", "黄合少镇", "巴彦街道", "榆林镇", "金河镇")
SMALL = ("人民路街道", "大学西路街道", "乌兰察布东路街道", "大学东路街道", "中专路街道")


def published(source: str, year: str, *rows: str) -> pd.DataFrame:
    """Rows of cells between bars, in the order of COLUMNS, with the citation in each row."""
    cells = [[c.strip() for c in row.split("|")] for row in rows]
    frame = pd.DataFrame([c + [""] * (len(COLUMNS) - len(c)) for c in cells], columns=COLUMNS)
    return frame.assign(source=source, year=year, account="a", region="r", flag="S")


def saihan_places() -> pd.DataFrame:
    note = "合计约占到全区 GEP 总量的 93%"
    rows = ["total|total|GEP|||||103.07|亿元"]
    rows += [f"context|乡镇GEP|下限|||||13|亿元|{note}" for _ in LARGE]
    rows += ["context|乡镇GEP|上限|||||3|亿元" for _ in SMALL]
    return published(SAIHAN, "2020", *rows).assign(region=["赛罕区", *LARGE, *SMALL])


@pytest.fixture(scope="module")
def saihan() -> Bounds:
    return bounds(saihan_places(), nonnegative=True)


def test_the_interval_of_each_township_of_saihan(saihan: Bounds) -> None:
    assert saihan.names == (*LARGE, *SMALL)
    for name in LARGE:
        # 93.5 % of 103.075 less five times 13
        assert saihan.interval(name).low == pytest.approx(13.0, abs=1e-9)
        assert saihan.interval(name).high == pytest.approx(0.935 * 103.075 - 65.0, abs=1e-9)
    for name in SMALL:
        assert (saihan.interval(name).low, saihan.interval(name).high) == pytest.approx((0.0, 3.0), abs=1e-9)
    six, five = (saihan.interval(dict.fromkeys(names, 1.0)) for names in (LARGE, SMALL))
    assert (six.low, six.high) == pytest.approx((0.925 * 103.065, 0.935 * 103.075), abs=1e-9)
    assert (five.low, five.high) == pytest.approx((0.065 * 103.065, 0.075 * 103.075), abs=1e-9)


@pytest.mark.parametrize("name", [*LARGE, *SMALL])
def test_both_ends_are_attained_and_nothing_beyond_them_is_possible(saihan: Bounds, name: str) -> None:
    interval = saihan.interval(name)
    for end, value in (("low", interval.low), ("high", interval.high)):
        point = saihan.witness(name, end)  # type: ignore[arg-type]
        assert saihan.contains(point)
        assert point[name] == pytest.approx(value, abs=1e-8)
    for beyond in (
        Constraint((name,), high=interval.low - 1e-5),
        Constraint((name,), low=interval.high + 1e-5),
    ):
        wrong = bounds([*saihan.constraints, beyond])
        assert not wrong.feasible
        assert beyond in wrong.conflict


def test_what_the_plan_does_not_say_is_not_assumed(saihan: Bounds) -> None:
    assert bounds(saihan_places()).interval(SMALL[0]).low == pytest.approx(0.065 * 103.065 - 12.0, abs=1e-9)
    estimate = saihan.max_entropy()
    assert saihan.contains(estimate["value"])
    assert estimate["value"].sum() == pytest.approx(103.07)
    # shares as equal as may be: the six have no more than they must, together and each
    assert estimate["value"][list(LARGE)].to_numpy() == pytest.approx([0.925 * 103.07 / 6] * 6, rel=1e-4)
    assert estimate["value"][list(SMALL)].to_numpy() == pytest.approx([0.075 * 103.07 / 5] * 5, rel=1e-4)


def test_a_seventh_large_township_would_contradict_the_plan(saihan: Bounds) -> None:
    seventh = Constraint((SMALL[0],), low=13.0, note="a seventh above 13")
    wrong = bounds([*saihan.constraints, seventh])
    assert not wrong.feasible
    assert {c.high for c in wrong.conflict if c is not seventh} == {3.0}
    assert wrong.shortfall == pytest.approx(10.0)


# published errors --------------------------------------------------------------------------


def _saihan() -> AuditReport:
    rows = (
        "provisioning|all provisioning|物质产品|||||1.34|1e8 CNY",
        "regulating|all regulating|调节服务|||||28.44|1e8 CNY",
        "cultural|all cultural|文化旅游服务|||||73.29|1e8 CNY",
        "total|total|GEP|||||103.07|1e8 CNY",
        "context|context|GEP per area|1014.79|1e4 CNY/km2",
        "context|context|GEP per head|1.15|1e4 CNY/person",
        "context|context|national land area|1025.2|km2",
        "context|context|population|88.53|1e4 persons",
    )
    return audit(published(SAIHAN, "2020", *rows))


def _hainan() -> AuditReport:
    rows = (
        "total|total|GEP|||||2045.13|1e8 CNY",
        "context|context|GEP per area|0.46|1e8 CNY/km2",
        "total|total|GEP|||||2051.43|1e8 CNY",
        "context|context|GEP per area|0.48|1e8 CNY/km2",
    )
    frame = published(HAINAN, "2020", *rows)
    frame.loc[:1, "year"] = "2019"
    return audit(frame)


def _jinan() -> AuditReport:
    rows = (
        "provisioning|material products|物质供给|||||30.39|1e8 CNY",
        "regulating|all regulating|调节服务|||||106.68|1e8 CNY",
        "cultural|all cultural|文化服务|||||49.84|1e8 CNY",
        "total|total|GEP|||||186.91|1e8 CNY",
        "context|context|share material|16.26|%",
        "context|context|share regulating|57.07|%",
        "context|context|share cultural|26.67|%",
    )
    return audit(published(JINAN, "2020", *rows))


def _china() -> AuditReport:
    rows = (
        "total|total|GEP|||||72.81|1e12 CNY",
        "context|context|by ecosystem: wetland|||||28.08|1e12 CNY",
        "context|context|by ecosystem: forest|||||19.89|1e12 CNY",
        "context|context|by ecosystem: grassland|||||10.66|1e12 CNY",
        "context|context|share wetland|42.4|%",
        "context|context|share forest|30.0|%",
        "context|context|share grassland|16.1|%",
    )
    return audit(published(CHINA, "2015", *rows))


def _gaotianyan() -> AuditReport:
    rows = (
        "provisioning|products|活立木蓄积 standing timber|||||7467.84|1e4 CNY",
        "regulating|air purification|SO2 total|||||48.08|1e4 CNY",
        "regulating|air purification|dust total|||||1817.19|1e4 CNY",
        "regulating|air purification|环境净化 total as printed|||||1817.19|1e4 CNY",
        "context|soil retention|肥力 全氮|4573.81|kg/ha|||||2985.40 x 1.52 = 4537.81",
        "total|total|printed total|||||72030.15|1e4 CNY",
    )
    return audit(published(GAOTIANYAN, "2014", *rows))


#: What is printed, code, severity, gap in its unit, gap over what is printed, place, cause.
ERRORS = [
    ("Saihan: the area", _saihan, "density-area", "error", 9.471, "km2", 9.24e-3, "GEP per area", ""),
    (
        "Saihan: the population",
        _saihan,
        "per-head",
        "error",
        -0.6988,
        "1e4 persons",
        -7.89e-3,
        "GEP per head",
        "",
    ),
    ("Hainan: the density", _hainan, "area-years", "warning", -79.31, "km2", -0.01784, "GEP per area", ""),
    (
        "Jinan: 57.07 %",
        _jinan,
        "share-closed",
        "note",
        -0.01,
        "%",
        -1.75e-4,
        "share regulating",
        "closed-to-100",
    ),
    (
        "China: shares of ecosystems",
        _china,
        "share-denominator",
        "error",
        6.50,
        "1e12 CNY",
        0.089,
        "share wetland",
        "",
    ),
    (
        "Gaotianyan: SO2 left out",
        _gaotianyan,
        "sum-leaves-out",
        "error",
        -48.07,
        "1e4 CNY",
        -0.0265,
        "环境净化",
        "left-out",
    ),
    (
        "Gaotianyan: two digits",
        _gaotianyan,
        "derivation",
        "error",
        21.06,
        "kg/ha",
        4.605e-3,
        "全氮",
        "transposed-digits",
    ),
    (
        "Gaotianyan: a stock as a flow",
        _gaotianyan,
        "stock-in-total",
        "error",
        7467.84,
        "1e4 CNY",
        0.1037,
        "活立木",
        "",
    ),
]


@pytest.mark.parametrize(
    ("what", "report", "code", "severity", "gap", "unit", "relative", "place", "cause"),
    ERRORS,
    ids=[e[0] for e in ERRORS],
)
def test_a_published_error_is_found_with_its_size_and_place(
    what: str,
    report,
    code: str,
    severity: str,
    gap: float,
    unit: str,
    relative: float,
    place: str,
    cause: str,
) -> None:
    found = [f for f in report() if f.code == code]
    assert len(found) == 1, what
    finding = found[0]
    assert finding.severity == severity
    assert finding.gap == pytest.approx(gap, rel=0.02)
    assert finding.gap_unit == unit
    assert finding.relative == pytest.approx(relative, rel=0.02)
    assert place in finding.where[0]
    assert not cause or cause in {c.key for c in finding.causes}
    assert finding.text("zh")
