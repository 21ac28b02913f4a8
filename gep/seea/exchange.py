"""Exchange between zones: who supplies a service, who uses it, and what one would pay another."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from gep.errors import Faults, TableError
from gep.ledger import Amount, Ledger
from gep.seea.flows import exact, known_sum
from gep.seea.keys import check_shares, intermediate
from gep.seea.lists import words
from gep.tables import number_of, status_of, text_of

FLOWS = ("service", "supplier", "user", "value", "share", "status", "source")


@dataclass(frozen=True)
class Exchange:
    """Flows of services between zones.

    Attributes
    ----------
    flows : DataFrame
        ``service, supplier, user, value, share, status, source``; a zone may use its own supply. A
        user beyond the zones is ``outside``.
    zones : Series of str
        Names of the zones, by code.
    units : str
        Currency and price year of the values.
    notes : tuple of str
        What is not in the flows, and how the keys are known.
    """

    flows: pd.DataFrame
    zones: pd.Series[str]
    units: str
    notes: tuple[str, ...]

    def balance(self, *, labels: str = "") -> pd.DataFrame:
        """Return by zone what it ``supplied``, what of this it uses itself (``own``), ``used``, and ``net``.

        The nets, supplied less used, add up to zero but for rounding.
        """
        across = self.flows["value"]
        table = pd.DataFrame(index=self._codes())
        table["supplied"] = self._sums("supplier", across)
        table["own"] = self._sums("supplier", across.where(self.flows["supplier"] == self.flows["user"], 0.0))
        table["used"] = self._sums("user", across)
        table["net"] = table["supplied"] - table["used"]
        return self._finished(table, self.units, labels)

    def payments(self, share: float, *, labels: str = "") -> pd.DataFrame:
        """Return what zones pay and receive if users pay a share of the value that others supply.

        Parameters
        ----------
        share : float
            Part of the value that is paid for; a decision of those who compensate, and no result.
        labels : {"", "zh", "en"}
            Write names instead of codes.

        Returns
        -------
        DataFrame
            ``received``, ``paid`` and ``net`` by zone, in whole units of the currency, so that the
            nets add up to zero to the last bit.

        Raises
        ------
        TableError
            A share that is no part of one.
        """
        if not 0.0 <= share <= 1.0:
            raise TableError(f"a payment of {share:g} of the value", expected="a share between 0 and 1")
        between = self.flows["supplier"] != self.flows["user"]
        due = (self.flows["value"] * share).where(between, 0.0).round()
        table = pd.DataFrame(index=self._codes())
        table["received"], table["paid"] = self._sums("supplier", due), self._sums("user", due)
        table["net"] = table["received"] - table["paid"]
        made = self._finished(table, self.units, labels)
        made.attrs["notes"] = (f"users pay {share:.4g} of the value that other zones supply", *self.notes)
        return made

    def traded(self) -> Amount:
        """Return the value that is used in another zone than the one that supplies it."""
        between = self.flows["supplier"] != self.flows["user"]
        return Amount(known_sum(self.flows.loc[between, "value"]), self.units, self.notes)

    def _codes(self) -> pd.Index[str]:
        outside = ["outside"] if (self.flows["user"] == "outside").any() else []
        return pd.Index([*self.zones.index, *outside], name="zone")

    def _sums(self, side: str, values: pd.Series[float]) -> pd.Series[float]:
        sums = values.groupby(self.flows[side].to_numpy()).agg(lambda v: math.fsum(v.dropna()))
        return sums.reindex(self._codes(), fill_value=0.0).astype(float)

    def _finished(self, table: pd.DataFrame, unit: str, labels: str) -> pd.DataFrame:
        table.insert(0, "name", [self.zones.get(c, "区外" if labels == "zh" else c) for c in table.index])
        table.attrs = {"units": unit, "notes": self.notes}
        return words(table, labels) if labels else table

    def __str__(self) -> str:
        head = f"Exchange between zones [{self.units}]"
        return "\n".join([head, self.balance().to_string(), *(f"  note: {note}" for note in self.notes)])

    __repr__ = __str__


def between_zones(
    ledger: Ledger,
    keys: pd.DataFrame | Mapping[str, Mapping[str, float]],
    *,
    services: Sequence[str] = (),
    status: str = "",
    source: str = "",
) -> Exchange:
    """Return which zones use the services that zones supply.

    Parameters
    ----------
    ledger : Ledger
        The account.
    keys : DataFrame or mapping
        ``service, supplier, user, share`` and where known ``status, source``: the shares of one
        service and supplier add up to one. An empty service or supplier stands for all that have no
        rows of their own. ``{service: {user: share}}`` is the same for every supplier. Zones by
        code or name; ``outside`` is a user beyond them.
    services : sequence of str
        Services to look at; those that the keys name unless given, all where they name none.
    status, source : str
        How the shares are known, for rows that do not say.

    Returns
    -------
    Exchange

    Raises
    ------
    TableError
        All faults of the keys at once.

    Notes
    -----
    What is known for the region alone has no supplier and stays out; the notes name it. The model
    does not know where water flows: the keys are what the user knows or assumes.

    References
    ----------
    seea-ea-2024: paragraphs 7.40 and 7.43, exports and imports among parts of a country.
    """
    rows = _key_rows(keys, status, source)
    faults = Faults()
    shares = _read(ledger, rows, faults)
    wanted = _services(ledger, services, shares, faults)
    faults.raise_as(TableError, "the keys of exchange cannot be believed", where="keys")
    supplied, notes = _supply(ledger, wanted)
    flows = []
    for (service, zone), value in supplied.items():
        found = _find(shares, service, zone)
        if found is None:
            what = f"no key says who uses {service} of {zone}"
            faults.add(what, where="keys", expected="rows of this service and supplier, or of all")
            continue
        part, status_, source_ = found
        parts = [value * s for s in part.values()]
        made = parts if math.isnan(value) else exact(parts, value, f"{service} of {zone}")
        given = zip(part, made, part.values(), strict=True)
        flows += [[service, zone, user, v, s, status_, source_] for user, v, s in given]
    faults.raise_as(TableError, "keys are missing", where="keys")
    table = pd.DataFrame(flows, columns=list(FLOWS))
    known = dict.fromkeys(zip(table["status"], table["source"], strict=True))
    notes += [f"keys: {status_}{f', {source_}' if source_ else ''}" for status_, source_ in known]
    table.attrs["units"] = ledger.price_year
    return Exchange(table, ledger.zones["name"].astype(str), ledger.price_year, tuple(notes))


Shares = dict[tuple[str, str], tuple[dict[str, float], str, str]]


def _key_rows(
    keys: pd.DataFrame | Mapping[str, Mapping[str, float]], status: str, source: str
) -> pd.DataFrame:
    if not isinstance(keys, pd.DataFrame):
        listed = [(service, "", user, s) for service, part in keys.items() for user, s in part.items()]
        keys = pd.DataFrame(listed, columns=["service", "supplier", "user", "share"])
    lacking = [c for c in ("user", "share") if c not in keys]
    if lacking:
        raise TableError(f"no column {', '.join(lacking)}", where="keys", expected=", ".join(FLOWS))
    made = keys.reset_index(drop=True)
    for column, otherwise in (("service", ""), ("supplier", ""), ("status", status), ("source", source)):
        given = made[column].map(text_of) if column in made else pd.Series("", made.index)
        made = made.assign(**{column: given.where(given != "", otherwise)})
    return made


def _read(ledger: Ledger, rows: pd.DataFrame, faults: Faults) -> Shares:
    found: Shares = {}
    rows = rows.assign(
        supplier=[_zone(ledger, z, faults) for z in rows["supplier"]],
        user=[_zone(ledger, text_of(z), faults, beyond=True) for z in rows["user"]],
    )
    for (service, zone), part in rows.groupby(["service", "supplier"], sort=False):
        where = f"{service or 'all services'} of {zone or 'all zones'}"
        shares: dict[str, float] = {}
        for user, share in zip(part["user"], part["share"], strict=True):
            if user in shares:
                faults.add(f"{user} stands twice", where=where)
            shares[user] = number_of(share, where, "share", faults)
        check_shares(shares, where, faults)
        for status in part["status"].unique():
            try:
                status_of(status, "the key")
            except TableError as error:
                faults.take(error, where=where)
        statuses, sources = (" / ".join(dict.fromkeys(part[c])) for c in ("status", "source"))
        found[str(service), str(zone)] = ({u: s for u, s in shares.items() if s}, statuses, sources)
    return found


def _zone(ledger: Ledger, zone: str, faults: Faults, *, beyond: bool = False) -> str:
    if beyond and zone == "outside":
        return zone
    if not zone and not beyond:
        return ""
    hits = [c for c, n in ledger.zones["name"].items() if zone in (c, n)]
    if zone in ledger.zones.index:
        return zone
    if len(hits) != 1:
        what = f"{zone!r} is no zone" if not hits else f"{zone!r} is the name of {', '.join(map(str, hits))}"
        faults.add(
            what, where="keys", expected=f"a code such as {', '.join(map(str, ledger.zones.index[:5]))}"
        )
        return zone
    return str(hits[0])


def _services(ledger: Ledger, given: Sequence[str], shares: Shares, faults: Faults) -> list[str]:
    named = [service for service, _ in shares if service]
    final = [s for s in ledger.services if s not in intermediate(ledger)]
    for service in dict.fromkeys([*given, *named]):
        if service not in final:
            faults.add(f"no final service {service!r}", where="keys", expected=", ".join(final))
    return list(dict.fromkeys(given or named or final))


def _supply(ledger: Ledger, services: Iterable[str]) -> tuple[dict[tuple[str, str], float], list[str]]:
    """Return the value of services by zone, and what has none."""
    rows = ledger.counted()
    rows = rows[rows["service"].isin(list(services))]
    whole = rows[~rows["zone"].isin(ledger.zones.index)]
    notes = [
        f"{service} of {known_sum(part['value']):,.6g} {ledger.price_year} is known for the region alone"
        " and has no supplier"
        for service, part in whole.groupby("service", sort=False)
    ]
    rows = rows[rows["zone"].isin(ledger.zones.index)]
    missing = rows[rows["value"].isna()]
    if len(missing):
        named = ", ".join(dict.fromkeys(missing["service"]))
        notes.append(f"{len(missing)} of {len(rows)} rows have no value: {named}")
    groups = rows.groupby(["service", "zone"], sort=False)["value"]
    made: dict[tuple[str, str], float] = {(str(s), str(z)): known_sum(v) for (s, z), v in groups}
    return made, notes


def _find(shares: Shares, service: str, zone: str) -> tuple[dict[str, float], str, str] | None:
    """Return the key of a service and supplier, the narrowest first."""
    tried: Iterable[tuple[str, str]] = ((service, zone), (service, ""), ("", zone), ("", ""))
    return next((shares[k] for k in tried if k in shares), None)
