"""Soil retention: what the cover keeps in place, and what that spares the waters below."""

from __future__ import annotations

from gep.formula import Values, formula


@formula(
    "t/ha/year",
    erosivity="MJ mm/(ha h year)",
    erodibility="t ha h/(ha MJ mm)",
    slope="1",
    cover="1",
    practice="1",
    cite=("garze-2010:§2.4.2", "huanghua-2011:§2.2", "gaotianyan-2014:table 1 eq. 14"),
)
def retained(
    erosivity: Values, erodibility: Values, slope: Values, cover: Values, practice: Values
) -> Values:
    """Return the soil that cover and practice keep: potential less actual erosion.

    土壤保持量（通用土壤流失方程）：潜在侵蚀量与实际侵蚀量之差。

    Parameters
    ----------
    erosivity : MJ mm/(ha h year)
        Rainfall erosivity R.
    erodibility : t ha h/(ha MJ mm)
        Soil erodibility K.
    slope : 1
        Topographic factor LS.
    cover : 1
        Cover and management factor C, between 0 and 1.
    practice : 1
        Support practice factor P, between 0 and 1; 1 where nothing is done.

    Returns
    -------
    t/ha/year

    Notes
    -----
    ``A = R K LS (1 - C P)``. Potential erosion is that of bare soil tilled up and down the slope.
    The equation is for sheet and rill erosion on hillslopes of fields; gullies, landslides, wind
    and slopes much above 50 % are outside what it was fitted to. R and K must both be metric:
    K from an American table is 0.1317 of its printed number.

    References
    ----------
    garze-2010:§2.4.2
    huanghua-2011:§2.2
    gaotianyan-2014:table 1 eq. 14

    Examples
    --------
    With full erosion the whole potential is lost, with none it is all retained:

    >>> retained(3000.0, 0.03, 2.0, 1.0, 1.0), retained(3000.0, 0.03, 2.0, 0.0, 1.0)
    (0.0, 180.0)
    """
    return erosivity * erodibility * slope * (1 - cover * practice)


@formula(
    "m3/year",
    retained="t/year",
    share="1",
    bulk_density="t/m3",
    cite=("garze-2010:§2.4.2", "huanghua-2011:§2.3.2"),
)
def sediment_avoided(retained: Values, share: Values, bulk_density: Values) -> Values:
    """Return the volume of sediment that does not settle in reservoirs and rivers.

    减少泥沙淤积量：土壤保持量乘以泥沙淤积系数，再除以土壤容重。

    Parameters
    ----------
    retained : t/year
        Soil retained.
    share : 1
        Part of the eroded soil that settles in waters, 0.24 in most Chinese work.
    bulk_density : t/m3
        Bulk density of the soil.

    Returns
    -------
    m3/year

    Notes
    -----
    ``V = λ A / ρ``: mass is *divided* by density. One share for a whole region ignores where the
    soil comes from and how far the water is.

    References
    ----------
    garze-2010:§2.4.2
    huanghua-2011:§2.3.2

    Examples
    --------
    Garzê: 38.86e8 t, share 0.24, 0.93 t/m3 give 10.03e8 m3:

    >>> round(sediment_avoided(38.86e8, 0.24, 0.93) / 1e8, 2)
    10.03
    """
    return retained * share / bulk_density


@formula("tN/year", retained="t/year", content="tN/t", cite="garze-2010:§2.4.2")
def nitrogen_retained(retained: Values, content: Values) -> Values:
    """Return the nitrogen that stays on land with the soil.

    减少氮面源污染：土壤保持量乘以土壤纯氮含量。

    Parameters
    ----------
    retained : t/year
        Soil retained.
    content : tN/t
        Pure nitrogen in the soil by mass.

    Returns
    -------
    tN/year

    Notes
    -----
    ``N = A c``. All nitrogen of the soil counts, available or not, so this is an upper bound of
    the pollution avoided; it overlaps with nutrient retention valued as fertiliser.

    References
    ----------
    garze-2010:§2.4.2

    Examples
    --------
    Garzê: 38.86e8 t with 0.37 % of nitrogen (table 3 prints 1437.94e4 t):

    >>> round(nitrogen_retained(38.86e8, 0.0037) / 1e4, 2)
    1437.82
    """
    return retained * content


