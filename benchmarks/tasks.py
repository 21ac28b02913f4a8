"""What is measured: five tasks, the grids they read and their exact results."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numba
import numpy as np

from benchmarks.grids import CLASSES, Kind, Landscape

if TYPE_CHECKING:
    from collections.abc import Iterator

    import xarray as xr
    from numpy.typing import NDArray

    Array = NDArray[np.generic]
    Floats = NDArray[np.float64]

#: Services of the coefficient accounts, and the value of each by class, per m2.
SERVICES = 12
COEFFICIENTS = np.random.default_rng(4).uniform(0.01, 2.0, (len(CLASSES), SERVICES)).round(3)


@dataclass(frozen=True)
class Task:
    """One of the tasks: its name on the command line and in print, its fields, its words."""

    name: str
    label: str
    title: str
    fields: tuple[str, ...] = ()

    @property
    def by_class(self) -> bool:
        """Whether sums are by zone and class."""
        return self.name != "a"


TASKS = {
    task.name: task
    for task in (
        Task("a", "a", "zonal sum of a field", ("population",)),
        Task("b", "b", "contingency of cell area, area by row"),
        Task("c", "c", f"{SERVICES} services, coefficient x area"),
        Task(
            "c2",
            "c'",
            f"{SERVICES} services with three modifier fields",
            ("precipitation", "evapotranspiration", "productivity"),
        ),
        Task(
            "d",
            "d",
            "RUSLE by zone and class",
            ("erosivity", "erodibility", "slope", "cover", "practice"),
        ),
    )
}


class Problem:
    """A task on one grid in memory, as every implementation gets it.

    Attributes
    ----------
    zones : ndarray of int32, shape (rows, cols)
        1..n.
    classes : ndarray of uint8, shape (rows, cols)
        1..k.
    fields : dict of str to ndarray of float32
        What the task reads.
    row_area : ndarray of float64, shape (rows,)
        m2.
    """

    def __init__(self, task: Task, cells: float, zones: int, kind: Kind = "coherent", seed: int = 0) -> None:
        grid = Landscape(cells, zones, seed, fields=task.fields, kind=kind)
        self.task, self.kind, self.grid, self.shape = task, kind, grid, grid.shape
        names = ("zone", *(("land_cover",) if task.by_class else ()), *task.fields)
        #: The layers as DataArrays with coordinates, CRS and units.
        self.layers: dict[str, xr.DataArray] = {name: grid.layer(name) for name in names}
        self.zones = self.layers["zone"].to_numpy()
        self.classes = self.layers["land_cover"].to_numpy() if task.by_class else None
        self.fields = {name: self.layers[name].to_numpy() for name in task.fields}
        self.row_area = grid.row_area
        self.n_zones, self.n_classes = zones, len(CLASSES)

    @property
    def cells(self) -> int:
        """How many cells the grid has."""
        return self.shape[0] * self.shape[1]

    @property
    def arrays(self) -> list[Array]:
        """What has to be read."""
        return [layer.to_numpy() for layer in self.layers.values()]

    @property
    def size(self) -> int:
        """Length of a flat table in which every :meth:`key` has a place."""
        return (self.n_zones + 1) * self.n_classes + 1 if self.task.by_class else self.n_zones + 1

    def key(self, rows: slice = slice(None)) -> Array:
        """Return one integer for zone and class, or the zone itself if the task is by zone only."""
        zones = self.zones[rows]
        if self.classes is None:
            return zones
        return zones * np.int32(self.n_classes) + self.classes[rows]

    def table(self, flat: Array) -> Array:
        """Return the sums that lie at their keys as a table (zones,) or (zones, classes)."""
        if not self.task.by_class:
            return flat[1 : self.n_zones + 1]
        first = self.n_classes + 1
        return flat[first : first + self.n_zones * self.n_classes].reshape(self.n_zones, self.n_classes)

    def area(self, rows: slice = slice(None)) -> Floats:
        """Return the cell area, m2, as a view that takes no memory."""
        column = self.row_area[rows, None]
        return np.broadcast_to(column, (column.shape[0], self.shape[1]))

    def values(self, rows: slice = slice(None), dtype: type | None = None) -> list[Array]:
        """Return what has to be added up, as an analyst writes it on arrays of float32 or ``dtype``."""
        fields = [field[rows].astype(dtype or field.dtype, copy=False) for field in self.fields.values()]
        if self.task.name == "a":
            return fields
        if self.task.name == "c2":
            return [field * self.area(rows) for field in fields]
        if self.task.name == "d":
            erosivity, erodibility, slope, cover, practice = fields
            return [erosivity * erodibility * slope * (1 - cover * practice) * self.area(rows)]
        return [self.area(rows)]

    def bands(self, cells: int = 2**17) -> Iterator[slice]:
        """Yield slices of rows of about ``cells`` cells."""
        step = max(1, cells // self.shape[1])
        for start in range(0, self.shape[0], step):
            yield slice(start, min(start + step, self.shape[0]))

    def account(self, sums: list[Floats]) -> Floats:
        """Return what the task asks for from its tables of sums: services are a matrix product."""
        if self.task.name == "c":
            return sums[0][:, :, None] * COEFFICIENTS
        if self.task.name == "c2":
            modifier = np.stack(sums, axis=-1)[:, :, np.arange(SERVICES) % len(sums)]
            return modifier * COEFFICIENTS
        return sums[0]

    @cached_property
    def exact(self) -> Floats:
        """The result, every sum exact to double-double: 32 digits."""
        sums = [np.zeros((2, self.size)) for _ in self.values(slice(0, 1))]
        for rows in self.bands():
            for table, values in zip(sums, self.values(rows, np.float64), strict=True):
                _add(table[0], table[1], self.key(rows).ravel(), np.ascontiguousarray(values).ravel())
        return self.account([self.table(high + low) for high, low in sums])

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """Cells by zone and class."""
        return self.table(
            sum(np.bincount(self.key(rows).ravel(), minlength=self.size) for rows in self.bands())
        )

    def error(self, result: Floats) -> float:
        """Return the largest relative error of a result, over all of its entries."""
        if result.shape != self.exact.shape:
            raise ValueError(f"the result has shape {result.shape}, not {self.exact.shape}")
        there = self.exact != 0
        if not (result[~there] == 0).all():
            return float("inf")
        return float(np.abs(result[there] / self.exact[there] - 1).max(initial=0.0))


@numba.njit(cache=True)
def _add(high: Floats, low: Floats, index: Array, values: Floats) -> None:
    """Add values to the entries of a table of double-double numbers."""
    for k in range(index.size):
        at, value = index[k], values[k]
        total = high[at] + value
        part = total - high[at]
        low[at] += (high[at] - (total - part)) + (value - part)
        high[at] = total
