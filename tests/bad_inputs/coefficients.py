"""A coefficient table that is wrong."""

from __future__ import annotations

from gep.errors import (
    AmbiguousCoefficient,
    CoefficientError,
    MissingCoefficient,
)

from .registry import finds, raises, right
from .sound import OWN, Account

GROUP = "coefficient CSV"
CARBON = "own/carbon,carbon_price,60,CNY_2020/tCO2,,,,,2020,own-survey,table 2,illustrative"
SHARE = "own/share,sediment_share,0.24,1,,,,,,own-survey,table 4,illustrative"


def _row(title: str, old: str, new: str, *says: str, error: type = CoefficientError) -> None:
    """Register a case in which a piece of the table is another."""

    @raises(GROUP, title, error, *says)
    def spoil(a: Account) -> None:
        a.swap("own.csv", old, new)


_row("no unit", ",0.24,1,", ",0.24,,", "own.csv:8", "no unit is given")
_row("a unit that nobody knows", "CNY_2020/tCO2", "CNY_2020/tonne_co2", "own.csv:7", "unit vocabulary")
_row(
    "wrong dimension: a price per hectare", "60,CNY_2020/tCO2", "60,CNY_2020/ha", "own.csv:7", "carbon_price"
)
_row(
    "a price per tonne of anything where it is per tonne of CO2",
    "60,CNY_2020/tCO2",
    "60,CNY_2020/t",
    "own.csv:7",
    "tCO2",
)
_row("CO2 equivalents for CO2", "60,CNY_2020/tCO2", "60,CNY_2020/tCO2e", "own.csv:7", "several gases")
_row("money without a price year", "8.2,CNY_2020/m3", "8.2,元/m3", "own.csv:4", "price year")
_row(
    "a column of years against the year of the unit",
    "CNY_2020/m3,,,,,2020,own-survey,table 2,illustrative\nown/nep/forest",
    "CNY_2015/m3,,,,,2020,own-survey,table 2,illustrative\nown/nep/forest",
    "own.csv:4",
    "CNY_2015/m3",
)
_row(
    "percent where a fraction is meant",
    "sediment_share,0.24,1",
    "sediment_share,24,1",
    "own.csv:8",
    "outside 0 to 1",
)
_row(
    "wrong by 1000: density in kg/m3",
    "soil_bulk_density,1.3,t/m3",
    "soil_bulk_density,1300,t/m3",
    "own.csv:9",
    "outside 0.05 to 2.7",
)
_row("a price below zero", ",60,CNY", ",-60,CNY", "own.csv:7", "outside 0")
_row("no value", ",0.24,1", ",,1", "own.csv:8", "missing is never zero")
_row("NaN as a value", ",0.24,1", ",nan,1", "own.csv:8", "is not a number")
_row("an infinite value", ",0.24,1", ",inf,1", "own.csv:8", "is not a number")
_row("text as a value", ",0.24,1", ",about 0.24,1", "own.csv:8", "not a number")
_row("a decimal comma", ",0.24,1", ',"0,24",1', "own.csv:8", "'0,24' is not a number")
_row("an underscore in a number", ",60,CNY", ",6_0,CNY", "own.csv:7", "'6_0' is not a number")
_row("a range with its ends exchanged", "0.03,1,0.02,0.05", "0.03,1,0.05,0.02", "own.csv:2", "does not hold")
_row("a range that is not a number", "0.03,1,0.02,0.05", "0.03,1,nan,0.05", "own.csv:2", "low")
_row("a quantity that nobody knows", ",carbon_price,", ",carbon_cost,", "own.csv:7", "carbon_price")
_row("an ecosystem that nobody knows", ",,,forest,", ",,,forrest,", "own.csv:5", "forrest")
_row(
    "no source",
    "2020,own-survey,table 2,illustrative\nown/nep/forest",
    "2020,,table 2,illustrative\nown/nep/forest",
    "own.csv:4",
    "no source",
)
_row(
    "a source that is not listed",
    "2020,own-survey,table 2,illustrative\nown/nep/forest",
    "2020,hearsay,table 2,illustrative\nown/nep/forest",
    "own.csv:4",
    "hearsay",
)
_row("no place in the source", "own-survey,table 5", "own-survey,", "own.csv:12", "locator is empty")
_row("no status", "table 5,illustrative", "table 5,", "own.csv:12", "status")
_row("one id twice", "own/lake/b,", "own/lake/a,", "own.csv:14", "'own/lake/a'")
_row(
    "a column that is missing",
    "id,quantity,value,unit",
    "id,quantity,value,einheit",
    "own.csv:1",
    "'unit' is missing",
)
_row("a column of values twice", "low,high,", "value,high,", "own.csv", "value")
_row(
    "more cells than the header (a comma that is not quoted)",
    "table 1,illustrative\nown/runoff/steppe",
    "table 1, p. 3,illustrative\nown/runoff/steppe",
    "own.csv:2",
)
_row(
    "fewer cells than the header (a row that was cut off)",
    ",own-survey,table 6,illustrative\nown/lake/b",
    "\nown/lake/b",
    "own.csv:13",
)
_row(
    "a lost quote that swallows the rows below",
    "table 5,illustrative",
    'table 5,"illustrative',
    "own.csv",
    "quote",
)
_row("columns cut by semicolons", OWN, OWN.replace(",", ";"), "own.csv")
_row("no rows", OWN, OWN.partition("\n")[0] + "\n", "own.csv", "no row", error=CoefficientError)


