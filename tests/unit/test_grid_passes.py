"""Threads, dask, workers and files give the bits that memory gives; nothing compiles at import."""

import importlib
import pkgutil
import subprocess
import sys
import tracemalloc
import warnings

import numpy as np
import pytest
import xarray as xr

import gep
import gep.grid
from gep.errors import GridError, MissingExtra
from gep.grid import CellArea, GridSums, Model, aggregate
from gep.services.sand import sand_fixed_closed
from gep.services.soil import retained

RNG = np.random.default_rng(53)
SHAPE = (60, 84)


def grid(values, unit="", **attrs):
    values = np.asarray(values)
    at = {"lat": 40 - 0.25 * np.arange(SHAPE[0]), "lon": 100 + 0.25 * np.arange(SHAPE[1])}
    return gep.set_crs(xr.DataArray(values, at, ("lat", "lon"), attrs=attrs | {"units": unit}), "EPSG:4326")


def patches(labels, size):
    few = RNG.choice(labels, (SHAPE[0] // size + 1, SHAPE[1] // size + 1))
    return few.repeat(size, 0).repeat(size, 1)[: SHAPE[0], : SHAPE[1]]


ONES = ("slope", "cover", "practice", "erodible", "crust", "roughness", "vegetation")
LAYERS = {
    "town": grid(patches(np.array([0, 150_105_101, 150_105_103, 990_000_001], np.int32), 9), _FillValue=0),
    "county": grid(patches(np.array([1, 2, 3], np.int8), 25)),
    "cover_type": grid(patches(np.array([10, 20, 255], np.uint8), 4), _FillValue=255),
    "rain": grid(np.where(RNG.random(SHAPE) < 0.1, np.nan, RNG.uniform(300, 900, SHAPE)), "mm/year"),
    "people": grid(RNG.lognormal(0, 9, SHAPE).astype(np.float32), "person"),
    "erosivity": grid(RNG.uniform(500, 3000, SHAPE), "MJ mm/(ha h year)"),
    "erodibility": grid(RNG.uniform(0.01, 0.06, SHAPE), "t ha h/(ha MJ mm)"),
    "weather": grid(RNG.uniform(0, 30, SHAPE), "kg/m/year"),
    **{name: grid(RNG.uniform(0.01, 1, SHAPE), "1") for name in ONES},
}
SOIL, SAND = tuple(retained.arguments), tuple(sand_fixed_closed.arguments)


def run(layers=LAYERS, *, models=True, **options):
    """Everything that an account asks of one pass."""
    fields = {name: layers[name] for name in ("rain", "people")}
    if models:
        fields["soil"] = Model(retained, **{n: layers[n] for n in SOIL})
        fields["sand"] = Model(sand_fixed_closed, **{n: layers[n] for n in SAND})
    zones = {name: layers[name] for name in ("town", "county")}
    return aggregate(zones, layers["cover_type"], fields, **options)


def bits(found):
    """Every number of every zoning, as bytes."""
    if isinstance(found, GridSums):
        found = {"": found}
    columns = [s.frame[c].to_numpy() for s in found.values() for c in s.frame]
    columns += [s.unclassified[c].to_numpy() for s in found.values() for c in s.unclassified]
    columns += [np.array([s.outside_cells, s.outside_area]) for s in found.values()]
    return [c.tobytes() for c in columns]


@pytest.fixture(scope="module")
def whole():
    return bits(run(threads=1))


@pytest.mark.parametrize("threads", [1, 2, 3])
@pytest.mark.parametrize("block", [1, 83, 84, 1000, 10**9])
def test_blocks_and_threads_change_no_bit(whole, block, threads):
    if block == 1:  # a block a cell: a corner is enough
        corner = {name: layer[:9, :11] for name, layer in LAYERS.items()}
        expected = bits(run(corner, threads=1))
        assert bits(run(corner, threads=threads, block_cells=1)) == expected
        assert bits(run(corner, threads=threads, block_cells=-3)) == expected
    else:
        assert bits(run(threads=threads, block_cells=block)) == whole


def lazy(chunks, names=tuple(LAYERS)):
    pytest.importorskip("dask")
    return LAYERS | {name: LAYERS[name].chunk(chunks) for name in names}


CHUNKS = [
    {"lat": 7, "lon": 11},
    {"lat": -1, "lon": 13},
    {"lat": 1, "lon": -1},
    {"lat": (1, 40, 2, 17), "lon": (83, 1)},
]


@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
def test_chunks_change_no_bit(whole, chunks, scheduler):
    layers, dask = lazy(chunks), pytest.importorskip("dask")
    with dask.config.set(scheduler=scheduler):
        assert bits(run(layers)) == whole


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_threads_of_dask_change_no_bit(whole, threads):
    assert bits(run(lazy(CHUNKS[0]), threads=threads)) == whole


@pytest.mark.parametrize("names", [["rain"], ["town"], ["cover_type", "cover"]], ids=str)
def test_layers_in_memory_and_in_chunks_go_together(whole, names):
    assert bits(run(lazy(CHUNKS[3], names))) == whole


def test_layers_in_different_chunks_go_together(whole):
    layers = lazy(CHUNKS[0]) | {n: LAYERS[n].chunk(CHUNKS[1]) for n in ("rain", "county", "slope")}
    assert bits(run(layers)) == whole


def test_layers_that_lie_otherwise_in_memory_change_no_bit(whole):
    turned = {name: layer.copy(data=np.asfortranarray(layer)).T for name, layer in LAYERS.items()}
    assert bits(run(turned)) == whole
    wide = {n: layer.copy(data=np.repeat(layer, 3, axis=1)[:, 1::3]) for n, layer in LAYERS.items()}
    assert bits(run(wide, block_cells=500)) == whole
    read_only = {name: layer.copy() for name, layer in LAYERS.items()}
    for layer in read_only.values():
        layer.values.flags.writeable = False
    assert bits(run(read_only)) == whole


def test_rows_from_south_to_north_change_no_bit():
    turned = {name: layer[::-1] for name, layer in LAYERS.items()}
    expected = bits(run(turned, threads=1))
    assert bits(run({n: layer.copy() for n, layer in turned.items()}, block_cells=700)) == expected
    pytest.importorskip("dask")
    assert bits(run({n: layer.chunk(CHUNKS[3]) for n, layer in turned.items()})) == expected


@pytest.mark.parametrize("form", ["constant", "by_row", "by_cell"])
def test_areas_of_every_form_follow_their_cells(form):
    """A cell that lies elsewhere in its block has another area, and none is taken for its neighbour."""
    left = RNG.uniform(0.5, 1, (1 if form == "constant" else SHAPE[0], 3 if form == "by_cell" else 1))
    right = RNG.uniform(800, 900, (3, SHAPE[1])) if form == "by_cell" else np.ones((1, SHAPE[1]))
    area = CellArea(form, SHAPE, left, right)
    expected = bits(run(area=area, threads=1))
    assert bits(run(area=area, block_cells=100)) == expected
    assert bits(run(area=area, block_cells=50)) == expected
    for chunks in CHUNKS[:2]:
        assert bits(run(lazy(chunks), area=area)) == expected


def test_two_workers_change_no_bit(whole, capsys):
    distributed = pytest.importorskip("distributed")
    layers = lazy(CHUNKS[0])
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster),
    ):
        assert bits(run(layers)) == whole
        assert bits(run(lazy(CHUNKS[3], ["rain"]), progress=True)) == whole
    assert "100% Completed" in capsys.readouterr().out


