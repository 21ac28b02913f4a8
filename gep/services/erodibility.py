"""Soil erodibility K by the nomograph and by the mean diameter; EPIC stands in ``erosion``."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

from gep.formula import Values, formula

ERODIBILITY = "t ha h/(ha MJ mm)"
#: Unlike numpy's this keeps lazy arrays lazy; xarray does not type it.
_where: Any = xr.where


@formula(
    ERODIBILITY,
    kind="empirical",
    fine="%",
    clay="%",
    organic_matter="%",
    structure="1",
    permeability="1",
    cite=("wischmeier-smith-1978", "invest-users-guide:SDR"),
)
def erodibility_nomograph(
    fine: Values, clay: Values, organic_matter: Values, structure: Values, permeability: Values
) -> Values:
    """Return the soil erodibility of the nomograph of Wischmeier, in metric units.

    土壤可蚀性（Wischmeier 诺谟图公式，公制单位）。

    Parameters
    ----------
    fine : %
        Silt and very fine sand, 0.002 to 0.1 mm.
    clay : %
        Clay.
    organic_matter : %
        Organic *matter*, up to 4; not carbon.
    structure : 1
        Class of structure, 1 (very fine granular) to 4 (blocky, platy).
    permeability : 1
        Class of permeability, 1 (rapid) to 6 (very slow).

    Returns
    -------
    t ha h/(ha MJ mm)

    Notes
    -----
    ``K = (2.1e-4 M^1.14 (12 - a) + 3.25 (b - 2) + 2.5 (c - 3)) / 759`` with ``M = fine (100 -
    clay)``. Valid up to 70 % of silt and very fine sand: beyond that the result is missing. Some
    sources divide US numbers by 100 first; 759 does that and the change of units at once.

    References
    ----------
    wischmeier-smith-1978
    invest-users-guide:SDR

    Examples
    --------
    The handbook's own soil, 65 % of silt and very fine sand, 5 % of sand, 2.8 % of organic matter,
    structure 2, permeability 4, has a K of 0.31 in US units:

    >>> round(float(erodibility_nomograph(65.0, 30.0, 2.8, 2.0, 4.0)) * 7.59, 2)
    0.31
    """
    texture = fine * (100.0 - clay)
    number = 2.1e-4 * texture**1.14 * (12.0 - organic_matter)
    number = number + 3.25 * (structure - 2.0) + 2.5 * (permeability - 3.0)
    return _where(fine <= 70.0, number, np.nan) / 759.0


@formula("mm", kind="empirical", sand="%", silt="%", clay="%", cite="renard-1997")
def mean_particle_diameter(sand: Values, silt: Values, clay: Values) -> Values:
    """Return the geometric mean diameter of soil particles from the three American classes.

    土壤颗粒几何平均粒径。

    Parameters
    ----------
    sand, silt, clay : %
        Mass shares of the American texture classes; together 100.

    Returns
    -------
    mm

    Notes
    -----
    ``Dg = exp(0.01 Σ f ln m)`` with the middle of each class, m = (lower + upper) / 2: sand
    1.025, silt 0.026, clay 0.001 mm.

    References
    ----------
    renard-1997

    Examples
    --------
    >>> round(float(mean_particle_diameter(40.0, 40.0, 20.0)), 6)
    0.058922
    """
    logarithm = sand * np.log(1.025) + silt * np.log(0.026) + clay * np.log(0.001)
    return np.exp(0.01 * logarithm)


@formula(ERODIBILITY, kind="empirical", diameter="mm", cite=("renard-1997", "invest-users-guide:SDR"))
def erodibility_diameter(diameter: Values) -> Values:
    """Return the soil erodibility from the mean diameter of the particles, in metric units.

    土壤可蚀性（几何平均粒径公式，公制单位）。

    Parameters
    ----------
    diameter : mm
        Geometric mean diameter, see :func:`mean_particle_diameter`.

    Returns
    -------
    t ha h/(ha MJ mm)

    Notes
    -----
    ``K = 0.0034 + 0.0405 exp(-((lg Dg + 1.659) / 0.7101)² / 2)``, which is highest at 0.0219 mm.
    The handbook prints 7.594 times this for US units, and 7.594 · 0.1317 is 1. The InVEST guide
    draws 1.659 into the logarithm; it belongs outside.

    References
    ----------
    renard-1997
    invest-users-guide:SDR

    Examples
    --------
    >>> round(float(erodibility_diameter(10.0**-1.659)), 4)
    0.0439
    """
    scaled = (np.log10(diameter) + 1.659) / 0.7101
    return 0.0034 + 0.0405 * np.exp(-0.5 * scaled**2)
