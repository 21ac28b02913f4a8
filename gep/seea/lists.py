"""The lists of SEEA Ecosystem Accounting: services, economic units, words; read from ``seea.toml``."""

from __future__ import annotations

from typing import Any

import pandas as pd

from gep.ledger.parts import check_language
from gep.resources import vocabulary

#: Columns that are no economic unit: what no ecosystem, and what no user, is known for.
NOT_ATTRIBUTED, UNALLOCATED = "not_attributed", "unallocated"
#: The user that takes intermediate services and nothing else.
ECOSYSTEMS = "ecosystems"


def reference() -> pd.DataFrame:
    """Return the reference list of ecosystem services with the services of this library.

    Returns
    -------
    DataFrame
        By SEEA code: ``section``, ``zh``, ``en``, ``nature`` (final, intermediate) and ``services``,
        the codes of this library that stand for it, comma between.

    References
    ----------
    seea-ea-2024: table 6.3; seea-es-crosswalk-2021: the numbers.

    Examples
    --------
    >>> reference().loc["2.15", ["en", "services"]].tolist()
    ['Storm mitigation services', 'sandstorm_prevention']
    """
    rows = vocabulary("seea")["reference"]
    own = {code: [s for s in services() if code in codes_of(s)] for code in rows}
    table = pd.DataFrame.from_dict(rows, orient="index").rename_axis("seea_code")
    return table.assign(services=[", ".join(own[code]) for code in table.index])


def users() -> pd.DataFrame:
    """Return the economic units of a use table in the order of its columns: ``zh, en, group``.

    References
    ----------
    seea-ea-2024: table 7.1b.
    """
    return pd.DataFrame.from_dict(vocabulary("seea")["users"], orient="index").rename_axis("user")


def services() -> dict[str, dict[str, Any]]:
    """Return the services of this library."""
    return dict(vocabulary("services")["services"])


def codes_of(service: str) -> list[str]:
    """Return the codes that a service has in the reference list; none where it is not on it.

    Examples
    --------
    >>> codes_of("forest_products"), codes_of("oxygen_release")
    (['1.5', '1.7'], [])
    """
    return [c.strip() for c in services()[service]["seea_code"].split(";") if c.strip()]


def reference_of(service: str) -> str:
    """Return the row of the reference list that a service enters, as one text.

    Examples
    --------
    >>> reference_of("forest_products"), reference_of("oxygen_release")
    ('1.5; 1.7', 'not_listed')
    """
    return "; ".join(codes_of(service)) or str(vocabulary("seea")["services"][service].get("flow", ""))


def word(code: str, lang: str) -> str:
    """Return a word of the tables, a user or a row of the reference list in zh or en."""
    data = vocabulary("seea")
    for known in (data["words"], data["users"], data["reference"]):
        if code in known:
            return str(known[code][lang])
    parts = code.split("; ")
    return "; ".join(word(p, lang) for p in parts) if len(parts) > 1 else code


def words(table: pd.DataFrame, lang: str) -> pd.DataFrame:
    """Return a table with the names of its columns in ``lang``."""
    check_language(lang, "labels")
    renamed = table.rename(columns={c: word(str(c), lang) for c in table.columns})
    renamed.attrs = table.attrs
    return renamed
