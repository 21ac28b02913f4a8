"""Edges of the formulas of living nature: balances, indices, demand, prices by distance."""

from __future__ import annotations

import numpy as np
import pytest
import xarray as xr

from gep import units
from gep.errors import TableError, UnitError
from gep.services import (
    all_formulas,
    carbon,
    climate,
    coast,
    culture,
    demand,
    find,
    habitat,
    landscape,
    noise,
    provisioning,
    purification,
)

NAN = float("nan")


# Air and water ------------------------------------------------------------------------------------


def test_purified_is_the_lesser_and_missing_if_either_is_missing():
    capacity = np.array([1.0, 5.0, NAN, 5.0])
    emission = np.array([3.0, 3.0, 3.0, NAN])
    np.testing.assert_array_equal(purification.purified(capacity, emission), [1.0, 3.0, NAN, NAN])


def test_purified_compares_across_units_of_one_substance():
    found = purification.purified(units.quantity(2.0, "tSO2/year"), units.quantity(1500.0, "kgSO2/year"))
    assert found.to(units.parse("tSO2/year")).magnitude == pytest.approx(1.5)


def test_purified_refuses_two_substances():
    with pytest.raises(UnitError, match="emission"):
        purification.purified(units.quantity(2.0, "tSO2/year"), units.quantity(1.0, "tNOx/year"))


@pytest.mark.parametrize("unit", ["tSO2", "kgNOx", "tDust", "tCOD", "tNH3N", "tN", "tP"])
def test_capacity_keeps_the_substance_of_its_rate(unit):
    area = units.quantity(1.0, "km2")
    found = purification.capacity(units.quantity(1.0, f"{unit}/ha/year"), area)
    assert found.to(units.parse(f"{unit}/year")).magnitude == pytest.approx(100.0)
    with pytest.raises(UnitError, match="emission"):
        purification.purified(found, units.quantity(1.0, "t/year"))


def test_capacity_at_a_rate_feeds_the_least_of_both_through_units():
    rate = xr.DataArray([0.2, NAN], dims="cell", attrs={"units": "tSO2/ha/year"})
    area = xr.DataArray([10.0, 10.0], dims="cell", attrs={"units": "ha"})
    emitted = xr.DataArray([1500.0, 1500.0], dims="cell", attrs={"units": "kgSO2/year"})
    found = purification.purified(purification.capacity(rate, area), emitted)
    np.testing.assert_allclose(units.convert(found, found.attrs["units"], "kgSO2/year"), [1500.0, NAN])


def test_wetland_that_gives_off_more_than_it_takes_has_a_negative_balance():
    assert purification.removed(3.0, 3.5) == -0.5


# Coast and noise ----------------------------------------------------------------------------------


def test_more_habitats_never_expose_more():
    rng = np.random.default_rng(1)
    ranks = rng.uniform(1.0, 5.0, (4, 200))
    for n in range(1, 4):
        assert (coast.habitat_rank(*ranks[: n + 1]) <= coast.habitat_rank(*ranks[:n]) + 1e-12).all()


def test_ranks_come_in_any_order():
    assert coast.habitat_rank(1.0, 3.0, 4.0) == pytest.approx(coast.habitat_rank(4.0, 1.0, 3.0))
    assert coast.exposure_index(1.0, 3.0, 4.0) == pytest.approx(coast.exposure_index(4.0, 1.0, 3.0))


@pytest.mark.parametrize("index", [coast.habitat_rank, coast.exposure_index])
def test_index_of_a_missing_rank_is_missing(index):
    np.testing.assert_array_equal(
        np.isnan(index(np.array([1.0, NAN, 2.0]), np.array([2.0, 2.0, NAN]))), [False, True, True]
    )


@pytest.mark.parametrize("index", [coast.habitat_rank, coast.exposure_index])
def test_index_reads_units_and_stays_lazy(index):
    ranks = xr.DataArray([1.0, 2.0, 3.0], dims="shore", attrs={"units": "1"})
    found = index(ranks, ranks + 1.0) if "units" in (ranks + 1.0).attrs else index(ranks, 2.0)
    assert found.attrs == {"units": "1"}
    pytest.importorskip("dask")
    lazy = index(ranks.chunk(shore=1), 2.0)
    assert lazy.chunks == ((1, 1, 1),)
    np.testing.assert_allclose(lazy.compute(), index(np.array([1.0, 2.0, 3.0]), 2.0))
    with pytest.raises(UnitError, match="rank has no unit"):
        index(ranks.drop_attrs())
    with pytest.raises(UnitError):
        index(ranks.assign_attrs(units="m"))
    with pytest.raises(TableError, match="no rank is given"):
        index()


