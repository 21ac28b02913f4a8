"""Columns of ecosystems: as in the ledger, by first-level types, or by groups of the IUCN typology."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gep.ecosystems import label, types, within
from gep.errors import Faults, TableError
from gep.resources import vocabulary
from gep.seea.lists import NOT_ATTRIBUTED

#: As in the ledger, by first-level types, or by a choice of one's own of IUCN groups.
Ecosystems = str | Mapping[str, str]


def columns_of(codes: Iterable[str], ecosystems: Ecosystems) -> dict[str, str]:
    """Return the column that each ecosystem type goes to; what has no type is ``not_attributed``.

    Parameters
    ----------
    codes : iterable of str
        Ecosystem types as in a ledger.
    ecosystems : {"own", "level1"} or mapping
        Types as they are, their first-level types, or ecosystem functional groups of the IUCN Global
        Ecosystem Typology by type, ``{"forest": "T2.2"}``. One type may be many groups, so that only
        who knows the place can say which; the group must be one that ``ecosystems.toml`` puts there.

    Raises
    ------
    TableError
        A type without a group, a group that is none, or one of another type.
    """
    present = [c for c in dict.fromkeys(codes) if c]
    if isinstance(ecosystems, str):
        if ecosystems not in ("own", "level1"):
            raise TableError(f"ecosystems={ecosystems!r}", expected="'own', 'level1' or {type: IUCN group}")
        chosen = {c: c if ecosystems == "own" else first_level(c) for c in present}
    else:
        chosen = _groups(present, ecosystems)
    return {**chosen, "": NOT_ATTRIBUTED}


def first_level(code: str) -> str:
    """Return the first-level type that a type belongs to.

    Examples
    --------
    >>> first_level("canal")
    'wetland'
    """
    while parent := types().get(code, {}).get("parent", ""):
        code = parent
    return code


def column_label(code: str, lang: str) -> str:
    """Return the name of a column of ecosystems; groups of the IUCN typology keep their code before it."""
    groups = vocabulary("ecosystems")["get"]["groups"]
    return f"{code} {groups[code][lang or 'en']}" if code in groups else label(code, lang)


def in_order(codes: Iterable[str]) -> list[str]:
    """Return columns in the order of first-level types, parts beside each other, the rest last."""
    order = {c: i for i, c in enumerate([*types(), *vocabulary("ecosystems")["get"]["groups"]])}

    def place(code: str) -> tuple[bool, int, int]:
        last = len(order)
        return code == NOT_ATTRIBUTED, order.get(first_level(code), last), order.get(code, last)

    return sorted(dict.fromkeys(codes), key=place)


def _groups(present: list[str], chosen: Mapping[str, str]) -> dict[str, str]:
    groups, faults, found = vocabulary("ecosystems")["get"]["groups"], Faults(), {}
    for code in present:
        group = chosen.get(code, chosen.get(first_level(code), ""))
        fitting = [g for g, entry in groups.items() if related(entry["ecosystem"], code)]
        if group not in fitting:
            what = f"{code} has no group" if not group else f"{code} is put in {group!r}"
            faults.add(what, where="ecosystems", expected=f"one of {', '.join(fitting) or 'no group'}")
        found[code] = group
    faults.raise_as(TableError, "the ecosystem types cannot be put into the IUCN typology")
    return found


def related(one: str, other: str) -> bool:
    """Tell whether one type is the other, or a part of it.

    Examples
    --------
    >>> related("forest", "mixed_forest"), related("lake", "river")
    (True, False)
    """
    return within(one, [other]) or within(other, [one])
