"""Figures of tables: changes, sensitivities, intervals, years and flows."""

import math

import numpy as np
import pandas as pd
import pytest

from gep.change import decompose
from gep.errors import LedgerError
from gep.seea import supply_use
from gep.years import Break

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.colors import to_hex  # noqa: E402
from matplotlib.text import Text  # noqa: E402

from gep import plot  # noqa: E402
from gep.plot import style  # noqa: E402

NAN = float("nan")


@pytest.fixture(autouse=True)
def closed():
    before = matplotlib.rcParams.copy()
    yield
    assert dict(matplotlib.rcParams) == dict(before)
    plt.close("all")


def texts(ax):
    ax.figure.canvas.draw()
    return [t.get_text() for t in ax.findobj(Text) if t.get_visible() and t.get_text()]


def notes(ax):
    return "\n".join(t.get_text() for t in ax.texts if t.get_gid() == "notes")


def by_gid(ax, gid):
    return [p for p in ax.patches if p.get_gid() == gid]


def assert_within(ax):
    """Nothing that is drawn leaves the figure (inches)."""
    figure = ax.figure
    figure.canvas.draw()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert box.x0 > -0.02
    assert box.y0 > -0.02
    assert box.x1 < width + 0.02
    assert box.y1 < height + 0.02


# Waterfall ----------------------------------------------------------------------------------------

CHANGE = pd.DataFrame(
    {
        "opening": [60.0, 40.0],
        "closing": [75.0, 41.0],
        "change": [15.0, 1.0],
        "quantity": [10.0, -14.0],
        "price": [3.0, 16.0],
        "structure": [2.0, -1.0],
        "inflation": [0.0, 0.0],
    },
    index=["forest", "cropland"],
)


def test_steps_lead_from_opening_to_closing():
    ax = plot.waterfall(CHANGE, unit="10^8 CNY")
    bars = {name: by_gid(ax, name)[0] for name in ("quantity", "price", "structure")}
    assert [b.get_height() for b in bars.values()] == [-4.0, 19.0, 1.0]
    assert [b.get_y() for b in bars.values()] == [100.0, 96.0, 115.0]
    assert {"100.00", "-4.00", "+19.00", "+1.00", "116.00"} <= set(texts(ax))
    labels = [t.get_text().replace("\n", " ") for t in ax.get_xticklabels()]
    assert labels == ["opening value", "quantity", "price", "composition of ecosystems", "closing value"]
    assert ax.get_title(loc="left") == "where the change comes from (10⁸ CNY); +16.0%"
    assert "total 16.00" in plot.alt_text(ax)
    assert_within(ax)


def test_a_step_without_a_value_is_hatched():
    ax = plot.waterfall(CHANGE.assign(other_cause=NAN))
    assert [b for b in ax.patches if b.get_hatch()]
    assert "no data" in texts(ax)
    assert "other cause" in [t.get_text() for t in ax.get_xticklabels()]


def test_steps_that_lead_elsewhere_are_refused():
    with pytest.raises(LedgerError, match="lead from 100 to 97, not to 116"):
        plot.waterfall(CHANGE.drop(columns="price"))
    with pytest.raises(LedgerError, match="no column 'opening'"):
        plot.waterfall(CHANGE.drop(columns="opening"))


@pytest.mark.usefixtures("chinese_font")
def test_a_change_of_two_ledgers_is_drawn_by_its_parts(ledger):
    frame = ledger.frame.assign(
        year=2011,
        quantity=ledger.frame["quantity"] * 1.1,
        price=ledger.frame["price"] * 1.2,
        value=ledger.frame["value"] * np.where(ledger.frame["quantity"].isna(), 1.5, 1.1 * 1.2),
    )
    later = type(ledger)(frame, ledger.zones, ledger.region, ledger.coverage, ledger.meta, ledger.extent)
    change = decompose(ledger, later)
    ax = plot.waterfall(change, unit="10^4 CNY")
    total = change.total / 1e4
    drawn = {b.get_gid(): b.get_height() for b in ax.patches if b.get_gid()}
    assert set(drawn) == {name for name in change.detail if total[name]}
    assert math.fsum(drawn.values()) == pytest.approx(total["change"])
    assert "constant prices" in notes(ax)


# Tornado and intervals ----------------------------------------------------------------------------

SWINGS = pd.DataFrame(
    {
        "factor": ["narrow", "wide", "one side", "unknown"],
        "low": [99.0, 80.0, 101.0, NAN],
        "high": [101.0, 130.0, 104.0, NAN],
        "base": 100.0,
    }
)


