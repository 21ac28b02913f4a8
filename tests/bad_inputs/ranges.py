"""Numbers that cannot stand beside each other."""

from __future__ import annotations

import numpy as np

from .registry import finds
from .sound import Account, grid

GROUP = "numbers against each other"

VEGETATION = """
[services.flood_mitigation.steps.runoff]
formula = "flood.storm_runoff_log"
ecosystems = ["forest"]
[services.flood_mitigation.steps.runoff.args]
storm = "input:storm_rainfall"
slope = "coefficient:storm_runoff_slope"
intercept = "coefficient:storm_runoff_intercept"
[services.flood_mitigation.steps.vegetation]
formula = "flood.storm_retained"
args = { storm = "input:storm_rainfall", runoff = "step:runoff" }
integrate = "m3/year"
ecosystems = ["forest"]
[services.flood_mitigation.indicators.vegetation]
zh = "植被洪水调蓄量"
en = "Flood water held by vegetation"
quantity = "step:vegetation"
price = "coefficient:reservoir_cost"
unit = "m3/year"
method = "shadow engineering"
ecosystems = ["forest"]
"""


@finds(GROUP, "more rain of storms than rain of the year", "storm_rainfall", "precipitation")
def storms(a: Account) -> None:
    a.files["profile.toml"] += VEGETATION
    a.files["own.csv"] += (
        "own/storm/a,storm_runoff_slope,50,mm/year,,,,,,own-survey,table 6,illustrative\n"
        "own/storm/b,storm_runoff_intercept,-250,mm/year,,,,,,own-survey,table 6,illustrative\n"
    )
    a.grids["storm_rainfall"] = grid(np.full((6, 8), 500.0), "mm/year")


@finds(GROUP, "more evapotranspiration than rain, by much", "evapotranspiration", "precipitation")
def loss(a: Account) -> None:
    a.times("evapotranspiration", 2.0)


@finds(GROUP, "a stated area against that of the cells", "stated area", "zone 101")
def stated(a: Account) -> None:
    a.zone_table["land"] = [9.0, 11.2, 11.2, 11.2]
    a.zone_options |= {"stated_area": "land", "stated_area_unit": "km2"}
