"""Georeference and true cell area, against numbers from outside."""

import math

import numpy as np
import pytest
import xarray as xr

from gep.errors import GridError, MissingExtra
from gep.georef import CellArea, GridSpec, crs_text, same_crs, set_crs

WGS84_AREA = 5.10065621724e14  # m2, surface of the WGS84 ellipsoid


def grid(lat, lon, crs="EPSG:4326", dims=("lat", "lon"), dtype=float):
    data = xr.DataArray(
        np.zeros((len(lat), len(lon))),
        {dims[0]: np.asarray(lat, dtype), dims[1]: np.asarray(lon, dtype)}, dims, name="g",
    )  # fmt: skip
    return set_crs(data, crs) if crs else data


def spec(crs, a, c, e, f, shape):
    return GridSpec(crs, (a, 0.0, c, 0.0, e, f), shape, ("y", "x"))


def cell(area: CellArea, row: int, col: int) -> float:
    return float(np.broadcast_to(area.rows(row, row + 1), (1, area.shape[1]))[0, col])


def geodesic_cell(grid_spec: GridSpec, row: int, col: int, n: int = 400) -> float:
    """Geodesic area of a cell whose edges are followed closely."""
    pyproj = pytest.importorskip("pyproj")
    crs = pyproj.CRS(grid_spec.crs)
    a, _, c, _, e, f = grid_spec.transform
    t = np.linspace(0, 1, n, endpoint=False)
    x = c + a * (col + np.concatenate([t, np.ones(n), 1 - t, np.zeros(n)]))
    y = f + e * (row + np.concatenate([np.zeros(n), t, np.ones(n), 1 - t]))
    lon, lat = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform(x, y)
    return abs(crs.get_geod().polygon_area_perimeter(lon, lat)[0])


@pytest.mark.parametrize("step", [1.0, 0.5, 7.5])
@pytest.mark.parametrize("ascending", [False, True])
def test_globe_adds_up_to_the_ellipsoid(step, ascending):
    n = round(180 / step)
    e, f = (step, -90.0) if ascending else (-step, 90.0)
    area = spec("EPSG:4326", step, -180.0, e, f, (n, 2 * n)).cell_area()
    assert area.form == "by_row"
    assert area.total() == pytest.approx(WGS84_AREA, rel=1e-12)
    assert area.mean == pytest.approx(WGS84_AREA / (2 * n * n), rel=1e-12)


def test_cgcs2000_and_wgs84_are_two_ellipsoids():
    pyproj = pytest.importorskip("pyproj")
    wgs = spec("EPSG:4326", 1.0, -180.0, -1.0, 90.0, (180, 360)).cell_area().total()
    china = spec("EPSG:4490", 1.0, -180.0, -1.0, 90.0, (180, 360)).cell_area().total()
    assert wgs != china
    # the closed formula of the ellipsoid's surface, with pyproj's axes
    body = pyproj.CRS("EPSG:4490").ellipsoid
    e = math.sqrt(1 - (body.semi_minor_metre / body.semi_major_metre) ** 2)
    surface = 2 * math.pi * body.semi_major_metre**2 * (1 + (1 - e * e) / e * math.atanh(e))
    assert china == pytest.approx(surface, rel=1e-11)


@pytest.mark.parametrize("size", [0.1, 0.00027])
@pytest.mark.parametrize("lat", [0.0, 18.6, 40.8, 71.0])
def test_degree_cells_against_geodesic_polygons(size, lat):
    s = spec("EPSG:4326", size, 111.0, -size, lat, (1, 1))
    assert cell(s.cell_area(), 0, 0) == pytest.approx(geodesic_cell(s, 0, 0), rel=1e-6)


def test_thin_bands_lose_no_digits():
    """A million thin rows add up to the thick band: differences of large numbers would not."""
    thin = spec("EPSG:4326", 1.0, 0.0, -1e-6, 89.0, (1_000_000, 1)).cell_area().total()
    thick = spec("EPSG:4326", 1.0, 0.0, -1.0, 89.0, (1, 1)).cell_area().total()
    assert thin == pytest.approx(thick, rel=1e-11)


