"""Services that are more than one line of arithmetic, and the edges of those that are."""

from __future__ import annotations

import math
import time as clock

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gep.errors import TableError, UnitError
from gep.services import all_formulas, carbon, culture, erosion, find, provisioning, relief, value, water

NAN = float("nan")
UNIT = "MJ mm/(ha h year)"


def series(values, start="2001-01-01", unit="mm/day"):
    values = np.asarray(values, dtype=float)
    dims = ("time", "cell")[: values.ndim]
    time = pd.date_range(start, periods=len(values))
    return xr.DataArray(values, {"time": time}, dims, attrs={"units": unit})


def wet_year(days=365, cells=1, seed=3):
    """Gamma rain: about a third of the days wet, some beyond 12 mm."""
    rng = np.random.default_rng(seed)
    return rng.gamma(0.8, 12.0, (days, cells)) * (rng.random((days, cells)) < 0.35)


def zhang_by_hand(days, years):
    """The model of Zhang Wenbo for one cell, day by day."""
    wet = [d for d in days if d >= 12.0]
    beta = 0.8363 + 18.144 / (sum(wet) / len(wet)) + 24.455 / (sum(wet) / years)
    return 21.586 * beta**-7.1891 * math.fsum(d**beta for d in wet) / years


# Rain erosivity -----------------------------------------------------------------------------------


