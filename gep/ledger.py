"""The ledger: zone x ecosystem x service, physical and monetary, with what it rests on."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from gep import storage, units
from gep.ecosystems import label as ecosystem_label
from gep.errors import DoesNotAddUp, Faults, LedgerError, ZoneError
from gep.provenance import Explanation, explain
from gep.resources import vocabulary

COLUMNS = (
    "year",
    "zone",
    "ecosystem",
    "category",
    "service",
    "indicator",
    "item",
    "quantity",
    "quantity_unit",
    "price",
    "price_unit",
    "value",
    "price_year",
    "status",
    "coefficient_status",
    "spread",
    "run",
)
KEYS = ("zone", "ecosystem", "category", "service", "indicator", "item")
NUMBERS = ("quantity", "price", "value")
ZONE_NUMBERS = ("area_m2", "stated_area_m2", "population")
EXTENT_COLUMNS = ("zone", "ecosystem", "area_m2")
COVERAGE_COLUMNS = ("service", "zone", "ecosystem", "cause", "area_m2", "cells")
#: Relative gap between parts and whole that floating point explains.
CLOSURE = 1e-9


class Amount(float):
    """A number with its unit and with what a reader must know beside it; prints all three."""

    unit: str
    notes: tuple[str, ...]

    def __new__(cls, value: float, unit: str, notes: Iterable[str] = ()) -> Self:
        """Attach a unit and notes to a number."""
        made = super().__new__(cls, value)
        made.unit, made.notes = unit, tuple(notes)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return Amount, (float(self), self.unit, self.notes)

    def __str__(self) -> str:
        said = f" ({'; '.join(self.notes)})" if self.notes else ""
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"{float(self):,.2f}{unit}{said}"

    __repr__ = __str__


@dataclass(frozen=True)
class Meta:
    """What a ledger carries so that its numbers can be traced and derived again."""

    profile: Mapping[str, Any]
    region: str
    library: str
    inputs: Sequence[Mapping[str, Any]]
    coefficients: Sequence[Mapping[str, Any]]
    runs: Mapping[str, Mapping[str, Any]]
    findings: Sequence[str]
    labels: Mapping[str, Mapping[str, str]]


class Ledger:
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
        self._check()

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

    def _check(self) -> None:
        """Enforce the invariants; a ledger that breaks one does not come into being."""
        frame, faults = self.frame, Faults()
        if frame.empty:
            raise LedgerError("the ledger has no rows", expected="at least one service with a value")
        for column in ("year", "price_year"):
            if frame[column].nunique() != 1:
                faults.add(f"{column}: {sorted(set(frame[column]))}", expected="one for a ledger")
        doubled = frame[frame.duplicated(list(KEYS))]
        for row in doubled.head(5).itertuples():
            named = f"{row.zone} / {row.ecosystem} / {row.service} / {row.indicator} {row.item}"
            faults.add(f"two rows for {named}")
        for key, rows in frame.groupby(["service", "indicator", "item"], dropna=False)["quantity_unit"]:
            if rows.nunique() > 1:
                faults.add(f"{key} has units {sorted(set(rows))}", expected="one unit an indicator")
        strangers = set(frame["zone"]) - set(self.zones.index) - {self.meta.region}
        if strangers:
            faults.add(f"zones {sorted(strangers)} have no row in the zone table")
        faults.raise_as(LedgerError, "the ledger breaks its own rules")
        self._check_products()

    def _check_products(self) -> None:
        priced = self.frame.dropna(subset=["quantity", "price", "value"])
        product = priced["quantity"].to_numpy(float) * priced["price"].to_numpy(float)
        value = priced["value"].to_numpy(float)
        off = np.abs(product - value) > CLOSURE * np.maximum(np.abs(product), np.abs(value))
        if off.any():
            row = priced[off].iloc[0]
            raise DoesNotAddUp(
                f"quantity x price = {row['quantity'] * row['price']:g}, value {row['value']:g}",
                where=f"{row['zone']} / {row['service']} / {row['indicator']}",
                expected="equal numbers",
            )

    # ------------------------------------------------------------------ sums and views

    def counted(self, *, intermediate: bool = False) -> pd.DataFrame:
        """Return the rows that enter a total; intermediate services only when asked for."""
        if intermediate:
            return self.frame
        known = vocabulary("services")["services"]
        inner = [s for s in self.services if known[s].get("intermediate")]
        return self.frame[~self.frame["service"].isin(inner)]

    def total(self, unit: str = "", *, intermediate: bool = False, **where: str) -> Amount:
        """Return the sum of all values, or of those that match.

        Parameters
        ----------
        unit : str
            ``亿元``, ``万元``, ``CNY`` ...; the price year is the ledger's. 10^8 of its currency
            unless given.
        intermediate : bool
            Count intermediate services as well.
        **where : str
            ``zone=``, ``ecosystem=``, ``category=``, ``service=``, ``indicator=``, ``item=``.

        Returns
        -------
        Amount
            A float that prints with its unit, the area that is not covered, and what is missing.
        """
        unit = unit or self._usual(8)
        rows = self._where(self.counted(intermediate=intermediate), where)
        values = rows["value"].dropna()
        number = math.fsum(values) * self._factor(unit) if len(values) else float("nan")
        return Amount(number, unit, [self.price_year, *self._gaps(rows, where)])

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

        Returns
        -------
        DataFrame
            ``value``, ``missing_rows`` and ``not_covered_km2``; a group without any value is NaN.
        """
        rows = self._with_levels(self.counted(intermediate=intermediate))
        unknown = [k for k in keys if k not in (*KEYS, *self._levels())]
        if unknown or not keys:
            raise LedgerError(f"no key {unknown}", expected=", ".join([*KEYS, *self._levels()]))
        unit = unit or self._usual(8)
        factor = self._factor(unit)
        # fsum makes the sum of a group independent of the order of its rows
        groups = rows.groupby(list(keys), sort=False)["value"]
        sums = groups.agg(lambda v: math.fsum(v.dropna()) * factor if v.notna().any() else float("nan"))
        table = pd.DataFrame(
            {"value": sums, "missing_rows": groups.agg(lambda v: int(v.isna().sum())).astype(int)}
        )
        table = self._in_order(table, keys)
        table["not_covered_km2"] = self._holes(keys, table.index)
        table.attrs["units"] = f"{unit} ({self.price_year})"
        return self._labelled(table, keys, labels) if labels else table

    def _in_order(self, table: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
        """Sort by the keys as asked for: zones as in the zone table, the rest as in the profile."""
        known = self._with_levels(self.frame)
        orders = {k: {v: i for i, v in enumerate(dict.fromkeys(known[k]))} for k in keys}
        if "zone" in orders:
            orders["zone"] = {v: i for i, v in enumerate([*self.zones.index, self.meta.region])}
        places = [
            tuple(orders[k].get(v, 0) for k, v in zip(keys, _parts(key), strict=True)) for key in table.index
        ]
        return table.iloc[sorted(range(len(table)), key=places.__getitem__)]

    def quantities(self, *, labels: str = "") -> pd.DataFrame:
        """Return the physical account of the region: service, indicator, item, quantity, unit."""
        keys = ["service", "indicator", "item", "quantity_unit"]
        known = self.frame[self.frame["quantity_unit"] != ""]
        sums = known.groupby(keys, sort=False)["quantity"].agg(
            lambda v: math.fsum(v.dropna()) if v.notna().any() else float("nan")
        )
        table = sums.reset_index()
        runs = [self.meta.runs[f"{s}.{i}"] for s, i in zip(table["service"], table["indicator"], strict=True)]
        targets = [str(run["report"]) for run in runs]
        factors = [units.factor(u, t) for u, t in zip(table["quantity_unit"], targets, strict=True)]
        table = table.assign(quantity=table["quantity"] * factors, quantity_unit=targets)
        table = table.set_index(["service", "indicator", "item"])[["quantity", "quantity_unit"]]
        return self._labelled(table, ("service", "indicator", "item"), labels) if labels else table

    def shares(self, by: str = "category") -> pd.Series[float]:
        """Return the share of each group in the total, as fractions that add up to one."""
        values = self.by(by, unit=self._currency)["value"]
        return (values / math.fsum(values.dropna())).rename("share")

    # ------------------------------------------------------------------ per area, per head

    def per_area(self, unit: str = "", *, by: str = "", labels: str = "") -> Amount | pd.DataFrame:
        """Return value per area, on the area that was accounted.

        Where an area is stated that differs, both figures are shown: in the notes of the
        region's figure, in a column ``on_stated_area`` of a table ``by="zone"``.
        """
        unit = unit or f"{self._usual(4)}/km2"
        money, _, area = unit.partition("/")
        factor = self._factor(money) / units.factor("m2", area)
        if not by:
            return self._region_per_area(unit, factor)
        table = self._zone_values(by)
        areas = self.zones.groupby(by)["area_m2"].sum() if by != "zone" else self.zones["area_m2"]
        result = pd.DataFrame({"value": table["value"] / areas.reindex(table.index) * factor})
        if by == "zone" and "stated_area_m2" in self.zones:
            result["on_stated_area"] = table["value"] / self.zones["stated_area_m2"] * factor
        result["not_covered_km2"] = table["not_covered_km2"]
        result.attrs["units"] = unit
        return self._labelled(result, (by,), labels) if labels else result

    def _region_per_area(self, unit: str, factor: float) -> Amount:
        total, area = self.total(self._currency), float(self.zones["area_m2"].sum())
        stated = self._stated_area()
        notes = [f"on the accounted area of {area / 1e6:,.2f} km2"]
        if stated and abs(stated / area - 1.0) > 1e-6:
            other = total / stated * factor
            notes.append(
                f"on the stated area of {stated / 1e6:,.2f} km2 ({stated / area - 1:+.2%}) it is {other:,.2f}"
            )
        return Amount(total / area * factor, unit, [*notes, *total.notes])

    def per_capita(self, unit: str = "", *, by: str = "", labels: str = "") -> Amount | pd.DataFrame:
        """Return value per head of resident population.

        Raises
        ------
        ZoneError
            A zone (or the region) has no population.
        """
        unit = unit or f"{self._usual(4)}/person"
        money, _, head = unit.partition("/")
        factor = self._factor(money) / units.factor("person", head)
        if by:
            people = self._population_by_zone()
            table = self._zone_values(by)
            if by != "zone":
                people = people.groupby(self.zones[by]).sum()
            result = pd.DataFrame({"value": table["value"] / people.reindex(table.index) * factor})
            result["not_covered_km2"] = table["not_covered_km2"]
            result.attrs["units"] = unit
            return self._labelled(result, (by,), labels) if labels else result
        total, heads = self.total(self._currency), self._population()
        return Amount(total / heads * factor, unit, [f"population {heads:,.0f}", *total.notes])

    def _population(self) -> float:
        stated = self.region.get("population")
        if stated is not None:
            return float(stated)
        return float(self._population_by_zone().sum())

    def _population_by_zone(self) -> pd.Series[float]:
        people = self.zones.get("population", pd.Series(np.nan, self.zones.index))
        lacking = [f"{code} {self.zones['name'].get(code)}" for code in map(str, people.index[people.isna()])]
        if lacking:
            raise ZoneError(
                f"{len(lacking)} zones have no population: {', '.join(lacking[:12])}",
                expected="an input 'population' for each zone",
                fix="inputs.add_table with columns zone and 'population [person]'",
            )
        return people.astype(float)

    def _stated_area(self) -> float:
        if self.region.get("stated_area_m2"):
            return float(self.region["stated_area_m2"])
        stated = self.zones.get("stated_area_m2")
        return float(stated.sum()) if stated is not None and stated.notna().all() else 0.0

    # ------------------------------------------------------------------ tracing, reading, writing

    def explain(self, service: str, *, zone: str = "", ecosystem: str = "", lang: str = "en") -> Explanation:
        """Return how the numbers of a service came about: formula, inputs, rows, sources, pages.

        Parameters
        ----------
        service : str
            Code of the service.
        zone, ecosystem : str, optional
            Code (or, for a zone, its unique name).
        """
        where = {"service": service}
        if zone:
            where["zone"] = self.zone_code(zone)
        if ecosystem:
            where["ecosystem"] = ecosystem
        rows = self._where(self.frame, where)
        holes = self.coverage
        for key, value in where.items():
            holes = holes[holes[key] == value]
        return explain(rows, holes, self.meta, self.zones, lang)

    def zone_code(self, zone: str) -> str:
        """Return the code of a zone given by code or unique name."""
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
        """Read a ledger that :meth:`to_csv` or :meth:`to_parquet` wrote; it is checked again."""
        frame, beside = storage.read(path, ("year", *NUMBERS))
        zones = pd.DataFrame(beside["zones"]).set_index("code")
        zones = zones.astype({c: float for c in ZONE_NUMBERS if c in zones})
        coverage = pd.DataFrame(beside["coverage"], columns=list(COVERAGE_COLUMNS))
        extent = pd.DataFrame(beside["extent"], columns=list(EXTENT_COLUMNS))
        return cls(frame, zones, beside["region"], coverage, Meta(**beside["meta"]), extent)

    # ------------------------------------------------------------------ helpers

    @property
    def _currency(self) -> str:
        return self.price_year

    def _usual(self, power: int) -> str:
        """Return 亿元 or 万元 for yuan, 10^8 or 10^4 of any other currency."""
        code = self.price_year.partition("_")[0]
        return {8: "亿元", 4: "万元"}[power] if code == "CNY" else f"10^{power} {code}"

    def _factor(self, unit: str) -> float:
        """Return the factor from the ledger's currency to ``unit``; its year is the ledger's."""
        target = units.parse(unit, price_year=units.year_of(self.price_year))
        if "[year]" in target.dimensionality:
            target = target * units.parse("year")
        return units.factor(self.price_year, target)

    def _where(self, rows: pd.DataFrame, where: Mapping[str, str]) -> pd.DataFrame:
        for key, value in where.items():
            if key not in KEYS:
                raise LedgerError(f"no key {key!r}", expected=", ".join(KEYS))
            wanted = self.zone_code(value) if key == "zone" else value
            hits = rows[rows[key] == wanted]
            if hits.empty:
                known = ", ".join(map(str, dict.fromkeys(rows[key])))
                raise LedgerError(f"no rows with {key} = {value!r}", expected=f"one of {known}")
            rows = hits
        return rows

    def _levels(self) -> list[str]:
        return [c for c in self.zones.columns if c not in ("name", *ZONE_NUMBERS)]

    def _with_levels(self, rows: pd.DataFrame) -> pd.DataFrame:
        return rows.join(self.zones[self._levels()], on="zone") if self._levels() else rows

    def _zone_values(self, by: str) -> pd.DataFrame:
        table = self.by(by, unit=self._currency)
        return table.drop(index=self.meta.region, errors="ignore")

    def _gaps(self, rows: pd.DataFrame, where: Mapping[str, str]) -> list[str]:
        """Say in words what a total leaves out."""
        holes = self.coverage[self.coverage["service"].isin([*rows["service"].unique(), ""])]
        for key in ("zone", "ecosystem"):
            if key in where:
                wanted = self.zone_code(where[key]) if key == "zone" else where[key]
                holes = holes[holes[key] == wanted]
        notes = []
        for (service, cause), part in holes.groupby(["service", "cause"], sort=False):
            zones = ", ".join(str(self.zones["name"].get(z, z)) for z in dict.fromkeys(part["zone"]))
            area = part["area_m2"].sum() / 1e6
            named = service or "all grid services"
            notes.append(f"not covered: {area:,.2f} km2 of {zones} in {named}: {cause}")
        missing = rows[rows["value"].isna()]
        if len(missing):
            named = ", ".join(dict.fromkeys(missing["service"]))
            notes.append(f"{len(missing)} of {len(rows)} rows have no value: {named}")
        return notes

    def _holes(self, keys: Sequence[str], index: pd.Index[Any]) -> pd.Series[float]:
        """Return the area not covered for each row of a table.

        Land that the land cover does not map counts for every service and ecosystem.
        """
        holes = self._with_levels(self.coverage)
        wanted = [k for k in keys if k in ("zone", "ecosystem", "service", *self._levels())]
        result = pd.Series(0.0, index=index)
        for position, key in enumerate(index if len(holes) else ()):
            parts = dict(zip(keys, _parts(key), strict=True))
            hit = np.ones(len(holes), bool)
            for name in wanted:
                anywhere = [""] if name in ("service", "ecosystem") else []
                hit &= holes[name].isin([parts[name], *anywhere])
            result.iloc[position] = holes.loc[hit, "area_m2"].sum() / 1e6
        return result

    def _labelled(self, table: pd.DataFrame, keys: Sequence[str], lang: str) -> pd.DataFrame:
        frame = table.reset_index()
        names = {key: [self._name(key, row, lang) for row in frame.to_dict("records")] for key in keys}
        made = frame.assign(**names).set_index(list(keys))
        made.attrs = table.attrs
        return made

    def _name(self, key: str, row: Mapping[Any, Any], lang: str) -> str:
        code = str(row[key])
        if key == "zone":
            return str(self.zones["name"].get(code, code))
        if key == "ecosystem":
            return ecosystem_label(code, lang)
        # indicators are named within their service
        entry = f"{row['service']}.{code}" if key == "indicator" and "service" in row else code
        return self.meta.labels.get(f"{key}:{entry}", {}).get(lang, code)

    def __repr__(self) -> str:
        return (
            f"<Ledger {self.meta.region} {self.year} by {self.meta.profile['id']}: {self.total()};"
            f" {len(self.zones)} zones, {len(self.services)} services, {len(self.frame)} rows>"
        )


def _parts(key: Any) -> tuple[Any, ...]:
    """Return an index label as a tuple, also where there is one key alone."""
    return key if isinstance(key, tuple) else (key,)
