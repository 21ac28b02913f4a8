"""The vocabulary of quantities: what an input or a coefficient is called, its unit, its limits."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from gep import units
from gep.errors import PriceYearError, ProfileError, UnitError
from gep.resources import vocabulary
from gep.unit_text import MONEY

Form = Literal["grid", "table", "either", "coefficient"]


@dataclass(frozen=True)
class Quantity:
    """One named quantity: every number of gep is a value of one of these.

    Attributes
    ----------
    unit : str
        Any value must have this unit's dimension; ``money`` stands for any currency-year.
    form : {"grid", "table", "either", "coefficient"}
        How it is usually supplied.
    low, high : float or None
        Limits in ``unit`` beyond which a value is impossible.
    """

    name: str
    unit: str
    zh: str
    en: str
    form: Form = "coefficient"
    low: float | None = None
    high: float | None = None
    where_zh: str = ""
    where_en: str = ""

    @classmethod
    def from_entry(cls, name: str, entry: Mapping[str, Any]) -> Quantity:
        """Read one table of ``quantities.toml`` or of a profile's ``[quantities]``."""
        missing = [key for key in ("unit", "zh", "en") if not entry.get(key)]
        if missing:
            raise ProfileError(f"quantity {name!r} lacks {', '.join(missing)}", where="quantities")
        units.parse(entry["unit"])
        # no price is negative; a flow of money may be
        priced = entry["unit"].startswith(f"{MONEY}/") and entry["unit"] != f"{MONEY}/year"
        return cls(
            name,
            entry["unit"],
            entry["zh"],
            entry["en"],
            entry.get("form", "coefficient"),
            entry.get("min", 0.0 if priced else None),
            entry.get("max"),
            entry.get("where_zh", ""),
            entry.get("where_en", ""),
        )

    def check_unit(self, unit: str, *, grid: bool = False) -> None:
        """Refuse a unit of another dimension.

        Parameters
        ----------
        unit : str
            The unit at hand.
        grid : bool
            Of a field: an amount may then be given per area as well, persons as person/km2.

        Raises
        ------
        UnitError
            Naming the unit that is expected and the likeliest reason.
        """
        if f"[{MONEY}]" in units.dimension(unit):
            raise PriceYearError(
                f"{self.name} in {unit}", expected="a currency and its year, such as CNY_2020"
            )
        if grid and units.kind(self.unit) == "amount" and units.same_dimension(f"({unit}) m2", self.unit):
            return
        if units.unpriced(unit).dimensionality != units.parse(self.unit).dimensionality:
            raise units.mismatch(units.unpriced(unit), self.unit, where=self.name)

    def impossible(self, value: float, unit: str) -> str:
        """Return why a value is beyond the physical limits, or an empty text."""
        if (self.low is None and self.high is None) or not units.same_dimension(
            units.unpriced(unit), self.unit
        ):
            return ""
        number = units.convert(value, units.unpriced(unit), self.unit)
        low, high = ("no limit" if end is None else f"{end:g}" for end in (self.low, self.high))
        below = self.low is not None and number < self.low
        above = self.high is not None and number > self.high
        if below or above:
            shown = f"{value:g} {unit}" if unit != "1" else f"{value:g}"
            inside = f" is {number:g} {self.unit}," if number != value else ""
            return f"{shown}{inside} outside {low} to {high}{'' if self.unit == '1' else ' ' + self.unit}"
        return ""


@cache
def shipped() -> dict[str, Quantity]:
    """Return the quantities that come with the library."""
    entries = vocabulary("quantities").items()
    return {name: Quantity.from_entry(name, entry) for name, entry in entries}


def find(name: str, own: Mapping[str, Quantity] | None = None) -> Quantity:
    """Return a quantity by name, a profile's own ones first.

    Raises
    ------
    UnitError
        The name is unknown; near names are listed.

    Examples
    --------
    >>> find("runoff_coefficient").unit
    '1'
    """
    known = {**shipped(), **(own or {})}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=3)
        raise UnitError(
            f"{name!r} is not a known quantity",
            expected=f"one of {', '.join(near)}" if near else "a name of quantities.toml",
            fix="correct the name, or declare it under [quantities] of the profile",
        )
    return known[name]
