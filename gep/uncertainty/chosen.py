"""Which numbers of an account have a range, which have none, and which rows rest on each."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gep import quantities
from gep.ecosystems import within
from gep.errors import Faults, GepError, LedgerError
from gep.ledger import Ledger
from gep.ledger.parts import KEYS
from gep.ledger.views import levels, with_levels
from gep.quantities import Quantity
from gep.uncertainty import ranges as reading
from gep.uncertainty.ranges import Factor, Range

Mask = NDArray[np.bool_]
#: Columns of the table of what has no range.
FIXED = ("name", "kind", "quantity", "status", "reason", "value", "share")
#: Selections that name a service and move only rows with a physical flow.
PRICED = ("quantity", "price")


@dataclass(frozen=True)
class Chosen:
    """The uncertain numbers of an account, the rows that may rest on each, and the others.

    Attributes
    ----------
    factors : list of Factor
        In the order of the ledger's provenance, then as given.
    rows : list of ndarray of bool
        For each factor the rows of the ledger that may rest on it, by provenance.
    fixed : DataFrame
        Coefficients and inputs without a range: ``name, kind, quantity, status, reason``, the
        ``value`` of the rows that rest on them and its ``share`` of the total.
    """

    factors: list[Factor]
    rows: list[Mask]
    fixed: pd.DataFrame


def choose(
    ledger: Ledger, ranges: Mapping[str, Range] | None, own: Mapping[str, Quantity] | None = None
) -> Chosen:
    """Return what is uncertain: rows that state a range, and what the user says.

    Raises
    ------
    GepError
        Ranges that cannot be believed, or that name nothing of this account; all at once.
    """
    given, faults = dict(ranges or {}), Faults()
    factors: list[Factor] = []
    rows: list[Mask] = []
    fixed: list[dict[str, Any]] = []
    for entry in ledger.meta.coefficients:
        found = _of_row(entry, given.pop(str(entry["id"]), None), own, faults)
        mask = _rests_on(ledger, entry)
        if isinstance(found, Factor):
            factors.append(found)
            rows.append(mask)
        elif found:
            fixed.append(_without(ledger, entry, "coefficient", found, mask))
    for name, one in given.items():
        try:
            mask, kind = _selected(ledger, name)
            factors.append(reading.multiplier(name, kind, one))
            rows.append(mask)
        except GepError as error:
            faults.take(error, where=name)
    faults.raise_common(LedgerError, "some ranges cannot be used")
    moved = {f.name.removeprefix("input:").partition("/")[0] for f in factors if f.kind == "input"}
    for entry in ledger.meta.inputs:
        if entry["name"] not in moved:
            mask = _of_input(ledger, entry["name"])
            if mask.any():
                fixed.append(_without(ledger, entry, "input", "no range was given", mask))
    return Chosen(factors, rows, pd.DataFrame(fixed, columns=list(FIXED)))


def _of_row(
    entry: Mapping[str, Any], given: Range | None, own: Mapping[str, Quantity] | None, faults: Faults
) -> Factor | str:
    try:
        found = reading.stated(entry) if given is None else reading.assumed(entry, given)
        if isinstance(found, Factor):
            _refuse_impossible(found, own, faults)
    except GepError as error:
        faults.take(error, where=str(entry["id"]))
        return ""
    return found


def _refuse_impossible(factor: Factor, own: Mapping[str, Quantity] | None, faults: Faults) -> None:
    known = {**quantities.shipped(), **(own or {})}.get(factor.quantity)
    for end in (factor.low, factor.high) if known else ():
        assert known is not None  # noqa: S101
        beyond = known.impossible(end, factor.unit)
        if beyond:
            faults.add(
                f"the range reaches {beyond}", where=factor.name,
                expected="a range of possible values", fix="give a narrower one in ranges={...}",
            )  # fmt: skip


# ---------------------------------------------------------------------- rows


def _rests_on(ledger: Ledger, entry: Mapping[str, Any]) -> Mask:
    """Return the rows whose run used a coefficient row, as far as ecosystem and item allow."""
    frame = ledger.frame
    using = [run for run, said in ledger.meta.runs.items() if entry["id"] in said["coefficients"]]
    mask = frame["run"].isin(using).to_numpy()
    if entry.get("ecosystem"):
        groups = [str(entry["ecosystem"])]
        allowed = [e for e in frame["ecosystem"].unique() if not e or within(str(e), groups)]
        mask = mask & frame["ecosystem"].isin(allowed).to_numpy()
    item = str(entry.get("item") or "")
    if item and (frame.loc[mask, "item"] == item).any():
        # items of a row may be others than those of a coefficient; only a match narrows
        mask = mask & (frame["item"] == item).to_numpy()
    found: Mask = mask
    return found


def _of_input(ledger: Ledger, name: str) -> Mask:
    using = [run for run, said in ledger.meta.runs.items() if name in said["inputs"]]
    return ledger.frame["run"].isin(using).to_numpy()


def _selected(ledger: Ledger, name: str) -> tuple[Mask, str]:
    """Return the rows that a name of ``ranges`` selects, and the kind of the factor."""
    key, colon, rest = name.partition(":")
    if not colon:
        raise LedgerError("no coefficient row of this account has this id", expected=_near(ledger, name))
    if key != "input":
        return _by_keys(ledger, name), "ledger"
    mask = _of_input(ledger, rest.partition("/")[0])
    if not mask.any():
        known = sorted({n for run in ledger.meta.runs.values() for n in run["inputs"]} - {"land_cover"})
        raise LedgerError("no value rests on this input", expected=f"one of {', '.join(known)}")
    if rest == "land_cover":
        raise LedgerError("land cover is a map of classes and cannot be multiplied", fix="compare two maps")
    return mask, "input"


def _by_keys(ledger: Ledger, name: str) -> Mask:
    """Return the rows of a selection such as ``service:crops, item:maize`` or ``price:crops``."""
    known = with_levels(ledger, ledger.frame)
    allowed = (*PRICED, *KEYS, *levels(ledger))
    mask = np.ones(len(known), bool)
    for part in name.split(","):
        key, _, value = (text.strip() for text in part.partition(":"))
        if key not in allowed:
            raise LedgerError(
                f"no key {key!r}", expected=f"a coefficient id, input:..., or one of {', '.join(allowed)}"
            )
        column = "service" if key in PRICED else key
        mask &= (known[column] == (ledger.zone_code(value) if key == "zone" else value)).to_numpy()
        if key in PRICED:
            mask &= (known["quantity_unit"] != "").to_numpy()
    if not mask.any():
        raise LedgerError(
            "selects no row of the ledger", expected=f"services {', '.join(ledger.services)}, ..."
        )
    return mask


def _near(ledger: Ledger, name: str) -> str:
    known = [str(c["id"]) for c in ledger.meta.coefficients]
    near = difflib.get_close_matches(name, known, n=3) or known[:5]
    return f"an id such as {', '.join(near) or '(this account used no coefficient)'}, input:..., service:..."


# ---------------------------------------------------------------------- without range


def _without(ledger: Ledger, entry: Mapping[str, Any], kind: str, reason: str, mask: Mask) -> dict[str, Any]:
    counted = mask & is_counted(ledger)
    value = float(ledger.frame.loc[counted, "value"].sum())
    whole = float(ledger.counted()["value"].sum())
    return {
        "name": entry["id"] if kind == "coefficient" else f"input:{entry['name']}",
        "kind": kind,
        "quantity": entry["quantity"] if kind == "coefficient" else entry["name"],
        "status": entry["status"],
        "reason": reason,
        "value": value,
        "share": value / whole if whole else float("nan"),
    }


def is_counted(ledger: Ledger) -> Mask:
    """Return which rows of the ledger enter its total."""
    counted: Mask = ledger.frame.index.isin(ledger.counted().index)
    return counted


def share_of(ledger: Ledger, masks: Sequence[Mask]) -> float:
    """Return the share of the total in rows that any of some masks marks."""
    anywhere = np.logical_or.reduce(masks) if masks else np.zeros(len(ledger.frame), bool)
    values = ledger.frame["value"].where(is_counted(ledger))
    whole = float(values.sum())
    return float(values[anywhere].sum()) / whole if whole else float("nan")
