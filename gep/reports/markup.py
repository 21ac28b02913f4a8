"""Tables as HTML and as Markdown; everything that is not ours is escaped."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from html import escape

from gep.reports.speech import Speech
from gep.reports.tables import Cell, Column, Row, Table, is_missing, value_of

#: How a missing number is printed.
MISSING = "…"


def printed(table: Table, column: Column, cell: Cell) -> str:
    """Return a cell as text; empty where no number belongs."""
    value = value_of(cell)
    if value is None or isinstance(value, str):
        return value or ""
    if is_missing(cell):
        return MISSING
    if column.form == "share":
        return f"{value:.2%}"
    text = f"{value:,.{table.number_digits(column, cell)}f}"
    return text.replace("-", "−")


def to_html(table: Table, *, caption: bool = True) -> str:
    """Return a table as HTML with its notes."""
    heads = (
        f'<th scope="col" class="{_kind(column)}">{escape(column.heading(table.lang))}</th>'
        for column in table.columns
    )
    title = f"<caption>{escape(table.title)}</caption>" if caption else ""
    body = "".join(_row(table, row) for row in table.rows) or _nothing(table)
    notes = "".join(f"<p>{escape(note)}</p>" for note in table.notes)
    under = f'<div class="notes">{notes}</div>' if notes else ""
    return (
        f'<div class="table" lang="{table.lang}"><table>{title}'
        f"<thead>{_groups(table)}<tr>{''.join(heads)}</tr></thead><tbody>{body}</tbody></table>{under}</div>"
    )


def _kind(column: Column) -> str:
    return "text" if column.form == "text" else "number"


def _groups(table: Table) -> str:
    if not any(c.group for c in table.columns):
        return ""
    cells = []
    for group, columns in itertools.groupby(table.columns, lambda c: c.group):
        span = len(list(columns))
        cells.append(f'<th scope="colgroup" colspan="{span}">{escape(group)}</th>' if group else
                     f'<td colspan="{span}"></td>')  # fmt: skip
    return f"<tr>{''.join(cells)}</tr>"


def _nothing(table: Table) -> str:
    text = escape(Speech(table.lang)("notes.nothing"))
    return f'<tr><td colspan="{max(len(table.columns), 1)}">{text}</td></tr>'


def _row(table: Table, row: Row) -> str:
    cells = "".join(_cell(table, row, column, i) for i, column in enumerate(table.columns))
    return f'<tr class="{row.role}">{cells}</tr>'


def _cell(table: Table, row: Row, column: Column, place: int) -> str:
    content = row.cells.get(column.key)
    said = row.remarks.get(column.key, "")
    kinds = [_kind(column)]
    if is_missing(content):
        kinds.append("missing")
        said = said or Speech(table.lang)("notes.no_value")
    elif said and column.key != "price":
        kinds.append("partial")
    title = f' title="{escape(said)}"' if said else ""
    indent = f' style="padding-left:{0.5 + 1.2 * row.depth:g}em"' if row.depth and not place else ""
    return f'<td class="{" ".join(kinds)}"{title}{indent}>{escape(printed(table, column, content))}</td>'


def to_markdown(table: Table) -> str:
    """Return a table as Markdown with its title above and its notes below.

    A heading of several columns is written before each of theirs; totals are bold.
    """
    heads = [" ".join(filter(None, (c.group, c.heading(table.lang)))) for c in table.columns]
    rule = [":---" if c.form == "text" else "---:" for c in table.columns]
    lines = [_line(map(_plain, heads)), _line(rule)]
    for row in table.rows:
        cells = [_plain(printed(table, c, row.cells.get(c.key))) for c in table.columns]
        cells[0] = "\u3000" * row.depth + cells[0]
        bold = row.role in ("subtotal", "total")
        lines.append(_line(f"**{cell.strip()}**" if bold and cell.strip() else cell for cell in cells))
    parts = [f"**{_plain(table.title)}**", "\n".join(lines), *map(_plain, table.notes)]
    return "\n\n".join(parts) + "\n"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _plain(text: str) -> str:
    """Return text that neither ends a cell nor reads as markup."""
    for sign in "\\|*_`<>[]":
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
