"""Water purification: what wetlands can take up, and the balance of what flows in and out."""

from __future__ import annotations

from gep.formula import Values, formula
from gep.services.air import purified

__all__ = [
    "ammonia_capacity",
    "cod_capacity",
    "nitrogen_capacity",
    "phosphorus_capacity",
    "purified",
    "removed",
]


@formula("tCOD/year", area="ha", rate="tCOD/ha/year", cite="mee-2020")
def cod_capacity(area: Values, rate: Values) -> Values:
    """Return the chemical oxygen demand an area of one ecosystem type can take up.

    化学需氧量净化能力：湿地面积乘以单位面积净化量。

    Parameters
    ----------
    area : ha
        Area of the ecosystem type.
    rate : tCOD/ha/year
        Uptake of one hectare.

    Returns
    -------
    tCOD/year

    Notes
    -----
    ``C = A q``, for wetlands alone. No rate was found in a source that could be read: measure it, or
    use the balance :func:`removed`.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> cod_capacity(100.0, 1.5)
    150.0
    """
    return area * rate


@formula("tNH3N/year", area="ha", rate="tNH3N/ha/year", cite="mee-2020")
def ammonia_capacity(area: Values, rate: Values) -> Values:
    """Return the ammonia nitrogen an area of one ecosystem type can take up.

    氨氮净化能力：湿地面积乘以单位面积净化量。

    Parameters
    ----------
    area : ha
        Area of the ecosystem type.
    rate : tNH3N/ha/year
        Uptake of one hectare.

    Returns
    -------
    tNH3N/year

    Notes
    -----
    ``C = A q``. Ammonia nitrogen is a part of total nitrogen: count the one or the other.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> ammonia_capacity(100.0, 0.5)
    50.0
    """
    return area * rate


@formula("tN/year", area="ha", rate="tN/ha/year", cite="mee-2020")
def nitrogen_capacity(area: Values, rate: Values) -> Values:
    """Return the nitrogen an area of one ecosystem type can take up.

    总氮净化能力：湿地面积乘以单位面积净化量。

    Parameters
    ----------
    area : ha
        Area of the ecosystem type.
    rate : tN/ha/year
        Uptake of one hectare.

    Returns
    -------
    tN/year

    Notes
    -----
    ``C = A q``. Not beside :func:`ammonia_capacity`, which is a part of it.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> nitrogen_capacity(100.0, 0.5)
    50.0
    """
    return area * rate


@formula("tP/year", area="ha", rate="tP/ha/year", cite="mee-2020")
def phosphorus_capacity(area: Values, rate: Values) -> Values:
    """Return the phosphorus an area of one ecosystem type can take up.

    总磷净化能力：湿地面积乘以单位面积净化量。

    Parameters
    ----------
    area : ha
        Area of the ecosystem type.
    rate : tP/ha/year
        Uptake of one hectare.

    Returns
    -------
    tP/year

    Notes
    -----
    ``C = A q``. Phosphorus stays in the mud and may come back; nitrogen leaves as a gas.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> phosphorus_capacity(100.0, 0.25)
    25.0
    """
    return area * rate


@formula("X/year", inflow="X/year", outflow="X/year", cite="mee-2020")
def removed(inflow: Values, outflow: Values) -> Values:
    """Return what a wetland keeps of a pollutant, the balance as it comes out.

    水质净化量（质量平衡法）：入流污染物量减出流污染物量，负值保留。

    Parameters
    ----------
    inflow : X/year
        Load that comes in, in any unit ``X`` of one pollutant.
    outflow : X/year
        Load that goes out.

    Returns
    -------
    X/year

    Notes
    -----
    ``Q = L_in - L_out``. A load is the sum over the year of discharge times concentration, not the
    mean of one times the mean of the other. A wetland that gives off more than it takes has a
    negative balance, and it stays negative.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> removed(47.5, 3.5), removed(3.0, 3.5)
    (44.0, -0.5)
    """
    return inflow - outflow
