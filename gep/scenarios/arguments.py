"""The arguments of an account that a scenario changes, and what the account makes use of."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gep.coefficients import CoefficientTable
from gep.errors import TableError
from gep.inputs import Inputs
from gep.profiles import Profile, Ref, Spread
from gep.profiles.requirements import FACTS
from gep.zones import Zones

NEEDED = ("profile", "inputs", "zones", "year")


@dataclass(frozen=True)
class Given:
    """Arguments of :func:`gep.compile_account`, and the scenario on whose behalf they are changed."""

    args: Mapping[str, Any]
    scenario: str
    status: str
    source: str

    @classmethod
    def of(cls, args: Mapping[str, Any], scenario: str, status: str, source: str) -> Given:
        """Take arguments; TableError where an account could not be compiled from them."""
        lacking = [name for name in NEEDED if args.get(name) is None]
        if lacking:
            raise TableError(
                f"no {', '.join(lacking)}", where="arguments of the account",
                expected="what gep.compile_account takes, by name",
            )  # fmt: skip
        return cls(dict(args), scenario, status, source)

    @property
    def profile(self) -> Profile:
        """Return the profile."""
        return self.args["profile"]  # type: ignore[no-any-return]

    @property
    def inputs(self) -> Inputs:
        """Return the inputs."""
        return self.args["inputs"]  # type: ignore[no-any-return]

    @property
    def zones(self) -> Zones:
        """Return the zones."""
        return self.args["zones"]  # type: ignore[no-any-return]

    @property
    def year(self) -> int:
        """Return the accounting year."""
        return int(self.args["year"])

    @property
    def coefficients(self) -> CoefficientTable:
        """Return the rows of the user's own; an empty table where there are none."""
        own = self.args.get("coefficients")
        if own is None:
            return CoefficientTable([])
        if isinstance(own, str | Path):
            return CoefficientTable.load(own, own=self.profile.own_quantities)
        return own  # type: ignore[no-any-return]

    def using(self, **changes: Any) -> Given:
        """Return the same with some arguments changed."""
        return replace(self, args={**self.args, **changes})

    def copied_inputs(self) -> Inputs:
        """Return inputs that can be changed without touching those that were given."""
        made = copy.copy(self.inputs)
        made.grids, made.rows = dict(made.grids), made.rows.copy()
        return made

    def said(self, source: str) -> str:
        """Return the source of a changed number: what it was, and who changed it."""
        named = f"scenario {self.scenario}" + (f" ({self.source})" if self.source else "")
        return f"{source}; {named}" if source else named


def used(given: Given) -> set[str]:
    """Return the names of inputs and coefficients that the account may ask for."""
    names = {
        ref.name.partition("/")[0] for ref in _refs(given.profile) if ref.kind in ("input", "coefficient")
    }
    keys = {str(v).partition(":")[0] for v in (given.args.get("allocate") or {}).values()}
    return names | keys | set(FACTS)


def _refs(profile: Profile) -> Iterator[Ref]:
    for service in profile.included.values():
        for step in service.steps.values():
            for refs in step.args.values():
                yield from refs
        for line in service.indicators.values():
            for refs in (line.quantity, line.price, line.value):
                yield from refs
            for spread in (line.zone, line.ecosystem):
                if isinstance(spread, Spread):
                    yield spread.ref


def priced_items(given: Given, price: str) -> set[str]:
    """Return the items of the quantities that a price is multiplied with; empty if they have none."""
    names = {
        ref.name.partition("/")[0]
        for service in given.profile.included.values()
        for line in service.indicators.values()
        if price in {r.name.partition("/")[0] for r in line.price}
        for ref in line.quantity
        if ref.kind == "input"
    }
    rows = given.inputs.rows
    return set(rows.loc[rows["variable"].isin(names), "item"]) - {""}