def test_a_progress_bar_is_shown_when_asked_for(whole, capsys):
    layers = lazy(CHUNKS[0])
    assert bits(run(layers)) == whole
    assert capsys.readouterr().out == ""
    for given in (layers, LAYERS):
        assert bits(run(given, progress=True)) == whole
        assert "100% Completed" in capsys.readouterr().out


def test_without_dask_there_is_no_bar(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(MissingExtra, match="dask"):
        run(progress=True)


def test_a_fault_in_a_chunk_is_told():
    layers = lazy(CHUNKS[0]) | {"county": grid(np.full(SHAPE, 1.5)).chunk(CHUNKS[0])}
    with pytest.raises(GridError, match=r"a label is 1\.5"):
        run(layers)


# --------------------------------------------------------------------------------- larger than memory


def tasks_of(chunk):
    """How many tasks a pass has in square chunks."""
    callbacks, done = pytest.importorskip("dask.callbacks"), []
    with callbacks.Callback(pretask=lambda key, *_: done.append(key)):
        run(lazy({"lat": chunk, "lon": chunk}))
    assert len(set(done)) == len(done)
    return len(done)


def test_a_graph_grows_with_its_blocks():
    few, many, most = tasks_of(30), tasks_of(12), tasks_of(6)  # 6, 35 and 140 blocks
    per_block = (most - many) / (140 - 35)
    assert most == pytest.approx(few + per_block * (140 - 6), rel=0.05)
    assert per_block < 4 * len(LAYERS)


def test_each_chunk_is_read_once():
    da, seen = pytest.importorskip("dask.array"), []

    def read(block):
        seen.append(block.shape)
        return block

    rain = da.from_array(LAYERS["rain"].values, chunks=(7, 84)).map_blocks(
        read, dtype=float, meta=np.zeros((0, 0))
    )
    found = run(LAYERS | {"rain": LAYERS["rain"].copy(data=rain)}, models=False)
    assert bits(found) == bits(run(models=False))
    assert sorted(seen) == [(4, 84)] + [(7, 84)] * 8


def test_memory_is_that_of_blocks():
    """72 MB in 100 chunks, of which each is made when its turn comes."""
    da = pytest.importorskip("dask.array")
    dask = pytest.importorskip("dask")
    shape = (3000, 3000)
    values = da.ones(shape, chunks=300)
    field = xr.DataArray(values, dims=("y", "x"), attrs={"units": "person"})
    zone = xr.DataArray((values * 3).astype(np.int32), dims=("y", "x"))
    area = CellArea("constant", shape, np.array([[1.0]]), np.ones((1, shape[1])))
    small = CellArea("constant", (300, 300), area.left, area.right[:, :300])
    aggregate(zone[:300, :300], None, {"f": field[:300, :300]}, area=small)
    with dask.config.set(scheduler="synchronous"):
        tracemalloc.start()
        found = aggregate(zone, None, {"f": field}, area=area)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert found["f"].values.tolist() == [[9e6]]
    assert peak < 12e6


def opened(data):
    layers = dict(data.data_vars)
    assert set(layers) == set(LAYERS)
    assert all(layer.chunks for layer in layers.values())
    return layers


def test_zarr(tmp_path, whole):
    pytest.importorskip("zarr")
    pytest.importorskip("dask")
    xr.Dataset(lazy({"lat": 16, "lon": 32})).to_zarr(tmp_path / "layers.zarr", zarr_format=2)
    assert bits(run(opened(xr.open_zarr(tmp_path / "layers.zarr", decode_coords="all")))) == whole


def test_netcdf(tmp_path, whole):
    """Labels come back as floats with NaN where they are missing."""
    pytest.importorskip("netCDF4")
    pytest.importorskip("dask")
    xr.Dataset(LAYERS).to_netcdf(tmp_path / "layers.nc", engine="netcdf4")
    options = {"engine": "netcdf4", "chunks": {"lat": 13, "lon": 50}, "decode_coords": "all"}
    with xr.open_dataset(tmp_path / "layers.nc", **options) as data:
        layers = opened(data)
        assert layers["town"].dtype.kind == "f"
        assert bits(run(layers)) == whole


def test_geotiff(tmp_path):
    """As memory gives it, and nearly as the grid from which it was written."""
    rioxarray = pytest.importorskip("rioxarray")
    pytest.importorskip("dask")
    read, chunks = {}, {"y": 16, "x": 32}
    for name in ("town", "county", "cover_type", "rain", "people"):
        layer = LAYERS[name].rename(lat="y", lon="x")
        layer.rio.to_raster(tmp_path / f"{name}.tif", tiled=True, blockxsize=32, blockysize=16)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            read[name] = rioxarray.open_rasterio(tmp_path / f"{name}.tif", chunks=chunks)
        read[name] = read[name].assign_attrs(units=LAYERS[name].attrs["units"])
        assert read[name].dims == ("band", "y", "x")
        assert read[name].chunks
    found = run(read, models=False)
    assert bits(found) == bits(run({name: layer.load() for name, layer in read.items()}, models=False))
    memory = run(models=False)
    for name, sums in found.items():
        xr.testing.assert_allclose(sums.to_xarray(), memory[name].to_xarray(), rtol=1e-12)
        assert sums.outside_cells == memory[name].outside_cells


# ------------------------------------------------------------------------------------------ contracts


def fresh(code):
    subprocess.run([sys.executable, "-c", code], check=True)


def test_importing_brings_no_compiler():
    fresh(
        "import sys, gep, gep.grid; dir(gep.grid)\n"
        "heavy = {'numba', 'llvmlite', 'dask', 'distributed'} & set(sys.modules); assert not heavy, heavy"
    )


def test_names_of_the_room_are_opened_when_asked_for():
    assert gep.grid.aggregate is importlib.import_module("gep.grid.aggregation").aggregate
    assert all(getattr(gep.grid, name).__doc__ for name in gep.grid.__all__)
    with pytest.raises(AttributeError, match=r"gep\.grid.*no attribute 'nothing'"):
        gep.grid.nothing  # noqa: B018


def test_importing_compiles_nothing():
    fresh(
        "import importlib, pkgutil, gep.grid\n"
        "from numba.core import event\n"
        "with event.install_recorder('numba:compile') as told:\n"
        "    for one in pkgutil.iter_modules(gep.grid.__path__, 'gep.grid.'):\n"
        "        importlib.import_module(one.name)\n"
        "assert not told.buffer, told.buffer"
    )


def test_every_kernel_is_kept_on_disk_and_lets_go_of_the_lock():
    dispatcher = pytest.importorskip("numba.core.dispatcher").Dispatcher
    caching = pytest.importorskip("numba.core.caching")
    modules = [importlib.import_module(m.name) for m in pkgutil.iter_modules(gep.grid.__path__, "gep.grid.")]
    kernels = [k for m in modules for k in vars(m).values() if isinstance(k, dispatcher)]
    assert len(kernels) > 5
    for kernel in kernels:
        assert not isinstance(kernel._cache, caching.NullCache), kernel
        assert kernel.targetoptions.get("nogil"), kernel
        assert not kernel.targetoptions.get("parallel"), kernel
        assert not kernel.targetoptions.get("fastmath"), kernel