@raises(GROUP, "two rows for one key", AmbiguousCoefficient, "own/carbon, own/carbon2", "own.csv:7")
def two(a: Account) -> None:
    a.swap("own.csv", CARBON, f"{CARBON}\n{CARBON.replace('own/carbon', 'own/carbon2').replace('60', '70')}")


@raises(GROUP, "no row for an ecosystem that is there", MissingCoefficient, "temperate_steppe", "km2")
def lacking(a: Account) -> None:
    a.swap(
        "own.csv",
        "own/runoff/steppe,runoff_coefficient,0.05,1,,,temperate_steppe",
        "own/runoff/marsh,runoff_coefficient,0.05,1,,,marsh",
    )


@raises(GROUP, "GBK encoding", CoefficientError, "own.csv", "UTF-8")
def gbk(a: Account) -> None:
    a.swap("own.csv", "table 5", "表 5")
    a.encodings["own.csv"] = "gbk"


@raises(GROUP, "UTF-16 encoding", CoefficientError, "own.csv", "UTF-8")
def utf16(a: Account) -> None:
    a.encodings["own.csv"] = "utf-16"


@raises(GROUP, "a file that is not there", CoefficientError, "missing.csv")
def absent(a: Account) -> None:
    a.made["coefficients"] = a.folder / "missing.csv"


@finds(GROUP, "a row that nothing uses", "nothing uses", "own/oxygen")
def unused(a: Account) -> None:
    a.files["own.csv"] += (
        "own/oxygen,oxygen_price,400,CNY_2020/tO2,,,,,2020,own-survey,table 2,illustrative\n"
    )


@right(GROUP, "a byte order mark")
def bom(a: Account) -> None:
    a.encodings["own.csv"] = "utf-8-sig"


@right(GROUP, "full-width digits")
def wide(a: Account) -> None:
    a.swap("own.csv", ",60,CNY", ",６０,CNY")


@right(GROUP, "percent that say so")
def percent(a: Account) -> None:
    a.swap("own.csv", "sediment_share,0.24,1", "sediment_share,24,%")


@right(GROUP, "empty rows")
def empty(a: Account) -> None:
    a.swap("own.csv", CARBON, f"{CARBON}\n,,,,,,,,,,,\n")


@right(GROUP, "blanks around cells and columns")
def blanks(a: Account) -> None:
    a.swap("own.csv", "id,quantity,value", "id, quantity , value")
    a.swap("own.csv", SHARE, SHARE.replace(",", " , "))
