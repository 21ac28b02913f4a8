"""Tables with one column a year, from the tables of each year's ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from typing import Any

import pandas as pd

from gep import indicators, units
from gep.errors import Faults, GepError, LedgerError
from gep.ledger import Amount, Ledger

Ledgers = Mapping[int, Ledger]

#: Indicators of a whole region, by name.
_INDICATORS: Mapping[str, Callable[[Ledger], Amount]] = {
    "total": lambda ledger: ledger.total(),
    "per_area": lambda ledger: ledger.per_area(),
    "per_capita": lambda ledger: ledger.per_capita(),
    "ggi": indicators.ggi,
    "product_share": indicators.product_share,
}


def in_order(ledgers: Iterable[Ledger] | Ledgers) -> dict[int, Ledger]:
    """Return ledgers by year, in order.

    Raises
    ------
    LedgerError
        No ledger, two of one year, or one under another year than its own; all at once.
    """
    faults = Faults()
    if isinstance(ledgers, Mapping):
        for year, ledger in ledgers.items():
            if year != ledger.year:
                faults.add(f"the ledger under {year} is of {ledger.year}", expected="each under its year")
        ledgers = ledgers.values()
    listed = sorted(ledgers, key=lambda ledger: ledger.year)
    for a, b in pairwise(listed):
        if a.year == b.year:
            faults.add(f"two ledgers of {a.year}", expected="one ledger a year")
    if not listed:
        faults.add("there are no ledgers", expected="one a year")
    faults.raise_as(LedgerError, "the ledgers make no series")
    return {ledger.year: ledger for ledger in listed}


def beside(columns: Mapping[int, pd.Series[Any]]) -> pd.DataFrame:
    """Put years side by side; rows stand in the order in which they first appear, gaps are NaN."""
    order = list(dict.fromkeys(key for column in columns.values() for key in column.index))
    first = next(iter(columns.values())).index
    index = _index(order, first)
    made = pd.DataFrame({year: column.reindex(index) for year, column in columns.items()}, index=index)
    made.columns.name = "year"
    return made


def relabelled(table: pd.DataFrame, named: Mapping[Any, Any]) -> pd.DataFrame:
    """Return a table with the names of its rows in place of their keys."""
    return table.set_axis(_index([named[key] for key in table.index], table.index), axis=0)


def _index(keys: list[Any], like: pd.Index[Any]) -> pd.Index[Any]:
    if like.nlevels > 1:
        return pd.MultiIndex.from_tuples(keys, names=like.names)
    made: pd.Index[Any] = pd.Index(keys, name=like.name)
    return made


def missing(tables: Mapping[int, pd.DataFrame], what: str) -> list[str]:
    """Return in words how many rows of each year have no ``what``."""
    counts = {year: int(table["missing_rows"].sum()) for year, table in tables.items()}
    return [f"{year}: {count} rows have no {what}" for year, count in counts.items() if count]


def labels_of(ledgers: Ledgers, table: Callable[[Ledger, str], pd.DataFrame], lang: str) -> dict[Any, Any]:
    """Return the names of the rows of a table by their keys; of several years the latest counts."""
    named: dict[Any, Any] = {}
    for ledger in ledgers.values():
        named |= zip(table(ledger, "").index, table(ledger, lang).index, strict=True)
    return named


def quantities(ledgers: Ledgers, lang: str) -> pd.DataFrame:
    """Return the physical account, one column a year, each line in the unit of its latest year."""
    tables = {year: ledger.quantities() for year, ledger in ledgers.items()}
    latest = {key: str(unit) for table in tables.values() for key, unit in table["quantity_unit"].items()}
    made = beside({year: _converted(table, latest) for year, table in tables.items()})
    if lang:
        named = labels_of(ledgers, lambda ledger, said: ledger.quantities(labels=said), lang)
        made = relabelled(made, {key: (*named[key[:3]], key[3]) for key in made.index})
    made.attrs["notes"] = missing(tables, "quantity")
    return made


def _converted(table: pd.DataFrame, latest: Mapping[Any, str]) -> pd.Series[Any]:
    """Return quantities in the latest units; what measures something else by now keeps its own."""
    own = [str(unit) for unit in table["quantity_unit"]]
    target = [
        latest[key] if units.same_dimension(unit, latest[key]) else unit
        for key, unit in zip(table.index, own, strict=True)
    ]
    factors = [units.factor(a, b) for a, b in zip(own, target, strict=True)]
    column = (table["quantity"] * factors).to_frame().assign(quantity_unit=target)
    return column.set_index("quantity_unit", append=True)["quantity"]


def indicators_of(ledgers: Ledgers) -> pd.DataFrame:
    """Return indicators of the region by year; one that a year cannot have is NaN, and told why."""
    found: dict[str, dict[int, float]] = {name: {} for name in _INDICATORS}
    spelled: dict[str, str] = {}
    notes = []
    for year, ledger in ledgers.items():
        for name, look in _INDICATORS.items():
            try:
                amount = look(ledger)
            except GepError as error:
                found[name][year] = float("nan")
                notes.append(f"{year}: no {name}: {error.what}")
            else:
                found[name][year], spelled[name] = float(amount), amount.unit
    made = pd.DataFrame(found, index=pd.Index(list(ledgers), name="year"))
    made.attrs = {"units": spelled, "notes": notes}
    return made
