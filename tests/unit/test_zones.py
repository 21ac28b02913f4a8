"""Zones from labels, polygons and tables."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gep.align import place
from gep.errors import GridError, MissingExtra, ZoneError
from gep.georef import GridSpec
from gep.zones import Zones

SPEC = GridSpec("EPSG:4326", (0.01, 0.0, 111.0, 0.0, -0.01, 41.0), (20, 30), ("lat", "lon"))
LABELS = np.full(SPEC.shape, 150105101, np.int64)
LABELS[:, 10:20] = 150105102
LABELS[15:, 20:] = 0
TABLE = pd.DataFrame(
    {
        "code": ["150105101", "150105102", "150105103"], "name": ["Old Town", "River", "River"],
        "county": ["Saihan", "Saihan", "Xincheng"], "km2": [300.0, 180.0, 1.0],
    }
)  # fmt: skip


def raster(values, spec=SPEC, **attrs):
    return place(xr.DataArray(values, dims=spec.dims, attrs=attrs), spec)


def zones(**kwargs):
    return Zones.from_labels(raster(LABELS, _FillValue=0), TABLE, levels=("county",), region="Demo", **kwargs)


def test_labels_meet_their_table():
    z = zones()
    assert z.codes == ["150105101", "150105102", "150105103"]
    assert z.names == ["Old Town", "River", "River"]
    assert len(z) == 3
    assert z.index.dtype == np.int32
    assert z.index[0, 0] == 0
    assert z.index[0, 12] == 1
    assert z.index[19, 29] == -1
    area = z.zone_area()
    assert area["150105103"] == 0.0
    rows = np.broadcast_to(SPEC.cell_area().rows(0, 20), SPEC.shape)
    assert area["150105102"] == pytest.approx(rows[:, 10:20].sum(), rel=1e-12)
    assert any("without a cell" in f and "150105103" in f for f in z.findings)
    assert any("50 cells" in f and "outside all zones" in f for f in z.findings)
    assert "3 zones" in repr(z)
    assert "Demo" in repr(z)


def test_levels():
    z = zones()
    assert z.by_level("county")["150105103"] == "Xincheng"
    assert z.members("county") == {"Saihan": ["150105101", "150105102"], "Xincheng": ["150105103"]}
    with pytest.raises(ZoneError, match="no level 'province'"):
        z.by_level("province")


def test_resolve():
    z = zones()
    assert z.resolve("Old Town") == "150105101"
    assert z.resolve(150105103) == "150105103"
    with pytest.raises(ZoneError, match="150105102, 150105103"):
        z.resolve("River")
    with pytest.raises(ZoneError, match=r"did you mean Old Town \(150105101\)"):
        z.resolve("Old Twon")
    with pytest.raises(ZoneError, match="known are 150105101"):
        z.resolve("%%%")


def test_stated_areas_are_compared():
    z = zones(stated_area="km2", stated_area_unit="km2")
    assert z.table["stated_area_m2"].tolist() == [300e6, 180e6, 1e6]
    assert any("150105101" in f and "stated area" in f for f in z.findings)
    with pytest.raises(ZoneError, match="no unit"):
        zones(stated_area="km2")
    partly = TABLE.assign(km2=[300.0, np.nan, 1.0])
    z = Zones.from_labels(raster(LABELS), partly, nodata=0, stated_area="km2", stated_area_unit="km2")
    assert np.isnan(z.table["stated_area_m2"].iloc[1])


def test_all_faults_of_a_table_come_together():
    bad = TABLE.assign(code=["150105101", "150105101", None], county=["Saihan", "", "X"])
    with pytest.raises(ZoneError) as caught:
        Zones.from_labels(raster(LABELS, _FillValue=0), bad, levels=("county",))
    text = str(caught.value)
    assert len(caught.value.faults) == 3
    assert "150105101 stands for several zones (Old Town, River)" in text
    assert "has no code" in text
    assert "has no county" in text
    with pytest.raises(ZoneError, match="no column 'province'"):
        Zones.from_labels(raster(LABELS), TABLE, levels=("province",))


def test_labels_without_a_row_are_told_with_cells_and_area():
    with pytest.raises(ZoneError, match=r"label 0 has no row .* \(50 cells, 46\.\d+ km2\).*nodata=0"):
        Zones.from_labels(raster(LABELS), TABLE)
    assert Zones.from_labels(raster(LABELS), TABLE, nodata=0).index[19, 29] == -1
    assert Zones.from_labels(raster(LABELS), TABLE, nodata=[0, -1]).index[19, 29] == -1


def test_float_labels_only_when_whole():
    values = np.where(LABELS == 0, np.nan, LABELS.astype(float))
    assert (Zones.from_labels(raster(values), TABLE).index == zones().index).all()
    values[0, 0] += 0.5
    with pytest.raises(ZoneError, match="1 labels are fractions"):
        Zones.from_labels(raster(values), TABLE)
    with pytest.raises(ZoneError, match="of type"):
        Zones.from_labels(raster(LABELS > 0), TABLE)


@pytest.mark.parametrize(
    "codes", [[150105101, 150105102], [150105101.0, 150105102.0], ["150105101", " 150105102"]]
)
def test_codes_are_strings_without_a_point(codes):
    z = Zones.from_labels(raster(LABELS), pd.DataFrame({"id": codes}), code="id", nodata=0)
    assert z.codes == ["150105101", "150105102"]
    assert z.names == z.codes


def test_leading_zeros_and_label_columns():
    small = raster(np.where(LABELS == 150105101, 1, 2))
    assert Zones.from_labels(small, pd.DataFrame({"code": ["01", "02"]})).codes == ["01", "02"]
    named = pd.DataFrame({"code": ["north", "south"], "label": [2, 1]})
    assert Zones.from_labels(small, named).index[0, 0] == 1
    with pytest.raises(ZoneError, match="zones 1 and 01 claim one label 1"):
        Zones.from_labels(small, pd.DataFrame({"code": ["1", "01", "2"]}))


def test_labels_without_a_table_name_themselves():
    assert Zones.from_labels(raster(LABELS, _FillValue=0)).codes == ["150105101", "150105102"]


def test_extra_dimension_and_transposed_labels():
    band = raster(LABELS, _FillValue=0).expand_dims(band=1)
    assert (Zones.from_labels(band, TABLE).index == zones().index).all()
    assert (Zones.from_labels(raster(LABELS, _FillValue=0).T, TABLE).index == zones().index).all()
    with pytest.raises(ZoneError, match="dimensions"):
        Zones.from_labels(raster(LABELS).expand_dims(time=2), TABLE)


def test_unreferenced_labels_are_refused():
    with pytest.raises(GridError, match="numeric coordinates"):
        Zones.from_labels(xr.DataArray(LABELS, dims=("lat", "lon")), TABLE)


# ---------------------------------------------------------------------------------------- polygons


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
    with pytest.raises(ZoneError, match="no zone has a cell"):
        Zones.from_labels(raster(LABELS * 0, _FillValue=0), TABLE)


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


def test_importing_zones_imports_no_geo_stack():
    code = (
        "import sys, gep.zones, gep.align, gep.grid.aggregate; "
        "print(sorted({'rasterio', 'rioxarray', 'geopandas', 'pyproj', 'shapely'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# ------------------------------------------------------------------------------------------- tables

AREAS = pd.DataFrame(
    {
        "zone": [1, 1, 2], "name": ["A", "A", "B"], "county": ["K", "K", "K"],
        "ecosystem": ["forest", "cropland", "forest"], "area": [2.0, 15.0, 1.0], "unit": ["km2", "亩", "ha"],
    }
)  # fmt: skip


def test_areas_from_a_table():
    z = Zones.from_areas(AREAS, levels=("county",), region="Demo")
    assert z.zone_area().to_dict() == pytest.approx({"1": 2.01e6, "2": 1e4})
    assert z.extent["area_m2"].tolist() == pytest.approx([2e6, 1e4, 1e4])
    assert z.names == ["A", "B"]
    assert z.members("county") == {"K": ["1", "2"]}
    assert z.spec is None
    assert "no grid" in repr(z)
    with pytest.raises(ZoneError, match="no grid"):
        _ = z.cell_area


def test_all_faults_of_a_table_of_areas():
    bad = pd.concat([AREAS, AREAS.iloc[:1]], ignore_index=True)
    bad.loc[2, "unit"] = "t"
    bad.loc[1, "area"] = -4.0
    bad.loc[3, "name"] = "Other"
    with pytest.raises(ZoneError) as caught:
        Zones.from_areas(bad)
    assert len(caught.value.faults) == 4
    for word in ("stands more than once", "below zero", "several zones (A, Other)", "unit of area"):
        assert word in str(caught.value)
    with pytest.raises(ZoneError, match="no column 'area'"):
        Zones.from_areas(AREAS.drop(columns="area"))