def test_erosivity_agrees_with_the_model_day_by_day():
    rain = wet_year(730, 4)
    found = erosion.erosivity_zhang(series(rain))
    assert found.dims == ("cell",)
    assert found.attrs == {"units": UNIT}
    expected = [zhang_by_hand(rain[:, i], 2) for i in range(4)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_erosivity_of_half_months_adds_up_and_splits_at_the_16th():
    rain = np.zeros(365)
    rain[[14, 15, 31]] = 40.0  # 15 January, 16 January, 1 February
    halves = erosion.erosivity_half_months(series(rain))
    assert halves.sizes == {"half_month": 24}
    assert list(halves.half_month[halves > 0]) == [1, 2, 3]
    assert float(halves.sum()) == pytest.approx(float(erosion.erosivity_zhang(series(rain))))


def test_day_of_exactly_12_mm_is_erosive():
    rain = np.zeros(365)
    rain[10] = 12.0
    assert float(erosion.erosivity_zhang(series(rain))) == pytest.approx(zhang_by_hand([12.0], 1))
    rain[10] = 11.999
    assert float(erosion.erosivity_zhang(series(rain))) == 0.0


def test_only_complete_calendar_years_count():
    rain = wet_year(365 + 200)[:, 0]
    whole = erosion.erosivity_zhang(series(rain[:365]))
    assert float(erosion.erosivity_zhang(series(rain))) == pytest.approx(float(whole))
    with pytest.raises(TableError, match="no calendar year"):
        erosion.erosivity_zhang(series(rain[:364]))
    with pytest.raises(TableError, match="2000 with 365 days"):
        erosion.erosivity_zhang(series(rain[:365], start="2000-01-01"))


def test_leap_year_needs_its_366th_day():
    rain = wet_year(366)[:, 0]
    assert float(erosion.erosivity_zhang(series(rain, start="2000-01-01"))) == pytest.approx(
        zhang_by_hand(rain, 1)
    )


def test_year_with_a_day_left_out_is_not_used():
    rain = series(wet_year(730)[:, 0])
    hole = rain.drop_isel(time=100)
    expected = erosion.erosivity_zhang(rain.isel(time=slice(365, None)))
    assert float(erosion.erosivity_zhang(hole)) == pytest.approx(float(expected))


def test_cell_with_a_missing_day_is_missing_and_others_are_not():
    rain = wet_year(365, 3)
    rain[200, 1] = NAN
    rain[201, 2] = -9999.0
    found = erosion.erosivity_zhang(series(rain))
    assert np.isfinite(found[0])
    assert np.isnan(found[1])
    assert np.isnan(found[2])
    assert np.isnan(erosion.erosivity_half_months(series(rain))[:, 1]).all()


def test_missing_day_of_an_unused_year_does_no_harm():
    rain = wet_year(400)[:, 0]
    rain[390] = NAN
    assert np.isfinite(erosion.erosivity_zhang(series(rain)))


def test_cell_without_erosive_days_is_zero():
    rain = np.column_stack([np.full(365, 11.0), np.zeros(365), wet_year(365)[:, 0]])
    found = erosion.erosivity_zhang(series(rain))
    assert list(found[:2]) == [0.0, 0.0]
    assert found[2] > 0


def test_unit_of_the_rain_is_read():
    rain = wet_year()[:, 0]
    in_cm = erosion.erosivity_zhang(series(rain / 10, unit="cm/day"))
    assert float(in_cm) == pytest.approx(float(erosion.erosivity_zhang(series(rain))))
    with pytest.raises(UnitError, match="rain has no unit"):
        erosion.erosivity_zhang(series(rain).drop_attrs())
    with pytest.raises(UnitError, match="got mm"):
        erosion.erosivity_zhang(series(rain, unit="mm/year"))


def test_times_at_noon_are_the_same_days():
    rain = series(wet_year()[:, 0])
    noon = rain.assign_coords(time=rain.time + np.timedelta64(12, "h"))
    assert float(erosion.erosivity_zhang(noon)) == pytest.approx(float(erosion.erosivity_zhang(rain)))


def test_day_that_occurs_twice_is_refused():
    rain = series(wet_year()[:, 0])
    twice = xr.concat([rain, rain.isel(time=[7])], "time").sortby("time")
    with pytest.raises(TableError, match="2001-01-08 occurs more than once"):
        erosion.erosivity_zhang(twice)


def test_times_that_are_no_dates_are_refused():
    with pytest.raises(TableError, match="no dimension 'time' of dates"):
        erosion.erosivity_zhang(series(wet_year()[:, 0]).drop_vars("time"))


def test_lazy_rain_stays_lazy_and_gives_the_same():
    dask = pytest.importorskip("dask")

    def refuse(*_, **__):
        raise AssertionError("computed while the graph was built")

    rain = series(wet_year(365, 6))
    with dask.config.set(scheduler=refuse):
        lazy = erosion.erosivity_zhang(rain.chunk(time=100, cell=2))
    np.testing.assert_allclose(lazy.compute(), erosion.erosivity_zhang(rain), rtol=1e-12)


def test_thirty_one_years_of_a_county_take_seconds():
    days = len(pd.date_range("1990-01-01", "2020-12-31"))
    rain = series(wet_year(days, 434), start="1990-01-01")
    start = clock.perf_counter()
    found = erosion.erosivity_zhang(rain)
    assert clock.perf_counter() - start < 20
    assert np.isfinite(found).all()


# Fournier index -----------------------------------------------------------------------------------


def monthly(values, *dims, unit="mm/month"):
    return xr.DataArray(np.asarray(values, dtype=float), dims=dims, attrs={"units": unit})


def test_fournier_index_is_the_mean_over_years():
    even = monthly(np.full(12, 50.0), "month")
    assert float(erosion.modified_fournier(even)) == pytest.approx(50.0)
    years = monthly([np.full(12, 50.0), np.full(12, 70.0)], "year", "month")
    found = erosion.modified_fournier(years)
    assert float(found) == pytest.approx(60.0)
    assert found.attrs == {"units": "mm"}


def test_fournier_index_of_no_rain_is_zero_and_of_a_missing_month_is_missing():
    rain = np.zeros((2, 12))
    rain[1, 5] = NAN
    found = erosion.modified_fournier(monthly(rain, "cell", "month"))
    assert found[0] == 0.0
    assert np.isnan(found[1])


def test_fournier_index_needs_twelve_months_in_mm_per_month():
    with pytest.raises(TableError, match="length 12"):
        erosion.modified_fournier(monthly(np.ones(11), "month"))
    with pytest.raises(UnitError):
        erosion.modified_fournier(monthly(np.ones(12), "month", unit="mm/year"))
    cm = erosion.modified_fournier(monthly(np.full(12, 5.0), "month", unit="cm/month"))
    assert float(cm) == pytest.approx(50.0)


# Edges --------------------------------------------------------------------------------------------


def test_negative_balance_stays_or_becomes_zero_by_name():
    assert water.water_retained(0.4, 0.0, 0.5) == pytest.approx(-0.1)
    assert water.water_retained_nonnegative(0.4, 0.0, 0.5) == 0.0
    kept = water.water_retained_nonnegative(np.array([0.4, NAN, 0.9]), 0.0, 0.5)
    np.testing.assert_allclose(kept, [0.0, NAN, 0.4])


def test_negative_residual_stays():
    assert value.residual_value(10.0, 1.0, 1.5) == -5.0


def test_steepness_breaks_lie_where_they_are_published():
    nine_percent = math.degrees(math.atan(0.09))
    below, above = relief.slope_steepness_mccool(np.array([nine_percent - 1e-6, nine_percent + 1e-6]))
    assert below == pytest.approx(10.8 * math.sin(math.atan(0.09)) + 0.03, abs=1e-5)
    assert above == pytest.approx(16.8 * math.sin(math.atan(0.09)) - 0.5, abs=1e-5)
    found = relief.slope_steepness_liu(np.array([4.999, 5.0, 9.999, 10.0]))
    branches = [(10.8, 0.03), (16.8, -0.5), (16.8, -0.5), (21.91, -0.96)]
    expected = [
        a * math.sin(math.radians(s)) + b
        for s, (a, b) in zip((4.999, 5.0, 9.999, 10.0), branches, strict=True)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_flat_land_has_no_length_effect():
    assert float(relief.slope_length_exponent(0.0)) == 0.0
    assert float(relief.slope_length_factor(100.0, 0.0)) == 1.0
    assert float(relief.slope_length_factor(22.13, 12.0)) == 1.0


def test_cover_factor_never_leaves_zero_to_one():
    cover = np.array([0.0, 1e-6, 0.05, 0.0963, 0.1, 78.3, 78.31, 100.0])
    found = erosion.cover_factor_cai(cover)
    assert list(found[:3]) == [1.0, 1.0, 1.0]
    assert found[4] == pytest.approx(0.9944)
    assert list(found[-2:]) == [0.0, 0.0]
    assert (np.diff(found) <= 0).all()


def test_vegetation_cover_keeps_missing_cells():
    found = erosion.vegetation_cover(np.array([-0.2, 0.45, 0.95, NAN]), 0.05, 0.85)
    np.testing.assert_allclose(found, [0.0, 0.5, 1.0, NAN])


def test_vegetation_cover_feeds_the_cover_factor_through_units():
    cover = erosion.vegetation_cover(xr.DataArray([0.45], attrs={"units": "1"}), 0.05, 0.85)
    assert erosion.cover_factor_cai(cover).item() == pytest.approx(0.067034, abs=5e-7)


def test_erodibility_of_pure_sand_and_of_no_carbon_is_a_number():
    assert float(erosion.erodibility_epic(100.0, 0.0, 0.0, 0.5)) < 1e-3
    assert float(erosion.erodibility_epic(40.0, 40.0, 20.0, 0.0)) == pytest.approx(0.0414, abs=0.003)


def test_organic_matter_mistaken_for_carbon_shows():
    assert float(erosion.erodibility_epic(40, 40, 20, 1.724)) < 0.95 * float(
        erosion.erodibility_epic(40, 40, 20, 1.0)
    )


def test_oxygen_by_both_routes_agrees_for_one_production():
    matter = 162.0
    co2 = carbon.carbon_in_dry_matter(matter, 72 / 162) * 44 / 12
    assert carbon.oxygen_released(co2, 32 / 44) == pytest.approx(
        carbon.oxygen_from_dry_matter(matter, 32 / 27)
    )


def test_plain_products():
    assert carbon.carbon_from_rate(100.0, 0.75) == 75.0
    assert provisioning.harvest(1000.0, 6.5) == 6500.0
    assert provisioning.feed_contribution(3.0, 4.0) == 0.75
    assert value.rent_value(1000.0, 0.258) == pytest.approx(258.0)
    assert value.net_output(5.0, 2.0) == 3.0
    assert culture.travel_cost(10.0, 5.0, 2.0, 30.0, 0.3) == pytest.approx(230.0)


def test_names_gathered_in_erosion_are_the_same_objects():
    assert find("erosion.zhang_beta") is find("rain.zhang_beta")
    assert set(all_formulas()) >= {"erosion.cover_factor_cai", "rain.zhang_alpha", "soil.retained"}
    assert "erosion.zhang_beta" not in all_formulas()
