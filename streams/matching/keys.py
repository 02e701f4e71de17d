"""The keys by which the index finds the subjects that are compared by name (see `relation.py`). Compiled.

A subject is stored under the first skeletons of its words; a query first finds the words of the index that are linked
with its own (`linking.py`), and looks under their first skeletons. What is told about each item of a list (a part of
the hash of each word, and the like) leaves out nearly all that are under a key by chance; the few that remain are asked
for the relation itself.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value, index, assignment"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.beside import side_of
from streams.matching.compiled import compiled
from streams.matching.dates import years
from streams.matching.layout import BIRTHS, FIRST, FORMS, KIND
from streams.matching.likeness import Words, sound_at
from streams.matching.words import BONES, CLASSES, ENDS, HASH, INFO, LENGTH, SCRIPT, VARIANTS

PAIR, JOINED, ONE, ONE_JOINED, YEAR, DATED, UNDATED, WORD = range(8)
"""Kinds of keys: two words; two neighbours as one, and a word; the word of a one-word name; the two words of a name as
one; a word and a year of birth; a word of one who has a year of birth, and of one who has none; a word of a script by
any of its skeletons (and, the other side, by its hash), in lists of their own."""
_RARE_ENOUGH = 640
"""A lone word that says less cannot make a match without a date."""
MARKED = 14
MARK = (1 << MARKED) - 1
"""What is told of each item: the part of a word's hash, and of a second word's from `MARKED` on, or, for a word that is
alone in its key:"""
BEGINNINGS = MARKED
"""with DATED and UNDATED, first consonants of the other words, a bit each from this on;"""
DAY = MARKED
"""with YEAR, day and last digit of the month from this on;"""
LONE, RARE, ANY = 1 << 22, 1 << 23, 1 << 30
"""a rare word of a one-word name; a rare word; always set."""
VAGUE = 1 << 23
"""With YEAR: several dates, or not a plain full date."""
OWN_YEAR = 1 << 24
"""Asked with YEAR: the year is that of the plain full date that is asked for."""

FIRSTS = (1 << 8) - 1
"""The part of a word's ENDS that tells its first consonants: their classes are below 8."""
assert int(CLASSES.max()) < 8
_DENTAL, _SIBILANT = 3, 4
_NOTHING = 15


@compiled
def key_of(kind: int, side: int, one: int, two: int) -> int:
    """A key: 31 bits, never 0. Different ones may be alike: what is found is asked for the relation itself."""
    value = np.uint64(kind * 2 + side + 1) * np.uint64(0xD6E8FEB86659FD93)
    value = (value ^ np.uint64(one)) * np.uint64(0x9E3779B97F4A7C15)
    value ^= value >> np.uint64(29)
    value = (value ^ np.uint64(two)) * np.uint64(0xBF58476D1CE4E5B9)
    value ^= value >> np.uint64(32)
    value *= np.uint64(0x94D049BB133111EB)
    return max(np.int64(value >> np.uint64(33)), 1)


@compiled
def word_key(script: int, bone: int) -> int:
    """The key of the words of a script that have a skeleton."""
    return key_of(np.int64(WORD), np.int64(0), bone, script)


@compiled
def row_key(words: Words, word: int) -> int:
    """The key of a word's row."""
    return key_of(np.int64(WORD), np.int64(1), np.int64(words[word, HASH]), np.int64(words[word, SCRIPT]))


@compiled
def pair_key(side: int, one: int, two: int) -> int:
    """The key of two skeletons in either order."""
    return key_of(np.int64(PAIR), side, min(one, two), max(one, two))


@compiled
def joined_bone(words: Words, first: int, second: int, variant: int, classes: NDArray[np.int32]) -> int:
    """A skeleton of two words written as one."""
    head, script = np.int64(words[first, LENGTH]), np.int64(words[first, SCRIPT])
    length = head + words[second, LENGTH]
    packed, before, count, follows = np.int64(0), np.int64(0), 0, np.int64(0)
    if length:
        follows = np.int64(classes[script, variant, sound_at(words, first, np.int64(0))])
    for i in range(length):
        consonant, follows = follows, np.int64(0)
        if i + 1 < head:
            follows = np.int64(classes[script, variant, sound_at(words, first, i + 1)])
        elif i + 1 < length:
            follows = np.int64(classes[script, variant, sound_at(words, second, i + 1 - head)])
        if consonant == _DENTAL and follows == _SIBILANT and (i == 0 or not (2 <= script <= 3)):
            continue
        if consonant and consonant != before and count < 7:
            packed = packed * 16 + consonant
            count += 1
        before = consonant
    return packed if packed else np.int64(_NOTHING)


@compiled
def mark_of(words: Words, word: int) -> int:
    """The part of a word's hash that is told of it: what sounds alike in another script is another word."""
    return np.int64(words[word, HASH] + 2531 * words[word, SCRIPT]) & MARK


@compiled
def beginning(words: Words, word: int) -> int:
    """The first consonants of a word in all its readings, a bit each."""
    return np.int64(words[word, ENDS]) & FIRSTS


