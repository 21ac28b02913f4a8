"""What figures mean: stocks among flows, foreign items, chemistry, doubles, orders of magnitude."""
# Assertions here only tell the type checker what the selection before them made sure of.
# ruff: noqa: S101, PT018

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from gep.auditing import words
from gep.auditing.causes import ratio_causes, transposed
from gep.auditing.findings import Cause, Finding, Record, Said, Severity
from gep.auditing.published import (
    COUNTED,
    MASS,
    NUMBER,
    VOLUME,
    Dims,
    Figure,
    Row,
    divide,
    in_unit,
    is_money,
)
from gep.auditing.rounding import Interval, number

if TYPE_CHECKING:
    from gep.auditing.structure import Tree

_OXYGEN = re.compile(r"(?<![A-Za-z])O2\b|oxygen|释氧|氧气", re.I)
_CO2 = re.compile(r"\bCO2|carbon dioxide|二氧化碳", re.I)
_CARBON = re.compile(r"\bCO2|carbon|固碳|碳", re.I)
_GASES = re.compile(
    (
        r"(?<![A-Za-z])O2\b|\bCO2\b|oxygen release|carbon sequestration"
        r"|oxygen|carbon dioxide|carbon|释氧量?|固碳量?|氧气|二氧化碳|[()（）]"
    ),
    re.I,
)
#: O2 over CO2: 32/44 by photosynthesis, 1.19/1.63 to 1.2/1.62 by the usual rounded coefficients.
_PER_CO2 = Interval(0.72, 0.745)
_SOIL = re.compile(r"\bsoil\b|土壤", re.I)
_RETAINED = re.compile(r"\b(?:soil (?:retained|retention|conserved)|retained soil)\b|土壤保持量|保土量", re.I)
_SEDIMENT = re.compile(r"sediment|泥沙|淤积", re.I)
_SEDIMENT_SHARE = re.compile(
    r"(?:sediment|泥沙).*(?:share|ratio|coefficient|fraction|比例|系数)|lambda|λ", re.I
)
_DENSITY = re.compile(r"bulk density|容重", re.I)


def meaning(tree: Tree, record: Record) -> None:
    """Check the rows of one scope for what they are, not only for what they add up to."""
    _stocks(tree, record)
    _foreign(tree, record)
    _gases(tree, record)
    _soil_parts(tree, record)
    _twice(tree, record)
    _other_years(tree, record)


def _share_of_total(row: Row, tree: Tree) -> tuple[float | None, str]:
    if row.money is None or not tree.grands or tree.grands[0].money is None:
        return None, ""
    total = tree.grands[0].money
    if not total.base.mid:
        return None, ""
    share = row.money.base.mid / total.base.mid
    rest = in_unit(total.base.mid - row.money.base.mid, total)
    return share, f"{rest} {total.unit}"


def _stocks(tree: Tree, record: Record) -> None:
    for row in tree.rows:
        if not (words.STOCK.search(row.name) or words.STOCK.search(row.service)) or words.FLOW.search(
            row.name
        ):
            continue
        if row.category not in COUNTED or not is_money(row.money):
            if is_money(row.money) and row.category == "context" and not words.SHARE.search(row.name):
                record.note(
                    "stock-in-total",
                    f"{row.money} ({row.name}) stays out of the total",
                    "held",
                    year=tree.year,
                    where=(row.label,),
                )
            continue
        share, rest = _share_of_total(row, tree)
        said = Said(
            f"{row.name} {row.money} is a stock, counted as a flow of the year",
            f"{row.name} {row.money} 是存量，却计入当年流量",
        )
        needs = Said(f"without it the total would be {rest}", f"扣除后总值为 {rest}") if rest else None
        unit = row.money.unit if row.money else ""
        gap = row.money.nominal if row.money else None
        record.find(
            Finding("stock-in-total", "error", said, tree.year, (row.label,), gap, unit, share, needs),
            f"{row.name} is a flow",
        )


def _foreign(tree: Tree, record: Record) -> None:
    for row in tree.rows:
        if row.category not in COUNTED or not is_money(row.money):
            continue
        if not (words.NOT_A_SERVICE.search(row.name) or words.NOT_A_SERVICE.search(row.service)):
            continue
        share, rest = _share_of_total(row, tree)
        said = Said(
            f"{row.service or row.name} {row.money} is counted, but is no ecosystem service",
            f"{row.service or row.name} {row.money} 计入总值，但不是生态系统服务",
        )
        needs = Said(f"without it the total would be {rest}", f"扣除后总值为 {rest}") if rest else None
        gap, unit = (row.money.nominal, row.money.unit) if row.money else (None, "")
        record.find(
            Finding("not-a-service", "warning", said, tree.year, (row.label,), gap, unit, share, needs),
            f"{row.name} is an ecosystem service",
        )


