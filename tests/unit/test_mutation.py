"""The tool that plants faults, and the page of what the tests noticed."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def changes(bench, source):
    return [(m.before, m.after) for m in bench("mutating.mutants").mutants(source)]


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("x = a + b", [("a + b", "a - b")]),
        ("x = a ** b", [("a ** b", "a * b")]),
        ("x -= a", [("x -= a", "x += a")]),
        ("x = a < b", [("a < b", "a <= b")]),
        ("x = a in b", [("a in b", "a not in b")]),
        ("x = a and b", [("a and b", "a or b")]),
        ("x = not a", [("not a", "a")]),
        ("x = 2", [("2", "3")]),
        ("x = 2.0", [("2.0", "2.2")]),
        ("x = 0.0", [("0.0", "0.1")]),
        ("x = True", [("True", "False")]),
        ("x = 'zone'", [("'zone'", "'XXzoneXX'")]),
        ("x = ''", [("''", "'XX'")]),
        ("x = a.min()", [("a.min", "a.max")]),
        ("x = f(a, by=b)", [("f(a, by=b)", "f(a)")]),
        ("f(a)", [("f(a)", "pass")]),
        ("if a:\n    x = b", [("a", "not a")]),
        ("x = [a for a in b if c(a)]", [("c(a)", "not c(a)")]),
        ("for a in b:\n    continue", [("continue", "break")]),
        ("raise ValueError('no zone', 3)", [("raise ValueError('no zone', 3)", "pass"), ("3", "4")]),
    ],
)
def test_each_operator_changes_one_node(bench, statement, found):
    assert changes(bench, statement) == found


@pytest.mark.parametrize(
    "statement",
    [
        "'''Words.'''",
        "x: int | None",
        "__all__ = ['f']",
        "assert x is not None",
        "if TYPE_CHECKING:\n    x = 1",
        "x = cast('Values', y)",
        "x = zip(a, b, strict=True)",
        "x = 'the zones have no code'",
        "@lru_cache(maxsize=8)\ndef f(a: int) -> bool: return a",
    ],
)
def test_what_is_left_out(bench, statement):
    assert changes(bench, statement) == []


SOURCE = """
LIMIT = 3

class Zones:
    def area(self, x, y=1.0):
        '''Words.'''
        if x > LIMIT:
            return x * y
        return x
"""


def test_a_mutant_knows_its_place_and_is_planted_there(bench):
    first, default, asked, product = bench("mutating.mutants").mutants(SOURCE)
    assert (first.place.function, first.place.lines) == ("", None)
    assert (default.place.function, default.place.lines) == ("Zones.area", None)
    assert (asked.place.lines, asked.place.statement) == ((7, 7), "if x > LIMIT:")
    assert (product.line, product.place.lines) == (8, (8, 8))
    planted = ast.unparse(product.plant(SOURCE))
    assert planted == ast.unparse(ast.parse(SOURCE.replace("x * y", "x / y")))
    for mutant in (first, default, asked, product):
        assert ast.unparse(mutant.plant(SOURCE)) != ast.unparse(ast.parse(SOURCE))


@pytest.mark.skipif(
    not (Path(__file__).parents[2] / "gep").is_dir(), reason="the sources are not beside the tests"
)
def test_every_mutant_of_a_module_compiles(bench):
    source = (ROOT / "gep" / "ledger" / "amount.py").read_text(encoding="utf-8")
    for mutant in bench("mutating.mutants").mutants(source):
        compile(mutant.plant(source), "amount.py", "exec")


def test_the_most_precise_reason_counts(bench):
    lost = {"function": "spell", "before": "0", "after": "1", "statement": "if x > 0:"}
    known = [
        {"where": "gep.units:", "reason": "wide"},
        {"where": "gep.units:spell", "change": "x > 0", "reason": "precise", "alike": True},
        {"where": "gep.units:kind", "reason": "elsewhere"},
    ]
    (found,) = bench("mutating.page").told("gep.units", {"survivors": [lost]}, known)["survivors"]
    assert (found["reason"], found["alike"]) == ("precise", True)
    (found,) = bench("mutating.page").told("gep.zones", {"survivors": [lost]}, known)["survivors"]
    assert (found["reason"], found["alike"]) == ("", False)


def test_the_page_is_that_of_the_results(bench):
    assert bench("mutating.page").PAGE.read_text(encoding="utf-8") == bench("mutating.page").page()


def test_tests_notice_most_faults(bench):
    modules = json.loads(bench("mutating.page").RESULTS.read_text(encoding="utf-8"))["modules"]
    for group in ("units", "formula", "services", "ledger", "zones"):
        run = sum(m["run"] for m in modules.values() if m["group"] == group)
        lost = sum(len(m["survivors"]) for m in modules.values() if m["group"] == group)
        assert (run - lost) / run >= 0.85
