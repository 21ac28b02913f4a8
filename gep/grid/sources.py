"""Where arrays come from that are read block by block: stores of files that may change or lack a part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from gep.fingerprints import fingerprint

#: What wraps an array so that only the part that is asked for is read, holds it under these names.
_WITHIN = ("array", "_array")


def content(array: Any) -> str:
    """Return what an array is: of numpy its content; of dask its name, chunks, and the files of its stores.

    The name of a dask array that was opened from a file holds path and time of change of that file. A
    zarr store is a folder of files, of which each counts.
    """
    if not hasattr(array, "dask"):
        return fingerprint(np.asarray(array))
    files = {str(place): _files(place) for store in stores(array) if (place := path_of(store)) is not None}
    return fingerprint([array.name, str(array.dtype), array.shape, array.chunks, files])


def stores(array: Any) -> list[Any]:
    """Return the zarr arrays that an array of dask reads; of any other array none."""
    found = []
    for name, layer in getattr(getattr(array, "dask", None), "layers", {}).items():
        if str(name).startswith("original-"):
            found += [_innermost(getattr(node, "value", node)) for node in dict(layer).values()]
    return [one for one in found if hasattr(one, "fill_value") and hasattr(one, "store")]


def path_of(store: Any) -> Path | None:
    """Return the folder of a zarr array, if it has one on this machine."""
    root = getattr(store.store, "root", None) or getattr(store.store, "path", None)
    if not isinstance(root, str | Path):
        return None
    place = Path(root) / store.path
    return place if place.is_dir() else Path(root)


def absent(array: Any) -> Iterator[str]:
    """Say which chunks of zarr stores are not there; they are read as the fill value of the store."""
    for store in stores(array):
        lacking = store.nchunks - store.nchunks_initialized
        if lacking:
            yield (
                f"{lacking} of {store.nchunks} chunks are absent from {path_of(store) or 'the store'}"
                f" and read as {store.fill_value}"
            )


def _innermost(array: Any) -> Any:
    """Return the array that others wrap."""
    for name in _WITHIN:
        if not hasattr(array, "store") and (inner := getattr(array, name, None)) is not None:
            return _innermost(inner)
    return array


def _files(place: Path) -> list[tuple[str, int, int]]:
    """Return name, size and time of change of a file, or of all files of a folder."""
    files = sorted(place.rglob("*")) if place.is_dir() else [place]
    told = [(str(file.relative_to(place)), file.stat()) for file in files if file.is_file()]
    return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in told]
