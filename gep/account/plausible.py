"""Numbers held against ranges from physics and from published figures: look again, never wrong."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gep import units
from gep.account.evaluate import Evaluator
from gep.auditing.checks_plausible import references
from gep.coefficients import USER, Coefficient, CoefficientTable
from gep.ecosystems import types
from gep.errors import UnitError
from gep.inputs import GridInput
from gep.quantities import find
from gep.resources import vocabulary

#: What a total of an account is called among the ranges.
TOTAL = "gep"


@dataclass(frozen=True)
class Range:
    """What a quantity, or its ratio to another, was found to be elsewhere."""

    quantity: str
    per: str
    items: tuple[str, ...]
    low: float
    high: float
    unit: str
    said: str

    def remark(self, value: float, unit: str, where: str) -> str:
        """Return what to say of a value outside, or an empty text; other currencies are not compared."""
        mine, theirs = units.price_years(unit), units.price_years(self.unit)
        if [m[:3] for m in mine] != [t[:3] for t in theirs] or not math.isfinite(value):
            return ""
        number = units.convert(value, units.unpriced(unit), units.unpriced(self.unit))
        if self.low <= number <= self.high:
            return ""
        way, end = ("above", self.high) if number > self.high else ("below", self.low)
        shown = "" if self.unit == "1" else f" {self.unit}"
        per = f" over {self.per}" if self.per else ""
        return f"{where}: {self.quantity}{per} is {number:,.4g}{shown}, {way} {end:,.6g}{shown}: {self.said}"


@cache
def ranges() -> tuple[Range, ...]:
    """Return the ranges of ``plausible.toml``."""
    return tuple(_range(entry) for entry in vocabulary("plausible")["range"])


def _range(entry: dict[str, Any]) -> Range:
    low, high = float(entry.get("low", -math.inf)), float(entry.get("high", math.inf))
    unit, said = entry.get("unit", ""), entry
    if "reference" in entry:
        said = references()[entry["reference"]]
        low, high = said["value"] / entry["times"], said["value"] * entry["times"]
        low = -math.inf if entry.get("only") == "high" else low
        unit = str(said["unit"]).replace("CNY", "CNY_2020")
        # figures of a published account are of its year, and do not say so
        unit += "/year" if units.dimension(find(entry["quantity"]).unit).get("[year]") else ""
    place = f"; {said['source']}, {said['locator']}" if "source" in said else ""
    text = f"{said['en']} ({said['status']}{place})"
    return Range(
        entry["quantity"], entry.get("per", ""), tuple(entry.get("items", ())), low, high, unit, text
    )


def remarks(evaluator: Evaluator) -> list[str]:
    """Return what is worth a second look among the inputs and the coefficients of one's own."""
    found: list[str] = []
    for one in ranges():
        for value, unit, where in _values(evaluator, one):
            try:
                found.append(one.remark(value, unit, where))
            except UnitError:  # said already, as an error
                continue
    found += [_against_shipped(row) for row in evaluator.table.rows if row.set == USER]
    found += [_repeated(name, grid) for name, grid in evaluator.inputs.grids.items()]
    return [text for text in found if text]


def total(value: float, currency: str, area: float, region: str) -> list[str]:
    """Return what is worth a second look of the total of an account; ``area`` in m2."""
    per_km2 = value / units.convert(area, "m2", "km2") if area else math.nan
    found = [r.remark(per_km2, f"{currency}/km2/year", region) for r in ranges() if r.quantity == TOTAL]
    return [text for text in found if text]


# ------------------------------------------------------------------------------------------- values


def _values(evaluator: Evaluator, one: Range) -> Iterator[tuple[float, str, str]]:
    """Yield each number that a range is about, with unit and place."""
    grid = evaluator.inputs.grids.get(one.quantity)
    if grid is not None and not one.per:
        # low is for the largest: a field may be small somewhere, and is not small everywhere
        yield grid.ends[1], grid.data.attrs["units"], one.quantity
    elif grid is not None and one.per in evaluator.inputs.grids:
        yield from _ratio(grid.data, evaluator.inputs.grids[one.per].data, one)
    rows = evaluator.inputs.rows
    rows = rows[(rows["variable"] == one.quantity) & (rows["value"] != 0)].dropna(subset="value")
    if one.items:
        rows = rows[rows["item"].isin(one.items)]
    if one.per and len(rows):
        yield from _over(evaluator, rows, one)
    elif len(rows):
        yield from zip(rows["value"], rows["unit"], rows["origin"], strict=True)


