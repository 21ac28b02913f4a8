"""Alignment by kind of quantity; every pair of grids here is unaligned on purpose."""

import re

import numpy as np
import pytest
import xarray as xr

from gep.errors import GridError, MissingExtra, UnitError
from gep.grid.alignment import align, place
from gep.grid.crs import set_crs
from gep.grid.georef import GridSpec

LL = "EPSG:4326"
RNG = np.random.default_rng(7)


def spec(a, c, e, f, shape, crs=LL, dims=("lat", "lon")):
    return GridSpec(crs, (a, 0.0, c, 0.0, e, f), shape, dims)


def raster(s, values, units, **attrs):
    data = xr.DataArray(np.asarray(values), dims=s.dims, name="field", attrs={"units": units, **attrs})
    return place(data, s)


SOURCE = spec(0.1, 110.0, -0.1, 41.0, (30, 40))
OUTER = spec(0.23, 109.87, -0.17, 41.11, (20, 19))  # holds SOURCE with margins, cells do not nest
UP = spec(0.07, 109.9, 0.07, 37.95, (46, 60))


@pytest.mark.parametrize("target", [OUTER, UP], ids=["coarser", "finer, south to north"])
def test_amounts_keep_their_total(target):
    people = RNG.random(SOURCE.shape) * 1000
    people[3:5, 7] = np.nan
    out = align(raster(SOURCE, people, "person"), target)
    assert float(out.sum()) == pytest.approx(np.nansum(people), rel=1e-12)
    assert target.differences(GridSpec.of(out)) == []
    assert "total" in out.attrs["aligned"]
    assert "shares of area" in out.attrs["aligned"]
    assert out.attrs["units"] == "person"
    assert out.name == "field"


def test_amounts_on_part_of_the_grid_keep_what_lies_there():
    target = spec(0.2, 110.1, -0.2, 40.9, (3, 4))
    people = RNG.random(SOURCE.shape)
    out = align(raster(SOURCE, people, "person"), target)
    np.testing.assert_allclose(out, people[1:7, 1:9].reshape(3, 2, 4, 2).sum((1, 3)), rtol=1e-12)
    lost = people.sum() - people[1:7, 1:9].sum()
    share = 100 * lost / people.sum()
    assert out.attrs["aligned"].endswith(f"{lost:.6g} ({share:.3g} %) lies outside the target")
    assert "outside" not in align(raster(SOURCE, people, "person"), OUTER).attrs["aligned"]


@pytest.mark.parametrize("units", ["t/ha", "mm/year"])
def test_densities_keep_their_integral_on_the_ellipsoid(units):
    field = RNG.random(SOURCE.shape)
    target = spec(0.3, 110.0, -0.5, 41.0, (6, 14))  # 0.2 degrees wider than the source
    out = align(raster(SOURCE, field, units), target).to_numpy()[:, :13]
    inner = spec(0.1, 110.0, -0.1, 41.0, (30, 39))
    before = (field[:, :39] * inner.cell_area().rows(0, 30)).sum()
    after = (out * target.cell_area().rows(0, 6)).sum()
    assert after == pytest.approx(before, rel=1e-12)


def test_bilinear_on_smaller_cells_reproduces_a_plane_and_eats_no_edge():
    y, x = SOURCE.coordinates().values()
    plane = raster(SOURCE, 2 * y[:, None] + 3 * x, "degC")
    fine = spec(0.05, 110.0, -0.05, 41.0, (60, 80))
    out = align(plane, fine)
    yy, xx = fine.coordinates().values()
    assert not out.isnull().any()
    np.testing.assert_allclose(out[1:-1, 1:-1], (2 * yy[:, None] + 3 * xx)[1:-1, 1:-1], rtol=1e-12)
    holed = plane.copy()
    holed[10, 10] = np.nan
    assert int(align(holed, fine).isnull().sum()) == 4  # the hole itself, not its neighbours


def test_classes_are_never_mixed_and_stay_integers():
    classes = RNG.choice([1, 50, 200], SOURCE.shape).astype("uint8")
    data = raster(SOURCE, classes, "class", _FillValue=255)
    near = align(data, UP)
    assert near.dtype == np.uint8
    assert set(np.unique(near)) <= {1, 50, 200, 255}
    assert near.attrs["_FillValue"] == 255
    assert "nearest" in near.attrs["aligned"]
    j, i = 20, 30
    at = data.sel(lat=float(near.lat[j]), lon=float(near.lon[i]), method="nearest")
    assert int(near[j, i]) == int(at)


def test_the_largest_share_wins_in_a_cell_twice_as_large():
    classes = np.array([[1, 1, 3, 255], [2, 1, 2, 255], [7, 7, 255, 255], [7, 8, 255, 255]], "uint8")
    data = raster(spec(0.1, 110.0, -0.1, 41.0, (4, 4)), classes, "class", _FillValue=255)
    out = align(data, spec(0.2, 110.0, -0.2, 41.0, (2, 2)))
    assert out.values.tolist() == [[1, 2], [7, 255]]  # 2 lies south of 3, where cells are larger
    assert "largest share" in out.attrs["aligned"]


