"""One block of a grid: labels and fields in, exact sums by zone and class out.

A block is all that is ever in memory. What it returns holds only the pairs of zone and class that
the block has, and can be merged with that of any other block in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.errors import GridError
from gep.grid import adding
from gep.grid.cell_area import CellArea
from gep.grid.exact import ExactSums
from gep.grid.runs import Pairs, Runs

Float = np.float64
#: Label of cells whose label is NaN.
NO_LABEL = int(np.iinfo(np.int64).min)
#: Cells of a computed field that are in memory together.
_TILE = 1 << 15
#: Rests kept before they are added up.
_RESTS = 1 << 12
#: Pairs are few where a row has so many times more cells.
_FEW = 8
#: Cells looked at to choose a scale, and bits of room above the largest of them.
_SAMPLE, _ROOM = 1 << 12, 3


@dataclass
class FieldSums:
    """Sums of one field by pair of zone and class."""

    total: ExactSums
    missing: NDArray[np.int64]
    missing_area: ExactSums


@dataclass
class Sums:
    """Sums by pair of zone and class; those of other blocks can be merged in.

    Attributes
    ----------
    pairs : Pairs
        The zone and class labels.
    cells : ndarray of int64, shape (pairs,)
    area : ExactSums
        m2.
    fields : mapping of str to FieldSums
        Fields are not added up where a label is outside.
    """

    pairs: Pairs
    cells: NDArray[np.int64]
    area: ExactSums
    fields: dict[str, FieldSums]

    @classmethod
    def empty(cls, fields: tuple[str, ...]) -> Sums:
        """Return sums of nothing."""

        def none() -> ExactSums:
            return ExactSums.zeros(0)

        nothing = np.zeros(0, np.int64)
        return cls(Pairs(), nothing, none(), {n: FieldSums(none(), nothing, none()) for n in fields})

    def merge(self, other: Sums) -> None:
        """Add other sums to these."""
        at = self.pairs.number(other.pairs.zone, other.pairs.cls)
        size = self.pairs.size
        self.cells = _added(self.cells, size, at, other.cells)
        self.area = _merged(self.area, size, at, other.area)
        for name, theirs in other.fields.items():
            own = self.fields[name]
            own.total = _merged(own.total, size, at, theirs.total)
            own.missing = _added(own.missing, size, at, theirs.missing)
            own.missing_area = _merged(own.missing_area, size, at, theirs.missing_area)


def _added(
    counts: NDArray[np.int64], size: int, at: NDArray[np.int32], more: NDArray[np.int64]
) -> NDArray[np.int64]:
    if size > counts.size:
        counts = np.concatenate([counts, np.zeros(size - counts.size, np.int64)])
    counts[at] += more
    return counts


def _merged(sums: ExactSums, size: int, at: NDArray[np.int32], more: ExactSums) -> ExactSums:
    made = sums.resized(size) if size > len(sums) else sums
    made.merge(at, more)
    return made


@dataclass(frozen=True)
class FieldTask:
    """How a field is read from blocks of its arrays.

    Attributes
    ----------
    name : str
    arrays : int
        Blocks that the field takes.
    per_area : bool
        True adds value x cell area, False adds values.
    compute : callable, optional
        Values in float64 from flat pieces of the arrays, the number of cells, and a function that gives
        cells the value of their zone or class; without it the one array is the field.
    """

    name: str
    arrays: int
    per_area: bool
    compute: Callable[[tuple[NDArray[Any], ...], int, Callable[..., NDArray[Any]]], NDArray[Float]] | None = (
        None
    )


@dataclass(frozen=True)
class BlockTask:
    """What is done with every block; travels to workers.

    Attributes
    ----------
    zonings : mapping of str to frozenset of int
        Names of the zonings, and the labels of each that mean outside.
    classed : bool
        Whether there are classes.
    unclassified : frozenset of int
        Class labels that mean no class.
    fields : tuple of FieldTask
    area : CellArea
        Of the whole grid.
    """

    zonings: Mapping[str, frozenset[int]]
    classed: bool
    unclassified: frozenset[int]
    fields: tuple[FieldTask, ...]
    area: CellArea

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the fields."""
        return tuple(f.name for f in self.fields)

    def nothing(self) -> dict[str, Sums]:
        """Return the sums of no block."""
        return {name: Sums.empty(self.names) for name in self.zonings}

    def __call__(self, top: int, left: int, *blocks: NDArray[Any]) -> dict[str, Sums]:
        """Return the sums of one block by zoning; its first cell is row ``top``, column ``left``."""
        shape = blocks[0].shape[0], blocks[0].shape[1]
        parts = [self._piece(top, left, rows, cols, blocks) for rows, cols in pieces(shape)]
        if len(parts) == 1:
            return parts[0]
        return merged(self.nothing(), parts)

    def _piece(
        self, top: int, left: int, rows: slice, cols: slice, blocks: tuple[NDArray[Any], ...]
    ) -> dict[str, Sums]:
        flat = [_flat(b[rows, cols]) for b in blocks]
        place = _Place.of(self.area, top + rows.start, top + rows.stop, left + cols.start, left + cols.stop)
        labels, grids = flat[: len(self.zonings)], flat[len(self.zonings) :]
        cls = _labels(grids.pop(0)) if self.classed else None
        return {
            name: self._sum(Runs.of(_labels(zone), cls, place.cols), place, outside, grids)
            for (name, outside), zone in zip(self.zonings.items(), labels, strict=True)
        }

    def _sum(self, runs: Runs, place: _Place, outside: frozenset[int], grids: list[NDArray[Any]]) -> Sums:
        pairs = runs.pairs
        cells, area = place.count(runs)
        live = ~among(pairs.zone, outside)
        if self.classed:
            live &= ~among(pairs.cls, self.unclassified)
        fields, at = {}, 0
        for task in self.fields:
            fields[task.name] = _add_field(task, tuple(grids[at : at + task.arrays]), runs, place, live)
            at += task.arrays
        return Sums(pairs, cells, area, fields)


