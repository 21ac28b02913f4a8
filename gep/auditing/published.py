"""Reading a published account: rows of printed text into rows of figures, all faults at once."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from gep import units
from gep.auditing import words
from gep.auditing.reading import is_empty, ratio_unit, rough, simplified, spelled
from gep.auditing.rounding import (
    Interval,
    exact,
    interval,
    is_number,
    is_power_of_ten,
    last_place,
    number,
    tidy,
)
from gep.errors import Faults, TableError, UnitError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pandas as pd

Dims = frozenset[tuple[str, float]]
Evidence = Literal["printed", "derived", "memory"]

MONEY: Dims = frozenset({("[money]", 1.0)})
AREA: Dims = frozenset({("[length]", 2.0)})
PEOPLE: Dims = frozenset({("[person]", 1.0)})
MASS: Dims = frozenset({("[mass]", 1.0)})
VOLUME: Dims = frozenset({("[length]", 3.0)})
NUMBER: Dims = frozenset()
#: The dimension of what is not understood; it equals no other.
UNKNOWN: Dims = frozenset({("[unknown]", 1.0)})
COUNTED = frozenset(words.CATEGORIES)
#: Things that are counted, and the accounting year: they may stand in one unit and not in the other.
COUNTS = frozenset({"[person]", "[visit]", "[household]", "[head]", "[piece]"})

_SUBSTANCE = re.compile(r"(?<=[tgn])[ ·]?(?:CO2|SO2|NOx|NH3-?N|COD|PM25|K2O|O2|Dust|DM|C|N|P)\b")
_ROUGH = re.compile(r"^(?:约|大约|about|approx\.?|ca\.?|~|≈)\s*", re.I)
_ABOVE = re.compile(r"^(?:>=?|≥|＞|超过|不少于|at least|over|above)\s*", re.I)
_BELOW = re.compile(r"^(?:<=?|≤|＜|不超过|未超过|at most|below|under)\s*", re.I)
_COUNTED_WORDS = {
    "total": r"total|grand(?: total)?|(?:gep|gross ecosystem product|生态系统生产总值|生态产品总值)?"
    r" ?(?:total|合计|总计|小计|总值|总量|总和|共计|全部|价值)?",
    "context": r"context|background|背景|参数|其他|indicator|指标",
}
#: What is looked up or shown, and never read for its meaning.
_AS_IT_IS = frozenset({"account", "region", "source"})
_NUMERIC = ("physical", "price", "money")
#: Characters of a cell; remarks are searched for figures, which takes the square of their length.
_LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Figure:
    """One printed number with its unit; ``scale`` is None where the unit is not understood."""

    text: str
    unit: str
    value: Interval
    place: float
    scale: float | None
    dims: Dims
    bound: Literal["lower", "upper"] | None = None

    @property
    def nominal(self) -> float:
        """The number as it stands."""
        return float(tidy(self.text))

    @property
    def base(self) -> Interval:
        """The interval in base units."""
        return self.value * (self.scale if self.scale is not None else float("nan"))

    @property
    def size(self) -> float:
        """The scale, known to be there."""
        return self.scale if self.scale is not None else float("nan")

    def reread(self, text: str) -> Figure:
        """Return the figure as if ``text`` had been printed."""
        return Figure(text, self.unit, interval(text), last_place(text), self.scale, self.dims, self.bound)

    def __str__(self) -> str:
        return f"{self.text} {self.unit}".strip()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a published account."""

    place: str
    account: str
    region: str
    year: int | None
    category: str
    service: str
    indicator: str
    physical: Figure | None
    price: Figure | None
    money: Figure | None
    factor: str
    source: str
    flag: str
    note: str
    derivation: str

    @property
    def name(self) -> str:
        """The telling name: the indicator, else the service."""
        return self.indicator or self.service

    @property
    def label(self) -> str:
        """Place and name, for messages."""
        return f"{self.place} {self.name}"

    @property
    def figure(self) -> Figure | None:
        """What a row of context says: its amount, or its money."""
        return self.physical or self.money

    @property
    def evidence(self) -> Evidence:
        """``derived`` figures prove nothing; figures from memory prove little."""
        flag = self.flag.upper()
        return "derived" if flag == "D" else "memory" if flag == "K" else "printed"


@dataclass(frozen=True)
class Published:
    """All rows of a published account."""

    name: str
    rows: tuple[Row, ...]

    def scopes(self) -> Iterator[tuple[Row, ...]]:
        """Give the rows of one account, region and year at a time."""
        for key in dict.fromkeys(map(_scope, self.rows)):
            yield tuple(r for r in self.rows if _scope(r) == key)

    def like(self, row: Row) -> tuple[Row, ...]:
        """Return the rows of the same account and region in all years."""
        return tuple(r for r in self.rows if (r.account, r.region) == (row.account, row.region))


