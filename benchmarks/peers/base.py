"""What every implementation of the tasks has in common."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from benchmarks.tasks import Array, Floats, Problem

Family = Literal["gep", "general engine", "field tool", "raster algebra"]

#: Threads that every implementation may use.
THREADS = 2


class Peer:
    """One implementation: prepared on a problem outside of the timing, then run.

    Subclasses give :meth:`sums`; what a task asks for beyond sums is the same for all.

    Attributes
    ----------
    name, family : str
        In the tables.
    needs : tuple of str
        Modules that must be installed.
    only : tuple of str
        Tasks it is made for; empty is all.
    coherent_only : bool
        Whether it needs zones that have outlines.
    """

    name: ClassVar[str]
    family: ClassVar[Family]
    needs: ClassVar[tuple[str, ...]] = ()
    only: ClassVar[tuple[str, ...]] = ()
    coherent_only: ClassVar[bool] = False

    def __init__(self, problem: Problem) -> None:
        self.problem = problem

    def sums(self) -> list[Floats]:
        """Return a table of sums for each of the values of the task, after them any counts of cells."""
        raise NotImplementedError

    def run(self) -> Floats:
        """Return what the task asks for."""
        sums = self.sums()
        if self.problem.task.name in ("b", "c"):
            *sums, self.counts = sums
        return self.problem.account(sums)

    @classmethod
    def refuses(cls, problem: Problem) -> str:
        """Return why it cannot be measured here, or nothing."""
        missing = [name for name in cls.needs if importlib.util.find_spec(name) is None]
        if missing:
            return f"not installed: {', '.join(missing)}"
        if cls.coherent_only and problem.kind == "scatter":
            return "zones of single cells have no outline to draw"
        return ""

    @property
    def counting(self) -> bool:
        """Whether the task asks for cell counts beside the area."""
        return self.problem.task.name in ("b", "c")

    def place(self, keys: Array, values: Array) -> NDArray[np.generic]:
        """Return the table of values that came with their keys, in any order."""
        flat = np.zeros(self.problem.size, values.dtype)
        flat[keys] = values
        return self.problem.table(flat)
