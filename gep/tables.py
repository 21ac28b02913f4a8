"""Tables as people send them, to one number a row: headers, keys, cells, and what is no number."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep import units
from gep.errors import Faults, GepError, TableError, UnitError
from gep.files import read_csv

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
    if not isinstance(table, str | Path):
        what = f"a {type(table).__name__} is no table"
        raise TableError(what, expected="a DataFrame, or the path of a CSV")
    header, lines = read_csv(table, TableError)
    if not lines:
        raise TableError("it has no rows", where=Path(table).name, expected=", ".join(COLUMNS))
    rows = [[*cells.values(), place] for place, cells in lines]
    return pd.DataFrame(rows, columns=[*header, "origin"], dtype=object), Path(table).name


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


#: Numbers, and numbers whose commas cannot be decimal ones.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}((,\d{3}){2,}(\.\d+)?|,\d{3}\.\d+)", re.ASCII)
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
            continue
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
    if not made["variable"]:
        fix = "merged cells keep their text in the first row alone: write it into each"
        faults.add("the row has no variable", where=where, fix=fix)
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
    if cell is None or cell is pd.NA:
        return ""
    unlike = cell != cell  # NaN and NaT are not equal to themselves; a list in a cell is compared by parts
    if isinstance(unlike, bool | np.bool_) and unlike:
        return ""
    if isinstance(cell, float | np.floating) and float(cell).is_integer():
        return str(int(cell))
    return str(cell).strip()


def number_of(cell: Any, where: str, variable: str, faults: Faults) -> float:
    """Return a number; an empty cell is missing (NaN), anything else unreadable a fault."""
    text = text_of(cell)
    if not text or text.lower() in ("nan", "na", "n/a"):
        return float("nan")
    plain = plain_number(text)
    if plain:
        return float(cell) if isinstance(cell, int | float | np.number) else float(plain)
    hint = ""
    if re.fullmatch(r"[\d,，. ]+", text):
        # 9,000 is nine in half of the world
        hint = "thousands separators are not read where a decimal comma may be meant: write 9000 or 9.000"
    faults.add(f"{variable} = {text!r} is not a number", where=where, expected="digits and a point", fix=hint)
    return float("nan")


def plain_number(text: str) -> str:
    """Return a number as Python writes it, or an empty text where it is none.

    Wide digits and thousands separators are read where they can mean nothing else.

    Examples
    --------
    >>> plain_number("１２．５"), plain_number("9,000.0"), plain_number("1,234,567")
    ('12.5', '9000.0', '1234567')
    >>> plain_number("9,000"), plain_number("1_000"), plain_number("inf")
    ('', '', '')
    """
    plain = unicodedata.normalize("NFKC", text)
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    return plain if _NUMBER.fullmatch(plain) else ""


def key_of(row: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return what a row is known by; no two rows may share it."""
    return tuple(row[k] for k in ("variable", *KEYS))
