"""A field on a grid that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr

import gep
from gep.errors import GepError, GridError, UnitError

from .registry import finds, raises, right
from .sound import Account

GROUP = "grid"
RAIN = "precipitation"


def _rain(
    title: str, change: Callable[[xr.DataArray], Any], *says: str, error: type[GepError] = GridError
) -> None:
    """Register a case in which the field of rain is another."""

    @raises(GROUP, title, error, "precipitation", *says)
    def spoil(a: Account) -> None:
        a.grids[RAIN] = change(a.grids[RAIN])


def _at(value: float, *, cell: tuple[int, int] = (2, 3)) -> Callable[[xr.DataArray], Any]:
    def change(data: xr.DataArray) -> xr.DataArray:
        values = data.to_numpy().copy()
        values[cell] = value
        return data.copy(data=values)

    return change


def _unit(text: str) -> Callable[[xr.DataArray], Any]:
    return lambda data: data.assign_attrs(units=text)


def _moved(north: float = 0.0, east: float = 0.0) -> Callable[[xr.DataArray], Any]:
    return lambda data: data.assign_coords(lat=data.lat + 0.01 * north, lon=data.lon + 0.01 * east)


_rain("no unit", lambda d: d.assign_attrs(units=""), "unit", error=UnitError)
_rain("a unit that nobody knows", _unit("millimetres"), "millimetres", error=UnitError)
_rain("a depth and not a depth a year", _unit("mm"), "mm/year", error=UnitError)
_rain("a depth a day", _unit("mm/day"), "mm/year", error=UnitError)
_rain("mass per area for a depth", _unit("kg/m2/year"), "mm/year", error=UnitError)
_rain("the total of a cell where a depth is meant", _unit("m3/year"), "mm/year", error=UnitError)
_rain("a fill value that is not declared", _at(-9999.0), "-9999", "fill value", error=UnitError)
_rain("a fill value of another kind that is not declared", _at(1e20), "1e+20", "fill value", error=UnitError)
_rain("an infinite value", _at(np.inf), "infinite", error=UnitError)
_rain("a value below zero where it is impossible", _at(-3.0), "-3 mm/year", error=UnitError)
_rain("shifted by half a cell", _moved(east=0.5), "0.5 cells", "east")
_rain("shifted by a tenth of a cell", _moved(north=0.1), "0.1 cells", "north")
_rain("shifted by a whole turn: 0 to 360 degrees", lambda d: d.assign_coords(lon=d.lon + 360), "east")
_rain(
    "latitude flipped: rows from south to north",
    lambda d: d.isel(lat=slice(None, None, -1)),
    "south to north",
)
_rain("rows out of order", lambda d: d.isel(lat=[1, 0, 2, 3, 4, 5]), "not evenly spaced")
_rain("columns from east to west", lambda d: d.isel(lon=slice(None, None, -1)), "east to west")
_rain("a row is missing", lambda d: d.isel(lat=slice(1, None)), "5 x 8")
_rain("coarser cells", lambda d: d.coarsen(lat=2, lon=2).mean().assign_attrs(d.attrs), "3 x 4")
_rain("no CRS", lambda d: d.drop_vars("spatial_ref"), "no CRS")
_rain("another CRS: CGCS2000 for WGS 84", lambda d: gep.set_crs(d, "EPSG:4490"), "EPSG:4490")
_rain("metres tagged as degrees", lambda d: d.assign_coords(lat=d.lat * 1e5, lon=d.lon * 1e5), "degrees")
_rain("no coordinates", lambda d: d.drop_vars(["lat", "lon"]), "coordinates")
_rain("dimensions that could be anything", lambda d: d.rename(lat="a", lon="b"), "dimensions")
_rain("several years in one field", lambda d: xr.concat([d, d], "time"), "time", error=GepError)
_rain("packed numbers that were not unpacked", lambda d: d.assign_attrs(scale_factor=0.1), "packed")
_rain("numbers stored as text", lambda d: d.astype(str), "numbers")
_rain("truth values", lambda d: d > 410, "numbers", error=GepError)
_rain("an array without coordinates or unit", lambda d: d.to_numpy(), "ndarray", error=GepError)
_rain("a single number for a field", lambda d: 420.0, "float", error=GepError)
_rain("a dataset for a field", lambda d: d.to_dataset(name="pr"), "Dataset", error=GepError)


@raises(
    GROUP,
    "a dataset whose fields are in another unit than their name",
    UnitError,
    "net_primary_production",
    "kgDM",
)
def dry_matter(a: Account) -> None:
    a.grids["net_primary_production"] = a.grids["net_primary_production"].assign_attrs(units="kgDM/m2/year")


@raises(GROUP, "a mass of anything for a mass of carbon", UnitError, "net_primary_production", "gC/m2/year")
def any_mass(a: Account) -> None:
    a.grids["net_primary_production"] = a.grids["net_primary_production"].assign_attrs(units="g/m2/year")


@raises(GROUP, "a quantity that nobody knows", GepError, "rainfall", "not a known quantity")
def unknown(a: Account) -> None:
    a.grids["rainfall"] = a.grids.pop(RAIN)


@raises(GROUP, "a field that is missing", GepError, "'evapotranspiration' is not given")
def absent(a: Account) -> None:
    del a.grids["evapotranspiration"]


@raises(GROUP, "one input as a grid and as a table", GepError, "as a grid and as a table", "tables.csv:20")
def both(a: Account) -> None:
    a.files["tables.csv"] += "precipitation,101,,420,mm/year,published,station\n"


@raises(GROUP, "a fraction in percent", UnitError, "cover_factor", "outside 0 to 1")
def percent(a: Account) -> None:
    a.times("cover_factor", 100)


@raises(GROUP, "a projected grid beside one in degrees", GridError, "precipitation", "EPSG:32649")
def projected(a: Account) -> None:
    data = a.grids[RAIN]
    at = {"y": 4533000.0 - 1000 * np.arange(6), "x": 550000.0 + 1000 * np.arange(8)}
    plain = xr.DataArray(data.to_numpy(), at, ("y", "x"), attrs={"units": "mm/year"})
    a.grids[RAIN] = gep.set_crs(plain, "EPSG:32649")


@raises(GROUP, "web Mercator, which distorts areas", GridError, "distorts")
def mercator(a: Account) -> None:
    def web(data: xr.DataArray) -> xr.DataArray:
        at = {"y": 5000000.0 - 1000 * np.arange(6), "x": 12420000.0 + 1000 * np.arange(8)}
        return gep.set_crs(xr.DataArray(data.to_numpy(), at, ("y", "x"), attrs=data.attrs), "EPSG:3857")

    a.labels, a.cover = web(a.labels), web(a.cover)
    a.grids = {name: web(data) for name, data in a.grids.items()}


@finds(GROUP, "holes: not covered, and never zero", "water_conservation", "precipitation")
def holes(a: Account) -> None:
    a.change(RAIN, (0, 0), np.nan)


@finds(GROUP, "a declared nodata value", "water_conservation", "precipitation")
def nodata(a: Account) -> None:
    a.change(RAIN, (0, 0), -9999.0)
    a.grids[RAIN].attrs["_FillValue"] = -9999.0


@raises(GROUP, "a field that is missing throughout", GepError, "water_conservation")
def nothing(a: Account) -> None:
    a.change(RAIN, slice(None), np.nan)


@finds(GROUP, "a field that is zero throughout", RAIN, "0")
def zero(a: Account) -> None:
    a.change(RAIN, slice(None), 0.0)
    a.options["allow_empty"] = ["water_conservation"]


@raises(GROUP, "a GeoTIFF without a unit", UnitError, "precipitation", "unit")
def tiff(a: Account) -> None:
    import rioxarray

    path = a.folder / "rain.tif"
    a.grids[RAIN].rename(lat="y", lon="x").drop_attrs().rio.to_raster(path)
    with rioxarray.open_rasterio(path) as opened:
        a.grids[RAIN] = opened.load()


@right(GROUP, "a GeoTIFF with its band, and the unit told")
def band(a: Account) -> None:
    import rioxarray

    path = a.folder / "rain.tif"
    plain = a.grids.pop(RAIN).rename(lat="y", lon="x")
    plain.rio.to_raster(path)
    with rioxarray.open_rasterio(path) as opened:
        field = opened.load()
    a.made["inputs"] = a.inputs()
    a.made["inputs"].add_grids({RAIN: field}, units={RAIN: "mm/year"}, status="published", source="invented")


@raises(GROUP, "a netCDF that was opened without unpacking", GridError, "precipitation", "packed")
def packed(a: Account) -> None:
    path = a.folder / "rain.nc"
    packing = {"dtype": "int16", "scale_factor": 0.1, "_FillValue": -32768}
    a.grids[RAIN].to_dataset(name=RAIN).to_netcdf(path, encoding={RAIN: packing})
    with xr.open_dataset(path, mask_and_scale=False, decode_coords="all") as opened:
        a.grids[RAIN] = opened[RAIN].load()


@right(GROUP, "a netCDF as it is written by xarray")
def netcdf(a: Account) -> None:
    path = a.folder / "rain.nc"
    a.grids[RAIN].to_dataset(name=RAIN).to_netcdf(path)
    with xr.open_dataset(path, decode_coords="all") as opened:
        a.grids[RAIN] = opened[RAIN].load()


@right(GROUP, "columns before rows")
def turned(a: Account) -> None:
    a.grids[RAIN] = a.grids[RAIN].transpose()


@right(GROUP, "a unit of the same dimension: rain in cm a year")
def centimetres(a: Account) -> None:
    a.grids["net_primary_production"] = a.grids["net_primary_production"].assign_attrs(units="gC m-2 yr-1")


@finds(GROUP, "a packed fill value that was unpacked with the rest", RAIN, "32767", "3276.7")
def unpacked(a: Account) -> None:
    for cell in ((0, 0), (0, 1), (5, 5)):
        a.change(RAIN, cell, 3276.7)
