"""What an index holds, and what words are weighed with, as the compiled loops are given it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.matching.alignment import Words
from streams.matching.keys import MARK
from streams.matching.lists import Lists

READ, COMPARED, STAMP = range(3)
"""What a search leaves behind: items of lists that it read, subjects that it compared, and the last unit's number."""

MARKS = (MARK + 1) // 64
KNOWN_AGE, KNOWN_BONES, KNOWN_ROW = range(3)
KNOWN_COLUMNS = 128
"""Columns of what is known of a word: words added before, first skeletons (0: nothing is known; else one more than
there are), the word's row, the marks, and the skeletons."""


class Store(NamedTuple):
    """What an index holds, see `lists.py` and `words.py`."""

    lists: Lists
    starts: NDArray[np.int32]
    """Where the block of a subject begins in `lists.halves`; -1 for none."""
    seen: NDArray[np.int32]
    """The last search that met a subject."""
    hits: NDArray[np.int32]
    """Room for what a search finds."""
    words: Words
    packed: NDArray[np.int64]
    """See `sounding.packed_of`."""
    sounding: NDArray[np.int64]
    """See `sounding.sounding_of`."""
    met: NDArray[np.int32]
    """The last unit of a search that met a word."""
    added: NDArray[np.int64]
    """How many words have been added, and the last of them, in turns."""
    known: NDArray[np.int64]
    """What was found for words that were looked for, see `_recall`."""


class Scales(NamedTuple):
    """What words are weighed with, see `costs.py` and `words.py`."""

    costs: NDArray[np.int16]
    spelt: NDArray[np.int16]
    halves: NDArray[np.int16]
    couples: NDArray[np.int16]
    nearest: NDArray[np.int64]
    classes: NDArray[np.int32]
