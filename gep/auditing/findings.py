"""What an audit says: the relations it tried, and what is wrong with those that fail."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "note"]
Status = Literal["held", "failed", "circular", "not compared"]
Language = Literal["en", "zh"]

RANK: dict[str, int] = {"error": 0, "warning": 1, "note": 2}
SEVERITY_ZH = {"error": "错误", "warning": "警告", "note": "提示"}


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence in two languages."""

    en: str
    zh: str

    def text(self, lang: Language = "en") -> str:
        """Return the sentence in a language."""
        return self.zh if lang == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Cause:
    """What may have happened; ``key`` is stable, the sentence is for people.

    Attributes
    ----------
    key : str
        Stable name.
    said : Said
        The sentence, in two languages.
    """

    key: str
    said: Said

    @classmethod
    def of(cls, key: str, en: str, zh: str) -> Cause:
        """Build a cause from its ``key`` and its sentences in ``en`` and ``zh``."""
        return cls(key, Said(en, zh))


@dataclass(frozen=True, slots=True)
class Check:
    """One relation that was tried between printed figures.

    Attributes
    ----------
    code : str
        Stable name of the kind, as of findings.
    relation : str
        The relation with its numbers.
    status : {"held", "failed", "circular", "not compared"}
        ``circular``: one side was derived from the other.
    year : int or None
        Of the figures.
    where : tuple of str
        Rows compared.
    remark : str
        Why it was not compared, or by what it was helped.
    """

    code: str
    relation: str
    status: Status
    year: int | None = None
    where: tuple[str, ...] = ()
    remark: str = ""

    @property
    def held(self) -> bool:
        """Whether the relation holds within the rounding of the figures."""
        return self.status == "held"


@dataclass(frozen=True, slots=True)
class Finding:
    """One inconsistency.

    Attributes
    ----------
    code : str
        Stable name of the kind: ``sum``, ``share``, ``density-area`` ...
    severity : {"error", "warning", "note"}
        ``error``: the figures exclude each other; ``warning``: against nature, convention or a
        named reference; ``note``: worth knowing, explained or too small to matter.
    what, needs : Said
        What is the matter, with the numbers; what would have to be true for the figures to stand.
    gap, gap_unit, relative
        Size: distance between what is printed and the nearest value that would fit, and the same
        over the printed value.
    causes : tuple of Cause
        Candidates, likeliest first; a ratio that fits is no proof.
    year : int or None
        Of the figures.
    where : tuple of str
        Rows that take part.
    """

    code: str
    severity: Severity
    what: Said
    year: int | None = None
    where: tuple[str, ...] = ()
    gap: float | None = None
    gap_unit: str = ""
    relative: float | None = None
    needs: Said | None = None
    causes: tuple[Cause, ...] = ()

    def text(self, lang: Language = "en") -> str:
        """Return the whole finding as sentences in English or Chinese."""
        zh = lang == "zh"
        sentences = [self.what.text(lang)]
        if self.needs:
            sentences.append(self.needs.text(lang))
        if self.causes:
            listed = ("；" if zh else "; or ").join(c.said.text(lang) for c in self.causes)
            sentences.append(f"可能原因：{listed}" if zh else f"candidate cause: {listed}")
        stop = "。" if zh else ". "
        return stop.join(s.rstrip(".。 ") for s in sentences) + stop.strip()

    def __str__(self) -> str:
        return self.text()

    @property
    def order(self) -> tuple[int, float]:
        """Sort key: gravest first, then largest."""
        return RANK[self.severity], -abs(self.relative or 0.0)


@dataclass
class Record:
    """Collects checks and findings while an audit runs."""

    tolerance: float = 0.0
    checks: list[Check] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def note(
        self,
        code: str,
        relation: str,
        status: Status,
        *,
        year: int | None = None,
        where: tuple[str, ...] = (),
        remark: str = "",
    ) -> None:
        """Note one relation and how it came out."""
        self.checks.append(Check(code, relation, status, year, where, remark))

    def find(self, finding: Finding, relation: str = "") -> None:
        """Note a finding and, where a relation failed, the relation too."""
        if relation:
            self.note(finding.code, relation, "failed", year=finding.year, where=finding.where)
        self.findings.append(finding)