def test_padding_needs_a_declared_nodata_value():
    data = raster(SOURCE, np.ones(SOURCE.shape, "int16"), "class")
    with pytest.raises(GridError, match="no value is declared as missing") as caught:
        align(data, OUTER)
    assert "_FillValue" in caught.value.fix
    inside = spec(0.07, 110.03, -0.07, 40.9, (9, 9))
    assert align(data, inside).values.tolist() == np.ones((9, 9)).tolist()
    data.encoding["_FillValue"] = -1
    assert int((align(data, OUTER) == -1).sum()) > 0


def test_a_nodata_value_beyond_the_type_is_no_nodata_value():
    data = raster(SOURCE, np.ones(SOURCE.shape, "uint8"), "class", _FillValue=-9999)
    with pytest.raises(GridError, match="no value is declared as missing"):
        align(data, OUTER)


def test_padding_is_missing_never_zero():
    out = align(raster(SOURCE, np.ones(SOURCE.shape), "person"), OUTER)
    assert bool(out.isnull().any())
    assert float(out.min()) > 0


def test_declared_nodata_does_not_enter_means():
    field = np.full(SOURCE.shape, 5, "int16")
    field[::3] = -999
    out = align(raster(SOURCE, field, "mm/year", _FillValue=-999), OUTER)
    assert set(np.unique(out.values[np.isfinite(out)]).round(9)) == {5.0}
    assert out.dtype == np.float64
    assert "_FillValue" not in out.attrs
    same = align(raster(SOURCE, field, "mm/year", _FillValue=-999), SOURCE)
    assert float(same.min()) == 5.0
    assert int(same.isnull().sum()) == int((field == -999).sum())


def test_amounts_are_never_taken_for_something_else():
    people = raster(SOURCE, np.ones(SOURCE.shape), "person")
    for kind in ("category", "density", "state"):
        with pytest.raises(GridError, match="only amounts are shared out"):
            align(people, OUTER, kind=kind)
    with pytest.raises(GridError, match="unknown"):
        align(people, OUTER, kind="median")
    people.attrs.clear()
    with pytest.raises(UnitError, match="no unit"):
        align(people, OUTER)
    assert float(align(people, OUTER, kind="amount").sum()) == pytest.approx(1200, rel=1e-12)


def test_jitter_is_replaced_by_the_coordinates_of_the_account():
    a = raster(SOURCE, np.ones(SOURCE.shape), "degC")
    b = a.assign_coords(lon=a.lon + 1e-6)
    assert (a + b).size == 0  # what xarray makes of it
    assert (a + align(b, a)).shape == SOURCE.shape
    coarse = raster(OUTER, np.ones(OUTER.shape), "degC")
    coarse = coarse.assign_coords(lat=coarse.lat * (1 + 1e-15), lon=coarse.lon - 1e-13)
    assert (coarse + align(a, coarse)).shape == OUTER.shape


def test_further_dimensions_and_lazy_data_survive():
    months = raster(SOURCE, np.ones(SOURCE.shape), "mm/month").expand_dims(month=[1, 2, 3]) * 1.0
    months.attrs["units"] = "mm/month"
    months = months * xr.DataArray([1.0, 2.0, 3.0], dims="month")
    months.attrs["units"] = "mm/month"
    out = align(months, OUTER)
    assert out.dims == ("month", "lat", "lon")
    np.testing.assert_allclose(out.mean(("lat", "lon")), [1, 2, 3])
    pytest.importorskip("dask")
    lazy = months.chunk()
    assert align(lazy, months).chunks is not None
    xr.testing.assert_allclose(align(lazy, OUTER), out)


def test_longitudes_beyond_180_are_the_same_places():
    world = spec(10.0, -180.0, -10.0, 90.0, (18, 36))
    shifted = spec(7.5, 0.0, -10.0, 90.0, (18, 48))
    people = RNG.random(world.shape)
    out = align(raster(world, people, "person"), shifted)
    assert float(out.sum()) == pytest.approx(people.sum(), rel=1e-12)
    classes = np.tile(np.arange(36), (18, 1))
    near = align(raster(world, classes, "class"), shifted)
    assert near[0, 0] == 18
    assert near[0, -1] == 17


def test_grids_that_do_not_meet():
    with pytest.raises(GridError, match="no cell with a value"):
        align(raster(SOURCE, np.ones(SOURCE.shape), "degC"), spec(0.1, 10.0, -0.1, 41.0, (3, 3)))


UTM = spec(7000.0, 5e5, -7000.0, 4.63e6, (60, 60), "EPSG:32649", ("y", "x"))


