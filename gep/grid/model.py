"""Models: formulas that are computed block by block, without a raster of their result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gep import units
from gep.errors import GridError
from gep.formula import Formula
from gep.grid.fused import evaluate
from gep.grid.layers import valued

Float = np.float64
#: Gives cells the value of their zone or class, from sorted labels and their values.
Spread = Callable[[str, NDArray[np.int64], NDArray[Float]], NDArray[Float]]


class Model:
    """A formula and where its arguments come from.

    Parameters
    ----------
    formula : Formula
        For example :data:`gep.services.soil.retained`.
    **arguments : DataArray, Model or number
        A grid, a table over ``zone`` or ``class`` (labels as in the grids), another model, a
        quantity, or a bare number for an argument without unit. Arrays carry ``attrs["units"]``.

    Attributes
    ----------
    unit : str
        Unit of the result.

    Raises
    ------
    UnitError
        All arguments whose unit is missing or of the wrong dimension, at once.
    GridError
        Arguments are missing or not known.

    Examples
    --------
    >>> from gep.services.water import quick_flow
    >>> rain = xr.DataArray([[500.0, 700.0]], dims=("y", "x"), attrs={"units": "mm/year"})
    >>> by_class = xr.DataArray([0.1, 0.3], {"class": [1, 2]}, ("class",), attrs={"units": "1"})
    >>> Model(quick_flow, precipitation=rain, coefficient=by_class)
    Model(water.quick_flow [m/year] of precipitation, coefficient)
    """

    def __init__(self, formula: Formula[Any], **arguments: Any) -> None:
        lacking, strange = set(formula.arguments) - set(arguments), set(arguments) - set(formula.arguments)
        if lacking or strange:
            told = [f"{'lacks' if n in lacking else 'does not know'} {n}" for n in sorted(lacking | strange)]
            raise GridError(
                f"{formula.name} {', '.join(told)}", where="model", expected=", ".join(formula.arguments)
            )
        self.formula, self.arguments = formula, arguments
        self.declared, self.unit = formula.declared(**{n: _like(v) for n, v in arguments.items()})

    def grids(self) -> Iterator[tuple[str, xr.DataArray]]:
        """Yield the grids that the model reads, with their names, in the order of :meth:`compiled`."""
        for name, value in self.arguments.items():
            if isinstance(value, Model):
                yield from value.grids()
            elif isinstance(value, xr.DataArray) and value.ndim == 2:
                yield name, valued(value, name)

    def tables(self) -> set[str]:
        """Return by what its tables are: ``zone``, ``class``."""
        found: set[str] = set()
        for value in self.arguments.values():
            if isinstance(value, Model):
                found |= value.tables()
            elif isinstance(value, xr.DataArray) and value.ndim == 1:
                found.add(str(value.dims[0]))
        return found

    def compiled(self) -> Computed:
        """Return what computes the model from tiles; it holds no grid and travels to workers."""
        return Computed(self.formula, tuple(self._inputs()))

    def _inputs(self) -> Iterator[Input]:
        for name, value in self.arguments.items():
            declared = self.declared[name]
            if isinstance(value, Model):
                yield Input(name, value.unit, declared, value.compiled())
            elif isinstance(value, xr.DataArray) and value.ndim == 2:
                yield Input(name, units.units_of(value, name), declared, None)
            elif isinstance(value, xr.DataArray) and value.ndim == 1:
                yield Input(name, units.units_of(value, name), declared, _table(value, name))
            elif isinstance(value, xr.DataArray) and value.ndim > 2:
                raise GridError(f"it has dimensions {value.dims}", where=name, expected="rows and columns")
            else:
                number, unit = _number(value)
                yield Input(name, unit or declared, declared, number)

    def __repr__(self) -> str:
        return f"Model({self.formula.name} [{self.unit}] of {', '.join(self.arguments)})"


@dataclass(frozen=True)
class Table:
    """Values by zone or class, labels sorted."""

    by: str
    labels: NDArray[np.int64]
    values: NDArray[Float]


@dataclass(frozen=True)
class Input:
    """One argument: a computed one, a table, a number, or (None) the next grid."""

    name: str
    unit: str
    declared: str
    value: Computed | Table | float | None


@dataclass(frozen=True)
class Computed:
    """A model without its grids; called with tiles it gives values."""

    formula: Formula[Any]
    inputs: tuple[Input, ...]

    @property
    def width(self) -> int:
        """Return how many grids are read."""
        return sum(i.value.width if isinstance(i.value, Computed) else i.value is None for i in self.inputs)

    def __call__(
        self, tiles: tuple[NDArray[Any], ...], out: NDArray[Float], spread: Spread
    ) -> NDArray[Float]:
        """Return float64 values of the cells of flat tiles; ``out`` has room for them."""
        at, bare = 0, {}
        for one in self.inputs:
            value: Any = one.value
            if value is None:
                value, at = tiles[at], at + 1
            elif isinstance(value, Computed):
                value, at = value(tiles[at : at + value.width], np.empty(out.size), spread), at + value.width
            elif isinstance(value, Table):
                value = spread(value.by, value.labels, value.values)
            if one.unit != one.declared:
                value = units.convert(
                    np.asarray(value, Float) if np.ndim(value) else value, one.unit, one.declared
                )
            bare[one.name] = value
        kernel = self.formula.kernel
        order = kernel.__code__.co_varnames[: kernel.__code__.co_argcount]
        return evaluate(kernel, tuple(bare[name] for name in order), out)


def _like(value: Any) -> Any:
    """Return something small with the unit of an argument."""
    if isinstance(value, Model):
        return xr.DataArray(1.0, attrs={"units": value.unit})
    if isinstance(value, xr.DataArray):
        return xr.DataArray(1.0, attrs=value.attrs)
    return value


def _number(value: Any) -> tuple[float, str]:
    """Return a number and its unit, if it says one."""
    if isinstance(value, xr.DataArray):
        return float(value), units.units_of(value, "argument")
    if hasattr(value, "magnitude"):
        return float(value.magnitude), units.spell(value.units)
    return float(value), ""


def _table(value: xr.DataArray, name: str) -> Table:
    by = str(value.dims[0])
    if by not in ("zone", "class") or by not in value.coords:
        raise GridError(
            f"it has the dimension {by}", where=name,
            expected="a grid, or a table over zone or class with their labels as coordinate",
        )  # fmt: skip
    labels = value[by].to_numpy()
    if labels.dtype.kind not in "iu" or len(set(labels.tolist())) != labels.size:
        raise GridError(
            f"labels of {by} are {labels.dtype}", where=name, expected="whole numbers, none twice"
        )
    order = np.argsort(labels)
    return Table(by, labels[order].astype(np.int64), value.to_numpy()[order].astype(Float))
