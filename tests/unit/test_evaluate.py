"""Evaluating a profile: which alternative is taken, what is refused, which input made which hole."""

import numpy as np
import pandas as pd
import pytest

import gep
from gep.account.evaluate import Evaluator, Trace, conform
from gep.account.extent import build
from gep.coefficients import CoefficientTable
from gep.errors import (
    GepError,
    GridError,
    LedgerError,
    MissingCoefficient,
    PriceYearError,
    TableError,
    UnitError,
)
from gep.prices import Money
from gep.profiles.model import Ref


def evaluator(case, inputs=None, zones=None, extra=()):
    inputs, zones = inputs or case.inputs(), zones or case.zones()
    table = case.table(extra).then(CoefficientTable.shipped(case.profile.coefficients))
    return Evaluator(case.profile, inputs, build(inputs, zones), table, Money("CNY_2010"))


def water_rows(ledger):
    return ledger.frame[ledger.frame["service"] == "water_conservation"].set_index(["zone", "ecosystem"])


# Hand computations --------------------------------------------------------------------------------


def test_water_conservation_cell_by_cell(case, ledger):
    """max(P - a P - ET, 0) mm on each cell, 1 mm on 1 km2 is 1000 m3; 7.06 yuan a m3."""
    runoff = {1: 0.0270, 2: 0.0394}  # table 2 of gong-2017: 2.70 % and 3.94 %
    rain, loss, km2 = case.values("precipitation"), case.values("evapotranspiration"), case.cell_km2()
    found = water_rows(ledger)
    for zone in ledger.zones.index:
        for code, share in runoff.items():
            cells = np.equal(case.labels, int(zone)) & np.equal(case.cover, code)
            depth = np.maximum(rain - share * rain - loss, 0.0)
            row = found.loc[(zone, case.classes[code])]
            assert row["quantity"] == pytest.approx((depth * km2 * 1000)[cells].sum(), rel=1e-9)
            assert row["value"] == pytest.approx(row["quantity"] * 7.06, rel=1e-14)


def test_soil_retention_through_two_steps(case, ledger):
    """R K LS (1 - C P) t/ha on 100 ha a km2, a share of 0.24 settles, 0.93 t fill a m3."""
    f = {name: case.values(name) for name in case.fields}
    soil = (
        f["rainfall_erosivity"]
        * f["soil_erodibility"]
        * f["slope_length_steepness"]
        * (1 - f["cover_factor"] * 0.8)
    )
    counted = np.isin(case.cover, [1, 2, 3]) & (case.labels > 0)
    tonnes = (soil * case.cell_km2() * 100)[counted].sum()
    assert ledger.total("CNY", service="soil_retention") == pytest.approx(
        tonnes * 0.24 / 0.93 * 15.58, rel=1e-9
    )


def test_carbon_takes_the_row_of_the_parent_and_becomes_co2(case, ledger):
    """1 gC/m2 on a km2 is 1 tC; 44/12 tCO2 a tC; forest 0.2, grassland 0.25; 380 yuan."""
    ratio = np.select([np.equal(case.cover, 1), np.equal(case.cover, 2)], [0.2, 0.25], 0.0)
    tonnes = (
        (case.values("net_primary_production") * ratio * case.cell_km2())[case.labels > 0].sum() * 44 / 12
    )
    found = ledger.frame[ledger.frame["service"] == "carbon_sequestration"]
    assert found["quantity"].sum() == pytest.approx(tonnes, rel=1e-9)
    assert ledger.total("CNY", service="carbon_sequestration") == pytest.approx(tonnes * 380, rel=1e-9)
    fallbacks = ledger.meta.runs["carbon_sequestration.co2"]["fallbacks"]
    assert "ecosystem temperate_steppe took the row of grassland" in fallbacks


def test_travel_cost_of_the_region(ledger):
    """50e4 visits, 20 yuan and 5 hours at 30 % of 30 yuan each."""
    assert ledger.total("CNY", service="tourism") == pytest.approx(50e4 * (20 + 5 * 30 * 0.3))


# Alternatives -------------------------------------------------------------------------------------


def test_the_first_available_alternative_is_used(case):
    """A stated volume of sediment wins over the step; a stated cover factor over the grid's absence."""
    stated = case.rows_with(sediment_avoided=[("150105101", "", 1000.0, "m3/year")])
    led = case.compile(case.inputs(rows=stated))
    assert led.total("CNY", service="soil_retention") == pytest.approx(15580.0)
    assert led.meta.runs["soil_retention.sediment"]["inputs"] == ["sediment_avoided"]


