"""A run that was cut off goes on where it was, to the same bits; what is foreign or damaged is refused."""

import errno
import json
import os

import numpy as np
import pytest
import xarray as xr

import gep
from gep.account.evaluate import Evaluator
from gep.errors import GridError
from gep.fingerprints import fingerprint
from gep.formula import formula
from gep.grid import CellArea, Model, aggregate, checkpoint, plan
from gep.grid.checkpoint import Checkpoint
from gep.services.soil import retained
from gep.zones import Zones

RNG = np.random.default_rng(11)
SHAPE = (48, 60)
CHUNKS = {"lat": 12, "lon": 20}


def grid(values, unit="", **attrs):
    at = {"lat": 40 - 0.25 * np.arange(SHAPE[0]), "lon": 100 + 0.25 * np.arange(SHAPE[1])}
    data = xr.DataArray(np.asarray(values), at, ("lat", "lon"), attrs=attrs | {"units": unit})
    return gep.set_crs(data, "EPSG:4326")


SOIL = tuple(retained.arguments)
LAYERS = {
    "town": grid(RNG.integers(0, 9, (6, 6)).repeat(8, 0).repeat(10, 1).astype(np.int32)),
    "county": grid(RNG.integers(1, 4, SHAPE).astype(np.int8)),
    "cover": grid(RNG.integers(1, 6, SHAPE).astype(np.uint8), _FillValue=5),
    "rain": grid(np.where(RNG.random(SHAPE) < 0.1, np.nan, RNG.uniform(300, 900, SHAPE)), "mm/year"),
    "people": grid(RNG.lognormal(0, 40, SHAPE), "person"),
    **{f"soil_{n}": grid(RNG.uniform(0.1, 9, SHAPE), u) for n, u in retained.arguments.items()},
}


@pytest.fixture(autouse=True)
def small_groups(monkeypatch):
    """Each block is a group, so that a small grid has many."""
    monkeypatch.setattr(checkpoint, "_LEAST", 1)
    monkeypatch.setattr(checkpoint, "_MOST", 10**9)


def run(layers=LAYERS, **options):
    fields = {name: layers[name] for name in ("rain", "people")}
    fields["soil"] = Model(retained, **{n: layers[f"soil_{n}"] for n in SOIL})
    zones = {name: layers[name] for name in ("town", "county")}
    return aggregate(zones, layers["cover"], fields, **{"block_cells": 300} | options)


def bits(found):
    columns = [s.frame[c].to_numpy() for s in found.values() for c in s.frame]
    columns += [s.unclassified[c].to_numpy() for s in found.values() for c in s.unclassified]
    columns += [np.array([s.outside_cells, s.outside_area]) for s in found.values()]
    return [c.tobytes() for c in columns]


@pytest.fixture(scope="module")
def whole():
    return bits(run())


def lazy(chunks=CHUNKS, **changes):
    pytest.importorskip("dask")
    return {name: layer.chunk(chunks) for name, layer in (LAYERS | changes).items()}


class Stopped(BaseException):
    """As if the process were killed."""


def cut_off(monkeypatch, after):
    """Let a run end when so many groups are kept."""
    keep, kept = Checkpoint.keep, []

    def keeping(self, number, sums):
        if len(kept) >= after:
            raise Stopped
        keep(self, number, sums)
        kept.append(number)

    monkeypatch.setattr(Checkpoint, "keep", keeping)


def files(folder):
    return sorted(p.name for p in folder.iterdir() if p.suffix == ".sums")


# ------------------------------------------------------------------------------------------ going on


@pytest.mark.parametrize("after", [0, 1, 7])
@pytest.mark.parametrize("form", ["memory", "dask", "progress"])
def test_a_run_that_was_cut_off_goes_on_to_the_same_bits(whole, tmp_path, monkeypatch, capsys, form, after):
    layers, options = (lazy(), {}) if form == "dask" else (LAYERS, {"progress": form == "progress"})
    if form == "progress":
        pytest.importorskip("dask")
    with monkeypatch.context() as patch:
        cut_off(patch, after)
        with pytest.raises(Stopped):
            run(layers, checkpoint=tmp_path, threads=1, **options)
    assert len(files(tmp_path)) == after
    assert bits(run(layers, checkpoint=tmp_path, **options)) == whole
    assert ("100% Completed" in capsys.readouterr().out) == (form == "progress")


