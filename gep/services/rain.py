"""Rainfall erosivity R from daily or monthly rain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from gep import units
from gep.errors import Faults, TableError
from gep.formula import Values, formula

EROSIVITY = "MJ mm/(ha h year)"
#: A day with at least this much rain erodes, mm.
THRESHOLD = 12.0
_HALF_MONTH_STARTS = 16


@formula(
    "1",
    kind="empirical",
    daily="mm/day",
    yearly="mm/year",
    cite=("zhang-wenbo-2002", "huanghua-2011:§2.2"),
)
def zhang_beta(daily: Values, yearly: Values) -> Values:
    """Return the exponent of the daily rain erosivity model.

    日雨量侵蚀力模型的指数 β。

    Parameters
    ----------
    daily : mm/day
        Mean rain of the days with 12 mm or more.
    yearly : mm/year
        Mean yearly sum of the rain of those days.

    Returns
    -------
    1

    Notes
    -----
    ``β = 0.8363 + 18.144 / Pd12 + 24.455 / Py12``, fitted to stations of China. Both means are over
    many years; the means of one month or one wet year give another exponent.

    References
    ----------
    zhang-wenbo-2002
    huanghua-2011:§2.2

    Examples
    --------
    >>> round(zhang_beta(25.0, 300.0), 6)
    1.643577
    """
    return 0.8363 + 18.144 / daily + 24.455 / yearly


@formula("1", kind="empirical", beta="1", cite=("zhang-wenbo-2002", "huanghua-2011:§2.2"))
def zhang_alpha(beta: Values) -> Values:
    """Return the factor of the daily rain erosivity model, printed as alpha or lambda.

    日雨量侵蚀力模型的系数 α（亦记作 λ）。

    Parameters
    ----------
    beta : 1
        Exponent of the model, see :func:`zhang_beta`.

    Returns
    -------
    1

    Notes
    -----
    ``α = 21.586 β^-7.1891``. The factor takes mm/day to the power β to MJ mm/(ha h).

    References
    ----------
    zhang-wenbo-2002
    huanghua-2011:§2.2

    Examples
    --------
    >>> round(zhang_alpha(1.6435767), 6)
    0.606508
    """
    return 21.586 * beta**-7.1891


def erosivity_half_months(rain: xr.DataArray) -> xr.DataArray:
    """Return the mean erosivity of each of the 24 half-months, from a daily series.

    由日降雨序列计算多年平均半月降雨侵蚀力（每年 24 个半月）。

    Parameters
    ----------
    rain : DataArray, mm/day
        Daily rain with a ``time`` dimension of dates; any other dimensions are cells.

    Returns
    -------
    DataArray, MJ mm/(ha h year)
        With the dimension ``half_month`` (1 to 24, days 1-15 and 16 to the end) for ``time``.

    Raises
    ------
    TableError
        The series is not daily, has a day twice, or has no complete calendar year.

    Notes
    -----
    ``R = α Σ D^β`` over the days with D of 12 mm or more. Incomplete calendar years are left out.
    A cell in which a day of a used year is missing or negative is missing in the result; a cell
    that never has an erosive day gets zero.

    References
    ----------
    zhang-wenbo-2002
    huanghua-2011:§2.2
    """
    rain, dates, years = _complete_years(rain)
    known = rain.where(rain >= 0)
    erosive = (known * (known >= THRESHOLD)).drop_vars("time")
    days = (erosive > 0).sum("time")
    amount = erosive.sum("time", skipna=False)
    some = days > 0
    daily = (amount / np.maximum(days, 1)).where(some, THRESHOLD)
    yearly = (amount / years).where(some, THRESHOLD)
    beta = zhang_beta.kernel(daily, yearly)
    power = erosive**beta
    result: xr.DataArray = _by_half_month(power, dates) * (zhang_alpha.kernel(beta) / years)
    return result.where(np.isfinite(amount)).assign_attrs(units=EROSIVITY)


def erosivity_zhang(rain: xr.DataArray) -> xr.DataArray:
    """Return the mean yearly rainfall erosivity from a daily series.

    由日降雨序列计算多年平均降雨侵蚀力（章文波半月模型）。

    Parameters
    ----------
    rain : DataArray, mm/day
        Daily rain with a ``time`` dimension of dates; any other dimensions are cells.

    Returns
    -------
    DataArray, MJ mm/(ha h year)
        The sum of :func:`erosivity_half_months`, which also tells what is raised and what is
        done about missing days.

    References
    ----------
    zhang-wenbo-2002
    huanghua-2011:§2.2

    Examples
    --------
    One year with two wet days of 20 and 35 mm; β and α follow from these two days alone:

    >>> time = pd.date_range("2011-01-01", "2011-12-31")
    >>> rain = xr.DataArray(np.zeros(365), {"time": time}, attrs={"units": "mm/day"})
    >>> rain[200], rain[220] = 20.0, 35.0
    >>> round(float(erosivity_zhang(rain)), 2)
    243.72
    """
    return erosivity_half_months(rain).sum("half_month", skipna=False).assign_attrs(units=EROSIVITY)


def erosivity_half_months_seasonal(rain: xr.DataArray, *, threshold: float) -> xr.DataArray:
    """Return the mean erosivity of each half-month with one factor for the warm and one for the cold season.

    由日降雨序列计算半月降雨侵蚀力（冷暖季系数，指数 1.7265）；季节月份原文未列出。

    Parameters
    ----------
    rain : DataArray, mm/day
        Daily rain with a ``time`` dimension of dates; any other dimensions are cells.
    threshold : float
        Least rain of an erosive day, mm; 10 and 12 are both in use, so there is no default.

    Returns
    -------
    DataArray, MJ mm/(ha h year)
        As :func:`erosivity_half_months`, which also tells what is raised and what is done about
        missing days.

    Notes
    -----
    ``R = α Σ D^1.7265``, α = 0.3937 from May to September and 0.3101 from October to April. Unlike
    the model of Zhang the exponent does not follow the station. HJ 1173-2021 prints the two factors
    and the exponent, of a warm and a cold season; which months these are does not stand in its text
    and is taken from practice.

    References
    ----------
    hj1173-2021:A.6
    soil-monitoring-2018
    """
    rain, dates, years = _complete_years(rain)
    known = rain.where(rain >= 0)
    power = (known * (known >= threshold)).drop_vars("time") ** 1.7265
    factors = [0.3937 if 4 < (half + 1) // 2 < 10 else 0.3101 for half in range(1, 25)]
    result: xr.DataArray = _by_half_month(power, dates) * xr.DataArray(factors, dims="half_month") / years
    return result.assign_attrs(units=EROSIVITY)


def _by_half_month(power: xr.DataArray, dates: pd.DatetimeIndex) -> xr.DataArray:
    halves = (dates.month - 1) * 2 + (dates.day >= _HALF_MONTH_STARTS) + 1
    sums = [power.isel(time=np.flatnonzero(halves == h)).sum("time", skipna=False) for h in range(1, 25)]
    return xr.concat(sums, pd.Index(range(1, 25), name="half_month"))


@formula(EROSIVITY, kind="empirical", fournier="mm", cite="weibei-2018:§2.2.1 eq. 3")
def erosivity_fournier_wb(fournier: Values) -> Values:
    """Return the rainfall erosivity from the modified Fournier index.

    由修正 Fournier 指数估算降雨侵蚀力。

    Parameters
    ----------
    fournier : mm
        Modified Fournier index, see :func:`modified_fournier`.

    Returns
    -------
    MJ mm/(ha h year)

    Notes
    -----
    ``R = 0.1833 F^1.9957``, fitted in China; coarser than the daily model, for where there are
    monthly sums only. Other regressions on the same index give other values.

    References
    ----------
    weibei-2018:§2.2.1 eq. 3

    Examples
    --------
    >>> round(erosivity_fournier_wb(65.1760), 3)
    764.781
    """
    return 0.1833 * fournier**1.9957


def modified_fournier(monthly: xr.DataArray) -> xr.DataArray:
    """Return the modified Fournier index of monthly rain, the mean over the years if there are several.

    修正 Fournier 指数：各月降雨量平方和除以年降雨量，多年取平均。

    Parameters
    ----------
    monthly : DataArray, mm/month
        Rain of the twelve months along ``month``, and of the years along ``year`` if it has one.

    Returns
    -------
    DataArray, mm
        A year without rain counts as zero; a missing month makes the result missing.

    Raises
    ------
    TableError
        There is no dimension ``month`` of length 12.
    UnitError
        The rain is not in mm/month or the like.

    References
    ----------
    weibei-2018:§2.2.1 eq. 2

    Examples
    --------
    >>> rain = [3, 5, 10, 20, 35, 60, 100, 90, 50, 25, 8, 3]
    >>> monthly = xr.DataArray(rain, dims="month", attrs={"units": "mm/month"})
    >>> round(float(modified_fournier(monthly)), 4)
    65.176
    """
    rain = twelve_months(monthly)
    total = rain.sum("month", skipna=False)
    index = (rain**2).sum("month", skipna=False) / (total + (total == 0))
    if "year" in index.dims:
        index = index.mean("year", skipna=False)
    return index.assign_attrs(units="mm")


def twelve_months(monthly: xr.DataArray) -> xr.DataArray:
    """Return monthly rain as bare millimetres; refuse it without its twelve months."""
    if monthly.sizes.get("month") != 12:
        raise TableError(
            f"monthly rain has the dimensions {dict(monthly.sizes)}",
            expected="a dimension 'month' of length 12",
        )
    return units.bare(monthly, "monthly", "mm/month")


def _complete_years(rain: xr.DataArray) -> tuple[xr.DataArray, pd.DatetimeIndex, int]:
    """Return the rain of the complete calendar years in mm/day, its dates, and how many years."""
    bare = units.bare(rain, "rain", "mm/day")
    index = bare.indexes.get("time")
    if not isinstance(index, pd.DatetimeIndex):
        raise TableError(
            "daily rain has no dimension 'time' of dates",
            expected="a coordinate 'time' of numpy datetime64, one entry a day",
            fix="decode the times, or convert_calendar('standard') where the calendar is another",
        )
    dates = index.normalize()
    faults = Faults()
    if dates.hasnans:
        faults.add("some entries have no date", where="coordinate 'time'")
    if dates.has_duplicates:
        twice = dates[dates.duplicated()][0]
        faults.add(
            f"{twice:%Y-%m-%d} occurs more than once", where="coordinate 'time'", expected="one entry a day"
        )
    faults.raise_as(TableError, "the series is not daily")
    counted = dates.year.value_counts()
    length = counted.index.map(lambda year: 366 if pd.Timestamp(year, 1, 1).is_leap_year else 365)
    full = counted.index[counted.to_numpy() == length.to_numpy()]
    if not len(full):
        raise TableError(
            "no calendar year of the daily rain is complete",
            where="coordinate 'time'",
            expected="every day from 1 January to 31 December of at least one year",
            fix=f"the fullest year is {counted.idxmax()} with {counted.max()} days",
        )
    used = np.flatnonzero(dates.year.isin(full))
    return bare.isel(time=used), dates[used], len(full)
