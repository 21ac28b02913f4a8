"""Zones: which cell counts for which zone, what the zones are called and how large they are."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gep import units
from gep.errors import Faults, UnitError, ZoneError, need_extra
from gep.georef import CellArea, GridSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import xarray as xr
    from numpy.typing import NDArray

#: Share of the smaller zone that overlaps: worth a word, and too much.
OVERLAP_NOTED, OVERLAP_REFUSED = 1e-6, 0.01
#: Relative difference between two areas of one zone that is worth a word.
AREA_NOTED = 0.01


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
    """

    table: pd.DataFrame
    spec: GridSpec | None = None
    index: NDArray[np.int32] | None = None
    region: str = "region"
    levels: tuple[str, ...] = ()
    extent: pd.DataFrame | None = None
    findings: list[str] = field(default_factory=list)

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
            All faults at once: duplicate or empty codes, labels without a row, fractions.
        GridError
            The raster has no usable georeference or distorts areas.

        Examples
        --------
        >>> import xarray as xr
        >>> from gep.georef import set_crs
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
        values, at = _unique_labels(labels, spec, nodata, faults)
        if table is None:
            table = pd.DataFrame({code: values})
        tidy = _tidy(table, code, name, levels, faults)
        if stated_area is not None and tidy is not None:
            tidy["stated_area_m2"] = _stated(table, stated_area, stated_area_unit, faults)
        faults.raise_as(ZoneError, "the zones cannot be read", where="zones")
        assert tidy is not None  # noqa: S101
        position = _match(tidy, table, values, faults)
        index = np.where(at >= 0, np.append(position, -1)[at], -1).astype(np.int32)
        unknown = np.flatnonzero(position < 0)
        if unknown.size:
            area = _areas(np.where(np.isin(at, unknown), at, -1), spec.cell_area(), len(values))
            for k in unknown[:20]:
                cells = int((at == k).sum())
                faults.add(
                    f"label {values[k]} has no row in the table ({cells} cells, {_km2(area[k])})",
                    where="zones", fix=f"add a row for it, or nodata={values[k]} if it is outside",
                )  # fmt: skip
            if unknown.size > 20:
                faults.add(f"and {unknown.size - 20} more labels without a row", where="zones")
        faults.raise_as(ZoneError, "labels and table do not fit", where="zones")
        zones = cls(tidy, spec, index, region, tuple(levels))
        zones.findings.extend(_grid_findings(zones))
        return zones

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
    ) -> Zones:
        """Build zones from polygons on the grid of ``like``; a cell belongs where its centre lies.

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

        Raises
        ------
        ZoneError
            No CRS, duplicate or empty codes, no polygon, more than 1 % of a zone overlaps another.
        MissingExtra
            geopandas and rasterio (extra ``geo``) are not installed.

        Notes
        -----
        ``table["polygon_area_m2"]`` is the geodesic area. Where polygons overlap a little, the one
        that stands first in the table keeps the cells.
        """
        geopandas = _geo("geopandas", "zones from polygons")
        frame = geopandas.read_file(polygons) if isinstance(polygons, str | Path) else polygons
        spec, faults = GridSpec.of(like, "like"), Faults()
        tidy = _tidy(frame, code, name, levels, faults)
        if stated_area is not None and tidy is not None:
            tidy["stated_area_m2"] = _stated(frame, stated_area, stated_area_unit, faults)
        _check_shapes(frame, faults)
        faults.raise_as(ZoneError, "the zones cannot be read", where="zones")
        assert tidy is not None  # noqa: S101
        findings: list[str] = []
        shapes = frame.geometry.reset_index(drop=True)
        if not shapes.is_valid.all():
            findings.append(f"repaired invalid polygons of {_some(tidy.index[~shapes.is_valid.to_numpy()])}")
            shapes = shapes.make_valid()
        tidy["polygon_area_m2"] = _geodesic(shapes)
        _overlaps(shapes, tidy, findings, faults)
        faults.raise_as(ZoneError, "zones overlap", where="zones")
        index = _burn(shapes.to_crs(spec.crs), spec, all_touched=all_touched)
        zones = cls(tidy, spec, index, region, tuple(levels), findings=findings)
        findings.extend(_grid_findings(zones))
        return zones

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
            All faults at once: missing columns, empty codes, repeated rows, areas that are missing
            or below zero, units that are no area, two names for one code.

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
        keyed = frame.assign(**{zone: _codes(frame[zone])})
        heads = keyed[[zone, *labels]].drop_duplicates()
        tidy = _tidy(heads, zone, name, levels, faults)
        extent = pd.DataFrame(
            {
                "zone": keyed[zone].to_numpy(),
                "ecosystem": frame[ecosystem].astype(str).str.strip().to_numpy(),
                "area_m2": _stated(frame, area, unit, faults, needed=True),
            }
        )
        for z, e in extent.loc[extent.duplicated(["zone", "ecosystem"]), ["zone", "ecosystem"]].to_numpy():
            faults.add(f"{e!r} stands more than once", where=f"zone {z}", fix="add the rows up first")
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
        area = _areas(self.index, self.cell_area, len(self))
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
            fix=f"did you mean {', '.join(known)}?" if known else f"known are {_some(self.codes)}",
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

    def __len__(self) -> int:
        return len(self.table)

    def __repr__(self) -> str:
        parts = [f"{len(self)} zones"]
        if self.levels:
            parts.append(f"levels {', '.join(self.levels)}")
        if self.extent is not None:
            parts.append(f"{len(self.extent)} areas, {_km2(float(self.extent['area_m2'].sum()))}, no grid")
        elif self.spec is not None:
            parts.append(str(self.spec))
        tail = f"; {len(self.findings)} finding{'s' * (len(self.findings) > 1)}" if self.findings else ""
        return f"Zones({self.region!r}: {', '.join(parts)}{tail})"


