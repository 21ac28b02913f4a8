"""Fonts that can draw a text: no box in place of a character, and no setting changed for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep.errors import GepError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Families asked first where the usual font lacks a character; simplified Chinese before the rest.
PREFERRED = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "Microsoft YaHei",
    "PingFang SC",
    "Hiragino Sans GB",
    "Heiti SC",
    "STHeiti",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "SimHei",
    "Noto Sans CJK JP",
    "Droid Sans Fallback",
    "Arial Unicode MS",
    "Noto Serif CJK SC",
    "SimSun",
)
#: Parts of the file names of these families, for fonts that matplotlib has not listed yet.
_FILES = ("notosanscjk", "notosanssc", "sourcehansans", "msyh", "pingfang", "wqy", "simhei", "droidsansfallb")
#: A font whose every character is a box.
_BOXES = "last resort"


def families(texts: Iterable[str], font: str | Path | None = None) -> list[str]:
    """Return font families that together can draw every character of ``texts``.

    Parameters
    ----------
    texts : iterable of str
        What will be drawn.
    font : str or path, optional
        A font file, or a family that matplotlib knows; it is asked first.

    Returns
    -------
    list of str
        The usual families alone where they suffice.

    Raises
    ------
    GepError
        No font has some character, or ``font`` does not exist.
    """
    from matplotlib import rcParams

    usual = list(rcParams["font.family"])
    chosen, lacking = [], _characters(texts)
    if font is not None:
        family, path = _named(font)
        chosen.append(family)
        lacking -= coverage(path)
    lacking -= coverage(_usual_file())
    for family, path in candidates() if lacking else ():
        if found := lacking & coverage(path):
            chosen.append(_registered(family, path))
            lacking -= found
        if not lacking:
            break
    if lacking:
        raise _no_glyphs(lacking)
    return [*chosen, *usual]


def candidates() -> Iterator[tuple[str, str]]:
    """Yield family and file of the fonts of this machine, those made for Chinese first."""
    from matplotlib.font_manager import findSystemFonts, fontManager

    listed = {entry.name: str(entry.fname) for entry in fontManager.ttflist}
    yield from ((name, listed[name]) for name in PREFERRED if name in listed)
    known = {str(entry.fname) for entry in fontManager.ttflist}
    new = [p for p in map(str, findSystemFonts()) if p not in known]
    # a regular cut before the bold ones, which sort first
    ranked = sorted(new, key=lambda p: ("regular" not in p.lower(), p))
    yield from (("", path) for path in ranked if _by_file_name(path))
    others = sorted(listed.items())
    yield from (o for o in others if o[0] not in PREFERRED and _BOXES not in o[0].lower())


@cache
def coverage(path: str) -> frozenset[str]:
    """Return the characters that a font file can draw; none where it cannot be read."""
    from matplotlib.font_manager import get_font

    try:
        return frozenset(map(chr, get_font(path).get_charmap()))
    except (OSError, RuntimeError):
        return frozenset()


def _usual_file() -> str:
    from matplotlib.font_manager import FontProperties, findfont

    return str(findfont(FontProperties()))


def _characters(texts: Iterable[str]) -> set[str]:
    return {c for text in texts for c in text if c.isprintable() and not c.isspace()}


def _named(font: str | Path) -> tuple[str, str]:
    """Return family and file of a font that a caller asks for."""
    from matplotlib.font_manager import fontManager

    if Path(font).is_file():
        return _registered("", str(font)), str(font)
    for entry in fontManager.ttflist:
        if entry.name == str(font):
            return entry.name, str(entry.fname)
    raise GepError(
        f"there is no font {str(font)!r}",
        where="font",
        expected="a font file, or a family among matplotlib's fonts",
    )


def _registered(family: str, path: str) -> str:
    """Return a family by which matplotlib finds the file, made known to it where need be."""
    from matplotlib.font_manager import fontManager

    if family:
        return family
    if not (names := _families_of(path)):
        fontManager.addfont(path)
        names = _families_of(path)
    return min(names, key=lambda n: PREFERRED.index(n) if n in PREFERRED else len(PREFERRED))


def _families_of(path: str) -> list[str]:
    from matplotlib.font_manager import fontManager

    return [entry.name for entry in fontManager.ttflist if str(entry.fname) == path]


def _by_file_name(path: str) -> bool:
    name = Path(path).name.lower().replace("-", "").replace("_", "")
    return any(part in name for part in _FILES)


def _no_glyphs(lacking: Iterable[Any]) -> GepError:
    shown = sorted(lacking)
    more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
    return GepError(
        f"no font of this machine can draw {''.join(shown[:10])}{more}",
        where="gep.plot",
        expected="a font with these characters, for example Noto Sans CJK",
        fix="apt-get install fonts-noto-cjk, or give a font file: font='NotoSansCJK-Regular.ttc'",
    )
