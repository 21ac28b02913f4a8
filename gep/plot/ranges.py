"""What a result is most sensitive to, and how sure each number is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from gep.errors import LedgerError
from gep.plot import style
from gep.plot.bars import no_value
from gep.plot.source import name_of
from gep.plot.words import amount, describe, listed, number, parted, places, with_unit, word, wrap

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

#: Inches that a row needs, and how long a name may be before it is broken.
_ROW, _NAME = 0.42, 42
_SIDES, _DOT = ("low", "high"), ("value", "low", "high")


def tornado(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    base: float | None = None,
    lang: str = "en",
    unit: str = "",
    most: int = 15,
    title: str = "",
    notes: Sequence[str] = (),
    font: str | Path | None = None,
) -> Axes:
    """Draw the result at the low and the high end of each factor, the widest on top.

    Parameters
    ----------
    table : DataFrame
        The result where the factor is at its low and at its high end: ``total_low`` and
        ``total_high``, as :meth:`gep.uncertainty.Uncertainty.tornado` returns, else ``low`` and
        ``high``. Names in a column ``factor``, else in the index.
    base : float, optional
        The result at the best values; a column ``base`` or ``table.attrs["base"]`` unless given.
    most : int
        Factors shown; the others are named in a note.
    unit : str
        Unit of the results; that of ``table.attrs["units"]`` unless given.
    ax, lang, title, notes, font
        As in :func:`services`.

    Raises
    ------
    LedgerError
        A column is missing, or there is not one base.
    GepError
        No font of this machine has some character.
    """
    prefix = "total_" if "total_low" in table else ""
    ends = {side: style.column(table, prefix + side, "tornado").to_numpy(float) for side in _SIDES}
    rows = pd.DataFrame({"name": _names(table, "factor"), **ends})
    middle = _base(table, base)
    spans = (rows["high"] - rows["low"]).abs()
    rows = rows.assign(span=spans).sort_values("span", ascending=False, kind="stable", na_position="last")
    drawn, rest = rows.head(most), rows.iloc[most:]
    known, prices = parted(str(table.attrs.get("units", "")), lang)
    unit = unit or known
    said = title or word("title_tornado", lang)
    ax = style.open_axes(ax, 8.5, 1.2 + _ROW * len(drawn))
    decimals = places([middle, *drawn["low"], *drawn["high"]])
    for y, row in enumerate(drawn.to_dict("records")):
        _swing(ax, y, middle, row, decimals, lang)
    ax.axvline(middle, color="black", linewidth=1.0, zorder=3)
    style.named_rows(ax, [wrap(name, _NAME) for name in drawn["name"]])
    style.value_axis(ax, with_unit(word("result", lang), unit, lang))
    handles = [style.patch(word(f"at_{side}", lang), style.colour("effect", side)) for side in _SIDES]
    style.legend(ax, handles + ([style.no_data(lang)] if drawn.isna().any(axis=None) else []))
    told = [word("at_base", lang, what=amount(middle, unit, lang))]
    told += [word("not_shown", lang, what=listed(rest["name"], lang))] if len(rest) else []
    pairs = list(zip(drawn["name"], drawn["span"], strict=True))
    alt = describe(said, pairs, unit, lang)
    heading = with_unit(said, unit, lang)
    return style.finish(ax, title=heading, notes=[*told, *prices, *notes], alt=alt, font=font)


def intervals(
    table: pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    unit: str = "",
    title: str = "",
    notes: Sequence[str] = (),
    font: str | Path | None = None,
) -> Axes:
    """Draw a dot for each value and a whisker for its interval.

    Parameters
    ----------
    table : DataFrame
        ``value``, ``low`` and ``high``, as :meth:`gep.uncertainty.Uncertainty.interval` returns;
        names, or codes of services and ecosystems, in a column ``name``, else in the index. A value
        without an interval is a diamond and told.
    ax, lang, unit, title, notes, font
        As in :func:`tornado`.

    Raises
    ------
    LedgerError
        A column is missing.
    GepError
        No font of this machine has some character.
    """
    rows = pd.DataFrame({name: style.column(table, name, "intervals").to_numpy(float) for name in _DOT})
    names = [name_of(name, lang) for name in _names(table, "name")]
    known, prices = parted(str(table.attrs.get("units", "")), lang)
    unit = unit or known
    said = title or word("title_intervals", lang)
    ax = style.open_axes(ax, 8.5, 1.2 + 0.8 * _ROW * len(rows))
    decimals = places(rows.to_numpy().ravel())
    for y, row in enumerate(rows.to_dict("records")):
        if math.isnan(row["value"]):
            no_value(ax, y, lang)
        else:
            _dot(ax, y, row, decimals)
    style.named_rows(ax, [wrap(name, _NAME) for name in names])
    style.value_axis(ax, with_unit(word("value", lang), unit, lang))
    style.legend(ax, [style.no_data(lang)] if rows["value"].isna().any() else [])
    level = table.attrs.get("level")
    told = [word("level", lang, level=f"{level:.0%}")] if level else []
    lacking = [n for n, r in zip(names, rows.to_dict("records"), strict=True) if _alone(r)]
    told += [word("no_interval", lang, what=listed(lacking, lang))] if lacking else []
    alt = describe(said, list(zip(names, rows["value"], strict=True)), unit, lang)
    heading = with_unit(said, unit, lang)
    return style.finish(ax, title=heading, notes=[*told, *prices, *notes], alt=alt, font=font)


def _base(table: pd.DataFrame, base: float | None) -> float:
    given = table.attrs.get("base") if base is None else base
    found = table["base"].dropna().unique() if given is None and "base" in table else [given]
    if len(found) != 1 or found[0] is None or not math.isfinite(float(found[0])):
        raise LedgerError(
            "there is not one base", where="tornado", expected="the result at the best values, one number",
            fix="tornado(table, base=float(ledger.total(unit)))",
        )  # fmt: skip
    return float(found[0])


def _names(table: pd.DataFrame, column: str) -> list[str]:
    if column in table:
        return [str(v) for v in table[column]]
    return [" / ".join(map(str, v)) if isinstance(v, tuple) else str(v) for v in table.index]


def _swing(ax: Axes, y: float, base: float, row: dict[Any, Any], decimals: int, lang: str) -> None:
    """Draw both ends of a factor from the base; an end that is not known is not drawn."""
    known = {side: row[side] for side in _SIDES if math.isfinite(row[side])}
    if not known:
        no_value(ax, y, lang)
        return
    for side, value in known.items():
        ax.barh(y, value - base, left=base, color=style.colour("effect", side), height=0.62, gid=side)
    low, high = min(known.values()), max(known.values())
    if low < base:
        style.at_end(ax, low, y, number(low, decimals), side=-1)
    if high >= base:
        style.at_end(ax, high, y, number(high, decimals), side=1)


def _dot(ax: Axes, y: float, row: dict[Any, float], decimals: int) -> None:
    face, right, text = style.colour("effect", "low"), row["value"], number(row["value"], decimals)
    if not _alone(row):
        ends = [row["low"], row["high"]]
        ax.plot(ends, [y, y], color=face, linewidth=1.6, marker="|", markersize=9, zorder=2, gid="whisker")
        right, text = max(right, *ends), f"{text} [{', '.join(number(e, decimals) for e in ends)}]"
    ax.plot(
        [row["value"]], [y], color=face, marker="D" if _alone(row) else "o", markersize=6, zorder=3, gid="dot"
    )
    style.at_end(ax, right, y, text, side=1, gap=7)


def _alone(row: dict[Any, float]) -> bool:
    """Tell whether a value is known and its interval is not."""
    return math.isfinite(row["value"]) and not all(math.isfinite(row[side]) for side in _SIDES)
