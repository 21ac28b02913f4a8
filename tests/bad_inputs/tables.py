"""A table that is wrong as a whole: its header, its keys, its encoding."""

from __future__ import annotations

import pandas as pd

from gep.errors import GepError, TableError, UnitError

from .registry import finds, raises, right
from .sound import TABLES, Account

GROUP = "table"
WIDE = """\
zone,name,population [万人],livestock_net_output [亿元_2020/year]
101,东镇,0.1,0.1
102,西乡,0.2,0.2
103,南乡,0.3,0.3
104,北镇,0.4,0.4
"""


def _table(title: str, old: str, new: str, *says: str, error: type[GepError] = TableError) -> None:
    """Register a case in which a piece of the long table is another."""

    @raises(GROUP, title, error, *says)
    def spoil(a: Account) -> None:
        a.swap("tables.csv", old, new)


def _wide(title: str, old: str, new: str, *says: str, error: type[GepError] = TableError) -> None:
    """Register a case in which a piece of a wide table is another."""

    @raises(GROUP, title, error, *says)
    def spoil(a: Account) -> None:
        widened(a)
        a.swap("wide.csv", old, new)
        a.made["inputs"] = a.inputs()
        a.made["inputs"].add_table(a.write("wide.csv"), status="published")


def widened(a: Account) -> None:
    """Take population and livestock out of the long table, into a wide one."""
    lines = [x for x in TABLES.splitlines() if not x.startswith(("population", "livestock"))]
    a.files["tables.csv"], a.files["wide.csv"] = "\n".join(lines) + "\n", WIDE


_table("a column that is misspelt", "variable,zone,item", "variable,zones,item", "tables.csv", "'zones'")
_table("a column that nobody reads", "status,source\n", "status,origin_of_it\n", "tables.csv", "origin_of_it")
_table("a column twice", "variable,zone,item", "variable,zone,zone", "tables.csv", "stand twice")
_table(
    "a variable that nobody knows", "crop_output,,maize", "crop_outputs,,maize", "crop_output", error=GepError
)
_table(
    "a row twice",
    "crop_output,,wheat,1250",
    "crop_output,,maize,1250",
    "tables.csv:3",
    "given twice, first in tables.csv:2",
)
_table(
    "a zone that nobody knows",
    "livestock_net_output,104",
    "livestock_net_output,105",
    "tables.csv:9",
    "'105'",
    error=TableError,
)
_table(
    "a zone by its name and not its code",
    "livestock_net_output,104",
    "livestock_net_output,北镇",
    "tables.csv:9",
    "keyed by code",
)
_table(
    "a row of totals among the zones",
    "gdp,,,5,",
    "livestock_net_output,合计,,1.0,亿元_2020/year,published,yearbook\ngdp,,,5,",
    "tables.csv:19",
    "total",
)
_table(
    "a total of the region beside the zones, under its name",
    "gdp,,,5,",
    "livestock_net_output,全区,,1.0,亿元_2020/year,published,yearbook\ngdp,,,5,",
    "livestock_net_output",
    error=GepError,
)
_table(
    "a row of totals among the items",
    "crop_output,,wheat,1250",
    "crop_output,,总计,10250",
    "tables.csv:3",
    "total",
)
_table(
    "merged cells: keys that stand in the first row alone",
    "livestock_net_output,102",
    "livestock_net_output,",
    "livestock_net_output",
    "tables.csv:7",
    error=GepError,
)
_table(
    "merged cells: the variable stands in the first row alone",
    "livestock_net_output,102",
    ",102",
    "tables.csv:7",
    error=GepError,
)
_table(
    "an item without a price",
    "crop_price,,wheat,2.5,CNY_2020/kg,published,yearbook\n",
    "",
    "wheat",
    error=GepError,
)
_table("an item spelt in two ways", "crop_price,,wheat", "crop_price,,Wheat", "wheat", error=GepError)
_table(
    "more cells than the header",
    "9000,t/year,published,yearbook",
    "9000,t/year,published,yearbook,p. 3",
    "tables.csv:2",
    "more cells",
)
_table(
    "fewer cells than the header (a file that was cut off)",
    "gdp,,,5,亿元_2020/year,published,yearbook\n",
    "gdp,,,5",
    "tables.csv:19",
)
_table(
    "a lost quote that swallows the rows below",
    "crop_price,,wheat,2.5,CNY_2020/kg,published,yearbook",
    'crop_price,,wheat,2.5,CNY_2020/kg,published,"yearbook',
    "tables.csv",
    "quote",
)
_table(
    "a pair of lost quotes that swallow the rows between",
    "maize,9000,t/year,published,yearbook\ncrop_output,,wheat,1250,t/year,published,yearbook",
    'maize,9000,t/year,published,"yearbook\ncrop_output,,wheat,1250,t/year,published,yearbook"',
    "tables.csv",
    "quote",
)
_table("columns cut by semicolons", TABLES, TABLES.replace(",", ";"), "tables.csv", error=GepError)
_table("columns cut by tabs", TABLES, TABLES.replace(",", "\t"), "tables.csv", error=GepError)
_table(
    "a title above the header", "variable,zone", "统计年鉴 2020\nvariable,zone", "tables.csv", error=GepError
)
_table("no rows", TABLES, TABLES.partition("\n")[0] + "\n", "tables.csv", "no rows")
_wide(
    "a wide column without a unit",
    "population [万人]",
    "population",
    "wide.csv",
    "'population' has no unit",
    error=UnitError,
)
_wide(
    "a wide column twice",
    "livestock_net_output [亿元_2020/year]",
    "population [万人]",
    "wide.csv",
    "stand twice",
)
_wide(
    "a wide table with a row of totals",
    "104,北镇,0.4,0.4\n",
    "104,北镇,0.4,0.4\n合计,,1.0,1.0\n",
    "wide.csv:6",
    "total",
)
_wide("a zone twice", "103,南乡", "102,南乡", "wide.csv:4", "given twice")
_wide("zones by name alone", "zone,name,", "town,name,", "wide.csv", error=GepError)
_wide(
    "percent where a number of persons is meant",
    "population [万人]",
    "population [%]",
    "population",
    error=UnitError,
)
_wide(
    "population in units of ten thousand, and the header says persons",
    "population [万人]",
    "population [亩]",
    "population",
    error=UnitError,
)


