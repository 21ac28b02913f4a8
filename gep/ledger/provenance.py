"""From a number back to its formula, its inputs, its coefficient rows and their pages."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gep.ecosystems import label as ecosystem_label
from gep.ledger.parts import check_language
from gep.resources import vocabulary

if TYPE_CHECKING:
    from gep.ledger.parts import Meta


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
    lines += ["", "Formulas", *formulas] if formulas else []
    prices = dict.fromkeys(text for run in runs.values() for text in run["deflators"])
    lines += [f"  price level: {text}" for text in prices]
    lines += ["", "Inputs", *map(_input_line, inputs)]
    if coefficients:
        lines += ["", "Coefficients"] + [line for c in coefficients for line in _coefficient_lines(c, lang)]
    lines += _hole_lines(holes, zones)
    return Explanation(rows, runs, inputs, coefficients, "\n".join(lines))


def _heading(rows: pd.DataFrame, meta: Meta, zones: pd.DataFrame, lang: str) -> list[str]:
    service = str(rows["service"].iloc[0])
    named = vocabulary("services")["services"][service]
    where = sorted(set(rows["zone"]))
    named_zones = [f"{zones['name'].get(z, z)} ({z})" for z in where]
    zone = ", ".join(named_zones[:3]) + (" ..." if len(where) > 3 else "")
    profile = meta.profile
    changed = f"; changed: {', '.join(profile['modified'])}" if profile.get("modified") else ""
    return [
        f"{named[lang]} | {named['zh' if lang == 'en' else 'en']} ({service})",
        f"in {zone}, {rows['year'].iloc[0]}, values in {rows['price_year'].iloc[0]}",
        f"by {profile['id']} ({profile['edition']}): {profile[lang]}{changed}",
    ]


def _run_lines(
    name: str, run: Mapping[str, Any], rows: pd.DataFrame, zones: pd.DataFrame, lang: str
) -> list[str]:
    total = math.fsum(rows["value"].dropna())
    money = str(rows["price_year"].iloc[0])
    lines = ["", f"{run[lang]} ({name}): {total:,.6g} {money}; method: {run['method']}"]
    if run.get("variant"):
        lines.append(f"  variant: {run['variant']} - {run['note_' + lang]}")
    if run.get("clause"):
        lines.append(f"  clause: {run['clause']}")
    for row in rows.to_dict("records"):
        zone = zones["name"].get(row["zone"], row["zone"])
        parts = (zone, ecosystem_label(row["ecosystem"], lang), row["item"])
        product = ""
        if row["quantity_unit"]:
            quantity = f"{row['quantity']:,.6g} {row['quantity_unit']}"
            product = f"{quantity} x {row['price']:,.6g} {row['price_unit']} = "
        where = " / ".join(p for p in parts if p)
        lines.append(f"  {where}: {product}{row['value']:,.6g} {row['price_year']} [{row['status']}]")
    lines += [f"  spread: {text}" for text in run["spreads"]]
    lines += [f"  fallback: {text}" for text in run["fallbacks"]]
    return lines


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


def _input_line(entry: Mapping[str, Any]) -> str:
    said = f", {entry['source']}" if entry.get("source") else ""
    known = f"{entry['form']}: {entry['status']}{said}"
    return f"  {entry['name']} [{entry['unit']}], {known} (content {entry['hash']})"


def _coefficient_lines(entry: Mapping[str, Any], lang: str) -> list[str]:
    keys = " ".join(entry[k] for k in ("ecosystem", "item", "region") if entry[k])
    number = f"{entry['value']:g}" + ("" if entry["unit"] == "1" else f" {entry['unit']}")
    lines = [
        f"  {entry['id']}: {entry['quantity']}{f' ({keys})' if keys else ''} = {number} [{entry['status']}]",
        f"    {entry['title_' + lang]}; {entry['locator']}",
    ]
    if entry.get("instead_of"):
        lines.append(f"    the user's row stands in place of {entry['instead_of']}")
    if entry.get(f"note_{lang}"):
        lines.append(f"    {entry[f'note_{lang}']}")
    return lines


def _hole_lines(holes: pd.DataFrame, zones: pd.DataFrame) -> list[str]:
    if holes.empty:
        return []
    lines = ["", "Area not covered"]
    for row in holes.to_dict("records"):
        where = f"{zones['name'].get(row['zone'], row['zone'])}, {row['ecosystem'] or 'unmapped land'}"
        lines.append(f"  {where}: {row['area_m2'] / 1e6:,.4f} km2, {row['cells']} cells: {row['cause']}")
    return lines
