"""A published series: breaks of scope, stocks, and printed rates held against printed figures."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gep.errors import LedgerError, TableError
from gep.years import Break, PublishedSeries

ROOT = Path(os.environ.get("GEP_SHARED_DIR") or Path(__file__).resolve().parents[3] / "shared")
BEIJING = ROOT / "accounts" / "beijing_2007_2023.csv"

COLUMNS = [
    "year",
    "category",
    "service",
    "indicator",
    "physical_value",
    "physical_unit",
    "money_value",
    "note",
]
ROWS = [
    ("2010", "provisioning", "crops", "", "", "", "10.0", ""),
    ("2010", "regulating", "all regulating", "", "", "", "30.0", ""),
    ("2010", "total", "GEP", "total", "", "", "40.0", ""),
    ("2015", "provisioning", "crops", "", "", "", "12.1", ""),
    ("2015", "regulating", "all regulating", "", "", "", "36.3", ""),
    ("2015", "total", "GEP", "total", "", "", "48.4", "+21.0% on 2010"),
    ("2015", "context", "share", "share of regulating in total", "75.0", "%", "", ""),
    ("2015", "context", "growth", "average annual growth from 2010", "3.9", "%", "", ""),
]


def table(rows=ROWS, unit="1e8 CNY", **columns):
    return pd.DataFrame(list(rows), columns=COLUMNS).assign(money_unit=unit, **columns)


def test_figures_growth_and_what_is_printed():
    series = PublishedSeries.load(table())
    assert series.years == [2010, 2015]
    total = series.total()
    assert total["printed"].tolist() == ["40.0 1e8 CNY", "48.4 1e8 CNY"]
    assert total.loc[2015, ["low", "high"]].tolist() == pytest.approx([48.35, 48.45])
    assert total.loc[2015, ["parts_low", "parts_high"]].tolist() == pytest.approx([48.3, 48.5])
    assert total["closes"].tolist() == [True, True]
    growth = series.growth().iloc[0]
    assert (growth["since"], growth["year"], growth["opening"]) == (2010, 2015, "40.0 1e8 CNY")
    assert growth["low"] == pytest.approx(48.35 / 40.05 - 1)
    assert growth["high"] == pytest.approx(48.45 / 39.95 - 1)
    assert growth["annual_low"] == pytest.approx((48.35 / 40.05) ** 0.2 - 1)
    assert series.growth("category")["what"].tolist() == ["provisioning", "regulating"]
    assert series.growth("service")["low"].notna().any()
    shares = series.shares().loc[(2010, "regulating")]
    assert shares["low"] < 0.75 < shares["high"]
    told = series.reproduced()
    assert told["holds"].tolist() == [True, True, True]
    assert set(told["kind"]) == {"growth", "share"}
    assert told.set_index("printed").loc["3.9 %", "low"] == pytest.approx(3.84, abs=0.01)


@pytest.mark.parametrize("wrong", ["+22.0% on 2010", "+20.0% on 2010"])
def test_a_rate_that_the_figures_exclude_does_not_hold(wrong):
    rows = [(*row[:-1], wrong) if row[-1] else row for row in ROWS]
    told = PublishedSeries.load(table(rows)).reproduced()
    assert told.loc[told["since"] == 2010, "holds"].tolist().count(False) == 1


def test_the_total_before_may_be_known_from_its_parts_alone():
    rows = [
        *(r for r in ROWS if r[0] == "2015" and r[1] in ("provisioning", "regulating")),
        ("2015", "total", "GEP", "total", "", "", "48.4", ""),
        ("2015", "context", "growth", "growth on previous year: total", "8.9", "%", "", ""),
        ("2015", "context", "growth", "growth on previous year: provisioning", "4.0", "%", "", ""),
        ("2015", "context", "growth", "growth on previous year: regulating", "10.6", "%", "", ""),
    ]
    told = PublishedSeries.load(table(rows)).reproduced()
    found = told[told["remark"] == "from the growth of its categories"]
    assert found["holds"].tolist() == [True]
    assert told.loc[told["remark"].str.startswith("no figure of 2014"), "holds"].isna().all()
    wrong = [(*r[:4], "9.9", *r[5:]) if r[3].endswith("total") and r[1] == "context" else r for r in rows]
    told = PublishedSeries.load(table(wrong)).reproduced()
    assert told.loc[told["remark"] == "from the growth of its categories", "holds"].tolist() == [False]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total (old scope)", "total"),
        ("总值（旧口径）", "总值（新口径）"),
        ("total (scope: farmland)", "total (scope: all)"),
    ],
)
def test_a_stated_scope_that_changes_is_a_break(old, new):
    rows = [
        (*row[:3], old if row[0] == "2010" else new, *row[4:]) if row[1] == "total" else row for row in ROWS
    ]
    series = PublishedSeries.load(table(rows))
    assert series.changes()["kind"].tolist() == ["scope"]
    with pytest.raises(LedgerError, match=r"scope changed.*Break\(2015, 'scope'"):
        series.growth()
    with pytest.raises(LedgerError, match="2010 to 2015"):
        series.growth("category")
    crossing = series.reproduced().query("kind == 'growth'")
    assert crossing["holds"].isna().all()
    assert crossing["remark"].str.contains("break of scope").all()
    declared = PublishedSeries.load(table(rows), breaks=[Break(2012, "scope", "forest comes in")])
    assert declared.growth()["break"].tolist() == ["break of scope in 2012: forest comes in"]
    assert any("forest comes in" in note for note in declared.total().attrs["notes"])
    assert declared.reproduced().query("kind == 'growth'")["holds"].notna().all()


@pytest.mark.parametrize("word", ["total (same scope)", "总值（可比口径）"])
def test_a_scope_that_is_said_to_be_the_same_is_no_break(word):
    rows = [(*row[:3], word, *row[4:]) if row[1] == "total" and row[0] == "2015" else row for row in ROWS]
    assert not PublishedSeries.load(table(rows)).changes()["breaks"].any()


def test_another_set_of_categories_is_a_break_and_another_currency_too():
    rows = [*ROWS, ("2015", "cultural", "tourism", "", "", "", "5.0", "")]
    told = PublishedSeries.load(table(rows)).changes()
    assert ("scope", "new: cultural") in set(zip(told["kind"], told["what"], strict=True))
    unit = ["1e8 CNY" if row[0] == "2010" else "1e8 USD" for row in ROWS]
    with pytest.raises(LedgerError, match="currency changed"):
        PublishedSeries.load(table(unit=unit)).growth()


def test_a_total_that_its_parts_exceed_does_not_close_and_one_with_parts_unprinted_may():
    for printed, closes in (("40.0", True), ("39.0", False), ("70.0", None)):
        rows = [(*r[:6], printed, r[7]) if r[:2] == ("2010", "total") else r for r in ROWS]
        assert PublishedSeries.load(table(rows)).total().loc[2010, "closes"] is closes


def test_a_stock_is_kept_out_and_told():
    rows = [
        *ROWS,
        ("2010", "regulating", "carbon", "carbon stock", "", "", "500.0", ""),
        ("2015", "context", "context", "asset value", "", "", "900.0", ""),
    ]
    series = PublishedSeries.load(table(rows))
    assert series.total().loc[2010, "closes"] is True
    stocks = series.stocks()
    assert stocks["printed"].tolist() == ["500.0", "900.0"]
    assert stocks["counted"].tolist() == [True, False]
    notes = series.total().attrs["notes"]
    assert any("carbon stock" in n and "although the publication counts it" in n for n in notes)
    assert any("asset value" in n and n.endswith("kept out of the total") for n in notes)


def test_what_is_derived_makes_no_year_and_proves_nothing():
    flags = ["D" if row[0] == "2010" else "S" for row in ROWS]
    series = PublishedSeries.load(table(flag=flags))
    assert series.years == [2015]
    told = series.reproduced().query("kind == 'growth'")
    assert told["holds"].isna().all()
    assert told["remark"].str.startswith("circular").all()
    assert "2010: no printed figure of their own" in series.total().attrs["notes"]


def test_units_may_change_from_year_to_year():
    unit = ["1e4 CNY" if row[0] == "2010" else "1e8 CNY" for row in ROWS]
    rows = [(*r[:6], f"{float(r[6]) * 1e4:.0f}", r[7]) if r[0] == "2010" else r for r in ROWS]
    total = PublishedSeries.load(table(rows, unit=unit)).total()
    assert total.attrs["units"] == "1e8 CNY"
    assert total.loc[2010, "low"] == pytest.approx(39.99995)


def test_a_year_without_a_printed_total_has_the_sum_of_its_categories():
    rows = [row for row in ROWS if row[:2] != ("2010", "total")]
    series = PublishedSeries.load(table(rows))
    total = series.total()
    assert total.loc[2010, "printed"] == ""
    assert total.loc[2010, "closes"] is None
    assert total.loc[2010, "low"] == pytest.approx(39.9)
    grown = series.growth().iloc[0]
    assert np.isnan(grown["low"])
    assert grown["opening"] == ""


def test_one_region_at_a_time_and_every_row_of_a_year():
    two = pd.concat([table(region="甲"), table(region="乙")])
    with pytest.raises(TableError, match=r"2 accounts and regions.*甲"):
        PublishedSeries.load(two)
    assert PublishedSeries.load(two, region="乙").years == [2010, 2015]
    with pytest.raises(TableError, match="0 accounts"):
        PublishedSeries.load(two, region="丙")
    with pytest.raises(TableError, match="no year"):
        PublishedSeries.load(table(year=""))
    with pytest.raises(LedgerError, match="no year has"):
        PublishedSeries.load(table(money_value=""))
    series = PublishedSeries.load(table())
    assert series.between(2012, 2020).years == [2015]
    with pytest.raises(LedgerError, match="no year from"):
        series.between(1990, 1999)


@pytest.mark.skipif(not BEIJING.is_file(), reason="the published accounts (GEP_SHARED_DIR) are not here")
def test_beijing():
    """北京都市型现代农业生态服务价值监测公报, 2006 to 2023."""
    series = PublishedSeries.load(BEIJING)
    assert series.years == [2006, 2007, 2011, 2015, 2020, 2023]
    breaks = series.changes().query("breaks")
    assert breaks[["since", "year", "kind"]].to_numpy().tolist() == [[2007, 2011, "scope"]]
    assert "old scope: farmland+forest" in breaks["what"].item()
    for by in ("total", "category"):
        with pytest.raises(LedgerError, match="2007 to 2011: scope changed"):
            series.growth(by)
    reason = "until 2007 farmland and forest alone, from 2011 the whole of metropolitan agriculture"
    declared = PublishedSeries.load(BEIJING, breaks=[Break(2011, "scope", reason)])
    assert [said for said in declared.growth()["break"] if said] == [f"break of scope in 2011: {reason}"]
    # the total of the new scope falls by almost half: without the break it would be read as a fall
    assert declared.growth().set_index("year").loc[2011, "high"] < -0.47
    whole = series.total()
    assert whole["closes"].tolist() == [None, None, True, True, True, True]
    assert series.stocks()["printed"].tolist() == ["8968.15", "7505.99", "10414.27", "10923.82", "13250.10"]
    assert not series.stocks()["counted"].any()
    assert sum("is a stock, kept out of the total" in note for note in whole.attrs["notes"]) == 5
    told = series.reproduced()
    # the one rate on a printed year, four totals from their parts, and all shares
    assert told["holds"].tolist().count(True) == 11
    assert False not in told["holds"].tolist()
    first = told.iloc[0]
    assert (first["since"], first["printed"], first["holds"]) == (2006, "5.9 %", True)
    assert first["low"] == pytest.approx(5.8955, abs=5e-4)
    linked = told[told["remark"] == "from the growth of its categories"]
    assert linked["printed"].tolist() == ["5.7 %", "1.4 %", "-10.8 %", "11.8 %"]
    assert told.query("kind == 'share'")["printed"].tolist() == [
        "9.9 %",
        "25.9 %",
        "64.2 %",
        "8.3 %",
        "31.7 %",
        "60.0 %",
    ]
    assert told["remark"].str.startswith("circular").sum() == 4
