"""Every way to be wrong is told, with its place; the page in the docs is what the cases say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from gep import errors

DOCS = Path(__file__).parents[2] / "docs"

for package in ("openpyxl", "geopandas", "rasterio", "rioxarray", "netCDF4"):
    pytest.importorskip(package)


def maker():
    spec = importlib.util.spec_from_file_location("make_bad_inputs", DOCS / "make_bad_inputs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGE = maker()
CASES = PAGE.cases().CASES


@pytest.mark.parametrize("key", CASES)
def test_what_is_wrong_is_told(key):
    case, found = CASES[key], PAGE.cases().outcome(key)
    if case.kind == "raises":
        assert found.raised, f"no error; told: {found.told}"
        assert issubclass(getattr(errors, found.raised), case.error), found.told
        assert found.saying(case.says), f"{case.says} not in {found.told}"
    else:
        assert not found.raised, found.told
    if case.kind == "finding":
        assert found.saying(case.says), f"{case.says} not in {found.told}"
    if case.kind == "right":
        assert found.same, found.told
    if case.kind == "unseen":
        assert not found.told, "it can be seen by now: say so in its case"
        assert case.why


def test_there_are_cases_of_every_kind_for_every_input():
    groups = {case.group for case in CASES.values()}
    assert len(CASES) >= 120
    assert len(groups) >= 12
    assert {case.kind for case in CASES.values()} == {"raises", "finding", "right", "unseen"}


def test_the_page_is_what_the_cases_say():
    text = (DOCS / "bad_inputs.md").read_text(encoding="utf-8")
    assert text == PAGE.page(), "run: python docs/make_bad_inputs.py"
