"""What is said beside the intervals of an account."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from gep.uncertainty.drawing import OTHERS, WHOLE

if TYPE_CHECKING:
    from gep.uncertainty.result import Uncertainty

#: Standard errors by which Monte Carlo and first order may differ by chance.
_CHANCE = 4.0
#: Factors that a summary names.
_NAMED = 5


def findings(found: Uncertainty) -> list[str]:
    """Return everything that a reader of the intervals must know."""
    notes = [*found.responses.findings, *_correlations(found), *_departures(found)]
    return [*notes, *(f"not in the intervals: {note}" for note in found.ledger.total().notes[1:])]


def _correlations(found: Uncertainty) -> list[str]:
    groups: dict[tuple[str, str], int] = {}
    for factor in found.responses.factors:
        if factor.source:
            groups[factor.group] = groups.get(factor.group, 0) + 1
    shared = sum(n > 1 for n in groups.values())
    if not shared:
        return []
    given = found.drawing.correlation
    said = given if isinstance(given, Mapping) else {OTHERS: given}
    listed = ", ".join(f"{name} {rho:g}" for name, rho in {OTHERS: WHOLE, **said}.items())
    return [f"{shared} groups of rows of one source and quantity move together: correlation by {listed}"]


def _departures(found: Uncertainty) -> list[str]:
    """Say how far mean and spread of the draws lie from the ledger and from first order."""
    table, order = (
        found.interval(unit=found.ledger.price_year),
        found.first_order(unit=found.ledger.price_year),
    )
    value, mean, sd = (float(table[c].iloc[0]) for c in ("value", "mean", "sd"))
    if not np.isfinite(mean) or not sd:
        return []
    error = sd / np.sqrt(found.draws)
    shift = (mean - value) / abs(value) if value else float("nan")
    chance = error / abs(value) if value else float("nan")
    beside = f"the mean of the draws lies {shift:+.2%} beside the value of the ledger"
    notes = [f"{beside} (standard error of the mean {chance:.2%})"]
    if abs(mean - float(order["mean"].iloc[0])) > _CHANCE * error:
        off = (mean - float(order["mean"].iloc[0])) / sd
        notes.append(f"not linear: the mean of the draws lies {off:+.2f} sd beside that of first order")
    return notes


def summary(found: Uncertainty, level: float, unit: str) -> str:
    """Return the total with its intervals, what moves it, and what is to be known, as text."""
    ledger = found.ledger
    table, order = found.interval(level, unit=unit), found.first_order(level, unit=unit)
    row, plain = table.iloc[0], order.iloc[0]
    what = f"{ledger.meta.region} {ledger.year} by {ledger.meta.profile['id']}"
    drawn = f"{level:.0%} of {found.draws:,} draws (seed {found.seed})"
    lines = [
        f"{what}: {_number(row['value'])} {table.attrs['units']}",
        *(f"  {name}: {_spread(one)}" for name, one in ((drawn, row), ("first order", plain))),
    ]
    moving = found.tornado(unit=unit).head(_NAMED)
    lines += ["", "What moves the total the most"] if len(moving) else []
    for name, one in moving.iterrows():
        ends = f"{one['low']:g} to {one['high']:g} {one['unit']}, {one['origin']}"
        totals = f"{_number(one['total_low'])} to {_number(one['total_high'])}"
        lines.append(f"  {name} [{ends}]: {totals}, {one['share_of_variance']:.0%} of variance")
    return "\n".join([*lines, "", "To be known", *(f"  {note}" for note in found.findings)])


def _spread(row: pd.Series[float]) -> str:
    low, high, mean, sd = (_number(row[name]) for name in ("low", "high", "mean", "sd"))
    return f"{low} to {high}; mean {mean}, sd {sd}"


def _number(value: float) -> str:
    """Return a number with four digits at least, and no exponent."""
    if not value or not np.isfinite(value):
        return f"{value:g}"
    return f"{value:,.{max(0, 3 - int(np.floor(np.log10(abs(value)))))}f}"
