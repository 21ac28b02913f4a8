"""Reference evapotranspiration: Penman-Monteith of FAO paper 56, Hargreaves, Thornthwaite."""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula

_RADIATION = "MJ/m2/day"
#: Solar constant, MJ/m2/min, and Stefan-Boltzmann constant, MJ/K4/m2/day, as FAO paper 56 rounds them.
_SOLAR, _STEFAN = 0.0820, 4.903e-9


@formula("kPa", kind="empirical", temperature="degC", cite="fao56:eq. 11")
def saturation_pressure(temperature: Values) -> Values:
    """Return the saturation vapour pressure at a temperature.

    饱和水汽压。

    Parameters
    ----------
    temperature : degC
        Temperature of the air.

    Returns
    -------
    kPa

    Notes
    -----
    ``e = 0.6108 exp(17.27 T / (T + 237.3))``. For a day it is the mean of the values at the least
    and the greatest temperature; that at the mean temperature is too low.

    References
    ----------
    fao56:eq. 11

    Examples
    --------
    Example 3 of the paper: 3.075 and 1.705 kPa.

    >>> [round(float(saturation_pressure(t)), 3) for t in (24.5, 15.0)]
    [3.075, 1.705]
    """
    return 0.6108 * np.exp(17.27 * temperature / (temperature + 237.3))


@formula(_RADIATION, kind="empirical", latitude="degree", day="1", cite="fao56:eq. 21")
def extraterrestrial_radiation(latitude: Values, day: Values) -> Values:
    """Return the solar radiation of a day above the atmosphere.

    天文辐射（日总量）。

    Parameters
    ----------
    latitude : degree
        Latitude, south negative.
    day : 1
        Number of the day in the year, 1 to 366.

    Returns
    -------
    MJ/m2/day

    Notes
    -----
    Equation 21 of the paper. In the polar night it is zero, and at midsummer the sun does not set.

    References
    ----------
    fao56:eq. 21

    Examples
    --------
    Example 8 of the paper, 20° S on 3 September: 32.2.

    >>> round(float(extraterrestrial_radiation(-20.0, 246.0)), 1)
    32.2
    """
    phi, declination, sunset = _sun(latitude, day)
    nearness = 1.0 + 0.033 * np.cos(2.0 * np.pi * day / 365.0)
    rising = sunset * np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.sin(sunset)
    return 24.0 * 60.0 / np.pi * _SOLAR * nearness * rising


@formula("h/day", kind="empirical", latitude="degree", day="1", cite="fao56:eq. 34")
def daylight(latitude: Values, day: Values) -> Values:
    """Return the hours from sunrise to sunset.

    可照时数。

    Parameters
    ----------
    latitude : degree
        Latitude, south negative.
    day : 1
        Number of the day in the year, 1 to 366.

    Returns
    -------
    h/day

    Notes
    -----
    ``N = 24 / π ω_s``.

    References
    ----------
    fao56:eq. 34

    Examples
    --------
    Example 9 of the paper, 20° S on 3 September: 11.7.

    >>> round(float(daylight(-20.0, 246.0)), 1)
    11.7
    """
    return 24.0 / np.pi * _sun(latitude, day)[2]


def _sun(latitude: Values, day: Values) -> tuple[Values, Values, Values]:
    """Return latitude, declination of the sun and hour angle of sunset, in radians."""
    phi = np.deg2rad(latitude)
    declination = 0.409 * np.sin(2.0 * np.pi * day / 365.0 - 1.39)
    cosine = -np.tan(phi) * np.tan(declination)
    return phi, declination, np.arccos(np.minimum(np.maximum(cosine, -1.0), 1.0))


@formula(_RADIATION, sunshine="h/day", daylight="h/day", extraterrestrial=_RADIATION, cite="fao56:eq. 35")
def solar_radiation(sunshine: Values, daylight: Values, extraterrestrial: Values) -> Values:
    """Return the solar radiation at the ground from the hours of sunshine.

    由日照时数估算太阳总辐射（Ångström 公式）。

    Parameters
    ----------
    sunshine : h/day
        Hours of bright sunshine.
    daylight : h/day
        Hours from sunrise to sunset, see :func:`daylight`.
    extraterrestrial : MJ/m2/day
        Radiation above the atmosphere.

    Returns
    -------
    MJ/m2/day

    Notes
    -----
    ``Rs = (0.25 + 0.50 n / N) Ra``, the coefficients where none are calibrated. In the polar night
    there is no N to divide by: arrays give NaN, where the radiation is 0.

    References
    ----------
    fao56:eq. 35

    Examples
    --------
    Example 10 of the paper, Rio de Janeiro in May: 14.5, by way of 0.58 for the bracket.

    >>> round(solar_radiation(7.1, 10.9, 25.1), 2)
    14.45
    """
    return (0.25 + 0.50 * sunshine / daylight) * extraterrestrial


