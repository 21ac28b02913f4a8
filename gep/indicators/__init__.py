"""Indicators of a ledger: ratios, growth, how value is spread over zones, targets and what became of them."""

from gep.indicators.growth import growth
from gep.indicators.inequality import gini, gini_of, lorenz
from gep.indicators.ratios import conversion_rate, ggi, product_share
from gep.indicators.spatial import density_ranking, location_quotient
from gep.indicators.targets import assess, two_mountains

__all__ = [
    "assess",
    "conversion_rate",
    "density_ranking",
    "ggi",
    "gini",
    "gini_of",
    "growth",
    "location_quotient",
    "lorenz",
    "product_share",
    "two_mountains",
]
