"""How figures look: colours, axes, legends, notes, and the fonts of every text."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from gep.ecosystems import types
from gep.errors import LedgerError, need_extra
from gep.plot import fonts
from gep.plot.words import columns, data, word, wrap
from gep.resources import vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from matplotlib.text import Text

#: Sizes of text in points, and the mean width of a Latin character in units of its size.
TITLE, TEXT, SMALL, _COLUMN = 11.0, 9.0, 8.0, 0.58
_GRID: dict[str, Any] = {"color": "#E0E0E0", "linewidth": 0.6}
#: Least width of a figure in inches, where its texts start, and the distance of lines in their size.
_LEAST, _EDGE, _LEADING = 5.5, 0.01, 1.25
#: Under which names an Axes carries its description, and that its figure is ours.
_ALT, _OWN = "gep_alt_text", "gep_own_figure"

# ------------------------------------------------------------------------------------------- colours


def colour(kind: str, code: str) -> str:
    """Return the colour that a category, service, ecosystem or effect has in every figure.

    Parameters
    ----------
    kind : str
        ``category``, ``service``, ``ecosystem`` or ``effect``; of anything else, one by its name.

    Examples
    --------
    >>> colour("ecosystem", "marsh") == colour("ecosystem", "wetland") != colour("ecosystem", "forest")
    True
    """
    if not code:
        return folded()
    if kind == "service" and code in vocabulary("services")["services"]:
        return _shade(code)
    fixed, up = data()["colours"].get(kind, {}), code
    while kind == "ecosystem" and up and up not in fixed:
        up = types().get(up, {}).get("parent", "")
    return str(fixed.get(up) or spare(code))


def spare(code: str, taken: Iterable[str] = ()) -> str:
    """Return the colour of what has none of its own: one by its name that is not ``taken``, if any."""
    known = data()["colours"]["spare"]
    first = zlib.crc32(code.encode()) % len(known)
    free = [c for c in (*known[first:], *known[:first]) if c not in set(taken)]
    return str(free[0] if free else known[first])


def _shade(service: str) -> str:
    """Return the colour of a service: that of its category, lighter with its place in it."""
    from matplotlib.colors import to_hex, to_rgb

    known = vocabulary("services")["services"]
    category = str(known[service]["category"])
    group = [s for s in known if known[s]["category"] == category]
    light = 0.75 * group.index(service) / max(len(group) - 1, 1)
    red, green, blue = (c * (1.0 - light) + light for c in to_rgb(colour("category", category)))
    return str(to_hex((red, green, blue)))


def folded() -> str:
    """Return the colour of what has no kind: several together, or not attributed."""
    return str(data()["colours"]["folded"])


def missing() -> dict[str, Any]:
    """Return how a patch without data is drawn."""
    colours = data()["colours"]
    return {"facecolor": colours["missing"], "edgecolor": colours["hatch"], "hatch": "////", "linewidth": 0.0}


def ink(background: Any) -> str:
    """Return black or white, whichever stands out more from a colour (contrast as in WCAG 2.1)."""
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(background)]
    light = float(np.dot(linear, (0.2126, 0.7152, 0.0722))) + 0.05
    return "black" if light / 0.05 > 1.05 / light else "white"


# ------------------------------------------------------------------------------------- axes, legends


def open_axes(ax: Axes | None, width: float, height: float) -> Axes:
    """Return ``ax``, or the Axes of a new figure (inches, without notes) that cuts no label."""
    try:
        from matplotlib import pyplot as plt
    except ImportError as error:
        raise need_extra("matplotlib", "plot", "a figure") from error
    if ax is not None:
        return ax
    made: Axes = plt.subplots(figsize=(max(width, _LEAST), height), layout="constrained")[1]
    vars(made)[_OWN] = True
    return made


def bare(ax: Axes, *, keep: str = "") -> None:
    """Take away the frame but for one side."""
    for side, spine in ax.spines.items():
        spine.set_visible(side == keep)


def named_rows(ax: Axes, names: Sequence[str]) -> None:
    """Name the rows of a figure, the first on top."""
    ax.set_yticks(range(len(names)), labels=list(names), fontsize=TEXT)
    ax.set_ylim(len(names) - 0.4, -0.6)


def at_end(ax: Axes, x: float, y: float, text: str, *, side: int, gap: float = 3.0) -> None:
    """Write a number beside the end of a bar, to its left (-1) or right (1)."""
    ax.annotate(
        text, (x, y), xytext=(gap * side, 0), textcoords="offset points", va="center", gid="end",
        ha="right" if side < 0 else "left", fontsize=SMALL, annotation_clip=False,
    )  # fmt: skip


def _room_for_ends(ax: Axes) -> None:
    """Widen the axes so that the numbers beside the bars stay within, as far as can be told before."""
    low, high = ax.get_xlim()
    # what names of rows and a legend leave of the figure
    width = figure_of(ax).get_figwidth() * 72.0 * (ax.get_position(original=True).width - 0.2)
    left, right = low, high
    for text in (t for t in ax.texts if t.get_gid() == "end"):
        reach = (columns(text.get_text()) + 2) * SMALL * _COLUMN / width * (high - low) * 1.1
        x = float(getattr(text, "xy", text.get_position())[0])
        to_left = text.get_horizontalalignment() == "right"
        left, right = (min(left, x - reach), right) if to_left else (left, max(right, x + reach))
    ax.set_xlim(left, right)


def value_axis(ax: Axes, label: str) -> None:
    """Dress axes whose values run to the right: numbers in full, room for labels."""
    ax.margins(x=0.02)
    _room_for_ends(ax)
    ax.locator_params(axis="x", nbins=6)
    ax.xaxis.set_major_formatter(lambda x, _: f"{x:,.10g}")
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.tick_params(axis="y", length=0)
    ax.set_xlabel(label, fontsize=TEXT)
    ax.grid(axis="x", **_GRID)
    ax.set_axisbelow(True)
    bare(ax, keep="bottom")


def upright(ax: Axes, label: str) -> None:
    """Dress axes whose values run upwards from zero."""
    ax.axhline(0.0, color="black", linewidth=0.8)
    # a bar that starts at the top would hold the edge there, and its number would lie beyond it
    ax.use_sticky_edges = False
    ax.margins(y=0.12)
    if ax.dataLim.y0 >= 0.0:
        ax.set_ylim(bottom=0.0)
    ax.yaxis.set_major_formatter(lambda y, _: f"{y:,.10g}")
    ax.tick_params(axis="y", labelsize=SMALL)
    ax.tick_params(axis="x", length=0)
    ax.set_ylabel(label, fontsize=TEXT)
    ax.grid(axis="y", **_GRID)
    ax.set_axisbelow(True)
    bare(ax, keep="left")


def above(ax: Axes, x: float, y: float, text: str) -> None:
    """Write a number above a bar."""
    ground = {"facecolor": "white", "edgecolor": "none", "alpha": 0.7, "pad": 0.5}
    ax.annotate(
        text, (x, y), xytext=(0, 2), textcoords="offset points", ha="center", va="bottom", fontsize=SMALL,
        annotation_clip=False, zorder=4, bbox=ground,
    )  # fmt: skip


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure that axes are in."""
    return ax.figure.figure


