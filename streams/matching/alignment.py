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
from streams.matching.costs import SAME_SCRIPT
from streams.matching.distance import FAR, distance, distance_across
from streams.matching.words import (
    BONES,
    ENDS,
    FAMILY,
    FLOOR,
    HALF,
    HASH,
    INFO,
    LENGTH,
    LETTERS,
    LONGEST,
    SCRIPT,
    SETS,
    SOUND,
    TIE,
    VARIANTS,
    WEIGHT,
)

Words = NDArray[np.int32]

ONE_FAMILY = 20
"""Spellings of one name."""
OTHER_FAMILY = 400
"""Names known to be different, however alike."""
OTHER_SKELETON = 150
"""Within one script, words whose consonants cannot be read alike differ by this at least."""
TIED = 350
"""Nicknames and the same name in other languages."""
BY_CHANCE = 60
"""Across scripts: any word of a name is held against any of the other, so some pair agrees by chance."""
BEGINNING = 80
MOST_APART = 3
"""Sounds that two words and the two as one may differ by."""
JOINED = 50
"""Two words written as one."""
INITIAL = 150
"""What an initial that fits is worth."""
SLOPE = 3
"""A change counts thrice: it is met seldom of one name, and every change allowed makes more strangers fit."""
CLOSE = 50
"""Up to this cost two words count as the same, and the floor of a word's worth holds."""
PER_SOUND = 50
"""Two words may differ by this much for each of their sounds."""
ONE_CHANGE = 270
"""And by one letter at least, if they have four sounds."""
LEAST = 60
"""A pair that is worth less is none."""
WEAKEST = 600
"""Across scripts a word read for another is worth less than nothing down to this: still less of a conflict than two
words that have nothing to do with each other."""
_WEAK_STEP = 12
"""A weak pair is one of 1 to LEAST - 1, in steps of this below LEAST: the search for the best pairing keeps to what is
positive, and what the pair takes is taken at the end."""
SLIPS = 700
"""Two long words that differ by two slips of the pen are still no conflict: a pair, though one worth the least."""
LONG_WORDS = 14
"""Sounds of two words together, six in each, that two slips leave recognisable."""

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
LOW_QUALITY = 200
"""A low-quality alias says less."""

TRUNCATED_FLAG, LOW_FLAG = 1, 2
MOST_UNITS = 10


@compiled
def unpack(words: Words, word: int, out: NDArray[np.int32]) -> int:
    """The sounds of a word; returns how many."""
    length = np.int64(words[word, LENGTH])
    for i in range(length):
        out[i] = words[word, SOUND + (i >> 2)] >> 8 * (i & 3) & 255
    return length


@compiled
def _costs_between(
    one: NDArray[np.int32],
    one_length: int,
    one_script: int,
    two: NDArray[np.int32],
    two_length: int,
    two_script: int,
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    limit: int,
    rows: NDArray[np.int32],
) -> int:
    """Distance by the table of the scripts; the word in the other script is always the row, so that sides are alike."""
    if one_script == two_script:
        mode = SAME_SCRIPT if one_script else 0
        # What begins and ends alike costs nothing there: it is left out.
        head = 0
        while head < one_length and head < two_length and one[head] == two[head]:
            head += 1
        while one_length > head and two_length > head and one[one_length - 1] == two[two_length - 1]:
            one_length -= 1
            two_length -= 1
        beginning = 0 if head else BEGINNING
        return distance(
            one[head:], one_length - head, two[head:], two_length - head, costs[mode], spelt[0], limit, beginning, rows
        )
    if two_script == 0 or (one_script and one_script < two_script):
        return distance_across(one, one_length, two, two_length, costs[one_script], limit, rows)
    return distance_across(two, two_length, one, one_length, costs[two_script], limit, rows)


@compiled
def _bits(mask: int) -> int:
    count = 0
    while mask:
        mask &= mask - 1
        count += 1
    return count


