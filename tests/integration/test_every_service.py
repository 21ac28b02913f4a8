"""Every line of every variant of every profile runs from inputs to a row with a value.

Inputs and missing coefficients are made up from the vocabulary of quantities: what is tested is
that each line can be fed, that its units meet, and that the account closes.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gep
from gep.coefficients import CoefficientTable

YEAR = 2020
CLASSES = {
    1: "evergreen_needleleaf_forest", 2: "deciduous_broadleaf_shrub", 3: "temperate_steppe", 4: "marsh",
    5: "lake", 6: "dryland", 7: "urban", 8: "bare",
}  # fmt: skip
#: Inputs that come by item or by ecosystem, and the keys they come with.
KEYS = {
    "water_use": [("", "domestic")],
    "crop_output": [("", "grain")], "crop_price": [("", "grain")], "crop_human_cost": [("", "grain")],
    "lake_area": [("", "mongolia_xinjiang/岱海"), ("", "mongolia_xinjiang/哈素海")],
    "habitat_area": [("evergreen_needleleaf_forest", "shannon_1_2")],
    "infested_area": [("evergreen_needleleaf_forest", ""), ("temperate_steppe", "")],
}  # fmt: skip
#: By zone: what meets a figure of the zone.
BY_ZONE = {"so2_emission", "nox_emission", "dust_emission", "cod_emission", "ammonia_emission"}
ITEMS = {"species_conservation_value": ("evergreen_needleleaf_forest", "shannon_1_2")}


def grid(values: np.ndarray, units: str = "") -> xr.DataArray:
    lat, lon = 40.9 - 0.01 * np.arange(values.shape[0]), 111.6 + 0.01 * np.arange(values.shape[1])
    data = xr.DataArray(values, {"lat": lat, "lon": lon}, ("lat", "lon"))
    return gep.set_crs(data.assign_attrs(units=units) if units else data, "EPSG:4326")


COVER = grid(np.arange(64).reshape(8, 8) % 8 + 1)
ZONES = gep.Zones.from_labels(
    grid(np.repeat([[1, 2]], 8, axis=0).repeat(4, axis=1)), pd.DataFrame({"code": [1, 2], "name": ["a", "b"]})
)


def sample(quantity) -> float:
    """A value inside the limits of a quantity."""
    if quantity.name.endswith("human_cost"):
        return 4.0
    low = quantity.low or 0.0
    return low + 0.4 * (quantity.high - low) if quantity.high is not None else 10.0


def unit(quantity) -> str:
    return quantity.unit.replace("money", f"CNY_{YEAR}")


def inputs_for(profile: gep.Profile, needed: pd.DataFrame) -> gep.Inputs:
    rows, fields = [], {}
    for name, row in needed[needed["supply"] != "coefficient"].iterrows():
        quantity = profile.quantity(name)
        if row["supply"] == "grid":
            fields[name] = grid(np.full((8, 8), sample(quantity)), unit(quantity))
            continue
        for ecosystem, item in KEYS.get(name, [("", "")]):
            for zone in ("1", "2") if name in BY_ZONE else ("",):
                rows.append([name, zone, ecosystem, item, sample(quantity), unit(quantity)])
    inputs = gep.Inputs()
    inputs.add_land_cover(COVER, CLASSES, status="illustrative")
    inputs.add_grids(fields, status="illustrative")
    columns = ["variable", "zone", "ecosystem", "item", "value", "unit"]
    inputs.add_table(pd.DataFrame(rows, columns=columns), status="illustrative")
    return inputs


def coefficients_for(profile: gep.Profile, needed: pd.DataFrame) -> CoefficientTable:
    shipped = CoefficientTable.shipped(profile.coefficients)
    rows = []
    for name, _ in needed.iterrows():
        quantity = profile.quantity(name)
        if quantity.form not in ("coefficient", "either") or shipped.has(name, profile.regions):
            continue
        ecosystem, item = ITEMS.get(name, ("", ""))
        items = ["domestic"] if name == "water_price" else [item]
        if name.startswith("lake_storage"):
            items = ["mongolia_xinjiang"]
        for key in items:
            rows.append([name, sample(quantity), unit(quantity), ecosystem, key])
    frame = pd.DataFrame(rows, columns=["quantity", "value", "unit", "ecosystem", "item"])
    source = {"made-up": {"title_en": "made up for a test", "issuer": "gep"}}
    return CoefficientTable.from_frame(
        frame.assign(source="made-up", locator="test", status="illustrative"), sources=source
    )


def cases() -> list[tuple[str, str, str]]:
    found = []
    # the lines of garze-2010 are run by its example, from the printed quantities
    for name in sorted(set(gep.profiles()) - {"garze-2010"}):
        for code, service in gep.load_profile(name).services.items():
            found += [(name, code, variant) for variant in service.variants or ("",)]
    return found


@pytest.mark.parametrize(("name", "code", "variant"), cases())
def test_every_line_runs(name, code, variant):
    profile = gep.load_profile(name).only(code)
    profile = profile.using(**{code: variant}) if variant else profile
    companions = ["carbon_sequestration"] if code == "oxygen_release" else []
    profile = profile.using(**dict.fromkeys(companions, True))
    needed = profile.requirements()
    # results of other models are alternatives to what is computed here
    direct = needed["needed"].str.startswith("or step:")
    needed = needed[~direct & (needed["needed"] != "for indicators")]
    ledger = gep.compile_account(
        profile,
        inputs_for(profile, needed),
        ZONES,
        YEAR,
        coefficients=coefficients_for(profile, needed),
        deflator="chn-cpi",
    )
    lines = set(ledger.frame.loc[ledger.frame["service"] == code, "indicator"])
    assert lines == set(profile.services[code].indicators)
    rows = ledger.frame[ledger.frame["service"] == code]
    assert rows["value"].notna().all()
    assert (rows["value"].abs() > 0).any()
    parts = ledger.by("zone", unit="CNY", intermediate=True)["value"].sum()
    assert parts == pytest.approx(float(ledger.total("CNY", intermediate=True)), rel=1e-12)
    assert str(ledger.explain(code))
    assert str(ledger.explain(code, lang="zh"))


def test_lakes_are_taken_one_by_one_with_the_coefficients_of_their_region():
    """e^5.653 A^0.680 in 万m3 (Rao et al. 2014, Mongolia-Xinjiang): 100 and 65 km2 are not 165 km2."""
    profile = gep.load_profile("mee-2020").only("flood_mitigation")
    profile = profile.using(coefficients=["rao-2014", "garze-2010"], regions=["513300"])
    lakes = pd.DataFrame(
        {"item": ["mongolia_xinjiang/岱海", "mongolia_xinjiang/哈素海"], "lake_area": [100.0, 65.0]}
    )
    inputs = gep.Inputs()
    inputs.add_land_cover(COVER, CLASSES, status="illustrative")
    inputs.add_table(lakes, units={"lake_area": "km2"}, status="illustrative")
    own = pd.DataFrame(
        {"quantity": ["lake_exchanges"], "value": [1.0], "unit": ["1/year"], "source": ["made-up"]}
    ).assign(locator="test", status="illustrative")
    table = CoefficientTable.from_frame(own, sources={"made-up": {"title_en": "test", "issuer": "gep"}})
    ledger = gep.compile_account(profile, inputs, ZONES, 2010, coefficients=table)
    by_hand = np.exp(5.653) * (100**0.680 + 65**0.680) * 1e4 * 7.06
    assert float(ledger.total("CNY", indicator="lake")) == pytest.approx(by_hand, rel=1e-12)
    assert any("reservoir is not accounted" in note for note in ledger.meta.findings)
