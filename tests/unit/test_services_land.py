"""Edges of the formulas of water, soil and sand, and the plain functions around them."""

from __future__ import annotations

import importlib

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gep import units
from gep.errors import GridError, MissingExtra, TableError, UnitError
from gep.grid.crs import set_crs
from gep.grid.georef import GridSpec
from gep.services import (
    erodibility,
    erosion,
    evapotranspiration,
    find,
    flood,
    rain,
    rain_monthly,
    relief,
    relief_grid,
    routing,
    runoff,
    sand,
    sand_soil,
    storms,
    thornthwaite,
    water,
    wetness,
    wind,
)

NAN = float("nan")


# Water --------------------------------------------------------------------------------------------


def test_budyko_curve_stays_below_rain_and_demand():
    rain_, demand, omega = np.meshgrid(
        np.linspace(0.0, 3.0, 31), np.linspace(0.0, 3.0, 31), np.linspace(1.25, 5.0, 16)
    )
    found = water.fu_evapotranspiration(rain_, demand, omega)
    assert (found >= -1e-12).all()
    assert (found <= np.minimum(rain_, demand) + 1e-12).all()
    assert (np.diff(found, axis=2) >= -1e-12).all()


def test_no_rain_no_evapotranspiration():
    assert water.fu_evapotranspiration(0.0, 1.0, 2.0) == 0.0
    assert water.fu_evapotranspiration(0.0, 0.0, 2.0) == 0.0
    assert float(water.bare_evapotranspiration(1.0, 1.0, 0.0)) == 0.0


def test_every_index_of_retention_is_capped_at_one():
    assert water.water_retained_index(0.3, 1.0, 9.0, 900.0) == pytest.approx(0.3)
    assert water.water_retained_index(0.3, 1.0, -1.0, 900.0) < 0


def test_curve_number_of_water_and_no_rain_is_no_runoff():
    retention = runoff.scs_retention(100.0)
    assert float(runoff.scs_runoff(0.0, retention)) == 0.0
    assert float(runoff.scs_runoff(30.0, retention)) == pytest.approx(30.0)


def test_runoff_begins_at_the_initial_abstraction():
    assert float(runoff.scs_runoff(20.0, 100.0)) == 0.0
    assert float(runoff.scs_runoff(20.1, 100.0)) > 0.0
    assert float(runoff.scs_runoff(20.0, 100.0, 0.05)) == pytest.approx(15.0**2 / 115.0)


def test_runoff_of_a_year_is_not_the_runoff_of_its_sum():
    single = float(runoff.scs_runoff(20.0, 84.0)) * 20
    assert float(runoff.scs_runoff(400.0, 84.0)) > 10 * single


def test_lakes_add_up_one_by_one():
    one = float(flood.lake_storage(100.0, 6.636, 0.678, 1.0))
    assert float(flood.lake_storage(200.0, 6.636, 0.678, 1.0)) < 1.7 * one


def test_storm_runoff_is_never_negative_and_needs_rain():
    assert list(flood.storm_runoff_log(np.array([0.0, 1.0, 5.0]), 5.0, -10.0)) == [0.0, 0.0, 0.0]
    assert np.isnan(flood.storm_runoff_log(NAN, 5.0, -10.0))


# Rain ---------------------------------------------------------------------------------------------


def gauge(values, time=None, unit="mm"):
    values = np.asarray(values, float)
    index = pd.date_range("2018-07-01", periods=len(values), freq="10min") if time is None else time
    return xr.DataArray(values, {"time": index}, ("time",), attrs={"units": unit})


def test_wischmeier_has_no_defaults_and_takes_two_units_only():
    months = xr.DataArray(np.full(12, 30.0), dims="month", attrs={"units": "mm/month"})
    with pytest.raises(TypeError):
        rain_monthly.erosivity_wischmeier(months)
    with pytest.raises(TableError, match="'US' or 'metric'"):
        rain_monthly.erosivity_wischmeier(months, constant=0.8188, unit="SI")
    with pytest.raises(TableError, match="length 12"):
        rain_monthly.erosivity_wischmeier(months[:11], constant=0.8188, unit="US")
    with pytest.raises(UnitError):
        rain_monthly.erosivity_wischmeier(months.assign_attrs(units="mm/year"), constant=0.8188, unit="US")


