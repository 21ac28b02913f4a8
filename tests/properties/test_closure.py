"""The rule of closure, on accounts drawn at random: every sum is the exact sum of its rows, rounded once."""

from __future__ import annotations

import math
import random
from fractions import Fraction

import pandas as pd
import pytest

from gep.ledger import Ledger


@pytest.fixture
def closure(bench):
    """The module of the long run, ``python -m benchmarks.closure --cases 10000``."""
    return bench("closure")


def test_every_sum_is_the_exact_sum_of_its_rows(closure):
    found = closure.run(12, seed=2026)
    assert found.broken == 0, found.examples
    assert found.rows > 12


def test_every_sum_of_drawn_rows_is_exact(closure, ledger):
    """Rows no account has: of all sizes and signs, that cancel, and that are missing."""
    rng = random.Random(5)
    for _ in range(88):
        led = Ledger(drawn(rng, ledger), ledger.zones, ledger.region, ledger.coverage, ledger.meta)
        assert not closure.faults(led, rng.sample(closure.GROUPS, 3))


def drawn(rng, ledger):
    """The rows of a ledger in another order, some left out, with other values."""
    frame = ledger.frame.sample(frac=rng.choice((0.1, 0.5, 1.0)), random_state=rng.randrange(1 << 30))
    sizes = [10.0 ** rng.randint(-300, 300) for _ in range(rng.randint(1, 4))]

    def value():
        one = rng.uniform(-1, 1) * rng.choice(sizes)
        return rng.choice((one, one, -one, 0.0, math.nan, sizes[0], -sizes[0]))

    return frame.assign(value=[value() for _ in range(len(frame))], quantity=math.nan, price=math.nan)


def test_the_rule_can_be_broken(closure, ledger, monkeypatch):
    """The instrument itself: a sum of floats in order, or one that loses a row, is seen."""
    rows = [1e16, 1.0, -1e16, 1.0]
    assert not closure.same(sum(rows), closure.exact(pd.Series(rows)))
    assert closure.same(math.fsum(rows), closure.exact(pd.Series(rows)))
    assert closure.same(math.nan, closure.exact(pd.Series([math.nan])))
    assert not closure.same(0.0, closure.exact(pd.Series([math.nan])))
    by = Ledger.by

    def losing(self, *keys, **options):
        return by(self, *keys, **options).iloc[1:]

    monkeypatch.setattr(Ledger, "by", losing)
    assert any("zone" in fault for fault in closure.faults(ledger))


def test_another_unit_rounds_once_more(ledger):
    exact = sum(map(Fraction, ledger.counted()["value"].dropna()), Fraction(0))
    for unit in ("亿元", "万元", "10^6 CNY"):
        assert float(ledger.total(unit)) == float(exact) * ledger.factor(unit)
        table = ledger.by("zone", unit=unit)["value"]
        for zone, rows in ledger.counted().groupby("zone")["value"]:
            whole = sum(map(Fraction, rows.dropna()), Fraction(0))
            assert table[zone] == float(whole) * ledger.factor(unit)
