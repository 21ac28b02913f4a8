"""What the tables of a profile are made of: every key that is read, and what it may hold."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from gep.errors import Faults, ProfileError

#: Types that a key may hold; of a list, what its parts may be.
Types: TypeAlias = tuple[type, ...]
TEXT: Types = (str,)
FLAG: Types = (bool,)
NUMBER: Types = (int, float)
NAMES: Types = (list, str)
#: Regions have codes that are numbers.
CODES: Types = (list, str, int)
CHOICE: Types = (bool, str)
_SAID = {
    TEXT: "a text",
    FLAG: "true or false",
    NUMBER: "a number",
    NAMES: "a text or a list of texts",
    CODES: "a name or a list of names",
    CHOICE: "true, false or the name of a variant",
}
#: A table with named keys (``*`` stands for any name), types, or a list of both to choose from.
Shape: TypeAlias = "Mapping[str, Shape] | Types | list[Shape]"

_SPREAD: Shape = {"key": TEXT, "item": TEXT, "among": NAMES}
_STEP: Shape = {"formula": TEXT, "args": {"*": NAMES}, "integrate": TEXT, "ecosystems": NAMES, "sum": NAMES}
_LINE: Shape = {
    **dict.fromkeys(("zh", "en", "unit", "report", "method"), TEXT),
    **dict.fromkeys(("quantity", "price", "value", "ecosystems"), NAMES),
    "ecosystem": [TEXT, _SPREAD],
    "zone": _SPREAD,
    "optional": FLAG,
}
_BODY: dict[str, Shape] = {
    "clause": TEXT,
    "include": FLAG,
    "ecosystems": NAMES,
    "steps": {"*": _STEP},
    "indicators": {"*": _LINE},
    "note_zh": TEXT,
    "note_en": TEXT,
}
_QUANTITY: Shape = {
    **dict.fromkeys(("unit", "zh", "en", "form", "where_zh", "where_en"), TEXT),
    "min": NUMBER,
    "max": NUMBER,
}
_PROFILE: Shape = {
    **dict.fromkeys(("id", "zh", "en", "source", "edition", "extends", "note_zh", "note_en"), TEXT),
    **dict.fromkeys(("coefficients", "fallbacks", "regions"), CODES),
    "services": {"*": {**_BODY, "variant": TEXT, "variants": {"*": _BODY}}},
    "switches": {"*": CHOICE},
    "quantities": {"*": _QUANTITY},
    "overlaps": {"*": TEXT},
}


def check_shapes(data: Mapping[str, Any], where: str) -> None:
    """Refuse a profile with keys that nobody reads, or that hold something else than is read.

    Raises
    ------
    ProfileError
        All faults at once, each with the table it stands in.
    """
    faults = Faults()
    for place, what, expected in _wrong(data, _PROFILE, ""):
        faults.add(what, where=f"{where} [{place}]" if place else where, expected=expected)
    faults.raise_as(ProfileError, "the profile cannot be read", where=where)


def _wrong(held: Any, shape: Shape, place: str) -> Iterator[tuple[str, str, str]]:
    """Yield place, fault and what was expected for everything that is not of its shape."""
    if isinstance(shape, list):
        shape = next((one for one in shape if isinstance(one, Mapping) == isinstance(held, dict)), shape[0])
    if isinstance(shape, tuple):
        if not _fits(held, shape):
            yield place, _told(held), _SAID[shape]
        return
    assert isinstance(shape, Mapping)  # noqa: S101
    if not isinstance(held, dict):
        yield place, _told(held), "a table"
        return
    for key, value in held.items():
        inner = shape.get(key, shape.get("*"))
        if inner is None:
            near = difflib.get_close_matches(key, shape, n=1)
            yield place, f"the key {key[:40]!r} is not read", repr(near[0]) if near else ", ".join(shape)
        else:
            yield from _wrong(value, inner, f"{place}.{key[:40]}" if place else key[:40])


def _fits(held: Any, types: Types) -> bool:
    if isinstance(held, list):
        return list in types and all(not isinstance(one, list) and _fits(one, types) for one in held)
    return type(held) in types


def _told(held: Any) -> str:
    return f"it is the {type(held).__name__} {str(held)[:40]}"
