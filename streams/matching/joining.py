"""Two neighbours of a name written as one word. Compiled."""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value, operator"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.distance import FAR
from streams.matching.likeness import (
    BY_CHANCE,
    LEAST,
    SLOPE,
    Words,
    allowed,
    classes_alike,
    cost_between,
    mode_of,
    unpack,
    value_of,
)
from streams.matching.words import ENDS, FLOOR, HALF, INFO, LENGTH, LETTERS, LONGEST, SCRIPT, SETS

MOST_APART = 3
"""Sounds that two words and the two as one may differ by."""
JOINED = 50
"""Two words written as one."""


@compiled
def joined_sounds(words: Words, first: int, second: int, out: NDArray[np.int32], rest: NDArray[np.int32]) -> int:
    """The sounds of two words written as one; `rest` is room to work in. Returns how many."""
    length = unpack(words, first, out)
    more = unpack(words, second, rest)
    for i in range(min(more, LONGEST - length)):
        out[length + i] = rest[i]
    total = min(length + more, LONGEST)
    if length < LONGEST and length > 0 and out[length] == out[length - 1]:
        for i in range(length, total - 1):
            out[i] = out[i + 1]
        total -= 1
    return total


@compiled
def may_join(words: Words, word: int, others: Words, first: int, second: int) -> bool:
    """Could two neighbours written as one be this word: about as long, with its first and its last consonant, and with
    all classes of consonants that are sure but as many as may change (see `likeness.classes_alike`)?"""
    length = np.int64(words[word, LENGTH])
    together = others[first, LENGTH] + others[second, LENGTH]
    if abs(length - together) > MOST_APART or length < 4 or others[first, LENGTH] < 2 or others[second, LENGTH] < 2:
        return False
    if words[word, ENDS] & others[first, ENDS] & 0x7FFF == 0 or (words[word, ENDS] & others[second, ENDS]) >> 15 == 0:
        return False
    together = np.int64(others[first, SETS] | others[second, SETS])
    return classes_alike(np.int64(words[word, SETS]), together, length)


@compiled
def most_joined(words: Words, word: int) -> int:
    """What a word is worth at most as a pair with two that are written as one."""
    return max(np.int64(words[word, INFO]), FLOOR) - JOINED


@compiled
def worth_joined(
    words: Words,
    word: int,
    others: Words,
    first: int,
    second: int,
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    rows: NDArray[np.int32],
) -> tuple[int, int]:
    """What a word is worth as a pair with two neighbours of the other name written as one."""
    if not may_join(words, word, others, first, second):
        return 0, FAR
    one, two = rows[4], rows[5]
    one_length = unpack(words, word, one)
    two_length = joined_sounds(others, first, second, two, rows[6])
    script, other_script = words[word, SCRIPT], others[first, SCRIPT]
    if others[second, SCRIPT] != other_script:
        return 0, FAR
    info = min(words[word, INFO], others[first, INFO] + others[second, INFO])
    if script == other_script:
        letters = min(words[word, LETTERS], others[first, LETTERS] + others[second, LETTERS])
        limit = min((letters - LEAST) // SLOPE, allowed(max(one_length, two_length)))
    else:
        letters = words[word, HALF] + others[first, HALF] + others[second, HALF] - BY_CHANCE
        letters = min(letters, info + costs[mode_of(script, other_script), 0, 0] * max(one_length, two_length))
        limit = letters - LEAST
    cost = cost_between(one, one_length, script, two, two_length, other_script, costs, spelt, limit, rows)
    if cost >= FAR:
        return 0, FAR
    value = value_of(info, letters, cost, script == other_script) - JOINED
    return (value, cost + JOINED) if value >= LEAST else (0, FAR)


@compiled
def join(
    words: Words,
    ids: NDArray[np.int32],
    others: Words,
    other_ids: NDArray[np.int32],
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    told: bool,
    rows: NDArray[np.int32],
    joined_other: NDArray[np.int32],
    joined_own: NDArray[np.int32],
) -> None:
    """The worth of word i with words j and j + 1 of the other name as one, and of words i and i + 1 as one with j.

    `told`: those that cannot be joined are 0 already.
    """
    n, m = len(ids), len(other_ids)
    for i in range(n):
        for j in range(m):
            word, other = np.int64(ids[i]), np.int64(other_ids[j])
            if not told:
                joined_other[i, j], joined_own[i, j] = j + 1 < m, i + 1 < n
            if joined_other[i, j]:
                second = np.int64(other_ids[j + 1])
                joined_other[i, j] = worth_joined(words, word, others, other, second, costs, spelt, rows)[0]
            if joined_own[i, j]:
                second = np.int64(ids[i + 1])
                joined_own[i, j] = worth_joined(others, other, words, word, second, costs, spelt, rows)[0]
