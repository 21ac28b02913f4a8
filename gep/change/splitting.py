"""Exact splits of the change of a product into effects of its factors.

Shapley: Shorrocks 2013 (Decomposition procedures for distributional analysis, J. Econ. Inequality 11);
with two factors it is Bennet's 1920 indicator. LMDI-I: Ang 2004 (Energy Policy 32:1131-1139).
"""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def shapley(before: Array, after: Array) -> Array:
    """Return the effect of each factor, averaged over all orders in which the factors can change.

    Parameters
    ----------
    before, after : array of float, (factors, rows)
        Any numbers; zeros and changes of sign are as good as others.

    Returns
    -------
    array of float, (factors, rows)
        The effects of a row add up to the change of its product.

    Examples
    --------
    >>> shapley(np.array([[2.0], [3.0]]), np.array([[4.0], [5.0]])).ravel().tolist()  # 20 - 6
    [8.0, 6.0]
    """
    count = len(before)
    effects = np.zeros(np.shape(before))
    for i in range(count):
        others = [k for k in range(count) if k != i]
        for size in range(count):
            weight = 1.0 / (count * math.comb(count - 1, size))
            for moved in combinations(others, size):
                rest = [after[k] if k in moved else before[k] for k in others]
                effects[i] += weight * np.prod(rest, axis=0) * (after[i] - before[i])
    return closed(effects, np.prod(after, axis=0) - np.prod(before, axis=0))


def lmdi(before: Array, after: Array) -> Array:
    """Return logarithmic mean Divisia effects (LMDI-I, additive).

    Parameters
    ----------
    before, after : array of float, (factors, rows)
        No zero, and no change of sign; see :func:`logarithmic`. A row that is zero before and after
        has effects of zero.

    Examples
    --------
    >>> float(lmdi(np.array([[2.0], [3.0]]), np.array([[4.0], [5.0]])).sum().round(12))
    14.0
    """
    start, end = np.prod(before, axis=0), np.prod(after, axis=0)
    change = end - start
    live = (start != 0) & (end != 0)
    ratio = np.divide(after, before, out=np.ones(np.shape(before)), where=live)
    whole = np.log(np.divide(end, start, out=np.ones(np.shape(start)), where=live))
    # equal ends have their own value as logarithmic mean
    mean = np.divide(change, whole, out=np.where(live, start, 0.0), where=np.abs(whole) > 1e-9)
    return closed(mean * np.log(ratio), change)


def logarithmic(before: Array, after: Array) -> npt.NDArray[np.bool_]:
    """Tell which rows LMDI can split: all factors keep their sign, or the row is zero twice."""
    same_sign = np.all(before * after > 0, axis=0)
    nothing = (np.prod(before, axis=0) == 0) & (np.prod(after, axis=0) == 0)
    result: npt.NDArray[np.bool_] = same_sign | nothing
    return result


def closed(effects: Array, change: Array) -> Array:
    """Put what floating point leaves of a row to its largest effect, so that nothing is left over."""
    if not effects.size:
        return effects
    largest = np.argmax(np.abs(effects), axis=0)
    rest = change - effects.sum(axis=0)
    effects[largest, np.arange(effects.shape[1])] += rest
    return effects
