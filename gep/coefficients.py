"""Coefficients: numbers with a unit, a source and a page; loaded, validated, picked."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from gep import quantities, showing, units
from gep.errors import (
    AmbiguousCoefficient,
    CoefficientError,
    Faults,
    GepError,
    MissingCoefficient,
    UnitError,
)
from gep.files import Line, csv_lines, read_csv
from gep.quantities import Quantity
from gep.resources import folder, read_toml, vocabulary
from gep.tables import plain_number

#: How a number is known: read in its source, quoted by another document, still to be checked.
STATUSES = ("verified", "secondary", "unverified")
#: A row of one's own may also say that it is a guess or an invention.
OWN_STATUSES = (*STATUSES, "estimated", "illustrative")
#: Which other row may stand in for one that is missing, if the profile says so.
FALLBACKS = ("ecosystem.parent", "ecosystem.any")
#: The name of the rows that a user adds to or puts in place of the shipped ones.
USER = "user"


@dataclass(frozen=True)
class Coefficient:
    """One row: a value, its unit, what it is valid for, and where it stands in print."""

    id: str
    quantity: str
    value: float
    unit: str
    low: float | None
    high: float | None
    distribution: str
    ecosystem: str
    region: str
    item: str
    year: str
    source: str
    locator: str
    status: str
    note_zh: str
    note_en: str
    set: str
    origin: str

    def __str__(self) -> str:
        keys = " ".join(k for k in (self.ecosystem, self.item, self.region) if k)
        return (
            f"{self.id}: {self.quantity}{f' ({keys})' if keys else ''} = {self.value:g} {self.unit}"
            f" [{self.status}; {self.source}, {self.locator}]"
        )


COLUMNS = tuple(f.name for f in fields(Coefficient) if f.name not in ("set", "origin"))
_REQUIRED = ("id", "quantity", "value", "unit", "source", "locator", "status")


@dataclass(frozen=True)
class Pick:
    """A chosen row, and the shipped row that it stands in for when a user's row overrides."""

    row: Coefficient
    instead_of: str = ""
    fallback: str = ""


