"""What a ledger is made of, and the rules that its parts must keep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, field, fields
from typing import Any

import numpy as np
import pandas as pd

from gep.errors import DoesNotAddUp, Faults, LedgerError
from gep.ledger.storage import Shape, has_shape
from gep.resources import vocabulary
from gep.unit_text import priced_currency

COLUMNS = (
    "year",
    "zone",
    "ecosystem",
    "category",
    "service",
    "indicator",
    "item",
    "quantity",
    "quantity_unit",
    "price",
    "price_unit",
    "value",
    "price_year",
    "status",
    "coefficient_status",
    "spread",
    "run",
)
KEYS = ("zone", "ecosystem", "category", "service", "indicator", "item")
NUMBERS = ("quantity", "price", "value")
ZONE_NUMBERS = ("area_m2", "stated_area_m2", "population")
EXTENT_COLUMNS = ("zone", "ecosystem", "area_m2")
COVERAGE_COLUMNS = ("service", "zone", "ecosystem", "cause", "area_m2", "cells")
LANGUAGES = ("zh", "en")
#: Relative gap between parts and whole that floating point explains.
CLOSURE = 1e-9


@dataclass(frozen=True)
class Meta:
    """What a ledger carries so that its numbers can be traced and derived again."""

    profile: Mapping[str, Any]
    region: str
    library: str
    inputs: Sequence[Mapping[str, Any]]
    coefficients: Sequence[Mapping[str, Any]]
    runs: Mapping[str, Mapping[str, Any]]
    findings: Sequence[str]
    labels: Mapping[str, Mapping[str, str]]
    #: What the account was compiled with beside inputs; objects by their name.
    arguments: Mapping[str, Any] = field(default_factory=dict)
    #: Of what is too large to carry: profile, zones, crosswalk, prices.
    fingerprints: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, told: Mapping[str, Any]) -> Meta:
        """Return what was written down.

        Raises
        ------
        LedgerError
            Something is missing, not known, or not of its kind.
        """
        needed = {f.name for f in fields(cls) if f.default_factory is MISSING}
        wrong = (needed - set(told)) | (set(told) - set(_SHAPES))
        wrong |= {name for name, value in told.items() if not has_shape(value, _SHAPES.get(name, (dict,)))}
        profile = told.get("profile")
        if not isinstance(profile, dict) or not {"id", "edition", "zh", "en"} <= set(profile):
            wrong.add("profile")
        if wrong:
            what = f"{', '.join(sorted(wrong))} of the ledger: missing, not known, or not of its kind"
            raise LedgerError(what, expected="what gep wrote beside the rows")
        return cls(**told)


_SHAPES: Mapping[str, Shape] = {
    "profile": (dict,),
    "region": (str,),
    "library": (str,),
    "inputs": (list, dict),
    "coefficients": (list, dict),
    "runs": (dict, dict),
    "findings": (list, str),
    "labels": (dict, dict, str),
    "arguments": (dict,),
    "fingerprints": (dict, str),
}


def check_language(lang: str, where: str) -> None:
    """Refuse a language that there are no names in."""
    if lang not in LANGUAGES:
        raise LedgerError(
            f"no names in {lang!r}", where=where, expected=" or ".join(map(repr, LANGUAGES)),
            fix=f"{where}={LANGUAGES[0]!r}",
        )  # fmt: skip


def typed(frame: pd.DataFrame, numbers: Sequence[str]) -> pd.DataFrame:
    """Return a table that was read, once it holds numbers under some names and texts under all others.

    Raises
    ------
    TypeError
        A column holds something else.
    """
    for name in frame:
        kinds = (int, float, type(None)) if name in numbers else (str,)
        if not all(isinstance(cell, kinds) for cell in frame[name].tolist()):
            raise TypeError(f"{name} holds something else than {'numbers' if name in numbers else 'texts'}")
    return frame


def enforce(frame: pd.DataFrame, zones: pd.DataFrame, region: str) -> None:
    """Enforce the invariants; a ledger that breaks one does not come into being.

    Raises
    ------
    LedgerError
        Two rows of one key, two price years or years, two units of one indicator, unknown zones.
    DoesNotAddUp
        A value that is not quantity times price.
    """
    faults = Faults()
    if frame.empty:
        raise LedgerError("the ledger has no rows", expected="at least one service with a value")
    for column in ("year", "price_year"):
        if frame[column].nunique() != 1:
            faults.add(f"{column}: {sorted(set(frame[column]))}", expected="one for a ledger")
    doubled = frame[frame.duplicated(list(KEYS))]
    for row in doubled.head(5).to_dict("records"):
        faults.add(f"two rows for {' / '.join(str(row[k]) for k in KEYS if row[k])}")
    for key, rows in frame.groupby(["service", "indicator", "item"], dropna=False)["quantity_unit"]:
        if rows.nunique() > 1:
            faults.add(f"{key} has units {sorted(set(rows))}", expected="one unit an indicator")
    if twice := sorted(map(str, set(zones.index[zones.index.duplicated()]))):
        faults.add(f"zones {', '.join(twice[:5])} stand twice in the zone table", expected="one row a zone")
    _enforce_known(frame, {*zones.index, region}, faults)
    faults.raise_as(LedgerError, "the ledger breaks its own rules")
    _enforce_products(frame)


def _enforce_known(frame: pd.DataFrame, places: set[str], faults: Faults) -> None:
    """Add services, currencies and zones that nobody knows, and numbers that are none."""
    if unknown := sorted(set(map(str, frame["service"])) - set(vocabulary("services")["services"])):
        faults.add(f"services {', '.join(unknown)[:200]} are not known to this version of gep")
    if not all(map(priced_currency, set(map(str, frame["price_year"])))):
        faults.add("price_year is no currency with its year", expected="CNY_2020")
    if strangers := set(frame["zone"]) - places:
        faults.add(f"zones {sorted(strangers)} have no row in the zone table")
    if endless := [name for name in NUMBERS if np.isinf(frame[name].to_numpy(float)).any()]:
        faults.add(f"{', '.join(endless)} without end", expected="finite numbers; a missing one is NaN")


def _enforce_products(frame: pd.DataFrame) -> None:
    priced = frame.dropna(subset=["quantity", "price", "value"])
    with np.errstate(over="ignore"):  # a product without end is none of a finite value
        product = priced["quantity"].to_numpy(float) * priced["price"].to_numpy(float)
    value = priced["value"].to_numpy(float)
    off = np.abs(product - value) > CLOSURE * np.maximum(np.abs(product), np.abs(value))
    if off.any():
        row = priced[off].iloc[0]
        raise DoesNotAddUp(
            f"quantity x price = {row['quantity'] * row['price']:g}, value {row['value']:g}",
            where=f"{row['zone']} / {row['service']} / {row['indicator']}",
            expected="equal numbers",
        )
