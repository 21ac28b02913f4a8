"""A matrix of services by places fitted to the totals of its rows and columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from gep.auditing.rounding import number
from gep.errors import LedgerError
from gep.reconciling.attaining import Mask, forced_zeros, refuse_parts
from gep.reconciling.fitting import departure, least_squares, ras
from gep.reconciling.linear import Vector
from gep.reconciling.margins import Frame, Margin, listed

_WORDS = {
    "en": ("{} by {}, {} cells fitted by {} in {} rounds; largest departure from a margin {:.1e}",
           "estimated, was missing: {}", "zero in every matrix with these margins: {}",
           "largest adjustments:"),
    "zh": ("{0} 行 {1} 列，以 {3} 调整 {2} 个单元格，迭代 {4} 次；与控制数最大偏差 {5:.1e}",
           "原缺失，现为估计值：{}", "在此控制数下必为零：{}", "最大调整："),
}  # fmt: skip


@dataclass(frozen=True)
class Balanced:
    """A matrix that adds up to its margins; made by :func:`gep.balance`.

    Attributes
    ----------
    table : DataFrame
        The fitted matrix.
    before : DataFrame
        As it was given.
    status : DataFrame
        ``given`` where a cell is as it was, ``estimated`` where it was changed or was missing.
    method : str
        ``ras`` or ``least_squares``.
    rounds : int
        How many rounds the fit took; none where the matrix fitted as it was.
    departure : float
        Largest gap between a sum and its margin, relative to the margin.
    forced : tuple of (row, column)
        Cells that no matrix with these margins and zeros has above zero; they were set to zero.
    missing : tuple of (row, column)
        Cells that were missing.
    """

    table: pd.DataFrame
    before: pd.DataFrame
    status: pd.DataFrame
    method: str
    rounds: int
    departure: float
    forced: tuple[tuple[str, str], ...] = ()
    missing: tuple[tuple[str, str], ...] = ()

    @property
    def adjustments(self) -> pd.DataFrame:
        """Every cell that was changed: ``before, after, change, relative``, largest change first."""
        stacked = {"before": self.before, "after": self.table}
        columns = {k: frame.to_numpy().ravel() for k, frame in stacked.items()}
        index = pd.MultiIndex.from_product([self.table.index, self.table.columns], names=["row", "column"])
        made = pd.DataFrame(columns, index=index)[(self.status == "estimated").to_numpy().ravel()]
        made["change"] = made["after"] - made["before"]
        with np.errstate(divide="ignore", invalid="ignore"):
            made["relative"] = made["change"] / made["before"].abs()
        return made.sort_values("change", key=abs, ascending=False, kind="stable", na_position="first")

    def report(self, lang: Literal["en", "zh"] = "en") -> str:
        """Return how well it fits and what changed most, as text."""
        head, missing, forced, largest = _WORDS[lang]
        changed = self.adjustments
        lines = [head.format(*self.table.shape, len(changed), self.method, self.rounds, self.departure)]
        lines += [missing.format(listed(self.missing))] if self.missing else []
        lines += [forced.format(listed(self.forced))] if self.forced else []
        lines += [largest] if len(changed) else []
        for (row, column), before, after, _, relative in changed.head(5).itertuples(name=None):
            part = f" ({relative:+.1%})" if np.isfinite(relative) else ""
            lines.append(f"  {row} / {column}: {number(before)} -> {number(after)}{part}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.report()


def balance(
    matrix: pd.DataFrame,
    *,
    rows: Margin,
    columns: Margin,
    method: Literal["ras", "least_squares"] = "ras",
    weights: pd.DataFrame | None = None,
    fixed: pd.DataFrame | Sequence[tuple[str, str]] | None = None,
    missing: Literal["refuse", "estimate"] = "refuse",
    nonnegative: bool = False,
    tolerance: float = 1e-11,
    limit: int = 20_000,
) -> Balanced:
    """Fit a matrix to the totals of its rows and its columns.

    Parameters
    ----------
    matrix : DataFrame
        Amounts of one unit, such as services by townships.
    rows, columns : mapping or Series
        Control totals by row and by column label, in the unit of the matrix.
    method : {"ras", "least_squares"}
        Factors of rows and columns (biproportional: zeros stay zero, cross-product ratios stay), or
        the least sum of weighted squares of changes.
    weights : DataFrame, optional
        For least squares: how much a change of each cell counts; infinite where it may not change.
        One everywhere unless given; ``1 / matrix.abs()`` makes changes alike in proportion.
    fixed : DataFrame of bool, or sequence of (row, column), optional
        Cells that stay as they are.
    missing : {"refuse", "estimate"}
        What becomes of NaN: it is refused, or estimated from the margins and told.
    nonnegative : bool
        Keep the cells of least squares from falling below zero.
    tolerance : float
        Largest departure from a margin, relative to it.
    limit : int
        Rounds after which to give up.

    Returns
    -------
    Balanced

    Raises
    ------
    LedgerError
        Labels that do not agree, missing or unsuitable numbers; all at once.
    DoesNotAddUp
        Margins of different totals, or that the cells cannot hold; which and by how much.

    Examples
    --------
    >>> table = pd.DataFrame([[1.0, 2.0], [3.0, 0.0]], ["crops", "tourism"], ["north", "south"])
    >>> made = balance(table, rows={"crops": 4, "tourism": 3}, columns={"north": 5, "south": 2})
    >>> made.table.round(6).values.tolist(), made.status.loc["tourism", "south"]
    ([[2.0, 2.0], [3.0, 0.0]], 'given')
    """
    frame = Frame.read(matrix, rows, columns, fixed, missing=missing)
    give = frame.give(weights if method == "least_squares" else None)
    _suits(frame, method)
    fits = departure(frame.cells, frame.rows, frame.columns) <= tolerance and not frame.holes.any()
    if fits and not (nonnegative and (frame.cells < 0.0).any()):
        return _result(matrix, frame, frame.cells, method, 0, np.zeros_like(frame.kept))
    held = np.where(give > 0.0, 0.0, frame.cells)
    whole = frame.cells - held
    left = frame.left(held, signed=method == "least_squares" and not nonnegative)
    forced = np.zeros_like(frame.kept)
    if method == "ras":
        forced = forced_zeros(whole > 0.0, *left, frame.names)
        made, rounds = ras(np.where(forced, 0.0, whole), *left, tolerance=tolerance, limit=limit)
    else:
        if nonnegative:
            forced_zeros(give > 0.0, *left, frame.names)
        refuse_parts(give > 0.0, *left, frame.names)
        made, rounds = least_squares(
            whole, *left, give, tolerance=tolerance, limit=limit, nonnegative=nonnegative
        )
    return _result(matrix, frame, made + held, method, rounds, forced)


def _suits(frame: Frame, method: str) -> None:
    """Refuse what a method cannot work with."""
    if method not in ("ras", "least_squares"):
        raise LedgerError(f"no method {method!r}", where="balance", expected="'ras' or 'least_squares'")
    below = (frame.cells < 0.0) & ~frame.kept
    if method == "ras" and below.any():
        raise LedgerError(
            f"below zero: {listed(frame.at(below))}", where="balance(method='ras')",
            expected="amounts at or above zero", fix="method='least_squares', or fixed= for these cells",
        )  # fmt: skip


def _result(
    matrix: pd.DataFrame, frame: Frame, made: Vector, method: str, rounds: int, forced: Mask
) -> Balanced:
    table = pd.DataFrame(made, matrix.index, matrix.columns)
    same = matrix.to_numpy(float) == made
    status = pd.DataFrame(np.where(same, "given", "estimated"), matrix.index, matrix.columns)
    gap = departure(made, frame.rows, frame.columns)
    return Balanced(
        table, matrix.astype(float), status, method, rounds, gap, frame.at(forced), frame.at(frame.holes)
    )
