"""Zones from labels, polygons and tables."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from gep.errors import GridError, ZoneError
from gep.grid.alignment import place
from gep.grid.georef import GridSpec
from gep.ledger.parts import COLUMNS
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


@pytest.mark.parametrize(
    ("unit", "words"),
    [
        ("m2", "1e+06 times too small: km2 read as m2?"),
        ("ha", "100 times too small: km2 read as ha?"),
        ("亩", "1500 times too small: km2 read as mu?"),
        ("km2", None),
    ],
)
def test_a_stated_area_far_off_is_called_the_slip_it_looks_like(unit, words):
    true = zones().zone_area().to_numpy() / 1e6
    stated = TABLE.assign(km2=[true[0], true[1] * 1.02, 0.0])
    data = raster(LABELS, _FillValue=0)
    z = Zones.from_labels(data, stated, stated_area="km2", stated_area_unit=unit)
    told = [f for f in z.findings if "stated area" in f]
    if words:
        assert told[0].endswith(words)
        assert "%" not in told[0]
    else:
        assert [f.split(": ")[0] for f in told] == ["zone 150105102"]
        assert told[0].endswith("(-2.0 %)")


def test_other_slips_of_stated_areas():
    true = zones().zone_area().to_numpy()
    for factor, words in (
        (15, "mu read as ha?"),
        (1e-4, "ha read as m2?"),
        (1e4, "m2 read as ha?"),
        (40, "40 times too large"),
    ):
        stated = TABLE.assign(km2=true * factor)
        z = Zones.from_labels(raster(LABELS, _FillValue=0), stated, stated_area="km2", stated_area_unit="m2")
        assert any(f.endswith(words) for f in z.findings)
    nothing = TABLE.assign(km2=[0.0, true[1], 0.0])
    z = Zones.from_labels(raster(LABELS, _FillValue=0), nothing, stated_area="km2", stated_area_unit="m2")
    assert any(f.endswith("its stated area is 0 km2") for f in z.findings)


def test_columns_of_the_table_are_plain():
    z = zones(stated_area="km2", stated_area_unit="km2")
    assert type(z.table) is pd.DataFrame
    assert list(z.table) == ["name", "county", "stated_area_m2"]
    assert list(zones().table) == ["name", "county"]
    assert list(Zones.from_areas(AREAS, levels=("county",)).table) == ["name", "county"]
    wrong = TABLE.rename(columns={"county": "stated_area_m2"})
    with pytest.raises(ZoneError, match="a level cannot be called 'stated_area_m2'"):
        Zones.from_labels(raster(LABELS, _FillValue=0), wrong, levels=("stated_area_m2",))


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


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_undeclared_fills_are_refused_and_named(dtype):
    values = np.where(LABELS == 0, 9.96921e36, LABELS % 10).astype(dtype)
    values[0, :3] = np.inf
    with pytest.raises(ZoneError) as caught:
        Zones.from_labels(raster(values))
    big, endless = caught.value.faults
    assert big.what == "9.97e36 in 50 cells: a fill value that is not declared?"
    assert endless.what == "inf in 3 cells: a fill value that is not declared?"
    assert endless.fix == "labels.attrs['_FillValue'] = float('inf')"
    data = raster(np.where(np.isinf(values), np.nan, values).astype(dtype))
    exec(big.fix, {"labels": data})
    assert Zones.from_labels(data).codes == ["1", "2"]
    assert Zones.from_labels(raster(values), nodata=[values[19, 29], np.inf]).codes == ["1", "2"]


@pytest.mark.parametrize("fill", [-(2**63), 2**62, -(2**53) - 1])
def test_undeclared_integer_fills_are_refused(fill):
    data = raster(np.where(LABELS == 0, fill, LABELS))
    with pytest.raises(ZoneError, match="in 50 cells: a fill value that is not declared"):
        Zones.from_labels(data)
    assert len(Zones.from_labels(data.assign_attrs(_FillValue=fill))) == 2
    largest = raster(np.where(LABELS == 0, 2**53, LABELS))
    assert Zones.from_labels(largest).codes[-1] == str(2**53)


def test_a_declared_fill_may_be_a_fraction():
    assert len(Zones.from_labels(raster(np.where(LABELS == 0, -0.5, LABELS), _FillValue=-0.5))) == 2


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


def test_zones_without_any_cell():
    with pytest.raises(ZoneError, match="no zone has a cell"):
        Zones.from_labels(raster(LABELS * 0, _FillValue=0), TABLE)


def test_importing_zones_imports_no_geo_stack():
    code = (
        "import sys, gep.zones, gep.grid.alignment, gep.grid.aggregation; "
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


def test_float_labels_that_merge_codes_are_refused():
    floats = np.where(LABELS == 0, np.nan, LABELS).astype(np.float32)
    assert len(np.unique(floats[~np.isnan(floats)])) < 3
    with pytest.raises(ZoneError, match=r"550 labels are too large for float32.*int32 or int64 raster"):
        Zones.from_labels(raster(floats), TABLE)
    small = np.where(LABELS == 0, np.nan, LABELS % 10 + 2040)
    assert Zones.from_labels(raster(small.astype(np.float16))).codes == ["2041", "2042"]
    with pytest.raises(ZoneError, match="too large for float16"):
        Zones.from_labels(raster((small + 10).astype(np.float16)))
    assert len(Zones.from_labels(raster(np.where(LABELS == 0, 2**24 - 1, 1).astype(np.float32)))) == 2


@pytest.mark.parametrize("low", [0, -9])
def test_labels_up_to_zero_need_a_table_or_nodata(low):
    data = raster(np.where(LABELS == 0, low, LABELS))
    with pytest.raises(ZoneError, match=f"nodata={low} if outside, or a table"):
        Zones.from_labels(data)
    assert len(Zones.from_labels(data, nodata=low)) == 2
    assert len(Zones.from_labels(data, nodata=[])) == 3


def test_a_region_is_not_called_like_a_part_of_it():
    def named(region, table=TABLE):
        return Zones.from_labels(raster(LABELS, _FillValue=0), table, levels=("county",), region=region)

    with pytest.raises(ZoneError, match=r"the region and a zone have one code '150105102'.*region="):
        named("150105102")
    with pytest.raises(ZoneError, match="a part of it, by county, are both 'Saihan'"):
        named("Saihan")
    assert len(named("Saihan", TABLE.assign(county="Saihan"))) == 3


@pytest.mark.parametrize("level", [*COLUMNS, "area_m2", "population", "missing_rows", "not_covered_km2"])
def test_levels_are_not_called_like_columns_of_a_ledger(level):
    wrong = TABLE.rename(columns={"county": level})
    with pytest.raises(ZoneError, match=f"a level cannot be called '{level}'"):
        Zones.from_labels(raster(LABELS, _FillValue=0), wrong, levels=(level,))


def test_an_area_without_end_is_refused():
    with pytest.raises(ZoneError, match="row 2: area inf is missing, below zero or without end"):
        Zones.from_areas(AREAS.assign(area=[2.0, np.inf, 1.0]))


@pytest.mark.parametrize("said", ["合计", " 合  计 ", "总计", "小计", "全区合计", "Total", "SUM", "subtotal"])
@pytest.mark.parametrize("column", ["zone", "name"])
def test_rows_of_totals_are_no_zones(said, column):
    rows = AREAS.astype({"zone": object})
    rows.loc[2, column] = said
    with pytest.raises(ZoneError, match=r"is a total, not a zone: .* count twice"):
        Zones.from_areas(rows)
    rows.loc[2, column] = f"{said}镇"
    assert len(Zones.from_areas(rows)) == 2


def test_every_declared_missing_value_of_labels_is_outside():
    values = LABELS.copy()
    values[0, 0] = 7777
    listed = raster(values, _FillValue=np.array([0]), missing_value=[7777, 8888])
    assert Zones.from_labels(listed, TABLE).index[0, 0] == -1
