"""A section of the Fraser river, British Columbia: a whole account on real grids that say wrong things.

    python examples/fraser.py FOLDER [--out FOLDER]

FOLDER holds the files of the LISFLOOD use case "Fraser" (ec-jrc/lisflood-usecases, EUPL-1.2): 14 x 31
cells of 0.1 degrees, and ``zones_from_ldd.npz``, five sub-basins that were derived from its drainage
map. Needs the package netCDF4.

Real: coordinates and areas, cover fractions, rain of 31 years, relief, leaf area, persons, sub-basins.
Illustrative: every price, soil erodibility, slope length, evapotranspiration, the cover factor of
forest and all coefficients of soil. Borrowed: runoff coefficients and the erosivity model are Chinese,
and the model takes snow for rain. A choice: land that is "other" counts as grassland. So the money
below shows how an account is made and what it rests on, not what nature is worth on the Fraser.
"""

# %%
# %%
from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import xarray as xr

import gep
from gep.account.extent import build as extent_of
from gep.errors import GepError
from gep.quantities import Quantity
from gep.services import erosion

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = "ec-jrc/lisflood-usecases, Fraser"
FILES = (
    "cellsize", "dem", "fracforest", "fracirrigated", "fracother", "fracrice", "fracsealed", "fracwater",
    "gradient", "lai", "landuse", "pixarea", "pop", "thetas1_f", "tp", "waterreg",
)  # fmt: skip
MONEY = "CAD_2018"
#: The persons are those of 2013 (LandScan); the rain is a mean of 1987 to 2017.
YEAR = 2013

# Which ecosystem each cover fraction is counted as. "Other" is all land without trees, sealing or
# irrigation: grass, shrub, clearings, bogs. To call it grassland is a choice, and a coarse one.
CODES = {1: "forest", 2: "grassland", 3: "open_water", 4: "urban", 5: "cropland"}
FRACTIONS = {
    "forest": ("fracforest",),
    "grassland": ("fracother",),
    "open_water": ("fracwater",),
    "urban": ("fracsealed",),
    "cropland": ("fracirrigated", "fracrice"),
}

# %% [markdown]
# ## Illustrative numbers
# A table of one's own needs a source for every row; here the source says that there is none.

# %%
SLOPE_LENGTH = 50.0  # m
ERODIBILITY = 0.03  # t ha h/(ha MJ mm), a loam of middling texture
POTENTIAL_EVAPORATION = 550.0  # mm/year
FOREST_COVER_FACTOR = 0.003
LIGHT_EXTINCTION = 0.5

SOURCES = {
    "illustrative": {"title_en": "Invented for this example; of a plausible size, taken from no document"}
}
TRANSFER = "Chinese mean, taken over for want of one from British Columbia"
EVERGREEN = ("gong-2017", "table 2, evergreen needleleaf forest", TRANSFER)
MEADOW = ("gong-2017", "table 2, temperate meadow steppe", TRANSFER)
COEFFICIENTS = pd.DataFrame(
    [
        ("runoff_coefficient", "forest", 4.52, "%", *EVERGREEN),
        ("runoff_coefficient", "grassland", 9.13, "%", *MEADOW),
        ("practice_factor", "", 1.0, "1", "", "", "no support practice"),
        ("soil_bulk_density", "", 1.3, "t/m3", "", "", ""),
        ("sediment_share", "", 0.25, "1", "", "", ""),
        ("soil_nitrogen_content", "", 0.0015, "tN/t", "", "", ""),
        ("soil_phosphorus_content", "", 0.0005, "tP/t", "", "", ""),
        ("reservoir_cost", "", 0.4, f"{MONEY}/m3", "", "", "cost of a year of storage, not of building it"),
        ("dredging_cost", "", 15.0, f"{MONEY}/m3", "", "", ""),
        ("nitrogen_abatement_cost", "", 4000.0, f"{MONEY}/tN", "", "", ""),
        ("phosphorus_abatement_cost", "", 20000.0, f"{MONEY}/tP", "", "", ""),
    ],
    columns=["quantity", "ecosystem", "value", "unit", "source", "locator", "note_en"],
)