@pytest.mark.parametrize(
    ("crs", "cells", "corner", "shape"),
    [
        ("EPSG:26912", 31.5, (301903.0, 4154086.0), (1359, 1073)),
        ("EPSG:32650", 1000.0, (200000.0, 4800000.0), (500, 600)),
        ("EPSG:32650", 10000.0, (200000.0, 4800000.0), (50, 60)),
        ("EPSG:2154", 100.0, (600000.0, 6800000.0), (1000, 1000)),
        ("EPSG:2263", 500.0, (920000.0, 280000.0), (300, 300)),  # US survey feet
    ],
)
def test_projected_cells_against_geodesic_polygons(crs, cells, corner, shape):
    pytest.importorskip("pyproj")
    s = spec(crs, cells, corner[0], -cells, corner[1], shape)
    area = s.cell_area()
    assert area.form == "by_cell"
    for row, col in ((0, 0), (shape[0] // 2, shape[1] - 1), (shape[0] - 1, shape[1] // 3)):
        assert cell(area, row, col) == pytest.approx(_exact(s, row, col), rel=1e-8)
    middle = (shape[0] // 2, shape[1] // 2)
    assert cell(area, *middle) == pytest.approx(geodesic_cell(s, *middle), rel=1e-5)
    assert area.rows(3, 7).shape == (4, shape[1])
    whole = np.broadcast_to(area.rows(0, shape[0]), shape)
    assert area.total() == pytest.approx(math.fsum(whole.ravel()), rel=1e-13)


def _exact(s, row, col, n=400):
    """Contour integral of the authalic area along the edges of a cell, in differences."""
    pyproj = pytest.importorskip("pyproj")
    crs = pyproj.CRS(s.crs)
    to_geo = pyproj.Transformer.from_crs(crs, crs.geodetic_crs, always_xy=True).transform
    a, _, c, _, e, f = s.transform
    body = crs.ellipsoid
    e2 = 1 - (body.semi_minor_metre / body.semi_major_metre) ** 2
    middle = to_geo(c + a * (col + 0.5), f + e * (row + 0.5))[1]

    def band(lat):
        """Integral of the meridional strip from the middle, by 20-point Gauss quadrature."""
        at, w = np.polynomial.legendre.leggauss(20)
        half = np.radians(lat - middle)[:, None] / 2
        phi = np.radians(middle) + half * (at + 1)
        strip = body.semi_major_metre**2 * (1 - e2) * np.cos(phi) / (1 - e2 * np.sin(phi) ** 2) ** 2
        return (strip * w * half).sum(axis=1)

    total, t = 0.0, np.linspace(0, 1, n)
    for (x0, y0), (x1, y1) in (((0, 0), (1, 0)), ((1, 0), (1, 1)), ((1, 1), (0, 1)), ((0, 1), (0, 0))):
        lon, lat = to_geo(c + a * (col + x0 + (x1 - x0) * t), f + e * (row + y0 + (y1 - y0) * t))
        strip = band(lat)
        total += float((np.radians(np.diff(lon)) * (strip[1:] + strip[:-1]) / 2).sum())
    return abs(total)


@pytest.mark.parametrize(
    "crs", ["EPSG:6933", "EPSG:3035", "+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80 +units=m"]
)
def test_equal_area_is_constant(crs):
    pytest.importorskip("pyproj")
    area = spec(crs_text(crs), 500.0, 1e6, -500.0, 4e6, (200, 300)).cell_area()
    assert area.form == "constant"
    assert area.rows(5, 9).ravel().tolist() == [250_000.0]
    assert area.total() == 250_000.0 * 60_000


def test_us_survey_feet_become_metres():
    pytest.importorskip("pyproj")
    area = spec("EPSG:2263", 500.0, 920000.0, -500.0, 280000.0, (10, 10)).cell_area()
    assert area.mean == pytest.approx((500 * 1200 / 3937) ** 2, rel=1e-3)


def test_web_mercator_is_refused_and_says_by_how_much():
    pytest.importorskip("pyproj")
    s = spec("EPSG:3857", 30.0, 12434000.0, -30.0, 4984000.0, (100, 100))
    with pytest.raises(GridError, match=r"EPSG:3857 distorts .* 7\d\.\d % too large at 40\.8 N") as caught:
        s.cell_area()
    assert "EPSG:6933" in caught.value.fix
    assert "proj=aea" in caught.value.fix


def test_geocentric_is_refused():
    pytest.importorskip("pyproj")
    with pytest.raises(GridError, match="neither projected nor"):
        spec("EPSG:4978", 1.0, 0.0, -1.0, 0.0, (2, 2)).cell_area()


def test_projected_without_pyproj_names_the_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyproj", None)
    with pytest.raises(MissingExtra, match=r"gep\[geo\]"):
        spec("EPSG:32651", 17.0, 3e5, -17.0, 4e6, (3, 3)).cell_area()
    assert spec("EPSG:4490", 0.25, 3.0, -0.25, 40.0, (3, 3)).cell_area().form == "by_row"


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
