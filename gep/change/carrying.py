"""A ledger at other prices: constant prices of one year, or the prices of another ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from gep import units
from gep.change.matching import ITEM, ROW, refuse, unit_price
from gep.errors import LedgerError, PriceYearError
from gep.ledger import Ledger, Meta
from gep.prices import Deflating, Deflator, Exchange, Money, by_group, shipped_or_own

#: Under this key a mapping of deflators names the one for the GDP of the region.
GDP = "gdp"


def deflated(
    ledger: Ledger,
    currency: str,
    deflator: Deflating | None,
    exchange: str | Exchange | None = None,
) -> Ledger:
    """Return a ledger in constant prices: every value and price carried to one currency-year.

    Values are deflated in their own currency to the target year and, where the currency is another
    one, exchanged at the average rate of that year; this order is fixed.

    Parameters
    ----------
    ledger : Ledger
        In any currency and price year.
    currency : str
        The target, for example ``CNY_2020``.
    deflator : str, Deflator, or mapping of str to either
        A series, the name of a shipped one, or one by service or category (``"*"`` for the rest,
        ``"gdp"`` for the GDP of the region). None where only the currency differs.
    exchange : str or Exchange, optional
        Needed where the currency is another one.

    Returns
    -------
    Ledger
        Provenance says how money was carried; quantities stay as they are.

    Raises
    ------
    PriceYearError, UnitError
        A step is needed for which no series is given, or a year that a series does not reach.
    CoefficientError
        A service without a deflator.
    """
    if units.price_years(currency) != [currency]:
        raise PriceYearError(f"{currency!r} is no currency-year", expected="for example CNY_2020")
    if currency == ledger.price_year:
        return ledger
    own = dict(deflator) if isinstance(deflator, Mapping) else deflator
    gdp_series = own.pop(GDP, own.get("*")) if isinstance(own, dict) else own
    rates = shipped_or_own(exchange, Exchange)
    groups = dict(zip(ledger.frame["service"], ledger.frame["category"], strict=True))
    series = {} if own is None else by_group(own, groups)
    ways = {service: Money(currency, series.get(service), rates) for service in groups}
    factors = {service: way.convert(ledger.price_year)[0] for service, way in ways.items()}
    notes = {service: way.note(ledger.price_year) for service, way in ways.items()}
    frame = _carried(ledger.frame, currency, factors, ways)
    gdp_way = Money(currency, shipped_or_own(gdp_series, Deflator), rates)
    region, said = _region(ledger, gdp_way, without=own is not None and gdp_series is None)
    findings = [f"values carried from {note}" for note in dict.fromkeys(notes.values())]
    return _rebuilt(ledger, frame, region, _noted(ledger.meta, frame, notes, [*findings, *said]))


def _carried(
    frame: pd.DataFrame, currency: str, factors: Mapping[str, float], ways: Mapping[str, Money]
) -> pd.DataFrame:
    by_row = frame["service"].map(factors).astype(float)
    pairs = list(zip(frame["service"], frame["price_unit"], strict=True))
    known = {pair: ways[pair[0]].convert(pair[1])[1] if pair[1] else "" for pair in dict.fromkeys(pairs)}
    return frame.assign(
        value=frame["value"] * by_row,
        price=frame["price"] * by_row,
        price_unit=[known[pair] for pair in pairs],
        price_year=currency,
    )


def _region(ledger: Ledger, way: Money, *, without: bool) -> tuple[dict[str, Any], list[str]]:
    """Return the facts of the region with its GDP carried along; without a series it is left out."""
    facts = dict(ledger.region)
    if facts.get("gdp") is None:
        return facts, []
    if without:
        return _without_gdp(facts), ["the GDP of the region is left out: no deflator is given for it ('gdp')"]
    return {**facts, "gdp": facts["gdp"] * way.convert(ledger.price_year)[0]}, []


def _without_gdp(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {key: fact for key, fact in facts.items() if key not in (GDP, f"{GDP}_status")}


def revalued(ledger: Ledger, base: Ledger, deflator: Deflating | None = None) -> Ledger:
    """Return the quantities of a ledger at the prices of another one: a volume measure.

    A row takes the price of the same row in ``base``. Where ``base`` lacks the row, it takes the
    price of its service, indicator and item if that is the same in all rows of ``base``. Rows
    without a base price are NaN, and so are rows that have a value and no quantity, unless a
    deflator carries these to the base's price year; the findings of the result name them.

    Parameters
    ----------
    ledger : Ledger
        Whose quantities count.
    base : Ledger
        Whose prices count.
    deflator : str, Deflator, or mapping of str to either, optional
        For rows that have a value only.

    Returns
    -------
    Ledger
        Of the year of ``ledger``, in the price year of ``base``; without the GDP, which has other
        prices.

    Raises
    ------
    LedgerError
        Other zones, or another unit of one indicator.
    """
    refuse(ledger, base, currencies=deflator is not None)
    frame = ledger.frame.copy()
    prices, shared = _base_prices(frame, base)
    valued = frame["quantity"].isna() & frame["value"].notna()
    found = _price_units(frame, base)
    value = frame["quantity"] * prices
    notes = dict.fromkeys(ledger.services, f"quantities at prices of {base.year} ({base.price_year})")
    findings = [f"the quantities of {ledger.year} at the prices of {base.year} ({base.price_year})"]
    if deflator is not None:
        constant = deflated(ledger, base.price_year, deflator).frame["value"]
        value = value.where(~valued, constant)
        findings += _told(ledger, valued, "have no quantity: their value is deflated")
    lost = frame["value"].notna() & value.isna()
    findings += _told(ledger, shared & value.notna(), "took the one price that their item has in the base")
    findings += _told(ledger, lost, "have no base price or no quantity and are missing")
    frame = frame.assign(price=prices, price_unit=found, value=value, price_year=base.price_year)
    return _rebuilt(ledger, frame, _without_gdp(ledger.region), _noted(ledger.meta, frame, notes, findings))


def _base_prices(frame: pd.DataFrame, base: Ledger) -> tuple[pd.Series[float], pd.Series[bool]]:
    """Return the base price of each row, and which rows took the one that their item shares."""
    known = base.frame.assign(price=unit_price(base.frame)).dropna(subset="price")
    exact = known.set_index(list(ROW))["price"]
    of_item = known.groupby(list(ITEM))["price"].agg(["min", "max"])
    # 1e-12: prices that are the same up to the last bits of a division
    single = of_item["min"].where(np.isclose(of_item["min"], of_item["max"], rtol=1e-12, atol=0.0))
    first = pd.Series(exact.reindex(pd.MultiIndex.from_frame(frame[list(ROW)])).to_numpy(), frame.index)
    other = pd.Series(single.reindex(pd.MultiIndex.from_frame(frame[list(ITEM)])).to_numpy(), frame.index)
    quantities = frame["quantity"].notna()
    taken = first.isna() & other.notna() & quantities
    return first.fillna(other).where(quantities).astype(float), taken


def _price_units(frame: pd.DataFrame, base: Ledger) -> list[str]:
    known = base.frame[base.frame["price_unit"] != ""]
    found = {tuple(row[:-1]): row[-1] for row in known[[*ITEM, "price_unit"]].itertuples(index=False)}
    rows = frame[[*ITEM]].itertuples(index=False, name=None)
    return [found.get(row, "") for row in rows]


def _told(ledger: Ledger, hit: pd.Series[bool], what: str) -> list[str]:
    rows = ledger.frame[hit]
    if rows.empty:
        return []
    return [f"{len(rows)} rows {what}: {', '.join(dict.fromkeys(rows['service']))}"]


def _noted(meta: Meta, frame: pd.DataFrame, notes: Mapping[str, str], findings: Iterable[str]) -> Meta:
    """Return provenance with the way that money went added to every run."""
    services = dict(zip(frame["run"], frame["service"], strict=True))
    runs = {
        name: {**run, "deflators": [*run.get("deflators", ()), notes[services[name]]]}
        if name in services
        else run
        for name, run in meta.runs.items()
    }
    return replace(meta, runs=runs, findings=[*meta.findings, *findings])


def _rebuilt(ledger: Ledger, frame: pd.DataFrame, region: Mapping[str, Any], meta: Meta) -> Ledger:
    if frame["value"].isna().all():
        raise LedgerError(
            "no row has a value at these prices", fix="give a ledger with prices, or a deflator"
        )
    return Ledger(frame, ledger.zones, region, ledger.coverage, meta, ledger.extent)
