"""Tables of what an account rests on: methods, coefficients, inputs, findings, holes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gep.ledger.provenance import title
from gep.reports.book import Book
from gep.reports.tables import Cell, Column, Form, Row, Table


def coefficient_table(book: Book) -> Table:
    """Return the coefficient rows used, with value, unit, source, place and status."""
    say = book.say
    rows = []
    for entry in book.ledger.meta.coefficients:
        cells: dict[str, Cell] = {
            "name": say.input_name(entry["quantity"]),
            "ecosystem": say.ecosystem(entry["ecosystem"]) if entry["ecosystem"] else "",
            "part": say.item(entry["item"]),
            "region": entry["region"],
            "number": float(entry["value"]),
            "unit": say.unit(entry["unit"]),
            "low": _optional(entry.get("low")),
            "high": _optional(entry.get("high")),
            "known": say.known("statuses", entry["status"]),
            "source": entry[f"title_{book.lang}"],
            "locator": entry["locator"],
            "note": "; ".join(filter(None, (entry.get(f"note_{book.lang}"), entry.get("fallback")))),
            "id": entry["id"],
        }
        rows.append(Row(entry["id"], cells))
    keys = "name ecosystem part region number:mixed unit low:mixed high:mixed known source locator note id"
    return book.table("coefficients", _columns(book, keys, rows), rows)


def _optional(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def input_table(book: Book) -> Table:
    """Return the inputs with unit, form, status and source."""
    say = book.say
    rows = [
        Row(
            entry["name"],
            {
                "name": say.input_name(entry["name"]),
                "code": entry["name"],
                "unit": _input_unit(book, entry["unit"]),
                "form": say.known("statuses", entry["form"]),
                "known": say.known("statuses", entry["status"]),
                "source": entry["source"],
                "hash": entry["hash"],
            },
        )
        for entry in book.ledger.meta.inputs
    ]
    return book.table("inputs", _columns(book, "name code unit form known source hash", rows), rows)


def _input_unit(book: Book, text: str) -> str:
    """Return the units of an input; a table may use several."""
    return ", ".join("" if t == "class" else book.say.unit(t) for t in text.split(", "))


def method_table(book: Book) -> Table:
    """Return how each line is valued: method, variant, clause, formulas and what they cite."""
    rows = []
    for run, entry in book.ledger.meta.runs.items():
        service = run.partition(".")[0]
        note = [
            entry.get(f"note_{book.lang}", ""),
            *entry["spreads"],
            *entry["fallbacks"],
            *entry["deflators"],
        ]
        cells: dict[str, Cell] = {
            "service": book.label("service", service),
            "indicator": book.label("indicator", run),
            "method": book.say.known("methods", entry["method"]),
            "clause": entry.get("clause", ""),
            "formula": "; ".join(_formula(f) for f in entry["formulas"]),
            "source": "; ".join(_cited(entry["formulas"])),
            "note": "; ".join(filter(None, note)),
        }
        rows.append(Row(run, cells))
    return book.table(
        "method", _columns(book, "service indicator method clause formula source note", rows), rows
    )


def _formula(entry: Mapping[str, Any]) -> str:
    return f"{entry['name']}({', '.join(entry['arguments'])}) → {entry['result']}"


def _cited(formulas: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the keys of documents with the places in them."""
    keys = dict.fromkeys(key for formula in formulas for key in formula["cite"])
    return [" ".join(filter(None, key.partition(":")[::2])) for key in keys]


def source_table(book: Book) -> Table:
    """Return the documents that the profile, the formulas and the coefficients are taken from."""
    meta = book.ledger.meta
    cited = [
        key.partition(":")[0] for run in meta.runs.values() for f in run["formulas"] for key in f["cite"]
    ]
    named = {entry["source"]: entry[f"title_{book.lang}"] for entry in meta.coefficients}
    keys = sorted({meta.profile["source"], *cited, *named})
    rows = [Row(key, {"key": key, "source": named.get(key) or title(key, book.lang)}) for key in keys]
    return book.table("sources", _columns(book, "key source", rows), rows)


def finding_table(book: Book) -> Table:
    """Return the findings of the account, and of an audit where one is given."""
    say = book.say
    rows = [
        Row(f"account:{i}", {"from": say("rows.from_account"), "finding": str(text)})
        for i, text in enumerate(book.ledger.meta.findings, 1)
    ]
    rows += [Row(f"audit:{i}", cells) for i, cells in enumerate(_audited(book), 1)]
    return book.table("findings", _columns(book, "from=source kind finding where", rows), rows)


def _audited(book: Book) -> Iterator[dict[str, Cell]]:
    for found in book.audit or ():
        yield {
            "from": book.say("rows.from_audit"),
            "kind": f"{book.say.known('statuses', found.severity)} ({found.code})",
            "finding": found.text(book.lang),
            "where": "; ".join(found.where),
        }


def coverage_table(book: Book) -> Table:
    """Return the area that services do not cover, by zone and ecosystem, with the cause."""
    ledger, say = book.ledger, book.say
    rows = [
        Row(
            str(i),
            {
                "service": book.label("service", hole["service"]) if hole["service"] else say("causes.all"),
                "zone": str(ledger.zones["name"].get(hole["zone"], hole["zone"])),
                "code": str(hole["zone"]),
                "ecosystem": say.ecosystem(hole["ecosystem"]) if hole["ecosystem"] else say("causes.land"),
                "cause": say.cause(hole["cause"]),
                "area": float(hole["area_m2"]) / 1e6,
                "cells": float(hole["cells"]),
            },
        )
        for i, hole in enumerate(ledger.coverage.to_dict("records"), 1)
    ]
    columns = _columns(book, "service zone code ecosystem cause", rows)
    columns += [
        Column("area", book.head("not_covered"), "number", "km²"),
        Column("cells", book.head("cells"), "count"),
    ]
    return book.table("coverage", columns, rows, [say("notes.overlap") if rows else ""])


def _columns(book: Book, keys: str, rows: Iterable[Row]) -> list[Column]:
    """Return columns from ``key``, ``key:form`` or ``key=heading``; empty ones are left out."""
    listed, found = list(rows), []
    for text in keys.split():
        key, _, heading = text.partition("=")
        key, _, form = key.partition(":")
        kind: Form = "mixed" if form else "text"
        if not listed or any(row.cells.get(key) not in ("", None) for row in listed):
            found.append(Column(key, book.head(heading or key), kind))
    return found
