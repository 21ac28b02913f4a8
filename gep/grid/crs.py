"""Reference systems: which CRS a grid is in, said as a short text, and how a grid is tagged with one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from gep.errors import GridError, need_extra

if TYPE_CHECKING:
    from collections.abc import Hashable

_WGS84, _CGCS2000 = (6378137.0, 298.257223563), (6378137.0, 298.257222101)
#: CRS known without pyproj: name, datum, ellipsoid with its axes, EPSG numbers of both.
BUILT_IN = {
    "EPSG:4326": ("WGS 84", "WGS_1984", "WGS 84", _WGS84, 6326, 7030),
    "EPSG:4490": (
        "China Geodetic Coordinate System 2000", "China_2000", "CGCS2000", _CGCS2000, 1043, 1024,
    ),
}  # fmt: skip
_LAST_ID = re.compile(r'(?:AUTHORITY|ID)\["(\w+)",\s*"?(\w+)"?\]\s*\]\s*$')
_SPHEROID = re.compile(r'(?:SPHEROID|ELLIPSOID)\["[^"]*",\s*([\d.eE+]+),\s*([\d.eE+]+)')
_CODE = re.compile(r"^(?:\+init=|urn:ogc:def:crs:)?(epsg|esri)(?::[\d.]*)?:(\d+)$", re.IGNORECASE)


def pyproj_for(purpose: str) -> Any:
    """Return the module pyproj, or say that the extra ``geo`` is needed for ``purpose``."""
    try:
        import pyproj
    except ImportError as error:
        raise need_extra("pyproj", "geo", purpose) from error
    return pyproj


@lru_cache(maxsize=256)
def load_crs(text: str) -> Any:
    """Return the CRS as pyproj knows it."""
    pyproj = pyproj_for(f"reading the CRS {short_crs(text)}")
    try:
        return pyproj.CRS.from_user_input(text)
    except pyproj.exceptions.CRSError as error:
        raise GridError(f"{text!r} is not a CRS", expected="for example 'EPSG:4326'") from error


def crs_text(value: Any) -> str:
    """Return a CRS (code, WKT, object) as ``"EPSG:4326"`` where it has a code, else as WKT.

    Examples
    --------
    >>> crs_text("epsg:4490"), crs_text(4326), crs_text("urn:ogc:def:crs:OGC:1.3:CRS84")
    ('EPSG:4490', 'EPSG:4326', 'EPSG:4326')
    """
    if isinstance(value, int | np.integer):
        return f"EPSG:{value}"
    text = (value if isinstance(value, str) else str(getattr(value, "to_wkt", value.__str__)())).strip()
    if code := _CODE.match(text):
        return f"{code[1].upper()}:{code[2]}"
    if text.upper().endswith(":CRS84"):
        return "EPSG:4326"
    if code := _LAST_ID.search(text):
        return f"{code[1].upper()}:{code[2]}"
    return text if "[" in text else str(load_crs(text).to_wkt())


def short_crs(text: str) -> str:
    """Return a CRS for messages: the code, or the name inside a WKT."""
    named = re.match(r'\w+\["([^"]*)"', text)
    return f"'{named[1]}' (no code)" if named else text


@lru_cache(maxsize=256)
def same_crs(a: str, b: str) -> bool:
    """Tell whether two CRS texts mean the same; without pyproj only equal texts do."""
    if a == b:
        return True
    if {a, b} <= set(BUILT_IN):
        return False
    try:
        return bool(load_crs(a).equals(load_crs(b), ignore_axis_order=True))
    except ImportError:
        return False


@lru_cache(maxsize=256)
def is_geographic(crs: str) -> bool:
    """Tell whether coordinates are longitude and latitude in degrees."""
    if crs in BUILT_IN:
        return True
    if "[" in crs:
        return crs.upper().startswith(("GEOGCS", "GEOGCRS", "GEODCRS"))
    return bool(load_crs(crs).is_geographic)


def ellipsoid(crs: str) -> tuple[float, float]:
    """Return the semi-major axis in metres and inverse flattening (0 for a sphere)."""
    if crs in BUILT_IN:
        return BUILT_IN[crs][3]
    if found := _SPHEROID.search(crs):
        return float(found[1]), float(found[2])
    body = load_crs(crs).ellipsoid
    return float(body.semi_major_metre), float(body.inverse_flattening)


def set_crs(data: xr.DataArray, crs: str | int) -> xr.DataArray:
    """Return ``data`` tagged with a CRS; no cell is moved.

    Parameters
    ----------
    data : xarray.DataArray
        A grid.
    crs : str or int
        ``"EPSG:4326"``, ``"EPSG:4490"``; anything else (other codes, WKT) needs pyproj.

    Returns
    -------
    xarray.DataArray
        The same values with a CF grid mapping coordinate ``spatial_ref``.

    Raises
    ------
    GridError
        ``crs`` is no CRS.
    MissingExtra
        pyproj is needed and not installed.

    Examples
    --------
    >>> grid = xr.DataArray([[1, 2], [3, 4]], {"lat": [40.5, 39.5], "lon": [110.5, 111.5]}, ("lat", "lon"))
    >>> read_crs(set_crs(grid, "EPSG:4326"))
    'EPSG:4326'
    """
    text = crs_text(crs)
    wkt = _built_in_wkt(text) if text in BUILT_IN else str(load_crs(text).to_wkt(version="WKT1_GDAL"))
    old = grid_mapping(data)
    attrs = {"crs_wkt": wkt, "spatial_ref": wkt}
    if old is not None and "GeoTransform" in data.coords[old].attrs:
        attrs["GeoTransform"] = data.coords[old].attrs["GeoTransform"]
    out = data.drop_vars([old]) if old is not None else data.copy(deep=False)
    out = out.assign_coords(spatial_ref=xr.DataArray(np.int64(0), attrs=attrs))
    out.attrs = {k: v for k, v in data.attrs.items() if k not in ("crs", "grid_mapping")}
    out.encoding = {**data.encoding, "grid_mapping": "spatial_ref"}
    return out


def _built_in_wkt(code: str) -> str:
    name, datum, body, (a, rf), datum_id, body_id = BUILT_IN[code]
    return (
        f'GEOGCS["{name}",DATUM["{datum}",SPHEROID["{body}",{a:.0f},{rf!r},AUTHORITY["EPSG","{body_id}"]],'
        f'AUTHORITY["EPSG","{datum_id}"]],PRIMEM["Greenwich",0,AUTHORITY["EPSG","8901"]],'
        'UNIT["degree",0.0174532925199433,AUTHORITY["EPSG","9122"]],AXIS["Latitude",NORTH],'
        f'AXIS["Longitude",EAST],AUTHORITY["EPSG","{code[5:]}"]]'
    )


def grid_mapping(data: xr.DataArray) -> Hashable | None:
    """Return the name of the coordinate that holds the CRS, if there is one."""
    named = data.encoding.get("grid_mapping", data.attrs.get("grid_mapping", "spatial_ref"))
    scalars = [n for n, c in data.coords.variables.items() if c.ndim == 0 and "crs_wkt" in c.attrs]
    return next((n for n in [named, *scalars] if n in data.coords), None)


def read_crs(data: xr.DataArray, name: str = "grid") -> str:
    """Return the CRS that a grid is tagged with; GridError where there is none."""
    mapping = grid_mapping(data)
    attrs = data.coords.variables[mapping].attrs if mapping is not None else {}
    found = attrs.get("crs_wkt") or attrs.get("spatial_ref") or data.attrs.get("crs")
    if not found and "grid_mapping_name" in attrs:
        found = pyproj_for("reading a CF grid mapping without WKT").CRS.from_cf(attrs)
    if not found:
        raise GridError("it has no CRS", where=name, fix=f"{name} = gep.set_crs({name}, 'EPSG:4326')")
    return crs_text(found)
