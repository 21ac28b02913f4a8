"""Ratios of a ledger to what an economy makes of it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from gep.errors import LedgerError
from gep.ledger import Amount, Ledger
from gep.resources import vocabulary


def ggi(ledger: Ledger) -> Amount:
    """Return GEP over GDP, the green-gold index (绿金指数).

    Parameters
    ----------
    ledger : Ledger
        With an input ``gdp`` of the region.

    Returns
    -------
    Amount
        A ratio.

    Raises
    ------
    LedgerError
        The GDP is not known.

    References
    ----------
    china-2015: Ma Guoxia et al. 2017, which names GEP/GDP the GGI.
    """
    total = ledger.total(ledger.price_year)
    return Amount(total / _gdp(ledger), "1", total.notes)


def product_share(ledger: Ledger, categories: Sequence[str] = ("provisioning", "cultural")) -> Amount:
    """Return the value of ecosystem products as a share of GDP (居民人均生态产品产值占比).

    Row 11 of the indicators of a "two mountains" practice base counts material products and
    cultural services; per head it is the plain ratio to GDP, since population cancels.

    Parameters
    ----------
    ledger : Ledger
        With an input ``gdp`` of the region.
    categories : sequence of str
        What counts as product.

    Returns
    -------
    Amount
        Percent.

    References
    ----------
    saihan-2022: table 4-1, row 11: (1.34 + 73.29) / 773.42 = 9.65 %.
    """
    present = [c for c in categories if c in set(ledger.frame["category"])]
    parts = [ledger.total(ledger.price_year, category=c) for c in present]
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    absent = [f"no {c} services in this account" for c in categories if c not in present]
    number = 100.0 * sum(parts) / _gdp(ledger) if parts else float("nan")
    return Amount(number, "%", [*notes, *absent])


def conversion_rate(
    ledger: Ledger, *, services: Sequence[str] = (), categories: Sequence[str] = ()
) -> Amount:
    """Return the part of GEP that is realised in markets (GEP 向 GDP 转化率).

    Parameters
    ----------
    ledger : Ledger
        An account.
    services, categories : sequence of str
        What counts as realised; unless given, the categories that ``indicators.toml`` names with
        their source: material products and cultural services.

    Returns
    -------
    Amount
        Percent of GEP. The whole value of a service counts as realised or none of it: what was in
        fact paid needs other data.

    Raises
    ------
    LedgerError
        A service or category that the account does not have.

    References
    ----------
    chen-2021: in Ninghai 588.44 of 1259.03, 46.74 %.
    """
    known = vocabulary("indicators")["indicators"]["conversion_rate"]["categories"]
    rows = ledger.counted()
    named = list(categories) if categories or services else [c for c in known if c in set(rows["category"])]
    strange = [c for c in named if c not in set(rows["category"])]
    strange += [s for s in services if s not in set(rows["service"])]
    if strange:
        raise LedgerError(f"{', '.join(strange)} is not in this account", expected=", ".join(ledger.services))
    chosen = rows["category"].isin(named) | rows["service"].isin(list(services))
    realised = list(dict.fromkeys(rows.loc[chosen, "service"]))
    total = ledger.total(ledger.price_year)
    parts = [ledger.total(ledger.price_year, service=s) for s in realised]
    number = 100.0 * math.fsum(parts) / total if parts and total else float("nan")
    said = f"counted as realised: {', '.join(realised) or 'nothing'}"
    return Amount(number, "%", [said, *total.notes])


def _gdp(ledger: Ledger) -> float:
    gdp = ledger.region.get("gdp")
    if not gdp:
        raise LedgerError(
            "the GDP of the region is not known",
            expected="an input 'gdp' without zone, in money/year",
            fix="inputs.add_table with variable gdp",
        )
    return float(gdp)
