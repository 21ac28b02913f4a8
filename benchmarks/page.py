"""Write what was measured as a page: ``python -m benchmarks.page``.

Reads the files of ``benchmarks/results`` (``compare*.json``, ``scaling.json``, ``identical.json``,
``cold.json``, as the modules of these names write them) and makes ``docs/benchmarks.md`` and its figure.
"""

from __future__ import annotations

import json
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.plot import draw, load
from benchmarks.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Row = dict[str, Any]

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"

HEAD = """# What else does this job, and how long it takes

Made by `python -m benchmarks.page` from `benchmarks/results`. `x floor` is the time over that of two
threads that only read the same bytes once, measured in the same run: it carries over to other
machines, milliseconds do not. `error` is the largest relative error against exact sums. `gep is` says how
many times faster gep was. Slow tools ran on fewer cells where it says so, and are scaled up.

The machine: {processor}, {threads} threads, Python {python}, {packages}. It is shared: the best of
several turns is shown, and floors of different tables differ by what else ran.
"""

TOOLS = """
## Beside other tools

Every peer does a task as someone would who knows that library well; polygons, files and tables are made
before the clock starts.
"""


def page(results: Path = RESULTS) -> str:
    """Return the page."""
    compared = sorted(results.glob("compare*.json"))
    machine = json.loads(compared[0].read_text(encoding="utf-8"))["machine"]
    packages = ", ".join(f"{k} {v}" for k, v in machine["packages"].items() if v)
    parts = [
        HEAD.format(**machine | {"packages": packages}),
        "![time against cells](benchmarks.svg)\n",
        TOOLS,
    ]
    parts += _tools(load(compared, "records"))
    parts += _asked(load(compared, "requirements"))
    for name, show in (("scaling", _scaling), ("identical", _identical), ("cold", _cold)):
        path = results / f"{name}.json"
        if path.exists():
            parts += show(json.loads(path.read_text(encoding="utf-8")))
    return "\n".join(parts).rstrip() + "\n"


def _tools(records: list[Row]) -> Iterator[str]:
    """Yield a table for each task, grid and number of zones."""

    def arena(row: Row) -> tuple[Any, ...]:
        return list(TASKS).index(row["task"]), row["grid"], row["cells"], row["zones"]

    for (task, grid, cells, zones), rows in groupby(sorted(records, key=arena), key=arena):
        about = list(TASKS.values())[task]
        yield f"### {about.label}: {about.title} ({cells:.2g} cells, {zones:,} zones, {grid} grid)\n"
        yield "| implementation | ms | x floor | extra MB | error | gep is |\n|---|---|---|---|---|---|"
        told = list(rows)
        yield "\n".join(_line(r) for r in sorted(told, key=lambda r: r["best"] or 1e9) if r["best"])
        if failed := [f"{r['implementation']} ({r['reason']})" for r in told if not r["best"]]:
            yield f"\nNot measured: {'; '.join(failed)}."
        yield ""


def _line(row: Row) -> str:
    memory = "" if row["extra_memory"] is None else f"{row['extra_memory'] / 1e6:.0f}"
    note = f" (on {row['cells_run']:.2g} cells)" if row["scaled"] else ""
    faster = f"{row['gep_faster']:.1f}x" if row["gep_faster"] else ""
    numbers = f"{1000 * row['best']:.1f} | {row['floors']:.1f} | {memory} | {row['relative_error']:.0e}"
    return f"| {row['implementation']}{note} | {numbers} | {faster} |"


def _asked(checks: list[Row]) -> Iterator[str]:
    """Yield what was asked of the library beside what it does."""
    yield "## What was asked, and what was measured\n"
    yield "| task | zones, grid | asked | wanted | measured | holds |\n|---|---|---|---|---|---|"
    for row in checks:
        if row["measured"] is not None:
            against = f" ({row['against']})" if row["against"] else ""
            wanted = f"{row['wanted']:g} | {row['measured']:.2f}{against} | {'yes' if row['holds'] else 'no'}"
            where = f"{TASKS[row['task']].label} | {row['zones']:,}, {row['grid']}"
            yield f"| {where} | {row['requirement']} | {wanted} |"
    yield ""


def _scaling(found: dict[str, Any]) -> Iterator[str]:
    """Yield time against cells."""
    yield "## Growth with the grid, in memory and from disk\n"
    yield "Decoding is the same reading of all chunks without adding anything up; memory is of the process.\n"
    yield "| task | from | cells | seconds | decoding alone | peak GB |\n|---|---|---|---|---|---|"
    for row in found["points"]:
        decode = "" if row["decode_seconds"] is None else f"{row['decode_seconds']:.3f}"
        peak = "" if row["peak_memory"] is None else f"{row['peak_memory'] / 1e9:.2f}"
        where = f"{TASKS[row['task']].label} | {row['storage']} | {row['cells']:.2g}"
        yield f"| {where} | {row['seconds']:.3f} | {decode} | {peak} |"
    slopes = ", ".join(f"{name} {value:.2f}" for name, value in found["slopes"].items())
    yield f"\nSlopes of time against cells, both logarithmic: {slopes}.\n"


def _identical(found: dict[str, Any]) -> Iterator[str]:
    """Yield whether totals keep every bit."""
    rows = next(v for v in found.values() if isinstance(v, list) and v and "identical" in v[0])
    yield "## The same bits, whatever the way\n"
    yield "| task | way | seconds | times the first | same bits |\n|---|---|---|---|---|"
    for row in rows:
        same = "yes" if row["identical"] else "no"
        label = TASKS[row["task"]].label
        yield f"| {label} | {row['way']} | {row['seconds']:.3f} | {row['times_first']:.2f} | {same} |"
    yield ""


def _cold(found: dict[str, Any]) -> Iterator[str]:
    """Yield how long first calls take."""
    yield "## First calls\n"
    yield "Seconds of the first call in a process, without and with kernels in the compiler's cache.\n"
    yield "```json\n" + json.dumps({k: v for k, v in found.items() if k != "machine"}, indent=1) + "\n```\n"


def main(_arguments: Sequence[str] | None = None) -> int:
    """Write the page and its figure."""
    compared = sorted(RESULTS.glob("compare*.json"))
    points = load([p for p in (RESULTS / "scaling.json",) if p.exists()], "points")
    draw(load(compared, "records"), points, 11).savefig(PAGE.with_suffix(".svg"))
    PAGE.write_text(page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
