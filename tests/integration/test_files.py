"""A user's way with files: GeoTIFFs, a GeoPackage, CSVs, a filled-in template, a workbook."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import gep
from gep.inputs import GridInput

gpd = pytest.importorskip("geopandas", reason="needs the extra geo")
rioxarray = pytest.importorskip("rioxarray", reason="needs the extra geo")
rasterio = pytest.importorskip("rasterio", reason="needs the extra geo")
from rasterio.transform import from_origin  # noqa: E402
from shapely.geometry import box  # noqa: E402

TRANSFORM = from_origin(400_000, 4_500_000, 100, 100)  # UTM 49N


@pytest.fixture
def folder(tmp_path):
    """Files as they lie in a bureau: rasters with a band and a nodata value, polygons, tables."""
    rng = np.random.default_rng(1)
    codes = rng.choice([1, 3, 5], (40, 60)).astype("uint8")
    codes[0, :3] = 0
    rain = rng.uniform(380, 450, (40, 60)).astype("float32")
    rain[5:7, 5:7] = -9999.0
    for name, values, nodata in (("clcd", codes, 0), ("rain", rain, -9999.0), ("et", rain * 0.8, -9999.0)):
        with rasterio.open(
            tmp_path / f"{name}.tif", "w", driver="GTiff", height=40, width=60, count=1,
            dtype=values.dtype, crs="EPSG:32649", transform=TRANSFORM, nodata=nodata,
        ) as file:  # fmt: skip
            file.write(np.where(rain < 0, -9999.0, values) if name == "et" else values, 1)
    towns = gpd.GeoDataFrame(
        {"code": ["150105101", "150105103"], "name": ["榆林镇", "黄合少镇"], "county": ["赛罕区"] * 2},
        geometry=[
            box(400_000, 4_496_000, 403_000, 4_500_000),
            box(403_000, 4_496_000, 406_000, 4_500_000),
        ],
        crs="EPSG:32649",
    )
    towns.to_crs("EPSG:4326").to_file(tmp_path / "towns.gpkg")
    return tmp_path


def read(path, **attrs):
    return rioxarray.open_rasterio(path).assign_attrs(attrs)


def compiled(folder, **options):
    cover = read(folder / "clcd.tif", status="published")
    zones = gep.Zones.from_polygons(
        folder / "towns.gpkg", like=cover, code="code", levels=["county"], region="赛罕区"
    )
    inputs = gep.Inputs()
    walk = {1: "dryland", 3: "temperate_steppe", 5: "open_water"}
    inputs.add_land_cover(cover, walk, source="drawn")
    grids = {
        "precipitation": read(folder / "rain.tif", units="mm/year", status="published"),
        "evapotranspiration": read(folder / "et.tif", units="mm/year", status="published"),
    }
    inputs.add_grids(grids)
    profile = gep.load_profile("mee-2020").only("water_conservation")
    profile = profile.using(coefficients=["garze-2010"], regions=["513300"])
    return profile, inputs, zones, gep.compile_account(profile, inputs, zones, 2010, **options)


def test_rasters_and_polygons_to_an_account(folder):
    *_, ledger = compiled(folder)
    steppe = ledger.extent[ledger.extent["ecosystem"] == "temperate_steppe"]["area_m2"].sum()
    # true areas in UTM differ from the nominal 100 m by less than a thousandth
    assert 0 < abs(ledger.zones["area_m2"].sum() / (40 * 60 * 1e4) - 1) < 1e-3
    assert ledger.zones["name"].tolist() == ["榆林镇", "黄合少镇"]
    value = float(ledger.total("CNY"))
    by_hand = 415e-3 * (1 - 0.0394 - 0.8) * steppe * 7.06
    assert value == pytest.approx(by_hand, rel=0.05)
    notes = str(ledger.total())
    assert "precipitation and evapotranspiration missing" in notes
    assert "land_cover has no class there" in notes
    assert ledger.by("county")["value"].sum() == pytest.approx(ledger.by("zone")["value"].sum(), rel=1e-12)


def test_dask_gives_the_same_to_the_last_bit(folder):
    pytest.importorskip("dask")
    _, inputs, zones, ledger = compiled(folder)
    for name, grid in inputs.grids.items():
        lazy = GridInput(grid.data.chunk({"y": 7, "x": 11}), grid.status, grid.source)
        inputs.grids[name] = lazy
    profile = gep.load_profile("mee-2020").only("water_conservation")
    profile = profile.using(coefficients=["garze-2010"], regions=["513300"])
    again = gep.compile_account(profile, inputs, zones, 2010)
    pd.testing.assert_frame_equal(again.frame, ledger.frame)


def test_a_filled_in_template_is_an_account(folder):
    profile = gep.load_profile("mee-2020").only("crops").using(crops="net_output")
    written = profile.template(folder / "to_fill_in", ["150105101"], price_year=2020)
    assert {p.name for p in written} >= {"tables.csv", "coefficients.csv", "grids.csv"}
    table = pd.read_csv(folder / "to_fill_in" / "tables.csv", dtype=str, keep_default_na=False)
    row = table["variable"] == "crop_net_output"
    table.loc[row, ["value", "status", "source"]] = ["1.2e8", "published", "yearbook"]
    table.to_csv(folder / "to_fill_in" / "tables.csv", index=False, encoding="utf-8-sig")
    inputs = gep.Inputs(tables=[folder / "to_fill_in" / "tables.csv"])
    zones = gep.Zones.from_areas(
        pd.DataFrame({"zone": ["150105101"], "ecosystem": ["cropland"], "area": [300.0]}), unit="km2"
    )
    report = gep.check(profile, inputs, zones, 2020)
    assert not report.errors
    assert any("population" in note for note in report.notes), "what nobody filled in is named"
    assert float(gep.compile_account(profile, inputs, zones, 2020).total("亿元")) == pytest.approx(1.2)
    with pytest.raises(FileExistsError):
        profile.template(folder / "to_fill_in")


def test_the_template_workbook_opens(folder):
    openpyxl = pytest.importorskip("openpyxl")
    written = gep.load_profile("mee-2020").template(folder / "book", price_year=2020)
    book = openpyxl.load_workbook(next(p for p in written if p.suffix == ".xlsx"))
    assert book.sheetnames == ["tables", "coefficients", "grids"]
    assert book["tables"]["A1"].value == "variable"
    assert book["tables"].freeze_panes == "A2"