# --------------------------------------------------------------------------------------------- table


def _codes(column: pd.Series[Any]) -> pd.Series[str]:
    """Return codes as text: 150105101 and 150105101.0 become "150105101", missing becomes ""."""

    def one(value: Any) -> str:
        if value is None or value is pd.NA or value != value:
            return ""
        whole = isinstance(value, float | np.floating) and float(value).is_integer()
        return str(int(value)) if whole else str(value).strip()

    return pd.Series([one(v) for v in column], column.index, dtype=object)


def _tidy(
    frame: pd.DataFrame, code: str, name: str, levels: Sequence[str], faults: Faults
) -> pd.DataFrame | None:
    """Return the table of zones by code, noting every fault; None where columns are missing."""
    if absent := [c for c in (code, *levels) if c not in frame]:
        for column in absent:
            faults.add(
                f"the table has no column {column!r}", where="zones", expected=f"one of {list(frame.columns)}"
            )
        return None
    codes = _codes(frame[code])
    tidy = pd.DataFrame({"name": _codes(frame[name]) if name in frame else codes})
    for level in levels:
        tidy[level] = _codes(frame[level])
        for blank in codes[tidy[level] == ""]:
            faults.add(f"it has no {level}", where=f"zone {blank}")
    tidy["name"] = tidy["name"].where(tidy["name"] != "", codes)
    tidy.index = pd.Index(codes.to_numpy(), dtype=object, name="code")
    for place in np.flatnonzero(codes == ""):
        faults.add("a zone has no code", where=f"row {place + 1} of the zones")
    for double in codes[codes.duplicated() & (codes != "")].unique():
        listed = ", ".join(tidy.loc[[double], "name"])
        faults.add(f"code {double} stands for several zones ({listed})", where="zones", fix="merge them")
    if tidy.empty:
        faults.add("the table has no rows", where="zones")
    return tidy


def _stated(
    frame: pd.DataFrame, area: str, unit: str | None, faults: Faults, *, needed: bool = False
) -> NDArray[np.float64]:
    """Return a column of areas in m2; ``unit`` is a column or one unit for all."""
    out = np.full(len(frame), np.nan)
    column = unit if unit in frame and unit != area else None
    if area not in frame or unit is None or (column is None and unit == "unit"):
        lacks = f"no column {area!r}" if area not in frame else "no unit"
        faults.add(f"the areas have {lacks}", where="zones", fix="name the column and its unit, say 'km2'")
        return out
    texts = frame[column].astype(str) if column else pd.Series(unit, frame.index)
    numbers = pd.to_numeric(frame[area], errors="coerce").to_numpy(float)
    for text in texts.unique():
        try:
            out[texts == text] = numbers[texts == text] * units.factor(text, "m2")
        except UnitError as error:
            faults.take(error, where=f"unit of {area}")
            out[texts == text] = 0.0
    blank = frame[area].isna().to_numpy() & (not needed)
    for place in np.flatnonzero(~(out >= 0) & ~blank):
        faults.add(f"area {frame[area].iloc[place]!r} is missing or below zero", where=f"row {place + 1}")
    return out


