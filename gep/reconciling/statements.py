"""A published account as constraints: places known by bounds, groups known by their share."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pandas as pd

from gep.auditing import words
from gep.auditing.checks_sums import bound_of, stated_groups
from gep.auditing.published import Figure, Published, Row, is_money, load
from gep.auditing.rounding import Interval
from gep.auditing.structure import build
from gep.errors import TableError
from gep.reconciling.constraints import Constraint


class Statements(NamedTuple):
    """What an account says of its places, and the unit it says it in."""

    constraints: tuple[Constraint, ...]
    unit: str


def statements(published: str | Path | pd.DataFrame, *, complete: bool) -> Statements:
    """Read what an account prints of places: bounds, values, shares of groups, and the total.

    A row of context with money speaks of a place where its region is not that of the total and its
    name says GEP, or where it is a bound: ``lower bound`` or ``upper bound`` in its name, or a sign
    such as ``>``. ``together 93%`` in the notes of rows is the share of these places in the total.

    Parameters
    ----------
    complete : bool
        The places make up the whole region; else their sum is at most the total.

    Raises
    ------
    TableError
        No total, several totals that disagree, or no row that speaks of a place.
    """
    book = load(published)
    total = _total(book)
    money = _figure(total)
    rows = [r for r in book.rows if r.year == total.year and is_money(r.money) and _of_a_place(r, total)]
    if not rows:
        raise TableError(
            "no row speaks of a place", where=book.name,
            expected="rows of category context with a region of their own and money",
        )  # fmt: skip
    names = tuple(dict.fromkeys(_place(r, total) for r in rows))
    whole = money.base / money.size
    low = whole.low if complete else float("-inf")
    found = [_statement(row, _place(row, total), money.size) for row in rows]
    found.append(Constraint(names, low, whole.high, note=total.label))
    for members, share in stated_groups(rows, None):
        group = tuple(dict.fromkeys(_place(r, total) for r in members))
        found.append(_group(group, names if complete else (), share, whole, members[0].place))
    return Statements(tuple(found), money.unit)


def _total(book: Published) -> Row:
    totals = [row for rows in book.scopes() for row in build(rows).grands]
    if len({(str(row.money), row.year) for row in totals}) != 1:
        raise TableError(
            f"{len(totals)} grand totals", where=book.name, expected="one total of one year",
            fix="take the rows of one year and one scope",
        )  # fmt: skip
    return totals[0]


def _of_a_place(row: Row, total: Row) -> bool:
    if row.category != "context":
        return False
    name = f"{row.service} {row.indicator}"
    named = row.region != total.region and words.GEP.search(name) and not words.PER_HEAD.search(name)
    return bool(named) or bound_of(row) is not None


def _place(row: Row, total: Row) -> str:
    return row.region if row.region != total.region else row.service


def _statement(row: Row, place: str, size: float) -> Constraint:
    figure = _figure(row)
    bound = bound_of(row)
    value = figure.base / size
    end = figure.nominal * figure.size / size
    low = end if bound == "lower" else value.low if bound is None else float("-inf")
    high = end if bound == "upper" else value.high if bound is None else float("inf")
    return Constraint((place,), low, high, note=row.label)


def _group(
    group: tuple[str, ...], names: tuple[str, ...], share: Interval, whole: Interval, note: str
) -> Constraint:
    """Return a share of all places, or of the printed total where the places are not all."""
    part = share if names else whole * share
    return Constraint(group, part.low, part.high, of=names, note=note)


def _figure(row: Row) -> Figure:
    assert row.money is not None  # noqa: S101 - the selection made sure of it
    return row.money
