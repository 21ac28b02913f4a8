"""The page of mutants: how many the tests noticed, and why the others may live.

Reads ``results/mutation.json``, as :mod:`benchmarks.mutation` writes it, and ``survivors.toml``, which says
why a survivor is none of a test's business. ``python -m benchmarks.mutation --page`` writes it.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections import Counter
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.mutating.mutants import LEFT_OUT, OPERATORS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HERE = Path(__file__).parents[1]
RESULTS = HERE / "results" / "mutation.json"
REASONS = HERE / "survivors.toml"
PAGE = HERE.parent / "docs" / "mutation.md"

HEAD = """# Do the tests notice small faults

Made by `python -m benchmarks.mutation --page` from `benchmarks/results/mutation.json` and
`benchmarks/survivors.toml`. One node of a module is changed, and the tests of the group that pass its
statement run until one fails; a mutant that none notices survives. Python {python}, pytest {pytest};
properties run on 15 examples that are always the same. Again, in a copy of the checkout:

    python -m benchmarks.mutation units formula services ledger zones

`noticed` counts mutants that a test fails on, and the `late`, which run into their limit of time. `alike` are
survivors that do what the module does: no test can tell. `score` is noticed of run; `of those that can be
told` leaves out the alike.
"""


def page(results: Path = RESULTS, reasons: Path = REASONS) -> str:
    """Return the page."""
    found = json.loads(results.read_text(encoding="utf-8"))
    known = tomllib.loads(reasons.read_text(encoding="utf-8"))["survivor"]
    modules = {name: told(name, one, known) for name, one in sorted(found["modules"].items())}
    parts = [HEAD.format(**found), *_scores(modules), *_rules(), *_survivors(modules)]
    return "\n".join(parts).rstrip() + "\n"


def told(name: str, one: Mapping[str, Any], known: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """Return the results of a module with a reason beside each survivor ("" where none is known)."""
    survivors = []
    for lost in one["survivors"]:
        place, text = (
            f"{name}:{lost['function']}",
            f"{lost['before']} -> {lost['after']} | {lost['statement']}",
        )
        fits = [k for k in known if place.startswith(k["where"]) and k.get("change", "") in text]
        best = max(fits, key=lambda k: len(k["where"]) + len(k.get("change", "")), default={})
        survivors.append({**lost, "reason": best.get("reason", ""), "alike": best.get("alike", False)})
    return {**one, "survivors": survivors}


def _scores(modules: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "## Scores\n"
    yield "| module | mutants | run | noticed | late | survive | alike | score | of those that can be told |"
    yield "|---|---|---|---|---|---|---|---|---|"
    whole: Counter[str] = Counter()
    for group, members in groupby(sorted(modules.items(), key=_by_group), key=_by_group):
        total: Counter[str] = Counter()
        for name, one in members:
            counts = _counts(one)
            total += counts
            yield _line(f"`{name}`", counts)
        yield _line(f"**{group}**", total)
        whole += total
    yield _line("**all**", whole) + "\n"


def _by_group(item: tuple[str, Mapping[str, Any]]) -> str:
    return str(item[1]["group"])


def _counts(one: Mapping[str, Any]) -> Counter[str]:
    lost = one["survivors"]
    counts = {"mutants": one["mutants"], "run": one["run"], "late": one["late"], "lost": len(lost)}
    return Counter(counts | {"alike": sum(bool(s["alike"]) for s in lost)})


def _line(name: str, n: Counter[str]) -> str:
    noticed = n["run"] - n["lost"]
    score = f"{noticed / n['run']:.1%}"
    if n["run"] < n["mutants"]:
        score += " ({:.0%} to {:.0%})".format(*interval(noticed, n["run"]))
    able = f"{noticed / (n['run'] - n['alike']):.1%}"
    cells = (name, n["mutants"], n["run"], noticed, n["late"], n["lost"], n["alike"], score, able)
    return f"| {' | '.join(map(str, cells))} |"


def interval(hits: int, size: int, z: float = 1.96) -> tuple[float, float]:
    """Return the interval of Wilson that holds a share with 95 %.

    Examples
    --------
    >>> [round(end, 3) for end in interval(90, 100)]
    [0.826, 0.945]
    """
    share = hits / size
    middle = (share + z * z / (2 * size)) / (1 + z * z / size)
    half = z * math.sqrt(share * (1 - share) / size + z * z / (4 * size * size)) / (1 + z * z / size)
    return middle - half, middle + half


def _rules() -> Iterator[str]:
    yield "## What is changed\n"
    yield "\n".join(f"* {name}: {rule}" for name, rule in OPERATORS.items())
    yield "\nLeft out:\n"
    yield "\n".join(f"* {name}: {rule}" for name, rule in LEFT_OUT.items()) + "\n"


def _survivors(modules: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield "## Survivors\n"
    yield "*alike*: the changed module does the same. *borne*: a test could tell, and why none does.\n"
    for name, one in modules.items():
        if one["survivors"]:
            yield f"### `{name}`\n"
            for (reason, alike), lost in groupby(sorted(one["survivors"], key=_by_reason), key=_by_reason):
                kind = "alike" if alike else "borne" if reason else "open"
                yield f"*{kind}*: {reason}\n" if reason else "*open*\n"
                counted = Counter(_shown(s) for s in lost)
                yield "\n".join(f"* {text}{f' ({n} places)' if n > 1 else ''}" for text, n in counted.items())
                yield ""


def _by_reason(survivor: Mapping[str, Any]) -> tuple[str, bool]:
    return survivor["reason"], bool(survivor["alike"])


def _shown(survivor: Mapping[str, Any]) -> str:
    function = f"`{survivor['function']}`: " if survivor["function"] else ""
    before, after = survivor["before"], survivor["after"]
    within = "" if before in ("", survivor["statement"]) else f" in ``{_short(survivor['statement'])}``"
    return f"{function}``{_short(before)}`` to ``{_short(after)}``{within}"


def _short(text: str, most: int = 90) -> str:
    return text if len(text) <= most else f"{text[:most]}..."
