"""What printed names may mean in a ledger: services, indicators, items, ecosystems, in zh and en."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from gep import resources
from gep.auditing import words
from gep.ecosystems import types

Named = Mapping[str, Sequence[str]]
_BRACKETS = re.compile(r"[(（][^()（）]*[)）]")
_MONEY = re.compile(r"价值量?|货币价值|(?:monetary )?\bvalue\b|as printed|\bprinted\b", re.I)
_GENERIC = re.compile(
    r"(?:(?:all|other|total|context|ecosystem|material|products?|services?|goods|values?)\s*)*"
    r"|(?:生态系统|生态|物质|产品|服务|价值|合计)*"
)


@cache
def others() -> dict[str, dict[str, list[str]]]:
    """Return the names that published accounts use beside the labels."""
    return resources.read_toml(Path(__file__).with_name("names.toml"))


def services(labels: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return the names of every service that the vocabulary or a ledger knows, by code."""
    known: dict[str, Any] = {**resources.vocabulary("services")["services"]}
    known |= {key.partition(":")[2]: entry for key, entry in labels.items() if key.startswith("service:")}
    more = others()["services"]
    return {
        code: (code.replace("_", " "), str(e["zh"]), str(e["en"]), *more.get(code, ()))
        for code, e in known.items()
    }


def indicators(
    labels: Mapping[str, Mapping[str, str]], service: str, codes: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return the names of the indicators of a service, by code."""
    more = others()["indicators"]
    return {
        code: (
            code.replace("_", " "),
            *labels.get(f"indicator:{service}.{code}", {}).values(),
            *more.get(code, ()),
        )
        for code in codes
    }


def items(codes: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the names of items, by code; an item that is an ecosystem has its names too."""
    more = others()["items"]
    known = ecosystems()
    return {code: (code.replace("_", " "), *more.get(code, ()), *known.get(code, ())) for code in codes}


@cache
def ecosystems() -> dict[str, tuple[str, ...]]:
    """Return the names of all ecosystem types, by code."""
    more = others()["ecosystems"]
    return {c: (c.replace("_", " "), e["zh"], e["en"], *more.get(c, ())) for c, e in types().items()}


@lru_cache(maxsize=4096)
def bare(text: str) -> str:
    """Return a name without brackets and without words for totals and money.

    Examples
    --------
    >>> bare("土壤保持价值合计"), bare("Water supply (total)")
    ('土壤保持', 'water supply')
    """
    plain = words.TOTAL.sub(" ", _MONEY.sub(" ", _BRACKETS.sub(" ", words.fold(text))))
    return re.sub(r"[\s:：,，;；]+", " ", plain).strip(" -–")


def says_nothing(text: str) -> bool:
    """Tell whether a name is only a word such as 'products', 'services' or 'context'.

    Examples
    --------
    >>> says_nothing("products (all provisioning)"), says_nothing("crops")
    (True, False)
    """
    return _GENERIC.fullmatch(bare(text)) is not None


def find(text: str, named: Named, *, shortened: bool = True) -> list[str]:
    """Return the codes that a text names: by the same name, by names inside it, or by a name it shortens.

    Of names inside each other the longest counts; more than one code is more than one name, or doubt.

    Examples
    --------
    >>> find("水源涵养量", services({})), find("climate", services({}))
    (['water_conservation'], ['climate_regulation'])
    >>> find("固碳释氧", services({}))
    ['carbon_sequestration', 'oxygen_release']
    """
    wanted = bare(text)
    if says_nothing(text):
        return []
    same = [code for code, names in named.items() if any(wanted == bare(n) for n in names)]
    if same:
        return same
    inside = {code: [bare(n) for n in names if _says(wanted, bare(n))] for code, names in named.items()}
    hits = [(code, name) for code, names in inside.items() for name in names]
    longest = [
        code for code, name in hits
        if not any(other != name and _says(other, name) for _, other in hits)
    ]  # fmt: skip
    if longest or not shortened:
        return list(dict.fromkeys(longest))
    return [code for code, names in named.items() if any(words.means(wanted, n) for n in names)]


def _says(text: str, name: str) -> bool:
    """Tell whether a text has every word of a name, in both scripts where the name has both."""
    parts = _scripts(name)
    return bool(parts) and all(words.means(part, text) for part in parts)


def _scripts(name: str) -> list[str]:
    return [part for part in (" ".join(words.latin_words(name)), " ".join(words.chinese_words(name))) if part]


def whole_names(text: str, codes: Sequence[str], named: Named) -> bool:
    """Tell whether a text says no more than the names of some codes, joined.

    Examples
    --------
    >>> both, known = ["carbon_sequestration", "oxygen_release"], services({})
    >>> whole_names("固碳释氧", both, known), whole_names("forest carbon and oxygen", both, known)
    (True, False)
    """
    left = bare(text)
    for name in sorted((bare(n) for c in codes for n in named[c]), key=len, reverse=True):
        if words.means(name, left):
            for part in (*words.chinese_words(name), *re.findall(r"[a-z][a-z0-9\-]*", name)):
                left = re.sub(rf"(?<![a-z]){re.escape(part)}s?(?![a-z])", " ", left)
    return not words.latin_words(left) and not words.chinese_words(left)


def ecosystem_in(text: str) -> list[str]:
    """Return the ecosystem types that a text names, whole words only.

    Examples
    --------
    >>> ecosystem_in("森林病虫害控制面积"), ecosystem_in("forestry"), ecosystem_in("share forest+grassland")
    (['forest'], [], ['forest', 'grassland'])
    """
    wanted = bare(text)
    tokens = set(re.findall(r"[a-z][a-z\-]*", wanted))
    hits: list[tuple[str, str]] = []
    for code, names in ecosystems().items():
        for name in map(bare, names):
            latin = re.findall(r"[a-z][a-z\-]*", name)
            chinese = words.chinese_words(name)
            if (latin and set(latin) <= tokens) or (
                not latin and chinese and all(w in wanted for w in chinese)
            ):
                hits.append((code, name))
    longest = [c for c, n in hits if not any(o != n and n in o for _, o in hits)]
    return list(dict.fromkeys(longest))
