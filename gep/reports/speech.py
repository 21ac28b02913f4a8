"""Saying things in Chinese or English: words, units, statuses, causes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from gep import quantities, units
from gep.ecosystems import label as ecosystem_label
from gep.ledger.parts import check_language
from gep.resources import read_toml, vocabulary
from gep.unit_text import priced_currency

_NUMERALS = {
    "zh": {3: "千", 4: "万", 6: "百万", 8: "亿", 12: "万亿"},
    "en": {3: "1,000", 4: "10,000", 6: "million", 8: "100 million", 9: "billion", 12: "trillion"},
}
_SUPER, _SUB = (str.maketrans("0123456789", digits) for digits in ("⁰¹²³⁴⁵⁶⁷⁸⁹", "₀₁₂₃₄₅₆₇₈₉"))
_POWERS_ZH = {"2": "平方", "3": "立方"}
_NAME = re.compile(r"(.*?[^\d^])\^?(\d+(?:\.\d+)?)")


@cache
def _words() -> dict[str, Any]:
    return read_toml(Path(__file__).with_name("words.toml"))


@dataclass(frozen=True)
class Speech:
    """One language; every text of a table passes through here.

    Raises
    ------
    LedgerError
        There are no names in the language.

    Examples
    --------
    >>> Speech("zh").unit("亿kWh/year"), Speech("en").unit("万m3/year"), Speech("zh").unit("CNY_2020/t")
    ('亿千瓦时/年', '10,000 m³/year', '元/吨')
    """

    lang: str

    def __post_init__(self) -> None:
        check_language(self.lang, "lang")

    def __call__(self, key: str, **values: object) -> str:
        """Return the text of ``section.key`` with its braces filled in."""
        section, _, name = key.partition(".")
        return str(_words()[section][name][self.lang]).format(**values)

    def known(self, section: str, word: str) -> str:
        """Return a word in this language, or as it stands where there is no other."""
        entry = _words()[section].get(word)
        return str(entry[self.lang]) if entry else word

    def join(self, texts: Any) -> str:
        """Return texts as a list in one line."""
        return ("、" if self.lang == "zh" else ", ").join(texts)

    def unit(self, text: str, price_year: int | None = None) -> str:
        """Return a unit as people write it; a price year is said beside, not within."""
        if text in ("", "1"):
            return ""
        spelled = units.spell(units.parse(text, price_year=price_year))
        return "/".join(self._product(part) for part in spelled.split("/"))

    def _product(self, text: str) -> str:
        names = [self._factor(name) for name in text.split()]
        close = self.lang == "zh"
        return ("" if close else " ").join(names)

    def _factor(self, name: str) -> str:
        if name.startswith("10^"):
            power = int(name[3:])
            return _NUMERALS[self.lang].get(power, f"10{str(power).translate(_SUPER)}")
        if self._simple(name) is None and (found := _NAME.fullmatch(name)):
            base, power_text = found[1], found[2]
            if self.lang == "zh" and power_text in _POWERS_ZH:
                return _POWERS_ZH[power_text] + (self._simple(base) or base)
            return (self._simple(base) or base) + power_text.translate(_SUPER)
        return self._simple(name) or name

    def _simple(self, name: str) -> str | None:
        """Return the name of one unit of the vocabulary; None if it is none."""
        data, zh = vocabulary("units"), self.lang == "zh"
        if priced_currency(name):
            code = name.partition("_")[0]
            return str(data["currencies"][code]["zh"]) if zh else code
        if name in data["units"]:
            plain = {"mu_of_land": "mu"}.get(name, name)
            return str(data["units"][name]["zh"]) if zh else plain
        for prefix in sorted(data["substance_prefixes"], key=len, reverse=True):
            substance = name.removeprefix(prefix)
            if name.startswith(prefix) and substance in data["substances"]:
                if zh:
                    return f"{data['units'][prefix]['zh']}{data['substances'][substance]['zh']}"
                return str(prefix + substance.translate(_SUB))
        return None

    def money(self, unit: str, year: int) -> str:
        """Return a unit of money with its price level."""
        said = self.unit(unit, year)
        return f"{said}，{year}年价格" if self.lang == "zh" else f"{said}, {year} prices"

    def input_name(self, name: str) -> str:
        """Return what an input or coefficient is called."""
        known = quantities.shipped().get(name)
        return str(getattr(known, self.lang)) if known else self.known("statuses", name)

    def cause(self, cause: str) -> str:
        """Return why an area is not covered."""
        if not cause.endswith(" missing"):
            return self.known("causes", cause)
        names = cause.removesuffix(" missing").split(" and ")
        return self("causes.missing", names=self.join(map(self.input_name, names)))

    def item(self, code: str) -> str:
        """Return the name of a part of a line; one that is no word of ours stands as it is."""
        named = self.known("items", code)
        return ecosystem_label(code, self.lang) if code and named == code else named

    def ecosystem(self, code: str) -> str:
        """Return the name of an ecosystem type."""
        return ecosystem_label(code, self.lang)
