"""How well two names agree: their words paired in the way that says most, whatever their order. Compiled.

A pair of words is worth what the commoner of them says (its rarity) less what it costs to take one for the other.
Words left over on both sides are a conflict and cost much; words left over on one side cost little (names are left
out, fathers' names added). Two words written as one, or one as two, are paired as well.

All numbers are whole (hundredths of a bit): the same names score the same on every machine, whichever is which.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.likeness import LEAST, WEAK_STEP, Words
from streams.matching.room import Room
from streams.matching.words import HASH, WEIGHT

CONFLICT = 8
"""Hundredths of a bit for each percent of weight left over on both sides: a whole word against another costs 8 bits."""
EXTRA_PERCENT = 130
"""What a whole word costs that one side has and the other has not."""
RELATED = 2000
"""Words that agree beyond this count only in part: relatives share fathers' and family names, so that the words of a
long name are not independent."""
RELATED_PART = 8
"""One bit of eight."""
LONE_WORD = 400
"""What it costs besides that one side bears one word alone, and the other more."""
BOTH_ALONE = 400
"""What it says besides that both persons bear one word alone, and it agrees: one in ten listed names is one word, of
5,000 travellers none."""
LEAST_ALONE = 400
"""If it is worth this by itself: one that agrees in part is nobody's name."""
LOW_QUALITY = 200
"""A low-quality alias says less."""

TRUNCATED_FLAG, LOW_FLAG, TWICE_FLAG, SECOND_FLAG = 1, 2, 4, 8
FLAGS = {
    (low_quality, truncated): LOW_FLAG * low_quality | TRUNCATED_FLAG * truncated
    for low_quality in (False, True)
    for truncated in (False, True)
}
"""Of a name that is a low-quality alias, or may be truncated. The others: it is read in two ways, with particles left
out and with each as one with the word after it; this is the second."""


@compiled
def _shuffled(one: int, two: int) -> int:
    """A small number of two words, the same for either order: it makes the best pairing one."""
    mixed = (one ^ two) * 40503 + (one + two) * 2654435
    return (mixed >> 7) & 0xFFFF


@compiled
def in_part(agreed: int) -> int:
    """What words that agree say together."""
    return agreed if agreed <= RELATED else RELATED + (agreed - RELATED) // RELATED_PART


@compiled
def align(
    words: Words,
    ids: NDArray[np.int32],
    flags: int,
    others: Words,
    other_ids: NDArray[np.int32],
    other_flags: int,
    single: NDArray[np.int32],
    joined_other: NDArray[np.int32],
    joined_own: NDArray[np.int32],
    both_alone: int,
    room: Room,
    pairing: NDArray[np.int32],
) -> int:
    """The score of two names; `single[i, j]` is the worth of word i with word j, for the others see `join`, for
    `both_alone` see BOTH_ALONE.

    `pairing[i]` becomes, for each word of the first name: 1 + j of its partner, plus 64 where the partner is j and
    j + 1 together, plus 128 where it and its follower share j; 0 where it has none.
    """
    n, m = len(ids), len(other_ids)
    full = 1 << m
    unset = -(1 << 60)
    best, came = room.best, room.came
    for i in range(n + 2):
        for mask in range(full):
            best[i, mask], came[i, mask] = unset, 0
    best[0, 0] = 0
    for i in range(n):
        hash_own = np.int64(words[ids[i], HASH])
        for mask in range(full):
            value = best[i, mask]
            if value == unset:
                continue
            if value > best[i + 1, mask]:
                best[i + 1, mask] = value
                came[i + 1, mask] = 0
            for j in range(m):
                if mask >> j & 1:
                    continue
                hash_other = np.int64(others[other_ids[j], HASH])
                if single[i, j] > 0:
                    new = value + (np.int64(single[i, j]) << 24) + _shuffled(hash_own, hash_other)
                    target = mask | 1 << j
                    if new > best[i + 1, target]:
                        best[i + 1, target] = new
                        came[i + 1, target] = j + 1
                if joined_other[i, j] > 0 and not mask >> (j + 1) & 1:
                    shuffled = _shuffled(hash_own, hash_other + others[other_ids[j + 1], HASH])
                    new = value + (np.int64(joined_other[i, j]) << 24) + shuffled
                    target = mask | 3 << j
                    if new > best[i + 1, target]:
                        best[i + 1, target] = new
                        came[i + 1, target] = j + 1 + 64
                if joined_own[i, j] > 0:
                    shuffled = _shuffled(hash_own + words[ids[i + 1], HASH], hash_other)
                    new = value + (np.int64(joined_own[i, j]) << 24) + shuffled
                    target = mask | 1 << j
                    if new > best[i + 2, target]:
                        best[i + 2, target] = new
                        came[i + 2, target] = j + 1 + 128
    mask = 0
    for candidate in range(full):
        if best[n, candidate] > best[n, mask]:
            mask = candidate
    score = in_part(best[n, mask] >> 24)
    weak = 0
    own_left, other_left = 0, 0
    for j in range(m):
        if not mask >> j & 1:
            other_left += others[other_ids[j], WEIGHT]
    for i in range(n):
        pairing[i] = 0
    i = n
    while i > 0:
        step = came[i, mask]
        if step == 0:
            i -= 1
            own_left += words[ids[i], WEIGHT]
        elif step >= 128:
            i -= 2
            pairing[i] = step
            mask &= ~(1 << (step - 129))
        elif step >= 64:
            i -= 1
            pairing[i] = step
            mask &= ~(3 << (step - 65))
        else:
            i -= 1
            pairing[i] = step
            mask &= ~(1 << (step - 1))
            if single[i, step - 1] < LEAST:
                weak += LEAST - single[i, step - 1]
    score -= weak * WEAK_STEP
    conflict = min(own_left, other_left)
    own_extra, other_extra = own_left - conflict, other_left - conflict
    if other_flags & TRUNCATED_FLAG:
        own_extra = 0
    if flags & TRUNCATED_FLAG:
        other_extra = 0
    if (n == 1) != (m == 1) and own_extra + other_extra > 0:
        score -= LONE_WORD
    if n == 1 and m == 1 and single[0, 0] >= LEAST_ALONE:
        score += both_alone
    score -= conflict * CONFLICT + (own_extra + other_extra) * EXTRA_PERCENT // 100
    if (flags | other_flags) & LOW_FLAG:
        score -= LOW_QUALITY
    return score
