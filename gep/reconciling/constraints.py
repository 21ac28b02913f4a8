"""What is said of numbers that are not printed, as data: sums, shares, bounds, orderings."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gep.auditing.rounding import interval, number
from gep.errors import LedgerError


@dataclass(frozen=True)
class Constraint:
    """One statement: a weighted sum of unknowns, or its share of another sum, lies between two ends.

    A strict ``more than`` is written as its closure, ``at least``: the ends of an interval are then
    limits.

    Attributes
    ----------
    names : tuple of str
        Unknowns that are added up.
    low, high : float
        Ends, in the unit of the unknowns, or as a fraction where ``of`` is given.
    weights : tuple of float
        What each name is multiplied with; ones where empty.
    of : tuple of str
        Where given, the sum of ``names`` is a share of the sum of these, which then is not below zero.
    note : str
        Where it stands in the document, or why it is assumed.
    assumed : bool
        An assumption, not a statement of the document.

    Examples
    --------
    >>> print(Constraint(("a", "b"), 3.0, 4.0))
    3 <= a + b <= 4
    >>> print(Constraint(("a",), 0.925, 0.935, of=("a", "b")))
    0.925 <= a / (a + b) <= 0.935
    >>> print(Constraint.ordered("a", "b")[0])
    0 <= a - b
    """

    names: tuple[str, ...]
    low: float = -math.inf
    high: float = math.inf
    weights: tuple[float, ...] = ()
    of: tuple[str, ...] = ()
    note: str = ""
    assumed: bool = False

    def __post_init__(self) -> None:
        for field in ("names", "weights", "of"):
            value = getattr(self, field)
            object.__setattr__(self, field, (value,) if isinstance(value, str) else tuple(value))
        weights = self.weights or (1.0,) * len(self.names)
        object.__setattr__(self, "weights", tuple(float(w) for w in weights))
        if not self.names or len(self.weights) != len(self.names) or not all(map(math.isfinite, weights)):
            raise LedgerError(
                f"{len(self.names)} names and weights {self.weights}",
                where="Constraint",
                expected="at least one name, and one finite weight each",
            )
        if not self.low <= self.high or math.inf in (self.low, -self.high):
            raise LedgerError(
                f"from {self.low} to {self.high}", where=f"Constraint({', '.join(self.names)})",
                expected="low <= high, a number on one side at least",
            )  # fmt: skip

    @classmethod
    def printed(
        cls, names: Sequence[str] | str, text: str, *, of: Sequence[str] = (), note: str = ""
    ) -> Constraint:
        """Return what a printed number says of a sum: the interval of its digits.

        Parameters
        ----------
        names : sequence of str
            Unknowns that are added up.
        text : str
            Digits as printed; a sign ``%`` makes it a share of ``of``.
        of : sequence of str
            The whole, where the number is a share.
        note : str
            Where it stands in the document.

        Examples
        --------
        >>> print(Constraint.printed(["a", "b"], "103.07"))
        103.065 <= a + b <= 103.075
        >>> print(Constraint.printed(["a"], "93%", of=["a", "b"]))
        0.925 <= a / (a + b) <= 0.935
        """
        bare = text.strip()
        percent = bare.endswith(("%", "％"))
        if percent and not of:
            raise LedgerError(f"{text} of what?", where="Constraint.printed", fix="name the whole with of=")
        try:
            value = interval(bare[:-1] if percent else bare) / (100.0 if percent else 1.0)
        except ValueError as error:
            raise LedgerError(
                str(error), where="Constraint.printed", expected="digits, such as 103.07"
            ) from error
        return cls(tuple([names] if isinstance(names, str) else names), value.low, value.high,
                   of=tuple(of), note=note)  # fmt: skip

    @classmethod
    def ordered(cls, *names: str, note: str = "") -> tuple[Constraint, ...]:
        """Return that each of ``names`` is at least as large as the next; ``note`` says why."""
        return tuple(cls((a, b), low=0.0, weights=(1.0, -1.0), note=note) for a, b in pairwise(names))

    @property
    def unknowns(self) -> tuple[str, ...]:
        """Every name that it speaks of, once."""
        return tuple(dict.fromkeys((*self.names, *self.of)))

    def rows(self) -> Iterator[tuple[dict[str, float], float, float]]:
        """Give it as linear statements ``low <= sum of weight x unknown <= high``."""
        left = added(zip(self.names, self.weights, strict=True))
        if not self.of:
            yield left, self.low, self.high
            return
        whole = added((name, 1.0) for name in self.of)
        yield whole, 0.0, math.inf
        if self.low > -math.inf:
            yield _less(left, whole, self.low), 0.0, math.inf
        if self.high < math.inf:
            yield _less(left, whole, self.high), -math.inf, 0.0

    def excess(self, point: Mapping[str, float]) -> float:
        """Return how far a point breaks it, in the unit of the unknowns; zero or below where it holds."""
        worst = -math.inf
        for weights, low, high in self.rows():
            value = math.fsum(w * point[name] for name, w in weights.items())
            worst = max(worst, low - value, value - high)
        return worst

    def __str__(self) -> str:
        terms = "".join(_term(w, n) for n, w in zip(self.names, self.weights, strict=True))
        text = terms[3:] if terms.startswith(" + ") else f"-{terms[3:]}"
        if self.of:
            left = f"({text})" if len(self.names) > 1 else text
            right = " + ".join(self.of)
            text = f"{left} / ({right})" if len(self.of) > 1 else f"{left} / {right}"
        if self.low == self.high:
            text = f"{text} = {number(self.low)}"
        else:
            low = f"{number(self.low)} <= " if self.low > -math.inf else ""
            text = f"{low}{text}" + (f" <= {number(self.high)}" if self.high < math.inf else "")
        return f"{text} ({self.note})" if self.note else text


def not_negative(names: Sequence[str], note: str) -> tuple[Constraint, ...]:
    """Return the assumption that no unknown lies below zero."""
    return tuple(Constraint((name,), low=0.0, note=note, assumed=True) for name in names)


def combination(what: str | Mapping[str, float]) -> dict[str, float]:
    """Return a name, or weights by name, as weights."""
    return {what: 1.0} if isinstance(what, str) else {str(k): float(v) for k, v in what.items()}


def added(terms: Iterator[tuple[str, float]]) -> dict[str, float]:
    """Add up the weights of each name."""
    total: dict[str, float] = {}
    for name, weight in terms:
        total[name] = total.get(name, 0.0) + weight
    return total


def _less(left: Mapping[str, float], whole: Mapping[str, float], share: float) -> dict[str, float]:
    return added(iter([*left.items(), *((name, -share * w) for name, w in whole.items())]))


def _term(weight: float, name: str) -> str:
    sign = " - " if weight < 0 else " + "
    return f"{sign}{name}" if abs(weight) == 1.0 else f"{sign}{number(abs(weight))} {name}"
