"""A number that knows its unit and what must be said beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self


class Amount(float):
    """A number with its unit and with what a reader must know beside it; prints all three.

    Parameters
    ----------
    value : float
        The number.
    unit : str
        Its unit, printed behind it.
    notes : iterable of str
        What is printed after both.
    """

    unit: str
    notes: tuple[str, ...]

    def __new__(cls, value: float, unit: str, notes: Iterable[str] = ()) -> Self:
        """Attach a unit and notes to a number."""
        made = super().__new__(cls, value)
        made.unit, made.notes = unit, tuple(notes)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Amount, (float(self), self.unit, self.notes)

    def __str__(self) -> str:
        said = f" ({'; '.join(self.notes)})" if self.notes else ""
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"{float(self):,.2f}{unit}{said}"

    __repr__ = __str__
