"""Evaluating a profile: from references to arrays with units, and what each rests on."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from gep import units
from gep.account.extent import Extent
from gep.coefficients import CoefficientTable, Pick
from gep.errors import Faults, GepError, MissingCoefficient, TableError
from gep.formula import Formula
from gep.grid.failing import reading
from gep.grid.layers import cells_of
from gep.grid.positions import contingency, integrate
from gep.inputs import Inputs
from gep.prices import Money
from gep.profiles import Indicator, Profile, Ref, Refs, Service, Step


@dataclass
class Trace:
    """What a value rests on; traces of parts add up to the trace of the whole."""

    inputs: dict[str, str] = field(default_factory=dict)
    coefficients: dict[str, Pick] = field(default_factory=dict)
    formulas: dict[str, Formula[Any]] = field(default_factory=dict)
    spreads: list[str] = field(default_factory=list)
    deflators: list[str] = field(default_factory=list)
    #: Integrals over cells; their holes belong to everything that rests on them.
    integrals: list[str] = field(default_factory=list)

    def add(self, other: Trace) -> None:
        """Take in what another value rests on."""
        self.inputs |= other.inputs
        self.coefficients |= other.coefficients
        self.formulas |= other.formulas
        self.spreads = list(dict.fromkeys([*self.spreads, *other.spreads]))
        self.deflators = list(dict.fromkeys([*self.deflators, *other.deflators]))
        self.integrals = list(dict.fromkeys([*self.integrals, *other.integrals]))


@dataclass
class Traced:
    """An array with units over some of zone, ecosystem, item, or over the cells of the grid."""

    data: xr.DataArray
    trace: Trace
    #: The fields a grid value was computed from, by input name, to say what made a hole.
    leaves: dict[str, xr.DataArray] = field(default_factory=dict)


class Evaluator:
    """Resolves the references of a profile against inputs, coefficients and the extent.

    Parameters
    ----------
    profile, inputs, extent, table, money
        What the account is compiled from; ``table`` in the order in which sets are asked.

    Attributes
    ----------
    holes : dict of str to list of dict
        For each integral, zone by zone and ecosystem by ecosystem, the land where it found no value.
    notes : list of str
        What came up while computing and a careful reader wants to know.
    checkpoint : Path or None
        Folder in which integrals over cells are kept, one folder each.
    """

    checkpoint: Path | None = None

    def __init__(
        self, profile: Profile, inputs: Inputs, extent: Extent, table: CoefficientTable, money: Money
    ) -> None:
        self.profile, self.inputs, self.extent = profile, inputs, extent
        self.table, self.money = table, money
        self.holes: dict[str, list[dict[str, Any]]] = {}
        self.notes: list[str] = []
        self._steps: dict[str, Traced] = {}

    # ------------------------------------------------------------------ choosing

    def available(self, ref: Ref) -> bool:
        """Tell whether a reference can be resolved with the inputs and tables at hand."""
        if ref.kind == "input":
            return ref.name.partition("/")[0] in self.inputs.names()
        if ref.kind == "coefficient":
            name, _, item = ref.name.partition("/")
            return self.table.has(name, self.profile.regions, item)
        if ref.kind == "step":
            _, step = self._find_step(ref)
            return all(any(self.available(r) for r in refs) for refs in step.args.values())
        return True

    def choose(self, refs: Refs) -> Ref:
        """Return the first alternative that can be resolved; a lone one is taken as it is.

        Raises
        ------
        TableError
            None of several can be.
        """
        for ref in refs:
            if len(refs) == 1 or self.available(ref):
                return ref
        raise TableError(
            f"none of {', '.join(map(str, refs))} is given",
            expected="; ".join(self._wanted(ref) for ref in refs),
        )

    def _wanted(self, ref: Ref) -> str:
        if ref.kind in ("input", "coefficient"):
            quantity = self.profile.quantity(ref.name.partition("/")[0])
            return f"{ref} [{quantity.unit}] {quantity.en} ({quantity.where_en})"
        if ref.kind == "step":
            _, step = self._find_step(ref)
            lacking = [refs for refs in step.args.values() if not any(map(self.available, refs))]
            return f"{ref} from {', '.join('|'.join(map(str, refs)) for refs in lacking)}"
        return str(ref)

    def _find_step(self, ref: Ref) -> tuple[Service, Step]:
        code, _, name = ref.name.partition(".")
        service = self.profile.services[code]
        return service, service.steps[name]

    def lines(self, service: Service) -> list[tuple[Indicator, list[str]]]:
        """Return the lines of a service that apply here, each with its ecosystems."""
        found = []
        for line in service.indicators.values():
            groups = line.ecosystems or service.ecosystems
            allowed = self.extent.allowed(groups)
            given = not line.optional or any(map(self.available, line.quantity or line.value))
            if given and (allowed or not groups):
                found.append((line, allowed))
        return found

    # ------------------------------------------------------------------ resolving

    def value(self, refs: Refs, allowed: list[str]) -> Traced:
        """Return the value of the first alternative that can be resolved.

        Parameters
        ----------
        refs : tuple of Ref
            Alternatives in order.
        allowed : list of str
            Ecosystems for which a coefficient must have a row.
        """
        ref = self.choose(refs)
        if ref.kind == "area":
            return Traced(self.extent.area.sel(ecosystem=allowed), self.land_cover())
        if ref.kind == "input":
            return self._input(ref)
        if ref.kind == "coefficient":
            return self._coefficient(ref, allowed)
        return self.step(ref)

    def key(self, ref: Ref) -> Traced:
        """Return an input that serves as a key; a total beside its zones is passed over."""
        if ref.kind == "input":
            return self._input(ref, zones_only=True)
        return self.value((ref,), self.extent.ecosystems)

    def land_cover(self) -> Trace:
        """Return the trace of everything that rests on where ecosystems lie."""
        cover = self.inputs.land_cover
        on_map = cover is not None and self.extent.spec is not None
        return Trace(inputs={"land_cover": cover.status}) if on_map and cover else Trace()

    def _input(self, ref: Ref, *, zones_only: bool = False) -> Traced:
        name, _, item = ref.name.partition("/")
        grid = self.inputs.grids.get(name)
        if grid is not None and self.extent.spec is not None:
            data = cells_of(grid.data, self.extent.spec, name)
            return Traced(data, Trace(inputs={name: grid.status}), {name: data})
        if name not in set(self.inputs.rows["variable"]):
            quantity = self.profile.quantity(name)
            raise TableError(
                f"input {name!r} is not given",
                expected=f"{quantity.en} in {quantity.unit}, as {quantity.form}",
                fix=f"usually found in: {quantity.where_en}",
            )
        data, status = self.inputs.array(
            name, self.money.convert, item, region=self.extent.zones.region, zones_only=zones_only
        )
        rows = self.inputs.rows
        notes = {self.money.note(u) for u in rows.loc[rows["variable"] == name, "unit"]} - {""}
        return Traced(data, Trace(inputs={name: status}, deflators=sorted(notes)))

    def _coefficient(self, ref: Ref, allowed: list[str]) -> Traced:
        name, _, item = ref.name.partition("/")
        regions = self.profile.regions
        dims = [k for k in self.table.keys(name, regions) if not (item and k == "item")]
        labels = {
            "ecosystem": allowed if "ecosystem" in dims else [""],
            "item": self.table.items(name, regions) if "item" in dims else [item],
        }
        picks, faults = {}, Faults()
        for key in itertools.product(labels["ecosystem"], labels["item"]):
            try:
                picks[key] = self._pick(name, *key)
            except MissingCoefficient as error:
                faults.take(error)
        faults.raise_as(MissingCoefficient, f"coefficients {name} are missing")
        return self._priced_picks(picks, dims, labels)

    def _pick(self, name: str, ecosystem: str, item: str) -> Pick:
        return self.table.pick(
            name,
            ecosystem=ecosystem,
            item=item,
            regions=self.profile.regions,
            fallbacks=self.profile.fallbacks,
        )

    def _priced_picks(
        self, picks: dict[tuple[str, str], Pick], dims: list[str], labels: dict[str, list[str]]
    ) -> Traced:
        trace = Trace(coefficients={p.row.id: p for p in picks.values()})
        converted = {key: self.money.convert(p.row.unit) for key, p in picks.items()}
        target = next(iter(converted.values()))[1] if converted else "1"
        numbers = [
            picks[key].row.value * factor * units.factor(unit, target)
            for key, (factor, unit) in converted.items()
        ]
        trace.deflators = sorted({self.money.note(p.row.unit) for p in picks.values()} - {""})
        shape = [len(labels[d]) for d in ("ecosystem", "item")]
        cube = xr.DataArray(np.array(numbers, float).reshape(shape), labels, ("ecosystem", "item"))
        data = cube.isel({d: 0 for d in ("ecosystem", "item") if d not in dims}, drop=True)
        return Traced(data.assign_attrs(units=target), trace)

    # ------------------------------------------------------------------ steps

    def step(self, ref: Ref) -> Traced:
        """Return the value of a step; it is computed once for an account."""
        if ref.name not in self._steps:
            self._steps[ref.name] = self._compute(*self._find_step(ref))
        return self._steps[ref.name]

    def _compute(self, service: Service, step: Step) -> Traced:
        allowed = self.extent.allowed(step.ecosystems or service.ecosystems)
        args = {name: self.value(refs, allowed) for name, refs in step.args.items()}
        trace = Trace(formulas={step.formula.name: step.formula})
        for arg in args.values():
            trace.add(arg.trace)
        where = f"{service.code}.{step.name}"
        try:
            if self.extent.spec is not None and any(self._is_cells(a.data) for a in args.values()):
                return self._on_grid(step, args, trace, allowed, where)
            _guard(step, args)
            data = step.formula.measured(**self._joined(args))
        except GepError as error:
            raise type(error).many(f"step {where} cannot be computed", error.faults, where=where) from error
        if step.integrate:
            data = self._integrate_table(data, step.integrate, where)
        return Traced(_summed(data, step), trace)

    def _joined(self, args: dict[str, Traced]) -> dict[str, xr.DataArray]:
        """Bring all arguments to the same zones, ecosystems and items; no total loses a label."""
        found = {name: arg.data for name, arg in args.items()}
        for dim in ("zone", "ecosystem", "item"):
            having = {n: [str(v) for v in d[dim].to_numpy()] for n, d in found.items() if dim in d.dims}
            totals = [n for n in having if units.kind(found[n].attrs["units"]) == "amount"]
            lead = (totals or list(having))[:1]
            for name, labels in having.items():
                wanted = having[lead[0]]
                if dim == "zone" and set(wanted) <= set(self.extent.zones.codes):
                    found[name] = found[name].reindex(zone=self.extent.zones.codes)
                    continue
                strange = [v for v in labels if v not in wanted] if name in totals else []
                if strange:
                    raise TableError(
                        f"{name} and {lead[0]} differ in {dim}s: {', '.join(strange)} in one alone",
                        expected=f"values for {', '.join(wanted)}",
                    )
                found[name] = conform(found[name], wanted, name, dim)
        return found

    def _is_cells(self, data: xr.DataArray) -> bool:
        return self.extent.spec is not None and set(self.extent.spec.dims) <= set(data.dims)

    def _on_grid(
        self, step: Step, args: dict[str, Traced], trace: Trace, allowed: list[str], where: str
    ) -> Traced:
        leaves: dict[str, xr.DataArray] = {}
        cells: dict[str, xr.DataArray] = {}
        trace.add(self.land_cover())
        for name, arg in args.items():
            on_cells = self._is_cells(arg.data)
            if not on_cells and units.kind(arg.data.attrs["units"]) == "amount":
                raise TableError(
                    f"{name} [{arg.data.attrs['units']}] is a total, and other arguments are grids",
                    where=step.formula.name,
                    expected=f"{name} as a grid, or the others by zone and ecosystem",
                    fix="a total must not be counted once for each cell",
                )
            cells[name] = arg.data if on_cells else self._to_cells(arg.data, name)
            if on_cells:
                leaves |= arg.leaves
            elif arg.data.dims and bool(arg.data.isnull().any()):
                leaves |= {", ".join(arg.trace.inputs) or name: cells[name]}
        data = step.formula.measured(**cells)
        if not step.integrate:
            return Traced(data, trace, leaves)
        trace.integrals.append(where)
        total = self.integral(Traced(data, trace, leaves), step.integrate, allowed, where)
        return Traced(_summed(total, step), trace)

    def _to_cells(self, data: xr.DataArray, name: str) -> xr.DataArray:
        """Give each cell the value of its zone and ecosystem."""
        spec = self.extent.spec
        assert spec is not None  # noqa: S101
        if not data.dims:
            return data
        strange = set(data.dims) - {"zone", "ecosystem"}
        if strange:
            raise TableError(f"{name} depends on {', '.join(map(str, strange))}", expected="values by cell")
        full = data.reindex({d: self._labels(str(d)) for d in data.dims}, fill_value=np.nan)
        assert self.extent.classes is not None  # noqa: S101
        index: dict[str, Any] = {"zone": self.extent.zone_index, "ecosystem": self.extent.classes}
        at = [np.maximum(index[str(d)], -1) for d in full.dims]
        padded = np.pad(full.to_numpy(), [(0, 1)] * full.ndim, constant_values=np.nan)
        return xr.DataArray(padded[tuple(at)], dims=spec.dims, attrs=data.attrs)

    def _labels(self, dim: str) -> list[str]:
        return self.extent.zones.codes if dim == "zone" else self.extent.ecosystems

    def integral(self, value: Traced, target: str, allowed: list[str], where: str) -> xr.DataArray:
        """Return zone x ecosystem sums of a grid in ``target``, and note what is not covered.

        A per-area field is multiplied with the true area of each cell, amounts are added; which
        of the two follows from the units and from nothing else.
        """
        unit = units.parse(value.data.attrs["units"])
        per_area = units.same_dimension(unit * units.parse("m2"), target)
        if not per_area and not units.same_dimension(unit, target):
            raise units.mismatch(unit, target, where=where)
        extent, classes = self.extent, self.extent.restricted(allowed)
        size = (len(extent.zones), len(extent.ecosystems))
        values = value.data if value.data.chunks else value.data.to_numpy()
        sums = integrate(
            values, extent.zone_index, classes, extent.cell_area, *size,
            per_area=per_area, shared=extent.zones.shared, checkpoint=self.kept(where),
        )  # fmt: skip
        if sums.cells_missing.any():
            self.holes[where] = self._holes(value, classes)
        total = units.convert(sums.total, unit * units.parse("m2") if per_area else unit, target)
        coords = {"zone": extent.zones.codes, "ecosystem": extent.ecosystems}
        data = xr.DataArray(total, coords, ("zone", "ecosystem"), attrs={"units": target})
        return data.sel(ecosystem=allowed)

    def kept(self, name: str) -> Path | None:
        """Return the folder in which the sums of an integral are kept, if any are."""
        return None if self.checkpoint is None else self.checkpoint / name

    def _holes(self, value: Traced, classes: np.ndarray[Any, Any]) -> list[dict[str, Any]]:
        """Attribute every missing cell to the combination of inputs that are missing there."""
        extent = self.extent
        with reading(", ".join(value.leaves)):
            values = value.data.to_numpy()
        missing = np.isnan(values) & (classes >= 0) & (extent.zone_index >= 0)
        code = np.zeros(missing.shape, np.int64)
        holes = []
        for bit, leaf in enumerate(value.leaves.values()):
            code[missing] |= np.isnan(leaf.to_numpy()[missing]).astype(np.int64) << bit
        for pattern in np.unique(code[missing]):
            names = [n for bit, n in enumerate(value.leaves) if pattern >> bit & 1]
            cause = f"{' and '.join(names)} missing" if names else "the formula gives no number"
            where = np.where(missing & (code == pattern), classes, -1)
            size = (len(extent.zones), len(extent.ecosystems))
            cells, area = contingency(
                extent.zone_index, where, extent.cell_area, *size, shared=extent.zones.shared
            )
            for z, e in np.argwhere(cells > 0):
                holes.append(
                    {
                        "zone": extent.zones.codes[z],
                        "ecosystem": extent.ecosystems[e],
                        "cause": cause,
                        "area_m2": float(area[z, e]),
                        "cells": int(cells[z, e]),
                    }
                )
        return holes

    def _integrate_table(self, data: xr.DataArray, target: str, where: str) -> xr.DataArray:
        """Multiply a per-area value by ecosystem with the area of the extent."""
        unit = units.parse(data.attrs["units"])
        if units.same_dimension(unit, target):
            return units.convert(data.drop_attrs(), unit, target).assign_attrs(units=target)
        if not units.same_dimension(unit * units.parse("m2"), target) or "ecosystem" not in data.dims:
            raise units.mismatch(unit, target, where=where)
        area = self.extent.area.sel(ecosystem=data["ecosystem"])
        total = units.convert(data.drop_attrs() * area.drop_attrs(), unit * units.parse("m2"), target)
        return total.assign_attrs(units=target)


def _summed(data: xr.DataArray, step: Step) -> xr.DataArray:
    """Add up over ecosystems where a step says so; only what is missing throughout is missing."""
    dims = [d for d in step.sum if d in data.dims]
    return data.sum(dims, min_count=1, keep_attrs=True) if dims else data


def _guard(step: Step, args: dict[str, Traced]) -> None:
    """Refuse to count one total once for every zone, ecosystem or item."""
    for dim in ("zone", "ecosystem", "item"):
        having = [n for n, a in args.items() if dim in a.data.dims]
        for name, arg in args.items():
            if having and name not in having and units.kind(arg.data.attrs["units"]) == "amount":
                raise TableError(
                    f"{name} [{arg.data.attrs['units']}] is one total, {', '.join(having)} differ by {dim}",
                    where=step.formula.name,
                    expected=f"{name} by {dim}, or the others without {dim}",
                    fix=f"give {name} for each {dim}; a total must not be counted once for each",
                )


def conform(data: xr.DataArray, labels: list[str], name: str, dim: str = "item") -> xr.DataArray:
    """Return ``data`` for ``labels`` in their order.

    An item may be part of another: ``mongolia_xinjiang/岱海`` takes what is known for
    ``mongolia_xinjiang`` unless it has a value of its own.

    Raises
    ------
    TableError
        A label has no value.
    """
    if dim not in data.dims:
        return data
    known = [str(i) for i in data[dim].to_numpy()]
    taken = [v if v in known else v.partition("/")[0] for v in labels]
    lacking = [v for v, t in zip(labels, taken, strict=True) if t not in known]
    if lacking:
        raise TableError(
            f"{name} has no value for {', '.join(lacking)}", expected=f"known are {', '.join(known)}"
        )
    return data.sel({dim: taken}).assign_coords({dim: labels})
