"""Adding up float32 fields by run: nothing is cut, and nothing rounded, not even value x area.

Most float32 values of a field are integers once they are scaled by one power of two, so that the sum
of a run is an integer as well. All cells of a run lie in one row and are alike in area; so the run is
multiplied once, integer by integer, into a sum of 128 bits.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gep.grid.adding import BITS, FEW, ROOM, SAMPLE, TILE, largest
from gep.grid.exact import ExactSums
from gep.grid.lanes import LANES, sum_float32
from gep.grid.runs import Runs
from gep.grid.simd import add_product

_SIGN = np.uint32(0x7FFFFFFF)


class Whole:
    """Adds up the cells of float32 fields that are integers once scaled, times the area of their row.

    Parameters
    ----------
    runs : Runs
    cols : int
        Cells in a row of equal area.
    area : ndarray of int64, shape (rows,)
        Below 2**63; multiples of ``2**exponent``.
    live : ndarray of bool, shape (pairs,)
        Pairs that count; what the sums of others hold means nothing.
    """

    def __init__(
        self, runs: Runs, cols: int, area: NDArray[np.int64], exponent: int, live: NDArray[np.bool_]
    ) -> None:
        self.runs, self.cols, self.area, self.exponent, self.live = runs, cols, area, exponent, live
        self.table = np.zeros((runs.pairs.size, 2), np.int64)
        self.scale = 0

    def add(self, values: NDArray[np.float32]) -> NDArray[np.int32]:
        """Add what can be added; return first and end of the spans of cells that are left."""
        runs = self.runs
        top = largest(values, 0, runs.starts, runs.ids, self.live, 0, SAMPLE)
        self.scale = BITS - ROOM - int(np.frexp(top)[1])
        # float32 between these are integers once scaled, and not too large
        edges = np.clip([23 - self.scale, BITS - self.scale], -126, 128).astype(np.int32)
        with np.errstate(over="ignore"):
            bounds = np.ldexp(np.float32(1), edges).astype(np.float32).view(np.uint32)
        spans, left = np.empty((runs.ids.size + 1, 2), np.int32), 0
        given, kept = (bounds, np.ldexp(1.0, self.scale)), (self.cols, self.area, self.table, spans)
        if runs.single:
            few = len(self.table) * FEW < self.cols
            return spans[: _add_single(values, values.view(np.uint32), *given, runs.ids, few, *kept)]
        # runs that end so near the end of the block that there is nothing to read behind them
        last = int(np.searchsorted(runs.starts[1:], np.int32(values.size - LANES), "right"))
        behind = np.concatenate([values[runs.starts[last] :], np.zeros(LANES, np.float32)])
        for part, place, some in (values, 0, (0, last)), (behind, runs.starts[last], (last, runs.ids.size)):
            left = _add_runs(part, int(place), *given, runs.starts, runs.ids, self.live, *some, *kept, left)
        return spans[:left]

    def total(self) -> ExactSums:
        """Return the sums of all that was added."""
        sums, power = ExactSums.zeros(len(self.table)), self.exponent - self.scale
        low = self.table[:, 0].view(np.uint64)
        sums.add((low & np.uint64(0xFFFFFFFF)).astype(np.int64), power)
        sums.add((low >> np.uint64(32)).astype(np.int64), power + 32)
        sums.add(self.table[:, 1], power + 64)
        return sums


@njit(nogil=True, cache=True)
def _add_runs(
    values: Any,
    offset: int,
    bounds: Any,
    scale: float,
    starts: Any,
    ids: Any,
    live: Any,
    first: int,
    stop: int,
    cols: int,
    area: Any,
    table: Any,
    spans: Any,
    left: int,
) -> int:
    """Add runs ``first`` to ``stop`` whose values are integers once scaled; return how many spans are left.

    ``values`` hold the cells from ``offset`` on and some more, ``bounds`` the bits of the least value that
    is an integer and of the first too large. What is left is written to ``spans``, first and end.
    """
    row = starts[first] // cols
    edge = (row + 1) * cols
    for run in range(np.uint64(first), np.uint64(stop)):
        pair, place, end = np.uint64(ids[run]), np.intp(starts[run]), np.intp(starts[run + np.uint64(1)])
        while edge <= place:
            row += 1
            edge += cols
        if live[pair]:
            total, least, most = sum_float32(values, place - offset, end - offset)
            if (least >= bounds[0] - np.uint32(1)) & (most < bounds[1]):
                add_product(table, pair, np.int64(total * scale), area[row])
            else:
                left = _leave(spans, left, place, end)
    return left


@njit(nogil=True, cache=True)
def _add_single(
    values: Any,
    bits: Any,
    bounds: Any,
    scale: float,
    ids: Any,
    few: bool,
    cols: int,
    area: Any,
    table: Any,
    spans: Any,
) -> int:
    """Do as :func:`_add_runs` where each cell is a run; few pairs are added by row first."""
    sums = np.zeros((2, table.shape[0] if few else 0), np.int64)
    left = 0
    for row in range(values.size // cols):
        for place in range(row * cols, (row + 1) * cols, TILE):
            stop = min(place + TILE, (row + 1) * cols)
            exact = _exact(bits, bounds, place, stop)
            if exact and few:
                for i in range(np.uint64(place), np.uint64(stop)):
                    # in turns, because a processor waits for what it has just written
                    sums[i & np.uint64(1), np.uint64(ids[i])] += np.int64(float(values[i]) * scale)
            elif exact:
                for i in range(np.uint64(place), np.uint64(stop)):
                    add_product(table, np.uint64(ids[i]), np.int64(float(values[i]) * scale), area[row])
            else:
                left = _leave(spans, left, place, stop)
        for pair in range(sums.shape[1]):
            add_product(table, np.uint64(pair), sums[0, pair] + sums[1, pair], area[row])
            sums[0, pair] = sums[1, pair] = 0
    return left


@njit(nogil=True, cache=True)
def _exact(bits: Any, bounds: Any, first: int, stop: int) -> bool:
    """Tell whether all values of these bits, scaled, are integers."""
    small, large = np.uint32(0xFFFFFFFF), np.uint32(0)
    for i in range(np.uint64(first), np.uint64(stop)):
        size = bits[i] & _SIGN
        large = max(large, size)
        # zero becomes the largest of all numbers, and so is not too small
        small = min(small, np.uint32(size - np.uint32(1)))
    return bool((small >= bounds[0] - np.uint32(1)) & (large < bounds[1]))


@njit(nogil=True, cache=True)
def _leave(spans: Any, left: int, first: int, stop: int) -> int:
    """Write down a span that is left, or make the last one longer; return how many there are."""
    if left and spans[left - 1, 1] == first:
        spans[left - 1, 1] = stop
        return left
    spans[left, 0], spans[left, 1] = first, stop
    return left + 1
