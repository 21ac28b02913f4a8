"""Checkpoints: what a pass has added up so far, on disk, so that a run that was cut off goes on there.

The blocks of a grid are cut into groups. The exact sums of a finished group are one file, written whole
or not at all. Because sums are exact, it does not matter which run added up which group.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import python_version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gep.errors import GridError
from gep.files import write_whole
from gep.fingerprints import fingerprint
from gep.grid import passes, sources
from gep.grid.blocks import BlockTask, FieldSums, Sums, merged
from gep.grid.exact import ExactSums
from gep.grid.runs import Pairs

Chunks = tuple[tuple[int, ...], tuple[int, ...]]

#: Version of the layout of the files.
_LAYOUT = 1
#: Cells of a group at least, and groups at most: writing one must take far less than adding it up.
_LEAST, _MOST = 1 << 25, 512
#: Threads for which arrays in memory are cut: other machines that go on find the same blocks.
_THREADS = 16
_IDENTITY = "identity.json"
#: What reading raises of a file that is not as it was written.
_DAMAGED = (
    ValueError, TypeError, KeyError, IndexError, OverflowError, EOFError, SyntaxError, MemoryError,
    RecursionError, NotImplementedError, RuntimeError, OSError, zipfile.BadZipFile, zlib.error,
)  # fmt: skip
_ANEW = "give another folder, or delete this one, to begin anew"


@dataclass(frozen=True)
class Checkpoint:
    """A folder with the sums of finished groups of blocks of one pass.

    Attributes
    ----------
    folder : Path
    identity : mapping of str to str
        What is computed, from what, with which version.
    chunks : tuple of tuple of int
        Heights and widths of the blocks.
    """

    folder: Path
    identity: Mapping[str, str]
    chunks: Chunks

    @classmethod
    def of(
        cls,
        folder: str | Path,
        task: BlockTask,
        arrays: Sequence[Any],
        names: Sequence[str],
        block_cells: int | None = None,
    ) -> Checkpoint:
        """Open or begin the checkpoint of a pass over ``arrays``, which are called ``names``.

        Raises
        ------
        GridError
            The folder holds something else, a checkpoint of another computation, or cannot be written.
        """
        shape = arrays[0].shape
        chunks = passes.chunks_of(list(arrays), passes.block_cells(shape, _THREADS, block_cells))
        made = cls(Path(folder), identity(task, arrays, names, chunks), chunks)
        try:
            made._open()
        except OSError as error:
            raise made._unwritten(error) from error
        return made

    @property
    def groups(self) -> list[range]:
        """Return the numbers of the blocks of each group, row by row of the grid."""
        rows, cols = self.chunks
        blocks = len(rows) * len(cols)
        cells = max(_LEAST, sum(rows) * sum(cols) / _MOST)
        size = math.ceil(cells / max(1, max(rows) * max(cols)))
        return [range(first, min(first + size, blocks)) for first in range(0, blocks, size)]

    def load(self, task: BlockTask) -> tuple[dict[str, Sums], dict[int, range]]:
        """Return the sums of all groups that are finished, and the blocks of those that are not.

        Raises
        ------
        GridError
            A file is damaged, or of another computation.
        """
        total, open_ = task.nothing(), {}
        for number, blocks in enumerate(self.groups):
            if self._place(number).is_file():
                merged(total, [self._read(number, blocks, task)])
            else:
                open_[number] = blocks
        return total, open_

    def keep(self, number: int, sums: dict[str, Sums]) -> None:
        """Write the sums of a finished group.

        Raises
        ------
        GridError
            It cannot be written; what was written before stays.
        """
        body = io.BytesIO()
        arrays: dict[str, Any] = _packed(sums)
        np.savez(body, **arrays)
        text = json.dumps(self._head(number, self.groups[number])).encode() + b"\n" + body.getvalue()
        try:
            write_whole({self._place(number): _digest(text) + b"\n" + text})
        except OSError as error:
            raise self._unwritten(error) from error

    # ------------------------------------------------------------------------------------- files

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self.folder / _IDENTITY
        if place.is_file():
            self._compare(place)
            return
        strange = sorted(p.name for p in self.folder.iterdir() if not p.name.startswith("."))
        if strange:
            raise GridError(
                f"it is no checkpoint and holds {', '.join(strange[:5])}", where=str(self.folder),
                expected="an empty folder, one that is not there yet, or a checkpoint",
            )  # fmt: skip
        told = {"gep": "checkpoint", "layout": _LAYOUT, "stamp": self._stamp, "identity": self.identity}
        write_whole({place: json.dumps(told, indent=1, ensure_ascii=False).encode()})

    def _compare(self, place: Path) -> None:
        """Refuse the checkpoint of another computation, and say what differs."""
        try:
            told = json.loads(place.read_text(encoding="utf-8"))
            known = dict(told["identity"])
            sound = told["layout"] == _LAYOUT and told["stamp"] == fingerprint(known)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise self._damaged(place) from error
        if not sound:
            raise self._damaged(place)
        if differing := differences(known, self.identity):
            raise GridError(
                f"the checkpoint is of another computation: {'; '.join(differing)}", where=str(self.folder),
                expected="what it was begun with", fix=_ANEW,
            )  # fmt: skip

    def _read(self, number: int, blocks: range, task: BlockTask) -> dict[str, Sums]:
        place = self._place(number)
        try:
            digest, _, text = place.read_bytes().partition(b"\n")
        except OSError as error:
            raise GridError(f"it cannot be read ({error.strerror})", where=str(place)) from error
        if digest != _digest(text):
            raise self._damaged(place)
        head, _, body = text.partition(b"\n")
        try:
            its = json.loads(head)
            sums = _unpacked(_arrays(body), task) if its == self._head(number, blocks) else None
        except _DAMAGED as error:
            raise self._damaged(place) from error
        if sums is None:
            raise GridError("the file is of another checkpoint", where=str(place), fix="delete this file")
        return sums

    def _head(self, number: int, blocks: range) -> dict[str, Any]:
        return {"gep": _LAYOUT, "stamp": self._stamp, "group": number, "blocks": [blocks.start, blocks.stop]}

    @property
    def _stamp(self) -> str:
        return fingerprint(dict(self.identity))

    def _place(self, number: int) -> Path:
        return self.folder / f"{number:05d}.sums"

    def _damaged(self, place: Path) -> GridError:
        fix = _ANEW if place.name == _IDENTITY else "delete this file; its blocks are then added up again"
        return GridError(
            "the file is damaged", where=str(place), expected="a file as the run wrote it", fix=fix
        )

    def _unwritten(self, error: OSError) -> GridError:
        kept = sum(self._place(number).is_file() for number in range(len(self.groups)))
        return GridError(
            f"the checkpoint cannot be written: {error.strerror or error}", where=str(self.folder),
            expected="a folder with room that may be written to",
            fix=f"make room and start again: {kept} of {len(self.groups)} groups of blocks are kept",
        )  # fmt: skip


# --------------------------------------------------------------------------------------- identity


def identity(task: BlockTask, arrays: Sequence[Any], names: Sequence[str], chunks: Chunks) -> dict[str, str]:
    """Return what a pass computes, from what, with which version, by what a reader would call it.

    Raises
    ------
    GridError
        A model holds something whose content cannot be told.
    """
    rows, cols = chunks
    size = f"{len(rows)} x {len(cols)} of up to {max(rows)} x {max(cols)} cells"
    found = {
        "software": ", ".join([f"Python {python_version()}", *map(_version, ("gep", "numpy", "numba"))]),
        "blocks": f"{size} ({fingerprint(chunks)[:8]})",
        "areas of cells": fingerprint(task.area),
        "labels that are outside or unclassified": fingerprint(
            [task.zonings, task.classed, task.unclassified]
        ),
        "cells that zones share": fingerprint(task.shared),
    }
    for number, (name, array) in enumerate(zip(names, arrays, strict=True), 1):
        found[f"layer {number} ({name})"] = sources.content(array)
    for field in task.fields:
        try:
            found[f"field {field.name}"] = fingerprint(field, code=True)
        except (TypeError, ValueError) as error:
            raise GridError(
                f"what it computes cannot be told apart from something else: {error}",
                where=f"field {field.name}", fix="leave checkpoint= away, or use numbers and tables alone",
            ) from error  # fmt: skip
    return found


def differences(was: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Say in words where two identities differ.

    Examples
    --------
    >>> differences({"software": "gep 1", "layer 1 (rain)": "aa"}, {"software": "gep 2"})
    ['software was gep 1, is gep 2', 'layer 1 (rain) is not there now']
    """
    told = []
    for name in dict.fromkeys([*was, *now]):
        if name not in now:
            told.append(f"{name} is not there now")
        elif name not in was:
            told.append(f"{name} was not there")
        elif was[name] != now[name]:
            spelt = name in ("software", "blocks")
            told.append(f"{name} was {was[name]}, is {now[name]}" if spelt else f"{name} is another")
    return told


