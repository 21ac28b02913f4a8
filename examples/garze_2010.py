# %% [markdown]
# # Garzê Prefecture (甘孜藏族自治州), 2010: a published account reproduced
#
# Pema Dolkar et al. 2017 (生态学报 37(19):6302-6312) print 23 lines of quantity x price = value, the
# category sums, the shares and a matrix of services by ecosystem. Their quantities and prices go
# through the library here. A printed number stands for an interval of rounding; a figure is
# reproduced when the interval computed from printed inputs meets the printed one.
#
# What is an input and not a result: the split of five services over ecosystems, for which the
# paper prints values alone. Its table 4 serves as the key, so that the library shows that rows and
# columns close; it does not show that the split is right.

# %%
# %%
from __future__ import annotations

from pathlib import Path

import pandas as pd

import gep
from gep.reconciling import reconcile
from gep.services import soil

DATA = Path(__file__).parent / "data"


# %%
# %%
def compile_garze() -> gep.Ledger:
    """Compile the account from the printed quantities and the printed prices."""
    areas = pd.read_csv(DATA / "garze_2010_areas.csv", dtype={"zone": str})
    zones = gep.Zones.from_areas(areas, region="甘孜藏族自治州")
    inputs = gep.Inputs(tables=[DATA / "garze_2010_inputs.csv"])
    return gep.compile_account(gep.load_profile("garze-2010"), inputs, zones, 2010)


# %%
def published(name: str = "published") -> pd.DataFrame:
    """Return a printed table as text: the digits say how exact a number is."""
    return pd.read_csv(DATA / f"garze_2010_{name}.csv", dtype=str, keep_default_na=False)


# %% [markdown]
# ## Line by line, sums and the matrix
# `reconcile` finds the counterpart of every printed figure by its name. A value is as exact as the
# digits that the paper prints for its quantity, and so is every sum, share and cell made of it.


# %%
# %%
def reproduced(ledger: gep.Ledger) -> None:
    """Print the comparison, and how much of each table is reproduced."""
    found = reconcile(ledger, pd.concat([published(), published("matrix")]).fillna(""))
    print(found)
    table = found.table
    fits = table["verdict"].isin(["inside", "rounding"])
    near = fits | (table["gap"].abs() <= (table["high"] - table["low"]) / 2)
    value, matrix = table["measure"] == "value", table["account"] == "garze_2010_by_ecosystem"
    priced = table["place"].isin(table.loc[table["measure"] == "price", "place"])
    sums = table["target"].isin(["provisioning", "regulating", "cultural", "total"]) & ~priced & ~matrix
    sums &= table["measure"].isin(["value", "share", "per_head"])
    cells = matrix & ~table["target"].str.startswith("total")
    print(
        f"\n{fits[value & priced].sum()} of {(value & priced).sum()} lines reproduced within printed rounding"
    )
    print(f"{fits[sums].sum()} of {sums.sum()} reproduced of the sums, shares and per head")
    print(f"{fits[cells].sum()} of {cells.sum()} cells of the matrix reproduced within printed rounding,")
    print(f"{near[cells].sum()} of {cells.sum()} to one unit of the last digit (22.076 is printed as 22.07)")


# %%
# %%
def main() -> gep.Ledger:
    """Print the comparison and the audit of the paper's own table."""
    pd.set_option("display.float_format", "{:,.4f}".format, "display.unicode.east_asian_width", True)
    ledger = compile_garze()
    print(ledger)
    reproduced(ledger)
    print(f"\nSediment by its formula: {sediment():.3f}e8 m3, printed 10.03")
    print("\nThe paper audited against itself")
    print(gep.audit(published()))
    print("\nIts matrix audited against its lines")
    print(gep.audit(published("matrix"), against=published()))
    return ledger


# %%
def sediment() -> float:
    """Return the sediment volume in 1e8 m3 from the soil retained, as the paper computes it."""
    return float(soil.sediment_avoided(retained=38.86e8, share=0.24, bulk_density=0.93)) / 1e8


# %%
if __name__ == "__main__":
    main()
