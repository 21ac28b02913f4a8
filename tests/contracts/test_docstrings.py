"""What users call says what it does, what it takes and in which form: numpydoc, nothing left out."""

from __future__ import annotations

import importlib
import inspect
import re

import pytest

MODULES = (
    "gep", "gep.grid", "gep.prices", "gep.years", "gep.change", "gep.uncertainty", "gep.scenarios",
    "gep.indicators", "gep.seea", "gep.reconciling", "gep.auditing", "gep.verifying", "gep.rounding",
    "gep.plot", "gep.reports",
)  # fmt: skip
#: Documented elsewhere, and saying where.
REFERRED = re.compile(
    r"(parameters|arguments|as) (as )?(of|for|in) +:|Takes the arguments of :|; see :", re.I
)


def public(module):
    """Yield the name and object of everything that a module shows."""
    names = getattr(module, "__all__", None) or [
        n for n, o in vars(module).items() if n[0] != "_" and getattr(o, "__module__", "") == module.__name__
    ]
    for name in names:
        thing = getattr(module, name)
        if callable(thing):
            yield f"{module.__name__}.{name}", thing


def methods(kind, name):
    """Yield the name and function of each public method that a class defines itself."""
    for key, value in vars(kind).items():
        function = value.__func__ if isinstance(value, (classmethod, staticmethod)) else value
        if key[0] != "_" and (inspect.isfunction(function) or isinstance(value, property)):
            yield f"{name}.{key}", function.fget if isinstance(value, property) else function


THINGS = {id(t): (n, t) for m in MODULES for n, t in public(importlib.import_module(m))}
CALLED = dict(THINGS.values())
METHODS = {n: f for name, thing in CALLED.items() if inspect.isclass(thing) for n, f in methods(thing, name)}


def sections(text):
    """Return the lines of each numpydoc section by name; what comes before under an empty one."""
    found, name, lines = {"": []}, "", text.splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if re.fullmatch(r"-{3,}", below.strip()) and line.strip():
            name = line.strip()
            found[name] = []
        elif not re.fullmatch(r"-{3,}", line.strip()):
            found[name].append(line)
    return found


def entries(text):
    """Return the names and types that stand under Parameters and Attributes."""
    found = {}
    for section in ("Parameters", "Attributes"):
        for line in sections(text).get(section, ()):
            if line and not line[0].isspace():
                names, _, kind = line.partition(" : ")
                found |= {n.strip().lstrip("*\\"): kind.strip() for n in names.split(",")}
    return found


def takes(thing):
    """Return the names of the parameters."""
    try:
        return [p for p in inspect.signature(thing).parameters if p not in ("self", "cls")]
    except ValueError:  # built in
        return []


def undocumented(thing, *, loosely=False):
    """Return the parameters that the docstring passes over; loosely, it may name them in a sentence."""
    text = inspect.getdoc(thing) or ""
    if REFERRED.search(text):
        return []
    known = entries(text)
    told = [n for n in takes(thing) if loosely and re.search(rf"``[^`]*\b{n}\b", text)]
    return [n for n in takes(thing) if n not in known and n not in told]


@pytest.mark.parametrize("name", sorted(CALLED | METHODS))
def test_begins_with_one_sentence(name):
    text = inspect.getdoc((CALLED | METHODS)[name]) or ""
    summary = text.partition("\n\n")[0]
    assert summary.rstrip().endswith((".", ":", "`.", "?")), summary


@pytest.mark.parametrize("name", sorted(CALLED))
def test_every_parameter_is_documented(name):
    assert not undocumented(CALLED[name])


@pytest.mark.parametrize("name", sorted(n for n, f in METHODS.items() if len(takes(f)) > 1))
def test_every_parameter_of_a_method_is_documented(name):
    assert not undocumented(METHODS[name], loosely=True)


@pytest.mark.parametrize("name", sorted(CALLED | METHODS))
def test_no_parameter_is_documented_that_is_not_there(name):
    thing = (CALLED | METHODS)[name]
    given = sections(inspect.getdoc(thing) or "").get("Parameters", ())
    names = [
        n.strip().lstrip("*\\")
        for x in given
        if x and not x[0].isspace()
        for n in x.partition(" : ")[0].split(",")
    ]
    assert set(names) <= set(takes(thing))
