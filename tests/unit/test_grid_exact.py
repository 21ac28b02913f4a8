"""Exact sums: what is read back is the float64 nearest to the true sum, as fractions have it."""

import math
from fractions import Fraction

import numpy as np
import pytest

from gep.grid import exact
from gep.grid.exact import ExactSums

RNG = np.random.default_rng(5)


def nearest(terms, exponent=0):
    """The float64 nearest to the sum of terms times a power of two."""
    total = sum(map(Fraction, terms)) * Fraction(2) ** exponent
    try:
        return float(total)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


def bits(values):
    return np.asarray(values, float).view(np.uint64).tolist()


def added(*groups):
    """A sum for each group of terms."""
    sums = ExactSums.zeros(len(groups))
    at = np.repeat(np.arange(len(groups)), [len(g) for g in groups])
    sums.add_values(at, np.array([x for g in groups for x in g], float))
    return sums


GROUPS = {
    "nothing": [],
    "zero": [0.0, 0.0],
    "nothing left": [1e300, 1.0, -1e300, -1.0],
    "tenths": [0.1] * 10,
    "small beside great": [1e100, 1.0, -1e100],
    "smaller than the last bit": [1e16, 1.0, 1e-16, 1e-300, -1e16],
    "denormal": [5e-324] * 3,
    "denormal to normal": [2.2250738585072009e-308, 5e-324],
    "across the whole range": [1.7e308, -5e-324, 3.0, -1.7e308],
    "negative": [-1e17, -1.0, -3e-5],
    "borrow": [2.0**64, -(2.0**-64)],
    "over and back": [1.7e308, 1.7e308, -1.7e308],
    "over": [1.7e308, 1.7e308],
    "under": [-1.7e308, -1.7e308],
    "tie below the largest": [1.7976931348623157e308, 2.0**970],
    "just below that tie": [1.7976931348623157e308, 2.0**970, -5e-324],
}


@pytest.mark.parametrize("terms", GROUPS.values(), ids=GROUPS)
def test_hard_sums(terms):
    assert bits(added(terms).to_float()) == bits([nearest(terms)])


def test_many_sums_at_once_are_as_each_alone():
    groups = list(GROUPS.values())
    assert bits(added(*groups).to_float()) == bits([nearest(g) for g in groups])


@pytest.mark.parametrize("tiny", [0.0, 2.0**-60, 2.0**-75, -(2.0**-75), 2.0**-90, 2.0**-120, -(2.0**-120)])
@pytest.mark.parametrize("odd", [0.0, 1.0])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_ties_go_to_even_wherever_the_digits_begin(tiny, odd, sign):
    """Half of the last bit, a little more and a little less, at every power of two."""
    power = np.arange(-900, 960)
    groups = [sign * np.ldexp([1.0, odd * 2.0**-52, 2.0**-53, tiny], p) for p in power]
    expected = sign * np.ldexp(1.0 + (odd + (odd if tiny == 0 else tiny > 0)) * 2.0**-52, power)
    assert bits(added(*groups).to_float()) == bits(expected)


@pytest.mark.parametrize("exponent", [-1130, -1100, -1030, -600, -32, -1, 0, 31, 32, 33, 600, 900])
def test_integers_with_exponents(exponent):
    edges = [0, 1, -1, 2**31, 2**32 - 1, 2**32, -(2**32), 2**53 + 1, 2**62 - 1, 2**63 - 1, -(2**63)]
    whole = np.concatenate([np.array(edges), RNG.integers(-(2**63), 2**63 - 1, 50)])
    sums = ExactSums.zeros(whole.size)
    sums.add(whole, exponent)
    sums.add(whole[::-1].copy(), exponent - 40)
    expected = [
        nearest([int(a) << 40, int(b)], exponent - 40) for a, b in zip(whole, whole[::-1], strict=True)
    ]
    assert bits(sums.to_float()) == bits(expected)


def test_values_with_an_exponent():
    values = RNG.normal(0, 1e3, 50)
    sums = ExactSums.zeros(1)
    sums.add_values(np.zeros(25, int), values[:25], -45)
    sums.add_values(np.zeros(25, int), values[25:], 70)
    terms = [*np.ldexp(values[:25], -45), *np.ldexp(values[25:], 70)]
    assert bits(sums.to_float()) == bits([nearest(terms)])


def test_what_is_finer_than_the_finest_float64_is_rounded_once():
    sums = ExactSums.zeros(1)
    sums.add(np.array([3]), -1075)  # 1.5 times the least float64, a tie
    sums.add(np.array([-1]), -1134)  # and a little less
    assert sums.to_float().tolist() == [5e-324]


def test_many_terms():
    at = RNG.integers(0, 3, 300_000)
    values = RNG.normal(0, 1, at.size) * 10.0 ** RNG.integers(-12, 12, at.size)
    sums = ExactSums.zeros(3)
    sums.add_values(at, values)
    assert bits(sums.to_float()) == bits([math.fsum(values[at == k]) for k in range(3)])


