"""Printed rates of growth: which rows print one, of what, and since when."""
# Assertions here only tell the type checker what the selection before them made sure of.
# ruff: noqa: S101

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from gep.auditing import words
from gep.auditing.published import NUMBER, Figure, Row, is_money
from gep.auditing.rounding import Interval, interval, last_place
from gep.auditing.structure import Part, Tree, find, part_of

_BASE = re.compile(r"(?:\bon|\bover|\bsince|\bfrom|比|较)\s*((?:19|20)\d\d)")
_SPAN = re.compile(r"((?:19|20)\d\d)\s*年?\s*(?:[-–—~～至到]|to)\s*((?:19|20)\d\d)")
_IN_NOTE = re.compile(r"([+-]\d+(?:\.\d+)?)\s*%\s*on\s*((?:19|20)\d\d)")
_TARGET_NOISE = re.compile(
    r"\b(?:growth|grew|rate|on|over|since|from|previous|year|total"
    r"|of|the|gep|annual|average|decreas\w*|declin\w*|fell|increas\w*|cagr|to|by)\b"
    r"|增长率?|增幅|增速|同比|提高|增加|上升|下降|减少|降低|降幅|率$|年均|年平均|上年|去年|年|比|较|总值"
    r"|了|[:：()（）,，\-–—~至]",
    re.I,
)
Series = Sequence[Tree]


class Stated(NamedTuple):
    """A printed rate of growth: of what, since when, and what that was then; None where unclear."""

    row: Row
    rate: Figure
    part: Part | None
    base_year: int | None
    before: Part | None
    years: int


def stated(tree: Tree, trees: Sequence[Tree]) -> list[Stated]:
    """Return the growth rates that a scope prints, each with what it is a rate of."""
    series = series_of(tree, trees)
    rates, average = rate_rows(tree)
    found: list[tuple[Row, Figure | None, Part | None, int | None, bool]] = [
        *((r, r.physical, None, base_of(r.name, tree, series), False) for r in rates),
        *((r, r.physical, None, average_base(r, tree, series), True) for r in average),
        *((r, figure, part_of(r), year, False) for r, figure, year in in_notes(tree)),
    ]
    made = []
    for row, rate, known, year, yearly in found:
        part = known or target(row, tree)
        base = next((t for t in series if t.year == year), None)
        before = same(part, row, tree, base) if part is not None and base is not None else None
        span = tree.year - year if yearly and year is not None and tree.year is not None else 1
        assert rate is not None
        made.append(Stated(row, rate, part, year, before, span))
    return made


def changed(part: Part, before: Part, years: int = 1) -> Interval | None:
    """Return by what fraction a thing grew (a year, over several); None from zero or below."""
    if before.value.low <= 0.0 or part.value.low < 0.0:
        return None
    return _root(part.value / before.value, years) - 1.0


def series_of(tree: Tree, trees: Sequence[Tree]) -> Series:
    """Return the scopes of the same account and region."""
    first = tree.rows[0]
    return [t for t in trees if (t.rows[0].account, t.rows[0].region) == (first.account, first.region)]


def rate_rows(tree: Tree) -> tuple[list[Row], list[Row]]:
    """Return the rows that print rates of growth, and those that print yearly averages."""
    rates = [
        r for r in tree.context() if r.physical and r.physical.dims == NUMBER and words.GROWTH.search(r.name)
    ]
    rates = [_signed(r) for r in rates if not words.SHARE.search(r.name) and not words.PACE.search(r.name)]
    average = [r for r in rates if words.AVERAGE.search(r.name)]
    return [r for r in rates if r not in average], average


def in_notes(tree: Tree) -> list[tuple[Row, Figure, int]]:
    """Return the rates that the notes of totals print, with the year that they are on."""
    rows = [r for r in tree.rows if r.category == "total" and is_money(r.money)]
    found = [(r, _IN_NOTE.search(r.note)) for r in rows]
    return [(r, _percent(m[1].lstrip("+")), int(m[2])) for r, m in found if m]


def _signed(row: Row) -> Row:
    """Return a rate of decrease as negative growth."""
    figure = row.physical
    if figure is None or not words.FALL.search(row.name) or figure.nominal <= 0.0:
        return row
    return replace(row, physical=figure.reread(f"-{figure.text}"))


def average_base(row: Row, tree: Tree, series: Series) -> int | None:
    """Return the year that a yearly average starts from: it is named, or is the only earlier one."""
    span = _SPAN.search(row.name)
    earlier = [t.year for t in series if t.year is not None and tree.year is not None and t.year < tree.year]
    named = _BASE.search(row.name)
    if span is not None and int(span[2]) != tree.year:
        return None
    year = int((span or named)[1]) if span or named else (earlier[0] if len(earlier) == 1 else None)  # type: ignore[index]
    return year if year is not None and tree.year is not None and year < tree.year else None


def _percent(text: str) -> Figure:
    return Figure(text, "%", interval(text), last_place(text), 0.01, NUMBER)


def base_of(name: str, tree: Tree, series: Series) -> int | None:
    """Return the year that a rate is on: named, the year before, or the last one before with a total."""
    match = _BASE.search(name)
    if match:
        return int(match[1])
    if tree.year is None:
        return None
    if re.search(r"previous year|上年|同比", name):
        return tree.year - 1
    earlier = [t.year for t in series if t.year is not None and t.year < tree.year and t.grands]
    return max(earlier, default=None)


def target(row: Row, tree: Tree) -> Part | None:
    """Return what grew: the thing named, GDP, or the total."""
    name = words.YEAR.sub(" ", row.name)
    if words.GDP.search(name):
        rows = [
            r for r in tree.context() if words.GDP.search(r.name) and "/" not in r.name and is_money(r.money)
        ]
        return part_of(rows[0]) if len(rows) == 1 else None
    bare = _TARGET_NOISE.sub(" ", words.PER_AREA.sub(" ", name)).strip()
    if words.latin_words(bare) or words.chinese_words(bare):
        return find(bare, tree.items)
    return grand(tree)


def grand(tree: Tree) -> Part | None:
    """Return the grand total, the printed one where there are several."""
    grands = [r for r in tree.grands if r.evidence == "printed"] or tree.grands
    return part_of(grands[0]) if len(grands) == 1 else None


def same(part: Part, row: Row, tree: Tree, base: Tree) -> Part | None:
    """Return the same thing in the base year."""
    if part.rows and part.rows[0] in tree.grands:
        return grand(base)
    if row.category == "total":
        return next((i.part for i in base.items if i.part.label == part.label), None)
    return target(row, base)


def _root(ratio: Interval, years: int) -> Interval:
    return Interval(ratio.low ** (1.0 / years), ratio.high ** (1.0 / years)) if years > 1 else ratio
