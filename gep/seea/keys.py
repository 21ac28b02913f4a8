"""Keys: by what shares economic units use a service; given by the user, or a default that says so."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from gep.errors import Faults, TableError
from gep.ledger import Ledger
from gep.resources import vocabulary
from gep.seea.lists import ECOSYSTEMS
from gep.tables import number_of, status_of, text_of

#: How far shares may be from one: what typing thirds with a dozen digits leaves.
WHOLE = 1e-9
COLUMNS = ("service", "user", "share", "status", "source")
#: A user, shares by user, or a table of rows.
Users = Mapping[str, str | Mapping[str, float]] | pd.DataFrame


@dataclass(frozen=True)
class Key:
    """Who uses a service, or one indicator of it, by shares that add up to one."""

    service: str
    shares: Mapping[str, float]
    status: str
    source: str
    default: bool = False

    def __str__(self) -> str:
        parts = ", ".join(f"{user} {share:.4g}" for user, share in self.shares.items())
        return f"{self.service}: {parts} [{self.status}{'; default' if self.default else ''}; {self.source}]"


def defaults() -> pd.DataFrame:
    """Return who uses each service where nobody says: one user for the whole, and why.

    Returns
    -------
    DataFrame
        By service: ``user, status, source, locator, why_en, why_zh``; status ``published`` where the
        source names this user, ``derived`` by a rule of the source, ``estimated`` where it says nothing.

    References
    ----------
    seea-ea-2024: paragraphs 7.32, 7.33 and 7.44; seea-logic-chains-2021.

    Examples
    --------
    >>> defaults().loc["carbon_sequestration", ["user", "locator"]].tolist()
    ['government', 'paragraphs 7.32 and 7.44']
    """
    table = pd.DataFrame.from_dict(vocabulary("seea")["services"], orient="index").rename_axis("service")
    return table[["user", "status", "source", "locator", "why_en", "why_zh"]]


def read_keys(ledger: Ledger, users: Users | None, status: str, source: str) -> dict[str, Key]:
    """Return the key of every service of a ledger, and of the indicators that have their own.

    Raises
    ------
    TableError
        All faults at once: unknown services and users, shares that are no parts of one whole, no status.
    """
    rows = _rows(users, status, source)
    faults, made = Faults(), {}
    for name, parts in _grouped(rows).items():
        key = _key(ledger, name, parts, faults)
        if key is not None:
            made[name] = key
    faults.raise_as(TableError, "the keys of use cannot be believed", where="users")
    return {service: _default(service) for service in ledger.services} | made


def key_of(keys: Mapping[str, Key], service: str, indicator: str) -> Key:
    """Return the key of an indicator, or else of its service."""
    return keys.get(f"{service}.{indicator}", keys[service])


def keys_table(keys: Iterable[Key]) -> pd.DataFrame:
    """Return keys as a table, one share a row."""
    rows = [[k.service, u, s, k.status, k.source, k.default] for k in keys for u, s in k.shares.items()]
    return pd.DataFrame(rows, columns=[*COLUMNS, "default"])


def _default(service: str) -> Key:
    known = vocabulary("seea")["services"][service]
    return Key(service, {known["user"]: 1.0}, known["status"], f"{known['source']}, {known['locator']}", True)


def _rows(users: Users | None, status: str, source: str) -> list[dict[str, Any]]:
    """Return what a user gives as one share a row."""
    if users is None:
        return []
    if isinstance(users, pd.DataFrame):
        lacking = [c for c in ("service", "user", "share") if c not in users]
        if lacking:
            raise TableError(f"no column {', '.join(lacking)}", where="users", expected=", ".join(COLUMNS))
        rows: list[dict[Any, Any]] = users.to_dict("records")
        beside = {"status": status, "source": source}
        return [{**r, **{k: text_of(r.get(k)) or v for k, v in beside.items()}} for r in rows]
    given = {name: {one: 1.0} if isinstance(one, str) else one for name, one in users.items()}
    return [
        {"service": name, "user": user, "share": share, "status": status, "source": source}
        for name, shares in given.items()
        for user, share in shares.items()
    ]


def _grouped(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(text_of(row["service"]), []).append(row)
    return found


def _key(ledger: Ledger, name: str, rows: list[Mapping[str, Any]], faults: Faults) -> Key | None:
    before, where = len(faults), f"users of {name}"
    _check_name(ledger, name, faults)
    shares: dict[str, float] = {}
    for row in rows:
        user = text_of(row["user"])
        _check_user(ledger, name, user, faults)
        if user in shares:
            faults.add(f"{user} stands twice", where=where)
        shares[user] = number_of(row["share"], where, "share", faults)
    check_shares(shares, where, faults)
    statuses = dict.fromkeys(text_of(row["status"]) for row in rows)
    for status in statuses:
        try:
            status_of(status, f"the key of {name}")
        except TableError as error:
            faults.take(error, where=where)
    if len(faults) > before:
        return None
    said = "; ".join(dict.fromkeys(text_of(row["source"]) for row in rows))
    return Key(
        name, {u: s for u, s in shares.items() if s}, " / ".join(statuses), said or "given by the user"
    )


def check_shares(shares: Mapping[str, float], where: str, faults: Faults) -> None:
    """Note shares that are missing, below zero, or not the parts of one whole."""
    bad = {u: s for u, s in shares.items() if not 0.0 <= s <= 1.0 + WHOLE}
    for user, share in bad.items():
        what = "has no share" if math.isnan(share) else f"has the share {share:g}"
        faults.add(f"{user} {what}", where=where, expected="a part of one, between 0 and 1")
    total = math.fsum(shares.values())
    if not bad and abs(total - 1.0) > WHOLE:
        fix = "the rest may go to 'unallocated'" if total < 1.0 else "take care that no part counts twice"
        faults.add(f"the shares add up to {total:.10g}", where=where, expected="1", fix=fix)


def _check_name(ledger: Ledger, name: str, faults: Faults) -> None:
    service, dot, indicator = name.partition(".")
    rows = ledger.frame[ledger.frame["service"] == service]
    there = not rows.empty and (not dot or indicator in set(rows["indicator"]))
    if not there:
        known = [*ledger.services, *ledger.meta.runs]
        near = difflib.get_close_matches(name, known, n=3) or ledger.services
        faults.add(f"{name!r} is no service or service.indicator of this ledger", expected=", ".join(near))


def _check_user(ledger: Ledger, name: str, user: str, faults: Faults) -> None:
    known = vocabulary("seea")["users"]
    inner = name.partition(".")[0] in intermediate(ledger)
    if user not in known:
        near = difflib.get_close_matches(user, known, n=3) or known
        faults.add(f"no user {user!r}", where=f"users of {name}", expected=", ".join(near))
    elif inner != (user == ECOSYSTEMS):
        what = "an intermediate service, used by ecosystems" if inner else "a final service of this ledger"
        faults.add(
            f"{name} is {what}; {user} cannot use it", where=f"users of {name}",
            expected=ECOSYSTEMS if inner else "economic units",
            fix="" if inner else "leave the service out of the account, or attribute it to economic units",
        )  # fmt: skip


def intermediate(ledger: Ledger) -> set[str]:
    """Return the services of a ledger that feed others and stay out of its total."""
    return set(ledger.services) - set(ledger.counted()["service"])
