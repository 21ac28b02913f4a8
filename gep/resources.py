"""Where the data files of the library lie: inside the wheel, or beside the checkout."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from gep.errors import TableError

#: Dots in a name; the reader of TOML takes memory by their square.
_PARTS = 200
_HERE = Path(__file__).resolve().parent


@cache
def folder() -> Path:
    """Return the folder of coefficients, profiles and vocabularies."""
    for place in (_HERE / "coefficients", _HERE.parent / "coefficients"):
        if (place / "units.toml").is_file():
            return place
    raise TableError(
        "the data folder 'coefficients' is missing",
        where=str(_HERE),
        fix="install gep again; the wheel carries this folder",
    )


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file; a fault in it names the file and the line."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if any(piece.count(".") > _PARTS for line in text.splitlines() for piece in line.split("=")):
            raise TableError(f"not valid TOML: a name of more than {_PARTS} parts", where=str(path))
        return tomllib.loads(text)
    except OSError as error:
        raise TableError(f"cannot be read ({error.strerror})", where=str(path)) from error
    except RecursionError as error:
        raise TableError("not valid TOML: it is nested too deep", where=str(path)) from error
    except ValueError as error:  # of TOML, of UTF-8, or a number with thousands of digits
        raise TableError(f"not valid UTF-8 TOML: {error}", where=str(path)) from error


@cache
def vocabulary(name: str) -> dict[str, Any]:
    """Return a shipped vocabulary (``units``, ``services``, ``ecosystems``, ...) as read."""
    return read_toml(folder() / f"{name}.toml")
