"""How far two words are from each other, in hundredths of a bit: a weighted edit distance over sounds."""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value"
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
    one: NDArray[np.int32],
    one_length: int,
    two: NDArray[np.int32],
    two_length: int,
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    limit: int,
    beginning: int,
    rows: NDArray[np.int32],
) -> int:
    """The cheapest way from `one` (rows of `costs`) to `two` (columns); FAR if it costs more than `limit`.

    A sound missing at the beginning costs `beginning` more: beginnings are seldom wrong. `rows` is room to work in, its
    first four rows at least one more than the longest word has sounds. Two neighbours may be exchanged, and two letters
    may spell one sound on either side.
    """
    gaps, spelling = rows[6], rows[3]
    last = rows[0]
    last[0] = 0
    for j in range(1, two_length + 1):
        gaps[j] = costs[0, np.uint64(two[j - 1])]
        last[j] = last[j - 1] + gaps[j] + (beginning if j == 1 else 0)
        spelling[j] = spelt[np.uint64(two[j - 2]), np.uint64(two[j - 1])] if j > 1 else 0
    least, before = 0, np.uint64(0)
    for i in range(1, one_length + 1):
        row, last, second_last = rows[i % 3], rows[(i - 1) % 3], rows[(i + 1) % 3]
        a = np.uint64(one[i - 1])
        beside, spelt_here = costs[a], np.uint64(spelt[before, a]) if i > 1 else np.uint64(0)
        dropped, previous = np.int64(beside[0]), least
        left = last[0] + dropped + (beginning if i == 1 else 0)
        row[0] = least = left
        diagonal, b_before = np.int64(last[0]), np.uint64(0)
        for j in range(1, two_length + 1):
            b, above = np.uint64(two[j - 1]), np.int64(last[j])
            best = min(diagonal + beside[b], above + dropped, left + gaps[j])
            if spelling[j]:
                best = min(best, last[j - 2] + beside[np.uint64(spelling[j])] + PAIR)
            if a == b_before and before == b and i > 1 and j > 1:
                best = min(best, second_last[j - 2] + beside[a] + costs[b, b] + SWAPPED)
            if spelt_here:
                best = min(best, second_last[j - 1] + costs[spelt_here, b] + PAIR)
            row[j] = left = best
            diagonal, b_before = above, b
            least = min(least, best)
        if least > limit and previous > limit:
            return FAR
        before = a
    found = np.int64(rows[one_length % 3, two_length])
    return found if found <= limit else FAR


@compiled
def distance_across(
    one: NDArray[np.int32],
    one_length: int,
    two: NDArray[np.int32],
    two_length: int,
    costs: NDArray[np.int16],
    limit: int,
    rows: NDArray[np.int32],
) -> int:
    """The cheapest way from a word of another script to a Latin one by a learnt table; FAR beyond `limit`.

    A sound for a sound, one for two, two for one, one for none; what is silent at the end of a word has a cost of its
    own.
    """
    last, gaps = rows[0], rows[3]
    last[0] = 0
    for j in range(1, two_length + 1):
        b = np.uint64(two[j - 1])
        gaps[j] = costs[SILENT_LAST + 1, b] if j == two_length else costs[0, b]
        last[j] = last[j - 1] + gaps[j]
    least, before = 0, np.int64(0)
    for i in range(1, one_length + 1):
        row, last, second_last = rows[i % 3], rows[(i - 1) % 3], rows[(i + 1) % 3]
        a = np.int64(one[i - 1])
        beside, couple = costs[np.uint64(a)], costs[np.uint64(TWO_FOR_ONE + before * SIZE + a)]
        silent = np.int64(costs[SILENT_LAST, np.uint64(a)] if i == one_length else beside[0])
        previous = least
        left = last[0] + silent
        row[0] = least = left
        diagonal, two_back, b_before = np.int64(last[0]), np.int64(0), np.int64(0)
        for j in range(1, two_length + 1):
            b, above = np.uint64(two[j - 1]), np.int64(last[j])
            best = min(diagonal + beside[b], above + silent, left + gaps[j])
            if j > 1:
                best = min(best, two_back + costs[np.uint64(ONE_FOR_TWO + a * SIZE + b_before), b])
            if i > 1:
                best = min(best, second_last[j - 1] + couple[b])
            row[j] = left = best
            two_back, diagonal, b_before = diagonal, above, np.int64(b)
            least = min(least, best)
        if least > limit and previous > limit:
            return FAR
        before = a
    found = np.int64(rows[one_length % 3, two_length])
    return found if found <= limit else FAR
