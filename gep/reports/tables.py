"""What a table of a report is made of: every sheet, page and yearbook table is one of these."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import pandas as pd

Form = Literal["text", "number", "mixed", "share", "count"]
Role = Literal["line", "subtotal", "total", "aside"]
#: Decimals of a printed number: at least, at most; and the digits that the largest one has.
_FEWEST, _MOST, _DIGITS = 2, 6, 5


@dataclass(frozen=True)
class Ref:
    """The address of a cell."""

    table: str
    row: str
    column: str


@dataclass(frozen=True)
class Sum:
    """A number that is the sum of other cells; a workbook may write it as a live formula."""

    value: float
    of: tuple[Ref, ...]


@dataclass(frozen=True)
class Ratio:
    """A number that is one cell over another, times a factor of units."""

    value: float
    top: Ref
    bottom: Ref
    times: float = 1.0


#: NaN is a missing number and is told; None is a place where no number belongs.
Cell = str | float | Sum | Ratio | None


def value_of(cell: Cell) -> str | float | None:
    """Return what a cell shows."""
    return cell.value if isinstance(cell, Sum | Ratio) else cell


def is_missing(cell: Cell) -> bool:
    """Tell whether a number belongs here that is not known."""
    value = value_of(cell)
    return isinstance(value, float) and math.isnan(value)


@dataclass(frozen=True)
class Column:
    """A column: what it holds, in which unit, under which heading of several columns.

    ``decimals`` are those that the numbers were rounded to; otherwise their size tells how many.
    """

    key: str
    title: str
    form: Form = "text"
    unit: str = ""
    group: str = ""
    decimals: int | None = None

    def heading(self, lang: str) -> str:
        """Return the title with its unit."""
        if not self.unit:
            return self.title
        return f"{self.title}（{self.unit}）" if lang == "zh" else f"{self.title} ({self.unit})"


@dataclass(frozen=True)
class Row:
    """A row: cells by column; an ``aside`` is shown and is in no total that it does not name."""

    key: str
    cells: Mapping[str, Cell]
    role: Role = "line"
    remarks: Mapping[str, str] = field(default_factory=dict)
    depth: int = 0


@dataclass(frozen=True)
class Table:
    """A titled table with notes under it.

    Attributes
    ----------
    key : str
        By which other tables refer to its cells.
    sheet : str
        Name of its sheet in a workbook.
    """

    key: str
    sheet: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    lang: str = "zh"

    def ref(self, row: str, column: str) -> Ref:
        """Return the address of one of its cells."""
        return Ref(self.key, row, column)

    @property
    def frame(self) -> pd.DataFrame:
        """Return the numbers and texts as a DataFrame, headings as columns."""
        data = [[value_of(row.cells.get(c.key)) for c in self.columns] for row in self.rows]
        heads = [" ".join(filter(None, (c.group, c.heading(self.lang)))) for c in self.columns]
        return pd.DataFrame(data, columns=heads)

    @cached_property
    def digits(self) -> dict[str, int]:
        """Return the decimals with which each column of numbers is printed."""
        return {
            c.key: decimals(value_of(row.cells.get(c.key)) for row in self.rows)
            for c in self.columns
            if c.form == "number"
        }

    def number_digits(self, column: Column, cell: Cell) -> int:
        """Return the decimals of one number."""
        if column.decimals is not None:
            return column.decimals
        if column.form == "number":
            return self.digits[column.key]
        fixed = {"count": 0, "share": 2}.get(column.form)
        return _trimmed(value_of(cell)) if fixed is None else fixed


def decimals(values: Iterable[str | float | None]) -> int:
    """Return how many decimals tell numbers of this size apart and leave no small one as zero.

    Examples
    --------
    >>> decimals([12345.678, 3.0]), decimals([0.0123]), decimals([0.0, 5.0])
    (2, 6, 4)
    """
    sizes = [abs(v) for v in values if isinstance(v, float | int) and math.isfinite(v) and v]
    if not sizes:
        return _FEWEST
    large, small = (math.floor(math.log10(size)) for size in (max(sizes), min(sizes)))
    return min(max(_DIGITS - 1 - large, 1 - small, _FEWEST), _MOST)


def _trimmed(value: str | float | None) -> int:
    """Return the decimals that a number by itself needs, without zeros at its end."""
    if not isinstance(value, float | int) or not math.isfinite(value):
        return 0
    large = math.floor(math.log10(abs(value))) if value else 0
    text = f"{value:.{max(_DIGITS - 1 - large, _FEWEST)}f}"
    return len(text.rstrip("0").partition(".")[2])


def total_of(values: Sequence[float]) -> float:
    """Return the exact sum of what is known; NaN where nothing is."""
    known = [v for v in values if not math.isnan(v)]
    return math.fsum(known) if known else math.nan


def add_up(table: str, column: str, rows: Sequence[Row]) -> Sum:
    """Return the sum of a column over the rows of a table that have a number there."""
    held = {row.key: v for row in rows if isinstance(v := value_of(row.cells.get(column)), float)}
    return Sum(total_of([*held.values()]), tuple(Ref(table, key, column) for key in held))


def with_shares(table: str, rows: Sequence[Row], column: str = "value", total: str = "total") -> list[Row]:
    """Return the rows of a table with their share in its total beside them; asides in none have none."""
    whole = next(value_of(row.cells[column]) for row in rows if row.key == total)
    found = []
    for row in rows:
        value = value_of(row.cells.get(column))
        known = isinstance(value, float) and isinstance(whole, float) and whole
        if row.role == "aside" or not known:
            found.append(row)
            continue
        share = Ratio(
            float(value or 0.0) / float(whole or 1.0), Ref(table, row.key, column), Ref(table, total, column)
        )
        found.append(replace(row, cells={**row.cells, "share": share}))
    return found
