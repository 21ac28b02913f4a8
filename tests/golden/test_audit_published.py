"""What the audit finds in published accounts; the rows needed stand here with their citation."""
# Rows are typed as printed, one a line.
# ruff: noqa: E501, SIM905, ISC004

from __future__ import annotations

import os
from pathlib import Path

import pandas as pd
import pytest

from gep.auditing import AuditReport, audit

COLUMNS = (
    "category service indicator physical_value physical_unit price_value price_unit money_value money_unit "
    "factor_value note"
).split()
SAIHAN = "赛罕区“绿水青山就是金山银山”实践创新基地建设实施方案（审议稿），赛罕区人民政府，2022-06"
GARZE = "白玛卓嘎等 2017 生态学报 37(19):6302-6312 doi 10.5846/stxb201607011362"
GAOTIANYAN = "缪建群等 2017 生态学报 37(19):6422-6430 doi 10.5846/stxb201607091410"
CHINA = "马国霞等 2017 中国环境科学 37(4):1474"
HAINAN = "海南热带雨林国家公园 GEP 2019, 2020 (obspoint.com 2021-09-26; news.cn 2023-02-25)"
SHENZHEN = "深圳市生态环境局 2020 年度 GEP 核算结果"


def published(source: str, year: str, *rows: str) -> pd.DataFrame:
    """Rows of cells between bars, in the order of COLUMNS, with the citation in each row."""
    cells = [[c.strip() for c in row.split("|")] for row in rows]
    frame = pd.DataFrame([c + [""] * (len(COLUMNS) - len(c)) for c in cells], columns=COLUMNS)
    return frame.assign(source=source, year=year, account="a", region="r", flag="S")


def codes(report: AuditReport, *severities: str) -> list[str]:
    """Codes of the findings of some severities, sorted."""
    return sorted(f.code for f in report if not severities or f.severity in severities)


def saihan() -> pd.DataFrame:
    towns = [
        f"context|township GEP {i}|lower bound|||||13|1e8 CNY||>13; the six together about 93% of 103.07"
        for i in range(6)
    ]
    rest = [f"context|township GEP {i}|upper bound|||||3|1e8 CNY||not above 3" for i in range(6, 11)]
    return published(
        SAIHAN, "2020",
        "provisioning|all provisioning|物质产品|||||1.34|1e8 CNY",
        "regulating|all regulating|调节服务|||||28.44|1e8 CNY",
        "cultural|all cultural|文化旅游服务|||||73.29|1e8 CNY",
        "total|total|GEP|||||103.07|1e8 CNY",
        "context|context|share regulating|27.59|%",
        "context|context|GEP per area|1014.79|1e4 CNY/km2",
        "context|context|GEP per head|1.15|1e4 CNY/person",
        "context|context|indicator 11 居民人均生态产品产值占比|9.65|%|||||| = (1.34+73.29)/773.42",
        "context|context|national land area|1025.2|km2",
        "context|context|forest+grassland+wetland|38665.27|ha",
        "context|context|share forest+grassland+wetland|38.07|%",
        "context|context|ecological red line (text)|103.24|km2",
        "context|context|ecological red line (indicator 9)|3404.24|ha",
        "context|context|population|88.53|1e4 persons",
        "context|context|GDP 2020|||||773.42|1e8 CNY",
        *towns, *rest,
    )  # fmt: skip


def test_saihan_what_holds() -> None:
    held = {c.code: c for c in audit(saihan()).held}
    assert {"sum", "share", "gdp-ratio", "bounds", "derivation"} <= set(held)
    six = next(c for c in audit(saihan()).held if c.code == "bounds" and c.relation.startswith("6"))
    assert "mean 15.97" in six.remark
    assert "31.37" in six.remark
    five = next(c for c in audit(saihan()).held if c.code == "bounds" and c.relation.startswith("5"))
    assert "[6.69" in five.relation
    assert "7.73" in five.relation


