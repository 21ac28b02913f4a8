"""What an account answers to each of its uncertain numbers: measured, or assumed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from gep.inputs import Inputs
from gep.ledger import Ledger
from gep.profiles import Profile
from gep.uncertainty import terms as building
from gep.uncertainty.chosen import Chosen, choose, is_counted, share_of
from gep.uncertainty.moving import Account
from gep.uncertainty.ranges import READINGS, Factor, Range
from gep.uncertainty.terms import Numbers, Shape, Terms
from gep.zones import Zones

#: Relative gap between terms and account that is worth a note.
_NOTED = 1e-6


@dataclass(frozen=True)
class Responses:
    """How the rows of a ledger answer to its uncertain numbers.

    Attributes
    ----------
    ledger : Ledger
        The account at the best values.
    factors : list of Factor
        What is uncertain.
    shapes : list of Shape
        For each factor, the rows that change and how.
    terms : Terms
        The same as amounts times shared products.
    fixed : DataFrame
        Coefficients and inputs without a range, with the value that rests on them.
    checks : DataFrame
        All factors moved at once: the total by these terms beside the total of the account
        compiled there. Empty where nothing was compiled.
    findings : list of str
        What a reader of the intervals must know.
    """

    ledger: Ledger
    factors: Sequence[Factor]
    shapes: Sequence[Shape]
    terms: Terms
    fixed: pd.DataFrame
    checks: pd.DataFrame = field(default_factory=pd.DataFrame)
    findings: Sequence[str] = ()

    @property
    def table(self) -> pd.DataFrame:
        """Return the factors: value, range, how it is read, and how many rows answer in which way."""
        rows = [
            {
                "name": f.name,
                "value": f.value,
                "low": f.low,
                "high": f.high,
                "unit": f.unit,
                "distribution": f.distribution,
                "reading": READINGS[f.distribution],
                "origin": f.origin,
                "source": f.source,
                **{f"{kind}_rows": int((s.kind == kind).sum()) for kind in ("power", "line", "curve")},
            }
            for f, s in zip(self.factors, self.shapes, strict=True)
        ]
        return pd.DataFrame(rows).set_index("name") if rows else pd.DataFrame()


def responses(
    profile: Profile,
    inputs: Inputs,
    zones: Zones,
    year: int,
    *,
    ranges: Mapping[str, Range] | None = None,
    joint: bool = True,
    **options: Any,
) -> Responses:
    """Compile an account and measure how its rows answer to every number that has a range.

    Each uncertain number is moved alone to either end of its range and the account compiled
    again; what it does not touch is kept. Numbers that meet in a row otherwise than as a product
    are moved in pairs as well. At last all are moved together, and the gap between these terms
    and the account is reported.

    Parameters
    ----------
    profile, inputs, zones, year
        As for :func:`gep.compile_account`.
    ranges : mapping, optional
        Ranges by hand, marked ``assumed``: by id of a coefficient row, ``input:name``,
        ``input:name/item`` or a selection of rows (``service:crops``, ``price:crops``,
        ``zone:a, item:maize``). Each is ``"±20%"``, ``"-10%/+30%"``, ``(low, high)`` or either
        with a distribution; inputs and selections take multipliers, ``(0.8, 1.2)``.
    joint : bool
        Measure pairs and the move of all together.
    **options
        Options of :func:`gep.compile_account`: ``coefficients``, ``price_year``, ``allocate`` ...

    Raises
    ------
    GepError
        Ranges that name nothing, reach the impossible, or cannot be computed.
    """
    account = Account(profile, inputs, zones, year, options)
    chosen = choose(account.ledger, ranges, profile.own_quantities)
    shapes = [_shape(account, f, rows) for f, rows in zip(chosen.factors, chosen.rows, strict=True)]
    terms, front = building.build(chosen.factors, account.best, shapes)
    if joint:
        _add_pairs(account, terms, shapes, front)
    checks = _checked(account, terms) if joint else pd.DataFrame()
    findings = [*_notes(account.ledger, chosen, shapes), *_gaps(checks)]
    return Responses(account.ledger, chosen.factors, shapes, terms, chosen.fixed, checks, findings)


def of_ledger(
    ledger: Ledger,
    ranges: Mapping[str, Range] | None = None,
    elasticity: Mapping[str, float] | None = None,
) -> Responses:
    """Assume how the rows of a ledger answer, where there is no account to compile again.

    Parameters
    ----------
    ledger : Ledger
        With or without provenance.
    ranges : mapping, optional
        See :func:`responses`.
    elasticity : mapping of str to float, optional
        Power of a factor that its rows vary with; 1 (in proportion) unless given. A bulk density
        that is divided by has -1.

    Notes
    -----
    A coefficient is taken to act on all rows of the runs that used it, of its ecosystem. That is
    an assumption, and the findings say so.
    """
    powers = dict(elasticity or {})
    chosen = choose(ledger, ranges)
    values = ledger.frame["value"].to_numpy(float)
    shapes = [
        building.proportional(rows, values, powers.get(f.name, 1.0))
        for f, rows in zip(chosen.factors, chosen.rows, strict=True)
    ]
    terms, _ = building.build(chosen.factors, values, shapes)
    said = [
        f"{f.name}: its rows are assumed to vary with power {powers.get(f.name, 1.0):g} of it"
        for f in chosen.factors
        if f.kind != "ledger"
    ]
    return Responses(
        ledger, chosen.factors, shapes, terms, chosen.fixed,
        findings=[*_notes(ledger, chosen, shapes), *said],
    )  # fmt: skip


# ---------------------------------------------------------------------- measuring


def _shape(account: Account, factor: Factor, rows: Any) -> Shape:
    if factor.kind == "ledger":
        return building.proportional(rows, account.best)
    first, second = (account.moved({factor: point}) for point in factor.points)
    return building.measured(factor, account.best, first, second)


def _add_pairs(account: Account, terms: Terms, shapes: Sequence[Shape], front: building.Places) -> None:
    for pair in building.pairs(shapes, len(account.best)):
        one, other = (terms.factors[k] for k in pair)

        def move(a: int, b: int, one: Factor = one, other: Factor = other) -> Numbers:
            return account.moved({one: one.points[a], other: other.points[b]}) - account.best

        building.add_pair(terms, pair, shapes, front, move)


def _checked(account: Account, terms: Terms) -> pd.DataFrame:
    """Set the total by terms beside the account, with all factors moved the same way."""
    factors = [f for f in terms.factors if f.kind != "ledger"]
    counted = is_counted(account.ledger)
    matrix = terms.matrix(np.where(counted, 0, -1), 1)
    best = np.array([f.value for f in terms.factors])
    rows = []
    for place, name in enumerate(("first", "second")) if factors else ():
        at = best.copy()
        moves = {f: f.points[place] for f in factors}
        for k, factor in enumerate(terms.factors):
            at[k] = moves.get(factor, factor.value)
        account_total = float(np.nansum(account.moved(moves)[counted]))
        term_total = float((matrix @ terms.table(at[:, None]))[0, 0])
        gap = term_total - account_total
        total = float(np.nansum(account.best[counted]))
        relative = gap / (account_total - total) if account_total != total else 0.0
        rows.append([f"all at their {name} point", account_total, term_total, gap, relative])
    columns = ["move", "account", "terms", "gap", "gap_of_change"]
    return pd.DataFrame(rows, columns=columns).set_index("move")


# ---------------------------------------------------------------------- words


def _notes(ledger: Ledger, chosen: Chosen, shapes: Sequence[Shape]) -> list[str]:
    notes = [note for factor in chosen.factors for note in factor.notes()]
    for factor, shape in zip(chosen.factors, shapes, strict=True):
        bent = shape.kind == "curve"
        if bent.any():
            size = float(np.abs(shape.first[bent] + shape.second[bent]).sum())
            notes.append(
                f"{factor.name}: {int(bent.sum())} rows answer by a curve; between three measured points"
                f" they are taken to be straight (the two ends differ by {size:,.4g} {ledger.price_year})"
            )
        if not len(shape.rows):
            notes.append(f"{factor.name}: no row answers to it")
    touched = np.zeros(len(ledger.frame), bool)
    for shape in shapes:
        touched[shape.rows] = True
    rest = 1.0 - share_of(ledger, [touched])
    notes.append(f"{rest:.1%} of the total rests on no number with a range and is held exact here")
    plain = chosen.fixed[chosen.fixed["kind"] == "coefficient"]
    if len(plain):
        notes.append(f"{len(plain)} coefficient rows have no range and are held at their value; see fixed")
    return notes


def _gaps(checks: pd.DataFrame) -> list[str]:
    return [
        f"{move}: these terms give {row['gap']:+,.4g} beside the account,"
        f" {row['gap_of_change']:+.2%} of the change"
        for move, row in checks.iterrows()
        if abs(row["gap_of_change"]) > _NOTED
    ]