# chemistry ---------------------------------------------------------------------------------


def _gases(tree: Tree, record: Record) -> None:
    masses = [r for r in tree.rows if r.physical and r.physical.dims == MASS and r.category != "context"]
    oxygen = [
        r
        for r in masses
        if _OXYGEN.search(r.indicator) or (_OXYGEN.search(r.service) and not _CARBON.search(r.indicator))
    ]
    carbon = [
        r for r in masses if r not in oxygen and (_CARBON.search(r.indicator) or _CARBON.search(r.service))
    ]
    for o2 in oxygen:
        rest = words.fold(_GASES.sub(" ", o2.name))
        same = [c for c in carbon if words.fold(_GASES.sub(" ", c.name)) == rest]
        if len(same) != 1 and len(oxygen) == len(carbon) == 1:
            same = carbon
        if len(same) == 1:
            _gas_pair(o2, same[0], tree, record)


def _gas_pair(o2: Row, carbon: Row, tree: Tree, record: Record) -> None:
    assert o2.physical and carbon.physical
    ratio = o2.physical.base / carbon.physical.base
    as_co2 = bool(
        _CO2.search(f"{carbon.name} {carbon.physical.unit} {carbon.price.unit if carbon.price else ''}")
    )
    fits = ratio.meets(_PER_CO2) or (not as_co2 and ratio.meets(_PER_CO2 * (44.0 / 12.0)))
    relation = f"{o2.physical} O2 / {carbon.physical} {'CO2' if as_co2 else 'C or CO2'} = {number(ratio.mid)}"
    where = (o2.label, carbon.label)
    if fits:
        remark = "0.727 by photosynthesis, 0.730 by 1.19/1.63"
        record.note("oxygen-carbon", relation, "held", year=tree.year, where=where, remark=remark)
        return
    wanted = _PER_CO2 if as_co2 else Interval(_PER_CO2.low, _PER_CO2.high * 44 / 12)
    causes = (
        Cause.of("npp-and-nep", "NEP for carbon, NPP for oxygen", "固碳用 NEP，释氧用 NPP"),
        *ratio_causes(ratio, _PER_CO2),
    )
    said = Said(
        (
            f"O2 over CO2 is {number(ratio.mid)} {ratio} by mass ({o2.physical} "
            f"and {carbon.physical}); one photosynthesis gives 32/44 = 0.727"
        ),
        f"释氧与固碳质量比为 {number(ratio.mid)} {ratio}（{o2.physical} 与 {carbon.physical}），"
        f"同一光合作用应为 32/44 = 0.727",
    )
    record.find(
        Finding(
            "oxygen-carbon",
            "warning",
            said,
            tree.year,
            where,
            ratio.gap(wanted),
            "t/t",
            ratio.gap(wanted) / ratio.mid,
            None,
            causes[:3],
        ),
        relation,
    )


def _soil_parts(tree: Tree, record: Record) -> None:
    """Sediment, nitrogen and phosphorus must follow from the soil retained and its contents."""
    soil = _one(tree, lambda r, f: f.dims == MASS and bool(_RETAINED.search(r.name)))
    if soil is None:
        return
    share = _one(tree, lambda r, f: f.dims == NUMBER and bool(_SEDIMENT_SHARE.search(r.name)))
    density = _one(tree, lambda r, f: f.dims == divide(MASS, VOLUME) and bool(_DENSITY.search(r.name)))
    if share and density:
        expected = soil.base * share.base / density.base
        _follow(tree, VOLUME, _SEDIMENT, expected, f"{soil} x {share.text} / {density}", record)
    for key, form in (("N", r"\bN\b|nitrogen|氮|N面源"), ("P", r"\bP\b|phosphorus|磷|P面源")):
        pattern = re.compile(form)
        content = _one(
            tree,
            lambda r, f, p=pattern: (
                f.dims == NUMBER and bool(p.search(r.name)) and bool(_SOIL.search(r.name))
            ),
        )
        if content is not None:
            _follow(tree, MASS, pattern, soil.base * content.base, f"{soil} x {content} {key}", record)


