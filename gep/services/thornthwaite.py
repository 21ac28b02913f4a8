"""Potential evapotranspiration from monthly temperatures alone, by Thornthwaite."""

from __future__ import annotations

import numpy as np
import xarray as xr

from gep import units
from gep.errors import TableError
from gep.formula import Values, formula

_TINY = 1e-12


@formula(
    "mm/month",
    kind="empirical",
    temperature="degC",
    heat_index="1",
    daylight="h/day",
    days="day/month",
    cite="thornthwaite-1948",
)
def thornthwaite(temperature: Values, heat_index: Values, daylight: Values, days: Values) -> Values:
    """Return the potential evapotranspiration of a month by Thornthwaite.

    月潜在蒸散量（Thornthwaite 公式）。

    Parameters
    ----------
    temperature : degC
        Mean temperature of the month.
    heat_index : 1
        Heat index of the year, see :func:`heat_index_of_months`.
    daylight : h/day
        Mean hours from sunrise to sunset.
    days : day/month
        Days of the month.

    Returns
    -------
    mm/month

    Notes
    -----
    ``16 N/12 d/30 (10 T / I)^a``, ``a = 6.75e-7 I³ - 7.71e-5 I² + 1.792e-2 I + 0.49239``, zero in
    frost. Above 26.5 degrees the author has a table instead, which is not here. It is too low in
    dry climates, Inner Mongolia among them.

    References
    ----------
    thornthwaite-1948

    Examples
    --------
    A month of 31 days of 14.5 hours at 20 degrees, in a climate of index 50:

    >>> round(float(thornthwaite(20.0, 50.0, 14.5, 31.0)), 4)
    117.8129
    """
    power = 6.75e-7 * heat_index**3 - 7.71e-5 * heat_index**2 + 1.792e-2 * heat_index + 0.49239
    warmth = np.maximum(10.0 * temperature, 0.0) / np.maximum(heat_index, _TINY)
    return 16.0 * (daylight / 12.0) * (days / 30.0) * warmth**power


def heat_index_of_months(temperature: xr.DataArray) -> xr.DataArray:
    """Return the heat index of a year from the mean temperatures of its months.

    年热量指数（由 12 个月平均气温计算）。

    Parameters
    ----------
    temperature : DataArray, degC
        Long-term mean temperature of the twelve months along ``month``.

    Returns
    -------
    DataArray, 1
        Months below zero add nothing; a missing month makes the result missing.

    Raises
    ------
    TableError
        There is no dimension ``month`` of length 12.

    Notes
    -----
    ``I = Σ (T / 5)^1.514``.

    References
    ----------
    thornthwaite-1948

    Examples
    --------
    Twelve months of 10 degrees, 12 times 2 to the power 1.514:

    >>> months = xr.DataArray([10.0] * 12, dims="month", attrs={"units": "degC"})
    >>> round(float(heat_index_of_months(months)), 4)
    34.2721
    """
    if temperature.sizes.get("month") != 12:
        raise TableError(
            f"the temperatures have the dimensions {dict(temperature.sizes)}",
            expected="a dimension 'month' of length 12",
        )
    bare = units.bare(temperature, "temperature", "degC")
    index = (bare.clip(min=0.0) / 5.0) ** 1.514
    return index.sum("month", skipna=False).assign_attrs(units="1")
