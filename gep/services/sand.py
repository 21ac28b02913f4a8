"""Sand fixation (RWEQ, two forms that differ), and what the sand held back would have covered."""

from __future__ import annotations

from typing import Final

import numpy as np

from gep.formula import Values, formula

_TINY = 1e-12
_FACTORS: Final = {"weather": "kg/m/year", "erodible": "1", "crust": "1", "roughness": "1"}


@formula("m2/year", sand_fixed="t/year", bulk_density="t/m3", depth="m", cite="garze-2010:§2.4.3")
def desertified_area_avoided(sand_fixed: Values, bulk_density: Values, depth: Values) -> Values:
    """Return the land that the fixed sand would have turned into desert.

    减少土地沙化面积：固沙量除以沙砾堆积密度与沙化标准覆沙厚度之积。

    Parameters
    ----------
    sand_fixed : t/year
        Potential less actual wind erosion.
    bulk_density : t/m3
        Bulk density of heaped sand.
    depth : m
        Thickness of a sand cover that counts as desertified.

    Returns
    -------
    m2/year

    Notes
    -----
    ``A = Q / (ρ h)``. All sand is taken to settle somewhere at exactly the standard thickness.

    References
    ----------
    garze-2010:§2.4.3

    Examples
    --------
    Garzê: 779.42e4 t, 1.28 t/m3, 0.1 m (section 3.2.3 prints 60.89 km2):

    >>> round(desertified_area_avoided(779.42e4, 1.28, 0.1) / 1e6, 2)
    60.89
    """
    return sand_fixed / (bulk_density * depth)


def _flow(weather: Values, erodible: Values, crust: Values, roughness: Values) -> Values:
    return weather * erodible * crust * roughness


def _longest(flow: Values) -> Values:
    return 150.71 * np.maximum(flow, _TINY) ** -0.3711


def _loss(flow: Values, distance: Values) -> Values:
    length = _longest(flow)
    return 2.0 * distance / length**2 * 109.8 * flow * np.exp(-((distance / length) ** 2))


@formula(
    "kg/m/year",
    **_FACTORS,
    vegetation="1",
    kind="empirical",
    cite=("hj1173-2021:A.14-A.16", "fryrear-2000", "peng-2017:§1.2.2"),
)
def transport_capacity(
    weather: Values, erodible: Values, crust: Values, roughness: Values, vegetation: Values
) -> Values:
    """Return the most sand that the wind can carry over a metre of front.

    最大输沙能力 Qmax。

    Parameters
    ----------
    weather : kg/m/year
        Weather factor WF.
    erodible, crust, roughness, vegetation : 1
        Factors EF, SCF, K' and C; C is 1 without vegetation.

    Returns
    -------
    kg/m/year

    Notes
    -----
    ``Qmax = 109.8 WF EF SCF K' C``.

    References
    ----------
    hj1173-2021:A.14-A.16
    fryrear-2000
    peng-2017:§1.2.2

    Examples
    --------
    >>> round(transport_capacity(20.0, 0.5201, 0.594884, 0.9, 1.0), 3)
    611.497
    """
    return 109.8 * _flow(weather, erodible, crust, roughness) * vegetation


@formula(
    "m",
    **_FACTORS,
    vegetation="1",
    kind="empirical",
    cite=("hj1173-2021:A.14-A.16", "fryrear-2000", "peng-2017:§1.2.2"),
)
def critical_length(
    weather: Values, erodible: Values, crust: Values, roughness: Values, vegetation: Values
) -> Values:
    """Return the critical field length, over which the flow of sand reaches 63 % of its capacity.

    关键地块长度 S。

    Parameters
    ----------
    weather : kg/m/year
        Weather factor WF.
    erodible, crust, roughness, vegetation : 1
        Factors EF, SCF, K' and C.

    Returns
    -------
    m

    Notes
    -----
    ``S = 150.71 (WF EF SCF K' C)^-0.3711``. Two public programs have 105.71, with two digits
    exchanged. Without wind the length is not a number of use, but it stays finite.

    References
    ----------
    hj1173-2021:A.14-A.16
    fryrear-2000
    peng-2017:§1.2.2

    Examples
    --------
    A product of factors of 1 leaves the constant:

    >>> round(float(critical_length(1.0, 1.0, 1.0, 1.0, 1.0)), 2)
    150.71
    """
    return _longest(_flow(weather, erodible, crust, roughness) * vegetation)


