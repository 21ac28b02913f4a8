"""Models: formulas of grids, tables and numbers, computed cell by cell and added up."""

import math
import pickle

import numpy as np
import pytest
import xarray as xr

import gep
from gep.errors import GridError, UnitError
from gep.formula import formula
from gep.grid import Model, aggregate, blocks
from gep.grid.aggregation import prepare
from gep.grid.georef import GridSpec
from gep.services.sand import sand_fixed_closed, sand_fixed_field
from gep.services.soil import retained
from gep.services.water import fu_evapotranspiration, quick_flow, water_retained, water_retained_nonnegative

RNG = np.random.default_rng(41)
SHAPE = (250, 320)  # more cells than are computed together


def grid(values, unit="", **attrs):
    values = np.asarray(values)
    at = {"lat": 40 - 0.01 * np.arange(values.shape[0]), "lon": 110 + 0.01 * np.arange(values.shape[1])}
    return gep.set_crs(xr.DataArray(values, at, ("lat", "lon"), attrs=attrs | {"units": unit}), "EPSG:4326")


def table(by, values, unit="1"):
    return xr.DataArray(list(values.values()), {by: list(values)}, (by,), attrs={"units": unit})


ZONE = (np.arange(SHAPE[0])[:, None] // 90 + 10 * (np.arange(SHAPE[1]) // 200)).astype(np.int32)
COVER = RNG.choice([3, 5, 8], (50, 64)).repeat(5, 0).repeat(5, 1).astype(np.uint8)
AREA = np.broadcast_to(GridSpec.of(grid(ZONE)).cell_area().rows(0, SHAPE[0]), SHAPE)
RAIN = np.where(RNG.random(SHAPE) < 0.05, np.nan, RNG.uniform(300, 900, SHAPE))
LOSS = RNG.uniform(100, 500, SHAPE)
FACTORS = {
    "erosivity": (RNG.uniform(500, 3000, SHAPE), "MJ mm/(ha h year)"),
    "erodibility": (RNG.uniform(0.01, 0.06, SHAPE), "t ha h/(ha MJ mm)"),
    "slope": (np.where(RNG.random(SHAPE) < 0.1, np.nan, RNG.uniform(0, 20, SHAPE)), "1"),
    "cover": (RNG.uniform(0, 1, SHAPE).astype(np.float32), "1"),
    "practice": (RNG.uniform(0.3, 1, SHAPE), "1"),
}
SAND = {
    "weather": (RNG.uniform(0, 30, SHAPE), "kg/m/year"),
    **{name: (RNG.uniform(0.01, 1, SHAPE), "1") for name in ("erodible", "crust", "roughness", "vegetation")},
}


def grids(fields):
    return {name: grid(values, unit) for name, (values, unit) in fields.items()}


def added(model, classes=COVER, zones=ZONE, **options):
    return aggregate(grid(zones), None if classes is None else grid(classes), {"f": model}, **options)


def by_hand(values, classes=COVER, zones=ZONE):
    """The integral over zone and class, by :func:`math.fsum`."""
    mine = np.asarray(values, float) * AREA
    there = ~np.isnan(mine)
    return [
        [math.fsum(mine[(zones == z) & (classes == c) & there]) for c in np.unique(classes)]
        for z in np.unique(zones)
    ]


def test_soil_retention_to_the_last_bit():
    found = added(Model(retained, **grids(FACTORS)))
    bare = {name: values.astype(float) for name, (values, _) in FACTORS.items()}
    assert found["f"].values.tolist() == by_hand(retained.kernel(**bare))
    holes = np.isnan(FACTORS["slope"][0])
    assert found.missing("f").sum() == pytest.approx(AREA[holes].sum(), rel=1e-12)
    assert gep.units.factor(found["f"].attrs["units"], "t/year") == pytest.approx(1e-4, rel=1e-12)


@pytest.mark.parametrize(
    ("model", "more"),
    [(sand_fixed_closed, {}), (sand_fixed_field, {"distance": (np.full(SHAPE, 50.0), "m")})],
)
def test_sand_fixation(model, more):
    fields = SAND | more
    found = added(Model(model, **grids(fields)))
    expected = by_hand(model.kernel(**{name: values for name, (values, _) in fields.items()}))
    np.testing.assert_allclose(found["f"], expected, rtol=1e-11)


def test_a_model_gives_what_its_formula_gives():
    """The formula on grids makes the raster that the model does not make."""
    layers = grids(FACTORS)
    whole = aggregate(grid(ZONE), grid(COVER), {"f": retained(**layers)})
    found = added(Model(retained, **layers))
    xr.testing.assert_allclose(found["f"].drop_attrs(), whole["f"].drop_attrs(), rtol=1e-13)
    xr.testing.assert_identical(found.missing("f"), whole.missing("f"))


def test_units_are_converted_cell_by_cell():
    mm = Model(quick_flow, precipitation=grid(RAIN, "mm/year"), coefficient=0.25)
    m = Model(quick_flow, precipitation=grid(RAIN / 1000, "m/year"), coefficient=0.25)
    whole = Model(
        quick_flow, precipitation=grid(RAIN.round(), "mm/year"), coefficient=25 * gep.quantity(1, "%")
    )
    assert mm.unit == "m/year"
    np.testing.assert_allclose(added(mm)["f"], added(m)["f"], rtol=1e-13)
    np.testing.assert_allclose(added(mm)["f"], by_hand(RAIN * 0.25e-3), rtol=1e-13)
    np.testing.assert_allclose(added(whole)["f"], by_hand(RAIN.round() * 0.25e-3), rtol=1e-13)


def test_tables_by_class_and_by_zone():
    by_class = table("class", {8: 0.3, 3: 0.1, 77: 9.0, 5: 0.2})
    by_zone = table("zone", {12: 2.0, 10: 1.5, 0: 1.0, 1: 0.5, 2: 0.25, 11: 3.0}, "cm/year")
    model = Model(
        water_retained,
        precipitation=grid(RAIN, "mm/year"),
        runoff=Model(quick_flow, precipitation=grid(RAIN, "mm/year"), coefficient=by_class),
        evapotranspiration=by_zone,
    )
    share = np.select([COVER == 3, COVER == 5], [0.1, 0.2], 0.3)
    loss = by_zone.sel(zone=ZONE.ravel()).values.reshape(SHAPE) / 100
    found = added(model)
    np.testing.assert_allclose(found["f"], by_hand(RAIN / 1000 - RAIN / 1000 * share - loss), rtol=1e-12)


def test_tables_by_zone_follow_each_zoning():
    """The labels of a table are those of the zoning at hand; zones that it lacks are missing there."""
    county = ZONE // 10 + 1
    model = Model(water_retained, precipitation=grid(RAIN, "mm/year"),
                  runoff=table("zone", {1: 10.0, 2: 20.0}, "mm/year"),
                  evapotranspiration=grid(LOSS, "mm/year"))  # fmt: skip
    found = aggregate({"town": grid(ZONE), "county": grid(county)}, grid(COVER), {"f": model})
    expected = by_hand((RAIN - 10.0 * county - LOSS) / 1000, zones=county)
    np.testing.assert_allclose(found["county"]["f"], expected, rtol=1e-11)
    town = found["town"]["f"].isel({"class": 0})
    assert np.isnan(town).values.tolist() == [z not in (1, 2) for z in found["town"].zones]


def test_a_class_that_a_table_lacks_is_missing_not_zero():
    model = Model(
        quick_flow, precipitation=grid(LOSS, "mm/year"), coefficient=table("class", {3: 0.0, 8: 1.0})
    )
    found = added(model)
    assert np.isnan(found["f"].sel({"class": 5})).all()
    assert (found["f"].sel({"class": 3}) == 0).all()
    xr.testing.assert_equal(found.missing("f").sel({"class": 5}), found["area"].sel({"class": 5}))
    assert found.missing("f").sel({"class": [3, 8]}).sum() == 0


def test_a_table_without_labels_makes_all_missing():
    none = xr.DataArray(np.zeros(0), {"class": np.zeros(0, int)}, ("class",), attrs={"units": "1"})
    found = added(Model(quick_flow, precipitation=grid(LOSS, "mm/year"), coefficient=none))
    assert np.isnan(found["f"]).all()


def test_a_table_by_class_without_classes_is_refused():
    model = Model(
        quick_flow, precipitation=grid(LOSS, "mm/year"), coefficient=table("class", {0: 0.1, 1: 0.9})
    )
    with pytest.raises(GridError, match="class"):
        added(model, classes=None)


def test_numbers_quantities_and_scalars():
    scalar = xr.DataArray(30.0, attrs={"units": "cm/year"})
    model = Model(
        water_retained,
        precipitation=grid(LOSS, "mm/year"),
        runoff=gep.quantity(20, "mm/year"),
        evapotranspiration=scalar,
    )
    np.testing.assert_allclose(added(model)["f"], by_hand(LOSS / 1000 - 0.02 - 0.3), rtol=1e-11)


def test_a_model_of_numbers_alone_fills_every_cell():
    model = Model(quick_flow, precipitation=gep.quantity(500, "mm/year"), coefficient=0.5)
    np.testing.assert_allclose(added(model)["f"], by_hand(np.full(SHAPE, 0.25)), rtol=1e-14)


def test_what_is_missing_in_a_grid_is_missing_in_the_model():
    """Also where a formula would make something of it, as the larger of it and zero."""
    rain = np.where(np.isnan(RAIN), -9999, RAIN.round()).astype(np.int16)
    loss = np.where(RNG.random(SHAPE) < 0.05, -3.4e38, LOSS).astype(np.float32)
    model = Model(
        water_retained_nonnegative,
        precipitation=grid(rain, "mm/year", _FillValue=-9999),
        runoff=grid(np.full(SHAPE, 100, np.uint8), "mm/year"),
        evapotranspiration=grid(loss, "mm/year", nodata=-3.4e38),
    )
    whole = np.where(
        np.isnan(RAIN) | (loss < 0), np.nan, np.maximum(RAIN.round() - 100 - loss.astype(float), 0)
    )
    found = added(model)
    np.testing.assert_allclose(found["f"], by_hand(whole / 1000), rtol=1e-12)
    holes = np.where(np.isnan(whole), 1.0, 0.0)
    np.testing.assert_allclose(found.missing("f"), by_hand(holes), rtol=1e-13)


@formula("m/year", precipitation="m/year", share="1", cite="garze-2010")
def per_share(precipitation, share):
    """A quotient."""
    return precipitation / share


def test_what_is_no_number_is_missing_and_what_is_infinite_is_infinite():
    rain, share = np.ones(SHAPE), np.ones(SHAPE)
    share[ZONE == 1] = 0.0
    share[ZONE == 2] = rain[ZONE == 2] = 0.0
    model = Model(per_share, precipitation=grid(rain, "m/year"), share=grid(share, "1"))
    total = added(model, classes=None)["f"].squeeze("class")
    assert np.isinf(total).values.tolist() == [z == 1 for z in total["zone"].values]
    assert np.isnan(total).values.tolist() == [z == 2 for z in total["zone"].values]


def test_powers_of_models_of_models():
    inner = Model(quick_flow, precipitation=grid(LOSS, "mm/year"), coefficient=0.5)
    model = Model(fu_evapotranspiration, precipitation=inner, potential=inner,
                  omega=table("zone", {0: 2.0, 1: 2.5, 2: 3.0, 10: 1.5, 11: 4.0, 12: 5.0}))  # fmt: skip
    w = np.select([ZONE == 0, ZONE == 1, ZONE == 2, ZONE == 10, ZONE == 11], [2.0, 2.5, 3.0, 1.5, 4.0], 5.0)
    flow = LOSS * 0.5e-3
    np.testing.assert_allclose(added(model)["f"], by_hand(2 * flow - (2 * flow**w) ** (1 / w)), rtol=1e-10)
    assert repr(model) == "Model(water.fu_evapotranspiration [m/year] of precipitation, potential, omega)"


def made(factor):
    """A formula that is compiled anew for each factor: same name, same code."""

    @formula("m/year", precipitation="m/year", cite="garze-2010")
    def scaled(precipitation):
        """A multiple."""
        return precipitation * factor

    return scaled


def test_formulas_of_one_name_are_not_taken_for_one_another():
    """Compiled code is kept on disk; it is found by what it computes."""
    for factor in (2.0, 3.0, 2.0):
        total = added(Model(made(factor), precipitation=gep.quantity(1, "m/year")), classes=None)
        assert total["f"].sum() == pytest.approx(factor * AREA.sum(), rel=1e-13)


# -------------------------------------------------------------------------------------- no raster


def test_no_raster_of_the_grid_is_made():
    """What the formula sees at once is flat and small, in whatever blocks the grid is read."""
    seen, shape = [], (2 * blocks._TILE // 512 + 3, 512)

    @formula("m/year", precipitation="m/year", share="1", cite="garze-2010")
    def watched(precipitation, share):
        """A product that tells what it was given."""
        seen.append(np.shape(precipitation))
        return precipitation * share

    rain, zone = (
        grid(RNG.uniform(0, 1, shape), "mm/year"),
        grid(np.arange(512) // 200 + np.zeros(shape, np.int32)),
    )
    model = Model(watched, precipitation=rain, share=table("zone", {0: 1.0, 1: 0.5, 2: 0.0}))
    share = np.select([zone == 0, zone == 1], [1.0, 0.5], 0.0)
    area = np.broadcast_to(GridSpec.of(zone).cell_area().rows(0, shape[0]), shape)
    for block in (None, 7000):
        seen.clear()
        found = aggregate(zone, None, {"f": model}, block_cells=block, threads=1)
        assert {len(size) for size in seen} == {1}
        assert sum(size for (size,) in seen) == rain.size
        assert max(seen)[0] <= min(blocks._TILE, block or rain.size) < rain.size
        assert found["f"].sum() == pytest.approx(
            math.fsum((rain.values / 1000 * share * area).ravel()), rel=1e-12
        )


@pytest.mark.parametrize("tile", [64, 1000, 33_333])
@pytest.mark.parametrize("model", [(retained, FACTORS), (sand_fixed_closed, SAND)], ids=["soil", "sand"])
def test_tiles_change_nothing(model, tile, monkeypatch):
    whole = added(Model(model[0], **grids(model[1])))
    monkeypatch.setattr(blocks, "_TILE", tile)
    xr.testing.assert_identical(added(Model(model[0], **grids(model[1]))).to_xarray(), whole.to_xarray())


def test_what_travels_holds_no_grid():
    model = Model(
        water_retained,
        precipitation=grid(RAIN, "mm/year"),
        runoff=Model(quick_flow, precipitation=grid(RAIN, "mm/year"), coefficient=table("class", {3: 0.5})),
        evapotranspiration=gep.quantity(1, "m/year"),
    )
    job = prepare(grid(ZONE), grid(COVER), {"f": model}, None)
    packed = pickle.dumps(job.task)
    assert len(packed) < 20_000 < RAIN.nbytes
    arrays = [np.asarray(a) for a in job.layers.arrays]
    found = pickle.loads(packed)(0, 0, *arrays)[""]
    totals = dict(zip(zip(found.pairs.zone.tolist(), found.pairs.cls.tolist(), strict=True),
                      found.fields["f"].total.to_float(), strict=True))  # fmt: skip
    expected = added(model)["f"].sel({"class": 3})
    assert [totals[z, 3] for z in expected["zone"].values.tolist()] == expected.values.tolist()


# ---------------------------------------------------------------------------------------- refusals


FAULTS = {
    "none": {"slope": grid(LOSS).drop_attrs(), "erosivity": 3.0, "cover": xr.DataArray(0.5)},
    "wrong": {
        "slope": grid(LOSS, "mm"),
        "erosivity": gep.quantity(3, "MJ"),
        "cover": table("class", {3: 1}, "kg"),
    },
    "both": {"slope": grid(LOSS, "mm"), "erosivity": 3.0, "cover": grid(LOSS).drop_attrs()},
}


@pytest.mark.parametrize("faults", FAULTS)
def test_all_faults_of_units_are_told_at_once(faults):
    with pytest.raises(UnitError) as error:
        Model(retained, **grids(FACTORS) | FAULTS[faults])
    told = [str(fault) for fault in error.value.faults]
    assert len(told) == 3
    assert all(any(name in text for text in told) for name in ("slope", "erosivity", "cover"))


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"coefficient": None}, "water.quick_flow lacks coefficient"),
        ({"share": 0.5}, "does not know share"),
        ({"coefficient": table("class", {1.5: 0.1})}, "labels of class are float64"),
        ({"coefficient": table("zone", {"a": 0.1})}, "labels of zone are <U1"),
        ({"coefficient": table("class", {1: 0.1}).isel({"class": [0, 0]})}, "none twice"),
        ({"coefficient": table("town", {1: 0.1})}, "it has the dimension town"),
        ({"coefficient": xr.DataArray([0.1], dims="class", attrs={"units": "1"})}, "with their labels"),
        ({"precipitation": grid(LOSS, "mm/year").expand_dims(year=[1, 2])}, "expected rows and columns"),
        ({"precipitation": grid(LOSS[1:], "mm/year")}, "precipitation: not on the grid"),
        ({"precipitation": xr.DataArray(LOSS, dims=("y", "x"), attrs={"units": "mm/year"})}, "CRS"),
        ({"precipitation": grid(LOSS, "mm/year", add_offset=1.0)}, "precipitation is packed"),
    ],
)
def test_arguments_that_no_model_takes(changes, told):
    given = {"precipitation": grid(LOSS, "mm/year"), "coefficient": 0.1} | changes
    with pytest.raises(GridError, match=told):
        added(Model(quick_flow, **{n: v for n, v in given.items() if v is not None}))
