"""Single lines: quantity times price, their units, and the arithmetic that a note states."""
# Assertions here only tell the type checker what the selection before them made sure of.
# ruff: noqa: S101, PT018

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from gep.auditing.arithmetic import Derivation, derivations
from gep.auditing.causes import ratio_causes, transposed, truncated
from gep.auditing.findings import Cause, Finding, Record, Said, Severity
from gep.auditing.published import (
    COUNTS,
    MASS,
    VOLUME,
    Dims,
    Figure,
    Row,
    divide,
    factor_interval,
    measure,
    multiply,
)
from gep.auditing.rounding import Interval, exact, interval, is_number, last_place, number

if TYPE_CHECKING:
    from collections.abc import Iterable

_WATER = re.compile(r"\bwater\b|水", re.I)
_PRINTED_AS = re.compile(r"(?:printed as|印作|印为)\s*(\d[\d,.]*(?:[eE][+-]?\d+)?)\s*([A-Za-z][\w/]*)", re.I)
_ELSEWHERE = re.compile(
    r"(?P<who>(?:english |chinese )?abstract|text|summary"
    r"|figure|正文|摘要|图)\s*(?:prints?|says|gives|印为?|作|写作|为)\s*"
    r"(?P<number>\d[\d,]*(?:\.\d+)?(?:[eE][+-]?\d+)?)\s*(?P<unit>[A-Za-z%\u3400-\u9fff][\w/·]*)?",
    re.I,
)


def lines(rows: Iterable[Row], record: Record) -> None:
    """Check each row on its own."""
    for row in rows:
        _units_known(row, record)
        if row.physical and row.price and row.money:
            _product(row, record)
        for text, anchored in ((row.note, False), (row.derivation, True)):
            for derivation in derivations(text, anchored=anchored):
                _derivation(row, derivation, record)
        _printed_as(row, record)
        _elsewhere(row, record)


def _units_known(row: Row, record: Record) -> None:
    for figure in (row.physical, row.price, row.money):
        if figure is not None and figure.scale is None:
            said = Said(
                f"{row.name}: the unit {figure.unit!r} is not in the "
                f"vocabulary, relations with {figure.text} are not checked",
                f"{row.name}：单位 {figure.unit!r} 不在词表中，与 {figure.text} 有关的关系未核对",
            )
            record.find(Finding("unit-unknown", "note", said, row.year, (row.label,)))
    money = row.money
    if money is not None and money.scale is not None and ("[money]", 1.0) not in money.dims:
        said = Said(
            f"{row.name}: {money} stands under money but is none, it is not checked",
            f"{row.name}：{money} 列于价值栏但不是货币，未核对",
        )
        record.find(Finding("not-money", "note", said, row.year, (row.label,)))


def _unit_factor(row: Row) -> tuple[float | None, Dims]:
    """Return the factor that the units demand, and the dimension that is left over."""
    assert row.physical and row.price and row.money
    for plain in (False, True):
        scales = [
            measure(f.unit, is_money=f is row.money, plain=plain)
            for f in (row.physical, row.price, row.money)
        ]
        (q, dq), (p, dp), (m, dm) = scales
        if q is None or p is None or m is None:
            continue
        left = divide(multiply(dq, dp), dm)
        left = frozenset((n, e) for n, e in left if n not in COUNTS)
        if left == divide(MASS, VOLUME) and _WATER.search(f"{row.service} {row.name}"):
            return q * p / m / 1000.0, frozenset()
        if not left or plain:
            return q * p / m, left
    return None, frozenset()


def _product(row: Row, record: Record) -> None:
    assert row.physical and row.price and row.money
    demanded, left = _unit_factor(row)
    stated = factor_interval(row.factor) if row.factor else None
    if stated is None and (demanded is None or left):
        if left:
            _units_left(row, left, record)
        return
    factor = stated if stated is not None else exact(demanded or 1.0)
    relation = (
        f"{row.physical} x {row.price}{f' x {row.factor}' if row.factor else ''} = {row.money} ({row.name})"
    )
    expected = row.physical.value * row.price.value * factor
    circular = row.flag.upper() in ("D", "SD")
    if expected.meets(row.money.value, record.tolerance):
        record.note(
            "quantity-price", relation, "circular" if circular else "held", year=row.year, where=(row.label,),
            remark="one side was derived from the other" if circular else "",
        )  # fmt: skip
        if stated is not None and demanded is not None:
            _factor(row, stated, demanded, left, record)
        return
    record.find(_product_finding(row, expected, factor, demanded, left, record.tolerance), relation)


