"""What the library has to show, beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.tasks import TASKS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from benchmarks.compare import Record

#: Least number of cells that the requirements are stated for.
CELLS = 3.9e7
#: Zones that the requirements are stated for, and those of the grid with short runs.
ZONES, MANY_ZONES = (11, 1000), 40_000


@dataclass(frozen=True)
class Target:
    """Largest multiple of the floor, and how many times faster than each family gep must be."""

    floors: float | None
    engine: float
    tool: float
    algebra: float | None = None


TARGETS = {
    "a": Target(1.5, 12, 40),
    "b": Target(4, 10, 70),
    "c": Target(None, 10, 100, 100),
    "c2": Target(5, 5, 80, 60),
    "d": Target(2.5, 5, 40),
}

#: Task c may take so many times the time of task b.
SERVICES_OVER_CONTINGENCY = 1.2


@dataclass
class Check:
    """One requirement: what is asked, what was measured, whether it holds (None: not measured)."""

    task: str
    grid: str
    zones: int
    cells: int
    requirement: str
    wanted: float
    measured: float | None
    against: str = ""
    holds: bool | None = None


Key = tuple[str, str, int]


def check(records: Sequence[Record]) -> list[Check]:
    """Return all requirements that these records say something about."""
    groups: dict[Key, list[Record]] = {}
    for record in records:
        if record.best is not None:
            groups.setdefault((record.grid, record.task, record.zones), []).append(record)
    return [found for key, group in groups.items() for found in _of_group(key, group, groups)]


def verdict(checks: Iterable[Check]) -> str:
    """Return the requirements as text, one a line."""
    lines = ["\nrequirement                                                    wanted  measured  holds"]
    for each in checks:
        label = f"{TASKS[each.task].label:<3}{each.zones:>6} zones, {each.grid}: {each.requirement}"
        sign = "<=" if _at_most(each) else ">="
        measured = "-" if each.measured is None else f"{each.measured:.2f}"
        holds = {True: "yes", False: "NO", None: "not measured"}[each.holds]
        lines.append(f"{label:<62}{sign}{each.wanted:>6g}{measured:>10}  {holds}  {each.against}")
    if any(each.cells < CELLS for each in checks):
        lines.append(f"The requirements are stated for {4e7:g} cells or more; this grid is smaller.")
    return "\n".join(lines)


def _of_group(key: Key, group: list[Record], groups: dict[Key, list[Record]]) -> Iterator[Check]:
    grid, task, zones = key
    ours = next((record for record in group if record.family == "gep"), None)
    if ours is None:
        return
    about = task, grid, zones, ours.cells
    if grid != "coherent":
        yield _faster(about, "faster than every peer", 1.0, ours, group)
    elif zones == MANY_ZONES:
        few = _ours(groups.get((grid, task, ZONES[0]), []))
        times = None if few is None else ours.best / few.best
        yield _judge(Check(*about, "times the time of 11 zones", 3.0, times))
        yield _faster(about, "faster than every general engine", 3.0, ours, _family(group, "general engine"))
    elif zones in ZONES:
        yield from _of_table(about, ours, group, groups)


def _of_table(
    about: tuple[str, str, int, int], ours: Record, group: list[Record], groups: dict[Key, list[Record]]
) -> Iterator[Check]:
    """Yield the requirements of the table: the floor, then each family."""
    task, grid, zones, _ = about
    target = TARGETS[task]
    if target.floors is not None:
        yield _judge(Check(*about, "times the floor", target.floors, ours.floors))
    if task == "c":
        plain = _ours(groups.get((grid, "b", zones), []))
        times = None if plain is None else ours.best / plain.best
        yield _judge(Check(*about, "times the time of b", SERVICES_OVER_CONTINGENCY, times))
    for family, wanted in (
        ("general engine", target.engine), ("field tool", target.tool), ("raster algebra", target.algebra)
    ):  # fmt: skip
        if wanted is not None:
            yield _faster(about, f"faster than the best {family}", wanted, ours, _family(group, family))


def _faster(
    about: tuple[str, str, int, int], words: str, wanted: float, ours: Record, others: Iterable[Record]
) -> Check:
    """Return how many times faster gep is than the fastest of the others."""
    rivals = [record for record in others if record.family != "gep"]
    if not rivals:
        return Check(*about, words, wanted, None)
    best = min(rivals, key=lambda record: record.best)
    return _judge(Check(*about, words, wanted, best.best / ours.best, best.implementation))


def _judge(each: Check) -> Check:
    if each.measured is not None:
        each.holds = each.measured <= each.wanted if _at_most(each) else each.measured >= each.wanted
    return each


def _at_most(each: Check) -> bool:
    return each.requirement.startswith("times")


def _ours(group: Iterable[Record]) -> Record | None:
    return next((record for record in group if record.family == "gep"), None)


def _family(group: Iterable[Record], family: str) -> list[Record]:
    return [record for record in group if record.family == family]
