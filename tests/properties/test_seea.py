"""Properties: use is supply, exchange is a game of sum zero, Gini, quotients, conversions of land."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gep
from gep import indicators, seea
from gep.ledger import Ledger
from gep.ledger.parts import COLUMNS
from gep.scenarios import Convert, Scenario
from gep.seea.flows import exact

A, B, C, D = ZONES = ("150105101", "150105102", "150105103", "150105104")
CATEGORY = {"crops": "provisioning", "soil_retention": "regulating", "tourism": "cultural",
            "species_conservation": "regulating"}  # fmt: skip
FEW = settings(max_examples=15, derandomize=True, deadline=None)
amounts = st.one_of(st.just(float("nan")), st.just(0.0), st.floats(-1e9, 1e12), st.floats(0, 1e-3))
rows = st.lists(
    st.tuples(
        st.sampled_from([*ZONES, "全区"]),
        st.sampled_from(["", "forest", "grassland", "cropland"]),
        st.sampled_from(list(CATEGORY)),
        st.sampled_from(["", "a", "b"]),
        amounts,
    ),
    min_size=1, max_size=30, unique_by=lambda row: row[:4],
)  # fmt: skip
shares = st.lists(st.floats(0.001, 1), min_size=1, max_size=6).map(lambda v: [x / math.fsum(v) for x in v])


def built(ledger, drawn):
    frame = pd.DataFrame(drawn, columns=["zone", "ecosystem", "service", "item", "value"])
    frame = frame.assign(
        year=2010, category=frame["service"].map(CATEGORY), indicator="value", price_year="CNY_2010", run="r",
        quantity=np.nan, price=np.nan, quantity_unit="", price_unit="", status="", coefficient_status="",
        spread="",
    )[list(COLUMNS)]  # fmt: skip
    return Ledger(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta)


def known(values):
    return math.fsum(v for v in values if not math.isnan(v))


@FEW
@given(drawn=rows, part=shares)
def test_use_is_supply_to_the_last_bit(ledger, drawn, part):
    led = built(ledger, drawn)
    named = dict(zip(seea.users().index[: len(part)], part, strict=True))
    keys = {s: named for s in led.services if s != "species_conservation"}
    account = seea.supply_use(led, keys, status="illustrative")
    for supplied, used in (
        (account.supply, account.use),
        (account.intermediate_supply, account.intermediate_use),
    ):
        for service in supplied.index:
            both = [
                t.loc[service].drop(["total", "missing_rows", "not_covered_km2"]) for t in (supplied, used)
            ]
            assert known(both[0]) == known(both[1])
        assert known(supplied["total"]) == known(used["total"])
    size = known(abs(v) for *_, v in drawn)
    assert known(account.supply["total"]) == pytest.approx(
        known([float(led.total("CNY"))]), rel=1e-12, abs=1e-12 * size
    )
    assert account.supply["missing_rows"].sum() + account.intermediate_supply["missing_rows"].sum() == sum(
        math.isnan(v) for *_, v in drawn
    )


@given(total=st.floats(-1e15, 1e15), part=shares)
def test_parts_of_a_whole_add_up_to_it(total, part):
    made = exact([total * s for s in part], total)
    assert math.fsum(made) == total
    assert made == pytest.approx([total * s for s in part], rel=1e-9, abs=1e-9 * abs(total))


@FEW
@given(
    drawn=rows,
    part=st.lists(shares.filter(lambda v: len(v) <= 4), min_size=4, max_size=4),
    rate=st.floats(0, 1),
)
def test_what_zones_exchange_adds_up_to_zero(ledger, drawn, part, rate):
    led = built(ledger, drawn)
    keys = pd.DataFrame(
        [
            ("", zone, user, s)
            for zone, row in zip(ZONES, part, strict=True)
            for user, s in zip(ZONES, row, strict=False)
        ],
        columns=["service", "supplier", "user", "share"],
    )
    found = seea.between_zones(led, keys, status="illustrative")
    balance, paid = found.balance(), found.payments(rate)
    size = math.fsum(balance["supplied"].abs()) + math.fsum(balance["used"].abs())
    assert math.fsum(balance["net"]) == pytest.approx(0, abs=1e-12 * max(size, 1))
    assert math.fsum(balance["supplied"]) == pytest.approx(
        math.fsum(balance["used"]), abs=1e-12 * max(size, 1)
    )
    assert math.fsum(paid["net"]) == 0.0


values = st.lists(st.one_of(st.just(0.0), st.floats(1e-3, 1e9)), min_size=1, max_size=12).filter(any)


@given(values=values, factor=st.floats(1e-3, 1e3))
def test_gini_is_in_bounds_and_does_not_know_the_unit(values, factor):
    found = indicators.gini(values)
    assert 0 <= found <= 1 - 1 / len(values) + 1e-12
    assert indicators.gini([v * factor for v in values]) == pytest.approx(found, abs=1e-9)
    pairs = sum(abs(a - b) for a in values for b in values)
    assert found == pytest.approx(pairs / (2 * len(values) * sum(values)), abs=1e-9)


@given(value=st.floats(1e-3, 1e9), weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=12))
def test_equal_value_per_weight_has_no_inequality(value, weights):
    assert indicators.gini([value] * len(weights)) == 0
    assert indicators.gini([value * w for w in weights], weights) == pytest.approx(0, abs=1e-12)


@FEW
@given(drawn=rows.map(lambda r: [(*k, abs(v)) for *k, v in r]))
def test_location_quotients_have_the_weighted_mean_one(ledger, drawn):
    led = built(ledger, drawn)
    table = indicators.location_quotient(led)
    placed = led.counted()
    placed = placed[placed["zone"].isin(ZONES)]
    weights = placed.groupby("zone")["value"].sum().reindex(table.index, fill_value=0.0)
    sums = placed.groupby("service")["value"].sum()
    for service in table.columns:
        if sums[service] > 1e-3 and weights.sum() > 0:
            mean = (table[service].fillna(0.0) * weights).sum() / weights.sum()
            assert mean == pytest.approx(1, rel=1e-9)


@FEW
@given(forest=st.floats(0, 1), grass=st.floats(0, 1))
def test_land_is_neither_made_nor_lost(case, forest, grass):
    areas = pd.DataFrame(
        [("a", "forest", 100.0), ("a", "cropland", 50.0), ("b", "forest", 30.0), ("b", "grassland", 20.0)],
        columns=["zone", "ecosystem", "area"],
    )
    zones = gep.Zones.from_areas(areas, unit="km2", region="全区")
    args = {"profile": case.profile, "inputs": gep.Inputs(), "zones": zones, "year": 2010}
    changes = [Convert("forest", "grassland", share=forest), Convert("grassland", "forest", share=grass)]
    made = Scenario("s", changes).apply(args)["zones"]
    assert made.zone_area().to_dict() == pytest.approx(zones.zone_area().to_dict(), rel=1e-12)
    assert (made.extent["area_m2"] >= 0).all()
