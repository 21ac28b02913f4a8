"""Units: what is read, what is refused and why, and the factors that people get wrong."""

import numpy as np
import pytest
import xarray as xr

from gep import units
from gep.errors import PriceYearError, UnitError
from gep.unit_text import canonical, priced_currency
from gep.units import convert, factor, kind, parse, price_years, quantity, same_dimension, spell

# Factors, each by hand ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("亩", "ha", 1 / 15),
        ("万亩", "km2", 1e4 / 15 / 100),
        ("万t", "t", 1e4),
        ("亿m3", "m3", 1e8),
        ("百万t", "Mt", 1.0),
        ("10^4 t", "t", 1e4),
        ("1e8 kWh", "亿kWh", 1.0),
        ("million t", "Mt", 1.0),
        ("亿元_2020", "万元_2020", 1e4),
        ("元_2020/亩", "CNY_2020/ha", 15.0),
        ("mm/year", "m3/ha/year", 10.0),  # 1 mm on 10 000 m2 is 10 m3
        ("mm·ha", "m3", 10.0),
        ("kg/m2", "t/ha", 10.0),
        ("kg/m2", "t/km2", 1000.0),
        ("t/ha", "t/km2", 100.0),
        ("t/hm2", "t/公顷", 1.0),
        ("tC", "tCO2", 44 / 12),
        ("CNY_2020/tCO2", "CNY_2020/tC", 44 / 12),
        ("gC/m2/year", "tC/ha/year", 0.01),
        ("gC/m2", "tCO2/ha", 0.01 * 44 / 12),
        ("g/kg", "%", 0.1),
        ("gN/kg", "tN/t", 1e-3),
        ("kWh", "MJ", 3.6),
        ("亿kWh", "MWh", 1e5),
        ("J/g", "kJ/kg", 1.0),
        ("Mg", "t", 1.0),
        ("Mt", "t", 1e6),
        ("斤/亩", "kg/ha", 7.5),
        ("公斤", "kg", 1.0),
        ("万人次", "visit", 1e4),
        ("mg/L", "g/m3", 1.0),
        ("‰", "%", 0.1),
        ("日", "h", 24.0),
    ],
)
def test_factors_by_hand(source, target, expected):
    assert factor(source, target) == pytest.approx(expected, rel=1e-14)
    assert factor(target, source) == pytest.approx(1 / expected, rel=1e-14)


def test_numerals_are_numbers_and_not_prefixes_of_a_power():
    assert factor("亿m3", "m3") == 1e8  # as a prefix below the exponent it would be 1e24
    assert factor("万km2", "km2") == 1e4


