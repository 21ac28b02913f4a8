"""The whole way: from profile, inputs and zones to a ledger that closes; imports stay light."""

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import gep
from gep.coefficients import CoefficientTable
from gep.errors import CoefficientError, GepError, LedgerError, UnitError

ZONES = ("150105101", "150105102", "150105103", "150105104")


def closes(ledger, *keys):
    parts = math.fsum(ledger.by(*keys, unit="CNY")["value"].dropna())
    assert parts == pytest.approx(float(ledger.total("CNY")), rel=1e-12)


# Closure ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys",
    [
        *(
            (key,)
            for key in ("zone", "ecosystem", "service", "category", "indicator", "item", "county", "belt")
        ),
        ("zone", "service"),
        ("category", "ecosystem", "county"),
    ],
)
@pytest.mark.parametrize("which", ["ledger", "holed"])
def test_every_grouping_adds_up_to_the_total(which, keys, request):
    closes(request.getfixturevalue(which), *keys)


def test_the_table_account_by_hand(case, tables):
    zones, inputs = tables
    led = case.compile(inputs, zones)
    expected = {
        "crops": 180e3 * 2000 + 20e3 * 2500,
        "livestock": 3e8,
        "water_conservation": 40e4 * 7.06,
        "soil_retention": (9300 + 18600) * 0.24 / 0.93 * 15.58,
        "carbon_sequestration": 300 * 380,
        "tourism": 50e4 * (20 + 5 * 30 * 0.3),
    }
    assert led.by("service", unit="CNY")["value"].to_dict() == pytest.approx(expected)
    assert led.total("万元") == pytest.approx(sum(expected.values()) / 1e4)
    assert led.coverage.empty
    for key in ("zone", "service", "category", "ecosystem"):
        closes(led, key)


def test_the_published_account_of_garze(example_data):
    """Table 3 of the Garzê paper, in 1e8 yuan; its quantities are rounded, by 0.05 % of the total."""
    zones = gep.Zones.from_areas(
        pd.read_csv(example_data / "garze_2010_areas.csv", dtype={"zone": str}), region="甘孜"
    )
    led = gep.compile_account(
        gep.load_profile("garze-2010"),
        gep.Inputs(tables=[example_data / "garze_2010_inputs.csv"]),
        zones,
        2010,
    )
    printed = {"crops": 12.2875, "water_conservation": 2269.7074, "tourism": 70.6669}
    found = led.by("service")["value"]
    assert {k: found[k] for k in printed} == pytest.approx(printed, rel=1e-5)
    assert found["soil_retention"] == pytest.approx(156.2555 + 125.8199 + 117.5226, rel=1e-4)
    parts = led.by("category")["value"].to_dict()
    assert parts == pytest.approx(
        {"provisioning": 632.64, "regulating": 6842.28, "cultural": 70.67}, rel=5e-4
    )
    assert led.total("亿元") == pytest.approx(7545.59, rel=5e-4)
    for key in ("zone", "service", "category", "ecosystem"):
        closes(led, key)


# Missing is never zero ----------------------------------------------------------------------------


def test_a_zone_whose_grid_is_missing_throughout_stays_as_missing_and_is_named(case):
    rain = case.values("precipitation")
    rain[5:, :4] = np.nan
    led = case.compile(case.inputs({"precipitation": rain}))
    rows = led.by("zone", "service")
    south = rows.loc[("150105103", "water_conservation")]
    assert np.isnan(south["value"])
    assert south["missing_rows"] == 2
    wanted = np.isin(case.cover, [1, 2]) & np.equal(case.labels, 150105103)
    km2 = case.cell_km2()[wanted].sum()
    assert south["not_covered_km2"] == pytest.approx(km2, rel=1e-9)
    said = str(led.total(service="water_conservation"))
    assert f"not covered: {km2:,.2f} km2 of 南乡 in water_conservation: precipitation missing" in said
    assert "2 of 8 rows have no value: water_conservation" in said
    assert led.total("CNY", service="soil_retention") > 0
    closes(led, "zone")


def test_a_zone_without_a_row_in_a_table_stays_as_missing(case):
    rows = case.rows_with(livestock_net_output=[(z, "", 1.0, "亿元_2010/year") for z in ZONES[:3]])
    led = case.compile(case.inputs(rows=rows))
    found = led.by("zone", "service").xs("livestock", level="service")
    assert found["value"].isna().to_dict() == dict(zip(ZONES, (False, False, False, True), strict=True))
    assert led.total(service="livestock") == 3.0
    assert "1 of 4 rows have no value: livestock" in str(led.total(service="livestock"))


