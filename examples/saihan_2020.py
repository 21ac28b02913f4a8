# %% [markdown]
# # Saihan District (赛罕区), Hohhot, 2020
#
# The district's plan of June 2022 prints its GEP of 103.07亿元 by category, per km² and per head,
# and none of the quantities, prices or maps behind it. This example compiles an account of its
# own by the method the plan names, from what is printed and from declared stand-ins, and shows
# published beside computed with the gap. **Nothing is tuned to the published total**: the two
# differ, and where they do the reason is visible. Then the published account is audited.
#
# What is real: every input of status `published`. What is borrowed: prices and coefficients of
# other places, deflated to 2020. What is INVENTED for the example: the map (no open land cover or
# township border of Saihan exists), climate fields but for their mean, and every input of status
# `illustrative`.

# %%
# %%
from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from saihan_landscape import CLASSES, Landscape, draw

import gep
from gep import indicators
from gep.reconciling import bounds, reconcile
from gep.services import erosion

DATA = Path(__file__).parent / "data"
RAIN_MM = 417.5  # published: long-term mean precipitation
SEED = 2020
# Of the guideline's services, those for which the plan prints something or a stand-in can be named.
ACCOUNTED = (
    "crops",
    "livestock",
    "water_supply",
    "water_conservation",
    "soil_retention",
    "carbon_sequestration",
    "oxygen_release",
    "climate_regulation",
    "tourism",
)


# %% [markdown]
# ## Grids
# Every field carries its unit and how it is known. The shapes are illustrative; only the mean of
# precipitation, the class areas and the range of elevation are the plan's.


# %%
# %%
def grids(land: Landscape) -> dict[str, xr.DataArray]:
    """Return the fields that the regulating services need, each with unit and status."""
    rise = (land.elevation - land.elevation.mean()) / (land.elevation.max() - land.elevation.min())
    rain = RAIN_MM * (1 + 0.3 * rise)
    use = {1: 0.93, 2: 0.90, 3: 1.00, 4: 0.95, 5: 0.60}  # invented share of rain that evaporates
    growth = {1: 420.0, 2: 210.0, 3: 350.0, 4: 300.0, 5: 60.0}  # invented NPP, gC/m2/year
    cover = {1: 0.005, 2: 0.05, 3: 0.01, 4: 0.25, 5: 0.0}  # invented C factor
    texture = {"sand": 45.0, "silt": 37.0, "clay": 18.0, "organic_carbon": 0.9}  # invented, percent
    length = gep.quantity(60.0, "m")  # invented slope length
    terrain = erosion.slope_length_factor(length, land.slope) * erosion.slope_steepness_mccool(land.slope)
    fields = {
        "precipitation": (rain, "mm/year", "estimated"),
        "evapotranspiration": (rain * by_class(land, use), "mm/year", "illustrative"),
        "rainfall_erosivity": (2.2 * rain, "MJ mm/(ha h year)", "illustrative"),
        "soil_erodibility": (
            xr.full_like(rain, erosion.erodibility_epic(**texture)),
            "t ha h/(ha MJ mm)",
            "illustrative",
        ),
        "slope_length_steepness": (terrain, "1", "illustrative"),
        "cover_factor": (by_class(land, cover), "1", "illustrative"),
        "practice_factor": (by_class(land, dict.fromkeys(cover, 1.0) | {4: 0.5}), "1", "illustrative"),
        "net_primary_production": (by_class(land, growth), "gC/m2/year", "illustrative"),
    }
    return {
        name: gep.set_crs(data.assign_attrs(units=unit, status=status), "EPSG:4326")
        for name, (data, unit, status) in fields.items()
    }


# %%
def by_class(land: Landscape, values: dict[int, float]) -> xr.DataArray:
    """Give every cell the value of its class."""
    lookup = np.array([values.get(code, np.nan) for code in range(max(values) + 1)])
    return land.elevation.copy(data=lookup[land.land_cover.to_numpy()])


