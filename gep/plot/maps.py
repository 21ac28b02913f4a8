"""Maps of zones: each in the colour of its class, with a scale bar and the numbers."""

from __future__ import annotations

import math
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gep import units
from gep.errors import LedgerError
from gep.ledger import Ledger, views
from gep.plot import style
from gep.plot.outlines import Outlines, outlines
from gep.plot.source import ledger_notes, money_unit, not_allocated
from gep.plot.words import amounts, describe, listed, number, places, shown, with_unit, word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from gep.zones import Zones

#: Classes of a map, digits of their limits, and the share of the width that the scale bar takes.
_CLASSES, _DIGITS, _BAR = 5, 2, 0.25
#: Room under the map for the scale bar, as a share of its height.
_FOOT = 0.09


def zone_map(
    ledger: Ledger,
    zones: Zones | Any,
    ax: Axes | None = None,
    *,
    by: str = "zone",
    service: str = "",
    code: str = "code",
    lang: str = "en",
    unit: str = "",
    title: str = "",
    notes: Sequence[str] = (),
    font: str | Path | None = None,
) -> Axes:
    """Draw the value of each zone on a map.

    Parameters
    ----------
    ledger : Ledger
        The account.
    zones : Zones, GeoDataFrame or path
        The zones on their grid, or polygons with the codes of the zones (extra ``geo``).
    by : str
        ``zone``, or a level of the zones.
    service : str
        One service alone.
    code : str
        Column of the codes, where polygons are given.
    unit : str
        ``亿元``, or per area or head, ``万元/km2``, ``元/person``; 10^8 of the currency unless given.
    ax, lang, title, notes, font
        As in :func:`services`.

    Raises
    ------
    LedgerError
        A service or level that the ledger does not have.
    ZoneError
        Zones without a grid, or with other codes than the ledger's.
    GepError
        No font of this machine has some character.

    Notes
    -----
    Limits of classes are quantiles, rounded. What is known for the region alone has no place on the
    map and is told; so are the values of zones whose label has no room.
    """
    unit = money_unit(ledger, unit, lang)
    values = _values(ledger, by, service, unit)
    groups = {str(z): str(z) if by == "zone" else str(ledger.zones.at[z, by]) for z in ledger.zones.index}
    names = _names(ledger, groups, by)
    shapes = outlines(zones, groups, code)
    told_of = _what(ledger, service, lang)
    said = title or word("title_map", lang, region=ledger.meta.region, year=ledger.year, what=told_of)
    west, south, east, north = shapes.bounds
    ratio = (north - south) / (east - west) * shapes.aspect
    ax = style.open_axes(ax, 8.5, min(max(1.2 + 6.0 * ratio, 3.5), 9.0))
    limits = class_limits(values.dropna())
    shapes.draw(ax, {g: _face(values.get(g), limits) for g in shapes.groups})
    _frame(ax, shapes)
    _scale_bar(ax, shapes)
    drawn = values[values.index.isin(shapes.groups)]
    handles = [*_handles(limits), *([style.no_data(lang)] if drawn.isna().any() else [])]
    style.legend(ax, handles, title=shown(unit))
    without_row = [word("absent", lang)] if len(drawn) < len(shapes.groups) else []
    absent = [names[g] for g in dict.fromkeys(groups.values()) if g not in shapes.anchors]
    money = unit.partition("/")[0]
    under = [
        *without_row,
        *([word("undrawn", lang, what=listed(absent, lang))] if absent else []),
        *not_allocated(ledger, money, lang, service),
        *ledger_notes(ledger, money, lang, service),
        *notes,
    ]
    pairs = [(names[str(g)], float(v)) for g, v in drawn.items()]
    alt = describe(said, pairs, unit, lang)
    heading = with_unit(said, unit, lang)
    unlabelled = _label(ax, shapes, values, names, limits, font)
    if unlabelled:
        what = amounts([(names[g], float(drawn[g])) for g in unlabelled if g in drawn], unit, lang, most=20)
        under.insert(0, word("unlabelled", lang, what=what))
    return style.finish(ax, title=heading, notes=under, alt=alt, font=font)


# -------------------------------------------------------------------------------------------- values


def _values(ledger: Ledger, by: str, service: str, unit: str) -> pd.Series[float]:
    """Return values by zone or level; what is known for the region alone is left out."""
    if by not in ("zone", *views.levels(ledger)):
        raise LedgerError(f"no map by {by!r}", expected=" or ".join(["zone", *views.levels(ledger)]))
    if service:
        ledger.total(service=service)  # says what is wrong with the service
        ledger = _only(ledger, service)
    below = unit.partition("/")[2]
    if not below:
        table = ledger.by(by, unit=unit)
    elif units.same_dimension(below, "m2"):
        table = ledger.per_area(unit, by=by)
    else:
        table = ledger.per_capita(unit, by=by)
    return table["value"].rename(index=str).drop(ledger.meta.region, errors="ignore")


def _names(ledger: Ledger, groups: dict[str, str], by: str) -> dict[str, str]:
    """Return the name of each group, with its code where another zone has the same."""
    if by != "zone":
        return {group: group for group in groups.values()}
    names = ledger.zones["name"].astype(str)
    doubled = set(names[names.duplicated(keep=False)])
    return {str(z): f"{name} ({z})" if name in doubled else name for z, name in names.items()}