def load(published: str | Path | pd.DataFrame) -> Published:
    """Read a published account from a CSV file or a table.

    Raises
    ------
    TableError
        Columns are missing, numbers or years cannot be read, a category is unknown; all at once.
    """
    if isinstance(published, str | Path):
        name, header, lines = _read_csv(Path(published))
    elif not hasattr(published, "itertuples"):
        raise TableError(
            f"a {type(published).__name__} is not a table", expected="the path of a CSV file, or a DataFrame"
        )
    else:
        name, header = "table", [str(c) for c in published.columns]
        lines = [
            (f"table:{i}", {c: _text(v) for c, v in zip(header, values, strict=True)})
            for i, values in enumerate(published.itertuples(index=False, name=None), 1)
        ]
    faults = Faults()
    _check_header(header, faults, name)
    faults.raise_as(TableError, "not a table of a published account", where=name)
    for place, cells in lines:
        for column, text in cells.items():
            if len(text) > _LONGEST:
                faults.add(
                    f"a cell of {len(text)} characters", where=f"{place} {column}",
                    expected=f"{_LONGEST} at most", fix="look for a lost quote",
                )  # fmt: skip
    faults.raise_as(TableError, "not a table of a published account", where=name)
    rows = [_row(place, cells, name, faults) for place, cells in lines if any(cells.values())]
    faults.raise_as(TableError, "the published account cannot be read", where=name)
    return Published(name, _percents([r for r in rows if r is not None]))


def _percents(rows: list[Row]) -> tuple[Row, ...]:
    """Return rows with the shares of a scope in percent, where none has a unit and one exceeds the whole."""

    def bare(row: Row) -> bool:
        share = row.category == "context" and words.SHARE.search(row.name)
        return bool(share) and row.physical is not None and not row.physical.unit

    over = {_scope(r) for r in rows if bare(r) and r.physical and r.physical.nominal > 1.0}
    return tuple(
        replace(r, physical=replace(r.physical, unit="%", scale=0.01))
        if r.physical and bare(r) and _scope(r) in over
        else r
        for r in rows
    )


def _scope(row: Row) -> tuple[str, str, int | None]:
    return row.account, row.region, row.year


