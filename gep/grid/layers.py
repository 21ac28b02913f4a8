"""Layers: the arrays that a pass over a grid reads, all in the rows and columns of one grid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from gep import units
from gep.errors import GridError
from gep.grid.georef import GridSpec, declared_missing

if TYPE_CHECKING:
    from gep.grid.cell_area import CellArea


def cells_of(data: xr.DataArray, spec: GridSpec, name: str) -> xr.DataArray:
    """Return a grid in the rows and columns of ``spec``, once it is known to lie on it.

    Bands of length one are dropped, turned dimensions turned back. Coordinates go as well: where
    they differ in the last digit, xarray would drop cells and say nothing.
    """
    own = GridSpec.of(data, name)
    spec.require(own, name)
    bands = [d for d in data.dims if d not in own.dims and data.sizes[d] == 1]
    if more := [str(d) for d in data.dims if d not in own.dims and data.sizes[d] > 1]:
        raise GridError(
            f"it has the dimensions {', '.join(more)} beside rows and columns", where=name,
            expected="one layer", fix=f"{name}.isel({more[0]}=0), or one field for each",
        )  # fmt: skip
    plain = data if data.dims == own.dims else data.squeeze(bands, drop=True).transpose(*own.dims)
    return xr.DataArray(plain.data, dims=spec.dims, attrs=data.attrs)


def valued(data: xr.DataArray, name: str) -> xr.DataArray:
    """Return a field in which what is declared missing is NaN.

    Raises
    ------
    GridError
        The field is packed, or holds something else than numbers.
    """
    packed = [
        k for k, v in {"scale_factor": 1.0, "add_offset": 0.0}.items() if float(data.attrs.get(k, v)) != v
    ]
    if packed:
        raise GridError(
            f"{name} is packed ({', '.join(packed)}) and not unpacked",
            expected="values in their unit", fix="open the file with mask_and_scale=True",
        )  # fmt: skip
    if data.dtype.kind not in "fiu":
        raise GridError(f"{name} holds {data.dtype}", expected="numbers")
    for fill in declared_missing(data, name):
        data = data.where(data != fill)
    return data


def labels_of(data: Any, name: str) -> tuple[Any, frozenset[int]]:
    """Return labels, and which of them are declared as nothing; in floats those become NaN.

    Raises
    ------
    GridError
        The labels are text, dates or truth values.
    """
    if data.dtype.kind not in "fiu":
        raise GridError(f"labels are of type {data.dtype}", where=name, expected="whole numbers")
    told = declared_missing(data, name) if isinstance(data, xr.DataArray) else []
    if data.dtype.kind == "f":
        for fill in told:
            data = data.where(data != fill)
        return data, frozenset()
    low, high = np.iinfo(data.dtype).min, np.iinfo(data.dtype).max
    fits = [int(v) for v in told if np.isfinite(v) and int(v) == v and low <= v <= high]
    # the engine reads the largest unsigned numbers as negative ones
    return data, frozenset(v - 2**64 if v >= 2**63 else v for v in fits)


def adds_up(unit: str) -> bool:
    """Tell whether values of cells are added as they are; else they are multiplied with the cell area.

    Raises
    ------
    GridError
        The unit is that of a class code.

    Examples
    --------
    >>> adds_up("person"), adds_up("mm/year"), adds_up("degC")
    (True, False, False)
    """
    kind = units.kind(unit)
    if kind == "category":
        raise GridError("class codes cannot be added up", fix="give them as classes")
    return kind == "amount"


class Layers:
    """Arrays of one shape, and the area of their cells.

    Attributes
    ----------
    shape : tuple of int
        Rows, columns.
    arrays : list
        numpy or dask arrays, in the order in which a block task takes them.
    names : list of str
        What they are called.
    """

    def __init__(self, first: Any, area: CellArea | None, name: str) -> None:
        self.spec: GridSpec | None = None
        self.given = area
        if isinstance(first, xr.DataArray) and area is None:
            self.spec = GridSpec.of(first, name)
        elif hasattr(first, "spec"):
            self.spec = first.spec
        elif area is None:
            raise GridError(
                "a bare array has no georeference", where=name,
                expected="a DataArray with CRS and coordinates, or the area of its cells",
                fix="gep.set_crs(xr.DataArray(...), 'EPSG:4326'), or area=CellArea.constant(900.0, shape)",
            )  # fmt: skip
        self.dims = first.dims if isinstance(first, xr.DataArray) else None
        self.shape = self.spec.shape if self.spec is not None else tuple(np.shape(first))
        self.arrays: list[Any] = []
        self.names: list[str] = []

    @property
    def area(self) -> CellArea:
        """Return the area of the cells."""
        if self.given is not None:
            return self.given
        assert self.spec is not None  # noqa: S101
        return self.spec.cell_area()

    @property
    def lazy(self) -> bool:
        """Tell whether any array is read block by block."""
        return any(hasattr(a, "dask") for a in self.arrays)

    def add(self, data: Any, name: str) -> None:
        """Add an array to those that are read.

        Raises
        ------
        GridError
            It does not lie on the grid, or has another shape.
        """
        if isinstance(data, xr.DataArray) and self.spec is not None:
            data = cells_of(data, self.spec, name).data
        elif isinstance(data, xr.DataArray):
            if self.dims is not None and set(data.dims) != set(self.dims):
                raise GridError(f"its dimensions are {data.dims}", where=name, expected=str(self.dims))
            data = data.transpose(*(self.dims or data.dims)).data
        if tuple(np.shape(data)) != self.shape:
            raise GridError(f"its shape is {np.shape(data)}", where=name, expected=str(self.shape))
        self.arrays.append(data)
        self.names.append(name)