# What the data do not know is left out of the account; none of it is guessed.
LEFT_OUT = {
    "crops": "no harvest statistics",
    "livestock": "no livestock statistics",
    "water_supply": "no water use",
    "carbon_sequestration": "no net primary production",
    "oxygen_release": "no net primary production",
    "climate_regulation": "no temperature, so no days with cooling",
    "tourism": "no visits",
    "all others": "no statistics, no wind, no lakes, no emissions",
}


# %%
def own_coefficients() -> gep.CoefficientTable:
    """Return the table above, each row with an id, a source and a place in it."""
    table = COEFFICIENTS.replace({"source": {"": "illustrative"}, "locator": {"": "examples/fraser.py"}})
    keys = table[["quantity", "ecosystem"]].agg("/".join, axis=1).str.rstrip("/")
    known = table["source"].map(lambda source: "illustrative" if source == "illustrative" else "estimated")
    table = table.assign(id="fraser/" + keys, status=known)
    return gep.CoefficientTable.from_frame(table, sources=SOURCES)


# %%
def profile() -> gep.Profile:
    """Return the guideline without the services that these data cannot tell."""
    return gep.load_profile("mee-2020").only("water_conservation", "soil_retention")


# %% [markdown]
# ## Reading
# None of the files has a CRS that a reader understands (only an `esri_pe_string` with a stray quote), so
# they come untagged. Their coordinates are degrees east and north and that string says GCS_WGS_1984,
# hence EPSG:4326.


# %%
# %%
def untagged(folder: Path, name: str) -> xr.DataArray:
    """Return the one variable of a file as it is, in double precision."""
    with xr.open_dataset(folder / f"{name}.nc") as opened:
        found = next(v for v in opened.data_vars.values() if v.ndim > 1)
        return found.load().astype(float)


# %%
def read(folder: Path) -> dict[str, xr.DataArray]:
    """Return all fields by file name, and the sub-basins as ``basins``; units are still the files' own."""
    raw = {name: gep.set_crs(untagged(folder, name), "EPSG:4326") for name in FILES}
    with np.load(folder / "zones_from_ldd.npz") as archive:
        axes = {"lat": archive["lat"], "lon": archive["lon"]}
        labels = xr.DataArray(archive["zones"].astype(np.int32), axes, ("lat", "lon"))
    raw["basins"] = gep.set_crs(labels, "EPSG:4326")
    return raw


# %%
def basins(labels: xr.DataArray, told_area: xr.DataArray | None = None) -> gep.Zones:
    """Return the five sub-basins; ``told_area`` (m2 by cell) is compared with the true area."""
    table = pd.DataFrame({"code": range(1, 6), "name": [f"basin {i}" for i in range(1, 6)]})
    if told_area is None:
        return gep.Zones.from_labels(labels, table, nodata=99, region="Fraser section")
    sums = pd.Series(told_area.to_numpy().ravel()).groupby(labels.to_numpy().ravel()).sum()
    return gep.Zones.from_labels(
        labels, table.assign(told=sums.reindex(table["code"]).to_numpy()), nodata=99, region="Fraser section",
        stated_area="told", stated_area_unit="m2",
    )  # fmt: skip


# %% [markdown]
# ## Units put right
# Each correction with its reason; the account reads what `corrected` returns and nothing else.

# %%
CORRECTIONS = {
    "gradient": ("Meter", "1", "0.009 to 0.20 is a rise over a run; 0.2 m would be flat over 11 km"),
    "pop": ("-", "person", "long_name is LandScan 2013, a count; per km2 it would make 8 million persons"),
    "dem": ("-", "m", "573 to 1,596 is the Nechako plateau in metres; in feet it would lie under its rivers"),
    "tp": ("mm", "mm/day", "one value a day, long_name 'daily precipitation': 729 mm sum up in a year"),
    "thetas1_f": ("mm", "m3/m3", "0.43 to 0.53 is the pore space of soil; half a millimetre of water is not"),
}


# %%
def corrected(raw: dict[str, xr.DataArray]) -> dict[str, xr.DataArray]:
    """Return the fields with the units that they really have; one that says another unit stops it."""
    right = dict(raw)
    for name, (says, unit, _) in CORRECTIONS.items():
        if raw[name].attrs["units"] != says:
            raise ValueError(f"{name} now says {raw[name].attrs['units']!r}, not {says!r}: look at it again")
        right[name] = raw[name].assign_attrs(units=unit)
    return right


