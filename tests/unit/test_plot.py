"""Figures of a ledger: right numbers, nothing cut off, nothing hidden, one colour for one thing."""

import math

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gep
from gep.errors import LedgerError, ZoneError
from gep.ledger import Ledger, Meta

matplotlib = pytest.importorskip("matplotlib")
matplotlib.use("Agg")

from matplotlib import pyplot as plt  # noqa: E402
from matplotlib.colors import to_hex  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.patches import Rectangle  # noqa: E402
from matplotlib.text import Text  # noqa: E402

from gep import plot  # noqa: E402
from gep.plot import style, treemap  # noqa: E402
from gep.plot.maps import class_limits, class_of  # noqa: E402

NAN = float("nan")
REGION = "Demo"
SERVICES = {
    "crops": ("provisioning", "Crops"),
    "livestock": ("provisioning", "Livestock products"),
    "soil_retention": ("regulating", "Soil retention"),
    "carbon_sequestration": ("regulating", "Carbon sequestration"),
    "flood_mitigation": ("regulating", "Flood mitigation"),
    "species_conservation": ("regulating", "Species conservation"),
    "tourism": ("cultural", "Tourism"),
}
#: zone, ecosystem, service, value in 1e8 USD; tourism is known for the region alone.
ROWS = [
    ("a", "cropland", "crops", 3.0),
    ("b", "cropland", "crops", 1.5),
    ("a", "forest", "soil_retention", 4.0),
    ("b", "forest", "soil_retention", NAN),
    ("a", "forest", "carbon_sequestration", -0.5),
    ("b", "marsh", "flood_mitigation", NAN),
    ("a", "forest", "species_conservation", 9.0),
    (REGION, "", "tourism", 2.25),
]


def ledger_of(rows=ROWS, *, status="published", zones=("a", "b"), price_year="USD_2020"):
    """A ledger of values alone, in 1e8 of its currency."""
    categories = [SERVICES[s][0] for _, _, s, _ in rows]
    frame = pd.DataFrame(rows, columns=["zone", "ecosystem", "service", "value"]).assign(
        year=2021, category=categories, indicator="all", item="", quantity=NAN, quantity_unit="",
        price=NAN, price_unit="", price_year=price_year, status=status, coefficient_status="", spread="",
        run="r",
    )  # fmt: skip
    frame["value"] *= 1e8
    table = pd.DataFrame(
        {
            "name": [f"Zone {z.upper()}" for z in zones],
            "county": ["North" if i < 1 else "South" for i, _ in enumerate(zones)],
            "area_m2": [2e6 * (i + 1) for i, _ in enumerate(zones)],
            "population": [100.0 * (i + 1) for i, _ in enumerate(zones)],
        },
        index=pd.Index(list(zones), name="code"),
    )
    labels = {f"service:{code}": {"en": en, "zh": en} for code, (_, en) in SERVICES.items()}
    labels |= {f"category:{c}": {"en": c.title(), "zh": c.title()} for c in ("provisioning", "regulating")}
    holes = [("soil_retention", "b", "forest", "precipitation missing", 1.5e6, 10)]
    coverage = pd.DataFrame(holes, columns=["service", "zone", "ecosystem", "cause", "area_m2", "cells"])
    meta = Meta({"id": "demo"}, REGION, "0", [], [], {}, [], labels)
    return Ledger(frame, table, {}, coverage, meta)


@pytest.fixture(autouse=True)
def closed():
    before = matplotlib.rcParams.copy()
    yield
    assert dict(matplotlib.rcParams) == dict(before)
    plt.close("all")


@pytest.fixture
def account():
    return ledger_of()


