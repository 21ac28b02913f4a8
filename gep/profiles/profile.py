"""The profile: an edition of a standard or of a published method."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep import quantities, showing
from gep.errors import Faults, ProfileError
from gep.profiles import requirements
from gep.profiles.entries import listed, switched
from gep.profiles.model import Refs, Service, Spread
from gep.profiles.rules import check
from gep.quantities import Quantity


@dataclass(frozen=True)
class Profile:
    """An edition of a standard or a published method.

    Attributes
    ----------
    coefficients : tuple of str
        Coefficient sets in the order in which they are asked.
    fallbacks : tuple of str
        See :meth:`gep.coefficients.CoefficientTable.pick`.
    regions : tuple of str
        Region keys of coefficients in the order in which they are tried.
    services : mapping of str to Service
        In the order of the standard.
    modified : tuple of str
        What :meth:`using` changed; a changed profile is not the edition any more and says so.
    id : str
        Name by which it is loaded.
    zh, en : str
        Title in both languages.
    source, edition : str
        Key of the document, and which edition of it.
    own_quantities : mapping of str to Quantity
        Quantities beside those of the library.
    overlaps_accepted : mapping of str to str
        Pairs of services that can count one thing twice, and why both are counted.
    note_zh, note_en : str
        What a reader must know of the edition.
    """

    id: str
    zh: str
    en: str
    source: str
    edition: str
    coefficients: tuple[str, ...]
    fallbacks: tuple[str, ...]
    regions: tuple[str, ...]
    services: Mapping[str, Service]
    own_quantities: Mapping[str, Quantity]
    overlaps_accepted: Mapping[str, str]
    note_zh: str = ""
    note_en: str = ""
    modified: tuple[str, ...] = ()

    @property
    def included(self) -> dict[str, Service]:
        """Return the services that enter the account."""
        return {code: service for code, service in self.services.items() if service.include}

    def using(
        self,
        *,
        coefficients: str | Sequence[str] = (),
        regions: str | int | Sequence[str | int] = (),
        **switches: bool | str,
    ) -> Profile:
        """Return a changed profile: services switched, variants chosen, coefficient sets added.

        Parameters
        ----------
        coefficients : str or sequence of str
            Sets asked before the profile's own.
        regions : str or sequence of str
            Region keys tried before the profile's own.
        **switches : bool or str
            ``oxygen_release=False`` leaves a service out; ``crops="net_output"`` names a variant.

        Examples
        --------
        >>> from gep import load_profile
        >>> profile = load_profile("mee-2020").using(oxygen_release=False)
        >>> "oxygen_release" in profile.included
        False
        """
        sets, keys = listed(coefficients), listed(regions)
        changed = dict(self.services)
        faults = Faults()
        for code, choice in switches.items():
            if code not in changed:
                near = difflib.get_close_matches(code, changed, n=3)
                faults.add(f"no service {code!r} in {self.id}", expected=", ".join(near or changed))
                continue
            try:
                changed[code] = switched(changed[code], choice)
            except ProfileError as error:
                faults.take(error, where=code)
        faults.raise_as(ProfileError, f"profile {self.id} cannot be changed so")
        said = [f"{k}={v}" for k, v in switches.items()]
        said += [f"coefficients+{s}" for s in sets] + [f"regions+{r}" for r in keys]
        made = replace(
            self,
            services=changed,
            coefficients=tuple(dict.fromkeys([*sets, *self.coefficients])),
            regions=tuple(dict.fromkeys([*keys, *self.regions])),
            modified=(*self.modified, *said),
        )
        check(made)
        return made

    def only(self, *codes: str) -> Profile:
        """Return a profile that accounts for the named services and no others.

        Examples
        --------
        >>> from gep import load_profile
        >>> list(load_profile("mee-2020").only("crops", "soil_retention").included)
        ['crops', 'soil_retention']
        """
        if strange := [c for c in codes if not isinstance(c, str)]:
            raise ProfileError(
                f"{strange[0]!r} is no code of a service", where=f"profile {self.id}, only()",
                expected="codes as text, one after the other", fix='only("crops", "soil_retention")',
            )  # fmt: skip
        switches: dict[str, Any] = {**dict.fromkeys(self.services, False), **dict.fromkeys(codes, True)}
        return replace(self.using(**switches), modified=(*self.modified, f"only {', '.join(codes)}"))

    def refs(self) -> Iterator[tuple[str, str, Refs]]:
        """Yield (service, use, alternatives) for everything that the included services need."""
        for code, service in self.included.items():
            for step in service.steps.values():
                for name, refs in step.args.items():
                    yield code, f"{step.formula.name}({name})", refs
            for line in service.indicators.values():
                for use, refs in (("quantity", line.quantity), ("price", line.price), ("value", line.value)):
                    if refs:
                        yield code, f"{line.name} {use}", refs
                for spread in (line.zone, line.ecosystem):
                    if isinstance(spread, Spread):
                        yield code, f"{line.name} spread", (spread.key,)

    def requirements(self) -> pd.DataFrame:
        """Return the list of data to gather; see :func:`gep.requirements.requirements`."""
        return requirements.requirements(self)

    def template(
        self, folder: str | Path, zones: Sequence[str] = (), *, price_year: int | None = None
    ) -> list[Path]:
        """Write empty input files to fill in; see :func:`gep.requirements.template`."""
        return requirements.template(self, folder, zones, price_year=price_year)

    def quantity(self, name: str) -> Quantity:
        """Return the quantity that an input or coefficient of this profile is a value of."""
        return quantities.find(name, self.own_quantities)

    def __repr__(self) -> str:
        names = ", ".join(f"{s.code}{f'[{s.variant}]' if s.variant else ''}" for s in self.included.values())
        changed = f"; changed: {', '.join(self.modified)}" if self.modified else ""
        return f"<Profile {self.id} ({self.edition}): {self.zh} | {self.en}\n  services: {names}{changed}>"

    def _repr_html_(self) -> str:
        rows = [
            (code, service.variant, service.clause, ", ".join(service.indicators))
            for code, service in self.included.items()
        ]
        line = f"{self.zh} | {self.en}" + (f"; changed: {', '.join(self.modified)}" if self.modified else "")
        head = ("service", "variant", "clause", "indicators")
        return showing.block(f"{self.id} ({self.edition})", line, head, rows, shown=len(rows))
