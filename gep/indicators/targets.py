"""Targets and what became of them (目标考核), and the rows of "two mountains" that an account gives."""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from gep import units
from gep.errors import Faults, GepError, LedgerError, TableError
from gep.indicators.growth import growth
from gep.indicators.ratios import conversion_rate, ggi, product_share
from gep.ledger import Amount, Ledger
from gep.ledger.parts import check_language
from gep.resources import vocabulary
from gep.tables import number_of, text_of

RULES = (">=", "<=", "rising")
COLUMNS = (
    "zone", "name", "indicator", "rule", "target", "actual", "unit", "achieved", "verdict",
    "missing_rows", "not_covered_km2", "notes",
)  # fmt: skip
_WHOLE: Mapping[str, Callable[[Ledger], Amount]] = {
    "ggi": ggi, "product_share": product_share, "conversion_rate": conversion_rate,
}  # fmt: skip
_BY_ZONE = ("gep", "per_area", "per_capita")


def two_mountains(ledger: Ledger, previous: Ledger | None = None, *, labels: str = "zh") -> pd.DataFrame:
    """Return the indicators of a "two mountains" practice base that an account gives: rows 10 and 11.

    Parameters
    ----------
    ledger : Ledger
        With an input ``gdp`` of the region for row 11.
    previous : Ledger, optional
        An earlier account in the same price year: both targets are a steady rise.
    labels : {"zh", "en"}
        Language of the names.

    Returns
    -------
    DataFrame
        By row number: ``indicator, value, unit, previous, target, verdict, notes``.

    References
    ----------
    saihan-2022: table 4-1, row 10 (单位国土面积生态系统生产总值) and row 11 (居民人均生态产品产值占比).
    """
    check_language(labels, "labels")
    rows = []
    for entry in vocabulary("indicators")["two_mountains"]:
        target = pd.DataFrame(
            [{"indicator": entry["indicator"], "rule": "rising", "unit": _unit(ledger, entry)}]
        )
        one = assess(ledger, target, previous=previous).iloc[0]
        named = vocabulary("indicators")["indicators"][entry["indicator"]][labels]
        rows.append(
            {
                "row": entry["row"], "indicator": named, "value": one["actual"], "unit": one["unit"],
                "previous": one["target"], "target": entry[f"target_{labels}"],
                "verdict": _word(one["verdict"], labels), "notes": one["notes"],
            }
        )  # fmt: skip
    return pd.DataFrame(rows).set_index("row")


def _unit(ledger: Ledger, entry: Mapping[str, Any]) -> str:
    unit = str(entry["unit"])
    return unit.replace("万元", ledger.usual_unit(4)) if "元" in unit else unit


def assess(
    ledger: Ledger, targets: pd.DataFrame, *, previous: Ledger | None = None, labels: str = ""
) -> pd.DataFrame:
    """Set what an account shows against targets, by zone or for the region.

    Parameters
    ----------
    ledger : Ledger
        What was reached.
    targets : DataFrame
        A row a target: ``indicator``; ``target`` and ``unit``; ``zone`` (code or name; the region if
        empty); ``rule``: ``>=`` unless given, ``<=``, or ``rising`` (more than in ``previous``).
        Indicators are ``gep``, ``per_area``, ``per_capita``, ``service:CODE``, ``category:CODE``;
        for the region ``ggi``, ``product_share``, ``conversion_rate`` and ``growth`` besides. A row
        with a column ``actual`` brings along what was reached, for indicators beyond the account.
    previous : Ledger, optional
        The account before, in the same price year; for ``rising`` and ``growth``.
    labels : {"", "zh", "en"}
        Language of verdicts and indicators.

    Returns
    -------
    DataFrame
        ``zone, name, indicator, rule, target, actual, unit``, ``achieved`` (percent: actual over
        target; target over actual for ``<=``), ``verdict`` and what the actual lacks. The verdict is
        ``met``, ``not_met``, or ``not_known`` where target or actual is missing, and where rows are
        missing whose value could turn it: it is taken as zero or more.

    Raises
    ------
    TableError
        All faults of the targets at once.
    """
    faults = Faults()
    rows: list[dict[Any, Any]] = targets.to_dict("records")
    made = [_row(ledger, row, previous, faults, f"target {n}") for n, row in enumerate(rows, 1)]
    faults.raise_as(TableError, "the targets cannot be assessed", where="targets")
    table = pd.DataFrame(made, columns=list(COLUMNS))
    if labels:
        check_language(labels, "labels")
        table["verdict"] = [_word(v, labels) for v in table["verdict"]]
        table["indicator"] = [_label(ledger, v, labels) for v in table["indicator"]]
    table.attrs["units"] = f"as in the column 'unit' ({ledger.price_year}); achieved in %"
    return table


