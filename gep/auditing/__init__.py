"""A published account checked against itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gep.auditing import (
    checks_growth,
    checks_lines,
    checks_meaning,
    checks_plausible,
    checks_ratios,
    checks_rows,
    checks_shares,
    checks_sums,
    checks_totals,
)
from gep.auditing.findings import Cause, Check, Finding, Record
from gep.auditing.published import load
from gep.auditing.report import AuditReport
from gep.auditing.rounding import Interval, interval
from gep.auditing.structure import Tree, build

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from gep.auditing.checks_sums import Groups

__all__ = ["AuditReport", "Cause", "Check", "Finding", "Interval", "audit", "interval"]


def audit(
    published: str | Path | pd.DataFrame,
    *,
    year: int | None = None,
    tolerance: float = 0.0,
    against: str | Path | pd.DataFrame | None = None,
    groups: Groups | None = None,
) -> AuditReport:
    """Check a published account against itself.

    Every printed number is the interval its digits allow; a relation fails only where the intervals
    do not meet. What holds is listed as well as what does not.

    Parameters
    ----------
    published : path or DataFrame
        One row a printed figure, with the columns ``category`` (provisioning, regulating, cultural,
        supporting, total, context), ``service``, ``indicator``, ``physical_value``,
        ``physical_unit``, ``price_value``, ``price_unit``, ``money_value``, ``money_unit``, and
        where known ``account``, ``region``, ``year``, ``factor_value``, ``source``, ``flag``
        (``D``: derived, so no evidence), ``note``, ``derivation``. Give text, so that the printed
        digits are known.
    year : int, optional
        Report on this year only; other years still serve for growth.
    tolerance : float
        Relative difference to forgive, on top of rounding.
    against : path or DataFrame, optional
        Another account of the same region and year; services are compared.
    groups : sequence of (names, percent), optional
        Places known by bounds that together make a share of the total.

    Raises
    ------
    gep.errors.TableError
        The table cannot be read; all faults at once, with file and line.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("provisioning", "material", "1.34"), ("regulating", "all regulating", "28.44"),
    ...         ("cultural", "all cultural", "73.29"), ("total", "total", "103.70")]
    >>> table = pd.DataFrame(rows, columns=["category", "service", "money_value"])
    >>> table["money_unit"] = "1e8 CNY"
    >>> report = audit(table)
    >>> report.findings[0].code, report.findings[0].causes[-1].key
    ('sum', 'transposed-digits')
    >>> bool(audit(table.replace("103.70", "103.07")))
    False
    """
    book = load(published)
    trees = [build(rows) for rows in book.scopes()]
    record = Record(tolerance)
    checks_lines.lines(book.rows, record)
    for tree in trees:
        checks_sums.sums(tree, record)
        checks_sums.areas(tree, record)
        checks_shares.shares(tree, record)
        checks_ratios.ratios(tree, record)
        checks_meaning.meaning(tree, record)
        checks_rows.rows(tree, record)
        checks_plausible.plausible(tree, record)
    checks_growth.growth(trees, record)
    checks_totals.totals(trees, record)
    checks_sums.bounds(book, trees, groups, record)
    if against is not None:
        _against(trees, against, record)
    return AuditReport.of(book.name, record, year)


def _against(trees: Sequence[Tree], other: str | Path | pd.DataFrame, record: Record) -> None:
    checks_sums.against(trees, [build(rows) for rows in load(other).scopes()], record)
