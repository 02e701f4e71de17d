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
    return addresses_of((store, scales, room))


def addresses_of(held: tuple[Any, ...]) -> NDArray[np.int64]:
    """The addresses and sizes of the arrays of named tuples, in their order."""
    made = []
    for array in _arrays(held):
        made += [array.ctypes.data, *array.shape, *[0] * (_ENTRY - 1 - array.ndim)]
    return np.array(made, np.int64)


@intrinsic
def _pointer(typing, address):
    def code(context, builder, signature, args):
        return builder.inttoptr(args[0], ir.IntType(8).as_pointer())

    return types.voidptr(types.int64), code


@allocating
def line_of(frame, at, kind):
    """Array number `at` of those in the frame, of so many directions as the name says."""
    return carray(_pointer(frame[_ENTRY * at]), (frame[_ENTRY * at + 1],), kind)


@allocating
def rows_of(frame, at, kind):
    """The same for one of two directions."""
    return carray(_pointer(frame[_ENTRY * at]), (frame[_ENTRY * at + 1], frame[_ENTRY * at + 2]), kind)


@allocating
def _cube(frame, at, kind):
    begin = _ENTRY * at
    return carray(_pointer(frame[begin]), (frame[begin + 1], frame[begin + 2], frame[begin + 3]), kind)


@allocating
def _lists(frame, at):
    return Lists(
        line_of(frame, at, np.int64),
        line_of(frame, at + 1, np.int32),
        line_of(frame, at + 2, np.int64),
        rows_of(frame, at + 3, np.int64),
        line_of(frame, at + 4, np.int64),
    )


@allocating
def store_of(frame: NDArray[np.int64]) -> Store:
    """What the index holds."""
    return Store(
        _lists(frame, 0),
        _lists(frame, 5),
        _lists(frame, 10),
        line_of(frame, 15, np.int32),
        line_of(frame, 16, np.int32),
        line_of(frame, 17, np.int32),
        rows_of(frame, 18, np.int32),
        line_of(frame, 19, np.int32),
        line_of(frame, 20, np.int32),
        line_of(frame, 21, np.int64),
        line_of(frame, 22, np.int32),
        line_of(frame, 23, np.int64),
        line_of(frame, 24, np.int64),
        line_of(frame, 25, np.int64),
    )


@allocating
def scales_of(frame: NDArray[np.int64]) -> Scales:
    """What words are weighed with."""
    return Scales(
        _cube(frame, 26, np.int16),
        _cube(frame, 27, np.int16),
        Stepped(
            line_of(frame, 28, np.uint8),
            line_of(frame, 29, np.uint8),
            line_of(frame, 30, np.uint8),
            line_of(frame, 31, np.uint8),
            line_of(frame, 32, np.uint8),
            rows_of(frame, 33, np.int16),
        ),
        _cube(frame, 34, np.int32),
    )


@allocating
def room_of(frame: NDArray[np.int64]) -> Room:
    """Room to work in."""
    return Room(
        _cube(frame, 35, np.int32),
        rows_of(frame, 36, np.int64),
        rows_of(frame, 37, np.int16),
        line_of(frame, 38, np.int64),
        line_of(frame, 39, np.uint8),
    )
