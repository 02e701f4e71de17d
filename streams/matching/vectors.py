"""Bytes, 32 side by side, which the processor works on with one instruction.

Rows are parts of a flat array of bytes, one every `LANES`; sums end at 255. Numba does not find out by itself that
such loops may be run side by side (its arrays could overlap), and to look up 32 bytes in a table it knows no other way
than one after the other. Here both are written down as LLVM has them. For compiled functions alone.
"""

# Numba and llvmlite have no types to check.
# mypy: disable-error-code="no-untyped-def, misc, no-any-return"
from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LANES = 32
BYTE, WORD = ir.IntType(8), ir.IntType(64)
ROW, WORDS = ir.VectorType(BYTE, LANES), ir.VectorType(WORD, LANES)


def everywhere(value: int, vector: Any = ROW) -> Any:
    """A row that is the same number everywhere."""
    return ir.Constant(vector, [value] * vector.count)


class Rows:
    """Rows of one array, read and written."""

    def __init__(self, context: Any, builder: Any, kind: Any, array: Any) -> None:
        self.builder = builder
        self._data = context.make_array(kind)(context, builder, array).data

    def at(self, number: Any, size: int, vector: Any) -> Any:
        """Where item `number` begins, of so many of the array's numbers each."""
        place = self.builder.mul(number, WORD(size))
        return self.builder.bitcast(self.builder.gep(self._data, [place]), vector.as_pointer())

    def __getitem__(self, row: Any) -> Any:
        return self.builder.load(self.at(row, LANES, ROW), align=1)

    def __setitem__(self, row: Any, value: Any) -> None:
        self.builder.store(value, self.at(row, LANES, ROW), align=1)

    def sum(self, one: Any, two: Any) -> Any:
        kind = ir.FunctionType(ROW, [ROW, ROW])
        name = f"llvm.uadd.sat.v{LANES}i8"
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, name), [one, two])

    def either(self, where: Any, one: Any, two: Any) -> Any:
        return self.builder.select(where, one, two)

    def lower(self, one: Any, two: Any) -> Any:
        return self.either(self.builder.icmp_unsigned("<", one, two), one, two)

    def higher(self, one: Any, two: Any) -> Any:
        return self.either(self.builder.icmp_unsigned("<", one, two), two, one)

    def everywhere(self, number: Any) -> Any:
        """A row of one number."""
        byte = self.builder.trunc(number, BYTE) if number.type != BYTE else number
        nothing = ir.Constant(ROW, ir.Undefined)
        one = self.builder.insert_element(nothing, byte, ir.IntType(32)(0))
        return self.builder.shuffle_vector(one, nothing, everywhere(0, ir.VectorType(ir.IntType(32), LANES)))

    def are(self, row: Any, number: Any) -> Any:
        return self.builder.icmp_unsigned("==", self[row], self.everywhere(number))

    def are_both(self, row: Any, number: Any, other_row: Any, other_number: Any) -> Any:
        return self.builder.and_(self.are(row, number), self.are(other_row, other_number))


def signature_of(result: Any, *given: Any) -> Any:
    """All that is no array is a whole number."""
    return result(*(one if isinstance(one, types.Array) else types.int64 for one in given))