def _product_finding(
    row: Row, expected: Interval, factor: Interval, demanded: float | None, left: Dims, slack: float
) -> Finding:
    assert row.physical and row.price and row.money
    money, q, p = row.money, row.physical, row.price
    causes = list(_factor_cause(row, demanded, left, slack)) + list(ratio_causes(money.value, expected))
    causes += transposed(money, lambda f: f.value.meets(expected, slack))
    causes += transposed(q, lambda f: (f.value * p.value * factor).meets(money.value, slack))
    causes += transposed(p, lambda f: (q.value * f.value * factor).meets(money.value, slack))
    causes += truncated(money, expected)
    gap = money.value.gap(expected)
    nominal = q.nominal * p.nominal * (factor.mid)
    small = abs(gap) <= money.place
    needed = money.value / (p.value * factor)
    return Finding(
        "quantity-price",
        "note" if small else "error",
        Said(
            f"{row.name}: {q} x {p} gives {number(nominal)} {expected}, printed {money}",
            f"{row.name}：{q} × {p} 得 {number(nominal)} {expected}，印为 {money}",
        ),
        row.year,
        (row.label,),
        gap,
        money.unit,
        gap / money.nominal if money.nominal else None,
        Said(f"the quantity would have to be {needed} {q.unit}", f"数量应为 {needed} {q.unit}"),
        tuple(causes[:4]),
    )


def _factor_cause(row: Row, demanded: float | None, left: Dims, slack: float) -> Iterable[Cause]:
    assert row.physical and row.price and row.money
    if not row.factor or demanded is None or left:
        return
    if (row.physical.value * row.price.value * demanded).meets(row.money.value, slack):
        yield Cause.of(
            "factor",
            f"the stated factor {row.factor} is wrong, the units need {number(demanded)}",
            f"所给系数 {row.factor} 有误，按单位应为 {number(demanded)}",
        )


def _factor(row: Row, stated: Interval, demanded: float, left: Dims, record: Record) -> None:
    """Ask whether the units need the stated factor too, where the money agrees with it."""
    assert row.physical and row.price and row.money
    coefficient = stated / demanded
    relation = f"{row.physical.unit} x {row.price.unit} -> {row.money.unit}: factor {row.factor} ({row.name})"
    if not left and coefficient.contains(1.0):
        record.note("units", relation, "held", year=row.year, where=(row.label,))
        return
    if _explained(row, stated, coefficient):
        record.note(
            "units",
            relation,
            "held",
            year=row.year,
            where=(row.label,),
            remark="the note states the coefficient",
        )
        return
    if left:
        _units_left(row, left, record, relation)
        return
    causes = ratio_causes(stated, exact(demanded))
    said = Said(
        f"{row.name}: the printed money needs the factor {row.factor}, the units give {number(demanded)}",
        f"{row.name}：印出的价值对应系数 {row.factor}，而按单位应为 {number(demanded)}",
    )
    needs = Said(
        f"a coefficient of {number(coefficient.mid)} that is not stated, or another unit",
        f"另有未说明的系数 {number(coefficient.mid)}，或单位有误",
    )
    severity: Severity = "error" if causes else "note"
    record.find(
        Finding(
            "units", severity, said, row.year, (row.label,), None, "", coefficient.mid - 1.0, needs, causes
        ),
        relation,
    )


def _explained(row: Row, stated: Interval, coefficient: Interval) -> bool:
    note = f"{row.note} {row.derivation}"
    if any(d.value.meets(stated) or d.value.meets(coefficient) for d in derivations(note)):
        return True
    numbers = [n.rstrip(".,") for n in re.findall(r"(?<![\w.])\d[\d.]*(?:[eE][+-]?\d+)?", note)]
    return any(
        is_number(n)
        and interval(n).relative < 0.6
        and (interval(n).meets(coefficient) or interval(n).meets(stated))
        for n in numbers
    )


def _units_left(row: Row, left: Dims, record: Record, relation: str = "") -> None:
    assert row.physical and row.price and row.money
    shown = " ".join(f"{n.strip('[]')}^{e:g}" for n, e in sorted(left))
    said = Said(
        f"{row.name}: {row.physical.unit} times {row.price.unit} "
        f"is not money ({row.money.unit}); {shown} is left over",
        f"{row.name}：{row.physical.unit} 乘 {row.price.unit} 不得货币（{row.money.unit}），余 {shown}",
    )
    needs = Said(
        "a coefficient with a unit is missing, or one unit is misprinted", "缺少带单位的系数，或单位印错"
    )
    record.find(Finding("units", "warning", said, row.year, (row.label,), needs=needs), relation)


def _derivation(row: Row, derivation: Derivation, record: Record) -> None:
    """Compare the arithmetic of a note with itself and with the figures of its row."""
    year, where = row.year, (row.label,)
    first = derivation.sides[0][0]
    for side, _ in derivation.sides[1:]:
        if not first.meets(_scaled(side, first)) and _near(first, side, 0.2):
            said = Said(
                f"{row.name}: the note says {derivation.text}, which is {number(first.mid)}",
                f"{row.name}：注中 {derivation.text}，实为 {number(first.mid)}",
            )
            record.find(Finding("derivation", "warning", said, year, where), derivation.text)
            return
    if not derivation.operations:
        record.note("derivation", derivation.text, "held", year=year, where=where)
        return
    figures = [f for f in (row.physical, row.money, row.price) if f is not None]
    if row.factor:
        figures.append(Figure(row.factor, "", interval(row.factor), last_place(row.factor), 1.0, frozenset()))
    for figure in figures:
        if _scaled(derivation.value, figure.value).meets(figure.value, record.tolerance):
            circular = row.evidence == "derived"
            relation = f"{derivation.text} = {figure} ({row.name})"
            record.note("derivation", relation, "circular" if circular else "held", year=year, where=where)
            return
    _derivation_misses(row, derivation, figures, record)


