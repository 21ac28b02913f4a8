"""Carbon sequestration and oxygen release.

Carbon, carbon dioxide, oxygen and dry matter are different units here, and the boundary turns
carbon into carbon dioxide; no formula carries 44/12. Growth, respiration and rent stand in
``carbon_balance``; this module gathers their names.
"""

from __future__ import annotations

from gep.formula import Values, formula
from gep.services.carbon_balance import (
    carbon_in_biomass_growth,
    heterotrophic_respiration_pei,
    production_less_respiration,
    storage_rent,
)

__all__ = [
    "carbon_from_rate",
    "carbon_in_biomass_growth",
    "carbon_in_dry_matter",
    "co2_fixed",
    "dry_matter_growth",
    "heterotrophic_respiration_pei",
    "net_ecosystem_production",
    "oxygen_from_dry_matter",
    "oxygen_released",
    "production_less_respiration",
    "storage_rent",
]


@formula("gC/m2/year", npp="gC/m2/year", ratio="1", cite="code-npp-nep")
def net_ecosystem_production(npp: Values, ratio: Values) -> Values:
    """Return net ecosystem production from net primary production.

    净生态系统生产力：净初级生产力乘以 NEP/NPP 转换系数。

    Parameters
    ----------
    npp : gC/m2/year
        Net primary production as carbon.
    ratio : 1
        NEP/NPP of the ecosystem type.

    Returns
    -------
    gC/m2/year

    Notes
    -----
    ``NEP = α NPP``. The ratio stands in for the respiration of the soil; it is a regional mean and
    may be off by a factor of two for a site. NPP of dry matter must first become carbon.

    References
    ----------
    code-npp-nep

    Examples
    --------
    Forest, with the ratio 0.215 of the source:

    >>> round(net_ecosystem_production(600.0, 0.215), 6)
    129.0
    """
    return npp * ratio


@formula("tDM/year", area="ha", growth="tDM/ha/year", cite="gaotianyan-2014:table 1 eq. 3")
def dry_matter_growth(area: Values, growth: Values) -> Values:
    """Return the dry matter that grows on an area in a year.

    年干物质生产量：面积乘以单位面积净初级生产力（干物质）。

    Parameters
    ----------
    area : ha
        Area of the ecosystem.
    growth : tDM/ha/year
        Net primary production as dry matter.

    Returns
    -------
    tDM/year

    Notes
    -----
    ``B = A b``, with one growth for the whole area.

    References
    ----------
    gaotianyan-2014:table 1 eq. 3

    Examples
    --------
    Shrub of Gaotianyan, 260 ha at 4.01 t/ha (table 2 prints 1042.60 t):

    >>> round(dry_matter_growth(260.0, 4.01), 2)
    1042.6
    """
    return area * growth


@formula("tC/year", dry_matter="tDM/year", fraction="tC/tDM", cite="code-npp-nep")
def carbon_in_dry_matter(dry_matter: Values, fraction: Values) -> Values:
    """Return the carbon in a mass of dry matter.

    干物质中的碳量：干物质量乘以含碳率。

    Parameters
    ----------
    dry_matter : tDM/year
        Dry matter grown.
    fraction : tC/tDM
        Carbon fraction, 72/162 for C6H10O5.

    Returns
    -------
    tC/year

    Notes
    -----
    ``C = f B``. The fraction of real plants lies between 0.43 and 0.52.

    References
    ----------
    code-npp-nep

    Examples
    --------
    One tonne of C6H10O5 holds 0.4444 tC, which is 1.6296 tCO2:

    >>> from gep.units import factor
    >>> round(carbon_in_dry_matter(1.0, 72 / 162) * factor("tC", "tCO2"), 6)
    1.62963
    """
    return dry_matter * fraction


