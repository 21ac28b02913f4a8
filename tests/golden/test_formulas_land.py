"""Numbers printed by others, or worked out by hand, for the formulas of water, soil and sand."""

from __future__ import annotations

from math import atan, degrees, exp, log10

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gep import units
from gep.errors import UnitError
from gep.services import find
from gep.services.rain import erosivity_half_months_seasonal
from gep.services.rain_monthly import CONSTANT_08188, CONSTANT_ARNOLDUS, erosivity_wischmeier
from gep.services.storms import storm_erosivity
from gep.services.wind import wind_factor

GARZE = "Garzê 2010, Acta Ecologica Sinica 37(19):6302"
GAOTIANYAN = "Gaotianyan 2014, Acta Ecologica Sinica 37(19):6422"
FAO56 = "FAO Irrigation and Drainage Paper 56"
MONTHS = [3, 5, 10, 20, 35, 60, 100, 90, 50, 25, 8, 3]


def compute(name, given, unit):
    """Call a formula with quantities, as a caller with units in hand would."""
    quantities = {key: units.quantity(*value) for key, value in given.items()}
    return float(find(name)(**quantities).to(units.parse(unit)).magnitude)


#: Document, place, formula, arguments, printed value, its unit, what rounding of the print explains.
PRINTED = [
    (
        GARZE,
        "§2.4.4 and table 3, lakes",
        "flood.lake_storage",
        {
            "surface": (165, "km2"),
            "constant": (6.636, "1"),
            "exponent": (0.678, "1"),
            "exchanges": (1, "1/a"),
        },
        2.43,
        "亿m3/year",
        0.005,
    ),
    (
        GARZE,
        "§2.4.4 and table 3, 70 % of the wetland",
        "flood.marsh_storage",
        {"area": (0.7 * 2864.27, "km2"), "depth": (30, "cm/year")},
        6.00,
        "亿m3/year",
        0.02,
    ),
    (
        GAOTIANYAN,
        "table 3, land of 1 ha",
        "soil.soil_abandonment_avoided",
        {"retained": (2985.40, "t/year"), "bulk_density": (0.37, "g/cm3"), "depth": (67, "cm")},
        12042.76,
        "m2/year",
        0.005,
    ),
    (
        GAOTIANYAN,
        "table 3, organic matter of 1 ha",
        "soil.fertility_retained",
        {"retained": (2985.40, "t/year"), "content": (23.29, "g/kg")},
        69529.97,
        "kg/year",
        0.005,
    ),
    (
        "Agriculture Handbook 537",
        "nomograph, the soil of its worked example, US units",
        "erodibility.erodibility_nomograph",
        {
            "fine": (65, "%"),
            "clay": (30, "%"),
            "organic_matter": (2.8, "%"),
            "structure": (2, "1"),
            "permeability": (4, "1"),
        },
        0.31 * 0.1317,
        "t ha h/(ha MJ mm)",
        0.005 * 0.1317,
    ),
    (
        FAO56,
        "example 3, 24.5 °C",
        "evapotranspiration.saturation_pressure",
        {"temperature": (24.5, "degC")},
        3.075,
        "kPa",
        0.0005,
    ),
    (
        FAO56,
        "example 3, 15 °C, in kelvin",
        "evapotranspiration.saturation_pressure",
        {"temperature": (288.15, "K")},
        1.705,
        "kPa",
        0.0005,
    ),
    (
        FAO56,
        "example 8, 20° S, 3 September",
        "evapotranspiration.extraterrestrial_radiation",
        {"latitude": (-20, "degree"), "day": (246, "1")},
        32.2,
        "MJ/m2/day",
        0.05,
    ),
    (
        FAO56,
        "example 9, 20° S, 3 September",
        "evapotranspiration.daylight",
        {"latitude": (-20, "degree"), "day": (246, "1")},
        11.7,
        "h/day",
        0.05,
    ),
    (
        FAO56,
        "example 18, extraterrestrial radiation",
        "evapotranspiration.extraterrestrial_radiation",
        {"latitude": (50.8, "degree"), "day": (187, "1")},
        41.09,
        "MJ/m2/day",
        0.01,
    ),
    (
        FAO56,
        "example 18, daylight",
        "evapotranspiration.daylight",
        {"latitude": (50.8, "degree"), "day": (187, "1")},
        16.1,
        "h/day",
        0.05,
    ),
    (
        FAO56,
        "example 18, solar radiation",
        "evapotranspiration.solar_radiation",
        {"sunshine": (9.25, "h/day"), "daylight": (16.1, "h/day"), "extraterrestrial": (41.09, "MJ/m2/day")},
        22.07,
        "MJ/m2/day",
        0.01,
    ),
    (
        FAO56,
        "example 18, wind of 10 km/h at 10 m",
        "wind.wind_to_two_metres_log",
        {"speed": (10, "km/h"), "height": (10, "m")},
        2.078,
        "m/s",
        0.0005,
    ),
    (
        FAO56,
        "example 14, wind of 3.2 m/s at 10 m",
        "wind.wind_to_two_metres_log",
        {"speed": (3.2, "m/s"), "height": (10, "m")},
        2.4,
        "m/s",
        0.05,
    ),
    (
        FAO56,
        "example 18, net radiation",
        "evapotranspiration.net_radiation",
        {
            "solar": (22.07, "MJ/m2/day"),
            "extraterrestrial": (41.09, "MJ/m2/day"),
            "elevation": (100, "m"),
            "coldest": (12.3, "degC"),
            "warmest": (21.5, "degC"),
            "vapour_pressure": (1.409, "kPa"),
        },
        13.28,
        "MJ/m2/day",
        0.005,
    ),
    (
        FAO56,
        "example 18, Brussels on 6 July",
        "evapotranspiration.penman_monteith",
        {
            "net": (13.28, "MJ/m2/day"),
            "ground": (0, "MJ/m2/day"),
            "temperature": (16.9, "degC"),
            "wind": (2.078, "m/s"),
            "saturation": (1.997, "kPa"),
            "vapour_pressure": (1.409, "kPa"),
            "elevation": (100, "m"),
        },
        3.88,
        "mm/day",
        0.005,
    ),
    (
        FAO56,
        "example 20, Lyon in July",
        "evapotranspiration.hargreaves",
        {
            "temperature": (20.7, "degC"),
            "coldest": (14.8, "degC"),
            "warmest": (26.6, "degC"),
            "extraterrestrial": (40.6, "MJ/m2/day"),
        },
        5.0,
        "mm/day",
        0.05,
    ),
]