def test_digits_that_are_passed_on_early_change_nothing(monkeypatch):
    values = RNG.normal(0, 1e9, (60, 4))
    monkeypatch.setattr(exact, "_PATIENCE", 5)
    sums, settled = ExactSums.zeros(4), []
    monkeypatch.setattr(
        ExactSums, "settle", lambda self, own=ExactSums.settle: (settled.append(1), own(self))
    )
    for row in values:
        sums.add_values(np.arange(4), row)
        sums.add(np.full(4, 2**62), -20)
    assert len(settled) > 20
    expected = [nearest([*column, 60 * 2.0**42]) for column in values.T]
    assert bits(sums.to_float()) == bits(expected)


def test_sums_that_double_again_and_again_find_room():
    sums = added([0.1, 2.0**31], [-0.3])
    for _ in range(200):
        sums.merge(np.arange(2), sums.take(np.arange(2)))
    assert bits(sums.to_float()) == bits(np.ldexp([nearest([0.1, 2.0**31]), -0.3], 200))


@pytest.mark.parametrize("exponents", [(-300, 300), (-320, -290), (250, 300)])
def test_merges_in_any_grouping_and_order(exponents):
    values = RNG.normal(0, 1, 200) * 10.0 ** RNG.integers(*exponents, 200)
    at = RNG.integers(0, 4, 200)
    parts = []
    for some in np.array_split(RNG.permutation(200), 9):
        part = ExactSums.zeros(4)
        part.add_values(at[some], values[some])
        parts.append(part)
    while len(parts) > 1:  # any two, until one is left; its sums stand in another order
        a, b = (parts.pop(RNG.integers(len(parts))) for _ in range(2))
        turned = ExactSums.zeros(4)
        turned.merge(np.array([2, 0, 3, 1]), b.take(np.array([2, 0, 3, 1])))
        a.merge(np.arange(4), turned)
        parts.append(a)
    assert bits(parts[0].to_float()) == bits([nearest(values[at == k]) for k in range(4)])


def test_reading_disturbs_nothing():
    sums = added([1e16, 1.0], [-1e-300, 1e16])
    first = sums.to_float()
    assert bits(sums.to_float()) == bits(first)
    sums.add_values(np.array([0, 1]), np.array([1.0, -1e16]))
    assert sums.to_float().tolist() == [1e16 + 2, -1e-300]


ENDLESS = [
    ([math.inf], math.inf),
    ([-math.inf, 1e300], -math.inf),
    ([math.inf, -math.inf], math.nan),
    ([math.inf, math.inf, -5.0], math.inf),
    ([math.nan, 1.0], math.nan),
    ([1.0, 2.0], 3.0),
]


def test_infinities_stay_and_both_are_no_number():
    sums = added(*[terms for terms, _ in ENDLESS])
    expected = [e for _, e in ENDLESS]
    np.testing.assert_array_equal(sums.to_float(), expected)
    again = ExactSums.zeros(len(ENDLESS))
    again.merge(np.arange(len(ENDLESS)), sums)
    np.testing.assert_array_equal(again.to_float(), expected)


def test_infinities_that_meet_by_merging_are_no_number():
    sums = added([math.inf], [math.inf], [1.0])
    sums.merge(np.arange(3), added([-math.inf], [math.inf], [-math.inf]))
    np.testing.assert_array_equal(sums.to_float(), [math.nan, math.inf, -math.inf])


@pytest.mark.parametrize("terms", [[math.inf, 1.0], [-math.inf, -math.inf]])
def test_the_sum_of_infinite_sums_is_infinite(terms):
    assert added(*[[t] for t in terms]).sum().to_float().tolist() == [terms[0]]


def test_the_sum_of_both_infinities_is_no_number():
    assert np.isnan(added([math.inf], [-math.inf]).sum().to_float()).all()


def test_resized_sums_begin_with_the_old_ones():
    sums = added([1e100, 1.0], [math.inf])
    more = sums.resized(4)
    more.add_values(np.array([0, 3]), np.array([-1e100, 7.0]))
    assert len(more) == 4
    assert more.to_float().tolist() == [1.0, math.inf, 0.0, 7.0]
    assert sums.to_float().tolist() == [1e100, math.inf]  # the old ones are their own


def test_taken_sums_are_their_own():
    sums = added([1.0, 1e-30], [2.0], [math.inf])
    taken = sums.take(np.array([1, 2, 1, 0]))
    taken.add_values(np.arange(4), np.array([1.0, 0.0, 0.0, -1.0]))
    assert taken.to_float().tolist() == [3.0, math.inf, 2.0, 1e-30]
    assert sums.to_float().tolist() == [1.0, 2.0, math.inf]


def test_the_sum_of_sums_is_rounded_once():
    groups = [RNG.normal(0, 1, 50) * 10.0 ** RNG.integers(-20, 20, 50) for _ in range(300)]
    total = added(*groups).sum()
    assert len(total) == 1
    assert bits(total.to_float()) == bits([nearest(np.concatenate(groups))])
    assert added().sum().to_float().tolist() == [0.0]


def test_no_sums_at_all():
    sums = ExactSums.zeros(0)
    sums.merge(np.zeros(0, int), ExactSums.zeros(0))
    assert len(sums) == 0
    assert sums.to_float().size == 0
    assert sums.resized(2).to_float().tolist() == [0.0, 0.0]
