"""Arguments that are wrong."""

from __future__ import annotations

from typing import Any

import numpy as np

from gep.errors import GepError, GridError
from gep.grid import aggregate

from .registry import finds, raises
from .sound import Account, grid

GROUP, ENGINE = "arguments of compile_account", "gep.grid.aggregate"


def _option(title: str, name: str, value: Any, *says: str, error: type[GepError] = GepError) -> None:
    @raises(GROUP, title, error, *says)
    def spoil(a: Account) -> None:
        a.options[name] = value


def _made(title: str, name: str, value: Any, *says: str) -> None:
    @raises(GROUP, title, GepError, *says)
    def spoil(a: Account) -> None:
        a.made[name] = value


def _year(title: str, value: Any, *says: str) -> None:
    @raises(GROUP, title, GepError, *says)
    def spoil(a: Account) -> None:
        a.year = value


_made("the id of a profile for a profile", "profile", "mee-2020", "profile", "load_profile")
_made("a list for inputs", "inputs", [], "inputs", "list")
_made("a table for zones", "zones", {"101": "a"}, "zones", "dict")
_made("a mapping for coefficients", "coefficients", {"runoff_coefficient": 0.1}, "coefficients", "dict")
_year("a year of two digits", 20, "year", "20")
_year("a year that is text", "2020", "year", "'2020'")
_year("a year with a fraction", 2020.5, "year", "2020.5")
_year("a date for a year", 20200101, "year", "20200101")
_option("a price year of two digits", "price_year", 15, "price_year", "15")
_option("a price year without its currency", "price_year", "2020", "price_year")
_option("a unit for a currency", "price_year", "t/ha", "price_year")
_option("a service that is not in the profile", "allocate", {"turism": "population"}, "turism")
_option("a key that nobody knows", "allocate", {"tourism": "peoples"}, "peoples")
_option("a key that is known for the region alone", "allocate", {"tourism": "gdp"}, "gdp")
_option("a text for the services that may be empty", "allow_empty", "tourism", "allow_empty")
_option("services that may be empty and are not there", "allow_empty", ["turism"], "turism")
_option("a mapping for allocate that is none", "allocate", "population", "allocate")
_option("a deflator that is a number", "deflator", 1.05, "deflator", "float")
_option("exchange rates that are a number", "exchange", 6.9, "exchange", "float")


@finds(GROUP, "a key for what is known by zone already", "livestock", "not used")
def spare(a: Account) -> None:
    a.options["allocate"] = {"livestock": "population"}


@raises(GROUP, "a key with a zone that is missing", GepError, "population", "104")
def holed(a: Account) -> None:
    a.swap("tables.csv", "population,104,,4000,person,published,census\n", "")
    a.options["allocate"] = {"tourism": "population"}


@raises(GROUP, "a key that is zero throughout", GepError, "tourism", "population")
def zero(a: Account) -> None:
    for n in range(1, 5):
        a.swap("tables.csv", f"population,10{n},,{n}000", f"population,10{n},,0")
    a.options["allocate"] = {"tourism": "population"}


def _engine(title: str, error: type[GepError], *says: str, **changes: Any) -> None:
    @raises(ENGINE, title, error, *says)
    def spoil(a: Account) -> None:
        given = {"zones": a.labels, "classes": a.cover, "fields": {"rain": a.grids["precipitation"]}}
        for name, change in changes.items():
            given[name] = change(given[name])
        aggregate(**given)


_engine("labels that are text", GridError, "zones", "whole numbers", zones=lambda z: z.astype(str))
_engine("a bare array for labels", GridError, "zones", "georeference", zones=lambda z: z.to_numpy())
_engine(
    "classes that are shifted",
    GridError,
    "classes",
    "0.5 cells",
    classes=lambda c: grid(c.to_numpy(), shift=0.5),
)
_engine("classes that are truth values", GridError, "classes", "whole numbers", classes=lambda c: c == 1)
_engine("classes that are fractions", GridError, "classes", "1.5", classes=lambda c: c + 0.5)
_engine("labels that are fractions", GridError, "zones", "101.5", zones=lambda z: z + 0.5)
_engine(
    "a field without a unit",
    GepError,
    "rain",
    "unit",
    fields=lambda f: {"rain": f["rain"].drop_attrs(deep=False)},
)
_engine(
    "a field of class codes",
    GridError,
    "rain",
    "class codes",
    fields=lambda f: {"rain": f["rain"].assign_attrs(units="class")},
)
_engine(
    "a field of another shape",
    GridError,
    "rain",
    "5 x 8",
    fields=lambda f: {"rain": f["rain"].isel(lat=slice(1, None))},
)
_engine(
    "a field that is an array", GridError, "rain", "ndarray", fields=lambda f: {"rain": f["rain"].to_numpy()}
)
_engine(
    "packed numbers",
    GridError,
    "rain",
    "packed",
    fields=lambda f: {"rain": f["rain"].assign_attrs(scale_factor=0.1)},
)
_engine("a list for fields", GridError, "list", fields=lambda f: [f["rain"]])
_engine(
    "a field with several years",
    GridError,
    "rain",
    "time",
    fields=lambda f: {"rain": f["rain"].expand_dims(time=2)},
)
_engine("a field called like a column", GridError, "'area'", fields=lambda f: {"area": f["rain"]})
_engine("no zones", GridError, "no zones", zones=lambda z: {})


@finds(ENGINE, "an infinite value: an infinite sum", "inf")
def infinite(a: Account) -> list[str]:
    a.change("precipitation", (0, 0), np.inf)
    sums = aggregate(a.labels, None, {"rain": a.grids["precipitation"]})
    return [f"the sum of rain of zone 101 is {float(sums['rain'].sum())}"]


@finds(ENGINE, "holes of a field: told with their area, and never zero", "missing", "0.9")
def holes(a: Account) -> list[str]:
    a.change("precipitation", (0, 0), np.nan)
    sums = aggregate(a.labels, None, {"rain": a.grids["precipitation"]})
    return [f"rain is missing in {float(sums.missing('rain').sum()) / 1e6:.4g} km2"]
