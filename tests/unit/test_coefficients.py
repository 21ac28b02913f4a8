"""Coefficient tables: all faults at once with file and line, exact picking, own rows over shipped ones."""

import pickle

import pandas as pd
import pytest

from gep import CoefficientTable
from gep.coefficients import COLUMNS, available
from gep.errors import AmbiguousCoefficient, CoefficientError, MissingCoefficient

GOOD = {
    "id": "own/a", "quantity": "reservoir_cost", "value": "7.5", "unit": "CNY_2020/m3", "source": "mee-2020",
    "locator": "table 1", "status": "verified",
}  # fmt: skip


def own(*rows, **options):
    """A table of rows that differ from a good one by what is named."""
    made = [{**GOOD, "id": f"own/{i}", **row} for i, row in enumerate(rows)]
    return CoefficientTable.from_frame(pd.DataFrame(made), **options)


def write(path, *rows):
    frame = pd.DataFrame([{**GOOD, **row} for row in rows]).reindex(columns=list(COLUMNS))
    frame.to_csv(path, index=False, encoding="utf-8-sig")
    return path


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"source": ""}, "the row has no source"),
        ({"source": "hearsay"}, "'hearsay' is not in sources.toml"),
        ({"locator": ""}, "locator is empty"),
        ({"status": "sure"}, "status 'sure'"),
        ({"unit": "CNY_2020/t"}, "got money/t"),
        ({"unit": "元/m3"}, "without a price year"),
        ({"unit": "kt"}, "refused"),
        ({"unit": ""}, "no unit is given"),
        ({"quantity": "reservoir_costs"}, "not a known quantity"),
        ({"low": "8"}, "does not hold"),
        ({"high": "7"}, "does not hold"),
        ({"value": ""}, "value is missing"),
        ({"value": "nan"}, "is not a number"),
        ({"value": "1,5"}, "is not a number"),
        ({"ecosystem": "jungle"}, "'jungle' is not in ecosystems.toml"),
        ({"year": "2015"}, "year 2015 but the unit says CNY_2020/m3"),
        ({"quantity": "sediment_share", "unit": "%", "value": "240"}, "outside 0 to 1"),
        ({"id": ""}, "id is empty"),
    ],
)
def test_a_row_that_cannot_be_believed_is_refused_with_its_line(change, says, tmp_path):
    path = write(tmp_path / "mine.csv", {"id": "own/z"}, {"id": "own/y", **change})
    with pytest.raises(CoefficientError) as caught:
        CoefficientTable.load(path)
    assert [f.where.partition(" ")[0] for f in caught.value.faults] == ["mine.csv:3"]
    assert says in caught.value.faults[0].what


def test_all_faults_of_a_file_come_at_once(tmp_path):
    path = write(
        tmp_path / "mine.csv",
        {"id": "a", "source": ""},
        {"id": "b", "locator": "", "unit": "CNY_2020/t"},
        {"id": "a", "low": "9"},
        {"id": "c", "value": "much"},
    )
    with pytest.raises(CoefficientError, match=r"6 faults") as caught:
        CoefficientTable.load(path)
    lines = [f.where.partition(" ")[0] for f in caught.value.faults]
    assert lines == ["mine.csv:2", "mine.csv:3", "mine.csv:3", "mine.csv:4", "mine.csv:4", "mine.csv:5"]
    assert "'a' stands already in line 2" in str(caught.value)


