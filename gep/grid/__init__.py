"""Grids: reference systems, georeference, true cell area, alignment, exact sums by zone and class."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gep.grid.aggregation import aggregate
    from gep.grid.cell_area import CellArea
    from gep.grid.model import Model
    from gep.grid.planning import Plan, plan
    from gep.grid.sums import GridSums

#: Where the names live; opened when first asked for, because a compiler comes along.
_LATER = {
    "CellArea": "gep.grid.cell_area",
    "GridSums": "gep.grid.sums",
    "Model": "gep.grid.model",
    "Plan": "gep.grid.planning",
    "aggregate": "gep.grid.aggregation",
    "plan": "gep.grid.planning",
}

__all__ = ["CellArea", "GridSums", "Model", "Plan", "aggregate", "plan"]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"module 'gep.grid' has no attribute {name!r}")
