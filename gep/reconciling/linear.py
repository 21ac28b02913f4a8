"""Linear programs over what is not known: ends with witnesses, and what excludes what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from gep.errors import LedgerError
from gep.reconciling.constraints import Constraint

Vector = NDArray[np.float64]
_OPTIMAL, _INFEASIBLE, _UNBOUNDED = 0, 2, 3
#: The smallest that HiGHS takes; numbers are scaled to about one before.
_EXACT = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


@dataclass(frozen=True)
class Program:
    """All points that keep some constraints: ``low <= matrix @ point <= high``.

    Attributes
    ----------
    owner : array of int
        For each row, the position of the constraint it comes from.
    scale : float
        What unknowns are divided by before solving: the largest number that is stated.
    """

    names: tuple[str, ...]
    matrix: Vector
    low: Vector
    high: Vector
    owner: NDArray[np.int64]
    scale: float

    @classmethod
    def of(cls, constraints: Sequence[Constraint], names: Sequence[str]) -> Program:
        """Write constraints as rows of a matrix."""
        place = {name: i for i, name in enumerate(names)}
        rows = [(k, row) for k, one in enumerate(constraints) for row in one.rows()]
        matrix = np.zeros((len(rows), len(names)))
        for i, (_, (weights, _, _)) in enumerate(rows):
            for name, weight in weights.items():
                matrix[i, place[name]] = weight
        low = np.array([row[1] for _, row in rows], float)
        high = np.array([row[2] for _, row in rows], float)
        ends = np.abs(np.concatenate([low, high]))
        scale = float(max(ends[np.isfinite(ends)], default=0.0)) or 1.0
        owner = np.array([k for k, _ in rows], np.int64)
        return cls(tuple(names), matrix, low / scale, high / scale, owner, scale)

    def vector(self, weights: Mapping[str, float]) -> Vector:
        """Return weights by name as a vector."""
        unknown = [name for name in weights if name not in self.names]
        if unknown:
            raise LedgerError(
                f"nothing is said of {', '.join(unknown)}", expected=f"one of {', '.join(self.names[:20])}"
            )
        return np.array([weights.get(name, 0.0) for name in self.names], float)

    def least(self, weights: Vector) -> tuple[float, Vector | None]:
        """Return the least of a weighted sum and a point that has it; -inf and None without an end."""
        result = self._solve(weights, self._sides)
        if result.status == _OPTIMAL:
            point = np.asarray(result.x, float) * self.scale
            return float(weights @ point), point
        return -np.inf, None

    @cached_property
    def feasible(self) -> bool:
        """Whether there is any point."""
        return self.holds(np.ones(len(self.owner), bool))

    def holds(self, kept: NDArray[np.bool_]) -> bool:
        """Tell whether there is a point that keeps some of the rows."""
        sides = _sides(self.matrix[kept], self.low[kept], self.high[kept])
        return bool(self._solve(np.zeros(len(self.names)), sides).status == _OPTIMAL)

    def conflict(self, order: Sequence[int]) -> list[int]:
        """Return constraints of which none can be left out without the rest being possible.

        A deletion filter: each is left out in turn, and for good where the rest is impossible still.
        What comes first in ``order`` is spared first.
        """
        kept = np.ones(len(self.owner), bool)
        for one in order:
            fewer = kept & (self.owner != one)
            if not self.holds(fewer):
                kept = fewer
        return sorted({int(k) for k in self.owner[kept]})

    def shortfall(self, among: Sequence[int]) -> float:
        """Return by how much, in all, the rows of some constraints must give way (an elastic program)."""
        kept = np.isin(self.owner, among)
        rows = int(kept.sum())
        slack = np.eye(rows)
        above = np.hstack([self.matrix[kept], -slack])
        below = np.hstack([-self.matrix[kept], -slack])
        a = np.vstack([above, below])
        b = np.concatenate([self.high[kept], -self.low[kept]])
        finite = np.isfinite(b)
        n = len(self.names)
        costs = np.concatenate([np.zeros(n), np.ones(rows)])
        ends = [(None, None)] * n + [(0, None)] * rows
        result = solved(costs, A_ub=a[finite], b_ub=b[finite], bounds=ends)
        return float(result.fun) * self.scale

    @cached_property
    def _sides(self) -> dict[str, Vector]:
        return _sides(self.matrix, self.low, self.high)

    def _solve(self, weights: Vector, sides: dict[str, Vector]) -> Any:
        """Solve once, and again without presolve where presolve cannot tell 'no end' from 'no point'."""
        result: Any = None
        for presolve in (True, False):
            result = solved(weights, presolve=presolve, bounds=(None, None), **sides)
            if result.status in (_OPTIMAL, _INFEASIBLE, _UNBOUNDED):
                return result
        raise LedgerError(
            f"the linear program was not solved: {result.message}",
            fix="look for constraints that differ in size by many powers of ten",
        )


def solved(costs: Any, *, presolve: bool = True, method: Any = "highs", **sides: Any) -> Any:
    """Solve a linear program with HiGHS, as exactly as it can."""
    options: Any = {**_EXACT, "presolve": presolve}
    return linprog(costs, method=method, options=options, **sides)


def _sides(matrix: Vector, low: Vector, high: Vector) -> dict[str, Vector]:
    """Return rows as equations and as inequalities of one side."""
    same = low == high
    up, down = np.isfinite(high) & ~same, np.isfinite(low) & ~same
    return {
        "A_ub": np.vstack([matrix[up], -matrix[down]]),
        "b_ub": np.concatenate([high[up], -low[down]]),
        "A_eq": matrix[same],
        "b_eq": high[same],
    }
