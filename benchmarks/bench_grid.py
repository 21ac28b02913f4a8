"""How long one pass over a grid takes, and how much memory; asv runs these classes."""

from __future__ import annotations

from typing import Any

from benchmarks.ours import Gep, aggregate
from benchmarks.storage import read, write
from benchmarks.tasks import TASKS, Problem

CELLS = 4e6


class Task:
    """The tasks on grids in memory."""

    params = (tuple(TASKS), (11, 1000, 40_000), ("coherent", "salt", "scatter"))
    param_names = ("task", "zones", "grid")
    cells = CELLS

    def setup(self, task: str, zones: int, grid: str) -> None:
        self.problem = Problem(TASKS[task], self.cells, zones, grid)
        self.gep = Gep(self.problem)
        self.gep.run()

    def time_run(self, task: str, zones: int, grid: str) -> Any:
        return self.gep.run()

    def peakmem_run(self, task: str, zones: int, grid: str) -> Any:
        return self.gep.run()

    def track_error(self, task: str, zones: int, grid: str) -> float:
        return self.problem.error(self.gep.run())


class Chunks:
    """A pass over lazy layers: chunks of arrays in memory, zarr and GeoTIFF."""

    params = (("b", "c2"), ("memory", "zarr", "tiff"))
    param_names = ("task", "storage")
    cells = CELLS
    zones = 1000

    def setup(self, task: str, storage: str) -> None:
        import tempfile
        from pathlib import Path

        problem = Problem(TASKS[task], self.cells, self.zones)
        names = tuple(problem.layers)
        self.folder = tempfile.TemporaryDirectory(prefix="gep-benchmark-")
        if storage == "memory":
            self.layers = {name: layer.chunk(512) for name, layer in problem.layers.items()}
        else:
            write(Path(self.folder.name), problem.grid, names, storage)
            self.layers = read(Path(self.folder.name), problem.grid, names, storage, (512, 512))

    def teardown(self, task: str, storage: str) -> None:
        self.folder.cleanup()

    def time_aggregate(self, task: str, storage: str) -> Any:
        return aggregate(self.layers, task)

    def peakmem_aggregate(self, task: str, storage: str) -> Any:
        return aggregate(self.layers, task)
