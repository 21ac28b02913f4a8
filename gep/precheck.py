"""What can be found wrong before anything is computed, all of it at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from gep import facts
from gep.errors import Fault, Faults, GepError, MissingCoefficient, PriceYearError, UnitError
from gep.evaluate import Evaluator
from gep.georef import GridSpec
from gep.profiles import Refs, Service, Spread


@dataclass
class Report:
    """Errors that stop an account, and notes that a careful reader wants."""

    errors: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    kinds: set[type[GepError]] = field(default_factory=set)

    def raise_errors(self) -> None:
        """Raise all errors as one; its class is theirs where they agree."""
        if self.errors:
            kind = next(iter(self.kinds)) if len(self.kinds) == 1 else GepError
            raise kind.many("the account cannot be compiled", self.errors)

    def take(self, error: GepError, where: str = "") -> None:
        """Note an error once."""
        faults = Faults()
        faults.take(error, where=where)
        fresh = [f for f in faults if f not in self.errors]
        self.errors += fresh
        if fresh:
            self.kinds.add(type(error))

    def __bool__(self) -> bool:
        return not self.errors

    def __str__(self) -> str:
        lines = [f"{len(self.errors)} errors, {len(self.notes)} notes"]
        lines += [f"  error: {fault}" for fault in self.errors]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)

    __repr__ = __str__


@dataclass
class Prepared:
    """An account that is ready to be computed, or a report that says why it is not."""

    evaluator: Evaluator
    report: Report


def inspect(evaluator: Evaluator) -> Report:
    """Check names, units, grids, limits and coefficients of everything an account will use."""
    report = Report(notes=[*evaluator.extent.findings, *evaluator.extent.zones.findings])
    used: set[str] = set()
    for service, refs, allowed in _uses(evaluator):
        _check_use(evaluator, service, refs, allowed, used, report)
    for name in sorted(evaluator.inputs.names()):
        try:
            _check_input(evaluator, name)
        except GepError as error:
            report.take(error, where=f"input {name}")
    spare = sorted(evaluator.inputs.names() - used - set(facts.NAMES))
    if spare:
        report.notes.append(f"inputs that no service uses: {', '.join(spare)}")
    return report


def _uses(evaluator: Evaluator) -> Iterator[tuple[Service, Refs, list[str]]]:
    """Yield every reference that an included service will follow, steps included."""
    profile, extent = evaluator.profile, evaluator.extent
    for service in profile.included.values():
        for line in service.indicators.values():
            allowed = extent.allowed(line.ecosystems or service.ecosystems)
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
        report.take(MissingCoefficient.many("coefficients are missing", faults))
    except GepError as error:
        report.take(error, where=service.code)


def _check_input(evaluator: Evaluator, name: str) -> None:
    quantity = evaluator.profile.quantity(name)
    grid = evaluator.inputs.grids.get(name)
    faults, kinds = Faults(), set()
    if grid is not None:
        quantity.check_unit(grid.data.attrs["units"])
        if evaluator.extent.spec is not None:
            evaluator.extent.spec.require(GridSpec.of(grid.data, name), name)
        low, high = float(grid.data.min()), float(grid.data.max())
        for value in (low, high):
            _check_number(value, grid.data.attrs["units"], quantity, name, faults)
        faults.raise_as(UnitError, f"grid {name} cannot be believed")
    rows = evaluator.inputs.rows
    for row in rows[rows["variable"] == name].itertuples():
        try:
            quantity.check_unit(str(row.unit))
            evaluator.money.convert(str(row.unit))
            _check_number(float(row.value), str(row.unit), quantity, str(row.origin), faults)
        except GepError as error:
            faults.take(error, where=str(row.origin))
            kinds.add(type(error))
    kind = PriceYearError if kinds == {PriceYearError} else UnitError
    faults.raise_as(kind, f"table {name} cannot be believed")


def _check_number(value: float, unit: str, quantity: object, where: str, faults: Faults) -> None:
    from gep.quantities import Quantity

    assert isinstance(quantity, Quantity)  # noqa: S101
    if pd.isna(value):
        return
    if np.isinf(value):
        faults.add("a value is infinite", where=where, expected="a number, or missing")
        return
    beyond = quantity.impossible(value, unit)
    if beyond:
        fix = "a fill value that is not declared, or another unit?"
        faults.add(beyond, where=where, fix=fix)
