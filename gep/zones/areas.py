"""What the areas of zones say: cells against polygons and stated areas, zones without cells."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gep import units
from gep.zones.table import km2, some

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gep.grid.cell_area import CellArea
    from gep.grid.shared import Shared

#: Relative difference between two areas of one zone that is worth a word.
AREA_NOTED = 0.01
#: Ratio of two areas of one zone from which on a percentage says nothing.
SLIP = 10.0
#: Units that areas are stated in, and how near the ratio of two must be to a ratio found.
_UNITS, _NEAR = {"m2": "m2", "mu": "亩", "ha": "ha", "km2": "km2"}, 1.2


def areas_on_grid(
    index: NDArray[np.int32], cells: CellArea, size: int, shared: Shared | None = None
) -> NDArray[np.float64]:
    """Return m2 of each zone; of cells that zones share each has its part."""
    if shared is None:
        return cells.by_index(index, size)
    whole = index.copy()
    whole.reshape(-1)[shared.place] = -1
    inside = shared.zone >= 0
    part = cells.at(*np.divmod(shared.place, index.shape[1])) * shared.share
    return cells.by_index(whole, size) + np.bincount(shared.zone[inside], part[inside], size)


def area_findings(
    table: pd.DataFrame, index: NDArray[np.int32], cells: CellArea, shared: Shared | None = None
) -> list[str]:
    """Return what is worth knowing of zones on their grid.

    Parameters
    ----------
    table : pandas.DataFrame
        The table of zones; ``stated_area_m2`` and ``polygon_area_m2`` may be absent.
    index : ndarray of int32
        Position of each cell's zone in the table; -1 is outside.
    cells : CellArea
        True area of the cells.
    shared : Shared, optional
        Cells that zones share by area.
    """
    area, found = pd.Series(areas_on_grid(index, cells, len(table), shared), table.index), []
    if (empty := area == 0).any():
        found.append(f"without a cell, kept as missing: {some(area.index[empty])}")
    outside = index < 0
    if outside.any():
        lost = cells.total() - float(area.sum())
        found.append(f"{int(outside.sum())} cells ({km2(lost)}) lie outside all zones")
    for column, what in (("polygon_area_m2", "polygon"), ("stated_area_m2", "stated area")):
        if column in table:
            told = table[column]
            off = area.index[((area / told - 1).abs() > AREA_NOTED) & ~empty]
            found += [_difference(code, area[code], told[code], what) for code in off]
    if "polygon_area_m2" in table:
        small = table["polygon_area_m2"] < cells.mean
        if small.any():
            found.append(f"smaller than one cell: {some(area.index[small])}")
    return found


def _difference(code: Any, area: float, told: float, what: str) -> str:
    """Return how the area of the cells departs: in percent, or as the slip it looks like."""
    both = f"zone {code}: cells cover {km2(area)}, its {what} is {km2(told)}"
    if not told:
        return both
    ratio = area / told
    if what == "polygon" or 1 / SLIP < ratio < SLIP:
        return f"{both} ({100 * (ratio - 1):+.1f} %)"
    way = "small" if ratio > 1 else "large"
    return f"{both}, {max(ratio, 1 / ratio):.4g} times too {way}{_slip(ratio)}"


def _slip(ratio: float) -> str:
    """Return which unit was taken for which other one if areas are too small by ``ratio``.

    Examples
    --------
    >>> _slip(1.02e6), _slip(1 / 15.1), _slip(40.0)
    (': km2 read as m2?', ': mu read as ha?', '')
    """
    sizes = {name: units.factor(text, "m2") for name, text in _UNITS.items()}
    for true, size in sizes.items():
        for read, other in sizes.items():
            if true != read and 1 / _NEAR < ratio * other / size < _NEAR:
                return f": {true} read as {read}?"
    return ""
