"""One block of a grid: labels and fields in, exact sums by zone and class out.

A block is all that is ever in memory. What it returns holds only the pairs of zone and class that
the block has, and can be merged with that of any other block in any order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.errors import GridError
from gep.grid import adding
from gep.grid.adder import Adder, Place, add_exactly
from gep.grid.cell_area import CellArea
from gep.grid.exact import ExactSums
from gep.grid.runs import PROBE, Pairs, Runs, restless
from gep.grid.scratch import Scratch
from gep.grid.shared import SHARED, Shared

Float = np.float64
#: Label of cells whose label is NaN.
NO_LABEL = int(np.iinfo(np.int64).min)
#: Sums of blocks that are kept until they are merged.
_TOGETHER = 16
#: Cells of a piece in which each cell is taken as a run.
MOST_APART = adding.MOST_CELLS // 2
#: Cells of a computed field that are in memory together.
_TILE = 1 << 18
_SCRATCH = Scratch()
Compute = Callable[[tuple[NDArray[Any], ...], NDArray[Float], Callable[..., NDArray[Any]]], NDArray[Float]]


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

    def merge(self, *others: Sums) -> None:
        """Add other sums to these; all at once, so that tables grow once."""
        self.pairs.reserve(sum(one.pairs.size for one in others))
        at = [self.pairs.number(one.pairs.zone, one.pairs.cls) for one in others]
        size = self.pairs.size
        self.cells = _added(self.cells, size, at, [one.cells for one in others])
        self.area = _merged(self.area, size, at, [one.area for one in others])
        for name, own in self.fields.items():
            theirs = [one.fields[name] for one in others]
            own.total = _merged(own.total, size, at, [one.total for one in theirs])
            own.missing = _added(own.missing, size, at, [one.missing for one in theirs])
            own.missing_area = _merged(own.missing_area, size, at, [one.missing_area for one in theirs])


def _added(
    counts: NDArray[np.int64], size: int, at: list[NDArray[np.int32]], more: list[NDArray[np.int64]]
) -> NDArray[np.int64]:
    made = np.zeros(size, np.int64)
    made[: counts.size] = counts
    for place, one in zip(at, more, strict=True):
        if one.any():
            made[place] += one
    return made


def _merged(sums: ExactSums, size: int, at: list[NDArray[np.int32]], more: list[ExactSums]) -> ExactSums:
    made = sums.resized(size)
    for place, one in zip(at, more, strict=True):
        made.merge(place, one)
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
        Values in float64 from flat pieces of the arrays, an array with room for them, and a function that
        gives cells the value of their zone or class; without it the one array is the field.
    """

    name: str
    arrays: int
    per_area: bool
    compute: Compute | None = None


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
    shared : mapping of str to Shared
        Cells of a zoning that zones share by area; their own label does not count.
    """

    zonings: Mapping[str, frozenset[int]]
    classed: bool
    unclassified: frozenset[int]
    fields: tuple[FieldTask, ...]
    area: CellArea
    shared: Mapping[str, Shared] = field(default_factory=dict)

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
        parts = [self._piece(top, left, *piece, blocks) for piece in pieces(shape, self._most(blocks))]
        if len(parts) == 1:
            return parts[0]
        return merged(self.nothing(), parts)

    def _most(self, blocks: tuple[NDArray[Any], ...]) -> int:
        """Return the cells of a piece: fewer where each is taken as a run, near the processor."""
        cols = max(blocks[0].shape[1], 1)
        names = [*(name or "zones" for name in self.zonings), *["classes"] * self.classed]
        few = [_labels(_flat(b[: 1 + PROBE // cols]), name) for b, name in zip(blocks, names, strict=False)]
        cls = few[len(self.zonings)] if self.classed else None
        busy = any(restless(zone, cls, cols) for zone in few[: len(self.zonings)])
        return MOST_APART if busy else adding.MOST_CELLS

    def _piece(
        self, top: int, left: int, rows: slice, cols: slice, blocks: tuple[NDArray[Any], ...]
    ) -> dict[str, Sums]:
        flat = [_flat(b[rows, cols]) for b in blocks]
        place = Place.of(self.area, top + rows.start, top + rows.stop, left + cols.start, left + cols.stop)
        labels, grids = flat[: len(self.zonings)], flat[len(self.zonings) :]
        cls = _labels(grids.pop(0), "classes") if self.classed else None
        sums = {}
        for (name, outside), layer in zip(self.zonings.items(), labels, strict=True):
            zone, cut = _labels(layer, name or "zones"), None
            if name in self.shared:
                box = top + rows.start, top + rows.stop, left + cols.start, left + cols.stop
                cut = self.shared[name].within(*box, self.area.shape[1])
                zone = zone.copy()
                zone[cut.place] = SHARED
            whole = self._sum(Runs.of(zone, cls, place.cols, _SCRATCH), place, outside, grids)
            sums[name] = whole
            if cut is not None:
                sums[name] = merged_without(SHARED, whole, self._parts(cut, place, cls, outside, grids))
        return sums

    def _parts(
        self, cut: Shared, place: Place, cls: Any, outside: frozenset[int], grids: list[NDArray[Any]]
    ) -> Sums:
        """Return the sums of shared cells; a cell counts as one for each zone that has a part of it."""
        pairs = Pairs()
        ids = pairs.number(cut.zone, None if cls is None else cls[cut.place])
        zone, kind = pairs.zone[ids], pairs.cls[ids]
        live = ~(among(zone, outside) | among(kind, self.unclassified))
        area = place.area_at(cut.place) * cut.share

        def total(values: NDArray[Float], here: NDArray[np.bool_]) -> ExactSums:
            sums = ExactSums.zeros(pairs.size)
            sums.add_values(ids[here], values[here])
            return sums

        def spread(by: str, labels: NDArray[np.int64], values: NDArray[Float]) -> NDArray[Float]:
            return looked_up(zone if by == "zone" else kind, labels, values)

        fields, at = {}, 0
        for task in self.fields:
            tiles = tuple(g[cut.place] for g in grids[at : at + task.arrays])
            at += task.arrays
            values = (
                task.compute(tiles, np.empty(ids.size), spread) if task.compute else tiles[0].astype(Float)
            )
            hole = np.isnan(values)
            missing = np.bincount(ids[live & hole], minlength=pairs.size)
            amounts = values * (area if task.per_area else cut.share)
            fields[task.name] = FieldSums(total(amounts, live & ~hole), missing, total(area, live & hole))
        cells = np.bincount(ids, minlength=pairs.size)
        return Sums(pairs, cells, total(area, np.ones(ids.size, bool)), fields)

    def _sum(self, runs: Runs, place: Place, outside: frozenset[int], grids: list[NDArray[Any]]) -> Sums:
        pairs = runs.pairs
        cells, area = place.count(runs)
        live = ~among(pairs.zone, outside | {SHARED} if self.shared else outside)
        if self.classed:
            live &= ~among(pairs.cls, self.unclassified)
        fields, at = {}, 0
        for task in self.fields:
            fields[task.name] = _add_field(task, tuple(grids[at : at + task.arrays]), runs, place, live)
            at += task.arrays
        return Sums(pairs, cells, area, fields)


def merged(total: dict[str, Sums], parts: Iterable[dict[str, Sums]]) -> dict[str, Sums]:
    """Merge the sums of blocks into ``total``, by zoning."""
    parts = iter(parts)
    while some := list(islice(parts, _TOGETHER)):
        for name, own in total.items():
            own.merge(*[part[name] for part in some])
    return total


def merged_without(label: int, whole: Sums, parts: Sums) -> Sums:
    """Return two sums together, of the first without the pairs of one zone label."""
    keep = np.flatnonzero(whole.pairs.zone != label)
    pairs = Pairs()
    pairs.number(whole.pairs.zone[keep], whole.pairs.cls[keep])
    fields = {
        name: FieldSums(f.total.take(keep), f.missing[keep], f.missing_area.take(keep))
        for name, f in whole.fields.items()
    }
    made = Sums(pairs, whole.cells[keep], whole.area.take(keep), fields)
    made.merge(parts)
    return made


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


def _labels(block: NDArray[Any], name: str) -> NDArray[Any]:
    """Return labels as integers."""
    if block.dtype.kind in "iu":
        return block
    there = ~np.isnan(block)
    exact = 2 ** (np.finfo(block.dtype).nmant + 1)
    if (np.abs(block[there]) >= exact).any():
        raise GridError(
            f"labels are too large for {block.dtype}: codes that lie close are one number", where=name,
            expected=f"numbers below {exact}", fix="write labels as int32 or int64, from their source",
        )  # fmt: skip
    made = np.full(block.shape, NO_LABEL)
    made[there] = block[there]
    if (made[there] != block[there]).any():
        odd = block[there][made[there] != block[there]][0]
        raise GridError(
            f"a label is {odd}", where=name, expected="whole numbers", fix="resample labels as categories"
        )
    return made


def _add_field(
    task: FieldTask, arrays: tuple[NDArray[Any], ...], runs: Runs, place: Place, live: NDArray[np.bool_]
) -> FieldSums:
    cells = place.cells if task.per_area else None
    if task.compute is None and cells is None and _fits32(arrays[0].dtype):
        single = arrays[0].astype(np.float32, copy=False)
        total, table = add_exactly(single, runs, place, live, per_area=task.per_area)
    else:
        adder = Adder(runs, place, place.by_row if task.per_area else np.ones_like(place.by_row), live)
        if task.compute is None and cells is None and arrays[0].dtype.kind == "f":
            adder.add(arrays[0], 0)
        else:
            for first, values in _computed(task, arrays, runs):
                adder.add(values if cells is None else values * cells[first : first + values.size], first)
        total, table = adder.total(), adder.table
    missing = table[:, 2]
    if place.cells is None or not missing.any():
        return FieldSums(total, missing, place.area(table[:, 3], table[:, 4]))
    lacking = Adder(runs, place, np.ones(1), live)
    for first, values in _computed(task, arrays, runs):
        lacking.add(np.where(np.isnan(values), place.cells[first : first + values.size], 0.0), first)
    return FieldSums(total, missing, lacking.total())


def _fits32(kind: np.dtype[Any]) -> bool:
    """Tell whether a float32 holds all values of a type."""
    return kind.itemsize <= 2 or kind == np.float32


def _computed(
    task: FieldTask, arrays: tuple[NDArray[Any], ...], runs: Runs
) -> Iterator[tuple[int, NDArray[Float]]]:
    """Yield the values of a field tile by tile, with the place of the first."""
    cells = int(runs.starts[-1])
    room = _SCRATCH("tile", min(_TILE, cells), Float)
    for first in range(0, cells, _TILE):
        stop = min(first + _TILE, cells)
        tiles = tuple(a[first:stop] for a in arrays)
        if task.compute is None:
            yield first, tiles[0].astype(Float)
        else:
            yield first, task.compute(tiles, room[: stop - first], _spreader(runs, first, stop))


def _spreader(runs: Runs, first: int, stop: int) -> Callable[..., NDArray[Any]]:
    """Return a function that looks labels up in a table and gives cells what it finds."""

    def spread(by: str, labels: NDArray[np.int64], values: NDArray[Float]) -> NDArray[Float]:
        own = runs.pairs.zone if by == "zone" else runs.pairs.cls
        return runs.spread(looked_up(own, labels, values), first, stop)

    return spread


def looked_up(own: NDArray[np.int64], labels: NDArray[np.int64], values: NDArray[Float]) -> NDArray[Float]:
    """Return the value that a table with sorted labels has for each label; NaN if it has none."""
    if not labels.size:
        return np.full(own.shape, np.nan)
    at = np.searchsorted(labels, own).clip(max=labels.size - 1)
    return np.where(labels[at] == own, values[at], np.nan)
