"""compile_account: from a profile, inputs and zones to a ledger."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from gep import units
from gep.account import precheck
from gep.account.evaluate import Evaluator
from gep.account.extent import build
from gep.account.facts import region_facts, zone_facts
from gep.account.lines import Compiler
from gep.coefficients import CoefficientTable
from gep.errors import GepError
from gep.inputs import Inputs
from gep.ledger import Ledger
from gep.prices import Deflator, Money
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
    allocate: Mapping[str, str] | None = None,
    allow_empty: Iterable[str] = (),
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
        Carries money of other years to ``price_year``; without it other years are refused.
    allocate : mapping of str to str, optional
        Service to key, for services known for the region alone: ``{"tourism": "population"}``,
        ``"area"``, ``"area:forest+grassland"`` or any input by zone.
    allow_empty : iterable of str
        Services that may be zero or missing throughout.

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
    prepared = prepare(profile, inputs, zones, year, coefficients, price_year, deflator)
    prepared.report.raise_errors()
    evaluator = prepared.ready()
    compiler = Compiler(evaluator, year, dict(allocate or {}))
    frame = compiler.rows(set(allow_empty))
    return Ledger(
        frame,
        zone_facts(evaluator),
        region_facts(evaluator),
        compiler.coverage(),
        compiler.meta(prepared.report),
        evaluator.extent.frame,
    )


def check(
    profile: Profile,
    inputs: Inputs,
    zones: Zones,
    year: int,
    *,
    coefficients: CoefficientTable | str | Path | None = None,
    price_year: int | str | None = None,
    deflator: str | Deflator | None = None,
) -> precheck.Report:
    """Say what is wrong or worth knowing before anything is computed; raises nothing.

    Takes the arguments of :func:`compile_account`. The report lists missing inputs and
    coefficients, wrong units, land-cover codes without a row, grids that do not align, impossible
    values, and inputs that no service uses.
    """
    return prepare(profile, inputs, zones, year, coefficients, price_year, deflator).report


def prepare(
    profile: Profile,
    inputs: Inputs,
    zones: Zones,
    year: int,
    coefficients: CoefficientTable | str | Path | None,
    price_year: int | str | None,
    deflator: str | Deflator | None,
) -> precheck.Prepared:
    """Bring everything together and check it."""
    report = precheck.Report()
    try:
        table = _tables(profile, coefficients)
        currency = price_year if isinstance(price_year, str) else f"CNY_{price_year or year}"
        units.parse(currency)
        series = Deflator.shipped(deflator) if isinstance(deflator, str) else deflator
        evaluator = Evaluator(profile, inputs, build(inputs, zones), table, Money(currency, series))
    except GepError as error:
        report.faults.take(error)
        return precheck.Prepared(None, report)
    return precheck.Prepared(evaluator, precheck.inspect(evaluator))


def _tables(profile: Profile, own: CoefficientTable | str | Path | None) -> CoefficientTable:
    """Return the sets of the profile, behind a table of one's own."""
    shipped = CoefficientTable.shipped(profile.coefficients)
    if own is None:
        return shipped
    if not isinstance(own, CoefficientTable):
        own = CoefficientTable.load(own, own=profile.own_quantities)
    return own.then(shipped)
