"""Analytic propagation of first order, and which number moves a total the most."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import sparse

from gep.uncertainty.drawing import BLOCK
from gep.uncertainty.terms import Numbers

if TYPE_CHECKING:
    from gep.uncertainty.result import Uncertainty


def moments(found: Uncertainty, matrix: sparse.csr_matrix) -> tuple[Numbers, Numbers]:
    """Return mean and standard deviation of groups, from slopes at the best values.

    The mean is ``value + slopes (means - best)``, the variance ``slopes covariance slopes'``:
    exact where the account is linear in what is uncertain (JCGM 100:2008, 5.1.2 and 5.2.2).
    """
    best, slopes = _best(found), (matrix @ found.responses.terms.slopes()).tocsr()
    means, covariance = found.drawing.moments()
    value = (matrix @ found.responses.terms.table(best[:, None]))[:, 0]
    variance = np.empty(matrix.shape[0])
    size = max(1, found.memory // (4 * 8 * max(1, len(best))))
    for start in range(0, len(variance), size):
        part = slopes[start : start + size].toarray()
        variance[start : start + size] = ((part @ covariance) * part).sum(axis=1)
    return value + slopes @ (means - best), np.sqrt(np.maximum(variance, 0.0))


def tornado(found: Uncertainty, matrix: sparse.csr_matrix) -> pd.DataFrame:
    """Return what each factor does alone to one group, the widest swing first."""
    factors = found.responses.factors
    best = _best(found)
    at = np.tile(best[:, None], 2 * len(factors))
    for k, factor in enumerate(factors):
        at[k, 2 * k : 2 * k + 2] = factor.low, factor.high
    ends = np.empty(at.shape[1])
    for start in range(0, len(ends), BLOCK):
        products = found.responses.terms.table(at[:, start : start + BLOCK])
        ends[start : start + BLOCK] = (matrix @ products)[0]
    slopes = (matrix @ found.responses.terms.slopes()).toarray()[0]
    _, covariance = found.drawing.moments()
    parts = slopes * (covariance @ slopes)
    whole = parts.sum()
    table = pd.DataFrame(
        {
            "low": [f.low for f in factors],
            "high": [f.high for f in factors],
            "unit": [f.unit for f in factors],
            "total_low": ends[::2],
            "total_high": ends[1::2],
            "swing": np.abs(ends[1::2] - ends[::2]),
            "share_of_variance": parts / whole if whole else np.zeros(len(parts)),
            "origin": [f.origin for f in factors],
            "source": [f.source for f in factors],
        },
        index=pd.Index([f.name for f in factors], name="factor"),
    )
    return table.sort_values("swing", ascending=False, kind="stable")


def _best(found: Uncertainty) -> Numbers:
    return np.array([f.value for f in found.responses.factors], float)
