"""Figures of a report, as images that travel inside the page."""

from __future__ import annotations

import base64
import importlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from gep.errors import GepError, MissingExtra, need_extra

if TYPE_CHECKING:
    from gep.reports.book import Book
    from gep.zones import Zones

#: A drawing of more bytes than this is sent as a picture of this many dots per inch.
_HEAVY, _DPI = 250_000, 150


@dataclass(frozen=True)
class Figure:
    """An image as a data URI with its description; ``problem`` says why there is none."""

    key: str
    source: str = ""
    alt: str = ""
    problem: str = ""


def drawn(book: Book, zones: Zones | None, change: Any, uncertainty: Any) -> list[Figure]:
    """Draw what the report shows; a figure that cannot be drawn says why.

    Raises
    ------
    MissingExtra
        matplotlib is not installed.
    """
    try:
        importlib.import_module("matplotlib")
    except ImportError as error:
        raise need_extra(
            "matplotlib", "report", "figures of a report (without them: figures=False)"
        ) from error
    return [_one(key, draw) for key, draw in _wanted(book, zones, change, uncertainty)]


def _wanted(
    book: Book, zones: Zones | None, change: Any, uncertainty: Any
) -> Iterator[tuple[str, Callable[[], Any]]]:
    plot, ledger = importlib.import_module("gep.plot"), book.ledger
    unit = importlib.import_module("gep.plot.source").money_unit(ledger, book.unit, book.lang)
    same: dict[str, Any] = {"lang": book.lang, "unit": unit}
    yield "services", partial(plot.services, ledger, **same)
    if zones is not None:
        yield "map", partial(plot.zone_map, ledger, zones, **same)
    if len(ledger.zones) > 1:
        yield "heatmap", partial(plot.heatmap, ledger, "zone", "service", **same)
    if ledger.counted()["ecosystem"].nunique() > 1:
        yield "sankey", partial(plot.sankey, ledger, **same)
    if change is not None:
        yield "change", partial(plot.waterfall, change, **same)
    if uncertainty is not None:
        table = uncertainty.interval(by="service", unit=unit)
        yield "uncertainty", partial(plot.intervals, table, lang=book.lang)


def _one(key: str, draw: Callable[[], Any]) -> Figure:
    try:
        ax = draw()
    except MissingExtra:
        raise
    except GepError as error:
        return Figure(key, problem=str(error))
    try:
        return Figure(key, _image(ax.figure), importlib.import_module("gep.plot").alt_text(ax))
    finally:
        importlib.import_module("matplotlib.pyplot").close(ax.figure)


def _image(figure: Any) -> str:
    """Return a figure as a data URI: a drawing, or a picture where that would be heavy."""
    matplotlib = importlib.import_module("matplotlib")
    out = io.BytesIO()
    # a fixed salt gives the same file for the same figure
    with matplotlib.rc_context({"svg.hashsalt": "gep", "svg.fonttype": "path"}):
        figure.savefig(out, format="svg", bbox_inches="tight", metadata={"Date": None})
    kind = "svg+xml"
    if out.tell() > _HEAVY:
        out, kind = io.BytesIO(), "png"
        figure.savefig(out, format="png", bbox_inches="tight", dpi=_DPI)
    return f"data:image/{kind};base64,{base64.b64encode(out.getvalue()).decode('ascii')}"
