"""What two words of names are worth as a pair, and what it costs to take one for the other. Compiled.

All numbers are whole (hundredths of a bit): the same words are worth the same on every machine, whichever is which.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.bits import any_in_common, bits_set
from streams.matching.compiled import compiled
from streams.matching.costs import SAME_SCRIPT
from streams.matching.distance import FAR, distance, distance_across
from streams.matching.words import (
    BONES,
    COLUMNS,
    ENDS,
    FAMILY,
    FLOOR,
    HALF,
    HASH,
    INFO,
    LENGTH,
    LETTERS,
    SCRIPT,
    SETS,
    SOUND,
    TIE,
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
WEAK_STEP = 12
"""A weak pair is one of 1 to LEAST - 1, in steps of this below LEAST: the search for the best pairing keeps to what is
positive, and what the pair takes is taken at the end."""
SLIPS = 700
"""Two long words that differ by two slips of the pen are still no conflict: a pair, though one worth the least."""
LONG_WORDS = 14
"""Sounds of two words together, six in each, that two slips leave recognisable."""


@compiled
def sound_at(words: Words, word: int, at: int) -> int:
    """A sound of a word."""
    return np.int64(words[word, SOUND + (at >> 2)] >> 8 * (at & 3) & 255)


@compiled
def unpack(words: Words, word: int, out: NDArray[np.int32]) -> int:
    """The sounds of a word; returns how many."""
    length = np.int64(words[word, LENGTH])
    for i in range(length):
        out[i] = words[word, SOUND + (i >> 2)] >> 8 * (i & 3) & 255
    return length


@compiled
def is_row(script: int, other_script: int) -> bool:
    """Are the sounds of this script the rows of the table of costs between the two, see `costs.py`?"""
    return script == other_script or other_script == 0 or (script != 0 and script < other_script)


@compiled
def mode_of(script: int, other_script: int) -> int:
    """The script whose table tells what two words of different scripts cost, whichever is which."""
    return script if is_row(script, other_script) else other_script


@compiled
def cost_between(
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
        beginning = 0 if one[0] == two[0] else BEGINNING
        return distance(one, one_length, two, two_length, costs[SAME_SCRIPT], spelt[0], limit, beginning, rows)
    if is_row(one_script, two_script):
        return distance_across(one, one_length, two, two_length, costs[one_script], limit, rows)
    return distance_across(two, two_length, one, one_length, costs[two_script], limit, rows)


@compiled
def _alike(words: Words, word: int, others: Words, other: int) -> bool:
    """Do two words share their first or their last consonant, and all classes of consonants that are sure but as many
    as a slip of the pen or another script may change: none of a short word, two of a long one?

    Across scripts one of a word of four sounds, too: the last letter of many a French name is silent (Роше, Rochet).

    It spares the distance of most pairs.
    """
    if words[word, ENDS] & others[other, ENDS] == 0:
        return False
    length = np.int64(min(words[word, LENGTH], others[other, LENGTH]))
    if length == 4 and words[word, SCRIPT] != others[other, SCRIPT]:
        length += 1
    return length == 1 or classes_alike(np.int64(words[word, SETS]), np.int64(others[other, SETS]), length)


@compiled
def classes_alike(own: int, their: int, length: int) -> bool:
    """Do the classes of consonants (`words.SETS`) of two words, the shorter of so many sounds, differ by no more than
    may change?"""
    spared = 0 if length < 5 else 1 if length < 9 else 2
    return bits_set(own & 0xFF & ~(their >> 8)) <= spared and bits_set(their & 0xFF & ~(own >> 8)) <= spared


@compiled
def comparable(words: Words, word: int, others: Words, other: int) -> bool:
    """May two words be worth anything as a pair? Most are not."""
    if _alike(words, word, others, other):
        return True
    family, tie = words[word, FAMILY], words[word, TIE]
    return (family != 0 and family == others[other, FAMILY]) or (tie != 0 and tie == others[other, TIE])


@compiled
def hope(words: Words, word: int, others: Words, other: int, most: int) -> int:
    """What two words that :func:`comparable` lets through are worth at most, told without their distance.

    `most`: what two that can be read with the same consonants are worth at most.
    """
    info = max(FLOOR, min(words[word, INFO], others[other, INFO]))
    family, tie = words[word, FAMILY], words[word, TIE]
    if (family != 0 and family == others[other, FAMILY]) or one_skeleton(words, word, others, other):
        return min(info, most)
    if tie != 0 and tie == others[other, TIE]:
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
    return any_in_common(words, word * COLUMNS + BONES, others, other * COLUMNS + BONES)


@compiled
def allowed(length: int) -> int:
    """What two words of one script may differ by, the longer of so many sounds."""
    return max(PER_SOUND * length, ONE_CHANGE) if length > 3 else PER_SOUND * length


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
        usual = min((letters - LEAST) // SLOPE, allowed(max(one_length, two_length)))
        slips = not prefix and not (family and other_family) and _long(words, word, others, other)
        limit = max(usual, SLIPS) if slips else usual
        if least > LEAST and not tied:
            limit = min(usual, max(CLOSE, (letters - least) // SLOPE))
    else:
        letters = words[word, HALF] + others[other, HALF] - BY_CHANCE
        letters = min(letters, info + costs[mode_of(script, other_script), 0, 0] * max(one_length, two_length))
        usual = letters - LEAST
        limit = usual if prefix else usual + WEAKEST
        if least > LEAST and not tied:
            limit = letters - least
    cost = cost_between(one, one_length, script, two, two_length, other_script, costs, spelt, limit, rows)
    if usual < cost <= limit and not tied:
        return (LEAST if script == other_script else LEAST - 1 - (cost - usual) // WEAK_STEP), cost
    if script == other_script and cost < OTHER_SKELETON and not one_skeleton(words, word, others, other):
        cost = OTHER_SKELETON
    if family and other_family:
        cost += OTHER_FAMILY
    value = value_of(info, letters, cost, script == other_script)
    if tied and value < max(info - TIED, LEAST):
        return max(info - TIED, LEAST), TIED
    return (value, cost) if value >= LEAST else (0, FAR)


@compiled
def worth_at(words: Words, word: int, others: Words, other: int, cost: int, least: int) -> int:
    """The same for two words of one script that share a skeleton and are known to cost so much, of which one has no
    family, no tie and more than one sound, as the other has; 0 if they are worth less than `least`."""
    if not _alike(words, word, others, other):
        return np.int64(0)
    info, letters = min(words[word, INFO], others[other, INFO]), min(words[word, LETTERS], others[other, LETTERS])
    limit = min((letters - LEAST) // SLOPE, allowed(max(words[word, LENGTH], others[other, LENGTH])))
    if cost > limit and words[word, HASH] != others[other, HASH]:
        return np.int64(0)
    value = np.int64(value_of(info, letters, cost, True))
    return value if value >= least else np.int64(0)


@compiled
def value_of(info: int, letters: int, cost: int, one_script: bool) -> int:
    """What is left of what two words say (by their rarity, by their letters) at this cost between them."""
    if not one_script:
        return min(max(info, FLOOR), letters - cost)
    return max(info, FLOOR) - cost if cost <= CLOSE else min(info - cost, letters - SLOPE * cost)
