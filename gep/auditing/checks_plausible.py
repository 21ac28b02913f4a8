"""Orders of magnitude per head, per area, per tonne and per visit, against named references."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gep import resources
from gep.auditing import words
from gep.auditing.findings import Finding, Record, Said
from gep.auditing.published import (
    AREA,
    COUNTED,
    MASS,
    NUMBER,
    PEOPLE,
    VOLUME,
    Dims,
    Figure,
    Row,
    is_money,
    measure,
)
from gep.auditing.rounding import Interval, interval, number

if TYPE_CHECKING:
    from gep.auditing.structure import Tree

_STATUS_ZH = {"verified": "已核", "unverified": "未核"}
VISITS: Dims = frozenset({("[visit]", 1.0)})
_SOIL = re.compile(r"\bsoil\b|土壤", re.I)
_RETAINED = re.compile(r"\b(?:soil (?:retained|retention|conserved)|retained soil)\b|土壤保持量|保土量", re.I)
_PER_HA = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*t/(?:ha|hm2)", re.I)


@cache
def references() -> dict[str, dict[str, Any]]:
    """Return the table of orders of magnitude."""
    return resources.read_toml(Path(__file__).with_name("references.toml"))


def plausible(tree: Tree, record: Record) -> None:
    """Hold amounts per head, per area, per tonne and per visit against named references."""
    sources = (_industrial_water, _soil_per_area, _grain_price, _per_visit, _primary)
    for key, row, amount, made in (found for source in sources for found in source(tree)):
        reference = references()[key]
        scale, _ = measure(reference["unit"])
        size = float(reference["value"]) * (scale or 1.0)
        if not 0.0 < amount.mid < math.inf:
            continue
        times = amount / size
        low_only = key in ("grain-price", "primary-industry")
        fine = times.high >= 1.0 / reference["limit"] if low_only else times.low <= reference["limit"]
        shown = f"{number(amount.mid / (scale or 1.0))} {reference['unit']}".replace(" 1", "")
        relation = f"{row.name}: {made} = {shown}"
        if fine:
            record.note(
                "plausible",
                relation,
                "held",
                year=tree.year,
                where=(row.label,),
                remark=f"reference: {reference['en']}",
            )
            continue
        factor = number(float(f"{max(times.mid, 1 / times.mid):.3g}"))
        way = ("above", "高于") if times.mid > 1 else ("below", "低于")
        said = Said(
            (
                f"{row.name}: {made} is {shown}, {factor} times {way[0]} "
                f"the reference ({reference['en']}; {reference['status']})"
            ),
            f"{row.name}：{made} 为 {shown}，{way[1]}参照值 {factor} 倍"
            f"（{reference['zh']}；{_STATUS_ZH[reference['status']]}）",
        )
        record.find(
            Finding("plausible", "warning", said, tree.year, (row.label,), None, "", times.mid - 1.0),
            relation,
        )


Amounts = Iterator[tuple[str, Row, Interval, str]]


def _stated_people(tree: Tree) -> Figure | None:
    rows = [r for r in tree.context() if r.physical and r.physical.dims == PEOPLE]
    rows = [r for r in rows if words.POPULATION.search(r.name) and not words.PART_OF_PEOPLE.search(r.name)]
    return rows[0].physical if rows else None


def _industrial_water(tree: Tree) -> Amounts:
    people = _stated_people(tree)
    for row in tree.rows:
        if (
            people
            and row.physical
            and row.physical.dims == VOLUME
            and re.search(r"industrial water|工业用水", row.name, re.I)
        ):
            yield "industrial-water", row, row.physical.base / people.base, f"{row.physical} / {people}"


def _soil_per_area(tree: Tree) -> Amounts:
    area = next(
        (
            r.physical
            for r in tree.context()
            if r.physical and r.physical.dims == AREA and words.whole_area(r.name)
        ),
        None,
    )
    for row in tree.rows:
        if area and row.physical and row.physical.dims == MASS and _RETAINED.search(row.name):
            yield "soil-retained", row, row.physical.base / area.base, f"{row.physical} / {area}"
        match = _PER_HA.search(row.note)
        if match and _SOIL.search(f"{row.service} {row.note}") and is_money(row.money):
            yield "soil-retained", row, interval(match[1]) * 0.1, f"{match[0]} of soil"


def _grain_price(tree: Tree) -> Amounts:
    value = tree.category("provisioning")
    for row in tree.context():
        if (
            value
            and row.physical
            and row.physical.dims == MASS
            and re.search(r"\bgrain\b|粮食", row.name, re.I)
        ):
            yield (
                "grain-price",
                row,
                value / row.physical.base,
                f"all material products over {row.physical} of grain",
            )


def _per_visit(tree: Tree) -> Amounts:
    for row in tree.rows:
        if row.physical is None or row.physical.dims != VISITS:
            continue
        value = row.money.base if row.money and is_money(row.money) else tree.category("cultural")
        if row.category in COUNTED or value is not None:
            made = f"{row.money}" if is_money(row.money) else "cultural services"
            if value is not None:
                yield "value-per-visit", row, value / row.physical.base, f"{made} over {row.physical}"


def _primary(tree: Tree) -> Amounts:
    share = next(
        (
            r
            for r in tree.context()
            if r.physical
            and r.physical.scale is not None
            and r.physical.dims == NUMBER
            and re.search(r"share.*\bprimary\b|第一产业.*(?:占比|比重)", r.name, re.I)
        ),
        None,
    )
    gdp = next(
        (r for r in tree.context() if is_money(r.money) and words.GDP.search(r.name) and "/" not in r.name),
        None,
    )
    value = tree.category("provisioning")
    if share and share.physical and gdp and gdp.money and value:
        added = gdp.money.base * share.physical.base
        yield (
            "primary-industry",
            share,
            value / added,
            f"material products over {share.physical} of GDP {gdp.money}",
        )
