"""A plugin for pytest: which tests run, in which order, and which lines each of them passes."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path


class Session:
    """A plugin for pytest: which tests run, in which order, and what they pass."""

    def __init__(self, order: Sequence[str] = (), traced: Iterable[Path] = ()) -> None:
        self.rank = {test: i for i, test in enumerate(order)}
        self.traced = {str(path): path for path in traced}
        self.seconds: dict[str, float] = {}
        self.passed: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self.made: dict[Any, set[tuple[str, int]]] = {}
        self.into: list[set[tuple[str, int]]] = []
        #: What runs when modules are loaded, before any test.
        self.loading: set[tuple[str, int]] = set()

    def pytest_collection(self) -> None:
        """Let properties be tested on few examples that are always the same, and fail at once."""
        few = settings(
            max_examples=15, derandomize=True, deadline=None, database=None,
            phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        settings.register_profile("mutation", few)
        settings.load_profile("mutation")

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        """Keep the tests that are asked for, in their order."""
        if self.rank:
            items[:] = sorted((i for i in items if i.nodeid in self.rank), key=lambda i: self.rank[i.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Iterator[None]:
        """Note what a test passes, what its fixtures passed when they were made, and its time."""
        if not self.traced:
            return (yield)
        _forget_cached()
        own = self.passed[item.nodeid]
        start = time.perf_counter()
        try:
            with Tracing(self, own):
                return (yield)
        finally:
            self.seconds[item.nodeid] = time.perf_counter() - start
            fixtures = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
            for definition in (d for several in fixtures.values() for d in several):
                own |= self.made.get(definition, set())

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        """Note what a fixture passes: it may be made once for many tests."""
        if not self.traced:
            return (yield)
        own = self.made[fixturedef] = set()
        try:
            with Tracing(self, own):
                return (yield)
        finally:
            if self.into:
                self.into[-1] |= own


class Tracing:
    """Notes each line of the traced files in one set."""

    def __init__(self, session: Session, into: set[tuple[str, int]]) -> None:
        self.session, self.into = session, into

    def __enter__(self) -> None:
        self.session.into.append(self.into)
        sys.settrace(self._call)
        threading.settrace(self._call)

    def __exit__(self, *failure: object) -> None:
        self.session.into.pop()
        again = Tracing(self.session, self.session.into[-1])._call if self.session.into else None
        sys.settrace(again)
        threading.settrace(again)  # type: ignore[arg-type]

    def _call(self, frame: Any, event: str, _: object) -> Any:
        return self._line if frame.f_code.co_filename in self.session.traced else None

    def _line(self, frame: Any, event: str, _: object) -> Any:
        self.into.add((frame.f_code.co_filename, frame.f_lineno))
        return self._line


def _forget_cached() -> None:
    """Empty the caches of gep, so that each test passes what it needs."""
    for name, module in list(sys.modules.items()):
        if name.split(".")[0] == "gep":
            for value in list(vars(module).values()):
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
