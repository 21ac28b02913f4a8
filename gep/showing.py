"""Small pieces of HTML for notebooks; everything put into them is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

#: Rows that a notebook shows before it says how many more there are.
SHOWN = 20


def table(head: Sequence[object], rows: Iterable[Sequence[object]], shown: int = SHOWN) -> str:
    """Return a small table; long ones are cut and say so.

    Examples
    --------
    >>> table(("a",), [("<b>",)])
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>'
    """
    listed = list(rows)
    body = "".join(f"<tr>{_cells(row, 'td')}</tr>" for row in listed[:shown])
    more = f"<p>… {len(listed) - shown} more</p>" if len(listed) > shown else ""
    heading = f"<thead><tr>{_cells(head, 'th')}</tr></thead>" if any(map(str, head)) else ""
    return f"<table>{heading}<tbody>{body}</tbody></table>{more}"


def block(
    title: str, line: str, head: Sequence[object], rows: Iterable[Sequence[object]], shown: int = SHOWN
) -> str:
    """Return a title, a line under it, and a table."""
    said = f"<p>{escape(line)}</p>" if line else ""
    return f"<div><strong>{escape(title)}</strong>{said}{table(head, rows, shown)}</div>"


def _cells(row: Sequence[object], tag: str) -> str:
    return "".join(f"<{tag}>{escape(str(cell))}</{tag}>" for cell in row)
