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
from gep.services import soil

DATA = Path(__file__).parent / "data"


# %%
def compile_garze() -> gep.Ledger:
    """Compile the account from the printed quantities and the printed prices."""
    areas = pd.read_csv(DATA / "garze_2010_areas.csv", dtype={"zone": str})
    zones = gep.Zones.from_areas(areas, region="甘孜藏族自治州")
    inputs = gep.Inputs(tables=[DATA / "garze_2010_inputs.csv"])
    return gep.compile_account(gep.load_profile("garze-2010"), inputs, zones, 2010)


def published(name: str = "published") -> pd.DataFrame:
    """Return a printed table as text: the digits say how exact a number is."""
    return pd.read_csv(DATA / f"garze_2010_{name}.csv", dtype=str, keep_default_na=False)


# %% [markdown]
# ## Line by line
# The width of a computed interval comes from the digits the paper prints for the quantity.


# %%
def line_table(ledger: gep.Ledger) -> pd.DataFrame:
    """Return the priced lines: computed interval, printed value, and whether they meet."""
    digits = {
        (row["variable"], row["item"], row["ecosystem"]): interval(row["value"])
        for row in published("inputs").to_dict("records")
    }
    found = []
    for row in published().query("ledger_service != ''").to_dict("records"):
        line = [row["ledger_service"], row["ledger_indicator"], row["ledger_item"]]
        value = value_of(ledger, *line, row["ecosystem"])
        quantity = digits[row["variable"], row["ledger_item"], row["ecosystem"]]
        computed = quantity * (value / 1e8 / quantity.mid)
        meets = computed.meets(interval(row["money_value"]))
        found.append([*line, row["ecosystem"], value / 1e8, computed, row["money_value"], meets])
    columns = ["service", "indicator", "item", "ecosystem", "computed", "interval", "printed", "reproduced"]
    return pd.DataFrame(found, columns=columns)


def value_of(ledger: gep.Ledger, service: str, indicator: str, item: str, ecosystem: str) -> float:
    """Return the value of a line in CNY; of one ecosystem where the paper prints it so."""
    rows = ledger.frame
    rows = rows[(rows["service"] == service) & (rows["indicator"] == indicator) & (rows["item"] == item)]
    return float((rows[rows["ecosystem"] == ecosystem] if ecosystem else rows)["value"].sum())


# %% [markdown]
# ## Sums, shares and the matrix


