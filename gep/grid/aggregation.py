"""One pass over a grid: cells, true area and fields, exactly, by zone and class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from gep import units
from gep.errors import Faults, GepError, GridError
from gep.grid import passes
from gep.grid.blocks import NO_LABEL, BlockTask, FieldTask
from gep.grid.cell_area import CellArea
from gep.grid.checkpoint import Checkpoint
from gep.grid.layers import Layers, adds_up, labels_of, valued
from gep.grid.model import Model
from gep.grid.sums import GridSums, Told

#: Name of the zoning where only one is asked for.
_ONLY = ""
#: What a result calls its own columns.
_TAKEN = {"zone", "class", "cells", "area", "area_m2"}


def aggregate(
    zones: Any,
    classes: xr.DataArray | None = None,
    fields: Mapping[str, xr.DataArray | Model] | None = None,
    *,
    area: CellArea | None = None,
    threads: int | None = None,
    block_cells: int | None = None,
    progress: bool = False,
    checkpoint: str | Path | None = None,
) -> Any:
    """Add up a grid by zone and class in one pass.

    Parameters
    ----------
    zones : Zones, DataArray of int, or mapping of str to such
        Labels of any integer type; several zonings (township, county, watershed) cost one reading.
        ``_FillValue`` and NaN are outside. Of :class:`gep.Zones` with shared cells, each zone gets its
        part of a cell that a border cuts.
    classes : DataArray of int, optional
        Class codes; ``_FillValue`` and NaN are unclassified, and told.
    fields : mapping of str to DataArray or Model, optional
        Fields with ``attrs["units"]``. An amount (persons, t/year) is added up; anything else is
        multiplied with the true area of its cell. NaN is missing: counted with its area, never zero.
    area : CellArea, optional
        Area of the cells; of the georeference unless given.
    threads : int, optional
        Threads; all processors unless given. With a ``dask.distributed`` client its workers do it.
    block_cells : int, optional
        Cells of a block of arrays in memory, at most 4,194,304; dask arrays keep their chunks.
    progress : bool
        Show a progress bar (dask).
    checkpoint : path, optional
        Folder for the sums of finished groups of blocks. A run that was cut off, started again with the
        same folder, adds up the rest; the result is the same to the last bit.

    Returns
    -------
    GridSums, or dict of str to GridSums
        A dict where ``zones`` is a mapping.

    Raises
    ------
    GridError
        All faults at once: layers that do not lie on one grid, have no georeference, no unit, or are
        no numbers. A block that cannot be read, with layer, rows and columns. A checkpoint that is
        damaged or of other layers, or that cannot be written.
    UnitError
        All faults are of units.

    Notes
    -----
    Every sum is exact and rounded once, when it is read: it equals :func:`math.fsum` of all values, and
    does not depend on blocks, chunks, threads or workers. Values times cell area are exact products where
    values are float32 or integers of at most 16 bits, else products rounded to float64.

    A checkpoint knows arrays in memory by their content, lazy ones by their dask name (which holds path
    and time of change of the file they were opened from) and by the files of a zarr store.

    A chunk that a zarr store lacks is read as the fill value of the store. Where that is NaN or declared
    as ``_FillValue`` it is told as missing; where it is 0 nobody can know: :func:`gep.grid.plan` names it.

    Examples
    --------
    >>> import numpy as np
    >>> from gep import set_crs
    >>> at = {"lat": [40.5, 39.5], "lon": [110.5, 111.5]}
    >>> zone, cover = (
    ...     set_crs(xr.DataArray(np.array(a), at, ("lat", "lon")), "EPSG:4326")
    ...     for a in ([[7, 7], [7, 9]], [[1, 2], [1, 1]])
    ... )
    >>> people = cover.copy(data=[[10.0, 20.0], [np.nan, 5.0]]).assign_attrs(cover.attrs, units="person")
    >>> sums = aggregate(zone, cover, {"people": people})
    >>> sums["people"].values.tolist()
    [[10.0, 20.0], [5.0, 0.0]]
    >>> (sums.missing("people") / 1e6).round().values.tolist()
    [[9550.0, 0.0], [0.0, 0.0]]
    """
    job = prepare(zones, classes, {} if fields is None else fields, area)
    arrays, names = job.layers.arrays, job.layers.names
    kept = None if checkpoint is None else Checkpoint.of(checkpoint, job.task, arrays, names, block_cells)
    if job.layers.lazy or progress:
        sums = passes.by_dask(job.task, arrays, threads, progress=progress, names=names, checkpoint=kept)
    else:
        sums = passes.in_memory(job.task, arrays, threads or passes.cores(), block_cells, kept)
    made = {
        name: GridSums.of(found, job.units, job.task.zonings[name], job.task.unclassified, job.codes[name])
        for name, found in sums.items()
    }
    return made if isinstance(zones, Mapping) else made[_ONLY]


@dataclass(frozen=True)
class Job:
    """A pass that is ready to run.

    Attributes
    ----------
    layers : Layers
    task : BlockTask
    units : mapping
        Unit of the total of each field, whether it is multiplied with area, and its own unit.
    codes : mapping
        Names of the zones where labels are positions, else None.
    """

    layers: Layers
    task: BlockTask
    units: Mapping[str, Told]
    codes: Mapping[str, list[Any] | None]


def prepare(
    zones: Any, classes: Any, fields: Mapping[str, xr.DataArray | Model], area: CellArea | None
) -> Job:
    """Bring all layers together; every fault is told at once."""
    zonings = dict(zones) if isinstance(zones, Mapping) else {_ONLY: zones}
    if not zonings:
        raise GridError("there are no zones")
    first = next(iter(zonings))
    if not isinstance(fields, Mapping):
        raise GridError(f"fields are a {type(fields).__name__}", expected="a mapping of names to fields")
    layers = Layers(zonings[first], area, first or "zones")
    faults, outside, codes = Faults(), {}, {}
    unclassified: frozenset[int] = frozenset()
    for name, labels in zonings.items():
        try:
            outside[name], codes[name] = _add_zoning(layers, labels, name or "zones")
        except GepError as error:
            faults.take(error)
    if classes is not None:
        try:
            unclassified = _labels(layers, classes, "classes")
        except GepError as error:
            faults.take(error)
    tasks, told = [], {}
    for name, field in fields.items():
        try:
            one, told[name] = _add_field(layers, str(name), field, classed=classes is not None)
            tasks.append(one)
        except GepError as error:
            faults.take(error, where=f"field {name}")
    faults.raise_common(GridError, "the layers cannot be added up")
    shared = {n: z.shared for n, z in zonings.items() if getattr(z, "shared", None) is not None}
    task = BlockTask(outside, classes is not None, unclassified, tuple(tasks), layers.area, shared)
    if task.area.shape != layers.shape:
        raise GridError(f"cell areas have shape {task.area.shape}", expected=str(layers.shape))
    return Job(layers, task, told, codes)


def _add_zoning(layers: Layers, labels: Any, name: str) -> tuple[frozenset[int], list[Any] | None]:
    """Add the labels of a zoning; return which mean outside, and names if they are positions."""
    if not hasattr(labels, "codes"):
        return _labels(layers, labels, name), None
    if labels.index is None:
        raise GridError("the zones are a table", where=name, expected="zones of a grid")
    if layers.spec is not None:
        layers.spec.require(labels.spec, name)
    layers.add(labels.index, name)
    return frozenset({-1}), labels.codes


def _labels(layers: Layers, labels: Any, name: str) -> frozenset[int]:
    labels, nothing = labels_of(labels, name)
    layers.add(labels, name)
    return nothing | {NO_LABEL}


def _add_field(layers: Layers, name: str, field: Any, *, classed: bool) -> tuple[FieldTask, Told]:
    if name in _TAKEN or name.endswith(("_missing", "_missing_m2")):
        raise GridError(f"a field cannot be called {name!r}", expected="another name")
    if isinstance(field, Model):
        if "class" in field.tables() and not classed:
            raise GridError(f"{name} has a table by class, and there are no classes", fix="give classes")
        grids, unit, compute = list(field.grids()), field.unit, field.compiled()
    elif not isinstance(field, xr.DataArray):
        raise GridError(f"{name} is a {type(field).__name__}", expected="a DataArray with units, or a Model")
    else:
        unit, compute = units.units_of(field, name), None
        grids = [(name, valued(field, name))]
    per_area = not adds_up(unit)
    for argument, grid in grids:
        layers.add(grid, argument)
    total = units.spell(units.parse(unit) * units.parse("m2")) if per_area else unit
    return FieldTask(name, len(grids), per_area, compute), (total, per_area, unit)