def test_other_crs_by_gdal_and_the_change_is_told():
    pytest.importorskip("rasterio")
    people = RNG.random((20, 20)) * 1000
    data = raster(spec(0.1, 112.0, -0.1, 41.0, (20, 20)), people, "person")
    out = align(data, UTM)
    assert out.dims == ("y", "x")
    assert float(out.sum()) == pytest.approx(people.sum(), rel=1e-5)
    assert "sum (GDAL); total" in out.attrs["aligned"]
    flipped = align(data.isel(lat=slice(None, None, -1)), UTM)
    np.testing.assert_allclose(flipped.fillna(-1), out.fillna(-1), rtol=1e-9)


@pytest.mark.parametrize(("units", "cells", "rule"), [
    ("degC", 7000.0, "bilinear"), ("t/ha", 40000.0, "average"), ("class", 7000.0, "nearest"),
    ("class", 40000.0, "mode"),
])  # fmt: skip
def test_rule_across_crs(units, cells, rule):
    pytest.importorskip("rasterio")
    source = spec(0.1, 112.0, -0.1, 41.0, (20, 20))
    data = raster(source, RNG.choice([1, 9], source.shape).astype("uint8"), units, _FillValue=0)
    out = align(data, spec(cells, 6.0e5, -cells, 4.55e6, (5, 5), "EPSG:32649", ("y", "x")))
    assert f"by {rule} (GDAL)" in out.attrs["aligned"]
    if units == "class":
        assert set(np.unique(out)) <= {0, 1, 9}


def test_other_crs_without_rasterio_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "rasterio", None)
    with pytest.raises(MissingExtra, match=r"gep\[geo\]"):
        align(raster(SOURCE, np.ones(SOURCE.shape), "degC"), UTM)


def test_retag_and_align_speak_of_the_same_grid():
    china = raster(spec(0.1, 110.0, -0.1, 41.0, (30, 40), "EPSG:4490"), np.ones(SOURCE.shape), "degC")
    assert SOURCE.differences(GridSpec.of(china))
    assert SOURCE.differences(GridSpec.of(set_crs(china, LL))) == []


def test_amounts_that_would_be_counted_twice_are_refused():
    """A target wider than the globe holds places twice; a total must not grow by it."""
    world = spec(10.0, -180.0, -10.0, 90.0, (18, 36))
    wide = spec(7.5, -180.0, -10.0, 90.0, (18, 60))
    data = raster(world, np.ones(world.shape), "person")
    with pytest.raises(GridError, match="648 of its total lies on the target, which would get 810"):
        align(data, wide)
    assert not align(data.assign_attrs(units="degC"), wide).isnull().any()
    months = data.expand_dims(month=2) * xr.DataArray([1.0, -1.0], dims="month")  # cancels in sum
    with pytest.raises(GridError, match="360 degrees"):
        align(months.assign_attrs(units="person"), wide)


def test_amounts_across_crs_keep_their_total_to_a_millionth():
    """On much finer cells GDAL alone is off by 5e-4; what is scaled is told."""
    pytest.importorskip("rasterio")
    source = spec(0.1, 112.0, -0.1, 41.0, (20, 20))
    people = np.random.default_rng(0).random((2, 20, 20)) * 1000
    data = xr.concat([raster(source, layer, "person") for layer in people], "time")
    out = align(data, spec(2000.0, 5e5, -2000.0, 4.63e6, (200, 200), "EPSG:32649", ("y", "x")))
    np.testing.assert_allclose(out.sum(("y", "x")), people.sum((1, 2)), rtol=1e-9)
    assert "scaled by 1.000" in out.attrs["aligned"]
    half = align(data, spec(2000.0, 5e5, -2000.0, 4.63e6, (200, 84), "EPSG:32649", ("y", "x")))
    assert re.search(r"about \d+ \(\d+(\.\d+)? %\) lies outside the target", half.attrs["aligned"])


def test_a_total_that_gdal_does_not_keep_is_refused(monkeypatch):
    pytest.importorskip("rasterio")
    from gep.grid import warp

    monkeypatch.setattr(warp, "warper", lambda *_: ("broken", lambda layer: np.full(UTM.shape, layer.sum())))
    data = raster(spec(0.1, 112.0, -0.1, 41.0, (20, 20)), np.ones((20, 20)), "person")
    with pytest.raises(GridError, match="400 of its total lies on the target, which would get 1440000"):
        align(data, UTM)


def test_every_declared_missing_value_is_a_hole_after_aligning():
    values = np.ones(SOURCE.shape)
    values[3, 3], values[4, 4] = -1.0, -2.0
    moved = align(
        raster(SOURCE, values, "mm/year", missing_value=[-1.0, -2.0]), like=raster(SOURCE, values, "mm/year")
    )
    assert int(np.isnan(moved).sum()) == 2