# Spellings ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("t·hm⁻²·a⁻¹", "t/ha/year"),
        ("t/(hm²·a)", "t/ha/year"),
        ("t/ha/a", "t/ha/year"),
        ("t ha-1 yr-1", "t/ha/year"),
        ("t*ha**-1*year^-1", "t/ha/year"),
        ("吨/公顷/年", "t/ha/year"),
        ("ｔ／ｈａ", "t/ha"),
        ("ｋｇ・m⁻³".replace("・", "·"), "kg/m3"),
        ("km²", "km2"),
        ("㎡", "m2"),
        ("℃", "degC"),
        ("°C", "degC"),
        ("t CO2", "tCO2"),
        ("t CO₂/a", "tCO2/year"),
        ("kg N/ha", "kgN/ha"),
        ("kW·h", "kWh"),
        ("千瓦·时", "kWh"),
        ("kW.h/year", "kWh/year"),
        ("µg/m3", "ug/m3"),
        ("μg/m3", "ug/m3"),
        ("人民币_2020/t", "CNY_2020/t"),
        ("亿元_2020/年", "1e8 CNY_2020/year"),
        ("MJ·mm·hm⁻²·h⁻¹·a⁻¹", "MJ mm/(ha h year)"),
        (" t / ha ", "t/ha"),
        ("％", "percent"),
        ("t ha−1", "t/ha"),  # a minus, an en dash, a hyphen
        ("t ha–1", "t/ha"),
        ("t ha‐1", "t/ha"),
        ("t/（ha·year）", "t/ha/year"),
        ("/ha", "1/ha"),
        ("m/a2", "m/year^2"),
        ("kw·h", "kWh"),
        ("KW·时", "kWh"),
        ("10**4 t", "万t"),
        ("10^40 t", "1e40 t"),
        ("ratio", "1"),
        ("fraction", "1"),
        ("dimensionless", "1"),
    ],
)
def test_printed_spellings_are_read(text, same):
    assert factor(text, same) == pytest.approx(1.0, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kt", "knot"),
        ("mu", "亩"),
        ("C", "coulomb"),
        ("a", "write year"),
        ("mb", "millibarn"),
        ("ton/ha", "tonne of 1000 kg"),
        ("", "no unit is given"),
        ("   ", "no unit is given"),
        ("-", "no unit is given"),
        ("t/ha·year", "reads in two ways"),
        ("t/万亩·人", "reads in two ways"),
        ("t a^0", "a has the exponent 0"),
        ("^2", "the exponent '^2' stands after no unit"),
        ("ratio^2", "the exponent '^2' stands after no unit"),
        ("10^41 t", "cannot carry the number"),
        ("10^400 t", "cannot carry the number"),
        ("t/ha year", "reads in two ways"),
        ("t/", "followed by no unit"),
        ("t//ha", "followed by no unit"),
        ("(t/ha", "not closed"),
        ("t/ha)", "unmatched ')' before ')'"),
        ("(t/ha))m", "unmatched ')' before ')m'"),
        ("3 t", "cannot carry the number"),
        ("CO2", "not in the unit vocabulary"),
        ("furlong", "not in the unit vocabulary"),
        ("吨标煤", "标煤"),
        ("t$ha", "cannot read"),
    ],
)
def test_refused_texts_say_why(text, says):
    with pytest.raises(UnitError, match="unit ") as caught:
        parse(text)
    assert says in str(caught.value)
    assert repr(text) in caught.value.faults[0].what


@pytest.mark.parametrize("text", ["元", "CNY", "亿元", "元/t", "USD/ha"])
def test_money_without_a_year_is_refused_and_takes_one_that_is_given(text):
    with pytest.raises(PriceYearError, match="without a price year") as caught:
        parse(text)
    assert "_YYYY" in caught.value.faults[0].fix
    assert len(price_years(parse(text, price_year=2018))) == 1
    assert price_years(parse(text, price_year=2018))[0].endswith("_2018")


@pytest.mark.parametrize(
    ("thing", "shown"), [(5, "int '5'"), (None, "NoneType 'None'"), ([1] * 30, "list '[1")]
)
def test_what_is_no_text_is_no_unit(thing, shown):
    with pytest.raises(UnitError, match="is no unit; expected a text") as caught:
        parse(thing)
    assert caught.value.faults[0].what.startswith(shown)
    assert len(caught.value.faults[0].what) <= 60


@pytest.mark.parametrize("year", [20, 1850, 20200])
def test_a_price_year_has_four_digits(year):
    with pytest.raises(PriceYearError, match=f"CNY_{year} is no money of a year"):
        parse("元/t", price_year=year)


def test_an_unknown_name_lists_near_ones():
    with pytest.raises(UnitError, match="hectare"):
        parse("t/hectar")
    with pytest.raises(UnitError) as caught:
        parse("metrs")
    assert caught.value.faults[0].expected == "one of metres, meters, metre"
    with pytest.raises(UnitError) as caught:
        parse("t$ha")
    assert caught.value.faults[0].expected == ""


@pytest.mark.parametrize(
    ("text", "expression", "currencies"),
    [
        ("1/year", "year ** -1", []),
        ("亿元_2020/ha2", "ten_8 ** 1 * CNY_2020 ** 1 * ha ** -2", ["CNY_2020"]),
        ("CNY_2015/(t t)", "CNY_2015 ** 1 * t ** -1 * t ** -1", ["CNY_2015"]),
        ("元_2015/CNY_2015/t", "CNY_2015 ** 1 * CNY_2015 ** -1 * t ** -1", ["CNY_2015"]),
        ("1", "", []),
    ],
)  # fmt: skip
def test_texts_are_rewritten_in_names_of_the_vocabulary(text, expression, currencies):
    assert canonical(text) == (expression, currencies)


