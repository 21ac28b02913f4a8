"""Formulas where neutral numbers hide a slip: shares and counts that are not one, bounds, single days."""

import csv

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gep.errors import GridError, ProfileError, TableError, UnitError
from gep.grid.crs import set_crs
from gep.grid.georef import GridSpec
from gep.resources import folder
from gep.services import (
    culture,
    demand,
    erodibility,
    evapotranspiration,
    find,
    flood,
    habitat,
    landscape,
    pest,
    rain,
    rain_monthly,
    relief,
    routing,
    storms,
    thornthwaite,
    wetness,
    wind,
)

UNIT = "MJ mm/(ha h year)"


# Products ----------------------------------------------------------------------------------------


def test_shares_and_counts_multiply():
    assert culture.revenue_attributed(100.0, 0.4) == 40.0
    assert pest.controlled_area(100.0, 0.4) == 40.0
    twice, once = (flood.lake_storage(165.0, 6.636, 0.678, n) for n in (2.0, 1.0))
    assert twice == 2.0 * once


def test_structure_and_permeability_of_a_soil_by_hand():
    found = float(erodibility.erodibility_nomograph(30.0, 20.0, 2.0, 4.0, 5.0))
    assert found * 759.0 == pytest.approx(2.1e-4 * 2400.0**1.14 * 10.0 + 6.5 + 5.0, rel=1e-12)


def test_evapotranspiration_in_the_mountains_by_hand():
    """At 1800 m, where table 2.1 of FAO 56 has 81.8 kPa, with heat going into the ground."""
    pressure = 101.3 * ((293.0 - 0.0065 * 1800.0) / 293.0) ** 5.26
    assert pressure == pytest.approx(81.8, abs=0.05)
    curve = 4098.0 * 0.6108 * np.exp(17.27 * 15.0 / 252.3) / 252.3**2
    gamma = 0.665e-3 * pressure
    above = 0.408 * curve * (12.0 - 1.5) + gamma * 900.0 / 288.0 * 2.0 * 0.6
    found = evapotranspiration.penman_monteith(12.0, 1.5, 15.0, 2.0, 1.7, 1.1, 1800.0)
    assert float(found) == pytest.approx(above / (curve + gamma * 1.68), rel=1e-12)


def test_air_at_two_kilometres_by_hand():
    density = wind.air_density_elevation(2.0, 15.0)
    assert density == pytest.approx(348.0 * (1.013 - 0.2366 + 0.0192) / 288.15, rel=1e-12)
    pressure = wind.air_pressure(2.0)
    assert pressure == pytest.approx(101.3 * (1.0 - 0.051 * 6357.0 / 6359.0) ** 5.256, rel=1e-12)


def test_wind_of_two_metres_and_of_ten():
    assert wind.wind_to_two_metres_log(5.0, 2.0) == pytest.approx(5.0, rel=1e-3)
    assert wind.wind_to_two_metres_log(5.0, 10.0) == pytest.approx(5.0 * 4.87 / np.log(672.58), rel=1e-12)


def test_irrigation_wets_the_soil_as_rain_does():
    assert wetness.soil_wetness(6.0, 30.0, 20.0, 10.0, 60.0) == pytest.approx(0.9)


def test_small_whole_numbers_do_not_overflow():
    visits = np.array([200, 100], np.uint8)
    assert demand.area_under_demand(np.array([0, 10], np.uint8), visits) == 1500.0
    with pytest.raises(TableError, match="added costs"):
        demand.area_under_demand(np.array([0, 20, 10], np.uint8), [3, 2, 1])


# Classes and their bounds -------------------------------------------------------------------------


def test_classes_of_species_are_keys_of_the_prices():
    path = folder() / "tables" / "lyt1721-2008.csv"
    with path.open(encoding="utf-8", newline="") as file:
        items = [r["item"] for r in csv.DictReader(file) if r["quantity"] == "species_conservation_value"]
    assert tuple(items) == habitat.SPECIES_CLASSES