@pytest.mark.parametrize(("document", "place", "name", "given", "printed", "unit", "within"), PRINTED)
def test_published_number(document, place, name, given, printed, unit, within):
    assert compute(name, given, unit) == pytest.approx(printed, abs=within), f"{document}, {place}"


#: Formula, arguments in its own units, value worked out by hand or with another program, digits that count.
BY_HAND = [
    ("water.fu_omega", (2.0, 150.0, 600.0), 1.75, 1e-12),
    ("water.fu_omega", (30.0, 200.0, 300.0), 5.0, 0.0),
    ("water.fu_evapotranspiration", (0.6, 1.0, 1.75), 0.639229 * 0.6, 5e-7),
    ("water.bare_evapotranspiration", (1.2, 1.0, 0.6), 0.6, 0.0),
    ("water.water_retained_index", (0.3, 498.0, 2.0, 120.0), 0.036, 1e-12),
    ("runoff.scs_retention", (75.0,), 84.6667, 5e-5),
    ("runoff.scs_retention", (100.0,), 0.0, 1e-12),
    ("runoff.scs_runoff", (60.0, 254.0 / 3.0), 14.52039, 5e-6),
    ("runoff.scs_runoff", (16.0, 84.6667), 0.0, 0.0),
    ("capital.annualised_cost", (1000.0, 0.05, 30.0, 0.0), 65.0514, 5e-5),
    ("capital.annualised_cost", (7.06, 0.08, 50.0, 0.1), 0.677105, 5e-7),
    ("capital.annualised_cost", (7.06, 0.0, 50.0, 0.1), 0.2412, 1e-9),
    ("flood.lake_storage", (100.0, 6.636, 0.678, 1.0), 17297.29e4, 50.0),
    ("flood.lake_storage", (165.0, 6.636, 0.678, 1.0), 24290.3e4, 500.0),
    ("flood.storm_runoff_log", (100.0, 5.0, -10.0), 13.025851, 5e-7),
    ("flood.storm_runoff_log", (5.0, 5.0, -10.0), 0.0, 0.0),
    ("rain_monthly.erosivity_from_us", (68.0708,), 1158.565, 5e-4),
    ("storms.unit_energy_exponential", (20.0, 0.05), 0.213187, 5e-7),
    ("storms.unit_energy_exponential", (20.0, 0.08), 0.247844, 5e-7),
    ("storms.unit_energy_exponential", (20.0, 0.082), 0.249497, 5e-7),
    ("storms.unit_energy_flanders", (6.0,), 0.19379, 5e-6),
    ("storms.unit_energy_wischmeier", (20.0,), 0.232580, 5e-7),
    ("storms.unit_energy_wischmeier", (76.1,), 0.283, 0.0),
    ("erodibility.mean_particle_diameter", (40.0, 40.0, 20.0), 0.058922, 5e-7),
    ("erodibility.erodibility_diameter", (0.1,), 0.029729, 5e-7),
    ("erodibility.erodibility_diameter", (0.1,), 0.225763 * 0.1317, 5e-6),
    ("relief.slope_steepness_alpine", (degrees(atan(0.20)),), 3.3482, 1e-9),
    ("relief.slope_steepness_alpine", (1.0,), 0.0, 0.0),
    ("relief.slope_length_exponent_usle", (degrees(atan(0.04)),), 0.4, 1e-12),
    ("relief.slope_length_exponent_usle", (degrees(atan(0.06)),), 0.5, 1e-12),
    ("relief.slope_length_exponent_huanghua", (degrees(atan(0.01)),), 0.3, 1e-12),
    ("relief.slope_length_exponent_huanghua", (degrees(atan(0.03)),), 0.3, 1e-12),
    ("relief.slope_length_exponent_huanghua", (degrees(atan(0.09)),), 0.5, 1e-12),
    ("relief.slope_length_exponent_huanghua", (degrees(atan(0.06)),), 0.4, 1e-12),
    ("relief.slope_length_exponent_huanghua", (degrees(atan(0.10)),), 0.5, 1e-12),
    ("relief_grid.slope_length_desmet_govers", (9000.0, 30.0, 0.5, 45.0), 4.758360, 5e-7),
    ("relief_grid.slope_length_invest", (9000.0, 30.0, 0.5, 10.0, 122.0), 1.220209, 5e-7),
    ("wind.wind_to_two_metres", (10.0, 10.0), 7.945974, 5e-7),
    ("wind.wind_erosivity", (6.0, 5.0), 6.0, 0.0),
    ("wind.wind_erosivity", (8.0, 5.0), 72.0, 0.0),
    ("wind.wind_erosivity", (12.0, 5.0), 588.0, 0.0),
    ("wind.air_density_elevation", (1.0, 15.0), 1.086330, 5e-7),
    ("wind.air_pressure", (1.0,), 88.44152, 5e-6),
    ("wind.air_density_pressure", (88.44152, 15.0), 1.070078, 5e-7),
    ("wind.weather_factor", (4995.0, 1.07, 0.9, 0.9), 441.751684, 5e-7),
    ("wetness.potential_of_radiation", (20.0, 20.0), 4.018110, 5e-7),
    ("wetness.soil_wetness", (6.0, 30.0, 30.0, 0.0, 60.0), 0.9, 1e-12),
    ("wetness.soil_wetness", (0.0, 30.0, 0.0, 0.0, 0.0), 1.0, 0.0),
    ("wetness.soil_wetness", (6.0, 30.0, 30.0, 0.0, 0.0), 0.0, 0.0),
    ("wetness.snow_factor", (3.0, 30.0), 0.9, 1e-12),
    ("sand_soil.erodible_fraction", (70.0, 20.0, 10.0, 1.0, 2.0), 0.5201, 1e-12),
    ("sand_soil.erodible_fraction", (85.0, 10.0, 5.0, 0.5, 1.0), 0.60505, 1e-12),
    ("sand_soil.crust_factor", (10.0, 1.0), 0.594884, 5e-7),
    ("sand_soil.crust_factor", (5.0, 0.5), 0.854518, 5e-7),
    ("sand_soil.ridge_roughness", (0.1, 2.0), 0.001, 1e-12),
    ("sand_soil.random_roughness", (0.3,), 2.159664, 5e-7),
    ("sand_soil.roughness_factor", (0.05, 2.0), 0.735030, 5e-7),
    ("sand_soil.roughness_factor", (0.0, 2.159664), 0.760121, 5e-7),
    ("sand_soil.roughness_of_slope", (60.0,), 0.5, 1e-12),
    ("sand_soil.vegetation_factor", (30.0, 0.1151), 0.0316505, 5e-8),
    ("sand.transport_capacity", (5.569185, 1.0, 1.0, 1.0, 1.0), 611.496513, 1e-6),
    ("sand.critical_length", (1.0, 1.0, 1.0, 1.0, 1.0), 150.71, 1e-12),
    ("sand.critical_length", (5.569185, 1.0, 1.0, 1.0, 1.0), 79.685406, 5e-7),
    ("sand.soil_loss_field", (20.0, 0.5201, 0.594884, 0.9, 1.0, 50.0), 6.496029, 5e-7),
    ("sand.soil_loss_field", (20.0, 0.5201, 0.594884, 0.9, 0.0316505, 50.0), 0.0227939, 5e-8),
    ("sand.sand_fixed_field", (20.0, 0.5201, 0.594884, 0.9, 0.0316505, 50.0), 6.473235, 5e-7),
    ("sand.sand_fixed_closed", (20.0, 0.5201, 0.594884, 0.9, 0.0316505), 1.773842, 5e-7),
    ("soil.soil_loss_csle", (1000.0, 0.04, 1.5, 2.0, 1.0, 1.0, 0.281), 33.72, 1e-9),
    ("evapotranspiration.solar_radiation", (0.0, 12.0, 40.0), 10.0, 1e-12),
    ("thornthwaite.thornthwaite", (20.0, 50.0, 14.5, 31.0), 117.812941, 5e-7),
    ("thornthwaite.thornthwaite", (-3.0, 50.0, 9.0, 31.0), 0.0, 0.0),
    ("flood.storm_retained", (0.12, 0.04), 0.08, 1e-12),
    ("flood.reservoir_storage", (1e7, 0.35, 1.0), 3.5e6, 1e-6),
    # heat, humidifier and depth are no numbers of Garzê: worked back, or another study's
    ("climate.transpiration_energy", (2837.27, 1.0, 15.0, 3.0), 14186.35, 1e-8),
    ("climate.evaporation_energy", (1.0, 1000.0, 2450.0, 450000.0), 2.9e6, 1e-6),
    ("climate.open_water_evaporation", (0.05514, 2864.27e6), 157935847.8, 1e-3),
    ("flood.marsh_soil_storage", (1e6, 0.4, 0.25, 3.0, 2.0, 1.0, 1.0), 1e5, 1e-6),
]


