"""Sand fixation: what the sand held back would have covered."""

from __future__ import annotations

from gep.formula import Values, formula


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
