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
TABLE = 48
"""Bytes of a table that is looked up in."""

_BYTE, _WORD = ir.IntType(8), ir.IntType(64)
_ROW, _WORDS = ir.VectorType(_BYTE, LANES), ir.VectorType(_WORD, LANES)
_PART = 16
"""Bytes that are looked up in at once."""
PARTS = TABLE // _PART
_HALF = ir.VectorType(_BYTE, _PART)


def _all(value: int, vector: Any = _ROW) -> Any:
    return ir.Constant(vector, [value] * vector.count)


class _Rows:
    """Rows of one array, read and written."""

    def __init__(self, context: Any, builder: Any, kind: Any, array: Any) -> None:
        self.builder = builder
        self._data = context.make_array(kind)(context, builder, array).data

    def at(self, number: Any, size: int, vector: Any) -> Any:
        """Where item `number` begins, of so many of the array's numbers each."""
        place = self.builder.mul(number, _WORD(size))
        return self.builder.bitcast(self.builder.gep(self._data, [place]), vector.as_pointer())

    def __getitem__(self, row: Any) -> Any:
        return self.builder.load(self.at(row, LANES, _ROW), align=1)

    def __setitem__(self, row: Any, value: Any) -> None:
        self.builder.store(value, self.at(row, LANES, _ROW), align=1)

    def sum(self, one: Any, two: Any) -> Any:
        kind = ir.FunctionType(_ROW, [_ROW, _ROW])
        name = f"llvm.uadd.sat.v{LANES}i8"
        return self.builder.call(cgutils.get_or_insert_function(self.builder.module, kind, name), [one, two])

    def lower(self, one: Any, two: Any) -> Any:
        return self.builder.select(self.builder.icmp_unsigned("<", one, two), one, two)

    def everywhere(self, number: Any) -> Any:
        """A row of one number."""
        byte = self.builder.trunc(number, _BYTE) if number.type != _BYTE else number
        nothing = ir.Constant(_ROW, ir.Undefined)
        one = self.builder.insert_element(nothing, byte, ir.IntType(32)(0))
        return self.builder.shuffle_vector(one, nothing, _all(0, ir.VectorType(ir.IntType(32), LANES)))

    def are(self, row: Any, number: Any) -> Any:
        return self.builder.icmp_unsigned("==", self[row], self.everywhere(number))


def _signature(result: Any, *given: Any) -> Any:
    """All that is no array is a whole number."""
    return result(*(one if isinstance(one, types.Array) else types.int64 for one in given))


@intrinsic
def fill(typing, grid, to, value):
    """A row of one number."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        rows[args[1]] = rows.everywhere(args[2])
        return context.get_dummy_value()

    return _signature(types.void, grid, to, value), code


@intrinsic
def unpack_row(typing, grid, to, packed, at, shift, mask):
    """A row of the bits of 64-bit numbers, of which the first is at `at`, that remain after the shift and the mask."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        numbers = _Rows(context, builder, signature.args[2], args[2])
        found = builder.load(numbers.at(args[3], 1, _WORDS), align=8)
        one = builder.insert_element(ir.Constant(_WORDS, ir.Undefined), args[4], ir.IntType(32)(0))
        places = _all(0, ir.VectorType(ir.IntType(32), LANES))
        by = builder.shuffle_vector(one, ir.Constant(_WORDS, ir.Undefined), places)
        bits = builder.trunc(builder.lshr(found, by), _ROW)
        rows[args[1]] = builder.and_(bits, rows.everywhere(args[5]))
        return context.get_dummy_value()

    return _signature(types.void, grid, to, packed, at, shift, mask), code


@intrinsic
def split_places(typing, grid, to, codes):
    """Put down, in `PARTS` rows, where in each part of a table the codes of another row are, for `look_up`."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        for part in range(PARTS):
            # What is in another part has its highest bit set, for which a look-up brings a zero.
            within = builder.sub(rows[args[2]], _all(part * _PART))
            rows[builder.add(args[1], _WORD(part))] = rows.sum(within, _all(128 - _PART))
        return context.get_dummy_value()

    return _signature(types.void, grid, to, codes), code


@intrinsic
def look_up(typing, grid, to, places, table, at):
    """A row of what a table, of which `at` is the number, says of codes; see `split_places`."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        tables = _Rows(context, builder, signature.args[3], args[3])
        begin, found = builder.mul(args[4], _WORD(PARTS)), None
        for part in range(PARTS):
            here = builder.load(tables.at(builder.add(begin, _WORD(part)), _PART, _HALF), align=1)
            one = _look_up_part(context, builder, here, rows[builder.add(args[2], _WORD(part))])
            found = one if found is None else builder.or_(found, one)
        rows[args[1]] = found
        return context.get_dummy_value()

    return _signature(types.void, grid, to, places, table, at), code


