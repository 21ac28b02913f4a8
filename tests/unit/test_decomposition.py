"""Where growth comes from: hand-made changes whose parts are known, and what cannot be split."""

import math

import numpy as np
import pandas as pd
import pytest

from gep import Ledger
from gep.change import decompose, deflated
from gep.change.splitting import lmdi, shapley
from gep.errors import LedgerError
from gep.ledger.parts import COLUMNS, Meta
from gep.prices import Deflator

LABELS = {
    "service:crops": {"zh": "农产品", "en": "crops"},
    "service:soil_retention": {"zh": "土壤保持", "en": "soil retention"},
}
CATEGORY = {"crops": "provisioning", "soil_retention": "regulating", "tourism": "cultural"}
MONEY = ["opening", "closing", "change"]


def account(year, rows, areas=None, price_year="", labels=None):
    """A ledger of rows (zone, ecosystem, service, item, quantity, price) or (..., None, value)."""
    price_year = price_year or f"CNY_{year}"
    made = []
    for zone, ecosystem, service, item, quantity, price in rows:
        line = dict.fromkeys(COLUMNS, "") | {"year": year, "price_year": price_year, "zone": zone}
        line |= {"ecosystem": ecosystem, "service": service, "item": item, "category": CATEGORY[service]}
        line |= {"indicator": "value" if quantity is None else "amount", "run": service}
        if quantity is None:
            line |= {"quantity": np.nan, "price": np.nan, "value": price}
        else:
            line |= {"quantity": quantity, "price": price, "value": quantity * price}
            line |= {"quantity_unit": "t/year", "price_unit": f"{price_year}/t"}
        made.append(line)
    areas = areas or {
        ("a", "forest"): 60.0,
        ("a", "cropland"): 40.0,
        ("b", "forest"): 50.0,
        ("b", "cropland"): 50.0,
    }
    extent = pd.DataFrame(
        [(z, e, x) for (z, e), x in areas.items()], columns=["zone", "ecosystem", "area_m2"]
    )
    zones = pd.DataFrame(
        {"name": ["甲", "乙"], "county": ["东", "西"]}, index=pd.Index(["a", "b"], name="code")
    )
    zones["area_m2"] = extent.groupby("zone")["area_m2"].sum()
    meta = Meta(
        {"id": "demo", "edition": "1", "zh": "", "en": ""}, "全区", "", [], [], {}, [], labels or LABELS
    )
    return Ledger(pd.DataFrame(made), zones, {}, pd.DataFrame(), meta, extent)


def close(change):
    """Check that every table of a change closes; return its totals."""
    for table in (
        change.rows.assign(total="全区").set_index("total"),
        change.by("zone"),
        change.by("ecosystem"),
    ):
        gap = table[list(change.detail)].sum(axis=1) - table["change"]
        assert gap.abs().max() <= 1e-9 * table["change"].abs().max() + 1e-12
    short = change.by("service", detail=False)
    assert list(short.columns) == [*MONEY, "quantity", "price", "value", "unexplained"]
    total = change.total
    whole = total[["quantity", "price", "value", "unexplained"]].sum()
    assert whole == pytest.approx(total["change"], rel=1e-9)
    assert total["change"] == pytest.approx(
        change.closing.total(change.closing.price_year) - change.opening.total(change.opening.price_year)
    )
    return total


# Splitting ----------------------------------------------------------------------------------------


def test_two_factors_are_the_indicator_of_bennet():
    effects = shapley(np.array([[2.0], [3.0]]), np.array([[4.0], [5.0]]))
    assert effects.ravel().tolist() == [2.0 * 4.0, 2.0 * 3.0]  # half-sums of the other factor


def test_three_factors_by_hand():
    """2 x 3 x 5 = 30 to 4 x 3 x 6 = 72; the second factor did not move."""
    effects = shapley(np.array([[2.0], [3.0], [5.0]]), np.array([[4.0], [3.0], [6.0]])).ravel()
    assert effects.tolist() == pytest.approx([2 * 3 * 5.5, 0.0, 1 * 3 * 3.0])


def test_logarithmic_means_by_hand():
    """6 to 20: L = 14 / ln(20/6); shares are logarithms of the ratios."""
    effects = lmdi(np.array([[2.0], [3.0]]), np.array([[4.0], [5.0]])).ravel()
    mean = 14 / math.log(20 / 6)
    assert effects.tolist() == pytest.approx([mean * math.log(2), mean * math.log(5 / 3)])
    same = lmdi(np.array([[2.0], [6.0]]), np.array([[4.0], [3.0]])).ravel()  # 12 to 12
    assert same.tolist() == pytest.approx([12 * math.log(2), -12 * math.log(2)])


