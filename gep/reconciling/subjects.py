"""Which part of a ledger a printed row speaks of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from gep.auditing import words
from gep.auditing.findings import Said
from gep.auditing.published import Row, measure
from gep.ecosystems import within
from gep.errors import LedgerError
from gep.ledger import views
from gep.reconciling import naming
from gep.resources import vocabulary

if TYPE_CHECKING:
    from gep.ledger import Ledger

Where = Mapping[str, str]
Level = Literal["total", "category", "service", "line"]


@dataclass(frozen=True)
class Subject:
    """A part of a ledger: the rows that agree with any of ``wheres``, in one place or in all.

    Attributes
    ----------
    wheres : tuple of mapping
        Keys as of :meth:`gep.Ledger.total`; an ecosystem stands for the types below it too.
    place : mapping
        ``zone`` or a level of the zones; empty for the whole.
    """

    wheres: tuple[Where, ...]
    level: Level
    place: Where

    def at(self, place: Where) -> Subject:
        """Return the same part of one place."""
        return replace(self, place=place)

    @property
    def name(self) -> str:
        """A stable name: ``soil_retention.sediment``, ``regulating``, ``total``, ``total@forest``."""
        return " + ".join(dict.fromkeys(_name(where) for where in self.wheres))

    def rows(self, ledger: Ledger) -> pd.DataFrame:
        """Return the rows of the frame that it stands for; intermediate services only by their name."""
        known = vocabulary("services")["services"]
        named = [str(w["service"]) for w in self.wheres if "service" in w]
        inner = any(known.get(s, {}).get("intermediate") for s in named)
        rows = views.with_levels(ledger, ledger.counted(intermediate=inner))
        chosen = pd.Series(data=False, index=rows.index)
        for where in self.wheres:
            chosen |= _agree(rows, {**where, **self.place})
        return ledger.frame.loc[rows.index[chosen]]


@dataclass(frozen=True)
class Doubt:
    """Why a line has no counterpart, and what it might be."""

    why: Said
    candidates: tuple[str, ...] = ()


def total(place: Where | None = None) -> Subject:
    """Return everything."""
    return Subject(({},), "total", place or {})


def named(what: object, ledger: Ledger) -> Subject:
    """Return the part of a ledger that a user names: a code, keys and values, or several of these.

    Raises
    ------
    LedgerError
        The ledger has nothing of that name.
    """
    several: Sequence[Any] = what if isinstance(what, list | tuple) else [what]
    made = [_of_code(one, ledger) if isinstance(one, str) else dict(one) for one in several]
    place = {k: v for where in made for k, v in where.items() if k == "zone" or k in views.levels(ledger)}
    if "zone" in place:
        place["zone"] = ledger.zone_code(place["zone"])
    wheres = tuple({k: str(v) for k, v in where.items() if k not in place} for where in made)
    subject = Subject(wheres, _level(wheres), place)
    for where in wheres:
        strange = [k for k in where if k not in ledger.frame]
        if strange or Subject((where,), "line", place).rows(ledger).empty:
            raise LedgerError(
                f"the ledger has no rows for {where or what!r}", where="mapping",
                expected=f"'total', a category, or one of {', '.join(ledger.services)}; "
                "'service.indicator', 'service.indicator.item'; or a mapping such as {'service': 'crops'}",
            )  # fmt: skip
    return subject


def _of_code(code: str, ledger: Ledger) -> dict[str, str]:
    if code == "total":
        return {}
    if code in set(ledger.frame["category"]):
        return {"category": code}
    return dict(zip(("service", "indicator", "item"), code.split(".", 2), strict=False))


def _level(wheres: Iterable[Where]) -> Level:
    keys = {key for where in wheres for key in where}
    if keys & {"indicator", "item"}:
        return "line"
    return "service" if "service" in keys else "category" if "category" in keys else "total"


class Finder:
    """Finds what names mean in one ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.services = naming.services(ledger.meta.labels)
        self.known = set(ledger.frame["category"])
        lines = ledger.frame[["service", "indicator", "item"]].drop_duplicates()
        self.lines: dict[str, pd.DataFrame] = {
            str(s): rows for s, rows in lines.groupby("service", sort=False)
        }

    def money(self, row: Row) -> Subject | Doubt:
        """Return what a counted row stands for."""
        return self.named(row) or _unknown(row)

    def named(self, row: Row) -> Subject | Doubt | None:
        """Return the categories, the service or the line that the names of a row say, if any."""
        service, indicator = (words.OF_WHICH.sub("", text) for text in (row.service, row.indicator))
        added = words.categories_added(indicator) or words.categories_added(service)
        if added:
            return self.categories(added)
        plain = words.category_named(indicator)
        if plain:
            return self.categories([plain])
        category = self._in_category(service, indicator, row)
        return category or self._service(service, indicator, row)

    def part(self, text: str) -> Subject | Doubt | None:
        """Return what a bare name stands for: a category, services, or nothing."""
        category = words.category_named(text)
        if category:
            return self.categories([category])
        pieces = words.split_added(text)
        found = [self._codes(piece, "") for piece in pieces] if len(pieces) > 1 else []
        if found and all(len(codes) == 1 for codes in found):
            return self._of_services([codes[0] for codes in found])
        codes = self._codes(text, "")
        if not codes:
            return None
        if len(codes) > 1 and not naming.whole_names(text, codes, self.services):
            return _several(codes)
        return self._of_services(codes)

    def categories(self, codes: Sequence[str]) -> Subject | Doubt:
        """Return categories added up."""
        lacking = [c for c in codes if c not in self.known]
        if lacking:
            return _absent(lacking)
        return Subject(tuple({"category": c} for c in codes), "category", {})

    def by_ecosystem(self, text: str) -> Subject | None:
        """Return the total of the ecosystems that a text names."""
        there = naming.ecosystem_in(text)
        if not any(self._has_ecosystem(e) for e in there):
            return None
        return Subject(tuple({"ecosystem": e} for e in there), "total", {})

    def line(self, text: str, row: Row) -> Subject | Doubt | None:
        """Return the one line of a ledger whose service, indicator or item a text names, by its unit."""
        codes = [c for c in self._codes(text, row.category) if c in self.lines]
        if len(codes) == 1:
            return self._refined(codes[0], text, row)
        hits = [
            (s, i) for s, rows in self.lines.items()
            for i in naming.find(text, naming.items(sorted(set(rows["item"]) - {""})))
            if not codes or s in codes
        ]  # fmt: skip
        wheres = [{"service": s, "item": i} for s, i in hits]
        fitting = [w for w in wheres if self._fits(w, row)]
        if len(fitting) == 1:
            return Subject((fitting[0],), "line", {})
        return _several([_name(w) for w in fitting]) if fitting else None

    # ------------------------------------------------------------------ helpers

    def _service(self, service: str, indicator: str, row: Row) -> Subject | Doubt | None:
        codes = [] if words.category_named(service) else self._codes(service, row.category)
        if not codes:
            codes, service = self._codes(indicator, row.category), indicator
        if not codes:
            return None
        if len(codes) == 1:
            return self._refined(codes[0], indicator, row) if codes[0] in self.lines else _absent(codes)
        if not naming.whole_names(service, codes, self.services):
            return _several(codes)
        subject = self._of_services(codes)
        ecosystem = naming.ecosystem_in(indicator)
        return self._only(subject, ecosystem) if isinstance(subject, Subject) and ecosystem else subject

    def _in_category(self, service: str, indicator: str, row: Row) -> Subject | Doubt | None:
        """Return the whole of a category, or what one ecosystem gives of it, where a row says no more."""
        known = row.category if naming.says_nothing(service) and row.category in self.known else None
        category = words.category_named(service) or known
        ecosystem = naming.ecosystem_in(indicator)
        if category is None or (naming.bare(indicator) and not only_ecosystems(indicator, ecosystem)):
            return None
        subject = self.categories([category])
        return self._only(subject, ecosystem) if isinstance(subject, Subject) and ecosystem else subject

    def _codes(self, text: str, category: str) -> list[str]:
        """Return the services that a text names; of several those of its category that the ledger has."""
        codes = naming.find(text, self.services)
        for fewer in (
            [c for c in codes if c in self.lines],
            [c for c in codes if vocabulary("services")["services"].get(c, {}).get("category") == category],
        ):
            whole = len(codes) > 1 and naming.whole_names(text, codes, self.services)
            codes = fewer if fewer and not whole else codes
        return codes

    def _of_services(self, codes: Sequence[str]) -> Subject | Doubt:
        lacking = [c for c in codes if c not in self.lines]
        if lacking:
            return _absent(lacking)
        return Subject(tuple({"service": c} for c in codes), "service", {})

    def _refined(self, service: str, text: str, row: Row) -> Subject | Doubt:
        """Return the lines of a service that a text names; the whole service where it names none."""
        whole = Subject(({"service": service},), "service", {})
        if naming.whole_names(text, [service], self.services):
            return whole
        there = naming.ecosystem_in(self._without(service, text))
        lacking = [e for e in there if not self._has_ecosystem(e, service)]
        absent = _absent([f"{service}@{e}" for e in lacking])
        if only_ecosystems(text, there):
            return absent if lacking else self._only(whole, there)
        others = naming.find(text, self.services, shortened=False)
        if others and service not in others:
            return _several([service, *others])
        found = self._lines(service, text, row)
        if isinstance(found, Doubt):
            return found
        if lacking and found.level == "service":
            return absent
        # where a line was named, what is not an ecosystem of it is part of its name, as a lake's water
        there = [e for e in there if e not in lacking]
        return self._only(found, there) if there else found

    def _lines(self, service: str, text: str, row: Row) -> Subject | Doubt:
        rows = self.lines[service]
        indicators = naming.indicators(self.ledger.meta.labels, service, dict.fromkeys(rows["indicator"]))
        by_name = naming.find(text, indicators)
        by_item = naming.find(text, naming.items(sorted(set(rows["item"]) - {""})))
        wheres: list[dict[str, str]] = [
            {"service": service, "indicator": i, "item": t}
            for i, t in zip(rows["indicator"], rows["item"], strict=True)
            if (not by_name or i in by_name) and (not by_item or t in by_item)
        ]
        if len(rows) == 1 and (by_name or by_item or not rows["item"].iloc[0]):
            return Subject(({"service": service},), "service", {})
        if len(rows) == 1:
            return _unclear(text, [_name(w) for w in wheres])
        if not by_name and not by_item:
            fitting = [w for w in wheres if row.physical is not None and self._fits(w, row)]
            wheres = fitting if len(fitting) == 1 else wheres
        if len(wheres) == 1:
            return Subject((wheres[0],), "line", {})
        if by_name and len({w["indicator"] for w in wheres}) == 1:
            return Subject(({"service": service, "indicator": wheres[0]["indicator"]},), "line", {})
        return _several([_name(w) for w in wheres])

    def _fits(self, where: Where, row: Row) -> bool:
        """Tell whether lines of a ledger count in the kind of unit that a row prints."""
        rows = self.ledger.frame
        for key, value in where.items():
            rows = rows[rows[key] == value]
        kinds = {measure(unit)[1] for unit in rows["quantity_unit"] if unit}
        return row.physical is not None and row.physical.dims in kinds

    def _without(self, service: str, text: str) -> str:
        """Return a text without the names of a service, which may name an ecosystem themselves."""
        for name in sorted(self.services[service], key=len, reverse=True):
            text = words.fold(text).replace(words.fold(name), " ")
        return text

    def _has_ecosystem(self, code: str, service: str = "") -> bool:
        rows = self.ledger.frame
        rows = rows[rows["service"] == service] if service else rows
        return any(within(e, [code]) for e in rows["ecosystem"].unique())

    def _only(self, subject: Subject, ecosystems: Sequence[str]) -> Subject:
        wheres = tuple({**w, "ecosystem": e} for w in subject.wheres for e in ecosystems)
        return replace(subject, wheres=wheres)