@raises(GROUP, "GBK encoding", TableError, "tables.csv", "UTF-8")
def gbk(a: Account) -> None:
    a.encodings["tables.csv"] = "gbk"


@raises(GROUP, "UTF-16 encoding", TableError, "tables.csv", "UTF-8")
def utf16(a: Account) -> None:
    a.encodings["tables.csv"] = "utf-16"


@raises(GROUP, "a file that is not there", TableError, "missing.csv")
def absent(a: Account) -> None:
    a.inputs().add_table(a.folder / "missing.csv")


@finds(GROUP, "a zone that is missing: told beside the total, and never zero", "no value", "livestock in")
def missing_zone(a: Account) -> list[str]:
    a.swap("tables.csv", "livestock_net_output,104,,0.4,亿元_2020/year,published,yearbook\n", "")
    return [str(a.compile().total("万元", service="livestock"))]


@raises(GROUP, "something that is no table", TableError, "dict")
def no_table(a: Account) -> None:
    a.inputs().add_table({"population": 3})


@raises(GROUP, "units for a column that is not there", GepError, "populaton")
def spare_unit(a: Account) -> None:
    frame = pd.DataFrame({"zone": ["101"], "stated_area": [10.0]})
    a.inputs().add_table(frame, units={"stated_area": "km2", "populaton": "person"}, status="published")


@raises(
    GROUP, "an ecosystem beside a part of it", TableError, "evergreen_broadleaf_forest is a part of forest"
)
def nested(a: Account) -> None:
    a.made["inputs"] = a.inputs()
    frame = pd.DataFrame(
        {
            "variable": "ecosystem_key",
            "ecosystem": ["forest", "evergreen_broadleaf_forest"],
            "value": [1.0, 2.0],
            "unit": "1",
        }
    )
    a.made["inputs"].add_table(frame, status="published")


@raises(GROUP, "an ecosystem that is misspelt", TableError, "forrest")
def misspelt(a: Account) -> None:
    a.made["inputs"] = a.inputs()
    frame = pd.DataFrame({"variable": "ecosystem_key", "ecosystem": ["forrest"], "value": [1.0], "unit": "1"})
    a.made["inputs"].add_table(frame, status="published")


@raises(GROUP, "a fact by ecosystem", TableError, "population")
def part_of_fact(a: Account) -> None:
    a.swap("tables.csv", "population,101,,1000", "population,101,male,1000")


@finds(GROUP, "zones that do not add up to the region", "population", "10,000")
def not_the_sum(a: Account) -> None:
    a.files["tables.csv"] += "population,,,12000,person,published,census\n"


@finds(GROUP, "an input that no service uses", "water_use")
def spare(a: Account) -> None:
    a.files["tables.csv"] += "water_use,,domestic,1000,m3/year,published,bulletin\n"


@right(GROUP, "a byte order mark")
def bom(a: Account) -> None:
    a.encodings["tables.csv"] = "utf-8-sig"


@right(GROUP, "line ends of other systems")
def crlf(a: Account) -> None:
    a.files["tables.csv"] = TABLES.replace("\n", "\r\n")


@right(GROUP, "empty rows")
def empty_rows(a: Account) -> None:
    a.files["tables.csv"] = TABLES.replace("\n", "\n,,,,,,\n")


@right(GROUP, "rows in another order")
def order(a: Account) -> None:
    head, *rows = TABLES.splitlines()
    crops = [r for r in rows if r.startswith("crop_")]
    a.files["tables.csv"] = "\n".join([head, *crops, *reversed([r for r in rows if r not in crops])]) + "\n"


@right(GROUP, "a wide table in place of a long one")
def wide(a: Account) -> None:
    widened(a)
    a.made["inputs"] = a.inputs()
    a.made["inputs"].add_table(a.write("wide.csv"), status="published", source="yearbook")
