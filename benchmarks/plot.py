"""Draw what was measured: ``python -m benchmarks.plot OUT.svg RESULT.json ...``.

Takes the files of ``benchmarks.compare`` and ``benchmarks.scaling``: time against cells above, how many
times the floor each implementation needs below.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from matplotlib.axes import Axes

Row = dict[str, Any]

COLORS = {"gep": "#d62728", "general engine": "#1f77b4", "field tool": "#2ca02c", "raster algebra": "#7f7f7f"}
STYLES = {"memory": "-", "zarr": "--", "tiff": ":"}
#: The best of each family are drawn against cells; more lines could not be told apart.
SHOWN = 3


def load(paths: Iterable[Path], key: str) -> list[Row]:
    """Return the rows of all files that have them."""
    return [row for path in paths for row in json.loads(path.read_text(encoding="utf-8")).get(key, [])]


def draw(records: list[Row], points: list[Row], zones: int, grid: str = "coherent") -> Any:
    """Return the figure."""
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    own = [r for r in records if r["best"] and r["zones"] == zones and r["grid"] == grid]
    tasks = [task for task in TASKS if any(row["task"] == task for row in [*own, *points])]
    figure = Figure(figsize=(4.2 * max(len(tasks), 1), 11), layout="constrained")
    axes = figure.subplots(2, max(len(tasks), 1), squeeze=False, height_ratios=(1, 1.2))
    for task, above, below in zip(tasks, *axes, strict=False):
        of_task = [r for r in own if r["task"] == task]
        _times(above, of_task, [p for p in points if p["task"] == task])
        _floors(below, of_task)
        above.set_title(f"{TASKS[task].label}  {TASKS[task].title}", fontsize=9)
    figure.suptitle(f"{zones} zones, {grid} grid")
    keys = [Patch(color=color, label=family) for family, color in COLORS.items()]
    figure.legend(handles=keys, loc="outside lower center", ncols=len(keys), fontsize=8)
    return figure


def _times(axes: Axes, records: list[Row], points: list[Row]) -> None:
    """Draw seconds against cells, both logarithmic."""
    for storage in dict.fromkeys(point["storage"] for point in points):
        line = sorted((p["cells"], p["seconds"]) for p in points if p["storage"] == storage)
        axes.loglog(*zip(*line, strict=True), STYLES[storage], color=COLORS["gep"], label=f"gep, {storage}")
    ends: list[tuple[float, float, str]] = []
    for name in _shown(records, with_gep=not points):
        line = sorted((r["cells"], r["best"]) for r in records if r["implementation"] == name)
        family = next(r["family"] for r in records if r["implementation"] == name)
        axes.loglog(*zip(*line, strict=True), "o-", ms=3, color=COLORS[family], alpha=0.7)
        ends.append((*line[-1], name))
    floors = sorted({(r["cells"], r["floor_seconds"]) for r in records})
    if floors:
        axes.loglog(*zip(*floors, strict=True), "k.-", lw=0.8, label="floor")
    _name(axes, ends)
    axes.set_xlabel("cells")
    axes.set_ylabel("seconds")
    axes.grid(alpha=0.3)
    if points or floors:
        axes.legend(fontsize=7, loc="upper left")


def _name(axes: Axes, ends: list[tuple[float, float, str]]) -> None:
    """Write a name to the right of each point, moved up where it would lie on the one below."""
    low, high = map(math.log10, axes.get_ylim())
    line, free = (high - low) / 32, -math.inf
    for x, y, name in sorted(ends, key=lambda end: end[1]):
        free = max(math.log10(y), free + line)
        axes.text(x * 1.2, 10**free, name, fontsize=6, va="center")
    if ends:
        axes.set_xlim(right=max(axes.get_xlim()[1], 40 * max(end[0] for end in ends)))


def _shown(records: list[Row], *, with_gep: bool) -> list[str]:
    """Return the fastest implementations of each family, judged by cells per second."""
    shown = []
    for family in COLORS:
        if family == "gep" and not with_gep:
            continue
        speed: dict[str, float] = {}
        for record in (r for r in records if r["family"] == family):
            name = record["implementation"]
            speed[name] = max(speed.get(name, 0.0), record["cells_per_second"])
        shown += sorted(speed, key=speed.__getitem__, reverse=True)[:SHOWN]
    return shown


def _floors(axes: Axes, records: list[Row]) -> None:
    """Draw the multiple of the floor of each implementation on the largest grid it was measured on."""
    largest = max((r["cells"] for r in records), default=0)
    rows = sorted((r for r in records if r["cells"] == largest), key=lambda r: -r["floors"])
    names = [r["implementation"] for r in rows]
    axes.barh(names, [r["floors"] for r in rows], color=[COLORS[r["family"]] for r in rows])
    for at, row in enumerate(rows):
        axes.text(row["floors"] * 1.05, at, _short(row["floors"]), va="center", fontsize=7)
    axes.set_xscale("log")
    axes.set_xlim(0.8, max((r["floors"] for r in rows), default=10.0) * 3)
    axes.set_xlabel(f"times the floor, {largest:.2g} cells")
    axes.tick_params(axis="y", labelsize=7)


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= 100 else f"{number:.3g}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.plot", description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="a file .svg or .png")
    parser.add_argument("results", type=Path, nargs="+", help="JSON files of compare and scaling")
    parser.add_argument("--zones", type=int, default=11)
    parser.add_argument("--grid", default="coherent")
    told = parser.parse_args(arguments)
    records, points = load(told.results, "records"), load(told.results, "points")
    draw(records, points, told.zones, told.grid).savefig(told.out, dpi=120)
    return 0


if __name__ == "__main__":
    sys.exit(main())
