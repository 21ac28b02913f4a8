"""Shares: printed percentages against what they are shares of."""
# Assertions here only tell the type checker what the selection before them made sure of.
# ruff: noqa: S101, PT018

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from gep.auditing import words
from gep.auditing.causes import ratio_causes, transposed
from gep.auditing.findings import Cause, Finding, Record, Said, Severity
from gep.auditing.published import AREA, NUMBER, Figure, Row, in_unit, total_of
from gep.auditing.rounding import Interval, number
from gep.auditing.structure import Part, Tree, find_added, part_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SECTOR = re.compile(r"\b(?:primary|secondary|tertiary)\b|第[一二三]产业")


class Share(NamedTuple):
    """A printed share with what it is a share of."""

    row: Row
    part: Part
    whole: Part


def shares(tree: Tree, record: Record) -> None:
    """Check the shares of money of one scope."""
    rows = _rows(tree)
    found = stated(tree, record.tolerance)
    failed = [s for s in found if not _share_holds(s, record.tolerance)]
    complete = [s.row for s in found if s.part.rows]
    for share in found:
        if share not in failed:
            _note_share(share, tree, record)
    if len(failed) > 1 and (whole := _common_whole(failed)) is not None:
        _other_denominator(failed, whole, tree, record)
    else:
        for share in failed:
            record.find(_share_finding(share, tree), _share_relation(share))
    if not failed:
        _closed(found, tree, record)
    sectors = [r for r in rows if _SECTOR.search(r.name)]
    _hundred(complete if _covers_all(found) else [], tree, record)
    _hundred(sectors if len(sectors) == 3 else [], tree, record)


def stated(tree: Tree, slack: float = 0.0) -> list[Share]:
    """Return the shares that a scope prints, each with what it is a share of, where that is clear."""
    found = [s for s in (_share(r, tree) for r in _rows(tree)) if s is not None]
    return [
        s
        for s in found
        if _share_holds(s, slack) or not (_of_land(s.row, tree) or _partly_known(s, tree, slack))
    ]


def _rows(tree: Tree) -> list[Row]:
    rows = [
        r
        for r in tree.context()
        if r.physical and r.physical.dims == NUMBER and r.physical.scale and words.SHARE.search(r.name)
    ]
    rows = [r for r in rows if not words.TWO_MOUNTAINS.search(r.name) and not words.GDP.search(r.name)]
    return [r for r in rows if not words.GROWTH.search(r.name)]


def _share(row: Row, tree: Tree) -> Share | None:
    name = words.SHARE.sub(" ", words.YEAR.sub(" ", row.name)).strip(" :：()的")
    said = words.share_of(row.name)
    part = find_added(name, tree.items) or find_added(
        re.sub(r"\s+in\s+[a-z ]+$", "", name, flags=re.I), tree.items
    )
    if part is None:
        return None
    wholes = _wholes(part, tree)
    if not wholes:
        return None
    assert row.physical is not None
    named = [w for w in wholes if _is_said(w, said, tree)]
    if said and (words.chinese_words(said) or words.latin_words(said)) and not named:
        return None
    fitting = [w for w in named or wholes if (part.value / w.value).meets(row.physical.base)]
    return Share(row, part, (fitting or named or wholes)[0])


def _is_said(whole: Part, said: str | None, tree: Tree) -> bool:
    """Tell whether a whole is the one that the name of the share says."""
    if said is None:
        return False
    if not said:
        return whole.rows[0] in tree.grands
    category = words.category_named(said)
    return category is not None and any(
        i.level == "category" and i.names[0] == category and i.part.rows == whole.rows for i in tree.items
    )


def _wholes(part: Part, tree: Tree) -> list[Part]:
    """Return what a thing may be a share of: the totals, and the category it is in."""
    wholes = [part_of(r) for r in tree.grands if r not in part.rows]
    wholes += [
        i.part
        for i in tree.items
        if i.level == "category"
        and i.part.figure
        and i.names[0] == part.rows[0].category
        and i.part.rows != part.rows
    ]
    return [w for w in wholes if w.value.high >= part.value.low and w.value.low > 0.0]


def _partly_known(share: Share, tree: Tree, slack: float) -> bool:
    """Tell whether a larger share may be due to lines of its category that are not printed."""
    assert share.row.physical is not None
    category = next((i.names[0] for i in tree.items if i.level == "category" and i.part == share.part), None)
    if category is None or (share.part.value / share.whole.value).low > share.row.physical.base.high:
        return False
    named = [words.category_named(n) for r in share.part.rows for n in (r.service, r.indicator)]
    complete = any(
        s.exhaustive
        and s.row in tree.grands
        and total_of(p.value for p in s.parts).meets(s.printed.base, slack)
        for s in tree.sums
    )
    return category not in named and not complete


