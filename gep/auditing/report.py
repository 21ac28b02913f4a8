"""The report of an audit: findings largest first, then what holds."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gep.auditing.findings import SEVERITY_ZH, Check, Finding, Language, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

_STATUS_ZH = {"held": "成立", "failed": "不成立", "circular": "循环论证", "not compared": "未比较"}


@dataclass(frozen=True)
class AuditReport:
    """Result of :func:`gep.audit`; true where something was found, as long as its findings.

    Attributes
    ----------
    name : str
        File or table that was read.
    findings : tuple of Finding
        Gravest and largest first.
    checks : tuple of Check
        Every relation tried: held, failed, circular (one side was derived from the other) or not
        compared (a total of another scope).
    """

    name: str
    findings: tuple[Finding, ...]
    checks: tuple[Check, ...]

    @classmethod
    def of(cls, name: str, record: Record, year: int | None = None) -> AuditReport:
        """Build the report ``name`` of the ``record`` of checks, of one ``year`` if asked."""
        findings = [f for f in record.findings if year is None or f.year in (None, year)]
        checks = [c for c in record.checks if year is None or c.year in (None, year)]
        return cls(
            name, tuple(sorted(dict.fromkeys(findings), key=lambda f: f.order)), tuple(dict.fromkeys(checks))
        )

    def __len__(self) -> int:
        return len(self.findings)

    def __bool__(self) -> bool:
        return bool(self.findings)

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    @property
    def held(self) -> tuple[Check, ...]:
        """The relations that hold."""
        return tuple(c for c in self.checks if c.held)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings of severity ``error``."""
        return tuple(f for f in self.findings if f.severity == "error")

    def text(self, lang: Language = "en") -> str:
        """Return the report as text in English or Chinese."""
        zh = lang == "zh"
        lines = [self._headline(lang), ""]
        for i, finding in enumerate(self.findings, 1):
            severity = SEVERITY_ZH[finding.severity] if zh else finding.severity
            year = f" {finding.year}" if finding.year else ""
            lines.append(f"{i}. [{severity}] {finding.code}{year}: {finding.text(lang)}")
            lines.append(f"   {'; '.join(finding.where[:4])}{' ...' if len(finding.where) > 4 else ''}")
        for status in ("held", "circular", "not compared"):
            chosen = [c for c in self.checks if c.status == status]
            if chosen:
                lines += ["", f"{_STATUS_ZH[status] if zh else status} ({len(chosen)}):"]
                lines += [f"  {c.code}: {c.relation}{f' [{c.remark}]' if c.remark else ''}" for c in chosen]
        return "\n".join(lines)

    def _headline(self, lang: Language) -> str:
        tried, held = len(self.checks), len(self.held)
        grave = {s: sum(f.severity == s for f in self.findings) for s in SEVERITY_ZH}
        if lang == "zh":
            shown = "、".join(f"{SEVERITY_ZH[s]} {n}" for s, n in grave.items() if n) or "无"
            return f"{self.name}：核对 {tried} 个关系，{held} 个成立；发现：{shown}"
        shown = ", ".join(f"{n} {s}{'s' if n > 1 else ''}" for s, n in grave.items() if n) or "none"
        return f"{self.name}: {tried} relations checked, {held} hold; findings: {shown}"

    def __str__(self) -> str:
        return self.text()

    def to_frame(self) -> pd.DataFrame:
        """Return the findings as a table, one row each."""
        import pandas as pd

        columns = ["code", "severity", "year", "where", "gap", "gap_unit", "relative", "causes", "en", "zh"]
        rows = [
            [f.code, f.severity, f.year, "; ".join(f.where), f.gap, f.gap_unit, f.relative,
             ", ".join(c.key for c in f.causes), f.text("en"), f.text("zh")]
            for f in self.findings
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=columns)

    def _repr_html_(self) -> str:
        items = "".join(
            f"<li><b>{f.severity}</b> <code>{f.code}</code> {html.escape(f.text())}</li>"
            for f in self.findings
        )
        held = "".join(f"<li>{html.escape(c.relation)}</li>" for c in self.held)
        return (
            f"<p>{html.escape(self._headline('en'))}</p><ol>{items}</ol>"
            f"<details><summary>{len(self.held)} hold</summary><ul>{held}</ul></details>"
        )
