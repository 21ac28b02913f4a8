"""Habitat and species conservation: area, class of diversity, cost of keeping it."""

from __future__ import annotations

from gep.formula import Values, formula

#: Keys of the classes 1 to 7 in coefficient tables.
SPECIES_CLASSES = (
    "shannon_below_1",
    "shannon_1_2",
    "shannon_2_3",
    "shannon_3_4",
    "shannon_4_5",
    "shannon_5_6",
    "shannon_6_up",
)


@formula("class", kind="empirical", shannon="1", cite="lyt1721-2008:species conservation")
def species_class(shannon: Values) -> Values:
    """Return the class of species diversity that prices of conservation go by.

    物种保育等级：按香农-维纳指数分为 1（H<1）至 7（H≥6）级。

    Parameters
    ----------
    shannon : 1
        Shannon-Wiener index of the stand.

    Returns
    -------
    class

    Notes
    -----
    1 below an index of 1, then one class for each whole number, 7 from 6 on; a bound belongs to the
    class above it. ``SPECIES_CLASSES`` has the keys of the coefficients. The index depends on the
    base of its logarithm and on which layers were counted; few forests exceed 4. The classes are
    not verified: the standard was not opened.

    References
    ----------
    lyt1721-2008:species conservation

    Examples
    --------
    >>> [float(species_class(h)) for h in (0.5, 1.0, 2.4, 7.0)]
    [1.0, 2.0, 3.0, 7.0]
    """
    return sum(1.0 * (shannon >= bound) for bound in range(1, 7)) + 1.0 + 0.0 * shannon


@formula("ha", area="ha", share="1", cite="mee-2020")
def habitat_area(area: Values, share: Values) -> Values:
    """Return the area that is habitat worth keeping.

    重要生境面积：面积乘以生境（或保护地）比例。

    Parameters
    ----------
    area : ha
        Area of the ecosystem type.
    share : 1
        Part under protection, or suited to the species, between 0 and 1.

    Returns
    -------
    ha

    Notes
    -----
    ``A_h = A s``. Protected areas of several kinds overlap: dissolve them before they are measured.

    References
    ----------
    mee-2020

    Examples
    --------
    No published example is known; the arithmetic alone:

    >>> habitat_area(4000.0, 0.75)
    3000.0
    """
    return area * share


@formula(
    "money/year",
    area="ha",
    price="money/ha/year",
    cite=("altai:table 2", "lyt1721-2008:species conservation"),
)
def conservation_value(area: Values, price: Values) -> Values:
    """Return the value of keeping species on an area.

    物种保育价值：面积乘以单位面积物种保育价值。

    Parameters
    ----------
    area : ha
        Area of one class.
    price : money/ha/year
        Price of its class, see :func:`species_class`.

    Returns
    -------
    money/year

    Notes
    -----
    ``V = A p``. Habitat is an intermediate service in the United Nations' system: it works through
    other services and is kept out of totals there. The prices are agreed on, not observed.

    References
    ----------
    altai:table 2
    lyt1721-2008:species conservation

    Examples
    --------
    Larch of the Altai, 507147.6 ha (table 2 prints 5071.48e6 yuan, which is 10000 yuan/ha):

    >>> round(conservation_value(507147.6, 10000.0) / 1e6, 2)
    5071.48
    """
    return area * price
