"""Runs: stretches of a row with one zone and one class, and the number of their pair.

Real maps are patchy, so a block has far fewer runs than cells. Where it has not (every cell another
class), each cell is taken as a run of its own, which costs no search.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gep.grid.scratch import fresh
from gep.grid.simd import WIDTH, changes, lowest_bit

Index = NDArray[np.integer[Any]]
Empty = Callable[[str, int, Any], NDArray[Any]]

#: Cells of a run at most: so few that a float64 holds the sum of their integers of 40 bits exactly.
LONGEST = 1 << 10
#: Cells after which a run is ended in any case; 64 more may follow at the end of a row.
_STRIDE = LONGEST - WIDTH
#: Runs shorter than this on average are not worth looking for.
_SHORT = 6
#: Cells looked at to tell whether runs are worth looking for.
PROBE = 1 << 14
#: Pairs that a new table of pairs has room for; it grows by itself.
_ROOM = 1 << 10
#: Borders of runs among 64 cells that are written down without asking whether they are there.
_GUESS = 4
#: Pairs for which room is made before they are met.
_MOST_RESERVED = 1 << 18
#: Largest table in which pairs are found by place instead of by search.
_DIRECT = 1 << 22


class Pairs:
    """The distinct pairs of zone and class labels, numbered in the order in which they were met.

    Attributes
    ----------
    zone, cls : ndarray of int64, shape (pairs,)
        Labels of each pair.
    """

    def __init__(self, room: int = _ROOM) -> None:
        self._labels = np.empty((2, room), np.int64)
        self._slots: NDArray[np.int32] | None = None
        self.size = 0

    @property
    def zone(self) -> NDArray[np.int64]:
        """Return the zone label of each pair."""
        return self._labels[0, : self.size]

    @property
    def cls(self) -> NDArray[np.int64]:
        """Return the class label of each pair."""
        return self._labels[1, : self.size]

    def reserve(self, pairs: int) -> None:
        """Make room for so many more pairs at once, or for fewer where they are very many."""
        room = 1 << (self.size + min(pairs, _MOST_RESERVED)).bit_length()
        if room > self._labels.shape[1]:
            self._grow(room)

    def _grow(self, room: int) -> None:
        grown = np.empty((2, room), np.int64)
        grown[:, : self.size] = self._labels[:, : self.size]
        self._labels, self._slots = grown, None

    def number(self, zone: Index, cls: Index | None, empty: Empty = fresh) -> NDArray[np.int32]:
        """Return the number of the pair of each of these labels; quick where they lie close together."""
        ids = empty("ids", zone.size, np.int32)
        if cls is not None and np.array_equal(zone, self.zone) and np.array_equal(cls, self.cls):
            return np.arange(self.size, dtype=np.int32)
        if not self.size and zone.size > _ROOM and self._place(zone, cls, ids):
            return ids
        done = 0
        while done < ids.size:
            if self._slots is None:
                self._slots = self._indexed()
            done, self.size = _search(zone, cls, ids, done, self._slots, self._labels, self.size)
            if done < ids.size:
                self._grow(4 * self._labels.shape[1])
        return ids

    def number_cells(self, zone: Index, cls: Index | None, empty: Empty = fresh) -> NDArray[np.int32]:
        """Return the number of the pair of each cell; of few labels, all pairs are numbered in order."""
        low, width = span(zone)
        low_class, classes = (0, 1) if cls is None else span(cls)
        if not self._fits(width * classes, zone.size):
            return self.number(zone, cls, empty)
        ids = empty("ids", zone.size, np.int32)
        _order(zone, cls, low, low_class, classes, ids)
        self._take_all(np.arange(low, low + width), low_class, classes)
        return ids

    def number_within(self, zones: Runs, zone: Index, cls: Index, empty: Empty = fresh) -> NDArray[np.int32]:
        """Do as :meth:`number_cells` where zones lie in runs, so that only zones that are there count."""
        low_class, classes = span(cls)
        if not self._fits(zones.pairs.size * classes, cls.size):
            return self.number(zone, cls, empty)
        ids = empty("ids", cls.size, np.int32)
        _order_within(zones.starts, zones.ids, cls, low_class, classes, ids)
        self._take_all(zones.pairs.zone, low_class, classes)
        return ids

    @staticmethod
    def _fits(pairs: int, cells: int) -> bool:
        return cells >= PROBE and pairs <= min(_DIRECT, cells // 4)

    def _take_all(self, zones: NDArray[np.int64], low_class: int, classes: int) -> None:
        """Take all pairs of zones and classes, in order."""
        self.size = zones.size * classes
        self._labels = np.empty((2, 1 << (self.size - 1).bit_length()), np.int64)
        self._labels[0, : self.size] = np.repeat(zones, classes)
        self._labels[1, : self.size] = np.tile(np.arange(low_class, low_class + classes), zones.size)
        self._slots = None

    def _place(self, zone: Index, cls: Index | None, ids: NDArray[np.int32]) -> bool:
        """Try to number pairs by their place in a dense table, which must not be large."""
        low, width = span(zone)
        low_class, classes = (0, 1) if cls is None else span(cls)
        if width * classes > min(_DIRECT, 4 * zone.size):
            return False
        room = 1 << (min(width * classes, zone.size) - 1).bit_length()
        self._labels = np.empty((2, max(room, self._labels.shape[1])), np.int64)
        places = np.full(width * classes, -1, np.int32)
        self.size = _place(zone, cls, ids, places, low, low_class, classes, self._labels)
        self._slots = None
        return True

    def _indexed(self) -> NDArray[np.int32]:
        """Return a table of slots, four for each pair there is room for."""
        slots = np.full(4 * self._labels.shape[1], -1, np.int32)
        again = np.empty(self.size, np.int32)
        _search(self.zone.copy(), self.cls.copy(), again, 0, slots, self._labels, 0)
        return slots


@dataclass(frozen=True)
class Runs:
    """The runs of one block.

    Attributes
    ----------
    cols : int
        Cells in a row; no run crosses from one row to the next, and none has more than ``LONGEST``.
    starts : ndarray of int32, shape (runs + 1,)
        Place of the first cell of each run in the flat block; at last the number of cells.
    ids : ndarray of int32, shape (runs,)
        Number of the pair of each run.
    pairs : Pairs
    """

    cols: int
    starts: NDArray[np.int32]
    ids: NDArray[np.int32]
    pairs: Pairs

    @classmethod
    def of(cls, zone: Index, classes: Index | None, cols: int, empty: Empty = fresh) -> Runs:
        """Find the runs of flat blocks of labels with ``cols`` cells in a row; ``empty`` gives arrays."""
        pairs = Pairs()
        if not restless(zone, classes, cols):
            found, starts, zones, kinds = _found(zone, classes, cols, empty)
            starts[found] = zone.size
            ids = pairs.number(zones[:found], None if kinds is None else kinds[:found], empty)
            return cls(cols, starts[: found + 1], ids, pairs)
        if classes is None or restless(zone, None, cols):
            ids = pairs.number_cells(zone, classes, empty)
        else:
            ids = pairs.number_within(cls.of(zone, None, cols), zone, classes, empty)
        return cls(cols, _each(zone.size + 1), ids, pairs)

    @property
    def single(self) -> bool:
        """Tell whether each cell is taken as a run."""
        return bool(self.ids.size == self.starts[-1])

    def spread(self, values: NDArray[Any], first: int, stop: int) -> NDArray[Any]:
        """Give the cells ``first`` to ``stop`` the value of their pair."""
        begin = int(np.searchsorted(self.starts, first, "right")) - 1
        end = int(np.searchsorted(self.starts, stop, "left"))
        edges = np.clip(self.starts[begin : end + 1], first, stop)
        return np.repeat(values[self.ids[begin:end]], np.diff(edges))


def restless(zone: Index, classes: Index | None, cols: int) -> bool:
    """Tell by the first rows whether labels change so often that looking for runs does not pay."""
    some = max(1, min(PROBE, zone.size) // max(cols, 1)) * cols
    return _found(zone[:some], None if classes is None else classes[:some], cols)[0] * _SHORT > some


def _found(
    zone: Index, classes: Index | None, cols: int, empty: Empty = fresh
) -> tuple[int, NDArray[np.int32], Index, Index | None]:
    """Return how many runs there are, where they begin and their labels; the arrays are longer."""
    starts = empty("starts", zone.size + 1 + _GUESS, np.int32)
    zones = empty("zones", zone.size, zone.dtype)
    kinds = None if classes is None else empty("kinds", zone.size, classes.dtype)
    return _find(zone, classes, cols, starts, zones, kinds), starts, zones, kinds


def span(labels: Index) -> tuple[int, int]:
    """Return the lowest label and how many there are up to the highest."""
    if not labels.size:
        return 0, 0
    low = int(labels.min())
    return low, int(labels.max()) - low + 1


@njit(nogil=True, cache=True)
def _find(zone: Any, cls: Any, cols: int, starts: Any, zones: Any, kinds: Any) -> int:
    """Write where runs begin and the labels they have; return how many there are."""
    found = 0
    for row in range(0, zone.size, cols):
        done = found
        starts[found] = row
        found += 1
        i, end = row + 1, row + cols
        while i + WIDTH <= end:
            mask = changes(zone, i)
            if cls is not None:
                mask |= changes(cls, i)
            if (i - row + WIDTH - 1) % _STRIDE == 0:
                mask |= np.uint64(1)
            if mask != 0:
                # some without a branch: a processor would guess wrong how many there are
                for _ in range(_GUESS):
                    starts[np.uint64(found)] = i + np.intp(lowest_bit(mask))
                    found += mask != 0
                    mask &= mask - np.uint64(1)
                while mask != 0:
                    starts[np.uint64(found)] = i + np.intp(lowest_bit(mask))
                    found += 1
                    mask &= mask - np.uint64(1)
            i += WIDTH
        while i < end:
            differs = zone[i] != zone[i - 1]
            if cls is not None:
                differs |= cls[i] != cls[i - 1]
            starts[found] = i
            found += differs
            i += 1
        _read(zone, cls, starts, done, found, zones, kinds)  # while the row is still near the processor
    return found


@njit(nogil=True, cache=True)
def _read(zone: Any, cls: Any, starts: Any, first: int, stop: int, zones: Any, kinds: Any) -> None:
    """Write the labels of runs."""
    for k in range(np.uint64(first), np.uint64(stop)):
        zones[k] = zone[np.uint64(starts[k])]
        if cls is not None:
            kinds[k] = cls[np.uint64(starts[k])]


@lru_cache(maxsize=4)
def _each(size: int) -> NDArray[np.int32]:
    """Return the numbers below ``size``."""
    return np.arange(size, dtype=np.int32)


@njit(nogil=True, cache=True)
def _order(zone: Any, cls: Any, low: int, low_class: int, classes: int, ids: Any) -> None:
    """Write the place of the pair of each cell among all pairs."""
    for i in range(ids.size):
        place = (np.int64(zone[i]) - low) * classes
        if cls is not None:
            place += np.int64(cls[i]) - low_class
        ids[i] = np.int32(place)


@njit(nogil=True, cache=True)
def _order_within(starts: Any, zones: Any, cls: Any, low_class: int, classes: int, ids: Any) -> None:
    """Do as :func:`_order` with the number of the zone of each run."""
    for run in range(zones.size):
        first = np.int32(zones[run] * classes - low_class)
        for i in range(np.uint64(starts[run]), np.uint64(starts[run + 1])):
            ids[i] = first + np.int32(cls[i])


@njit(nogil=True, cache=True)
def _search(
    zone: Any, cls: Any, ids: Any, first: int, slots: Any, labels: Any, found: int
) -> tuple[int, int]:
    """Give numbers from ``first`` on until the table is full; return the next and how many pairs."""
    mask = np.uint64(slots.size - 1)
    number = np.int32(-1)
    last_zone, last_class = np.int64(0), np.int64(0)
    for i in range(first, ids.size):
        z = np.int64(zone[i])
        c = np.int64(0) if cls is None else np.int64(cls[i])
        if number < 0 or z != last_zone or c != last_class:
            slot = np.uint64(z) * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(c) * np.uint64(0xC2B2AE3D27D4EB4F)
            slot = (slot ^ (slot >> np.uint64(32))) & mask
            number = slots[slot]
            while number >= 0 and (labels[0, number] != z or labels[1, number] != c):
                slot = (slot + np.uint64(1)) & mask
                number = slots[slot]
            if number < 0:
                if found == labels.shape[1]:
                    return i, found
                number = np.int32(found)
                slots[slot] = number
                labels[0, found] = z
                labels[1, found] = c
                found += 1
            last_zone, last_class = z, c
        ids[i] = number
    return ids.size, found


@njit(nogil=True, cache=True)
def _place(
    zone: Any, cls: Any, ids: Any, places: Any, low: int, low_class: int, classes: int, labels: Any
) -> int:
    """Give each cell the number that a dense table has for its pair; return how many pairs."""
    found = 0
    for i in range(ids.size):
        z = np.int64(zone[i])
        c = np.int64(low_class) if cls is None else np.int64(cls[i])
        place = np.uint64((z - low) * classes + (c - low_class))
        number = places[place]
        if number < 0:
            number = np.int32(found)
            places[place] = number
            labels[0, found] = z
            labels[1, found] = c
            found += 1
        ids[i] = number
    return found
