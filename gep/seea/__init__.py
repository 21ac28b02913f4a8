"""SEEA Ecosystem Accounting: extent, supply and use, and exchange between zones, out of a ledger."""

from gep.seea.exchange import Exchange, between_zones
from gep.seea.extent import extent_account
from gep.seea.keys import defaults
from gep.seea.lists import reference, users
from gep.seea.tables import SupplyUse, supply, supply_use, use

__all__ = [
    "Exchange",
    "SupplyUse",
    "between_zones",
    "defaults",
    "extent_account",
    "reference",
    "supply",
    "supply_use",
    "use",
    "users",
]