def _read_csv(path: Path) -> tuple[str, list[str], list[tuple[str, dict[str, str]]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(
            f"cannot be read ({error})", where=str(path), expected="a CSV file in UTF-8"
        ) from error
    reader = csv.reader(text.splitlines(keepends=True), strict=True)
    lines: list[tuple[str, dict[str, str]]] = []
    header: list[str] = []
    start = 1
    faults = Faults()
    for cells in _csv_rows(reader, path.name):
        place, start = f"{path.name}:{start}", reader.line_num + 1
        if not header:
            header = [c.strip() for c in cells]
        elif len(cells) > len(header):
            faults.add(
                f"{len(cells)} cells under {len(header)} columns", where=place, fix="quote cells with commas"
            )
        else:
            lines.append((place, {h: c.strip() for h, c in zip(header, cells, strict=False)}))
    faults.raise_as(TableError, "rows do not fit the header", where=path.name)
    return path.name, header, lines


def _csv_rows(reader: Iterator[list[str]], name: str) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise TableError(
            f"cannot be read as CSV ({error})", where=name, fix="look for a lost quote"
        ) from error


def _text(value: object) -> str:
    """Return a cell of a table as printed: the digits Python shows, without the ``.0`` of a whole float."""
    plain = value.item() if hasattr(value, "item") else value
    if isinstance(plain, float) and plain.is_integer():
        return str(int(plain))
    text = str(plain).strip()
    return "" if text in ("nan", "<NA>", "NaT", "None") else text


def _check_header(header: list[str], faults: Faults, name: str) -> None:
    for options in (("category",), ("indicator", "service"), ("money_value", "physical_value")):
        if not set(options) & set(header):
            faults.add(
                f"the column {' or '.join(options)} is missing",
                where=f"{name}:1",
                expected="category, service, indicator, physical_value, physical_unit, price_value, "
                "price_unit, money_value, money_unit",
                fix="rename or add the column",
            )
    times = Counter(header)
    for column in sorted(c for c in times if c and times[c] > 1):
        faults.add(
            f"the column {column} is there {times[column]} times",
            where=f"{name}:1",
            fix="keep one of them",
        )


def _row(place: str, cells: dict[str, str], name: str, faults: Faults) -> Row | None:
    cells = {k: text if k in _AS_IT_IS else simplified(text) for k, text in cells.items()}

    def cell(column: str) -> str:
        return cells.get(column, "")

    category = _category(cell("category"))
    if category is None:
        faults.add(
            f"category {cell('category')!r} is unknown",
            where=place,
            expected="provisioning, regulating, cultural, supporting, total or context",
        )
    year = _year(cell("year"), place, faults)
    figures = {kind: _figure(cells, kind, place, faults) for kind in _NUMERIC}
    factor = tidy(cell("factor_value"))
    if factor and not is_number(factor):
        faults.add(f"factor_value {factor!r} is not a number", where=place, expected="digits, such as 0.0001")
        return None
    if category is None:
        return None
    return Row(
        place,
        cell("account") or name,
        cell("region"),
        year,
        category,
        cell("service" if "service" in cells else "indicator"),
        cell("indicator"),
        figures["physical"],
        figures["price"],
        figures["money"],
        factor,
        cell("source"),
        cell("flag"),
        cell("note"),
        cell("derivation"),
    )


def _category(text: str) -> str | None:
    folded = words.fold(text)
    if not folded or folded in COUNTED or folded in ("total", "context"):
        return folded or None
    named = words.category_named(text)
    if named:
        return named
    return next((k for k, form in _COUNTED_WORDS.items() if re.fullmatch(form, folded)), None)


def _year(text: str, place: str, faults: Faults) -> int | None:
    if not text:
        return None
    match = re.fullmatch(r"((?:19|20)\d\d)(?:\.0)?\s*(?:年度?)?", text)
    if match is None:
        faults.add(f"year {text!r} is not a year", where=place, expected="four digits, one year a row")
        return None
    return int(match[1])


def _figure(cells: dict[str, str], kind: str, place: str, faults: Faults) -> Figure | None:
    text, unit = cells.get(f"{kind}_value", ""), cells.get(f"{kind}_unit", "")
    if is_empty(text):
        return None
    unit = "" if is_empty(unit) else unit
    bound: Literal["lower", "upper"] | None = (
        "lower" if _ABOVE.match(text) else "upper" if _BELOW.match(text) else None
    )
    bare = _BELOW.sub("", _ABOVE.sub("", _ROUGH.sub("", text)))
    if bare.endswith(("%", "％")) and unit in ("", "%", "％"):
        bare, unit = bare[:-1], "%"
    if (
        kind == "physical"
        and not unit
        and re.search(r"[%％]", cells.get("indicator") or cells.get("service", ""))
    ):
        unit = "%"
    if not is_number(bare):
        faults.add(f"{kind}_value {text!r} is not a number", where=place, expected="digits, such as 103.07")
        return None
    scale, dims = measure(unit, is_money=kind == "money")
    digits = rough(bare) if _ROUGH.match(text) else bare
    return Figure(tidy(bare), unit, interval(digits), last_place(digits), scale, dims, bound)


@lru_cache(maxsize=1024)
def measure(unit: str, *, is_money: bool = False, plain: bool = True) -> tuple[float | None, Dims]:
    """Return what one of a unit is in base units, and its dimension; None where it is not a unit.

    The accounting year is dropped (every figure is of a year), as are price years (an account is
    compared with itself) and, where ``plain``, the names of substances.
    """
    if unit in ("", "-"):
        return 1.0, MONEY if is_money else NUMBER
    if (ratio := ratio_unit(unit)) is not None:
        return ratio, NUMBER
    unit = spelled(unit, is_money=is_money)
    text = _SUBSTANCE.sub("", unit) if plain else unit
    try:
        read = units.parse(text, price_year=2000)
        size = units.quantity(1.0, units.spell(read)).to_base_units()
        powers = units.dimension(read)
    except UnitError:
        return None, UNKNOWN
    kept = {re.sub(r"\[[A-Z]{3}_\d{4}\]", "[money]", k): v for k, v in powers.items() if k != "[year]"}
    return float(size.magnitude), frozenset(kept.items())


def multiply(*dims: Dims) -> Dims:
    """Return the dimension of a product."""
    powers: dict[str, float] = {}
    for name, power in (item for one in dims for item in one):
        powers[name] = powers.get(name, 0.0) + power
    return frozenset((n, p) for n, p in powers.items() if p)


def divide(a: Dims, b: Dims) -> Dims:
    """Return the dimension of a quotient."""
    return multiply(a, frozenset((n, -p) for n, p in b))


def factor_interval(text: str) -> Interval:
    """Return a stated factor; a bare power of ten is a unit scale, hence exact."""
    return exact(float(text)) if is_power_of_ten(text) else interval(text)


def is_money(figure: Figure | None) -> bool:
    """Tell whether a figure is an amount of money."""
    return figure is not None and figure.scale is not None and figure.dims == MONEY


def total_of(values: Iterable[Interval]) -> Interval:
    """Add intervals."""
    return sum(values, Interval(0.0, 0.0))


def in_unit(value: Interval | float, figure: Figure) -> str:
    """Write a value in base units in the unit of a figure."""
    if isinstance(value, Interval):
        return f"[{number(value.low / figure.size)}, {number(value.high / figure.size)}]"
    return number(value / figure.size)
