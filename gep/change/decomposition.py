"""Growth split exactly into quantity, price and structure: which part is nature, which is prices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import get_args

import pandas as pd

from gep.change.factors import OF_PRICE, OF_QUANTITY, Absent, Method, classified, effects
from gep.change.matching import paired, refuse
from gep.errors import LedgerError
from gep.ledger import Ledger, views
from gep.ledger.parts import KEYS, check_language
from gep.prices import Deflating, by_group

LEVELS = ("opening", "closing", "change")
PARTS = ("quantity", "price", "value", "unexplained")
COLUMNS = (*LEVELS, *PARTS, *OF_QUANTITY, *OF_PRICE)

LABELS = {
    "opening": {"zh": "期初价值", "en": "opening value"},
    "closing": {"zh": "期末价值", "en": "closing value"},
    "change": {"zh": "变化", "en": "change"},
    "quantity": {"zh": "实物量", "en": "quantity"},
    "price": {"zh": "价格", "en": "price"},
    "value": {"zh": "仅有价值量（不可分解）", "en": "value only (cannot be split)"},
    "unexplained": {"zh": "仅一年有数（不可比）", "en": "known in one year only"},
    "extent": {"zh": "核算面积", "en": "extent of the zone"},
    "structure": {"zh": "生态系统结构", "en": "composition of ecosystems"},
    "intensity": {"zh": "单位面积实物量", "en": "quantity per area"},
    "volume": {"zh": "不分生态系统的实物量", "en": "quantity without an ecosystem"},
    "relative_price": {"zh": "相对价格", "en": "relative price"},
    "inflation": {"zh": "一般物价", "en": "general inflation"},
}


@dataclass(frozen=True, repr=False, eq=False)
class Change:
    """The change of a GEP between two ledgers and the parts it is made of, without residual.

    In short, ``change = quantity + price + value + unexplained``; in detail, ``quantity = extent +
    structure + intensity + volume`` and, with a deflator, ``price = relative_price + inflation``.
    ``value`` is the change of rows that have a value and no quantity; ``unexplained`` is the value of
    rows known in one of the years only, so that ``change`` is the difference of the two totals.

    Attributes
    ----------
    rows : DataFrame
        One row for each zone, ecosystem, service, indicator and item, with all columns and its
        ``kind``: ``area`` (zone area x share of the ecosystem x quantity per area x price),
        ``volume`` (quantity x price), ``value``, or ``unexplained``. Plain currency.
    table : DataFrame
        Opening, closing, change and the parts in detail, by the keys that :func:`decompose` was
        asked for; of every row if for none. Plain currency.
    method : str
        ``shapley`` or ``lmdi``.
    basis : str
        ``nominal: CNY_2019 to CNY_2020``, or ``constant prices: CNY_2020``.
    notes : tuple of str
        What must be said beside the numbers: missing rows, rows that came or went, other methods.
    detail : tuple of str
        The parts in detail; they add up to the change.
    opening, closing : Ledger
        The two accounts.
    """

    rows: pd.DataFrame
    table: pd.DataFrame
    opening: Ledger
    closing: Ledger
    method: str
    basis: str
    notes: tuple[str, ...]
    detail: tuple[str, ...]

    @property
    def total(self) -> pd.Series[float]:
        """Return opening, closing, change and all parts of the whole, in plain currency."""
        sums = pd.Series({c: _sum(self.rows[c]) for c in COLUMNS}, name="total")
        sums.attrs["units"] = self._said("")
        return sums

    @property
    def shares(self) -> pd.Series[float]:
        """Return the parts as fractions of the change; NaN where nothing changed on the whole."""
        total = self.total
        return (total[list(PARTS)] / (total["change"] or float("nan"))).rename("share")

    @property
    def share_of_nature(self) -> float:
        """Return which fraction of the change comes from quantities; prices have ``shares["price"]``.

        Beyond 0 and 1 where quantities and prices moved against each other.
        """
        return float(self.shares["quantity"])

    def by(self, *keys: str, unit: str = "", labels: str = "", detail: bool = True) -> pd.DataFrame:
        """Return opening, closing, change and its parts summed over the remaining keys.

        Parameters
        ----------
        *keys : str
            ``zone, ecosystem, category, service, indicator, item`` or a level of the zones.
        unit : str
            ``亿元``, ``10^6 USD`` ...; the ledger's plain currency unless given.
        labels : {"", "zh", "en"}
            Write names instead of codes; ``attrs["labels"]`` then names the columns.
        detail : bool
            The parts in detail, or quantity, price, value and unexplained alone.

        Returns
        -------
        DataFrame
            The columns after ``change`` add up to it.
        """
        rows = views.with_levels(self.closing, self.rows)
        known = [*KEYS, *views.levels(self.closing)]
        unknown = [k for k in keys if k not in known]
        if unknown or not keys:
            raise LedgerError(f"no key {unknown}", expected=", ".join(known))
        factor = self.closing.factor(unit) if unit else 1.0
        columns = [*LEVELS, *(self.detail if detail else PARTS)]
        groups = rows.groupby(list(keys), sort=False)
        table = pd.DataFrame({c: groups[c].agg(_sum) * factor for c in columns})
        if labels:
            table = views.labelled(self.closing, table, keys, labels)
            table.attrs["labels"] = {c: LABELS[c][labels] for c in columns}
        table.attrs |= {"units": self._said(unit), "notes": list(self.notes)}
        return table

    def describe(self, lang: str = "en") -> str:
        """Return the whole in words, one line a part, in ``zh`` or ``en``."""
        check_language(lang, "lang")
        unit = self.closing.usual_unit(8)
        total = self.total * self.closing.factor(unit)
        lines = [f"{self.opening.meta.region} {self.opening.year} → {self.closing.year}, {self._said(unit)}"]
        for name in dict.fromkeys((*LEVELS, *PARTS, *self.detail)):
            lines.append(f"{LABELS[name][lang]}: {total[name]:,.2f}")
        return "\n".join([*lines, *self.notes])

    def _said(self, unit: str) -> str:
        return f"{unit or self.closing.price_year.partition('_')[0]} ({self.basis})"

    def __repr__(self) -> str:
        unit = self.closing.usual_unit(8)
        total = self.total * self.closing.factor(unit)
        parts = [p for p in PARTS if total[p] or p in ("quantity", "price")]
        growth = f" ({total['change'] / total['opening']:+.1%})" if total["opening"] > 0 else ""
        said = ", ".join(f"{p} {total[p]:+,.2f}" for p in parts)
        return (
            f"<Change {self.opening.meta.region} {self.opening.year} → {self.closing.year}:"
            f" {total['change']:+,.2f} {unit}{growth} = {said};"
            f" {self.method}, {self.basis}, {len(self.rows)} rows>"
        )


def decompose(
    opening: Ledger,
    closing: Ledger,
    *,
    by: str | Sequence[str] = (),
    method: Method = "shapley",
    deflator: Deflating | None = None,
    absent: Absent = "unexplained",
    intermediate: bool = False,
) -> Change:
    """Split the change from one ledger to another into its parts, without residual.

    A row is zone area x share of its ecosystem x quantity per area x price, where the ecosystem has
    an extent; quantity x price where it has none; and a value alone where it has no quantity. The
    effect of a factor is its Shapley value: the mean over all orders in which factors can change,
    so that it does not matter which year is called the base. A price or an intensity of nothing (a
    quantity or an area of zero) is taken to be that of the other year.

    Parameters
    ----------
    opening, closing : Ledger
        On the same zones, in one currency. With different price years the change is nominal.
    by : str or sequence of str
        Keys of the result's ``table``: ``"service"``, ``"ecosystem"``, ``"zone"``, a level ...
    method : {"shapley", "lmdi"}
        LMDI-I refuses rows that are zero or change their sign in one of the years.
    deflator : str, Deflator, or mapping of str to either, optional
        Splits the price effect into general inflation and change of relative prices, between the
        price years of the two ledgers.
    absent : {"unexplained", "zero"}
        What a row means that one ledger does not have, while its ecosystem is there: not known, or
        nothing. Where the extent says that the ecosystem itself was not there, it is nothing.
    intermediate : bool
        Count intermediate services as well.

    Returns
    -------
    Change

    Raises
    ------
    LedgerError
        Other zones, units or currencies; rows that LMDI cannot split.

    References
    ----------
    Shorrocks 2013 (Shapley), Ang 2004 (LMDI-I), Bennet 1920 (two factors).
    """
    _options(method, absent)
    refuse(opening, closing)
    table = classified(paired(opening, closing, intermediate=intermediate), absent)
    found = effects(table, _inflation(table, opening, closing, deflator), method)
    of_price = OF_PRICE if deflator is not None else ("price",)
    change = Change(
        _rows(table, found),
        pd.DataFrame(),
        opening,
        _named(opening, closing),
        method,
        _basis(opening, closing),
        _notes(table, opening, closing),
        (*OF_QUANTITY, *of_price, "value", "unexplained"),
    )
    keys = (by,) if isinstance(by, str) else tuple(by)
    plain = change.rows[[*KEYS, "kind", *LEVELS, *change.detail]]
    plain.attrs = {"units": change.total.attrs["units"], "notes": list(change.notes)}
    return replace(change, table=change.by(*keys) if keys else plain)


def _rows(table: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return every row with its levels, its change and all parts of it."""
    change = table["value1"].fillna(0.0) - table["value0"].fillna(0.0)
    return (
        table[[*KEYS, "kind"]]
        .assign(
            opening=table["value0"],
            closing=table["value1"],
            change=change,
            quantity=found[list(OF_QUANTITY)].sum(axis=1),
            price=found[list(OF_PRICE)].sum(axis=1),
            unexplained=change.where(table["kind"] == "unexplained", 0.0),
            missing=table["value0"].isna() | table["value1"].isna(),
        )
        .join(found)
    )