def _look_up_part(context: Any, builder: Any, table: Any, places: Any) -> Any:
    """What a table of 16 bytes has in these places: in the way of the processor that the code is made for."""
    _, _, known = context.codegen().magic_tuple()
    known = known.split(",")
    twice = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [lane % _PART for lane in range(LANES)])
    if "+avx2" in known:
        kind = ir.FunctionType(_ROW, [_ROW, _ROW])
        shuffle = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.avx2.pshuf.b")
        return builder.call(shuffle, [builder.shuffle_vector(table, table, twice), places])
    if "+ssse3" in known:
        kind = ir.FunctionType(_HALF, [_HALF, _HALF])
        shuffle = cgutils.get_or_insert_function(builder.module, kind, "llvm.x86.ssse3.pshuf.b.128")
        halves = []
        for begin in (0, _PART):
            mask = ir.Constant(ir.VectorType(ir.IntType(32), _PART), list(range(begin, begin + _PART)))
            halves.append(builder.call(shuffle, [table, builder.shuffle_vector(places, places, mask)]))
        whole = ir.Constant(ir.VectorType(ir.IntType(32), LANES), list(range(LANES)))
        return builder.shuffle_vector(halves[0], halves[1], whole)
    found = _all(0)
    for lane in range(LANES):
        number = ir.IntType(32)(lane)
        place = builder.extract_element(places, number)
        byte = builder.extract_element(table, builder.and_(place, _BYTE(_PART - 1)))
        byte = builder.select(builder.icmp_signed("<", place, _BYTE(0)), _BYTE(0), byte)
        found = builder.insert_element(found, byte, number)
    return found


@intrinsic
def least_of_three(typing, grid, to, one, one_more, two, two_more, three, three_more):
    """A row of the least of three sums of rows."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        sums = [rows.sum(rows[args[at]], rows[args[at + 1]]) for at in (2, 4, 6)]
        rows[args[1]] = rows.lower(rows.lower(sums[0], sums[1]), sums[2])
        return context.get_dummy_value()

    return _signature(types.void, grid, to, one, one_more, two, two_more, three, three_more), code


@intrinsic
def or_less(typing, grid, to, one, more, further):
    """Another row and what is added to it (a row, and a number everywhere), where that is less than what a row has."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        found = rows.sum(rows.sum(rows[args[2]], rows[args[3]]), rows.everywhere(args[4]))
        rows[args[1]] = rows.lower(rows[args[1]], found)
        return context.get_dummy_value()

    return _signature(types.void, grid, to, one, more, further), code


@intrinsic
def or_less_where(typing, grid, to, one, more, first, first_is, second, second_is):
    """The same, a number added, where two rows have two numbers."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        both = builder.and_(rows.are(args[4], args[5]), rows.are(args[6], args[7]))
        found = rows.sum(rows[args[2]], rows.everywhere(args[3]))
        rows[args[1]] = rows.lower(rows[args[1]], builder.select(both, found, _all(255)))
        return context.get_dummy_value()

    return _signature(types.void, grid, to, one, more, first, first_is, second, second_is), code


@intrinsic
def plus_number(typing, grid, to, one, number):
    """The sum of a row and a number."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        rows[args[1]] = rows.sum(rows[args[2]], rows.everywhere(args[3]))
        return context.get_dummy_value()

    return _signature(types.void, grid, to, one, number), code


@intrinsic
def not_above(typing, grid, to, number):
    """A row, where it is not above a number; there the number."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        rows[args[1]] = rows.lower(rows[args[1]], rows.everywhere(args[2]))
        return context.get_dummy_value()

    return _signature(types.void, grid, to, number), code


@intrinsic
def not_below(typing, grid, to, number):
    """A row, where it is not below a number; there the number."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        row, least = rows[args[1]], rows.everywhere(args[2])
        rows[args[1]] = builder.select(builder.icmp_unsigned("<", row, least), least, row)
        return context.get_dummy_value()

    return _signature(types.void, grid, to, number), code


