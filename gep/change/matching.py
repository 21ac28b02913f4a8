"""Two ledgers side by side: which rows belong together, and what stands in their way."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from gep.ecosystems import within
from gep.errors import Faults, LedgerError
from gep.ledger import Ledger
from gep.ledger.parts import KEYS

#: What a row of one ledger is found by in the other; the category follows from the service.
ROW = tuple(k for k in KEYS if k != "category")
ITEM = ("service", "indicator", "item")


def refuse(opening: Ledger, closing: Ledger, *, currencies: bool = True) -> None:
    """Refuse two ledgers that cannot be compared.

    Raises
    ------
    LedgerError
        Other zones, another region, another unit of one indicator, another currency; all at once.
    """
    faults = Faults()
    if opening.meta.region != closing.meta.region:
        faults.add(f"regions {opening.meta.region!r} and {closing.meta.region!r}", expected="one region")
    for a, b in ((opening, closing), (closing, opening)):
        only = [str(z) for z in a.zones.index if z not in b.zones.index]
        if only:
            faults.add(
                f"zones {', '.join(only[:10])} are in the ledger of {a.year} alone",
                expected="the same zones in both",
                fix="compile both years on the same zones",
            )
    units = [_units(ledger) for ledger in (opening, closing)]
    for key in units[0].keys() & units[1].keys():
        if units[0][key] != units[1][key]:
            faults.add(
                f"{' / '.join(filter(None, key))} is in {units[0][key]} and in {units[1][key]}",
                expected="one unit an indicator",
                fix="compile both years with one profile",
            )
    money = [ledger.price_year.partition("_")[0] for ledger in (opening, closing)]
    if currencies and money[0] != money[1]:
        faults.add(
            f"values in {opening.price_year} and in {closing.price_year}",
            expected="one currency",
            fix="gep.change.deflated with exchange rates brings one ledger to the currency of the other",
        )
    faults.raise_as(LedgerError, "the ledgers cannot be compared")


def _units(ledger: Ledger) -> dict[tuple[str, ...], str]:
    known = ledger.frame[ledger.frame["quantity_unit"] != ""]
    pairs = known.drop_duplicates(list(ITEM))[[*ITEM, "quantity_unit"]].itertuples(index=False)
    return {tuple(row[:-1]): row[-1] for row in pairs}


def unit_price(frame: pd.DataFrame) -> pd.Series[float]:
    """Return the price of each row: as stated, else what value and quantity imply."""
    known = frame["quantity"].where(frame["quantity"] != 0)
    return frame["price"].astype(float).fillna(frame["value"] / known)


def paired(opening: Ledger, closing: Ledger, *, intermediate: bool) -> pd.DataFrame:
    """Return the rows of both ledgers side by side: columns end in 0 (opening) and 1 (closing).

    ``there0``, ``there1`` say whether the ledger has the row; ``area0``, ``area1`` are the extent of
    its ecosystem and ``zone_area0``, ``zone_area1`` that of its zone, in m2, NaN where not known.
    """
    sides = []
    for ledger in (closing, opening):
        frame = ledger.counted(intermediate=intermediate)
        side = frame[[*ROW, "category", "quantity", "value"]].assign(price=unit_price(frame), there=True)
        sides.append(side.set_index(list(ROW)))
    # rows in the order of the later ledger, then those that only the earlier one has
    index = sides[0].index.append(sides[1].index.difference(sides[0].index, sort=False))
    after, before = (side.reindex(index) for side in sides)
    table = before.add_suffix("0").join(after.add_suffix("1"))
    table["category"] = table.pop("category1").fillna(table.pop("category0"))
    for column in ("there0", "there1"):
        table[column] = table[column].notna()
    table = table.reset_index()
    for ledger, suffix in ((opening, "0"), (closing, "1")):
        areas = _areas(ledger, table[["zone", "ecosystem"]])
        table[f"area{suffix}"], table[f"zone_area{suffix}"] = areas
    return table


def _areas(ledger: Ledger, rows: pd.DataFrame) -> tuple[list[float], list[float]]:
    """Return the extent of the ecosystem and of the zone of each row."""
    zones = ledger.zones["area_m2"].astype(float).to_dict()
    zones[ledger.meta.region] = float(ledger.zones["area_m2"].sum(skipna=False))
    by_zone: dict[str, dict[str, float]] = {}
    for zone, ecosystem, area in ledger.extent.itertuples(index=False):
        for name in (str(zone), ledger.meta.region):
            known = by_zone.setdefault(name, {})
            known[ecosystem] = known.get(ecosystem, 0.0) + float(area)
    types = ledger.extent["ecosystem"].unique()
    below = {e: [c for c in types if c == e or within(c, [e])] for e in rows["ecosystem"].unique()}
    pairs = list(rows.itertuples(index=False, name=None))
    found = {pair: _extent(by_zone.get(pair[0]), below[pair[1]]) for pair in dict.fromkeys(pairs) if pair[1]}
    return [found.get(pair, np.nan) for pair in pairs], [zones.get(zone, np.nan) for zone, _ in pairs]


def _extent(known: Mapping[str, float] | None, types: Sequence[str]) -> float:
    """Return the area of an ecosystem and all types below it; a mapped zone without it has none."""
    return float("nan") if known is None else math.fsum(known.get(code, 0.0) for code in types)
