"""Growth from one account to another."""

from __future__ import annotations

import pandas as pd

from gep.errors import LedgerError
from gep.ledger import Amount, Ledger, views


def growth(
    first: Ledger, last: Ledger, *, by: str = "", yearly: bool = False, unit: str = "", labels: str = ""
) -> Amount | pd.DataFrame:
    """Return by how much the value of an account grew, in percent (GEP 增速).

    Parameters
    ----------
    first, last : Ledger
        Both in one price year, or growth and inflation could not be told apart.
    by : str
        A key of :meth:`gep.Ledger.by`; the whole unless given.
    yearly : bool
        The mean rate a year, compound, in place of the whole change.
    unit : str
        Unit of the values of a table; 10^8 of the currency unless given.
    labels : {"", "zh", "en"}
        Write names instead of codes.

    Returns
    -------
    Amount or DataFrame
        Percent; by key with ``first``, ``last``, ``growth`` and ``missing_rows``. From nothing,
        or from less than nothing, there is no growth: missing.

    Raises
    ------
    LedgerError
        Two price years, or for a yearly rate no later year.
    """
    if first.price_year != last.price_year:
        raise LedgerError(
            f"values of {first.price_year} and of {last.price_year}", expected="one price year",
            fix="compile both with one price_year= and a deflator",
        )  # fmt: skip
    years = last.year - first.year
    if yearly and years < 1:
        raise LedgerError(f"from {first.year} to {last.year} there is no year", expected="a later account")
    if not by:
        totals = first.total(first.price_year), last.total(last.price_year)
        notes = [
            f"{led.year}: {note}"
            for led, t in zip((first, last), totals, strict=True)
            for note in t.notes[1:]
        ]
        rate = _rate(float(totals[0]), float(totals[1]), years if yearly else 1)
        return Amount(
            rate, "%/year" if yearly else "%", [f"{first.year} to {last.year}", first.price_year, *notes]
        )
    unit = unit or first.usual_unit(8)
    tables = [led.by(by, unit=unit) for led in (first, last)]
    index = tables[1].index.append(tables[0].index.difference(tables[1].index, sort=False))
    table = pd.DataFrame(index=index)
    table["first"], table["last"] = (t["value"].reindex(index) for t in tables)
    pairs = zip(table["first"], table["last"], strict=True)
    table["growth"] = [_rate(float(a), float(b), years if yearly else 1) for a, b in pairs]
    table["missing_rows"] = sum(t["missing_rows"].reindex(index, fill_value=0) for t in tables)
    table.attrs["units"] = f"{unit} ({first.price_year}); growth in {'%/year' if yearly else '%'}"
    return views.labelled(last, table, (by,), labels) if labels else table


def _rate(first: float, last: float, years: int) -> float:
    """Return the growth in percent, over the whole or as a compound rate of so many years."""
    if not first > 0.0 or not last >= 0.0:
        return float("nan")
    return 100.0 * (float((last / first) ** (1.0 / years)) - 1.0)
