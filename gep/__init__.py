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
    from gep.prices import Exchange
    from gep.reconciling import balance, bounds, reconcile
    from gep.rounding import controlled
    from gep.scenarios import Scenario
    from gep.uncertainty import Uncertainty, compare_profiles
    from gep.verifying import verify
    from gep.years import Break, PublishedSeries, Series, transitions

#: Rooms that an account does not need; they are opened when first asked for.
_LATER = {
    "align": "gep.grid.alignment",
    "audit": "gep.auditing",
    "balance": "gep.reconciling",
    "bounds": "gep.reconciling",
    "reconcile": "gep.reconciling",
    "controlled": "gep.rounding",
    "compare_profiles": "gep.uncertainty",
    "Uncertainty": "gep.uncertainty",
    "verify": "gep.verifying",
    "Break": "gep.years",
    "PublishedSeries": "gep.years",
    "Series": "gep.years",
    "transitions": "gep.years",
    "Exchange": "gep.prices",
    "Scenario": "gep.scenarios",
}
#: Rooms with names of their own: ``gep.grid.aggregate``, ``gep.plot.services``.
_ROOMS = ("change", "grid", "indicators", "plot", "reports", "scenarios", "seea", "uncertainty")

__all__ = [
    "Amount",
    "Break",
    "CoefficientTable",
    "Crosswalk",
    "Deflator",
    "Exchange",
    "GepError",
    "Inputs",
    "Ledger",
    "Profile",
    "PublishedSeries",
    "Scenario",
    "Series",
    "Uncertainty",
    "Zones",
    "align",
    "audit",
    "balance",
    "bounds",
    "check",
    "compare_profiles",
    "compile_account",
    "controlled",
    "diff_profiles",
    "load_profile",
    "profiles",
    "quantity",
    "reconcile",
    "set_crs",
    "transitions",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    if name in _ROOMS:
        return importlib.import_module(f"gep.{name}")
    raise AttributeError(f"module 'gep' has no attribute {name!r}")
