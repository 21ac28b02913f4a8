"""The uncertainty of an account: intervals of totals, shares, ranks and ratios."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse, special, stats

from gep import units
from gep.errors import LedgerError
from gep.ledger import Ledger
from gep.ledger.parts import KEYS
from gep.ledger.views import in_order, labelled, levels, with_levels
from gep.uncertainty import first_order, words
from gep.uncertainty.chosen import is_counted
from gep.uncertainty.drawing import BLOCK, WHOLE, Drawing
from gep.uncertainty.measuring import Responses, of_ledger
from gep.uncertainty.ranges import Range
from gep.uncertainty.terms import Numbers, Places

#: Bytes that draws may take at once.
MEMORY = 256 * 2**20
#: Part of the draws within an interval.
LEVEL = 0.95


class Uncertainty:
    """Intervals of an account whose uncertain numbers are drawn thousands of times.

    Grids are not touched: a draw is a product of the terms of :class:`Responses` with the drawn
    numbers. Beside every Monte Carlo interval stands the analytic one of first order.

    Read an interval as: *if the ranges of the numbers that have one are right, and all else is
    exact, the figure lies within with this probability*. What has no range (see ``fixed``), land
    that is not covered, and the choice of method (see :func:`compare_profiles`) are not in it.

    Parameters
    ----------
    responses : Responses
        From :func:`responses` (measured) or :func:`of_ledger` (assumed).
    draws : int
        Number of draws.
    seed : int, optional
        One is drawn and kept in ``seed`` if none is given.
    correlation : float or mapping of str to float
        How rows of the same source and quantity move together; see :class:`Drawing`.
    memory : int
        Bytes that tables of draws may take at once; no result depends on it.

    Attributes
    ----------
    seed : int
        With it, ``draws`` and the same ranges, every figure comes out again.
    """

    def __init__(
        self,
        responses: Responses,
        draws: int = 10_000,
        *,
        seed: int | None = None,
        correlation: float | Mapping[str, float] = WHOLE,
        memory: int = MEMORY,
    ) -> None:
        if draws < 2:
            raise LedgerError(f"{draws} draws", expected="two at least, thousands for an interval")
        self.responses, self.draws, self.memory = responses, int(draws), int(memory)
        self.seed = int(np.random.SeedSequence().entropy) if seed is None else int(seed)  # type: ignore[arg-type]
        self.drawing = Drawing(responses.factors, self.seed, correlation)
        self._kept: Numbers | None = None

    @classmethod
    def of_ledger(
        cls,
        ledger: Ledger,
        ranges: Mapping[str, Range] | None = None,
        *,
        elasticity: Mapping[str, float] | None = None,
        **options: Any,
    ) -> Uncertainty:
        """Return the uncertainty of a ledger that cannot be compiled again; see :func:`of_ledger`."""
        return cls(of_ledger(ledger, ranges, elasticity), **options)

    @property
    def ledger(self) -> Ledger:
        """Return the account at the best values."""
        return self.responses.ledger

    @property
    def factors(self) -> pd.DataFrame:
        """Return what is uncertain, with ranges and how they are read."""
        return self.responses.table

    @property
    def fixed(self) -> pd.DataFrame:
        """Return coefficients and inputs without a range, and the value that rests on them."""
        return self.responses.fixed

    @cached_property
    def totals(self) -> Numbers:
        """Return the total of each draw, in the ledger's currency."""
        groups = np.where(is_counted(self.ledger), 0, -1)
        found: Numbers = next(iter(self.slabs(self.matrix(groups, 1))))[1][0]
        return found

    # ------------------------------------------------------------------ tables

    def interval(
        self,
        level: float = LEVEL,
        *,
        by: str | Sequence[str] = (),
        unit: str = "",
        labels: str = "",
        intermediate: bool = False,
    ) -> pd.DataFrame:
        """Return intervals of totals.

        Parameters
        ----------
        level : float
            Part of the draws within ``low`` and ``high``, the same left out on either side.
        by : str or sequence of str
            Keys of :meth:`gep.Ledger.by`; the whole if empty.
        unit : str
            As in :meth:`gep.Ledger.by`.
        labels : {"", "zh", "en"}
            Write names instead of codes.
        intermediate : bool
            Count intermediate services as well.

        Returns
        -------
        DataFrame
            ``value`` (of the ledger, which need not be the mean), ``mean, sd, median, low, high``
            of the draws, ``missing_rows``. Where no row has a value, all are NaN.
        """
        keys = _keys(by)
        unit = unit or self._usual(8)
        groups, table = self.grouped(keys, intermediate=intermediate)
        made = self._quantiles(self.matrix(groups, len(table)), level) * self.ledger.factor(unit)
        found = self._finished(table, made, unit, level)
        return labelled(self.ledger, found, keys, labels) if labels and keys else found

    def shares(self, level: float = LEVEL, *, by: str = "category") -> pd.DataFrame:
        """Return intervals (``level``) of shares ``by`` a key in the total; each draw adds up to one."""
        groups, table = self.grouped((by,))
        whole = self.totals
        made = self._quantiles(self.matrix(groups, len(table)), level, whole)
        table = table.assign(value=table["value"] / table["value"].sum())
        return self._finished(table, made, "1", level)

    def per_area(self, unit: str = "", level: float = LEVEL, *, by: str = "") -> pd.DataFrame:
        """Return intervals of value per accounted area, of the region or by zone or level.

        Areas are taken as exact. Parameters as for :meth:`gep.Ledger.per_area`.
        """
        ledger = self.ledger
        unit = unit or f"{self._usual(4)}/km2"
        money, _, below = unit.partition("/")
        table = self.interval(level, by=by, unit=ledger.price_year)
        areas = ledger.zones["area_m2"].astype(float)
        if by and by != "zone":
            if by not in levels(ledger):
                raise LedgerError(f"no area by {by!r}", expected=f"zone, {', '.join(levels(ledger))}")
            areas = areas.groupby(ledger.zones[by]).sum()
        found = areas.reindex(table.index) if by else pd.Series(float(areas.sum()), table.index)
        if by:
            # what is kept at region level lies on all of it
            found = found.where(table.index != ledger.meta.region, float(ledger.zones["area_m2"].sum()))
        columns = [c for c in table.columns if c != "missing_rows"]
        factor = ledger.factor(money) / units.factor("m2", below)
        table[columns] = table[columns].div(found.where(found > 0.0), axis=0) * factor
        table.attrs["units"] = unit
        return table

    def ranks(self, level: float = LEVEL, *, by: str = "zone") -> pd.DataFrame:
        """Return how sure (``level``) the order of zones, or what ``by`` names, is; the largest has rank 1.

        Returns
        -------
        DataFrame
            ``rank`` in the ledger, ``median, low, high`` of the ranks drawn, and ``probability`` of
            the rank that the ledger gives. Value that is not allocated to zones has no rank.
        """
        table, drawn = self._drawn_ranks(by)
        ends = [0.5, 0.5 - level / 2.0, 0.5 + level / 2.0]
        found = np.quantile(drawn, ends, axis=1, method="nearest") if len(table) else np.empty((3, 0))
        made = pd.DataFrame({"rank": table["rank"].astype(int)})
        for name, values in zip(("median", "low", "high"), found, strict=True):
            made[name] = values.astype(int)
        made["probability"] = (drawn == table["rank"].to_numpy()[:, None]).mean(axis=1)
        made.attrs |= {"level": level, "seed": self.seed, "draws": self.draws}
        return made.sort_values("rank", kind="stable")

    def rank_probabilities(self, *, by: str = "zone") -> pd.DataFrame:
        """Return the probability of each rank (columns) for each zone (or service, ...)."""
        table, drawn = self._drawn_ranks(by)
        size = len(table)
        counts = [np.bincount(row, minlength=size + 1)[1:] for row in drawn]
        made = np.array(counts, float).reshape(size, size) / self.draws
        return pd.DataFrame(made, table.index, pd.RangeIndex(1, size + 1, name="rank"))

    def first_order(
        self,
        level: float = LEVEL,
        *,
        by: str | Sequence[str] = (),
        unit: str = "",
        intermediate: bool = False,
    ) -> pd.DataFrame:
        """Return analytic intervals of first order; parameters as of :meth:`interval`, to stand beside it.

        Returns
        -------
        DataFrame
            ``value, mean, sd, low, high, missing_rows``; the ends are those of a normal
            distribution. Exact in mean and sd where the account is linear.
        """
        keys = _keys(by)
        unit = unit or self._usual(8)
        groups, table = self.grouped(keys, intermediate=intermediate)
        mean, sd = first_order.moments(self, self.matrix(groups, len(table)))
        reach = float(special.ndtri(0.5 + _checked(level) / 2.0)) * sd
        made = pd.DataFrame({"mean": mean, "sd": sd, "low": mean - reach, "high": mean + reach})
        return self._finished(table, made * self.ledger.factor(unit), unit, level)

    def tornado(self, *, unit: str = "", **where: str | int) -> pd.DataFrame:
        """Return which number moves the total the most.

        Parameters
        ----------
        unit : str
            As in :meth:`gep.Ledger.by`.
        **where : str or int
            A part of the account, as in :meth:`gep.Ledger.total`: ``service="soil_retention"``.

        Returns
        -------
        DataFrame
            By factor, the widest swing first: the ends ``low, high`` of its range, the total with
            it alone at either end, ``swing``, and its ``share_of_variance`` to first order;
            correlated factors share what they do together, so that shares add up to one.
        """
        unit = unit or self._usual(8)
        groups, _ = self.grouped(())
        known = with_levels(self.ledger, self.ledger.frame)
        for key, value in where.items():
            self.grouped((key,))
            wanted = self.ledger.zone_code(value) if key == "zone" else str(value)
            groups = np.where(known[key] == wanted, groups, -1)
        if not (groups >= 0).any():
            raise LedgerError(f"no rows with {where}", expected=f"services {', '.join(self.ledger.services)}")
        table = first_order.tornado(self, self.matrix(groups, 1))
        money = ["total_low", "total_high", "swing"]
        table[money] *= self.ledger.factor(unit)
        table.attrs["units"] = f"{unit} ({self.ledger.price_year})"
        base = self.ledger.frame["value"].to_numpy()[groups >= 0]
        table.attrs["base"] = math.fsum(base[~np.isnan(base)]) * self.ledger.factor(unit)
        return table

    # ------------------------------------------------------------------ words

    @cached_property
    def findings(self) -> list[str]:
        """Return everything that a reader of the intervals must know."""
        return words.findings(self)

    def summary(self, level: float = LEVEL, unit: str = "") -> str:
        """Return the total in ``unit`` with its intervals (``level``), and what moves it, as text."""
        return words.summary(self, level, unit or self._usual(8))

    def __repr__(self) -> str:
        return (
            f"<Uncertainty of {self.ledger.meta.region} {self.ledger.year}:"
            f" {len(self.responses.factors)} factors, {self.draws} draws, seed {self.seed}>"
        )

    # ------------------------------------------------------------------ draws of groups

    def grouped(
        self, keys: Sequence[str], *, intermediate: bool = False, zones_only: bool = False
    ) -> tuple[Places, pd.DataFrame]:
        """Return the group of each row by ``keys`` (-1 where it is not counted), and values by group.

        ``intermediate`` services are counted if asked; ``zones_only`` leaves out the region's own rows.
        """
        ledger = self.ledger
        known = (*KEYS, *levels(ledger))
        strange = [k for k in keys if k not in known]
        if strange:
            raise LedgerError(f"no key {strange}", expected=", ".join(known))
        frame = with_levels(ledger, ledger.frame)
        counted = np.ones(len(frame), bool) if intermediate else is_counted(ledger)
        if zones_only:
            counted = counted & frame["zone"].isin(ledger.zones.index).to_numpy()
        rows = frame[counted]
        named: list[Any] = list(keys) or [np.full(len(rows), "total")]
        by = rows.groupby(named, sort=False)
        numbers, values = by.ngroup().to_numpy(), by["value"]
        table = pd.DataFrame({"value": values.sum(min_count=1), "missing_rows": values.agg(_missing)})
        groups = np.full(len(frame), -1, np.int64)
        groups[counted] = numbers
        return groups, table

    def matrix(self, groups: Places, size: int) -> sparse.csr_matrix:
        """Return amounts by group and product: ``size`` groups, ``groups`` naming that of each row."""
        return self.responses.terms.matrix(groups, size)

    def slabs(self, matrix: sparse.csr_matrix) -> Iterator[tuple[slice, Numbers]]:
        """Yield groups in pieces that fit into memory, with all of their draws."""
        size = max(1, self.memory // (4 * 8 * self.draws))
        for start in range(0, matrix.shape[0], size):
            part = matrix[start : start + size]
            found = np.empty((part.shape[0], self.draws))
            for at, table in self.tables():
                found[:, at] = part @ table
            yield slice(start, start + part.shape[0]), found

    def tables(self) -> Iterator[tuple[slice, Numbers]]:
        """Yield the products at the drawn numbers, block by block; they are kept if they fit."""
        products = len(self.responses.terms.products)
        if self._kept is None and products * self.draws * 8 <= self.memory // 4:
            self._kept = np.empty((products, self.draws))
            for at, table in self._computed():
                self._kept[:, at] = table
        if self._kept is None:
            yield from self._computed()
            return
        for start in range(0, self.draws, BLOCK):
            at = slice(start, min(start + BLOCK, self.draws))
            yield at, np.ascontiguousarray(self._kept[:, at])

    def _computed(self) -> Iterator[tuple[slice, Numbers]]:
        for number, start in enumerate(range(0, self.draws, BLOCK)):
            at = slice(start, min(start + BLOCK, self.draws))
            values = self.drawing.block(number)[:, : at.stop - at.start]
            with np.errstate(invalid="ignore", divide="ignore"):
                table = self.responses.terms.table(values)
            if not np.isfinite(table).all():
                self._refuse_undefined(table)
            yield at, table

    def _refuse_undefined(self, table: Numbers) -> None:
        bad = int(np.flatnonzero(~np.isfinite(table).all(axis=1))[0])
        names = [self.responses.factors[basis[0]].name for basis in self.responses.terms.products[bad]]
        raise LedgerError(
            "some draws give no number", where=", ".join(names),
            expected="ranges over which a row can be computed", fix="uniform, triangular or lognormal",
        )  # fmt: skip

    def _quantiles(
        self, matrix: sparse.csr_matrix, level: float, whole: Numbers | None = None
    ) -> pd.DataFrame:
        """Return mean, sd and quantiles of the draws of each group (or of its share in ``whole``)."""
        _checked(level)
        ends = [0.5, 0.5 - level / 2.0, 0.5 + level / 2.0]
        pieces = []
        for _, totals in self.slabs(matrix):
            drawn = totals if whole is None else totals / whole
            mean, sd = drawn.mean(axis=1), drawn.std(axis=1, ddof=1)
            # a mean of equal numbers may be rounded, and would spread them
            sd[drawn.min(axis=1) == drawn.max(axis=1)] = 0.0
            pieces.append(np.vstack([mean, sd, np.quantile(drawn, ends, axis=1, overwrite_input=True)]))
        found = np.hstack(pieces) if pieces else np.empty((5, 0))
        return pd.DataFrame(found.T, columns=["mean", "sd", "median", "low", "high"])

    def _finished(self, table: pd.DataFrame, made: pd.DataFrame, unit: str, level: float) -> pd.DataFrame:
        factor = self.ledger.factor(unit) if unit != "1" else 1.0
        made = made.set_index(table.index)
        found = pd.concat([table["value"] * factor, made], axis=1)
        # a sum of no value is not zero
        found = found.where(table["value"].notna())
        found["missing_rows"] = table["missing_rows"].astype(int)
        keys = [str(name) for name in table.index.names if name]
        found = in_order(self.ledger, found, keys) if keys else found
        said = unit if unit == "1" else f"{unit} ({self.ledger.price_year})"
        found.attrs |= {"units": said, "level": level, "seed": self.seed, "draws": self.draws}
        return found

    def _drawn_ranks(self, by: str) -> tuple[pd.DataFrame, NDArray[np.int32]]:
        spatial = by == "zone" or by in levels(self.ledger)
        groups, table = self.grouped((by,), zones_only=spatial)
        known = table["value"].notna().to_numpy()
        matrix = self.matrix(groups, len(table))[np.flatnonzero(known)]
        table = table[known]
        need = 4 * self.draws * len(table)
        if need > self.memory:
            raise LedgerError(
                f"ranks of {len(table)} groups in {self.draws} draws take {need / 2**20:,.0f} MiB",
                expected=f"{self.memory / 2**20:,.0f} MiB at most", fix="fewer draws, or a larger memory=",
            )  # fmt: skip
        drawn = np.empty((len(table), self.draws), np.int32)
        for at, products in self.tables():
            drawn[:, at] = stats.rankdata(-(matrix @ products), method="min", axis=0)
        return table.assign(rank=stats.rankdata(-table["value"], method="min")), drawn

    def _usual(self, power: int) -> str:
        code = self.ledger.price_year.partition("_")[0]
        return {8: "亿元", 4: "万元"}[power] if code == "CNY" else f"10^{power} {code}"


def _keys(by: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(filter(None, (by,) if isinstance(by, str) else by))


def _checked(level: float) -> float:
    if not 0.0 < level < 1.0:
        raise LedgerError(f"level {level}", expected="a fraction between 0 and 1, such as 0.95")
    return level


def _missing(values: pd.Series[Any]) -> int:
    return int(values.isna().sum())
