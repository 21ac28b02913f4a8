"""Arithmetic written in notes, read by a small recursive-descent parser; nothing is executed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from gep.auditing.rounding import Interval, exact, interval

_TOKEN = re.compile(
    r"""(?P<number>\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][+-]?\d+)?)
      | (?P<percent>%)
      | (?P<times>[×*·]|(?<=[\s\d)])[xX](?=[\s\d(]))
      | (?P<word>/?[A-Za-z\u3400-\u9fff²³][\w²³\u3400-\u9fff.]*(?:[-/][A-Za-z\u3400-\u9fff][\w²³]*)*)
      | (?P<over>[/÷])
      | (?P<plus>\+)
      | (?P<minus>(?<=\s)-(?=\s)|−)
      | (?P<open>\()
      | (?P<close>\))
      | (?P<blank>\s+)""",
    re.VERBOSE,
)
_REMARK = re.compile(r"\([^()]*[A-Za-z\u3400-\u9fff]{3,}[^()]*\)")
#: Characters and brackets of a clause that may be arithmetic.
_LONGEST, _DEEPEST = 1000, 20
_CLAUSE = re.compile(r"[;；。，]|,\s|:\s|：|\.\s|\.$")


@dataclass(frozen=True, slots=True)
class Derivation:
    """One chain ``expression = expression``; ``anchored`` where the note says it makes the row's figure."""

    text: str
    sides: tuple[tuple[Interval, int], ...]
    anchored: bool

    @property
    def value(self) -> Interval:
        """The side with the most arithmetic in it."""
        return max(self.sides, key=lambda side: side[1])[0]

    @property
    def operations(self) -> int:
        """Number of operations in the longest side."""
        return max(count for _, count in self.sides)


class _NoArithmeticError(Exception):
    """The text is no arithmetic; never leaves this module."""


def derivations(note: str, *, anchored: bool = False) -> list[Derivation]:
    """Return the arithmetic that stands in a note.

    Examples
    --------
    >>> [d.text for d in derivations("NPP 6050.31 t x 1.63; circular")]
    ['NPP 6050.31 t x 1.63']
    >>> derivations("range 104-19207, forest cover 99.10%")
    []
    """
    found = []
    clean = unicodedata.normalize("NFKC", note)
    for clause in filter(_is_short, _CLAUSE.split(clean)):
        text = _REMARK.sub(" ", clause.split("->")[0]).strip()
        leads = anchored or text.startswith(("=", "≈"))
        pieces = [p for p in re.split(r"[=≈]", text) if p.strip()]
        sides = [s for s in (_side(p) for p in pieces) if s is not None]
        if sides and (max(c for _, c in sides) > 0 or len(sides) > 1):
            found.append(
                Derivation(text.lstrip("= "), tuple(sides), leads or (len(pieces) > 1 and len(sides) > 1))
            )
    return found


def _is_short(clause: str) -> bool:
    return len(clause) <= _LONGEST and clause.count("(") <= _DEEPEST


def _side(text: str) -> tuple[Interval, int] | None:
    if re.match(r"\s*[+-]", text):
        return None
    try:
        return _Parser(text).read()
    except (_NoArithmeticError, ValueError, OverflowError):  # or it has numbers that cannot be held
        return None


class _Parser:
    """expression: term (+|- term)*; term: factor (x|/ factor)*; factor: number [%] | ( expression )."""

    def __init__(self, text: str) -> None:
        self.tokens = list(self._scan(text.strip()))
        self.at = 0
        self.operations = 0

    def _scan(self, text: str) -> list[tuple[str, str]]:
        found, spot = [], 0
        while spot < len(text):
            match = _TOKEN.match(text, spot)
            if match is None or match.lastgroup is None:
                raise _NoArithmeticError
            if match.lastgroup != "blank":
                found.append((match.lastgroup, match.group()))
            spot = match.end()
        return found

    def read(self) -> tuple[Interval, int]:
        """Read the whole text."""
        value = self._expression()
        if self.at < len(self.tokens):
            raise _NoArithmeticError
        return value, self.operations

    def _words(self) -> None:
        while self._next() == "word":
            self.at += 1

    def _next(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def _expression(self) -> Interval:
        value = self._term()
        while self._next() in ("plus", "minus"):
            minus = self._next() == "minus"
            self.at += 1
            self.operations += 1
            term = self._term()
            value = value - term if minus else value + term
        return value

    def _term(self) -> Interval:
        value = self._factor()
        while self._next() in ("times", "over"):
            over = self._next() == "over"
            self.at += 1
            self.operations += 1
            factor = self._factor()
            if over and factor.contains(0.0):
                raise _NoArithmeticError
            value = value / factor if over else value * factor
        return value

    def _factor(self) -> Interval:
        self._words()
        kind = self._next()
        if kind == "open":
            self.at += 1
            value = self._expression()
            if self._next() != "close":
                raise _NoArithmeticError
            self.at += 1
        elif kind == "number":
            text = self.tokens[self.at][1]
            value = interval(text) if "." in text else exact(float(text.replace(",", "")))
            self.at += 1
        else:
            raise _NoArithmeticError
        if self._next() == "percent":
            self.at += 1
            value = value / 100.0
        self._words()
        return value
