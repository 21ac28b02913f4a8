"""Zones: which cell counts for which zone, what the zones are called and how large they are."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gep import showing
from gep.errors import Faults, ZoneError
from gep.grid.cell_area import CellArea
from gep.grid.georef import GridSpec
from gep.grid.shared import Shared
from gep.zones.areas import area_findings, areas_on_grid
from gep.zones.labels import match_labels, read_labels, refuse_unnamed
from gep.zones.outlines import outlines
from gep.zones.polygons import (
    burn,
    check_shapes,
    cut,
    geodesic_areas,
    note_gaps,
    note_overlaps,
    read_polygons,
)
from gep.zones.table import areas_of, check_nested, check_totals, codes_of, km2, some, tidy_table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import xarray as xr
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, repr=False)
class Zones:
    """The zones of an account; keys are codes, names may repeat.

    Build one with :meth:`from_labels`, :meth:`from_polygons` or :meth:`from_areas`.

    Attributes
    ----------
    table : pandas.DataFrame
        Index ``code`` (str); columns ``name``, one a level, and where known ``stated_area_m2`` and
        ``polygon_area_m2``. A zone without cells stays.
    spec : GridSpec or None
        The grid; None for an account made of tables only.
    index : ndarray of int32, shape (rows, cols), or None
        Position of each cell's zone in ``table``; -1 is outside all zones.
    region : str
        Name of the whole.
    levels : tuple of str
        Columns that group zones (county of a township).
    extent : pandas.DataFrame or None
        ``zone, ecosystem, area_m2`` as given to :meth:`from_areas`.
    findings : list of str
        What a careful reader should know: overlaps, tiny zones, cells outside all zones.
    shared : Shared or None
        Cells that borders cut, where each zone counts its part of them.
    shapes : geopandas.GeoSeries or None
        The polygons by code, as given to :meth:`from_polygons`; see :meth:`outlines`.
    """

    table: pd.DataFrame
    spec: GridSpec | None = None
    index: NDArray[np.int32] | None = None
    region: str = "region"
    levels: tuple[str, ...] = ()
    extent: pd.DataFrame | None = None
    findings: list[str] = field(default_factory=list)
    shared: Shared | None = None
    shapes: Any = None

    # ------------------------------------------------------------------------------------ builders

    @classmethod
    def from_labels(
        cls,
        labels: xr.DataArray,
        table: pd.DataFrame | None = None,
        *,
        code: str = "code",
        name: str = "name",
        levels: Sequence[str] = (),
        stated_area: str | None = None,
        stated_area_unit: str | None = None,
        nodata: int | Sequence[int] | None = None,
        region: str = "region",
    ) -> Zones:
        """Build zones from a raster whose cells hold the code of their zone.

        Parameters
        ----------
        labels : xarray.DataArray of int
            2-D; floats only where all are whole numbers or NaN (outside).
        table : pandas.DataFrame, optional
            A row a zone. A column ``label`` gives the raster value where it is not the code.
        code, name : str
            Columns of the code (needed) and the name (the code where absent).
        levels : sequence of str
            Columns that group zones.
        stated_area, stated_area_unit : str, optional
            Column of an official area and its unit, ``"km2"`` or the name of a unit column.
        nodata : int or sequence of int, optional
            Raster values that are outside, besides the declared ``_FillValue``.
        region : str
            Name of the whole.

        Raises
        ------
        ZoneError
            All faults at once: duplicate or empty codes, labels without a row, fractions, fill values
            that are not declared (not finite, or beyond 2**53), codes too large for their float32,
            labels of zero and below with neither table nor ``nodata``.
        GridError
            The raster has no usable georeference or distorts areas.

        Examples
        --------
        >>> import xarray as xr
        >>> from gep.grid.crs import set_crs
        >>> cells = xr.DataArray([[1, 1], [2, 0]], {"lat": [40.5, 39.5], "lon": [1.5, 2.5]}, ("lat", "lon"))
        >>> townships = pd.DataFrame({"code": [1, 2, 3], "name": ["A", "B", "C"]})
        >>> zones = Zones.from_labels(set_crs(cells, "EPSG:4326"), townships, nodata=0, region="Demo")
        >>> zones
        Zones('Demo': 3 zones, 2 x 2 cells of 1 x 1 degrees from (1, 41), EPSG:4326; 2 findings)
        >>> zones.resolve("B"), zones.index.tolist()
        ('2', [[0, 0], [1, -1]])
        """
        spec = GridSpec.of(labels, "labels")
        faults = Faults()
        values, at = read_labels(labels, spec, nodata, faults)
        if table is None:
            if nodata is None:
                refuse_unnamed(values, faults)
            table = pd.DataFrame({code: values})
        tidy = tidy_table(table, code, name, levels, region, faults)
        if stated_area is not None and tidy is not None:
            tidy["stated_area_m2"] = areas_of(table, stated_area, stated_area_unit, faults)
        faults.raise_as(ZoneError, "the zones cannot be read", where="zones")
        assert tidy is not None  # noqa: S101
        position = match_labels(tidy, table, values, faults)
        index = np.where(at >= 0, np.append(position, -1)[at], -1).astype(np.int32)
        unknown = np.flatnonzero(position < 0)
        if unknown.size:
            area = spec.cell_area().by_index(np.where(np.isin(at, unknown), at, -1), len(values))
            for k in unknown[:20]:
                cells = int((at == k).sum())
                faults.add(
                    f"label {values[k]} has no row in the table ({cells} cells, {km2(area[k])})",
                    where="zones", fix=f"add a row for it, or nodata={values[k]} if it is outside",
                )  # fmt: skip
            if unknown.size > 20:
                faults.add(f"and {unknown.size - 20} more labels without a row", where="zones")
        faults.raise_as(ZoneError, "labels and table do not fit", where="zones")
        return cls(tidy, spec, index, region, tuple(levels), findings=_on_grid(tidy, spec, index, region))

    @classmethod
    def from_polygons(
        cls,
        polygons: Any,
        *,
        like: xr.DataArray,
        code: str = "code",
        name: str = "name",
        levels: Sequence[str] = (),
        stated_area: str | None = None,
        stated_area_unit: str | None = None,
        region: str = "region",
        all_touched: bool = False,
        cells: str = "centre",
    ) -> Zones:
        """Build zones from polygons on the grid of ``like``.

        Parameters
        ----------
        polygons : geopandas.GeoDataFrame or path
            A row a zone, any CRS; it is transformed to that of the grid.
        like : xarray.DataArray
            Any raster on the grid of the account.
        code, name, levels, stated_area, stated_area_unit, region
            As in :meth:`from_labels`.
        all_touched : bool
            Count every touched cell; areas then come out too large.
        cells : {"centre", "share"}
            A cell belongs where its centre lies, or to each zone by the part of it that lies there, so
            that townships add up to their county.

        Raises
        ------
        ZoneError
            No CRS, duplicate or empty codes, no polygon, more than 1 % of a zone overlaps another, or
            others in sum.
        MissingExtra
            geopandas and rasterio (extra ``geo``) are not installed.

        Notes
        -----
        ``table["polygon_area_m2"]`` is the geodesic area. Where polygons overlap a little, the one
        that stands first in the table keeps the cells; with shares, both get part of them.
        """
        if cells not in ("centre", "share"):
            raise ZoneError(f"cells={cells!r} is not known", where="zones", expected="'centre' or 'share'")
        frame = read_polygons(polygons)
        spec, faults = GridSpec.of(like, "like"), Faults()
        tidy = tidy_table(frame, code, name, levels, region, faults)
        if stated_area is not None and tidy is not None:
            tidy["stated_area_m2"] = areas_of(frame, stated_area, stated_area_unit, faults)
        check_shapes(frame, faults)
        faults.raise_as(ZoneError, "the zones cannot be read", where="zones")
        assert tidy is not None  # noqa: S101
        findings: list[str] = []
        shapes = frame.geometry.reset_index(drop=True)
        if not shapes.is_valid.all():
            findings.append(f"repaired invalid polygons of {some(tidy.index[~shapes.is_valid.to_numpy()])}")
            shapes = shapes.make_valid()
        tidy["polygon_area_m2"] = geodesic_areas(shapes)
        note_overlaps(shapes, tidy, findings, faults)
        faults.raise_as(ZoneError, "zones overlap", where="zones")
        flat = shapes.to_crs(spec.crs)
        index = burn(flat, spec, all_touched=all_touched)
        shared = None
        if cells == "share":
            shared = cut(flat, spec)
            note_gaps(shapes, findings)
        findings += _on_grid(tidy, spec, index, region, shared)
        kept = shapes.set_axis(tidy.index)
        return cls(tidy, spec, index, region, tuple(levels), findings=findings, shared=shared, shapes=kept)

    @classmethod
    def from_areas(
        cls,
        frame: pd.DataFrame,
        *,
        zone: str = "zone",
        ecosystem: str = "ecosystem",
        area: str = "area",
        unit: str = "unit",
        name: str = "name",
        levels: Sequence[str] = (),
        region: str = "region",
    ) -> Zones:
        """Build zones from a table of ecosystem areas, for an account without grids.

        Parameters
        ----------
        frame : pandas.DataFrame
            A row for each zone and ecosystem.
        zone, ecosystem, area, name : str
            Columns; ``name`` may be absent.
        unit : str
            Column of area units, or one unit for all, for example ``"km2"`` or ``"亩"``.
        levels : sequence of str
            Columns that group zones.
        region : str
            Name of the whole.

        Raises
        ------
        ZoneError
            All faults at once: missing columns, empty codes, repeated rows, rows of totals, areas
            that are missing, below zero or infinite, units that are no area, two names for one code, an
            ecosystem beside a part of it.

        Examples
        --------
        >>> rows = pd.DataFrame({"zone": [1, 1], "ecosystem": ["forest", "crop"], "area": [15.0, 2.0]})
        >>> Zones.from_areas(rows, unit="亩").zone_area()["1"].round(3)
        np.float64(11333.333)
        """
        faults = Faults()
        if absent := [c for c in (zone, ecosystem, area) if c not in frame]:
            raise ZoneError(
                f"the table has no column {' and '.join(map(repr, absent))}", where="zones",
                expected=f"columns among {list(frame.columns)}", fix="name them: zone=, ecosystem=, area=",
            )  # fmt: skip
        labels = [c for c in dict.fromkeys([name, *levels]) if c in frame]
        keyed = frame.assign(**{zone: codes_of(frame[zone])})
        heads = keyed[[zone, *labels]].drop_duplicates()
        tidy = tidy_table(heads, zone, name, levels, region, faults)
        if tidy is not None:
            check_totals(tidy, faults)
        extent = pd.DataFrame(
            {
                "zone": keyed[zone].to_numpy(),
                "ecosystem": frame[ecosystem].astype(str).str.strip().to_numpy(),
                "area_m2": areas_of(frame, area, unit, faults, needed=True),
            }
        )
        for z, e in extent.loc[extent.duplicated(["zone", "ecosystem"]), ["zone", "ecosystem"]].to_numpy():
            faults.add(f"{e!r} stands more than once", where=f"zone {z}", fix="add the rows up first")
        check_nested(extent, faults)
        faults.raise_as(ZoneError, "the table of areas cannot be used", where="zones")
        assert tidy is not None  # noqa: S101
        return cls(tidy, None, None, region, tuple(levels), extent)

    # --------------------------------------------------------------------------------------- facts

    @property
    def codes(self) -> list[str]:
        """Codes in the order of the table."""
        return [str(c) for c in self.table.index]

    @property
    def names(self) -> list[str]:
        """Names in the order of the table; they may repeat."""
        return [str(n) for n in self.table["name"]]

    @property
    def cell_area(self) -> CellArea:
        """True area of the cells of the grid; ZoneError where there is no grid."""
        if self.spec is None:
            raise ZoneError("these zones come from a table of areas and have no grid", where=self.region)
        return self.spec.cell_area()

    def zone_area(self) -> pd.Series[float]:
        """Return the true area of each zone in m2 by code; 0 where a zone has no cell."""
        return self._area.copy()

    @cached_property
    def _area(self) -> pd.Series[float]:
        if self.extent is not None:
            sums = self.extent.groupby("zone")["area_m2"].sum().reindex(self.table.index)
            return sums.rename("area_m2")
        assert self.index is not None  # noqa: S101
        area = areas_on_grid(self.index, self.cell_area, len(self), self.shared)
        return pd.Series(area, self.table.index, name="area_m2")

    def resolve(self, name_or_code: str | int) -> str:
        """Return the code of a zone given by code or by a name that is unique.

        Raises
        ------
        ZoneError
            Unknown (near names are listed), or a name that several zones have (codes are listed).
        """
        text = str(name_or_code).strip()
        if text in self.table.index:
            return text
        hits = [c for c, n in zip(self.codes, self.names, strict=True) if n == text]
        if len(hits) == 1:
            return hits[0]
        if hits:
            raise ZoneError(
                f"{len(hits)} zones have the name {text!r}", where=self.region,
                expected="a name that is unique, or a code", fix=f"use one of the codes {', '.join(hits)}",
            )  # fmt: skip
        near = difflib.get_close_matches(text, [*self.names, *self.codes], n=3, cutoff=0.4)
        known = [n if n in self.table.index else f"{n} ({self.resolve_all(n)})" for n in dict.fromkeys(near)]
        raise ZoneError(
            f"there is no zone {text!r}", where=self.region, expected="a code or a name of these zones",
            fix=f"did you mean {', '.join(known)}?" if known else f"known are {some(self.codes)}",
        )  # fmt: skip

    def resolve_all(self, name: str) -> str:
        """Return all codes that have a name, as text."""
        return ", ".join(c for c, n in zip(self.codes, self.names, strict=True) if n == name)

    def by_level(self, level: str) -> pd.Series[str]:
        """Return the value of a level (for example the county) of each zone, by code."""
        if level not in self.levels:
            raise ZoneError(
                f"there is no level {level!r}", where=self.region,
                expected=f"one of {list(self.levels)}" if self.levels else "zones built with levels=(...)",
            )  # fmt: skip
        return self.table[level]

    def members(self, level: str) -> Mapping[str, list[str]]:
        """Return the codes of the zones in each value of a level, in the order of the table."""
        grouped: dict[str, list[str]] = {}
        for code, value in self.by_level(level).items():
            grouped.setdefault(value, []).append(str(code))
        return grouped

    def outlines(self) -> Any:
        """Return the shape of each zone (extra ``geo``); see :func:`gep.zones.outlines.outlines`."""
        return outlines(self)

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        parts = [f"{len(self)} zones"]
        if self.levels:
            parts.append(f"levels {', '.join(self.levels)}")
        if self.extent is not None:
            parts.append(f"{len(self.extent)} areas, {km2(float(self.extent['area_m2'].sum()))}, no grid")
        elif self.spec is not None:
            parts.append(str(self.spec))
        tail = f"; {len(self.findings)} finding{'s' * (len(self.findings) > 1)}" if self.findings else ""
        return f"Zones({self.region!r}: {', '.join(parts)}{tail})"

    def _repr_html_(self) -> str:
        area = self._area / 1e6
        rows = [
            [code, *self.table.loc[code, ["name", *self.levels]], f"{area[code]:,.2f}"] for code in self.codes
        ]
        return showing.block(
            repr(self), "; ".join(self.findings), ["code", "name", *self.levels, "km²"], rows
        )


def _on_grid(
    table: pd.DataFrame,
    spec: GridSpec,
    index: NDArray[np.int32],
    region: str,
    shared: Shared | None = None,
) -> list[str]:
    """Return the findings of zones on a grid; ZoneError where none has a cell."""
    if (index < 0).all():
        raise ZoneError("no zone has a cell on the grid", where=region, expected=str(spec))
    return area_findings(table, index, spec.cell_area(), shared)