def _of_land(row: Row, tree: Tree) -> bool:
    """Tell whether a share may as well be one of land: an area of that name is printed."""
    name = words.SHARE.sub(" ", row.name)
    return any(r.physical and r.physical.dims == AREA and words.means(name, r.name) for r in tree.context())


def _share_holds(share: Share, slack: float) -> bool:
    assert share.row.physical is not None
    return (share.part.value / share.whole.value).meets(share.row.physical.base, slack)


def _amounts(share: Share) -> tuple[str, str, str]:
    printed = share.row.physical
    figure = share.whole.figure
    assert printed is not None and figure is not None
    return (
        in_unit(share.part.value.mid, figure),
        figure.text,
        number(share.part.value.mid / share.whole.value.mid / printed.size),
    )


def _share_relation(share: Share) -> str:
    part, whole, _ = _amounts(share)
    return f"{part} / {whole} = {share.row.physical} ({share.row.name})"


def _note_share(share: Share, tree: Tree, record: Record) -> None:
    figure = share.row.physical
    assert figure is not None
    _, _, nominal = _amounts(share)
    remark = ""
    if not _as_printed(share):
        remark = f"the figures as printed give {nominal}; held only within their own rounding"
    derived = share.row.evidence == "derived"
    where = (share.row.label, *(r.label for r in share.part.rows[:1]))
    record.note(
        "share",
        _share_relation(share),
        "circular" if derived else "held",
        year=tree.year,
        where=where,
        remark=remark,
    )


def _share_finding(share: Share, tree: Tree) -> Finding:
    printed = share.row.physical
    assert printed is not None and share.whole.figure is not None
    part, whole, nominal = _amounts(share)
    expected = share.part.value / share.whole.value
    gap = printed.base.gap(expected) / printed.size
    causes = tuple(
        Cause.of(
            "other-whole", f"it is the share of {w.label} {w.figure}", f"这是占 {w.label} {w.figure} 的比重"
        )
        for w in _wholes(share.part, tree)
        if (share.part.value / w.value).meets(printed.base)
    )
    causes += ratio_causes(printed.base, expected) + transposed(printed, lambda f: f.base.meets(expected))
    implied = share.part.value / printed.base
    severity: Severity = "note" if abs(gap) <= printed.place else "error"
    return Finding(
        "share",
        severity,
        Said(
            (
                f"{share.row.name} is printed as {printed}, {part} of {whole} "
                f"{share.whole.figure.unit} is {nominal} {printed.unit}"
            ),
            (
                f"{share.row.name} 印为 {printed}，而 {part} 占 {whole} "
                f"{share.whole.figure.unit} 为 {nominal} {printed.unit}"
            ),
        ),
        share.row.year,
        (share.row.label, *(r.label for r in share.part.rows[:1])),
        gap,
        printed.unit,
        gap / printed.nominal if printed.nominal else None,
        Said(
            f"the whole would have to be {in_unit(implied, share.whole.figure)} {share.whole.figure.unit}",
            f"总量应为 {in_unit(implied, share.whole.figure)} {share.whole.figure.unit}",
        ),
        causes[:3],
    )


def _common_whole(failed: Sequence[Share]) -> Interval | None:
    common: Interval | None = None
    for share in failed:
        assert share.row.physical is not None
        one = share.part.value / share.row.physical.base
        common = one if common is None else common.common(one)
        if common is None:
            return None
    return common


def _other_denominator(failed: Sequence[Share], whole: Interval, tree: Tree, record: Record) -> None:
    figure = failed[0].whole.figure
    assert figure is not None
    size = in_unit(whole, figure)
    shown = ", ".join(f"{s.row.physical}" for s in failed)
    causes = tuple(_same_size(whole, figure, tree)) + ratio_causes(figure.base, whole)
    gap = (figure.base.gap(whole)) / figure.size
    for share in failed[1:]:
        record.note("share", _share_relation(share), "failed", year=tree.year, where=(share.row.label,))
    record.find(
        Finding(
            "share-denominator",
            "error",
            Said(
                (
                    f"the shares {shown} are not of the printed total {figure}; "
                    f"they have one whole in common, {size} {figure.unit}"
                ),
                f"占比 {shown} 并非以所印总值 {figure} 为分母，其共同分母为 {size} {figure.unit}",
            ),
            tree.year,
            tuple(s.row.label for s in failed),
            gap,
            figure.unit,
            gap / figure.nominal if figure.nominal else None,
            Said(
                f"the total would have to be {number(whole.mid / figure.size)} {figure.unit}",
                f"总值应为 {number(whole.mid / figure.size)} {figure.unit}",
            ),
            causes[:3],
        ),
        _share_relation(failed[0]),
    )


