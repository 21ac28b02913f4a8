"""Deflators and exchange rates that are wrong."""

from __future__ import annotations

from typing import Any

import gep
from gep.errors import CoefficientError, GepError, PriceYearError
from gep.prices import Exchange

from .registry import raises, right
from .sound import Account

GROUP = "prices, deflators, exchange"
SERIES = """\
year,value,unit,currency,source
2018,102.1,上年=100,CNY,yearbook
2019,102.9,上年=100,CNY,yearbook
2020,102.5,上年=100,CNY,yearbook
"""
RATES = "id,value,unit,source,locator,status\nown/2020,6.9,CNY_2020/USD_2020,bank,p. 1,published\n"


def _series(
    title: str, old: str, new: str, *says: str, error: type[GepError] = CoefficientError, **given: Any
) -> None:
    @raises(GROUP, title, error, *says)
    def spoil(a: Account) -> None:
        a.files["cpi.csv"] = SERIES
        a.swap("cpi.csv", old, new)
        gep.Deflator.load(a.write("cpi.csv"), **given)


def _rates(title: str, old: str, new: str, *says: str, error: type[GepError] = CoefficientError) -> None:
    @raises(GROUP, title, error, *says)
    def spoil(a: Account) -> None:
        a.files["rates.csv"] = RATES
        a.swap("rates.csv", old, new)
        Exchange.load(a.write("rates.csv"))


_series("an index without its base", "上年=100", "", "cpi.csv:2", "unit")
_series("an index with a base that nobody understands", "上年=100", "index", "cpi.csv:2", "counted from")
_series("percentages called an index of 100", "102.", "2.", "cpi.csv", "2.1")
_series("an index of 100 called percentages", "上年=100", "%", "cpi", "in every year", "%")
_series("levels called year-on-year", "2020,102.5,上年=100", "2020,1025,上年=100", "cpi.csv:4", "1025")
_series("a year twice", "2019,", "2018,", "2018", "twice")
_series("text for a number", "102.9", "n.a.", "cpi.csv:3", "cannot be read")
_series("a number of zero", "102.9", "0", "cpi.csv:3", "no number of an index")
_series("no currency", ",currency,", ",land,", "cpi.csv:2", "currency")
_series("something that is no currency", ",CNY,", ",t,", "cpi.csv:2", "t", error=GepError)
_series(
    "a lost quote that swallows the rows below",
    "102.1,上年=100,CNY,yearbook",
    '102.1,上年=100,CNY,"yearbook',
    "cpi.csv",
    "quote",
)
_series(
    "a column of values twice",
    "year,value,unit,currency,source",
    "year,value,unit,currency,value",
    "cpi.csv",
    "value",
    source="x",
)
_rates("a rate with two years", "CNY_2020/USD_2020", "CNY_2020/USD_2019", "rates.csv:2", "one year")
_rates("a rate without years", "CNY_2020/USD_2020", "CNY/USD", "rates.csv:2", "price year", error=GepError)
_rates("a rate below zero", "6.9,", "-6.9,", "rates.csv:2", "no exchange rate")
_rates("a rate that is text", "6.9,", "six,", "rates.csv:2", "six")
_rates("a column that is missing", "id,value,unit,", "id,rate,unit,", "rates.csv:2", "value")
_rates(
    "one rate twice",
    "p. 1,published\n",
    "p. 1,published\nown/2020,7.0,CNY_2020/USD_2020,bank,p. 1,published\n",
    "CNY_2020",
    "USD_2020",
    error=CoefficientError,
)


@raises(GROUP, "a year that the deflator does not reach", PriceYearError, "tables.csv:4", "CNY_1951")
def reach(a: Account) -> None:
    a.swap("tables.csv", "2.0,CNY_2020/kg", "2.0,CNY_1950/kg")
    a.options["deflator"] = "chn-cpi"


@raises(GROUP, "a deflator of another currency", PriceYearError, "tables.csv:4", "CNY_2016")
def other(a: Account) -> None:
    a.swap("tables.csv", "2.0,CNY_2020/kg", "2.0,CNY_2015/kg")
    a.options["deflator"] = "usa-cpi"


@raises(GROUP, "an exchange rate across years", PriceYearError, "tables.csv:4", "USD_2015")
def across(a: Account) -> None:
    a.swap("tables.csv", "2.0,CNY_2020/kg", "0.3,USD_2015/kg")
    a.options["exchange"] = "us-fed"


@raises(GROUP, "a deflator that nobody ships", CoefficientError, "'cpi-china'", "chn-cpi")
def unknown(a: Account) -> None:
    a.options["deflator"] = "cpi-china"


@raises(GROUP, "GBK encoding", CoefficientError, "cpi.csv", "UTF-8")
def gbk(a: Account) -> None:
    a.files["cpi.csv"], a.encodings["cpi.csv"] = SERIES, "gbk"
    gep.Deflator.load(a.write("cpi.csv"))


@right(GROUP, "a byte order mark")
def bom(a: Account) -> bool:
    a.files["cpi.csv"], a.encodings["cpi.csv"] = SERIES, "utf-8-sig"
    return gep.Deflator.load(a.write("cpi.csv")).factor("CNY_2019", "CNY_2020") == 102.5 / 100


@right(GROUP, "years in another order")
def order(a: Account) -> bool:
    head, *rows = SERIES.splitlines()
    a.files["cpi.csv"] = "\n".join([head, *reversed(rows)]) + "\n"
    return gep.Deflator.load(a.write("cpi.csv")).factor("CNY_2019", "CNY_2020") == 102.5 / 100
