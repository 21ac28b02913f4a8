"""A yearbook of the Demak coast, Java: accounts of six years, prices, the split of growth, land cover.

    python examples/yearbook.py [FOLDER]

FOLDER holds ``annual_lulc_1985_2022.zip``, annual land-cover maps of the Demak coast (Shlhnj/strategicc,
MIT); without it the folder ``data/demak`` of GEP_SHARED_DIR is taken, and without that a landscape is
drawn. Maps of files need the package rasterio.

Real: the maps of a given folder, and the consumer prices of Indonesia. ILLUSTRATIVE: every yield,
rate and price, how prices moved beside consumer prices, the three zones, and the drawn landscape. So
the rupiahs below show how a yearbook is made, not what nature is worth on this coast. The archive's
maps of 1985 and 1990 are the same in every cell, so one of the two is not of its year.
"""

# %%
# %%
from __future__ import annotations

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

import gep
from gep.uncertainty import Uncertainty
from gep.years import Series, TransitionSeries, transition_series

DATA = Path(__file__).parent / "data"
ARCHIVE = "annual_lulc_1985_2022.zip"
YEARS = (1990, 2000, 2005, 2010, 2015, 2022)
BASE = 2010
UNIT = "10^9 IDR"

# %% [markdown]
# ## Land cover
# The classes of the maps. There is no own type for aquaculture: ponds are counted as constructed
# water bodies, and "other vegetation" as shrubland. Both are choices of this example.

# %%
CLASSES = {
    1: "open_water",
    2: "tidal_flat",
    3: "mangrove",
    4: "shrubland",
    5: "urban",
    6: "cropland",
    7: "reservoir",
}
PONDS = "reservoir = aquaculture ponds, shrubland = other vegetation"


# %%
def read_maps(folder: Path) -> dict[int, xr.DataArray]:
    """Return the maps of the archive, each with its grid."""
    import rasterio

    maps = {}
    for year in YEARS:
        with rasterio.open(f"/vsizip/{folder / ARCHIVE}/{year}.tif") as opened:
            codes, at, crs = opened.read(1), opened.transform, opened.crs.to_string()
            nodata = {} if opened.nodata is None else {"_FillValue": int(opened.nodata)}
        lat = at.f + at.e * (np.arange(codes.shape[0]) + 0.5)
        lon = at.c + at.a * (np.arange(codes.shape[1]) + 0.5)
        data = xr.DataArray(codes, {"lat": lat, "lon": lon}, ("lat", "lon"), attrs=nodata)
        maps[year] = gep.set_crs(data, crs)
    return maps


# %%
def draw_maps() -> dict[int, xr.DataArray]:
    """Return a small drawn coast on which ponds take over fields and mangrove comes back."""
    rng = np.random.default_rng(1990)
    shape = (60, 80)
    row, col = np.mgrid[0 : shape[0], 0 : shape[1]]
    inland = row + 4 * np.sin(col / 9) + rng.normal(0, 1.5, shape)
    at = {"lat": -6.8 - 0.0027 * np.arange(shape[0]), "lon": 110.5 + 0.0027 * np.arange(shape[1])}
    maps = {}
    for step, year in enumerate(YEARS):
        edges = np.array(
            [12 + 0.4 * step, 15 + 0.4 * step, 18 + 0.7 * step, 30 + 1.5 * step, 50 - 1.2 * step]
        )
        codes = np.array([1, 2, 3, 7, 6, 5])[np.digitize(inland, edges)]
        codes[(codes == 6) & (rng.random(shape) < 0.05)] = 4
        if step == 2:
            codes[40:43, 10:14] = 0  # a cloud
        data = xr.DataArray(codes.astype("uint8"), at, ("lat", "lon"), attrs={"_FillValue": 0})
        maps[year] = gep.set_crs(data, "EPSG:4326")
    return maps


# %%
def strips(like: xr.DataArray, region: str) -> gep.Zones:
    """Return three strips of the map from west to east as zones; the borders are drawn."""
    columns = np.arange(like.shape[1]) * 3 // like.shape[1] + 1
    labels = xr.DataArray(np.broadcast_to(columns, like.shape).astype("uint8"), like.coords, like.dims)
    table = pd.DataFrame({"code": [1, 2, 3], "name": ["west", "middle", "east"]})
    return gep.Zones.from_labels(labels, table, region=region)