def _only(ledger: Ledger, service: str) -> Ledger:
    rows = ledger.frame[ledger.frame["service"] == service]
    holes = ledger.coverage[ledger.coverage["service"].isin([service, ""])]
    return Ledger(rows, ledger.zones, ledger.region, holes, ledger.meta, ledger.extent)


def _what(ledger: Ledger, service: str, lang: str) -> str:
    return ledger.meta.labels.get(f"service:{service}", {}).get(lang, service) or word("gep", lang)


# ------------------------------------------------------------------------------------------- classes


def class_limits(values: pd.Series[float]) -> list[float]:
    """Return limits of classes with about equally many values, rounded to two digits.

    The first limit is not above the least value, the last not below the greatest.

    Examples
    --------
    >>> class_limits(pd.Series([1.04, 2.0, 3.0, 4.0, 5.0, 6.07]))
    [1.0, 2.0, 3.0, 4.0, 5.0, 6.1]
    """
    if values.empty:
        return []
    inner = np.quantile(values, np.linspace(0.0, 1.0, _CLASSES + 1)[1:-1])
    low, high = _rounded(float(values.min()), ROUND_FLOOR), _rounded(float(values.max()), ROUND_CEILING)
    between = {_rounded(float(v), ROUND_HALF_EVEN) for v in inner}
    return [low, *sorted(v for v in between if low < v < high), high]


def _rounded(value: float, way: str) -> float:
    """Return the number with few digits that is nearest, not above, or not below."""
    exact = Decimal(repr(value))
    return float(exact.quantize(Decimal((0, (1,), exact.adjusted() - _DIGITS + 1)), way)) if value else 0.0


def class_of(value: float, limits: Sequence[float]) -> int:
    """Return the class of a value: limits belong to the class above, the last one to the last."""
    return min(int(np.searchsorted(limits[1:-1], value, side="right")), max(len(limits) - 2, 0))


def _face(value: float | None, limits: Sequence[float]) -> Any:
    """Return the colour of a value; None where it is missing, white where there is no such row."""
    from matplotlib import colormaps

    if value is None:
        return "white"
    if math.isnan(value):
        return None
    return colormaps["cividis_r"](class_of(value, limits) / max(len(limits) - 2, 1))


def _handles(limits: Sequence[float]) -> list[Any]:
    decimals = max((_decimals(v) for v in limits), default=0)
    texts = [f"{v:,.{decimals}f}" for v in limits]
    if len(set(limits)) == 1:
        return [style.patch(texts[0], _face(limits[0], limits))]
    return [
        style.patch(f"{texts[i]} – {texts[i + 1]}", _face(limits[i], limits)) for i in range(len(limits) - 1)
    ]


def _decimals(value: float) -> int:
    return len(f"{value:.12f}".rstrip("0").partition(".")[2])


# ------------------------------------------------------------------------------------- frame, labels


def _frame(ax: Axes, shapes: Outlines) -> None:
    west, south, east, north = shapes.bounds
    height = north - south
    ax.set(xlim=(west, east), ylim=(south - _FOOT * height, north), xticks=[], yticks=[])
    ax.set_aspect(shapes.aspect)
    style.bare(ax)


def _scale_bar(ax: Axes, shapes: Outlines) -> None:
    """Draw a bar of a round length: 1, 2 or 5 times a power of ten."""
    west, south, east, north = shapes.bounds
    metres = (east - west) * shapes.metres * _BAR
    power = 10.0 ** math.floor(math.log10(metres))
    length = max(n * power for n in (1, 2, 5) if n * power <= metres)
    x, y = west, south - 0.6 * _FOOT * (north - south)
    end = x + length / shapes.metres
    ax.plot([x, end], [y, y], color="black", linewidth=2.5, solid_capstyle="butt", gid="scale")
    text = f"{length / 1000:,g} km" if length >= 1000 else f"{length:,g} m"
    ax.annotate(
        text, (end, y), xytext=(4, 0), textcoords="offset points", va="center",
        fontsize=style.SMALL, annotation_clip=False,
    )  # fmt: skip


def _label(
    ax: Axes,
    shapes: Outlines,
    values: pd.Series[float],
    names: dict[str, str],
    limits: Sequence[float],
    font: str | Path | None,
) -> list[str]:
    """Write name and value where there is room, the largest zones first; return the zones without."""
    decimals = places(values)
    texts = {}
    for group, (x, y, _) in shapes.anchors.items():
        value = values.get(group)
        told = "–" if value is None else "" if math.isnan(value) else number(value, decimals)
        ground = _face(value, limits)
        texts[group] = ax.text(
            x, y, f"{names[group]}\n{told}".strip(), ha="center", va="center", fontsize=style.SMALL,
            linespacing=1.2, gid="label", color="black" if ground is None else style.ink(ground),
        )  # fmt: skip
    style.dress(ax, font)
    style.figure_of(ax).draw_without_rendering()
    taken: list[Any] = []
    without = []
    for group, (x, y, room) in sorted(shapes.anchors.items(), key=lambda a: -a[1][2]):
        box = texts[group].get_window_extent().expanded(1.05, 1.1)
        edge = ax.transData.transform([(x - room, y), (x + room, y)])[:, 0]
        fits = box.width <= 1.1 * (edge[1] - edge[0]) and not any(box.overlaps(b) for b in taken)
        if fits:
            taken.append(box)
        else:
            texts[group].remove()
            without.append(group)
    return [g for g in shapes.anchors if g in without]
