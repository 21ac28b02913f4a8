"""Fingerprints: a short text that differs where contents differ, the same in every process."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, is_dataclass
from datetime import date
from types import CodeType, EllipsisType, FunctionType, NoneType
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_PLAIN = (str, bytes, int, float, complex, date, EllipsisType, NoneType)
#: Bytes that are digested together.
_PIECE = 1 << 24


def fingerprint(value: Any, *, code: bool = False) -> str:
    """Return 32 hexadecimal digits of numbers, texts, arrays, tables, and what is made of them.

    Parameters
    ----------
    value : object
        Dataclasses count by the fields that are compared, other objects of this library by all they
        hold; mappings and sets in any order.
    code : bool
        Functions count by what they compute (in this version of Python), else by their name.

    Raises
    ------
    TypeError
        Something whose content cannot be told.

    Examples
    --------
    >>> fingerprint({"a": 1, "b": [2.0, None]}) == fingerprint({"b": [2.0, None], "a": 1})
    True
    >>> fingerprint(np.arange(3)) == fingerprint(np.arange(3.0))
    False
    """
    digest = hashlib.blake2b(digest_size=16)
    for part in _told(value, (), code=code):
        digest.update(b"%d:" % len(part))
        digest.update(part)
    return digest.hexdigest()


def _told(value: Any, within: tuple[Any, ...], *, code: bool) -> Iterator[bytes]:
    """Yield a kind and the content, so that no two values yield the same."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, FunctionType):
        yield from _function(value, within, code=code)
    elif isinstance(value, np.ndarray):
        yield from _array(value, within, code=code)
    elif isinstance(value, _PLAIN) or value is pd.NA:
        yield repr(value).encode()
    else:
        kind, parts = _parts(value)
        yield f"{kind} of {len(parts)}".encode()
        for part in parts:
            yield from _told(part, within, code=code)


def _parts(value: Any) -> tuple[str, list[Any]]:
    """Return what a value is and what it consists of, in an order that is always the same."""
    if isinstance(value, pd.DataFrame):
        table = value.to_dict("split")
        return "table", [table["columns"], table["index"], table["data"], value.index.name]
    if is_dataclass(value) and not isinstance(value, type):
        named = [(f.name, getattr(value, f.name)) for f in fields(value) if f.compare]
        return type(value).__qualname__, [part for pair in named for part in pair]
    if isinstance(value, Mapping):
        return "mapping", [part for key in sorted(value, key=repr) for part in (key, value[key])]
    if isinstance(value, AbstractSet):
        return "set", sorted(value, key=repr)
    if isinstance(value, list | tuple):
        return "sequence", list(value)
    if type(value).__module__.partition(".")[0] == "gep" and hasattr(value, "__dict__"):
        return type(value).__qualname__, [vars(value)]
    raise TypeError(f"a {type(value).__qualname__} has no fingerprint")


def _array(values: NDArray[Any], within: tuple[Any, ...], *, code: bool) -> Iterator[bytes]:
    yield f"array of {values.dtype.str} {values.shape}".encode()
    if values.dtype.hasobject:
        yield from _told(values.ravel().tolist(), within, code=code)
        return
    rows = np.atleast_1d(values)
    step = max(1, _PIECE * len(rows) // max(rows.nbytes, 1))
    starts = range(0, len(rows), step)

    def digest(start: int) -> bytes:
        # processors have instructions for this one
        piece = np.ascontiguousarray(rows[start : start + step])
        return hashlib.sha256(piece.reshape(-1).view(np.uint8)).digest()

    if len(starts) < 2:
        yield from map(digest, starts)
        return
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(digest, starts)


def _function(value: FunctionType, within: tuple[Any, ...], *, code: bool) -> Iterator[bytes]:
    yield f"function {value.__module__}.{value.__qualname__}".encode()
    if not code or value in within:
        return
    yield from _code(value.__code__)
    closed = [cell.cell_contents for cell in value.__closure__ or ()]
    for used in (value.__defaults__, value.__kwdefaults__, closed):
        yield from _told(used, (*within, value), code=code)
    for name in value.__code__.co_names:
        one = value.__globals__.get(name)
        if isinstance(one, FunctionType | int | float | str | tuple) or is_dataclass(one):
            yield from _told(one, (*within, value), code=code)


def _code(code: CodeType) -> Iterator[bytes]:
    """Yield instructions, names and constants; of constants that are code themselves as well."""
    yield code.co_code
    yield repr((code.co_names, code.co_varnames, code.co_freevars)).encode()
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        else:
            yield from _told(constant, (), code=False)
