"""Tools for labelled arrays: xarray with flox, the same on dask, xarray-spatial."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.peers.arrays import RasterAlgebra
from benchmarks.peers.base import THREADS, Peer

if TYPE_CHECKING:
    import xarray as xr

    from benchmarks.tasks import Array, Floats, Problem


class Labelled(Peer):
    """Layers as DataArrays on the dimensions y and x."""

    family = "field tool"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.layers = {name: self.wrap(layer) for name, layer in problem.layers.items()}
        self.area = self.wrap_rows(problem.row_area)

    def wrap(self, layer: xr.DataArray) -> xr.DataArray:
        """Return a layer of the grid as this tool takes it."""
        import xarray as xr

        return xr.DataArray(layer.to_numpy(), dims=("y", "x"), name=layer.name)

    def wrap_rows(self, area: Floats) -> xr.DataArray:
        """Return the area of the cells of each row."""
        import xarray as xr

        return xr.DataArray(area, dims="y", name="area")

    def key(self) -> xr.DataArray:
        """Return the combined key of zone and class."""
        zones = self.layers["zone"]
        if not self.problem.task.by_class:
            return zones.rename("key")
        return (zones * np.int32(self.problem.n_classes) + self.layers["land_cover"]).rename("key")

    def values(self) -> list[xr.DataArray]:
        """Return what has to be added up."""
        fields = [self.layers[name] for name in self.problem.fields]
        if self.problem.task.name == "a":
            return fields
        if self.problem.task.name == "c2":
            return [field * self.area for field in fields]
        if self.problem.task.name == "d":
            erosivity, erodibility, slope, cover, practice = fields
            return [erosivity * erodibility * slope * (1 - cover * practice) * self.area]
        return [self.area.broadcast_like(self.layers["zone"])]


class Flox(Labelled):
    """``flox`` with its numba engine and the groups told, its fastest way here."""

    name = "xarray+flox"
    needs = ("flox", "numpy_groupies", "numba")

    def sums(self) -> list[Floats]:
        key = self.key()
        values = self.values()
        tables = [self.reduce(value, key, "sum", np.float64) for value in values]
        if self.counting:
            tables.append(self.reduce(values[0], key, "count", np.int64))
        return [self.problem.table(table.to_numpy()) for table in self.finish(tables)]

    def reduce(self, values: xr.DataArray, key: xr.DataArray, what: str, dtype: type) -> xr.DataArray:
        """Return sums or counts by key."""
        import pandas as pd
        from flox.xarray import xarray_reduce

        groups = pd.RangeIndex(0, self.problem.size)
        how = {"expected_groups": groups, "fill_value": 0, "dtype": dtype, "engine": "numba", **self.options}
        return xarray_reduce(values, key, func=what, **how)

    options: dict[str, Any] = {}  # noqa: RUF012

    def finish(self, tables: list[xr.DataArray]) -> list[xr.DataArray]:
        """Return the tables as numbers."""
        return tables


class DaskFlox(Flox):
    """The same on dask arrays of 64 rows a chunk and two threads."""

    name = "dask+flox"
    needs = (*Flox.needs, "dask")
    options = {"method": "map-reduce"}  # noqa: RUF012
    chunk = 64

    def wrap(self, layer: xr.DataArray) -> xr.DataArray:
        return super().wrap(layer).chunk({"y": self.chunk, "x": -1})

    def wrap_rows(self, area: Floats) -> xr.DataArray:
        return super().wrap_rows(area).chunk({"y": self.chunk})

    def finish(self, tables: list[xr.DataArray]) -> list[xr.DataArray]:
        import dask

        return list(dask.compute(*tables, scheduler="threads", num_workers=THREADS))


class Spatial(Labelled):
    """``xrspatial.zonal.stats`` on a combined key."""

    name = "xarray-spatial"
    needs = ("xrspatial",)

    def sums(self) -> list[Floats]:
        from xrspatial.zonal import stats

        key = self.key()
        wanted = ["sum", "count"] if self.counting else ["sum"]
        found = [stats(key, value, stats_funcs=wanted) for value in self.values()]
        tables = [self.place(each["zone"].to_numpy().astype(int), each["sum"].to_numpy()) for each in found]
        if self.counting:
            keys, cells = (found[0][name].to_numpy().astype(int) for name in ("zone", "count"))
            tables.append(self.place(keys, cells))
        return tables


class FloxAlgebra(RasterAlgebra):
    """A raster of values for each service, then flox: how xarray is mostly used."""

    name = "xarray+flox raster algebra"
    needs = Flox.needs

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.flox = Flox(problem)

    def run(self) -> Floats:
        self.labels = self.flox.key()
        return super().run()

    def by_key(self, key: Array, raster: Floats) -> Floats:
        import xarray as xr

        values = xr.DataArray(raster, dims=("y", "x"))
        return self.problem.table(self.flox.reduce(values, self.labels, "sum", np.float64).to_numpy())


PEERS = (Flox, DaskFlox, Spatial, FloxAlgebra)
