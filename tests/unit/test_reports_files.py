"""Workbook, report, GeoPackage, Dataset and data package: opened again, they say the same."""

import csv
import hashlib
import json
import sys
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
import xarray as xr

import gep
from gep.coefficients import COLUMNS, CoefficientTable
from gep.errors import LedgerError, MissingExtra, ZoneError
from gep.files import RISKY
from gep.ledger import Ledger
from gep.reports import sheets, to_geopackage, workbook, yearbook_table
from gep.reports.book import Book
from gep.reports.contents import contents
from gep.reports.tables import Column, Row, Table, is_missing, value_of

CHAPTERS = ("tables", "method", "quality")


def rebuilt(ledger, frame=None, zones=None):
    kept, places = (ledger.frame if frame is None else frame), (ledger.zones if zones is None else zones)
    return Ledger(kept, places, ledger.region, ledger.coverage, ledger.meta, ledger.extent)


@pytest.fixture
def gappy(holed):
    frame = holed.frame.copy()
    lost = (frame["service"] == "livestock") & (frame["zone"] == "150105102")
    frame.loc[lost | (frame["service"] == "tourism"), "value"] = np.nan
    return rebuilt(holed, frame)


# Workbook ------------------------------------------------------------------------------------------


def opened(path):
    return pytest.importorskip("openpyxl").load_workbook(path)


@pytest.mark.parametrize(("lang", "unit"), [("zh", "万元"), ("en", "亿元")])
def test_a_workbook_holds_the_tables(gappy, tmp_path, lang, unit):
    book = opened(gappy.to_excel(tmp_path / "a.xlsx", lang=lang, unit=unit))
    tables = [t for section in contents(Book(gappy, lang, unit)).values() for t in section]
    assert book.sheetnames == [t.sheet for t in tables]
    for table in tables:
        sheet, first = book[table.sheet], sheets.first_row(table)
        assert [c.value for c in sheet[first - 1]][: len(table.columns)] == [
            c.heading(lang) for c in table.columns
        ]
        for i, row in enumerate(table.rows):
            for j, column in enumerate(table.columns):
                cell, content = sheet.cell(first + i, j + 1), row.cells.get(column.key)
                if is_missing(content):
                    assert cell.value is None
                    assert cell.comment.text
                elif isinstance(value_of(content), float):
                    assert cell.value == pytest.approx(value_of(content), rel=1e-15)
                    assert cell.data_type == "n"
        assert sheet.freeze_panes
    assert {"zh": "（万元，", "en": "(100 million CNY, "}[lang] in book.worksheets[1].cell(2, 9).value


def test_live_formulas_have_no_cached_value_and_cover_totals(gappy, tmp_path):
    book = opened(gappy.to_excel(tmp_path / "a.xlsx", lang="en", formulas=True))
    services = book["By service"]
    formulas = [c.value for row in services.iter_rows() for c in row if c.data_type == "f"]
    assert any(f.startswith("=SUM(I") for f in formulas)
    summary = {row[0].value: row[1].value for row in book["Summary"].iter_rows(min_row=3) if row[0].value}
    assert summary["Gross ecosystem product (GEP)"] == "=SUM(B4:B6)"
    assert summary["GEP per head"].startswith("=B3/B")
    assert summary["Material products"].startswith("=SUM('By service'!I")
    again = pytest.importorskip("openpyxl").load_workbook(tmp_path / "a.xlsx", data_only=True)
    assert again["Summary"]["B3"].value is None
    assert not any(
        c.data_type == "f" for s in opened(gappy.to_excel(tmp_path / "b.xlsx")) for r in s for c in r
    )


def test_text_of_users_is_no_formula(ledger, tmp_path):
    risky = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(1)"]
    zones = ledger.zones.assign(name=risky, county=["\t=1", "\r=1", "＝1", "a\x00\x0bb"])
    book = opened(rebuilt(ledger, zones=zones).to_excel(tmp_path / "a.xlsx"))
    texts = [c for sheet in book for row in sheet for c in row if isinstance(c.value, str)]
    assert not [c.value for c in texts if c.data_type == "f" or c.value.startswith(RISKY)]
    assert {f"'{text}" for text in risky} <= {c.value for c in texts}
    assert "ab" in {c.value for c in texts}


