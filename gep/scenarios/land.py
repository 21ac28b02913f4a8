"""Changes of land: areas that become another ecosystem, classes of a map that become another class."""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from gep import units
from gep.ecosystems import types
from gep.errors import Faults, GepError, TableError
from gep.grid.layers import cells_of
from gep.inputs import GridInput
from gep.scenarios.arguments import Given

if TYPE_CHECKING:
    from gep.zones import Zones

#: How far the shares of one ecosystem may exceed the whole: what typing thirds leaves.
WHOLE = 1e-9


@dataclass(frozen=True)
class Convert:
    """A part of one ecosystem that becomes another, in an account on a table of areas.

    Parameters
    ----------
    start, end : str
        Ecosystem types.
    share : float
        Part of the area of ``start``, or
    area, unit : float and str
        an area and its unit; over several zones in proportion to what each has of ``start``.
    zone : str
        Code, name, or value of a level; all zones if empty.

    Notes
    -----
    All conversions of a scenario happen at once, on the areas as they were. Quantities and rates
    given in tables do not follow the land; give them as further changes.
    """

    start: str
    end: str
    share: float | None = None
    area: float | None = None
    unit: str = ""
    zone: str = ""

    def __str__(self) -> str:
        part = "a part of the" if self.area is None else f"{self.area:g} {self.unit} of"
        part = part if self.share is None else f"{self.share:.4g} of the"
        return f"{part} {self.start} becomes {self.end}{f' in {self.zone}' if self.zone else ''}"


def conversions(matrix: pd.DataFrame, zone: str = "") -> list[Convert]:
    """Return the conversions that a square table of shares holds: from its rows to its columns.

    Parameters
    ----------
    matrix : DataFrame
        Shares of the ecosystems in the rows that become those in the columns.
    zone : str
        Code, name, or value of a level; all zones if empty.

    Examples
    --------
    >>> shares = pd.DataFrame({"forest": [0.9, 0.2]}, index=["forest", "grassland"])
    >>> [str(c) for c in conversions(shares)]
    ['0.2 of the grassland becomes forest']
    """
    return [
        Convert(str(a), str(b), share=float(s), zone=zone)
        for a, row in matrix.iterrows()
        for b, s in row.items()
        if a != b and s != 0.0
    ]


def convert(given: Given, changes: Sequence[Convert], faults: Faults) -> Given:
    """Return arguments with areas converted; what cannot be is noted."""
    extent = given.zones.extent
    if extent is None:
        faults.add(
            "these zones lie on a grid, where shares have no place", where=f"{changes[0]}",
            expected="zones from a table of areas", fix="Reclass(...) changes the map",
        )  # fmt: skip
        return given
    area = {(str(z), str(e)): float(a) for z, e, a in extent[["zone", "ecosystem", "area_m2"]].to_numpy()}
    gone: dict[tuple[str, str], list[float]] = {}
    come: dict[tuple[str, str], list[float]] = {}
    for change in changes:
        for zone, moved in _moved(given.zones, area, change, faults).items():
            gone.setdefault((zone, change.start), []).append(moved)
            come.setdefault((zone, change.end), []).append(moved)
    for key, parts in gone.items():
        taken = math.fsum(parts)
        if taken > area[key] * (1.0 + WHOLE):
            faults.add(
                f"{taken / 1e6:.6g} km2 of {key[1]} are converted, there are {area[key] / 1e6:.6g}",
                where=f"zone {key[0]}", expected="no more than there is", fix="smaller shares or areas",
            )  # fmt: skip
    keys = [*area, *(k for k in come if k not in area)]
    after = [
        max(math.fsum([area.get(k, 0.0), *come.get(k, ()), *(-v for v in gone.get(k, ()))]), 0.0)
        for k in keys
    ]
    table = pd.DataFrame(keys, columns=["zone", "ecosystem"]).assign(area_m2=after)
    return given.using(zones=replace(given.zones, extent=table))


def _moved(
    zones: Zones, area: Mapping[tuple[str, str], float], change: Convert, faults: Faults
) -> dict[str, float]:
    """Return m2 that a change moves in each zone."""
    where, before = str(change), len(faults)
    _check(change, faults)
    asked = zones_of(zones, change.zone, where, faults)
    there = {z: area[z, change.start] for z in asked if area.get((z, change.start))}
    if not there and len(faults) == before:
        faults.add(
            f"there is no {change.start} to convert", where=where, expected="an ecosystem of these zones"
        )
    if len(faults) > before:
        return {}
    if change.share is not None:
        return {zone: change.share * size for zone, size in there.items()}
    try:
        wanted = float(change.area or 0.0) * units.factor(change.unit, "m2")
    except GepError as error:
        faults.take(error, where=where)
        return {}
    whole = math.fsum(there.values())
    return {zone: wanted * size / whole for zone, size in there.items()}


def _check(change: Convert, faults: Faults) -> None:
    """Note what is wrong with a conversion wherever it is meant."""
    where = str(change)
    for code in (change.start, change.end):
        check_type(code, where, faults)
    if (change.share is None) == (change.area is None):
        faults.add("it needs a share or an area, one of them", where=where)
    for number in (change.share, change.area):
        if number is not None and not (number >= 0.0 and math.isfinite(number)):
            faults.add(f"{number:g} cannot be converted", where=where, expected="zero or more")
    if change.share is not None and change.share > 1.0 + WHOLE:
        faults.add(f"the share is {change.share:g}", where=where, expected="1 at most")
    if change.start == change.end:
        faults.add(f"{change.start} becomes itself", where=where)


