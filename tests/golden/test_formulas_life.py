"""Numbers printed by others for air, water quality, coast, noise, habitat, culture, carbon, cooling."""

from __future__ import annotations

import numpy as np
import pytest

from gep import units
from gep.errors import UnitError
from gep.services import find
from gep.services.coast import exposure_index, habitat_rank

GAOTIANYAN = "Gaotianyan 2014, Acta Ecologica Sinica 37(19):6422"
GARZE = "Garzê 2010, Acta Ecologica Sinica 37(19):6302"
BAIYANGDIAN = "Baiyangdian 2011, Acta Ecologica Sinica 37(8):2497"
ALTAI = "Altai, ChinaXiv-202101.00012V1"
XIAN = "Xi'an 2018, ChinaXiv-202110.00026V1"
GWR = "Shunkei3/GEP_GWR, Code/5_GEP_calculation.qmd"


def compute(name, given, unit):
    """Call a formula with quantities, as a caller with units in hand would."""
    quantities = {key: units.quantity(*value) for key, value in given.items()}
    return float(find(name)(**quantities).to(units.parse(unit)).magnitude)


#: Stand: area in ha (section 1), uptake in kg/ha of SO2 and dust (table 1), and in 10^4 kg (table 2).
STANDS = {
    "conifers": (613, 215.60, 33200, 13.22, 2035.16),
    "broadleaves": (2350, 88.65, 10110, 20.83, 2375.85),
    "mixed": (1287, 152.13, 21660, 19.58, 2787.64),
    "bamboo": (196, 97.96, 20700, 1.92, 405.72),
    "shrub": (260, 92.10, 11400, 2.39, 296.40),
}
#: Document, place, formula, inputs, printed, its unit, what rounding of the printed inputs explains.
ROWS = [
    *(
        (
            GAOTIANYAN,
            f"table 2, {what} of {stand}",
            "purification.capacity",
            {"area": (area, "ha"), "rate": (rate, f"kg{substance}/hm2/a")},
            printed,
            f"万kg{substance}/year",
            0.0051,
        )
        for stand, (area, so2, dust, so2_printed, dust_printed) in STANDS.items()
        for what, substance, rate, printed in [
            ("so2", "SO2", so2, so2_printed),
            ("dust", "Dust", dust, dust_printed),
        ]
    ),
    (
        GAOTIANYAN,
        "table 2, value of SO2 of conifers",
        "value.market_value",
        {"quantity": (13.22, "万kgSO2/year"), "price": (0.83, "CNY_2014/kgSO2")},
        10.97,
        "万 CNY_2014/year",
        0.005,
    ),
    (
        GAOTIANYAN,
        "table 2, CO2 of shrub",
        "carbon.carbon_in_biomass_growth",
        {"area": (260, "ha"), "growth": (4.01, "tDM/hm2/a"), "ratio": (1.63, "tCO2/tDM")},
        1699.44,
        "tCO2/year",
        0.005,
    ),
    (
        GARZE,
        "table 3, pests in grassland: all of table 1",
        "pest.controlled_area",
        {"infested": (71113.87, "km2/year"), "share": (1, "1")},
        711.13,
        "万ha/year",
        0.01,
    ),
    *(
        (
            BAIYANGDIAN,
            f"§2.3.2, {who}",
            "culture.wtp_value",
            {
                "payment": (12 * monthly, "CNY_2011/person/year"),
                "share": (share, "%"),
                "population": (people, "万人"),
            },
            printed,
            "亿 CNY_2011/year",
            0.005,
        )
        for who, monthly, share, people, printed in [
            ("visitors", 11.31, 83.44, 61.92, 0.70),
            ("people of the county town", 11.89, 90.49, 2.37, 0.03),
            ("people of the villages", 7.38, 83.70, 33.99, 0.25),
        ]
    ),
    *(
        (
            ALTAI,
            f"table 2, {stand}",
            "habitat.conservation_value",
            {"area": (area, "hm2"), "price": (price, "CNY_2014/hm2/a")},
            printed,
            "百万 CNY_2014/year",
            0.0051,
        )
        for stand, area, price, printed in [
            ("fir", 9868.95, 5000, 49.34),
            ("spruce", 67046.2, 5000, 335.23),
            ("larch", 507147.6, 10000, 5071.48),
            ("Siberian pine", 8884.06, 30000, 266.52),
            ("birch", 23287.29, 5000, 116.44),
            ("spiraea", 225076.14, 5000, 1125.38),
            ("honeysuckle", 39241.76, 5000, 196.21),
            ("other shrub", 199099.66, 5000, 995.50),
        ]
    ),
    (
        XIAN,
        "§2.2.6, 10 dB(A) over the limit",
        "noise.noise_value",
        {"reduction": (10, "dB"), "price": (7.66, "CNY_2018/dB/year")},
        76.6,
        "CNY_2018/year",
        1e-9,
    ),
    (
        GWR,
        "fun_get_A at 0.1 USD/kWh and an efficiency of 0.5",
        "energy.pumping_cost_avoided",
        {
            "volume": (1, "m3/year"),
            "rise": (1, "m"),
            "weight": (9810, "J/m4"),
            "efficiency": (0.5, "1"),
            "price": (0.1, "USD_2021/kWh"),
        },
        0.000545,
        "USD_2021/year",
        1e-15,
    ),
    (
        "InVEST User's Guide",
        "Urban Cooling: half the heat island of 3 K, 1000 m2 at 2 kWh/K/m2, by hand",
        "climate.cooling_energy_saved",
        {
            "consumption": (2, "kWh/K/m2/year"),
            "area": (0.1, "ha"),
            "difference": (1.5, "K"),
        },
        3000,
        "kWh/year",
        1e-9,
    ),
]


