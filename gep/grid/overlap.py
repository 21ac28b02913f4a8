"""Two grids of one CRS: how much of each cell of one lies in each cell of the other, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from gep.grid.cell_area import band_area
from gep.grid.crs import is_geographic

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gep.grid.georef import GridSpec

Float = np.float64


def common(source: GridSpec, target: GridSpec, axis: int) -> sparse.csr_array:
    """Return the matrix (target cells x source cells) of common length, or band area for latitudes."""
    geographic = is_geographic(target.crs)
    near, far = _edges(source, axis), _edges(target, axis)
    total = sparse.csr_array((target.shape[axis], source.shape[axis]))
    for turn in (-360.0, 0.0, 360.0) if geographic and axis == 1 else (0.0,):
        total = total + _cuts(near + turn, far, target.crs if geographic and axis == 0 else None)
    flip_target, flip_source = (axis == 0 and s.transform[4] < 0 for s in (target, source))
    total = total[::-1] if flip_target else total
    return sparse.csr_array(total[:, ::-1] if flip_source else total)


def shares(source: GridSpec, target: GridSpec, axis: int) -> sparse.csr_array:
    """Return the matrix (target cells x source cells) of what share of a source cell lies there."""
    return sparse.csr_array(common(source, target, axis) @ _inverse_size(source, axis))


def reached(source: GridSpec, target: GridSpec, axis: int) -> NDArray[Float]:
    """Return the share of each source cell that lies in the target, at most 1."""
    return np.minimum(np.asarray(shares(source, target, axis).sum(axis=0), Float), 1.0)


def _inverse_size(source: GridSpec, axis: int) -> sparse.dia_array:
    """Return 1 / (length or band area) of the source cells, as a diagonal matrix."""
    edges = _edges(source, axis)
    size = np.diff(edges)
    if axis == 0 and is_geographic(source.crs):
        size = band_area(edges[:-1], edges[1:], source.crs)
    if axis == 0 and source.transform[4] < 0:
        size = size[::-1]
    return sparse.diags_array(1 / size)


def _edges(spec: GridSpec, axis: int) -> NDArray[Float]:
    """Return cell edges of one axis, ascending."""
    a, _, c, _, e, f = spec.transform
    start, step = ((f, e), (c, a))[axis]
    edges = np.asarray(start + step * np.arange(spec.shape[axis] + 1, dtype=Float), Float)
    return edges if step > 0 else edges[::-1]


def _cuts(source: NDArray[Float], target: NDArray[Float], crs: str | None) -> sparse.csr_array:
    """Return the matrix of common length (or band area) of two sets of edges."""
    cell = source[1] - source[0]
    at = np.clip(np.rint((target - source[0]) / cell), 0, source.size - 1).astype(int)
    target = np.where(np.abs(target - source[at]) < 1e-6 * cell, source[at], target)
    low, high = max(source[0], target[0]), min(source[-1], target[-1])
    cuts = np.unique(np.concatenate([source, target]))
    cuts = cuts[(cuts >= low) & (cuts <= high)]
    shape = (target.size - 1, source.size - 1)
    if cuts.size < 2:
        return sparse.csr_array(shape)
    middle = (cuts[1:] + cuts[:-1]) / 2
    size = np.diff(cuts) if crs is None else band_area(cuts[:-1], cuts[1:], crs)
    rows, cols = np.searchsorted(target, middle) - 1, np.searchsorted(source, middle) - 1
    return sparse.csr_array((size, (rows, cols)), shape=shape)


def position(source: GridSpec, target: GridSpec) -> tuple[NDArray[Float], NDArray[Float]]:
    """Return where the target's centres lie, in source cells from the source's first edge."""
    a, _, c, _, e, f = source.transform
    y, x = target.coordinates().values()
    if is_geographic(source.crs):
        x = c + np.remainder(x - c, 360.0)
    return (y - f) / e, (x - c) / a


def nearest(source: GridSpec, target: GridSpec) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return source row and column of the target's centres; -1 where there is none."""
    found = []
    for at, size in zip(position(source, target), source.shape, strict=True):
        index = np.floor(at + 1e-9).astype(np.intp)
        found.append(np.where((index >= 0) & (index < size), index, -1))
    return found[0], found[1]


def weights(at: NDArray[Float], size: int) -> sparse.csr_array:
    """Return the matrix (targets x cells) of bilinear weights from positions in cells."""
    centre = np.clip(at - 0.5, 0, size - 1)
    low = np.minimum(np.floor(centre).astype(np.intp), max(size - 2, 0))
    part = centre - low
    target = np.arange(at.size)
    values = np.concatenate([1 - part, part])
    places = (np.tile(target, 2), np.concatenate([low, np.minimum(low + 1, size - 1)]))
    return sparse.csr_array((values, places), shape=(at.size, size))
