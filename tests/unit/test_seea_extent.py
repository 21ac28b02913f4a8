"""The extent account: ends, transitions, land without a type, what does not add up."""

import pandas as pd
import pytest

import gep
from gep import seea
from gep.errors import DoesNotAddUp, TableError
from gep.years import transitions


@pytest.fixture
def years(case, tables):
    zones, inputs = tables
    areas = zones.extent.assign(area=zones.extent["area_m2"] / 1e6)
    areas.loc[(areas["zone"] == "b") & (areas["ecosystem"] == "grassland"), "area"] -= 5.0
    areas.loc[(areas["zone"] == "b") & (areas["ecosystem"] == "forest"), "area"] += 5.0
    later = gep.Zones.from_areas(areas, unit="km2", region="全区")
    return case.compile(inputs, zones), case.compile(inputs, later)


def moves(unit=1.0):
    rows = [("a", "forest", "forest", 100), ("a", "cropland", "cropland", 50), ("b", "forest", "forest", 30),
            ("b", "grassland", "grassland", 15), ("b", "grassland", "forest", 5)]  # fmt: skip
    return pd.DataFrame(
        [(z, a, b, v * unit) for z, a, b, v in rows], columns=["zone", "from", "to", "area_m2"]
    )


def test_without_transitions_only_the_net_change_is_known(years):
    table = seea.extent_account(*years)
    assert table.loc["net_change", ["forest", "grassland", "total"]].tolist() == pytest.approx([5, -5, 0])
    assert table.loc[["additions", "reductions"]].drop(columns="total").isna().all(axis=None)
    assert any("not known" in note for note in table.attrs["notes"])
    assert table.attrs["units"] == "km2"


def test_additions_and_reductions(years):
    table = seea.extent_account(*years, moves(1e6))
    assert table.loc["additions", ["forest", "grassland", "total"]].tolist() == pytest.approx([5, 0, 5])
    assert table.loc["reductions", ["forest", "grassland", "total"]].tolist() == pytest.approx([0, 5, 5])
    assert list(table.index) == ["opening", "additions", "reductions", "net_change", "closing"]
    only = seea.extent_account(*years, moves(1e6), zone="甲", labels="zh")
    assert only.loc["净变化", "合计"] == 0
    assert only.loc["期初面积", "农田"] == pytest.approx(50)


def test_a_square_table_and_causes(years):
    square = pd.DataFrame({"forest": [130, 0, 5], "cropland": [0, 50, 0], "grassland": [0, 0, 15]}).T
    square.index = square.columns = ["forest", "cropland", "grassland"]
    square = pd.DataFrame([[130, 0, 0], [0, 50, 0], [5, 0, 15]], index=square.index, columns=square.columns)
    square.attrs["units"] = "km2"
    assert seea.extent_account(*years, square).loc["additions", "forest"] == pytest.approx(5)
    told = moves(1e6).assign(cause=["", "", "", "", "managed"])
    table = seea.extent_account(*years, told)
    assert table.loc["additions_managed", "forest"] == pytest.approx(5)
    assert table.loc["additions_unmanaged", "forest"] == 0


def test_transitions_that_lead_elsewhere_are_refused(years):
    with pytest.raises(DoesNotAddUp, match="2 faults"):
        seea.extent_account(*years, moves(1e6).iloc[:-1])


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"area_m2": -1.0}, "area -1"),
        ({"cause": "flood"}, "cause 'flood'"),
        ({"area": 1.0, "area_m2": None}, "no unit"),
    ],
)
def test_transitions_that_cannot_be_read(years, change, says):
    table = moves(1e6).assign(**change)
    with pytest.raises(TableError, match=says):
        seea.extent_account(*years, table.dropna(axis=1))


def test_a_table_without_both_ends_is_none(years):
    with pytest.raises(TableError, match="no transitions"):
        seea.extent_account(*years, pd.DataFrame({"what": [1]}))


def test_land_without_a_type_is_a_column(holed):
    table = seea.extent_account(holed)
    assert table.loc["closing", "not_attributed"] > 0
    assert table.loc["closing", "total"] == pytest.approx(holed.zones["area_m2"].sum() / 1e6, rel=1e-12)


def test_another_border_is_told(case, tables, ledger):
    zones, inputs = tables
    wider = gep.Zones.from_areas(
        zones.extent.assign(area=zones.extent["area_m2"] * 1.1), unit="m2", region="全区"
    )
    table = seea.extent_account(case.compile(inputs, zones), case.compile(inputs, wider), ecosystems="level1")
    assert any("accounted area changes" in note for note in table.attrs["notes"])


def test_transitions_of_two_maps_lead_from_one_ledger_to_the_other(case):
    later, walk = case.cover.copy(), gep.Crosswalk("own", case.classes, (0,))
    later[:3], later[5, 5] = 1, 0
    inputs = case.inputs()
    inputs.add_land_cover(case.grid(later), walk, status="published")
    moves = transitions(case.grid(case.cover), case.grid(later), case.zones(), crosswalk=walk)
    ends = case.compile(), case.compile(inputs)
    table = seea.extent_account(*ends, moves.frame, unit="ha")
    square = seea.extent_account(*ends, moves.matrix(unit="km2"), unit="ha")
    pd.testing.assert_frame_equal(table, square, check_exact=False, rtol=1e-9, atol=1e-9)
    assert table.loc["additions", "not_attributed"] > 0
    assert table.loc["additions", "total"] == pytest.approx(table.loc["reductions", "total"], rel=1e-12)
