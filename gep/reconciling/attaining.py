"""Whether a pattern of cells can hold given margins, and which rows and columns cannot."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gep.auditing.rounding import number
from gep.errors import DoesNotAddUp
from gep.reconciling.linear import Vector, solved

Mask = NDArray[np.bool_]
#: Part of the grand total below which a flow is none.
_NONE = 1e-9


def forced_zeros(
    pattern: Mask, rows: Vector, columns: Vector, names: tuple[Sequence[str], Sequence[str]]
) -> Mask:
    """Return the cells of a pattern that every matrix with these margins has at zero.

    The largest flow from rows to columns through the pattern either fills all margins, or its least
    cut names the rows that have too few columns. A cell without flow can have some only on a cycle,
    that is within one strongly connected component of the flow's residual graph.

    Raises
    ------
    DoesNotAddUp
        No matrix with amounts at or above zero has this pattern and these margins.
    """
    if pattern.all():
        return np.zeros_like(pattern)
    total = float(rows.sum()) or 1.0
    i, j = np.nonzero(pattern)
    count, (n, m) = len(i), pattern.shape
    cell = np.arange(count)
    ones = np.ones(2 * count)
    sums = coo_array((ones, (np.concatenate([i, n + j]), np.concatenate([cell, cell]))), (n + m, count))
    limits = np.concatenate([rows, columns]) / total
    result = solved(-np.ones(count), A_ub=sums, b_ub=limits, method="highs-ds")
    if -result.fun < 1.0 - _NONE:
        cut = -np.asarray(result.ineqlin.marginals) > 0.5
        raise _unattainable(~cut[:n], cut[n:], rows, columns, names)
    flow = np.asarray(result.x) > _NONE
    ends = np.concatenate([n + j, i[flow]])
    starts = np.concatenate([i, n + j[flow]])
    graph = coo_array((np.ones(len(starts)), (starts, ends)), (n + m, n + m))
    _, part = connected_components(graph, directed=True, connection="strong")
    forced = np.zeros_like(pattern)
    forced[i, j] = ~flow & (part[i] != part[n + j])
    return forced


def _unattainable(
    short: Mask, full: Mask, rows: Vector, columns: Vector, names: tuple[Sequence[str], Sequence[str]]
) -> DoesNotAddUp:
    wanted, room = float(rows[short].sum()), float(columns[full].sum())
    left = ", ".join(name for name, bad in zip(names[0], short, strict=True) if bad)
    right = ", ".join(name for name, bad in zip(names[1], full, strict=True) if bad) or "no column"
    return DoesNotAddUp(
        f"the zeros leave the rows {left} only the columns {right}: {number(wanted)} must go into "
        f"{number(room)}, {number(wanted - room)} too much",
        where="balance",
        expected="margins that the cells above zero can hold",
        fix="mend a margin, or give a cell of these rows in another column an amount above zero",
    )


def refuse_parts(
    pattern: Mask, rows: Vector, columns: Vector, names: tuple[Sequence[str], Sequence[str]]
) -> None:
    """Refuse margins that differ within a block of rows and columns that no free cell joins to others."""
    n, m = pattern.shape
    i, j = np.nonzero(pattern)
    _, part = connected_components(coo_array((np.ones(len(i)), (i, n + j)), (n + m, n + m)), directed=False)
    found = []
    for block in np.unique(part):
        inside = part == block
        across, down = float(rows[inside[:n]].sum()), float(columns[inside[n:]].sum())
        if abs(across - down) > _NONE * float(np.abs(rows).sum() or 1.0):
            listed = [name for name, here in zip([*names[0], *names[1]], inside, strict=True) if here]
            found.append(f"{', '.join(listed)}: rows {number(across)}, columns {number(down)}")
    if found:
        raise DoesNotAddUp(
            f"what may change cannot hold the margins: {'; '.join(found)}", where="balance",
            expected="equal totals within each block of cells that may change",
        )  # fmt: skip