def test_saihan_what_does_not() -> None:
    report = audit(saihan())
    assert codes(report) == ["area-share", "density-area", "per-head", "printed-twice"]
    by = {f.code: f for f in report}
    assert "1015.678" in by["density-area"].text()
    assert by["density-area"].causes[0].key == "one-other-denominator"
    assert by["density-area"].gap == pytest.approx(9.42, abs=0.01)
    assert "[89.23377, 90.02183]" in by["per-head"].text()
    assert "would print about 1.16426" in by["per-head"].text()
    assert "1015.636" in by["area-share"].text()
    assert "3.03" in by["printed-twice"].text()


def test_china_shares_have_another_denominator() -> None:
    rows = (
        "total|total|GEP|||||72.81|1e12 CNY",
        "regulating|all|regulating|||||53.14|1e12 CNY",
        "context|context|share regulating|73.0|%|||||| 53.14/72.81 = 72.98",
        "context|context|by ecosystem: wetland|||||28.08|1e12 CNY||42.4% printed -> denominator 66.2",
        "context|context|by ecosystem: forest|||||19.89|1e12 CNY",
        "context|context|by ecosystem: grassland|||||10.66|1e12 CNY",
        "context|context|share wetland|42.4|%",
        "context|context|share forest|30.0|%",
        "context|context|share grassland|16.1|%",
    )
    report = audit(published(CHINA, "2015", *rows))
    assert codes(report) == ["share-denominator"]
    assert "66.24" in report.findings[0].text()


def test_hainan_areas_differ_and_growth_is_of_the_total() -> None:
    rows = (
        "total|total|GEP|||||2045.13|1e8 CNY",
        "context|context|GEP per area|0.46|1e8 CNY/km2",
        "total|total|GEP|||||2051.43|1e8 CNY",
        "context|context|GEP per area|0.48|1e8 CNY/km2",
        "context|context|growth|0.31|%||||||the source attaches 0.31% to the per-area value",
    )
    frame = published(HAINAN, "2020", *rows)
    frame.loc[:1, "year"] = "2019"
    report = audit(frame)
    assert codes(report) == ["area-years", "growth-quantity"]
    assert "4446.46" in report.findings[1].text() + report.findings[0].text()
    assert any(c.code == "growth" and c.held for c in report.checks)


