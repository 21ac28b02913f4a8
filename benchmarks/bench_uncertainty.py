"""How long thousands of draws of a whole ledger take, and how much memory; asv runs this class."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from gep.ledger import Ledger, Meta
from gep.ledger.parts import COLUMNS
from gep.resources import vocabulary
from gep.uncertainty import Uncertainty, of_ledger

ECOSYSTEMS = (
    "forest", "shrubland", "grassland", "cropland", "wetland", "marsh", "lake", "river", "urban", "desert",
)  # fmt: skip
SERVICES = 20
DRAWS = 10_000


class Draws:
    """A ledger of zones x 20 services x 10 ecosystems; a price each, a coefficient each pair."""

    params = ((11, 1000), (1000, DRAWS))
    param_names = ("zones", "draws")
    timeout = 600

    def setup(self, zones: int, draws: int) -> None:
        self.responses = of_ledger(ledger(zones), ranges())

    def found(self, draws: int) -> Uncertainty:
        return Uncertainty(self.responses, draws, seed=1)

    def time_total(self, zones: int, draws: int) -> pd.DataFrame:
        return self.found(draws).interval()

    def time_by_zone(self, zones: int, draws: int) -> pd.DataFrame:
        return self.found(draws).interval(by="zone")

    def time_by_row(self, zones: int, draws: int) -> pd.DataFrame:
        return self.found(draws).interval(by=("zone", "service"))

    def time_ranks(self, zones: int, draws: int) -> pd.DataFrame:
        return self.found(draws).ranks()

    def peakmem_by_zone(self, zones: int, draws: int) -> None:
        self.time_by_zone(zones, draws)


def ledger(zones: int) -> Ledger:
    """Return an invented ledger of zones x services x ecosystems."""
    names = [f"z{i}" for i in range(zones)]
    known = vocabulary("services")["services"]
    codes = [code for code, entry in known.items() if not entry["intermediate"]][:SERVICES]
    rows = pd.DataFrame(itertools.product(names, codes, ECOSYSTEMS), columns=["zone", "service", "ecosystem"])
    rows["quantity"] = np.random.default_rng(1).lognormal(10.0, 1.0, len(rows))
    rows = rows.assign(
        year=2020, category="regulating", indicator="line", item="", quantity_unit="t/year", price=2.0,
        price_unit="CNY_2020/t", price_year="CNY_2020", status="illustrative", coefficient_status="",
        spread="", value=2.0 * rows["quantity"], run=rows["service"] + ".line",
    )  # fmt: skip
    facts = pd.DataFrame({"name": names, "area_m2": 1e7}, index=pd.Index(names, name="code"))
    runs = {f"{s}.line": {"inputs": [], "coefficients": []} for s in codes}
    meta = Meta({"id": "benchmark"}, "whole", "0", [], [], runs, [], {})
    return Ledger(rows.reindex(columns=list(COLUMNS)), facts, {}, pd.DataFrame(), meta)


def ranges() -> dict[str, tuple[str, str]]:
    """Return a range for the price of each service and for each service in each ecosystem."""
    codes = list(dict.fromkeys(ledger(1).frame["service"]))
    made = {f"price:{s}": ("±20%", "lognormal") for s in codes}
    return made | {f"service:{s}, ecosystem:{e}": ("±30%", "triangular") for s in codes for e in ECOSYSTEMS}
