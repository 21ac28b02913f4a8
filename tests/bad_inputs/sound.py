"""A small account without a fault: every case spoils one thing of it. All numbers are invented."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

import gep

STEP = 0.01
CLASSES = {1: "deciduous_broadleaf_forest", 2: "temperate_steppe", 3: "dryland", 4: "urban", 5: "lake"}

TABLES = """\
variable,zone,item,value,unit,status,source
crop_output,,maize,9000,t/year,published,yearbook
crop_output,,wheat,1250,t/year,published,yearbook
crop_price,,maize,2.0,CNY_2020/kg,published,yearbook
crop_price,,wheat,2.5,CNY_2020/kg,published,yearbook
livestock_net_output,101,,0.1,亿元_2020/year,published,yearbook
livestock_net_output,102,,0.2,亿元_2020/year,published,yearbook
livestock_net_output,103,,0.3,亿元_2020/year,published,yearbook
livestock_net_output,104,,0.4,亿元_2020/year,published,yearbook
visits,,,12,万人次/year,published,yearbook
visit_spending,,,800,CNY_2020/visit,published,survey
visit_time,,,8,h/visit,published,survey
visitor_wage,,,30,CNY_2020/h,published,survey
lake_area,,plain/甲湖,2.5,km2,published,inventory
population,101,,1000,person,published,census
population,102,,2000,person,published,census
population,103,,3000,person,published,census
population,104,,4000,person,published,census
gdp,,,5,亿元_2020/year,published,yearbook
"""

OWN = """\
id,quantity,value,unit,low,high,ecosystem,item,year,source,locator,status
own/runoff/forest,runoff_coefficient,0.03,1,0.02,0.05,forest,,,own-survey,table 1,illustrative
own/runoff/steppe,runoff_coefficient,0.05,1,,,temperate_steppe,,,own-survey,table 1,illustrative
own/reservoir,reservoir_cost,8.2,CNY_2020/m3,,,,,2020,own-survey,table 2,illustrative
own/nep/forest,nep_npp_ratio,0.2,1,,,forest,,,own-survey,table 3,illustrative
own/nep/steppe,nep_npp_ratio,0.1,1,,,grassland,,,own-survey,table 3,illustrative
own/carbon,carbon_price,60,CNY_2020/tCO2,,,,,2020,own-survey,table 2,illustrative
own/share,sediment_share,0.24,1,,,,,,own-survey,table 4,illustrative
own/density,soil_bulk_density,1.3,t/m3,,,,,,own-survey,table 4,illustrative
own/dredging,dredging_cost,20,CNY_2020/m3,,,,,2020,own-survey,table 2,illustrative
own/practice,practice_factor,0.8,1,,,,,,own-survey,table 4,illustrative
own/wage,travel_time_wage_share,0.3,1,,,,,,own-survey,table 5,illustrative
own/lake/a,lake_storage_constant,4.5,1,,,,plain,,own-survey,table 6,illustrative
own/lake/b,lake_storage_exponent,1.0,1,,,,plain,,own-survey,table 6,illustrative
own/lake/n,lake_exchanges,1,1/year,,,,plain,,own-survey,table 6,illustrative
"""

SOURCES = '[own-survey]\ntitle_en = "Own survey, invented"\nissuer = "nobody"\n'

PROFILE = """\
id = "sound"
zh = "示例方法"
en = "A method for examples"
source = "mee-2020"
edition = "1"
fallbacks = ["ecosystem.parent"]

[overlaps]
"water_conservation+flood_mitigation" = "lakes alone hold floods here"

[services.crops.indicators.output]
zh = "农产品产量"
en = "Crop output"
quantity = "input:crop_output"
price = "input:crop_price"
unit = "t/year"
method = "market price"
ecosystem = "cropland"
zone = { key = "area", among = ["cropland"] }

[services.livestock.indicators.net_output]
zh = "畜牧业净产值"
en = "Net output of livestock"
value = "input:livestock_net_output"
unit = "money/year"
method = "net output value"

[services.water_conservation]
ecosystems = ["forest", "grassland"]
[services.water_conservation.steps.runoff]
formula = "water.quick_flow"
args = { precipitation = "input:precipitation", coefficient = "coefficient:runoff_coefficient" }
[services.water_conservation.steps.retained]
formula = "water.water_retained_nonnegative"
integrate = "m3/year"
[services.water_conservation.steps.retained.args]
precipitation = "input:precipitation"
runoff = "step:runoff"
evapotranspiration = "input:evapotranspiration"
[services.water_conservation.indicators.water_retained]
zh = "水源涵养量"
en = "Water retained"
quantity = "step:retained"
price = "coefficient:reservoir_cost"
unit = "m3/year"
method = "shadow engineering"

