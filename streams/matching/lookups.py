"""Tables of bytes, looked up in 32 at a time (`vectors.py`). For compiled functions alone."""

# Numba and llvmlite have no types to check.
# mypy: disable-error-code="no-untyped-def, misc, no-any-return"
from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from streams.matching.vectors import BYTE, LANES, ROW, WORD, Rows, everywhere, signature_of

TABLE = 48
"""Bytes of a table."""
_PART = 16
"""Bytes that are looked up in at once."""
PARTS = TABLE // _PART
_HALF = ir.VectorType(BYTE, _PART)


@intrinsic
def split_places(typing, grid, to, codes):
    """Put down, in `PARTS` rows, where in each part of a table the codes of another row are, for `look_up`."""

    def code(context, builder, signature, args):
        rows = Rows(context, builder, signature.args[0], args[0])
        for part in range(PARTS):
            # What is in another part has its highest bit set, for which a look-up brings a zero.
            within = builder.sub(rows[args[2]], everywhere(part * _PART))
            rows[builder.add(args[1], WORD(part))] = rows.sum(within, everywhere(128 - _PART))
        return context.get_dummy_value()

    return signature_of(types.void, grid, to, codes), code


@intrinsic
def look_up(typing, grid, to, places, table, at):
    """A row of what a table, of which `at` is the number, says of codes; see `split_places`."""

    def code(context, builder, signature, args):
        rows = Rows(context, builder, signature.args[0], args[0])
        tables = Rows(context, builder, signature.args[3], args[3])
        begin, found = builder.mul(args[4], WORD(PARTS)), None
        for part in range(PARTS):
            here = builder.load(tables.at(builder.add(begin, WORD(part)), _PART, _HALF), align=1)
            one = _look_up_part(context, builder, here, rows[builder.add(args[2], WORD(part))])
            found = one if found is None else builder.or_(found, one)
        rows[args[1]] = found
        return context.get_dummy_value()

    return signature_of(types.void, grid, to, places, table, at), code


def _look_up_part(context: Any, builder: Any, table: Any, places: Any) -> Any:
    """What a table of 16 bytes has in these places: in the way of the processor that the code is made for."""
    _, _, known = context.codegen().magic_tuple()
    known = known.split(",")
    twice = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [lane % _PART for lane in range(LANES)])
    if "+avx2" in known:
        kind = ir.FunctionType(ROW, [ROW, ROW])
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
    found = everywhere(0)
    for lane in range(LANES):
        number = ir.IntType(32)(lane)
        place = builder.extract_element(places, number)
        byte = builder.extract_element(table, builder.and_(place, BYTE(_PART - 1)))
        byte = builder.select(builder.icmp_signed("<", place, BYTE(0)), BYTE(0), byte)
        found = builder.insert_element(found, byte, number)
    return found
