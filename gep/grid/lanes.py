"""Adding up a run in wide registers: many cells at a time, and of the last only those that there are.

A compiler would add what is left of a run cell by cell, which for short runs is most of the work.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: Cells added together; so many are read behind the last.
LANES = 16
_FLOAT, _DOUBLE, _INT, _BIT = ir.FloatType(), ir.DoubleType(), ir.IntType(32), ir.IntType(1)


@intrinsic
def sum_float32(_context: Any, values: Any, first: Any, stop: Any) -> Any:
    """Return the sum of float32 values, in any order, and the least and largest of their bits.

    Bits are those without sign, as unsigned integers; the least of them is told less one, so that those
    of zero become the largest. Reads ``LANES`` values from ``stop`` on; nothing checks that they exist.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        lanes = _Lanes(builder)
        total, least, most = lanes.keep(_DOUBLE, 0.0), lanes.keep(_INT, -1), lanes.keep(_INT, 0)

        def add(cells: Any) -> None:
            wide = builder.fpext(cells, lanes.of(_DOUBLE))
            builder.store(builder.fadd(builder.load(total), wide), total)
            size = builder.and_(builder.bitcast(cells, lanes.of(_INT)), lanes.all(_INT, 0x7FFFFFFF))
            for place, relation, one in (
                (most, ">", size),
                (least, "<", builder.sub(size, lanes.all(_INT, 1))),
            ):
                kept = builder.load(place)
                builder.store(builder.select(builder.icmp_unsigned(relation, one, kept), one, kept), place)

        lanes.run(made.data, arguments[1], arguments[2], add)
        found = lanes.sum(total), lanes.together("umin", least), lanes.together("umax", most)
        return context.make_tuple(builder, signature.return_type, found)

    result = types.Tuple((types.float64, types.uint32, types.uint32))
    return result(values, types.intp, types.intp), generate


@intrinsic
def sum_cut(_context: Any, values: Any, first: Any, stop: Any, weight: Any, round_: Any, limit: Any) -> Any:
    """Return the sums of the two integers to which values x weight are cut, and whether none is odd.

    The first integer is the product rounded, the second ``limit`` times what that leaves, rounded; a value
    is odd if the product is not below ``limit`` or if anything is left then. Adding and taking away
    ``round_`` rounds. Reads ``LANES`` values from ``stop`` on; nothing checks that they exist.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        lanes = _Lanes(builder)
        high, low, odd = lanes.keep(_DOUBLE, 0.0), lanes.keep(_DOUBLE, 0.0), lanes.keep(_BIT, 0)
        weights, rounds, limits = (lanes.spread(one) for one in arguments[3:])

        def rounded(one: Any) -> Any:
            return builder.fsub(builder.fadd(one, rounds), rounds)

        def add(cells: Any) -> None:
            wide = cells if cells.type.element == _DOUBLE else builder.fpext(cells, lanes.of(_DOUBLE))
            product = builder.fmul(wide, weights)
            whole = rounded(product)
            rest = builder.fmul(builder.fsub(product, whole), limits)
            second = rounded(rest)
            for place, one in ((high, whole), (low, second)):
                builder.store(builder.fadd(builder.load(place), one), place)
            far = builder.fcmp_unordered(">=", lanes.call("fabs", product), limits)
            left = builder.or_(far, builder.fcmp_unordered("!=", rest, second))
            builder.store(builder.or_(builder.load(odd), left), odd)

        lanes.run(made.data, arguments[1], arguments[2], add)
        even = builder.not_(lanes.together("or", odd))
        found = lanes.sum(high), lanes.sum(low), context.cast(builder, even, types.boolean, types.boolean)
        return context.make_tuple(builder, signature.return_type, found)

    number = types.float64
    result = types.Tuple((number, number, types.boolean))
    return result(values, types.intp, types.intp, number, number, number), generate


class _Lanes:
    """Code for numbers side by side."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder

    def of(self, kind: Any) -> Any:
        """Return the type of lanes of a kind."""
        return ir.VectorType(kind, LANES)

    def all(self, kind: Any, value: Any) -> Any:
        """Return a constant in all lanes."""
        return self.of(kind)([value] * LANES)

    def spread(self, value: Any) -> Any:
        """Return a value in all lanes."""
        none = ir.Constant(self.of(value.type), ir.Undefined)
        return self.builder.shuffle_vector(
            self.builder.insert_element(none, value, _INT(0)), none, self.all(_INT, 0)
        )

    def keep(self, kind: Any, value: Any) -> Any:
        """Return a place for lanes that begin with a value."""
        return cgutils.alloca_once_value(self.builder, self.all(kind, value))

    def run(self, data: Any, first: Any, stop: Any, add: Callable[[Any], None]) -> None:
        """Let ``add`` take the cells ``first`` to ``stop``, zeros behind the last."""
        builder, step = self.builder, first.type(LANES)
        lanes = self.of(data.type.pointee)

        def cells(at: Any) -> Any:
            place = builder.gep(data, [builder.add(first, at)])
            return builder.load(builder.bitcast(place, lanes.as_pointer()), align=4)

        many = builder.sub(stop, first)
        whole = builder.and_(many, step.type(-LANES))
        with cgutils.for_range_slice(builder, step.type(0), whole, step, intp=step.type) as (at, _):
            add(cells(at))
        rest = self.spread(builder.trunc(builder.sub(many, whole), _INT))
        there = builder.icmp_unsigned("<", self.of(_INT)(list(range(LANES))), rest)
        add(builder.select(there, cells(whole), lanes([0.0] * LANES)))

    def sum(self, place: Any) -> Any:
        """Return the sum of all lanes, in any order."""
        return self.together("fadd", place, _DOUBLE(-0.0), flags=("reassoc",))

    def together(self, name: str, place: Any, *start: Any, flags: tuple[str, ...] = ()) -> Any:
        """Return what one operation makes of all lanes."""
        return self.call(f"vector.reduce.{name}", *start, self.builder.load(place), flags=flags)

    def call(self, name: str, *values: Any, flags: tuple[str, ...] = ()) -> Any:
        """Return what a function of the compiler says of lanes, the last of ``values``."""
        lanes = values[-1].type
        kind = {_DOUBLE: "f64", _INT: "i32", _BIT: "i1"}[lanes.element]
        returned = lanes.element if name.startswith("vector") else lanes
        function = cgutils.get_or_insert_function(
            self.builder.module,
            ir.FunctionType(returned, [one.type for one in values]),
            f"llvm.{name}.v{LANES}{kind}",
        )
        return self.builder.call(function, values, fastmath=flags)
