"""Demand for visits: consumer surplus from travel cost models, individual and zonal.

What comes out are welfare values, not exchange values: an account keeps them apart.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gep.errors import TableError
from gep.formula import Values, formula


@formula("money/visit", coefficient="visit/money", cite=("haab-mcconnell-2002", "baiyangdian-2011:§2.3.1"))
def surplus_per_visit(coefficient: Values) -> Values:
    """Return the consumer surplus of one visit from a count model of visits.

    单次旅行消费者剩余：泊松（或负二项、零截断）模型费用系数的负倒数。

    Parameters
    ----------
    coefficient : visit/money
        Coefficient of the travel cost in ``E[n] = exp(a + b C + ...)``; negative.

    Returns
    -------
    money/visit

    Notes
    -----
    ``cs = -1/b``, the same for Poisson, negative binomial and their truncated kin, as the area under
    the curve from the present cost upwards is ``n / -b``. A coefficient near nought gives any sum:
    state its error. A positive one yields a negative surplus: the model has failed.

    References
    ----------
    haab-mcconnell-2002
    baiyangdian-2011:§2.3.1

    Examples
    --------
    Baiyangdian prints 578.03 yuan; its coefficient, not printed, must be -0.00173:

    >>> round(surplus_per_visit(-0.00173001), 2)
    578.03
    """
    return -1.0 / coefficient


@formula(
    "money/year",
    population="person",
    rate="visit/person/year",
    coefficient="visit/money",
    cite="haab-mcconnell-2002",
)
def zonal_surplus(population: Values, rate: Values, coefficient: Values) -> Values:
    """Return the consumer surplus of a zone of origin whose visit rate falls exponentially with cost.

    分区旅行费用法消费者剩余（半对数需求曲线）：人口乘以出游率，除以费用系数的相反数。

    Parameters
    ----------
    population : person
        People of the zone.
    rate : visit/person/year
        Visit rate at the cost of the zone.
    coefficient : visit/money
        Slope of the logarithm of the rate over cost; negative.

    Returns
    -------
    money/year

    Notes
    -----
    ``CS = N r / -b``, the integral of ``r exp(b (c - C))`` from the present cost ``C`` without end. All
    people of a zone are taken to face one cost and to come for this place alone.

    References
    ----------
    haab-mcconnell-2002

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> round(zonal_surplus(10000.0, 0.05, -0.01), 6)
    50000.0
    """
    return -(population * rate / coefficient)


@formula(
    "money/year",
    population="person",
    rate="visit/person/year",
    slope="visit2/person/year/money",
    cite="haab-mcconnell-2002",
)
def zonal_surplus_linear(population: Values, rate: Values, slope: Values) -> Values:
    """Return the consumer surplus of a zone of origin whose visit rate falls in a straight line.

    分区旅行费用法消费者剩余（线性需求曲线）：需求线下三角形面积乘以人口。

    Parameters
    ----------
    population : person
        People of the zone.
    rate : visit/person/year
        Visit rate at the cost of the zone.
    slope : visit2/person/year/money
        Change of the rate with the cost of a visit; negative.

    Returns
    -------
    money/year

    Notes
    -----
    ``CS = N r^2 / (-2 b)``, the triangle between the present cost and the one at which nobody comes.

    References
    ----------
    haab-mcconnell-2002

    Examples
    --------
    A rate of 0.05 that a cost of 100 more brings to nought leaves half of 0.05 times 100 a head:

    >>> round(zonal_surplus_linear(10000.0, 0.05, -0.0005), 6)
    25000.0
    """
    return -(population * rate**2 / (2.0 * slope))


def area_under_demand(added_cost: Sequence[float], visits: Sequence[float]) -> float:
    """Return the area under a demand curve that is given by points.

    需求曲线下的面积（梯形法）：附加费用与游客量的积分，即消费者剩余。

    Parameters
    ----------
    added_cost : sequence of float
        Money on top of the present cost of a visit, from 0 upwards, each more than the last.
    visits : sequence of float
        Visits in a year that a model predicts at each of them.

    Returns
    -------
    float
        Money in a year, in the money of the costs. Missing where a point is missing.

    Raises
    ------
    TableError
        Fewer than two points, other lengths, or costs that do not start at 0 and rise.

    Notes
    -----
    Straight lines between the points. Where the last point still has visits the tail is left out, so
    the sum is too small: go on until nobody comes.

    References
    ----------
    clawson-knetsch-1966

    Examples
    --------
    >>> area_under_demand([0, 10, 20, 40], [1000, 600, 300, 0])
    15500.0
    """
    cost, count = np.asarray(added_cost, dtype=float), np.asarray(visits, dtype=float)
    if cost.ndim != 1 or cost.shape != count.shape or len(cost) < 2:
        raise TableError(
            f"{cost.shape} costs and {count.shape} numbers of visits",
            expected="two columns of the same length, at least two rows",
        )
    if cost[0] != 0.0 or (np.diff(cost) <= 0.0).any():
        raise TableError(
            f"added costs are {cost.tolist()}", expected="0 first, and each more than the one before"
        )
    return float(np.sum(np.diff(cost) * (count[1:] + count[:-1]) / 2.0))