@pytest.mark.parametrize(("name", "given", "expected", "within"), BY_HAND)
def test_worked_by_hand(name, given, expected, within):
    assert float(find(name)(*given)) == pytest.approx(expected, abs=within)


def test_brussels_from_the_observations_to_the_result():
    """Example 18 of FAO paper 56 without its intermediate rounding: 3.9 mm/day."""
    call = lambda name, *given: float(find(f"evapotranspiration.{name}")(*given))  # noqa: E731
    cold, warm = call("saturation_pressure", 12.3), call("saturation_pressure", 21.5)
    vapour = (cold * 0.84 + warm * 0.63) / 2
    above = call("extraterrestrial_radiation", 50.8, 187.0)
    solar = call("solar_radiation", 9.25, call("daylight", 50.8, 187.0), above)
    net = call("net_radiation", solar, above, 100.0, 12.3, 21.5, vapour)
    wind = float(find("wind.wind_to_two_metres_log")(10.0 / 3.6, 10.0))
    found = call("penman_monteith", net, 0.0, 16.9, wind, (cold + warm) / 2, vapour, 100.0)
    assert found == pytest.approx(3.88, abs=0.01)


# Rain ---------------------------------------------------------------------------------------------


def monthly(rain):
    return xr.DataArray(np.asarray(rain, float), dims="month", attrs={"units": "mm/month"})