def test_sheet_names_are_ones_that_excel_takes(tmp_path):
    names = ["a/b:c*?[d]", "A B C   D ", "x" * 40, "x" * 40, "", "'q'"]
    tables = [
        Table(f"t{i}", n, "t", (Column("a", "A"),), (Row("r", {"a": "x"}),)) for i, n in enumerate(names)
    ]
    found = opened(sheets.write(tables, tmp_path / "a.xlsx")).sheetnames
    assert len({n.lower() for n in found}) == len(names)
    assert all(0 < len(n) <= 31 and not set(n) & set("[]:*?/\\'") for n in found)


def test_columns_are_wide_enough_for_what_they_show(ledger, tmp_path):
    sheet = opened(ledger.to_excel(tmp_path / "a.xlsx"))["分区域"]
    widths = {k: d.width for k, d in sheet.column_dimensions.items()}
    for row in sheet.iter_rows(min_row=3, max_row=3 + len(ledger.zones)):
        for cell in row:
            shown = f"{cell.value:,.2f}" if isinstance(cell.value, float) else str(cell.value or "")
            assert sheets.width(shown) < widths[cell.column_letter]


def test_other_names_and_missing_packages_are_refused(ledger, tmp_path, monkeypatch):
    with pytest.raises(LedgerError, match=r"ends in \.xlsx"):
        ledger.to_excel(tmp_path / "a.xls")
    with pytest.raises(LedgerError, match="no names in 'fr'"):
        workbook(ledger, tmp_path / "a.xlsx", lang="fr")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtra, match=r"gep\[excel\]"):
        ledger.to_excel(tmp_path / "a.xlsx")
    assert not list(tmp_path.iterdir())


def test_a_yearbook_table_as_a_sheet(ledger, tmp_path):
    frames = {y: rebuilt(ledger, ledger.frame.assign(year=y)) for y in (2010, 2011)}
    sheet = opened(yearbook_table(frames).to_excel(tmp_path / "y.xlsx", formulas=True)).active
    assert {"C2:D2", "E2:F2"} <= {str(m) for m in sheet.merged_cells.ranges}
    assert sheet["E4"].value.startswith("=SUM(")
    assert sheet["A4"].font.bold


# Report --------------------------------------------------------------------------------------------


class Page(HTMLParser):
    """Collects what a page is made of; void and unclosed elements are kept apart."""

    VOID = ("meta", "img", "br", "link")

    def __init__(self, text):
        super().__init__()
        self.tags, self.images, self.open, self.texts, self.bad = [], [], [], [], []
        self.tables = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "img":
            self.images.append(dict(attrs))
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.bad.append(tag)

    def handle_data(self, data):
        self.texts.append(data)
        if self.open and self.open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += data


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_report_without_figures(gappy, tmp_path, lang, monkeypatch):
    pytest.importorskip("jinja2")
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    path = gappy.report(tmp_path / "r.html", lang=lang, figures=False)
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert not page.open
    assert not page.bad
    assert "script" not in page.tags
    assert "http://" not in text.replace("http://www.w3.org", "")
    assert {"zh": "本报告不含图。", "en": "This report was written without figures."}[lang] in page.texts
    tables = [t for section in contents(Book(gappy, lang)).values() for t in section]
    assert len(page.tables) == len(tables)
    for table, found in zip(tables, page.tables, strict=True):
        for row, cells in zip(table.rows, found[1:], strict=bool(table.rows)):
            for column, shown in zip(table.columns, cells, strict=True):
                value = value_of(row.cells.get(column.key))
                if is_missing(row.cells.get(column.key)):
                    assert shown == "…"
                elif isinstance(value, float) and column.form != "share":
                    decimals = len(shown.partition(".")[2])
                    assert float(shown.replace(",", "").replace("−", "-")) == pytest.approx(
                        value, abs=0.5 * 10.0**-decimals + 1e-12
                    )
                elif isinstance(value, str):
                    assert shown.split() == value.split()
    with pytest.raises(MissingExtra, match="figures=False"):
        gappy.report(tmp_path / "s.html")


