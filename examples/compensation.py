# %% [markdown]
# # Ecological compensation between the townships of a catchment
#
# Two townships in the hills hold back water and soil; two in the plain live on it. Who supplies,
# who uses, and what would users pay under a stated rule? **Everything in this example is invented
# and illustrative**: the townships, their areas, what they retain, and above all the keys that say
# which township uses what. The library adds up; it does not know where the water flows.
#
# Prices are borrowed from the Garzê 2010 paper and carried to 2020; `ledger.explain` names the page.

# %%
# %%
from __future__ import annotations

import io

import pandas as pd

import gep
from gep import indicators, scenarios, seea

SERVICES = ("crops", "water_conservation", "soil_retention")
RULE = 0.05  # share of the value that users pay: a decision of who compensates, illustrative here
NAMES = {"S1": "上河乡", "S2": "松岭镇", "P1": "平川镇", "P2": "城关镇"}

AREAS_KM2 = """\
zone,forest,grassland,cropland,urban
S1,210,90,25,2
S2,160,60,40,4
P1,20,15,180,15
P2,5,5,60,45
"""
YIELDS = """\
zone,ecosystem,water_retained [万m3/year],soil_retained [万t/year]
S1,forest,4300,105
S1,grassland,900,25
S2,forest,3300,78
S2,grassland,600,17
P1,forest,420,9
P1,grassland,180,3
P2,forest,100,2
P2,grassland,50,1
"""
# Of what a township upstream supplies: the share that each township uses.
KEYS = """\
service,supplier,user,share
water_conservation,S1,S1,0.10
water_conservation,S1,P1,0.35
water_conservation,S1,P2,0.40
water_conservation,S1,outside,0.15
water_conservation,S2,S2,0.15
water_conservation,S2,P1,0.25
water_conservation,S2,P2,0.60
water_conservation,P1,P1,0.50
water_conservation,P1,P2,0.50
water_conservation,P2,P2,1
soil_retention,S1,S1,0.30
soil_retention,S1,P1,0.70
soil_retention,S2,S2,0.40
soil_retention,S2,P1,0.60
soil_retention,P1,P1,1
soil_retention,P2,P2,1
"""


# %% [markdown]
# ## The account


# %%
# %%
def arguments() -> dict[str, object]:
    """Return the arguments of the account; a scenario changes some of them."""
    wide = pd.read_csv(io.StringIO(AREAS_KM2))
    areas = wide.melt("zone", var_name="ecosystem", value_name="area")
    areas = areas.assign(name=areas["zone"].map(NAMES))
    zones = gep.Zones.from_areas(areas, unit="km2", region="示例流域")
    inputs = gep.Inputs()
    inputs.add_table(pd.read_csv(io.StringIO(YIELDS)), status="illustrative", source="invented")
    crops = pd.DataFrame(
        {"variable": ["crop_output", "crop_price"], "item": "grain", "value": [12.0, 2.4],
         "unit": ["万t/year", "CNY_2020/kg"]}
    )  # fmt: skip
    inputs.add_table(crops, status="illustrative", source="invented")
    profile = gep.load_profile("mee-2020").only(*SERVICES)
    profile = profile.using(coefficients=["garze-2010"], regions=["513300"])
    return {"profile": profile, "inputs": inputs, "zones": zones, "year": 2020, "deflator": "chn-cpi"}


# %%
def exchange(ledger: gep.Ledger) -> seea.Exchange:
    """Return who uses what: the keys above."""
    keys = pd.read_csv(io.StringIO(KEYS))
    return seea.between_zones(ledger, keys, status="illustrative", source="invented for this example")


# %% [markdown]
# ## A change upstream
# Farmland on slopes becomes forest in both townships of the hills: more water is held back, less
# grain is grown. What is given in tables does not follow the land; it is said here.


# %%
# %%
def upstream() -> scenarios.Scenario:
    """Return the change: 30 % of the farmland upstream, a tenth more from forest, 6 % less grain."""
    land = [scenarios.Convert("cropland", "forest", share=0.3, zone=zone) for zone in ("S1", "S2")]
    more = [
        scenarios.Change(name, factor=1.1, zone=zone, ecosystem="forest")
        for name in ("water_retained", "soil_retained")
        for zone in ("S1", "S2")
    ]
    less = scenarios.Change("crop_output", item="grain", factor=0.94)
    return scenarios.Scenario("slopes to forest", land, more, less, source="invented")


# %%
# %%
def main() -> seea.Exchange:
    """Print the account, its supply and use, the balance and the payments."""
    pd.set_option("display.float_format", "{:,.2f}".format, "display.unicode.east_asian_width", True)
    pd.set_option("display.width", 160, "display.max_columns", 20)
    ledgers = scenarios.run(arguments(), [upstream()])
    ledger = ledgers["base"]
    heading("ILLUSTRATIVE: townships, amounts and keys are invented")
    print(ledger)
    print(ledger.by("zone", "service", unit="万元", labels="zh")[["value"]].to_string())

    heading("SEEA EA: supply and use in money, 万元 (who uses: default users, see the note)")
    account = seea.supply_use(ledger, unit="万元", ecosystems="level1")
    print(account.table("zh").T.to_string(na_rep=""))
    for note in account.notes:
        print("note:", note)

    heading("Supplied, used, net by township (元)")
    found = exchange(ledger)
    balance = found.balance(labels="zh")
    print(balance.to_string())
    print(
        f"nets add up to {balance['净额'].sum():,.0f}; used beyond the own township: {found.traded():,.0f} 元"
    )
    for note in found.notes:
        print("note:", note)

    heading(f"Payments if users pay {RULE:.0%} of the value that other townships supply (元)")
    payments = found.payments(RULE, labels="zh")
    print(payments.to_string())
    print(f"nets add up to {payments['净额'].sum():,.0f}")

    heading("What the change upstream does")
    print(scenarios.compare(ledgers, by="service", unit="万元", labels="zh").to_string())
    more = exchange(ledgers["slopes to forest"]).payments(RULE, labels="zh")
    print(f"payments to {NAMES['S1']}: {payments.loc['S1', '收入']:,.0f} -> {more.loc['S1', '收入']:,.0f} 元")

    heading("How even is GEP among townships")
    print(indicators.density_ranking(ledger)[["name", "density", "rank"]].to_string())
    print("Gini, by area:", indicators.gini_of(ledger, weight="area"))
    return found


# %%
def heading(text: str) -> None:
    """Print a heading."""
    print(f"\n{text}\n{'-' * 100}")


# %%
if __name__ == "__main__":
    main()
