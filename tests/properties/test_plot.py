"""Figures: rectangles fill their box, folding and wrapping lose nothing, limits hold all values."""

import math

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gep.plot.maps import class_limits, class_of
from gep.plot.source import fold
from gep.plot.treemap import squarify
from gep.plot.words import columns, wrap

sizes = st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=30)
values = st.lists(st.one_of(st.floats(-1e9, 1e9), st.just(math.nan)), min_size=1, max_size=30)


@given(sizes, st.floats(0.1, 10.0), st.floats(0.1, 10.0))
def test_rectangles_have_the_sizes_and_fill_the_box(parts, width, height):
    parts = sorted(parts, reverse=True)
    boxes = squarify(parts, (0.0, 0.0, width, height))
    whole = math.fsum(parts)
    for part, (x, y, w, h) in zip(parts, boxes, strict=True):
        assert w * h == pytest.approx(part / whole * width * height, rel=1e-6, abs=1e-9)
        assert -1e-6 <= x <= x + w <= width * (1 + 1e-6)
        assert -1e-6 * height <= y <= y + h <= height * (1 + 1e-6)


@given(values, st.integers(2, 40))
def test_folding_keeps_the_sum_and_every_missing_row(numbers, most):
    frame = pd.DataFrame({"name": [f"n{i}" for i in range(len(numbers))], "value": numbers})
    kept, note = fold(frame, ["name"], most, "en")
    known = [v for v in numbers if not math.isnan(v)]
    assert kept["value"].isna().sum() == len(numbers) - len(known)
    scale = math.fsum(map(abs, known))
    assert math.fsum(kept["value"].dropna()) == pytest.approx(math.fsum(known), abs=1e-9 * scale)
    assert len(kept["value"].dropna()) == min(len(known), most)
    assert bool(note) == (len(known) > most)


@given(st.text("ab 生态系统，（）²\n", max_size=80), st.integers(4, 40))
def test_wrapping_loses_nothing_but_blanks(text, width):
    lines = wrap(text, width)
    assert "".join(lines.split()) == "".join(text.split())
    for line in lines.split("\n"):
        words = max((columns(w) for w in line.replace("，", " ").split()), default=0)
        assert columns(line) <= max(width, words)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=50))
def test_limits_rise_and_hold_all_values(numbers):
    limits = class_limits(pd.Series(numbers))
    assert limits == sorted(limits)
    assert limits[0] <= min(numbers)
    assert limits[-1] >= max(numbers)
    for number in numbers:
        i = class_of(number, limits)
        assert limits[i] <= number <= limits[i + 1]