def _written(write: Any, grid: Any, *numbers: Any) -> Any:
    """Signature and code of what makes one row, the first that is named, of others and of numbers."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        rows = Rows(context, builder, signature.args[0], args[0])
        rows[args[1]] = write(rows, *args[1:])
        return context.get_dummy_value()

    return signature_of(types.void, grid, *numbers), code


def _least_of_three(rows: Rows, to: Any, *pairs: Any) -> Any:
    one, two, three = (rows.sum(rows[pairs[at]], rows[pairs[at + 1]]) for at in (0, 2, 4))
    return rows.lower(rows.lower(one, two), three)


@intrinsic
def fill(typing, grid, to, value):
    """A row of one number."""
    return _written(lambda rows, to, value: rows.everywhere(value), grid, to, value)


@intrinsic
def unpack_row(typing, grid, to, packed, at, shift, mask):
    """A row of the bits of 64-bit numbers, of which the first is at `at`, that remain after the shift and the mask."""

    def code(context, builder, signature, args):
        rows = Rows(context, builder, signature.args[0], args[0])
        numbers = Rows(context, builder, signature.args[2], args[2])
        found = builder.load(numbers.at(args[3], 1, WORDS), align=8)
        one = builder.insert_element(ir.Constant(WORDS, ir.Undefined), args[4], ir.IntType(32)(0))
        places = everywhere(0, ir.VectorType(ir.IntType(32), LANES))
        by = builder.shuffle_vector(one, ir.Constant(WORDS, ir.Undefined), places)
        bits = builder.trunc(builder.lshr(found, by), ROW)
        rows[args[1]] = builder.and_(bits, rows.everywhere(args[5]))
        return context.get_dummy_value()

    return signature_of(types.void, grid, to, packed, at, shift, mask), code


@intrinsic
def least_of_three(typing, grid, to, one, one_more, two, two_more, three, three_more):
    """A row of the least of three sums of rows."""
    return _written(_least_of_three, grid, to, one, one_more, two, two_more, three, three_more)


@intrinsic
def or_less(typing, grid, to, one, more, further):
    """Another row and what is added to it (a row, and a number), where that is less than what a row has."""
    return _written(
        lambda rows, to, one, more, further: rows.lower(
            rows[to], rows.sum(rows.sum(rows[one], rows[more]), rows.everywhere(further))
        ),
        grid,
        to,
        one,
        more,
        further,
    )


@intrinsic
def or_less_where(typing, grid, to, one, more, first, first_is, second, second_is):
    """The same, a number added, where two rows have two numbers."""
    return _written(
        lambda rows, to, one, more, *both: rows.lower(
            rows[to], rows.either(rows.are_both(*both), rows.sum(rows[one], rows.everywhere(more)), everywhere(255))
        ),
        grid,
        to,
        one,
        more,
        first,
        first_is,
        second,
        second_is,
    )


@intrinsic
def plus_number(typing, grid, to, one, number):
    """The sum of a row and a number."""
    return _written(lambda rows, to, one, number: rows.sum(rows[one], rows.everywhere(number)), grid, to, one, number)


@intrinsic
def not_above(typing, grid, to, number):
    """A row, and a number where the row is above it."""
    return _written(lambda rows, to, number: rows.lower(rows[to], rows.everywhere(number)), grid, to, number)


@intrinsic
def not_below(typing, grid, to, number):
    """A row, and a number where the row is below it."""
    return _written(lambda rows, to, number: rows.higher(rows[to], rows.everywhere(number)), grid, to, number)


@intrinsic
def plus(typing, grid, to, one, two):
    """The sum of two rows."""
    return _written(lambda rows, to, one, two: rows.sum(rows[one], rows[two]), grid, to, one, two)


@intrinsic
def plus_unless(typing, grid, to, more, row, number):
    """A number is added to a row where another has not this one."""
    return _written(
        lambda rows, to, more, row, number: rows.sum(
            rows[to], rows.either(rows.are(row, number), everywhere(0), rows.everywhere(more))
        ),
        grid,
        to,
        more,
        row,
        number,
    )


@intrinsic
def choose(typing, grid, to, row, number, one):
    """A row becomes another where a third has a number."""
    return _written(
        lambda rows, to, row, number, one: rows.either(rows.are(row, number), rows[one], rows[to]),
        grid,
        to,
        row,
        number,
        one,
    )


@intrinsic
def lower_of(typing, grid, to, one, two):
    """The lower of two rows."""
    return _written(lambda rows, to, one, two: rows.lower(rows[one], rows[two]), grid, to, one, two)


@intrinsic
def higher_of(typing, grid, to, one, two):
    """The higher of two rows."""
    return _written(lambda rows, to, one, two: rows.higher(rows[one], rows[two]), grid, to, one, two)


@intrinsic
def fill_where(typing, grid, to, value, first, first_is, second, second_is):
    """A row becomes a number where two others have two numbers."""
    return _written(
        lambda rows, to, value, *both: rows.either(rows.are_both(*both), rows.everywhere(value), rows[to]),
        grid,
        to,
        value,
        first,
        first_is,
        second,
        second_is,
    )
