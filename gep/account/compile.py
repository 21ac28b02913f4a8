"""compile_account: from a profile, inputs and zones to a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from gep.account import arguments, plausible, precheck
from gep.account.evaluate import Evaluator
from gep.account.extent import build
from gep.account.facts import region_facts, zone_facts
from gep.account.lines import Compiler
from gep.coefficients import CoefficientTable
from gep.errors import GepError
from gep.inputs import Inputs
from gep.ledger import Ledger
from gep.prices import Deflator, Exchange, Money, shipped_or_own
from gep.profiles import Profile
from gep.zones import Zones


def compile_account(
    profile: Profile,
    inputs: Inputs,
    zones: Zones,
    year: int,
    *,
    coefficients: CoefficientTable | str | Path | None = None,
    price_year: int | str | None = None,
    deflator: str | Deflator | None = None,
    exchange: str | Exchange | None = None,
    allocate: Mapping[str, str] | None = None,
    allow_empty: Iterable[str] = (),
    checkpoint: str | Path | None = None,
) -> Ledger:
    """Compile an account.

    Parameters
    ----------
    profile : Profile
        What is accounted, and how.
    inputs : Inputs
        Grids and tables.
    zones : Zones
        Where it is accounted for.
    year : int
        The accounting year.
    coefficients : CoefficientTable or path, optional
        Rows of one's own; they override shipped rows one by one and the ledger says so.
    price_year : int or str, optional
        Price year of the result, or currency and year such as ``"CAD_2018"``; the accounting
        year in CNY unless given.
    deflator : str or Deflator, optional
        Carries money of other years to ``price_year``; without it other years are refused. For money
        of several currencies see :meth:`gep.Deflator.together`.
    exchange : str or Exchange, optional
        Carries money of other currencies to that of ``price_year``, after deflating it in its own
        currency; without it other currencies are refused.
    allocate : mapping of str to str, optional
        Service to key, for services known for the region alone: ``{"tourism": "population"}``,
        ``"area"``, ``"area:forest+grassland"`` or any input by zone.
    allow_empty : iterable of str
        Services that may be zero or missing throughout.
    checkpoint : path, optional
        Folder in which the sums of each integral over cells are kept, block by block, so that a run that
        was cut off goes on there; see :func:`gep.grid.aggregate`. What else an account reads (the map of
        ecosystems, smallest and largest values, the causes of holes) is read again.

    Returns
    -------
    Ledger

    Raises
    ------
    GepError
        All faults that can be found before computing, at once; see :func:`gep.check`.

    Examples
    --------
    See ``examples/saihan_2020.py``.
    """
    prepared = prepare(profile, inputs, zones, year, coefficients, price_year, deflator, exchange)
    return finish(prepared, year, allocate, allow_empty, checkpoint)


def finish(
    prepared: precheck.Prepared,
    year: int,
    allocate: Mapping[str, str] | None = None,
    allow_empty: Iterable[str] = (),
    checkpoint: str | Path | None = None,
) -> Ledger:
    """Compile what :func:`prepare` brought together; its evaluator keeps the steps computed."""
    prepared.report.raise_errors()
    arguments.check(year, None, allocate=allocate)
    evaluator, empty = prepared.ready(), set(allow_empty)
    evaluator.checkpoint = None if checkpoint is None else Path(checkpoint)
    compiler = Compiler(evaluator, year, dict(allocate or {}))
    frame = compiler.rows(empty)
    ledger = Ledger(
        frame,
        zone_facts(evaluator),
        region_facts(evaluator),
        compiler.coverage(),
        compiler.meta(prepared.report, empty),
        evaluator.extent.frame,
    )
    area = float(ledger.zones["area_m2"].sum())
    worth = float(ledger.counted()["value"].sum())
    more = plausible.total(worth, ledger.price_year, area, ledger.meta.region)
    ledger.meta = replace(ledger.meta, findings=[*ledger.meta.findings, *more])
    return ledger


def check(
    profile: Profile,
    inputs: Inputs,
    zones: Zones,
    year: int,
    *,
    coefficients: CoefficientTable | str | Path | None = None,
    price_year: int | str | None = None,
    deflator: str | Deflator | None = None,
    exchange: str | Exchange | None = None,
) -> precheck.Report:
    """Say what is wrong or worth knowing before anything is computed; raises nothing.

    Takes the arguments of :func:`compile_account`. The report lists missing inputs and
    coefficients, wrong units, land-cover codes without a row, grids that do not align, impossible
    values, and inputs that no service uses.
    """
    return prepare(profile, inputs, zones, year, coefficients, price_year, deflator, exchange).report


def prepare(
    profile: Profile,
    inputs: Inputs,
    zones: Zones,
    year: int,
    coefficients: CoefficientTable | str | Path | None = None,
    price_year: int | str | None = None,
    deflator: str | Deflator | None = None,
    exchange: str | Exchange | None = None,
) -> precheck.Prepared:
    """Bring everything together and check it."""
    report = precheck.Report()
    try:
        currency = arguments.check(
            year, price_year, profile=profile, inputs=inputs, zones=zones, coefficients=coefficients,
            deflator=deflator, exchange=exchange,
        )  # fmt: skip
        table = tables(profile, coefficients)
        series, rates = shipped_or_own(deflator, Deflator), shipped_or_own(exchange, Exchange)
        money = Money(currency, series, rates)
        evaluator = Evaluator(profile, inputs, build(inputs, zones), table, money)
    except GepError as error:
        report.faults.take(error)
        return precheck.Prepared(None, report)
    return precheck.Prepared(evaluator, precheck.inspect(evaluator))


def tables(profile: Profile, own: CoefficientTable | str | Path | None) -> CoefficientTable:
    """Return the sets of the profile, behind a table of one's own."""
    shipped = CoefficientTable.shipped(profile.coefficients)
    if own is None:
        return shipped
    if not isinstance(own, CoefficientTable):
        own = CoefficientTable.load(own, own=profile.own_quantities)
    return own.then(shipped)
