"""What an index holds, and what words are weighed with, as the compiled loops are given it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.matching.keys import MARK
from streams.matching.likeness import Words
from streams.matching.lists import Lists
from streams.matching.stepped import Stepped
from streams.matching.words import COLUMNS

READ, COMPARED, STAMP, FETCHED, PLANNED = range(5)
"""What a search leaves behind: items of lists that it read, subjects that it compared, the last unit's number, a
number that only shows that memory was read, and lists that it has still to look up."""

NUMBERED, SPARE = range(2)
"""Numbers of words that were ever given, and how many of them are spare."""

MARKS = (MARK + 1) // 64
"""Numbers in which parts of hashes are marked, a bit each."""
KNOWN_AGE, KNOWN_LINKS, KNOWN_ROW = range(3)
"""What is known of a word: words added before, how many are linked with it, its row, two numbers in one, and the
linked words, each below what the pair is worth."""
KNOWN_FIRST = KNOWN_ROW + (COLUMNS + 1) // 2


class Store(NamedTuple):
    """What an index holds, see `lists.py` and `words.py`."""

    lists: Lists
    word_lists: Lists
    """Words by their skeletons, each below what it says (`sounding.says_of`), with its sounds beside it
    (`sounding.packed_of`)."""
    row_lists: Lists
    """Words by a hash of their rows."""
    starts: NDArray[np.int32]
    """Where the block of a subject begins in `lists.halves`; -1 for none."""
    seen: NDArray[np.int32]
    """The last search that met a subject."""
    hits: NDArray[np.int32]
    """Room for what a search finds."""
    words: Words
    uses: NDArray[np.int32]
    """How many subjects have a word."""
    spare: NDArray[np.int32]
    """Numbers that words had which are gone."""
    counts: NDArray[np.int64]
    """See `NUMBERED`."""
    met: NDArray[np.int32]
    """The last unit of a search that met a word."""
    added: NDArray[np.int64]
    """How many words have been added, and the last of them, in turns."""
    known: NDArray[np.int64]
    """What was found for words that were looked for, see `KNOWN_AGE`: a ring, the newest overwrites the oldest."""
    known_at: NDArray[np.int64]
    """First how much was ever written to `known`, then where the newest word of some hashes begins; -1 for none."""


class Scales(NamedTuple):
    """What words are weighed with, see `costs.py` and `words.py`."""

    costs: NDArray[np.int16]
    spelt: NDArray[np.int16]
    stepped: Stepped
    classes: NDArray[np.int32]