def _same_size(value: Interval, figure: Figure, tree: Tree) -> Iterable[Cause]:
    for item in tree.items:
        if item.part.figure is not None and item.part.figure is not figure and item.part.value.meets(value):
            yield Cause.of(
                "other-quantity",
                f"it is {item.part.label} {item.part.figure}",
                f"即 {item.part.label} {item.part.figure}",
            )


def _covers_all(shares: Sequence[Share]) -> bool:
    """Tell whether the parts of the shares are the whole, each once."""
    rows = [r for s in shares for r in s.part.rows]
    if not shares or len(set(rows)) < len(rows):
        return False
    together = total_of(s.part.value for s in shares)
    return together.meets(shares[0].whole.value)


def _closed(shares: Sequence[Share], tree: Tree, record: Record) -> None:
    """Note a largest share that was moved by a last digit so that all add up to 100.

    The figures may still be right: the digits behind the printed ones can explain it. So it is noted
    only where the printed parts add up to the printed whole to the last digit, the printed shares to
    100, and all but the largest share are what the printed figures give.
    """
    off = [s for s in shares if not _as_printed(s)]
    if len(off) != 1 or len(shares) < 2 or not _covers_all(shares) or off[0].row.evidence == "derived":
        return
    printed = {id(s): s.row.physical for s in shares}
    sizes = [f.nominal * f.size for f in printed.values() if f]
    moved, whole = off[0], shares[0].whole.value.mid
    figure = printed[id(moved)]
    together = sum(s.part.value.mid for s in shares)
    exact = abs(together - whole) <= 1e-9 * whole and abs(sum(sizes) - 1.0) <= 1e-9
    if figure is None or not exact or figure.nominal * figure.size < max(sizes):
        return
    part, total, nominal = _amounts(moved)
    gap = figure.nominal - round(float(nominal) / figure.place) * figure.place
    said = Said(
        f"{moved.row.name} is printed as {figure}, {part} of {total} as printed is {nominal} {figure.unit}; "
        f"with that the shares would add up to {number(100.0 - gap * figure.size * 100.0)} %",
        f"{moved.row.name} 印为 {figure}，而按所印数字 {part} 占 {total} 为 {nominal} {figure.unit}，"
        f"各占比之和则为 {number(100.0 - gap * figure.size * 100.0)} %",
    )
    cause = Cause.of(
        "closed-to-100", "the largest share was moved so that all add up to 100",
        "为使各占比之和为 100 而调整了最大一项",
    )  # fmt: skip
    where = tuple(s.row.label for s in (moved, *(s for s in shares if s is not moved)))
    relative = gap / figure.nominal
    record.find(
        Finding("share-closed", "note", said, tree.year, where, gap, figure.unit, relative, None, (cause,))
    )


def _as_printed(share: Share) -> bool:
    """Tell whether a share is what the figures as printed give."""
    figure = share.row.physical
    assert figure is not None
    return figure.value.contains(float(_amounts(share)[2]))


def _hundred(rows: Sequence[Row], tree: Tree, record: Record) -> None:
    figures = [r.physical for r in rows if r.physical]
    if len(figures) < 2:
        return
    together = total_of(f.base for f in figures)
    relation = f"{' + '.join(f.text for f in figures)} = 100 %"
    where = tuple(r.label for r in rows)
    if together.contains(1.0):
        record.note("share-sum", relation, "held", year=tree.year, where=where)
        return
    nominal = number(sum(f.nominal * f.size for f in figures) * 100)
    gap = (together.low - 1.0 if together.low > 1.0 else together.high - 1.0) * 100
    said = Said(
        f"the shares {relation.split(' =', maxsplit=1)[0]} add up to {nominal} %, not 100",
        f"占比 {relation.split(' =', maxsplit=1)[0]} 之和为 {nominal} %，不是 100 %",
    )
    record.find(Finding("share-sum", "error", said, tree.year, where, gap, "%", gap / 100), relation)
