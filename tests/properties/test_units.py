"""Properties of units: what is spelled reads back, and conversion is consistent."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gep.errors import UnitError
from gep.resources import vocabulary
from gep.units import convert, dimension, factor, kind, parse, same_dimension, spell

DATA = vocabulary("units")
PLAIN = [n for n in DATA["units"] if n != "degC"]
SUBSTANCES = [f"{p}{s}" for s in DATA["substances"] for p in DATA["substance_prefixes"]]
MONEY = ["CNY_2020", "CNY_2015", "USD_2018"]
NUMERALS = ["", "万", "亿", "10^6 ", "千"]

names = st.sampled_from(PLAIN + SUBSTANCES + MONEY)
compositions = st.lists(
    st.tuples(names, st.integers(-3, 3).filter(bool)), min_size=1, max_size=4, unique_by=lambda f: f[0]
)


def text(factors, numeral=""):
    return numeral + " ".join(f"{name}^{power}" for name, power in factors)


@given(compositions, st.sampled_from(NUMERALS))
def test_spelled_units_read_back(factors, numeral):
    unit = parse(text(factors, numeral))
    assert parse(spell(unit)) == unit


@given(compositions)
def test_a_fraction_bar_is_a_negative_power(factors):
    over = [f"{n}^{p}" for n, p in factors if p > 0]
    under = [f"{n}^{-p}" for n, p in factors if p < 0]
    barred = (" ".join(over) or "1") + "".join(f"/{u}" for u in under)
    bracketed = (" ".join(over) or "1") + (f"/({' '.join(under)})" if under else "")
    assert parse(barred) == parse(bracketed) == parse(text(factors))


@given(st.sampled_from([(a, b) for a in PLAIN for b in PLAIN if same_dimension(a, b)]), st.integers(1, 3))
def test_factors_are_inverse_and_powers_of_them(pair, power):
    a, b = pair
    assert factor(a, b) * factor(b, a) == pytest.approx(1.0, rel=1e-12)
    assert factor(f"{a}^{power}", f"{b}^{power}") == pytest.approx(factor(a, b) ** power, rel=1e-12)


def like(name):
    return [other for other in PLAIN if same_dimension(name, other)]


@given(st.sampled_from(PLAIN).flatmap(lambda a: st.tuples(*[st.sampled_from(like(a))] * 3)))
def test_factors_chain(three):
    a, b, c = three
    assert factor(a, c) == pytest.approx(factor(a, b) * factor(b, c), rel=1e-12)


@given(names, names)
def test_units_of_two_dimensions_never_convert(a, b):
    if dimension(a) != dimension(b):
        with pytest.raises(UnitError):
            factor(a, b)
    else:
        assert factor(a, b) > 0


@given(
    st.floats(-1e9, 1e9),
    st.sampled_from([("mm/year", "m/year"), ("亩", "km2"), ("degC", "K"), ("gC/m2", "tCO2/ha")]),
)
def test_converting_there_and_back(value, pair):
    there = convert(value, *pair)
    assert math.isclose(convert(there, *reversed(pair)), value, rel_tol=1e-9, abs_tol=1e-6)


@given(compositions)
def test_the_kind_does_not_depend_on_the_scale_of_units(factors):
    swap = {"t": "kg", "ha": "m2", "km": "m", "CNY_2020": "CNY_2020"}
    other = [(swap.get(n, n), p) for n, p in factors]
    if all(same_dimension(swap.get(n, n), n) for n, _ in factors):
        whole = parse("1")
        for name, power in other:
            whole = whole * parse(name) ** power
        assert kind(whole) == kind(text(factors))


@given(st.text(alphabet="tkgmha/·*()^²-1 万亿元_2020C", max_size=12))
def test_any_text_is_read_or_refused_never_misread(source):
    """Whatever people type: a unit that spells back to itself, or an error of gep."""
    try:
        unit = parse(source)
    except UnitError:
        return
    assert same_dimension(spell(unit), unit)