def test_the_zone_a_table_lacks_is_named_in_the_notes(case):
    rows = case.rows_with(livestock_net_output=[(z, "", 1.0, "亿元_2010/year") for z in ZONES[:3]])
    notes = " ".join(case.compile(case.inputs(rows=rows)).total().notes)
    assert "东镇" in notes or "150105104" in notes


def test_unmapped_land_is_reported_for_all_services_of_the_grid(case, holed):
    km2 = 2 * case.cell_km2()[11, 0]
    for service in ("water_conservation", "soil_retention", "carbon_sequestration"):
        said = str(holed.total(service=service))
        assert f"{km2:,.2f} km2 of 南乡 in all grid services: land_cover has no class there" in said
    assert holed.by("service").loc["soil_retention", "not_covered_km2"] == pytest.approx(km2, rel=1e-9)


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_a_service_that_is_empty_throughout_is_an_error_unless_allowed(case, value):
    npp = np.full((12, 10), value)
    inputs = case.inputs({"net_primary_production": npp})
    with pytest.raises(
        LedgerError, match=f"all 8 values are {'zero' if value == 0 else 'missing'}"
    ) as caught:
        case.compile(inputs)
    (fault,) = caught.value.faults
    assert fault.where == "carbon_sequestration"
    assert "allow_empty=['carbon_sequestration']" in fault.fix
    led = case.compile(inputs, allow_empty=["carbon_sequestration"])
    carbon = led.total(service="carbon_sequestration")
    assert math.isnan(carbon) if math.isnan(value) else carbon == 0.0
    closes(led, "zone")


# What it rests on ---------------------------------------------------------------------------------


def test_own_rows_override_one_by_one_and_the_ledger_says_so(case, ledger):
    own = [
        ("mine/steppe", "runoff_coefficient", 50.0, "%", "temperate_steppe"),
        ("mine/unused", "water_price", 1.0, "CNY_2010/m3", ""),
    ]
    frame = case.coefficients(
        [*case.table().frame[["id", "quantity", "value", "unit", "ecosystem"]].to_numpy().tolist(), *own]
    )
    frame["region"] = ["CHN" if q == "runoff_coefficient" else "" for q in frame["quantity"]]
    led = case.compile(coefficients=CoefficientTable.from_frame(frame))
    found, before = (
        x.by("ecosystem", "service")["value"].xs("water_conservation", level="service") for x in (led, ledger)
    )
    assert found["deciduous_broadleaf_forest"] == before["deciduous_broadleaf_forest"]
    assert found["temperate_steppe"] < before["temperate_steppe"]
    said = "mine/steppe stands in place of gong-2017/runoff_coefficient/temperate_steppe"
    assert said in led.meta.findings
    assert "rows of your coefficient table that nothing uses: mine/unused" in led.meta.findings
    text = str(led.explain("water_conservation"))
    assert "stands in place of gong-2017/runoff_coefficient/temperate_steppe" in text


def test_a_coefficient_file_is_read_and_checked(case, tmp_path):
    path = tmp_path / "own.csv"
    case.table().frame.drop(columns=["set", "origin"]).to_csv(path, index=False)
    assert case.compile(coefficients=path).total("CNY") == case.compile().total("CNY")
    path.write_text(path.read_text().replace("invented for tests", ""), encoding="utf-8")
    with pytest.raises(CoefficientError, match="4 faults"):
        case.compile(coefficients=path)


def test_the_chosen_variant_appears_by_name(case, ledger):
    balance = case.compile(profile=case.profile.using(water_conservation="balance"))
    assert balance.meta.runs["water_conservation.water_retained"]["variant"] == "balance"
    assert "variant: balance" in str(balance.explain("water_conservation"))
    assert balance.total("CNY", service="water_conservation") < ledger.total(
        "CNY", service="water_conservation"
    )
    assert balance.meta.profile["modified"] == ["water_conservation=balance"]


def test_the_weakest_input_marks_the_row(case):
    npp = case.grid(case.values("net_primary_production"), "gC/m2/year", status="estimated")
    led = case.compile(case.inputs({"net_primary_production": npp}))
    found = led.frame.groupby("service")["status"].unique().map(list).to_dict()
    assert found["carbon_sequestration"] == ["estimated"]
    assert found["water_conservation"] == ["published"]


