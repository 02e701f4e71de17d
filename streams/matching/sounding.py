"""Which words of the index could be linked with a word, told by their sounds whatever the order. Compiled.

No pair that is linked is refused: costs are taken too low rather than too high.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value, call-overload"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.costs import PAIR as SPELT_PAIR
from streams.matching.costs import SAME_SCRIPT
from streams.matching.store import Scales

PACKED = 9
"""Sounds of a word that are packed into one number, six bits each."""
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
def _beside(
    packed: int,
    sounding: int,
    alike: bool,
    near: NDArray[np.int64],
    couples: NDArray[np.int16],
    spelt: NDArray[np.int16],
) -> int:
    """What the sounds of one word cost at least beside one with these sounds, whatever their order."""
    total, last, before = np.int64(0), np.int64(0), np.int64(0)
    packed &= (1 << SCRIPT_AT) - 1
    while packed:
        sound = packed & 63
        row = near[sound]
        # Chosen without a jump: these are told apart some hundred times a search.
        cost = row[7] if row[6] & sounding else row[8]
        cost = row[5] if row[4] & sounding else cost
        cost = row[3] if row[2] & sounding else cost
        cost = row[1] if row[0] & sounding else cost
        total += cost
        if before and cost + last > 0:
            if not alike:
                total -= max(0, cost + last - couples[before, sound])
            elif spelt[before, sound]:
                total -= max(0, cost + last - SPELT_PAIR)
        last, before = cost, sound
        packed >>= 6
    return total


@compiled
def could_be(packed: int, sounding: int, other_packed: int, other_sounding: int, scales: Scales, limit: int) -> bool:
    """Could the cost between two words be within the limit? Tells by the sounds that each has and the other has not."""
    script, other_script = packed >> SCRIPT_AT & 15, other_packed >> SCRIPT_AT & 15
    alike, own_is_row = script == other_script, np.int64(_is_row(script, other_script))
    mode = (SAME_SCRIPT if script else 0) if alike else script if own_is_row else other_script
    other_is_row, spelt = 1 - own_is_row, scales.spelt[0]
    near, couples = scales.nearest[other_is_row, mode], scales.couples[other_is_row, mode]
    if _beside(other_packed, sounding, alike, near, couples, spelt) > limit:
        return False
    near, couples = scales.nearest[own_is_row, mode], scales.couples[own_is_row, mode]
    return _beside(packed, other_sounding, alike, near, couples, spelt) <= limit
