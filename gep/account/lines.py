"""From the lines of a profile to rows of a ledger, and what the rows rest on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gep import units
from gep.account import recipe
from gep.account.evaluate import Evaluator, Trace, Traced, conform
from gep.account.extent import UNMAPPED
from gep.account.precheck import Report
from gep.account.spread import Spreader
from gep.coefficients import OWN_STATUSES, USER
from gep.ecosystems import within
from gep.errors import Faults, GepError, LedgerError, TableError
from gep.fingerprints import fingerprint
from gep.ledger.parts import COVERAGE_COLUMNS, Meta
from gep.ledger.provenance import title
from gep.profiles import Indicator, Refs, Service
from gep.resources import vocabulary
from gep.services import value as valuation
from gep.tables import STATUSES, weakest


class Compiler:
    """Turns the lines of a profile into rows of a ledger."""

    def __init__(self, evaluator: Evaluator, year: int, allocate: dict[str, str]) -> None:
        self.evaluator, self.year = evaluator, year
        self.profile, self.extent = evaluator.profile, evaluator.extent
        self.spreader = Spreader(evaluator, allocate)
        self.runs: dict[str, dict[str, Any]] = {}
        self.traces: list[tuple[str, Trace]] = []
        self._refuse_strangers(allocate, "allocate")

    def _refuse_strangers(self, services: Iterable[str], argument: str) -> None:
        strange = sorted(set(services) - set(self.profile.included))
        if strange:
            known = ", ".join(self.profile.included)
            raise LedgerError(f"{argument} names {', '.join(strange)}", expected=f"one of {known}")

    def rows(self, allow_empty: set[str]) -> pd.DataFrame:
        """Return the rows of all services, in the order of the profile."""
        self._refuse_strangers(allow_empty, "allow_empty")
        pieces, faults = [], Faults()
        for service in self.profile.included.values():
            try:
                lines = self.evaluator.lines(service)
                if not lines:
                    continue
                found = pd.concat([self._line(service, line, allowed) for line, allowed in lines])
            except GepError as error:
                faults.take(error, where=service.code)
                continue
            if service.code not in allow_empty:
                _refuse_empty(found, service.code, faults)
            pieces.append(found)
        faults.raise_common(LedgerError, "some services cannot be accounted")
        if not pieces:
            raise LedgerError("no service is included", fix="profile.using(crops=True)")
        return pd.concat(pieces, ignore_index=True)

    # ------------------------------------------------------------------ one line

    def _line(self, service: Service, line: Indicator, allowed: list[str]) -> pd.DataFrame:
        trace = Trace()
        if line.value:
            value = self._amount(line, line.value, allowed, self._unit(line.unit), service, trace)
            value = value.assign_attrs(units=f"{self.evaluator.money.currency}/year")
            quantity = price = None
        else:
            quantity = self._amount(line, line.quantity, allowed, line.unit, service, trace)
            price, value = self._valued(line, quantity, allowed, trace)
        run = f"{service.code}.{line.name}"
        self.runs[run] = self._run(service, line, trace)
        self.traces.append((service.code, trace))
        return self._frame(service, line, run, trace, quantity, price, value)

    def _unit(self, unit: str) -> str:
        return unit.replace("money", self.evaluator.money.currency)

    def _amount(
        self, line: Indicator, refs: Refs, allowed: list[str], unit: str, service: Service, trace: Trace
    ) -> xr.DataArray:
        """Return a quantity (or a value) in its unit, by zone and ecosystem as far as is known."""
        found = self.evaluator.value(refs, allowed)
        trace.add(found.trace)
        if isinstance(line.ecosystem, str) and line.ecosystem:
            # what the profile attributes to one ecosystem is read from its cells alone
            allowed = self.extent.allowed([line.ecosystem])
        where = f"{service.code}.{line.name}"
        data = self._summed(found, unit, allowed, where)
        trace.integrals.append(where)
        self._refuse_excluded(data, line, service)
        data = self.spreader.to_zones(data, line, service.code, trace)
        return self.spreader.to_ecosystems(data, line, trace)

    def _refuse_excluded(self, data: xr.DataArray, line: Indicator, service: Service) -> None:
        """Refuse values of ecosystems that the service leaves out; they would be counted."""
        groups = line.ecosystems or service.ecosystems
        if "ecosystem" not in data.dims or not groups:
            return
        out = [e for e in map(str, data["ecosystem"].to_numpy()) if not within(e, groups)]
        if out:
            raise TableError(
                f"{line.name} has values for {', '.join(out)}, which {service.code} leaves out",
                expected=f"ecosystems of {', '.join(groups)}",
                fix="drop these rows, or change the ecosystems of the service in a profile of your own",
            )

    def _summed(self, found: Traced, unit: str, allowed: list[str], where: str) -> xr.DataArray:
        spec = self.extent.spec
        if spec is not None and set(spec.dims) <= set(found.data.dims):
            return self.evaluator.integral(found, unit, allowed, where)
        got = found.data.attrs["units"]
        if not units.same_dimension(got, unit):
            raise units.mismatch(got, unit, where=where)
        return units.convert(found.data.drop_attrs(), got, unit).assign_attrs(units=unit)

    def _valued(
        self, line: Indicator, quantity: xr.DataArray, allowed: list[str], trace: Trace
    ) -> tuple[xr.DataArray, xr.DataArray]:
        found = self.evaluator.value(line.price, allowed)
        trace.add(found.trace)
        trace.formulas |= {valuation.market_value.name: valuation.market_value}
        price = found.data
        if "item" in price.dims and "item" not in quantity.dims:
            items = ", ".join(map(str, price["item"].to_numpy()))
            raise LedgerError(
                f"the price of {line.name} differs by item ({items}), the quantity has none",
                fix=f"name one in the profile: {line.price[0]}/{price['item'].to_numpy()[0]!s}",
            )
        if "item" in quantity.dims:
            price = conform(price, [str(i) for i in quantity["item"].to_numpy()], f"price of {line.name}")
        for dim in ("zone", "ecosystem"):
            if dim in price.dims and dim not in quantity.dims:
                raise LedgerError(
                    f"the price of {line.name} differs by {dim}, the quantity is not known by {dim}",
                    fix=f"give the quantity by {dim}, or state a key to spread it",
                )
            if dim in price.dims:
                price = price.reindex({dim: quantity[dim]})
        per_unit = units.parse(self.evaluator.money.currency) / (units.parse(line.unit) * units.parse("year"))
        got = price.attrs["units"]
        if not units.same_dimension(got, per_unit):
            raise units.mismatch(got, per_unit, where=f"price of {line.name}")
        price = units.convert(price.drop_attrs(), got, per_unit).assign_attrs(units=units.spell(per_unit))
        return price, valuation.market_value(quantity, price)

    # ------------------------------------------------------------------ rows

    def _frame(
        self,
        service: Service,
        line: Indicator,
        run: str,
        trace: Trace,
        quantity: xr.DataArray | None,
        price: xr.DataArray | None,
        value: xr.DataArray,
    ) -> pd.DataFrame:
        columns = {"value": value}
        if quantity is not None and price is not None:
            columns |= {"quantity": quantity, "price": price}
        frame = self._present(_flat(columns))
        one_ecosystem = line.ecosystem if isinstance(line.ecosystem, str) else ""
        statuses = [p.row.status for p in trace.coefficients.values()]
        fill = {
            "year": self.year,
            "category": vocabulary("services")["services"][service.code]["category"],
            "service": service.code,
            "indicator": line.name,
            "quantity_unit": "" if quantity is None else line.unit,
            "price_unit": "" if price is None else price.attrs["units"],
            "price_year": self.evaluator.money.currency,
            # a guessed coefficient weakens a result as much as a guessed input
            "status": weakest([*trace.inputs.values(), *(s for s in statuses if s in STATUSES)]),
            "coefficient_status": max(statuses, key=OWN_STATUSES.index, default=""),
            "spread": "; ".join(trace.spreads),
            "run": run,
        }
        for key, text in {"zone": self.extent.zones.region, "ecosystem": one_ecosystem, "item": ""}.items():
            frame[key] = frame[key].astype(str) if key in frame else text
        for column in ("quantity", "price"):
            if column not in frame:
                frame[column] = np.nan
        return frame.assign(**fill)

    def _present(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Drop combinations of zone and ecosystem that do not exist on the ground."""
        known = self.extent.ecosystems
        if "zone" not in frame or "ecosystem" not in frame or not set(frame["ecosystem"]) <= set(known):
            return frame
        area = self.extent.area.to_series()
        there = area.reindex(pd.MultiIndex.from_frame(frame[["zone", "ecosystem"]])).to_numpy() > 0
        # a value that a key or a table puts where the extent has no area is kept: it must not vanish
        return frame[there | (frame["value"].fillna(0.0) != 0.0)]

    # ------------------------------------------------------------------ what it rests on

    def _run(self, service: Service, line: Indicator, trace: Trace) -> dict[str, Any]:
        return {
            "zh": line.zh,
            "en": line.en,
            "method": line.method,
            "report": line.report,
            "clause": service.clause,
            "variant": service.variant,
            "note_zh": service.note_zh,
            "note_en": service.note_en,
            "formulas": [
                {
                    "name": f.name,
                    "arguments": dict(f.arguments),
                    "result": f.result,
                    "kind": f.kind,
                    "cite": list(f.cite),
                }
                for f in trace.formulas.values()
            ],
            "inputs": sorted(trace.inputs),
            "coefficients": sorted(trace.coefficients),
            "spreads": list(trace.spreads),
            "deflators": list(trace.deflators),
            "fallbacks": sorted({p.fallback for p in trace.coefficients.values()} - {""}),
        }

    def coverage(self) -> pd.DataFrame:
        """Return where inputs have holes inside zones, unmapped land first."""
        unmapped = self.extent.unmapped.assign(service="", ecosystem="", cause=UNMAPPED)
        found = self.evaluator.holes
        used = dict.fromkeys((s, where) for s, t in self.traces for where in t.integrals)
        rows = [{"service": s, **hole} for s, where in used for hole in found.get(where, ())]
        # several lines of a service may rest on the same cells: their holes count once
        holes = pd.DataFrame(rows, columns=list(COVERAGE_COLUMNS)).drop_duplicates(ignore_index=True)
        pieces = [p for p in (unmapped[list(COVERAGE_COLUMNS)], holes) if not p.empty]
        return pd.concat(pieces, ignore_index=True) if pieces else holes

    def meta(self, report: Report, allow_empty: Iterable[str] = ()) -> Meta:
        """Return what the ledger carries beside its rows."""
        profile, table, inputs = self.profile, self.evaluator.table, self.evaluator.inputs
        prints = recipe.fingerprints(profile, inputs, self.extent.zones)
        picks = {p.row.id: p for _, trace in self.traces for p in trace.coefficients.values()}
        unused = [r.id for r in table.rows if r.set == USER and r.id not in picks]
        notes = [f"rows of your coefficient table that nothing uses: {', '.join(unused)}"] if unused else []
        coefficients = [
            {
                **{k: v for k, v in vars(p.row).items() if k != "origin"},
                "title_zh": title(p.row.source, "zh", table.sources),
                "title_en": title(p.row.source, "en", table.sources),
                "instead_of": p.instead_of,
                "fallback": p.fallback,
            }
            for p in picks.values()
        ]
        overridden = [f"{p.row.id} stands in place of {p.instead_of}" for p in picks.values() if p.instead_of]
        return Meta(
            profile={
                "id": profile.id,
                "edition": profile.edition,
                "zh": profile.zh,
                "en": profile.en,
                "source": profile.source,
                "modified": list(profile.modified),
                "overlaps": dict(profile.overlaps_accepted),
            },
            region=self.extent.zones.region,
            library=recipe.library(),
            inputs=self._inputs(),
            coefficients=coefficients,
            runs=self.runs,
            findings=[*report.notes, *self.evaluator.notes, *notes, *overridden],
            labels=_labels(self.runs),
            arguments=recipe.arguments(self.evaluator, self.year, self.spreader.chosen, allow_empty),
            fingerprints=prints | {"prices": fingerprint(self.evaluator.money)},
        )

    def _inputs(self) -> list[dict[str, Any]]:
        inputs, hashes = self.evaluator.inputs, self.evaluator.inputs.hashes()
        found = []
        if inputs.land_cover is not None:
            cover = inputs.land_cover
            found.append(_entry("land_cover", "class", "grid", cover.status, cover.source, hashes))
        for name, grid in inputs.grids.items():
            found.append(_entry(name, grid.data.attrs["units"], "grid", grid.status, grid.source, hashes))
        for variable, rows in inputs.rows.groupby("variable", sort=False):
            said = "; ".join(dict.fromkeys(s for s in rows["source"] if s))
            unit = ", ".join(dict.fromkeys(rows["unit"]))
            found.append(_entry(str(variable), unit, "table", weakest(rows["status"]), said, hashes))
        return found


