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
KINDS = 3
"""Of words that are held against another: of its script; of another, whose sounds are the rows of the table of costs;
of another, where the word's own are."""
LANE_ROWS = 3 * (PACKED + 1) + 2 * PACKED + 4


class Room(NamedTuple):
    """What is in it is nobody's between two calls."""

    tables: NDArray[np.int32]
    """Square tables: the first for rows of a distance and the sounds of words, the others of two names' words."""
    best: NDArray[np.int64]
    """Of pairings, see `alignment.align`: a row for each word, a column for each set of the other name's words."""
    came: NDArray[np.int16]
    lane_words: NDArray[np.int64]
    """Of the words that are held against another at once, by kind: see `lanes.py`."""
    filled: NDArray[np.int64]
    """How many these are, by kind."""
    next_words: NDArray[np.int64]
    """Of the next of a list, see `linking.py`."""
    codes: NDArray[np.uint16]
    """Their sounds one by one, then the sound that each spells together with the one before it."""
    places: NDArray[np.uint32]
    """Where in the table of costs the rows or columns of their sounds begin, and, last, their tables."""
    grid: NDArray[np.int16]
    """Rows of their distances, and of what these are made of."""


@allocating
def room_for_words(most: int) -> Room:
    """Room for a second name of so many words at most."""
    return Room(
        np.empty((_TABLES, _SIDE, _SIDE), np.int32),
        np.empty((MOST_WORDS + 2, 1 << most), np.int64),
        np.empty((MOST_WORDS + 2, 1 << most), np.int16),
        np.zeros((KINDS, 3, LANES), np.int64),
        np.zeros(KINDS, np.int64),
        np.zeros((3, LANES), np.int64),
        np.zeros((2 * PACKED, LANES), np.uint16),
        np.zeros((PACKED + 1, LANES), np.uint32),
        np.empty((LANE_ROWS, LANES), np.int16),
    )