def _version(package: str) -> str:
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return f"{package} (not installed)"


# ------------------------------------------------------------------------------------------- sums


def _digest(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=32).hexdigest().encode()


def _packed(sums: Mapping[str, Sums]) -> dict[str, NDArray[Any]]:
    """Return sums as plain arrays; zonings and fields by their place among the sorted names."""
    arrays: dict[str, NDArray[Any]] = {}
    for i, name in enumerate(sorted(sums)):
        one = sums[name]
        arrays |= {f"{i}.zone": one.pairs.zone, f"{i}.class": one.pairs.cls, f"{i}.cells": one.cells}
        arrays |= _digits(f"{i}.area", one.area)
        for j, field in enumerate(sorted(one.fields)):
            found = one.fields[field]
            arrays |= _digits(f"{i}.{j}.total", found.total)
            arrays |= _digits(f"{i}.{j}.lacking", found.missing_area)
            arrays[f"{i}.{j}.missing"] = found.missing
    return arrays


def _unpacked(arrays: Mapping[str, NDArray[Any]], task: BlockTask) -> dict[str, Sums]:
    """Return the sums that :func:`_packed` wrote down."""
    made = {}
    for i, name in enumerate(sorted(task.zonings)):
        pairs = Pairs()
        pairs.number(arrays[f"{i}.zone"], arrays[f"{i}.class"])
        fields = {
            field: FieldSums(
                _exact(arrays, f"{i}.{j}.total"),
                arrays[f"{i}.{j}.missing"],
                _exact(arrays, f"{i}.{j}.lacking"),
            )
            for j, field in enumerate(sorted(task.names))
        }
        made[name] = Sums(pairs, arrays[f"{i}.cells"], _exact(arrays, f"{i}.area"), fields)
    return made


def _arrays(body: bytes) -> dict[str, NDArray[Any]]:
    """Return the arrays of a file; one that would grow in memory beyond what it is on disk is none."""
    with zipfile.ZipFile(io.BytesIO(body)) as held:
        if any(one.file_size > len(body) for one in held.infolist()):
            raise ValueError("an array is larger than the file")
    with np.load(io.BytesIO(body), allow_pickle=False) as arrays:
        return dict(arrays)


def _digits(name: str, sums: ExactSums) -> dict[str, NDArray[Any]]:
    sums.settle()
    lowest = np.array(sums.lowest, np.int64)
    return {f"{name}.digits": sums.digits, f"{name}.endless": sums.endless, f"{name}.lowest": lowest}


def _exact(arrays: Mapping[str, NDArray[Any]], name: str) -> ExactSums:
    return ExactSums(arrays[f"{name}.digits"], arrays[f"{name}.endless"], int(arrays[f"{name}.lowest"]))
