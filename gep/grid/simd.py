"""What a processor can do and numba has no name for."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

#: Cells looked at together by :func:`changes`.
WIDTH = 64


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