def patch(label: str, face: Any) -> Patch:
    """Return an entry of a legend."""
    from matplotlib.patches import Patch

    return Patch(facecolor=face, label=label)


def no_data(lang: str, key: str = "no_data") -> Patch:
    """Return the entry of a legend for what has no value."""
    from matplotlib.patches import Patch

    return Patch(**missing(), label=word(key, lang))


def legend(ax: Axes, handles: Sequence[Artist], title: str = "") -> None:
    """Put the legend to the right of the axes, where it covers nothing."""
    if handles:
        ax.legend(
            handles=list(handles), title=title or None, loc="upper left", bbox_to_anchor=(1.01, 1.0),
            frameon=False, fontsize=SMALL, title_fontsize=SMALL, alignment="left",
            borderaxespad=0.0, handlelength=1.4,
        )  # fmt: skip


# ------------------------------------------------------------------------------------------- closing


def finish(
    ax: Axes,
    *,
    title: str,
    notes: Iterable[str] = (),
    alt: str,
    font: str | Path | None = None,
) -> Axes:
    """Write title, notes and description, and give every text fonts that can draw it.

    In a figure that has no other axes title and notes start at its left edge; a figure of our own
    grows with them.
    """
    figure = figure_of(ax)
    alone = len(figure.axes) == 1
    room = figure.get_figwidth() * (0.95 if alone else ax.get_position(original=True).width) * 72.0
    heading = wrap(title, room / (TITLE * _COLUMN))
    lines = "\n".join(wrap(note, room / (SMALL * _COLUMN)) for note in notes if note)
    drawn = ax.set_title(heading, loc="left", fontsize=TITLE)
    if alone:
        _to_the_edge(ax, drawn)
    if lines:
        ax.annotate(
            lines, xy=(_EDGE if alone else 0.0, 0.0), xytext=(0, -4), textcoords="offset points",
            xycoords=("figure fraction" if alone else "axes fraction", ax.xaxis.label),
            ha="left", va="top", fontsize=SMALL, color="#404040", annotation_clip=False, gid="notes",
        )  # fmt: skip
    if vars(ax).get(_OWN):
        points = TITLE * heading.count("\n") + SMALL * (lines.count("\n") + 1)
        figure.set_figheight(figure.get_figheight() + points * _LEADING / 72.0)
    vars(ax)[_ALT] = " ".join(alt.split())
    dress(ax, font)
    return ax


