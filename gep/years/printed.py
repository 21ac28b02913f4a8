"""What a printed year holds: its scope, its flows and stocks, and what it prints beside the year before."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from gep import units
from gep.auditing import rates, words
from gep.auditing.published import COUNTED, Row, is_money, total_of
from gep.auditing.reading import spelled
from gep.auditing.rounding import Interval
from gep.auditing.structure import Part, Tree
from gep.errors import UnitError
from gep.years.breaks import Shift

By = Literal["total", "category", "service"]

_SCOPE = re.compile(r"(?:([^\W\d_]+)\s+)?\bscope\b(?:\s*[:：]\s*([^()（）;；]+))?", re.I)
_SCOPE_ZH = re.compile(r"([\u4e00-\u9fff]{0,4})口径(?:\s*[:：为]\s*([^()（）;；]+))?")
#: Words before "scope" that say that it is the one of other years.
_SAME = {
    "",
    "same",
    "comparable",
    "this",
    "the",
    "同",
    "同一",
    "相同",
    "统一",
    "可比",
    "按可比",
    "统计",
    "核算",
}


class Scope(NamedTuple):
    """What a year says of its scope: in a word, and more closely."""

    word: str = ""
    detail: str = ""

    def differs(self, other: Scope) -> bool:
        """Tell whether two years say different things; what one leaves open does not differ."""
        closer = self.detail and other.detail and self.detail != other.detail
        return self.word != other.word or bool(closer)

    def __str__(self) -> str:
        said = f"{self.word} scope" if self.word else "no scope stated" if not self.detail else "scope"
        return f"{said}: {self.detail}" if self.detail else said


def is_stock(row: Row) -> bool:
    """Tell whether a row prints a stock, by its name."""
    named = words.STOCK.search(row.name) or words.STOCK.search(row.service)
    return bool(named) and not words.FLOW.search(row.name)


def scope_of(rows: Iterable[Row]) -> Scope:
    """Return what a year says of its scope, in the names and notes of what it counts."""
    for row in rows:
        if row.category not in (*COUNTED, "total"):
            continue
        for text in (row.indicator, row.service, row.note if row.category == "total" else ""):
            match = _SCOPE.search(text) or _SCOPE_ZH.search(text)
            word = (match[1] or "").strip().lower() if match else ""
            if match and (word not in _SAME or match[2]):
                return Scope("" if word in _SAME else word, (match[2] or "").strip())
    return Scope()


def shifts(a: Tree, b: Tree) -> Iterator[Shift]:
    """Yield what differs between two printed years."""
    old, new = scope_of(a.rows), scope_of(b.rows)
    if old.differs(new):
        yield Shift("scope", "as stated", f"{old} -> {new}")
    kinds: tuple[tuple[str, str, Callable[[Tree], Iterable[str]]], ...] = (
        ("currency", "values", _currencies),
        ("scope", "categories", lambda tree: tree.categories),
        ("lines", "printed lines", lambda tree: things(tree, "service")),
    )
    for kind, where, look in kinds:
        before, after = list(look(a)), list(look(b))
        gone, came = [x for x in before if x not in after], [x for x in after if x not in before]
        said = [f"{word}: {', '.join(names)}" for word, names in (("no more", gone), ("new", came)) if names]
        # a year that prints only its total says nothing of what is in it
        if said and before and after:
            yield Shift(kind, where, "; ".join(said))


def _currencies(tree: Tree) -> list[str]:
    """Return the currencies of a year; to the intervals all money is one."""
    found: list[str] = []
    for unit in dict.fromkeys(r.money.unit for r in tree.rows if r.money is not None and is_money(r.money)):
        try:
            powers = units.dimension(units.parse(spelled(unit, is_money=True), price_year=2000))
        except UnitError:
            continue
        found += [name[1:4] for name in powers if re.fullmatch(r"\[[A-Z]{3}_\d{4}\]", name)]
    return list(dict.fromkeys(found))


def things(tree: Tree, by: By) -> dict[str, Part]:
    """Return what a year prints, by a name that other years may use as well."""
    if by == "total":
        whole = rates.grand(tree)
        return {"total": whole} if whole is not None else {}
    if by == "category":
        return {name: _together(name, parts) for name, parts in tree.categories.items()}
    found = {i.part.rows: i.part for i in reversed(tree.items) if i.level in ("service", "row")}
    printed = [part for part in reversed(found.values()) if all(r.evidence != "derived" for r in part.rows)]
    return {part.label: part for part in printed}


def _together(name: str, parts: list[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    rows = tuple(r for p in parts for r in p.rows)
    return Part(name, total_of(p.value for p in parts), None, rows)


def parts_of(tree: Tree) -> tuple[Interval | None, bool]:
    """Return the sum of what the total is made of, and whether all of it is sure to be printed."""
    for one in tree.sums:
        if one.row in tree.grands and one.level == "total" and one.row.evidence == "printed":
            return total_of(p.value for p in one.parts), one.exhaustive
    parts = [p.value for parts in tree.categories.values() for p in parts]
    return (total_of(parts) if parts else None), False


def whole_of(tree: Tree) -> Interval | None:
    """Return the printed total, else the sum of the categories; None unless above zero."""
    whole = rates.grand(tree)
    value = whole.value if whole is not None else parts_of(tree)[0]
    return value if value is not None and value.low > 0.0 else None
