"""Inputs: grids and tables in one object, every number with a unit and a status."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from gep import units
from gep.ecosystems import Crosswalk
from gep.errors import Faults, GepError, TableError, UnitError
from gep.grid.georef import declared_missing, need_array
from gep.grid.layers import valued
from gep.tables import (
    COLUMNS,
    KEYS,
    as_text,
    key_of,
    melt,
    one_row,
    refuse_columns,
    status_of,
    text_of,
    weakest,
)


@dataclass(frozen=True)
class GridInput:
    """One grid: values with units, and what is known of them."""

    data: xr.DataArray
    status: str
    source: str

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Return the smallest and the largest value, read once."""
        both = xr.Dataset({"low": self.data.min(), "high": self.data.max()}).compute()
        return float(both["low"]), float(both["high"])


class Inputs:
    """Everything that an account is compiled from.

    Parameters
    ----------
    grids : Dataset or mapping of str to DataArray, optional
        Continuous fields by quantity name, each with ``attrs["units"]``.
    tables : sequence of DataFrame, path or str, optional
        See :meth:`add_table`.
    land_cover : DataArray, optional
        Land-cover codes.
    crosswalk : str, mapping or Crosswalk, optional
        Which ecosystem type each code stands for.
    status, source : str, optional
        Default for all that says nothing itself.

    Examples
    --------
    >>> table = pd.DataFrame({"zone": ["a", "b"], "population": [3.2, 1.1]})
    >>> inputs = Inputs()
    >>> inputs.add_table(table, units={"population": "万人"}, status="published", source="census")
    >>> inputs
    <Inputs: no land cover; grids: none; tables: population (2)>
    """

    def __init__(
        self,
        grids: xr.Dataset | Mapping[str, xr.DataArray] | None = None,
        tables: Sequence[pd.DataFrame | str | Path] = (),
        *,
        land_cover: xr.DataArray | None = None,
        crosswalk: str | Mapping[int, str] | Crosswalk | None = None,
        status: str = "",
        source: str = "",
    ) -> None:
        self.grids: dict[str, GridInput] = {}
        self.rows = pd.DataFrame(columns=[*COLUMNS, "origin"], dtype=object)
        self.land_cover: GridInput | None = None
        self.crosswalk: Crosswalk | None = None
        self.unfilled: list[str] = []
        if land_cover is not None:
            if crosswalk is None:
                raise TableError(
                    "land cover is given without a crosswalk: nobody says what its codes mean",
                    expected="crosswalk=a shipped scheme ('clcd', ...), a CSV, or {code: ecosystem}",
                )
            self.add_land_cover(land_cover, crosswalk, status=status, source=source)
        if grids is not None:
            self.add_grids(grids, status=status, source=source)
        for table in tables:
            self.add_table(table, status=status, source=source)

    def add_land_cover(
        self,
        codes: xr.DataArray,
        crosswalk: str | Path | Mapping[int, str] | Crosswalk,
        *,
        status: str = "",
        source: str = "",
    ) -> None:
        """Take the land-cover grid that ecosystems are read from.

        Parameters
        ----------
        codes : DataArray
            Class codes, on the grid of the account.
        crosswalk : str, path, mapping or Crosswalk
            Name of a shipped scheme, a CSV with ``code`` and ``ecosystem``, or a mapping.
        status, source : str
            How the map is known.

        Raises
        ------
        TableError
            Codes that are not whole numbers, or no status.
        """
        need_array(codes, "land_cover")
        walk = Crosswalk.of(crosswalk)
        nodata = {int(v) for v in declared_missing(codes, "land_cover") if np.isfinite(v) and int(v) == v}
        extra = sorted(nodata - set(walk.nodata) - set(walk.classes))
        if codes.dtype.kind == "f" and bool(((codes % 1) > 0).any()):
            raise TableError("land cover has codes that are not whole numbers", expected="class codes")
        status = status_of(status or codes.attrs.get("status", ""), "land_cover")
        self.crosswalk = Crosswalk(walk.name, walk.classes, (*walk.nodata, *extra), walk.source)
        self.land_cover = GridInput(codes, status, source or str(codes.attrs.get("source", "")))

    def add_grids(
        self,
        grids: xr.Dataset | Mapping[str, xr.DataArray],
        *,
        units: Mapping[str, str] | None = None,
        status: str = "",
        source: str = "",
    ) -> None:
        """Take continuous fields; the names are quantity names, every one has a unit.

        Parameters
        ----------
        grids : Dataset or mapping
            Two-dimensional fields. Bands that a georeference needs (``spatial_ref``) are passed over.
        units : mapping of str to str, optional
            Units of fields that carry none, or carry a wrong one: what stands here is believed.
        status, source : str, optional
            For all fields whose attrs do not say.

        Raises
        ------
        UnitError, TableError
            All faults at once.
        """
        faults = Faults()
        fields = grids.data_vars if isinstance(grids, xr.Dataset) else grids
        for name, data in fields.items():
            if isinstance(data, xr.DataArray) and data.ndim == 0:
                continue
            try:
                need_array(data, str(name))
                self.grids[str(name)] = _grid(str(name), data, units or {}, status, source)
            except GepError as error:
                faults.take(error, where=f"grid {name}")
        for name in sorted(set(units or {}) - {str(n) for n in fields}):
            faults.add(f"a unit is given for {name!r}", expected=f"one of {', '.join(map(str, fields))}")
        faults.raise_common(UnitError, "some grids cannot be taken")

    def add_table(
        self,
        table: pd.DataFrame | str | Path,
        *,
        units: Mapping[str, str] | None = None,
        status: str = "",
        source: str = "",
        price_year: int | None = None,
    ) -> None:
        """Take a table, long or wide.

        Parameters
        ----------
        table : DataFrame or path of a CSV
            Long: columns ``variable, value, unit, status`` and, where they apply, ``zone,
            ecosystem, item, source, note``: one number a row. Wide: key columns and one column
            for each quantity, with its unit in the header (``population [万人]``) or in ``units``.
        units : mapping of str to str, optional
            Units of wide columns.
        status, source : str, optional
            For rows that do not say.
        price_year : int, optional
            Price year of money that is written without one.

        Raises
        ------
        TableError
            All faults at once, each with file and line.

        Notes
        -----
        An empty value with a status is missing, and stays so. A row with neither is one of a
        template that nobody filled in; it is passed over and :func:`gep.check` names it.
        """
        frame, name = as_text(table)
        tidy = {"variable", "value"} <= set(frame.columns)
        for column in units or {}:
            if tidy or column not in frame:
                what = f"units= names {column!r}, and it is no column of values"
                raise TableError(
                    what, where=name, expected="a column of a wide table; rows say their own unit"
                )
        if tidy:
            refuse_columns(frame, name)
            filled = set(frame.loc[frame["value"].map(text_of) != "", "variable"].map(text_of))
        long = frame if tidy else melt(frame, units or {}, name)
        faults = Faults()
        taken = []
        records: list[dict[Any, Any]] = long.to_dict("records")
        for row in records:
            # a gap among filled rows is missing; a variable without any value is a blank template
            gap = tidy and bool(status) and text_of(row.get("variable")) in filled
            if text_of(row.get("value")) or text_of(row.get("status")) or gap:
                taken.append(one_row(row, name, status, source, price_year, faults))
            else:
                self.unfilled.append(text_of(row.get("variable")))
        known = {key_of(row): row["origin"] for row in self.rows.to_dict("records")}
        for one in taken:
            key = key_of(one)
            if key in known:
                named = " / ".join(filter(None, key))
                faults.add(f"{named} is given twice, first in {known[key]}", where=one["origin"])
            known[key] = one["origin"]
        faults.raise_as(TableError, "the table cannot be believed", where=name)
        new = pd.DataFrame(taken, columns=[*COLUMNS, "origin"])
        self.rows = new if self.rows.empty else pd.concat([self.rows, new], ignore_index=True)

    def names(self) -> set[str]:
        """Return the names of all grids and table variables."""
        return set(self.grids) | set(self.rows["variable"])

    def array(
        self,
        name: str,
        convert: Callable[[str], tuple[float, str]],
        item: str = "",
        *,
        region: str = "",
        zones_only: bool = False,
    ) -> tuple[xr.DataArray, str]:
        """Return a table variable over the keys that its rows have, and its weakest status.

        Parameters
        ----------
        name : str
            The variable.
        convert : callable
            Takes a row's unit to (factor, unit of the account); deflating happens there.
        item : str, optional
            Take only the rows of this item, and drop the key.
        region : str
            Name of the whole; a row of this zone counts as a row without zone.
        zones_only : bool
            Pass over a row for the whole region that stands beside rows for its zones.

        Raises
        ------
        TableError
            Rows of which some have a key and others not, or units that do not agree.
        """
        rows = self.rows[self.rows["variable"] == name]
        rows = rows.assign(zone=rows["zone"].where(rows["zone"] != region, ""))
        rows = rows[rows["item"] == item] if item else rows
        rows = rows[rows["zone"] != ""] if zones_only and (rows["zone"] != "").any() else rows
        if rows.empty:
            raise TableError(f"input {name!r} has no rows{f' for item {item!r}' if item else ''}")
        twice = rows[rows.duplicated([*KEYS], keep=False)]
        if len(twice):
            raise TableError(
                f"{name} is given for the region twice, with and without its name {region!r}",
                where=", ".join(twice["origin"].head(4)),
                expected="one row",
            )
        dims = [k for k in KEYS if (rows[k] != "").any() and not (item and k == "item")]
        mixed = [k for k in dims if (rows[k] == "").any()]
        if mixed:
            raise TableError(
                f"{name}: some rows have a {mixed[0]} and others have none",
                where=", ".join(rows.loc[rows[mixed[0]] == "", "origin"].head(3)),
                expected="all rows at one level",
            )
        converted = [convert(unit) for unit in rows["unit"]]
        target = converted[0][1]
        numbers = [
            value * factor * units.factor(unit, target)
            for value, (factor, unit) in zip(rows["value"], converted, strict=True)
        ]
        series = pd.Series(numbers, index=pd.MultiIndex.from_frame(rows[dims]) if dims else None, dtype=float)
        data = xr.DataArray(float(series.iloc[0])) if not dims else _cube(series, dims)
        return data.assign_attrs(units=target), weakest(rows["status"])

    def hashes(self) -> dict[str, str]:
        """Return a content hash of every input, to tell later whether it is still the same."""
        found = {name: _hash_grid(grid.data) for name, grid in self.grids.items()}
        if self.land_cover is not None:
            found["land_cover"] = _hash_grid(self.land_cover.data)
        for name, rows in self.rows.groupby("variable"):
            text = rows[list(COLUMNS)].sort_values(["zone", "ecosystem", "item"]).to_csv(index=False)
            found[str(name)] = hashlib.sha256(text.encode()).hexdigest()[:16]
        return found

    def __repr__(self) -> str:
        cover = f"land cover by {self.crosswalk.name}" if self.crosswalk else "no land cover"
        counts = self.rows["variable"].value_counts(sort=False)
        tables = ", ".join(f"{name} ({n})" for name, n in counts.items()) or "none"
        return f"<Inputs: {cover}; grids: {', '.join(self.grids) or 'none'}; tables: {tables}>"


