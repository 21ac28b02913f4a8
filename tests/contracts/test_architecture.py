"""The picture in docs/architecture.md is true: imports run downhill, and there is no circle."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import gep

PACKAGE = Path(gep.__file__).parent
DOCS = Path(__file__).parents[2] / "docs" / "architecture.md"


def modules() -> dict[str, Path]:
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = path
    return found


MODULES = modules()


def imports(name: str) -> set[str]:
    """Modules of gep that a module imports when it runs; imports for type checking do not count."""
    tree = ast.parse(MODULES[name].read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            node.body = [ast.Pass()]
    targets = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            inner = whole & set(MODULES)
            targets |= inner
            if len(inner) < len(whole):
                targets.add(node.module)
    return {t for t in targets if t in MODULES and t not in ("gep", name)}


def floors() -> dict[str, int]:
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    return {room: int(floor) for floor, names in rows for room in re.findall(r"`(\w+)`", names)}


def room(name: str) -> str:
    return name.split(".")[1]


def test_every_room_is_in_the_picture_and_no_other():
    assert set(floors()) == {room(name) for name in MODULES if name != "gep"}


@pytest.mark.parametrize("name", sorted(set(MODULES) - {"gep"}))
def test_imports_run_downhill(name):
    floor = floors()
    uphill = {t for t in imports(name) if room(t) != room(name) and floor[room(t)] >= floor[room(name)]}
    assert not uphill


def test_there_is_no_circle():
    state: dict[str, str] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        assert state.get(name) != "open", f"circle: {' -> '.join((*path, name))}"
        if name in state:
            return
        state[name] = "open"
        for target in imports(name):
            visit(target, (*path, name))
        state[name] = "done"

    for name in MODULES:
        if name != "gep":
            visit(name, ())


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_module_outgrows_its_room(name):
    assert len(MODULES[name].read_text(encoding="utf-8").splitlines()) <= 450
