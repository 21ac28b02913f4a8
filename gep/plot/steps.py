"""Where a change comes from, step by step."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from gep.change.decomposition import LABELS
from gep.errors import LedgerError
from gep.plot import style
from gep.plot.source import money_unit
from gep.plot.words import describe, number, parted, places, with_unit, word, wrap

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import Any

    from matplotlib.axes import Axes

    from gep.change import Change

#: Columns that are no step, in a change or beside one.
_ENDS, _BESIDE = ("opening", "closing"), ("change", "missing_rows", "missing", "year")
#: Relative gap between the steps and the change that floating point explains.
_CLOSURE = 1e-9
_BAR = 0.62


def waterfall(
    change: Change | pd.DataFrame,
    ax: Axes | None = None,
    *,
    lang: str = "en",
    unit: str = "",
    title: str = "",
    notes: Sequence[str] = (),
    font: str | Path | None = None,
) -> Axes:
    """Draw a change as steps from the opening to the closing value.

    Steps of nothing are left out.

    Parameters
    ----------
    change : Change or DataFrame
        What :func:`gep.change.decompose` returns, or a table with columns ``opening``, ``closing``
        and one for each effect (``quantity``, ``price``, ``structure``, ...); rows are added up.
    unit : str
        Unit of the values: what a change is shown in (10^8 of its currency unless given), what a
        table is in (``table.attrs["units"]`` unless given).
    ax, lang, title, notes, font
        As in :func:`services`.

    Raises
    ------
    LedgerError
        A column is missing, or the effects do not lead from opening to closing.
    GepError
        No font of this machine has some character.
    """
    total, heading, unit, told = _totals(change, unit, lang)
    steps = {str(name): float(v) for name, v in total.items() if name not in _ENDS and v}
    opening, closing = (float(total[name]) for name in _ENDS)
    _refuse_gap(opening, closing, steps)
    names = {name: label(name, lang) for name in (_ENDS[0], *steps, _ENDS[1])}
    ax = style.open_axes(ax, 2.2 + 1.15 * len(names), 4.2)
    decimals = places([opening, closing, *steps.values()])
    _level(ax, 0, opening, decimals)
    at = opening
    for x, (name, step) in enumerate(steps.items(), 1):
        _step(ax, x, at, step, name, decimals, lang)
        at += 0.0 if math.isnan(step) else step
    last = len(steps) + 1
    _level(ax, last, closing, decimals)
    ax.plot([last - 1 + _BAR / 2, last - _BAR / 2], [at, at], color="#707070", linewidth=0.8, zorder=1)
    ax.set_xticks(range(last + 1), labels=[wrap(n, 14) for n in names.values()], fontsize=style.TEXT)
    style.upright(ax, with_unit(word("value", lang), unit, lang))
    if any(math.isnan(v) for v in steps.values()):
        style.legend(ax, [style.no_data(lang)])
    heading = title or heading
    grown = [f"{closing / opening - 1.0:+.1%}"] if opening > 0 and math.isfinite(closing) else []
    shown = word("stop", lang).join([with_unit(heading, unit, lang), *grown])
    pairs = [(names[name], step) for name, step in steps.items()]
    alt = describe(heading, pairs, unit, lang, total=closing - opening, most=len(pairs))
    return style.finish(ax, title=shown, notes=[*told, *notes], alt=alt, font=font)


def label(name: str, lang: str) -> str:
    """Return what an effect is called; one of another table is called as its column."""
    return LABELS[name][lang] if name in LABELS else name.replace("_", " ")


def _totals(change: Any, unit: str, lang: str) -> tuple[pd.Series[float], str, str, list[str]]:
    """Return the sums of a change by column, the title, the unit and the notes."""
    if isinstance(change, pd.DataFrame):
        for name in _ENDS:
            style.column(change, name, "waterfall")
        numbers = change.select_dtypes("number")
        sums = pd.Series({str(c): _sum(numbers[c]) for c in numbers if c not in _BESIDE})
        known, told = parted(str(change.attrs.get("units", "")), lang)
        return sums, word("title_change", lang), unit or known, [*told, *change.attrs.get("notes", ())]
    unit = money_unit(change.closing, unit, lang)
    years = {"start": change.opening.year, "end": change.closing.year}
    heading = word("title_change_of", lang, region=change.closing.meta.region, **years)
    sums = change.total[[*_ENDS, *change.detail]] * change.closing.factor(unit)
    return sums, heading, unit, [word("basis", lang, what=change.basis), *change.notes]


def _refuse_gap(opening: float, closing: float, steps: Mapping[str, float]) -> None:
    known = [v for v in steps.values() if math.isfinite(v)]
    gap = closing - opening - math.fsum(known)
    size = max(abs(opening), abs(closing), *(abs(v) for v in known), 0.0)
    if len(known) == len(steps) and not abs(gap) <= _CLOSURE * size:
        raise LedgerError(
            f"the effects {', '.join(steps)} lead from {opening:g} to {closing - gap:g}, not to {closing:g}",
            where="waterfall", expected="closing = opening + all effects",
        )  # fmt: skip


def _level(ax: Axes, x: float, value: float, decimals: int) -> None:
    ax.bar(x, value, width=_BAR, color=style.colour("effect", "total"))
    style.above(ax, x, max(value, 0.0), number(value, decimals))


def _step(ax: Axes, x: float, at: float, step: float, name: str, decimals: int, lang: str) -> None:
    ax.plot([x - 1 + _BAR / 2, x - _BAR / 2], [at, at], color="#707070", linewidth=0.8, zorder=1)
    if math.isnan(step):
        across: dict[str, Any] = {"transform": ax.get_xaxis_transform(), "zorder": 0.5}
        ax.bar(x, 1.0, width=_BAR, **style.missing(), **across)
        style.above(ax, x, at, word("no_data", lang))
        return
    ax.bar(x, step, bottom=at, width=_BAR, color=style.colour("effect", name), zorder=2, gid=name)
    sign = "+" if step >= 0 else ""
    style.above(ax, x, max(at, at + step), f"{sign}{number(step, decimals)}")


def _sum(values: pd.Series[Any]) -> float:
    known = values.dropna()
    return math.fsum(known) if len(known) else math.nan