def test_wischmeier_of_no_rain_is_zero_and_of_a_missing_month_is_missing():
    months = xr.DataArray(np.zeros((2, 12)), dims=("cell", "month"), attrs={"units": "mm/month"})
    months[1, 3] = NAN
    found = rain_monthly.erosivity_wischmeier(months, constant=0.8188, unit="metric")
    assert found[0] == 0.0
    assert np.isnan(found[1])


def test_storms_six_hours_apart_are_two():
    time = pd.to_datetime(["2018-07-01 00:00", "2018-07-01 00:10", "2018-07-01 06:10", "2018-07-01 12:00"])
    found = storms.storm_erosivity(gauge([5.0, 5.0, 5.0, 5.0], time), energy="flanders", least=1.27)
    assert list(found.rain) == [10.0, 10.0]
    assert list(found.start) == [time[0], time[2]]
    longer = storms.storm_erosivity(gauge([5.0] * 4, time), energy="flanders", least=1.27, gap="12h")
    assert list(longer.rain) == [20.0]


def test_storm_of_just_the_least_rain_counts():
    assert storms.storm_erosivity(gauge([1.26, 0.0]), energy="flanders", least=1.27).empty
    assert len(storms.storm_erosivity(gauge([1.27, 0.0]), energy="flanders", least=1.27)) == 1


def test_drizzle_around_a_storm_is_not_cut_off():
    kwargs = {"energy": "flanders", "least": 1.27}
    values = np.concatenate([[0.2, 0.5], np.full(12, 2.0), [0.5, 0.2], np.zeros(50)])
    dry, little = (storms.storm_erosivity(gauge(values), **kwargs, break_rain=b) for b in (0.0, 1.27))
    pd.testing.assert_frame_equal(dry, little)
    assert little.rain.item() == pytest.approx(25.4)


def test_days_of_drizzle_are_not_one_storm():
    values = np.zeros(600)
    values[::18] = 0.1
    kwargs = {"energy": "flanders", "least": 1.27}
    assert storms.storm_erosivity(gauge(values), **kwargs).rain.item() == pytest.approx(3.4)
    assert storms.storm_erosivity(gauge(values), **kwargs, break_rain=1.27).empty


def test_dry_series_has_no_storms():
    found = storms.storm_erosivity(gauge(np.zeros(10)), energy="brown-foster-0.05", least=12.7)
    assert found.empty
    assert list(found.columns) == ["start", "rain", "intensity", "energy", "erosivity"]


def test_dry_intervals_may_be_left_out():
    values = np.zeros(60)
    values[[0, 1, 2, 45]] = 4.0
    whole = gauge(values)
    few = whole.isel(time=np.flatnonzero(values))
    kwargs = {"energy": "mcgregor-0.082", "least": 1.27}
    pd.testing.assert_frame_equal(
        storms.storm_erosivity(whole, **kwargs), storms.storm_erosivity(few, **kwargs)
    )


def test_finer_steps_find_the_same_half_hour():
    ten = storms.storm_erosivity(gauge(np.full(6, 2.0)), energy="flanders", least=0.0)
    fine = pd.date_range("2018-07-01", periods=12, freq="5min")
    five = storms.storm_erosivity(gauge(np.full(12, 1.0), fine), energy="flanders", least=0.0)
    np.testing.assert_allclose(ten.erosivity, five.erosivity, rtol=1e-12)


def test_unit_of_a_gauge_is_read():
    cm = storms.storm_erosivity(gauge([0.5, 0.5], unit="cm"), energy="flanders", least=1.27)
    mm = storms.storm_erosivity(gauge([5.0, 5.0]), energy="flanders", least=1.27)
    np.testing.assert_allclose(cm.erosivity, mm.erosivity)
    with pytest.raises(UnitError):
        storms.storm_erosivity(gauge([5.0, 5.0], unit="mm/h"), energy="flanders", least=1.27)


@pytest.mark.parametrize(
    ("series", "message"),
    [
        (gauge([1.0, NAN]), "missing or negative in 1"),
        (gauge([1.0, -1.0]), "missing or negative in 1"),
        (gauge([1.0, 1.0], pd.date_range("2018", periods=2, freq="h")), "divide 30 minutes"),
        (
            gauge([1.0] * 3, pd.to_datetime(["2018-01-01 00:00", "2018-01-01 00:10", "2018-01-01 00:25"])),
            "reg",
        ),
        (gauge([1.0] * 2, pd.to_datetime(["2018-01-01 00:10", "2018-01-01 00:00"])), "out of order"),
        (gauge([1.0] * 2, pd.to_datetime(["2018-01-01", "2018-01-01"])), "doubled"),
        (gauge([1.0]), "two dates or more"),
        (gauge([1.0, 1.0]).drop_vars("time"), "two dates or more"),
    ],
)
def test_series_that_cannot_be_split_into_storms_is_refused(series, message):
    with pytest.raises(TableError, match=message):
        storms.storm_erosivity(series, energy="flanders", least=1.27)


