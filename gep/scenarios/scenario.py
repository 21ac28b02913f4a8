"""A scenario: a named change of the arguments of an account; and the accounts that follow."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from gep.account import compile_account
from gep.errors import Faults, GepError, TableError
from gep.ledger import Ledger
from gep.scenarios.arguments import Given
from gep.scenarios.land import Convert, Reclass, convert, unsupported
from gep.scenarios.numbers import Change, Coefficients
from gep.tables import status_of

Step = Convert | Reclass | Change | Coefficients


class Scenario:
    """A named change of land, prices, coefficients or inputs.

    Parameters
    ----------
    name : str
        What it is called, in tables and in the provenance of every number it touches.
    *changes : Convert, Reclass, Change, Price, Coefficients, or lists of them
        What changes; nothing if empty. Land conversions happen at once and first, the others in turn.
    year : int, optional
        Another accounting year; the price year stays that of the base account.
    status : str
        How the changed numbers are known; ``illustrative`` unless said.
    source : str
        Who says so.

    Examples
    --------
    >>> from gep.scenarios import Convert, Price
    >>> Scenario("grass to trees", Convert("grassland", "forest", share=0.1), Price("crop_price", factor=1.1))
    <Scenario 'grass to trees': 0.1 of the grassland becomes forest; crop_price x 1.1>
    """

    def __init__(
        self,
        name: str,
        *changes: Step | Iterable[Step],
        year: int | None = None,
        status: str = "illustrative",
        source: str = "",
    ) -> None:
        if not name.strip():
            raise TableError("a scenario needs a name")
        self.name, self.year, self.source = name, year, source
        self.status = status_of(status, f"scenario {name!r}")
        self.changes: tuple[Step, ...] = tuple(_flat(changes))

    def apply(self, args: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of :func:`gep.compile_account` as the scenario changes them.

        What is given is not touched. A scenario without changes returns the arguments themselves.

        Raises
        ------
        GepError
            All faults at once: areas that become negative, shares over one, ecosystems, inputs and
            items that nobody knows or uses.
        """
        given = Given.of(args, self.name, self.status, self.source)
        faults = Faults()
        if self.year is not None:
            base = given.args.get("price_year")
            given = given.using(year=self.year, price_year=given.year if base is None else base)
        land = [c for c in self.changes if isinstance(c, Convert)]
        if land:
            given = convert(given, land, faults)
        for change in self.changes:
            if not isinstance(change, Convert):
                given = change.apply(given, faults)
        faults.raise_as(TableError, "the scenario cannot be", where=f"scenario {self.name}")
        return dict(given.args)

    def run(self, args: Mapping[str, Any]) -> Ledger:
        """Return the account under the scenario; its findings say what was changed."""
        ledger = compile_account(**self.apply(args))
        return self._named(ledger) if self.changes or self.year is not None else ledger

    def _named(self, ledger: Ledger) -> Ledger:
        said = [f"scenario {self.name}: {change} [{self.status}]" for change in self.changes]
        said += [f"scenario {self.name}: accounting year {self.year}"] if self.year is not None else []
        if any(isinstance(c, Convert | Reclass) for c in self.changes):
            said.append(f"scenario {self.name}: other inputs do not follow the land unless changed as well")
        profile = ledger.meta.profile
        modified = [*profile.get("modified", ()), f"scenario {self.name}"]
        made = copy.copy(ledger)
        made.meta = replace(
            ledger.meta,
            profile={**profile, "modified": modified, "scenario": self.name},
            findings=[*said, *ledger.meta.findings],
        )
        return made

    def __repr__(self) -> str:
        year = f"; year {self.year}" if self.year is not None else ""
        return f"<Scenario {self.name!r}: {'; '.join(map(str, self.changes)) or 'no change'}{year}>"


def run(args: Mapping[str, Any], scenarios: Iterable[Scenario], *, base: str = "base") -> dict[str, Ledger]:
    """Compile the base account and the account under each scenario.

    Parameters
    ----------
    args : mapping
        Arguments of :func:`gep.compile_account` by name: profile, inputs, zones, year and the rest.
    scenarios : iterable of Scenario
        Their names are the keys of the result.
    base : str
        The key of the base account, which comes first; none is compiled if empty.

    Raises
    ------
    GepError
        All faults of all scenarios, before anything is computed.
    """
    listed = list(scenarios)
    faults, names = Faults(), [base, *(s.name for s in listed)]
    for name in dict.fromkeys(n for n in names if names.count(n) > 1):
        faults.add(f"{name!r} is the name of several", where="scenarios", expected="one name for each")
    for scenario in listed:
        try:
            scenario.apply(args)
        except GepError as error:
            for fault in error.faults:
                where = f"scenario {scenario.name}: {fault.where}".removesuffix(": ")
                faults.add(fault.what, where=where, expected=fault.expected, fix=fault.fix)
    faults.raise_as(TableError, "the scenarios cannot be")
    if not base:
        return {scenario.name: scenario.run(args) for scenario in listed}
    first = compile_account(**args)
    return {base: first} | {s.name: _beside(first, s, s.run(args)) for s in listed}


def _beside(first: Ledger, scenario: Scenario, ledger: Ledger) -> Ledger:
    """Say so where a scenario changes no value: it may have changed what nothing reads."""
    if scenario.changes and first.frame["value"].equals(ledger.frame["value"]):
        said = f"scenario {scenario.name}: no value differs from the base"
        ledger.meta = replace(ledger.meta, findings=[said, *ledger.meta.findings])
    return ledger


def _flat(changes: Iterable[Any]) -> Iterable[Step]:
    for change in changes:
        if isinstance(change, Convert | Reclass | Change | Coefficients):
            yield change
        elif isinstance(change, Iterable) and not isinstance(change, str | bytes):
            yield from _flat(change)
        else:
            raise unsupported(change)