# %%
def sum_table(ledger: gep.Ledger, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the printed sums beside the computed ones, each as an interval."""
    category = dict(zip(ledger.frame["service"], ledger.frame["category"], strict=True))
    parts = {name: Interval(0.0, 0.0) for name in ("provisioning", "regulating", "cultural")}
    for line in lines.to_dict("records"):
        parts[category[line["service"]]] += line["interval"]
    unpriced = published().query("ledger_service == '' and category in ['provisioning', 'cultural']")
    for row in unpriced.to_dict("records"):
        parts[row["category"]] += interval(row["money_value"])
    total = parts["provisioning"] + parts["regulating"] + parts["cultural"]
    computed = {**parts, "GEP": total}
    computed |= {f"share {name}": part / total * 100.0 for name, part in parts.items()}
    computed["GEP per head"] = total / interval("106")
    point = {
        **(ledger.by("category")["value"]).to_dict(),
        "GEP": float(ledger.total("亿元")),
        **{f"share {name}": share * 100 for name, share in ledger.shares().items()},
        "GEP per head": float(ledger.per_capita("万元/person")),
    }
    rows = []
    for row in published().to_dict("records"):
        if row["indicator"] in computed and row["category"] in ("total", "context"):
            printed = row["money_value"] or row["physical_value"]
            wide = computed[row["indicator"]]
            meets = wide.meets(interval(printed))
            rows.append([row["indicator"], point[row["indicator"]], wide, printed, meets])
    return pd.DataFrame(rows, columns=["figure", "computed", "interval", "printed", "reproduced"])


MATRIX = {"farmland": "cropland", "shrub": "shrubland", "town": "urban"}


def matrix_table(ledger: gep.Ledger, lines: pd.DataFrame) -> pd.DataFrame:
    """Return the matrix of services by ecosystem, computed and printed, cell by cell, in 1e8 CNY.

    A cell is as exact as the quantities behind its row, whose digits are few for some services.
    """
    values = ledger.by("service", "ecosystem")["value"]
    rows = []
    for row in published("matrix").query("category != 'total'").to_dict("records"):
        ecosystem = MATRIX.get(row["indicator"], row["indicator"])
        services = ROWS[row["service"]]
        computed = sum(values.get((service, ecosystem), 0.0) for service in services)
        behind = lines[lines["service"].isin(services)]["interval"]
        wide = sum(i.width for i in behind) / 2 / float(values.loc[services].sum()) * computed
        printed = interval(row["money_value"])
        meets = Interval(computed - wide, computed + wide).meets(printed)
        last_digit = Interval(printed.low - printed.width / 2, printed.high + printed.width / 2)
        near = meets or last_digit.contains(computed)
        rows.append([row["service"], ecosystem, computed, wide, row["money_value"], meets, near])
    columns = ["service", "ecosystem", "computed", "+-", "printed", "reproduced", "to one last digit"]
    return pd.DataFrame(rows, columns=columns)


ROWS = {
    "products (all provisioning)": [
        "crops", "forest_products", "livestock", "fishery", "water_supply", "ecological_energy"
    ],
    "water retention": ["water_conservation"],
    "soil retention": ["soil_retention"],
    "sand fixation": ["sandstorm_prevention"],
    "flood mitigation": ["flood_mitigation"],
    "air purification": ["air_purification"],
    "water purification": ["water_purification"],
    "carbon sequestration and oxygen release": ["carbon_sequestration", "oxygen_release"],
    "climate regulation": ["climate_regulation"],
    "pest control": ["pest_control"],
    "landscape recreation": ["tourism"],
}  # fmt: skip


# %%
def main() -> gep.Ledger:
    """Print the comparison and the audit of the paper's own table."""
    pd.set_option("display.float_format", "{:,.4f}".format, "display.unicode.east_asian_width", True)
    ledger = compile_garze()
    print(ledger)
    lines = line_table(ledger)
    print("\nLines of table 3, 1e8 CNY\n" + lines.to_string(index=False))
    print(f"\n{int(lines['reproduced'].sum())} of {len(lines)} lines reproduced within printed rounding")
    sums = sum_table(ledger, lines)
    print("\nSums, shares and per head (1e8 CNY, %, 1e4 CNY)\n" + sums.to_string(index=False))
    print(f"\n{int(sums['reproduced'].sum())} of {len(sums)} reproduced within printed rounding")
    matrix = matrix_table(ledger, lines)
    print("\nTable 4, services by ecosystem, 1e8 CNY\n" + matrix.to_string(index=False))
    print(f"\n{int(matrix['reproduced'].sum())} of {len(matrix)} cells reproduced within printed rounding,")
    near = int(matrix["to one last digit"].sum())
    print(f"{near} of {len(matrix)} to one unit of the last digit (22.076 is printed as 22.07)")
    print(f"\nSediment by its formula: {sediment():.3f}e8 m3, printed 10.03")
    print("\nThe paper audited against itself")
    print(gep.audit(published()))
    print("\nIts matrix audited against its lines")
    print(gep.audit(published("matrix"), against=published()))
    return ledger


def sediment() -> float:
    """Return the sediment volume in 1e8 m3 from the soil retained, as the paper computes it."""
    return float(soil.sediment_avoided(retained=38.86e8, share=0.24, bulk_density=0.93)) / 1e8


if __name__ == "__main__":
    main()
