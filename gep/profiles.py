"""Profiles: an edition of a standard, read from data, checked before any grid is read."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from gep import quantities, requirements, services, units
from gep.errors import Faults, GepError, ProfileError
from gep.formula import Formula
from gep.quantities import Quantity
from gep.resources import folder, read_toml, vocabulary


@dataclass(frozen=True)
class Ref:
    """Where a value comes from: ``input:name``, ``coefficient:name``, ``step:name``, ``area``."""

    kind: str
    name: str

    @classmethod
    def read(cls, text: str, service: str) -> Ref:
        """Read a reference; a step without a service is one of its own service."""
        kind, _, name = text.partition(":")
        if kind == "step" and "." not in name:
            name = f"{service}.{name}"
        return cls(kind, name)

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind


#: Alternatives in the order in which they are tried.
Refs = tuple[Ref, ...]


@dataclass(frozen=True)
class Step:
    """One formula with what it is fed; ``integrate`` turns a per-area field into zone sums."""

    name: str
    formula: Formula[Any]
    args: Mapping[str, Refs]
    integrate: str = ""
    ecosystems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Spread:
    """How a value known for a larger area is spread: by a key, among some ecosystems."""

    key: Ref
    item: str = ""
    among: tuple[str, ...] = ()

    @property
    def ref(self) -> Ref:
        """Return the key as a reference, with its item."""
        return Ref(self.key.kind, f"{self.key.name}/{self.item}") if self.item else self.key

    def __str__(self) -> str:
        return f"{self.ref} of {'+'.join(self.among)}" if self.among else str(self.ref)


@dataclass(frozen=True)
class Indicator:
    """One line of an account: a quantity and its price, or a value that is known directly."""

    name: str
    zh: str
    en: str
    quantity: Refs
    price: Refs
    value: Refs
    unit: str
    report: str
    method: str
    ecosystem: str | Spread = ""
    zone: Spread | None = None
    ecosystems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Service:
    """What a profile says of one ecosystem service."""

    code: str
    clause: str
    include: bool
    variant: str
    variants: tuple[str, ...]
    ecosystems: tuple[str, ...]
    steps: Mapping[str, Step]
    indicators: Mapping[str, Indicator]
    note_zh: str = ""
    note_en: str = ""
    entry: Mapping[str, Any] = field(default_factory=dict, compare=False, repr=False)


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
        coefficients: Sequence[str] = (),
        regions: Sequence[str] = (),
        **switches: bool | str,
    ) -> Profile:
        """Return a changed profile: services switched, variants chosen, coefficient sets added.

        Parameters
        ----------
        coefficients : sequence of str
            Sets asked before the profile's own.
        regions : sequence of str
            Region keys tried before the profile's own.
        **switches : bool or str
            ``oxygen_release=False`` leaves a service out; ``crops="net_output"`` names a variant.

        Examples
        --------
        >>> profile = load_profile("mee-2020").using(oxygen_release=False)
        >>> "oxygen_release" in profile.included
        False
        """
        changed = dict(self.services)
        faults = Faults()
        for code, choice in switches.items():
            if code not in changed:
                near = difflib.get_close_matches(code, changed, n=3)
                faults.add(f"no service {code!r} in {self.id}", expected=", ".join(near or changed))
                continue
            try:
                changed[code] = _switched(changed[code], choice)
            except ProfileError as error:
                faults.take(error, where=code)
        faults.raise_as(ProfileError, f"profile {self.id} cannot be changed so")
        said = [f"{k}={v}" for k, v in switches.items()]
        said += [f"coefficients+{s}" for s in coefficients] + [f"regions+{r}" for r in regions]
        made = replace(
            self,
            services=changed,
            coefficients=tuple(dict.fromkeys([*coefficients, *self.coefficients])),
            regions=tuple(dict.fromkeys([*regions, *self.regions])),
            modified=(*self.modified, *said),
        )
        _check(made)
        return made

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
        return _build(_merged(read_toml(Path(name)), str(name)), str(name))
    if str(name) not in profiles():
        raise ProfileError(f"no profile {str(name)!r}", expected=f"one of {', '.join(profiles())}, or a path")
    path = folder() / "profiles" / f"{name}.toml"
    return _build(_merged(read_toml(path), path.name), path.name)


def _merged(data: dict[str, Any], where: str, seen: tuple[str, ...] = ()) -> dict[str, Any]:
    """Lay a profile over the one that it extends; a service is replaced as a whole."""
    base_id = data.get("extends")
    if not base_id:
        return data
    if base_id in seen or base_id not in profiles():
        raise ProfileError(f"extends {base_id!r}", where=where, expected=f"one of {', '.join(profiles())}")
    base = _merged(read_toml(folder() / "profiles" / f"{base_id}.toml"), base_id, (*seen, base_id))
    merged = {**base, **{k: v for k, v in data.items() if k not in ("services", "quantities", "overlaps")}}
    for key in ("services", "quantities", "overlaps"):
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
            made[code] = _service(code, entry)
        except GepError as error:
            faults.take(error, where=f"{where} [services.{code}]")
    own: dict[str, Quantity] = {}
    for name, entry in data.get("quantities", {}).items():
        try:
            own[name] = Quantity.from_entry(name, entry)
        except GepError as error:
            faults.take(error, where=f"{where} [quantities.{name}]")
    faults.raise_as(ProfileError, "the profile cannot be read", where=where)
    profile = Profile(
        **{key: data[key] for key in ("id", "zh", "en", "source", "edition")},
        coefficients=tuple(data.get("coefficients", ())),
        fallbacks=tuple(data.get("fallbacks", ())),
        regions=tuple(data.get("regions", ())),
        services=made,
        own_quantities=own,
        overlaps_accepted=dict(data.get("overlaps", {})),
        note_zh=data.get("note_zh", ""),
        note_en=data.get("note_en", ""),
    )
    _check(profile)
    return profile


def _service(code: str, entry: Mapping[str, Any], variant: str | None = None) -> Service:
    known = vocabulary("services")["services"]
    if code not in known:
        near = ", ".join(difflib.get_close_matches(code, known, n=3))
        raise ProfileError(f"service {code!r} is not in services.toml", expected=near)
    variants = tuple(entry.get("variants", {}))
    chosen = variant if variant is not None else entry.get("variant", "")
    if (chosen and chosen not in variants) or (variants and not chosen):
        raise ProfileError(f"variant {chosen!r} of {code}", expected=" | ".join(variants))
    body = {**entry, **(entry["variants"][chosen] if chosen else {})}
    steps = {name: _step(name, code, step) for name, step in body.get("steps", {}).items()}
    lines = {name: _indicator(name, code, line) for name, line in body.get("indicators", {}).items()}
    if not lines:
        raise ProfileError(f"service {code} has no indicators")
    return Service(
        code,
        body.get("clause", ""),
        body.get("include", True),
        chosen,
        variants,
        tuple(body.get("ecosystems", ())),
        steps,
        lines,
        body.get("note_zh", ""),
        body.get("note_en", ""),
        entry,
    )


def _switched(service: Service, choice: bool | str) -> Service:  # noqa: FBT001
    if isinstance(choice, bool):
        return replace(service, include=choice)
    return replace(_service(service.code, service.entry, choice), include=True)


def _refs(value: str | Iterable[str] | None, service: str) -> Refs:
    if value is None:
        return ()
    texts = [value] if isinstance(value, str) else list(value)
    return tuple(Ref.read(text, service) for text in texts)


def _step(name: str, service: str, entry: Mapping[str, Any]) -> Step:
    formula = services.find(entry["formula"])
    args = {arg: _refs(refs, service) for arg, refs in entry.get("args", {}).items()}
    missing = set(formula.arguments) ^ set(args)
    if missing:
        raise ProfileError(
            f"step {name} feeds {sorted(args)} to {formula.name}", expected=str(sorted(formula.arguments))
        )
    return Step(name, formula, args, entry.get("integrate", ""), tuple(entry.get("ecosystems", ())))


def _indicator(name: str, service: str, entry: Mapping[str, Any]) -> Indicator:
    missing = [k for k in ("zh", "en", "unit", "method") if not entry.get(k)]
    if missing:
        raise ProfileError(f"indicator {name} lacks {', '.join(missing)}")
    quantity, price, value = (_refs(entry.get(k), service) for k in ("quantity", "price", "value"))
    if bool(quantity) == bool(value) or bool(price) != bool(quantity):
        raise ProfileError(f"indicator {name}", expected="either quantity and price, or value")
    ecosystem = entry.get("ecosystem", "")
    return Indicator(
        name,
        entry["zh"],
        entry["en"],
        quantity,
        price,
        value,
        entry["unit"],
        entry.get("report", entry["unit"]),
        entry["method"],
        _spread(ecosystem, service) if isinstance(ecosystem, dict) else ecosystem,
        _spread(entry["zone"], service) if "zone" in entry else None,
        tuple(entry.get("ecosystems", ())),
    )


def _spread(entry: Mapping[str, Any], service: str) -> Spread:
    return Spread(Ref.read(entry["key"], service), entry.get("item", ""), tuple(entry.get("among", ())))


def _check(profile: Profile) -> None:
    """Check everything that needs no data: names, units, steps, ecosystems, double counting."""
    faults = Faults()
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
        if both and not _accepted(profile, pair):
            faults.add(
                f"{pair['a']} and {pair['b']} overlap: {pair['why_en']}",
                where=f"{profile.id} [overlaps]",
                expected="a reason why both enter the total",
                fix=f'add "{pair["a"]}+{pair["b"]}" = "why" under [overlaps], or leave one out',
            )
    faults.raise_as(ProfileError, f"profile {profile.id} is inconsistent")


def _accepted(profile: Profile, pair: Mapping[str, str]) -> str:
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