def test_gaotianyan_a_subtotal_without_a_part_and_a_transposed_digit() -> None:
    rows = (
        "cultural|social security|社会劳动力|370|persons|3120|CNY/yr|115.44|1e4 CNY|0.0001|260 CNY/month x 12",
        "provisioning|products|活立木蓄积 standing timber|18.00|1e4 m3|414.88|CNY/m3|7467.84|1e4 CNY|1",
        "provisioning|products|毛竹 bamboo|43.11|1e4 culms|5|CNY/culm|215.55|1e4 CNY|1",
        "provisioning|products|花卉药材苗木|||||8.00|1e4 CNY",
        "provisioning|products|产品供给 total|||||7691.39|1e4 CNY||= 7467.84 + 215.55 + 8.00",
        "regulating|carbon sequestration|CO2 total|94560.72|t|379.87|CNY/t CO2|3592.07|1e4 CNY|0.0001",
        "regulating|oxygen release|O2 total|69035.12|t|1160.70|CNY/t|8012.92|1e4 CNY|0.0001",
        "regulating|climate regulation|蒸腾+蒸发|9082.51|1e4 m3|0.129|CNY/m3|1171.64|1e4 CNY|1|4314.46+4768.05",
        "regulating|flood mitigation|蓄水量 total|178.66|1e4 m3|0.92|CNY/m3|164.37|1e4 CNY|1",
        "regulating|air purification|SO2 total|57.94|1e4 kg|0.83|CNY/kg|48.08|1e4 CNY|1",
        "regulating|air purification|dust total|7900.77|1e4 kg|0.23|CNY/kg|1817.19|1e4 CNY|1",
        "regulating|air purification|环境净化 total as printed|||||1817.19|1e4 CNY",
        "regulating|soil retention|减少泥沙淤积|716.5|m3/ha|0.88|CNY/m3|630.52|CNY/ha|1|printed as 716500 kg/ha: slip",
        "regulating|soil retention|肥力 全氮|4573.81|kg/ha|||19090.69|CNY/ha||2985.40 x 1.52 = 4537.81",
        "regulating|soil retention|sum of unit values|||||43860.29|1e4 CNY",
        "regulating|biodiversity|生物多样性|||||5417.84|1e4 CNY||forest cover 99.10%, CPI 606.70/493.60",
        "cultural|tourism|旅游休憩|||||187|1e4 CNY||80 income + 107 facilities; 8000 visits",
        "total|total|printed total|||||72030.15|1e4 CNY||English abstract prints 7.16e8 CNY",
    )
    report = audit(published(GAOTIANYAN, "2014", *rows))
    assert codes(report, "error") == ["derivation", "stock-in-total", "sum-leaves-out"]
    assert codes(report, "warning") == ["not-a-service", "text-table", "unit-slip"]
    by = {f.code: f for f in report}
    omitted = by["sum-leaves-out"]
    assert omitted.causes[0].key == "left-out"
    assert "SO2 total" in omitted.causes[0].said.en
    assert "1865.27" in omitted.text()
    assert "72078.23" in omitted.text()
    assert by["derivation"].causes[0].key == "transposed-digits"
    assert by["stock-in-total"].relative == pytest.approx(0.1037, abs=1e-4)
    assert any(c.code == "oxygen-carbon" and c.held for c in report.checks)


def test_garze_water_oxygen_and_areas() -> None:
    rows = (
        "provisioning|water supply|工业用水量 industrial water|150.17|1e8 m3|3.6|CNY/m3|540.6113|1e8 CNY|1",
        "regulating|soil retention|减少泥沙淤积|10.03|1e8 m3|15.58|CNY/m3|156.2555|1e8 CNY|1",
        "regulating|soil retention|减少N面源污染|1437.94|1e4 t|875|CNY/t|125.8199|1e8 CNY|0.0001|N 0.37% x 38.86e8 t",
        "regulating|sand fixation|防风固沙量|779.42|1e4 t|3.75|CNY/m2|2.2835|1e8 CNY|0.00078125"
        "|factor=1e4/(1.28*0.1)/1e8",
        "regulating|flood mitigation|湖泊调蓄量|2.43|1e8 m3|7.06|CNY/m3|17.1430|1e8 CNY|1|text prints 17.15",
        "regulating|carbon sequestration|固碳量 (CO2)|0.31|1e8 t|380|CNY/t|117.3548|1e8 CNY|1",
        "regulating|oxygen release|释氧量|2.51|1e8 t|727|CNY/t|1821.9182|1e8 CNY|1",
        "context|context|area total (Table 1)|149687.70|km2",
        "context|context|area in text|15.26|1e4 km2",
        "context|context|population (approx.)|106|1e4 persons",
        "context|context|sediment share lambda|0.24|-",
        "context|context|soil bulk density|0.93|t/m3",
        "context|context|soil retained|38.86|1e8 t",
        "context|context|soil N|0.37|%",
    )
    report = audit(published(GARZE, "2010", *rows))
    assert codes(report, "error") == []
    assert codes(report, "warning") == ["oxygen-carbon", "plausible", "printed-twice"]
    assert codes(report, "note") == ["text-table"]
    by = {f.code: f for f in report}
    assert "14167" in by["plausible"].text()
    assert by["oxygen-carbon"].causes[0].key == "npp-and-nep"
    held = [c.code for c in report.held]
    assert held.count("soil-contents") == 2
    assert held.count("units") == 7


