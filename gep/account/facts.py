"""Facts of zones and region that indicators divide by: area, population, GDP."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gep import units
from gep.account.evaluate import Evaluator
from gep.errors import TableError, ZoneError
from gep.grid.layers import cells_of
from gep.grid.positions import integrate

#: Gap between the region and its zones that is worth a note.
NOTED = 0.01


def zone_facts(evaluator: Evaluator) -> pd.DataFrame:
    """Return the zone table of a ledger: name, levels, areas in m2, population."""
    zones = evaluator.extent.zones
    table = zones.table[["name", *zones.levels]].copy()
    table["area_m2"] = zones.zone_area().reindex(table.index)
    wanted = (("stated_area_m2", "stated_area", "m2"), ("population", "population", "person"))
    for column, name, unit in wanted:
        known = _by_zone(evaluator, name, unit)
        if known is None and column in zones.table:
            known = zones.table[column]
        if known is not None:
            table[column] = known.reindex(table.index)
    table.index.name = "code"
    return table


def region_facts(evaluator: Evaluator) -> dict[str, Any]:
    """Return facts stated for the whole: GDP in the account's money, population, stated area."""
    facts: dict[str, Any] = {}
    wanted = {
        "gdp": f"{evaluator.money.currency}/year",
        "population": "person",
        "stated_area": "m2",
    }
    for name, unit in wanted.items():
        rows = _rows(evaluator, name)
        whole = rows[rows["zone"].isin(["", evaluator.extent.zones.region])].dropna(subset="value")
        if len(whole) > 1:
            raise TableError(
                f"{name} is given for the region twice, with and without its name",
                where=", ".join(whole["origin"]),
                expected="one row",
            )
        if len(whole) == 1:
            row = whole.iloc[0]
            factor, converted = evaluator.money.convert(str(row["unit"]))
            key = "stated_area_m2" if name == "stated_area" else name
            facts[key] = float(row["value"]) * factor * units.factor(converted, unit)
            facts[f"{name}_status"] = row["status"]
            _compare(evaluator, name, unit, facts[key])
    return facts


def _compare(evaluator: Evaluator, name: str, unit: str, whole: float) -> None:
    """Note where the zones do not add up to what is stated for the region."""
    parts = None if name == "gdp" else _by_zone(evaluator, name, unit)
    total = float(parts.sum(min_count=len(evaluator.extent.zones))) if parts is not None else np.nan
    if abs(total - whole) > NOTED * abs(whole):
        evaluator.notes.append(
            f"{name} is {whole:,.6g} {unit} for the region, its zones add up to {total:,.6g} {unit}"
        )


def _rows(evaluator: Evaluator, name: str) -> pd.DataFrame:
    """Return the rows of a fact; a part of it (an item, an ecosystem) is not the fact."""
    rows = evaluator.inputs.rows
    rows = rows[rows["variable"] == name]
    parts = rows[(rows["item"] != "") | (rows["ecosystem"] != "")]
    if len(parts):
        raise TableError(
            f"{name} is given by item or ecosystem",
            where=", ".join(parts["origin"].head(3)),
            expected=f"{name} of the region, or of each zone",
            fix="add its parts up",
        )
    return rows


def _by_zone(evaluator: Evaluator, name: str, unit: str) -> pd.Series[float] | None:
    zones = evaluator.extent.zones
    grid = evaluator.inputs.grids.get(name)
    if grid is not None and evaluator.profile.quantity(name).form == "table":
        raise ZoneError(f"{name} is a grid", expected="a table by zone, or one value for the region")
    if grid is not None:
        return _from_grid(evaluator, grid.data, name, unit)
    rows = _rows(evaluator, name)
    rows = rows[~rows["zone"].isin(["", zones.region])]
    if rows.empty:
        return None
    strange = sorted(set(rows["zone"]) - set(zones.codes))
    if strange:
        what = f"{name}: zones {', '.join(strange[:10])} are not known"
        raise ZoneError(what, expected=f"codes such as {', '.join(zones.codes[:5])}")
    factors = [units.factor(u, unit) for u in rows["unit"]]
    return pd.Series(rows["value"].to_numpy(float) * np.array(factors), index=rows["zone"].to_list())


def _from_grid(evaluator: Evaluator, data: xr.DataArray, name: str, unit: str) -> pd.Series[float]:
    """Add up a grid over zones, land without a class included; holes are noted."""
    extent = evaluator.extent
    assert extent.spec is not None  # noqa: S101
    cells = cells_of(data, extent.spec, name)
    got = units.parse(data.attrs["units"])
    per_area = not units.same_dimension(got, unit)
    source = got * units.parse("m2") if per_area else got
    size = (len(extent.zones), 1)
    everywhere = np.zeros(extent.spec.shape, np.int16)
    sums = integrate(
        cells, extent.zone_index, everywhere, extent.cell_area, *size,
        per_area=per_area, shared=extent.zones.shared, checkpoint=evaluator.kept(f"facts.{name}"),
    )  # fmt: skip
    holes = float(sums.missing_area.sum()) / 1e6
    if holes:
        evaluator.notes.append(f"{name} has no value in {holes:,.4g} km2 inside the zones")
    return pd.Series(units.convert(sums.total[:, 0], source, unit), index=extent.zones.codes)
