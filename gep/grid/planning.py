"""Plan: how large a pass over a grid would be, before anything is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gep.grid import passes, sources
from gep.grid.aggregation import prepare

if TYPE_CHECKING:
    import xarray as xr

    from gep.grid.cell_area import CellArea
    from gep.grid.model import Model

#: Bytes that a pass needs for each cell of a block at most: where runs begin, and what they belong to.
_WORK = 8
#: A chunk with fewer cells costs more to hand out than to add up.
_SMALL = 1 << 16


@dataclass(frozen=True)
class Plan:
    """Size of a pass.

    Attributes
    ----------
    cells, blocks, block_cells, threads : int
        Cells of the grid, blocks, cells of the largest block, and blocks that are worked on together.
    bytes_read : int
        Bytes of all arrays, decoded.
    bytes_needed : int
        About the most memory that the pass needs beside arrays that are in memory already.
    lazy : bool
        Whether blocks are read by dask.
    notes : tuple of str
        What would make it slow, and chunks that a zarr store lacks.
    """

    cells: int
    blocks: int
    block_cells: int
    threads: int
    bytes_read: int
    bytes_needed: int
    lazy: bool
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        how = "read by dask" if self.lazy else "in memory"
        lines = [
            f"{self.cells:,} cells, {_size(self.bytes_read)} {how}",
            f"{self.blocks:,} blocks of up to {self.block_cells:,} cells, {self.threads} at a time",
            f"about {_size(self.bytes_needed)} of memory at most",
            *self.notes,
        ]
        return "\n".join(lines)


def plan(
    zones: Any,
    classes: xr.DataArray | None = None,
    fields: Mapping[str, xr.DataArray | Model] | None = None,
    *,
    area: CellArea | None = None,
    threads: int | None = None,
    block_cells: int | None = None,
) -> Plan:
    """Tell how large a pass would be; takes the arguments of :func:`gep.grid.aggregate`.

    Raises
    ------
    GridError
        As :func:`gep.grid.aggregate`: the layers are checked, and nothing is read.

    Examples
    --------
    >>> import numpy as np
    >>> import xarray as xr
    >>> from gep.grid import CellArea
    >>> labels = xr.DataArray(np.zeros((3000, 4000), "int32"), dims=("y", "x"))
    >>> print(plan(labels, area=CellArea.constant(900.0, (3000, 4000)), threads=2))
    12,000,000 cells, 48 MB in memory
    8 blocks of up to 1,500,000 cells, 2 at a time
    about 24 MB of memory at most
    """
    job = prepare(zones, classes, {} if fields is None else fields, area)
    arrays, shape = job.layers.arrays, job.layers.shape
    wide = sum(a.dtype.itemsize for a in arrays)
    threads = threads or passes.cores()
    notes = []
    for name, array in zip(job.layers.names, arrays, strict=True):
        notes += [f"{name}: {told}" for told in sources.absent(array)]
    if job.layers.lazy:
        chunks = passes.chunks_of(arrays)
        blocks, largest = math.prod(map(len, chunks)), math.prod(map(max, chunks))
        moved = sum(1 for a in arrays if hasattr(a, "dask") and a.chunks != chunks)
        if moved:
            notes.append(
                f"{moved} layers have other chunks: chunked anew, some of their blocks are read twice"
            )
        if largest < _SMALL:
            notes.append(f"chunks are small: data.chunk(...) to {_SMALL:,} cells and more is faster")
    else:
        step = max(1, passes.block_cells(shape, threads, block_cells) // shape[1])
        blocks, largest = -(-shape[0] // step), min(step, shape[0]) * shape[1]
    held = (wide if job.layers.lazy else 0) + _WORK
    together = min(threads, blocks)
    cells = math.prod(shape)
    return Plan(
        cells,
        blocks,
        largest,
        together,
        cells * wide,
        together * largest * held,
        job.layers.lazy,
        tuple(notes),
    )


def _size(amount: float) -> str:
    """Return bytes for people.

    Examples
    --------
    >>> _size(48e6), _size(2.5e9), _size(900)
    ('48 MB', '2.5 GB', '900 B')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.3g} {unit}"
        amount /= 1000
    return f"{amount:.3g} TB"
