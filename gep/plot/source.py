"""What figures take from a ledger: values with names, and what must be said beside them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from gep import ecosystems, units
from gep.ledger import views
from gep.plot.words import amounts, listed, word
from gep.resources import vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gep.ledger import Ledger


#: The code of all together.
WHOLE = "total"


def money_unit(ledger: Ledger, unit: str, lang: str) -> str:
    """Return ``unit``, or 10^8 of the ledger's currency; in English without Chinese signs.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> ledger = SimpleNamespace(price_year="CNY_2020")
    >>> money_unit(ledger, "", "zh"), money_unit(ledger, "", "en"), money_unit(ledger, "万元/km2", "en")
    ('亿元', '10^8 CNY', '10^4 CNY/km2')
    """
    code, _, year = ledger.price_year.partition("_")
    if lang == "zh":
        return unit or ("亿元" if code == "CNY" else f"10^8 {code}")
    if unit.isascii():
        return unit or f"10^8 {code}"
    return units.spell(units.parse(unit, price_year=int(year))).replace(f"_{year}", "")


def values_by(
    ledger: Ledger, keys: Sequence[str], unit: str, lang: str, *, intermediate: bool = False
) -> pd.DataFrame:
    """Return :meth:`Ledger.by` as columns: each key, its name as ``key_name``, ``value`` and the gaps."""
    table = ledger.by(*keys, unit=unit, intermediate=intermediate)
    names = views.labelled(ledger, table, keys, lang)
    frame = table.reset_index()
    for key in keys:
        frame[f"{key}_name"] = [str(name) for name in names.index.get_level_values(key)]
    return frame


def name_of(code: str, lang: str) -> str:
    """Return the name of a category, service, user or ecosystem; anything else is called as it is.

    Examples
    --------
    >>> name_of("crops", "en"), name_of("marsh", "zh"), name_of("our village", "en")
    ('Crops', '沼泽', 'our village')
    """
    if code in (WHOLE, "not_attributed", "unallocated"):
        return word(code, lang)
    known = vocabulary("services")
    for entries in (known["categories"], known["services"], vocabulary("seea")["users"]):
        if code in entries:
            return str(entries[code][lang])
    return ecosystems.label(code, lang)


def fold(frame: pd.DataFrame, names: Sequence[str], most: int, lang: str) -> tuple[pd.DataFrame, str]:
    """Return the largest values and the sum of the rest as "other (n)", with a note of what that is.

    Rows without a value stay; ``names`` are the columns that name a row, the last one the note's.
    """
    ranked = frame["value"].abs().dropna().sort_values(ascending=False, kind="stable")
    if len(ranked) <= most:
        return frame, ""
    rest = frame.loc[ranked.index[most - 1 :]]
    label = word("other", lang, n=len(rest))
    row = {
        **dict.fromkeys(frame.columns, ""),
        **dict.fromkeys(names, label),
        "value": math.fsum(rest["value"]),
        **{c: rest[c].sum() for c in ("missing_rows", "not_covered_km2") if c in frame},
    }
    kept = pd.concat([frame.drop(index=rest.index), pd.DataFrame([row])], ignore_index=True)
    return kept, word("folded", lang, label=label, what=listed(rest[names[-1]], lang, 12))


def ledger_notes(ledger: Ledger, unit: str, lang: str, service: str = "") -> list[str]:
    """Return what must be said under every figure of a ledger, or of one of its services."""
    code = ledger.price_year
    table = values_by(ledger, ["service"], unit, lang, intermediate=True)
    inner = ~table["service"].isin(ledger.counted()["service"])
    shown_rows = table[table["service"] == service] if service else table[~inner]
    notes = [word("prices", lang, year=units.year_of(code), code=code.partition("_")[0])]
    if len(lacking := shown_rows[shown_rows["missing_rows"] > 0]):
        counts = zip(lacking["service_name"], lacking["missing_rows"], strict=True)
        notes.append(word("missing_rows", lang, what=listed((f"{s} {n}" for s, n in counts), lang)))
    if len(holes := shown_rows[shown_rows["not_covered_km2"] > 0]):
        pairs = zip(holes["service_name"], holes["not_covered_km2"], strict=True)
        notes.append(word("not_covered", lang, what=amounts(pairs, "km2", lang)))
    if inner.any() and not service:
        pairs = zip(table.loc[inner, "service_name"], table.loc[inner, "value"], strict=True)
        notes.append(word("intermediate", lang, what=amounts(pairs, unit, lang)))
    return [*notes, *_illustrative(ledger, lang, service)]


def _illustrative(ledger: Ledger, lang: str, service: str) -> list[str]:
    rows = ledger.frame if not service else ledger.frame[ledger.frame["service"] == service]
    invented = (rows["status"] == "illustrative") | (rows["coefficient_status"] == "illustrative")
    if not invented.any():
        return []
    n, of = rows.loc[invented, "service"].nunique(), rows["service"].nunique()
    return [word("illustrative", lang, n=n, of=of)]


def not_allocated(ledger: Ledger, unit: str, lang: str, service: str = "") -> list[str]:
    """Return the note on values that are known for the region alone."""
    table = values_by(ledger, ["zone", "service"], unit, lang, intermediate=bool(service))
    rows = table[table["zone"] == ledger.meta.region]
    rows = rows[rows["service"] == service] if service else rows
    known = rows.dropna(subset=["value"])
    if ledger.meta.region in ledger.zones.index or rows.empty:
        return []
    pairs = list(zip(rows["service_name"], rows["value"], strict=True))
    if len(known) > 1:
        pairs = [(word("total", lang), math.fsum(known["value"])), *pairs]
    return [word("not_allocated", lang, what=amounts(pairs, unit, lang))]
