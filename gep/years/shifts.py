"""What differs between the accounts of two years, read from what their ledgers carry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from gep import units
from gep.ledger import Ledger, views
from gep.ledger.parts import KEYS
from gep.years.breaks import Shift

#: Relative difference of areas that is still the same boundary.
SAME_AREA = 1e-6
#: Relative difference of numbers that floating point explains.
_SAME = 1e-12
_SHOWN = 8


def shifts(opening: Ledger, closing: Ledger) -> list[Shift]:
    """Return everything that differs in how two years were accounted.

    Parameters
    ----------
    opening, closing : Ledger
        Two years, in order.

    Returns
    -------
    list of Shift
        Kinds ``scope``, ``method``, ``boundary`` and ``currency`` make years incomparable; ``prices``,
        ``coefficient``, ``items``, ``land cover``, ``input``, ``coverage``, ``missing``, ``names`` and
        ``profile`` are told.
    """
    looks = (
        _profile, _scope, _boundary, _methods, _money, _items, _prices, _coefficients, _inputs, _extent,
        _coverage, _missing,
    )  # fmt: skip
    return [shift for look in looks for shift in look(opening, closing)]


# ------------------------------------------------------------------ profile, scope, method


def _profile(a: Ledger, b: Ledger) -> Iterator[Shift]:
    old, new = a.meta.profile, b.meta.profile
    named = [key for key in ("id", "edition") if old.get(key) != new.get(key)]
    for key in named:
        yield Shift("method", f"profile {key}", _arrow(old.get(key), new.get(key)))
    gone, came = _differ(old.get("modified", ()), new.get("modified", ()))
    for sign, texts in (("no more", gone), ("new", came)):
        for text in texts:
            yield Shift(_switch(text), "profile as modified", f"{sign}: {text}")
    if not (named or gone or came) and _reprinted(a, b, "profile"):
        yield Shift("method", "profile", f"{old.get('id')} ({old.get('edition')}) has another content")
    if _reprinted(a, b, "crosswalk"):
        yield Shift("input", "crosswalk", "other classes, or other codes of no data")


def _reprinted(a: Ledger, b: Ledger, name: str) -> bool:
    """Tell whether both ledgers carry a fingerprint and these differ."""
    old, new = (one.meta.fingerprints.get(name) for one in (a, b))
    return old is not None and new is not None and old != new


def _switch(text: str) -> str:
    """Return the kind of a switch of a profile; what it leaves out shows in the services as well."""
    if text.startswith(("coefficients+", "regions+")):
        return "coefficient"
    return "profile" if text.startswith("only ") or text.endswith(("=True", "=False")) else "method"


def _scope(a: Ledger, b: Ledger) -> Iterator[Shift]:
    gone, came = _differ(a.services, b.services)
    yield from _came_and_went("scope", "services", gone, came)
    both = set(a.services) & set(b.services)
    lines = [dict.fromkeys(_pairs(one.frame, both)) for one in (a, b)]
    yield from _came_and_went("scope", "indicators", *_differ(*lines))


def _pairs(frame: pd.DataFrame, services: set[str]) -> Iterator[str]:
    kept = frame[frame["service"].isin(services)]
    yield from (f"{s}.{i}" for s, i in zip(kept["service"], kept["indicator"], strict=True))


def _methods(a: Ledger, b: Ledger) -> Iterator[Shift]:
    for name, new in b.meta.runs.items():
        old = a.meta.runs.get(name)
        if old is None:
            continue
        for key in ("method", "variant"):
            if old.get(key, "") != new.get(key, ""):
                yield Shift("method", name, f"{key} {_arrow(old.get(key), new.get(key))}")
        if _formulas(old) != _formulas(new):
            said = _arrow(*("; ".join(_formulas(run)) for run in (old, new)))
            yield Shift("method", name, f"formulas {said}")
        if list(old.get("spreads", ())) != list(new.get("spreads", ())):
            keys = _arrow("; ".join(old.get("spreads", ())), "; ".join(new.get("spreads", ())))
            yield Shift("method", name, f"spread {keys}")
        if not units.same_dimension(str(old["report"]), str(new["report"])):
            yield Shift("method", name, f"quantity in {_arrow(old['report'], new['report'])}")


def _formulas(run: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the formulas of a run as text: name, arguments with units, result."""
    return tuple(
        f"{f['name']}({', '.join(f'{k} [{u}]' for k, u in f['arguments'].items())}) -> {f['result']}"
        for f in sorted(run.get("formulas", ()), key=lambda f: str(f["name"]))
    )


