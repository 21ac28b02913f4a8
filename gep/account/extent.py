"""The ecosystem extent of an account: area by zone and ecosystem, from a grid or a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gep.ecosystems import Crosswalk, types, within
from gep.errors import Faults, TableError
from gep.grid.cell_area import CellArea
from gep.grid.failing import reading
from gep.grid.georef import GridSpec
from gep.grid.layers import cells_of
from gep.grid.positions import contingency
from gep.inputs import Inputs
from gep.zones import Zones

#: Cause under which land is reported that the land cover does not map.
UNMAPPED = "land_cover has no class there"


@dataclass(frozen=True)
class Extent:
    """Area in m2 by zone and ecosystem, and on a grid the class of each cell.

    Attributes
    ----------
    area : DataArray, (zone, ecosystem)
        m2; zero where a zone has none of an ecosystem.
    classes : ndarray of int16 or None
        Position in ``ecosystems`` of each cell; negative is not mapped.
    unmapped : DataFrame
        ``zone, area_m2, cells`` of land inside zones without a class.
    """

    zones: Zones
    ecosystems: list[str]
    area: xr.DataArray
    classes: NDArray[np.int16] | None = None
    unmapped: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["zone", "area_m2", "cells"]))
    findings: tuple[str, ...] = ()

    @property
    def spec(self) -> GridSpec | None:
        """Return the grid, or None for an account of tables."""
        return self.zones.spec

    @property
    def frame(self) -> pd.DataFrame:
        """Return ``zone, ecosystem, area_m2`` of what is there."""
        rows = self.area.rename("area_m2").drop_attrs().to_dataframe().reset_index()
        return rows[rows["area_m2"] > 0].reset_index(drop=True)

    @property
    def cell_area(self) -> CellArea:
        """Return the true area of the cells."""
        return self.zones.cell_area

    @property
    def zone_index(self) -> NDArray[np.int32]:
        """Return the zone position of each cell; -1 is outside."""
        assert self.zones.index is not None  # noqa: S101
        return self.zones.index

    def allowed(self, groups: Iterable[str]) -> list[str]:
        """Return the ecosystems present that are within ``groups``; all if there are none."""
        wanted = list(groups)
        return [e for e in self.present if not wanted or within(e, wanted)]

    @cached_property
    def present(self) -> tuple[str, ...]:
        """Return the ecosystems that have any area."""
        sums = self.area.transpose("zone", "ecosystem").to_numpy().sum(axis=0)
        return tuple(e for e, area in zip(self.ecosystems, sums, strict=True) if area > 0)

    def restricted(self, allowed: list[str]) -> NDArray[np.int16]:
        """Return the class of each cell, with classes that do not count set to -1."""
        assert self.classes is not None  # noqa: S101
        keep = np.array([i if e in allowed else -1 for i, e in enumerate(self.ecosystems)] + [-1], np.int16)
        # the appended -1 is what any negative class finds
        return keep[np.maximum(self.classes, -1)]


def build(inputs: Inputs, zones: Zones) -> Extent:
    """Return the extent from land cover and zones, or from the zones' own table of areas.

    Raises
    ------
    TableError
        Land-cover codes inside zones that the crosswalk does not know: each with its cells, area
        and an example coordinate.
    GridError
        Land cover that does not lie on the zones' grid.
    """
    if zones.extent is not None:
        return _from_table(zones, zones.extent)
    if inputs.land_cover is None or inputs.crosswalk is None:
        raise TableError(
            "there is no land cover",
            expected="inputs.add_land_cover(...), or Zones.from_areas for tables alone",
        )
    return _from_grid(inputs.land_cover.data, inputs.crosswalk, zones)


def _from_table(zones: Zones, extent: pd.DataFrame) -> Extent:
    unknown = sorted(set(extent["ecosystem"]) - set(types()))
    if unknown:
        raise TableError(f"ecosystems {unknown} are not known", expected=f"one of {', '.join(types())}")
    wide = extent.pivot_table(index="zone", columns="ecosystem", values="area_m2", fill_value=0.0, sort=False)
    table = wide.reindex(zones.codes, fill_value=0.0)
    return Extent(zones, list(table.columns), _area(table.to_numpy(float), zones, list(table.columns)))


def _from_grid(codes: xr.DataArray, walk: Crosswalk, zones: Zones) -> Extent:
    assert zones.spec is not None  # noqa: S101
    assert zones.index is not None  # noqa: S101
    with reading("land_cover"):
        codes = cells_of(codes, zones.spec, "land_cover").load()
    classes, unknown = walk.index(codes.to_numpy())
    _refuse_unknown(codes, unknown, walk, zones)
    area = zones.cell_area
    counts, areas = contingency(
        zones.index, classes, area, len(zones), len(walk.ecosystems), shared=zones.shared
    )
    holes = np.where(classes < 0, 0, -1)
    empty, empty_area = contingency(zones.index, holes, area, len(zones), 1, shared=zones.shared)
    unmapped = pd.DataFrame({"zone": zones.codes, "area_m2": empty_area[:, 0], "cells": empty[:, 0]})
    return Extent(
        zones,
        walk.ecosystems,
        _area(areas, zones, walk.ecosystems),
        classes,
        unmapped[unmapped["cells"] > 0].reset_index(drop=True),
        _unused_rows(codes, walk, counts),
    )


def _area(table: NDArray[np.float64], zones: Zones, ecosystems: list[str]) -> xr.DataArray:
    coords = {"zone": zones.codes, "ecosystem": ecosystems}
    return xr.DataArray(table, coords=coords, dims=("zone", "ecosystem"), attrs={"units": "m2"})


def _refuse_unknown(codes: xr.DataArray, unknown: NDArray[Any], walk: Crosswalk, zones: Zones) -> None:
    assert zones.spec is not None  # noqa: S101
    assert zones.index is not None  # noqa: S101
    faults = Faults()
    values = codes.to_numpy()
    for code in unknown:
        inside = (values == code) & (zones.index >= 0)
        if not inside.any():
            continue
        cells, area = contingency(
            zones.index, np.where(inside, 0, -1), zones.cell_area, len(zones), 1, shared=zones.shared
        )
        row, col = np.argwhere(inside)[0]
        x, y = zones.spec.point(int(row), int(col))
        faults.add(
            f"code {code}: {int(cells.sum())} cells, {area.sum() / 1e6:.4g} km2, "
            f"for example at ({x:.6g}, {y:.6g})",
            where="land_cover",
        )
    if faults:
        known = ", ".join(f"{k}={v}" for k, v in walk.classes.items())
        raise TableError.many(
            f"land-cover codes without a row in crosswalk {walk.name!r}",
            [*faults, *_hint(known, _unused_rows(codes, walk, None))],
        )


def _hint(known: str, unused: tuple[str, ...]) -> Faults:
    hints = Faults()
    fix = "add a row for each code, or list it as nodata of the crosswalk"
    hints.add(f"the crosswalk knows {known}", where="crosswalk", fix=fix)
    for text in unused:
        hints.add(text, where="crosswalk")
    return hints


def _unused_rows(codes: xr.DataArray, walk: Crosswalk, counts: NDArray[np.int64] | None) -> tuple[str, ...]:
    """Name the rows of the crosswalk that no cell inside the zones (or the grid) has."""
    if counts is not None:
        empty = {e for e, n in zip(walk.ecosystems, counts.sum(axis=0), strict=True) if n == 0}
        rows = [f"{code} ({e})" for code, e in walk.classes.items() if e in empty]
    else:
        present = set(pd.unique(codes.to_numpy().ravel()).tolist())
        rows = [f"{code} ({e})" for code, e in walk.classes.items() if code not in present]
    return (f"rows of crosswalk {walk.name!r} without cells: {', '.join(rows)}",) if rows else ()
