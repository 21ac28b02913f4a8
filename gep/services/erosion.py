"""Factors of the soil loss equation; here erodibility K and cover C.

The equations are empirical and keep the units of their publications. Rain (R) stands in ``rain``,
``rain_monthly`` and ``storms``, relief (L, S) in ``relief`` and ``relief_grid``, other equations of K
in ``erodibility``; this module gathers the names of all of them.
"""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula
from gep.services.erodibility import (
    ERODIBILITY,
    erodibility_diameter,
    erodibility_nomograph,
    mean_particle_diameter,
)
from gep.services.rain import (
    erosivity_fournier_wb,
    erosivity_half_months,
    erosivity_half_months_seasonal,
    erosivity_zhang,
    modified_fournier,
    zhang_alpha,
    zhang_beta,
)
from gep.services.rain_monthly import erosivity_from_us, erosivity_wischmeier
from gep.services.relief import (
    slope_length_exponent,
    slope_length_exponent_huanghua,
    slope_length_exponent_usle,
    slope_length_factor,
    slope_steepness_alpine,
    slope_steepness_hj1173,
    slope_steepness_liu,
    slope_steepness_mccool,
)
from gep.services.relief_grid import slope_length_desmet_govers, slope_length_invest
from gep.services.storms import storm_erosivity

__all__ = [
    "cover_factor_cai",
    "erodibility_diameter",
    "erodibility_epic",
    "erodibility_epic_china",
    "erodibility_nomograph",
    "erosivity_fournier_wb",
    "erosivity_from_us",
    "erosivity_half_months",
    "erosivity_half_months_seasonal",
    "erosivity_wischmeier",
    "erosivity_zhang",
    "mean_particle_diameter",
    "modified_fournier",
    "slope_length_desmet_govers",
    "slope_length_exponent",
    "slope_length_exponent_huanghua",
    "slope_length_exponent_usle",
    "slope_length_factor",
    "slope_length_invest",
    "slope_steepness_alpine",
    "slope_steepness_hj1173",
    "slope_steepness_liu",
    "slope_steepness_mccool",
    "storm_erosivity",
    "vegetation_cover",
    "zhang_alpha",
    "zhang_beta",
]

#: US customary to metric erodibility.
_METRIC = 0.1317
_TINY = 1e-12


@formula(
    ERODIBILITY,
    kind="empirical",
    sand="%",
    silt="%",
    clay="%",
    organic_carbon="%",
    cite=("williams-epic-1990", "invest-users-guide:SDR", "huanghua-2011:§2.2"),
)
def erodibility_epic(sand: Values, silt: Values, clay: Values, organic_carbon: Values) -> Values:
    """Return the soil erodibility of the EPIC model, in metric units.

    土壤可蚀性（EPIC 模型，公制单位）。

    Parameters
    ----------
    sand, silt, clay : %
        Mass shares of the American texture classes; together 100.
    organic_carbon : %
        Organic *carbon*; organic matter is about 1.724 times as much.

    Returns
    -------
    t ha h/(ha MJ mm)

    Notes
    -----
    Product of four factors (coarse sand, clay to silt, carbon, very high sand) times 0.1317. Most
    soils lie between about 0.01 and 0.07, but without silt it is 0, as in pure sand. Water, rock and
    ice have no soil: give them 0 outside.

    References
    ----------
    williams-epic-1990
    invest-users-guide:SDR
    huanghua-2011:§2.2

    Examples
    --------
    >>> round(float(erodibility_epic(40.0, 40.0, 20.0, 1.0)), 6)
    0.038902
    """
    return _METRIC * _epic(sand, silt, clay, organic_carbon)


