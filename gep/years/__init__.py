"""Several years beside each other: accounts, land-cover maps and published yearbooks."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from gep.years.breaks import Break
from gep.years.land import Transitions, TransitionSeries, transition_series, transitions
from gep.years.series import Series

if TYPE_CHECKING:
    from gep.years.published import PublishedSeries

#: Opened when first asked for, as reading printed text is another matter.
_LATER = {"PublishedSeries": "gep.years.published"}

__all__ = [
    "Break",
    "PublishedSeries",
    "Series",
    "TransitionSeries",
    "Transitions",
    "transition_series",
    "transitions",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(importlib.import_module(_LATER[name]), name)
    raise AttributeError(f"module 'gep.years' has no attribute {name!r}")
