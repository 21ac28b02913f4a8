"""Price years and currencies: price indices as chains of links, exchange rates within a year.

Money goes one way: deflated in its own currency to the year that is asked for, then exchanged at the
average rate of that year. The other order, exchanging at the rate of the old year and deflating by
the prices of the other country, answers another question; it is not offered.
"""

from gep.prices.deflator import Deflator, available
from gep.prices.exchange import Exchange, Rate
from gep.prices.groups import Deflating, by_group, shipped_or_own
from gep.prices.links import Link
from gep.prices.money import Money

__all__ = [
    "Deflating",
    "Deflator",
    "Exchange",
    "Link",
    "Money",
    "Rate",
    "available",
    "by_group",
    "shipped_or_own",
]
