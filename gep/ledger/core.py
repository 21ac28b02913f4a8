"""The ledger: zone x ecosystem x service, physical and monetary, with what it rests on."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, overload

import pandas as pd

from gep import units
from gep.errors import LedgerError, ZoneError
from gep.ledger import ratios, storage, views
from gep.ledger.amount import Amount
from gep.ledger.parts import (
    COLUMNS,
    COVERAGE_COLUMNS,
    EXTENT_COLUMNS,
    KEYS,
    NUMBERS,
    ZONE_NUMBERS,
    Meta,
    enforce,
    typed,
)
from gep.ledger.provenance import Explanation, explain
from gep.ledger.shown import Shown
from gep.resources import vocabulary


class Ledger(Shown):
    """The result of an account; indicators, tables and reports read this and nothing else.

    Attributes
    ----------
    frame : DataFrame
        One row for each zone, ecosystem, service, indicator and item; ``value`` in the currency
        and price year of ``price_year``; a missing value is NaN and never zero.
    zones : DataFrame
        By zone code: ``name``, levels, ``area_m2`` (accounted), and where known
        ``stated_area_m2`` and ``population``.
    region : mapping
        Facts of the whole: ``gdp`` and its unit, ``population``, ``stated_area_m2``.
    coverage : DataFrame
        Area inside zones that a service does not cover, with the input that made the hole.
    meta : Meta
        Profile, inputs with hashes, coefficient rows with sources, runs, findings.
    extent : DataFrame
        The ecosystem extent: ``zone, ecosystem, area_m2``.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        zones: pd.DataFrame,
        region: Mapping[str, Any],
        coverage: pd.DataFrame,
        meta: Meta,
        extent: pd.DataFrame | None = None,
    ) -> None:
        self.frame = frame.reindex(columns=list(COLUMNS)).reset_index(drop=True)
        self.zones = zones
        self.region = dict(region)
        self.coverage = coverage.reindex(columns=list(COVERAGE_COLUMNS)).reset_index(drop=True)
        self.meta = meta
        known = extent if extent is not None else pd.DataFrame()
        self.extent = known.reindex(columns=list(EXTENT_COLUMNS)).reset_index(drop=True)
        enforce(self.frame, zones, meta.region)

    # ------------------------------------------------------------------ what it is made of

    @property
    def year(self) -> int:
        """Return the accounting year."""
        return int(self.frame["year"].iloc[0])

    @property
    def price_year(self) -> str:
        """Return currency and price year of all values, for example ``CNY_2020``."""
        return str(self.frame["price_year"].iloc[0])

    @property
    def services(self) -> list[str]:
        """Return the services in the order of the profile."""
        return list(dict.fromkeys(self.frame["service"]))

    # ------------------------------------------------------------------ sums and views

    def counted(self, *, intermediate: bool = False) -> pd.DataFrame:
        """Return the rows that enter a total; intermediate services only when asked for."""
        if intermediate:
            return self.frame
        return self.frame[~self.frame["service"].isin(self._inner())]

    def total(self, unit: str = "", *, intermediate: bool = False, **where: str | int) -> Amount:
        """Return the sum of all values, or of those that match.

        Parameters
        ----------
        unit : str
            ``亿元``, ``万元``, ``CNY`` ...; the price year is the ledger's. 10^8 of its currency
            unless given.
        intermediate : bool
            Count intermediate services as well.
        **where : str or int
            ``zone=``, ``ecosystem=``, ``category=``, ``service=``, ``indicator=``, ``item=``, or a
            level of the zones.

        Returns
        -------
        Amount
            A float that prints with its unit, the area that is not covered, and what is missing.
        """
        unit = unit or self.usual_unit(8)
        wanted = {key: str(value) for key, value in where.items()}
        rows = self._where(self.counted(intermediate=intermediate), wanted)
        values = rows["value"].dropna()
        number = math.fsum(values) * self.factor(unit) if len(values) else float("nan")
        return Amount(number, unit, [self.price_year, *views.gaps(self, rows, wanted)])

    def by(self, *keys: str, unit: str = "", labels: str = "", intermediate: bool = False) -> pd.DataFrame:
        """Return sums over the remaining keys.

        Parameters
        ----------
        *keys : str
            ``zone, ecosystem, category, service, indicator, item`` or a level of the zones.
        unit : str
            Unit of the values, repeated in ``attrs["units"]``; 10^8 of the currency unless given.
        labels : {"", "zh", "en"}
            Write names instead of codes.
        intermediate : bool
            Count intermediate services as well.

        Returns
        -------
        DataFrame
            ``value``, ``missing_rows`` and ``not_covered_km2``; a group without any value is NaN.
        """
        rows = views.with_levels(self, self.counted(intermediate=intermediate))
        known = [*KEYS, *views.levels(self)]
        unknown = [k for k in keys if k not in known]
        if unknown or not keys:
            raise LedgerError(f"no key {unknown}", expected=", ".join(known))
        unit = unit or self.usual_unit(8)
        factor = self.factor(unit)
        # fsum makes the sum of a group independent of the order of its rows
        groups = rows.groupby(list(keys), sort=False)["value"]
        sums = groups.agg(lambda v: math.fsum(v.dropna()) * factor if v.notna().any() else float("nan"))
        table = pd.DataFrame(
            {"value": sums, "missing_rows": groups.agg(lambda v: int(v.isna().sum())).astype(int)}
        )
        table = views.in_order(self, table, keys)
        table["not_covered_km2"] = views.holes(self, keys, table.index)
        table.attrs["units"] = f"{unit} ({self.price_year})"
        return views.labelled(self, table, keys, labels) if labels else table

    def quantities(self, *, labels: str = "") -> pd.DataFrame:
        """Return the physical account of the region by service, indicator and item.

        Parameters
        ----------
        labels : {"", "zh", "en"}
            Write names instead of codes.

        Returns
        -------
        DataFrame
            ``quantity``, ``quantity_unit``, and what is not in it: ``missing_rows`` and
            ``not_covered_km2``, as in :meth:`by`.
        """
        keys = ["service", "indicator", "item", "quantity_unit"]
        known = self.frame[self.frame["quantity_unit"] != ""]
        groups = known.groupby(keys, sort=False)["quantity"]
        sums = groups.agg(lambda v: math.fsum(v.dropna()) if v.notna().any() else float("nan"))
        missing = groups.agg(lambda v: int(v.isna().sum())).astype(int)
        table = sums.to_frame().assign(missing_rows=missing).reset_index()
        runs = [self.meta.runs[f"{s}.{i}"] for s, i in zip(table["service"], table["indicator"], strict=True)]
        targets = [str(run["report"]) for run in runs]
        factors = [units.factor(u, t) for u, t in zip(table["quantity_unit"], targets, strict=True)]
        table = table.assign(quantity=table["quantity"] * factors, quantity_unit=targets)
        named = ("service", "indicator", "item")
        table = table.set_index(list(named))[["quantity", "quantity_unit", "missing_rows"]]
        table["not_covered_km2"] = views.holes(self, named, table.index)
        return views.labelled(self, table, named, labels) if labels else table

    def shares(self, by: str = "category") -> pd.Series[float]:
        """Return the share of each group in the total, as fractions that add up to one."""
        values = self.by(by, unit=self.price_year)["value"]
        return (values / math.fsum(values.dropna())).rename("share")

    # ------------------------------------------------------------------ per area, per head

    @overload
    def per_area(self, unit: str = "") -> Amount: ...
    @overload
    def per_area(self, unit: str = "", *, by: str, labels: str = "") -> pd.DataFrame: ...
    def per_area(self, unit: str = "", *, by: str = "", labels: str = "") -> Amount | pd.DataFrame:
        """Return value per area, on the area that was accounted.

        Where an area is stated that differs, both figures are shown: in the notes of the
        region's figure, in a column ``on_stated_area`` of a table by zone.

        Parameters
        ----------
        unit : str
            ``万元/km2`` unless given (10^4 of another currency).
        by : str
            ``zone`` or a level of the zones; the whole region if empty.
        labels : {"", "zh", "en"}
            Write names instead of codes.
        """
        unit = unit or f"{self.usual_unit(4)}/km2"
        return ratios.per_area_by(self, unit, by, labels) if by else ratios.per_area(self, unit)

    @overload
    def per_capita(self, unit: str = "") -> Amount: ...
    @overload
    def per_capita(self, unit: str = "", *, by: str, labels: str = "") -> pd.DataFrame: ...
    def per_capita(self, unit: str = "", *, by: str = "", labels: str = "") -> Amount | pd.DataFrame:
        """Return value per head of resident population; parameters as for :meth:`per_area`.

        Raises
        ------
        ZoneError
            A zone (or the region) has no population.
        """
        unit = unit or f"{self.usual_unit(4)}/person"
        return ratios.per_capita_by(self, unit, by, labels) if by else ratios.per_capita(self, unit)

    # ------------------------------------------------------------------ tracing, reading, writing

    def explain(
        self, service: str, *, zone: str | int = "", ecosystem: str = "", lang: str = "en"
    ) -> Explanation:
        """Return how the numbers of a service came about: formula, inputs, rows, sources, pages.

        Parameters
        ----------
        service : str
            Code of the service.
        zone, ecosystem : str, optional
            Code (or, for a zone, its unique name).
        lang : {"en", "zh"}
            Language of the text.
        """
        where = {"service": service}
        if zone:
            where["zone"] = self.zone_code(zone)
        if ecosystem:
            where["ecosystem"] = ecosystem
        rows = self._where(self.frame, where)
        holes = self.coverage
        for key, value in where.items():
            holes = holes[holes[key].isin([value] if key == "zone" else [value, ""])]
        return explain(rows, holes, self.meta, self.zones, lang)

    def zone_code(self, zone: str | int) -> str:
        """Return the code of a zone given by code or unique name."""
        zone = str(zone)
        if zone in self.zones.index or zone == self.meta.region:
            return zone
        hits = list(self.zones.index[self.zones["name"] == zone])
        if len(hits) != 1:
            raise ZoneError(
                f"{zone!r} is {'no zone' if not hits else 'the name of ' + ', '.join(hits)}",
                expected=f"a code, or one of the names {', '.join(map(str, self.zones['name'].head(20)))}",
            )
        return str(hits[0])

    def to_csv(self, path: str | Path) -> None:
        """Write ``path`` (rows, CSV) and ``path`` + ``.json`` (the rest); :meth:`read` takes both."""
        storage.write_csv(self.frame, self._beside(), path)

    def to_parquet(self, path: str | Path) -> None:
        """Write rows and everything else as one Parquet file (extra ``parquet``)."""
        storage.write_parquet(self.frame, self._beside(), path)

    def _beside(self) -> dict[str, Any]:
        return {
            "zones": storage.records(self.zones.reset_index(names="code")),
            "region": self.region,
            "coverage": storage.records(self.coverage),
            "extent": storage.records(self.extent),
            "meta": asdict(self.meta),
        }

    @classmethod
    def read(cls, path: str | Path) -> Ledger:
        """Read a ledger that :meth:`to_csv` or :meth:`to_parquet` wrote; it is checked again.

        Raises
        ------
        LedgerError
            Files that are no ledger, or not as they were written; the parts that differ are named.
        """
        kinds = dict.fromkeys(COLUMNS, str) | dict.fromkeys(NUMBERS, float) | {"year": int}
        frame, beside = storage.read(path, kinds)
        meta = Meta.read(beside["meta"])
        try:
            zones = typed(pd.DataFrame(beside["zones"]), ZONE_NUMBERS).set_index("code")
            zones = zones.astype({c: float for c in ZONE_NUMBERS if c in zones})
            sizes = ("area_m2", "cells")
            coverage = typed(pd.DataFrame(beside["coverage"], columns=list(COVERAGE_COLUMNS)), sizes)
            extent = typed(pd.DataFrame(beside["extent"], columns=list(EXTENT_COLUMNS)), sizes)
            return cls(frame, zones, beside["region"], coverage, meta, extent)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            told = f"its parts make no ledger: {type(error).__name__}: {error}"
            raise LedgerError(told, where=str(path), expected="what gep wrote") from error

    # ------------------------------------------------------------------ helpers

    def usual_unit(self, power: int) -> str:
        """Return 亿元 (``power`` 8) or 万元 (4) for yuan, that power of ten of any other currency."""
        code = self.price_year.partition("_")[0]
        return {8: "亿元", 4: "万元"}[power] if code == "CNY" else f"10^{power} {code}"

    def factor(self, unit: str) -> float:
        """Return the factor from the ledger's currency to ``unit``; its year is the ledger's."""
        target = units.parse(unit, price_year=units.year_of(self.price_year))
        if "[year]" in target.dimensionality:
            target = target * units.parse("year")
        return units.factor(self.price_year, target)

    def _inner(self) -> list[str]:
        """Return the intermediate services of this account."""
        known = vocabulary("services")["services"]
        return [s for s in self.services if known[s].get("intermediate")]

    def _where(self, rows: pd.DataFrame, where: Mapping[str, str]) -> pd.DataFrame:
        known = views.with_levels(self, rows)
        for key, value in where.items():
            if key not in (*KEYS, *views.levels(self)):
                raise LedgerError(f"no key {key!r}", expected=", ".join([*KEYS, *views.levels(self)]))
            wanted = self.zone_code(value) if key == "zone" else value
            hits = known[known[key] == wanted]
            if hits.empty and key == "service" and wanted in self._inner() and wanted not in set(rows[key]):
                raise LedgerError(
                    f"{wanted} is an intermediate service: it feeds others and is never summed with them",
                    where=f"service={wanted!r}", fix=f"total(service={wanted!r}, intermediate=True) shows it",
                )  # fmt: skip
            if hits.empty:
                there = ", ".join(map(str, dict.fromkeys(known[key])))
                raise LedgerError(f"no rows with {key} = {value!r}", expected=f"one of {there}")
            known = hits
        return known

    def __repr__(self) -> str:
        return (
            f"<Ledger {self.meta.region} {self.year} by {self.meta.profile['id']}: {self.total()};"
            f" {len(self.zones)} zones, {len(self.services)} services, {len(self.frame)} rows>"
        )