@compiled
def _alike(words: Words, word: int, others: Words, other: int) -> bool:
    """Do two words share their first or their last consonant, and all classes of consonants that are sure but as many
    as a slip of the pen or another script may change: none of a short word, two of a long one?

    It spares the distance of most pairs.
    """
    if words[word, ENDS] & others[other, ENDS] == 0:
        return False
    length = min(words[word, LENGTH], others[other, LENGTH])
    if length == 1:
        return True
    spared = 0 if length < 5 else 1 if length < 9 else 2
    own, their = words[word, SETS], others[other, SETS]
    return _bits(own & 0xFF & ~(their >> 8)) <= spared and _bits(their & 0xFF & ~(own >> 8)) <= spared


@compiled
def hope(words: Words, word: int, others: Words, other: int, most: int) -> int:
    """What two words are worth at most, told without their distance; 0 if they are none.

    `most`: what two that can be read with the same consonants are worth at most.
    """
    info = max(FLOOR, min(words[word, INFO], others[other, INFO]))
    tie = words[word, TIE]
    tied = tie != 0 and tie == others[other, TIE]
    if not (tied or _alike(words, word, others, other)):
        family = words[word, FAMILY]
        return min(info, most) if family != 0 and family == others[other, FAMILY] else 0
    if one_skeleton(words, word, others, other):
        return min(info, most)
    if tied:
        return info
    if words[word, SCRIPT] != others[other, SCRIPT]:
        return max(LEAST - 1, min(info, words[word, HALF] + others[other, HALF] - BY_CHANCE))
    if words[word, LENGTH] == 1 or others[other, LENGTH] == 1:
        return INITIAL
    letters = min(words[word, LETTERS], others[other, LETTERS])
    value = min(info - OTHER_SKELETON, letters - SLOPE * OTHER_SKELETON)
    return max(value, LEAST if _long(words, word, others, other) else 0)


@compiled
def _long(words: Words, word: int, others: Words, other: int) -> bool:
    """Are both long enough to be told through two slips?"""
    one, two = words[word, LENGTH], others[other, LENGTH]
    return min(one, two) >= 6 and one + two >= LONG_WORDS


@compiled
def one_skeleton(words: Words, word: int, others: Words, other: int) -> bool:
    """Can both be read with the same consonants?"""
    for v in range(VARIANTS):
        for u in range(VARIANTS):
            if words[word, BONES + v] == others[other, BONES + u]:
                return True
    return False


@compiled
def _allowed(length: int) -> int:
    return max(PER_SOUND * length, ONE_CHANGE) if length > 3 else PER_SOUND * length


