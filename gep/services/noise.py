"""Noise reduction: decibels taken away, and what they or a barrier would cost."""

from __future__ import annotations

from gep.formula import Values, formula


@formula("dB", before="dB", after="dB", cite="xian-2018:§2.2.6")
def noise_reduced(before: Values, after: Values) -> Values:
    """Return the noise that a belt of trees takes away.

    噪声消减量：无绿地（或绿地外侧）声级减绿地后声级。

    Parameters
    ----------
    before : dB
        Level, in dB(A), without the belt or in front of it.
    after : dB
        Level behind it, or the limit that is to be met.

    Returns
    -------
    dB

    Notes
    -----
    ``Δ = L_1 - L_2``. Distance alone lowers the level too: both levels belong to the same distance
    from the source. Levels are logarithms, so differences may be compared, but levels of several
    sources do not add up. The source asks the other way round: how far levels exceed the limits.

    References
    ----------
    xian-2018:§2.2.6

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> noise_reduced(68.5, 60.0)
    8.5
    """
    return before - after


@formula("money/year", reduction="dB", price="money/dB/year", cite="xian-2018:§2.2.6")
def noise_value(reduction: Values, price: Values) -> Values:
    """Return what the noise taken away would have cost to take away.

    噪声消减价值：消减分贝数乘以单位降噪成本。

    Parameters
    ----------
    reduction : dB
        Noise taken away at one place.
    price : money/dB/year
        Cost of one decibel less at such a place in a year.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = Δ p``, for each place that the price was made for, a cell or a stretch of road. The mean
    reduction of a town times one price values one place only.

    References
    ----------
    xian-2018:§2.2.6

    Examples
    --------
    A cell of Xi'an 10 dB(A) above the limit, at 7.66 yuan:

    >>> round(noise_value(10.0, 7.66), 2)
    76.6
    """
    return reduction * price


@formula("money/year", length="km", cost="money/km/year", cite="ndrc-2022")
def barrier_cost_avoided(length: Values, cost: Values) -> Values:
    """Return what noise barriers in place of green belts would cost in a year.

    噪声消减价值（替代成本法）：绿化带长度乘以隔音屏障年成本。

    Parameters
    ----------
    length : km
        Road with a belt that keeps noise from people.
    cost : money/km/year
        Building, spread over the life of the barrier, and maintenance.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = L c``. A belt muffles less than a wall: the cost is that of a barrier with the same effect.
    Both sides of a road count where people live on both. A sum paid once is refused by its unit.

    References
    ----------
    ndrc-2022

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> barrier_cost_avoided(12.0, 40000.0)
    480000.0
    """
    return length * cost
