"""All implementations side by side in one run: ``python -m benchmarks.compare --cells 4e7``.

Time is wall time of calls that take turns, so that a disturbance of the machine meets all of them.
Before it, each implementation has run on a small grid (compilers have compiled) and once in full; on
that first call memory is taken: the highest resident memory beyond what was held before, with what
the implementation prepares for itself (columns of area, outlines of zones, tables of its own).
Preparation is not in the time. Where a million cells foretell more seconds than ``--limit``, the
implementation runs on 4e6 cells; the time of the rest is that of so many cells between the two.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.floor import Floor
from benchmarks.measure import Peak, clock, give_back, limit_threads, machine
from benchmarks.peers import implementations
from benchmarks.peers.base import THREADS, Peer
from benchmarks.requirements import check, verdict
from benchmarks.tasks import TASKS, Problem, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

TOY, PROBE, SMALL = 3e4, 1e6, 4e6


@dataclass
class Record:
    """What was measured of one implementation on one task; times are for ``cells`` of the grid."""

    task: str
    grid: str
    cells: int
    zones: int
    implementation: str
    family: str
    best: float | None = None
    median: float | None = None
    runs: int = 0
    scaled: bool = False
    cells_run: int | None = None
    cells_per_second: float | None = None
    floor_seconds: float | None = None
    floors: float | None = None
    extra_memory: int | None = None
    prepare_seconds: float | None = None
    relative_error: float | None = None
    counts_exact: bool | None = None
    gep_faster: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Effort:
    """How much time to spend on each implementation.

    Attributes
    ----------
    turns, row : int
        Turns of each, and calls in a turn.
    budget : float
        Seconds of all turns, after which only others go on.
    limit : float
        Seconds of one call that are too long for the whole grid.
    """

    turns: int = 5
    row: int = 4
    budget: float = 8.0
    limit: float = 60.0


class Contender:
    """An implementation on its grid, with the seconds of its calls."""

    def __init__(self, kind: type[Peer], problem: Problem) -> None:
        self.seconds: list[float] = []
        with Peak() as peak:
            self.prepared, self.peer = clock(lambda: kind(problem))
            self.first, result = clock(self.peer.run)
        self.extra = peak.extra
        self.error = problem.error(result)
        counts = getattr(self.peer, "counts", None)
        self.counts_exact = None if counts is None else bool((counts == problem.counts).all())

    def turn(self, effort: Effort) -> None:
        """Run a few times in a row while the seconds given to each last, three times at least.

        The first call of a row often finds memory that the system has to fetch, the next does not: one
        call alone would be unfair to all who need much. Only the very slow run once.
        """
        for _ in range(effort.row):
            best = min(self.times)
            least = 3 if best < effort.limit else 1
            if sum(self.seconds) + best < effort.budget or len(self.seconds) < least:
                self.seconds.append(clock(self.peer.run)[0])

    @property
    def times(self) -> list[float]:
        """Seconds that count."""
        return self.seconds or [self.first]


class Arena:
    """A task on a grid, and all who take part in it."""

    def __init__(self, task: Task, cells: float, zones: int, kind: str, effort: Effort) -> None:
        self.task, self.cells, self.zones, self.kind, self.effort = task, cells, zones, kind, effort
        self.problem = cache(lambda size: Problem(task, size, zones, kind))
        self.contenders: dict[str, Contender] = {}
        self.probes: dict[str, float] = {}

    @cached_property
    def floor(self) -> Floor:
        """The floor of this task: a reading of what it reads."""
        return Floor(self.problem(self.cells).arrays, THREADS)

    def compete(self, peers: Sequence[type[Peer]]) -> list[Record]:
        """Measure all implementations and return their records, the fastest first."""
        reasons = {peer.name: self.admit(peer) for peer in peers}
        for _ in range(self.effort.turns):
            self.floor.measure(5)
            for contender in self.contenders.values():
                contender.turn(self.effort)
        records = [self.record(peer, reasons[peer.name]) for peer in peers]
        ours = next((r.best for r in records if r.family == "gep"), None)
        for record in records:
            record.gep_faster = record.best / ours if ours and record.best else None
        return sorted(records, key=lambda r: (r.best is None, r.best or 0.0))

    def admit(self, peer: type[Peer]) -> str:
        """Run an implementation for the first times; return why it cannot take part, or nothing."""
        if reason := peer.refuses(self.problem(TOY)):
            return reason
        try:
            peer(self.problem(TOY)).run()
            self.contenders[peer.name] = Contender(peer, self.problem(self.size_for(peer)))
        except Exception as error:  # noqa: BLE001 - a peer may fail in any way, and is listed with it
            return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:200]
        finally:
            give_back()
        return ""

    def size_for(self, peer: type[Peer]) -> float:
        """Return the cells to run on: all of them, unless that would take too long."""
        if self.cells <= SMALL:
            return self.cells
        first, again = (clock(peer(self.problem(PROBE)).run)[0] for _ in range(2))
        self.probes[peer.name] = min(first, again)  # the first may have had something to compile
        foretold = self.probes[peer.name] * self.cells / PROBE
        return self.cells if foretold <= self.effort.limit else SMALL

    def in_full(self, name: str, seconds: float, ran: int) -> float:
        """Return the seconds of all cells, from those of a smaller grid; its fixed cost counts once."""
        cells = self.problem(self.cells).cells
        if ran == cells:
            return seconds
        probe = self.problem(PROBE).cells
        return seconds + max(0.0, seconds - self.probes[name]) / (ran - probe) * (cells - ran)

    def record(self, peer: type[Peer], reason: str) -> Record:
        """Return the record of one implementation."""
        cells = self.problem(self.cells).cells
        about = Record(self.task.name, self.kind, cells, self.zones, peer.name, peer.family, reason=reason)
        contender = self.contenders.get(peer.name)
        if contender is None:
            return about
        ran = contender.peer.problem.cells
        times = [self.in_full(peer.name, seconds, ran) for seconds in contender.times]
        about.best, about.median, about.runs = min(times), median(times), len(times)
        about.scaled, about.cells_run = ran != cells, ran
        about.cells_per_second = cells / about.best
        about.floor_seconds, about.floors = self.floor.best, about.best / self.floor.best
        about.extra_memory, about.prepare_seconds = contender.extra, contender.prepared
        about.relative_error, about.counts_exact = contender.error, contender.counts_exact
        return about


def table(records: Sequence[Record]) -> str:
    """Return the records of one arena as text."""
    first = records[0]
    task = TASKS[first.task]
    grid = f"{first.cells:.3g} cells, {first.zones} zones, {first.grid} grid"
    columns = ("best s", "median", "Mcells/s", "x floor", "MB", "error", "gep is")
    head = f"{'implementation':<28}" + "".join(f"{column:>10}" for column in columns)
    return "\n".join([f"\n{task.label}  {task.title}: {grid}", head, *map(_line, records)])


def _line(record: Record) -> str:
    if record.best is None:
        return f"{record.implementation:<28}  {record.reason}"
    memory = "" if record.extra_memory is None else f"{record.extra_memory / 1e6:.0f}"
    faster = "" if record.gep_faster is None else f"{record.gep_faster:.1f}x"
    notes = ("  scaled" if record.scaled else "") + (
        "  COUNTS DIFFER" if record.counts_exact is False else ""
    )
    times = f"{record.best:>10.4f}{record.median:>10.4f}{record.cells_per_second / 1e6:>10.0f}"
    rest = f"{record.floors:>10.1f}{memory:>10}{record.relative_error:>10.0e}{faster:>10}"
    return f"{record.implementation:<28}{times}{rest}{notes}"


def compare(
    cells: float, zones: Sequence[int], tasks: Sequence[str], grids: Sequence[str],
    effort: Effort, only: Sequence[str] = (), out: Path | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Measure everything, print it and return it; each table is written to ``out`` when it is there."""
    limit_threads(THREADS)
    records: list[Record] = []
    checks = check(records)
    found: dict[str, Any] = {"machine": machine(THREADS), "effort": asdict(effort)}
    for kind in grids:
        for count in zones:
            for task in tasks:
                rows = Arena(TASKS[task], cells, count, kind, effort).compete(implementations(task, only))
                print(table(rows), flush=True)
                records += rows
                checks = check(records)
                found["records"] = [asdict(record) for record in records]
                found["requirements"] = [asdict(each) for each in checks]
                if out is not None:
                    out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
                give_back()
    print(verdict(checks))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.compare", description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=float, default=4e7)
    parser.add_argument("--zones", default="11,1000")
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--grid", default="coherent", help="any of coherent,salt,scatter")
    parser.add_argument("--only", default="", help="names of implementations, or how they begin")
    parser.add_argument("--quick", action="store_true", help="fewer repeats, slow ones on 4e6 cells")
    parser.add_argument("--limit", type=float, default=60.0, help="seconds of one call that are too long")
    parser.add_argument(
        "--budget", type=float, default=8.0, help="seconds of all calls of one implementation"
    )
    parser.add_argument("--json", type=Path, help="where to write the results")
    told = parser.parse_args(arguments)
    effort = Effort(2, 3, 2.0, min(5.0, told.limit))
    if not told.quick:
        effort = Effort(budget=told.budget, limit=told.limit)
    lists = {name: [v for v in getattr(told, name).split(",") if v] for name in ("tasks", "grid", "only")}
    zones = [int(z) for z in told.zones.split(",")]
    compare(told.cells, zones, lists["tasks"], lists["grid"], effort, lists["only"], told.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