@pytest.fixture
def zones():
    """Zone a is the left two columns, b the third; the last column is outside."""
    labels = np.tile([1, 1, 2, 0], (4, 1))
    place = {"y": 40.0 - 0.1 * np.arange(4), "x": 110.0 + 0.1 * np.arange(4)}
    raster = gep.set_crs(xr.DataArray(labels, place, ("y", "x")), "EPSG:4326")
    table = pd.DataFrame({"code": ["a", "b"], "name": ["Zone A", "Zone B"], "label": [1, 2]})
    return gep.Zones.from_labels(raster, table, nodata=0, region=REGION)


def texts(ax):
    return [t.get_text() for t in ax.findobj(Text) if t.get_visible() and t.get_text()]


def by_gid(ax, gid):
    return [p for p in ax.patches if p.get_gid() == gid]


def notes(ax):
    return "\n".join(t.get_text() for t in ax.texts if t.get_gid() == "notes")


def assert_fits(ax):
    """Nothing that is drawn leaves the figure, and no two texts overlap."""
    figure = ax.figure
    figure.canvas.draw()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert box.x0 > -0.02
    assert box.y0 > -0.02
    assert box.x1 < width + 0.02
    assert box.y1 < height + 0.02
    undrawn = {id(label) for one in figure.axes for axis in (one.xaxis, one.yaxis) for label in beyond(axis)}
    known = [
        (text.get_text(), text.get_window_extent().padded(-1.0))
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and id(text) not in undrawn
    ]
    for i, (one, place) in enumerate(known):
        for other, another in known[i + 1 :]:
            assert not place.overlaps(another), (one, other)


def beyond(axis):
    """Labels of ticks that lie outside the axes and are never drawn."""
    low, high = sorted(axis.get_view_interval())
    return [t.label1 for t in axis.get_major_ticks() if not low <= t.get_loc() <= high]


# Bars and treemap ---------------------------------------------------------------------------------


def test_bars_have_the_values_and_their_labels(account):
    ax = plot.services(account)
    assert by_gid(ax, "crops")[0].get_width() == pytest.approx(4.5)
    assert by_gid(ax, "carbon_sequestration")[0].get_width() == pytest.approx(-0.5)
    # with a value below zero shares would not be parts of a whole
    assert {"4.50", "4.00", "-0.50", "2.25"} <= set(texts(ax))
    names = [t.get_text() for t in ax.get_yticklabels()]
    assert names == ["Crops", "Soil retention", "Carbon sequestration", "Flood mitigation", "Tourism"]
    assert ax.get_xlabel() == "value (10⁸ USD)"
    assert ax.get_title(loc="left") == "Demo 2021, value of ecosystem services: 10.25 × 10⁸ USD"
    assert_fits(ax)


def test_a_missing_value_is_hatched_and_named_and_never_a_bar(account):
    ax = plot.services(account)
    assert not by_gid(ax, "flood_mitigation")
    (gap,) = by_gid(ax, "no data")
    assert gap.get_hatch()
    legend = [t.get_text() for t in ax.get_legend().get_texts()]
    assert legend == ["Provisioning 4.50", "Regulating 3.50", "cultural 2.25", "no data"]
    assert "flood_mitigation" not in notes(ax)


def test_notes_tell_prices_gaps_and_intermediate_services(account):
    told = notes(plot.services(account, notes=["a line of my own"]))
    assert "in prices of 2020 (USD)" in told
    assert "rows without a value, not counted: Soil retention 1, Flood mitigation 1" in told
    assert "area not covered: Soil retention 1.50; km²" in told
    assert "intermediate services, not counted: Species conservation 9.00; 10⁸ USD" in told
    assert told.endswith("a line of my own")
    assert "illustrative" not in told


def test_illustrative_data_are_told():
    told = notes(plot.services(ledger_of(status="illustrative")))
    assert "services resting on illustrative data: 6 of 6" in told


def test_shares_are_of_the_total():
    rows = [
        ("a", "cropland", "crops", 3.0),
        ("a", "forest", "soil_retention", 1.0),
        ("b", "", "livestock", 1e-4),
    ]
    shown = texts(plot.services(ledger_of(rows)))
    assert {"3.00 (75.0%)", "1.00 (25.0%)", "0.0001 (<0.1%)"} <= set(shown)