@compiled
def widest(letters: int, length: int, other_length: int, least: int) -> int:
    """No two words of one script are worth so much beyond this cost; `letters` is what one of them can say. What is
    close is always worth something."""
    return max(CLOSE, min((letters - least) // SLOPE, _allowed(max(length, other_length))))


@compiled
def worth(
    words: Words,
    word: int,
    others: Words,
    other: int,
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    prefix: int,
    least: int,
    rows: NDArray[np.int32],
) -> tuple[int, int]:
    """What two words are worth as a pair, and the cost between them; (0, FAR) if they are none.

    `prefix` (1 or 0): one of them was cut off, so that only what both have counts. A pair that is
    worth less than `least` may be said to be none.
    """
    info = min(words[word, INFO], others[other, INFO])
    family, other_family = words[word, FAMILY], others[other, FAMILY]
    if family and family == other_family:
        cost = 0 if words[word, HASH] == others[other, HASH] else ONE_FAMILY
        return max(info, FLOOR) - cost, cost
    script, other_script = words[word, SCRIPT], others[other, SCRIPT]
    tied = words[word, TIE] != 0 and words[word, TIE] == others[other, TIE]
    if not (prefix or tied) and not _alike(words, word, others, other):
        return 0, FAR
    if script == other_script and words[word, HASH] == others[other, HASH] and not prefix:
        return max(info, FLOOR), 0
    one, two = rows[4], rows[5]
    one_length, two_length = unpack(words, word, one), unpack(others, other, two)
    if prefix:
        one_length = two_length = min(one_length, two_length)
        if one_length < 3:
            return 0, FAR
    if script == other_script and (one_length == 1 or two_length == 1):
        if one[0] == two[0]:
            return INITIAL, 0
        return 0, FAR
    if script == other_script:
        letters = min(words[word, LETTERS], others[other, LETTERS])
        usual = min((letters - LEAST) // SLOPE, _allowed(max(one_length, two_length)))
        slips = not prefix and not (family and other_family) and _long(words, word, others, other)
        limit = max(usual, SLIPS) if slips else usual
        if least > LEAST and not tied:
            limit = min(usual, max(CLOSE, (letters - least) // SLOPE))
    else:
        letters = words[word, HALF] + others[other, HALF] - BY_CHANCE
        letters = min(letters, info + costs[script or other_script, 0, 0] * max(one_length, two_length))
        usual = letters - LEAST
        limit = usual if prefix else usual + WEAKEST
        if least > LEAST and not tied:
            limit = letters - least
    cost = _costs_between(one, one_length, script, two, two_length, other_script, costs, spelt, limit, rows)
    if usual < cost <= limit and not tied:
        return (LEAST if script == other_script else LEAST - 1 - (cost - usual) // _WEAK_STEP), cost
    if script == other_script and cost < OTHER_SKELETON and not one_skeleton(words, word, others, other):
        cost = OTHER_SKELETON
    if family and other_family:
        cost += OTHER_FAMILY
    if tied and cost > TIED:
        return max(info - TIED, LEAST), TIED
    value = _value(info, letters, cost, script == other_script)
    return (value, cost) if value >= LEAST else (0, FAR)


@compiled
def _value(info: int, letters: int, cost: int, one_script: bool) -> int:
    if not one_script:
        return min(max(info, FLOOR), letters - cost)
    return max(info, FLOOR) - cost if cost <= CLOSE else min(info - cost, letters - SLOPE * cost)


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
    """Could two neighbours written as one be this word: about as long, with its first and its last consonant?"""
    length = words[word, LENGTH]
    together = others[first, LENGTH] + others[second, LENGTH]
    if abs(length - together) > MOST_APART or length < 4 or others[first, LENGTH] < 2 or others[second, LENGTH] < 2:
        return False
    return (
        words[word, ENDS] & others[first, ENDS] & 0x7FFF != 0
        and words[word, ENDS] & others[second, ENDS] >> 15 << 15 != 0
    )


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
        limit = min((letters - LEAST) // SLOPE, _allowed(max(one_length, two_length)))
    else:
        letters = words[word, HALF] + others[first, HALF] + others[second, HALF] - BY_CHANCE
        letters = min(letters, info + costs[script or other_script, 0, 0] * max(one_length, two_length))
        limit = letters - LEAST
    cost = _costs_between(one, one_length, script, two, two_length, other_script, costs, spelt, limit, rows)
    if cost >= FAR:
        return 0, FAR
    value = _value(info, letters, cost, script == other_script) - JOINED
    return (value, cost + JOINED) if value >= LEAST else (0, FAR)


@compiled
def _shuffled(one: int, two: int) -> int:
    """A small number of two words, the same for either order: it makes the best pairing one."""
    mixed = (one ^ two) * 40503 + (one + two) * 2654435
    return (mixed >> 7) & 0xFFFF


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


@compiled
def _in_part(agreed: int) -> int:
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
    pairing: NDArray[np.int32],
) -> int:
    """The score of two names; `single[i, j]` is the worth of word i with word j, for the others see `join`.

    `pairing[i]` becomes, for each word of the first name: 1 + j of its partner, plus 64 where the partner is j and
    j + 1 together, plus 128 where it and its follower share j; 0 where it has none.
    """
    n, m = len(ids), len(other_ids)
    full = 1 << m
    unset = -(1 << 60)
    best = np.empty((n + 2, full), np.int64)
    for i in range(n + 2):
        for mask in range(full):
            best[i, mask] = unset
    came = np.zeros((n + 2, full), np.int16)
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
    score = _in_part(best[n, mask] >> 24)
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
    score -= weak * _WEAK_STEP
    conflict = min(own_left, other_left)
    own_extra, other_extra = own_left - conflict, other_left - conflict
    if other_flags & TRUNCATED_FLAG:
        own_extra = 0
    if flags & TRUNCATED_FLAG:
        other_extra = 0
    if (n == 1) != (m == 1) and own_extra + other_extra > 0:
        score -= LONE_WORD
    score -= conflict * CONFLICT + (own_extra + other_extra) * EXTRA_PERCENT // 100
    if (flags | other_flags) & LOW_FLAG:
        score -= LOW_QUALITY
    return score
