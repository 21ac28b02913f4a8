"""What a processor can do and numba has no name for."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: Cells looked at together by :func:`changes`.
WIDTH = 64
#: Cells added together by :func:`sum_float32`; it reads as many behind the last.
LANES = 16


@intrinsic
def changes(_context: Any, array: Any, place: Any) -> Any:
    """Return a mask of 64 bits; bit ``j`` is set where ``array[place + j]`` differs from the one before it.

    Reads ``array[place - 1]`` to ``array[place + 63]``; nothing checks that they exist.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        vector = ir.VectorType(context.get_data_type(signature.args[0].dtype), WIDTH)
        before = builder.sub(arguments[1], ir.Constant(arguments[1].type, 1))
        cells = [
            builder.load(builder.bitcast(builder.gep(made.data, [at]), vector.as_pointer()), align=1)
            for at in (arguments[1], before)
        ]
        return builder.bitcast(builder.icmp_unsigned("!=", *cells), ir.IntType(WIDTH))

    return types.uint64(array, types.intp), generate


@intrinsic
def lowest_bit(_context: Any, mask: Any) -> Any:
    """Return the place of the lowest set bit of a mask; 64 if none is set."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic
def leading_zeros(_context: Any, bits: Any) -> Any:
    """Return how many bits lie above the highest set bit of 64; 64 if none is set."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctlz(arguments[0], ir.Constant(ir.IntType(1), 0))

    return types.uint64(types.uint64), generate


@intrinsic
def add_product(_context: Any, table: Any, row: Any, factor: Any, other: Any) -> Any:
    """Add the product of two int64 to a sum of 128 bits: a row of a table of two int64, the lower first."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        wide = ir.IntType(128)
        at = builder.gep(made.data, [builder.shl(arguments[1], ir.Constant(arguments[1].type, 1))])
        sums = builder.bitcast(at, wide.as_pointer())
        product = builder.mul(*(builder.sext(a, wide) for a in arguments[2:]))
        builder.store(builder.add(builder.load(sums, align=8), product), sums, align=8)
        return context.get_dummy_value()

    return types.none(table, types.uint64, types.int64, types.int64), generate


@intrinsic
def plus(_context: Any, left: Any, right: Any) -> Any:
    """Add two floats of a sum whose terms may be taken in any order, because none of them is rounded.

    Without this freedom a compiler must add one after the other and cannot use wide registers.
    """

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.fadd(arguments[0], arguments[1], flags=("reassoc",))

    return types.float64(types.float64, types.float64), generate


@intrinsic
def sum_float32(_context: Any, values: Any, first: Any, stop: Any) -> Any:
    """Return the sum of float32 values, in any order, and the least and largest of their bits.

    Bits are those without sign, as unsigned integers; the least of them is told less one, so that those
    of zero become the largest. Reads ``LANES`` values from ``stop`` on; nothing checks that they exist.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        lanes = _Lanes(builder)
        begin, cells = builder.gep(made.data, [arguments[1]]), builder.sub(*reversed(arguments[1:]))
        whole = builder.and_(cells, ir.Constant(cells.type, -LANES))
        step = ir.Constant(cells.type, LANES)
        with cgutils.for_range_slice(builder, step.type(0), whole, step, intp=step.type) as (at, _):
            lanes.add(builder.gep(begin, [at]))
        lanes.add(builder.gep(begin, [whole]), builder.sub(cells, whole))
        return context.make_tuple(builder, signature.return_type, lanes.sums())

    result = types.Tuple((types.float64, types.uint32, types.uint32))
    return result(values, types.intp, types.intp), generate


class _Lanes:
    """Sums side by side, that of :func:`sum_float32` in the making."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder
        self.single, self.wide, self.bits = (
            ir.VectorType(kind, LANES) for kind in (ir.FloatType(), ir.DoubleType(), ir.IntType(32))
        )
        starts = self.wide([0.0] * LANES), self.bits([-1] * LANES), self.bits([0] * LANES)
        self.total, self.least, self.most = (cgutils.alloca_once_value(builder, one) for one in starts)

    def add(self, place: Any, cells: Any = None) -> None:
        """Add the values at a place, or so many of them."""
        builder = self.builder
        values = builder.load(builder.bitcast(place, self.single.as_pointer()), align=4)
        if cells is not None:
            none = ir.Constant(self.bits, ir.Undefined)
            first = builder.insert_element(none, builder.trunc(cells, ir.IntType(32)), ir.IntType(32)(0))
            many = builder.shuffle_vector(first, none, self.bits([0] * LANES))
            there = builder.icmp_unsigned("<", self.bits(list(range(LANES))), many)
            values = builder.select(there, values, self.single([0.0] * LANES))
        total = builder.fadd(builder.load(self.total), builder.fpext(values, self.wide))
        builder.store(total, self.total)
        size = builder.and_(builder.bitcast(values, self.bits), self.bits([0x7FFFFFFF] * LANES))
        self._keep(">", size, self.most)
        self._keep("<", builder.sub(size, self.bits([1] * LANES)), self.least)

    def _keep(self, relation: str, size: Any, place: Any) -> None:
        builder, kept = self.builder, self.builder.load(place)
        builder.store(builder.select(builder.icmp_unsigned(relation, size, kept), size, kept), place)

    def sums(self) -> list[Any]:
        """Return what the lanes hold together."""
        zero = ir.DoubleType()(-0.0)
        return [
            self._together("fadd", self.total, "f64", zero),
            self._together("umin", self.least, "i32"),
            self._together("umax", self.most, "i32"),
        ]

    def _together(self, name: str, place: Any, kind: str, *start: Any) -> Any:
        lanes = self.builder.load(place)
        function = cgutils.get_or_insert_function(
            self.builder.module,
            ir.FunctionType(lanes.type.element, [*(one.type for one in start), lanes.type]),
            f"llvm.vector.reduce.{name}.v{LANES}{kind}",
        )
        return self.builder.call(function, [*start, lanes], fastmath=("reassoc",) if start else ())


@intrinsic
def cell(_context: Any, arrays: Any, place: Any) -> Any:
    """Return one cell of each of a tuple of flat arrays, as floats; a number stands for an array of it."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = []
        for k, kind in enumerate(signature.args[0].types):
            value = builder.extract_value(arguments[0], k)
            if isinstance(kind, types.Array):
                made = context.make_array(kind)(context, builder, value)
                value = builder.load(builder.gep(made.data, [arguments[1]]))
            values.append(context.cast(builder, value, getattr(kind, "dtype", kind), types.float64))
        return context.make_tuple(builder, signature.return_type, values)

    return types.UniTuple(types.float64, len(arrays.types))(arrays, types.intp), generate
