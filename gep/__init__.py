"""Gross Ecosystem Product accounting (生态系统生产总值核算): from grids and tables to a ledger."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from gep.account import check, compile_account
from gep.coefficients import CoefficientTable
from gep.ecosystems import Crosswalk
from gep.errors import GepError
from gep.grid.crs import set_crs
from gep.inputs import Inputs
from gep.ledger import Amount, Ledger
from gep.prices import Deflator
from gep.profiles import Profile, diff_profiles, load_profile, profiles
from gep.units import quantity
from gep.zones import Zones

if TYPE_CHECKING:
    from gep.auditing import audit
    from gep.grid.alignment import align

#: Rooms that an account does not need; they are opened when first asked for.
_LATER = {"align": "gep.grid.alignment", "audit": "gep.auditing"}

__all__ = [
    "Amount",
    "CoefficientTable",
    "Crosswalk",
    "Deflator",
    "GepError",
    "Inputs",
    "Ledger",
    "Profile",
    "Zones",
    "align",
    "audit",
    "check",
    "compile_account",
    "diff_profiles",
    "load_profile",
    "profiles",
    "quantity",
    "set_crs",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"module 'gep' has no attribute {name!r}")
