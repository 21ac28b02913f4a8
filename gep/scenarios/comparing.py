"""Accounts beside each other: what differs from the base, and what cannot be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from gep.errors import LedgerError
from gep.ledger import Ledger
from gep.ledger.views import labelled

COLUMNS = ("base", "value", "difference", "relative", "note")


def compare(
    ledgers: Mapping[str, Ledger],
    *,
    by: str | Sequence[str] = "service",
    unit: str = "",
    base: str = "",
    labels: str = "",
) -> pd.DataFrame:
    """Return how accounts differ from a base.

    Parameters
    ----------
    ledgers : mapping of str to Ledger
        As :func:`gep.scenarios.run` returns them.
    by : str or sequence of str
        Keys of :meth:`gep.Ledger.by`; the total alone if empty.
    unit : str
        Unit of money; 10^8 of the currency unless given.
    base : str
        Which of them is the base; the first unless given.
    labels : {"", "zh", "en"}
        Write names instead of codes.

    Returns
    -------
    DataFrame
        By scenario and ``by``: ``base, value, difference``, ``relative`` (a share of the size of the
        base) and ``note``, which says what is missing on either side. What one side does not know has
        no difference. ``attrs["units"]``.

    Raises
    ------
    LedgerError
        No such base, or accounts of several price years.
    """
    base = base or next(iter(ledgers), "")
    if base not in ledgers:
        raise LedgerError(f"no account {base!r}", expected=", ".join(ledgers) or "some accounts")
    levels = {name: ledger.price_year for name, ledger in ledgers.items()}
    if len(set(levels.values())) > 1:
        raise LedgerError(
            f"accounts of several price years: {levels}", expected="one",
            fix="compile them with one price_year=",
        )  # fmt: skip
    keys = (by,) if isinstance(by, str) else tuple(by)
    unit = unit or ledgers[base].usual_unit(8)
    first = _table(ledgers[base], keys, unit)
    pieces = {n: _beside(first, _table(led, keys, unit)) for n, led in ledgers.items() if n != base}
    if not pieces:
        raise LedgerError("there is nothing beside the base", expected="another account")
    if labels and keys:
        pieces = {name: labelled(ledgers[name], t, keys, labels) for name, t in pieces.items()}
    table = pd.concat(pieces, names=["scenario"])
    if not keys:
        table = table.droplevel(1)
    table.attrs["units"] = f"{unit} ({levels[base]})"
    return table


def _table(ledger: Ledger, keys: Sequence[str], unit: str) -> pd.DataFrame:
    if keys:
        return ledger.by(*keys, unit=unit)[["value", "missing_rows"]]
    missing = int(ledger.counted()["value"].isna().sum())
    return pd.DataFrame({"value": [float(ledger.total(unit))], "missing_rows": [missing]})


def _beside(first: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    index = first.index.append(other.index.difference(first.index, sort=False))
    was, now = first.reindex(index), other.reindex(index)
    table = pd.DataFrame({"base": was["value"], "value": now["value"]})
    table["difference"] = table["value"] - table["base"]
    size = table["base"].abs()
    table["relative"] = table["difference"] / size.where(size > 0)
    table["note"] = [
        _note(a, b) for a, b in zip(was["missing_rows"].to_list(), now["missing_rows"].to_list(), strict=True)
    ]
    table.index.names = first.index.names
    return table[list(COLUMNS)]


def _note(was: Any, now: Any) -> str:
    if pd.isna(was) or pd.isna(now):
        return "not in the base" if pd.isna(was) else "not in the scenario"
    parts = [f"{int(n)} rows missing {where}" for n, where in ((was, "in the base"), (now, "here")) if n]
    return ", ".join(parts)
