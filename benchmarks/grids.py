"""Seeded grids that are coherent in space, as real maps are."""

from __future__ import annotations

import numpy as np
import xarray as xr
from scipy.ndimage import gaussian_filter

import gep

CLASSES = {1: "deciduous_broadleaf_forest", 2: "temperate_steppe", 3: "marsh", 4: "dryland", 5: "urban"}


def landscape(cells: float, zones: int, seed: int = 0) -> xr.Dataset:
    """Return land cover, zones and four fields on a latitude/longitude grid of about ``cells`` cells."""
    rng = np.random.default_rng(seed)
    rows = max(int(np.sqrt(cells)), 8)
    shape = (rows, max(int(cells / rows), 8))

    def smooth(scale: float) -> np.ndarray:
        field = gaussian_filter(rng.normal(size=shape), scale * rows / 100)
        return (field - field.min()) / np.ptp(field)

    side = int(np.ceil(np.sqrt(zones)))
    y, x = np.indices(shape)
    labels = (y * side // shape[0]) * side + x * side // shape[1]
    step = 1 / 3600
    coords = {"lat": 40.9 - step * np.arange(shape[0]), "lon": 111.6 + step * np.arange(shape[1])}
    fields = {
        "land_cover": np.minimum(smooth(2.0) * 6, 5).astype(np.uint8).clip(1, 5),
        "zone": (labels % zones + 1).astype(np.int32),
        "precipitation": (380 + 60 * smooth(8.0)).astype(np.float32),
        "evapotranspiration": (300 + 60 * smooth(4.0)).astype(np.float32),
    }
    grids = xr.Dataset({name: (("lat", "lon"), data) for name, data in fields.items()}, coords)
    for name in ("precipitation", "evapotranspiration"):
        grids[name].attrs["units"] = "mm/year"
    return xr.Dataset({name: gep.set_crs(data, "EPSG:4326") for name, data in grids.items()})
