"""The ecosystem extent: areas, unmapped land, codes without a row and rows without cells."""

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gep
from gep.account.extent import build
from gep.errors import GridError, TableError


def test_areas_against_a_plain_loop(case):
    extent = build(case.inputs(), case.zones())
    km2 = case.cell_km2()
    for zone in extent.zones.codes:
        for code, ecosystem in case.classes.items():
            cells = np.equal(case.labels, int(zone)) & np.equal(case.cover, code)
            found = float(extent.area.sel(zone=zone, ecosystem=ecosystem)) / 1e6
            assert found == pytest.approx(km2[cells].sum(), rel=1e-9)


def test_codes_without_a_row_are_listed_with_cells_area_and_a_place(case):
    cover = case.cover.copy()
    cover[2, 3], cover[7, 1], cover[0, 9] = 77, 77, 88  # the last lies outside all zones
    with pytest.raises(TableError) as caught:
        build(case.inputs(cover=cover), case.zones())
    area = case.cell_km2()[[2, 7], [3, 1]].sum()
    assert caught.value.faults[0].where == "land_cover"
    assert (
        caught.value.faults[0].what == f"code 77: 2 cells, {area:.4g} km2, for example at (111.635, 40.935)"
    )
    assert "88" not in str(caught.value)
    assert "1=deciduous_broadleaf_forest" in str(caught.value)
    assert "nodata" in str(caught.value)


def test_rows_without_cells_stand_beside_codes_without_a_row(case):
    cover = np.where(np.equal(case.cover, 4), 77, case.cover).astype(np.uint8)
    with pytest.raises(TableError, match=r"rows of crosswalk 'own' without cells: 4 \(urban\)"):
        build(case.inputs(cover=cover), case.zones())


def test_rows_without_cells_are_a_finding(case):
    inputs = case.inputs(classes={**case.classes, 9: "glacier"})
    assert build(inputs, case.zones()).findings == ("rows of crosswalk 'own' without cells: 9 (glacier)",)


def test_land_without_a_class_is_reported_by_zone(case):
    inputs = case.inputs()
    cover = case.cover.copy()
    cover[0, 0], cover[6, 5:7], cover[6, 9] = 0, 0, 0
    inputs.add_land_cover(case.grid(cover), gep.Crosswalk("own", case.classes, (0,)), status="published")
    unmapped = build(inputs, case.zones()).unmapped.set_index("zone")
    km2 = case.cell_km2()
    assert unmapped["cells"].to_dict() == {"150105101": 1, "150105104": 2}
    assert unmapped["area_m2"].to_list() == pytest.approx([km2[0, 0] * 1e6, 2 * km2[6, 0] * 1e6], rel=1e-9)


@pytest.mark.parametrize(
    ("options", "says"), [({"shift": 0.005}, "not on the grid"), ({"crs": "EPSG:4490"}, "4490")]
)
def test_land_cover_off_the_zones_grid_is_refused(case, options, says):
    inputs = case.inputs()
    inputs.add_land_cover(case.grid(case.cover, **options), case.classes, status="published")
    with pytest.raises(GridError, match=says) as caught:
        build(inputs, case.zones())
    assert caught.value.faults[0].where == "land_cover"
    assert "gep.align(" in caught.value.faults[0].fix


def test_without_land_cover_there_is_no_extent(case):
    with pytest.raises(TableError, match="no land cover"):
        build(gep.Inputs(), case.zones())


def test_a_table_of_areas_is_an_extent(tables):
    extent = build(gep.Inputs(), tables[0])
    assert extent.spec is None
    assert extent.area.sel(zone="a").to_series().to_dict() == {
        "forest": 1e8,
        "cropland": 5e7,
        "grassland": 0.0,
    }
    assert extent.allowed(["forest"]) == ["forest"]
    assert extent.allowed(["desert"]) == []


def test_unknown_ecosystems_of_a_table_are_named():
    areas = pd.DataFrame({"zone": ["a"], "ecosystem": ["jungle"], "area": [1.0]})
    with pytest.raises(TableError, match="jungle"):
        build(gep.Inputs(), gep.Zones.from_areas(areas, unit="km2"))


def test_restricted_keeps_only_what_counts(case):
    extent = build(case.inputs(), case.zones())
    kept = extent.restricted(["cropland"])
    cropland = extent.ecosystems.index("cropland")
    np.testing.assert_array_equal(kept, np.where(np.equal(case.cover, 3), cropland, -1))


def test_land_cover_with_turned_dimensions_is_the_same(case):
    turned = case.inputs()
    turned.add_land_cover(case.grid(case.cover).transpose("lon", "lat"), case.classes, status="published")
    found, before = build(turned, case.zones()).area, build(case.inputs(), case.zones()).area
    np.testing.assert_array_equal(found, before)


def test_a_square_land_cover_with_turned_dimensions_is_not_mirrored():
    """Of a square grid the shape gives nothing away: only names tell rows from columns."""
    place = {"lat": [40.5, 39.5], "lon": [110.5, 111.5]}
    zones = gep.Zones.from_labels(
        gep.set_crs(xr.DataArray([[1, 1], [2, 2]], place, ("lat", "lon")), "EPSG:4326")
    )
    codes = gep.set_crs(
        xr.DataArray(np.array([[1, 1], [3, 3]], np.uint8), place, ("lat", "lon")), "EPSG:4326"
    )
    inputs = gep.Inputs(land_cover=codes.transpose("lon", "lat"), crosswalk="gep", status="published")
    area = build(inputs, zones).area
    assert float(area.sel(zone="1", ecosystem="grassland")) == 0.0
    assert float(area.sel(zone="2", ecosystem="forest")) == 0.0


def test_land_cover_with_a_band_is_taken_or_refused_in_words(case):
    """As rioxarray opens a file: (band, y, x)."""
    try:
        inputs = case.inputs()
        inputs.add_land_cover(case.grid(case.cover).expand_dims("band"), case.classes, status="published")
        area = build(inputs, case.zones()).area
    except gep.GepError:
        return
    np.testing.assert_array_equal(area, build(case.inputs(), case.zones()).area)