# %% [markdown]
# ## Illustrative numbers
# Each has a low and a high value for the intervals. Yields and prices of 2010 are of the size of a
# table of unit values that lies beside the maps and names no source. That table lists carbon twice,
# as a flow and as a stock; only the flow is a service of the year.

# %%
COEFFICIENTS = pd.DataFrame(
    [
        ("demo_yield", "cropland", 5.0, 4.0, 6.0, "t/ha/year", 0.0),
        ("demo_yield", "reservoir", 0.8, 0.5, 1.2, "t/ha/year", 0.0),
        ("carbon_sequestration_rate", "mangrove", 5.1, 3.0, 7.0, "tC/ha/year", 0.0),
        ("carbon_sequestration_rate", "shrubland", 1.0, 0.3, 2.0, "tC/ha/year", 0.0),
        ("demo_crop_price", "", 6.0e6, 5.0e6, 7.0e6, "IDR_2010/t", 0.010),
        ("demo_pond_price", "", 56.0e6, 45.0e6, 65.0e6, "IDR_2010/t", -0.005),
        ("carbon_price", "", 75.0e3, 40.0e3, 120.0e3, "IDR_2010/tC", 0.020),
        ("demo_coast_value", "mangrove", 15.0e6, 8.0e6, 25.0e6, "IDR_2010/ha/year", 0.0),
        ("demo_coast_value", "tidal_flat", 5.0e6, 2.0e6, 9.0e6, "IDR_2010/ha/year", 0.0),
    ],
    columns=["quantity", "ecosystem", "value", "low", "high", "unit", "drift"],
)
SOURCES = {"illustrative": {"title_en": "Invented for the yearbook example", "issuer": "gep"}}


# %%
def coefficients(year: int, profile: gep.Profile, cpi: gep.Deflator) -> gep.CoefficientTable:
    """Return the table of a year: prices move with consumer prices and an invented drift of their own."""
    table = COEFFICIENTS.copy()
    money = table["unit"].str.contains("IDR")
    moved = cpi.factor("IDR_2010", f"IDR_{year}") * (1.0 + table["drift"]) ** (year - BASE)
    for column in ("value", "low", "high"):
        table[column] = table[column].where(~money, table[column] * moved)
    table["unit"] = table["unit"].str.replace("IDR_2010", f"IDR_{year}")
    table = table.drop(columns="drift").assign(
        source="illustrative", locator="examples/yearbook.py", status="illustrative",
        note_en="illustrative: invented for this example",
    )  # fmt: skip
    return gep.CoefficientTable.from_frame(table, sources=SOURCES, own=profile.own_quantities)


# %% [markdown]
# ## The accounts


# %%
# %%
def compile_series(maps: dict[int, xr.DataArray], zones: gep.Zones, *, real: bool) -> Series:
    """Compile one account a year at the prices of that year."""
    profile = gep.load_profile(DATA / "yearbook_profile.toml")
    cpi = gep.Deflator.shipped("idn-cpi")
    status, source = ("published", "Shlhnj/strategicc") if real else ("illustrative", "drawn from a seed")
    ledgers = {}
    for year, codes in maps.items():
        inputs = gep.Inputs()
        inputs.add_land_cover(codes, CLASSES, status=status, source=source)
        ledgers[year] = gep.compile_account(
            profile, inputs, zones, year,
            coefficients=coefficients(year, profile, cpi), price_year=f"IDR_{year}",
        )  # fmt: skip
    return Series(ledgers)


# %%
# %%
def show(title: str, *what: object, notes: Iterable[str] = ()) -> None:
    """Print a heading, what belongs under it, and what must be said beside it."""
    print(f"\n{title}\n{'-' * 100}")
    for one in what:
        print(one.to_string() if isinstance(one, pd.DataFrame | pd.Series) else one)
    for note in notes:
        print(f"  note: {note}")


# %%
def show_values(series: Series) -> None:
    """Print levels and growth at current and at constant prices, and the volume at base prices."""
    values = series.by("service", unit=UNIT, labels="en")
    show(f"Value by service, {values.attrs['units']}", values, notes=values.attrs["notes"])
    show("Physical account", series.quantities(labels="en"))
    real = series.at_prices(BASE, "idn-cpi")
    volume = series.at_prices_of(BASE)
    columns = ["value", "growth", "annual", "annual_since_first"]
    current = series.growth(unit=UNIT)
    show(f"Growth, {current.attrs['units']}", current[columns])
    for title, one in (("deflated by consumer prices", real), (f"quantities at prices of {BASE}", volume)):
        table = one.growth(prices="constant", unit=UNIT)
        show(f"Growth, {table.attrs['units']}, {title}", table[columns])
    print(*(f"  note: {note}" for note in volume.notes if "missing" in note), sep="\n")
    zones = real.growth("zone", prices="constant", unit=UNIT, labels="en")
    show(
        f"By zone, {zones.attrs['units']}",
        zones.reset_index().pivot_table("value", "zone", "year", sort=False),
    )


