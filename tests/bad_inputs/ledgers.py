"""A ledger that was written, and is not what it was."""

from __future__ import annotations

import gep
from gep.errors import GepError, LedgerError

from .registry import raises, right
from .sound import Account

GROUP = "reading a ledger"


def _changed(title: str, file: str, old: str, new: str, *says: str) -> None:
    @raises(GROUP, title, LedgerError, "account.csv", *says)
    def spoil(a: Account) -> None:
        a.compile().to_csv(a.folder / "account.csv")
        path = a.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        gep.Ledger.read(a.folder / "account.csv")


_changed("a number changed by hand", "account.csv", "101,", "102,", "rows")
_changed("a fact changed by hand", "account.csv.json", '"gdp": 500000000.0', '"gdp": 600000000.0', "region")


@raises(GROUP, "a table of another kind", GepError, "tables.csv")
def other(a: Account) -> None:
    gep.Ledger.read(a.write("tables.csv"))


@raises(GROUP, "a question for what is not there", LedgerError, "'turism'", "tourism")
def question(a: Account) -> None:
    a.compile().total(service="turism")


@raises(GROUP, "a unit of another dimension", GepError, "km2")
def unit(a: Account) -> None:
    a.compile().total("km2")


@right(GROUP, "line ends that a tool changed")
def crlf(a: Account) -> bool:
    ledger = a.compile()
    path = a.folder / "account.csv"
    ledger.to_csv(path)
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    return bool(gep.Ledger.read(path).frame.equals(ledger.frame))