@pytest.mark.parametrize(("percent", "exponent"), [(1.0, 0.2), (3.5, 0.3), (5.0, 0.4), (5.1, 0.5)])
def test_a_bound_of_the_handbook_belongs_to_the_class_below(percent, exponent):
    found = relief.slope_length_exponent_usle(np.degrees(np.arctan(percent / 100)))
    assert float(found) == pytest.approx(exponent)


def test_unknown_formulas_list_three_near_ones_or_all():
    with pytest.raises(ProfileError) as caught:
        find("soil.retain")
    assert caught.value.faults[0].expected.count(", ") == 2
    with pytest.raises(ProfileError) as caught:
        find("qqq")
    assert "soil.retained" in caught.value.faults[0].expected


# Rain --------------------------------------------------------------------------------------------


def daily(days, **amounts):
    """Return daily rain without any but the days named: d2019_05_03=12.0."""
    times = pd.date_range(*days)
    series = pd.Series(0.0, times)
    for name, amount in amounts.items():
        series[pd.Timestamp(name[1:].replace("_", "-"))] = amount
    return xr.DataArray(series, dims="time", coords={"time": times}, attrs={"units": "mm/day"})


YEARS = ("2019-01-01", "2020-12-31")


def test_one_erosive_day_is_its_own_mean():
    found = rain.erosivity_half_months(daily(YEARS, d2019_05_03=40.0))
    beta = 0.8363 + 18.144 / 40.0 + 24.455 / 20.0
    assert float(found.sel(half_month=9)) == pytest.approx(21.586 * beta**-7.1891 * 40.0**beta / 2, rel=1e-12)
    assert float(found.sum()) == float(found.sel(half_month=9))
    assert found.attrs == {"units": UNIT}
    whole = rain.erosivity_zhang(daily(YEARS, d2019_05_03=40.0))
    assert (float(whole), whole.attrs) == (float(found.sum()), {"units": UNIT})


def test_a_day_of_just_the_threshold_counts_in_the_seasonal_model():
    amounts = daily(YEARS, d2019_05_03=12.0, d2020_01_20=11.9)
    found = rain.erosivity_half_months_seasonal(amounts, threshold=12.0)
    assert float(found.sel(half_month=9)) == pytest.approx(0.3937 * 12.0**1.7265 / 2, rel=1e-12)
    assert float(found.sum()) == float(found.sel(half_month=9))
    assert found.attrs == {"units": UNIT}


def test_days_without_a_date_are_told_and_so_is_the_fullest_year():
    broken = daily(("2019-01-01", "2019-12-31"))
    times = broken["time"].to_numpy().copy()
    times[7] = np.datetime64("NaT")
    with pytest.raises(TableError, match="some entries have no date"):
        rain.erosivity_zhang(broken.assign_coords(time=times))
    with pytest.raises(TableError, match="the fullest year is 2020 with 200 days"):
        rain.erosivity_zhang(daily(("2019-12-01", "2020-07-18")))


def monthly(*years):
    return xr.DataArray(np.array(years), dims=("year", "month"), attrs={"units": "mm/month"})


def test_a_year_without_rain_is_zero_and_one_with_a_gap_is_missing():
    dry, wet = np.zeros(12), np.full(12, 24.0)
    assert float(rain.modified_fournier(monthly(dry, wet))) == 12.0
    assert np.isnan(rain.modified_fournier(monthly(np.where(wet.cumsum() < 30, np.nan, 24.0), wet)))
    assert float(rain_monthly.erosivity_wischmeier(monthly(dry)[0], constant=1.0, unit="US")) == 0.0
    with pytest.raises(UnitError, match="monthly has no unit"):
        rain.modified_fournier(monthly(dry, wet).drop_attrs())


# Storms ------------------------------------------------------------------------------------------


def gauge(**depths):
    """Return a series of 10 minutes with rain at some times of one day: h07_10=1.0."""
    times = pd.date_range("2020-06-01", periods=144, freq="10min")
    series = pd.Series(0.0, times)
    for name, depth in depths.items():
        series[pd.Timestamp(f"2020-06-01 {name[1:].replace('_', ':')}")] = depth
    return xr.DataArray(series, dims="time", coords={"time": times}, attrs={"units": "mm"})


