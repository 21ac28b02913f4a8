"""Which printed figures ask which part of a ledger: the mapping of a user, places, money, doubles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gep import units
from gep.auditing import words
from gep.auditing.findings import Said
from gep.auditing.published import COUNTED, Figure, Published, Row
from gep.auditing.reading import simplified, spelled
from gep.auditing.structure import build
from gep.errors import Faults, LedgerError, UnitError
from gep.ledger import Amount, views
from gep.reconciling import naming
from gep.reconciling.asking import Ask, Left, asks
from gep.reconciling.subjects import Doubt, Finder, Subject, Where, named

if TYPE_CHECKING:
    from gep.ledger import Ledger

Key = str | tuple[str, str]
Target = str | Mapping[str, str] | Sequence[str | Mapping[str, str]] | Amount | None
#: What a user says of rows: a part of the ledger, a number of their own, or nothing.
Chosen = Mapping[Row, Subject | Amount | None]
_LEFT_OUT = Doubt(Said("left out by the mapping", "映射中排除"))
_SEVERAL = Said("several printed lines stand for one part of the ledger", "多行对应账户同一部分")


def chosen(mapping: Mapping[Key, Target], book: Published, ledger: Ledger) -> Chosen:
    """Return what a user says of rows.

    Raises
    ------
    LedgerError
        A key that names no row, or a target that the ledger does not have; all at once.
    """
    faults = Faults()
    found: dict[Row, Subject | Amount | None] = {}
    for key, target in mapping.items():
        plain = simplified(key) if isinstance(key, str) else tuple(map(simplified, key))
        rows = [r for r in book.rows if plain in (r.indicator, r.service, (r.service, r.indicator), r.place)]
        if not rows:
            expected = "an indicator, a service, both as a pair, or a place"
            faults.add(f"no row is called {key!r}", where="mapping", expected=expected)
        try:
            keep = target is None or isinstance(target, Amount)
            what = target if keep else named(target, ledger)
        except LedgerError as error:
            faults.take(error, where=f"mapping[{key!r}]")
            continue
        found |= dict.fromkeys(rows, what)  # type: ignore[arg-type]
    faults.raise_as(LedgerError, "the mapping does not fit")
    return found


def answers(book: Published, ledger: Ledger, said: Chosen) -> list[Ask | Left]:
    """Return what every figure of a published account asks, or why it asks nothing."""
    finder, places = Finder(ledger), Places(ledger, book)
    found = [answer for rows in book.scopes() for answer in _of_scope(rows, finder, places, said)]
    return _apart(found)


def _of_scope(rows: Sequence[Row], finder: Finder, places: Places, said: Chosen) -> Iterator[Ask | Left]:
    tree = build(tuple(rows))
    for row in rows:
        given = said.get(row)
        if isinstance(given, Amount) or row.figure is row.price is None:
            continue
        place = _LEFT_OUT if row in said and given is None else places.of(row)
        if isinstance(place, Doubt):
            yield Left(row, place)
            continue
        for one in asks(row, tree, finder, given):
            yield _in_place(one, place, finder.ledger) if isinstance(one, Ask) else one


def _in_place(ask: Ask, place: Where, ledger: Ledger) -> Ask | Left:
    doubt = _other_money(ask.figure, ledger)
    if doubt is not None:
        return Left(ask.row, doubt, ask.measure)
    subject = ask.subject.at(ask.subject.place or place)
    return Ask(ask.row, ask.figure, ask.measure, subject, ask.whole)


class Places:
    """Finds the zone that the region of a row stands for."""

    def __init__(self, ledger: Ledger, book: Published) -> None:
        self.ledger = ledger
        self.region = words.fold(ledger.meta.region)
        self.names: dict[str, set[tuple[str, str]]] = {}
        for code, name in ledger.zones["name"].items():
            for text in (str(code), str(name)):
                self.names.setdefault(words.fold(text), set()).add(("zone", str(code)))
        for level in views.levels(ledger):
            for value in dict.fromkeys(map(str, ledger.zones[level])):
                self.names.setdefault(words.fold(value), set()).add((level, value))
        found = {r.region: self._known(r.region) for r in book.rows}
        self.strange = {region for region, place in found.items() if place is None}
        self.whole_is_named = any(place == {} for place in found.values())

    def of(self, row: Row) -> Where | Doubt:
        """Return the place of a row, empty for the whole.

        Where no row has the name of the region, the one region that is no zone is the whole.
        """
        mine = self.ledger.year
        if row.year not in (None, mine):
            en, zh = f"of {row.year}, the ledger is of {mine}", f"{row.year} 年数据，账户为 {mine} 年"
            return Doubt(Said(en, zh))
        place = self._known(row.region)
        if place is not None:
            return place
        if len(self.strange) == 1 and not self.whole_is_named:
            return {}
        en = f"{row.region} is neither the region of the ledger nor a zone of it"
        return Doubt(Said(en, f"{row.region} 不是账户的区域或分区"))

    def _known(self, region: str) -> Where | Doubt | None:
        text = words.fold(region)
        if not text or text == self.region:
            return {}
        found = self.names.get(text)
        if found is None:
            inside = [n for n in self.names if n in text and n not in self.region and not n.isdigit()]
            found = self.names[inside[0]] if len(inside) == 1 else None
        if found is None:
            return {} if self.region in text else None
        if len(found) > 1:
            codes = tuple(sorted(value for _, value in found))
            listed = ", ".join(codes)
            return Doubt(Said(f"{region} is the name of {listed}", f"{region} 指 {listed}"), codes)
        return dict(found)


def _other_money(figure: Figure, ledger: Ledger) -> Doubt | None:
    """Return why money of another currency or price year is not compared."""
    if not any(name == "[money]" for name, _ in figure.dims) or not figure.unit:
        return None
    stated = words.YEAR.search(figure.unit)
    year = int(stated[0]) if stated else units.year_of(ledger.price_year)
    try:
        names = units.price_years(units.parse(spelled(figure.unit, is_money=True), price_year=year))
    except UnitError:
        return None
    if names in ([], [ledger.price_year]):
        return None
    listed, mine = ", ".join(names), ledger.price_year
    return Doubt(Said(f"printed in {listed}, the ledger is in {mine}", f"所印为 {listed}，账户为 {mine}"))


def _is_total(row: Row) -> bool:
    return naming.bare(row.indicator) in ("", naming.bare(row.service))


def _apart(found: Sequence[Ask | Left]) -> list[Ask | Left]:
    """Set apart counted lines of one account that stand for one part; a total printed beside them stays."""
    groups: dict[tuple[object, ...], list[Ask]] = {}
    for one in found:
        if isinstance(one, Ask) and one.row.category in COUNTED:
            row, place = one.row, tuple(one.subject.place.items())
            key = (row.account, row.year, one.measure, one.subject.name, place)
            groups.setdefault(key, []).append(one)
    doubtful: set[int] = set()
    for group in groups.values():
        lines = [one for one in group if not _is_total(one.row)]
        doubtful |= {id(one) for one in lines if len(lines) > 1}
    return [
        Left(one.row, Doubt(_SEVERAL, (one.target,)), one.measure)
        if isinstance(one, Ask) and id(one) in doubtful
        else one
        for one in found
    ]
