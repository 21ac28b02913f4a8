"""Writing tables with what belongs beside them, and reading both back whole, or not at all.

Every part is written with a digest of its content. A file that was cut off, changed by hand or put
beside that of another ledger is refused, and the error names the part.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from gep.errors import LedgerError, need_extra
from gep.files import write_whole

Kind = type[str] | type[int] | type[float]
#: What something is, what all that it holds is, and so on; several types where there is a choice.
Shape = Sequence[type[Any] | tuple[type[Any], ...]]
#: What a cell of a table may be.
PLAIN = (str, int, float, type(None))

#: Version of the layout of written ledgers; raised when a reader must change.
SCHEMA = 2
#: What is noted of a file of the first layout.
UNSIGNED = "read from a file of layout 1, which has no digest: whether it was changed cannot be told"
#: What stands beside the rows, and what each part is made of.
PARTS: Mapping[str, Shape] = {
    "zones": (list, dict, PLAIN),
    "region": (dict, PLAIN),
    "coverage": (list, dict, PLAIN),
    "extent": (list, dict, PLAIN),
    "meta": (dict,),
}


def write_csv(frame: pd.DataFrame, beside: dict[str, Any], path: str | Path) -> None:
    """Write ``path`` (rows) and ``path`` + ``.json`` (everything else), both or none.

    Raises
    ------
    LedgerError
        The files cannot be written; what stood there stays.
    """
    place = Path(path)
    rows = _rows(frame)
    text = json.dumps(_signed(beside, rows), ensure_ascii=False, indent=1)
    _write({place: rows, _companion(place): text.encode()})


def write_parquet(frame: pd.DataFrame, beside: dict[str, Any], path: str | Path) -> None:
    """Write one Parquet file; everything but the rows goes into its metadata.

    Raises
    ------
    LedgerError
        The file cannot be written; what stood there stays.
    """
    pa, pq = _pyarrow()
    table = pa.Table.from_pandas(frame, preserve_index=False)
    text = json.dumps(_signed(beside, _rows(frame)), ensure_ascii=False)
    out = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({**table.schema.metadata, b"gep": text.encode()}), out)
    _write({Path(path): out.getvalue()})


def read(path: str | Path, columns: Mapping[str, Kind]) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Read what :func:`write_csv` or :func:`write_parquet` wrote.

    Parameters
    ----------
    path : str or path
        Ends in ``.parquet``, or is the CSV of a pair.
    columns : mapping of str to type
        Columns that the rows must have, and what they hold: ``str``, ``int`` or ``float``.

    Raises
    ------
    LedgerError
        No ledger, no companion file, another layout, or a part that is not as it was written.
    """
    place = Path(path)
    if place.suffix == ".parquet":
        frame, text = _read_parquet(place, columns)
        beside = _checked(text, place, lambda: _rows(frame))
    else:
        rows, text = _read_csv(place)
        beside = _checked(text, place, lambda: rows)
        frame = _parsed(rows, columns, place)
    if lacking := [name for name in columns if name not in frame]:
        raise LedgerError(
            f"no column {', '.join(lacking)}", where=str(place), expected="the rows of a ledger"
        )
    return frame, beside


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain Python; a missing number becomes null."""
    return [{str(k): _plain(v) for k, v in row.items()} for row in frame.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


# ------------------------------------------------------------------------------------------ files


def _companion(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _rows(frame: pd.DataFrame) -> bytes:
    """Return rows as text; a float is written with all digits that it needs."""
    return frame.to_csv(index=False, lineterminator="\n").encode()


def _write(contents: Mapping[Path, bytes]) -> None:
    try:
        write_whole(contents)
    except OSError as error:
        place = next(iter(contents))
        raise LedgerError(
            f"it cannot be written: {error.strerror or error}", where=str(place),
            expected="a folder with room that may be written to", fix="what stood there before is untouched",
        ) from error  # fmt: skip


def _read_csv(place: Path) -> tuple[bytes, bytes]:
    companion = _companion(place)
    for file in (place, companion):
        if not file.is_file():
            both = f"{place.name} and {companion.name}"
            raise LedgerError("the file is missing", where=str(file), expected=both)
    try:
        # tools that pass files on may change how lines end
        return place.read_bytes().replace(b"\r\n", b"\n"), companion.read_bytes()
    except OSError as error:
        raise LedgerError(f"it cannot be read ({error.strerror})", where=str(place)) from error


def _parsed(rows: bytes, columns: Mapping[str, Kind], place: Path) -> pd.DataFrame:
    try:
        frame = _cells(rows)
        numbers = [name for name, kind in columns.items() if kind is not str and name in frame]
        # python reads a float to the last bit, whatever the version of pandas
        return frame.assign(**{n: [columns[n](v or "nan") for v in frame[n]] for n in numbers})
    except (ValueError, csv.Error) as error:
        raise LedgerError(
            f"the rows cannot be read: {error}", where=str(place), expected="the rows of a ledger"
        ) from error


def _cells(rows: bytes) -> pd.DataFrame:
    """Return rows as a table of texts; all of them have as many cells as there are columns."""
    lines = csv.reader(io.StringIO(rows.decode("utf-8-sig"), newline=""), strict=True)
    header = next(lines, [])
    if len(set(header)) < len(header):
        raise ValueError("a column is there twice")
    cells = [line for line in lines if line]
    if odd := [line for line in cells if len(line) != len(header)]:
        raise ValueError(f"{len(odd[0])} cells in a row of {len(header)} columns")
    return pd.DataFrame(cells, columns=pd.Index(header, dtype=object), dtype=str)


def _read_parquet(place: Path, columns: Mapping[str, Kind]) -> tuple[pd.DataFrame, bytes]:
    pa, pq = _pyarrow()
    if not place.is_file():
        raise LedgerError("the file is missing", where=str(place))
    try:
        # every row takes a byte at least; a file that says otherwise would fill the memory
        rows, size = pq.read_metadata(place).num_rows, place.stat().st_size
        if rows > size:
            raise LedgerError(
                f"{rows} rows in {size} bytes", where=str(place), expected=f"{size} rows at most"
            )
        table = pq.read_table(place)
        table.validate(full=True)  # texts may be none
        # what a file says of pandas is not followed: a column is what it holds
        frame = table.to_pandas(ignore_metadata=True)
    except (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError) as error:
        raise LedgerError(
            f"it cannot be read: {error}", where=str(place), expected="a Parquet file that is whole"
        ) from error
    if strange := [n for n, kind in columns.items() if n in frame and not _holds(frame[n], kind)]:
        raise LedgerError(f"{', '.join(strange)}: not what it is in a ledger", where=str(place))
    return frame, (table.schema.metadata or {}).get(b"gep", b"{}")


def _holds(column: Any, kind: Kind) -> bool:
    found = pd.api.types.infer_dtype(column, skipna=kind is float)
    return (
        found in {str: ("string", "empty"), int: ("integer",), float: ("floating", "integer", "empty")}[kind]
    )


def _pyarrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        raise need_extra("pyarrow", "parquet", "Parquet") from error
    return pa, pq


# ----------------------------------------------------------------------------------------- digests


def _signed(beside: Mapping[str, Any], rows: bytes) -> dict[str, Any]:
    """Return what stands beside the rows, with a digest of each part and of the rows."""
    told = json.loads(json.dumps(beside))  # as it will be read: keys are texts, tuples are lists
    digests = {"rows": _digest(rows), **{part: _digest(_canonical(told[part])) for part in PARTS}}
    return {"schema": SCHEMA, "digests": digests, **told}


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()


def _canonical(part: Any) -> bytes:
    try:
        return json.dumps(part, sort_keys=True, separators=(",", ":")).encode()
    except RecursionError:  # no ledger is that deep
        return b""


def _checked(text: bytes, place: Path, rows: Callable[[], bytes]) -> dict[str, Any]:
    """Return what stands beside the rows, in today's layout, once it is known to be as it was written."""
    beside = _loaded(text, place)
    known = {SCHEMA, *_MIGRATIONS}
    schema = beside.pop("schema", "none")
    if isinstance(schema, bool) or not isinstance(schema, int) or schema not in known:
        expected = f"a gep ledger of layout {SCHEMA}"
        raise LedgerError(f"layout {str(schema)[:40]}", where=str(place), expected=expected)
    if schema == SCHEMA:
        _compare(beside, place, rows)
    _check_shapes(beside, place)
    return beside if schema == SCHEMA else _MIGRATIONS[schema](beside)


