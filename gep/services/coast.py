"""Coastal protection: shoreline behind living defences, its replacement cost, and exposure ranks."""

from __future__ import annotations

from functools import reduce

import numpy as np
import xarray as xr

from gep import units
from gep.errors import TableError
from gep.formula import Values, formula


@formula("km", length="km", share="1", cite="mee-2020")
def protected_shoreline(length: Values, share: Values) -> Values:
    """Return the shoreline that mangroves, marshes, reefs or dunes protect.

    受保护岸线长度：岸线长度乘以受生态系统防护的比例。

    Parameters
    ----------
    length : km
        Length of the shoreline.
    share : 1
        Part of it behind the ecosystem, between 0 and 1.

    Returns
    -------
    km

    Notes
    -----
    ``D = L s``. The length of a coast grows with the detail of its map: state the scale, and use one
    for all years. Rock and empty land behind need no defence and do not count.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> protected_shoreline(120.0, 0.25)
    30.0
    """
    return length * share


@formula("money/year", length="km", cost="money/km/year", cite="mee-2020")
def seawall_cost_avoided(length: Values, cost: Values) -> Values:
    """Return what sea walls in place of the ecosystem would cost in a year.

    海岸防护价值（替代成本法）：受保护岸线长度乘以海堤年建设维护成本。

    Parameters
    ----------
    length : km
        Shoreline protected.
    cost : money/km/year
        Building, spread over the life of the wall, and maintenance.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = D c``. A sum paid once is refused by its unit: spread it over the years first.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> seawall_cost_avoided(30.0, 2.5e6)
    75000000.0
    """
    return length * cost


def habitat_rank(*ranks: Values) -> Values:
    """Return the joint exposure rank of the habitats in front of a shore; an index, not money.

    生境暴露等级（InVEST 海岸脆弱性模型）：为相对指数，不是实物量或价值量。

    Parameters
    ----------
    *ranks : 1
        One argument a habitat: 1 protects most, 5 does not protect; where a habitat is absent its
        rank is 5. Floats, arrays or DataArrays.

    Returns
    -------
    1
        At most 4.8, and below 1 or even below 0 where many habitats protect; missing where one of
        the ranks is.

    Raises
    ------
    TableError
        No rank is given.
    UnitError
        A DataArray has no unit, or another than a pure number.

    Notes
    -----
    ``R = 4.8 - 0.5 sqrt((1.5 m)^2 + Σ (5 - R_k)^2 - m^2)`` with ``m = max (5 - R_k)``: the best habitat
    counts one and a half times. More habitats never mean more exposure. Ranks are judgements, and
    neither width nor health of a habitat enters. One habitat of rank 1 leaves 1.8, three leave
    0.677, five -0.20: such a rank needs a floor before it goes into :func:`exposure_index`.

    References
    ----------
    invest-users-guide:Coastal Vulnerability, equation r_hab

    Examples
    --------
    >>> round(float(habitat_rank(1.0)), 6), round(float(habitat_rank(1.0, 2.0)), 6)
    (1.8, 1.445898)
    """
    relief = [5.0 - rank for rank in _pure(ranks)]
    best = reduce(np.maximum, relief)
    others = sum(each**2 for each in relief) - best**2
    return _index(4.8 - 0.5 * ((1.5 * best) ** 2 + others) ** 0.5)


def exposure_index(*ranks: Values) -> Values:
    """Return the exposure of a shore as the geometric mean of its ranks; an index, not money.

    海岸暴露指数（各因子等级的几何平均）：为相对指数，不是实物量或价值量。

    Parameters
    ----------
    *ranks : 1
        One argument a variable, such as relief, habitats, wind, waves, surge, geomorphology and
        sea level: 1 very low to 5 very high exposure.

    Returns
    -------
    1
        Between the least and the greatest rank, missing where one of the ranks is.

    Raises
    ------
    TableError
        No rank is given, or one is 0 or less; in lazy arrays, when they are computed.
    UnitError
        A DataArray has no unit, or another than a pure number.

    Notes
    -----
    ``EI = (Π R_i)^(1/n)``. It orders the shores of one study among themselves; it says nothing of
    flood depths, and shores of two studies do not compare. What habitats do is the difference to
    the index with their rank set to 5.

    References
    ----------
    invest-users-guide:Coastal Vulnerability, equation VulInd_i

    Examples
    --------
    >>> round(float(exposure_index(1.0, 2.0, 4.0)), 6)
    2.0
    """
    above = [_above_zero(rank, place) for place, rank in enumerate(_pure(ranks), 1)]
    product = reduce(lambda so_far, rank: so_far * rank, above)
    return _index(product ** (1.0 / len(ranks)))


def _pure(ranks: tuple[Values, ...]) -> list[Values]:
    """Return the ranks without units, once they have been shown to be pure numbers."""
    if not ranks:
        raise TableError("no rank is given", expected="at least one rank between 1 and 5")
    return [_number(rank) for rank in ranks]


def _number(rank: Values) -> Values:
    if not isinstance(rank, xr.DataArray):
        return rank
    return units.bare(rank, "rank", "1")


def _above_zero(rank: Values, place: int) -> Values:
    """Return a rank of which a geometric mean can be taken; a lazy one is looked at when computed."""
    if isinstance(rank, xr.DataArray) and rank.chunks is not None:
        return rank.copy(data=rank.data.map_blocks(_above_zero, place, dtype=rank.dtype))
    values = np.asarray(rank, float)
    if (values <= 0).any():
        raise TableError(
            f"a rank of {np.nanmin(values):g} has no geometric mean with others",
            where=f"rank {place}",
            expected="ranks above 0, by rule 1 to 5",
            fix="np.maximum(rank, 1) for a habitat rank that fell too low",
        )
    return rank


def _index(value: Values) -> Values:
    return value.assign_attrs(units="1") if isinstance(value, xr.DataArray) else value