def _ratio(above: xr.DataArray, below: xr.DataArray, one: Range) -> Iterator[tuple[float, str, str]]:
    """Yield the ratio of two fields over the cells that have both; lazy fields would be read once more."""
    if above.chunks is not None or below.chunks is not None or above.shape != below.shape:
        return
    upper, lower = above.to_numpy().astype(float), below.to_numpy().astype(float)
    both = np.isfinite(upper) & np.isfinite(lower)
    if lower[both].sum() > 0:
        unit = units.spell(units.parse(above.attrs["units"]) / units.parse(below.attrs["units"]))
        yield float(upper[both].sum() / lower[both].sum()), unit, one.quantity


def _over(evaluator: Evaluator, rows: pd.DataFrame, one: Range) -> Iterator[tuple[float, str, str]]:
    """Yield sums of rows by zone (and of the region) over what they are divided by."""
    for zone, part in rows.groupby("zone", sort=False):
        size, unit = _size(evaluator, one.per, str(zone))
        first = str(part["unit"].iloc[0])
        if size and not any(units.price_years(u) != units.price_years(first) for u in part["unit"]):
            try:
                factors = [units.factor(u, first) for u in part["unit"]]
            except UnitError:
                continue
            whole = float((part["value"].to_numpy(float) * factors).sum())
            ratio = units.spell(units.parse(first) / units.parse(unit))
            yield whole / size, ratio, str(part["origin"].iloc[0])


def _size(evaluator: Evaluator, per: str, zone: str) -> tuple[float, str]:
    """Return what is divided by, for a zone or for the region; nothing where it is not known."""
    extent = evaluator.extent
    whole = zone in ("", extent.zones.region)
    if per == "area" or per in types():
        columns = [extent.ecosystems.index(e) for e in extent.allowed([] if per == "area" else [per])]
        lines = [i for i, code in enumerate(extent.zones.codes) if whole or code == zone]
        area = extent.area.transpose("zone", "ecosystem").to_numpy()
        return float(area[np.ix_(lines, columns)].sum()), "m2"
    rows = evaluator.inputs.rows
    rows = rows[(rows["variable"] == per) & (rows["item"] == "")]
    region = rows["zone"].isin(["", extent.zones.region])
    rows = rows[region] if whole and region.any() else rows if whole else rows[rows["zone"] == zone]
    if rows.empty or rows["unit"].nunique() != 1:
        return 0.0, "1"
    return float(rows["value"].sum()), str(rows["unit"].iloc[0])


# ----------------------------------------------------------------------------- prices and fill values


@cache
def _shipped(quantity: str, item: str) -> tuple[Coefficient, ...]:
    rows = CoefficientTable.shipped().rows
    return tuple(r for r in rows if r.quantity == quantity and item in ("", r.item))


def _against_shipped(row: Coefficient) -> str:
    """Hold a price against the prices of all shipped sets."""
    currency = [name[:3] for name in units.price_years(row.unit)]
    if not currency:
        return ""
    shipped = _shipped(row.quantity, row.item)
    others = [r for r in shipped if [name[:3] for name in units.price_years(r.unit)] == currency]
    if not others:
        return ""
    plain = units.unpriced(row.unit)
    sizes = sorted((units.convert(r.value, units.unpriced(r.unit), plain), r.id) for r in others)
    times = float(vocabulary("plausible")["shipped"]["times"])
    (least, first), (most, last) = sizes[0], sizes[-1]
    said = f"shipped rows say {least:.4g} ({first}) to {most:.4g} ({last}), and {times:g} times beyond passes"
    one = Range(row.quantity, "", (), least / times, most * times, row.unit, said)
    return one.remark(row.value, row.unit, row.origin)


#: The largest numbers of integers in files, and those just below that products set aside for "no value".
_PACKED = (*range(32761, 32768), *range(65528, 65536), *range(249, 256))


def _repeated(name: str, grid: GridInput) -> str:
    """Note a largest value that many cells share and that is the fill value of a packed file, unpacked."""
    top = grid.ends[1]
    if not math.isfinite(top) or top <= 0:
        return ""
    code = next((k for k in _PACKED if abs(math.log10(top / k) - round(math.log10(top / k))) < 1e-7), 0)
    cells = int((grid.data == top).sum()) if code else 0
    if cells < 2:
        return ""
    made = f"its largest value, {code} x {top / code:g}"
    return f"{name}: {cells} cells hold {top:g}, {made}: a packed fill value that was unpacked?"
