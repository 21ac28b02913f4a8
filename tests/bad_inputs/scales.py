"""Numbers that are wrong by a factor, their units as before, and told by a range that names its reference."""

from __future__ import annotations

from .registry import finds
from .sound import Account

GROUP = "scale of a number"


def _grid(name: str, factor: float, title: str, *says: str) -> None:
    @finds(GROUP, title, name, *says)
    def spoil(a: Account) -> None:
        a.times(name, factor)


def _table(title: str, old: str, new: str, *says: str) -> None:
    @finds(GROUP, title, *says)
    def spoil(a: Account) -> None:
        a.swap("tables.csv", old, new)


_grid("precipitation", 10, "rain by 10 too large: tenths of a mm", "evapotranspiration")
_grid("precipitation", 0.1, "rain by 10 too small: cm", "evapotranspiration")
_grid("precipitation", 0.001, "rain by 1000 too small: m", "mm/year")
_grid("evapotranspiration", 10, "evapotranspiration by 10 too large: tenths of a mm", "mm/year")
_grid("evapotranspiration", 0.001, "evapotranspiration by 1000 too small: m", "mm/year")
_grid(
    "net_primary_production", 10, "production by 10 too large: the scale of a product not taken", "gC/m2/year"
)
_grid("net_primary_production", 0.001, "production by 1000 too small: kg of carbon", "gC/m2/year")
_grid("rainfall_erosivity", 0.001, "erosivity by 1000 too small", "MJ mm")
_grid("soil_erodibility", 3.0, "erodibility in another system of units", "t ha h", "0.1317")
_grid("slope_length_steepness", 100, "slope factor by 100 too large", "slope_length_steepness")
_table("grain by 10 too large", "maize,9000,", "maize,90000,", "crop_output", "tables.csv:2", "t/ha")
_table("grain by 15 too large: per mu for per ha", "maize,9000,", "maize,135000,", "crop_output", "t/ha")
_table("grain by 1000 too large: kg for t", "maize,9000,", "maize,9000000,", "crop_output", "t/ha")
_table(
    "a price by 1000 too large: per t for per kg", "maize,2.0,", "maize,2000,", "crop_price", "tables.csv:4"
)
_table(
    "a price by 1000 too small: per kg for per t",
    "maize,2.0,CNY_2020/kg",
    "maize,2.0,CNY_2020/t",
    "crop_price",
    "tables.csv:4",
)
_table("visits by 1e4 too large: 万 counted twice", "12,万人次", "120000,万人次", "visits")
_table("spending by 100 too large: fen for yuan", "800,CNY", "80000,CNY", "visit_spending", "tables.csv:11")
_table(
    "a wage a month for a wage an hour", "30,CNY_2020/h", "6000,CNY_2020/h", "visitor_wage", "tables.csv:13"
)
_table(
    "population by 1e4 too large: 万 counted twice", "1000,person", "1000,万人", "population", "person/km2"
)
_table("population by 1e4 too small", ",4000,person", ",0.0004,person", "population")
_table("GDP by 1e4 too large", "gdp,,,5,亿元", "gdp,,,50000,亿元", "gdp", "person")
_table("GDP by 1e8 too small: 亿 not counted", "gdp,,,5,亿元", "gdp,,,5,元", "gdp", "person")
_table("net output by 1e4 too large", "101,,0.1,亿元", "101,,1000,亿元", "gep over area", "CNY_2020/km2")
_table(
    "net output by 1e8 too large: 亿 counted twice",
    "101,,0.1,亿元",
    "101,,10000000,亿元",
    "gep over area",
    "CNY_2020/km2",
)
_table("lakes larger than the region", "甲湖,2.5,km2", "甲湖,250,km2", "lake_area")
_table("a lake by 666.67 too large: km2 for mu", "甲湖,2.5,km2", "甲湖,1666.7,km2", "lake_area")


_table("more hours a visit than a year has", "8,h/visit", "9000,h/visit", "visit_time", "tables.csv:12")


def _own(title: str, old: str, new: str, *says: str) -> None:
    @finds(GROUP, title, *says)
    def spoil(a: Account) -> None:
        a.swap("own.csv", old, new)


_own(
    "a carbon price by 1000 too large: per kg for per t",
    ",60,CNY_2020/tCO2",
    ",60,CNY_2020/kgCO2",
    "carbon_price",
    "own.csv:7",
)
_own(
    "a carbon price by 100 too small: in percent of itself",
    ",60,CNY",
    ",0.06,CNY",
    "carbon_price",
    "own.csv:7",
)
_own(
    "a cost of storage by 1e4 too large: 万元 for 元",
    ",8.2,CNY_2020/m3",
    ",8.2,万元_2020/m3",
    "reservoir_cost",
    "own.csv:4",
)
_own(
    "a cost of dredging by 1e4 too large: 万元 for 元",
    ",20,CNY_2020/m3",
    ",20,万元_2020/m3",
    "dredging_cost",
    "own.csv:10",
)


def _more(title: str, row: str, *says: str) -> None:
    @finds(GROUP, title, *says)
    def spoil(a: Account) -> None:
        a.files["tables.csv"] += f"{row},published,bulletin\n"


_more(
    "soil by 1e4 too large: 万 counted twice",
    "soil_retained,101,,50000,万t/year",
    "soil_retained over area",
    "tables.csv:20",
)
_more(
    "water of industry by 1e4 too large: 万 counted twice",
    "water_use,,industry,5000,万m3/year",
    "water_use over population",
    "tables.csv:20",
)
_more(
    "lakes that store more than rains on the wettest place",
    "flood_storage,,lake,10,亿m3/year",
    "flood_storage over area",
)
