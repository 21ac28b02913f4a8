"""Tables as sheets of a workbook: numbers as numbers, totals as live formulas on request."""

from __future__ import annotations

import importlib
import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gep.errors import LedgerError, need_extra
from gep.files import ILLEGAL, neutral
from gep.reports.speech import Speech
from gep.reports.tables import Cell, Column, Ratio, Ref, Row, Sum, Table, is_missing, value_of

#: Limits of the format: characters of a sheet's name and of a formula, arguments of SUM.
_NAME, _FORMULA, _ARGUMENTS = 31, 8_000, 250
#: Widths of columns in characters.
_NARROW, _HEAD, _WIDE, _WIDE_OF_MANY, _FEW = 8, 16, 52, 30, 8
#: Points of a line, and lines that a row can be high.
_LINE, _MOST_LINES = 15.0, 27


def write(tables: Sequence[Table], path: str | Path, *, formulas: bool = False) -> Path:
    """Write tables as sheets of one workbook.

    Parameters
    ----------
    tables : sequence of Table
        Cells of one may refer to cells of another.
    path : str or path
        Ends in ``.xlsx``.
    formulas : bool
        Write sums and ratios as formulas, without cached values: the program that opens the
        file computes them. Otherwise their values are written.

    Raises
    ------
    LedgerError
        The name of the file ends otherwise.
    MissingExtra
        openpyxl (extra ``excel``) is not installed.
    """
    place = Path(path)
    if place.suffix.lower() != ".xlsx":
        raise LedgerError(f"a workbook {place.name!r}", expected="a name that ends in .xlsx")
    try:
        openpyxl = importlib.import_module("openpyxl")
    except ImportError as error:
        raise need_extra("openpyxl", "excel", "writing a workbook") from error
    book = openpyxl.Workbook()
    book.remove(book.active)
    book.properties.creator = "gep"
    book.properties.title = tables[0].title
    layout = Layout(tables)
    for table in tables:
        _Sheet(book.create_sheet(layout.names[table.key]), table, layout, formulas=formulas).fill()
    book.save(place)
    return place


