"""The lines of an account: quantity, unit, price, price unit, value."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pandas as pd

from gep import units
from gep.coefficients import OWN_STATUSES
from gep.reports.book import Book
from gep.reports.tables import Cell, Column, Row, Table, add_up, total_of, with_shares
from gep.tables import weakest

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gep.ledger import Ledger


@dataclass(frozen=True)
class Line:
    """One line of an account, summed over zones and ecosystems; value in the ledger's currency."""

    category: str
    service: str
    indicator: str
    item: str
    quantity: float
    quantity_unit: str
    price: float
    price_unit: str
    value: float
    missing: int
    averaged: bool
    status: str
    coefficient_status: str
    intermediate: bool

    @property
    def key(self) -> str:
        """Return what tells the line from all others."""
        return "/".join(filter(None, (self.service, self.indicator, self.item)))

    def in_unit(self, unit: str) -> Line:
        """Return the line with its quantity in another unit; as it is where that is none of it."""
        if not unit or not self.quantity_unit or not units.same_dimension(self.quantity_unit, unit):
            return self
        number = units.convert(self.quantity, self.quantity_unit, unit)
        return replace(self, quantity=number, quantity_unit=unit)


def lines_of(ledger: Ledger) -> list[Line]:
    """Return the lines in the order of the profile, intermediate services among them."""
    inner = set(ledger.services) - set(ledger.counted()["service"])
    groups = ledger.frame.groupby(["service", "indicator", "item"], sort=False)
    return [_line(ledger, rows, intermediate=str(key[0]) in inner) for key, rows in groups]


def _line(ledger: Ledger, rows: pd.DataFrame, *, intermediate: bool) -> Line:
    first = rows.iloc[0]
    price, averaged = _price(rows)
    line = Line(
        category=str(first["category"]),
        service=str(first["service"]),
        indicator=str(first["indicator"]),
        item=str(first["item"]),
        quantity=total_of(rows["quantity"].tolist()),
        quantity_unit=str(first["quantity_unit"]),
        price=price,
        price_unit=str(first["price_unit"]),
        value=total_of(rows["value"].tolist()),
        missing=int(rows["value"].isna().sum()),
        averaged=averaged,
        status=weakest([s for s in rows["status"] if s]),
        coefficient_status=_weakest_coefficient(rows),
        intermediate=intermediate,
    )
    return line.in_unit(str(ledger.meta.runs.get(str(first["run"]), {}).get("report", "")))


def _weakest_coefficient(rows: pd.DataFrame) -> str:
    known = [s for s in rows["coefficient_status"] if s in OWN_STATUSES]
    return max(known, key=OWN_STATUSES.index, default="")


def _price(rows: pd.DataFrame) -> tuple[float, bool]:
    """Return the price of all rows, or their mean weighted by quantity, and which of the two."""
    prices = rows["price"].dropna().unique()
    if len(prices) == 1:
        return float(prices[0]), False
    priced = rows.dropna(subset=["quantity", "price"])
    quantity = math.fsum(priced["quantity"])
    # quantities of both signs, or none at all, have no mean price
    if not quantity or (priced["quantity"] < 0).any():
        return math.nan, False
    return math.fsum(priced["quantity"] * priced["price"]) / quantity, True


def service_table(book: Book) -> Table:
    """Return the account by service: a line each, sums of categories, the total."""
    say, lines = book.say, lines_of(book.ledger)
    counted = [line for line in lines if not line.intermediate]
    rows: list[Row] = []
    parts: list[Row] = []
    for category in dict.fromkeys(line.category for line in counted):
        group = [line for line in counted if line.category == category]
        own = [_row(book, line) for line in group]
        rows += _with_services(book, group, own)
        label = book.label("category", category)
        head: dict[str, Cell] = {"category": label, "service": book.say("rows.total")}
        parts.append(
            Row(f"category:{category}", {**head, "value": add_up("services", "value", own)}, "subtotal")
        )
        rows.append(parts[-1])
    total: dict[str, Cell] = {"category": say("rows.gep"), "value": add_up("services", "value", parts)}
    rows = with_shares("services", [*rows, Row("total", total, "total")])
    inner = [line for line in lines if line.intermediate]
    rows += [_row(book, line) for line in inner]
    averaged = any(line.averaged for line in lines)
    notes = [*book.gaps, say("notes.intermediate") if inner else ""]
    return book.table("services", _columns(book), rows, [*notes, *_mean_note(book, averaged=averaged)])


def _with_services(book: Book, lines: Sequence[Line], rows: Sequence[Row]) -> list[Row]:
    """Return the lines of a category with a sum after each service that has several."""
    found: list[Row] = []
    for service in dict.fromkeys(line.service for line in lines):
        own = [row for line, row in zip(lines, rows, strict=True) if line.service == service]
        found += own
        if len(own) > 1:
            head: dict[str, Cell] = {k: own[0].cells[k] for k in ("category", "service")}
            head |= {"indicator": book.say("rows.total"), "value": add_up("services", "value", own)}
            found.append(Row(f"service:{service}", head, "subtotal"))
    return found


def _mean_note(book: Book, *, averaged: bool) -> Sequence[str]:
    return [f"* {book.say('notes.mean_price')}"] if averaged else []


def _columns(book: Book) -> list[Column]:
    head = book.head
    return [
        *(Column(k, head(k)) for k in ("category", "service", "indicator", "part")),
        Column("quantity", head("quantity"), "mixed"),
        Column("quantity_unit", head("quantity_unit")),
        Column("price", head("price"), "mixed"),
        Column("price_unit", head("price_unit")),
        Column("value", head("value"), "number", book.money),
        Column("share", head("share"), "share"),
        Column("status", head("status")),
        Column("coefficient_status", head("coefficient_status")),
    ]


def _row(book: Book, line: Line) -> Row:
    cells: dict[str, Cell] = {
        "category": book.label("category", line.category),
        "service": service_label(book, line),
        "indicator": book.label("indicator", f"{line.service}.{line.indicator}"),
        "part": book.say.item(line.item),
        "value": line.value * book.ledger.factor(book.unit),
        "status": book.say.known("statuses", line.status),
        "coefficient_status": book.say.known("statuses", line.coefficient_status),
        **quantity_cells(book, line),
    }
    return Row(line.key, cells, "aside" if line.intermediate else "line", remarks_of(book, line))


def service_label(book: Book, line: Line) -> str:
    """Return the name of a service; an intermediate one says so."""
    return book.label("service", line.service) + (book.say("rows.intermediate") if line.intermediate else "")


def quantity_cells(book: Book, line: Line) -> dict[str, Cell]:
    """Return quantity and price with their units; nothing where a value is known directly."""
    if not line.quantity_unit:
        return {}
    return {
        "quantity": line.quantity,
        "quantity_unit": book.say.unit(line.quantity_unit),
        "price": line.price,
        "price_unit": book.say.unit(line.price_unit) + (" *" if line.averaged else ""),
    }


def remarks_of(book: Book, line: Line) -> dict[str, str]:
    """Return what is to be said of the numbers of a line."""
    said = {"price": book.say("notes.mean_price")} if line.averaged else {}
    if line.missing:
        said["value"] = book.say("notes.rows_missing", count=line.missing)
    return said