[services.soil_retention]
ecosystems = ["forest", "grassland"]
[services.soil_retention.steps.retained]
formula = "soil.retained"
integrate = "t/year"
[services.soil_retention.steps.retained.args]
erosivity = "input:rainfall_erosivity"
erodibility = "input:soil_erodibility"
slope = "input:slope_length_steepness"
cover = "input:cover_factor"
practice = "coefficient:practice_factor"
[services.soil_retention.steps.sediment]
formula = "soil.sediment_avoided"
[services.soil_retention.steps.sediment.args]
retained = "step:retained"
share = "coefficient:sediment_share"
bulk_density = "coefficient:soil_bulk_density"
[services.soil_retention.indicators.sediment]
zh = "减少泥沙淤积"
en = "Sediment deposition avoided"
quantity = "step:sediment"
price = "coefficient:dredging_cost"
unit = "m3/year"
method = "replacement cost"

[services.carbon_sequestration]
ecosystems = ["forest", "grassland"]
[services.carbon_sequestration.steps.net]
formula = "carbon.net_ecosystem_production"
args = { npp = "input:net_primary_production", ratio = "coefficient:nep_npp_ratio" }
integrate = "tCO2/year"
[services.carbon_sequestration.indicators.co2]
zh = "固碳量"
en = "Carbon dioxide sequestered"
quantity = "step:net"
price = "coefficient:carbon_price"
unit = "tCO2/year"
method = "replacement cost"

[services.flood_mitigation.steps.lake]
formula = "flood.lake_storage"
[services.flood_mitigation.steps.lake.args]
surface = "input:lake_area"
constant = "coefficient:lake_storage_constant"
exponent = "coefficient:lake_storage_exponent"
exchanges = "coefficient:lake_exchanges"
[services.flood_mitigation.indicators.lake]
zh = "湖泊洪水调蓄量"
en = "Flood water held by lakes"
quantity = "step:lake"
price = "coefficient:reservoir_cost"
unit = "m3/year"
method = "shadow engineering"
ecosystem = "lake"

