"""A workbook that is wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd

from gep.errors import GepError, TableError

from .registry import finds, raises, right
from .sound import TABLES, Account

GROUP = "workbook"


def book(a: Account, change: Callable[[Any], None]) -> Path:
    """Write the table as a workbook, with a sheet that is changed."""
    made = openpyxl.Workbook()
    sheet = made.active
    for line in TABLES.splitlines():
        sheet.append([_cell(text) for text in line.split(",")])
    change(sheet)
    path = a.folder / "tables.xlsx"
    made.save(path)
    return path


def _cell(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text or None


def _sheet(title: str, change: Callable[[Any], None], *says: str, error: type[GepError] = TableError) -> None:
    """Register a case in which the sheet, read by pandas, is changed."""

    @raises(GROUP, title, error, *says)
    def spoil(a: Account) -> None:
        frame = pd.read_excel(book(a, change))
        a.files["tables.csv"] = ""
        a.made["inputs"] = a.inputs()
        a.made["inputs"].add_table(frame)


def _set(place: str, value: Any) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        sheet[place] = value

    return change


_sheet("a date in place of a number", _set("D2", dt.date(2020, 9, 1)), "frame row 0", "2020-09-01")
_sheet("a number stored as text, with a thousands separator", _set("D2", "9,000"), "frame row 0", "'9,000'")
_sheet("merged cells: one unit for two rows", lambda s: s.merge_cells("E2:E3"), "frame row 1", "no unit")
_sheet(
    "merged cells: one zone for two rows",
    lambda s: s.merge_cells("B6:B7"),
    "livestock_net_output",
    error=GepError,
)
_sheet("a title above the header", lambda s: s.insert_rows(1), "frame", error=GepError)
_sheet("a header cell that is empty", _set("G1", None), "frame", "Unnamed")
_sheet("a unit that became a date", _set("E2", dt.date(2020, 1, 1)), "frame row 0")


@raises(GROUP, "the workbook itself in place of a table", TableError, "tables.xlsx", "read_excel")
def itself(a: Account) -> None:
    a.inputs().add_table(book(a, lambda sheet: None))


@right(GROUP, "codes of zones that became numbers with a point, and empty rows")
def codes(a: Account) -> None:
    frame = pd.read_excel(book(a, lambda sheet: sheet.insert_rows(4)))
    a.files["tables.csv"] = ""
    a.made["inputs"] = a.inputs()
    a.made["inputs"].add_table(frame)


@finds(GROUP, "a formula that nobody computed: missing, and told", "no value", "crops")
def formula(a: Account) -> list[str]:
    frame = pd.read_excel(book(a, _set("D2", "=SUM(D3:D4)")))
    a.files["tables.csv"] = ""
    a.made["inputs"] = a.inputs()
    a.made["inputs"].add_table(frame)
    return [str(a.compile().total("万元", service="crops"))]


@finds(GROUP, "notes below the table", "nobody has filled in", "统计年鉴")
def notes(a: Account) -> None:
    frame = pd.read_excel(book(a, lambda sheet: sheet.append(["注：数据来自统计年鉴"])))
    a.files["tables.csv"] = ""
    a.made["inputs"] = a.inputs()
    a.made["inputs"].add_table(frame)


@finds(
    GROUP,
    "a cell that is empty, with a status: missing, told beside the total, and never zero",
    "no value",
    "livestock in",
)
def empty(a: Account) -> list[str]:
    frame = pd.read_excel(book(a, _set("D7", None)))
    a.files["tables.csv"] = ""
    a.made["inputs"] = a.inputs()
    a.made["inputs"].add_table(frame)
    return [str(a.compile().total("万元", service="livestock"))]