@pytest.mark.parametrize(("document", "place", "name", "given", "printed", "unit", "within"), ROWS)
def test_published_number(document, place, name, given, printed, unit, within):
    assert compute(name, given, unit) == pytest.approx(printed, abs=within), f"{document}, {place}"


#: Equation, place, inputs in its published units, value worked out by hand, digits that count.
EMPIRICAL = [
    (XIAN, "eq. 2 at 40 °C", "climate.air_temperature_from_surface", (40.0,), 29.5818, 5e-5),
    (XIAN, "eq. 2 at its zero", "climate.air_temperature_from_surface", (6.3655,), 0.0, 0.0),
    ("InVEST User's Guide", "CC, trees alone", "climate.cooling_capacity", (1.0, 0.0, 0.0), 0.6, 1e-12),
    ("InVEST User's Guide", "CC of a lawn", "climate.cooling_capacity", (0.0, 0.25, 0.85), 0.22, 1e-12),
    ("InVEST User's Guide", "CC at most", "climate.cooling_capacity", (1.0, 1.0, 1.0), 1.0, 1e-12),
    ("Pei 2010", "10 °C, 60 mm", "carbon_balance.heterotrophic_respiration_pei", (10.0, 60.0), 16.8135, 5e-5),
    ("Pei 2010", "0 °C, no rain", "carbon_balance.heterotrophic_respiration_pei", (0.0, 0.0), 3.069, 1e-12),
    (
        "NatCap TEEMs",
        "185 per tCO2 at 3 %",
        "carbon_balance.storage_rent",
        (1.0, 185.0, 0.03),
        5.467576,
        5e-7,
    ),
    ("NatCap TEEMs", "no discount", "carbon_balance.storage_rent", (1.0, 185.0, 0.0), 0.0, 0.0),
    ("by hand", "less is given off than could be taken up", "purification.purified", (9.0, 2.0), 2.0, 0.0),
    ("by hand", "more is given off than can be taken up", "purification.purified", (2.0, 9.0), 2.0, 0.0),
    ("by hand", "slope of a demand curve", "demand.surplus_per_visit", (-0.004,), 250.0, 1e-12),
    ("LY/T 1721-2008", "H < 1", "habitat.species_class", (0.99,), 1.0, 0.0),
    ("LY/T 1721-2008", "H = 1", "habitat.species_class", (1.0,), 2.0, 0.0),
    ("LY/T 1721-2008", "3 <= H < 4", "habitat.species_class", (3.2,), 4.0, 0.0),
    ("LY/T 1721-2008", "H >= 6", "habitat.species_class", (6.0,), 7.0, 0.0),
]


@pytest.mark.parametrize(("document", "place", "name", "given", "expected", "within"), EMPIRICAL)
def test_empirical_equation(document, place, name, given, expected, within):
    assert float(find(name)(*given)) == pytest.approx(expected, abs=within), f"{document}, {place}"


def test_natcap_price_of_carbon_is_converted_to_carbon_dioxide():
    """678.33 dollars a tonne of carbon are 185.00 a tonne of carbon dioxide; times 1 - exp(-0.03)."""
    given = {"stock": (1.0, "tCO2"), "price": (678.33, "USD_2020/tC"), "rate": (3.0, "%/year")}
    assert compute("carbon_balance.storage_rent", given, "USD_2020/year") == pytest.approx(5.4675, abs=5e-5)


