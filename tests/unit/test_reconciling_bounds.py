"""What constraints imply: intervals with witnesses, conflicts, the estimate of maximum entropy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from gep.errors import LedgerError, TableError
from gep.reconciling import Bounds, Constraint, bounds

COLUMNS = ["region", "category", "service", "indicator", "money_value", "money_unit", "note"]


def two(**more: bool) -> Bounds:
    return bounds(
        [Constraint.printed(["a", "b"], "10.0"), Constraint.printed(["a"], "60%", of=["a", "b"])], **more
    )


def test_printed_digits_and_words_of_a_constraint() -> None:
    share = Constraint.printed(["a"], "60%", of=["a", "b"])
    assert (share.low, share.high) == pytest.approx((0.595, 0.605))
    assert str(Constraint(("a", "b"), low=1, weights=(2, -0.5), note="p. 3")) == "1 <= 2 a - 0.5 b (p. 3)"
    assert str(Constraint("a", high=3)) == "a <= 3"
    assert str(Constraint(("a", "b"), 1, 1, weights=(-1, 1))) == "-a + b = 1"
    assert [str(c) for c in Constraint.ordered("a", "b", "c")] == ["0 <= a - b", "0 <= b - c"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Constraint(()),
        lambda: Constraint(("a",)) and Constraint(("a",), low=2, high=1),
        lambda: Constraint(("a",), low=math.nan),
        lambda: Constraint(("a",), low=math.inf),
        lambda: Constraint(("a", "b"), low=0, weights=(1.0,)),
        lambda: Constraint(("a",), low=0, weights=(math.nan,)),
        lambda: Constraint.printed("a", "60%"),
        lambda: Constraint.printed("a", "many"),
        lambda: bounds([]),
    ],
)
def test_a_constraint_that_says_nothing_clear_is_refused(make: object) -> None:
    with pytest.raises(LedgerError):
        make()  # type: ignore[operator]


def test_intervals_of_unknowns_and_of_combinations() -> None:
    made = two()
    # a = s T with s in [0.595, 0.605] and T in [9.95, 10.05]
    assert made.interval("a").low == pytest.approx(0.595 * 9.95, abs=1e-9)
    assert made.interval("a").high == pytest.approx(0.605 * 10.05, abs=1e-9)
    assert made.interval("b").high == pytest.approx(0.405 * 10.05, abs=1e-9)
    assert made.interval({"a": 1, "b": 1}).low == pytest.approx(9.95)
    assert made.interval({"a": 1, "b": -1}).high == pytest.approx((0.605 - 0.395) * 10.05)
    assert made.table.loc["b", "low"] == pytest.approx(0.395 * 9.95)
    with pytest.raises(LedgerError, match="nothing is said of c"):
        made.interval("c")


def test_nothing_is_assumed_unless_asked_for() -> None:
    open_ = bounds([Constraint(("a", "b"), high=5.0)])
    assert open_.assumptions == ()
    assert open_.interval("a").low == -math.inf
    assert open_.interval("a").high == math.inf
    with pytest.raises(LedgerError, match="no high end"):
        open_.witness("a", "high")
    closed = bounds([Constraint(("a", "b"), high=5.0)], nonnegative=True)
    assert (closed.interval("a").low, closed.interval("a").high) == (0.0, 5.0)
    assert len(closed.assumptions) == 2
    assert "assumed: no unknown lies below zero" in str(closed)
    assert "no sign is assumed" in str(open_)


def test_an_ordering_narrows() -> None:
    made = bounds(
        [Constraint(("a", "b", "c"), 9.0, 9.0), *Constraint.ordered("a", "b", "c")], nonnegative=True
    )
    assert made.interval("a").low == pytest.approx(3.0)
    assert made.interval("c").high == pytest.approx(3.0)
    assert made.interval("b").high == pytest.approx(4.5)


def test_negative_values_and_great_sizes() -> None:
    made = bounds([Constraint(("a", "b"), 1e12, 1.0001e12), Constraint(("a",), -3e12, -2e12)])
    assert made.interval("b").high == pytest.approx(4.0001e12, rel=1e-9)
    assert made.contains(made.witness("b", "high"))


def test_a_point_is_held_against_every_constraint() -> None:
    made = two(nonnegative=True)
    assert made.contains({"a": 6.0, "b": 4.0})
    assert [c.of for c in made.broken({"a": 5.0, "b": 5.0})] == [("a", "b")]
    assert len(made.broken({"a": -1.0, "b": 11.0})) == 2
    with pytest.raises(LedgerError, match="no value for b"):
        made.contains({"a": 6.0})
    with pytest.raises(LedgerError, match="no value for b"):
        made.contains({"a": 6.0, "b": math.nan})


def test_a_conflict_names_what_excludes_each_other_and_nothing_else() -> None:
    guilty = [
        Constraint.printed(["a", "b", "c"], "10", note="total"),
        Constraint(("a",), low=6.0, note="p. 1"),
        Constraint(("b",), low=5.0, note="p. 2"),
    ]
    idle = [Constraint(("d",), 1.0, 2.0), Constraint(("a", "d"), high=50.0)]
    wrong = bounds([*idle, *guilty], nonnegative=True)
    assert not wrong.feasible
    assert {c.note for c in wrong.conflict if not c.assumed} == {"total", "p. 1", "p. 2"}
    assert [c.names for c in wrong.conflict if c.assumed] == [("c",)]
    assert wrong.shortfall == pytest.approx(0.5)
    for one in wrong.conflict:
        assert bounds([c for c in wrong.conflict if c is not one]).feasible
    assert "IMPOSSIBLE" in str(wrong)
    assert "不可行" in wrong.report("zh")
    with pytest.raises(LedgerError, match="nothing is possible"):
        wrong.interval("a")
    fine = bounds(guilty)
    assert fine.feasible
    assert fine.conflict == ()
    assert fine.shortfall == 0.0


def test_what_is_stated_is_blamed_only_where_assumptions_are_not_enough() -> None:
    clash = [Constraint(("a",), low=3.0), Constraint(("a",), high=2.0)]
    assert all(not c.assumed for c in bounds(clash, nonnegative=True).conflict)


def test_the_estimate_keeps_to_the_constraints_and_to_the_prior() -> None:
    free = bounds([Constraint(("a", "b", "c"), 9.0, 11.0)], nonnegative=True)
    even = free.max_entropy()
    assert even["value"].to_numpy() == pytest.approx([10 / 3] * 3, rel=1e-6)
    assert set(even["status"]) == {"estimated"}
    assert even.attrs["total"] == pytest.approx(10.0)
    weighed = free.max_entropy({"a": 1.0, "b": 3.0, "c": 6.0})
    assert weighed["value"].to_numpy() == pytest.approx([1.0, 3.0, 6.0], rel=1e-6)
    # by hand: with a fixed at 6 the rest is shared as the prior shares it
    tight = bounds([Constraint(("a", "b", "c"), 10.0, 10.0), Constraint(("a",), 6.0, 6.0)], nonnegative=True)
    shared = tight.max_entropy({"a": 1.0, "b": 1.0, "c": 3.0})["value"]
    assert shared.to_numpy() == pytest.approx([6.0, 1.0, 3.0], rel=1e-6)
    assert tight.contains(shared)


def test_the_estimate_is_the_nearest_in_entropy() -> None:
    stated = [
        Constraint(("a", "b", "c", "d"), 20.0, 20.0),
        Constraint(("a", "b"), 0.6, 0.7, of=("a", "b", "c", "d")),
        Constraint(("c", "d"), low=1.0, weights=(1.0, -1.0)),
    ]
    made = bounds(stated, nonnegative=True)
    best = made.max_entropy()["value"].to_numpy() / 20.0
    rng = np.random.default_rng(1)
    points = rng.dirichlet([2.0] * 4, 4000)
    inside = [p for p in points if made.contains(dict(zip("abcd", p * 20.0, strict=True)))]
    assert len(inside) > 50
    entropy = -(best * np.log(best)).sum()
    assert all(-(p * np.log(p)).sum() <= entropy + 1e-9 for p in inside)


def test_an_estimate_needs_amounts_above_zero_and_a_total() -> None:
    with pytest.raises(LedgerError, match="not below zero"):
        bounds([Constraint(("a", "b"), 9.0, 11.0)]).max_entropy()
    with pytest.raises(LedgerError, match="not below zero"):
        bounds([Constraint(("a", "b"), low=9.0)], nonnegative=True).max_entropy()
    made = bounds([Constraint(("a", "b"), 9.0, 11.0), Constraint(("b",), low=1.0)], nonnegative=True)
    for prior in ({"a": 1.0}, {"a": 1.0, "b": -1.0}, {"a": math.nan, "b": 1.0}):
        with pytest.raises(LedgerError):
            made.max_entropy(prior)
    with pytest.raises(LedgerError, match="nothing is said of x"):
        made.max_entropy({"x": 1.0})
    zero = bounds([Constraint(("a", "b"), 9.0, 9.0), Constraint(("b",), high=0.0)], nonnegative=True)
    assert zero.max_entropy()["value"].to_numpy() == pytest.approx([9.0, 0.0])


def account(*rows: str) -> pd.DataFrame:
    cells = [(row.split("|") + [""] * len(COLUMNS))[: len(COLUMNS)] for row in rows]
    return pd.DataFrame(cells, columns=COLUMNS).assign(year="2020", account="a")


def test_a_published_account_speaks_of_places() -> None:
    frame = account(
        "市|total|total|GEP|100.0|亿元",
        "甲|context|乡镇GEP|下限|30|亿元|合计约占到全区 GEP 总量的 70%",
        "乙|context|乡镇GEP|下限|20|亿元|合计约占到全区 GEP 总量的 70%",
        "丙|context|乡镇GEP||120000.0|万元",
        "丁|context|乡镇GEP||<25|亿元",
        "丁|context|居民收入||5|亿元",
        "甲|context|GDP||50|亿元",
    )
    made = bounds(frame, nonnegative=True)
    assert made.names == ("甲", "乙", "丙", "丁")
    assert made.unit == "亿元"
    assert made.interval("丙").mid == pytest.approx(12.0)
    # the four are all: 30 % of 100 are left for 丙 and 丁
    assert made.interval("丁").low == pytest.approx(0.295 * 99.95 - 12.000005, abs=1e-6)
    assert made.interval("甲").high == pytest.approx(0.705 * 100.05 - 20.0)
    part = bounds(frame, nonnegative=True, complete=False)
    assert part.interval("丁").low == 0.0
    assert part.interval("甲").high == pytest.approx(0.705 * 100.05 - 20.0)


def test_an_account_without_places_or_with_two_totals_is_refused() -> None:
    with pytest.raises(TableError, match="no row speaks of a place"):
        bounds(account("市|total|total|GEP|100.0|亿元"))
    two_totals = account("市|total|total|GEP|100.0|亿元", "省|total|total|GEP|900.0|亿元")
    with pytest.raises(TableError, match="2 grand totals"):
        bounds(two_totals)