def test_energy_and_gap_must_make_sense():
    with pytest.raises(TableError, match="brown-foster"):
        storms.storm_erosivity(gauge([1.0, 1.0]), energy="mcgregor", least=1.27)
    with pytest.raises(TableError, match="30 minutes or more"):
        storms.storm_erosivity(gauge([1.0, 1.0]), energy="flanders", least=1.27, gap="10min")
    for wrong in (-1.0, NAN):
        with pytest.raises(TableError, match="a break has"):
            storms.storm_erosivity(gauge([1.0, 1.0]), energy="flanders", least=1.27, break_rain=wrong)


def test_energies_are_different_and_rise_with_intensity():
    found = {name: kernel(np.array([1.0, 20.0, 60.0])) for name, kernel in storms._ENERGY.items()}
    assert all((np.diff(values) > 0).all() for values in found.values())
    assert len({round(float(values[1]), 6) for values in found.values()}) == 5


def test_seasonal_model_shares_the_rules_for_missing_days():
    time = pd.date_range("2001-01-01", periods=365)
    days = xr.DataArray(np.full((365, 2), 20.0), {"time": time}, ("time", "cell"), attrs={"units": "mm/day"})
    days[200, 1] = NAN
    found = rain.erosivity_half_months_seasonal(days, threshold=12.0)
    assert found.sizes == {"half_month": 24, "cell": 2}
    assert np.isnan(found.sel(half_month=14, cell=1))
    warm = found.isel(cell=0) / (20.0**1.7265)
    per_day = warm / [15, 16, 15, 13, *[15, 16, 15, 15] * 2, 15, 16, 15, 16, 15, 15, 15, 16, 15, 15, 15, 16]
    assert list(np.unique(per_day.round(4))) == [0.3101, 0.3937]
    assert list(per_day.half_month[per_day > 0.35]) == list(range(9, 19))


# Soil and relief ----------------------------------------------------------------------------------


def test_nomograph_ends_at_seventy_percent():
    found = erodibility.erodibility_nomograph(np.array([70.0, 70.1]), 20.0, 2.0, 3.0, 3.0)
    assert list(np.isnan(found)) == [False, True]


def test_erodibility_is_highest_for_silt():
    diameters = 10.0 ** np.linspace(-3.0, 0.0, 301)
    best = diameters[int(np.argmax(erodibility.erodibility_diameter(diameters)))]
    assert best == pytest.approx(0.0219, rel=0.02)
    assert float(erodibility.mean_particle_diameter(0.0, 100.0, 0.0)) == pytest.approx(0.026)


def test_classes_of_the_slope_length_exponent_break_where_published():
    at = lambda percent: np.degrees(np.arctan(percent / 100.0))  # noqa: E731
    percents = at(np.array([0.0, 0.9, 1.1, 2.9, 3.1, 3.4, 3.6, 4.9, 5.1, 8.9, 9.1]))
    usle = [0.2, 0.2, 0.3, 0.3, 0.3, 0.3, 0.4, 0.4, 0.5, 0.5, 0.5]
    huanghua = [0.2, 0.2, 0.3, 0.3, 0.4, 0.4, 0.4, 0.4, 0.4, 0.4, 0.5]
    np.testing.assert_allclose(relief.slope_length_exponent_usle(percents), usle)
    np.testing.assert_allclose(relief.slope_length_exponent_huanghua(percents), huanghua)


def test_length_factor_of_a_chain_of_cells_is_that_of_the_slope():
    """Cells of one strip, weighted alike, average to L of the whole slope."""
    cell, m = 10.0, 0.5
    inflow = np.arange(10) * cell**2
    found = relief_grid.slope_length_desmet_govers(inflow, cell, m, 0.0)
    assert found.mean() == pytest.approx((100.0 / 22.13) ** m)