@formula(
    "kg/m2/year",
    **_FACTORS,
    vegetation="1",
    distance="m",
    kind="empirical",
    cite=("hj1173-2021:A.14-A.16", "fryrear-2000", "peng-2017:§1.2.2"),
)
def soil_loss_field(
    weather: Values,
    erodible: Values,
    crust: Values,
    roughness: Values,
    vegetation: Values,
    distance: Values,
) -> Values:
    """Return the soil that the wind takes at a distance downwind, the field form.

    风蚀量（RWEQ 田块形式）：下风向距离 z 处单位面积的土壤损失。

    Parameters
    ----------
    weather : kg/m/year
        Weather factor WF.
    erodible, crust, roughness, vegetation : 1
        Factors EF, SCF, K' and C; C is 1 for potential erosion.
    distance : m
        Distance z from the windward edge, 50 in most programs; the result hangs on it.

    Returns
    -------
    kg/m2/year

    Notes
    -----
    ``S_L = 2 z / S² Qmax exp(-(z/S)²)`` with :func:`transport_capacity` and
    :func:`critical_length`. 1 kg/m2 is 10 t/ha and 1000 t/km2. Peng et al. print the potential
    with the actual S in the exponential; each has its own here.

    References
    ----------
    hj1173-2021:A.14-A.16
    fryrear-2000
    peng-2017:§1.2.2

    Examples
    --------
    >>> round(float(soil_loss_field(20.0, 0.5201, 0.594884, 0.9, 1.0, 50.0)), 5)
    6.49603
    """
    return _loss(_flow(weather, erodible, crust, roughness) * vegetation, distance)


@formula(
    "kg/m2/year",
    **_FACTORS,
    vegetation="1",
    distance="m",
    kind="empirical",
    cite=("hj1173-2021:A.14-A.16", "fryrear-2000", "peng-2017:§1.2.2"),
)
def sand_fixed_field(
    weather: Values,
    erodible: Values,
    crust: Values,
    roughness: Values,
    vegetation: Values,
    distance: Values,
) -> Values:
    """Return the sand that vegetation fixes, by the field form: potential less actual erosion.

    防风固沙量（RWEQ 田块形式）：潜在风蚀量减实际风蚀量。

    Parameters
    ----------
    weather : kg/m/year
        Weather factor WF.
    erodible, crust, roughness, vegetation : 1
        Factors EF, SCF, K' and C.
    distance : m
        Distance z from the windward edge.

    Returns
    -------
    kg/m2/year

    Notes
    -----
    :func:`soil_loss_field` with C = 1 less the same with C. At very strong wind the potential
    falls again (z beyond S), and the difference can be negative; it stays so. For the same
    factors :func:`sand_fixed_closed` gives about a quarter: never mix the two.

    References
    ----------
    hj1173-2021:A.14-A.16
    fryrear-2000
    peng-2017:§1.2.2

    Examples
    --------
    Grass of 30 % cover:

    >>> round(float(sand_fixed_field(20.0, 0.5201, 0.594884, 0.9, 0.0316505, 50.0)), 3)
    6.473
    """
    flow = _flow(weather, erodible, crust, roughness)
    return _loss(flow, distance) - _loss(flow * vegetation, distance)


@formula("kg/m2/year", **_FACTORS, vegetation="1", kind="empirical", cite="mee-2020")
def sand_fixed_closed(
    weather: Values, erodible: Values, crust: Values, roughness: Values, vegetation: Values
) -> Values:
    """Return the sand that vegetation fixes, by the closed form without a distance.

    防风固沙量（闭合形式，指数 1.3711），与田块形式结果不同。

    Parameters
    ----------
    weather : kg/m/year
        Weather factor WF.
    erodible, crust, roughness, vegetation : 1
        Factors EF, SCF, K' and C; programs put the cosine of the slope for K'.

    Returns
    -------
    kg/m2/year

    Notes
    -----
    ``Q = 0.1699 (WF EF SCF K')^1.3711 (1 - C^1.3711)``, in kg/m2; some write t/km2, a thousand
    times too small. Read in public programs that follow the guideline, not in the guideline.

    References
    ----------
    mee-2020

    Examples
    --------
    The same cell as in :func:`sand_fixed_field`:

    >>> round(float(sand_fixed_closed(20.0, 0.5201, 0.594884, 0.9, 0.0316505)), 5)
    1.77384
    """
    return 0.1699 * _flow(weather, erodible, crust, roughness) ** 1.3711 * (1.0 - vegetation**1.3711)
