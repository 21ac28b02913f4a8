"""Sums of floats without any rounding, kept as integers; read back as the nearest float64.

Each sum is a row of digits of 32 bits. Because integers add up exactly, a sum does not depend on
the order or grouping of its terms, and equals what :func:`math.fsum` would say of all of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gep.grid.simd import leading_zeros

Float = np.float64
Index = NDArray[np.integer[Any]]

_DIGIT = 32
_MASK = np.int64((1 << _DIGIT) - 1)
#: Terms of up to 2**33 a digit may take before it must pass on what is above 32 bits.
_PATIENCE = 1 << 28
#: The least float64 is 2 to this power.
_LEAST = -1074


@dataclass
class ExactSums:
    """As many exact sums as asked for, all starting at zero.

    Attributes
    ----------
    digits : ndarray of int64, shape (sums, digits)
        Digit ``j`` counts multiples of ``2**(32 * (lowest + j))``.
    lowest : int
        Place of the first digit.
    endless : ndarray of float64, shape (sums,)
        Sum of the infinite terms; zero where there are none.

    Examples
    --------
    >>> sums = ExactSums.zeros(1)
    >>> sums.add_values(np.array([0, 0, 0]), np.array([1e100, 1.0, -1e100]))
    >>> sums.to_float().tolist()
    [1.0]
    """

    digits: NDArray[np.int64]
    endless: NDArray[Float]
    lowest: int = 0
    _pending: int = field(default=0, repr=False)

    @classmethod
    def zeros(cls, size: int) -> ExactSums:
        """Return sums without terms."""
        return cls(np.zeros((size, 0), np.int64), np.zeros(size))

    def __len__(self) -> int:
        return int(self.digits.shape[0])

    def add(self, whole: NDArray[np.int64], exponent: int) -> None:
        """Add ``whole * 2**exponent``, one term to each sum."""
        if not whole.any():
            return
        digit, shift = divmod(exponent, _DIGIT)
        first = self._cover(digit, digit + 2)
        _add(self.digits, first, whole, shift)

    def add_values(self, at: Index, values: NDArray[Float], exponent: int = 0) -> None:
        """Add ``values * 2**exponent`` to the sums named by ``at``, any number of terms to each."""
        finite = np.isfinite(values)
        if not finite.all():
            with np.errstate(invalid="ignore"):  # both infinities together are no number
                np.add.at(self.endless, at[~finite], values[~finite])
        at, values = at[finite], values[finite]
        if not values.any():
            return
        fraction, power = np.frexp(values)
        whole = np.ldexp(fraction, 53).astype(np.int64)
        digit, shift = np.divmod(power.astype(np.int64) - 53 + exponent, _DIGIT)
        there = whole != 0
        low = int(digit[there].min())
        first = self._cover(low, int(digit[there].max()) + 2, terms=values.size)
        column = np.where(there, digit - low, 0) + first
        for j, part in enumerate(_cut(whole, shift)):
            np.add.at(self.digits, (at, column + j), part)

    def merge(self, at: Index, other: ExactSums) -> None:
        """Add other sums to those named by ``at``, which names none twice."""
        if other.endless.any():
            with np.errstate(invalid="ignore"):  # both infinities together are no number
                self.endless[at] += other.endless
        if not other.digits.shape[1]:
            return
        other.settle()
        first = self._cover(other.lowest, other.lowest + other.digits.shape[1] - 1)
        _merge(self.digits, first, at, other.digits)

    def resized(self, size: int) -> ExactSums:
        """Return the same sums, and new ones of zero up to ``size``."""
        digits, endless = np.zeros((size, self.digits.shape[1]), np.int64), np.zeros(size)
        digits[: len(self)], endless[: len(self)] = self.digits, self.endless
        return ExactSums(digits, endless, self.lowest, self._pending)

    def take(self, at: Index) -> ExactSums:
        """Return the sums named by ``at``."""
        return ExactSums(self.digits[at], self.endless[at], self.lowest, self._pending)

    def sum(self) -> ExactSums:
        """Return the sum of all sums, as one."""
        self.settle()
        with np.errstate(invalid="ignore"):  # both infinities together are no number
            made = ExactSums(self.digits.sum(axis=0)[None], np.array([self.endless.sum()]), self.lowest)
        made.settle()
        return made

    def settle(self) -> None:
        """Pass on to the next digit what is above 32 bits; the last digit carries the sign."""
        _carry(self.digits)
        self._pending = 0

    def to_float(self) -> NDArray[Float]:
        """Return the float64 nearest to each sum; an infinite one if it has infinite terms."""
        if not self.digits.shape[1]:
            return self.endless.copy()
        kept, power = np.empty(len(self)), np.empty(len(self), np.int64)
        _round(self.digits, kept, power)
        power += self.lowest * _DIGIT
        with np.errstate(over="ignore"):
            near = np.ldexp(kept, power.astype(np.int32))
        for i in np.flatnonzero((power < _LEAST) & (kept != 0)).tolist():
            # there a float64 has fewer than 53 bits
            whole = sum(int(d) << _DIGIT * j for j, d in enumerate(self.digits[i]))
            near[i] = float(Fraction(whole) * Fraction(2) ** (self.lowest * _DIGIT))
        return np.where(self.endless == 0, near, self.endless)

    def _cover(self, low: int, high: int, terms: int = 1) -> int:
        """Make room for digits ``low`` to ``high`` and one above; return the column of ``low``."""
        width = self.digits.shape[1]
        if not width:
            self.lowest = low - 1
        before = max(self.lowest - low, 0)
        after = max(high + 2 - (self.lowest + width), 0)
        if before or after:
            wide = np.zeros((len(self), before + width + after), np.int64)
            wide[:, before : before + width] = self.digits
            self.digits, self.lowest = wide, self.lowest - before
            if width:
                self.settle()  # the old last digit may hold more than 32 bits
        self._pending += terms
        if self._pending > _PATIENCE:
            self.settle()
        return low - self.lowest


def _cut(whole: NDArray[np.int64], shift: Any) -> tuple[NDArray[np.int64], ...]:
    """Cut ``whole * 2**shift`` into three digits, the last with the sign."""
    low, high = (whole & _MASK) << shift, (whole >> _DIGIT) << shift
    return low & _MASK, (low >> _DIGIT) + (high & _MASK), high >> _DIGIT


@njit(nogil=True, cache=True)
def _add(digits: Any, first: int, whole: Any, shift: int) -> None:
    """Add ``whole * 2**shift`` to each sum, the lowest digit in column ``first``; as :func:`_cut`."""
    for i in range(whole.size):
        low, high = (whole[i] & _MASK) << shift, (whole[i] >> _DIGIT) << shift
        digits[i, first] += low & _MASK
        digits[i, first + 1] += (low >> _DIGIT) + (high & _MASK)
        digits[i, first + 2] += high >> _DIGIT


@njit(nogil=True, cache=True)
def _merge(digits: Any, first: int, at: Any, more: Any) -> None:
    """Add the digits of other sums to those of the sums ``at``."""
    for i in range(more.shape[0]):
        for j in range(more.shape[1]):
            digits[at[i], first + j] += more[i, j]


@njit(nogil=True, cache=True)
def _carry(digits: Any) -> None:
    """Pass on to the next digit what is above 32 bits."""
    for i in range(digits.shape[0]):
        for j in range(digits.shape[1] - 1):
            digits[i, j + 1] += digits[i, j] >> _DIGIT
            digits[i, j] &= _MASK


@njit(nogil=True, cache=True)
def _round(digits: Any, kept: Any, power: Any) -> None:
    """Write sums as ``kept * 2**power``, ``kept`` a whole number of 53 bits, ties to even."""
    work = np.zeros(digits.shape[1] + 3, np.int64)
    for i in range(digits.shape[0]):
        negative = _unsigned(digits, i, work)
        top = work.size - 1
        while top > 2 and work[top] == 0:
            top -= 1
        first, second, third = np.uint64(work[top]), np.uint64(work[top - 1]), np.uint64(work[top - 2])
        free = leading_zeros(first) - np.uint64(_DIGIT)
        # 64 bits from the first that is set, then whether anything lies below them
        bits = (((first << np.uint64(_DIGIT)) | second) << free) | (third >> (np.uint64(_DIGIT) - free))
        below = (third << free) & np.uint64(_MASK) != 0
        for j in range(top - 2):
            below |= work[j] != 0
        rest = (bits & np.uint64(0x7FF)) << np.uint64(1) | np.uint64(below)
        half = np.uint64(1 << 11)
        bits >>= np.uint64(11)
        bits += np.uint64((rest > half) | ((rest == half) & (bits & np.uint64(1) == 1)))
        kept[i] = -float(bits) if negative else float(bits)
        power[i] = (top - 3) * _DIGIT - np.int64(free) + 11


@njit(nogil=True, cache=True)
def _unsigned(digits: Any, row: int, work: Any) -> bool:
    """Write the size of a sum in digits of 32 bits behind two of zero; tell whether it is below zero."""
    width = digits.shape[1]
    carry = np.int64(0)
    for j in range(width):
        work[j + 2] = digits[row, j] + carry
        carry = work[j + 2] >> _DIGIT
        if j < width - 1:
            work[j + 2] &= _MASK
    negative = work[width + 1] < 0
    carry = work[width + 1] >> _DIGIT
    if negative:
        carry = np.int64(0)
        for j in range(2, width + 2):
            digit = carry - work[j]
            work[j] = digit & _MASK
            carry = digit >> _DIGIT
    else:
        work[width + 1] &= _MASK
    work[width + 2] = carry
    return bool(negative)
