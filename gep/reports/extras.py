"""Tables of a change and of an uncertainty, where a report is given them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from gep.reports.tables import Cell, Column, Row, Table

if TYPE_CHECKING:
    from gep.change import Change
    from gep.reports.book import Book
    from gep.uncertainty import Uncertainty

#: Columns of a change that add up to it, and of an interval.
_PARTS = ("opening", "closing", "change", "quantity", "price", "value", "unexplained")
_ENDS = ("value", "mean", "low", "high")


def change_table(book: Book, change: Change) -> Table:
    """Return opening, closing and the parts of a change by service, with the whole."""
    frame = change.by("service", unit=book.unit, labels=book.lang, detail=False)
    names = frame.attrs["labels"]
    kept = [c for c in _PARTS if c in _PARTS[:5] or bool(frame[c].fillna(0.0).any())]
    rows = [_row(str(name), values, kept) for name, values in frame.iterrows()]
    total = change.total * book.ledger.factor(book.unit)
    rows.append(_row(book.say("rows.gep"), total, kept, key="total", role="total"))
    columns = [Column("name", book.head("service")), *(Column(c, names[c], "number") for c in kept)]
    unit = book.say("notes.unit", unit=book.say.unit(book.unit, book.year))
    years = f"{change.opening.year}–{change.closing.year}"
    return book.table("change", columns, rows, [unit, change.basis, *change.notes], years=years)


def uncertainty_table(book: Book, uncertainty: Uncertainty) -> Table:
    """Return intervals of the total and of each service."""
    whole = uncertainty.interval(unit=book.unit)
    frame = uncertainty.interval(by="service", unit=book.unit)
    rows = [_row(book.label("service", str(code)), values, list(_ENDS)) for code, values in frame.iterrows()]
    rows.insert(0, _row(book.say("rows.gep"), whole.iloc[0], list(_ENDS), key="total", role="total"))
    columns = [Column("name", book.head("service")), *(Column(c, book.head(c), "number") for c in _ENDS)]
    level, draws = whole.attrs["level"], whole.attrs["draws"]
    said = book.say("notes.interval", level=f"{level:.0%}", draws=draws, seed=whole.attrs["seed"])
    unit = book.say("notes.unit", unit=book.money)
    return book.table("uncertainty", columns, rows, [unit, said, *uncertainty.findings])


def _row(name: str, values: pd.Series[Any], columns: list[str], key: str = "", role: Any = "line") -> Row:
    cells: dict[str, Cell] = {"name": name, **{c: float(values[c]) for c in columns}}
    return Row(key or name, cells, role)
