"""Real rasters: different CRS, wrong tags, shifted grids, wrong cell areas."""

import os
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from gep.errors import GridError
from gep.grid.alignment import align
from gep.grid.crs import set_crs
from gep.grid.georef import GridSpec
from gep.zones import Zones

ROOT = Path(os.environ.get("GEP_SHARED_DIR") or Path(__file__).resolve().parents[3] / "shared")
DATA = ROOT / "data" if (ROOT / "data").is_dir() else ROOT
pytestmark = [
    pytest.mark.skipif(
        not (DATA / "zion").is_dir(), reason="the folder of real data (GEP_SHARED_DIR) is not here"
    ),
    # rioxarray 0.19 multiplies affine transforms in a way that affine 3.1 is about to deprecate
    pytest.mark.filterwarnings("ignore:Use `@` matmul:PendingDeprecationWarning"),
]


def tif(name):
    rioxarray = pytest.importorskip("rioxarray")
    with rioxarray.open_rasterio(DATA / name) as opened:
        data = opened.load().squeeze("band", drop=True)
    return data.rename(Path(name).stem.lower())


def netcdf(name, variable):
    pytest.importorskip("netCDF4")
    with xr.open_dataset(DATA / "fraser" / name, engine="netcdf4") as opened:
        return set_crs(opened[variable].load(), "EPSG:4326")


@pytest.fixture(scope="module")
def nlcd():
    return tif("zion/nlcd.tif")


def test_zion_elevation_comes_on_to_the_land_cover_in_one_call(nlcd):
    srtm = tif("zion/srtm.tif")
    assert srtm.attrs["_FillValue"] == 65535
    spec = GridSpec.of(nlcd, "nlcd")
    with pytest.raises(GridError, match="its CRS is EPSG:4326, not EPSG:26912"):
        spec.require(GridSpec.of(srtm, "srtm"), "srtm")
    out = align(srtm, like=nlcd, kind="state")
    spec.require(GridSpec.of(out), "srtm")
    assert (out + nlcd).shape == nlcd.shape
    valid = srtm.values[srtm.values != 65535]
    assert valid.min() - 1 <= float(out.min()) <= float(out.max()) <= valid.max() + 1
    # a point looked up by hand in both rasters
    pyproj = pytest.importorskip("pyproj")
    x, y = spec.point(700, 500)
    lon, lat = pyproj.Transformer.from_crs("EPSG:26912", "EPSG:4326", always_xy=True).transform(x, y)
    assert float(out[700, 500]) == pytest.approx(float(srtm.interp(x=lon, y=lat)), abs=3)


def test_zion_park_area(nlcd):
    z = Zones.from_polygons(_with_code(DATA / "zion" / "zion.gpkg"), like=nlcd, code="zone", region="Zion")
    assert z.table["polygon_area_m2"].iloc[0] / 1e4 == pytest.approx(60_180, rel=1e-3)
    assert z.zone_area().iloc[0] / 1e4 == pytest.approx(60_180, rel=1e-3)


def _with_code(path):
    geopandas = pytest.importorskip("geopandas")
    return geopandas.read_file(path).assign(zone="ZION")


def test_zion_wrong_tag_is_refused_and_named(nlcd):
    other = tif("zion/nlcd2011.tif")
    with pytest.raises(GridError) as caught:
        GridSpec.of(nlcd).require(GridSpec.of(other), "nlcd2011")
    text = str(caught.value)
    # GDAL guesses EPSG:6367 for it; the file itself says no code, only a name on an unknown datum
    assert "its CRS is 'UTM Zone 12, Northern Hemisphere' (no code), not EPSG:26912" in text
    assert "only tagged wrongly" in text
    GridSpec.of(nlcd).require(GridSpec.of(set_crs(other, "EPSG:26912")), "nlcd2011")


@pytest.mark.parametrize("name", ["LAO_Soil.tif", "LAO_soil_terrain_lulc.tif"])
def test_laos_same_shape_is_not_the_same_grid(name):
    elevation, classes = tif("laos/LAO_Elevation.tif"), tif(f"laos/{name}")
    assert elevation.shape == classes.shape
    spec = GridSpec.of(elevation)
    with pytest.raises(GridError, match=r"shifted by 0\.18\d? cells .* west and 0\.14\d? cells .* north"):
        spec.require(GridSpec.of(classes), "soil")
    out = align(classes, like=elevation, kind="category")
    spec.require(GridSpec.of(out), "soil")
    assert out.dtype == classes.dtype
    assert set(np.unique(out)) <= set(np.unique(classes))
    spec.require(GridSpec.of(tif("laos/LAO_Slope.tif")), "slope")


def test_fraser_file_of_cell_areas_is_too_large():
    told = netcdf("pixarea.nc", "pixarea")
    spec = GridSpec.of(told)
    true = np.broadcast_to(spec.cell_area().rows(0, spec.shape[0]), spec.shape)
    assert float(told.sum()) / true.sum() == pytest.approx(1.024, abs=0.001)


@pytest.mark.parametrize(("size", "shift"), [(0.1, 0.037), (0.25, 0.08), (0.03, 0.011)])
def test_fraser_population_stays_in_number(size, shift):
    people = netcdf("pop.nc", "popls2")
    people.attrs["units"] = "person"
    _, _, c, _, _, f = GridSpec.of(people).transform
    rows, cols = (int(n * 0.1 / size) + 3 for n in people.shape)
    target = GridSpec(
        "EPSG:4326", (size, 0.0, c - shift, 0.0, -size, f + shift), (rows, cols), ("lat", "lon")
    )
    out = align(people, target)
    assert float(out.sum()) == pytest.approx(float(people.astype(float).sum()), rel=1e-12)
    assert float(people.sum()) > 1000


def test_fraser_population_in_utm():
    pytest.importorskip("rasterio")
    people = netcdf("pop.nc", "popls2")
    people.attrs["units"] = "person"
    target = GridSpec("EPSG:32610", (5000.0, 0.0, 3e5, 0.0, -5000.0, 6.1e6), (80, 100), ("y", "x"))
    out = align(people, target)
    assert float(out.sum()) == pytest.approx(float(people.astype(float).sum()), rel=1e-4)
