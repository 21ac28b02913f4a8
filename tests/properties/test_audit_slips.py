"""Consistent accounts give no finding; a planted slip is found and its cause named."""
# ruff: noqa: E501

from __future__ import annotations

from decimal import Decimal

import pandas as pd
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gep.auditing import AuditReport, Interval, audit, interval

CATEGORIES = ("provisioning", "regulating", "cultural")
values = st.floats(min_value=1.0, max_value=9e3, allow_nan=False)


def shown(value: float, digits: int) -> str:
    return f"{Decimal(value):.{digits}f}"


def account(parts: list[float], digits: int, area: float, people: float) -> pd.DataFrame:
    """An account computed from exact numbers and rounded only where it is printed."""
    prices = [2.5 + i for i in range(len(parts))]
    rows = [
        {
            "category": CATEGORIES[i % 3], "service": f"service {chr(97 + i)}", "indicator": f"line {chr(97 + i)}",
            "physical_value": shown(v / p, digits + 1), "physical_unit": "1e8 t", "price_value": shown(p, 2),
            "price_unit": "CNY/t", "money_value": shown(v, digits), "money_unit": "1e8 CNY",
        }
        for i, (v, p) in enumerate(zip(parts, prices, strict=True))
    ]  # fmt: skip
    total = sum(parts)
    rows.append(
        {
            "category": "total",
            "service": "total",
            "indicator": "GEP",
            "money_value": shown(total, digits),
            "money_unit": "1e8 CNY",
        }
    )
    for n, category in enumerate(CATEGORIES):
        share = sum(parts[n::3]) / total * 100
        rows.append(
            {
                "category": "context",
                "indicator": f"share {category}",
                "physical_value": shown(share, digits),
                "physical_unit": "%",
            }
        )
    context = [
        ("GEP per area", total * 1e4 / area, "1e4 CNY/km2", 2), ("total area", area, "km2", 1),
        ("GEP per head", total * 1e4 / people, "CNY/person", 0), ("population", people, "1e4 persons", 2),
    ]  # fmt: skip
    rows += [
        {"category": "context", "indicator": n, "physical_value": shown(v, d), "physical_unit": u}
        for n, v, u, d in context
    ]
    return pd.DataFrame(rows).fillna("").assign(account="a", region="r", year="2020")


accounts = st.builds(
    account,
    st.lists(values, min_size=3, max_size=9),
    st.integers(min_value=0, max_value=4),
    st.floats(min_value=50.0, max_value=1e6),
    st.floats(min_value=1.0, max_value=5e3),
)


@settings(max_examples=60, deadline=None)
@given(accounts)
def test_a_consistent_account_gives_no_finding(frame: pd.DataFrame) -> None:
    report = audit(frame)
    assert [f.text() for f in report] == []
    assert len(report.held) >= 6


def causes(report: AuditReport, code: str) -> set[str]:
    return {c.key for f in report if f.code.startswith(code) for c in f.causes}


BASE = ["120.37", "45.61", "981.24", "333.33", "18.05", "207.92"]


def plain(money: list[str], total: str) -> pd.DataFrame:
    frame = account([float(m) for m in BASE], 2, 1234.5, 88.0)
    frame.loc[: len(BASE) - 1, "money_value"] = money
    frame.loc[len(BASE), "money_value"] = total
    return frame[frame.category != "context"]


TOTAL = f"{sum(Decimal(m) for m in BASE)}"


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(range(len(BASE))),
    st.sampled_from([("1e4", "10000"), ("15", "15"), ("10", "10"), ("12", "12")]),
)
def test_a_slip_by_a_known_factor_is_found_and_named(spot: int, slip: tuple[str, str]) -> None:
    money = list(BASE)
    money[spot] = f"{Decimal(money[spot]) * Decimal(slip[1])}"
    report = audit(plain(money, TOTAL))
    assert f"ratio-{slip[0]}" in causes(report, "quantity-price")
    assert f"ratio-{slip[0]}" in causes(report, "sum")


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(range(len(BASE))))
def test_carbon_for_carbon_dioxide_is_named(spot: int) -> None:
    money = list(BASE)
    money[spot] = shown(float(money[spot]) * 44 / 12, 2)
    report = audit(plain(money, TOTAL))
    assert "ratio-44/12" in causes(report, "quantity-price")
    assert "ratio-44/12" in causes(report, "sum")


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(range(len(BASE))), st.integers(min_value=0, max_value=4))
def test_two_digits_changed_are_found_and_named(spot: int, at: int) -> None:
    digits = [i for i, c in enumerate(BASE[spot]) if c.isdigit()]
    assume(at + 1 < len(digits))
    a, b = digits[at], digits[at + 1]
    text = list(BASE[spot])
    assume(text[a] != text[b] and not (at == 0 and text[b] == "0"))
    text[a], text[b] = text[b], text[a]
    money = [*BASE[:spot], "".join(text), *BASE[spot + 1 :]]
    report = audit(plain(money, TOTAL))
    small = abs(float(money[spot]) - float(BASE[spot])) < 0.1
    assert small or "transposed-digits" in causes(report, "sum")


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(range(len(BASE))))
def test_a_part_left_out_is_found_and_named(spot: int) -> None:
    total = f"{Decimal(TOTAL) - Decimal(BASE[spot])}"
    report = audit(plain(list(BASE), total))
    finding = next(f for f in report if f.code == "sum-leaves-out")
    assert finding.causes[0].key == "left-out"
    assert f"line {chr(97 + spot)}" in finding.causes[0].said.en


numbers = st.floats(min_value=-1e6, max_value=1e6, allow_nan=False)


@given(numbers, st.integers(min_value=0, max_value=6))
def test_a_number_lies_in_the_interval_of_its_print(value: float, digits: int) -> None:
    assert interval(shown(value, digits)).contains(value)


@given(*[st.tuples(numbers, numbers, st.floats(min_value=0, max_value=1)) for _ in range(2)])
def test_arithmetic_keeps_what_is_inside(
    x: tuple[float, float, float], y: tuple[float, float, float]
) -> None:
    (a, p), (b, q) = (
        (Interval(min(t[:2]), max(t[:2])), min(t[:2]) + t[2] * (max(t[:2]) - min(t[:2]))) for t in (x, y)
    )
    slack = 1e-6 * (1 + abs(p * q))
    for made, point in ((a + b, p + q), (a - b, p - q), (a * b, p * q)):
        assert made.low - slack <= point <= made.high + slack