def test_diagonal_flow_is_wider():
    straight, diagonal = (
        float(relief_grid.slope_length_desmet_govers(1e4, 30.0, 0.5, a)) for a in (90.0, 45.0)
    )
    assert diagonal == pytest.approx(straight / 2**0.25)


def test_invest_cap_holds_and_differs_from_the_published_equation():
    a, b = (float(relief_grid.slope_length_invest(x, 30.0, 0.5, 5.0, 122.0)) for x in (122.0**2, 1e8))
    assert a == pytest.approx(b)
    assert float(relief_grid.slope_length_desmet_govers(1e8, 30.0, 0.5, 5.0)) > 100 * b


def test_soil_loss_and_soil_retained_make_up_the_potential():
    loss = find("soil.soil_loss_csle")(1000.0, 0.04, 1.5, 2.0, 0.1, 0.8, 0.5)
    kept = find("soil.retained")(1000.0, 0.04, 3.0, 0.1, 0.4)
    assert loss + kept == pytest.approx(120.0)


def test_steepness_of_the_standard_has_four_branches():
    found = relief.slope_steepness_hj1173(np.array([5.139, 5.14, 10.199, 10.2, 28.81, 28.82, NAN]))
    sine = np.sin(np.deg2rad([5.139, 5.14, 10.199, 10.2, 28.81]))
    expected = [*(sine * [10.8, 16.8, 16.8, 21.9, 21.9] + [0.03, -0.5, -0.5, -0.96, -0.96]), 9.5988, NAN]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_negative_discount_rate_has_no_yearly_cost():
    found = find("capital.annualised_cost")(1000.0, np.array([-0.01, 0.0, 0.05, NAN]), 30.0, 0.0)
    np.testing.assert_allclose(found, [NAN, 1000.0 / 30.0, 65.0514, NAN], rtol=1e-6)
    assert np.isnan(find("capital.annualised_cost")(1000.0, -0.01, 30.0, 0.0))


def test_names_gathered_in_erosion_exist():
    assert all(hasattr(erosion, name) for name in erosion.__all__)
    assert erosion.erosivity_wischmeier is rain_monthly.erosivity_wischmeier


# Sand ---------------------------------------------------------------------------------------------


def speeds(values, unit="m/s"):
    values = np.asarray(values, float)
    return xr.DataArray(values, dims=("time", "cell")[: values.ndim], attrs={"units": unit})


def test_wind_factor_reads_units_and_keeps_missing():
    found = wind.wind_factor(speeds([[6.0, 6.0], [8.0, NAN]]), threshold=5.0, days=10.0)
    assert float(found[0]) == pytest.approx(390.0)
    assert np.isnan(found[1])
    hours = wind.wind_factor(speeds([21.6, 28.8], "km/h"), threshold=5.0, days=10.0)
    assert float(hours) == pytest.approx(390.0)
    assert np.isnan(wind.wind_factor(speeds([6.0, -1.0]), threshold=5.0, days=10.0))
    with pytest.raises(TableError, match="'time'"):
        wind.wind_factor(speeds([6.0]).rename(time="day"), threshold=5.0, days=10.0)


def test_mean_wind_hides_the_storm():
    gusty = wind.wind_factor(speeds([0.0, 0.0, 0.0, 16.0]), threshold=5.0, days=30.0)
    mean = wind.wind_factor(speeds([4.0]), threshold=5.0, days=30.0)
    assert float(gusty) > 1e4
    assert float(mean) == 0.0


def test_two_densities_of_air_are_told_apart():
    first = float(wind.air_density_elevation(1.0, 15.0))
    second = float(wind.air_density_pressure(wind.air_pressure(1.0), 15.0))
    assert first / second == pytest.approx(1.0152, abs=5e-5)


def test_wet_soil_does_not_blow():
    assert float(wetness.soil_wetness(30.0, 30.0, 200.0, 0.0, 60.0)) == 0.0
    assert float(wetness.soil_wetness(0.0, 30.0, 0.0, 0.0, 60.0)) == 1.0
    assert float(wetness.potential_of_radiation(10.0, -30.0)) == 0.0


