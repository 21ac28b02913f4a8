"""What every formula promises: units, citations, words in two languages, and a proof or a golden value."""

from __future__ import annotations

import inspect
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gep import units
from gep.errors import ProfileError
from gep.formula import FREE, Formula
from gep.resources import vocabulary
from gep.services import all_formulas, find

FORMULAS = all_formulas()
CHINESE = re.compile(r"[\u4e00-\u9fff]")
GOLDEN = "".join(
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent.parent / "golden").glob("test_formulas*.py"))
)

every_formula = pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)


def section(formula: Formula, name: str) -> list[str]:
    """Return the lines of one numpydoc section."""
    lines = inspect.getdoc(formula.kernel).splitlines()
    start = lines.index(name) + 2
    ends = [i for i, line in enumerate(lines) if i > start and set(line) == {"-"}]
    return [line for line in lines[start : min(ends) - 1 if ends else None] if line.strip()]


@every_formula
def test_docstring_has_a_line_in_english_and_one_in_chinese(formula):
    first, blank, second = inspect.getdoc(formula.kernel).splitlines()[:3]
    assert first.isascii()
    assert first.endswith(".")
    assert blank == ""
    assert CHINESE.search(second)
    assert second.endswith("。")


@every_formula
def test_docstring_states_the_declared_unit_of_each_parameter(formula):
    stated = {}
    for line in section(formula, "Parameters"):
        if not line.startswith(" "):
            names, _, unit = line.partition(" : ")
            stated |= dict.fromkeys(names.split(", "), unit)
    assert stated == dict(formula.arguments)
    assert section(formula, "Returns")[0] == formula.result


@every_formula
def test_docstring_has_notes_references_and_a_worked_example(formula):
    assert section(formula, "Notes")
    assert tuple(section(formula, "References")) == formula.cite
    assert any(line.strip().startswith(">>>") for line in section(formula, "Examples"))


@every_formula
def test_cited_documents_stand_in_the_sources(formula):
    assert formula.cite
    unknown = [cite for cite in formula.cite if cite.partition(":")[0] not in vocabulary("sources")]
    assert not unknown


@every_formula
def test_declared_units_are_in_the_vocabulary(formula):
    for text in (formula.result, *formula.arguments.values()):
        units.parse(FREE.sub("m3", text))


@pytest.mark.parametrize("name", [name for name, f in FORMULAS.items() if f.kind == "exact"])
def test_exact_formula_replays_on_quantities(name):
    FORMULAS[name].replay()


@pytest.mark.parametrize("name", [name for name, f in FORMULAS.items() if f.kind == "empirical"])
def test_empirical_formula_has_a_golden_value(name):
    assert f'"{name}"' in GOLDEN


@every_formula
def test_is_found_by_its_name_and_survives_pickling(formula):
    assert find(formula.name) is formula
    assert pickle.loads(pickle.dumps(formula)) is formula


@pytest.mark.parametrize(
    "name", ["soil.retain", "soil", "", "soil.", ".retained", "soil.formula", "os.path", "soil.Values"]
)
def test_unknown_name_is_refused(name):
    with pytest.raises(ProfileError, match="no formula is named") as caught:
        find(name)
    assert caught.value.faults[0].expected


def test_near_names_are_listed():
    with pytest.raises(ProfileError, match=r"soil\.retained"):
        find("soil.retaind")


def test_importing_the_package_imports_only_the_valuation_the_account_needs():
    code = "import sys, gep.services; print(*[m for m in sys.modules if m.startswith('gep.services.')])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(out.stdout.split()) <= {"gep.services.value"}
