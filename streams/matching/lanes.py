"""What many words cost at least beside one of the same script, told at once. Compiled.

It is the distance of `distance.py`, each of its numbers `LANES` side by side, of which the processor works on many with
one instruction. No cost is told too high: `alike` holds the lower of both directions, what a word begins and ends with
is not left out before, and of a word of more than `PACKED` sounds the rest costs nothing.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, index, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.costs import PAIR, SWAPPED
from streams.matching.likeness import BEGINNING
from streams.matching.room import LANES, Room
from streams.matching.sounding import LENGTH_AT
from streams.matching.words import PACKED

LANE_SOUNDS, LANE_NUMBER, LANE_COST = range(3)
"""Rows of a kind of `Room.lane_words`: their sounds in one number, their numbers in the index, what they cost at least.
"""
COLUMNS_OF_ROW = PACKED + 1
GAPS = 3 * COLUMNS_OF_ROW
"""After three rows of distances: what each sound costs beside none;"""
HERE = GAPS + PACKED
"""what it costs beside the sound at hand;"""
_BEGINNING = HERE + 1
"""what a beginning costs that is wrong;"""
LEAST_OF_LONG = _BEGINNING + 1
"""what the packed part of a longer word costs at least."""


@compiled
def least_costs(
    sounds: NDArray[np.int32], length: int, count: int, alike: NDArray[np.int16], spelt: NDArray[np.int16], room: Room
) -> None:
    """What the first `count` words of the same script in `room.lane_words` cost at least beside these sounds."""
    codes, grid, lanes = room.codes, room.grid, room.lane_words[0]
    most = longest(lanes, count)
    packed = most if most < PACKED else np.int64(PACKED)
    spelling = _unpack(packed, lanes, codes, spelt)
    _first_row(sounds, packed, alike, codes, grid)
    begin_long(most, grid)
    before = np.int64(0)
    for i in range(1, length + 1):
        sound = np.int64(sounds[i - 1])
        _row(i, packed, before, sound, spelling, alike, spelt, codes, grid)
        look_at_long(most, np.int64(i), grid)
        before = sound
    tell(lanes, count, length, grid)


@compiled
def longest(lanes: NDArray[np.int64], count: int) -> int:
    """Sounds of the longest of the first `count` words."""
    most = np.int64(0)
    for lane in range(count):
        most = max(most, lanes[LANE_SOUNDS, lane] >> LENGTH_AT)
    return most


@compiled
def begin_long(most: int, grid: NDArray[np.int16]) -> None:
    """Of words of more than `PACKED` sounds nothing is told yet."""
    if most > PACKED:
        for lane in range(LANES):
            grid[LEAST_OF_LONG, lane] = min(grid[PACKED, lane], grid[PACKED - 1, lane])


@compiled
def look_at_long(most: int, i: int, grid: NDArray[np.int16]) -> None:
    """What such words cost at least, were the first `i` sounds all that their packed part is held against; its last
    sound may go together with the next."""
    if most > PACKED:
        row = i % 3 * COLUMNS_OF_ROW
        for lane in range(LANES):
            one, two = grid[row + PACKED, lane], grid[row + PACKED - 1, lane]
            one = one if one < two else two
            grid[LEAST_OF_LONG, lane] = one if one < grid[LEAST_OF_LONG, lane] else grid[LEAST_OF_LONG, lane]


@compiled
def tell(lanes: NDArray[np.int64], count: int, length: int, grid: NDArray[np.int16]) -> None:
    """Put down what each costs at least beside all sounds of the word, of which there are `length`."""
    last = length % 3 * COLUMNS_OF_ROW
    for lane in range(count):
        at = lanes[LANE_SOUNDS, lane] >> LENGTH_AT
        lanes[LANE_COST, lane] = grid[last + at if at <= PACKED else LEAST_OF_LONG, lane]


@compiled
def _unpack(most: int, lanes: NDArray[np.int64], codes: NDArray[np.uint16], spelt: NDArray[np.int16]) -> int:
    """Sounds and what two of them spell; returns a bit for each place at which any do."""
    spelling = np.int64(0)
    for j in range(most):
        for lane in range(LANES):
            codes[j, lane] = np.uint16(lanes[LANE_SOUNDS, lane] >> 6 * j & 63)
        if j:
            found = np.int64(0)
            for lane in range(LANES):
                pair = spelt[codes[j - 1, lane], codes[j, lane]]
                codes[PACKED + j, lane] = np.uint16(pair)
                found |= pair
            if found:
                spelling |= 1 << j
    return spelling


@compiled
def _first_row(
    sounds: NDArray[np.int32], most: int, alike: NDArray[np.int16], codes: NDArray[np.uint16], grid: NDArray[np.int16]
) -> None:
    """All sounds of the others left out."""
    for lane in range(LANES):
        grid[_BEGINNING, lane] = np.int16(0 if codes[0, lane] == sounds[0] else BEGINNING)
        grid[0, lane] = 0
    for j in range(most):
        for lane in range(LANES):
            grid[GAPS + j, lane] = alike[0, codes[j, lane]]
        for lane in range(LANES):
            grid[j + 1, lane] = np.int16(grid[j, lane] + grid[GAPS + j, lane])
        if j == 0:
            for lane in range(LANES):
                grid[1, lane] = np.int16(grid[1, lane] + grid[_BEGINNING, lane])


@compiled
def _row(
    i: int,
    most: int,
    before: int,
    sound: int,
    spelling: int,
    alike: NDArray[np.int16],
    spelt: NDArray[np.int16],
    codes: NDArray[np.uint16],
    grid: NDArray[np.int16],
) -> None:
    """One row of the distance: up to and with the sound at hand."""
    row, last, second = i % 3 * COLUMNS_OF_ROW, (i - 1) % 3 * COLUMNS_OF_ROW, (i + 1) % 3 * COLUMNS_OF_ROW
    beside, dropped, together = alike[sound], alike[0, sound], np.int64(spelt[before, sound])
    for lane in range(LANES):
        grid[row, lane] = np.int16(grid[last, lane] + dropped)
    if i == 1:
        for lane in range(LANES):
            grid[row, lane] = np.int16(grid[row, lane] + grid[_BEGINNING, lane])
    for j in range(1, most + 1):
        for lane in range(LANES):
            grid[HERE, lane] = beside[codes[j - 1, lane]]
        for lane in range(LANES):
            one = np.int16(grid[last + j - 1, lane] + grid[HERE, lane])
            two = np.int16(grid[last + j, lane] + dropped)
            three = np.int16(grid[row + j - 1, lane] + grid[GAPS + j - 1, lane])
            one = one if one < two else two
            grid[row + j, lane] = one if one < three else three
        if before and j > 1:
            for lane in range(LANES):
                one, two = grid[row + j, lane], np.int16(grid[second + j - 2, lane] + SWAPPED)
                two = two if (codes[j - 2, lane] == sound) & (codes[j - 1, lane] == before) else one
                grid[row + j, lane] = one if one < two else two
        if together:
            for lane in range(LANES):
                spelled = grid[second + j - 1, lane] + alike[together, codes[j - 1, lane]] + PAIR
                grid[row + j, lane] = min(np.int64(grid[row + j, lane]), spelled)
        if spelling >> (j - 1) & 1:
            for lane in range(LANES):
                pair = codes[PACKED + j - 1, lane]
                if pair:
                    spelled = grid[last + j - 2, lane] + beside[pair] + PAIR
                    grid[row + j, lane] = min(np.int64(grid[row + j, lane]), spelled)
