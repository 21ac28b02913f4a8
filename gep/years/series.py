"""A series: the ledgers of several years on the same zones, compared where they compare."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import pandas as pd

from gep.errors import LedgerError, PriceYearError
from gep.ledger import Ledger
from gep.ledger.storage import has_shape
from gep.years import beside
from gep.years.breaks import Break, Timeline
from gep.years.growth import grew_from_nothing, rates
from gep.years.shifts import shifts

if TYPE_CHECKING:
    from gep.change import Change
    from gep.prices import Deflating, Exchange

Prices = Literal["current", "constant"]
#: File of a folder that says which years are there and what breaks them.
_NAMED = "series.json"
#: The first number that is no year.
_LAST = 10_000


class Series:
    """The accounts of several years, with what changed in how they were made.

    Levels of all years may always stand beside each other. What compares years (growth, index, the
    split of a change) is refused across a break of scope, method, boundary or currency, until the
    break is declared with a reason; the reason then stands with every table.

    Parameters
    ----------
    ledgers : iterable of Ledger, or mapping of int to Ledger
        One a year, in any order.
    breaks : iterable of Break
        Breaks that the author answers for.
    notes : iterable of str
        What must be said beside every table.

    Raises
    ------
    LedgerError
        No ledger, two of one year, a ledger under another year than its own, or a break declared
        outside the series.

    Examples
    --------
    See ``examples/yearbook.py``.
    """

    def __init__(
        self,
        ledgers: Iterable[Ledger] | Mapping[int, Ledger],
        *,
        breaks: Iterable[Break] = (),
        notes: Iterable[str] = (),
    ) -> None:
        self._ledgers = beside.in_order(ledgers)
        self._said = tuple(notes)
        found = {b: shifts(self._ledgers[a], self._ledgers[b]) for a, b in pairwise(self.years)}
        self._timeline = Timeline(self.years, found, breaks)

    # ------------------------------------------------------------------ what it is made of

    @property
    def years(self) -> list[int]:
        """Return the years, in order."""
        return list(self._ledgers)

    @property
    def breaks(self) -> tuple[Break, ...]:
        """Return the declared breaks."""
        return self._timeline.declared

    @property
    def notes(self) -> list[str]:
        """Return what is said beside every table: breaks, declared or not, and what prices lack."""
        return [*self._timeline.notes(self.years[0], self.years[-1]), *self._said]

    @property
    def prices(self) -> str:
        """Return in words at whose prices the values stand."""
        found = list(dict.fromkeys(ledger.price_year for ledger in self))
        return found[0] if len(found) == 1 else f"current prices: {', '.join(found)}"

    @property
    def zones(self) -> pd.DataFrame:
        """Return the zones of all years by code; of a zone in several years the latest is shown."""
        whole = pd.concat([ledger.zones for ledger in reversed(list(self))])
        return whole[~whole.index.duplicated()]

    def ledger(self, year: int) -> Ledger:
        """Return the account of a year."""
        return self._ledgers[self._timeline.known(year)]

    def between(self, first: int, last: int) -> Series:
        """Return the years from ``first`` to ``last`` as a series of their own."""
        kept = {year: ledger for year, ledger in self._ledgers.items() if first <= year <= last}
        if not kept:
            raise LedgerError(f"no year from {first} to {last}", expected=f"years among {self.years}")
        breaks = [b for b in self.breaks if min(kept) < b.year <= max(kept)]
        return Series(kept, breaks=breaks, notes=self._said)

    def changes(self) -> pd.DataFrame:
        """Return what differs between consecutive years.

        Returns
        -------
        DataFrame
            ``since, year, kind, where, what``; ``breaks``, whether it makes years incomparable;
            ``reason``, where the break is declared.
        """
        return self._timeline.frame()

    # ------------------------------------------------------------------ levels

    def total(self, unit: str = "", *, intermediate: bool = False, **where: str | int) -> pd.Series[float]:
        """Return the total of each year; parameters as for :meth:`gep.Ledger.total`.

        What each year leaves out (area not covered, missing rows) and every break stand in
        ``attrs["notes"]``, unit and prices in ``attrs["units"]``.
        """
        found = {y: one.total(unit, intermediate=intermediate, **where) for y, one in self._ledgers.items()}
        index = pd.Index(self.years, name="year")
        made = pd.Series([float(v) for v in found.values()], index, dtype=float, name="value")
        gaps = [f"{year}: {note}" for year, value in found.items() for note in value.notes[1:]]
        made.attrs = {"units": self._units(v.unit for v in found.values()), "notes": [*self.notes, *gaps]}
        return made

    def by(self, *keys: str, unit: str = "", labels: str = "", intermediate: bool = False) -> pd.DataFrame:
        """Return sums by keys, one column a year; parameters as for :meth:`gep.Ledger.by`.

        A group that a year does not have is NaN there, never zero. Notes as for :meth:`total`.
        """

        def table(ledger: Ledger, lang: str = "") -> pd.DataFrame:
            return ledger.by(*keys, unit=unit, labels=lang, intermediate=intermediate)

        tables = {year: table(ledger) for year, ledger in self._ledgers.items()}
        made = beside.beside({year: one["value"] for year, one in tables.items()})
        if labels:
            made = beside.relabelled(made, beside.labels_of(self._ledgers, table, labels))
        spelled = self._units(str(one.attrs["units"]).partition(" (")[0] for one in tables.values())
        made.attrs = {"units": spelled, "notes": [*self.notes, *beside.missing(tables, "value")]}
        return made

    def quantities(self, *, labels: str = "") -> pd.DataFrame:
        """Return the physical account, one column a year.

        Returns
        -------
        DataFrame
            By ``service, indicator, item, quantity_unit``; a line that a year does not have is NaN.
        """
        made = beside.quantities(self._ledgers, labels)
        made.attrs["notes"] = [*self.notes, *made.attrs["notes"]]
        return made

    def indicators(self) -> pd.DataFrame:
        """Return by year the total, per area, per head, GEP/GDP and the share of products in GDP.

        An indicator that a year cannot have is NaN, and ``attrs["notes"]`` says why.
        """
        made = beside.indicators_of(self._ledgers)
        self._units(ledger.price_year.partition("_")[0] for ledger in self)
        made.attrs |= {"prices": self.prices, "notes": [*self.notes, *made.attrs["notes"]]}
        return made

    # ------------------------------------------------------------------ comparing years

    def growth(
        self,
        by: str | Sequence[str] = (),
        *,
        prices: Prices = "current",
        unit: str = "",
        labels: str = "",
        intermediate: bool = False,
    ) -> pd.DataFrame:
        """Return growth from year to year and since the first year.

        Parameters
        ----------
        by : str or sequence of str
            Keys as for :meth:`by`; the whole region if empty.
        prices : {"current", "constant"}
            ``constant`` demands that all years are at the prices of one year already, as
            :meth:`at_prices` and :meth:`at_prices_of` make them. At ``current`` prices growth holds
            the change of prices; ``attrs["units"]`` says so.
        unit, labels, intermediate
            As for :meth:`by`.

        Returns
        -------
        DataFrame
            By keys and ``year``: ``value, change, growth, annual, since_first,
            annual_since_first`` (fractions, see :func:`gep.years.growth.rates`), and ``break``, the
            declared breaks since the year before.

        Raises
        ------
        LedgerError
            A break lies between the years that nobody answered for; all are listed.
        PriceYearError
            Constant prices are asked for and the years have their own.
        """
        self._compare("growth", prices)
        keys = [by] if isinstance(by, str) and by else list(by)
        if keys:
            table = self.by(*keys, unit=unit, labels=labels, intermediate=intermediate)
        else:
            total = self.total(unit, intermediate=intermediate)
            table = total.to_frame().T
            table.attrs = total.attrs
        rows = [row.tolist() for row in table.to_numpy(float)]
        pieces = [rates(row, self.years).assign(**{"break": self._broken()}) for row in rows]
        made = pd.concat(pieces, keys=list(table.index), names=list(table.index.names)) if keys else pieces[0]
        odd = [
            f"no growth from zero or below: {' / '.join(key) if isinstance(key, tuple) else key}"
            for key, row in zip(table.index, rows, strict=True)
            if grew_from_nothing(row)
        ]
        made.attrs = {"units": table.attrs["units"], "notes": [*table.attrs["notes"], *odd]}
        return made

    def index(self, base: int | None = None, *, prices: Prices = "current") -> pd.Series[float]:
        """Return the total of each year at ``prices``, that of ``base`` (or the first) being 100."""
        self._compare("an index", prices)
        base = self.years[0] if base is None else self._timeline.known(base)
        total = self.total()
        level = float(total[base])
        made = (total / (level if level > 0 else float("nan")) * 100.0).rename("index")
        made.attrs = {"units": f"{base} = 100 ({self.prices})", "notes": total.attrs["notes"]}
        return made

    def at_prices(
        self, year: int | str, deflator: Deflating | None, exchange: str | Exchange | None = None
    ) -> Series:
        """Return the series with all values carried to the prices of one year by a price index.

        Parameters
        ----------
        year : int or str
            ``2020``, or with the currency, ``"CNY_2020"``.
        deflator, exchange
            As for :func:`gep.change.deflated`.
        """
        from gep.change import deflated

        code = self._ledgers[self.years[-1]].price_year.partition("_")[0]
        target = year if isinstance(year, str) else f"{code}_{year}"
        return self._made_of(
            {y: deflated(one, target, deflator, exchange) for y, one in self._ledgers.items()}
        )

    def at_prices_of(self, year: int, deflator: Deflating | None = None) -> Series:
        """Return the quantities of every year at the prices of one: what grows then is volume.

        What has no price in that year (a new product) has no value in the result, nor has in any
        year what has a value and no quantity, unless a deflator carries it; ``notes`` says which.
        See :func:`gep.change.revalued`.

        Parameters
        ----------
        year : int
            Year whose prices are taken.
        deflator : Deflator or str, optional
            Carries what has a value and no quantity.
        """
        from gep.change import revalued

        base = self.ledger(year)
        # the base year too: a value without a quantity must not stand in one year alone
        return self._made_of({y: revalued(one, base, deflator) for y, one in self._ledgers.items()})

    def change(
        self,
        opening: int | None = None,
        closing: int | None = None,
        *,
        by: str | Sequence[str] = (),
        method: Literal["shapley", "lmdi"] = "shapley",
        **options: Any,
    ) -> Change:
        """Split the change from ``opening`` to ``closing`` (first and last year unless given) into its parts.

        ``by``, ``method``, ``options`` and the result are those of :func:`gep.change.decompose`.

        Raises
        ------
        LedgerError
            A break lies between the years that nobody answered for; all are listed.
        """
        from gep.change import decompose

        first = self.years[0] if opening is None else opening
        last = self.years[-1] if closing is None else closing
        one, other = self.ledger(first), self.ledger(last)
        self._timeline.require(first, last, "the split of the change")
        return decompose(one, other, by=by, method=method, **options)

    # ------------------------------------------------------------------ storage

    def to_folder(self, folder: str | Path) -> None:
        """Write every ledger (``2020.csv`` and its companion) and the breaks into a folder."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        for year, ledger in self._ledgers.items():
            ledger.to_csv(place / f"{year}.csv")
        facts = {"years": self.years, "breaks": [asdict(b) for b in self.breaks], "notes": self._said}
        (place / _NAMED).write_text(json.dumps(facts, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def read(cls, folder: str | Path) -> Series:
        """Read a folder that :meth:`to_folder` wrote."""
        place = Path(folder)
        facts = _facts(place / _NAMED)
        ledgers = [Ledger.read(place / f"{year}.csv") for year in facts["years"]]
        return cls(ledgers, breaks=[Break(**b) for b in facts["breaks"]], notes=facts["notes"])

    # ------------------------------------------------------------------ helpers

    def _units(self, spelled: Iterable[str]) -> str:
        one = list(dict.fromkeys(spelled))
        if len(one) > 1:
            raise LedgerError(f"values in {' and in '.join(one)} in one table", expected="one currency")
        return f"{one[0]} ({self.prices})"

    def _compare(self, doing: str, prices: str) -> None:
        """Refuse what compares all years where they do not compare."""
        if prices not in ("current", "constant"):
            raise LedgerError(f"prices={prices!r}", expected="'current' or 'constant'")
        self._timeline.require(self.years[0], self.years[-1], doing)
        if prices == "constant" and len({ledger.price_year for ledger in self}) > 1:
            raise PriceYearError(
                f"the years are at {self.prices}",
                expected="one price year for constant prices",
                fix="series.at_prices(year, deflator), or series.at_prices_of(year) for volumes",
            )

    def _broken(self) -> list[str]:
        """Return for each year the declared breaks since the year before."""
        steps = pairwise(self.years)
        return ["", *("; ".join(str(x) for x in self.breaks if a < x.year <= b) for a, b in steps)]

    def _made_of(self, ledgers: Mapping[int, Ledger]) -> Series:
        """Return a series of other ledgers of the same years, with what is new in their findings."""
        told = [
            f"{year}: {text}"
            for year, ledger in ledgers.items()
            for text in ledger.meta.findings
            if text not in set(self._ledgers[year].meta.findings)
        ]
        return Series(ledgers, breaks=self.breaks, notes=[*self._said, *told])

    def __len__(self) -> int:
        return len(self._ledgers)

    def __iter__(self) -> Iterator[Ledger]:
        return iter(self._ledgers.values())

    def __repr__(self) -> str:
        region = self._ledgers[self.years[-1]].meta.region
        unanswered = len(list(self._timeline.open_breaks(self.years[0], self.years[-1])))
        return (
            f"<Series {region} {', '.join(map(str, self.years))}; {self.prices};"
            f" {len(self.breaks)} breaks declared, {unanswered} changes not declared that break it>"
        )


def _facts(place: Path) -> dict[str, Any]:
    """Return what stands beside the ledgers of a series.

    Years are whole numbers, so that the names made of them lead to no other folder.
    """
    if not place.is_file():
        raise LedgerError("the file is missing", where=str(place), fix="series.to_folder(...)")
    try:
        facts = json.loads(place.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise LedgerError(f"it cannot be read: {error}", where=str(place), expected="JSON") from error
    shapes: dict[str, Any] = {"years": (list, int), "breaks": (list, dict, (int, str)), "notes": (list, str)}
    held = facts if isinstance(facts, dict) else {}
    wrong = [name for name, shape in shapes.items() if not has_shape(held.get(name), shape)]
    if not wrong:
        wrong = [f"the year {str(y)[:20]}" for y in held["years"] if not 0 < y < _LAST]
        wrong += [f"a break of {b}" for b in held["breaks"] if not _is_break(b)]
    if wrong:
        raise LedgerError(
            f"{', '.join(wrong)[:200]}: missing, or not of its kind", where=str(place),
            expected="what Series.to_folder wrote: years, breaks, notes",
        )  # fmt: skip
    return held


def _is_break(told: Mapping[str, Any]) -> bool:
    kinds = {name: type(value) for name, value in told.items()}
    return kinds == {"year": int, "kind": str, "reason": str}
