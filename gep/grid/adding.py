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

from gep.grid.lanes import LANES, sum_cut

#: Bits of one integer; sums of 2**22 of them fit into 64 bits.
BITS = 40
#: Cells of a block at most.
MOST_CELLS = 1 << 22
#: Cells taken together: so few that a float64 holds the sum of their integers exactly.
TILE = 512
#: Copies of a table to which neighbouring cells are added in turns.
COPIES = 2
#: Pairs are few where a row has so many times more cells.
FEW = 4
#: Cells looked at to choose a scale, and bits of room above the largest of them.
SAMPLE, ROOM = 1 << 12, 3
#: Columns of a table of sums: high and low integer, cells missing, high and low integer of their area.
COLUMNS = 5

#: Why :func:`add_runs` came back: at the end, a value beyond the scale, no room for more rests.
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
def add_runs(
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
    room for a tile and a run at least.
    """
    kept, behind = 0, offset + values.size - LANES
    for span in range(spans.shape[0]):
        end = np.intp(spans[span, 1])
        if end <= place:
            continue
        place = max(place, np.intp(spans[span, 0]))
        run, row = np.searchsorted(starts, place, "right") - 1, place // cols
        edge = (row + 1) * cols
        while place < end:
            stop = min(np.intp(starts[run + 1]), end)
            while edge <= place:
                row += 1
                edge += cols
            pair = np.uint64(ids[run])
            h, g, exact = 0.0, 0.0, not live[pair]
            if stop <= behind and not exact:
                first = np.intp(place - offset)
                h, g, exact = sum_cut(values, first, np.intp(stop - offset), weight[row], _ROUND, _LIMIT)
            if exact:
                table[pair, 0] += np.int64(h)
                table[pair, 1] += np.int64(g)
            else:
                if kept + stop - place > rests.size:
                    return place, kept, FULL
                found = _add_odd(
                    values, offset, starts, ids, live, weight[row], high[row], low[row], table, rests, owners,
                    place, stop, run, kept,
                )  # fmt: skip
                if found < 0:
                    return place, kept, TOO_LARGE
                kept = found
            place = stop
            run += 1
    return place, kept, DONE


@njit(nogil=True, cache=True)
def add_apart(
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
    """Do what :func:`add_runs` does where each cell is a run."""
    apart = np.zeros((COPIES, table.shape[0], 2), np.int64)
    first, second = np.empty(TILE, np.int64), np.empty(TILE, np.int64)
    kept, why, span = 0, DONE, 0
    while span < spans.shape[0] and why == DONE:
        place, end = max(place, np.intp(spans[span, 0])), np.intp(spans[span, 1])
        if place >= end:
            span += 1
            continue
        row = place // cols
        stop = min(place + TILE, end, (row + 1) * cols)
        if _cut(values, place - offset, stop - offset, weight[row], first, second):
            for i in range(np.uint64(stop - place)):
                # in turns, because a processor waits for what it has just written
                copy, pair = i % np.uint64(COPIES), np.uint64(ids[np.uint64(place) + i])
                apart[copy, pair, 0] += first[i]
                apart[copy, pair, 1] += second[i]
        elif kept + TILE > rests.size:
            why = FULL
        else:
            found = _add_odd(
                values, offset, starts, ids, live, weight[row], high[row], low[row], table, rests, owners,
                place, stop, place, kept,
            )  # fmt: skip
            kept, why = (found, DONE) if found >= 0 else (kept, TOO_LARGE)
        if why == DONE:
            place = stop
    for copy in range(COPIES):
        for pair in range(apart.shape[1]):
            table[pair, 0] += apart[copy, pair, 0]
            table[pair, 1] += apart[copy, pair, 1]
    return place, kept, why


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
def _add_odd(
    values: Any,
    offset: int,
    starts: Any,
    ids: Any,
    live: Any,
    w: float,
    area: int,
    area_low: int,
    table: Any,
    rests: Any,
    owners: Any,
    place: int,
    stop: int,
    run: int,
    kept: int,
) -> int:
    """Add cells one by one, keeping what is missing, infinite or left over; below 0: one is too large."""
    at = run
    for i in range(place, stop):
        while starts[at + 1] <= i:
            at += 1
        value = float(values[np.uint64(i - offset)])
        if live[ids[at]] and abs(value * w) >= _LIMIT and not np.isinf(value):
            return -1
    for i in range(place, stop):
        while starts[run + 1] <= i:
            run += 1
        pair = np.uint64(ids[run])
        if not live[pair]:
            continue
        x = float(values[np.uint64(i - offset)]) * w
        if abs(x) < _LIMIT:
            h = (x + _ROUND) - _ROUND
            y = (x - h) * _LIMIT
            g = (y + _ROUND) - _ROUND
            table[pair, 0] += np.int64(h)
            table[pair, 1] += np.int64(g)
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
