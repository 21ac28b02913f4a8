"""Purification of air and water: what ecosystems can take up, what there is, what remains."""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula


@formula("X/year", rate="X/ha/year", area="ha", cite=("gaotianyan-2014:table 1 eq. 11", "mee-2020"))
def capacity(rate: Values, area: Values) -> Values:
    """Return what an area of one ecosystem type can take up of a pollutant.

    净化能力：面积乘以单位面积净化量；适用于大气与水体的各种污染物。

    Parameters
    ----------
    rate : X/ha/year
        Uptake of one hectare, in any unit ``X`` of one pollutant.
    area : ha
        Area of the ecosystem type.

    Returns
    -------
    X/year

    Notes
    -----
    ``C = A q``. The pollutant is part of the unit: a rate in plain tonnes meets neither an emission in
    tSO2 nor a price in money/tSO2. A rate measured in polluted air says nothing of clean air; what is
    really removed cannot be more than is emitted, see :func:`purified`. Dust rates of 10 to 30 t/ha
    come from washing leaves decades ago and outweigh all else (Gaotianyan: 79008 t of dust, 579 t of
    SO2). For wetlands no rate could be read in any source.

    References
    ----------
    gaotianyan-2014:table 1 eq. 11
    mee-2020

    Examples
    --------
    Conifers of Gaotianyan, 613 ha at 215.6 kg/ha of SO2 (table 2 prints 13.22e4 kg) and at 33.2 t/ha
    of dust (2035.16e4 kg):

    >>> round(capacity(0.2156, 613.0), 1), round(capacity(33.2, 613.0), 1)
    (132.2, 20351.6)
    """
    return rate * area


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
