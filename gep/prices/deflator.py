"""Deflators: price indices that carry money of one currency from year to year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from gep import units
from gep.errors import CoefficientError, Faults, GepError, PriceYearError
from gep.files import Line, read_csv
from gep.prices import links as chains
from gep.prices.links import Link, Point
from gep.resources import folder


class Deflator:
    """A series of price index links that carries money from one year to another.

    Attributes
    ----------
    name : str
        What the series is called in notes.
    links : dict of str to Link
        By the later currency-year.
    joins : tuple of str
        Where series of different bases were linked, in words with the year.

    Examples
    --------
    >>> cpi = Deflator.shipped("chn-cpi")
    >>> round(cpi.factor("CNY_2010", "CNY_2020"), 4)
    1.2811
    >>> round(cpi.factor("CNY_2010", "CNY_2020") * cpi.factor("CNY_2020", "CNY_2010"), 12)
    1.0
    """

    def __init__(self, name: str, links: Sequence[Link], joins: Sequence[str] = ()) -> None:
        if not links:
            raise CoefficientError(f"deflator {name} has no link", expected="at least two years")
        self.name, self.joins = name, tuple(joins)
        self.links = {link.later: link for link in links}

    @classmethod
    def shipped(cls, name: str) -> Deflator:
        """Return a series that comes with the library."""
        if name not in available():
            raise CoefficientError(f"no deflator {name!r}", expected=f"one of {', '.join(available())}")
        return _shipped(name)

    @classmethod
    def load(
        cls,
        path: str | Path,
        *,
        currency: str = "",
        unit: str = "",
        source: str = "",
        value: str = "value",
        year: str = "year",
        where: Mapping[str, str] | None = None,
        link: int | None = None,
    ) -> Deflator:
        """Read a series of one's own from a CSV.

        Either a row is a link, as in the shipped series (``id, value, unit, source, locator, status``
        with ``unit`` ``CNY_2020/CNY_2019``), or the file has a column of years and one of index
        numbers as statistics print them. Rows of different bases (``2010 = 100``, ``2020 = 100``)
        are linked where they overlap.

        Parameters
        ----------
        path : str or path
            CSV in UTF-8.
        currency : str
            ``CNY``; or a column ``currency``.
        unit : str
            What the numbers are: ``%`` (change over the previous year), ``ratio``,
            ``previous year = 100`` (上年=100), ``2010 = 100`` (2010年=100); or a column ``unit``.
        source : str
            Where the numbers are from; or a column ``source``.
        value, year : str
            Names of the columns.
        where : mapping of str to str, optional
            Take only rows with these texts, for example ``{"Country Code": "CAN"}``.
        link : int, optional
            Year in which two bases are linked; the base year of the newer one unless given.

        Raises
        ------
        CoefficientError
            Rows that cannot be read or believed, all at once; an overlap of several years and no
            link year; no unit, currency or source.
        """
        place = Path(path)
        header, rows = _rows(place, where or {})
        if year not in header:
            return cls(place.stem, chains.read(rows, place.name))
        given = {"currency": currency, "unit": unit, "source": source}
        groups = _points(rows, given, year, value, place.name)
        return _linked(place.stem, groups, link)

    @classmethod
    def joined(cls, older: Deflator, newer: Deflator, year: int | None = None) -> Deflator:
        """Return one series: ``older`` up to ``year``, ``newer`` from then on.

        Parameters
        ----------
        older, newer : Deflator
            Of one currency.
        year : int, optional
            May be left out where the two have a single year in common.
        """
        links, at = chains.joined(list(older.links.values()), list(newer.links.values()), year)
        said = f"{older.name} linked with {newer.name} in {at}"
        return cls(f"{older.name}+{newer.name}", links, (*older.joins, *newer.joins, said))

    @classmethod
    def together(cls, *series: Deflator) -> Deflator:
        """Return one deflator out of series of different currencies.

        Examples
        --------
        >>> both = Deflator.together(Deflator.shipped("chn-cpi"), Deflator.shipped("usa-cpi"))
        >>> round(both.factor("USD_2010", "USD_2020"), 4)
        1.1869
        """
        seen: dict[str, str] = {}
        for one in series:
            for code in one.currencies:
                if code in seen:
                    raise CoefficientError(
                        f"{seen[code]} and {one.name} are both series of {code}",
                        fix="Deflator.joined links two series of one currency",
                    )
                seen[code] = one.name
        links = [link for one in series for link in one.links.values()]
        return cls("+".join(one.name for one in series), links, [j for one in series for j in one.joins])

    @property
    def currencies(self) -> list[str]:
        """Return the currencies of the series."""
        return sorted({name.partition("_")[0] for name in self.links})

    def factor(self, source: str, target: str) -> float:
        """Return what money of ``source`` is multiplied with to be money of ``target``."""
        product = 1.0
        for link in self.path(source, target):
            product *= link.value
        if units.year_of(source) > units.year_of(target):
            return 1.0 / product
        return product

    def path(self, source: str, target: str) -> list[Link]:
        """Return the links from currency-year ``source`` to ``target``, in order of years.

        Raises
        ------
        PriceYearError
            Another currency, or a year that the series does not reach.
        """
        code, _, _ = source.partition("_")
        if code != target.partition("_")[0]:
            raise PriceYearError(
                f"{source} and {target} are different currencies",
                expected=f"money of {code} is deflated in {code}",
                fix=f"deflate to {code}_{units.year_of(target)}, then exchange at the rate of that year",
            )
        first, year = sorted((units.year_of(source), units.year_of(target)))
        found, gaps = [], []
        while year > first:
            link = self.links.get(f"{code}_{year}")
            if link is None or units.year_of(link.earlier) < first:
                gaps.append(f"{code}_{year}")
                year -= 1
            else:
                found.append(link)
                year = units.year_of(link.earlier)
        if gaps:
            raise PriceYearError(
                f"deflator {self.name} has no link to {', '.join(reversed(gaps))}",
                expected=f"links within {self._reach(code)}",
                fix="give a series that covers these years",
            )
        return found[::-1]

    def _reach(self, code: str) -> str:
        own = [name for name in self.links if name.startswith(f"{code}_")] or list(self.links)
        return f"{min(own)} to {max(own)}"

    def __repr__(self) -> str:
        reach = ", ".join(self._reach(code) for code in self.currencies)
        return f"<Deflator {self.name}: {reach}{''.join(f'; {j}' for j in self.joins)}>"


@cache
def available() -> list[str]:
    """Return the names of the shipped deflators."""
    return sorted(path.stem for path in (folder() / "deflators").glob("*.csv"))


@cache
def _shipped(name: str) -> Deflator:
    return Deflator.load(folder() / "deflators" / f"{name}.csv")


def _rows(place: Path, where: Mapping[str, str]) -> tuple[list[str], Iterator[Line]]:
    """Return the header of a CSV and the rows that are asked for, each with its place."""
    header, lines = read_csv(place, CoefficientError)
    absent = [name for name in where if name not in header]
    if absent:
        raise CoefficientError(f"no column {absent}", where=place.name, expected=", ".join(header))
    kept = (line for line in lines if all(line[1][name] == text for name, text in where.items()))
    return header, kept


def _points(
    rows: Iterator[Line], given: Mapping[str, str], year: str, value: str, file: str
) -> dict[tuple[str, str], list[Point]]:
    """Return index numbers by currency and unit; a cell that is empty is a year without a number."""
    faults, groups = Faults(), dict[tuple[str, str], list[Point]]()
    for place, cells in rows:
        said = {key: text or (cells.get(key) or "").strip() for key, text in given.items()}
        lacking = [key for key, text in said.items() if not text]
        if value not in cells or lacking:
            faults.add(
                f"no {', '.join(lacking) or f'column {value!r}'}",
                where=place,
                expected="a column, or the argument of that name",
            )
            break
        if not (cells[value] or "").strip():
            continue
        try:
            code = _currency(said["currency"], int(cells[year]))
            chains.basis(said["unit"])
            number = float(cells[value])
        except ValueError as error:
            faults.add(f"cannot be read: {error}", where=place, expected="a year and a number")
            continue
        except GepError as error:
            faults.take(error, where=place)
            continue
        key = (code, said["unit"])
        point = Point(int(cells[year]), number, said["source"], cells.get("locator") or place, _status(cells))
        groups.setdefault(key, []).append(point)
    faults.raise_as(CoefficientError, "the deflator cannot be believed", where=file)
    return groups


def _currency(text: str, year: int) -> str:
    """Return the code of a currency written in any spelling of the vocabulary."""
    found = units.price_years(units.parse(text, price_year=year))
    if len(found) != 1 or not units.same_dimension(found[0], units.parse(text, price_year=year)):
        raise CoefficientError(f"{text!r} is no currency", expected="CNY, USD, EUR ...")
    return found[0].partition("_")[0]


def _status(cells: Mapping[str, str]) -> str:
    return cells.get("status") or "unverified"


def _linked(name: str, groups: Mapping[tuple[str, str], list[Point]], link: int | None) -> Deflator:
    """Chain each base, then link bases of one currency from the oldest to the newest."""
    series: dict[str, tuple[list[Link], str]] = {}
    joins = []
    for (currency, unit), points in sorted(groups.items(), key=lambda g: min(p.year for p in g[1])):
        links = chains.chained(points, chains.basis(unit), name, currency)
        if currency in series:
            older, before = series[currency]
            links, at = chains.joined(older, links, _link_year(link, older, links, unit))
            joins.append(f"{before!r} linked with {unit!r} in {at}")
        series[currency] = (links, unit)
    return Deflator(name, [x for links, _ in series.values() for x in links], joins)


def _link_year(stated: int | None, older: Sequence[Link], newer: Sequence[Link], unit: str) -> int | None:
    """Return the year stated, else the base year of the newer series where both have it."""
    base = chains.basis(unit).year
    return stated if stated or base not in chains.years(older) & chains.years(newer) else base
