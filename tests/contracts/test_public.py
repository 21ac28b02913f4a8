"""What a user meets: public names, labels in both languages, docstrings, and a quiet import."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys

import pytest

import gep
from gep import quantities, services
from gep.coefficients import CoefficientTable, available
from gep.prices import Deflator
from gep.prices import available as deflators
from gep.resources import vocabulary

NAMES = {
    "Amount", "Break", "CoefficientTable", "Crosswalk", "Deflator", "Exchange", "GepError", "Inputs",
    "Ledger", "Profile", "PublishedSeries", "Scenario", "Series", "Uncertainty", "Zones", "align", "audit",
    "balance", "bounds", "check", "compare_profiles", "compile_account", "controlled", "diff_profiles",
    "load_profile", "profiles", "quantity", "reconcile", "set_crs", "transitions", "verify",
}  # fmt: skip


def test_the_public_names_are_these():
    assert set(gep.__all__) == NAMES
    assert all(getattr(gep, name) is not None for name in NAMES)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_public_objects_say_what_they_are(name):
    assert inspect.getdoc(getattr(gep, name))


def test_import_brings_no_optional_package_and_changes_nothing():
    code = (
        "import logging, warnings, sys; before = (list(logging.root.handlers), list(warnings.filters));"
        "import xarray; filters = list(warnings.filters); known = set(sys.modules); import gep;"
        "heavy = {'pint', 'rasterio', 'rioxarray', 'geopandas', 'pyproj', 'dask', 'matplotlib',"
        " 'openpyxl', 'pyarrow', 'numba', 'exactextract'} & (set(sys.modules) - known);"
        "assert not heavy, heavy; assert logging.root.handlers == before[0];"
        "assert warnings.filters == filters"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("kind", ["units", "substances", "currencies"])
def test_unit_labels_are_complete(kind):
    lacking = [k for k, e in vocabulary("units")[kind].items() if not (e.get("zh") and e.get("en"))]
    assert not lacking


def test_services_and_ecosystems_have_both_labels():
    data = vocabulary("services")
    entries = {**data["services"], **data["categories"], **vocabulary("ecosystems")["types"]}
    assert not [k for k, e in entries.items() if not (e.get("zh") and e.get("en"))]
    assert {e["category"] for e in data["services"].values()} <= set(data["categories"])


def test_quantities_say_where_they_are_found():
    lacking = [q.name for q in quantities.shipped().values() if not (q.where_zh and q.where_en)]
    assert not lacking


def test_every_source_says_what_it_is():
    for key, entry in vocabulary("sources").items():
        assert entry.get("title_zh") or entry.get("title_en"), key
        assert entry.get("issuer"), key


@pytest.mark.parametrize("name", available())
def test_shipped_coefficients_can_be_believed(name):
    rows = CoefficientTable.shipped([name]).rows
    assert rows
    for row in rows:
        quantity = quantities.find(row.quantity)
        assert not quantity.impossible(row.value, row.unit), row.id
        assert bool(re.search(r"_(19|20)\d\d", row.unit)) == ("money" in quantity.unit), row.id


@pytest.mark.parametrize("name", deflators())
def test_shipped_deflators_have_no_gap(name):
    links = Deflator.shipped(name).links
    first, last = min(links.values(), key=lambda k: k.later).earlier, max(links)
    assert len(Deflator.shipped(name).path(first, last)) == len(links)


def test_every_line_of_every_profile_has_both_labels_and_a_real_formula():
    for name in gep.profiles():
        for service in gep.load_profile(name).services.values():
            assert service.clause, (name, service.code)
            for line in service.indicators.values():
                assert re.search(r"[\u4e00-\u9fff]", line.zh), (name, line.name)
                assert line.en, (name, line.name)
            for step in service.steps.values():
                assert services.find(step.formula.name) is step.formula
