"""The list of data to gather for a profile, and empty files to fill in."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from gep.coefficients import COLUMNS as COEFFICIENT_COLUMNS
from gep.coefficients import CoefficientTable
from gep.files import neutral
from gep.tables import COLUMNS as TABLE_COLUMNS

if TYPE_CHECKING:
    from gep.profiles.model import Ref
    from gep.profiles.profile import Profile

#: Inputs that no service needs; indicators divide by them.
FACTS = ("population", "gdp", "stated_area")
_COLUMNS = ("name", "supply", "unit", "zh", "en", "services", "needed", "where_zh", "where_en")


def requirements(profile: Profile) -> pd.DataFrame:
    """Return the data that an account by this profile needs.

    Returns
    -------
    DataFrame
        Index ``name``; ``supply`` (grid, table, either, coefficient), ``unit``, labels, the
        services that use it, ``needed`` (``required``, ``or ...`` with the alternatives, ``shipped``
        for coefficients that a set of the profile has, ``for indicators``), and where it is found.
    """
    table = CoefficientTable.shipped(profile.coefficients)
    rows: dict[str, dict[str, Any]] = {}
    for service, _, refs in profile.refs():
        leaves = [r for r in refs if r.kind in ("input", "coefficient")]
        for ref in leaves:
            others = [str(r) for r in refs if r != ref]
            row = rows.setdefault(ref.name.partition("/")[0], _row(profile, ref, table))
            row["services"] = list(dict.fromkeys([*row["services"], service]))
            if others and row["needed"] == "required":
                row["needed"] = f"or {', '.join(others)}"
    for name in FACTS:
        quantity = profile.quantity(name)
        rows.setdefault(name, _entry(name, quantity.form, profile) | {"needed": "for indicators"})
    frame = pd.DataFrame(list(rows.values()), columns=list(_COLUMNS))
    return frame.assign(services=[", ".join(s) for s in frame["services"]]).set_index("name")


def _row(profile: Profile, ref: Ref, table: CoefficientTable) -> dict[str, Any]:
    name = ref.name.partition("/")[0]
    if ref.kind == "input":
        return _entry(name, profile.quantity(name).form, profile)
    shipped = "shipped" if table.has(name, profile.regions) else "required"
    return _entry(name, "coefficient", profile) | {"needed": shipped}


def _entry(name: str, supply: str, profile: Profile) -> dict[str, Any]:
    quantity = profile.quantity(name)
    return {
        "name": name,
        # a coefficient that the profile takes as an input is a field or a table of one's own
        "supply": supply,
        "unit": quantity.unit,
        "zh": quantity.zh,
        "en": quantity.en,
        "services": [],
        "needed": "required",
        "where_zh": quantity.where_zh,
        "where_en": quantity.where_en,
    }


def template(
    profile: Profile, folder: str | Path, zones: Sequence[str] = (), *, price_year: int | None = None
) -> list[Path]:
    """Write empty files that a bureau can fill in.

    Parameters
    ----------
    profile : Profile
        What is to be accounted.
    folder : path
        Created if it is not there; files that are there already are not touched.
    zones : sequence of str
        Zone codes, for population by zone.
    price_year : int, optional
        Year to write into the units of money; otherwise ``CNY_YYYY`` stands there, to be completed.

    Returns
    -------
    list of Path
        ``tables.csv`` (for :meth:`gep.Inputs.add_table`), ``coefficients.csv`` (for
        ``compile_account``), ``grids.csv`` (a list to tick off), and a workbook of the three
        where the extra ``excel`` is installed.

    Raises
    ------
    FileExistsError
        A file is there already: nothing that somebody filled in is lost.
    """
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    needed = requirements(profile)
    needed["unit"] = needed["unit"].str.replace("money", f"CNY_{price_year or 'YYYY'}")
    sheets = {
        "tables": _tables(needed, zones),
        "coefficients": _coefficients(needed),
        "grids": needed[needed["supply"].isin(["grid", "either"])].reset_index(),
    }
    # a profile of somebody else may have labels that a spreadsheet would take for formulas
    sheets = {n: frame.map(lambda c: neutral(c) if isinstance(c, str) else c) for n, frame in sheets.items()}
    written = [_write(frame, place / f"{name}.csv") for name, frame in sheets.items()]
    return [*written, *_workbook(sheets, place / "template.xlsx")]


def _tables(needed: pd.DataFrame, zones: Sequence[str]) -> pd.DataFrame:
    rows = []
    for entry in needed[needed["supply"].isin(["table", "either"])].reset_index().to_dict("records"):
        for zone in zones if entry["name"] == "population" and zones else ("",):
            note = f"{entry['zh']} | {entry['en']}"
            rows.append({"variable": entry["name"], "zone": zone, "unit": entry["unit"], "note": note})
    return pd.DataFrame(rows, columns=list(TABLE_COLUMNS), dtype=object).fillna("")


def _coefficients(needed: pd.DataFrame) -> pd.DataFrame:
    lacking = needed[(needed["supply"] == "coefficient") & (needed["needed"] != "shipped")].reset_index()
    rows = [
        {
            "quantity": e["name"],
            "unit": e["unit"],
            "note_zh": e["zh"],
            "note_en": f"{e['en']} ({e['where_en']})",
        }
        for e in lacking.to_dict("records")
    ]
    return pd.DataFrame(rows, columns=list(COEFFICIENT_COLUMNS), dtype=object).fillna("")


def _write(frame: pd.DataFrame, path: Path) -> Path:
    # the mark at the beginning makes spreadsheet programs read Chinese labels as UTF-8
    with path.open("x", encoding="utf-8-sig", newline="") as file:
        frame.to_csv(file, index=False, quoting=csv.QUOTE_MINIMAL, lineterminator="\n")
    return path


def _workbook(sheets: dict[str, pd.DataFrame], path: Path) -> list[Path]:
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        return []
    if path.exists():
        raise FileExistsError(path)
    with pd.ExcelWriter(path, engine="openpyxl") as writer:
        for name, frame in sheets.items():
            frame.to_excel(writer, sheet_name=name, index=False, freeze_panes=(1, 0))
    return [path]
