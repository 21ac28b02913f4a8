"""A profile that is wrong."""

from __future__ import annotations

from gep.errors import GepError, ProfileError, TableError

from .registry import raises, right
from .sound import Account

GROUP = "profile TOML"


def _part(
    title: str, old: str, new: str, *says: str, error: type[GepError] = ProfileError, cut: str = ""
) -> None:
    """Register a case in which a piece of the profile is another."""

    @raises(GROUP, title, error, *says, cut=cut)
    def spoil(a: Account) -> None:
        a.swap("profile.toml", old, new)


_part("no TOML", 'id = "sound"', "id = sound", "profile.toml", "TOML", error=TableError, cut="TOML:")
_part("a key that is missing", 'edition = "1"', "", "'edition' is missing")
_part("a service that nobody knows", "[services.crops.", "[services.corn.", "'corn'")
_part("a formula that nobody knows", '"water.quick_flow"', '"water.quick"', "water.quick", error=GepError)
_part(
    "an argument that the formula does not take",
    'retained = "step:retained"',
    'kept = "step:retained"',
    "step sediment",
    "retained",
)
_part(
    "an input that nobody knows",
    '"input:crop_output"',
    '"input:crop_yields"',
    "crop_yields",
    error=ProfileError,
)
_part("a step that is not defined", '"step:sediment"', '"step:mud"', "mud")
_part("an ecosystem that nobody knows", 'ecosystem = "lake"', 'ecosystem = "lakes"', "'lakes'")
_part(
    "a stock where a yearly flow is meant",
    'unit = "tCO2/year"',
    'unit = "tCO2"',
    "carbon_sequestration",
    "yearly flow",
)
_part(
    "a unit of another dimension",
    'unit = "tCO2/year"',
    'unit = "m3/year"',
    "carbon_sequestration",
    error=GepError,
)
_part(
    "a unit that nobody knows",
    'unit = "tCO2/year"',
    'unit = "tonnes CO2 p.a."',
    "carbon_sequestration",
    error=GepError,
)
_part(
    "carbon for carbon dioxide per area: an integral into the wrong unit",
    'integrate = "tCO2/year"',
    'integrate = "tN/year"',
    "tN/year",
    error=GepError,
)
_part(
    "a set of coefficients that nobody ships",
    'edition = "1"',
    'edition = "1"\ncoefficients = ["gong-2071"]',
    "gong-2017",
)
_part("a price without a quantity", 'quantity = "input:crop_output"\n', "", "crops", "quantity and price")
_part(
    "two services that overlap, without a reason",
    '"water_conservation+flood_mitigation" = "lakes alone hold floods here"',
    "",
    "overlap",
)
_part(
    "an edition to extend that does not exist",
    'id = "sound"',
    'id = "sound"\nextends = "mee-2002"',
    "mee-2002",
)
_part(
    "a key of a line that is misspelt",
    'method = "travel cost"',
    'method = "travel cost"\necosytem = "lake"',
    "ecosytem",
)
_part("a table at the top that is misspelt", "[overlaps]", "[overlap]", "overlap")
_part("a key at the top that is misspelt", "fallbacks =", "fallback =", "fallback")
_part("a fallback that nobody knows", '"ecosystem.parent"', '"ecosystem.parents"', "ecosystem.parents")
_part(
    "services that are a list", "[services.crops.indicators.output]", "[[services.crops.indicators]]", "crops"
)
_part("a number where a text is meant", 'quantity = "input:crop_output"', "quantity = 3", "crops")
_part("a formula that is missing", 'formula = "culture.travel_cost"\n', "", "tourism", "formula")


@raises(GROUP, "an id that nobody ships", ProfileError, "'mee-2002'", "mee-2020")
def unknown(a: Account) -> None:
    import gep

    gep.load_profile("mee-2002")


@raises(GROUP, "a file that is not there", GepError, "missing.toml")
def absent(a: Account) -> None:
    import gep

    gep.load_profile(a.folder / "missing.toml")


@raises(GROUP, "GBK encoding", TableError, "profile.toml", "UTF-8", cut="TOML:")
def gbk(a: Account) -> None:
    a.encodings["profile.toml"] = "gbk"


@right(GROUP, "a byte order mark")
def bom(a: Account) -> None:
    a.encodings["profile.toml"] = "utf-8-sig"
