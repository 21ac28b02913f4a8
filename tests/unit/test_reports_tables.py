"""Tables that people look at: equal to the ledger, in one language, with what is missing told."""

import math

import numpy as np
import pandas as pd
import pytest

from gep import indicators
from gep.errors import LedgerError, UnitError
from gep.ledger import Ledger
from gep.reports import markup, yearbook_table
from gep.reports.book import Book
from gep.reports.contents import contents
from gep.reports.lines import lines_of, service_table
from gep.reports.places import ecosystem_table, level_table, matrix_table, zone_table
from gep.reports.speech import Speech
from gep.reports.summary import summary_table
from gep.reports.tables import Ratio, Sum, decimals, is_missing, value_of


def rebuilt(ledger, frame=None, **changes):
    zones, region = changes.get("zones", ledger.zones), changes.get("region", ledger.region)
    kept = ledger.frame if frame is None else frame
    return Ledger(kept, zones, region, ledger.coverage, ledger.meta, ledger.extent)


def number(table, row, column="value"):
    return value_of(next(r for r in table.rows if r.key == row).cells[column])


def row_of(table, key):
    return next(r for r in table.rows if r.key == key)


@pytest.fixture
def gappy(ledger):
    """Livestock missing in one zone, and all of tourism."""
    frame = ledger.frame.copy()
    lost = (frame["service"] == "livestock") & (frame["zone"] == "150105102")
    frame.loc[lost | (frame["service"] == "tourism"), "value"] = np.nan
    return rebuilt(ledger, frame)


# Numbers are the ledger's --------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["亿元", "万元", "CNY"])
def test_every_table_has_the_total_of_the_ledger(ledger, unit):
    book, total = Book(ledger, "zh", unit), float(ledger.total(unit))
    for make in (service_table, zone_table, ecosystem_table, summary_table):
        assert number(make(book), "total") == pytest.approx(total, rel=1e-12)
    assert number(level_table(book, "county"), "total") == pytest.approx(total, rel=1e-12)
    assert number(matrix_table(book), "total", "total") == pytest.approx(total, rel=1e-12)


def test_rows_are_those_of_the_ledger(ledger):
    book = Book(ledger, "en", "万元")
    zones, by = zone_table(book), ledger.by("zone", unit="万元")["value"]
    assert {z: number(zones, z) for z in ledger.zones.index} == pytest.approx(by.drop("全区").to_dict())
    assert number(zones, "not_allocated") == pytest.approx(by["全区"])
    for level in ("county", "belt"):
        table, by = level_table(book, level), ledger.by(level, unit="万元")["value"]
        assert {k: number(table, k) for k in by.index if k != "全区"} == pytest.approx(
            by.drop("全区").to_dict()
        )
    matrix, by = matrix_table(book), ledger.by("zone", "service", unit="万元")["value"]
    for (zone, service), value in by.items():
        row = zone if zone in ledger.zones.index else "not_allocated"
        assert number(matrix, row, service) == pytest.approx(value)


def test_rates_are_those_of_the_ledger(ledger):
    for lang, unit in (("zh", "亿元"), ("en", "CNY")):
        table = summary_table(Book(ledger, lang, unit))
        assert number(table, "per_area") == pytest.approx(float(ledger.per_area("万元/km2")))
        assert number(table, "per_head") == pytest.approx(float(ledger.per_capita("万元/person")))
        assert number(table, "ggi") == pytest.approx(float(indicators.ggi(ledger)))
    zones = zone_table(Book(ledger))
    by = ledger.per_capita("万元/person", by="zone")["value"]
    assert number(zones, "150105103", "per_head") == pytest.approx(by["150105103"])


def test_sums_and_ratios_are_what_their_cells_make(holed):
    """Every live cell, recomputed from the cells that it refers to."""
    tables = {t.key: t for section in contents(Book(holed)).values() for t in section}

    def at(ref):
        return number(tables[ref.table], ref.row, ref.column)

    seen = 0
    for table in tables.values():
        for row in table.rows:
            for cell in row.cells.values():
                if isinstance(cell, Sum) and cell.of and not is_missing(cell):
                    made = math.fsum(v for v in map(at, cell.of) if not math.isnan(v))
                elif isinstance(cell, Ratio):
                    made = at(cell.top) / at(cell.bottom) * cell.times
                else:
                    continue
                seen += 1
                assert made == pytest.approx(cell.value, rel=1e-12), (table.key, row.key)
    assert seen > 60


def test_quantities_are_in_the_reporting_unit(ledger):
    known = ledger.quantities()
    for line in lines_of(ledger):
        if line.quantity_unit:
            row = known.loc[(line.service, line.indicator, line.item)]
            assert line.quantity == pytest.approx(row["quantity"])
            assert line.quantity_unit == row["quantity_unit"]


