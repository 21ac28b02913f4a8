"""Whether totals keep every bit, and what that costs: ``python -m benchmarks.identical FOLDER``.

The same grid goes through one and two threads, blocks of five sizes, odd chunks in both directions,
dask on threads and ``distributed`` with two workers. Beside it stands a kernel of the same design
that adds plain floats, whose totals depend on all of these.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numba
import numpy as np

from benchmarks.measure import clock, limit_threads, machine
from benchmarks.ours import aggregate, result_names
from benchmarks.peers.base import THREADS
from benchmarks.storage import read, write
from benchmarks.tasks import TASKS, Problem

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import xarray as xr
    from numpy.typing import NDArray

BLOCKS = (20_000, 100_003, 2**18, 10**6, 2**22)
CHUNKS = ((777, 1234), (100, -1), (-1, 333), (2048, 2048), (1021, 4099))


@dataclass
class Way:
    """One way to add up the grid: seconds, and whether the totals are those of the first way."""

    task: str
    way: str
    seconds: float
    identical: bool
    times_first: float


def digest(sums: Any, names: Sequence[str]) -> str:
    """Return a fingerprint of all bits of some totals, zones and classes in order."""
    tables = [sums[name] for name in names]
    ordered = [t.sortby([dim for dim in t.dims if dim in t.coords]) for t in tables]
    return hashlib.sha256(b"".join(np.ascontiguousarray(t.to_numpy()).tobytes() for t in ordered)).hexdigest()


def ways(layers: dict[str, xr.DataArray], task: str) -> Iterator[tuple[str, Callable[[], Any]]]:
    """Yield the names of all ways in one process, and calls that take them."""
    add = partial(aggregate, task=task)
    yield "2 threads", partial(add, layers, threads=2)
    yield "1 thread", partial(add, layers, threads=1)
    for cells in BLOCKS:
        yield f"blocks of {cells} cells", partial(add, layers, threads=2, block_cells=cells)
    for rows, cols in CHUNKS:
        chunked = {name: layer.chunk({"lat": rows, "lon": cols}) for name, layer in layers.items()}
        yield f"dask, chunks of {rows} x {cols}", partial(add, chunked, threads=2)


def compare(folder: Path, cells: float, zones: int, task: str, repeats: int = 3) -> list[Way]:
    """Return all ways to do one task, the first on two threads."""
    problem = Problem(TASKS[task], cells, zones)
    names = result_names(task, list(problem.fields))
    found = [(way, *_best(call, names, repeats)) for way, call in ways(problem.layers, task)]
    found.append(("distributed, two workers, from zarr", *_distributed(folder, problem, names, repeats)))
    first = found[0]
    result = [Way(task, way, s, mark == first[2], s / first[1]) for way, s, mark in found]
    if task == "a":
        seconds = min(clock(lambda: plain(problem))[0] for _ in range(repeats + 1))
        result.append(Way(task, "plain floats, 2 threads", seconds, False, seconds / first[1]))
    return result


def _best(call: Callable[[], Any], names: Sequence[str], repeats: int) -> tuple[float, str]:
    """Return the fastest seconds and the fingerprint of the totals."""
    taken = [clock(call) for _ in range(repeats + 1)]
    return min(seconds for seconds, _ in taken[1:]), digest(taken[0][1], names)


def _distributed(folder: Path, problem: Problem, names: Sequence[str], repeats: int) -> tuple[float, str]:
    """Return the same on two workers of one thread, which read the grid from disk."""
    from distributed import Client, LocalCluster

    place = Path(tempfile.mkdtemp(prefix="gep-identical-", dir=folder))
    try:
        write(place, problem.grid, tuple(problem.layers), "zarr")
        layers = read(place, problem.grid, tuple(problem.layers), "zarr")
        with (
            LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
            Client(cluster),
        ):
            return _best(lambda: aggregate(layers, problem.task.name), names, repeats)
    finally:
        shutil.rmtree(place)


# ------------------------------------------------------------------------------------- plain floats


def plain(problem: Problem) -> NDArray[np.float64]:
    """Return zonal sums of plain floats, by runs of cells of one zone, on two threads."""
    (field,) = problem.fields.values()
    shares = np.array_split(np.arange(problem.shape[0]), THREADS)
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(
            pool.map(
                lambda rows: _plain(
                    problem.zones[rows[0] : rows[-1] + 1], field[rows[0] : rows[-1] + 1], problem.size
                ),
                shares,
            )
        )


@numba.njit(nogil=True, cache=True, fastmath={"reassoc", "contract", "nsz"})
def _plain(zones: NDArray[np.int32], field: NDArray[np.float32], size: int) -> NDArray[np.float64]:
    """Return zonal sums: find where a run ends 64 cells at a time, add it up, put it down once."""
    sums = np.zeros(size)
    for row in range(zones.shape[0]):
        start, cols = np.uint64(0), np.uint64(zones.shape[1])
        while start < cols:
            zone, stop = zones[row, start], start
            while stop + np.uint64(64) <= cols:
                differ = np.int32(0)
                for k in range(stop, stop + np.uint64(64)):
                    differ |= zones[row, k] ^ zone
                if differ != 0:
                    break
                stop += np.uint64(64)
            while stop < cols and zones[row, stop] == zone:
                stop += np.uint64(1)
            total = 0.0
            for k in range(start, stop):
                total += np.float64(field[row, k])
            sums[zone] += total
            start = stop
    return sums


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.identical", description=__doc__.splitlines()[0]
    )
    parser.add_argument("folder", type=Path, help="where the grid of the workers is written for a while")
    parser.add_argument("--cells", type=float, default=4e7)
    parser.add_argument("--zones", type=int, default=1000)
    parser.add_argument("--tasks", default="a,b,c2,d")
    parser.add_argument("--json", type=Path)
    told = parser.parse_args(arguments)
    limit_threads(THREADS)
    found: list[Way] = []
    for task in told.tasks.split(","):
        for each in compare(told.folder, told.cells, told.zones, task):
            same = "same bits" if each.identical else "other bits"
            print(
                f"{each.task:<3}{each.way:<38}{each.seconds:>9.4f} s{each.times_first:>7.2f}x  {same}",
                flush=True,
            )
            found.append(each)
    if told.json:
        out = {"machine": machine(THREADS), "cells": told.cells, "ways": [asdict(each) for each in found]}
        told.json.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    return int(any(not each.identical and "plain" not in each.way for each in found))


if __name__ == "__main__":
    sys.exit(main())