def test_a_report_with_figures(case, gappy, tmp_path):
    for package in ("jinja2", "matplotlib"):
        pytest.importorskip(package)
    rows = [("provisioning", "1.34"), ("regulating", "28.44"), ("cultural", "73.29"), ("total", "103.70")]
    table = pd.DataFrame(rows, columns=["category", "money_value"]).assign(
        service="all", money_unit="1e8 CNY"
    )
    path = gappy.report(tmp_path / "r.html", lang="en", zones=case.zones(), audit=gep.audit(table))
    page = Page(path.read_text(encoding="utf-8"))
    assert not page.bad
    assert len(page.images) >= 1
    for image in page.images:
        assert image["src"].startswith(("data:image/svg+xml;base64,", "data:image/png;base64,"))
        assert len(image["alt"]) > 20
        assert "元" not in image["alt"]
    assert "10⁸ CNY" in page.images[0]["alt"]
    assert path.stat().st_size < 2_000_000
    assert any("103.7" in text for text in page.texts)
    again = gappy.report(tmp_path / "s.html", lang="en", zones=case.zones(), audit=gep.audit(table))
    assert again.read_bytes() == path.read_bytes()


def test_a_report_escapes_what_users_wrote(ledger, tmp_path):
    pytest.importorskip("jinja2")
    zones = ledger.zones.assign(name=["<script>alert(1)</script>", "a&b", '"q"', "d"])
    text = rebuilt(ledger, zones=zones).report(tmp_path / "r.html", figures=False).read_text(encoding="utf-8")
    assert "<script" not in text
    assert "&lt;script&gt;" in text


def test_a_figure_that_cannot_be_drawn_says_why(ledger, tmp_path, monkeypatch):
    for package in ("jinja2", "matplotlib"):
        pytest.importorskip(package)
    from gep import plot

    def fails(*args, **kwargs):
        raise LedgerError("no font has 赛")

    monkeypatch.setattr(plot, "services", fails)
    text = ledger.report(tmp_path / "r.html", lang="en").read_text(encoding="utf-8")
    assert "This figure could not be drawn: no font has 赛" in text


# GeoPackage ----------------------------------------------------------------------------------------


def test_a_geopackage_of_zones_with_results(case, ledger, tmp_path):
    geopandas = pytest.importorskip("geopandas")
    pyogrio = pytest.importorskip("pyogrio")
    path = to_geopackage(ledger, case.zones(), tmp_path / "a.gpkg", unit="万元")
    assert {name for name, _ in pyogrio.list_layers(path)} == {"zones", "account", "about"}
    back = geopandas.read_file(path, layer="zones").set_index("code")
    assert list(back.index) == list(ledger.zones.index)
    by = ledger.by("zone", unit="万元")["value"]
    assert back["gep"].to_dict() == pytest.approx(by.drop("全区").to_dict())
    crops = ledger.by("zone", "service", unit="万元")["value"].xs("crops", level="service")
    assert back["gep_crops"].to_dict() == pytest.approx(crops.to_dict())
    assert back.geometry.is_valid.all()
    flat = back.to_crs("ESRI:54034").area / 1e6
    assert (flat / back["area_km2"]).between(0.999, 1.001).all()
    rows = pyogrio.read_dataframe(path, layer="account")
    assert rows["value"].sum() == pytest.approx(float(ledger.total("CNY")))
    about = pyogrio.read_dataframe(path, layer="about").set_index("name")["said"]
    assert "万元 (CNY_2010) are known for the region alone" in about["not_allocated"]
    to_geopackage(ledger, case.zones(), path)  # replaces what is there
    assert geopandas.read_file(path, layer="zones")["gep"].sum() == pytest.approx(by.drop("全区").sum() / 1e4)


def test_outlines_of_rows_from_south_to_north(case):
    pytest.importorskip("geopandas")
    north = case.zones()
    flipped = case.grid(case.labels)[::-1]
    south = gep.Zones.from_labels(flipped, north.table.reset_index(), nodata=0)
    pairs = zip(north.outlines(), south.outlines(), strict=True)
    assert all(a.symmetric_difference(b).area < 1e-12 for a, b in pairs)


def test_polygons_come_back_as_they_were_given(case, ledger, tmp_path):
    geopandas = pytest.importorskip("geopandas")
    given = case.zones().outlines().to_frame("geometry").reset_index(names="code")
    frame = geopandas.GeoDataFrame(given, crs="EPSG:4326").to_crs("EPSG:4490")
    zones = gep.Zones.from_polygons(frame, like=case.grid(case.labels), region="全区")
    assert zones.outlines().crs == frame.crs
    assert zones.outlines().geom_equals(frame.set_index("code").geometry).all()


