"""Every benchmark runs at toy size; nothing is timed here."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
TASKS = ("a", "b", "c", "c2", "d")
TOY = 20_000

pytestmark = [
    # what libraries of peers warn about is none of our business
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::FutureWarning"),
]


def peers(bench, task):
    return {peer.name: peer for peer in bench("peers").implementations(task)}


# ---------------------------------------------------------------------------------------------- grids


@pytest.mark.parametrize("kind", ["coherent", "salt", "scatter"])
def test_a_landscape_is_the_same_however_it_is_cut(bench, kind):
    grids = bench("grids")
    grid = grids.Landscape(TOY, 30, fields=("slope",), kind=kind)
    for name in ("zone", "land_cover", "slope"):
        whole = grid.rows(name, 0, grid.shape[0])
        assert whole.shape == grid.shape
        bands = [grid.rows(name, *band) for band in grid.blocks(17)]
        np.testing.assert_array_equal(np.concatenate(bands), whole)
        np.testing.assert_array_equal(grid.layer(name).to_numpy(), whole)


@pytest.mark.parametrize("zones", [11, 1000])
def test_a_coherent_landscape_has_all_zones_in_runs(bench, zones):
    layers = bench("grids").landscape(TOY, zones)
    zone = layers["zone"].to_numpy()
    assert zone.dtype == np.int32
    assert layers["land_cover"].dtype == np.uint8
    assert np.unique(zone).tolist() == list(range(1, zones + 1))
    assert 0.05 < np.mean(np.diff(zone, axis=1) == 0) < 1
    assert set(np.unique(layers["land_cover"])) <= set(range(1, 11))


def test_salt_and_pepper_has_hardly_a_run(bench):
    grid = bench("grids").Landscape(TOY, 1000, kind="scatter")
    assert np.mean(np.diff(grid.rows("zone", 0, 50), axis=1) == 0) < 0.01
    counts = np.bincount(grid.rows("land_cover", 0, 50).ravel(), minlength=11)
    assert counts[0] == 0
    assert counts[1:].min() > 0.8 * counts[1:].max()


# ---------------------------------------------------------------------------------------------- tasks


@pytest.mark.parametrize("task", TASKS)
def test_exact_results_are_those_of_fsum(bench, task):
    tasks = bench("tasks")
    problem = tasks.Problem(tasks.TASKS[task], 3000, 3)
    key = problem.key().ravel()
    values = [v.ravel() for v in problem.values(dtype=np.float64)]
    sums = [[math.fsum(v[key == k]) for k in range(problem.size)] for v in values]
    expected = problem.account([problem.table(np.array(each)) for each in sums])
    np.testing.assert_array_equal(problem.exact, expected)
    assert problem.error(expected) == 0
    assert problem.error(expected * 1.5) == pytest.approx(0.5)
    assert problem.counts.sum() == problem.cells


def test_the_floor_reads_every_byte(bench):
    floor = bench("floor")
    arrays = [np.arange(37, dtype=np.float32), np.arange(1001, dtype=np.uint8)]
    reading = floor.Floor(arrays)
    assert reading.bytes == 37 * 4 + 1001
    assert sum(part.size for parts in reading.parts for part in parts) == 37 * 4 // 8 + 1001 // 8
    reading.measure(2)
    assert len(reading.seconds) == 2
    assert reading.best == min(reading.seconds)


# ---------------------------------------------------------------------------------------------- peers


@pytest.mark.parametrize("kind", ["coherent", "salt", "scatter"])
@pytest.mark.parametrize("task", TASKS)
def test_all_that_are_installed_agree(bench, task, kind):
    tasks = bench("tasks")
    problem = tasks.Problem(tasks.TASKS[task], TOY, 23, kind)
    ran = set()
    for name, peer in peers(bench, task).items():
        if reason := peer.refuses(problem):
            assert reason.startswith(("not installed", "zones of single cells")), name
            continue
        made = peer(problem)
        assert problem.error(made.run()) < 1e-6, name
        if made.counting and hasattr(made, "counts"):
            np.testing.assert_array_equal(made.counts, problem.counts, err_msg=name)
        ran.add(name)
    assert {"gep", "numpy bincount", "numpy blocks", "pandas", "scipy.sparse"} <= ran


@pytest.mark.parametrize("task", TASKS)
def test_gep_is_exact_with_zones_that_have_no_cells(bench, task):
    tasks = bench("tasks")
    problem = tasks.Problem(tasks.TASKS[task], 2000, 3000, "scatter")
    assert problem.error(bench("ours").Gep(problem).run()) < 1e-15


def test_what_is_not_installed_is_told(bench, monkeypatch):
    tasks = bench("tasks")
    problem = tasks.Problem(tasks.TASKS["a"], 1000, 3)
    polars = peers(bench, "a")["polars"]
    monkeypatch.setattr(polars, "needs", ("surely_not_installed",))
    assert polars.refuses(problem) == "not installed: surely_not_installed"


# -------------------------------------------------------------------------------------------- compare


def test_compare_prints_and_writes_everything(bench, tmp_path, capsys):
    out = tmp_path / "out.json"
    arguments = [
        "--cells",
        "2e4",
        "--zones",
        "11",
        "--tasks",
        "a,b,c",
        "--grid",
        "coherent,salt,scatter",
        "--quick",
    ]
    assert bench("compare").main([*arguments, "--only", "gep,numpy,exact", "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert {"processor", "cores", "packages"} <= set(found["machine"])
    records = {(r["grid"], r["task"], r["implementation"]): r for r in found["records"]}
    gep = records["coherent", "b", "gep"]
    assert gep["gep_faster"] == 1
    assert gep["floors"] == pytest.approx(gep["best"] / gep["floor_seconds"])
    assert gep["counts_exact"] is True
    assert records["scatter", "a", "exactextract"]["reason"].startswith("zones of single cells")
    asked = {(c["task"], c["requirement"]) for c in found["requirements"]}
    assert {("a", "times the floor"), ("c", "times the time of b"), ("b", "faster than every peer")} <= asked
    printed = capsys.readouterr().out
    assert "numpy raster algebra" in printed
    assert "this grid is smaller" in printed


def test_a_peer_that_fails_is_listed_with_its_error(bench, monkeypatch):
    compare, arrays, tasks = bench("compare"), bench("peers.arrays"), bench("tasks")
    monkeypatch.setattr(arrays.Bincount, "sums", lambda self: 1 / 0)
    arena = compare.Arena(tasks.TASKS["a"], TOY, 5, "coherent", compare.Effort(1, 1, 0.1, 1.0))
    (record,) = arena.compete([arrays.Bincount])
    assert record.reason == "ZeroDivisionError: division by zero"
    assert "division by zero" in compare.table([record])


def test_a_peer_that_is_too_slow_runs_on_fewer_cells(bench, monkeypatch):
    compare, arrays, tasks = bench("compare"), bench("peers.arrays"), bench("tasks")
    monkeypatch.setattr(compare, "TOY", 1000)
    monkeypatch.setattr(compare, "PROBE", 2000)
    monkeypatch.setattr(compare, "SMALL", 5000)
    arena = compare.Arena(tasks.TASKS["a"], TOY, 5, "coherent", compare.Effort(1, 1, 0.1, 0.0))
    (record,) = arena.compete([arrays.Bincount])
    assert record.scaled
    assert record.cells_run < record.cells
    assert record.best == pytest.approx(record.cells / record.cells_per_second)


def test_requirements_are_judged_from_records(bench):
    compare, requirements = bench("compare"), bench("requirements")

    def record(name, family, task, seconds, zones=11, grid="coherent"):
        about = compare.Record(task, grid, 40_000_000, zones, name, family, best=seconds)
        about.floors = seconds / 0.01
        return about

    records = [
        record("gep", "gep", "a", 0.01), record("fast", "general engine", "a", 0.2),
        record("slow", "general engine", "a", 0.9), record("tool", "field tool", "a", 0.3),
        record("gep", "gep", "a", 0.02, 40_000), record("fast", "general engine", "a", 0.05, 40_000),
    ]  # fmt: skip
    found = {(c.zones, c.requirement): c for c in requirements.check(records)}
    assert found[11, "times the floor"].holds is True
    engine = found[11, "faster than the best general engine"]
    assert (engine.measured, engine.against, engine.holds) == (pytest.approx(20), "fast", True)
    assert found[11, "faster than the best field tool"].holds is False
    assert found[40_000, "times the time of 11 zones"].measured == pytest.approx(2)
    assert found[40_000, "faster than every general engine"].holds is False
    assert "NO" in requirements.verdict(found.values())


def test_memory_of_arrays_is_seen(bench):
    measure = bench("measure")
    with measure.Peak() as peak:
        held = np.ones(4_000_000)
    del held
    assert peak.extra is None or 30e6 < peak.extra < 60e6


# ------------------------------------------------------------------------------- disk, bits, first call


@pytest.mark.parametrize("storage", ["zarr", "tiff"])
def test_layers_come_back_from_disk(bench, tmp_path, storage):
    pytest.importorskip({"zarr": "zarr", "tiff": "rioxarray"}[storage])
    pytest.importorskip("dask")
    store, grids = bench("storage"), bench("grids")
    grid = grids.Landscape(TOY, 7, fields=("precipitation",))
    names = ("zone", "land_cover", "precipitation")
    assert store.write(tmp_path, grid, names, storage) > 0
    layers = store.read(tmp_path, grid, names, storage, (50, 70))
    for name in names:
        np.testing.assert_array_equal(layers[name].to_numpy(), grid.layer(name).to_numpy())
    assert layers["precipitation"].attrs["units"] == "mm/year"
    sums = bench("ours").aggregate(layers, "c2")
    assert int(sums["cells"].sum()) == grid.shape[0] * grid.shape[1]


def test_scaling_measures_and_cleans_up(bench, tmp_path, monkeypatch, capsys):
    pytest.importorskip("zarr")
    pytest.importorskip("dask")
    scaling = bench("scaling")
    monkeypatch.setattr(scaling, "alone", scaling.measure)
    out = tmp_path / "out.json"
    arguments = [str(tmp_path), "--cells", "1e4,2e4", "--zones", "5", "--storage", "zarr", "--json", str(out)]
    assert scaling.main(arguments) == 0
    found = json.loads(out.read_text())
    assert {(p["task"], p["storage"]) for p in found["points"]} == {
        (task, storage) for task in "ab" for storage in ("memory", "zarr")
    }
    assert set(found["slopes"]) == {"a memory", "b memory", "a zarr", "b zarr"}
    assert [p.name for p in tmp_path.iterdir()] == ["out.json"]
    assert "decoding" in capsys.readouterr().out


def test_a_straight_line_has_slope_one(bench):
    scaling = bench("scaling")
    points = [scaling.Point("a", "zarr", n, 5, 3e-9 * n, None, None) for n in (10**6, 10**7, 10**9)]
    assert scaling.slopes(points) == {"a zarr": pytest.approx(1)}


@pytest.mark.parametrize("task", TASKS)
def test_all_ways_give_the_same_bits(bench, task):
    pytest.importorskip("dask")
    identical, tasks = bench("identical"), bench("tasks")
    problem = tasks.Problem(tasks.TASKS[task], TOY, 13)
    names = bench("ours").result_names(task, list(problem.fields))
    marks = {way: identical.digest(call(), names) for way, call in identical.ways(problem.layers, task)}
    assert len(marks) == 12
    assert len(set(marks.values())) == 1


def test_plain_floats_add_up_too(bench):
    identical, tasks = bench("identical"), bench("tasks")
    problem = tasks.Problem(tasks.TASKS["a"], TOY, 13)
    assert problem.error(problem.table(identical.plain(problem))) < 1e-12


def test_the_first_call_is_measured_in_a_process_of_its_own(bench, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    found = bench("cold").first_calls(tmp_path, 1000, ["a"])
    assert found["compiler_at_import"] is False
    assert set(found["first_calls"]) == {"a"}


def test_the_figure_shows_time_and_floor(bench, tmp_path):
    pytest.importorskip("matplotlib")
    compare, plot = bench("compare"), bench("plot")
    effort = compare.Effort(1, 1, 0.1, 1.0)
    found = compare.compare(TOY, [11], ["a", "b"], ["coherent"], effort, ["gep", "numpy"])
    point = {"task": "a", "storage": "zarr", "cells": TOY, "zones": 11, "seconds": 0.1}
    result, scaled = tmp_path / "compare.json", tmp_path / "scaling.json"
    result.write_text(json.dumps(found))
    scaled.write_text(json.dumps({"points": [point, {**point, "cells": 10 * TOY, "seconds": 0.9}]}))
    for name in ("out.svg", "out.png"):
        assert plot.main([str(tmp_path / name), str(result), str(scaled)]) == 0
        assert (tmp_path / name).stat().st_size > 10_000


# ------------------------------------------------------------------------------------------------ asv


@pytest.mark.parametrize("kind", ["coherent", "salt", "scatter"])
@pytest.mark.parametrize("task", TASKS)
def test_asv_tasks(bench, task, kind):
    toy = bench("bench_grid").Task()
    toy.cells = TOY
    toy.setup(task, 40, kind)
    toy.time_run(task, 40, kind)
    toy.peakmem_run(task, 40, kind)
    assert toy.track_error(task, 40, kind) < 1e-15


@pytest.mark.parametrize("storage", ["memory", "zarr", "tiff"])
def test_asv_chunks(bench, storage):
    pytest.importorskip({"memory": "dask", "zarr": "zarr", "tiff": "rioxarray"}[storage])
    toy = bench("bench_grid").Chunks()
    toy.cells, toy.zones = TOY, 20
    toy.setup("c2", storage)
    sums = toy.time_aggregate("c2", storage)
    toy.peakmem_aggregate("c2", storage)
    toy.teardown("c2", storage)
    assert sums["precipitation"].sizes["zone"] == 20


def test_asv_account(bench):
    toy = bench("bench_account").Account()
    toy.cells = TOY
    toy.setup()
    assert toy.track_rows() > 11
    toy.peakmem_compile()
    assert bench("bench_account").table(toy)["value"].sum() > 0


def test_asv_draws(bench):
    toy = bench("bench_uncertainty").Draws()
    toy.setup(3, 20)
    assert toy.time_total(3, 20)["sd"].iloc[0] > 0
    assert len(toy.time_by_zone(3, 20)) == len(toy.time_ranks(3, 20)) == 3
    assert len(toy.time_by_row(3, 20)) == 60
    toy.peakmem_by_zone(3, 20)


def test_the_page_is_what_was_measured(bench):
    page = bench("page")
    assert page.PAGE.read_text(encoding="utf-8") == page.page(), "run: python -m benchmarks.page"
