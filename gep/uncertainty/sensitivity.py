"""Sensitivity to the profile: the same region and year by several standards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from gep.errors import Faults, LedgerError
from gep.ledger import Ledger
from gep.ledger.views import labelled

#: What the table is, and how it is not to be read.
NAME = "profile sensitivity"
READING = "differences between methods; no interval, and no probability belongs to it"


def compare_profiles(
    ledgers: Mapping[str, Ledger], *, by: str | Sequence[str] = ("category", "service"), unit: str = "",
    labels: str = "",
) -> pd.DataFrame:  # fmt: skip
    """Set accounts of one region and year by several profiles beside each other.

    Parameters
    ----------
    ledgers : mapping of str to Ledger
        By name of the profile; the first is what the others are compared with.
    by : str or sequence of str
        Keys of :meth:`gep.Ledger.by`.
    unit : str
        As in :meth:`gep.Ledger.by`.
    labels : {"", "zh", "en"}
        Names instead of codes, those of the first ledger.

    Returns
    -------
    DataFrame
        A column for each profile, ``difference:<name>`` and ``relative:<name>`` of each but the
        first, and a row ``total``. NaN is a service that a profile does not account: it is no
        zero, and has no difference; what it does to the total shows there.

    Raises
    ------
    LedgerError
        Fewer than two ledgers, or ledgers of other regions, years, price years or zones.

    Notes
    -----
    This is *profile sensitivity* (``attrs["name"]``): how far two methods lie apart. It is not
    an interval, and nothing says that the truth lies between.
    """
    keys = (by,) if isinstance(by, str) else tuple(by)
    _refuse_others(ledgers)
    first, *others = ledgers
    base = ledgers[first]
    unit = unit or _unit(base)
    tables = {name: ledger.by(*keys, unit=unit)["value"] for name, ledger in ledgers.items()}
    order = list(dict.fromkeys(key for table in tables.values() for key in table.index))
    index = pd.MultiIndex.from_tuples(order, names=keys) if len(keys) > 1 else pd.Index(order, name=keys[0])
    made = pd.DataFrame({name: table.reindex(index) for name, table in tables.items()}, index=index)
    if labels:
        made = labelled(base, made, keys, labels)
    made.loc[("total", *[""] * (len(keys) - 1)) if len(keys) > 1 else "total", :] = [
        float(ledger.total(unit)) for ledger in ledgers.values()
    ]
    for name in others:
        made[f"difference:{name}"] = made[name] - made[first]
        made[f"relative:{name}"] = made[f"difference:{name}"] / made[first].abs().where(made[first] != 0.0)
    made.attrs |= {"name": NAME, "reading": READING, "units": f"{unit} ({base.price_year})", "against": first}
    return made


def _unit(ledger: Ledger) -> str:
    return ledger.total().unit


def _refuse_others(ledgers: Mapping[str, Ledger]) -> None:
    if len(ledgers) < 2:
        raise LedgerError(f"{len(ledgers)} ledgers", where=NAME, expected="two at least, by name of profile")
    faults = Faults()
    first, *others = ledgers.items()
    for name, ledger in others:
        for what, one, other in (
            ("region", first[1].meta.region, ledger.meta.region),
            ("year", first[1].year, ledger.year),
            ("price year", first[1].price_year, ledger.price_year),
            ("zones", list(first[1].zones.index), list(ledger.zones.index)),
        ):
            if one != other:
                shown = f"{what} {other}" if what != "zones" else "other zones"
                faults.add(shown, where=name, expected=f"{what} of {first[0]}: {one}"[:200])
    faults.raise_as(LedgerError, "these ledgers differ in more than the profile", where=NAME)
