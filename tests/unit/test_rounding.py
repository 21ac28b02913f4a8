"""Controlled rounding: lists, trees and two-way tables by hand, and what is refused."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from gep.errors import DoesNotAddUp, TableError
from gep.rounding import controlled

NAN = float("nan")


def test_a_list_adds_up_and_the_nearest_part_moves():
    """33.33 + 33.33 + 33.34: one third must go up, and the largest remainder does."""
    found = controlled(pd.Series({"a": 33.333, "b": 33.333, "c": 33.334}), 1)
    assert found.to_dict() == {"a": 33.3, "b": 33.3, "c": 33.4, "total": 100.0}
    assert found.attrs["moved"] == 1
    assert found.attrs["digits"] == 1
    assert "1 numbers differ" in found.attrs["rounded"]["en"]
    assert "1 个数" in found.attrs["rounded"]["zh"]


def test_ordinary_rounding_stays_where_it_adds_up():
    found = controlled(pd.Series({"a": 1.23, "b": 4.56, "c": -2.08}), 1)
    assert found.to_dict() == {"a": 1.2, "b": 4.6, "c": -2.1, "total": 3.7}
    assert found.attrs["moved"] == 0


def test_halves_go_as_they_do_in_school():
    found = controlled(pd.Series({"a": 0.5, "b": 0.25, "c": 0.25}), 0)
    assert found.to_dict() == {"a": 1.0, "b": 0.0, "c": 0.0, "total": 1.0}
    assert controlled(pd.Series({"a": 2.675}), 2)["a"] == 2.68  # held as 2.67499999...


def test_tens_and_hundreds():
    found = controlled(pd.Series({"a": 144.0, "b": 144.0, "c": 144.0}), -1)
    assert found.to_dict() == {"a": 150.0, "b": 140.0, "c": 140.0, "total": 430.0}


def test_units_and_names_stay():
    values = pd.Series([1.26, 2.26], ["a", "b"], name="value")
    values.attrs["units"] = "亿元"
    values.index.name = "service"
    found = controlled(values, 1, total="合计")
    assert found.name == "value"
    assert found.index.name == "service"
    assert found.attrs["units"] == "亿元"
    assert found["合计"] == 3.5
    assert values.tolist() == [1.26, 2.26]


def test_a_missing_part_stays_missing_and_is_told():
    found = controlled(pd.Series({"a": 1.26, "b": NAN, "c": 2.26}), 1)
    assert math.isnan(found["b"])
    assert found["total"] == 3.5
    assert "1 missing" in found.attrs["rounded"]["en"]
    assert "1 个缺失值" in found.attrs["rounded"]["zh"]
    nothing = controlled(pd.Series({"a": NAN, "b": NAN}), 1)
    assert nothing.isna().all()


def test_a_tree_adds_up_on_every_level():
    index = pd.MultiIndex.from_tuples(
        [("regulating", "water"), ("regulating", "soil"), ("regulating", "carbon"), ("cultural", "tourism"),
         ("cultural", "landscape")], names=["category", "service"],
    )  # fmt: skip
    found = controlled(pd.Series([0.44, 0.44, 0.44, 0.34, 0.34], index), 1)
    assert found[("total", "total")] == 2.0
    assert found[("regulating", "total")] == 1.3
    assert found[("cultural", "total")] == 0.7
    assert found["regulating"].drop("total").sum() == pytest.approx(1.3)
    assert found["cultural"].drop("total").sum() == pytest.approx(0.7)
    assert found.index.names == ["category", "service"]
    assert found.index[-3:].tolist() == [("regulating", "total"), ("cultural", "total"), ("total", "total")]


def test_totals_of_groups_give_way_to_the_whole():
    """0.4 + 0.4 + 0.4 = 1.2, so one group of 0.4 is printed as 1."""
    index = pd.MultiIndex.from_product([["a", "b", "c"], ["x", "y"]])
    found = controlled(pd.Series([0.2] * 6, index), 0)
    assert found[("total", "total")] == 1.0
    assert [found[(g, "total")] for g in "abc"] == [1.0, 0.0, 0.0]
    assert found["a"].drop("total").sum() == 1.0


TWO = pd.DataFrame(
    [[0.4, 0.4, 0.4], [0.4, 0.4, 0.4], [0.4, 0.4, 0.4]], index=["甲", "乙", "丙"], columns=["x", "y", "z"]
)


def test_a_two_way_table_adds_up_down_and_across():
    found = controlled(TWO, 0)
    inner = found.loc[["甲", "乙", "丙"], ["x", "y", "z"]]
    assert found.loc["total", "total"] == 4.0
    assert inner.sum(axis=1).tolist() == found.loc[inner.index, "total"].tolist()
    assert inner.sum(axis=0).tolist() == found.loc["total", inner.columns].tolist()
    assert sorted(found.loc["total", inner.columns]) == [1.0, 1.0, 2.0]
    assert set(inner.to_numpy().ravel()) == {0.0, 1.0}


def distance(cells, whole):
    """How far a table is off: a change of a total counts for more than one of all cells."""
    totals = sum(np.abs(whole.sum(axis=a) - cells.sum(axis=a)).sum() for a in (0, 1))
    return (1 + cells.size) * totals + np.abs(whole - cells).sum()


def nearest(cells):
    """The least distance of all tables of floors and ceilings with such sums and the usual whole."""
    corner = math.floor(cells.sum() + 0.5)
    best = math.inf
    for ups in itertools.product((0, 1), repeat=cells.size):
        whole = np.floor(cells) + np.reshape(ups, cells.shape)
        lines = [whole.sum(axis=a) - cells.sum(axis=a) for a in (0, 1)]
        if whole.sum() == corner and all((np.abs(line) < 1).all() for line in lines):
            best = min(best, distance(cells, whole))
    return best


@pytest.mark.parametrize("seed", range(6))
def test_no_other_table_is_nearer(seed):
    table = pd.DataFrame(np.random.default_rng(seed).uniform(-3, 3, (3, 3)))
    inner = controlled(table, 0).iloc[:-1, :-1].to_numpy()
    assert distance(table.to_numpy(), inner) == pytest.approx(nearest(table.to_numpy()), rel=1e-12)


def test_two_way_with_holes_and_repeated_names():
    table = pd.DataFrame([[1.26, NAN], [2.26, 0.33], [NAN, NAN]], ["东镇", "东镇", "西乡"], ["a", "b"])
    found = controlled(table, 1)
    assert found["a"].tolist()[-1] == 3.5
    assert found["total"].tolist()[-1] == pytest.approx(3.9)  # 3.85, a half that floats blur
    assert math.isnan(found["total"].tolist()[2])
    assert found.isna().to_numpy().sum() == 4
    assert found.attrs["rounded"]["en"].count("missing") == 1


def test_years_side_by_side_add_up_down_only():
    table = pd.DataFrame({2019: [0.4, 0.4, 0.4], 2020: [1.0, 2.0, 0.6]}, ["a", "b", "c"])
    found = controlled(table, 0, axis=0)
    assert found[2019].tolist() == [1.0, 0.0, 0.0, 1.0]
    assert found[2020].tolist() == [1.0, 2.0, 1.0, 4.0]
    across = controlled(table.T, 0, axis=1)
    pd.testing.assert_frame_equal(across.T, found)
    assert across.attrs == found.attrs
    assert controlled(table[2019], 0).name == 2019
    assert controlled(pd.Series([0.4]), 0).name is None


def test_totals_in_the_table_are_checked_and_rounded():
    values = pd.Series({"total": 1.2, "a": 0.4, "b": 0.4, "c": 0.4})
    assert controlled(values, 0).to_dict() == {"total": 1.0, "a": 1.0, "b": 0.0, "c": 0.0}
    with pytest.raises(DoesNotAddUp, match=r"add up to 1\.2") as caught:
        controlled(values.replace(1.2, 1.3), 0)
    assert caught.value.faults[0].where == "total"
    whole = TWO.assign(total=TWO.sum(axis=1))
    whole.loc["total"] = whole.sum()
    assert controlled(whole, 0).loc["total", "total"] == 4.0
    whole.loc["甲", "total"] = 1.3
    with pytest.raises(DoesNotAddUp, match="known parts"):
        controlled(whole, 0)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ([1.0, 2.0], "got list"),
        (pd.Series({"a": math.inf}), "infinite"),
        (pd.Series({"a": "many"}), "no number"),
        (pd.Series([], dtype=float), "no parts"),
        (pd.Series([1.0, 1.0, 1.0], ["a", "total", "total"]), "stands twice"),
        (pd.DataFrame([[1.0]], pd.MultiIndex.from_tuples([("a", "b")])), "2 levels"),
    ],
)
def test_what_is_no_table_is_refused(table, says):
    with pytest.raises(TableError, match=says):
        controlled(table, 1)


def test_large_numbers_and_long_tables():
    rng = np.random.default_rng(3)
    table = pd.DataFrame(rng.uniform(0, 1e9, (25, 20)))
    found = controlled(table, 2)
    inner = found.iloc[:-1, :-1]
    assert (inner - table).abs().to_numpy().max() < 0.01
    for line, total in ((inner.loc[i], found.loc[i, "total"]) for i in inner.index):
        assert round(math.fsum(line * 100)) == round(total * 100)


def test_what_moved_is_counted_in_two_way_tables_as_well():
    found = controlled(TWO, 0)
    # three cells, or four, go up that ordinary rounding leaves; one margin each way
    ordinary = np.floor(np.full((3, 3), 0.4) + 0.5)
    inner = int((found.iloc[:-1, :-1].to_numpy() != ordinary).sum())
    margins = int((found.iloc[:-1, -1] != 1.0).sum() + (found.iloc[-1, :-1] != 1.0).sum())
    assert found.attrs["moved"] == inner + margins == 4 + 2
    assert controlled(pd.DataFrame([[0.4]]), 0).attrs["moved"] == 0
