"""The formulas of ecosystem services, one module a theme; nothing here reads a file."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from typing import Any

from gep.errors import ProfileError
from gep.formula import Formula

__all__ = ["all_formulas", "find"]


def find(name: str) -> Formula[Any]:
    """Return the formula of a name such as ``soil.retained``.

    按名称查找公式，例如 ``soil.retained``。

    Parameters
    ----------
    name : str
        Module and function, joined by a dot.

    Raises
    ------
    ProfileError
        No formula has this name; the error lists the nearest names.

    Examples
    --------
    >>> find("soil.retained").result
    't/ha/year'
    >>> find("soil.retain")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    gep.errors.ProfileError: no formula is named 'soil.retain'; expected ...soil.retained...
    """
    module, _, function = name.partition(".")
    if module in _modules() and function:
        loaded = importlib.import_module(f"{__name__}.{module}")
        found = getattr(loaded, function, None)
        if isinstance(found, Formula):
            return found
    known = list(all_formulas())
    near = difflib.get_close_matches(name, known, n=3) or known
    raise ProfileError(f"no formula is named {name!r}", expected=f"one of {', '.join(near)}")


def all_formulas() -> dict[str, Formula[Any]]:
    """Return every formula of this package by its name, in alphabetical order.

    返回本包中的全部公式，按名称排序。

    Examples
    --------
    >>> sorted(name for name in all_formulas() if name.startswith("energy."))
    ['energy.pumping_cost_avoided']
    """
    found: dict[str, Formula[Any]] = {}
    for module in _modules():
        loaded = importlib.import_module(f"{__name__}.{module}")
        for value in vars(loaded).values():
            if isinstance(value, Formula) and value.kernel.__module__ == loaded.__name__:
                found[value.name] = value
    return dict(sorted(found.items()))


def _modules() -> list[str]:
    return [module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_")]
