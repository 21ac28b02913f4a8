"""Whether a run that is killed goes on where it was: ``python -m benchmarks.kill --cells 1e8 --kills 50``.

A grid lies on disk (zarr). Runs over it are killed (SIGKILL) at random moments and started again with
the same checkpoint; totals must have the bits of a run that nobody disturbed. Then the same with
``dask.distributed``, where a worker is killed and the run goes on.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.grids import Landscape
from benchmarks.identical import digest
from benchmarks.measure import clock, machine
from benchmarks.peers.base import THREADS
from benchmarks.storage import read, write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

LAYERS = ("zone", "land_cover", "precipitation")
NAMES = ("precipitation", "cells", "area")
#: Seconds that a process may take before something must be wrong with it.
PATIENCE = 600


@dataclass(frozen=True)
class Job:
    """What every run adds up: a folder of zarr stores, how they are cut, and what is kept together.

    A run of seconds has few groups of blocks; so that a kill finds some, ``groups`` asks for more.
    """

    folder: Path
    cells: float
    zones: int
    chunk: int
    groups: int = 0

    def layers(self) -> dict[str, Any]:
        """Return the layers of the grid, which are read when they are added up."""
        grid = Landscape(self.cells, self.zones, fields=LAYERS[2:])
        return read(self.folder, grid, LAYERS, "zarr", (self.chunk, self.chunk))

    def add(self, layers: dict[str, Any], checkpoint: Path | None) -> Any:
        """Add the grid up."""
        import gep.grid
        from gep.grid import checkpoint as keeping

        if self.groups:
            keeping._LEAST = int(self.cells / self.groups)
        fields = {NAMES[0]: layers[NAMES[0]]}
        return gep.grid.aggregate(layers["zone"], layers["land_cover"], fields, checkpoint=checkpoint)


@dataclass
class Trial:
    """One kill: when, how many groups of blocks were kept by then, and whether the totals are the same."""

    how: str
    seconds: float
    kept: int
    groups: int
    identical: bool


def run(job: Job, checkpoint: Path | None, told: Any) -> None:
    """Run in a process of its own: say that it begins, then how long it took and what came out."""
    layers = job.layers()
    told.send("begin")
    told.send(_added(job, layers, checkpoint))


def run_distributed(job: Job, checkpoint: Path | None, told: Any) -> None:
    """Run on two workers of one thread; say which processes they are."""
    from distributed import Client, LocalCluster

    layers = job.layers()
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=60) as cluster,
        Client(cluster) as client,
    ):
        told.send([int(pid) for pid in client.run(os.getpid).values()])
        told.send(_added(job, layers, checkpoint))


def _added(job: Job, layers: dict[str, Any], checkpoint: Path | None) -> tuple[float, str]:
    """Return seconds, and a fingerprint of all bits of the totals."""
    seconds, sums = clock(partial(job.add, layers, checkpoint))
    return seconds, digest(sums, NAMES)


class Lab:
    """Starts runs in processes of their own, kills them, and looks at what is left."""

    def __init__(self, job: Job, seed: int = 0) -> None:
        self.job, self.random = job, random.Random(seed)  # noqa: S311  # moments, not secrets
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["benchmarks.warm"])

    def start(self, target: Callable[..., None], checkpoint: Path | None) -> tuple[Any, Any, Any]:
        """Return a process that has begun, where it tells what it finds, and what it told first."""
        ours, theirs = self.context.Pipe(duplex=False)
        process = self.context.Process(target=target, args=(self.job, checkpoint, theirs))
        process.start()
        theirs.close()
        return process, ours, ours.recv()

    def whole(self, target: Callable[..., None], checkpoint: Path | None = None) -> tuple[float, str]:
        """Return seconds and totals of a run that begins anew and that nobody disturbs."""
        if checkpoint is not None:
            shutil.rmtree(checkpoint, ignore_errors=True)
        return self.rest(target, checkpoint)

    def middle(self, target: Callable[..., None], checkpoint: Path, repeats: int) -> float:
        """Return the seconds of the middle one of some runs."""
        return sorted(self.whole(target, checkpoint)[0] for _ in range(repeats))[repeats // 2]

    def rest(self, target: Callable[..., None], checkpoint: Path | None) -> tuple[float, str]:
        """Return seconds and totals of a run that goes on where another ended."""
        process, told, _ = self.start(target, checkpoint)
        found = told.recv()
        process.join(PATIENCE)
        return found

    def kill(self, checkpoint: Path, seconds: float, expected: str) -> Trial:
        """Kill a run at a random moment of the seconds it takes, and let another go on."""
        while True:
            shutil.rmtree(checkpoint, ignore_errors=True)
            process, told, _ = self.start(run, checkpoint)
            moment = self.random.uniform(0, seconds)
            time.sleep(moment)
            process.kill()
            process.join(PATIENCE)
            if process.exitcode == -signal.SIGKILL and not _told(told):
                break
        kept = groups(checkpoint)
        _, found = self.rest(run, checkpoint)
        return Trial("SIGKILL of the run", moment, kept, groups(checkpoint), found == expected)

    def kill_worker(self, checkpoint: Path, seconds: float, expected: str) -> Trial:
        """Kill one of two workers of a distributed run at a random moment; the run goes on by itself."""
        while True:
            shutil.rmtree(checkpoint, ignore_errors=True)
            process, told, workers = self.start(run_distributed, checkpoint)
            moment = self.random.uniform(0, seconds)
            over = told.poll(moment)
            kept = groups(checkpoint)
            if not over:
                os.kill(self.random.choice(workers), signal.SIGKILL)
            _, found = told.recv()
            process.join(PATIENCE)
            if not over:
                return Trial("SIGKILL of a worker", moment, kept, groups(checkpoint), found == expected)


def _told(told: Any) -> bool:
    """Tell whether a run had come to its end before it was killed."""
    try:
        return told.poll() and bool(told.recv())
    except EOFError:
        return False


def groups(checkpoint: Path) -> int:
    """Return how many groups of blocks are kept."""
    return len(list(checkpoint.glob("*.sums")))


def trials(
    folder: Path, cells: float, zones: int, kills: int, workers: int, *, chunk: int = 2048, repeats: int = 5
) -> dict[str, Any]:
    """Return what came of all kills, beside what a checkpoint costs."""
    place = Path(tempfile.mkdtemp(prefix="gep-kill-", dir=folder))
    try:
        job = Job(place / "grid", cells, zones, chunk)
        write(job.folder, Landscape(cells, zones, fields=LAYERS[2:]), LAYERS, "zarr")
        lab, checkpoint = Lab(job), place / "checkpoint"
        plain = [lab.whole(run) for _ in range(repeats)]
        kept = [lab.whole(run, checkpoint) for _ in range(repeats)]
        expected = plain[0][1]
        lab.job = replace(job, groups=25)
        slow = lab.middle(run, checkpoint, repeats)
        found = [lab.kill(checkpoint, slow, expected) for _ in range(kills)]
        if workers:
            slow = lab.middle(run_distributed, checkpoint, repeats)
            found += [lab.kill_worker(checkpoint, slow, expected) for _ in range(workers)]
        return {
            "seconds_without": min(s for s, _ in plain),
            "seconds_with": min(s for s, _ in kept),
            "undisturbed_identical": {bits for _, bits in (*plain, *kept)} == {expected},
            "trials": [asdict(trial) for trial in found],
        }
    finally:
        shutil.rmtree(place)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill", description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="on a local disk")
    parser.add_argument("--cells", type=float, default=1e8)
    parser.add_argument("--zones", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--workers", type=int, default=10, help="kills of distributed workers")
    parser.add_argument("--json", type=Path)
    told = parser.parse_args(arguments)
    found = trials(told.folder, told.cells, told.zones, told.kills, told.workers)
    for how in dict.fromkeys(trial["how"] for trial in found["trials"]):
        own = [trial for trial in found["trials"] if trial["how"] == how]
        same = sum(trial["identical"] for trial in own)
        kept = sum(trial["kept"] > 0 for trial in own)
        print(f"{how}: {same} of {len(own)} identical; {kept} found groups of blocks to go on from")
    print(f"without a checkpoint {found['seconds_without']:.3f} s, with {found['seconds_with']:.3f} s")
    if told.json:
        out = {"machine": machine(THREADS), "cells": told.cells, "zones": told.zones, **found}
        told.json.write_text(json.dumps(out, indent=1) + "\n", encoding="utf-8")
    return int(not all(t["identical"] for t in found["trials"]) or not found["undisturbed_identical"])


if __name__ == "__main__":
    sys.exit(main())
