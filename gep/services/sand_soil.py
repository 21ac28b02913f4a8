"""Surface factors of the revised wind erosion equation (RWEQ): soil, roughness, vegetation."""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula

_TINY = 1e-12


@formula(
    "1",
    kind="empirical",
    sand="%",
    silt="%",
    clay="%",
    organic_matter="%",
    lime="%",
    cite=("fryrear-2000", "winderosion-code"),
)
def erodible_fraction(
    sand: Values, silt: Values, clay: Values, organic_matter: Values, lime: Values
) -> Values:
    """Return the erodible fraction EF of the soil.

    土壤可蚀性因子 EF，限于 0 至 1。

    Parameters
    ----------
    sand, silt, clay : %
        Mass shares of the American texture classes; together 100.
    organic_matter : %
        Organic *matter*, not carbon.
    lime : %
        Calcium carbonate.

    Returns
    -------
    1

    Notes
    -----
    ``EF = (29.09 + 0.31 Sa + 0.17 Si + 0.33 Sa/Cl - 2.59 OM - 0.95 CaCO3) / 100``, kept between 0
    and 1. All shares are percentages; organic matter and lime bind, so they are taken off.
    HJ 1173-2021 (A.18) takes as sand the grains of 0.2 to 2 mm, the coarse sand of other classes,
    which is less than the American sand and gives a smaller fraction.

    References
    ----------
    fryrear-2000
    winderosion-code

    Examples
    --------
    >>> round(float(erodible_fraction(70.0, 20.0, 10.0, 1.0, 2.0)), 6)
    0.5201
    """
    ratio = sand / np.maximum(clay, _TINY)
    percent = 29.09 + 0.31 * sand + 0.17 * silt + 0.33 * ratio - 2.59 * organic_matter - 0.95 * lime
    return np.minimum(np.maximum(percent / 100.0, 0.0), 1.0)


@formula("1", kind="empirical", clay="%", organic_matter="%", cite=("fryrear-2000", "winderosion-code"))
def crust_factor(clay: Values, organic_matter: Values) -> Values:
    """Return the soil crust factor SCF.

    土壤结皮因子 SCF。

    Parameters
    ----------
    clay : %
        Clay.
    organic_matter : %
        Organic matter.

    Returns
    -------
    1

    Notes
    -----
    ``SCF = 1 / (1 + 0.0066 Cl² + 0.021 OM²)``.

    References
    ----------
    fryrear-2000
    winderosion-code

    Examples
    --------
    >>> round(crust_factor(10.0, 1.0), 6)
    0.594884
    """
    return 1.0 / (1.0 + 0.0066 * clay**2 + 0.021 * organic_matter**2)


@formula("1", kind="empirical", relief="km", distance="km", cite="winderosion-code")
def ridge_roughness(relief: Values, distance: Values) -> Values:
    """Return the ridge roughness Kr from the relief within a distance.

    土垄糙度 Kr（由地形起伏度估算）。

    Parameters
    ----------
    relief : km
        Highest less lowest elevation within the distance.
    distance : km
        The distance.

    Returns
    -------
    1

    Notes
    -----
    ``Kr = 0.2 ΔH² / L``. The equation was made for ridges on fields, in centimetres; the program
    that carries it over to relief puts kilometres in and reads the number as Kr, so does this.
    With metres the number is a thousand times as much.

    References
    ----------
    winderosion-code

    Examples
    --------
    A relief of 100 m within 2 km:

    >>> round(ridge_roughness(0.1, 2.0), 6)
    0.001
    """
    return 0.2 * relief**2 / distance


@formula("1", kind="empirical", cover="1", cite="winderosion-code")
def random_roughness(cover: Values) -> Values:
    """Return the random roughness Crr from the vegetation cover as a fraction.

    随机糙度 Crr（由植被覆盖度小数值估算）。

    Parameters
    ----------
    cover : 1
        Vegetation cover between 0 and 1; here a fraction, in :func:`vegetation_factor` percent.

    Returns
    -------
    1

    Notes
    -----
    ``Crr = 17.46 (0.025 + 2.464 f^3.56)^0.738``. Tilled fields have a roughness that is measured.

    References
    ----------
    winderosion-code

    Examples
    --------
    >>> round(random_roughness(0.3), 6)
    2.159664
    """
    return 17.46 * (0.025 + 2.464 * cover**3.56) ** 0.738


@formula("1", kind="empirical", ridge="1", random="1", cite=("fryrear-2000", "winderosion-code"))
def roughness_factor(ridge: Values, random: Values) -> Values:
    """Return the surface roughness factor K' from ridge and random roughness.

    地表糙度因子 K′（土垄糙度与随机糙度）。

    Parameters
    ----------
    ridge : 1
        Ridge roughness Kr, as the number the equation takes.
    random : 1
        Random roughness Crr.

    Returns
    -------
    1

    Notes
    -----
    ``K' = exp(1.86 Kr - 2.41 Kr^0.934 - 0.127 Crr)``. Other accounts put the cosine of the slope
    for K', see :func:`roughness_of_slope`; the two have nothing in common. HJ 1173-2021 (A.22) sets
    Crr to 0: pass 0 to follow it.

    References
    ----------
    fryrear-2000
    winderosion-code

    Examples
    --------
    Without ridges, at a cover of 0.3:

    >>> round(float(roughness_factor(0.0, 2.159664)), 6)
    0.760121
    """
    return np.exp(1.86 * ridge - 2.41 * ridge**0.934 - 0.127 * random)


@formula("1", kind="empirical", slope="degree", cite="mee-2020")
def roughness_of_slope(slope: Values) -> Values:
    """Return the surface roughness factor K' as the cosine of the slope.

    地表糙度因子 K′（坡度余弦变体）。

    Parameters
    ----------
    slope : degree
        Angle of the slope.

    Returns
    -------
    1

    Notes
    -----
    ``K' = cos α``: 1 on a plain. Seen in programs beside :func:`sand_fixed_closed`; the guideline
    itself was not read.

    References
    ----------
    mee-2020

    Examples
    --------
    >>> round(float(roughness_of_slope(60.0)), 6)
    0.5
    """
    return np.cos(np.deg2rad(slope))


@formula("1", cover="%", decay="1/%", cite="pyrweq-code")
def vegetation_factor(cover: Values, decay: Values) -> Values:
    """Return the vegetation factor C of the wind erosion equation.

    植被覆盖因子 C：以百分数表示的覆盖度与类型系数之积的负指数。

    Parameters
    ----------
    cover : %
        Vegetation cover, 0 to 100.
    decay : 1/%
        Coefficient of the type, per percent of cover, a positive number such as 0.1151.

    Returns
    -------
    1

    Notes
    -----
    ``C = exp(-a SC)``. The coefficient belongs to a cover in percent; with a fraction the factor
    would stay near 1 and nothing would be fixed. Units keep the two together here.

    References
    ----------
    pyrweq-code

    Examples
    --------
    Grass with 0.1151, 30 % covered:

    >>> round(float(vegetation_factor(30.0, 0.1151)), 7)
    0.0316505
    """
    return np.exp(-decay * cover)
