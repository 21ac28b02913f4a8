"""float32 fields added up by run: exact to the last bit, whatever the lengths of runs and where they end."""

import math
from fractions import Fraction

import numpy as np
import pytest

from gep.grid.adder import Adder, Place, add_exactly
from gep.grid.cell_area import CellArea
from gep.grid.lanes import LANES
from gep.grid.runs import LONGEST, Runs
from gep.grid.whole import Whole

RNG = np.random.default_rng(11)
COLS = 2500
LENGTHS = sorted({*range(1, 3 * LANES + 2), 100, 959, 960, 961, LONGEST, COLS})


def added(runs, values, area=(1,), cols=None, live=True):
    """The sums of an adder, and the cells that it leaves."""
    adder = Whole(runs, cols or values.size, np.array(area, np.int64), 0, np.full(runs.pairs.size, live))
    spans = adder.add(values)
    left = np.zeros(values.size, bool)
    for first, stop in spans.tolist():
        assert not left[first:stop].any()
        left[first:stop] = True
    return adder.total(), left


def cut(*lengths):
    """A row of zones of these lengths, the last as long as it takes, below rows of one zone."""
    zone = np.zeros((20, COLS), np.int32)
    zone[-1] = np.repeat(np.arange(len(lengths) + 1), [*lengths, COLS - sum(lengths)])
    return Runs.of(zone.ravel(), None, COLS), zone.ravel()


@pytest.mark.parametrize("length", LENGTHS)
def test_runs_of_every_length_and_up_to_the_last_cell(length):
    runs, zone = cut(COLS - length)
    values = RNG.choice([-1, 0, 1], zone.size) * RNG.uniform(100, 1000, zone.size).astype(np.float32)
    values = values.astype(np.float32)
    sums, left = added(runs, values)
    assert not left.any()
    exact = [math.fsum(values[zone == z].tolist()) for z in runs.pairs.zone.tolist()]
    assert sums.to_float().tolist() == exact


@pytest.mark.parametrize("place", [0, 1, LANES - 1, LANES, LONGEST, 3000, -LANES - 1, -LANES, -2, -1])
@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf, 1e-30, 1e30, 5e-324])
def test_runs_with_a_value_that_is_no_integer_are_left(place, odd):
    runs, zone = cut(7, 30, 400)
    values = np.full(zone.size, 3.0, np.float32)
    values[place] = odd
    sums, left = added(runs, values)
    if values[place] == 0:  # too small for a float32
        assert not left.any()
        return
    assert left[place]
    assert left.sum() <= LONGEST or (odd == 1e30 and 0 <= place <= 3000)  # a scale for that value
    whole = np.bincount(zone, ~left * 3.0)[runs.pairs.zone]
    assert sums.to_float().tolist() == whole.tolist()


def test_products_with_area_are_exact():
    runs, zone = cut(10, 20, 30)
    values = RNG.integers(2**12, 2**24, zone.size).astype(np.float32)
    area = [int(a) for a in RNG.integers(2**61, 2**62, 20)]
    sums, left = added(runs, values, area, COLS)
    assert not left.any()
    for z, found in zip(runs.pairs.zone.tolist(), sums.to_float().tolist(), strict=True):
        places = np.flatnonzero(zone == z).tolist()
        exact = sum(Fraction(float(values[i])) * area[i // COLS] for i in places)
        assert found == float(exact)


def test_what_does_not_count_is_passed_over():
    runs, zone = cut(10, 20)
    sums, left = added(runs, np.full(zone.size, np.nan, np.float32), live=False)
    assert not left.any()
    assert not sums.to_float().any()


@pytest.mark.parametrize("single", [True, False])
def test_what_is_left_in_many_spans_is_added_exactly(single):
    """So many cells have rests that the place for them is full again and again, between spans that fit."""
    shape = 64, 4096
    zone = RNG.integers(0, 5, shape) if single else np.repeat(RNG.integers(0, 5, (64, 128)), 32, axis=1)
    runs = Runs.of(zone.astype(np.int32).ravel(), None, shape[1])
    assert runs.single == single
    values = np.ldexp(RNG.uniform(0.5, 1, shape), RNG.integers(-60, 10, shape))
    values[:, ::1024] = np.nan
    values[RNG.random((64, 8)).repeat(512, axis=1) < 0.5] = 3.0
    values = values.astype(np.float32)
    place = Place.of(CellArea.constant(900.0, shape), 0, shape[0], 0, shape[1])
    sums, table = add_exactly(values.ravel(), runs, place, np.ones(runs.pairs.size, bool), per_area=False)
    for z, found in zip(runs.pairs.zone.tolist(), sums.to_float().tolist(), strict=True):
        assert found == math.fsum(values[(zone == z) & ~np.isnan(values)].tolist())
    assert table[:, 2].tolist() == [np.isnan(values[zone == z]).sum() for z in runs.pairs.zone]


@pytest.mark.parametrize("place", [5000, 5100, 6000, 7000, -1])
def test_a_value_far_above_the_scale_is_met_anywhere_in_a_run(place):
    runs, zone = cut(7)
    values = RNG.uniform(0, 1, zone.size)
    values[place] = 1e30
    place_of = Place.of(CellArea.constant(900.0, (20, COLS)), 0, 20, 0, COLS)
    adder = Adder(runs, place_of, np.ones(1), np.ones(runs.pairs.size, bool))
    adder.add(values, 0)
    exact = [math.fsum(values[zone == z].tolist()) for z in runs.pairs.zone.tolist()]
    assert adder.total().to_float().tolist() == exact
