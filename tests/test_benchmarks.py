"""Every benchmark runs at toy size; nothing is timed here."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def bench(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    spec = importlib.util.spec_from_file_location("bench_account", ROOT / "benchmarks" / "bench_account.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    for name in [n for n in sys.modules if n.startswith("benchmarks")]:
        del sys.modules[name]


@pytest.mark.parametrize("zones", [11, 1000])
def test_aggregate(bench, zones):
    toy = bench.Aggregate()
    toy.cells = 20_000
    toy.setup(zones)
    assert len(toy.zones) == zones
    toy.time_contingency(zones)
    toy.time_integrate(zones)


def test_account(bench):
    toy = bench.Account()
    toy.cells = 20_000
    toy.setup()
    assert toy.track_rows() > 11
    toy.peakmem_compile()
    assert bench.table(toy)["value"].gt(0).all()
