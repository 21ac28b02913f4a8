"""The table of zones: codes, names, levels and stated areas, tidied; and how zones are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gep import units
from gep.ecosystems import within
from gep.errors import Faults, UnitError
from gep.tables import is_total, text_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

#: Columns of the tables of zones and of a ledger: what no level may be called.
RESERVED = frozenset({
    "code", "name", "area_m2", "stated_area_m2", "polygon_area_m2", "population",
    "year", "zone", "ecosystem", "category", "service", "indicator", "item", "quantity", "quantity_unit",
    "price", "price_unit", "value", "price_year", "status", "coefficient_status", "spread", "run",
    "missing_rows", "not_covered_km2", "on_stated_area", "cause", "cells",
})  # fmt: skip


def codes_of(column: pd.Series[Any]) -> pd.Series[str]:
    """Return codes as text: 150105101 and 150105101.0 become "150105101", missing becomes ""."""
    return pd.Series([text_of(v) for v in column], column.index, dtype=object)


def tidy_table(
    frame: pd.DataFrame, code: str, name: str, levels: Sequence[str], region: str, faults: Faults
) -> pd.DataFrame | None:
    """Return the table of zones by code, noting every fault; None where columns are missing."""
    if absent := [c for c in (code, *levels) if c not in frame]:
        for column in absent:
            faults.add(
                f"the table has no column {column!r}", where="zones", expected=f"one of {list(frame.columns)}"
            )
        return None
    codes = codes_of(frame[code])
    tidy = pd.DataFrame({"name": codes_of(frame[name]) if name in frame else codes})
    for level in levels:
        if level in RESERVED and not level == name == "name":
            faults.add(f"a level cannot be called {level!r}", where="zones", fix="rename the column")
        tidy[level] = codes_of(frame[level])
        for blank in codes[tidy[level] == ""]:
            faults.add(f"it has no {level}", where=f"zone {blank}")
    tidy["name"] = tidy["name"].where(tidy["name"] != "", codes)
    tidy.index = pd.Index(codes.to_numpy(), dtype=object, name="code")
    for place in np.flatnonzero(codes == ""):
        faults.add("a zone has no code", where=f"row {place + 1} of the zones")
    for double in codes[codes.duplicated() & (codes != "")].unique():
        listed = ", ".join(tidy.loc[[double], "name"])
        faults.add(f"code {double} stands for several zones ({listed})", where="zones", fix="merge them")
    if tidy.empty:
        faults.add("the table has no rows", where="zones")
    _check_region(tidy, levels, region, faults)
    return tidy


def _check_region(tidy: pd.DataFrame, levels: Sequence[str], region: str, faults: Faults) -> None:
    """Refuse a region called like a part of it: what is kept at region level would count for the part."""
    fix = "name the whole otherwise: region="
    if region in tidy.index:
        faults.add(f"the region and a zone have one code {region!r}", where="zones", fix=fix)
    for level in levels:
        if (tidy[level] == region).any() and (tidy[level] != region).any():
            faults.add(
                f"the region and a part of it, by {level}, are both {region!r}", where="zones", fix=fix
            )


def check_totals(tidy: pd.DataFrame, faults: Faults) -> None:
    """Refuse rows of totals among the zones."""
    for code, name in tidy["name"].items():
        said = [text for text in (str(code), str(name)) if is_total(text)]
        if said:
            faults.add(
                f"{said[0]!r} is a total, not a zone: the account makes its totals, this would count twice",
                where=f"zone {code}", expected="zones alone", fix="leave these rows out",
            )  # fmt: skip


def check_nested(extent: pd.DataFrame, faults: Faults) -> None:
    """Refuse the area of an ecosystem beside that of a part of it: the part would count twice."""
    for zone, part in extent.groupby("zone", sort=False)["ecosystem"]:
        named = list(dict.fromkeys(part))
        for name in named:
            above = [other for other in named if other != name and within(name, [other])]
            if above:
                faults.add(
                    f"{name} is a part of {', '.join(above)}, both have an area", where=f"zone {zone}",
                    expected="the parts, or the whole",
                )  # fmt: skip


def areas_of(
    frame: pd.DataFrame, area: str, unit: str | None, faults: Faults, *, needed: bool = False
) -> NDArray[np.float64]:
    """Return a column of areas in m2; ``unit`` is a column or one unit for all."""
    out = np.full(len(frame), np.nan)
    column = unit if unit in frame and unit != area else None
    if area not in frame or unit is None or (column is None and unit == "unit"):
        lacks = f"no column {area!r}" if area not in frame else "no unit"
        faults.add(f"the areas have {lacks}", where="zones", fix="name the column and its unit, say 'km2'")
        return out
    texts = frame[column].astype(str) if column else pd.Series(unit, frame.index)
    numbers = pd.to_numeric(frame[area], errors="coerce").to_numpy(float)
    for text in texts.unique():
        try:
            out[texts == text] = numbers[texts == text] * units.factor(text, "m2")
        except UnitError as error:
            faults.take(error, where=f"unit of {area}")
            out[texts == text] = 0.0
    blank = frame[area].isna().to_numpy() & (not needed)
    for place in np.flatnonzero(~((out >= 0) & np.isfinite(out)) & ~blank):
        faults.add(
            f"area {frame[area].iloc[place]} is missing, below zero or without end",
            where=f"row {place + 1}",
        )
    return out


def km2(square_metres: float) -> str:
    """Return an area as text, in km2."""
    return f"{square_metres / 1e6:.4g} km2" if square_metres < 1e10 else f"{square_metres / 1e6:,.0f} km2"


def some(items: Iterable[Any], most: int = 10) -> str:
    """Return the first of many as text, and how many more there are."""
    listed = [str(i) for i in items]
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
