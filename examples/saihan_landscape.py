# %% [markdown]
# # A drawn landscape for Saihan District (赛罕区), 2020
#
# No open land cover and no open township boundary of Saihan exists. What this module draws is
# therefore ILLUSTRATIVE: the position of every patch and border is invented from a seed. What it
# is drawn on is not: the class areas and the elevation range that the district's plan prints.

# %%
from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from scipy.ndimage import gaussian_filter

import gep
from gep.grid.georef import GridSpec

# Printed in the plan (June 2022), or derived from what it prints:
ACCOUNTED_KM2 = 1015.68  # derived: 103.07e8 CNY / 1014.79e4 CNY per km2
NATURAL_KM2 = 386.6527  # published: forest + grassland + wetland, 38665.27 ha
GREEN_SHARE = 0.373  # published (2021): forest and grassland cover
BUILT_KM2 = 85.0  # published (2021): built-up area
ELEVATION_M = (1034.0, 1664.0)  # published: lowest and highest point
# Invented: how much of forest and grassland is forest.
FOREST_SHARE = 0.45

# code, name, (x, y) of an invented centre in fractions of the district, invented size weight
TOWNSHIPS = [
    ("150105001", "人民路街道", 0.06, 0.80, 0.05),
    ("150105002", "大学西路街道", 0.05, 0.70, 0.05),
    ("150105003", "乌兰察布东路街道", 0.10, 0.86, 0.06),
    ("150105004", "大学东路街道", 0.11, 0.74, 0.05),
    ("150105005", "中专路街道", 0.14, 0.80, 0.05),
    ("150105006", "昭乌达路街道", 0.07, 0.58, 0.08),
    ("150105007", "巴彦街道", 0.24, 0.80, 0.16),
    ("150105008", "敕勒川路街道", 0.18, 0.66, 0.12),
    ("150105101", "榆林镇", 0.80, 0.70, 0.55),
    ("150105103", "黄合少镇", 0.68, 0.25, 0.55),
    ("150105104", "金河镇", 0.22, 0.28, 0.35),
]

CLASSES = {
    1: "deciduous_broadleaf_forest",
    2: "temperate_steppe",
    3: "marsh",
    4: "dryland",
    5: "urban",
}


@dataclass(frozen=True)
class Landscape:
    """The drawn grids: class codes, township labels, elevation in m, slope in degrees."""

    land_cover: xr.DataArray
    labels: xr.DataArray
    elevation: xr.DataArray
    slope: xr.DataArray
    townships: pd.DataFrame


def draw(seed: int = 2020, step: float = 1 / 1200) -> Landscape:
    """Draw the landscape on a latitude/longitude grid of 3 arc seconds."""
    rng = np.random.default_rng(seed)
    north, west, rows = 40.92, 111.62, 300
    band = _row_area(north, step, rows)
    columns = round(ACCOUNTED_KM2 * 1e6 / band.sum())
    shape = (rows, columns)
    area = np.broadcast_to(band[:, None], shape)
    y, x = np.mgrid[1 : 0 : rows * 1j, 0 : 1 : columns * 1j]

    rough = 0.10 * _noise(rng, shape, 35) + 0.035 * _noise(rng, shape, 13)
    height = 0.9 * x + 0.25 * y + rough
    low, high = ELEVATION_M
    elevation = low + (high - low) * (height - height.min()) / np.ptp(height)
    slope = _slope(elevation, step, north)

    def field(values: np.ndarray) -> xr.DataArray:
        latitude = north - step * (np.arange(rows) + 0.5)
        longitude = west + step * (np.arange(columns) + 0.5)
        data = xr.DataArray(values, {"lat": latitude, "lon": longitude}, ("lat", "lon"))
        return gep.set_crs(data, "EPSG:4326")

    codes = _classes(rng, area, x, y, elevation)
    labels = _labels(rng, x, y)
    table = pd.DataFrame([t[:2] for t in TOWNSHIPS], columns=["code", "name"])
    return Landscape(
        field(codes),
        field(labels),
        field(elevation).assign_attrs(units="m"),
        field(slope).assign_attrs(units="degree"),
        table.assign(label=np.arange(1, len(table) + 1)),
    )


def _row_area(north: float, step: float, rows: int) -> np.ndarray:
    """Return the true area in m2 of one cell of each row."""
    latitude = north - step * (np.arange(rows) + 0.5)
    strip = xr.DataArray(np.zeros((rows, 2)), {"lat": latitude, "lon": [0.0, step]}, ("lat", "lon"))
    return np.asarray(GridSpec.of(gep.set_crs(strip, "EPSG:4326")).cell_area().rows(0, rows)).ravel()[:rows]


def _noise(rng: np.random.Generator, shape: tuple[int, int], smooth: float) -> np.ndarray:
    field = gaussian_filter(rng.normal(size=shape), smooth, mode="reflect")
    return field / field.std()


def _slope(elevation: np.ndarray, step: float, latitude: float) -> np.ndarray:
    metres = 111_320.0 * step
    dy, dx = np.gradient(elevation, metres, metres * np.cos(np.deg2rad(latitude)))
    return np.rad2deg(np.arctan(np.hypot(dx, dy)))


def _classes(
    rng: np.random.Generator, area: np.ndarray, x: np.ndarray, y: np.ndarray, elevation: np.ndarray
) -> np.ndarray:
    """Give each class its stated area, on the cells that suit it best."""
    patches = _noise(rng, area.shape, 5)
    river = np.abs(y - (0.45 + 0.08 * np.sin(5 * x))) + 0.01 * patches
    town = np.hypot(x - 0.1, (y - 0.75) * 1.2) + 0.03 * patches
    hill = -(elevation + 40 * patches)
    green = GREEN_SHARE * ACCOUNTED_KM2
    wanted = [
        (5, town, BUILT_KM2),
        (3, river, NATURAL_KM2 - green),
        (1, hill, green * FOREST_SHARE),
        (2, hill, green * (1 - FOREST_SHARE)),
    ]
    codes = np.full(area.shape, 4, np.uint8)
    free = np.ones(area.shape, bool)
    for code, cost, km2 in wanted:
        order = np.argsort(np.where(free, cost, np.inf), axis=None)
        taken = order[: np.searchsorted(np.cumsum(area.ravel()[order]), km2 * 1e6)]
        codes.ravel()[taken] = code
        free.ravel()[taken] = False
    return codes


def _labels(rng: np.random.Generator, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Draw borders: every cell goes to the centre that is nearest for its size."""
    bend = 0.02 * _noise(rng, x.shape, 10)
    far = [np.hypot(x + bend - cx, y - bend - cy) / size for _, _, cx, cy, size in TOWNSHIPS]
    return (np.argmin(far, axis=0) + 1).astype(np.int32)


if __name__ == "__main__":
    drawn = draw()
    zones = gep.Zones.from_labels(drawn.labels, drawn.townships, region="赛罕区")
    print(zones)
    print((zones.zone_area() / 1e6).round(2).rename(index=dict(zip(zones.codes, zones.names, strict=True))))
    print("slope, percent, mean:", float(np.tan(np.deg2rad(drawn.slope)).mean() * 100))
