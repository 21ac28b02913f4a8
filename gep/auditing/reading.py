"""Cells as they are printed: signs for 'nothing', rough numbers, and spellings of units."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

from gep.auditing.rounding import tidy

_EMPTY = re.compile(
    r"[-‐‑‒–—―－─]{1,4}|[/／]|n\.?/?a\.?|nan|…+|\.{2,}|[*＊]+|无|未核算|未评估|暂无|缺", re.IGNORECASE
)
_SIMPLE = str.maketrans(
    "總價產業調節務態統單積國鄉鎮縣區萬億噸畝與佔農漁養氣風護觀遊資淨減釋庫濕濟環質儲長幣計給實貨現貼樹種類"
    "潔範圍體內間層數據標準際較於為發電熱溫緩勢灘澤災蟲負離雜聲貢獻蓋園綠療閒遷動畫經營從業門戶個報憑萊蘇",
    "总价产业调节务态统单积国乡镇县区万亿吨亩与占农渔养气风护观游资净减释库湿济环质储长币计给实货现贴树种类"
    "洁范围体内间层数据标准际较于为发电热温缓势滩泽灾虫负离杂声贡献盖园绿疗闲迁动画经营从业门户个报凭莱苏",
)
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_PRICE_YEAR = re.compile(
    r"[(（\[][^()（）\[\]]*(?:价|price)[^()（）\[\]]*[)）\]]|,?\s*(?:19|20)\d\d年?价$", re.I
)
# "tN" is a tonne of nitrogen, so the short forms count as they are written
_SIZE = re.compile(r"(?<![A-Za-z])((?i:thousand|million|billion|trillion|yuan)|[bmtBMT]n)(?![A-Za-z])")
_SIZE_NAMES = {"bn": "billion", "mn": "million", "tn": "trillion"}
_PURE = re.compile(r"[十百千]?[万亿]+|[十百千]万")
#: Ratios as they are said; ten of a Chinese ``成`` are the whole.
RATIO_UNITS = {
    "倍": 1.0,
    "times": 1.0,
    "time": 1.0,
    "x": 1.0,
    "成": 0.1,
    "百分点": 0.01,
    "个百分点": 0.01,
    "pct": 0.01,
    "pp": 0.01,
    "percentage point": 0.01,
    "percentage points": 0.01,
}


def simplified(text: str) -> str:
    """Return a text with the traditional characters of this field in their simplified form.

    Examples
    --------
    >>> simplified("調節服務總價值"), simplified("萬噸")
    ('调节服务总价值', '万吨')
    """
    return text.translate(_SIMPLE)


def is_empty(text: str) -> bool:
    """Tell whether a cell says that there is no figure.

    Examples
    --------
    >>> is_empty("——"), is_empty("未核算"), is_empty("-1.2")
    (True, True, False)
    """
    return not text or _EMPTY.fullmatch(text) is not None


def spelled(unit: str, *, is_money: bool = False) -> str:
    """Return a unit in a spelling that the vocabulary has.

    Examples
    --------
    >>> spelled("10⁸元"), spelled("Billion yuan"), spelled("亿元（2020年价）"), spelled("亿", is_money=True)
    ('10^8元', 'billion yuan', '亿元', '亿元')
    """
    text = re.sub(r"10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: "10^" + m[1].translate(_SUPERSCRIPT), unit)
    text = _PRICE_YEAR.sub("", text).strip().lstrip("×")
    text = re.sub(r"US\s?[$＄]", "USD ", text)
    text = _SIZE.sub(lambda m: _SIZE_NAMES.get(m[1].lower(), m[1].lower()), text)
    if "元" in text:
        text = text.replace("人民币", "")
    bare = unicodedata.normalize("NFKC", text).strip(" ()")
    return bare + "元" if is_money and _PURE.fullmatch(bare) else text.strip()


def ratio_unit(unit: str) -> float | None:
    """Return what one of a unit of ratios is, or None where the unit is none of these."""
    return RATIO_UNITS.get(unit.strip().lower())


def rough(text: str) -> str:
    """Return a number that is only about right, rounded at its last digit that is not zero.

    Examples
    --------
    >>> rough("1000"), rough("2,450"), rough("1.50")
    ('1E+3', '2.45E+3', '1.5')
    """
    return str(Decimal(tidy(text)).normalize())
