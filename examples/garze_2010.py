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
from __future__ import annotations

from pathlib import Path

import pandas as pd

import gep
from gep.auditing import Interval, interval

DATA = Path(__file__).parent / "data"


# %%
def compile_garze() -> gep.Ledger:
    """Compile the account from the printed quantities and the printed prices."""
    areas = pd.read_csv(DATA / "garze_2010_areas.csv", dtype={"zone": str})
    zones = gep.Zones.from_areas(areas, region="甘孜藏族自治州")
    inputs = gep.Inputs(tables=[DATA / "garze_2010_inputs.csv"])
    return gep.compile_account(gep.load_profile("garze-2010"), inputs, zones, 2010)


# %% [markdown]
# ## Line by line
# The width of a computed interval comes from the digits the paper prints for the quantity.


# %%
def line_table(ledger: gep.Ledger) -> pd.DataFrame:
    """Return the 23 priced lines: computed interval, printed value, and whether they meet."""
    digits = printed_quantities()
    rows = ledger.frame[ledger.frame["quantity_unit"] != ""]
    lines = rows.groupby(["service", "indicator", "item"], sort=False)[["quantity", "value"]].sum()
    by_ecosystem = ledger.frame[ledger.frame["service"] == "pest_control"]
    found = []
    for row in published_lines().to_dict("records"):
        key = (row["service"], row["indicator"], row["item"])
        if row["service"] == "pest_control":
            value = float(by_ecosystem.set_index("ecosystem").at[row["ecosystem"], "value"])
        else:
            value = float(lines.loc[key, "value"])
        wide = digits[row["variable"], row["item"], row["ecosystem"]]
        computed = wide * (value / 1e8 / wide.value)
        printed = interval(row["value"])
        found.append([*key, row["ecosystem"], computed, row["value"], computed.meets(printed)])
    columns = ["service", "indicator", "item", "ecosystem", "computed", "printed", "reproduced"]
    return pd.DataFrame(found, columns=columns)


def printed_quantities() -> dict[tuple[str, str, str], Interval]:
    """Return the rounding interval of every quantity, from its digits as printed."""
    table = pd.read_csv(DATA / "garze_2010_inputs.csv", dtype=str, keep_default_na=False)
    return {
        (row["variable"], row["item"], row["ecosystem"]): interval(row["value"])
        for row in table.to_dict("records")
    }


def published_lines() -> pd.DataFrame:
    """Return the values of table 3, digits as printed, in 1e8 CNY."""
    table = pd.read_csv(DATA / "garze_2010_published.csv", dtype=str, keep_default_na=False)
    return table[table["kind"] == "line"]


# %% [markdown]
# ## Sums, shares and the matrix


# %%
def sum_table(ledger: gep.Ledger, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the printed sums beside the computed ones, each as an interval."""
    parts = {c: interval("0") * 0.0 for c in ("provisioning", "regulating", "cultural")}
    category = ledger.frame.drop_duplicates("service").set_index("service")["category"]
    for line in lines.to_dict("records"):
        parts[category[line["service"]]] += line["computed"]
    money = ledger.frame[ledger.frame["quantity_unit"] == ""]
    for row in money.groupby(["service", "category"], sort=False)["value"].sum().items():
        (_, name), value = row
        # values taken over as money are printed with four decimals of 1e8 CNY
        parts[name] += interval(f"{value / 1e8:.4f}")
    total = parts["provisioning"] + parts["regulating"] + parts["cultural"]
    computed = {"GEP": total, **parts}
    computed |= {f"share {name}": part / total * 100.0 for name, part in parts.items()}
    computed["GEP per head"] = total / interval("106")
    rows = []
    table = pd.read_csv(DATA / "garze_2010_published.csv", dtype=str, keep_default_na=False)
    for row in table[table["kind"] == "sum"].to_dict("records"):
        wide = computed[row["indicator"]]
        rows.append([row["indicator"], row["unit"], wide, row["value"], wide.meets(interval(row["value"]))])
    return pd.DataFrame(rows, columns=["figure", "unit", "computed", "printed", "reproduced"])


def matrix_table(ledger: gep.Ledger) -> pd.DataFrame:
    """Return the column sums of the matrix, computed and printed, in 1e8 CNY."""
    table = pd.read_csv(DATA / "garze_2010_published.csv", dtype=str, keep_default_na=False)
    printed = table[table["kind"] == "ecosystem"].set_index("ecosystem")["value"]
    values = ledger.by("ecosystem")["value"]
    frame = pd.DataFrame({"computed": values, "printed": printed.reindex(values.index).astype(float)})
    frame["gap"] = frame["computed"] - frame["printed"]
    return frame.assign(relative=frame["gap"] / frame["printed"])


# %%
def main() -> gep.Ledger:
    """Print the comparison and the audit of the paper's own table."""
    pd.set_option("display.float_format", "{:,.4f}".format, "display.unicode.east_asian_width", True)
    ledger = compile_garze()
    lines = line_table(ledger)
    print(ledger)
    print("\nLines of table 3, 1e8 CNY\n" + lines.to_string(index=False))
    print(f"\n{int(lines['reproduced'].sum())} of {len(lines)} lines reproduced within printed rounding")
    sums = sum_table(ledger, lines)
    print("\nSums and shares\n" + sums.to_string(index=False))
    print(f"\n{int(sums['reproduced'].sum())} of {len(sums)} sums reproduced within printed rounding")
    print("\nBy ecosystem, 1e8 CNY (gaps: the paper's two-digit carbon and oxygen quantities)")
    print(matrix_table(ledger).to_string())
    print("\nSediment from the soil retained instead of the printed volume:")
    print("  38.86e8 t x 0.24 / 0.93 t/m3 =", sediment(), "1e8 m3 (printed 10.03)")
    print("\nThe paper audited against itself\n" + str(gep.audit(DATA / "garze_2010_account.csv")))
    return ledger


def sediment() -> str:
    """Return the sediment volume by the formula, as the paper computes it."""
    from gep.services import soil

    volume = soil.sediment_avoided(
        gep.quantity(38.86, "亿t/year"), gep.quantity(0.24, "1"), gep.quantity(0.93, "t/m3")
    )
    return f"{volume.to('m3/year').magnitude / 1e8:.3f}"


if __name__ == "__main__":
    main()
