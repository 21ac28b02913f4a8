"""Slope length L of grid cells, from the area that drains into them."""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula


@formula(
    "1",
    kind="empirical",
    inflow_area="m2",
    cell="m",
    exponent="1",
    aspect="degree",
    cite=("desmet-govers-1996", "invest-users-guide:SDR"),
)
def slope_length_desmet_govers(inflow_area: Values, cell: Values, exponent: Values, aspect: Values) -> Values:
    """Return the slope length factor L of a grid cell from the area that drains into it.

    坡长因子 L（Desmet 与 Govers 栅格公式，由上游汇水面积计算）。

    Parameters
    ----------
    inflow_area : m2
        Area that drains into the cell, without the cell itself.
    cell : m
        Side of the cell.
    exponent : 1
        Exponent m, by any of the functions of ``relief``.
    aspect : degree
        Direction in which the slope falls.

    Returns
    -------
    1

    Notes
    -----
    ``L = ((A + D²)^(m+1) - A^(m+1)) / (D^(m+2) x^m 22.13^m)``, ``x = |sin α| + |cos α|``. Where
    water gathers, L grows without bound, far beyond the slopes it was fitted to: cut the channels
    out, or see :func:`slope_length_invest`.

    References
    ----------
    desmet-govers-1996
    invest-users-guide:SDR

    Examples
    --------
    A cell of 22.13 m that nothing drains into has the length of the standard plot:

    >>> round(float(slope_length_desmet_govers(0.0, 22.13, 0.5, 0.0)), 6)
    1.0
    """
    return _desmet_govers(inflow_area, cell, exponent, _width(aspect))


@formula(
    "1",
    kind="empirical",
    inflow_area="m2",
    cell="m",
    exponent="1",
    slope="degree",
    longest="m",
    cite="invest-users-guide:SDR",
)
def slope_length_invest(
    inflow_area: Values, cell: Values, exponent: Values, slope: Values, longest: Values
) -> Values:
    """Return the slope length factor L as InVEST 3.14 documents it: root of the area, capped.

    坡长因子 L（InVEST 3.14 文档的变体：汇水面积取平方根并设上限）。

    Parameters
    ----------
    inflow_area : m2
        Area that drains into the cell.
    cell : m
        Side of the cell.
    exponent : 1
        Exponent m.
    slope : degree
        Angle of the slope; the guide names it, where Desmet and Govers mean the aspect.
    longest : m
        Cap of the slope length, 122 in the guide.

    Returns
    -------
    1

    Notes
    -----
    The equation of :func:`slope_length_desmet_govers` with ``A = min(sqrt(area), 122)`` for the
    area. A length then stands where an area belongs; the variant is here to compare with InVEST,
    and its results are not those of the published equation. To which step InVEST applies its cap
    is not said in the guide.

    References
    ----------
    invest-users-guide:SDR

    Examples
    --------
    >>> [round(float(slope_length_invest(a, 30.0, 0.5, 0.0, 122.0)), 6) for a in (1e4, 1e6)]
    [1.320537, 1.350798]
    """
    return _desmet_govers(np.minimum(inflow_area**0.5, longest), cell, exponent, _width(slope))


def _desmet_govers(inflow: Values, cell: Values, exponent: Values, width: Values) -> Values:
    power = exponent + 1.0
    gained = (inflow + cell**2) ** power - inflow**power
    return gained / (cell ** (exponent + 2.0) * (width * 22.13) ** exponent)


def _width(angle: Values) -> Values:
    radians = np.deg2rad(angle)
    return np.abs(np.sin(radians)) + np.abs(np.cos(radians))
