"""A coefficient table as a Frictionless data package: CSV with schema, sources and licence."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from gep.coefficients import COLUMNS, OWN_STATUSES, USER, CoefficientTable
from gep.files import write_whole
from gep.resources import vocabulary

#: https://datapackage.org/standard/data-package/
_PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
#: What the rows that come with the library are licensed under; the same as the library.
_SHIPPED = {
    "name": "Apache-2.0",
    "path": "https://www.apache.org/licenses/LICENSE-2.0",
    "title": "Apache License 2.0",
}
_ROWS, _SOURCES, _OWN = "coefficients.csv", "sources.csv", "sources.toml"
_REQUIRED = ("id", "quantity", "value", "unit", "source", "locator", "status")
_DESCRIPTIONS = {
    "id": "Key of the row.",
    "quantity": "Name of the quantity in the vocabulary of gep.",
    "value": "The number, in `unit`.",
    "unit": "Unit; money carries currency and price year, CNY_2020.",
    "low": "Lower end of the range, in `unit`.",
    "high": "Upper end of the range, in `unit`.",
    "distribution": "How the range is to be read.",
    "ecosystem": "Ecosystem type for which the row is valid; empty: any.",
    "region": "Region for which the row is valid; empty: any.",
    "item": "Crop, pollutant or other part for which the row is valid; empty: any.",
    "year": "Year of the number.",
    "source": "Key of the document, a row of the resource `sources`.",
    "locator": "Table, section or page of the document.",
    "status": "How the number is known.",
    "note_zh": "Remark in Chinese.",
    "note_en": "Remark in English.",
}
_SOURCE_COLUMNS = (
    "key",
    "title_zh",
    "title_en",
    "authors",
    "issuer",
    "number",
    "year",
    "doi",
    "url",
    "note_en",
)


def write(table: CoefficientTable, folder: str | Path, *, name: str = "", licence: str = "") -> Path:
    """Write a coefficient table as a data package.

    Writes ``datapackage.json``, ``coefficients.csv``, ``sources.csv`` and, where the table has
    sources of its own, ``sources.toml``: :meth:`CoefficientTable.load` takes the CSV again.

    Parameters
    ----------
    table : CoefficientTable
        The rows.
    folder : str or path
        Made if it is not there.
    name : str
        Name of the package; from the sets of the rows unless given.
    licence : str
        SPDX name for rows of one's own; they have none unless one is named. Shipped rows have
        that of the library.

    Returns
    -------
    Path
        ``datapackage.json``.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    rows = table.frame[list(COLUMNS)]
    used = {key: table.sources[key] for key in dict.fromkeys(rows["source"])}
    contents = {_ROWS: rows.to_csv(index=False), _SOURCES: _source_frame(used).to_csv(index=False)}
    package = _package(table, contents, used, name, licence)
    if own := {k: v for k, v in used.items() if k not in vocabulary("sources")}:
        contents[_OWN] = _toml(own)
    contents["datapackage.json"] = json.dumps(package, ensure_ascii=False, indent=2) + "\n"
    write_whole({place / file: text.encode() for file, text in contents.items()})
    return place / "datapackage.json"


def _package(
    table: CoefficientTable, contents: Mapping[str, str], used: Mapping[str, Any], name: str, licence: str
) -> dict[str, Any]:
    sets = list(dict.fromkeys(row.set for row in table.rows))
    licences = [_SHIPPED] if set(sets) - {USER} else []
    licences += [{"name": licence}] if licence else []
    package: dict[str, Any] = {
        "$schema": _PROFILE,
        "name": _slug(name or "-".join(["gep-coefficients", *sets[:3]])),
        "title": f"Coefficients of ecosystem accounting: {', '.join(sets)}",
        "description": "Numbers with unit, source, place in the source, and how they are known.",
        "sources": [_cited(key, entry) for key, entry in used.items()],
        "resources": [
            _resource("coefficients", contents[_ROWS], _ROWS, {
                "fields": [_field(column) for column in COLUMNS],
                "primaryKey": ["id"],
                "foreignKeys": [
                    {"fields": ["source"], "reference": {"resource": "sources", "fields": ["key"]}}
                ],
                "missingValues": [""],
            }),
            _resource("sources", contents[_SOURCES], _SOURCES, {
                "fields": [{"name": c, "type": "string"} for c in _SOURCE_COLUMNS],
                "primaryKey": ["key"],
                "missingValues": [""],
            }),
        ],
    }  # fmt: skip
    return {**package, "licenses": licences} if licences else package


def _resource(name: str, text: str, path: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    content = text.encode()
    return {
        "name": name,
        "type": "table",
        "path": path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "schema": schema,
    }


def _field(column: str) -> dict[str, Any]:
    constraints: dict[str, Any] = {"required": True} if column in _REQUIRED else {}
    if column == "id":
        constraints["unique"] = True
    if column == "status":
        constraints["enum"] = list(OWN_STATUSES)
    kind = "number" if column in ("value", "low", "high") else "string"
    made = {"name": column, "type": kind, "description": _DESCRIPTIONS[column]}
    return {**made, "constraints": constraints} if constraints else made


def _cited(key: str, entry: Mapping[str, Any]) -> dict[str, str]:
    """Return a source as the standard has it: a title, and a path where it can be found."""
    parts = [entry.get("title_en") or entry.get("title_zh") or key, entry.get("issuer"), entry.get("year")]
    made = {"title": ", ".join(str(p) for p in parts if p)}
    path = f"https://doi.org/{entry['doi']}" if entry.get("doi") else str(entry.get("url", ""))
    return {**made, "path": path} if path else made


def _source_frame(used: Mapping[str, Any]) -> pd.DataFrame:
    rows = [{"key": key, **entry} for key, entry in used.items()]
    return pd.DataFrame(rows).reindex(columns=list(_SOURCE_COLUMNS))


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("-") or "gep-coefficients"


def _toml(sources: Mapping[str, Mapping[str, Any]]) -> str:
    """Return sources as TOML; its basic strings are written like those of JSON."""
    lines: list[str] = []
    for key, entry in sources.items():
        lines.append(f"[{json.dumps(key, ensure_ascii=False)}]")
        lines += [f"{json.dumps(str(k))} = {_value(v)}" for k, v in entry.items()]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    plain: Iterable[type] = (bool, int, float)
    kept = value if isinstance(value, tuple(plain)) else str(value)
    return json.dumps(kept, ensure_ascii=False).replace("\x7f", "\\u007f")
