"""Tools that take zones as polygons: rasterstats, exactextract, pygeoprocessing.

The outlines of the zones are drawn once, before the timing; they follow the edges of the cells, so
that every tool finds the same cells. Coordinates are those of rows and columns, which are exact.
pygeoprocessing is not part of the extra ``bench``, as it needs the library GDAL on the system.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.peers.base import Peer

if TYPE_CHECKING:
    from benchmarks.tasks import Array, Floats, Problem

#: Any projected system will do: areas are given as a raster or by row.
CRS = "EPSG:3857"


def outlines(zones: Array) -> list[dict[str, Any]]:
    """Return the zones as GeoJSON features, one multipolygon each, in order."""
    from affine import Affine
    from rasterio.features import shapes

    parts = defaultdict(list)
    for shape, zone in shapes(zones, transform=Affine(1, 0, 0, 0, -1, zones.shape[0])):
        parts[int(zone)].append(shape["coordinates"])
    return [
        {
            "type": "Feature",
            "properties": {"zone": zone},
            "geometry": {"type": "MultiPolygon", "coordinates": parts[zone]},
        }
        for zone in sorted(parts)
    ]


class Polygons(Peer):
    """A tool that takes the zones as polygons."""

    family = "field tool"
    coherent_only = True

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.features = outlines(problem.zones)
        self.present = np.array([feature["properties"]["zone"] for feature in self.features])

    def as_frame(self) -> Any:
        """Return the zones as a GeoDataFrame."""
        import geopandas as gpd

        return gpd.GeoDataFrame.from_features(self.features, crs=CRS)

    def fill(self, found: Any) -> Floats:
        """Return the table of what was found for the zones that have cells."""
        rows = np.array(found)
        table = np.zeros((self.problem.n_zones, *rows.shape[1:]), rows.dtype)
        table[self.present - 1] = rows
        return table


class Rasterstats(Polygons):
    """``rasterstats.zonal_stats`` on arrays; by class with a statistic of our own, which takes one pass."""

    name = "rasterstats"
    needs = ("rasterstats", "rasterio")

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        for feature in self.features:
            rings = [ring for part in feature["geometry"]["coordinates"] for ring in part]
            x, y = np.concatenate([np.array(ring) for ring in rings]).T
            feature["properties"] |= {"row": int(problem.shape[0] - y.max()), "col": int(x.min())}

    def sums(self) -> list[Floats]:
        if not self.problem.task.by_class:
            (field,) = self.problem.values()
            found = self.stats(field, {"total": lambda cells, _: cells.sum(dtype=np.float64)})
            return [self.fill([each["total"] for each in found])]
        self.rasters = self.problem.values()
        found = self.stats(self.problem.classes, {"total": self.by_class})
        return [self.fill(tables) for tables in zip(*(each["total"] for each in found), strict=True)]

    def stats(self, raster: Array, add: dict[str, Any]) -> list[dict[str, Any]]:
        """Return the statistics of one raster, zone by zone."""
        from affine import Affine
        from rasterstats import zonal_stats

        affine = Affine(1, 0, 0, 0, -1, self.problem.shape[0])
        nodata = 0 if raster.dtype.kind == "u" else -1
        return zonal_stats(self.features, raster, affine=affine, nodata=nodata, stats=[], add_stats=add)

    def by_class(self, classes: np.ma.MaskedArray, where: dict[str, int]) -> list[Array]:
        """Return the sums of the rasters by class inside one zone."""
        rows, cols = classes.shape
        window = np.s_[where["row"] : where["row"] + rows, where["col"] : where["col"] + cols]
        inside, size = ~classes.mask, self.problem.n_classes + 1
        key = classes.data[inside]
        sums = [np.bincount(key, raster[window][inside], size)[1:] for raster in self.rasters]
        return [*sums, np.bincount(key, minlength=size)[1:]] if self.counting else sums


class ExactExtract(Polygons):
    """``exactextract``: shares of the classes weighted by a raster, times the sum of the weights."""

    name = "exactextract"
    needs = ("exactextract", "geopandas", "rasterio")

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.frame = self.as_frame()
        if problem.task.name in ("b", "c"):
            self.area = np.ascontiguousarray(problem.area())

    def source(self, raster: Array) -> Any:
        """Return an array as a raster of this tool."""
        from exactextract.raster import NumPyRasterSource

        rows, cols = raster.shape
        return NumPyRasterSource(raster, 0, 0, cols, rows, srs_wkt=self.frame.crs.to_wkt())

    def extract(self, raster: Any, what: list[str], **more: Any) -> Any:
        """Return the statistics of one raster, a row for each zone."""
        from exactextract import exact_extract

        options = {"include_cols": ["zone"], "output": "pandas", "max_cells_in_memory": 2**26, **more}
        return exact_extract(raster, self.frame, what, **options)

    def sums(self) -> list[Floats]:
        if not self.problem.task.by_class:
            found = self.extract(self.source(self.problem.values()[0]), ["sum"])
            return [self.place(found["zone"].to_numpy(), found["sum"].to_numpy())]
        classes = self.source(self.problem.classes)
        weights = [self.area] if self.counting else self.problem.values()
        found = [self.weighted(classes, each) for each in weights]
        sums = [table for table, _ in found]
        return [*sums, np.rint(found[0][1]).astype(np.int64)] if self.counting else sums

    def weighted(self, classes: Any, weights: Floats) -> tuple[Floats, Floats]:
        """Return the sum of the weights and the count of cells by zone and class."""
        what = ["unique", "weighted_frac", "weighted_sum"] + (["frac", "count"] if self.counting else [])
        found = self.extract(classes, what, weights=self.source(weights))
        size = [len(each) for each in found["unique"]]
        at = np.repeat(found["zone"].to_numpy(), size), np.concatenate(found["unique"].to_numpy())
        keys = at[0] * self.problem.n_classes + at[1]

        def share(name: str, whole: Floats) -> Floats:
            return self.place(keys, np.concatenate(found[name].to_numpy()) * np.repeat(whole, size))

        mean = [share @ cls for share, cls in zip(found["weighted_frac"], found["unique"], strict=True)]
        total = found["weighted_sum"].to_numpy() / np.array(mean)
        cells = share("frac", found["count"].to_numpy()) if self.counting else np.zeros(0)
        return share("weighted_frac", total), cells


class Pygeoprocessing(Polygons):
    """``pygeoprocessing.zonal_statistics`` on files; by class from one raster for each class.

    Area and counts come from the counts of a raster that numbers row and class. Layers, that raster
    and the outlines are written before the timing, rasters of values inside it, as the tool works.
    """

    name = "pygeoprocessing"
    needs = ("pygeoprocessing", "osgeo", "geopandas", "rasterio")
    driver = ("GTiff", ("TILED=YES", "BIGTIFF=IF_SAFER", "BLOCKXSIZE=256", "BLOCKYSIZE=256"))

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.folder = Path(tempfile.mkdtemp(prefix="gep-benchmark-"))
        weakref.finalize(self, shutil.rmtree, self.folder)
        self.wkt = self.as_frame().crs.to_wkt()
        self.as_frame().to_file(self.path("zones.gpkg"), driver="GPKG")
        layers = dict(problem.fields)
        if self.counting:
            first = np.arange(problem.shape[0], dtype=np.int32)[:, None] * np.int32(problem.n_classes + 1)
            layers = {"coded": first + problem.classes}
        elif problem.task.by_class:
            layers |= {"classes": problem.classes, "area": np.ascontiguousarray(problem.area())}
        self.files = {name: (self.write(name, layer), 1) for name, layer in layers.items()}

    def path(self, name: str) -> str:
        """Return the path of a file."""
        return str(self.folder / name)

    def write(self, name: str, layer: Array) -> str:
        """Write a layer and return its path."""
        from pygeoprocessing import numpy_array_to_raster

        path = self.path(f"{name}.tif")
        origin = (0, self.problem.shape[0])
        numpy_array_to_raster(layer, None, (1, -1), origin, self.wkt, path, self.driver)
        return path

    def sums(self) -> list[Floats]:
        if self.counting:
            return self.by_row()
        if not self.problem.task.by_class:
            (found,) = self.zonal([self.files[name] for name in self.problem.fields])
            return [self.fill(found)]
        classes = range(1, self.problem.n_classes + 1)
        names = list(self.problem.fields)
        groups = [names] if self.problem.task.name == "d" else [[name] for name in names]
        return [
            np.stack([self.fill(t) for t in self.zonal([self.masked(k, group) for k in classes])], axis=1)
            for group in groups
        ]

    def by_row(self) -> list[Floats]:
        """Return area and counts by zone and class from counts by row."""
        wide = self.problem.n_classes + 1
        area = np.zeros((self.problem.n_zones, wide))
        cells = np.zeros((self.problem.n_zones, wide), np.int64)
        (found,) = self.zonal([self.files["coded"]], "value_counts")
        for zone, counted in zip(self.present - 1, found, strict=True):
            codes, counts = (np.fromiter(v, np.int64) for v in (counted.keys(), counted.values()))
            row, cls = np.divmod(codes, wide)
            np.add.at(area[zone], cls, counts * self.problem.row_area[row])
            np.add.at(cells[zone], cls, counts)
        return [area[:, 1:], cells[:, 1:]]

    def zonal(self, rasters: list[tuple[str, int]], what: str = "sum") -> list[list[Any]]:
        """Return one statistic of each raster, zone by zone."""
        from pygeoprocessing import zonal_statistics

        found = zonal_statistics(
            rasters, self.path("zones.gpkg"), polygons_might_overlap=False,
            include_value_counts=what == "value_counts", working_dir=str(self.folder),
        )  # fmt: skip
        return [[zones[fid][what] for fid in sorted(zones)] for zones in found]

    def masked(self, cls: int, fields: list[str]) -> tuple[str, int]:
        """Write the raster of values where a class is, 0 elsewhere."""
        from osgeo import gdal
        from pygeoprocessing import raster_calculator

        path = self.path(f"{fields[0]}_{cls}.tif")
        files = [self.files[name] for name in ("classes", "area", *fields)]
        raster_calculator(
            files, partial(_where, cls), path, gdal.GDT_Float64, None,
            calc_raster_stats=False, raster_driver_creation_tuple=self.driver,
        )  # fmt: skip
        return path, 1


def _where(cls: int, classes: Array, area: Floats, *fields: Array) -> Floats:
    """Return a field, or what RUSLE makes of five, times the area of its cells where a class is."""
    if len(fields) > 1:
        erosivity, erodibility, slope, cover, practice = fields
        fields = (erosivity * erodibility * slope * (1 - cover * practice),)
    return np.where(classes == cls, fields[0] * area, 0.0)


PEERS = (Rasterstats, ExactExtract, Pygeoprocessing)
