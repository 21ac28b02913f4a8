"""Pest control: infested land that recovers by itself."""

from __future__ import annotations

from gep.formula import Values, formula


@formula("ha/year", infested="ha/year", share="1", cite=("garze-2010:§2.4.9", "mee-2020"))
def controlled_area(infested: Values, share: Values) -> Values:
    """Return the infested area that needs no treatment because its enemies live there.

    病虫害自然控制面积：发生面积乘以自愈比例。

    Parameters
    ----------
    infested : ha/year
        Area infested in the year; twice infested counts twice.
    share : 1
        Part of it that recovers without treatment, between 0 and 1.

    Returns
    -------
    ha/year

    Notes
    -----
    ``A = I s``, with money from ``value.market_value`` at the cost of treating a hectare. The whole of
    a natural forest or grassland, as some take it, is not infested each year: that bounds the
    service from above.

    References
    ----------
    garze-2010:§2.4.9
    mee-2020

    Examples
    --------
    Garzê counts its natural forest as a whole, 158e4 ha:

    >>> controlled_area(158e4, 1.0)
    1580000.0
    """
    return infested * share
