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


@formula(
    "money/year",
    residents="person",
    visits="visit/person/year",
    hours="h/visit",
    wage="money/h",
    share="1",
    cite="ndrc-2022",
)
def leisure_value(residents: Values, visits: Values, hours: Values, wage: Values, share: Values) -> Values:
    """Return the time that residents give to the green places around them, as money.

    休闲游憩价值：居民人数乘以人均游憩次数、每次时长和时间价值。

    Parameters
    ----------
    residents : person
        People who live near enough.
    visits : visit/person/year
        Visits of one of them.
    hours : h/visit
        Time of one visit.
    wage : money/h
        Wage of those who come.
    share : 1
        Part of the wage at which leisure is valued, between 0 and 1.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = N v t w s``. Nobody pays this sum, so it is an imputation; people without a wage have time
    of value too. Leave out those whom :func:`travel_cost` has counted as tourists.

    References
    ----------
    ndrc-2022

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> leisure_value(1000.0, 40.0, 1.5, 30.0, 0.25)
    450000.0
    """
    return residents * visits * hours * wage * share


@formula(
    "money/year",
    payment="money/person/year",
    share="1",
    population="person",
    cite="baiyangdian-2011:§1.3.3 eq. 9",
)
def wtp_value(payment: Values, share: Values, population: Values) -> Values:
    """Return what people say they would pay for a place to be kept.

    非使用价值（条件价值法）：人均年支付意愿乘以支付意愿率和支付群体人数；应单独列示。

    Parameters
    ----------
    payment : money/person/year
        Mean of those who would pay; a monthly answer is first multiplied by twelve.
    share : 1
        Part of the people who would pay.
    population : person
        People who could pay, without children.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = W R P``. A stated welfare value and *not an exchange value*: kept apart like
    :func:`consumer_surplus`. If zero answers are within the mean already, the share is 1.

    References
    ----------
    baiyangdian-2011:§1.3.3 eq. 9

    Examples
    --------
    Visitors of Baiyangdian, 11.31 yuan a month, 83.44 % of 61.92e4 (section 2.3.2 prints 0.70e8):

    >>> round(wtp_value(12 * 11.31, 0.8344, 61.92e4) / 1e8, 2)
    0.7
    """
    return payment * share * population