def test_prices_that_differ_are_averaged_and_told(ledger):
    frame = ledger.frame.copy()
    rows = frame.index[frame["service"] == "soil_retention"]
    frame.loc[rows[0], "price"] *= 3
    frame["value"] = (frame["quantity"] * frame["price"]).where(frame["price"].notna(), frame["value"])
    own = rebuilt(ledger, frame)
    (line,) = [x for x in lines_of(own) if x.service == "soil_retention"]
    part = frame.loc[rows]
    assert line.averaged
    assert line.price == pytest.approx(part["value"].sum() / part["quantity"].sum())
    assert "mean price" in " ".join(service_table(Book(own, "en")).notes)
    assert "mean price" not in " ".join(service_table(Book(ledger, "en")).notes)


# Missing is never zero -----------------------------------------------------------------------------


def test_what_is_missing_is_missing_and_told(gappy):
    book = Book(gappy, "zh", "万元")
    services = service_table(book)
    tourism = row_of(services, "tourism/recreation")
    assert is_missing(tourism.cells["value"])
    assert tourism.remarks["value"] == "1行没有数值"
    assert is_missing(row_of(services, "category:cultural").cells["value"])
    assert row_of(services, "livestock/net_output").remarks["value"] == "1行没有数值"
    note = next(n for n in services.notes if "不是零" in n)
    assert "2行" in note
    assert "畜牧业产品、旅游康养" in note
    assert number(services, "total") == pytest.approx(float(gappy.total("万元")))
    matrix = matrix_table(book)
    assert is_missing(row_of(matrix, "150105102").cells["livestock"])
    assert "tourism" not in row_of(matrix, "150105101").cells  # never there: nothing is missing


def test_a_zone_without_any_row_is_there_and_missing(ledger):
    own = rebuilt(ledger, ledger.frame[ledger.frame["zone"] != "150105104"])
    table = zone_table(Book(own))
    assert is_missing(row_of(table, "150105104").cells["value"])
    assert [r.key for r in table.rows] == [*ledger.zones.index, "not_allocated", "total"]
    assert number(table, "total") == pytest.approx(float(own.total("亿元")))


def test_without_people_rates_are_missing_and_say_why(ledger):
    zones = ledger.zones.assign(population=[1e4, np.nan, 3e4, 4e4])
    own = rebuilt(ledger, zones=zones)
    table = zone_table(Book(own, "en"))
    assert is_missing(row_of(table, "150105102").cells["per_head"])
    assert is_missing(row_of(table, "total").cells["per_head"])
    assert "1 zones have no population" in " ".join(table.notes)
    none = rebuilt(ledger, zones=ledger.zones.drop(columns="population"), region={})
    summary = summary_table(Book(none, "en"))
    for key, why in (("population", "the population is not given"), ("gdp", "the GDP is not given")):
        assert is_missing(row_of(summary, key).cells["value"])
        assert row_of(summary, key).cells["remark"] == why
    assert is_missing(row_of(summary, "ggi").cells["value"])
    assert "population" not in [c.key for c in zone_table(Book(none)).columns]


def test_area_not_covered_is_told(holed):
    book = Book(holed, "zh")
    area = holed.by("zone")["not_covered_km2"]["150105101"]
    assert number(zone_table(book), "150105101", "not_covered") == pytest.approx(area)
    table = contents(book)["quality"][-1]
    assert sum(value_of(r.cells["area"]) for r in table.rows) == pytest.approx(
        holed.coverage["area_m2"].sum() / 1e6
    )
    causes = {r.cells["cause"] for r in table.rows}
    assert "缺失：年降水量" in causes
    assert "缺失：年降水量、年蒸散量" in causes or len(causes) > 2
    assert "土地覆盖在此没有分类" in causes
    assert any("未被全部服务覆盖" in n for n in summary_table(book).notes)


def test_zero_and_negative_values_are_numbers(ledger):
    frame = ledger.frame.copy()
    rows = frame["service"] == "livestock"
    frame.loc[rows, "value"] = [-1e8, 0.0, 1e8, 0.0]
    own = rebuilt(ledger, frame)
    table = zone_table(Book(own))
    matrix = matrix_table(Book(own))
    assert number(matrix, "150105101", "livestock") == pytest.approx(-1.0)
    assert number(matrix, "150105102", "livestock") == 0.0
    assert number(table, "total") == pytest.approx(float(own.total("亿元")))
    assert "−1.0" in markup.to_html(matrix)