def test_a_tornado_has_the_widest_swing_on_top():
    ax = plot.tornado(SWINGS, unit="10^8 CNY")
    assert [t.get_text() for t in ax.get_yticklabels()] == ["wide", "one side", "narrow", "unknown"]
    ends = [(p.get_x(), p.get_x() + p.get_width()) for p in by_gid(ax, "low") + by_gid(ax, "high")]
    assert ends[0] == (100.0, 80.0) or ends[0] == (80.0, 100.0)
    assert {"80.00", "130.00", "104.00", "99.00", "no data"} <= set(texts(ax))
    assert "100.00 × 10⁸ CNY" in notes(ax)
    assert by_gid(ax, "no data")[0].get_hatch()
    assert_within(ax)


def test_a_tornado_names_what_it_leaves_out_and_needs_a_base():
    ax = plot.tornado(SWINGS, most=2)
    assert "factors not shown: narrow, unknown" in notes(ax)
    for table in (SWINGS.drop(columns="base"), SWINGS.assign(base=[1.0, 2.0, 3.0, 4.0])):
        with pytest.raises(LedgerError, match="not one base"):
            plot.tornado(table)
    plot.tornado(SWINGS.drop(columns="base"), base=100.0)


def test_a_tornado_takes_the_totals_and_not_the_ends_of_the_factor():
    table = pd.DataFrame(
        {"low": [0.1], "high": [0.2], "total_low": [8.0], "total_high": [12.0]},
        index=pd.Index(["share"], name="factor"),
    )
    table.attrs["units"] = "亿元 (CNY_2020)"
    ax = plot.tornado(table, base=10.0, unit="10^8 CNY")
    assert {"8.00", "12.00"} <= set(texts(ax))
    assert "in prices of 2020 (CNY)" in notes(ax)


def test_intervals_are_dots_and_whiskers():
    table = pd.DataFrame(
        {"value": [19.6, NAN, 1.2], "low": [17.0, NAN, NAN], "high": [24.0, NAN, NAN]},
        index=["total", "crops", "one"],
    )
    table.attrs |= {"units": "USD", "level": 0.9}
    ax = plot.intervals(table)
    whiskers = [line.get_xdata().tolist() for line in ax.lines if line.get_gid() == "whisker"]
    assert [list(map(float, w)) for w in whiskers] == [[17.0, 24.0]]
    assert [float(line.get_xdata()[0]) for line in ax.lines if line.get_gid() == "dot"] == [19.6, 1.2]
    assert "19.60 [17.00, 24.00]" in texts(ax)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["total", "Crops", "one"]
    assert len(by_gid(ax, "no data")) == 1
    assert "without an interval: one" in notes(ax)
    assert "intervals: 90%" in notes(ax)
    assert ax.get_xlabel() == "value (USD)"
    assert_within(ax)
    with pytest.raises(LedgerError, match="no column 'low'"):
        plot.intervals(table.drop(columns="low"))


# Years --------------------------------------------------------------------------------------------

WIDE = pd.DataFrame(
    {2015: [10.0, 50.0], 2016: [11.0, -2.0], 2018: [12.0, NAN], 2019: [13.0, 58.0]},
    index=["provisioning", "regulating"],
)


def test_years_are_stacked_and_summed():
    ax = plot.years(WIDE, unit="10^8 CNY")
    bars = {p.get_gid(): (p.get_y(), p.get_height()) for p in ax.patches if p.get_gid()}
    assert bars["provisioning 2015"] == (0.0, 10.0)
    assert bars["regulating 2015"] == (10.0, 50.0)
    assert bars["regulating 2016"] == (0.0, -2.0)
    # 2018 lacks a category: its sum is no total
    assert {"60.00", "9.00", "12.00+?", "71.00"} <= set(texts(ax))
    assert "no data 2018" in bars
    assert "2018 no data: Regulating services" in notes(ax)
    assert "years without an account: 2017" in notes(ax)
    faces = {to_hex(p.get_facecolor()) for p in ax.patches if str(p.get_gid()).startswith("prov")}
    assert faces == {style.colour("category", "provisioning").lower()}
    assert_within(ax)


def test_long_tables_and_tables_without_categories_are_taken():
    rows = [(y, c, v) for y, row in WIDE.T.iterrows() for c, v in row.items() if not math.isnan(v)]
    long = pd.DataFrame(rows, columns=["year", "category", "value"])
    assert "2018 no data: Regulating services" in notes(plot.years(long))
    ax = plot.years(pd.DataFrame({"year": [2020, 2019], "value": [3.0, 2.0]}))
    assert [t.get_text() for t in ax.get_xticklabels()] == ["2019", "2020"]
    assert by_gid(ax, "total 2020")[0].get_height() == 3.0


def test_categories_without_a_colour_of_their_own_differ():
    names = [f"category {i}" for i in range(8)]
    table = pd.DataFrame({2020: 1.0, 2021: 2.0}, index=names)
    ax = plot.years(table)
    faces = {name: to_hex(by_gid(ax, f"{name} 2020")[0].get_facecolor()) for name in names}
    assert len(set(faces.values())) == 8
    alone = plot.years(table.loc[names[:1]])
    assert to_hex(by_gid(alone, "category 0 2021")[0].get_facecolor()) == faces["category 0"]