@formula(
    "tCO2/year",
    dry_matter="tDM/year",
    ratio="tCO2/tDM",
    cite=("gaotianyan-2014:table 1 eq. 3", "baiyangdian-2011:§2.2.2"),
)
def co2_fixed(dry_matter: Values, ratio: Values) -> Values:
    """Return the carbon dioxide fixed while dry matter grows.

    固定二氧化碳量：干物质量乘以光合作用系数（1.63）。

    Parameters
    ----------
    dry_matter : tDM/year
        Dry matter grown, net of the respiration of the plants alone.
    ratio : tCO2/tDM
        From the equation of photosynthesis, 1.63.

    Returns
    -------
    tCO2/year

    Notes
    -----
    ``Q = 1.63 B``. This is *net primary* production: the soil respires much of it again, so it is
    several times the carbon that stays. Harvested or burnt matter does not stay at all.

    References
    ----------
    gaotianyan-2014:table 1 eq. 3
    baiyangdian-2011:§2.2.2

    Examples
    --------
    Coniferous forest of Gaotianyan, 6050.31 t (table 2 prints 9862.01 t):

    >>> round(co2_fixed(6050.31, 1.63), 2)
    9862.01
    """
    return dry_matter * ratio


@formula("tC/year", area="ha", rate="tC/ha/year", cite=("garze-2010:§2.4.7", "gbt46869-2025"))
def carbon_from_rate(area: Values, rate: Values) -> Values:
    """Return the carbon sequestered on an area at a known rate.

    固碳速率法：面积乘以固碳速率。

    Parameters
    ----------
    area : ha
        Area of the ecosystem.
    rate : tC/ha/year
        Sequestration rate of vegetation, soil, or both.

    Returns
    -------
    tC/year

    Notes
    -----
    ``C = A β``. A rate measured on young stands overstates old ones.

    References
    ----------
    garze-2010:§2.4.7
    gbt46869-2025

    Examples
    --------
    The sources print no rate with its area; the arithmetic alone:

    >>> carbon_from_rate(1000.0, 0.75)
    750.0
    """
    return area * rate


@formula("tO2/year", co2="tCO2/year", ratio="tO2/tCO2", cite="mee-2020")
def oxygen_released(co2: Values, ratio: Values) -> Values:
    """Return the oxygen released with the carbon dioxide fixed.

    释氧量（由固碳量推算）：固定二氧化碳量乘以 32/44。

    Parameters
    ----------
    co2 : tCO2/year
        Carbon dioxide fixed.
    ratio : tO2/tCO2
        Mass ratio of photosynthesis, 32/44.

    Returns
    -------
    tO2/year

    Notes
    -----
    ``O = Q 32/44``. Carbon and oxygen must rest on the same production: pairing carbon of the net
    ecosystem production with oxygen of the net primary production gives eight times this ratio.

    References
    ----------
    mee-2020

    Examples
    --------
    >>> oxygen_released(44.0, 32 / 44)
    32.0
    """
    return co2 * ratio


@formula(
    "tO2/year",
    dry_matter="tDM/year",
    ratio="tO2/tDM",
    cite=("gaotianyan-2014:table 1 eq. 4", "baiyangdian-2011:§2.2.3"),
)
def oxygen_from_dry_matter(dry_matter: Values, ratio: Values) -> Values:
    """Return the oxygen released while dry matter grows.

    释氧量（由净初级生产力推算）：干物质量乘以光合作用系数（1.19 或 1.2）。

    Parameters
    ----------
    dry_matter : tDM/year
        Dry matter grown.
    ratio : tO2/tDM
        From the equation of photosynthesis, 1.19, rounded to 1.2 by some.

    Returns
    -------
    tO2/year

    Notes
    -----
    ``O = 1.19 B``. As for :func:`co2_fixed`, respiration of the soil is not taken off.

    References
    ----------
    gaotianyan-2014:table 1 eq. 4
    baiyangdian-2011:§2.2.3

    Examples
    --------
    Coniferous forest of Gaotianyan (table 2 prints 7199.87 t):

    >>> round(oxygen_from_dry_matter(6050.31, 1.19), 2)
    7199.87
    """
    return dry_matter * ratio