def test_garze_matrix_against_lines() -> None:
    matrix = published(
        GARZE + " Table 4", "2010",
        "regulating|pest control|forest|||||5.93|1e8 CNY",
        "regulating|pest control|grassland|||||8.00|1e8 CNY",
        "cultural|landscape recreation|forest|||||16.33|1e8 CNY",
        "cultural|landscape recreation|grassland|||||36.37|1e8 CNY",
        "total|all services|forest|||||22.26|1e8 CNY",
        "total|all services|grassland|||||44.37|1e8 CNY",
        "total|all services|all ecosystems|||||66.63|1e8 CNY",
    )  # fmt: skip
    lines = published(
        GARZE, "2010",
        "regulating|pest control|森林病虫害控制面积|158|1e4 ha|375|CNY/ha|5.9250|1e8 CNY|0.0001",
        "regulating|pest control|草地病虫害控制面积|711.13|1e4 ha|112.5|CNY/ha|8.0003|1e8 CNY|0.0001",
    )  # fmt: skip
    report = audit(matrix, against=lines)
    assert not report
    assert sum(c.code == "sum" for c in report.held) >= 3
    assert any(c.code == "against" for c in report.held)
    matrix.loc[0, "money_value"] = "5.39"
    assert {"sum", "against"} <= {f.code for f in audit(matrix, against=lines)}


def test_shenzhen_has_nothing_to_find() -> None:
    rows = (
        "provisioning|material products|物质产品|||||23.55|1e8 CNY",
        "regulating|all regulating|调节服务|||||699.52|1e8 CNY",
        "cultural|all cultural|文化旅游服务|||||580.75|1e8 CNY",
        "regulating|of which climate regulation|气候调节|||||488.24|1e8 CNY",
        "cultural|of which recreation|旅游休闲|2618.77|1e4 visitors|||419.39|1e8 CNY",
        "total|total|GEP|||||1303.82|1e8 CNY",
        "context|context|share material|1.8|%",
        "context|context|share regulating|53.7|%",
        "context|context|share cultural|44.5|%",
        "context|context|share climate|37.4|%",
    )
    report = audit(published(SHENZHEN, "2020", *rows))
    assert not report
    assert sum(c.code == "share" for c in report.held) == 4


def _folder() -> Path | None:
    named = os.environ.get("GEP_SHARED_DIR")
    root = Path(named) if named else Path(__file__).resolve().parents[3] / "shared"
    for place in (root / "accounts", root):
        if any(place.glob("*_20*.csv")):
            return place
    return None


EXPECTED: dict[str, list[str]] = {
    "beijing_2007_2023": [],
    "china_2015": ["share-denominator"],
    "gaotianyan_2014": [
        "derivation", "not-a-service", "plausible", "stock-in-total", "sum-leaves-out", "text-table", "unit-slip",
    ],
    "garze_2010": ["oxygen-carbon", "plausible", "printed-twice"],
    "garze_2010_by_ecosystem": [],
    "hainan_rainforest_np_2019_2020": ["area-years", "growth-quantity"],
    "inner_mongolia_2019": [],
    "jiangsu_2010_esv": [],
    "jinan_south_mountains_2020": [],
    "ninghai_2018": [],
    "saihan_2020": [
        "area-share", "density-area", "per-head", "plausible", "plausible", "plausible", "printed-twice",
    ],
    "shenzhen_2020": [],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_whole_account(name: str) -> None:
    folder = _folder()
    if folder is None or not (folder / f"{name}.csv").is_file():
        pytest.skip(
            "the files of published accounts are not part of the library: set GEP_SHARED_DIR to their folder; "
            "what the audit finds in them is tested above on typed rows"
        )
    report = audit(folder / f"{name}.csv")
    assert codes(report, "error", "warning") == EXPECTED[name]
    assert all(f.text("zh") and f.text("en") and f.where for f in report)
    assert report.held
