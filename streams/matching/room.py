"""Room that the compiled loops work in: whoever calls them makes it, once, and no two at a time may use it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import allocating
from streams.matching.nameforms import MOST_WORDS
from streams.matching.words import LONGEST, PACKED

_TABLES, _SIDE = 6, LONGEST + 2
LANES = 32
"""Words that are held against another at once, see `lanes.py`."""
LANE_ROWS = 3 * (PACKED + 1) + PACKED + 2


class Room(NamedTuple):
    """What is in it is nobody's between two calls."""

    tables: NDArray[np.int32]
    """Square tables: the first for rows of a distance and the sounds of words, the others of two names' words."""
    best: NDArray[np.int64]
    """Of pairings, see `alignment.align`: a row for each word, a column for each set of the other name's words."""
    came: NDArray[np.int16]
    lane_words: NDArray[np.int64]
    """Of the words that are held against another at once, and of the next of a list: see `lanes.py` and `linking.py`.
    """
    codes: NDArray[np.int16]
    """Their sounds one by one, then the sound that each spells together with the one before it."""
    grid: NDArray[np.int16]
    """Rows of their distances."""


@allocating
def room_for_words(most: int) -> Room:
    """Room for a second name of so many words at most."""
    return Room(
        np.empty((_TABLES, _SIDE, _SIDE), np.int32),
        np.empty((MOST_WORDS + 2, 1 << most), np.int64),
        np.empty((MOST_WORDS + 2, 1 << most), np.int16),
        np.zeros((6, LANES), np.int64),
        np.empty((2 * PACKED, LANES), np.int16),
        np.empty((LANE_ROWS, LANES), np.int16),
    )
