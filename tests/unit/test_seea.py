"""Supply and use: what stands where, keys and defaults, what is refused, what is told."""

import math

import numpy as np
import pandas as pd
import pytest

from gep import seea
from gep.errors import DoesNotAddUp, LedgerError, TableError
from gep.ledger import Ledger
from gep.resources import vocabulary
from gep.seea.tables import balance

FOREST, GRASS = "deciduous_broadleaf_forest", "temperate_steppe"


def changed(ledger, **columns):
    frame = ledger.frame.assign(**columns)
    return Ledger(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta, ledger.extent)


# The lists -----------------------------------------------------------------------------------------


def test_every_service_has_a_default_user_that_exists_with_reason_and_source():
    table = seea.defaults()
    assert set(table.index) == set(vocabulary("services")["services"])
    assert set(table["user"]) <= set(seea.users().index)
    assert set(table["source"]) <= set(vocabulary("sources"))
    assert set(table["status"]) <= {"published", "derived", "estimated"}
    assert not (table[["locator", "why_en", "why_zh"]] == "").any(axis=None)


def test_names_of_the_reference_list_are_those_of_the_services():
    """services.toml names what table 6.3 names; the numbers of both files must mean the same row."""
    listed = seea.reference()
    for code, entry in vocabulary("services")["services"].items():
        for number in filter(None, entry["seea_code"].split("; ")):
            words = listed.loc[number, "en"].replace("Water purification: ", "").split()[:2]
            known = entry["seea"] or ""
            assert any(w in known for w in words) or number in ("2.9", "2.10"), (code, number)


def test_only_what_is_off_the_list_says_so():
    services = vocabulary("services")["services"]
    off = {s for s, e in vocabulary("seea")["services"].items() if "flow" in e}
    assert off == {s for s, e in services.items() if not e["seea_code"]}


def test_intermediate_services_are_used_by_ecosystems():
    services, table = vocabulary("services")["services"], seea.defaults()
    assert {s for s in services if services[s]["intermediate"]} == set(
        table.index[table["user"] == "ecosystems"]
    )


# Supply --------------------------------------------------------------------------------------------


def test_supply_is_the_ledger_by_service_and_ecosystem(ledger):
    table = seea.supply(ledger)
    cells = ledger.by("service", "ecosystem", unit="CNY")["value"]
    for (service, ecosystem), value in cells.items():
        assert table.loc[service, ecosystem or "not_attributed"] == value
    assert math.fsum(table["total"]) == pytest.approx(float(ledger.total("CNY")), rel=1e-12)
    assert table.attrs["units"] == "CNY_2010 (CNY_2010)"


def test_what_has_no_ecosystem_is_not_attributed(ledger):
    table = seea.supply(ledger)
    assert table.loc["tourism", "not_attributed"] == table.loc["tourism", "total"] > 0
    assert math.isnan(table.loc["tourism", FOREST])


def test_first_level_types_and_labels(ledger):
    table = seea.supply(ledger, ecosystems="level1", labels="zh", unit="万元")
    assert {"森林", "草地", "未归属", "合计"} <= set(table.columns)
    assert table.loc["水源涵养", "森林"] == pytest.approx(
        seea.supply(ledger).loc["water_conservation", FOREST] / 1e4
    )


def test_groups_of_the_iucn_typology_are_chosen_and_checked(ledger):
    groups = {FOREST: "T2.2", GRASS: "T4.5", "cropland": "T7.1"}
    table = seea.supply(ledger, ecosystems=groups, labels="en")
    assert "T2.2 Deciduous temperate forests" in table.columns
    with pytest.raises(TableError, match="2 faults") as caught:
        seea.supply(ledger, ecosystems={FOREST: "T4.5", "cropland": "T7.1"})
    assert "T2.2" in str(caught.value)


def test_physical_flows_stand_in_their_units_and_lines_without_are_told(ledger):
    table = seea.supply(ledger, terms="physical")
    assert ("crops", "output", "maize", "万t/year") in table.index
    assert table.loc[("crops", "output", "maize", "万t/year"), "total"] == pytest.approx(18.0)
    assert any("livestock.net_output" in note for note in table.attrs["notes"])
    assert "农产品产量" in seea.supply(ledger, terms="physical", labels="zh").index.get_level_values(
        "indicator"
    )


def test_one_zone(ledger):
    table = seea.supply(ledger, zone="南乡")
    assert table.loc["livestock", "total"] == pytest.approx(3e8)
    assert "tourism" not in table.index


def test_rows_of_the_reference_list(ledger):
    table = seea.supply(ledger, by="reference")
    assert table.loc["1.1", "total"] == seea.supply(ledger).loc["crops", "total"]
    assert "Recreation-related services" in seea.supply(ledger, by="reference", labels="en").index


def test_holes_and_missing_rows_are_told(holed, ledger):
    assert seea.supply(holed).loc["water_conservation", "not_covered_km2"] > 0
    frame = ledger.frame.copy()
    crops = frame["service"] == "crops"
    frame.loc[crops, ["value", "price"]] = np.nan
    frame.loc[frame.index[frame["service"] == "livestock"][0], "value"] = np.nan
    table = seea.supply_use(changed(ledger, value=frame["value"], price=frame["price"]))
    assert math.isnan(table.supply.loc["crops", "total"])
    assert math.isnan(table.use.loc["crops", "agriculture"])
    assert table.supply.loc["crops", "missing_rows"] == crops.sum()
    assert table.use.loc["livestock", "total"] == pytest.approx(9e8)
    assert table.use.loc["livestock", "missing_rows"] == 1