@formula(
    ERODIBILITY,
    kind="empirical",
    sand="%",
    silt="%",
    clay="%",
    organic_carbon="%",
    cite=("zhang-keli-2008", "hj1173-2021:A.8", "williams-epic-1990"),
)
def erodibility_epic_china(sand: Values, silt: Values, clay: Values, organic_carbon: Values) -> Values:
    """Return the EPIC erodibility corrected for soils of China.

    土壤可蚀性（EPIC 模型经中国土壤修正）。

    Parameters
    ----------
    sand, silt, clay : %
        Mass shares of the American texture classes; together 100.
    organic_carbon : %
        Organic carbon.

    Returns
    -------
    t ha h/(ha MJ mm)

    Notes
    -----
    ``K = (-0.01383 + 0.51575 K_EPIC) 0.1317`` with K_EPIC in US units: measured plots in eastern
    China erode about half as much as EPIC says. Agricultural soils only. The standard prints the equation
    as it is, which falls to -0.0018 in pure sand; here it is never below zero.

    References
    ----------
    zhang-keli-2008
    hj1173-2021:A.8
    williams-epic-1990

    Examples
    --------
    >>> round(float(erodibility_epic_china(40.0, 40.0, 20.0, 1.0)), 6)
    0.018242
    """
    return _METRIC * np.maximum(-0.01383 + 0.51575 * _epic(sand, silt, clay, organic_carbon), 0.0)


def _epic(sand: Values, silt: Values, clay: Values, carbon: Values) -> Values:
    rest = 1.0 - sand / 100.0
    coarse = 0.2 + 0.3 * np.exp(-0.0256 * sand * (1.0 - silt / 100.0))
    fine = (silt / np.maximum(clay + silt, _TINY)) ** 0.3
    organic = 1.0 - 0.25 * carbon / (carbon + np.exp(3.72 - 2.95 * carbon))
    sandy = 1.0 - 0.7 * rest / (rest + np.exp(-5.51 + 22.9 * rest))
    return coarse * fine * organic * sandy


@formula("1", kind="empirical", cover="%", cite=("cai-2000", "huanghua-2011:§2.2"))
def cover_factor_cai(cover: Values) -> Values:
    """Return the cover and management factor C from the vegetation cover.

    植被覆盖与管理因子 C（蔡崇法）。

    Parameters
    ----------
    cover : %
        Vegetation cover, 0 to 100.

    Returns
    -------
    1

    Notes
    -----
    1 without cover, ``0.6508 - 0.3436 lg f`` up to 78.3 %, 0 above; never more than 1, which the
    logarithm would exceed just below 0.1 % (some set 1 up to 0.1 % itself). Fitted in one small
    catchment of the Three Gorges area; for cropland a table by crop is better. huanghua-2011
    misprints 0.3436 as 0.3464.

    References
    ----------
    cai-2000
    huanghua-2011:§2.2

    Examples
    --------
    >>> [round(float(cover_factor_cai(f)), 6) for f in (0.0, 1.0, 10.0, 80.0)]
    [1.0, 0.6508, 0.3072, 0.0]
    """
    logarithmic = 0.6508 - 0.3436 * np.log10(np.maximum(cover, _TINY))
    return np.minimum(np.maximum(logarithmic, 0.0), 1.0) * (cover <= 78.3)


@formula("1", ndvi="1", bare="1", full="1", cite="weibei-2018:§2.2.1")
def vegetation_cover(ndvi: Values, bare: Values, full: Values) -> Values:
    """Return the vegetation cover from a vegetation index, between 0 and 1.

    植被覆盖度（像元二分模型），限于 0 至 1。

    Parameters
    ----------
    ndvi : 1
        Vegetation index of the cell.
    bare, full : 1
        Index of bare soil and of full cover, often the 5th and 95th percentile of the image.

    Returns
    -------
    1

    Notes
    -----
    ``f = (NDVI - NDVI_s) / (NDVI_v - NDVI_s)``. The two ends depend on the image, so covers of two
    dates compare only if they share the ends. Missing stays missing.

    References
    ----------
    weibei-2018:§2.2.1

    Examples
    --------
    >>> [round(float(vegetation_cover(n, 0.05, 0.85)), 4) for n in (0.45, -0.1, 0.9)]
    [0.5, 0.0, 1.0]
    """
    return np.minimum(np.maximum((ndvi - bare) / (full - bare), 0.0), 1.0)
