"""Growth: rates and amounts of change between printed years."""
# Assertions here only tell the type checker what the selection before them made sure of.
# ruff: noqa: S101, PT018

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from gep.auditing import words
from gep.auditing.causes import ratio_causes, transposed
from gep.auditing.checks_ratios import numerator
from gep.auditing.findings import Cause, Finding, Record, Said, Severity, Status
from gep.auditing.published import AREA, MONEY, Figure, Row, divide, in_unit, is_money
from gep.auditing.rates import (
    Series,
    average_base,
    base_of,
    changed,
    grand,
    in_notes,
    rate_rows,
    same,
    series_of,
    target,
)
from gep.auditing.rounding import Interval, number
from gep.auditing.structure import Part, Tree, part_of


def growth(trees: Sequence[Tree], record: Record) -> None:
    """Check growth rates, increases and per-area changes across the years of each region."""
    for tree in trees:
        series = series_of(tree, trees)
        rates, average = rate_rows(tree)
        for row in average:
            _average(row, tree, series, record)
        for row in rates:
            assert row.physical is not None
            _rate(row, row.physical, base_of(row.name, tree, series), tree, series, record)
            _attached(row, tree, series, record)
        _parts(rates, tree, record)
        _increases(rates, tree, series, record)
        for row, figure, year in in_notes(tree):
            _rate(row, figure, year, tree, series, record, part_of(row))
    _areas_between(trees, record)


def _average(row: Row, tree: Tree, series: Series, record: Record) -> None:
    """Check a yearly average where the year that it starts from is known."""
    assert row.physical is not None
    year = average_base(row, tree, series)
    if year is not None and tree.year is not None:
        _rate(row, row.physical, year, tree, series, record, years=tree.year - year)


def _rate(
    row: Row,
    rate: Figure,
    base_year: int | None,
    tree: Tree,
    series: Series,
    record: Record,
    part: Part | None = None,
    years: int = 1,
) -> None:
    part = part if part is not None else target(row, tree)
    base = next((t for t in series if t.year == base_year), None)
    before = same(part, row, tree, base) if part is not None and base is not None else None
    if part is None or before is None or before.figure is None or part.figure is None:
        return
    change = changed(part, before, years)
    if change is None:
        return
    power = f"^(1/{years})" if years > 1 else ""
    shown = f"{rate.text} {rate.unit}".strip()
    relation = (
        f"({part.figure} ({tree.year}) / {before.figure} ({base_year})){power} - 1 = {shown} ({row.name})"
    )
    relation = relation if power else relation.replace("(", "", 1).replace("))", ")", 1)
    where = (row.label, *(r.label for r in (*part.rows[:1], *before.rows[:1])))
    derived = any(r.evidence == "derived" for r in (row, *part.rows, *before.rows))
    if derived:
        record.note(
            "growth",
            relation,
            "circular",
            year=tree.year,
            where=where,
            remark="one side is derived from the rate",
        )
        return
    if _fits(change, rate, record.tolerance):
        record.note("growth", relation, "held", year=tree.year, where=where)
        return
    gap = rate.base.gap(change) / rate.size
    nominal = number(change.mid / rate.size)
    said = Said(
        f"{'average ' if years > 1 else ''}growth of {part.label} from {base_year} to {tree.year} is printed "
        f"as {shown}, {before.figure} to {part.figure} is {nominal} {rate.unit}",
        f"{part.label} {base_year} 至 {tree.year} {'年均' if years > 1 else '年'}增长率印为 {shown}，"
        f"而 {before.figure} 至 {part.figure} 为 {nominal} {rate.unit}",
    )
    growing = rate.base + 1.0
    needed = part.value / (Interval(max(growing.low, 0.0) ** years, max(growing.high, 0.0) ** years))
    shown = in_unit(needed, before.figure)
    needs = Said(
        f"{base_year} would have to be {shown} {before.figure.unit}",
        f"{base_year} 年应为 {shown} {before.figure.unit}",
    )
    causes = ratio_causes(rate.base, change) + transposed(rate, lambda f: f.base.meets(change))
    small: Severity = "note" if abs(gap) <= rate.place else "error"
    relative = gap / rate.nominal if rate.nominal else None
    record.find(
        Finding("growth", small, said, tree.year, where, gap, rate.unit, relative, needs, causes[:3]),
        relation,
    )