# Effects ------------------------------------------------------------------------------------------

SOIL = [("a", "forest", "soil_retention", "", 120.0, 10.0)]


def test_only_the_price_moved():
    total = close(decompose(account(2019, SOIL), account(2020, [(*SOIL[0][:5], 12.0)])))
    assert total["price"] == pytest.approx(240.0)
    assert total["quantity"] == 0.0


def test_only_the_quantity_per_area_moved():
    change = decompose(account(2019, SOIL), account(2020, [(*SOIL[0][:4], 150.0, 10.0)]))
    assert close(change)["intensity"] == pytest.approx(300.0)
    assert change.share_of_nature == pytest.approx(1.0)


def test_only_the_composition_of_ecosystems_moved():
    """Forest grows from 60 to 90 of 100 m2, at 2 t per m2."""
    areas = {("a", "forest"): 90.0, ("a", "cropland"): 10.0, ("b", "forest"): 50.0, ("b", "cropland"): 50.0}
    change = decompose(account(2019, SOIL), account(2020, [(*SOIL[0][:4], 180.0, 10.0)], areas))
    total = close(change)
    assert total["structure"] == pytest.approx(600.0)
    assert total["extent"] == total["intensity"] == total["price"] == 0.0


def test_only_the_zone_grew():
    areas = {("a", "forest"): 120.0, ("a", "cropland"): 80.0, ("b", "forest"): 50.0, ("b", "cropland"): 50.0}
    total = close(decompose(account(2019, SOIL), account(2020, [(*SOIL[0][:4], 240.0, 10.0)], areas)))
    assert total["extent"] == pytest.approx(1200.0)
    assert total["structure"] == pytest.approx(0.0, abs=1e-9)


def test_an_ecosystem_that_appears_is_structure_and_one_that_goes_as_well():
    grown = {("a", "forest"): 60.0, ("a", "cropland"): 40.0, ("b", "forest"): 50.0, ("b", "cropland"): 50.0}
    bare = {("a", "cropland"): 100.0, ("b", "forest"): 50.0, ("b", "cropland"): 50.0}
    crops = ("a", "", "crops", "maize", 10.0, 1.0)
    forward = decompose(account(2019, [crops], bare), account(2020, [crops, *SOIL], grown))
    assert close(forward)["structure"] == pytest.approx(1200.0)
    assert forward.total["unexplained"] == 0.0
    back = decompose(account(2020, [crops, *SOIL], grown), account(2019, [crops], bare))
    assert close(back)["structure"] == pytest.approx(-1200.0)


def test_crops_without_an_ecosystem_are_quantity_and_price_alone():
    change = decompose(
        account(2019, [("a", "", "crops", "maize", 10.0, 2.0)]),
        account(2020, [("a", "", "crops", "maize", 14.0, 3.0)]),
    )
    total = close(change)
    assert total["volume"] == total["quantity"] == pytest.approx(4 * 2.5)
    assert total["price"] == pytest.approx(1 * 12.0)
    assert change.rows["kind"].tolist() == ["volume"]


def test_without_an_extent_there_is_quantity_and_price():
    opening, closing = account(2019, SOIL), account(2020, [(*SOIL[0][:4], 150.0, 10.0)])
    closing.extent = closing.extent.iloc[:0]
    assert close(decompose(opening, closing))["volume"] == pytest.approx(300.0)


def test_the_extent_of_a_group_of_types_is_that_of_its_types():
    areas = {("a", "evergreen_needleleaf_forest"): 60.0, ("a", "cropland"): 40.0, ("b", "cropland"): 10.0}
    more = {("a", "evergreen_needleleaf_forest"): 60.0, ("a", "bamboo_forest"): 20.0, ("a", "cropland"): 20.0}
    opening = account(2019, SOIL, areas)
    closing = account(2020, [(*SOIL[0][:4], 160.0, 10.0)], more | {("b", "cropland"): 10.0})
    total = close(decompose(opening, closing))
    assert total["structure"] == pytest.approx(400.0)
    assert total["intensity"] == pytest.approx(0.0, abs=1e-9)


def test_values_of_the_region_use_the_extent_of_the_region():
    row = ("全区", "forest", "soil_retention", "", 110.0, 10.0)
    change = decompose(account(2019, [row]), account(2020, [(*row[:4], 220.0, 10.0)]))
    assert close(change)["intensity"] == pytest.approx(1100.0)
    assert change.rows["kind"].tolist() == ["area"]


