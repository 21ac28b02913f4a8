"""Time against the size of the grid, in memory and from disk: ``python -m benchmarks.scaling FOLDER``.

Grids on disk are written into the folder and deleted after. Each size is measured in a process of its
own, so that its highest resident memory is that of one pass: interpreter, libraries and all. Files
are as a rule in the page cache of the system. Decoding is the same reading of all chunks without
adding anything up.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import shutil
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.grids import Landscape
from benchmarks.measure import clock, limit_threads, machine, resident
from benchmarks.ours import aggregate
from benchmarks.peers.base import THREADS
from benchmarks.storage import Storage, read, write
from benchmarks.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SIZES = (4e6, 1e7, 4e7, 1e8, 4e8, 1e9)
#: Above this number of cells a grid is not held in memory.
IN_MEMORY = 1e8


@dataclass
class Point:
    """The time of one pass over a grid of one size."""

    task: str
    storage: str
    cells: int
    zones: int
    seconds: float
    decode_seconds: float | None
    peak_memory: int | None
    bytes_on_disk: int | None = None


def layers_of(task: str) -> tuple[str, ...]:
    """Return the layers that a task reads."""
    return ("zone", *(("land_cover",) if TASKS[task].by_class else ()), *TASKS[task].fields)


def measure(folder: str, storage: str, cells: float, zones: int, task: str, repeats: int) -> Point:
    """Measure one pass; called in a process of its own."""
    limit_threads(THREADS)
    os.environ["GDAL_CACHEMAX"] = "64"  # MB; what it keeps would else be read a second time from memory
    names = layers_of(task)
    grid = Landscape(cells, zones, fields=TASKS[task].fields)
    if storage == "memory":
        layers = {name: grid.layer(name) for name in names}
    else:
        layers = read(Path(folder), grid, names, storage)
    aggregate(layers, task, threads=THREADS)  # compiled, and files in the page cache
    passes, decodings = [], []
    for _ in range(repeats):
        passes.append(clock(lambda: aggregate(layers, task, threads=THREADS))[0])
        if storage != "memory":
            decodings.append(clock(lambda: decode(layers.values()))[0])
    peak = resident("VmHWM") if Path("/proc/self/status").exists() else None
    shape = grid.shape
    return Point(task, storage, shape[0] * shape[1], zones, min(passes), min(decodings, default=None), peak)


def decode(layers: Iterable[Any]) -> None:
    """Read every chunk and let it go."""
    import dask

    touch = dask.delayed(np.size, pure=False)
    chunks = [touch(chunk) for layer in layers for chunk in layer.data.to_delayed().ravel()]
    dask.compute(*chunks, scheduler="threads", num_workers=THREADS)


def alone(*arguments: Any) -> Point:
    """Call :func:`measure` in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, *arguments).result()


def scale(
    folder: Path, sizes: Sequence[float], zones: int, tasks: Sequence[str],
    storages: Sequence[Storage], repeats: int = 3,
) -> list[Point]:  # fmt: skip
    """Measure all tasks at all sizes, in memory as far as it goes and from disk."""
    points = []
    for cells in sizes:
        if cells <= IN_MEMORY:
            points += [alone("", "memory", cells, zones, task, repeats) for task in tasks]
        for storage in storages:
            points += _on_disk(folder, storage, cells, zones, tasks, repeats)
        print(*(line(point) for point in points if abs(point.cells / cells - 1) < 0.01), sep="\n", flush=True)
    return points


def _on_disk(
    folder: Path, storage: Storage, cells: float, zones: int, tasks: Sequence[str], repeats: int
) -> list[Point]:
    """Write a grid, measure all tasks on it, delete it."""
    place = Path(tempfile.mkdtemp(prefix="gep-scaling-", dir=folder))
    try:
        points = []
        for task in tasks:
            grid = Landscape(cells, zones, fields=TASKS[task].fields)
            size = write(place / task, grid, layers_of(task), storage)
            points.append(alone(str(place / task), storage, cells, zones, task, repeats))
            points[-1].bytes_on_disk = size
    finally:
        shutil.rmtree(place)
    return points


def slopes(points: Sequence[Point]) -> dict[str, float]:
    """Return the slope of log time over log cells of each task and storage."""
    found = {}
    for key in dict.fromkeys((point.task, point.storage) for point in points):
        own = [point for point in points if (point.task, point.storage) == key]
        if len(own) > 1:
            cells, seconds = (np.log([getattr(p, name) for p in own]) for name in ("cells", "seconds"))
            found[" ".join(key)] = float(np.polyfit(cells, seconds, 1)[0])
    return found


def line(point: Point) -> str:
    """Return a point as a line of text."""
    decoding = (
        "" if point.decode_seconds is None else f"  decoding {point.decode_seconds / point.seconds:4.0%}"
    )
    memory = "" if point.peak_memory is None else f"  peak {point.peak_memory / 1e6:5.0f} MB"
    speed = f"{point.seconds:>9.4f} s {point.cells / point.seconds / 1e6:6.0f} Mcells/s"
    return f"{point.task:<3}{point.storage:<8}{point.cells:>9.3g} cells {speed}{decoding}{memory}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="where grids are written for a while: 10 GB at 1e9 cells")
    parser.add_argument("--cells", default=",".join(f"{size:g}" for size in SIZES))
    parser.add_argument("--zones", type=int, default=1000)
    parser.add_argument("--tasks", default="a,b")
    parser.add_argument("--storage", default="zarr,tiff")
    parser.add_argument("--json", type=Path)
    told = parser.parse_args(arguments)
    sizes = [float(size) for size in told.cells.split(",")]
    points = scale(told.folder, sizes, told.zones, told.tasks.split(","), told.storage.split(","))
    found = slopes(points)
    print(*(f"slope of {name}: {slope:.3f}" for name, slope in found.items()), sep="\n")
    if told.json:
        out = {"machine": machine(THREADS), "points": [asdict(point) for point in points], "slopes": found}
        told.json.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
