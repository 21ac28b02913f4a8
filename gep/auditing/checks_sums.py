"""Sums: parts and totals, matrices, areas, and townships known only by bounds."""
# Assertions here only tell the type checker what the selection before them made sure of.
# ruff: noqa: S101

from __future__ import annotations

import re
from collections.abc import Sequence

from gep.auditing import words
from gep.auditing.causes import part_causes, truncated
from gep.auditing.findings import Cause, Finding, Record, Said, Severity, Status
from gep.auditing.published import AREA, Figure, Published, Row, in_unit, is_money, total_of
from gep.auditing.rounding import Interval, interval, number
from gep.auditing.structure import Part, Sum, Tree, find, find_added, part_of

Groups = Sequence[tuple[Sequence[str], float]]
_TOGETHER = re.compile(
    r"(?:together|in total|合计|共占)\D{0,20}?(\d+(?:\.\d+)?)\s*[%％](?:\s*of\s*(\d+(?:\.\d+)?))?", re.I
)
_SHOWN = 12


def sums(tree: Tree, record: Record) -> None:
    """Check every printed total of a scope against its parts."""
    held = {id(s) for s in tree.sums if _meets(s, record.tolerance)}
    one_scope = _grand_that_holds(tree, held)
    for one in tree.sums:
        relation = _relation(one)
        where = (one.row.label, *(r.label for p in one.parts for r in p.rows[:1]))
        if not one.exhaustive:
            _within(one, relation, where, record)
        elif id(one) in held:
            derived = one.row.evidence == "derived"
            status: Status = "circular" if derived else "held"
            record.note("sum", relation, status, year=tree.year, where=where)
        elif one_scope is not None and one.row in tree.grands and one.row is not one_scope:
            record.note(
                "sum",
                relation,
                "not compared",
                year=tree.year,
                where=where,
                remark="a total of another scope",
            )
        else:
            record.find(_sum_finding(one, tree, held, where, record.tolerance), relation)


def _meets(one: Sum, slack: float) -> bool:
    together = total_of(p.value for p in one.parts)
    return together.meets(one.printed.base, slack)


def _grand_that_holds(tree: Tree, held: set[int]) -> Row | None:
    return next((s.row for s in tree.sums if id(s) in held and s.row in tree.grands), None)


def _relation(one: Sum) -> str:
    shown = [
        in_unit(p.value.mid, one.printed) if p.figure is None else _printed_in(p, one.printed)
        for p in one.parts
    ]
    if len(shown) > _SHOWN:
        shown = [*shown[: _SHOWN - 1], f"... ({len(shown)} parts)"]
    sign = "=" if one.exhaustive else ">="
    return f"{one.printed} {sign} {' + '.join(shown)} ({one.row.name})"


def _printed_in(part: Part, printed: Figure) -> str:
    assert part.figure is not None
    return part.figure.text if part.figure.scale == printed.scale else in_unit(part.value.mid, printed)


def _within(one: Sum, relation: str, where: tuple[str, ...], record: Record) -> None:
    """Check lines that need not be all: they may not exceed the whole."""
    together = total_of(p.value for p in one.parts)
    year = one.row.year
    if _meets(one, record.tolerance):
        record.note("sum", relation.replace(">=", "="), "held", year=year, where=where)
    elif together.low <= one.printed.base.high:
        record.note(
            "sum",
            relation,
            "held",
            year=year,
            where=where,
            remark="the parts printed do not exhaust the whole",
        )
    else:
        record.find(_finding(one, where, (), "sum"), relation)


def _sum_finding(one: Sum, tree: Tree, held: set[int], where: tuple[str, ...], slack: float) -> Finding:
    triples = [(p.label, p.value, p.figure) for p in one.parts]
    causes = _recomputed(one)
    if _small(one):
        causes += truncated(one.printed, total_of(p.value for p in one.parts) / one.printed.size)
    else:
        causes += part_causes(one.printed, triples, slack)
    left_out = next((c for c in causes if c.key == "left-out"), None)
    finding = _finding(one, where, causes, "sum-leaves-out" if left_out else "sum")
    return _carried(finding, one, tree, held) if finding.severity == "error" else finding


def _small(one: Sum) -> bool:
    """Tell whether the gap is no more than the last printed digit, or mere truncation."""
    together = total_of(p.value for p in one.parts)
    gap = one.printed.base.gap(together) / one.printed.size
    return abs(gap) <= one.printed.place or bool(truncated(one.printed, together / one.printed.size))


