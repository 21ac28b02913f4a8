"""Passes: every block of a grid through one task, on threads or by dask; exact sums come back.

Sums of blocks are merged in whatever order they arrive, which changes nothing: none is rounded.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from itertools import accumulate, islice, product
from threading import Thread
from typing import TYPE_CHECKING, Any

from gep.errors import need_extra
from gep.grid.adding import MOST_CELLS
from gep.grid.blocks import BlockTask, Sums, merged, pieces
from gep.grid.failing import telling

if TYPE_CHECKING:
    from gep.grid.checkpoint import Checkpoint

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
    rows, cols = shape
    turns = max(4, -(-rows * cols // (MOST_CELLS * threads)))
    fair = -(-rows // (turns * threads)) * cols  # whole rows, as many for every thread
    return min(max(fair, LEAST_CELLS), MOST_CELLS)


def in_memory(
    task: BlockTask,
    arrays: list[Any],
    threads: int,
    most: int | None,
    checkpoint: Checkpoint | None = None,
) -> dict[str, Sums]:
    """Return the sums of numpy arrays, block by block on threads."""
    shape = arrays[0].shape

    def one(block: tuple[slice, slice]) -> dict[str, Sums]:
        return task(block[0].start, block[1].start, *[a[block] for a in arrays])

    with ThreadPoolExecutor(threads) as pool:
        if checkpoint is None:
            return merged(task.nothing(), pool.map(one, pieces(shape, block_cells(shape, threads, most))))
        total, open_ = checkpoint.load(task)
        blocks = _blocks(checkpoint.chunks)
        found = pool.map(one, [blocks[n] for numbers in open_.values() for n in numbers])
        for group, numbers in open_.items():
            sums = merged(task.nothing(), islice(found, len(numbers)))
            checkpoint.keep(group, sums)
            merged(total, [sums])
    return total


def by_dask(
    task: BlockTask,
    arrays: list[Any],
    threads: int | None,
    *,
    progress: bool,
    names: Sequence[str] = (),
    checkpoint: Checkpoint | None = None,
) -> dict[str, Sums]:
    """Return the sums of arrays of which some are dask arrays; one task a chunk, then a tree of merges.

    Raises
    ------
    GridError
        A block cannot be read, or workers died; the message names layer, rows and columns where it can.
    """
    try:
        import dask
    except ImportError as error:
        raise need_extra("dask", "dask", "a grid that is read in chunks") from error
    chunks = chunks_of(arrays) if checkpoint is None else checkpoint.chunks
    places = _blocks(chunks)
    layers = [a.to_delayed().ravel() for a in _chunked(arrays, chunks)]
    total, open_ = (task.nothing(), {0: range(len(places))}) if checkpoint is None else checkpoint.load(task)
    # dask writes out what a task looks like for each block, unless it is a function with a name
    run, join = (dask.delayed(partial(one, task), pure=False) for one in (_summed, _joined))
    groups = {
        group: _tree(join, [run(*(s.start for s in places[n]), *[b[n] for b in layers]) for n in numbers])
        for group, numbers in open_.items()
    }
    options = {} if threads is None else {"num_workers": threads}
    with telling(arrays, layers, names, places, open_):
        found = _computed(groups, join, checkpoint, options, progress=progress)
        return next(found) if checkpoint is None else merged(total, found)


def _computed(
    groups: Mapping[int, Any],
    join: Any,
    checkpoint: Checkpoint | None,
    options: Mapping[str, Any],
    *,
    progress: bool,
) -> Iterator[dict[str, Sums]]:
    """Yield the sums of groups of blocks; those of a checkpoint are on disk by then."""
    import dask
    from dask.diagnostics.progress import ProgressBar

    if not groups:
        return
    client = _client() if progress or checkpoint is not None else None
    if client is not None:
        yield from _gathered(client, groups, checkpoint, progress=progress)
        return
    if checkpoint is not None:
        keep = dask.delayed(partial(_kept, checkpoint), pure=False)
        groups = {group: keep(group, sums) for group, sums in groups.items()}
    top = _tree(join, list(groups.values()))
    with ProgressBar() if progress else nullcontext():
        sums = dask.compute(top, **options)[0]
    yield sums


def _gathered(
    client: Any, groups: Mapping[int, Any], checkpoint: Checkpoint | None, *, progress: bool
) -> Iterator[dict[str, Sums]]:
    """Yield the sums of groups as the workers of dask.distributed finish them."""
    from distributed import as_completed
    from distributed import progress as bar

    futures = client.compute(list(groups.values()))
    group_of = dict(zip(futures, groups, strict=True))
    if progress:
        shown = Thread(target=bar, args=(futures,), kwargs={"notebook": False}, daemon=True)
        shown.start()
    for future in as_completed(futures):
        sums = dict(future.result())
        if checkpoint is not None:
            checkpoint.keep(group_of[future], sums)
        yield sums
    if progress:
        shown.join()


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


def chunks_of(arrays: list[Any], cells: int | None = None) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the chunks of the first array that has any, else rows as for arrays in memory."""
    for array in arrays:
        if hasattr(array, "dask"):
            rows, cols = array.chunks
            return tuple(rows), tuple(cols)
    shape = arrays[0].shape
    blocks = list(pieces(shape, block_cells(shape, cores(), None) if cells is None else cells))
    return tuple(r.stop - r.start for r, c in blocks if c.start == 0), (shape[1],)


def _blocks(chunks: Sequence[Sequence[int]]) -> list[tuple[slice, slice]]:
    """Return rows and columns of all blocks, row by row of the grid."""
    sides = [
        [slice(stop - size, stop) for size, stop in zip(sizes, accumulate(sizes), strict=True)]
        for sizes in chunks
    ]
    return [(rows, cols) for rows, cols in product(*sides)]


def _chunked(arrays: list[Any], chunks: tuple[tuple[int, ...], ...]) -> list[Any]:
    """Return all arrays as dask arrays, in the same chunks."""
    import dask.array as da

    return [
        a.rechunk(chunks) if hasattr(a, "dask") else da.from_array(a, chunks=chunks, name=False)
        for a in arrays
    ]


def _tree(join: Any, level: list[Any]) -> Any:
    """Return one delayed merge of many sums, a few at a time."""
    while len(level) > 1:
        level = [join(level[k : k + _FAN]) for k in range(0, len(level), _FAN)]
    return level[0]


def _summed(task: BlockTask, top: int, left: int, *blocks: Any) -> dict[str, Sums]:
    return task(top, left, *blocks)


def _joined(task: BlockTask, parts: list[dict[str, Sums]]) -> dict[str, Sums]:
    return merged(task.nothing(), parts)


def _kept(checkpoint: Checkpoint, group: int, sums: dict[str, Sums]) -> dict[str, Sums]:
    checkpoint.keep(group, sums)
    return sums