def test_wischmeier_months_with_every_choice_named():
    found = erosivity_wischmeier(monthly(MONTHS), constant=CONSTANT_08188, unit="metric")
    assert float(found) == pytest.approx(68.0708, abs=5e-5)
    assert found.attrs == {"units": "MJ mm/(ha h year)"}
    converted = erosivity_wischmeier(monthly(MONTHS), constant=CONSTANT_08188, unit="US")
    assert float(converted) == pytest.approx(68.0708 * 17.02, abs=1e-3)


def test_the_two_constants_of_wischmeier_lie_five_times_apart():
    choices = [
        float(erosivity_wischmeier(monthly(MONTHS), constant=c, unit="metric"))
        for c in (CONSTANT_08188, CONSTANT_ARNOLDUS)
    ]
    assert choices[1] == pytest.approx(371.4335, abs=5e-5)
    assert choices[1] / choices[0] == pytest.approx(5.457, abs=0.001)


def rain_of(values, unit="mm", step="10min"):
    time = pd.date_range("2018-07-01", periods=len(values), freq=step)
    return xr.DataArray(np.asarray(values, float), {"time": time}, attrs={"units": unit})


@pytest.mark.parametrize(("rain", "energy"), [([1.0], 0.19379), ([1.1, 1.2, 1.3], 0.73891)])
def test_rain_energy_of_the_flanders_program(rain, energy):
    """The tests of watem-sedem/rfactor; a dry interval follows so that the step is known."""
    storms = storm_erosivity(rain_of([*rain, 0.0]), energy="flanders", least=0.0)
    assert storms.energy.item() == pytest.approx(energy, abs=5e-6)


