"""What ``gep`` is called with in the benchmarks: the only place that knows its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

import gep.grid
from benchmarks.peers.base import THREADS, Peer
from gep.services import soil

if TYPE_CHECKING:
    import xarray as xr

    from benchmarks.tasks import Floats


class Gep(Peer):
    """One pass over the grid; services are a matrix product after it."""

    name = "gep"
    family = "gep"

    def sums(self) -> list[Floats]:
        found = aggregate(self.problem.layers, self.problem.task.name, threads=THREADS)
        names = result_names(self.problem.task.name, list(self.problem.fields))
        return [self.fill(found[name]) for name in names]

    def fill(self, found: xr.DataArray) -> Floats:
        """Return a result as a table with all zones and classes, also those without cells."""
        problem = self.problem
        table = np.zeros((problem.n_zones + 1, problem.n_classes + 1), found.dtype)
        zones, classes = (found[name].to_numpy().astype(int) for name in ("zone", "class"))
        table[np.ix_(zones, classes)] = found.to_numpy()
        return table[1:, 1:] if problem.task.by_class else table[1:, 0]


def aggregate(layers: dict[str, xr.DataArray], task: str, **options: Any) -> Any:
    """Return the sums of a task over layers in memory or on dask."""
    return gep.grid.aggregate(layers["zone"], layers.get("land_cover"), fields_of(layers, task), **options)


def fields_of(layers: dict[str, xr.DataArray], task: str) -> dict[str, Any] | None:
    """Return the fields of a task; those of RUSLE as a model that is evaluated block by block."""
    fields = {name: layer for name, layer in layers.items() if name not in ("zone", "land_cover")}
    return {"retained": gep.grid.Model(soil.retained, **fields)} if task == "d" else fields or None


def result_names(task: str, fields: list[str]) -> list[str]:
    """Return the names of the sums that a task wants, in the order of :meth:`Peer.sums`."""
    return ["retained"] if task == "d" else fields or ["area", "cells"]


PEERS = (Gep,)
