"""Sums by zone and class in blocks of rows: contingency of area, integrals of fields.

Sums do not depend on the size of the blocks: inside a block values are split into a part whose
sum is exact in float64 and a tiny rest; blocks are combined with compensation, in row order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gep.grid.cell_area import CellArea

Float = np.float64
Index = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Integral:
    """Integral of a field by zone and class; all arrays have the shape ``(zones, classes)``.

    Attributes
    ----------
    total : ndarray of float64
        Sum of value x cell area, or of values; NaN where there are cells but no valid one, 0 where
        there are no cells.
    covered_area, missing_area : ndarray of float64
        m2 of cells with and without a value; together the area of the zone and class.
    cells_missing : ndarray of int64
        Cells without a value.
    """

    total: NDArray[Float]
    covered_area: NDArray[Float]
    missing_area: NDArray[Float]
    cells_missing: NDArray[np.int64]


class _Sums:
    """A table of sums that grows block by block with Neumaier compensation."""

    def __init__(self, size: int) -> None:
        self.sum = np.zeros(size)
        self.rest = np.zeros(size)

    def add(self, index: Index, weights: NDArray[Float]) -> None:
        """Add ``weights`` to the entries named by ``index``."""
        for part in _exact_parts(weights):
            self._combine(np.asarray(np.bincount(index, part, self.sum.size), Float))

    def _combine(self, new: NDArray[Float]) -> None:
        total = self.sum + new
        larger = np.abs(self.sum) >= np.abs(new)
        with np.errstate(invalid="ignore"):  # infinite values stay infinite
            lost = np.where(larger, (self.sum - total) + new, (new - total) + self.sum)
        self.rest += np.where(np.isfinite(total), lost, 0.0)
        self.sum = total

    def table(self, shape: tuple[int, int]) -> NDArray[Float]:
        """Return the sums as a table."""
        return (self.sum + self.rest).reshape(shape)


def _exact_parts(values: NDArray[Float]) -> tuple[NDArray[Float], ...]:
    """Split values into multiples of one quantum, whose sums are exact, and the small rest."""
    top = float(np.abs(values).max(initial=0.0)) * max(values.size, 1)
    if not 1e-280 < top < 1e280:
        return (values,)
    anchor = 1.5 * 2.0 ** np.ceil(np.log2(top))
    high = (values + anchor) - anchor
    return high, values - high


def row_blocks(shape: tuple[int, int], cells_per_block: int = 2**20) -> Iterator[slice]:
    """Yield slices of whole rows, in order, of at most ``cells_per_block`` cells (one row at least).

    Examples
    --------
    >>> list(row_blocks((5, 10), 20))
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    rows, cols = shape
    step = max(1, cells_per_block // max(cols, 1))
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def contingency(
    zone: NDArray[np.int32],
    cls: Index,
    area: CellArea,
    zones: int,
    classes: int,
    *,
    cells_per_block: int = 2**20,
) -> tuple[NDArray[np.int64], NDArray[Float]]:
    """Count cells and add their true area by zone and class.

    Parameters
    ----------
    zone, cls : ndarray of int, shape (rows, cols)
        Positions of zone and class; below 0 is outside or unclassified and is not counted.
    area : CellArea
        Area of the cells, m2.
    zones, classes : int
        Size of the result.
    cells_per_block : int
        Cells looked at together; does not change the result.

    Returns
    -------
    counts : ndarray of int64, shape (zones, classes)
    areas : ndarray of float64, shape (zones, classes)
        m2.

    Raises
    ------
    ValueError
        Shapes differ, or a position is beyond ``zones`` or ``classes``.

    Examples
    --------
    >>> from gep.grid.georef import GridSpec
    >>> world = GridSpec("EPSG:4326", (180.0, 0, -180.0, 0, -90.0, 90.0), (2, 2), ("y", "x"))
    >>> hemisphere, any_class = np.array([[0, 0], [1, 1]], "int32"), np.zeros((2, 2), int)
    >>> counts, areas = contingency(hemisphere, any_class, world.cell_area(), 2, 1)
    >>> counts.tolist(), (areas / 1e12).round(3).tolist()
    ([[2], [2]], [[255.033], [255.033]])
    """
    counts = np.zeros(zones * classes, np.int64)
    areas = _Sums(zones * classes)
    for _, index, inside, block_area in _blocks(zone, cls, area, (zones, classes), cells_per_block):
        counts += np.bincount(index, minlength=counts.size)
        areas.add(index, block_area[inside])
    return counts.reshape(zones, classes), areas.table((zones, classes))


def integrate(
    values: Any,
    zone: NDArray[np.int32],
    cls: Index,
    area: CellArea,
    zones: int,
    classes: int,
    *,
    per_area: bool,
    cells_per_block: int = 2**20,
) -> Integral:
    """Integrate a field over zones and classes; cells without a value are counted, never zero.

    Parameters
    ----------
    values : array-like, shape (rows, cols)
        The field; NaN is missing. A dask-backed DataArray is read one block of rows at a time.
    zone, cls : ndarray of int, shape (rows, cols)
        Positions of zone and class; below 0 is not counted.
    area : CellArea
        Area of the cells, m2.
    zones, classes : int
        Size of the result.
    per_area : bool
        True adds value x cell area (a field per m2), False adds values (amounts in cells).
    cells_per_block : int
        Cells looked at together; does not change the result.

    Returns
    -------
    Integral
        Totals in the unit of the field (times m2 if ``per_area``), m2 covered and missing.

    Raises
    ------
    ValueError
        Shapes differ, or a position is beyond ``zones`` or ``classes``.

    Examples
    --------
    >>> from gep.grid.georef import GridSpec
    >>> world = GridSpec("EPSG:4326", (180.0, 0, -180.0, 0, -90.0, 90.0), (2, 2), ("y", "x"))
    >>> zone, cls = np.array([[0, 0], [1, 1]], "int32"), np.zeros((2, 2), int)
    >>> people = np.array([[3.0, np.nan], [np.nan, np.nan]])
    >>> sums = integrate(people, zone, cls, world.cell_area(), 2, 1, per_area=False)
    >>> sums.total.ravel().tolist(), sums.cells_missing.ravel().tolist()
    ([3.0, nan], [1, 2])
    """
    if tuple(np.shape(values)) != zone.shape:
        raise ValueError(f"field has shape {np.shape(values)}, zones have {zone.shape}")
    size, shape = zones * classes, (zones, classes)
    total, covered, missing = _Sums(size), _Sums(size), _Sums(size)
    valid, holes = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for rows, index, inside, block_area in _blocks(zone, cls, area, shape, cells_per_block):
        block = np.asarray(values[rows], Float)[inside]
        cell = block_area[inside]
        hole = np.isnan(block)
        there = ~hole
        total.add(index[there], block[there] * cell[there] if per_area else block[there])
        covered.add(index[there], cell[there])
        missing.add(index[hole], cell[hole])
        valid += np.bincount(index[there], minlength=size)
        holes += np.bincount(index[hole], minlength=size)
    sums = total.table(shape)
    sums[((valid == 0) & (holes > 0)).reshape(shape)] = np.nan
    return Integral(sums, covered.table(shape), missing.table(shape), holes.reshape(shape))


def _blocks(
    zone: NDArray[np.int32], cls: Index, area: CellArea, size: tuple[int, int], cells_per_block: int
) -> Iterator[tuple[slice, NDArray[np.intp], NDArray[np.bool_], NDArray[Float]]]:
    """Yield rows, flat table index of the counted cells, their mask and the area of all cells."""
    if not zone.shape == cls.shape == area.shape:
        raise ValueError(f"shapes differ: zones {zone.shape}, classes {cls.shape}, cell areas {area.shape}")
    zones, classes = size
    for rows in row_blocks((zone.shape[0], zone.shape[1]), cells_per_block):
        z, c = np.asarray(zone[rows]), np.asarray(cls[rows])
        if z.max(initial=-1) >= zones or c.max(initial=-1) >= classes:
            raise ValueError(f"a position lies beyond {zones} zones x {classes} classes")
        inside = (z >= 0) & (c >= 0)
        index = z[inside].astype(np.intp) * classes + c[inside]
        yield rows, index, inside, np.broadcast_to(area.rows(rows.start, rows.stop), z.shape)
