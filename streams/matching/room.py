"""Room that the compiled loops work in: whoever calls them makes it, once, and no two at a time may use it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import allocating
from streams.matching.lookups import PARTS
from streams.matching.nameforms import MOST_WORDS
from streams.matching.scripts import Script
from streams.matching.vectors import LANES
from streams.matching.words import LONGEST, PACKED, VARIANTS

_TABLES, _SIDE = 6, LONGEST + 2
LISTS = len(Script) * VARIANTS
"""In which the words are that have a skeleton of another."""
GRID_ROWS = 3 * (PACKED + 1) + (2 + 2 * PARTS) * PACKED + 7 + PARTS
"""See `lanes.py`."""


class Room(NamedTuple):
    """What is in it is nobody's between two calls."""

    tables: NDArray[np.int32]
    """Square tables: the first for rows of a distance and the sounds of words, the others of two names' words."""
    best: NDArray[np.int64]
    """Of pairings, see `alignment.align`: a row for each word, a column for each set of the other name's words."""
    came: NDArray[np.int16]
    slots: NDArray[np.int64]
    """Of the lists in which words are looked for, see `looking.py`."""
    grid: NDArray[np.uint8]
    """Rows of many words' distances, and of what these are made of, see `lanes.py`."""


@allocating
def room_for_words(most: int) -> Room:
    """Room for a second name of so many words at most."""
    return Room(
        np.empty((_TABLES, _SIDE, _SIDE), np.int32),
        np.empty((MOST_WORDS + 2, 1 << most), np.int64),
        np.empty((MOST_WORDS + 2, 1 << most), np.int16),
        np.zeros(LISTS, np.int64),
        np.zeros(GRID_ROWS * LANES, np.uint8),
    )