def width(text: str) -> int:
    """Return how many columns a text takes; CJK characters take two.

    Examples
    --------
    >>> width("GEP"), width("价值量")
    (3, 6)
    """
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Layout:
    """Where the cells of all tables stand."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.names: dict[str, str] = {}
        self.rows: dict[str, dict[str, int]] = {}
        self.columns: dict[str, dict[str, str]] = {}
        for table in tables:
            self.names[table.key] = _sheet_name(table.sheet, set(self.names.values()))
            first = first_row(table)
            self.rows[table.key] = {row.key: first + i for i, row in enumerate(table.rows)}
            self.columns[table.key] = {c.key: letters(i) for i, c in enumerate(table.columns, 1)}

    def knows(self, ref: Ref) -> bool:
        """Tell whether a cell is in the workbook."""
        return ref.row in self.rows.get(ref.table, ()) and ref.column in self.columns.get(ref.table, ())

    def at(self, ref: Ref, home: str) -> str:
        """Return the address of a cell as seen from the sheet of ``home``."""
        place = f"{self.columns[ref.table][ref.column]}{self.rows[ref.table][ref.row]}"
        return place if ref.table == home else f"{_quoted(self.names[ref.table])}!{place}"

    def formula(self, cell: Cell, home: str) -> str:
        """Return the formula of a cell, or an empty text where it has none."""
        if isinstance(cell, Ratio) and self.knows(cell.top) and self.knows(cell.bottom):
            times = "" if cell.times == 1.0 else f"*{cell.times!r}"
            return f"={self.at(cell.top, home)}/{self.at(cell.bottom, home)}{times}"
        if isinstance(cell, Sum) and cell.of and all(map(self.knows, cell.of)):
            pieces = list(self._ranges(cell.of, home))
            made = f"=SUM({','.join(pieces)})"
            return made if len(made) < _FORMULA and len(pieces) < _ARGUMENTS else ""
        return ""

    def _ranges(self, refs: Sequence[Ref], home: str) -> Iterator[str]:
        """Yield the ranges that cells stand in, those under each other as one."""
        for (table, column), group in itertools.groupby(refs, lambda r: (r.table, r.column)):
            rows = sorted(self.rows[table][ref.row] for ref in group)
            letter = self.columns[table][column]
            sheet = "" if table == home else f"{_quoted(self.names[table])}!"
            for _, run in itertools.groupby(enumerate(rows), lambda pair: pair[1] - pair[0]):
                numbers = [number for _, number in run]
                first, last = numbers[0], numbers[-1]
                yield f"{sheet}{letter}{first}" + (f":{letter}{last}" if last > first else "")


def first_row(table: Table) -> int:
    """Return the number of the first row under the headings."""
    return 3 + any(c.group for c in table.columns)


def letters(number: int) -> str:
    """Return the letters of a column.

    Examples
    --------
    >>> letters(1), letters(26), letters(27), letters(703)
    ('A', 'Z', 'AA', 'AAA')
    """
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(65 + rest) + text
    return text


def _sheet_name(wanted: str, taken: set[str]) -> str:
    plain = ILLEGAL.sub("", re.sub(r"[\[\]:*?/\\']", " ", wanted)).strip()[:_NAME] or "sheet"
    lower = {name.lower() for name in taken}
    numbered = (f"{plain[: _NAME - 3]} {i}" for i in range(2, 100))
    return next(name for name in itertools.chain([plain], numbered) if name.lower() not in lower)


def _quoted(name: str) -> str:
    return f"'{name}'"


class _Sheet:
    """Writes one table onto one sheet."""

    def __init__(self, sheet: Any, table: Table, layout: Layout, *, formulas: bool) -> None:
        self.sheet, self.table, self.layout, self.formulas = sheet, table, layout, formulas
        self.say = Speech(table.lang)
        self.styles = importlib.import_module("openpyxl.styles")
        self.comment = importlib.import_module("openpyxl.comments").Comment
        self.first = first_row(table)

    def fill(self) -> None:
        """Write title, headings, rows and notes, and set what print and screen need."""
        self._text(1, 1, self.table.title, bold=True, size=14)
        self._headings()
        for i, row in enumerate(self.table.rows):
            for j, column in enumerate(self.table.columns, 1):
                self._cell(self.first + i, j, row, column)
        if not self.table.rows:
            self._text(self.first, 1, self.say("notes.nothing"))
        for i, note in enumerate(self.table.notes, self.first + len(self.table.rows) + 1):
            self._note(i, note)
        self._widths()
        self._page()

    def _text(self, row: int, column: int, text: str, *, bold: bool = False, size: int = 11) -> Any:
        cell = self.sheet.cell(row, column)
        _write(cell, text)
        cell.font = self.styles.Font(bold=bold, size=size)
        return cell

    def _headings(self) -> None:
        side = self.styles.Side(style="thin")
        for j, column in enumerate(self.table.columns, 1):
            cell = self._text(self.first - 1, j, column.heading(self.table.lang), bold=True)
            self._heading_style(cell)
            cell.border = self.styles.Border(top=side, bottom=side)
        start = 1
        for group, columns in itertools.groupby(self.table.columns, lambda c: c.group):
            end = start + len(list(columns)) - 1
            if group:
                self._heading_style(self._text(self.first - 2, start, group, bold=True))
                self.sheet.merge_cells(
                    start_row=self.first - 2, end_row=self.first - 2, start_column=start, end_column=end
                )
            start = end + 1

    def _heading_style(self, cell: Any) -> None:
        cell.fill = self.styles.PatternFill("solid", fgColor="E2EFDA")
        cell.alignment = self.styles.Alignment(horizontal="center", vertical="center", wrap_text=True)

    def _cell(self, i: int, j: int, row: Row, column: Column) -> None:
        content = row.cells.get(column.key)
        cell, value = self.sheet.cell(i, j), value_of(content)
        if isinstance(value, str):
            _write(cell, value)
            indent = row.depth if j == 1 else int(self.table.columns[j - 2].form != "text")
            cell.alignment = self.styles.Alignment(
                horizontal="left", vertical="top", wrap_text=True, indent=indent
            )
        elif value is not None and not is_missing(content):
            cell.value = (self.formulas and self.layout.formula(content, self.table.key)) or value
            cell.number_format = _format(column, self.table.number_digits(column, content))
            cell.alignment = self.styles.Alignment(vertical="top")
        self._marks(cell, row, column, missing=is_missing(content))

    def _marks(self, cell: Any, row: Row, column: Column, *, missing: bool) -> None:
        """Mark what is missing, and what is to be said of a number; totals are bold."""
        said = row.remarks.get(column.key) or (self.say("notes.no_value") if missing else "")
        if said:
            cell.comment = self.comment(said, "gep")
        if missing:
            cell.fill = self.styles.PatternFill("lightUp", fgColor="C00000")
        cell.font = self.styles.Font(bold=row.role in ("subtotal", "total"), italic=row.role == "aside")
        if row.role == "total":
            cell.border = self.styles.Border(top=self.styles.Side(style="thin"))

    def _note(self, row: int, note: str) -> None:
        last = max(len(self.table.columns), 1)
        cell = self._text(row, 1, note, size=9)
        cell.alignment = self.styles.Alignment(wrap_text=True, vertical="top")
        if last > 1:
            self.sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=last)

    def _widths(self) -> None:
        widest = _WIDE if len(self.table.columns) <= _FEW else _WIDE_OF_MANY
        widths = []
        for j, column in enumerate(self.table.columns, 1):
            shown = [width(self._shown(row, column)) for row in self.table.rows]
            heads = [width(part) for part in re.split(r" ?[（(]", column.heading(self.table.lang))]
            widths.append(min(max([*shown, min(max(heads), _HEAD), _NARROW]) + 3, widest))
            self.sheet.column_dimensions[letters(j)].width = widths[-1]
        self._heights(widths)

    def _heights(self, widths: Sequence[int]) -> None:
        """Make rows as high as the text that wraps in them; merged cells do not grow by themselves."""
        table, sheet = self.table, self.sheet.row_dimensions
        heads = [column.heading(table.lang) for column in table.columns]
        sheet[self.first - 1].height = _LINE * _lines(heads, widths)
        for i, row in enumerate(table.rows, self.first):
            lines = _lines([self._shown(row, column) for column in table.columns], widths)
            if lines > 1:
                sheet[i].height = _LINE * min(lines, _MOST_LINES)
        for i, note in enumerate(table.notes, self.first + len(table.rows) + 1):
            sheet[i].height = _LINE * _lines([note], [sum(widths)])

    def _shown(self, row: Row, column: Column) -> str:
        content = row.cells.get(column.key)
        value = value_of(content)
        if isinstance(value, str) or value is None:
            return " " * 2 * row.depth + (value or "")
        return f"{value:,.{self.table.number_digits(column, content)}f}"

    def _page(self) -> None:
        leading = sum(1 for _ in itertools.takewhile(lambda c: c.form == "text", self.table.columns))
        corner = min(leading, 2) if leading < len(self.table.columns) else 0
        sheet = self.sheet
        sheet.freeze_panes = f"{letters(corner + 1)}{self.first}"
        sheet.print_title_rows = f"{self.first - 1}:{self.first - 1}"
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.paperSize = 9
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _lines(texts: Sequence[str], widths: Sequence[int]) -> int:
    """Return how many lines the highest of some cells has; a word that does not fit begins a new one."""
    needed = [1]
    for text, room in zip(texts, widths, strict=True):
        taken = width(text)
        needed.append(1 if taken < room else -(-taken * 11 // (10 * max(room - 1, 1))))
    return max(needed)


def _write(cell: Any, text: str) -> None:
    """Write a text as text, also where it reads like a formula or an error value."""
    cell.value = neutral(text)
    cell.data_type = "s"


def _format(column: Column, digits: int) -> str:
    if column.form == "share":
        return "0.00%"
    return "#,##0" + ("." + "0" * digits if digits else "")
