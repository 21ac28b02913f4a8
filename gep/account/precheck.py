"""What can be found wrong before anything is computed, all of it at once."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gep.account import plausible
from gep.account.evaluate import Evaluator
from gep.ecosystems import types, within
from gep.errors import Fault, Faults, GepError, MissingCoefficient, TableError, UnitError
from gep.grid.failing import reading
from gep.grid.georef import GridSpec
from gep.profiles import Refs, Service, Spread
from gep.profiles.requirements import FACTS
from gep.profiles.rules import accepted
from gep.quantities import Quantity
from gep.resources import vocabulary


@dataclass
class Report:
    """Errors that stop an account, and notes that a careful reader wants."""

    faults: Faults = field(default_factory=Faults)
    notes: list[str] = field(default_factory=list)

    @property
    def errors(self) -> list[Fault]:
        """Return the errors, each once."""
        return list(dict.fromkeys(self.faults.found))

    def raise_errors(self) -> None:
        """Raise all errors as one; its class is theirs where they agree."""
        self.faults.found = self.errors
        self.faults.raise_common(GepError, "the account cannot be compiled")

    def __bool__(self) -> bool:
        return not self.errors

    def __str__(self) -> str:
        counts = ((len(self.errors), "error"), (len(self.notes), "note"))
        lines = [", ".join(f"{n} {what}{'' if n == 1 else 's'}" for n, what in counts)]
        lines += [f"  error: {fault}" for fault in self.errors]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)

    __repr__ = __str__


@dataclass
class Prepared:
    """An account that is ready to be computed, or a report that says why it is not."""

    evaluator: Evaluator | None
    report: Report

    def ready(self) -> Evaluator:
        """Return the evaluator of an account that has no errors."""
        assert self.evaluator is not None, "raise the errors of the report first"  # noqa: S101
        return self.evaluator


def inspect(evaluator: Evaluator) -> Report:
    """Check names, units, grids, limits and coefficients of everything an account will use."""
    report = Report(notes=[*evaluator.extent.findings, *evaluator.extent.zones.findings])
    used: set[str] = set()
    for service, refs, allowed in _uses(evaluator):
        _check_use(evaluator, service, refs, allowed, used, report)
    report.notes += [*_absent(evaluator), *_overlaps(evaluator)]
    for name in sorted(evaluator.inputs.names()):
        try:
            _check_input(evaluator, name)
        except GepError as error:
            report.faults.take(error, where=f"input {name}")
    if not report.errors:
        report.notes += plausible.remarks(evaluator)
    spare = sorted(evaluator.inputs.names() - used - set(FACTS))
    if spare:
        report.notes.append(f"inputs that no service uses: {', '.join(spare)}")
    if evaluator.inputs.unfilled:
        names = ", ".join(dict.fromkeys(evaluator.inputs.unfilled))
        report.notes.append(f"table rows that nobody has filled in (no value, no status): {names}")
    return report


def _absent(evaluator: Evaluator) -> list[str]:
    """Say which lines do not apply because none of their ecosystems is there."""
    notes = []
    for service in evaluator.profile.included.values():
        there = [line.name for line, _ in evaluator.lines(service)]
        for line in service.indicators.values():
            if line.name not in there:
                groups = ", ".join(line.ecosystems or service.ecosystems)
                lacking = " or ".join(map(str, line.quantity or line.value))
                why = f"{lacking} is not given" if line.optional else f"there is no {groups}"
                notes.append(f"{service.code}.{line.name} is not accounted: {why}")
    return notes


def _overlaps(evaluator: Evaluator) -> list[str]:
    """Repeat why services that overlap both enter the total."""
    profile = evaluator.profile
    return [
        f"{pair['a']} and {pair['b']} overlap ({pair['why_en']}); both are counted: {accepted(profile, pair)}"
        for pair in vocabulary("services")["overlaps"]
        if {pair["a"], pair["b"]} <= set(profile.included)
    ]


def _uses(evaluator: Evaluator) -> Iterator[tuple[Service, Refs, list[str]]]:
    """Yield every reference that an included service will follow, steps included."""
    profile, extent = evaluator.profile, evaluator.extent
    for service in profile.included.values():
        lines = evaluator.lines(service)
        if not lines and any(line.optional for line in service.indicators.values()):
            # nothing is given: name all that could be
            lines = [(line, extent.ecosystems) for line in service.indicators.values()]
        for line, allowed in lines:
            for refs in (line.quantity, line.price, line.value):
                if refs:
                    yield from _follow(evaluator, service, refs, allowed, set())
            for spread in (line.zone, line.ecosystem):
                if isinstance(spread, Spread) and not (spread is line.zone and len(extent.zones) == 1):
                    yield service, (spread.ref,), extent.ecosystems


def _follow(
    evaluator: Evaluator, service: Service, refs: Refs, allowed: list[str], seen: set[str]
) -> Iterator[tuple[Service, Refs, list[str]]]:
    ref = next((r for r in refs if evaluator.available(r)), refs[0] if len(refs) == 1 else None)
    if ref is None or ref.kind != "step":
        yield service, refs, allowed
        return
    if ref.name in seen:
        return
    owner, step = evaluator._find_step(ref)
    within = evaluator.extent.allowed(step.ecosystems or owner.ecosystems)
    for alternatives in step.args.values():
        yield from _follow(evaluator, service, alternatives, within, seen | {ref.name})


def _check_use(
    evaluator: Evaluator, service: Service, refs: Refs, allowed: list[str], used: set[str], report: Report
) -> None:
    try:
        ref = evaluator.choose(refs)
        if ref.kind == "input":
            used.add(ref.name.partition("/")[0])
        evaluator.value((ref,), allowed)
    except MissingCoefficient as error:
        extent = evaluator.extent
        faults = Faults()
        for fault in error.faults:
            name = next((e for e in allowed if f" for {e}" in fault.what), "")
            km2 = float(extent.area.sel(ecosystem=name).sum()) / 1e6 if name else 0.0
            more = f" ({km2:,.4g} km2 of it)" if name else ""
            faults.add(f"{fault.what}{more}", where=service.code, expected=fault.expected, fix=fault.fix)
        report.faults.take(MissingCoefficient.many("coefficients are missing", faults))
    except GepError as error:
        report.faults.take(error, where=service.code)


def _check_input(evaluator: Evaluator, name: str) -> None:
    quantity = evaluator.profile.quantity(name)
    grid = evaluator.inputs.grids.get(name)
    rows = evaluator.inputs.rows
    rows = rows[rows["variable"] == name]
    faults, keys = Faults(), Faults()
    if grid is not None and len(rows):
        keys.add(
            f"{name} is given as a grid and as a table",
            where=str(rows["origin"].iloc[0]),
            expected="one of them",
        )
    if grid is not None:
        quantity.check_unit(grid.data.attrs["units"], grid=True)
        if evaluator.extent.spec is not None:
            evaluator.extent.spec.require(GridSpec.of(grid.data, name), name)
        with reading(name):
            ends = grid.ends
        for value in ends:
            _check_number(value, grid.data.attrs["units"], quantity, name, faults)
    for row in rows.to_dict("records"):
        try:
            _check_keys(evaluator, row, keys)
            _check_unit(quantity, row["unit"], row["origin"])
            evaluator.money.convert(row["unit"])
            _check_number(row["value"], row["unit"], quantity, f"{row['origin']} ({name})", faults)
        except GepError as error:
            faults.take(error, where=row["origin"])
    _check_nested(rows, keys)
    kind = TableError if keys else UnitError
    faults.found += keys.found
    faults.raise_common(kind, f"input {name} cannot be believed")


def _check_unit(quantity: Quantity, unit: str, origin: str) -> None:
    try:
        quantity.check_unit(unit)
    except UnitError as error:
        place = f"{origin} ({quantity.name})"
        raise type(error)(error.what, where=place, expected=error.expected, fix=error.fix) from error


def _check_keys(evaluator: Evaluator, row: Mapping[Any, Any], faults: Faults) -> None:
    """Refuse a zone or an ecosystem that nobody knows: its value would go nowhere."""
    zones = evaluator.extent.zones
    known = {"", zones.region, *zones.codes}
    known |= {str(v) for level in zones.levels for v in zones.table[level]}
    if row["zone"] not in known:
        faults.add(
            f"{row['variable']}: zone {row['zone']!r} is not known",
            where=row["origin"],
            expected=f"a code such as {', '.join(zones.codes[:5])}",
            fix="zones are keyed by code, not by name",
        )
    if row["ecosystem"] and row["ecosystem"] not in types():
        near = ", ".join(difflib.get_close_matches(row["ecosystem"], types(), n=3))
        what = f"{row['variable']}: ecosystem {row['ecosystem']!r} is not known"
        faults.add(what, where=row["origin"], expected=near or "a type of ecosystems.toml")


def _check_nested(rows: pd.DataFrame, faults: Faults) -> None:
    """Refuse a value for an ecosystem beside one for a part of it: it would count twice."""
    for _, part in rows[rows["ecosystem"] != ""].groupby(["zone", "item"]):
        named = set(part["ecosystem"])
        for row in part.to_dict("records"):
            above = sorted(g for g in named - {row["ecosystem"]} if within(row["ecosystem"], [g]))
            if above and row["ecosystem"] in types():
                faults.add(
                    f"{row['variable']}: {row['ecosystem']} is a part of {', '.join(above)}, both are given",
                    where=row["origin"],
                    expected="the parts, or the whole",
                )


#: Numbers that files use for "no value" and that no quantity of an account takes.
FILLS = frozenset({-999.0, -9999.0, -99999.0, -32768.0})
#: What lies beyond is a fill value (1e20, 9.97e36, 3.4e38) and no amount of anything.
BEYOND = 1e19


def _check_number(value: float, unit: str, quantity: Quantity, where: str, faults: Faults) -> None:
    if pd.isna(value):
        return
    if np.isinf(value):
        faults.add("a value is infinite", where=where, expected="a number, or missing")
        return
    beyond = quantity.impossible(value, unit) or (
        f"{value:g} {unit}" if value in FILLS or abs(value) > BEYOND else ""
    )
    if beyond:
        fix = "a fill value that is not declared, or another unit?"
        faults.add(beyond, where=where, fix=fix)
