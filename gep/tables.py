"""Tables as people send them, to one number a row: headers, keys, cells, and what is no number."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep import units
from gep.errors import Faults, GepError, TableError, UnitError

#: How an input is known, best first; a result is only as good as its weakest input.
STATUSES = ("published", "derived", "estimated", "illustrative")
KEYS = ("zone", "ecosystem", "item")
COLUMNS = ("variable", *KEYS, "value", "unit", "status", "source", "note")
#: What rows of totals are called in yearbooks, without blanks.
TOTALS = frozenset({
    "合计", "总计", "小计", "总和", "共计", "全区合计", "全市合计", "全县合计", "全省合计",
    "total", "sum", "subtotal",
})  # fmt: skip


def is_total(label: str) -> bool:
    """Tell whether a label is what yearbooks call a row of totals.

    Examples
    --------
    >>> is_total("合  计"), is_total("合计镇")
    (True, False)
    """
    return "".join(label.split()).casefold() in TOTALS


def weakest(statuses: Iterable[str]) -> str:
    """Return the weakest of some statuses.

    Examples
    --------
    >>> weakest(["published", "estimated", "derived"])
    'estimated'
    """
    ranks = [STATUSES.index(s) for s in statuses]
    return STATUSES[max(ranks)] if ranks else ""


def status_of(status: str, name: str) -> str:
    """Return a status as given; anything that is none is refused."""
    if status not in STATUSES:
        what = f"{name} has status {status!r}" if status else f"{name} does not say how it is known"
        raise TableError(what, expected=f"status: {' | '.join(STATUSES)}")
    return status


def as_text(table: pd.DataFrame | str | Path) -> tuple[pd.DataFrame, str]:
    """Return a table as text cells with an ``origin`` column."""
    if isinstance(table, pd.DataFrame):
        keyed = [n for n in table.index.names if n in ("variable", *KEYS)]
        frame = table.reset_index(keyed).reset_index(drop=True) if keyed else table.reset_index(drop=True)
        frame.columns = [str(c).strip() for c in frame.columns]
        doubled = sorted(set(frame.columns[frame.columns.duplicated()]))
        if doubled:
            raise TableError(f"columns {', '.join(doubled)} stand twice", where="frame")
        frame["origin"] = [f"row {i}" for i in range(len(frame))]
        return frame, "frame"
    path = Path(table)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(
            f"cannot be read as UTF-8: {error}", where=str(path), fix="save it as CSV UTF-8"
        ) from error
    reader = csv.DictReader(io.StringIO(text))
    rows = [
        {**{str(k).strip(): (v or "").strip() if isinstance(v, str) else v for k, v in row.items()},
         "origin": f"{path.name}:{reader.line_num}"}
        for row in reader
        if any(isinstance(v, str) and v.strip() for v in row.values())
    ]  # fmt: skip
    if any("None" in row for row in rows):
        raise TableError("some rows have more cells than the header", where=str(path), fix="quote the commas")
    header = [str(c).strip() for c in reader.fieldnames or ()]
    doubled = sorted({c for c in header if header.count(c) > 1})
    if doubled:
        raise TableError(f"columns {', '.join(doubled)} stand twice in the header", where=str(path))
    return pd.DataFrame(rows), path.name


def refuse_columns(frame: pd.DataFrame, name: str) -> None:
    """Refuse columns of a long table that nobody reads: a misspelt key would vanish."""
    known = [*COLUMNS, "origin", "name"]
    faults = Faults()
    for column in frame.columns:
        if column not in known:
            near = difflib.get_close_matches(column.casefold(), known, n=1)
            faults.add(
                f"column {column!r} is not read",
                where=name,
                expected=f"{near[0]!r}" if near else ", ".join(COLUMNS),
                fix="rename it, or drop it",
            )
    faults.raise_as(TableError, "the table has columns that nobody reads")


_HEADER = re.compile(r"^(?P<name>[^\[\]]+?)\s*\[(?P<unit>[^\[\]]+)\]$")


def melt(frame: pd.DataFrame, given: Mapping[str, str], name: str) -> pd.DataFrame:
    """Turn a wide table into one number a row; each column needs a unit."""
    faults = Faults()
    pieces = []
    carried = [c for c in frame.columns if c in (*KEYS, "status", "source", "note", "origin")]
    for column in frame.columns:
        # a zone table has names beside its codes; they are for the eye
        if column in (*carried, "name"):
            continue
        match = _HEADER.match(column)
        variable = match["name"] if match else column
        unit = match["unit"] if match else given.get(column, "")
        if not unit:
            faults.add(
                f"column {column!r} has no unit",
                where=name,
                expected=f"a header such as '{column} [t/year]', or units={{'{column}': '...'}}",
            )
        piece = frame[carried].assign(variable=variable, unit=unit, value=frame[column])
        pieces.append(piece)
    faults.raise_as(UnitError, "columns without units", where=name)
    if not pieces:
        raise TableError("no column of values", where=name, expected=", ".join(COLUMNS))
    return pd.concat(pieces, ignore_index=True)


def one_row(
    row: Mapping[Any, Any], name: str, status: str, source: str, price_year: int | None, faults: Faults
) -> dict[str, Any]:
    """Return one row of a table with all its columns; what is wrong with it goes to ``faults``."""
    where = f"{name} {row['origin']}" if name == "frame" else str(row["origin"])
    made: dict[str, Any] = {k: text_of(row.get(k)) for k in COLUMNS}
    made["origin"] = where
    made["status"] = made["status"] or status
    made["source"] = made["source"] or source
    made["value"] = number_of(row.get("value"), where, made["variable"], faults)
    for key in ("zone", "item"):
        if is_total(made[key]):
            faults.add(
                f"{key} {made[key]!r} of {made['variable']} is a total beside its parts",
                where=where,
                expected="parts alone: gep adds them up",
                fix="drop the row, or leave its key empty if only the total is known",
            )
    try:
        if not made["unit"]:
            raise UnitError(f"{made['variable']} has no unit", expected="a unit; a pure number says '1'")
        made["unit"] = units.spell(units.parse(made["unit"], price_year=price_year))
        status_of(made["status"], made["variable"])
    except GepError as error:
        faults.take(error, where=where)
    return made


def text_of(cell: Any) -> str:
    """Return a key or label as text; a code read as a float does not keep its ``.0``."""
    if cell is None or cell is pd.NA or cell != cell:  # NaN and NaT are not equal to themselves
        return ""
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell).strip()


def number_of(cell: Any, where: str, variable: str, faults: Faults) -> float:
    """Return a number; an empty cell is missing (NaN), anything else unreadable a fault."""
    text = text_of(cell)
    if not text or text.lower() in ("nan", "na", "n/a"):
        return float("nan")
    if re.fullmatch(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?|[+-]?\.\d+", text):
        return float(cell) if isinstance(cell, int | float | np.number) else float(text)
    hint = "thousands separators are not read" if re.fullmatch(r"[\d,，. ]+", text) else ""
    faults.add(f"{variable} = {text!r} is not a number", where=where, expected="digits and a point", fix=hint)
    return float("nan")


def key_of(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return what a row is known by; no two rows may share it."""
    return tuple(row[k] for k in ("variable", *KEYS))
