"""An account compiled again from what its ledger carries; what differs is named, with its size."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gep
from gep.errors import GepError
from gep.verifying import verify

DATA = Path(__file__).parents[1] / "data"


def parts(found):
    return {d.part for d in found.differences}


def told(found, part):
    return "\n".join(d.what for d in found.differences if d.part == part)


def check(case, ledger, inputs=None, zones=None, **options):
    options.setdefault("coefficients", case.table())
    profile = options.pop("profile", case.profile)
    return verify(ledger, profile, inputs or case.inputs(), zones or case.zones(), **options)


@pytest.fixture
def counted(monkeypatch):
    """How often an account is compiled."""
    calls = []
    compile_account = gep.verifying.compile_account
    monkeypatch.setattr(
        "gep.verifying.compile_account", lambda *a, **k: (calls.append(a), compile_account(*a, **k))[1]
    )
    return calls


# Reproduced ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["memory", "csv", "parquet"])
def test_a_ledger_is_reproduced_bit_for_bit(case, ledger, tmp_path, form):
    back = ledger
    if form != "memory":
        if form == "parquet":
            pytest.importorskip("pyarrow")
        getattr(ledger, f"to_{form}")(tmp_path / f"account.{form}")
        back = gep.Ledger.read(tmp_path / f"account.{form}")
    found = check(case, back)
    assert found, str(found)
    assert found.reproduced
    assert found.rows.empty
    assert str(found) == "reproduced bit for bit"


def test_holes_and_the_crosswalk_are_carried(case, holed, tmp_path):
    rain, loss, cover = case.values("precipitation"), case.values("evapotranspiration"), case.cover.copy()
    rain[0:2, 0:3] = np.nan
    loss[1:3, 1:4] = np.nan
    cover[11, 0:2] = 0
    inputs = case.inputs({"precipitation": rain, "evapotranspiration": loss})
    inputs.add_land_cover(case.grid(cover), gep.Crosswalk("own", case.classes, (0,)), status="published")
    holed.to_csv(tmp_path / "account.csv")
    assert check(case, gep.Ledger.read(tmp_path / "account.csv"), inputs)


OPTIONS = {
    "price year": {"price_year": 2015, "deflator": "chn-cpi"},
    "keys": {"allocate": {"tourism": "population", "crops": "area:cropland"}},
    "empty": {"allow_empty": ["tourism"]},
}


@pytest.mark.parametrize("name", OPTIONS)
def test_what_it_was_compiled_with_is_carried(case, ledger, tmp_path, name):
    made = case.compile(**OPTIONS[name])
    made.to_csv(tmp_path / "account.csv")
    back = gep.Ledger.read(tmp_path / "account.csv")
    assert back.meta.arguments["year"] == 2010
    for argument, value in OPTIONS[name].items():
        assert back.meta.arguments[argument] == ("CNY_2015" if argument == "price_year" else value)
    found = check(case, back)
    assert found, str(found)
    assert not made.frame.equals(ledger.frame) or name == "empty"


def test_a_deflator_of_ones_own_is_given_again(case):
    own = gep.Deflator.shipped("chn-cpi")
    series = gep.Deflator("mine", list(own.links.values()))
    made = case.compile(price_year=2015, deflator=series)
    assert check(case, made, deflator=series)
    assert "it cannot be compiled" in told(check(case, made), "account")
    links = [replace(link, value=link.value * 1.01) for link in own.links.values()]
    found = check(case, made, deflator=gep.Deflator("mine", links))
    assert {"prices", "rows"} <= parts(found)


def test_an_account_of_tables_is_reproduced(case, tables):
    zones, inputs = tables
    assert check(case, case.compile(inputs, zones), inputs, zones)


def test_an_account_of_lazy_grids_says_what_was_not_compared(case):
    pytest.importorskip("dask")
    rain = case.grid(*case.fields["precipitation"]).chunk({"lat": 5})
    inputs = case.inputs({"precipitation": rain})
    found = check(case, case.compile(inputs), inputs)
    assert found
    assert "precipitation: read block by block" in str(found)


# What it rests on ---------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["last bit", "unit", "gone", "new"])
def test_an_input_that_differs_is_found_before_anything_is_computed(case, ledger, counted, where):
    rain = case.values("precipitation")
    rain[3, 3] = np.nextafter(rain[3, 3], 0)
    changed = {
        "last bit": {"precipitation": rain},
        "unit": {"precipitation": (case.values("precipitation") / 1000, "m/year")},
        "gone": {"cover_factor": None},
        "new": {"temperature": (case.values("precipitation") / 40, "degC")},
    }[where]
    found = check(case, ledger, case.inputs(changed))
    name = next(iter(changed))
    assert not found
    assert not found.reproduced
    assert parts(found) == {"input"}
    assert told(found, "input").startswith(name)
    assert found.recomputed is None
    assert counted == []
    assert "not computed again" in str(found)


def test_a_table_that_differs_is_named(case, ledger):
    rows = case.rows_with(crop_price=[("", "maize", 2.1, "CNY_2010/kg"), ("", "wheat", 2.5, "CNY_2010/kg")])
    found = check(case, ledger, case.inputs(rows=rows), anyway=True)
    assert told(found, "input") == "crop_price has other values, or another unit"
    assert set(found.rows["service"]) == {"crops"}
    value = found.rows[(found.rows["column"] == "value") & (found.rows["item"] == "maize")]
    np.testing.assert_allclose(value["relative"].astype(float), 2.1 / 2.0 - 1, rtol=1e-12)
    assert len(value) == 4
    assert not found.reproduced
    assert "rows: 4 of 41 differ" in str(found)


def test_zones_that_differ_are_found(case, ledger, counted):
    labels = case.labels.copy()
    labels[4, 4] = 150105102
    found = check(case, ledger, zones=case.zones(labels=labels))
    assert parts(found) == {"zones"}
    named = case.zones().table.reset_index().assign(name=list("abcd"))
    assert parts(check(case, ledger, zones=case.zones(named))) == {"zones"}
    assert counted == []
    assert {"zones", "rows", "extent", "zones of the ledger"} <= parts(
        check(case, ledger, zones=case.zones(labels=labels), anyway=True)
    )


def test_a_crosswalk_that_differs_is_found(case, ledger):
    classes = case.classes | {2: "alpine_meadow"}
    assert parts(check(case, ledger, case.inputs(classes=classes))) == {"crosswalk"}


def test_a_profile_that_differs_is_found(case, ledger, profile_text, tmp_path):
    place = tmp_path / "demo.toml"
    place.write_text(profile_text.replace("Negative balances count as zero.", "They count as zero."))
    found = check(case, ledger, profile=gep.load_profile(place), anyway=True)
    assert parts(found) == {"profile", "provenance"}
    assert found.reproduced
    assert "all numbers are reproduced" in str(found)
    other = case.profile.using(water_conservation="balance")
    assert parts(check(case, ledger, profile=other)) == {"profile"}


def test_rows_of_coefficients_that_differ_are_named_with_old_and_new(case, ledger):
    own = [("own/practice", "practice_factor", 0.9, "1", "")]
    frame = case.coefficients([*(row for row in OWN if row[0] != "own/practice"), *own])
    found = check(case, ledger, coefficients=gep.CoefficientTable.from_frame(frame))
    assert told(found, "coefficients") == "own/practice: value was 0.8, is 0.9"
    assert set(found.rows["service"]) == {"soil_retention"}
    bare = check(case, ledger, coefficients=None)
    assert "own/practice of user is not there; give coefficients=" in told(bare, "coefficients")
    assert "it cannot be compiled" in told(bare, "account")


OWN = [
    ("own/ratio/forest", "nep_npp_ratio", 0.2, "1", "forest"),
    ("own/ratio/grassland", "nep_npp_ratio", 0.25, "1", "grassland"),
    ("own/practice", "practice_factor", 0.8, "1", ""),
    ("own/wage_share", "travel_time_wage_share", 0.3, "1", ""),
]


def test_another_version_of_the_library_is_told_and_numbers_are_compared(case, ledger):
    old = gep.Ledger(
        ledger.frame, ledger.zones, ledger.region, ledger.coverage,
        replace(ledger.meta, library="0.0.1"), ledger.extent,
    )  # fmt: skip
    found = check(case, old)
    assert parts(found) == {"library"}
    assert found.reproduced
    assert not found


# What came out ------------------------------------------------------------------------------------


def changed(ledger, **parts):
    made = {
        "frame": ledger.frame,
        "zones": ledger.zones,
        "region": ledger.region,
        "coverage": ledger.coverage,
    }
    return gep.Ledger(**made | {"meta": ledger.meta, "extent": ledger.extent} | parts)


def test_the_last_bit_of_a_row_is_found(case, ledger):
    frame = ledger.frame.copy()
    frame.loc[7, "value"] = np.nextafter(frame.loc[7, "value"], np.inf)
    found = check(case, changed(ledger, frame=frame))
    assert parts(found) == {"rows"}
    assert len(found.rows) == 1
    row = found.rows.iloc[0]
    assert (row["zone"], row["column"]) == (frame.loc[7, "zone"], "value")
    assert row["recorded"] == frame.loc[7, "value"]
    assert 0 < abs(row["relative"]) < 1e-15
    assert "1 of 41 differ, most of all value of" in told(found, "rows")


def test_rows_that_one_alone_has_and_texts_are_found(case, ledger):
    frame = ledger.frame.drop(index=3).assign(status="measured")
    found = check(case, changed(ledger, frame=frame))
    assert (found.rows["column"] == "row").sum() == 1
    assert (found.rows["column"] == "status").sum() == 40


def test_missing_values_are_the_same_and_differ_from_zero(case, holed, ledger):
    frame = ledger.frame.copy()
    frame.loc[5, ["quantity", "price", "value"]] = np.nan
    found = check(case, changed(ledger, frame=frame))
    assert set(found.rows["column"]) == {"quantity", "price", "value"}


def test_facts_beside_the_rows_are_compared(case, ledger):
    zones = ledger.zones.assign(population=ledger.zones["population"] + 1)
    region = ledger.region | {"gdp": 1.0}
    extent = ledger.extent.assign(area_m2=ledger.extent["area_m2"] * (1 + 1e-15))
    meta = replace(ledger.meta, findings=["all is well"])
    found = check(case, changed(ledger, zones=zones, region=region, extent=extent, meta=meta))
    assert parts(found) == {"zones of the ledger", "region", "extent", "findings"}
    assert told(found, "region") == "gdp differ"
    assert "not found now: all is well" in told(found, "findings")


def test_a_ledger_of_the_first_layout_says_what_it_does_not_carry(case):
    found = check(case, gep.Ledger.read(DATA / "ledger_1.csv"), anyway=True)
    assert "does not carry its arguments" in str(found)
    assert "arguments" not in parts(found)


def test_the_report_can_be_filtered(case, ledger):
    found = check(case, ledger)
    assert isinstance(found.rows, pd.DataFrame)
    assert [*found.rows.columns][-4:] == ["column", "recorded", "recomputed", "relative"]


def test_what_is_wrong_before_is_an_error_of_gep(case, ledger):
    with pytest.raises(GepError, match="no coefficient set"):
        check(case, ledger, profile=replace(case.profile, coefficients=("absent",)))
