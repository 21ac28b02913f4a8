"""How value is spread over zones: density and its ranking, what a zone is strong in."""

from __future__ import annotations

import math
from collections.abc import Iterable

import pandas as pd

from gep import units
from gep.errors import LedgerError
from gep.ledger import Ledger, views


def known_sum(values: Iterable[float]) -> float:
    """Return the sum of what is known, whatever its order; missing where nothing is."""
    known = [v for v in values if not math.isnan(v)]
    return math.fsum(known) if known else float("nan")


def by_zone(
    ledger: Ledger, by: str = "zone", *, service: str = "", category: str = ""
) -> tuple[pd.DataFrame, list[str]]:
    """Return the value of each zone or level, every one of them, and what is not in it.

    Returns
    -------
    DataFrame
        ``name, value`` (the ledger's currency), ``area_m2``, ``population`` where it is known,
        ``missing_rows``, ``not_covered_km2``; a zone without rows has no value.
    list of str
        What is known for the region alone, and what has no value.
    """
    known = ["zone", *views.levels(ledger)]
    if by not in known:
        raise LedgerError(f"no zones by {by!r}", expected=", ".join(known))
    where = {k: v for k, v in (("service", service), ("category", category)) if v}
    rows = ledger.counted()
    for key, wanted in where.items():
        if wanted not in set(rows[key]):
            raise LedgerError(f"no {key} {wanted!r}", expected=", ".join(dict.fromkeys(rows[key])))
        rows = rows[rows[key] == wanted]
    table = _facts(ledger, by)
    placed = rows["zone"].isin(ledger.zones.index)
    groups = views.with_levels(ledger, rows[placed]).groupby(by, sort=False)["value"]
    table["value"] = groups.agg(known_sum)
    table["missing_rows"] = groups.agg(lambda v: int(v.isna().sum())).reindex(table.index, fill_value=0)
    table["not_covered_km2"] = _not_covered(ledger, by, set(rows["service"])).reindex(
        table.index, fill_value=0.0
    )
    return table, _notes(ledger, rows, rows[~placed])


def _facts(ledger: Ledger, by: str) -> pd.DataFrame:
    zones = ledger.zones
    columns = [c for c in ("area_m2", "population") if c in zones]
    if by == "zone":
        return zones[["name", *columns]].rename_axis("zone")
    # one unknown part leaves the whole unknown
    sums = zones.groupby(by, sort=False)[columns].sum(min_count=1)
    known = zones.groupby(by, sort=False)[columns].agg("count").eq(zones.groupby(by).size(), axis=0)
    sums = sums.where(known)
    return sums.assign(name=[str(n) for n in sums.index])


def _not_covered(ledger: Ledger, by: str, services: set[str]) -> pd.Series[float]:
    """Return km2 that the worst covered service lacks, by zone or level."""
    holes = views.with_levels(ledger, ledger.coverage)
    holes = holes[holes["service"].isin([*services, ""])]
    sums = holes.pivot_table(index=by, columns="service", values="area_m2", aggfunc="sum", fill_value=0.0)
    unmapped = sums.get("", pd.Series(0.0, sums.index))
    worst = sums.drop(columns="", errors="ignore").max(axis=1).fillna(0.0)
    return (unmapped + worst) / 1e6


def _notes(ledger: Ledger, rows: pd.DataFrame, whole: pd.DataFrame) -> list[str]:
    notes = []
    if len(whole):
        named = ", ".join(dict.fromkeys(whole["service"]))
        total = math.fsum(whole["value"].dropna())
        notes.append(f"known for the region alone, in no zone: {named}, {total:,.6g} {ledger.price_year}")
    missing = rows[rows["value"].isna()]
    if len(missing):
        named = ", ".join(dict.fromkeys(missing["service"]))
        notes.append(f"{len(missing)} of {len(rows)} rows have no value: {named}")
    return notes


