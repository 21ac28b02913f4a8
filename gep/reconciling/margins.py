"""A matrix and its margins as they are given: labels, holes, fixed cells, weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gep.auditing.rounding import number
from gep.errors import DoesNotAddUp, Faults, LedgerError
from gep.reconciling.attaining import Mask
from gep.reconciling.linear import Vector

Margin = Mapping[str, float] | pd.Series
Cells = tuple[tuple[str, str], ...]
#: Two totals that differ by less, as a part of them, are one.
_SAME = 1e-9


@dataclass(frozen=True)
class Frame:
    """A matrix with its margins, checked.

    Attributes
    ----------
    cells : array
        The matrix; a hole begins as the margins suggest.
    rows, columns : array
        The margins.
    holes, kept : array of bool
        What was missing; what stays as it is.
    """

    names: tuple[tuple[str, ...], tuple[str, ...]]
    cells: Vector
    rows: Vector
    columns: Vector
    holes: Mask
    kept: Mask

    @classmethod
    def read(
        cls,
        matrix: pd.DataFrame,
        rows: Margin,
        columns: Margin,
        fixed: pd.DataFrame | Sequence[tuple[str, str]] | None,
        *,
        missing: str,
    ) -> Frame:
        """Read and check everything that does not depend on the method."""
        names = tuple(map(str, matrix.index)), tuple(map(str, matrix.columns))
        faults = Faults()
        across = _margin(rows, names[0], "rows", faults)
        down = _margin(columns, names[1], "columns", faults)
        faults.raise_as(LedgerError, "the margins do not fit the matrix", where="balance")
        _one_total(across, down)
        cells = matrix.to_numpy(float, copy=True)
        if np.isinf(cells).any():
            raise LedgerError("a cell is infinite", where="balance", expected="finite numbers")
        total = float(across.sum())
        suggested = np.outer(across, down) / total if total else np.zeros_like(cells)
        holes = np.isnan(cells)
        made = cls(names, np.where(holes, suggested, cells), across, down, holes, _kept(matrix, fixed))
        made._refuse(missing)
        return made

    def _refuse(self, missing: str) -> None:
        if self.holes.any() and missing != "estimate":
            raise LedgerError(
                f"{int(self.holes.sum())} cells are missing: {listed(self.at(self.holes))}", where="balance",
                expected="a number in each cell", fix="fill them in, or missing='estimate'",
            )  # fmt: skip
        both = self.holes & self.kept
        if both.any():
            raise LedgerError(
                f"fixed and missing: {listed(self.at(both))}", where="balance(fixed=...)",
                expected="a number in each fixed cell",
            )  # fmt: skip

    def give(self, weights: pd.DataFrame | None) -> Vector:
        """Return one over the weight of each cell, the largest being one; zero where it stays as it is."""
        if weights is None:
            return np.where(self.kept, 0.0, 1.0)
        named = weights.rename(index=str, columns=str)
        given = named.reindex(index=self.names[0], columns=self.names[1]).to_numpy(float)
        bad = ~(given > 0.0)
        if bad.any():
            raise LedgerError(
                f"weights of {listed(self.at(bad))}", where="balance(weights=...)",
                expected="a number above zero for each cell, infinite where it may not change",
            )  # fmt: skip
        give = np.where(self.kept, 0.0, 1.0 / given)
        return np.asarray(give / (float(give.max()) or 1.0))

    def left(self, held: Vector, *, signed: bool) -> tuple[Vector, Vector]:
        """Return the margins less what is held; below zero only where ``signed``."""
        found = self.rows - held.sum(1), self.columns - held.sum(0)
        if signed:
            return found
        size = float(np.abs(self.rows).sum()) or 1.0
        over = [
            f"{name} ({number(value)})"
            for margin, names in zip(found, self.names, strict=True)
            for name, value in zip(names, margin, strict=True)
            if value < -_SAME * size
        ]
        if over:
            raise DoesNotAddUp(
                f"less than nothing is left for the cells that may change: {', '.join(over)}",
                where="balance", expected="margins at or above zero and what is fixed",
            )  # fmt: skip
        return np.maximum(found[0], 0.0), np.maximum(found[1], 0.0)

    def at(self, mask: Mask) -> Cells:
        """Return the labels of some cells."""
        return tuple((self.names[0][i], self.names[1][j]) for i, j in zip(*np.nonzero(mask), strict=True))


def listed(cells: Cells) -> str:
    """Return cells as text, the first dozen."""
    more = f" and {len(cells) - 12} more" if len(cells) > 12 else ""
    return ", ".join(f"{row} / {column}" for row, column in cells[:12]) + more


def _margin(margin: Margin, labels: Sequence[str], side: str, faults: Faults) -> Vector:
    given = {str(k): float(v) for k, v in margin.items()}
    lacking = [n for n in labels if not np.isfinite(given.get(n, np.nan))]
    strange = [n for n in given if n not in labels]
    if len(set(labels)) < len(labels):
        faults.add("labels stand more than once", where=side, expected="one row or column each")
    if lacking:
        faults.add(f"no total for {', '.join(lacking)}", where=side, expected="a number for each")
    if strange:
        faults.add(f"totals of {', '.join(strange)}, which the matrix lacks", where=side)
    return np.array([given.get(n, np.nan) for n in labels], float)


def _one_total(across: Vector, down: Vector) -> None:
    rows, columns = float(across.sum()), float(down.sum())
    if abs(rows - columns) > _SAME * max(abs(rows), abs(columns)):
        raise DoesNotAddUp(
            f"the rows add up to {number(rows)}, the columns to {number(columns)}: a difference of "
            f"{number(abs(rows - columns))}",
            where="balance", expected="margins of one total",
            fix="decide which total holds, and scale the other",
        )  # fmt: skip


def _kept(matrix: pd.DataFrame, fixed: pd.DataFrame | Sequence[tuple[str, str]] | None) -> Mask:
    if isinstance(fixed, pd.DataFrame):
        mask = fixed.reindex(index=matrix.index, columns=matrix.columns, fill_value=False)
        return mask.to_numpy(bool)
    mask = pd.DataFrame(data=False, index=matrix.index, columns=matrix.columns)
    for row, column in fixed or ():
        if row not in mask.index or column not in mask.columns:
            raise LedgerError(f"no cell {row} / {column}", where="balance(fixed=...)")
        mask.loc[row, column] = True
    return mask.to_numpy(bool)
