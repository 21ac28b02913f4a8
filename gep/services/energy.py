"""Ecological energy. Hydropower and fuel from biomass are ``value.market_value``; here is pumping."""

from __future__ import annotations

from gep.formula import Values, formula


@formula(
    "money/year",
    volume="m3/year",
    rise="m",
    weight="J/m3/m",
    efficiency="1",
    price="money/J",
    cite="gep-gwr:Code/5_GEP_calculation.qmd",
)
def pumping_cost_avoided(
    volume: Values, rise: Values, weight: Values, efficiency: Values, price: Values
) -> Values:
    """Return the electricity saved because recharge keeps the water table higher.

    地下水补给节约的抽水成本：抽水量乘以水位抬升、水的容重和电价，再除以水泵效率。

    Parameters
    ----------
    volume : m3/year
        Ground water pumped.
    rise : m
        How much deeper the table would lie without the recharge.
    weight : J/m3/m
        Work to lift one cubic metre by one metre, 9810.
    efficiency : 1
        Efficiency of pump and motor, 0.5 in the source.
    price : money/J
        Price of electricity; one per kWh is converted.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = Q ΔR γ e / η``. The source takes the depth of a year's recharge as the rise; in the ground
    water fills pores only, so the table rises by several times as much. Friction is taken to be the
    same with and without recharge.

    References
    ----------
    gep-gwr:Code/5_GEP_calculation.qmd

    Examples
    --------
    One cubic metre and one metre, 0.1 dollars per kWh, half of it lost:

    >>> round(pumping_cost_avoided(1.0, 1.0, 9810.0, 0.5, 0.1 / 3.6e6), 6)
    0.000545
    """
    return volume * rise * weight * price / efficiency