def test_what_is_kept_is_not_added_up_again(whole, tmp_path, monkeypatch):
    run(checkpoint=tmp_path)
    for name in files(tmp_path)[::2]:
        (tmp_path / name).unlink()
    seen = []
    task = checkpoint.BlockTask
    call = task.__call__
    monkeypatch.setattr(task, "__call__", lambda self, *a: (seen.append(a[:2]), call(self, *a))[1])
    assert bits(run(checkpoint=tmp_path)) == whole
    assert len(seen) == 5
    assert bits(run(checkpoint=tmp_path)) == whole
    assert len(seen) == 5


def test_a_machine_with_other_processors_goes_on(whole, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        cut_off(patch, 5)
        with pytest.raises(Stopped):
            run(checkpoint=tmp_path, threads=1)
    monkeypatch.setattr("gep.grid.passes.cores", lambda: 64)
    assert bits(run(checkpoint=str(tmp_path), threads=3)) == whole


@pytest.mark.parametrize("least", [1, 500, 10**9])
def test_groups_change_no_bit(whole, tmp_path, monkeypatch, least):
    monkeypatch.setattr(checkpoint, "_LEAST", least)
    for place, layers in {"memory": LAYERS, "dask": lazy()}.items():
        assert bits(run(layers, checkpoint=tmp_path / place)) == whole
        assert bits(run(layers, checkpoint=tmp_path / place)) == whole


def test_groups_are_few_and_not_small(monkeypatch, tmp_path):
    monkeypatch.undo()
    for rows, cols in (((2048,) * 500, (2048,) * 500), ((100,) * 7, (100,)), ((512,) * 40, (512,) * 40)):
        made = Checkpoint(tmp_path, {}, (rows, cols)).groups
        cells = rows[0] * cols[0]
        assert len(made) <= 512
        assert sum(len(g) for g in made) == len(rows) * len(cols)
        assert len(made) == 1 or len(made[0]) * cells >= 1 << 25


def test_infinite_sums_and_no_classes_come_back(tmp_path):
    odd = grid(np.where(RNG.random(SHAPE) < 0.2, np.inf, -1e300), "person")
    expected = aggregate(LAYERS["town"], None, {"odd": odd})
    for _ in range(2):
        found = aggregate(LAYERS["town"], None, {"odd": odd}, checkpoint=tmp_path, block_cells=300)
        np.testing.assert_array_equal(found["odd"], expected["odd"])
    assert np.isposinf(expected["odd"]).any()


def test_shared_cells_go_on(tmp_path, monkeypatch):
    geopandas, shapely = pytest.importorskip("geopandas"), pytest.importorskip("shapely")
    pytest.importorskip("exactextract")
    shapes = [shapely.box(101.1, 30.1, 105.3, 38.2), shapely.box(105.3, 30.1, 111.1, 38.2)]
    frame = geopandas.GeoDataFrame({"code": [1, 2]}, geometry=shapes, crs="EPSG:4326")
    zones = Zones.from_polygons(frame, like=LAYERS["cover"], cells="share")
    expected = aggregate(zones, LAYERS["cover"], {"people": LAYERS["people"]})
    with monkeypatch.context() as patch:
        cut_off(patch, 20)
        with pytest.raises(Stopped):
            aggregate(
                zones, LAYERS["cover"], {"people": LAYERS["people"]}, checkpoint=tmp_path, block_cells=120
            )
    found = aggregate(
        zones, LAYERS["cover"], {"people": LAYERS["people"]}, checkpoint=tmp_path, block_cells=120
    )
    assert found.frame.equals(expected.frame)


def test_workers_go_on_and_files_are_written_here(whole, tmp_path, monkeypatch, capsys):
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, processes=False, threads_per_worker=1, dashboard_address=":0"
        ) as cluster,
        distributed.Client(cluster),
    ):
        with monkeypatch.context() as patch:
            cut_off(patch, 5)
            with pytest.raises(Stopped):
                run(lazy(), checkpoint=tmp_path)
        assert len(files(tmp_path)) == 5
        assert bits(run(lazy(), checkpoint=tmp_path, progress=True)) == whole
    assert "100% Completed" in capsys.readouterr().out


# ------------------------------------------------------------------------------------------- refused


def refused(match, layers=LAYERS, **options):
    with pytest.raises(GridError, match=match) as caught:
        run(layers, **options)
    return caught.value


def other(name, at=(3, 3)):
    """The layers with one cell changed."""
    values = LAYERS[name].values.copy()
    values[at] += 1
    return LAYERS | {name: LAYERS[name].copy(data=values)}


@pytest.mark.parametrize("name", ["town", "county", "cover", "rain", "soil_slope"])
@pytest.mark.parametrize("form", ["memory", "dask"])
def test_another_layer_is_refused_and_named(tmp_path, form, name):
    def made(layers):
        return layers if form == "memory" else lazy(**layers)

    run(made(LAYERS), checkpoint=tmp_path)
    called = {"cover": "classes", "soil_slope": "slope"}.get(name, name)
    error = refused(rf"layer \d+ \({called}\) is another", made(other(name)), checkpoint=tmp_path)
    assert "delete this one" in str(error)
    assert str(error).count("is another") == 1


