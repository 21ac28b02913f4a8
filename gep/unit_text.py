"""Rewriting unit texts as people print them into names of the closed vocabulary."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache

from gep.errors import PriceYearError, UnitError
from gep.resources import vocabulary

#: Stands for "money of the account's price year" in declared units.
MONEY = "money"
POWERS_OF_TEN = range(1, 41)
#: No unit that people print is longer, nests deeper, or has a higher exponent.
_LONGEST, _DEEPEST, _HIGHEST = 200, 8, 20

_TOKEN = re.compile(
    r"""(?P<number>\d+(?:\.\d+)?(?:[eE][+]?\d+)?(?:(?:\^|\*\*)\d+)?)
      | (?P<latin>[A-Za-zµμ][A-Za-z0-9_µμ]*)
      | (?P<cjk>[\u3400-\u9fff]+)
      | (?P<sign>°C|°|%|‰)
      | (?P<power>(?:\^|\*\*)?[+-]?\d+)
      | (?P<times>[*·⋅•.×])
      | (?P<over>/)
      | (?P<open>\()
      | (?P<close>\))
      | (?P<blank>\s+)""",
    re.VERBOSE | re.ASCII,
)
_POWER = re.compile(r"(?:\^|\*\*)?([+-]?\d+)", re.ASCII)
_KILOWATT_HOUR = re.compile(r"千瓦\s*[·⋅•.]\s*小?时")
_PRICED = re.compile(r"_((?:19|20)\d\d)\b", re.ASCII)
_MINUS = str.maketrans({"−": "-", "–": "-", "‐": "-", "（": "(", "）": ")"})


@dataclass
class _Factor:
    """One name with its exponent; ``name`` is already in the vocabulary."""

    name: str
    power: int = 1


@cache
def _names() -> dict[str, str]:
    """Every spelling of the vocabulary and the name it stands for."""
    data = vocabulary("units")
    found = {"1": "1", "ratio": "1", "fraction": "1", "dimensionless": "1", MONEY: MONEY}
    for name, entry in data["units"].items():
        found |= dict.fromkeys([name, *entry["also"]], name)
    for substance in data["substances"]:
        for prefix in data["substance_prefixes"]:
            found[f"{prefix}{substance}"] = f"{prefix}{substance}"
    return found


@cache
def _currencies() -> dict[str, str]:
    data = vocabulary("units")["currencies"]
    return {spelling: code for code, e in data.items() for spelling in [code, *e["also"]]}


def priced_currency(name: str) -> bool:
    """Tell whether a name is a currency with its price year, such as ``CNY_2020``."""
    code, _, year = name.partition("_")
    return code in vocabulary("units")["currencies"] and len(year) == 4 and year.isascii() and year.isdigit()


def canonical(text: str, price_year: int | None = None) -> tuple[str, list[str]]:
    """Return a unit text as an expression of vocabulary names, and the currency-years in it.

    Raises
    ------
    UnitError
        The text is empty, ambiguous, or has an unknown or refused name.
    PriceYearError
        It has money without a price year and ``price_year`` is not given.
    """
    return _Reader(text, price_year).read()


class _Reader:
    """Reads one unit text from left to right."""

    def __init__(self, text: str, price_year: int | None) -> None:
        self.text, self.price_year = text, price_year
        plain = unicodedata.normalize("NFKC", text[: _LONGEST + 1].strip()).translate(_MINUS)
        self.clean = _KILOWATT_HOUR.sub("千瓦时", plain)
        self.currencies: list[str] = []

    def read(self) -> tuple[str, list[str]]:
        if self.clean in ("", "-"):
            raise self._error("no unit is given", "a unit; a pure number says '1'")
        if len(self.text) > _LONGEST or self.clean.count("(") > _DEEPEST:
            raise self._error("it is longer than any unit, or has more brackets", "a unit such as t/ha/year")
        factors, rest = self._group(self.clean, 1, top=True)
        if rest:
            raise self._error(f"unmatched ')' before {rest!r}")
        self._check_size(factors)
        shown = [f"{f.name} ** {f.power}" for f in factors if f.name != "1"]
        return " * ".join(shown), self.currencies

    def _check_size(self, factors: list[_Factor]) -> None:
        """Refuse exponents and powers of ten that no unit has, and that no float could hold."""
        powers: Counter[str] = Counter()
        for factor in factors:
            ten = factor.name.startswith("ten_")
            powers["10" if ten else factor.name] += factor.power * (int(factor.name[4:]) if ten else 1)
        for name, power in powers.items():
            if abs(power) > (max(POWERS_OF_TEN) if name == "10" else _HIGHEST):
                raise self._error(f"the exponent {power} of {name} is too large for a unit")

    def _group(self, text: str, sign: int, *, top: bool) -> tuple[list[_Factor], str]:
        """Read up to the closing bracket (or the end); ``sign`` is -1 below a fraction bar."""
        factors: list[_Factor] = []
        under, below, fresh = False, 0, True
        while text:
            part, token, text = self._token(text)
            if part == "close":
                return factors, (")" + text) if top else text
            if part == "over":
                if not (fresh and text):
                    raise self._error("a '/' is followed by no unit")
                under, below, fresh = True, 0, False
            elif part not in ("times", "blank"):
                found, text = self._unit(part, token, text, -sign if under else sign, factors)
                factors += found
                fresh = True
                # a numeral belongs to the unit that follows it: 元/万m3
                below += any(not f.name.startswith("ten_") for f in found)
                if under and below > 1:
                    raise self._error(
                        "after '/' comes more than one unit, which reads in two ways",
                        "a/b/c or a/(b c) for both below the bar, 'a c/b' for one",
                    )
        if not top:
            raise self._error("a '(' is not closed")
        return factors, ""

    def _token(self, text: str) -> tuple[str, str, str]:
        match = _TOKEN.match(text)
        if match is None:
            raise self._error(f"cannot read {text!r}")
        return str(match.lastgroup), match.group(), text[match.end() :]

    def _unit(
        self, part: str, token: str, rest: str, sign: int, before: list[_Factor]
    ) -> tuple[list[_Factor], str]:
        """Read a bracket or a unit with its exponent; a substance joins the mass before it."""
        if part == "open":
            return self._group(rest, sign, top=False)
        fresh, rest = self._factor(part, token, rest)
        if fresh and self._join_substance(before, fresh[0]):
            return [], rest
        for factor in fresh:
            factor.power *= sign
        self._settle_year(fresh)
        return fresh, rest

    def _factor(self, part: str, token: str, rest: str) -> tuple[list[_Factor], str]:
        if part == "number":
            return [self._numeral(token)], rest
        if part == "power":
            raise self._error(f"the exponent {token!r} stands after no unit")
        if part == "cjk":
            factors, rest = self._chinese(token, rest)
        else:
            factors, rest = self._latin(token, rest)
        match = _POWER.match(rest)
        # a numeral takes no exponent: 万3 is nothing that anybody prints
        if match and factors and factors[-1].power == 1 and not re.match(r"\d|ten_", factors[-1].name):
            factors[-1].power = int(match.group(1))
            if factors[-1].power == 0:
                raise self._error(f"{token} has the exponent 0")
            rest = rest[match.end() :]
        return factors, rest

    def _numeral(self, token: str) -> _Factor:
        base, _, power = token.replace("**", "^").partition("^")
        try:
            value = float(base) ** int(power or 1)
        except OverflowError:
            value = float("inf")
        exponent = len(f"{value:.0f}") - 1
        if value != 10.0**exponent or exponent > max(POWERS_OF_TEN):
            raise self._error(f"a unit cannot carry the number {token}", "a power of ten, 万 or 亿")
        return _Factor(f"ten_{exponent}" if exponent else "1")

    def _latin(self, token: str, rest: str) -> tuple[list[_Factor], str]:
        kwh = re.match(r"[·.*](h|时)", rest) if token in ("kW", "kw", "KW") else None
        if kwh:
            return [_Factor("kWh")], rest[kwh.end() :]
        if token in _names():
            return [_Factor(_names()[token])], rest
        if token in vocabulary("units")["numerals"]:
            return [_Factor(f"ten_{vocabulary('units')['numerals'][token]}")], rest
        code, _, year = token.partition("_")
        if code in _currencies() and (not year or re.fullmatch(r"(19|20)\d\d", year)):
            return [self._money(code, year)], rest
        if token in vocabulary("units")["substances"] or token == "a":
            return [_Factor(token)], rest
        stem = re.fullmatch(r"([A-Za-zµμ_]+?)([1-9])", token)
        if stem and (stem[1] in _names() or stem[1] == "a"):
            return [_Factor(_names().get(stem[1], "a"), int(stem[2]))], rest
        raise self._unknown(token)

    def _chinese(self, token: str, rest: str) -> tuple[list[_Factor], str]:
        """Split a run of Chinese characters, longest name first."""
        factors: list[_Factor] = []
        numerals = vocabulary("units")["numerals"]
        while token:
            for end in range(len(token), 0, -1):
                name = token[:end]
                if name in numerals:
                    factors.append(_Factor(f"ten_{numerals[name]}"))
                elif name in _names():
                    factors.append(_Factor(_names()[name]))
                elif name in _currencies():
                    year = _PRICED.match(rest) if end == len(token) else None
                    factors.append(self._money(name, year[1] if year else ""))
                    rest = rest[year.end() :] if year else rest
                else:
                    continue
                token = token[end:]
                break
            else:
                raise self._unknown(token)
        return factors, rest

    def _money(self, spelling: str, year: str) -> _Factor:
        code = _currencies()[spelling]
        if not year and self.price_year is None:
            raise PriceYearError(
                f"{spelling!r} in {self.text!r} is money without a price year",
                expected=f"{code}_2020 (or the year the price is of)",
                fix=f"write {code}_YYYY",
            )
        name = f"{code}_{year or self.price_year}"
        if not re.fullmatch(r"(19|20)\d\d", name[len(code) + 1 :], re.ASCII):
            raise PriceYearError(f"{name} is no money of a year", expected=f"{code}_2020")
        if name not in self.currencies:
            self.currencies.append(name)
        return _Factor(name)

    def _join_substance(self, before: list[_Factor], factor: _Factor) -> bool:
        """Read ``t CO2`` as ``tCO2``; refuse a substance that follows no mass."""
        data = vocabulary("units")
        if factor.name not in data["substances"]:
            return False
        if before and before[-1].name in data["substance_prefixes"] and abs(before[-1].power) == 1:
            before[-1].name += factor.name
            return True
        raise self._unknown(factor.name)

    def _settle_year(self, fresh: list[_Factor]) -> None:
        """Read ``a`` as a year below the bar and refuse it elsewhere."""
        for factor in fresh:
            if factor.name == "a":
                if factor.power >= 0:
                    raise self._unknown("a")
                factor.name = "year"

    def _unknown(self, name: str) -> UnitError:
        reason = vocabulary("units")["refused"].get(name)
        if reason:
            return self._error(f"the name {name!r} is refused", reason)
        near = difflib.get_close_matches(name, [*_names(), *_currencies()], n=3)
        return self._error(
            f"{name!r} is not in the unit vocabulary", f"one of {', '.join(near)}" if near else ""
        )

    def _error(self, what: str, expected: str = "") -> UnitError:
        shown = self.text if len(self.text) <= _LONGEST else f"{self.text[:40]}..."
        return UnitError(f"unit {shown!r}: {what}", expected=expected)