@compiled
def is_rare(words: Words, word: int) -> bool:
    """Does a word say enough to be looked for alone?"""
    return words[word, INFO] >= _RARE_ENOUGH


@compiled
def is_dated(block: NDArray[np.int32], start: int) -> bool:
    """Is a year of birth known?"""
    found = False
    for i in range(block[start + BIRTHS]):
        found = found or block[start + FIRST + i] >> 16 != 0
    return found


@compiled
def day_of(date: int) -> int:
    """What YEAR tells of a packed date: day and last digit of the month of a plain full date, else VAGUE."""
    month, day = date >> 12 & 15, date >> 7 & 31
    if date & 127 or month == 0 or day == 0 or (month == 1 and day == 1):
        return VAGUE
    return (month % 10 << 5 | day) << DAY


@compiled
def days_may_agree(told: int, asked: int) -> bool:
    """May two plain full dates, by what YEAR tells, speak for one another (see `dates.py`)?

    Years are one apart: day and month have to be the same. The same year: one of these, or they are exchanged, or the
    last digit of the month and the first of the day.
    """
    differ = (told ^ asked) >> DAY & 511
    if differ == 0 or asked & OWN_YEAR == 0:
        return differ == 0
    day, month = asked >> DAY & 31, asked >> DAY + 5 & 15
    other_day, other_month = told >> DAY & 31, told >> DAY + 5 & 15
    if day == other_day or month == other_month or (day % 10 == other_month and other_day % 10 == month):
        return True
    return day % 10 == other_day % 10 and month == other_day // 10 and other_month == day // 10


@compiled
def _ascending(found: NDArray[np.int64], count: int) -> int:
    """Sorts, keeps the different ones, and returns how many (Shell's method: numpy's takes a second to compile)."""
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
    return kept


@compiled
def most_stored(block: NDArray[np.int32], start: int) -> int:
    """A subject is stored under no more keys than this."""
    spread = 0
    for i in range(block[start + BIRTHS]):
        first, last = years(np.int64(block[start + FIRST + i]))
        spread += max(0, last - first + 1)
    at, room = start + FIRST + block[start + BIRTHS], 8
    for _ in range(block[start + FORMS]):
        n = block[at + 1]
        room += n * n + VARIANTS * n * n + VARIANTS + n * (spread + 2)
        at += 2 + n
    return room


@compiled
def stored(
    words: Words, block: NDArray[np.int32], start: int, classes: NDArray[np.int32], found: NDArray[np.int64]
) -> int:
    """Puts the keys that a subject is stored under into `found`, each above what is told with it; ascending. Returns
    how many."""
    count = np.int64(0)
    side, births, forms = side_of(np.int64(block[start + KIND])), block[start + BIRTHS], block[start + FORMS]
    nothing = np.int64(0)
    by_word = np.int64(DATED if is_dated(block, start) else UNDATED)
    at = start + FIRST + births
    for _ in range(forms):
        n = block[at + 1]
        at += 2
        for i in range(n):
            word = block[at + i]
            bone, mark = np.int64(words[word, BONES]), mark_of(words, np.int64(word))
            begin = 0
            for j in range(n):
                if j == i:
                    continue
                begin |= beginning(words, np.int64(block[at + j]))
                two, other_mark = np.int64(words[block[at + j], BONES]), mark_of(words, np.int64(block[at + j]))
                if j > i:
                    found[count] = pair_key(side, bone, two) << 32 | ANY | mark | other_mark << MARKED
                    count += 1
            own = ANY | mark
            told = own | begin << BEGINNINGS
            if is_rare(words, np.int64(word)):
                told |= RARE | LONE if n == 1 else RARE
            found[count] = key_of(by_word, side, bone, nothing) << 32 | told
            count += 1
            if n == 1:
                found[count] = key_of(np.int64(ONE), side, bone, nothing) << 32 | own
                count += 1
            for b in range(births):
                date = np.int64(block[start + FIRST + b])
                first, last = years(date)
                for year in range(first, last + 1):
                    day = day_of(date) if births == 1 else VAGUE
                    found[count] = key_of(np.int64(YEAR), side, bone, np.int64(year)) << 32 | own | day
                    count += 1
        for i in range(n - 1):
            bone = np.int64(0)
            for v in range(VARIANTS):
                before = bone
                bone = joined_bone(words, np.int64(block[at + i]), np.int64(block[at + i + 1]), v, classes)
                if bone == before:
                    continue
                if n == 2:
                    found[count] = key_of(np.int64(ONE_JOINED), side, bone, nothing) << 32 | ANY
                    count += 1
                for j in range(n):
                    if j == i or j == i + 1:
                        continue
                    two, own = np.int64(words[block[at + j], BONES]), ANY | mark_of(words, np.int64(block[at + j]))
                    found[count] = key_of(np.int64(JOINED), side, bone, two) << 32 | own
                    count += 1
        at += n
    return _ascending(found, count)
