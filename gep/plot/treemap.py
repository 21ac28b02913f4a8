"""Treemaps: rectangles whose areas are values, as near to squares as they go."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gep.plot import style
from gep.plot.words import amounts, listed, number, places, said, share, word

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Text

#: Left, bottom, width, height.
Box = tuple[float, float, float, float]
#: Sizes of text that are tried in a rectangle, in points, and the room kept free around it.
_SIZES, _MARGIN = (10.0, 9.0, 8.0, 7.0, 6.0), 3.0
#: How the drawing is laid out before texts are fitted into it: width over height.
_SHAPE = 1.5


def squarify(sizes: Sequence[float], box: Box) -> list[Box]:
    """Divide a rectangle into parts of given sizes, in order, each as square as the order allows.

    Parameters
    ----------
    sizes : sequence of float
        Above zero, the largest first.
    box : tuple of 4 floats
        Left, bottom, width, height.

    References
    ----------
    Bruls, Huizing, van Wijk 2000: Squarified Treemaps. Data Visualization 2000, 33-42.

    Examples
    --------
    >>> squarify([2.0, 1.0, 1.0], (0.0, 0.0, 2.0, 1.0))
    [(0.0, 0.0, 1.0, 1.0), (1.0, 0.5, 1.0, 0.5), (1.0, 0.0, 1.0, 0.5)]
    """
    rest = list(sizes)
    made: list[Box] = []
    while rest:
        left, bottom, width, height = box
        scale = width * height / math.fsum(rest)
        side = min(width, height)
        n = 1
        while n < len(rest) and _worst(rest[: n + 1], side, scale) <= _worst(rest[:n], side, scale):
            n += 1
        row, rest = rest[:n], rest[n:]
        depth = math.fsum(row) * scale / side
        made += _row(row, box, depth, scale)
        if width >= height:
            box = (left + depth, bottom, width - depth, height)
        else:
            box = (left, bottom, width, height - depth)
    return made


def _row(row: Sequence[float], box: Box, depth: float, scale: float) -> list[Box]:
    """Lay parts along the shorter side, from the top or the left."""
    left, bottom, width, height = box
    top, made = bottom + height, []
    for size in row:
        length = size * scale / depth
        if width >= height:
            top -= length
            made.append((left, top, depth, length))
        else:
            made.append((left, bottom + height - depth, length, depth))
            left += length
    return made


def _worst(row: Sequence[float], side: float, scale: float) -> float:
    total = math.fsum(row) * scale
    return max(max(side**2 * s * scale / total**2, total**2 / (side**2 * s * scale)) for s in row)


def draw(
    ax: Axes, table: pd.DataFrame, handles: Sequence[Patch], lang: str, finishing: Mapping[str, Any]
) -> Axes:
    """Draw services as rectangles within those of their categories.

    What is too small for its name carries a number that the legend explains; what is below zero
    or unknown has no area and is told.
    """
    rows = table[table["value"] > 0].sort_values("value", ascending=False, kind="stable")
    lacking, below = table[table["value"].isna()], table[table["value"] < 0]
    told = []
    if len(below):
        pairs = zip(below["service_name"], below["value"], strict=True)
        told.append(word("no_area", lang, what=amounts(pairs, "", lang)))
    if len(lacking):
        told.append(said(word("no_data", lang), listed(lacking["service_name"], lang), lang))
    ax.set(xlim=(0.0, _SHAPE), ylim=(0.0, 1.0), xticks=[], yticks=[])
    style.bare(ax)
    boxes = _boxes(rows)
    faces = [style.colour("category", code) for code in rows["category"]]
    for box, face, code in zip(boxes, faces, rows["service"], strict=True):
        _rectangle(ax, box, face, str(code) or "other")
    style.finish(ax, **{**finishing, "notes": [*told, *finishing["notes"]]})
    _label(ax, boxes, _texts(rows, whole=below.empty), faces, handles, finishing["font"])
    return ax


def _texts(rows: pd.DataFrame, *, whole: bool) -> list[str]:
    """Return the text of each rectangle; shares only where the rectangles are the whole."""
    values, decimals = rows["value"], places(rows["value"])
    total = math.fsum(values)
    shares = [f" ({share(v, total)})" if whole else "" for v in values]
    named = zip(rows["service_name"], values, shares, strict=True)
    return [f"{name}\n{number(value, decimals)}{part}" for name, value, part in named]


def _boxes(rows: pd.DataFrame) -> list[Box]:
    """Return a rectangle for each row: categories first, services within them."""
    if rows.empty:
        return []
    sums = rows.groupby("category", sort=False)["value"].sum().sort_values(ascending=False)
    outer = dict(zip(sums.index, squarify(list(sums), (0.0, 0.0, _SHAPE, 1.0)), strict=True))
    inner: dict[Any, Box] = {}
    for code, part in rows.groupby("category", sort=False):
        inner |= dict(zip(part.index, squarify(list(part["value"]), outer[code]), strict=True))
    return [inner[i] for i in rows.index]


def _rectangle(ax: Axes, box: Box, face: str, gid: str) -> None:
    from matplotlib.patches import Rectangle

    ax.add_patch(
        Rectangle(box[:2], box[2], box[3], facecolor=face, edgecolor="white", linewidth=1.5, gid=gid)
    )


def _label(
    ax: Axes,
    boxes: Sequence[Box],
    texts: Sequence[str],
    faces: Sequence[str],
    handles: Sequence[Patch],
    font: str | Path | None,
) -> None:
    """Write names into rectangles; what does not fit is numbered and explained in the legend."""
    small: list[int] = []
    while True:
        numbers = {i: str(n) for n, i in enumerate(small, 1)}
        made = [
            ax.text(
                x + w / 2, y + h / 2, numbers.get(i, texts[i]), color=style.ink(faces[i]), fontsize=_SIZES[0],
                ha="center", va="center", linespacing=1.3, gid="label",
            )
            for i, (x, y, w, h) in enumerate(boxes)
        ]  # fmt: skip
        style.legend(ax, [*handles, *(_numbered(n, texts[i]) for i, n in numbers.items())])
        style.dress(ax, font)
        style.figure_of(ax).draw_without_rendering()
        unfit = [i for i, box in enumerate(boxes) if not _fits(ax, made[i], box)]
        if set(unfit) <= set(small):
            for i in unfit:
                made[i].remove()
            return
        small = sorted({*small, *unfit})
        for text in made:
            text.remove()


def _numbered(number: str, text: str) -> Line2D:
    """Return an entry of the legend that stands for a rectangle without room for its name."""
    from matplotlib.lines import Line2D

    return Line2D([], [], linestyle="none", label=f"{number}  {text}".replace("\n", " "))


def _fits(ax: Axes, text: Text, box: Box) -> bool:
    """Set a text in the largest size that its rectangle has room for, if any."""
    (x0, y0), (x1, y1) = ax.transData.transform([box[:2], (box[0] + box[2], box[1] + box[3])])
    room = _MARGIN * style.figure_of(ax).dpi / 72.0
    for size in _SIZES:
        text.set_fontsize(size)
        extent = text.get_window_extent()
        if extent.width <= x1 - x0 - room and extent.height <= y1 - y0 - room:
            return True
    return False
