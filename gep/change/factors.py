"""The factors of each row in both years, and the effects that they have on its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

import numpy as np
import pandas as pd

from gep.change import splitting
from gep.change.splitting import Array
from gep.errors import LedgerError

Method = Literal["shapley", "lmdi"]
Absent = Literal["unexplained", "zero"]

#: Factors of the three kinds of rows, in words for their effects.
FACTORS = {
    "area": ("extent", "structure", "intensity", "relative_price", "inflation"),
    "volume": ("volume", "relative_price", "inflation"),
    "value": ("value", "inflation"),
}
OF_QUANTITY = ("extent", "structure", "intensity", "volume")
OF_PRICE = ("relative_price", "inflation")

SPLIT: Mapping[str, Callable[[Array, Array], Array]] = {
    "shapley": splitting.shapley,
    "lmdi": splitting.lmdi,
}


def classified(table: pd.DataFrame, absent: Absent) -> pd.DataFrame:
    """Return the rows with what is not there settled, and the kind of each.

    A row that a ledger does not have is zero where the extent says that its ecosystem had no area in
    the zone, or where the caller says so; otherwise it is missing.
    """
    table = table.copy()
    for suffix in ("0", "1"):
        gone = ~table[f"there{suffix}"] & ((table[f"area{suffix}"] == 0) | (absent == "zero"))
        table.loc[gone, [f"quantity{suffix}", f"value{suffix}"]] = 0.0
    known = table["value0"].notna() & table["value1"].notna()
    split, mapped = known, known
    for suffix in ("0", "1"):
        quantity, value = table[f"quantity{suffix}"], table[f"value{suffix}"]
        split = split & quantity.notna() & ((quantity != 0) | (value == 0))
        area = table[f"area{suffix}"]
        mapped = mapped & ((area > 0) | ((area == 0) & (quantity == 0))) & (table[f"zone_area{suffix}"] > 0)
    mapped &= (table["area0"] > 0) | (table["area1"] > 0)
    kinds = np.select([~known, split & mapped, split], ["unexplained", "area", "volume"], "value")
    return table.assign(kind=kinds)


def effects(table: pd.DataFrame, inflation: pd.Series[float], method: Method) -> pd.DataFrame:
    """Return the effects of each row of a classified table, one column an effect.

    Parameters
    ----------
    table : DataFrame
        From :func:`classified`.
    inflation : Series
        By row, what money of the opening year is multiplied with to be money of the closing year.
    method : {"shapley", "lmdi"}
        How the change of a product is split.

    Raises
    ------
    LedgerError
        LMDI and rows with zeros or changes of sign; all of them at once.
    """
    parts = {kind: table[table["kind"] == kind] for kind in FACTORS}
    sides = {
        kind: _factors(rows, kind, np.asarray(inflation[rows.index], float)) for kind, rows in parts.items()
    }
    if method == "lmdi":
        _refuse(pd.concat([rows[~splitting.logarithmic(*sides[kind])] for kind, rows in parts.items()]))
    result = pd.DataFrame(0.0, index=table.index, columns=[*OF_QUANTITY, *OF_PRICE, "value"])
    for kind, rows in parts.items():
        change = (rows["value1"] - rows["value0"]).to_numpy(float)
        found = splitting.closed(SPLIT[method](*sides[kind]), change)
        result.loc[rows.index, list(FACTORS[kind])] = found.T
    return result


def _refuse(rows: pd.DataFrame) -> None:
    if len(rows):
        shown = [
            " / ".join(filter(None, r)) for r in rows[["zone", "ecosystem", "service", "item"]].to_numpy()
        ]
        more = f" and {len(shown) - 8} more" if len(shown) > 8 else ""
        raise LedgerError(
            f"LMDI takes logarithms: {len(rows)} rows are zero, or change their sign, in one of the years: "
            f"{', '.join(shown[:8])}{more}",
            fix="method='shapley' splits them exactly",
        )


def _factors(rows: pd.DataFrame, kind: str, inflation: Array) -> tuple[Array, Array]:
    """Return the factors of rows of one kind before and after; their products are the values."""
    sides = [_side(rows, kind, suffix) for suffix in ("0", "1")]
    level = [np.ones(len(rows)), inflation]
    # money of the closing year as money of the opening year, times the general price level
    sides[1][-1] = sides[1][-1] / inflation
    before, after = ([*side, prices] for side, prices in zip(sides, level, strict=True))
    for k in range(len(before)):
        # what has no meaning in one year, the price of nothing, did not change
        before[k], after[k] = _else(before[k], after[k]), _else(after[k], before[k])
    return np.array(before), np.array(after)


def _else(values: Array, other: Array) -> Array:
    return np.nan_to_num(np.where(np.isnan(values), other, values))


def _side(rows: pd.DataFrame, kind: str, suffix: str) -> list[Array]:
    columns = ("quantity", "value", "price", "area", "zone_area")
    quantity, value, price, area, zone = (rows[f"{c}{suffix}"].to_numpy(float) for c in columns)
    if kind == "value":
        return [value]
    # the price that makes the product exact; where there is no quantity, the stated one
    price = _over(value, quantity, price)
    if kind == "volume":
        return [quantity, price]
    return [zone, area / zone, _over(quantity, area, np.full(len(rows), np.nan)), price]


def _over(above: Array, below: Array, otherwise: Array) -> Array:
    return np.divide(above, below, out=otherwise.copy(), where=below != 0)
