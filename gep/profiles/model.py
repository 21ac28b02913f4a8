"""What a profile is made of: references, steps, lines, services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gep.formula import Formula


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
    """One formula with what it is fed.

    ``integrate`` turns a per-area field into sums by zone and ecosystem, ``sum`` adds such sums up
    over ecosystems, to meet what is known for the zone as a whole.
    """

    name: str
    formula: Formula[Any]
    args: Mapping[str, Refs]
    integrate: str = ""
    ecosystems: tuple[str, ...] = ()
    sum: tuple[str, ...] = ()


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
    """One line of an account: a quantity and its price, or a value that is known directly.

    An ``optional`` line is left out, and said so, where its inputs are not given.
    """

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
    optional: bool = False


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
