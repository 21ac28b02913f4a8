"""From what a work costs once to what it costs a year."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from gep.formula import Values, formula

_TINY = 1e-12
_where: Any = xr.where


@formula(
    "money/m3/year",
    kind="empirical",
    capital="money/m3",
    rate="1/year",
    years="year",
    operation="money/m3/year",
    cite="ndrc-2006",
)
def annualised_cost(capital: Values, rate: Values, years: Values, operation: Values) -> Values:
    """Return the yearly cost of a unit of capacity: capital recovery and operation.

    单位库容年成本：造价按资本回收系数摊到寿命期各年，再加年运行费。

    Parameters
    ----------
    capital : money/m3
        Cost of building one cubic metre of capacity, paid once.
    rate : 1/year
        Social discount rate, compounded yearly, 0 or more.
    years : year
        Economic life of the work.
    operation : money/m3/year
        Yearly cost of operation and upkeep.

    Returns
    -------
    money/m3/year

    Notes
    -----
    ``c = C r / (1 - (1 + r)^-n) + o``; at a rate of nought ``C / n + o``; a negative rate gives NaN.
    Charging the whole construction cost every year, as many accounts do, is some 5 to 20 times as
    much; which of the two a price is must be said. All money is of one price year.

    References
    ----------
    ndrc-2006

    Examples
    --------
    A loan of 1000 over 30 years at 5 % costs 65.0514 a year in any table of annuities:

    >>> round(float(annualised_cost(1000.0, 0.05, 30.0, 0.0)), 4)
    65.0514
    """
    compounded = _where(rate < 0, np.nan, np.maximum(rate, _TINY))
    return capital * compounded / -np.expm1(-years * np.log1p(compounded)) + operation
