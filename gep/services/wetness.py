"""Wetness of the soil and cover of snow in the revised wind erosion equation (RWEQ)."""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula


@formula("1", rain_days="day", days="day", rain="mm", irrigation="mm", potential="mm", cite="fryrear-2000")
def soil_wetness(
    rain_days: Values, days: Values, rain: Values, irrigation: Values, potential: Values
) -> Values:
    """Return the soil wetness factor SW, the share of dryness.

    土壤湿度因子 SW，限于 0 至 1。

    Parameters
    ----------
    rain_days : day
        Days of the period on which it rained or was irrigated.
    days : day
        Days of the period.
    rain, irrigation : mm
        Water of the period.
    potential : mm
        Potential evapotranspiration of the same period, see :func:`potential_of_radiation`.

    Returns
    -------
    1

    Notes
    -----
    ``SW = (ETp - (R + I) N_r / N) / ETp``, zero where that is negative. Programs in use multiply
    rain with the days themselves, or divide by the share of days; both make every wet month zero.
    Without demand the limits hold: 1 where there is no water either, 0 where there is some.

    References
    ----------
    fryrear-2000

    Examples
    --------
    30 mm on 6 of 30 days against 60 mm of demand leave 0.9:

    >>> float(soil_wetness(6.0, 30.0, 30.0, 0.0, 60.0))
    0.9

    A winter month without demand, dry and wet:

    >>> [float(soil_wetness(n, 30.0, 5.0 * n, 0.0, 0.0)) for n in (0.0, 6.0)]
    [1.0, 0.0]
    """
    water = (rain + irrigation) * rain_days / days
    most = np.maximum(potential, water)
    # nought to the power of nought is 1: neither water nor demand is 0 / 1, without a warning
    return 1.0 - water / most ** (1 - (most == 0))


@formula("mm", kind="empirical", radiation="MJ/m2", temperature="degC", cite="winderosion-code")
def potential_of_radiation(radiation: Values, temperature: Values) -> Values:
    """Return the potential evapotranspiration of a period as the wind erosion programs take it.

    潜在蒸散量（由太阳辐射与气温，风蚀方程用）。

    Parameters
    ----------
    radiation : MJ/m2
        Solar radiation over the whole period.
    temperature : degC
        Mean temperature of the period.

    Returns
    -------
    mm

    Notes
    -----
    ``ETp = 0.0135 (Rs / 2.54) (t + 17.8)``, never below zero.

    References
    ----------
    winderosion-code

    Examples
    --------
    A day of 20 MJ/m2 at 20 degrees:

    >>> round(float(potential_of_radiation(20.0, 20.0)), 5)
    4.01811
    """
    return np.maximum(0.0135 * (radiation / 2.54) * (temperature + 17.8), 0.0)


@formula("1", snow_days="day", days="day", cite="fryrear-2000")
def snow_factor(snow_days: Values, days: Values) -> Values:
    """Return the snow factor SD: the share of days without a cover of snow.

    雪盖因子 SD：无积雪（雪深不足 25.4 mm）日数比例。

    Parameters
    ----------
    snow_days : day
        Days with more than 25.4 mm of snow on the ground.
    days : day
        Days of the period.

    Returns
    -------
    1

    Notes
    -----
    ``SD = 1 - N_s / N``.

    References
    ----------
    fryrear-2000

    Examples
    --------
    >>> snow_factor(3.0, 30.0)
    0.9
    """
    return 1 - snow_days / days
