"""Sums by position: what an account asks of the engine once zones and classes are numbered from 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from pathlib import Path

    from gep.grid.blocks import Sums
    from gep.grid.cell_area import CellArea
    from gep.grid.shared import Shared

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


def contingency(
    zone: Index,
    cls: Index,
    area: CellArea,
    zones: int,
    classes: int,
    *,
    shared: Shared | None = None,
    block_cells: int | None = None,
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
    shared : Shared, optional
        Cells that zones share by area; such a cell counts as one for each.
    block_cells : int, optional
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
    sums = _pass(zone, cls, area, None, shared, per_area=False, block_cells=block_cells)
    at, rows = _places(sums, zones, classes)
    shape = (zones, classes)
    return _table(sums.cells[rows], at, shape), _table(sums.area.to_float()[rows], at, shape)


def integrate(
    values: Any,
    zone: Index,
    cls: Index,
    area: CellArea,
    zones: int,
    classes: int,
    *,
    per_area: bool,
    shared: Shared | None = None,
    block_cells: int | None = None,
    checkpoint: Path | None = None,
) -> Integral:
    """Integrate a field over zones and classes; cells without a value are counted, never zero.

    Parameters
    ----------
    values : array-like, shape (rows, cols)
        The field, numpy or dask; NaN is missing.
    zone, cls : ndarray of int, shape (rows, cols)
        Positions of zone and class; below 0 is not counted.
    area : CellArea
        Area of the cells, m2.
    zones, classes : int
        Size of the result.
    per_area : bool
        True adds value x cell area (a field per m2), False adds values (amounts in cells).
    shared : Shared, optional
        Cells that zones share by area.
    block_cells : int, optional
        Cells looked at together; does not change the result.
    checkpoint : Path, optional
        Folder for the sums of finished groups of blocks, as for :func:`gep.grid.aggregate`.

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
    sums = _pass(
        zone, cls, area, values, shared, per_area=per_area, block_cells=block_cells, checkpoint=checkpoint
    )
    at, rows = _places(sums, zones, classes)
    shape = (zones, classes)
    field = sums.fields["values"]
    total, missing = field.total.to_float()[rows], field.missing[rows]
    total[(missing == sums.cells[rows]) & (missing > 0)] = np.nan
    whole, holes = sums.area.to_float()[rows], field.missing_area.to_float()[rows]
    return Integral(
        _table(total, at, shape),
        _table(whole - holes, at, shape),
        _table(holes, at, shape),
        _table(missing, at, shape),
    )


def _pass(
    zone: Index,
    cls: Index,
    area: CellArea,
    values: Any,
    shared: Shared | None,
    *,
    per_area: bool,
    block_cells: int | None,
    checkpoint: Path | None = None,
) -> Sums:
    # a compiler comes along, which an account of tables does not need
    from gep.grid import passes
    from gep.grid.blocks import BlockTask, FieldTask
    from gep.grid.checkpoint import Checkpoint

    if not zone.shape == cls.shape == area.shape:
        raise ValueError(f"shapes differ: zones {zone.shape}, classes {cls.shape}, cell areas {area.shape}")
    if values is not None and tuple(np.shape(values)) != zone.shape:
        raise ValueError(f"field has shape {np.shape(values)}, zones have {zone.shape}")
    fields = () if values is None else (FieldTask("values", 1, per_area),)
    cut = {} if shared is None else {"": shared}
    task = BlockTask({"": frozenset({-1})}, True, frozenset({-1}), fields, area, cut)
    names = ["zones", "ecosystems"] if values is None else ["zones", "ecosystems", "values"]
    arrays = [zone, cls]
    if values is not None:
        arrays.append(values.data if hasattr(values, "dims") else values)
    lazy = hasattr(arrays[-1], "dask")
    arrays = arrays if lazy else [np.asarray(a) for a in arrays]
    kept = None if checkpoint is None else Checkpoint.of(checkpoint, task, arrays, names, block_cells)
    if lazy:
        return passes.by_dask(task, arrays, None, progress=False, names=names, checkpoint=kept)[""]
    return passes.in_memory(task, arrays, passes.cores(), block_cells, kept)[""]


def _places(sums: Sums, zones: int, classes: int) -> tuple[tuple[Index, Index], NDArray[np.bool_]]:
    zone, cls = sums.pairs.zone, sums.pairs.cls
    if zone.max(initial=-1) >= zones or cls.max(initial=-1) >= classes:
        raise ValueError(f"a position lies beyond {zones} zones x {classes} classes")
    rows = (zone >= 0) & (cls >= 0)
    return (zone[rows], cls[rows]), rows


def _table(values: NDArray[Any], at: tuple[Index, Index], shape: tuple[int, int]) -> NDArray[Any]:
    table = np.zeros(shape, values.dtype)
    table[at] = values
    return table