def _flat(columns: Mapping[str, xr.DataArray]) -> pd.DataFrame:
    """Return arrays over zone, ecosystem and item as one row for each combination."""
    whole = xr.Dataset({name: data.drop_attrs() for name, data in columns.items()})
    if whole.dims:
        return whole.to_dataframe().reset_index()
    return pd.DataFrame({name: [float(data)] for name, data in whole.data_vars.items()})


def _entry(
    name: str, unit: str, form: str, status: str, source: str, hashes: Mapping[str, str]
) -> dict[str, Any]:
    known = {"unit": unit, "form": form, "status": status, "source": source}
    return {"name": name, **known, "hash": hashes[name]}


def _labels(runs: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    """Return the zh and en names of everything that a table of the ledger may show."""
    data = vocabulary("services")
    labels = {f"category:{k}": {"zh": v["zh"], "en": v["en"]} for k, v in data["categories"].items()}
    labels |= {f"service:{k}": {"zh": v["zh"], "en": v["en"]} for k, v in data["services"].items()}
    labels |= {f"indicator:{run}": {"zh": entry["zh"], "en": entry["en"]} for run, entry in runs.items()}
    return labels


def _refuse_empty(rows: pd.DataFrame, service: str, faults: Faults) -> None:
    values = rows["value"].to_numpy(float)
    missing = np.isnan(values)
    if missing.all() or (values[~missing] == 0.0).all():
        faults.add(
            f"all {len(values)} values are {'missing' if missing.all() else 'zero'}",
            where=service,
            expected="some value",
            fix=f"mend the input, or compile_account(..., allow_empty=['{service}'])",
        )
