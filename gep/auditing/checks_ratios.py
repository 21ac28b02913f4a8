"""Ratios: shares, densities and the areas they imply, per head, GDP, growth."""
# Assertions here only tell the type checker what the selection before them made sure of.
# ruff: noqa: S101

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gep.auditing import words
from gep.auditing.causes import ratio_causes, transposed
from gep.auditing.findings import Cause, Finding, Record, Said, Severity
from gep.auditing.published import (
    AREA,
    MONEY,
    NUMBER,
    PEOPLE,
    Dims,
    Figure,
    Row,
    divide,
    in_unit,
    is_money,
    measure,
)
from gep.auditing.rounding import Interval, interval, is_number, number
from gep.auditing.structure import Item, Part, Tree, find, part_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_GDP_IN_NOTE = re.compile(
    r"(\d[\d.,]*(?:[eE]\d+)?)\s*([A-Z]{3}|[亿万]*元)\s*GDP|GDP\s*(\d[\d.,]*(?:[eE]\d+)?)\s*([A-Z]{3}|[亿万]*元)"
)


class Implied(NamedTuple):
    """A denominator (area, population) that a printed ratio implies."""

    row: Row
    value: Interval
    code: str


def ratios(tree: Tree, record: Record) -> list[Implied]:
    """Check the densities, shares of land, per-head and GDP ratios of a scope; return the areas implied."""
    implied = [*_densities(tree), *_area_shares(tree)]
    _implied_areas(tree, implied, record)
    people = _per_head(tree)
    _against_stated(tree, people, _people(tree), record, "per-head")
    _gdp(tree, record)
    return [i for i in implied if i.code == "density-area"]


def numerator(row: Row, tree: Tree) -> Part | None:
    """Return the money that a density or per-head figure divides: named, GDP, or the total."""
    if words.GDP.search(row.name) and not words.GEP.search(row.name):
        rows = _gdp_rows(tree)
        return part_of(rows[0]) if rows else None
    if words.OTHER_MONEY.search(row.name) and not words.GEP.search(row.name):
        return None
    bare = words.PER_HEAD.sub(" ", words.PER_AREA.sub(" ", words.GEP.sub(" ", row.name)))
    bare = re.sub(r"[()（）/]", " ", words.AREA.sub(" ", bare)).strip()
    if words.latin_words(bare) or words.chinese_words(bare):
        named = find(bare, tree.items)
        if named is not None:
            return named
        if not words.GEP.search(row.name) or words.says_more(bare, row.region):
            return None
    grands = [r for r in tree.grands if not words.OTHER_SCOPE.search(r.name)]
    return part_of(grands[0]) if len(grands) == 1 else None


def _densities(tree: Tree) -> list[Implied]:
    wanted = divide(MONEY, AREA)
    return _implied_by(tree, wanted, "density-area")


def _per_head(tree: Tree) -> list[Implied]:
    return _implied_by(tree, divide(MONEY, PEOPLE), "per-head")


def _implied_by(tree: Tree, dims: Dims, code: str) -> list[Implied]:
    found = []
    for row in tree.context():
        figure = row.physical or row.money
        if figure is None or figure.scale is None:
            continue
        per_head = code == "per-head" and figure.dims == MONEY and words.PER_HEAD.search(row.name)
        if figure.dims != dims and not per_head:
            continue
        part = numerator(row, tree)
        if part is not None and figure.base.low > 0:
            found.append(Implied(row, part.value / figure.base, code))
    return found


def _area_rows(tree: Tree) -> list[Row]:
    return [r for r in tree.context() if r.physical and r.physical.dims == AREA and r.physical.scale]


def _area_shares(tree: Tree) -> list[Implied]:
    """Return the whole areas that printed shares of land imply."""
    rows = _area_rows(tree)
    items = [
        Item((r.name,), "context", Part(r.name, r.physical.base, r.physical, (r,)))
        for r in rows
        if r.physical and not words.whole_area(r.name)
    ]
    found = []
    for row in tree.context():
        if (
            row.physical is None
            or row.physical.dims != NUMBER
            or not words.SHARE.search(row.name)
            or row.physical.base.low <= 0
        ):
            continue
        name = words.fold(words.SHARE.sub(" ", row.name)).strip(" :：")
        name = re.sub(r"^of\s+", "", name)
        same = [
            i
            for i in items
            if words.fold(words.AREA.sub(" ", i.names[0])).strip() == name or words.fold(i.names[0]) == name
        ]
        if len(same) == 1:
            found.append(Implied(row, same[0].part.value / row.physical.base, "area-share"))
    return found


