"""What is said where a pass breaks off: which layer, which block, and what is kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from typing import Any

from gep.errors import GepError, GridError
from gep.grid import sources

#: Seconds after which a block that cannot be read is not looked for any longer.
_PATIENCE = 60.0
#: Errors that are not of a block: looking for one would only repeat them.
_OF_WORKERS = {"KilledWorker", "NoValidWorkerError", "CommClosedError", "MemoryError"}


@contextmanager
def reading(name: str) -> Iterator[None]:
    """Turn whatever goes wrong while a whole array is read into an error that names it."""
    try:
        yield
    except GepError:
        raise
    except Exception as error:
        raise _unread(error, name) from error


@contextmanager
def telling(
    arrays: Sequence[Any],
    layers: Sequence[Any],
    names: Sequence[str],
    places: Sequence[tuple[slice, slice]],
    groups: Mapping[int, Iterable[int]],
) -> Iterator[None]:
    """Turn whatever breaks a pass by dask off into an error that says where.

    Parameters
    ----------
    arrays, layers, names : sequence
        What is read: arrays, their blocks as delayed values, and what they are called.
    places : sequence of (slice, slice)
        Rows and columns of the blocks.
    groups : mapping of int to numbers of blocks
        What was not added up before.
    """
    try:
        yield
    except GepError:
        raise
    except (CancelledError, asyncio.CancelledError) as error:
        raise GridError(
            f"the work was cancelled: {error}",
            expected="a scheduler that stays until all is added up",
            fix="start again; what a checkpoint holds is kept",
        ) from error
    except Exception as error:
        if type(error).__name__ in _OF_WORKERS:
            raise GridError(
                f"the workers did not last: {error}",
                expected="workers that hold a block of each layer",
                fix="smaller chunks, fewer threads or more memory for a worker; a checkpoint keeps the rest",
            ) from error
        numbers = [n for group in groups.values() for n in group]
        raise _unread(error, _culprit(arrays, layers, names, [(n, places[n]) for n in numbers])) from error


def _unread(error: BaseException, where: str) -> GridError:
    return GridError(
        f"it could not be read or computed: {_chain(error)}",
        where=where or "a block of a grid",
        expected="files that are whole and can be read",
        fix="copy or write this file anew; what cannot be read is never taken as zero",
    )


def _chain(error: BaseException | None) -> str:
    """Return an error and what caused it; that of a file often stands behind that of a library."""
    told: list[str] = []
    while error is not None and len(told) < 4:
        told.append(f"{type(error).__name__}: {error}")
        error = error.__cause__
    return "; ".join(dict.fromkeys(told))


def _culprit(
    arrays: Sequence[Any],
    layers: Sequence[Any],
    names: Sequence[str],
    blocks: Sequence[tuple[int, tuple[slice, slice]]],
) -> str:
    """Return layer, rows and columns of the first block that cannot be read, as far as it is found soon."""
    import dask

    until = time.monotonic() + _PATIENCE
    for number, (rows, cols) in blocks:
        for k, (array, layer) in enumerate(zip(arrays, layers, strict=True)):
            if not hasattr(array, "dask"):
                continue
            if time.monotonic() > until:
                return ""
            try:
                dask.compute(layer[number])
            except Exception:  # noqa: BLE001  # which error was told already
                name = names[k] if k < len(names) else f"layer {k + 1}"
                files = ", ".join(str(sources.path_of(s)) for s in sources.stores(array))
                place = f"rows {rows.start} to {rows.stop - 1}, columns {cols.start} to {cols.stop - 1}"
                return f"{name}, {place}{f' ({files})' if files else ''}"
    return ""