class CoefficientTable:
    """An ordered collection of coefficient sets; earlier sets are asked first.

    Parameters
    ----------
    rows : sequence of Coefficient
        In the order in which sets are asked.
    own_sources : mapping, optional
        Documents by key, beside those of ``sources.toml``.

    Examples
    --------
    >>> table = CoefficientTable.shipped(["garze-2010"])
    >>> table.pick("reservoir_cost", regions=["513300"]).row.value
    7.06
    """

    def __init__(self, rows: Sequence[Coefficient], own_sources: Mapping[str, Any] | None = None) -> None:
        self.rows = tuple(rows)
        self.sources = {**vocabulary("sources"), **(own_sources or {})}
        self._by_quantity: dict[str, list[Coefficient]] = {}
        for row in self.rows:
            self._by_quantity.setdefault(row.quantity, []).append(row)

    @classmethod
    def shipped(cls, sets: Iterable[str] | None = None) -> CoefficientTable:
        """Return the sets that come with the library, in the order named (all if None)."""
        names = list(sets) if sets is not None else available()
        unknown = sorted(set(names) - set(available()))
        if unknown:
            raise CoefficientError(
                f"no coefficient set {', '.join(unknown)}", expected=f"one of {', '.join(available())}"
            )
        return cls([row for name in names for row in _shipped_set(name)])

    @classmethod
    def load(cls, path: str | Path, *, own: Mapping[str, Quantity] | None = None) -> CoefficientTable:
        """Read a table of one's own; ``sources.toml`` beside it may add sources.

        Parameters
        ----------
        path : str or path
            A CSV with the columns of the shipped tables.
        own : mapping of str to Quantity, optional
            Quantities of a profile beside those of the library.

        Raises
        ------
        CoefficientError
            All faults of the file at once, each with its line.
        """
        place = Path(path)
        beside = place.parent / "sources.toml"
        known = read_toml(beside) if beside.is_file() else {}
        if strange := [key for key, entry in known.items() if not isinstance(entry, dict)]:
            raise CoefficientError(
                f"{strange[0][:40]!r} is no source", where=str(beside), expected="a table for each source"
            )
        header, lines = read_csv(place, CoefficientError)
        rows = _read(header, lines, place.name, USER, own or {}, known)
        if not rows:
            raise CoefficientError("the table has no row", where=place.name, expected=", ".join(header))
        return cls(rows, known)

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        sources: Mapping[str, Any] | None = None,
        own: Mapping[str, Quantity] | None = None,
    ) -> CoefficientTable:
        """Build a table from a DataFrame with the columns of a coefficient CSV.

        Rows without an ``id`` get one from their keys.

        Parameters
        ----------
        frame : DataFrame
            One coefficient a row.
        sources : mapping, optional
            Documents by key, as in ``sources.toml``.
        own : mapping of str to Quantity, optional
            Quantities of a profile beside those of the library.
        """
        if "id" not in frame:
            keys = [k for k in ("quantity", "ecosystem", "item", "region") if k in frame]
            parts = frame[keys].fillna("").astype(str).to_numpy()
            frame = frame.assign(id=["/".join([USER, *filter(None, row)]) for row in parts])
        text = frame.to_csv(index=False)
        header, lines = csv_lines(text, "frame", CoefficientError)
        return cls(_read(header, lines, "frame", USER, own or {}, sources or {}), sources)

    def then(self, later: CoefficientTable) -> CoefficientTable:
        """Return this table with ``later`` behind it; rows of one's own are always asked first."""
        own = {k: v for k, v in {**later.sources, **self.sources}.items() if k not in vocabulary("sources")}
        return CoefficientTable([*self.rows, *later.rows], own)

    def has(self, quantity: str, regions: Sequence[str] = (), item: str = "") -> bool:
        """Tell whether any row of a ``quantity`` is valid in the ``regions`` (for the ``item``, if given)."""
        return any(not item or r.item == item for r in self._valid(quantity, regions))

    def keys(self, quantity: str, regions: Sequence[str] = ()) -> tuple[str, ...]:
        """Return which of ``ecosystem`` and ``item`` a ``quantity`` depends on in ``regions``, first set."""
        rows = self.candidates(quantity, regions)
        return tuple(k for k in ("ecosystem", "item") if any(getattr(r, k) for r in rows))

    def items(self, quantity: str, regions: Sequence[str] = ()) -> list[str]:
        """Return the items of a ``quantity`` in ``regions`` that the set asked first has, in order."""
        return list(dict.fromkeys(r.item for r in self.candidates(quantity, regions) if r.item))

    def _valid(self, quantity: str, regions: Sequence[str]) -> list[Coefficient]:
        return [r for r in self._by_quantity.get(quantity, []) if r.region in (*regions, "")]

    def candidates(self, quantity: str, regions: Sequence[str] = ()) -> list[Coefficient]:
        """Return the rows of a ``quantity`` in the set asked first that are valid in the ``regions``."""
        rows = self._valid(quantity, regions)
        return [r for r in rows if r.set == rows[0].set]

    def pick(
        self,
        quantity: str,
        *,
        ecosystem: str = "",
        item: str = "",
        regions: Sequence[str] = (),
        fallbacks: Sequence[str] = (),
    ) -> Pick:
        """Choose the one row for the keys.

        Parameters
        ----------
        quantity : str
            Name of the quantity.
        ecosystem, item : str
            Keys that must match exactly, unless a fallback is named.
        regions : sequence of str
            Region keys in the order to try; rows without a region come last.
        fallbacks : sequence of str
            ``"ecosystem.parent"`` (a forest type may take the row of forest) and
            ``"ecosystem.any"`` (a row without ecosystem), only as the profile names them.

        Raises
        ------
        MissingCoefficient, AmbiguousCoefficient
        """
        rows = self._by_quantity.get(quantity, [])
        own = [r for r in rows if r.set == USER]
        shipped = [r for r in rows if r.set != USER]
        asked = (ecosystem, item, regions, fallbacks)
        behind = _search(shipped, *asked)
        found = _search(own, *asked)
        if found:
            return Pick(found[0], behind[0].id if behind else "", found[1])
        if behind:
            return Pick(behind[0], "", behind[1])
        raise self._missing(quantity, ecosystem, item, regions)

    def _missing(
        self, quantity: str, ecosystem: str, item: str, regions: Sequence[str]
    ) -> MissingCoefficient:
        asked = ", ".join(k for k in (ecosystem, item, "/".join(regions)) if k)
        rows = self._by_quantity.get(quantity, [])
        near = "; ".join(r.id for r in rows[:3])
        elsewhere = [r for r in CoefficientTable.shipped().rows if r.quantity == quantity] if not rows else []
        known = quantities.shipped().get(quantity)
        fix = "give a row for it in a table of your own"
        if elsewhere:
            fix += f", or take up one of the sets {', '.join(dict.fromkeys(r.set for r in elsewhere))}"
        if known and known.where_en:
            fix += f" (usually found in: {known.where_en})"
        return MissingCoefficient(
            f"no coefficient {quantity}{f' for {asked}' if asked else ''}",
            expected=f"a row such as {near}, valid for this" if near else "a row; there is no default",
            fix=fix,
        )

    def to_datapackage(self, folder: str | Path, *, name: str = "", licence: str = "") -> Path:
        """Write the rows as a Frictionless data package; see :func:`gep.reports.datapackage.write`."""
        room = importlib.import_module("gep.reports.datapackage")
        written: Path = room.write(self, folder, name=name, licence=licence)
        return written

    @property
    def frame(self) -> pd.DataFrame:
        """Return the rows as a DataFrame, one column a field."""
        return pd.DataFrame([vars(row) for row in self.rows], columns=[f.name for f in fields(Coefficient)])

    def __iter__(self) -> Iterator[Coefficient]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        sets = ", ".join(dict.fromkeys(r.set for r in self.rows))
        return f"<CoefficientTable: {len(self)} rows of {len(self._by_quantity)} quantities; sets {sets}>"

    def _repr_html_(self) -> str:
        head = ("quantity", "ecosystem", "item", "region", "value", "unit", "status", "source", "locator")
        rows = [[row.value if k == "value" else getattr(row, k) for k in head] for row in self.rows]
        return showing.block(repr(self), "", head, rows)


