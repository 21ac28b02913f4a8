"""GridSums: what a pass over a grid gives, by zone and class; all that follows is small tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gep.errors import GridError
from gep.grid.blocks import FieldSums, Sums, among
from gep.grid.runs import span

Float = np.float64
Labels = NDArray[np.int64]
#: Labels lie close where a table over all numbers between them is at most so many times longer.
_CLOSE = 8
#: Unit of a total, whether values were multiplied with area, unit of the values.
Told = tuple[str, bool, str]


@dataclass(frozen=True)
class FieldTotal:
    """One field by pair of zone and class, as in the rows of a :class:`GridSums`.

    Attributes
    ----------
    total : ndarray of float64
        Sum over the cells that have a value; NaN where none has.
    unit : str
        Of the total.
    per_area : bool
        Whether values were multiplied with the cell area.
    own_unit : str
        Of the values.
    missing : ndarray of int64
        Cells without a value.
    missing_area : ndarray of float64
        m2.
    """

    total: NDArray[Float]
    unit: str
    per_area: bool
    own_unit: str
    missing: NDArray[np.int64]
    missing_area: NDArray[Float]


@dataclass(frozen=True)
class GridSums:
    """Cells, area and fields by zone and class; only pairs that have cells have a row.

    Attributes
    ----------
    zones, classes : list
        Labels; a zone without cells stays.
    zone, cls : ndarray of int
        Position in ``zones`` and ``classes`` of each row, sorted.
    cells : ndarray of int64
    area : ndarray of float64
        m2.
    fields : mapping of str to FieldTotal
    outside_cells, outside_area : int, float
        What lies outside all zones, m2.
    gaps : tuple of ndarray
        Position in ``zones``, cells and m2 of land inside zones without a class, as in :attr:`unclassified`.
    """

    zones: list[Any]
    classes: list[Any]
    zone: NDArray[np.intp]
    cls: NDArray[np.intp]
    cells: NDArray[np.int64]
    area: NDArray[Float]
    fields: Mapping[str, FieldTotal]
    outside_cells: int
    outside_area: float
    gaps: tuple[NDArray[np.intp], NDArray[np.int64], NDArray[Float]]

    @classmethod
    def of(
        cls,
        sums: Sums,
        fields: Mapping[str, Told],
        outside: frozenset[int],
        unclassified: frozenset[int],
        codes: list[Any] | None = None,
        classes: list[Any] | None = None,
    ) -> GridSums:
        """Read exact ``sums`` of ``fields``, less the labels ``outside`` and ``unclassified``.

        ``codes`` and ``classes`` name the labels 0, 1, ... where labels are positions.
        """
        labels, classified = sums.pairs.zone, sums.pairs.cls
        inside, known = ~among(labels, outside), ~among(classified, unclassified)
        held = inside & (sums.cells > 0)  # blocks in which every cell differs number pairs without any
        rows, blank = (_sorted(labels, classified, held & some) for some in (known, ~known))
        named, (zone, gap) = _named(_distinct(labels[held]), codes, labels[rows], labels[blank])
        types, (kind,) = _named(_distinct(classified[rows]), classes, classified[rows])
        area = sums.area.to_float()
        totals = {n: _total(sums.fields[n], rows, sums.cells[rows], told) for n, told in fields.items()}
        beyond = sums.area.take(np.flatnonzero(~inside)).sum().to_float()
        return cls(
            named, types, zone, kind, sums.cells[rows], area[rows], totals,
            int(sums.cells[~inside].sum()), float(beyond[0]),
            (gap, sums.cells[blank], area[blank]),
        )  # fmt: skip

    @cached_property
    def unclassified(self) -> pd.DataFrame:
        """Return ``zone, cells, area_m2`` of land inside zones without a class; its fields are left out."""
        at, cells, area = self.gaps
        rows = pd.DataFrame({"zone": [self.zones[i] for i in at], "cells": cells, "area_m2": area})
        return rows.groupby("zone", sort=False).sum().reset_index() if len(rows) else rows

    @property
    def frame(self) -> pd.DataFrame:
        """Return a row for each zone and class that has cells; areas in m2, fields with units in attrs."""
        columns: dict[str, Any] = {
            "zone": np.asarray(self.zones, object)[self.zone],
            "class": np.asarray(self.classes, object)[self.cls],
            "cells": self.cells,
            "area_m2": self.area,
        }
        for name, field in self.fields.items():
            columns |= {name: field.total, f"{name}_missing_m2": field.missing_area}
        made = pd.DataFrame(columns).infer_objects()
        made.attrs["units"] = {name: field.unit for name, field in self.fields.items()}
        return made

    def __getitem__(self, name: str) -> xr.DataArray:
        """Return ``cells``, ``area`` or the total of a field over zone and class; zero where no cell is."""
        if name == "cells":
            return self._table(self.cells, "1")
        if name == "area":
            return self._table(self.area, "m2")
        field = self._field(name)
        return self._table(field.total, field.unit)

    def missing(self, name: str) -> xr.DataArray:
        """Return m2 of cells in which a field has no value, over zone and class."""
        return self._table(self._field(name).missing_area, "m2")

    def covered(self, name: str) -> xr.DataArray:
        """Return m2 of cells in which a field has a value, over zone and class."""
        return (self["area"] - self.missing(name)).assign_attrs(units="m2")

    def mean(self, name: str) -> xr.DataArray:
        """Return the mean of a field over the area that has values, over zone and class.

        Raises
        ------
        GridError
            The field is an amount in cells, whose mean depends on the size of the cells.
        """
        if not self._field(name).per_area:
            raise GridError(f"{name} is an amount", expected="a density or a state", fix=f"sums[{name!r}]")
        area = self.covered(name)
        return (self[name] / area.where(area > 0)).assign_attrs(units=self._field(name).own_unit)

    def to_xarray(self) -> xr.Dataset:
        """Return everything as a Dataset over zone and class; ``<field>_missing`` in m2."""
        tables = {"cells": self["cells"], "area": self["area"]}
        for name in self.fields:
            tables |= {name: self[name], f"{name}_missing": self.missing(name)}
        return xr.Dataset(tables)

    def account(self, coefficients: xr.DataArray, modifiers: Mapping[str, str] | None = None) -> xr.DataArray:
        """Return coefficient x area for many services at once; no grid is read again.

        Parameters
        ----------
        coefficients : DataArray
            Over ``class`` (all classes that have cells) and any other dimensions: service, year of
            prices, scenario, draw. Per m2 and unit of the modifier.
        modifiers : mapping of str to str, optional
            Service to the field that takes the place of the area; needs a dimension ``service``.

        Returns
        -------
        DataArray
            Over zone, class and the other dimensions.

        Raises
        ------
        GridError
            A class without coefficient, or a service or field that is not known.
        """
        needed = {"class", "service"} if modifiers else {"class"}
        if lacking := sorted(needed - set(coefficients.coords)):
            raise GridError(f"coefficients have no labels of {' and '.join(lacking)}", where="coefficients")
        coefficients = self._for_classes(coefficients)
        if not modifiers:
            return self["area"].drop_attrs() * coefficients
        services = list(map(str, coefficients["service"].to_numpy()))
        if strange := sorted(set(modifiers) - set(services)):
            raise GridError(f"services {', '.join(strange)} are not known", expected=", ".join(services))
        base = [self[modifiers[s]] if s in modifiers else self["area"] for s in services]
        stacked = xr.concat([b.drop_attrs() for b in base], pd.Index(services, name="service"))
        return (stacked * coefficients).transpose("zone", "class", ...)

    def _for_classes(self, coefficients: xr.DataArray) -> xr.DataArray:
        told = coefficients["class"].to_numpy().tolist()
        if twice := sorted({c for c in told if told.count(c) > 1}):
            raise GridError(f"class {', '.join(map(str, twice))} has more than one coefficient")
        known = set(told)
        if lacking := [c for c in self.classes if c not in known]:
            size = [
                f"{c} ({self.area[self.cls == self.classes.index(c)].sum() / 1e6:,.4g} km2)" for c in lacking
            ]
            raise GridError(
                f"no coefficient for class {', '.join(size)}", fix="a row for each; 0 where it is none"
            )
        return coefficients.sel({"class": self.classes})

    def _field(self, name: str) -> FieldTotal:
        if name not in self.fields:
            raise GridError(f"field {name} is not known", expected=", ".join(self.fields) or "cells or area")
        return self.fields[name]

    def _table(self, values: NDArray[Any], unit: str) -> xr.DataArray:
        table = np.zeros((len(self.zones), len(self.classes)), values.dtype)
        table[self.zone, self.cls] = values
        return xr.DataArray(table, self._labels, ("zone", "class"), attrs={"units": unit})

    @cached_property
    def _labels(self) -> dict[str, NDArray[Any]]:
        """Return the labels as arrays: making one of a long list takes as long as a table."""
        return {"zone": np.asarray(self.zones), "class": np.asarray(self.classes)}

    def __repr__(self) -> str:
        fields = ", ".join(f"{n} [{f.unit}]" for n, f in self.fields.items()) or "no fields"
        return (
            f"GridSums({len(self.zones)} zones x {len(self.classes)} classes, "
            f"{int(self.cells.sum()):,} cells, {self.area.sum() / 1e6:,.4g} km2; {fields})"
        )


def _sorted(labels: Labels, classified: Labels, which: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the places of distinct pairs, in order; by one number each where one can hold it."""
    rows = np.flatnonzero(which)
    zone, kind = labels[rows], classified[rows]
    (low, zones), (low_class, kinds) = span(zone), span(kind)
    if zones * kinds >= 2**62:
        return rows[np.lexsort((kind, zone))]
    key = (zone - low) * kinds + (kind - low_class)
    if zones * kinds > _CLOSE * rows.size:
        return rows[np.argsort(key)]
    table = np.full(zones * kinds, -1)
    table[key] = rows
    return table[table >= 0]


def _distinct(labels: Labels) -> Labels:
    """Return each label once, in order."""
    low, width = span(labels)
    if width > _CLOSE * labels.size:
        return np.unique(labels)
    there = np.zeros(width, bool)
    there[labels - low] = True
    return np.flatnonzero(there) + low


def _named(
    found: Labels, names: list[Any] | None, *labels: Labels
) -> tuple[list[Any], list[NDArray[np.intp]]]:
    """Return the names of all labels that were found, and the places of labels among them."""
    if names is not None:
        return names, [one.astype(np.intp) for one in labels]
    low, width = span(found)
    if width > _CLOSE * found.size:
        return found.tolist(), [np.searchsorted(found, one) for one in labels]
    places = np.zeros(width, np.intp)
    places[found - low] = np.arange(found.size)
    return found.tolist(), [places[one - low] for one in labels]


def _total(sums: FieldSums, rows: NDArray[np.intp], cells: NDArray[np.int64], told: Told) -> FieldTotal:
    total, missing = sums.total.to_float()[rows], sums.missing[rows]
    total[missing == cells] = np.nan
    return FieldTotal(total, *told, missing, sums.missing_area.to_float()[rows])
