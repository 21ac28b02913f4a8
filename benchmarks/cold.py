"""How long first calls take, cold and with kernels in the cache: ``python -m benchmarks.cold``.

Every call is the first in a process of its own; the compiler's cache lies in a folder of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.measure import machine
from benchmarks.peers.base import THREADS
from benchmarks.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Sequence

CELLS = 1e6

#: Prints the seconds of the import, the kernels that it compiled, and the seconds of each first call.
PROGRAM = """
import json, sys, time
start = time.perf_counter()
import gep
imported = time.perf_counter() - start
compilers = [name for name in sys.modules if name.split(".")[0] == "llvmlite"]
from benchmarks.ours import aggregate
from benchmarks.tasks import TASKS, Problem
seconds = {}
for task in sys.argv[2:]:
    problem = Problem(TASKS[task], float(sys.argv[1]), 11)
    start = time.perf_counter()
    aggregate(problem.layers, task)
    seconds[task] = time.perf_counter() - start
print(json.dumps({"import": imported, "compiler_at_import": bool(compilers), "first_calls": seconds}))
"""


def first_calls(cache: Path, cells: float, tasks: Sequence[str]) -> dict[str, object]:
    """Return what a new process measures that finds its kernels in ``cache``, or nothing there."""
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(cache)}
    command = [sys.executable, "-c", PROGRAM, str(cells), *tasks]
    done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)  # noqa: S603
    return json.loads(done.stdout.splitlines()[-1])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cold", description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=float, default=CELLS)
    parser.add_argument("--tasks", default=",".join(TASKS))
    parser.add_argument("--json", type=Path)
    told = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="gep-cold-") as folder:
        found = {
            state: first_calls(Path(folder), told.cells, told.tasks.split(","))
            for state in ("cold", "cached")
        }
    for state, each in found.items():
        calls = "  ".join(
            f"{TASKS[task].label} {seconds:.2f} s" for task, seconds in each["first_calls"].items()
        )
        total = sum(each["first_calls"].values())
        compiler = "with" if each["compiler_at_import"] else "without"
        print(
            f"{state:<7} import {each['import']:.2f} s {compiler} a compiler; in all {total:.2f} s: {calls}"
        )
    if told.json:
        told.json.write_text(
            json.dumps({"machine": machine(THREADS), **found}, indent=1) + "\n", encoding="utf-8"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