# %% [markdown]
# ## The account
# Prices and coefficients are those of the Garzê 2010 paper and other publications, carried to
# 2020 by the consumer price index. They are borrowed: `explain` names each row and its page.


# %%
# %%
def compile_saihan() -> gep.Ledger:
    """Compile the account of 2020 by the 2020 guideline."""
    land = draw(SEED)
    zones = gep.Zones.from_labels(land.labels, land.townships, region="赛罕区")
    inputs = gep.Inputs()
    inputs.add_land_cover(land.land_cover, CLASSES, status="illustrative", source="drawn from seed 2020")
    inputs.add_grids(grids(land), source="drawn from seed 2020")
    inputs.add_table(DATA / "saihan_2020_inputs.csv")
    profile = (
        gep.load_profile("mee-2020")
        .only(*ACCOUNTED)
        .using(
            coefficients=["garze-2010", "code-npp-nep", "forest-assets-2017", "baiyangdian-2011"],
            regions=["513300", "白洋淀"],
        )
    )
    return gep.compile_account(
        profile,
        inputs,
        zones,
        2020,
        coefficients=own_coefficients(),
        deflator="chn-cpi",
        allocate={"tourism": "area:forest+grassland+wetland", "water_supply": "population"},
    )


# %%
def own_coefficients() -> gep.CoefficientTable:
    """Return the row that stands in place of a borrowed one: Garzê's soil is not Saihan's."""
    row = {
        "quantity": "soil_bulk_density",
        "value": 1.3,
        "unit": "t/m3",
        "source": "example",
        "locator": "invented for this example",
        "status": "illustrative",
    }
    sources = {"example": {"title_en": "Invented for the Saihan example", "issuer": "gep"}}
    return gep.CoefficientTable.from_frame(pd.DataFrame([row]), sources=sources)


# %% [markdown]
# ## Published beside computed


# %%
# %%
def published() -> pd.DataFrame:
    """Return the published account as text, digits as printed."""
    return pd.read_csv(DATA / "saihan_2020_published.csv", dtype=str, keep_default_na=False)


# %%
# %%
def main() -> gep.Ledger:
    """Print the account, the comparison and the audit."""
    pd.set_option("display.float_format", "{:,.4f}".format, "display.unicode.east_asian_width", True)
    ledger = compile_saihan()
    heading("ILLUSTRATIVE ACCOUNT: the map and many inputs are invented; see the status of each row")
    print(ledger)
    print("total:    ", ledger.total("亿元"))
    print("per area: ", ledger.per_area("万元/km2"))
    print("per head: ", ledger.per_capita("万元/person"))
    print("GEP/GDP:  ", indicators.ggi(ledger))

    heading("By service, 万元")
    table = ledger.by("category", "service", unit="万元", labels="zh")
    status = ledger.frame.groupby("service", sort=False)[["status", "coefficient_status"]].first()
    table["weakest input"] = status["status"].to_numpy()
    table["weakest coefficient"] = status["coefficient_status"].to_numpy()
    print(table.drop(columns="missing_rows").to_string())

    heading("Physical account")
    print(ledger.quantities(labels="zh").to_string())

    heading("By township, 亿元, per km² and per head (borders and township populations are invented)")
    towns = ledger.by("zone", labels="zh")
    towns["万元/km2"] = ledger.per_area("万元/km2", by="zone")["value"].to_numpy()
    towns["万元/person"] = ledger.per_capita("万元/person", by="zone")["value"].to_numpy()
    print(towns.drop(columns="missing_rows").to_string())

    heading("Published beside computed: no input was tuned to make them meet")
    print(reconcile(ledger, published()))

    heading("What the plan implies for each township, and the estimate nearest to equal shares")
    implied = bounds(published(), nonnegative=True)
    print(implied)
    print(implied.max_entropy().to_string())

    heading("Where one number comes from")
    print(ledger.explain("soil_retention", zone="榆林镇", lang="zh"))

    heading("The published account, audited against itself")
    print(gep.audit(published()))
    return ledger


# %%
def heading(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n{'-' * 100}")


# %%
if __name__ == "__main__":
    main()
