"""Rasters of zone labels: which value each cell has and which zone the value stands for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from gep.errors import Faults, ZoneError
from gep.grid.georef import declared_missing
from gep.zones.table import codes_of, some

if TYPE_CHECKING:
    from collections.abc import Sequence

    import xarray as xr
    from numpy.typing import NDArray

    from gep.grid.georef import GridSpec

#: Whole numbers beyond this are not exact as floats, and no codes.
LARGEST_LABEL = 2**53


def read_labels(
    labels: xr.DataArray, spec: GridSpec, nodata: int | Sequence[int] | None, faults: Faults
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return the label values and, for each cell, the position of its value (-1 outside)."""
    single = [d for d in labels.dims if d not in spec.dims and labels.sizes[d] == 1]
    squeezed = labels.squeeze(single, drop=True)
    if set(squeezed.dims) != set(spec.dims):
        raise ZoneError(f"they have the dimensions {squeezed.dims}", where="labels", expected=str(spec.dims))
    raw = squeezed.transpose(*spec.dims).to_numpy()
    if raw.dtype.kind not in "fiu":
        raise ZoneError(f"labels are of type {raw.dtype}", where="labels", expected="whole numbers")
    outside = np.isnan(raw) if raw.dtype.kind == "f" else np.zeros(raw.shape, bool)
    declared = declared_missing(labels, "labels")
    for value in [*np.atleast_1d([] if nodata is None else nodata), *declared]:
        outside |= raw == value
    outside |= _fills(raw, ~outside, faults)
    outside |= _merged(raw, ~outside, faults)
    broken = ~outside & (raw != np.floor(raw)) if raw.dtype.kind == "f" else np.zeros(0, bool)
    if broken.any():
        faults.add(
            f"{int(broken.sum())} labels are fractions, for example {raw[broken][0]:g}", where="labels",
            expected="whole numbers", fix="resample them as classes: gep.align(..., kind='category')",
        )  # fmt: skip
    at = np.full(raw.shape, -1, np.intp)
    values, at[~outside] = _unique(raw[~outside].astype(np.int64))
    return values, at


def _fills(raw: NDArray[Any], inside: NDArray[np.bool_], faults: Faults) -> NDArray[np.bool_]:
    """Tell which cells hold what cannot be a label, and note each such value."""
    # float16 has no 2**53 to compare with
    raw = raw.astype(np.float32) if raw.dtype == np.float16 else raw
    found = inside & ((raw > LARGEST_LABEL) | (raw < -LARGEST_LABEL))
    values, counts = np.unique(raw[found], return_counts=True)
    for value, cells in zip(values[:20].tolist(), counts[:20].tolist(), strict=True):
        text = f"{value:.3g}".replace("e+", "e")
        exact = repr(value) if math.isfinite(value) else f"float('{value}')"
        faults.add(
            f"{text} in {cells} cells: a fill value that is not declared?", where="labels",
            expected=f"whole numbers up to {LARGEST_LABEL}",
            fix=f"labels.attrs['_FillValue'] = {exact}",
        )  # fmt: skip
    return found


def _merged(raw: NDArray[Any], inside: NDArray[np.bool_], faults: Faults) -> NDArray[np.bool_]:
    """Tell which cells hold numbers so large that their float may stand for several codes."""
    # float64 is exact up to LARGEST_LABEL, which is asked already
    if raw.dtype.kind != "f" or raw.dtype.itemsize > 4:
        return np.zeros(raw.shape, bool)
    limit = 2 ** (np.finfo(raw.dtype).nmant + 1)
    found: NDArray[np.bool_] = inside & (np.abs(raw) >= limit)
    if found.any():
        faults.add(
            f"{int(found.sum())} labels are too large for {raw.dtype}, for example {int(raw[found][0])}:"
            " zones whose codes lie close are one number",
            where="labels", expected=f"numbers below {limit} in {raw.dtype}",
            fix="write the codes as an int32 or int64 raster, from the source and not from these floats",
        )  # fmt: skip
    return found


def refuse_unnamed(values: NDArray[np.int64], faults: Faults) -> None:
    """Refuse labels that are mostly no zone where no table says that they are one."""
    low = [int(v) for v in values[values <= 0]]
    if low:
        given = low[0] if len(low) == 1 else low[:20]
        faults.add(
            f"{some(low)} would be zones, and mostly mean outside", where="labels",
            expected="zones above zero, or a table of zones",
            fix=f"nodata={given} if outside, or a table with a row for each zone",
        )  # fmt: skip


def _unique(labels: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """Return the sorted values and the position of each label; without sorting where they lie close."""
    low, high = (int(labels.min()), int(labels.max())) if labels.size else (0, 0)
    if high - low > 10_000_000:
        values, at = np.unique(labels, return_inverse=True)
        return values, at
    shifted = labels - low
    present = np.bincount(shifted, minlength=1) > 0
    return np.flatnonzero(present).astype(np.int64) + low, (np.cumsum(present) - 1)[shifted]


def match_labels(
    tidy: pd.DataFrame, table: pd.DataFrame, values: NDArray[np.int64], faults: Faults
) -> NDArray[np.intp]:
    """Return the row of each label value, -1 without one; leading zeros of codes do not matter."""
    keys = codes_of(table["label"]) if "label" in table else pd.Series(tidy.index, dtype=object)
    rows: dict[int, int] = {}
    for i, key in enumerate(keys):
        if key.lstrip("-").isdecimal() and rows.setdefault(int(key), i) != i:
            both = f"{tidy.index[rows[int(key)]]} and {tidy.index[i]}"
            faults.add(f"zones {both} claim one label {int(key)}", where="zones", fix="give a column 'label'")
    return np.array([rows.get(int(v), -1) for v in values], np.intp)
