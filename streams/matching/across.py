"""What many words of another script cost at least beside one, told at once. Compiled.

It is `distance_across` of `distance.py`, side by side as in `lanes.py`. No cost is told too high: where two sounds
stand for one, the least that these two cost beside any is taken.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, index, return-value, operator"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.lanes import (
    ALONE,
    BESIDE,
    COLUMNS_OF_ROW,
    LENGTHS,
    OWN_ALONE,
    OWN_COUPLE,
    PLACE,
    SPELT,
    look_at_long,
    tell,
    unpack_lanes,
)
from streams.matching.likeness import is_row
from streams.matching.lookups import PARTS, TABLE, look_up
from streams.matching.stepped import Stepped, beside_at, couple_at, either_at
from streams.matching.vectors import choose, fill, higher_of, least_of_three, or_less, plus
from streams.matching.words import PACKED


@compiled
def least_costs_across(
    sounds: NDArray[np.int32],
    length: int,
    script: int,
    others: NDArray[np.int64],
    at: int,
    other_script: int,
    stepped: Stepped,
    grid: NDArray[np.uint8],
) -> None:
    """Put down in `COST` what words of one script, the first of which is at `at`, cost at least beside these sounds of
    another."""
    most = unpack_lanes(others, at, grid)
    packed = min(most, np.int64(PACKED))
    other_is_row = np.int64(is_row(other_script, script))
    own_is_row, mode = 1 - other_is_row, other_script if other_is_row else script
    _begin(packed, other_is_row, mode, stepped, grid)
    look_at_long(most, np.int64(0), grid)
    before = np.int64(0)
    for i in range(1, length + 1):
        sound = np.int64(sounds[i - 1])
        row, last, second = i % 3 * COLUMNS_OF_ROW, (i - 1) % 3 * COLUMNS_OF_ROW, (i + 1) % 3 * COLUMNS_OF_ROW
        own = beside_at(own_is_row, mode, sound)
        fill(grid, OWN_ALONE, stepped.alone[either_at(own_is_row, mode, np.int64(i == length)) * TABLE + sound])
        fill(grid, OWN_COUPLE, stepped.couples[couple_at(own_is_row, mode, before, sound)])
        plus(grid, row, last, OWN_ALONE)
        for j in range(1, packed + 1):
            look_up(grid, BESIDE, PLACE + PARTS * (j - 1), stepped.beside, own)
            least_of_three(grid, row + j, last + j - 1, BESIDE, last + j, OWN_ALONE, row + j - 1, ALONE + j - 1)
            if j > 1:
                or_less(grid, row + j, last + j - 2, SPELT + j - 1, 0)
            if before:
                or_less(grid, row + j, second + j - 1, OWN_COUPLE, 0)
        look_at_long(most, np.int64(i), grid)
        before = sound
    tell(packed, most, np.int64(length), grid)


@compiled
def _begin(packed: int, other_is_row: int, mode: int, stepped: Stepped, grid: NDArray[np.uint8]) -> None:
    """All sounds of the others left out, and what two of them cost together."""
    fill(grid, 0, 0)
    for j in range(packed):
        look_up(grid, ALONE + j, PLACE + PARTS * j, stepped.alone, either_at(other_is_row, mode, np.int64(0)))
        look_up(grid, BESIDE, PLACE + PARTS * j, stepped.alone, either_at(other_is_row, mode, np.int64(1)))
        choose(grid, ALONE + j, LENGTHS, j + 1, BESIDE)
        plus(grid, j + 1, j, ALONE + j)
        if j:
            by_first, by_second = either_at(other_is_row, mode, np.int64(0)), either_at(other_is_row, mode, np.int64(1))
            look_up(grid, SPELT + j, PLACE + PARTS * (j - 1), stepped.halves, by_first)
            look_up(grid, BESIDE, PLACE + PARTS * j, stepped.halves, by_second)
            higher_of(grid, SPELT + j, SPELT + j, BESIDE)
