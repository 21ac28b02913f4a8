"""Passes: every block of a grid through one task, on threads or by dask; exact sums come back.

Sums of blocks are merged in whatever order they arrive, which changes nothing: none is rounded.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from gep.errors import need_extra
from gep.grid.adding import MOST_CELLS
from gep.grid.blocks import BlockTask, Sums, merged, pieces

#: Blocks are not made smaller than this to keep all threads busy.
LEAST_CELLS = 1 << 18
#: Sums that one task merges.
_FAN = 16


def cores() -> int:
    """Return the number of processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        return os.cpu_count() or 1


def block_cells(shape: tuple[int, int], threads: int, most: int | None) -> int:
    """Return how many cells a block of an array in memory has."""
    if most is not None:
        return max(1, min(most, MOST_CELLS))
    fair = shape[0] * shape[1] // (4 * threads)
    return min(max(fair, LEAST_CELLS), MOST_CELLS)


def in_memory(task: BlockTask, arrays: list[Any], threads: int, most: int | None) -> dict[str, Sums]:
    """Return the sums of numpy arrays, block by block on threads."""
    shape = arrays[0].shape
    blocks = list(pieces(shape, block_cells(shape, threads, most)))

    def one(block: tuple[slice, slice]) -> dict[str, Sums]:
        return task(block[0].start, block[1].start, *[a[block] for a in arrays])

    with ThreadPoolExecutor(threads) as pool:
        return merged(task.nothing(), pool.map(one, blocks))


def by_dask(task: BlockTask, arrays: list[Any], threads: int | None, *, progress: bool) -> dict[str, Sums]:
    """Return the sums of arrays of which some are dask arrays; one task a chunk, then a tree of merges."""
    try:
        import dask
        from dask.diagnostics.progress import ProgressBar
    except ImportError as error:
        raise need_extra("dask", "dask", "a grid that is read in chunks") from error
    chunked = _chunked(arrays)
    blocks = [a.to_delayed() for a in chunked]
    tops, lefts = (np.cumsum((0, *sizes[:-1])).tolist() for sizes in chunked[0].chunks)
    run, join = dask.delayed(task, pure=False), dask.delayed(_joined, pure=False)
    level = [
        run(top, left, *[b[i, j] for b in blocks])
        for i, top in enumerate(tops)
        for j, left in enumerate(lefts)
    ]
    while len(level) > 1:
        level = [join(task, level[k : k + _FAN]) for k in range(0, len(level), _FAN)]
    options = {} if threads is None else {"num_workers": threads}
    if not progress:
        return dict(dask.compute(*level, **options)[0])
    if (client := _client()) is not None:
        from distributed import progress as bar

        future = client.compute(level[0])
        bar(future, notebook=False)
        return dict(future.result())
    with ProgressBar():
        return dict(dask.compute(*level, **options)[0])


def _client() -> Any:
    """Return the client of dask.distributed that computes here, if there is one."""
    try:
        from distributed import default_client
    except ImportError:
        return None
    try:
        return default_client()
    except ValueError:
        return None


def chunks_of(arrays: list[Any]) -> tuple[tuple[int, ...], ...]:
    """Return the chunks of the first array that has any, else rows as for arrays in memory."""
    for array in arrays:
        if hasattr(array, "dask"):
            return tuple(array.chunks)
    blocks = list(pieces(arrays[0].shape, block_cells(arrays[0].shape, cores(), None)))
    return tuple(r.stop - r.start for r, c in blocks if c.start == 0), (arrays[0].shape[1],)


def _chunked(arrays: list[Any]) -> list[Any]:
    """Return all arrays as dask arrays, in the same chunks."""
    import dask.array as da

    chunks = chunks_of(arrays)
    return [
        a.rechunk(chunks) if hasattr(a, "dask") else da.from_array(a, chunks=chunks, name=False)
        for a in arrays
    ]


def _joined(task: BlockTask, parts: list[dict[str, Sums]]) -> dict[str, Sums]:
    return merged(task.nothing(), parts)