def test_a_total_of_zero_has_no_shares(ledger):
    frame = ledger.frame.assign(value=0.0, quantity=np.nan, price=np.nan)
    table = service_table(Book(rebuilt(ledger, frame)))
    assert not any("share" in row.cells for row in table.rows)


def test_intermediate_services_are_shown_and_not_counted(ledger):
    frame = ledger.frame.copy()
    inner = frame[frame["service"] == "livestock"].assign(service="species_conservation", value=1e9)
    own = rebuilt(ledger, pd.concat([frame, inner], ignore_index=True))
    assert "species_conservation" not in set(own.counted()["service"])
    table = service_table(Book(own, "en"))
    row = row_of(table, "species_conservation/net_output")
    assert row.role == "aside"
    assert "intermediate" in row.cells["service"]
    assert number(table, "total") == pytest.approx(float(ledger.total("亿元")))
    assert "species_conservation" not in [c.key for c in matrix_table(Book(own)).columns]


def test_a_level_with_the_name_of_the_region_takes_in_no_rows_of_the_region(ledger):
    own = rebuilt(ledger, zones=ledger.zones.assign(county="全区"))
    table = level_table(Book(own, "zh", "CNY"), "county")
    inside = own.frame[own.frame["zone"].isin(own.zones.index)]["value"].sum()
    assert number(table, "全区") == pytest.approx(inside)
    assert number(table, "not_allocated") == pytest.approx(float(own.total("CNY")) - inside)


# Language and units --------------------------------------------------------------------------------


def test_units_are_said_in_both_languages():
    zh, en = Speech("zh"), Speech("en")
    cases = {
        "亿元_2020": ("亿元", "100 million CNY"),
        "CNY_2010/m3": ("元/立方米", "CNY/m³"),
        "万km2/year": ("万平方千米/年", "10,000 km²/year"),
        "10^6 CAD_2018": ("百万加元", "million CAD"),
        "10^5 t": ("10⁵吨", "10⁵ t"),
        "tCO2/ha": ("吨二氧化碳/公顷", "tCO₂/ha"),
        "mgPM25": ("毫克细颗粒物", "mgPM₂₅"),
        "1": ("", ""),
        "%": ("%", "%"),
    }
    for unit, said in cases.items():
        assert (zh.unit(unit), en.unit(unit)) == said
    with pytest.raises(LedgerError, match="no names in 'fr'"):
        Speech("fr")


def test_a_unit_that_is_no_money_is_refused(ledger):
    with pytest.raises(UnitError):
        Book(ledger, "zh", "km2")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_one_language_throughout(holed, lang):
    import re

    pattern = r"[\u4e00-\u9fff]" if lang == "en" else r"[a-z]{4,}"
    own = {*map(str, holed.zones["name"]), *map(str, holed.zones["county"]), "全区", "west", "east", "maize"}
    for section in ("tables",):
        for table in contents(Book(holed, lang))[section]:
            texts = [table.title, table.sheet, *table.notes, *(c.heading(lang) for c in table.columns)]
            texts += [v for r in table.rows for v in map(value_of, r.cells.values()) if isinstance(v, str)]
            for text in texts:
                plain = text
                for name in sorted(own, key=len, reverse=True):
                    plain = plain.replace(name, "")
                assert not re.search(pattern, plain), text


def test_other_currencies_and_price_years(case):
    frame = case.compile().frame
    swapped = {c: frame[c].str.replace("CNY_2010", "CAD_2018") for c in ("price_unit", "price_year")}
    base = case.compile()
    own = Ledger(frame.assign(**swapped), base.zones, base.region, base.coverage, base.meta, base.extent)
    table = summary_table(Book(own, "en"))
    assert row_of(table, "total").cells["unit"] == "100 million CAD, 2018 prices"
    assert row_of(table, "per_area").cells["unit"] == "10,000 CAD/km², 2018 prices"
    assert number(table, "total") == pytest.approx(float(base.total("亿元")))
    with pytest.raises(LedgerError, match="accounts in CAD and CNY side by side"):
        yearbook_table([own, rebuilt(base, base.frame.assign(year=2011))])


def test_decimals_leave_no_small_number_as_zero():
    assert decimals([1e4, 0.001]) == 4
    assert decimals([np.nan, None, "x"]) == 2
    assert decimals([1e-12]) == 6


# Yearbook tables -----------------------------------------------------------------------------------


