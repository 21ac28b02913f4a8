"""Several years side by side: what changed is seen, and what does not compare is not compared."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import gep
from gep.errors import LedgerError, PriceYearError
from gep.ledger import Ledger
from gep.years import Break, Series
from gep.years.growth import rates

CODES = ["150105101", "150105102", "150105103", "150105104"]


def of_year(ledger: Ledger, year: int, price_year: str | None = None, *, scale: float = 1.0) -> Ledger:
    """The same account as if it were of another year, with quantities scaled."""
    frame = ledger.frame.assign(year=year)
    frame[["quantity", "value"]] = frame[["quantity", "value"]] * scale
    if price_year:
        old = ledger.price_year
        frame = frame.assign(
            price_year=price_year, price_unit=frame["price_unit"].str.replace(old, price_year, regex=False)
        )
    return with_(ledger, frame=frame)


def with_(ledger: Ledger, *, meta: dict | None = None, **parts) -> Ledger:
    whole = {
        "frame": ledger.frame, "zones": ledger.zones, "region": ledger.region, "coverage": ledger.coverage,
        "extent": ledger.extent, **parts,
    }  # fmt: skip
    return Ledger(meta=dataclasses.replace(ledger.meta, **(meta or {})), **whole)


def without(ledger: Ledger, service: str) -> Ledger:
    return with_(ledger, frame=ledger.frame[ledger.frame["service"] != service])


@pytest.fixture
def three(ledger):
    return [of_year(ledger, year, scale=s) for year, s in ((2012, 1.21), (2010, 1.0), (2015, 1.331))]


def kinds(series: Series) -> set[tuple[int, str]]:
    told = series.changes()
    return set(zip(told["year"], told["kind"], strict=True))


# ------------------------------------------------------------------ levels


def test_years_stand_in_order_and_levels_are_those_of_the_ledgers(three):
    series = Series(three)
    assert series.years == [2010, 2012, 2015]
    assert len(series) == 3
    total = series.total("万元")
    assert total.tolist() == [float(series.ledger(y).total("万元")) for y in series.years]
    assert total.attrs["units"] == "万元 (CNY_2010)"
    table = series.by("zone", "service", unit="万元")
    assert list(table.columns) == [2010, 2012, 2015]
    own = series.ledger(2012).by("zone", "service", unit="万元")["value"]
    pd.testing.assert_series_equal(table[2012], own.rename(2012))
    named = series.by("zone", labels="zh")
    assert len(named) == len(series.by("zone"))
    assert list(series.zones.index) == CODES


def test_total_takes_what_a_ledger_takes(three):
    total = Series(three).total("万元", zone=CODES[0], service="soil_retention")
    assert total[2012] == pytest.approx(1.21 * total[2010])


def test_physical_account_is_by_year(three):
    table = Series(three).quantities()
    assert list(table.columns) == [2010, 2012, 2015]
    assert table[2015].to_numpy() == pytest.approx(1.331 * table[2010].to_numpy())
    assert Series(three).quantities(labels="en").index[0][0] != table.index[0][0]


def test_a_quantity_in_another_unit_is_brought_to_that_of_the_latest_year(ledger):
    run = "water_conservation.water"
    name = next(r for r in ledger.meta.runs if r.startswith("water_conservation"))
    later = with_(
        of_year(ledger, 2013),
        meta={"runs": {**ledger.meta.runs, name: {**ledger.meta.runs[name], "report": "m3/year"}}},
    )
    table = Series([of_year(ledger, 2010), later]).quantities()
    row = table.xs("water_conservation", level="service").iloc[0]
    assert row[2010] == pytest.approx(row[2013])
    assert "m3/year" in table.index.get_level_values("quantity_unit"), run


def test_missing_is_told_and_never_zero(ledger):
    holed = of_year(ledger, 2011)
    frame = holed.frame.copy()
    frame.loc[frame["service"] == "crops", ["value", "quantity"]] = np.nan
    series = Series([of_year(ledger, 2010), with_(holed, frame=frame)])
    assert np.isnan(series.by("service").loc["crops", 2011])
    assert any(note.startswith("2011") and "no value" in note for note in series.by("service").attrs["notes"])
    assert any("2011" in note and "no value" in note for note in series.total().attrs["notes"])
    assert (2011, "missing") in kinds(series)
    assert series.growth("service").loc[("crops", 2011)].drop(["value", "break"]).isna().all()


def test_a_service_of_one_year_alone_is_missing_in_the_other(ledger):
    series = Series([without(of_year(ledger, 2010), "tourism"), of_year(ledger, 2011)])
    row = series.by("service").loc["tourism"]
    assert np.isnan(row[2010])
    assert row[2011] > 0


def test_indicators_by_year(three):
    table = Series(three).indicators()
    assert list(table.index) == [2010, 2012, 2015]
    assert table["ggi"].notna().all()
    assert table.loc[2012, "per_capita"] == pytest.approx(1.21 * table.loc[2010, "per_capita"])


def test_an_indicator_that_cannot_be_is_missing_and_told(ledger):
    bare = with_(of_year(ledger, 2011), region={})
    table = Series([of_year(ledger, 2010), bare]).indicators()
    assert np.isnan(table.loc[2011, "ggi"])
    assert any("2011: no ggi" in note for note in table.attrs["notes"])


# ------------------------------------------------------------------ growth


def test_growth_by_hand(three):
    table = Series(three).growth()
    assert table.loc[2012, "growth"] == pytest.approx(0.21)
    assert table.loc[2012, "annual"] == pytest.approx(0.1)
    assert table.loc[2015, "growth"] == pytest.approx(0.1)
    assert table.loc[2015, "since_first"] == pytest.approx(0.331)
    assert table.loc[2015, "annual_since_first"] == pytest.approx(1.331 ** (1 / 5) - 1)
    assert table.loc[2010].drop(["value", "break"]).isna().all()
    by = Series(three).growth(["zone", "service"])
    assert by.index.names == ["zone", "service", "year"]
    assert by["growth"].dropna().round(9).isin([0.21, 0.1]).all()


def test_zero_and_negative_values_have_no_growth(ledger):
    frame = of_year(ledger, 2010).frame.copy()
    frame.loc[frame["service"] == "crops", ["value", "quantity"]] = 0.0
    series = Series([with_(ledger, frame=frame), of_year(ledger, 2011)])
    table = series.growth("service")
    assert np.isnan(table.loc[("crops", 2011), "growth"])
    assert any("no growth from zero or below: crops" in note for note in table.attrs["notes"])
    assert np.isnan(rates([-1.0, 2.0], [2010, 2011]).loc[2011, "growth"])
    assert rates([2.0, -1.0], [2010, 2012]).loc[2012, "growth"] == -1.5
    assert np.isnan(rates([2.0, -1.0], [2010, 2012]).loc[2012, "annual"])


def test_a_single_year_is_a_series_without_growth(ledger):
    series = Series([ledger])
    assert series.growth()["growth"].isna().all()
    assert series.changes().empty
    assert list(series.changes().columns)[:2] == ["since", "year"]
    with pytest.raises(LedgerError, match="no two years"):
        Series([ledger], breaks=[Break(2020, "scope", "x")])


def test_index_of_100(three):
    series = Series(three)
    assert series.index().round(6).tolist() == [100.0, 121.0, 133.1]
    assert series.index(2012)[2012] == 100.0
    with pytest.raises(LedgerError, match="no year of the series"):
        series.index(2011)


def test_current_prices_are_said_and_constant_ones_demanded(ledger):
    series = Series([of_year(ledger, 2010), of_year(ledger, 2020, "CNY_2020", scale=1.5)])
    assert "current prices: CNY_2010, CNY_2020" in series.growth().attrs["units"]
    assert "current prices" in series.total().attrs["units"]
    assert (2020, "prices") in kinds(series)
    with pytest.raises(PriceYearError, match="at_prices"):
        series.growth(prices="constant")
    with pytest.raises(LedgerError, match="prices="):
        series.growth(prices="real")
    real = series.at_prices(2020, "chn-cpi")
    cpi = gep.Deflator.shipped("chn-cpi").factor("CNY_2010", "CNY_2020")
    table = real.growth(prices="constant")
    assert table.loc[2020, "growth"] == pytest.approx(1.5 / cpi - 1)
    assert table.attrs["units"].endswith("(CNY_2020)")
    assert real.total()[2010] == pytest.approx(series.total()[2010] * cpi)


def test_volume_at_the_prices_of_one_year(ledger):
    later = of_year(ledger, 2020, scale=1.5)
    frame = later.frame.copy()
    frame[["price", "value"]] = frame[["price", "value"]] * 2.0
    series = Series([of_year(ledger, 2010), with_(later, frame=frame)])
    for base in (2010, 2020):
        volume = series.at_prices_of(base)
        assert volume.growth(prices="constant").loc[2020, "growth"] == pytest.approx(0.5)
        # a value without a quantity stands in neither year, and is told
        lost = volume.by("service").loc["livestock"]
        assert lost.isna().all()
        assert any("livestock" in note for note in volume.notes)


def test_a_new_product_without_a_base_price_is_told(case):
    rows = case.rows_with(
        crop_output=[("", "maize", 18.0, "万t/year"), ("", "rice", 2.0, "万t/year")],
        crop_price=[("", "maize", 2.0, "CNY_2010/kg"), ("", "rice", 4.0, "CNY_2010/kg")],
    )
    options = {"price_year": "CNY_2010"}
    first = case.compile(**options)
    other = case.compile(case.inputs(rows=rows), **options)
    series = Series([of_year(first, 2010), of_year(other, 2011)])
    told = series.changes()
    assert set(told.loc[told["kind"] == "items", "what"]) == {"no more: wheat", "new: rice"}
    assert not told["breaks"].any()
    volume = series.at_prices_of(2010)
    assert np.isnan(volume.by("item").loc["rice", 2011])
    assert any("2011" in note and "no base price" in note for note in volume.notes)


def test_the_split_of_the_change_adds_up(ledger):
    series = Series([of_year(ledger, 2010), of_year(ledger, 2015, scale=1.5)])
    change = series.change(by="service")
    total = change.total
    assert total["change"] == pytest.approx(total[list(change.detail)].sum(), rel=1e-9)
    assert total["change"] == pytest.approx(series.total("CNY").diff()[2015], rel=1e-9)
    with pytest.raises(LedgerError, match="no year of the series"):
        series.change(2010, 2011)


# ------------------------------------------------------------------ breaks


def changed_meta(ledger, run, **entry):
    return with_(ledger, meta={"runs": {**ledger.meta.runs, run: {**ledger.meta.runs[run], **entry}}})


SOIL = "soil_retention.sediment"
CHANGES = {
    "a service less": ("scope", lambda led: without(led, "tourism"), "tourism"),
    "an indicator less": (
        "scope",
        lambda led: with_(
            led,
            frame=led.frame.replace({"indicator": {"sediment": "silt"}}),
            meta={"runs": {**led.meta.runs, "soil_retention.silt": led.meta.runs[SOIL]}},
        ),
        "soil_retention.silt",
    ),
    "another profile": (
        "method",
        lambda led: with_(led, meta={"profile": {**led.meta.profile, "id": "other"}}),
        "-> other",
    ),
    "another edition": (
        "method",
        lambda led: with_(led, meta={"profile": {**led.meta.profile, "edition": "2"}}),
        "profile edition",
    ),
    "a variant switched": (
        "method",
        lambda led: with_(led, meta={"profile": {**led.meta.profile, "modified": ["crops=net_output"]}}),
        "crops=net_output",
    ),
    "another content of the profile": (
        "method",
        lambda led: with_(led, meta={"fingerprints": {**led.meta.fingerprints, "profile": "0"}}),
        "another content",
    ),
    "another method": ("method", lambda led: changed_meta(led, SOIL, method="avoided cost"), "avoided cost"),
    "another variant": ("method", lambda led: changed_meta(led, SOIL, variant="x"), SOIL),
    "another formula": ("method", lambda led: changed_meta(led, SOIL, formulas=[]), "formulas"),
    "another key": ("method", lambda led: changed_meta(led, SOIL, spreads=["by area"]), "by area"),
    "a zone less": (
        "boundary",
        lambda led: with_(
            led, frame=led.frame[led.frame["zone"] != CODES[3]], zones=led.zones.drop(CODES[3])
        ),
        "150105104",
    ),
    "a larger zone": (
        "boundary",
        lambda led: with_(led, zones=led.zones.assign(area_m2=led.zones["area_m2"] * 1.001)),
        "km2",
    ),
    "a zone of another county": (
        "boundary", lambda led: with_(led, zones=led.zones.assign(county="X")), "-> X",
    ),
    "a level less": ("boundary", lambda led: with_(led, zones=led.zones.drop(columns="belt")), "belt"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_break_is_seen_refused_and_kept_when_declared(name, ledger):
    kind, change, said = CHANGES[name]
    pair = [of_year(ledger, 2010), change(of_year(ledger, 2015))]
    series = Series(pair)
    told = series.changes()
    rows = told[told["kind"] == kind]
    assert len(rows)
    assert rows["breaks"].all()
    assert said in " ".join(rows["where"] + ": " + rows["what"])
    for refused in (series.growth, series.index, series.change):
        with pytest.raises(LedgerError, match=f"2010 to 2015.*{kind} changed") as caught:
            refused()
        assert said in str(caught.value)
        assert f"Break(2015, '{kind}'" in str(caught.value)
    assert any(f"break of {kind} in 2015, not declared" in note for note in series.total().attrs["notes"])
    # a reason for another kind, or another year, covers nothing
    other = "scope" if kind != "scope" else "boundary"
    with pytest.raises(LedgerError, match="changed"):
        Series(pair, breaks=[Break(2015, other, "why")]).growth()
    declared = Series(pair, breaks=[Break(2013, kind, "the norm changed")])
    table = declared.growth()
    assert table.loc[2015, "break"] == f"break of {kind} in 2013: the norm changed"
    for shown in (table, declared.total(), declared.by("service"), declared.quantities()):
        assert any("the norm changed" in note for note in shown.attrs["notes"])
    assert set(declared.changes().query("breaks")["reason"]) == {"the norm changed"}


def test_all_breaks_are_listed_at_once(ledger):
    last = changed_meta(without(of_year(ledger, 2020), "tourism"), SOIL, method="other")
    series = Series([of_year(ledger, 2010), without(of_year(ledger, 2015), "crops"), last])
    with pytest.raises(LedgerError) as caught:
        series.growth()
    # crops gone in 2015 and back in 2020, tourism gone, the method changed
    assert len(caught.value.faults) == 4
    assert {f.where for f in caught.value.faults} == {"2010 to 2015", "2015 to 2020"}
    assert "Break(2020, 'method'" in str(caught.value)


def test_years_without_a_break_between_them_compare(ledger):
    series = Series([of_year(ledger, 2010), of_year(ledger, 2015), without(of_year(ledger, 2020), "crops")])
    assert series.between(2010, 2015).growth().loc[2015, "growth"] == 0.0
    assert series.change(2010, 2015).total["change"] == 0.0
    with pytest.raises(LedgerError, match="scope"):
        series.between(2015, 2020).growth()
    with pytest.raises(LedgerError, match="no year from"):
        series.between(1990, 2000)


def test_a_boundary_within_a_millionth_is_the_same(ledger):
    later = with_(
        of_year(ledger, 2015), zones=ledger.zones.assign(area_m2=ledger.zones["area_m2"] * (1 + 1e-8))
    )
    series = Series([of_year(ledger, 2010), later])
    assert not series.changes()["breaks"].any()
    assert len(series.growth())


def test_what_is_no_break_is_told(ledger):
    later = of_year(ledger, 2015)
    rows = [{**c, "value": c["value"] * 1.1} for c in ledger.meta.coefficients]
    inputs = [{**i, "status": "estimated"} for i in ledger.meta.inputs]
    frame = later.frame.copy()
    frame[["price", "value"]] = frame[["price", "value"]] * 1.1
    extent = ledger.extent.assign(area_m2=ledger.extent["area_m2"] * 1.01)
    later = with_(later, frame=frame, extent=extent, meta={"coefficients": rows, "inputs": inputs})
    series = Series([of_year(ledger, 2010), later])
    told = series.changes()
    assert {"prices", "coefficient", "input", "land cover"} <= set(told["kind"])
    assert not told["breaks"].any()
    assert len(told[told["kind"] == "coefficient"]) == len(rows)
    assert told.loc[told["where"] == "map", "what"].item() == "the same in every cell as the year before"
    assert len(series.growth())


def test_two_currencies_do_not_stand_in_one_table(ledger):
    series = Series([of_year(ledger, 2010), of_year(ledger, 2015, "USD_2015")])
    assert (2015, "currency") in kinds(series)
    with pytest.raises(LedgerError, match="one currency"):
        series.total()
    with pytest.raises(LedgerError, match="currency changed"):
        series.growth()


def test_a_break_that_the_ledgers_do_not_show_may_be_declared(three):
    series = Series(three, breaks=[Break(2012, "method", "another satellite")])
    told = series.changes().query("kind == 'method'")
    assert told["reason"].tolist() == ["another satellite"]
    assert "do not show" in told["what"].item()
    assert "another satellite" in series.growth().loc[2012, "break"]


@pytest.mark.parametrize(("year", "kind", "reason"), [(2012, "mood", "x"), (2012, "scope", " ")])
def test_a_break_needs_a_known_kind_and_a_reason(year, kind, reason):
    with pytest.raises(LedgerError, match=r"Break\(2012"):
        Break(year, kind, reason)


@pytest.mark.parametrize("year", [2009, 2010, 2016])
def test_a_break_lies_between_years(three, year):
    with pytest.raises(LedgerError, match="no two years"):
        Series(three, breaks=[Break(year, "scope", "x")])


def test_ledgers_that_make_no_series(ledger):
    with pytest.raises(LedgerError, match="no ledgers"):
        Series([])
    with pytest.raises(LedgerError, match="two ledgers of 2010"):
        Series([of_year(ledger, 2010), of_year(ledger, 2010)])
    with pytest.raises(LedgerError, match="the ledger under 2011 is of 2010"):
        Series({2011: of_year(ledger, 2010)})


def test_a_folder_keeps_everything(three, tmp_path):
    series = Series(three, breaks=[Break(2012, "scope", "口径")], notes=["a note"])
    series.to_folder(tmp_path / "book")
    again = Series.read(tmp_path / "book")
    assert again.years == series.years
    assert again.breaks == series.breaks
    assert again.notes == series.notes
    assert again.total().tolist() == series.total().tolist()
    with pytest.raises(LedgerError, match="missing"):
        Series.read(tmp_path)


def test_an_account_of_tables_makes_a_series_as_well(demo, case, tables):
    zones, inputs = tables
    one = gep.compile_account(
        demo,
        inputs,
        zones,
        2010,
        coefficients=case.table(),
        price_year=2010,
        allocate={"crops": "population"},
    )
    series = Series([one, of_year(one, 2012, scale=2.0)])
    assert series.growth().loc[2012, "growth"] == pytest.approx(1.0)
    assert "2 " in repr(series) or "2010, 2012" in repr(series)