@pytest.mark.parametrize("text", ["m^20", "m^-20", "10^20 t 10^20", f"t{' ' * 199}", f"{'(' * 8}t{')' * 8}"])
def test_the_largest_units_that_are_read(text):
    assert parse(text)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("m^21", "the exponent 21 of m is too large"),
        ("m^-21", "the exponent -21 of m is too large"),
        ("m^11 m^10", "the exponent 21 of m is too large"),
        ("10^20 t 10^21", "the exponent 41 of 10 is too large"),
        (f"{'(' * 9}t{')' * 9}", "unit '(((((((((t)))))))))': it is longer"),
        (f"{'t ' * 100}t", f"unit '{'t ' * 20}...': it is longer"),
    ],
)
def test_units_that_nobody_prints_are_refused(text, says):
    with pytest.raises(UnitError) as caught:
        parse(text)
    assert says in str(caught.value)


@pytest.mark.parametrize("name", ["CNY_2020", "LAK_1999"])
def test_a_currency_with_four_digits_is_priced(name):
    assert priced_currency(name)


@pytest.mark.parametrize("name", ["CNY", "CNY_20", "CNY_20201", "CNY_abcd", "XXX_2020", "person_2020", ""])
def test_other_names_are_not_priced(name):
    assert not priced_currency(name)


def test_a_misread_year_is_not_a_currency():
    with pytest.raises(UnitError, match="not in the unit vocabulary"):
        parse("CNY_20")


# Dimensions that must not meet --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("t", "t/year", "yearly flow"),
        ("mm/day", "mm/year", "days do not convert to years"),
        ("m3/month", "m3/year", "sum the months"),
        ("t/year", "tC/year", "plain t says nothing of carbon"),
        ("tDM", "tC", "carbon"),
        ("t/ha", "t", "per area"),
        ("degree", "%", "a pure number is expected"),
        ("%", "tN/t", "written with it"),
        ("person", "visit", "state the unit"),
        ("tSO2", "tNOx", "state the unit"),
        ("CNY_2020", "t", "state the unit"),
        ("degree", "K", "use the tangent"),
        ("%", "tP/t", "0.0005 tP/t"),
        ("t", "tDM", "dry matter is written"),
    ],
)
def test_what_does_not_convert_gets_a_helpful_reason(source, target, says):
    with pytest.raises(UnitError, match="got ") as caught:
        factor(source, target)
    (fault,) = caught.value.faults
    assert says in fault.fix
    assert (fault.what, fault.expected) == (f"got {spell(source)}", spell(target))
    assert fault.where == ""
    assert type(caught.value) is UnitError


def test_two_price_years_do_not_meet():
    with pytest.raises(PriceYearError, match="CNY_2015 and CNY_2020") as caught:
        factor("CNY_2015/t", "CNY_2020/t")
    assert "deflator" in caught.value.faults[0].fix


def test_two_currencies_do_not_meet_and_no_deflator_is_advised():
    with pytest.raises(UnitError, match="CNY_2020 and USD_2020") as caught:
        factor("USD_2020", "CNY_2020")
    assert "exchange first" in caught.value.faults[0].fix


def test_temperatures_convert_with_their_zero_and_have_no_factor():
    assert convert(20.0, "degC", "K") == pytest.approx(293.15)
    assert convert(20.0, "degC", "千K") == pytest.approx(0.29315)
    with pytest.raises(UnitError, match="zero point"):
        factor("degC", "K")


def test_convert_takes_arrays_and_leaves_equal_units_alone():
    values = np.array([1.0, np.nan])
    assert convert(values, "mm/year", "毫米/年") is values
    np.testing.assert_array_equal(convert(values, "m/year", "mm/year"), [1000.0, np.nan])
    assert convert(xr.DataArray([2.0]), "亩", "m2").item() == pytest.approx(20000 / 15)


