"""The closed unit vocabulary: reading unit texts, converting, price years, kinds of quantity.

Unit texts are the interface. They are rewritten into names of ``coefficients/units.toml`` and
handed to a pint registry that knows nothing else, so an unlisted name cannot be misread.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from gep.errors import PriceYearError, UnitError
from gep.resources import vocabulary
from gep.unit_text import MONEY, POWERS_OF_TEN, canonical, priced_currency

if TYPE_CHECKING:
    import pint
    import xarray as xr

Kind = Literal["category", "density", "amount", "state"]
Values = TypeVar("Values")

#: Base dimensions whose amount in a cell grows with the cell.
_EXTENSIVE = frozenset(
    {"[mass]", "[energy]", "[person]", "[visit]", "[household]", "[head]", "[piece]", "[money]"}
)


@cache
def registry() -> pint.UnitRegistry[Any]:
    """Return the one pint registry of gep; built from the vocabulary, never the application's."""
    import pint

    reg: pint.UnitRegistry[Any] = pint.UnitRegistry(None, cache_folder=None)
    data = vocabulary("units")
    for name, entry in data["units"].items():
        reg.define(f"{name} = {entry['define']}")
    for name, entry in data["substances"].items():
        definition = re.sub(r"(?<![\[\w])([A-Z]\w*)", r"kg\1", entry["define"])
        reg.define(f"kg{name} = {definition}")
        for prefix, size in data["substance_prefixes"].items():
            if prefix != "kg":
                reg.define(f"{prefix}{name} = {size} * kg{name}")
    for power in POWERS_OF_TEN:
        reg.define(f"ten_{power} = 1e{power}")
    reg.define(f"{MONEY} = [money]")
    return reg


def parse(text: str | pint.Unit, *, price_year: int | None = None) -> pint.Unit:
    """Read a unit text.

    Parameters
    ----------
    text : str
        ``"t/ha"``, ``"t·hm⁻²·a⁻¹"``, ``"万m3/年"``, ``"CNY_2020/t"``, ``"亿元"`` ...
    price_year : int, optional
        Year to give to money that is written without one; without it such money is refused.

    Raises
    ------
    UnitError
        Empty, unknown, refused or ambiguous text.
    PriceYearError
        Money without a price year.

    Examples
    --------
    >>> factor("万亩", "km2")
    6.666666666666667
    >>> parse("亿元/km2", price_year=2020) == parse("1e8 CNY_2020/km2")
    True
    """
    if isinstance(text, str):
        return _parse(text, price_year)
    if not hasattr(text, "dimensionality"):
        what = f"{type(text).__name__} {str(text)[:40]!r} is no unit"
        raise UnitError(what, expected="a text such as 't/ha'")
    return text


@lru_cache(maxsize=4096)
def _parse(text: str, price_year: int | None) -> pint.Unit:
    reg = registry()
    expression, currencies = canonical(text, price_year)
    for name in currencies:
        if name not in reg:
            reg.define(f"{name} = [{name}]")
    return reg.parse_units(expression)


def dimension(unit: str | pint.Unit) -> dict[str, float]:
    """Return the exponents of the base dimensions of a unit."""
    return {name: _real(power) for name, power in parse(unit).dimensionality.items()}


def _real(power: Any) -> float:
    return float(power)


def same_dimension(a: str | pint.Unit, b: str | pint.Unit) -> bool:
    """Tell whether two units measure the same thing."""
    return bool(parse(a).dimensionality == parse(b).dimensionality)


def factor(source: str | pint.Unit, target: str | pint.Unit) -> float:
    """Return what a number in ``source`` is multiplied with to be in ``target``.

    Raises
    ------
    UnitError
        The units differ in dimension, or are temperatures with different zero points.
    """
    scale, offset = _conversion(parse(source), parse(target))
    if offset:
        raise UnitError(
            f"{source} and {target} have different zero points, so no factor converts them",
            fix="use gep.units.convert",
        )
    return scale


