"""A formula is a pure kernel on bare numbers, and the units it speaks.

Units are checked and converted once, where a call comes in; the kernel sees floats. ``replay``
runs the same kernel on pint quantities and so proves that the floats were right.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Literal, ParamSpec, TypeAlias

import numpy as np
import xarray as xr

from gep import units
from gep.errors import Faults, GridError, PriceYearError, UnitError

P = ParamSpec("P")
#: What a kernel takes and gives: a float, an array or a DataArray, in the declared unit.
Values: TypeAlias = Any

#: Declared unit of an argument whose unit the caller chooses; ``X/year`` meets ``money/X``.
FREE = re.compile(r"\bX\b")
_MONEY = re.compile(r"\bmoney\b")


@dataclass(eq=False)
class Formula(Generic[P]):
    """A kernel with declared units.

    Called with bare numbers it trusts them to be in the declared units; called with DataArrays
    or pint quantities it checks and converts every argument and states the unit of its result.

    Attributes
    ----------
    kernel : callable
        Arithmetic only; NaN in gives NaN out.
    result : str
        Unit of the result.
    arguments : mapping of str to str
        Unit of each argument. ``money`` stands for the one price year all arguments share,
        ``X`` for a unit that the first argument declared with it (``X/year``, ``X/m2/year``)
        brings along.
    kind : {"exact", "empirical"}
        ``exact`` formulas are proven by :func:`replay`; ``empirical`` ones keep the units of
        their publication and are held by golden values.
    cite : tuple of str
        Keys of ``sources.toml``, each with an optional ``:place``.
    """

    kernel: Callable[P, Values]
    result: str
    arguments: Mapping[str, str]
    kind: Literal["exact", "empirical"]
    cite: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return ``soil.retained`` for the kernel ``retained`` of ``gep.services.soil``."""
        return f"{self.kernel.__module__.rsplit('.', 1)[-1]}.{self.kernel.__name__}"

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Values:
        """Compute: bare numbers are trusted, arrays with units and quantities are checked."""
        bound = inspect.signature(self.kernel).bind(*args, **kwargs)
        bound.apply_defaults()
        if any(_carries_unit(value) for value in bound.arguments.values()):
            return self.measured(**bound.arguments)
        return self.kernel(*args, **kwargs)

    def measured(self, **given: Any) -> Values:
        """Check, convert and strip every argument, compute, and state the unit of the result.

        Raises
        ------
        UnitError
            All wrong arguments at once: name, unit got, unit expected, what to do.
        PriceYearError
            Two price years among the arguments.
        """
        found, declared, result = self._units(given)
        bare = {name: _strip(value, found[name], declared[name]) for name, value in given.items()}
        self._same_labels(bare)
        return _dress(self.kernel(**bare), result)  # type: ignore[call-arg]

    def declared(self, **given: Any) -> tuple[dict[str, str], str]:
        """Return the unit in which the kernel takes each argument, and the unit of the result.

        Raises
        ------
        UnitError
            All arguments without a unit or with one of another dimension, at once.
        """
        return self._units(given)[1:]

    def _units(self, given: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str], str]:
        """Return the unit of each argument, the declared one, and that of the result."""
        faults = Faults()
        found = _each(given, self._unit_of, faults)
        declared, result = self.declared_for(found)
        # X stays open where the argument that brings it has no unit
        settled = {name: unit for name, unit in found.items() if not FREE.search(declared[name])}
        _each(settled, lambda name, unit: units.convert(1.0, unit, declared[name]), faults)
        faults.raise_common(UnitError, f"formula {self.name}: arguments are wrong")
        return found, declared, result

    def _same_labels(self, bare: Mapping[str, Values]) -> None:
        """Refuse arrays whose coordinates differ: xarray would keep what they share and say nothing."""
        arrays = {name: value for name, value in bare.items() if isinstance(value, xr.DataArray)}
        try:
            xr.align(*arrays.values(), join="exact", copy=False)
        except ValueError as error:
            raise GridError(
                f"formula {self.name}: {', '.join(arrays)} do not have the same coordinates",
                expected="one grid, or the same labels",
                fix="gep.align(data, like=...) brings a grid on to another",
            ) from error

    def _unit_of(self, name: str, value: Any) -> str:
        if isinstance(value, xr.DataArray):
            text = units.units_of(value, name)
            units.parse(text)
            return text
        if hasattr(value, "magnitude"):
            return units.spell(value.units)
        if self.arguments[name] == "1":
            return "1"
        raise UnitError(
            f"{name} is a bare number beside arguments that carry units",
            expected=self.arguments[name],
            fix=f"gep.quantity({value!r}, '{self.arguments[name]}')",
        )

    def declared_for(self, found: Mapping[str, str]) -> tuple[dict[str, str], str]:
        """Return the declared units with ``money`` and ``X`` filled in from the units at hand."""
        money = {c for unit in found.values() for c in units.price_years(unit)}
        if len(money) > 1 and any(_MONEY.search(text) for text in self.arguments.values()):
            raise PriceYearError(
                f"formula {self.name} is given money of {' and '.join(sorted(money))}",
                expected="one currency of one price year",
                fix="deflate first; a deflator is a coefficient with unit such as CNY_2020/CNY_2015",
            )
        fill = {_MONEY: next(iter(money), "money")}
        free = next((n for n, text in self.arguments.items() if text.startswith("X")), None)
        if free is not None and free in found:
            # X is what is left of the caller's unit without the rest of the declared one
            rest = units.parse(FREE.sub("1", self.arguments[free]))
            fill[FREE] = f"({units.spell(units.parse(found[free]) / rest)})"

        def filled(text: str) -> str:
            for pattern, replacement in fill.items():
                text = pattern.sub(replacement, text)
            return text

        result = filled(self.result)
        if FREE.search(self.result):
            result = units.spell(result)
        return {name: filled(text) for name, text in self.arguments.items()}, result

    def __reduce__(self) -> tuple[object, ...]:
        return _by_name, (self.kernel.__module__, self.kernel.__name__)

    def replay(self) -> None:
        """Prove the units; see :func:`replay`."""
        replay(self)


