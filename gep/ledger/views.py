"""Tables of a ledger: in which order, under which names, beside which gaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from gep.ecosystems import label as ecosystem_label
from gep.ledger.parts import ZONE_NUMBERS, check_language

if TYPE_CHECKING:
    from gep.ledger.core import Ledger


def levels(ledger: Ledger) -> list[str]:
    """Return the columns of the zone table that group zones."""
    return [c for c in ledger.zones.columns if c not in ("name", *ZONE_NUMBERS)]


def with_levels(ledger: Ledger, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the levels of their zones beside them; the region is one of every level."""
    names = levels(ledger)
    if not names:
        return rows
    whole = pd.DataFrame([dict.fromkeys(names, ledger.meta.region)], index=[ledger.meta.region])
    return rows.join(pd.concat([ledger.zones[names], whole]), on="zone")


def in_order(ledger: Ledger, table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Sort by the keys as asked for: zones as in the zone table, the rest as in the profile."""
    known = with_levels(ledger, ledger.frame)
    orders = {k: {v: i for i, v in enumerate(dict.fromkeys(known[k]))} for k in keys}
    if "zone" in orders:
        orders["zone"] = {v: i for i, v in enumerate([*ledger.zones.index, ledger.meta.region])}
    places = [
        tuple(orders[k].get(v, 0) for k, v in zip(keys, _parts(key), strict=True)) for key in table.index
    ]
    return table.iloc[sorted(range(len(table)), key=places.__getitem__)]


def gaps(ledger: Ledger, rows: pd.DataFrame, where: Mapping[str, str]) -> list[str]:
    """Say in words what a total of ``rows`` leaves out."""
    holes = ledger.coverage[ledger.coverage["service"].isin([*rows["service"].unique(), ""])]
    holes = with_levels(ledger, holes)
    for key in ("zone", "ecosystem", *levels(ledger)):
        if key in where:
            wanted = ledger.zone_code(where[key]) if key == "zone" else where[key]
            holes = holes[holes[key].isin([wanted, ""])]
    notes = []
    for (service, cause), part in holes.groupby(["service", "cause"], sort=False):
        names = _zone_names(ledger, part)
        area = part["area_m2"].sum() / 1e6
        notes.append(f"not covered: {area:,.2f} km2 of {names} in {service or 'all grid services'}: {cause}")
    missing = rows[rows["value"].isna()]
    if len(missing):
        named = ", ".join(dict.fromkeys(missing["service"]))
        zones = _zone_names(ledger, missing)
        notes.append(f"{len(missing)} of {len(rows)} rows have no value: {named} in {zones}")
    return notes


def _zone_names(ledger: Ledger, rows: pd.DataFrame) -> str:
    """Return the names of the zones of some rows, with the code where a name is not alone."""
    names = ledger.zones["name"]
    doubled = set(names[names.duplicated(keep=False)])
    codes = [str(z) for z in dict.fromkeys(rows["zone"])]
    shown = [f"{names.get(z, z)} ({z})" if names.get(z) in doubled else str(names.get(z, z)) for z in codes]
    more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
    return ", ".join(shown[:10]) + more


def holes(ledger: Ledger, keys: Sequence[str], index: pd.Index[Any]) -> pd.Series[float]:
    """Return the km2 not covered for each row of a table.

    Land that the land cover does not map counts for every service and ecosystem. Over several
    services it is the area that the worst covered one lacks: the same hole is not added up.
    """
    known = with_levels(ledger, ledger.coverage)
    wanted = [k for k in keys if k in ("zone", "ecosystem", *levels(ledger))]
    of = with_levels(ledger, ledger.frame).groupby(list(keys), sort=False)["service"].agg(set).to_dict()
    result = pd.Series(0.0, index=index)
    for position, key in enumerate(index if len(known) else ()):
        parts = dict(zip(keys, _parts(key), strict=True))
        hit = known["service"].isin([*of.get(key, ()), ""]).to_numpy()
        for name in wanted:
            anywhere = [""] if name == "ecosystem" else []
            hit = hit & known[name].isin([parts[name], *anywhere]).to_numpy()
        result.iloc[position] = worst(known[hit]) / 1e6
    return result


def worst(known: pd.DataFrame) -> float:
    """Return unmapped land plus the area that the worst covered service lacks besides."""
    sums = known.groupby("service")["area_m2"].sum().to_dict()
    unmapped = sums.pop("", 0.0)
    return float(unmapped + max(sums.values(), default=0.0))


def labelled(ledger: Ledger, table: pd.DataFrame, keys: Sequence[str], lang: str) -> pd.DataFrame:
    """Return a table with names in ``lang`` in place of codes."""
    check_language(lang, "labels")
    frame = table.reset_index()
    names = {key: [_name(ledger, key, row, lang) for row in frame.to_dict("records")] for key in keys}
    made = frame.assign(**names).set_index(list(keys))
    made.attrs = table.attrs
    return made


def _name(ledger: Ledger, key: str, row: Mapping[Any, Any], lang: str) -> str:
    code = str(row[key])
    if code == ledger.meta.region and key in ("zone", *levels(ledger)) and code not in _own(ledger, key):
        return code + {"zh": "（未分摊）", "en": " (not allocated)"}[lang]
    if key == "zone":
        return str(ledger.zones["name"].get(code, code))
    if key == "ecosystem":
        return ecosystem_label(code, lang)
    # indicators are named within their service
    entry = f"{row['service']}.{code}" if key == "indicator" and "service" in row else code
    return ledger.meta.labels.get(f"{key}:{entry}", {}).get(lang, code)


def _own(ledger: Ledger, key: str) -> set[str]:
    """Return the zones themselves or the values of a level; one of these may be called as the region is."""
    return set(ledger.zones.index if key == "zone" else ledger.zones[key])


def _parts(key: Any) -> tuple[Any, ...]:
    """Return an index label as a tuple, also where there is one key alone."""
    return key if isinstance(key, tuple) else (key,)
