"""A published account that is wrong."""

from __future__ import annotations

import gep
from gep.errors import TableError

from .registry import finds, raises, right
from .sound import PUBLISHED, Account

GROUP = "published account (gep.audit)"


def _reads(title: str, old: str, new: str, *says: str) -> None:
    @raises(GROUP, title, TableError, *says)
    def spoil(a: Account) -> None:
        a.swap("published.csv", old, new)
        gep.audit(a.write("published.csv"))


def _finds(title: str, old: str, new: str, *says: str) -> None:
    @finds(GROUP, title, *says)
    def spoil(a: Account) -> list[str]:
        a.swap("published.csv", old, new)
        return [f"{f.code}: {f.text()}" for f in gep.audit(a.write("published.csv")).findings]


_reads("a column that is missing", "category,", "kind,", "published.csv:1", "category")
_reads("a column twice", "price_value,", "money_value,", "published.csv:1", "2 times")
_reads("a category that nobody knows", "2020,cultural", "2020,spiritual", "published.csv:4", "spiritual")
_reads("text for a number", "5.38", "about five", "published.csv:4", "'about five'")
_reads("a year that is none", "2020,cultural", "202,cultural", "published.csv:4", "'202'")
_reads("more cells than the header", "5.38,1e6 CNY", "5,38,1e6 CNY", "published.csv:4", "columns")
_reads("a lost quote that swallows the rows below", "recreation,", '"recreation,', "published.csv", "quote")
_finds("a sum that does not add up", "8.00", "8.10", "sum", "8.1")
_finds("transposed digits in a total", "5.38", "5.83", "sum")
_finds("wrong by 10", "0.82,1e6", "8.20,1e6", "10")
_finds("wrong by 1e4 between price and amount", "10.0,万m3", "10.0,m3", "10^4")
_finds("one row in another unit", "1.80,1e6 CNY", "1.80,1e4 CNY", "100")
_finds("a unit that is not understood", "900,t,", "900,bushel,", "bushel")


@raises(GROUP, "GBK encoding", TableError, "published.csv", "UTF-8")
def gbk(a: Account) -> None:
    a.encodings["published.csv"] = "gbk"
    gep.audit(a.write("published.csv"))


@raises(GROUP, "a file that is not there", TableError, "missing.csv")
def absent(a: Account) -> None:
    gep.audit(a.folder / "missing.csv")


@raises(GROUP, "something that is no table", TableError, "dict")
def no_table(a: Account) -> None:
    gep.audit({"total": 3})


def _right(title: str, old: str, new: str) -> None:
    @right(GROUP, title)
    def spoil(a: Account) -> bool:
        a.swap("published.csv", old, new)
        return not gep.audit(a.write("published.csv")).findings


_right("as it is", "8.00", "8.00")
_right("thousands separators", "2000,元/t", '"2,000",元/t')
_right("full-width digits", "5.38", "５.３８")
_right("a dash for nothing", "recreation,,", "recreation,—,")
_right("a byte order mark and empty rows", PUBLISHED, "\ufeff" + PUBLISHED + ",,,,,,,,,\n")
