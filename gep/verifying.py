"""Verifying: an account compiled again from what its ledger carries, and compared bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep.account import compile_account
from gep.account.compile import tables
from gep.account.recipe import fingerprints, library
from gep.coefficients import COLUMNS as ROW
from gep.coefficients import CoefficientTable
from gep.errors import GepError
from gep.inputs import Inputs
from gep.ledger import Ledger
from gep.ledger.parts import COLUMNS, KEYS, NUMBERS
from gep.ledger.storage import UNSIGNED, records
from gep.profiles import Profile
from gep.zones import Zones

#: Columns of the rows that differ, after the keys.
_SHOWN = ("column", "recorded", "recomputed", "relative")
#: Parts in which the numbers of an account stand.
_NUMBERS = frozenset({"rows", "zones of the ledger", "region", "coverage", "extent"})


@dataclass(frozen=True)
class Difference:
    """One thing in which an account differs from its ledger: the part, and what about it.

    Attributes
    ----------
    part, what : str
        Where, and what differs.
    """

    part: str
    what: str

    def __str__(self) -> str:
        return f"{self.part}: {self.what}"


@dataclass(frozen=True)
class Verification:
    """What :func:`verify` found; true where nothing differs.

    Attributes
    ----------
    differences : tuple of Difference
    rows : DataFrame
        Each number or text of the rows that differs: the keys, ``column``, ``recorded``,
        ``recomputed``, and ``relative`` for numbers.
    recomputed : Ledger or None
        None where what differs was found before anything was computed.
    notes : tuple of str
        What could not be compared.
    """

    differences: tuple[Difference, ...]
    rows: pd.DataFrame = field(repr=False)
    recomputed: Ledger | None
    notes: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.differences

    @property
    def reproduced(self) -> bool:
        """Tell whether all numbers came out the same, whatever else differs."""
        return self.recomputed is not None and not any(d.part in _NUMBERS for d in self.differences)

    def __str__(self) -> str:
        if self.recomputed is None:
            head = "not computed again: what it rests on differs"
        elif self.reproduced:
            head = "reproduced bit for bit" if self else "all numbers are reproduced bit for bit"
        else:
            head = "not reproduced"
        lines = [head, *map(str, self.differences), *(f"note: {note}" for note in self.notes)]
        return "\n  ".join(lines)

    __repr__ = __str__


def verify(
    ledger: Ledger,
    profile: Profile,
    inputs: Inputs,
    zones: Zones,
    *,
    coefficients: CoefficientTable | str | Path | None = None,
    anyway: bool = False,
    **options: Any,
) -> Verification:
    """Compile an account again and compare it with its ledger, bit for bit.

    Year, price year, keys and what may be empty are those that the ledger carries.

    Parameters
    ----------
    ledger : Ledger
        As compiled, or read from a file.
    profile, inputs, zones, coefficients
        What it is said to have been compiled from; see :func:`gep.compile_account`.
    anyway : bool
        Compile also where inputs, zones or profile are found to differ, to see by how much rows do.
    **options
        What a ledger carries by name alone, such as a ``deflator`` of one's own, or a ``checkpoint``.

    Returns
    -------
    Verification

    Examples
    --------
    ``print(gep.verify(gep.Ledger.read("2020.csv"), profile, inputs, zones))`` tells
    ``reproduced bit for bit``, or what differs.
    """
    known = ledger.meta.arguments
    notes = [*_uncompared(ledger, inputs)]
    resting = [*_prints(ledger, fingerprints(profile, inputs, zones)), *_inputs(ledger, inputs)]
    found = [*_software(ledger), *resting, *_coefficients(ledger, profile, coefficients)]
    nothing = pd.DataFrame(columns=[*KEYS, *_SHOWN])
    if resting and not anyway:
        return Verification(tuple(found), nothing, None, tuple(notes))
    carried = {k: known[k] for k in ("deflator", "exchange", "allocate", "allow_empty") if k in known}
    given = {"price_year": ledger.price_year, **carried, **options}
    try:
        again = compile_account(profile, inputs, zones, ledger.year, coefficients=coefficients, **given)
    except GepError as error:
        found.append(Difference("account", f"it cannot be compiled: {error}"))
        return Verification(tuple(found), nothing, None, tuple(notes))
    changed = _changed_rows(ledger.frame, again.frame)
    return Verification((*found, *_after(ledger, again, changed)), changed, again, tuple(notes))


# ----------------------------------------------------------------------------- before it is computed


def _software(ledger: Ledger) -> Iterator[Difference]:
    if ledger.meta.library != library():
        yield Difference("library", f"it was gep {ledger.meta.library}, this is {library()}")


def _uncompared(ledger: Ledger, inputs: Inputs) -> Iterator[str]:
    if not ledger.meta.arguments:
        yield "the ledger does not carry its arguments and fingerprints (layout 1): they were not compared"
    if lazy := [name for name, told in inputs.hashes().items() if told.startswith("lazy")]:
        yield f"{', '.join(lazy)}: read block by block, and not compared by content"


def _prints(ledger: Ledger, now: Mapping[str, str]) -> Iterator[Difference]:
    """Compare fingerprints of profile, zones and crosswalk."""
    was = ledger.meta.fingerprints
    for name in ("profile", "zones", "crosswalk") if was else ():
        if was.get(name) != now.get(name):
            told = f"{ledger.meta.profile['id']} was another" if name == "profile" else "they were others"
            yield Difference(name, told if name != "crosswalk" else "land-cover codes stood for others")


def _inputs(ledger: Ledger, inputs: Inputs) -> Iterator[Difference]:
    was, now = {i["name"]: i.get("hash") for i in ledger.meta.inputs}, inputs.hashes()
    for name in dict.fromkeys([*was, *now]):
        if name not in now:
            yield Difference("input", f"{name} is not given")
        elif name not in was:
            yield Difference("input", f"{name} was not there")
        elif was[name] != now[name]:
            yield Difference("input", f"{name} has other values, or another unit")


def _coefficients(ledger: Ledger, profile: Profile, own: Any) -> Iterator[Difference]:
    """Compare the rows that the ledger rests on with those there are."""
    there = {(r.set, r.id): vars(r) for r in tables(profile, own).rows}
    for was in ledger.meta.coefficients:
        now = there.get((was["set"], was["id"]))
        if now is None:
            fix = "; give coefficients=" if was["set"] == "user" and own is None else ""
            yield Difference("coefficients", f"{was['id']} of {was['set']} is not there{fix}")
            continue
        for name in (n for n in ROW if was.get(n) != now[n]):
            yield Difference("coefficients", f"{was['id']}: {name} was {was.get(name)}, is {now[name]}")


# ------------------------------------------------------------------------------ after it is computed


def _after(was: Ledger, now: Ledger, changed: pd.DataFrame) -> Iterator[Difference]:
    """Compare everything that a ledger holds."""
    if len(changed):
        yield Difference("rows", _told(was, now, changed))
    pairs = {
        "zones of the ledger": (was.zones.reset_index(), now.zones.reset_index()),
        "coverage": (was.coverage, now.coverage),
        "extent": (was.extent, now.extent),
    }
    for part, (old, new) in pairs.items():
        if count := _unequal(records(old), records(new)):
            yield Difference(part, f"{count} of {max(len(old), len(new))} rows differ")
    if names := _names(was.region, now.region):
        yield Difference("region", f"{', '.join(names)} differ")
    yield from _meta(was, now)


def _meta(was: Ledger, now: Ledger) -> Iterator[Difference]:
    """Compare what stands beside the numbers."""
    old, new = ({i["name"]: i for i in one.meta.inputs} for one in (was, now))
    for name in (n for n in _names(old, new) if n in old and n in new):
        told = [k for k in _names(old[name], new[name]) if k != "hash"]
        if told:
            yield Difference("provenance", f"{', '.join(told)} of input {name} differ")
    if names := _names(was.meta.runs, now.meta.runs):
        yield Difference("provenance", f"what {', '.join(names)} rests on differs")
    gone = [n for n in was.meta.findings if n not in now.meta.findings and n != UNSIGNED]
    come = [n for n in now.meta.findings if n not in was.meta.findings]
    for word, told in (("not found now", gone), ("not found then", come)):
        for finding in told:
            yield Difference("findings", f"{word}: {finding}")
    if not was.meta.arguments:
        return
    if was.meta.fingerprints.get("prices") != now.meta.fingerprints.get("prices"):
        yield Difference("prices", "a deflator, an exchange rate or the currency is another")
    if names := _names(was.meta.arguments, now.meta.arguments):
        yield Difference("arguments", f"{', '.join(names)} differ")


def _names(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return the names under which two mappings hold something else."""
    names = dict.fromkeys([*was, *now])
    return [n for n in names if n not in was or n not in now or _unequal([was[n]], [now[n]])]


