"""Seeded grids that are coherent in space, as real maps are, and their opposites: salt and pepper.

Any band of rows can be made on its own, so a grid of 1e9 cells is written to disk in little memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import xarray as xr
from scipy.spatial import KDTree

import gep

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

Kind = Literal["coherent", "salt", "scatter"]

CLASSES = dict(
    enumerate(
        (
            "evergreen_broadleaf_forest",
            "evergreen_needleleaf_forest",
            "mixed_forest",
            "deciduous_broadleaf_forest",
            "sparse_forest",
            "temperate_steppe",
            "alpine_meadow",
            "marsh",
            "dryland",
            "urban",
        ),
        start=1,
    )
)

#: Unit and range of every field.
FIELDS = {
    "precipitation": ("mm/year", 200.0, 900.0),
    "evapotranspiration": ("mm/year", 150.0, 600.0),
    "productivity": ("g/m2/year", 20.0, 1200.0),
    "population": ("person", 0.0, 5.0),
    "erosivity": ("MJ mm/(ha h year)", 200.0, 3000.0),
    "erodibility": ("t ha h/(ha MJ mm)", 0.01, 0.06),
    "slope": ("1", 0.0, 20.0),
    "cover": ("1", 0.01, 1.0),
    "practice": ("1", 0.3, 1.0),
}

#: How often each class comes among the bands that the noise is cut into.
SHARES = (2, 4, 4, 6, 3, 7, 6, 1, 8, 3)

STEP = 1 / 3600
NORTH, WEST = 40.9, 111.6


@dataclass(frozen=True)
class Noise:
    """Uniform random numbers on a lattice, read between its nodes by linear interpolation."""

    nodes: NDArray[np.float32]
    spacing: int

    @classmethod
    def draw(cls, rng: np.random.Generator, shape: tuple[int, int], spacing: float) -> Noise:
        """Return noise that has a node every ``spacing`` cells of a grid of ``shape``."""
        step = max(1, int(spacing))
        rows, cols = shape
        return cls(rng.random((rows // step + 2, cols // step + 2), np.float32), step)

    def rows(self, start: int, stop: int, cols: int) -> NDArray[np.float32]:
        """Return the rows ``start:stop``, between 0 and 1."""
        at = np.arange(start, stop)
        node, part = at // self.spacing, (at % self.spacing / self.spacing).astype(np.float32)[:, None]
        left = self.nodes[node] * (1 - part) + self.nodes[node + 1] * part
        ramp = np.arange(self.spacing, dtype=np.float32) / np.float32(self.spacing)
        smooth = left[:, :-1, None] + np.diff(left, axis=1)[:, :, None] * ramp
        return smooth.reshape(stop - start, -1)[:, :cols]


class Patches:
    """Land cover in patches: bands of smooth noise with ragged edges, each band of one class."""

    octaves = ((1200, 0.70), (160, 0.27), (11, 0.03))

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int]) -> None:
        far = shape[0] / 5  # a small grid still has several patches
        octaves = [(min(far, spacing), np.float32(weight)) for spacing, weight in self.octaves]
        self.noises = [(Noise.draw(rng, shape, spacing), weight) for spacing, weight in octaves]
        bands = np.repeat(np.arange(1, len(SHARES) + 1, dtype=np.uint8), SHARES)
        self.bands = rng.permutation(bands)

    def rows(self, start: int, stop: int, cols: int) -> NDArray[np.uint8]:
        """Return the classes of the rows ``start:stop``."""
        height = sum(weight * noise.rows(start, stop, cols) for noise, weight in self.noises)
        return self.bands[(height * np.float32(len(self.bands))).astype(np.uint8)]


class Townships:
    """Zones with irregular borders: nearest of scattered seeds, seen through warped coordinates."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int], zones: int) -> None:
        self.side = float(np.sqrt(shape[0] * shape[1] / zones))
        self.step = int(np.clip(self.side / 8, 1, 16))
        nodes = [np.arange(0, n + self.step, self.step) for n in shape]
        y, x = np.meshgrid(*nodes, indexing="ij")
        nearest = KDTree(_seeds(rng, shape, zones)).query(np.column_stack([y.ravel(), x.ravel()]), workers=-1)
        self.nodes = (nearest[1] + 1).astype(np.int32).reshape(y.shape)
        self.shifts = [Noise.draw(rng, shape, self.side / 4) for _ in shape]

    def rows(self, start: int, stop: int, cols: int) -> NDArray[np.int32]:
        """Return the zones 1..n of the rows ``start:stop``."""
        reach = np.float32(0.4 * self.side)
        dy, dx = (reach * (shift.rows(start, stop, cols) - np.float32(0.5)) for shift in self.shifts)
        row = np.rint((np.arange(start, stop, dtype=np.float32)[:, None] + dy) / self.step)
        col = np.rint((np.arange(cols, dtype=np.float32) + dx) / self.step)
        high, wide = self.nodes.shape
        at = np.clip(row, 0, high - 1).astype(np.int32), np.clip(col, 0, wide - 1).astype(np.int32)
        return self.nodes[at]


