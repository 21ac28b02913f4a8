"""A ledger as a Dataset: values and quantities over zone, ecosystem and line, with CF attributes.

``value`` holds all lines in one unit; the quantity of a line is a variable of its own, in its own
unit. Where the ledger has no row, and where a row has no value, there is NaN; ``value_flag`` tells the
two apart. What is known for the region alone stands under the region's name as a zone.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

from gep import units
from gep.ecosystems import label as ecosystem_label
from gep.ledger import views

if TYPE_CHECKING:
    from gep.ledger.core import Ledger

_CONVENTIONS = "CF-1.11"
_ZONE_FACTS = {
    "area_m2": ("accounted area", "m2"),
    "stated_area_m2": ("stated area", "m2"),
    "population": ("resident population", "person"),
}


def dataset_of(ledger: Ledger) -> xr.Dataset:
    """Return a ledger as a Dataset that netCDF and zarr take as it is.

    Returns
    -------
    Dataset
        ``value`` (zone, ecosystem, line) and ``value_flag``; for each line with a quantity
        ``<service>_<indicator>`` (``..._<item>``) and the same with ``_price``; ``ecosystem_area``,
        ``area_m2``, ``population``. An empty ecosystem is "not attributed".
    """
    frame = ledger.frame.assign(line=_lines(ledger.frame))
    region = ledger.meta.region
    zones = [str(z) for z in ledger.zones.index]
    zones += [region] if region not in zones and (frame["zone"] == region).any() else []
    known = [*frame["ecosystem"], *ledger.extent["ecosystem"]]
    axes = {
        "zone": zones,
        "ecosystem": list(dict.fromkeys(known)),
        "line": list(dict.fromkeys(frame["line"])),
    }
    variables = {**_values(ledger, frame, axes), **_quantities(ledger, frame, axes), **_facts(ledger, axes)}
    return xr.Dataset(variables, _coordinates(ledger, frame, axes), _attributes(ledger))


def _lines(frame: pd.DataFrame) -> pd.Series[str]:
    items = frame["item"].where(frame["item"] == "", "/" + frame["item"])
    return frame["service"] + "." + frame["indicator"] + items


def _cube(frame: pd.DataFrame, column: str, axes: dict[str, list[str]], dims: tuple[str, ...]) -> Any:
    """Return a column as an array over dimensions; where there is no row, NaN."""
    places = tuple(pd.Index(axes[d]).get_indexer(pd.Index(frame[d])) for d in dims)
    cube = np.full([len(axes[d]) for d in dims], np.nan)
    cube[places] = frame[column].to_numpy(float)
    return cube


def _values(ledger: Ledger, frame: pd.DataFrame, axes: dict[str, list[str]]) -> dict[str, Any]:
    dims = ("zone", "ecosystem", "line")
    value = _cube(frame, "value", axes, dims)
    there = _cube(frame.assign(there=1.0), "there", axes, dims)
    flags = np.where(np.isnan(there), 0, np.where(np.isnan(value), 2, 1)).astype(np.int8)
    told = {"ancillary_variables": "value_flag", "price_year": _year(ledger)}
    flagged = {
        "long_name": "what is known of value",
        "flag_values": np.array([0, 1, 2], np.int8),
        "flag_meanings": "no_row known missing",
    }
    named = {"long_name": "monetary value of the service flow in the accounting year"}
    return {
        "value": (dims, value, {**named, "units": ledger.price_year, **told}),
        "value_flag": (dims, flags, flagged),
    }


def _quantities(ledger: Ledger, frame: pd.DataFrame, axes: dict[str, list[str]]) -> dict[str, Any]:
    """Return quantity and price of each line that has one, each in its own unit."""
    found: dict[str, Any] = {}
    dims = ("zone", "ecosystem")
    for line, rows in frame[frame["quantity_unit"] != ""].groupby("line", sort=False):
        first, name = rows.iloc[0], _variable(str(line), found)
        label = ledger.meta.labels.get(f"indicator:{first['service']}.{first['indicator']}", {})
        about = {
            "long_name": " ".join(filter(None, (label.get("en", str(line)), str(first["item"])))),
            "long_name_zh": " ".join(filter(None, (label.get("zh", str(line)), str(first["item"])))),
            "line": str(line),
        }
        method = str(ledger.meta.runs.get(str(first["run"]), {}).get("method", ""))
        found[name] = (dims, _cube(rows, "quantity", axes, dims), {**about, "units": first["quantity_unit"]})
        priced = {**about, "long_name": f"price: {about['long_name']}", "units": first["price_unit"]}
        priced |= {"price_year": _year(ledger), "method": method}
        found[f"{name}_price"] = (dims, _cube(rows, "price", axes, dims), priced)
    return found


def _variable(line: str, taken: dict[str, Any]) -> str:
    """Return a name that netCDF takes and no other variable has."""
    plain = re.sub(r"\W+", "_", line).strip("_")
    names = itertools.chain([plain], (f"{plain}_{i}" for i in itertools.count(2)))
    return next(name for name in names if name not in taken)


def _facts(ledger: Ledger, axes: dict[str, list[str]]) -> dict[str, Any]:
    """Return areas of ecosystems, and areas and people of zones."""
    dims = ("zone", "ecosystem")
    found: dict[str, Any] = {}
    if len(ledger.extent):
        about = {"long_name": "area of the ecosystem in the zone", "units": "m2"}
        found["ecosystem_area"] = (dims, _cube(ledger.extent, "area_m2", axes, dims), about)
    for column, (name, unit) in _ZONE_FACTS.items():
        if column in ledger.zones:
            known = ledger.zones[column].astype(float).reindex(axes["zone"])
            found[column] = ("zone", known.to_numpy(), {"long_name": name, "units": unit})
    return found


def _coordinates(ledger: Ledger, frame: pd.DataFrame, axes: dict[str, list[str]]) -> dict[str, Any]:
    region = ledger.meta.region
    zones = ledger.zones.reindex(axes["zone"])
    of_line = frame.drop_duplicates("line")
    coordinates: dict[str, Any] = {
        "zone": ("zone", axes["zone"], {"long_name": "code of the zone"}),
        "ecosystem": ("ecosystem", axes["ecosystem"], {"long_name": "ecosystem type; empty: not attributed"}),
        "line": ("line", axes["line"], {"long_name": "service.indicator, or service.indicator/item"}),
        "ecosystem_name": (
            "ecosystem",
            [ecosystem_label(code, "en") for code in axes["ecosystem"]],
            {"long_name": "name of the ecosystem type"},
        ),
        "year": ((), ledger.year, {"long_name": "accounting year"}),
    }
    for name in ("name", *views.levels(ledger)):
        # the region stands among the zones where values are known for it alone
        texts = zones[name].where(zones.index != region, region).fillna(region).astype(str)
        about = {"long_name": "name of the zone" if name == "name" else f"{name} of the zone"}
        coordinates[f"zone_{name}"] = ("zone", texts.to_list(), about)
    for name in ("category", "service", "indicator", "item"):
        coordinates[name] = (
            "line",
            of_line[name].astype(str).to_list(),
            {"long_name": f"{name} of the line"},
        )
    return coordinates


def _year(ledger: Ledger) -> int:
    return units.year_of(ledger.price_year)


def _attributes(ledger: Ledger) -> dict[str, Any]:
    profile = ledger.meta.profile
    inner = set(ledger.services) - set(ledger.counted()["service"])
    facts = {k: float(v) for k, v in ledger.region.items() if isinstance(v, int | float)}
    return {
        "Conventions": _CONVENTIONS,
        "title": f"Gross ecosystem product of {ledger.meta.region}, {ledger.year}",
        "source": f"gep {ledger.meta.library}; {profile['id']} ({profile['edition']}): {profile['en']}",
        "region": ledger.meta.region,
        "accounting_year": ledger.year,
        "price_year": ledger.price_year,
        "intermediate_services": ", ".join(sorted(inner)),
        "comment": "NaN is never zero, see value_flag; intermediate services are in no total",
        **{f"region_{k}": v for k, v in facts.items()},
    }