@formula(
    _RADIATION,
    kind="empirical",
    solar=_RADIATION,
    extraterrestrial=_RADIATION,
    elevation="m",
    coldest="degC",
    warmest="degC",
    vapour_pressure="kPa",
    cite="fao56:eq. 37-40",
)
def net_radiation(
    solar: Values,
    extraterrestrial: Values,
    elevation: Values,
    coldest: Values,
    warmest: Values,
    vapour_pressure: Values,
) -> Values:
    """Return the net radiation of the reference surface.

    参考作物表面净辐射。

    Parameters
    ----------
    solar : MJ/m2/day
        Solar radiation at the ground.
    extraterrestrial : MJ/m2/day
        Radiation above the atmosphere.
    elevation : m
        Elevation above the sea.
    coldest, warmest : degC
        Least and greatest temperature of the day.
    vapour_pressure : kPa
        Actual vapour pressure.

    Returns
    -------
    MJ/m2/day

    Notes
    -----
    Shortwave with an albedo of 0.23, less longwave with the clear-sky radiation
    ``(0.75 + 2e-5 z) Ra``; solar over clear-sky radiation is never taken above 1.
    In the polar night that ratio is 0 over 0 and the result NaN: nothing tells how clear the sky is.

    References
    ----------
    fao56:eq. 37-40

    Examples
    --------
    Example 18 of the paper, Brussels on 6 July: 13.28.

    >>> round(float(net_radiation(22.07, 41.09, 100.0, 12.3, 21.5, 1.409)), 2)
    13.28
    """
    clear = np.minimum(solar / ((0.75 + 2e-5 * elevation) * extraterrestrial), 1.0)
    emitted = _STEFAN * ((coldest + 273.16) ** 4 + (warmest + 273.16) ** 4) / 2.0
    return 0.77 * solar - emitted * (0.34 - 0.14 * vapour_pressure**0.5) * (1.35 * clear - 0.35)


@formula(
    "mm/day",
    kind="empirical",
    net=_RADIATION,
    ground=_RADIATION,
    temperature="degC",
    wind="m/s",
    saturation="kPa",
    vapour_pressure="kPa",
    elevation="m",
    cite="fao56:eq. 6",
)
def penman_monteith(
    net: Values,
    ground: Values,
    temperature: Values,
    wind: Values,
    saturation: Values,
    vapour_pressure: Values,
    elevation: Values,
) -> Values:
    """Return the reference evapotranspiration ET0 by the Penman-Monteith equation of FAO paper 56.

    参考作物蒸散量 ET0（FAO-56 彭曼-蒙特斯公式）。

    Parameters
    ----------
    net, ground : MJ/m2/day
        Net radiation, and heat that goes into the ground (0 for a day).
    temperature : degC
        Mean of least and greatest temperature.
    wind : m/s
        Wind at two metres, see ``wind.wind_to_two_metres_log``.
    saturation, vapour_pressure : kPa
        Mean saturation and actual vapour pressure.
    elevation : m
        Elevation above the sea, for the pressure of the air.

    Returns
    -------
    mm/day

    Notes
    -----
    ``(0.408 Δ (Rn - G) + γ 900 / (T + 273) u2 (es - ea)) / (Δ + γ (1 + 0.34 u2))`` for a lawn of
    12 cm that never lacks water. It is demand, not what the land gives off.

    References
    ----------
    fao56:eq. 6

    Examples
    --------
    Example 18 of the paper, Brussels on 6 July: 3.88, rounded to 3.9.

    >>> round(float(penman_monteith(13.28, 0.0, 16.9, 2.078, 1.997, 1.409, 100.0)), 1)
    3.9
    """
    curve = 4098.0 * saturation_pressure.kernel(temperature) / (temperature + 237.3) ** 2
    gamma = 0.665e-3 * 101.3 * ((293.0 - 0.0065 * elevation) / 293.0) ** 5.26
    dry = gamma * 900.0 / (temperature + 273.0) * wind * (saturation - vapour_pressure)
    return (0.408 * curve * (net - ground) + dry) / (curve + gamma * (1.0 + 0.34 * wind))


@formula(
    "mm/day",
    kind="empirical",
    temperature="degC",
    coldest="degC",
    warmest="degC",
    extraterrestrial=_RADIATION,
    cite="fao56:eq. 52",
)
def hargreaves(temperature: Values, coldest: Values, warmest: Values, extraterrestrial: Values) -> Values:
    """Return the reference evapotranspiration from temperatures alone, by Hargreaves.

    参考作物蒸散量（Hargreaves 公式，仅需气温）。

    Parameters
    ----------
    temperature, coldest, warmest : degC
        Mean, least and greatest temperature, means of a week or more.
    extraterrestrial : MJ/m2/day
        Radiation above the atmosphere.

    Returns
    -------
    mm/day

    Notes
    -----
    ``ET0 = 0.0023 (T + 17.8) (Tmax - Tmin)^0.5 0.408 Ra``, never below zero. Too low in strong
    wind, too high in moist air.

    References
    ----------
    fao56:eq. 52

    Examples
    --------
    Example 20 of the paper, Lyon in July: 5.0.

    >>> round(float(hargreaves(20.7, 14.8, 26.6, 40.6)), 1)
    5.0
    """
    spread = np.maximum(warmest - coldest, 0.0) ** 0.5
    return 0.0023 * np.maximum(temperature + 17.8, 0.0) * spread * 0.408 * extraterrestrial
