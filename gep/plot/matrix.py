"""Two keys of a ledger against each other, as a heat map."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from gep.errors import LedgerError
from gep.ledger import views
from gep.plot import style
from gep.plot.source import fold, ledger_notes, money_unit, not_allocated, values_by
from gep.plot.words import columns as width
from gep.plot.words import describe, key_name, number, places, with_unit, word

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from gep.ledger import Ledger

#: Inches of a cell, and the longest column name (as columns of text) that is not turned.
_CELL, _UPRIGHT = (0.62, 0.34), 8
#: Inches of a Latin character of a name.
_LETTER = 0.58 * style.TEXT / 72.0


@dataclass(frozen=True)
class Grid:
    """Names of rows and columns, and values by their positions; a pair without a row is not there."""

    rows: list[str]
    columns: list[str]
    cells: dict[tuple[int, int], float]


def heatmap(
    ledger: Ledger,
    rows: str = "service",
    columns: str = "zone",
    ax: Axes | None = None,
    *,
    lang: str = "en",
    unit: str = "",
    most: int = 25,
    title: str = "",
    notes: Sequence[str] = (),
    font: str | Path | None = None,
) -> Axes:
    """Draw the value of every pair of two keys, with the numbers in the cells.

    A missing value is hatched; a pair that the account has no row for is a dash. What is known for
    the region alone is told in a note and is no column.

    Parameters
    ----------
    ledger : Ledger
        The account.
    rows, columns : str
        ``service``, ``category``, ``zone``, ``ecosystem``, ``indicator``, ``item`` or a level of the
        zones.
    most : int
        Rows, and columns, shown by themselves; smaller ones are one "other (n)", named in a note.
    ax, lang, unit, title, notes, font
        As in :func:`services`.

    Raises
    ------
    LedgerError
        An unknown key.
    GepError
        No font of this machine has some character.
    """
    if rows == columns:
        raise LedgerError(f"rows and columns are both {rows!r}", where="heatmap", expected="two keys")
    unit = money_unit(ledger, unit, lang)
    table = values_by(ledger, [rows, columns], unit, lang)
    zonal = {rows, columns} & {"zone", *views.levels(ledger)}
    for key in zonal:
        table = table[table[key] != ledger.meta.region]
    if table.empty:
        raise LedgerError(
            "no value is known by zone", where="heatmap", fix="allocate= when the account is compiled"
        )
    grid, told = _grid(table, rows, columns, most, lang)
    parts = {"rows": key_name(rows, lang), "columns": key_name(columns, lang)}
    heading = title or word("title_matrix", lang, region=ledger.meta.region, year=ledger.year, **parts)
    ax = style.open_axes(ax, *_size(grid))
    _draw(ax, grid)
    style.legend(ax, [style.no_data(lang)] if any(map(math.isnan, grid.cells.values())) else [])
    absent = [word("absent", lang)] if len(grid.cells) < len(grid.rows) * len(grid.columns) else []
    kept_apart = not_allocated(ledger, unit, lang) if zonal else []
    pairs = [(f"{grid.rows[i]} / {grid.columns[j]}", v) for (i, j), v in grid.cells.items()]
    return style.finish(
        ax,
        title=with_unit(heading, unit, lang),
        notes=[*absent, *told, *kept_apart, *ledger_notes(ledger, unit, lang), *notes],
        alt=describe(heading, pairs, unit, lang),
        font=font,
    )


def _grid(table: pd.DataFrame, rows: str, columns: str, most: int, lang: str) -> tuple[Grid, list[str]]:
    """Return the sums by the names that are shown, and notes on what is folded."""
    told = []
    for key in (rows, columns):
        table, note = _folded(table, key, most, lang)
        told.append(note)
    names = [list(dict.fromkeys(table[f"{key}_shown"])) for key in (rows, columns)]
    cells: dict[tuple[int, int], float] = {}
    for (row, column), part in table.groupby([f"{rows}_shown", f"{columns}_shown"], sort=False)["value"]:
        known = part.dropna()
        at = names[0].index(row), names[1].index(column)
        cells[at] = math.fsum(known) if len(known) else math.nan
    return Grid(names[0], names[1], cells), told


def _folded(table: pd.DataFrame, key: str, most: int, lang: str) -> tuple[pd.DataFrame, str]:
    """Return the table with a column of the names shown: of many the largest, the rest as one."""
    names = _apart(table, key)
    sums = table.groupby(names, sort=False)["value"].sum(min_count=1)
    kept, note = fold(pd.DataFrame({"name": sums.index, "value": sums.to_numpy()}), ["name"], most, lang)
    last = str(kept["name"].iloc[-1])
    shown = names.where(names.isin(kept["name"]), last) if note else names
    order = pd.Series(range(len(table)), index=table.index).where(shown == names, len(table))
    return table.assign(**{f"{key}_shown": shown}).loc[order.sort_values(kind="stable").index], note


def _apart(table: pd.DataFrame, key: str) -> pd.Series[str]:
    """Return names, with the code beside a name that several codes have."""
    codes = table.groupby(f"{key}_name")[key].transform("nunique")
    both = table[f"{key}_name"] + " (" + table[key].astype(str) + ")"
    return table[f"{key}_name"].where(codes == 1, both)


def _size(grid: Grid) -> tuple[float, float]:
    """Return the inches that cells and names need; long names of columns are turned by 45 degrees."""
    beside, below = (_LETTER * _longest(names) for names in (grid.rows, grid.columns))
    below = below / math.sqrt(2.0) if _longest(grid.columns) > _UPRIGHT else 0.0
    first = max(beside, below)  # a turned name reaches to the left as well
    return 1.6 + first + _CELL[0] * len(grid.columns), 0.9 + below + _CELL[1] * len(grid.rows)


def _longest(names: Sequence[str]) -> float:
    return max(map(width, names))


def _draw(ax: Axes, grid: Grid) -> None:
    from matplotlib.patches import Rectangle

    colour_of, decimals = scale(list(grid.cells.values())), places(grid.cells.values())
    for i, j in itertools.product(range(len(grid.rows)), range(len(grid.columns))):
        value = grid.cells.get((i, j))
        if value is None:
            ax.text(j, i, "–", ha="center", va="center", fontsize=7)
            continue
        look = style.missing() if math.isnan(value) else {"facecolor": colour_of(value)}
        ax.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, **{**look, "linewidth": 0.0, "gid": f"{i},{j}"}))
        if not math.isnan(value):
            face = style.ink(look["facecolor"])
            ax.text(j, i, number(value, decimals), ha="center", va="center", fontsize=7, color=face)
    turned: dict[str, Any] = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    long = _longest(grid.columns) > _UPRIGHT
    ax.set_xticks(range(len(grid.columns)), labels=grid.columns, **(turned if long else {}))
    ax.set_yticks(range(len(grid.rows)), labels=grid.rows)
    ax.tick_params(length=0, labelsize=style.TEXT)
    ax.set(xlim=(-0.5, len(grid.columns) - 0.5), ylim=(len(grid.rows) - 0.5, -0.5))
    style.bare(ax)


def scale(values: Sequence[float]) -> Callable[[float], Any]:
    """Return the colour of a value: cividis, or, with values below zero, orange to blue.

    The colour follows the root of a value: services differ by orders of magnitude, and a linear
    scale would show the largest alone.
    """
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    known = [v for v in values if math.isfinite(v)]
    top = max(map(abs, known), default=0.0) or 1.0
    if any(v < 0 for v in known):
        ends = [style.colour("effect", "high"), "#FFFFFF", style.colour("effect", "low")]
        both = LinearSegmentedColormap.from_list("below and above zero", ends)
        return lambda v: both(0.5 + 0.5 * math.copysign(math.sqrt(abs(v) / top), v))
    return lambda v: colormaps["cividis_r"](math.sqrt(v / top))
