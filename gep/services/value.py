"""From quantities and prices to money: market price, residual, rent share, net output.

Every amount of money in one call is of one currency and one price year.
"""

from __future__ import annotations

from gep.formula import Values, formula


@formula(
    "money/year",
    quantity="X/year",
    price="money/X",
    cite=("garze-2010:§2.3(2)", "baiyangdian-2011:§1.3.1 eq. 1"),
)
def market_value(quantity: Values, price: Values) -> Values:
    """Return what a yearly quantity is worth at a price or a unit cost.

    市场价值法或替代成本法：年功能量乘以单价（或单位成本）。

    Parameters
    ----------
    quantity : X/year
        Physical amount in a year, in whatever unit ``X`` the price is quoted for.
    price : money/X
        Market price or unit replacement cost.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = Q p``. One price holds for the whole quantity, so no change of price by the quantity
    itself is considered. A cost paid once (a dam) is not a yearly price: turn it into a yearly
    one before it enters here, or say that it was not done.

    References
    ----------
    garze-2010:§2.3(2)
    baiyangdian-2011:§1.3.1 eq. 1

    Examples
    --------
    Industrial water of Garzê, 150.17e8 m3 at 3.6 yuan/m3 (table 3 prints 540.6113e8 yuan):

    >>> round(market_value(150.17, 3.6), 3)
    540.612
    """
    return quantity * price


@formula("money/year", quantity="X/year", price="money/X", human_cost="money/X", cite="ndrc-2022")
def residual_value(quantity: Values, price: Values, human_cost: Values) -> Values:
    """Return what is left of the market value once human inputs are paid.

    剩余价值法：产量乘以（价格减单位人工投入成本）。

    Parameters
    ----------
    quantity : X/year
        Yearly output.
    price : money/X
        Market price.
    human_cost : money/X
        Labour, capital and intermediate inputs in one unit of output.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = Q (p - c)``. A product made at a loss has a negative residual, and it stays negative:
    setting it to zero is a decision of the account, not of the formula.

    References
    ----------
    ndrc-2022

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> residual_value(100.0, 3.0, 2.25), residual_value(100.0, 3.0, 3.25)
    (75.0, -25.0)
    """
    return quantity * (price - human_cost)


@formula("money/year", gross="money/year", share="1", cite="cwon-2024")
def rent_value(gross: Values, share: Values) -> Values:
    """Return the part of a gross output that is rent of the land.

    地租份额法：总产值乘以地租份额。

    Parameters
    ----------
    gross : money/year
        Gross production value.
    share : 1
        Rental share, between 0 and 1.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = GPV λ``. The rental share is a national mean over decades; it says little of one
    county or one crop.

    References
    ----------
    cwon-2024

    Examples
    --------
    The share for China from 2001 on is 0.258:

    >>> round(rent_value(1000.0, 0.258), 6)
    258.0
    """
    return gross * share


@formula("money/year", gross="money/year", intermediate="money/year", cite="garze-2010:§2.3(1)")
def net_output(gross: Values, intermediate: Values) -> Values:
    """Return gross output less intermediate consumption, the net output of the yearbooks.

    净产值法：总产值减中间消耗（年鉴中的农林牧渔净产值）。

    Parameters
    ----------
    gross : money/year
        Gross output value.
    intermediate : money/year
        Seed, fodder, fertiliser, fuel and services used up.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = G - I``. Labour and capital remain inside, so this is more than what nature gives.

    References
    ----------
    garze-2010:§2.3(1)

    Examples
    --------
    The source prints the net output alone (agriculture 12.2875e8 yuan); the arithmetic:

    >>> net_output(20.0, 7.5)
    12.5
    """
    return gross - intermediate