@pytest.mark.parametrize("kind", ["bar", "treemap"])
def test_small_services_become_one_and_are_named(account, kind):
    ax = plot.services(account, kind=kind, most=2)
    assert "other (3): Tourism, Carbon sequestration" not in notes(ax)
    assert "other (3): " in notes(ax)
    for name in ("Soil retention", "Tourism", "Carbon sequestration"):
        assert name in notes(ax)
    (other,) = by_gid(ax, "other")
    if kind == "bar":
        # 4 + 2.25 - 0.5; the service without a value stays by itself
        assert other.get_width() == pytest.approx(5.75)
        assert by_gid(ax, "no data")


def test_areas_of_a_treemap_are_the_values(account):
    ax = plot.services(account, kind="treemap")
    area = {p.get_gid(): p.get_width() * p.get_height() for p in ax.patches if isinstance(p, Rectangle)}
    assert set(area) == {"crops", "soil_retention", "tourism"}
    assert area["soil_retention"] / area["crops"] == pytest.approx(4.0 / 4.5)
    assert sum(area.values()) == pytest.approx(1.5)
    assert "below zero, which a treemap cannot show: Carbon sequestration -0.500" in notes(ax)
    assert "no data: Flood mitigation" in notes(ax)
    assert_fits(ax)


def test_what_has_no_room_in_a_treemap_is_numbered_in_the_legend():
    rows = [
        ("a", "forest", "soil_retention", 1000.0),
        ("a", "cropland", "crops", 1.0),
        ("b", "", "tourism", 0.5),
    ]
    ax = plot.services(ledger_of(rows), kind="treemap")
    legend = [t.get_text() for t in ax.get_legend().get_texts()]
    assert "1  Crops 1 (0.1%)" in legend
    assert "2  Tourism 0.5 (<0.1%)" in legend
    assert_fits(ax)


@pytest.mark.parametrize("sizes", [[1.0], [5.0, 3.0, 2.0, 2.0, 1.0, 1e-6], [1.0] * 7])
def test_squarify_fills_the_box_without_overlap(sizes):
    boxes = treemap.squarify(sizes, (1.0, 2.0, 3.0, 2.0))
    areas = [w * h for _, _, w, h in boxes]
    assert areas == pytest.approx([6.0 * s / sum(sizes) for s in sizes], rel=1e-9)
    for x, y, w, h in boxes:
        assert 1.0 - 1e-9 <= x <= x + w <= 4.0 + 1e-9
        assert 2.0 - 1e-9 <= y <= y + h <= 4.0 + 1e-9
    for i, (x, y, w, h) in enumerate(boxes):
        for u, v, p, q in boxes[i + 1 :]:
            apart = (u - x - w, x - u - p, v - y - h, y - v - q)
            assert max(apart) > -1e-9


def test_one_category_has_one_colour_everywhere(account):
    bar = by_gid(plot.services(account), "crops")[0].get_facecolor()
    tree = by_gid(plot.services(account, kind="treemap"), "crops")[0].get_facecolor()
    assert to_hex(bar) == to_hex(tree) == style.colour("category", "provisioning").lower()
    kinds = {c: style.colour("category", c) for c in ("provisioning", "regulating", "cultural")}
    assert len(set(kinds.values())) == 3
    assert style.colour("service", "crops") != style.colour("service", "livestock")
    assert style.colour("user", "my own") == style.colour("user", "my own")


def test_unknown_kind_and_language_are_refused(account):
    with pytest.raises(LedgerError, match="'bar' or 'treemap'"):
        plot.services(account, kind="pie")
    with pytest.raises(LedgerError, match="no names in 'fr'"):
        plot.services(account, lang="fr")


# Axes of one's own --------------------------------------------------------------------------------


