"""Runoff of single storms by the curve number method."""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula

_TINY = 1e-12


@formula("mm", kind="empirical", curve_number="1", cite="invest-users-guide:urban flood risk mitigation")
def scs_retention(curve_number: Values) -> Values:
    """Return the potential retention of a soil and its cover from the curve number.

    SCS 曲线数法的最大可能滞留量 S。

    Parameters
    ----------
    curve_number : 1
        Curve number of cover and soil group, above 0 up to 100.

    Returns
    -------
    mm

    Notes
    -----
    ``S = 25400 / CN - 254``. Tables of curve numbers hold for an initial abstraction of 0.2 S.

    References
    ----------
    invest-users-guide:urban flood risk mitigation

    Examples
    --------
    >>> round(scs_retention(75.0), 4)
    84.6667
    """
    return 25400.0 / curve_number - 254.0


@formula(
    "mm",
    kind="empirical",
    rain="mm",
    retention="mm",
    initial="1",
    cite="invest-users-guide:urban flood risk mitigation",
)
def scs_runoff(rain: Values, retention: Values, initial: Values = 0.2) -> Values:
    """Return the runoff of one storm by the curve number method.

    SCS 曲线数法的单次暴雨径流深。

    Parameters
    ----------
    rain : mm
        Rain of one storm; never the sum of a year.
    retention : mm
        Potential retention, see :func:`scs_retention`.
    initial : 1
        Share of the retention that is filled before anything runs off; 0.2 unless told.

    Returns
    -------
    mm

    Notes
    -----
    ``Q = (P - λ S)² / (P + (1 - λ) S)`` where it rains more than λ S, else nothing. The equation
    is not linear: the runoff of a year is the sum over its storms.

    References
    ----------
    invest-users-guide:urban flood risk mitigation

    Examples
    --------
    >>> round(float(scs_runoff(60.0, scs_retention(75.0))), 5), float(scs_runoff(10.0, 84.6667))
    (14.52039, 0.0)
    """
    excess = np.maximum(rain - initial * retention, 0.0)
    return excess**2 / np.maximum(excess + retention, _TINY)
