"""Breaks in a series: what changed between two years, and who has answered for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from gep.errors import Fault, Faults, LedgerError

#: Kinds of change across which nothing is compared until somebody answers for it.
BREAKING = ("scope", "method", "boundary", "currency")


@dataclass(frozen=True)
class Break:
    """A break that the author of a series knows of and answers for.

    Attributes
    ----------
    year : int
        The first year of the new state; it may lie between two years of the series.
    kind : str
        ``scope``, ``method``, ``boundary`` or ``currency``.
    reason : str
        What changed and why the years may be compared all the same; shown with every table.

    Examples
    --------
    >>> str(Break(2015, "scope", "tourism is counted from here on"))
    'break of scope in 2015: tourism is counted from here on'
    """

    year: int
    kind: str
    reason: str

    def __post_init__(self) -> None:
        faults = Faults()
        where = f"Break({self.year}, {self.kind!r}, ...)"
        if self.kind not in BREAKING:
            faults.add(f"kind {self.kind!r}", where=where, expected=" | ".join(BREAKING))
        if not self.reason.strip():
            faults.add("the reason is empty", where=where, expected="what changed, and why that is no harm")
        faults.raise_as(LedgerError, "a break cannot be declared so")

    def __str__(self) -> str:
        return f"break of {self.kind} in {self.year}: {self.reason}"


@dataclass(frozen=True)
class Shift:
    """One thing that differs between two consecutive years."""

    kind: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" if self.where else self.what


class Timeline:
    """The years of a series, what changes between them, and the breaks that are declared.

    Parameters
    ----------
    years : sequence of int
        In order, each once.
    shifts : mapping of int to sequence of Shift
        By year: what differs from the year before it in the series.
    declared : iterable of Break

    Raises
    ------
    LedgerError
        A break is declared outside the series.
    """

    def __init__(
        self, years: Sequence[int], shifts: Mapping[int, Sequence[Shift]], declared: Iterable[Break] = ()
    ) -> None:
        self.years, self.shifts, self.declared = tuple(years), dict(shifts), tuple(declared)
        faults = Faults()
        for one in self.declared:
            if not self.years[0] < one.year <= self.years[-1]:
                within = f"a year after {self.years[0]}, up to {self.years[-1]}"
                faults.add(f"no two years lie on both sides of {one.year}", where=str(one), expected=within)
        faults.raise_as(LedgerError, "breaks are declared outside the series")

    def known(self, year: int) -> int:
        """Return a year of the series, or refuse it."""
        if year not in self.years:
            years = ", ".join(map(str, self.years))
            raise LedgerError(f"{year} is no year of the series", expected=f"one of {years}")
        return year

    def steps(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the pairs of consecutive years from ``first`` to ``last``."""
        first, last = sorted((first, last))
        yield from pairwise(y for y in self.years if first <= y <= last)

    def answer(self, before: int, year: int, kind: str) -> Break | None:
        """Return the declaration that covers a kind of change between two consecutive years."""
        return next((b for b in self.declared if b.kind == kind and before < b.year <= year), None)

    def open_breaks(self, first: int, last: int) -> Iterator[tuple[int, int, Shift]]:
        """Yield the breaks that nobody has answered for."""
        for before, year in self.steps(first, last):
            for shift in self.shifts.get(year, ()):
                if shift.kind in BREAKING and self.answer(before, year, shift.kind) is None:
                    yield before, year, shift

    def require(self, first: int, last: int, doing: str) -> None:
        """Refuse a comparison across breaks that are not declared, naming all of them.

        Raises
        ------
        LedgerError
        """
        found = list(self.open_breaks(first, last))
        kinds = dict.fromkeys((year, shift.kind) for _, year, shift in found)
        declare = ", ".join(f"Break({year}, {kind!r}, '...')" for year, kind in kinds)
        fix = f"compare within years of one kind, .between(first, last), or answer for it: breaks=[{declare}]"
        faults = [
            Fault(f"{shift.kind} changed: {shift}", f"{before} to {year}", "", fix if i == 0 else "")
            for i, (before, year, shift) in enumerate(found)
        ]
        if faults:
            raise LedgerError.many(f"{doing} would go across a break", faults)

    def notes(self, first: int, last: int) -> list[str]:
        """Return what must be said beside a table of these years: breaks, declared or not."""
        first, last = sorted((first, last))
        said = [str(b) for b in self.declared if first < b.year <= last]
        kinds = dict.fromkeys((year, shift.kind) for _, year, shift in self.open_breaks(first, last))
        return said + [
            f"break of {kind} in {year}, not declared: the years do not compare" for year, kind in kinds
        ]

    def frame(self) -> pd.DataFrame:
        """Return every change: ``since, year, kind, where, what, breaks, reason``."""
        rows = [
            (before, year, shift.kind, shift.where, shift.what, shift.kind in BREAKING, reason)
            for before, year in pairwise(self.years)
            for shift in self.shifts.get(year, ())
            for reason in [getattr(self.answer(before, year, shift.kind), "reason", "")]
        ]
        seen = {(row[1], row[2]) for row in rows}
        for one in self.declared:
            before, year = next((a, b) for a, b in pairwise(self.years) if a < one.year <= b)
            if (year, one.kind) not in seen:
                said = "declared; the accounts do not show it"
                rows.append((before, year, one.kind, "", said, True, one.reason))
        rows.sort(key=lambda row: (row[1], not row[5]))
        return pd.DataFrame(rows, columns=["since", "year", "kind", "where", "what", "breaks", "reason"])