def test_a_grid_wins_over_a_coefficient_that_stands_second(case):
    rows = [(f"own/c/{e}", "cover_factor", 0.1, "1", e) for e in ("forest", "grassland", "cropland")]
    both = evaluator(case, extra=rows)
    refs = (Ref("input", "cover_factor"), Ref("coefficient", "cover_factor"))
    assert both.choose(refs) == refs[0]
    without = evaluator(case, case.inputs({"cover_factor": None}), extra=rows)
    assert without.choose(refs) == refs[1]
    # R K LS (1 - 0.1 x 0.8) instead of the grid's C
    led = case.compile(case.inputs({"cover_factor": None}), coefficients=case.table(rows))
    f = {
        name: case.values(name)
        for name in ("rainfall_erosivity", "soil_erodibility", "slope_length_steepness")
    }
    soil = f["rainfall_erosivity"] * f["soil_erodibility"] * f["slope_length_steepness"] * (1 - 0.1 * 0.8)
    counted = np.isin(case.cover, [1, 2, 3]) & (case.labels > 0)
    value = (soil * case.cell_km2() * 100)[counted].sum() * 0.24 / 0.93 * 15.58
    assert led.total("CNY", service="soil_retention") == pytest.approx(value, rel=1e-9)


def test_no_alternative_at_all_lists_what_would_do(case):
    with pytest.raises(GepError) as caught:
        case.compile(case.inputs({"evapotranspiration": None}))
    text = str(caught.value)
    assert "water_conservation" in text
    assert "evapotranspiration" in text
    assert "water_retained" in text


def test_a_lone_input_that_is_not_given_says_unit_and_where_to_find_it(case):
    with pytest.raises(TableError, match="input 'crop_price' is not given") as caught:
        case.compile(case.inputs(rows=case.rows_with(crop_price=[])))
    (fault,) = caught.value.faults
    assert fault.where == "crops"
    assert "money/t" in fault.expected
    assert "usually found in" in fault.fix


# What is refused ----------------------------------------------------------------------------------


def test_a_total_of_the_region_is_never_counted_once_per_zone(case):
    """Visits of the region beside spending by zone: the product would count every visit four times."""
    spending = [(str(z), "", 20.0, "CNY_2010/visit") for z in (150105101, 150105102, 150105103, 150105104)]
    with pytest.raises(GepError, match="is one total, spending differ by zone") as caught:
        case.compile(case.inputs(rows=case.rows_with(visit_spending=spending)))
    assert "must not be counted once for each" in str(caught.value)
    assert "visits by zone" in str(caught.value)


def test_visits_by_zone_with_one_spending_for_all_are_fine(case):
    visits = [(f"15010510{n}", "", float(n), "visit/year") for n in (1, 2, 3, 4)]
    led = case.compile(case.inputs(rows=case.rows_with(visits=visits)))
    assert led.total("CNY", zone="150105104", service="tourism") == pytest.approx(4 * (20 + 5 * 30 * 0.3))


def test_a_price_that_differs_by_item_needs_a_quantity_that_does(case):
    rows = case.rows_with(crop_output=[("", "", 1000.0, "t/year")])
    with pytest.raises(LedgerError, match=r"differs by item \(maize, wheat\), the quantity has none"):
        case.compile(case.inputs(rows=rows))


def test_an_item_without_a_price_is_named(case):
    rows = case.rows_with(crop_price=[("", "maize", 2.0, "CNY_2010/kg")])
    with pytest.raises(GepError, match="no value for wheat"):
        case.compile(case.inputs(rows=rows))


def test_a_price_by_zone_needs_a_quantity_by_zone(case):
    price = [
        (str(z), i, 2.0, "CNY_2010/kg")
        for z in (150105101, 150105102, 150105103, 150105104)
        for i in ("maize", "wheat")
    ]
    led = case.compile(case.inputs(rows=case.rows_with(crop_price=price)))  # a key spreads the quantity first
    assert led.total("CNY", service="crops") == pytest.approx(20e7 * 2.0)  # 20万t at 2000 yuan


def test_a_class_without_a_coefficient_is_named_with_its_area(case):
    """Table 2 of gong-2017 has rows for types of grassland, none for grassland as such."""
    km2 = case.cell_km2()[np.equal(case.cover, 2) & (case.labels > 0)].sum()
    with pytest.raises(MissingCoefficient) as caught:
        case.compile(case.inputs(classes={**case.classes, 2: "grassland"}))
    (fault,) = caught.value.faults
    assert fault.where == "water_conservation"
    assert "runoff_coefficient for grassland" in fault.what
    assert f"{km2:,.4g} km2" in fault.what
    assert "there is no default" in fault.expected or "valid for this" in fault.expected