@pytest.mark.filterwarnings("error")
def test_wetness_without_demand_has_its_limits():
    rain_ = np.array([0.0, 10.0, 10.0, 0.0, NAN, 0.0])
    demand = np.array([0.0, 0.0, 60.0, 60.0, 0.0, NAN])
    expected = [1.0, 0.0, 58.0 / 60.0, 1.0, NAN, NAN]
    np.testing.assert_allclose(wetness.soil_wetness(6.0, 30.0, rain_, 0.0, demand), expected)
    each = [
        float(wetness.soil_wetness(6.0, 30.0, *pair)) for pair in zip(rain_, [0.0] * 6, demand, strict=True)
    ]
    np.testing.assert_allclose(each, expected)
    pytest.importorskip("dask")
    days = [xr.DataArray(d, attrs={"units": "day"}) for d in (6.0, 30.0)]
    water_ = [
        xr.DataArray(v, dims="cell", attrs={"units": "mm"}).chunk(cell=2) for v in (rain_, 0 * rain_, demand)
    ]
    np.testing.assert_allclose(wetness.soil_wetness(*days, *water_).compute(), expected)
    millimetres = [units.quantity(v, "mm") for v in (10.0, 0.0, 0.0)]
    found = wetness.soil_wetness(units.quantity(6.0, "day"), units.quantity(30.0, "day"), *millimetres)
    assert float(found.magnitude) == 0.0
    wetness.soil_wetness.replay()


def test_surface_factors_stay_in_their_ranges():
    assert float(sand_soil.erodible_fraction(95.0, 4.0, 0.5, 0.0, 0.0)) == 1.0
    assert float(sand_soil.erodible_fraction(5.0, 5.0, 90.0, 20.0, 5.0)) == 0.0
    assert float(sand_soil.erodible_fraction(0.0, 100.0, 0.0, 0.0, 0.0)) == pytest.approx(0.4609)
    assert float(sand_soil.vegetation_factor(0.0, 0.1151)) == 1.0


def test_field_form_is_the_difference_of_two_losses():
    factors = (20.0, 0.5, 0.6, 0.9)
    bare, covered = (float(sand.soil_loss_field(*factors, c, 50.0)) for c in (1.0, 0.2))
    assert float(sand.sand_fixed_field(*factors, 0.2, 50.0)) == pytest.approx(bare - covered)
    assert float(sand.sand_fixed_field(*factors, 1.0, 50.0)) == 0.0
    assert float(sand.sand_fixed_closed(*factors, 1.0)) == 0.0


def test_field_form_is_that_of_its_parts():
    factors = (20.0, 0.5, 0.6, 0.9, 0.2)
    capacity, length = float(sand.transport_capacity(*factors)), float(sand.critical_length(*factors))
    expected = 2 * 50.0 / length**2 * capacity * np.exp(-((50.0 / length) ** 2))
    assert float(sand.soil_loss_field(*factors, 50.0)) == pytest.approx(expected)


def test_no_wind_no_loss():
    assert float(sand.soil_loss_field(0.0, 0.5, 0.6, 0.9, 1.0, 50.0)) == pytest.approx(0.0, abs=1e-12)
    assert float(sand.sand_fixed_closed(0.0, 0.5, 0.6, 0.9, 0.5)) == 0.0


# Evapotranspiration -------------------------------------------------------------------------------


def test_sun_at_the_poles():
    assert float(evapotranspiration.daylight(80.0, 355.0)) == 0.0
    assert float(evapotranspiration.daylight(80.0, 172.0)) == pytest.approx(24.0)
    assert float(evapotranspiration.extraterrestrial_radiation(80.0, 355.0)) == pytest.approx(0.0, abs=1e-9)
    assert float(evapotranspiration.daylight(0.0, 100.0)) == pytest.approx(12.0)


def test_solar_radiation_above_clear_sky_does_not_cool_more():
    given = (100.0, 10.0, 20.0, 1.2)
    clear = float(evapotranspiration.net_radiation(0.752 * 40.0, 40.0, *given))
    beyond = float(evapotranspiration.net_radiation(35.0, 40.0, *given))
    assert beyond - clear == pytest.approx(0.77 * (35.0 - 0.752 * 40.0))


def test_hargreaves_without_spread_or_warmth_is_zero():
    assert float(evapotranspiration.hargreaves(20.0, 22.0, 18.0, 40.0)) == 0.0
    assert float(evapotranspiration.hargreaves(-20.0, -25.0, -15.0, 10.0)) == 0.0