# %% [markdown]
# ## Inputs
# Everything the account reads. `status` says how each grid is known; the ledger takes the weakest.


# %%
# %%
@dataclass(frozen=True)
class Parts:
    """Grids that an account is compiled from."""

    land_cover: xr.DataArray
    labels: xr.DataArray
    grids: dict[str, xr.DataArray]


# %%
def known_as(data: xr.DataArray, unit: str, status: str, source: str) -> xr.DataArray:
    """Return a grid that says its unit, how it is known and where it comes from."""
    return data.drop_attrs(deep=False).assign_attrs(units=unit, status=status, source=source)


# %%
def complete_years(rain: xr.DataArray) -> list[int]:
    """Return the calendar years of which no day is missing."""
    dates = rain.indexes["time"]
    days = dates.year.value_counts().sort_index()
    return [int(y) for y, n in days.items() if n == 365 + pd.Timestamp(y, 1, 1).is_leap_year]


# %%
def yearly_rain(rain: xr.DataArray) -> xr.DataArray:
    """Return the mean of the sums of the complete years, mm/year."""
    sums = rain.groupby("time.year").sum(skipna=False).sel(year=complete_years(rain))
    return known_as(sums.mean("year"), "mm/year", "derived", f"{SOURCE}: tp, sums of 1987 to 2017, mean")


# %%
def evaporation(rain: xr.DataArray) -> xr.DataArray:
    """Return evapotranspiration from rain by the curve of Turc and Pike, for an invented demand."""
    actual = rain / np.sqrt(1.0 + (rain / POTENTIAL_EVAPORATION) ** 2)
    said = f"Turc-Pike curve with a demand of {POTENTIAL_EVAPORATION:g} mm/year"
    return known_as(actual, "mm/year", "illustrative", said)


# %%
def slope_factor(gradient: xr.DataArray) -> xr.DataArray:
    """Return LS: S after McCool from the angle of the slope, L for one length of slope everywhere."""
    angle = np.degrees(np.arctan(gradient)).assign_attrs(units="degree")
    length = erosion.slope_length_factor(gep.quantity(SLOPE_LENGTH, "m"), angle)
    steepness = erosion.slope_steepness_mccool(angle)
    said = f"{SOURCE}: gradient; McCool; slopes of {SLOPE_LENGTH:g} m"
    return known_as(length * steepness, "1", "illustrative", said)


# %%
def dominant(right: dict[str, xr.DataArray]) -> xr.DataArray:
    """Return the code of the ecosystem with the largest fraction of each cell."""
    sums = [sum(right[name] for name in names) for names in FRACTIONS.values()]
    codes = 1 + xr.concat(sums, "class").argmax("class").astype("uint8")
    said = f"{SOURCE}: largest cover fraction"
    return codes.drop_attrs(deep=False).assign_attrs(status="derived", source=said)


# %%
def cover_factor(leaf_area: xr.DataArray, cover: xr.DataArray) -> xr.DataArray:
    """Return C: from leaf area where land is open, one number for forest.

    ``lai.nc`` is the leaf area of land *without* forest (standard_name 'laiother'), so it says nothing
    of the cells that count as forest.
    """
    ground = 100.0 * (1.0 - np.exp(-LIGHT_EXTINCTION * leaf_area.mean("time")))
    factor = erosion.cover_factor_cai(ground.assign_attrs(units="%"))
    factor = factor.where(cover != 1, FOREST_COVER_FACTOR)
    said = f"{SOURCE}: lai; Cai (Three Gorges); forest {FOREST_COVER_FACTOR:g}"
    return known_as(factor, "1", "illustrative", said)


# %%
def build(right: dict[str, xr.DataArray]) -> Parts:
    """Return land cover, sub-basins and grids of the account."""
    cover, rain = dominant(right), yearly_rain(right["tp"])
    everywhere = xr.full_like(rain, ERODIBILITY)
    # Fitted to stations of China, and it takes snow for rain: here an estimate, and a high one.
    erosivity = erosion.erosivity_zhang(right["tp"])
    grids = {
        "precipitation": rain,
        "evapotranspiration": evaporation(rain),
        "rainfall_erosivity": known_as(
            erosivity, "MJ mm/(ha h year)", "estimated", f"{SOURCE}: tp; Zhang, fitted in China"
        ),
        "soil_erodibility": known_as(everywhere, "t ha h/(ha MJ mm)", "illustrative", "one loam everywhere"),
        "slope_length_steepness": slope_factor(right["gradient"]),
        "cover_factor": cover_factor(right["lai"], cover),
        # LandScan counts persons around the clock, which is not quite the resident population
        "population": known_as(right["pop"], "person", "derived", f"{SOURCE}: pop, LandScan 2013"),
    }
    return Parts(cover, right["basins"], grids)


