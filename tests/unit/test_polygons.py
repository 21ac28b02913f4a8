"""Zones from polygons: which cells they hold, how large they are, where they overlap."""

import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gep.errors import MissingExtra, ZoneError
from gep.grid.alignment import place
from gep.grid.georef import GridSpec
from gep.zones import Zones

SPEC = GridSpec("EPSG:4326", (0.01, 0.0, 111.0, 0.0, -0.01, 41.0), (20, 30), ("lat", "lon"))
LABELS = np.full(SPEC.shape, 150105101, np.int64)


def raster(values, spec=SPEC, **attrs):
    return place(xr.DataArray(values, dims=spec.dims, attrs=attrs), spec)


def frame(boxes, crs="EPSG:4326"):
    geopandas = pytest.importorskip("geopandas")
    from shapely.geometry import box

    codes = [f"z{i}" for i in range(len(boxes))]
    return geopandas.GeoDataFrame({"code": codes}, geometry=[box(*b) for b in boxes], crs=crs)


HALVES = [(111.0, 40.8, 111.152, 41.0), (111.152, 40.8, 111.3, 41.0)]


def test_polygons_take_cells_whose_centre_they_hold():
    z = Zones.from_polygons(frame(HALVES), like=raster(LABELS))
    assert (z.index[:, :15] == 0).all()
    assert (z.index[:, 15:] == 1).all()
    pyproj = pytest.importorskip("pyproj")
    lon, lat = np.array(HALVES[0])[[0, 2, 2, 0]], np.array(HALVES[0])[[1, 1, 3, 3]]
    told = abs(pyproj.Geod(ellps="WGS84").polygon_area_perimeter(lon, lat)[0])
    assert z.table.loc["z0", "polygon_area_m2"] == pytest.approx(told, rel=1e-9)
    assert any("its polygon is" in f for f in z.findings)


def test_polygons_in_another_crs_and_rows_from_the_south():
    moved = frame(HALVES).to_crs("EPSG:32649")
    up = GridSpec("EPSG:4326", (0.01, 0.0, 111.0, 0.0, 0.01, 40.8), SPEC.shape, SPEC.dims)
    lower = frame([(111.0, 40.8, 111.3, 40.9)])
    same = Zones.from_polygons(moved, like=raster(LABELS))
    assert (same.index[1:-1] == Zones.from_polygons(frame(HALVES), like=raster(LABELS)).index[1:-1]).all()
    z = Zones.from_polygons(lower, like=raster(LABELS, up))
    assert (z.index[:10] == 0).all()
    assert (z.index[10:] == -1).all()


def test_small_overlap_is_told_and_large_refused():
    slight = [(111.0, 40.8, 111.1505, 41.0), (111.15, 40.8, 111.3, 41.0)]
    z = Zones.from_polygons(frame(slight), like=raster(LABELS))
    assert any("z0 and z1 overlap" in f and "km2" in f for f in z.findings)
    wide = [(111.0, 40.8, 111.2, 41.0), (111.15, 40.8, 111.3, 41.0)]
    with pytest.raises(ZoneError, match=r"z0 and z1 overlap by .* km2, 33\.3 % of the smaller"):
        Zones.from_polygons(frame(wide), like=raster(LABELS))


def test_small_overlaps_that_add_up_are_refused():
    """Each strip takes 0.8 % of the wide zone (and of itself); one is told, two are too much."""
    wide = (111.0, 40.8, 111.1, 41.0)
    strips = [(111.0992, 40.8, 111.2, 41.0), (110.9, 40.8, 111.0008, 41.0)]
    told = Zones.from_polygons(frame([wide, strips[0]]), like=raster(LABELS))
    assert any("z0 and z1 overlap" in f for f in told.findings)
    with pytest.raises(ZoneError, match=r"zone z0 overlaps 2 others a little, .* km2, 1\.6 % of it"):
        Zones.from_polygons(frame([wide, *strips]), like=raster(LABELS))