def _derivation_misses(row: Row, derivation: Derivation, figures: list[Figure], record: Record) -> None:
    """Say that a figure differs only where it is plainly the one that the arithmetic is about."""
    limit = 0.2 if derivation.anchored else 0.01
    for figure in figures:
        value = _scaled(derivation.value, figure.value)
        causes = transposed(figure, lambda f, v=value: f.value.meets(v))  # type: ignore[misc]
        causes = causes or (ratio_causes(figure.value, derivation.value) if derivation.anchored else ())
        if not causes and not _near(derivation.value, figure.value, limit):
            continue
        gap = figure.value.gap(value)
        small = abs(gap) <= figure.place
        said = Said(
            f"{row.name} is printed as {figure}, its derivation {derivation.text} gives {number(value.mid)}",
            f"{row.name} 印为 {figure}，其推导 {derivation.text} 得 {number(value.mid)}",
        )
        needs = Said(
            f"the figure would have to be {number(value.mid)} {figure.unit}",
            f"该数应为 {number(value.mid)} {figure.unit}",
        )
        relation = f"{derivation.text} = {figure} ({row.name})"
        record.find(
            Finding(
                "derivation", "note" if small else "error", said, row.year, (row.label,), gap, figure.unit,
                gap / figure.nominal if figure.nominal else None, needs, causes[:3],
            ),
            relation,
        )  # fmt: skip
        return


def _scaled(value: Interval, like: Interval) -> Interval:
    """Return a value times the power of ten that brings it next to another; units are not stated."""
    if value.mid <= 0.0 or like.mid <= 0.0:
        return value
    power = round(math.log10(like.mid / value.mid))
    return value * 10.0**power


def _near(a: Interval, b: Interval, limit: float) -> bool:
    return b.mid > 0.0 and abs(_scaled(a, b).mid / b.mid - 1.0) <= limit


def _printed_as(row: Row, record: Record) -> None:
    match = _PRINTED_AS.search(row.note)
    if match is None or row.physical is None or row.physical.scale is None:
        return
    text = match[1].rstrip(".,")
    scale, dims = measure(match[2].rstrip("."))
    if scale is None or dims == row.physical.dims or not is_number(text):
        return
    said = Said(
        f"{row.name}: the source prints {text} {match[2]}, the "
        f"money needs {row.physical}: another kind of quantity",
        f"{row.name}：原文印 {text} {match[2]}，而价值需 {row.physical}，量纲不同",
    )
    causes = _density_cause(dims, row.physical.dims, interval(text) * scale, row.physical)
    record.find(
        Finding("unit-slip", "warning", said, row.year, (row.label,), causes=causes),
        f"{text} {match[2]} = {row.physical}",
    )


def _density_cause(printed: Dims, needed: Dims, value: Interval, figure: Figure) -> tuple[Cause, ...]:
    if divide(printed, needed) != divide(MASS, VOLUME):
        return ()
    density = (value / figure.base) / 1000.0
    return (
        Cause.of(
            "mass-as-volume",
            f"a mass was taken as a volume, with {number(density.mid)} t per m3",
            f"质量当作体积，相当于每立方米 {number(density.mid)} 吨",
        ),
    )


def _elsewhere(row: Row, record: Record) -> None:
    """Compare the row with the number that its note says another place of the document prints."""
    match = _ELSEWHERE.search(row.note)
    figure = row.money or row.physical
    if match is None or figure is None:
        return
    text = match["number"].replace(",", "")
    unit = row.note[match.start("unit") :].split(";")[0].strip() if match["unit"] else ""
    scale, dims = measure(unit) if unit else (None, frozenset())
    if scale is not None and dims == figure.dims:
        other = interval(text) * scale / figure.size
        place = last_place(text) * scale / figure.size
    else:
        other, place = _scaled(interval(text), figure.value), last_place(text)
    who = match["who"].lower()
    relation = f"{row.name}: {figure}; {who} {text} {unit}".rstrip()
    if other.meets(figure.value, record.tolerance):
        record.note("text-table", relation, "held", year=row.year, where=(row.label,))
        return
    gap = other.gap(figure.value)
    said = Said(
        f"{row.name}: the table prints {figure}, the {who} prints {text} {unit}".rstrip(),
        f"{row.name}：表中为 {figure}，{who} 为 {text} {unit}".rstrip(),
    )
    causes = transposed(figure.reread(text), lambda f: f.value.meets(figure.value))
    severity: Severity = "note" if abs(gap) <= place else "warning"
    relative = gap / figure.nominal if figure.nominal else None
    record.find(
        Finding(
            "text-table", severity, said, row.year, (row.label,), gap, figure.unit, relative, None, causes
        ),
        relation,
    )