# %%
def inputs_of(parts: Parts) -> gep.Inputs:
    """Return the inputs of the account."""
    return gep.Inputs(parts.grids, land_cover=parts.land_cover, crosswalk=CODES)


# %%
def account(parts: Parts) -> gep.Ledger:
    """Compile the account."""
    return gep.compile_account(
        profile(), inputs_of(parts), basins(parts.labels), YEAR,
        coefficients=own_coefficients(), price_year=MONEY,
    )  # fmt: skip


# %% [markdown]
# ## What happens to the wrong things
# Each file is handed over as it is, in an account that is otherwise sound. If the library ever believes
# one of them, this stops.


# %%
# %%
@dataclass(frozen=True)
class Attempt:
    """A wrong thing that was handed to the library, and the answer."""

    file: str
    tried: str
    answer: str
    refused: bool = True

    def __str__(self) -> str:
        first, *rest = self.answer.splitlines()
        more = f" (and {len(rest) - 1} more lines)" if len(rest) > 1 else ""
        detail = f"\n           {rest[0].strip()}{more}" if rest else ""
        return f"{self.file}: {self.tried}\n  {'refused' if self.refused else 'noticed'}: {first}{detail}"


# %%
def attempt(file: str, tried: str, because: str, do: Callable[[], object]) -> Attempt:
    """Do something that must be refused; a refusal for another reason than ``because`` does not count."""
    try:
        do()
    except GepError as error:
        if because not in str(error):
            raise
        return Attempt(file, tried, str(error))
    raise RuntimeError(f"{file}: {tried}: this was believed")


# %%
def with_grid(parts: Parts, name: str, data: xr.DataArray) -> None:
    """Check the account with one grid replaced."""
    data = data.assign_attrs(status="published", source=SOURCE)
    inputs = inputs_of(replace(parts, grids={**parts.grids, name: data}))
    gep.check(
        profile(), inputs, basins(parts.labels), YEAR, coefficients=own_coefficients(), price_year=MONEY
    ).raise_errors()


# %%
def in_range(name: str, data: xr.DataArray, **entry: object) -> None:
    """Check unit and range of a field that no service reads, against a quantity of one's own."""
    wanted = Quantity.from_entry(name, {"zh": name, "en": name, **entry})
    wanted.check_unit(data.attrs["units"])
    for value in (float(data.min()), float(data.max())):
        if said := wanted.impossible(value, data.attrs["units"]):
            raise GepError(said, where=name)


