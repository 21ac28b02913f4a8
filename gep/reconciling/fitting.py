"""The two ways to fit a matrix to its margins: by factors of rows and columns, by least squares."""

from __future__ import annotations

import numpy as np
from scipy.linalg import lstsq

from gep.errors import DoesNotAddUp
from gep.reconciling.linear import Vector

_HALVINGS = 60


def departure(matrix: Vector, rows: Vector, columns: Vector) -> float:
    """Return the largest gap between a sum and its margin, relative to the margin (or to the total)."""
    total = max(float(np.abs(rows).sum()), float(np.abs(columns).sum())) or 1.0
    gaps = [
        np.abs(sums - wanted) / np.where(wanted == 0.0, total, np.abs(wanted))
        for sums, wanted in ((matrix.sum(1), rows), (matrix.sum(0), columns))
    ]
    return float(max(g.max(initial=0.0) for g in gaps))


def ras(matrix: Vector, rows: Vector, columns: Vector, *, tolerance: float, limit: int) -> tuple[Vector, int]:
    """Fit by factors of rows and of columns in turn; return the matrix and the rounds it took.

    References
    ----------
    deming-stephan-1940: Deming W. E., Stephan F. F. 1940, Annals of Mathematical Statistics 11, 427-444.
    bacharach-1965: Bacharach M. 1965, International Economic Review 6, 294-310.
    """
    made = matrix.copy()
    for step in range(limit + 1):
        if departure(made, rows, columns) <= tolerance:
            return made, step
        made *= _ratio(rows, made.sum(1))[:, None]
        made *= _ratio(columns, made.sum(0))
    raise _slow(limit, departure(made, rows, columns))


def _ratio(wanted: Vector, sums: Vector) -> Vector:
    """Return the factors that bring sums to margins; what has no sum has no factor."""
    return np.divide(wanted, sums, out=np.zeros_like(wanted), where=sums != 0.0)


def least_squares(
    matrix: Vector,
    rows: Vector,
    columns: Vector,
    give: Vector,
    *,
    tolerance: float,
    limit: int,
    nonnegative: bool,
) -> tuple[Vector, int]:
    """Return the matrix with these margins that departs least, in squares divided by ``give``.

    It is ``matrix + give x (a + b)`` with one number ``a`` a row and ``b`` a column, cut off at zero
    where asked for; ``a`` and ``b`` are found by Newton's method on the dual problem.

    Parameters
    ----------
    give : array
        One over the weight of each cell; zero where it stays as it is.

    References
    ----------
    stone-1942: Stone R., Champernowne D. G., Meade J. E. 1942, Review of Economic Studies 9, 111-125.
    """
    pull = np.zeros(sum(matrix.shape))
    for step in range(limit + 1):
        made = _moved(matrix, give, pull, nonnegative=nonnegative)
        if departure(made, rows, columns) <= tolerance:
            return made, step
        gap = np.concatenate([rows - made.sum(1), columns - made.sum(0)])
        free = np.where(made > 0.0, give, 0.0) if nonnegative else give
        way = _newton(free, gap)
        pull = _step(matrix, rows, columns, give, pull, way, gap) if nonnegative else pull + way
    raise _slow(limit, departure(made, rows, columns))


def _moved(matrix: Vector, give: Vector, pull: Vector, *, nonnegative: bool) -> Vector:
    n = matrix.shape[0]
    made = matrix + give * (pull[:n, None] + pull[n:])
    return np.where(give > 0.0, np.maximum(made, 0.0), made) if nonnegative else made


def _newton(give: Vector, gap: Vector) -> Vector:
    """Return the change of row and column numbers that would close the gaps if no cell were cut off."""
    system = np.block([[np.diag(give.sum(1)), give], [give.T, np.diag(give.sum(0))]])
    way = np.asarray(lstsq(system, gap)[0])
    left = gap - system @ way
    # rows without a free cell are out of Newton's reach: there the way is the gap itself
    scale = float(system.diagonal().mean()) or 1.0
    return np.asarray(way + left / scale)


def _step(
    matrix: Vector, rows: Vector, columns: Vector, give: Vector, pull: Vector, way: Vector, gap: Vector
) -> Vector:
    """Go along ``way`` as far as the dual objective falls enough (Armijo)."""
    wanted = np.concatenate([rows, columns])
    free = give > 0.0

    def height(at: Vector) -> float:
        made = _moved(matrix, give, at, nonnegative=True)[free]
        return float((made**2 / (2.0 * give[free])).sum() - wanted @ at)

    start, slope = height(pull), float(gap @ way)
    size = 1.0
    for _ in range(_HALVINGS):
        if height(pull + size * way) <= start - 1e-4 * size * slope:
            break
        size /= 2.0
    return pull + size * way


def _slow(limit: int, gap: float) -> DoesNotAddUp:
    return DoesNotAddUp(
        f"after {limit} rounds a sum departs from its margin by {gap:.3g} of it still",
        where="balance",
        expected="margins met",
        fix="raise limit=, or look for margins that all but contradict the zeros",
    )