def _search(
    rows: Sequence[Coefficient], ecosystem: str, item: str, regions: Sequence[str], fallbacks: Sequence[str]
) -> tuple[Coefficient, str] | None:
    """Return the row that is asked for first, and the fallback that led to it."""
    for key, how in _chain(ecosystem, fallbacks):
        for region in [*regions, ""]:
            hits = [r for r in rows if (r.ecosystem, r.item, r.region) == (key, item, region)]
            first = [r for r in hits if r.set == hits[0].set]
            if len(first) > 1:
                raise AmbiguousCoefficient(
                    f"{len(first)} rows for {first[0].quantity}: {', '.join(r.id for r in first)}",
                    where=first[0].origin,
                    expected="one row for each ecosystem, item and region in a set",
                    fix="remove all but one, or tell them apart by a key",
                )
            if first:
                return first[0], how
    return None


def _chain(ecosystem: str, fallbacks: Sequence[str]) -> list[tuple[str, str]]:
    """List the ecosystem keys to try, with the name of the fallback that allows each."""
    chain = [(ecosystem, "")]
    types = vocabulary("ecosystems")["types"]
    for name in fallbacks:
        if name == "ecosystem.parent":
            parent = types.get(ecosystem, {}).get("parent", "")
            while parent:
                chain.append((parent, f"ecosystem {ecosystem} took the row of {parent}"))
                parent = types.get(parent, {}).get("parent", "")
        elif name == "ecosystem.any" and ecosystem:
            chain.append(("", f"ecosystem {ecosystem} took a row valid for any ecosystem"))
    return chain


@cache
def available() -> list[str]:
    """Return the names of the shipped coefficient sets."""
    return sorted(path.stem for path in (folder() / "tables").glob("*.csv"))


