"""The readers and the ways to spoil files are those of the long run, ``benchmarks/fuzz.py``."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(monkeypatch):
    """Return a function that imports a module of the benchmarks."""
    monkeypatch.syspath_prepend(str(ROOT))
    yield lambda name: importlib.import_module(f"benchmarks.{name}")
    for name in [n for n in sys.modules if n.startswith("benchmarks")]:
        del sys.modules[name]