def _to_the_edge(ax: Axes, title: Text) -> None:
    """Move a title to the left edge of the figure; its height stays that of the axes."""
    from matplotlib import rcParams
    from matplotlib.transforms import ScaledTranslation, blended_transform_factory

    figure = figure_of(ax)
    raised = ScaledTranslation(0.0, rcParams["axes.titlepad"] / 72.0, figure.dpi_scale_trans)
    title.set_transform(blended_transform_factory(figure.transFigure, ax.transAxes) + raised)
    title.set_x(_EDGE)


def dress(ax: Axes, font: str | Path | None = None) -> None:
    """Give every text of the axes fonts that have its characters.

    Raises
    ------
    GepError
        No font of this machine has some character.
    """
    from matplotlib.text import Text

    ticks = [*ax.get_xticklabels(), *ax.get_yticklabels()]
    texts = [t for t in [*ax.findobj(Text), *ticks] if isinstance(t, Text) and t.get_text()]
    chosen = fonts.families((t.get_text() for t in texts), font)
    ax.tick_params(labelfontfamily=chosen)
    for text in texts:
        text.set_fontfamily(chosen)
        # a dollar sign is money here and no formula
        text.set_parse_math(False)


def alt_text(ax: Axes) -> str:
    """Return one sentence that describes a figure of gep to those who cannot see it.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        As a function of :mod:`gep.plot` returned it.

    Raises
    ------
    LedgerError
        The axes were not drawn by :mod:`gep.plot`.
    """
    text = vars(ax).get(_ALT)
    if text is None:
        raise LedgerError("these axes have no description", expected="what a function of gep.plot returned")
    return str(text)


def column(table: pd.DataFrame, name: str, where: str) -> pd.Series[Any]:
    """Return a column of a table, or say which it has."""
    if name not in table:
        raise LedgerError(
            f"the table has no column {name!r}", where=where, expected=f"columns among {list(table.columns)}"
        )
    return table[name]
