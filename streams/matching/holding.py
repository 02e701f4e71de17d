"""Two subjects held against each other by name and date of birth, in one call. Compiled."""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.beside import MOST_BESIDE, most_beside
from streams.matching.comparing import NO_NAME, best_names, date_weight, pairing_of, wanted_of
from streams.matching.compiled import allocating, compiled
from streams.matching.layout import BIRTHS, FIRST, FORMS, KIND
from streams.matching.likeness import Words
from streams.matching.nameforms import MOST_WORDS
from streams.matching.relation import related
from streams.matching.room import Room, room_for_words

PAIRS, NAMED_ALIKE, SCORE, DATE, FORM, OTHER_FORM, PAIRING = range(7)
"""What is said of two subjects: whether the index would pair them by name, and whether it would if everything else
agreed; what their best names say, and their dates; which names these are, and, from PAIRING on, which word is whose
partner (see `alignment.align`)."""
SAID = PAIRING + MOST_WORDS + 2
"""So many numbers."""
Said = list[int]
"""What is said of two subjects, in Python."""


@allocating
def hold(
    words: Words,
    block: NDArray[np.int32],
    others: Words,
    other_block: NDArray[np.int32],
    classes: NDArray[np.int32],
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    memory: NDArray[np.int64],
) -> NDArray[np.int32]:
    """What is said of the two, see `PAIRS`."""
    said, room = np.empty(SAID, np.int32), room_for_words(_longest(other_block))
    _hold(words, block, others, other_block, classes, costs, spelt, memory, room, said)
    return said


@compiled
def _longest(block: NDArray[np.int32]) -> int:
    """Words of the name that has most."""
    at, most = FIRST + block[BIRTHS], 0
    for _ in range(block[FORMS]):
        most = max(most, block[at + 1])
        at += 2 + block[at + 1]
    return most


@compiled
def _hold(
    words: Words,
    block: NDArray[np.int32],
    others: Words,
    other_block: NDArray[np.int32],
    classes: NDArray[np.int32],
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    memory: NDArray[np.int64],
    room: Room,
    said: NDArray[np.int32],
) -> None:
    none, forms = np.int64(0), said[FORM : OTHER_FORM + 1]
    score = best_names(
        words, block, none, others, other_block, none, np.int64(NO_NAME), costs, spelt, memory, none, room, forms
    )
    date = date_weight(block, none, other_block, none)
    alike = score >= wanted_of(date, np.int64(MOST_BESIDE)) and related(
        words, block, none, others, other_block, none, date, classes, costs, spelt, room
    )
    beside = most_beside(np.int64(block[KIND]), np.int64(other_block[KIND]))
    said[PAIRS], said[NAMED_ALIKE] = alike and score >= wanted_of(date, beside), alike
    said[SCORE], said[DATE] = score, date
    pairing_of(words, block, none, others, other_block, none, forms, costs, spelt, room, said[PAIRING:])
