"""How unevenly value is spread over zones: the Lorenz curve and the Gini coefficient."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gep.errors import LedgerError
from gep.indicators.spatial import by_zone
from gep.ledger import Amount, Ledger

#: What zones are weighted by, and the column that holds it.
WEIGHTS = {"zone": "", "area": "area_m2", "population": "population"}
_SAID = {
    "zone": "every zone weighs the same",
    "area": "weighted by area",
    "population": "weighted by population",
}


def gini(values: Sequence[float], weights: Sequence[float] | None = None) -> float:
    """Return the Gini coefficient of totals of groups, with the size of each group as its weight.

    Parameters
    ----------
    values : sequence of float, >= 0
        Totals of groups.
    weights : sequence of float, > 0
        Sizes of the groups, people or km2; equal unless given. What is compared is value per size.

    Returns
    -------
    float
        0 where all have the same per size, towards 1 where one has all.

    Raises
    ------
    LedgerError
        Values that are missing or below zero, sizes that are not above zero, nothing to share.

    Notes
    -----
    Twice the area between the Lorenz curve and the diagonal, as the sum over all pairs of
    ``|v[i] w[j] - v[j] w[i]|`` over the product of the totals; for equal weights that is the mean
    difference of all pairs over twice the mean.

    Examples
    --------
    >>> gini([1.0, 1.0, 1.0]), round(gini([0.0, 0.0, 3.0]), 12)
    (0.0, 0.666666666667)
    >>> round(gini([1.0, 3.0], weights=[1.0, 3.0]), 12)
    0.0
    """
    value, weight = _checked(values, weights)
    # pairs and not trapezoids: equals then differ by nothing, to the last bit
    pairs = [math.fsum(abs(v * weight - value * w)) for v, w in zip(value, weight, strict=True)]
    return min(math.fsum(pairs) / 2.0 / (math.fsum(value) * math.fsum(weight)), 1.0)


def _checked(
    values: Sequence[float], weights: Sequence[float] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return values and weights as arrays, once they can be shared out."""
    value = np.asarray(values, float)
    weight = np.ones(value.size) if weights is None else np.asarray(weights, float)
    if not value.size or value.shape != weight.shape:
        raise LedgerError(f"{value.size} values and {weight.size} weights", expected="as many of each, some")
    if not (np.isfinite(value).all() and (value >= 0).all() and value.sum() > 0):
        raise LedgerError("values are missing, below zero, or nothing", expected="zero or more, not all zero")
    if not (np.isfinite(weight).all() and (weight > 0).all()):
        raise LedgerError("weights are missing or not above zero", expected="sizes above zero")
    return value, weight


def _shares(parts: NDArray[np.float64]) -> list[float]:
    """Return how much of the whole the first parts are."""
    total = math.fsum(parts)
    return [math.fsum(parts[:n]) / total for n in range(1, parts.size + 1)]


def lorenz(
    ledger: Ledger, *, by: str = "zone", weight: str = "zone", service: str = "", category: str = ""
) -> pd.DataFrame:
    """Return the Lorenz curve of value over zones, poorest first.

    Parameters
    ----------
    ledger : Ledger
        The account.
    by : str
        ``zone`` or a level of the zones.
    weight : {"zone", "area", "population"}
        Each zone the same, or by its size; zones are then ordered by value per area or per head.
    service, category : str
        One of them alone; the whole account unless given.

    Returns
    -------
    DataFrame
        By zone ``value, weight, cumulative_weight, cumulative_value`` (shares of the whole). What has
        no value or no weight is left out, and ``attrs["notes"]`` says so.

    Raises
    ------
    LedgerError
        Values below zero, or no weights.
    """
    table, notes = by_zone(ledger, by, service=service, category=category)
    table, more = _weighted(table, weight)
    if table.empty:
        raise LedgerError("no zone has a value and a weight", where=f"weight={weight!r}", expected="some")
    value, weights = _checked(table["value"].to_list(), table["weight"].to_list())
    order = np.argsort(value / weights, kind="stable")
    made = table.iloc[order].assign(
        cumulative_weight=_shares(weights[order]), cumulative_value=_shares(value[order])
    )
    made.attrs = {"units": f"value in {ledger.price_year}; shares", "notes": (_SAID[weight], *notes, *more)}
    return made[["name", "value", "weight", "cumulative_weight", "cumulative_value"]]


def gini_of(
    ledger: Ledger, *, by: str = "zone", weight: str = "zone", service: str = "", category: str = ""
) -> Amount:
    """Return the Gini coefficient of value over zones; parameters as for :func:`lorenz`.

    Returns
    -------
    Amount
        Between 0 and 1, with the weight and what was left out in its notes.

    References
    ----------
    Gini 1912, Variabilità e mutabilità; Lorenz 1905, Publications of the American Statistical
    Association 9(70):209-219.
    """
    table = lorenz(ledger, by=by, weight=weight, service=service, category=category)
    return Amount(gini(table["value"].to_list(), table["weight"].to_list()), "1", table.attrs["notes"])


def _weighted(table: pd.DataFrame, weight: str) -> tuple[pd.DataFrame, list[str]]:
    """Return a table with weights, without the rows that lack a value or a weight."""
    if weight not in WEIGHTS:
        raise LedgerError(f"weight={weight!r}", expected=", ".join(WEIGHTS))
    made = table.assign(weight=1.0 if weight == "zone" else table.get(WEIGHTS[weight], np.nan))
    known = made["value"].notna() & (made["weight"] > 0)
    out = [str(n) for n in made.loc[~known, "name"]]
    return made[known], [f"left out, without a value or a weight: {', '.join(out)}"] if out else []
