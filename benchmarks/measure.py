"""How time and memory are taken, and on which machine."""

from __future__ import annotations

import ctypes
import gc
import importlib.metadata
import os
import platform
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable

#: Packages whose version is written down beside the results.
PACKAGES = (
    *("gep", "numpy", "numba", "scipy", "pandas", "xarray", "dask", "distributed", "zarr", "rasterio"),
    *("numpy_groupies", "numbagg", "polars", "duckdb", "pyarrow", "flox", "xarray-spatial"),
    *("rasterstats", "exactextract", "geopandas", "pygeoprocessing"),
)


class Peak:
    """Memory that a piece of code takes beyond what the process held before, at its highest.

    The kernel keeps the highest resident memory of a process, so nothing is missed between samples.
    Memory that is freed is given back to the system first, or later code would seem to need none.

    Attributes
    ----------
    extra : int or None
        Bytes; None where the system does not tell.
    """

    extra: int | None = None

    def __enter__(self) -> Self:
        give_back()
        try:
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        except OSError:
            self.before = None
        else:
            self.before = resident("VmRSS")
        return self

    def __exit__(self, *failure: object) -> None:
        if self.before is not None:
            self.extra = max(0, resident("VmHWM") - self.before)


def resident(name: str) -> int:
    """Return a line of the kernel's account of this process in bytes: ``VmRSS`` or ``VmHWM``."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    raise OSError(f"the system does not tell {name}")


def give_back() -> None:
    """Free what is no longer used and give it back to the system."""
    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL(None).malloc_trim(0)


def clock(run: Callable[[], Any]) -> tuple[float, Any]:
    """Return the seconds that a call takes, and its result."""
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def limit_threads(threads: int) -> None:
    """Let the engines that ask the environment or numba have so many threads; call it before they load."""
    import numba

    for name in ("POLARS_MAX_THREADS", "OMP_NUM_THREADS", "GDAL_NUM_THREADS"):
        os.environ[name] = str(threads)
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))


def machine(threads: int) -> dict[str, Any]:
    """Return what the results depend on: processor, memory, system, versions."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else None
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": threads,
        "memory_bytes": memory,
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "packages": dict(_versions()),
    }


def _processor() -> str:
    """Return the name of the processor."""
    known = Path("/proc/cpuinfo")
    if known.exists():
        lines = known.read_text(encoding="utf-8").splitlines()
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "")
    return platform.processor()


def _versions() -> list[tuple[str, str]]:
    """Return names and versions of the packages that are installed."""
    found = []
    for name in PACKAGES:
        try:
            found.append((name, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