@cache
def _shipped_set(name: str) -> tuple[Coefficient, ...]:
    path = folder() / "tables" / f"{name}.csv"
    return tuple(_read(*read_csv(path, CoefficientError), path.name, name, {}, {}))


def _read(
    header: Sequence[str],
    lines: Iterable[Line],
    file: str,
    name: str,
    own: Mapping[str, Quantity],
    sources: Mapping[str, Any],
) -> list[Coefficient]:
    """Read and validate a whole table; every fault is found before any is raised."""
    faults = Faults()
    for column in _REQUIRED:
        if column not in header:
            faults.add(f"column {column!r} is missing", where=f"{file}:1", expected=", ".join(COLUMNS))
    for column in header:
        if column not in COLUMNS:
            faults.add(f"column {column!r} is unknown", where=f"{file}:1", expected=", ".join(COLUMNS))
    faults.raise_as(CoefficientError, "the header of the table is wrong", where=file)
    known = {**vocabulary("sources"), **sources}
    rows: list[Coefficient] = []
    seen: dict[str, str] = {}
    for place, cells in lines:
        row = _row({k: cells.get(k, "") for k in COLUMNS}, place, name, faults)
        if row is None:
            continue
        if row.id in seen:
            faults.add(f"id {row.id!r} stands already in line {seen[row.id]}", where=row.origin)
        seen[row.id] = place.rpartition(":")[2]
        _check(row, own, known, faults)
        rows.append(row)
    faults.raise_as(CoefficientError, "the coefficient table cannot be believed", where=file)
    return rows


def _row(cells: dict[str, str], origin: str, name: str, faults: Faults) -> Coefficient | None:
    numbers: dict[str, float | None] = {}
    for column in ("value", "low", "high"):
        plain = plain_number(cells[column])
        if cells[column] and not plain:
            faults.add(
                f"{column} {cells[column]!r} is not a number", where=origin, expected="digits and a point"
            )
            return None
        numbers[column] = float(plain) if plain else None
    value = numbers["value"]
    if value is None:
        faults.add("value is missing", where=origin, expected="a number; missing is never zero")
        return None
    text = {k: v for k, v in cells.items() if k not in numbers}
    return Coefficient(**text, value=value, low=numbers["low"], high=numbers["high"], set=name, origin=origin)


def _check(row: Coefficient, own: Mapping[str, Quantity], sources: Mapping[str, Any], faults: Faults) -> None:
    if not row.id:
        faults.add("id is empty", where=row.origin)
    if row.source not in sources:
        what = f"source {row.source!r} is not in sources.toml" if row.source else "the row has no source"
        faults.add(what, where=row.origin, fix="name the document there; a number without source is refused")
    if not row.locator:
        faults.add("locator is empty", where=row.origin, expected="table, section or page of the source")
    statuses = OWN_STATUSES if row.set == USER else STATUSES
    if row.status not in statuses:
        faults.add(f"status {row.status!r}", where=row.origin, expected=" | ".join(statuses))
    if (row.low is not None and row.low > row.value) or (row.high is not None and row.high < row.value):
        faults.add(f"{row.low} <= {row.value} <= {row.high} does not hold", where=row.origin)
    if row.ecosystem and row.ecosystem not in vocabulary("ecosystems")["types"]:
        faults.add(f"ecosystem {row.ecosystem!r} is not in ecosystems.toml", where=row.origin)
    _check_unit(row, own, faults)


def _check_unit(row: Coefficient, own: Mapping[str, Quantity], faults: Faults) -> None:
    try:
        quantity = quantities.find(row.quantity, own)
        quantity.check_unit(row.unit)
        beyond = quantity.impossible(row.value, row.unit)
        years = {str(units.year_of(name)) for name in units.price_years(row.unit)}
    except GepError as error:
        faults.take(error, where=row.origin)
        if isinstance(error, UnitError):
            faults.found[-1] = replace(faults.found[-1], where=f"{row.origin} ({row.quantity})")
        return
    if beyond:
        faults.add(beyond, where=f"{row.origin} ({row.quantity})")
    if years and row.year and years != {row.year}:
        faults.add(f"year {row.year} but the unit says {row.unit}", where=row.origin)
