"""Price years: deflators as chains of year-on-year coefficients."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gep import units
from gep.errors import CoefficientError, Faults, GepError, PriceYearError
from gep.resources import folder, vocabulary


@dataclass(frozen=True)
class Link:
    """One year-on-year step: ``value`` in ``CNY_2020/CNY_2019``."""

    id: str
    value: float
    later: str
    earlier: str
    source: str
    locator: str
    status: str


class Deflator:
    """A series of price index links that carries money from one year to another.

    Examples
    --------
    >>> cpi = Deflator.shipped("chn-cpi")
    >>> round(cpi.factor("CNY_2010", "CNY_2020"), 4)
    1.2811
    >>> round(cpi.factor("CNY_2010", "CNY_2020") * cpi.factor("CNY_2020", "CNY_2010"), 12)
    1.0
    """

    def __init__(self, name: str, links: Sequence[Link]) -> None:
        self.name = name
        self.links = {link.later: link for link in links}

    @classmethod
    def shipped(cls, name: str) -> Deflator:
        """Return a series that comes with the library."""
        if name not in available():
            raise CoefficientError(f"no deflator {name!r}", expected=f"one of {', '.join(available())}")
        return _shipped(name)

    @classmethod
    def load(cls, path: str | Path) -> Deflator:
        """Read a series of one's own from a CSV with the columns of the shipped ones."""
        place = Path(path)
        try:
            text = place.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise CoefficientError(f"cannot be read as UTF-8: {error}", where=str(place)) from error
        return cls(place.stem, _read(text, place.name))

    def factor(self, source: str, target: str) -> float:
        """Return what money of ``source`` is multiplied with to be money of ``target``."""
        product = 1.0
        for link in self.path(source, target):
            product *= link.value
        if units.year_of(source) > units.year_of(target):
            return 1.0 / product
        return product

    def path(self, source: str, target: str) -> list[Link]:
        """Return the links between two currency-years, in order of years.

        Raises
        ------
        PriceYearError
            Another currency, or a year that the series does not reach.
        """
        code, _, _ = source.partition("_")
        if code != target.partition("_")[0]:
            raise PriceYearError(
                f"{source} and {target} are different currencies", fix="exchange before or after deflating"
            )
        first, last = sorted((units.year_of(source), units.year_of(target)))
        wanted = [f"{code}_{year}" for year in range(first + 1, last + 1)]
        gaps = [name for name in wanted if name not in self.links]
        if gaps:
            raise PriceYearError(
                f"deflator {self.name} has no link to {', '.join(gaps)}",
                expected=f"links within {min(self.links)} to {max(self.links)}",
                fix="give a series that covers these years",
            )
        return [self.links[name] for name in wanted]

    def __repr__(self) -> str:
        return f"<Deflator {self.name}: {min(self.links)} to {max(self.links)}>"


class Money:
    """The one currency and price year of an account, and the way there from other years.

    Parameters
    ----------
    currency : str
        For example ``CNY_2020``.
    deflator : Deflator, optional
        Without one, money of another year is refused.

    Examples
    --------
    >>> money = Money("CNY_2020", Deflator.shipped("chn-cpi"))
    >>> factor, unit = money.convert("CNY_2010/t")
    >>> round(factor, 4), unit
    (1.2811, 'CNY_2020/t')
    """

    def __init__(self, currency: str, deflator: Deflator | None = None) -> None:
        self.currency, self.deflator = currency, deflator

    def convert(self, unit: str) -> tuple[float, str]:
        """Return the factor and the unit that carry money in ``unit`` to the account's.

        Raises
        ------
        PriceYearError
            Another price year and no deflator, or two years in one unit.
        """
        found = units.price_years(unit)
        if not found or found == [self.currency]:
            return 1.0, unit
        if len(found) > 1 or self.deflator is None:
            raise units.mismatch(unit, units.spell(units.priced(units.unpriced(unit), self.currency)))
        power = units.dimension(unit)[f"[{found[0]}]"]
        target = units.priced(units.unpriced(unit), self.currency)
        return self.deflator.factor(found[0], self.currency) ** power, units.spell(target)

    def note(self, unit: str) -> str:
        """Return in words how money in ``unit`` was carried to the account's year."""
        found = units.price_years(unit)
        if not found or found == [self.currency] or self.deflator is None:
            return ""
        path = self.deflator.path(found[0], self.currency)
        factor = self.deflator.factor(found[0], self.currency)
        sources = ", ".join(dict.fromkeys(link.source for link in path))
        return f"{found[0]} to {self.currency} by {self.deflator.name}: x {factor:.6g} ({sources})"


@cache
def available() -> list[str]:
    """Return the names of the shipped deflators."""
    return sorted(path.stem for path in (folder() / "deflators").glob("*.csv"))


@cache
def _shipped(name: str) -> Deflator:
    return Deflator.load(folder() / "deflators" / f"{name}.csv")


def _read(text: str, file: str) -> list[Link]:
    faults = Faults()
    links: list[Link] = []
    reader = csv.DictReader(io.StringIO(text))
    for cells in reader:
        where = f"{file}:{reader.line_num}"
        try:
            links.append(_link(cells))
        except (KeyError, ValueError, TypeError) as error:
            columns = "id, value, unit, source, locator, status"
            faults.add(f"cannot be read: {error}", where=where, expected=columns)
        except GepError as error:
            faults.take(error, where=where)
    faults.raise_as(CoefficientError, "the deflator cannot be believed", where=file)
    return links


def _link(cells: dict[str, str]) -> Link:
    years = sorted(units.price_years(cells["unit"]))
    value = float(cells["value"])
    if len(years) != 2 or units.year_of(years[1]) - units.year_of(years[0]) != 1:
        raise CoefficientError(f"unit {cells['unit']!r}", expected="a link of two years, CNY_2020/CNY_2019")
    if units.factor(cells["unit"], f"{years[1]}/{years[0]}") != 1.0 or not 0.1 < value < 10.0:
        raise CoefficientError(f"{value} {cells['unit']} is no year-on-year link")
    if cells["source"] not in vocabulary("sources") and not cells.get("locator"):
        raise CoefficientError("the link has no source")
    return Link(cells["id"], value, years[1], years[0], cells["source"], cells["locator"], cells["status"])
