"""What a ledger has for a printed figure, with the rounding of the printed figures that go into it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from gep.auditing.findings import Said
from gep.auditing.published import AREA, MONEY, PEOPLE, Dims, divide, measure
from gep.auditing.rounding import Interval, exact
from gep.ecosystems import within
from gep.ledger import views
from gep.reconciling.asking import Ask
from gep.reconciling.subjects import Doubt, Subject, total

if TYPE_CHECKING:
    from gep.ledger import Ledger

Factors = Mapping[object, Interval]


@dataclass(frozen=True)
class Computed:
    """A number of a ledger in base units; ``wide`` is what it may be by the rounding of its inputs."""

    point: float
    wide: Interval
    dims: Dims
    notes: tuple[str, ...] = ()
    rows: frozenset[int] = frozenset()

    def over(self, other: Computed) -> Computed:
        """Return a quotient."""
        point = self.point / other.point if other.point else math.nan
        notes = tuple(dict.fromkeys((*self.notes, *other.notes)))
        wide = self.wide / other.wide if math.isfinite(point) else self.wide
        return Computed(point, wide, divide(self.dims, other.dims), notes, self.rows)


@dataclass(frozen=True)
class Meter:
    """Reads numbers of a ledger.

    Attributes
    ----------
    factors : mapping
        By row of the frame, and by the names ``area`` and ``population``: what a number may be over
        what it is, where a printed figure says how exact it is.
    """

    ledger: Ledger
    factors: Factors = field(default_factory=dict)

    def read(self, ask: Ask) -> Computed | Doubt:
        """Return what the ledger has for a printed figure, or why it has nothing."""
        found = _READ[ask.measure](self, ask)
        if isinstance(found, Doubt):
            return found
        if found.dims != ask.figure.dims:
            unit = ask.figure.unit or "-"
            en = f"printed in {unit}, which is not the kind of unit that the ledger has the {ask.measure} in"
            return Doubt(Said(en, f"所印单位 {unit} 与账户的量纲不符"), (ask.target,))
        return found

    def value(self, subject: Subject) -> Computed | Doubt:
        """Return money."""
        rows = subject.rows(self.ledger)
        if rows.empty:
            return _nothing(subject)
        return self._sum(rows, rows["value"], 1.0, MONEY, subject)

    def quantity(self, subject: Subject) -> Computed | Doubt:
        """Return an amount, where the part is of one indicator."""
        rows = subject.rows(self.ledger)
        lines = rows[["service", "indicator", "quantity_unit"]].drop_duplicates()
        if len(lines) != 1 or not lines["quantity_unit"].iloc[0]:
            return _no_quantity(len(lines))
        scale, dims = measure(str(lines["quantity_unit"].iloc[0]))
        return self._sum(rows, rows["quantity"], scale or math.nan, dims, subject)

    def price(self, subject: Subject) -> Computed | Doubt:
        """Return the one price of a part."""
        rows = subject.rows(self.ledger).dropna(subset=["price"])
        prices = rows["price"].to_numpy(float)
        units = set(rows["price_unit"])
        if len(units) != 1 or prices.max() - prices.min() > 1e-9 * abs(prices.max()):
            count = len({*prices.tolist()})
            return Doubt(
                Said(f"the ledger has {count or 'no'} prices here", f"账户在此有 {count} 个价格"),
                (subject.name,),
            )
        scale, dims = measure(str(units.pop()))
        point = float(prices[0]) * (scale or math.nan)
        return Computed(point, exact(point), dims, (), frozenset(map(int, rows.index)))

    def area(self, subject: Subject) -> Computed | Doubt:
        """Return the accounted area, or that of ecosystems."""
        wanted = [str(w["ecosystem"]) for w in subject.wheres if "ecosystem" in w]
        zones = self._zones(subject)
        if not wanted:
            return self._fact("area", float(self.ledger.zones.loc[zones, "area_m2"].sum()), AREA, subject)
        extent = self.ledger.extent[self.ledger.extent["zone"].isin(zones)]
        chosen = extent["ecosystem"].map(lambda code: within(str(code), wanted))
        if not chosen.any():
            return _nothing(subject)
        point = float(extent.loc[chosen, "area_m2"].sum())
        return Computed(point, exact(point), AREA)

    def population(self, subject: Subject) -> Computed | Doubt:
        """Return the people of a place."""
        stated = None if subject.place else self.ledger.region.get("population")
        if stated is None:
            known = self.ledger.zones.get("population")
            stated = math.nan if known is None else float(known.loc[self._zones(subject)].sum(skipna=False))
        if not math.isfinite(float(stated)):
            return Doubt(Said("the ledger knows no population here", "账户中没有此处人口"))
        return self._fact("population", float(stated), PEOPLE, subject)

    def gdp(self, subject: Subject) -> Computed | Doubt:
        """Return the GDP of the region."""
        known = self.ledger.region.get("gdp")
        if not known or subject.place:
            return Doubt(Said("the ledger knows no GDP here", "账户中没有此处 GDP"))
        return self._fact("gdp", float(known), MONEY, subject)

    def per_head(self, ask: Ask) -> Computed | Doubt:
        """Return value per head; some accounts print its unit as plain money."""
        found = _quotient(self.value(ask.subject), self.population(ask.subject))
        if isinstance(found, Doubt) or ask.figure.dims != MONEY:
            return found
        return Computed(found.point, found.wide, MONEY, found.notes, found.rows)

    # ------------------------------------------------------------------ helpers

    def _sum(
        self, rows: pd.DataFrame, numbers: pd.Series[float], scale: float, dims: Dims, subject: Subject
    ) -> Computed:
        known = numbers.dropna()
        index = frozenset(map(int, rows.index))
        notes = tuple(views.gaps(self.ledger, rows, subject.place))
        if known.empty:
            return Computed(math.nan, exact(0.0), dims, notes, index)
        point = math.fsum(known) * scale
        if dims != MONEY:
            return Computed(point, exact(point), dims, notes, index)
        parts = [self.factors.get(i, exact(1.0)) * (v * scale) for i, v in known.items()]
        wide = Interval(math.fsum(p.low for p in parts), math.fsum(p.high for p in parts))
        return Computed(point, Interval(min(wide.low, point), max(wide.high, point)), dims, notes, index)

    def _fact(self, name: str, point: float, dims: Dims, subject: Subject) -> Computed:
        factor = exact(1.0) if subject.place else self.factors.get(name, exact(1.0))
        return Computed(point, factor * point, dims)

    def _zones(self, subject: Subject) -> list[str]:
        zones = self.ledger.zones
        for key, value in subject.place.items():
            zones = zones[zones.index == value] if key == "zone" else zones[zones[key].astype(str) == value]
        return [str(code) for code in zones.index]


def _quotient(above: Computed | Doubt, below: Computed | Doubt) -> Computed | Doubt:
    if isinstance(above, Doubt):
        return above
    return below if isinstance(below, Doubt) else above.over(below)


def _whole(ask: Ask) -> Subject:
    return (ask.whole or total()).at(ask.subject.place)


_READ: Mapping[str, Callable[[Meter, Ask], Computed | Doubt]] = {
    "value": lambda m, a: m.value(a.subject),
    "quantity": lambda m, a: m.quantity(a.subject),
    "price": lambda m, a: m.price(a.subject),
    "share": lambda m, a: _quotient(m.value(a.subject), m.value(_whole(a))),
    "per_area": lambda m, a: _quotient(m.value(a.subject), m.area(a.subject)),
    "per_head": lambda m, a: m.per_head(a),
    "area": lambda m, a: m.area(a.subject),
    "area_share": lambda m, a: _quotient(m.area(a.subject), m.area(_whole(a))),
    "population": lambda m, a: m.population(a.subject),
    "gdp": lambda m, a: m.gdp(a.subject),
    "gdp_ratio": lambda m, a: _quotient(m.value(a.subject), m.gdp(a.subject)),
}


def _nothing(subject: Subject) -> Doubt:
    return Doubt(
        Said(f"the ledger has no rows for {subject.name} here", f"账户此处没有 {subject.name}"),
        (subject.name,),
    )


def _no_quantity(lines: int) -> Doubt:
    if lines > 1:
        return Doubt(
            Said(f"{lines} indicators have no quantity in common", f"{lines} 个指标没有共同的实物量")
        )
    return Doubt(Said("the ledger has a value and no quantity here", "账户此处只有价值量"))
