"""The estimate of maximum entropy inside linear constraints."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import qr
from scipy.optimize import LinearConstraint, minimize

from gep.errors import LedgerError
from gep.reconciling.linear import Program, Vector

#: Below this part of the total a share counts as zero.
_NOTHING = 1e-12


def maximum_entropy(program: Program, prior: Vector, total: float, start: Vector, highest: Vector) -> Vector:
    """Return the amounts whose shares are nearest to a prior in the sense of relative entropy.

    Parameters
    ----------
    program : Program
        The constraints.
    prior : array
        Weights, not below zero; a weight of zero keeps its unknown at zero.
    total : float
        Sum of the amounts.
    start : array
        A point inside the constraints, for the search to begin at.
    highest : array
        The greatest value of each unknown; one that can only be zero is zero.
    """
    if not np.isfinite(prior).all() or (prior < 0).any() or not prior.sum() > 0:
        raise LedgerError("the prior has weights below zero or none above", expected="weights by name, >= 0")
    free = (highest > _NOTHING * abs(total)) & (prior > 0)
    if not free.any() or not total > 0:
        return np.zeros(len(prior))
    shares = prior[free] / prior[free].sum()
    search: Any = {
        "jac": lambda s: np.log(s / shares) + 1.0,
        "bounds": [(_NOTHING, None)] * int(free.sum()),
        "constraints": _constraints(program, free, total),
        "options": {"ftol": 1e-15, "maxiter": 1000},
    }
    begin = np.maximum(start[free] / start[free].sum(), _NOTHING)
    distance: Any = lambda s: float(np.sum(s * np.log(s / shares)))  # noqa: E731 - typed for scipy's stubs
    result: Any = minimize(distance, begin, method="SLSQP", **search)
    amounts = np.zeros(len(prior))
    amounts[free] = result.x * total
    if not _kept(program, amounts):
        raise LedgerError(
            f"no estimate inside the constraints was found ({result.message})",
            fix="give a prior above zero for every unknown that must be above zero",
        )
    return amounts


def _constraints(program: Program, free: NDArray[np.bool_], total: float) -> list[LinearConstraint]:
    """Return the rows in shares of the total; equations that say the same are left out once."""
    matrix, size = program.matrix[:, free], program.scale / total
    low, high = program.low * size, program.high * size
    same = low == high
    equations = np.vstack([np.ones((1, matrix.shape[1])), matrix[same]])
    right = np.concatenate([[1.0], low[same]])
    chosen = _independent(equations)
    found = [LinearConstraint(equations[chosen], right[chosen], right[chosen])]
    if (~same).any():
        found.append(LinearConstraint(matrix[~same], low[~same], high[~same]))
    return found


def _independent(rows: Vector) -> list[int]:
    """Return rows that do not depend on each other, as many as there are."""
    _, upper, order = qr(rows.T, mode="economic", pivoting=True)
    size = np.abs(np.diag(upper))
    return sorted(int(i) for i in order[: int((size > 1e-10 * size[0]).sum())])


def _kept(program: Program, amounts: Vector) -> bool:
    value = program.matrix @ amounts / program.scale
    slack = 1e-8 * max(1.0, float(np.abs(amounts).max()) / program.scale)
    return bool((value >= program.low - slack).all() and (value <= program.high + slack).all())
