"""Which tables an account is shown in, and in which order: one list for workbook and report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gep.ledger import views
from gep.reports.extras import change_table, uncertainty_table
from gep.reports.lines import service_table
from gep.reports.origins import (
    coefficient_table,
    coverage_table,
    finding_table,
    input_table,
    method_table,
    source_table,
)
from gep.reports.places import ecosystem_table, level_table, matrix_table, zone_table
from gep.reports.summary import about_table, summary_table

if TYPE_CHECKING:
    from gep.change import Change
    from gep.reports.book import Book
    from gep.reports.tables import Table
    from gep.uncertainty import Uncertainty


def contents(
    book: Book, change: Change | None = None, uncertainty: Uncertainty | None = None
) -> dict[str, list[Table]]:
    """Return all tables of an account under the names of their sections."""
    levels = [level_table(book, level) for level in views.levels(book.ledger)]
    numbers = [summary_table(book), service_table(book), zone_table(book), *levels]
    found: dict[str, list[Any]] = {
        "tables": [*numbers, ecosystem_table(book), matrix_table(book)],
        "change": [change_table(book, change)] if change is not None else [],
        "uncertainty": [uncertainty_table(book, uncertainty)] if uncertainty is not None else [],
        "method": [about_table(book), method_table(book), coefficient_table(book), source_table(book)],
        "quality": [input_table(book), finding_table(book), coverage_table(book)],
    }
    return {key: tables for key, tables in found.items() if tables}