def merged(total: dict[str, Sums], parts: Iterable[dict[str, Sums]]) -> dict[str, Sums]:
    """Merge the sums of blocks into ``total``, by zoning."""
    for part in parts:
        for name, sums in part.items():
            total[name].merge(sums)
    return total


def among(labels: NDArray[np.int64], few: frozenset[int]) -> NDArray[np.bool_]:
    """Tell which labels are among a few."""
    found = np.zeros(labels.shape, bool)
    for label in few:
        found |= labels == label
    return found


def pieces(shape: tuple[int, int], most: int = adding.MOST_CELLS) -> Iterator[tuple[slice, slice]]:
    """Yield rows and columns of pieces of at most ``most`` cells; whole rows where they fit.

    Examples
    --------
    >>> [(r.start, r.stop) for r, c in pieces((5, 10), 20)]
    [(0, 2), (2, 4), (4, 5)]
    """
    rows, cols = shape
    step = max(1, most // max(cols, 1))
    for start in range(0, rows, step):
        for left in range(0, cols, most):
            yield slice(start, min(start + step, rows)), slice(left, min(left + most, cols))


def _flat(block: NDArray[Any]) -> NDArray[Any]:
    """Return the cells one after the other, in a type that the kernels know."""
    kind = block.dtype
    if kind.kind == "b":
        kind = np.dtype(np.uint8)
    elif kind.kind == "f" and kind.itemsize not in (4, 8):
        kind = np.dtype(np.float32 if kind.itemsize == 2 else np.float64)
    return np.ascontiguousarray(block, kind.newbyteorder("=")).reshape(-1)


def _labels(block: NDArray[Any]) -> NDArray[Any]:
    """Return labels as integers."""
    if block.dtype.kind in "iu":
        return block
    there = ~np.isnan(block)
    made = np.full(block.shape, NO_LABEL)
    made[there] = block[there]
    if (made[there] != block[there]).any():
        odd = block[there][made[there] != block[there]][0]
        raise GridError(f"a label is {odd:g}", expected="whole numbers", fix="resample labels as categories")
    return made


@dataclass(frozen=True)
class _Place:
    """Where a block lies on the grid, and the area of its cells.

    ``high`` and ``low`` are integers by row that give the area of a cell as
    ``high * 2**exponent + low * 2**(exponent - 32)``; ``cells`` holds areas that differ within a row.
    """

    cols: int
    by_row: NDArray[Float]
    high: NDArray[np.int64]
    low: NDArray[np.int64]
    exponent: int
    cells: NDArray[Float] | None

    @classmethod
    def of(cls, area: CellArea, top: int, bottom: int, left: int, right: int) -> _Place:
        rows, cols = bottom - top, right - left
        if area.form == "by_cell":
            cells = np.broadcast_to(area.rows(top, bottom), (rows, area.shape[1]))[:, left:right]
            none = np.zeros(1, np.int64)
            return cls(rows * cols, np.ones(1), none, none, 0, np.ascontiguousarray(cells).reshape(-1))
        high, low, exponent = area.digits
        rows_of = slice(None) if area.form == "constant" else slice(top, bottom)
        length = rows * cols if area.form == "constant" else cols
        return cls(length, area.left[rows_of, 0], high[rows_of], low[rows_of], exponent, None)

    def count(self, runs: Runs) -> tuple[NDArray[np.int64], ExactSums]:
        """Return the cells and m2 of each pair."""
        table = np.zeros((runs.pairs.size, 3), np.int64)
        if runs.single and len(table) * _FEW < self.cols:
            adding.count_cells(runs.ids, self.cols, self.high, self.low, table)
        else:
            adding.count_runs(runs.starts, runs.ids, self.cols, self.high, self.low, table)
        if self.cells is not None:
            adder = _Adder(runs, self, np.ones(1), np.ones(len(table), bool))
            adder.add(self.cells, 0)
            return table[:, 0], adder.total()
        return table[:, 0], self.area(table[:, 1], table[:, 2])

    def area(self, high: NDArray[np.int64], low: NDArray[np.int64]) -> ExactSums:
        """Return m2 from sums of the integers."""
        sums = ExactSums.zeros(high.size)
        sums.add(high, self.exponent)
        sums.add(low, self.exponent - 32)
        return sums


class _Adder:
    """Adds up one field; chooses the scale, and chooses again where a value does not fit."""

    def __init__(self, runs: Runs, place: _Place, weight: NDArray[Float], live: NDArray[np.bool_]) -> None:
        self.runs, self.place, self.weight, self.live = runs, place, weight, live
        self.plain = bool((weight == 1.0).all())
        self.table = np.zeros((runs.pairs.size, adding.COLUMNS), np.int64)
        self.sums = ExactSums.zeros(runs.pairs.size)
        self.rests, self.owners = np.empty(_RESTS), np.empty(_RESTS, np.int32)
        self.scale: int | None = None

    def add(self, values: NDArray[Any], offset: int) -> None:
        """Add the cells from place ``offset`` on."""
        runs, place, at, why = self.runs, self.place, offset, adding.DONE
        spans = np.array([[offset, offset + values.size]], np.int32)
        if self.plain and values.dtype == np.float32:
            spans = self._whole(values)
        while len(spans) and at < spans[-1, 1]:
            if self.scale is None or why != adding.DONE:
                cells = adding.TILE if why == adding.TOO_LARGE else _SAMPLE
                self._choose(adding.largest(values, offset, runs.starts, runs.ids, self.live, at, cells))
            at, kept, why = adding.add_cells(
                values, offset, spans, runs.starts, runs.ids, self.live, place.cols, self.scaled, place.high,
                place.low, self.table, self.rests, self.owners, at,
            )  # fmt: skip
            assert self.scale is not None  # noqa: S101
            self.sums.add_values(self.owners[:kept], self.rests[:kept], -self.scale - adding.BITS)

    def _whole(self, values: NDArray[np.float32]) -> NDArray[np.int32]:
        """Add the runs that need no cutting; return the spans that do."""
        runs = self.runs
        self._choose(adding.largest(values, 0, runs.starts, runs.ids, self.live, 0, _SAMPLE))
        assert self.scale is not None  # noqa: S101
        # float32 between these are integers once scaled, and not too large
        edges = np.clip([23 - self.scale, adding.BITS - self.scale], -126, 128).astype(np.int32)
        with np.errstate(over="ignore"):
            bounds = np.ldexp(np.float32(1), edges).astype(np.float32).view(np.uint32)
        spans = np.empty((runs.ids.size + values.size // adding.TILE + 1, 2), np.int32)
        bits, scale = values.view(np.uint32), self.scaled[0]
        if runs.single and self.live.all():
            left = adding.add_whole_cells(values, bits, bounds, runs.ids, scale, self.table, spans)
        else:
            left = adding.add_whole(
                values, bits, bounds, runs.starts, runs.ids, self.live, scale, self.table, spans
            )
        return spans[:left]

    def total(self) -> ExactSums:
        """Return the sums of all that was added."""
        if self.scale is not None:
            self.sums.add(self.table[:, 0], -self.scale)
            self.sums.add(self.table[:, 1], -self.scale - adding.BITS)
            self.table[:, :2] = 0
        return self.sums

    def _choose(self, top: float) -> None:
        self.total()
        power = int(np.frexp(top * self.weight.max())[1])
        self.scale = int(np.clip(adding.BITS - _ROOM - power, -980, 980))
        self.scaled = np.ldexp(self.weight, self.scale)


def _add_field(
    task: FieldTask, arrays: tuple[NDArray[Any], ...], runs: Runs, place: _Place, live: NDArray[np.bool_]
) -> FieldSums:
    by_row = place.by_row if task.per_area else np.ones_like(place.by_row)
    adder = _Adder(runs, place, by_row, live)
    cells = place.cells if task.per_area else None
    if task.compute is None and cells is None and arrays[0].dtype.kind == "f":
        adder.add(arrays[0], 0)
    else:
        for first, values in _computed(task, arrays, runs):
            adder.add(values if cells is None else values * cells[first : first + values.size], first)
    total, missing = adder.total(), adder.table[:, 2]
    if place.cells is None or not missing.any():
        return FieldSums(total, missing, place.area(adder.table[:, 3], adder.table[:, 4]))
    lacking = _Adder(runs, place, np.ones(1), live)
    for first, values in _computed(task, arrays, runs):
        lacking.add(np.where(np.isnan(values), place.cells[first : first + values.size], 0.0), first)
    return FieldSums(total, missing, lacking.total())


def _computed(
    task: FieldTask, arrays: tuple[NDArray[Any], ...], runs: Runs
) -> Iterator[tuple[int, NDArray[Float]]]:
    """Yield the values of a field tile by tile, with the place of the first."""
    for first in range(0, int(runs.starts[-1]), _TILE):
        stop = min(first + _TILE, int(runs.starts[-1]))
        tiles = tuple(a[first:stop] for a in arrays)
        if task.compute is None:
            yield first, tiles[0].astype(Float)
        else:
            yield first, task.compute(tiles, stop - first, _spreader(runs, first, stop))


def _spreader(runs: Runs, first: int, stop: int) -> Callable[..., NDArray[Any]]:
    """Return a function that looks labels up in a table and gives cells what it finds."""

    def spread(by: str, labels: NDArray[np.int64], values: NDArray[Float]) -> NDArray[Float]:
        own = runs.pairs.zone if by == "zone" else runs.pairs.cls
        at = np.searchsorted(labels, own).clip(max=labels.size - 1)
        found = np.where(labels[at] == own, values[at], np.nan)
        return runs.spread(found, first, stop)

    return spread
