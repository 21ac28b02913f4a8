"""Relief in the soil loss equation: slope length L and slope steepness S."""

from __future__ import annotations

import numpy as np

from gep.formula import Values, formula


@formula("1", kind="empirical", slope="degree", cite=("renard-1997", "invest-users-guide:SDR"))
def slope_length_exponent(slope: Values) -> Values:
    """Return the exponent of the slope length, for equal rill and interrill erosion.

    坡长指数（RUSLE，细沟与细沟间侵蚀相当）。

    Parameters
    ----------
    slope : degree
        Angle of the slope.

    Returns
    -------
    1

    Notes
    -----
    ``m = β / (1 + β)``, ``β = (sin θ / 0.0896) / (3 sin^0.8 θ + 0.56)``. HJ 1173-2021 prints 0.089
    for 0.0896, which raises m by less than 0.002.

    References
    ----------
    renard-1997
    invest-users-guide:SDR

    Examples
    --------
    >>> round(float(slope_length_exponent(10.0)), 6)
    0.59864
    """
    return _exponent(np.sin(np.deg2rad(slope)))


def _exponent(sine: Values) -> Values:
    beta = sine / 0.0896 / (3.0 * sine**0.8 + 0.56)
    return beta / (1.0 + beta)


@formula("1", kind="empirical", length="m", slope="degree", cite=("renard-1997", "huanghua-2011:§2.2"))
def slope_length_factor(length: Values, slope: Values) -> Values:
    """Return the slope length factor L.

    坡长因子 L。

    Parameters
    ----------
    length : m
        Horizontal length of the slope, from where runoff starts to where it settles.
    slope : degree
        Angle of the slope.

    Returns
    -------
    1

    Notes
    -----
    ``L = (l / 22.13)^m`` with the exponent of :func:`slope_length_exponent`. Few slopes stay
    without channels for more than some 120 m, so longer ones are usually capped.

    References
    ----------
    renard-1997
    huanghua-2011:§2.2

    Examples
    --------
    >>> round(float(slope_length_factor(100.0, 10.0)), 5)
    2.46672
    """
    return (length / 22.13) ** _exponent(np.sin(np.deg2rad(slope)))


@formula("1", kind="empirical", slope="degree", cite=("mccool-1987", "invest-users-guide:SDR"))
def slope_steepness_mccool(slope: Values) -> Values:
    """Return the slope steepness factor S after McCool.

    坡度因子 S（McCool）。

    Parameters
    ----------
    slope : degree
        Angle of the slope.

    Returns
    -------
    1

    Notes
    -----
    ``10.8 sin θ + 0.03`` below a gradient of 9 %, ``16.8 sin θ - 0.5`` from there on. Fitted to
    gradients up to about 18 %; steeper slopes are extrapolated.

    References
    ----------
    mccool-1987
    invest-users-guide:SDR

    Examples
    --------
    >>> round(float(slope_steepness_mccool(10.0)), 5)
    2.41729
    """
    angle = np.deg2rad(slope)
    steep = np.tan(angle) >= 0.09
    return _mccool(np.sin(angle), steep)


@formula("1", kind="empirical", slope="degree", cite=("liu-1994", "mccool-1987"))
def slope_steepness_liu(slope: Values) -> Values:
    """Return the slope steepness factor S with the branch for steep slopes after Liu.

    坡度因子 S（刘宝元陡坡公式）。

    Parameters
    ----------
    slope : degree
        Angle of the slope.

    Returns
    -------
    1

    Notes
    -----
    ``10.8 sin θ + 0.03`` below 5°, ``16.8 sin θ - 0.5`` from 5° to 10°, ``21.91 sin θ - 0.96``
    from 10° on. Fitted to plots of the Loess Plateau up to 55 %. It jumps by 0.43 at 10°. Other
    papers (weibei-2018) break at gradients of 9 % and 25 % instead: say which one is used.

    References
    ----------
    liu-1994
    mccool-1987

    Examples
    --------
    >>> round(float(slope_steepness_liu(10.0)), 5), round(float(slope_steepness_liu(20.0)), 6)
    (2.84463, 6.533661)
    """
    sine = np.sin(np.deg2rad(slope))
    return _either(slope >= 10.0, 21.91 * sine - 0.96, _mccool(sine, slope >= 5.0))


