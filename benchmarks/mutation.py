"""Whether the tests notice small faults: ``python -m benchmarks.mutation units --sample 50``.

Each mutant of a module lives in a process of its own (:mod:`benchmarks.mutating.forks`): the changed tree
is compiled where the module would be read, and the tests that pass its statement run, quickest first,
until one fails. No file is changed. A mutant that nothing fails on survives; a new test kills it, or
``survivors.toml`` says why not. Run it in a copy of the checkout where others work in it; ``--page``
writes ``docs/mutation.md``.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import importlib
import json
import os
import pickle
import platform
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from benchmarks.mutating.forks import LATE, NOTICED, by_file, demand, plant, pytest_in, results, warm
from benchmarks.mutating.mutants import mutants
from benchmarks.mutating.page import PAGE, RESULTS, page
from benchmarks.mutating.tracing import Session, Tracing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.mutating.mutants import Mutant

ROOT = Path(__file__).parents[1]
SEED = 20200501
#: Modules of a group, and the tests that must notice; the doctests of a module are among them.
GROUPS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "units": (("units.py", "unit_text.py"), ("tests/unit/test_units.py", "tests/properties/test_units.py")),
    "formula": (("formula.py",), ("tests/unit/test_formula.py",)),
    "services": (
        ("services/*.py",),
        (
            *("tests/contracts/test_formulas.py", "tests/golden/test_formulas*.py"),
            *("tests/properties/test_formulas.py", "tests/unit/test_services*.py"),
        ),
    ),
    "ledger": (
        ("ledger/*.py",),
        ("tests/unit/test_ledger*.py", "tests/unit/test_provenance.py", "tests/unit/test_storage.py"),
    ),
    "zones": (("zones/*.py",), ("tests/unit/test_zones*.py", "tests/unit/test_polygons.py")),
    "grid": (("grid/[a-eg-z]*.py", "grid/failing.py"), ("tests/unit/test_grid_*.py",)),
}
#: Compiled code, where a fork would spend its time compiling.
COMPILED = ("adding.py", "exact.py", "runs.py", "simd.py", "fused.py", "checkpoint.py")


@dataclass(frozen=True)
class Target:
    """A module and the tests that stand for it: seconds and lines passed, by test."""

    name: str
    path: Path
    seconds: dict[str, float]
    lines: dict[str, set[int]]
    #: Lines passed when modules were loaded.
    loading: set[int]

    def tests(self, mutant: Mutant) -> list[str]:
        """Return the tests that pass the statement of a mutant, quickest first.

        What runs when modules are loaded must be noticed by any test that passes the module.
        """
        found = list(self.lines)
        if mutant.place.lines is not None:
            within = range(mutant.place.lines[0], mutant.place.lines[1] + 1)
            if self.loading.isdisjoint(within):
                found = [test for test, lines in self.lines.items() if not lines.isdisjoint(within)]
        return sorted(found, key=self.seconds.__getitem__)


def files_of(patterns: Sequence[str]) -> list[str]:
    """Return the files of patterns, in order, each once."""
    return list(dict.fromkeys(str(p.relative_to(ROOT)) for g in patterns for p in sorted(ROOT.glob(g))))


def sources(group: str) -> list[Path]:
    """Return the modules of a group."""
    found = [ROOT / name for name in files_of([f"gep/{p}" for p in GROUPS[group][0]])]
    return [path for path in found if path.name not in COMPILED]


def targets(group: str) -> list[Target]:
    """Run the tests of a group once, and return its modules with what each test passes."""
    paths = sources(group)
    files = [*files_of(GROUPS[group][1]), *(str(p.relative_to(ROOT)) for p in paths)]
    warm(files)
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "lines"

        def trace() -> int:
            session = Session(traced=paths)
            with Tracing(session, session.loading):
                code = pytest_in(files, session)
            told.write_bytes(pickle.dumps((session.seconds, dict(session.passed), session.loading)))
            return code

        demand(trace, f"the tests of {group} fail under tracing", 1800.0)
        seconds, passed, loading = pickle.loads(told.read_bytes())  # noqa: S301
    made = []
    for path in paths:
        lines = {test: _of(path, seen) for test, seen in passed.items() if _of(path, seen)}
        name = str(path.relative_to(ROOT).with_suffix("")).replace("/", ".")
        made.append(Target(name, path, seconds, lines, _of(path, loading)))
    return made


def _of(path: Path, seen: set[tuple[str, int]]) -> set[int]:
    return {line for file, line in seen if file == str(path)}


def measure(target: Target, sample: int, jobs: int, before: Mapping[str, Any]) -> dict[str, Any]:
    """Run the mutants of a module, or a random sample of them, and return what became of each.

    Of a module that was measured ``before``, and has not changed since, only survivors run.
    """
    source = target.path.read_text(encoding="utf-8")
    every, sha256 = mutants(source), hashlib.sha256(source.encode()).hexdigest()
    chosen: Sequence[int] = range(len(every))
    if 0 < sample < len(every):
        chosen = sorted(random.Random(SEED).sample(chosen, sample))  # noqa: S311
    run, late = len(chosen), 0
    if (before.get("sha256"), before.get("run")) == (sha256, run):
        known = [{**lost, "reached": True} for lost in before["survivors"]]
        chosen, late = [i for i in chosen if _told(every[i], reached=True) in known], before["late"]

    def work(tree: ast.Module, tests: list[str]) -> Callable[[], int]:
        def run() -> int:
            plant(target.path, tree)
            try:
                # else doctests would load the module a second time
                importlib.import_module(target.name)
            except Exception:  # noqa: BLE001
                return NOTICED[0]
            return next((code for some in by_file(tests, target.seconds) if (code := pytest_in(some))), 0)

        return run

    def works() -> Iterator[tuple[int, Callable[[], int], float]]:
        for i in chosen:
            if tests := target.tests(every[i]):
                allowed = 10 + 2 * sum(target.seconds[t] for t in tests)
                yield i, work(every[i].plant(source), tests), allowed

    if whole := sorted(target.lines, key=target.seconds.__getitem__):
        demand(work(ast.parse(source), whole), f"{target.name}: the tests fail without any mutant")
    ends = dict(results(works(), jobs))
    # killed by a signal is noticed; what no test has judged is not
    lost = [i for i in chosen if ends.get(i, 0) not in NOTICED and ends.get(i, 0) >= 0]
    return {
        "sha256": sha256,
        "mutants": len(every),
        "run": run,
        "late": late + sum(code == LATE for code in ends.values()),
        "survivors": [_told(every[i], reached=i in ends) for i in lost],
    }


def _told(mutant: Mutant, *, reached: bool) -> dict[str, Any]:
    place = mutant.place
    return {
        "function": place.function, "line": mutant.line, "operator": mutant.operator,
        "before": mutant.before, "after": mutant.after, "statement": place.statement, "reached": reached,
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> None:
    """Run groups, or write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("groups", nargs="*", help=", ".join(GROUPS))
    parser.add_argument("--page", action="store_true", help="write docs/mutation.md of what is known")
    parser.add_argument("--sample", type=int, default=0, help="mutants of each module; all unless given")
    parser.add_argument("--again", action="store_true", help="only what survived, where modules are the same")
    parser.add_argument("--only", default="", help="a part of the names of modules")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args(arguments)
    if unknown := set(options.groups) - set(GROUPS):
        parser.error(f"no group {', '.join(sorted(unknown))}; there are {', '.join(GROUPS)}")
    os.chdir(ROOT)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    found: dict[str, Any] = (
        json.loads(options.out.read_text("utf-8")) if options.out.exists() else {"modules": {}}
    )
    found |= {"seed": SEED, "python": platform.python_version(), "pytest": pytest.__version__}
    with tempfile.TemporaryDirectory() as tempfile.tempdir:
        _run(options, found)
    if options.page:
        PAGE.write_text(page(options.out), encoding="utf-8")


def _run(options: argparse.Namespace, found: dict[str, Any]) -> None:
    """Run groups, one after the other."""
    for group in options.groups:
        for target in targets(group):
            if options.only in target.name:
                begun = time.monotonic()
                before = found["modules"].get(target.name, {}) if options.again else {}
                one = measure(target, options.sample, options.jobs, before) | {"group": group}
                if one["mutants"]:
                    found["modules"][target.name] = one
                _say(target.name, one, time.monotonic() - begun)
                text = json.dumps(found, ensure_ascii=False, indent=1)
                options.out.write_text(text + "\n", encoding="utf-8")


def _say(name: str, one: dict[str, Any], seconds: float) -> None:
    lost = len(one["survivors"])
    sys.stdout.write(
        f"{name}: {one['run']} of {one['mutants']}, {lost} survive, {one['late']} late, {seconds:.0f} s\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    main()
