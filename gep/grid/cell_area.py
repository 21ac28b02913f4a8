"""How large the cells of a grid truly are: m2 on the ellipsoid, or a refusal where the CRS distorts."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from gep.errors import GridError
from gep.grid.crs import ellipsoid, is_geographic, load_crs, pyproj_for, short_crs

if TYPE_CHECKING:
    from numpy.typing import NDArray

Float = np.float64
Affine6 = tuple[float, float, float, float, float, float]

#: Largest departure of the areal scale from 1 that a grid may have.
AREAL_LIMIT = 0.01


@dataclass(frozen=True, eq=False)
class CellArea:
    """True area of the cells of a grid in m2, kept as two thin factors, never as a full raster.

    Attributes
    ----------
    form : str
        ``constant`` (equal-area CRS), ``by_row`` (longitude/latitude) or ``by_cell``.
    shape : tuple of int
        Rows, columns.
    left, right : ndarray of float
        Factors of rows and columns; their product is the area of a cell.
    """

    form: Literal["constant", "by_row", "by_cell"]
    shape: tuple[int, int]
    left: NDArray[Float]
    right: NDArray[Float]

    def rows(self, start: int, stop: int) -> NDArray[Float]:
        """Return areas in m2 that broadcast to ``(stop - start, columns)``."""
        if self.form == "constant":
            return self.left
        left = self.left[start:stop]
        if self.form == "by_row":
            return left
        out = left[:, :1] * self.right[:1]
        for k in range(1, self.right.shape[0]):
            out += left[:, k : k + 1] * self.right[k]
        return out

    @cached_property
    def digits(self) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """Return the area of a cell in integers by row: ``high * 2**e + low * 2**(e - 32)``, and ``e``.

        The two integers hold the float64 of the largest cell and of any a thousand times smaller; what
        is smaller still (rows at a pole) is cut at 2**-63 of the largest.
        """
        area = self.left[:, 0]
        e = int(np.frexp(area.max(initial=0.0))[1]) - 31
        scaled = np.ldexp(area, -e)
        high = np.floor(scaled)
        return high.astype(np.int64), np.floor((scaled - high) * 2.0**32).astype(np.int64), e

    def at(self, row: NDArray[np.int64], col: NDArray[np.int64]) -> NDArray[Float]:
        """Return m2 of single cells by ``row`` and ``col``."""
        if self.form == "constant":
            return np.full(row.shape, self.left[0, 0])
        if self.form == "by_row":
            return np.asarray(self.left[row, 0])
        return np.asarray((self.left[row] * self.right[:, col].T).sum(axis=1))

    @classmethod
    def constant(cls, m2: float, shape: tuple[int, int]) -> CellArea:
        """Return cells of ``m2`` each in ``shape``, for grids that say nothing of where they lie.

        Examples
        --------
        >>> CellArea.constant(900.0, (10, 10)).total()
        90000.0
        """
        return cls("constant", shape, np.full((1, 1), float(m2)), np.ones((1, shape[1])))

    def total(self) -> float:
        """Return the area of the whole grid in m2."""
        rows, cols = self.shape
        if self.form == "constant":
            return float(self.left[0, 0]) * rows * cols
        if self.form == "by_row":
            return math.fsum(self.left[:, 0]) * cols
        return math.fsum(self.left.sum(axis=0) * self.right.sum(axis=1))

    def by_index(self, index: NDArray[np.integer[Any]], size: int) -> NDArray[Float]:
        """Return m2 of ``size`` positions from the ``index`` of each cell; negative ones are not counted."""
        out = np.zeros(size)
        for start in range(0, index.shape[0], 256):
            block = index[start : start + 256]
            inside = block >= 0
            cells = np.broadcast_to(self.rows(start, start + block.shape[0]), block.shape)
            out += np.bincount(block[inside], cells[inside], size)
        return out

    @property
    def mean(self) -> float:
        """Mean area of a cell in m2."""
        return self.total() / (self.shape[0] * self.shape[1])


def band_area(south: NDArray[Float], north: NDArray[Float], crs: str) -> NDArray[Float]:
    """Return m2 between two latitudes (degrees) per radian of longitude; exact, any thickness.

    The authalic closed form, written as a difference so that thin bands lose no digits:
    with s = sin(latitude), b²/2 · [s/(1 - e²s²) + atanh(e·s)/e] from ``south`` to ``north``.
    """
    a, rf = ellipsoid(crs)
    flat = 1 / rf if rf else 0.0
    e2 = flat * (2 - flat)
    low, high = np.radians(np.clip(south, -90, 90)), np.radians(np.clip(north, -90, 90))
    s0, s1 = np.sin(low), np.sin(high)
    ds = 2 * np.cos((low + high) / 2) * np.sin((high - low) / 2)
    if not e2:
        return np.asarray(a * a * ds)
    e = math.sqrt(e2)
    rational = ds * (1 + e2 * s0 * s1) / ((1 - e2 * s0 * s0) * (1 - e2 * s1 * s1))
    return np.asarray(a * a * (1 - e2) / 2 * (rational + np.arctanh(e * ds / (1 - e2 * s0 * s1)) / e))


@lru_cache(maxsize=64)
def cell_area_of(crs: str, transform: Affine6, shape: tuple[int, int]) -> CellArea:
    """Return the true area of the cells of a grid given by its CRS, affine terms and shape."""
    a, _, _, _, e, f = transform
    rows, cols = shape
    if is_geographic(crs):
        edges = np.asarray(f + e * np.arange(rows + 1, dtype=Float), Float)
        area = np.abs(band_area(edges[:-1], edges[1:], crs)) * math.radians(a)
        return CellArea("by_row", shape, area[:, None], np.ones((1, cols)))
    return _projected_area(crs, transform, shape)


def _projected_area(crs: str, transform: Affine6, shape: tuple[int, int]) -> CellArea:
    """Fit the true m2 per square CRS unit by Chebyshev polynomials and average them over each cell."""
    from numpy.polynomial import chebyshev as cheb

    a, _, c, _, e, f = transform
    n = 33
    nodes = cheb.chebpts1(n)
    x, y = np.meshgrid(c + a * shape[1] * (nodes + 1) / 2, f + e * shape[0] * (nodes + 1) / 2)
    density, lat, nominal = _true_density(crs, x, y)
    constant = np.full((1, 1), abs(a * e) * nominal)
    if _distortion(crs, nominal / density - 1, lat) < 1e-8:
        return CellArea("constant", shape, constant, np.ones((1, shape[1])))
    inverse = np.linalg.inv(cheb.chebvander(nodes, n - 1))
    table = inverse @ (density / nominal) @ inverse.T
    if not np.isfinite(table).all() or np.abs(table[-4:]).max() + np.abs(table[:, -4:]).max() > 1e-9:
        raise GridError(f"parts of the grid lie outside the domain of {short_crs(crs)}", fix="cut the grid")
    left, size, right = np.linalg.svd(table)
    rank = max(1, int((size > 1e-11 * size[0]).sum()))
    means = [_cell_means(n, k) for k in shape]
    tall = constant[0, 0] * (means[0] @ left[:, :rank]) * size[:rank]
    return CellArea("by_cell", shape, tall, right[:rank] @ means[1].T)


def _cell_means(n: int, cells: int) -> NDArray[Float]:
    """Return the mean of each Chebyshev polynomial over each of the cells that divide [-1, 1]."""
    from numpy.polynomial import chebyshev as cheb

    edges = np.linspace(-1, 1, cells + 1)
    antiderivative = cheb.chebval(edges, cheb.chebint(np.eye(n)))
    return np.asarray(np.diff(antiderivative, axis=1).T * cells / 2)


def _true_density(
    crs: str, x: NDArray[Float], y: NDArray[Float]
) -> tuple[NDArray[Float], NDArray[Float], float]:
    """Return true m2 per square CRS unit, latitude in degrees, and the m2 that the CRS unit claims."""
    pyproj = pyproj_for(f"the cell area in {short_crs(crs)}")
    projected = load_crs(crs)
    if not projected.is_projected:
        raise GridError(f"{short_crs(crs)} is neither projected nor longitude/latitude")
    unit = float(projected.axis_info[0].unit_conversion_factor)
    base = projected.geodetic_crs
    radian = float(base.axis_info[0].unit_conversion_factor)
    to_base = pyproj.Transformer.from_crs(projected, base, always_xy=True)
    h = 5000.0 / unit

    def slope(sx: float, sy: float) -> tuple[NDArray[Float], NDArray[Float]]:
        at = [to_base.transform(x + k * sx * h, y + k * sy * h) for k in (-2, -1, 1, 2)]
        turn = 2 * np.pi / radian
        near = np.array([np.remainder(p[0] - at[0][0] + turn / 2, turn) - turn / 2 for p in at])
        lat = np.array([p[1] for p in at])
        weights = np.array([1, -8, 8, -1]) * radian / (12 * h)
        return np.tensordot(weights, near, 1), np.tensordot(weights, lat, 1)

    with np.errstate(invalid="ignore"):
        (lon_x, lat_x), (lon_y, lat_y) = slope(1, 0), slope(0, 1)
        phi = np.asarray(to_base.transform(x, y)[1]) * radian
        semi, rf = float(base.ellipsoid.semi_major_metre), float(base.ellipsoid.inverse_flattening)
        e2 = (2 - 1 / rf) / rf if rf else 0.0
        metric = semi**2 * (1 - e2) * np.cos(phi) / (1 - e2 * np.sin(phi) ** 2) ** 2
        return metric * np.abs(lon_x * lat_y - lon_y * lat_x), np.degrees(phi), unit**2


def _distortion(crs: str, excess: NDArray[Float], lat: NDArray[Float]) -> float:
    """Return the largest relative error of nominal areas; refuse when it passes the limit."""
    with np.errstate(invalid="ignore"):
        away = np.abs(lat) <= 75 if (np.abs(lat) <= 75).any() else np.ones(lat.shape, bool)  # poles: unsteady
    size = np.where(np.isfinite(excess) & away, np.abs(excess), -1.0)
    worst = np.unravel_index(int(size.argmax()), size.shape)
    if size[worst] < 0:
        raise GridError(f"the grid lies outside the domain of {short_crs(crs)}")
    if size[worst] > AREAL_LIMIT:
        way = "large" if excess[worst] > 0 else "small"
        at = f"{abs(lat[worst]):.1f} {'N' if lat[worst] >= 0 else 'S'}"
        raise GridError(
            f"{short_crs(crs)} distorts areas: areas would be {100 * size[worst]:.1f} % too {way} at {at}",
            expected=f"a CRS that keeps areas within {100 * AREAL_LIMIT:g} %",
            fix="land_cover = land_cover.rio.reproject('EPSG:6933') (equal-area; in China rather "
            "Albers, '+proj=aea +lat_1=25 +lat_2=47 +lon_0=105 +ellps=GRS80'), then gep.align the others",
        )
    return float(size[worst])
