"""Water conservation: quick flow and the water balance, per area.

The results are depths over a year; the account multiplies them with the area of its cells.
"""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula


@formula(
    "m/year",
    precipitation="m/year",
    coefficient="1",
    cite=("gong-2017:§1.2", "gaotianyan-2014:table 1 eq. 8"),
)
def quick_flow(precipitation: Values, coefficient: Values) -> Values:
    """Return the rain that runs off at once over the surface.

    地表径流（暴雨径流）：降水量乘以地表径流系数。

    Parameters
    ----------
    precipitation : m/year
        Rain and snow of the year.
    coefficient : 1
        Mean surface runoff coefficient of the ecosystem type, between 0 and 1.

    Returns
    -------
    m/year

    Notes
    -----
    ``R = P α``. The coefficients are means over runoff plots; they hold for the mean of many
    years and a type, not for a single storm, and they are quick flow, not river discharge.

    References
    ----------
    gong-2017:§1.2
    gaotianyan-2014:table 1 eq. 8

    Examples
    --------
    Gaotianyan: of 180 mm a share of 0.6 runs off, so J = 108 mm. Here in metres:

    >>> round(quick_flow(0.180, 0.6), 6)
    0.108
    """
    return precipitation * coefficient


@formula(
    "m3/m2/year",
    precipitation="m/year",
    runoff="m/year",
    evapotranspiration="m/year",
    cite=("garze-2010:§2.4.1", "gong-2017:§1.2"),
)
def water_retained(precipitation: Values, runoff: Values, evapotranspiration: Values) -> Values:
    """Return the water an ecosystem retains in a year, the balance as it comes out.

    水源涵养量（水量平衡法）：降水减地表径流减蒸散，负值保留。

    Parameters
    ----------
    precipitation : m/year
        Rain and snow.
    runoff : m/year
        Surface quick flow, see :func:`quick_flow`; not total discharge.
    evapotranspiration : m/year
        Actual evapotranspiration.

    Returns
    -------
    m3/m2/year

    Notes
    -----
    ``W = P - R - ET``. Storage at the end of the year is taken to equal that at its start.
    Where the products for P and ET disagree, or water flows in from elsewhere, the balance is
    negative; this formula lets it stand, so that parts add up to totals.

    References
    ----------
    garze-2010:§2.4.1
    gong-2017:§1.2

    Examples
    --------
    The sources print sums of many cells only; an evergreen broadleaf forest (α 4.65 % in table
    2 of gong-2017) with 1600 mm of rain and 800 mm of evapotranspiration:

    >>> round(water_retained(1.6, quick_flow(1.6, 0.0465), 0.8), 4)
    0.7256
    """
    return precipitation - runoff - evapotranspiration


@formula(
    "m3/m2/year",
    precipitation="m/year",
    runoff="m/year",
    evapotranspiration="m/year",
    cite="garze-2010:§2.4.1",
)
def water_retained_nonnegative(precipitation: Values, runoff: Values, evapotranspiration: Values) -> Values:
    """Return the water balance with negative balances set to zero.

    水源涵养量（负值归零）：与水量平衡法相同，但负值取零；此规则会改变总量。

    Parameters
    ----------
    precipitation : m/year
        Rain and snow.
    runoff : m/year
        Surface quick flow.
    evapotranspiration : m/year
        Actual evapotranspiration.

    Returns
    -------
    m3/m2/year

    Notes
    -----
    ``W = max(P - R - ET, 0)``. This rule changes totals: the sum over cells becomes larger than
    the balance of their sums, by more the finer the grid. The equation is that of the source;
    the rule is a habit of public programs, so an account that uses it should say so. A missing
    value stays missing.

    References
    ----------
    garze-2010:§2.4.1

    Examples
    --------
    >>> float(water_retained_nonnegative(0.4, 0.02, 0.5))
    0.0
    """
    return np.maximum(precipitation - runoff - evapotranspiration, 0.0)
