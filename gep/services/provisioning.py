"""Provisioning: harvests, and nature's part in fodder. Money for them is in ``value``."""

from __future__ import annotations

from gep.formula import Values, formula


@formula("t/year", area="ha", yield_="t/ha/year", cite="mee-2020")
def harvest(area: Values, yield_: Values) -> Values:
    """Return what is harvested from an area.

    产品产量：收获面积乘以单位面积产量。

    Parameters
    ----------
    area : ha
        Harvested area; land sown twice counts twice.
    yield_ : t/ha/year
        Yield of one harvest year.

    Returns
    -------
    t/year

    Notes
    -----
    ``Q = A y``. Only what is taken in the year counts: a standing stock of timber is no harvest.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> harvest(1000.0, 6.5)
    6500.0
    """
    return area * yield_


@formula("1", natural_feed="tDM/year", total_feed="tDM/year", cite="natcap-teems")
def feed_contribution(natural_feed: Values, total_feed: Values) -> Values:
    """Return the part of fodder that ecosystems give, nature's share in livestock output.

    饲料的生态贡献率：天然及副产饲料干物质占全部饲料干物质的比例。

    Parameters
    ----------
    natural_feed : tDM/year
        Grass and leaves, crop residues, by-products and fodder crops eaten.
    total_feed : tDM/year
        All feed eaten.

    Returns
    -------
    1

    Notes
    -----
    ``λ = F_nature / F_all``, by dry matter, whatever its feeding value. Which feeds count as given
    by ecosystems is the account's choice and belongs into its notes.

    References
    ----------
    natcap-teems

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> feed_contribution(750.0, 1000.0)
    0.75
    """
    return natural_feed / total_feed


@formula("X/year", output="X/year", brought_in="X/year", cite="gbt46869-2025:definition")
def home_output(output: Values, brought_in: Values) -> Values:
    """Return an output less what rests on ecosystems elsewhere.

    本地生态产品量：产出量减来自区域外的部分（如外购饲料、过境水量），负值保留。

    Parameters
    ----------
    output : X/year
        What the accounts of the area show, in any unit ``X``, money too.
    brought_in : X/year
        Part of it that comes from outside: bought fodder, water that only passes through.

    Returns
    -------
    X/year

    Notes
    -----
    ``Q = O - M``. The standard defines gross ecosystem product as what is made inside the area less
    what came from outside; how to measure that for each product is left to the account.

    References
    ----------
    gbt46869-2025:definition

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> home_output(1000.0, 250.0)
    750.0
    """
    return output - brought_in


@formula(
    "money/year",
    output="money/year",
    intermediate="money/year",
    labour="money/year",
    taxes="money/year",
    capital="money/year",
    cite="seea-ea-2021:resource rent method",
)
def resource_rent(
    output: Values, intermediate: Values, labour: Values, taxes: Values, capital: Values
) -> Values:
    """Return what is left of an output once all human inputs are paid.

    资源租金法：总产值减中间消耗、劳动报酬、生产税净额和固定资本使用成本，负值保留。

    Parameters
    ----------
    output : money/year
        Gross output at basic prices.
    intermediate : money/year
        Seed, fodder, fertiliser, fuel and services used up.
    labour : money/year
        Wages, and a wage for the farmer and family who pay themselves none.
    taxes : money/year
        Taxes on production less subsidies.
    capital : money/year
        User cost of produced assets: their wear and a normal return.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = O - I - W - T - K``. Small farms often come out negative, because family labour is valued at
    wages they do not earn; the result stays negative, and another method is then called for.

    References
    ----------
    seea-ea-2021:resource rent method

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> resource_rent(1000.0, 420.0, 260.0, -15.0, 110.0)
    225.0
    """
    return output - intermediate - labour - taxes - capital