def _unequal(was: list[Any], now: list[Any]) -> int:
    """Return how many entries of two lists differ; a repr tells the last bit and lets NaN be NaN."""
    off = sum(repr(a) != repr(b) for a, b in zip(map(_listed, was), map(_listed, now), strict=False))
    return off + abs(len(was) - len(now))


def _listed(value: Any) -> Any:
    """Return a value as it comes back from a file: tuples as lists."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(k): _listed(value[k]) for k in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_listed(v) for v in value]
    return value


def _changed_rows(was: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each cell of two frames that differs, and for each row that one alone has."""
    both = was.merge(now, "outer", list(KEYS), suffixes=("_was", "_is"), indicator="_in", sort=False)
    alone = both["_in"] != "both"
    found = [
        _cells(both[alone], "row", both.loc[alone, "value_was"], both.loc[alone, "value_is"]),
        *(
            _cells(both, column, both[f"{column}_was"], both[f"{column}_is"], ~alone)
            for column in COLUMNS
            if column not in KEYS
        ),
    ]
    return pd.concat([part for part in found if len(part)] or found[:1], ignore_index=True)


def _cells(
    both: pd.DataFrame, column: str, was: pd.Series[Any], now: pd.Series[Any], among: Any = None
) -> pd.DataFrame:
    """Return the cells of one column that differ."""
    if column in NUMBERS:
        old, new = was.to_numpy(float), now.to_numpy(float)
        off = (old.view(np.int64) != new.view(np.int64)) & ~(np.isnan(old) & np.isnan(new))
        with np.errstate(divide="ignore", invalid="ignore"):
            relative = new / old - 1.0
    else:
        off, relative = (was.astype(str) != now.astype(str)).to_numpy(), np.full(len(was), np.nan)
        off = np.ones(len(was), bool) if column == "row" else off
    off = off if among is None else off & among.to_numpy()
    parts = zip(_SHOWN, (column, was[off].to_numpy(), now[off].to_numpy(), relative[off]), strict=True)
    cells: pd.DataFrame = both.loc[off, list(KEYS)].assign(**dict(parts))
    return cells.astype({"recorded": object, "recomputed": object})


def _told(was: Ledger, now: Ledger, changed: pd.DataFrame) -> str:
    """Say how many rows differ, where most, and what that does to the total."""
    rows = len(changed.drop_duplicates(list(KEYS)))
    sizes = changed["relative"].abs().fillna(0.0).to_numpy(float)
    largest = changed.iloc[int(sizes.argmax())]
    key = " / ".join(str(largest[k]) for k in KEYS if largest[k])
    share = f" ({largest['relative']:+.3g})" if pd.notna(largest["relative"]) else ""
    return (
        f"{rows} of {len(was.frame)} differ, most of all {largest['column']} of {key}:"
        f" {largest['recorded']} was recorded, {largest['recomputed']} is computed{share};"
        f" the total was {float(was.total()):.17g}, is {float(now.total()):.17g} {was.total().unit}"
    )
