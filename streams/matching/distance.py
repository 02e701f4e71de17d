"""How far two words are from each other, in hundredths of a bit: a weighted edit distance over sounds."""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.costs import ONE_FOR_TWO, PAIR, SILENT_LAST, SIZE, SWAPPED, TWO_FOR_ONE

FAR = 1 << 20
"""More than any limit."""
LONGEST = 24
"""Sounds of a word that are compared."""


@compiled
def distance(
    one: NDArray[np.uint8],
    one_length: int,
    two: NDArray[np.uint8],
    two_length: int,
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    limit: int,
    beginning: int,
    rows: NDArray[np.int32],
) -> int:
    """The cheapest way from `one` (rows of `costs`) to `two` (columns); FAR if it costs more than `limit`.

    A sound missing at the beginning costs `beginning` more: beginnings are seldom wrong. `rows` is room to work in, at
    least one more each way than the longest word has sounds. Two neighbours may be exchanged, and two letters may spell
    one sound on either side.
    """
    rows[0, 0] = 0
    least = 0
    for j in range(1, two_length + 1):
        rows[0, j] = rows[0, j - 1] + costs[0, two[j - 1]] + (beginning if j == 1 else 0)
    for i in range(1, one_length + 1):
        a = one[i - 1]
        previous = least
        rows[i, 0] = rows[i - 1, 0] + costs[a, 0] + (beginning if i == 1 else 0)
        least = rows[i, 0]
        for j in range(1, two_length + 1):
            b = two[j - 1]
            best = rows[i - 1, j - 1] + costs[a, b]
            other = rows[i - 1, j] + costs[a, 0]
            if other < best:
                best = other
            other = rows[i, j - 1] + costs[0, b]
            if other < best:
                best = other
            if j > 1:
                before = two[j - 2]
                sound = spelt[before, b]
                if sound:
                    other = rows[i - 1, j - 2] + costs[a, sound] + PAIR
                    if other < best:
                        best = other
                if i > 1 and a == before and one[i - 2] == b:
                    other = rows[i - 2, j - 2] + costs[a, before] + costs[one[i - 2], b] + SWAPPED
                    if other < best:
                        best = other
            if i > 1:
                sound = spelt[one[i - 2], a]
                if sound:
                    other = rows[i - 2, j - 1] + costs[sound, b] + PAIR
                    if other < best:
                        best = other
            rows[i, j] = best
            if best < least:
                least = best
        if least > limit and previous > limit:
            return FAR
    found = rows[one_length, two_length]
    return found if found <= limit else FAR


@compiled
def distance_across(
    one: NDArray[np.uint8],
    one_length: int,
    two: NDArray[np.uint8],
    two_length: int,
    costs: NDArray[np.int16],
    limit: int,
    rows: NDArray[np.int32],
) -> int:
    """The cheapest way from a word of another script to a Latin one by a learnt table; FAR beyond `limit`.

    A sound for a sound, one for two, two for one, one for none; what is silent at the end of a word has a cost of its
    own.
    """
    rows[0, 0] = 0
    for j in range(1, two_length + 1):
        gap = costs[SILENT_LAST + 1, two[j - 1]] if j == two_length else costs[0, two[j - 1]]
        rows[0, j] = rows[0, j - 1] + gap
    least = 0
    for i in range(1, one_length + 1):
        a = np.int64(one[i - 1])
        before = np.int64(one[i - 2]) if i > 1 else np.int64(0)
        silent = np.int64(costs[SILENT_LAST, a] if i == one_length else costs[a, 0])
        previous = least
        rows[i, 0] = least = rows[i - 1, 0] + silent
        for j in range(1, two_length + 1):
            b = np.int64(two[j - 1])
            best = rows[i - 1, j - 1] + costs[a, b]
            other = rows[i - 1, j] + silent
            if other < best:
                best = other
            other = rows[i, j - 1] + (costs[SILENT_LAST + 1, b] if j == two_length else costs[0, b])
            if other < best:
                best = other
            if j > 1:
                other = rows[i - 1, j - 2] + costs[ONE_FOR_TWO + a * SIZE + two[j - 2], b]
                if other < best:
                    best = other
            if i > 1:
                other = rows[i - 2, j - 1] + costs[TWO_FOR_ONE + before * SIZE + a, b]
                if other < best:
                    best = other
            rows[i, j] = best
            if best < least:
                least = best
        if least > limit and previous > limit:
            return FAR
    found = rows[one_length, two_length]
    return found if found <= limit else FAR
