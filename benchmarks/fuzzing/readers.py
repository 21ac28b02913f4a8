"""Every reader of files and texts that gep has, with files it reads and what such files are made of."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from benchmarks.fuzzing.seeds import (
    SHAPES,
    UNITS,
    coefficient_rows,
    crosswalk_files,
    index_files,
    input_tables,
    ledger_files,
    lines,
    profile_files,
    published_files,
    series_files,
    signed,
    source_files,
)


@dataclass(frozen=True)
class Reader:
    """One reader: ``read`` takes the bytes of a case and an empty folder to put them into.

    ``shows`` is what is done with what was read, as any user would do next; ``weight`` is its share of
    a run.
    """

    name: str
    seeds: Callable[[], tuple[bytes, ...]]
    read: Callable[[bytes, Path], Any]
    words: tuple[str, ...] = ()
    tree: str = ""
    weight: float = 1.0
    shows: Callable[[Any], object] = repr
    #: Whether a library below may warn; GDAL does.
    warns: bool = False


def put(folder: Path, name: str, data: bytes) -> Path:
    """Write a file and return its place."""
    place = folder / name
    place.write_bytes(data)
    return place


def clear(folder: Path) -> None:
    """Remove what a case has left."""
    for one in folder.iterdir():
        shutil.rmtree(one) if one.is_dir() else one.unlink()


# ---------------------------------------------------------------------------------------------- texts


def read_unit(data: bytes, folder: Path) -> Any:
    from gep import units
    from gep.errors import PriceYearError

    text = data.decode("utf-8", "replace")
    with contextlib.suppress(PriceYearError):  # money without a year; with one it may be read
        units.quantity(1.0, text)
    unit = units.parse(text, price_year=2020)
    if abs(units.factor(units.spell(unit), unit) - 1.0) > 1e-9:
        raise AssertionError(f"{text!r} is spelled {units.spell(unit)!r}, which is another unit")
    units.kind(unit)
    return unit


def read_basis(data: bytes, folder: Path) -> Any:
    from gep.prices.links import basis

    return basis(data.decode("utf-8", "replace"))


# --------------------------------------------------------------------------------------------- tables


def read_coefficients(data: bytes, folder: Path) -> Any:
    from gep import CoefficientTable

    return CoefficientTable.load(put(folder, "own.csv", data))


def read_sources(data: bytes, folder: Path) -> Any:
    from gep import CoefficientTable

    put(folder, "sources.toml", data)
    return CoefficientTable.load(put(folder, "own.csv", coefficient_rows()[1]))


def read_inputs(data: bytes, folder: Path) -> Any:
    from gep import Inputs

    inputs = Inputs()
    known = {"price_year": 2020} if len(data) % 2 else {"status": "published"}
    inputs.add_table(put(folder, "tables.csv", data), **known)  # type: ignore[arg-type]
    return inputs


def read_crosswalk(data: bytes, folder: Path) -> Any:
    from gep import Crosswalk

    return Crosswalk.load(put(folder, "scheme.csv", data))


def read_deflator(data: bytes, folder: Path, **options: str) -> Any:
    from gep import Deflator

    return Deflator.load(put(folder, "cpi.csv", data), **options)  # type: ignore[arg-type]


def read_exchange(data: bytes, folder: Path) -> Any:
    from gep.prices import Exchange

    return Exchange.load(put(folder, "rates.csv", data))


def read_audit(data: bytes, folder: Path) -> Any:
    import gep

    return gep.audit(put(folder, "published.csv", data))


def read_published_series(data: bytes, folder: Path) -> Any:
    from gep.years import PublishedSeries

    return PublishedSeries.load(put(folder, "published.csv", data))


def show_published_series(series: Any) -> object:
    return repr(series), series.total(), series.shares(), series.reproduced(), series.changes()


# -------------------------------------------------------------------------------------------- profiles


def read_profile(data: bytes, folder: Path) -> Any:
    import gep

    return gep.load_profile(put(folder, "own.toml", data))


def show_profile(profile: Any) -> object:
    return repr(profile), profile._repr_html_(), list(profile.refs())


# --------------------------------------------------------------------------------- ledgers and series


def resigned(data: bytes, rows: bytes) -> bytes:
    """Return a spoilt companion with digests made good, as far as it is one."""
    try:
        return signed(json.loads(data), rows) if len(data) % 4 else data
    except (ValueError, TypeError, RecursionError):
        return data


def read_rows(data: bytes, folder: Path) -> Any:
    from gep import Ledger

    normal = data.replace(b"\r\n", b"\n")
    put(folder, "a.csv.json", signed(json.loads(ledger_files()[1]), normal))
    return Ledger.read(put(folder, "a.csv", data))


def read_companion(data: bytes, folder: Path) -> Any:
    from gep import Ledger

    rows = ledger_files()[0]
    put(folder, "a.csv.json", resigned(data, rows))
    return Ledger.read(put(folder, "a.csv", rows))


def show_ledger(ledger: Any) -> object:
    return repr(ledger), ledger.by("service"), ledger._repr_html_()


@cache
def parquet_files() -> tuple[bytes, ...]:
    from tempfile import TemporaryDirectory

    from gep import Ledger

    with TemporaryDirectory() as folder:
        place = Path(folder)
        rows, beside = ledger_files()
        put(place, "a.csv.json", beside)
        Ledger.read(put(place, "a.csv", rows)).to_parquet(place / "a.parquet")
        return ((place / "a.parquet").read_bytes(),)


def read_parquet(data: bytes, folder: Path) -> Any:
    from gep import Ledger

    return Ledger.read(put(folder, "a.parquet", data))


def read_parquet_companion(data: bytes, folder: Path) -> Any:
    import pyarrow.parquet as pq

    from gep import Ledger

    place = put(folder, "a.parquet", parquet_files()[0])
    table = pq.read_table(place)
    names = table.column_names
    if len(data) % 3 == 0 and data != ledger_files()[1]:  # a column of another kind
        at = len(data) // 3 % len(names)
        table = table.set_column(at, names[at], table.column((at + 7) % len(names)))
    rows = table.to_pandas().to_csv(index=False, lineterminator="\n").encode()
    pq.write_table(table.replace_schema_metadata({b"gep": resigned(data, rows)}), place)
    return Ledger.read(place)


def read_series(data: bytes, folder: Path) -> Any:
    from gep.years import Series

    rows, beside = ledger_files()
    for year in ("2010", "2015"):
        its = rows.replace(b"\n2010,", b"\n" + year.encode() + b",")
        put(folder, f"{year}.csv", its)
        put(folder, f"{year}.csv.json", signed(json.loads(beside), its))
    put(folder, "series.json", data)
    return Series.read(folder)


# ------------------------------------------------------------------------------------------ checkpoints


@cache
def _grid() -> Any:
    import numpy as np
    import xarray as xr

    from gep import set_crs

    coords = {"lat": [40.5, 39.5], "lon": [1.5, 2.5]}
    zones = xr.DataArray(np.array([[1, 1], [2, 2]], np.int32), coords, ("lat", "lon"))
    rain = xr.DataArray(np.ones((2, 2)), coords, ("lat", "lon"), attrs={"units": "mm/year"})
    return set_crs(zones, "EPSG:4326"), {"rain": set_crs(rain, "EPSG:4326")}


def _added(folder: Path) -> Any:
    import gep.grid

    zones, fields = _grid()
    return gep.grid.aggregate(zones, None, fields, checkpoint=folder, threads=1)


@cache
def checkpoint_files() -> dict[str, bytes]:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        _added(Path(folder))
        return {one.name: one.read_bytes() for one in Path(folder).iterdir()}


def read_identity(data: bytes, folder: Path) -> Any:
    for name, content in checkpoint_files().items():
        put(folder, name, content)
    put(folder, "identity.json", data)
    return _added(folder)


def read_sums(data: bytes, folder: Path) -> Any:
    digest = hashlib.blake2b(data, digest_size=32).hexdigest().encode()
    for name, content in checkpoint_files().items():
        put(folder, name, content if name == "identity.json" else digest + b"\n" + data)
    return _added(folder)


def sums_files() -> tuple[bytes, ...]:
    return tuple(c.partition(b"\n")[2] for n, c in checkpoint_files().items() if n != "identity.json")


# ---------------------------------------------------------------------------------------------- shapes


def read_shapes(data: bytes, folder: Path) -> Any:
    from gep import Zones

    return Zones.from_polygons(put(folder, "zones.geojson", data), like=_grid()[0])


# ------------------------------------------------------------------------------------------------- all


_HEADS = (
    "id",
    "quantity",
    "value",
    "unit",
    "low",
    "high",
    "year",
    "source",
    "locator",
    "status",
    "zone",
    "item",
)
_INDEX = {"currency": "CNY", "unit": "%", "source": "x"}
_CATEGORIES = (
    "provisioning",
    "regulating",
    "cultural",
    "total",
    "context",
    "增长率",
    "占比",
    "人均",
    "面积",
    "GDP",
)

READERS = {
    reader.name: reader
    for reader in (
        Reader("units", lambda: tuple(u.encode() for u in UNITS), read_unit, UNITS, weight=8.0),
        Reader("index-basis", lambda: (b"2010 = 100", "上年=100".encode(), b"%"), read_basis, UNITS,
               weight=1.0),
        Reader("coefficients", coefficient_rows, read_coefficients, (*UNITS, *_HEADS), weight=3.0),
        Reader("sources", source_files, read_sources, (), "toml"),
        Reader("profiles", profile_files, read_profile, UNITS, "toml", 2.0, show_profile),
        Reader("inputs", input_tables, read_inputs, (*UNITS, *_HEADS), weight=2.0),
        Reader("crosswalks", crosswalk_files, read_crosswalk, ("code", "ecosystem", "nodata"), weight=2.0),
        Reader("deflators", lambda: (lines("coefficients/deflators/chn-cpi.csv"),), read_deflator, UNITS,
               weight=2.0),
        Reader("price-indices", index_files, read_deflator, UNITS, weight=2.0),
        Reader("price-indices-given", lambda: index_files()[1:2], partial(read_deflator, **_INDEX), UNITS,
               weight=0.5),
        Reader("exchange", lambda: (lines("coefficients/exchange/us-fed.csv"),), read_exchange, UNITS,
               weight=2.0),
        Reader("audit", published_files, read_audit, (*UNITS, *_CATEGORIES), weight=2.0),
        Reader("published-series", published_files, read_published_series, _CATEGORIES, "", 0.3,
               show_published_series),
        Reader("ledger-rows", lambda: (ledger_files()[0],), read_rows, UNITS, "", 0.15, show_ledger),
        Reader("ledger-companion", lambda: (ledger_files()[1],), read_companion, (), "json", 0.15,
               show_ledger),
        Reader("ledger-parquet", parquet_files, read_parquet, (), "", 0.3, show_ledger),
        Reader("ledger-parquet-companion", lambda: (ledger_files()[1],), read_parquet_companion, (), "json",
               0.08, show_ledger),
        Reader("series", series_files, read_series, (), "json", 0.15),
        Reader("checkpoint-identity", lambda: (checkpoint_files()["identity.json"],), read_identity, (),
               "json", 0.15),
        Reader("checkpoint-sums", sums_files, read_sums, (), "", 0.3),
        Reader("polygons", lambda: (SHAPES.encode(),), read_shapes, (), "json", 0.2, warns=True),
    )
}  # fmt: skip
