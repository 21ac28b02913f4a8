"""An account that is compiled again with some numbers moved, and nothing computed twice."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from gep.account.again import again
from gep.account.compile import finish, prepare
from gep.account.evaluate import Evaluator
from gep.account.lines import Compiler
from gep.coefficients import CoefficientTable
from gep.errors import GepError, LedgerError
from gep.inputs import GridInput, Inputs
from gep.ledger import Ledger
from gep.ledger.parts import KEYS
from gep.profiles import Profile
from gep.uncertainty.ranges import Factor
from gep.uncertainty.terms import Numbers
from gep.zones import Zones


class Account:
    """A compiled account, and the values of its rows after some numbers are moved.

    Only services whose provenance names a moved number are compiled again, and of their steps only
    those that rest on it: sums over grids that it does not touch are kept.
    """

    def __init__(
        self, profile: Profile, inputs: Inputs, zones: Zones, year: int, options: Mapping[str, Any]
    ) -> None:
        given = dict(options)
        self.year = year
        self.allocate: dict[str, str] = dict(given.pop("allocate", None) or {})
        empty, checkpoint = given.pop("allow_empty", ()), given.pop("checkpoint", None)
        prepared = prepare(profile, inputs, zones, year, **given)
        self.ledger: Ledger = finish(prepared, year, self.allocate, empty, checkpoint)
        self.evaluator: Evaluator = prepared.ready()
        self.best: Numbers = self.ledger.frame["value"].to_numpy(float)
        self._keys = pd.MultiIndex.from_frame(self.ledger.frame[list(KEYS)])

    def moved(self, moves: Mapping[Factor, float]) -> Numbers:
        """Return the values of the ledger's rows with numbers at other values.

        Raises
        ------
        GepError
            The account cannot be computed there, or a row that has a value has none there.
        """
        where = ", ".join(f"{factor.name} = {value:g}" for factor, value in moves.items())
        services = self._services(moves)
        if not services:
            return self.best
        try:
            frame = self._frame(moves, services)
        except GepError as error:
            what = "the account cannot be compiled within the ranges given"
            raise type(error).many(what, error.faults, where=where) from error
        found = frame.set_index(list(KEYS))["value"]
        values = self.best.copy()
        hit = self.ledger.frame["service"].isin(services).to_numpy()
        # rows that a compiled account leaves out lie where there is nothing: they are zero
        values[hit] = found.reindex(self._keys[hit], fill_value=0.0).to_numpy(float)
        lost = np.isnan(values) & ~np.isnan(self.best)
        if lost.any():
            row = self.ledger.frame.loc[lost].iloc[0]
            raise LedgerError(
                f"{int(lost.sum())} rows that have a value have none, first {row['zone']} / {row['service']}",
                where=where, expected="a range within which every row can be computed",
            )  # fmt: skip
        return values

    def _services(self, moves: Mapping[Factor, float]) -> list[str]:
        names = {f.name for f in moves} | {input_name(f) for f in moves}
        runs = self.ledger.meta.runs.items()
        touched = [run for run, said in runs if names & {*said["coefficients"], *said["inputs"]}]
        return list(dict.fromkeys(run.partition(".")[0] for run in touched))

    def _frame(self, moves: Mapping[Factor, float], services: list[str]) -> pd.DataFrame:
        base = self.evaluator
        wanted = {c: replace(s, include=c in services) for c, s in base.profile.services.items()}
        evaluator = again(
            base,
            replace(base.profile, services=wanted),
            _scaled(base.inputs, moves),
            _replaced(base.table, moves),
            {f.name for f in moves} | {input_name(f) for f in moves},
        )
        allocate = {s: key for s, key in self.allocate.items() if s in services}
        return Compiler(evaluator, self.year, allocate).rows(set(services))


def input_name(factor: Factor) -> str:
    """Return the name of the input that a factor multiplies, or an empty text."""
    return factor.name.removeprefix("input:").partition("/")[0] if factor.kind == "input" else ""


def _replaced(table: CoefficientTable, moves: Mapping[Factor, float]) -> CoefficientTable:
    values = {f.name: value for f, value in moves.items() if f.kind == "coefficient"}
    rows = [replace(row, value=values[row.id]) if row.id in values else row for row in table.rows]
    return CoefficientTable(rows, table.sources)


def _scaled(inputs: Inputs, moves: Mapping[Factor, float]) -> Inputs:
    """Return inputs of which some are multiplied; what is not is shared."""
    made = copy.copy(inputs)
    made.grids, made.rows = dict(inputs.grids), inputs.rows.copy()
    for factor, number in moves.items():
        name = input_name(factor)
        if not name:
            continue
        grid = inputs.grids.get(name)
        if grid is not None:
            data = (grid.data * number).assign_attrs(grid.data.attrs)
            made.grids[name] = GridInput(data, grid.status, grid.source)
        item = factor.name.partition("/")[2]
        hit = (made.rows["variable"] == name) & ((made.rows["item"] == item) if item else True)
        if grid is None and not hit.any():
            raise LedgerError(f"input {name!r} has no rows of item {item!r}", where=factor.name)
        made.rows.loc[hit, "value"] = [value * number for value in made.rows.loc[hit, "value"]]
    return made
