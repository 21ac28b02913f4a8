"""Exchange rates: annual averages between currencies of one and the same year."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from gep import units
from gep.errors import AmbiguousCoefficient, CoefficientError, Faults, GepError, PriceYearError
from gep.files import Line, read_csv
from gep.resources import folder, vocabulary


@dataclass(frozen=True)
class Rate:
    """One annual average: ``value`` in ``CNY_2020/USD_2020``.

    Attributes
    ----------
    id : str
        Name of the row.
    value : float
        Units of ``over`` for one of ``under``.
    over, under : str
        Currency-years, such as ``CNY_2020`` and ``USD_2020``.
    source, locator, status : str
        Document, place in it, and how it is known.
    """

    id: str
    value: float
    over: str
    under: str
    source: str
    locator: str
    status: str


class Exchange:
    """Exchange rates by year; two currencies may meet through one that both have a rate to.

    Parameters
    ----------
    name : str
        Name of the table.
    rates : sequence of Rate
        Annual averages.

    Examples
    --------
    >>> fed = Exchange.shipped("us-fed")
    >>> round(fed.factor("USD_2020", "CNY_2020"), 4), round(fed.factor("EUR_2020", "CNY_2020"), 4)
    (6.9042, 7.8777)
    """

    def __init__(self, name: str, rates: Sequence[Rate]) -> None:
        self.name = name
        self._steps: dict[str, dict[str, tuple[float, Rate]]] = {}
        for rate in rates:
            if rate.over in self._steps.get(rate.under, {}):
                raise AmbiguousCoefficient(f"{name} has two rates of {rate.over} and {rate.under}")
            self._steps.setdefault(rate.under, {})[rate.over] = (rate.value, rate)
            self._steps.setdefault(rate.over, {})[rate.under] = (1.0 / rate.value, rate)

    @classmethod
    def shipped(cls, name: str = "us-fed") -> Exchange:
        """Return a table of rates that comes with the library."""
        known = sorted(path.stem for path in (folder() / "exchange").glob("*.csv"))
        if name not in known:
            raise CoefficientError(f"no exchange rates {name!r}", expected=f"one of {', '.join(known)}")
        return _shipped(name)

    @classmethod
    def load(cls, path: str | Path) -> Exchange:
        """Read rates of one's own from a CSV with the columns of the shipped ones.

        ``unit`` says which way round a rate is: ``CNY_2020/USD_2020`` is yuan per dollar.
        """
        place = Path(path)
        return cls(place.stem, _read(read_csv(place, CoefficientError)[1], place.name))

    def factor(self, source: str, target: str) -> float:
        """Return what money of ``source`` is multiplied with to be money of ``target``, same year.

        Raises
        ------
        PriceYearError
            The years differ: deflating comes first, in the currency the money is in.
        """
        product = 1.0
        for step, _ in self._route(source, target):
            product *= step
        return product

    def path(self, source: str, target: str) -> list[Rate]:
        """Return the rates that lead from currency-year ``source`` to ``target``."""
        return [rate for _, rate in self._route(source, target)]

    def _route(self, source: str, target: str) -> list[tuple[float, Rate]]:
        if units.year_of(source) != units.year_of(target):
            code, year = source.partition("_")[0], units.year_of(target)
            raise PriceYearError(
                f"an exchange rate does not lead from {source} to {target}: it holds within one year",
                fix=f"deflate to {code}_{year} with prices of {code} first, then exchange at the rate of "
                f"{year}; the other order would count the prices of another country",
            )
        if source == target:
            return []
        here, there = self._steps.get(source, {}), self._steps.get(target, {})
        if target in here:
            return [here[target]]
        between = sorted(set(here) & set(there))
        if len(between) == 1:
            return [here[between[0]], self._steps[between[0]][target]]
        if between:
            raise AmbiguousCoefficient(
                f"{self.name} leads from {source} to {target} through {' and '.join(between)}",
                fix="give the rate of the two itself",
            )
        known = ", ".join(sorted(n for n in self._steps if n.endswith(source[-4:]))) or "no rate of that year"
        raise PriceYearError(
            f"{self.name} has no rate of {source} and {target}",
            expected=known,
            fix="give rates that cover this year: Exchange.load",
        )

    def __repr__(self) -> str:
        codes = sorted({name.partition("_")[0] for name in self._steps})
        years = sorted({units.year_of(name) for name in self._steps}) or [0]
        return f"<Exchange {self.name}: {', '.join(codes)}; {years[0]} to {years[-1]}>"


@cache
def _shipped(name: str) -> Exchange:
    return Exchange.load(folder() / "exchange" / f"{name}.csv")


def _read(lines: Iterable[Line], file: str) -> list[Rate]:
    faults = Faults()
    rates: list[Rate] = []
    for where, cells in lines:
        try:
            rates.append(_rate(cells))
        except (KeyError, ValueError, TypeError) as error:
            columns = "id, value, unit, source, locator, status"
            faults.add(f"cannot be read: {error}", where=where, expected=columns)
        except GepError as error:
            faults.take(error, where=where)
    faults.raise_as(CoefficientError, "the exchange rates cannot be believed", where=file)
    return rates


def _rate(cells: Mapping[str, str]) -> Rate:
    powers = {name: units.dimension(cells["unit"])[f"[{name}]"] for name in units.price_years(cells["unit"])}
    value = float(cells["value"])
    sides = {power: name for name, power in powers.items()}
    if sorted(powers.values()) != [-1.0, 1.0] or len({units.year_of(name) for name in powers}) != 1:
        raise CoefficientError(
            f"unit {cells['unit']!r}", expected="two currencies of one year, CNY_2020/USD_2020"
        )
    over, under = sides[1.0], sides[-1.0]
    if units.factor(cells["unit"], f"{over}/{under}") != 1.0 or not 0.0 < value < float("inf"):
        raise CoefficientError(f"{value} {cells['unit']} is no exchange rate")
    if cells["source"] not in vocabulary("sources") and not cells.get("locator"):
        raise CoefficientError("the rate has no source")
    return Rate(cells["id"], value, over, under, cells["source"], cells["locator"], cells["status"])
