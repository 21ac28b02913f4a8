"""A deflator for each group of services: mappings from service or category to a series."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, TypeVar

from gep.errors import CoefficientError
from gep.prices.deflator import Deflator
from gep.prices.exchange import Exchange

#: One series (or the name of a shipped one) for all, or one by service or category, ``"*"`` for the rest.
Deflating: TypeAlias = "str | Deflator | Mapping[str, str | Deflator]"

Series = TypeVar("Series", Deflator, Exchange)


def shipped_or_own(series: str | Series | None, kind: type[Series]) -> Series | None:
    """Return a series given by itself or by the name of a shipped one.

    Parameters
    ----------
    series : str, or an object of ``kind``
        A name, or the series itself.
    kind : type
        What a name is looked up in.
    """
    return kind.shipped(series) if isinstance(series, str) else series


def by_group(deflator: Deflating, groups: Mapping[str, str]) -> dict[str, Deflator]:
    """Return the deflator of each service: its own, else that of its category, else ``"*"``.

    Parameters
    ----------
    deflator : str, Deflator, or mapping of str to either
        A mapping goes by codes of services and categories; ``"*"`` stands for all others.
    groups : mapping of str to str
        Service to category.

    Raises
    ------
    CoefficientError
        A service has no series, or the mapping names what is neither service nor category.

    Examples
    --------
    >>> found = by_group({"cultural": "chn-cpi", "*": "chn-gdp-deflator"}, {"tourism": "cultural"})
    >>> found["tourism"].name
    'chn-cpi'
    """
    if not isinstance(deflator, Mapping):
        series = shipped_or_own(deflator, Deflator)
        return dict.fromkeys(groups, series) if series is not None else {}
    strange = sorted(set(deflator) - {*groups, *groups.values(), "*"})
    if strange:
        raise CoefficientError(
            f"a deflator is given for {', '.join(strange)}",
            expected=f"one of {', '.join([*groups, *dict.fromkeys(groups.values())])}, or '*'",
        )
    keys = {s: next((k for k in (s, c, "*") if k in deflator), "") for s, c in groups.items()}
    lacking = [service for service, key in keys.items() if not key]
    if lacking:
        raise CoefficientError(
            f"no deflator for {', '.join(lacking)}", fix="name them, their category, or '*' for the rest"
        )
    known = {key: shipped_or_own(deflator[key], Deflator) for key in set(keys.values())}
    return {service: series for service, key in keys.items() if (series := known[key]) is not None}