def _finding(one: Sum, where: tuple[str, ...], causes: tuple[Cause, ...], code: str) -> Finding:
    printed, size = one.printed, one.printed.size
    together = total_of(p.value for p in one.parts)
    gap = printed.base.gap(together) / size
    severity: Severity = "note" if _small(one) and code != "sum-leaves-out" else "error"
    nominal = sum(p.value.mid for p in one.parts) / size
    name, unit = one.row.name, printed.unit
    difference = printed.nominal - nominal
    en = (
        f"{name} is printed as {printed}, its {len(one.parts)} parts add up to {number(nominal)} "
        f"{in_unit(together, printed)}: {number(abs(difference))} "
        f"{unit} too {'much' if difference > 0 else 'little'}"
    )
    zh = (
        f"{name} 印为 {printed}，其 {len(one.parts)} 项之和为 {number(nominal)} "
        f"{in_unit(together, printed)}，"
        f"{'多' if difference > 0 else '少'} {number(abs(difference))} {unit}"
    )
    needs = Said(
        f"to stand, the total would have to be {number(nominal)} {unit}",
        f"若各项无误，合计应为 {number(nominal)} {unit}",
    )
    relative = gap / printed.nominal if printed.nominal else None
    return Finding(code, severity, Said(en, zh), one.row.year, where, gap, unit, relative, needs, causes)


def _recomputed(one: Sum) -> tuple[Cause, ...]:
    """Name the lines whose quantity times price, put in place of their money, would mend the sum."""
    found = []
    for i, part in enumerate(one.parts):
        row = part.rows[0]
        product = _nominal_product(row)
        if (
            part.figure is None
            or product is None
            or not part.figure.base.mid
            or abs(product / part.figure.base.mid - 1.0) > 0.02
        ):
            continue
        rest = total_of(p.value for j, p in enumerate(one.parts) if j != i)
        if not part.figure.base.contains(product) and (rest + product).meets(one.printed.base):
            shown = in_unit(product, part.figure)
            found.append(
                Cause.of(
                    "unrounded-line",
                    (
                        f"the sum was made with {shown} for {row.name} "
                        f"(quantity times price), printed {part.figure.text}"
                    ),
                    f"合计时 {row.name} 用 {shown}（数量乘价格），表中印 {part.figure.text}",
                )
            )
    return tuple(found)


def _nominal_product(row: Row) -> float | None:
    if row.physical is None or row.price is None or row.money is None or not is_money(row.money):
        return None
    factor = float(row.factor) * row.money.size if row.factor else None
    if factor is None:
        if row.physical.scale is None or row.price.scale is None:
            return None
        factor = row.physical.scale * row.price.scale
    return row.physical.nominal * row.price.nominal * factor


def _carried(finding: Finding, one: Sum, tree: Tree, held: set[int]) -> Finding:
    """Tell whether a total above holds with the wrong subtotal in it, and what it would be."""
    together = total_of(p.value for p in one.parts).mid
    for upper in tree.sums:
        inside = any(one.row in p.rows for p in upper.parts)
        if upper is one or not inside or id(upper) not in held:
            continue
        better = number((upper.printed.base.mid + together - one.printed.base.mid) / upper.printed.size)
        needs = Said(
            f"{finding.needs.en if finding.needs else ''}; the error is carried into {upper.row.name} "
            f"{upper.printed}, which would be {better}",
            (
                f"{finding.needs.zh if finding.needs else ''}；该误差已带入 "
                f"{upper.row.name} {upper.printed}，应为 {better}"
            ),
        )
        return Finding(
            finding.code, finding.severity, finding.what, finding.year, finding.where, finding.gap,
            finding.gap_unit, finding.relative, needs, finding.causes,
        )  # fmt: skip
    return finding