def test_a_value_without_a_quantity_is_never_quantity():
    change = decompose(
        account(2019, [*SOIL, ("a", "", "tourism", "", None, 50.0)]),
        account(2020, [*SOIL, ("a", "", "tourism", "", None, 80.0)]),
    )
    total = close(change)
    assert total["value"] == 30.0
    assert total["quantity"] == total["price"] == 0.0
    assert any("tourism" in note and "not split" in note for note in change.notes)


def test_a_quantity_known_in_one_year_only_does_not_split():
    opening = account(2019, [("a", "", "tourism", "", None, 50.0)])
    closing = account(2020, [("a", "", "tourism", "", 4.0, 20.0)])
    closing.frame["indicator"] = "value"
    assert close(decompose(opening, closing))["value"] == 30.0


def test_a_negative_balance_that_turns_positive():
    opening = account(2019, [("a", "forest", "soil_retention", "", -20.0, 10.0)])
    closing = account(2020, [("a", "forest", "soil_retention", "", 30.0, 12.0)])
    total = close(decompose(opening, closing))
    assert total["intensity"] == pytest.approx(50 * 11.0)
    assert total["price"] == pytest.approx(2 * 5.0)


def test_a_quantity_of_zero_has_the_price_of_the_other_year():
    """A stated price of nothing counts as stated; an unknown one as unchanged."""
    closing = account(2020, [("a", "", "crops", "maize", 10.0, 3.0)])
    opening = account(2019, [("a", "", "crops", "maize", 0.0, 2.0)])
    assert close(decompose(opening, closing))["price"] == pytest.approx(1 * 5.0)
    opening.frame["price"] = np.nan
    total = close(decompose(opening, closing))
    assert total["price"] == 0.0
    assert total["quantity"] == 30.0


# What is missing ----------------------------------------------------------------------------------


def test_a_row_that_a_year_lacks_is_unexplained_unless_it_is_called_zero():
    opening = account(2019, SOIL)
    closing = account(2020, [*SOIL, ("a", "", "crops", "jujube", 5.0, 4.0)])
    change = decompose(opening, closing)
    assert close(change)["unexplained"] == 20.0
    assert change.notes == ("1 rows are not in the ledger of 2019: crops",)
    assert change.rows["missing"].sum() == 1
    zero = decompose(opening, closing, absent="zero")
    assert close(zero)["quantity"] == 20.0
    assert not zero.notes


def test_a_missing_value_is_neither_zero_nor_change():
    opening, closing = (
        account(2019, [*SOIL, ("b", *SOIL[0][1:])]),
        account(2020, [*SOIL, ("b", *SOIL[0][1:])]),
    )
    closing.frame.loc[1, ["quantity", "value"]] = np.nan
    change = decompose(opening, closing, by="zone")
    assert close(change)["unexplained"] == -1200.0
    assert math.isnan(change.table.loc["b", "closing"])
    assert change.table.loc["a", "change"] == 0.0
    assert any("have no value in 2020" in note for note in change.notes)
    opening.frame.loc[1, ["quantity", "value"]] = np.nan
    both = decompose(opening, closing)
    assert close(both)["change"] == 0.0


# Prices -------------------------------------------------------------------------------------------


def test_inflation_and_relative_prices():
    """The price doubles while prices in general rise by the CPI."""
    cpi = Deflator.shipped("chn-cpi").factor("CNY_2010", "CNY_2020")
    opening, closing = account(2010, SOIL), account(2020, [(*SOIL[0][:5], 20.0)])
    change = decompose(opening, closing, deflator="chn-cpi")
    total = close(change)
    assert total["price"] == pytest.approx(1200.0)
    assert total["relative_price"] == pytest.approx(120 * (20 / cpi - 10) * (1 + cpi) / 2)
    assert total["inflation"] == pytest.approx(120 * (cpi - 1) * (10 + 20 / cpi) / 2)
    assert "price" not in change.detail
    with_everything = decompose(
        account(2010, SOIL), account(2020, [(*SOIL[0][:5], 10.0 * cpi)]), deflator="chn-cpi"
    )
    assert with_everything.total["relative_price"] == pytest.approx(0.0, abs=1e-9)


def test_at_constant_prices_a_change_is_real():
    opening, closing = account(2010, SOIL), account(2020, [(*SOIL[0][:5], 20.0)])
    real = decompose(deflated(opening, "CNY_2020", "chn-cpi"), closing)
    assert real.basis == "constant prices: CNY_2020"
    assert decompose(opening, closing).basis == "nominal: CNY_2010 to CNY_2020"
    cpi = Deflator.shipped("chn-cpi").factor("CNY_2010", "CNY_2020")
    assert close(real)["price"] == pytest.approx(120 * (20 - 10 * cpi))


