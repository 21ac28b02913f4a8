"""True cell area, against numbers from outside."""

import math

import numpy as np
import pytest

from gep.errors import GridError, MissingExtra
from gep.grid.cell_area import CellArea
from gep.grid.crs import crs_text
from gep.grid.georef import GridSpec

WGS84_AREA = 5.10065621724e14  # m2, surface of the WGS84 ellipsoid


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


def test_area_by_position_is_that_of_the_cells():
    area = spec("EPSG:4326", 0.5, 0.0, -0.5, 60.0, (600 // 2, 7)).cell_area()
    index = np.arange(300 * 7).reshape(300, 7) % 4 - 1
    whole = np.broadcast_to(area.rows(0, 300), (300, 7))
    expected = [math.fsum(whole[index == k]) for k in range(3)] + [0.0]
    np.testing.assert_allclose(area.by_index(index, 4), expected, rtol=1e-13)
