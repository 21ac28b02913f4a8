"""What each printed figure asks of a ledger: a value, a quantity, a price, a share, a ratio, a fact."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from gep.auditing import words
from gep.auditing.checks_sums import bound_of
from gep.auditing.findings import Said
from gep.auditing.published import AREA, COUNTED, MONEY, NUMBER, PEOPLE, Figure, Row, divide
from gep.auditing.structure import Tree
from gep.reconciling import naming
from gep.reconciling.subjects import Doubt, Finder, Subject, only_ecosystems, total

Measure = Literal[
    "value", "quantity", "price", "share", "per_area", "per_head", "area", "area_share", "population", "gdp",
    "gdp_ratio", "given",
]  # fmt: skip
_INDEX = re.compile(r"\bGGI\b|绿金指数")
_OVER = re.compile(r"GEP\s*(?:/|与|占|相当于|to)\s*GDP|ESV\s*/\s*GDP|(?:总值|价值).{0,6}GDP", re.I)
_LAND = re.compile(r"cover(?:age)?\b|\bland\b|覆盖率|面积|土地", re.I)
#: What a name says of the kind of a place, not of what is valued.
_PLACE = re.compile(r"\b(?:township|county|town|village|city|by|ecosystem|street)\b|乡镇|街道|[:：]", re.I)
_CHANGE = Said("a change between years is not in one ledger", "年际变化不在单年账户中")
_NOT_KEPT = Said("a ledger keeps no such figure", "账户中没有这类数据")


@dataclass(frozen=True)
class Ask:
    """One printed figure and what in the ledger it is to be compared with."""

    row: Row
    figure: Figure
    measure: Measure
    subject: Subject
    whole: Subject | None = None

    @property
    def target(self) -> str:
        """What it is compared with, in one word."""
        of = f" / {self.whole.name}" if self.whole is not None and self.whole.level != "total" else ""
        return f"{self.subject.name}{of}"


@dataclass(frozen=True)
class Left:
    """One printed figure, or row, that nothing in the ledger answers to."""

    row: Row
    doubt: Doubt
    measure: str = ""


def asks(row: Row, tree: Tree, finder: Finder, given: Subject | None = None) -> Iterator[Ask | Left]:
    """Give what the figures of a row ask; ``given`` is the part of the ledger that a user named."""
    if row.category in COUNTED:
        yield from _counted(row, given or finder.money(row))
    elif row.category == "total":
        yield from _counted(row, given or _of_total(row, tree, finder))
    else:
        figures = [f for f in (row.physical, row.money) if f is not None]
        yield from (_context(Case(row, figure, tree, finder, given)) for figure in figures)


def _counted(row: Row, subject: Subject | Doubt) -> Iterator[Ask | Left]:
    figures: tuple[tuple[Measure, Figure | None], ...] = (
        ("value", row.money), ("quantity", row.physical), ("price", row.price),
    )  # fmt: skip
    for measure, figure in figures:
        if figure is None:
            continue
        if isinstance(subject, Doubt):
            yield Left(row, subject, measure)
        else:
            yield Ask(row, figure, measure, subject)


def _of_total(row: Row, tree: Tree, finder: Finder) -> Subject | Doubt:
    if words.OTHER_SCOPE.search(row.name):
        return Doubt(Said("a total of another scope", "另一口径的总值"))
    ecosystems = finder.by_ecosystem(row.indicator)
    if ecosystems is not None and len(ecosystems.wheres) == 1:
        return ecosystems
    return finder.named(row) or (total() if row in tree.grands else finder.money(row))


class Case(NamedTuple):
    """One figure of a row of context, and what is needed to tell what it asks."""

    row: Row
    figure: Figure
    tree: Tree
    finder: Finder
    given: Subject | None

    def ask(self, measure: Measure, subject: Subject | Doubt, whole: Subject | None = None) -> Ask | Doubt:
        """Return the question, unless its subject is in doubt."""
        if isinstance(subject, Doubt):
            return subject
        return Ask(self.row, self.figure, measure, subject, whole)


def _context(case: Case) -> Ask | Left:
    """Return what a figure of context asks, by its dimension and its name."""
    row = case.row
    if words.GROWTH.search(row.name) or words.INCREASE.search(row.name):
        return Left(row, Doubt(_CHANGE))
    answer = _by_dimension(case)
    return answer if isinstance(answer, Ask) else Left(row, answer)


def _by_dimension(case: Case) -> Ask | Doubt:
    dims, name = case.figure.dims, case.row.name
    if dims == divide(MONEY, AREA):
        return _ratio(case, "per_area")
    if dims == divide(MONEY, PEOPLE) or (dims == MONEY and words.PER_HEAD.search(name)):
        return _ratio(case, "per_head")
    if dims == MONEY:
        return _money(case)
    if dims == NUMBER:
        return _number(case)
    if dims == AREA:
        return _area(case)
    if dims == PEOPLE and words.POPULATION.search(name) and not words.PART_OF_PEOPLE.search(name):
        return case.ask("population", case.given or total())
    return _amount(case)


def _ratio(case: Case, measure: Measure) -> Ask | Doubt:
    """Return how a value per area or per head is asked for."""
    row = case.row
    if words.OTHER_MONEY.search(row.name) or _is_gdp(row):
        return Doubt(_NOT_KEPT)
    bare = words.PER_HEAD.sub(" ", words.PER_AREA.sub(" ", words.GEP.sub(" ", row.name)))
    bare = re.sub(r"[()（）/]", " ", words.AREA.sub(" ", bare))
    return case.ask(measure, case.given or _part_or_total(bare, case))


def _part_or_total(text: str, case: Case) -> Subject | Doubt:
    """Return the part that a name stands for; everything where nothing telling is left of it."""
    found = case.finder.part(text) or case.finder.by_ecosystem(text)
    if found is not None:
        return found
    return Doubt(_unclear(text)) if words.says_more(text, case.row.region) else total()


def _money(case: Case) -> Ask | Doubt:
    """Return what money of context stands for: GDP, a service, an ecosystem, or the total of a place."""
    row = case.row
    if case.given is None and _is_gdp(row) and "/" not in row.name:
        return case.ask("gdp", total())
    if case.given is None and (words.OTHER_MONEY.search(row.name) or words.STOCK.search(row.name)):
        return Doubt(_NOT_KEPT)
    text = row.service if bound_of(row) and row.service else row.name
    bare = words.GEP.sub(" ", _PLACE.sub(" ", text))
    return case.ask("value", case.given or _part_or_total(bare, case))


def _number(case: Case) -> Ask | Doubt:
    """Return what a plain number stands for: a ratio to GDP, or a share."""
    row = case.row
    if words.TWO_MOUNTAINS.search(row.name):
        both = case.finder.categories(["provisioning", "cultural"])
        return case.ask("gdp_ratio", case.given or both)
    if _INDEX.search(row.name) or _OVER.search(row.name):
        return case.ask("gdp_ratio", case.given or total())
    return _share(case) if words.SHARE.search(row.name) else Doubt(_NOT_KEPT)


def _share(case: Case) -> Ask | Doubt:
    row, finder = case.row, case.finder
    name = words.SHARE.sub(" ", words.YEAR.sub(" ", row.name)).strip(" :：()的")
    said = words.share_of(row.name)
    if said:
        name = re.sub(rf"占?{re.escape(said)}的?|\s+in\s+{re.escape(said)}$", " ", name).strip()
    whole = finder.part(said) if said else total()
    if not isinstance(whole, Subject):
        return whole or Doubt(_unclear(said or ""))
    land = finder.by_ecosystem(name) if case.given is None else None
    if land is not None:
        return _share_of_land(case, name, land, whole)
    return case.ask("share", case.given or finder.part(name) or Doubt(_unclear(name)), whole)


def _share_of_land(case: Case, name: str, land: Subject, whole: Subject) -> Ask | Doubt:
    """Tell a share of land from a share of value by what is printed beside it."""
    kinds = _printed_kinds(name, case.row, case.tree)
    if kinds == {"area"}:
        return case.ask("area_share", land, total())
    if kinds == {"money"}:
        return case.ask("share", land, whole)
    return Doubt(Said("a share of value or of land", "价值占比或面积占比不明"), (land.name,))


def _printed_kinds(name: str, row: Row, tree: Tree) -> set[str]:
    """Return whether areas or money of the same name are printed beside a share."""
    if _LAND.search(row.name):
        return {"area"}
    wanted = naming.ecosystem_in(name)
    same = [r for r in tree.rows if r is not row and naming.ecosystem_in(r.name) == wanted]
    found = {"area" for r in same if r.physical and r.physical.dims == AREA}
    return found | {"money" for r in same if r.money and r.money.dims == MONEY}


def _area(case: Case) -> Ask | Doubt:
    name = case.row.name
    if case.given is not None or words.whole_area(name):
        return case.ask("area", case.given or total())
    land = case.finder.by_ecosystem(name)
    left = words.AREA.sub(" ", words.YEAR.sub(" ", name))
    if land is None or not only_ecosystems(left, [w["ecosystem"] for w in land.wheres]):
        return Doubt(_unclear(name))
    return case.ask("area", land)


def _amount(case: Case) -> Ask | Doubt:
    """Return which line of the ledger an amount may be of."""
    known = case.figure.scale is not None
    found = case.given or (case.finder.line(case.row.name, case.row) if known else None)
    return case.ask("quantity", found or Doubt(_NOT_KEPT))


def _is_gdp(row: Row) -> bool:
    return bool(words.GDP.search(row.name)) and not words.GEP.search(row.name)


def _unclear(text: str) -> Said:
    return Said(f"what {text.strip()!r} stands for is not clear", f"{text.strip()!r} 所指不明")