def test_zones_without_a_shape_or_of_another_account_are_refused(case, ledger, tables, tmp_path):
    pytest.importorskip("geopandas")
    with pytest.raises(ZoneError, match="in one of ledger and zones"):
        to_geopackage(ledger, tables[0], tmp_path / "a.gpkg")
    with pytest.raises(ZoneError, match="have no shape"):
        tables[0].outlines()
    with pytest.raises(LedgerError, match=r"\.gpkg"):
        to_geopackage(ledger, case.zones(), tmp_path / "a.shp")
    assert not list(tmp_path.iterdir())


# Dataset -------------------------------------------------------------------------------------------


def test_a_dataset_holds_every_number(gappy):
    data = gappy.to_xarray()
    assert data.attrs["Conventions"].startswith("CF-")
    assert data.attrs["price_year"] == "CNY_2010"
    assert all(v.attrs["long_name"] for v in data.variables.values())
    assert all("units" in v.attrs for n, v in data.data_vars.items() if n != "value_flag")
    names = {v.attrs["line"]: n for n, v in data.data_vars.items() if "line" in v.attrs and "price_" not in n
             and not n.endswith("_price")}  # fmt: skip
    for row in gappy.frame.to_dict("records"):
        line = f"{row['service']}.{row['indicator']}" + (f"/{row['item']}" if row["item"] else "")
        where = {"zone": row["zone"], "ecosystem": row["ecosystem"]}
        np.testing.assert_equal(float(data["value"].sel(line=line, **where)), row["value"])
        assert int(data["value_flag"].sel(line=line, **where)) == (2 if np.isnan(row["value"]) else 1)
        if row["quantity_unit"]:
            for name, column in ((names[line], "quantity"), (f"{names[line]}_price", "price")):
                np.testing.assert_equal(float(data[name].sel(**where)), row[column])
                assert data[name].attrs["units"] == row[f"{column}_unit"]
    assert int((data["value_flag"] > 0).sum()) == len(gappy.frame)
    assert float(data["area_m2"].sum()) == pytest.approx(gappy.zones["area_m2"].sum())
    assert data["service"].sel(line="crops.output/maize") == "crops"


def test_a_dataset_comes_back_from_netcdf(gappy, tmp_path):
    pytest.importorskip("netCDF4")
    data = gappy.to_xarray()
    data.to_netcdf(tmp_path / "a.nc")
    with xr.open_dataset(tmp_path / "a.nc") as back:
        xr.testing.assert_equal(back.load(), data)
        assert {k: v for k, v in back.attrs.items() if k in data.attrs} == dict(data.attrs)
        for name in data.variables:
            for key, value in data[name].attrs.items():
                np.testing.assert_array_equal(back[name].attrs[key], value)


def test_lines_of_one_name_do_not_meet(ledger):
    frame = ledger.frame.copy()
    frame.loc[frame["item"] == "maize", "item"] = "a b"
    frame.loc[frame["item"] == "wheat", "item"] = "a-b"
    data = rebuilt(ledger, frame).to_xarray()
    assert {"crops_output_a_b", "crops_output_a_b_2"} <= set(data.data_vars)


# Data package --------------------------------------------------------------------------------------


