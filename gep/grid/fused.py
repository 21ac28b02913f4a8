"""Fusing: a formula compiled into one loop over cells, so that nothing inside it is ever an array.

A formula with powers or exponentials is computed array by array, because numpy takes eight of them
at once; so is one that the compiler does not know how to take.
"""

from __future__ import annotations

import dis
import hashlib
from collections.abc import Iterator
from functools import lru_cache
from types import FunctionType
from typing import Any

import numpy as np
from numba import njit
from numba.core.errors import NumbaError
from numba.extending import register_jitable
from numpy.typing import NDArray

from gep.grid.simd import cell

Float = np.float64
_SLOW = {"exp", "expm1", "log", "log2", "log10", "log1p", "power", "sin", "cos", "tan", "arctan", "tanh"}
#: Cells computed together array by array: so few that all of them stay near the processor.
_PIECE = 1 << 14


def evaluate(kernel: Any, arguments: tuple[Any, ...], out: NDArray[Float]) -> NDArray[Float]:
    """Write float64 values of a kernel of flat arrays and numbers to ``out``, and return it.

    What is no number is NaN or infinite.

    Examples
    --------
    >>> def kept(depth, share):
    ...     return depth * share
    >>> evaluate(kept, (np.array([2.0, 3.0], np.float32), 0.5), np.empty(2)).tolist()
    [1.0, 1.5]
    """
    loop = _loop(kernel)
    if loop is not None:
        try:
            loop(out, arguments)
        except NumbaError:
            _refused.add(kernel)
            _loop.cache_clear()
        else:
            return out
    with np.errstate(all="ignore"):
        for first in range(0, out.size, _PIECE):
            piece = slice(first, first + _PIECE)
            out[piece] = kernel(
                *(a[piece].astype(Float) if isinstance(a, np.ndarray) else a for a in arguments)
            )
    return out


#: Kernels that the compiler did not take.
_refused: set[FunctionType] = set()


@lru_cache(maxsize=256)
def _loop(kernel: FunctionType) -> Any:
    """Return the compiled loop of a kernel, None if it cannot be had."""
    if kernel in _refused or any(map(_transcendental, _helpers(kernel))):
        return None
    # the disk holds loops by what they close over; with this a changed formula is another loop
    stamp = hashlib.sha256("".join(_told(kernel)).encode()).hexdigest()
    for helper in _helpers(kernel):
        register_jitable(error_model="numpy")(helper)

    def loop(out: Any, arguments: Any) -> None:
        stamp  # noqa: B018
        for i in range(out.size):
            out[i] = kernel(*cell(arguments, i))

    return njit(nogil=True, cache=True, error_model="numpy")(loop)


def _helpers(kernel: FunctionType) -> list[FunctionType]:
    """Return a kernel and all functions that it calls by name, directly or not."""
    found, open_ = [], [kernel]
    while open_:
        one = open_.pop()
        if one not in found:
            found.append(one)
            used = [one.__globals__.get(name) for name in one.__code__.co_names]
            open_ += [f for f in used if isinstance(f, FunctionType)]
    return found


def _transcendental(function: FunctionType) -> bool:
    """Tell whether a function takes powers, exponentials, logarithms or angles."""
    return bool(_SLOW & set(function.__code__.co_names)) or any(
        step.opname == "BINARY_OP" and step.argrepr.startswith("**")
        for step in dis.get_instructions(function)
    )


def _told(kernel: FunctionType) -> Iterator[str]:
    """Yield all that a kernel computes with: code, constants, and the numbers it names."""
    for one in _helpers(kernel):
        code = one.__code__
        yield repr((code.co_code, code.co_consts, code.co_names))
        yield repr([n for name in code.co_names if isinstance(n := one.__globals__.get(name), int | float)])
