"""Scratch: memory that a thread uses again for block after block.

A system hands out new memory page by page, as it is touched, which takes about as long as what is
done with it here.
"""

from __future__ import annotations

from threading import local
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray


class Scratch(local):
    """Arrays by name, of each thread its own; what one holds is lost when the name is asked for again."""

    def __init__(self) -> None:
        self._kept: dict[str, NDArray[np.uint8]] = {}

    def __call__(self, name: str, size: int, dtype: DTypeLike) -> NDArray[Any]:
        """Return an array of ``size`` with anything in it."""
        needed = size * np.dtype(dtype).itemsize
        if name not in self._kept or self._kept[name].size < needed:
            self._kept[name] = np.empty(needed, np.uint8)
        return self._kept[name][:needed].view(dtype)


def fresh(_name: str, size: int, dtype: DTypeLike) -> NDArray[Any]:
    """Return a new array, as a :class:`Scratch` would an old one."""
    return np.empty(size, dtype)
