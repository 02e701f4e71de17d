"""The units of a query, for each of which the words linked with it are found: its words, then each two neighbours
written as one. Compiled."""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.keys import beginning, joined_bone
from streams.matching.layout import BIRTHS, FIRST, FORMS
from streams.matching.likeness import Words
from streams.matching.words import BONES, VARIANTS

FIRST_WORD, SECOND_WORD, UNIT_BEGINNINGS, UNIT_ALONE, UNIT_BONES = range(5)
UNIT_COLUMNS = UNIT_BONES + VARIANTS
"""Columns of a unit: its words (-1: no second), the first consonants of the words beside it, whether it is a name by
itself, and its skeletons."""


@compiled
def count_units(words: Words, block: NDArray[np.int32]) -> int:
    """How many units there are."""
    at, total = FIRST + block[BIRTHS], len(words)
    for _ in range(block[FORMS]):
        total += block[at + 1] - 1
        at += 2 + block[at + 1]
    return total


@compiled
def fill_units(words: Words, block: NDArray[np.int32], classes: NDArray[np.int32], units: NDArray[np.int64]) -> None:
    """A row for each word, then one for each two neighbours of each form; they are zeros before."""
    for word in range(len(words)):
        units[word, FIRST_WORD], units[word, SECOND_WORD] = word, -1
        for v in range(VARIANTS):
            units[word, UNIT_BONES + v] = words[word, BONES + v]
    at, unit = FIRST + block[BIRTHS], len(words)
    for _ in range(block[FORMS]):
        n = block[at + 1]
        for i in range(n):
            word = np.int64(block[at + 2 + i])
            for j in range(n):
                if j != i:
                    units[word, UNIT_BEGINNINGS] |= beginning(words, np.int64(block[at + 2 + j]))
            if n == 1:
                units[word, UNIT_ALONE] = 1
            if i + 1 < n:
                second = np.int64(block[at + 3 + i])
                units[unit, FIRST_WORD], units[unit, SECOND_WORD] = word, second
                for v in range(VARIANTS):
                    units[unit, UNIT_BONES + v] = joined_bone(words, word, second, v, classes)
                unit += 1
        at += 2 + n
