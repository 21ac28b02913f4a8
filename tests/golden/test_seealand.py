"""SEEALand, the stylised example of SEEA EA (edition of 2024, annex I): its tables come out as printed.

The annex has no currency; CNY stands for its unit. One printed total does not hold: table AI.9 prints
11.5 thousand for the use by agriculture above a column that holds 11.25, as does the workbook of the
online supplement (sheet 11: 11 250).
"""

import numpy as np
import pandas as pd
import pytest

import gep
from gep import seea
from gep.ledger import Ledger, Meta

#: Services of the annex, their unit, their price (page 376) and their flows by ecosystem (table AI.6).
FLOWS = {
    "crops": ("t/year", 75.0, {"cropland": 150.0}),
    "forest_products": ("m3/year", 60.0, {"forest": 140.0}),
    "fishery": ("t/year", 350.0, {"lake": 3.0, "seagrass": 6.0}),
    "carbon_sequestration": (
        "tCO2/year",
        25.0,
        {"forest": 150.0, "urban": 5.0, "marsh": 20.0, "seagrass": 250.0},
    ),
    "water_purification": ("tN/year", 100.0, {"marsh": 7.0}),
    "tourism": ("visit/year", 5.0, {"forest": 1500.0, "lake": 5000.0, "urban": 2500.0, "seagrass": 800.0}),
}
SUPPLY_BY_TYPE = {  # table AI.8, thousands
    "forest": 19.65,
    "lake": 26.05,
    "cropland": 11.25,
    "urban": 12.625,
    "marsh": 1.2,
    "seagrass": 12.35,
}
USE = {  # table AI.9, thousands; agriculture as its column adds up
    "agriculture": 11.25,
    "forestry": 8.4,
    "fisheries": 3.15,
    "energy": 0.7,
    "government": 10.625,
    "households": 49.0,
}
PHYSICAL_USE = {  # table AI.7
    ("crops", "agriculture"): 150,
    ("forest_products", "forestry"): 140,
    ("fishery", "fisheries"): 9,
    ("carbon_sequestration", "government"): 425,
    ("water_purification", "energy"): 7,
    ("tourism", "households"): 9800,
}
OPENING = {
    "forest": 40,
    "lake": 30,
    "cropland": 60,
    "urban": 50,
    "marsh": 20,
    "seagrass": 50,
}  # ha, table AI.1
CLOSING = OPENING | {"forest": 38, "cropland": 62}


def ledger(extent, year):
    known = gep.load_profile("mee-2020")
    rows = [
        {
            "year": year, "zone": "seealand", "ecosystem": ecosystem, "category": "regulating",
            "service": service, "indicator": "flow", "item": "", "quantity": quantity, "quantity_unit": unit,
            "price": price, "price_unit": "", "value": quantity * price, "price_year": "CNY_2020",
            "status": "published", "coefficient_status": "", "spread": "", "run": f"{service}.flow",
        }
        for service, (unit, price, flows) in FLOWS.items()
        for ecosystem, quantity in flows.items()
    ]  # fmt: skip
    runs = {f"{s}.flow": {"report": unit, "zh": s, "en": s} for s, (unit, *_) in FLOWS.items()}
    areas = pd.DataFrame(
        {"zone": "seealand", "ecosystem": list(extent), "area_m2": np.array([*extent.values()]) * 1e4}
    )
    zones = pd.DataFrame({"name": ["SEEALand"], "area_m2": [areas["area_m2"].sum()]}, index=["seealand"])
    meta = Meta({"id": known.id}, "SEEALand as a whole", "", [], [], runs, [], {})
    return Ledger(pd.DataFrame(rows), zones, {}, pd.DataFrame(), meta, areas)


@pytest.fixture(scope="module")
def land():
    return ledger(OPENING, 2020)


KEYS = {"water_purification": "energy"}  # the only one that is not the default


@pytest.fixture(scope="module")
def account(land):
    return seea.supply_use(land, KEYS, status="published", source="seea-ea-2024, table AI.7")


def test_supply_by_ecosystem_type_is_as_printed(account):
    sums = account.supply[list(SUPPLY_BY_TYPE)].sum() / 1e3
    assert sums.to_dict() == pytest.approx(SUPPLY_BY_TYPE, rel=1e-12)
    assert account.total() == 83125.0


def test_use_by_economic_unit_is_as_printed(account):
    assert (account.use[list(USE)].sum() / 1e3).to_dict() == pytest.approx(USE, rel=1e-12)
    table = account.table()
    last = table.loc[("Use", "Total")]
    assert last["Total industry"] == 23500.0
    assert last["Total use by resident economic units"] == last["Total"] == 83125.0
    assert table.loc[("Supply", "Total"), "Total"] == 83125.0


def test_defaults_are_those_of_the_annex_but_for_one(land):
    keys = seea.supply_use(land).keys.set_index("service")
    assert {s: keys.loc[s, "user"] for s, _ in PHYSICAL_USE} | KEYS == dict(PHYSICAL_USE.keys())


def test_physical_flows_are_as_printed(land):
    table = seea.supply_use(land, KEYS, status="published", terms="physical")
    used = table.use.droplevel(["indicator", "item", "unit"])
    for (service, user), amount in PHYSICAL_USE.items():
        assert used.loc[service, user] == used.loc[service, "total"] == amount
    supplied = table.supply.droplevel(["indicator", "item", "unit"])
    for service, (_, _, flows) in FLOWS.items():
        assert supplied.loc[service, list(flows)].to_dict() == flows


def test_the_extent_account_is_as_printed(land):
    """Tables 2 and 3 of the supplement: 2 ha of forest become cropland, a managed conversion."""
    moves = pd.DataFrame(
        [(a, a, CLOSING[a] if a == "forest" else OPENING[a], "") for a in OPENING]
        + [("forest", "cropland", 2, "managed")],
        columns=["from", "to", "area", "cause"],
    )
    table = seea.extent_account(land, ledger(CLOSING, 2021), moves, unit="ha", transitions_unit="ha")
    assert table.loc["opening", list(OPENING)].to_dict() == pytest.approx(OPENING)
    assert table.loc["closing", list(CLOSING)].to_dict() == pytest.approx(CLOSING)
    assert table.loc["additions_managed", "cropland"] == pytest.approx(2)
    assert table.loc["reductions_managed", "forest"] == pytest.approx(2)
    assert table.loc["net_change"].drop("total").to_dict() == pytest.approx(
        {"forest": -2, "lake": 0, "cropland": 2, "urban": 0, "marsh": 0, "seagrass": 0, "not_attributed": 0}
    )
    assert table.loc["opening", "total"] == pytest.approx(250)
    assert table.loc["additions", "total"] == pytest.approx(2)