def test_land_cover_is_an_input_too(case):
    """Every grid service rests on the map of ecosystems; an invented map makes an invented account."""
    inputs = case.inputs()
    inputs.add_land_cover(case.grid(case.cover), case.classes, status="illustrative")
    led = case.compile(inputs)
    assert set(led.frame.loc[led.frame["service"] == "water_conservation", "status"]) == {"illustrative"}


def test_the_ledger_names_its_inputs_with_units_and_hashes(case, ledger):
    inputs = {entry["name"]: entry for entry in ledger.meta.inputs}
    assert inputs["precipitation"]["unit"] == "mm/year"
    assert inputs["land_cover"]["form"] == "grid"
    assert {n: e["hash"] for n, e in inputs.items()} == case.inputs().hashes()
    assert all(c["source"] and c["locator"] for c in ledger.meta.coefficients)


def test_inputs_are_not_changed_by_compiling(case):
    inputs, zones = case.inputs(), case.zones()
    before = inputs.hashes()
    first = case.compile(inputs, zones)
    assert inputs.hashes() == before
    assert case.compile(inputs, zones).total("CNY") == first.total("CNY")


# Options ------------------------------------------------------------------------------------------


def test_a_price_year_that_is_no_currency_is_refused(case):
    with pytest.raises(UnitError, match="'gold'"):
        case.compile(price_year="gold")


def test_no_service_at_all_is_refused(case):
    profile = case.profile.using(**dict.fromkeys(case.profile.services, False))
    with pytest.raises(GepError, match="no service is included"):
        case.compile(profile=profile)


def test_all_services_that_fail_are_named_at_once(case):
    rows = case.rows_with(
        crop_price=[("", "maize", 2.0, "CNY_2010/kg")],
        livestock_net_output=[("甲县", "", 1.0, "亿元_2010/year")],
    )
    with pytest.raises(GepError) as caught:
        case.compile(case.inputs(rows=rows))
    assert len(caught.value.faults) == 2
    assert "wheat" in str(caught.value)
    assert "known by county" in str(caught.value)


def test_permuting_zones_and_classes_permutes_rows(case, ledger):
    zones = case.zones(pd.DataFrame(case.zones().table.reset_index())[::-1])
    inputs = case.inputs(classes=dict(reversed(case.classes.items())))
    keys = ["zone", "ecosystem", "service", "indicator", "item"]
    found, before = (
        x.frame.set_index(keys)["value"].sort_index() for x in (case.compile(inputs, zones), ledger)
    )
    pd.testing.assert_series_equal(found, before, check_exact=False, rtol=1e-12)


def test_scaling_a_price_scales_its_line_and_no_other(case, ledger):
    rows = case.rows_with(crop_price=[("", "maize", 6.0, "CNY_2010/kg"), ("", "wheat", 2.5, "CNY_2010/kg")])
    led = case.compile(case.inputs(rows=rows))
    ratio = (led.by("service", "item")["value"] / ledger.by("service", "item")["value"]).to_dict()
    assert ratio.pop(("crops", "maize")) == pytest.approx(3.0, rel=1e-14)
    assert set(ratio.values()) == {1.0}


# Import -------------------------------------------------------------------------------------------

PROBE = """
import json, logging, sys, warnings
import numpy, pandas, xarray
def state():
    return (list(logging.root.handlers), list(warnings.filters), numpy.geterr(), dict(xarray.get_options()),
            pandas.describe_option(_print_desc=False))
before = state()
import gep
known = logging.root.manager.loggerDict.items()
loggers = [n for n, one in known if n.startswith("gep") and getattr(one, "handlers", [])]
same = [a == b for a, b in zip(before, state())]
print(json.dumps({"modules": sorted(sys.modules), "loggers": loggers, "same": same}))
"""


@pytest.fixture(scope="module")
def fresh():
    root = str(Path(gep.__file__).resolve().parents[1])
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])}
    made = subprocess.run([sys.executable, "-c", PROBE], capture_output=True, text=True, check=True, env=env)
    assert made.stderr == ""
    return json.loads(made.stdout)


@pytest.mark.parametrize(
    "name",
    ["rasterio", "geopandas", "pyproj", "matplotlib", "openpyxl", "dask", "pint", "numba", "exactextract"],
)
def test_importing_gep_imports_no_heavy_package(fresh, name):
    assert "gep" in fresh["modules"]
    assert name not in fresh["modules"]


def test_importing_gep_changes_no_options_and_adds_no_handlers(fresh):
    assert fresh["same"] == [True] * 5
    assert fresh["loggers"] == []


def test_the_public_names_exist():
    assert all(hasattr(gep, name) for name in gep.__all__)
