"""Processes that each test one mutant, forked from one that has loaded what gep needs but not gep."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.mutating.tracing import Session

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

#: Bytes that the tests of a mutant may take.
MEMORY = 4 << 30
#: Compiled code: loading it takes seconds, and it is not mutated.
KERNELS = ("gep.grid.adding", "gep.grid.exact", "gep.grid.runs", "gep.grid.simd")
#: Exit code of a fork where something else than a test went wrong, and that of one that was late.
CRASHED, LATE = 70, -1
#: Exit codes of pytest that mean that a test failed, or that nothing could be imported.
NOTICED = (1, 2, 3, 4)
#: What a fork must load for itself.
_OWN = ("gep", "tests", "conftest", "examples")


def by_file(tests: Iterable[str], seconds: Mapping[str, float]) -> list[list[str]]:
    """Return tests by their file, quickest first: what is not needed is not even collected."""
    files = defaultdict(list)
    for test in tests:
        files[test.partition("::")[0]].append(test)
    return sorted(files.values(), key=lambda some: sum(map(seconds.__getitem__, some)))


def pytest_in(tests: Sequence[str], session: Session | None = None) -> int:
    """Run tests, or files of them, in this process; one file at a time where the tests are named."""
    session = session or Session(tests)
    files = list(dict.fromkeys(test.partition("::")[0] for test in tests))
    quiet = ("-q", "-x", "--tb=no", "--assert=plain", "--no-header")
    plugins = ("-p", "no:cacheprovider", "-p", "_hypothesis_pytestplugin")
    folder = f"--basetemp={tempfile.gettempdir()}/{os.getpid()}"
    return int(pytest.main([*files, *quiet, *plugins, folder], plugins=[session]))


def plant(path: Path, tree: ast.Module) -> None:
    """Let a module be compiled from a tree instead of its file."""
    read = SourceFileLoader.get_code

    def get_code(self: SourceFileLoader, fullname: str) -> Any:
        if Path(self.path) == path:
            return compile(tree, self.path, "exec", dont_inherit=True)
        return read(self, fullname)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign]


def start(work: Callable[[], int], seconds: float) -> int:
    """Do some work in a fork, of so many seconds of a processor at most; return its process."""
    child = os.fork()
    if child:
        return child
    code = CRASHED
    try:
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1,) * 2)
        resource.setrlimit(resource.RLIMIT_DATA, (MEMORY,) * 2)
        code = work()
    finally:
        os._exit(code)


def results(works: Iterable[tuple[Any, Callable[[], int], float]], jobs: int) -> Iterator[tuple[Any, int]]:
    """Do works of so many seconds at most, several at a time; yield each key with its exit code.

    The seconds are those of a processor, so that a busy machine makes nothing late; who waits for
    nothing is ended after ten times as many.
    """
    waiting, running = iter(works), {}
    more = True
    while more or running:
        while more and len(running) < jobs:
            task = next(waiting, None)
            more = task is not None
            if task:
                running[start(task[1], task[2])] = (task[0], time.monotonic() + 10 * task[2])
        for child, (key, deadline) in list(running.items()):
            done, status = os.waitpid(child, os.WNOHANG)
            late = not done and time.monotonic() > deadline
            if done or late:
                _end(child, wait=late)
                del running[child]
                code = LATE if late else os.waitstatus_to_exitcode(status)
                yield key, LATE if code in (-signal.SIGXCPU, -signal.SIGKILL) else code
        time.sleep(0.005)


def _end(child: int, *, wait: bool) -> None:
    """End a process that is late, and what it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    if wait:
        os.waitpid(child, 0)


def warm(files: Sequence[str]) -> None:
    """Load what the tests of a group load, and forget gep, so that a fork can load it changed."""
    names = _loaded(files)
    for name in names:
        # what cannot be loaded alone is loaded by each fork
        if name.split(".")[0] not in _OWN and name not in sys.modules:
            with contextlib.suppress(Exception):
                importlib.import_module(name)
    if "xarray" in names:
        # numbagg would compile its reductions in every fork
        importlib.import_module("xarray").set_options(use_numbagg=False)
    if any(name in KERNELS for name in names):
        _compile()
    for name in list(sys.modules):
        if name.split(".")[0] == "gep" and name not in KERNELS:
            del sys.modules[name]
    if threading.active_count() > 1:
        raise SystemExit("threads are left; a fork would wait for them")
    gc.collect()
    gc.freeze()


def _loaded(files: Sequence[str]) -> list[str]:
    """Run the tests in a fork and return the modules that are loaded then."""
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "modules"

        def modules() -> int:
            code = pytest_in(files, Session())
            listed.write_text("\n".join(sys.modules), encoding="utf-8")
            return code

        demand(modules, f"the tests fail without any mutant: {' '.join(files)}")
        return listed.read_text(encoding="utf-8").split("\n")


def demand(work: Callable[[], int], failing: str, seconds: float = 900.0) -> None:
    """Do a work that must not fail."""
    ((_, code),) = results([("", work, seconds)], 1)
    if code:
        raise SystemExit(f"{failing} (code {code})")


def _compile() -> None:
    """Have the kernels compiled, on a grid of four cells."""
    import numpy as np
    import xarray as xr

    import gep

    axes = {"lat": [40.5, 39.5], "lon": [1.5, 2.5]}
    cells = gep.set_crs(xr.DataArray(np.ones((2, 2), np.int32), axes, ("lat", "lon")), "EPSG:4326")
    rain = cells.astype(np.float64).assign_attrs(units="mm/year")
    gep.grid.aggregate(gep.Zones.from_labels(cells, nodata=0), cells, {"rain": rain})
