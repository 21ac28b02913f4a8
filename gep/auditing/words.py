"""What the names of rows mean, in Chinese and English; no account is known by name here."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

CATEGORIES = ("provisioning", "regulating", "cultural", "supporting")

_CATEGORY_FORMS = {
    "provisioning": {
        "provisioning",
        "provision",
        "material",
        "物质",
        "供给",
        "物质供给",
        "产品供给",
        "物质产品供给",
    },
    "regulating": {"regulating", "regulatory", "regulation", "调节"},
    "cultural": {
        "cultural",
        "culture",
        "non-material",
        "nonmaterial",
        "文化",
        "文化旅游",
        "旅游文化",
        "cultural tourism",
        "文旅",
    },
    "supporting": {"supporting", "support", "支持"},
}
_FILLER = re.compile(
    r"\b(?:all|total|subtotal|sum|services?|values?|products?"
    r"|goods|gep|esv|ecosystem|the|of|and|in|as|printed)\b"
    r"|合计|小计|总计|总值|总量|服务|产品|价值|功能|生态系统"
)
TOTAL = re.compile(
    r"\b(?:sub)?totals?\b|\bsum of\b|\ball (?:services|ecosystems|types)\b|合计|小计|总计|总和|共计", re.I
)
OF_WHICH = re.compile(r"^\s*(?:of which|thereof|including|其中)[:： ]*", re.I)
OTHER_SCOPE = re.compile(r"scope|口径|back-?calculated|rebased|revised|可比", re.I)

_WHOLE = r"(?:GEP|总值|总价值|总量|全部|生态系统生产总值|生态产品总值|生态系统服务价值)"
SHARE = re.compile(
    r"\bshares?\b|\bproportion\b|\bpercentage of\b|占[^占]{0,14}?(?:比重|比例|百分比|比率|份额)"
    rf"|占{_WHOLE}的?$|占比|比重|所占比例|份额",
    re.I,
)
_SHARE_OF = re.compile(r"占([^占]{1,14}?)的?(?:比重|比例|百分比|比率|份额)|占([^占比]{1,14}?)的?$", re.I)
_SHARE_IN = re.compile(r"\b(?:share|proportion|percentage)\b.*\bin (?:the )?([a-z ]+)$", re.I)
GROWTH = re.compile(
    r"\b(?:growth|grew|decreas\w*|declin\w*|fell)\b|增长|增幅|增速|同比|提高|增加|上升|下降|减少|降低|降幅",
    re.I,
)
FALL = re.compile(r"\b(?:decreas\w*|declin\w*|fell)\b|下降|减少|降低|降幅", re.I)
AVERAGE = re.compile(r"年均|年平均|average annual|annual average|per year|per annum|\bCAGR\b", re.I)
#: The growth of a growth rate.
PACE = re.compile(r"(?:增速|增幅|增长率).*(?:提高|下降|回落|加快|上升|收窄|扩大)", re.I)
INCREASE = re.compile(r"\bincrease\b|增加|增量", re.I)
PER_AREA = re.compile(
    r"\bper(?:[- ]unit)?[- ]area\b|\bdensity\b|per (?:km2|ha|hectare)|单位面积|地均|\bunit value\b", re.I
)
PER_HEAD = re.compile(r"per[- ](?:head|capita|person|resident)|人均", re.I)
GEP = re.compile(
    r"(?<![A-Za-z])(?:GEP|ESV)(?![A-Za-z])|gross ecosystem product|ecosystem service value"
    r"|生态系统生产总值|生态产品总值",
    re.I,
)
GDP = re.compile(
    r"(?<!绿色)(?<!green )(?<![A-Za-z])GDP(?![A-Za-z])|(?<!生态系统)(?:国内|地区|区域)?生产总值", re.I
)
OTHER_MONEY = re.compile(
    r"\b(?:income|price|cost|spending|wage|consumption|revenue)\b|收入|价格|成本|单价|支出|消费", re.I
)
POPULATION = re.compile(r"\bpopulation\b|\bresidents\b|\binhabitants\b|人口", re.I)
PART_OF_PEOPLE = re.compile(
    r"\b(?:rural|urban|floating|density|natural)\b|城镇|乡村|农村|农业|城市|密度", re.I
)
AREA = re.compile(r"\barea\b|\bextent\b|面积|国土", re.I)
_WHOLE_AREA = re.compile(
    r"\b(?:area|total|national|land|territor\w+|text|in|of|the"
    r"|region\w*|county|district|province|city|reserve|study"
    r"|whole|administrative|prefecture|park|country|table|approx\w*|about|municipal\w*|surface|\d+)\b"
    r"|[国总全县市省区州域土地面积行政辖研究保护公园约表正文内的]+"
)
_SCOPE = re.compile(
    r"\b(?:whole|total|all|average|mean|national|land|territor\w+|region\w*|county|district|province|city"
    r"|prefecture|municipal\w*|country|table|text|report\w*|annual|approx\w*|ratio|unit|resident|person)\b"
    r"|[全总]?(?:国|省|市|县|区|州|域|旗|境内|辖区)|平均|总|合计|年|约|正文|表|图|国土|均|产值|总值",
    re.I,
)
TWO_MOUNTAINS = re.compile(
    r"生态产品产值|ecological products? (?:output )?value.*(?:share|income|ratio)", re.I
)

STOCK = re.compile(
    r"\bstocks?\b|\bstanding (?:stock|timber|volume)\b|\bgrowing stock\b|\bcapitali[sz]ed\b|\bpresent value\b"
    r"|\basset value\b|\bcarbon stor(?:age|ed)\b|蓄积|存量|储量|贴现值|资产",
    re.I,
)
FLOW = re.compile(
    r"\bincrement\b|\bchange\b|\bincrease\b|\bannual\b|\bgrowth\b|增量|增长|年增|净增|变化", re.I
)
NOT_A_SERVICE = re.compile(
    r"\bsocial security\b|\bemployment\b|\blabou?r force\b"
    r"|\bwages?\b|\bpensions?\b|\binvestments?\b|\btax(?:es)?\b"
    r"|社会保障|社会劳动力|就业|劳动力|工资|投资|税收",
    re.I,
)
LOCATION = re.compile(
    r"[(（][^()（）]*(?:\btext\b|\btable\b|\bindicator\b|\babstract\b"
    r"|\bannex\b|\bfigure\b|\bappendix\b|\bpage\b|\bline\b"
    r"|\bapprox|\bsummary\b|\bmap\b|\bprose\b|正文|表|指标|附件|附录|摘要|图"
    r"|约)[^()（）]*[)）]|\bin (?:the )?(?:text|table \d*|abstract)\b|\btotal\b",
    re.I,
)
YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")

_ORDINAL = re.compile(
    r"^(?:\([一二三四五六七八九十\d]+\)|[一二三四五六七八九十]+[、.]|\d+(?:、|\.(?!\d)|\)))\s*"
)
_ALIASES = {"c": "carbon", "co2": "carbon", "o2": "oxygen", "carbon+oxygen": "carbon oxygen"}
_ALIAS_ZH = {"carbon": "固碳", "oxygen": "释氧"}
_STOP = frozenset(
    [
        "share",
        "shares",
        "proportion",
        "of",
        "the",
        "in",
        "to",
        "a",
        "on",
        "gep",
        "esv",
        "total",
        "by",
        "ecosystem",
        "value",
        "services",
        "service",
        "and",
        "percent",
    ]
)
_LATIN = re.compile(r"[a-z][a-z0-9.\-]*")
_CJK = re.compile(r"[\u3400-\u9fff]+")
_STOP_ZH = re.compile(r"占比|比重|所占|比例|份额|生态系统生产总值|的|价值$")


def fold(text: str) -> str:
    """Return a name in one width, lower case, single blanks, without a leading ordinal.

    Examples
    --------
    >>> fold("（一）物质产品"), fold("2、 Timber"), fold("1.5 degrees")
    ('物质产品', 'timber', '1.5 degrees')
    """
    return _ORDINAL.sub("", re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().lower())


@lru_cache(maxsize=4096)
def category_named(text: str) -> str | None:
    """Return the category that a name stands for, if it names a category and nothing else.

    Examples
    --------
    >>> category_named("all regulating"), category_named("调节服务合计"), category_named("climate regulation")
    ('regulating', 'regulating', None)
    """
    bare = re.sub(r"[（(][^()（）]*[)）]", "", fold(text))
    bare = re.sub(r"\s+", " ", _FILLER.sub(" ", bare)).strip(" :：-")
    bare = re.sub(r"^生态(?=.)|(?<=.)类$", "", bare).strip()
    if not bare:
        return None
    for category, forms in _CATEGORY_FORMS.items():
        if bare in forms or bare.replace(" ", "") in forms:
            return category
        pieces = bare.split(" ")
        if len(pieces) == 2 and all(p in forms for p in pieces):
            return category
    if fold(text) in {"产品", "物质产品", "生态产品", "products", "material products"}:
        return "provisioning"
    return None


def categories_added(text: str) -> list[str]:
    """Return the categories that a name adds up, such as ``provisioning + cultural``."""
    bare = re.sub(r"[（(][^()（）]*[)）]", "", text)
    pieces = re.split(r"\s*(?:\+|＋|&|、|\band\b|和|与)\s*", bare)
    found = [category_named(piece) for piece in pieces]
    return [c for c in found if c] if len(found) > 1 and all(found) else []


def split_added(text: str) -> list[str]:
    """Return the names joined by a plus sign or an 'and'."""
    return [p for p in re.split(r"\s*(?:\+|＋|、|\band\b|\s和\s|与)\s*", text) if p.strip()]


@lru_cache(maxsize=4096)
def latin_words(text: str) -> tuple[str, ...]:
    """Return the telling words in Latin letters."""
    words = [w.strip(".-") for w in _LATIN.findall(fold(text))]
    return tuple(_ALIASES.get(w, w) for w in words if w and w not in _STOP)


@lru_cache(maxsize=4096)
def chinese_words(text: str) -> tuple[str, ...]:
    """Return the telling runs of Chinese characters."""
    return tuple(w for w in _CJK.findall(_STOP_ZH.sub(" ", fold(text))) if len(w) > 1)


@lru_cache(maxsize=16384)
def means(needle: str, name: str) -> bool:
    """Tell whether ``name`` says all that ``needle`` asks for, in either language.

    Examples
    --------
    >>> means("environment", "ecological and environmental value"), means("direct", "indirect economic value")
    (True, False)
    """
    latin, chinese = latin_words(needle), chinese_words(needle)
    known = latin_words(name)
    folded = fold(name)
    if latin and all(any(_same(w, k) for k in known) or _ALIAS_ZH.get(w, "\0") in folded for w in latin):
        return True
    return bool(chinese) and all(w in folded for w in chinese)


def _same(a: str, b: str) -> bool:
    if a == b:
        return True
    return min(len(a), len(b)) >= 4 and (a.startswith(b) or b.startswith(a))


def share_of(name: str) -> str | None:
    """Return what a share says it is a share of; empty for the whole account, None where it does not say.

    Examples
    --------
    >>> share_of("水源涵养占调节服务的比重"), share_of("调节服务占GEP比例"), share_of("调节服务占比")
    ('调节服务', '', None)
    """
    match = _SHARE_OF.search(fold(name)) or _SHARE_IN.search(fold(name))
    if match is None:
        return None
    text = next(g for g in match.groups() if g).strip()
    return "" if re.fullmatch(_WHOLE, text, re.I) or GEP.fullmatch(text) else text


def says_more(residue: str, region: str = "") -> bool:
    """Tell whether what is left of a name is more than words for the whole territory.

    Examples
    --------
    >>> says_more("湿地"), says_more("全县"), says_more("rural towns"), says_more("延庆", "北京市延庆区")
    (True, False, True, False)
    """
    words_left = [w for w in _CJK.findall(fold(residue)) if w not in region]
    words_left = [w for w in words_left if _SCOPE.sub("", w)]
    latin = [w for w in latin_words(residue) if w not in fold(region) and _SCOPE.sub("", w)]
    return bool(words_left or latin)


def whole_area(name: str) -> bool:
    """Tell whether a name is that of the whole territory, not of a class or a part of it."""
    bare = re.sub(r"\b(?:built-up|red line)\b", "#", fold(name))
    return bool(AREA.search(name)) and not re.sub(r"[\s()（）.,:：]+", "", _WHOLE_AREA.sub("", bare))


def same_name(name: str) -> str:
    """Return a name without the words that say where in the document it stands."""
    return re.sub(r"[\s:：,，]+", " ", LOCATION.sub(" ", fold(name))).strip()