def test_given_axes_are_drawn_on_and_returned(account, zones):
    figure = Figure(figsize=(14, 10), layout="constrained")
    axes = figure.subplots(2, 2).ravel()
    made = [
        plot.services(account, axes[0]),
        plot.services(account, axes[1], kind="treemap"),
        plot.heatmap(account, ax=axes[2]),
        plot.zone_map(account, zones, axes[3]),
    ]
    assert made == list(axes)
    assert len(figure.axes) == 4
    assert not plt.get_fignums()
    assert_fits(axes[0])


def test_alt_text_is_a_sentence_with_the_largest_values(account):
    text = plot.alt_text(plot.services(account))
    assert text == (
        "Demo 2021, value of ecosystem services (10⁸ USD): Crops 4.50, Soil retention 4.00, Tourism 2.25;"
        " total 10.25; no data: Flood mitigation."
    )
    with pytest.raises(LedgerError, match="no description"):
        plot.alt_text(Figure().subplots())


# Heat map -----------------------------------------------------------------------------------------


def test_heatmap_tells_value_missing_and_no_row_apart(account):
    ax = plot.heatmap(account)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["Zone A", "Zone B"]
    rows = [t.get_text() for t in ax.get_yticklabels()]
    assert rows == ["Crops", "Soil retention", "Carbon sequestration", "Flood mitigation"]
    cells = {t.get_position(): t.get_text() for t in ax.texts if t.get_gid() != "notes"}
    assert cells[0, 0] == "3.00"
    assert cells[1, 0] == "1.50"
    assert cells[0, 1] == "4.00"
    assert cells[0, 3] == "–"  # no flood mitigation in a
    assert (1, 1) not in cells  # missing: hatched
    assert by_gid(ax, "1,1")[0].get_hatch()
    assert not by_gid(ax, "3,0")
    assert "–: no such row in the account" in notes(ax)
    assert_fits(ax)


def test_what_is_not_allocated_to_zones_is_told(account, zones):
    for ax in (plot.heatmap(account), plot.heatmap(account, columns="county"), plot.zone_map(account, zones)):
        assert "not allocated to zones: Tourism 2.25; 10⁸ USD" in notes(ax)
    assert "not allocated" not in notes(plot.heatmap(account, columns="ecosystem"))


def test_heatmap_by_level_and_ecosystem_adds_up(account):
    ax = plot.heatmap(account, "category", "county")
    cells = {t.get_position(): t.get_text() for t in ax.texts if t.get_gid() != "notes"}
    assert cells == {(0, 0): "3.00", (1, 0): "1.50", (0, 1): "3.50"}
    ax = plot.heatmap(account, "ecosystem", "service")
    assert [t.get_text() for t in ax.get_yticklabels()][-1] == "(not attributed)"


def test_heatmap_folds_many_columns_and_keeps_the_sum():
    names = [chr(ord("a") + i) for i in range(8)]
    rows = [(z, "cropland", "crops", float(i + 1)) for i, z in enumerate(names)]
    ax = plot.heatmap(ledger_of(rows, zones=names), most=4)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["Zone F", "Zone G", "Zone H", "other (5)"]
    cells = {t.get_position(): t.get_text() for t in ax.texts if t.get_gid() != "notes"}
    assert cells[3, 0] == "15.00"
    assert "other (5): Zone E, Zone D, Zone C, Zone B, Zone A" in notes(ax)


def test_heatmap_refuses_what_it_cannot_draw(account):
    with pytest.raises(LedgerError, match="both 'zone'"):
        plot.heatmap(account, "zone", "zone")
    with pytest.raises(LedgerError, match="no key"):
        plot.heatmap(account, "service", "parish")
    with pytest.raises(LedgerError, match="no value is known by zone"):
        plot.heatmap(ledger_of([(REGION, "", "tourism", 2.0)]))


# Map ----------------------------------------------------------------------------------------------


