"""Which words of the index could be linked with a word, told by their sounds whatever the order. Compiled.

No pair that is linked is refused: costs are taken too low rather than too high.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value, call-overload"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.costs import ONE_FOR_TWO, SAME_SCRIPT, SILENT_LAST, SIZE, TWO_FOR_ONE
from streams.matching.costs import PAIR as SPELT_PAIR
from streams.matching.store import Scales
from streams.matching.words import PACKED

SCRIPT_AT, LENGTH_AT = 54, 58
LOOK_CLOSELY = 31
"""In the place of a length: this word is not to be judged by its sounds alone."""


@compiled
def packed_of(sounds: NDArray[np.int32], length: int, script: int, close: bool) -> int:
    """The first sounds of a word, its script and its length in one number; `close`: it is to be looked at closely."""
    found = np.int64(LOOK_CLOSELY if close else length) << LENGTH_AT | script << SCRIPT_AT
    for i in range(min(length, PACKED)):
        found |= np.int64(sounds[i]) << 6 * i
    return found


@compiled
def sounding_of(sounds: NDArray[np.int32], length: int, spelt: NDArray[np.int16]) -> int:
    """The sounds of a word, and those that two of its letters may spell, a bit each."""
    found = np.int64(0)
    for i in range(length):
        found |= np.int64(1) << np.int64(sounds[i])
        if i:
            found |= np.int64(1) << np.int64(spelt[0, sounds[i - 1], sounds[i]])
    return found & ~np.int64(1)


@compiled
def _is_row(script: int, other_script: int) -> bool:
    """Are the sounds of this script the rows of the table?"""
    return script == other_script or other_script == 0 or (script != 0 and script < other_script)


@compiled
def _mode(script: int, other_script: int) -> int:
    """The table of costs between words of two scripts."""
    if script == other_script:
        return SAME_SCRIPT if script else 0
    return script if _is_row(script, other_script) else other_script


@compiled
def _lower(out: NDArray[np.int16], row: NDArray[np.int16], more: int) -> None:
    """Lower each number to that of `row` and `more`; without a jump, so that many are done at once."""
    for k in range(SIZE):
        one, two = out[k], np.int16(row[k] + more)
        out[k] = one if one < two else two


@compiled
def least_beside(
    sounds: NDArray[np.int32], length: int, script: int, other_script: int, scales: Scales, out: NDArray[np.int16]
) -> None:
    """For each sound of a word in the other script: what it costs at least beside this word, or beside none."""
    alike, table, before = script == other_script, scales.costs[_mode(script, other_script)], np.int64(0)
    if _is_row(script, other_script):
        for other in range(SIZE):
            out[other] = min(table[0, other], table[other, 0] if alike else table[SILENT_LAST + 1, other])
        for i in range(length):
            sound = np.int64(sounds[i])
            _lower(out, table[sound], 0)
            if i and not alike:
                _lower(out, table[TWO_FOR_ONE + before * SIZE + sound], 0)
            elif i and scales.spelt[0, before, sound]:
                _lower(out, table[np.int64(scales.spelt[0, before, sound])], SPELT_PAIR)
            before = sound
        return
    for other in range(SIZE):
        out[other] = min(table[other, 0], table[SILENT_LAST, other])
    for i in range(length):
        sound = np.int64(sounds[i])
        for other in range(SIZE):
            out[other] = min(out[other], table[other, sound])
            if i:
                out[other] = min(out[other], table[ONE_FOR_TWO + other * SIZE + before, sound])
        before = sound


@compiled
def other_costs(packed: int, script: int, least: NDArray[np.int16], scales: Scales) -> int:
    """What the sounds of the other word cost at least beside a word of this script, whatever their order; `least` is
    what `least_beside` tells of that word."""
    other_script = packed >> SCRIPT_AT & 15
    alike, spelt = script == other_script, scales.spelt[0]
    couples = scales.couples[np.int64(_is_row(other_script, script)), _mode(script, other_script)]
    total, earlier, before, left = np.int64(0), np.int64(0), np.int64(0), packed & ((1 << SCRIPT_AT) - 1)
    while left:
        sound = left & 63
        cost = total + least[sound]
        if before and not alike:
            cost = min(cost, earlier + couples[before, sound])
        elif before and spelt[before, sound]:
            cost = min(cost, earlier + least[np.int64(spelt[before, sound])] + SPELT_PAIR)
        total, earlier, before = cost, total, sound
        left >>= 6
    # The last that is packed of a longer word may go together with the next.
    return min(total, earlier) if packed >> LENGTH_AT > PACKED else total


@compiled
def own_costs(packed: int, other_packed: int, other_sounding: int, scales: Scales) -> int:
    """What the sounds of a word cost at least beside the sounds of the other, whatever their order."""
    script, other_script = packed >> SCRIPT_AT & 15, other_packed >> SCRIPT_AT & 15
    alike, own_is_row, spelt = script == other_script, np.int64(_is_row(script, other_script)), scales.spelt[0]
    mode = _mode(script, other_script)
    near, couples = scales.nearest[own_is_row, mode], scales.couples[own_is_row, mode]
    total, last, before, left = np.int64(0), np.int64(0), np.int64(0), packed & ((1 << SCRIPT_AT) - 1)
    while left:
        sound = left & 63
        row = near[sound]
        # Chosen without a jump: these are told apart some hundred times a search.
        cost = row[7] if row[6] & other_sounding else row[8]
        cost = row[5] if row[4] & other_sounding else cost
        cost = row[3] if row[2] & other_sounding else cost
        cost = row[1] if row[0] & other_sounding else cost
        total += cost
        if before and cost + last > 0:
            if not alike:
                total -= max(0, cost + last - couples[before, sound])
            elif spelt[before, sound]:
                total -= max(0, cost + last - SPELT_PAIR)
        last, before = cost, sound
        left >>= 6
    return total - last if packed >> LENGTH_AT > PACKED else total
