"""What many words cost at least beside one of the same script, told at once. Compiled.

It is the distance of `distance.py`, each of its numbers `LANES` side by side (`vectors.py`), in steps of `STEP`. No
cost is told too high: of both directions the lower is taken, what a word begins and ends with is not left out before,
and of a word of more than `PACKED` sounds the rest costs nothing.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, index, return-value, call-overload, operator"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.bits import highest
from streams.matching.compiled import compiled
from streams.matching.costs import PAIR, SAME_SCRIPT, SWAPPED
from streams.matching.likeness import BEGINNING
from streams.matching.lookups import PARTS, TABLE, look_up, split_places
from streams.matching.room import GRID_ROWS
from streams.matching.sounding import LENGTH_AT
from streams.matching.stepped import STEP, Stepped, beside_at, either_at
from streams.matching.vectors import (
    choose,
    fill,
    fill_where,
    least_of_three,
    lower_of,
    or_less,
    or_less_where,
    plus,
    plus_unless,
    unpack_row,
)
from streams.matching.words import PACKED

COLUMNS_OF_ROW = PACKED + 1
"""Rows of `Room.grid`: three rows of the distance, each of so many columns;"""
SOUND = 3 * COLUMNS_OF_ROW
"""each sound;"""
PLACE = SOUND + PACKED
"""where it is in tables, see `lookups.split_places`;"""
SPELT = PLACE + PARTS * PACKED
"""the same of the sound that it spells together with the one before it, or in one row what the two cost where they
stand for one;"""
ALONE = SPELT + PARTS * PACKED
"""what each costs beside none;"""
BESIDE = ALONE + PACKED
"""what it costs beside the sound at hand;"""
OWN_ALONE = BESIDE + 1
"""what the sound at hand costs beside none;"""
OWN_COUPLE = OWN_ALONE + 1
"""and together with the one before it;"""
LENGTHS = OWN_COUPLE + 1
LENGTH_PLACE = LENGTHS + 1
LIMITS = LENGTH_PLACE + PARTS
"""what each may cost;"""
LONG = LIMITS + 1
"""what the packed part of a longer word costs at least;"""
COST = LONG + 1
"""what all of each costs at least."""
assert COST + 1 == GRID_ROWS


@compiled
def unpack_lanes(packed: NDArray[np.int64], at: int, grid: NDArray[np.uint8]) -> int:
    """Put down the sounds of words, the first of which is at `at`, and their lengths; returns that of the longest."""
    unpack_row(grid, LENGTHS, packed, at, LENGTH_AT, 31)
    most = highest(grid, LENGTHS)
    for j in range(min(most, PACKED)):
        unpack_row(grid, SOUND + j, packed, at, 6 * j, 63)
        split_places(grid, PLACE + PARTS * j, SOUND + j)
    return most


@compiled
def look_at_long(most: int, i: int, grid: NDArray[np.uint8]) -> None:
    """What words of more than `PACKED` sounds cost at least, were the first `i` sounds all that their packed part is
    held against; its last sound may go together with the next."""
    if most <= PACKED:
        return
    row = i % 3 * COLUMNS_OF_ROW
    if i:
        lower_of(grid, LONG, LONG, row + PACKED)
    else:
        lower_of(grid, LONG, row + PACKED, row + PACKED)
    lower_of(grid, LONG, LONG, row + PACKED - 1)


@compiled
def tell(packed: int, most: int, length: int, grid: NDArray[np.uint8]) -> None:
    """Put down what each costs at least beside all sounds of the word, of which there are `length`."""
    last = length % 3 * COLUMNS_OF_ROW
    longest = LONG if most > PACKED else last + packed
    lower_of(grid, COST, longest, longest)
    for j in range(1, packed + 1):
        choose(grid, COST, LENGTHS, j, last + j)


@compiled
def least_costs(
    sounds: NDArray[np.int32],
    length: int,
    others: NDArray[np.int64],
    at: int,
    stepped: Stepped,
    spelt: NDArray[np.int16],
    grid: NDArray[np.uint8],
) -> None:
    """Put down in `COST` what words of the same script (`sounding.packed_of`), the first of which is at `at`, cost at
    least beside these sounds; `spelt`: what two sounds spell (`costs.pairs`)."""
    beside, most = stepped.beside, unpack_lanes(others, at, grid)
    packed = min(most, np.int64(PACKED))
    spelling = _spell(packed, stepped.spelt, grid)
    first, alone = np.int64(sounds[0]), either_at(np.int64(1), np.int64(SAME_SCRIPT), np.int64(0))
    fill(grid, 0, 0)
    for j in range(packed):
        look_up(grid, ALONE + j, PLACE + PARTS * j, stepped.alone, alone)
        plus(grid, j + 1, j, ALONE + j)
        if j == 0:
            plus_unless(grid, 1, BEGINNING // STEP, SOUND, first)
    look_at_long(most, np.int64(0), grid)
    before = np.int64(0)
    for i in range(1, length + 1):
        sound = np.int64(sounds[i - 1])
        row, last, second = i % 3 * COLUMNS_OF_ROW, (i - 1) % 3 * COLUMNS_OF_ROW, (i + 1) % 3 * COLUMNS_OF_ROW
        own, together = beside_at(np.int64(1), np.int64(SAME_SCRIPT), sound), np.int64(spelt[before, sound])
        fill(grid, OWN_ALONE, stepped.alone[alone * TABLE + sound])
        plus(grid, row, last, OWN_ALONE)
        if i == 1:
            plus_unless(grid, row, BEGINNING // STEP, SOUND, first)
        for j in range(1, packed + 1):
            look_up(grid, BESIDE, PLACE + PARTS * (j - 1), beside, own)
            least_of_three(grid, row + j, last + j - 1, BESIDE, last + j, OWN_ALONE, row + j - 1, ALONE + j - 1)
            if spelling >> (j - 1) & 1:
                look_up(grid, BESIDE, SPELT + PARTS * (j - 1), beside, own)
                or_less(grid, row + j, last + j - 2, BESIDE, PAIR // STEP)
            if before and j > 1:
                or_less_where(
                    grid, row + j, second + j - 2, SWAPPED // STEP, SOUND + j - 2, sound, SOUND + j - 1, before
                )
            if together:
                look_up(
                    grid,
                    BESIDE,
                    PLACE + PARTS * (j - 1),
                    beside,
                    beside_at(np.int64(1), np.int64(SAME_SCRIPT), together),
                )
                or_less(grid, row + j, second + j - 1, BESIDE, PAIR // STEP)
        look_at_long(most, np.int64(i), grid)
        before = sound
    tell(packed, most, np.int64(length), grid)


@compiled
def _spell(packed: int, spelt: NDArray[np.int16], grid: NDArray[np.uint8]) -> int:
    """Put down what sounds two in a row spell; returns a bit for each place in which any do."""
    found = np.int64(0)
    for j in range(1, packed):
        fill(grid, BESIDE, 0)
        for k in range(len(spelt)):
            fill_where(grid, BESIDE, spelt[k, 2], SOUND + j - 1, spelt[k, 0], SOUND + j, spelt[k, 1])
        if highest(grid, BESIDE):
            found |= 1 << j
            split_places(grid, SPELT + PARTS * j, BESIDE)
    return found