def test_map_shows_values_borders_and_a_round_scale(account, zones):
    ax = plot.zone_map(account, zones)
    shown = texts(ax)
    assert "Zone A\n6.50" in shown
    assert "Zone B\n1.50" in shown
    (bar,) = [line for line in ax.lines if line.get_gid() == "scale"]
    length = np.ptp(bar.get_xdata())
    told = next(t for t in shown if t.endswith(" km"))
    # one degree of longitude at 39.85 degrees north is 85.5 km on the ellipsoid
    assert length * 85.5 == pytest.approx(float(told.removesuffix(" km")), rel=0.002)
    image = ax.images[0].get_array()
    assert image.shape[:2] == (4, 3)  # the column outside all zones is cut off
    assert to_hex(image[0, 0]) == to_hex(image[3, 1]) != to_hex(image[0, 2])
    assert ax.images[0].get_extent() == pytest.approx([109.95, 110.25, 39.65, 40.05])
    assert ax.get_aspect() == pytest.approx(111.03 / 85.5, rel=0.001)
    assert_fits(ax)


def test_rows_from_south_to_north_give_the_same_map(account, zones):
    up = xr.DataArray(np.array([[1, 2], [1, 1]]), {"y": [39.0, 40.0], "x": [110.0, 111.0]}, ("y", "x"))
    table = pd.DataFrame({"code": ["a", "b"], "name": ["A", "B"], "label": [1, 2]})
    images = []
    for raster in (up, up.isel(y=slice(None, None, -1))):
        made = gep.Zones.from_labels(gep.set_crs(raster, "EPSG:4326"), table, nodata=0, region=REGION)
        images.append(np.asarray(plot.zone_map(account, made).images[0].get_array()))
    assert np.array_equal(*images)
    assert not np.array_equal(images[0][1, 1], images[0][0, 1])  # b lies in the south-east


def test_map_of_a_service_hatches_missing_and_leaves_white_what_has_no_row(account, zones):
    ax = plot.zone_map(account, zones, service="soil_retention")
    image = ax.images[0].get_array()
    assert to_hex(image[0, 2]) == style.missing()["facecolor"].lower()
    assert any(p.get_gid() == "no data" and p.get_hatch() for p in ax.patches)
    assert "no data" in [t.get_text() for t in ax.get_legend().get_texts()]
    assert "area not covered: Soil retention 1.50; km²" in notes(ax)
    ax = plot.zone_map(account, zones, service="flood_mitigation")
    assert to_hex(ax.images[0].get_array()[0, 0]) == "#ffffff"
    assert "–: no such row in the account" in notes(ax)


@pytest.mark.parametrize(("unit", "a"), [("10^4 USD/km2", "32,500"), ("USD/person", "6,500,000")])
def test_map_per_area_and_per_head(account, zones, unit, a):
    ax = plot.zone_map(account, zones, unit=unit)
    assert f"Zone A\n{a}" in texts(ax)
    assert "not allocated to zones: Tourism" in notes(ax)


def test_map_by_level(account, zones):
    ax = plot.zone_map(account, zones, by="county")
    assert "North\n6.50" in texts(ax)
    with pytest.raises(LedgerError, match="zone or county"):
        plot.zone_map(account, zones, by="parish")


def test_zones_without_room_for_a_label_are_told():
    labels = np.ones((40, 40), int)
    labels[0, 0] = 2
    place = {"y": 40.0 - 0.01 * np.arange(40), "x": 110.0 + 0.01 * np.arange(40)}
    raster = gep.set_crs(xr.DataArray(labels, place, ("y", "x")), "EPSG:4326")
    table = pd.DataFrame({"code": ["a", "b"], "name": ["Zone A", "Zone B"], "label": [1, 2]})
    ax = plot.zone_map(ledger_of(), gep.Zones.from_labels(raster, table, region=REGION))
    assert "not labelled on the map: Zone B 1.50; 10⁸ USD" in notes(ax)
    assert not any(t.startswith("Zone B") for t in texts(ax) if "not labelled" not in t)


