"""Land-cover transitions between maps, and the ecosystem extent account of SEEA EA.

Every cell has a history: its ecosystem in each map. Histories are added up exactly by zone in one
pass, with true cell areas. The area of each is then rounded once, to a multiple of a power of two
that is so small that the whole region still fits into a float64; from there on every sum and
difference is exact. So opening + additions - reductions == closing, and the closing extent of one
period == the opening extent of the next, to the last bit, in every unit and in cells.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gep import units
from gep.ecosystems import Crosswalk
from gep.ecosystems import label as ecosystem_label
from gep.errors import Faults, GepError, GridError, LedgerError, TableError
from gep.grid.georef import GridSpec, declared_missing
from gep.grid.layers import cells_of
from gep.zones import Zones

#: Where a map has no class.
UNMAPPED = "unmapped"
#: Bits of a float64 that a region's area may take up.
_BITS = 52
_ACCOUNT = ("opening", "additions", "reductions", "net_change", "closing")


@dataclass(frozen=True, eq=False, repr=False)
class Transitions:
    """What became what between two maps.

    Attributes
    ----------
    rows : DataFrame
        ``zone, from, to, cells, area_m2``; several rows of a pair where there are more maps.
    opening, closing : str or int
        Names of the two maps.
    zones : DataFrame
        By code: ``name`` and levels.
    ecosystems : tuple of str
        All types that any map of the series has, ``unmapped`` last if there is such land.
    """

    rows: pd.DataFrame
    opening: str | int
    closing: str | int
    zones: pd.DataFrame
    ecosystems: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """Return ``zone, from, to, area_m2, cells``, one row for each pair that has cells."""
        keys = ["zone", "from", "to"]
        groups = self.rows.groupby(keys, sort=False, observed=True)
        sums = groups[["area_m2", "cells"]].sum().reset_index().astype(dict.fromkeys(keys, str))
        at = {name: i for i, name in enumerate(self.ecosystems)}
        place = {code: i for i, code in enumerate(self.zones.index)}
        order = np.lexsort([sums["to"].map(at), sums["from"].map(at), sums["zone"].map(place)])
        return sums.iloc[order].reset_index(drop=True)

    def matrix(self, zone: str | int | None = None, *, unit: str = "m2", labels: str = "") -> pd.DataFrame:
        """Return the transition matrix: rows are the opening map, columns the closing map.

        Parameters
        ----------
        zone : str or int, optional
            Code or unique name; the whole region unless given.
        unit : str
            A unit of area, or ``cells``.
        labels : {"", "zh", "en"}
            Write names instead of codes.
        """
        codes = list(self.zones.index) if zone is None else [self._code(zone)]
        table, named = self._amounts(unit, codes), _named(self.ecosystems, labels)
        made = pd.DataFrame(table, pd.Index(named, name=self.opening), pd.Index(named, name=self.closing))
        made.attrs["units"] = unit
        return made

    def account(
        self, zone: str | int | None = None, *, by: str = "", unit: str = "m2", labels: str = ""
    ) -> pd.DataFrame:
        """Return the ecosystem extent account: opening, additions, reductions, net change, closing.

        Parameters
        ----------
        zone : str or int, optional
            One zone by code or unique name; the whole region unless given.
        by : str
            ``zone`` or a level of the zones: an account for each.
        unit, labels
            As for :meth:`matrix`.

        Returns
        -------
        DataFrame
            By ``ecosystem`` (after ``by``). Land without a class is a row of its own. Rows close
            exactly, and so do the sums of columns.
        """
        if by and zone is None:
            parts = {name: self._account(codes, unit, labels) for name, codes in self._groups(by)}
            made = pd.concat(parts, names=[by, "ecosystem"])
        elif by:
            raise LedgerError("one zone and an account for each", expected="zone= or by=")
        else:
            made = self._account(list(self.zones.index) if zone is None else [self._code(zone)], unit, labels)
        made.attrs["units"] = unit
        return made

    def _account(self, codes: Sequence[str], unit: str, labels: str) -> pd.DataFrame:
        table = self._amounts(unit, codes)
        stayed, opening, closing = table.diagonal(), table.sum(axis=1), table.sum(axis=0)
        amounts = (opening, closing - stayed, opening - stayed, closing - opening, closing)
        named = pd.Index(_named(self.ecosystems, labels), name="ecosystem")
        return pd.DataFrame(dict(zip(_ACCOUNT, amounts, strict=True)), named)

    def _amounts(self, unit: str, codes: Sequence[str]) -> NDArray[Any]:
        """Return cells or areas by ecosystem then and now, rounded once so that all sums are exact."""
        if unit == "cells":
            amounts = self.rows["cells"].to_numpy(np.int64)
        else:
            area = self.rows["area_m2"].to_numpy(float)
            amounts = area if unit == "m2" else whole(area * units.factor("m2", unit))
        types, within = list(self.ecosystems), self.rows["zone"].isin(codes).to_numpy()
        places = tuple(pd.Categorical(self.rows[side], types).codes[within] for side in ("from", "to"))
        table = np.zeros((len(types), len(types)), amounts.dtype)
        np.add.at(table, places, amounts[within])
        return table

    def _groups(self, by: str) -> Iterator[tuple[str, list[str]]]:
        if by == "zone":
            yield from ((code, [code]) for code in self.zones.index)
        elif by in self.zones and by != "name":
            for value in dict.fromkeys(self.zones[by]):
                yield str(value), list(self.zones.index[self.zones[by] == value])
        else:
            known = ", ".join(["zone", *(str(c) for c in self.zones if c != "name")])
            raise LedgerError(f"no key {by!r}", expected=f"one of {known}")

    def _code(self, zone: str | int) -> str:
        text = str(zone)
        hits = [text] if text in self.zones.index else list(self.zones.index[self.zones["name"] == text])
        if len(hits) != 1:
            known = ", ".join(self.zones.index[:12])
            raise LedgerError(f"zone {text!r}", expected=f"a code or a unique name: {known}")
        return str(hits[0])

    def __repr__(self) -> str:
        area = self.rows["area_m2"]
        moved = area[self.rows["from"] != self.rows["to"]].sum()
        return (
            f"<Transitions {self.opening} to {self.closing}: {area.sum() / 1e6:,.4g} km2,"
            f" {moved / 1e6:,.4g} km2 of it changed; {len(self.zones)} zones>"
        )


@dataclass(frozen=True, eq=False, repr=False)
class TransitionSeries:
    """The transitions between many maps.

    Attributes
    ----------
    histories : DataFrame
        ``zone``, a column for each map with the ecosystem there, ``cells`` and ``area_m2``.
    years : tuple
        Names of the maps in order.
    zones : DataFrame
        By code, with names.
    ecosystems : tuple of str
        Types, in order.
    """

    histories: pd.DataFrame
    years: tuple[str | int, ...]
    zones: pd.DataFrame
    ecosystems: tuple[str, ...]

    def between(self, opening: str | int, closing: str | int) -> Transitions:
        """Return the transitions from the map ``opening`` to ``closing``."""
        for year in (opening, closing):
            if year not in self.years:
                raise LedgerError(f"there is no map of {year!r}", expected=f"one of {list(self.years)}")
        past = self.histories
        rows = pd.DataFrame(
            {"zone": past["zone"], "from": past[opening], "to": past[closing]}, index=past.index
        ).assign(cells=past["cells"], area_m2=past["area_m2"])
        return Transitions(rows, opening, closing, self.zones, self.ecosystems)

    @property
    def findings(self) -> list[str]:
        """Return what a careful reader should know: maps that are the same in every cell."""
        past = self.histories
        pairs = [(a, b) for a, b in pairwise(self.years) if (past[a] == past[b]).all()]
        return [f"the maps {a} and {b} are the same in every cell" for a, b in pairs]

    def __iter__(self) -> Iterator[Transitions]:
        return (self.between(a, b) for a, b in pairwise(self.years))

    def account(self, *, by: str = "", unit: str = "m2", labels: str = "") -> pd.DataFrame:
        """Return the extent accounts of all periods, one under the other; ``unit`` and ``labels`` as usual.

        Returns
        -------
        DataFrame
            By ``since``, ``until`` (and ``by``) and ``ecosystem``; columns as for
            :meth:`Transitions.account`. What closes one period opens the next.
        """
        made = {(one.opening, one.closing): one.account(by=by, unit=unit, labels=labels) for one in self}
        table = pd.concat(made, names=["since", "until"])
        table.attrs["units"] = unit
        return table

    def extent(self, *, unit: str = "m2", labels: str = "") -> pd.DataFrame:
        """Return the extent of each ecosystem in ``unit``, one column a map; ``labels`` writes names."""
        steps = {year: self.between(year, year) for year in self.years}
        made = pd.DataFrame({y: one.account(unit=unit, labels=labels)["closing"] for y, one in steps.items()})
        made.columns.name, made.attrs["units"] = "year", unit
        return made

    def __repr__(self) -> str:
        area = self.histories["area_m2"].sum() / 1e6
        years = ", ".join(map(str, self.years))
        return f"<TransitionSeries {years}: {area:,.4g} km2, {len(self.zones)} zones>"


def transitions(
    opening: xr.DataArray,
    closing: xr.DataArray,
    zones: Zones | None = None,
    *,
    crosswalk: Any,
    years: tuple[str | int, str | int] = ("opening", "closing"),
) -> Transitions:
    """Account for what became what between two land-cover maps.

    Parameters
    ----------
    opening, closing : DataArray of int
        Land-cover codes on one grid.
    zones : Zones, optional
        Zones on that grid; the whole grid is one region unless given. Cells outside all zones do
        not count.
    crosswalk : str, path, mapping or Crosswalk
        Which ecosystem type each code stands for; as for :class:`gep.Inputs`.
    years : tuple
        Names of the two maps.

    Returns
    -------
    Transitions

    Raises
    ------
    GridError
        The maps (or the zones) do not lie on one grid.
    TableError
        Codes without a row in the crosswalk, of all maps at once.

    Notes
    -----
    A cell that a map does not know (nodata) is ``unmapped`` there, a row and column of its own.

    Examples
    --------
    >>> from gep import set_crs
    >>> at = {"lat": [0.5, -0.5], "lon": [110.5, 111.5]}
    >>> old, new = (
    ...     set_crs(xr.DataArray(np.array(a, "uint8"), at, ("lat", "lon")), "EPSG:4326")
    ...     for a in ([[1, 1], [2, 0]], [[1, 2], [2, 2]])
    ... )
    >>> walk = Crosswalk("demo", {1: "forest", 2: "cropland"}, nodata=(0,))
    >>> found = transitions(old, new, crosswalk=walk)
    >>> found.account(unit="cells").loc["cropland"].tolist()
    [1, 2, 0, 2, 3]
    >>> account = found.account()
    >>> (account.opening + account.additions - account.reductions == account.closing).all()
    np.True_
    """
    if years[0] == years[1]:
        raise LedgerError(f"both maps are called {years[0]!r}", expected="two names")
    maps = dict(zip(years, (opening, closing), strict=True))
    return transition_series(maps, zones, crosswalk=crosswalk).between(*years)


def transition_series(
    maps: Mapping[Any, xr.DataArray], zones: Zones | None = None, *, crosswalk: Any
) -> TransitionSeries:
    """Account for what became what between many land-cover maps, in the order given.

    Parameters
    ----------
    maps : mapping of year (or another name) to DataArray
        Two or more, on one grid.
    zones, crosswalk
        As for :func:`transitions`.
    """
    from gep.grid.aggregation import aggregate  # a compiler comes along

    if len(maps) < 2:
        raise LedgerError(f"{len(maps)} maps", expected="two or more, by year")
    names = list(maps)
    spec = zones.spec if zones is not None else GridSpec.of(maps[names[0]], _map(names[0]))
    if spec is None:
        raise GridError("the zones are a table", where="zones", expected="zones of a grid")
    walk = Crosswalk.of(crosswalk)
    codes, past = _histories(maps, walk, spec, _inside(zones, spec))
    # numbers of histories lie on the grid of the maps, which is checked; they need no coordinates
    numbered: Any = codes
    sums = aggregate(
        np.zeros(spec.shape, np.int32) if zones is None else zones, numbered,
        area=spec.cell_area() if zones is None else None,
    )  # fmt: skip
    table = _table(zones)
    seen = past[sums.frame["class"].to_numpy(np.int64)]
    present = np.unique(seen)
    types = pd.Index([[*walk.ecosystems, UNMAPPED][i] for i in present], dtype=object)
    columns: dict[Any, Any] = {"zone": pd.Categorical.from_codes(sums.zone, pd.Index(table.index))}
    for i, name in enumerate(names):
        columns[name] = pd.Categorical.from_codes(np.searchsorted(present, seen[:, i]), types)
    histories = pd.DataFrame({**columns, "cells": sums.cells, "area_m2": whole(sums.area)})
    return TransitionSeries(histories, tuple(names), table, tuple(types))


def _histories(
    maps: Mapping[Any, xr.DataArray], walk: Crosswalk, spec: GridSpec, inside: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the number of each cell's history, and the classes of each history."""
    faults = Faults()
    codes, past = np.zeros(spec.shape, np.int64), np.zeros((1, 0), np.int64)
    for name, data in maps.items():
        try:
            places = _classes(cells_of(data, spec, _map(name)), walk, inside, _map(name))
        except GepError as error:
            faults.take(error, where=_map(name))
        else:
            codes, past = _lengthened(codes, past, places, len(walk.ecosystems) + 1)
    faults.raise_common(TableError, "the maps cannot be compared")
    return codes, past


