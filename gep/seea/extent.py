"""The ecosystem extent account: opening, additions, reductions, closing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

from gep import units
from gep.errors import DoesNotAddUp, Faults, TableError
from gep.ledger import Ledger
from gep.seea.flows import CLOSURE
from gep.seea.lists import NOT_ATTRIBUTED, word
from gep.seea.types import Ecosystems, column_label, columns_of, in_order
from gep.tables import text_of

#: Columns by which a long table may name where land comes from and where it goes.
FROM = ("from", "from_ecosystem", "opening", "before")
TO = ("to", "to_ecosystem", "closing", "after")
#: What land without a type is called, beside the empty name.
_UNMAPPED = {NOT_ATTRIBUTED: "", "unmapped": ""}
CAUSES = ("managed", "unmanaged", "unknown")


def extent_account(
    opening: Ledger,
    closing: Ledger | None = None,
    transitions: pd.DataFrame | None = None,
    *,
    unit: str = "km2",
    transitions_unit: str = "",
    ecosystems: Ecosystems = "own",
    zone: str | int = "",
    labels: str = "",
) -> pd.DataFrame:
    """Return the extent account of one or two ledgers.

    Parameters
    ----------
    opening, closing : Ledger
        Of the first and the last year; one alone gives its extent.
    transitions : DataFrame, optional
        What became what. Long: ``from``, ``to``, an area, and where known ``zone`` and ``cause``
        (``managed`` or ``unmanaged``); or square, from rows to columns. What stays counts as well,
        so that rows add up to the opening and columns to the closing extent; the ``frame`` of
        ``gep.years.transitions`` is such a table. Without it there is a net change and nothing is
        said of additions and reductions.
    unit : str
        Of the result.
    transitions_unit : str
        Of the areas of ``transitions``; else their ``attrs["units"]``, else m2 for ``area_m2``.
    ecosystems : {"own", "level1"} or mapping
        As for :func:`gep.seea.supply`; a change within one column is no change.
    zone : str or int
        One zone, by code or name; all unless given.
    labels : {"", "zh", "en"}
        Write names instead of codes.

    Returns
    -------
    DataFrame
        Rows as in table 4.1; a column for each type, ``not_attributed`` (land that is accounted and
        not mapped) and ``total``. ``attrs``: ``units``, ``notes``.

    Raises
    ------
    DoesNotAddUp
        Transitions that do not lead from the opening to the closing extent.
    TableError
        Transitions that cannot be read.

    References
    ----------
    seea-ea-2024: table 4.1 and paragraphs 4.14 to 4.20.
    """
    factor = units.factor("m2", unit)
    code = _code(opening, zone)
    first = _extent(opening, code) * factor
    if closing is None:
        table = _columns(pd.DataFrame({"closing": first}), ecosystems).T
        return _finished(table, {"units": unit, "notes": ("one year: its extent",)}, labels)
    last = _extent(closing, code) * factor
    ends = pd.DataFrame({"opening": first, "closing": last}).fillna(0.0)
    notes = _area_notes(ends, unit)
    if transitions is None:
        table = _columns(ends, ecosystems)
        notes.append("additions and reductions are not known: no transitions are given")
        body = pd.DataFrame({"opening": table["opening"], "additions": float("nan")})
        body = body.assign(reductions=float("nan"))
    else:
        moves = read_transitions(transitions, transitions_unit, unit, code)
        _check_moves(moves, ends)
        table, body = _columns(ends, ecosystems), _moved(moves, _columns(ends, ecosystems), ecosystems)
    body = body.assign(net_change=table["closing"] - table["opening"], closing=table["closing"])
    return _finished(body.T, {"units": unit, "notes": tuple(notes)}, labels)


def _code(ledger: Ledger, zone: str | int) -> str:
    """Return the code of a zone; nothing where all are meant."""
    code = ledger.zone_code(zone) if zone != "" else ""
    return "" if code == ledger.meta.region else code


def _extent(ledger: Ledger, code: str) -> pd.Series[float]:
    """Return m2 by ecosystem type; land that is accounted and has no type under the empty name."""
    rows, land = ledger.extent, ledger.zones["area_m2"]
    if code:
        rows, land = rows[rows["zone"] == code], land[land.index == code]
    if rows.empty:
        raise TableError(
            "the ledger has no extent", where=f"{ledger.meta.region} {ledger.year}", fix="compile it"
        )
    sums = rows.groupby("ecosystem", sort=False)["area_m2"].agg(math.fsum)
    whole = math.fsum(land)
    rest = math.fsum([whole, *(-v for v in sums)])
    sums.loc[""] = rest if abs(rest) > CLOSURE * whole else 0.0
    return sums


def read_transitions(table: pd.DataFrame, given: str, unit: str, zone: str) -> pd.DataFrame:
    """Return transitions as ``from, to, cause, area`` in ``unit``.

    Raises
    ------
    TableError
        All faults at once: no columns for both ends, no unit, areas below zero, causes that are none.
    """
    long = _long(table)
    if zone:
        if "zone" not in long:
            raise TableError("the transitions have no zone", where="transitions", fix="leave zone= out")
        long = long[long["zone"].astype(str) == zone]
    text = given or str(table.attrs.get("units", "")) or ("m2" if "area_m2" in table else "")
    if not text:
        raise TableError(
            "the areas of the transitions have no unit", where="transitions",
            expected="transitions_unit='km2', attrs['units'], or a column area_m2",
        )  # fmt: skip
    area = pd.to_numeric(long["area"], errors="coerce").astype(float) * units.factor(text, unit)
    made = long.assign(area=area)[["from", "to", "cause", "area"]]
    faults = Faults()
    for row in made[~(made["area"] >= 0)].to_dict("records"):
        faults.add(f"area {row['area']:g}", where=f"{row['from']} to {row['to']}", expected="zero or more")
    for cause in set(made["cause"]) - set(CAUSES):
        faults.add(f"cause {cause!r}", where="transitions", expected=", ".join(CAUSES))
    faults.raise_as(TableError, "the transitions cannot be believed", where="transitions")
    return made


def _long(table: pd.DataFrame) -> pd.DataFrame:
    """Return transitions one a row, whatever form they come in."""
    flat = (
        table.reset_index() if set(table.index.names) & {*FROM, *TO} and table.columns.nlevels == 1 else table
    )
    start, end = (next((c for c in names if c in flat), "") for names in (FROM, TO))
    area = next((c for c in ("area", "area_m2", "value") if c in flat), "")
    if start and end and area:
        named = flat.rename(columns={start: "from", end: "to", area: "area"})
    elif set(map(str, table.index)) & set(map(str, table.columns)):
        cells = [(a, b, v) for a, row in table.iterrows() for b, v in row.items()]
        named = pd.DataFrame(cells, columns=["from", "to", "area"])
    else:
        raise TableError("no transitions", where="transitions", expected="columns from, to, area_m2")
    for column in ("from", "to"):
        named[column] = [_UNMAPPED.get(text, text) for text in map(text_of, named[column])]
    cause = named["cause"].map(text_of) if "cause" in named else pd.Series("", named.index)
    return named.assign(cause=cause.where(cause != "", "unknown"))


def _check_moves(moves: pd.DataFrame, ends: pd.DataFrame) -> None:
    faults, whole = Faults(), float(ends.to_numpy().max())
    for side, column in (("opening", "from"), ("closing", "to")):
        sums = moves.groupby(column)["area"].agg(math.fsum)
        for code in dict.fromkeys([*ends.index, *sums.index]):
            told, known = float(sums.get(code, 0.0)), float(ends[side].get(code, 0.0))
            if abs(told - known) > CLOSURE * whole:
                what = f"transitions add up to {told:.6g}, the {side} extent is {known:.6g}"
                fix = "what stays what it is counts as well"
                faults.add(what, where=f"{code or NOT_ATTRIBUTED} ({column})", fix=fix)
    faults.raise_as(DoesNotAddUp, "transitions do not lead from opening to closing", where="extent account")


def _moved(moves: pd.DataFrame, ends: pd.DataFrame, ecosystems: Ecosystems) -> pd.DataFrame:
    """Return opening, additions and reductions by column, split by cause where any is told."""
    column = columns_of([*moves["from"], *moves["to"]], ecosystems)
    moves = moves.assign(**{k: moves[k].map(column) for k in ("from", "to")})
    moves = moves[moves["from"] != moves["to"]]
    told = set(moves["cause"]) - {"unknown"}
    body = pd.DataFrame({"opening": ends["opening"]})
    for name, side in (("additions", "to"), ("reductions", "from")):
        body[name] = _sums(moves, side, body.index)
        for cause in CAUSES if told else ():
            part = moves[moves["cause"] == cause]
            if cause != "unknown" or len(part):
                body[f"{name}_{cause}"] = _sums(part, side, body.index)
    return body


def _sums(moves: pd.DataFrame, side: str, index: Iterable[str]) -> pd.Series[float]:
    return moves.groupby(side)["area"].agg(math.fsum).reindex(list(index), fill_value=0.0).astype(float)


def _columns(ends: pd.DataFrame, ecosystems: Ecosystems) -> pd.DataFrame:
    column = columns_of(ends.index, ecosystems)
    groups = ends.groupby([column[str(c)] for c in ends.index])
    sums = pd.DataFrame({side: groups[side].agg(math.fsum) for side in ends.columns})
    return sums.reindex(in_order([*sums.index, NOT_ATTRIBUTED]), fill_value=0.0)


def _area_notes(ends: pd.DataFrame, unit: str) -> list[str]:
    first, last = math.fsum(ends["opening"]), math.fsum(ends["closing"])
    if abs(last - first) <= CLOSURE * max(first, last):
        return []
    return [f"the accounted area changes by {last - first:+,.6g} {unit}: another border, or another map"]


def _finished(table: pd.DataFrame, attrs: dict[Any, Any], labels: str) -> pd.DataFrame:
    totals = {e: math.fsum(row) for e, row in zip(table.index, table.to_numpy(float), strict=True)}
    if "net_change" in totals:
        totals["net_change"] = totals["closing"] - totals["opening"]
    table = table.assign(total=list(totals.values()))
    table.index.name, table.columns.name = "entry", None
    if labels:
        table.index = pd.Index([word(str(e), labels) for e in table.index], name="entry")
        table.columns = pd.Index([column_label(word(str(c), labels), labels) for c in table.columns])
    table.attrs = {**attrs}
    return table
