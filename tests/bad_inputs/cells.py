"""A cell of a table that is wrong."""

from __future__ import annotations

import pandas as pd

from gep.errors import GepError, PriceYearError, TableError, UnitError

from .registry import finds, raises, right
from .sound import Account

GROUP = "cell of a table"


def _cell(title: str, old: str, new: str, *says: str, error: type[GepError] = TableError) -> None:
    """Register a case in which one cell of the long table is another."""

    @raises(GROUP, title, error, *says)
    def spoil(a: Account) -> None:
        a.swap("tables.csv", old, new)


def _number(title: str, text: str, *says: str) -> None:
    _cell(title, ",maize,9000,", f",maize,{text},", "tables.csv:2", "crop_output", *says)


_cell("no unit", "maize,9000,t/year", "maize,9000,", "tables.csv:2", "no unit")
_cell("a unit that nobody knows", "9000,t/year", "9000,T/year", "tables.csv:2", "'T'")
_cell("kt, which reads as a knot", "9000,t/year", "9,kt/year", "tables.csv:2", "knot")
_cell(
    "wrong dimension: a volume for a mass",
    "9000,t/year",
    "9000,m3/year",
    "tables.csv:2",
    "crop_output",
    error=UnitError,
)
_cell("a stock for a flow", "9000,t/year", "9000,t", "tables.csv:2", "crop_output", error=UnitError)
_cell(
    "a flow for a stock: a population a year",
    "1000,person,",
    "1000,person/year,",
    "tables.csv:15",
    "population",
    error=UnitError,
)
_cell(
    "per area where the total is expected",
    "9000,t/year",
    "8,t/ha/year",
    "tables.csv:2",
    "crop_output",
    error=UnitError,
)
_cell(
    "a monthly figure for a yearly one",
    "12,万人次/year",
    "1,万人次/month",
    "tables.csv:10",
    "visits",
    error=UnitError,
)
_cell("persons for visits", "万人次/year", "万人/year", "tables.csv:10", "visits", error=UnitError)
_cell("money without a price year", "2.0,CNY_2020/kg", "2.0,元/kg", "tables.csv:4", "price year")
_cell(
    "another price year, and no deflator",
    "2.0,CNY_2020/kg",
    "2.0,CNY_2015/kg",
    "tables.csv:4",
    "CNY_2015",
    error=PriceYearError,
)
_cell(
    "another currency, and no exchange rates",
    "800,CNY_2020/visit",
    "120,USD_2020/visit",
    "tables.csv:11",
    "USD_2020",
    error=UnitError,
)
_cell(
    "a price for a value: money per tonne",
    "0.1,亿元_2020/year",
    "0.1,CNY_2020/t",
    "tables.csv:6",
    "livestock_net_output",
    error=UnitError,
)
_cell(
    "a numeral with the unit that reads in two ways",
    "9000,t/year",
    "9000,t/ha year",
    "tables.csv:2",
    "two ways",
)
_number("text for a number", "about 9000", "'about 9000' is not a number")
_number("a dash for a number", "—", "'—' is not a number")
_number("a thousands separator that may be a decimal comma", '"9,000"', "'9,000'", "9000 or 9.000")
_number("blanks as thousands separators", "9 000", "'9 000' is not a number")
_number("points as thousands separators", "9.000.000", "'9.000.000' is not a number")
_number("a numeral in the cell", "0.9万", "'0.9万' is not a number")
_number("the unit in the cell", "9000 t", "'9000 t' is not a number")
_number("a percent sign in the cell", "90%", "'90%' is not a number")
_number("a range in the cell", "8000-9000", "'8000-9000' is not a number")
_number("an infinity", "inf", "'inf' is not a number")
_number("an error of a spreadsheet", "#DIV/0!", "'#DIV/0!' is not a number")
_number("a footnote mark", "9000*", "'9000*' is not a number")
_number("a letter O for a zero", "9OOO", "'9OOO' is not a number")
_number("an accountant's bracket for a negative", "(9000)", "'(9000)' is not a number")
_number("a date that a spreadsheet made of it", "2020/9/1", "'2020/9/1' is not a number")
_cell(
    "a negative where it is impossible",
    ",maize,9000,",
    ",maize,-9000,",
    "tables.csv:2",
    "outside 0",
    error=UnitError,
)
_cell("a price below zero", ",maize,2.0,", ",maize,-2.0,", "tables.csv:4", "outside 0", error=UnitError)
_cell(
    "a fill value as a number",
    "0.1,亿元_2020/year",
    "-9999,亿元_2020/year",
    "tables.csv:6",
    "fill value",
    error=UnitError,
)
_cell(
    "the fill value of netCDF as a number",
    "1000,person",
    "9.969209968386869e+36,person",
    "tables.csv:15",
    "fill value",
    error=UnitError,
)
_cell(
    "a status that nobody knows",
    "9000,t/year,published",
    "9000,t/year,official",
    "tables.csv:2",
    "'official'",
)
_cell("no status", "9000,t/year,published", "9000,t/year,", "tables.csv:2", "how it is known")


@raises(GROUP, "a truth value for a number", TableError, "frame row 0", "'True' is not a number")
def truth(a: Account) -> None:
    row = {"variable": "visits", "value": True, "unit": "visit/year", "status": "published"}
    a.inputs().add_table(pd.DataFrame([row]))


@finds(
    GROUP,
    "an empty cell with a status: missing, told beside the total, and never zero",
    "no value",
    "livestock in",
)
def empty_cell(a: Account) -> list[str]:
    a.swap("tables.csv", "102,,0.2,", "102,,,")
    return [str(a.compile().total("万元", service="livestock"))]


@finds(GROUP, "a row of a template that nobody filled in", "nobody has filled in", "water_use")
def unfilled(a: Account) -> None:
    a.files["tables.csv"] += "water_use,,domestic,,m3/year,,\n"


@right(GROUP, "full-width digits")
def wide(a: Account) -> None:
    a.swap("tables.csv", ",maize,9000,", ",maize,９０００,")


@right(GROUP, "a full-width point")
def point(a: Account) -> None:
    a.swap("tables.csv", ",maize,2.0,", ",maize,２．０,")


@right(GROUP, "thousands separators that can be nothing else")
def thousands(a: Account) -> None:
    a.swap(
        "tables.csv",
        "5,亿元_2020/year,published,yearbook\n",
        '"500,000,000",元_2020/year,published,yearbook\n',
    )
    a.swap("tables.csv", ",maize,9000,", ',maize,"9,000.0",')


@right(GROUP, "powers of ten written with e")
def power(a: Account) -> None:
    a.swap("tables.csv", ",maize,9000,", ",maize,9.0E3,")


@right(GROUP, "blanks around a cell")
def blanks(a: Account) -> None:
    a.swap("tables.csv", ",maize,9000,t/year,", ", maize , 9000 , t/year ,")


@right(GROUP, "units as yearbooks print them")
def printed(a: Account) -> None:
    a.swap("tables.csv", "9000,t/year", "9000,吨/年")