def _fits(change: Interval, rate: Figure, slack: float) -> bool:
    return (change + 1.0).meets(rate.base + 1.0, slack)


def _parts(rates: Sequence[Row], tree: Tree, record: Record) -> None:
    """Require the total of the year before to be the same from its own rate and from those of its parts."""
    total: Interval | None = None
    parts: list[tuple[Row, Interval, Part]] = []
    for row in rates:
        part = target(row, tree)
        if part is None or row.physical is None or part.figure is None or row.evidence == "derived":
            continue
        before = part.value / (row.physical.base + 1.0)
        if part.rows[0] in tree.grands:
            total, figure = before, part.figure
        elif part.rows[0].category != "context":
            parts.append((row, before, part))
    covered = [p.rows for _, _, p in parts]
    categories = [tuple(r for p in ps for r in p.rows) for ps in tree.categories.values()]
    if total is None or len(parts) < 2 or sorted(map(hash, covered)) != sorted(map(hash, categories)):
        return
    together = sum((b for _, b, _ in parts), Interval(0.0, 0.0))
    relation = (
        f"{' + '.join(in_unit(b.mid, figure) for _, b, _ in parts)} "
        f"= {in_unit(total.mid, figure)} {figure.unit}, "
        "the year before from the growth of the parts and of the total"
    )
    where = tuple(r.label for r, _, _ in parts)
    if together.meets(total, record.tolerance):
        record.note("growth-parts", relation, "held", year=tree.year, where=where)
        return
    gap = total.gap(together) / figure.size
    said = Said(
        f"the growth rates of the parts imply {in_unit(together, figure)} "
        f"{figure.unit} for the year before, that of the total {in_unit(total, figure)}",
        f"由各部分增长率推得上年为 {in_unit(together, figure)} {figure.unit}，"
        f"由总值增长率推得 {in_unit(total, figure)}",
    )
    record.find(
        Finding(
            "growth-parts",
            "error",
            said,
            tree.year,
            where,
            gap,
            figure.unit,
            gap * figure.size / total.mid if total.mid else None,
        ),
        relation,
    )


def _increases(rates: Sequence[Row], tree: Tree, series: Series, record: Record) -> None:
    """Require an increase and a growth rate on the same year to say the same of the total."""
    total = grand(tree)
    if total is None:
        return
    for row in (r for r in tree.context() if is_money(r.money) and words.INCREASE.search(r.name)):
        assert row.money is not None
        base_year = base_of(row.name, tree, series)
        before = total.value - row.money.base
        for rate in (
            r for r in rates if base_of(r.name, tree, series) == base_year and target(r, tree) == total
        ):
            assert rate.physical is not None and total.figure is not None
            change = row.money.base / before
            relation = (
                f"{row.money} / ({total.figure.text} - {row.money.text}) = {rate.physical} ({rate.name})"
            )
            _outcome(change, rate, relation, tree, record, row)
        base = next((t for t in series if t.year == base_year), None)
        stated = grand(base) if base is not None else None
        if stated is not None and stated.figure is not None:
            relation = f"{total.figure} - {stated.figure} = {row.money} ({row.name})"
            status: Status = "circular" if stated.rows[0].evidence == "derived" else "held"
            if (total.value - stated.value).meets(row.money.base, record.tolerance) or status == "circular":
                record.note("growth", relation, status, year=tree.year, where=(row.label,))
            else:
                gap = row.money.base.gap(total.value - stated.value) / row.money.size
                record.find(
                    Finding(
                        "growth",
                        "error",
                        Said(f"{relation} does not hold", f"{relation} 不成立"),
                        tree.year,
                        (row.label,),
                        gap,
                        row.money.unit,
                        gap / row.money.nominal if row.money.nominal else None,
                    ),
                    relation,
                )


def _outcome(change: Interval, rate: Row, relation: str, tree: Tree, record: Record, increase: Row) -> None:
    figure = rate.physical
    assert figure is not None
    where = (rate.label, increase.label)
    if change.meets(figure.base, record.tolerance):
        record.note("growth", relation, "held", year=tree.year, where=where)
        return
    gap = figure.base.gap(change) * 100
    said = Said(
        f"{rate.name} is printed as {figure}, the increase makes it {number(change.mid * 100)} %",
        f"{rate.name} 印为 {figure}，按增量计为 {number(change.mid * 100)} %",
    )
    causes = transposed(figure, lambda f: f.base.meets(change))
    relative = gap / figure.nominal if figure.nominal else None
    record.find(
        Finding("growth", "error", said, tree.year, where, gap, "%", relative, None, causes),
        relation,
    )