# -------------------------------------------------------------------------------------------- labels


def _unique_labels(
    labels: xr.DataArray, spec: GridSpec, nodata: int | Sequence[int] | None, faults: Faults
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return the label values and, for each cell, the position of its value (-1 outside)."""
    single = [d for d in labels.dims if d not in spec.dims and labels.sizes[d] == 1]
    squeezed = labels.squeeze(single, drop=True)
    if set(squeezed.dims) != set(spec.dims):
        raise ZoneError(f"they have the dimensions {squeezed.dims}", where="labels", expected=str(spec.dims))
    raw = squeezed.transpose(*spec.dims).to_numpy()
    outside = np.zeros(raw.shape, bool)
    if raw.dtype.kind == "f":
        outside = np.isnan(raw)
        broken = ~outside & (raw != np.floor(raw))
        if broken.any():
            faults.add(
                f"{int(broken.sum())} labels are fractions, for example {raw[broken][0]:g}", where="labels",
                expected="whole numbers", fix="resample them as classes: gep.align(..., kind='category')",
            )  # fmt: skip
    elif raw.dtype.kind not in "iu":
        raise ZoneError(f"labels are of type {raw.dtype}", where="labels", expected="whole numbers")
    listed = [] if nodata is None else [nodata] if isinstance(nodata, int | np.integer) else list(nodata)
    declared = [{**labels.encoding, **labels.attrs}.get(k) for k in ("_FillValue", "nodata", "missing_value")]
    for value in [*listed, *(d for d in declared if d is not None)]:
        outside |= raw == value
    at = np.full(raw.shape, -1, np.intp)
    values, at[~outside] = _unique(raw[~outside].astype(np.int64))
    return values, at


def _unique(labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return the sorted values and the position of each label; without sorting where they lie close."""
    low, high = (int(labels.min()), int(labels.max())) if labels.size else (0, 0)
    if high - low > 10_000_000:
        values, at = np.unique(labels, return_inverse=True)
        return values, at
    shifted = labels - low
    present = np.bincount(shifted, minlength=1) > 0
    return np.flatnonzero(present).astype(np.int64) + low, (np.cumsum(present) - 1)[shifted]


def _match(
    tidy: pd.DataFrame, table: pd.DataFrame, values: NDArray[np.int64], faults: Faults
) -> NDArray[np.intp]:
    """Return the row of each label value, -1 without one; leading zeros of codes do not matter."""
    keys = _codes(table["label"]) if "label" in table else pd.Series(tidy.index, dtype=object)
    rows: dict[int, int] = {}
    for i, key in enumerate(keys):
        if key.lstrip("-").isdecimal() and rows.setdefault(int(key), i) != i:
            both = f"{tidy.index[rows[int(key)]]} and {tidy.index[i]}"
            faults.add(f"zones {both} claim one label {int(key)}", where="zones", fix="give a column 'label'")
    return np.array([rows.get(int(v), -1) for v in values], np.intp)


def _areas(index: NDArray[np.integer[Any]], area: CellArea, size: int) -> NDArray[np.float64]:
    """Return m2 by position; negative positions are not counted."""
    out = np.zeros(size)
    for start in range(0, index.shape[0], 256):
        block = index[start : start + 256]
        inside = block >= 0
        cells = np.broadcast_to(area.rows(start, start + block.shape[0]), block.shape)
        out += np.bincount(block[inside], cells[inside], size)
    return out


def _grid_findings(zones: Zones) -> list[str]:
    """Return what is worth knowing of zones on their grid."""
    assert zones.index is not None  # noqa: S101
    if (zones.index < 0).all():
        raise ZoneError("no zone has a cell on the grid", where=zones.region, expected=str(zones.spec))
    area, found = zones.zone_area(), []
    if (empty := area == 0).any():
        found.append(f"without a cell, kept as missing: {_some(area.index[empty])}")
    outside = zones.index < 0
    if outside.any():
        lost = _areas(np.where(outside, 0, -1), zones.cell_area, 1)[0]
        found.append(f"{int(outside.sum())} cells ({_km2(lost)}) lie outside all zones")
    for column, what in (("polygon_area_m2", "polygon"), ("stated_area_m2", "stated area")):
        if column not in zones.table:
            continue
        told = zones.table[column]
        found += [
            f"zone {code}: cells cover {_km2(area[code])}, its {what} is {_km2(told[code])} "
            f"({100 * (area[code] / told[code] - 1):+.1f} %)"
            for code in area.index[((area / told - 1).abs() > AREA_NOTED) & ~empty]
        ]
    if "polygon_area_m2" in zones.table:
        small = zones.table["polygon_area_m2"] < zones.cell_area.mean
        if small.any():
            found.append(f"smaller than one cell: {_some(area.index[small])}")
    return found


# ------------------------------------------------------------------------------------------ polygons


def _geo(package: str, purpose: str) -> Any:
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError as error:
        raise need_extra(package.split(".", maxsplit=1)[0], "geo", purpose) from error


def _check_shapes(frame: Any, faults: Faults) -> None:
    if frame.crs is None:
        faults.add("the polygons have no CRS", where="zones", fix="frame = frame.set_crs('EPSG:...')")
    kinds = frame.geometry.geom_type
    empty = (frame.geometry.is_empty | frame.geometry.isna()).to_numpy()
    for place in np.flatnonzero(~kinds.isin(["Polygon", "MultiPolygon"]).to_numpy() | empty):
        found = "empty" if empty[place] else kinds.iloc[place]
        faults.add(f"geometry is {found}, not a polygon", where=f"row {place + 1} of the zones")


def _geodesic(shapes: Any) -> NDArray[np.float64]:
    """Return geodesic areas in m2 on the ellipsoid of the CRS; holes count as holes however they turn."""
    polygon = _geo("shapely.geometry.polygon", "zones from polygons")
    crs = shapes.crs.geodetic_crs or shapes.crs
    geod = crs.get_geod()

    def area(shape: Any) -> float:
        parts = [g for g in getattr(shape, "geoms", [shape]) if g.geom_type == "Polygon"]
        return float(sum(geod.geometry_area_perimeter(polygon.orient(g))[0] for g in parts))

    return np.array([area(shape) for shape in shapes.to_crs(crs)])


def _overlaps(shapes: Any, tidy: pd.DataFrame, findings: list[str], faults: Faults) -> None:
    """Note overlaps of polygons; a large one is a fault."""
    first, second = shapes.sindex.query(shapes, predicate="intersects")
    pairs = np.column_stack([first, second])[first < second]
    if not len(pairs):
        return
    shapely = _geo("shapely", "zones from polygons")
    plain = shapes.to_numpy()
    shared = shapely.area(shapely.intersection(plain[pairs[:, 0]], plain[pairs[:, 1]]))
    flat, sizes = shapely.area(plain), tidy["polygon_area_m2"].to_numpy()
    share = shared / np.minimum(flat[pairs[:, 0]], flat[pairs[:, 1]])
    for (i, j), part in sorted(zip(pairs.tolist(), share.tolist(), strict=True)):
        a, b = tidy.index[i], tidy.index[j]
        size = _km2(part * min(sizes[i], sizes[j]))
        if part > OVERLAP_REFUSED:
            faults.add(
                f"zones {a} and {b} overlap by {size}, {100 * part:.1f} % of the smaller", where="zones",
                fix="cut one by the other, or build one Zones for each zoning",
            )  # fmt: skip
        elif part > OVERLAP_NOTED:
            findings.append(f"zones {a} and {b} overlap by {size}; its cells go to {a}")


def _burn(shapes: Any, spec: GridSpec, *, all_touched: bool) -> NDArray[np.int32]:
    """Return for each cell the position of the polygon that holds its centre, -1 for none."""
    features = _geo("rasterio.features", "zones from polygons")
    affine = _geo("affine", "zones from polygons").Affine
    a, _, west, _, e, _ = spec.transform
    order = range(len(shapes) - 1, -1, -1)  # the first in the table is drawn last and keeps its cells
    index = features.rasterize(
        [(shapes.iloc[i], i) for i in order], out_shape=spec.shape, fill=-1, dtype="int32",
        transform=affine(a, 0.0, west, 0.0, -abs(e), spec.bounds[3]), all_touched=all_touched,
    )  # fmt: skip
    return np.ascontiguousarray(index[::-1] if spec.transform[4] > 0 else index)


# ---------------------------------------------------------------------------------------------- text


def _km2(square_metres: float) -> str:
    return f"{square_metres / 1e6:.4g} km2" if square_metres < 1e10 else f"{square_metres / 1e6:,.0f} km2"


def _some(items: Iterable[Any], most: int = 10) -> str:
    listed = [str(i) for i in items]
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more
