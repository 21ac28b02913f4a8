"""Gross Ecosystem Product accounting (生态系统生产总值核算): from grids and tables to a ledger."""

from __future__ import annotations

from gep.account import check, compile_account
from gep.auditing import audit
from gep.coefficients import CoefficientTable
from gep.ecosystems import Crosswalk
from gep.errors import GepError
from gep.georef import set_crs
from gep.inputs import Inputs
from gep.ledger import Amount, Ledger
from gep.prices import Deflator
from gep.profiles import Profile, load_profile, profiles
from gep.units import quantity
from gep.zones import Zones

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
    "audit",
    "check",
    "compile_account",
    "load_profile",
    "profiles",
    "quantity",
    "set_crs",
]