def exponential(intensity, decay):
    return 0.29 * (1.0 - 0.72 * np.exp(-decay * intensity))


@pytest.mark.parametrize(
    ("energy", "unit_energy"),
    [
        ("brown-foster-0.05", exponential(24.0, 0.05)),
        ("mcgregor-0.08", exponential(24.0, 0.08)),
        ("mcgregor-0.082", exponential(24.0, 0.082)),
        ("flanders", 0.1112 * 24.0**0.31),
        ("wischmeier-smith", 0.119 + 0.0873 * np.log10(24.0)),
    ],
)
def test_a_storm_by_hand(energy, unit_energy):
    """Two intervals of 4 mm in ten minutes: 24 mm/h, and 8 mm in the half-hour, 16 mm/h."""
    (storm,) = storms.storm_erosivity(gauge(h07_00=4.0, h07_10=4.0), energy=energy, least=8.0).itertuples()
    assert (storm.start, storm.rain, storm.intensity) == (pd.Timestamp("2020-06-01 07:00"), 8.0, 16.0)
    assert storm.energy == pytest.approx(8.0 * unit_energy, rel=1e-12)
    assert storm.erosivity == pytest.approx(8.0 * unit_energy * 16.0, rel=1e-12)


@pytest.mark.parametrize(
    ("depths", "break_rain", "starts"),
    [
        ({"h07_00": 2.0, "h13_00": 2.0}, 0.0, [7, 13]),
        ({"h07_00": 2.0, "h12_50": 2.0}, 0.0, [7]),
        ({"h07_00": 2.0, "h08_00": 1.27, "h13_10": 2.0}, 1.27, [7]),
        ({"h07_00": 2.0, "h08_00": 1.26, "h13_10": 2.0}, 1.27, [7, 13]),
        ({"h07_00": 2.0, "h08_00": 0.01, "h13_10": 2.0}, 0.0, [7]),
    ],
)
def test_breaks_between_storms(depths, break_rain, starts):
    found = storms.storm_erosivity(gauge(**depths), energy="flanders", least=0.0, break_rain=break_rain)
    assert found["start"].dt.hour.tolist() == starts
    assert found["rain"].sum() == pytest.approx(sum(depths.values()))


def test_the_shortest_gap_and_the_least_rain_count():
    series = gauge(h07_00=2.0, h07_30=1.0)
    found = storms.storm_erosivity(series, energy="flanders", least=1.0, gap="30min")
    assert found["rain"].tolist() == [2.0, 1.0]
    for wrong in ({"gap": "29min"}, {"break_rain": np.inf}, {"break_rain": -0.1}):
        with pytest.raises(TableError):
            storms.storm_erosivity(series, energy="flanders", least=1.0, **wrong)


def test_series_without_a_unit_are_named():
    series = gauge(h07_00=2.0).drop_attrs()
    with pytest.raises(UnitError, match="rain has no unit"):
        storms.storm_erosivity(series, energy="flanders", least=1.0)
    with pytest.raises(UnitError, match="speed has no unit"):
        wind.wind_factor(series, threshold=5.0, days=15.0)
    months = xr.DataArray(np.ones(12), dims="month")
    with pytest.raises(UnitError, match="temperature has no unit"):
        thornthwaite.heat_index_of_months(months)


# Homes -------------------------------------------------------------------------------------------


def test_prices_may_be_small_near_each_other_and_missing():
    near = 1e-3 * np.arange(5)
    found = landscape.hedonic(0.05 * np.exp(-8.0 * near), near)
    assert found.coefficients["distance"] == pytest.approx(-8.0, rel=1e-9)
    assert found.r2 == pytest.approx(1.0)
    gap = landscape.hedonic([800, None, 200, 100], [0, 1, 2, 3])
    assert (gap.n, gap.coefficients["distance"]) == (3, pytest.approx(-np.log(2)))
    twin = landscape.hedonic([2.0, 2.0, 2.0, 2.0], [0, 1, 2, 3])
    assert np.isnan(twin.r2)


