"""Every exception of gep: one sentence that says where, what, what was expected, what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, in the four parts a reader needs to mend it."""

    what: str
    where: str = ""
    expected: str = ""
    fix: str = ""

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.what}" if self.where else self.what]
        if self.expected:
            parts.append(f"expected {self.expected}")
        if self.fix:
            parts.append(f"to mend it: {self.fix}")
        return "; ".join(parts)


class GepError(Exception):
    """Base of all errors of gep; ``faults`` lists every fault found, not only the first.

    Parameters
    ----------
    what : str
        What is wrong.
    where : str
        File, line, name.
    expected : str
        What should stand there.
    fix : str
        What to do.
    faults : iterable of Fault
        Several at once.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        expected: str = "",
        fix: str = "",
        faults: Iterable[Fault] = (),
    ) -> None:
        self.what, self.where, self.expected, self.fix = what, where, expected, fix
        own = Fault(what, where, expected, fix)
        self.faults: tuple[Fault, ...] = tuple(faults) or (own,)
        lines = [str(own)]
        if self.faults != (own,):
            lines += [f"  {i}. {fault}" for i, fault in enumerate(self.faults, 1)]
        super().__init__("\n".join(lines))

    @classmethod
    def many(cls, what: str, faults: Iterable[Fault], *, where: str = "") -> Self:
        """Build one error, ``what`` and ``where``, out of ``faults``; a single one speaks for itself."""
        listed = tuple(faults)
        if len(listed) == 1:
            one = listed[0]
            return cls(one.what, where=one.where or where, expected=one.expected, fix=one.fix)
        return cls(f"{what} ({len(listed)} faults)", where=where, faults=listed)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.where, self.expected, self.fix, self.faults)


def _rebuild(
    kind: type[GepError], what: str, where: str, expected: str, fix: str, faults: tuple[Fault, ...]
) -> GepError:
    return kind(what, where=where, expected=expected, fix=fix, faults=faults)


@dataclass
class Faults:
    """Collects faults so that all of them are reported at once."""

    found: list[Fault] = field(default_factory=list)
    kinds: set[type[GepError]] = field(default_factory=set)

    def add(self, what: str, *, where: str = "", expected: str = "", fix: str = "") -> None:
        """Note one fault and go on."""
        self.found.append(Fault(what, where, expected, fix))

    def take(self, error: GepError, *, where: str = "") -> None:
        """Note the faults of an error that was caught; ``where`` names the place if it did not."""
        self.kinds.add(type(error))
        self.found += [Fault(f.what, f.where or where, f.expected, f.fix) for f in error.faults]

    def raise_as(self, kind: type[GepError], what: str, *, where: str = "") -> None:
        """Raise everything noted so far as one error of ``kind``; do nothing if all is well."""
        if self.found:
            raise kind.many(what, self.found, where=where)

    def raise_common(self, otherwise: type[GepError], what: str, *, where: str = "") -> None:
        """Raise everything taken so far, as the class of the errors where they agree on one."""
        self.raise_as(next(iter(self.kinds)) if len(self.kinds) == 1 else otherwise, what, where=where)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)


class UnitError(GepError):
    """A unit is missing, unknown, refused, or of another dimension than demanded."""


class PriceYearError(UnitError):
    """Money without a price year, or of two price years without a deflator."""


class CoefficientError(GepError):
    """A coefficient table cannot be believed as it stands."""


class MissingCoefficient(CoefficientError):
    """No row for the keys asked for; there are no defaults."""


class AmbiguousCoefficient(CoefficientError):
    """More than one row for the keys asked for; gep never averages or guesses."""


class TableError(GepError):
    """An input table or file is not as it must be."""


class ProfileError(GepError):
    """A profile of a standard is inconsistent or asks for what does not exist."""


class GridError(GepError):
    """A grid has no usable georeference, or does not lie on the account's grid."""


class ZoneError(GepError):
    """Zones overlap, lack a code, a table row or a fact that was asked for."""


class LedgerError(GepError):
    """A ledger breaks one of its own rules."""


class DoesNotAddUp(LedgerError):
    """Parts and total differ by more than rounding explains."""


class MissingExtra(GepError, ImportError):
    """An optional dependency is needed; the message names the extra to install."""


def need_extra(package: str, extra: str, purpose: str) -> MissingExtra:
    """Return the error for an optional package that is not installed."""
    return MissingExtra(
        f"{purpose} needs the package {package!r}, which is not installed",
        fix=f"pip install 'gep[{extra}]'",
    )
