"""Cultural services: travel cost, revenue attributed to nature, and consumer surplus kept apart."""

from __future__ import annotations

from gep.formula import Values, formula


@formula(
    "money/year",
    visits="visit/year",
    spending="money/visit",
    travel_time="h/visit",
    wage="money/h",
    wage_share="1",
    cite=("baiyangdian-2011:§1.3.3 eq. 8", "mee-2020"),
)
def travel_cost(
    visits: Values, spending: Values, travel_time: Values, wage: Values, wage_share: Values
) -> Values:
    """Return what visitors give up to be there: money and time.

    旅行费用法：游客人次乘以（人均旅行支出与旅行时间成本之和）。

    Parameters
    ----------
    visits : visit/year
        Visits in the year.
    spending : money/visit
        Transport, food, lodging, ticket.
    travel_time : h/visit
        Time that counts, on the road and on the spot.
    wage : money/h
        Wage of the visitors.
    wage_share : 1
        Part of the wage at which time is valued, 0.3 in the source.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = N (C + T W s)``. Spending on things that nature did not give (shopping, a second stop) is
    to be left out before. Consumer surplus is not in here, see :func:`consumer_surplus`.

    References
    ----------
    baiyangdian-2011:§1.3.3 eq. 8
    mee-2020

    Examples
    --------
    Baiyangdian: 135e4 visits, 52.47 yuan spent and 343.33 yuan of time each (section 2.3.1). The
    time cost is printed as money; as one hour at that value:

    >>> round(travel_cost(135e4, 52.47, 1.0, 343.33, 1.0) / 1e8, 4)
    5.3433
    """
    return visits * (spending + travel_time * wage * wage_share)


@formula("money/year", visits="visit/year", surplus="money/visit", cite="baiyangdian-2011:§2.3.1")
def consumer_surplus(visits: Values, surplus: Values) -> Values:
    """Return what visits are worth to visitors beyond what they pay.

    消费者剩余：游客人次乘以人均消费者剩余；不是交换价值，应单独列示。

    Parameters
    ----------
    visits : visit/year
        Visits in the year.
    surplus : money/visit
        Consumer surplus of one visit, from a travel cost model.

    Returns
    -------
    money/year

    Notes
    -----
    ``CS = N cs``. This is a welfare value and *not an exchange value*: accounts that stand beside
    gross domestic product keep it apart and never add it to the other services.

    References
    ----------
    baiyangdian-2011:§2.3.1

    Examples
    --------
    Baiyangdian: 135e4 visits with 578.03 yuan each:

    >>> round(consumer_surplus(135e4, 578.03) / 1e8, 4)
    7.8034
    """
    return visits * surplus


@formula("money/year", revenue="money/year", share="1", cite="gaotianyan-2014:table 1 eq. 17")
def revenue_attributed(revenue: Values, share: Values) -> Values:
    """Return the part of a tourism revenue that is owed to ecosystems.

    旅游收入归因：旅游综合收入乘以归因于生态系统的份额。

    Parameters
    ----------
    revenue : money/year
        Tourism revenue.
    share : 1
        Part owed to ecosystems, between 0 and 1.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = I s``. A factor above 1, as when revenue is tripled, is no attribution. The source takes
    the whole revenue, a share of 1.

    References
    ----------
    gaotianyan-2014:table 1 eq. 17

    Examples
    --------
    Gaotianyan: 80e4 yuan of revenue, all of it counted:

    >>> revenue_attributed(80e4, 1.0)
    800000.0
    """
    return revenue * share