def convert(values: Values, source: str | pint.Unit, target: str | pint.Unit) -> Values:
    """Return ``values`` (float, array, DataArray) in ``target``; equal units cost nothing."""
    scale, offset = _conversion(parse(source), parse(target))
    if scale == 1.0 and offset == 0.0:
        return values
    numbers: Any = values
    return cast("Values", numbers * scale + offset if offset else numbers * scale)


@lru_cache(maxsize=4096)
def _conversion(source: pint.Unit, target: pint.Unit) -> tuple[float, float]:
    if source == target:
        return 1.0, 0.0
    if source.dimensionality != target.dimensionality:
        raise mismatch(source, target)
    reg = registry()
    zero = float(reg.Quantity(0.0, source).to(target).magnitude)
    return float(reg.Quantity(1.0, source).to(target).magnitude) - zero, zero


def mismatch(source: str | pint.Unit, target: str | pint.Unit, *, where: str = "") -> UnitError:
    """Return the error for two units of different dimension, with the likeliest reason."""
    source, target = parse(source), parse(target)
    years = set(price_years(source)) | set(price_years(target))
    if len({name.partition("_")[0] for name in years}) > 1:
        return UnitError(
            f"money of different currencies meets: {' and '.join(sorted(years))}",
            where=where,
            expected=f"one currency ({spell(target)})",
            fix="exchange first; gep does not guess a rate",
        )
    if len(years) > 1:
        listed = " and ".join(sorted(years))
        return PriceYearError(
            f"money of different price years meets: {listed}",
            where=where,
            expected=f"one price year ({spell(target)})",
            fix="give the account a deflator, or state all prices in one year",
        )
    return UnitError(f"got {spell(source)}", where=where, expected=spell(target), fix=_hint(source, target))


def _hint(source: pint.Unit, target: pint.Unit) -> str:
    """Return the likeliest reason why two units do not meet."""
    if not target.dimensionality:
        return "a pure number is expected: is the unit mislabelled, or the quantity another one?"
    ratio = (target / source).dimensionality
    reasons = {
        "[time]": "days do not convert to years: a day's depth is written mm/day, a year's sum mm/year",
        "[month]": "months do not convert to years: sum the months of the year first",
        "[year]": "one side is a yearly flow, the other is not: write '.../year' if, and only if, it is "
        "the sum of the whole year",
        "[angle]": "an angle and a gradient do not convert by a factor: use the tangent",
        "[nitrogen]": "a share of a substance is written with it: 0.15 % of nitrogen is 0.0015 tN/t",
        "[phosphorus]": "a share of a substance is written with it: 0.05 % of phosphorus is 0.0005 tP/t",
        "[carbon]": "a mass of substance is written tC, tCO2, gC: plain t says nothing of carbon",
        "[dry_matter]": "dry matter is written tDM; a carbon fraction turns it into tC",
        "[length]": "one side is per area (or a depth), the other an amount: gep multiplies by cell area "
        "only where a per-area field is asked for",
    }
    found = [text for name, text in reasons.items() if name in ratio]
    return found[0] if found else "state the unit the numbers are really in"


def quantity(value: Any, unit: str) -> Any:
    """Return ``value`` as a pint quantity of gep's registry, to hand to a formula.

    Parameters
    ----------
    value : number, array or DataArray
        Its magnitude.
    unit : str
        Any unit of the vocabulary, such as ``亩`` or ``CNY_2020/t``.

    Examples
    --------
    >>> quantity(15, "亩").to(parse("ha")).magnitude
    1.0
    """
    return registry().Quantity(value, parse(unit))


def price_years(unit: str | pint.Unit) -> list[str]:
    """Return the currency-years in a unit, for example ``["CNY_2020"]``."""
    names = (name.strip("[]") for name in parse(unit).dimensionality)
    return sorted(name for name in names if priced_currency(name))


def year_of(currency: str) -> int:
    """Return 2020 for ``CNY_2020``."""
    return int(currency.rsplit("_", 1)[1])


