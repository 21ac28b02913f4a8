"""Profiles: shipped editions, switches and variants, own files, double counting, all faults at once."""

import pickle

import pandas as pd
import pytest

import gep
from gep import load_profile, profiles
from gep.errors import ProfileError
from gep.profiles.model import Ref, Spread
from gep.resources import vocabulary

HEAD = """
id = "mine"
zh = "自定"
en = "Mine"
source = "mee-2020"
edition = "1"
"""
TOURISM = """
[services.tourism.indicators.value]
zh = "价值"
en = "Value"
value = "input:tourism_value"
unit = "money/year"
method = "as stated"
"""


def build(folder, text):
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return load_profile(path)


@pytest.mark.parametrize("name", profiles())
def test_every_shipped_profile_loads_whole(name):
    profile = load_profile(name)
    assert profile.id == name
    assert profile.source in vocabulary("sources")
    assert profile.zh
    assert profile.en
    assert set(profile.coefficients) <= {row.set for row in gep.CoefficientTable.shipped()}
    for service in profile.services.values():
        assert service.indicators
        for variant in service.variants:
            assert profile.using(**{service.code: variant}).services[service.code].variant == variant


def test_using_switches_services_and_says_so(demo):
    changed = demo.using(
        tourism=False, water_conservation="balance", coefficients=["jiaozhou"], regions=["640000"]
    )
    assert "tourism" not in changed.included
    assert "tourism" in changed.services
    assert changed.services["water_conservation"].variant == "balance"
    assert changed.coefficients == ("jiaozhou", "gong-2017", "garze-2010")
    assert changed.regions == ("640000", "513300", "CHN")
    assert changed.modified == (
        "tourism=False", "water_conservation=balance", "coefficients+jiaozhou", "regions+640000",
    )  # fmt: skip
    assert "changed: tourism=False" in repr(changed)
    assert demo.modified == ()
    assert changed.using(tourism=True).included.keys() == demo.included.keys()


def test_one_name_alone_is_not_taken_apart(demo, tmp_path, profile_text):
    changed = demo.using(coefficients="jiaozhou", regions="640000")
    assert changed.coefficients == ("jiaozhou", "gong-2017", "garze-2010")
    assert changed.regions == ("640000", "513300", "CHN")
    assert changed.modified == ("coefficients+jiaozhou", "regions+640000")
    assert demo.using(regions=[640000]).regions == demo.using(regions=640000).regions == changed.regions
    path = tmp_path / "one.toml"
    path.write_text(profile_text.replace('regions = ["513300", "CHN"]', 'regions = "CHN"'), encoding="utf-8")
    assert load_profile(path).regions == ("CHN",)


def test_an_unknown_coefficient_set_lists_near_ones(demo):
    with pytest.raises(ProfileError, match=r"no coefficient set 'garze-2011'; expected one of .*garze-2010"):
        demo.using(coefficients="garze-2011")


def test_only_takes_codes_one_after_the_other(demo):
    with pytest.raises(ProfileError, match=r"\['crops'\] is no code of a service.*only\(\"crops\""):
        demo.only(["crops"])


def test_unknown_services_and_variants_are_all_named(demo):
    with pytest.raises(ProfileError, match="2 faults") as caught:
        demo.using(turism=False, water_conservation="magic")
    text = str(caught.value)
    assert "no service 'turism'" in text
    assert "tourism" in caught.value.faults[0].expected
    assert "nonnegative | balance" in text


def test_an_unknown_profile_lists_the_known():
    with pytest.raises(ProfileError, match="mee-2020"):
        load_profile("mee-1999")


def test_overlapping_services_need_a_reason(tmp_path, profile_text):
    water = TOURISM.replace("tourism", "water_supply").replace("water_supply_value", "tourism_value")
    with pytest.raises(ProfileError, match="water_supply and water_conservation overlap") as caught:
        build(tmp_path, profile_text + water)
    assert '"water_supply+water_conservation" = "why"' in caught.value.faults[0].fix
    for pair in ("water_supply+water_conservation", "water_conservation+water_supply"):
        profile = build(tmp_path, profile_text + water + f'\n[overlaps]\n"{pair}" = "both are listed"\n')
        assert profile.overlaps_accepted == {pair: "both are listed"}
    with pytest.raises(ProfileError, match="overlap"):
        build(tmp_path, profile_text + water + '\n[overlaps]\n"water_supply+water_conservation" = ""\n')


def test_switching_a_service_on_brings_its_overlap_back(tmp_path, profile_text):
    water = TOURISM.replace("tourism", "water_supply").replace("water_supply_value", "tourism_value")
    off = build(tmp_path, profile_text + "\n[services.water_supply]\ninclude = false\n" + water)
    assert "water_supply" not in off.included
    with pytest.raises(ProfileError, match="overlap"):
        off.using(water_supply=True)


