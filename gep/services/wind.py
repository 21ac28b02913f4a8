"""Weather of the revised wind erosion equation (RWEQ): wind and air; soil and snow stand in ``wetness``."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gep import units
from gep.errors import TableError
from gep.formula import Values, formula

#: Gravity in the equation as published, m/s2.
_GRAVITY = 9.8


@formula("m/s", kind="empirical", speed="m/s", height="m", cite="fryrear-2000")
def wind_to_two_metres(speed: Values, height: Values) -> Values:
    """Return the wind at two metres by the power law of one seventh.

    按 1/7 次幂律换算为 2 m 高风速。

    Parameters
    ----------
    speed : m/s
        Wind as measured.
    height : m
        Height of the instrument, 10 at Chinese stations.

    Returns
    -------
    m/s

    Notes
    -----
    ``u2 = u (2 / z)^(1/7)``. Reference evapotranspiration uses another profile, see
    :func:`wind_to_two_metres_log`; over short grass it gives 6 % less from 10 m.

    References
    ----------
    fryrear-2000

    Examples
    --------
    >>> round(wind_to_two_metres(10.0, 10.0), 4)
    7.946
    """
    return speed * (2.0 / height) ** (1.0 / 7.0)


@formula("m/s", kind="empirical", speed="m/s", height="m", cite="fao56:eq. 47")
def wind_to_two_metres_log(speed: Values, height: Values) -> Values:
    """Return the wind at two metres over short grass by the logarithmic profile.

    按对数廓线换算为 2 m 高风速（短草地面）。

    Parameters
    ----------
    speed : m/s
        Wind as measured.
    height : m
        Height of the instrument, above 0.1.

    Returns
    -------
    m/s

    Notes
    -----
    ``u2 = u 4.87 / ln(67.8 z - 5.42)``. Wind erosion uses another profile, see
    :func:`wind_to_two_metres`.

    References
    ----------
    fao56:eq. 47

    Examples
    --------
    Example 14 of the paper: 3.2 m/s at 10 m are 2.4 m/s.

    >>> round(float(wind_to_two_metres_log(3.2, 10.0)), 1)
    2.4
    """
    return speed * 4.87 / np.log(67.8 * height - 5.42)


@formula("m3/s3", speed="m/s", threshold="m/s", cite="fryrear-2000")
def wind_erosivity(speed: Values, threshold: Values) -> Values:
    """Return what one observation of the wind adds to the wind factor.

    单次风速观测的风力因子分量；低于起沙风速时为零。

    Parameters
    ----------
    speed : m/s
        Wind at two metres.
    threshold : m/s
        Wind at which sand begins to move, 5 in the equation.

    Returns
    -------
    m3/s3

    Notes
    -----
    ``u (u - u_t)²``, zero below the threshold: squared without that, a calm day would erode.

    References
    ----------
    fryrear-2000

    Examples
    --------
    >>> [float(wind_erosivity(u, 5.0)) for u in (4.0, 6.0, 8.0, 12.0)]
    [0.0, 6.0, 72.0, 588.0]
    """
    return speed * np.maximum(speed - threshold, 0.0) ** 2


def wind_factor(speed: xr.DataArray, *, threshold: float, days: float) -> xr.DataArray:
    """Return the wind factor Wf of a period from observations of the wind at two metres.

    由风速观测序列计算一段时期的风力因子 Wf。

    Parameters
    ----------
    speed : DataArray, m/s
        Wind at two metres along ``time``; any other dimensions are cells.
    threshold : float
        Threshold wind, m/s; 5 in the equation.
    days : float
        Days of the period that the observations stand for.

    Returns
    -------
    DataArray, m3/s3
        Missing where an observation is missing or negative.

    Raises
    ------
    TableError
        There is no dimension ``time``.

    Notes
    -----
    ``Wf = N_d / N Σ u (u - u_t)²``: the mean over N observations times the number of days. Means of
    a day or a month hide the gusts that erode: with monthly means Wf is nearly always zero.

    References
    ----------
    fryrear-2000

    Examples
    --------
    >>> speed = xr.DataArray([6.0, 8.0, 12.0, 1.0], dims="time", attrs={"units": "m/s"})
    >>> float(wind_factor(speed, threshold=5.0, days=30.0))
    4995.0
    """
    if "time" not in speed.dims:
        raise TableError(f"wind has the dimensions {dict(speed.sizes)}", expected="a dimension 'time'")
    bare = units.bare(speed, "speed", "m/s")
    power: xr.DataArray = wind_erosivity.kernel(bare.where(bare >= 0), threshold)
    return (power.mean("time", skipna=False) * days).assign_attrs(units="m3/s3")


@formula("kg/m3", kind="empirical", elevation="km", temperature="degC", cite="fryrear-2000")
def air_density_elevation(elevation: Values, temperature: Values) -> Values:
    """Return the density of air from elevation and temperature.

    空气密度（由海拔与气温，多项式）。

    Parameters
    ----------
    elevation : km
        Elevation above the sea.
    temperature : degC
        Temperature of the air.

    Returns
    -------
    kg/m3

    Notes
    -----
    ``ρ = 348 (1.013 - 0.1183 h + 0.0048 h²) / T`` with T in kelvin. It lies 1.5 % above
    :func:`air_density_pressure` at 1 km: say which is used.

    References
    ----------
    fryrear-2000

    Examples
    --------
    >>> round(air_density_elevation(1.0, 15.0), 6)
    1.08633
    """
    return 348.0 * (1.013 - 0.1183 * elevation + 0.0048 * elevation**2) / (temperature + 273.15)


@formula("kPa", kind="empirical", elevation="km", cite="winderosion-code")
def air_pressure(elevation: Values) -> Values:
    """Return the pressure of air at an elevation.

    由海拔估算气压。

    Parameters
    ----------
    elevation : km
        Elevation above the sea.

    Returns
    -------
    kPa

    Notes
    -----
    ``P = 101.3 (1 - 0.0255 h 6357 / (6357 + h))^5.256``. The usual constant of the standard
    atmosphere is 0.0226 per km (90 kPa at 1 km), so these pressures are some 2 % low.

    References
    ----------
    winderosion-code

    Examples
    --------
    >>> round(air_pressure(1.0), 5)
    88.44152
    """
    return 101.3 * (1.0 - 0.0255 * elevation * 6357.0 / (6357.0 + elevation)) ** 5.256


@formula("kg/m3", kind="empirical", pressure="kPa", temperature="degC", cite="winderosion-code")
def air_density_pressure(pressure: Values, temperature: Values) -> Values:
    """Return the density of air from pressure and temperature.

    空气密度（由气压与气温）。

    Parameters
    ----------
    pressure : kPa
        Pressure of the air, see :func:`air_pressure`.
    temperature : degC
        Temperature of the air.

    Returns
    -------
    kg/m3

    Notes
    -----
    ``ρ = 1.293 · 273 / (273 + t) · P / 101.3``.

    References
    ----------
    winderosion-code

    Examples
    --------
    >>> round(air_density_pressure(88.44152, 15.0), 6)
    1.070078
    """
    return 1.293 * 273.0 / (273.0 + temperature) * pressure / 101.3


@formula(
    "kg/m/year",
    kind="empirical",
    wind="m3/s3",
    density="kg/m3",
    wetness="1",
    snow="1",
    cite=("hj1173-2021:A.17", "fryrear-2000", "winderosion-code"),
)
def weather_factor(wind: Values, density: Values, wetness: Values, snow: Values) -> Values:
    """Return the weather factor WF of a year, or of the part of it that the wind factor is of.

    气象因子 WF：风力因子乘以空气密度与重力加速度之比、土壤湿度因子和雪盖因子。

    Parameters
    ----------
    wind : m3/s3
        Wind factor Wf, see :func:`wind_factor`.
    density : kg/m3
        Density of air.
    wetness : 1
        Soil wetness factor SW.
    snow : 1
        Snow factor SD.

    Returns
    -------
    kg/m/year

    Notes
    -----
    ``WF = Wf ρ / g SW SD`` with g = 9.8 m/s2; published in kg/m, of the period. The wind factor
    counts days as a pure number, so the units do not close by themselves. By HJ 1173-2021 the factors
    of the twelve months are added up first, and the equation sees the sum of the year: that is the
    rule used here. The other route computes a loss by month and adds up the losses. The equation is
    not linear: twelve equal months that sum to 24 kg/m, with EF 0.5, SCF 0.8, K' 0.9 and C 0.1, then
    fix 0.40 of it by the closed form and 0.25 by the field form (z of 50 m). Say which route is used.

    References
    ----------
    hj1173-2021:A.17
    fryrear-2000
    winderosion-code

    Examples
    --------
    >>> round(weather_factor(4995.0, 1.07, 0.9, 0.9), 4)
    441.7517
    """
    return wind * density / _GRAVITY * wetness * snow
