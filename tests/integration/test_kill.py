"""A run that is killed goes on where it was; the long run of this is ``benchmarks/kill.py``."""

import os
import signal
import sys

import numpy as np
import pytest
import xarray as xr

from gep.errors import GridError
from gep.grid import CellArea, aggregate

pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL"),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are forked"),
]


@pytest.fixture
def kill(bench):
    for package in ("dask", "zarr", "scipy"):
        pytest.importorskip(package)
    return bench("kill")


def test_a_run_over_a_million_cells_survives_three_kills(kill, tmp_path):
    found = kill.trials(tmp_path, 1e6, 50, kills=3, workers=0, chunk=100, repeats=1)
    assert found["undisturbed_identical"]
    assert [trial["identical"] for trial in found["trials"]] == [True] * 3
    assert all(trial["groups"] >= 12 for trial in found["trials"])
    assert list(tmp_path.iterdir()) == []


def deadly(block, block_info=None):
    """End the process that reads the last block but one."""
    if block_info and block_info[0]["chunk-location"] == (3, 2):
        os._exit(1)
    return block


def test_workers_that_do_not_last_are_an_error_of_the_grid(tmp_path):
    distributed, dask = pytest.importorskip("distributed"), pytest.importorskip("dask")
    da, shape = pytest.importorskip("dask.array"), (40, 40)
    values = da.ones(shape, chunks=10).map_blocks(deadly, dtype=float, meta=np.zeros((0, 0)))
    field = xr.DataArray(values, dims=("y", "x"), attrs={"units": "person"})
    zone = xr.DataArray(np.ones(shape, np.int32), dims=("y", "x"))
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        distributed.LocalCluster(
            n_workers=1, processes=True, threads_per_worker=1, dashboard_address=":0", silence_logs=60
        ) as cluster,
        distributed.Client(cluster),
    ):
        for kept in (None, tmp_path):
            with pytest.raises(GridError, match=r"the workers did not last: .*workers died while running it"):
                aggregate(zone, None, {"f": field}, area=CellArea.constant(1.0, shape), checkpoint=kept)