@formula("1", kind="empirical", slope="degree", cite="hj1173-2021:appendix A.2")
def slope_steepness_hj1173(slope: Values) -> Values:
    """Return the slope steepness factor S of the Chinese standard HJ 1173-2021.

    坡度因子 S（HJ 1173-2021，四段）。

    Parameters
    ----------
    slope : degree
        Angle of the slope.

    Returns
    -------
    1

    Notes
    -----
    ``10.8 sin θ + 0.03`` below 5.14°, ``16.8 sin θ - 0.5`` from 5.14° and below 10.20°,
    ``21.9 sin θ - 0.96`` from 10.20° to 28.81°, 9.5988 above. These are gradients of 9, 18 and 55 %;
    :func:`slope_steepness_liu` breaks at 5° and 10°, has 21.91, and never ends. The text of the
    standard was read without the operators of its equations; the signs are those of the sources.

    References
    ----------
    hj1173-2021:appendix A.2

    Examples
    --------
    >>> [round(float(slope_steepness_hj1173(s)), 5) for s in (3.0, 8.0, 20.0, 30.0)]
    [0.59523, 1.83811, 6.53024, 9.5988]
    """
    sine = np.sin(np.deg2rad(slope))
    upper = _either(slope > 28.81, 9.5988, 21.9 * sine - 0.96)
    return _either(slope >= 10.20, upper, _mccool(sine, slope >= 5.14))


@formula("1", kind="empirical", slope="degree", cite="rusler-code:ls_alpine")
def slope_steepness_alpine(slope: Values) -> Values:
    """Return the slope steepness factor S of alpine terrain, a parabola in the gradient.

    坡度因子 S（高山区二次式）。

    Parameters
    ----------
    slope : degree
        Angle of the slope.

    Returns
    -------
    1

    Notes
    -----
    ``0.0005 s² + 0.1795 s - 0.4418`` with s in percent, never below zero, which it meets at 2.45 %.

    References
    ----------
    rusler-code:ls_alpine

    Examples
    --------
    A gradient of 20 % gives 0.2 + 3.59 - 0.4418:

    >>> round(float(slope_steepness_alpine(np.degrees(np.arctan(0.20)))), 4)
    3.3482
    """
    percent = _percent(slope)
    return np.maximum(0.0005 * percent**2 + 0.1795 * percent - 0.4418, 0.0)


@formula("1", kind="empirical", slope="degree", cite=("wischmeier-smith-1978", "invest-users-guide:SDR"))
def slope_length_exponent_usle(slope: Values) -> Values:
    """Return the exponent of the slope length by the classes of the USLE.

    坡长指数（USLE 分级：1 %、3.5 %、5 %）。

    Parameters
    ----------
    slope : degree
        Angle of the slope.

    Returns
    -------
    1

    Notes
    -----
    0.2 up to a gradient of 1 %, 0.3 up to 3.5 %, 0.4 up to 5 %, 0.5 beyond. The handbook leaves
    the gradients between 3 % and 3.5 % open; the break is that of the InVEST guide.

    References
    ----------
    wischmeier-smith-1978
    invest-users-guide:SDR

    Examples
    --------
    >>> [round(float(slope_length_exponent_usle(s)), 1) for s in (0.5, 1.5, 2.5, 4.0)]
    [0.2, 0.3, 0.4, 0.5]
    """
    percent = _gradient(slope)
    return _class(1.0 * (percent > 1.0) + (percent > 3.5) + (percent > 5.0), percent)


@formula("1", kind="empirical", slope="degree", cite="huanghua-2011:§2.2")
def slope_length_exponent_huanghua(slope: Values) -> Values:
    """Return the exponent of the slope length by the classes 1, 3 and 9 percent.

    坡长指数（分级：1 %、3 %、9 %）。

    Parameters
    ----------
    slope : degree
        Angle of the slope.

    Returns
    -------
    1

    Notes
    -----
    0.2 below a gradient of 1 %, 0.3 from 1 to 3 %, 0.4 between 3 and 9 %, 0.5 from 9 % on.

    References
    ----------
    huanghua-2011:§2.2

    Examples
    --------
    At 4 degrees, 7 %, the classes of the USLE have 0.5 already:

    >>> [round(float(slope_length_exponent_huanghua(s)), 1) for s in (0.5, 1.5, 4.0, 10.0)]
    [0.2, 0.3, 0.4, 0.5]
    """
    percent = _gradient(slope)
    return _class(1.0 * (percent >= 1.0) + (percent > 3.0) + (percent >= 9.0), percent)


def _percent(slope: Values) -> Values:
    return 100.0 * np.tan(np.deg2rad(slope))


def _gradient(slope: Values) -> Values:
    """Return the gradient in percent without the last digits, so that 9 % is no less than 9."""
    return np.rint(_percent(slope) * 1e9) / 1e9


def _class(steps: Values, percent: Values) -> Values:
    """Return the exponent of a class; the slope only brings its NaN along."""
    return 0.2 + 0.1 * steps + 0.0 * percent


def _mccool(sine: Values, steep: Values) -> Values:
    return _either(steep, 16.8 * sine - 0.5, 10.8 * sine + 0.03)


def _either(condition: Values, yes: Values, no: Values) -> Values:
    """Choose by multiplying, which works alike on floats, arrays and lazy arrays and keeps NaN."""
    return condition * yes + (1 - condition) * no
