"""Other routes to carbon: growth of biomass, respiration of the soil, rent for what is stored."""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula


@formula(
    "tCO2/year",
    area="ha",
    growth="tDM/ha/year",
    ratio="tCO2/tDM",
    cite=("shandong-carbon:§1.3.2 eq. 2", "gaotianyan-2014:table 1 eq. 3"),
)
def carbon_in_biomass_growth(area: Values, growth: Values, ratio: Values) -> Values:
    """Return the carbon dioxide fixed by what grows on an area.

    植被固碳量（生物量法）：面积乘以单位面积年干物质增长量和固碳系数。

    Parameters
    ----------
    area : ha
        Area of the stand.
    growth : tDM/ha/year
        Growth as *dry matter*; production as carbon is refused by its unit.
    ratio : tCO2/tDM
        From the equation of photosynthesis, 1.63.

    Returns
    -------
    tCO2/year

    Notes
    -----
    ``Q = A B 1.63``. With the growth of the standing crop it is what stays; with net primary
    production it is several times too much, see ``carbon.co2_fixed``. The first source lists its
    production as carbon (table 2, gC) and uses it as dry matter.

    References
    ----------
    shandong-carbon:§1.3.2 eq. 2
    gaotianyan-2014:table 1 eq. 3

    Examples
    --------
    Shrub of Gaotianyan, 260 ha at 4.01 t/ha (table 2 prints 1699.44 t):

    >>> round(carbon_in_biomass_growth(260.0, 4.01, 1.63), 2)
    1699.44
    """
    return area * growth * ratio


@formula("gC/m2/month", kind="empirical", temperature="degC", precipitation="mm/month", cite="pei-2010")
def heterotrophic_respiration_pei(temperature: Values, precipitation: Values) -> Values:
    """Return the carbon that the soil breathes out in a month, for alpine grassland.

    土壤异养呼吸量（裴志永公式，月尺度，未核对原文）。

    Parameters
    ----------
    temperature : degC
        Mean air temperature of the month.
    precipitation : mm/month
        Precipitation of the month.

    Returns
    -------
    gC/m2/month

    Notes
    -----
    ``R = 0.22 (e^(0.0912 T) + ln(0.3145 P + 1)) 30 x 46.5 %``, for a month of 30 days; the year is the
    sum of its months. Fitted to alpine grassland of the Tibetan Plateau and used far beyond it.
    *Unverified*: the paper was not opened, the equation is the one that others quote.

    References
    ----------
    pei-2010

    Examples
    --------
    A month of 10 degrees and 60 mm, worked out by hand:

    >>> round(float(heterotrophic_respiration_pei(10.0, 60.0)), 4)
    16.8135
    """
    return 0.22 * (np.exp(0.0912 * temperature) + np.log(0.3145 * precipitation + 1.0)) * 30.0 * 0.465


@formula("gC/m2/year", npp="gC/m2/year", respiration="gC/m2/year", cite="forest-assets-2017")
def production_less_respiration(npp: Values, respiration: Values) -> Values:
    """Return net ecosystem production as the balance of production and soil respiration.

    净生态系统生产力：净初级生产力减土壤异养呼吸，负值保留。

    Parameters
    ----------
    npp : gC/m2/year
        Net primary production as carbon.
    respiration : gC/m2/year
        Heterotrophic respiration, the twelve months added up.

    Returns
    -------
    gC/m2/year

    Notes
    -----
    ``NEP = NPP - R_H``. A small difference of two large numbers from two models. It is negative
    where the ground loses carbon, and stays negative. Fire and harvest are not in it.

    References
    ----------
    forest-assets-2017

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> production_less_respiration(600.0, 450.0), production_less_respiration(200.0, 230.0)
    (150.0, -30.0)
    """
    return npp - respiration


@formula("money/year", kind="empirical", stock="tCO2", price="money/tCO2", rate="1/year", cite="natcap-teems")
def storage_rent(stock: Values, price: Values, rate: Values) -> Values:
    """Return the rent of a year for carbon that stays in store.

    碳储存年租金：碳储量乘以碳价和一年期折现份额。

    Parameters
    ----------
    stock : tCO2
        Carbon held at the end of the year; carbon is converted to carbon dioxide.
    price : money/tCO2
        Price, or social cost, of a tonne for ever; per tonne of carbon it is 44/12 as much.
    rate : 1/year
        Discount rate.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = S p (1 - e^(-r 1 year))``, what it is worth to have a tonne out of the air for one year. It values a
    stock: never beside the value of what is sequestered in the year, which would count that twice.

    References
    ----------
    natcap-teems

    Examples
    --------
    The source's 678.33 dollars per tonne of *carbon* at 3 %, for a tonne of carbon dioxide:

    >>> from gep import quantity
    >>> price, rate = quantity(678.33, "USD_2020/tC"), quantity(0.03, "1/year")
    >>> round(float(storage_rent(quantity(1.0, "tCO2"), price, rate).magnitude), 4)
    5.4675
    """
    return stock * price * (1.0 - np.exp(-rate))
