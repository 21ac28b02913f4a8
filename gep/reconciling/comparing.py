"""A ledger against a published account, figure by figure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from gep.auditing import words
from gep.auditing.causes import ratio_causes, transposed, truncated
from gep.auditing.checks_sums import bound_of
from gep.auditing.findings import Cause, Said
from gep.auditing.published import Row, load, measure
from gep.auditing.rounding import Interval, number
from gep.errors import LedgerError
from gep.ledger import Amount
from gep.reconciling.answering import Key, Target, answers, chosen
from gep.reconciling.asking import Ask, Left
from gep.reconciling.measuring import Computed, Meter
from gep.reconciling.reconciliation import Line, Reconciliation, Unmatched, Verdict
from gep.reconciling.subjects import Doubt, total

if TYPE_CHECKING:
    from gep.ledger import Ledger


@dataclass(frozen=True)
class _Pair:
    """A question and its answer."""

    ask: Ask
    found: Computed


def reconcile(
    ledger: Ledger,
    published: str | Path | pd.DataFrame,
    *,
    mapping: Mapping[Key, Target] | None = None,
    tolerance: float = 0.0,
    closeness: float = 0.02,
) -> Reconciliation:
    """Set every figure of a published account beside the number of a ledger.

    Rows are matched by the names of categories, services, indicators, items, ecosystems and zones in
    Chinese and English, and by the kind of their unit. What is not matched, or may be matched in two
    ways, is listed and never dropped; ``mapping`` settles it.

    Parameters
    ----------
    ledger : Ledger
        Read, never changed.
    published : path or DataFrame
        As for :func:`gep.audit`; the rows of the ledger's year are compared.
    mapping : mapping, optional
        By the name of a row (its indicator, its service, both as a pair, or its place): a category or
        service code, ``"service.indicator"``, ``"total"``, keys and values as of
        :meth:`gep.Ledger.total`, several of these to be added up, an :class:`gep.Amount` to be
        compared as it is, or None to leave the row out.
    tolerance : float
        Relative difference to forgive, on top of rounding.
    closeness : float
        How near the ratio of two figures must come to that of a known slip to name it as a
        candidate cause.

    Returns
    -------
    Reconciliation

    Raises
    ------
    gep.errors.TableError
        The published account cannot be read.
    LedgerError
        ``mapping`` names no row, or nothing of the ledger.

    Examples
    --------
    See ``examples/saihan_2020.py``.
    """
    book = load(published)
    said = chosen(mapping or {}, book, ledger)
    pairs, left = _measured(Meter(ledger), answers(book, ledger, said))
    sharp = Meter(ledger, _factors(ledger, pairs))
    pairs, _ = _measured(sharp, [pair.ask for pair in pairs])
    lines = [_line(pair, tolerance, closeness) for pair in pairs]
    lines += [_given(row, what, tolerance) for row, what in said.items() if isinstance(what, Amount)]
    unmatched = [*(_unmatched(one) for one in left), *_silent(ledger, pairs)]
    return Reconciliation(book.name, tuple(sorted(lines, key=lambda x: x.order)), tuple(unmatched))


# ------------------------------------------------------------------ numbers


def _measured(meter: Meter, found: Sequence[Ask | Left]) -> tuple[list[_Pair], list[Left]]:
    pairs: list[_Pair] = []
    left: list[Left] = []
    for one in found:
        if isinstance(one, Left):
            left.append(one)
            continue
        number_of = meter.read(one)
        if isinstance(number_of, Doubt):
            left.append(Left(one.row, number_of, one.measure))
        else:
            pairs.append(_Pair(one, number_of))
    return pairs, left


def _factors(ledger: Ledger, pairs: Sequence[_Pair]) -> dict[object, Interval]:
    """Return how exact the numbers of a ledger are, where a printed figure that agrees says so.

    A printed quantity says how exact the quantity is that went in, and so its value; a printed value
    does where the ledger has no quantity. Of several figures the narrowest counts.
    """
    found: dict[object, Interval] = {}
    for pair in (p for p in pairs if _sharp(p, ledger)):
        factor = _interval(pair.ask) * pair.ask.figure.size / pair.found.point
        for key in pair.found.rows or (pair.ask.measure,):
            if key not in found or factor.width < found[key].width:
                found[key] = factor
    return found


def _sharp(pair: _Pair, ledger: Ledger) -> bool:
    """Tell whether a printed figure of one line, or of the whole area or population, agrees."""
    ask, here = pair.ask, pair.found.point / pair.ask.figure.size
    if here == 0.0 or not math.isfinite(here) or bound_of(ask.row) or not _interval(ask).contains(here):
        return False
    if ask.measure in ("area", "population"):
        return ask.subject == total()
    if ask.measure != "value":
        return ask.measure == "quantity"
    lines = ledger.frame.loc[sorted(pair.found.rows), ["service", "indicator", "item", "quantity_unit"]]
    return len(lines.drop_duplicates()) == 1 and lines["quantity_unit"].iloc[0] == ""


def _interval(ask: Ask) -> Interval:
    """Return what a printed figure stands for; a bound is open on one side."""
    bound = ask.figure.bound or (bound_of(ask.row) if ask.figure is ask.row.money else None)
    if bound is None:
        return ask.figure.value
    end = ask.figure.nominal
    return Interval(end, math.inf) if bound == "lower" else Interval(-math.inf, end)


def _line(pair: _Pair, tolerance: float, closeness: float) -> Line:
    ask, found = pair.ask, pair.found
    published, figure = _interval(ask), ask.figure
    point, wide = found.point / figure.size, found.wide / figure.size
    verdict = _verdict(published, point, wide, tolerance)
    near = Interval(wide.low - closeness * abs(wide.low), wide.high + closeness * abs(wide.high))
    causes: tuple[Cause, ...] = ()
    if verdict == "outside" and math.isfinite(published.width):
        causes = (*truncated(figure, wide), *ratio_causes(published, near))
        causes += transposed(figure, lambda f: f.value.meets(wide))
    zone = ask.row.region if ask.subject.place else ""
    return Line(
        *_at(ask.row), zone, ask.target, ask.measure, figure.unit, figure.text, published, point, wide,
        verdict, tuple(causes[:3]), found.notes,
    )  # fmt: skip


def _verdict(published: Interval, point: float, wide: Interval, tolerance: float) -> Verdict:
    if not math.isfinite(point):
        return "missing"
    if published.contains(point) or (
        math.isfinite(published.width) and published.meets(Interval(point, point), tolerance)
    ):
        return "inside"
    return "rounding" if published.gap(wide) == 0.0 else "outside"


def _given(row: Row, amount: Amount, tolerance: float) -> Line:
    """Return a line for a number that the user computed."""
    figure = row.figure
    scale, dims = measure(amount.unit)
    if figure is None or scale is None or dims != figure.dims:
        raise LedgerError(
            f"an amount in {amount.unit} for what is printed as {figure}", where=f"mapping[{_called(row)!r}]",
            expected="units of one kind",
        )  # fmt: skip
    point = float(amount) * scale / figure.size
    wide = Interval(point, point) if math.isfinite(point) else Interval(0.0, 0.0)
    verdict = _verdict(figure.value, point, wide, tolerance)
    return Line(
        *_at(row), "", "given", "given", figure.unit, figure.text, figure.value, point, wide, verdict, (),
        amount.notes,
    )  # fmt: skip


def _at(row: Row) -> tuple[str, str, str]:
    return row.account, row.place, _called(row)


def _called(row: Row) -> str:
    generic = ("", "context", "total", "all")
    parts = [t for t in (row.service, row.indicator) if words.fold(t) not in generic]
    return ": ".join(dict.fromkeys(parts)) or row.name


# ------------------------------------------------------------------ what is left


def _unmatched(left: Left) -> Unmatched:
    row = left.row
    figures = {"value": row.money, "quantity": row.physical, "price": row.price}
    figure = figures.get(left.measure) or row.figure
    return Unmatched(
        "published",
        row.place,
        _called(row),
        left.measure,
        str(figure or ""),
        left.doubt.why,
        left.doubt.candidates,
    )


def _silent(ledger: Ledger, pairs: Sequence[_Pair]) -> Iterator[Unmatched]:
    """Give the services, or their lines, that no printed figure speaks of."""
    spoken = {i for p in pairs if p.ask.subject.level in ("service", "line") for i in p.found.rows}
    frame = ledger.frame
    for service, rows in frame.groupby("service", sort=False):
        if not set(rows.index) & spoken:
            yield _of_ledger(str(service), rows, ledger)
            continue
        for (indicator, item), part in rows.groupby(["indicator", "item"], sort=False):
            if not set(part.index) & spoken:
                name = ".".join(str(t) for t in (service, indicator, item) if t)
                yield _of_ledger(name, part, ledger)


def _of_ledger(name: str, rows: pd.DataFrame, ledger: Ledger) -> Unmatched:
    values = rows["value"].dropna()
    shown = f"{number(math.fsum(values) / 1e8)} 1e8 {ledger.price_year}" if len(values) else "-"
    return Unmatched(
        "ledger", "", name, "", shown, Said("not published on its own", "公布数据未单列"), (name,)
    )
