"""Rainfall erosivity of single storms: energy and greatest half-hour intensity."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gep import units
from gep.errors import TableError
from gep.formula import Values, formula

UNIT_ENERGY = "MJ/(ha mm)"
_HALF_HOUR = pd.Timedelta(minutes=30)
_TINY = 1e-12
#: Names of the published equations of unit rain energy; they differ, so one must be named.
EnergyName: TypeAlias = Literal[
    "brown-foster-0.05", "mcgregor-0.08", "mcgregor-0.082", "flanders", "wischmeier-smith"
]


@formula(
    UNIT_ENERGY,
    kind="empirical",
    intensity="mm/h",
    decay="h/mm",
    cite=("brown-foster-1987", "mcgregor-1995", "renard-1997"),
)
def unit_energy_exponential(intensity: Values, decay: Values) -> Values:
    """Return the kinetic energy of one millimetre of rain, rising to an upper bound.

    单位降雨动能（指数式）；0.05（Brown 与 Foster）、0.08 或 0.082（McGregor）须自行说明。

    Parameters
    ----------
    intensity : mm/h
        Intensity of the rain.
    decay : h/mm
        0.05 in Brown and Foster and RUSLE; 0.082 in McGregor, which some programs write 0.08.

    Returns
    -------
    MJ/(ha mm)

    Notes
    -----
    ``e = 0.29 (1 - 0.72 exp(-k i))``: 0.0812 in the finest drizzle, 0.29 in a cloudburst.

    References
    ----------
    brown-foster-1987
    mcgregor-1995
    renard-1997

    Examples
    --------
    >>> [round(float(unit_energy_exponential(10.0, k)), 6) for k in (0.05, 0.08, 0.082)]
    [0.163356, 0.19618, 0.198038]
    """
    return 0.29 * (1.0 - 0.72 * np.exp(-decay * intensity))


@formula(UNIT_ENERGY, kind="empirical", intensity="mm/h", cite=("verstraeten-2006", "rfactor-code"))
def unit_energy_flanders(intensity: Values) -> Values:
    """Return the kinetic energy of one millimetre of rain as measured in Flanders.

    单位降雨动能（比利时弗拉芒幂函数式）。

    Parameters
    ----------
    intensity : mm/h
        Intensity of the rain.

    Returns
    -------
    MJ/(ha mm)

    Notes
    -----
    ``e = 0.1112 i^0.31``, fitted in central Belgium. It has no upper bound.

    References
    ----------
    verstraeten-2006
    rfactor-code

    Examples
    --------
    The test of the program: 1 mm in ten minutes, that is 6 mm/h, carries 0.19379 MJ/ha:

    >>> round(unit_energy_flanders(6.0), 5)
    0.19379
    """
    return 0.1112 * intensity**0.31


@formula(UNIT_ENERGY, kind="empirical", intensity="mm/h", cite="wischmeier-smith-1978")
def unit_energy_wischmeier(intensity: Values) -> Values:
    """Return the kinetic energy of one millimetre of rain by the logarithm of Wischmeier and Smith.

    单位降雨动能（Wischmeier 与 Smith 对数式，公制），76 mm/h 以上取 0.283。

    Parameters
    ----------
    intensity : mm/h
        Intensity of the rain.

    Returns
    -------
    MJ/(ha mm)

    Notes
    -----
    ``e = 0.119 + 0.0873 lg i``, no more than 0.283 (which it reaches at 76 mm/h), no less than 0
    (below 0.043 mm/h).

    References
    ----------
    wischmeier-smith-1978

    Examples
    --------
    >>> [round(float(unit_energy_wischmeier(i)), 4) for i in (0.0, 10.0, 100.0)]
    [0.0, 0.2063, 0.283]
    """
    logarithmic = 0.119 + 0.0873 * np.log10(np.maximum(intensity, _TINY))
    return np.minimum(np.maximum(logarithmic, 0.0), 0.283)


_ENERGY: Mapping[str, Callable[..., Values]] = MappingProxyType(
    {
        "brown-foster-0.05": partial(unit_energy_exponential.kernel, decay=0.05),
        "mcgregor-0.08": partial(unit_energy_exponential.kernel, decay=0.08),
        "mcgregor-0.082": partial(unit_energy_exponential.kernel, decay=0.082),
        "flanders": unit_energy_flanders.kernel,
        "wischmeier-smith": unit_energy_wischmeier.kernel,
    }
)


def storm_erosivity(
    rain: xr.DataArray, *, energy: EnergyName, least: float, gap: str = "6h", break_rain: float = 0.0
) -> pd.DataFrame:
    """Return the storms of a rain series of one gauge with their erosivity EI30.

    由分钟级降雨序列划分次降雨并计算各次降雨侵蚀力 EI30。

    Parameters
    ----------
    rain : DataArray, mm
        Rain of each interval, along ``time`` at regular steps that divide 30 minutes; the time
        is the beginning or the end of the interval, throughout. Intervals may be left out where
        it did not rain.
    energy : str
        Equation of the unit energy: ``brown-foster-0.05``, ``mcgregor-0.08``, ``mcgregor-0.082``,
        ``flanders`` or ``wischmeier-smith``. They differ by a quarter; there is no default.
    least : float
        Storms of less rain than this do not count, mm. RUSLE says 12.7 and keeps exactly that, the
        program for Flanders 1.27; there is no default.
    gap : str
        Length of the break between two storms, counted between the beginnings of intervals.
    break_rain : float
        A break has less rain than this, mm. 0, the default, is a break that is completely dry;
        Handbook 703 says 1.27 in 6 h, which splits more.

    Returns
    -------
    DataFrame
        A row a storm: ``start``, ``rain`` (mm), ``intensity`` (greatest 30 minutes, mm/h),
        ``energy`` (MJ/ha), ``erosivity`` (MJ mm/(ha h)).

    Raises
    ------
    TableError
        No times, uneven or too coarse steps, a missing or negative value, an unknown equation, a
        gap below 30 minutes, a negative rain of the break.

    Notes
    -----
    ``EI30 = I30 Σ e(i) ΔV``. R is the sum over a year, averaged over years. The RUSLE exception
    for storms of 6.4 mm in 15 minutes is not made. The little rain of a break stays with the storm
    before it, so that neither beginning nor end of a storm is cut off.

    References
    ----------
    renard-1997
    rfactor-code

    Examples
    --------
    >>> time = pd.date_range("2020-06-01", periods=30, freq="10min")
    >>> rain = xr.DataArray(np.ones(30), {"time": time}, attrs={"units": "mm"})
    >>> storm_erosivity(rain, energy="flanders", least=1.27).intensity.tolist()
    [6.0]
    """
    if energy not in _ENERGY:
        raise TableError(f"no unit energy is named {energy!r}", expected=f"one of {', '.join(_ENERGY)}")
    if pd.Timedelta(gap) < _HALF_HOUR:
        raise TableError(f"storms {gap} apart", expected="a gap of 30 minutes or more, 6 h by rule")
    if not 0 <= break_rain < np.inf:
        raise TableError(f"a break has {break_rain} mm of rain", expected="0 or more; Handbook 703 says 1.27")
    depth, time, step = _wet_intervals(rain)
    hours = step / pd.Timedelta(hours=1)
    power = _ENERGY[energy](depth / hours) * depth
    storm = _storms(depth, time, pd.Timedelta(gap), break_rain)
    half_hour = pd.Series(depth, time).groupby(storm).rolling(_HALF_HOUR).sum().to_numpy()
    table = pd.DataFrame({"storm": storm, "start": time, "rain": depth, "half": half_hour, "energy": power})
    found = table.groupby("storm").agg(
        start=("start", "first"), rain=("rain", "sum"), intensity=("half", "max"), energy=("energy", "sum")
    )
    found["intensity"] *= 2.0
    found["erosivity"] = found["energy"] * found["intensity"]
    return found[found["rain"].round(6) >= least].reset_index(drop=True)


def _storms(
    depth: NDArray[np.float64], time: pd.DatetimeIndex, gap: pd.Timedelta, break_rain: float
) -> NDArray[np.int64]:
    """Return the number of the storm of each wet interval."""
    fallen = np.concatenate([[0.0], np.cumsum(depth)])
    here = np.arange(len(time))
    first = time.searchsorted(time - gap, side="right")
    quiet = (first == here) | (np.round(fallen[here] - fallen[first], 6) < break_rain)
    start = np.zeros(len(time), np.int64)
    last = None
    for j in np.flatnonzero(quiet).tolist():
        if last is None or time[j] - last >= gap:
            start[j], last = 1, time[j]
    return np.cumsum(start)


def _wet_intervals(rain: xr.DataArray) -> tuple[NDArray[np.float64], pd.DatetimeIndex, pd.Timedelta]:
    """Return depth and time of the intervals in which it rained, and the length of an interval."""
    bare = units.bare(rain, "rain", "mm")
    time = bare.indexes.get("time")
    if bare.dims != ("time",) or not isinstance(time, pd.DatetimeIndex) or len(time) < 2:
        raise TableError(
            f"rain has the dimensions {dict(rain.sizes)}",
            expected="one dimension 'time' of two dates or more",
        )
    if time.hasnans or not time.is_monotonic_increasing or not time.is_unique:
        raise TableError("times are missing, doubled or out of order", where="coordinate 'time'")
    spacing = time[1:] - time[:-1]
    step = spacing.min()
    if _HALF_HOUR % step or (spacing % step != pd.Timedelta(0)).any():
        raise TableError(
            f"times are not regular steps that divide 30 minutes; the least is {step}",
            where="coordinate 'time'",
            expected="for example every 10 minutes; hourly rain has no greatest half-hour",
        )
    depth = bare.to_numpy().astype(float)
    wrong = ~(depth >= 0)
    if wrong.any():
        raise TableError(
            f"rain is missing or negative in {int(wrong.sum())} intervals, first at {time[wrong][0]}",
            fix="fill from another gauge, or leave the whole storm out",
        )
    wet = depth > 0
    return depth[wet], time[wet], step
