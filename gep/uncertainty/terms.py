"""How rows answer to uncertain numbers: shapes of single moves, and their sum of products.

A row is written as ``prod(power factors) * [value + sum of deviations + sum over pairs]``: a cut
(anchored) high dimensional model representation with its monomials taken out in front. All rows
share few products, so that any sum over rows is a matrix of amounts times a table of products.

References
----------
Li, Wang, Rosenthal, Rabitz 2001, Journal of Mathematical Chemistry 30, 1-30 (mp-cut-HDMR).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from gep.uncertainty.ranges import Factor

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]
#: Change of all rows with two factors at one of their points each.
Move = Callable[[int, int], Numbers]
#: One function of one factor: its place, ``power``, ``shift``, ``below`` or ``above``, an exponent.
Basis = tuple[int, str, float]
#: A product of such functions.
Product = tuple[Basis, ...]

#: Relative change of a value that is rounding of floating point.
_ROUNDING = 1e-12
#: Relative gap of two measured slopes (or exponents) that are the same one.
_SAME = 1e-6


@dataclass(frozen=True)
class Shape:
    """How rows answer when one factor alone is moved to its two points.

    Attributes
    ----------
    rows : ndarray of int
        Rows that change.
    kind : ndarray of str
        ``power`` (value times a power of the factor), ``line`` or ``curve``.
    exponent : ndarray
        Of powers; zero otherwise.
    first, second : ndarray
        Change of the value at either point.
    """

    rows: Places
    kind: NDArray[np.str_]
    exponent: Numbers
    first: Numbers
    second: Numbers

    @property
    def others(self) -> Places:
        """Return the rows whose answer is no power."""
        found: Places = self.rows[self.kind != "power"]
        return found

    def bent(self, factor: Factor) -> Mask:
        """Return which rows have two slopes; with the best value at an end there is one side only."""
        found: Mask = self.kind == "curve"
        return found & (factor.points[0] < factor.value < factor.points[1])


def proportional(rows: NDArray[np.bool_], values: Numbers, exponent: float = 1.0) -> Shape:
    """Return the shape of rows that are taken to vary with a power of the factor."""
    places = np.flatnonzero(rows & np.isfinite(values) & (values != 0.0))
    zero = np.zeros(len(places))
    return Shape(places, np.full(len(places), "power"), np.full(len(places), exponent), zero, zero)


def measured(factor: Factor, best: Numbers, first: Numbers, second: Numbers) -> Shape:
    """Tell from three values of each row how it answers to a factor.

    Parameters
    ----------
    best, first, second : ndarray
        Values of the rows at the best value and at ``factor.points``.
    """
    a, b = factor.points
    change = np.maximum(np.abs(first - best), np.abs(second - best))
    rows = np.flatnonzero(change > _ROUNDING * np.abs(best))
    best, one, two = best[rows], first[rows] - best[rows], second[rows] - best[rows]
    exponent = _exponents(factor.value, (a, b), best, one, two)
    # a line through the best value and the second point, read at the first
    off = np.abs(two * ((a - factor.value) / (b - factor.value)) - one)
    straight = off <= _SAME * np.maximum(np.abs(one), np.abs(two)) + _ROUNDING * np.abs(best)
    kind = np.where(straight, "line", "curve")
    kind = np.where(np.isnan(exponent), kind, "power")
    return Shape(rows, kind, np.nan_to_num(exponent), one, two)


def _exponents(value: float, points: tuple[float, float], best: Numbers, *changes: Numbers) -> Numbers:
    """Return the power of the factor that rows vary with, NaN where it is none."""
    if value == 0.0:
        return np.full(len(best), np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = []
        alike = np.ones(len(best), bool)
        for point, change in zip(points, changes, strict=True):
            ratio = point / value
            alike &= np.abs(change - best * (ratio - 1.0)) <= _SAME * np.abs(change)
            found.append(
                np.log1p(change / best) / np.log(ratio) if ratio > 0.0 else np.full(len(best), np.nan)
            )
        same = np.abs(found[0] - found[1]) <= _SAME
        power = np.where(same & np.isfinite(found[0]), np.round(found[0], 6), np.nan)
    # a value in proportion is so on either side of zero, where no logarithm is
    return np.where(alike & (best != 0.0), 1.0, power)


@dataclass
class Terms:
    """Amounts by row and product; the value of a row is the sum of its amounts times products."""

    factors: Sequence[Factor]
    products: list[Product] = field(default_factory=list)
    rows: list[Places] = field(default_factory=list)
    amounts: list[Numbers] = field(default_factory=list)
    places: list[Places] = field(default_factory=list)
    _known: dict[Product, int] = field(default_factory=dict)

    def place(self, product: Product) -> int:
        """Return the number of a product, a new one if need be."""
        if product not in self._known:
            self._known[product] = len(self.products)
            self.products.append(product)
        return self._known[product]

    def add(self, rows: Places, amounts: Numbers, places: Places) -> None:
        """Take amounts of rows at products."""
        self.rows.append(rows)
        self.amounts.append(amounts)
        self.places.append(places)

    def times(self, places: Places, *bases: Basis) -> Places:
        """Return the numbers of products times some functions more."""
        old, back = np.unique(places, return_inverse=True)
        new = [self.place(tuple(sorted((*self.products[p], *bases)))) for p in old]
        return np.array(new, np.int64)[back] if len(old) else places

    def matrix(self, groups: Places, size: int) -> sparse.csr_matrix:
        """Return amounts by group of rows and product; rows of group -1 are left out."""
        rows, amounts = groups[np.concatenate(self.rows)], np.concatenate(self.amounts)
        kept = rows >= 0
        at = (rows[kept], np.concatenate(self.places)[kept])
        return sparse.csr_matrix((amounts[kept], at), shape=(size, len(self.products)))

    def table(self, values: Numbers) -> Numbers:
        """Return the products (rows) at values of the factors (factor x draw)."""
        known: dict[Basis, Numbers] = {}
        table = np.ones((len(self.products), values.shape[1]))
        for i, product in enumerate(self.products):
            for basis in product:
                if basis not in known:
                    known[basis] = function(self.factors[basis[0]], basis, values[basis[0]])
                table[i] *= known[basis]
        return table

    def slopes(self) -> sparse.csr_matrix:
        """Return the derivative of each product by each factor at the best values."""
        found = sparse.lil_matrix((len(self.products), len(self.factors)))
        for i, product in enumerate(self.products):
            others = [b for b in product if b[1] != "power"]
            if len(others) == 1:
                found[i, others[0][0]] = slope(self.factors[others[0][0]], others[0])
            elif not others:
                for basis in product:
                    found[i, basis[0]] = slope(self.factors[basis[0]], basis)
        return found.tocsr()


def function(factor: Factor, basis: Basis, values: Numbers) -> Numbers:
    """Return a function of one factor: 1 (powers) or 0 (all others) at its best value."""
    _, kind, exponent = basis
    a, b = factor.points
    if kind == "power":
        ratio = values / factor.value
        return ratio if exponent == 1.0 else ratio**exponent
    if kind == "below":
        return np.maximum((values - factor.value) / (a - factor.value), 0.0)
    shift = (values - factor.value) / (b - factor.value)
    return np.maximum(shift, 0.0) if kind == "above" else shift


def slope(factor: Factor, basis: Basis) -> float:
    """Return the derivative of a function at the best value; over both points where it has a kink."""
    _, kind, exponent = basis
    a, b = factor.points
    if kind == "power":
        return exponent / factor.value
    return {"shift": 1.0 / (b - factor.value), "above": 1.0 / (b - a), "below": -1.0 / (b - a)}[kind]


def build(factors: Sequence[Factor], values: Numbers, shapes: Sequence[Shape]) -> tuple[Terms, Places]:
    """Return the terms of all rows, and the product of powers that stands in front of each."""
    terms = Terms(factors)
    front = np.full(len(values), terms.place(()), np.int64)
    for k, shape in enumerate(shapes):
        for exponent in np.unique(shape.exponent[shape.kind == "power"]):
            hit = shape.rows[(shape.kind == "power") & (shape.exponent == exponent)]
            front[hit] = terms.times(front[hit], (k, "power", float(exponent)))
    there = np.flatnonzero(np.isfinite(values))
    terms.add(there, values[there], front[there])
    for k, shape in enumerate(shapes):
        _deviations(terms, k, shape, front)
    return terms, front


def _deviations(terms: Terms, k: int, shape: Shape, front: Places) -> None:
    bent = shape.bent(terms.factors[k])
    for place, change in enumerate((shape.first, shape.second)):
        for hit, kind in _parts(shape.kind != "power", bent, place):
            rows = shape.rows[hit]
            terms.add(rows, change[hit], terms.times(front[rows], (k, kind, 0.0)))


def _parts(some: Mask, bent: Mask, place: int) -> list[tuple[Mask, str]]:
    """Return the rows that use a point of the factor, by the function that they use it with."""
    parts = [(some & bent, ("below", "above")[place]), (some & ~bent & (place == 1), "shift")]
    return [(hit, kind) for hit, kind in parts if hit.any()]


def add_pair(terms: Terms, at: tuple[int, int], shapes: Sequence[Shape], front: Places, move: Move) -> None:
    """Take in what two factors do together in rows where neither is a mere power.

    Parameters
    ----------
    at : tuple of int
        The two factors.
    shapes : sequence of Shape
        Of all factors.
    front : ndarray of int
        As :func:`build` returns it.
    move : callable
        Returns the change of all rows with the two at their points of these places (0 or 1).
    """
    one, other = (shapes[k] for k in at)
    rows = np.intersect1d(one.others, other.others)
    i, j = np.searchsorted(one.rows, rows), np.searchsorted(other.rows, rows)
    bent = one.bent(terms.factors[at[0]])[i], other.bent(terms.factors[at[1]])[j]
    every = np.ones(len(rows), bool)
    for a, b in itertools.product((0, 1), repeat=2):
        uses = [
            (mine & theirs, kind, more)
            for mine, kind in _parts(every, bent[0], a)
            for theirs, more in _parts(every, bent[1], b)
            if (mine & theirs).any()
        ]
        if not uses:
            continue
        alone = (one.first, one.second)[a][i] + (other.first, other.second)[b][j]
        together = move(a, b)[rows] - alone
        for hit, kind, more in uses:
            places = terms.times(front[rows[hit]], (at[0], kind, 0.0), (at[1], more, 0.0))
            terms.add(rows[hit], together[hit], places)


def pairs(shapes: Sequence[Shape], size: int) -> list[tuple[int, int]]:
    """Return the pairs of factors that move the same row and of which neither is a power there."""
    touched = sparse.lil_matrix((size, len(shapes)))
    for k, shape in enumerate(shapes):
        touched[shape.others, k] = 1.0
    both = sparse.triu((touched.T @ touched).tocoo(), k=1).tocoo()
    return sorted(zip(both.row.tolist(), both.col.tolist(), strict=True))