# ------------------------------------------------------------------ boundary, extent, coverage


def _boundary(a: Ledger, b: Ledger) -> Iterator[Shift]:
    if a.meta.region != b.meta.region:
        yield Shift("boundary", "region", _arrow(a.meta.region, b.meta.region))
    yield from _came_and_went("boundary", "zones", *_differ(map(str, a.zones.index), map(str, b.zones.index)))
    yield from _came_and_went("boundary", "levels", *_differ(views.levels(a), views.levels(b)))
    both = [code for code in a.zones.index if code in b.zones.index]
    old, new = a.zones.loc[both], b.zones.loc[both]
    for level in [name for name in views.levels(a) if name in views.levels(b)]:
        yield from _moved("boundary", level, old[level], new[level])
    before, after = old["area_m2"].to_numpy(float), new["area_m2"].to_numpy(float)
    size = np.maximum(np.abs(before), np.abs(after))
    other = ~(np.abs(after - before) <= SAME_AREA * size) & ~(np.isnan(before) & np.isnan(after))
    if other.any():
        said = _some(
            f"{both[i]} {before[i] / 1e6:,.6g} -> {after[i] / 1e6:,.6g} km2" for i in np.flatnonzero(other)
        )
        yield Shift("boundary", "area of zones", said)
    yield from _moved("names", "zones", old["name"], new["name"])


def _moved(kind: str, where: str, old: pd.Series[Any], new: pd.Series[Any]) -> Iterator[Shift]:
    """Compare a text that the same zones have in two years."""
    sides = zip(old.index, map(str, old), map(str, new), strict=True)
    moved = [f"{code} {_arrow(before, after)}" for code, before, after in sides if before != after]
    if moved:
        yield Shift(kind, where, _some(moved))


def _extent(a: Ledger, b: Ledger) -> Iterator[Shift]:
    old, new = (one.extent.groupby("ecosystem", sort=False)["area_m2"].sum() for one in (a, b))
    maps = [i.get("hash") for one in (a, b) for i in one.meta.inputs if i["name"] == "land_cover"]
    if len(maps) == 2 and maps[0] == maps[1]:
        yield Shift("land cover", "map", "the same in every cell as the year before")
    change = new.sub(old, fill_value=0.0)
    kept = change[change.abs() > SAME_AREA * old.combine(new, max, fill_value=0.0)]
    if len(kept):
        said = _some(f"{e} {v / 1e6:+,.6g} km2" for e, v in kept.items())
        yield Shift("land cover", "extent", f"net {said}")


def _coverage(a: Ledger, b: Ledger) -> Iterator[Shift]:
    old, new = (one.coverage.groupby("service", sort=False)["area_m2"].sum() for one in (a, b))
    for service in dict.fromkeys([*old.index, *new.index]):
        before, after = (float(one.get(service, 0.0)) for one in (old, new))
        if abs(after - before) > SAME_AREA * max(before, after):
            where = str(service) or "land without a class"
            yield Shift("coverage", where, f"not covered {before / 1e6:,.6g} -> {after / 1e6:,.6g} km2")


def _missing(a: Ledger, b: Ledger) -> Iterator[Shift]:
    """Compare how many rows of each service have no value: a total may fall for that alone."""
    old, new = (one.frame["value"].isna().groupby(one.frame["service"], sort=False).sum() for one in (a, b))
    for service in old.index.intersection(new.index, sort=False):
        if old[service] != new[service]:
            yield Shift("missing", str(service), f"rows without a value {old[service]} -> {new[service]}")


# ------------------------------------------------------------------ money, prices, numbers


def _money(a: Ledger, b: Ledger) -> Iterator[Shift]:
    old, new = (one.price_year.partition("_")[0] for one in (a, b))
    if old != new:
        yield Shift("currency", "values", _arrow(old, new))
    elif a.price_year != b.price_year:
        yield Shift("prices", "values", _arrow(a.price_year, b.price_year))
    for name in ("deflator", "exchange"):
        before, after = (one.meta.arguments.get(name) for one in (a, b))
        if before != after:
            yield Shift("prices", name, _arrow(before, after))


