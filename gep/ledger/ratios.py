"""Value per area and per head, with the denominators said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gep import units
from gep.errors import LedgerError, ZoneError
from gep.ledger import views
from gep.ledger.amount import Amount

if TYPE_CHECKING:
    from gep.ledger.core import Ledger

#: Areas that differ by less are the same area.
_SAME = 1e-6


def per_area(ledger: Ledger, unit: str) -> Amount:
    """Return the value of the region per accounted area; a stated area that differs is noted."""
    factor = _factor(ledger, unit, "m2")
    total, area = ledger.total(ledger.price_year), float(ledger.zones["area_m2"].sum())
    notes = [f"on the accounted area of {area / 1e6:,.2f} km2"]
    stated = stated_area(ledger)
    if stated and abs(stated / area - 1.0) > _SAME:
        share, other = stated / area - 1.0, total / stated * factor
        notes.append(f"on the stated area of {stated / 1e6:,.2f} km2 ({share:+.2%}) it is {other:,.2f}")
    return Amount(total / area * factor, unit, [*notes, *total.notes])


def per_area_by(ledger: Ledger, unit: str, by: str, labels: str) -> pd.DataFrame:
    """Return value per accounted area of each zone or level, and per stated area where known."""
    factor = _factor(ledger, unit, "m2")
    columns = {"value": "area_m2"}
    if "stated_area_m2" in ledger.zones:
        columns["on_stated_area"] = "stated_area_m2"
    table = ledger.by(by, unit=ledger.price_year)
    parts = {
        name: table["value"] / _denominator(ledger, by, column) * factor for name, column in columns.items()
    }
    return _finished(ledger, parts, table, unit, by, labels)


def per_capita(ledger: Ledger, unit: str) -> Amount:
    """Return the value of the region per head of resident population."""
    total = ledger.total(ledger.price_year)
    stated = ledger.region.get("population")
    heads = float(_population(ledger).sum()) if stated is None else float(stated)
    number = total / heads * _factor(ledger, unit, "person")
    return Amount(number, unit, [f"population {heads:,.0f}", *total.notes])


def per_capita_by(ledger: Ledger, unit: str, by: str, labels: str) -> pd.DataFrame:
    """Return value per head of each zone or level."""
    _population(ledger)
    table = ledger.by(by, unit=ledger.price_year)
    factor = _factor(ledger, unit, "person")
    parts = {"value": table["value"] / _denominator(ledger, by, "population") * factor}
    return _finished(ledger, parts, table, unit, by, labels)


def _finished(
    ledger: Ledger, parts: dict[str, pd.Series[float]], table: pd.DataFrame, unit: str, by: str, labels: str
) -> pd.DataFrame:
    result = pd.DataFrame(parts).reindex(table.index).assign(not_covered_km2=table["not_covered_km2"])
    result.attrs["units"] = unit
    return views.labelled(ledger, result, (by,), labels) if labels else result


def _denominator(ledger: Ledger, by: str, column: str) -> pd.Series[float]:
    """Return areas or people by zone or level; what is kept at region level has the region's."""
    zones, known = ledger.zones, ["zone", *views.levels(ledger)]
    if by not in known:
        raise LedgerError(f"no area or population by {by!r}", expected=f"one of {', '.join(known)}")
    # one unknown part leaves the whole unknown: its value is that of all zones
    sums = zones[column] if by == "zone" else zones.groupby(by)[column].agg(lambda v: v.sum(skipna=False))
    whole = pd.Series({ledger.meta.region: float(zones[column].sum(skipna=False))})
    result: pd.Series[float] = pd.concat([sums, whole])
    # a level may hold one value for all zones, which then may be called as the region
    result = result[~result.index.duplicated()]
    # what has no area, or where nobody lives, has no ratio
    return result.where(result > 0)


def _factor(ledger: Ledger, unit: str, base: str) -> float:
    money, _, below = unit.partition("/")
    return ledger.factor(money) / units.factor(base, below)


def _population(ledger: Ledger) -> pd.Series[float]:
    people = ledger.zones.get("population", pd.Series(np.nan, ledger.zones.index))
    lacking = [f"{code} {ledger.zones['name'].get(code)}" for code in map(str, people.index[people.isna()])]
    if lacking:
        raise ZoneError(
            f"{len(lacking)} zones have no population: {', '.join(lacking[:12])}",
            expected="an input 'population' for each zone",
            fix="inputs.add_table with columns zone and 'population [person]'",
        )
    return people.astype(float)


def stated_area(ledger: Ledger) -> float:
    """Return the area of the whole that is stated, in m2; zero where none is."""
    if ledger.region.get("stated_area_m2"):
        return float(ledger.region["stated_area_m2"])
    stated = ledger.zones.get("stated_area_m2")
    return float(stated.sum()) if stated is not None and stated.notna().all() else 0.0