def test_temperatures_in_kelvin_are_converted():
    celsius, kelvin = (xr.DataArray([v], attrs={"units": u}) for v, u in ((20.0, "degC"), (293.15, "K")))
    a, b = (evapotranspiration.saturation_pressure(t) for t in (celsius, kelvin))
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_heat_index_and_thornthwaite_over_a_year():
    months = xr.DataArray(
        [-12.0, -8.0, 0.0, 8.0, 15.0, 20.0, 22.0, 20.0, 14.0, 7.0, -3.0, -10.0],
        dims="month",
        attrs={"units": "degC"},
    )
    index = thornthwaite.heat_index_of_months(months)
    by_hand = sum((t / 5.0) ** 1.514 for t in months.to_numpy() if t > 0)
    assert float(index) == pytest.approx(by_hand)
    hours = xr.DataArray(12.0, attrs={"units": "h/day"})
    days = xr.DataArray(30.0, attrs={"units": "day/month"})
    found = thornthwaite.thornthwaite(months, index, hours, days)
    assert found.attrs == {"units": "mm/month"}
    assert list(found.to_numpy() > 0) == [bool(t > 0) for t in months]
    with pytest.raises(TableError, match="length 12"):
        thornthwaite.heat_index_of_months(months[:11])
    assert np.isnan(thornthwaite.heat_index_of_months(months.where(months > -5)))


# Terrain ------------------------------------------------------------------------------------------


def model(heights, *, step=30.0, crs="EPSG:32649", south_first=False, unit="m", corner=(400000.0, 4500000.0)):
    heights = np.asarray(heights, float)
    y = corner[1] + step * np.arange(heights.shape[0])
    x = corner[0] + step * np.arange(heights.shape[1])
    y = y if south_first else y[::-1]
    return set_crs(xr.DataArray(heights, {"y": y, "x": x}, ("y", "x"), attrs={"units": unit}), crs)


def plane(rows, columns, east, north, step=30.0):
    """Heights with rows from north to south that rise by ``east`` and ``north`` a metre."""
    return np.add.outer(-north * step * np.arange(rows), east * step * np.arange(columns)) + 500.0


def flow_by_hand(heights):
    """Cells drained through each cell, by walking down from every cell; no hollows, square cells."""
    rows, columns = heights.shape
    count = np.zeros(heights.shape)
    for i in range(rows):
        for j in range(columns):
            r, c = i, j
            while True:
                count[r, c] += 1
                best, to = 0.0, None
                for a in (-1, 0, 1):
                    for b in (-1, 0, 1):
                        p, q = r + a, c + b
                        if (a or b) and 0 <= p < rows and 0 <= q < columns:
                            drop = (heights[r, c] - heights[p, q]) / np.hypot(a, b)
                            if drop > best:
                                best, to = drop, (p, q)
                if to is None:
                    break
                r, c = to
    return count


@pytest.mark.parametrize(
    ("east", "north", "falls"), [(0.1, 0.0, 270.0), (-0.1, 0.0, 90.0), (0.0, 0.1, 180.0), (0.1, 0.1, 225.0)]
)
@pytest.mark.parametrize("south_first", [False, True])
def test_slope_and_aspect_of_a_plane(east, north, falls, south_first):
    heights = plane(5, 6, east, north)
    dem = model(heights[::-1] if south_first else heights, south_first=south_first)
    inner = {"y": slice(1, -1), "x": slice(1, -1)}
    np.testing.assert_allclose(
        routing.slope(dem)[inner], np.degrees(np.arctan(np.hypot(east, north))), rtol=1e-9
    )
    np.testing.assert_allclose(routing.aspect(dem)[inner], falls, rtol=1e-9)
    assert routing.slope(dem).attrs == routing.aspect(dem).attrs == {"units": "degree"}


def test_slope_in_degrees_uses_true_cell_sizes():
    """0.01° at 60° N is 1114 m tall and 558 m wide; a hundred metres a cell is twice as steep eastward."""
    corner = (110.0, 60.0)
    kwargs = {"step": 0.01, "crs": "EPSG:4326", "corner": corner}
    east = routing.slope(model(np.add.outer(np.zeros(3), 100.0 * np.arange(3)), **kwargs))[1, 1]
    north = routing.slope(model(np.add.outer(100.0 * np.arange(3), np.zeros(3)), **kwargs))[1, 1]
    assert np.tan(np.radians(float(east))) == pytest.approx(100.0 / 557.8, rel=1e-3)
    assert np.tan(np.radians(float(north))) == pytest.approx(100.0 / 1114.1, rel=1e-3)