def areas(tree: Tree, record: Record) -> None:
    """Check the areas of the classes against a printed total area."""
    rows = [r for r in tree.context() if r.physical and r.physical.dims == AREA and words.AREA.search(r.name)]
    wholes = [r for r in rows if words.whole_area(r.name)]
    classes = [r for r in rows if r not in wholes]
    tried = [(w, [r for r in classes if r is not w]) for w in (*wholes, *classes)]
    tried = [(w, parts) for w, parts in tried if len(parts) > 2]
    held = [(w, parts) for w, parts in tried if _area_sum(w, parts)]
    total = next((w for w, _ in tried if re.search(r"\btotal\b|合计|总", w.name)), None)
    shown = held or [(w, parts) for w, parts in tried if w is total]
    for whole, parts in shown[:1]:
        assert whole.physical is not None
        summands = [_area_part(r) for r in parts]
        one = Sum(whole, whole.physical, tuple(summands), "total")
        where = (whole.label, *(r.label for r in parts))
        if held:
            record.note("sum-area", _relation(one), "held", year=tree.year, where=where)
        else:
            causes = part_causes(whole.physical, [(p.label, p.value, p.figure) for p in summands])
            record.find(_finding(one, where, causes, "sum-area"), _relation(one))
    _prefixed_areas(tree, rows, record)


def _area_part(row: Row) -> Part:
    assert row.physical is not None
    return Part(row.name, row.physical.base, row.physical, (row,))


def _area_sum(whole: Row, parts: list[Row]) -> bool:
    assert whole.physical is not None
    return total_of(_area_part(r).value for r in parts).meets(whole.physical.base)


def _prefixed_areas(tree: Tree, rows: list[Row], record: Record) -> None:
    lines = [
        r
        for r in tree.rows
        if ":" in r.indicator and r.physical and r.physical.dims == AREA and r not in rows
    ]
    for prefix in dict.fromkeys(r.indicator.partition(":")[0] for r in lines):
        parts = [r for r in lines if r.indicator.startswith(prefix + ":")]
        head = next((r for r in rows if words.means(re.sub(words.AREA, "", r.name), prefix)), None)
        if head is None or head.physical is None or len(parts) < 2:
            continue
        one = Sum(head, head.physical, tuple(_area_part(r) for r in parts), "total")
        where = (head.label, *(r.label for r in parts))
        if _area_sum(head, parts):
            record.note("sum-area", _relation(one), "held", year=tree.year, where=where)
        else:
            causes = part_causes(one.printed, [(p.label, p.value, p.figure) for p in one.parts])
            record.find(_finding(one, where, causes, "sum-area"), _relation(one))


def against(trees: Sequence[Tree], others: Sequence[Tree], record: Record) -> None:
    """Compare the services of two accounts of the same year."""
    for tree in trees:
        for other in (o for o in others if o.year == tree.year):
            for item in [i for i in tree.items if i.level in ("service", "total")]:
                match = _counterpart(item.names[0], other) if item.level == "service" else _grand_of(other)
                if match is not None:
                    _compare(item.part, match, tree.year, record)


def _counterpart(name: str, other: Tree) -> Part | None:
    inside = re.search(r"[(（]([^()（）]+)[)）]", name)
    category = words.category_named(inside[1]) if inside else None
    if category:
        return find(category, [i for i in other.items if i.level == "category"])
    return find_added(
        re.sub(r"[(（][^()（）]*[)）]", "", name).strip(), [i for i in other.items if i.level == "service"]
    )


def _grand_of(other: Tree) -> Part | None:
    return part_of(other.grands[0]) if len(other.grands) == 1 else None


def _compare(mine: Part, theirs: Part, year: int | None, record: Record) -> None:
    where = tuple(r.label for r in (*mine.rows[:1], *theirs.rows[:1]))
    unit = next((r.money for r in mine.rows if r.money), None)
    if unit is None:
        return
    a, b = in_unit(mine.value.mid, unit), in_unit(theirs.value.mid, unit)
    relation = f"{mine.label}: {a} here, {b} {unit.unit} in the other account"
    if mine.value.meets(theirs.value, record.tolerance):
        record.note("against", relation, "held", year=year, where=where)
        return
    gap = mine.value.gap(theirs.value) / unit.size
    small = abs(gap) <= max(r.money.place for r in mine.rows if r.money)
    zh = f"{mine.label}：本表为 {a}，另一账户为 {b} {unit.unit}"
    relative = gap * unit.size / mine.value.mid if mine.value.mid else None
    said = Said(relation, zh)
    record.find(
        Finding("against", "note" if small else "error", said, year, where, gap, unit.unit, relative),
        relation,
    )


