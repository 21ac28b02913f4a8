"""How figures speak: words of two languages, numbers, units, lines that fit, descriptions."""

from __future__ import annotations

import math
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.ledger.parts import check_language
from gep.resources import read_toml

if TYPE_CHECKING:
    from collections.abc import Iterable

#: Width of a Chinese character in Latin ones, on the average of a text.
_WIDE = 1.75
_SUPER = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
#: A run of Latin text up to the next blank or Chinese character, or one Chinese character.
_PIECE = re.compile(r"[^\s\u2e80-\uffef]+\s*|[\u2e80-\uffef]\s*|\s+")


@cache
def data() -> dict[str, Any]:
    """Return words and colours as read from ``figures.toml``."""
    return read_toml(Path(__file__).with_name("figures.toml"))


def word(key: str, lang: str, **parts: object) -> str:
    """Return a word or sentence of the figures in a language.

    Examples
    --------
    >>> word("other", "en", n=3), word("no_data", "zh")
    ('other (3)', '无数据')
    """
    check_language(lang, "lang")
    return str(data()["words"][key][lang]).format(**parts)


def key_name(key: str, lang: str) -> str:
    """Return what a key of the ledger is called; a level of the zones is called as its column."""
    return word(f"key_{key}", lang) if f"key_{key}" in data()["words"] else key


def listed(items: Iterable[str], lang: str, most: int = 8) -> str:
    """Return items as one line; of many the first, and how many more."""
    texts = [str(item) for item in items]
    line = word("list", lang).join(texts[:most])
    return line + (word("more", lang, n=len(texts) - most) if len(texts) > most else "")


def said(what: str, about: str, lang: str) -> str:
    """Return ``what: about`` as the language writes it."""
    return f"{what}{word('colon', lang)}{about}"


def shown(unit: str) -> str:
    """Return a unit with raised powers.

    Examples
    --------
    >>> shown("10^8 CNY"), shown("万元/km2"), shown("元/m3")
    ('10⁸ CNY', '万元/km²', '元/m³')
    """
    raised = re.sub(r"\^(-?\d+)", lambda m: m[1].translate(_SUPER), unit)
    return re.sub(r"(?<=m)[23]\b", lambda m: m[0].translate(_SUPER), raised)


def parted(units: str, lang: str) -> tuple[str, list[str]]:
    """Return the unit of a table and, as a note, what its prices are.

    Examples
    --------
    >>> parted("亿元 (CNY_2020)", "en"), parted("亿元", "en")
    (('亿元', ['in prices of 2020 (CNY)']), ('亿元', []))
    """
    unit, _, about = units.removesuffix(")").partition(" (")
    if not about:
        return unit, []
    code, _, year = about.partition("_")
    if year.isdecimal():
        return unit, [word("prices", lang, year=year, code=code)]
    return unit, [word("basis", lang, what=about)]


def with_unit(what: str, unit: str, lang: str) -> str:
    """Return a name with its unit; the name alone where there is none."""
    return word("unit", lang, what=what, unit=shown(unit)) if unit not in ("", "1") else what


def places(values: Iterable[float]) -> int:
    """Return with how many decimals the numbers of one figure are written.

    Examples
    --------
    >>> places([19.651, 0.2]), places([12345.0]), places([0.0123]), places([])
    (2, 0, 4, 2)
    """
    sizes = [abs(v) for v in map(float, values) if math.isfinite(v) and v]
    if not sizes:
        return 2
    top = math.floor(math.log10(max(sizes)))
    return 0 if top > 2 else 2 if top >= 0 else 2 - top


def number(value: float, decimals: int) -> str:
    """Return a number as text; one that rounds to zero without being zero keeps a digit.

    Examples
    --------
    >>> number(1234.5, 0), number(0.0012, 2), number(0.0, 2), number(-1.5, 2)
    ('1,234', '0.001', '0.00', '-1.50')
    """
    text = f"{value:,.{decimals}f}"
    if value and not text.strip("-0.,"):
        return np.format_float_positional(float(f"{value:.1g}"), trim="-")
    return text


def amounts(pairs: Iterable[tuple[str, float]], unit: str, lang: str, most: int = 8) -> str:
    """Return names with their numbers in one line; the unit stands once, at the end.

    Examples
    --------
    >>> amounts([("Crops", 2.5), ("Tourism", float("nan"))], "10^8 CNY", "en")
    'Crops 2.50, Tourism no data; 10⁸ CNY'
    """
    known = list(pairs)
    decimals = places(value for _, value in known)
    texts = [
        f"{name} {number(value, decimals) if math.isfinite(value) else word('no_data', lang)}"
        for name, value in known
    ]
    line = listed(texts, lang, most)
    return f"{line}{word('stop', lang)}{shown(unit)}" if unit else line


def amount(value: float, unit: str, lang: str) -> str:
    """Return a number with its unit.

    Examples
    --------
    >>> amount(19.651, "亿元", "zh"), amount(7549.2, "10^8 CNY", "en")
    ('19.65 亿元', '7,549 × 10⁸ CNY')
    """
    text = number(value, places([value])) if math.isfinite(value) else word("no_data", lang)
    return f"{text}{' ×' if unit.startswith('10^') else ''} {shown(unit)}".rstrip()


def share(part: float, whole: float) -> str:
    """Return a share in percent; a small one is not zero.

    Examples
    --------
    >>> share(1.0, 8.0), share(1.0, 1e5), share(0.0, 1.0)
    ('12.5%', '<0.1%', '0.0%')
    """
    ratio = part / whole
    return "<0.1%" if 0.0 < ratio < 0.0005 else f"{ratio:.1%}"


def columns(text: str) -> float:
    """Return the width of a text in Latin characters, of which a Chinese one takes nearly two.

    Examples
    --------
    >>> columns("固碳 C")
    5.5
    """
    return sum(_WIDE if unicodedata.east_asian_width(c) in "WF" else 1.0 for c in text)


def wrap(text: str, width: float) -> str:
    r"""Break a text into lines of at most ``width``; Chinese breaks between any two characters.

    Examples
    --------
    >>> wrap("value of services", 9), wrap("生态系统服务", 8)
    ('value of\nservices', '生态系统\n服务')
    """
    lines = [""]
    for piece in _PIECE.findall(text):
        if lines[-1] and columns((lines[-1] + piece).rstrip()) > width:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)


def describe(
    title: str,
    pairs: Iterable[tuple[str, float]],
    unit: str,
    lang: str,
    *,
    total: float = math.nan,
    most: int = 3,
) -> str:
    """Return a sentence of the title, the largest values, the total and what has no value.

    Examples
    --------
    >>> describe("Value", [("A", 1.0), ("B", 3.0), ("C", float("nan"))], "CNY", "en", total=4.0)
    'Value (CNY): B 3.00, A 1.00; total 4.00; no data: C.'
    """
    known = list(pairs)
    ranked = sorted((p for p in known if math.isfinite(p[1])), key=lambda p: -abs(p[1]))
    decimals = places([*(v for _, v in ranked), total])
    parts = [word("list", lang).join(f"{name} {number(value, decimals)}" for name, value in ranked[:most])]
    if math.isfinite(total):
        parts.append(f"{word('total', lang)} {number(total, decimals)}")
    if lacking := [name for name, value in known if not math.isfinite(value)]:
        parts.append(said(word("no_data", lang), listed(lacking, lang), lang))
    line = said(with_unit(title, unit, lang), word("stop", lang).join(filter(None, parts)), lang)
    return line + word("full_stop", lang)
