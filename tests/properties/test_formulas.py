"""What holds for every formula whatever the numbers: units, scale, missing values, containers."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from gep import units
from gep.formula import FREE
from gep.services import all_formulas, find

FORMULAS = all_formulas()
NAMES = list(FORMULAS)
MONEY = "CNY_2020"
modest = settings(derandomize=True, max_examples=15, deadline=None)

#: Other ways to write each declared unit; a unit without another is left as it is.
OTHERS = {
    "m3/ha/year": ["mm/year", "m3/km2/year"],
    "m/year": ["mm/year", "cm/a", "m·a⁻¹"],
    "mm/year": ["m/year", "cm/year"],
    "mm/day": ["cm/day", "m/d"],
    "mm": ["m", "cm"],
    "m": ["cm", "km", "mm"],
    "m2": ["km2", "ha", "亩", "万m2"],
    "ha": ["m2", "km2", "hm2", "万亩"],
    "%": ["1", "‰"],
    "1": ["%", "‰"],
    "t/year": ["kg/year", "万t/year", "Mt/a"],
    "t/m3": ["kg/m3", "g/cm3"],
    "kg/m3": ["g/cm3", "t/m3"],
    "tN/t": ["gN/kg", "kgN/t"],
    "tP/t": ["gP/kg", "mgP/kg"],
    "tDM/year": ["kgDM/year", "万tDM/a"],
    "tDM/ha/year": ["gDM/m2/year", "kgDM/hm2/a"],
    "t/ha/year": ["kg/ha/year", "t/km2/a"],
    "tC/tDM": ["gC/kgDM", "tCO2/tDM"],
    "tCO2/tDM": ["kgCO2/kgDM", "tC/tDM"],
    "tO2/tDM": ["kgO2/tDM"],
    "tO2/tCO2": ["gO2/kgCO2", "tO2/tC"],
    "tCO2/year": ["tC/year", "亿tCO2/year"],
    "tC/ha/year": ["gC/m2/year", "tCO2/ha/year"],
    "gC/m2/year": ["tC/ha/year", "kgCO2/m2/a"],
    "m3/year": ["亿m3/year", "L/year"],
    "kJ/m2/day": ["MJ/m2/d", "kWh/m2/day"],
    "kJ/kg": ["J/g", "MJ/t"],
    "kJ/m3": ["kWh/m3", "MJ/m3"],
    "visit/year": ["万人次/year"],
    "h/visit": ["min/visit", "day/visit"],
    "MJ mm/(ha h year)": ["J mm/(m2 h year)", "MJ cm/(ha h year)"],
    "t ha h/(ha MJ mm)": ["kg h/(MJ mm)", "t h/(MJ m)"],
    "tSO2/ha/year": ["kgSO2/ha/year", "gSO2/m2/a"],
    "tNOx/ha/year": ["kgNOx/hm2/a"],
    "tDust/ha/year": ["kgDust/hm2/a", "gDust/m2/a"],
    "tCOD/ha/year": ["kgCOD/ha/year", "gCOD/m2/a"],
    "tNH3N/ha/year": ["kgNH3N/ha/year"],
    "tN/ha/year": ["kgN/ha/year", "gN/m2/a"],
    "tP/ha/year": ["kgP/ha/year", "gP/m2/a"],
    "tCO2": ["tC", "万tCO2"],
    "km": ["m", "hm"],
    "ha/year": ["km2/year", "万亩/a"],
    "person": ["万人"],
    "visit/person/year": ["人次/人/年"],
    "degC": ["K"],
    "K": ["kelvin"],
    "mm/month": ["cm/month"],
    "kWh/K/m2/year": ["MJ/K/m2/a"],
    "J/m3/m": ["kJ/m4", "kWh/m3/m"],
    "1/year": ["%/year"],
    "year": ["十year"],
    "day": ["h"],
    "day/month": ["h/month"],
    "h/day": ["min/day"],
    "h/mm": ["min/mm", "h/cm"],
    "mm/h": ["cm/h", "mm/min"],
    "m/s": ["km/h"],
    "m3/s3": ["L/s3"],
    "m3": ["L", "亿m3"],
    "km2": ["m2", "万亩"],
    "cm/day": ["mm/day"],
    "1/%": ["1", "1/‰"],
    "kPa": ["kg/m/s2"],
    "MJ/m2": ["kJ/m2", "kWh/m2"],
    "MJ/m2/day": ["kJ/m2/d", "W/m2"],
    "kg/m/year": ["t/km/a"],
    f"{MONEY}/m3/year": [f"{MONEY}/L/a"],
    f"{MONEY}/J": [f"{MONEY}/kWh"],
    f"{MONEY}/tCO2": [f"{MONEY}/tC", f"{MONEY}/kgCO2"],
    f"{MONEY}/dB/year": [f"千{MONEY}/dB/a"],
    f"{MONEY}/km/year": [f"万{MONEY}/km/a", f"{MONEY}/m/a"],
    f"{MONEY}/ha/year": [f"{MONEY}/m2/a", f"{MONEY}/亩/a"],
    f"{MONEY}/m2/year": [f"万{MONEY}/ha/a"],
    f"{MONEY}/person/year": [f"千{MONEY}/人/a"],
    f"visit/{MONEY}": [f"千visit/{MONEY}"],
    f"visit2/person/year/{MONEY}": [f"千visit2/person/a/{MONEY}"],
    f"{MONEY}/year": [f"万{MONEY}/year", f"亿 {MONEY}/a"],
    f"{MONEY}/visit": [f"千{MONEY}/visit"],
    f"{MONEY}/h": [f"{MONEY}/day", f"{MONEY}/min"],
    f"{MONEY}/m3": [f"{MONEY}/L", f"万{MONEY}/(万m3)"],
}
#: Where the numbers of an argument lie; by name first, then by unit.
RANGES = {
    "bare": (0.02, 0.2),
    "full": (0.6, 0.95),
    "organic_carbon": (0.1, 6.0),
    "length": (5.0, 120.0),
    "beta": (1.2, 2.5),
    "omega": (1.3, 4.9),
    "curve_number": (30.0, 98.0),
    "fine": (5.0, 65.0),
    "height": (2.0, 30.0),
    "coldest": (-5.0, 10.0),
    "warmest": (15.0, 35.0),
    "degree": (0.5, 60.0),
    "%": (1.0, 90.0),
    "mm/day": (12.0, 80.0),
    "mm/year": (12.0, 900.0),
    "mm": (5.0, 300.0),
}


def declared(formula):
    """Return the units of the arguments and of the result, with money and X filled in."""
    fill = lambda text: FREE.sub("m3", text).replace("money", MONEY)  # noqa: E731
    return {name: fill(unit) for name, unit in formula.arguments.items()}, fill(formula.result)


def numbers(formula):
    arguments, _ = declared(formula)
    strategies = {}
    for name, unit in arguments.items():
        low, high = RANGES.get(name) or RANGES.get(unit) or (0.05, 0.95)
        strategies[name] = st.floats(low, high)
    return st.fixed_dictionaries(strategies)


def fixed(formula):
    """Return one set of numbers in range, the same each time."""
    arguments, _ = declared(formula)
    found = {}
    for position, (name, unit) in enumerate(arguments.items()):
        low, high = RANGES.get(name) or RANGES.get(unit) or (0.05, 0.95)
        found[name] = low + (high - low) * ((position + 1) * 0.618034 % 1)
    return found


every_formula = pytest.mark.parametrize("name", NAMES)


def test_every_declared_unit_has_another_way_to_be_written():
    alone = {u for f in FORMULAS.values() for u in declared(f)[0].values()} - set(OTHERS)
    assert alone == {"degree", "day/year", "dB"}
    for unit, others in OTHERS.items():
        assert all(units.same_dimension(unit, other) for other in others)


@every_formula
@modest
@given(data=st.data())
def test_result_does_not_depend_on_the_units_of_the_arguments(name, data):
    formula = FORMULAS[name]
    arguments, result = declared(formula)
    values = data.draw(numbers(formula))
    expected = float(formula(**values))
    given_units = {k: data.draw(st.sampled_from([u, *OTHERS.get(u, [])])) for k, u in arguments.items()}
    there = {k: float(units.convert(values[k], u, given_units[k])) for k, u in arguments.items()}
    arrays = {k: xr.DataArray([v], dims="cell", attrs={"units": given_units[k]}) for k, v in there.items()}
    found = formula(**arrays)
    stated = found.attrs["units"]
    assert stated == result or FREE.search(formula.result)
    assert units.convert(found.item(), stated, result) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    quantities = {k: units.quantity(v, given_units[k]) for k, v in there.items()}
    measured = formula(**quantities).to(units.parse(result)).magnitude
    assert float(measured) == pytest.approx(expected, rel=1e-9, abs=1e-12)


def scaled_together(pattern):
    """Return the formulas with arguments that ``pattern`` picks, and those arguments."""
    found = []
    for name, formula in FORMULAS.items():
        picked = [k for k, unit in formula.arguments.items() if pattern(k, unit)]
        if picked:
            found.append(pytest.param(name, picked, id=name))
    return found


@pytest.mark.parametrize(
    ("name", "picked"),
    scaled_together(lambda _, unit: unit.startswith("money"))
    + scaled_together(lambda name, _: name == "area"),
)
@modest
@given(data=st.data(), factor=st.floats(0.01, 100.0))
def test_twice_the_prices_or_the_area_is_twice_the_result(name, picked, data, factor):
    formula = FORMULAS[name]
    values = data.draw(numbers(formula))
    scaled = values | {k: values[k] * factor for k in picked}
    assert float(formula(**scaled)) == pytest.approx(factor * float(formula(**values)), rel=1e-9, abs=1e-10)


@modest
@given(
    cover=st.lists(st.floats(0.0, 100.0), min_size=2, max_size=2).map(sorted),
    rest=st.tuples(*[st.floats(0.01, 100.0)] * 3),
    practice=st.floats(0.0, 1.0),
)
def test_more_cover_never_loses_more_soil(cover, rest, practice):
    less, more = (float(find("erosion.cover_factor_cai")(f)) for f in cover)
    assert 0.0 <= more <= less <= 1.0
    retained = find("soil.retained")
    assert retained(*rest, more, practice) >= retained(*rest, less, practice) >= 0.0


@modest
@given(ndvi=st.floats(-1.0, 1.0))
def test_vegetation_cover_is_a_share(ndvi):
    assert 0.0 <= float(find("erosion.vegetation_cover")(ndvi, 0.05, 0.85)) <= 1.0


@modest
@given(slopes=st.lists(st.floats(0.0, 60.0), min_size=2, max_size=2).map(sorted))
def test_steeper_slopes_never_erode_less(slopes):
    names = ("slope_length_exponent", "slope_steepness_mccool", "slope_steepness_hj1173")
    for name in (f"relief.{each}" for each in names):
        gentle, steep = (float(find(name)(s)) for s in slopes)
        assert steep >= gentle - 1e-12


@modest
@given(data=st.data())
def test_clipped_balance_is_never_below_the_balance(data):
    values = data.draw(numbers(find("water.water_retained")))
    balance, clipped = (
        find("water.water_retained")(**values),
        find("water.water_retained_nonnegative")(**values),
    )
    assert clipped == max(balance, 0.0)


@pytest.mark.parametrize(("name", "argument"), [(n, a) for n, f in FORMULAS.items() for a in f.arguments])
def test_missing_in_is_missing_out(name, argument):
    formula = FORMULAS[name]
    values = fixed(formula)
    assert np.isfinite(formula(**values))
    assert np.isnan(formula(**values | {argument: float("nan")}))
    column = np.array([values[argument], np.nan])
    found = formula(**values | {argument: column})
    assert list(np.isnan(found)) == [False, True]
    arguments, _ = declared(formula)
    lazy = {k: xr.DataArray([v, v], dims="cell", attrs={"units": arguments[k]}) for k, v in values.items()}
    lazy[argument] = lazy[argument].copy(data=column)
    assert list(np.isnan(formula(**{k: v.chunk(cell=1) for k, v in lazy.items()}).compute())) == [False, True]


@every_formula
@modest
@given(data=st.data())
def test_floats_arrays_and_lazy_arrays_give_the_same(name, data):
    formula = FORMULAS[name]
    arguments, result = declared(formula)
    rows = data.draw(st.lists(numbers(formula), min_size=3, max_size=3))
    expected = [float(formula(**row)) for row in rows]
    columns = {k: np.array([row[k] for row in rows]) for k in arguments}
    plain = formula(**columns)
    assert isinstance(plain, np.ndarray)
    np.testing.assert_allclose(plain, expected, rtol=1e-12, atol=1e-14)
    arrays = {k: xr.DataArray(v, dims="cell", attrs={"units": arguments[k]}) for k, v in columns.items()}
    eager = formula(**arrays)
    np.testing.assert_allclose(eager, expected, rtol=1e-12, atol=1e-14)
    lazy = formula(**{k: v.chunk(cell=2) for k, v in arrays.items()})
    assert lazy.chunks == ((2, 1),)
    assert lazy.attrs == eager.attrs
    assert units.parse(eager.attrs["units"]) == units.parse(result)
    np.testing.assert_array_equal(lazy.compute(), eager)