def test_a_value_alone_has_an_inflation_too():
    opening = account(2010, [("a", "", "tourism", "", None, 50.0)])
    cpi = Deflator.shipped("chn-cpi").factor("CNY_2010", "CNY_2020")
    closing = account(2020, [("a", "", "tourism", "", None, 50.0 * cpi)])
    total = close(decompose(opening, closing, deflator={"*": "chn-cpi"}))
    assert total["value"] == pytest.approx(0.0, abs=1e-9)
    assert total["inflation"] == total["price"] == pytest.approx(50 * (cpi - 1))


# Methods and refusals -----------------------------------------------------------------------------


def test_lmdi_agrees_on_the_sum_and_names_the_rows_it_cannot_take():
    opening, closing = account(2019, SOIL), account(2020, [(*SOIL[0][:4], 150.0, 12.0)])
    change = decompose(opening, closing, method="lmdi")
    assert change.total["price"] == pytest.approx(600 / math.log(1.5) * math.log(1.2))
    close(change)
    more = [
        ("a", "cropland", "soil_retention", "", 0.0, 10.0),
        ("b", "forest", "soil_retention", "", -5.0, 10.0),
    ]
    opening = account(2019, [*SOIL, *more])
    closing = account(2020, [*SOIL, *((*row[:4], 7.0, 10.0) for row in more)])
    with pytest.raises(LedgerError, match="2 rows are zero, or change their sign") as caught:
        decompose(opening, closing, method="lmdi")
    assert "a / cropland / soil_retention" in str(caught.value)
    assert "shapley" in caught.value.faults[0].fix


def test_what_cannot_be_compared_is_refused_at_once():
    opening, closing = account(2019, SOIL), account(2020, SOIL, price_year="USD_2020")
    closing.frame["quantity_unit"] = "kg/year"
    closing.zones = closing.zones.drop(index="b")
    with pytest.raises(LedgerError, match="3 faults") as caught:
        decompose(opening, closing)
    text = str(caught.value)
    assert "zones b are in the ledger of 2019 alone" in text
    assert "t/year and in kg/year" in text
    assert "CNY_2019 and in USD_2020" in text


@pytest.mark.parametrize("option", [{"method": "laspeyres"}, {"absent": "nothing"}])
def test_an_unknown_option_lists_the_known(option):
    with pytest.raises(LedgerError, match=r"laspeyres|nothing"):
        decompose(account(2019, SOIL), account(2020, SOIL), **option)


# Views --------------------------------------------------------------------------------------------


@pytest.fixture
def change():
    opening = account(2019, [*SOIL, ("b", "", "crops", "maize", 10.0, 2.0)])
    closing = account(2020, [*SOIL, ("b", "", "crops", "maize", 14.0, 3.0)])
    return decompose(opening, closing, by=("county", "service"))


def test_tables_by_any_key_in_any_unit_and_language(change):
    assert list(change.table.index) == [("东", "soil_retention"), ("西", "crops")]
    assert change.table["change"].tolist() == [0.0, 22.0]
    table = change.by("service", unit="万元", labels="zh")
    assert table.index.tolist() == ["土壤保持", "农产品"]
    assert table.loc["农产品", "change"] == pytest.approx(22e-4)
    assert table.attrs["units"] == "万元 (nominal: CNY_2019 to CNY_2020)"
    assert table.attrs["labels"]["structure"] == "生态系统结构"
    with pytest.raises(LedgerError, match="no key"):
        change.by("village")


def test_labels_of_a_service_that_is_gone():
    labels = {"service:crops": {"zh": "农产品", "en": "crops"}}
    opening = account(2019, [*SOIL, ("b", "", "crops", "maize", 10.0, 2.0)], labels=labels)
    closing = account(
        2020, SOIL, labels={"service:soil_retention": {"zh": "土壤保持", "en": "soil retention"}}
    )
    assert decompose(opening, closing).by("service", labels="zh").index.tolist() == ["土壤保持", "农产品"]


def test_words(change):
    assert "2019 → 2020" in repr(change)
    assert "quantity +0.00, price +0.00" in repr(change)
    assert "nominal: CNY_2019 to CNY_2020" in repr(change)
    assert "实物量" in change.describe("zh")
    assert "composition of ecosystems" in change.describe()
    assert change.share_of_nature == pytest.approx(10 / 22)
    assert change.shares.sum() == pytest.approx(1.0)


def test_intermediate_services_only_when_asked_for(ledger):
    assert len(decompose(ledger, ledger).rows) <= len(decompose(ledger, ledger, intermediate=True).rows)
    assert decompose(ledger, ledger).total["change"] == 0.0
    assert math.isnan(decompose(ledger, ledger).share_of_nature)