def _items(a: Ledger, b: Ledger) -> Iterator[Shift]:
    old, new = (_items_of(one.frame) for one in (a, b))
    for line in [k for k in old if k in new]:
        yield from _came_and_went("items", line, *_differ(old[line], new[line]))


def _items_of(frame: pd.DataFrame) -> dict[str, list[str]]:
    return {
        f"{s}.{i}": list(dict.fromkeys(rows))
        for (s, i), rows in frame.groupby(["service", "indicator"], sort=False)["item"]
    }


def _prices(a: Ledger, b: Ledger) -> Iterator[Shift]:
    """Compare the prices of the rows that both years have."""
    keys = list(KEYS)
    columns = [*keys, "price", "price_unit"]
    both = a.frame[columns].merge(b.frame[columns], on=keys, suffixes=("_old", "_new"))
    both = both.dropna(subset=["price_old", "price_new"])
    old, new = both["price_old"].to_numpy(float), both["price_new"].to_numpy(float)
    both = both[np.abs(new - old) > _SAME * np.maximum(np.abs(old), np.abs(new))]
    for (service, indicator, item), rows in both.groupby(["service", "indicator", "item"], sort=False):
        where = " / ".join(filter(None, (f"{service}.{indicator}", item)))
        yield Shift("prices", where, _price_change(rows))


def _price_change(rows: pd.DataFrame) -> str:
    sides = []
    for side in ("old", "new"):
        prices = rows[f"price_{side}"].to_numpy(float)
        low, high = prices.min(), prices.max()
        span = f"{low:,.6g}" if high - low <= _SAME * abs(high) else f"{low:,.6g} to {high:,.6g}"
        sides.append(f"{span} {rows[f'price_unit_{side}'].iloc[0]}")
    return _arrow(*sides)


def _coefficients(a: Ledger, b: Ledger) -> Iterator[Shift]:
    """Compare coefficient rows: of the same id, else by what they are valid for."""
    old, new = ({c["id"]: c for c in one.meta.coefficients} for one in (a, b))
    for name in [k for k in old if k in new]:
        before, after = (_number(one[name]) for one in (old, new))
        if before != after:
            yield Shift("coefficient", name, _arrow(before, after))
    gone, came = ({_valid_for(c): c for k, c in x.items() if k not in y} for x, y in ((old, new), (new, old)))
    for key in dict.fromkeys([*gone, *came]):
        before, after = (f"{x[key]['id']} = {_number(x[key])}" if key in x else "" for x in (gone, came))
        yield Shift("coefficient", key, _arrow(before, after))


def _number(row: Mapping[str, Any]) -> str:
    return f"{row['value']:.9g} {row['unit']} [{row['source']}]"


def _valid_for(row: Mapping[str, Any]) -> str:
    return " / ".join(filter(None, (row["quantity"], row["ecosystem"], row["item"])))


def _inputs(a: Ledger, b: Ledger) -> Iterator[Shift]:
    old, new = ({str(i["name"]): i for i in one.meta.inputs} for one in (a, b))
    yield from _came_and_went("input", "inputs", *_differ(old, new))
    for name in [k for k in old if k in new]:
        for key in ("form", "unit", "status", "source"):
            if _yearless(old[name].get(key)) != _yearless(new[name].get(key)):
                yield Shift("input", name, f"{key} {_arrow(old[name].get(key), new[name].get(key))}")


def _yearless(unit: object) -> str:
    """Return a unit without price years, which differ from year to year of themselves."""
    return re.sub(r"_(?:19|20)\d\d", "", str(unit))


# ------------------------------------------------------------------ words


def _differ(old: Iterable[str], new: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return what only the first and what only the second has, in order."""
    before, after = list(dict.fromkeys(old)), list(dict.fromkeys(new))
    return [x for x in before if x not in set(after)], [x for x in after if x not in set(before)]


def _came_and_went(kind: str, where: str, gone: list[str], came: list[str]) -> Iterator[Shift]:
    if gone:
        yield Shift(kind, where, f"no more: {_some(x or '(none)' for x in gone)}")
    if came:
        yield Shift(kind, where, f"new: {_some(x or '(none)' for x in came)}")


def _some(texts: Iterable[str]) -> str:
    listed = list(texts)
    more = f" and {len(listed) - _SHOWN} more" if len(listed) > _SHOWN else ""
    return ", ".join(listed[:_SHOWN]) + more


def _arrow(old: object, new: object) -> str:
    return f"{old or '(none)'} -> {new or '(none)'}"