def test_a_data_package_can_be_checked_and_loaded(tmp_path):
    table = CoefficientTable.shipped(["garze-2010", "gong-2017"])
    path = table.to_datapackage(tmp_path / "package")
    package = json.loads(path.read_text(encoding="utf-8"))
    assert package["name"] == "gep-coefficients-garze-2010-gong-2017"
    assert [licence["name"] for licence in package["licenses"]] == ["Apache-2.0"]
    assert all(source["title"] for source in package["sources"])
    for resource in package["resources"]:
        content = (path.parent / resource["path"]).read_bytes()
        assert resource["bytes"] == len(content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        rows = list(csv.DictReader(content.decode("utf-8").splitlines()))
        fields = {f["name"]: f for f in resource["schema"]["fields"]}
        assert list(rows[0]) == list(fields)
        keys = [tuple(row[k] for k in resource["schema"]["primaryKey"]) for row in rows]
        assert len(set(keys)) == len(keys)
        for name, field in fields.items():
            values = [row[name] for row in rows]
            rules = field.get("constraints", {})
            assert all(values) or not rules.get("required")
            assert set(values) <= set(rules.get("enum", values))
            if field["type"] == "number":
                assert all(np.isfinite(float(v)) for v in values if v)
    sources, rows = package["resources"][1], package["resources"][0]
    assert rows["schema"]["foreignKeys"][0]["reference"]["resource"] == sources["name"]
    back = CoefficientTable.load(path.parent / "coefficients.csv")
    pd.testing.assert_frame_equal(back.frame[list(COLUMNS)], table.frame[list(COLUMNS)], check_dtype=False)


def test_a_table_of_ones_own_has_no_licence_that_nobody_gave(tmp_path):
    row = {"quantity": "soil_bulk_density", "value": 1.3, "unit": "t/m3", "source": "own survey"}
    row |= {"locator": "p. 1", "status": "estimated"}
    sources = {"own survey": {"title_en": 'A "survey"\n\\ of 2020', "issuer": "县", "year": 2020}}
    table = CoefficientTable.from_frame(pd.DataFrame([row]), sources=sources)
    path = table.to_datapackage(tmp_path, name="我的 Table 1")
    package = json.loads(path.read_text(encoding="utf-8"))
    assert "licenses" not in package
    assert package["name"] == "table-1"
    back = CoefficientTable.load(tmp_path / "coefficients.csv")
    assert back.sources["own survey"] == sources["own survey"]
    named = table.to_datapackage(tmp_path, licence="CC-BY-4.0").read_text(encoding="utf-8")
    assert json.loads(named)["licenses"] == [{"name": "CC-BY-4.0"}]


# Notebooks -----------------------------------------------------------------------------------------


def test_objects_show_themselves_escaped_and_small(case, holed):
    zones = case.zones(pd.DataFrame({"code": list(case.zones().codes), "name": list("<&>d"),
                                     "county": "<i>", "belt": "x"}))  # fmt: skip
    shown = {
        "ledger": rebuilt(holed, zones=holed.zones.assign(name="<b>")),
        "profile": case.profile.using(tourism=False),
        "zones": zones,
        "table": CoefficientTable.shipped(),
        "explanation": holed.explain("water_conservation"),
    }
    for name, thing in shown.items():
        page = Page(thing._repr_html_())
        assert not page.bad, name
        assert not page.open
        assert not {"i", "script"} & set(page.tags)
        assert len(thing._repr_html_()) < 30_000
        assert len(repr(thing)) < 30_000
    text = shown["ledger"]._repr_html_()
    for said in ("全区 2010", "CNY_2010", "not covered", "水源涵养", "亿元"):
        assert said in text
    assert "&lt;i&gt;" in zones._repr_html_()
    assert "more" in shown["table"]._repr_html_()


def test_the_doors_of_a_ledger(ledger):
    assert ledger.yearbook(unit="万元").table == yearbook_table(ledger, unit="万元").table
    assert "services" in dir(ledger.plot)
    assert "services" in repr(ledger.plot)
    with pytest.raises(AttributeError):
        ledger.plot.nothing()
    with pytest.raises(AttributeError):
        _ = ledger.plot._repr_html_


# Change and uncertainty ----------------------------------------------------------------------------


def test_a_report_with_a_change_and_an_uncertainty(ledger, tmp_path):
    for package in ("jinja2", "matplotlib"):
        pytest.importorskip(package)
    from gep.change import decompose
    from gep.uncertainty import Uncertainty

    frame = ledger.frame.assign(year=2011)
    frame[["quantity", "value"]] *= 1.2
    later = rebuilt(ledger, frame)
    change = decompose(ledger, later)
    ranges = Uncertainty.of_ledger(later, {"service:livestock": "±20%"}, draws=200, seed=1)
    path = later.report(tmp_path / "r.html", lang="en", change=change, uncertainty=ranges)
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    assert not page.bad
    assert "could not be drawn" not in text
    for key in ("figure-change", "figure-uncertainty"):
        assert f'id="{key}"' in text
    tables = {rows[0][-1]: rows for rows in page.tables}
    whole = next(rows for rows in page.tables if rows[0][1:4] == ["opening value", "closing value", "change"])
    assert float(whole[-1][2]) == pytest.approx(float(later.total("亿元")), abs=1e-3)
    assert float(whole[-1][3]) == pytest.approx(float(later.total("亿元") - ledger.total("亿元")), abs=1e-3)
    high = float(ranges.interval(unit="亿元")["high"].iloc[0])
    assert float(tables["High"][1][-1]) == pytest.approx(high, abs=1e-3)
