"""Services by value: bars, or areas of a treemap."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Literal

from gep.errors import LedgerError
from gep.plot import style, treemap
from gep.plot.source import fold, ledger_notes, money_unit, values_by
from gep.plot.words import amount, describe, number, places, said, share, with_unit, word

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.patches import Patch

    from gep.ledger import Ledger

#: Inches that a bar needs.
_ROW = 0.34


def services(
    ledger: Ledger,
    ax: Axes | None = None,
    *,
    kind: Literal["bar", "treemap"] = "bar",
    lang: str = "en",
    unit: str = "",
    most: int = 20,
    title: str = "",
    notes: Sequence[str] = (),
    font: str | Path | None = None,
) -> Axes:
    """Draw the value of each service, by category.

    Parameters
    ----------
    ledger : Ledger
        The account; intermediate services are told in a note and not drawn.
    ax : Axes, optional
        Where to draw; a new figure if absent.
    kind : {"bar", "treemap"}
        Bars, or rectangles whose areas are the values.
    lang : {"en", "zh"}
        Language of all texts.
    unit : str
        Unit of values; 10^8 of the ledger's currency unless given.
    most : int
        Services shown by themselves; smaller ones are one "other (n)", named in a note.
    title : str
        In place of the title that tells region and year.
    notes : sequence of str
        Further lines under the figure.
    font : str or path, optional
        A font file or family to ask first.

    Returns
    -------
    Axes
        With the description that :func:`alt_text` returns.

    Raises
    ------
    LedgerError
        An unknown ``kind`` or ``lang``.
    GepError
        No font of this machine has some character.
    """
    if kind not in ("bar", "treemap"):
        raise LedgerError(f"there is no kind {kind!r}", where="services", expected="'bar' or 'treemap'")
    unit = money_unit(ledger, unit, lang)
    table, told = fold(
        values_by(ledger, ["category", "service"], unit, lang), ["category_name", "service_name"], most, lang
    )
    total = float(ledger.total(unit))
    heading = title or word("title_services", lang, region=ledger.meta.region, year=ledger.year)
    pairs = list(zip(table["service_name"], table["value"], strict=True))
    finishing: dict[str, Any] = {
        "title": said(heading, amount(total, unit, lang), lang),
        "notes": [told, *ledger_notes(ledger, unit, lang), *notes],
        "alt": describe(heading, pairs, unit, lang, total=total),
        "font": font,
    }
    if kind == "treemap":
        ax = style.open_axes(ax, 9.5, 4.8)
        return treemap.draw(ax, table, category_handles(table, lang), lang, finishing)
    ax = style.open_axes(ax, 8.5, 1.2 + _ROW * len(table))
    _bars(ax, table, total, lang)
    style.value_axis(ax, with_unit(word("value", lang), unit, lang))
    style.legend(ax, category_handles(table, lang))
    return style.finish(ax, **finishing)


def category_handles(table: pd.DataFrame, lang: str) -> list[Patch]:
    """Return the legend of categories with their sums, and of what has no value."""
    decimals, handles = places([math.fsum(table["value"].dropna())]), []
    for code, rows in table.groupby("category", sort=False):
        known = rows["value"].dropna()
        total = f" {number(math.fsum(known), decimals)}" if len(known) else ""
        face = style.colour("category", str(code))
        handles.append(style.patch(f"{rows['category_name'].iloc[0]}{total}", face))
    return [*handles, *([style.no_data(lang)] if table["value"].isna().any() else [])]


def _bars(ax: Axes, table: pd.DataFrame, total: float, lang: str) -> None:
    """Draw bars by category, the largest of each on top."""
    order = list(dict.fromkeys(table["category"]))
    # what is folded comes last, whatever its size
    rank = table["category"].map({c: (i if c else len(order)) for i, c in enumerate(order)})
    rows = table.assign(rank=rank).sort_values(["rank", "value"], ascending=[True, False], kind="stable")
    decimals, whole = places(rows["value"]), bool((rows["value"].dropna() >= 0).all()) and total > 0
    for y, row in enumerate(rows.to_dict("records")):
        value = float(row["value"])
        if math.isnan(value):
            no_value(ax, y, lang)
            continue
        face = style.colour("category", row["category"])
        ax.barh(y, value, color=face, height=0.7, gid=str(row["service"]) or "other")
        part = f" ({share(value, total)})" if whole else ""
        style.at_end(ax, value, y, f"{number(value, decimals)}{part}", side=-1 if value < 0 else 1)
    ax.axvline(0.0, color="black", linewidth=0.8, zorder=3)
    style.named_rows(ax, list(rows["service_name"]))


def no_value(ax: Axes, y: float, lang: str) -> None:
    """Hatch a whole row, so that nobody takes a missing value for a small one."""
    across: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "zorder": 0.5}
    ax.barh(y, 1.0, height=0.7, gid="no data", **style.missing(), **across)
    # on a ground of its own: text on hatching cannot be read
    ground = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    ax.text(
        0.5, y, word("no_data", lang), ha="center", va="center", fontsize=style.SMALL, zorder=4, bbox=ground,
        transform=ax.get_yaxis_transform(),
    )  # fmt: skip
