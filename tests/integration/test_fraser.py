"""The example on the Fraser, on its real files: wrong things are refused, and totals hold."""

import importlib.util
import os
import sys
from dataclasses import replace
from math import fsum
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import gep

HERE = Path(__file__).resolve().parents[2]
ROOT = Path(os.environ.get("GEP_SHARED_DIR") or HERE.parent / "shared")
FOLDER = (ROOT / "data" if (ROOT / "data").is_dir() else ROOT) / "fraser"
pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the folder of real data (GEP_SHARED_DIR) is not here"
)

#: What the library must refuse, and what it must at least remark upon.
REFUSED = {"dem", "gradient", "pop", "tp", "thetas1_f", "waterreg", "landuse"}
NOTICED = {"pixarea", "cellsize"}


@pytest.fixture(scope="module")
def fraser():
    pytest.importorskip("netCDF4")
    spec = importlib.util.spec_from_file_location("fraser", HERE / "examples" / "fraser.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["fraser"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["fraser"]


@pytest.fixture(scope="module")
def raw(fraser):
    return fraser.read(FOLDER)


@pytest.fixture(scope="module")
def right(fraser, raw):
    return fraser.corrected(raw)


@pytest.fixture(scope="module")
def parts(fraser, right):
    return fraser.build(right)


@pytest.fixture(scope="module")
def ledger(fraser, parts):
    return fraser.account(parts)


def test_example_runs_and_its_account_is_read_back(fraser, tmp_path, capsys):
    ledger = fraser.main([str(FOLDER), "--out", str(tmp_path)])
    printed = capsys.readouterr().out
    for part in ("2.41% too large", "31 complete years", "never add or mix", "refused: ", "illustrative"):
        assert part in printed
    assert "believed" not in printed
    again = gep.Ledger.read(tmp_path / "ledger.csv")
    assert again.total("CAD") == ledger.total("CAD") > 0
    assert ledger.services == ["water_conservation", "soil_retention"]
    assert set(ledger.frame["status"]) == {"illustrative"}


def test_areas_are_below_those_of_the_file(fraser, raw):
    zones = fraser.basins(raw["basins"])
    assert 0.023 < fraser.area_excess(raw, zones) < 0.025
    by_row = raw["pixarea"].to_numpy() / fraser.cell_areas(zones) - 1
    assert 0.0225 < by_row.min() < by_row.max() < 0.0255
    np.testing.assert_allclose(raw["cellsize"] * 1e6, raw["pixarea"], rtol=1e-6)


def test_every_wrong_file_is_refused_or_noticed(fraser, raw, parts):
    found = fraser.attempts(raw, parts)
    assert {a.file for a in found if a.refused} == REFUSED
    assert {a.file for a in found if not a.refused} == NOTICED
    said = {a.file: a.answer for a in found if not a.refused}
    assert "(-2.4 %)" in said["pixarea"]
    assert said["cellsize"].endswith("times too small: km2 read as m2?")


def test_something_believed_or_refused_for_another_reason_stops_the_example(fraser):
    with pytest.raises(RuntimeError, match="was believed"):
        fraser.attempt("x", "as it is", "no unit", lambda: None)
    with pytest.raises(gep.GepError, match="no profile 'none'"):
        fraser.attempt("x", "as it is", "no unit", lambda: gep.load_profile("none"))


def test_a_file_that_comes_with_another_unit_is_looked_at_again(fraser, raw):
    changed = {**raw, "pop": raw["pop"].assign_attrs(units="person/km2")}
    with pytest.raises(ValueError, match="look at it again"):
        fraser.corrected(changed)


def test_31_complete_years_of_rain(fraser, right, parts):
    years = fraser.complete_years(right["tp"])
    assert years == list(range(1987, 2018))
    assert len(years) == 31
    used = right["tp"].sel(time=slice("1987-01-01", "2017-12-31"))
    np.testing.assert_allclose(parts.grids["precipitation"], used.sum("time") / 31, rtol=1e-9)


def test_class_and_fraction_totals_differ_but_cover_the_same_land(fraser, right, parts, ledger):
    table = fraser.two_extents(right, parts)
    both = table.groupby("basin").sum()
    np.testing.assert_allclose(both["by dominant class"], ledger.zones["area_m2"] / 1e6, rtol=1e-9)
    np.testing.assert_allclose(both["by fraction"], both["by dominant class"], rtol=1e-6)
    land = table.groupby("ecosystem").sum()
    assert land.loc["forest", "by dominant class"] > 1.2 * land.loc["forest", "by fraction"]
    assert land.loc["open_water", "by dominant class"] == 0.0
    assert land.loc["open_water", "by fraction"] > 100.0


@pytest.mark.parametrize("keys", [("zone",), ("service",), ("zone", "ecosystem", "service"), ("item",)])
def test_parts_add_up_to_the_total(ledger, keys):
    parts = ledger.by(*keys, unit="CAD")["value"]
    assert fsum(parts) == pytest.approx(ledger.total("CAD"), rel=1e-9)


def test_population_is_that_of_the_file_inside_the_basins(raw, ledger):
    inside = raw["pop"].to_numpy()[raw["basins"].to_numpy() != 99]
    assert ledger.zones["population"].sum() == pytest.approx(inside.sum(), rel=1e-12)
    assert inside.sum() < float(raw["pop"].sum())
    assert ledger.per_capita("CAD/person") == pytest.approx(ledger.total("CAD") / inside.sum(), rel=1e-12)


def test_nothing_is_uncovered_and_land_outside_is_said(ledger):
    assert ledger.coverage.empty
    assert any("64 cells" in text and "outside all zones" in text for text in ledger.meta.findings)


def test_water_by_hand(fraser, parts, ledger):
    """The physical account is rain less runoff and evaporation times true area, computed here anew."""
    area = fraser.cell_areas(fraser.basins(parts.labels))
    rain, lost = (parts.grids[n].to_numpy() for n in ("precipitation", "evapotranspiration"))
    share = np.where(parts.land_cover == 1, 0.0452, 0.0913)
    kept = np.maximum(rain * (1 - share) - lost, 0.0) / 1000.0 * area
    expected = kept[parts.labels.to_numpy() != 99].sum()
    rows = ledger.frame[ledger.frame["service"] == "water_conservation"]
    assert rows["quantity"].sum() == pytest.approx(expected, rel=1e-9)


def finer(data, times):
    """Cut every cell into ``times`` x ``times`` of the same value; persons are shared out."""
    if data.attrs.get("units") == "person":
        data = data / times**2
    axes = {}
    for dim in ("lat", "lon"):
        centres = data[dim].to_numpy()
        step = (centres[-1] - centres[0]) / (centres.size - 1)
        inside = (np.arange(times) + 0.5) / times - 0.5
        axes[dim] = (centres[:, None] + step * inside).ravel()
    values = data.to_numpy().repeat(times, axis=0).repeat(times, axis=1)
    return gep.set_crs(xr.DataArray(values, axes, ("lat", "lon")), "EPSG:4326")


@pytest.mark.parametrize("times", [2, 3])
def test_finer_cells_change_no_total(fraser, parts, ledger, times):
    grids = {name: finer(grid, times).assign_attrs(grid.attrs) for name, grid in parts.grids.items()}
    cut = replace(
        parts,
        land_cover=finer(parts.land_cover, times).assign_attrs(parts.land_cover.attrs),
        labels=finer(parts.labels, times),
        grids=grids,
    )
    fine = fraser.account(cut)
    assert fine.total("CAD") == pytest.approx(ledger.total("CAD"), rel=1e-9)
    keys = ["zone", "ecosystem", "indicator"]
    one, other = (x.frame.set_index(keys).sort_index() for x in (ledger, fine))
    assert one.index.equals(other.index)
    np.testing.assert_allclose(other["value"], one["value"], rtol=1e-9)
    np.testing.assert_allclose(other["quantity"], one["quantity"], rtol=1e-9)
    np.testing.assert_allclose(fine.zones["area_m2"], ledger.zones["area_m2"], rtol=1e-9)
    np.testing.assert_allclose(fine.zones["population"], ledger.zones["population"], rtol=1e-9)
