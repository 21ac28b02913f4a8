"""Changes of numbers: inputs, prices on their way through the years, coefficients."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pandas as pd

from gep import quantities, units
from gep.coefficients import USER, Coefficient, CoefficientTable
from gep.errors import Faults, GepError
from gep.inputs import GridInput
from gep.scenarios.arguments import Given, priced_items, used
from gep.scenarios.land import zones_of

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class Change:
    """A changed input or coefficient, by its name; one of the four ways to say how.

    Parameters
    ----------
    name : str
        An input, in tables or as a grid; else a coefficient.
    factor : float
        What it is multiplied with, or
    value : float
        what takes its place, or
    growth, since : float and int
        by how much a year it grows (0.02: two in a hundred), and since which year, or
    by_year : mapping of int to float
        its value by year, of which the accounting year is taken.
    unit : str
        Of ``value`` and ``by_year``; the one it has unless given.
    item, zone, ecosystem : str
        Which rows; all unless given. Zones by code, name, or value of a level; the name of the
        region is for what is given for the region.
    """

    name: str
    factor: float | None = None
    value: float | None = None
    growth: float | None = None
    since: int | None = None
    by_year: Mapping[int, float] | None = field(default=None, hash=False)
    unit: str = ""
    item: str = ""
    zone: str = ""
    ecosystem: str = ""
    money: ClassVar[bool] = False

    def __str__(self) -> str:
        which = " ".join(k for k in (self.item, self.zone, self.ecosystem) if k)
        ways = {
            "x ": self.factor,
            "= ": self.value,
            "growth a year ": self.growth,
        }
        how = "".join(f"{k}{v:.6g}" for k, v in ways.items() if v is not None)
        how += f" since {self.since}" if self.growth is not None else ""
        if self.by_year is not None:
            how += "by year " + ", ".join(f"{y}: {v:g}" for y, v in sorted(self.by_year.items()))
        return f"{self.name}{f' ({which})' if which else ''} {how}{f' {self.unit}' if self.unit else ''}"

    def apply(self, given: Given, faults: Faults) -> Given:
        """Return the ``given`` arguments with the numbers changed; what cannot be goes to ``faults``."""
        before = len(faults)
        self._check(given, faults)
        if len(faults) > before:
            return given
        inputs = given.inputs
        if self.name in set(inputs.rows["variable"]):
            return self._rows(given, faults)
        if self.name in inputs.grids:
            return self._grid(given, faults)
        return self._coefficient(given, faults)

    def _check(self, given: Given, faults: Faults) -> None:
        """Note what is wrong before anything is touched."""
        where = str(self)
        ways = [self.factor, self.value, self.growth, self.by_year]
        if sum(way is not None for way in ways) != 1:
            faults.add(
                "it says not one way to change", where=where, expected="factor, value, growth or by_year"
            )
        numbers = [n for n in (self.factor, self.value, self.growth) if n is not None]
        if not all(math.isfinite(n) for n in [*numbers, *(self.by_year or {}).values()]):
            faults.add("a number is missing or without end", where=where, expected="numbers")
        if self.growth is not None and self.since is None:
            faults.add("growth since when?", where=where, expected="since=, the year that the number is of")
        if self.by_year is not None and given.year not in self.by_year:
            years = ", ".join(map(str, sorted(self.by_year)))
            faults.add(f"no value for {given.year}", where=where, expected=f"one of {years}")
        self._check_name(given, faults)

    def _check_name(self, given: Given, faults: Faults) -> None:
        where, asked = str(self), used(given)
        table = _behind(given)
        rows = given.inputs.rows[given.inputs.rows["variable"] == self.name]
        known = given.inputs.names() | {r.quantity for r in table.rows}
        if self.name not in known:
            near = difflib.get_close_matches(self.name, sorted(known), n=3)
            faults.add(f"no input or coefficient {self.name!r}", where=where, expected=", ".join(near))
            return
        if self.name not in asked:
            faults.add(
                f"no service of the account uses {self.name}", where=where, expected="one that is used"
            )
        told = [*rows["unit"], *(r.unit for r in table.rows if r.quantity == self.name)]
        if self.money and not any(units.price_years(u) for u in told):
            faults.add(f"{self.name} is no price: {told[:1]}", where=where, expected="money per unit")
        items = priced_items(given, self.name)
        if self.item and items and self.item not in items:
            what = f"there is no quantity of {self.item!r}, so its price is not used"
            faults.add(what, where=where, expected=", ".join(sorted(items)))

    def _new(self, value: float, unit: str, year: int) -> tuple[float, str]:
        """Return what a number and its unit become."""
        if self.factor is not None:
            return value * self.factor, unit
        if self.growth is not None:
            return value * (1.0 + self.growth) ** (year - int(self.since or year)), unit
        told = self.value if self.by_year is None else self.by_year[year]
        return float(told if told is not None else value), self.unit or unit

    def _rows(self, given: Given, faults: Faults) -> Given:
        inputs = given.copied_inputs()
        hit = inputs.rows["variable"] == self.name
        for key in ("item", "ecosystem"):
            wanted = getattr(self, key)
            hit &= (inputs.rows[key] == wanted) if wanted else True
        if self.zone:
            codes = zones_of(given.zones, self.zone, str(self), faults)
            whole = ["", self.zone] if self.zone == given.zones.region else []
            hit &= inputs.rows["zone"].isin(whole or codes)
        if not hit.any():
            rows = inputs.rows[inputs.rows["variable"] == self.name]
            keys = ", ".join(
                dict.fromkeys(
                    " ".join(filter(None, k)) for k in rows[["item", "zone", "ecosystem"]].to_numpy()
                )
            )
            faults.add("no row is changed", where=str(self), expected=keys)
            return given
        for place in inputs.rows.index[hit]:
            row = inputs.rows.loc[place]
            value, unit = self._new(float(row["value"]), str(row["unit"]), given.year)
            self._check_unit(unit, str(row["unit"]), faults)
            inputs.rows.at[place, "value"] = value
            inputs.rows.at[place, "unit"] = unit
            inputs.rows.at[place, "status"] = given.status
            inputs.rows.at[place, "source"] = given.said(str(row["source"]))
        return given.using(inputs=inputs)

    def _check_unit(self, unit: str, was: str, faults: Faults) -> None:
        try:
            alike = units.unpriced(unit), units.unpriced(was)
            if not units.same_dimension(*alike):
                faults.add(f"{unit} in place of {was}", where=str(self), expected="a unit of the same kind")
        except GepError as error:
            faults.take(error, where=str(self))

    def _grid(self, given: Given, faults: Faults) -> Given:
        if self.item or self.zone or self.ecosystem or (self.unit and self.value is None):
            faults.add(
                "a grid is changed as a whole", where=str(self), fix="change the grid itself, and give it"
            )
            return given
        inputs, grid = given.copied_inputs(), given.inputs.grids[self.name]
        unit = str(grid.data.attrs["units"])
        _, after = self._new(0.0, unit, given.year)
        self._check_unit(after, unit, faults)
        scale = self.factor is not None or self.growth is not None
        factor, _ = self._new(1.0, unit, given.year)
        data = grid.data * factor if scale else grid.data.where(np.isnan(grid.data), factor)
        data = data.assign_attrs({**grid.data.attrs, "units": after})
        inputs.grids[self.name] = GridInput(data, given.status, given.said(grid.source))
        return given.using(inputs=inputs)

    def _coefficient(self, given: Given, faults: Faults) -> Given:
        """Put changed copies of all rows of a coefficient before the shipped ones."""
        if self.zone:
            faults.add("coefficients have no zone", where=str(self), fix="give it as an input by zone")
            return given
        rows = [r for r in _behind(given).rows if r.quantity == self.name]
        made = [self._row(r, given, faults) if self._is_meant(r) else r for r in rows]
        if not any(map(self._is_meant, rows)):
            keys = ", ".join(
                dict.fromkeys(" ".join(filter(None, (r.item, r.ecosystem))) or "any" for r in rows)
            )
            faults.add("no row is changed", where=str(self), expected=keys)
            return given
        own = given.coefficients
        mine = [r for r in own.rows if r.quantity != self.name]
        # rows of a set keep to themselves, in their order, so that they are asked as before
        named = [r if r.set == USER else replace(r, set=f"{r.set} ({given.scenario})") for r in made]
        return given.using(coefficients=CoefficientTable([*mine, *named], own.sources))

    def _is_meant(self, row: Coefficient) -> bool:
        wanted = ((self.item, row.item), (self.ecosystem, row.ecosystem))
        return all(not asked or asked == has for asked, has in wanted)

    def _row(self, row: Coefficient, given: Given, faults: Faults) -> Coefficient:
        value, unit = self._new(row.value, row.unit, given.year)
        self._check_unit(unit, row.unit, faults)
        beyond = quantities.find(row.quantity, given.profile.own_quantities).impossible(value, unit)
        if beyond:
            faults.add(beyond, where=f"{self}: {row.id}")
        note = f"{row.value:g} {row.unit}; scenario {given.scenario}: {self}"
        return replace(
            row, id=f"{row.id} ({given.scenario})", value=value, unit=unit, low=None, high=None,
            status=given.status,
            note_en=f"{row.note_en} {note}".strip(), note_zh=f"{row.note_zh} {note}".strip(),
        )  # fmt: skip


@dataclass(frozen=True)
class Price(Change):
    """A changed price: money of an item that the account values; parameters as of :class:`Change`."""

    money: ClassVar[bool] = True


@dataclass(frozen=True)
class Coefficients:
    """Rows of one's own that stand in place of others; see :class:`gep.CoefficientTable`.

    Parameters
    ----------
    rows : DataFrame, CoefficientTable, path or str
        Rows of the same quantity, ecosystem, item and region replace those of the base account.
    """

    rows: pd.DataFrame | CoefficientTable | Path | str = field(compare=False)

    def __str__(self) -> str:
        given = self.rows
        names = [r.id for r in given] if isinstance(given, CoefficientTable) else []
        if isinstance(given, pd.DataFrame):
            names = [str(q) for q in given.get("quantity", pd.Series(dtype=object))]
        return f"coefficients {', '.join(names) or given}"

    def apply(self, given: Given, faults: Faults) -> Given:
        """Return the ``given`` arguments with further rows; what is wrong with them goes to ``faults``."""
        try:
            table = self._table(given)
        except GepError as error:
            faults.take(error, where="coefficients of the scenario")
            return given
        asked = used(given)
        for row in table:
            if row.quantity not in asked:
                faults.add(f"no service of the account uses {row.quantity}", where=row.id)
        new = [replace(r, id=f"{r.id} ({given.scenario})", set=USER) for r in table]
        taken = set(map(_key, new))
        own = given.coefficients
        kept = [r for r in own.rows if r.set != USER or _key(r) not in taken]
        return given.using(coefficients=CoefficientTable([*new, *kept], {**own.sources, **table.sources}))

    def _table(self, given: Given) -> CoefficientTable:
        quantities_ = given.profile.own_quantities
        if isinstance(self.rows, CoefficientTable):
            return self.rows
        if isinstance(self.rows, pd.DataFrame):
            return CoefficientTable.from_frame(self.rows, own=quantities_, sources=given.coefficients.sources)
        return CoefficientTable.load(self.rows, own=quantities_)


def _key(row: Coefficient) -> Iterable[str]:
    return (row.quantity, row.ecosystem, row.item, row.region)


def _behind(given: Given) -> CoefficientTable:
    """Return all rows that the account may ask: the user's own and those of the profile's sets."""
    return given.coefficients.then(CoefficientTable.shipped(given.profile.coefficients))
