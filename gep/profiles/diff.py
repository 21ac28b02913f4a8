"""What differs between two profiles: services, formulas, references, coefficients and prices."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from gep.coefficients import Coefficient, CoefficientTable
from gep.profiles.model import Refs, Service
from gep.profiles.profile import Profile


@dataclass(frozen=True)
class ProfileDiff:
    """The differences between two profiles; prints one under the other.

    Attributes
    ----------
    a, b : str
        Ids of the profiles.
    frame : DataFrame
        ``service, what`` and one column a profile; an empty cell means that there is none.
    """

    a: str
    b: str
    frame: pd.DataFrame

    def __len__(self) -> int:
        return len(self.frame)

    def __str__(self) -> str:
        if self.frame.empty:
            return f"{self.a} and {self.b} do not differ"
        lines = [f"{self.a} against {self.b}: {len(self)} differences"]
        for service, what, left, right in self.frame.itertuples(index=False):
            lines.append(f"{service}: {what}")
            lines += [f"  {name}: {text or '-'}" for name, text in ((self.a, left), (self.b, right))]
        return "\n".join(lines)

    __repr__ = __str__


def diff_profiles(a: Profile, b: Profile) -> ProfileDiff:
    """Compare two profiles.

    Parameters
    ----------
    a, b : Profile
        For example two editions, or one with and without a switch.

    Returns
    -------
    ProfileDiff
        Services that one has and the other has not (or leaves out), variants, formulas and what
        they are fed, units and methods of lines, and the coefficient rows that either would take.

    Examples
    --------
    >>> from gep import load_profile
    >>> guideline = load_profile("mee-2020")
    >>> changed = diff_profiles(guideline, guideline.using(oxygen_release=False))
    >>> changed.frame[["service", "what"]].to_numpy().tolist()
    [['oxygen_release', 'included']]
    """
    left, right = _described(a), _described(b)
    rows = [
        (service, what, left.get((service, what), ""), right.get((service, what), ""))
        for service, what in dict.fromkeys([*left, *right])
        if left.get((service, what), "") != right.get((service, what), "")
    ]
    name_a, name_b = (a.id, b.id) if a.id != b.id else (f"{a.id} (a)", f"{b.id} (b)")
    return ProfileDiff(a.id, b.id, pd.DataFrame(rows, columns=["service", "what", name_a, name_b]))


def _described(profile: Profile) -> dict[tuple[str, str], str]:
    """Return everything that matters of a profile as text, keyed by service and aspect."""
    table = CoefficientTable.shipped(profile.coefficients)
    found: dict[tuple[str, str], str] = {}
    for code, service in profile.services.items():
        found[code, "included"] = "yes" if service.include else "no"
        if service.variants:
            found[code, "variant"] = service.variant
        found |= {(code, what): text for what, text in _service(service).items()}
        for name, rows in _coefficients(service, profile, table).items():
            found[code, f"coefficient {name}"] = "; ".join(rows)
    return found


def _service(service: Service) -> dict[str, str]:
    found = {}
    for step in service.steps.values():
        fed = ", ".join(f"{name}={_alternatives(refs)}" for name, refs in step.args.items())
        found[f"step {step.name}"] = f"{step.formula.name}({fed})"
    for line in service.indicators.values():
        parts = (line.quantity, line.price, line.value)
        taken = " x ".join(_alternatives(refs) for refs in parts if refs)
        found[f"line {line.name}"] = f"{taken} in {line.unit}, {line.method}"
    if service.ecosystems:
        found["ecosystems"] = ", ".join(service.ecosystems)
    return found


def _alternatives(refs: Refs) -> str:
    return " or ".join(map(str, refs))


def _coefficients(service: Service, profile: Profile, table: CoefficientTable) -> dict[str, list[str]]:
    """Return the rows that a profile would take for each coefficient of a service."""
    refs = [r for step in service.steps.values() for alternatives in step.args.values() for r in alternatives]
    refs += [r for line in service.indicators.values() for r in (*line.quantity, *line.price, *line.value)]
    names = dict.fromkeys(r.name.partition("/")[0] for r in refs if r.kind == "coefficient")
    return {name: [_row(row) for row in table.candidates(name, profile.regions)] for name in names}


def _row(row: Coefficient) -> str:
    keys = " ".join(k for k in (row.ecosystem, row.item) if k)
    return f"{f'{keys}: ' if keys else ''}{row.value:g} {row.unit} [{row.source}]"
