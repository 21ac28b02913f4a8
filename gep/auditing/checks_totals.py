"""Totals beside totals: two of one name that disagree, and a region beside the sum of its parts."""
# Assertions here only tell the type checker what the selection before them made sure of.
# ruff: noqa: S101

from __future__ import annotations

from collections.abc import Sequence

from gep.auditing import words
from gep.auditing.causes import part_causes, ratio_causes, transposed
from gep.auditing.findings import Finding, Record, Said, Severity
from gep.auditing.published import Figure, Row, in_unit, total_of
from gep.auditing.rounding import number
from gep.auditing.structure import Tree, part_of

#: Parts whose sum is farther from the whole, as a part of it, are taken for some of its parts only.
_NEAR = 0.1


def totals(trees: Sequence[Tree], record: Record) -> None:
    """Check the grand totals of each scope against each other, and regions against their parts."""
    for tree in trees:
        for first, second in _of_one_name(tree):
            _agree(first, second, tree, record)
        _regions(tree, trees, record)


def _of_one_name(tree: Tree) -> list[tuple[Row, Row]]:
    """Return each grand total with an earlier one of the same name and source."""
    seen: dict[tuple[str, ...], Row] = {}
    found = []
    for row in tree.grands:
        if words.OTHER_SCOPE.search(f"{row.service} {row.indicator}"):
            continue
        key = (words.fold(row.service), words.fold(row.indicator), row.source)
        first = seen.setdefault(key, row)
        if first is not row:
            found.append((first, row))
    return found


def _agree(first: Row, second: Row, tree: Tree, record: Record) -> None:
    a, b = _money(first), _money(second)
    where = (first.label, second.label)
    relation = f"{first.name} {a} = {b}"
    if a.base.meets(b.base, record.tolerance):
        record.note("totals", relation, "held", year=tree.year, where=where)
        return
    gap = b.base.gap(a.base) / b.size
    causes = ratio_causes(b.base, a.base) + transposed(b, lambda f: f.base.meets(a.base))
    said = Said(f"{first.name} is printed twice, as {a} and as {b}", f"{first.name} 两处分别印为 {a} 与 {b}")
    relative = gap / b.nominal if b.nominal else None
    record.find(
        Finding("totals", "error", said, tree.year, where, gap, b.unit, relative, None, causes[:3]), relation
    )


def _regions(tree: Tree, trees: Sequence[Tree], record: Record) -> None:
    """Compare a region with the sum of the regions that have its name before their own, if it is near.

    Parts that come to little of the whole are not all of its parts, and nothing follows.
    """
    region = words.fold(tree.rows[0].region)
    whole = _total(tree)
    if not region or whole is None:
        return
    inner = [t for t in trees if t.year == tree.year and _inside(t, region, tree)]
    rows = [row for row in map(_total, inner) if row is not None]
    printed = _money(whole)
    together = total_of(_money(row).base for row in rows)
    if len(rows) < 2 or printed.base.mid <= 0.0 or abs(together.mid / printed.base.mid - 1.0) > _NEAR:
        return
    shown = " + ".join(in_unit(_money(r).base.mid, printed) for r in rows[:12])
    relation = f"{printed} = {shown} ({whole.name}, {len(rows)} regions)"
    where = (whole.label, *(r.label for r in rows))
    if together.meets(printed.base, record.tolerance):
        record.note("sum-regions", relation, "held", year=tree.year, where=where)
        return
    gap = printed.base.gap(together) / printed.size
    nominal = number(together.mid / printed.size)
    said = Said(
        f"{whole.region}: {whole.name} is printed as {printed}, its {len(rows)} parts add up to {nominal}",
        f"{whole.region}：{whole.name} 印为 {printed}，其 {len(rows)} 个分区之和为 {nominal}",
    )
    causes = part_causes(printed, [(r.region, _money(r).base, _money(r)) for r in rows])
    # parts that come to less may be not all of them
    severity: Severity = "error" if gap < 0.0 else "warning"
    severity = "note" if abs(gap) <= printed.place else severity
    record.find(
        Finding(
            "sum-regions", severity, said, tree.year, where, gap, printed.unit,
            gap / printed.nominal, None, causes,
        ),
        relation,
    )  # fmt: skip


def _inside(tree: Tree, region: str, whole: Tree) -> bool:
    """Tell whether the name of a region begins with that of another, directly below it."""
    name = words.fold(tree.rows[0].region)
    same = tree.rows[0].account == whole.rows[0].account
    return same and name != region and name.startswith(region)


def _total(tree: Tree) -> Row | None:
    rows = [r for r in tree.grands if not words.OTHER_SCOPE.search(f"{r.service} {r.indicator}")]
    return rows[0] if len(rows) == 1 and part_of(rows[0]).figure is not None else None


def _money(row: Row) -> Figure:
    assert row.money is not None
    return row.money
