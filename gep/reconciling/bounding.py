"""What published figures imply for what is not published: intervals, witnesses, contradictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from gep.auditing.rounding import Interval, number
from gep.errors import LedgerError
from gep.reconciling.constraints import Constraint, combination, not_negative
from gep.reconciling.entropy import maximum_entropy
from gep.reconciling.linear import Program, Vector
from gep.reconciling.statements import statements

#: Part of the size of the figures that floating point explains.
_CLOSE = 1e-8
_WORDS = {
    "en": ("{} unknowns, {} constraints: ", "possible", "IMPOSSIBLE",
           "these exclude each other; in all they miss by {} {}:", "assumed: {}", "no sign is assumed",
           "from {} to {} {}"),
    "zh": ("{} 个未知量，{} 个约束：", "可行", "不可行", "以下约束互相矛盾，合计相差 {} {}：",
           "假定：{}", "未假定正负", "{} 至 {} {}"),
}  # fmt: skip


@dataclass(frozen=True)
class Bounds:
    """All values that unknowns can have under some constraints; made by :func:`gep.bounds`.

    Attributes
    ----------
    names : tuple of str
        The unknowns.
    constraints : tuple of Constraint
        What is stated, and what is assumed (``assumed``).
    unit : str
        Unit of the unknowns.
    """

    names: tuple[str, ...]
    constraints: tuple[Constraint, ...]
    unit: str = ""

    @property
    def feasible(self) -> bool:
        """Whether the constraints leave any point."""
        return self._program.feasible

    @property
    def assumptions(self) -> tuple[Constraint, ...]:
        """What is assumed beside what is stated."""
        return tuple(c for c in self.constraints if c.assumed)

    @cached_property
    def conflict(self) -> tuple[Constraint, ...]:
        """Constraints that exclude each other, none of them needless; empty where all is possible.

        Assumptions are in it only where what is stated is possible without them.
        """
        if self.feasible:
            return ()
        order = sorted(range(len(self.constraints)), key=lambda k: not self.constraints[k].assumed)
        return tuple(self.constraints[k] for k in self._program.conflict(order))

    @property
    def shortfall(self) -> float:
        """By how much the constraints in conflict miss each other in all; zero where all is possible."""
        return (
            self._program.shortfall([self.constraints.index(c) for c in self.conflict])
            if self.conflict
            else 0.0
        )

    def interval(self, what: str | Mapping[str, float]) -> Interval:
        """Return the least and the greatest value of an unknown, or of a weighted sum of unknowns.

        Examples
        --------
        >>> made = bounds([Constraint.printed(["a", "b"], "10")], nonnegative=True)
        >>> made.interval("a"), made.interval({"a": 1, "b": -1}).high
        (Interval(low=0.0, high=10.5), 10.5)
        """
        (low, _), (high, _) = self._ends(what)
        return Interval(low, high)

    def witness(self, what: str | Mapping[str, float], end: Literal["low", "high"]) -> pd.Series[float]:
        """Return a point that keeps all constraints and has the least or the greatest value.

        Parameters
        ----------
        what : str or mapping of str to float
            A figure, or weights of several.
        end : {"low", "high"}
            Least or greatest.

        Raises
        ------
        LedgerError
            There is no such end.
        """
        value, point = self._ends(what)[end == "high"]
        if point is None:
            raise LedgerError(
                f"no {end} end: the constraints allow {value}", where=str(what),
                fix="state a bound, or nonnegative=True",
            )  # fmt: skip
        return pd.Series(point, index=list(self.names), name="value")

    def contains(self, point: Mapping[str, float] | pd.Series[float]) -> bool:
        """Tell whether a point keeps all constraints, as far as floating point can tell."""
        return not self.broken(point)

    def broken(self, point: Mapping[str, float] | pd.Series[float]) -> tuple[Constraint, ...]:
        """Return the constraints that a point breaks.

        Raises
        ------
        LedgerError
            The point has no value for an unknown.
        """
        values = {str(k): float(v) for k, v in point.items()}
        lacking = [n for n in self.names if not np.isfinite(values.get(n, np.nan))]
        if lacking:
            raise LedgerError(f"no value for {', '.join(lacking)}", expected="one for each unknown")
        slack = _CLOSE * max(self._program.scale, *map(abs, values.values()))
        return tuple(c for c in self.constraints if c.excess(values) > slack)

    @cached_property
    def table(self) -> pd.DataFrame:
        """The interval of each unknown; ``low`` and ``high`` are in :attr:`unit`."""
        ends = [self.interval(name) for name in self.names]
        table = pd.DataFrame(
            {"low": [i.low for i in ends], "high": [i.high for i in ends]},
            index=pd.Index(self.names, name="name"),
        )
        table.attrs["units"] = self.unit
        return table

    def max_entropy(self, prior: Mapping[str, float] | Literal["uniform"] = "uniform") -> pd.DataFrame:
        """Return the shares of maximum entropy relative to a prior that keep all constraints.

        The total is put at the centre of its interval. An estimate: it says what follows if nothing
        but the prior and the constraints is known, and is marked ``estimated``.

        Parameters
        ----------
        prior : mapping or "uniform"
            Weights by name, such as area or population.

        Returns
        -------
        DataFrame
            ``value, low, high, status`` by name; ``attrs`` names prior, total and unit.

        References
        ----------
        jaynes-1957: Jaynes E. T. 1957, Information theory and statistical mechanics, Phys. Rev. 106, 620.
        """
        total = self.interval(dict.fromkeys(self.names, 1.0))
        least = -_CLOSE * self._program.scale
        negative = [str(name) for name, low in self.table["low"].items() if low < least]
        if negative or not np.isfinite(total.high):
            raise LedgerError(
                f"entropy needs amounts not below zero with a total: {', '.join(negative) or total}",
                fix="nonnegative=True, and a constraint on the total",
            )
        weights = dict.fromkeys(self.names, 1.0) if prior == "uniform" else dict(prior)
        weighed = self._program.vector({n: float(w) for n, w in weights.items()})
        starts = [self.witness(name, end) for name in self.names for end in ("low", "high")]
        inside = np.mean([s.to_numpy() for s in starts], axis=0)
        values = maximum_entropy(self._program, weighed, total.mid, inside, self.table["high"].to_numpy())
        made = self.table.assign(value=values, status="estimated")[["value", "low", "high", "status"]]
        made.attrs = {
            "units": self.unit, "total": total.mid, "prior": "uniform" if prior == "uniform" else weights,
            "method": "maximum entropy relative to the prior",
        }  # fmt: skip
        return made

    def report(self, lang: Literal["en", "zh"] = "en") -> str:
        """Return what is possible, or what excludes what, as text."""
        head, yes, no, clash, assumed, unsigned, line = _WORDS[lang]
        lines = [head.format(len(self.names), len(self.constraints)) + (yes if self.feasible else no)]
        notes = dict.fromkeys(c.note for c in self.assumptions)
        lines += [assumed.format(note) for note in notes] or [unsigned]
        if not self.feasible:
            lines += [clash.format(number(self.shortfall), self.unit)]
            return "\n".join([*lines, *(f"  {c}" for c in self.conflict)])
        width = max(map(len, self.names))
        for name, low, high in self.table.itertuples():
            lines.append(f"  {name:<{width}}  {line.format(number(low), number(high), self.unit)}".rstrip())
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.report()

    @cached_property
    def _program(self) -> Program:
        return Program.of(self.constraints, self.names)

    def _ends(self, what: str | Mapping[str, float]) -> list[tuple[float, Vector | None]]:
        weights = self._program.vector(combination(what))
        if not self.feasible:
            listed = "; ".join(map(str, self.conflict))
            raise LedgerError(
                f"nothing is possible: {listed}", where=str(what), fix="see .conflict; one of them is not so"
            )
        low, at_low = self._program.least(weights)
        high, at_high = self._program.least(-weights)
        return [(low + 0.0, at_low), (-high + 0.0, at_high)]


def bounds(
    published: str | Path | pd.DataFrame | Sequence[Constraint],
    *,
    nonnegative: bool = False,
    complete: bool = True,
    unit: str = "",
) -> Bounds:
    """Return what printed figures imply for figures that are not printed, by linear programming.

    Parameters
    ----------
    published : path, DataFrame or sequence of Constraint
        A published account with places known by bounds, values or the share of a group; or the
        constraints themselves.
    nonnegative : bool
        Assume that no unknown lies below zero. Nothing is assumed unless asked for.
    complete : bool
        For an account: the places that it names make up the region.
    unit : str
        Unit of the unknowns; that of the total for an account.

    Returns
    -------
    Bounds

    Examples
    --------
    >>> made = bounds([
    ...     Constraint.printed(["north", "south"], "103.07"),
    ...     Constraint.printed(["north"], "93%", of=["north", "south"]),
    ... ])
    >>> made.interval("south").low.__round__(3), made.feasible
    (6.699, True)
    >>> wrong = bounds([*made.constraints, Constraint(("south",), high=5.0, note="page 9")])
    >>> len(wrong.conflict), wrong.shortfall > 1.0
    (3, True)
    """
    if isinstance(published, str | Path | pd.DataFrame):
        said = statements(published, complete=complete)
        stated, unit = said.constraints, unit or said.unit
    else:
        stated = tuple(published)
    names = tuple(dict.fromkeys(name for one in stated for name in one.unknowns))
    if not names:
        raise LedgerError("no constraint", where="bounds", expected="at least one Constraint")
    assumed = not_negative(names, "no unknown lies below zero") if nonnegative else ()
    return Bounds(names, (*stated, *assumed), unit)
