"""Flood mitigation: storm water that vegetation, lakes, reservoirs and marshes hold back."""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula

_TINY = 1e-12
#: Published lake models give 10^4 m3.
_TEN_THOUSAND = 1e4


@formula("m3/m2/year", storm="m/year", runoff="m/year", cite="mee-2020")
def storm_retained(storm: Values, runoff: Values) -> Values:
    """Return the storm rain that vegetation keeps from running off.

    植被调蓄水量：暴雨总量减暴雨径流量。

    Parameters
    ----------
    storm : m/year
        Rain of the storms of a year, not all rain.
    runoff : m/year
        What runs off of it, see :func:`storm_runoff_log`.

    Returns
    -------
    m3/m2/year

    Notes
    -----
    ``C = P - R``. Only storms count: with the rain of all days this is water conservation again,
    and both in one total count it twice.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; 120 mm of storm rain of which 40 mm run off, in metres:

    >>> round(storm_retained(0.120, 0.040), 6)
    0.08
    """
    return storm - runoff


@formula("mm/year", kind="empirical", storm="mm/year", slope="mm/year", intercept="mm/year", cite="mee-2020")
def storm_runoff_log(storm: Values, slope: Values, intercept: Values) -> Values:
    """Return the runoff of storm rain by a logarithmic regression of the ecosystem type.

    暴雨径流量（对数回归）：斜率乘以暴雨量的自然对数，再加截距。

    Parameters
    ----------
    storm : mm/year
        Storm rain of a year.
    slope, intercept : mm/year
        Coefficients of the regression of the type; the intercept is negative.

    Returns
    -------
    mm/year

    Notes
    -----
    ``R = a ln(P / 1 mm) + b`` with the natural logarithm, never below zero. A logarithm knows no
    upper bound of its own range: a regression fitted to plots of one region is not to be carried
    to rains or regions it has not seen. No coefficients are printed here; they are data.

    References
    ----------
    mee-2020

    Examples
    --------
    The arithmetic alone, with coefficients that are nobody's, 5 ln 100 - 10:

    >>> round(float(storm_runoff_log(100.0, 5.0, -10.0)), 6), float(storm_runoff_log(5.0, 5.0, -10.0))
    (13.025851, 0.0)
    """
    return np.maximum(slope * np.log(np.maximum(storm, _TINY)) + intercept, 0.0)


@formula(
    "m3/year",
    kind="empirical",
    surface="km2",
    constant="1",
    exponent="1",
    exchanges="1/year",
    cite=("garze-2010:§2.4.4", "rao-2014"),
)
def lake_storage(surface: Values, constant: Values, exponent: Values, exchanges: Values) -> Values:
    """Return the flood water that a lake can take up, from its area.

    湖泊洪水调蓄量：由湖泊面积的分区幂函数模型估算可调蓄水量，再乘以年换水次数。

    Parameters
    ----------
    surface : km2
        Area of *one* lake.
    constant : 1
        Constant a of the lake region.
    exponent : 1
        Exponent b of the lake region.
    exchanges : 1/year
        How often the storage is filled and emptied in a year.

    Returns
    -------
    m3/year

    Notes
    -----
    ``C = e^a A^b T`` is published with A in km2 and C in 10^4 m3; here C is in m3. The model is a
    regression over lakes: apply it lake by lake and add up, for the power of a sum is not the sum
    of powers.

    References
    ----------
    garze-2010:§2.4.4
    rao-2014

    Examples
    --------
    Tibetan Plateau, 165 km2: the 2.43e8 m3 of Garzê (table 3):

    >>> round(float(lake_storage(165.0, 6.636, 0.678, 1.0)) / 1e8, 2)
    2.43
    """
    return _TEN_THOUSAND * np.exp(constant) * surface**exponent * exchanges


@formula("m3/year", capacity="m3", share="1", fills="1/year", cite="garze-2010:§2.4.4")
def reservoir_storage(capacity: Values, share: Values, fills: Values) -> Values:
    """Return the flood storage of reservoirs.

    水库洪水调蓄量：总库容乘以防洪库容比例和年充蓄次数。

    Parameters
    ----------
    capacity : m3
        Total capacity.
    share : 1
        Part of it that is kept for floods, 0.35 in the source.
    fills : 1/year
        How often it takes up a flood in a year; 1 in the source.

    Returns
    -------
    m3/year

    Notes
    -----
    ``C = λ C_t T``. A reservoir is a work of man: whether its storage is a service of nature is
    for the account to say.

    References
    ----------
    garze-2010:§2.4.4

    Examples
    --------
    Garzê: 0.0277e8 m3, worked back from the money of table 3, give the 0.01e8 m3 printed there:

    >>> round(reservoir_storage(0.0277e8, 0.35, 1.0) / 1e8, 2)
    0.01
    """
    return capacity * share * fills


@formula("m3/year", area="m2", depth="m/year", cite="garze-2010:§2.4.4")
def marsh_storage(area: Values, depth: Values) -> Values:
    """Return the flood water that stands on marshes.

    沼泽洪水调蓄量：沼泽面积乘以年最大滞水深度。

    Parameters
    ----------
    area : m2
        Area of marsh.
    depth : m/year
        Depth of water taken up in a year, 0.3 in the source.

    Returns
    -------
    m3/year

    Notes
    -----
    ``C = h A``. The source writes ``0.3 S × 10^6`` with S in km2 and calls the result 10^4 m3; it
    is m3.

    References
    ----------
    garze-2010:§2.4.4

    Examples
    --------
    Garzê: 0.3 m on 70 % of 2864.27 km2 (table 3 prints 6.00e8 m3):

    >>> round(marsh_storage(0.7 * 2864.27e6, 0.3) / 1e8, 1)
    6.0
    """
    return area * depth


@formula(
    "m3/year",
    area="m2",
    depth="m",
    bulk_density="t/m3",
    saturated="1",
    natural="1",
    water_density="t/m3",
    fills="1/year",
    cite="mee-2020",
)
def marsh_soil_storage(
    area: Values,
    depth: Values,
    bulk_density: Values,
    saturated: Values,
    natural: Values,
    water_density: Values,
    fills: Values,
) -> Values:
    """Return the flood water that the soil of marshes takes up.

    沼泽土壤蓄水量：由土壤饱和含水率与自然含水率之差计算。

    Parameters
    ----------
    area : m2
        Area of marsh.
    depth : m
        Thickness of the soil that stores.
    bulk_density : t/m3
        Dry bulk density of the soil.
    saturated, natural : 1
        Water content by mass of dry soil, at saturation and as it is found.
    water_density : t/m3
        Density of water, 1.
    fills : 1/year
        How often the store is filled in a year.

    Returns
    -------
    m3/year

    Notes
    -----
    ``C = S h ρ (F - E) / ρ_w T``. Printed versions carry a power of ten that depends on the units
    they have in mind; here there is none. Contents by volume need no density and do not fit here.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; 1 km2, 0.4 m of peat of 0.25 t/m3 from 200 % to 300 % of water:

    >>> marsh_soil_storage(1e6, 0.4, 0.25, 3.0, 2.0, 1.0, 1.0)
    100000.0
    """
    return area * depth * bulk_density * (saturated - natural) / water_density * fills