def test_other_tasks_are_refused_and_named(tmp_path):
    run(checkpoint=tmp_path)
    zones, classes = {n: LAYERS[n] for n in ("town", "county")}, LAYERS["cover"]
    fields = {"rain": LAYERS["rain"], "people": LAYERS["people"]}

    def asked(match, *given, **options):
        with pytest.raises(GridError, match=match):
            aggregate(*given, **{"block_cells": 300} | options, checkpoint=tmp_path)

    asked(r"field soil is not there now", zones, classes, fields)
    asked(r"blocks was 10 x 1 .*, is 24 x 1", zones, classes, fields, block_cells=120)
    asked(r"areas of cells is another", zones, classes, fields, area=CellArea.constant(9.0, SHAPE))
    declared = classes.assign_attrs(_FillValue=4)
    asked(r"labels that are outside or unclassified is another", zones, declared, fields)
    people = {"rain": LAYERS["rain"], "people": LAYERS["people"].assign_attrs(units="person/km2")}
    asked(r"field people is another", zones, classes, people)


def test_another_formula_of_the_same_name_is_refused(tmp_path):
    def made(factor):
        def kernel(depth):
            return depth * factor

        return Model(formula("m/year", depth="m/year", kind="exact", cite=())(kernel), depth=LAYERS["rain"])

    first = aggregate(LAYERS["town"], None, {"f": made(2.0)}, checkpoint=tmp_path)
    again = aggregate(LAYERS["town"], None, {"f": made(2.0)}, checkpoint=tmp_path)
    assert again.frame.equals(first.frame)
    with pytest.raises(GridError, match="field f is another"):
        aggregate(LAYERS["town"], None, {"f": made(3.0)}, checkpoint=tmp_path)


def test_another_version_is_refused(tmp_path, monkeypatch):
    run(checkpoint=tmp_path)
    monkeypatch.setattr(checkpoint, "version", lambda package: "99")
    refused(r"software was Python .*, is Python .*gep 99", checkpoint=tmp_path)


def test_a_folder_of_something_else_is_refused(tmp_path):
    (tmp_path / "thesis.docx").write_text("mine")
    refused(r"it is no checkpoint and holds thesis\.docx", checkpoint=tmp_path)
    refused("cannot be written", checkpoint=tmp_path / "thesis.docx")
    assert (tmp_path / "thesis.docx").read_text() == "mine"


def damage(path, how):
    whole = path.read_bytes()
    changed = {
        "empty": b"",
        "cut": whole[:-20],
        "bit": whole[:-50] + bytes([whole[-50] ^ 1]) + whole[-49:],
        "head": whole.replace(b'"group": 2', b'"group": 3'),
        "other": b"\x80\x04" * 99,
    }[how]
    assert changed != whole
    path.write_bytes(changed)


@pytest.mark.parametrize("how", ["empty", "cut", "bit", "head", "other"])
def test_a_damaged_file_is_refused_and_can_be_left_out(whole, tmp_path, how):
    run(checkpoint=tmp_path)
    damage(tmp_path / "00002.sums", how)
    error = refused(r"00002\.sums: the file is damaged", checkpoint=tmp_path)
    assert "delete this file" in str(error)
    (tmp_path / "00002.sums").unlink()
    assert bits(run(checkpoint=tmp_path)) == whole


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b"[" * 99999, b"\xff", b'{"layout": 1, "identity": 3}'])
def test_a_damaged_identity_is_refused(tmp_path, text):
    run(checkpoint=tmp_path)
    (tmp_path / "identity.json").write_bytes(text)
    refused(r"identity\.json: the file is damaged", checkpoint=tmp_path)


def test_an_identity_changed_by_hand_is_refused(tmp_path):
    run(checkpoint=tmp_path)
    place = tmp_path / "identity.json"
    told = json.loads(place.read_text())
    told["identity"]["software"] = "gep 7"
    place.write_text(json.dumps(told))
    refused(r"identity\.json: the file is damaged", checkpoint=tmp_path)


def test_a_file_of_another_checkpoint_is_refused(tmp_path):
    run(checkpoint=tmp_path / "a")
    run(other("rain"), checkpoint=tmp_path / "b")
    (tmp_path / "b" / "00005.sums").replace(tmp_path / "a" / "00005.sums")
    refused(r"00005\.sums: the file is of another checkpoint", checkpoint=tmp_path / "a")
    (tmp_path / "b" / "00006.sums").replace(tmp_path / "b" / "00005.sums")
    refused(r"00005\.sums: the file is of another checkpoint", other("rain"), checkpoint=tmp_path / "b")