def test_a_yearbook_table_of_one_year(ledger):
    table = yearbook_table(ledger, unit="万元")
    heads = ["项目", "单位", "实物量", "单价", "单价单位", "价值量（万元，2010年价格）"]
    assert list(table.frame.columns) == heads
    rows = table.table.rows
    assert rows[0].role == "total"
    assert value_of(rows[0].cells["value"]) == pytest.approx(float(ledger.total("万元")))
    groups = [r for r in rows if r.role == "subtotal"]
    assert [r.cells["name"] for r in groups] == ["一、物质产品", "二、调节服务", "三、文化服务"]
    by = ledger.by("category", unit="万元")["value"]
    assert [value_of(r.cells["value"]) for r in groups] == pytest.approx(by.tolist())
    by = ledger.by("service", unit="万元")["value"]
    crops = next(r for r in rows if r.key == "service:crops")
    assert value_of(crops.cells["value"]) == pytest.approx(by["crops"])
    assert [r.cells["name"] for r in rows if r.depth == 2] == ["农产品产量（玉米）", "农产品产量（小麦）"]


@pytest.fixture
def series(ledger):
    """Three years: one line that comes late, one value that goes missing."""
    frames = {}
    for year, growth in ((2010, 1.0), (2011, 1.1), (2012, 1.3)):
        frame = ledger.frame.assign(year=year)
        frame["quantity"] *= growth
        frame["value"] *= growth
        frames[year] = frame
    frames[2010] = frames[2010][frames[2010]["service"] != "tourism"]
    frames[2012].loc[frames[2012]["service"] == "tourism", "value"] = np.nan
    return {year: rebuilt(ledger, frame) for year, frame in frames.items()}


def test_a_series_has_years_as_columns(series):
    table = yearbook_table(series, lang="en").table
    assert [c.key for c in table.columns][2:] == [
        *(f"quantity:{y}" for y in series), *(f"value:{y}" for y in series)
    ]  # fmt: skip
    total = row_of(table, "total").cells
    for year, ledger in series.items():
        assert value_of(total[f"value:{year}"]) == pytest.approx(float(ledger.total("亿元")))
    tourism = row_of(table, "tourism/recreation").cells
    assert "value:2010" not in tourism
    assert value_of(tourism["value:2011"]) > 0
    assert is_missing(tourism["value:2012"])
    assert "value:2010" not in row_of(table, "category:cultural").cells
    assert any("2012: 1 rows have no value" in note for note in table.notes)


def test_a_series_tells_what_cannot_be_compared(case, ledger):
    later = case.compile(price_year=2015, deflator="chn-cpi")
    later = rebuilt(later, later.frame.assign(year=2011))
    notes = yearbook_table([later, ledger], lang="en").table.notes
    assert any("different price levels (2010: 2010, 2011: 2015)" in note for note in notes)
    for bad in ({2011: ledger}, [ledger, ledger], {}):
        with pytest.raises(LedgerError):
            yearbook_table(bad)


@pytest.mark.parametrize("digits", [0, 1, 3])
def test_rounded_values_add_up_as_printed(ledger, series, digits):
    for table in (yearbook_table(ledger, digits=digits).table, yearbook_table(series, digits=digits).table):
        values = [c.key for c in table.columns if c.key.startswith("value")]
        for key in values:
            printed = {r.key: round(value_of(r.cells[key]) * 10**digits) for r in table.rows
                       if key in r.cells and not is_missing(r.cells[key])}  # fmt: skip
            for row in table.rows:
                cell = row.cells.get(key)
                if isinstance(cell, Sum) and not is_missing(cell):
                    assert printed[row.key] == sum(printed.get(ref.row, 0) for ref in cell.of)
        exact = yearbook_table(ledger).table
        if len(values) == 1:
            for row, own in zip(table.rows, exact.rows, strict=True):
                gap = abs(value_of(row.cells["value"]) - value_of(own.cells["value"]))
                assert gap < 10.0**-digits + 1e-12


def test_markdown_and_html_hold_the_same_numbers(ledger):
    table = yearbook_table(ledger)
    text, page = table.to_markdown(), table.to_html()
    assert text == repr(table)
    assert page == table._repr_html_()
    for row in table.table.rows:
        for column in table.table.columns:
            shown = markup.printed(table.table, column, row.cells.get(column.key))
            assert shown.replace("（", "").split("（")[0][:4] in page
    assert len({line.count("|") for line in text.splitlines() if line.startswith("| ")}) == 1


def test_text_of_users_is_escaped(ledger):
    zones = ledger.zones.assign(name=["<b>x</b>", "a|b", "`c`", "d"])
    table = zone_table(Book(rebuilt(ledger, zones=zones)))
    assert "<b>x" not in markup.to_html(table)
    assert "&lt;b&gt;x" in markup.to_html(table)
    assert "a\\|b" in markup.to_markdown(table)