def test_columns_of_a_table_from_polygons_are_plain():
    made = frame(HALVES).assign(name=["A", "B"], county="K", km2=[300.0, 250.0], note="x")
    z = Zones.from_polygons(
        made, like=raster(LABELS), levels=("county",), stated_area="km2", stated_area_unit="km2"
    )
    assert type(z.table) is pd.DataFrame
    assert list(z.table) == ["name", "county", "stated_area_m2", "polygon_area_m2"]
    assert [str(d) for d in z.table.dtypes] == ["object", "object", "float64", "float64"]


def test_a_zone_below_one_cell_stays():
    tiny = [*HALVES[:1], (111.2012, 40.9012, 111.2018, 40.9018)]
    z = Zones.from_polygons(frame(tiny), like=raster(LABELS))
    assert z.codes == ["z0", "z1"]
    assert z.zone_area()["z1"] == 0.0
    assert any("without a cell" in f and "z1" in f for f in z.findings)
    assert any("smaller than one cell: z1" in f for f in z.findings)


def test_holes_count_as_holes_however_they_turn():
    pytest.importorskip("geopandas")
    from shapely.geometry import MultiPolygon, Polygon

    ring = [(111.0, 40.8), (111.2, 40.8), (111.2, 41.0), (111.0, 41.0)]
    hole = [(111.05, 40.85), (111.1, 40.85), (111.1, 40.9), (111.05, 40.9)]
    base = frame(HALVES[:1])
    areas = set()
    for outer in (ring, ring[::-1]):
        for inner in (hole, hole[::-1]):
            shape = MultiPolygon([Polygon(outer, [inner])])
            z = Zones.from_polygons(base.set_geometry([shape], crs=4326), like=raster(LABELS))
            areas.add(round(z.table["polygon_area_m2"].iloc[0]))
    whole = Zones.from_polygons(base.set_geometry([Polygon(ring)], crs=4326), like=raster(LABELS))
    assert len(areas) == 1
    assert areas.pop() == pytest.approx(whole.table["polygon_area_m2"].iloc[0] * 15 / 16, rel=1e-3)


def test_zones_off_the_grid_and_empty_shapes():
    pytest.importorskip("geopandas")
    from shapely.geometry import Polygon

    with pytest.raises(ZoneError, match="no zone has a cell"):
        Zones.from_polygons(frame([(10.0, 10.0, 11.0, 11.0)]), like=raster(LABELS))
    hollow = frame(HALVES)
    hollow.geometry = [hollow.geometry.iloc[0], Polygon()]
    with pytest.raises(ZoneError, match="row 2 of the zones: geometry is empty"):
        Zones.from_polygons(hollow, like=raster(LABELS))


def test_invalid_polygons_are_repaired_and_told():
    pytest.importorskip("geopandas")
    from shapely.geometry import Polygon

    bow = Polygon([(111, 40.8), (111.2, 41), (111.2, 40.8), (111, 41)])
    z = Zones.from_polygons(frame(HALVES[:1]).set_geometry([bow], crs=4326), like=raster(LABELS))
    assert any("repaired" in f for f in z.findings)


def test_polygon_faults():
    with pytest.raises(ZoneError, match="no CRS"):
        Zones.from_polygons(frame(HALVES, crs=None), like=raster(LABELS))
    doubled = frame(HALVES).assign(code="same")
    with pytest.raises(ZoneError, match="stands for several"):
        Zones.from_polygons(doubled, like=raster(LABELS))
    points = frame(HALVES)
    points.geometry = points.geometry.representative_point()
    with pytest.raises(ZoneError, match="not a polygon"):
        Zones.from_polygons(points, like=raster(LABELS))


def test_polygons_without_geopandas_name_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "geopandas", None)
    with pytest.raises(MissingExtra, match=r"gep\[geo\]"):
        Zones.from_polygons("zones.gpkg", like=raster(LABELS))
