"""Water conservation: quick flow, evapotranspiration and the water balance, per area.

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
    return np.maximum(water_retained.kernel(precipitation, runoff, evapotranspiration), 0.0)


@formula(
    "1",
    kind="empirical",
    z="1",
    available_water="mm",
    precipitation="mm/year",
    cite="invest-users-guide:annual water yield",
)
def fu_omega(z: Values, available_water: Values, precipitation: Values) -> Values:
    """Return the exponent of the Budyko curve of Fu from soil water and the seasonality of rain.

    傅抱璞公式的参数 ω（由季节常数 Z 与植物可利用水量推得）。

    Parameters
    ----------
    z : 1
        Seasonality constant Z, about 1 to 30; it is calibrated, not measured.
    available_water : mm
        Plant available water: the lesser of root depth and restricting depth times its content.
    precipitation : mm/year
        Rain and snow.

    Returns
    -------
    1

    Notes
    -----
    ``ω = Z AWC / P + 1.25``, capped at 5. The least value, 1.25, is that of bare soil.

    References
    ----------
    invest-users-guide:annual water yield

    Examples
    --------
    >>> float(fu_omega(2.0, 150.0, 600.0)), float(fu_omega(30.0, 200.0, 300.0))
    (1.75, 5.0)
    """
    return np.minimum(z * available_water / precipitation + 1.25, 5.0)


@formula(
    "m/year",
    precipitation="m/year",
    potential="m/year",
    omega="1",
    cite="invest-users-guide:annual water yield",
)
def fu_evapotranspiration(precipitation: Values, potential: Values, omega: Values) -> Values:
    """Return the actual evapotranspiration of vegetated land on the Budyko curve of Fu.

    植被覆盖地的实际蒸散（Budyko 框架傅抱璞公式）。

    Parameters
    ----------
    precipitation : m/year
        Rain and snow.
    potential : m/year
        Potential evapotranspiration, crop coefficient times reference evapotranspiration.
    omega : 1
        Exponent, above 1; see :func:`fu_omega`.

    Returns
    -------
    m/year

    Notes
    -----
    ``AET/P = 1 + PET/P - (1 + (PET/P)^ω)^(1/ω)``, here times P. It holds for means of many years
    and of catchments. It is never more than P or PET, and zero where it does not rain.

    References
    ----------
    invest-users-guide:annual water yield

    Examples
    --------
    >>> round(fu_evapotranspiration(0.6, 1.0, 1.75) / 0.6, 6)
    0.639229
    """
    return precipitation + potential - (precipitation**omega + potential**omega) ** (1 / omega)


@formula(
    "m/year",
    crop_coefficient="1",
    reference="m/year",
    precipitation="m/year",
    cite="invest-users-guide:annual water yield",
)
def bare_evapotranspiration(crop_coefficient: Values, reference: Values, precipitation: Values) -> Values:
    """Return the actual evapotranspiration of land without vegetation.

    非植被地（水面、城镇、裸地）的实际蒸散。

    Parameters
    ----------
    crop_coefficient : 1
        Evaporation coefficient of the type.
    reference : m/year
        Reference evapotranspiration.
    precipitation : m/year
        Rain and snow.

    Returns
    -------
    m/year

    Notes
    -----
    ``AET = min(K ET0, P)``: no more than it rains, so water that flows in is not counted.

    References
    ----------
    invest-users-guide:annual water yield

    Examples
    --------
    >>> float(bare_evapotranspiration(0.2, 1.0, 0.6)), float(bare_evapotranspiration(1.0, 1.0, 0.6))
    (0.2, 0.6)
    """
    return np.minimum(crop_coefficient * reference, precipitation)


@formula(
    "m3/m2/year",
    kind="empirical",
    water_yield="m/year",
    velocity="1",
    topographic_index="1",
    conductivity="cm/day",
    cite="shiyang-2015:§2.1.1 eq. 1",
)
def water_retained_index(
    water_yield: Values, velocity: Values, topographic_index: Values, conductivity: Values
) -> Values:
    """Return the part of the water yield that is retained, by indices of relief, soil and cover.

    水源涵养量（产水量乘以流速、地形与土壤导水率影响因子），与水量平衡法不可混用。

    Parameters
    ----------
    water_yield : m/year
        Precipitation less actual evapotranspiration.
    velocity : 1
        Velocity coefficient of the land cover.
    topographic_index : 1
        ``lg(number of cells draining through / (soil depth in mm × slope in percent))``.
    conductivity : cm/day
        Saturated hydraulic conductivity of the soil.

    Returns
    -------
    m3/m2/year

    Notes
    -----
    ``W = min(1, 249/V) min(1, 0.9 TI/3) min(1, Ksat/300) Y``. It answers another question than
    :func:`water_retained` and gives other numbers. TI counts cells, so it depends on the cell
    size, and it is negative where few cells drain: so is W then. Other papers print Ksat in mm/day
    beside the same 300, ten times as much.

    References
    ----------
    shiyang-2015:§2.1.1 eq. 1

    Examples
    --------
    The source prints no number of a single cell; by hand, 0.5 × 0.6 × 0.4 of 0.3 m:

    >>> round(float(water_retained_index(0.3, 498.0, 2.0, 120.0)), 6)
    0.036
    """
    shares = [249.0 / velocity, 0.9 * topographic_index / 3.0, conductivity / 300.0]
    first, second, third = (np.minimum(share, 1.0) for share in shares)
    return first * second * third * water_yield
