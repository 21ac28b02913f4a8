"""Printed numbers as intervals: what a figure can have been before it was rounded."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Reading = Literal["rounded", "truncated"]

#: A number as it is printed; with more digits, or a higher exponent, no product of three could be held.
_NUMBER = re.compile(r"[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?[0-3]?\d)?", re.ASCII)
#: Endpoints are decimal fractions held as floats; two that are equal on paper may differ by this.
_FUZZ = 1e-11


@dataclass(frozen=True, slots=True)
class Interval:
    """All values between ``low`` and ``high``, both included.

    Attributes
    ----------
    low, high : float
        Ends, both included.

    Examples
    --------
    >>> parts = interval("73.29") + interval("28.44") + interval("1.34")
    >>> parts.meets(interval("103.07"))
    True
    >>> (interval("103.07") / interval("1014.79")).contains(0.1015679)
    True
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an interval runs upwards, got [{self.low}, {self.high}]")

    @property
    def mid(self) -> float:
        """The centre."""
        return (self.low + self.high) / 2.0

    @property
    def width(self) -> float:
        """High less low."""
        return self.high - self.low

    @property
    def relative(self) -> float:
        """Half the width over the centre; infinite where the centre is zero."""
        return self.width / 2.0 / abs(self.mid) if self.mid else math.inf

    def __add__(self, other: Interval | float) -> Interval:
        other = exact(other)
        return Interval(self.low + other.low, self.high + other.high)

    __radd__ = __add__

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval | float) -> Interval:
        return self + -exact(other)

    def __rsub__(self, other: Interval | float) -> Interval:
        return exact(other) + -self

    def __mul__(self, other: Interval | float) -> Interval:
        other = exact(other)
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    __rmul__ = __mul__

    def __truediv__(self, other: Interval | float) -> Interval:
        other = exact(other)
        if other.low <= 0.0 <= other.high:
            return Interval(-math.inf, math.inf)
        return self * Interval(1.0 / other.high, 1.0 / other.low)

    def __rtruediv__(self, other: Interval | float) -> Interval:
        return exact(other) / self

    def contains(self, value: float) -> bool:
        """Tell whether ``value`` lies inside, ends included."""
        fuzz = _FUZZ * abs(value)
        return self.low - fuzz <= value <= self.high + fuzz

    def meets(self, other: Interval, slack: float = 0.0) -> bool:
        """Tell whether this meets the ``other``; ``slack`` widens by a part of their size."""
        gap = abs(self.gap(other))
        return gap == 0.0 or gap <= (slack + _FUZZ) * max(abs(self.mid), abs(other.mid))

    def gap(self, other: Interval) -> float:
        """Return how far this one lies above (positive) or below ``other``; 0 where they meet.

        Examples
        --------
        >>> Interval(3.0, 4.0).gap(Interval(1.0, 2.0)), Interval(1.0, 2.0).gap(Interval(2.0, 5.0))
        (1.0, 0.0)
        """
        if self.low > other.high:
            return self.low - other.high
        return min(self.high - other.low, 0.0)

    def common(self, other: Interval) -> Interval | None:
        """Return the values in common, or None."""
        low, high = max(self.low, other.low), min(self.high, other.high)
        return Interval(low, high) if low <= high else None

    def __str__(self) -> str:
        return f"[{number(self.low)}, {number(self.high)}]"


def exact(value: Interval | float) -> Interval:
    """Return a number without any rounding as an interval."""
    return value if isinstance(value, Interval) else Interval(float(value), float(value))


def tidy(text: str) -> str:
    """Return a printed number without thousands separators, wide characters and blanks."""
    text = unicodedata.normalize("NFKC", str(text)).strip().replace("−", "-")
    text = re.sub(r"(?<=\d)[, ](?=\d{3}(?:\D|$))", "", text)
    return text.replace(" ", "")


def last_place(text: str) -> float:
    """Return the unit of the last printed digit.

    Examples
    --------
    >>> last_place("103.07"), last_place("360"), last_place("1.11e-08")
    (0.01, 1.0, 1e-10)
    """
    exponent = Decimal(_checked(text)).as_tuple().exponent
    return float(Decimal(1).scaleb(int(exponent)))


def interval(text: str, reading: Reading = "rounded") -> Interval:
    """Return what a printed number stands for, from its digits.

    Parameters
    ----------
    text : str
        The number as printed; trailing zeros count.
    reading : {"rounded", "truncated"}
        Half a unit of the last digit both ways, or one whole unit away from zero.

    Raises
    ------
    ValueError
        The text is no number.

    Examples
    --------
    >>> interval("103.07"), interval("360")
    (Interval(low=103.065, high=103.075), Interval(low=359.5, high=360.5))
    >>> interval("1.15", "truncated").contains(1.1599)
    True
    """
    value = Decimal(_checked(text))
    place = Decimal(1).scaleb(int(value.as_tuple().exponent))
    if reading == "rounded":
        return Interval(float(value - place / 2), float(value + place / 2))
    if value < 0:
        return Interval(float(value - place), float(value))
    return Interval(float(value), float(value + place))


def is_number(text: str) -> bool:
    """Tell whether a text is a number that :func:`interval` reads."""
    return _NUMBER.fullmatch(tidy(text)) is not None


def is_power_of_ten(text: str) -> bool:
    """Tell whether a printed number is a bare power of ten, hence a unit scale and exact."""
    digits = str(abs(Decimal(_checked(text))).normalize().as_tuple().digits)
    return digits == "(1,)"


def _checked(text: str) -> str:
    clean = tidy(text)
    if _NUMBER.fullmatch(clean) is None:
        raise ValueError(f"{text!r} is not a number")
    return clean


def number(value: float) -> str:
    """Return a number for a sentence: seven digits at most, no noise.

    Examples
    --------
    >>> number(1015.6781), number(72030.15), number(0.00078125)
    ('1015.678', '72030.15', '0.00078125')
    """
    return f"{value + 0.0:.7g}"
