"""The words of the index that are linked with the words of a query. Compiled.

A query's units are its words, then each two neighbours written as one.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value, call-overload"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.alignment import (
    BY_CHANCE,
    Words,
    joined_sounds,
    one_skeleton,
    unpack,
    widest,
    worth,
    worth_joined,
)
from streams.matching.blocks import BIRTHS, FIRST, FORMS
from streams.matching.comparing import remember
from streams.matching.compiled import compiled
from streams.matching.keys import MARK, WORD, beginning, joined_bones, key_of
from streams.matching.lists import NUMBER, slot_of
from streams.matching.relation import LINK
from streams.matching.sounding import LENGTH_AT, LOOK_CLOSELY, SCRIPT_AT, could_be, packed_of, sounding_of
from streams.matching.store import KNOWN_AGE, KNOWN_BONES, KNOWN_ROW, MARKS, Scales, Store
from streams.matching.words import BONES, COLUMNS, HALF, HASH, LENGTH, LETTERS, LONGEST, SCRIPT, VARIANTS

FIRST_WORD, SECOND_WORD, UNIT_BEGINNINGS, UNIT_ALONE, UNIT_BONES = range(5)
UNIT_COLUMNS = UNIT_BONES + VARIANTS
"""Columns of a unit: its words (-1: no second), the first consonants of the words beside it, whether it is a name by
itself, and its skeletons."""


@compiled
def units_of(words: Words, block: NDArray[np.int32], classes: NDArray[np.int32]) -> NDArray[np.int64]:
    """A row for each word, then one for each two neighbours of each form."""
    at, total = FIRST + block[BIRTHS], len(words)
    for _ in range(block[FORMS]):
        total += block[at + 1] - 1
        at += 2 + block[at + 1]
    units = np.zeros((total, UNIT_COLUMNS), np.int64)
    for word in range(len(words)):
        units[word, FIRST_WORD], units[word, SECOND_WORD] = word, -1
        for v in range(VARIANTS):
            units[word, UNIT_BONES + v] = words[word, BONES + v]
    joined, at, unit = np.empty(VARIANTS, np.int64), FIRST + block[BIRTHS], len(words)
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
                joined_bones(words, word, second, classes, joined)
                for v in range(VARIANTS):
                    units[unit, UNIT_BONES + v] = joined[v]
                unit += 1
        at += 2 + n
    return units


@compiled
def room_for(store: Store, words: Words, bones: NDArray[np.int64]) -> int:
    """No more first skeletons are linked with a unit than its skeletons have words."""
    room, nothing = 0, np.int64(0)
    for v in range(VARIANTS):
        slot = slot_of(store.lists.slots, key_of(np.int64(WORD), nothing, bones[v], nothing))
        if slot >= 0:
            room += store.lists.slots[slot, 0] & NUMBER
    return room


@compiled
def _recall(
    store: Store,
    words: Words,
    unit: NDArray[np.int64],
    place: int,
    marks: NDArray[np.int64],
    bones: NDArray[np.int64],
    count: int,
) -> int:
    """What an earlier search found for the same word, unless a word came since that it might be linked with: then -1.

    Words that went since may be among them: they only bring more to look at.
    """
    known, word, added = store.known[place], unit[FIRST_WORD], store.added
    age, kept = added[0] - known[KNOWN_AGE], known[KNOWN_BONES] - 1
    if kept < 0 or age > len(added) - 1:
        return -1
    for column in range(COLUMNS):
        if known[KNOWN_ROW + column] != words[word, column]:
            return -1
    for k in range(age):
        if one_skeleton(words, word, store.words, np.int64(added[1 + (added[0] - 1 - k) % (len(added) - 1)])):
            return -1
    known[KNOWN_AGE] = added[0]
    for k in range(MARKS):
        marks[k] = known[KNOWN_ROW + COLUMNS + k]
    for k in range(kept):
        bones[count + k] = known[KNOWN_ROW + COLUMNS + MARKS + k]
    return count + kept


@compiled
def _keep(
    store: Store,
    words: Words,
    unit: NDArray[np.int64],
    place: int,
    marks: NDArray[np.int64],
    bones: NDArray[np.int64],
    begin: int,
    count: int,
) -> None:
    """Keep what was found for a word, unless it is too much, for later searches: see `_recall`."""
    known, at = store.known[place], KNOWN_ROW + COLUMNS + MARKS
    known[KNOWN_BONES] = 0
    if at + count - begin > len(known):
        return
    for k in range(begin, count):
        known[at + k - begin] = bones[k]
    for k in range(MARKS):
        known[at - MARKS + k] = marks[k]
    for column in range(COLUMNS):
        known[KNOWN_ROW + column] = words[unit[FIRST_WORD], column]
    known[KNOWN_BONES], known[KNOWN_AGE] = count - begin + 1, store.added[0]


@compiled
def link(
    store: Store,
    words: Words,
    unit: NDArray[np.int64],
    turn: int,
    stamp: int,
    memory: NDArray[np.int64],
    scales: Scales,
    rows: NDArray[np.int32],
    marks: NDArray[np.int64],
    bones: NDArray[np.int64],
    count: int,
) -> int:
    """Find the words of the index that are linked with a unit: set their marks, put down their first skeletons."""
    lists, word, second, nothing = store.lists, unit[FIRST_WORD], unit[SECOND_WORD], np.int64(0)
    place = np.int64(words[word, HASH]) % len(store.known)
    if second < 0:
        recalled = _recall(store, words, unit, place, marks, bones, count)
        if recalled >= 0:
            return recalled
    sounds, length = np.empty(LONGEST, np.int32), np.int64(words[word, LENGTH])
    script, letters, half = np.int64(words[word, SCRIPT]), np.int64(words[word, LETTERS]), np.int64(words[word, HALF])
    close = length == 1 and second < 0
    if second >= 0:
        length = joined_sounds(words, word, second, sounds, rows[6])
        letters, half = letters + words[second, LETTERS], half + words[second, HALF]
    else:
        unpack(words, word, sounds)
    own, sounding = packed_of(sounds, length, script, close), sounding_of(sounds, length, scales.spelt)
    begin = count
    for v in range(VARIANTS):
        bone = unit[UNIT_BONES + v]
        if v and bone == unit[UNIT_BONES + v - 1]:
            continue
        slot = slot_of(lists.slots, key_of(np.int64(WORD), nothing, bone, nothing))
        if slot < 0:
            continue
        held, at = lists.slots[slot, 0] & NUMBER, lists.slots[slot, 1]
        for k in range(held):
            other = (lists.pool[at + k] if held > 1 else at) & NUMBER
            if store.met[other] == stamp:
                continue
            store.met[other] = stamp
            packed = store.packed[other]
            other_length, other_script = packed >> LENGTH_AT, packed >> SCRIPT_AT & 15
            alike = other_script == script
            if not close and other_length != LOOK_CLOSELY:
                limit = widest(letters, length, other_length, np.int64(LINK)) if alike else half - BY_CHANCE - LINK
                if not alike:
                    limit += np.int64(store.words[other, HALF])
                if not could_be(own, sounding, packed, store.sounding[other], scales, limit):
                    continue
            if second >= 0:
                value = worth_joined(store.words, other, words, word, second, scales.costs, scales.spelt, rows)[0]
            else:
                value = worth(words, word, store.words, other, scales.costs, scales.spelt, nothing, rows)[0]
                remember(memory, turn, word, other, value)
            if value < LINK:
                continue
            mark = np.int64(store.words[other, HASH] & MARK)
            marks[mark >> 6] |= np.int64(1) << (mark & 63)
            bone = np.int64(store.words[other, BONES])
            into = begin
            while into < count and bones[into] != bone:
                into += 1
            if into == count:
                bones[count] = bone
                count += 1
    if second < 0:
        _keep(store, words, unit, place, marks, bones, begin, count)
    return count
