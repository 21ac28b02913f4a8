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

from gep.grid.adding import BITS, FEW, LONG, ROOM, SAMPLE, TILE, largest
from gep.grid.exact import ExactSums
from gep.grid.runs import Runs
from gep.grid.simd import add_product, plus

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
        spans = np.empty((runs.ids.size + values.size // TILE + 1, 2), np.int32)
        given = values, values.view(np.uint32), bounds, np.ldexp(1.0, self.scale)
        if runs.single:
            few = len(self.table) * FEW < self.cols
            left = _add_single(*given, runs.ids, self.cols, self.area, few, self.table, spans)
        else:
            by_run = runs.starts, runs.ids, self.live, self.cols, self.area
            left = _add_runs(*given, *by_run, self.table, spans)
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
    bits: Any,
    bounds: Any,
    scale: float,
    starts: Any,
    ids: Any,
    live: Any,
    cols: int,
    area: Any,
    table: Any,
    spans: Any,
) -> int:
    """Add runs of values that are integers once scaled; return how many spans are left.

    ``bits`` are those of ``values``, ``bounds`` the least of them that are integers and the first too
    large. What is left is written to ``spans``, first and end.
    """
    whole = np.empty(TILE, np.int64)
    left, last, place, run, row, edge = 0, -1, 0, 0, 0, cols
    while place < values.size:
        while edge <= place:
            row += 1
            edge += cols
        pair, end = np.uint64(ids[run]), np.intp(starts[run + 1])
        if end >= min(place + LONG, values.size):
            stop = min(place + TILE, end)
            exact = not live[pair]
            if not exact:
                total, exact = _sum(values, bits, bounds, place, stop)
                if exact:
                    add_product(table, pair, np.int64(total * scale), area[row])
            run += stop == end
        else:
            stop = min(place + TILE, values.size)
            exact = _integers(values, bits, bounds, scale, place, stop, whole)
            run = _scatter(starts, ids, cols, area, table, whole, place, stop, run, row, exact)
        if not exact:
            if place != last:
                spans[left, 0] = place
                left += 1
            spans[left - 1, 1] = stop
            last = stop
        place = stop
    return left


@njit(nogil=True, cache=True)
def _add_single(
    values: Any,
    bits: Any,
    bounds: Any,
    scale: float,
    ids: Any,
    cols: int,
    area: Any,
    few: bool,
    table: Any,
    spans: Any,
) -> int:
    """Do as :func:`_add_runs` where each cell is a run; few pairs are added by row first."""
    sums = np.zeros((2, table.shape[0] if few else 0), np.int64)
    left, last = 0, -1
    for row in range(values.size // cols):
        for place in range(row * cols, (row + 1) * cols, TILE):
            stop = min(place + TILE, (row + 1) * cols)
            _, exact = _sum(values, bits, bounds, place, stop)
            if exact and few:
                for i in range(np.uint64(place), np.uint64(stop)):
                    # in turns, because a processor waits for what it has just written
                    sums[i & np.uint64(1), np.uint64(ids[i])] += np.int64(float(values[i]) * scale)
            elif exact:
                for i in range(np.uint64(place), np.uint64(stop)):
                    add_product(table, np.uint64(ids[i]), np.int64(float(values[i]) * scale), area[row])
            else:
                if place != last:
                    spans[left, 0] = place
                    left += 1
                spans[left - 1, 1] = stop
                last = stop
        for pair in range(sums.shape[1]):
            add_product(table, np.uint64(pair), sums[0, pair] + sums[1, pair], area[row])
            sums[0, pair] = sums[1, pair] = 0
    return left


@njit(nogil=True, cache=True)
def _sum(values: Any, bits: Any, bounds: Any, first: int, stop: int) -> tuple[float, bool]:
    """Add values as they are; tell whether all of them, scaled, are integers."""
    total, small, large = 0.0, np.uint32(0xFFFFFFFF), np.uint32(0)
    for i in range(first, stop):
        total = plus(total, float(values[np.uint64(i)]))
        size = bits[np.uint64(i)] & _SIGN
        large = max(large, size)
        # zero becomes the largest of all numbers, and so is not too small
        small = min(small, np.uint32(size - np.uint32(1)))
    return total, (small >= bounds[0] - np.uint32(1)) & (large < bounds[1])


@njit(nogil=True, cache=True)
def _integers(values: Any, bits: Any, bounds: Any, scale: float, first: int, stop: int, whole: Any) -> bool:
    """Write scaled values as integers; tell whether that is what all of them are."""
    small, large = np.uint32(0xFFFFFFFF), np.uint32(0)
    for i in range(stop - first):
        whole[np.uint64(i)] = np.int64(float(values[np.uint64(first + i)]) * scale)
        size = bits[np.uint64(first + i)] & _SIGN
        large = max(large, size)
        small = min(small, np.uint32(size - np.uint32(1)))
    return bool((small >= bounds[0] - np.uint32(1)) & (large < bounds[1]))


@njit(nogil=True, cache=True)
def _scatter(
    starts: Any,
    ids: Any,
    cols: int,
    area: Any,
    table: Any,
    whole: Any,
    place: int,
    stop: int,
    first: int,
    row: int,
    exact: bool,
) -> int:
    """Add the integers of a tile, if they are exact, to the pairs of its runs; return the next run."""
    h = np.int64(0)
    for i in range(np.uint64(stop - place)):
        h += whole[i]
        whole[i] = h
    # differences of running sums: no inner loop whose short length a processor would guess wrong
    h = np.int64(0)
    run, runs, last = np.uint64(first), np.uint64(ids.size), np.uint64(stop - place - 1)
    below = (row + 1) * cols
    while run < runs and starts[run] < stop:
        if starts[run] >= below:
            row += 1
            below += cols
        edge = np.int64(starts[run + np.uint64(1)])
        at = min(np.uint64(edge - place - 1), last)
        if exact:
            add_product(table, np.uint64(ids[run]), whole[at] - h, area[row])
        h = whole[at]
        if edge > stop:
            return np.int64(run)
        run += np.uint64(1)
    return np.int64(run)
