"""Which two subjects are compared by name at all: those that share a key, whichever of them is indexed. Compiled.

Keys are made of skeletons (coarse consonants) of words, each read in up to four ways:

- two words of one name, or two neighbours as one word and a third, agree; or one-word names agree;
- one word agrees, and the years of birth are at most one apart;
- where a side has no year of birth: one word agrees, and the first consonant of another;
- where a side has no year of birth and a side has a one-word name: that word agrees with a rare one of the other.

What is stored for an entry and what a query looks up differ, but the relation is the same both ways.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.alignment import Words, unpack
from streams.matching.blocks import BIRTHS, FIRST, FORMS, KIND
from streams.matching.compiled import compiled
from streams.matching.dates import years
from streams.matching.words import BONES, CLASSES, INFO, LONGEST, SCRIPT, VARIANTS

_PAIR, _ONE_WORD, _YEAR, _LOOSE_DATED, _LOOSE_UNDATED, _LONE_DATED, _LONE_UNDATED, _ANY_DATED, _ANY_UNDATED = range(
    1, 10
)
_RARE_ENOUGH = 640
"""A lone word that says less cannot make a match without a date."""

_CLASSES = CLASSES
_DENTAL, _SIBILANT = 3, 4
_NOTHING = 15


@compiled
def _mixed(kind: int, side: int, one: int, two: int) -> int:
    """A key: 62 bits, never 0."""
    value = np.uint64(kind * 2 + side + 1) * np.uint64(0xD6E8FEB86659FD93)
    value = (value ^ np.uint64(one)) * np.uint64(0x9E3779B97F4A7C15)
    value ^= value >> np.uint64(29)
    value = (value ^ np.uint64(two)) * np.uint64(0xBF58476D1CE4E5B9)
    value ^= value >> np.uint64(32)
    value *= np.uint64(0x94D049BB133111EB)
    value ^= value >> np.uint64(31)
    return np.int64(value >> np.uint64(2)) | 1


@compiled
def _pair(side: int, one: int, two: int) -> int:
    return _mixed(_PAIR, side, min(one, two), max(one, two))


@compiled
def _joined_bones(words: Words, first: int, second: int, classes: NDArray[np.int32], out: NDArray[np.int64]) -> None:
    """Skeletons of two words written as one."""
    sounds, rest = np.empty(2 * LONGEST, np.uint8), np.empty(LONGEST, np.uint8)
    length = unpack(words, first, sounds)
    more = unpack(words, second, rest)
    for i in range(more):
        sounds[length + i] = rest[i]
    length += more
    script = words[first, SCRIPT]
    for variant in range(VARIANTS):
        packed, before, count = 0, 0, 0
        for i in range(length):
            consonant = classes[script, variant, sounds[i]]
            follows = classes[script, variant, sounds[i + 1]] if i + 1 < length else 0
            if consonant == _DENTAL and follows == _SIBILANT and (i == 0 or not (2 <= script <= 3)):
                continue
            if consonant and consonant != before and count < 7:
                packed = packed * 16 + consonant
                count += 1
            before = consonant
        out[variant] = packed if packed else _NOTHING


@compiled
def _first_consonant(bone: int) -> int:
    while bone > 15:
        bone >>= 4
    return bone


@compiled
def _ascending(found: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """The different keys, ascending (sorted by Shell's method: numba takes a second to compile numpy's)."""
    gap = count // 2
    while gap > 0:
        for i in range(gap, count):
            key, at = found[i], i
            while at >= gap and found[at - gap] > key:
                found[at] = found[at - gap]
                at -= gap
            found[at] = key
        gap = 1 if gap == 2 else gap * 5 // 11
    kept = 0
    for i in range(count):
        if i == 0 or found[i] != found[kept - 1]:
            found[kept] = found[i]
            kept += 1
    return found[:kept].copy()


@compiled
def _room(block: NDArray[np.int32], start: int) -> int:
    """No more keys than this."""
    spread = 0
    for i in range(block[start + BIRTHS]):
        first, last = years(block[start + FIRST + i])
        spread += max(0, last - first + 1) + 2
    at, room = start + FIRST + block[start + BIRTHS], 8
    for _ in range(block[start + FORMS]):
        n = block[at + 1]
        room += VARIANTS * VARIANTS * (n * n + 2 * n * n + 2) + VARIANTS * n * (3 * spread + 4) + 2 * VARIANTS * n * n
        at += 2 + n
    return room


@compiled
def keys_of(
    words: Words, block: NDArray[np.int32], start: int, query: bool, classes: NDArray[np.int32]
) -> NDArray[np.int64]:
    """The keys that a subject is stored under (`query` false) or looks up (true), ascending."""
    found = np.empty(_room(block, start), np.int64)
    count = np.int64(0)
    side, births, forms = block[start + KIND], block[start + BIRTHS], block[start + FORMS]
    dated = False
    for i in range(births):
        dated = dated or block[start + FIRST + i] >> 16 != 0
    joined = np.empty(VARIANTS, np.int64)
    at = start + FIRST + births
    for _ in range(forms):
        n = block[at + 1]
        at += 2
        for i in range(n):
            word = block[at + i]
            for v in range(VARIANTS):
                bone = np.int64(words[word, BONES + v])
                if v and bone == words[word, BONES + v - 1]:
                    continue
                for b in range(births):
                    first, last = years(block[start + FIRST + b])
                    if query and last >= first:
                        first, last = first - 1, last + 1
                    for year in range(first, last + 1):
                        found[count] = _mixed(_YEAR, side, bone, year)
                        count += 1
                if n == 1:
                    found[count] = _mixed(_ONE_WORD, side, bone, 0)
                    count += 1
                # A dated subject is stored as dated and looks for undated ones; an undated one looks for both.
                rare = words[word, INFO] >= _RARE_ENOUGH
                if query:
                    if rare:
                        found[count] = _mixed(_ANY_UNDATED if n == 1 else _LONE_UNDATED, side, bone, 0)
                        count += 1
                        if not dated:
                            found[count] = _mixed(_ANY_DATED if n == 1 else _LONE_DATED, side, bone, 0)
                            count += 1
                elif rare:
                    if n == 1:
                        found[count] = _mixed(_LONE_DATED if dated else _LONE_UNDATED, side, bone, 0)
                    else:
                        found[count] = _mixed(_ANY_DATED if dated else _ANY_UNDATED, side, bone, 0)
                    count += 1
                for j in range(n):
                    if j == i:
                        continue
                    other = block[at + j]
                    for u in range(VARIANTS):
                        two = np.int64(words[other, BONES + u])
                        if u and two == words[other, BONES + u - 1]:
                            continue
                        if j > i:
                            found[count] = _pair(side, bone, two)
                            count += 1
                        if u == 0:
                            begins = _first_consonant(two)
                            if query:
                                found[count] = _mixed(_LOOSE_UNDATED, side, bone, begins)
                                count += 1
                                if not dated:
                                    found[count] = _mixed(_LOOSE_DATED, side, bone, begins)
                                    count += 1
                            else:
                                found[count] = _mixed(_LOOSE_DATED if dated else _LOOSE_UNDATED, side, bone, begins)
                                count += 1
        for i in range(n - 1):
            _joined_bones(words, block[at + i], block[at + i + 1], classes, joined)
            for v in range(VARIANTS):
                if v and joined[v] == joined[v - 1]:
                    continue
                if n == 2:
                    found[count] = _mixed(_ONE_WORD, side, joined[v], 0)
                    count += 1
                for j in range(n):
                    if j == i or j == i + 1:
                        continue
                    other = block[at + j]
                    for u in range(VARIANTS):
                        two = np.int64(words[other, BONES + u])
                        if u == 0 or two != words[other, BONES + u - 1]:
                            found[count] = _pair(side, joined[v], two)
                            count += 1
        at += n
    return _ascending(found, count)


@compiled
def meet(stored: NDArray[np.int64], looked_up: NDArray[np.int64]) -> bool:
    """Do the keys of one that is stored and of one that looks have one in common? Both ascending."""
    i, j = 0, 0
    while i < len(stored) and j < len(looked_up):
        if stored[i] == looked_up[j]:
            return True
        if stored[i] < looked_up[j]:
            i += 1
        else:
            j += 1
    return False
