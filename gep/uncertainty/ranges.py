"""What is uncertain: a value, its range, and how the range is to be read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from gep.errors import CoefficientError

#: How ``low`` and ``high`` are read under each distribution.
READINGS = {
    "uniform": "ends; all between is equally likely",
    "triangular": "ends; the value is the likeliest",
    "normal": "2.5 % and 97.5 % points, the middle is half way",
    "lognormal": "2.5 % and 97.5 % points, the middle is their geometric mean",
}
#: What is taken for a range that names no distribution: two ends and a preferred value are all
#: that is known (IPCC 2006 Guidelines, volume 1, chapter 3, on selecting densities).
UNSTATED = "triangular"
#: Part of a normal or lognormal distribution within ``low`` and ``high`` (the same chapter).
WITHIN = 0.95
#: Standard deviations between them.
_SPREAD = 2.0 * float(special.ndtri(0.5 + WITHIN / 2.0))
#: A range as a user gives it: "±20%", "-10%/+30%", (low, high), either with a distribution.
Range = str | tuple[float, float] | tuple[float, float, str] | tuple[str, str]

_BOTH = re.compile(r"^(?:±|\+-|\+/-)\s*([\d.]+)\s*%$")
_EACH = re.compile(r"^[-−]\s*([\d.]+)\s*%\s*/\s*\+\s*([\d.]+)\s*%$")
#: Distance of the best value from the median of its own range that is worth a note.
_OFF_MEDIAN = 0.01
#: Probability of the other sign that is worth a note: one draw in ten thousand.
_OTHER_SIGN = 1e-4


@dataclass(frozen=True)
class Factor:
    """One uncertain number: a coefficient row, or a multiplier of an input or of ledger rows.

    Attributes
    ----------
    name : str
        Id of a coefficient row, ``input:name``, ``input:name/item``, or a selection of ledger
        rows such as ``service:crops``.
    kind : {"coefficient", "input", "ledger"}
        Inputs and selections are moved by a multiplier, whose best value is 1.
    value, low, high : float
        Best value and range.
    unit : str
        Of the three.
    distribution : str
        A key of ``READINGS``.
    origin : str
        ``stated`` by the coefficient row, or ``assumed`` by the user.
    source, quantity : str
        Rows that share both may be wrong together.
    """

    name: str
    kind: str
    value: float
    low: float
    high: float
    distribution: str = UNSTATED
    unit: str = "1"
    origin: str = "assumed"
    source: str = ""
    quantity: str = ""

    def __post_init__(self) -> None:
        fault = self._fault()
        if fault:
            raise CoefficientError(fault, where=self.name, expected="low <= value <= high, low < high")

    def _fault(self) -> str:
        if self.distribution not in READINGS:
            return f"distribution {self.distribution!r} is none of {', '.join(READINGS)}"
        if not all(map(math.isfinite, (self.value, self.low, self.high))):
            return f"range {self.low} to {self.high} of {self.value} is not finite"
        if not self.low <= self.value <= self.high or self.low == self.high:
            return f"range {self.low:g} to {self.high:g} of {self.value:g}"
        if self.distribution == "lognormal" and self.low <= 0.0:
            return f"lognormal range from {self.low:g}, which is not above zero"
        return ""

    @property
    def group(self) -> tuple[str, str]:
        """Return what the factor shares with those that may be wrong together with it."""
        return (self.source, self.quantity) if self.source else ("", self.name)

    @cached_property
    def law(self) -> Any:
        """Return the distribution as a frozen one of ``scipy.stats``."""
        width = self.high - self.low
        if self.distribution == "uniform":
            return stats.uniform(self.low, width)
        if self.distribution == "triangular":
            return stats.triang((self.value - self.low) / width, self.low, width)
        if self.distribution == "normal":
            return stats.norm((self.low + self.high) / 2.0, width / _SPREAD)
        return stats.lognorm(math.log(self.high / self.low) / _SPREAD, scale=math.sqrt(self.low * self.high))

    def at(self, normal: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the values at standard normal deviates, however far out."""
        if self.distribution == "normal":
            return (self.low + self.high) / 2.0 + (self.high - self.low) / _SPREAD * normal
        if self.distribution == "lognormal":
            middle, power = math.sqrt(self.low * self.high), math.log(self.high / self.low) / _SPREAD
            return middle * np.exp(power * normal)
        found: NDArray[np.float64] = self.law.ppf(special.ndtr(normal))
        return found

    @property
    def points(self) -> tuple[float, float]:
        """Return two values other than the best one, where responses are measured.

        They lie on either side of it, or both on the one side that there is, the far one second.
        """
        if self.low < self.value < self.high:
            return self.low, self.high
        far = self.high if self.low == self.value else self.low
        return (self.value + far) / 2.0, far

    def notes(self) -> list[str]:
        """Say what a reader of the range must know."""
        notes = []
        below = float(self.law.cdf(self.value))
        if self.distribution in ("normal", "lognormal") and abs(below - 0.5) > _OFF_MEDIAN:
            notes.append(
                f"{self.name}: the best value {self.value:g} is not the middle of its own "
                f"{self.distribution} range {self.low:g} to {self.high:g}: {below:.1%} lie below it"
            )
        other = float(self.law.cdf(0.0))
        if self.value > 0.0 and other > _OTHER_SIGN:
            notes.append(f"{self.name}: {other:.2g} of its {self.distribution} range lies below zero")
        return notes


