"""Ranges that numbers are held against: each names its document, and says nothing of sound numbers."""

import pytest

from gep import quantities, units
from gep.account import plausible
from gep.auditing.checks_plausible import references
from gep.ecosystems import types
from gep.errors import GepError
from gep.files import csv_lines
from gep.resources import vocabulary

ENTRIES = vocabulary("plausible")["range"]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: f"{e['quantity']} {e.get('per', '')}")
def test_a_range_has_a_document_and_a_unit_that_fits(entry):
    one = next(
        r for r in plausible.ranges() if (r.quantity, r.per) == (entry["quantity"], entry.get("per", ""))
    )
    assert one.low < one.high
    said = references()[entry["reference"]] if "reference" in entry else entry
    assert said["zh"]
    assert said["en"]
    assert said["status"] in ("verified", "secondary", "unverified")
    assert "reference" in entry or (entry["source"] in vocabulary("sources") and entry["locator"])
    if entry["quantity"] == plausible.TOTAL:
        return
    whole = units.parse(quantities.find(entry["quantity"]).unit)
    if one.per == "area" or one.per in types():
        whole = whole / units.parse("m2")
    elif one.per:
        whole = whole / units.parse(quantities.find(one.per).unit)
    unit = units.spell(units.unpriced(one.unit))
    assert units.same_dimension(unit, whole)


def test_a_remark_names_value_range_and_document():
    one = next(r for r in plausible.ranges() if r.quantity == "precipitation")
    assert one.remark(420.0, "mm/year", "rain") == ""
    text = one.remark(0.42, "mm/year", "rain")
    assert "0.42 mm/year, below 0.76 mm/year" in text
    assert "wmo-extremes" in text


def test_money_of_another_currency_is_not_compared():
    one = next(r for r in plausible.ranges() if r.quantity == "visitor_wage")
    assert one.remark(6000.0, "CNY_2015/h", "wage")
    assert one.remark(6000.0, "JPY_2015/h", "wage") == ""


def test_a_total_is_held_against_published_accounts():
    assert plausible.total(8e9, "CNY_2020", 1e9, "x") == []
    assert "gep over area" in plausible.total(8e13, "CNY_2020", 1e9, "x")[0]
    assert plausible.total(8e13, "IDR_2020", 1e9, "x") == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a,a\n1,2\n", "stand twice"),
        ("a,b\n1,2,3\n", "t.csv:2: it has more cells"),
        ("a,b,\n1,2,3\n", "t.csv:2: a cell stands under no name"),
        ('a,b\n1,"2\n3,4\n', "lost quote"),
        ('a,b\n1,"2\n3,4"\n', "t.csv:3: a cell holds whole rows"),
    ],
)
def test_a_csv_that_is_damaged_is_refused(text, said):
    with pytest.raises(GepError, match=said):
        csv_lines(text, "t.csv", GepError)


def test_columns_without_a_name_and_without_a_cell_do_no_harm():
    assert csv_lines("a,,\n1,,\n", "t.csv", GepError) == (["a"], [("t.csv:2", {"a": "1"})])
    assert csv_lines("a,b\r1,2\r", "t.csv", GepError)[1] == [("t.csv:2", {"a": "1", "b": "2"})]
