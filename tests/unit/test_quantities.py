"""The vocabulary of quantities: names, dimensions, limits."""

import pytest

from gep import quantities, units
from gep.errors import GepError, ProfileError, UnitError
from gep.quantities import Quantity

SHARE = Quantity("share", "1", "份额", "Share", low=0.0, high=1.0)


def test_shipped_quantities_have_units_that_parse_and_both_labels():
    for name, entry in quantities.shipped().items():
        units.parse(entry.unit)
        assert entry.name == name
        assert entry.zh
        assert entry.en
        assert entry.low is None or entry.high is None or entry.low < entry.high


def test_an_unknown_name_lists_near_ones():
    with pytest.raises(UnitError, match="'precipitaton' is not a known quantity") as caught:
        quantities.find("precipitaton")
    assert "precipitation" in caught.value.faults[0].expected


def test_a_profiles_own_quantity_comes_first():
    assert quantities.find("precipitation", {"precipitation": SHARE}) is SHARE


@pytest.mark.parametrize("unit", ["CNY_2015/m3", "USD_2020/L", "亿元_2020/亿m3"])
def test_money_of_any_currency_and_year_fits(unit):
    quantities.find("reservoir_cost").check_unit(unit)


@pytest.mark.parametrize(("name", "unit"), [("reservoir_cost", "CNY_2015/t"), ("precipitation", "mm/day")])
def test_another_dimension_is_refused_by_name(name, unit):
    with pytest.raises(UnitError, match=name):
        quantities.find(name).check_unit(unit)


@pytest.mark.parametrize(
    ("value", "unit", "bad"), [(0.5, "1", False), (50, "%", False), (120, "%", True), (-0.1, "1", True)]
)
def test_limits_hold_in_any_unit(value, unit, bad):
    assert bool(SHARE.impossible(value, unit)) is bad


def test_an_impossible_value_is_shown_in_both_units_with_the_limits():
    text = SHARE.impossible(120, "%")
    assert "120 % is 1.2" in text
    assert "outside 0 to 1" in text


def test_a_quantity_without_limits_is_never_impossible():
    assert Quantity("x", "t", "x", "x").impossible(-1e30, "t") == ""


@pytest.mark.parametrize("lacking", ["unit", "zh", "en"])
def test_an_entry_needs_unit_and_both_labels(lacking):
    entry = {"unit": "t", "zh": "甲", "en": "A", lacking: ""}
    with pytest.raises(ProfileError, match=f"'own' lacks {lacking}"):
        Quantity.from_entry("own", entry)


def test_an_entry_with_a_bad_unit_is_refused():
    with pytest.raises(GepError, match="'kt' is refused"):
        Quantity.from_entry("own", {"unit": "kt", "zh": "甲", "en": "A"})
