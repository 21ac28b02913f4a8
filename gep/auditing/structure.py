"""What adds up to what in one account, region and year: lines, subtotals, categories, totals."""
# Assertions here only tell the type checker what the selection before them made sure of.
# ruff: noqa: S101

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from gep.auditing import words
from gep.auditing.published import (
    COUNTED,
    Figure,
    Row,
    is_money,
    total_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gep.auditing.rounding import Interval

Level = Literal["row", "service", "category", "total", "context"]
_VALUE = re.compile(r"价值量?|货币价值|(?:monetary )?value", re.I)
_NOISE = re.compile(r"\bas printed\b|\bprinted\b|[()（）:：]", re.I)


class Part(NamedTuple):
    """One summand: name, value in base units, the printed figure if it is one, the rows behind it."""

    label: str
    value: Interval
    figure: Figure | None
    rows: tuple[Row, ...]


class Item(NamedTuple):
    """Something with an amount that a share or a growth rate may speak of."""

    names: tuple[str, ...]
    level: Level
    part: Part


@dataclass(frozen=True)
class Sum:
    """A printed total and what should make it up; ``exhaustive`` is False for 'of which' lines."""

    row: Row
    printed: Figure
    parts: tuple[Part, ...]
    level: Level
    exhaustive: bool = True


@dataclass
class Tree:
    """The additive structure of one scope."""

    rows: tuple[Row, ...]
    sums: list[Sum] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    categories: dict[str, list[Part]] = field(default_factory=dict)
    grands: list[Row] = field(default_factory=list)
    heads: dict[int, list[Row]] = field(default_factory=dict)

    @property
    def year(self) -> int | None:
        """The year of the scope."""
        return self.rows[0].year

    def context(self) -> tuple[Row, ...]:
        """Rows that are in no sum."""
        return tuple(r for r in self.rows if r.category == "context")

    def category(self, name: str) -> Interval | None:
        """Return the value of a category, printed or added up."""
        parts = self.categories.get(name)
        return total_of(p.value for p in parts) if parts else None


def part_of(row: Row) -> Part:
    """Return a row as a summand."""
    assert row.money is not None
    both = row.indicator and row.service and row.indicator != row.service
    label = f"{row.service}: {row.indicator}" if both else row.name
    return Part(label, row.money.base, row.money, (row,))


Heads = dict[int, list["Row"]]


def build(rows: tuple[Row, ...]) -> Tree:
    """Find the lines, subtotals, category totals and grand totals of one scope.

    Where the totals do not close and rows are headings by their figures (each is the sum of the rows
    directly after it), and the totals close with these as subtotals, they are subtotals.
    """
    tree = _build(rows, {})
    if not any(_fails(s) for s in tree.sums):
        return tree
    heads = _heads(rows)
    other = _build(rows, heads) if heads else tree
    closed = other is not tree and any(s.row in other.grands for s in other.sums)
    return other if closed and not any(_fails(s) for s in other.sums) else tree


def _fails(one: Sum) -> bool:
    if one.level not in ("category", "total"):
        return False
    together = total_of(p.value for p in one.parts)
    gap = together.gap(one.printed.base)
    return gap != 0.0 if one.exhaustive else gap > 0.0


def _heads(rows: Sequence[Row]) -> Heads:
    """Find rows that are the sum of the two or more rows of their category directly after them."""
    heads: Heads = {}
    for category in words.CATEGORIES:
        listed = [r for r in rows if r.category == category and is_money(r.money) and r.money]
        start = 0
        while start < len(listed):
            below = _summed_by(listed[start], listed[start + 1 :])
            if below:
                heads[id(listed[start])] = below
            start += 1 + len(below)
    return heads


def _summed_by(head: Row, after: Sequence[Row]) -> list[Row]:
    values = [r.money.base for r in after if r.money is not None]
    assert head.money is not None
    for count in range(2, len(values) + 1):
        together = total_of(values[:count])
        if together.meets(head.money.base):
            return list(after[:count])
        if together.low > head.money.base.high:
            break
    return []


def _build(rows: tuple[Row, ...], heads: Heads) -> Tree:
    tree = Tree(rows, heads=heads)
    counted = [r for r in rows if r.category in COUNTED]
    totals = [r for r in rows if r.category == "total" and is_money(r.money)]
    columns = _matrix(tree, counted, totals)
    totals = [r for r in totals if r not in columns]
    for category in words.CATEGORIES:
        _category(tree, category, [r for r in counted if r.category == category], totals, counted)
    combined = _named_totals(tree, totals)
    _prefixed(tree, totals)
    _grand(tree, totals, combined)
    tree.items += [
        Item((r.name,), "context", part_of(r)) for r in tree.context() if is_money(r.money) and r.money
    ]
    return tree


def _category(tree: Tree, category: str, rows: list[Row], totals: list[Row], counted: Sequence[Row]) -> None:
    money = [r for r in rows if is_money(r.money)]
    within = [r for r in money if words.OF_WHICH.match(r.service) or words.OF_WHICH.match(r.indicator)]
    plain = _under_heads(tree, [r for r in money if r not in within])
    whole = next((r for r in plain if _names_category(r, category)), None)
    if whole is None and len(plain) == 1 and within:
        whole = plain[0]
    lines = [r for r in plain if r is not whole]
    parts = _groups(tree, lines, rows, totals)
    if whole is not None:
        if parts:
            tree.sums.append(_sum(whole, parts, "category"))
        _of_which(tree, whole, within, counted)
        parts = [part_of(whole)]
    else:
        tree.items += [
            Item((words.OF_WHICH.sub("", r.service), r.indicator), "row", part_of(r)) for r in within
        ]
    if not parts:
        return
    printed = next((r for r in totals if _total_names(r) == category), None)
    if printed is not None:
        tree.sums.append(_sum(printed, parts, "category"))
        parts = [part_of(printed)]
    tree.categories[category] = parts
    names = [category] + ([whole.service, whole.indicator] if whole is not None else [])
    label = parts[0].label if len(parts) == 1 else category
    rows_of = tuple(r for p in parts for r in p.rows)
    figure = parts[0].figure if len(parts) == 1 else None
    tree.items.append(
        Item(tuple(names), "category", Part(label, total_of(p.value for p in parts), figure, rows_of))
    )


def _under_heads(tree: Tree, lines: list[Row]) -> list[Row]:
    """Leave out the lines that a heading adds up."""
    below = {id(r) for r in lines for r in tree.heads.get(id(r), [])}
    for row in lines:
        if id(row) in tree.heads:
            parts = [part_of(r) for r in tree.heads[id(row)]]
            tree.sums.append(_sum(row, parts, "service"))
            tree.items += [Item((p.rows[0].service, p.rows[0].indicator), "row", p) for p in parts]
    return [r for r in lines if id(r) not in below]


def _names_category(row: Row, category: str) -> bool:
    if words.category_named(row.indicator) == category:
        return True
    plain_total = not row.indicator or bool(
        words.TOTAL.search(row.indicator) or _VALUE.fullmatch(row.indicator)
    )
    return words.category_named(row.service) == category and (
        plain_total or row.service.lower().startswith("all ")
    )


def _total_names(row: Row) -> str | None:
    """Return the category that a printed total is of."""
    if words.categories_added(row.indicator) or words.categories_added(row.service):
        return None
    return words.category_named(row.indicator) or words.category_named(row.service)


def _of_which(tree: Tree, whole: Row, within: list[Row], counted: Sequence[Row]) -> None:
    """Give an 'of which' line to the one whole of its category, or to the one its brackets name."""
    moved = [
        r
        for r in within
        if (to := _inside(r.name)) and not words.means(to, f"{whole.service} {whole.indicator}")
    ]
    guests = [
        r
        for r in counted
        if r not in within
        and is_money(r.money)
        and (words.OF_WHICH.match(r.service) or words.OF_WHICH.match(r.indicator))
        and (to := _inside(r.name))
        and words.means(to, f"{whole.service} {whole.indicator}")
    ]
    parts = [part_of(r) for r in within if r not in moved] + [part_of(r) for r in guests]
    if parts:
        tree.sums.append(_sum(whole, parts, "category", exhaustive=False))
    tree.items += [Item((words.OF_WHICH.sub("", r.service), r.indicator), "row", part_of(r)) for r in within]


def _inside(name: str) -> str:
    match = re.search(r"[(（]\s*(?:in|计入|属于?)\s*([^()（）]+)[)）]", name)
    return match[1] if match else ""


def _groups(tree: Tree, lines: list[Row], rows: list[Row], totals: list[Row]) -> list[Part]:
    """Return the services of a category, each as one part where its total is printed."""
    parts: list[Part] = []
    for service in dict.fromkeys(r.service for r in lines):
        members = [r for r in lines if r.service == service]
        extra = [r for r in totals if r.service == service and service and _total_names(r) is None]
        subtotals = [r for r in members if words.TOTAL.search(r.indicator)] + extra
        subtotals = subtotals or _heading(members)
        plain = [part_of(r) for r in members if r not in subtotals]
        own, group = _stems(tree, subtotals, plain)
        tree.items += [Item((p.rows[0].indicator,), "row", p) for p in plain if p.rows[0].indicator]
        if group is not None:
            _sum_group(tree, group, own, rows)
            own = [part_of(group)]
        parts += own
        if own:
            rows_of = tuple(r for p in own for r in p.rows)
            figure = own[0].figure if len(own) == 1 else None
            total = Part(service, total_of(p.value for p in own), figure, rows_of)
            tree.items.append(Item((service,), "service", total))
    return parts


def _heading(members: list[Row]) -> list[Row]:
    """Return the row that has only the name of its service, where it may be the sum of the others."""
    heads = [
        r for r in members if r.service and words.fold(r.indicator) in ("", words.fold(r.service)) and r.money
    ]
    others = [r.money.base for r in members if r not in heads and r.money]
    if len(heads) != 1 or len(others) < 2 or heads[0].money is None:
        return []
    largest = max(o.low for o in others)
    return heads if heads[0].money.base.high >= largest else []


def _sum_group(tree: Tree, group: Row, own: list[Part], rows: list[Row]) -> None:
    """Note what a service's total adds up: its lines, or its unit values where the price is their sum."""
    if own:
        tree.sums.append(_sum(group, own, "service"))
    price = group.price
    if price is None or price.scale is None:
        return
    unit_values = [
        Part(r.name, r.money.base, r.money, (r,))
        for r in rows
        if r.service == group.service and r is not group and r.money and r.money.dims == price.dims
    ]
    if len(unit_values) > 1:
        tree.sums.append(Sum(group, price, tuple(unit_values), "service"))


def _stems(tree: Tree, subtotals: list[Row], plain: list[Part]) -> tuple[list[Part], Row | None]:
    """Put ``CO2 total`` over the lines that begin with CO2; a total of nothing such is the group's."""
    own: list[Part] = []
    covered: set[int] = set()
    loose: list[Row] = []
    for row in subtotals:
        stem = _stem(row)
        below = [p for p in plain if stem and words.fold(p.rows[0].indicator).startswith(stem)]
        if below:
            tree.sums.append(_sum(row, below, "service"))
            own.append(part_of(row))
            tree.items.append(Item((stem,), "row", part_of(row)))
            covered |= {id(p) for p in below}
        else:
            loose.append(row)
    group = loose[0] if len(loose) == 1 else next((r for r in loose if _of_the_group(r)), None)
    own += [part_of(r) for r in loose if r is not group]
    return own + [p for p in plain if id(p) not in covered], group


def _stem(row: Row) -> str:
    return words.fold(_NOISE.sub(" ", words.TOTAL.sub(" ", row.indicator)))


def _of_the_group(row: Row) -> bool:
    """Tell which of several totals without lines of their own is that of the whole service."""
    named = re.search(r"as printed|合计|总计|\bsum of\b", row.indicator, re.I)
    return bool(named) or not _stem(row) or words.means(_stem(row), row.service)


def _sum(row: Row, parts: Iterable[Part], level: Level, *, exhaustive: bool = True) -> Sum:
    assert row.money is not None
    return Sum(row, row.money, tuple(parts), level, exhaustive)


def _matrix(tree: Tree, counted: list[Row], totals: list[Row]) -> list[Row]:
    """Find the column totals of a service by ecosystem matrix."""
    money = [r for r in counted if is_money(r.money)]
    services_of: dict[str, set[str]] = {}
    for row in money:
        services_of.setdefault(row.indicator, set()).add(row.service)
    columns = [r for r in totals if r.indicator and r.indicator in services_of and _total_names(r) is None]
    if len(columns) < 2 or max(len(s) for s in services_of.values()) < 2:
        return []
    for row in columns:
        parts = [
            Part(r.service, r.money.base, r.money, (r,))
            for r in money
            if r.indicator == row.indicator and r.money
        ]
        tree.sums.append(_sum(row, parts, "total"))
    rest = [r for r in totals if r not in columns and r.service == columns[0].service]
    for row in rest:
        tree.sums.append(_sum(row, [part_of(r) for r in columns], "total"))
    return columns


def _named_totals(tree: Tree, totals: list[Row]) -> list[tuple[Row, list[str]]]:
    """Find printed sums of several categories, such as 'provisioning + cultural'."""
    combined = []
    for row in totals:
        added = words.categories_added(row.indicator) or words.categories_added(row.service)
        if added:
            combined.append((row, added))
            parts = [p for c in added for p in tree.categories.get(c, [])]
            if all(c in tree.categories for c in added):
                tree.sums.append(_sum(row, parts, "category"))
            tree.items.append(Item((row.service, row.indicator), "total", part_of(row)))
    return combined


def _lined(row: Row) -> bool:
    """Tell whether a total is one line of several, as in 'province: forest'."""
    return ":" in re.sub(r"[(（][^()（）]*[)）]", "", row.indicator)


def _prefixed(tree: Tree, totals: list[Row]) -> None:
    """Find totals that are printed line by line: 'province: forest' under the total 'province'."""
    groups: dict[str, list[Row]] = {}
    for row in totals:
        prefix, colon, _ = row.indicator.partition(":")
        if colon and _lined(row):
            groups.setdefault(prefix.strip(), []).append(row)
    heads = [r for r in totals if not _lined(r)]
    for prefix, lines in groups.items():
        head = next((r for r in heads if len(lines) > 1 and words.means(r.indicator, prefix)), None)
        if head is not None:
            tree.sums.append(_sum(head, [part_of(r) for r in lines], "total"))


def _grand(tree: Tree, totals: list[Row], combined: list[tuple[Row, list[str]]]) -> None:
    """Find the grand totals and what they add up."""
    named = {id(row) for row, _ in combined}
    services = {r.service for r in tree.rows if r.category in COUNTED}
    tree.grands = [
        r
        for r in totals
        if id(r) not in named and _total_names(r) is None and not _lined(r) and r.service not in services
    ]
    tree.items += [Item((r.indicator, r.service), "total", part_of(r)) for r in tree.grands]
    covered = set(tree.categories)
    parts = [p for c in words.CATEGORIES for p in tree.categories.get(c, [])]
    for row, added in combined:
        if not covered & set(added):
            parts.append(part_of(row))
            covered |= set(added)
    if parts:
        whole = covered >= set(words.CATEGORIES[:3])
        tree.sums += [_sum(r, parts, "total", exhaustive=whole) for r in tree.grands]


def find(needle: str, items: Iterable[Item]) -> Part | None:
    """Return the one thing that a share or a growth rate names, or None if it is none or unclear."""
    listed = list(items)
    wanted = words.fold(needle)
    same = [i for i in listed if wanted in (words.fold(n) for n in i.names if n)]
    if not same and (category := words.category_named(needle)):
        same = [i for i in listed if i.level == "category" and i.names[0] == category]
    if not same:
        same = [i for i in listed if any(words.means(needle, n) for n in i.names if n)]
    for level in ("category", "service", "total", "row", "context"):
        chosen = {i.part.rows: i.part for i in same if i.level == level}
        if len(chosen) == 1:
            return next(iter(chosen.values()))
        if chosen:
            return None
    return None


def find_added(needle: str, items: Sequence[Item]) -> Part | None:
    """Return what a name stands for; ``C+O2`` adds what C and O2 stand for."""
    one = find(needle, items)
    pieces = words.split_added(needle)
    if one is not None or len(pieces) < 2:
        return one
    parts = [find(piece, items) for piece in pieces]
    found = [p for p in parts if p is not None]
    if len(found) < len(pieces) or len({p.rows for p in found}) < len(found):
        return None
    label = " + ".join(p.label for p in found)
    return Part(label, total_of(p.value for p in found), None, tuple(r for p in found for r in p.rows))