@formula("tP/year", retained="t/year", content="tP/t", cite="garze-2010:§2.4.2")
def phosphorus_retained(retained: Values, content: Values) -> Values:
    """Return the phosphorus that stays on land with the soil.

    减少磷面源污染：土壤保持量乘以土壤纯磷含量。

    Parameters
    ----------
    retained : t/year
        Soil retained.
    content : tP/t
        Pure phosphorus in the soil by mass.

    Returns
    -------
    tP/year

    Notes
    -----
    ``P = A c``. See :func:`nitrogen_retained` for what this assumes.

    References
    ----------
    garze-2010:§2.4.2

    Examples
    --------
    Garzê: 38.86e8 t with 0.108 % of phosphorus (table 3 prints 419.72e4 t):

    >>> round(phosphorus_retained(38.86e8, 0.00108) / 1e4, 2)
    419.69
    """
    return retained * content


@formula(
    "m2/year",
    retained="t/year",
    bulk_density="t/m3",
    depth="m",
    cite=("huanghua-2011:§2.3.2", "gaotianyan-2014:table 3"),
)
def soil_abandonment_avoided(retained: Values, bulk_density: Values, depth: Values) -> Values:
    """Return the land that would have been given up had the soil been lost.

    减少土地废弃面积：土壤保持量除以土壤容重与土层厚度之积。

    Parameters
    ----------
    retained : t/year
        Soil retained.
    bulk_density : t/m3
        Bulk density of the soil.
    depth : m
        Depth of the soil, at whose loss land is abandoned.

    Returns
    -------
    m2/year

    Notes
    -----
    ``S = A / (ρ h)``. The same tonne of soil also enters sediment, nutrients and fertility: an
    account that values all of them counts it several times.

    References
    ----------
    huanghua-2011:§2.3.2
    gaotianyan-2014:table 3

    Examples
    --------
    Gaotianyan, one hectare: 2985.40 t, 0.37 t/m3, 0.67 m (table 3 prints 12042.76 m2):

    >>> round(soil_abandonment_avoided(2985.40, 0.37, 0.67), 2)
    12042.76
    """
    return retained / (bulk_density * depth)


@formula("t/year", retained="t/year", content="1", cite=("huanghua-2011:§2.3.2", "gaotianyan-2014:table 3"))
def fertility_retained(retained: Values, content: Values) -> Values:
    """Return the organic matter or the nutrient that stays with the soil, as plain mass.

    保持土壤肥力：土壤保持量乘以土壤有机质或养分含量。

    Parameters
    ----------
    retained : t/year
        Soil retained.
    content : 1
        Content by mass: organic matter, potassium or any other that has no unit of its own.

    Returns
    -------
    t/year

    Notes
    -----
    ``M = A c``. For nitrogen and phosphorus :func:`nitrogen_retained` and
    :func:`phosphorus_retained` keep the substance in the unit.

    References
    ----------
    huanghua-2011:§2.3.2
    gaotianyan-2014:table 3

    Examples
    --------
    Gaotianyan, one hectare with 23.29 g/kg of organic matter (table 3: 69529.97 kg):

    >>> round(fertility_retained(2985.40, 0.02329) * 1000, 2)
    69529.97
    """
    return retained * content


@formula(
    "t/ha/year",
    erosivity="MJ mm/(ha h year)",
    erodibility="t ha h/(ha MJ mm)",
    length="1",
    steepness="1",
    biological="1",
    engineering="1",
    tillage="1",
    cite="tianshan-csle:§1.3.1",
)
def soil_loss_csle(
    erosivity: Values,
    erodibility: Values,
    length: Values,
    steepness: Values,
    biological: Values,
    engineering: Values,
    tillage: Values,
) -> Values:
    """Return the soil loss by the Chinese soil loss equation.

    土壤流失量（中国土壤流失方程 CSLE）。

    Parameters
    ----------
    erosivity : MJ mm/(ha h year)
        Rainfall erosivity R.
    erodibility : t ha h/(ha MJ mm)
        Soil erodibility K.
    length, steepness : 1
        Slope length factor L and slope steepness factor S.
    biological : 1
        Factor of vegetation B.
    engineering : 1
        Factor of terraces and other works E; 1 where there are none.
    tillage : 1
        Factor of tillage and rotation T; 1 off cropland.

    Returns
    -------
    t/ha/year

    Notes
    -----
    ``A = R K L S B E T``. The source takes T on cropland and B elsewhere, the other being 1. Soil
    retained is :func:`retained` with ``slope = L S``, ``cover = B`` and ``practice = E T``.

    References
    ----------
    tianshan-csle:§1.3.1

    Examples
    --------
    Cropland of the source has a T of 0.281; the other factors are chosen for the arithmetic:

    >>> round(soil_loss_csle(1000.0, 0.04, 1.5, 2.0, 1.0, 1.0, 0.281), 6)
    33.72
    """
    return erosivity * erodibility * length * steepness * biological * engineering * tillage
