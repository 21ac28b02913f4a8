"""Runs: where they begin, which pair each has, and what each cell gets back."""

import pickle

import numpy as np
import pytest

from gep.grid.runs import LONGEST, Pairs, Runs

RNG = np.random.default_rng(3)
KINDS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
WIDTHS = [1, 2, 63, 64, 65, 127, 128, 129, 1000]
#: So many coherent cells at the beginning that runs are looked for, whatever follows.
QUIET = 20_000


def patchy(size, labels, change, *, quiet=0):
    """Labels that change from cell to cell with a probability, not at all at the beginning."""
    drawn = RNG.choice(labels, size)
    turns = RNG.random(size) < change
    turns[: min(quiet, size)] = False
    turns[0] = True
    return drawn[np.flatnonzero(turns)[np.cumsum(turns) - 1]]


def plain_starts(zone, cls, cols):
    """Where runs begin, and the end: a row begins, or a label differs from that before it."""
    begins = np.arange(zone.size) % cols == 0
    for labels in (zone, cls):
        if labels is not None:
            begins[1:] |= labels[1:] != labels[:-1]
    return [*np.flatnonzero(begins).tolist(), zone.size]


def plain_numbers(zone, cls):
    """Number pairs in the order in which they are met."""
    known = {}
    pairs = zip(zone.tolist(), [0] * zone.size if cls is None else cls.tolist(), strict=True)
    return [known.setdefault(pair, len(known)) for pair in pairs], list(known)


def check(runs, zone, cls):
    """Every cell has its own labels; pairs are numbered as met, or all of them by place."""
    numbers, known = plain_numbers(zone, cls)
    found = [
        (z, 0 if cls is None else c)
        for z, c in zip(runs.pairs.zone.tolist(), runs.pairs.cls.tolist(), strict=True)
    ]
    of_cells = np.repeat(runs.ids, np.diff(runs.starts)).tolist()
    assert [found[n] for n in of_cells] == [known[n] for n in numbers]
    assert len(set(found)) == len(found)
    if not runs.single:
        assert found == known


