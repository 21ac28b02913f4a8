"""Tables by zone, by level of the zones, by ecosystem, and of services by zone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from gep.ledger import views
from gep.reports.book import Book
from gep.reports.tables import (
    Cell,
    Column,
    Ratio,
    Ref,
    Row,
    Sum,
    Table,
    add_up,
    total_of,
    value_of,
    with_shares,
)

#: Bases of the ratios of a place: column of the ratio, column below, its unit here, unit of the ratio.
_RATES = (("per_area", "area", "km2", "km2"), ("per_head", "population", "person", "person"))


def zone_table(book: Book) -> Table:
    """Return the account by zone, what is not allocated on a line of its own, per area and per head."""
    zones = book.ledger.zones
    values = _by(book, "zone")
    people = zones.get("population", pd.Series(math.nan, zones.index))
    rows = []
    for code in map(str, zones.index):
        cells: dict[str, Cell] = {
            "code": code,
            "name": str(zones["name"][code]),
            **{level: str(zones[level][code]) for level in views.levels(book.ledger)},
            "area": float(zones["area_m2"][code]) / 1e6,
            "population": float(people[code]),
        }
        rows.append(_place(book, "zones", code, cells, values, code))
    return _closed(book, "zones", rows, values)


def level_table(book: Book, level: str) -> Table:
    """Return the account by one grouping of the zones, each group the sum of its zones."""
    key, holes = f"level:{level}", book.ledger.by(level, unit=book.unit)["not_covered_km2"]
    zones = {row.key: row for row in zone_table(book).rows if row.key in book.ledger.zones.index}
    groups: dict[str, list[Row]] = {}
    for code, name in book.ledger.zones[level].items():
        groups.setdefault(str(name), []).append(zones[str(code)])
    rows = []
    for name, members in groups.items():
        cells: dict[str, Cell] = {
            "name": name,
            **{c: add_up("zones", c, members) for c in ("value", "area")},
            "population": _all_of("zones", "population", members),
            "not_covered": float(holes.get(name, 0.0)),
        }
        remarks = {c: text for row in members for c, text in row.remarks.items() if c == "value"}
        rows.append(_rated(book, key, Row(name, cells, remarks=remarks)))
    return _closed(book, key, rows, _by(book, "zone"))


def ecosystem_table(book: Book) -> Table:
    """Return the account by ecosystem; what belongs to none says so."""
    values = _by(book, "ecosystem")
    areas = {
        str(k): float(v) / 1e6 for k, v in book.ledger.extent.groupby("ecosystem")["area_m2"].sum().items()
    }
    rows = []
    for code in dict.fromkeys([*map(str, values.index), *areas]):
        cells: dict[str, Cell] = {"name": book.say.ecosystem(code), "area": areas.get(code)}
        row = Row(code or "none", cells)
        rows.append(_place(book, "ecosystems", row.key, cells, values, code) if code in values.index else row)
    return _closed(book, "ecosystems", rows, values)


def matrix_table(book: Book) -> Table:
    """Return values of services by zone; both margins are sums."""
    ledger, say = book.ledger, book.say
    values = ledger.by("zone", "service", unit=book.unit)
    services = list(dict.fromkeys(ledger.counted()["service"]))
    places = [*map(str, ledger.zones.index), *([ledger.meta.region] if book.has_region_rows else [])]
    rows = [_matrix_row(book, place, services, values) for place in places]
    foot = {c: add_up("matrix", c, rows) for c in (*services, "total")}
    rows.append(Row("total", {"name": say("rows.total"), **foot}, "total"))
    columns = [
        Column("code", book.head("code")),
        Column("name", book.head("zone")),
        *(Column(s, book.label("service", s), "number") for s in services),
        Column("total", book.head("total"), "number"),
    ]
    said = say("notes.unit", unit=book.money)
    return book.table("matrix", columns, rows, [said, *_notes(book)])


def _matrix_row(book: Book, place: str, services: Sequence[str], values: pd.DataFrame) -> Row:
    """Return the values of a zone, or of what is known for the region alone."""
    say, zones = book.say, book.ledger.zones
    there = place in zones.index
    key = place if there else "not_allocated"
    named = (
        {"code": place, "name": str(zones["name"][place])} if there else {"name": say("rows.not_allocated")}
    )
    own = values[values.index.get_level_values("zone") == place].droplevel("zone")
    held = {s: float(own["value"][s]) for s in services if s in own.index}
    total = Sum(total_of([*held.values()]), tuple(Ref("matrix", key, s) for s in held))
    lost = {s: n for s in held if (n := int(own["missing_rows"][s]))}
    if lost:
        lost["total"] = sum(lost.values())
    remarks = {s: say("notes.rows_missing", count=n) for s, n in lost.items()}
    return Row(key, {**named, **held, "total": total}, "line" if there else "aside", remarks)


def _by(book: Book, key: str) -> pd.DataFrame:
    """Return sums by a key; every zone has a row, and one without any value is missing."""
    values = book.ledger.by(key, unit=book.unit)
    if key != "zone":
        return values
    order = [*book.ledger.zones.index, *(c for c in values.index if c not in book.ledger.zones.index)]
    return values.reindex(order).fillna({"missing_rows": 0, "not_covered_km2": 0.0})


def _place(book: Book, table: str, key: str, cells: dict[str, Cell], values: pd.DataFrame, code: str) -> Row:
    count = int(values["missing_rows"][code])
    numbers: dict[str, Cell] = {
        "value": float(values["value"][code]),
        "not_covered": float(values["not_covered_km2"][code]),
    }
    remarks = {"value": book.say("notes.rows_missing", count=count)} if count else {}
    return _rated(book, table, Row(key, {**cells, **numbers}, remarks=remarks))


def _rated(book: Book, table: str, row: Row) -> Row:
    """Return a row with its value per area and per head; what has no base has no ratio."""
    cells, remarks = dict(row.cells), dict(row.remarks)
    value = value_of(cells.get("value"))
    for rate, base, unit, below in _RATES:
        number = value_of(cells.get(base))
        if not isinstance(number, float) or not isinstance(value, float):
            continue
        factor = book.rate_factor(below, unit)
        if number > 0:
            cells[rate] = Ratio(
                value / number * factor, Ref(table, row.key, "value"), Ref(table, row.key, base), factor
            )
        else:
            cells[rate] = math.nan
            remarks[rate] = book.say("notes.no_denominator")
    return Row(row.key, cells, row.role, remarks, row.depth)


def _closed(book: Book, key: str, rows: list[Row], values: pd.DataFrame) -> Table:
    """Return the table with what is not allocated, the total, and shares."""
    say = book.say
    if key != "ecosystems" and book.has_region_rows:
        value = float(values["value"][book.ledger.meta.region])
        cells: dict[str, Cell] = {"name": say("rows.not_allocated"), "value": value}
        rows = [*rows, Row("not_allocated", cells)]
    placed = [row for row in rows if "area" in row.cells and row.cells["area"] is not None]
    total: dict[str, Cell] = {
        "name": say("rows.total"),
        "value": add_up(key, "value", rows),
        "area": add_up(key, "area", placed),
    }
    if key != "ecosystems":
        total["population"] = _all_of(key, "population", placed)
    total["not_covered"] = book.not_covered_km2
    closed = with_shares(key, [*rows, _rated(book, key, Row("total", total, "total"))])
    columns = [c for c in _columns(book, key) if any(_known(r.cells.get(c.key)) for r in closed)]
    return book.table(key, columns, closed, _notes(book))


def _known(cell: Cell) -> bool:
    value = value_of(cell)
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def _all_of(table: str, column: str, rows: Sequence[Row]) -> Sum:
    """Return a sum that is missing as soon as one part is."""
    found = add_up(table, column, rows)
    lacking = any(not _known(row.cells.get(column)) for row in rows)
    return Sum(math.nan, found.of) if lacking else found


def _columns(book: Book, key: str) -> list[Column]:
    head = book.head
    kind = key.partition(":")[0]
    names = {
        "zones": [Column("code", head("code")), Column("name", head("zone"))]
        + [Column(level, book.say.known("levels", level)) for level in views.levels(book.ledger)],
        "level": [Column("name", book.say.known("levels", key.partition(":")[2]))],
        "ecosystems": [Column("name", head("ecosystem"))],
    }
    return [
        *names[kind],
        Column("area", head("area"), "number", "km²"),
        Column("population", head("population"), "count", book.say.unit("person")),
        Column("value", "GEP", "number", book.money),
        Column("share", head("share"), "share"),
        Column("per_area", head("per_area"), "number", book.rate("km2")),
        Column("per_head", head("per_head"), "number", book.rate("person")),
        Column("not_covered", head("not_covered"), "number", "km²"),
    ]


def _notes(book: Book) -> list[str]:
    lacking = _without_people(book)
    return [
        *book.gaps,
        book.say("notes.region_rows") if book.has_region_rows else "",
        book.say("notes.no_population", count=lacking) if lacking else "",
    ]


def _without_people(book: Book) -> int:
    people = book.ledger.zones.get("population")
    return 0 if people is None else int(people.isna().sum())
