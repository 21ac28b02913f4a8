"""Properties of uncertainty: terms are the function they were measured on, and figures keep order."""

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from gep import Ledger
from gep.ledger.parts import Meta
from gep.uncertainty import Factor, Uncertainty
from gep.uncertainty.first_order import moments
from gep.uncertainty.measuring import Responses
from gep.uncertainty.ranges import READINGS
from gep.uncertainty.terms import build, measured

numbers = st.floats(-1e3, 1e3).filter(lambda v: v == 0.0 or abs(v) > 1e-3)
parts = st.floats(0.05, 0.95)


@st.composite
def factors(draw, n):
    made = []
    for i in range(n):
        value = draw(st.floats(0.1, 100.0))
        low, high = value * (1 - draw(parts)), value * (1 + draw(parts))
        one_sided = draw(st.sampled_from(["", "low", "high"]))
        low, high = (value if one_sided == "low" else low), (value if one_sided == "high" else high)
        law = draw(st.sampled_from(sorted(READINGS)))
        made.append(
            Factor(f"f{i}", "coefficient", value, low, high, law, source=draw(st.sampled_from(["", "s"])))
        )
    return made


def of(rows, chosen, values):
    """Rows a + b x + c y of two factors, times a third, by numbers of each row."""
    x, y, z = values
    return (rows[:, 0] + rows[:, 1] * x / chosen[0].value + rows[:, 2] * y / chosen[1].value) * z


def ledger_of(values):
    n = len(values)
    frame = pd.DataFrame(
        {"zone": [f"z{i % 3}" for i in range(n)], "item": [str(i) for i in range(n)], "value": values}
    )
    frame = frame.assign(
        year=2020, ecosystem="", category="provisioning", service="crops", indicator="line", quantity=np.nan,
        quantity_unit="", price=np.nan, price_unit="", price_year="CNY_2020", status="published",
        coefficient_status="", spread="", run="crops.line",
    )  # fmt: skip
    zones = pd.DataFrame({"name": list("abc"), "area_m2": 1e6}, index=["z0", "z1", "z2"])
    return Ledger(frame, zones, {}, pd.DataFrame(), Meta({"id": "x"}, "whole", "0", [], [], {}, [], {}))


def plain(row):
    """Parts that cancel at the best values look absent there; the joint check of an account finds them."""
    a, b, c = row
    return all(abs(a + part) > 1e-6 or a == part == 0.0 for part in (b, c))


@st.composite
def cases(draw):
    chosen = draw(factors(3))
    rows = np.array(
        draw(st.lists(st.tuples(numbers, numbers, numbers).filter(plain), min_size=1, max_size=6))
    )
    best = [f.value for f in chosen]

    def at(k, point):
        return of(rows, chosen, [point if i == k else v for i, v in enumerate(best)])

    values = of(rows, chosen, best)
    shapes = [measured(f, values, *(at(k, p) for p in f.points)) for k, f in enumerate(chosen)]
    terms, _ = build(chosen, values, shapes)
    return chosen, rows, Responses(ledger_of(values), chosen, shapes, terms, pd.DataFrame({"kind": []}))


@given(cases(), st.integers(0, 2**32))
@settings(max_examples=60, derandomize=True, deadline=None)
def test_terms_are_the_function_they_were_measured_on(case, seed):
    chosen, rows, found = case
    rng = np.random.default_rng(seed)
    at = np.array([[f.low + rng.uniform() * (f.high - f.low)] for f in chosen])
    exact = of(rows, chosen, at[:, 0])
    size = len(rows)
    terms = (found.terms.matrix(np.arange(size), size) @ found.terms.table(at))[:, 0]
    scale = np.abs(rows).sum(axis=1) * at[2, 0] * 4
    # where all parts cancel at the best values, a row that is then zero does not know its price
    known = np.abs(found.ledger.frame["value"].to_numpy()) > 1e-6 * scale
    assert (np.abs(terms - exact)[known] <= 1e-5 * scale[known]).all()


@given(cases(), st.integers(0, 2**32), st.floats(0.0, 1.0))
@settings(max_examples=25, derandomize=True, deadline=None)
def test_figures_keep_their_order(case, seed, rho):
    _, _, responses = case
    found = Uncertainty(responses, 300, seed=seed, correlation=rho)
    wide, narrow = found.interval(0.95, by="zone"), found.interval(0.5, by="zone")
    assert (wide["low"] <= narrow["low"]).all()
    assert (narrow["high"] <= wide["high"]).all()
    assert (wide["sd"] >= 0).all()
    ranks = found.rank_probabilities()
    assert np.allclose(ranks.sum(axis=1), 1.0)
    np.testing.assert_array_equal(
        Uncertainty(responses, 300, seed=seed, correlation=rho, memory=1).totals, found.totals
    )


@given(cases())
@settings(max_examples=25, derandomize=True, deadline=None)
def test_slopes_are_derivatives(case):
    """Central differences of the terms themselves, at the best values."""
    chosen, _, found = case
    size = len(found.ledger.frame)
    matrix = found.terms.matrix(np.arange(size), size)
    best = np.array([f.value for f in chosen])
    slopes = (matrix @ found.terms.slopes()).toarray()
    for k, factor in enumerate(chosen):
        if any((s.kind == "curve").any() for s in found.shapes):
            continue
        step = 1e-6 * factor.value
        ends = np.stack([best, best], axis=1)
        ends[k] += [-step, step]
        values = matrix @ found.terms.table(ends)
        scale = np.abs(found.ledger.frame["value"].to_numpy()) + np.abs(slopes[:, k]) * factor.value + 1e-9
        assert (
            np.abs((values[:, 1] - values[:, 0]) / 2 - slopes[:, k] * step)
            <= 1e-8 * scale + 1e-6 * step * scale
        ).all()


@given(factors(1), st.integers(0, 2**32))
@settings(max_examples=25, derandomize=True, deadline=None)
def test_one_number_in_proportion_is_linear(chosen, seed):
    """Mean and sd of draws against first order: five standard errors of any distribution here."""
    [factor] = chosen
    values = np.array([2.0])
    shape = measured(factor, values, *(values * p / factor.value for p in factor.points))
    terms, _ = build(chosen, values, [shape])
    found = Uncertainty(
        Responses(ledger_of(values), chosen, [shape], terms, pd.DataFrame({"kind": []})), 4000, seed=seed
    )
    mean, sd = moments(found, found.matrix(np.array([0]), 1))
    assert abs(found.totals.mean() - mean[0]) <= 5 * sd[0] / np.sqrt(4000)
    assert np.isclose(sd[0], 2.0 / factor.value * factor.law.std(), rtol=1e-9)
