"""Several years beside each other: stacked bars, a line at constant prices, breaks."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from gep import ecosystems
from gep.errors import LedgerError
from gep.plot import style
from gep.plot.source import WHOLE, name_of
from gep.plot.words import describe, listed, number, parted, places, said, with_unit, word
from gep.resources import vocabulary

if TYPE_CHECKING:
    from pathlib import Path

    from matplotlib.axes import Axes

#: Width of a bar in years.
_WIDTH = 0.7
#: By year and category.
Sums = dict[int, dict[str, float]]


def years(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    constant: Mapping[int, float] | pd.Series[float] | None = None,
    breaks: Iterable[Any] = (),
    lang: str = "en",
    unit: str = "",
    title: str = "",
    notes: Sequence[str] = (),
    font: str | Path | None = None,
) -> Axes:
    """Draw values by year, stacked by category, with breaks between years.

    Parameters
    ----------
    table : DataFrame
        One column a year, one row a category (what :meth:`gep.years.Series.by` returns); or rows
        ``year, category, value``.
    constant : mapping of int to float, or Series, optional
        The total of each year at constant prices, in the same unit: a line.
    breaks : iterable of int or Break
        Years from which on something else is counted: a dashed line before each, and no line of
        constant prices across it.
    unit : str
        Unit of the values; that of ``table.attrs["units"]`` unless given.
    ax, lang, title, notes, font
        As in :func:`services`.

    Raises
    ------
    LedgerError
        No years, one of them twice, or a break outside of them.
    GepError
        No font of this machine has some character.

    Notes
    -----
    A year with a value missing is hatched and told, and its sum has a question mark: it is no total.
    """
    sums = _by_year(table)
    known, prices = parted(str(table.attrs.get("units", "")), lang)
    unit = unit or known
    heading = title or word("title_years", lang)
    names = list(dict.fromkeys(name for row in sums.values() for name in row))
    faces = _faces(names)
    ax = style.open_axes(ax, 3.4 + min(0.62 * len(sums), max(7.5, 0.42 * len(sums))), 4.0)
    lacking = {y: [n for n in names if math.isnan(row.get(n, math.nan))] for y, row in sums.items()}
    _stack(ax, sums, lacking, faces)
    handles: list[Any] = [style.patch(name_of(n, lang), faces[n]) for n in reversed(names)]
    handles += [style.no_data(lang)] if any(lacking.values()) else []
    told = _breaks(ax, list(sums), breaks, lang)
    handles += _constant(ax, constant, list(told), lang)
    style.legend(ax, handles)
    style.upright(ax, with_unit(word("value", lang), unit, lang))
    ax.set_xticks(list(sums), labels=[str(y) for y in sums], fontsize=style.SMALL)
    ax.set_xlim(min(sums) - 0.7, max(sums) + 0.7)
    return style.finish(
        ax,
        title=with_unit(heading, unit, lang),
        notes=[*told.values(), *_gaps(lacking, lang), *prices, *table.attrs.get("notes", ()), *notes],
        alt=describe(heading, [(str(year), _sum(row)) for year, row in sums.items()], unit, lang),
        font=font,
    )


def _by_year(table: pd.DataFrame) -> Sums:
    """Return what is known by year and category; NaN where nothing is."""
    rows: list[tuple[Any, str, float]]
    if "year" in table.columns:
        kinds = table["category"] if "category" in table else [WHOLE] * len(table)
        values = style.column(table, "value", "years").astype(float)
        rows = list(zip(table["year"], map(str, kinds), values, strict=True))
    else:
        numbers = table.select_dtypes("number")
        names = [" / ".join(map(str, n)) if isinstance(n, tuple) else str(n) for n in numbers.index]
        rows = [(y, n, float(v)) for y in numbers for n, v in zip(names, numbers[y], strict=True)]
    try:
        found: dict[int, dict[str, list[float]]] = {int(year): {} for year, _, _ in rows}
    except (TypeError, ValueError):
        raise LedgerError(
            f"columns {list(table.columns)} are no years", where="years", expected="years, or year and value"
        ) from None
    if not found or table.columns.duplicated().any():
        raise LedgerError("no years, or one of them twice", where="years", expected="each year once")
    for year, name, value in rows:
        found[int(year)].setdefault(name, []).append(value)
    return {y: {n: _known(values) for n, values in found[y].items()} for y in sorted(found)}


def _stack(ax: Axes, sums: Sums, lacking: Mapping[int, Sequence[str]], faces: Mapping[str, str]) -> None:
    """Stack what is above zero upwards, what is below downwards, and write the total on top."""
    across: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "zorder": 0.4}
    decimals = places(_sum(row) for row in sums.values())
    for year, row in sums.items():
        up = down = 0.0
        for name, value in row.items():
            if math.isnan(value):
                continue
            ax.bar(
                year, value, _WIDTH, bottom=up if value >= 0 else down, color=faces[name], linewidth=0.6,
                edgecolor="white", gid=f"{name} {year}",
            )  # fmt: skip
            up, down = up + max(value, 0.0), down + min(value, 0.0)
        if lacking[year]:
            # the full height: how much is missing is not known
            ax.bar(year, 1.0, _WIDTH + 0.2, gid=f"no data {year}", **style.missing(), **across)
        if math.isfinite(total := _sum(row)):
            style.above(ax, year, up, number(total, decimals) + ("+?" if lacking[year] else ""))


def _constant(
    ax: Axes, constant: Mapping[int, float] | pd.Series[float] | None, breaks: Sequence[int], lang: str
) -> list[Any]:
    """Draw a line that stops at breaks and at years without a value."""
    if constant is None:
        return []
    points = sorted((int(str(year)), float(value)) for year, value in constant.items())
    x: list[float] = []
    y: list[float] = []
    for year, value in points:
        if x and any(x[-1] < b <= year for b in breaks):
            x, y = [*x, year], [*y, math.nan]
        x, y = [*x, year], [*y, value]
    return list(ax.plot(x, y, color="black", marker="o", markersize=4, label=word("constant", lang)))


def _breaks(ax: Axes, drawn: Sequence[int], breaks: Iterable[Any], lang: str) -> dict[int, str]:
    """Draw a dashed line before each year that a break begins with; return what is to be said."""
    reasons: dict[int, list[str]] = {}
    for one in breaks:
        year = int(getattr(one, "year", one))
        reasons.setdefault(year, []).append(f"{one.kind}, {one.reason}" if hasattr(one, "reason") else "")
    for year in reasons:
        before, after = [y for y in drawn if y < year], [y for y in drawn if y >= year]
        if not before or not after:
            raise LedgerError(
                f"no two years lie on both sides of the break {year}", where="years",
                expected=f"a year after {drawn[0]}, up to {drawn[-1]}",
            )  # fmt: skip
        ax.axvline((before[-1] + after[0]) / 2, color="#404040", linestyle="--", linewidth=1.2, gid="break")
    texts = {y: (word("break_from", lang, year=y), "; ".join(filter(None, r))) for y, r in reasons.items()}
    return {y: said(text, reason, lang) if reason else text for y, (text, reason) in texts.items()}


def _gaps(lacking: Mapping[int, Sequence[str]], lang: str) -> list[str]:
    """Say what has no value in which year, and which years are not in the table."""
    named = {y: listed([name_of(n, lang) for n in names], lang) for y, names in lacking.items() if names}
    told = [said(f"{year} {word('no_data', lang)}", names, lang) for year, names in named.items()]
    absent = sorted(set(range(min(lacking), max(lacking))) - set(lacking))
    return told + ([word("no_account", lang, what=listed(map(str, absent), lang))] if absent else [])


def _known(values: Iterable[float]) -> float:
    known = [v for v in values if not math.isnan(v)]
    return math.fsum(known) if known else math.nan


def _sum(row: Mapping[str, float]) -> float:
    return _known(row.values())


def _faces(names: Sequence[str]) -> dict[str, str]:
    """Return colours: those that the names have everywhere, or spare ones that differ here."""
    known = vocabulary("services")
    kinds = {"category": known["categories"], "service": known["services"], "ecosystem": ecosystems.types()}
    kinds["effect"] = {WHOLE: ""}
    of = {name: next((kind for kind, codes in kinds.items() if name in codes), "") for name in names}
    faces = {name: style.colour(kind, name) for name, kind in of.items() if kind}
    for name in names:
        faces.setdefault(name, style.spare(name, faces.values()))
    return faces
