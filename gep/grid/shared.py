"""Cells that a border cuts: which zones share them, and by how much."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Label of a shared cell while whole cells are added up, and of what lies outside all zones.
SHARED, OUTSIDE = -2, -1
#: Shares that make up a cell but for this are taken to make it up.
_NEARLY = 1e-6


@dataclass(frozen=True)
class Shared:
    """Shares of cells, sorted by place; those of one cell add up to 1.

    Attributes
    ----------
    place : ndarray of int64
        Row x columns + column.
    zone : ndarray of int32
        Position of the zone; -1 is outside all zones.
    share : ndarray of float64
        Part of the area of the cell, above 0 and at most 1.
    """

    place: NDArray[np.int64]
    zone: NDArray[np.int32]
    share: NDArray[np.float64]

    @classmethod
    def of(cls, parts: Iterable[tuple[NDArray[Any], int, NDArray[Any]]]) -> Shared:
        """Bring places and shares of each zone together; what is left of a cell is outside.

        Shares that add up to more than the cell (zones that overlap) are cut down evenly.

        Examples
        --------
        >>> one = (np.array([4]), 0, np.array([0.25]))
        >>> two = (np.array([4, 7]), 1, np.array([0.5, 0.25]))
        >>> cut = Shared.of([one, two])
        >>> cut.place.tolist(), cut.zone.tolist(), cut.share.tolist()
        ([4, 4, 4, 7, 7], [-1, 0, 1, -1, 1], [0.25, 0.25, 0.5, 0.75, 0.25])
        """
        parts = list(parts)
        place = np.concatenate([np.asarray(p, np.int64) for p, _, _ in parts] or [np.zeros(0, np.int64)])
        zone = np.repeat([z for _, z, _ in parts], [len(p) for p, _, _ in parts]).astype(np.int32)
        share = np.concatenate([np.asarray(s, np.float64) for _, _, s in parts] or [np.zeros(0)])
        cells, at = np.unique(place, return_inverse=True)
        sums = np.bincount(at, share, cells.size)
        full = np.abs(sums - 1) <= _NEARLY
        share = share / np.where(full | (sums > 1), sums, 1.0)[at]
        rest = np.flatnonzero(~full & (sums < 1))
        place = np.concatenate([place, cells[rest]])
        zone = np.concatenate([zone, np.full(rest.size, OUTSIDE, np.int32)])
        share = np.concatenate([share, 1.0 - sums[rest]])
        order = np.lexsort((zone, place))
        return cls(place[order], zone[order], share[order])

    def within(self, top: int, bottom: int, left: int, right: int, width: int) -> Shared:
        """Return the shares of a block of a grid of ``width`` columns, with places in the flat block."""
        first, stop = np.searchsorted(self.place, [top * width, bottom * width])
        row, col = np.divmod(self.place[first:stop], width)
        inside = (col >= left) & (col < right)
        place = (row[inside] - top) * (right - left) + (col[inside] - left)
        return Shared(place, self.zone[first:stop][inside], self.share[first:stop][inside])
