"""A word as the lists of an index tell it, for words that are weighed many at once. Compiled."""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.likeness import SLOPE
from streams.matching.stepped import MOST_STEPS, STEP, STEP_ACROSS
from streams.matching.words import PACKED

LENGTH_AT = 54
LOOK_CLOSELY = 0
"""In the place of a length: this word is not to be judged by its sounds alone."""
SAYS_LETTERS_AT, SAYS_HALF_AT = 32, 40
"""In an item: what its spelling allows it to cost within its script, and its part of what it may cost across scripts,
in steps."""


@compiled
def packed_of(sounds: NDArray[np.int32], length: int, close: bool) -> int:
    """The first sounds of a word and its length in one number; `close`: it is to be looked at closely."""
    found = np.int64(LOOK_CLOSELY if close else length) << LENGTH_AT
    for i in range(min(length, PACKED)):
        found |= np.int64(sounds[i]) << 6 * i
    return found


@compiled
def letters_in_steps(letters: int, least: int) -> int:
    """What a word whose spelling says so much may cost beside another of its script with which it is worth `least`."""
    return min(max((letters - least) // SLOPE // STEP, 0), MOST_STEPS)


@compiled
def says_of(letters: int, half: int, least: int) -> int:
    """What is told of a word below its number in a list; half of it rounded down, the query's will be rounded up."""
    return letters_in_steps(letters, least) << SAYS_LETTERS_AT | min(half // STEP_ACROSS, MOST_STEPS) << SAYS_HALF_AT
