"""Every way in which an input can be wrong: what each case spoils, and what must come of it."""

from . import (  # noqa: F401  # each module registers its cases
    arguments,
    cells,
    coefficients,
    cover,
    grids,
    ledgers,
    prices,
    profiles,
    published,
    ranges,
    scales,
    tables,
    unseen,
    workbooks,
    zones,
)
from .registry import CASES, Case, Outcome, outcome

__all__ = ["CASES", "Case", "Outcome", "outcome"]