[services.tourism.steps.value]
formula = "culture.travel_cost"
[services.tourism.steps.value.args]
visits = "input:visits"
spending = "input:visit_spending"
travel_time = "input:visit_time"
wage = "input:visitor_wage"
wage_share = "coefficient:travel_time_wage_share"
[services.tourism.indicators.recreation]
zh = "旅游康养价值"
en = "Recreation value"
value = "step:value"
unit = "money/year"
method = "travel cost"
"""

#: The fields that services need.
FIELDS = {
    "water_conservation": ("precipitation", "evapotranspiration"),
    "soil_retention": ("rainfall_erosivity", "soil_erodibility", "slope_length_steepness", "cover_factor"),
    "carbon_sequestration": ("net_primary_production",),
}

#: A published account that adds up.
PUBLISHED = """\
year,category,service,indicator,physical_value,physical_unit,price_value,price_unit,money_value,money_unit
2020,provisioning,crops,maize,900,t,2000,元/t,1.80,1e6 CNY
2020,regulating,water,water retained,10.0,万m3,8.20,元/m3,0.82,1e6 CNY
2020,cultural,tourism,recreation,,,,,5.38,1e6 CNY
2020,total,total,GEP,,,,,8.00,1e6 CNY
"""


@dataclass
class Account:
    """Everything that an account is compiled from, open to be spoilt."""

    folder: Path
    files: dict[str, str]
    encodings: dict[str, str]
    grids: dict[str, Any]
    cover: Any
    classes: Any
    labels: Any
    zone_table: pd.DataFrame
    zone_options: dict[str, Any]
    options: dict[str, Any] = field(default_factory=dict)
    year: Any = 2020
    made: dict[str, Any] = field(default_factory=dict)
    #: The services that are accounted; all if there are none.
    services: tuple[str, ...] = ()

    @classmethod
    def sound(cls, folder: Path) -> Account:
        """Return the account without a fault, its files to be written to a folder."""
        return cls(
            folder,
            {
                "tables.csv": TABLES,
                "own.csv": OWN,
                "sources.toml": SOURCES,
                "profile.toml": PROFILE,
                "published.csv": PUBLISHED,
            },
            {},
            {name: data.copy() for name, data in _fields().items()},
            _cover().copy(),
            dict(CLASSES),
            _labels().copy(),
            pd.DataFrame(
                {
                    "code": ["101", "102", "103", "104"],
                    "name": ["东镇", "西乡", "南乡", "北镇"],
                    "county": list("甲甲乙乙"),
                }
            ),
            {"levels": ("county",), "nodata": 0, "region": "全区"},
        )

    def only(self, services: tuple[str, ...], *, fields: bool) -> None:
        """Account for some services alone, if any are named, and with their fields alone."""
        self.services = services
        if services and fields:
            needed = {name for service in services for name in FIELDS.get(service, ())}
            self.grids = {name: data for name, data in self.grids.items() if name in needed}

    # ------------------------------------------------------------------ spoiling

    def swap(self, file: str, old: str, new: str) -> None:
        """Replace a text that must be there."""
        assert old in self.files[file], f"{old!r} is not in {file}"
        self.files[file] = self.files[file].replace(old, new)

    def change(self, name: str, cell: tuple[int, int] | slice, value: float) -> None:
        """Put a value into some cells of a field."""
        values = self.grids[name].to_numpy().astype(float)
        values[cell] = value
        self.grids[name] = self.grids[name].copy(data=values)

    def times(self, name: str, factor: float) -> None:
        """Multiply a field, its unit as before: the slip of a scale."""
        self.grids[name] = self.grids[name].copy(data=self.grids[name].to_numpy() * factor)

    def write(self, file: str) -> Path:
        """Write one of the files and return where it is."""
        path = self.folder / file
        path.write_bytes(self.files[file].encode(self.encodings.get(file, "utf-8")))
        return path

    # ------------------------------------------------------------------ making

    def profile(self) -> Any:
        if self.files["profile.toml"] == PROFILE and "profile.toml" not in self.encodings:
            return _profile(self.services)
        return gep.load_profile(self.write("profile.toml"))

    def zones(self) -> Any:
        return gep.Zones.from_labels(self.labels, self.zone_table, **self.zone_options)

    def inputs(self) -> Any:
        made = gep.Inputs(
            self.grids, land_cover=self.cover, crosswalk=self.classes, status="published", source="invented"
        )
        if self.files["tables.csv"]:
            made.add_table(self.write("tables.csv"))
        return made

    def coefficients(self) -> Any:
        self.write("sources.toml")
        return gep.CoefficientTable.load(self.write("own.csv"))

    def compile(self) -> gep.Ledger:
        """Compile the account; what ``made`` holds stands in place of what would be made."""
        parts, options = self._parts()
        return gep.compile_account(*parts, self.year, **options)

    def check(self) -> Any:
        """Check the account before compiling it."""
        parts, options = self._parts()
        compiling = ("allocate", "allow_empty", "checkpoint")
        return gep.check(*parts, self.year, **{k: v for k, v in options.items() if k not in compiling})

    def _parts(self) -> tuple[list[Any], dict[str, Any]]:
        parts = {
            name: self.made[name] if name in self.made else getattr(self, name)()
            for name in ("profile", "inputs", "zones", "coefficients")
        }
        return list(parts.values())[:3], {"coefficients": parts["coefficients"], **self.options}


@cache
def _profile(services: tuple[str, ...]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "profile.toml"
        path.write_text(PROFILE, encoding="utf-8")
        made = gep.load_profile(path)
    return made.only(*services) if services else made


def grid(values: Any, unit: str = "", crs: str | None = "EPSG:4326", shift: float = 0.0) -> xr.DataArray:
    """Return a field on the grid of the account, which lies near (111.6 E, 40.9 N)."""
    values = np.asarray(values)
    at = {
        "lat": 40.955 - STEP * np.arange(values.shape[0]),
        "lon": 111.605 + STEP * (np.arange(values.shape[1]) + shift),
    }
    data = xr.DataArray(values, at, ("lat", "lon"), attrs={"units": unit} if unit else {})
    return gep.set_crs(data, crs) if crs else data


@cache
def _cover() -> xr.DataArray:
    rows = ["11223333", "11223333", "11222333", "11122433", "11122443", "11122555"]
    return grid(np.array([[int(c) for c in row] for row in rows], np.uint8))


@cache
def _labels() -> xr.DataArray:
    labels = np.full((6, 8), 101, np.int32)
    labels[:3, 4:], labels[3:, :4], labels[3:, 4:] = 102, 103, 104
    return grid(labels)


@cache
def _fields() -> dict[str, xr.DataArray]:
    rng = np.random.default_rng(7)
    shape = (6, 8)
    made = {
        "precipitation": (rng.uniform(400, 450, shape).round(1), "mm/year"),
        "evapotranspiration": (rng.uniform(300, 380, shape).round(1), "mm/year"),
        "rainfall_erosivity": (rng.uniform(900, 1500, shape).round(1), "MJ mm/(ha h year)"),
        "soil_erodibility": (rng.uniform(0.02, 0.04, shape).round(4), "t ha h/(ha MJ mm)"),
        "slope_length_steepness": (rng.uniform(0.5, 5, shape).round(2), "1"),
        "cover_factor": (rng.uniform(0.01, 0.3, shape).round(3), "1"),
        "net_primary_production": (rng.uniform(200, 450, shape).round(1), "gC/m2/year"),
    }
    return {name: grid(values, unit) for name, (values, unit) in made.items()}