def density_ranking(
    ledger: Ledger, *, by: str = "zone", unit: str = "", service: str = "", category: str = ""
) -> pd.DataFrame:
    """Return zones by their value per accounted area, the densest first.

    Parameters
    ----------
    ledger : Ledger
        The account.
    by : str
        ``zone`` or a level of the zones.
    unit : str
        ``万元/km2`` unless given (10^4 of another currency).
    service, category : str
        One of them alone; the whole account unless given.

    Returns
    -------
    DataFrame
        ``name, density, rank`` (equal densities share the better rank), ``ratio`` (to the mean of all
        zones), ``area_km2``, ``missing_rows``, ``not_covered_km2``; a zone without a value or an area
        stands last and has no rank. ``attrs``: ``units``, ``notes``.
    """
    unit = unit or f"{ledger.usual_unit(4)}/km2"
    money, _, below = unit.partition("/")
    factor = ledger.factor(money) / units.factor("m2", below)
    table, notes = by_zone(ledger, by, service=service, category=category)
    area = table["area_m2"].where(table["area_m2"] > 0)
    counted = table["value"].notna() & area.notna()
    mean = (
        math.fsum(table.loc[counted, "value"]) / math.fsum(area[counted]) if counted.any() else float("nan")
    )
    made = pd.DataFrame({"name": table["name"], "density": table["value"] / area * factor})
    made["rank"] = made["density"].rank(ascending=False, method="min").astype("Int64")
    made["ratio"] = table["value"] / area / (mean if mean > 0 else float("nan"))
    made["area_km2"] = table["area_m2"] / 1e6
    made[["missing_rows", "not_covered_km2"]] = table[["missing_rows", "not_covered_km2"]]
    made = made.sort_values("density", ascending=False, kind="stable", na_position="last")
    made.attrs = {"units": f"{unit} ({ledger.price_year})", "notes": tuple(notes)}
    return made


def location_quotient(
    ledger: Ledger, *, by: str = "zone", of: str = "service", labels: str = ""
) -> pd.DataFrame:
    """Return what zones are strong in: the share of a service in a zone over its share in all zones.

    Parameters
    ----------
    ledger : Ledger
        The account.
    by : str
        ``zone`` or a level of the zones.
    of : {"service", "category", "ecosystem"}
        What is compared.
    labels : {"", "zh", "en"}
        Write names instead of codes.

    Returns
    -------
    DataFrame
        Zones by services; above one: stronger than the whole. The mean over zones, weighted by their
        value, is one. Empty where a zone or a service has no value at all. ``attrs``: ``notes``.

    Notes
    -----
    ``(v[z,s] / v[z]) / (v[s] / v)``, of what is known by zone: values kept at region level are in no
    share. What a zone does not supply counts as nothing supplied there; a value that is missing makes
    the quotients of that zone those of what is known, and the notes say so.

    References
    ----------
    The location quotient of regional economics: Isard 1960, Methods of Regional Analysis, chapter 7.
    """
    if of not in ("service", "category", "ecosystem"):
        raise LedgerError(f"no quotients of {of!r}", expected="service, category or ecosystem")
    _, notes = by_zone(ledger, by)
    rows = ledger.counted()
    rows = views.with_levels(ledger, rows[rows["zone"].isin(ledger.zones.index)])
    groups = rows.groupby([by, of], sort=False)["value"]
    cells = {(z, s): known_sum(v) for (z, s), v in groups}
    columns, zones = list(dict.fromkeys(rows[of])), _facts(ledger, by).index
    body = [[cells.get((z, s), 0.0) for s in columns] for z in zones]
    wide = pd.DataFrame(body, index=zones, columns=pd.Index(columns, name=of), dtype=float)
    by_row = pd.Series([math.fsum(r.dropna()) for _, r in wide.iterrows()], wide.index)
    by_column = pd.Series([math.fsum(c.dropna()) for _, c in wide.items()], wide.columns)
    whole = math.fsum(by_row) or float("nan")
    shares = wide.div(by_row.where(by_row != 0), axis=0)
    table = shares.div(by_column.where(by_column != 0) / whole, axis=1)
    table.attrs = {"units": "1", "notes": tuple(notes)}
    return _labelled(ledger, table, by, of, labels) if labels else table


def _labelled(ledger: Ledger, table: pd.DataFrame, by: str, of: str, labels: str) -> pd.DataFrame:
    made = views.labelled(ledger, table, (by,), labels)
    names = views.labelled(
        ledger, pd.DataFrame({of: list(table.columns), "x": 0}).set_index(of), (of,), labels
    )
    made.columns = pd.Index(list(names.index), name=of)
    return made