@pytest.mark.parametrize(
    ("shape", "options"),
    [
        ("shifted", {"shift": 0.002}),
        ("shifted by a cell", {"shift": 0.01}),
        ("other CRS", {"crs": "EPSG:4490"}),
    ],
)
def test_grids_of_the_same_shape_elsewhere_are_refused(case, shape, options):
    moved = case.grid(case.values("precipitation"), "mm/year", **options)
    with pytest.raises(GridError, match="not on the grid of the account") as caught:
        case.compile(case.inputs({"precipitation": moved}))
    (fault,) = caught.value.faults
    assert fault.where == "precipitation"
    assert "gep.align(precipitation" in fault.fix


def test_all_grids_that_do_not_align_are_named_at_once(case):
    names = ("precipitation", "evapotranspiration", "cover_factor")
    moved = {n: case.grid(case.values(n), case.fields[n][1], shift=0.002) for n in names}
    with pytest.raises(GridError, match="3 faults") as caught:
        case.compile(case.inputs(moved))
    assert {f.where for f in caught.value.faults} == set(names)


def test_rows_from_south_to_north_are_another_grid_and_never_paired_by_position(case):
    flipped = case.grid(case.values("precipitation"), "mm/year").isel(lat=slice(None, None, -1))
    with pytest.raises(GridError, match="precipitation: not on the grid"):
        case.compile(case.inputs({"precipitation": flipped}))


def test_dimensions_in_another_order_are_the_same_grid(case, ledger):
    turned = case.grid(case.values("precipitation"), "mm/year").transpose("lon", "lat")
    assert case.compile(case.inputs({"precipitation": turned})).total("CNY") == ledger.total("CNY")


@pytest.mark.parametrize(
    ("unit", "says"),
    [
        ("mm/day", "precipitation"),
        ("mm", "precipitation"),
        ("tC/ha/year", "precipitation"),
        ("m**2 s**-2", "precipitation"),
    ],
)
def test_a_grid_in_a_unit_of_another_dimension_is_refused(case, unit, says):
    with pytest.raises(UnitError, match=says):
        case.compile(case.inputs({"precipitation": (case.values("precipitation"), unit)}))


def test_money_of_two_years_is_refused_without_a_deflator(case):
    rows = case.rows_with(crop_price=[("", "maize", 2.0, "CNY_2010/kg"), ("", "wheat", 2.5, "CNY_2015/kg")])
    with pytest.raises(PriceYearError, match="CNY_2010 and CNY_2015"):
        case.compile(case.inputs(rows=rows))


def test_prices_of_coefficients_are_refused_too(case):
    with pytest.raises(PriceYearError, match="CNY_2010 and CNY_2015") as caught:
        case.compile(price_year=2015, profile=case.profile.using(crops=False, livestock=False, tourism=False),
                     inputs=case.inputs(rows=case.rows_with(gdp=[])))  # fmt: skip
    assert {"water_conservation", "soil_retention", "carbon_sequestration"} <= {
        f.where for f in caught.value.faults
    }


def test_a_deflator_carries_every_price_by_the_factor_of_its_series(case, ledger):
    """One factor for all: the product of the published rates 2011 to 2015."""
    factor = 1.05553899 * 1.02619524 * 1.0262105 * 1.01921642 * 1.01437024
    later = case.compile(price_year=2015, deflator="chn-cpi")
    assert later.price_year == "CNY_2015"
    assert later.total("CNY") == pytest.approx(ledger.total("CNY") * factor, rel=1e-12)
    notes = later.meta.runs["water_conservation.water_retained"]["deflators"]
    assert notes == [f"CNY_2010 to CNY_2015 by chn-cpi: x {factor:.6g} (worldbank-wdi)"]


# Holes --------------------------------------------------------------------------------------------


def test_every_hole_is_laid_at_the_door_of_its_input(case, holed):
    rain, loss = np.zeros((12, 10), bool), np.zeros((12, 10), bool)
    rain[0:2, 0:3], loss[1:3, 1:4] = True, True
    causes = {
        "precipitation missing": rain & ~loss,
        "evapotranspiration missing": loss & ~rain,
        "precipitation and evapotranspiration missing": rain & loss,
    }
    km2, wanted = case.cell_km2(), np.isin(case.cover, [1, 2]) & (case.labels > 0)
    holes = holed.coverage[holed.coverage["service"] == "water_conservation"]
    expected = {c: km2[mask & wanted].sum() for c, mask in causes.items() if (mask & wanted).any()}
    assert len(expected) >= 2
    found = holes.groupby("cause")["area_m2"].sum() / 1e6
    assert found.to_dict() == pytest.approx(expected, rel=1e-9)
    assert holes["area_m2"].sum() / 1e6 == pytest.approx(km2[(rain | loss) & wanted].sum(), rel=1e-9)
    assert holes["cells"].sum() == ((rain | loss) & wanted).sum()


