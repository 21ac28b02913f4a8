"""Published beside computed: matching by name, unit and place, gaps, causes, what has no counterpart."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

import gep
from gep.errors import LedgerError, TableError
from gep.indicators import ggi
from gep.reconciling import Reconciliation, reconcile

COLUMNS = "region year category service indicator physical_value physical_unit price_value price_unit money_value money_unit".split()  # noqa: E501, SIM905


def table(*rows: str, **more: Any) -> pd.DataFrame:
    """Rows of cells between bars, in the order of COLUMNS from ``category`` on."""
    cells = [["", "", *(c.strip() for c in row.split("|"))] for row in rows]
    frame = pd.DataFrame([c + [""] * (len(COLUMNS) - len(c)) for c in cells], columns=COLUMNS)
    return frame.assign(**more)


def printed(ledger: gep.Ledger, lang: str, digits: int = 4) -> pd.DataFrame:
    """A ledger as an account would print it: lines, services, categories, total, ratios, zones."""
    rows = []
    names = ledger.meta.labels
    scale = 1e8
    for (category, service), part in ledger.frame.groupby(["category", "service"], sort=False):
        label = names[f"service:{service}"][lang]
        total = part["value"].sum() / scale
        rows.append(f"{category}|{label}|合计|||||{total:.{digits}f}|亿元")
        for (indicator, item), line in part.groupby(["indicator", "item"], sort=False):
            name = names[f"indicator:{service}.{indicator}"][lang]
            quantity, price = "|", "|"
            if line["quantity_unit"].iloc[0]:
                unit = line["quantity_unit"].iloc[0].removesuffix("/year")
                quantity = f"{line['quantity'].sum():.{digits}f}|{unit}"
            if line["price_unit"].iloc[0]:
                unit = line["price_unit"].iloc[0].replace("_2010", "")
                price = f"{line['price'].iloc[0]:.{digits}f}|{unit}"
            value = line["value"].sum() / scale
            rows.append(f"{category}|{label}|{name} {item}|{quantity}|{price}|{value:.{digits}f}|亿元")
    for category, value in ledger.by("category")["value"].items():
        label = names[f"category:{category}"][lang]
        rows.append(f"total||{label}|||||{value:.{digits}f}|亿元")
        share = "{}占比" if lang == "zh" else "share {}"
        rows.append(f"context||{share.format(label)}|{ledger.shares()[category] * 100:.2f}|%")
    rows.append(f"total||GEP|||||{ledger.total('亿元'):.{digits}f}|亿元")
    area, people = ledger.zones["area_m2"].sum() / 1e6, ledger.zones["population"].sum() / 1e4
    facts = [
        ("单位面积GEP", "GEP per area", f"{float(ledger.per_area()):.2f}|万元/km2"),
        ("人均GEP", "GEP per head", f"{float(ledger.per_capita()):.2f}|万元/人"),
        ("常住人口", "population", f"{people:.2f}|万人"),
        ("总面积", "total area", f"{area:.2f}|km2"),
        ("GEP/GDP", "GEP/GDP", f"{float(ggi(ledger)):.3f}|ratio"),
    ]
    rows += [f"context||{zh if lang == 'zh' else en}|{figure}" for zh, en, figure in facts]
    made = table(*rows, year=str(ledger.year), region=ledger.meta.region)
    extra = [
        f"context|{'乡镇GEP' if lang == 'zh' else 'township GEP'}||||||{value:.{digits}f}|亿元"
        for value in ledger.by("zone")["value"].reindex(ledger.zones.index)
    ]
    zones = table(*extra, year=str(ledger.year)).assign(region=list(ledger.zones.index))
    return pd.concat([made, zones], ignore_index=True)


def told(found: Reconciliation) -> str:
    return "\n".join([*(x.said() for x in found.differing), *(x.said() for x in found.unmatched)])


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_ledger_agrees_with_itself_as_printed(ledger: gep.Ledger, lang: str) -> None:
    found = reconcile(ledger, printed(ledger, lang))
    assert found.differing == (), told(found)
    assert found.unmatched == (), told(found)
    assert set(found.table["verdict"]) == {"inside"}


def one(found: Reconciliation, place: str) -> Any:
    """The line, or what is unmatched, of one row."""
    hits = [x for x in (*found.lines, *found.unmatched) if x.place == place]
    assert len(hits) == 1, told(found)
    return hits[0]


def test_a_gap_has_its_size_sign_and_cause(ledger: gep.Ledger) -> None:
    crops = float(ledger.total("亿元", service="crops"))
    livestock = float(ledger.total("亿元", service="livestock"))
    co2 = ledger.frame.query("service == 'carbon_sequestration'")["quantity"].sum()
    rows = table(
        f"provisioning|农业产品|合计|||||{crops * 2:.4f}|亿元",
        f"provisioning|畜牧业产品||||||{livestock * 10:.3f}|亿元",
        f"regulating|carbon sequestration|CO2|{co2 * 12 / 44:.3f}|t",
    )
    found = reconcile(ledger, rows)
    twice, tenfold, carbon = (one(found, f"table:{i}") for i in (1, 2, 3))
    assert twice.verdict == "outside"
    assert twice.gap == pytest.approx(-crops, rel=1e-3)
    assert twice.relative == pytest.approx(-0.5, rel=1e-3)
    assert tenfold.causes[0].key == "ratio-10"
    assert [c.key for c in carbon.causes] == ["ratio-44/12"]
    assert found.lines[0].place == "table:3"
    assert abs(found.lines[0].relative) > abs(found.lines[1].relative) > abs(found.lines[2].relative)


def test_the_rounding_of_a_printed_quantity_is_carried_on(
    tables: tuple[gep.Zones, gep.Inputs], demo: gep.Profile, case: Any
) -> None:
    zones, inputs = tables
    ledger = case.compile(inputs, zones, profile=demo.only("crops", "livestock"))
    # crops are 18 and 2 (1e4 t) at 2 and 2.5 CNY/kg; a quantity printed as 18 may have been 18.4
    rows = table(
        "provisioning|农业产品|maize|18|万t|2|CNY/kg|3.68|亿元",
        "provisioning|农业产品|wheat|2.0|万t|2.5|CNY/kg|0.5|亿元",
        "provisioning|畜牧业产品||||||3.000|亿元",
        "total||GEP|||||7.18|亿元",
        "context||share 农业产品|58.2|%",
        year="2010",
    )
    found = reconcile(ledger, rows)
    verdicts = {(x.place, x.measure): x.verdict for x in found.lines}
    assert verdicts["table:1", "quantity"] == verdicts["table:1", "price"] == "inside"
    assert verdicts["table:1", "value"] == "rounding"
    assert verdicts["table:4", "value"] == "rounding"
    assert verdicts["table:5", "share"] == "rounding"
    without = reconcile(ledger, rows.assign(physical_value=["", "", "", "", "58.2"]))
    assert {x.verdict for x in without.lines if x.place in ("table:1", "table:4")} == {"inside", "outside"}


def test_places_are_found_by_code_name_and_level(ledger: gep.Ledger) -> None:
    value = float(ledger.total("亿元", zone="150105102"))
    county = float(ledger.total("亿元", county="甲县"))
    rows = [f"total||GEP|||||{v:.4f}|亿元" for v in (value, value, county, value, value)]
    frame = table(*rows).assign(region=["150105102", "西乡", "甲县", "东镇", "别处"])
    found = reconcile(
        ledger, pd.concat([frame, table("total||GEP|||||1|亿元", region="全区")], ignore_index=True)
    )
    assert {x.region: x.verdict for x in found.lines if x.region} == {
        "150105102": "inside",
        "西乡": "inside",
        "甲县": "inside",
    }
    assert one(found, "table:4").candidates == ("150105101", "150105104")
    assert "neither the region" in one(found, "table:5").why.en


def test_the_one_region_that_is_no_zone_is_the_whole(ledger: gep.Ledger) -> None:
    total = f"{ledger.total('亿元'):.4f}"
    found = reconcile(ledger, table(f"total||GEP|||||{total}|亿元", region="某地 Somewhere"))
    assert one(found, "table:1").verdict == "inside"


@pytest.mark.parametrize(
    ("row", "more", "said"),
    [
        ("total||GEP|||||1|亿元", {"year": "2011"}, "of 2011"),
        ("total||GEP|||||1|亿美元", {}, "USD_2010"),
        ("total||GEP|||||1|亿元（2015年价）", {}, "CNY_2015"),
        ("total||GEP (other scope)|||||1|亿元", {}, "another scope"),
        ("regulating|噪声消减||||||1|亿元", {}, "no noise_reduction"),
        ("regulating|魔法服务||||||1|亿元", {}, "nothing in the ledger"),
        ("provisioning|农业产品|大麦|3|万t", {}, "may be any of"),
        ("provisioning|农业产品|maize|18|亿m3", {}, "kind of unit"),
        ("cultural|旅游康养||50|万人次", {}, "no quantity"),
        ("regulating|水源涵养|冰川|||||1|亿元", {}, "no water_conservation@glacier"),
        ("regulating|水源涵养|固碳量|||||1|亿元", {}, "may be any of"),
        ("context||growth|5|%", {}, "change between years"),
        ("context||居民收入|||||5|亿元", {}, "keeps no such figure"),
        ("context||share wetland|5|%", {}, "not clear"),
        ("context||share forest|5|%", {}, "of value or of land"),
    ],
)
def test_what_cannot_be_compared_is_listed_with_its_reason(
    ledger: gep.Ledger, row: str, more: dict[str, str], said: str
) -> None:
    found = reconcile(ledger, table(row, **more))
    left = one(found, "table:1")
    assert left.side == "published"
    assert said in left.why.en
    assert left.why.zh
    assert left.said("zh") in found.report("zh")


def test_lines_that_stand_for_one_part_are_listed_and_a_total_beside_them_stays(ledger: gep.Ledger) -> None:
    crops = float(ledger.total("亿元", service="crops"))
    maize = float(ledger.total("亿元", item="maize"))
    rows = [
        f"provisioning|农业产品|{n}|||||{v:.4f}|亿元"
        for n, v in (("玉米", maize), ("maize", maize), ("合计", crops))
    ]
    found = reconcile(ledger, table(*rows))
    assert one(found, "table:3").verdict == "inside"
    assert {one(found, f"table:{i}").candidates for i in (1, 2)} == {("crops.output.maize",)}


def test_one_line_of_a_service_is_not_taken_for_another_item(
    tables: tuple[gep.Zones, gep.Inputs], demo: gep.Profile, case: Any
) -> None:
    zones, _ = tables
    rows = case.rows_with(
        crop_output=[("", "maize", 18.0, "万t/year")], crop_price=[("", "maize", 2.0, "CNY_2010/kg")]
    )
    inputs = gep.Inputs(
        tables=[case.long_table([r for r in rows if r[0].startswith("crop")])], status="published"
    )
    made = case.compile(inputs, zones, profile=demo.only("crops"))
    found = reconcile(made, table("provisioning|农业产品|大麦|3|万t", "provisioning|农业产品|玉米|18|万t"))
    assert one(found, "table:1").candidates == ("crops.output.maize",)
    assert one(found, "table:2").verdict == "inside"


def test_what_the_ledger_has_and_nobody_printed_is_listed(ledger: gep.Ledger) -> None:
    found = reconcile(ledger, table("provisioning|农业产品|maize|18|万t", "total||GEP|||||1|亿元"))
    silent = {x.name for x in found.unmatched if x.side == "ledger"}
    assert silent == {
        "crops.output.wheat", "livestock", "water_conservation", "soil_retention", "carbon_sequestration",
        "tourism",
    }  # fmt: skip
    assert set(found.left["side"]) == {"ledger"}


def test_a_mapping_settles_what_names_do_not(ledger: gep.Ledger) -> None:
    crops, wheat = (float(ledger.total("亿元", **w)) for w in ({"service": "crops"}, {"item": "wheat"}))
    water = float(ledger.total("亿元", service="water_conservation"))
    zone = float(ledger.total("亿元", zone="150105103"))
    rows = table(
        f"provisioning|甲类||||||{crops:.4f}|亿元",
        f"provisioning|乙类|次级|||||{wheat:.4f}|亿元",
        f"regulating|丙类||||||{crops + water:.4f}|亿元",
        f"context|丁|数|{float(ggi(ledger)):.4f}|ratio",
        f"context|戊|||||{zone:.4f}|亿元".replace("|||||", "||||||"),
        "context|己|值|||||5|亿元",
    )
    found = reconcile(
        ledger,
        rows,
        mapping={
            "甲类": "crops",
            ("乙类", "次级"): "crops.output.wheat",
            "丙类": ["crops", {"service": "water_conservation"}],
            "数": ggi(ledger),
            "戊": {"zone": "南乡"},
            "table:6": None,
        },
    )
    assert {x.place: x.verdict for x in found.lines} == {f"table:{i}": "inside" for i in range(1, 6)}, told(
        found
    )
    assert one(found, "table:6").why.en == "left out by the mapping"


def test_a_mapping_that_fits_nothing_is_refused_all_at_once(ledger: gep.Ledger) -> None:
    rows = table("total||GEP|||||1|亿元")
    with pytest.raises(LedgerError) as caught:
        reconcile(ledger, rows, mapping={"nobody": "crops", "GEP": "magic"})
    assert len(caught.value.faults) == 2
    with pytest.raises(LedgerError, match="units of one kind"):
        reconcile(ledger, rows, mapping={"GEP": ggi(ledger)})
    with pytest.raises(TableError):
        reconcile(ledger, pd.DataFrame({"x": [1]}))


def test_bounds_are_open_on_one_side(ledger: gep.Ledger) -> None:
    total = float(ledger.total("亿元"))
    found = reconcile(
        ledger, table(f"context|GEP|下限|||||{total - 1:.2f}|亿元", f"context|GEP||||||≤{total - 1:.2f}|亿元")
    )
    above, below = one(found, "table:1"), one(found, "table:2")
    assert (above.verdict, above.gap) == ("inside", 0.0)
    assert below.verdict == "outside"
    assert below.gap == pytest.approx(1.0, abs=0.01)


def test_holes_are_said_and_a_ledger_without_a_value_is_missing(
    holed: gep.Ledger, ledger: gep.Ledger
) -> None:
    name = "regulating|水源涵养||||||0.1|亿元"
    assert "not covered" in "; ".join(one(reconcile(holed, table(name)), "table:1").notes)
    frame = ledger.frame.copy()
    frame.loc[frame["service"] == "soil_retention", ["quantity", "value"]] = float("nan")
    empty = gep.Ledger(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta, ledger.extent)
    line = one(reconcile(empty, table("regulating|土壤保持||||||0.1|亿元")), "table:1")
    assert line.verdict == "missing"
    assert pd.isna(line.gap)
    assert "have no value" in "; ".join(line.notes)


def test_zero_and_tolerance(ledger: gep.Ledger) -> None:
    total = float(ledger.total("亿元"))
    rows = table("regulating|水源涵养||||||0|亿元", f"total||GEP|||||{total * 1.01:.4f}|亿元")
    assert one(reconcile(ledger, rows), "table:1").verdict == "inside"
    assert one(reconcile(ledger, rows), "table:2").verdict == "outside"
    assert one(reconcile(ledger, rows, tolerance=0.02), "table:2").verdict == "inside"


def test_the_report_speaks_both_languages(ledger: gep.Ledger) -> None:
    found = reconcile(ledger, printed(ledger, "zh").replace("3.0000", "9.0000"))
    assert "一致" in found.report("zh")
    assert "agrees" in str(found)
    with pytest.raises(LedgerError, match="no names"):
        found.report("fr")  # type: ignore[arg-type]
    assert list(found.table["verdict"]).count("inside") == sum(x.verdict == "inside" for x in found.lines)
