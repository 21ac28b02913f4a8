"""Engines that add up arrays by an integer key: numpy, scipy.sparse, numpy_groupies, numbagg."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np

from benchmarks.peers.base import THREADS, Peer
from benchmarks.tasks import COEFFICIENTS, SERVICES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from benchmarks.tasks import Array, Floats, Problem


class Bincount(Peer):
    """``numpy.bincount`` on the whole grid at once."""

    name = "numpy bincount"
    family = "general engine"

    def sums(self) -> list[Floats]:
        flat = self.whole()
        return [self.problem.table(table) for table in flat]

    def whole(self) -> list[Array]:
        """Return the flat tables of the values and, where asked, of the counts."""
        return self.band(slice(None))

    def band(self, rows: slice) -> list[Array]:
        """Return the flat tables of some rows."""
        problem = self.problem
        key = problem.key(rows).ravel()
        tables = [np.bincount(key, v.ravel(), problem.size) for v in problem.values(rows)]
        return [*tables, np.bincount(key, minlength=problem.size)] if self.counting else tables


class Blocks(Bincount):
    """``numpy.bincount`` in bands of rows that stay in the cache; areas from counts by row."""

    name = "numpy blocks"

    def whole(self) -> list[Array]:
        return _total(map(self.band, self.problem.bands()))

    def band(self, rows: slice) -> list[Array]:
        if not self.counting or self.problem.size > self.problem.shape[1]:
            return super().band(rows)
        return self.rows(rows)

    def rows(self, rows: slice) -> list[Array]:
        """Return area and counts: counts of each row in one table, times the area of its cells."""
        key, size = self.problem.key(rows), self.problem.size
        first = np.arange(len(key), dtype=np.int32)[:, None] * np.int32(size)
        counts = np.bincount((key + first).ravel(), minlength=len(key) * size).reshape(-1, size)
        return [self.problem.row_area[rows] @ counts, counts.sum(axis=0)]


class ThreadedBlocks(Blocks):
    """The same bands on two threads; numpy lets go of the interpreter's lock."""

    name = "numpy blocks, 2 threads"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.pool = ThreadPoolExecutor(THREADS)

    def whole(self) -> list[Array]:
        bands = list(self.problem.bands())
        shares = [bands[k::THREADS] for k in range(min(THREADS, len(bands)))]
        return _total(self.pool.map(self.share, shares))

    def share(self, bands: list[slice]) -> list[Array]:
        """Return the tables of one thread."""
        return _total(map(self.band, bands))


class Sparse(Bincount):
    """``scipy.sparse``: a coordinate matrix whose duplicates are added up when it becomes dense."""

    name = "scipy.sparse"

    def band(self, rows: slice) -> list[Array]:
        from scipy.sparse import coo_array

        problem = self.problem
        key = problem.key(rows).ravel()
        values = [v.astype(np.float64).ravel() for v in problem.values(rows)]
        values += [np.ones(key.size, np.int64)] if self.counting else []
        return [coo_array((v, (key,)), shape=(problem.size,)).toarray() for v in values]


class Groupies(Bincount):
    """``numpy_groupies`` with its numba engine."""

    name = "numpy_groupies"
    needs = ("numpy_groupies",)

    def band(self, rows: slice) -> list[Array]:
        from numpy_groupies import aggregate_nb

        problem = self.problem
        key = problem.key(rows).ravel()
        tables = [
            aggregate_nb(key, v.ravel(), func="sum", size=problem.size, dtype=np.float64)
            for v in problem.values(rows)
        ]
        return [*tables, aggregate_nb(key, 1, func="sum", size=problem.size)] if self.counting else tables


class Numbagg(Bincount):
    """``numbagg.group_nansum``; float32 is widened first, or the sums would be off in the third digit."""

    name = "numbagg"
    needs = ("numbagg",)

    def band(self, rows: slice) -> list[Array]:
        import numbagg

        problem = self.problem
        key = problem.key(rows).ravel()
        values = [v.astype(np.float64).ravel() for v in problem.values(rows)]
        tables = [numbagg.group_nansum(v, key, axis=0, num_labels=problem.size) for v in values]
        if self.counting:
            tables.append(numbagg.group_nancount(values[0], key, axis=0, num_labels=problem.size))
        return tables


class RasterAlgebra(Peer):
    """A raster of values for each service, then its sum by zone and class: numpy as it is mostly used."""

    name = "numpy raster algebra"
    family = "raster algebra"
    only = ("c", "c2")

    def run(self) -> Floats:
        key = self.problem.key().ravel()
        services = [self.by_key(key, raster) for raster in self.rasters()]
        return np.stack(services, axis=-1)

    def by_key(self, key: Array, raster: Floats) -> Floats:
        """Return the zonal sums of one raster."""
        return self.problem.table(np.bincount(key, raster.ravel(), self.problem.size))

    def rasters(self) -> Iterable[Floats]:
        """Yield the raster of values of each service."""
        problem = self.problem
        fields = list(problem.fields.values())
        for service in range(SERVICES):
            each = np.concatenate([[0.0], COEFFICIENTS[:, service]])
            value = each[problem.classes] * problem.area()
            yield value * fields[service % len(fields)] if fields else value


def _total(tables: Iterable[list[Array]]) -> list[Array]:
    """Add up the tables of bands."""
    bands = iter(tables)
    total = next(bands)
    for band in bands:
        for sums, more in zip(total, band, strict=True):
            np.add(sums, more, out=sums)
    return total


PEERS = (Bincount, Blocks, ThreadedBlocks, Sparse, Groupies, Numbagg, RasterAlgebra)