def test_two_inputs_that_miss_the_same_cells_are_named_together(case):
    rain, loss = case.values("precipitation"), case.values("evapotranspiration")
    rain[:5, :5] = loss[:5, :5] = np.nan
    led = case.compile(case.inputs({"precipitation": rain, "evapotranspiration": loss}))
    assert set(led.coverage["cause"]) == {"precipitation and evapotranspiration missing"}


def test_missing_cells_are_not_filled_with_the_mean_of_the_others(case):
    """The sum of a zone with holes is that of its valid cells, neither more nor less."""
    rain = case.values("precipitation")
    rain[0, :3] = np.nan
    depth = np.nan_to_num(np.maximum(rain - 0.0270 * rain - case.values("evapotranspiration"), 0.0))
    cells = np.equal(case.labels, 150105101) & np.equal(case.cover, 1)
    row = water_rows(case.compile(case.inputs({"precipitation": rain}))).loc[("150105101", case.classes[1])]
    assert row["quantity"] == pytest.approx((depth * case.cell_km2() * 1000)[cells].sum(), rel=1e-9)


def test_prices_of_a_zone_that_does_not_exist_are_not_dropped_in_silence(case):
    price = [(f"15010510{n}", i, 2.0, "CNY_2010/kg") for n in (1, 2, 3, 4, 9) for i in ("maize", "wheat")]
    with pytest.raises(GepError, match="150105109"):
        case.compile(case.inputs(rows=case.rows_with(crop_price=price)))


def test_an_infinite_value_is_refused(case):
    rain = case.values("precipitation")
    rain[0, 0] = np.inf
    with pytest.raises(GepError, match="infinite"):
        case.compile(case.inputs({"precipitation": rain}))


def test_holes_do_not_touch_other_services_or_zones(case, ledger, holed):
    for service in ("soil_retention", "carbon_sequestration"):
        pd.testing.assert_series_equal(
            holed.by("zone", "service", unit="CNY")["value"].xs(service, level="service").drop("150105103"),
            ledger.by("zone", "service", unit="CNY")["value"].xs(service, level="service").drop("150105103"),
        )


def test_conform_and_traces():
    import xarray as xr

    data = xr.DataArray([1.0, 2.0], {"item": ["a", "b"]}, ("item",))
    assert conform(data, ["b", "a"], "x").to_numpy().tolist() == [2.0, 1.0]
    assert conform(data.sum(), ["b"], "x") == 3.0
    with pytest.raises(TableError, match="x has no value for c"):
        conform(data, ["a", "c"], "x")
    trace = Trace(inputs={"p": "published"}, spreads=["s"])
    trace.add(Trace(inputs={"q": "derived"}, spreads=["s", "t"]))
    assert (trace.inputs, trace.spreads) == ({"p": "published", "q": "derived"}, ["s", "t"])


def test_evaluating_a_step_twice_computes_it_once(case):
    made = evaluator(case)
    ref = Ref("step", "water_conservation.retained")
    assert made.step(ref) is made.step(ref)
    assert isinstance(made.extent.zones, gep.Zones)


def test_a_total_is_never_counted_once_per_cell(case, tmp_path):
    """A rate given as a grid meets the area of an ecosystem: every cell would own all of it."""
    path = tmp_path / "rate.toml"
    path.write_text(
        """
        id = "rate"
        zh = "速率"
        en = "Rate"
        source = "mee-2020"
        edition = "1"
        coefficients = ["garze-2010"]
        regions = ["513300"]
        [services.carbon_sequestration]
        clause = "test"
        [services.carbon_sequestration.steps.net]
        formula = "carbon.carbon_from_rate"
        args = { area = "area", rate = "input:carbon_sequestration_rate" }
        [services.carbon_sequestration.indicators.co2]
        zh = "固碳"
        en = "Carbon"
        quantity = "step:net"
        price = "coefficient:carbon_price"
        unit = "tCO2/year"
        method = "replacement cost"
        """,
        encoding="utf-8",
    )
    field = case.inputs().grids["precipitation"].data
    rate = field.copy(data=np.full(field.shape, 2.0)).assign_attrs(units="tC/ha/year")
    inputs = case.inputs({"carbon_sequestration_rate": rate})
    with pytest.raises(GepError, match=r"area .* is a total, and other arguments are grids"):
        gep.compile_account(gep.load_profile(path), inputs, case.zones(), 2010)