def _people(tree: Tree) -> list[Row]:
    rows = [r for r in tree.context() if r.physical and r.physical.dims == PEOPLE]
    return [r for r in rows if words.POPULATION.search(r.name) and not words.PART_OF_PEOPLE.search(r.name)]


def _implied_areas(tree: Tree, implied: list[Implied], record: Record) -> None:
    rows = _area_rows(tree)
    stated = [r for r in rows if words.whole_area(r.name)]
    for one in implied:
        bare = words.GEP.sub(" ", words.PER_AREA.sub(" ", one.row.name)).strip()
        bare = bare if one.code == "density-area" else ""
        named = [
            r for r in rows if (w := words.AREA.sub(" ", r.name).strip()) and bare and words.means(bare, w)
        ]
        whole = (
            not bare
            or words.category_named(bare)
            or not words.says_more(words.AREA.sub(" ", bare), one.row.region)
        )
        _against_stated(
            tree,
            [one],
            named or (stated if whole else []),
            record,
            one.code,
            [i for i in implied if i is not one],
        )


def _against_stated(
    tree: Tree,
    implied: list[Implied],
    stated: list[Row],
    record: Record,
    code: str,
    others: Sequence[Implied] = (),
) -> None:
    """Compare implied denominators with the stated ones; one stated value that fits is enough."""
    for one in implied:
        figures = [r.physical for r in stated if r.physical and r.physical.base.low > 0.0]
        if not figures:
            continue
        where = (one.row.label, *(r.label for r in stated))
        relation = (
            f"{one.row.figure} ({one.row.name}) implies {in_unit(one.value, figures[0])}, "
            f"stated {' or '.join(str(f) for f in figures)}"
        )
        if any(one.value.meets(f.base, record.tolerance) for f in figures):
            status = "circular" if one.row.evidence == "derived" else "held"
            record.note(
                code, relation, "circular" if status == "circular" else "held", year=tree.year, where=where
            )
            continue
        record.find(_implied_finding(one, figures, where, others, code), relation)


def _implied_finding(
    one: Implied, figures: list[Figure], where: tuple[str, ...], others: Sequence[Implied], code: str
) -> Finding:
    near = min(figures, key=lambda f: abs(one.value.gap(f.base)))
    size, shown = near.size, in_unit(one.value, near)
    gap = near.base.gap(one.value) / size
    causes = list(ratio_causes(near.base, one.value)) + list(
        transposed(near, lambda f: f.base.meets(one.value))
    )
    agree = [
        o for o in others if o.value.meets(one.value) and not any(o.value.meets(f.base) for f in figures)
    ]
    for other in agree:
        causes.insert(
            0,
            Cause.of(
                "one-other-denominator",
                f"{other.row.name} {other.row.figure} implies {in_unit(other.value, near)} {near.unit} too, "
                "so both were computed on one other denominator (a map layer, say)",
                f"{other.row.name} {other.row.figure} 也对应 {in_unit(other.value, near)} {near.unit}，"
                "两者用同一个别的分母（如图层面积）",
            ),
        )
    would = one.row.figure
    assert would is not None
    ratio = number(would.nominal * one.value.mid / near.base.mid)
    small = abs(gap) <= near.place
    return Finding(
        code,
        "note" if small else "error",
        Said(
            (
                f"{one.row.name} {would} implies {number(one.value.mid / size)} "
                f"{near.unit} {shown}, stated is {near}"
            ),
            f"{one.row.name} {would} 对应 {number(one.value.mid / size)} {near.unit} "
            f"{shown}，而所印为 {near}",
        ),
        one.row.year,
        where,
        gap,
        near.unit,
        gap / near.nominal,
        Said(
            f"with {near} it would print about {ratio} {would.unit}",
            f"若按 {near} 计，应印约 {ratio} {would.unit}",
        ),
        tuple(causes[:3]),
    )


