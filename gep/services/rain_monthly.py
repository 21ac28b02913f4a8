"""Rainfall erosivity R from monthly rain by Wischmeier, where constant and unit must be named."""

from __future__ import annotations

from typing import Literal

import numpy as np
import xarray as xr

from gep.errors import TableError
from gep.formula import Values, formula
from gep.services.rain import EROSIVITY, twelve_months

#: The two constants that circulate for one equation.
CONSTANT_08188 = 0.8188
CONSTANT_ARNOLDUS = 0.08188


@formula(EROSIVITY, kind="empirical", customary="1", cite="invest-users-guide:SDR")
def erosivity_from_us(customary: Values) -> Values:
    """Return a rainfall erosivity in metric units from US customary units.

    将美制降雨侵蚀力换算为公制。

    Parameters
    ----------
    customary : 1
        Erosivity in hundreds of foot ton-force inch per acre, hour and year.

    Returns
    -------
    MJ mm/(ha h year)

    Notes
    -----
    Times 17.02. The American unit is no unit of this library, so the number is taken bare.

    References
    ----------
    invest-users-guide:SDR

    Examples
    --------
    >>> round(erosivity_from_us(100.0), 6)
    1702.0
    """
    return 17.02 * customary


def erosivity_wischmeier(
    monthly: xr.DataArray, *, constant: float, unit: Literal["US", "metric"]
) -> xr.DataArray:
    """Return the rainfall erosivity by the monthly equation of Wischmeier.

    由月降雨量估算降雨侵蚀力（Wischmeier 月雨量公式）；常数与单位必须由使用者指明。

    Parameters
    ----------
    monthly : DataArray, mm/month
        Mean rain of the twelve months along ``month``.
    constant : float
        0.8188 (:data:`CONSTANT_08188`, most Chinese papers) or 0.08188
        (:data:`CONSTANT_ARNOLDUS`); R differs by 10^0.73692 = 5.457 between them.
    unit : {"US", "metric"}
        What the number of the equation is taken to be: US customary, then multiplied with 17.02,
        or metric already. Papers disagree on this as well.

    Returns
    -------
    DataArray, MJ mm/(ha h year)

    Raises
    ------
    TableError
        There is no dimension ``month`` of length 12, or ``unit`` is neither of the two.

    Notes
    -----
    ``R = Σ 1.735 · 10^(1.5 lg(P_i² / P) - c)``. Neither constant nor unit has a default, because
    nothing in a paper's result tells which was used: the four choices span a factor of 93. The
    daily model is to be preferred wherever there are daily data.

    References
    ----------
    wischmeier-smith-1978

    Examples
    --------
    >>> rain = [3, 5, 10, 20, 35, 60, 100, 90, 50, 25, 8, 3]
    >>> monthly = xr.DataArray(rain, dims="month", attrs={"units": "mm/month"})
    >>> round(float(erosivity_wischmeier(monthly, constant=0.8188, unit="metric")), 4)
    68.0708
    """
    if unit not in ("US", "metric"):
        raise TableError(f"unit is {unit!r}", expected="'US' or 'metric'")
    rain = twelve_months(monthly)
    total = rain.sum("month", skipna=False)
    power = (rain**2 / (total + (total == 0))) ** 1.5
    number: xr.DataArray = 1.735 * np.power(10.0, -constant) * power.sum("month", skipna=False)
    metric: xr.DataArray = erosivity_from_us.kernel(number) if unit == "US" else number
    return metric.assign_attrs(units=EROSIVITY)