def kind(unit: str | pint.Unit) -> Kind:
    """Return what kind of quantity a unit measures; this decides how it may be resampled.

    ``category`` (class codes), ``density`` (per area, or a depth over a time), ``amount``
    (grows with the cell: persons, t, m3) or ``state`` (degC, slope, m of elevation).

    Examples
    --------
    >>> kind("t/ha"), kind("mm/year"), kind("person"), kind("degC"), kind("class")
    ('density', 'density', 'amount', 'state', 'category')
    >>> kind("CNY_2020/t"), kind("t/m3")
    ('state', 'state')
    """
    powers = dimension(unit)
    if "[class]" in powers:
        return "category"
    length = powers.get("[length]", 0.0)
    if any(power > 0 and _extensive(name) for name, power in powers.items()):
        below = [name for name, power in powers.items() if power < 0]
        if length == -3.0 or any(map(_extensive, below)) or ("[time]" in below and length >= 0):
            return "state"
        return "density" if length < 0 else "amount"
    if length in (2.0, 3.0):
        return "amount"
    depth = length == 1.0 and (powers.get("[year]", 0.0) < 0 or powers.get("[month]", 0.0) < 0)
    return "density" if depth else "state"


def _extensive(name: str) -> bool:
    return name in _EXTENSIVE or name in _substances() or priced_currency(name.strip("[]"))


@cache
def _substances() -> frozenset[str]:
    entries = vocabulary("units")["substances"].values()
    return frozenset(e["define"] for e in entries if e["define"].startswith("["))


def units_of(data: Any, name: str = "value") -> str:
    """Return the unit text that an xarray object carries.

    Raises
    ------
    UnitError
        There is none: an input without units is never believed.
    """
    text = str(data.attrs.get("units", data.attrs.get("unit", ""))).strip()
    if text in ("", "-"):
        raise UnitError(
            f"{name} has no unit{' (- says nothing)' if text else ''}",
            expected="attrs['units'], for example 'mm/year'; a pure number says '1'",
            fix=f"{name}.attrs['units'] = '...', or units={{'{name}': '...'}} where the input is built",
        )
    return text


def bare(data: xr.DataArray, name: str, unit: str) -> xr.DataArray:
    """Return the numbers of an array in ``unit``, without its attributes.

    Raises
    ------
    UnitError
        The array carries no unit, or one of another dimension.
    """
    return convert(data.drop_attrs(deep=False), units_of(data, name), unit)


def spell(unit: str | pint.Unit) -> str:
    """Return a unit as text that :func:`parse` reads back.

    Examples
    --------
    >>> spell(parse("t·hm⁻²·a⁻¹"))
    't/hm2/year'
    """
    powers = {str(name): _real(power) for name, power in parse(unit)._units.items()}
    tens = sum(int(name[4:]) * power for name, power in powers.items() if name.startswith("ten_"))
    names = sorted(name for name in powers if not name.startswith("ten_"))
    over = [_power(name, powers[name]) for name in names if powers[name] > 0]
    under = [_power(name, -powers[name]) for name in names if powers[name] < 0]
    if tens > 0:
        over.insert(0, f"10^{tens:g}")
    elif tens < 0:
        under.insert(0, f"10^{-tens:g}")
    return "/".join([" ".join(over) or "1", *under])


def _power(name: str, power: float) -> str:
    shown = {"percent": "%"}.get(name, name)
    if power == 1:
        return shown
    return f"{shown}{power:g}" if shown.isalpha() else f"{shown}^{power:g}"


def unpriced(unit: str | pint.Unit) -> pint.Unit:
    """Return a unit with its currency-year replaced by ``money``, to compare dimensions.

    Examples
    --------
    >>> spell(unpriced("CNY_2020/t"))
    'money/t'
    """
    whole = parse(unit)
    for name in price_years(whole):
        whole = whole * (parse(MONEY) / parse(name)) ** dimension(whole)[f"[{name}]"]
    return whole


def priced(unit: str | pint.Unit, currency: str) -> pint.Unit:
    """Return a unit with ``money`` replaced by a currency-year."""
    whole = parse(unit)
    power = dimension(whole).get(f"[{MONEY}]", 0.0)
    result: pint.Unit = whole * (parse(currency) / parse(MONEY)) ** power
    return result
