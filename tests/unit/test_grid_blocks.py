"""Blocks: cells, area and fields of every pair, to the last bit what :func:`math.fsum` says."""

import math
import pickle
import signal

import numpy as np
import pytest

from gep.errors import GridError
from gep.grid.blocks import BlockTask, FieldTask
from gep.grid.cell_area import CellArea
from gep.grid.positions import integrate

RNG = np.random.default_rng(23)
SHAPE = (90, 130)
OUTSIDE, NOTHING = frozenset({-1}), frozenset({9})


def area_of(form, shape=SHAPE):
    rows, cols = shape
    across = np.ones((1, cols))
    if form == "constant":
        return CellArea(form, shape, np.array([[899.7]]), across)
    if form == "by_row":
        return CellArea(form, shape, np.linspace(3.1e5, 9.9e5, rows)[:, None], across)
    left, right = RNG.uniform(0.1, 1, (rows, 2)), RNG.uniform(700, 900, (2, cols))
    return CellArea("by_cell", shape, left, right)


def patches(labels, coarse, shape=SHAPE):
    """Labels in squares, or (coarse 1) another in every cell."""
    few = RNG.choice(np.asarray(labels), (-(-shape[0] // coarse), -(-shape[1] // coarse)))
    return few.repeat(coarse, 0).repeat(coarse, 1)[: shape[0], : shape[1]]


AREAS = {form: area_of(form) for form in ("constant", "by_row", "by_cell")}
#: Zones and classes cell by cell, in short runs and in long ones.
FINE = {
    size: (patches([-1, 4, 7], size).astype(np.int32), patches([9, 1, 2], size).astype(np.uint8))
    for size in (1, 17, 70)
}


def summed(fields, area, zone, cls=None, *, per_area=True, top=0, left=0, outside=OUTSIDE):
    """Sums of one zoning over a block whose fields are arrays."""
    tasks = tuple(FieldTask(name, 1, per_area) for name in fields)
    task = BlockTask({"": outside}, cls is not None, NOTHING, tasks, area)
    blocks = [zone, *([] if cls is None else [cls]), *fields.values()]
    return task(top, left, *blocks)[""]


def told(zone, cls):
    """Tell whether fields are added up in a pair."""
    return zone not in OUTSIDE and cls not in NOTHING


def rows_of(sums, name="f"):
    """Cells and area by pair of labels; total, missing cells and their area where fields are added up."""
    field, found = sums.fields[name], {}
    size = [sums.cells, sums.area.to_float()]
    more = [field.total.to_float(), field.missing, field.missing_area.to_float()]
    for k, (z, c) in enumerate(zip(sums.pairs.zone.tolist(), sums.pairs.cls.tolist(), strict=True)):
        found[z, c] = [column[k] for column in size + more * told(z, c)]
    return found


def products(values, cells, *, exact):
    """Values x area, rounded; or in two parts each, which are not."""
    if not exact:
        return [*(values * cells)]
    high = (cells.view(np.int64) >> 24 << 24).view(float)
    low = np.where(np.isinf(values), 0.0, values) * (cells - high)
    return [*(values * high), *low]


def plain(values, area, zone, cls=None, *, per_area=True, top=0, left=0):
    """The same by one loop over pairs and :func:`math.fsum`."""
    rows, cols = zone.shape
    cells = np.broadcast_to(area.rows(top, top + rows), (rows, area.shape[1]))[:, left : left + cols]
    # a float32 has so few bits that its exact product with an area is added
    exact = area.form != "by_cell" and (values.itemsize <= 2 or values.dtype.newbyteorder("=") == np.float32)
    values = np.asarray(values, float)
    cls_of = np.zeros_like(zone) if cls is None else cls
    found = {}
    for z, c in set(zip(zone.ravel().tolist(), cls_of.ravel().tolist(), strict=True)):
        mask = (zone == z) & (cls_of == c)
        holes = mask & np.isnan(values)
        found[z, c] = [mask.sum(), math.fsum(cells[mask])]
        if told(z, c):
            there = mask & ~holes
            own = products(values[there], cells[there], exact=exact) if per_area else values[there]
            found[z, c] += [math.fsum(own), holes.sum(), math.fsum(cells[holes])]
    return found


def holed(values, share=0.1):
    return np.where(RNG.random(values.shape) < share, np.nan, values)


SCALES = 10.0 ** RNG.uniform(-30, 30, SHAPE)
SORTED = 10.0 ** np.linspace(-150, 150, SCALES.size).reshape(SHAPE)
FIELDS = {
    "smooth": RNG.lognormal(0, 5, SHAPE),
    "float32": RNG.lognormal(0, 5, SHAPE).astype(np.float32),
    "float32 with holes": holed(RNG.normal(0, 1e3, SHAPE)).astype(np.float32),
    "float32 whole": RNG.integers(-500, 500, SHAPE).astype(np.float32),
    "float32 of all sizes": (RNG.choice([-1, 1], SHAPE) * SCALES).astype(np.float32),
    "float32 denormal": (RNG.uniform(-9, 9, SHAPE) * 1e-40).astype(np.float32),
    "float32 at its limit": RNG.uniform(-3.4e38, 3.4e38, SHAPE).astype(np.float32),
    "float16": RNG.normal(0, 10, SHAPE).astype(np.float16),
    "holes": holed(RNG.normal(0, 1e9, SHAPE)),
    "all missing": np.full(SHAPE, np.nan),
    "zeros": np.zeros(SHAPE),
    "of all sizes": holed(RNG.choice([-1, 1], SHAPE) * SCALES),
    "growing": SORTED,
    "shrinking": -SORTED[::-1, ::-1].copy(),
    "zeros, then great": np.where(np.arange(SHAPE[0])[:, None] < 60, 0.0, RNG.normal(0, 1e20, SHAPE)),
    "great, then small": np.where(np.arange(SHAPE[0])[:, None] < 2, 1e30, RNG.normal(0, 1e-9, SHAPE)),
    "one great cell": np.where(np.arange(SCALES.size).reshape(SHAPE) == 8000, -1e25, SCALES.clip(1e-3, 1e3)),
    "cancelling": np.concatenate([SCALES[:45], -SCALES[:45]]) + np.eye(*SHAPE) * 1e-30,
    "bool": RNG.random(SHAPE) < 0.3,
    "int8": RNG.integers(-128, 127, SHAPE, np.int8),
    "uint16": RNG.integers(0, 2**16, SHAPE, np.uint16),
    "int64": RNG.integers(-(2**53), 2**53, SHAPE),
    "big-endian": RNG.normal(0, 1, SHAPE).astype(">f8"),
    "big-endian float32": RNG.normal(0, 1, SHAPE).astype(">f4"),
}


@pytest.mark.parametrize("coarse", FINE)
@pytest.mark.parametrize("form", AREAS)
@pytest.mark.parametrize("values", FIELDS.values(), ids=FIELDS)
def test_every_field_in_cells_of_every_form(values, form, coarse):
    zone, cls = FINE[coarse]
    area = AREAS[form]
    for per_area in (True, False):
        got = rows_of(summed({"f": values}, area, zone, cls, per_area=per_area))
        assert got == plain(values, area, zone, cls, per_area=per_area)


@pytest.mark.parametrize("coarse", FINE)
@pytest.mark.parametrize("size", [5e-324, 2.0**-1040, 1e-305])
def test_values_below_the_least_normal_number(size, coarse):
    """In cells of 1024 m2, so that a product is a float64 too."""
    (zone, cls), values = FINE[coarse], RNG.integers(-9, 9, SHAPE) * size
    area = CellArea("constant", SHAPE, np.array([[1024.0]]), np.ones((1, SHAPE[1])))
    for per_area in (True, False):
        got = rows_of(summed({"f": values}, area, zone, cls, per_area=per_area))
        assert got == plain(values, area, zone, cls, per_area=per_area)


@pytest.mark.parametrize("form", AREAS)
def test_without_classes(form):
    zone, values = FINE[17][0], FIELDS["holes"]
    assert rows_of(summed({"f": values}, AREAS[form], zone)) == plain(values, AREAS[form], zone)


@pytest.mark.parametrize("coarse", FINE)
@pytest.mark.parametrize("form", AREAS)
def test_a_block_from_the_middle_has_the_area_of_its_place(form, coarse):
    part = slice(31, 77), slice(13, 101)
    (zone, cls), values, at = FINE[coarse], FIELDS["of all sizes"], {"top": 31, "left": 13}
    zone, cls, values = zone[part], cls[part], values[part]
    got = rows_of(summed({"f": values}, AREAS[form], zone, cls, **at))
    assert got == plain(values, AREAS[form], zone, cls, **at)


@pytest.mark.parametrize("form", AREAS)
def test_arrays_may_lie_in_memory_in_any_order(form):
    zone, cls = FINE[17]
    values = FIELDS["holes"]
    turned = [np.asfortranarray(a) for a in (zone, cls, values)]
    wide = np.repeat(values, 2, axis=1)[:, ::2]
    for z, c, v in (turned, (zone, cls, wide), (zone[::-1][::-1], cls, values)):
        assert rows_of(summed({"f": v}, AREAS[form], z, c)) == plain(values, AREAS[form], zone, cls)


@pytest.mark.parametrize("fill", [-3.4e38, -9999.0, -np.inf])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("coarse", FINE)
def test_what_lies_outside_does_not_matter(coarse, kind, fill):
    """Fields hold what was there before, or a fill value that nobody declared."""
    zone, cls = FINE[coarse]
    values = RNG.normal(0, 1, SHAPE).astype(kind)
    filled = np.where((zone == -1) | (cls == 9), kind(fill), values)
    for form, area in AREAS.items():
        for per_area in (True, False):
            options = {"area": area, "zone": zone, "cls": cls, "per_area": per_area}
            got = rows_of(summed({"f": filled}, **options))
            assert got == rows_of(summed({"f": values}, **options)), form
            assert got == plain(values, area, zone, cls, per_area=per_area)


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("form", AREAS)
def test_infinite_cells_make_infinite_sums_where_they_are(form, kind):
    zone = np.repeat(np.arange(5, dtype=np.int32), 18)[:, None] * np.ones((1, 130), np.int32)
    values = RNG.normal(0, 1, SHAPE).astype(kind)
    values[0, 5] = np.inf
    values[20, 7:9] = -np.inf
    values[40, 3], values[50, 100] = np.inf, -np.inf
    values[60, 3], values[61, 3] = np.inf, np.nan
    for per_area in (True, False):
        sums = summed({"f": values}, AREAS[form], zone, per_area=per_area)
        by_zone = [rows_of(sums)[z, 0] for z in range(5)]
        total = [row[2] for row in by_zone]
        np.testing.assert_array_equal(total[:4], [np.inf, -np.inf, np.nan, np.inf])
        finite = np.where(np.isinf(values), 0, values)
        assert by_zone[4] == plain(finite, AREAS[form], zone, per_area=per_area)[4, 0]
        assert [row[3] for row in by_zone] == [0, 0, 0, 1, 0], "infinite is not missing"


@pytest.fixture
def within_a_second():
    """Code that does not come to an end is stopped."""

    def stop(*_):
        raise TimeoutError

    before = signal.signal(signal.SIGALRM, stop)
    yield lambda: signal.setitimer(signal.ITIMER_REAL, 1.0)
    signal.setitimer(signal.ITIMER_REAL, 0.0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.filterwarnings("ignore:overflow encountered in scalar multiply")
@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="needs an alarm")
@pytest.mark.parametrize(("great", "area", "total"), [(1.79e308, 1.0, 1.79e308), (1e306, 900.0, np.inf)])
def test_values_near_the_largest_float64_come_to_an_end(great, area, total, within_a_second):
    """For example a fill value of a float64 raster that nobody declared."""
    zone, area = np.zeros((1, 3), np.int32), CellArea("constant", (1, 3), np.array([[area]]), np.ones((1, 3)))
    summed({"f": np.ones((1, 3))}, area, zone)  # compiled before the clock runs
    within_a_second()
    sums = summed({"f": np.array([[-great, 1.0, 2.0]])}, area, zone)
    assert sums.fields["f"].total.to_float().tolist() == [-total]


def test_more_rests_than_are_kept_at_once():
    """Every cell leaves something over, in runs and without."""
    values = RNG.choice([-1.0, 1.0], (300, 400)) * 2.0 ** RNG.uniform(-60, 60, (300, 400))
    area = area_of("by_row", (300, 400))
    for coarse in (1, 40):
        zone = patches([3, 4, 5], coarse, (300, 400)).astype(np.int32)
        assert rows_of(summed({"f": values}, area, zone)) == plain(values, area, zone)


@pytest.mark.parametrize("top", [2**20, 2**21])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_a_block_of_more_cells_than_its_integers_hold_is_cut(kind, top):
    """Over 2**23 cells, nearly all of them as great as the scale allows that the first ones ask for."""
    shape = (2950, 2850)
    zone = np.zeros(shape, np.int32)
    area = CellArea("constant", shape, np.array([[1.0]]), np.ones((1, shape[1])))
    small, great = np.nextafter(kind([2**17, top]), kind(0))
    values = np.full(shape, great)
    values[:2] = small
    sums = summed({"f": values}, area, zone, per_area=False)
    assert sums.fields["f"].total.to_float().tolist() == [
        2850 * math.fsum([float(great)] * 2948 + [float(small)] * 2)
    ]
    assert sums.cells.tolist() == [zone.size]


@pytest.mark.parametrize("share", [2.0**-40, 2.0**-9])
def test_area_of_cells_that_differ_much_is_exact_to_the_largest(share):
    """Rows at a pole: what is cut off is less than the last bit of the largest cell."""
    left = np.array([[5e5], [5e5 * share / 3], [5e5 / 3]])
    area = CellArea("by_row", (3, 40), left, np.ones((1, 40)))
    sums = summed({}, area, np.zeros((3, 40), np.int32))
    assert sums.area.to_float()[0] == pytest.approx(40 * math.fsum(left[:, 0]), rel=1e-15)
    small = summed({}, area, np.arange(3, dtype=np.int32)[:, None] * np.ones((1, 40), np.int32))
    assert small.area.to_float()[1] == pytest.approx(40 * left[1, 0], abs=40 * 5e5 * 2.0**-62)


def test_several_zonings_at_once_are_as_each_alone():
    zonings = {
        "town": (patches(150_105_101 + np.arange(40), 9).astype(np.int64), frozenset({150_105_101})),
        "county": (patches([-1, 1, 2], 45).astype(np.int16), frozenset({-1})),
        "salt": (patches(np.arange(9), 1).astype(np.uint8), frozenset({8, 3})),
    }
    cls, fields = FINE[17][1], {"f": FIELDS["holes"], "g": FIELDS["float32 with holes"]}
    tasks = (FieldTask("f", 1, True), FieldTask("g", 1, False))
    outside = {name: out for name, (_, out) in zonings.items()}
    labels = [zone for zone, _ in zonings.values()]
    together = BlockTask(outside, True, NOTHING, tasks, AREAS["by_row"])(0, 0, *labels, cls, *fields.values())
    assert list(together) == list(zonings)
    for name, (zone, out) in zonings.items():
        alone = BlockTask({"": out}, True, NOTHING, tasks, AREAS["by_row"])(
            0, 0, zone, cls, *fields.values()
        )[""]
        for field in fields:
            assert rows_of(together[name], field) == rows_of(alone, field)


def test_labels_may_be_floats_with_holes():
    zone = holed(FINE[17][0].astype(float))
    whole = np.where(np.isnan(zone), -1, zone).astype(np.int32)
    got = rows_of(summed({"f": FIELDS["holes"]}, AREAS["by_row"], zone, outside=OUTSIDE | {-(2**63)}))
    expected = plain(FIELDS["holes"], AREAS["by_row"], whole)
    assert {k: v for k, v in got.items() if k[0] >= 0} == {k: v for k, v in expected.items() if k[0] >= 0}
    assert got[-1, 0][0] + got[-(2**63), 0][0] == expected[-1, 0][0]
    with pytest.raises(GridError, match=r"a label is 2\.5"):
        summed({}, AREAS["by_row"], np.where(zone == 4, 2.5, zone))


@pytest.mark.parametrize("shape", [(0, 5), (5, 0), (1, 1)])
def test_the_smallest_blocks(shape):
    area = area_of("by_row", (5, 5))
    sums = summed({"f": np.full(shape, 2.0)}, area, np.full(shape, 9, np.int32), per_area=False)
    assert sums.cells.tolist() == [1] * (shape == (1, 1))
    assert sums.fields["f"].total.to_float().tolist() == [2.0] * (shape == (1, 1))


def test_sums_travel_and_merge_in_any_order():
    zone, cls = FINE[17]
    values = FIELDS["of all sizes"]
    parts = [
        summed({"f": values[r, c]}, AREAS["by_cell"], zone[r, c], cls[r, c], top=r.start, left=c.start)
        for r in (slice(0, 1), slice(1, 40), slice(40, 90))
        for c in (slice(0, 77), slice(77, 130))
    ]
    for order in ([0, 1, 2, 3, 4, 5], [5, 2, 0, 4, 1, 3]):
        total = pickle.loads(pickle.dumps(parts[order[0]]))
        for k in order[1:]:
            total.merge(pickle.loads(pickle.dumps(parts[k])))
        assert rows_of(total) == plain(values, AREAS["by_cell"], zone, cls)


def test_only_cells_without_a_value_make_no_number_and_no_cell_makes_zero():
    zone = np.array([[0, 0], [1, 3]], np.int32)
    values = np.array([[np.nan, np.nan], [2.0, np.nan]])
    area = area_of("constant", (2, 2))
    sums = integrate(values, zone, np.zeros_like(zone), area, 4, 1, per_area=True)
    np.testing.assert_array_equal(sums.total[:, 0], [np.nan, 2 * 899.7, 0.0, np.nan])
    assert sums.cells_missing[:, 0].tolist() == [2, 0, 0, 1]
    assert sums.missing_area[:, 0].tolist() == [2 * 899.7, 0.0, 0.0, 899.7]
    assert sums.covered_area[:, 0].tolist() == [0.0, 899.7, 0.0, 0.0]