@pytest.mark.parametrize("low", [0.0, -0.2])
def test_exposure_refuses_ranks_that_are_not_above_zero(low):
    with pytest.raises(TableError, match=f"rank 2: a rank of {low:g}"):
        coast.exposure_index(3.0, low)
    ranks = xr.DataArray([1.0, NAN, low], dims="shore", attrs={"units": "1"})
    with pytest.raises(TableError, match="rank 1"):
        coast.exposure_index(ranks, 2.0)
    pytest.importorskip("dask")
    lazy = coast.exposure_index(ranks.chunk(shore=1), 2.0)
    with pytest.raises(TableError, match="rank 1"):
        lazy.compute()
    np.testing.assert_allclose(lazy[:2].compute(), [2.0**0.5, NAN])


def test_sum_paid_once_is_not_a_yearly_cost():
    length = units.quantity(3.0, "km")
    for formula in (coast.seawall_cost_avoided, noise.barrier_cost_avoided):
        with pytest.raises(UnitError, match="cost"):
            formula(length, units.quantity(1e6, "CNY_2020/km"))
    with pytest.raises(UnitError, match="price"):
        noise.noise_value(units.quantity(5.0, "dB"), units.quantity(7.66, "CNY_2018/dB"))


# Habitat ------------------------------------------------------------------------------------------


def test_species_classes_have_a_key_each_and_missing_has_none():
    index = np.array([0.0, 1.5, 2.5, 3.5, 4.5, 5.5, 9.0, NAN])
    found = habitat.species_class(index)
    np.testing.assert_array_equal(found, [1, 2, 3, 4, 5, 6, 7, NAN])
    assert len(habitat.SPECIES_CLASSES) == int(np.nanmax(found))


def test_species_class_is_a_category():
    found = habitat.species_class(xr.DataArray([2.5], attrs={"units": "1"}))
    assert units.kind(found.attrs["units"]) == "category"


# Carbon and cooling -------------------------------------------------------------------------------


def test_carbon_and_dry_matter_do_not_mix():
    with pytest.raises(UnitError, match=r"npp"):
        carbon.net_ecosystem_production(units.quantity(600.0, "gDM/m2/year"), units.quantity(0.2, "1"))
    with pytest.raises(UnitError, match=r"respiration"):
        carbon.production_less_respiration(
            units.quantity(600.0, "gC/m2/year"), units.quantity(450.0, "gDM/m2/year")
        )


def test_respiration_as_carbon_dioxide_becomes_carbon():
    found = carbon.production_less_respiration(
        units.quantity(600.0, "gC/m2/year"), units.quantity(440.0, "gCO2/m2/year")
    )
    assert found.to(units.parse("gC/m2/year")).magnitude == pytest.approx(480.0)


def test_stock_of_carbon_rents_like_its_carbon_dioxide():
    price = units.quantity(50.0, "CNY_2020/tCO2")
    rents = [
        carbon.storage_rent(units.quantity(mass, unit), price, units.quantity(0.03, "1/year"))
        for mass, unit in ((12.0, "tC"), (44.0, "tCO2"))
    ]
    assert rents[0].magnitude == pytest.approx(rents[1].magnitude)


def test_routes_gathered_in_carbon_are_the_same_objects():
    assert find("carbon.storage_rent") is find("carbon_balance.storage_rent")
    assert "carbon.storage_rent" not in all_formulas()


def test_respiration_reads_kelvin_and_rises_with_warmth_and_rain():
    rain = units.quantity(60.0, "mm/month")
    warm = carbon.heterotrophic_respiration_pei(units.quantity(283.15, "K"), rain)
    assert warm.magnitude == pytest.approx(16.8135, abs=5e-5)
    assert carbon.heterotrophic_respiration_pei(12.0, 60.0) > warm.magnitude
    assert carbon.heterotrophic_respiration_pei(10.0, 80.0) > warm.magnitude