# %%
def show_split(series: Series) -> float:
    """Print where the change came from; return by how much the parts miss it, relatively."""
    change = series.change(by="service", deflator="idn-cpi")
    table = change.by("service", unit=UNIT, labels="en")[["opening", "closing", "change", *change.detail]]
    show(f"Split of the change {change.opening.year} to {change.closing.year}, {UNIT}", table)
    print(change.describe())
    total = change.total
    miss = abs(total[list(change.detail)].sum() - total["change"]) / abs(total["change"])
    print(f"the parts add up to the change within {miss:.1e} of it")
    return float(miss)


# %%
def show_land(found: TransitionSeries) -> bool:
    """Print transitions and the extent account; return whether it closes to the last bit."""
    whole = found.between(found.years[0], found.years[-1])
    show(f"What became what, ha ({PONDS})", whole.matrix(unit="ha").round(1))
    show(
        f"Ecosystem extent account {whole.opening} to {whole.closing}, ha", whole.account(unit="ha").round(1)
    )
    account = found.account(unit="ha")
    show("Extent, ha", found.extent(unit="ha").round(1))
    sums = account["opening"] + account["additions"] - account["reductions"]
    closes = bool((sums == account["closing"]).all())
    chained = all(
        (a.account()["closing"] == b.account()["opening"]).all()
        for a, b in zip(list(found)[:-1], list(found)[1:], strict=True)
    )
    print(
        f"opening + additions - reductions == closing in all {len(account)} rows, to the last bit: {closes}"
    )
    print(f"what closes one period opens the next, to the last bit: {chained}")
    print(*found.findings, sep="\n")
    return closes and chained


# %%
def show_intervals(series: Series) -> pd.DataFrame:
    """Print the interval of each total, from the ranges of the illustrative numbers."""
    rows = {
        year: Uncertainty.of_ledger(series.ledger(year), draws=2000, seed=year).interval(unit=UNIT).iloc[0]
        for year in series.years
    }
    table = pd.DataFrame(rows).T[["value", "low", "high"]].astype(float)
    show(f"95 % intervals of the totals, {UNIT} at current prices (illustrative ranges)", table)
    return table


# %%
def folder_of(given: Path | None) -> Path | None:
    """Return the folder of the maps: as given, of the shared data, or none."""
    shared = os.environ.get("GEP_SHARED_DIR", "")
    places = [given] if given else [Path(shared) / "data" / "demak"] if shared else []
    return next((place for place in places if (place / ARCHIVE).is_file()), None)


# %%
# %%
def main(arguments: list[str] | None = None) -> Series:
    """Print the yearbook."""
    parser = argparse.ArgumentParser(description="A yearbook of the Demak coast.")
    parser.add_argument("folder", type=Path, nargs="?", help=f"folder with {ARCHIVE}")
    chosen = parser.parse_args(arguments)
    folder = folder_of(chosen.folder)
    if chosen.folder and folder is None:
        parser.error(f"there is no {ARCHIVE} in {chosen.folder}")
    pd.set_option("display.float_format", "{:,.4g}".format, "display.width", 200)
    print(__doc__)
    maps = read_maps(folder) if folder else draw_maps()
    print(f"ILLUSTRATIVE ACCOUNTS on {'real maps' if folder else 'a DRAWN landscape'}")
    zones = strips(next(iter(maps.values())), "Demak coast" if folder else "drawn coast")
    series = compile_series(maps, zones, real=folder is not None)
    print(series)
    told = series.changes()
    first = told[told["year"] == YEARS[1]]
    lines = [
        f"{r['since']}-{r['year']} {r['kind']}, {r['where']}: {r['what']}" for r in first.to_dict("records")
    ]
    show(f"What changed between {YEARS[0]} and {YEARS[1]} (series.changes() tells all years)", *lines)
    show_values(series)
    show_split(series)
    show_land(transition_series(maps, zones, crosswalk=CLASSES))
    show_intervals(series)
    return series


# %%
if __name__ == "__main__":
    main()
