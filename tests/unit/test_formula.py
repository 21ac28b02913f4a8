"""The boundary of a formula, and planted faults that its replay must catch."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
import xarray as xr

from gep import units
from gep.errors import GridError, PriceYearError, UnitError
from gep.formula import _sample, formula, replay
from gep.services import find, soil, value, water

dask = pytest.importorskip("dask")


def field(values, unit):
    return xr.DataArray(np.asarray(values, dtype=float), dims="cell", attrs={"units": unit})


# Planted faults -----------------------------------------------------------------------------------


def kernel_per_hectare(depth):
    """Millimetres to m3/ha without the factor 10."""
    return depth * 1


def kernel_carbon_dioxide(carbon):
    """Carbon declared, carbon dioxide promised, 44/12 forgotten."""
    return carbon * 1


def kernel_written_factor(carbon):
    """The factor written out in the kernel, where the registry has it already."""
    return carbon * 44 / 12


def kernel_sum(first, second):
    return first + second


def kernel_product(first, second):
    return first * second


FAULTS = [
    (
        "mm to m3/ha without 10",
        kernel_per_hectare,
        "m3/ha/year",
        {"depth": "mm/year"},
        "factor of 0.1 is hidden",
    ),
    ("44/12 forgotten", kernel_carbon_dioxide, "tCO2/year", {"carbon": "tC/year"}, "hidden or missing"),
    ("44/12 written out", kernel_written_factor, "tCO2/year", {"carbon": "tC/year"}, "hidden or missing"),
    ("tC promised as t", kernel_carbon_dioxide, "t/year", {"carbon": "tC/year"}, "breaks on quantities"),
    (
        "two price years",
        kernel_sum,
        "CNY_2020/year",
        {"first": "CNY_2020/year", "second": "CNY_2015/year"},
        "breaks on quantities",
    ),
    (
        "density added to a total",
        kernel_sum,
        "t/year",
        {"first": "t/year", "second": "t/ha/year"},
        "breaks on quantities",
    ),
    (
        "mm read as m",
        kernel_product,
        "m3/year",
        {"first": "mm/year", "second": "m2"},
        "factor of 1000 is hidden",
    ),
    (
        "g/m2 read as t/ha",
        kernel_product,
        "t/year",
        {"first": "g/m2/year", "second": "ha"},
        "factor of 100 is hidden",
    ),
    (
        "multiplied with density",
        kernel_product,
        "m3/year",
        {"first": "t/year", "second": "t/m3"},
        "breaks on quantities",
    ),
    ("stock for a flow", kernel_product, "t/year", {"first": "t/ha", "second": "ha"}, "breaks on quantities"),
    (
        "day for year",
        kernel_product,
        "kJ/year",
        {"first": "kJ/m2/day", "second": "m2"},
        "breaks on quantities",
    ),
    (
        "a bare constant added",
        lambda depth: depth + 0.3,
        "m/year",
        {"depth": "m/year"},
        "breaks on quantities",
    ),
]


@pytest.mark.parametrize(
    ("kernel", "result", "arguments", "message"), [f[1:] for f in FAULTS], ids=[f[0] for f in FAULTS]
)
def test_planted_fault_does_not_replay(kernel, result, arguments, message):
    faulty = formula(result, cite="nobody", **arguments)(kernel)
    with pytest.raises(UnitError, match=message):
        replay(faulty)


def test_sound_kernel_replays():
    formula("m3/year", cite="nobody", first="m/year", second="m2")(kernel_product).replay()
    formula("money/year", cite="nobody", first="X/year", second="money/X")(kernel_product).replay()
    formula("%", cite="nobody", depth="%")(kernel_per_hectare).replay()


def test_a_replay_says_what_came_out():
    faulty = formula("m3/ha/year", cite="nobody", depth="mm/year")(kernel_per_hectare)
    with pytest.raises(UnitError) as caught:
        faulty.replay()
    (fault,) = caught.value.faults
    assert re.fullmatch(
        r"formula test_formula.kernel_per_hectare yields [\d.]+ m3/ha/year on quantities", fault.what
    )
    assert re.fullmatch(r"[\d.]+ m3/ha/year, as on bare numbers", fault.expected)
    mixed = formula("t/year", cite="nobody", first="t/year", second="t/ha/year")(kernel_sum)
    with pytest.raises(
        UnitError, match=r"^formula test_formula.kernel_sum breaks on quantities: .*; expected 0"
    ):
        mixed.replay()


@pytest.mark.parametrize("factor", [1.0 + 1e-6, 1.0 - 1e-11])
def test_a_factor_near_one_does_not_replay(factor):
    def nearly(first, second):
        return first * second * (1.0 if isinstance(first, float) else factor)

    with pytest.raises(UnitError, match="hidden or missing"):
        formula("m3/year", cite="nobody", first="m/year", second="m2")(nearly).replay()


def test_a_factor_of_tiny_numbers_does_not_replay():
    def tiny(depth):
        return depth * 1e-15

    with pytest.raises(UnitError, match="factor of 1000 is hidden"):
        formula("km/year", cite="nobody", depth="m/year")(tiny).replay()


def test_what_fails_for_another_reason_is_not_called_a_fault_of_units():
    def odd(depth):
        return {}[depth]

    with pytest.raises(KeyError):
        formula("m/year", cite="nobody", depth="m/year")(odd).replay()

    def odd_on_quantities(depth):
        return depth if isinstance(depth, float) else {}["key"]

    with pytest.raises(KeyError, match="key"):
        formula("m/year", cite="nobody", depth="m/year")(odd_on_quantities).replay()


def test_no_two_numbers_of_a_replay_are_alike():
    """Numbers between 0 and 1, a percentage between 0 and 100; three times others."""
    drawn = np.array([[_sample(place, "m", sample) for place in range(12)] for sample in range(1, 4)])
    assert ((drawn > 0) & (drawn < 1)).all()
    apart = np.diff(np.sort(drawn.ravel()))
    assert apart.min() > 1e-3
    assert [_sample(place, "%", 1) for place in range(12)] == (100.0 * drawn[0]).tolist()


def test_what_a_formula_is_made_of():
    assert kernel_declared.cite == ("nobody",)
    assert kernel_declared.kind == "exact"
    assert formula("m", cite=("a", "b"), kind="empirical", depth="m")(kernel_per_hectare).cite == ("a", "b")
    assert (kernel_declared.__name__, kernel_declared.__doc__) == ("kernel_declared", "Words.")
    assert kernel_declared.name == "test_formula.kernel_declared"

    def alone(depth):
        return depth

    alone.__module__, alone.kind = "alone", "of its own"
    made = formula("m", cite="nobody", depth="m")(alone)
    assert (made.name, made.kind) == ("alone.alone", "exact")


@formula("m3/year", cite="nobody", first="m/year", second="m2", share="1")
def kernel_declared(first, second=2.0, share=0.5):
    """Words."""
    return first * second * share


def test_a_default_is_a_bare_number_like_any_other():
    assert kernel_declared(3.0) == 3.0
    assert kernel_declared(field([3.0], "m/year"), field([4.0], "m2")).item() == 6.0
    with pytest.raises(UnitError, match="second is a bare number"):
        kernel_declared(field([3.0], "m/year"))


def test_units_that_a_call_will_use_are_told():
    found = value.market_value.declared(quantity=field([1.0], "万t/year"), price=field([2.0], "CNY_2020/kg"))
    assert found == ({"quantity": "(10^4 t)/year", "price": "CNY_2020/(10^4 t)"}, "CNY_2020/year")


def test_undeclared_parameter_is_refused_where_the_formula_is_made():
    with pytest.raises(UnitError, match="declares units for"):
        formula("m3/year", cite="nobody", first="m/year")(kernel_product)


# The boundary -------------------------------------------------------------------------------------


def test_bare_numbers_are_trusted():
    assert water.water_retained(1.0, 0.1, 0.5) == pytest.approx(0.4)
    assert isinstance(water.water_retained(np.ones(2), 0.1, 0.5), np.ndarray)


def test_arrays_with_units_are_converted_and_the_result_says_its_unit():
    kept = water.water_retained(field([1000.0], "mm/year"), field([0.1], "m/year"), field([50.0], "cm/year"))
    assert kept.attrs == {"units": "m3/m2/year"}
    assert kept.item() == pytest.approx(0.4)


def test_other_attributes_do_not_travel_with_a_result():
    rain = field([1.0], "m/year").assign_attrs(long_name="rain")
    assert water.quick_flow(rain, field([0.1], "1")).attrs == {"units": "m/year"}


def test_quantity_in_quantity_out():
    kept = water.water_retained(*(units.quantity(v, "mm/year") for v in (1000.0, 100.0, 500.0)))
    assert kept.to(units.parse("mm/year")).magnitude == pytest.approx(400.0)


def test_number_beside_an_array_is_refused():
    with pytest.raises(UnitError, match="runoff is a bare number") as caught:
        water.water_retained(field([1.0], "m/year"), 0.1, field([0.5], "m/year"))
    assert "gep.quantity(0.1, 'm/year')" in str(caught.value)


def test_number_beside_an_array_is_a_pure_number_where_one_is_declared():
    assert water.quick_flow(field([1.0], "m/year"), 0.1).item() == pytest.approx(0.1)


def test_array_without_units_is_refused():
    with pytest.raises(UnitError, match="precipitation has no unit"):
        water.quick_flow(xr.DataArray([1.0]), field([0.1], "1"))


def test_unknown_unit_is_refused():
    with pytest.raises(UnitError, match="furlong"):
        water.quick_flow(field([1.0], "furlong/year"), field([0.1], "1"))
    with pytest.raises(UnitError, match=r"^argument 'quantity': unit 'furlong/year'"):
        value.market_value(field([1.0], "furlong/year"), field([0.1], "CNY_2020/m"))
    with pytest.raises(UnitError, match=r"^argument 'quantity': quantity has no unit"):
        value.market_value(xr.DataArray([1.0]), field([0.1], "CNY_2020/m"))
    with pytest.raises(UnitError, match="got t/year; expected money/year"):
        value.rent_value(field([2.0], "t/year"), 0.25)


def test_all_wrong_arguments_are_reported_at_once():
    with pytest.raises(UnitError) as caught:
        soil.sediment_avoided(field([1.0], "t/ha/year"), field([0.2], "m"), field([1.0], "kg"))
    text = str(caught.value)
    assert len(caught.value.faults) == 3
    for name in ("'retained'", "'share'", "'bulk_density'"):
        assert name in text
    assert "formula soil.sediment_avoided" in text
    assert "expected t/m3" in text


def test_missing_units_are_reported_together():
    with pytest.raises(UnitError) as caught:
        water.water_retained(xr.DataArray([1.0]), 0.1, xr.DataArray([0.5]))
    assert len(caught.value.faults) == 3


def test_two_price_years_are_refused():
    with pytest.raises(PriceYearError, match="CNY_2015 and CNY_2020"):
        value.net_output(field([2.0], "CNY_2020/year"), field([1.0], "CNY_2015/year"))
    others = {"visits": (1.0, "visit/year"), "travel_time": (1.0, "h/visit"), "wage_share": (0.5, "1")}
    money = {"spending": (1.0, "CNY_2015/visit"), "wage": (1.0, "CNY_2020/h")}
    given = {name: units.quantity(*number) for name, number in (others | money).items()}
    with pytest.raises(
        PriceYearError, match=r"^formula culture.travel_cost is given money of CNY_2015 and CNY_2020"
    ):
        find("culture.travel_cost")(**given)


def test_two_currencies_are_refused():
    with pytest.raises(PriceYearError, match="CNY_2020 and USD_2020"):
        value.net_output(field([2.0], "CNY_2020/year"), field([1.0], "USD_2020/year"))


def test_money_without_a_price_year_is_refused():
    with pytest.raises(UnitError, match="without a price year"):
        value.rent_value(field([2.0], "CNY/year"), 0.25)


@pytest.mark.parametrize(
    ("amount", "price", "worth"),
    [
        ((3.0, "亿m3/year"), (2.0, "CNY_2010/m3"), 6e8),
        ((3.0, "tCO2/year"), (2.0, "CNY_2010/kgCO2"), 6e3),
        ((3.0, "tCO2/year"), (44.0, "CNY_2010/tC"), 36.0),
        ((3.6, "MJ/year"), (2.0, "CNY_2010/kWh"), 2.0),
        ((3.0, "万人次/year"), (2.0, "CNY_2010/visit"), 6e4),
        ((3.0, "km2/year"), (2.0, "CNY_2010/m2"), 6e6),
    ],
)
def test_price_follows_the_unit_of_the_quantity(amount, price, worth):
    found = value.market_value(units.quantity(*amount), units.quantity(*price))
    assert found.to(units.parse("CNY_2010/year")).magnitude == pytest.approx(worth, rel=1e-12)
    array = value.market_value(field([amount[0]], amount[1]), field([price[0]], price[1]))
    assert array.item() == pytest.approx(worth, rel=1e-12)
    assert array.attrs == {"units": "CNY_2010/year"}


def test_price_of_something_else_is_refused():
    with pytest.raises(UnitError, match="price"):
        value.market_value(units.quantity(1.0, "t/year"), units.quantity(1.0, "CNY_2020/m3"))


def test_price_of_a_stock_is_refused():
    with pytest.raises(UnitError, match="yearly flow"):
        value.market_value(units.quantity(18e4, "m3"), units.quantity(414.88, "CNY_2014/m3"))


def test_arrays_on_different_cells_are_refused_not_cut_to_the_common_ones():
    rain = field([1.0, 2.0, 3.0], "m/year").assign_coords(cell=[0, 1, 2])
    share = field([0.1, 0.1], "1").assign_coords(cell=[1, 2])
    with pytest.raises(GridError, match="same coordinates"):
        water.quick_flow(rain, share)


def test_georeference_survives():
    crs = xr.DataArray(0, attrs={"crs_wkt": "EPSG:4326"})
    rain = field([1.0], "m/year").assign_coords(spatial_ref=crs)
    assert water.quick_flow(rain, 0.1).spatial_ref.attrs == {"crs_wkt": "EPSG:4326"}


def test_formula_survives_pickling():
    again = pickle.loads(pickle.dumps(soil.retained))
    assert again is soil.retained
    assert again.name == "soil.retained"


def test_formula_keeps_name_and_words_of_its_kernel():
    assert soil.retained.__name__ == "retained"
    assert "土壤保持量" in soil.retained.__doc__


def test_lazy_arrays_stay_lazy():
    def refuse(*_, **__):
        raise AssertionError("computed while the graph was built")

    rain = field(np.linspace(100.0, 2000.0, 8), "mm/year").chunk(cell=2)
    with dask.config.set(scheduler=refuse):
        flow = water.quick_flow(rain, field(np.full(8, 0.1), "1").chunk(cell=2))
        kept = water.water_retained_nonnegative(rain, flow, field(np.ones(8), "m/year"))
        assert find("erosion.cover_factor_cai")(field(np.ones(8), "%").chunk(cell=2)).chunks
    assert kept.chunks == ((2, 2, 2, 2),)
    assert kept.attrs == {"units": "m3/m2/year"}
    assert kept.compute()[-1].item() == pytest.approx(0.8)