def only_ecosystems(text: str, codes: Sequence[str]) -> bool:
    """Tell whether a text names ecosystems and nothing else."""
    return bool(codes) and naming.whole_names(text, codes, naming.ecosystems())


def _agree(rows: pd.DataFrame, where: Where) -> pd.Series[bool]:
    chosen = pd.Series(data=True, index=rows.index)
    for key, value in where.items():
        if key == "ecosystem":
            chosen &= rows[key].map(lambda code, value=value: within(code, [value]) or code == value)
        else:
            chosen &= rows[key].astype(str) == value
    return chosen


def _name(where: Where) -> str:
    parts = [where[k] for k in ("service", "indicator", "item") if where.get(k)]
    name = ".".join(parts) or where.get("category") or "total"
    return f"{name}@{where['ecosystem']}" if where.get("ecosystem") else name


def _unclear(text: str, codes: Sequence[str]) -> Doubt:
    listed = ", ".join(codes)
    return Doubt(Said(f"{text!r} is not clearly {listed}", f"{text!r} 未必是 {listed}"), tuple(codes))


def _several(codes: Sequence[str]) -> Doubt:
    listed = ", ".join(codes)
    return Doubt(Said(f"may be any of {listed}", f"可能是 {listed} 之一"), tuple(codes))


def _absent(codes: Sequence[str]) -> Doubt:
    listed = ", ".join(codes)
    return Doubt(Said(f"the ledger has no {listed}", f"账户中没有 {listed}"), tuple(codes))


def _unknown(row: Row) -> Doubt:
    return Doubt(Said(f"nothing in the ledger is called {row.name}", f"账户中没有名为 {row.name} 的内容"))
