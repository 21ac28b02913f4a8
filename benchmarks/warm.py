"""Loads everything that a run needs, compiled code as well; imported where processes are forked."""

import dask.array  # noqa: F401
import zarr  # noqa: F401

import gep.grid
from benchmarks.grids import landscape

_FEW = landscape(100, 2, fields=("precipitation",))
gep.grid.aggregate(_FEW["zone"], _FEW["land_cover"], {"f": _FEW["precipitation"]}, threads=1)
