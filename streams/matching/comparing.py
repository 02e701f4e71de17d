"""Two subjects compared by name and date of birth: the core of both the search and the decision. Compiled."""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.alignment import CONFLICT, MOST_UNITS, Words, align, may_join, worth
from streams.matching.blocks import BIRTHS, FIRST, FORMS
from streams.matching.compiled import compiled
from streams.matching.dates import grade
from streams.matching.rarity import RAREST
from streams.matching.words import WEIGHT

NO_NAME = -(1 << 20)
"""The score where a side bears no name."""

PAIRED = 500
"""Hundredths of a bit that name and date of birth must say together for two subjects to be paired by name: what is
POSSIBLE, less what sex, nationality and place of birth can add at most."""

NO_MEMORY = np.zeros(0, np.int64)
_PROBES = 4


@compiled
def date_weight(block: NDArray[np.int32], start: int, other_block: NDArray[np.int32], other_start: int) -> int:
    """The weight of the two dates of birth that agree best; 0 where nothing can be said."""
    best, any_said = 0, False
    for i in range(block[start + BIRTHS]):
        for j in range(other_block[other_start + BIRTHS]):
            weight, rule = grade(block[start + FIRST + i], other_block[other_start + FIRST + j])
            if rule and (not any_said or weight > best):
                best, any_said = weight, True
    return best


@compiled
def _remembered(
    words: Words,
    word: int,
    others: Words,
    other: int,
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    memory: NDArray[np.int64],
    turn: int,
) -> int:
    """The worth of two words, computed once a search: `memory` holds keys and worths of pairs, `turn` the search."""
    size = len(memory) >> 1
    if size == 0 or word > 63:
        return worth(words, word, others, other, costs, spelt, False)[0]
    key = ((np.int64(turn) & 0xFFFFFF) << 38) | (np.int64(word) << 32) | np.int64(other)
    place = ((other * 40503 + word * 2654435) & 0x7FFFFFFF) % size
    for probe in range(_PROBES):
        at = (place + probe) % size
        if memory[at] == key:
            return memory[size + at]
        if memory[at] >> 38 != key >> 38:
            place = at
            break
    value = worth(words, word, others, other, costs, spelt, False)[0]
    memory[place], memory[size + place] = key, value
    return value


@compiled
def _at_most(
    words: Words,
    ids: NDArray[np.int32],
    others: Words,
    other_ids: NDArray[np.int32],
    single: NDArray[np.int32],
) -> int:
    """No pairing of two names scores more than this: the best partner of each word, less what has none."""
    n, m = len(ids), len(other_ids)
    most, own_left, other_left = 0, 0, 0
    partner = np.zeros(MOST_UNITS, np.bool_)
    for i in range(n):
        best = 0
        for j in range(m):
            if single[i, j] > 0:
                best = max(best, single[i, j])
                partner[j] = True
            if j + 1 < m and may_join(words, ids[i], others, other_ids[j], other_ids[j + 1]):
                best = RAREST
                partner[j] = partner[j + 1] = True
            if i + 1 < n and may_join(others, other_ids[j], words, ids[i], ids[i + 1]):
                best = RAREST
                partner[j] = True
            if i > 0 and may_join(others, other_ids[j], words, ids[i - 1], ids[i]):
                best = max(best, 1)
                partner[j] = True
        most += best
        if best == 0:
            own_left += words[ids[i], WEIGHT]
    for j in range(m):
        if not partner[j]:
            other_left += others[other_ids[j], WEIGHT]
    return most - min(own_left, other_left) * CONFLICT


@compiled
def best_names(
    words: Words,
    block: NDArray[np.int32],
    start: int,
    others: Words,
    other_block: NDArray[np.int32],
    other_start: int,
    least: int,
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    memory: NDArray[np.int64],
    turn: int,
    out: NDArray[np.int32],
) -> int:
    """The score of the two name forms that agree best, `out` becomes their numbers; of equal ones the first.

    Forms that cannot reach `least` may be passed over; the score is then below it too.
    """
    best = NO_NAME
    pairing = np.empty(MOST_UNITS + 2, np.int32)
    single = np.empty((MOST_UNITS, MOST_UNITS), np.int32)
    at = start + FIRST + block[start + BIRTHS]
    for form in range(block[start + FORMS]):
        flags, n = block[at], block[at + 1]
        ids = block[at + 2 : at + 2 + n]
        at += 2 + n
        other_at = other_start + FIRST + other_block[other_start + BIRTHS]
        for other_form in range(other_block[other_start + FORMS]):
            other_flags, m = other_block[other_at], other_block[other_at + 1]
            other_ids = other_block[other_at + 2 : other_at + 2 + m]
            other_at += 2 + m
            for i in range(n):
                for j in range(m):
                    if (flags & 1 and i == n - 1) or (other_flags & 1 and j == m - 1):
                        single[i, j] = worth(words, ids[i], others, other_ids[j], costs, spelt, True)[0]
                    else:
                        single[i, j] = _remembered(words, ids[i], others, other_ids[j], costs, spelt, memory, turn)
            if least > 0 and _at_most(words, ids, others, other_ids, single) < max(least, best):
                continue
            score = align(words, ids, flags, others, other_ids, other_flags, single, costs, spelt, pairing)
            if score > best:
                best = score
                out[0], out[1] = form, other_form
    return best