def _one(tree: Tree, wanted: Any) -> Figure | None:
    found = [r.physical for r in tree.context() if r.physical and r.physical.scale and wanted(r, r.physical)]
    return found[0] if len(found) == 1 else None


def _follow(
    tree: Tree, dims: Dims, name: re.Pattern[str], expected: Interval, made: str, record: Record
) -> None:
    rows = [r for r in tree.rows if r.category in COUNTED and r.physical and r.physical.dims == dims]
    for row in (r for r in rows if name.search(r.indicator) and _SOIL.search(f"{r.service} {r.indicator}")):
        assert row.physical is not None
        relation = f"{made} = {row.physical} ({row.name})"
        if expected.meets(row.physical.base, record.tolerance):
            record.note("soil-contents", relation, "held", year=tree.year, where=(row.label,))
            continue
        gap = row.physical.base.gap(expected) / row.physical.size
        shown = in_unit(expected, row.physical)
        said = Said(
            f"{row.name} is printed as {row.physical}, {made} gives {shown}",
            f"{row.name} 印为 {row.physical}，{made} 得 {shown}",
        )
        causes = ratio_causes(row.physical.base, expected) + transposed(
            row.physical, lambda f: f.base.meets(expected)
        )
        record.find(
            Finding(
                "soil-contents",
                "error",
                said,
                tree.year,
                (row.label,),
                gap,
                row.physical.unit,
                gap / row.physical.nominal,
                None,
                causes[:3],
            ),
            relation,
        )


# the same thing twice, other years ---------------------------------------------------------


def _twice(tree: Tree, record: Record) -> None:
    """Compare figures of one name in one source, whatever part of the document they stand in."""
    seen: dict[tuple[str, str, Dims], Row] = {}
    for row in tree.rows:
        figure = row.figure
        if row.category in COUNTED or figure is None or figure.scale is None or figure.bound:
            continue
        if re.search(r"bound|下限|上限", row.indicator) or ":" in row.indicator:
            continue
        key = (words.same_name(row.name), row.source, figure.dims)
        if (
            row.category == "total"
            and words.category_named(row.name) is None
            and not words.LOCATION.search(row.name)
        ):
            continue
        other = seen.setdefault(key, row)
        if other is row or not key[0] or other.service != row.service:
            continue
        _same_twice(other, row, tree, record)


def _same_twice(a: Row, b: Row, tree: Tree, record: Record) -> None:
    fa, fb = a.figure, b.figure
    assert fa and fb
    relation = f"{a.name} {fa} = {b.name} {fb}"
    where = (a.label, b.label)
    if fa.base.meets(fb.base, record.tolerance):
        record.note("printed-twice", relation, "held", year=tree.year, where=where)
        return
    gap = fb.base.gap(fa.base) / fb.size
    ratio = fb.base.mid / fa.base.mid if fa.base.mid else float("inf")
    relative = ratio - 1.0
    factor = number(max(ratio, 1 / ratio)) if ratio > 0 else "?"
    said = Said(
        f"{a.name} is {fa}, {b.name} is {fb} = {in_unit(fb.base.mid, fa)} {fa.unit}: a factor of {factor}",
        f"{a.name} 为 {fa}，{b.name} 为 {fb} 即 {in_unit(fb.base.mid, fa)} {fa.unit}：相差 {factor} 倍",
    )
    causes = ratio_causes(fb.base, fa.base) + transposed(fb, lambda f: f.base.meets(fa.base))
    severity: Severity = "error" if abs(relative) > 0.05 else "warning"
    record.find(
        Finding("printed-twice", severity, said, tree.year, where, gap, fb.unit, relative, None, causes[:3]),
        relation,
    )


def _other_years(tree: Tree, record: Record) -> None:
    found = []
    for row in tree.context():
        years = {int(y) for y in words.YEAR.findall(row.name)}
        moving = words.GROWTH.search(row.name) or words.INCREASE.search(row.name)
        if years and tree.year is not None and tree.year not in years and not moving:
            found.append((row, years))
    if not found:
        return
    names = ", ".join(row.name for row, _ in found)
    said = Said(
        f"figures of other years stand among those of {tree.year}: {names}",
        f"{tree.year} 年账户中混有其他年份的数据：{names}",
    )
    record.find(Finding("year-mixing", "note", said, tree.year, tuple(r.label for r, _ in found)))
