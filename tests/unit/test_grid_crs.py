"""CRS texts and tags."""

import numpy as np
import pytest
import xarray as xr

from gep.errors import GridError
from gep.grid.crs import crs_text, same_crs, set_crs
from gep.grid.georef import GridSpec


def grid(lat, lon, crs="EPSG:4326", dims=("lat", "lon"), dtype=float):
    data = xr.DataArray(
        np.zeros((len(lat), len(lon))),
        {dims[0]: np.asarray(lat, dtype), dims[1]: np.asarray(lon, dtype)}, dims, name="g",
    )  # fmt: skip
    return set_crs(data, crs) if crs else data


def test_crs_texts_meet_by_meaning():
    pyproj = pytest.importorskip("pyproj")
    wkt = pyproj.CRS("EPSG:26912").to_wkt()
    assert crs_text(wkt) == "EPSG:26912"
    assert crs_text(pyproj.CRS("EPSG:26912")) == "EPSG:26912"
    bare = pyproj.CRS("+proj=utm +zone=12 +datum=NAD83").to_wkt("WKT1_ESRI")
    assert "[" in crs_text(bare)
    assert same_crs(crs_text(pyproj.CRS("EPSG:4326").to_wkt("WKT1_ESRI")), "EPSG:4326")
    assert not same_crs("EPSG:26912", "EPSG:6367")
    with pytest.raises(GridError, match="not a CRS"):
        crs_text("no such thing")


@pytest.mark.parametrize("code", ["EPSG:4326", "EPSG:4490"])
def test_built_in_wkt_is_what_pyproj_understands(code):
    pyproj = pytest.importorskip("pyproj")
    tagged = grid([2.0, 1.0], [1.0, 2.0], crs=code)
    read = pyproj.CRS.from_wkt(tagged.spatial_ref.attrs["crs_wkt"])
    assert read.to_epsg() == int(code[5:])
    assert read.equals(pyproj.CRS(code), ignore_axis_order=True)


def test_set_crs_replaces_the_old_tag_and_keeps_values():
    data = grid([2.0, 1.0], [1.0, 2.0], crs=None)
    data.attrs |= {"crs": "+init=epsg:4490", "units": "mm"}
    assert GridSpec.of(data).crs == "EPSG:4490"
    out = set_crs(data, "EPSG:4326")
    assert GridSpec.of(out).crs == "EPSG:4326"
    assert out.attrs == {"units": "mm"}
    assert "crs" in data.attrs
