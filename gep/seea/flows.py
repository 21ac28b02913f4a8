"""Flows of a ledger by service and ecosystem, physical or in money; and parts that add up exactly."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gep import units
from gep.errors import DoesNotAddUp, LedgerError
from gep.ledger import Ledger
from gep.seea.keys import intermediate
from gep.seea.lists import codes_of, reference_of
from gep.seea.types import Ecosystems, columns_of

TERMS = ("monetary", "physical")
#: Relative gap between parts and whole that floating point explains.
CLOSURE = 1e-9


@dataclass(frozen=True)
class Flows:
    """Rows of a ledger, ready to be tabled: what row and column each enters, and its amount."""

    rows: pd.DataFrame
    keys: tuple[str, ...]
    units: str
    notes: tuple[str, ...] = ()


def flows_of(
    ledger: Ledger,
    terms: str,
    *,
    unit: str = "",
    ecosystems: Ecosystems = "own",
    zone: str | int = "",
    by: str = "service",
    listed: bool = False,
    inner: bool = False,
) -> Flows:
    """Return the flows of final services, or of intermediate ones (``inner``).

    Raises
    ------
    LedgerError
        Terms or rows that are none.
    """
    if terms not in TERMS or by not in ("service", "reference"):
        raise LedgerError(f"terms={terms!r}, by={by!r}", expected=f"{TERMS} and ('service', 'reference')")
    rows = ledger.frame[ledger.frame["service"].isin(intermediate(ledger)) == inner]
    rows = rows[rows["zone"] == ledger.zone_code(zone)] if zone != "" else rows
    left_out = [] if not listed else [s for s in rows["service"].unique() if not codes_of(s)]
    rows = rows[~rows["service"].isin(left_out)]
    notes = [f"not on the SEEA list, left out: {', '.join(left_out)}"] if left_out else _unlisted(rows)
    if terms == "monetary":
        unit = unit or ledger.price_year
        rows = rows.assign(amount=rows["value"] * ledger.factor(unit), unit=unit)
        keys: tuple[str, ...] = (by,)
        named = f"{unit} ({ledger.price_year})"
    else:
        rows, lacking = _physical(ledger, rows)
        keys, named = (by, "indicator", "item", "unit"), "as in the level 'unit'"
        notes += [f"valued without a physical flow: {', '.join(lacking)}"] if lacking else []
    notes += ["some flows are below zero: a service that takes"] if (rows["amount"] < 0).any() else []
    column = columns_of(ledger.frame["ecosystem"], ecosystems)
    rows = rows.assign(column=rows["ecosystem"].map(column), reference=rows["service"].map(reference_of))
    return Flows(rows.reset_index(drop=True), keys, named, tuple(notes))


def _unlisted(rows: pd.DataFrame) -> list[str]:
    found = {s: reference_of(s) for s in rows["service"].unique() if not codes_of(s)}
    return [f"{s} is counted here and not on the SEEA list ({why})" for s, why in found.items()]


def _physical(ledger: Ledger, rows: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Return rows that have a quantity, in the units of reports, and the lines that have none."""
    bare = rows[rows["quantity_unit"] == ""]
    lacking = list(dict.fromkeys(bare["service"] + "." + bare["indicator"]))
    rows = rows[rows["quantity_unit"] != ""]
    lines = rows["service"] + "." + rows["indicator"]
    told = list(zip(lines, rows["quantity_unit"], strict=True))
    target = [str(ledger.meta.runs.get(line, {}).get("report") or unit) for line, unit in told]
    factors = [units.factor(u, t) for u, t in zip(rows["quantity_unit"], target, strict=True)]
    return rows.assign(amount=rows["quantity"] * factors, unit=target), lacking


def known_sum(values: Iterable[float]) -> float:
    """Return the sum of what is known, whatever its order; missing where nothing is.

    Examples
    --------
    >>> known_sum([1.0, float("nan")]), known_sum([float("nan")])
    (1.0, nan)
    """
    known = [v for v in values if not math.isnan(v)]
    return math.fsum(known) if known else float("nan")


def grouped(rows: pd.DataFrame, keys: Sequence[str]) -> dict[Any, pd.DataFrame]:
    """Return the rows of each combination of keys, in the order in which they stand."""
    return dict(iter(rows.groupby(list(keys), sort=False, dropna=False)))


def exact(parts: Sequence[float], total: float, where: str = "", *, size: float = 0.0) -> list[float]:
    """Return parts whose sum is ``total`` to the last bit; one part takes what rounding left.

    Parameters
    ----------
    parts : sequence of float
        Parts that add up to ``total`` but for rounding; missing ones stay missing.
    total : float
        The whole.
    size : float
        What rounding is measured against, where the parts themselves are sums that cancel.

    Raises
    ------
    DoesNotAddUp
        The parts differ from the whole by more than rounding.

    Examples
    --------
    >>> parts = [0.1 * 0.7, 0.1 * 0.3]
    >>> math.fsum(parts) == 0.1, math.fsum(exact(parts, 0.1)) == 0.1
    (False, True)
    """
    known = [i for i, v in enumerate(parts) if not math.isnan(v)]
    gap = math.fsum([*(parts[i] for i in known), -total])
    size = max(size, math.fsum(abs(parts[i]) for i in known), abs(total))
    if abs(gap) > CLOSURE * size:
        raise DoesNotAddUp(
            f"the parts differ from the whole {total:g} by {gap:g}", where=where,
            expected="a use for all that is supplied, and no more", fix="shares that add up to one",
        )  # fmt: skip
    # the largest part changes least; a smaller one has the finer steps that some sums need
    for place in sorted(known, key=lambda i: -abs(parts[i])):
        made = list(parts)
        made[place] = math.fsum([total, *(-parts[i] for i in known if i != place)])
        if math.fsum(made[i] for i in known) == total:
            return made
    raise DoesNotAddUp(f"no parts of {total!r} add up to it", where=where, expected="numbers that are finite")