def _row(
    ledger: Ledger, row: Mapping[Any, Any], previous: Ledger | None, faults: Faults, where: str
) -> dict[str, Any]:
    indicator, unit = text_of(row.get("indicator")), text_of(row.get("unit"))
    rule = text_of(row.get("rule")) or ">="
    where = f"{where} ({indicator} {text_of(row.get('zone'))})".replace(" )", ")")
    if rule not in RULES:
        faults.add(f"rule {rule!r}", where=where, expected=", ".join(RULES))
    target = number_of(row.get("target"), where, "target", faults)
    given = number_of(row.get("actual"), where, "actual", faults)
    missing, uncovered, zone = 0, 0.0, ""
    notes: tuple[str, ...] = ()
    try:
        zone = ledger.zone_code(text_of(row["zone"])) if text_of(row.get("zone")) else ""
        unit = unit or _own_unit(ledger, indicator)
        actual, missing, uncovered, notes = (
            (given, 0, 0.0, ("given",))
            if not math.isnan(given)
            else _actual(ledger, indicator, zone, unit, previous)
        )
        if rule == "rising":
            target, notes = _before(previous, ledger, indicator, zone, unit, notes)
    except GepError as error:
        faults.take(error, where=where)
        actual = float("nan")
    verdict, achieved = _verdict(rule, target, actual, missing), _achieved(rule, target, actual)
    name = ledger.zones["name"].get(zone, zone) if zone else ledger.meta.region
    found = (zone, name, indicator, rule, target, actual, unit, achieved, verdict, missing, uncovered)
    return dict(zip(COLUMNS, (*found, "; ".join(notes)), strict=True))


def _before(
    previous: Ledger | None, ledger: Ledger, indicator: str, zone: str, unit: str, notes: tuple[str, ...]
) -> tuple[float, tuple[str, ...]]:
    """Return what the account before shows, to be reached again."""
    if previous is None:
        return float("nan"), (*notes, "no account before to rise from")
    if previous.price_year != ledger.price_year:
        raise LedgerError(
            f"values of {previous.price_year} and of {ledger.price_year}", expected="one price year",
            fix="compile both with one price_year= and a deflator",
        )  # fmt: skip
    value, missing, *_ = _actual(previous, indicator, zone, unit, None)
    more = (f"{missing} rows missing in {previous.year}",) if missing else ()
    return value, (*notes, *more)


Found = tuple[float, int, float, tuple[str, ...]]


def _actual(ledger: Ledger, indicator: str, zone: str, unit: str, previous: Ledger | None) -> Found:
    """Return what an account shows, how many rows it lacks, the km2 not covered, and notes."""
    kind, _, code = indicator.partition(":")
    if kind in ("service", "category") and code:
        return _value(ledger, unit, zone, {kind: code})
    if indicator == "gep":
        return _value(ledger, unit, zone, {})
    if indicator in _BY_ZONE:
        return _ratio(ledger, indicator, zone, unit)
    if indicator not in (*_WHOLE, "growth"):
        known = [*_BY_ZONE, *_WHOLE, "growth", "service:...", "category:..."]
        near = difflib.get_close_matches(indicator, known, n=3) or known
        raise TableError(
            f"no indicator {indicator!r}", expected=", ".join(near), fix="or give a column 'actual'"
        )
    if zone:
        raise TableError(f"{indicator} is known for the region alone", expected="no zone")
    if indicator == "growth" and previous is None:
        raise TableError("growth since when?", expected="previous=, the account before")
    amount = growth(previous, ledger) if indicator == "growth" and previous else _WHOLE[indicator](ledger)
    assert isinstance(amount, Amount)  # noqa: S101
    missing = int(ledger.counted()["value"].isna().sum())
    return float(amount) * units.factor(amount.unit, unit), missing, 0.0, amount.notes


def _value(ledger: Ledger, unit: str, zone: str, where: dict[str, str]) -> Found:
    chosen = {**where, **({"zone": zone} if zone else {})}
    rows = ledger.counted()
    for key, wanted in chosen.items():
        rows = rows[rows[key] == wanted]
    total = ledger.total(unit, intermediate=False, **chosen)
    return float(total), int(rows["value"].isna().sum()), 0.0, total.notes


def _ratio(ledger: Ledger, indicator: str, zone: str, unit: str) -> Found:
    ratio = ledger.per_area if indicator == "per_area" else ledger.per_capita
    if not zone:
        whole = ratio(unit)
        return float(whole), int(ledger.counted()["value"].isna().sum()), 0.0, whole.notes
    table = ratio(unit, by="zone")
    if zone not in table.index:
        return float("nan"), 0, 0.0, ("no rows",)
    missing = ledger.by("zone", unit=ledger.price_year)["missing_rows"].to_dict()[zone]
    value, uncovered = (float(table[c].to_dict()[zone]) for c in ("value", "not_covered_km2"))
    return value, int(missing), uncovered, ()


def _own_unit(ledger: Ledger, indicator: str) -> str:
    """Return the unit of an indicator that says none."""
    power = {
        "per_area": f"{ledger.usual_unit(4)}/km2",
        "per_capita": f"{ledger.usual_unit(4)}/person",
        "ggi": "1",
    }
    if indicator in ("product_share", "conversion_rate", "growth"):
        return "%"
    return power.get(indicator, ledger.usual_unit(8))


def _verdict(rule: str, target: float, actual: float, missing: int) -> str:
    if math.isnan(target) or math.isnan(actual):
        return "not_known"
    below = rule == "<="
    met = {"<=": actual <= target, "rising": actual > target}.get(rule, actual >= target)
    # missing values can only lift the actual
    turns = missing and (met if below else not met)
    return "not_known" if turns else "met" if met else "not_met"


def _achieved(rule: str, target: float, actual: float) -> float:
    part, whole = (target, actual) if rule == "<=" else (actual, target)
    return 100.0 * part / whole if whole > 0 and not math.isnan(part) else float("nan")


def _word(verdict: str, lang: str) -> str:
    return str(vocabulary("indicators")["words"][verdict][lang])


def _label(ledger: Ledger, indicator: str, lang: str) -> str:
    known = vocabulary("indicators")["indicators"]
    return str(known[indicator][lang]) if indicator in known else str(
        ledger.meta.labels.get(indicator, {}).get(lang, indicator)
    )  # fmt: skip
