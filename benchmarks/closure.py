"""Whether accounts add up, whatever they are made of: ``python -m benchmarks.closure --cases 10000``.

Random landscapes (holes, land that is not mapped), zonings (zones without cells, cells without zone, two
levels that cut across each other) and profiles (services of the shipped editions and of one that is
written here, values known by zone or for the region alone, with and without a key, missing, zero or
negative) are compiled. The rule, to the last bit: every sum that a ledger shows in its own currency is
the exact sum of its rows, rounded once. Exact is meant as in fractions; so no order of rows, zones or
services can change a sum, and the rows under all groups of a key are the rows of the total.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from itertools import repeat
from multiprocessing import get_context
from operator import add
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import xarray as xr

if TYPE_CHECKING:
    from collections.abc import Sequence

    import gep

HERE = Path(__file__).parent
YEAR = 2020
#: Numbers between the first cases of two processes.
APART = 1_000_000
KEYS = ("zone", "ecosystem", "category", "service", "indicator", "item", "county", "belt")
PAIRS = (("zone", "service"), ("county", "category"), ("ecosystem", "indicator", "item"))
TYPES = (
    "evergreen_needleleaf_forest", "deciduous_broadleaf_shrub", "temperate_steppe", "marsh", "lake",
    "dryland",
    "urban", "bare",
)  # fmt: skip
#: Keys of inputs that come by item or ecosystem: services of the shipped editions ask for them.
ASKED = {
    "water_use": ("", "domestic"), "lake_area": ("", "mongolia_xinjiang/岱海"),
    "habitat_area": (TYPES[0], "shannon_1_2"), "infested_area": (TYPES[0], ""),
}  # fmt: skip
BY_ZONE = {"so2_emission", "nox_emission", "dust_emission", "cod_emission", "ammonia_emission"}
ITEMS = {
    "species_conservation_value": (TYPES[0], "shannon_1_2"), "water_price": ("", "domestic"),
    "lake_storage_coefficient": ("", "mongolia_xinjiang"), "lake_storage_exponent": ("", "mongolia_xinjiang"),
}  # fmt: skip
HEAD = """
id = "drawn"
zh = "随机方法"
en = "A drawn method (illustrative)"
source = "mee-2020"
edition = "1"
[quantities.drawn_runoff]
zh = "径流"
en = "runoff"
unit = "mm/year"
form = "grid"
min = 0
[quantities.drawn_income]
zh = "收入"
en = "income"
unit = "money/year"
form = "table"
"""
#: Lines of a method of its own; ``KEY`` stands where a key is drawn.
LINES = {
    "crops": """
[services.crops.indicators.output]
zh = "产量"
en = "output"
quantity = "input:crop_output"
price = "input:crop_price"
unit = "t/year"
method = "market price"
ecosystem = "dryland"
KEY
""",
    "livestock": """
[services.livestock.indicators.net_output]
zh = "净产值"
en = "net output"
value = "input:livestock_net_output"
unit = "money/year"
method = "net output value"
KEY
""",
    "water_conservation": """
[services.water_conservation]
ecosystems = ["forest", "grassland", "wetland"]
[services.water_conservation.steps.retained]
formula = "water.water_retained"
integrate = "m3/year"
[services.water_conservation.steps.retained.args]
precipitation = "input:precipitation"
runoff = "input:drawn_runoff"
evapotranspiration = "input:evapotranspiration"
[services.water_conservation.indicators.retained]
zh = "水源涵养量"
en = "water retained"
quantity = "step:retained"
price = "coefficient:reservoir_cost"
unit = "m3/year"
method = "shadow engineering"
""",
    "carbon_sequestration": """
[services.carbon_sequestration.steps.net]
formula = "carbon.net_ecosystem_production"
args = { npp = "input:net_primary_production", ratio = "coefficient:nep_npp_ratio" }
integrate = "tCO2/year"
[services.carbon_sequestration.indicators.co2]
zh = "固碳量"
en = "carbon dioxide"
quantity = "step:net"
price = "coefficient:carbon_price"
unit = "tCO2/year"
method = "replacement cost"
""",
    "tourism": """