def test_cell_sides_multiply_to_the_true_cell_area():
    dem = model(np.zeros((4, 3)), step=0.01, crs="EPSG:4326", corner=(110.0, 40.0))
    spec = GridSpec.of(dem)
    wide, tall = routing._cell_sides(spec)
    np.testing.assert_allclose(wide * tall, spec.cell_area().rows(0, 4)[:, 0], rtol=1e-8)


def test_edges_missing_cells_and_level_ground():
    heights = plane(6, 6, 0.1, 0.0)
    heights[2, 2] = NAN
    found = routing.slope(model(heights))
    assert np.isnan(found[0]).all()
    assert np.isnan(found[1:4, 1:4]).all()
    assert np.isfinite(found[4, 4])
    level = model(np.full((3, 3), 7.0))
    assert float(routing.slope(level)[1, 1]) == 0.0
    assert np.isnan(routing.aspect(level)[1, 1])


def test_elevation_unit_and_dimensions_are_read():
    heights = plane(3, 3, 0.1, 0.0)
    metres, kilometres = model(heights), model(heights / 1000.0, unit="km")
    np.testing.assert_allclose(routing.slope(kilometres), routing.slope(metres), rtol=1e-9)
    turned = routing.slope(metres.transpose("x", "y"))
    np.testing.assert_allclose(turned, routing.slope(metres))
    with pytest.raises(UnitError):
        routing.slope(metres.drop_attrs(deep=False))
    with pytest.raises(GridError, match="two"):
        routing.slope(metres.expand_dims(time=2))
    with pytest.raises(GridError, match="no CRS"):
        routing.slope(metres.drop_vars("spatial_ref"))


def test_flow_agrees_with_walking_down_by_hand():
    pytest.importorskip("pyflwdir")
    rng = np.random.default_rng(5)
    heights = plane(12, 15, 0.1, 0.05) + rng.uniform(0.0, 1.0, (12, 15))
    cells = flow_by_hand(heights.astype(np.float32))
    found = routing.contributing_area(model(heights))
    one = float(found.min())
    assert one == pytest.approx(900.0, rel=0.002)
    np.testing.assert_allclose(found / one, cells, rtol=1e-4)
    assert found.attrs == {"units": "m2"}


def test_even_slope_drains_straight_down():
    pytest.importorskip("pyflwdir")
    found = routing.contributing_area(model(plane(6, 8, -0.1, 0.0)))
    np.testing.assert_allclose(found[1:-1, :-1] / found[0, 0], [np.arange(1, 8)] * 4, rtol=1e-4)


def test_order_of_rows_and_missing_cells_do_not_matter_to_flow():
    pytest.importorskip("pyflwdir")
    heights = np.random.default_rng(2).uniform(0.0, 20.0, (20, 25))
    heights[5:8, 3:9] = NAN
    found = routing.contributing_area(model(heights))
    turned = routing.contributing_area(model(heights[::-1], south_first=True))
    np.testing.assert_allclose(turned[::-1], found)
    assert (np.isnan(found) == np.isnan(heights)).all()


def test_hollow_overflows_and_no_water_is_lost():
    pytest.importorskip("pyflwdir")
    valley = plane(7, 9, -0.1, 0.0) + 2.0 * np.abs(np.arange(7) - 3)[:, None]
    valley[3, 4] -= 50.0
    dem = model(valley)
    found = routing.contributing_area(dem)
    assert float(found[3, -1]) == float(found.max())
    assert float(found[3, -1]) == pytest.approx(GridSpec.of(dem).cell_area().total(), rel=1e-9)
    assert float(found[3, 4]) > float(found[3, 3])


def test_flow_on_longitude_and_latitude_adds_true_areas():
    pytest.importorskip("pyflwdir")
    dem = model(plane(3, 5, -0.1, 0.0), step=0.01, crs="EPSG:4326", corner=(110.0, 40.0))
    found = routing.contributing_area(dem)
    area = GridSpec.of(dem).cell_area().rows(0, 3)
    np.testing.assert_allclose(found[1, :4], area[1] * np.arange(1, 5), rtol=1e-9)


def test_missing_library_is_named(monkeypatch):
    def refuse(name, *args):
        if name == "pyflwdir":
            raise ImportError(name)
        return importlib.__import__(name, *args)

    monkeypatch.setattr(importlib, "import_module", refuse)
    with pytest.raises(MissingExtra, match=r"gep\[terrain\]"):
        routing.contributing_area(model(plane(3, 3, 0.1, 0.0)))
