"""Numbers printed by others: every row names its document and the place in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log10, radians, sin

import numpy as np
import pytest
import xarray as xr

from gep import units
from gep.errors import UnitError
from gep.formula import formula
from gep.services import find
from gep.services.erosion import modified_fournier

GARZE = "Garzê 2010, Acta Ecologica Sinica 37(19):6302"
GAOTIANYAN = "Gaotianyan 2014, Acta Ecologica Sinica 37(19):6422"
BAIYANGDIAN = "Baiyangdian 2011, Acta Ecologica Sinica 37(8):2497"
LANCANG = "Lancang, Acta Ecologica Sinica 37(13):4495"


@dataclass
class Row:
    """A printed result; ``within`` is what rounding of the printed inputs explains."""

    document: str
    place: str
    name: str
    given: dict[str, object]
    printed: float
    unit: str
    within: float = field(default=1e-9)

    def __str__(self):
        return f"{self.document.split(',')[0]}, {self.place}: {self.name}"


def compute(name, given, unit):
    """Call a formula with quantities, as a caller with units in hand would."""
    quantities = {key: units.quantity(*value) for key, value in given.items()}
    return float(find(name)(**quantities).to(units.parse(unit)).magnitude)


def bought(document, place, quantity, unit, price, per, printed, in_unit, within):
    """Return the row of a product of a quantity and a price."""
    given = {"quantity": (quantity, unit), "price": (price, per)}
    return Row(document, place, "value.market_value", given, printed, in_unit, within)


Y10 = "亿 CNY_2010/year"
Y14 = "万 CNY_2014/year"
Y11 = "亿 CNY_2011/year"

GARZE_TABLE_3 = [
    bought(GARZE, f"table 3, {what}", quantity, unit, price, per, printed, Y10, within)
    for what, quantity, unit, price, per, printed, within in [
        ("domestic water", 1.36, "亿m3/year", 2.6, "CNY_2010/m3", 3.5400, 0.013),
        ("industrial water", 150.17, "亿m3/year", 3.6, "CNY_2010/m3", 540.6113, 0.018),
        ("agricultural water", 17.31, "亿m3/year", 0.07, "CNY_2010/m3", 1.2117, 0.00036),
        ("hydropower", 95.30, "亿kWh/year", 0.53, "CNY_2010/kWh", 50.5090, 0.0027),
        ("water conservation", 321.49, "亿m3/year", 7.06, "CNY_2010/m3", 2269.7074, 0.036),
        ("sediment", 10.03, "亿m3/year", 15.58, "CNY_2010/m3", 156.2555, 0.078),
        ("nitrogen", 1437.94, "万tN/year", 875, "CNY_2010/tN", 125.8199, 0.0005),
        ("phosphorus", 419.72, "万tP/year", 2800, "CNY_2010/tP", 117.5226, 0.0015),
        ("lakes", 2.43, "亿m3/year", 7.06, "CNY_2010/m3", 17.1430, 0.036),
        ("reservoirs", 0.01, "亿m3/year", 7.06, "CNY_2010/m3", 0.0684, 0.036),
        ("marshes", 6.00, "亿m3/year", 7.06, "CNY_2010/m3", 42.3436, 0.036),
        ("SO2", 1137, "tSO2/year", 1200, "CNY_2010/tSO2", 0.0136, 0.00005),
        ("NOx", 2772, "tNOx/year", 630, "CNY_2010/tNOx", 0.0175, 0.00005),
        ("dust", 941, "tDust/year", 150, "CNY_2010/tDust", 0.0014, 0.00005),
        ("COD", 5424, "tCOD/year", 700, "CNY_2010/tCOD", 0.0380, 0.00005),
        ("NH3-N", 625, "tNH3N/year", 875, "CNY_2010/tNH3N", 0.0055, 0.00005),
        ("carbon", 0.31, "亿tCO2/year", 380, "CNY_2010/tCO2", 117.3548, 1.9),
        ("oxygen", 2.51, "亿tO2/year", 727, "CNY_2010/tO2", 1821.9182, 3.7),
        ("transpiration", 2799.10, "亿kWh/year", 0.53, "CNY_2010/kWh", 1483.5208, 0.0027),
        ("evaporation", 1272.35, "亿kWh/year", 0.53, "CNY_2010/kWh", 674.3433, 0.0027),
        ("pests in forest", 158, "万ha/year", 375, "CNY_2010/ha", 5.9250, 0.019),
        ("pests in grassland", 711.13, "万ha/year", 112.5, "CNY_2010/ha", 8.0003, 0.0002),
        ("sand", 60.89, "km2/year", 3.75, "CNY_2010/m2", 2.2835, 0.0002),
    ]
]

RETAINED = (38.86, "亿t/year")
GARZE_PHYSICAL = [
    Row(
        GARZE,
        "§3.2.2",
        "soil.sediment_avoided",
        {"retained": RETAINED, "share": (0.24, "1"), "bulk_density": (0.93, "g/cm3")},
        10.03,
        "亿m3/year",
        0.005,
    ),
    Row(
        GARZE,
        "§3.2.2",
        "soil.nitrogen_retained",
        {"retained": RETAINED, "content": (3.7, "kgN/t")},
        1437.94,
        "万tN/year",
        0.19,
    ),
    Row(
        GARZE,
        "§3.2.2",
        "soil.phosphorus_retained",
        {"retained": RETAINED, "content": (1.08, "kgP/t")},
        419.72,
        "万tP/year",
        0.06,
    ),
    Row(
        GARZE,
        "§3.2.3",
        "sand.desertified_area_avoided",
        {"sand_fixed": (779.42, "万t/year"), "bulk_density": (1.28, "t/m3"), "depth": (10.0, "cm")},
        60.89,
        "km2/year",
        0.005,
    ),
]

#: Table 2: NPP, CO2, value of CO2, O2, value of O2.
GAOTIANYAN_TABLE_2 = {
    "conifers": (6050.31, 9862.01, 374.62, 7199.87, 835.69),
    "broadleaves": (40584.50, 66152.74, 2512.94, 48295.56, 5605.67),
    "mixed": (4774.77, 7782.88, 295.65, 5681.98, 659.51),
    "bamboo": (5560.52, 9063.65, 344.30, 6617.02, 768.04),
    "shrub": (1042.60, 1699.44, 64.56, 1240.69, 144.01),
    "total": (58012.70, 94560.72, 3592.07, 69035.12, 8012.92),
}
GAOTIANYAN_ROWS = [
    row
    for stand, (npp, co2, co2_value, o2, o2_value) in GAOTIANYAN_TABLE_2.items()
    for row in (
        Row(
            GAOTIANYAN,
            f"table 2, {stand}",
            "carbon.co2_fixed",
            {"dry_matter": (npp, "tDM/year"), "ratio": (1.63, "tCO2/tDM")},
            co2,
            "tCO2/year",
            0.025,
        ),
        Row(
            GAOTIANYAN,
            f"table 2, {stand}",
            "carbon.oxygen_from_dry_matter",
            {"dry_matter": (npp, "tDM/year"), "ratio": (1.19, "tO2/tDM")},
            o2,
            "tO2/year",
            0.025,
        ),
        bought(
            GAOTIANYAN,
            f"table 2, CO2 of {stand}",
            co2,
            "tCO2/year",
            379.87,
            "CNY_2014/tCO2",
            co2_value,
            Y14,
            0.015,
        ),
        bought(
            GAOTIANYAN,
            f"table 2, O2 of {stand}",
            o2,
            "tO2/year",
            1160.70,
            "CNY_2014/tO2",
            o2_value,
            Y14,
            0.015,
        ),
    )
] + [
    Row(
        GAOTIANYAN,
        "table 1 eq. 3, shrub",
        "carbon.dry_matter_growth",
        {"area": (260.0, "ha"), "growth": (4.01, "tDM/hm2/a")},
        1042.60,
        "tDM/year",
        0.005,
    ),
    Row(
        GAOTIANYAN,
        "table 1 eq. 8, J in mm",
        "water.quick_flow",
        {"precipitation": (180.0, "mm/year"), "coefficient": (0.6, "1")},
        108.0,
        "mm/year",
    ),
    Row(
        GAOTIANYAN,
        "table 3, land of 1 ha",
        "sand.desertified_area_avoided",
        {"sand_fixed": (2985.40, "t/year"), "bulk_density": (0.37, "t/m3"), "depth": (0.67, "m")},
        12042.76,
        "m2/year",
        0.005,
    ),
    Row(
        GAOTIANYAN,
        "table 3, TP of 1 ha",
        "soil.phosphorus_retained",
        {"retained": (2985.40, "t/year"), "content": (0.48, "kgP/t")},
        1433.00,
        "kgP/year",
        0.01,
    ),
    Row(
        GAOTIANYAN,
        "§4.9",
        "culture.revenue_attributed",
        {"revenue": (80.0, Y14), "share": (1.0, "1")},
        80.0,
        Y14,
    ),
    bought(GAOTIANYAN, "§4.4", 4314.46 + 4768.05, "万m3/year", 0.129, "CNY_2014/m3", 1171.64, Y14, 0.005),
    bought(
        GAOTIANYAN,
        "table 3, land of 1 ha",
        12042.76,
        "m2/year",
        791.09,
        "CNY_2014/hm2",
        952.69,
        "CNY_2014/year",
        0.005,
    ),
]

BAIYANGDIAN_ROWS = [
    Row(
        BAIYANGDIAN,
        "§2.2.2, as carbon",
        "carbon.co2_fixed",
        {"dry_matter": (3.74, "万tDM/year"), "ratio": (1.63, "tCO2/tDM")},
        1.66,
        "万tC/year",
        0.005,
    ),
    Row(
        BAIYANGDIAN,
        "§2.2.3",
        "carbon.oxygen_from_dry_matter",
        {"dry_matter": (3.74, "万tDM/year"), "ratio": (1.2, "tO2/tDM")},
        4.49,
        "万tO2/year",
        0.005,
    ),
    bought(BAIYANGDIAN, "§2.2.2", 1.66, "万tC/year", 1320, "CNY_2011/tC", 0.22, Y11, 0.005),
    bought(BAIYANGDIAN, "§2.2.3", 4.49, "万tO2/year", 1000, "CNY_2011/tO2", 0.45, Y11, 0.005),
    bought(BAIYANGDIAN, "§2.2.1", 2.45, "亿m3/year", 6.11, "CNY_2011/m3", 14.97, Y11, 0.005),
    bought(BAIYANGDIAN, "§2.1.3", 0.98, "亿m3/year", 0.5, "CNY_2011/m3", 0.49, Y11, 0.005),
    bought(
        BAIYANGDIAN,
        "§2.1.2",
        3.74,
        "万t/year",
        0.4 * 7000 + 0.4 * 4000 + 0.2 * 300,
        "CNY_2011/t",
        1.67,
        Y11,
        0.005,
    ),
]

LANCANG_ROWS = [
    bought(
        LANCANG, "§1.2.2 eq. 2", 1297.45, "亿kWh/year", 0.065, "CNY_2012/kWh", 84.3, "亿 CNY_2012/year", 0.05
    ),
    bought(
        LANCANG, "§1.2.2 eq. 3", 1297.45, "亿kWh/year", 0.3, "CNY_2012/kWh", 389.1, "亿 CNY_2012/year", 0.2
    ),
]

PHOTOSYNTHESIS = [
    Row(
        "C6H10O5",
        "molar masses",
        "carbon.carbon_in_dry_matter",
        {"dry_matter": (1.0, "tDM/year"), "fraction": (72 / 162, "tC/tDM")},
        1.629630,
        "tCO2/year",
        5e-7,
    ),
    Row(
        "CO2 and O2",
        "molar masses",
        "carbon.oxygen_released",
        {"co2": (44.0, "tCO2/year"), "ratio": (32 / 44, "tO2/tCO2")},
        32.0,
        "tO2/year",
    ),
    Row(
        "NPP to NEP code",
        "table C.4, forest",
        "carbon.net_ecosystem_production",
        {"npp": (1000.0, "gC/m2/a"), "ratio": (21.5, "%")},
        2.15,
        "tC/ha/year",
    ),
]

ROWS = [*GARZE_TABLE_3, *GARZE_PHYSICAL, *GAOTIANYAN_ROWS, *BAIYANGDIAN_ROWS, *LANCANG_ROWS, *PHOTOSYNTHESIS]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_published_number(row):
    assert compute(row.name, row.given, row.unit) == pytest.approx(row.printed, abs=row.within)


#: Equation, inputs in its published units, value worked out by hand, digits that count.
EMPIRICAL = [
    ("Zhang Wenbo 2002", "β", "rain.zhang_beta", (25.0, 300.0), 1.643577, 5e-7),
    ("Zhang Wenbo 2002", "α", "rain.zhang_alpha", (1.6435766666666667,), 0.606508, 5e-7),
    ("Weibei mining area", "R of F", "rain.erosivity_fournier_wb", (65.1760391,), 764.782, 5e-4),
    ("Williams 1990", "loam", "erosion.erodibility_epic", (40.0, 40.0, 20.0, 1.0), 0.038902, 5e-7),
    ("Williams 1990", "silt loam", "erosion.erodibility_epic", (20.0, 60.0, 20.0, 1.5), 0.043596, 5e-7),
    ("Williams 1990", "sandy loam", "erosion.erodibility_epic", (70.0, 20.0, 10.0, 0.5), 0.029702, 5e-7),
    ("Zhang Keli 2008", "loam", "erosion.erodibility_epic_china", (40.0, 40.0, 20.0, 1.0), 0.018242, 5e-7),
    ("Zhang Keli 2008", "pure sand", "erosion.erodibility_epic_china", (100.0, 0.0, 0.0, 0.5), 0.0, 0.0),
    (
        "Zhang Keli 2008",
        "sandy loam",
        "erosion.erodibility_epic_china",
        (70.0, 20.0, 10.0, 0.5),
        0.013498,
        5e-7,
    ),
    ("Renard 1997", "m at 10°", "relief.slope_length_exponent", (10.0,), 0.598640, 5e-7),
    ("Renard 1997", "L of 100 m at 10°", "relief.slope_length_factor", (100.0, 10.0), 2.46672, 5e-6),
    ("McCool 1987", "S at 10°", "relief.slope_steepness_mccool", (10.0,), 2.41729, 5e-6),
    ("McCool 1987", "S at 5° (8.75 %)", "relief.slope_steepness_mccool", (5.0,), 0.971285, 5e-6),
    ("McCool 1987", "S at 20°", "relief.slope_steepness_mccool", (20.0,), 5.245938, 5e-7),
    ("Liu 1994", "S at 10°", "relief.slope_steepness_liu", (10.0,), 2.84463, 5e-6),
    ("Liu 1994", "S at 20°", "relief.slope_steepness_liu", (20.0,), 6.533661, 5e-7),
    ("HJ 1173-2021", "S at 3°", "relief.slope_steepness_hj1173", (3.0,), 0.59523, 5e-6),
    ("HJ 1173-2021", "S at 8°", "relief.slope_steepness_hj1173", (8.0,), 1.83811, 5e-6),
    ("HJ 1173-2021", "S at 20°", "relief.slope_steepness_hj1173", (20.0,), 6.53024, 5e-6),
    ("HJ 1173-2021", "S at 30°", "relief.slope_steepness_hj1173", (30.0,), 9.5988, 0.0),
    ("Cai 2000", "f = 0", "erosion.cover_factor_cai", (0.0,), 1.0, 0.0),
    ("Cai 2000", "f = 1 %", "erosion.cover_factor_cai", (1.0,), 0.6508, 1e-12),
    ("Cai 2000", "f = 10 %", "erosion.cover_factor_cai", (10.0,), 0.3072, 1e-12),
    ("Cai 2000", "f = 30 %", "erosion.cover_factor_cai", (30.0,), 0.143261, 5e-7),
    ("Cai 2000", "f = 50 %", "erosion.cover_factor_cai", (50.0,), 0.067034, 5e-7),
    ("Cai 2000", "f = 78.3 %", "erosion.cover_factor_cai", (78.3,), 0.000103, 5e-7),
    ("Cai 2000", "f = 80 %", "erosion.cover_factor_cai", (80.0,), 0.0, 0.0),
]


@pytest.mark.parametrize(("document", "place", "name", "given", "expected", "within"), EMPIRICAL)
def test_empirical_equation(document, place, name, given, expected, within):
    assert float(find(name)(*given)) == pytest.approx(expected, abs=within), f"{document}, {place}"


def test_zhang_wenbo_2002_two_days():
    beta = find("rain.zhang_beta")(25.0, 300.0)
    assert find("rain.zhang_alpha")(beta) * (20.0**beta + 35.0**beta) == pytest.approx(292.6358, abs=5e-5)


def test_fournier_index_of_twelve_months():
    months = [3, 5, 10, 20, 35, 60, 100, 90, 50, 25, 8, 3]
    index = modified_fournier(xr.DataArray(months, dims="month", attrs={"units": "mm/month"}))
    assert float(index) == pytest.approx(65.1760, abs=5e-5)
    erosivity = find("rain.erosivity_fournier_wb")(index)
    assert float(erosivity) == pytest.approx(764.782, abs=5e-4)
    assert erosivity.attrs["units"] == "MJ mm/(ha h year)"


def test_gaotianyan_products_of_section_4_2():
    timber = compute(
        "value.market_value", {"quantity": (18, "万m3/year"), "price": (414.88, "CNY_2014/m3")}, Y14
    )
    bamboo = compute(
        "value.market_value", {"quantity": (43.11, "万根/year"), "price": (5, "CNY_2014/根")}, Y14
    )
    assert timber + bamboo + 8 == pytest.approx(7691.39, abs=0.005)


def test_baiyangdian_recreation_of_section_2_3_1():
    """The time cost is printed as money: one hour at 30 % of a wage stands for it."""
    visits = {"visits": (135.0, "万人次/year")}
    paid = visits | {
        "spending": (52.47, "CNY_2011/visit"),
        "travel_time": (60.0, "min/visit"),
        "wage": (343.33 / 0.30, "CNY_2011/h"),
        "wage_share": (30.0, "%"),
    }
    travel = compute("culture.travel_cost", paid, Y11)
    surplus = compute("culture.consumer_surplus", visits | {"surplus": (578.03, "CNY_2011/visit")}, Y11)
    assert travel + surplus == pytest.approx(13.15, abs=0.005)


def test_lancang_carbon_and_oxygen_lost():
    matter = {"dry_matter": (822355.11, "tDM/year")}
    carbon = compute("carbon.co2_fixed", matter | {"ratio": (1.63, "tCO2/tDM")}, "tC/year") * 260.9
    oxygen = compute("carbon.oxygen_from_dry_matter", matter | {"ratio": (1.2, "tO2/tDM")}, "tO2/year") * 400
    assert (carbon + oxygen) / 1e8 == pytest.approx(4.90, abs=0.005)


# What is printed and wrong ------------------------------------------------------------------------


def test_gaotianyan_nitrogen_is_misprinted():
    """Table 3 prints 4573.81 kg, two digits exchanged, and its value rests on the misprint."""
    nitrogen = compute(
        "soil.nitrogen_retained", {"retained": (2985.40, "t/year"), "content": (1.52, "kgN/t")}, "kgN/year"
    )
    assert nitrogen == pytest.approx(4537.81, abs=0.005)
    assert nitrogen != pytest.approx(4573.81, abs=30)
    price = 1.920 / 0.46
    assert 4573.81 * price == pytest.approx(19090.69, abs=0.01)
    assert nitrogen * price == pytest.approx(18940.42, abs=0.01)


def test_gaotianyan_prices_tonnes_of_sediment_by_the_cubic_metre():
    """Table 3 multiplies 716.5 t with 0.88 yuan/m3; gep refuses, and volume gives 1704 yuan."""
    assert pytest.approx(630.52, abs=0.005) == 2985.40 * 0.24 * 0.88
    price = units.quantity(0.88, "CNY_2014/m3")
    with pytest.raises(UnitError, match="price"):
        find("value.market_value")(units.quantity(716.5, "t/year"), price)
    given = {"retained": (2985.40, "t/year"), "share": (24.0, "%"), "bulk_density": (0.37, "t/m3")}
    assert 0.88 * compute("soil.sediment_avoided", given, "m3/year") == pytest.approx(1704.1, abs=0.1)


def test_lancang_multiplies_with_density():
    """Section 1.2.2 prints Q σ p; the kernel does not replay, and dividing gives 0.1056e8 yuan."""

    @formula("m3/year", eroded="t/year", bulk_density="t/m3", cite="lancang:§1.2.2 eq. 11")
    def multiplied(eroded, bulk_density):
        return eroded * bulk_density

    assert pytest.approx(0.178, abs=0.0005) == 3.05e5 * 1.3 * 45 / 1e8
    with pytest.raises(UnitError, match="breaks on quantities"):
        multiplied.replay()
    given = {"retained": (3.05e5, "t/year"), "share": (1.0, "1"), "bulk_density": (1.3, "t/m3")}
    assert 45 * compute("soil.sediment_avoided", given, "亿m3/year") == pytest.approx(0.1056, abs=5e-5)


def test_garze_marshes_are_labelled_ten_thousand_times_too_large():
    """Section 2.4.4 labels 0.3 S 1e6 as 万m3; table 3 prints 6.00e8 m3, so it is in m3."""
    marsh_km2 = 0.70 * 2864.27
    stored = units.quantity(0.3, "m") * units.quantity(marsh_km2, "km2")
    assert stored.to(units.parse("亿m3")).magnitude == pytest.approx(6.00, abs=0.02)
    as_labelled = units.quantity(0.3 * marsh_km2 * 1e6, "万m3")
    assert (as_labelled / stored).to(units.parse("1")).magnitude == pytest.approx(1e4)


def test_garze_pairs_carbon_of_nep_with_oxygen_of_npp():
    """Table 3: 2.51 of oxygen to 0.31 of carbon dioxide; photosynthesis gives 0.727."""
    given = {"co2": (0.31, "亿tCO2/year"), "ratio": (32 / 44, "tO2/tCO2")}
    assert compute("carbon.oxygen_released", given, "亿tO2/year") == pytest.approx(0.2255, abs=5e-5)
    assert 2.51 / 0.31 > 8


def test_garze_recreation_is_three_times_the_revenue():
    """Section 3.3 prints revenue of 23.56e8 yuan, table 3 a value of 70.6669e8 yuan."""
    given = {"revenue": (23.56, Y10), "share": (1.0, "1")}
    assert 70.6669 / compute("culture.revenue_attributed", given, Y10) == pytest.approx(3.0, abs=0.001)


def test_huanghua_misprints_the_cover_factor_and_the_steepness_factor():
    """Section 2.2 prints 0.3464, which is negative at 78.3 %, and 0.05, which jumps at 5 degrees."""
    assert 0.6508 - 0.3464 * log10(78.3) < 0 < float(find("erosion.cover_factor_cai")(78.3))
    steepness = find("relief.slope_steepness_liu")
    assert float(steepness(5.0)) - float(steepness(4.999)) == pytest.approx(-0.007, abs=0.001)
    assert (16.8 * sin(radians(5.0)) - 0.05) - float(steepness(4.999)) > 0.4


def test_erodibility_with_the_sign_of_the_exponent_lost():
    """A public program has exp(+0.0256 ...) and adds 0.2 last; it is far off."""
    sand, silt = 40.0, 40.0
    lost = 0.2 + 0.3 * np.exp(0.0256 * sand * (1 - silt / 100)) * 0.8
    assert 0.1317 * lost > 1.5 * float(find("erosion.erodibility_epic")(sand, silt, 20.0, 1.0))
