"""Fitting a matrix to its margins: by factors, by least squares, and what cannot be fitted."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gep.errors import DoesNotAddUp, LedgerError
from gep.reconciling import balance

ROWS, COLUMNS = ["crops", "water", "tourism"], ["north", "south", "west"]


def frame(cells: Any) -> pd.DataFrame:
    return pd.DataFrame(np.array(cells, float), ROWS, COLUMNS)


TABLE = frame([[1, 2, 3], [3, 0, 1], [0, 4, 5]])
MARGINS: dict[str, Any] = {
    "rows": dict(zip(ROWS, [8.0, 3.0, 9.0], strict=True)),
    "columns": dict(zip(COLUMNS, [5.0, 6.0, 9.0], strict=True)),
}


def met(made: Any, rows: Any, columns: Any) -> bool:
    across = made.table.sum(axis=1).to_numpy() - pd.Series(rows)[made.table.index].to_numpy()
    down = made.table.sum().to_numpy() - pd.Series(columns)[made.table.columns].to_numpy()
    return bool(max(np.abs(across).max(), np.abs(down).max()) < 1e-9)


@pytest.mark.parametrize("method", ["ras", "least_squares"])
def test_margins_are_met(method: Any) -> None:
    made = balance(TABLE, **MARGINS, method=method)
    assert met(made, **MARGINS)
    assert made.departure < 1e-9
    assert made.rounds > 0
    assert set(made.status.to_numpy().ravel()) <= {"given", "estimated"}


def test_factors_keep_zeros_and_cross_product_ratios() -> None:
    made = balance(TABLE, **MARGINS).table
    assert (made.to_numpy()[TABLE.to_numpy() == 0.0] == 0.0).all()
    cells = ((0, 0), (0, 2), (1, 0), (1, 2))
    a, b, c, d = (TABLE.iloc[i] for i in cells)
    e, f, g, h = (made.iloc[i] for i in cells)
    assert e * h / (f * g) == pytest.approx(a * d / (b * c), rel=1e-9)


def test_least_squares_by_hand() -> None:
    table = pd.DataFrame([[1.0, 1.0], [1.0, 1.0]], ["a", "b"], ["x", "y"])
    made = balance(table, rows={"a": 4, "b": 2}, columns={"x": 3, "y": 3}, method="least_squares")
    # 2 more in row a, shared alike
    assert made.table.to_numpy().tolist() == [[2.0, 2.0], [1.0, 1.0]]
    weights = pd.DataFrame([[1.0, 3.0], [1.0, 3.0]], ["a", "b"], ["x", "y"])
    alike = balance(
        table, rows={"a": 2, "b": 2}, columns={"x": 3, "y": 1}, method="least_squares", weights=weights
    )
    assert alike.table.to_numpy() == pytest.approx(np.array([[1.5, 0.5], [1.5, 0.5]]))


def test_least_squares_is_least_among_what_fits() -> None:
    made = balance(TABLE, **MARGINS, method="least_squares").table.to_numpy()
    best = ((made - TABLE.to_numpy()) ** 2).sum()
    rng = np.random.default_rng(2)
    for _ in range(50):
        # a change that leaves all margins as they are
        move = np.outer(*(v - v.mean() for v in rng.normal(size=(2, 3))))
        assert ((made + move - TABLE.to_numpy()) ** 2).sum() >= best - 1e-9


def test_least_squares_may_go_below_zero_unless_told_not_to() -> None:
    margins: dict[str, Any] = {
        "rows": dict(zip(ROWS, [7, 1, 6], strict=True)),
        "columns": dict(zip(COLUMNS, [0.5, 5.5, 8], strict=True)),
    }  # fmt: skip
    loose = balance(TABLE, **margins, method="least_squares")
    tight = balance(TABLE, **margins, method="least_squares", nonnegative=True)
    assert (loose.table.to_numpy() < 0).any()
    assert (tight.table.to_numpy() >= 0).all()
    assert met(loose, **margins)
    assert met(tight, **margins)
    cost = [((m.table - TABLE) ** 2).to_numpy().sum() for m in (loose, tight)]
    assert cost[0] < cost[1]


def test_the_optimum_not_below_zero_agrees_with_another_solver() -> None:
    from scipy.optimize import minimize

    rng = np.random.default_rng(5)
    cells, wanted = rng.exponential(5, (4, 5)), rng.exponential(5, (4, 5))
    wanted[0, :3] = 0.0
    names = list("abcd"), list("vwxyz")
    table = pd.DataFrame(cells, *names)
    made = balance(
        table, rows=dict(zip(names[0], wanted.sum(1), strict=True)),
        columns=dict(zip(names[1], wanted.sum(0), strict=True)), method="least_squares", nonnegative=True,
    )  # fmt: skip
    sums = [
        {"type": "eq", "fun": lambda x, i=i: x.reshape(4, 5).sum(1)[i] - wanted.sum(1)[i]} for i in range(4)
    ] + [{"type": "eq", "fun": lambda x, j=j: x.reshape(4, 5).sum(0)[j] - wanted.sum(0)[j]} for j in range(4)]
    other = minimize(
        lambda x: ((x - cells.ravel()) ** 2).sum(), wanted.ravel(), bounds=[(0, None)] * 20, constraints=sums,
        method="SLSQP", options={"maxiter": 500, "ftol": 1e-12},
    )  # fmt: skip
    assert ((made.table.to_numpy() - cells) ** 2).sum() == pytest.approx(other.fun, rel=1e-6)


@pytest.mark.parametrize("method", ["ras", "least_squares"])
def test_what_fits_stays_as_it_is(method: Any) -> None:
    made = balance(TABLE, rows=TABLE.sum(axis=1), columns=TABLE.sum(), method=method)
    assert made.rounds == 0
    assert made.table.equals(TABLE)
    assert set(made.status.to_numpy().ravel()) == {"given"}
    assert made.adjustments.empty


@pytest.mark.parametrize("method", ["ras", "least_squares"])
def test_fixed_cells_stay(method: Any) -> None:
    made = balance(TABLE, **MARGINS, method=method, fixed=[("crops", "west"), ("tourism", "south")])
    assert made.table.loc["crops", "west"] == 3.0
    assert made.table.loc["tourism", "south"] == 4.0
    assert made.status.loc["crops", "west"] == "given"
    assert met(made, **MARGINS)
    mask = TABLE == 3.0
    assert balance(TABLE, **MARGINS, method=method, fixed=mask).table.loc["water", "north"] == 3.0


def test_a_negative_cell_is_for_least_squares_or_fixed() -> None:
    table = TABLE.copy()
    table.loc["water", "south"] = -2.0
    with pytest.raises(LedgerError, match="water / south"):
        balance(table, **MARGINS)
    assert met(balance(table, **MARGINS, method="least_squares"), **MARGINS)
    kept = balance(table, **MARGINS, fixed=[("water", "south")])
    assert kept.table.loc["water", "south"] == -2.0
    assert met(kept, **MARGINS)


def test_a_missing_cell_is_refused_or_estimated_and_told() -> None:
    table = TABLE.copy()
    table.loc["crops", "south"] = math.nan
    with pytest.raises(LedgerError, match="1 cells are missing: crops / south"):
        balance(table, **MARGINS)
    made = balance(table, **MARGINS, missing="estimate")
    assert met(made, **MARGINS)
    assert made.missing == (("crops", "south"),)
    assert made.status.loc["crops", "south"] == "estimated"
    assert math.isnan(made.before.loc["crops", "south"])
    assert "crops / south" in str(made)
    with pytest.raises(LedgerError, match="fixed and missing"):
        balance(table, **MARGINS, missing="estimate", fixed=[("crops", "south")])


def test_known_cells_fixed_leave_the_one_unknown_to_the_margins() -> None:
    table = TABLE.copy()
    table.loc["crops", "south"] = math.nan
    made = balance(
        table, rows=TABLE.sum(axis=1), columns=TABLE.sum(), missing="estimate", fixed=table.notna()
    )
    assert made.table.loc["crops", "south"] == pytest.approx(2.0)


def test_margins_of_two_totals_are_refused_with_their_sizes() -> None:
    with pytest.raises(DoesNotAddUp, match="rows add up to 21, the columns to 20: a difference of 1"):
        balance(TABLE, rows={**MARGINS["rows"], "crops": 9.0}, columns=MARGINS["columns"])


def test_labels_and_numbers_are_checked_all_at_once() -> None:
    rows = {"crops": 8.0, "water": math.nan, "magic": 9.0}
    with pytest.raises(LedgerError) as caught:
        balance(TABLE, rows=rows, columns={"north": 1.0})
    assert len(caught.value.faults) == 3
    for more in (
        {"method": "magic"}, {"fixed": [("crops", "east")]}, {"weights": TABLE, "method": "least_squares"},
    ):  # fmt: skip
        with pytest.raises(LedgerError):
            balance(TABLE, **MARGINS, **more)
    with pytest.raises(LedgerError, match="infinite"):
        balance(TABLE.replace(5.0, math.inf), **MARGINS)


def test_margins_that_zeros_cannot_hold_are_named_with_the_size() -> None:
    columns = dict(zip(COLUMNS, [5.0, 12.0, 3.0], strict=True))
    # water has nothing in the south: 12 must come from crops and tourism, and 8 must go elsewhere
    table = frame([[1, 0, 3], [3, 0, 1], [0, 4, 5]])
    with pytest.raises(
        DoesNotAddUp, match=r"rows crops, water .* columns north, west.* 11 must go into 8, 3 too much"
    ):
        balance(table, rows=MARGINS["rows"], columns=columns)
    with pytest.raises(DoesNotAddUp, match="crops"):
        balance(frame([[0, 0, 0], [3, 0, 1], [0, 4, 5]]), **MARGINS)


def test_zeros_that_margins_force_are_found_and_told() -> None:
    columns = dict(zip(COLUMNS, [3.0, 8.0, 9.0], strict=True))
    table = frame([[1, 2, 0], [3, 0, 0], [0, 4, 5]])
    # only tourism reaches the west, so that 9 of tourism go there and none to the south
    made = balance(table, rows=MARGINS["rows"], columns=columns)
    assert set(made.forced) == {("tourism", "south"), ("crops", "north")}
    assert met(made, MARGINS["rows"], columns)
    assert "zero in every matrix" in str(made)
    assert "必为零" in made.report("zh")


def test_blocks_that_nothing_joins_must_have_equal_totals() -> None:
    table = pd.DataFrame([[1.0, 0.0], [0.0, 1.0]], ["a", "b"], ["x", "y"])
    fixed = [("a", "y"), ("b", "x")]
    with pytest.raises(DoesNotAddUp, match="a, x: rows 1, columns 2; b, y: rows 3, columns 2"):
        balance(table, rows={"a": 1, "b": 3}, columns={"x": 2, "y": 2}, method="least_squares", fixed=fixed)


def test_fixed_cells_above_a_margin_are_refused() -> None:
    with pytest.raises(DoesNotAddUp, match="water"):
        balance(
            TABLE,
            rows={"crops": 8, "water": 2, "tourism": 10},
            columns=MARGINS["columns"],
            fixed=[("water", "north")],
        )


def test_adjustments_are_listed_largest_first() -> None:
    made = balance(TABLE, **MARGINS)
    changes = made.adjustments
    assert (changes["change"].abs().diff().dropna() <= 0).all()
    assert (changes["after"] - changes["before"] == changes["change"]).all()
    assert "largest adjustments" in str(made)
    assert "最大调整" in made.report("zh")


def test_a_zero_margin_empties_its_row() -> None:
    made = balance(
        TABLE, rows={"crops": 0.0, "water": 4, "tourism": 9}, columns={"north": 3, "south": 4, "west": 6}
    )
    assert (made.table.loc["crops"] == 0.0).all()
    assert made.departure < 1e-9


def test_what_does_not_settle_says_so() -> None:
    with pytest.raises(DoesNotAddUp, match="after 1 rounds"):
        balance(TABLE, **MARGINS, limit=1)
