"""Figures of a ledger and of the tables derived from it (extra ``plot``: matplotlib)."""

from gep.plot.bars import services
from gep.plot.flows import sankey
from gep.plot.maps import zone_map
from gep.plot.matrix import heatmap
from gep.plot.ranges import intervals, tornado
from gep.plot.series import years
from gep.plot.steps import waterfall
from gep.plot.style import alt_text

__all__ = [
    "alt_text",
    "heatmap",
    "intervals",
    "sankey",
    "services",
    "tornado",
    "waterfall",
    "years",
    "zone_map",
]