@pytest.mark.parametrize("wrong", [{"terms": "both"}, {"by": "zone"}])
def test_what_cannot_be_asked(ledger, wrong):
    with pytest.raises(LedgerError, match="expected"):
        seea.supply(ledger, **wrong)


def test_ecosystems_that_are_no_choice(ledger):
    with pytest.raises(TableError, match="level1"):
        seea.supply(ledger, ecosystems="get")


# Use -----------------------------------------------------------------------------------------------


def test_a_key_splits_a_service_and_the_rest_goes_to_defaults(ledger):
    table = seea.use(ledger, {"crops": {"agriculture": 0.6, "households": 0.4}}, status="illustrative")
    assert table.loc["crops", "agriculture"] == pytest.approx(0.6 * 4.1e8)
    assert table.loc["crops", "households"] == pytest.approx(0.4 * 4.1e8)
    assert table.loc["carbon_sequestration", "government"] == table.loc["carbon_sequestration", "total"]
    notes = "\n".join(table.attrs["notes"])
    assert "crops: agriculture 0.6, households 0.4 [illustrative; given by the user]" in notes
    assert "no key given" in notes
    assert "carbon_sequestration to government (published)" in notes


def test_one_indicator_may_have_a_key_of_its_own(ledger):
    table = seea.supply_use(ledger, {"crops.output": "exports"}, status="estimated")
    assert table.use.loc["crops", "exports"] == table.supply.loc["crops", "total"]


def test_keys_as_a_table_say_how_each_is_known(ledger):
    rows = pd.DataFrame(
        [("crops", "agriculture", 1.0, "published", "yearbook"), ("tourism", "exports", 0.3, "estimated", ""),
         ("tourism", "households", 0.7, "estimated", "")],
        columns=["service", "user", "share", "status", "source"],
    )  # fmt: skip
    account = seea.supply_use(ledger, rows)
    keys = account.keys.set_index(["service", "user"])
    assert keys.loc[("crops", "agriculture"), ["status", "source"]].tolist() == ["published", "yearbook"]
    assert keys.loc[("tourism", "exports"), "share"] == 0.3
    assert not keys.loc[("tourism", "exports"), "default"]
    assert keys.loc[("soil_retention", "government"), "default"]


def test_all_faults_of_keys_come_at_once(ledger):
    users = {
        "crop": "agriculture",
        "crops": {"farmers": 1.0},
        "tourism": {"households": 0.7, "exports": 0.2},
        "livestock": {"agriculture": 60.0, "households": 40.0},
        "soil_retention": {"ecosystems": 1.0},
    }
    with pytest.raises(TableError) as caught:
        seea.use(ledger, users, status="illustrative")
    text = str(caught.value)
    for part in (
        "'crop' is no service",
        "no user 'farmers'",
        "add up to 0.9",
        "share 60",
        "ecosystems cannot use it",
    ):
        assert part in text


def test_a_key_must_say_how_it_is_known(ledger):
    with pytest.raises(TableError, match="does not say how it is known"):
        seea.use(ledger, {"crops": "agriculture"})


def test_use_that_is_not_supply_is_refused(ledger):
    account = seea.supply_use(ledger)
    off = account.use.copy()
    off.loc["crops", "agriculture"] = np.nextafter(off.loc["crops", "agriculture"], np.inf)
    with pytest.raises(DoesNotAddUp, match="crops"):
        balance(account.supply, off)
    with pytest.raises(DoesNotAddUp, match="same rows"):
        balance(account.supply, off.drop("crops"))


def test_intermediate_services_stay_apart(case):
    profile = case.profile
    led = case.compile(profile=profile)
    frame = led.frame.copy()
    frame.loc[frame["service"] == "soil_retention", "service"] = "species_conservation"
    inner = changed(led, service=frame["service"])
    account = seea.supply_use(inner)
    assert "species_conservation" not in account.supply.index
    assert account.intermediate_use.loc["species_conservation", "ecosystems"] == pytest.approx(
        float(led.total("CNY", service="soil_retention")), rel=1e-12
    )
    assert account.total() == pytest.approx(float(inner.total("CNY")), rel=1e-12)
    assert list(seea.supply(inner, intermediate=True).index) == ["species_conservation"]
    with pytest.raises(TableError, match="used by ecosystems"):
        seea.use(inner, {"species_conservation": "households"}, status="illustrative")


def test_the_printed_table_has_totals_and_both_languages(ledger):
    account = seea.supply_use(ledger)
    table = account.table("zh")
    assert table.loc[("供给", "合计"), "合计"] == table.loc[("使用", "合计"), "合计"]
    assert "行业合计" in table.columns
    assert "Supply and use" in str(account)
    with pytest.raises(LedgerError, match="several units"):
        seea.supply_use(ledger, terms="physical").total()


def test_negative_flows_are_told(ledger):
    frame = ledger.frame.copy()
    place = frame.index[frame["service"] == "livestock"][0]
    frame.loc[place, "value"] = -5e8
    account = seea.supply_use(changed(ledger, value=frame["value"]))
    assert account.use.loc["livestock", "agriculture"] == pytest.approx(4e8)
    assert any("below zero" in note for note in account.notes)