def test_what_was_left_half_written_is_passed_over(whole, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        cut_off(patch, 3)
        with pytest.raises(Stopped):
            run(checkpoint=tmp_path, threads=1)
    (tmp_path / ".00003.sums.tmp").write_bytes(b"half")
    assert bits(run(checkpoint=tmp_path)) == whole


@pytest.mark.parametrize("form", ["memory", "dask"])
def test_a_full_disk_is_told_and_what_was_kept_stays(whole, tmp_path, monkeypatch, form):
    layers = LAYERS if form == "memory" else lazy()
    with monkeypatch.context() as patch:
        cut_off(patch, 4)
        with pytest.raises(Stopped):
            run(layers, checkpoint=tmp_path, threads=1)
    before = {name: (tmp_path / name).read_bytes() for name in files(tmp_path)}

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        error = refused("cannot be written: No space left on device", layers, checkpoint=tmp_path, threads=1)
    assert "4 of " in str(error)
    assert {name: (tmp_path / name).read_bytes() for name in files(tmp_path)} == before
    assert not list(tmp_path.glob(".*"))
    assert bits(run(layers, checkpoint=tmp_path)) == whole


# ------------------------------------------------------------------------------------ from files


def stored(folder, names=("town", "rain")):
    """The layers on disk, read block by block."""
    pytest.importorskip("zarr")
    pytest.importorskip("dask")
    data = xr.Dataset({name: LAYERS[name].drop_attrs(deep=False).chunk(CHUNKS) for name in names})
    data.to_zarr(folder, zarr_format=2, consolidated=False)
    return opened(folder)


def opened(folder):
    data = xr.open_zarr(folder, consolidated=False, decode_coords="all")
    return {name: data[name].assign_attrs(LAYERS[name].attrs) for name in data.data_vars}


def summed(layers, **options):
    return aggregate(layers["town"], None, {"rain": layers["rain"]}, **options)


def test_a_store_goes_on_and_one_that_changed_is_refused(tmp_path, monkeypatch):
    layers = stored(tmp_path / "grid")
    expected = summed(layers).frame
    with monkeypatch.context() as patch:
        cut_off(patch, 6)
        with pytest.raises(Stopped):
            summed(layers, checkpoint=tmp_path / "kept", threads=1)
    assert summed(opened(tmp_path / "grid"), checkpoint=tmp_path / "kept").frame.equals(expected)
    chunk = tmp_path / "grid" / "rain" / "2.1"
    chunk.write_bytes((tmp_path / "grid" / "rain" / "2.2").read_bytes())
    with pytest.raises(GridError, match=r"layer 2 \(rain\) is another"):
        summed(opened(tmp_path / "grid"), checkpoint=tmp_path / "kept")


@pytest.mark.parametrize("kept", [None, "kept"])
def test_a_chunk_that_was_cut_off_is_an_error_that_names_it(tmp_path, kept):
    layers = stored(tmp_path / "grid")
    chunk = tmp_path / "grid" / "rain" / "2.1"
    chunk.write_bytes(chunk.read_bytes()[:30])
    with pytest.raises(GridError, match=r"rain, rows 24 to 35, columns 20 to 39 \(.*rain\): it could not"):
        summed(layers, checkpoint=kept and tmp_path / kept)


def test_a_chunk_that_is_not_there_is_missing_and_told(tmp_path):
    layers = stored(tmp_path / "grid")
    assert plan(layers["town"], None, {"rain": layers["rain"]}).notes == (
        "chunks are small: data.chunk(...) to 65,536 cells and more is faster",
    )
    before = float(summed(layers).missing("rain").sum())
    (tmp_path / "grid" / "rain" / "2.1").unlink()
    after = summed(layers)
    filled = LAYERS["rain"].copy(deep=True)
    filled[24:36, 20:40] = np.nan
    assert after.frame.equals(summed(LAYERS | {"rain": filled}).frame)
    assert float(after.missing("rain").sum()) > before
    notes = plan(layers["town"], None, {"rain": layers["rain"]}).notes
    assert any("rain: 1 of 12 chunks are absent" in note and "read as nan" in note for note in notes)


def test_a_tile_that_was_cut_off_is_an_error_that_names_it(tmp_path):
    rioxarray = pytest.importorskip("rioxarray")
    pytest.importorskip("dask")
    place = tmp_path / "rain.tif"
    values = RNG.uniform(0, 1, (256, 256)).astype(np.float32)
    at = {"y": 40 - 0.01 * np.arange(256), "x": 100 + 0.01 * np.arange(256)}
    whole = gep.set_crs(xr.DataArray(values, at, ("y", "x")), "EPSG:4326")
    whole.rio.to_raster(place, tiled=True, blockxsize=64, blockysize=64, compress="deflate")
    place.write_bytes(place.read_bytes()[: place.stat().st_size // 2])
    with rioxarray.open_rasterio(place, chunks={"y": 64, "x": 64}) as opened:
        rain = opened.squeeze("band", drop=True).assign_attrs(units="mm/year")
        with pytest.raises(GridError, match=r"rain, rows \d+ to \d+, columns \d+ to \d+.*rain\.tif"):
            aggregate(xr.ones_like(rain, np.int32), None, {"rain": rain}, checkpoint=tmp_path / "kept")


# ----------------------------------------------------------------------------------------- accounts


def test_an_account_that_was_cut_off_goes_on(case, ledger, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        cut_off(patch, 2)
        with pytest.raises(Stopped):
            case.compile(checkpoint=tmp_path)
    kept = sorted(p.name for p in tmp_path.iterdir())
    assert kept[0] in ("carbon_sequestration.net", "soil_retention.retained", "water_conservation.retained")
    again = case.compile(checkpoint=tmp_path)
    assert again.frame.equals(ledger.frame)
    assert again.meta == ledger.meta
    assert len(list(tmp_path.iterdir())) == 3


def test_an_account_of_other_inputs_is_refused(case, tmp_path):
    case.compile(checkpoint=tmp_path)
    rain = case.values("precipitation") + 1
    with pytest.raises(GridError, match=r"layer 3 \(values\) is another"):
        case.compile(case.inputs({"precipitation": rain}), checkpoint=tmp_path)


def test_an_account_of_lazy_grids_goes_on(case, ledger, tmp_path, monkeypatch):
    pytest.importorskip("dask")

    def inputs():
        changes = {name: case.grid(*field).chunk({"lat": 5, "lon": 4}) for name, field in case.fields.items()}
        return case.inputs(changes)

    with monkeypatch.context() as patch:
        cut_off(patch, 4)
        with pytest.raises(Stopped):
            case.compile(inputs(), checkpoint=tmp_path)
    again = case.compile(inputs(), checkpoint=tmp_path)
    assert again.total("CNY").hex() == ledger.total("CNY").hex()
    np.testing.assert_array_equal(again.frame["value"], ledger.frame["value"])


@pytest.mark.parametrize("when", ["always", "once it was checked"])
def test_an_account_of_a_grid_that_cannot_be_read_is_an_error(case, tmp_path, monkeypatch, when):
    pytest.importorskip("dask")
    integral, broken = Evaluator.integral, ["the disk"] if when == "always" else []

    def breaking(self, *given):
        broken.append("the disk")
        return integral(self, *given)

    def torn(block):
        if broken:
            raise OSError(5, "Input/output error")
        return block

    monkeypatch.setattr(Evaluator, "integral", breaking)
    rain = case.grid(*case.fields["precipitation"]).chunk({"lat": 6, "lon": 5})
    torn_rain = rain.copy(data=rain.data.map_blocks(torn, dtype=float, meta=np.zeros((0, 0))))
    with pytest.raises(GridError, match=r"could not be read or computed: OSError: .*Input/output error"):
        case.compile(case.inputs({"precipitation": torn_rain}), checkpoint=tmp_path)


# ------------------------------------------------------------------------------------- fingerprints


def test_fingerprints_tell_contents_apart():
    few = [
        0,
        0.0,
        -0.0,
        False,
        "",
        b"",
        None,
        [],
        {},
        set(),
        [[]],
        "0",
        np.zeros(1),
        np.zeros((1, 1)),
        np.int8([0]),
    ]
    many = [*few, [1, 2], [[1], 2], [1, [2]], {"a": 1}, {"a": "1"}, np.zeros(2, ">i4"), np.zeros(2, "<i4")]
    assert len({fingerprint(value) for value in many}) == len(many)


def test_fingerprints_of_large_arrays_do_not_depend_on_how_they_lie():
    values = RNG.random((2500, 1000))
    assert fingerprint(values) == fingerprint(np.asfortranarray(values)) == fingerprint(values.copy())
    values[2499, 999] += 1e-16
    assert fingerprint(values) != fingerprint(np.zeros((2500, 1000)))


def test_what_has_no_content_is_refused():
    with pytest.raises(TypeError, match="a generator has no fingerprint"):
        fingerprint(x for x in "ab")
