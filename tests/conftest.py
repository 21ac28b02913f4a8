"""A small account on a grid and one of tables, both of invented numbers, for all tests to build on.

The grid has 12 x 10 cells of 0.01 degrees. Borders of zones and of ecosystems do not follow each other,
the last column lies outside all zones, two zones of different counties have the same name, and the two
groupings of zones (county, belt) cut across each other.
"""

from __future__ import annotations

import importlib
import math
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import settings

import gep

settings.register_profile("gep", derandomize=True, deadline=None, max_examples=40)
settings.load_profile("gep")

YEAR = 2010
CLASSES = {1: "deciduous_broadleaf_forest", 2: "temperate_steppe", 3: "cropland", 4: "urban"}
ZONES = pd.DataFrame(
    {
        "code": [150105101, 150105102, 150105103, 150105104],
        "name": ["东镇", "西乡", "南乡", "东镇"],
        "county": ["甲县", "甲县", "乙县", "乙县"],
        "belt": ["west", "east", "west", "east"],
    }
)

PROFILE = """
id = "demo"
zh = "演示方法"
en = "Demonstration method"
source = "mee-2020"
edition = "1"
coefficients = ["gong-2017", "garze-2010"]
regions = ["513300", "CHN"]
fallbacks = ["ecosystem.parent"]

[services.crops.indicators.output]
zh = "农产品产量"
en = "Crop output"
quantity = "input:crop_output"
price = "input:crop_price"
unit = "t/year"
report = "万t/year"
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
variant = "nonnegative"
[services.water_conservation.variants.nonnegative]
note_zh = "负值按零计。"
note_en = "Negative balances count as zero."
[services.water_conservation.variants.nonnegative.steps.runoff]
formula = "water.quick_flow"
args = { precipitation = "input:precipitation", coefficient = "coefficient:runoff_coefficient" }
[services.water_conservation.variants.nonnegative.steps.retained]
formula = "water.water_retained_nonnegative"
integrate = "m3/year"
[services.water_conservation.variants.nonnegative.steps.retained.args]
precipitation = "input:precipitation"
runoff = "step:runoff"
evapotranspiration = "input:evapotranspiration"
[services.water_conservation.variants.nonnegative.indicators.water_retained]
zh = "水源涵养量"
en = "Water retained"
quantity = ["step:retained", "input:water_retained"]
price = "coefficient:reservoir_cost"
unit = "m3/year"
report = "万m3/year"
method = "shadow engineering"
[services.water_conservation.variants.balance]
note_zh = "负值保留。"
note_en = "Negative balances stay."
[services.water_conservation.variants.balance.steps.runoff]
formula = "water.quick_flow"
args = { precipitation = "input:precipitation", coefficient = "coefficient:runoff_coefficient" }
[services.water_conservation.variants.balance.steps.retained]
formula = "water.water_retained"
integrate = "m3/year"
[services.water_conservation.variants.balance.steps.retained.args]
precipitation = "input:precipitation"
runoff = "step:runoff"
evapotranspiration = "input:evapotranspiration"
[services.water_conservation.variants.balance.indicators.water_retained]
zh = "水源涵养量"
en = "Water retained"
quantity = ["step:retained", "input:water_retained"]
price = "coefficient:reservoir_cost"
unit = "m3/year"
report = "万m3/year"
method = "shadow engineering"

[services.soil_retention]
ecosystems = ["forest", "grassland", "cropland"]
[services.soil_retention.steps.retained]
formula = "soil.retained"
integrate = "t/year"
[services.soil_retention.steps.retained.args]
erosivity = "input:rainfall_erosivity"
erodibility = "input:soil_erodibility"
slope = "input:slope_length_steepness"
cover = ["input:cover_factor", "coefficient:cover_factor"]
practice = "coefficient:practice_factor"
[services.soil_retention.steps.sediment]
formula = "soil.sediment_avoided"
[services.soil_retention.steps.sediment.args]
retained = ["step:retained", "input:soil_retained"]
share = "coefficient:sediment_share"
bulk_density = "coefficient:soil_bulk_density"
[services.soil_retention.indicators.sediment]
zh = "减少泥沙淤积"
en = "Sediment deposition avoided"
quantity = ["input:sediment_avoided", "step:sediment"]
price = "coefficient:dredging_cost"
unit = "m3/year"
report = "万m3/year"
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
quantity = ["step:net", "input:carbon_sequestered"]
price = "coefficient:carbon_price"
unit = "tCO2/year"
method = "replacement cost"

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

#: Coefficients that the demonstration method needs beside the published sets it names.
OWN = [
    ("own/ratio/forest", "nep_npp_ratio", 0.2, "1", "forest"),
    ("own/ratio/grassland", "nep_npp_ratio", 0.25, "1", "grassland"),
    ("own/practice", "practice_factor", 0.8, "1", ""),
    ("own/wage_share", "travel_time_wage_share", 0.3, "1", ""),
]

#: variable, zone, item, value, unit
TABLE = [
    ("crop_output", "", "maize", 18.0, "万t/year"),
    ("crop_output", "", "wheat", 2.0, "万t/year"),
    ("crop_price", "", "maize", 2.0, "CNY_2010/kg"),
    ("crop_price", "", "wheat", 2.5, "CNY_2010/kg"),
    ("livestock_net_output", "150105101", "", 1.0, "亿元_2010/year"),
    ("livestock_net_output", "150105102", "", 2.0, "亿元_2010/year"),
    ("livestock_net_output", "150105103", "", 3.0, "亿元_2010/year"),
    ("livestock_net_output", "150105104", "", 4.0, "亿元_2010/year"),
    ("visits", "", "", 50.0, "万人次/year"),
    ("visit_spending", "", "", 20.0, "CNY_2010/visit"),
    ("visit_time", "", "", 5.0, "h/visit"),
    ("visitor_wage", "", "", 30.0, "CNY_2010/h"),
    ("population", "150105101", "", 10000.0, "person"),
    ("population", "150105102", "", 20000.0, "person"),
    ("population", "150105103", "", 30000.0, "person"),
    ("population", "150105104", "", 40000.0, "person"),
    ("gdp", "", "", 50.0, "亿元_2010/year"),
]


def long_table(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=["variable", "zone", "item", "value", "unit"])


def rows_with(**changes: Any) -> list[tuple[Any, ...]]:
    """The table with the rows of some variables replaced: name=[(zone, item, value, unit), ...]."""
    kept = [row for row in TABLE if row[0] not in changes]
    return kept + [(name, *row) for name, rows in changes.items() for row in rows]


def coefficients(rows: Sequence[tuple[Any, ...]]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["id", "quantity", "value", "unit", "ecosystem"])
    return frame.assign(source="mee-2020", locator="invented for tests", status="unverified")


def band_km2(south: float, north: float, width: float) -> float:
    """Area between two parallels on WGS 84, closed form; all in degrees."""
    a, f = 6378137.0, 1 / 298.257223563
    e, b = math.sqrt(f * (2 - f)), a * (1 - f)

    def zone(latitude: float) -> float:
        s = math.sin(math.radians(latitude))
        return s / (1 - (e * s) ** 2) + math.atanh(e * s) / e

    return math.radians(width) * b * b / 2 * (zone(north) - zone(south)) / 1e6


@dataclass(frozen=True)
class GridCase:
    """Everything of the account on the grid; every method builds anew, so tests cannot disturb each other."""

    profile: gep.Profile
    lat: np.ndarray
    lon: np.ndarray
    cover: np.ndarray
    labels: np.ndarray
    fields: Mapping[str, tuple[np.ndarray, str]]
    step: float = 0.01
    classes: Mapping[int, str] = field(default_factory=lambda: dict(CLASSES))

    def grid(
        self, values: Any, unit: str = "", *, crs: str = "EPSG:4326", shift: float = 0.0, **attrs: str
    ) -> xr.DataArray:
        values = np.asarray(values)
        repeat = values.shape[0] // len(self.lat)
        fine = (np.arange(repeat) - (repeat - 1) / 2) * self.step / repeat
        lat = (self.lat[:, None] - fine).ravel()
        lon = (self.lon[:, None] + fine).ravel() + shift
        data = xr.DataArray(values, {"lat": lat, "lon": lon}, ("lat", "lon"), attrs=attrs)
        return gep.set_crs(data.assign_attrs(units=unit) if unit else data, crs)

    def zones(self, table: pd.DataFrame = ZONES, labels: np.ndarray | None = None) -> gep.Zones:
        raster = self.grid(self.labels if labels is None else labels)
        return gep.Zones.from_labels(raster, table, levels=("county", "belt"), nodata=0, region="全区")

    def inputs(
        self,
        changes: Mapping[str, Any] | None = None,
        *,
        rows: Sequence[tuple[Any, ...]] | None = None,
        cover: np.ndarray | None = None,
        classes: Mapping[int, str] | None = None,
        status: str = "published",
    ) -> gep.Inputs:
        """Inputs with fields changed: to an array, (array, unit), a DataArray, or None to leave it out."""
        grids = {
            name: values if isinstance(values, xr.DataArray) else self.grid(values, unit)
            for name, (values, unit) in self._mixed(changes or {})
        }
        return gep.Inputs(
            grids,
            [long_table(TABLE if rows is None else rows)],
            land_cover=self.grid(self.cover if cover is None else cover),
            crosswalk=dict(classes or self.classes),
            status=status,
            source="invented",
        )

    def _mixed(self, changes: Mapping[str, Any]) -> list[tuple[str, tuple[Any, str]]]:
        made = []
        for name, (values, unit) in self.fields.items():
            change = changes.get(name, values)
            if change is not None:
                made.append((name, change if isinstance(change, tuple) else (change, unit)))
        return made + [
            (n, c if isinstance(c, tuple) else (c, "")) for n, c in changes.items() if n not in self.fields
        ]

    def table(self, extra: Sequence[tuple[Any, ...]] = ()) -> gep.CoefficientTable:
        return gep.CoefficientTable.from_frame(coefficients([*OWN, *extra]))

    def compile(
        self, inputs: gep.Inputs | None = None, zones: gep.Zones | None = None, **options: Any
    ) -> gep.Ledger:
        profile = options.pop("profile", self.profile)
        options.setdefault("coefficients", self.table())
        return gep.compile_account(profile, inputs or self.inputs(), zones or self.zones(), YEAR, **options)

    def check(self, inputs: gep.Inputs | None = None, zones: gep.Zones | None = None, **options: Any) -> Any:
        profile = options.pop("profile", self.profile)
        options.setdefault("coefficients", self.table())
        return gep.check(profile, inputs or self.inputs(), zones or self.zones(), YEAR, **options)

    def values(self, name: str) -> np.ndarray:
        """A copy of a field, to put holes into."""
        return self.fields[name][0].copy()

    def cell_km2(self) -> np.ndarray:
        """Area of every cell, by the closed form above."""
        half = self.step / 2
        column = [band_km2(y - half, y + half, self.step) for y in self.lat]
        return np.repeat(np.array(column)[:, None], len(self.lon), axis=1)

    # the three helpers of this file, for tests that cannot import it
    rows_with = staticmethod(rows_with)
    long_table = staticmethod(long_table)
    coefficients = staticmethod(coefficients)


@pytest.fixture(scope="session")
def profile_text() -> str:
    return PROFILE


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> gep.Profile:
    path = tmp_path_factory.mktemp("profile") / "demo.toml"
    path.write_text(PROFILE, encoding="utf-8")
    return gep.load_profile(path)


@pytest.fixture(scope="session")
def case(demo: gep.Profile) -> GridCase:
    rng = np.random.default_rng(7)
    shape = (12, 10)
    labels = np.zeros(shape, np.int32)
    labels[:5, :5], labels[:5, 5:9] = 150105101, 150105102
    labels[5:, :4], labels[5:, 4:9] = 150105103, 150105104
    fields = {
        "precipitation": (rng.uniform(380, 450, shape), "mm/year"),
        "evapotranspiration": (rng.uniform(250, 440, shape), "mm/year"),
        "rainfall_erosivity": (rng.uniform(500, 1500, shape), "MJ mm/(ha h year)"),
        "soil_erodibility": (rng.uniform(0.03, 0.05, shape), "t ha h/(ha MJ mm)"),
        "slope_length_steepness": (rng.uniform(0.1, 5, shape), "1"),
        "cover_factor": (rng.uniform(0, 0.3, shape), "1"),
        "net_primary_production": (rng.uniform(100, 500, shape), "gC/m2/year"),
    }
    return GridCase(
        demo,
        40.955 - 0.01 * np.arange(12),
        111.605 + 0.01 * np.arange(10),
        rng.choice([1, 2, 3, 4], shape).astype(np.uint8),
        labels,
        fields,
    )


@pytest.fixture(scope="session")
def ledger(case: GridCase) -> gep.Ledger:
    """The account on the grid as it stands; read it, do not change it."""
    return case.compile()


@pytest.fixture(scope="session")
def holed(case: GridCase) -> gep.Ledger:
    """The same with holes in two fields of water conservation and land that is not mapped."""
    rain, loss, cover = case.values("precipitation"), case.values("evapotranspiration"), case.cover.copy()
    rain[0:2, 0:3] = np.nan
    loss[1:3, 1:4] = np.nan
    cover[11, 0:2] = 0
    inputs = case.inputs({"precipitation": rain, "evapotranspiration": loss})
    inputs.add_land_cover(case.grid(cover), gep.Crosswalk("own", CLASSES, (0,)), status="published")
    return case.compile(inputs)


@pytest.fixture
def tables() -> tuple[gep.Zones, gep.Inputs]:
    """An account without grids: two zones, three ecosystems, quantities from tables."""
    areas = pd.DataFrame(
        {
            "zone": ["a", "a", "b", "b"],
            "name": ["甲", "甲", "乙", "乙"],
            "ecosystem": ["forest", "cropland", "forest", "grassland"],
            "area": [100.0, 50.0, 30.0, 20.0],
        }
    )
    rows = rows_with(
        livestock_net_output=[("a", "", 1.0, "亿元_2010/year"), ("b", "", 2.0, "亿元_2010/year")],
        population=[("a", "", 1.0, "万人"), ("b", "", 3.0, "万人")],
        water_retained=[("a", "", 10.0, "万m3/year"), ("b", "", 30.0, "万m3/year")],
        soil_retained=[("a", "", 9300.0, "t/year"), ("b", "", 18600.0, "t/year")],
        carbon_sequestered=[("a", "", 100.0, "tCO2/year"), ("b", "", 200.0, "tCO2/year")],
    )
    return gep.Zones.from_areas(areas, unit="km2", region="全区"), gep.Inputs(
        tables=[long_table(rows)], status="published"
    )


@pytest.fixture(scope="session")
def example_data() -> Path:
    return Path(__file__).resolve().parents[1] / "examples" / "data"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """Return a function that imports a module of the benchmarks, which are no part of the package."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1]))
    yield lambda name: importlib.import_module(f"benchmarks.{name}")
    for name in [n for n in sys.modules if n.startswith("benchmarks")]:
        del sys.modules[name]


@pytest.fixture
def chinese_font() -> None:
    """Skip where no font of the machine has Chinese characters."""
    fonts = pytest.importorskip("gep.plot.fonts")
    if not any("榆" in fonts.coverage(path) for _, path in fonts.candidates()):
        pytest.skip("no font of this machine can draw Chinese")
