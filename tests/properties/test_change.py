"""Properties of changes, price years and rounding: exact, symmetric, there and back, no cell too far."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gep import Ledger
from gep.change import decompose, deflated
from gep.change.splitting import lmdi, shapley
from gep.ledger.parts import COLUMNS, Meta
from gep.prices import Deflator, Exchange, Money
from gep.rounding import controlled

SOME = settings(max_examples=40, derandomize=True, deadline=None)
FEW = settings(max_examples=12, derandomize=True, deadline=None)
ZONES, ECOSYSTEMS, ITEMS = ("a", "b"), ("forest", "cropland", ""), ("x", "y")
PARTS = ["quantity", "price", "value", "unexplained"]


# Decomposition ------------------------------------------------------------------------------------

numbers = st.one_of(
    st.just(0.0), st.just(math.nan), st.floats(-1e6, 1e6).filter(lambda v: v == 0 or abs(v) > 1e-3)
)
prices = st.floats(0.01, 100.0)
#: A row is not there, a value alone, or a quantity with its price.
cells = st.one_of(
    st.none(), st.tuples(st.none(), numbers), st.tuples(numbers, st.one_of(prices, st.just(math.nan)))
)
KEYS = [(z, e, i) for z in (*ZONES, "all") for e in ECOSYSTEMS for i in ITEMS]
accounts = st.tuples(
    st.lists(cells, min_size=len(KEYS), max_size=len(KEYS)),
    st.lists(st.one_of(st.just(0.0), st.floats(1.0, 1e6)), min_size=4, max_size=4),
)


def ledger(year, drawn):
    found, areas = drawn
    rows = [_row(year, *key, cell) for key, cell in zip(KEYS, found, strict=True) if cell is not None]
    rows.append(_row(year, "a", "", "always", (1.0, 1.0)))
    pairs = [(z, e) for z in ZONES for e in ECOSYSTEMS[:2]]
    extent = pd.DataFrame(
        [(*p, a) for p, a in zip(pairs, areas, strict=True)], columns=["zone", "ecosystem", "area_m2"]
    )
    zones = pd.DataFrame({"name": list(ZONES)}, index=list(ZONES))
    zones["area_m2"] = extent.groupby("zone")["area_m2"].sum()
    meta = Meta({"id": "demo", "edition": "", "zh": "", "en": ""}, "all", "", [], [], {}, [], {})
    return Ledger(pd.DataFrame(rows, columns=list(COLUMNS)), zones, {}, pd.DataFrame(), meta, extent)


def _row(year, zone, ecosystem, item, cell):
    first, second = cell
    line = dict.fromkeys(COLUMNS, "") | {"year": year, "price_year": f"CNY_{year}", "zone": zone}
    line |= {"ecosystem": ecosystem, "service": "crops", "category": "provisioning", "item": item}
    if first is None:
        return line | {"indicator": "value", "quantity": math.nan, "price": math.nan, "value": second}
    units = {"quantity_unit": "t/year", "price_unit": f"CNY_{year}/t"}
    return line | units | {"indicator": "amount", "quantity": first, "price": second, "value": first * second}


def size(change):
    known = change.rows[["opening", "closing"]].abs().sum().sum()
    return max(known, 1.0)


@FEW
@given(accounts, accounts, st.sampled_from(["unexplained", "zero"]), st.booleans())
def test_parts_add_up_to_the_change_of_the_totals_without_residual(first, second, absent, split):
    opening, closing = ledger(2015, first), ledger(2018, second)
    change = decompose(opening, closing, absent=absent, deflator="chn-cpi" if split else None)
    total = change.total
    totals = [float(np.nan_to_num(one.total("CNY"))) for one in (opening, closing)]
    scale = 1e-9 * size(change)
    assert abs(total["change"] - (totals[1] - totals[0])) <= scale
    for names in (PARTS, list(change.detail)):
        gaps = change.rows[names].sum(axis=1) - change.rows["change"]
        assert (gaps.abs() <= 1e-9 * change.rows["change"].abs() + 1e-9).all()
        assert abs(math.fsum(total[names]) - total["change"]) <= scale
    for key in ("zone", "ecosystem", "item"):
        table = change.by(key)
        assert abs(math.fsum(table["change"]) - total["change"]) <= scale
    assert not change.rows[[*PARTS, *change.detail]].isna().to_numpy().any()


@FEW
@given(accounts, accounts)
def test_a_change_backwards_is_the_same_with_the_other_sign(first, second):
    opening, closing = ledger(2015, first), ledger(2018, second)
    there, back = decompose(opening, closing), decompose(closing, opening)
    columns = ["change", *there.detail]
    assert np.allclose(there.total[columns], -back.total[columns], rtol=1e-9, atol=1e-9 * size(there))
    keys = ["zone", "ecosystem", "indicator", "item"]
    a, b = (c.rows.set_index(keys)[columns].sort_index() for c in (there, back))
    assert np.allclose(a, -b, rtol=1e-9, atol=1e-9 * size(there))


@FEW
@given(accounts)
def test_nothing_changed_is_nothing_in_every_part(drawn):
    same = decompose(ledger(2015, drawn), ledger(2015, drawn))
    assert (same.rows[["change", *same.detail]] == 0).all().all()


positive = st.lists(st.floats(1e-3, 1e3), min_size=4, max_size=4)


@SOME
@given(positive, positive)
def test_both_methods_leave_nothing_over_and_agree_on_what_did_not_move(before, after):
    before, after = (np.array(side)[:, None] for side in (before, after))
    after[1] = before[1]
    change = float(np.prod(after) - np.prod(before))
    for method in (shapley, lmdi):
        effects = method(before, after)
        assert math.fsum(effects.ravel()) == pytest.approx(change, rel=1e-9, abs=1e-12)
        assert effects[1, 0] == pytest.approx(0.0, abs=1e-9 * np.abs(effects).max())
        assert np.allclose(
            effects, -method(after, before), rtol=1e-9, atol=1e-12 * max(np.abs(effects).max(), 1)
        )


@SOME
@given(positive, positive, st.permutations(range(4)))
def test_the_order_of_factors_does_not_matter(before, after, order):
    before, after = (np.array(side)[:, None] for side in (before, after))
    effects = shapley(before, after)
    other = shapley(before[list(order)], after[list(order)])
    scale = max(float(np.abs(effects).max()), 1e-9)
    assert np.allclose(other, effects[list(order)], rtol=0.0, atol=1e-9 * scale)


# Price years --------------------------------------------------------------------------------------

years = st.integers(1999, 2023)


@SOME
@given(years, years, years)
def test_deflating_there_and_back_or_on_the_way_is_the_same(a, b, c):
    cpi = Deflator.shipped("chn-cpi")
    x, y, z = (f"CNY_{year}" for year in (a, b, c))
    assert cpi.factor(x, y) * cpi.factor(y, x) == pytest.approx(1.0, rel=1e-14)
    assert cpi.factor(x, y) * cpi.factor(y, z) == pytest.approx(cpi.factor(x, z), rel=1e-13)


@SOME
@given(years, years, st.sampled_from(["USD", "EUR", "JPY", "CAD", "AUD", "HKD"]))
def test_exchanging_commutes_with_nothing_but_itself(a, b, code):
    """Deflated at home, exchanged at the target year; and exchanged back within the year."""
    cpi, fed = Deflator.shipped("chn-cpi"), Exchange.shipped()
    factor, unit = Money(f"{code}_{b}", cpi, fed).convert(f"CNY_{a}/t")
    assert unit == f"{code}_{b}/t"
    assert factor == pytest.approx(cpi.factor(f"CNY_{a}", f"CNY_{b}") * fed.factor(f"CNY_{b}", f"{code}_{b}"))
    back = fed.factor(f"{code}_{b}", f"CNY_{b}")
    assert fed.factor(f"CNY_{b}", f"{code}_{b}") * back == pytest.approx(1.0, rel=1e-14)


@FEW
@given(accounts, years)
def test_a_ledger_there_and_back_is_the_same(drawn, year):
    opening = ledger(2015, drawn)
    way = {"*": "chn-cpi"}
    back = deflated(deflated(opening, f"CNY_{year}", way), "CNY_2015", way)
    assert np.allclose(back.frame["value"], opening.frame["value"], rtol=1e-13, equal_nan=True)
    assert np.allclose(back.frame["price"], opening.frame["price"], rtol=1e-13, equal_nan=True)


# Controlled rounding ------------------------------------------------------------------------------

values = st.one_of(
    st.floats(-1e5, 1e5), st.integers(-50, 50).map(lambda v: v / 2), st.just(0.0), st.just(math.nan)
)
tables = st.tuples(st.integers(1, 5), st.integers(1, 5)).flatmap(
    lambda shape: st.lists(
        st.lists(values, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
    )
)
digits = st.integers(-1, 3)


def units(table, count):
    """A printed table in units of its last digit."""
    return np.rint(np.asarray(table, float) * 10.0**count)


def check_cells(exact, printed, count):
    exact, printed = np.asarray(exact, float), np.asarray(printed, float)
    assert (np.isnan(exact) == np.isnan(printed)).all()
    unit = 10.0**-count
    assert (np.abs(printed - exact)[~np.isnan(exact)] < unit * (1 + 1e-9)).all()
    scaled = exact * 10.0**count
    whole = np.abs(scaled - np.rint(scaled)) < 1e-12
    assert np.allclose(printed[whole], exact[whole], rtol=0.0, atol=1e-9 * unit)


@SOME
@given(tables, digits)
def test_a_printed_table_adds_up_and_no_cell_moves_by_a_unit(rows, count):
    table = pd.DataFrame(rows)
    found = controlled(table, count)
    check_cells(table, found.iloc[:-1, :-1], count)
    whole = units(found, count)
    known = np.nan_to_num(whole)
    assert (known[:-1, :-1].sum(axis=1) == known[:-1, -1]).all()
    assert (known[:-1, :].sum(axis=0) == known[-1, :]).all()
    for line, total in ((table.loc[i], found.loc[i, "total"]) for i in table.index):
        if line.notna().any():
            assert abs(math.fsum(line.dropna()) - total) < 10.0**-count * (1 + 1e-9)
    if table.notna().to_numpy().any():
        corner = math.fsum(table.to_numpy()[table.notna().to_numpy()])
        assert abs(corner - found.loc["total", "total"]) <= 0.5 * 10.0**-count * (1 + 1e-6)


@SOME
@given(tables, digits)
def test_rounding_twice_is_rounding_once(rows, count):
    once = controlled(pd.DataFrame(rows), count)
    pd.testing.assert_frame_equal(controlled(once, count), once)
    assert controlled(once, count).attrs["moved"] == 0


@SOME
@given(tables, digits)
def test_ordinary_rounding_is_kept_where_it_adds_up(rows, count):
    """A table of numbers that are near their rounded ones: nothing has to move."""
    shape = np.shape(rows)
    near = pd.DataFrame(np.nan_to_num(units(rows, count)) + 0.4 / (shape[0] * shape[1])) / 10.0**count
    found = controlled(near, count)
    assert found.attrs["moved"] == 0
    assert (units(found.iloc[:-1, :-1], count) == units(near, count)).all()


@SOME
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy"), values), min_size=1, max_size=12),
    digits,
)
def test_a_tree_adds_up_on_every_level(leaves, count):
    index = pd.MultiIndex.from_tuples([(a, b, str(i)) for i, (a, b, _) in enumerate(leaves)])
    table = pd.Series([value for _, _, value in leaves], index)
    found = controlled(table, count)
    check_cells(table, found.iloc[: len(table)], count)
    inner = units(found.iloc[: len(table)], count)
    for level in (1, 2):
        for group in {key[:level] for key in index}:
            mine = [value for key, value in zip(index, inner, strict=True) if key[:level] == group]
            total = units([found[group + ("total",) * (3 - level)]], count)[0]
            assert np.nansum(mine) == np.nan_to_num(total)
            assert np.isnan(total) == np.isnan(mine).all()
    assert np.nansum(inner) == np.nan_to_num(units([found[("total",) * 3]], count)[0])
    pd.testing.assert_series_equal(controlled(found, count), found)
