"""A ledger opened for showing: in one language and one unit, with the tables that people expect."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gep import units
from gep.errors import LedgerError
from gep.ledger import views
from gep.reports.speech import Speech
from gep.reports.tables import Table

if TYPE_CHECKING:
    from gep.ledger import Ledger


@dataclass(frozen=True)
class Book:
    """What every table of a ledger needs to know.

    Parameters
    ----------
    ledger : Ledger
        The account.
    lang : {"zh", "en"}
        Language of all texts.
    unit : str
        Unit of values, ``亿元``, ``万元``, ``10^6 CAD``; 10^8 of the ledger's currency if empty.
    audit : iterable of findings, optional
        As :func:`gep.audit` returns it.
    """

    ledger: Ledger
    lang: str = "zh"
    unit: str = ""
    audit: Any = None
    say: Speech = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "say", Speech(self.lang))
        object.__setattr__(self, "unit", self.unit or self.ledger.usual_unit(8))
        self.ledger.factor(self.unit)

    @property
    def year(self) -> int:
        """Return the year of the prices."""
        return units.year_of(self.ledger.price_year)

    @cached_property
    def money(self) -> str:
        """Return the unit of values with their price level."""
        return self.say.money(self.unit, self.year)

    @cached_property
    def small_unit(self) -> str:
        """Return the unit of values per area and per head."""
        return self.ledger.usual_unit(4)

    def rate(self, below: str) -> str:
        """Return the unit of a value per area or per head, with its price level."""
        return self.say.money(f"{self.small_unit}/{below}", self.year)

    def rate_factor(self, below: str, base: str) -> float:
        """Return the factor from values in :attr:`unit` per ``base`` to the rate's unit."""
        money = self.ledger.factor(self.small_unit) / self.ledger.factor(self.unit)
        return money / units.factor(base, below)

    def label(self, kind: str, code: str) -> str:
        """Return the name of a category, a service or an indicator."""
        return self.ledger.meta.labels.get(f"{kind}:{code}", {}).get(self.lang, code)

    def title(self, key: str, **values: object) -> str:
        """Return the title of a table."""
        about = {"region": self.ledger.meta.region, "year": self.ledger.year}
        return self.say(f"titles.{key}", **{**about, **values})

    def head(self, key: str) -> str:
        """Return the heading of a column."""
        return self.say(f"columns.{key}")

    def table(self, key: str, columns: Any, rows: Any, notes: Any = (), **values: object) -> Table:
        """Return a table with the titles that belong to its key."""
        kind, _, level = key.partition(":")
        said = {"level": self.say.known("levels", level)} if level else {}
        sheet, title = self.say(f"sheets.{kind}", **said), self.title(kind, **said, **values)
        kept = tuple(filter(None, notes))
        return Table(key, sheet, title, tuple(columns), tuple(rows), kept, self.lang)

    @cached_property
    def gaps(self) -> tuple[str, ...]:
        """Return the notes that belong under every table of values."""
        return (
            self.say("notes.prices", year=self.year),
            self._missing_note(),
            self._coverage_note(),
            self.say("notes.illustrative") if self.illustrative else "",
        )

    def _missing_note(self) -> str:
        rows = self.ledger.counted()
        rows = rows[rows["value"].isna()]
        names = self.say.join(self.label("service", s) for s in dict.fromkeys(rows["service"]))
        return self.say("notes.missing", count=len(rows), names=names) if len(rows) else ""

    def _coverage_note(self) -> str:
        area = self.not_covered_km2
        return self.say("notes.not_covered", area=f"{area:,.2f}") if area else ""

    @cached_property
    def not_covered_km2(self) -> float:
        """Return the area inside the zones that the worst covered service lacks."""
        return views.worst(self.ledger.coverage) / 1e6

    @property
    def illustrative(self) -> bool:
        """Tell whether anything in the account is invented."""
        statuses = {*self.ledger.frame["status"], *self.ledger.frame["coefficient_status"]}
        return "illustrative" in statuses

    @property
    def has_region_rows(self) -> bool:
        """Tell whether some values are known for the region alone."""
        region = self.ledger.meta.region
        return region not in self.ledger.zones.index and bool((self.ledger.counted()["zone"] == region).any())


def check_currency(ledgers: Iterable[Ledger]) -> None:
    """Refuse accounts of different currencies side by side."""
    currencies = sorted({ledger.price_year.partition("_")[0] for ledger in ledgers})
    if len(currencies) > 1:
        raise LedgerError(
            f"accounts in {' and '.join(currencies)} side by side",
            expected="one currency",
            fix="compile all years in one currency",
        )