def bounds(book: Published, trees: Sequence[Tree], groups: Groups | None, record: Record) -> None:
    """Check places known only by a lower or upper bound against the total they are part of."""
    for tree in (t for t in trees if t.grands):
        total = tree.grands[0]
        rows = [
            r for r in book.rows if r.account == total.account and r.year == total.year and is_money(r.money)
        ]
        low = [r for r in rows if r.category == "context" and bound_of(r) == "lower"]
        high = [r for r in rows if r.category == "context" and bound_of(r) == "upper"]
        if low or high:
            _feasible(total, low, high, groups, record)


def bound_of(row: Row) -> str | None:
    """Return whether the money of a row is a ``lower`` or an ``upper`` bound, by its sign or its name."""
    if row.money and row.money.bound:
        return row.money.bound
    match = re.search(r"\b(lower|upper) bound\b|(下限)|(上限)", f"{row.service} {row.indicator}", re.I)
    return None if match is None else (match[1] or ("lower" if match[2] else "upper")).lower()


def _feasible(total: Row, low: list[Row], high: list[Row], groups: Groups | None, record: Record) -> None:
    """Bounds and shares of disjoint groups are intervals, so feasibility is adding them up."""
    assert total.money is not None
    whole = total.money.base
    stated = stated_groups(low + high, groups)
    if not stated:
        floor, ceiling = _reach(low + high, whole.high)
        _bounds_outcome(total, low + high, floor, ceiling, whole, record)
        return
    rest = [r for r in low + high if not any(r in rows for rows, _ in stated)]
    left = whole
    for rows, share in stated:
        part = whole * share
        left = (
            Interval(max(left.low - part.high, 0.0), left.high - part.low)
            if left.high >= part.low
            else Interval(0, 0)
        )
        _bounds_outcome(total, rows, *_reach(rows, part.high), part, record)
    if rest:
        left = whole * (1.0 - total_of(s for _, s in stated))
        _bounds_outcome(total, rest, *_reach(rest, left.high), left, record)


def stated_groups(rows: list[Row], groups: Groups | None) -> list[tuple[list[Row], Interval]]:
    """Return the places that together make a share of the total, by a user or by the notes of their rows."""
    if groups is not None:
        return [
            ([r for r in rows if r.region in names or r.name in names], interval(f"{p:g}") / 100.0)
            for names, p in groups
        ]
    found: dict[str, list[Row]] = {}
    for row in rows:
        match = _TOGETHER.search(row.note)
        if match:
            found.setdefault(match[1], []).append(row)
    return [(members, interval(share) / 100.0) for share, members in found.items()]


def _reach(rows: list[Row], most: float) -> tuple[float, float]:
    floor = sum(r.money.base.mid for r in rows if r.money and bound_of(r) == "lower")
    tops = [r.money.base.mid if r.money and bound_of(r) == "upper" else most for r in rows]
    return floor, min(sum(tops), float("inf"))


def _bounds_outcome(
    total: Row, rows: list[Row], floor: float, ceiling: float, target: Interval, record: Record
) -> None:
    money = total.money
    assert money is not None
    mean = number(target.mid / len(rows) / money.size)
    slack = max(target.high - floor, 0.0)
    lowest = max((r.money.base.mid for r in rows if r.money and bound_of(r) == "lower"), default=0.0)
    single = in_unit(min(lowest + slack, target.high), money)
    relation = (
        f"{len(rows)} places between bounds {in_unit(floor, money)} and "
        f"{in_unit(min(ceiling, target.high), money)} add up to {in_unit(target, money)} {money.unit}"
    )
    where = (total.label, *(r.label for r in rows))
    if floor <= target.high and ceiling >= target.low:
        caps = all(bound_of(r) == "upper" for r in rows)
        remark = f"mean {mean}" if caps else f"mean {mean}, no single one above {single}"
        record.note("bounds", relation, "held", year=total.year, where=where, remark=remark)
        return
    gap = (floor - target.high if floor > target.high else ceiling - target.low) / money.size
    zh = (
        f"{len(rows)} 个区域的界限之和为 {in_unit(floor, money)} 至 "
        f"{in_unit(ceiling, money)}，而其合计应在 {in_unit(target, money)} {money.unit}"
    )
    relative = gap * money.size / target.mid
    record.find(
        Finding(
            "bounds",
            "error",
            Said(f"{relation}: impossible", f"{zh}，不可能"),
            total.year,
            where,
            gap,
            money.unit,
            relative,
        ),
        relation,
    )