def _loaded(text: bytes, place: Path) -> dict[str, Any]:
    try:
        beside = json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        told = str(error) or type(error).__name__
        raise LedgerError(
            f"what stands beside the rows cannot be read: {told}", where=str(place), expected="JSON"
        ) from error
    if not isinstance(beside, dict):
        raise LedgerError(
            f"what stands beside the rows is a {type(beside).__name__}", where=str(place),
            expected="what gep wrote beside them",
        )  # fmt: skip
    return beside


def _compare(beside: dict[str, Any], place: Path, rows: Callable[[], bytes]) -> None:
    """Refuse parts that are not as they were written; all of them are named."""
    digests = beside.pop("digests", None)
    if not isinstance(digests, dict):
        raise LedgerError(
            "the digests are missing", where=str(place), expected="one for the rows and each part"
        )
    changed = [
        part for part in PARTS if part not in beside or digests.get(part) != _digest(_canonical(beside[part]))
    ]
    changed += sorted(set(beside) - set(PARTS))
    if digests.get("rows") != _digest(rows()):
        changed.insert(0, "rows")
    if changed:
        raise LedgerError(
            f"not as they were written: {', '.join(changed)}", where=str(place),
            expected="files that nobody changed, cut off, or put beside those of another ledger",
            fix="take both files from where they were written, or compile the account again",
        )  # fmt: skip


def _check_shapes(beside: Mapping[str, Any], place: Path) -> None:
    """Refuse parts that are missing or made of something else than they are in a ledger."""
    for part, shape in PARTS.items():
        if not has_shape(beside.get(part), shape):
            raise LedgerError(
                f"{part!r} is not what it is in a ledger", where=str(place),
                expected=" of ".join(_KINDS.get(kind, "plain values") for kind in shape),
            )  # fmt: skip


_KINDS: Mapping[Any, str] = {list: "a list", dict: "named values"}


def has_shape(value: Any, shape: Shape) -> bool:
    """Tell whether a value is of the first type and all that it holds is of the next.

    Examples
    --------
    >>> has_shape([{}], (list, dict)), has_shape({"a": 1}, (dict, str))
    (True, False)
    """
    if not isinstance(value, shape[0]):
        return False
    held: Iterable[Any] = value.values() if isinstance(value, dict) else value
    return len(shape) == 1 or all(has_shape(v, shape[1:]) for v in held)


# -------------------------------------------------------------------------------------- migrations


def _from_first(beside: dict[str, Any]) -> dict[str, Any]:
    """Bring layout 1, which had no digests and did not carry arguments, to today's."""
    meta = beside["meta"]
    if isinstance(meta.get("findings"), list):
        meta = {**meta, "findings": [*meta["findings"], UNSIGNED]}
    return {**beside, "meta": meta}


_MIGRATIONS: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {1: _from_first}
