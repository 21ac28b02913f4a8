"""Controlled rounding: tables whose printed parts add up to their printed totals.

Each number goes to one of its two neighbours at the printed digit, so no cell moves by a whole unit of
the last digit, and a number that needs no rounding stays. Among all such tables the one nearest to the
unrounded one is taken; the sums of absolute and of squared changes agree on which that is.

References
----------
Cox 1987, A constructive procedure for unbiased controlled rounding, JASA 82:520-524;
Causey, Cox and Ernst 1985, Applications of transportation theory to statistical problems, JASA
80:903-909: for two-way tables the integer programme is a transportation problem.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from typing import Any, Literal, TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd

from gep.errors import DoesNotAddUp, TableError

Table = TypeVar("Table", pd.Series, pd.DataFrame)
Floats = npt.NDArray[np.float64]

#: Scaled numbers this near to an integer are that integer: what binary fractions leave.
_FUZZ = 1e-9


def controlled(
    table: Table,
    digits: int,
    *,
    axis: Literal[0, 1] | None = None,
    total: str = "total",
) -> Table:
    """Round a table so that its parts add up to its totals at the printed digits.

    Parameters
    ----------
    table : Series or DataFrame
        Parts. A Series with several index levels (category, service) is a tree: the parts of each
        group add up to its total, and those to the whole. A DataFrame adds up down and across.
    digits : int
        Digits after the point; negative for tens, hundreds ...
    axis : {None, 0, 1}
        For a DataFrame: both ways, only down its columns (0: services by years), only across its
        rows (1).
    total : str
        Label of the totals. Totals that the table has under this label are checked and rounded;
        otherwise they are appended.

    Returns
    -------
    Series or DataFrame
        With totals. A missing cell stays missing and is left out of the sums. ``attrs["rounded"]``
        says in ``zh`` and ``en`` what was done, ``attrs["moved"]`` how many cells differ from
        ordinary rounding, ``attrs["digits"]`` the digits.

    Raises
    ------
    DoesNotAddUp
        A total of the table is not the sum of its parts.
    TableError
        A number that is infinite, a label twice, or another kind of table.

    Notes
    -----
    The whole is rounded as usual. The totals of groups, rows and columns are rounded as usual
    wherever these can agree with each other; then parts move as little as possible.

    Examples
    --------
    >>> shares = pd.Series({"a": 33.333, "b": 33.333, "c": 33.334})
    >>> controlled(shares, 1).to_dict()
    {'a': 33.3, 'b': 33.3, 'c': 33.4, 'total': 100.0}
    """
    if not isinstance(table, (pd.Series, pd.DataFrame)):
        raise TableError(f"got {type(table).__name__}", expected="a Series or a DataFrame")
    frame = table.to_frame("value") if isinstance(table, pd.Series) else table
    if axis == 1:
        frame = frame.T
    if isinstance(table, pd.DataFrame) and axis is None:
        exact, whole = _two_way(_scaled(frame, digits), total)
    else:
        exact, whole = _down(_scaled(frame, digits), total)
    printed = _printed(exact, whole, digits, table.attrs)
    if isinstance(table, pd.Series):
        made = printed["value"]
        made.name = table.name
        made.attrs = printed.attrs
        return made
    return printed.T if axis == 1 else printed


# ---------------------------------------------------------------------- numbers in units of the last digit


def _scaled(frame: pd.DataFrame, digits: int) -> pd.DataFrame:
    """Return numbers in units of the last digit; those next to an integer are that integer."""
    try:
        values = frame.to_numpy(float) * 10.0**digits
    except (TypeError, ValueError) as error:
        raise TableError(f"the table has what is no number: {error}", expected="numbers") from error
    if np.isinf(values).any():
        raise TableError("the table has an infinite number", expected="finite numbers, NaN where missing")
    return pd.DataFrame(_snapped(values), frame.index, frame.columns)


def _snapped(values: Floats) -> Floats:
    near = np.rint(values)
    close = np.abs(values - near) <= np.maximum(_FUZZ, 4 * np.finfo(float).eps * np.abs(values))
    return np.where(close, near, values)


def _ordinary(values: Floats) -> Floats:
    """Round half away from zero (四舍五入), halves that floating point blurred included."""
    return np.copysign(np.floor(np.abs(values) + 0.5 + _FUZZ), values) + 0.0


def _sum(values: Floats) -> float:
    """Return the sum of what is known, NaN where nothing is."""
    known = values[~np.isnan(values)]
    return float(_snapped(np.array(math.fsum(known)))) if known.size else math.nan


def _printed(exact: pd.DataFrame, whole: Floats, digits: int, attrs: dict[Hashable, Any]) -> pd.DataFrame:
    numbers = whole / 10.0**digits if digits >= 0 else whole * 10.0**-digits
    printed = pd.DataFrame(numbers, exact.index, exact.columns)
    known = ~np.isnan(whole)
    moved = int((whole != _ordinary(exact.to_numpy()))[known].sum())
    missing = int((~known).sum())
    printed.attrs = {
        **attrs,
        "digits": digits,
        "moved": moved,
        "rounded": {
            "en": f"rounded so that parts add up to totals; {moved} numbers differ from ordinary rounding by "
            "one unit of the last digit" + (f"; {missing} missing numbers are left out" if missing else ""),
            "zh": f"经控制舍入，分项之和等于合计；{moved} 个数与四舍五入相差末位一个单位"
            + (f"；{missing} 个缺失值未计入" if missing else ""),
        },
    }
    return printed


# ---------------------------------------------------------------------- lists and trees


def _down(scaled: pd.DataFrame, total: str) -> tuple[pd.DataFrame, Floats]:
    """Round every column from its total down to its parts."""
    keys = [key if isinstance(key, tuple) else (key,) for key in scaled.index]
    groups = _groups(keys, total)
    lonely = [key for key in keys if total in key and key not in groups]
    if not groups or lonely:
        raise TableError(
            f"totals without parts: {lonely}" if lonely else "the table has no parts",
            expected="rows to add up",
        )
    # the totals of the last groups first, the whole last
    inward = sorted(groups, key=lambda node: -node.index(total))
    added = [node for node in inward if node not in set(keys)]
    values = np.vstack([scaled.to_numpy(), np.full((len(added), scaled.shape[1]), np.nan)])
    keys += added
    place = {key: i for i, key in enumerate(keys) if key in groups}
    if len(place) < sum(key in groups for key in keys):
        raise TableError(f"a total ({total!r}) stands twice", expected="one row for each total")
    nested = [(place[node], _children(node, keys, place, total)) for node in groups]
    for row, parts in reversed(nested):
        _settle(values, row, parts, keys[row])
    whole = np.full(values.shape, np.nan)
    whole[place[next(iter(groups))]] = _ordinary(values[place[next(iter(groups))]])
    for row, parts in nested:
        for column in range(values.shape[1]):
            whole[parts, column] = _apportioned(values[parts, column], whole[row, column])
    index: pd.Index[Any] = pd.MultiIndex.from_tuples(keys, names=scaled.index.names)
    if scaled.index.nlevels == 1:
        index = index.get_level_values(0)
    return pd.DataFrame(values, index, scaled.columns), whole


def _groups(keys: Sequence[tuple[Hashable, ...]], total: str) -> dict[tuple[Hashable, ...], None]:
    """Return the totals of a tree from the whole down to the last groups, as keys."""
    depth = len(keys[0]) if keys else 1
    leaves = [key for key in keys if total not in key]
    return dict.fromkeys(key[:d] + (total,) * (depth - d) for d in range(depth) for key in leaves)


def _children(
    node: tuple[Hashable, ...], keys: Sequence[tuple[Hashable, ...]], place: dict[Any, int], total: str
) -> list[int]:
    """Return the rows that add up to a total: the totals one level below, or parts."""
    level = node.index(total)
    below = [i for i, key in enumerate(keys) if key[:level] == node[:level] and key[level] != total]
    if level == len(node) - 1:
        return below
    return [i for i in below if keys[i] in place and keys[i][level + 1] == total]


def _settle(values: Floats, row: int, parts: Sequence[int], name: tuple[Hashable, ...]) -> None:
    """Put the sums of parts where the total stands; a total that is another number is refused."""
    for column in range(values.shape[1]):
        found = _sum(values[parts, column])
        _check(values[row, column], found, " / ".join(map(str, name)), len(parts))
        values[row, column] = found


def _check(stated: float, found: float, where: str, count: int) -> None:
    if not math.isnan(stated) and not abs(stated - found) <= max(_FUZZ, 1e-9 * abs(found)) * (count + 1):
        raise DoesNotAddUp(
            f"the total is {stated:g}, its known parts add up to {found:g} (in units of the last digit)",
            where=where,
            expected="the sum of the parts before rounding",
            fix="leave the total out: it is added",
        )


def _apportioned(values: Floats, target: float) -> Floats:
    """Return floor or ceiling of each number so that they add up to ``target``, nearest first."""
    whole = np.floor(values)
    if math.isnan(target):
        return whole
    above = np.round(values - whole, 9)
    up = round(target - math.fsum(whole[~np.isnan(whole)]))
    # nearest to the next integer first; of halves, those that ordinary rounding lifts
    tie = _ordinary(values) <= whole
    order = [i for i in np.lexsort((tie, -above)) if above[i] > 0]
    whole[order[:up]] += 1.0
    return whole


# ---------------------------------------------------------------------- two-way tables


def _two_way(scaled: pd.DataFrame, total: str) -> tuple[pd.DataFrame, Floats]:
    """Round a table that adds up in both directions."""
    for labels in (scaled.index, scaled.columns):
        if labels.nlevels > 1 or list(labels).count(total) > 1:
            raise TableError(
                f"labels have {labels.nlevels} levels, or {total!r} twice",
                expected="one level each way",
                fix="axis=0 takes groups within a column",
            )
    given = scaled
    for _ in range(2):
        if total not in given.index:
            index = given.index.append(pd.Index([total])).set_names(given.index.names)
            empty = np.full((1, given.shape[1]), np.nan)
            given = pd.DataFrame(np.vstack([given.to_numpy(), empty]), index, given.columns)
        given = given.T
    values = given.to_numpy(float).copy()
    rows = [i for i, label in enumerate(given.index) if label != total]
    columns = [j for j, label in enumerate(given.columns) if label != total]
    row, column = list(given.index).index(total), list(given.columns).index(total)
    for i in rows:
        _settle(values[i : i + 1].T, column, columns, (given.index[i],))
    for j in [*columns, column]:
        _settle(values[:, j : j + 1], row, rows, (given.columns[j],))
    cells = values[np.ix_(rows, columns)]
    whole = _transported(cells, values[rows, column], values[row, columns], values[row, column])
    result = np.full(values.shape, np.nan)
    result[np.ix_(rows, columns)] = whole
    for i in rows:
        result[i, column] = _sum(result[i, columns])
    for j in [*columns, column]:
        result[row, j] = _sum(result[rows, j])
    return pd.DataFrame(values, given.index, given.columns), result


def _transported(cells: Floats, right: Floats, below: Floats, corner: float) -> Floats:
    """Return floors and ceilings of the cells, with sums that are floors and ceilings of the margins."""
    usual = _ordinary(cells)
    if _adds_up(usual, right, below, corner):
        return usual
    from scipy.optimize import linprog

    numbers = np.nan_to_num(np.concatenate([cells.ravel(), right, below]))
    fraction = numbers - np.floor(numbers)
    # one variable, up or not, for each cell and each margin; a margin counts more than all cells
    weight = np.where(np.arange(numbers.size) < cells.size, 1.0, 1.0 + cells.size)
    matrix = _incidence(*cells.shape)
    target = np.concatenate([np.zeros(len(right) + len(below)), _ordinary(np.array([corner]))])
    found = linprog(
        weight * (1.0 - 2.0 * fraction),
        A_eq=matrix,
        b_eq=target - matrix @ np.floor(numbers),
        bounds=[(0.0, float(f > 0)) for f in fraction],
        method="highs-ds",
    )
    if found.x is None:
        raise DoesNotAddUp(f"the table cannot be rounded: {found.message}", expected="sums of its own cells")
    up = np.rint(found.x[: cells.size]).reshape(cells.shape)
    return np.where(np.isnan(cells), np.nan, np.floor(cells) + up)


def _incidence(height: int, width: int) -> Any:
    """Return the network: cells less margin for each row and column, and the row margins together."""
    from scipy.sparse import coo_array

    place = np.arange(height * width).reshape(height, width)
    lines = [*place, *place.T]
    entries = [(k, int(cell), 1.0) for k, line in enumerate(lines) for cell in line]
    entries += [(k, height * width + k, -1.0) for k in range(len(lines))]
    entries += [(len(lines), height * width + k, 1.0) for k in range(height)]
    row, column, sign = zip(*entries, strict=True)
    return coo_array((sign, (row, column)), shape=(len(lines) + 1, height * width + len(lines))).tocsr()


def _adds_up(cells: Floats, right: Floats, below: Floats, corner: float) -> bool:
    """Tell whether ordinary rounding of the cells already gives the ordinary rounding of all sums."""
    rows, columns = [_sum(line) for line in cells], [_sum(line) for line in cells.T]
    pairs = ((rows, right), (columns, below), ([_sum(np.array(rows))], np.array([corner])))
    return all(np.array_equal(np.array(a), _ordinary(b), equal_nan=True) for a, b in pairs)