def _inside(zones: Zones | None, spec: GridSpec) -> NDArray[np.bool_]:
    """Return which cells count for a zone, wholly or in part."""
    if zones is None or zones.index is None:
        return np.ones(spec.shape, bool)
    inside = zones.index >= 0
    if zones.shared is not None:
        inside.ravel()[zones.shared.place[zones.shared.zone >= 0]] = True
    return inside


def _map(name: object) -> str:
    return f"land cover {name}"


def _table(zones: Zones | None) -> pd.DataFrame:
    if zones is None:
        return pd.DataFrame({"name": ["region"]}, index=pd.Index(["region"], name="code"))
    return zones.table[["name", *zones.levels]]


def _classes(
    codes: xr.DataArray, walk: Crosswalk, inside: NDArray[np.bool_], where: str
) -> NDArray[np.int64]:
    """Return the position of each cell's ecosystem; one past the last is not mapped.

    Raises
    ------
    TableError
        Codes inside zones that the crosswalk does not know, or that are not whole numbers.
    """
    values = np.asarray(codes.to_numpy())
    if values.dtype.kind == "f" and bool(((values % 1) > 0).any()):
        raise TableError("it has codes that are not whole numbers", where=where, expected="class codes")
    told = [int(v) for v in declared_missing(codes, where) if np.isfinite(v) and int(v) == v]
    extra = set(told) - set(walk.nodata) - set(walk.classes)
    places, unknown = Crosswalk(walk.name, walk.classes, (*walk.nodata, *extra)).index(values)
    strange = {int(c): int(((values == c) & inside).sum()) for c in unknown}
    found = [f"{code} in {cells} cells" for code, cells in strange.items() if cells]
    if found:
        raise TableError(
            f"codes without a row in crosswalk {walk.name!r}: {', '.join(found)}", where=where,
            expected=", ".join(f"{k}={v}" for k, v in walk.classes.items()),
            fix="add a row for each code, or list it as nodata of the crosswalk",
        )  # fmt: skip
    return np.where(places < 0, len(walk.ecosystems), places).astype(np.int64)


def _lengthened(
    codes: NDArray[np.int64], past: NDArray[np.int64], places: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lengthen the history of every cell by one map: number what now differs, and say what it is."""
    numbers, pairs = pd.factorize((codes * size + places).ravel())
    before, now = np.divmod(np.asarray(pairs), size)
    return numbers.reshape(codes.shape).astype(np.int64), np.column_stack([past[before], now])


def whole(amounts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round to multiples of a power of two of which the sum of all has at most 52 bits.

    Examples
    --------
    >>> a, b, c = whole(np.array([0.1, 0.2, 0.3]))
    >>> (a + b) + c == a + (b + c)
    np.True_
    """
    step = math.ldexp(1.0, math.frexp(math.fsum(amounts))[1] - _BITS)
    return np.asarray(np.round(amounts / step) * step)


def _named(ecosystems: Sequence[str], lang: str) -> list[str]:
    unmapped = {"zh": "（无分类）", "en": "(not mapped)"}
    if not lang:
        return list(ecosystems)
    if lang not in unmapped:
        raise LedgerError(f"no names in {lang!r}", expected="'zh' or 'en'")
    return [unmapped[lang] if e == UNMAPPED else ecosystem_label(e, lang) for e in ecosystems]