@pytest.mark.parametrize("name", ["intercept", "distance", "price"])
def test_a_control_may_not_have_a_name_that_is_taken(name):
    with pytest.raises(TableError, match=f"a control is named {name}"):
        landscape.hedonic([8, 4, 2, 1], [0, 1, 2, 3], {name: [1, 0, 1, 1]})


def test_columns_that_do_not_fit_are_listed():
    with pytest.raises(TableError, match=r"fit: price \(4,\), distance \(3,\), floor \(4,\)"):
        landscape.hedonic([8, 4, 2, 1], [0, 1, 2], {"floor": [1, 0, 1, 1]})


# Water over land ---------------------------------------------------------------------------------


def elevation(values, south_first=False, step=30.0, crs="EPSG:32649"):
    values = np.asarray(values, float)
    rows, columns = values.shape
    north, west = (0.2, 111.0) if step < 1 else (4e6, 4e5)
    dims = ("lat", "lon") if step < 1 else ("y", "x")
    y, x = north - step * np.arange(rows), west + step * np.arange(columns)
    dem = set_crs(xr.DataArray(values, dict(zip(dims, (y, x), strict=True)), dims, attrs={"units": "m"}), crs)
    return dem[::-1] if south_first else dem


def cells_above(height):
    """Count the cells that drain through each one, by going down from each to the steepest neighbour."""
    rows, columns = height.shape
    count = np.zeros(height.shape)
    for place in np.ndindex(height.shape):
        at = place
        while at is not None:
            count[at] += 1
            r, c = at
            falls = {
                (i, j): (height[at] - height[i, j]) / np.hypot(i - r, j - c)
                for i in range(max(r - 1, 0), min(r + 2, rows))
                for j in range(max(c - 1, 0), min(c + 2, columns))
                if (i, j) != at
            }
            below = max(falls, key=falls.get)
            at = below if falls[below] > 0 else None
    return count


@pytest.mark.parametrize("angle", range(0, 360, 45))
@pytest.mark.parametrize("south_first", [False, True])
def test_water_runs_down_a_plane_to_each_side(angle, south_first):
    pytest.importorskip("pyflwdir")
    y, x = np.indices((5, 7), float)
    turn = np.radians(angle + 3.0)
    height = 500.0 + 10.0 * (np.cos(turn) * x + np.sin(turn) * y)
    area = routing.contributing_area(elevation(height, south_first)).sortby("y", ascending=False)
    found = area.to_numpy() / area.to_numpy().min()
    np.testing.assert_allclose(found, cells_above(height), rtol=1e-5)


def test_flow_on_degrees_does_not_depend_on_the_order_of_rows():
    pytest.importorskip("pyflwdir")
    height = 100.0 + np.add.outer(np.arange(4) ** 2, np.arange(6)) * 7.0
    degrees = {"step": 0.01, "crs": "EPSG:4326"}
    down = routing.contributing_area(elevation(height, **degrees))
    up = routing.contributing_area(elevation(height, south_first=True, **degrees))
    xr.testing.assert_allclose(down, up.sortby("lat", ascending=False), rtol=1e-12)
    assert float(down.max()) > 3 * float(down.min())


def test_cells_on_a_sphere_by_hand():
    pytest.importorskip("pyproj")
    sphere = elevation(np.ones((2, 2)), step=0.5, crs="+proj=longlat +R=6371000 +no_defs +type=crs")
    wide, tall = routing._cell_sides(GridSpec.of(sphere, "dem"))
    assert tall.tolist() == pytest.approx([6371000.0 * np.radians(0.5)] * 2, rel=1e-12)
    assert wide[0] == pytest.approx(tall[0] * np.cos(np.radians(0.2)), rel=1e-12)


def test_elevation_that_cannot_be_read_says_dem():
    pytest.importorskip("pyproj")
    with pytest.raises(GridError, match=r"dem: its coordinates are in .*foot"):
        routing.slope(elevation(np.ones((3, 3)), crs="EPSG:2225"))
    with pytest.raises(UnitError, match="dem has no unit"):
        routing.slope(elevation(np.ones((3, 3))).assign_attrs(units=""))
    with pytest.raises(GridError, match="dem"):
        routing.slope(xr.DataArray(np.ones((3, 3)), dims=("y", "x")))