# What a unit says ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expected", "texts"),
    {
        "category": ["class", "类别"],
        "density": [
            "t/ha", "mm/year", "gC/m2/year", "person/km2", "CNY_2020/ha", "m3/ha/year", "tDust/km2",
            "kWh/m2/year", "mm/month", "head/km2", "W/m2",
        ],
        "amount": [
            "person", "t", "m3", "kWh/year", "CNY_2020", "亿m3/year", "ha", "tCO2/year",
            "万人次/year", "head", "household", "piece/year", "money/year",
        ],
        "state": [
            "degC", "1", "%", "m", "t/m3", "CNY_2020/t", "CNY_2020/kWh", "day/year", "dB", "J/g", "m/s",
            "kg/m3", "tC/tDM", "degree", "W", "t/day",
        ],
    }.items(),
)  # fmt: skip
def test_the_kind_follows_from_the_unit(expected, texts):
    assert {text: kind(text) for text in texts} == dict.fromkeys(texts, expected)


@pytest.mark.parametrize("attrs", [{}, {"units": ""}, {"units": " - "}])
def test_an_array_without_unit_is_never_believed(attrs):
    with pytest.raises(UnitError, match=r"rain has no unit|unit of rain is '-'") as caught:
        units.units_of(xr.DataArray([1.0], attrs=attrs), "rain")
    assert "attrs['units']" in caught.value.faults[0].fix
    assert ("(- says nothing)" in str(caught.value)) is ("-" in attrs.get("units", ""))
    with pytest.raises(UnitError, match=r"^value has no unit"):
        units.units_of(xr.DataArray([1.0], attrs=attrs))


@pytest.mark.parametrize("attrs", [{"units": "mm "}, {"unit": "mm"}, {"units": "mm", "unit": "t"}])
def test_the_unit_of_an_array_stands_in_its_attributes(attrs):
    array = xr.DataArray([1.0], attrs=attrs)
    assert units.units_of(array) == "mm"
    assert array.attrs == attrs


def test_bare_numbers_keep_what_their_coordinates_say():
    lat = xr.DataArray([1.0], dims="lat", attrs={"standard_name": "latitude"})
    rain = xr.DataArray([2.0], {"lat": lat}, attrs={"units": "mm/year", "long_name": "rain"})
    found = units.bare(rain, "rain", "m/year")
    assert (found.item(), found.attrs) == (0.002, {})
    assert found["lat"].attrs == {"standard_name": "latitude"}
    with pytest.raises(UnitError, match="rain has no unit"):
        units.bare(rain.drop_attrs(), "rain", "m/year")


def test_unpriced_and_priced_are_inverse():
    assert spell(units.unpriced("CNY_2015/t")) == "money/t"
    assert spell(units.priced("money/t", "CNY_2020")) == "CNY_2020/t"
    assert spell(units.unpriced("t/CNY_2015")) == "t/money"
    assert spell(units.priced("t/money", "CNY_2020")) == "t/CNY_2020"
    assert units.priced("t", "CNY_2020") == units.unpriced("t") == parse("t")
    assert units.year_of("CNY_2015") == 2015
    assert same_dimension(units.unpriced("CNY_2015/t"), units.unpriced("USD_1999/kg"))


def test_quantities_are_pint_quantities_of_a_private_registry():
    import pint

    assert quantity(15, "亩").to(parse("ha")).magnitude == pytest.approx(1.0)
    assert units.registry() is not pint.get_application_registry()
    assert "mu_of_land" not in pint.UnitRegistry()


@pytest.mark.parametrize(
    "text",
    [
        "万t/year",
        "亿元_2020/km2",
        "tCO2/tDM",
        "t ha h/(ha MJ mm)",
        "%",
        "1/year",
        "万元_2020/万人",
        "kgN/ha2",
    ],
)
def test_spelled_units_read_back(text):
    assert parse(spell(text)) == parse(text)


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("吨·万", "10^4 t"), ("十人", "10^1 person"), ("t/万人", "t/10^4/person"), ("％", "%"),
        ("a-1", "1/year"), ("1", "1"), ("hm2", "hm2"), ("CNY_2020^2", "CNY_2020^2"),
    ],
)  # fmt: skip
def test_units_are_spelled_in_one_way(text, spelled):
    assert spell(text) == spelled


@pytest.mark.parametrize("text", ["万m·万m", "CNY_2020/万m2/万人", "tCO2^2", "CNY_2020^2"])
def test_spelled_powers_of_names_that_end_in_digits_read_back(text):
    assert factor(spell(text), text) == pytest.approx(1.0)
