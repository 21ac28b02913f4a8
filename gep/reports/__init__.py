"""What people look at: workbooks, yearbook tables, reports, maps; all of them views of a ledger."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.reports import sheets
from gep.reports.book import Book
from gep.reports.contents import contents
from gep.reports.geopackage import to_geopackage
from gep.reports.page import report
from gep.reports.yearbook import YearbookTable, yearbook_table

if TYPE_CHECKING:
    from gep.ledger import Ledger

__all__ = ["YearbookTable", "report", "to_geopackage", "workbook", "yearbook_table"]


def workbook(
    ledger: Ledger,
    path: str | Path,
    *,
    lang: str = "zh",
    unit: str = "",
    formulas: bool = False,
    audit: Iterable[Any] | None = None,
) -> Path:
    """Write an account as a workbook (extra ``excel``); parameters as of :meth:`Ledger.to_excel`.

    Sheets: summary, by service, by zone and by each level of the zones, by ecosystem, services by
    zone, coefficients, methods, sources, inputs, findings, area not covered, and what the account is. A
    missing number is an empty marked cell with a comment.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    LedgerError
        Another ending than ``.xlsx``, or an unknown language.
    UnitError
        ``unit`` is no money.
    MissingExtra
        openpyxl is not installed.
    """
    book = Book(ledger, lang, unit, audit)
    tables = [table for section in contents(book).values() for table in section]
    return sheets.write(tables, path, formulas=formulas)
