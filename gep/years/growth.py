"""Rates of growth between the years of a series."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def rates(values: Sequence[float], years: Sequence[int]) -> pd.DataFrame:
    """Return how a value grew from year to year, and since the first year.

    Parameters
    ----------
    values : sequence of float
        NaN where a year has none.
    years : sequence of int
        In order; they may lie more than a year apart.

    Returns
    -------
    DataFrame
        By year: ``value``; ``change`` and ``growth`` since the year before in the series;
        ``annual``, that growth as a yearly average; ``since_first`` and ``annual_since_first``.
        Growth is a fraction. It is NaN where the earlier value is missing, zero or negative.

    Examples
    --------
    >>> rates([100.0, 121.0, 121.0], [2010, 2012, 2015])["annual"].round(6).tolist()
    [nan, 0.1, 0.0]
    """
    at, when = np.asarray(values, float), np.asarray(years, float)
    before, then = np.append(np.nan, at[:-1]), np.append(np.nan, when[:-1])
    columns = {
        "value": at,
        "change": at - before,
        "growth": _growth(before, at),
        "annual": _annual(before, at, when - then),
        "since_first": _growth(np.full(at.shape, at[0]), at),
        "annual_since_first": _annual(np.full(at.shape, at[0]), at, when - when[0]),
    }
    made = pd.DataFrame(columns, index=pd.Index(list(years), name="year"))
    made.loc[years[0], ["since_first", "annual_since_first"]] = np.nan
    return made


def grew_from_nothing(values: Sequence[float]) -> bool:
    """Tell whether a value has no growth for another reason than that a year is missing.

    Examples
    --------
    >>> grew_from_nothing([0.0, 2.0]), grew_from_nothing([float("nan"), 2.0])
    (True, False)
    """
    return any(v <= 0 for v in values[:-1])


def _growth(before: NDArray[np.float64], after: NDArray[np.float64]) -> NDArray[np.float64]:
    base = np.where(before > 0, before, np.nan)
    return np.asarray(after / base - 1.0)


def _annual(
    before: NDArray[np.float64], after: NDArray[np.float64], years: NDArray[np.float64]
) -> NDArray[np.float64]:
    ratio = _growth(before, after) + 1.0
    # a fall below zero has no rate a year, and a year is no span from itself
    ratio, span = np.where(ratio >= 0, ratio, np.nan), np.where(years > 0, years, np.nan)
    return np.asarray(ratio ** (1.0 / span) - 1.0)
