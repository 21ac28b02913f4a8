"""Published beside computed: the lines, what has no counterpart, and both as text."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import pandas as pd

from gep.auditing.findings import Cause, Language, Said
from gep.auditing.rounding import Interval, number
from gep.ledger.parts import check_language

Verdict = Literal["inside", "rounding", "outside", "missing"]
Side = Literal["published", "ledger"]

_VERDICTS = {
    "inside": Said("agrees", "一致"),
    "rounding": Said("agrees within the rounding of printed quantities", "在所印实物量舍入范围内一致"),
    "outside": Said("differs", "不一致"),
    "missing": Said("no value in the ledger", "账户无值"),
}
_SIDES = {"published": Said("published", "公布数据"), "ledger": Said("ledger", "账户")}
_MEASURES = {
    "value": Said("value", "价值量"),
    "quantity": Said("quantity", "实物量"),
    "price": Said("price", "价格"),
    "share": Said("share", "占比"),
    "per_area": Said("per area", "单位面积"),
    "per_head": Said("per head", "人均"),
    "area": Said("area", "面积"),
    "area_share": Said("share of land", "面积占比"),
    "population": Said("population", "人口"),
    "gdp": Said("GDP", "GDP"),
    "gdp_ratio": Said("over GDP", "与 GDP 之比"),
    "given": Said("as given", "用户给定"),
}


@dataclass(frozen=True)
class Line:
    """One printed figure beside the number of the ledger.

    Attributes
    ----------
    account, place, name, region : str
        The account and row where it is printed, what it is called, and the zone it speaks of (empty for
        the whole).
    target, measure : str
        The part of the ledger, such as ``soil_retention.sediment``, and what of it is compared.
    unit, text : str
        As printed.
    published : Interval
        What the digits stand for, in the printed unit; open on one side for a bound.
    computed : float
        The number of the ledger, in the printed unit; NaN where it has none.
    interval : Interval
        What that number may be by the rounding of printed figures that went into it.
    verdict : {"inside", "rounding", "outside", "missing"}
        ``inside``: the number lies in the printed interval; ``rounding``: the intervals meet.
    causes : tuple of Cause
        Known slips that the ratio fits, where it differs; no proof.
    notes : tuple of str
        What the number of the ledger leaves out.
    """

    account: str
    place: str
    name: str
    region: str
    target: str
    measure: str
    unit: str
    text: str
    published: Interval
    computed: float
    interval: Interval
    verdict: Verdict
    causes: tuple[Cause, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def gap(self) -> float:
        """How far the number lies above (or below) the printed interval; zero inside."""
        return (
            -self.published.gap(Interval(self.computed, self.computed))
            if self.verdict != "missing"
            else math.nan
        )

    @property
    def relative(self) -> float:
        """The gap over the nearest end of the printed interval."""
        near = self.published.high if self.gap > 0 else self.published.low
        return self.gap / abs(near) if near and math.isfinite(near) else (0.0 if self.gap == 0 else math.nan)

    @property
    def order(self) -> tuple[int, float]:
        """Sort key: what differs first, the largest gap first."""
        rank = {"missing": 0, "outside": 0, "rounding": 1, "inside": 2}[self.verdict]
        size = abs(self.relative)
        return rank, -(size if math.isfinite(size) else math.inf)

    def said(self, lang: Language = "en") -> str:
        """Return the line as a sentence."""
        where = f"{self.region} " if self.region else ""
        size = "" if self.verdict != "outside" else f" ({self.gap:+.4g} {self.unit}, {self.relative:+.2%})"
        head = f"{where}{self.name} [{_MEASURES[self.measure].text(lang)} {self.target}]"
        text = f"{head}: {self.text} {self.unit} | {number(self.computed)}{size}".replace("  ", " ")
        if self.causes:
            listed = ("；" if lang == "zh" else "; or ").join(c.said.text(lang) for c in self.causes)
            text += f" {'可能原因' if lang == 'zh' else 'candidate cause'}: {listed}"
        return text


@dataclass(frozen=True)
class Unmatched:
    """A printed row, or a part of the ledger, without a counterpart.

    Attributes
    ----------
    side : str
        Which of the two has it.
    place, name : str
        Row and what it is called.
    measure, shown : str
        What it measures, and its number.
    why : Said
        Why it was not matched.
    candidates : tuple of str
        What it may be.
    """

    side: Side
    place: str
    name: str
    measure: str
    shown: str
    why: Said
    candidates: tuple[str, ...] = ()

    def said(self, lang: Language = "en") -> str:
        """Return it as a sentence."""
        measure = f" [{_MEASURES[self.measure].text(lang)}]" if self.measure else ""
        return f"{self.name}{measure} {self.shown}: {self.why.text(lang)}".replace(" :", ":")


@dataclass(frozen=True)
class Reconciliation:
    """Result of :func:`gep.reconcile`.

    Attributes
    ----------
    name : str
        The published account.
    lines : tuple of Line
        Every figure that was compared, the largest gap first.
    unmatched : tuple of Unmatched
        Every figure that was not, and every part of the ledger that nothing published speaks of.
    """

    name: str
    lines: tuple[Line, ...]
    unmatched: tuple[Unmatched, ...]

    @property
    def differing(self) -> tuple[Line, ...]:
        """The lines that do not agree."""
        return tuple(line for line in self.lines if line.verdict in ("outside", "missing"))

    @cached_property
    def table(self) -> pd.DataFrame:
        """The lines as a table, one row each, in the printed units."""
        rows = [
            [x.account, x.place, x.name, x.region, x.target, x.measure, x.unit, x.text, x.published.low,
             x.published.high, x.computed, x.interval.low, x.interval.high, x.gap, x.relative, x.verdict,
             ", ".join(c.key for c in x.causes), "; ".join(x.notes)]
            for x in self.lines
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=[
            "account", "place", "name", "region", "target", "measure", "unit", "published", "low", "high",
            "computed", "computed_low", "computed_high", "gap", "relative", "verdict", "causes", "notes",
        ])  # fmt: skip

    @cached_property
    def left(self) -> pd.DataFrame:
        """What has no counterpart, as a table."""
        rows = [
            [x.side, x.place, x.name, x.measure, x.shown, x.why.en, x.why.zh, ", ".join(x.candidates)]
            for x in self.unmatched
        ]
        return pd.DataFrame(
            rows, columns=["side", "place", "name", "measure", "shown", "why_en", "why_zh", "candidates"]
        )

    def report(self, lang: Language = "en") -> str:
        """Return the comparison as text in English or Chinese."""
        check_language(lang, "lang")
        zh = lang == "zh"
        count = {v: sum(line.verdict == v for line in self.lines) for v in _VERDICTS}
        shown = ("，" if zh else ", ").join(f"{_VERDICTS[v].text(lang)} {n}" for v, n in count.items() if n)
        head = (
            f"{self.name}：比较 {len(self.lines)} 个数"
            if zh
            else f"{self.name}: {len(self.lines)} figures compared"
        )
        lines = [f"{head}{'：' if zh else ': '}{shown}" if shown else head]
        for verdict in ("missing", "outside", "rounding", "inside"):
            chosen = [line for line in self.lines if line.verdict == verdict]
            if chosen:
                title = _VERDICTS[verdict].text(lang)
                lines += ["", f"{title} ({len(chosen)}), {'公布 | 计算' if zh else 'published | computed'}:"]
                lines += [f"  {line.said(lang)}" for line in chosen]
        for side, said in _SIDES.items():
            missing = [one for one in self.unmatched if one.side == side]
            if missing:
                title = f"{said.text(lang)}中未匹配" if zh else f"unmatched, {said.text(lang)}"
                lines += ["", f"{title} ({len(missing)}):"]
                lines += [f"  {one.said(lang)}" for one in missing]
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.report()
