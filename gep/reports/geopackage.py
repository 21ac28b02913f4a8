"""Zones with their results as a GeoPackage, for any GIS."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gep.errors import LedgerError, ZoneError
from gep.ledger import views
from gep.zones.polygons import open_extra

if TYPE_CHECKING:
    from gep.ledger import Ledger
    from gep.zones import Zones

#: Layers of the file.
ZONES, LINES, ABOUT = "zones", "account", "about"


def to_geopackage(
    ledger: Ledger, zones: Zones, path: str | Path, *, unit: str = "", lang: str = "zh"
) -> Path:
    """Write the zones of an account with their results (extra ``geo``).

    Layers: ``zones`` (shape, facts, total, and a column a service), ``account`` (all rows of the
    ledger, those known for the region alone among them), ``about`` (what the columns are).

    Parameters
    ----------
    ledger : Ledger
        The account.
    zones : Zones
        Those of the account; polygons as given, otherwise outlines of their cells.
    path : str or path
        Ends in ``.gpkg``; a file that is there is replaced.
    unit : str
        Unit of values; 10^8 of the ledger's currency unless given.
    lang : {"zh", "en"}
        Language of what ``about`` says of services.

    Returns
    -------
    Path
        What was written.

    Raises
    ------
    ZoneError
        Other zones than the ledger's, or zones without a shape.
    LedgerError
        Another ending.
    """
    place = Path(path)
    if place.suffix != ".gpkg":
        raise LedgerError(f"a GeoPackage {place.name!r}", expected="a name that ends in .gpkg")
    strange = sorted(set(map(str, ledger.zones.index)) ^ set(zones.codes))
    if strange:
        raise ZoneError(
            f"zones {', '.join(strange[:5])} are in one of ledger and zones",
            expected="the zones of the account",
        )
    unit = unit or ledger.usual_unit(8)
    geopandas = open_extra("geopandas", "a GeoPackage")
    pyogrio = open_extra("pyogrio", "a GeoPackage")
    table = zone_results(ledger, unit)
    shapes = zones.outlines().reindex(table.index)
    frame = geopandas.GeoDataFrame(
        table.reset_index(names="code"), geometry=shapes.to_numpy(), crs=shapes.crs
    )
    spare = place.with_name(f".{place.stem}.tmp.gpkg")
    try:
        pyogrio.write_dataframe(frame, spare, layer=ZONES, driver="GPKG", promote_to_multi=True)
        pyogrio.write_dataframe(ledger.frame, spare, layer=LINES, driver="GPKG", append=False)
        pyogrio.write_dataframe(_about(ledger, unit, lang), spare, layer=ABOUT, driver="GPKG")
        spare.replace(place)
    finally:
        spare.unlink(missing_ok=True)
    return place


def zone_results(ledger: Ledger, unit: str) -> pd.DataFrame:
    """Return facts and results of every zone, a column a service; a missing value is NaN."""
    zones = ledger.zones
    totals = ledger.by("zone", unit=unit).reindex(zones.index)
    values = ledger.by("zone", "service", unit=unit)["value"]
    table = zones[["name", *views.levels(ledger)]].copy()
    table["area_km2"] = zones["area_m2"] / 1e6
    if "population" in zones:
        table["population"] = zones["population"].astype(float)
    table["gep"] = totals["value"]
    table["gep_per_km2"] = totals["value"] / table["area_km2"].where(table["area_km2"] > 0)
    table["missing_rows"] = totals["missing_rows"].fillna(0).astype("int64")
    table["not_covered_km2"] = totals["not_covered_km2"]
    for service in dict.fromkeys(ledger.counted()["service"]):
        table[f"gep_{service}"] = values.xs(service, level="service").reindex(zones.index)
    return table


def _about(ledger: Ledger, unit: str, lang: str) -> pd.DataFrame:
    """Return what a reader of the layers must know, as names and texts."""
    money, region = f"{unit} ({ledger.price_year})", ledger.meta.region
    profile = ledger.meta.profile
    rows = ledger.counted()
    kept = rows[(rows["zone"] == region) & ~rows["zone"].isin(ledger.zones.index)]["value"].dropna()
    facts = {
        "region": region,
        "year": str(ledger.year),
        "method": f"{profile['id']} ({profile['edition']}): {profile[lang]}",
        "library": f"gep {ledger.meta.library}",
        "gep": f"total of all services, {money}",
        "gep_per_km2": f"{money} per km2",
        "not_covered_km2": "area inside the zone that not every service covers",
        "missing_rows": "rows of the account without a value; they are in no sum",
        "not_allocated": f"{math.fsum(kept) * ledger.factor(unit):g} {money} are known for the region alone",
    }
    labels = ledger.meta.labels
    facts |= {f"gep_{s}": f"{labels.get(f'service:{s}', {}).get(lang, s)}, {money}" for s in ledger.services}
    return pd.DataFrame(list(facts.items()), columns=["name", "said"])
