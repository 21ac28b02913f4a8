"""Draws of uncertain numbers: by a seed, alike for any size of chunk, correlated by source."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gep.errors import LedgerError
from gep.uncertainty.ranges import Factor

Numbers = NDArray[np.float64]
#: Draws that share a state of the generator; a constant, so that no option can change a draw.
BLOCK = 1000
#: Key of the correlation of all sources that are not named.
OTHERS = "source"
#: Correlation within a source unless given: an error of a document is common to its rows, and
#: independent rows would make a total the surer the more rows a document prints.
WHOLE = 1.0
#: Nodes of the Gauss-Hermite rule for covariances.
_NODES = 100


@dataclass(frozen=True)
class Drawing:
    """Draws of factors under a Gaussian copula with one correlation for each source.

    Rows of the same source and quantity share a normal deviate ``g``; the deviate of a row is
    ``sqrt(rho) g + sqrt(1 - rho) e`` with an ``e`` of its own.

    Parameters
    ----------
    factors : sequence of Factor
        What is drawn.
    seed : int
        Of the generator (PCG64). Streams are named by factor and group: another factor more or
        less changes no draw of the rest, and more draws begin with the same ones.
    correlation : float or mapping of str to float
        0 to 1, for all sources or by source; ``"source"`` stands for those not named.
    """

    factors: Sequence[Factor]
    seed: int
    correlation: float | Mapping[str, float] = WHOLE

    def __post_init__(self) -> None:
        sources = {f.source for f in self.factors if f.source}
        given = self.correlation if isinstance(self.correlation, Mapping) else {OTHERS: self.correlation}
        strange = sorted(set(given) - sources - {OTHERS})
        wrong = [f"{name}: {rho}" for name, rho in given.items() if not 0.0 <= rho <= 1.0]
        if strange or wrong:
            raise LedgerError(
                f"correlation of {', '.join(strange + wrong)}",
                expected=f"0 to 1 for sources {', '.join(sorted(sources)) or '(none here)'}, or {OTHERS!r}",
            )

    def rho(self, factor: Factor) -> float:
        """Return the correlation of a factor with others of its group."""
        if not factor.source:
            return 0.0
        if isinstance(self.correlation, Mapping):
            return float(self.correlation.get(factor.source, self.correlation.get(OTHERS, WHOLE)))
        return float(self.correlation)

    def block(self, number: int) -> Numbers:
        """Return the values of all factors (rows) in one block of draws."""
        common: dict[tuple[str, str], Numbers] = {}
        values = np.empty((len(self.factors), BLOCK))
        for k, factor in enumerate(self.factors):
            rho = self.rho(factor)
            deviates = np.zeros(BLOCK)
            if rho > 0.0:
                if factor.group not in common:
                    common[factor.group] = self._normal("/".join(("group", *factor.group)), number)
                deviates += np.sqrt(rho) * common[factor.group]
            if rho < 1.0:
                deviates += np.sqrt(1.0 - rho) * self._normal(f"factor/{factor.name}", number)
            values[k] = factor.at(deviates)
        return values

    def _normal(self, name: str, number: int) -> Numbers:
        digest = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
        state = np.random.SeedSequence(self.seed, spawn_key=(digest, number))
        return np.random.Generator(np.random.PCG64(state)).standard_normal(BLOCK)

    def moments(self) -> tuple[Numbers, Numbers]:
        """Return means and covariances of the factors, by quadrature and not by drawing.

        The correlation of the copula is one of normal deviates; what is returned is that of the
        values. Given the deviate of their group, factors are independent: their covariance is that
        of their means given it.
        """
        nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
        weights = weights / weights.sum()
        means = np.array([float(f.law.mean()) for f in self.factors])
        given = np.empty((len(self.factors), _NODES))
        for k, factor in enumerate(self.factors):
            rho = self.rho(factor)
            deviates = np.sqrt(rho) * nodes[:, None] + np.sqrt(1.0 - rho) * nodes[None, :]
            given[k] = factor.at(deviates) @ weights
        given -= (given @ weights)[:, None]
        groups = np.unique([f"{f.group}" for f in self.factors], return_inverse=True)[1]
        covariance = (given * weights) @ given.T * (groups[:, None] == groups[None, :])
        np.fill_diagonal(covariance, [float(f.law.var()) for f in self.factors])
        return means, covariance