@pytest.mark.parametrize("classed", [True, False])
@pytest.mark.parametrize("change", [0.02, 0.3, 1.0])
@pytest.mark.parametrize("cols", [w for w in WIDTHS if w > 6])
def test_runs_against_a_plain_comparison(cols, change, classed):
    size = (QUIET // cols + 30) * cols
    zone = patchy(size, [3, 4, 5], change, quiet=QUIET).astype(np.int32)
    cls = patchy(size, [1, 2], change, quiet=QUIET).astype(np.uint8) if classed else None
    runs = Runs.of(zone, cls, cols)
    assert not runs.single
    assert (runs.starts.tolist() == plain_starts(zone, cls, cols)) == (cols < 1000)
    assert set(plain_starts(zone, cls, cols)) <= set(runs.starts.tolist())
    check(runs, zone, cls)


@pytest.mark.parametrize("cols", [960, 961, LONGEST, LONGEST + 1, 1088, 5000, 50_000])
def test_long_runs_are_cut(cols):
    runs = Runs.of(np.full(3 * cols, 7, np.int32), None, cols)
    lengths = np.diff(runs.starts)
    assert lengths.max() <= LONGEST
    assert runs.ids.size <= 3 * (1 + cols // 896)
    assert {0, cols, 2 * cols, 3 * cols} <= set(runs.starts.tolist())
    assert set(runs.ids.tolist()) == {0}


@pytest.mark.parametrize("cols", WIDTHS)
def test_where_each_cell_is_another_none_is_looked_for(cols):
    zone = RNG.integers(0, 50, 40 * cols).astype(np.int32)
    cls = RNG.integers(0, 9, 40 * cols).astype(np.uint8)
    runs = Runs.of(zone, cls, cols)
    assert runs.single
    assert runs.starts.tolist() == list(range(40 * cols + 1))
    check(runs, zone, cls)


def test_one_label_is_a_run_a_row():
    zone = np.full(50 * 300, 7, np.int32)
    runs = Runs.of(zone, np.zeros_like(zone, np.uint8), 300)
    assert runs.starts.tolist() == list(range(0, 15_001, 300))
    assert set(runs.ids.tolist()) == {0}


def test_the_last_cell_of_a_vector_and_the_first_of_the_next_are_seen():
    """A change at each place of a row, each alone in its row."""
    for cols in (64, 65, 66, 128, 129, 193):
        zone = np.zeros((cols, cols), np.int32)
        zone[np.arange(cols), np.arange(cols)] = 1
        quiet = np.zeros((-(-QUIET // cols), cols), np.int32)
        flat = np.concatenate([quiet, zone]).ravel()
        runs = Runs.of(flat, None, cols)
        assert not runs.single
        assert runs.starts.tolist() == plain_starts(flat, None, cols)


@pytest.mark.parametrize("change", [0.05, 1.0])
@pytest.mark.parametrize("kind", KINDS)
def test_labels_of_every_integer_type(kind, change):
    """Each type holds zones once and, paired with another, classes once."""
    other = KINDS[(KINDS.index(kind) + 3) % len(KINDS)]
    top = {k: min(np.iinfo(k).max, 2**63 - 1) for k in (kind, other)}
    zone = patchy(65 * 40, np.array([np.iinfo(kind).min, 0, 1, top[kind]], kind), change)
    cls = patchy(65 * 40, np.array([np.iinfo(other).min, 5, top[other]], other), change)
    runs = Runs.of(zone, cls, 65)
    assert runs.single == (change == 1.0)
    check(runs, zone, cls)


CODES = {
    "9 digits": 150_105_101 + 37 * np.arange(300),
    "12 digits": 150_105_101_000 + 10_007 * np.arange(300),
    "negative": -5 - 3 * np.arange(300),
    "both signs": np.concatenate([-(10**12) * np.arange(1, 9), 10**12 * np.arange(9)]),
    "a slot apart": 2**32 * np.arange(300),
    "the widest": np.array([-(2**63), 2**63 - 1, 0]),
}


@pytest.mark.parametrize("change", [0.05, 1.0])
@pytest.mark.parametrize("codes", CODES.values(), ids=CODES)
def test_sparse_codes(codes, change):
    zone, cls = patchy(50_000, codes, change), patchy(50_000, np.arange(-2, 9), change)
    check(Runs.of(zone, cls, 1000), zone, cls)
    check(Runs.of(zone, None, 1000), zone, None)


@pytest.mark.parametrize("pairs", [1, 1000, 1024, 1025, 5000, 150_000])
@pytest.mark.parametrize("spacing", [1, 10**9])
def test_however_many_pairs_there_are(pairs, spacing):
    zone = np.concatenate([RNG.permutation(pairs), RNG.integers(0, pairs, 3000)]) * spacing
    numbers, known = plain_numbers(zone, None)
    table = Pairs()
    assert table.number(zone, None).tolist() == numbers
    assert table.size == len(known) == pairs
    assert table.zone.tolist() == [z for z, _ in known]
    assert not table.cls.any()


@pytest.mark.parametrize("spacing", [1, 10**9])
def test_pairs_are_known_again(spacing):
    """What comes later in pieces has the numbers that it would have had at once."""
    zone = RNG.integers(0, 700, 60_000) * spacing
    cls = RNG.integers(-3, 9, 60_000)
    table = Pairs(room=16)
    parts = [table.number(z, c) for z, c in zip(np.array_split(zone, 7), np.array_split(cls, 7), strict=True)]
    numbers, known = plain_numbers(zone, cls)
    assert np.concatenate(parts).tolist() == numbers
    assert list(zip(table.zone.tolist(), table.cls.tolist(), strict=True)) == known


def test_a_table_by_place_and_one_by_search_number_alike():
    near = RNG.integers(-20, 40, 30_000)
    cls = RNG.integers(-5, 5, near.size)
    close, far = Pairs(), Pairs()
    assert close.number(near, cls).tolist() == far.number(near * 10**12, cls).tolist()
    np.testing.assert_array_equal(close.zone * 10**12, far.zone)
    np.testing.assert_array_equal(close.cls, far.cls)


def test_pairs_travel():
    table = Pairs()
    zone = RNG.integers(0, 3000, 9000) * 10**9
    table.number(zone, None)
    again = pickle.loads(pickle.dumps(table))
    assert again.number(zone[::-1], None).tolist() == table.number(zone[::-1], None).tolist()
    assert again.number(np.array([-1]), None).tolist() == [table.size]


@pytest.mark.parametrize("change", [0.01, 0.1, 1.0])
def test_cells_get_the_value_of_their_pair(change):
    zone, cls = patchy(70 * 90, np.arange(9) * 10**9, change), patchy(70 * 90, [1, 2], change)
    runs = Runs.of(zone, cls, 90)
    values = runs.pairs.zone * 1e-3 + runs.pairs.cls
    expected = zone * 1e-3 + cls
    edges = [(0, zone.size), (0, 1), (89, 90), (89, 91), (zone.size - 1, zone.size), (90, 180)]
    some = np.sort(RNG.integers(0, zone.size, (40, 2)), axis=1) + np.array([0, 1])
    for first, stop in [*edges, *some]:
        assert runs.spread(values, first, stop).tolist() == expected[first:stop].tolist()