def test_the_line_of_constant_prices_stops_at_a_break():
    breaks = [Break(2019, "scope", "tourism is counted"), 2016]
    ax = plot.years(WIDE, constant={2015: 60.0, 2016: 61.0, 2018: 62.0, 2019: 70.0}, breaks=breaks)
    (line,) = [one for one in ax.lines if one.get_label() == "total at constant prices"]
    y = np.asarray(line.get_ydata(), float)
    assert y[~np.isnan(y)].tolist() == [60.0, 61.0, 62.0, 70.0]
    assert np.isnan(y).sum() == 2
    dashed = sorted(float(one.get_xdata()[0]) for one in ax.lines if one.get_gid() == "break")
    assert dashed == [2015.5, 2018.5]
    assert "a break from 2019 on: scope, tourism is counted" in notes(ax)
    with pytest.raises(LedgerError, match="both sides of the break 2015"):
        plot.years(WIDE, breaks=[2015])


def test_what_is_no_series_is_refused():
    with pytest.raises(LedgerError, match="are no years"):
        plot.years(pd.DataFrame({"first": [1.0]}))
    with pytest.raises(LedgerError, match="no years"):
        plot.years(pd.DataFrame({"name": ["a"]}))


# Flows --------------------------------------------------------------------------------------------

FLOWS = pd.DataFrame(
    {
        "source": ["forest", "marsh", "forest", "cropland", "soil_retention", "crops", "desert"],
        "target": ["soil_retention", "soil_retention", "crops", "crops", "villages", "industry", "crops"],
        "value": [6.0, 2.0, NAN, 5.0, 5.0, 5.0, -1.0],
    }
)


def test_flows_are_as_wide_as_their_values():
    ax = plot.sankey(FLOWS, unit="10^8 CNY")
    node = {p.get_gid(): p for p in ax.patches if p.get_gid() in {*FLOWS["source"], *FLOWS["target"]}}
    assert "desert" not in node
    heights = {name: p.get_height() for name, p in node.items()}
    assert heights["soil_retention"] / heights["crops"] == pytest.approx(8.0 / 5.0)
    (band,) = by_gid(ax, "marsh>soil_retention")
    assert band.get_path().vertices[7, 1] - band.get_path().vertices[0, 1] == pytest.approx(heights["marsh"])
    assert [node[n].get_x() for n in ("forest", "crops", "industry")] == [0.0, 1.0, 2.0]
    assert to_hex(node["marsh"].get_facecolor()) == style.colour("ecosystem", "wetland").lower()
    assert {"Forest 6.00", "Soil retention 8.00", "villages 5.00"} <= set(texts(ax))
    assert_within(ax)


def test_missing_users_and_flows_are_told():
    ax = plot.sankey(FLOWS, unit="10^8 CNY")
    assert "without a user: Soil retention 3.00; 10⁸ CNY" in notes(ax)
    assert len(by_gid(ax, "open end")) == 1
    assert "no data: Forest → Crops" in notes(ax)
    assert "below zero, not drawn: Desert → Crops -1.00" in notes(ax)
    more = pd.DataFrame({"source": ["a", "b"], "target": ["b", "c"], "value": [1.0, 3.0]})
    assert "without a source: b 2.00" in notes(plot.sankey(more))


def test_small_nodes_of_a_column_become_one():
    table = pd.DataFrame({"source": list("abcd"), "target": ["t"] * 4, "value": [5.0, 1.0, 3.0, 0.5]})
    ax = plot.sankey(table, most=3)
    assert {"a 5.00", "c 3.00", "other (2) 1.50", "t 9.50"} <= set(texts(ax))
    assert "other (2): b, d" in notes(ax)


def test_flows_in_a_circle_or_none_are_refused():
    circle = pd.DataFrame({"source": ["a", "b"], "target": ["b", "a"], "value": [1.0, 1.0]})
    with pytest.raises(LedgerError, match="in a circle"):
        plot.sankey(circle)
    with pytest.raises(LedgerError, match="no flow above zero"):
        plot.sankey(circle.assign(value=0.0))
    with pytest.raises(LedgerError, match="no column 'value'"):
        plot.sankey(circle[["source", "target"]])


def test_supply_and_use_and_a_ledger_are_taken(ledger):
    both = supply_use(ledger, unit="10^4 CNY")
    ax = plot.sankey(both)
    assert max(p.get_x() for p in ax.patches if p.get_gid() == "government") == 2.0
    crops = by_gid(ax, "crops")[0].get_height()
    total = sum(by_gid(ax, s)[0].get_height() for s in both.supply.index[both.supply["total"] > 0])
    assert crops / total == pytest.approx(both.supply["total"]["crops"] / both.total())
    with pytest.raises(LedgerError, match="several units"):
        plot.sankey(supply_use(ledger, terms="physical"))
    assert "does not tell who uses" in notes(plot.sankey(ledger))
