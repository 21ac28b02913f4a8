"""What an account is called with: things of the right kind, and years that are years."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from gep.coefficients import CoefficientTable
from gep.errors import Faults, GepError, PriceYearError
from gep.inputs import Inputs
from gep.prices import Deflator, Exchange
from gep.profiles import Profile
from gep.unit_text import priced_currency
from gep.zones import Zones

#: Years that a price can be of, first and last; see the unit vocabulary.
_YEARS = (1900, 2099)
_MADE: dict[str, tuple[tuple[type, ...], str]] = {
    "profile": ((Profile,), "gep.load_profile('mee-2020')"),
    "inputs": ((Inputs,), "gep.Inputs(...)"),
    "zones": ((Zones,), "gep.Zones.from_labels(...), from_polygons or from_areas"),
    "coefficients": ((CoefficientTable, str, Path, type(None)), "a CoefficientTable, or the path of a CSV"),
    "deflator": ((Deflator, str, type(None)), "a gep.Deflator, or the name of a shipped one"),
    "exchange": ((Exchange, str, type(None)), "gep.prices.Exchange, or the name of a shipped table"),
    "allocate": ((Mapping, type(None)), "{service: key}"),
}


def check(year: Any, price_year: Any, **given: Any) -> str:
    """Return currency and year of an account, once all arguments are known to be what they must be.

    Raises
    ------
    GepError
        Arguments of another kind, a year that is none, a price year without its currency; all at once.

    Examples
    --------
    >>> check(2020, None), check(2020, 2015), check(2020, "CAD_2018")
    ('CNY_2020', 'CNY_2015', 'CAD_2018')
    """
    faults = Faults()
    for name, value in given.items():
        kinds, expected = _MADE[name]
        if not isinstance(value, kinds):
            faults.add(f"{name} is a {type(value).__name__}: {str(value)[:40]}", expected=expected)
    if not _is_year(year):
        faults.add(f"year is {year!r}", expected="a whole number such as 2020")
    faults.raise_as(GepError, "the account cannot be compiled from these")
    if isinstance(price_year, str) and not priced_currency(price_year):
        raise PriceYearError(
            f"price_year is {price_year!r}", expected="a year, or currency and year: CAD_2018"
        )
    if price_year is not None and not isinstance(price_year, str) and not _is_year(price_year):
        raise PriceYearError(f"price_year is {price_year!r}", expected="a year such as 2020, or CAD_2018")
    return price_year if isinstance(price_year, str) else f"CNY_{int(price_year or year)}"


def _is_year(value: Any) -> bool:
    first, last = _YEARS
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return bool(whole and first <= value <= last)
