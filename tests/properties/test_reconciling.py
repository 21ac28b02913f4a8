"""Bounds contain whatever is possible; balanced matrices add up; slips are named."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import gep
from gep.reconciling import Constraint, balance, bounds, reconcile

few = settings(max_examples=15, deadline=None)
amounts = st.lists(st.floats(0.1, 50.0), min_size=3, max_size=5)


def around(value: float, width: float) -> tuple[float, float]:
    return value - width, value + width


@few
@given(amounts, st.integers(0, 2**32 - 1))
def test_bounds_contain_every_possible_point_and_no_other(values: list[float], seed: int) -> None:
    """Constraints are made true for a point; other random points are inside or break one of them."""
    rng = np.random.default_rng(seed)
    names = tuple(f"p{i}" for i in range(len(values)))
    point = dict(zip(names, values, strict=True))
    total = sum(values)
    part = tuple(rng.choice(names, 2, replace=False))
    share = sum(point[n] for n in part) / total
    stated = [
        Constraint(names, *around(total, rng.uniform(0, 2))),
        Constraint(part, *around(share, rng.uniform(0.001, 0.1)), of=names),
        Constraint((names[0],), high=point[names[0]] + rng.uniform(0, 3)),
    ]
    made = bounds(stated, nonnegative=True)
    assert made.feasible
    assert made.contains(point)
    others = [
        {n: v * f for (n, v), f in zip(point.items(), rng.uniform(0.7, 1.4, 5), strict=False)}
        for _ in range(40)
    ]
    low, high = made.table["low"] - 1e-6, made.table["high"] + 1e-6
    for other in [point, *others]:
        inside = all(low[n] <= other[n] <= high[n] for n in names)
        assert inside or not made.contains(other)
    for name in names:
        for end in ("low", "high"):
            assert made.contains(made.witness(name, end))


@few
@given(amounts, st.integers(0, 2**32 - 1))
def test_an_estimate_lies_inside(values: list[float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    names = tuple(f"p{i}" for i in range(len(values)))
    stated = [Constraint(names, *around(sum(values), 0.01)), Constraint(names[:2], low=sum(values[:2]))]
    made = bounds(stated, nonnegative=True)
    estimate = made.max_entropy(dict(zip(names, rng.uniform(0.1, 5.0, len(names)), strict=True)))
    assert made.contains(estimate["value"])


@few
@given(st.integers(2, 6), st.integers(2, 7), st.floats(0.0, 0.4), st.integers(0, 2**32 - 1))
def test_factors_meet_margins_and_keep_zeros_and_cross_products(
    n: int, m: int, holes: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.lognormal(0, 2, (n, m)) * (rng.random((n, m)) >= holes)
    # margins of another matrix with the same zeros can be met
    wanted = cells * rng.lognormal(0, 1, (n, m))
    assume(cells.any())
    table = pd.DataFrame(cells, [f"r{i}" for i in range(n)], [f"c{j}" for j in range(m)])
    rows, columns = pd.Series(wanted.sum(1), table.index), pd.Series(wanted.sum(0), table.columns)
    made = balance(table, rows=rows, columns=columns).table
    assert np.allclose(made.sum(axis=1), rows, rtol=1e-9, atol=0.0)
    assert np.allclose(made.sum(), columns, rtol=1e-9, atol=0.0)
    after = made.to_numpy()
    assert ((after == 0.0) == (cells == 0.0)).all()
    positive = np.log(np.where(cells > 0.0, after / np.where(cells > 0.0, cells, 1.0), 1.0))
    for i, k in ((0, 1), (n - 1, 0)):
        both = (cells[i] > 0.0) & (cells[k] > 0.0)
        ratio = (positive[i] - positive[k])[both]
        assert np.allclose(ratio, ratio[:1], atol=1e-7)


@few
@given(st.integers(1, 5), st.integers(1, 6), st.booleans(), st.integers(0, 2**32 - 1))
def test_least_squares_meets_margins(n: int, m: int, nonnegative: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells = rng.lognormal(0, 2, (n, m)) if nonnegative else rng.normal(0, 10, (n, m))
    wanted = rng.lognormal(0, 2, (n, m)) * (rng.random((n, m)) > 0.3)
    table = pd.DataFrame(cells, [f"r{i}" for i in range(n)], [f"c{j}" for j in range(m)])
    weights = pd.DataFrame(rng.uniform(0.1, 10.0, (n, m)), table.index, table.columns)
    rows, columns = pd.Series(wanted.sum(1), table.index), pd.Series(wanted.sum(0), table.columns)
    made = balance(
        table, rows=rows, columns=columns, method="least_squares", weights=weights, nonnegative=nonnegative
    )
    scale = wanted.sum() or 1.0
    assert np.abs(made.table.sum(axis=1) - rows).max() <= 1e-9 * scale
    assert np.abs(made.table.sum() - columns).max() <= 1e-9 * scale
    assert not nonnegative or (made.table >= 0.0).all(axis=None)


@few
@given(st.sampled_from(["ras", "least_squares"]), st.integers(0, 2**32 - 1))
def test_what_fits_is_returned(method: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.lognormal(0, 3, (4, 5)), list("abcd"), list("vwxyz"))
    made = balance(table, rows=table.sum(axis=1), columns=table.sum(), method=method)
    assert made.table.equals(table)


SLIPS = {"ratio-1e4": 1e4, "ratio-1e8": 1e8, "ratio-15": 15.0, "ratio-666.67": 1e4 / 15, "ratio-12": 12.0}


@few
@given(st.sampled_from(sorted(SLIPS)), st.booleans(), st.sampled_from(["crops", "livestock", "tourism"]))
def test_a_slip_in_a_published_figure_is_named(
    ledger: gep.Ledger, slip: str, more: bool, service: str
) -> None:
    value = float(ledger.total("亿元", service=service))
    printed = value * SLIPS[slip] if more else value / SLIPS[slip]
    label = ledger.meta.labels[f"service:{service}"]["zh"]
    row = {"category": "total", "service": label, "indicator": "合计", "money_value": f"{printed:.6e}"}
    found = reconcile(ledger, pd.DataFrame([{**row, "money_unit": "亿元"}]))
    assert slip in {c.key for c in found.lines[0].causes}
