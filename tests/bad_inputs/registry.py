"""The registry of cases, and what is learnt by running one."""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import gep
from gep.errors import GepError

from .sound import Account

Kind = Literal["raises", "finding", "right", "unseen"]
#: What a case does: it spoils the account, and returns findings of its own, or whether all is right.
Spoil = Callable[[Account], list[str] | bool | None]
CASES: dict[str, Case] = {}


@dataclass(frozen=True)
class Case:
    """One way to be wrong, and what must come of it.

    Attributes
    ----------
    group, title : str
    kind : {"raises", "finding", "right", "unseen"}
        An error; a finding beside the result; read as it is meant; or nobody can know, and why.
    error : type
        Class of the error.
    says : tuple of str
        What error or finding must contain, the place among it.
    why : str
        Why it cannot be seen.
    cut : str
        Where another library speaks on in its own words, which change with its version.
    spoil : callable
    """

    group: str
    title: str
    kind: Kind
    error: type[GepError]
    says: tuple[str, ...]
    why: str
    cut: str
    spoil: Spoil

    @property
    def key(self) -> str:
        return f"{self.group}: {self.title}"


@dataclass(frozen=True)
class Outcome:
    """What came of a case: the class of what was raised, and all that was said."""

    raised: str
    told: tuple[str, ...]
    same: bool = False

    def saying(self, words: tuple[str, ...]) -> str:
        """Return the shortest text that contains all words, or an empty one."""
        fits = [text for text in self.told if all(word in text for word in words)]
        return min(fits, key=len, default="")


def raises(
    group: str, title: str, error: type[GepError], *says: str, cut: str = ""
) -> Callable[[Spoil], Spoil]:
    """Register a case that must raise ``error`` with a message that contains ``says``."""
    return _register(group, title, "raises", error, says, cut=cut)


def finds(group: str, title: str, *says: str) -> Callable[[Spoil], Spoil]:
    """Register a case that computes, with a finding that contains ``says``."""
    return _register(group, title, "finding", GepError, says)


def right(group: str, title: str) -> Callable[[Spoil], Spoil]:
    """Register a case that is read as it is meant: the result is that of the sound account, bit for bit."""
    return _register(group, title, "right", GepError, ())


def unseen(group: str, title: str, why: str) -> Callable[[Spoil], Spoil]:
    """Register a case that nobody can see in the data, and why."""
    return _register(group, title, "unseen", GepError, (), why=why)


def _register(
    group: str,
    title: str,
    kind: Kind,
    error: type[GepError],
    says: tuple[str, ...],
    *,
    why: str = "",
    cut: str = "",
) -> Callable[[Spoil], Spoil]:
    def take(spoil: Spoil) -> Spoil:
        case = Case(group, title, kind, error, says, why, cut, spoil)
        before = CASES.get(case.key)
        assert before is None or before.spoil.__module__ == spoil.__module__, f"{case.key} stands twice"
        CASES[case.key] = case
        return spoil

    return take


#: The services that the cases of a group need, where these are not all; the others would cost time alone.
NEEDED = {
    "coefficient CSV": ("water_conservation", "carbon_sequestration", "soil_retention"),
    "cell of a table": ("crops", "livestock"),
    "table": ("crops", "livestock"),
    "workbook": ("crops", "livestock"),
    "grid": ("water_conservation", "carbon_sequestration"),
    "land cover and crosswalk": ("water_conservation",),
    "zones: labels": ("water_conservation",),
    "zones: table of areas": ("livestock",),
    "arguments of compile_account": ("livestock", "tourism"),
    "scale of a number": ("livestock",),
    "what cannot be seen": ("crops", "livestock", "soil_retention"),
}
#: Groups whose cases spoil fields that no service needs.
GRIDDED = ("grid", "scale of a number", "what cannot be seen", "gep.grid.aggregate")


@cache
def outcome(key: str) -> Outcome:
    """Run a case once, in a folder of its own; errors that are not of gep go on."""
    case = CASES[key]
    with tempfile.TemporaryDirectory() as folder:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                warnings.filterwarnings("ignore", "Use `@` matmul", PendingDeprecationWarning)
                account = Account.sound(Path(folder))
                account.only(NEEDED.get(case.group, ()), fields=case.group not in GRIDDED)
                told, same = _run(case, account)
        except GepError as error:
            texts = [str(fault) for fault in error.faults] + [str(error)]
            return Outcome(type(error).__name__, tuple(_plain(t, folder) for t in texts))
        return Outcome("", tuple(_plain(t, folder) for t in told), same)


def _run(case: Case, account: Account) -> tuple[list[str], bool]:
    made = case.spoil(account)
    if isinstance(made, bool):
        return [], made
    if made is not None:
        return made, False
    sound = _sound(account.services, case.group not in GRIDDED)
    usual = findings(sound)
    if case.kind == "finding":
        report = account.check()
        report.raise_errors()
        told = [text for text in report.notes if text not in usual]
        if Outcome("", tuple(told)).saying(case.says):
            return told, False
    ledger = account.compile()
    return [text for text in findings(ledger) if text not in usual], ledger.frame.equals(sound.frame)


@cache
def _sound(services: tuple[str, ...], fields: bool) -> gep.Ledger:
    with tempfile.TemporaryDirectory() as folder:
        account = Account.sound(Path(folder))
        account.only(services, fields=fields)
        return account.compile()


def findings(ledger: gep.Ledger) -> list[str]:
    """Return everything that a ledger tells beside its numbers, holes included."""
    holes = ledger.coverage.groupby(["service", "cause"], sort=False)["area_m2"].sum()
    texts = [f"{service}: {cause} in {area / 1e6:.4g} km2" for (service, cause), area in holes.items()]
    return [*ledger.meta.findings, *texts]


def _plain(text: str, folder: str) -> str:
    return text.replace(f"{folder}/", "").replace(f"{folder}\\", "")
