"""Transitions between land-cover maps: nothing is dropped, and the account closes to the last bit."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gep
from gep.ecosystems import Crosswalk
from gep.errors import GepError, GridError, LedgerError, TableError
from gep.grid.cell_area import band_area
from gep.years import transition_series, transitions

ROOT = Path(os.environ.get("GEP_SHARED_DIR") or Path(__file__).resolve().parents[3] / "shared")
DEMAK = ROOT / "data" / "demak" / "annual_lulc_1985_2022.zip"
WALK = Crosswalk("demo", {1: "forest", 2: "cropland", 3: "urban", 4: "forest"}, nodata=(0,))
OLD = [[1, 1, 2], [2, 2, 4], [0, 3, 3]]
NEW = [[1, 2, 2], [3, 0, 1], [0, 3, 1]]


def grid(values, *, south=30.0, step=1.0, dtype="uint8", **attrs):
    values = np.asarray(values, dtype)
    lat = south + step * (values.shape[0] - 0.5 - np.arange(values.shape[0]))
    lon = 110.5 + step * np.arange(values.shape[1])
    return gep.set_crs(
        xr.DataArray(values, {"lat": lat, "lon": lon}, ("lat", "lon"), attrs=attrs), "EPSG:4326"
    )


def row_m2(row, rows=3, south=30.0):
    low = south + rows - 1 - row
    return float(band_area(np.array([low]), np.array([low + 1]), "EPSG:4326")[0]) * np.radians(1.0)


@pytest.fixture
def found():
    return transitions(grid(OLD), grid(NEW), crosswalk=WALK, years=(2010, 2020))


@pytest.fixture
def zones():
    labels = grid([[1, 1, 2], [1, 1, 2], [1, 9, 2]])
    table = pd.DataFrame({"code": [1, 2], "name": ["A", "B"], "county": ["X", "X"]})
    return gep.Zones.from_labels(labels, table, levels=("county",), nodata=9)


def test_pairs_by_hand(found):
    cells = found.frame.set_index(["from", "to"])["cells"].to_dict()
    assert cells == {
        ("forest", "forest"): 2, ("forest", "cropland"): 1, ("cropland", "cropland"): 1,
        ("cropland", "urban"): 1, ("cropland", "unmapped"): 1, ("urban", "urban"): 1,
        ("urban", "forest"): 1, ("unmapped", "unmapped"): 1,
    }  # fmt: skip
    area = found.frame.set_index(["from", "to"])["area_m2"]
    assert area["forest", "forest"] == pytest.approx(row_m2(0) + row_m2(1), rel=1e-13)
    assert area["cropland", "unmapped"] == pytest.approx(row_m2(1), rel=1e-13)
    assert set(found.frame["zone"]) == {"region"}


def test_the_matrix_has_every_type_both_ways(found):
    matrix = found.matrix(unit="cells")
    assert list(matrix.index) == ["forest", "cropland", "urban", "unmapped"]
    assert list(matrix.columns) == list(matrix.index)
    assert (matrix.index.name, matrix.columns.name) == (2010, 2020)
    assert matrix.loc["forest", "cropland"] == 1
    assert matrix.loc["urban", "cropland"] == 0
    assert int(matrix.to_numpy().sum()) == 9
    assert found.matrix(labels="zh").index[-1] == "（无分类）"


def test_the_account_by_hand(found):
    account = found.account(unit="cells")
    assert account.loc["forest"].tolist() == [3, 1, 1, 0, 3]
    assert account.loc["cropland"].tolist() == [3, 1, 2, -1, 2]
    assert account.loc["unmapped"].tolist() == [1, 1, 0, 1, 2]
    hectares = found.account(unit="ha")
    assert hectares.loc["urban", "opening"] == pytest.approx(2 * row_m2(2) / 1e4, rel=1e-12)
    assert hectares.attrs["units"] == "ha"


@pytest.mark.parametrize("unit", ["m2", "ha", "km2", "亩", "cells"])
def test_it_closes_to_the_last_bit(found, unit):
    account = found.account(unit=unit)
    assert (account["opening"] + account["additions"] - account["reductions"] == account["closing"]).all()
    assert (account["opening"] + account["net_change"] == account["closing"]).all()
    assert account["additions"].sum() == account["reductions"].sum()
    assert account["opening"].sum() == account["closing"].sum()


def test_zones_add_up_to_the_whole_without_what_lies_outside(zones):
    found = transitions(grid(OLD), grid(NEW), zones, crosswalk=WALK)
    by_zone = found.account(by="zone")
    assert by_zone.index.names == ["zone", "ecosystem"]
    together = by_zone.groupby(level="ecosystem", sort=False).sum()
    pd.testing.assert_frame_equal(together, found.account(), check_exact=True)
    pd.testing.assert_frame_equal(found.account(by="county").loc["X"], found.account(), check_exact=True)
    pd.testing.assert_frame_equal(found.account("A"), by_zone.loc["1"], check_exact=True)
    assert int(found.matrix(unit="cells").to_numpy().sum()) == 8
    assert int(found.matrix("B", unit="cells").to_numpy().sum()) == 3
    assert found.frame.groupby("zone")["area_m2"].sum().to_dict() == pytest.approx(
        zones.zone_area().to_dict()
    )
    with pytest.raises(LedgerError, match="zone 'C'"):
        found.account("C")
    with pytest.raises(LedgerError, match="no key 'name'"):
        found.account(by="name")
    with pytest.raises(LedgerError, match="zone= or by="):
        found.account("A", by="zone")


def test_unknown_codes_of_all_maps_are_refused_at_once(zones):
    with pytest.raises(TableError) as caught:
        transitions(grid(np.where(np.array(OLD) == 3, 7, OLD)), grid(np.add(NEW, 5)), crosswalk=WALK)
    assert "7 in 2 cells" in str(caught.value)
    assert "land cover opening" in str(caught.value)
    assert "land cover closing" in str(caught.value)
    # outside all zones nobody asks
    outside = np.array(NEW)
    outside[2, 1] = 77
    assert len(transitions(grid(OLD), grid(outside), zones, crosswalk=WALK).frame)


def test_a_declared_fill_value_is_not_mapped():
    old = grid(np.where(np.array(OLD) == 0, 255, OLD), _FillValue=255)
    found = transitions(old, grid(NEW), crosswalk=WALK)
    assert found.account(unit="cells").loc["unmapped", "opening"] == 1
    floats = grid(np.where(np.array(OLD) == 0, np.nan, OLD), dtype="float64")
    pd.testing.assert_frame_equal(
        transitions(floats, grid(NEW), crosswalk=WALK).account(), found.account(), check_exact=True
    )
    with pytest.raises(TableError, match="whole numbers"):
        transitions(floats + 0.5, grid(NEW), crosswalk=WALK)


def test_another_grid_is_refused(zones):
    with pytest.raises(GridError):
        transitions(grid(OLD), grid(NEW, south=31.0), crosswalk=WALK)
    with pytest.raises(GepError):
        transitions(grid(OLD, south=31.0), grid(NEW, south=31.0), zones, crosswalk=WALK)
    areas = pd.DataFrame({"zone": ["a"], "ecosystem": ["forest"], "area": [1.0]})
    with pytest.raises(GridError, match="a table"):
        transitions(grid(OLD), grid(NEW), gep.Zones.from_areas(areas, unit="km2"), crosswalk=WALK)


def test_two_maps_at_least_of_two_names():
    with pytest.raises(LedgerError, match="two or more"):
        transition_series({2010: grid(OLD)}, crosswalk=WALK)
    with pytest.raises(LedgerError, match="both maps"):
        transitions(grid(OLD), grid(NEW), crosswalk=WALK, years=(1, 1))


def test_shipped_crosswalk_by_name():
    found = transitions(grid([[10, 40]] * 2), grid([[40, 40]] * 2), crosswalk="esa-worldcover")
    assert found.account(unit="cells").loc["forest"].tolist() == [2, 0, 2, -2, 0]


def test_many_maps_chain():
    maps = {2000: grid(OLD), 2005: grid(NEW), 2010: grid(NEW), 2020: grid(OLD)}
    series = transition_series(maps, crosswalk=WALK)
    account = series.account()
    assert account.index.names == ["since", "until", "ecosystem"]
    assert list(dict.fromkeys(account.index.droplevel("ecosystem"))) == [
        (2000, 2005),
        (2005, 2010),
        (2010, 2020),
    ]
    assert (account.loc[(2000, 2005)]["closing"] == account.loc[(2005, 2010)]["opening"]).all()
    assert (account.loc[(2005, 2010)][["additions", "reductions", "net_change"]] == 0).all(axis=None)
    assert series.findings == ["the maps 2005 and 2010 are the same in every cell"]
    extent = series.extent(unit="km2")
    assert list(extent.columns) == [2000, 2005, 2010, 2020]
    assert (extent[2000] == extent[2020]).all()
    pair = transitions(grid(OLD), grid(NEW), crosswalk=WALK, years=(2000, 2005))
    np.testing.assert_allclose(series.between(2000, 2005).account(), pair.account(), rtol=1e-12)
    with pytest.raises(LedgerError, match="no map of 2001"):
        series.between(2000, 2001)
    assert "2000, 2005" in repr(series)
    assert "changed" in repr(pair)


def test_shared_cells_count_by_their_part():
    geopandas = pytest.importorskip("geopandas")
    shapely = pytest.importorskip("shapely")
    pytest.importorskip("exactextract")
    like = grid(OLD)
    halves = [shapely.box(110.0, 30.0, 111.5, 33.0), shapely.box(111.5, 30.0, 113.0, 33.0)]
    frame = geopandas.GeoDataFrame({"code": [1, 2]}, geometry=halves, crs="EPSG:4326")
    zones = gep.Zones.from_polygons(frame, like=like, cells="share")
    found = transitions(like, grid(NEW), zones, crosswalk=WALK)
    account = found.account(by="zone")
    assert (account["opening"] + account["additions"] - account["reductions"] == account["closing"]).all()
    whole = transitions(like, grid(NEW), crosswalk=WALK).account()
    np.testing.assert_allclose(account.groupby(level=1, sort=False).sum(), whole, rtol=1e-9, atol=1e-3)


@pytest.mark.skipif(not DEMAK.is_file(), reason="the maps of Demak (GEP_SHARED_DIR) are not here")
def test_the_maps_of_demak_close_in_every_period():
    rasterio = pytest.importorskip("rasterio")
    maps = {}
    for year in (1985, 1990, 1995, *range(2000, 2023)):
        with rasterio.open(f"/vsizip/{DEMAK}/{year}.tif") as opened:
            at = opened.transform
            lat, lon = (
                start + step * (np.arange(size) + 0.5)
                for start, step, size in zip((at.f, at.c), (at.e, at.a), opened.shape, strict=True)
            )
            data = xr.DataArray(opened.read(1), {"lat": lat, "lon": lon}, ("lat", "lon"))
        maps[year] = gep.set_crs(data, "EPSG:4326")
    names = ["open_water", "tidal_flat", "mangrove", "shrubland", "urban", "cropland", "reservoir"]
    series = transition_series(maps, crosswalk=dict(enumerate(names, 1)))
    assert len(series.years) == 26
    for unit in ("ha", "cells"):
        account = series.account(unit=unit)
        assert (account["opening"] + account["additions"] - account["reductions"] == account["closing"]).all()
        for one, other in zip(series.years[1:-1], series.years[2:], strict=True):
            before = account.xs(one, level="until").droplevel("since")["closing"]
            after = account.loc[(one, other)]["opening"]
            assert (before == after).all()
    # a cell is 0.0888 ha, not 0.09: the README beside the maps warns of it
    cells = series.histories["cells"].sum()
    assert cells == 643 * 445
    assert series.histories["area_m2"].sum() / cells / 1e4 == pytest.approx(0.0888, abs=5e-5)
    extent = series.extent(unit="cells")
    assert {y: int((codes == 3).sum()) for y, codes in maps.items()} == extent.loc["mangrove"].to_dict()
    assert series.findings == ["the maps 1985 and 1990 are the same in every cell"]
