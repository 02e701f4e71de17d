"""Which words of the index could be linked with a word, told by their sounds whatever the order. Compiled.

No pair that is linked is refused: costs are taken too low rather than too high.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value, call-overload"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.alignment import Words, unpack
from streams.matching.compiled import compiled
from streams.matching.costs import ONE_FOR_TWO, SAME_SCRIPT, SILENT_LAST, SIZE, TWO_FOR_ONE
from streams.matching.costs import PAIR as SPELT_PAIR
from streams.matching.scripts import Script
from streams.matching.store import Scales
from streams.matching.words import FAMILY, LENGTH, LONGEST, SCRIPT, TIE

SCRIPTS = len(Script)
SOUNDS = 64
PACKED = 9
"""Sounds of a word that are packed into one number, six bits each."""
SCRIPT_AT, LENGTH_AT = 54, 58
STEPS, _NEAR, _FARTHER = 3, 45, 90
"""Steps of how near sounds are: up to the first cost, up to the second, and beyond."""
LOOK_CLOSELY = 31
"""In the place of a length: this word is not to be judged by its sounds alone."""


@compiled
def packed_of(words: Words, word: int) -> int:
    """The number in `Store.packed`."""
    length = np.int64(words[word, LENGTH])
    close = words[word, FAMILY] or words[word, TIE] or length == 1
    sounds = np.empty(LONGEST, np.int32)
    unpack(words, word, sounds)
    found = np.int64(LOOK_CLOSELY if close else length) << LENGTH_AT | np.int64(words[word, SCRIPT]) << SCRIPT_AT
    for i in range(min(length, PACKED)):
        found |= np.int64(sounds[i]) << 6 * i
    return found


@compiled
def sounding_of(words: Words, word: int, spelt: NDArray[np.int16]) -> int:
    """The number in `Store.sounding`."""
    sounds, found = np.empty(LONGEST, np.int32), np.int64(0)
    for i in range(unpack(words, word, sounds)):
        found |= np.int64(1) << sounds[i]
        if i:
            found |= np.int64(1) << spelt[0, sounds[i - 1], sounds[i]]
    return found


@compiled
def cheapest_of(
    sounds: NDArray[np.int32], length: int, script: int, other_script: int, scales: Scales, out: NDArray[np.int32]
) -> None:
    """For each sound of a word in the other script: what it costs at least beside this word."""
    own_is_row = _is_row(script, other_script)
    alike = script == other_script
    table = scales.costs[(SAME_SCRIPT if script else 0) if alike else script if own_is_row else other_script]
    for other in range(1, SIZE):
        least = np.int64(table[0, other] if own_is_row else table[other, 0])
        if not alike:
            least = min(least, np.int64(table[SILENT_LAST + own_is_row, other]))
        for i in range(length):
            own, before = np.int64(sounds[i]), np.int64(sounds[i - 1]) if i else np.int64(0)
            least = min(least, np.int64(table[own, other] if own_is_row else table[other, own]))
            if alike and i and scales.spelt[0, before, own]:
                least = min(least, np.int64(table[scales.spelt[0, before, own], other]) + SPELT_PAIR)
            elif i and not alike and own_is_row:
                least = min(least, np.int64(table[TWO_FOR_ONE + before * SIZE + own, other]))
            elif i and not alike:
                least = min(least, np.int64(table[ONE_FOR_TWO + other * SIZE + before, own]))
        out[other] = least


@compiled
def nearest_of(
    sounds: NDArray[np.int32],
    length: int,
    script: int,
    other_script: int,
    scales: Scales,
    near: NDArray[np.int64],
    least: NDArray[np.int64],
) -> None:
    """For each sound of a word: which sounds of a word in the other script are near it (a bit each), by steps, and what
    it costs at least beside one of them, or none."""
    own_is_row, alike = _is_row(script, other_script), script == other_script
    table = scales.costs[(SAME_SCRIPT if script else 0) if alike else script if own_is_row else other_script]
    for i in range(length):
        own = np.int64(sounds[i])
        alone = np.int64(table[own, 0] if own_is_row else table[0, own])
        if not alike:
            alone = min(alone, np.int64(table[SILENT_LAST + (not own_is_row), own]))
            alone = min(
                alone, np.int64(scales.singles[np.int64(own_is_row), script if own_is_row else other_script, own])
            )
        for step in range(STEPS):
            near[i, step], least[i, step] = 0, alone
        least[i, STEPS] = alone
        for other in range(1, SIZE):
            cost = np.int64(table[own, other] if own_is_row else table[other, own])
            if cost < alone:
                step = 0 if cost <= _NEAR else 1 if cost <= _FARTHER else 2
                near[i, step] |= np.int64(1) << other
                least[i, step] = min(least[i, step], cost)


@compiled
def _is_row(script: int, other_script: int) -> bool:
    """Are the sounds of this script the rows of the table?"""
    return script == other_script or other_script == 0 or (script != 0 and script < other_script)


@compiled
def could_be(
    packed: int,
    sounding: int,
    sounds: NDArray[np.int32],
    length: int,
    script: int,
    cheapest: NDArray[np.int32],
    near: NDArray[np.int64],
    least: NDArray[np.int64],
    scales: Scales,
    limit: int,
) -> bool:
    """Could the cost between two words be within the limit? Tells by the sounds of each that the other has, or has not,
    whatever their order; `sounding` has a bit for each sound of the other."""
    other_script = packed >> SCRIPT_AT & 15
    alike, own_is_row = script == other_script, _is_row(script, other_script)
    which = script if own_is_row else other_script
    couples = scales.couples[np.int64(not own_is_row), which]
    total, before = np.int64(0), np.int64(0)
    packed &= (1 << SCRIPT_AT) - 1
    while packed:
        sound = packed & 63
        total += cheapest[sound]
        if alike:
            spelt = scales.spelt[0, before, sound]
            if spelt:
                total -= max(0, cheapest[before] + cheapest[sound] - SPELT_PAIR - cheapest[spelt])
        else:
            limit += scales.halves[other_script, sound]
            if before:
                total -= max(0, cheapest[before] + cheapest[sound] - couples[before, sound])
        before = sound
        packed >>= 6
    if total > limit:
        return False
    total, last, before = np.int64(0), np.int64(0), np.int64(0)
    couples = scales.couples[np.int64(own_is_row), which]
    for i in range(length):
        cost = least[i, STEPS]
        for step in range(STEPS):
            if near[i, step] & sounding:
                cost = least[i, step]
                break
        total += cost
        sound = np.int64(sounds[i])
        if i and cost + last > 0:
            if not alike:
                total -= max(0, cost + last - couples[before, sound])
            elif scales.spelt[0, before, sound]:
                total -= max(0, cost + last - SPELT_PAIR)
        last, before = cost, sound
    return total <= limit