def stated(entry: Mapping[str, Any]) -> Factor | str:
    """Return the factor of a coefficient row, or why it is none.

    Parameters
    ----------
    entry : mapping
        A row as ``Ledger.meta.coefficients`` holds it.

    Raises
    ------
    CoefficientError
        The range cannot be believed.
    """
    low, high = _number(entry.get("low")), _number(entry.get("high"))
    if low is None and high is None:
        return "the row states no range"
    if low is None or high is None:
        return f"the row states only its {'high' if low is None else 'low'} end"
    if low == high:
        return "low and high are the same number"
    # blanks may become NaN where tables are joined
    said = str(entry.get("distribution") or "").strip()
    return _coefficient(entry, low, high, said or UNSTATED, "stated")


def assumed(entry: Mapping[str, Any], given: Range) -> Factor | str:
    """Return the factor of a coefficient row with a range that the user gives."""
    low, high, distribution = read(given, float(entry["value"]), str(entry["id"]))
    if low == high:
        return "a relative range of zero, or the range given, has no width"
    return _coefficient(entry, low, high, distribution, "assumed")


def multiplier(name: str, kind: str, given: Range) -> Factor:
    """Return the factor that multiplies an input or a selection of ledger rows."""
    low, high, distribution = read(given, 1.0, name)
    return Factor(name, kind, 1.0, low, high, distribution)


def read(given: Range, value: float, name: str) -> tuple[float, float, str]:
    """Return low, high and distribution of a range as a user gives it.

    Examples
    --------
    >>> read("±20%", 5.0, "price")
    (4.0, 6.0, 'triangular')
    >>> read(("-10%/+30%", "uniform"), 10.0, "price")
    (9.0, 13.0, 'uniform')
    >>> read((0.0, 2.0), 1.0, "price")
    (0.0, 2.0, 'triangular')
    """
    parts: tuple[Any, ...] = (given,) if isinstance(given, str) else tuple(given)
    ends: tuple[float, float] | None = None
    if parts and isinstance(parts[0], str):
        ends, rest = _relative(parts[0], value), parts[1:]
    elif len(parts) > 1 and not any(isinstance(p, str | bool) for p in parts[:2]):
        ends, rest = (float(parts[0]), float(parts[1])), parts[2:]
    if ends is None or len(rest) > 1:
        raise CoefficientError(
            f"range {given!r}",
            where=name,
            expected="'±20%', '-10%/+30%', (low, high) or (low, high, 'normal')",
        )
    return *ends, str(rest[0]) if rest else UNSTATED


def _relative(text: str, value: float) -> tuple[float, float] | None:
    both, each = _BOTH.match(text.strip()), _EACH.match(text.strip())
    found = (both[1], both[1]) if both else (each[1], each[2]) if each else None
    if found is None:
        return None
    down, up = (float(p) / 100.0 * abs(value) for p in found)
    return value - down, value + up


def _coefficient(entry: Mapping[str, Any], low: float, high: float, law: str, origin: str) -> Factor:
    keys = (str(entry["source"]), str(entry["quantity"]))
    value, unit = float(entry["value"]), str(entry["unit"])
    return Factor(str(entry["id"]), "coefficient", value, low, high, law, unit, origin, *keys)


def _number(value: Any) -> float | None:
    return None if value is None or math.isnan(float(value)) else float(value)
