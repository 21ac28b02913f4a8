"""Candidate causes: slips that would turn what the figures demand into what is printed."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING

from gep.auditing.findings import Cause
from gep.auditing.rounding import Interval, interval, number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gep.auditing.published import Figure

#: factor, stable key, en, zh
SLIPS: tuple[tuple[float, str, str, str], ...] = (
    (1e4, "ratio-1e4", "a factor of 10^4 (万)", "差 10^4 倍（万）"),
    (1e8, "ratio-1e8", "a factor of 10^8 (亿)", "差 10^8 倍（亿）"),
    (1e12, "ratio-1e12", "a factor of 10^12 (万亿)", "差 10^12 倍（万亿）"),
    (15.0, "ratio-15", "a factor of 15 (亩 and ha)", "差 15 倍（亩与公顷）"),
    (1e4 / 15, "ratio-666.67", "a factor of 666.67 (亩 and m2)", "差 666.67 倍（亩与平方米）"),
    (
        10.0,
        "ratio-10",
        "a factor of 10 (mm to m3/ha, billion for 亿, or a decimal place)",
        "差 10 倍（mm 与 m3/ha、十亿与亿，或小数点移位）",
    ),
    (
        100.0,
        "ratio-100",
        "a factor of 100 (ha/km2, percent or two decimal places)",
        "差 100 倍（公顷与平方公里、百分数或小数点）",
    ),
    (1000.0, "ratio-1000", "a factor of 1000 (kg/t)", "差 1000 倍（千克与吨）"),
    (44 / 12, "ratio-44/12", "a factor of 44/12 (C and CO2)", "差 44/12 倍（碳与二氧化碳）"),
    (12.0, "ratio-12", "a factor of 12 (months and years)", "差 12 倍（月与年）"),
    (
        1.31,
        "ratio-1.31",
        "a factor of 1.31 (cells in degrees, counted as equal in area near 40 degrees)",
        "差 1.31 倍（经纬度像元按等面积计，约 40 度）",
    ),
)
_MOST = 4


def ratio_causes(printed: Interval, expected: Interval) -> tuple[Cause, ...]:
    """Return the known slips that the ratio of two figures fits.

    Examples
    --------
    >>> [c.key for c in ratio_causes(interval("15.01"), interval("1.00"))]
    ['ratio-15']
    """
    if expected.low <= 0.0 <= expected.high or printed.low <= 0.0 <= printed.high:
        return ()
    ratio = printed / expected
    if ratio.relative > 0.1:
        return ()
    found = []
    for size, key, en, zh in SLIPS:
        for way in (size, 1.0 / size):
            if ratio.contains(way):
                side = ("too large by", "偏大，") if way > 1 else ("too small by", "偏小，")
                found.append(Cause.of(key, f"{side[0]} {en}", f"{side[1]}{zh}"))
    return tuple(found)


def swapped(text: str) -> Iterator[str]:
    """Give a printed number with each pair of neighbouring digits swapped.

    Examples
    --------
    >>> list(swapped("45.7"))
    ['54.7', '47.5']
    """
    spots = [i for i, c in enumerate(text) if c.isdigit()]
    stop = text.lower().find("e")
    spots = [i for i in spots if stop < 0 or i < stop]
    for a, b in pairwise(spots):
        if text[a] != text[b]:
            digits = list(text)
            digits[a], digits[b] = digits[b], digits[a]
            yield "".join(digits)


def transposed(figure: Figure, fits: Callable[[Figure], bool], label: str = "") -> tuple[Cause, ...]:
    """Return the swaps of two neighbouring digits of a figure that would mend a relation."""
    found = []
    for text in swapped(figure.text):
        if fits(figure.reread(text)):
            name = f" ({label})" if label else ""
            found.append(
                Cause.of(
                    "transposed-digits",
                    f"two digits changed places: {figure.text} for {text}{name}",
                    f"数字前后颠倒：{text} 误作 {figure.text}{f'（{label}）' if label else ''}",
                )
            )
    return tuple(found)


def truncated(printed: Figure, expected: Interval) -> tuple[Cause, ...]:
    """Return the reading that the figure was cut off, if that makes it fit."""
    if interval(printed.text, "truncated").meets(expected):
        return (
            Cause.of(
                "truncated",
                f"{printed.text} was cut off instead of rounded",
                f"{printed.text} 为截断而非四舍五入",
            ),
        )
    return ()


def part_causes(
    printed: Figure, parts: Sequence[tuple[str, Interval, Figure | None]], slack: float = 0.0
) -> tuple[Cause, ...]:
    """Return what in a sum would make it meet its printed total; all values in base units."""
    whole = printed.base
    values = [value for _, value, _ in parts]
    rest = _rests(values)
    found: list[Cause] = list(_left_out(printed, parts, slack))
    for (label, value, figure), others in zip(parts, rest, strict=True):
        needed = whole - others
        if value.mid and (others + value * 2.0).meets(whole, slack) and abs(value.mid) > whole.width:
            found.append(
                Cause.of(
                    "counted-twice", f"{label} is counted twice in the total", f"{label} 在合计中重复计入"
                )
            )
        if (others - value).meets(whole, slack) and abs(value.mid) > whole.width:
            found.append(
                Cause.of(
                    "sign", f"{label} went into the total with the other sign", f"{label} 以相反符号计入合计"
                )
            )
        if needed.low > 0.0 and value.low > 0.0:
            found += [
                Cause.of(c.key, f"{label} is {c.said.en}", f"{label} {c.said.zh}")
                for c in ratio_causes(value, needed)
            ]
        if figure is not None:
            found += transposed(figure, lambda f, o=others: (o + f.base).meets(whole, slack), label)  # type: ignore[misc]
    together = sum(values, Interval(0.0, 0.0))
    found += transposed(printed, lambda f: f.base.meets(together, slack), "total")
    if len(parts) > 1:
        found += ratio_causes(whole, together)
    found += [] if found else list(truncated(printed, together / printed.size))
    return tuple(found[:_MOST])


def _rests(values: Sequence[Interval]) -> list[Interval]:
    """For each value, the sum of all others; added, not subtracted, so that intervals stay narrow."""
    return [sum((v for j, v in enumerate(values) if j != i), Interval(0.0, 0.0)) for i in range(len(values))]


def _left_out(
    printed: Figure, parts: Sequence[tuple[str, Interval, Figure | None]], slack: float
) -> Iterator[Cause]:
    for count in (1, 2):
        if len(parts) <= count + (count - 1) or len(parts) > 60:
            return
        hit = False
        for chosen in combinations(range(len(parts)), count):
            kept = sum((v for i, (_, v, _) in enumerate(parts) if i not in chosen), Interval(0.0, 0.0))
            small = min(abs(parts[i][1].mid) for i in chosen) <= printed.base.width
            if not small and kept.meets(printed.base, slack):
                names = " and ".join(parts[i][0] for i in chosen)
                sizes = " + ".join(number(parts[i][1].mid / printed.size) for i in chosen)
                hit = True
                yield Cause.of(
                    "left-out", f"the total leaves out {names} ({sizes})", f"合计漏计 {names}（{sizes}）"
                )
        if hit:
            return
