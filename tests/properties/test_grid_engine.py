"""The engine adds exactly, so nothing that only regroups cells can change a bit of what comes out."""

import math
from fractions import Fraction

import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import gep
from gep.grid import CellArea, Model, aggregate
from gep.grid.exact import ExactSums
from gep.grid.georef import GridSpec
from gep.services.sand import sand_fixed_closed
from gep.services.soil import retained

ENGINE = settings(deadline=None, max_examples=30)
PLAIN = settings(deadline=None, max_examples=150)

ANY = st.floats(allow_nan=False, allow_infinity=False)
#: Sizes of over 200 orders of magnitude, and holes.
NUMBERS = st.builds(math.ldexp, st.integers(-(2**53), 2**53), st.integers(-400, 300)) | st.just(math.nan)
VALUES = NUMBERS | st.sampled_from([1.0, 0.1, math.inf, -math.inf])
FACTORS = {
    "erosivity": "MJ mm/(ha h year)", "erodibility": "t ha h/(ha MJ mm)", "slope": "1", "cover": "1",
    "practice": "1",
    "weather": "kg/m/year", "erodible": "1", "crust": "1", "roughness": "1", "vegetation": "1",
}  # fmt: skip


def grid(values, unit="", *, south_up=False, **attrs):
    rows, cols = values.shape
    at = {"lat": 40 - 0.25 * np.arange(rows), "lon": 100 + 0.25 * np.arange(cols)}
    data = xr.DataArray(values, at, ("lat", "lon"), attrs=attrs | {"units": unit})
    return gep.set_crs(data[::-1] if south_up else data, "EPSG:4326")


