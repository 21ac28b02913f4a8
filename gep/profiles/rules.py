"""The rules that a profile must keep: everything that can be checked without data."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gep import units
from gep.coefficients import FALLBACKS, available
from gep.errors import Faults, GepError, ProfileError
from gep.profiles.model import Indicator, Ref
from gep.resources import vocabulary

if TYPE_CHECKING:
    from gep.profiles.profile import Profile


def check(profile: Profile) -> None:
    """Check everything that needs no data: names, units, steps, ecosystems, double counting."""
    faults = Faults()
    _check_sets(profile, faults)
    for service, use, refs in profile.refs():
        for ref in refs:
            try:
                _check_ref(profile, ref)
            except GepError as error:
                faults.take(error, where=f"{profile.id} [{service}] {use}")
    types = vocabulary("ecosystems")["types"]
    for code, service_ in profile.services.items():
        for line in service_.indicators.values():
            named = {e.removeprefix("!") for e in (*line.ecosystems, *service_.ecosystems)}
            named |= {line.ecosystem} if isinstance(line.ecosystem, str) and line.ecosystem else set()
            for unknown in sorted(named - set(types)):
                faults.add(f"ecosystem {unknown!r} is not in ecosystems.toml", where=f"{profile.id} [{code}]")
            try:
                _check_line_unit(line)
            except GepError as error:
                faults.take(error, where=f"{profile.id} [{code}] {line.name}")
    for pair in vocabulary("services").get("overlaps", []):
        both = pair["a"] in profile.included and pair["b"] in profile.included
        if both and not accepted(profile, pair):
            faults.add(
                f"{pair['a']} and {pair['b']} overlap: {pair['why_en']}",
                where=f"{profile.id} [overlaps]",
                expected="a reason why both enter the total",
                fix=f'add "{pair["a"]}+{pair["b"]}" = "why" under [overlaps], or leave one out',
            )
    faults.raise_as(ProfileError, f"profile {profile.id} is inconsistent")


def _check_sets(profile: Profile, faults: Faults) -> None:
    for name in profile.fallbacks:
        if name not in FALLBACKS:
            where = f"{profile.id} fallbacks"
            faults.add(f"no fallback {name!r}", where=where, expected=" | ".join(FALLBACKS))
    known = available()
    for name in profile.coefficients:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3)
            faults.add(
                f"no coefficient set {name!r}", where=f"{profile.id} coefficients",
                expected=f"one of {', '.join(near or known)}",
                fix="rows of your own go to compile_account(..., coefficients=)",
            )  # fmt: skip


def accepted(profile: Profile, pair: Mapping[str, str]) -> str:
    """Return the reason a profile gives for counting two services that overlap."""
    a, b = pair["a"], pair["b"]
    return profile.overlaps_accepted.get(f"{a}+{b}") or profile.overlaps_accepted.get(f"{b}+{a}", "")


def _check_ref(profile: Profile, ref: Ref) -> None:
    if ref.kind in ("input", "coefficient"):
        profile.quantity(ref.name)
    elif ref.kind == "step":
        service, _, name = ref.name.partition(".")
        if service not in profile.services or name not in profile.services[service].steps:
            raise ProfileError(f"step {ref.name!r} is not defined")
    elif ref.kind != "area":
        raise ProfileError(f"reference {str(ref)!r}", expected="input:..., coefficient:..., step:... or area")


def _check_line_unit(line: Indicator) -> None:
    units.factor(line.unit, line.report)
    if units.dimension(line.unit).get("[year]") != -1.0:
        raise ProfileError(f"indicator {line.name} is in {line.unit}", expected="a yearly flow, .../year")
