"""Georeference: what is read, what is refused, how grids differ."""

import numpy as np
import pytest
import xarray as xr

from gep.errors import GridError
from gep.grid.crs import set_crs
from gep.grid.georef import GridSpec


def grid(lat, lon, crs="EPSG:4326", dims=("lat", "lon"), dtype=float):
    data = xr.DataArray(
        np.zeros((len(lat), len(lon))),
        {dims[0]: np.asarray(lat, dtype), dims[1]: np.asarray(lon, dtype)}, dims, name="g",
    )  # fmt: skip
    return set_crs(data, crs) if crs else data


def spec(crs, a, c, e, f, shape):
    return GridSpec(crs, (a, 0.0, c, 0.0, e, f), shape, ("y", "x"))


def test_reads_names_directions_and_extra_dimensions():
    assert GridSpec.of(grid([41.5, 40.5], [110.5, 111.5])).transform == (1.0, 0.0, 110.0, 0.0, -1.0, 42.0)
    up = GridSpec.of(grid([40.5, 41.5], [110.5, 111.5], dims=("Latitude", "LONGITUDE")))
    assert up.transform == (1.0, 0.0, 110.0, 0.0, 1.0, 40.0)
    assert up.bounds == (110.0, 40.0, 112.0, 42.0)
    assert up.point(1, 0) == (110.5, 41.5)
    assert list(up.coordinates()) == ["Latitude", "LONGITUDE"]
    daily = grid([41.5, 40.5], [110.5, 111.5]).expand_dims(time=3)
    assert GridSpec.of(daily).shape == (2, 2)
    odd = grid([41.5, 40.5], [110.5, 111.5], dims=("a", "b"))
    odd["a"].attrs["axis"], odd["b"].attrs["standard_name"] = "Y", "longitude"
    assert GridSpec.of(odd).dims == ("a", "b")


def test_float32_jitter_is_taken_but_uneven_axes_are_not():
    lon = 110 + (np.arange(50) + 0.5) / 120
    ok = GridSpec.of(grid(40 - (np.arange(40) + 0.5) / 120, lon, dtype=np.float32))
    assert ok.transform[0] == pytest.approx(1 / 120, rel=1e-4)
    with pytest.raises(GridError, match="not evenly spaced"):
        GridSpec.of(grid([3.0, 2.0, 0.5], [1.0, 2.0]))
    with pytest.raises(GridError, match="float32 is too coarse"):
        GridSpec.of(grid([2.0, 1.0], 110 + (np.arange(50) + 0.5) / 4000, dtype=np.float32))


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (grid([2.0, 1.0], [1.0, 2.0], crs=None), "no CRS"),
        (grid([2.0, np.nan], [1.0, 2.0]), "not finite"),
        (grid([2.0, 1.0], [2.0, 1.0]), "east to west"),
        (grid([2.0, 1.0], [1.0, 2.0]).drop_vars("lat"), "no numeric coordinates along 'lat'"),
        (grid([2.0], [1.0, 2.0]), "single cell"),
        (grid([2.0, 1.0], [1.0, 2.0], dims=("a", "b")), "can be the y dimension"),
        (grid([4e6, 3e6], [1e5, 2e5]), "in degrees"),
    ],
)
def test_refusals(bad, message):
    with pytest.raises(GridError, match=message):
        GridSpec.of(bad)


def test_all_faults_come_together():
    bad = grid([2.0, 2.0, 1.0], [3.0, 2.0, 1.0], crs=None)
    with pytest.raises(GridError) as caught:
        GridSpec.of(bad, "rain")
    assert len(caught.value.faults) == 3
    assert "gep.set_crs(rain, 'EPSG:4326')" in str(caught.value)


def with_geotransform(data, text):
    data = data.copy()
    data.spatial_ref.attrs["GeoTransform"] = text
    return data


def test_geotransform_must_agree_with_coordinates():
    base = grid([41.5, 40.5, 39.5], [110.5, 111.5, 112.5])
    good = with_geotransform(base, "110 1 0 42 0 -1")
    assert GridSpec.of(good).transform == (1.0, 0.0, 110.0, 0.0, -1.0, 42.0)
    assert GridSpec.of(good[1:, 1:]).transform == (1.0, 0.0, 111.0, 0.0, -1.0, 41.0)  # a cut-out is fine
    assert GridSpec.of(good[2:, :1]).transform == (1.0, 0.0, 110.0, 0.0, -1.0, 40.0)  # even a single cell
    assert GridSpec.of(good.sortby("lat")).transform == (1.0, 0.0, 110.0, 0.0, 1.0, 39.0)
    with pytest.raises(GridError, match=r"disagree along 'lon'.*0\.5 cells"):
        GridSpec.of(with_geotransform(base, "110.5 1 0 42 0 -1"))
    with pytest.raises(GridError, match="disagree"):
        GridSpec.of(good[::2, ::2])
    with pytest.raises(GridError, match="rotated"):
        GridSpec.of(with_geotransform(base, "110 1 0.1 42 0 -1"))


A = spec("EPSG:4326", 0.1, 110.0, -0.1, 41.0, (10, 20))


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        (spec("EPSG:4326", 0.1, 110.03, -0.1, 41.05, (10, 20)),
         "it is shifted by 0.3 cells (0.03 degrees) east and 0.5 cells (0.05 degrees) north"),
        (spec("EPSG:4326", 0.1, 110.0, -0.1, 41.0, (10, 21)), "its shape is 10 x 21, not 10 x 20"),
        (spec("EPSG:4326", 0.1, 110.0, 0.1, 40.0, (10, 20)),
         "its rows run from south to north, those of the grid the other way"),
        (spec("EPSG:4326", 0.1001, 110.0, -0.1, 41.0, (10, 20)),
         "its cells are 0.1001 x 0.1 degrees, not 0.1 x 0.1, which adds up to 0.02 cells at the far corner"),
    ],
)  # fmt: skip
def test_every_difference_is_a_sentence(other, sentence):
    assert A.differences(other) == [sentence]
    with pytest.raises(GridError) as caught:
        A.require(other, "rain")
    assert sentence in str(caught.value)
    assert caught.value.fix == "rain = gep.align(rain, like=land_cover)"


def test_same_within_a_thousandth_of_a_cell():
    assert A.differences(A) == []
    assert A.differences(spec("EPSG:4326", 0.1, 110.00009, -0.1, 41.0, (10, 20))) == []
    A.require(spec("EPSG:4326", 0.1 + 4e-7, 110.0, -0.1, 41.0, (10, 20)), "rain")


def test_crs_differences_name_both_and_say_how_to_retag():
    (china,) = A.differences(spec("EPSG:4490", 0.1, 110.0, -0.1, 41.0, (10, 20)))
    assert "EPSG:4490" in china
    assert "EPSG:4326" in china
    assert "centimetres" in china
    assert "set_crs" in china
    (tag, *_) = A.differences(spec("EPSG:4258", 0.1, 110.0, -0.1, 41.0, (10, 20)))
    assert "only tagged wrongly" in tag