def test_cooling_by_difference_follows_from_the_temperatures_of_the_model():
    reference, island, mitigation = 24.0, 3.0, 0.4
    cell = reference + (1 - mitigation) * island
    assert climate.temperature_drop(mitigation, island) == pytest.approx(reference + island - cell)


def test_temperature_is_no_temperature_difference():
    with pytest.raises(UnitError):
        climate.cooling_energy_saved(
            units.quantity(4.0, "kWh/m2/year"), units.quantity(1.0, "m2"), units.quantity(1.0, "K")
        )


# Culture and demand -------------------------------------------------------------------------------


def test_monthly_willingness_to_pay_is_refused():
    with pytest.raises(UnitError, match="payment"):
        culture.wtp_value(
            units.quantity(11.31, "CNY_2011/person/month"), 0.8344, units.quantity(61.92, "万人")
        )


def test_leisure_is_hours_times_what_an_hour_is_worth():
    assert culture.leisure_value(10.0, 20.0, 1.5, 30.0, 0.5) == pytest.approx(10 * 20 * 1.5 * 15)


def test_zonal_surplus_is_the_area_under_its_curve():
    cost = np.linspace(0.0, 4000.0, 400_001)
    visits = 10000 * 0.05 * np.exp(-0.01 * cost)
    assert demand.area_under_demand(cost, visits) == pytest.approx(
        demand.zonal_surplus(10000.0, 0.05, -0.01), rel=1e-6
    )
    line = [0.0, 100.0], [10000 * 0.05, 0.0]
    assert demand.area_under_demand(*line) == pytest.approx(
        demand.zonal_surplus_linear(10000.0, 0.05, -0.0005)
    )


def test_individual_surplus_is_that_of_a_zone_by_the_visit():
    per_visit = demand.surplus_per_visit(-0.01)
    assert demand.zonal_surplus(10000.0, 0.05, -0.01) == pytest.approx(500 * per_visit)


@pytest.mark.parametrize(
    ("cost", "visits", "message"),
    [
        ([0.0], [1.0], "at least two rows"),
        ([0.0, 1.0], [1.0], "same length"),
        ([1.0, 2.0], [1.0, 0.0], "0 first"),
        ([0.0, 2.0, 2.0], [3.0, 1.0, 0.0], "more than the one before"),
    ],
)
def test_demand_that_is_no_curve_is_refused(cost, visits, message):
    with pytest.raises(TableError, match=message):
        demand.area_under_demand(cost, visits)


def test_missing_point_makes_the_area_missing():
    assert np.isnan(demand.area_under_demand([0.0, 1.0, 2.0], [3.0, NAN, 0.0]))


def test_loss_stays_a_loss():
    assert provisioning.resource_rent(100.0, 60.0, 50.0, 0.0, 10.0) == -20.0
    assert provisioning.home_output(10.0, 12.0) == -2.0


def test_rent_refuses_two_price_years():
    money = [units.quantity(1.0, f"CNY_{year}/year") for year in (2019, 2020, 2020, 2020, 2020)]
    with pytest.raises(UnitError, match="CNY_2019"):
        provisioning.resource_rent(*money)


# Hedonic prices -----------------------------------------------------------------------------------


def homes(n=60, noise=0.0, seed=5):
    """Return prices that follow ``9 - 0.0004 distance + 0.02 floor - 0.3 old`` and what they follow."""
    rng = np.random.default_rng(seed)
    distance = rng.uniform(50.0, 3000.0, n)
    controls = {"floor": rng.integers(1, 30, n).astype(float), "old": (rng.random(n) < 0.4).astype(float)}
    log = 9.0 - 0.0004 * distance + 0.02 * controls["floor"] - 0.3 * controls["old"]
    return np.exp(log + noise * rng.normal(size=n)), distance, controls


