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
