"""The report: one HTML file with figures, tables, methods, sources and quality; no script, no network."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.errors import need_extra
from gep.files import write_whole
from gep.reports import markup
from gep.reports.book import Book
from gep.reports.contents import contents
from gep.reports.figures import drawn
from gep.reports.summary import summary_table
from gep.reports.tables import Table

if TYPE_CHECKING:
    from gep.ledger import Ledger
    from gep.zones import Zones

#: Rows of the summary that the page shows large.
_LARGE = ("total", "per_area", "per_head", "ggi")


def report(
    ledger: Ledger,
    path: str | Path,
    *,
    lang: str = "zh",
    unit: str = "",
    zones: Zones | None = None,
    audit: Iterable[Any] | None = None,
    change: Any = None,
    uncertainty: Any = None,
    figures: bool = True,
) -> Path:
    """Write the report of an account as one HTML file; parameters as of :meth:`Ledger.report`.

    The file opens offline, has no script, and prints well. Its tables are those of the workbook.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    LedgerError
        An unknown language.
    UnitError
        ``unit`` is no money.
    MissingExtra
        jinja2, or matplotlib for figures, is not installed (extra ``report``).
    """
    book = Book(ledger, lang, unit, audit)
    page = _template().render(
        book=book,
        say=book.say,
        markup=_safe,
        title=book.title("report"),
        cards=_cards(book),
        figures=drawn(book, zones, change, uncertainty) if figures else [],
        sections={
            key: [_plain(book, table) for table in tables]
            for key, tables in contents(book, change, uncertainty).items()
        },
    )
    place = Path(path)
    write_whole({place: page.encode()})
    return place


def _template() -> Any:
    try:
        jinja2 = importlib.import_module("jinja2")
    except ImportError as error:
        raise need_extra("jinja2", "report", "a report") from error
    folder = Path(__file__).with_name("templates")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("report.html.j2")


def _safe(table: Table) -> Any:
    """Return the HTML of a table, which is escaped already."""
    return importlib.import_module("markupsafe").Markup(markup.to_html(table))


def _cards(book: Book) -> list[dict[str, str]]:
    """Return the headline figures: name, number, unit, remark."""
    table = summary_table(book)
    column = next(c for c in table.columns if c.key == "value")
    rows = {row.key: row for row in table.rows}
    return [
        {
            "name": str(row.cells["name"]),
            "number": markup.printed(table, column, row.cells["value"]),
            "unit": str(row.cells["unit"]),
            "remark": str(row.cells.get("remark", "")),
        }
        for row in (rows[key] for key in _LARGE)
    ]


def _plain(book: Book, table: Table) -> Table:
    """Return a table without the notes that the head of the page says of all."""
    return replace(table, notes=tuple(note for note in table.notes if note not in book.gaps))