# GDP ---------------------------------------------------------------------------------------


def _gdp_rows(tree: Tree) -> list[Row]:
    return [
        r
        for r in tree.context()
        if (r.money or r.physical)
        and words.GDP.search(r.name)
        and not words.GEP.search(r.name)
        and "/" not in r.name
        and not words.PER_HEAD.search(r.name)
        and not (words.GROWTH.search(r.name) or words.INCREASE.search(r.name))
        and is_money(r.money)
    ]


def _gdp(tree: Tree, record: Record) -> None:
    """Check ratios of the total, or of material plus cultural, to GDP."""
    stated = [(r.money.base, str(r.money)) for r in _gdp_rows(tree) if r.money and r.money.base.low > 0.0]
    for row in tree.context():
        figure = row.physical
        if figure is None or figure.dims != NUMBER or figure.scale is None:
            continue
        value, made = _over_gdp(row, tree)
        gdp = stated or _gdp_in_note(row)
        if value is None or not gdp:
            continue
        fitting = [g for g in gdp if (value / g[0]).meets(figure.base, record.tolerance)]
        whole, printed = (fitting or gdp)[0]
        expected = value / whole
        relation = f"{made} / GDP {printed} = {figure} ({row.name})"
        if expected.meets(figure.base, record.tolerance):
            record.note("gdp-ratio", relation, "held", year=tree.year, where=(row.label,))
            continue
        gap = figure.base.gap(expected) / figure.size
        nominal = number(expected.mid / figure.size)
        said = Said(
            f"{row.name} is printed as {figure}, {made} over GDP {printed} is {nominal} {figure.unit}",
            f"{row.name} 印为 {figure}，而 {made} 与 GDP {printed} 之比为 {nominal} {figure.unit}",
        )
        causes = ratio_causes(figure.base, expected) + transposed(figure, _fitting(expected))
        severity: Severity = "note" if abs(gap) <= figure.place else "error"
        relative = gap / figure.nominal if figure.nominal else None
        record.find(
            Finding(
                "gdp-ratio",
                severity,
                said,
                tree.year,
                (row.label,),
                gap,
                figure.unit,
                relative,
                None,
                causes[:3],
            ),
            relation,
        )


def _fitting(expected: Interval) -> Callable[[Figure], bool]:
    return lambda figure: figure.base.meets(expected)


def _over_gdp(row: Row, tree: Tree) -> tuple[Interval | None, str]:
    if words.TWO_MOUNTAINS.search(row.name):
        parts = [tree.category("provisioning"), tree.category("cultural")]
        if parts[0] is not None and parts[1] is not None:
            return parts[0] + parts[1], "(material + cultural)"
        return None, ""
    index = re.search(r"\bGGI\b|绿金指数", row.name)
    over = index or re.search(r"/|占|相当于|与.*比|是.*倍|\bto\b|\bratio\b", row.name)
    if not over or words.GROWTH.search(row.name) or not (index or words.GDP.search(row.name)):
        return None, ""
    if re.search(r"GDP.*GEP", row.name) and not re.search(r"GEP.*GDP", row.name):
        return None, ""
    if len(tree.grands) != 1 or not (index or re.search(r"GEP|GGI|value|total|生态", row.name, re.I)):
        return None, ""
    left = words.GEP.sub(" ", re.split(r"占|相当于|与|是", row.name)[0])
    if (
        re.search(r"占|相当于|与|是", row.name)
        and words.chinese_words(left)
        and words.says_more(left, row.region)
    ):
        part = find(left, tree.items)
        return (part.value, part.label) if part is not None else (None, "")
    return part_of(tree.grands[0]).value, f"total {tree.grands[0].money}"


def _gdp_in_note(row: Row) -> list[tuple[Interval, str]]:
    match = _GDP_IN_NOTE.search(row.note)
    if match is None:
        return []
    text, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
    if not is_number(text.rstrip(".,")):
        return []
    scale, dims = measure(unit, is_money=True)
    if scale is None or dims != MONEY:
        return []
    return [(interval(text.rstrip(".,")) * scale, f"{text} {unit}")]