def test_the_header_is_checked_before_the_rows(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("id,quantity,value,unit,source,status,page\n", encoding="utf-8")
    with pytest.raises(CoefficientError) as caught:
        CoefficientTable.load(path)
    assert [f.what for f in caught.value.faults] == [
        "column 'locator' is missing",
        "column 'page' is unknown",
    ]


@pytest.mark.parametrize("content", [None, "id,价格".encode("gbk")])
def test_a_file_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "mine.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CoefficientError, match=r"mine\.csv"):
        CoefficientTable.load(path)


def test_sources_beside_the_file_are_known(tmp_path):
    (tmp_path / "sources.toml").write_text(
        '[survey]\ntitle_en = "Own survey"\nyear = 2021\n', encoding="utf-8"
    )
    found = CoefficientTable.load(write(tmp_path / "mine.csv", {"source": "survey"}))
    assert found.rows[0].source == "survey"
    assert found.sources["survey"]["title_en"] == "Own survey"
    assert found.then(CoefficientTable.shipped(["gong-2017"])).sources["survey"]["year"] == 2021


def test_shipped_sets_load_and_every_row_has_a_page():
    table = CoefficientTable.shipped()
    assert {row.set for row in table} == set(available())
    assert all(row.locator and row.source in table.sources for row in table)
    assert table.frame["id"].is_unique


def test_unknown_sets_are_refused():
    with pytest.raises(CoefficientError, match="no coefficient set nowhere"):
        CoefficientTable.shipped(["gong-2017", "nowhere"])


# Picking ------------------------------------------------------------------------------------------


def test_regions_are_tried_in_order_and_rows_without_region_last():
    rows = [{"region": r, "value": v} for r, v in [("", "1"), ("CHN", "2"), ("150105", "3")]]
    table = own(*rows)

    def value(*regions):
        return table.pick("reservoir_cost", regions=regions).row.value

    assert value("150105", "CHN") == 3.0
    assert value("CHN", "150105") == 2.0
    assert value("640000") == 1.0
    assert value() == 1.0


def test_fallbacks_only_as_named():
    table = own({"quantity": "nep_npp_ratio", "unit": "1", "value": "0.2", "ecosystem": "forest"})
    wanted = {"quantity": "nep_npp_ratio", "ecosystem": "deciduous_broadleaf_forest"}
    with pytest.raises(
        MissingCoefficient, match="no coefficient nep_npp_ratio for deciduous_broadleaf_forest"
    ):
        table.pick(**wanted)
    found = table.pick(**wanted, fallbacks=["ecosystem.parent"])
    assert found.row.value == 0.2
    assert found.fallback == "ecosystem deciduous_broadleaf_forest took the row of forest"
    with pytest.raises(MissingCoefficient):
        table.pick("nep_npp_ratio", ecosystem="marsh", fallbacks=["ecosystem.parent"])


def test_a_row_for_any_ecosystem_is_taken_only_when_that_is_named():
    table = own({"quantity": "nep_npp_ratio", "unit": "1", "value": "0.2"})
    with pytest.raises(MissingCoefficient):
        table.pick("nep_npp_ratio", ecosystem="forest", fallbacks=["ecosystem.parent"])
    assert table.pick("nep_npp_ratio", ecosystem="forest", fallbacks=["ecosystem.any"]).row.value == 0.2


def test_the_nearest_ecosystem_wins_over_its_parent():
    rows = [{"quantity": "nep_npp_ratio", "unit": "1", "ecosystem": e, "value": v} for e, v in
            [("forest", "0.2"), ("mixed_forest", "0.3")]]  # fmt: skip
    found = own(*rows).pick("nep_npp_ratio", ecosystem="mixed_forest", fallbacks=["ecosystem.parent"])
    assert (found.row.value, found.fallback) == (0.3, "")


def test_two_rows_for_one_key_are_never_averaged():
    with pytest.raises(AmbiguousCoefficient, match="2 rows for reservoir_cost: own/0, own/1") as caught:
        own({"value": "1"}, {"value": "3"}).pick("reservoir_cost")
    assert "one row" in caught.value.faults[0].expected


def test_a_missing_row_names_the_sets_that_have_one():
    with pytest.raises(MissingCoefficient) as caught:
        own({}).pick("carbon_price", regions=["640000"])
    assert "for 640000" in caught.value.faults[0].what
    assert "garze-2010" in caught.value.faults[0].fix
    assert "there is no default" in caught.value.faults[0].expected


def test_own_rows_override_shipped_ones_row_by_row():
    shipped = CoefficientTable.shipped(["gong-2017"])
    mine = own({"id": "mine", "quantity": "runoff_coefficient", "unit": "%", "value": "5",
                "ecosystem": "temperate_steppe", "region": "CHN"})  # fmt: skip
    table = mine.then(shipped)
    steppe = table.pick("runoff_coefficient", ecosystem="temperate_steppe", regions=["CHN"])
    assert (steppe.row.id, steppe.instead_of) == ("mine", "gong-2017/runoff_coefficient/temperate_steppe")
    other = table.pick("runoff_coefficient", ecosystem="mixed_forest", regions=["CHN"])
    assert (other.row.value, other.row.unit, other.instead_of) == (3.52, "%", "")  # as printed in its table 2
    assert len(table) == len(shipped) + 1


def test_keys_and_items_are_those_of_the_set_asked_first():
    table = CoefficientTable.shipped(["garze-2010", "gong-2017"])
    assert table.keys("water_price", ["513300"]) == ("item",)
    assert table.items("water_price", ["513300"]) == ["domestic", "industry", "agriculture"]
    assert table.keys("runoff_coefficient", ["CHN"]) == ("ecosystem",)
    assert table.has("water_price", ["513300"], "industry")
    assert not table.has("water_price", ["513300"], "mining")
    assert not table.has("water_price", ["640000"])


def test_a_table_survives_pickling():
    table = own({}).then(CoefficientTable.shipped(["gong-2017"]))
    back = pickle.loads(pickle.dumps(table))
    assert back.rows == table.rows
    assert back.pick("reservoir_cost").row.value == 7.5


def test_a_row_prints_with_status_and_page():
    text = str(own({"id": "x", "region": "CHN"}).rows[0])
    assert text == "x: reservoir_cost (CHN) = 7.5 CNY_2020/m3 [verified; mee-2020, table 1]"
