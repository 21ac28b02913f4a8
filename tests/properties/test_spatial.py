"""Totals do not depend on resolution, alignment keeps what its kind must keep, areas add up."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gep.errors import GridError
from gep.grid.alignment import align, place
from gep.grid.georef import GridSpec
from gep.grid.positions import contingency, integrate

SPATIAL = settings(deadline=None, max_examples=60)

VALUES = st.floats(0, 1e6, allow_subnormal=False)


@st.composite
def specs(draw, crs="EPSG:4326"):
    rows, cols = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    dy, dx = draw(st.floats(0.01, 5)), draw(st.floats(0.01, 5))
    north, west = draw(st.floats(-30, 80)), draw(st.floats(-180, 100))
    up = draw(st.booleans())
    e, f = (dy, north - rows * dy) if up else (-dy, north)
    return GridSpec(crs, (dx, 0.0, west, 0.0, e, f), (rows, cols), ("lat", "lon"))


def finer(spec, k=2):
    a, b, c, d, e, f = spec.transform
    rows, cols = spec.shape
    return GridSpec(spec.crs, (a / k, b, c, d, e / k, f), (rows * k, cols * k), spec.dims)


def repeat(values, k=2):
    return np.repeat(np.repeat(values, k, axis=0), k, axis=1)


def fields(shape, *, holes=True):
    drawn = hnp.arrays(float, shape, elements=VALUES)
    if not holes:
        return drawn
    return st.tuples(drawn, hnp.arrays(bool, shape)).map(lambda p: np.where(p[1], np.nan, p[0]))


@SPATIAL
@given(st.data(), specs(), st.sampled_from([2, 3]))
def test_totals_do_not_change_under_refinement(data, spec, k):
    field = data.draw(fields(spec.shape))
    zone = data.draw(hnp.arrays(np.int32, spec.shape, elements=st.integers(-1, 2)))
    cls = data.draw(hnp.arrays(np.int64, spec.shape, elements=st.integers(-1, 1)))
    fine = finer(spec, k)
    for per_area, share in ((True, 1.0), (False, 1.0 / k**2)):
        a = integrate(field, zone, cls, spec.cell_area(), 3, 2, per_area=per_area)
        many = (repeat(field, k) * share, repeat(zone, k), repeat(cls, k))
        b = integrate(*many, fine.cell_area(), 3, 2, per_area=per_area)
        np.testing.assert_allclose(b.total, a.total, rtol=1e-11)
        np.testing.assert_allclose(b.covered_area, a.covered_area, rtol=1e-11)
        np.testing.assert_allclose(b.missing_area, a.missing_area, rtol=1e-11)


@pytest.mark.parametrize("crs", ["EPSG:32649", "EPSG:6933"])
@SPATIAL
@given(st.data())
def test_projected_totals_do_not_change_under_refinement(crs, data):
    pytest.importorskip("pyproj")
    spec = GridSpec(crs, (5000.0, 0.0, 4e5, 0.0, -5000.0, 4.5e6), (6, 7), ("y", "x"))
    field = data.draw(fields(spec.shape))
    zone = np.zeros(spec.shape, np.int32)
    a = integrate(field, zone, zone, spec.cell_area(), 1, 1, per_area=True)
    b = integrate(repeat(field), repeat(zone), repeat(zone), finer(spec).cell_area(), 1, 1, per_area=True)
    np.testing.assert_allclose(b.total, a.total, rtol=1e-9)


@SPATIAL
@given(st.data(), specs(), st.integers(1, 50))
def test_blocks_never_matter(data, spec, block):
    field = data.draw(fields(spec.shape))
    zone = data.draw(hnp.arrays(np.int32, spec.shape, elements=st.integers(-1, 1)))
    cls = np.zeros(spec.shape, np.int64)
    whole = integrate(field, zone, cls, spec.cell_area(), 2, 1, per_area=True)
    parts = integrate(field, zone, cls, spec.cell_area(), 2, 1, per_area=True, block_cells=block)
    np.testing.assert_array_equal(parts.total, whole.total)
    np.testing.assert_array_equal(parts.cells_missing, whole.cells_missing)


@SPATIAL
@given(st.data(), specs())
def test_covered_and_missing_make_the_zone(data, spec):
    field = data.draw(fields(spec.shape))
    zone = data.draw(hnp.arrays(np.int32, spec.shape, elements=st.integers(-1, 2)))
    cls = data.draw(hnp.arrays(np.int64, spec.shape, elements=st.integers(-1, 2)))
    sums = integrate(field, zone, cls, spec.cell_area(), 3, 3, per_area=True)
    counts, areas = contingency(zone, cls, spec.cell_area(), 3, 3)
    np.testing.assert_allclose(sums.covered_area + sums.missing_area, areas, rtol=1e-14)
    assert counts.sum() == ((zone >= 0) & (cls >= 0)).sum()
    everything = np.zeros(spec.shape, np.int32)
    _, whole = contingency(everything, everything, spec.cell_area(), 1, 1)
    assert whole[0, 0] == pytest.approx(spec.cell_area().total(), rel=1e-14)


def _holder(spec, shift, size):
    """Return a grid of other cells that surely holds ``spec``."""
    west, south, east, north = spec.bounds
    a, e = spec.transform[0] * size, abs(spec.transform[4]) * size * 0.9
    cols = int(np.ceil((east - west) / a)) + 1
    rows = int(np.ceil((north - south) / e)) + 1
    return GridSpec(spec.crs, (a, 0.0, west - shift * a, 0.0, -e, north + shift * e), (rows, cols), spec.dims)


@SPATIAL
@given(st.data(), specs(), st.floats(0, 0.99), st.floats(0.3, 4))
def test_alignment_keeps_amounts(data, spec, shift, size):
    people = data.draw(fields(spec.shape))
    assume(np.isfinite(people).any())
    target = _holder(spec, shift, size)
    assume(target.bounds[1] > -90)
    assume(target.bounds[3] < 90)
    grid = place(xr.DataArray(people, dims=spec.dims, attrs={"units": "person"}), spec)
    out = align(grid, target)
    assert float(out.sum()) == pytest.approx(np.nansum(people), rel=1e-12)


@SPATIAL
@given(st.data(), specs(), st.floats(0, 0.99), st.floats(1.2, 4))
def test_alignment_keeps_integrals_of_densities(data, spec, shift, size):
    """Taken back by the area that was really covered, a density keeps its integral."""
    field = data.draw(fields(spec.shape, holes=False))
    target = _holder(spec, shift, size)
    assume(target.bounds[1] > -90)
    assume(target.bounds[3] < 90)
    grid = place(xr.DataArray(field, dims=spec.dims, attrs={"units": "t/ha"}), spec)
    covered = np.broadcast_to(spec.cell_area().rows(0, spec.shape[0]), spec.shape)
    area = place(xr.DataArray(covered.copy(), dims=spec.dims, attrs={"units": "m2"}), spec)
    after = float((align(grid, target) * align(area, target, kind="amount")).sum())
    assert after == pytest.approx((field * covered).sum(), rel=1e-11)


@SPATIAL
@given(st.data(), specs(), st.floats(0, 0.99), st.floats(0.3, 4))
def test_alignment_invents_no_class(data, spec, shift, size):
    classes = data.draw(hnp.arrays(np.uint8, spec.shape, elements=st.sampled_from([3, 77, 200])))
    grid = place(xr.DataArray(classes, dims=spec.dims, attrs={"units": "class", "_FillValue": 255}), spec)
    target = _holder(spec, shift, size)
    assume(target.bounds[1] > -90)
    assume(target.bounds[3] < 90)
    try:
        out = align(grid, target)
    except GridError:
        reject()  # a small source may hold no centre of the larger target cells
    assert out.dtype == np.uint8
    assert set(np.unique(out)) <= {*np.unique(classes).tolist(), 255}


@SPATIAL
@given(specs())
def test_a_grid_is_itself_and_reads_back(spec):
    assume(abs(spec.bounds[1]) < 90)
    data = place(xr.DataArray(np.zeros(spec.shape), dims=spec.dims), spec)
    again = GridSpec.of(data)
    assert spec.differences(again) == []
    assert spec.differences(finer(spec)) != []
