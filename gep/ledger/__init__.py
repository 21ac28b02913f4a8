"""The ledger: the one result, its rules, its views, and the way back to its sources."""

from gep.ledger.amount import Amount
from gep.ledger.core import Ledger
from gep.ledger.parts import Meta

__all__ = ["Amount", "Ledger", "Meta"]