def test_large_rasters_are_thinned(account, monkeypatch, zones):
    monkeypatch.setattr("gep.plot.outlines._CELLS", 2)
    ax = plot.zone_map(account, zones)
    assert ax.images[0].get_array().shape[:2] == (2, 2)


def test_maps_from_polygons(account):
    geopandas = pytest.importorskip("geopandas")
    box = pytest.importorskip("shapely").box
    frame = geopandas.GeoDataFrame(
        {"code": ["a", "b", "elsewhere"]},
        geometry=[
            box(500000, 4400000, 530000, 4430000),
            box(530000, 4400000, 540000, 4430000),
            box(0, 0, 1, 1),
        ],
        crs="EPSG:32649",
    )
    ax = plot.zone_map(account, frame)
    assert "Zone A\n6.50" in texts(ax)
    assert len(by_gid(ax, "a")) == 1
    assert not by_gid(ax, "elsewhere")
    assert "10 km" in texts(ax)
    (bar,) = [line for line in ax.lines if line.get_gid() == "scale"]
    assert np.ptp(bar.get_xdata()) == pytest.approx(10000)
    assert_fits(ax)
    with pytest.raises(ZoneError, match="no column 'id'"):
        plot.zone_map(account, frame, code="id")
    with pytest.raises(ZoneError, match="no CRS"):
        plot.zone_map(account, geopandas.GeoDataFrame(frame, crs=None).set_crs(None, allow_override=True))
    with pytest.raises(ZoneError, match="no zone of the account"):
        plot.zone_map(account, frame.iloc[[2]])


def test_zones_without_a_shape_are_refused(account):
    areas = pd.DataFrame({"zone": ["a"], "ecosystem": ["forest"], "area": [1.0], "unit": ["km2"]})
    with pytest.raises(ZoneError, match="give polygons"):
        plot.zone_map(account, gep.Zones.from_areas(areas))
    with pytest.raises(LedgerError, match="no rows with service"):
        plot.zone_map(account, gep.Zones.from_areas(areas), service="magic")


def test_limits_hold_all_values():
    values = pd.Series([0.177, 0.19, 0.21, 0.26, 0.3, 0.33, 0.75, 2.48, 5.39, 9.37])
    limits = class_limits(values)
    assert limits == sorted(set(limits))
    assert limits[0] <= values.min()
    assert limits[-1] >= values.max()
    assert [class_of(v, limits) for v in values] == sorted(class_of(v, limits) for v in values)
    assert {class_of(v, limits) for v in values} == set(range(len(limits) - 1))
    assert class_limits(pd.Series([], dtype=float)) == []
    one = class_limits(pd.Series([3.0]))
    assert class_of(3.0, one) == 0
    assert class_limits(pd.Series([-1.23, 0.0])) == [-1.3, *class_limits(pd.Series([-1.23, 0.0]))[1:]]


# Languages ----------------------------------------------------------------------------------------


def test_every_word_is_there_in_both_languages():
    from gep.plot.words import data

    for key, entry in data()["words"].items():
        assert set(entry) == {"zh", "en"}, key
        fields = [sorted(part.split("}")[0] for part in text.split("{")[1:]) for text in entry.values()]
        assert fields[0] == fields[1], key


@pytest.mark.usefixtures("chinese_font")
def test_chinese_figures_draw_where_there_is_a_font(account, zones):
    ax = plot.services(account, lang="zh")
    assert ax.get_xlabel() == "价值（10⁸ USD）"
    assert_fits(ax)
    assert_fits(plot.zone_map(account, zones, lang="zh"))
    assert_fits(plot.heatmap(account, lang="zh"))


def test_yuan_are_shown_as_each_language_writes_them():
    ledger = ledger_of(price_year="CNY_2020")
    assert plot.services(ledger).get_xlabel() == "value (10⁸ CNY)"
    assert math.isclose(float(ledger.total("亿元")), 10.25)
