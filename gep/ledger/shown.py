"""How a ledger is shown: what a notebook prints, and doors to the rooms that write and draw.

Those rooms (``plot``, ``reports``) stand on floors above the ledger, and imports run downhill. So
a door opens its room by name, when it is used and not before: a ledger needs none of their packages.
"""

from __future__ import annotations

import importlib
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gep import showing

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr

    from gep.reports import YearbookTable
    from gep.zones import Zones

Language = Literal["zh", "en"]


class Shown:
    """What a ledger can do to be looked at."""

    def to_excel(
        self,
        path: str | Path,
        *,
        lang: str = "zh",
        unit: str = "",
        formulas: bool = False,
        audit: Iterable[Any] | None = None,
    ) -> Path:
        """Write the account as a workbook (extra ``excel``); see :func:`gep.reports.workbook`.

        Parameters
        ----------
        path : str or path
            Ends in ``.xlsx``.
        lang : {"zh", "en"}
            Language of everything but what users wrote themselves.
        unit : str
            ``亿元``, ``万元`` ...; 10^8 of the ledger's currency unless given.
        formulas : bool
            Write totals and ratios as live formulas.
        audit : AuditReport, optional
            Findings to list beside those of the account.

        Returns
        -------
        Path
            What was written.
        """
        write = _open("reports", "workbook")
        written: Path = write(self, path, lang=lang, unit=unit, formulas=formulas, audit=audit)
        return written

    def report(
        self,
        path: str | Path,
        *,
        lang: str = "zh",
        unit: str = "",
        zones: Zones | None = None,
        audit: Iterable[Any] | None = None,
        change: Any = None,
        uncertainty: Any = None,
        figures: bool = True,
    ) -> Path:
        """Write the account as one HTML file (extra ``report``); see :func:`gep.reports.report`.

        Parameters
        ----------
        path : str or path
            Ends in ``.html``.
        lang, unit, audit
            As for :meth:`to_excel`.
        zones : Zones, optional
            Draws the map.
        change, uncertainty : optional
            Results of :mod:`gep.change` and :mod:`gep.uncertainty`, shown as tables.
        figures : bool
            Draw figures; without them matplotlib is not needed.

        Returns
        -------
        Path
            What was written.
        """
        more = {"zones": zones, "audit": audit, "change": change, "uncertainty": uncertainty}
        write = _open("reports", "report")
        written: Path = write(self, path, lang=lang, unit=unit, figures=figures, **more)
        return written

    def yearbook(self, *, lang: str = "zh", unit: str = "") -> YearbookTable:
        """Return the account laid out as statistical yearbooks print it."""
        table: YearbookTable = _open("reports", "yearbook_table")(self, lang=lang, unit=unit)
        return table

    @property
    def plot(self) -> Plots:
        """Return the figures of the account: ``ledger.plot.services(kind="bar")`` (extra ``plot``)."""
        return Plots(self)

    def to_xarray(self) -> xr.Dataset:
        """Return the account as a Dataset over zone, ecosystem and line; see :mod:`gep.ledger.dataset`."""
        dataset: xr.Dataset = importlib.import_module("gep.ledger.dataset").dataset_of(self)
        return dataset

    def _repr_html_(self) -> str:
        shown: Any = self
        meta, total = shown.meta, shown.total()
        kind = {"zh": "生态产品总值", "en": "gross ecosystem product"}
        table = shown.by("category", "service", labels="zh")["value"].reset_index()
        rows = [(c, s, "" if v != v else f"{v:,.4g}") for c, s, v in table.to_numpy()]
        facts = f"{meta.profile['id']}; {len(shown.zones)} zones, {len(shown.frame)} rows"
        title = f"{meta.region} {shown.year} {kind['zh']} | {kind['en']}"
        return showing.block(title, f"{total} — {facts}", ("", "", total.unit), rows)


class Plots:
    """The figures of :mod:`gep.plot`, with the ledger given."""

    def __init__(self, ledger: Shown) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return partial(_open("plot", name), self._ledger)

    def __dir__(self) -> list[str]:
        return list(importlib.import_module("gep.plot").__all__)

    def __repr__(self) -> str:
        return f"<figures of a ledger: {', '.join(dir(self))}>"


def _open(room: str, name: str) -> Any:
    """Return something of a room above."""
    return getattr(importlib.import_module(f"gep.{room}"), name)
