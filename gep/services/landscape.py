"""Landscape premium: what nearness to nature adds to rents, and a regression that finds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from gep.errors import TableError
from gep.formula import Values, formula

Vector = npt.NDArray[np.float64]


@formula("money/year", area="m2", price="money/m2/year", premium="1", cite=("ndrc-2022", "mee-2020"))
def landscape_premium(area: Values, price: Values, premium: Values) -> Values:
    """Return what living by a green or blue place adds to the rent of homes.

    景观增值（住房）：受益建筑面积乘以年租金（或年化房价）和溢价率。

    Parameters
    ----------
    area : m2
        Floor area within reach of the place.
    price : money/m2/year
        Rent of a like home *without* it; a price of sale is first turned into a yearly rent.
    premium : 1
        Part that nearness adds to it, see :func:`hedonic`.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = A p m``. A price paid once for all years to come is refused by its unit. What parks add is
    mixed up with schools, stations and new buildings unless these are controlled for.

    References
    ----------
    ndrc-2022
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> landscape_premium(20000.0, 400.0, 0.0625)
    500000.0
    """
    return area * price * premium


@formula("money/year", nights="visit/year", price="money/visit", premium="1", cite=("ndrc-2022", "mee-2020"))
def hotel_premium(nights: Values, price: Values, premium: Values) -> Values:
    """Return what a view of nature adds to the price of hotel rooms.

    景观增值（酒店）：年入住间夜数乘以无景观客房价格和溢价率。

    Parameters
    ----------
    nights : visit/year
        Nights sold in rooms with the view, one night as one visit.
    price : money/visit
        Price of a like room *without* it.
    premium : 1
        Part that the view adds.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = N p m``. Guests who are counted with all they spend in ``culture.travel_cost`` have paid this
    there already.

    References
    ----------
    ndrc-2022
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> hotel_premium(30000.0, 400.0, 0.25)
    3000000.0
    """
    return nights * price * premium


@dataclass(frozen=True)
class Hedonic:
    """A fitted price equation ``ln p = b_0 + b_1 distance + ...``.

    Attributes
    ----------
    coefficients, errors : dict of str to float
        By ``intercept``, ``distance`` and the names of the controls; errors are standard errors under
        equal and independent scatter.
    r2 : float
        Share of the scatter of the logarithm that is explained.
    n : int
        Rows used.
    left_out : int
        Rows that lack a number and were not used.
    """

    coefficients: dict[str, float]
    errors: dict[str, float]
    r2: float
    n: int
    left_out: int

    def premium(self, near: float, far: float) -> float:
        """Return by what part a home at distance ``near`` is dearer than one at ``far``.

        距离 ``near`` 处相对 ``far`` 处的溢价率。
        """
        return float(np.expm1(self.coefficients["distance"] * (near - far)))


def hedonic(prices: Any, distance: Any, controls: Mapping[str, Any] | None = None) -> Hedonic:
    """Fit the logarithm of prices to distance and controls by least squares.

    特征价格回归：以房价对数对距离及控制变量作最小二乘回归。

    Parameters
    ----------
    prices : array_like
        Price or rent of each home, above 0; one row a home.
    distance : array_like
        Distance to the green or blue place, in a unit of your choice.
    controls : mapping of str to array_like, optional
        Whatever else moves prices: floor, age, distance to a station.

    Returns
    -------
    Hedonic
        Coefficients, standard errors, r2, rows used and rows left out for a missing number.

    Raises
    ------
    TableError
        Columns of different length, a price that is not above 0, no more rows than coefficients,
        columns that explain each other, or a control with a taken name.

    Notes
    -----
    ``b = (X'X)^-1 X'y``, ``s^2 = e'e / (n - k)``, errors from ``s^2 (X'X)^-1``. Prices of neighbours are
    alike, so true errors are larger. A coefficient of distance is a premium only as far as the
    controls hold all else that changes with distance.

    References
    ----------
    rosen-1974

    Examples
    --------
    Rents that halve with each kilometre:

    >>> found = hedonic([800, 400, 200, 100], [0, 1, 2, 3])
    >>> round(found.coefficients["distance"], 6), round(found.premium(near=0, far=1), 6), found.n
    (-0.693147, 1.0, 4)
    """
    names, table = _columns(prices, distance, dict(controls or {}))
    whole = np.isfinite(table).all(axis=1)
    used = table[whole]
    if (used[:, 0] <= 0.0).any():
        raise TableError("a price is not above 0", expected="prices or rents above 0")
    n, k = len(used), len(names)
    if n <= k:
        raise TableError(
            f"{n} complete rows for {k} coefficients, {len(table) - n} rows left out for missing numbers",
            expected=f"at least {k + 1} complete rows",
        )
    x, y = np.column_stack([np.ones(n), used[:, 1:]]), np.log(used[:, 0])
    found, errors, r2 = _least_squares(x, y, names)
    return Hedonic(
        dict(zip(names, found.tolist(), strict=True)),
        dict(zip(names, errors.tolist(), strict=True)),
        r2,
        n,
        len(table) - n,
    )


def _columns(prices: Any, distance: Any, controls: dict[str, Any]) -> tuple[list[str], Vector]:
    taken = {"intercept", "price", "distance"} & set(controls)
    if taken:
        raise TableError(f"a control is named {taken.pop()}", fix="give it another name")
    columns = {"price": prices, "distance": distance, **controls}
    arrays = {name: np.asarray(column, dtype=np.float64) for name, column in columns.items()}
    shapes = {array.shape for array in arrays.values()}
    if len(shapes) > 1 or any(len(shape) != 1 for shape in shapes):
        listed = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise TableError(f"columns do not fit: {listed}", expected="columns of one length, one row a home")
    return ["intercept", "distance", *controls], np.column_stack(list(arrays.values()))


def _least_squares(x: Vector, y: Vector, names: list[str]) -> tuple[Vector, Vector, float]:
    """Solve on columns of length one, so that metres and shares count alike for the rank."""
    scale = np.linalg.norm(x, axis=0)
    q, r = np.linalg.qr(x / np.where(scale > 0.0, scale, 1.0))
    if np.abs(np.diag(r)).min() < 1e-10:
        raise TableError(f"columns of {', '.join(names)} explain each other", fix="leave one of them out")
    inverse = np.linalg.inv(r) / scale[:, np.newaxis]
    found = inverse @ (q.T @ y)
    left = y - x @ found
    variance = float(left @ left) / (len(y) - len(names))
    spread = float(((y - y.mean()) ** 2).sum())
    r2 = 1.0 - float(left @ left) / spread if spread > 0.0 else float("nan")
    return found, np.sqrt(variance * (inverse**2).sum(axis=1)), r2
