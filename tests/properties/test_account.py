"""Properties of accounts: refinement, units, closure."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gep
from gep.ledger import Ledger
from gep.ledger.parts import COLUMNS

KEYS = ["zone", "ecosystem", "service", "indicator", "item"]
FEW = settings(max_examples=6, derandomize=True, deadline=None)


def lines(ledger):
    return ledger.frame.set_index(KEYS)["value"].sort_index()


def fine(values):
    return np.repeat(np.repeat(values, 2, axis=0), 2, axis=1)


@pytest.mark.parametrize("variant", ["nonnegative", "balance"])
def test_a_total_does_not_change_when_every_input_is_refined(case, variant):
    profile = case.profile.using(water_conservation=variant)
    rain = case.values("precipitation")
    rain[2, 2] = np.nan
    coarse = case.compile(case.inputs({"precipitation": rain}), profile=profile)
    fields = {name: fine(case.values(name)) for name in case.fields} | {"precipitation": fine(rain)}
    inputs = case.inputs(fields, cover=fine(case.cover))
    refined = case.compile(inputs, case.zones(labels=fine(case.labels)), profile=profile)
    # the area of a cell depends on its latitude, so lines agree as far as halves of cells do
    pd.testing.assert_series_equal(lines(refined), lines(coarse), check_exact=False, rtol=1e-9)
    assert refined.coverage["cells"].sum() == 4 * coarse.coverage["cells"].sum() > 0
    assert refined.coverage["area_m2"].sum() == pytest.approx(coarse.coverage["area_m2"].sum(), rel=1e-9)


#: The same input in another unit: the name, what a number is divided by, the unit.
GRIDS = [
    ("precipitation", 1000.0, "m/year"),
    ("precipitation", 0.1, "m3/ha/year"),
    ("evapotranspiration", 10.0, "cm/year"),
    ("net_primary_production", 100.0, "tC/ha/year"),
    ("net_primary_production", 12 / 44, "gCO2/m2/year"),
    ("slope_length_steepness", 0.01, "%"),
    ("rainfall_erosivity", 0.1, "J cm/(m2 h year)"),
]
TABLES = [
    ("crop_output", 1e-4, "t/year"),
    ("crop_output", 1e-7, "kg/year"),
    ("crop_price", 0.001, "CNY_2010/t"),
    ("crop_price", 10.0, "万元_2010/t"),
    ("livestock_net_output", 1e-8, "CNY_2010/year"),
    ("livestock_net_output", 1e-4, "万元_2010/年"),
    ("visits", 1e-4, "visit/year"),
    ("visit_time", 24.0, "day/visit"),
    ("visitor_wage", 1 / 24, "元_2010/天"),
    ("population", 1e4, "万人"),
]


@pytest.mark.parametrize(("name", "divisor", "unit"), GRIDS)
def test_a_grid_in_another_unit_is_the_same_account(case, ledger, name, divisor, unit):
    inputs = case.inputs({name: (case.values(name) / divisor, unit)})
    pd.testing.assert_series_equal(lines(case.compile(inputs)), lines(ledger), check_exact=False, rtol=1e-12)


@pytest.mark.parametrize(("name", "divisor", "unit"), TABLES)
def test_a_table_in_another_unit_is_the_same_account(case, ledger, name, divisor, unit):
    changed = [(z, i, v / divisor, unit) for n, z, i, v, _ in case.rows_with() if n == name]
    found = case.compile(case.inputs(rows=case.rows_with(**{name: changed})))
    pd.testing.assert_series_equal(lines(found), lines(ledger), check_exact=False, rtol=1e-12)
    assert found.per_capita("元/person") == pytest.approx(float(ledger.per_capita("元/person")), rel=1e-12)


@pytest.mark.parametrize(("unit", "factor"), [("ha", 100), ("亩", 1500), ("m2", 1e6), ("平方公里", 1)])
def test_areas_in_another_unit_are_the_same_account(case, tables, unit, factor):
    zones, inputs = tables
    rows = zones.extent.assign(area=zones.extent["area_m2"] / 1e6 * factor)
    other = gep.Zones.from_areas(rows, unit=unit, region="全区")
    first, second = case.compile(inputs, zones), case.compile(inputs, other)
    pd.testing.assert_series_equal(lines(second), lines(first), check_exact=False, rtol=1e-12)
    assert second.zones["area_m2"].tolist() == pytest.approx(first.zones["area_m2"].tolist(), rel=1e-12)


@FEW
@given(factor=st.floats(0.01, 100), name=st.sampled_from(["crop_price", "livestock_net_output", "visits"]))
def test_scaling_an_input_scales_its_line_and_no_other(case, ledger, factor, name):
    service = {"crop_price": "crops", "livestock_net_output": "livestock", "visits": "tourism"}[name]
    rows = [(z, i, v * factor, u) for n, z, i, v, u in case.rows_with() if n == name]
    found = case.compile(case.inputs(rows=case.rows_with(**{name: rows})))
    ratio = lines(found) / lines(ledger)
    own = ratio.index.get_level_values("service") == service
    assert ratio[own].tolist() == pytest.approx([factor] * own.sum(), rel=1e-12)
    assert (ratio[~own] == 1.0).all()


@FEW
@given(order=st.permutations(range(4)), codes=st.permutations([1, 2, 3, 4]))
def test_other_codes_and_another_order_are_the_same_account(case, ledger, order, codes):
    lookup = np.zeros(256, np.uint8)
    lookup[[1, 2, 3, 4]] = codes
    classes = {new: case.classes[old] for old, new in zip((1, 2, 3, 4), codes, strict=True)}
    table = case.zones().table.reset_index().iloc[list(order)]
    found = case.compile(case.inputs(cover=lookup[case.cover], classes=classes), case.zones(table))
    pd.testing.assert_series_equal(lines(found), lines(ledger), check_exact=False, rtol=1e-12)
    assert list(found.zones.index) == [str(c) for c in table["code"]]


@FEW
@given(holes=st.lists(st.tuples(st.integers(0, 11), st.integers(0, 8)), max_size=30))
def test_covered_and_not_covered_add_up_to_the_extent(case, holes):
    rain, ones = case.values("precipitation"), np.ones((12, 10), bool)
    for row, col in holes:
        rain[row, col] = np.nan
        ones[row, col] = False
    led = case.compile(case.inputs({"precipitation": rain}))
    wanted = np.isin(case.cover, [1, 2]) & (case.labels > 0)
    km2 = case.cell_km2()
    assert led.coverage["area_m2"].sum() / 1e6 == pytest.approx(km2[wanted & ~ones].sum(), rel=1e-9)
    for key in ("zone", "service", "ecosystem"):
        assert math.fsum(led.by(key, unit="CNY")["value"].dropna()) == pytest.approx(
            float(led.total("CNY")), rel=1e-12
        )


# Closure of any ledger ----------------------------------------------------------------------------

CATEGORY = {
    "crops": "provisioning",
    "soil_retention": "regulating",
    "tourism": "cultural",
    "livestock": "provisioning",
}
rows = st.lists(
    st.tuples(
        st.sampled_from(["150105101", "150105102", "150105103", "150105104", "全区"]),
        st.sampled_from(["", "forest", "grassland", "cropland"]),
        st.sampled_from(list(CATEGORY)),
        st.sampled_from(["", "a", "b"]),
        st.one_of(st.just(float("nan")), st.floats(0, 1e12), st.floats(0, 1e-3)),
    ),
    min_size=1,
    max_size=40,
    unique_by=lambda row: row[:4],
)


@settings(max_examples=20)
@given(rows)
def test_any_ledger_closes_by_every_key(ledger, drawn):
    frame = pd.DataFrame(drawn, columns=["zone", "ecosystem", "service", "item", "value"])
    frame = frame.assign(
        year=2010, category=frame["service"].map(CATEGORY), indicator="value", price_year="CNY_2010", run="r",
        quantity=np.nan, price=np.nan, quantity_unit="", price_unit="", status="", coefficient_status="",
        spread="",
    )[list(COLUMNS)]  # fmt: skip
    led = Ledger(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta)
    total = led.total("CNY")
    known = [v for *_, v in drawn if not math.isnan(v)]
    if not known:
        assert math.isnan(total)
        return
    assert total == math.fsum(known)
    for key in ("zone", "ecosystem", "service", "category", "indicator", "item"):
        table = led.by(key, unit="CNY")
        assert math.fsum(table["value"].dropna()) == pytest.approx(float(total), rel=1e-12)
        assert table["missing_rows"].sum() == len(drawn) - len(known)
        for name, part in table["value"].items():
            members = [
                v
                for *k, v in drawn
                if dict(zip(KEYS, (*k[:3], "value", k[3]), strict=True)).get(key, CATEGORY[k[2]]) == name
            ]
            assert math.isnan(part) == all(math.isnan(v) for v in members)
