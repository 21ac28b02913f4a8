"""The one currency and price year of an account, and the way there."""

from __future__ import annotations

from gep import units
from gep.errors import PriceYearError
from gep.prices.deflator import Deflator
from gep.prices.exchange import Exchange


class Money:
    """The one currency and price year of an account, and the way there from others.

    Money of another year is deflated in its own currency to the account's year; money of another
    currency is then exchanged at the average rate of that year.

    Parameters
    ----------
    currency : str
        For example ``CNY_2020``.
    deflator : Deflator, optional
        Without one, money of another year is refused.
    exchange : Exchange, optional
        Without one, money of another currency is refused.

    Examples
    --------
    >>> money = Money("CNY_2020", Deflator.shipped("chn-cpi"))
    >>> factor, unit = money.convert("CNY_2010/t")
    >>> round(factor, 4), unit
    (1.2811, 'CNY_2020/t')
    >>> abroad = Money("USD_2020", Deflator.shipped("chn-cpi"), Exchange.shipped("us-fed"))
    >>> factor, unit = abroad.convert("CNY_2010/t")
    >>> round(factor, 4), unit
    (0.1856, 'USD_2020/t')
    """

    def __init__(
        self, currency: str, deflator: Deflator | None = None, exchange: Exchange | None = None
    ) -> None:
        self.currency, self.deflator, self.exchange = currency, deflator, exchange

    def convert(self, unit: str) -> tuple[float, str]:
        """Return the factor and the unit that carry money in ``unit`` to the account's.

        Raises
        ------
        PriceYearError
            Another price year and no deflator, or two years in one unit.
        UnitError
            Another currency and no exchange rates.
        """
        found = units.price_years(unit)
        if not found or found == [self.currency]:
            return 1.0, unit
        target = units.priced(units.unpriced(unit), self.currency)
        if len(found) > 1 or not self._can(found[0]):
            raise units.mismatch(unit, units.spell(target))
        power = units.dimension(unit)[f"[{found[0]}]"]
        return self._factor(found[0]) ** power, units.spell(target)

    def note(self, unit: str) -> str:
        """Return in words how money in ``unit`` was carried to the account's year and currency."""
        found = units.price_years(unit)
        if not found or found == [self.currency] or not self._can(found[0]):
            return ""
        steps = [self._deflating(found[0]), self._exchanging(found[0])]
        return ", then ".join(step for step in steps if step)

    def _between(self, source: str) -> str:
        """Return the currency-year in which deflating ends and exchanging begins."""
        return f"{source.partition('_')[0]}_{units.year_of(self.currency)}"

    def _can(self, source: str) -> bool:
        """Tell whether everything is given that leads from ``source`` to the account's money."""
        between = self._between(source)
        deflating, exchanging = source != between, between != self.currency
        if deflating and exchanging and self.exchange is not None and self.deflator is None:
            raise PriceYearError(
                f"{source} must be money of {units.year_of(self.currency)} before it is exchanged",
                expected=f"a deflator of {source.partition('_')[0]} besides the exchange rates",
            )
        deflatable = self.deflator is not None or not deflating
        return deflatable and (self.exchange is not None or not exchanging)

    def _factor(self, source: str) -> float:
        between, factor = self._between(source), 1.0
        if source != between and self.deflator is not None:
            factor = self.deflator.factor(source, between)
        if between != self.currency and self.exchange is not None:
            factor *= self.exchange.factor(between, self.currency)
        return factor

    def _deflating(self, source: str) -> str:
        between = self._between(source)
        if source == between or self.deflator is None:
            return ""
        factor = self.deflator.factor(source, between)
        sources = dict.fromkeys(link.source for link in self.deflator.path(source, between))
        said = f" ({', '.join(sources)}{''.join(f'; {j}' for j in self.deflator.joins)})"
        return f"{source} to {between} by {self.deflator.name}: x {factor:.6g}{said}"

    def _exchanging(self, source: str) -> str:
        between = self._between(source)
        if between == self.currency or self.exchange is None:
            return ""
        factor = self.exchange.factor(between, self.currency)
        sources = dict.fromkeys(rate.source for rate in self.exchange.path(between, self.currency))
        return f"{between} to {self.currency} by {self.exchange.name}: x {factor:.6g} ({', '.join(sources)})"