def _named(opening: Ledger, closing: Ledger) -> Ledger:
    """Return the closing ledger with the labels of both: a line may be in the earlier one alone."""
    meta = replace(closing.meta, labels={**opening.meta.labels, **closing.meta.labels})
    return Ledger(closing.frame, closing.zones, closing.region, closing.coverage, meta, closing.extent)


def _options(method: str, absent: str) -> None:
    for name, given, known in (("method", method, get_args(Method)), ("absent", absent, get_args(Absent))):
        if given not in known:
            raise LedgerError(f"{name}={given!r}", expected=" or ".join(map(repr, known)))


def _inflation(
    table: pd.DataFrame, opening: Ledger, closing: Ledger, deflator: Deflating | None
) -> pd.Series[float]:
    if deflator is None:
        return pd.Series(1.0, index=table.index)
    series = by_group(deflator, dict(zip(table["service"], table["category"], strict=True)))
    factors = {s: d.factor(opening.price_year, closing.price_year) for s, d in series.items()}
    return table["service"].map(factors).astype(float)


def _basis(opening: Ledger, closing: Ledger) -> str:
    if opening.price_year == closing.price_year:
        return f"constant prices: {closing.price_year}"
    return f"nominal: {opening.price_year} to {closing.price_year}"


def _notes(table: pd.DataFrame, opening: Ledger, closing: Ledger) -> tuple[str, ...]:
    """Say what the numbers cannot show."""
    notes = []
    if opening.meta.profile["id"] != closing.meta.profile["id"]:
        both = f"{opening.meta.profile['id']} and {closing.meta.profile['id']}"
        notes.append(f"the ledgers follow different profiles, {both}: part of the change is method")
    for suffix, ledger in (("0", opening), ("1", closing)):
        lost = table[table[f"value{suffix}"].isna()]
        notes += _listed(lost[lost[f"there{suffix}"]], f"have no value in {ledger.year}")
        notes += _listed(lost[~lost[f"there{suffix}"]], f"are not in the ledger of {ledger.year}")
    notes += _listed(table[table["kind"] == "value"], "have a value and no quantity: it is not split")
    return tuple(notes)


def _listed(rows: pd.DataFrame, what: str) -> list[str]:
    return [f"{len(rows)} rows {what}: {', '.join(dict.fromkeys(rows['service']))}"] if len(rows) else []


def _sum(values: pd.Series[float]) -> float:
    """Return the exact sum of what is known; NaN where nothing is."""
    known = values.dropna()
    return math.fsum(known) if len(known) else float("nan")
