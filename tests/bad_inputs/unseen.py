"""What nobody can see in the data, and why."""

from __future__ import annotations

from .registry import unseen
from .sound import Account

GROUP = "what cannot be seen"


@unseen(
    GROUP,
    "a price that is wrong and plausible",
    "2.2 and 2.0 CNY/kg of maize are both prices that were paid; only the source can tell",
)
def price(a: Account) -> None:
    a.swap("tables.csv", "maize,2.0,", "maize,2.2,")


@unseen(
    GROUP,
    "a price of another year under the year of the account",
    "the label says 2020; prices of two years differ by less than those of two markets",
)
def year(a: Account) -> None:
    a.swap("tables.csv", "maize,2.0,", "maize,1.9,")


@unseen(
    GROUP,
    "a field that is flipped while its coordinates are not",
    "the values are those of the place, in another order; a map beside a known feature shows it",
)
def flipped(a: Account) -> None:
    data = a.grids["soil_erodibility"]
    a.grids["soil_erodibility"] = data.copy(data=data.to_numpy()[::-1])


@unseen(GROUP, "a field of another year", "two years of one place differ less than two places")
def other_year(a: Account) -> None:
    a.times("net_primary_production", 1.05)


@unseen(
    GROUP,
    "two columns of fields exchanged that have one unit and one range",
    "both fit their names; only the file can tell",
)
def exchanged(a: Account) -> None:
    a.times("evapotranspiration", 0.9)


@unseen(
    GROUP,
    "a fraction that is in percent and below one percent",
    "0.24 % and 0.24 are both shares between 0 and 1",
)
def share(a: Account) -> None:
    a.swap("own.csv", "sediment_share,0.24,1", "sediment_share,0.24,%")


@unseen(
    GROUP,
    "an item priced as another",
    "maize and wheat have prices of one order; the item is what the user says it is",
)
def item(a: Account) -> None:
    a.swap("tables.csv", "crop_price,,maize,2.0", "crop_price,,maize,2.5")


@unseen(
    GROUP,
    "classes exchanged in the crosswalk",
    "which code is which class stands in the legend, not in the map; the extent in the ledger shows areas",
)
def classes(a: Account) -> None:
    a.swap("own.csv", "own-survey,table 1", "own-survey,table 1")
    a.cover = a.cover.copy(data=a.cover.to_numpy()[::-1, ::-1])


@unseen(
    GROUP,
    "classes that were resampled as a field and came out whole",
    "a mean of codes 1 and 3 is the code 2; align as 'category' keeps it from happening",
)
def resampled(a: Account) -> None:
    a.cover[0, 1] = 2


@unseen(GROUP, "zones whose codes are exchanged in a table", "each value is plausible in either zone")
def zones(a: Account) -> None:
    a.swap("tables.csv", "livestock_net_output,101,,0.1", "livestock_net_output,101,,0.2")
    a.swap("tables.csv", "livestock_net_output,102,,0.2", "livestock_net_output,102,,0.1")


@unseen(
    GROUP,
    "a source that does not say what the row says",
    "gep keeps the place of every number so that a person can look; it cannot read the document",
)
def source(a: Account) -> None:
    a.swap("own.csv", "own-survey,table 5", "own-survey,table 7")


@unseen(
    GROUP,
    "grain by 10 too small",
    "a field of 0.6 t/ha is a bad year, a second crop or an orchard with some grain",
)
def grain(a: Account) -> None:
    a.swap("tables.csv", "maize,9000,", "maize,900,")
