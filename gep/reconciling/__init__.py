"""A ledger against published figures: line by line, what they imply, and matrices that must add up."""

from gep.reconciling.balancing import Balanced, balance
from gep.reconciling.bounding import Bounds, bounds
from gep.reconciling.comparing import reconcile
from gep.reconciling.constraints import Constraint
from gep.reconciling.reconciliation import Line, Reconciliation, Unmatched

__all__ = [
    "Balanced",
    "Bounds",
    "Constraint",
    "Line",
    "Reconciliation",
    "Unmatched",
    "balance",
    "bounds",
    "reconcile",
]
