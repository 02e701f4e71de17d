"""The sounds of a word in one number, as an index holds them at hand for a search. Compiled."""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
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
def is_row(script: int, other_script: int) -> bool:
    """Are the sounds of this script the rows of the table of costs between the two, see `costs.py`?"""
    return script == other_script or other_script == 0 or (script != 0 and script < other_script)