def zones_of(zones: Zones, text: str, where: str, faults: Faults) -> list[str]:
    """Return the codes of the zones that a text names: all, one, or those of a level."""
    if not text or text == zones.region:
        return zones.codes
    for level in zones.levels:
        members = zones.members(level)
        if text in members:
            return members[text]
    try:
        return [zones.resolve(text)]
    except GepError as error:
        faults.take(error, where=where)
        return []


def check_type(code: str, where: str, faults: Faults) -> None:
    """Note an ecosystem type that nobody knows."""
    if code not in types():
        near = ", ".join(difflib.get_close_matches(code, types(), n=3))
        faults.add(
            f"ecosystem {code!r} is not known", where=where, expected=near or "a type of ecosystems.toml"
        )


@dataclass(frozen=True)
class Reclass:
    """Classes of a land-cover map that become another class, where a mask or a zone says so.

    Parameters
    ----------
    start : int, str or sequence
        Codes, or ecosystem types that stand for all their codes; any class if empty.
    end : int or str
        A code, or an ecosystem type that one code alone leads to.
    where : DataArray of bool, optional
        Cells to change, on the grid of the map; all unless given. Missing is not changed.
    zone : str
        Code, name, or value of a level; everywhere if empty.

    Notes
    -----
    Rules follow each other. Other grids do not follow the map: what they say of a cell stays.
    """

    start: int | str | Sequence[int | str]
    end: int | str
    where: xr.DataArray | None = field(default=None, compare=False, repr=False)
    zone: str = ""

    def __str__(self) -> str:
        cells = "" if self.where is None else " within a mask"
        return f"class {self.start} becomes {self.end}{cells}{f' in {self.zone}' if self.zone else ''}"

    def apply(self, given: Given, faults: Faults) -> Given:
        """Return the ``given`` arguments with another map; what cannot be changed goes to ``faults``."""
        cover, walk, where = given.inputs.land_cover, given.inputs.crosswalk, str(self)
        if cover is None or walk is None or given.zones.spec is None:
            faults.add("there is no land-cover map", where=where, fix="Convert(...) changes a table of areas")
            return given
        before = len(faults)
        codes = self._codes(walk.classes, faults)
        end = _one_code(self.end, walk.classes, where, faults)
        mask = self._mask(given, faults)
        if len(faults) > before or mask is None:
            return given
        data = cover.data
        plain = cells_of(data, given.zones.spec, "land_cover")
        chosen = mask & (plain.isin(codes) if codes else plain.notna())
        if not bool(chosen.any()):
            faults.add("no cell is changed", where=where, expected="cells of this class there")
            return given
        made = plain.where(~chosen, end).astype(data.dtype)
        made = data.transpose(*data.dims).copy(data=made.data.reshape(data.shape))
        inputs = given.copied_inputs()
        inputs.land_cover = GridInput(made, given.status, given.said(cover.source))
        return given.using(inputs=inputs)

    def _codes(self, classes: Mapping[int, str], faults: Faults) -> list[int]:
        starts = [self.start] if isinstance(self.start, int | str) else list(self.start)
        codes: list[int] = []
        for start in (s for s in starts if s != ""):
            found = [c for c, e in classes.items() if start in (c, e)]
            if not found:
                faults.add(f"no class {start!r}", where=str(self), expected=_known(classes))
            codes += found
        return codes

    def _mask(self, given: Given, faults: Faults) -> xr.DataArray | None:
        zones = given.zones
        assert zones.spec is not None  # noqa: S101
        assert zones.index is not None  # noqa: S101
        codes = zones_of(zones, self.zone, str(self), faults)
        inside = np.isin(zones.index, [zones.codes.index(c) for c in codes]) if self.zone else True
        mask = xr.DataArray(np.broadcast_to(np.asarray(inside), zones.spec.shape), dims=zones.spec.dims)
        if self.where is None:
            return mask
        try:
            told = self.where.astype(float) if self.where.dtype.kind == "b" else self.where
            return mask & (cells_of(told, zones.spec, "where").fillna(0) != 0)
        except GepError as error:
            faults.take(error, where=str(self))
            return None


def _one_code(end: int | str, classes: Mapping[int, str], where: str, faults: Faults) -> int:
    found = [c for c, e in classes.items() if end in (c, e)]
    if len(found) != 1:
        what = f"{len(found)} codes lead to {end!r}" if found else f"no class {end!r}"
        faults.add(what, where=where, expected=_known(classes), fix="name one code of the crosswalk")
    return int(found[0]) if found else 0


def _known(classes: Mapping[int, str]) -> str:
    return ", ".join(f"{code}={name}" for code, name in classes.items())


def unsupported(change: Any) -> TableError:
    """Return the error for a change that is none."""
    return TableError(
        f"{change!r} is no change",
        expected="Convert, Reclass, Change, Price or Coefficients, or a list of them",
    )
