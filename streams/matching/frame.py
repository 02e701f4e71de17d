"""What an index holds, in one array of addresses: what compiled loops are given in the place of forty arrays.

Numba looks at each array of a call, which took longer than many an insertion. Whoever makes a frame keeps what it was
made of, and makes a new one when an array is replaced. Compiled.
"""

# Numba has no types to check.
# mypy: disable-error-code="no-untyped-def, misc, no-any-return"
from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from llvmlite import ir
from numba import carray
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from streams.matching.compiled import allocating
from streams.matching.lists import Lists
from streams.matching.room import Room
from streams.matching.stepped import Stepped
from streams.matching.store import Scales, Store

_ENTRY = 4
"""Numbers for each array: its address and its size in up to three directions."""


def _arrays(held: tuple[Any, ...]) -> Iterator[NDArray[Any]]:
    for one in held:
        if isinstance(one, tuple):
            yield from _arrays(one)
        else:
            yield one


def frame_of(store: Store, scales: Scales, room: Room) -> NDArray[np.int64]:
    """The addresses and sizes of all arrays, in their order."""
    made = []
    for array in _arrays((store, scales, room)):
        made += [array.ctypes.data, *array.shape, *[0] * (_ENTRY - 1 - array.ndim)]
    return np.array(made, np.int64)


@intrinsic
def _pointer(typing, address):
    def code(context, builder, signature, args):
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), code


@allocating
def _int64(frame, at):
    return carray(_pointer(frame[_ENTRY * at]), (frame[_ENTRY * at + 1],), np.int64)


@allocating
def _int64_rows(frame, at):
    return carray(_pointer(frame[_ENTRY * at]), (frame[_ENTRY * at + 1], frame[_ENTRY * at + 2]), np.int64)


@allocating
def _int32(frame, at):
    return carray(_pointer(frame[_ENTRY * at]), (frame[_ENTRY * at + 1],), np.int32)


@allocating
def _int32_rows(frame, at):
    return carray(_pointer(frame[_ENTRY * at]), (frame[_ENTRY * at + 1], frame[_ENTRY * at + 2]), np.int32)


@allocating
def _int16_rows(frame, at):
    return carray(_pointer(frame[_ENTRY * at]), (frame[_ENTRY * at + 1], frame[_ENTRY * at + 2]), np.int16)


@allocating
def _bytes(frame, at):
    return carray(_pointer(frame[_ENTRY * at]), (frame[_ENTRY * at + 1],), np.uint8)


@allocating
def _cube(frame, at, kind):
    begin = _ENTRY * at
    return carray(_pointer(frame[begin]), (frame[begin + 1], frame[begin + 2], frame[begin + 3]), kind)


@allocating
def _lists(frame, at):
    return Lists(
        _int64(frame, at),
        _int32(frame, at + 1),
        _int64(frame, at + 2),
        _int64_rows(frame, at + 3),
        _int64(frame, at + 4),
    )


@allocating
def store_of(frame: NDArray[np.int64]) -> Store:
    """What the index holds."""
    return Store(
        _lists(frame, 0),
        _lists(frame, 5),
        _int32(frame, 10),
        _int32(frame, 11),
        _int32(frame, 12),
        _int32_rows(frame, 13),
        _int32(frame, 14),
        _int64(frame, 15),
        _int64(frame, 16),
        _int64(frame, 17),
    )


@allocating
def scales_of(frame: NDArray[np.int64]) -> Scales:
    """What words are weighed with."""
    return Scales(
        _cube(frame, 18, np.int16),
        _cube(frame, 19, np.int16),
        _int16_rows(frame, 20),
        Stepped(
            _bytes(frame, 21),
            _bytes(frame, 22),
            _bytes(frame, 23),
            _bytes(frame, 24),
            _bytes(frame, 25),
            _int16_rows(frame, 26),
        ),
        _cube(frame, 27, np.int32),
    )


@allocating
def room_of(frame: NDArray[np.int64]) -> Room:
    """Room to work in."""
    return Room(
        _cube(frame, 28, np.int32), _int64_rows(frame, 29), _int16_rows(frame, 30), _int64(frame, 31), _bytes(frame, 32)
    )