@pytest.mark.parametrize(
    ("ranks", "expected"),
    [
        ((1.0,), 1.8),
        ((1.0, 2.0), 1.445898),
        ((4.0,), 4.05),
        ((5.0,), 4.8),
        ((1.0, 5.0, 5.0), 1.8),
        ((1.0,) * 3, 0.676894),
        ((1.0,) * 5, -0.2),
    ],
)
def test_invest_habitat_rank(ranks, expected):
    """InVEST User's Guide, Coastal Vulnerability, equation r_hab."""
    assert float(habitat_rank(*ranks)) == pytest.approx(expected, abs=5e-7)


def test_invest_exposure_index_of_seven_ranks():
    """InVEST User's Guide, Coastal Vulnerability, equation VulInd: 2 to the power 10/7."""
    assert float(exposure_index(1, 2, 4, 4, 2, 4, 4)) == pytest.approx(2 ** (10 / 7))


def test_baiyangdian_non_use_value_of_section_2_3_2():
    """Three groups add up to the 0.98e8 yuan that are printed."""
    parts = [compute(name, given, unit) for document, _, name, given, _, unit, _ in ROWS if "wtp" in name]
    assert sum(parts) == pytest.approx(0.98, abs=0.005)


def test_garze_pests_of_table_3():
    """Table 3: 158e4 ha of forest at 375 yuan/ha are 5.9250e8 yuan."""
    area = find("pest.controlled_area")(units.quantity(158, "万ha/year"), units.quantity(1, "1"))
    value = find("value.market_value")(area, units.quantity(375, "CNY_2010/ha"))
    assert float(value.to(units.parse("亿 CNY_2010/year")).magnitude) == pytest.approx(5.925)


def test_shandong_carbon_price_by_carbon_and_by_carbon_dioxide():
    """1200 yuan a tonne of carbon are 327.27 yuan a tonne of carbon dioxide."""
    assert units.factor("CNY_2008/tC", "CNY_2008/tCO2") * 1200 == pytest.approx(327.27, abs=0.005)
    given = {"quantity": (44.0, "tCO2/year"), "price": (1200.0, "CNY_2008/tC")}
    assert compute("value.market_value", given, "CNY_2008/year") == pytest.approx(12 * 1200)


# What is printed and wrong ------------------------------------------------------------------------


def test_shandong_reads_carbon_as_dry_matter():
    """Table 2 prints 1172 gC/m2 for red pine; 2.08e4 yuan/ha follow only if that were dry matter."""
    matter = 11.72
    soil = matter * 0.02 / 0.49
    assert (1200 * (1.63 * 0.2727 * matter + soil) + 1.19 * 1000 * matter) / 1e4 == pytest.approx(
        2.08, abs=0.005
    )
    given = {
        "area": units.quantity(1.0, "ha"),
        "growth": units.quantity(1172.0, "gC/m2/year"),
        "ratio": units.quantity(1.63, "tCO2/tDM"),
    }
    with pytest.raises(UnitError, match="growth"):
        find("carbon.carbon_in_biomass_growth")(**given)


def test_gaotianyan_leaves_sulphur_dioxide_out_of_clean_air():
    """Table 4 prints 1817.19e4 yuan, which is the dust of table 2 without the 48.08 of SO2."""
    dust = sum(printed for *_, printed in STANDS.values()) * 0.23
    sulphur = sum(printed for *_, printed, _ in STANDS.values()) * 0.83
    assert dust == pytest.approx(1817.19, abs=0.02)
    assert dust + sulphur == pytest.approx(1865.27, abs=0.02)


def test_altai_misprints_poplar():
    """Table 2 prints 24.56e6 yuan for 4647.33 ha; at the 5000 of its neighbours it is 23.24."""
    given = {"area": (4647.33, "ha"), "price": (5000, "CNY_2014/ha/year")}
    assert compute("habitat.conservation_value", given, "百万 CNY_2014/year") == pytest.approx(
        23.24, abs=0.005
    )


def test_xian_price_of_carbon_is_that_of_carbon_not_of_carbon_dioxide():
    """Section 2.2.3 prints 1.2 yuan/kg CO2 with the Swedish tax, which others quote per tonne of carbon."""
    as_printed = units.quantity(1.2, "CNY_2018/kgCO2").to(units.parse("CNY_2018/tC"))
    assert as_printed.magnitude / 1200 == pytest.approx(44 / 12)


def test_ground_water_rises_by_more_than_the_depth_of_recharge():
    """The source takes recharge as rise; in pores of a fifth the table rises five times as much."""
    given = [1.0, 1.0, 9810.0, 0.5, 0.1 / 3.6e6]
    once = find("energy.pumping_cost_avoided")(*given)
    assert find("energy.pumping_cost_avoided")(given[0], 1 / 0.2, *given[2:]) == pytest.approx(5 * once)
    assert np.isfinite(once)
