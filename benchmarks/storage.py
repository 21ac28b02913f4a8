"""Grids on disk, written band by band: zarr with lz4, tiled GeoTIFF with zstd."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from benchmarks.grids import FIELDS, NORTH, STEP, WEST, Landscape

if TYPE_CHECKING:
    import xarray as xr
    from numpy.typing import NDArray

Storage = Literal["zarr", "tiff"]

#: Rows and columns of a chunk; the tiles of a GeoTIFF have 512.
TILE = 2048


def write(folder: Path, grid: Landscape, names: tuple[str, ...], storage: Storage) -> int:
    """Write layers of a grid, and return the bytes on disk."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        target = _zarr(folder, grid, name) if storage == "zarr" else _tiff(folder, grid, name)
        for start, stop in grid.blocks(TILE):
            bands = [grid.rows(name, at, min(at + 64, stop)) for at in range(start, stop, 64)]
            _put(target, np.concatenate(bands), start)
        if storage == "tiff":
            target.close()
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def read(
    folder: Path,
    grid: Landscape,
    names: tuple[str, ...],
    storage: Storage,
    chunk: tuple[int, int] = (TILE, TILE),
) -> dict[str, xr.DataArray]:
    """Return the layers as lazy DataArrays."""
    if storage == "zarr":
        import dask.array as da

        return {name: grid.wrap(name, da.from_zarr(folder / name).rechunk(chunk)) for name in names}
    return {name: _open(folder / f"{name}.tif", chunk).rename(name) for name in names}


def _zarr(folder: Path, grid: Landscape, name: str) -> Any:
    """Return a new, empty zarr array."""
    import zarr
    from zarr.codecs import BloscCodec

    chunks = tuple(min(TILE, n) for n in grid.shape)
    dtype = grid.rows(name, 0, 1).dtype
    lz4 = BloscCodec(cname="lz4", clevel=5, typesize=dtype.itemsize)
    return zarr.create_array(folder / name, shape=grid.shape, chunks=chunks, dtype=dtype, compressors=lz4)


def _tiff(folder: Path, grid: Landscape, name: str) -> Any:
    """Return a new, empty tiled GeoTIFF, open for writing."""
    import rasterio
    from rasterio.transform import from_origin

    rows, cols = grid.shape
    return rasterio.open(
        folder / f"{name}.tif", "w", driver="GTiff", height=rows, width=cols, count=1,
        dtype=grid.rows(name, 0, 1).dtype, crs="EPSG:4326", compress="zstd", zstd_level=1, bigtiff="if_safer",
        transform=from_origin(WEST - STEP / 2, NORTH + STEP / 2, STEP, STEP), num_threads=2,
        tiled=True, blockxsize=512, blockysize=512,
    )  # fmt: skip


def _put(target: Any, band: NDArray[np.generic], start: int) -> None:
    """Write a band of rows."""
    if not hasattr(target, "write"):
        target[start : start + len(band)] = band
        return
    from rasterio.windows import Window

    target.write(band, 1, window=Window(0, start, band.shape[1], len(band)))


def _open(path: Path, chunk: tuple[int, int]) -> xr.DataArray:
    """Return a GeoTIFF as a lazy DataArray that threads read side by side."""
    import rioxarray

    chunks = {"y": chunk[0], "x": chunk[1]}
    layer = rioxarray.open_rasterio(path, chunks=chunks, lock=False).squeeze("band", drop=True)
    return layer.assign_attrs(units=FIELDS[path.stem][0]) if path.stem in FIELDS else layer
