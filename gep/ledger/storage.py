"""Writing tables with what belongs beside them, and reading both back whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep.errors import LedgerError, need_extra

#: Version of the layout of written ledgers; raised when a reader must change.
SCHEMA = 1


def write_csv(frame: pd.DataFrame, beside: dict[str, Any], path: str | Path) -> None:
    """Write ``path`` (rows) and ``path`` + ``.json`` (everything else)."""
    place = Path(path)
    frame.to_csv(place, index=False)
    text = json.dumps({"schema": SCHEMA, **beside}, ensure_ascii=False, indent=1)
    _companion(place).write_text(text, encoding="utf-8")


def write_parquet(frame: pd.DataFrame, beside: dict[str, Any], path: str | Path) -> None:
    """Write one Parquet file; everything but the rows goes into its metadata."""
    pa, pq = _pyarrow()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    text = json.dumps({"schema": SCHEMA, **beside}, ensure_ascii=False)
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"gep": text.encode()}), path)


def read(path: str | Path, numbers: Sequence[str]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read what :func:`write_csv` or :func:`write_parquet` wrote.

    Parameters
    ----------
    path : str or path
        Ends in ``.parquet``, or is the CSV of a pair.
    numbers : sequence of str
        Columns that hold numbers; all others are text.

    Raises
    ------
    LedgerError
        No ledger, no companion file, or another layout.
    """
    place = Path(path)
    if place.suffix == ".parquet":
        _, pq = _pyarrow()
        if not place.is_file():
            raise LedgerError("the file is missing", where=str(place))
        table = pq.read_table(place)
        text = (table.schema.metadata or {}).get(b"gep", b"{}")
        return table.to_pandas(), _checked(json.loads(text), place)
    companion = _companion(place)
    if not place.is_file() or not companion.is_file():
        gone = place if not place.is_file() else companion
        both = f"{place.name} and {companion.name}"
        raise LedgerError("the file is missing", where=str(gone), expected=both)
    header = pd.read_csv(place, nrows=0).columns
    texts = {c: str for c in header if c not in numbers}
    frame = pd.read_csv(place, dtype=texts, keep_default_na=False, na_values={c: [""] for c in numbers})
    return frame, _checked(json.loads(companion.read_text(encoding="utf-8")), place)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain Python; a missing number becomes null."""
    return [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


def _companion(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _checked(beside: dict[str, Any], path: Path) -> dict[str, Any]:
    if beside.get("schema") != SCHEMA:
        found = beside.get("schema", "none")
        raise LedgerError(f"layout {found}", where=str(path), expected=f"a gep ledger of layout {SCHEMA}")
    return beside


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise need_extra("pyarrow", "parquet", "Parquet") from error
    return pa, pq
