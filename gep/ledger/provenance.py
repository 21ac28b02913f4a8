"""From a number back to its formula, its inputs, its coefficient rows and their pages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import pandas as pd

from gep.ecosystems import label as ecosystem_label
from gep.ledger.parts import check_language
from gep.resources import vocabulary

if TYPE_CHECKING:
    from gep.ledger.parts import Meta

#: Rows that a page shows of one line, and the size from which on numbers have no decimals.
_ROWS, _LARGE = 40, 1e5
_WORDS = {
    "where": {"en": "in {zone}, {year}, values in {money}", "zh": "{zone}，{year}年，价值以{money}计"},
    "by": {"en": "by", "zh": "依据"},
    "changed": {"en": "changed", "zh": "改动"},
    "method": {"en": "method", "zh": "估价方法"},
    "variant": {"en": "variant", "zh": "方案"},
    "clause": {"en": "clause", "zh": "条款"},
    "spread": {"en": "spread", "zh": "分摊"},
    "fallback": {"en": "fallback", "zh": "退用"},
    "more": {"en": "and {n} more rows, together {value} {money}", "zh": "另有{n}行，合计{value} {money}"},
    "no value": {"en": "no value", "zh": "缺值"},
    "formulas": {"en": "Formulas", "zh": "公式"},
    "price level": {"en": "price level", "zh": "价格水平"},
    "inputs": {"en": "Inputs", "zh": "输入数据"},
    "coefficients": {"en": "Coefficients", "zh": "系数"},
    "instead": {"en": "the user's row stands in place of", "zh": "用户给出的行代替"},
    "not covered": {"en": "Area not covered", "zh": "未覆盖面积"},
    "unmapped": {"en": "unmapped land", "zh": "无分类的土地"},
}


@dataclass(frozen=True)
class Explanation:
    """How some rows of a ledger came about; prints like a page of an audit."""

    rows: pd.DataFrame
    runs: Mapping[str, Mapping[str, Any]]
    inputs: list[Mapping[str, Any]]
    coefficients: list[Mapping[str, Any]]
    text: str

    def __str__(self) -> str:
        return self.text

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f"<pre>{escape(self.text)}</pre>"


def explain(
    rows: pd.DataFrame, holes: pd.DataFrame, meta: Meta, zones: pd.DataFrame, lang: str
) -> Explanation:
    """Collect and write down everything that the given rows rest on."""
    check_language(lang, "lang")
    runs = {name: meta.runs[name] for name in dict.fromkeys(rows["run"])}
    used = {i for run in runs.values() for i in run["inputs"]}
    picked = {c for run in runs.values() for c in run["coefficients"]}
    inputs = [i for i in meta.inputs if i["name"] in used]
    coefficients = [c for c in meta.coefficients if c["id"] in picked]
    lines = [*_heading(rows, meta, zones, lang)]
    for name, run in runs.items():
        lines += _run_lines(name, run, rows[rows["run"] == name], zones, lang)
    formulas = _formula_lines(runs, lang)
    lines += ["", _say("formulas", lang), *formulas] if formulas else []
    prices = dict.fromkeys(text for run in runs.values() for text in run["deflators"])
    lines += [f"  {_say('price level', lang)}: {text}" for text in prices]
    lines += ["", _say("inputs", lang), *(_input_line(i, lang) for i in inputs)]
    if coefficients:
        lines += ["", _say("coefficients", lang)]
        lines += [line for c in coefficients for line in _coefficient_lines(c, lang)]
    lines += _hole_lines(holes, zones, lang)
    return Explanation(rows, runs, inputs, coefficients, "\n".join(lines))


def _say(word: str, lang: str) -> str:
    return _WORDS[word][lang]


def _number(value: float) -> str:
    """Return a number as a page prints it: with separators, and never with an exponent above one."""
    return f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:,.6g}"


def _heading(rows: pd.DataFrame, meta: Meta, zones: pd.DataFrame, lang: str) -> list[str]:
    service = str(rows["service"].iloc[0])
    named = vocabulary("services")["services"][service]
    where = sorted(set(rows["zone"]))
    named_zones = [f"{zones['name'].get(z, z)} ({z})" for z in where]
    zone = ", ".join(named_zones[:3]) + (" ..." if len(where) > 3 else "")
    profile, year, money = meta.profile, rows["year"].iloc[0], rows["price_year"].iloc[0]
    lines = [
        f"{named[lang]} | {named['zh' if lang == 'en' else 'en']} ({service})",
        _say("where", lang).format(zone=zone, year=year, money=money),
        f"{_say('by', lang)} {profile['id']} ({profile['edition']}): {profile[lang]}",
    ]
    if profile.get("modified"):
        lines.append(f"  {_say('changed', lang)}: {', '.join(profile['modified'])}")
    return lines


def _run_lines(
    name: str, run: Mapping[str, Any], rows: pd.DataFrame, zones: pd.DataFrame, lang: str
) -> list[str]:
    money = str(rows["price_year"].iloc[0])
    known = rows["value"].dropna()
    total = _number(math.fsum(known)) if len(known) else _say("no value", lang)
    lines = ["", f"{run[lang]} ({name}): {total} {money}; {_say('method', lang)}: {run['method']}"]
    if run.get("variant"):
        lines.append(f"  {_say('variant', lang)}: {run['variant']} - {run['note_' + lang]}")
    if run.get("clause"):
        lines.append(f"  {_say('clause', lang)}: {run['clause']}")
    lines += [_row_line(row, zones, lang) for row in rows.head(_ROWS).to_dict("records")]
    if len(rows) > _ROWS:
        rest = rows.iloc[_ROWS:]
        numbers = {"n": len(rest), "value": _number(math.fsum(rest["value"].dropna())), "money": money}
        lines.append(f"  {_say('more', lang).format(**numbers)}")
    lines += [f"  {_say('spread', lang)}: {text}" for text in run["spreads"]]
    lines += [f"  {_say('fallback', lang)}: {text}" for text in run["fallbacks"]]
    return lines


def _row_line(row: Mapping[Any, Any], zones: pd.DataFrame, lang: str) -> str:
    parts = (
        zones["name"].get(row["zone"], row["zone"]),
        ecosystem_label(row["ecosystem"], lang),
        row["item"],
    )
    product = ""
    if row["quantity_unit"]:
        quantity = f"{_known(row['quantity'], lang)} {row['quantity_unit']}"
        product = f"{quantity} x {_known(row['price'], lang)} {row['price_unit']} = "
    where = " / ".join(str(p) for p in parts if p)
    return f"  {where}: {product}{_known(row['value'], lang)} {row['price_year']} [{row['status']}]"


def _known(value: float, lang: str) -> str:
    return _say("no value", lang) if math.isnan(value) else _number(value)


def _formula_lines(runs: Mapping[str, Mapping[str, Any]], lang: str) -> list[str]:
    known = {f["name"]: f for run in runs.values() for f in run["formulas"]}
    lines = []
    for name, formula in known.items():
        arguments = ", ".join(f"{k} [{v}]" for k, v in formula["arguments"].items())
        lines.append(f"  {name}({arguments}) -> {formula['result']} [{formula['kind']}]")
        lines += [f"    {_cited(key, lang)}" for key in formula["cite"]]
    return lines


def _cited(key: str, lang: str) -> str:
    source, _, place = key.partition(":")
    return f"{title(source, lang)}{f', {place}' if place else ''}"


def title(source: str, lang: str, sources: Mapping[str, Any] | None = None) -> str:
    """Return a source as one line: title (in ``lang`` where it has one), issuer, year."""
    entry = {**vocabulary("sources"), **(sources or {})}.get(source, {})
    name = entry.get(f"title_{lang}") or entry.get("title_zh") or entry.get("title_en") or source
    parts = [name, entry.get("issuer", ""), str(entry.get("year", ""))]
    return ", ".join(p for p in parts if p) + f" [{source}]"


def _input_line(entry: Mapping[str, Any], lang: str) -> str:
    named = vocabulary("quantities").get(entry["name"], {}).get(lang, "")
    said = f", {entry['source']}" if entry.get("source") else ""
    known = f"{entry['form']}: {entry['status']}{said}"
    called = f"{named}; " if named else ""
    return f"  {entry['name']} [{entry['unit']}], {known} ({called}content {entry['hash']})"


def _coefficient_lines(entry: Mapping[str, Any], lang: str) -> list[str]:
    keys = " ".join(entry[k] for k in ("ecosystem", "item", "region") if entry[k])
    number = f"{entry['value']:g}" + ("" if entry["unit"] == "1" else f" {entry['unit']}")
    lines = [
        f"  {entry['id']}: {entry['quantity']}{f' ({keys})' if keys else ''} = {number} [{entry['status']}]",
        f"    {entry['title_' + lang]}; {entry['locator']}",
    ]
    if entry.get("instead_of"):
        lines.append(f"    {_say('instead', lang)} {entry['instead_of']}")
    if entry.get(f"note_{lang}"):
        lines.append(f"    {entry[f'note_{lang}']}")
    return lines


def _hole_lines(holes: pd.DataFrame, zones: pd.DataFrame, lang: str) -> list[str]:
    if holes.empty:
        return []
    lines = ["", _say("not covered", lang)]
    for row in holes.to_dict("records"):
        where = f"{zones['name'].get(row['zone'], row['zone'])}, {row['ecosystem'] or _say('unmapped', lang)}"
        lines.append(f"  {where}: {row['area_m2'] / 1e6:,.4f} km2, {row['cells']} cells: {row['cause']}")
    return lines
