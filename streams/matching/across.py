"""What many words of other scripts cost at least beside one, told at once. Compiled.

It is `distance_across` of `distance.py`, `LANES` side by side as in `lanes.py`. No cost is told too high: where two
sounds stand for one, the least that these two cost beside any is taken.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, index, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.costs import ROWS, SILENT_LAST, SIZE
from streams.matching.lanes import (
    COLUMNS_OF_ROW,
    GAPS,
    HERE,
    LANE_SOUNDS,
    LEAST_OF_LONG,
    begin_long,
    longest,
    look_at_long,
    tell,
)
from streams.matching.room import LANES, Room
from streams.matching.sounding import LENGTH_AT, SCRIPT_AT
from streams.matching.store import Scales
from streams.matching.words import PACKED

OTHER_IS_ROW, OWN_IS_ROW = 1, 2
"""Kinds of `Room.lane_words`, see `sounding.is_row`."""
_COUPLES = LEAST_OF_LONG + 1
"""After the rows of `lanes.py`: what two sounds of the others cost at least where they stand for one;"""
_OWN_GAP, _OWN_COUPLE = HERE + 1, _COUPLES + PACKED
"""what the sound at hand, and it with the one before, cost beside theirs."""
_NONE = np.int16(15_000)
_TABLE = ROWS * SIZE
_TABLES = PACKED
"""Row of `Room.places`: where the table of each begins."""


@compiled
def least_costs_across(
    sounds: NDArray[np.int32], length: int, script: int, kind: int, count: int, scales: Scales, room: Room
) -> None:
    """What the first `count` words of a kind in `room.lane_words` cost at least beside these sounds of a word of this
    script."""
    grid, lanes = room.grid, room.lane_words[kind]
    most = longest(lanes, count)
    packed = most if most < PACKED else np.int64(PACKED)
    _unpack(packed, lanes, script, kind, scales, room)
    for lane in range(LANES):
        grid[0, lane] = 0
    for j in range(packed):
        for lane in range(LANES):
            grid[2 * COLUMNS_OF_ROW + j, lane] = _NONE  # the row before the first
            grid[j + 1, lane] = np.int16(grid[j, lane] + grid[GAPS + j, lane])
    begin_long(most, grid)
    before = np.int64(0)
    for i in range(1, length + 1):
        sound = np.int64(sounds[i - 1])
        _own_sound(before, sound, i == length, script, kind, scales, room)
        beside = sound if kind == OTHER_IS_ROW else script * _TABLE + sound * SIZE
        _row(np.int64(i), packed, beside, scales.bounded, room.places, grid)
        look_at_long(most, np.int64(i), grid)
        before = sound
    tell(lanes, count, length, grid)


@compiled
def _unpack(packed: int, lanes: NDArray[np.int64], script: int, kind: int, scales: Scales, room: Room) -> None:
    """Where the costs of each sound are, what it costs beside none, and with the one before it."""
    codes, places, grid, costs = room.codes, room.places, room.grid, scales.bounded
    other_is_row = kind == OTHER_IS_ROW
    for lane in range(LANES):
        mode = lanes[LANE_SOUNDS, lane] >> SCRIPT_AT & 15 if other_is_row else script
        places[_TABLES, lane] = np.uint32(mode * _TABLE)
    for j in range(packed):
        for lane in range(LANES):
            sound = lanes[LANE_SOUNDS, lane] >> 6 * j & 63
            is_last = lanes[LANE_SOUNDS, lane] >> LENGTH_AT == j + 1
            table = np.int64(places[_TABLES, lane])
            codes[j, lane] = np.uint16(sound)
            if other_is_row:
                places[j, lane] = np.uint32(table + sound * SIZE)
                silent = table + (SILENT_LAST * SIZE + sound if is_last else sound * SIZE)
            else:
                places[j, lane] = np.uint32(sound)
                silent = table + ((SILENT_LAST + 1) * SIZE if is_last else 0) + sound
            grid[GAPS + j, lane] = costs[silent]
            if j:
                couple = scales.couples[np.int64(other_is_row), table // _TABLE, np.int64(codes[j - 1, lane]), sound]
                grid[_COUPLES + j, lane] = couple


@compiled
def _own_sound(before: int, sound: int, is_last: bool, script: int, kind: int, scales: Scales, room: Room) -> None:
    """What the sound at hand costs beside none of the others', and with the one before it (0: none) beside one."""
    grid, places, costs = room.grid, room.places, scales.bounded
    if kind == OTHER_IS_ROW:
        at = ((SILENT_LAST + 1) * SIZE if is_last else 0) + sound
        for lane in range(LANES):
            table = np.int64(places[_TABLES, lane])
            grid[_OWN_GAP, lane] = costs[table + at]
            grid[_OWN_COUPLE, lane] = scales.couples[0, table // _TABLE, before, sound]
        return
    alone = costs[script * _TABLE + (SILENT_LAST * SIZE + sound if is_last else sound * SIZE)]
    couple = scales.couples[1, script, before, sound]
    for lane in range(LANES):
        grid[_OWN_GAP, lane] = alone
        grid[_OWN_COUPLE, lane] = couple


@compiled
def _row(
    i: int, packed: int, beside: int, costs: NDArray[np.int16], places: NDArray[np.uint32], grid: NDArray[np.int16]
) -> None:
    """One row of the distance: up to and with the sound at hand, whose costs are `beside` the places of the others."""
    row, last = i % 3 * COLUMNS_OF_ROW, (i - 1) % 3 * COLUMNS_OF_ROW
    second, begin = (i + 1) % 3 * COLUMNS_OF_ROW, np.uint32(beside)
    for lane in range(LANES):
        grid[row, lane] = np.int16(grid[last, lane] + grid[_OWN_GAP, lane])
    for j in range(1, packed + 1):
        for lane in range(LANES):
            grid[HERE, lane] = costs[places[j - 1, lane] + begin]
        # One pass, for what is put down is not read again at once.
        for lane in range(LANES):
            least = np.int16(grid[last + j - 1, lane] + grid[HERE, lane])
            dropped = np.int16(grid[last + j, lane] + grid[_OWN_GAP, lane])
            added = np.int16(grid[row + j - 1, lane] + grid[GAPS + j - 1, lane])
            own_two = np.int16(grid[second + j - 1, lane] + grid[_OWN_COUPLE, lane])
            least = least if least < dropped else dropped
            least = least if least < added else added
            grid[row + j, lane] = least if least < own_two else own_two
        if j > 1:
            for lane in range(LANES):
                least, two = grid[row + j, lane], np.int16(grid[last + j - 2, lane] + grid[_COUPLES + j - 1, lane])
                grid[row + j, lane] = least if least < two else two
