"""Adding up one block: where it lies, how large its cells are, and on what scale its values are cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.grid import adding
from gep.grid.cell_area import CellArea
from gep.grid.exact import ExactSums
from gep.grid.runs import Runs

Float = np.float64
#: Rests kept before they are added up.
_RESTS = 1 << 12
#: Pairs are few where a row has so many times more cells.
_FEW = 8
#: Cells looked at to choose a scale, and bits of room above the largest of them.
_SAMPLE, _ROOM = 1 << 12, 3
#: Finest scale, as a power of two.
_FINEST = 980


@dataclass(frozen=True)
class Place:
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
    def of(cls, area: CellArea, top: int, bottom: int, left: int, right: int) -> Place:
        """Return the place of a block by its first rows and columns and the first behind it."""
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
            adder = Adder(runs, self, np.ones(1), np.ones(len(table), bool))
            adder.add(self.cells, 0)
            return table[:, 0], adder.total()
        return table[:, 0], self.area(table[:, 1], table[:, 2])

    def area_at(self, places: NDArray[np.int64]) -> NDArray[Float]:
        """Return m2 of single cells."""
        return self.by_row[places // self.cols] if self.cells is None else self.cells[places]

    def area(self, high: NDArray[np.int64], low: NDArray[np.int64]) -> ExactSums:
        """Return m2 from sums of the integers."""
        sums = ExactSums.zeros(high.size)
        sums.add(high, self.exponent)
        sums.add(low, self.exponent - 32)
        return sums


class Adder:
    """Adds up one field; chooses the scale, and chooses again where a value does not fit."""

    def __init__(self, runs: Runs, place: Place, weight: NDArray[Float], live: NDArray[np.bool_]) -> None:
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
            if kept:
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
        power = int(np.frexp(top)[1]) + int(np.frexp(self.weight.max())[1])
        self.scale = min(adding.BITS - _ROOM - power, _FINEST)
        self.scaled = np.ldexp(self.weight, self.scale)
