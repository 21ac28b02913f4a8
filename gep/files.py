"""Files that are written whole or not at all, and read row by row or not at all."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from gep.errors import Faults, GepError

#: What a spreadsheet reads as the beginning of a formula; the wide forms count in CJK locales.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Characters that a spreadsheet cannot hold.
ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|[\ud800-\udfff\ufffe\uffff]")
#: Characters that a cell of a spreadsheet holds.
_CELL = 32_000
#: Cells that rows may leave out at their end, beyond one a character.
_LEFT_OUT = 10_000
#: The place of a row, and its cells by column.
Line = tuple[str, dict[str, str]]


def read_csv(path: str | Path, kind: type[GepError]) -> tuple[list[str], list[Line]]:
    """Return columns and rows of a CSV file in UTF-8; see :func:`csv_lines`.

    Raises
    ------
    GepError
        Of the class ``kind``: a file that is not there, in another encoding, or damaged.
    """
    place = Path(path)
    try:
        text = place.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        book = place.suffix.lower() in (".xlsx", ".xls", ".ods")
        told = (
            f"cannot be read: {error.strerror}" if isinstance(error, OSError) else "cannot be read as UTF-8"
        )
        raise kind(
            told, where=str(place),
            fix="pandas.read_excel(...) reads it into a table" if book else "save it as CSV UTF-8",
        ) from error  # fmt: skip
    return csv_lines(text, place.name, kind)


def csv_lines(text: str, name: str, kind: type[GepError]) -> tuple[list[str], list[Line]]:
    r"""Return the columns of a CSV and its rows that are not empty, all cells stripped.

    Parameters
    ----------
    text : str
    name : str
        What the file is called in messages; a row is at ``name:line``.
    kind : type of GepError
        Class of what is raised.

    Raises
    ------
    GepError
        A column twice, cells without a column, a quote that was lost: what stands behind it would be
        one cell; more cells left out than the text has characters. All faults at once.

    Examples
    --------
    >>> csv_lines("a, b\n1,2\n,\n", "t.csv", GepError)
    (['a', 'b'], [('t.csv:2', {'a': '1', 'b': '2'})])
    """
    reader = csv.reader(io.StringIO(text, newline=None), strict=True)
    header: list[str] = []
    lines: list[Line] = []
    faults = Faults()
    room = len(text) + _LEFT_OUT
    try:
        for raw in reader:
            cells, place = [cell.strip() for cell in raw], f"{name}:{reader.line_num}"
            if not any(cells):
                continue
            if header:
                _check_cells(cells, header, place, faults)
                room -= max(0, len(header) - len(cells))
                if room < 0:  # a few bytes a row would become thousands of cells
                    raise kind(
                        "the rows lack most of their cells", where=place, expected=f"{len(header)} cells"
                    )
                lines.append((place, {h: "".join(cells[i : i + 1]) for i, h in enumerate(header) if h}))
            else:
                header = cells
    except csv.Error as error:
        raise kind(
            f"it is no CSV: {error}", where=f"{name}:{reader.line_num}", fix="look for a lost quote"
        ) from error
    if doubled := sorted(c for c, times in Counter(header).items() if c and times > 1):
        faults.add(f"columns {', '.join(doubled)} stand twice in the header", where=name)
    faults.raise_as(kind, "the rows do not fit the header", where=name)
    return [c for c in header if c], lines


def _check_cells(cells: list[str], header: list[str], place: str, faults: Faults) -> None:
    """Note cells without a column, and cells that hold rows."""
    if any(cells[len(header) :]):
        faults.add(
            "it has more cells than the header", where=place,
            expected=f"{len(header)} cells", fix="quote the commas",
        )  # fmt: skip
    if any(cell for cell, column in zip(cells, header, strict=False) if not column):
        faults.add("a cell stands under no name", where=place, fix="name its column, or empty it")
    if any("\n" in cell and cell.partition("\n")[2].count(",") >= len(header) - 1 > 0 for cell in cells):
        faults.add("a cell holds whole rows", where=place, fix="look for a lost quote")


def neutral(text: str) -> str:
    """Return text that no spreadsheet takes for a formula, without characters it cannot hold.

    Examples
    --------
    >>> neutral("=1+1"), neutral("a=b"), neutral("榆林镇")
    ("'=1+1", 'a=b', '榆林镇')
    """
    kept = ILLEGAL.sub("", text)[:_CELL]
    return f"'{kept}" if kept.startswith(RISKY) else kept


def write_whole(contents: Mapping[Path, bytes]) -> None:
    """Write files; none is replaced before all of them lie on the disk.

    What stood there before stays where the disk is full or the process is killed.

    Parameters
    ----------
    contents : mapping of path to bytes

    Raises
    ------
    OSError

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole({Path(folder) / "a.txt": b"one", Path(folder) / "b.txt": b"two"})
    ...     sorted(path.name for path in Path(folder).iterdir())
    ['a.txt', 'b.txt']
    """
    beside = {path: path.with_name(f".{path.name}.tmp") for path in contents}
    try:
        for path, content in contents.items():
            with beside[path].open("wb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
        for path, spare in beside.items():
            spare.replace(path)
    finally:
        for spare in beside.values():
            with suppress(OSError):
                spare.unlink()
