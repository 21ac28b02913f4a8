"""Ecosystem types and the crosswalks that lead to them from land-cover products."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gep.errors import Faults, TableError
from gep.files import read_csv
from gep.resources import vocabulary

#: What a scheme of one's own writes in place of an ecosystem for "not mapped".
NODATA = "nodata"
#: Whole numbers beyond this are not exact as floats, so no class code is.
_LARGEST = 2.0**53


@cache
def types() -> dict[str, dict[str, str]]:
    """Return code -> {zh, en, parent} of every ecosystem type."""
    return dict(vocabulary("ecosystems")["types"])


def label(code: str, lang: str) -> str:
    """Return the zh or en label of an ecosystem type; unattributed values say so."""
    if not code:
        return {"zh": "（未归属）", "en": "(not attributed)"}[lang]
    return types()[code][lang] if code in types() else code


def within(code: str, groups: Iterable[str]) -> bool:
    """Tell whether a type is one of ``groups`` or below one of them; ``!group`` takes one out.

    Examples
    --------
    >>> within("marsh", ["wetland"]), within("lake", ["wetland", "!lake"]), within("marsh", ["forest"])
    (True, False, False)
    """
    wanted = set(groups)
    inside = False
    while code:
        if f"!{code}" in wanted:
            return False
        inside = inside or code in wanted
        code = types().get(code, {}).get("parent", "")
    return inside


@dataclass(frozen=True)
class Crosswalk:
    """Which ecosystem type each land-cover code stands for.

    Attributes
    ----------
    classes : mapping of int to str
        Land-cover code to ecosystem type.
    nodata : tuple of int
        Codes that mean "not mapped"; their area is reported as not covered.
    name : str
        Name of the scheme.
    source : str
        Key of the document it is taken from.
    """

    name: str
    classes: Mapping[int, str]
    nodata: tuple[int, ...] = ()
    source: str = ""

    @classmethod
    def shipped(cls, name: str) -> Crosswalk:
        """Return the crosswalk of a land-cover product.

        Examples
        --------
        >>> Crosswalk.shipped("esa-worldcover").classes[10]
        'forest'
        """
        known = vocabulary("ecosystems")["crosswalks"]
        if name not in known:
            raise TableError(
                f"no crosswalk {name!r}",
                expected=f"one of {', '.join(known)}, or a mapping of code to ecosystem type",
            )
        entry = known[name]
        classes = {int(c["code"]): str(c["ecosystem"]) for c in entry["classes"]}
        return cls(name, classes, tuple(int(c) for c in entry.get("nodata", ())), entry.get("source", ""))

    @classmethod
    def load(cls, path: str | Path) -> Crosswalk:
        """Read a scheme of one's own: a CSV with columns ``code`` and ``ecosystem``.

        A code whose ecosystem is ``nodata`` means "not mapped". Further columns are passed over.

        Raises
        ------
        TableError
            All faults at once, each with its line.
        """
        place = Path(path)
        classes: dict[int, str] = {}
        faults = Faults()
        for where, row in read_csv(place, TableError)[1]:
            code, ecosystem = (row.get(k, "") for k in ("code", "ecosystem"))
            if not re.fullmatch(r"-?\d{1,15}", code, re.ASCII):
                faults.add(f"code {code!r}", where=where, expected="a whole number in a column 'code'")
            elif int(code) in classes:
                faults.add(f"code {code} stands more than once", where=where)
            elif ecosystem != NODATA and ecosystem not in types():
                near = ", ".join(difflib.get_close_matches(ecosystem, types(), n=3))
                faults.add(
                    f"ecosystem {ecosystem!r}", where=where, expected=near or "a type of ecosystems.toml"
                )
            else:
                classes[int(code)] = ecosystem
        faults.raise_as(TableError, "the crosswalk cannot be believed", where=place.name)
        mapped = {code: e for code, e in classes.items() if e != NODATA}
        if not mapped:
            raise TableError(
                "the crosswalk has no rows", where=place.name, expected="columns code, ecosystem"
            )
        return cls(place.stem, mapped, tuple(set(classes) - set(mapped)))

    @classmethod
    def of(
        cls, crosswalk: str | Path | Mapping[int, str] | Crosswalk, nodata: Iterable[int] = ()
    ) -> Crosswalk:
        """Return a crosswalk from its name, from a CSV file, or from a mapping of one's own.

        Parameters
        ----------
        crosswalk : str, path, mapping or Crosswalk
            Name of a shipped scheme, a CSV, or code to type.
        nodata : iterable of int
            Further codes that mean "not mapped".

        Raises
        ------
        TableError
            A type that is not in ``ecosystems.toml``.
        """
        if isinstance(crosswalk, Crosswalk):
            return crosswalk
        if isinstance(crosswalk, Path) or str(crosswalk).endswith(".csv"):
            return cls.load(str(crosswalk))
        if isinstance(crosswalk, str):
            return cls.shipped(crosswalk)
        if not isinstance(crosswalk, Mapping):
            what = f"a {type(crosswalk).__name__} is no crosswalk"
            raise TableError(what, expected="{code: ecosystem, ...}")
        faults = Faults()
        for code, ecosystem in crosswalk.items():
            if not re.fullmatch(r"-?\d+(\.0)?", str(code)):
                faults.add(f"land-cover code {code!r}", where="crosswalk", expected="a whole number")
            elif ecosystem not in types():
                faults.add(
                    f"land-cover code {code} leads to {ecosystem!r}",
                    expected=f"one of {', '.join(types())}",
                )
        faults.raise_as(TableError, "the crosswalk names unknown ecosystem types")
        return cls("own", {int(float(k)): v for k, v in crosswalk.items()}, tuple(nodata))

    @property
    def ecosystems(self) -> list[str]:
        """Return the types it leads to, in order and once each."""
        return list(dict.fromkeys(self.classes.values()))

    def index(self, codes: NDArray[Any]) -> tuple[NDArray[np.int16], NDArray[np.int64]]:
        """Return the position in :attr:`ecosystems` of each cell, and the codes without a row.

        Not mapped is -1 (nodata) or -2 (a code without a row).
        """
        if codes.dtype.kind not in "fiu":
            what = f"its codes are of type {codes.dtype}"
            raise TableError(what, where="land_cover", expected="whole numbers, the codes of classes")
        present = pd.unique(codes.ravel())
        wild = [c for c in present if not _is_nan(c) and abs(float(c)) > _LARGEST]
        if wild:
            cells = int(np.isin(codes, wild).sum())
            raise TableError(
                f"{wild[0]:g} in {cells} cells is no class code",
                where="land_cover",
                expected="whole numbers",
                fix="a fill value that is not declared? set attrs['_FillValue']",
            )
        position = {name: i for i, name in enumerate(self.ecosystems)}
        places = np.full(present.shape, -2, np.int16)
        for i, code in enumerate(present):
            if _is_nan(code) or int(code) in self.nodata:
                places[i] = -1
            elif int(code) in self.classes:
                places[i] = position[self.classes[int(code)]]
        order = np.argsort(present)
        found = np.searchsorted(present, codes, sorter=order)
        return places[order][found], np.sort(present[places == -2].astype(np.int64))


def _is_nan(code: Any) -> bool:
    return bool(isinstance(code, np.floating) and np.isnan(code))
