"""Engines that group the rows of a table: pandas, polars, duckdb. One row is one cell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.peers.base import THREADS, Peer

if TYPE_CHECKING:
    from benchmarks.tasks import Array, Floats, Problem


class Frame(Peer):
    """A table with the arrays of the task as columns, not copied, and the area of each cell beside."""

    family = "general engine"

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        columns = {"zone": problem.zones}
        if problem.task.by_class:
            columns |= {"cls": problem.classes, "area": np.ascontiguousarray(problem.area())}
        columns |= problem.fields
        self.frame = self.load({name: column.reshape(-1) for name, column in columns.items()})

    def load(self, columns: dict[str, Array]) -> Any:
        """Return the table of the engine."""
        raise NotImplementedError

    def terms(self) -> dict[str, str]:
        """Return the expressions to add up, by name, in words that every engine here understands."""
        task, fields = self.problem.task.name, list(self.problem.fields)
        if task == "a":
            return {fields[0]: fields[0]}
        if task == "c2":
            return {name: f"{name} * area" for name in fields}
        if task == "d":
            return {"retained": "erosivity * erodibility * slope * (1 - cover * practice) * area"}
        return {"total": "area"}

    def collect(self, columns: dict[str, Array]) -> list[Floats]:
        """Return tables from the columns of the grouped frame: the keys, the sums, the counts."""
        problem = self.problem
        keys = columns.pop("zone").astype(np.int64)
        if problem.task.by_class:
            keys = keys * problem.n_classes + columns.pop("cls")
        return [self.place(keys, column) for column in columns.values()]


class Pandas(Frame):
    """``groupby`` on one combined key, unsorted, which is faster than on two."""

    name = "pandas"

    def load(self, columns: dict[str, Array]) -> Any:
        import pandas as pd

        return pd.DataFrame(columns, copy=False)

    def sums(self) -> list[Floats]:
        import pandas as pd

        problem, frame = self.problem, self.frame
        key = frame["zone"]
        if problem.task.by_class:
            key = key * np.int32(problem.n_classes) + frame["cls"]
        values = {
            name: frame.eval(term) if term != name else frame[name] for name, term in self.terms().items()
        }
        groups = pd.DataFrame(values, copy=False).astype("float64").groupby(key, sort=False)
        summed = groups.sum()
        found = [summed[name] for name in values] + ([groups.size()] if self.counting else [])
        return [self.place(summed.index.to_numpy(), column.to_numpy()) for column in found]


class Polars(Frame):
    """A lazy ``group_by`` on a combined key, float32 widened inside the sum."""

    name = "polars"
    needs = ("polars",)

    def load(self, columns: dict[str, Array]) -> Any:
        import polars as pl

        return pl.DataFrame(columns)

    def sums(self) -> list[Floats]:
        import polars as pl

        key = pl.col("zone")
        if self.problem.task.by_class:
            key = key * self.problem.n_classes + pl.col("cls").cast(pl.Int32)
        wanted = [pl.sql_expr(term).cast(pl.Float64).sum().alias(name) for name, term in self.terms().items()]
        wanted += [pl.len().cast(pl.Int64).alias("cells")] if self.counting else []
        grouped = self.frame.lazy().group_by(key.alias("key")).agg(wanted).collect()
        keys, *columns = (grouped[name].to_numpy() for name in grouped.columns)
        return [self.place(keys, column) for column in columns]


class Duckdb(Frame):
    """SQL on an Arrow table of the arrays."""

    name = "duckdb"
    family = "general engine"
    needs = ("duckdb", "pyarrow")
    source = "cells"

    def load(self, columns: dict[str, Array]) -> Any:
        import duckdb
        import pyarrow as pa

        connection = duckdb.connect(config={"threads": THREADS})
        connection.register("cells", pa.table(columns))
        return connection

    def sums(self) -> list[Floats]:
        keys = "zone, cls" if self.problem.task.by_class else "zone"
        wanted = [f"sum({term}) as {name}" for name, term in self.terms().items()]
        wanted += ["count(*) as cells"] if self.counting else []
        query = f"select {keys}, {', '.join(wanted)} from {self.source} group by {keys}"  # noqa: S608
        return self.collect(self.frame.execute(query).fetchnumpy())


class DuckdbTable(Duckdb):
    """SQL on a table that was copied into duckdb before; the copying is not in the time."""

    name = "duckdb, loaded"
    source = "loaded"

    def load(self, columns: dict[str, Array]) -> Any:
        connection = super().load(columns)
        connection.execute("create table loaded as select * from cells")
        connection.unregister("cells")
        return connection


PEERS = (Pandas, Polars, Duckdb, DuckdbTable)
