"""What many numbers say together, in one, told with one instruction or few. For compiled functions alone."""

# Numba and llvmlite have no types to check.
# mypy: disable-error-code="no-untyped-def, misc, no-any-return"
from __future__ import annotations

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from streams.matching.vectors import BYTE, LANES, ROW, WORD, Rows, signature_of


@intrinsic
def where_not_above(typing, grid, row, other):
    """A bit for each lane in which a row is not above another."""

    def code(context, builder, signature, args):
        rows = Rows(context, builder, signature.args[0], args[0])
        found = builder.icmp_unsigned("<=", rows[args[1]], rows[args[2]])
        return builder.zext(builder.bitcast(found, ir.IntType(LANES)), WORD)

    return signature_of(types.int64, grid, row, other), code


@intrinsic
def where_within(typing, grid, row, first, last):
    """A bit for each lane in which a row is one of the numbers from the first to the last."""

    def code(context, builder, signature, args):
        rows = Rows(context, builder, signature.args[0], args[0])
        beyond = builder.sub(rows[args[1]], rows.everywhere(args[2]))
        found = builder.icmp_unsigned("<=", beyond, rows.everywhere(builder.sub(args[3], args[2])))
        return builder.zext(builder.bitcast(found, ir.IntType(LANES)), WORD)

    return signature_of(types.int64, grid, row, first, last), code


@intrinsic
def highest(typing, grid, row):
    """The highest number of a row."""

    def code(context, builder, signature, args):
        rows = Rows(context, builder, signature.args[0], args[0])
        kind = ir.FunctionType(BYTE, [ROW])
        name = f"llvm.vector.reduce.umax.v{LANES}i8"
        reduce = cgutils.get_or_insert_function(builder.module, kind, name)
        return builder.zext(builder.call(reduce, [rows[args[1]]]), WORD)

    return signature_of(types.int64, grid, row), code


@intrinsic
def bits_set(typing, bits):
    """How many bits are set."""

    def code(context, builder, signature, args):
        return builder.ctpop(args[0])

    return signature_of(types.int64, bits), code


@intrinsic
def any_in_common(typing, one, at, two, two_at):
    """Is one of four numbers in a row, of 32 bits, one of four in another array?"""

    def code(context, builder, signature, args):
        four = ir.VectorType(ir.IntType(32), 4)
        here = builder.load(Rows(context, builder, signature.args[0], args[0]).at(args[1], 1, four), align=4)
        there = builder.load(Rows(context, builder, signature.args[2], args[2]).at(args[3], 1, four), align=4)
        found = builder.icmp_signed("==", here, there)
        for turn in range(1, 4):
            turned = builder.shuffle_vector(there, there, ir.Constant(four, [(k + turn) % 4 for k in range(4)]))
            found = builder.or_(found, builder.icmp_signed("==", here, turned))
        return builder.icmp_unsigned("!=", builder.bitcast(found, ir.IntType(4)), ir.IntType(4)(0))

    return signature_of(types.boolean, one, at, two, two_at), code


@intrinsic
def first_of(typing, bits):
    """The number of the lowest bit that is set."""

    def code(context, builder, signature, args):
        return builder.cttz(args[0], ir.IntType(1)(0))

    return signature_of(types.int64, bits), code