def test_known_coefficients_are_found():
    found = landscape.hedonic(*homes())
    expected = {"intercept": 9.0, "distance": -0.0004, "floor": 0.02, "old": -0.3}
    assert list(found.coefficients) == list(expected)
    assert found.coefficients == pytest.approx(expected, abs=1e-10)
    assert found.errors == pytest.approx(dict.fromkeys(expected, 0.0), abs=1e-10)
    assert found.r2 == pytest.approx(1.0)
    assert (found.n, found.left_out) == (60, 0)
    assert found.premium(near=100.0, far=1100.0) == pytest.approx(np.exp(0.4) - 1)


def test_errors_are_those_of_the_closed_form():
    prices, distance, controls = homes(noise=0.2)
    found = landscape.hedonic(prices, distance, controls)
    x = np.column_stack([np.ones(60), distance, controls["floor"], controls["old"]])
    y = np.log(prices)
    inverse = np.linalg.inv(x.T @ x)
    b = inverse @ x.T @ y
    left = y - x @ b
    np.testing.assert_allclose(list(found.coefficients.values()), b, rtol=1e-8)
    np.testing.assert_allclose(
        list(found.errors.values()), np.sqrt(left @ left / 56 * np.diag(inverse)), rtol=1e-8
    )
    assert found.r2 == pytest.approx(1 - left @ left / ((y - y.mean()) ** 2).sum())


def test_unit_of_the_distance_scales_its_coefficient_alone():
    prices, distance, controls = homes(noise=0.1)
    metres = landscape.hedonic(prices, distance, controls)
    kilometres = landscape.hedonic(prices, distance / 1000, controls)
    assert kilometres.coefficients["distance"] == pytest.approx(1000 * metres.coefficients["distance"])
    assert kilometres.coefficients["floor"] == pytest.approx(metres.coefficients["floor"])
    assert kilometres.premium(0.1, 1.1) == pytest.approx(metres.premium(100.0, 1100.0))


def test_rows_that_lack_a_number_are_counted():
    prices, distance, controls = homes()
    prices[3], distance[7], controls["floor"][7], controls["old"][11] = NAN, NAN, NAN, np.inf
    found = landscape.hedonic(prices, distance, controls)
    assert (found.n, found.left_out) == (57, 3)
    assert found.coefficients["distance"] == pytest.approx(-0.0004, abs=1e-10)


@pytest.mark.parametrize(
    ("prices", "distance", "controls", "message"),
    [
        ([1.0, 2.0], [1.0, 2.0], None, "at least 3 complete rows"),
        ([1.0, 2.0, NAN], [1.0, 2.0, 3.0], None, "1 rows left out"),
        ([1.0, 2.0, 0.0, 4.0], [1.0, 2.0, 3.0, 4.0], None, "not above 0"),
        ([1.0, 2.0, 3.0], [1.0, 2.0], None, "do not fit"),
        ([[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0]], None, "do not fit"),
        ([1.0, 2.0, 3.0, 4.0], [7.0, 7.0, 7.0, 7.0], None, "explain each other"),
        ([1.0, 2.0, 3.0, 4.0], [0.0, 0.0, 0.0, 0.0], None, "explain each other"),
        ([1.0, 2.0, 3.0, 5.0], [1.0, 2.0, 3.0, 4.0], {"km": [2.0, 4.0, 6.0, 8.0]}, "explain each other"),
        ([1.0, 2.0, 3.0, 5.0], [1.0, 2.0, 3.0, 4.0], {"distance": [1.0, 4.0, 2.0, 8.0]}, "is named"),
    ],
)
def test_prices_that_cannot_be_fitted_are_refused(prices, distance, controls, message):
    with pytest.raises(TableError, match=message):
        landscape.hedonic(prices, distance, controls)


def test_prices_all_alike_explain_nothing():
    found = landscape.hedonic([5.0, 5.0, 5.0, 5.0], [1.0, 2.0, 3.0, 4.0])
    assert found.coefficients["distance"] == pytest.approx(0.0, abs=1e-12)
    assert np.isnan(found.r2) or found.r2 <= 1.0


def test_premium_of_a_sale_price_is_refused():
    with pytest.raises(UnitError, match="price"):
        landscape.landscape_premium(units.quantity(100.0, "m2"), units.quantity(12000.0, "CNY_2020/m2"), 0.05)
    assert landscape.hotel_premium(10.0, 200.0, 0.1) == pytest.approx(200.0)
