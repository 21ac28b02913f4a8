"""Tables as Chinese statistical yearbooks print them: one year with prices, or years as columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from gep.errors import LedgerError
from gep.ledger import Ledger
from gep.reports import markup, sheets
from gep.reports.book import Book, check_currency
from gep.reports.lines import Line, lines_of, quantity_cells, remarks_of
from gep.reports.speech import Speech
from gep.reports.tables import Cell, Column, Row, Sum, Table, add_up, value_of
from gep.rounding import controlled

_ORDINALS = {
    "zh": "一二三四五六七八九十",
    "en": ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X"),
}

#: Stands for "all of them" in the tree that values are rounded in.
_TOTAL = "\0"


@dataclass(frozen=True)
class YearbookTable:
    """A table to print; prints itself in notebooks.

    Attributes
    ----------
    table : gep.reports.tables.Table
        Columns, rows, notes.
    """

    table: Table

    @property
    def frame(self) -> pd.DataFrame:
        """Return the table as a DataFrame, one column a printed column; a missing number is NaN."""
        return self.table.frame

    def to_excel(self, path: str | Path, *, formulas: bool = False) -> Path:
        """Write one sheet to ``path`` (extra ``excel``), sums as live ``formulas`` on request."""
        return sheets.write([self.table], path, formulas=formulas)

    def to_html(self, path: str | Path | None = None) -> str:
        """Return the table as HTML, and write it where a path is given."""
        return _kept(markup.to_html(self.table), path)

    def to_markdown(self, path: str | Path | None = None) -> str:
        """Return the table as Markdown, and write it where a path is given."""
        return _kept(markup.to_markdown(self.table), path)

    def __repr__(self) -> str:
        return markup.to_markdown(self.table)

    def _repr_html_(self) -> str:
        return markup.to_html(self.table)


def _kept(text: str, path: str | Path | None) -> str:
    if path is not None:
        Path(path).write_text(text, encoding="utf-8")
    return text


def yearbook_table(
    ledgers: Ledger | Mapping[int, Ledger] | Iterable[Ledger],
    *,
    lang: str = "zh",
    unit: str = "",
    digits: int | None = None,
) -> YearbookTable:
    """Lay an account, or a series of accounts, out as statistical yearbooks do.

    Parameters
    ----------
    ledgers : Ledger, mapping of int to Ledger, or iterable of Ledger
        One account (项目, 单位, 实物量, 单价, 价值量), or one a year, years as columns. The notes of
        a :class:`gep.years.Series` stand under its table.
    lang : {"zh", "en"}
        Language of the table.
    unit : str
        Unit of values; 10^8 of the currency unless given.
    digits : int, optional
        Round values to so many decimals, so that what is printed adds up.

    Returns
    -------
    YearbookTable

    Raises
    ------
    LedgerError
        No account, a year that is not the ledger's, or accounts of different currencies.
    """
    said = [str(note) for note in getattr(ledgers, "notes", ())]
    one = isinstance(ledgers, Ledger)
    years = _by_year({ledgers.year: ledgers} if isinstance(ledgers, Ledger) else ledgers)
    books = [Book(ledger, lang, unit) for ledger in years.values()]
    table = _one_year(books[0]) if one else _series(books)
    table = replace(table, notes=(*table.notes[:-1], *said, table.notes[-1]))
    return YearbookTable(table if digits is None else _rounded(table, digits))


def _by_year(ledgers: Mapping[int, Ledger] | Iterable[Ledger]) -> dict[int, Ledger]:
    """Return accounts by year, in order."""
    pairs = [*ledgers.items()] if isinstance(ledgers, Mapping) else [(own.year, own) for own in ledgers]
    wrong = [f"{ledger.year} under {year}" for year, ledger in pairs if ledger.year != year]
    twice = len({year for year, _ in pairs}) < len(pairs)
    if wrong or twice or not pairs:
        what = (
            f"accounts of {', '.join(wrong)}"
            if wrong
            else "two accounts of one year"
            if twice
            else "no account"
        )
        raise LedgerError(what, where="yearbook_table", expected="{year: ledger of that year}")
    check_currency(ledger for _, ledger in pairs)
    return dict(sorted(pairs))


# ------------------------------------------------------------------------------------------ columns


def _one_year(book: Book) -> Table:
    head, factor = book.head, book.ledger.factor(book.unit)
    lines = [line for line in lines_of(book.ledger) if not line.intermediate]
    rows = {
        line: Row(
            line.key,
            {**quantity_cells(book, line), "value": line.value * factor},
            "line",
            remarks_of(book, line),
        )
        for line in lines
    }
    columns = [
        Column("name", head("item")),
        Column("quantity_unit", head("unit")),
        Column("quantity", head("quantity"), "mixed"),
        Column("price", head("price"), "mixed"),
        Column("price_unit", head("price_unit")),
        Column("value", head("value"), "number", book.money),
    ]
    averaged = f"* {book.say('notes.mean_price')}" if any(line.averaged for line in lines) else ""
    notes = [*_notes([book]), averaged]
    return book.table(
        "yearbook", columns, _grouped([book], rows, ["value"]), notes, years=str(book.ledger.year)
    )


def _series(books: Sequence[Book]) -> Table:
    first = books[0]
    found = {book.ledger.year: {line.key: line for line in lines_of(book.ledger)} for book in books}
    plan: dict[str, Line] = {}
    for lines in found.values():
        plan = {**lines, **plan}
    order = list(dict.fromkeys(key for lines in found.values() for key in lines))
    rows = {plan[key]: _across(books, found, plan[key]) for key in order if not plan[key].intermediate}
    values = [f"value:{book.ledger.year}" for book in books]
    columns = [
        Column("name", first.head("item")),
        Column("quantity_unit", first.head("unit")),
        *(
            Column(f"quantity:{b.ledger.year}", str(b.ledger.year), "mixed", group=first.head("quantity"))
            for b in books
        ),
        *(
            Column(f"value:{b.ledger.year}", str(b.ledger.year), "number", group=_value_head(books))
            for b in books
        ),
    ]
    years = [book.ledger.year for book in books]
    span = f"{years[0]}–{years[-1]}" if len(years) > 1 else str(years[0])
    return first.table("yearbook", columns, _grouped(books, rows, values), _notes(books), years=span)


def _across(books: Sequence[Book], found: Mapping[int, Mapping[str, Line]], line: Line) -> Row:
    """Return one line over the years, its quantities in the unit of the first."""
    cells: dict[str, Cell] = {"quantity_unit": books[0].say.unit(line.quantity_unit)}
    remarks = {}
    for book in books:
        year = book.ledger.year
        own = found[year].get(line.key)
        if own is None:
            continue
        own = own.in_unit(line.quantity_unit)
        if line.quantity_unit and own.quantity_unit == line.quantity_unit:
            cells[f"quantity:{year}"] = own.quantity
        cells[f"value:{year}"] = own.value * book.ledger.factor(book.unit)
        if own.missing:
            remarks[f"value:{year}"] = book.say("notes.rows_missing", count=own.missing)
    return Row(line.key, cells, remarks=remarks)


def _value_head(books: Sequence[Book]) -> str:
    """Return the heading of the values; the price level stands in it where all years have one."""
    first = books[0]
    one = len({book.year for book in books}) == 1
    said = first.money if one else first.say.unit(first.unit, first.year)
    return Column("", first.head("value"), unit=said).heading(first.lang)


# --------------------------------------------------------------------------------------------- rows


def _grouped(books: Sequence[Book], rows: Mapping[Line, Row], values: Sequence[str]) -> list[Row]:
    """Return the total, categories as sums, services, and lines under services that have several."""
    found: list[Row] = []
    parts: list[Row] = []
    for number, category in enumerate(dict.fromkeys(line.category for line in rows)):
        inside = {line: row for line, row in rows.items() if line.category == category}
        services = [
            _service(books, service, inside, values) for service in dict.fromkeys(x.service for x in inside)
        ]
        name = f"{_ordinal(books[0].lang, number)}{_label(books, 'category', category)}"
        heads = [row for group in services for row in group[:1]]
        parts.append(Row(f"category:{category}", {"name": name, **_sums(heads, values)}, "subtotal"))
        found += [parts[-1], *(row for group in services for row in group)]
    total = {"name": books[0].say("rows.gep"), **_sums(parts, values)}
    return [Row("total", total, "total"), *found]


def _service(
    books: Sequence[Book], service: str, rows: Mapping[Line, Row], values: Sequence[str]
) -> list[Row]:
    """Return the row of a service, and its lines where it has several."""
    own = {line: row for line, row in rows.items() if line.service == service}
    name = _label(books, "service", service)
    if len(own) == 1:
        ((line, row),) = own.items()
        named = {"name": _with_indicator(books, name, line), **row.cells}
        return [Row(row.key, named, remarks=row.remarks, depth=1)]
    lines = [
        Row(row.key, {"name": _line_name(books, line), **row.cells}, remarks=row.remarks, depth=2)
        for line, row in own.items()
    ]
    return [Row(f"service:{service}", {"name": name, **_sums(lines, values)}, depth=1), *lines]


def _sums(rows: Sequence[Row], values: Sequence[str]) -> dict[str, Cell]:
    """Return sums of the columns in which any row has a cell."""
    return {v: add_up("yearbook", v, rows) for v in values if any(v in row.cells for row in rows)}


def _ordinal(lang: str, number: int) -> str:
    marks = _ORDINALS[lang]
    return f"{marks[number]}{'、' if lang == 'zh' else '. '}" if number < len(marks) else ""


def _with_indicator(books: Sequence[Book], name: str, line: Line) -> str:
    said = _line_name(books, line)
    if said == name:
        return name
    return f"{name}：{said}" if books[0].lang == "zh" else f"{name}: {said}"


def _line_name(books: Sequence[Book], line: Line) -> str:
    indicator = _label(books, "indicator", f"{line.service}.{line.indicator}")
    if not line.item:
        return indicator
    item = books[0].say.item(line.item)
    return f"{indicator}（{item}）" if books[0].lang == "zh" else f"{indicator} ({item})"


def _label(books: Sequence[Book], kind: str, code: str) -> str:
    """Return a name from the first account that has it."""
    names = (book.label(kind, code) for book in books)
    return next((name for name in names if name != code), code)


def _notes(books: Sequence[Book]) -> list[str]:
    first, say = books[0], books[0].say
    profiles = dict.fromkeys(
        f"{b.ledger.meta.profile[b.lang]} ({b.ledger.meta.profile['id']})" for b in books
    )
    levels = {book.ledger.year: book.year for book in books}
    several = len(set(levels.values())) > 1
    told = [note for book in books for note in book.gaps[1:] if note]
    if len(books) > 1:
        told = [f"{book.ledger.year}: {note}" for book in books for note in book.gaps[1:] if note]
    return [
        say("notes.mixed_prices", years=say.join(f"{y}: {p}" for y, p in levels.items()))
        if several
        else first.gaps[0],
        *told,
        say("notes.mixed_methods", profiles=say.join(profiles)) if len(profiles) > 1 else "",
        say("notes.blank"),
        say("notes.sources", profile=say.join(profiles)),
    ]


def _rounded(table: Table, digits: int) -> Table:
    """Return the table with values rounded so that lines add up to services, categories and total."""
    rows = list(table.rows)
    for key in (c.key for c in table.columns if c.key.partition(":")[0] == "value"):
        tree = {path: value_of(row.cells[key]) for row, path in _paths(rows) if key in row.cells}
        leaves = {path: value for path, value in tree.items() if _TOTAL not in path}
        if leaves:
            index = pd.MultiIndex.from_tuples(list(leaves))
            made = controlled(pd.Series(list(leaves.values()), index), digits, total=_TOTAL)
            numbers = dict(zip(made.index, made.tolist(), strict=True))
            rows = [_with(row, key, numbers[path]) if key in row.cells else row for row, path in _paths(rows)]
    columns = [replace(c, decimals=digits) if c.key.startswith("value") else c for c in table.columns]
    notes = (*table.notes, Speech(table.lang)("notes.rounded"))
    return replace(table, rows=tuple(rows), columns=tuple(columns), notes=notes)


def _paths(rows: Sequence[Row]) -> Iterator[tuple[Row, tuple[str, str, str]]]:
    """Yield rows with their place in the tree of category, service and line."""
    category = service = _TOTAL
    for row in rows:
        if row.depth == 0:
            category, service = (row.key if row.role == "subtotal" else _TOTAL), _TOTAL
            yield row, (category, _TOTAL, _TOTAL)
        elif row.key.startswith("service:"):
            service = row.key
            yield row, (category, service, _TOTAL)
        elif row.depth == 1:
            yield row, (category, row.key, row.key)
        else:
            yield row, (category, service, row.key)


def _with(row: Row, key: str, number: float) -> Row:
    old = row.cells[key]
    return replace(
        row, cells={**row.cells, key: replace(old, value=number) if isinstance(old, Sum) else number}
    )