@pytest.mark.parametrize(("rain", "intensity"), [(np.ones(30), 6.0), (np.arange(30.0), 168.0)])
def test_greatest_half_hour_of_the_flanders_program(rain, intensity):
    storms = storm_erosivity(rain_of(rain), energy="flanders", least=1.27)
    assert storms.intensity.item() == pytest.approx(intensity, abs=1e-9)


@pytest.mark.parametrize(("break_rain", "expected"), [(0.0, [42.1]), (1.27, [18.1, 24.0])])
def test_handbook_703_splits_at_six_hours_of_less_than_1_27_mm(break_rain, expected):
    """18 mm at 36 mm/h, 0.1 mm five hours later, 24 mm at 3 mm/h five hours after that."""
    depth = np.zeros(120)
    depth[:3], depth[33], depth[64 : 64 + 48] = 6.0, 0.1, 0.5
    found = storm_erosivity(rain_of(depth), energy="brown-foster-0.05", least=12.7, break_rain=break_rain)
    assert found.rain.tolist() == pytest.approx(expected)
    assert found.intensity.iloc[0] == pytest.approx(36.0)


def test_seasonal_half_months_by_hand():
    rain = xr.DataArray(
        np.zeros(365), {"time": pd.date_range("2011-01-01", periods=365)}, attrs={"units": "mm/day"}
    )
    rain[200], rain[201], rain[0], rain[1] = 20.0, 35.0, 15.0, 11.0
    found = erosivity_half_months_seasonal(rain, threshold=12.0)
    assert float(found.sel(half_month=14)) == pytest.approx(251.794576, abs=5e-7)
    assert float(found.sel(half_month=1)) == pytest.approx(33.267742, abs=5e-7)
    assert float(found.sum()) == pytest.approx(251.794576 + 33.267742, abs=1e-6)