def test_extends_lays_a_profile_over_a_shipped_one(tmp_path):
    base = load_profile("garze-2010")
    profile = build(tmp_path, HEAD + 'extends = "garze-2010"\n' + TOURISM)
    assert (profile.id, profile.coefficients) == ("mine", base.coefficients)
    assert list(profile.services) == list(base.services)
    assert list(profile.services["tourism"].indicators) == ["value"]
    assert profile.services["crops"] == base.services["crops"]
    assert profile.overlaps_accepted == base.overlaps_accepted


def test_extends_of_nothing_is_refused(tmp_path):
    with pytest.raises(ProfileError, match="extends 'nowhere'"):
        build(tmp_path, HEAD + 'extends = "nowhere"\n' + TOURISM)


def test_a_profile_may_bring_quantities_of_its_own(tmp_path):
    text = (
        HEAD
        + TOURISM.replace("tourism_value", "moon_value")
        + """
[quantities.moon_value]
unit = "money/year"
zh = "赏月价值"
en = "Value of moonlight"
form = "table"
"""
    )
    profile = build(tmp_path, text)
    assert profile.quantity("moon_value").en == "Value of moonlight"
    assert profile.quantity("precipitation").unit == "mm/year"
    areas = pd.DataFrame({"zone": ["a"], "ecosystem": ["forest"], "area": [1.0]})
    table = pd.DataFrame({"variable": ["moon_value"], "value": [3], "unit": ["亿元_2010/year"]})
    zones = gep.Zones.from_areas(areas, unit="km2")
    led = gep.compile_account(profile, gep.Inputs(tables=[table], status="published"), zones, 2010)
    assert led.total("亿元") == 3.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (HEAD, "'services' is missing"),
        (HEAD.replace('"mine"', '""') + TOURISM, "'id' is missing"),
        (HEAD + TOURISM.replace("services.tourism", "services.magic"), "'magic' is not in services.toml"),
        (HEAD + "[services.tourism]\nclause = '1'\n", "has no indicators"),
        (HEAD + TOURISM.replace("tourism_value", "tourism_valu"), "'tourism_valu' is not a known quantity"),
        (HEAD + TOURISM.replace("input:tourism_value", "step:none"), "'tourism.none' is not defined"),
        (HEAD + TOURISM.replace("input:tourism_value", "oracle:x"), "reference 'oracle:x'"),
        (HEAD + TOURISM.replace('unit = "money/year"', 'unit = "money"'), "expected a yearly flow"),
        (HEAD + TOURISM + 'report = "t/year"\n', "got money/year"),
        (HEAD + TOURISM + 'price = "input:crop_price"\n', "either quantity and price, or value"),
        (HEAD + TOURISM + 'ecosystem = "jungle"\n', "'jungle' is not in ecosystems.toml"),
        (HEAD + TOURISM.replace('zh = "价值"\n', ""), "lacks zh"),
        (HEAD + TOURISM + '[services.tourism.steps.s]\nformula = "culture.nothing"\n', "nothing"),
        (
            HEAD
            + TOURISM
            + '[services.tourism.steps.s]\nformula = "culture.revenue_attributed"\n'
            + 'args = { share = "area" }\n',
            "expected ['revenue', 'share']",
        ),
        (HEAD + '[services.tourism]\nvariant = "x"\n', "variant 'x' of tourism"),
        (HEAD + TOURISM + '[quantities.own]\nunit = "kt"\nzh = "甲"\nen = "A"\n', "refused"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_with_the_place(tmp_path, text, says):
    with pytest.raises(ProfileError) as caught:
        build(tmp_path, text)
    assert says in str(caught.value)
    assert all(fault.where for fault in caught.value.faults)


def test_all_faults_of_a_file_come_at_once(tmp_path):
    lines = TOURISM.replace("tourism_value", "tourism_valu") + TOURISM.replace(
        "services.tourism", "services.crops"
    ).replace("input:tourism_value", "step:none")
    with pytest.raises(ProfileError, match="2 faults") as caught:
        build(tmp_path, HEAD + lines)
    assert ["[tourism]" in caught.value.faults[0].where, "[crops]" in caught.value.faults[1].where] == [
        True,
        True,
    ]


def test_a_file_that_is_no_toml_is_named(tmp_path):
    with pytest.raises(gep.GepError, match=r"mine\.toml: not valid UTF-8 TOML"):
        build(tmp_path, "id = ")
    with pytest.raises(gep.GepError, match="cannot be read"):
        load_profile(tmp_path / "absent.toml")


def test_references_and_keys_print_as_written():
    assert str(Ref.read("step:net", "carbon_sequestration")) == "step:carbon_sequestration.net"
    assert str(Ref.read("area", "crops")) == "area"
    assert str(Spread(Ref.read("area", "crops"), among=("forest", "grassland"))) == "area of forest+grassland"
    assert str(Spread(Ref.read("input:ecosystem_key", "crops"), "water")) == "input:ecosystem_key/water"


@pytest.mark.parametrize("name", profiles())
def test_profiles_survive_pickling(name):
    profile = load_profile(name)
    back = pickle.loads(pickle.dumps(profile))
    assert back == profile
    assert repr(back) == repr(profile)
