"""A published yearbook series: printed figures of several years, each the interval of its digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import pandas as pd

from gep.auditing import checks_shares, rates
from gep.auditing.published import COUNTED, Row, is_money, load, total_of
from gep.auditing.rounding import Interval
from gep.auditing.structure import Part, Tree, build
from gep.errors import LedgerError, TableError
from gep.years.breaks import Break, Timeline
from gep.years.printed import By, is_stock, parts_of, shifts, things, whole_of


class PublishedSeries:
    """A published series of one region: what its figures say of each other across years.

    Every printed number is the interval its digits allow. Figures that are derived from others
    (flag ``D``) prove nothing and make no year; stocks stay out of what is added up, and are told.
    A change of scope is a break: growth across it is refused until it is declared.

    Parameters
    ----------
    rows : iterable of Row
        Of one account and region; see :meth:`load`.
    breaks : iterable of Break

    Raises
    ------
    LedgerError
        No year has a printed value of money.

    Examples
    --------
    >>> rows = [("2010", "100.0", ""), ("2011", "104.2", "+4.2% on 2010")]
    >>> table = pd.DataFrame(rows, columns=["year", "money_value", "note"])
    >>> table = table.assign(category="total", service="total", money_unit="1e8 CNY")
    >>> series = PublishedSeries.load(table)
    >>> series.reproduced()[["since", "year", "printed", "holds"]].to_numpy().tolist()
    [[2010, 2011, '4.2 %', True]]
    """

    def __init__(self, rows: Iterable[Row], *, breaks: Iterable[Break] = ()) -> None:
        self._rows = tuple(rows)
        if lacking := [r.place for r in self._rows if r.year is None]:
            raise TableError("rows have no year", where=", ".join(lacking[:5]), expected="a column year")
        every = sorted({r.year for r in self._rows if r.year is not None})
        of = {year: tuple(r for r in self._rows if r.year == year) for year in every}
        self._trees = {year: build(rows) for year, rows in of.items()}
        flows = {year: tuple(filter(_is_flow, rows)) for year, rows in of.items()}
        self._flows = {year: build(rows) for year, rows in flows.items() if any(map(_makes_a_year, rows))}
        if not self._flows:
            raise LedgerError("no year has a printed value of money", expected="rows of a category or total")
        found = {b: list(shifts(self._flows[a], self._flows[b])) for a, b in pairwise(self.years)}
        self._timeline = Timeline(self.years, found, breaks)

    @classmethod
    def load(
        cls,
        published: str | Path | pd.DataFrame,
        *,
        account: str = "",
        region: str = "",
        breaks: Iterable[Break] = (),
    ) -> PublishedSeries:
        """Read a series from a CSV file or a table with the columns of :func:`gep.audit`.

        Parameters
        ----------
        published : path or DataFrame
            One row a printed figure; give text, so that the digits are known.
        account, region : str
            Which one, where the table has several.
        breaks : iterable of Break
            Breaks that the reader answers for.

        Raises
        ------
        TableError
            The table cannot be read, or has several accounts or regions and none is chosen.
        """
        rows = [r for r in load(published).rows if account in ("", r.account) and region in ("", r.region)]
        found = list(dict.fromkeys((r.account, r.region) for r in rows))
        if len(found) != 1:
            listed = "; ".join(" / ".join(filter(None, one)) for one in found[:8])
            raise TableError(
                f"{len(found)} accounts and regions{': ' + listed if listed else ''}",
                expected="one",
                fix="PublishedSeries.load(..., account=..., region=...)",
            )  # fmt: skip
        return cls(rows, breaks=breaks)

    # ------------------------------------------------------------------ what it is made of

    @property
    def years(self) -> list[int]:
        """Return the years with a printed value of money, in order; derived ones are none."""
        return list(self._flows)

    def between(self, first: int, last: int) -> PublishedSeries:
        """Return the years from ``first`` to ``last`` as a series of their own."""
        kept = [y for y in self.years if first <= y <= last]
        if not kept:
            raise LedgerError(f"no year from {first} to {last}", expected=f"years among {self.years}")
        rows = [r for r in self._rows if r.year is not None and first <= r.year <= last]
        breaks = [b for b in self._timeline.declared if kept[0] < b.year <= kept[-1]]
        return PublishedSeries(rows, breaks=breaks)

    def changes(self) -> pd.DataFrame:
        """Return what differs between consecutive years; see :meth:`gep.years.Series.changes`."""
        return self._timeline.frame()

    def stocks(self) -> pd.DataFrame:
        """Return the printed stocks of money, which are kept out of all totals.

        Returns
        -------
        DataFrame
            ``year, what, printed, unit``; ``counted``, whether the publication counts it as a flow.
        """
        rows = [r for r in self._rows if is_stock(r) and is_money(r.money)]
        table = [(r.year, r.name, _text(r), _unit(r), r.category in COUNTED) for r in rows]
        return pd.DataFrame(table, columns=["year", "what", "printed", "unit", "counted"])

    # ------------------------------------------------------------------ figures

    def total(self) -> pd.DataFrame:
        """Return the printed total of each year beside the sum of its categories.

        Returns
        -------
        DataFrame
            By year: ``printed`` (empty where none is), ``low`` and ``high``; ``parts_low`` and
            ``parts_high`` of its parts without stocks; ``closes``, whether the two meet (None where
            one is lacking, or the parts printed may not be all). All in the unit of the latest total.
        """
        unit, size = self._unit()
        rows = {}
        for year, tree in self._flows.items():
            whole, (parts, complete) = rates.grand(tree), parts_of(tree)
            shown = whole.value if whole is not None else parts
            closes = _closes(whole, parts, complete=complete)
            ends = [_end(one, end, size) for one in (shown, parts) for end in ("low", "high")]
            rows[year] = (str(whole.figure) if whole is not None else "", *ends, closes)
        columns = ["printed", "low", "high", "parts_low", "parts_high", "closes"]
        made = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("year")
        made["closes"] = pd.Series([row[-1] for row in rows.values()], made.index, dtype=object)
        made.attrs = {"units": unit, "notes": self._notes()}
        return made

    def shares(self) -> pd.DataFrame:
        """Return the share of each category in the total: ``low`` and ``high`` by year and category."""
        rows = {
            (year, name): ((part.value / whole).low, (part.value / whole).high)
            for year, tree in self._flows.items()
            for whole in [whole_of(tree)]
            if whole is not None
            for name, part in things(tree, "category").items()
        }
        index = pd.MultiIndex.from_tuples(list(rows), names=["year", "category"]) if rows else None
        made = pd.DataFrame(list(rows.values()), index, columns=["low", "high"])
        made.attrs = {"units": "1", "notes": self._notes()}
        return made

    def growth(self, by: By = "total") -> pd.DataFrame:
        """Return growth from year to year as intervals.

        Parameters
        ----------
        by : {"total", "category", "service"}
            What is compared, as far as both years print it.

        Returns
        -------
        DataFrame
            ``since, year, what``; ``opening`` and ``closing`` as printed; ``low`` and ``high`` of the
            growth, ``annual_low`` and ``annual_high`` of its yearly average (fractions; NaN where a
            year does not print it); ``break``, the declared breaks in between.

        Raises
        ------
        LedgerError
            A break lies between the years that nobody answered for; all are listed.
        """
        self._timeline.require(self.years[0], self.years[-1], "growth")
        rows = [row for a, b in pairwise(self.years) for row in self._grown(a, b, by)]
        ends = ("low", "high", "annual_low", "annual_high")
        made = pd.DataFrame(rows, columns=["since", "year", "what", "opening", "closing", *ends, "break"])
        made.attrs = {"units": "1 (as published: current prices unless it says otherwise)"}
        made.attrs["notes"] = self._notes()
        return made

    def reproduced(self) -> pd.DataFrame:
        """Return every printed growth rate and share beside what the printed figures give.

        Returns
        -------
        DataFrame
            ``year, kind`` (growth or share), ``what, since, printed``; ``low`` and ``high`` of what
            the figures give, in the unit printed; ``holds``, whether the two meet, None where nothing
            can be said; ``remark``, why not.
        """
        rows = [row for tree in self._trees.values() for row in (*self._rates(tree), *_share_rows(tree))]
        columns = ["year", "kind", "what", "since", "printed", "low", "high", "holds", "remark"]
        made = pd.DataFrame(rows, columns=columns).astype({"since": "Int64", "holds": object})
        made.attrs["notes"] = self._notes()
        return made

    # ------------------------------------------------------------------ helpers

    def _grown(self, before: int, year: int, by: By) -> Iterator[tuple[object, ...]]:
        old, new = (things(self._flows[y], by) for y in (before, year))
        said = "; ".join(str(b) for b in self._timeline.declared if before < b.year <= year)
        for what in dict.fromkeys([*old, *new]):
            a, b = old.get(what), new.get(what)
            both = a is not None and b is not None
            whole = rates.changed(b, a) if both else None  # type: ignore[arg-type]
            yearly = rates.changed(b, a, year - before) if both else None  # type: ignore[arg-type]
            ends = [_end(one, end) for one in (whole, yearly) for end in ("low", "high")]
            yield before, year, what, _shown(a), _shown(b), *ends, said

    def _rates(self, tree: Tree) -> Iterator[tuple[object, ...]]:
        listed = rates.stated(tree, list(self._trees.values()))
        yield from _from_parts(tree, listed)
        for one in listed:
            change = None
            if one.part is not None and one.before is not None:
                change = rates.changed(one.part, one.before, one.years)
            remark = self._doubt(one, change)
            holds = None if remark or change is None else (change + 1.0).meets(one.rate.base + 1.0)
            ends = [_end(None if remark else change, end, one.rate.size) for end in ("low", "high")]
            what = one.part.label if one.part is not None else one.row.name
            yield tree.year, "growth", what, one.base_year, str(one.rate), *ends, holds, remark

    def _doubt(self, one: rates.Stated, change: Interval | None) -> str:
        """Return why a printed rate cannot be held against the figures, or nothing."""
        if one.part is None:
            return "what grew is not told"
        if one.base_year is None or one.before is None:
            return f"no figure of {one.base_year or 'the year before'} is printed"
        if any(r.evidence == "derived" for r in (one.row, *one.part.rows, *one.before.rows)):
            return "circular: one side is derived from the rate"
        year = one.row.year if one.row.year is not None else one.base_year
        kinds = dict.fromkeys(s.kind for _, _, s in self._timeline.open_breaks(one.base_year, year))
        if kinds:
            return f"across a break of {' and '.join(kinds)} that is not declared"
        return "" if change is not None else "no growth from zero or below"

    def _unit(self) -> tuple[str, float]:
        """Return the unit of the latest total, or of the latest part, and its size."""
        figures = [
            part.figure
            for tree in reversed(self._flows.values())
            for part in (*things(tree, "total").values(), *things(tree, "category").values())
            if part.figure is not None
        ]
        return (figures[0].unit, figures[0].size) if figures else ("", 1.0)

    def _notes(self) -> list[str]:
        stocks = [
            f"{r.year}: {r.money} ({r.name}) is a stock, kept out of the total"
            + (", although the publication counts it" if r.category in COUNTED else "")
            for r in self._rows
            if is_stock(r) and is_money(r.money)
        ]
        derived = sorted(set(self._trees) - set(self._flows))
        left = [f"{', '.join(map(str, derived))}: no printed figure of their own"] if derived else []
        return [*self._timeline.notes(self.years[0], self.years[-1]), *stocks, *left]

    def __repr__(self) -> str:
        first = self._rows[0]
        named = " ".join(filter(None, (first.account, first.region)))
        return f"<PublishedSeries {named} {', '.join(map(str, self.years))}>"


def _from_parts(tree: Tree, listed: list[rates.Stated]) -> Iterator[tuple[object, ...]]:
    """Hold the printed growth of the total against that of its categories, where all print one.

    The year before need not be printed: each category over its own growth gives it.
    """
    of = {one.part.rows: one for one in listed if one.part is not None and one.years == 1}
    whole = [of[p.rows] for p in [rates.grand(tree)] if p is not None and p.rows in of]
    parts = [of[p.rows] for ps in tree.categories.values() for p in ps if p.rows in of]
    every = [*whole, *parts]
    complete = len(parts) == sum(map(len, tree.categories.values())) > 1 and len(whole) == 1
    if not complete or len({one.base_year for one in every}) > 1:
        return
    if any(r.evidence == "derived" for one in every for r in (one.row, *(one.part.rows if one.part else ()))):
        return
    before = total_of(one.part.value / (one.rate.base + 1.0) for one in parts if one.part is not None)
    total, rate = whole[0].part, whole[0].rate
    if total is not None and before.low > 0.0:
        change = total.value / before - 1.0
        ends = [_end(change, end, rate.size) for end in ("low", "high")]
        holds, said = (change + 1.0).meets(rate.base + 1.0), "from the growth of its categories"
        yield tree.year, "growth", total.label, whole[0].base_year, str(rate), *ends, holds, said


def _share_rows(tree: Tree) -> Iterator[tuple[object, ...]]:
    for one in checks_shares.stated(tree):
        printed = one.row.physical
        if printed is None:
            continue
        share = one.part.value / one.whole.value
        derived = one.row.evidence == "derived"
        ends = [_end(share, end, printed.size) for end in ("low", "high")]
        holds = None if derived else share.meets(printed.base)
        remark = "circular: the share is derived" if derived else ""
        yield tree.year, "share", one.part.label, None, str(printed), *ends, holds, remark


def _closes(whole: Part | None, parts: Interval | None, *, complete: bool) -> bool | None:
    if whole is None or parts is None:
        return None
    below = parts.gap(whole.value) < 0.0
    return None if below and not complete else parts.meets(whole.value)


def _is_flow(row: Row) -> bool:
    """Tell whether a row may be added up; stocks that are only context are in no sum."""
    return not (is_stock(row) and row.category in COUNTED)


def _makes_a_year(row: Row) -> bool:
    counted = row.category in COUNTED or row.category == "total"
    return counted and is_money(row.money) and row.evidence != "derived"


def _end(value: Interval | None, end: str, size: float = 1.0) -> float:
    return float(getattr(value, end)) / size if value is not None else float("nan")


def _shown(part: Part | None) -> str:
    if part is None:
        return ""
    return " + ".join(str(r.money) for r in part.rows)


def _text(row: Row) -> str:
    return row.money.text if row.money is not None else ""


def _unit(row: Row) -> str:
    return row.money.unit if row.money is not None else ""