# %%
def attempts(raw: dict[str, xr.DataArray], parts: Parts) -> list[Attempt]:
    """Hand over every wrong file as it is, and some half-corrected."""
    untagged_dem = raw["dem"].drop_vars("spatial_ref").round().assign_attrs(units="m")
    slope, people, rain = raw["gradient"], raw["pop"], raw["tp"]
    ratio = slope.assign_attrs(units="m/m")
    day, mean_day = rain.isel(time=0, drop=True), rain.mean("time").assign_attrs(units="mm/day")
    short_year = rain.sel(time="1986").assign_attrs(units="mm/day")
    regions, share = raw["waterreg"].assign_attrs(units="1"), {"unit": "m3/m3", "min": 0, "max": 1}

    def grid(name: str, data: xr.DataArray) -> Callable[[], object]:
        return lambda: with_grid(parts, name, data)

    def steepness(data: xr.DataArray) -> Callable[[], object]:
        return lambda: erosion.slope_steepness_mccool(data)

    found = [
        attempt("dem", "with the CRS of the file", "has no CRS", lambda: gep.Zones.from_labels(untagged_dem)),
        attempt("dem", "in '-'", "has no unit", grid("elevation", raw["dem"])),
        attempt("gradient", "as LS, in 'Meter'", "got m; expected 1", grid("slope_length_steepness", slope)),
        attempt("gradient", "as slope, in 'Meter'", "got m; expected degree", steepness(slope)),
        attempt("gradient", "as slope, in m/m", "expected degree", steepness(ratio)),
        attempt("pop", "as population, in '-'", "has no unit", grid("population", people)),
        attempt("tp", "one day as precipitation, in 'mm'", "expected mm/year", grid("precipitation", day)),
        attempt("tp", "the mean day, in mm/day", "expected mm/year", grid("precipitation", mean_day)),
        attempt("tp", "for erosivity, in 'mm'", "expected mm/day", lambda: erosion.erosivity_zhang(rain)),
        attempt("tp", "1986 for erosivity", "364 days", lambda: erosion.erosivity_zhang(short_year)),
        attempt(
            "thetas1_f", "as pore space, in 'mm'", "got mm",
            lambda: in_range("pore_space", raw["thetas1_f"], **share),
        ),
        attempt(
            "waterreg", "as numbers of regions", "outside 0 to 9999",
            lambda: in_range("water_region", regions, unit="1", min=0, max=9999),
        ),
        *(
            attempt("landuse", f"by the legend {name}", "without a row", legend(raw["landuse"], name, parts))
            for name in ("igbp-modis", "corine", "esa-worldcover")
        ),
    ]  # fmt: skip
    for name in ("pixarea", "cellsize"):
        said = next(f for f in basins(parts.labels, raw[name]).findings if "stated area" in f)
        found.append(Attempt(name, "as stated area of the basins, in m2", said, refused=False))
    return found


# %%
def legend(codes: xr.DataArray, name: str, parts: Parts) -> Callable[[], object]:
    """Return a reading of the class raster by the legend of some product; it has none of its own."""
    inputs = gep.Inputs(land_cover=codes, crosswalk=name, status="published")
    return lambda: extent_of(inputs, basins(parts.labels))


# %% [markdown]
# ## Facts to print


# %%
# %%
def area_excess(raw: dict[str, xr.DataArray], zones: gep.Zones) -> float:
    """Return by what share the areas of ``pixarea.nc`` are larger than those of its own coordinates."""
    return float(raw["pixarea"].sum()) / zones.cell_area.total() - 1.0


# %%
def cell_areas(zones: gep.Zones) -> np.ndarray:
    """Return the true area of every cell in m2."""
    assert zones.spec is not None  # noqa: S101
    return np.broadcast_to(zones.cell_area.rows(0, zones.spec.shape[0]), zones.spec.shape)


# %%
def two_extents(right: dict[str, xr.DataArray], parts: Parts) -> pd.DataFrame:
    """Return km2 by basin and ecosystem, by dominant class and by fraction: two answers, never one sum."""
    zones = basins(parts.labels)
    by_class = extent_of(inputs_of(parts), zones).area.to_series() / 1e6
    area, index = cell_areas(zones) / 1e6, zones.index
    by_fraction = {
        (code, ecosystem): float((sum(right[n].to_numpy() for n in names) * area)[index == i].sum())
        for i, code in enumerate(zones.codes)
        for ecosystem, names in FRACTIONS.items()
    }
    table = pd.DataFrame({"by dominant class": by_class, "by fraction": pd.Series(by_fraction)})
    return table.rename_axis(["basin", "ecosystem"]).sort_index()


# %%
def means(right: dict[str, xr.DataArray], parts: Parts) -> pd.DataFrame:
    """Return area-weighted means by basin of some grids, and the persons in it."""
    zones = basins(parts.labels)
    area, index = cell_areas(zones), zones.index
    fields = {
        "elevation [m]": right["dem"],
        "slope [m/m]": right["gradient"],
        "rain [mm/year]": parts.grids["precipitation"],
        "erosivity [MJ mm/(ha h year)]": parts.grids["rainfall_erosivity"],
    }
    table = pd.DataFrame({"area [km2]": zones.zone_area().to_numpy() / 1e6}, index=zones.names)
    for name, data in fields.items():
        values = data.to_numpy()
        table[name] = [np.average(values[index == i], weights=area[index == i]) for i in range(len(zones))]
    people = right["pop"].to_numpy()
    table["persons"] = [people[index == i].sum() for i in range(len(zones))]
    return table