def formula(
    result: str,
    *,
    cite: str | tuple[str, ...],
    kind: Literal["exact", "empirical"] = "exact",
    **arguments: str,
) -> Callable[[Callable[P, Values]], Formula[P]]:
    """Declare the units that a kernel speaks.

    Parameters
    ----------
    result : str
        Unit of the result.
    cite : str or tuple of str
        Source keys, each with an optional ``:place``.
    kind : {"exact", "empirical"}
        See :class:`Formula`.
    **arguments : str
        Unit of each parameter of the kernel, all of them.

    Examples
    --------
    >>> @formula("m3/m2/year", depth="mm/year", share="1", cite="garze-2010")
    ... def kept(depth, share):
    ...     return depth * share
    >>> kept(500.0, 0.4)
    200.0
    >>> kept.replay()  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    gep.errors.UnitError: formula ...kept yields ... a factor of 1000 is hidden or missing...
    """

    def wrap(kernel: Callable[P, Values]) -> Formula[P]:
        names = list(inspect.signature(kernel).parameters)
        if set(names) != set(arguments):
            raise UnitError(
                f"formula {kernel.__name__} declares units for {sorted(arguments)}",
                expected=f"a unit for each of {names}",
            )
        cited = (cite,) if isinstance(cite, str) else cite
        made = Formula(kernel, result, arguments, kind, cited)
        functools.update_wrapper(made, kernel, updated=())
        return made

    return wrap


def replay(formula: Formula[P]) -> None:
    """Run a formula on pint quantities and demand the declared dimension and scale.

    Catches a missing factor 10, a forgotten 44/12, two price years added, a density added to a
    total, millimetres read as metres.

    Raises
    ------
    UnitError
        The kernel does not yield its declared unit.
    """
    for free in _free_units(formula):
        declared = {n: FREE.sub(free, text) for n, text in formula.arguments.items()}
        result = FREE.sub(free, formula.result)
        for sample in range(1, 4):
            _replay_once(formula, declared, result, sample)


def _free_units(formula: Formula[P]) -> tuple[str, ...]:
    return ("m3", "tCO2", "kWh") if FREE.search(" ".join(formula.arguments.values())) else ("",)


def _replay_once(formula: Formula[P], declared: dict[str, str], result: str, sample: int) -> None:
    numbers = {name: _sample(i, unit, sample) for i, (name, unit) in enumerate(declared.items())}
    kernel: Callable[..., Values] = formula.kernel
    floats = float(kernel(**numbers))
    quantities = {name: units.quantity(value, declared[name]) for name, value in numbers.items()}
    expected = f"{floats:g} {result}"
    try:
        outcome = units.quantity(1.0, "1") * kernel(**quantities)
        measured = float(outcome.to(units.parse(result)).magnitude)
    except Exception as error:
        if isinstance(error, UnitError) or type(error).__module__.startswith("pint"):
            what = f"formula {formula.name} breaks on quantities: {error}"
            raise UnitError(what, expected=expected) from error
        raise
    if not np.isclose(measured, floats, rtol=1e-12, atol=0.0):
        raise UnitError(
            f"formula {formula.name} yields {measured:g} {result} on quantities",
            expected=f"{expected}, as on bare numbers",
            fix=f"a factor of {floats / measured:g} is hidden or missing in the kernel" if measured else "",
        )


def _sample(position: int, unit: str, sample: int) -> float:
    """Return a number in (0, 1); no two arguments of one replay share theirs."""
    share = (0.137 + 0.618034 * (position + 1) + 0.271 * sample) % 0.9 + 0.05
    return share * (100.0 if unit == "%" else 1.0)


def _each(given: Mapping[str, Any], do: Callable[[str, Any], Any], faults: Faults) -> dict[str, Any]:
    """Do something to each argument, and note those that fail."""
    done: dict[str, Any] = {}
    for name, value in given.items():
        try:
            done[name] = do(name, value)
        except UnitError as error:
            faults.take(error, where=f"argument {name!r}")
    return done


def _by_name(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)


def _carries_unit(value: Any) -> bool:
    return isinstance(value, xr.DataArray) or hasattr(value, "magnitude")


def _strip(value: Any, unit: str, declared: str) -> Values:
    if isinstance(value, xr.DataArray):
        return units.convert(value.drop_attrs(deep=False), unit, declared)
    number = value.magnitude if hasattr(value, "magnitude") else value
    return units.convert(number, unit, declared)


def _dress(value: Values, unit: str) -> Values:
    if isinstance(value, xr.DataArray):
        return value.assign_attrs(units=unit)
    return units.quantity(value, unit)
