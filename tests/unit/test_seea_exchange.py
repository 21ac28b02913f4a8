"""Exchange between zones: balances, payments, keys that cannot be."""

import math

import pandas as pd
import pytest

from gep import seea
from gep.errors import TableError

A, B, C, D = "150105101", "150105102", "150105103", "150105104"


def test_who_supplies_and_who_uses(ledger):
    """Livestock is worth 1, 2, 3 and 4 亿元; half of all of it is used in the south."""
    found = seea.between_zones(ledger, {"livestock": {C: 0.5, "西乡": 0.5}}, status="illustrative")
    table = found.balance()
    assert table["supplied"].tolist() == [1e8, 2e8, 3e8, 4e8]
    assert table.loc[B, "own"] == 1e8
    assert table["used"].tolist() == [0, 5e8, 5e8, 0]
    assert math.fsum(table["net"]) == 0
    assert table.attrs["units"] == "CNY_2010"
    assert found.traded() == 10e8 - 1e8 - 1.5e8
    assert found.balance(labels="zh").columns.tolist() == ["name", "供给", "自用", "使用", "净额"]


def test_the_narrowest_key_is_taken(ledger):
    keys = pd.DataFrame(
        [("livestock", A, B, 1.0), ("livestock", "", D, 1.0), ("", "", C, 1.0)],
        columns=["service", "supplier", "user", "share"],
    )
    flows = seea.between_zones(ledger, keys, services=["livestock", "crops"], status="illustrative").flows
    users = flows.groupby(["service", "supplier"])["user"].agg(list).to_dict()
    assert users["livestock", A] == [B]
    assert users["livestock", C] == [D]
    assert users["crops", A] == [C]


def test_payments_add_up_to_zero_to_the_last_bit(ledger):
    found = seea.between_zones(ledger, {"water_conservation": {C: 0.3, D: 0.7}}, status="illustrative")
    table = found.payments(0.1)
    assert math.fsum(table["net"]) == 0.0
    assert table.loc[A, "paid"] == 0
    assert table["paid"].sum() == table["received"].sum() == pytest.approx(0.1 * float(found.traded()), abs=8)
    assert "users pay 0.1" in table.attrs["notes"][0]
    assert (found.payments(0.0)["net"] == 0).all()
    with pytest.raises(TableError, match="between 0 and 1"):
        found.payments(10)


def test_users_beyond_the_zones(ledger):
    found = seea.between_zones(ledger, {"livestock": {"outside": 1.0}}, status="illustrative")
    assert found.balance().loc["outside", "net"] == -10e8
    assert math.fsum(found.payments(0.5)["net"]) == 0.0
    assert "outside" in str(found)


def test_what_has_no_supplier_is_told(ledger):
    found = seea.between_zones(ledger, {"tourism": {A: 1.0}}, status="illustrative")
    assert found.flows.empty
    assert any("tourism" in note and "no supplier" in note for note in found.notes)


def test_missing_values_are_told(case):
    values = {A: None, B: 2.0, C: 3.0, D: 4.0}
    given = [(zone, "", value, "亿元_2010/year") for zone, value in values.items()]
    rows = case.rows_with(livestock_net_output=given)
    found = seea.between_zones(
        case.compile(case.inputs(rows=rows)), {"livestock": {A: 1.0}}, status="estimated"
    )
    assert found.balance().loc[A, "supplied"] == 0
    assert found.flows["value"].isna().sum() == 1
    assert any("have no value: livestock" in note for note in found.notes)


def test_all_faults_of_the_keys_at_once(ledger):
    keys = pd.DataFrame(
        [("livestock", "", "nowhere", 1.0, "illustrative"), ("livestock", A, "东镇", 0.4, ""),
         ("oxygen", "", A, -1.0, "illustrative")],
        columns=["service", "supplier", "user", "share", "status"],
    )  # fmt: skip
    with pytest.raises(TableError) as caught:
        seea.between_zones(ledger, keys)
    text = str(caught.value)
    parts = ["'nowhere' is no zone", "is the name of", "add up to 0.4", "share -1", "'oxygen'"]
    for part in [*parts, "does not say how it is known"]:
        assert part in text


def test_a_supply_without_a_key_is_refused(ledger):
    keys = pd.DataFrame([("livestock", A, B, 1.0)], columns=["service", "supplier", "user", "share"])
    with pytest.raises(TableError, match="3 faults"):
        seea.between_zones(ledger, keys, status="illustrative")
    with pytest.raises(TableError, match="no column"):
        seea.between_zones(ledger, keys.drop(columns="share"))
