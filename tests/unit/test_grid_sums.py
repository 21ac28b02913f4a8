"""Aggregating grids by their labels: tables by zone and class, the account from them, and every refusal."""

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gep
from gep.errors import GepError, GridError, UnitError
from gep.grid import CellArea, GridSums, Model, aggregate
from gep.grid.georef import GridSpec
from gep.services.soil import retained

RNG = np.random.default_rng(31)
SHAPE = (30, 40)


def grid(values, unit="", *, crs="EPSG:4326", shift=0.0, **attrs):
    values = np.asarray(values)
    rows, cols = values.shape
    at = {"lat": 40 - 0.01 * np.arange(rows) + shift, "lon": 110 + 0.01 * np.arange(cols)}
    data = xr.DataArray(values, at, ("lat", "lon"), attrs=attrs | ({"units": unit} if unit else {}))
    return gep.set_crs(data, crs)


def blocks(labels, size):
    few = RNG.choice(labels, (-(-SHAPE[0] // size), -(-SHAPE[1] // size)))
    return few.repeat(size, 0).repeat(size, 1)[: SHAPE[0], : SHAPE[1]]


ZONE = blocks(np.array([150_105_101, 150_105_103, 990_000_001, 0], np.int32), 7)
COVER = blocks(np.array([10, 20, 200, 255], np.uint8), 3)
RAIN = np.where(RNG.random(SHAPE) < 0.1, np.nan, RNG.uniform(300, 900, SHAPE))
PEOPLE = RNG.integers(0, 50, SHAPE).astype(np.int16)
PEOPLE[:4, :4] = -1
AREA = np.broadcast_to(GridSpec.of(grid(RAIN)).cell_area().rows(0, SHAPE[0]), SHAPE)
INSIDE, KNOWN = ZONE != 0, COVER != 255


@pytest.fixture(scope="module")
def sums():
    fields = {"rain": grid(RAIN, "mm/year"), "people": grid(PEOPLE, "person", _FillValue=-1)}
    return aggregate(grid(ZONE, _FillValue=0), grid(COVER, _FillValue=255), fields)


def cells_of(zone, cls):
    return (zone == ZONE) & (cls == COVER)


def by_hand(values):
    """A table over zone and class by :func:`math.fsum`."""
    labels = [[z for z in np.unique(ZONE) if z], [c for c in np.unique(COVER) if c != 255]]
    return [[math.fsum(values[cells_of(z, c) & ~np.isnan(values)]) for c in labels[1]] for z in labels[0]]


def test_tables_against_exact_sums(sums):
    assert sums.zones == [150_105_101, 150_105_103, 990_000_001]
    assert sums.classes == [10, 20, 200]
    assert sums["cells"].values.tolist() == by_hand(np.ones(SHAPE))
    assert sums["area"].values.tolist() == by_hand(AREA)
    assert sums["rain"].values.tolist() == by_hand(RAIN * AREA)
    assert sums["people"].values.tolist() == by_hand(np.where(PEOPLE < 0, np.nan, PEOPLE))
    assert sums.missing("rain").values.tolist() == by_hand(np.where(np.isnan(RAIN), AREA, 0.0))
    assert sums.missing("people").values.tolist() == by_hand(np.where(PEOPLE < 0, AREA, 0.0))
    assert sums["cells"].dtype == np.int64
    units = {name: sums[name].attrs["units"] for name in ("cells", "area", "people")}
    assert units == {"cells": "1", "area": "m2", "people": "person"}
    assert gep.units.factor(sums["rain"].attrs["units"], "m3/year") == pytest.approx(1e-3)


def test_tables_are_labelled(sums):
    one = sums["area"].sel({"zone": 990_000_001, "class": 200})
    assert float(one) == math.fsum(AREA[cells_of(990_000_001, 200)])


def test_a_row_for_each_pair_that_has_cells(sums):
    frame = sums.frame
    pairs = {(int(z), int(c)) for z, c in zip(ZONE[INSIDE & KNOWN], COVER[INSIDE & KNOWN], strict=True)}
    assert list(zip(frame["zone"], frame["class"], strict=True)) == sorted(pairs)
    assert frame.attrs["units"]["people"] == "person"
    for row in frame.itertuples():
        mask = cells_of(row.zone, row[2])
        assert row.cells == mask.sum()
        assert row.area_m2 == math.fsum(AREA[mask])
        assert row.rain == math.fsum((RAIN * AREA)[mask & ~np.isnan(RAIN)])
        assert row.rain_missing_m2 == math.fsum(AREA[mask & np.isnan(RAIN)])


def test_mean_and_cover(sums):
    covered = sums.covered("rain")
    np.testing.assert_allclose(covered, by_hand(np.where(np.isnan(RAIN), 0.0, AREA)), rtol=1e-12)
    np.testing.assert_allclose(sums.mean("rain"), np.array(by_hand(RAIN * AREA)) / covered, rtol=1e-15)
    assert gep.units.factor(sums.mean("rain").attrs["units"], "mm/year") == pytest.approx(1.0)
    with pytest.raises(GridError, match="people is an amount"):
        sums.mean("people")
    with pytest.raises(GridError, match=r"field snow is not known; expected rain, people"):
        sums["snow"]


def test_a_mean_temperature_is_a_temperature():
    found = aggregate(grid(ZONE), None, {"t": grid(np.full(SHAPE, 10.0), "degC")}).mean("t")
    assert gep.units.convert(found.values, found.attrs["units"], "K").ravel() == pytest.approx(283.15)


def test_everything_as_a_dataset(sums):
    data = sums.to_xarray()
    assert set(data) == {"cells", "area", "rain", "rain_missing", "people", "people_missing"}
    xr.testing.assert_identical(data["rain"], sums["rain"].rename("rain"))
    xr.testing.assert_identical(data["rain_missing"], sums.missing("rain").rename("rain_missing"))


def test_no_land_is_lost(sums):
    """What is outside, what has no class and what has both make the grid."""
    assert sums.outside_cells == (~INSIDE).sum()
    assert sums.outside_area == math.fsum(AREA[~INSIDE])
    gaps = sums.unclassified.set_index("zone")
    for zone in sums.zones:
        mask = (zone == ZONE) & ~KNOWN
        assert gaps.loc[zone, "cells"] == mask.sum()
        assert gaps.loc[zone, "area_m2"] == math.fsum(AREA[mask])
    assert sums.cells.sum() + sums.outside_cells + gaps["cells"].sum() == ZONE.size
    total = sums.area.sum() + sums.outside_area + gaps["area_m2"].sum()
    assert total == pytest.approx(GridSpec.of(grid(RAIN)).cell_area().total(), rel=1e-14)


def test_nan_and_fill_values_are_outside_alike():
    zone = ZONE.astype(float)
    zone[3:5] = np.nan
    cover = COVER.astype(np.float32)
    cover[:, 7:9] = np.nan
    found = aggregate(grid(zone, _FillValue=0.0), grid(cover, nodata=255))
    assert found.outside_cells == (np.isnan(zone) | (zone == 0)).sum()
    lost = np.isnan(cover) | (cover == 255)
    assert found.unclassified["cells"].sum() == (lost & ~np.isnan(zone) & (zone != 0)).sum()
    assert found.unclassified["zone"].is_unique
    assert found.cells.sum() == (~lost & ~np.isnan(zone) & (zone != 0)).sum()


def test_a_float_fill_value_beyond_integers_is_outside():
    zone = np.where(ZONE == 0, np.float32(-3.4028235e38), ZONE % 1000).astype(np.float32)
    assert aggregate(grid(zone, _FillValue=np.float32(-3.4028235e38))).outside_cells == (ZONE == 0).sum()


def test_the_largest_unsigned_fill_value_is_outside():
    zone = np.where(ZONE == 0, np.uint64(2**64 - 1), ZONE.astype(np.uint64))
    assert aggregate(grid(zone, _FillValue=2**64 - 1)).outside_cells == (ZONE == 0).sum()


def test_undeclared_labels_are_zones_and_classes():
    found = aggregate(grid(ZONE), grid(COVER))
    assert found.zones == np.unique(ZONE).tolist()
    assert found.classes == np.unique(COVER).tolist()
    assert (found.outside_cells, len(found.unclassified)) == (0, 0)


def test_a_field_that_is_missing_everywhere_is_no_number_but_no_cell_is_zero():
    zone, cover = np.zeros(SHAPE, np.int32), np.ones(SHAPE, np.int16)
    zone[0], cover[0, :5] = 1, 2
    rain = np.where(zone == 1, np.nan, 1.0)
    found = aggregate(grid(zone), grid(cover), {"rain": grid(rain, "mm/year")})
    np.testing.assert_array_equal(np.isnan(found["rain"]), [[False, False], [True, True]])
    assert float(found["rain"].sel({"zone": 0, "class": 2})) == 0.0
    assert np.isnan(found.mean("rain").sel(zone=1)).all()
    assert found.covered("rain").sel(zone=1).values.tolist() == [0.0, 0.0]


def test_without_classes():
    found = aggregate(grid(ZONE, _FillValue=0), None, {"rain": grid(RAIN, "mm/year")})
    assert found["rain"].dims == ("zone", "class")
    assert found["rain"].sizes["class"] == 1
    masks = [(z == ZONE) & ~np.isnan(RAIN) for z in found.zones]
    assert found["rain"].values[:, 0].tolist() == [math.fsum((RAIN * AREA)[m]) for m in masks]
    assert len(found.unclassified) == 0


def test_without_fields(sums):
    found = aggregate(grid(ZONE, _FillValue=0), grid(COVER, _FillValue=255))
    xr.testing.assert_identical(found["area"], sums["area"])
    assert found.frame.columns.tolist() == ["zone", "class", "cells", "area_m2"]
    assert "no fields" in repr(found)


def test_several_zonings_at_once_are_as_each_alone(sums):
    county = blocks(np.array([1501, 1502], np.int16), 11)
    zonings = {"town": grid(ZONE, _FillValue=0), "county": grid(county)}
    options = {"classes": grid(COVER, _FillValue=255), "fields": {"rain": grid(RAIN, "mm/year")}}
    found = aggregate(zonings, **options)
    assert list(found) == ["town", "county"]
    for name, labels in zonings.items():
        alone = aggregate(labels, **options)
        assert isinstance(found[name], GridSums)
        pd.testing.assert_frame_equal(found[name].frame, alone.frame, check_exact=True)
        pd.testing.assert_frame_equal(found[name].unclassified, alone.unclassified, check_exact=True)
    xr.testing.assert_identical(found["town"]["rain"], sums["rain"])


def test_zones_of_an_account_keep_their_codes_and_those_without_cells():
    table = pd.DataFrame({"code": ["150105101", "990000001", "150105103"], "name": list("abc")})
    labels = np.where(ZONE == 990_000_001, 0, ZONE)
    zones = gep.Zones.from_labels(grid(labels), table, nodata=0, region="r")
    found = aggregate(zones, grid(COVER, _FillValue=255))
    assert found.zones == ["150105101", "990000001", "150105103"]
    assert found["cells"].sel(zone="990000001").sum() == 0
    assert found.outside_cells == (labels == 0).sum()
    mask = labels == 150_105_103
    assert found["cells"].sel(zone="150105103").sum() == (mask & KNOWN).sum()


def test_rows_from_south_to_north_have_the_same_sums(sums):
    fields = {"rain": grid(RAIN, "mm/year"), "people": grid(PEOPLE, "person", _FillValue=-1)}
    turned = {name: field.isel(lat=slice(None, None, -1)) for name, field in fields.items()}
    zone, cover = (
        g.isel(lat=slice(None, None, -1)) for g in (grid(ZONE, _FillValue=0), grid(COVER, _FillValue=255))
    )
    found = aggregate(zone, cover, turned)
    np.testing.assert_array_equal(found["people"], sums["people"])
    np.testing.assert_allclose(found["rain"], sums["rain"], rtol=1e-9)  # latitudes round otherwise


def test_turned_dimensions_and_bands_are_turned_back(sums):
    rain = grid(RAIN, "mm/year").expand_dims("band").transpose("lon", "band", "lat")
    found = aggregate(grid(ZONE, _FillValue=0).T, grid(COVER, _FillValue=255), {"rain": rain})
    xr.testing.assert_identical(found["rain"], sums["rain"])


# ------------------------------------------------------------------------------------ areas of cells


def test_given_areas_of_bare_arrays():
    area = CellArea("constant", SHAPE, np.array([[900.0]]), np.ones((1, SHAPE[1])))
    rain = xr.DataArray(RAIN, dims=("y", "x"), attrs={"units": "mm/year"})
    found = aggregate(ZONE, xr.DataArray(COVER, dims=("y", "x")), {"rain": rain}, area=area)
    assert found["area"].sum() == 900.0 * ZONE.size
    mask = cells_of(990_000_001, 20) & ~np.isnan(RAIN)
    assert float(found["rain"].sel({"zone": 990_000_001, "class": 20})) == math.fsum(RAIN[mask] * 900.0)


def test_given_areas_do_not_let_turned_arrays_pass():
    area = CellArea("constant", (2, 2), np.array([[1.0]]), np.ones((1, 2)))
    zone = xr.DataArray([[1, 1], [2, 2]], dims=("y", "x"))
    field = xr.DataArray([[1.0, 2.0], [10.0, 20.0]], dims=("y", "x"), attrs={"units": "person"})
    found = aggregate(zone, None, {"people": field.T}, area=area)
    assert found["people"].values.ravel().tolist() == [3.0, 30.0]


# ------------------------------------------------------------------------------------------- account


def values_of(count, classes=(10, 20, 200), **dims):
    """Coefficients by class and service and whatever else, classes in another order."""
    at = {"class": list(classes)[::-1], "service": [f"s{k}" for k in range(count)], **dims}
    shape = [len(v) for v in at.values()]
    return xr.DataArray(RNG.uniform(0, 3, shape), at, tuple(at))


@pytest.mark.parametrize("services", [1, 100])
def test_an_account_is_coefficients_times_area(sums, services):
    given = values_of(services)
    account = sums.account(given)
    assert account.sizes == {"zone": 3, "class": 3, "service": services}
    for name in given["service"].values:
        for zone in sums.zones:
            for cls in sums.classes:
                expected = given.sel({"service": name, "class": cls}) * math.fsum(AREA[cells_of(zone, cls)])
                found = account.sel({"zone": zone, "class": cls, "service": name})
                assert float(found) == pytest.approx(float(expected), rel=1e-15)


def test_prices_and_draws_are_further_dimensions(sums):
    given = values_of(3, year=[2015, 2020], draw=np.arange(5))
    account = sums.account(given)
    assert set(account.dims) == {"zone", "class", "service", "year", "draw"}
    for at in ({"year": 2020, "draw": 4}, {"year": 2015, "draw": 0}):
        xr.testing.assert_allclose(account.sel(at), sums.account(given.sel(at)), rtol=1e-15)


def test_modifiers_take_the_place_of_the_area(sums):
    given = values_of(4, year=[2015, 2020])
    account = sums.account(given, {"s1": "rain", "s3": "people"})
    assert account.dims[:2] == ("zone", "class")
    for service, base in (("s0", "area"), ("s1", "rain"), ("s2", "area"), ("s3", "people")):
        expected = sums[base].drop_attrs() * given.sel(service=service)
        xr.testing.assert_allclose(account.sel(service=service), expected, rtol=1e-15)


def test_an_account_lacks_nothing(sums):
    with pytest.raises(GridError, match=r"no coefficient for class 20 \(.* km2\)") as error:
        sums.account(values_of(2, classes=(10, 200)))
    assert f"{AREA[INSIDE & (COVER == 20)].sum() / 1e6:,.4g} km2" in str(error.value)
    with pytest.raises(GridError, match="services s9 are not known; expected s0, s1"):
        sums.account(values_of(2), {"s9": "rain"})
    with pytest.raises(GridError, match="field snow is not known"):
        sums.account(values_of(2), {"s1": "snow"})
    more = values_of(2, classes=(5, 10, 20, 200))  # a class that is nowhere does no harm
    xr.testing.assert_identical(sums.account(more), sums.account(more.sel({"class": [10, 20, 200]})))


# ------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"zones": ZONE}, "a bare array has no georeference"),
        ({"zones": grid(ZONE).drop_vars("spatial_ref")}, "CRS"),
        ({"zones": {}}, "there are no zones"),
        ({"zones": grid(ZONE.astype(str))}, "labels are of type <U"),
        ({"zones": grid(ZONE > 0)}, "labels are of type bool"),
        ({"zones": grid(COVER - 0.5)}, r"a label is \d+\.5; expected whole numbers"),
        ({"zones": grid(ZONE, _FillValue="none")}, "it declares _FillValue = 'none'"),
        ({"classes": grid(COVER, shift=0.004)}, r"classes: not on the grid .* 0\.4 cells"),
        ({"classes": grid(COVER[:-1])}, "its shape is 29 x 40, not 30 x 40"),
        ({"classes": grid(COVER, crs="EPSG:4490")}, "its CRS is EPSG:4490"),
        ({"classes": grid(COVER)[::-1]}, "rows run from south to north"),
        ({"classes": COVER.astype(str)}, "labels are of type <U"),
        ({"fields": {"f": grid(COVER, "class")}}, "class codes cannot be added up"),
        ({"fields": {"f": grid(RAIN, "mm/year", scale_factor=0.1)}}, r"packed \(scale_factor\)"),
        ({"fields": {"f": grid(RAIN > 500, "1")}}, "holds bool"),
        ({"area": CellArea("constant", (3, 3), np.ones((1, 1)), np.ones((1, 3)))}, r"expected \(30, 40\)"),
    ],
)  # fmt: skip
def test_layers_that_cannot_be_added_up(changes, told):
    given = {"zones": grid(ZONE, _FillValue=0), "classes": grid(COVER, _FillValue=255), **changes}
    with pytest.raises(GridError, match=told):
        aggregate(**given)


@pytest.mark.parametrize(
    ("unit", "told"), [("", "f has no unit"), ("furlong", "'furlong' is not in the unit")]
)
def test_fields_without_a_unit_that_is_known(unit, told):
    with pytest.raises(UnitError, match=told):
        aggregate(grid(ZONE), None, {"f": grid(RAIN, unit)})


def test_a_fraction_of_a_long_code_is_told():
    with pytest.raises(GridError, match=r"a label is 150105101\.5"):
        aggregate(grid(np.full(SHAPE, 150_105_101.5)))


@pytest.mark.parametrize("name", ["cells", "area", "zone", "class", "area_m2"])
def test_a_field_may_not_take_the_name_of_a_column(name):
    with pytest.raises(GridError, match=name):
        aggregate(grid(ZONE), None, {name: grid(RAIN, "mm/year")})


def test_codes_too_long_for_their_float32_are_refused():
    with pytest.raises(GridError, match="float32"):
        aggregate(grid(np.full(SHAPE, 150_105_101, np.float32)))


@pytest.mark.parametrize(
    "fields",
    [{"f": RAIN}, {"f": 5.0}, {"f": grid(RAIN, "mm/year").expand_dims(year=[1, 2])}, grid(RAIN, "mm/year")],
    ids=["array", "number", "years", "no mapping"],
)
def test_fields_of_another_sort_are_refused(fields):
    with pytest.raises(GepError):
        aggregate(grid(ZONE), None, fields)


@pytest.mark.parametrize(
    ("dims", "modifiers"), [(["service"], None), (["class"], {"s0": "rain"}), (["service", "class"], None)]
)
def test_coefficients_of_another_shape_are_refused(sums, dims, modifiers):
    """Without classes, without services to modify, or with a class twice."""
    given = values_of(2, classes=(10, 20, 200, 200) if len(dims) == 2 else (10, 20, 200))
    with pytest.raises(GepError):
        sums.account(given.isel({d: 0 for d in given.dims if d not in dims}, drop=True), modifiers)


def test_bare_arrays_must_have_the_shape_of_the_grid():
    with pytest.raises(GridError, match=r"classes: its shape is \(29, 40\); expected \(30, 40\)"):
        aggregate(grid(ZONE), COVER[:-1])


def test_all_faults_are_told_at_once():
    fields = {
        "shifted": grid(RAIN, "mm/year", shift=0.004),
        "bare": grid(RAIN),
        "codes": grid(COVER, "class"),
        "good": grid(RAIN, "mm/year"),
    }
    with pytest.raises(GridError, match="the layers cannot be added up") as error:
        aggregate({"town": grid(ZONE), "county": grid(ZONE.astype(str))}, grid(COVER[:-1]), fields)
    places = [f.where for f in error.value.faults]
    assert places == ["county", "classes", "shifted", "field bare", "field codes"]


def test_errors_of_a_model_name_its_field():
    layers = {n: grid(RAIN, "1") for n in ("slope", "cover", "practice")}
    layers["erosivity"] = grid(RAIN, "MJ mm/(ha h year)", shift=0.004)
    layers["erodibility"] = grid(RAIN, "t ha h/(ha MJ mm)")
    with pytest.raises(GepError, match="erosivity: not on the grid"):
        aggregate(grid(ZONE), None, {"soil": Model(retained, **layers)})