def test_wind_factor_by_hand():
    """(6 + 72 + 588 + 0) / 4 observations times 30 days."""
    speed = xr.DataArray([6.0, 8.0, 12.0, 4.0], dims="time", attrs={"units": "m/s"})
    found = wind_factor(speed, threshold=5.0, days=30.0)
    assert float(found) == 4995.0
    assert found.attrs == {"units": "m3/s3"}


# What is printed or programmed and wrong ----------------------------------------------------------


def test_garze_marsh_is_not_ten_thousand_cubic_metres():
    """Section 2.4.4 calls 0.3 S 10^6 with S in km2 ten thousand m3; then table 3 could not be."""
    area = 0.7 * 2864.27
    right = compute("flood.marsh_storage", {"area": (area, "km2"), "depth": (0.3, "m/year")}, "亿m3/year")
    mislabelled = float(units.convert(0.3 * area * 1e6, "万m3", "亿m3"))
    assert right == pytest.approx(6.0, abs=0.02)
    assert mislabelled == pytest.approx(10_000 * right)


def test_lake_model_refuses_an_area_in_metres_that_is_called_square_kilometres():
    with pytest.raises(UnitError, match="surface"):
        compute(
            "flood.lake_storage",
            {
                "surface": (165, "km"),
                "constant": (6.636, "1"),
                "exponent": (0.678, "1"),
                "exchanges": (1, "1/a"),
            },
            "m3/year",
        )


def test_sediment_times_density_is_refused():
    """The Lancang paper multiplies tonnes with t/m3; only the quotient is a volume."""
    mass, density = units.quantity(3.05e5, "t/year"), units.quantity(1.3, "t/m3")
    assert not units.same_dimension((mass * density).units, "m3/year")
    assert units.same_dimension((mass / density).units, "m3/year")


def test_rusler_sign_and_bracket_are_wrong():
    """It writes exp(+0.0256 ...) and adds 0.2 to the product: 0.086 where K is 0.039."""
    sand, silt, clay, carbon, rest = 40.0, 40.0, 20.0, 1.0, 0.6
    coarse = 0.3 * exp(0.0256 * sand * (1 - silt / 100))
    fine = (silt / (clay + silt)) ** 0.3
    organic = 1 - 0.25 * carbon / (carbon + exp(3.72 - 2.95 * carbon))
    high_sand = 1 - 0.7 * rest / (rest + exp(-5.51 + 22.9 * rest))
    programmed = 0.1317 * (0.2 + coarse * fine * organic * high_sand)
    found = float(find("erosion.erodibility_epic")(sand, silt, clay, carbon))
    assert programmed == pytest.approx(0.085888, abs=5e-7)
    assert found == pytest.approx(0.038902, abs=5e-7)


def test_organic_matter_given_for_carbon_lowers_erodibility():
    carbon, matter = 1.0, 1.724
    right, slipped = (float(find("erosion.erodibility_epic")(40.0, 40.0, 20.0, c)) for c in (carbon, matter))
    assert slipped == pytest.approx(0.033045, abs=5e-7)
    assert slipped < 0.86 * right


def test_invest_guide_draws_a_constant_into_the_logarithm():
    inside = 0.0034 + 0.0405 * exp(-0.5 * (log10(0.1 + 1.659) / 0.7101) ** 2)
    assert float(find("erodibility.erodibility_diameter")(0.1)) == pytest.approx(0.0297, abs=5e-5)
    assert inside == pytest.approx(0.0416, abs=5e-5)


