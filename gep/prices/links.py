"""Links of a price index: one step between two years, from whatever form the index is printed in."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gep import units
from gep.errors import CoefficientError, Faults, GepError
from gep.resources import vocabulary

#: Year-on-year ratios outside are an index or a percentage under a wrong name.
_LIMITS = (0.1, 10.0)
#: Prices that change by more than this in every year of a series are not the percentages they say.
_UNLIKELY = 0.8
#: How far the level of the base year may be from its base: a digit of rounding.
_BASE = 5e-4

_BASIS = re.compile(r"(?P<of>previousyear|precedingyear|上年|(?:19|20)\d\d)年?=(?P<level>100|1)")
_EXPECTED = (
    "'%' (change over the previous year), 'ratio' or 'previous year = 100' (上年=100) for year-on-year "
    "numbers, '2010 = 100' (2010年=100) for levels"
)


@dataclass(frozen=True)
class Link:
    """One step: ``value`` in ``CNY_2020/CNY_2019``; levels with gaps give steps of several years.

    Attributes
    ----------
    id : str
        Name of the row.
    value : float
        Prices of the later year over those of the earlier one.
    later, earlier : int
        Years.
    source, locator, status : str
        Document, place in it, and how it is known.
    """

    id: str
    value: float
    later: str
    earlier: str
    source: str
    locator: str
    status: str


@dataclass(frozen=True)
class Basis:
    """What an index number is counted from: ``year`` 0 is the previous year, ``level`` 0 is a percentage."""

    year: int
    level: float
    text: str


@dataclass(frozen=True)
class Point:
    """One number of an index as printed."""

    year: int
    value: float
    source: str
    locator: str
    status: str


def basis(text: str) -> Basis:
    """Read the stated unit of an index; it is never guessed from the numbers.

    Raises
    ------
    CoefficientError
        A text that does not say what the index is counted from.

    Examples
    --------
    >>> basis("2010 = 100").year, basis("上年=100").level, basis("%").level
    (2010, 100.0, 0.0)
    """
    plain = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()
    if plain in ("%", "percent"):
        return Basis(0, 0.0, text)
    if plain == "ratio":
        return Basis(0, 1.0, text)
    found = _BASIS.fullmatch(plain)
    if found is None:
        raise CoefficientError(f"{text!r} does not say what the index is counted from", expected=_EXPECTED)
    return Basis(int(found["of"]) if found["of"].isdigit() else 0, float(found["level"]), text)


def chained(points: Sequence[Point], stated: Basis, series: str, currency: str) -> list[Link]:
    """Return the links of one series of index numbers.

    Raises
    ------
    CoefficientError
        A year twice, or numbers that cannot be what their unit says; all faults at once.
    """
    faults = Faults()
    ordered = sorted(points, key=lambda p: p.year)
    for a, b in pairwise(ordered):
        if a.year == b.year:
            faults.add(f"{a.year} stands twice under {stated.text!r}", where=b.locator)
    for point in ordered if stated.year else ():
        if point.year == stated.year and abs(point.value / stated.level - 1.0) > _BASE:
            faults.add(f"{point.value:g} in the base year, unit {stated.text!r}", where=point.locator)
    steps = _levels(ordered) if stated.year else _yearly(ordered, stated)
    for ratio, _, point in steps:
        if not (math.isfinite(ratio) and ratio > 0 and (stated.level == 0 or _within(ratio))):
            faults.add(f"{point.value:g} is no number of an index in {stated.text!r}", where=point.locator)
    if steps and not stated.year and all(abs(ratio - 1.0) > _UNLIKELY for ratio, _, _ in steps):
        faults.add(
            f"prices would change more than {_UNLIKELY:.0%} in every year: {stated.text!r} is not the unit",
            expected=_EXPECTED,
        )
    faults.raise_as(CoefficientError, f"the series {series} cannot be believed", where=series)
    return [
        Link(
            f"{series}/{point.year}", ratio, f"{currency}_{point.year}", f"{currency}_{earlier}",
            point.source, point.locator, point.status,
        )
        for ratio, earlier, point in steps
    ]  # fmt: skip


def _within(ratio: float) -> bool:
    return _LIMITS[0] < ratio < _LIMITS[1]


def _levels(ordered: Sequence[Point]) -> list[tuple[float, int, Point]]:
    return [
        (b.value / a.value if a.value else math.nan, a.year, b)
        for a, b in pairwise(ordered)
        if a.year != b.year
    ]


def _yearly(ordered: Sequence[Point], stated: Basis) -> list[tuple[float, int, Point]]:
    ratios = [p.value / stated.level if stated.level else 1.0 + p.value / 100.0 for p in ordered]
    return [(ratio, p.year - 1, p) for ratio, p in zip(ratios, ordered, strict=True)]


def joined(older: Sequence[Link], newer: Sequence[Link], year: int | None) -> tuple[list[Link], int]:
    """Return ``older`` up to a year and ``newer`` from it on, and that year.

    Raises
    ------
    CoefficientError
        The two do not meet in ``year``, or meet in several years and none is stated.
    """
    common = sorted(years(older) & years(newer))
    if not common:
        raise CoefficientError(
            "the two series have no year in common", expected="an overlap of at least one year",
        )  # fmt: skip
    if year is None and len(common) > 1:
        raise CoefficientError(
            f"the series overlap in {common[0]} to {common[-1]}, and each of these years gives another chain",
            fix="state the year in which they are linked",
        )
    at = common[0] if year is None else year
    if at not in common:
        raise CoefficientError(f"the series cannot be linked in {at}", expected=f"one of {common}")
    before = [link for link in older if units.year_of(link.later) <= at]
    after = [link for link in newer if units.year_of(link.earlier) >= at]
    return before + after, at


def years(links: Iterable[Link]) -> set[int]:
    """Return the years that links lead to or come from."""
    return {units.year_of(name) for link in links for name in (link.earlier, link.later)}


def read(rows: Iterable[tuple[str, Mapping[str, str]]], file: str) -> list[Link]:
    """Read rows that are links themselves: ``value`` in ``CNY_2020/CNY_2019``."""
    faults = Faults()
    links: list[Link] = []
    for where, cells in rows:
        try:
            links.append(_link(cells))
        except (KeyError, ValueError, TypeError) as error:
            columns = "id, value, unit, source, locator, status"
            faults.add(f"cannot be read: {error}", where=where, expected=columns)
        except GepError as error:
            faults.take(error, where=where)
    faults.raise_as(CoefficientError, "the deflator cannot be believed", where=file)
    return links


def _link(cells: Mapping[str, str]) -> Link:
    years = sorted(units.price_years(cells["unit"]))
    value = float(cells["value"])
    if len(years) != 2 or units.year_of(years[1]) - units.year_of(years[0]) != 1:
        raise CoefficientError(f"unit {cells['unit']!r}", expected="a link of two years, CNY_2020/CNY_2019")
    if units.factor(cells["unit"], f"{years[1]}/{years[0]}") != 1.0 or not _within(value):
        raise CoefficientError(f"{value} {cells['unit']} is no year-on-year link")
    if cells["source"] not in vocabulary("sources") and not cells.get("locator"):
        raise CoefficientError("the link has no source")
    return Link(cells["id"], value, years[1], years[0], cells["source"], cells["locator"], cells["status"])
