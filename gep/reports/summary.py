"""The first page: total, categories, per area, per head, and what the account is."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gep.ledger import ratios
from gep.reports.tables import Cell, Column, Ratio, Ref, Row, Sum, Table, add_up, with_shares

if TYPE_CHECKING:
    from gep.reports.book import Book

#: Areas that differ by less are the same area.
_SAME = 1e-6


def summary_table(book: Book) -> Table:
    """Return total, categories with shares, per area, per head and GGI where they are known."""
    rows = [*_values(book), *_area_rows(book), *_people_rows(book), *_gdp_rows(book)]
    columns = [
        Column("name", book.head("figure")),
        Column("value", book.head("number"), "mixed"),
        Column("unit", book.head("unit")),
        Column("share", book.head("share"), "share"),
    ]
    if any("remark" in row.cells for row in rows):
        columns.append(Column("remark", book.head("remark")))
    return book.table("summary", columns, rows, book.gaps)


def heads(book: Book) -> float:
    """Return the resident population as stated, or of all zones; NaN where some are not known."""
    ledger = book.ledger
    if ledger.region.get("population") is not None:
        return float(ledger.region["population"])
    people = ledger.zones.get("population")
    return math.nan if people is None else float(people.sum(skipna=False))


def _at(row: str) -> Ref:
    return Ref("summary", row, "value")


def _values(book: Book) -> list[Row]:
    values = book.ledger.by("category", unit=book.unit)["value"]
    parts = [
        Row(
            f"category:{code}",
            {
                "name": book.label("category", code),
                "value": Sum(float(values[code]), (Ref("services", f"category:{code}", "value"),)),
                "unit": book.money,
            },
            depth=1,
        )
        for code in map(str, values.index)
    ]
    total: dict[str, Cell] = {
        "name": book.say("rows.gep"),
        "value": add_up("summary", "value", parts),
        "unit": book.money,
    }
    return with_shares("summary", [Row("total", total, "total"), *parts])


def _fact(book: Book, key: str, value: float | Sum, unit: str, **remark: str) -> Row:
    return Row(key, {"name": book.say(f"rows.{key}"), "value": value, "unit": unit, **remark})


def _ratio(book: Book, key: str, base: str, number: float, times: float, unit: str) -> Row:
    """Return a row of the total over another row; without a base it is missing and says so."""
    if not number > 0:
        return _fact(book, key, math.nan, unit, remark=book.say("notes.no_denominator"))
    value = float(book.ledger.total(book.unit)) / number * times
    cell = Ratio(value, _at("total"), _at(base), times)
    return Row(key, {"name": book.say(f"rows.{key}"), "value": cell, "unit": unit})


def _area_rows(book: Book) -> list[Row]:
    zones, unit = book.ledger.zones, book.rate("km2")
    factor = book.rate_factor("km2", "km2")
    area = float(zones["area_m2"].sum()) / 1e6
    parts = tuple(Ref("zones", str(code), "area") for code in zones.index)
    rows = [
        _fact(book, "area", Sum(area, parts), "km²"),
        _ratio(book, "per_area", "area", area, factor, unit),
    ]
    stated = ratios.stated_area(book.ledger) / 1e6
    if stated and area and abs(stated / area - 1.0) > _SAME:
        rows.append(_fact(book, "stated_area", stated, "km²"))
        rows.append(_ratio(book, "per_stated_area", "stated_area", stated, factor, unit))
    if book.not_covered_km2:
        rows.append(_fact(book, "not_covered", book.not_covered_km2, "km²"))
    return rows


def _people_rows(book: Book) -> list[Row]:
    people, person = heads(book), book.say.unit("person")
    remark = {} if people == people else {"remark": book.say("notes.no_people")}
    rows = [_fact(book, "population", people, person, **remark)]
    factor = book.rate_factor("person", "person")
    return [*rows, _ratio(book, "per_head", "population", people, factor, book.rate("person"))]


def _gdp_rows(book: Book) -> list[Row]:
    known = book.ledger.region.get("gdp")
    gdp = float(known) * book.ledger.factor(book.unit) if known else math.nan
    remark = {} if known else {"remark": book.say("notes.no_gdp")}
    return [_fact(book, "gdp", gdp, book.money, **remark), _ratio(book, "ggi", "gdp", gdp, 1.0, "")]


def about_table(book: Book) -> Table:
    """Return what the account is: region, year, method, prices, software."""
    ledger, say = book.ledger, book.say
    profile = ledger.meta.profile
    facts = {
        "region": ledger.meta.region,
        "year": str(ledger.year),
        "profile": f"{profile[book.lang]} ({profile['id']}, {profile['edition']})",
        "modified": say.join(profile.get("modified") or [say("notes.nothing")]),
        "prices": say("notes.prices", year=book.year),
        "unit": book.money,
        "library": f"gep {ledger.meta.library}",
    }
    rows = [Row(key, {"name": say(f"rows.{key}"), "said": text}) for key, text in facts.items()]
    columns = [Column("name", book.head("item")), Column("said", book.head("said"))]
    return book.table("about", columns, rows, book.gaps[1:])