def fields(shape, elements=VALUES):
    """Values that differ from cell to cell, or lie in runs."""
    size = st.sampled_from([1, 4, 9])
    return size.flatmap(
        lambda k: hnp.arrays(float, (shape[0], -(-shape[1] // k)), elements=elements).map(
            lambda a: a.repeat(k, 1)[:, : shape[1]]
        )
    )


def labels(shape, codes):
    return fields(shape, st.sampled_from(codes)).map(lambda a: a.astype(np.int32))


def areas(shape):
    """Areas of cells: those of the georeference, all alike, by row, or another for every cell."""
    left = hnp.arrays(float, (shape[0], 2), elements=st.floats(1, 900))
    right = hnp.arrays(float, (2, shape[1]), elements=st.floats(0.5, 1))
    return st.none() | st.one_of(
        left.map(lambda a: CellArea("constant", shape, a[:1, :1], np.ones((1, shape[1])))),
        left.map(lambda a: CellArea("by_row", shape, a[:, :1], np.ones((1, shape[1])))),
        st.tuples(left, right).map(lambda a: CellArea("by_cell", shape, *a)),
    )


@st.composite
def maps(draw, elements=VALUES):
    """Zones, classes and two fields of one grid, of 64 and 32 bits."""
    shape = draw(st.tuples(st.integers(2, 12), st.integers(2, 40)))
    up = draw(st.booleans())
    zone, cover = draw(labels(shape, [0, 7, 150105101])), draw(labels(shape, [1, 2, 255])).astype(np.uint8)
    rain, people = (
        draw(fields(shape, elements)),
        draw(fields(shape, st.floats(-(2.0**100), 2.0**100, width=32))),
    )
    return {
        "zones": grid(zone, south_up=up, _FillValue=0),
        "classes": grid(cover, south_up=up, _FillValue=255),
        "fields": {
            "rain": grid(rain, "mm/year", south_up=up),
            "people": grid(people.astype(np.float32), "person", south_up=up),
        },
    }


def layers(layer, change):
    """The same layers, each of them changed."""
    return {
        "zones": change(layer["zones"]),
        "classes": change(layer["classes"]),
        "fields": {name: change(field) for name, field in layer["fields"].items()},
    }


def bits(sums):
    columns = [sums.frame[c].to_numpy() for c in sums.frame]
    columns += [sums.unclassified[c].to_numpy() for c in sums.unclassified]
    return [c.tobytes() for c in columns] + [sums.outside_cells, sums.outside_area.hex()]


def cuts(size):
    """Ways to cut an axis: sizes of chunks that add up to it."""
    return st.sets(st.integers(1, size - 1), max_size=4).map(
        lambda at: tuple(np.diff([0, *sorted(at), size]).tolist()) if at else (size,)
    )


# -------------------------------------------------------------------------------------- exact sums


@PLAIN
@given(st.lists(st.lists(ANY, max_size=12), min_size=1, max_size=4))
def test_a_sum_is_the_fraction_rounded_once(groups):
    sums = ExactSums.zeros(len(groups))
    for k, terms in enumerate(groups):
        for some in (terms[::2], terms[1::2]):
            sums.add_values(np.full(len(some), k), np.array(some, float))
    for got, terms in zip(sums.to_float().tolist(), groups, strict=True):
        total = sum(map(Fraction, terms), Fraction(0))
        try:
            assert got.hex() == float(total).hex()
        except OverflowError:
            assert got == (math.inf if total > 0 else -math.inf)


@PLAIN
@given(st.data(), st.lists(ANY, min_size=1, max_size=20))
def test_grouping_and_order_of_merges_never_matter(data, terms):
    order = data.draw(st.permutations(range(len(terms))))
    edges = sorted(data.draw(st.sets(st.integers(1, len(terms)), max_size=5)))
    parts = [ExactSums.zeros(1) for _ in range(len(edges) + 1)]
    for part, at in zip(parts, np.split(np.array(order), edges), strict=True):
        part.add_values(np.zeros(len(at), int), np.array(terms)[at])
    while len(parts) > 1:
        one = parts.pop(data.draw(st.integers(0, len(parts) - 1)))
        parts[data.draw(st.integers(0, len(parts) - 1))].merge(np.array([0]), one)
    whole = ExactSums.zeros(1)
    whole.add_values(np.zeros(len(terms), int), np.array(terms))
    assert parts[0].to_float().tobytes() == whole.to_float().tobytes()


@PLAIN
@given(st.lists(st.tuples(st.integers(-(2**63), 2**63 - 1), st.integers(-1200, 900)), max_size=8))
def test_integers_with_exponents_are_added_exactly(terms):
    sums = ExactSums.zeros(1)
    for whole, exponent in terms:
        sums.add(np.array([whole]), exponent)
    total = sum((whole * Fraction(2) ** exponent for whole, exponent in terms), Fraction(0))
    assert sums.to_float()[0].hex() == float(total).hex()


# ---------------------------------------------------------------------------------- blocks and chunks


@ENGINE
@given(
    st.data(), maps(), st.lists(st.integers(1, 500), min_size=5, max_size=5, unique=True), st.integers(1, 3)
)
def test_blocks_and_threads_never_change_a_bit(data, layer, sizes, threads):
    area = data.draw(areas(layer["zones"].shape))
    expected = bits(aggregate(**layer, area=area, threads=1))
    for size in sizes:
        assert bits(aggregate(**layer, area=area, threads=threads, block_cells=size)) == expected


@ENGINE
@given(st.data(), maps())
def test_chunks_never_change_a_bit(data, layer):
    dask = pytest.importorskip("dask")
    rows, cols = layer["zones"].shape
    ways = st.fixed_dictionaries({"lat": cuts(rows), "lon": cuts(cols)})
    chunked = layers(layer, lambda a: a.chunk(data.draw(ways)) if data.draw(st.booleans()) else a)
    area = data.draw(areas(layer["zones"].shape))
    with dask.config.set(scheduler=data.draw(st.sampled_from(["threads", "synchronous"]))):
        assert bits(aggregate(**chunked, area=area)) == bits(aggregate(**layer, area=area, threads=1))


@ENGINE
@given(st.data(), st.integers(1, 400), st.integers(1, 3))
def test_models_do_not_change_a_bit_either(data, size, threads):
    """Blocks begin at other cells, so a formula is computed in other pieces, and in turned arrays."""
    pytest.importorskip("dask")
    shape = data.draw(st.tuples(st.integers(2, 9), st.integers(2, 40)))
    up, seed = data.draw(st.booleans()), data.draw(st.integers(0, 2**32 - 1))
    rng = np.random.default_rng(seed)
    given = {n: grid(rng.uniform(0.001, 1, shape), unit, south_up=up) for n, unit in FACTORS.items()}
    zone = grid(data.draw(labels(shape, [1, 2])), south_up=up)

    def run(change, **options):
        models = {
            f.name: Model(f, **{n: change(given[n]) for n in f.arguments})
            for f in (retained, sand_fixed_closed)
        }
        return bits(aggregate(change(zone), None, models, **options))

    expected = run(lambda a: a, threads=1)
    assert run(lambda a: a, block_cells=size, threads=threads) == expected
    assert run(lambda a: a.copy(data=np.asfortranarray(a)).T, block_cells=size) == expected
    way = {"lat": data.draw(cuts(shape[0])), "lon": data.draw(cuts(shape[1]))}
    assert run(lambda a: a.chunk(way)) == expected


# ------------------------------------------------------------------------------------ what must hold


@ENGINE
@given(maps(NUMBERS))
def test_totals_equal_fsum(layer):
    sums = aggregate(**layer)
    spec = GridSpec.of(layer["zones"])
    area = np.broadcast_to(spec.cell_area().rows(0, spec.shape[0]), spec.shape)
    rain, people = (f.values.astype(float) for f in layer["fields"].values())
    for row in sums.frame.itertuples():
        mask = (layer["zones"].values == row.zone) & (layer["classes"].values == row[2])
        holes = mask & np.isnan(rain)
        assert row.cells == mask.sum()
        assert row.area_m2 == math.fsum(area[mask])
        assert row.people == math.fsum(people[mask])
        assert row.rain_missing_m2 == math.fsum(area[holes])
        assert row.rain == math.fsum((rain * area)[mask & ~holes]) or (
            holes.sum() == row.cells and row.rain != row.rain
        )


#: Most in one range, some so small that they are cut, some of any size.
SINGLE = st.floats(0.5, 2000, width=32) | st.floats(2**-20, 2000, width=32) | st.floats(width=32)


@settings(ENGINE, max_examples=60)
@given(
    st.data(),
    st.sampled_from(["runs", "cells", "rows"]),
    st.integers(1, 9000),
    st.sampled_from([np.float32, np.int16, np.uint8]),
)
def test_float32_times_area_is_rounded_once(data, zones, size, kind):
    """Whatever way a cell goes (by run, by row, cut), it adds the exact product."""
    shape = data.draw(st.tuples(st.integers(2, 9), st.integers(2, 1200)))
    zone = data.draw(labels(shape, [1, 2]))
    if zones == "cells":  # every cell another zone than the one before
        zone = np.broadcast_to(1 + np.arange(shape[1]) % 2, shape).astype(np.int32)
    elif zones == "rows":
        zone = np.broadcast_to(1 + np.arange(shape[0])[:, None], shape).astype(np.int32)
    numbers = SINGLE if kind is np.float32 else st.integers(0, 255)
    rain = data.draw(hnp.arrays(kind, shape, elements=numbers, fill=st.just(kind(3))))
    left = data.draw(st.sampled_from([(700.1, 900.0), (1e-3, 1e9), (900.0, 900.0)]))
    area = CellArea("by_row", shape, np.linspace(*left, shape[0])[:, None], np.ones((1, shape[1])))
    sums = aggregate(grid(zone), None, {"rain": grid(rain, "mm/year")}, area=area, block_cells=size)
    for row in sums.frame.itertuples():
        here = (zone == row.zone) & ~np.isnan(rain)
        values, cells = rain[here].astype(float), np.broadcast_to(area.left, shape)[here]
        if not np.isfinite(values).all():
            assert not np.isfinite(row.rain)
        elif values.size:
            exact = sum(
                Fraction(v) * Fraction(a) for v, a in zip(values.tolist(), cells.tolist(), strict=True)
            )
            assert row.rain.hex() == float(exact).hex()


@ENGINE
@given(maps(NUMBERS))
def test_no_land_is_lost(layer):
    sums, spec = aggregate(**layer), GridSpec.of(layer["zones"])
    assert sums.cells.sum() + sums.outside_cells + sums.unclassified["cells"].sum() == math.prod(spec.shape)
    total = sums.area.sum() + sums.outside_area + sums.unclassified["area_m2"].sum()
    assert total == pytest.approx(spec.cell_area().total(), rel=1e-14)


@ENGINE
@given(maps(), st.integers(1, 10**10), st.integers(-(10**12), 10**12))
def test_names_of_labels_never_matter(layer, factor, shift):
    """Other codes in the same order, near or far from each other."""
    zone = layer["zones"]
    codes = [int(v) * factor + shift for v in (0, 7, 150105101)]
    told = np.select([zone == 0, zone == 7], codes[:2], codes[2])
    renamed = zone.copy(data=told).assign_attrs(_FillValue=codes[0])
    sums, again = aggregate(**layer), aggregate(**{**layer, "zones": renamed})
    assert [z * factor + shift for z in sums.zones] == again.zones
    for name in ("area", "rain", "people"):
        assert again[name].values.tobytes() == sums[name].values.tobytes()


@ENGINE
@given(st.data(), maps())
def test_where_a_cell_lies_does_not_matter_where_all_are_alike(data, layer):
    shape = layer["zones"].shape
    area = CellArea("constant", shape, np.array([[data.draw(st.floats(1e-3, 1e9))]]), np.ones((1, shape[1])))
    order = np.random.default_rng(data.draw(st.integers(0, 99))).permutation(math.prod(shape))
    mixed = layers(layer, lambda a: a.copy(data=a.values.ravel()[order].reshape(shape)))
    assert bits(aggregate(**mixed, area=area)) == bits(aggregate(**layer, area=area))


@ENGINE
@given(maps(NUMBERS), st.integers(-60, 60))
def test_a_power_of_two_goes_through_unchanged(layer, power):
    """So does a sign: the scale that a block chooses leaves no trace."""
    factor = -(2.0**power)
    scaled = {name: field * np.float32(factor) for name, field in layer["fields"].items() if name == "rain"}
    scaled["rain"].attrs = layer["fields"]["rain"].attrs
    sums = aggregate(**layer)
    again = aggregate(**{**layer, "fields": scaled})
    np.testing.assert_array_equal(again["rain"], sums["rain"] * factor)