[services.tourism.indicators.recreation]
zh = "旅游价值"
en = "recreation"
value = "input:drawn_income"
unit = "money/year"
method = "travel cost"
KEY
""",
}
_SPREADS = ("", "", 'zone = { key = "area" }', 'zone = { key = "input:population" }',
            'zone = { key = "area", among = ["grassland", "wetland"] }')  # fmt: skip
_GRIDS = ("precipitation", "evapotranspiration", "net_primary_production")


@dataclass
class Drawn:
    """One account before it is compiled."""

    profile: gep.Profile
    inputs: gep.Inputs
    zones: gep.Zones
    coefficients: gep.CoefficientTable
    allocate: dict[str, str]

    def compile(self) -> gep.Ledger:
        """Return the ledger; services may be missing throughout."""
        import gep

        return gep.compile_account(
            self.profile, self.inputs, self.zones, YEAR, coefficients=self.coefficients, deflator="chn-cpi",
            allocate=self.allocate, allow_empty=list(self.profile.included),
        )  # fmt: skip


class Chance:
    """Draws an account; ``table`` ones have areas in place of grids."""

    def __init__(self, seed: int, number: int) -> None:
        self.random = Random(f"{seed}/{number}")  # noqa: S311  # landscapes, not secrets
        self.numbers = np.random.default_rng([seed, number])
        self.shape = self.random.randint(3, 7), self.random.randint(3, 7)
        self.codes = [str(c) for c in self.random.sample(range(1, 30), self.random.randint(1, 6))]

    def grid(self, values: Any, unit: str = "") -> xr.DataArray:
        from gep import set_crs

        lat, lon = 40.9 - 0.01 * np.arange(self.shape[0]), 111.6 + 0.01 * np.arange(self.shape[1])
        data = xr.DataArray(values, {"lat": lat, "lon": lon}, ("lat", "lon"))
        return set_crs(data.assign_attrs(units=unit) if unit else data, "EPSG:4326")

    def zones(self) -> gep.Zones:
        from gep import Zones

        used = [int(c) for c in self.random.sample(self.codes, self.random.randint(1, len(self.codes)))]
        rows = np.sort(self.numbers.integers(0, len(used), self.shape[0]))
        labels = np.array(used)[(rows[:, None] + self.numbers.integers(0, 2, self.shape)) % len(used)]
        labels[self.numbers.random(self.shape) < self.random.choice((0.0, 0.2))] = 0
        labels.flat[0] = used[0]  # at least one cell counts
        return Zones.from_labels(
            self.grid(labels), self.table(), levels=("county", "belt"), nodata=0, region="全区"
        )

    def table(self) -> pd.DataFrame:
        """Return the table of zones; two may have one name, and the levels cut across each other."""
        return pd.DataFrame({
            "code": self.codes,
            "name": [self.random.choice("甲乙丙丁") + "镇" for _ in self.codes],
            "county": [self.random.choice(("东县", "西县")) for _ in self.codes],
            "belt": [self.random.choice(("山", "川")) for _ in self.codes],
        })  # fmt: skip

    def areas(self) -> gep.Zones:
        from gep import Zones

        rows = [
            (*zone, kind, self.random.choice((0.0, self.random.uniform(0.001, 1e4))))
            for zone in self.table().itertuples(index=False)
            for kind in self.random.sample(TYPES, self.random.randint(1, 4))
        ]
        frame = pd.DataFrame(rows, columns=["zone", "name", "county", "belt", "ecosystem", "area"])
        return Zones.from_areas(frame, unit="km2", levels=("county", "belt"), region="全区")

    def number(self, low: float | None, high: float | None) -> float:
        """Return a number within limits, now and then zero, missing, or of another size."""
        chance = self.random.random()
        if chance < 0.05:
            return math.nan
        bottom = 0.0 if low is None else low
        if chance < 0.1:
            return bottom
        if high is not None:
            return bottom + self.random.random() * (high - bottom)
        return bottom + self.random.choice((1e-6, 0.1, 1.0, 3.7, 1e3, 1e7)) * self.random.random()

    def field(self, low: float | None, high: float | None) -> Any:
        """Return a field within limits, with holes."""
        bottom = 0.0 if low is None else low
        top = (bottom + self.random.choice((1.0, 1000.0))) if high is None else high
        values = self.numbers.uniform(bottom, top, self.shape)
        values[self.numbers.random(self.shape) < self.random.choice((0.0, 0.0, 0.3))] = np.nan
        return values

    def account(self, folder: Path, attempt: int) -> Drawn:
        """Draw everything; a second attempt gives tables for the region alone."""
        own = self.random.random() < 0.5
        profile = self.own_profile(folder) if own else self.shipped_profile()
        by_zone = own or attempt == 0
        grids = not own or self.random.random() < 0.6
        if own and not grids:
            profile = profile.only(*[c for c in profile.services if c in ("crops", "livestock", "tourism")])
        zones = self.zones() if grids else self.areas()
        needed = profile.requirements()
        needed = needed[~needed["needed"].str.startswith("or step:")]
        shown = [c for c in ("tourism", "livestock") if c in profile.included]
        allocate = {
            c: self.random.choice(("area", "population")) for c in shown if self.random.random() < 0.2
        }
        return Drawn(profile, self.inputs(profile, needed, grids=grids, by_zone=by_zone), zones,
                     self.coefficients(profile, needed), allocate)  # fmt: skip

    def own_profile(self, folder: Path) -> gep.Profile:
        import gep

        chosen = self.random.sample(list(LINES), self.random.randint(1, len(LINES)))
        if not set(chosen) & {"crops", "livestock", "tourism"}:
            chosen.append("livestock")
        text = HEAD + "".join(LINES[c].replace("KEY", self.random.choice(_SPREADS)) for c in chosen)
        place = folder / "drawn.toml"
        place.write_text(text, encoding="utf-8")
        return gep.load_profile(place)

    def shipped_profile(self) -> gep.Profile:
        profile = _shipped()[self.random.choice(sorted(_shipped()))]
        codes = self.random.sample(list(profile.services), self.random.randint(1, 3))
        if "oxygen_release" in codes and "carbon_sequestration" not in codes:
            codes.append("carbon_sequestration")
        switches = {c: self.random.choice(v) for c in codes if (v := profile.services[c].variants)}
        chosen = profile.only(*codes)
        return chosen.using(**switches) if switches else chosen

    def inputs(self, profile: gep.Profile, needed: pd.DataFrame, *, grids: bool, by_zone: bool) -> gep.Inputs:
        import gep

        made, rows, fields = gep.Inputs(), list[list[Any]](), {}
        for name, row in needed[needed["supply"] != "coefficient"].iterrows():
            quantity = profile.quantity(str(name))
            unit = quantity.unit.replace("money", f"CNY_{YEAR}")
            if (row["supply"] == "grid" or name in _GRIDS) and grids:
                fields[str(name)] = self.grid(self.field(quantity.low, quantity.high), unit)
                continue
            kinds = [ASKED[str(name)]] if name in ASKED else [("", item) for item in self.items(str(name))]
            split = name == "population" or name in BY_ZONE
            split = split or (by_zone and self.random.random() < 0.5 and not str(name).startswith("crop"))
            for ecosystem, item in kinds:
                for zone in self.codes if split else [""]:
                    rows.append([name, zone, ecosystem, item, self.number(quantity.low, quantity.high), unit])
        if grids:
            cover = self.numbers.integers(self.random.choice((0, 1)), len(TYPES) + 1, self.shape)
            walk = gep.Crosswalk("drawn", dict(enumerate(TYPES, 1)), (0,))
            made.add_land_cover(self.grid(cover), walk, status="illustrative")
            made.add_grids(fields, status="illustrative")
        columns = ["variable", "zone", "ecosystem", "item", "value", "unit"]
        made.add_table(pd.DataFrame(rows, columns=columns), status="illustrative")
        return made

    def items(self, name: str) -> Sequence[str]:
        return ("maize", "wheat") if name in ("crop_output", "crop_price", "crop_human_cost") else ("",)

    def coefficients(self, profile: gep.Profile, needed: pd.DataFrame) -> gep.CoefficientTable:
        from gep import CoefficientTable

        shipped = CoefficientTable.shipped(profile.coefficients)
        rows = []
        for name in needed.index:
            quantity = profile.quantity(name)
            if quantity.form not in ("coefficient", "either") or shipped.has(name, profile.regions):
                continue
            value = self.number(quantity.low, quantity.high)
            value = (quantity.low or 0.0) if math.isnan(value) else value  # a coefficient is never missing
            unit = quantity.unit.replace("money", f"CNY_{YEAR}")
            rows.append([name, value, unit, *ITEMS.get(name, ("", ""))])
        rows = rows or [["nep_npp_ratio", 0.5, "1", "", ""]]
        frame = pd.DataFrame(rows, columns=["quantity", "value", "unit", "ecosystem", "item"])
        return CoefficientTable.from_frame(
            frame.assign(source="drawn", locator="by chance", status="illustrative"),
            sources={"drawn": {"title_en": "drawn by chance", "issuer": "gep"}},
        )


@cache
def _shipped() -> dict[str, gep.Profile]:
    import gep

    return {name: gep.load_profile(name) for name in gep.profiles()}


# ------------------------------------------------------------------------------------------- the rule


def exact(values: pd.Series[float]) -> Fraction | None:
    """Return the exact sum of the values that are known."""
    known = [Fraction(float(v)) for v in values if not math.isnan(v)]
    return sum(known, Fraction(0)) if known else None


def same(shown: float, wanted: Fraction | None) -> bool:
    """Tell whether a number shown is the exact sum, rounded once; of nothing it is missing."""
    return math.isnan(shown) if wanted is None else float(shown) == float(wanted)


#: Every key alone, and some together; what the rule is held against in every case.
GROUPS = (*((key,) for key in KEYS), *PAIRS)
ALWAYS = (("zone",), ("service",), ("ecosystem",), ("category",))


def faults(ledger: gep.Ledger, groups: Sequence[tuple[str, ...]] = GROUPS) -> list[str]:
    """Return every sum of a ledger that breaks the rule."""
    from gep.ledger import views

    found = []
    for inner in (False, True) if ledger.counted().shape != ledger.frame.shape else (False,):
        rows = views.with_levels(ledger, ledger.counted(intermediate=inner))
        whole = exact(rows["value"])
        if not same(ledger.total("CNY", intermediate=inner), whole):
            found.append(f"the total of {len(rows)} rows")
        for keys in [group for group in groups if set(group) <= set(rows)]:
            table = ledger.by(*keys, unit="CNY", intermediate=inner)
            parts = dict(iter(rows.groupby(list(keys), sort=False)))
            sums = {key: exact(part["value"]) for key, part in parts.items()}
            shown = {key if isinstance(key, tuple) else (key,): v for key, v in table["value"].items()}
            found += [
                f"{keys}: {key}" for key, wanted in sums.items() if not same(shown.get(key, 0.5), wanted)
            ]
            if set(shown) != set(sums) or int(table["missing_rows"].sum()) != int(rows["value"].isna().sum()):
                found.append(f"{keys}: rows that are in no group")
            known = [s for s in sums.values() if s is not None]
            if sum(known, Fraction(0)) != (whole or 0):
                found.append(f"{keys}: parts and whole differ")
    return found


def last_bit(ledger: gep.Ledger) -> bool:
    """Tell whether the sums by zone, as they are shown, add up to other bits than the total."""
    shown = ledger.by("zone", unit="CNY")["value"].dropna()
    return bool(len(shown)) and math.fsum(shown) != float(ledger.total("CNY"))


@dataclass
class Found:
    """What a run met."""

    cases: int = 0
    broken: int = 0
    other_bits: int = 0
    rows: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    examples: list[str] = field(default_factory=list)

    def __add__(self, other: Found) -> Found:
        return Found(*map(add, vars(self).values(), vars(other).values()))


def run(cases: int, seed: int, first: int = 0) -> Found:
    """Compile accounts until ``cases`` of them have a ledger, and hold each against the rule."""
    from gep import GepError

    found, number = Found(), first
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("error")
        while found.cases < cases:
            ledger = None
            for attempt in (0, 1):
                try:
                    ledger = Chance(seed, number).account(Path(folder), attempt).compile()
                    break
                except GepError as error:
                    found.refused[str(error.faults[0].what)[:90]] += 1
            if ledger is not None:
                others = [group for group in GROUPS if group not in ALWAYS]
                wrong = faults(ledger, (*ALWAYS, others[number % len(others)]))
                found.cases += 1
                found.rows += len(ledger.frame)
                found.other_bits += last_bit(ledger)
                found.broken += bool(wrong)
                found.examples += [f"case {number}: {one}" for one in wrong[:3]]
            number += 1
            if number - first > 20 * cases + 100:
                raise RuntimeError(f"nearly every account is refused: {found.refused.most_common(5)}")
    return found


def together(cases: int, seed: int, first: int, jobs: int) -> Found:
    """Run in processes, each from another number on, and add up what they found."""
    shares = [len(range(job, cases, jobs)) for job in range(jobs)]
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        parts = pool.map(run, shares, repeat(seed), range(first, first + jobs * APART, APART))
        return sum(parts, Found())


def main(arguments: list[str] | None = None) -> int:
    """Run, write ``benchmarks/results/closure.json``, and fail where a sum breaks the rule."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=lambda text: int(float(text)), default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="number of the first case")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--out", type=Path, default=HERE / "results" / "closure.json")
    given = parser.parse_args(arguments)
    begin = time.perf_counter()
    found = together(given.cases, given.seed, given.first, given.jobs)
    result = {
        "rule": "every sum shown in the currency of the ledger is the exact sum of its rows, rounded once",
        "seed": given.seed,
        "first": given.first,
        "jobs": given.jobs,
        "cases": found.cases,
        "rows": found.rows,
        "broken": found.broken,
        "drawn_and_refused": found.refused.total(),
        "refused_for": dict(found.refused.most_common(12)),
        "sums_by_zone_added_again_have_other_last_bits": found.other_bits,
        "seconds": round(time.perf_counter() - begin, 1),
        "examples": found.examples[:20],
    }
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1, ensure_ascii=False))
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
