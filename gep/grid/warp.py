"""Moving a layer to a grid of another CRS, by GDAL; opened only where the CRS differ."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gep.errors import need_extra
from gep.grid.crs import is_geographic, short_crs

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gep.grid.georef import GridSpec

Float = np.float64


def warper(
    source: GridSpec, target: GridSpec, rule: str
) -> tuple[str, Callable[[NDArray[Float]], NDArray[Float]]]:
    """Return the name of the method and the function that moves one layer (NaN is missing)."""
    try:
        from affine import Affine
        from rasterio import warp
    except ImportError as error:
        purpose = f"aligning from {short_crs(source.crs)} to {short_crs(target.crs)}"
        raise need_extra("rasterio", "geo", purpose) from error
    ratio = _ratio(source, target, warp.transform)
    if rule == "category":
        method = "mode" if ratio >= 2 else "nearest"
    elif rule == "amount":
        method = "sum"
    else:
        method = "average" if ratio >= 1 else "bilinear"
    both = (source, target)
    affines = [Affine(s.transform[0], 0.0, s.bounds[0], 0.0, -abs(s.transform[4]), s.bounds[3]) for s in both]
    flips = [-1 if s.transform[4] > 0 else 1 for s in (source, target)]

    def move(layer: NDArray[Float]) -> NDArray[Float]:
        out = np.full(target.shape, np.nan)
        warp.reproject(
            np.ascontiguousarray(layer[:: flips[0]]), out, src_transform=affines[0], src_crs=source.crs,
            src_nodata=np.nan, dst_transform=affines[1], dst_crs=target.crs, dst_nodata=np.nan,
            resampling=warp.Resampling[method],
        )  # fmt: skip
        return out[:: flips[1]]

    return f"{method} (GDAL)", move


def covers(source: GridSpec, target: GridSpec) -> bool:
    """Tell whether the target holds the whole source, by a net of points laid over the source."""
    from rasterio import warp

    west, south, east, north = source.bounds
    x, y = (net.ravel() for net in np.meshgrid(np.linspace(west, east, 65), np.linspace(south, north, 65)))
    at_x, at_y = (np.asarray(part) for part in warp.transform(source.crs, target.crs, x, y))
    west, south, east, north = target.bounds
    a, _, _, _, e, _ = np.abs(target.transform) * 1e-3
    if is_geographic(target.crs):
        at_x = west - a + np.remainder(at_x - west + a, 360.0)
    inside = (at_x >= west - a) & (at_x <= east + a) & (at_y >= south - e) & (at_y <= north + e)
    return bool(inside.all())


def _ratio(source: GridSpec, target: GridSpec, transform: Any) -> float:
    """Return the shorter side of a target cell, in source cells, at the middle of the target."""
    (x, y), (a, e) = target.point(target.shape[0] // 2, target.shape[1] // 2), target.transform[::4]
    xs, ys = transform(target.crs, source.crs, [x, x + a, x], [y, y, y + e])
    wide, tall = source.transform[::4]
    steps = np.hypot(np.subtract(xs[1:], xs[0]) / wide, np.subtract(ys[1:], ys[0]) / tall)
    return float(steps.min())