def _density_rows(tree: Tree) -> list[Row]:
    wanted = divide(MONEY, AREA)
    return [r for r in tree.context() if r.physical and r.physical.dims == wanted and r.evidence != "derived"]


def _implied_area(tree: Tree) -> tuple[Row, Interval] | None:
    total = grand(tree)
    for row in _density_rows(tree):
        assert row.physical is not None
        if total is not None and words.GEP.search(row.name) and numerator(row, tree) == total:
            if row.physical.base.low <= 0.0:
                continue
            return row, total.value / row.physical.base
    return None


def _attached(row: Row, tree: Tree, series: Series, record: Record) -> None:
    """Find a rate that is given to the per-area value and is that of the total."""
    base = next((t for t in series if t.year == base_of(row.name, tree, series)), None)
    if base is None or row.physical is None or not (words.PER_AREA.search(f"{row.name} {row.note}")):
        return
    mine, theirs, total, before = _implied_area(tree), _implied_area(base), grand(tree), grand(base)
    if mine is None or theirs is None or total is None or before is None:
        return
    assert mine[0].physical and theirs[0].physical
    change = mine[0].physical.base / theirs[0].physical.base - 1.0
    if _fits(change, row.physical, record.tolerance):
        record.note(
            "growth-quantity",
            f"{mine[0].physical} / {theirs[0].physical} - 1 = {row.physical}",
            "held",
            year=tree.year,
            where=(row.label,),
        )
        return
    whole = total.value / before.value - 1.0
    rate = row.physical
    causes: tuple[Cause, ...] = ()
    if _fits(whole, rate, record.tolerance):
        causes = (Cause.of("growth-of-total", "it is the growth of the total", "这是总值的增长率"),)
    gap = rate.base.gap(change) * 100
    where = (row.label, mine[0].label, theirs[0].label)
    relative = gap / rate.nominal if rate.nominal else None
    percent = Interval(change.low * 100, change.high * 100)
    said = Said(
        f"the growth {rate} is given to the per-area value, which went "
        f"from {theirs[0].physical} to {mine[0].physical}: {percent} %",
        f"增长率 {rate} 被说成单位面积值的增长，"
        f"而单位面积值由 {theirs[0].physical} 变为 {mine[0].physical}，即 {percent} %",
    )
    record.find(
        Finding("growth-quantity", "warning", said, tree.year, where, gap, "%", relative, None, causes),
        f"growth of {mine[0].name} = {rate}",
    )


def _areas_between(trees: Sequence[Tree], record: Record) -> None:
    """Densities of two years must imply one area."""
    found = [(t, i) for t in trees if (i := _implied_area(t)) is not None]
    for (a, (row_a, area_a)), (b, (row_b, area_b)) in pairwise(found):
        if (a.rows[0].account, a.rows[0].region) != (b.rows[0].account, b.rows[0].region):
            continue
        shown = [Interval(i.low / 1e6, i.high / 1e6) for i in (area_a, area_b)]
        relation = (
            f"{row_a.physical} ({a.year}) and {row_b.physical} "
            f"({b.year}) imply one area: {shown[0]} and {shown[1]} km2"
        )
        where = (row_a.label, row_b.label)
        if area_a.meets(area_b, record.tolerance):
            record.note("area-years", relation, "held", year=b.year, where=where)
            continue
        gap = area_b.gap(area_a) / 1e6
        said = Said(
            f"{row_b.name} {row_a.physical} ({a.year}) and {row_b.physical} "
            f"({b.year}) imply areas of {number(area_a.mid / 1e6)} {shown[0]} "
            f"and {number(area_b.mid / 1e6)} {shown[1]} km2",
            f"{row_b.name} {row_a.physical}（{a.year}）与 "
            f"{row_b.physical}（{b.year}）对应面积 {number(area_a.mid / 1e6)} {shown[0]} "
            f"与 {number(area_b.mid / 1e6)} {shown[1]} km2",
        )
        needs = Said(
            "the area must have changed between the years, or another denominator was used",
            "两年面积须有变化，或分母不同",
        )
        record.find(
            Finding("area-years", "warning", said, b.year, where, gap, "km2", gap * 1e6 / area_a.mid, needs),
            relation,
        )
