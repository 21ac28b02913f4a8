"""Uncertainty of a ledger: known distributions, intervals, shares, ranks, what moves a total."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from gep import Ledger
from gep.errors import CoefficientError, GepError, LedgerError
from gep.ledger.parts import Meta
from gep.uncertainty import Factor, Uncertainty, of_ledger
from gep.uncertainty.drawing import BLOCK, Drawing
from gep.uncertainty.ranges import assumed, read, stated

#: zone, ecosystem, category, service, value in CNY_2020
ROWS = [
    ("a", "forest", "provisioning", "crops", 100.0),
    ("b", "forest", "provisioning", "crops", 300.0),
    ("a", "grassland", "regulating", "soil_retention", 400.0),
    ("b", "grassland", "regulating", "soil_retention", 200.0),
    ("whole", "", "cultural", "tourism", 1000.0),
]


def made(rows=ROWS, coefficients=(), runs=None, zones=("a", "b")):
    """A ledger of a few rows; each service is one run."""
    frame = pd.DataFrame(rows, columns=["zone", "ecosystem", "category", "service", "value"])
    frame = frame.assign(
        year=2020, indicator="line", item="", quantity=frame["value"] / 2.0, quantity_unit="t/year",
        price=2.0,
        price_unit="CNY_2020/t", price_year="CNY_2020", status="published", coefficient_status="", spread="",
        run=frame["service"] + ".line",
    )  # fmt: skip
    empty = {"inputs": [], "coefficients": []}
    known = {f"{s}.line": {**empty, **(runs or {}).get(s, {})} for s in frame["service"].unique()}
    facts = pd.DataFrame({"name": list(zones), "area_m2": 2e6}, index=pd.Index(list(zones), name="code"))
    meta = Meta({"id": "demo"}, "whole", "0", [], list(coefficients), known, [], {})
    return Ledger(frame, facts, {}, pd.DataFrame(), meta)


def coefficient(name="c", value=2.0, low=None, high=None, distribution="", **more):
    row = {"quantity": "carbon_price", "unit": "CNY_2020/tCO2", "source": "s", "ecosystem": "", "item": ""}
    row |= {"id": name, "value": value, "low": low, "high": high, "distribution": distribution}
    return {**row, "status": "verified", **more}


# Ranges -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("±20%", (8.0, 12.0, "triangular")),
        ("+-5 %", (9.5, 10.5, "triangular")),
        ("-10% / +30%", (9.0, 13.0, "triangular")),
        (("±50%", "uniform"), (5.0, 15.0, "uniform")),
        ((7, 11), (7.0, 11.0, "triangular")),
        ((7.0, 11.0, "lognormal"), (7.0, 11.0, "lognormal")),
    ],
)
def test_ranges_are_read_as_they_are_written(given, found):
    low, high, law = read(given, 10.0, "x")
    assert (low, high) == pytest.approx(found[:2], rel=1e-12)
    assert law == found[2]


def test_a_relative_range_of_a_negative_value_keeps_its_order():
    assert read("±10%", -10.0, "x")[:2] == pytest.approx((-11.0, -9.0))


@pytest.mark.parametrize(
    "given", ["20%", "about 20", (1.0,), (1.0, 2.0, 3.0, 4.0), ("x", "normal"), (True, 2.0)]
)
def test_ranges_that_say_nothing_are_refused(given):
    with pytest.raises(CoefficientError, match="range"):
        read(given, 10.0, "x")


@pytest.mark.parametrize(
    "change",
    [
        {"low": 3.0}, {"high": 1.0}, {"low": 2.0, "high": 2.0}, {"distribution": "gaussian"},
        {"low": 0.0, "distribution": "lognormal"}, {"high": np.inf}, {"value": np.nan},
    ],
)  # fmt: skip
def test_a_factor_must_be_possible(change):
    with pytest.raises(CoefficientError):
        Factor(**{"name": "x", "kind": "coefficient", "value": 2.0, "low": 1.0, "high": 3.0, **change})


@pytest.mark.parametrize(
    ("distribution", "mean", "variance"),
    [
        ("uniform", 5.0, 8.0**2 / 12),
        ("triangular", (1 + 9 + 3) / 3, (1 + 81 + 9 - 9 - 3 - 27) / 18),
        ("normal", 5.0, (8.0 / (2 * 1.959963984540054)) ** 2),
    ],
)
def test_distributions_have_the_moments_of_the_textbook(distribution, mean, variance):
    law = Factor("x", "coefficient", 3.0, 1.0, 9.0, distribution).law
    assert law.mean() == pytest.approx(mean, rel=1e-12)
    assert law.var() == pytest.approx(variance, rel=1e-12)


@pytest.mark.parametrize("distribution", ["normal", "lognormal"])
def test_low_and_high_hold_95_percent(distribution):
    factor = Factor("x", "coefficient", 3.0, 1.0, 9.0, distribution)
    assert factor.law.cdf([1.0, 9.0]) == pytest.approx([0.025, 0.975], abs=1e-12)
    z = np.array([-1.959963984540054, 0.0, 1.959963984540054])
    middle = 5.0 if distribution == "normal" else 3.0
    assert factor.at(z) == pytest.approx([1.0, middle, 9.0], rel=1e-12)
    assert np.isfinite(factor.at(np.array([-30.0, 30.0]))).all()


def test_a_row_without_two_ends_is_no_factor():
    for low, high, says in ((None, None, "no range"), (1.0, None, "low end"), (None, np.nan, "no range")):
        assert says in stated(coefficient(low=low, high=high))
    assert "same" in stated(coefficient(low=2.0, high=2.0))
    assert "no width" in assumed(coefficient(value=0.0), "±20%")
    found = stated(coefficient(low=1.0, high=4.0))
    assert (found.distribution, found.origin) == ("triangular", "stated")
    with pytest.raises(CoefficientError, match="'beta' is none of"):
        stated(coefficient(low=1.0, high=4.0, distribution="beta"))


def test_a_value_off_the_middle_and_another_sign_are_told():
    assert not Factor("x", "coefficient", 2.0, 1.0, 3.0, "normal").notes()
    assert "not the middle" in Factor("x", "coefficient", 1.2, 1.0, 3.0, "normal").notes()[0]
    assert "below zero" in Factor("x", "coefficient", 2.0, 0.1, 3.9, "normal").notes()[0]


@pytest.mark.parametrize(
    ("ends", "points"), [((1.0, 4.0), (1.0, 4.0)), ((2.0, 4.0), (3.0, 4.0)), ((1.0, 2.0), (1.5, 1.0))]
)
def test_a_one_sided_range_is_measured_at_two_points_as_well(ends, points):
    assert Factor("x", "coefficient", 2.0, *ends).points == points


# Drawing ------------------------------------------------------------------------------------------


def several(n=3, source="s", distribution="uniform"):
    return [
        Factor(f"f{i}", "coefficient", 2.0, 1.0, 3.0, distribution, "1", "stated", source, "q")
        for i in range(n)
    ]


def test_draws_depend_on_seed_and_name_and_on_nothing_else():
    all_of, some = Drawing(several(3), 7, 0.5), Drawing(several(3)[1:], 7, 0.5)
    np.testing.assert_array_equal(all_of.block(4)[1:], some.block(4))
    assert not np.array_equal(all_of.block(4), all_of.block(5))
    assert not np.array_equal(all_of.block(4), Drawing(several(3), 8, 0.5).block(4))


@pytest.mark.parametrize("distribution", ["uniform", "triangular", "normal", "lognormal"])
@pytest.mark.parametrize("rho", [0.0, 0.6, 1.0])
def test_sources_move_together_as_far_as_said(distribution, rho):
    drawing = Drawing(several(2, "s", distribution), 11, rho)
    values = np.hstack([drawing.block(i) for i in range(40)])
    found = np.corrcoef(values)[0, 1]
    _, covariance = drawing.moments()
    expected = covariance[0, 1] / covariance[0, 0]
    assert found == pytest.approx(expected, abs=4 * (1 - expected**2) / np.sqrt(values.shape[1]) + 1e-3)
    assert expected == pytest.approx({0.0: 0.0, 1.0: 1.0}.get(rho, expected), abs=1e-3)
    if distribution == "uniform":
        # closed form of the copula: 6/pi asin(rho/2)
        assert expected == pytest.approx(6 / np.pi * np.arcsin(rho / 2), abs=1e-3)


def test_correlation_is_by_source():
    factors = [
        *several(2, "s"),
        *(Factor(f.name + "t", *list(vars(f).values())[1:8], "t", "q") for f in several(2)),
    ]
    rho = Drawing(factors, 1, {"s": 0.0}).moments()[1]
    assert rho[0, 1] == pytest.approx(0.0, abs=1e-12)
    assert rho[2, 3] == pytest.approx(rho[2, 2], rel=1e-3)
    assert rho[0, 2] == 0.0
    assert Drawing(factors, 1, {"source": 0.25, "t": 0.5}).rho(factors[0]) == 0.25
    for wrong in ({"u": 0.5}, 1.5, {"s": -0.1}):
        with pytest.raises(LedgerError, match="correlation of"):
            Drawing(factors, 1, wrong)


def test_numbers_without_a_source_are_alone():
    factors = [Factor(n, "ledger", 1.0, 0.5, 1.5) for n in ("service:a", "service:b")]
    assert Drawing(factors, 1, 1.0).moments()[1][0, 1] == 0.0


# Golden -------------------------------------------------------------------------------------------


def test_a_product_of_lognormals_is_lognormal():
    """ln V is normal with variance s1^2 + s2^2: mean, variance and quantiles in closed form."""
    led = made(ROWS[:1])
    names = {"price:crops": (0.8, 1.25, "lognormal"), "quantity:crops": (0.5, 2.0, "lognormal")}
    found = Uncertainty.of_ledger(led, names, seed=3, draws=40_000)
    s = np.hypot(np.log(1.25), np.log(2.0)) / 1.959963984540054
    row = found.interval(unit="CNY").iloc[0]
    sd = 100 * np.exp(s**2 / 2) * np.sqrt(np.exp(s**2) - 1)
    assert row["mean"] == pytest.approx(100 * np.exp(s**2 / 2), abs=4 * sd / 200)
    logs = np.log(found.totals / 100)
    assert logs.std() == pytest.approx(s, abs=4 * s / np.sqrt(2 * 40_000))
    for column, p in (("low", 0.025), ("median", 0.5), ("high", 0.975)):
        z = stats.norm.ppf(p)
        error = np.sqrt(p * (1 - p) / 40_000) / stats.norm.pdf(z) * s
        assert np.log(row[column] / 100) == pytest.approx(z * s, abs=4 * error)


def test_a_sum_of_two_uniforms_is_triangular():
    led = made(ROWS[:2], runs={})
    found = Uncertainty.of_ledger(
        led, {"zone:a": (0.5, 1.5, "uniform"), "zone:b": (5 / 6, 7 / 6, "uniform")},
        seed=1, draws=40_000,
    )  # fmt: skip
    law = stats.triang(0.5, 300.0, 200.0)
    row = found.interval(0.9, unit="CNY").iloc[0]
    for column, p in (("low", 0.05), ("median", 0.5), ("high", 0.95)):
        error = np.sqrt(p * (1 - p) / 40_000) / law.pdf(law.ppf(p))
        assert row[column] == pytest.approx(law.ppf(p), abs=4 * error)
    assert row["sd"] == pytest.approx(law.std(), abs=4 * law.std() / np.sqrt(2 * 40_000))
    assert found.first_order(unit="CNY")["sd"].iloc[0] == pytest.approx(np.sqrt(2 * 100**2 / 12), rel=1e-12)


@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
def test_first_order_and_draws_agree_where_the_account_is_linear(rho):
    """Four standard errors, as both are of the same linear sum."""
    rows = [coefficient(f"c{i}", 2.0, 1.0, 3.5, d, ecosystem=e)
            for i, (d, e) in enumerate([("uniform", "forest"), ("lognormal", "grassland")])]  # fmt: skip
    runs = {"crops": {"coefficients": ["c0"]}, "soil_retention": {"coefficients": ["c1"]}}
    found = Uncertainty.of_ledger(made(ROWS[:4], rows, runs), seed=5, draws=40_000, correlation=rho)
    for by in ((), "zone", ("zone", "service")):
        drawn, order = found.interval(by=by), found.first_order(by=by)
        assert (abs(drawn["mean"] - order["mean"]) <= 4 * drawn["sd"] / 200).all()
        assert (abs(drawn["sd"] - order["sd"]) <= 4 * 1.5 * drawn["sd"] / 200).all()
        assert not any("not linear" in f for f in found.findings)


def test_correlated_rows_of_a_source_widen_a_total():
    rows = [
        coefficient("c0", 2.0, 1.0, 3.0, ecosystem="forest"),
        coefficient("c1", 2.0, 1.0, 3.0, ecosystem="grassland"),
    ]
    runs = {"crops": {"coefficients": ["c0"]}, "soil_retention": {"coefficients": ["c1"]}}
    led = made(ROWS[:4], rows, runs)
    sds = [
        float(Uncertainty.of_ledger(led, seed=2, correlation=rho).interval(unit="CNY")["sd"].iloc[0])
        for rho in (0.0, 1.0)
    ]
    one = np.sqrt(1.0 / 6.0) / 2.0
    assert sds[0] == pytest.approx(one * np.hypot(400, 600), rel=0.03)
    assert sds[1] == pytest.approx(one * 1000, rel=0.03)


# Tables -------------------------------------------------------------------------------------------


RANGES = {"service:crops": "±20%", "service:soil_retention": ("±10%", "normal"), "zone:a": "±30%"}


@pytest.fixture(scope="module")
def found():
    return Uncertainty.of_ledger(made(), RANGES, seed=9, draws=4_500)


def test_values_are_those_of_the_ledger(found):
    led = found.ledger
    assert found.interval()["value"].iloc[0] == pytest.approx(float(led.total()), rel=1e-12)
    for by in ("zone", "service", "category", "ecosystem"):
        pd.testing.assert_series_equal(
            found.interval(by=by)["value"].sort_index(), led.by(by)["value"].sort_index(), check_exact=False
        )
    table = found.interval(by=("zone", "service"), unit="元")
    assert table["value"].loc[("whole", "tourism")] == pytest.approx(1000.0)
    assert table.attrs["units"] == "元 (CNY_2020)"
    assert (table["sd"].loc[("whole", "tourism")]) == pytest.approx(0.0, abs=1e-9)
    assert ((table["low"] <= table["median"]) & (table["median"] <= table["high"])).all()


def test_no_option_of_memory_changes_a_figure(found):
    small = Uncertainty(found.responses, found.draws, seed=9, memory=1)
    for by in ((), "zone", ("zone", "service")):
        pd.testing.assert_frame_equal(small.interval(by=by), found.interval(by=by), check_exact=True)
    np.testing.assert_array_equal(small.totals, found.totals)
    with pytest.raises(LedgerError, match="fewer draws"):
        small.ranks()


def test_more_draws_begin_with_the_same(found):
    more = Uncertainty(found.responses, 2 * BLOCK + 17, seed=9)
    np.testing.assert_array_equal(more.totals, found.totals[: 2 * BLOCK + 17])


def test_a_seed_is_kept_and_gives_the_same_again(found):
    one = Uncertainty(found.responses, 100)
    assert one.seed != Uncertainty(found.responses, 100).seed
    np.testing.assert_array_equal(one.totals, Uncertainty(found.responses, 100, seed=one.seed).totals)
    assert str(one.seed) in repr(one)


def test_shares_add_up_within_a_draw(found):
    table = found.shares(by="service")
    assert table["value"].sum() == pytest.approx(1.0)
    assert table["mean"].sum() == pytest.approx(1.0, rel=1e-12)
    # one part alone is all of it, whatever is drawn
    alone = Uncertainty.of_ledger(made(ROWS[:2]), {"service:crops": "±50%"}, seed=1, draws=500).shares()
    assert alone[["value", "low", "high"]].to_numpy() == pytest.approx(1.0)
    assert alone["sd"].iloc[0] == pytest.approx(0.0, abs=1e-12)


def test_per_area_is_the_total_over_the_area(found):
    whole = found.per_area("元/km2")
    assert whole["value"].iloc[0] == pytest.approx(float(found.ledger.per_area("元/km2")), rel=1e-12)
    total = found.interval(unit="元")
    assert whole["high"].iloc[0] == pytest.approx(total["high"].iloc[0] / 4.0)
    by = found.per_area("元/km2", by="zone")
    expected = found.ledger.per_area("元/km2", by="zone")["value"]
    pd.testing.assert_series_equal(by["value"].sort_index(), expected.sort_index(), check_exact=False)
    with pytest.raises(LedgerError, match="no area by"):
        found.per_area(by="service")


def test_an_account_with_levels_and_a_part_that_is_not_allocated(ledger):
    found = Uncertainty.of_ledger(ledger, {"service:crops": "±20%", "county:甲县": "±10%"}, seed=1, draws=300)
    for by in ("zone", "county", "belt"):
        table, expected = found.per_area("万元/km2", by=by), ledger.per_area("万元/km2", by=by)
        assert table["value"].to_dict() == pytest.approx(expected["value"].to_dict())
        # the order of the ledger, what is not allocated last
        assert list(found.interval(by=by).index) == list(ledger.by(by).index)
    ranks = found.ranks(by="zone")
    assert set(ranks.index) == set(ledger.zones.index)
    assert found.interval(by=("zone", "service"), labels="zh").index[0][0] == "东镇"
    assert found.tornado(county="乙县").index[0] == "service:crops"


def test_intermediate_services_enter_only_when_asked_for():
    rows = [*ROWS, ("a", "forest", "regulating", "species_conservation", 50.0)]
    found = Uncertainty.of_ledger(made(rows), {"zone:a": "±20%"}, seed=1, draws=100)
    assert found.interval(unit="元")["value"].iloc[0] == 2000.0
    assert found.interval(unit="元", intermediate=True)["value"].iloc[0] == 2050.0
    assert found.first_order(unit="元", intermediate=True)["value"].iloc[0] == 2050.0
    assert "species_conservation" not in found.shares(by="service").index


def test_ranks_know_how_sure_an_order_is():
    """b is 500, a is N(500, 50): above it in half of the draws."""
    led = made([*ROWS[:4], ROWS[4]])
    found = Uncertainty.of_ledger(led, {"zone:a": ("±19.6%", "normal")}, seed=4, draws=10_000)
    table = found.rank_probabilities()
    assert list(table.index) == ["a", "b"]
    assert table.loc["a", 1] == pytest.approx(0.5, abs=4 * 0.5 / 100)
    assert table.to_numpy().sum(axis=1) == pytest.approx(1.0)
    # a tie at the best values: both have rank 1 there
    ranks = found.ranks()
    assert list(ranks["rank"]) == [1, 1]
    assert ranks.loc["a", "probability"] == pytest.approx(table.loc["a", 1])
    services = found.ranks(by="service")
    assert list(services.index) == ["tourism", "soil_retention", "crops"]
    assert services.loc["tourism", ["median", "low", "high", "probability"]].tolist() == [1, 1, 1, 1.0]


def test_tornado_names_what_moves_the_total(found):
    table = found.tornado(unit="元")
    assert list(table.index) == ["zone:a", "service:crops", "service:soil_retention"]
    assert table.loc["zone:a", "swing"] == pytest.approx(0.6 * 500)
    assert table.loc["zone:a", ["total_low", "total_high"]].tolist() == pytest.approx([1850.0, 2150.0])
    assert table["share_of_variance"].sum() == pytest.approx(1.0)
    crops = found.tornado(unit="元", service="crops", zone="b")
    assert crops.loc["service:crops", "swing"] == pytest.approx(0.4 * 300)
    assert crops.loc["zone:a", "swing"] == 0.0
    with pytest.raises(LedgerError, match="no key"):
        found.tornado(planet="mars")
    with pytest.raises(LedgerError, match="no rows"):
        found.tornado(service="mars")


def test_missing_values_stay_missing():
    rows = [
        *ROWS,
        ("b", "wetland", "regulating", "flood_mitigation", np.nan),
        ("a", "wetland", "provisioning", "crops", np.nan),
    ]
    found = Uncertainty.of_ledger(
        made(rows), {**RANGES, "service:flood_mitigation": "±10%"}, seed=1, draws=200
    )
    table = found.interval(by="service")
    assert table.loc["flood_mitigation", ["value", "mean", "sd", "low", "high"]].isna().all()
    assert table["missing_rows"].to_dict() == {
        "crops": 1, "soil_retention": 0, "tourism": 0, "flood_mitigation": 1,
    }  # fmt: skip
    assert np.isfinite(found.totals).all()
    assert "flood_mitigation" not in found.ranks(by="service").index
    assert any("not in the intervals" in f and "no value" in f for f in found.findings)
    assert any("no row answers" in f for f in found.findings)


def test_negative_and_zero_values_are_carried():
    rows = [("a", "", "provisioning", "crops", -100.0), ("b", "", "provisioning", "crops", 0.0)]
    found = Uncertainty.of_ledger(made(rows), {"service:crops": ("±20%", "uniform")}, seed=1)
    row = found.interval(unit="元").iloc[0]
    assert -120 <= row["low"] < -115
    assert -85 < row["high"] <= -80


def test_another_currency_has_no_yuan():
    led = made()
    frame = led.frame.assign(price_year="LAK_2018", price_unit="LAK_2018/t")
    found = Uncertainty.of_ledger(
        Ledger(frame, led.zones, {}, led.coverage, led.meta), RANGES, seed=1, draws=100
    )  # fmt: skip
    assert found.interval().attrs["units"] == "10^8 LAK (LAK_2018)"
    assert "10^8 LAK" in found.summary()


def test_a_ledger_without_any_range_is_told_so():
    found = Uncertainty.of_ledger(
        made(coefficients=[coefficient()], runs={"crops": {"coefficients": ["c"]}}), seed=1, draws=50
    )
    row = found.interval().iloc[0]
    assert row["low"] == row["high"] == pytest.approx(row["value"])
    assert found.first_order()["sd"].iloc[0] == 0.0
    assert found.tornado().empty
    assert any(f.startswith("100.0%") and "held exact" in f for f in found.findings)
    assert found.fixed.loc[0, ["name", "reason"]].tolist() == ["c", "the row states no range"]
    assert found.fixed.loc[0, "share"] == pytest.approx(0.2)
    assert found.summary()


# Ledgers alone ------------------------------------------------------------------------------------


def test_a_coefficient_acts_on_the_rows_of_the_runs_that_used_it():
    rows = [coefficient("c", 2.0, 1.0, 3.0, ecosystem="forest"), coefficient("density", 1.3)]
    runs = {"crops": {"coefficients": ["c"]}, "soil_retention": {"coefficients": ["c", "density"]}}
    led = made(ROWS, rows, runs)
    found = of_ledger(led, {"density": "±10%"}, {"density": -1.0})
    assert [f.name for f in found.factors] == ["c", "density"]
    # soil retention lies on grassland, where the row of forest does not hold
    assert [list(s.rows) for s in found.shapes] == [[0, 1], [2, 3]]
    assert found.table.loc["density", "origin"] == "assumed"
    ends = Uncertainty(found, 10, seed=1).tornado(unit="元").loc["density", ["total_low", "total_high"]]
    assert ends.tolist() == pytest.approx([1400 + 600 / 0.9, 1400 + 600 / 1.1])
    assert any("assumed to vary with power -1" in f for f in found.findings)


def test_ranges_that_name_nothing_are_told_all_at_once():
    led = made(coefficients=[coefficient("carbon")], runs={"crops": {"inputs": ["crop_output"]}})
    wrong = {
        "carbn": "±1%", "input:rain": "±1%", "planet:mars": "±1%", "service:pests": "±1%", "zone:b": "20",
    }  # fmt: skip
    with pytest.raises(GepError) as caught:
        of_ledger(led, wrong)
    text = str(caught.value)
    for says in ("carbon", "one of crop_output", "no key 'planet'", "selects no row", "'±20%'"):
        assert says in text
    assert len(caught.value.faults) == 5


def test_a_range_beyond_the_possible_is_refused():
    rows = [coefficient("share", 0.8, quantity="runoff_coefficient", unit="1")]
    led = made(coefficients=rows, runs={"crops": {"coefficients": ["share"]}})
    with pytest.raises(GepError, match=r"reaches 1\.2"):
        of_ledger(led, {"share": "±50%"})


def test_selections_can_be_narrowed():
    found = of_ledger(made(), {"service:crops, zone:b": "±10%"})
    assert list(found.shapes[0].rows) == [1]


def test_an_input_multiplies_the_runs_that_used_it():
    led = made(runs={"tourism": {"inputs": ["visits"]}})
    found = of_ledger(led, {"input:visits": "±10%"})
    assert list(found.shapes[0].rows) == [4]
    with pytest.raises(GepError, match="land cover"):
        of_ledger(made(runs={"tourism": {"inputs": ["land_cover"]}}), {"input:land_cover": "±10%"})


def test_a_ledger_read_from_a_file_says_the_same(ledger, tmp_path):
    ranges = {"own/practice": "±10%", "input:visits": "±20%"}
    ledger.to_csv(tmp_path / "ledger.csv")
    again = Uncertainty.of_ledger(Ledger.read(tmp_path / "ledger.csv"), ranges, seed=1, draws=300)
    found = Uncertainty.of_ledger(ledger, ranges, seed=1, draws=300)
    assert again.totals == pytest.approx(found.totals, rel=1e-12)
    assert found.totals.std() > 0


@pytest.mark.parametrize(
    "call",
    [
        lambda u: u.interval(1.0),
        lambda u: u.first_order(0.0),
        lambda u: u.interval(by="planet"),
        lambda u: Uncertainty(u.responses, 1),
    ],
)
def test_what_makes_no_sense_is_refused(found, call):
    with pytest.raises(LedgerError):
        call(found)


def test_summary_says_what_moves_the_total_and_what_is_not_in_it(found):
    text = found.summary()
    for says in ("95% of 4,500 draws", "seed 9", "first order", "zone:a", "held exact", "mean of the draws"):
        assert says in text