def test_critical_length_with_digits_exchanged():
    """105.71 for 150.71 in two public programs: 35 % too much erosion in this cell."""
    flow = 20.0 * 0.5201 * 0.594884 * 0.9
    length = 105.71 * flow**-0.3711
    programmed = 2 * 50 / length**2 * 109.8 * flow * exp(-((50 / length) ** 2))
    found = float(find("sand.soil_loss_field")(20.0, 0.5201, 0.594884, 0.9, 1.0, 50.0))
    assert programmed == pytest.approx(8.793, abs=5e-4)
    assert found == pytest.approx(6.496, abs=5e-4)
    assert float(find("sand.critical_length")(flow, 1.0, 1.0, 1.0, 1.0)) != pytest.approx(length, rel=0.1)


def test_vegetation_coefficient_a_tenth_of_itself_fixes_nothing():
    """-0.00483 beside percent; cropland is -0.0438."""
    found = float(find("sand_soil.vegetation_factor")(30.0, 0.0438))
    assert found == pytest.approx(0.268743, abs=5e-7)
    assert exp(-0.00483 * 30) == pytest.approx(0.865109, abs=5e-7)


def test_cover_as_a_fraction_is_brought_to_percent():
    """Fractions given to coefficients per percent leave the factor near 1; units do not let that happen."""
    given = {"cover": (0.3, "1"), "decay": (0.1151, "1/%")}
    assert compute("sand_soil.vegetation_factor", given, "1") == pytest.approx(0.0316505, abs=5e-8)
    assert exp(-0.1151 * 0.3) == pytest.approx(0.966, abs=5e-4)


def test_soil_wetness_of_the_programs_is_always_zero_or_negative():
    """Rain times rain days, or the share upside down, in a month that is in truth rather dry."""
    rain, days, wet, potential = 30.0, 30.0, 6.0, 60.0
    assert (potential - rain * wet) / potential < 0
    assert (potential - rain * days / wet) / potential < 0
    assert float(find("wetness.soil_wetness")(wet, days, rain, 0.0, potential)) == pytest.approx(0.9)


def test_wind_below_the_threshold_erodes_nothing():
    """u (u - 5)² without the threshold gives a breeze of 2 m/s more than a wind of 6."""
    assert 2.0 * (2.0 - 5.0) ** 2 == 18.0
    assert float(find("wind.wind_erosivity")(2.0, 5.0)) == 0.0


def test_erodible_fraction_takes_organic_matter_off():
    less, more = (float(find("sand_soil.erodible_fraction")(70.0, 20.0, 10.0, om, 2.0)) for om in (3.0, 1.0))
    assert more - less == pytest.approx(2 * 0.0259)


@pytest.mark.parametrize(
    ("name", "rest", "ratio"),
    [("sand.sand_fixed_closed", (), 0.398), ("sand.sand_fixed_field", (50.0,), 0.253)],
)
def test_losses_of_months_do_not_add_up_to_the_loss_of_the_sum(name, rest, ratio):
    """HJ 1173-2021, A.17, adds up the weather factors first; 24 kg/m/year in twelve equal months."""
    month, year = (find(name)(weather, 0.5, 0.8, 0.9, 0.1, *rest) for weather in (2.0, 24.0))
    assert 12 * month / year == pytest.approx(ratio, abs=5e-4)


def test_field_form_and_closed_form_are_not_one_formula():
    factors = (20.0, 0.5201, 0.594884, 0.9, 0.0316505)
    field = find("sand.sand_fixed_field")(*factors, 50.0)
    closed = find("sand.sand_fixed_closed")(*factors)
    assert field / closed == pytest.approx(3.649, abs=0.001)
    assert find("sand.sand_fixed_field").result == find("sand.sand_fixed_closed").result == "kg/m2/year"


def test_kilograms_per_square_metre_are_a_thousand_tonnes_per_square_kilometre():
    assert units.factor("kg/m2/year", "t/km2/year") == pytest.approx(1000.0)
    assert units.factor("kg/m2/year", "t/ha/year") == pytest.approx(10.0)


def test_full_construction_cost_every_year_is_many_times_the_yearly_cost():
    yearly = float(find("capital.annualised_cost")(7.06, 0.08, 50.0, 0.0))
    assert yearly == pytest.approx(0.5771, abs=5e-5)
    assert 7.06 / yearly == pytest.approx(12.2, abs=0.05)
