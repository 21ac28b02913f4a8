"""Loading profiles: the shipped editions, and files of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gep.errors import Faults, GepError, ProfileError
from gep.profiles.entries import listed, read_service, switched
from gep.profiles.model import Service
from gep.profiles.profile import Profile
from gep.profiles.rules import check
from gep.profiles.shapes import check_shapes
from gep.quantities import Quantity
from gep.resources import folder, read_toml


def profiles() -> list[str]:
    """Return the ids of the shipped profiles.

    Examples
    --------
    >>> "mee-2020" in profiles()
    True
    """
    return sorted(path.stem for path in (folder() / "profiles").glob("*.toml"))


def load_profile(name: str | Path) -> Profile:
    """Load a profile by id, or from a TOML file of one's own; it is checked whole.

    Parameters
    ----------
    name : str or path
        An id of :func:`profiles`, or the path of a file that ends in ``.toml``.

    Raises
    ------
    ProfileError
        All faults at once: unknown services, formulas, quantities, steps that nobody defines,
        units that cannot meet, overlapping services without a reason.
    """
    if str(name).endswith(".toml"):
        data = read_toml(Path(name))
        check_shapes(data, str(name))
        return _build(_merged(data, str(name)), str(name))
    if str(name) not in profiles():
        raise ProfileError(f"no profile {str(name)!r}", expected=f"one of {', '.join(profiles())}, or a path")
    path = folder() / "profiles" / f"{name}.toml"
    return _build(_merged(read_toml(path), path.name), path.name)


def _merged(data: dict[str, Any], where: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """Lay a profile over the one that it extends; a service is replaced as a whole, or switched."""
    base_id = data.get("extends")
    if not base_id:
        return data
    if base_id in seen or base_id not in profiles():
        raise ProfileError(f"extends {base_id!r}", where=where, expected=f"one of {', '.join(profiles())}")
    base = _merged(read_toml(folder() / "profiles" / f"{base_id}.toml"), base_id, (*seen, base_id))
    tables = ("services", "switches", "quantities", "overlaps")
    merged = {**base, **{k: v for k, v in data.items() if k not in tables}}
    for key in tables:
        merged[key] = {**base.get(key, {}), **data.get(key, {})}
    return merged


def _build(data: dict[str, Any], where: str) -> Profile:
    faults = Faults()
    for key in ("id", "zh", "en", "source", "edition", "services"):
        if not data.get(key):
            faults.add(f"{key!r} is missing", where=where)
    faults.raise_as(ProfileError, "the profile is incomplete", where=where)
    made: dict[str, Service] = {}
    for code, entry in data["services"].items():
        try:
            made[code] = read_service(code, entry)
        except GepError as error:
            faults.take(error, where=f"{where} [services.{code}]")
    for code, choice in data.get("switches", {}).items():
        try:
            made[code] = switched(made[code], choice)
        except (KeyError, ProfileError) as error:
            faults.add(f"no such service or variant: {error}", where=f"{where} [switches] {code}")
    own: dict[str, Quantity] = {}
    for name, entry in data.get("quantities", {}).items():
        try:
            own[name] = Quantity.from_entry(name, entry)
        except GepError as error:
            faults.take(error, where=f"{where} [quantities.{name}]")
    faults.raise_as(ProfileError, "the profile cannot be read", where=where)
    profile = Profile(
        **{key: data[key] for key in ("id", "zh", "en", "source", "edition")},
        coefficients=listed(data.get("coefficients", ())),
        fallbacks=listed(data.get("fallbacks", ())),
        regions=listed(data.get("regions", ())),
        services=made,
        own_quantities=own,
        overlaps_accepted=dict(data.get("overlaps", {})),
        note_zh=data.get("note_zh", ""),
        note_en=data.get("note_en", ""),
    )
    check(profile)
    return profile