@intrinsic
def plus(typing, grid, to, one, two):
    """The sum of two rows."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        rows[args[1]] = rows.sum(rows[args[2]], rows[args[3]])
        return context.get_dummy_value()

    return _signature(types.void, grid, to, one, two), code


@intrinsic
def plus_unless(typing, grid, to, more, row, number):
    """A number is added to a row where another has not this one."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        added = builder.select(rows.are(args[3], args[4]), _all(0), rows.everywhere(args[2]))
        rows[args[1]] = rows.sum(rows[args[1]], added)
        return context.get_dummy_value()

    return _signature(types.void, grid, to, more, row, number), code


@intrinsic
def choose(typing, grid, to, row, number, one):
    """A row becomes another where a third has a number."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        rows[args[1]] = builder.select(rows.are(args[2], args[3]), rows[args[4]], rows[args[1]])
        return context.get_dummy_value()

    return _signature(types.void, grid, to, row, number, one), code


@intrinsic
def lower_of(typing, grid, to, one, two):
    """The lower of two rows."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        rows[args[1]] = rows.lower(rows[args[2]], rows[args[3]])
        return context.get_dummy_value()

    return _signature(types.void, grid, to, one, two), code


@intrinsic
def higher_of(typing, grid, to, one, two):
    """The higher of two rows."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        first, second = rows[args[2]], rows[args[3]]
        rows[args[1]] = builder.select(builder.icmp_unsigned("<", first, second), second, first)
        return context.get_dummy_value()

    return _signature(types.void, grid, to, one, two), code


@intrinsic
def where_not_above(typing, grid, row, other):
    """A bit for each lane in which a row is not above another."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        found = builder.icmp_unsigned("<=", rows[args[1]], rows[args[2]])
        return builder.zext(builder.bitcast(found, ir.IntType(LANES)), _WORD)

    return _signature(types.int64, grid, row, other), code


@intrinsic
def where_within(typing, grid, row, first, last):
    """A bit for each lane in which a row is one of the numbers from the first to the last."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        beyond = builder.sub(rows[args[1]], rows.everywhere(args[2]))
        found = builder.icmp_unsigned("<=", beyond, rows.everywhere(builder.sub(args[3], args[2])))
        return builder.zext(builder.bitcast(found, ir.IntType(LANES)), _WORD)

    return _signature(types.int64, grid, row, first, last), code


@intrinsic
def highest(typing, grid, row):
    """The highest number of a row."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        kind = ir.FunctionType(_BYTE, [_ROW])
        name = f"llvm.vector.reduce.umax.v{LANES}i8"
        reduce = cgutils.get_or_insert_function(builder.module, kind, name)
        return builder.zext(builder.call(reduce, [rows[args[1]]]), _WORD)

    return _signature(types.int64, grid, row), code


@intrinsic
def bits_set(typing, bits):
    """How many bits are set."""

    def code(context, builder, signature, args):
        return builder.ctpop(args[0])

    return _signature(types.int64, bits), code


@intrinsic
def any_in_common(typing, one, at, two, two_at):
    """Is one of four numbers in a row, of 32 bits, one of four in another array?"""

    def code(context, builder, signature, args):
        four = ir.VectorType(ir.IntType(32), 4)
        here = builder.load(_Rows(context, builder, signature.args[0], args[0]).at(args[1], 1, four), align=4)
        there = builder.load(_Rows(context, builder, signature.args[2], args[2]).at(args[3], 1, four), align=4)
        found = builder.icmp_signed("==", here, there)
        for turn in range(1, 4):
            turned = builder.shuffle_vector(there, there, ir.Constant(four, [(k + turn) % 4 for k in range(4)]))
            found = builder.or_(found, builder.icmp_signed("==", here, turned))
        return builder.icmp_unsigned("!=", builder.bitcast(found, ir.IntType(4)), ir.IntType(4)(0))

    return _signature(types.boolean, one, at, two, two_at), code


@intrinsic
def first_of(typing, bits):
    """The number of the lowest bit that is set."""

    def code(context, builder, signature, args):
        return builder.cttz(args[0], ir.IntType(1)(0))

    return _signature(types.int64, bits), code


@intrinsic
def fill_where(typing, grid, to, value, first, first_is, second, second_is):
    """A row becomes a number where two others have two numbers."""

    def code(context, builder, signature, args):
        rows = _Rows(context, builder, signature.args[0], args[0])
        both = builder.and_(rows.are(args[3], args[4]), rows.are(args[5], args[6]))
        rows[args[1]] = builder.select(both, rows.everywhere(args[2]), rows[args[1]])
        return context.get_dummy_value()

    return _signature(types.void, grid, to, value, first, first_is, second, second_is), code
