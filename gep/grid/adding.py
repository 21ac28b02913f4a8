"""Adding up cells by pair of zone and class, in integers: nothing is rounded, whatever the order.

A value is scaled by a power of two and cut into two integers of 40 bits and a rest that is mostly
nothing. Integers add up exactly; the rests are kept one by one. What is read back is the exact sum
of the values, so blocks, threads and workers cannot change it. (Beside values above 1e260 in the same
block, bits below 1e-308 of them are lost, as they would be in any float64 sum.)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from gep.grid.simd import plus

#: Bits of one integer; sums of 2**22 of them fit into 64 bits.
BITS = 40
#: Cells of a block at most.
MOST_CELLS = 1 << 22
#: Cells taken together: so few that a float64 holds the sum of their integers exactly.
TILE = 512
#: Cells that a run must still have to be cut and added on its own.
LONG = 48
#: Copies of a table to which neighbouring cells are added in turns.
COPIES = 2
#: Pairs are few where a row has so many times more cells.
FEW = 4
#: Cells looked at to choose a scale, and bits of room above the largest of them.
SAMPLE, ROOM = 1 << 12, 3
#: Columns of a table of sums: high and low integer, cells missing, high and low integer of their area.
COLUMNS = 5

#: Why :func:`add_cells` came back: at the end, a value beyond the scale, no room for more rests.
DONE, TOO_LARGE, FULL = 0, 1, 2

_LIMIT = 2.0**BITS
#: Adding and taking away this number rounds a float64 below 2**51 to an integer.
_ROUND = 1.5 * 2.0**52


@njit(nogil=True, cache=True)
def count_runs(starts: Any, ids: Any, cols: int, high: Any, low: Any, table: Any) -> None:
    """Add the cells of each run and their area, given as two integers by row, to the row of its pair."""
    row, edge = 0, cols
    for run in range(ids.size):
        while starts[run] >= edge:
            row += 1
            edge += cols
        cells = np.int64(starts[run + 1] - starts[run])
        pair = np.uint64(ids[run])
        table[pair, 0] += cells
        table[pair, 1] += cells * high[row]
        table[pair, 2] += cells * low[row]


@njit(nogil=True, cache=True)
def count_cells(ids: Any, cols: int, high: Any, low: Any, table: Any) -> None:
    """Do as :func:`count_runs` where each cell is a run and pairs are few: count a row, then add it."""
    pairs = table.shape[0]
    counts, sums = np.zeros((COPIES, pairs), np.int64), np.zeros((3, pairs), np.int64)
    for row in range(ids.size // cols):
        place = np.uint64(row * cols)
        for i in range(np.uint64(cols)):
            # in turns, because a processor waits for what it has just written
            counts[i % np.uint64(COPIES), np.uint64(ids[place + i])] += 1
        for pair in range(np.uint64(pairs)):
            cells = np.int64(0)
            for copy in range(COPIES):
                cells += counts[copy, pair]
                counts[copy, pair] = 0
            sums[0, pair] += cells
            sums[1, pair] += cells * high[row]
            sums[2, pair] += cells * low[row]
    table += sums.T


@njit(nogil=True, cache=True)
def count_apart(ids: Any, cols: int, high: Any, low: Any, table: Any) -> None:
    """Do as :func:`count_cells` where pairs are many."""
    for row in range(ids.size // cols):
        area, lower = high[row], low[row]
        for i in range(np.uint64(row * cols), np.uint64((row + 1) * cols)):
            pair = np.uint64(ids[i])
            table[pair, 0] += 1
            table[pair, 1] += area
            table[pair, 2] += lower


@njit(nogil=True, cache=True)
def add_cells(
    values: Any,
    offset: int,
    spans: Any,
    starts: Any,
    ids: Any,
    live: Any,
    cols: int,
    weight: Any,
    high: Any,
    low: Any,
    table: Any,
    rests: Any,
    owners: Any,
    place: int,
) -> tuple[int, int, int]:
    """Add values x weight of their row from cell ``place`` on; return where it stopped, rests kept, why.

    ``values`` holds the cells from ``offset`` on, of which those in ``spans`` count. NaN is counted with
    its area. A rest that two integers do not hold, and infinity, is kept with its pair; ``rests`` has
    room for a tile at least.
    """
    apart = np.zeros((COPIES, table.shape[0] if ids.size == starts[-1] else 0, 2), np.int64)
    at, kept, why = _add_spans(
        values, offset, spans, starts, ids, live, cols, weight, high, low, table, apart, rests, owners, place
    )
    for copy in range(COPIES):
        for pair in range(apart.shape[1]):
            table[pair, 0] += apart[copy, pair, 0]
            table[pair, 1] += apart[copy, pair, 1]
    return at, kept, why


@njit(nogil=True, cache=True)
def _add_spans(
    values: Any,
    offset: int,
    spans: Any,
    starts: Any,
    ids: Any,
    live: Any,
    cols: int,
    weight: Any,
    high: Any,
    low: Any,
    table: Any,
    apart: Any,
    rests: Any,
    owners: Any,
    place: int,
) -> tuple[int, int, int]:
    """Do what :func:`add_cells` says; where each cell is a run, into the copies ``apart``."""
    first, second = np.empty(TILE, np.int64), np.empty(TILE, np.int64)
    kept = 0
    for span in range(spans.shape[0]):
        end = np.intp(spans[span, 1])
        if end <= place:
            continue
        place = max(place, np.intp(spans[span, 0]))
        run = np.searchsorted(starts, place, "right") - 1
        while place < end:
            row = place // cols
            w = weight[row]
            stop = min(place + TILE, end, (row + 1) * cols)
            pair = np.uint64(ids[run])
            if starts[run + 1] >= min(place + LONG, stop):
                stop = min(stop, np.intp(starts[run + 1]))
                total, lower, exact = 0.0, 0.0, not live[pair]
                if not exact:
                    total, lower, exact = _split(values, place - offset, stop - offset, w)
                if exact:
                    table[pair, 0] += np.int64(total)
                    table[pair, 1] += np.int64(lower)
                    place = stop
                    run += starts[run + 1] == stop
                    continue
            if not _cut(values, place - offset, stop - offset, w, first, second):
                if kept + TILE > rests.size:
                    return place, kept, FULL
                found = _odd_cells(
                    values, offset, starts, ids, live, w, high[row], low[row], table, first, second,
                    rests, owners, place, stop, run, kept,
                )  # fmt: skip
                if found < 0:
                    return place, kept, TOO_LARGE
                kept = found
            run = _scatter(starts, ids, table, apart, first, second, place, stop, run)
            place = stop
    return place, kept, DONE


@njit(nogil=True, cache=True)
def _split(values: Any, first: int, stop: int, weight: float) -> tuple[float, float, bool]:
    """Add values cut into two integers; tell whether that left no rest."""
    high, low, odd = 0.0, 0.0, False
    for i in range(first, stop):
        x = float(values[np.uint64(i)]) * weight
        h = (x + _ROUND) - _ROUND
        y = (x - h) * _LIMIT
        g = (y + _ROUND) - _ROUND
        high = plus(high, h)
        low = plus(low, g)
        odd |= (not abs(x) < _LIMIT) | (y != g)
    return high, low, not odd


@njit(nogil=True, cache=True)
def _cut(values: Any, first: int, stop: int, weight: float, high: Any, low: Any) -> bool:
    """Cut each value into two integers; tell whether that left no rest."""
    odd = False
    for i in range(stop - first):
        x = float(values[np.uint64(first + i)]) * weight
        h = (x + _ROUND) - _ROUND
        y = (x - h) * _LIMIT
        g = (y + _ROUND) - _ROUND
        high[np.uint64(i)] = np.int64(h)
        low[np.uint64(i)] = np.int64(g)
        odd |= (not abs(x) < _LIMIT) | (y != g)
    return not odd


@njit(nogil=True, cache=True)
def _scatter(
    starts: Any, ids: Any, table: Any, apart: Any, high: Any, low: Any, place: int, stop: int, first: int
) -> int:
    """Add the integers of a tile to the pairs of its runs; return the run that goes on behind it."""
    if apart.shape[1]:
        _scatter_cells(ids, apart, high, low, place, stop)
        return stop
    h, g = np.int64(0), np.int64(0)
    for i in range(np.uint64(stop - place)):
        h += high[i]
        high[i] = h
        g += low[i]
        low[i] = g
    # differences of running sums: no inner loop whose short length a processor would guess wrong
    h, g = np.int64(0), np.int64(0)
    run, runs, last = np.uint64(first), np.uint64(ids.size), np.uint64(stop - place - 1)
    while run < runs and starts[run] < stop:
        edge = np.int64(starts[run + np.uint64(1)])
        at = min(np.uint64(edge - place - 1), last)
        pair = np.uint64(ids[run])
        table[pair, 0] += high[at] - h
        table[pair, 1] += low[at] - g
        h, g = high[at], low[at]
        if edge > stop:
            return np.int64(run)
        run += np.uint64(1)
    return np.int64(run)


@njit(nogil=True, cache=True)
def _scatter_cells(ids: Any, apart: Any, high: Any, low: Any, place: int, stop: int) -> None:
    """Add the integers of a tile in which each cell is a run.

    Neighbours go into other copies, because a processor waits for what it has just written.
    """
    for i in range(np.uint64(stop - place)):
        copy, pair = i % np.uint64(COPIES), np.uint64(ids[np.uint64(place) + i])
        apart[copy, pair, 0] += high[i]
        apart[copy, pair, 1] += low[i]


@njit(nogil=True, cache=True)
def _odd_cells(
    values: Any,
    offset: int,
    starts: Any,
    ids: Any,
    live: Any,
    w: float,
    area: int,
    area_low: int,
    table: Any,
    high: Any,
    low: Any,
    rests: Any,
    owners: Any,
    place: int,
    stop: int,
    run: int,
    kept: int,
) -> int:
    """Cut a tile cell by cell, keeping what is missing, infinite or left over; below 0: one is too large."""
    for step in range(2):
        at = run
        for i in range(place, stop):
            while starts[at + 1] <= i:
                at += 1
            x = float(values[np.uint64(i - offset)]) * w
            pair = np.uint64(ids[at])
            if step == 0:
                if live[pair] and abs(x) >= _LIMIT and not np.isinf(values[np.uint64(i - offset)]):
                    return -1
                continue
            h, g = 0.0, 0.0
            if live[pair]:
                if abs(x) < _LIMIT:
                    h = (x + _ROUND) - _ROUND
                    y = (x - h) * _LIMIT
                    g = (y + _ROUND) - _ROUND
                    x = y - g
                elif np.isnan(x):
                    table[pair, 2] += 1
                    table[pair, 3] += area
                    table[pair, 4] += area_low
                    x = 0.0
                if x != 0.0:
                    rests[kept] = x
                    owners[kept] = pair
                    kept += 1
            high[i - place] = np.int64(h)
            low[i - place] = np.int64(g)
    return kept


@njit(nogil=True, cache=True)
def largest(values: Any, offset: int, starts: Any, ids: Any, live: Any, place: int, most: int) -> float:
    """Return the largest finite size among the first ``most`` cells from ``place`` on that count."""
    top = 0.0
    run = np.searchsorted(starts, place, "right") - 1
    end = offset + values.size
    while place < end and most > 0:
        stop = min(np.intp(starts[run + 1]), end)
        if live[ids[run]]:
            stop = min(stop, place + most)
            for i in range(place - offset, stop - offset):
                size = abs(float(values[i]))
                if size > top and size < np.inf:
                    top = size
            most -= stop - place
        place = stop
        run += 1
    return top
