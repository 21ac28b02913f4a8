"""The engine: sums by zone and class."""

import math

import numpy as np
import pytest
import xarray as xr

from gep.grid.blocks import pieces
from gep.grid.georef import GridSpec
from gep.grid.positions import contingency, integrate

RNG = np.random.default_rng(11)
SPEC = GridSpec("EPSG:4326", (0.01, 0.0, 111.0, 0.0, -0.01, 41.0), (97, 131), ("lat", "lon"))
AREA = SPEC.cell_area()
CELLS = np.broadcast_to(AREA.rows(0, 97), SPEC.shape)
ZONE = RNG.integers(-1, 5, SPEC.shape).astype(np.int32)
CLS = RNG.integers(-1, 4, SPEC.shape)
FIELD = np.where(RNG.random(SPEC.shape) < 0.1, np.nan, RNG.lognormal(0, 5, SPEC.shape))


def _both(z, c):
    return np.equal(ZONE, z) & np.equal(CLS, c)


def exact(values, mask):
    return math.fsum(values[mask & np.isfinite(values)])


def test_contingency_against_a_plain_loop():
    counts, areas = contingency(ZONE, CLS, AREA, 6, 4)
    assert counts.dtype == np.int64
    assert counts.shape == areas.shape == (6, 4)
    for z in range(6):
        for c in range(4):
            mask = _both(z, c)
            assert counts[z, c] == mask.sum()
            assert areas[z, c] == pytest.approx(exact(CELLS, mask), rel=1e-15)
    assert counts[5].sum() == 0


@pytest.mark.parametrize("per_area", [True, False])
def test_integrate_against_exact_sums(per_area):
    sums = integrate(FIELD, ZONE, CLS, AREA, 5, 4, per_area=per_area)
    weighted = FIELD * CELLS if per_area else FIELD
    for z in range(5):
        for c in range(4):
            assert sums.total[z, c] == pytest.approx(exact(weighted, _both(z, c)), rel=4e-16)


@pytest.mark.parametrize("block", [1, 131, 1000, 5000, 2**20])
def test_blocks_do_not_change_the_result(block):
    whole = integrate(FIELD, ZONE, CLS, AREA, 5, 4, per_area=True)
    parts = integrate(FIELD, ZONE, CLS, AREA, 5, 4, per_area=True, block_cells=block)
    np.testing.assert_allclose(parts.total, whole.total, rtol=1e-15)
    np.testing.assert_allclose(parts.covered_area, whole.covered_area, rtol=1e-15)
    np.testing.assert_array_equal(parts.cells_missing, whole.cells_missing)


def test_missing_adds_up_with_covered():
    sums = integrate(FIELD, ZONE, CLS, AREA, 5, 4, per_area=True)
    _, areas = contingency(ZONE, CLS, AREA, 5, 4)
    np.testing.assert_allclose(sums.covered_area + sums.missing_area, areas, rtol=1e-15)
    holes = np.isnan(FIELD) & (ZONE >= 0) & (CLS >= 0)
    assert sums.cells_missing.sum() == holes.sum()


def test_no_valid_cell_is_missing_and_no_cell_is_zero():
    zone = np.array([[0, 1], [1, 1]], np.int32)
    area = GridSpec("EPSG:4326", (1.0, 0.0, 0.0, 0.0, -1.0, 1.0), (2, 2), ("y", "x")).cell_area()
    field = np.array([[np.nan, 2.0], [np.nan, 3.0]])
    sums = integrate(field, zone, np.zeros((2, 2), int), area, 3, 1, per_area=False)
    assert np.isnan(sums.total[0, 0])
    assert sums.total[1:, 0].tolist() == [5.0, 0.0]
    assert sums.covered_area[[0, 2], 0].tolist() == [0.0, 0.0]
    assert sums.cells_missing.ravel().tolist() == [1, 1, 0]


def test_float32_and_integers_are_added_in_float64():
    small = np.full(SPEC.shape, 0.1, np.float32)
    whole = np.zeros(SPEC.shape, np.int32)
    sums = integrate(small, whole, whole, AREA, 1, 1, per_area=False)
    assert sums.total[0, 0] == pytest.approx(float(np.float32(0.1)) * small.size, rel=1e-15)
    ones = np.ones(SPEC.shape, np.uint8)
    assert integrate(ones, whole, whole, AREA, 1, 1, per_area=False).total[0, 0] == 97 * 131


def test_great_cancellation_survives():
    field = RNG.normal(0, 1e9, SPEC.shape)
    field[0, 0] = 1e16
    field[-1, -1] = -1e16
    whole = np.zeros(SPEC.shape, np.int32)
    got = integrate(field, whole, whole, AREA, 1, 1, per_area=False, block_cells=1000).total[0, 0]
    assert got == pytest.approx(math.fsum(field.ravel()), rel=1e-12)


def test_infinite_values_stay_infinite():
    field = np.ones(SPEC.shape)
    field[4, 4] = np.inf
    whole = np.zeros(SPEC.shape, np.int32)
    assert integrate(field, whole, whole, AREA, 1, 1, per_area=False).total[0, 0] == np.inf


def test_dask_is_read_block_by_block():
    array = pytest.importorskip("dask.array")
    seen = []

    def watch(block):
        seen.append(block.shape)
        return block

    chunked = array.from_array(FIELD, chunks=(10, 131))
    lazy = xr.DataArray(chunked.map_blocks(watch, dtype=float, meta=FIELD[:0]))
    got = integrate(lazy, ZONE, CLS, AREA, 5, 4, per_area=True, block_cells=1310)
    np.testing.assert_allclose(
        got.total, integrate(FIELD, ZONE, CLS, AREA, 5, 4, per_area=True).total, rtol=1e-15
    )
    assert len(seen) == 10


def test_shapes_and_positions_are_checked():
    with pytest.raises(ValueError, match="field has shape"):
        integrate(FIELD[:5], ZONE, CLS, AREA, 5, 4, per_area=True)
    with pytest.raises(ValueError, match="shapes differ"):
        contingency(ZONE[:5], CLS[:5], AREA, 5, 4)
    with pytest.raises(ValueError, match="beyond 4 zones"):
        contingency(ZONE, CLS, AREA, 4, 4)


def test_pieces_cover_every_cell_once():
    assert [r.stop - r.start for r, _ in pieces((7, 3), 6)] == [2, 2, 2, 1]
    assert list(pieces((2, 100), 60)) == [
        (slice(0, 1), slice(0, 60)), (slice(0, 1), slice(60, 100)),
        (slice(1, 2), slice(0, 60)), (slice(1, 2), slice(60, 100)),
    ]  # fmt: skip
    assert list(pieces((0, 5))) == []
