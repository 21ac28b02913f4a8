"""The floor: how long two threads need to read the same bytes once, and nothing else."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@numba.njit(nogil=True, cache=True)
def _read(words: NDArray[np.uint64]) -> np.uint64:
    """Combine all words, so that none need not be read."""
    seen = np.uint64(0)
    for word in words:
        seen ^= word
    return seen


def words(array: NDArray[np.generic]) -> NDArray[np.uint64]:
    """Return the bytes of an array as 8-byte words; up to 7 bytes at the end are left out."""
    flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return flat[: flat.size // 8 * 8].view(np.uint64)


class Floor:
    """A two-thread streaming read of some arrays, each thread one contiguous half of each.

    Parameters
    ----------
    arrays : sequence of ndarray
        What a task has to read.
    """

    def __init__(self, arrays: Sequence[NDArray[np.generic]], threads: int = 2) -> None:
        self.threads = threads
        self.bytes = sum(array.nbytes for array in arrays)
        self.parts = [np.array_split(words(array), threads) for array in arrays]
        self.pool = ThreadPoolExecutor(threads)
        self.seconds: list[float] = []
        _read(np.zeros(8, np.uint64))

    def measure(self, repeats: int = 1) -> None:
        """Read everything ``repeats`` times more."""
        for _ in range(repeats):
            start = time.perf_counter()
            list(self.pool.map(self._share, range(self.threads)))
            self.seconds.append(time.perf_counter() - start)

    @property
    def best(self) -> float:
        """Seconds of the fastest reading."""
        return min(self.seconds)

    def _share(self, thread: int) -> int:
        seen = np.array([_read(parts[thread]) for parts in self.parts], np.uint64)
        return int(np.bitwise_xor.reduce(seen))
