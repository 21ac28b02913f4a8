"""Adding up one block: where it lies, how large its cells are, and on what scale its values are cut."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.grid import adding
from gep.grid.cell_area import CellArea
from gep.grid.exact import ExactSums
from gep.grid.runs import LONGEST, Runs
from gep.grid.whole import Whole

Float = np.float64
#: Rests kept before they are added up.
_RESTS = 1 << 12
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
        if runs.single:
            count = adding.count_cells if len(table) * adding.FEW < self.cols else adding.count_apart
            count(runs.ids, self.cols, self.high, self.low, table)
        else:
            adding.count_runs(runs.starts, runs.ids, self.cols, self.high, self.low, table)
        if self.cells is not None:
            adder = Adder(runs, self, np.ones(1), np.ones(len(table), bool))
            adder.add(self.cells, 0)
            return table[:, 0], adder.total()
        return table[:, 0], self.area(table[:, 1], table[:, 2])

    @property
    def whole(self) -> tuple[NDArray[np.int64], int] | None:
        """Return the area of a cell by row in multiples of a power of two, and that power, where they do."""
        area, power = (self.high << 32) + self.low, self.exponent - 32
        return (area, power) if (np.ldexp(self.by_row, -power) == area).all() else None

    def area_at(self, places: NDArray[np.int64]) -> NDArray[Float]:
        """Return m2 of single cells."""
        return self.by_row[places // self.cols] if self.cells is None else self.cells[places]

    def area(self, high: NDArray[np.int64], low: NDArray[np.int64]) -> ExactSums:
        """Return m2 from sums of the integers."""
        sums = ExactSums.zeros(high.size)
        sums.add(high, self.exponent)
        sums.add(low, self.exponent - 32)
        return sums


def add_exactly(
    values: NDArray[np.float32], runs: Runs, place: Place, live: NDArray[np.bool_], *, per_area: bool
) -> tuple[ExactSums, NDArray[np.int64]]:
    """Return the sums of values or of their exact products with area, and the table of what is missing."""
    whole: tuple[NDArray[np.int64], int] | None = (np.ones(1, np.int64), 0)
    spans, weights = None, [np.ones_like(place.by_row)]
    if per_area:
        whole, weights = place.whole, _halves(place.by_row)
    total = ExactSums.zeros(runs.pairs.size)
    if whole is not None:
        adder = Whole(runs, place.cols if per_area else values.size, *whole, live)
        spans = adder.add(values)
        total = adder.total()
    adders = [Adder(runs, place, weight, live) for weight in weights]
    for one in adders:
        one.add(values, 0, spans)
        total.merge(np.arange(len(total)), one.total())
    return total, adders[0].table


def _halves(area: NDArray[Float]) -> list[NDArray[Float]]:
    """Return two parts of each area with so few bits that their products with a float32 are exact."""
    fraction, power = np.frexp(area)
    high = np.ldexp(np.floor(fraction * 2.0**29), power - 29)
    return [high, area - high] if (area != high).any() else [high]


class Adder:
    """Adds up one field; chooses the scale, and chooses again where a value does not fit."""

    def __init__(self, runs: Runs, place: Place, weight: NDArray[Float], live: NDArray[np.bool_]) -> None:
        self.runs, self.place, self.weight, self.live = runs, place, weight, live
        self.table = np.zeros((runs.pairs.size, adding.COLUMNS), np.int64)
        self.sums = ExactSums.zeros(runs.pairs.size)
        self.rests, self.owners = np.empty(_RESTS), np.empty(_RESTS, np.int32)
        self.scale: int | None = None

    def add(self, values: NDArray[Any], offset: int, spans: NDArray[np.int32] | None = None) -> None:
        """Add the cells from place ``offset`` on, or those of them in ``spans``."""
        runs, place, at, why = self.runs, self.place, offset, adding.DONE
        if spans is None:
            spans = np.array([[offset, offset + values.size]], np.int32)
        while len(spans) and at < spans[-1, 1]:
            if self.scale is None or why != adding.DONE:
                cells = LONGEST if why == adding.TOO_LARGE else adding.SAMPLE
                self._choose(adding.largest(values, offset, runs.starts, runs.ids, self.live, at, cells))
            at, kept, why = (adding.add_apart if runs.single else adding.add_runs)(
                values, offset, spans, runs.starts, runs.ids, self.live, place.cols, self.scaled, place.high,
                place.low, self.table, self.rests, self.owners, at,
            )  # fmt: skip
            assert self.scale is not None  # noqa: S101
            if kept:
                self.sums.add_values(self.owners[:kept], self.rests[:kept], -self.scale - adding.BITS)

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
        self.scale = min(adding.BITS - adding.ROOM - power, _FINEST)
        self.scaled = np.ldexp(self.weight, self.scale)