# %%
def show(title: str, *what: object) -> None:
    """Print a heading and what belongs under it."""
    print(f"\n=== {title} ===")
    for one in what:
        print(one.round(3).to_string() if isinstance(one, pd.DataFrame) else one)


# %%
def show_data(raw: dict[str, xr.DataArray], right: dict[str, xr.DataArray], parts: Parts) -> None:
    """Print what the files hold and what was done about it."""
    zones, years = basins(parts.labels), complete_years(right["tp"])
    show(
        "areas are computed, not read",
        f"pixarea.nc {float(raw['pixarea'].sum()) / 1e6:,.1f} km2, its coordinates on WGS84 "
        f"{zones.cell_area.total() / 1e6:,.1f} km2: the file is {area_excess(raw, zones):.2%} too large",
        f"cellsize.nc says m2 and holds km2: {float(raw['cellsize'].sum()):,.1f}; else it is pixarea.nc",
    )
    show("wrong files, handed over as they are", *attempts(raw, parts))
    said = [f"{n}: says {says!r}, read as {unit}: {why}" for n, (says, unit, why) in CORRECTIONS.items()]
    span, codes = right["tp"].indexes["time"], right["landuse"].to_numpy().astype(int)
    forest = right["fracforest"].to_numpy()
    within = {c: forest[codes == c] for c in np.unique(codes)}
    spread = [f"{c}: {part.min():.2f} to {part.max():.2f}" for c, part in within.items()]
    said += [
        f"tp: {span[0]:%Y-%m-%d} to {span[-1]:%Y-%m-%d}; {len(years)} complete years, {years[0]}-{years[-1]}",
        "    (should a stamp mark the end of its day, 1986 would be complete; the file does not say)",
        "waterreg: 9.97e36 in every cell, a fill of netCDF that is not declared; not used",
        f"landuse: codes without a legend; their forest fractions are {', '.join(spread)}; not used",
    ]
    show("corrected, and why", *said)
    table = two_extents(right, parts)
    show(
        "extent in km2, twice: never add or mix the two",
        table.groupby("ecosystem").sum(),
        "No cell has most of its land under water, sealed or irrigated, so by class they vanish.",
        table["by dominant class"]
        .reset_index()
        .pivot_table("by dominant class", "basin", "ecosystem", aggfunc="sum"),
    )
    show("by basin", means(right, parts))


# %%
def show_account(ledger: gep.Ledger) -> None:
    """Print the account."""
    unit = "10^6 CAD"
    show("left out", *(f"{service}: {why}" for service, why in LEFT_OUT.items()))
    show("physical account", ledger.quantities(labels="en"))
    show(
        f"value, {unit} of 2018 (illustrative)",
        ledger.by("zone", "service", unit=unit, labels="en"),
        ledger.by("service", "ecosystem", unit=unit, labels="en"),
        f"total: {ledger.total(unit)}",
    )
    show("per area", ledger.per_area("CAD/ha"), ledger.per_area("CAD/ha", by="zone"))
    show(
        "per head (few live outside basin 1, so the others say little)",
        ledger.per_capita("CAD/person"),
        ledger.per_capita("CAD/person", by="zone"),
    )
    show("one number explained", ledger.explain("soil_retention", zone="basin 1", ecosystem="forest"))
    covered = ledger.coverage if len(ledger.coverage) else "every service covers all land inside the basins"
    show("coverage", covered, *ledger.meta.findings)


# %%
# %%
def main(arguments: list[str] | None = None) -> gep.Ledger:
    """Run the example."""
    parser = argparse.ArgumentParser(description="An account of the Fraser section.")
    parser.add_argument("folder", type=Path, help="folder of the Fraser files")
    parser.add_argument("--out", type=Path, help="folder to write the account to")
    chosen = parser.parse_args(arguments)
    print(__doc__)
    raw = read(chosen.folder)
    right = corrected(raw)
    parts = build(right)
    show_data(raw, right, parts)
    ledger = account(parts)
    show_account(ledger)
    if chosen.out:
        chosen.out.mkdir(parents=True, exist_ok=True)
        ledger.to_csv(chosen.out / "ledger.csv")
        two_extents(right, parts).to_csv(chosen.out / "extent_km2.csv")
        print(f"\nwritten to {chosen.out}: ledger.csv with ledger.csv.json beside it, extent_km2.csv")
    return ledger


# %%
if __name__ == "__main__":
    main()