def _grid(name: str, data: xr.DataArray, given: Mapping[str, str], status: str, source: str) -> GridInput:
    bands = [d for d in data.dims if data.sizes[d] == 1] if data.ndim > 2 else []
    data = data.squeeze(bands, drop=True)
    if data.ndim != 2:
        raise TableError(f"{name} has dimensions {data.dims}", expected="two: rows and columns")
    text = given.get(name) or units.units_of(data, name)
    units.parse(text)
    said = status_of(str(data.attrs.get("status", "")) or status, name)
    return GridInput(
        valued(data, name).assign_attrs(units=text), said, str(data.attrs.get("source", "")) or source
    )


def _cube(series: pd.Series[float], dims: list[str]) -> xr.DataArray:
    """Return a series over key columns as an array; combinations without a row are missing."""
    labels = [list(dict.fromkeys(series.index.get_level_values(d))) for d in dims]
    cube = np.full([len(names) for names in labels], np.nan)
    places = [{name: i for i, name in enumerate(names)} for names in labels]
    for key, value in zip(series.index, series.to_numpy(), strict=True):
        cube[tuple(place[part] for place, part in zip(places, key, strict=True))] = value
    return xr.DataArray(cube, coords=dict(zip(dims, labels, strict=True)), dims=dims)


def _hash_grid(data: xr.DataArray) -> str:
    if data.chunks is not None:
        return "lazy (not hashed)"
    digest = hashlib.sha256(np.ascontiguousarray(data.to_numpy()).tobytes())
    digest.update(str((data.dtype, data.shape, data.attrs.get("units"))).encode())
    return digest.hexdigest()[:16]
