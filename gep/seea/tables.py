"""Supply and use of ecosystem services: who supplies, who uses, and both the same to the last bit."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from gep.errors import DoesNotAddUp, LedgerError
from gep.ledger import Amount, Ledger
from gep.ledger.parts import check_language
from gep.resources import vocabulary
from gep.seea.flows import Flows, exact, flows_of, grouped, known_sum
from gep.seea.keys import Key, Users, key_of, keys_table, read_keys
from gep.seea.lists import ECOSYSTEMS, NOT_ATTRIBUTED, word, words
from gep.seea.types import Ecosystems, column_label, in_order

#: Columns of a table that say something of its rows and are no flow.
BESIDE = ("total", "missing_rows", "not_covered_km2")


@dataclass(frozen=True)
class SupplyUse:
    """Supply and use of the same services, checked to be equal row by row.

    Attributes
    ----------
    supply, use : DataFrame
        Final services by ecosystem type and by economic unit.
    intermediate_supply, intermediate_use : DataFrame
        Flows between ecosystems; no part of the above.
    keys : DataFrame
        Who uses what by which share, and how that is known.
    terms, units : str
        Physical or monetary; the unit of all numbers in money.
    notes : tuple of str
        What a reader must know.
    names : mapping
        Names of rows and columns by language.
    """

    supply: pd.DataFrame
    use: pd.DataFrame
    intermediate_supply: pd.DataFrame
    intermediate_use: pd.DataFrame
    keys: pd.DataFrame
    terms: str
    units: str
    notes: tuple[str, ...]
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)

    def total(self) -> Amount:
        """Return the total of final services in money; quantities of several units have none."""
        if self.terms != "monetary":
            raise LedgerError("quantities of several units have no total", expected="terms='monetary'")
        return Amount(known_sum(self.supply["total"]), self.units, self.notes)

    def table(self, labels: str = "en") -> pd.DataFrame:
        """Return supply above use in the form of tables 7.1 and 9.1, for print: totals stand in it.

        Rows are ``supply`` and ``use`` by service, with a total where all are in money; columns are
        economic units, their totals, ecosystem types and the total.
        """
        check_language(labels, "labels")
        supply, use = (t.drop(columns=list(BESIDE[1:])) for t in (self.supply, self.use))
        whole = pd.concat({"supply": supply, "use": _with_totals(use)}, names=["side"])
        order = [c for c in _with_totals(use).columns if c != "total"]
        order += [c for c in supply.columns if c != "total"]
        whole = whole[[*order, "total"]]
        if self.terms == "monetary":
            whole = pd.concat([_summed(whole.loc[[side]], side) for side in ("supply", "use")])
        whole.attrs = {"units": self.units, "notes": self.notes}
        return _labelled(whole, labels, self.names)

    def __str__(self) -> str:
        lines = [f"Supply and use of ecosystem services, {self.terms} [{self.units}]"]
        lines += [self.table().to_string(na_rep="")]
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])

    __repr__ = __str__


def supply(
    ledger: Ledger,
    *,
    terms: str = "monetary",
    unit: str = "",
    ecosystems: Ecosystems = "own",
    zone: str | int = "",
    by: str = "service",
    listed: bool = False,
    intermediate: bool = False,
    labels: str = "",
) -> pd.DataFrame:
    """Return the supply of ecosystem services by ecosystem type.

    Parameters
    ----------
    ledger : Ledger
        The account.
    terms : {"monetary", "physical"}
        Money at the price year of the ledger, or quantities, each with its unit in the index.
    unit : str
        Unit of money; the ledger's currency unless given.
    ecosystems : {"own", "level1"} or mapping
        Types of the ledger, first-level types, or groups of the IUCN typology by type.
    zone : str or int
        One zone, by code or name; what is known for the region alone is no part of it.
    by : {"service", "reference"}
        Services of the ledger, or rows of the SEEA reference list.
    listed : bool
        Leave out services that the reference list does not have.
    intermediate : bool
        Show intermediate services, which are no part of the final supply, and nothing else.
    labels : {"", "zh", "en"}
        Write names instead of codes.

    Returns
    -------
    DataFrame
        A column for each ecosystem type and ``not_attributed``, then ``total``, ``missing_rows`` and
        ``not_covered_km2``. A cell is empty where nothing is known, also where the service is not
        accounted for there; ``missing_rows`` counts what lacks a value. ``attrs``: ``units``, ``notes``.

    References
    ----------
    seea-ea-2024: tables 7.1a and 9.1a.
    """
    flows = flows_of(
        ledger, terms, unit=unit, ecosystems=ecosystems, zone=zone, by=by, listed=listed, inner=intermediate
    )
    table = _supplied(ledger, flows)
    return _labelled(table, labels, ledger.meta.labels) if labels else table


def use(
    ledger: Ledger,
    users: Users | None = None,
    *,
    status: str = "",
    source: str = "",
    terms: str = "monetary",
    unit: str = "",
    zone: str | int = "",
    by: str = "service",
    listed: bool = False,
    intermediate: bool = False,
    labels: str = "",
) -> pd.DataFrame:
    """Return the use of ecosystem services by economic unit.

    Parameters
    ----------
    users : mapping or DataFrame, optional
        ``{service: user}``, ``{service: {user: share}}``, or a table ``service, user, share, status,
        source``; ``service.indicator`` for one line alone. Where nothing is given the whole goes to
        one default user (:func:`gep.seea.defaults`), and the notes say so.
    status, source : str
        How the shares are known, for all that do not say: published, derived, estimated, illustrative.
    terms, unit, zone, by, listed, intermediate, labels
        As for :func:`gep.seea.supply`.

    Returns
    -------
    DataFrame
        A column for each user in the order of table 7.1b, and the last columns of the supply table,
        whose totals it meets to the last bit.

    Raises
    ------
    TableError
        All faults of the shares at once.
    DoesNotAddUp
        Use is not supply.

    References
    ----------
    seea-ea-2024: tables 7.1b and 9.1b, paragraphs 7.25 to 7.46.
    """
    keys = read_keys(ledger, users, status, source)
    flows = flows_of(ledger, terms, unit=unit, zone=zone, by=by, listed=listed, inner=intermediate)
    table = _taken(ledger, flows, keys)
    table.attrs["notes"] = (*flows.notes, *_told(flows, keys))
    return _labelled(table, labels, ledger.meta.labels) if labels else table


def supply_use(
    ledger: Ledger,
    users: Users | None = None,
    *,
    status: str = "",
    source: str = "",
    terms: str = "monetary",
    unit: str = "",
    ecosystems: Ecosystems = "own",
    zone: str | int = "",
    by: str = "service",
    listed: bool = False,
) -> SupplyUse:
    """Return supply and use together; parameters as for :func:`supply` and :func:`use`.

    Raises
    ------
    DoesNotAddUp
        A service is not used as it is supplied.

    Examples
    --------
    See ``examples/compensation.py``.
    """
    keys = read_keys(ledger, users, status, source)
    tables: list[pd.DataFrame] = []
    notes: list[str] = []
    named = ""
    for inner in (False, True):
        flows = flows_of(
            ledger, terms, unit=unit, ecosystems=ecosystems, zone=zone, by=by, listed=listed, inner=inner
        )
        pair = _supplied(ledger, flows), _taken(ledger, flows, keys)
        balance(*pair)
        tables += pair
        notes += [*flows.notes, *_told(flows, keys)]
        named = named or flows.units
    shown = [k for k in keys.values() if k.service.partition(".")[0] in ledger.services]
    notes = list(dict.fromkeys(notes))
    final, taken, inner_supply, inner_use = tables
    beside = keys_table(shown), terms, named, tuple(notes), ledger.meta.labels
    return SupplyUse(final, taken, inner_supply, inner_use, *beside)


def balance(supplied: pd.DataFrame, used: pd.DataFrame) -> None:
    """Refuse a use that is not the supply, row by row and to the last bit.

    Raises
    ------
    DoesNotAddUp
        All rows that differ.
    """
    if list(supplied.index) != list(used.index):
        raise DoesNotAddUp("supply and use do not have the same rows", expected="a use for every supply")
    for key in supplied.index:
        given, taken = (known_sum(t.loc[key, _flow_columns(t)].astype(float)) for t in (supplied, used))
        if not (given == taken or (math.isnan(given) and math.isnan(taken))):
            raise DoesNotAddUp(
                f"supplied {given!r}, used {taken!r}", where=str(key), expected="equal numbers"
            )


def _flow_columns(table: pd.DataFrame) -> list[str]:
    return [c for c in table.columns if c not in BESIDE]


def _cells(flows: Flows, column: str) -> dict[Any, dict[str, float]]:
    """Return the sum of each row and column of the supply table."""
    return {
        key: {str(c): known_sum(part["amount"]) for (c,), part in grouped(rows, [column]).items()}
        for key, rows in grouped(flows.rows, flows.keys).items()
    }


def _used(flows: Flows, keys: dict[str, Key]) -> dict[Any, dict[str, float]]:
    """Return what each user uses of each row of the supply table, so that it is what is supplied."""
    supplied, used = _cells(flows, "column"), {}
    for key, rows in grouped(flows.rows, flows.keys).items():
        parts: dict[str, list[float]] = {}
        for (service, indicator), line in grouped(rows, ["service", "indicator"]).items():
            amount = known_sum(line["amount"])
            for user, share in key_of(keys, service, indicator).shares.items():
                parts.setdefault(user, []).append(amount * share)
        total = known_sum(supplied[key].values())
        sums = [known_sum(values) for values in parts.values()]
        size = math.fsum(rows["amount"].abs().dropna())
        made = sums if math.isnan(total) else exact(sums, total, str(key), size=size)
        used[key] = dict(zip(parts, made, strict=True))
    return used


def _supplied(ledger: Ledger, flows: Flows) -> pd.DataFrame:
    cells = _cells(flows, "column")
    found = dict.fromkeys(c for row in cells.values() for c in row)
    return _finished(ledger, flows, cells, in_order([*found, NOT_ATTRIBUTED]))


def _taken(ledger: Ledger, flows: Flows, keys: dict[str, Key]) -> pd.DataFrame:
    cells = _used(flows, keys)
    found = {user for row in cells.values() for user in row}
    return _finished(ledger, flows, cells, [u for u in vocabulary("seea")["users"] if u in found])


def _finished(
    ledger: Ledger, flows: Flows, cells: dict[Any, dict[str, float]], columns: list[str]
) -> pd.DataFrame:
    """Return cells as a table with its totals and with what is missing beside."""
    index = _index(cells, flows.keys)
    body = [[cells[k].get(c, float("nan")) for c in columns] for k in cells]
    table = pd.DataFrame(body, index=index, columns=columns, dtype=float)
    table["total"] = [known_sum(row.values()) for row in cells.values()]
    groups = grouped(flows.rows, flows.keys)
    table["missing_rows"] = [int(groups[k]["amount"].isna().sum()) for k in cells]
    table["not_covered_km2"] = [_not_covered(ledger, groups[k]) for k in cells]
    table.attrs = {"units": flows.units, "notes": flows.notes}
    return table


def _index(cells: dict[Any, Any], keys: Sequence[str]) -> pd.Index[Any]:
    if len(keys) == 1:
        single: pd.Index[Any] = pd.Index([k[0] for k in cells], name=keys[0], dtype=object)
        return single
    return pd.MultiIndex.from_frame(pd.DataFrame(list(cells), columns=list(keys)))


def _not_covered(ledger: Ledger, rows: pd.DataFrame) -> float:
    """Return the km2 that the worst covered service of some rows lacks in their zones."""
    services = pd.Index(rows["service"].unique(), name="service")
    holes = ledger.coverage[ledger.coverage["zone"].isin(rows["zone"])]
    unmapped = holes.loc[holes["service"] == "", "area_m2"].sum()
    worst = max(holes.loc[holes["service"] == s, "area_m2"].sum() for s in services)
    return float(unmapped + worst) / 1e6


def _told(flows: Flows, keys: dict[str, Key]) -> list[str]:
    """Say which keys are defaults, and how the others are known."""
    lines = dict.fromkeys(zip(flows.rows["service"], flows.rows["indicator"], strict=True))
    used = list({key.service: key for key in (key_of(keys, *line) for line in lines)}.values())
    unsaid = [k for k in used if k.default and ECOSYSTEMS not in k.shares]
    notes = [f"use by key: {k}" for k in used if not k.default]
    if unsaid:
        named = ", ".join(f"{k.service} to {next(iter(k.shares))} ({k.status})" for k in unsaid)
        notes.append(f"no key given, the whole goes to one default user: {named}")
    return notes


def _with_totals(table: pd.DataFrame) -> pd.DataFrame:
    """Return a use table with the totals of industries and of resident units among its columns."""
    group = vocabulary("seea")["users"]
    industry = [c for c in table.columns if group.get(c, {}).get("group") == "industry"]
    others = [c for c in table.columns if c not in (*industry, "total")]
    resident = [c for c in others if group[c]["group"] in ("government", "households")]
    made = table[industry].copy()
    made["total_industry"] = [known_sum(row) for row in table[industry].to_numpy(float)]
    made = pd.concat([made, table[resident]], axis=1)
    made["total_resident"] = [known_sum(row) for row in table[[*industry, *resident]].to_numpy(float)]
    return pd.concat([made, table[[c for c in others if c not in resident]], table[["total"]]], axis=1)


def _summed(table: pd.DataFrame, side: str) -> pd.DataFrame:
    last = pd.DataFrame(
        [[known_sum(table[c]) for c in table.columns]],
        index=pd.MultiIndex.from_tuples([(side, "total")], names=table.index.names),
        columns=table.columns,
    )
    return pd.concat([table, last])


def _labelled(table: pd.DataFrame, lang: str, names: Mapping[str, Mapping[str, str]]) -> pd.DataFrame:
    """Return a table with names in place of the codes of its rows and columns."""
    made = words(table, lang)
    made.columns = [column_label(c, lang) for c in made.columns]
    frame = made.index.to_frame(index=False)
    records: list[dict[Any, Any]] = frame.to_dict("records")
    for level in frame.columns:
        frame[level] = [_row_label(level, row, lang, names) for row in records]
    made.index = pd.MultiIndex.from_frame(frame) if frame.shape[1] > 1 else pd.Index(frame.iloc[:, 0])
    made.attrs = table.attrs
    return made


def _row_label(level: str, row: Mapping[Any, Any], lang: str, names: Mapping[str, Mapping[str, str]]) -> str:
    code = str(row[level])
    if level == "service":
        known = vocabulary("services")["services"]
        return str(known[code][lang]) if code in known else word(code, lang)
    if level == "indicator" and "service" in row:
        return names.get(f"indicator:{row['service']}.{code}", {}).get(lang, code)
    return word(code, lang) if level in ("side", "reference") else code
