"""Doors of a ledger: what is asked for reaches the room above, and nothing is opened before."""

import subprocess
import sys

import pytest

import gep.plot
import gep.reports


@pytest.fixture
def room(monkeypatch):
    """Put a recorder in the place of a function of a room; return what it is called with."""

    def put(module, name):
        calls = []
        monkeypatch.setattr(module, name, lambda *args, **kwargs: calls.append((args, kwargs)) or "done")
        return calls

    return put


def test_a_workbook_gets_what_is_asked_for(ledger, room):
    calls = room(gep.reports, "workbook")
    assert ledger.to_excel("a.xlsx") == "done"
    assert ledger.to_excel("b.xlsx", lang="en", unit="万元", formulas=True, audit=[1]) == "done"
    usual = {"lang": "zh", "unit": "", "formulas": False, "audit": None}
    assert calls[0] == ((ledger, "a.xlsx"), usual)
    assert calls[1] == (
        (ledger, "b.xlsx"),
        {"lang": "en", "unit": "万元", "formulas": True, "audit": [1]},
    )


def test_a_report_gets_what_is_asked_for(ledger, room):
    calls = room(gep.reports, "report")
    assert ledger.report("a.html") == "done"
    usual = {"lang": "zh", "unit": "", "figures": True}
    nothing = dict.fromkeys(["zones", "audit", "change", "uncertainty"])
    assert calls[0] == ((ledger, "a.html"), usual | nothing)
    given = {"zones": 1, "audit": [2], "change": 3, "uncertainty": 4}
    asked = {"lang": "en", "unit": "万元", "figures": False, **given}
    assert ledger.report("b.html", **asked) == "done"
    assert calls[1] == ((ledger, "b.html"), asked)


def test_a_yearbook_gets_what_is_asked_for(ledger, room):
    calls = room(gep.reports, "yearbook_table")
    assert ledger.yearbook() == ledger.yearbook(lang="en", unit="万元") == "done"
    assert calls == [((ledger,), {"lang": "zh", "unit": ""}), ((ledger,), {"lang": "en", "unit": "万元"})]


def test_figures_get_the_ledger_and_what_is_asked_for(ledger, room):
    calls = room(gep.plot, "services")
    assert ledger.plot.services("x", kind="bar") == "done"
    assert calls == [((ledger, "x"), {"kind": "bar"})]
    assert dir(ledger.plot) == sorted(gep.plot.__all__)
    assert repr(ledger.plot).startswith("<figures of a ledger: ")
    assert "services, " in repr(ledger.plot)
    assert not hasattr(ledger.plot, "_repr_mimebundle_")
    assert not hasattr(ledger.plot, "pie")


def test_a_notebook_shows_the_account_in_both_languages(ledger):
    html = ledger._repr_html_()
    total = ledger.total()
    table = ledger.by("category", "service", labels="zh")["value"]
    assert f"{ledger.meta.region} {ledger.year} 生态产品总值 | gross ecosystem product" in html
    zones, rows = len(ledger.zones), len(ledger.frame)
    assert f"{total} — {ledger.meta.profile['id']}; {zones} zones, {rows} rows" in html
    assert total.unit in html
    for (category, service), value in table.items():
        assert category in html
        assert service in html
        assert f"{value:,.4g}" in html
    assert "nan" not in html


def test_a_dataset_is_made(ledger):
    assert {"zone", "ecosystem"} <= set(ledger.to_xarray().dims)


def test_no_room_is_opened_before_it_is_asked_for():
    code = "import sys, gep; gep.Ledger; print(*[m for m in sys.modules if m in ('gep.plot', 'gep.reports')])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []
