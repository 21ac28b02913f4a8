"""How an account answers to its uncertain numbers: measured, and set beside the account itself."""

import itertools

import numpy as np
import pytest

import gep
from gep.account.evaluate import Evaluator
from gep.errors import GepError, LedgerError
from gep.uncertainty import Factor, Uncertainty, responses
from gep.uncertainty.terms import measured, proportional

YEAR = 2010
RANGES = {
    "own/ratio/forest": (0.1, 0.3),
    "own/ratio/grassland": "±20%",
    "own/practice": (0.6, 0.9, "uniform"),
    "own/wage_share": "±30%",
    "input:visits": "±10%",
    "input:visit_spending": ("±25%", "normal"),
    "input:visit_time": "±50%",
    "input:crop_price/maize": "±15%",
    "input:cover_factor": "±10%",
    "service:livestock": "±5%",
}


def answers(case, ranges=None, variant="balance", **options):
    profile = case.profile.using(water_conservation=variant)
    options.setdefault("coefficients", case.table())
    return responses(profile, case.inputs(), case.zones(), YEAR, ranges=ranges, **options)


@pytest.fixture(scope="module")
def found(case):
    return answers(case, RANGES)


def rows_at(found, values):
    """The value of each row by the terms."""
    terms, size = found.terms, len(found.ledger.frame)
    at = np.array([values.get(f.name, f.value) for f in found.factors])
    return (terms.matrix(np.arange(size), size) @ terms.table(at[:, None]))[:, 0]


def compiled(case, values, variant="balance"):
    """The account compiled anew by the front door, with the same numbers moved."""
    own = [(n, q, values.get(n, v), u, e) for n, q, v, u, e in OWN]
    changed = {}
    rows = [
        (
            name,
            zone,
            item,
            value * values.get(f"input:{name}", 1.0) * values.get(f"input:{name}/{item}", 1.0),
            unit,
        )
        for name, zone, item, value, unit in case.rows_with()
    ]
    if "input:cover_factor" in values:
        changed["cover_factor"] = case.values("cover_factor") * values["input:cover_factor"]
    table = gep.CoefficientTable.from_frame(case.coefficients(own))
    profile = case.profile.using(water_conservation=variant)
    led = case.compile(case.inputs(changed, rows=rows), profile=profile, coefficients=table)
    frame = led.frame.copy()
    hit = frame["service"] == "livestock"
    frame.loc[hit, "value"] *= values.get("service:livestock", 1.0)
    return frame["value"].to_numpy(float)


OWN = [
    ("own/ratio/forest", "nep_npp_ratio", 0.2, "1", "forest"),
    ("own/ratio/grassland", "nep_npp_ratio", 0.25, "1", "grassland"),
    ("own/practice", "practice_factor", 0.8, "1", ""),
    ("own/wage_share", "travel_time_wage_share", 0.3, "1", ""),
]


def test_terms_give_the_ledger_at_the_best_values(found):
    assert rows_at(found, {}) == pytest.approx(found.ledger.frame["value"].to_numpy(float), rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_terms_give_the_account_compiled_anew_wherever_it_is(case, found, seed):
    """Prices, quantities, sums of products and products of sums: within the ranges and beyond."""
    rng = np.random.default_rng(seed)
    values = {f.name: f.low + rng.uniform(-0.2, 1.2) * (f.high - f.low) for f in found.factors}
    # time and share of a wage meet spending in one sum, to third order: two of them move here
    values.pop(["input:visit_time", "own/wage_share"][seed % 2])
    exact = compiled(case, values)
    assert rows_at(found, values) == pytest.approx(exact, rel=1e-9)
    assert not np.allclose(exact, found.ledger.frame["value"].to_numpy(float), rtol=1e-3)


def test_how_each_number_acts_is_measured(found):
    table = found.table
    rows = {k: table.loc[k, ["power_rows", "line_rows", "curve_rows"]].tolist() for k in table.index}
    assert rows["input:visits"] == [1, 0, 0]
    assert rows["input:visit_spending"] == [0, 1, 0]
    assert rows["input:crop_price/maize"] == [4, 0, 0]
    assert rows["service:livestock"] == [4, 0, 0]
    assert rows["own/practice"][0] == rows["own/practice"][2] == 0
    assert rows["own/practice"][1] > 5
    assert rows["own/ratio/forest"][1:] == [0, 0]
    # of forest alone, though one run uses both rows
    assert 0 < rows["own/ratio/forest"][0] < (found.ledger.frame["service"] == "carbon_sequestration").sum()


def test_all_moved_at_once_is_set_beside_the_account(found):
    assert list(found.checks.columns) == ["account", "terms", "gap", "gap_of_change"]
    assert (abs(found.checks["gap_of_change"]) < 1e-9).all()
    assert not any("beside the account" in f for f in found.findings)


def test_without_pairs_the_gap_would_show(case):
    """Practice and cover factor meet as 1 - CP: to first order alone their product is lost."""
    plain = answers(case, {"own/practice": "±20%", "input:cover_factor": "±50%"}, joint=False)
    both = {"own/practice": 0.96, "input:cover_factor": 1.5}
    exact = compiled(case, both)
    assert rows_at(plain, both) != pytest.approx(exact, rel=1e-9)
    measured_too = answers(case, {"own/practice": "±20%", "input:cover_factor": "±50%"})
    assert rows_at(measured_too, both) == pytest.approx(exact, rel=1e-9)
    assert plain.checks.empty


def test_what_divides_has_power_minus_one(case):
    extra = [("own/density", "soil_bulk_density", 1.25, "t/m3", "")]
    ranges = {"own/density": (1.1, 1.5)}
    found = answers(case, ranges, coefficients=case.table(extra))
    [shape] = found.shapes
    assert set(shape.kind) == {"power"}
    assert shape.exponent == pytest.approx(-1.0, abs=0)


def test_a_kink_is_a_curve_and_is_told(case):
    """Where negative balances count as zero, more runoff takes less and less."""
    extra = [("own/runoff", "runoff_coefficient", 0.05, "1", e) for e in ("forest", "grassland")]
    extra = [(f"{n}/{e}", q, v, u, e) for n, q, v, u, e in extra]
    ranges = {"own/runoff/forest": (0.0, 0.4), "own/runoff/grassland": (0.05, 0.5)}
    found = answers(case, ranges, "nonnegative", coefficients=case.table(extra))
    kinds = found.table
    assert kinds.loc["own/runoff/forest", "curve_rows"] > 0
    assert any("own/runoff/forest" in f and "curve" in f for f in found.findings)
    for end in (0.0, 0.4):
        own = case.table([(n, q, end if n.endswith("forest") else v, u, e) for n, q, v, u, e in extra])
        profile = case.profile.using(water_conservation="nonnegative")
        exact = case.compile(profile=profile, coefficients=own).frame["value"].to_numpy(float)
        assert rows_at(found, {"own/runoff/forest": end}) == pytest.approx(exact, rel=1e-9, abs=1e-6)
    drawn = Uncertainty(found, 400, seed=1)
    assert np.isfinite(drawn.totals).all()


def test_two_kinks_are_measured_in_every_corner(case):
    """Rain up and loss down is not what rain down and loss up is, turned around."""
    ranges = {"input:precipitation": "±15%", "input:evapotranspiration": "±15%"}
    found = answers(case, ranges, "nonnegative")
    assert (found.table["curve_rows"] > 0).all()
    for rain, loss in itertools.product((0.85, 1.15), repeat=2):
        fields = {
            "precipitation": case.values("precipitation") * rain,
            "evapotranspiration": case.values("evapotranspiration") * loss,
        }
        profile = case.profile.using(water_conservation="nonnegative")
        exact = case.compile(case.inputs(fields), profile=profile).frame["value"].to_numpy(float)
        at = {"input:precipitation": rain, "input:evapotranspiration": loss}
        assert rows_at(found, at) == pytest.approx(exact, rel=1e-9, abs=1e-6)


def test_steps_that_a_number_does_not_touch_are_kept(case, monkeypatch):
    computed = []
    whole = Evaluator._compute

    def counted(self, service, step):
        computed.append(f"{service.code}.{step.name}")
        return whole(self, service, step)

    monkeypatch.setattr(Evaluator, "_compute", counted)
    answers(case, {"own/practice": "±10%"}, joint=False)
    assert computed.count("soil_retention.retained") == 3
    assert computed.count("water_conservation.retained") == 1
    assert computed.count("tourism.value") == 1
    computed.clear()
    # a price moves no step
    answers(case, {"input:crop_price": "±10%"}, joint=False)
    assert len(computed) == len(set(computed))


def test_sums_kept_in_files_are_not_taken_for_those_of_moved_numbers(case, tmp_path):
    ranges = {"input:cover_factor": "±30%"}
    kept = answers(case, ranges, joint=False, checkpoint=tmp_path)
    again = answers(case, ranges, joint=False, checkpoint=tmp_path)
    plain = answers(case, ranges, joint=False)
    for found in (kept, again):
        np.testing.assert_array_equal(found.shapes[0].second, plain.shapes[0].second)
    assert plain.shapes[0].second.any()


def test_a_coefficient_that_states_a_range_needs_no_word(case):
    frame = case.coefficients([*OWN]).assign(low=None, high=None, distribution="")
    frame.loc[2, ["low", "high", "distribution"]] = [0.7, 0.9, "uniform"]
    found = answers(case, coefficients=gep.CoefficientTable.from_frame(frame), joint=False)
    assert found.table.loc["own/practice", ["origin", "distribution", "low"]].tolist() == [
        "stated",
        "uniform",
        0.7,
    ]
    names = set(found.fixed["name"])
    assert {"own/wage_share", "own/ratio/forest", "input:precipitation"} <= names
    assert "own/practice" not in names
    assert "input:population" not in names
    # a range by hand stands in place of it
    other = answers(
        case, {"own/practice": "±1%"}, coefficients=gep.CoefficientTable.from_frame(frame), joint=False
    )
    assert other.table.loc["own/practice", "origin"] == "assumed"


def test_zones_of_tables_and_keys_are_answered_as_well(case, tables):
    zones, inputs = tables
    profile = case.profile
    found = responses(
        profile, inputs, zones, YEAR, ranges={"input:population": "±20%", "input:soil_retained": "±20%"},
        coefficients=case.table(), allocate={"tourism": "population"},
    )  # fmt: skip
    # a key is a share: all of it moved together moves nothing
    assert any("input:population: no row answers" in f for f in found.findings)
    assert found.table.loc["input:soil_retained", "power_rows"] == 2


def test_a_range_that_cannot_be_computed_says_where(case, monkeypatch):
    from gep.uncertainty.moving import Account

    def lost(self, moves, services):
        frame = self.ledger.frame.copy()
        frame["value"] = np.nan
        return frame

    monkeypatch.setattr(Account, "_frame", lost)
    with pytest.raises(LedgerError, match="have a value have none") as caught:
        answers(case, {"own/practice": "±10%"})
    assert "own/practice = " in str(caught.value)


def test_unknown_names_and_items_are_refused(case):
    with pytest.raises(GepError, match="no rows of item 'rice'"):
        answers(case, {"input:crop_price/rice": "±10%"})
    with pytest.raises(GepError, match="no coefficient row"):
        answers(case, {"own/practise": "±10%"})


def test_an_interval_of_a_whole_account(found):
    drawn = Uncertainty(found, 2_000, seed=6)
    table = drawn.interval(by="service")
    assert (table["low"] <= table["value"]).all()
    assert (table["value"] <= table["high"]).all()
    order = drawn.first_order(by="service")
    assert order["sd"].to_numpy() == pytest.approx(table["sd"].to_numpy(), rel=0.15, abs=1e-9)
    assert drawn.tornado().index[0] in found.table.index
    assert drawn.tornado(service="soil_retention").index[0] in ("own/practice", "input:cover_factor")
    assert drawn.summary()


# Shapes of three values ---------------------------------------------------------------------------


def shape(c, best, first, second, ends=(1.0, 4.0)):
    factor = Factor("x", "coefficient", c, *ends)
    return measured(factor, *(np.array([v], float) for v in (best, first, second)))


@pytest.mark.parametrize(
    ("values", "kind", "exponent"),
    [
        ((6.0, 3.0, 12.0), "power", 1.0),
        ((-6.0, -3.0, -12.0), "power", 1.0),
        ((6.0, 12.0, 3.0), "power", -1.0),
        ((4.0, 4 / 2**0.5, 4 * 2**0.5), "power", 0.5),
        ((6.0, 5.0, 8.0), "line", 0.0),
        ((0.0, -1.0, 2.0), "line", 0.0),
        ((0.0, 0.0, 2.0), "curve", 0.0),
        ((6.0, 6.0, 8.0), "curve", 0.0),
    ],
)
def test_three_values_say_how_a_row_answers(values, kind, exponent):
    found = shape(2.0, *values)
    assert list(found.kind) == [kind]
    assert found.exponent[0] == pytest.approx(exponent, abs=0)


def test_proportion_across_zero_and_rows_that_do_not_answer():
    assert list(shape(1.0, 5.0, -5.0, 15.0, (-1.0, 3.0)).kind) == ["power"]
    assert not len(shape(2.0, 6.0, 6.0, 6.0).rows)
    assert not len(shape(2.0, np.nan, np.nan, np.nan).rows)
    # at zero there is no power
    assert list(shape(0.0, 5.0, 4.0, 6.0, (-1.0, 1.0)).kind) == ["line"]
    assert list(
        proportional(np.array([True, True, False, True]), np.array([1.0, np.nan, 1.0, 0.0])).rows
    ) == [0]