class Scatter:
    """Random values 1..n without any neighbourhood, from the position of the cell alone."""

    def __init__(self, seed: int, n: int, dtype: type[np.integer]) -> None:
        self.seed, self.n, self.dtype = seed, n, dtype

    def rows(self, start: int, stop: int, cols: int) -> NDArray[np.integer]:
        """Return the values of the rows ``start:stop``."""
        mixed = np.arange(start * cols, stop * cols, dtype=np.uint64)
        mixed += np.uint64(self.seed * 0x9E3779B97F4A7C15 % 2**64)
        for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
            mixed ^= mixed >> np.uint64(shift)
            mixed *= np.uint64(factor)
        return (mixed % np.uint64(self.n) + np.uint64(1)).astype(self.dtype).reshape(-1, cols)


class Landscape:
    """A latitude/longitude grid of ``shape`` whose rows are made when asked for.

    Parameters
    ----------
    cells : float
        About how many cells.
    zones : int
        How many zones, 1..n.
    fields : sequence of str
        Names of :data:`FIELDS`.
    kind : str
        ``coherent`` as a map; ``salt``: every cell another random class, in zones as on a map;
        ``scatter``: every cell another random class and another random zone.
    """

    def __init__(
        self, cells: float, zones: int, seed: int = 0, *, fields: Sequence[str] = (), kind: Kind = "coherent"
    ) -> None:
        rng = np.random.default_rng(seed)
        side = max(round(np.sqrt(cells)), 8)
        self.shape = shape = (side, max(round(cells / side), 8))
        self.zones = zones
        self.layers: dict[str, Townships | Patches | Scatter] = {
            "zone": Scatter(seed + 1, zones, np.int32) if kind == "scatter" else Townships(rng, shape, zones),
            "land_cover": Patches(rng, shape)
            if kind == "coherent"
            else Scatter(seed + 2, len(CLASSES), np.uint8),
        }
        self.fields = {name: Noise.draw(rng, shape, 90 + 7 * k) for k, name in enumerate(fields)}

    def rows(self, name: str, start: int, stop: int) -> NDArray[np.generic]:
        """Return the rows ``start:stop`` of one layer."""
        if name in self.layers:
            return self.layers[name].rows(start, stop, self.shape[1])
        _, low, high = FIELDS[name]
        noise = self.fields[name].rows(start, stop, self.shape[1])
        return np.float32(low) + np.float32(high - low) * noise

    def blocks(self, rows: int) -> Iterator[tuple[int, int]]:
        """Yield the first and the last but one row of bands of at most ``rows`` rows."""
        for start in range(0, self.shape[0], rows):
            yield start, min(start + rows, self.shape[0])

    def layer(self, name: str) -> xr.DataArray:
        """Return one layer in memory."""
        bands = [self.rows(name, *band) for band in self.blocks(64)]
        return self.wrap(name, np.concatenate(bands))

    def wrap(self, name: str, data: object) -> xr.DataArray:
        """Return numbers of a layer, in memory or lazy, with coordinates, CRS and unit."""
        rows, cols = self.shape
        coords = {"lat": NORTH - STEP * np.arange(rows), "lon": WEST + STEP * np.arange(cols)}
        attrs = {"units": FIELDS[name][0]} if name in FIELDS else {}
        return gep.set_crs(xr.DataArray(data, coords, ("lat", "lon"), name, attrs), "EPSG:4326")

    @cached_property
    def row_area(self) -> NDArray[np.float64]:
        """Cell area of each row, m2, on the ellipsoid."""
        from gep.grid.georef import GridSpec

        spec = GridSpec.of(self.wrap("", np.broadcast_to(np.uint8(0), self.shape)))
        return spec.cell_area().rows(0, self.shape[0])[:, 0]


def landscape(
    cells: float,
    zones: int,
    seed: int = 0,
    *,
    fields: Sequence[str] = ("precipitation", "evapotranspiration"),
    kind: Kind = "coherent",
) -> xr.Dataset:
    """Return land cover, zones and fields of a :class:`Landscape` in memory."""
    made = Landscape(cells, zones, seed, fields=fields, kind=kind)
    return xr.Dataset({name: made.layer(name) for name in ("land_cover", "zone", *fields)})


def _seeds(rng: np.random.Generator, shape: tuple[int, int], zones: int) -> NDArray[np.float64]:
    """Return one point a zone: on a jittered lattice, so that every zone has room."""
    high = int(np.ceil(np.sqrt(zones * shape[0] / shape[1])))
    wide = int(np.ceil(zones / high))
    place = np.sort(rng.choice(high * wide, zones, replace=False))
    corner = np.column_stack(np.divmod(place, wide))
    return (corner + rng.uniform(0.1, 0.9, corner.shape)) * (np.array(shape) / (high, wide))
