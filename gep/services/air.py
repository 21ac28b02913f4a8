"""Air purification: what ecosystems can take up of a pollutant, and what there is to take up."""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula


@formula("tSO2/year", area="ha", rate="tSO2/ha/year", cite="gaotianyan-2014:table 1 eq. 11")
def so2_capacity(area: Values, rate: Values) -> Values:
    """Return the sulphur dioxide an area of one ecosystem type can take up.

    二氧化硫净化能力：面积乘以单位面积吸收量。

    Parameters
    ----------
    area : ha
        Area of the ecosystem type.
    rate : tSO2/ha/year
        Uptake of one hectare.

    Returns
    -------
    tSO2/year

    Notes
    -----
    ``C = A q``. A rate measured in polluted air; what is really removed cannot be more than is emitted,
    see :func:`purified`.

    References
    ----------
    gaotianyan-2014:table 1 eq. 11

    Examples
    --------
    Conifers of Gaotianyan, 613 ha at 215.6 kg/ha (table 2 prints 13.22e4 kg):

    >>> round(so2_capacity(613.0, 0.2156), 1)
    132.2
    """
    return area * rate


@formula("tNOx/year", area="ha", rate="tNOx/ha/year", cite="mee-2020")
def nox_capacity(area: Values, rate: Values) -> Values:
    """Return the nitrogen oxides an area of one ecosystem type can take up.

    氮氧化物净化能力：面积乘以单位面积吸收量。

    Parameters
    ----------
    area : ha
        Area of the ecosystem type.
    rate : tNOx/ha/year
        Uptake of one hectare.

    Returns
    -------
    tNOx/year

    Notes
    -----
    ``C = A q``. As for :func:`so2_capacity`.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> nox_capacity(1000.0, 0.25)
    250.0
    """
    return area * rate


@formula("tDust/year", area="ha", rate="tDust/ha/year", cite="gaotianyan-2014:table 1 eq. 11")
def dust_capacity(area: Values, rate: Values) -> Values:
    """Return the dust an area of one ecosystem type can take up.

    滞尘能力：面积乘以单位面积滞尘量。

    Parameters
    ----------
    area : ha
        Area of the ecosystem type.
    rate : tDust/ha/year
        Uptake of one hectare.

    Returns
    -------
    tDust/year

    Notes
    -----
    ``C = A q``. Rates of 10 to 30 t/ha come from washing leaves decades ago. They outweigh all other
    pollutants (Gaotianyan: 79008 t of dust, 579 t of SO2) and usually exceed what is emitted.

    References
    ----------
    gaotianyan-2014:table 1 eq. 11

    Examples
    --------
    Conifers of Gaotianyan, 613 ha at 33.2 t/ha (table 2 prints 2035.16e4 kg):

    >>> round(dust_capacity(613.0, 33.2), 1)
    20351.6
    """
    return area * rate


@formula("X/year", capacity="X/year", emission="X/year", cite=("mee-2020", "garze-2010:§2.4.5"))
def purified(capacity: Values, emission: Values) -> Values:
    """Return what is removed of a pollutant: the capacity, but never more than there is.

    净化量：排放量不超过净化能力时取排放量，超过时取净化能力。

    Parameters
    ----------
    capacity : X/year
        What the ecosystems could take up, in any unit ``X`` of one pollutant.
    emission : X/year
        What is emitted into them.

    Returns
    -------
    X/year

    Notes
    -----
    ``Q = min(C, E)``. Taken over a whole district at once it lets clean air in one corner make up for
    smoke in another; by cell or zone it is less. Where one of the two is missing the result is missing:
    an unknown capacity is not unlimited. Garzê counts all emissions as purified and calls that a
    lower bound.

    References
    ----------
    mee-2020
    garze-2010:§2.4.5

    Examples
    --------
    Garzê emits 1137 t of SO2 and counts all of it, far below what its forests could take up:

    >>> float(purified(2.8e5, 1137.0)), float(purified(900.0, 1137.0))
    (1137.0, 900.0)
    """
    return np.minimum(capacity, emission)
