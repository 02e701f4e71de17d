"""The words of the index that are linked with the words of a query. Compiled.

A query's units are its words, then each two neighbours written as one.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value, call-overload"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.across import OTHER_IS_ROW, OWN_IS_ROW, least_costs_across
from streams.matching.blocks import BIRTHS, FIRST, FORMS
from streams.matching.comparing import LINK, forget_some, remember
from streams.matching.compiled import compiled
from streams.matching.joining import MOST_APART, joined_sounds, may_join, worth_joined
from streams.matching.keys import MARK, WORD, beginning, joined_bone, key_of
from streams.matching.lanes import LANE_COST, LANE_NUMBER, LANE_SOUNDS, least_costs
from streams.matching.likeness import BY_CHANCE, Words, one_skeleton, unpack, widest, worth
from streams.matching.lists import NUMBER, slot_of
from streams.matching.room import KINDS, LANES, Room
from streams.matching.sounding import LENGTH_AT, LOOK_CLOSELY, SCRIPT_AT, is_row
from streams.matching.store import (
    KNOWN_AGE,
    KNOWN_FIRST,
    KNOWN_LINKS,
    KNOWN_ROW,
    MET,
    PACKED_SOUNDS,
    SAYS,
    Scales,
    Store,
)
from streams.matching.words import BONES, COLUMNS, HALF, HASH, LENGTH, LETTERS, SCRIPT, VARIANTS

FIRST_WORD, SECOND_WORD, UNIT_BEGINNINGS, UNIT_ALONE, UNIT_BONES = range(5)
NEXT_SOUNDS, NEXT_NUMBER, NEXT_MET = range(3)
"""Rows of `Room.next_words`, as the index holds them, see `store.py`."""
UNIT_COLUMNS = UNIT_BONES + VARIANTS
"""Columns of a unit: its words (-1: no second), the first consonants of the words beside it, whether it is a name by
itself, and its skeletons."""


@compiled
def count_units(words: Words, block: NDArray[np.int32]) -> int:
    """How many units there are."""
    at, total = FIRST + block[BIRTHS], len(words)
    for _ in range(block[FORMS]):
        total += block[at + 1] - 1
        at += 2 + block[at + 1]
    return total


@compiled
def fill_units(words: Words, block: NDArray[np.int32], classes: NDArray[np.int32], units: NDArray[np.int64]) -> None:
    """A row for each word, then one for each two neighbours of each form; they are zeros before."""
    for word in range(len(words)):
        units[word, FIRST_WORD], units[word, SECOND_WORD] = word, -1
        for v in range(VARIANTS):
            units[word, UNIT_BONES + v] = words[word, BONES + v]
    at, unit = FIRST + block[BIRTHS], len(words)
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
                for v in range(VARIANTS):
                    units[unit, UNIT_BONES + v] = joined_bone(words, word, second, v, classes)
                unit += 1
        at += 2 + n


@compiled
def room_for(store: Store, bones: NDArray[np.int64]) -> int:
    """No more words are linked with a unit than have its skeletons."""
    room, nothing = 0, np.int64(0)
    for v in range(VARIANTS):
        slot = slot_of(store.lists.slots, key_of(np.int64(WORD), nothing, bones[v], nothing))
        if slot >= 0:
            room += store.lists.slots[slot, 0] & NUMBER
    return room


@compiled
def _same_row(known: NDArray[np.int64], at: int, words: Words, word: int, write: bool) -> bool:
    """Is this the word's row, two numbers in one? `write`: it becomes so."""
    for k in range(0, COLUMNS, 2):
        low = np.int64(words[word, k + 1]) if k + 1 < COLUMNS else np.int64(0)
        both = np.int64(words[word, k]) << 32 | low & NUMBER
        if write:
            known[at + (k >> 1)] = both
        elif known[at + (k >> 1)] != both:
            return False
    return True


@compiled
def _place_known(store: Store, words: Words, word: int) -> int:
    """Which place of `known_at` is this word's: one of two, of which the other is not, or is older."""
    known, at = store.known, store.known_at
    first = 1 + words[word, HASH] % (len(at) - 1)
    second = 1 + first % (len(at) - 1)
    for place in (first, second):
        if at[place] < 0 or at[0] - at[place] > len(known):
            at[place] = -1
        elif _same_row(known, at[place] % len(known) + KNOWN_ROW, words, word, False):
            return place
    return first if at[first] <= at[second] else second


@compiled
def _recall(
    store: Store, words: Words, word: int, scales: Scales, rows: NDArray[np.int32], out: NDArray[np.int64]
) -> int:
    """What an earlier search found for the same word, and which of the words that came since are linked, too; -1 if
    nothing is known, or too many came.

    Words that went since may be among them: they only bring more to look at.
    """
    known, added = store.known, store.added
    place = store.known_at[_place_known(store, words, word)]
    if place < 0:
        return -1
    at = place % len(known)
    age = added[0] - known[at + KNOWN_AGE]
    if age > len(added) - 1 or not _same_row(known, at + KNOWN_ROW, words, word, False):
        return -1
    count = known[at + KNOWN_LINKS]
    if count + age > len(out):
        return -1
    for k in range(count):
        out[k] = known[at + KNOWN_FIRST + k]
    if age == 0:
        return count
    before = count
    for k in range(age):
        other = added[1 + (added[0] - 1 - k) % (len(added) - 1)]
        # A word that went may have left its number to this one.
        for i in range(count):
            if out[i] & NUMBER == other:
                out[i] = out[count - 1]
                count -= 1
                before = -1
                break
        if one_skeleton(words, word, store.words, other):
            value = worth(
                words, word, store.words, other, scales.costs, scales.spelt, np.int64(0), np.int64(LINK), rows
            )[0]
            if value >= LINK:
                out[count] = np.int64(value) << 32 | other
                count += 1
    if count == before:
        known[at + KNOWN_AGE] = added[0]
    else:
        _keep(store, words, word, out, count)
    return count


@compiled
def _keep(store: Store, words: Words, word: int, links: NDArray[np.int64], count: int) -> None:
    """Keep what was found for a word for later searches, unless it is too much: see `_recall`."""
    known, size = store.known, KNOWN_FIRST + count
    if size > len(known) >> 4:
        return
    place = store.known_at[0]
    if place % len(known) + size > len(known):
        place += len(known) - place % len(known)
    at, own = place % len(known), _place_known(store, words, word)
    known[at + KNOWN_AGE], known[at + KNOWN_LINKS] = store.added[0], count
    _same_row(known, at + KNOWN_ROW, words, word, True)
    for k in range(count):
        known[at + KNOWN_FIRST + k] = links[k]
    store.known_at[0] = place + size
    store.known_at[own] = place


@compiled
def _bring(store: Store, at: int, begin: int, held: int, following: NDArray[np.int64]) -> None:
    """The next words of a list, one place after the other: memory answers to many such questions at a time, to one
    after a decision only."""
    for k in range(min(LANES, held - begin)):
        other = (store.lists.pool[at + begin + k] if held > 1 else at) & NUMBER
        following[NEXT_NUMBER, k] = other
        following[NEXT_SOUNDS, k], following[NEXT_MET, k] = store.heard[other, PACKED_SOUNDS], store.heard[other, MET]


@compiled
def _look(
    store: Store,
    words: Words,
    unit: NDArray[np.int64],
    stamp: int,
    scales: Scales,
    room: Room,
    out: NDArray[np.int64],
) -> int:
    """Find the words of the index that are linked with a unit, each below what the pair is worth."""
    lists, word, second, nothing, count = store.lists, unit[FIRST_WORD], unit[SECOND_WORD], np.int64(0), 0
    sounds, length = room.tables[1, 0], np.int64(words[word, LENGTH])
    script, letters, half = np.int64(words[word, SCRIPT]), np.int64(words[word, LETTERS]), np.int64(words[word, HALF])
    close, together = length == 1 and second < 0, length
    if second >= 0:
        together += words[second, LENGTH]
        length = joined_sounds(words, word, second, sounds, room.tables[0, 6])
        letters, half = letters + words[second, LETTERS], half + words[second, HALF]
    else:
        unpack(words, word, sounds)
    rows, filled, following = room.tables[0], room.filled, room.next_words
    for kind in range(KINDS):
        filled[kind] = 0
    for v in range(VARIANTS):
        bone = unit[UNIT_BONES + v]
        if v and bone == unit[UNIT_BONES + v - 1]:
            continue
        slot = slot_of(lists.slots, key_of(np.int64(WORD), nothing, bone, nothing))
        if slot < 0:
            continue
        held, at = lists.slots[slot, 0] & NUMBER, lists.slots[slot, 1]
        for k in range(held):
            if k % LANES == 0:
                _bring(store, at, k, held, following)
            other, packed = following[NEXT_NUMBER, k % LANES], following[NEXT_SOUNDS, k % LANES]
            if following[NEXT_MET, k % LANES] == stamp:
                continue
            store.heard[other, MET] = stamp
            other_length, other_script = packed >> LENGTH_AT, packed >> SCRIPT_AT & 15
            if second >= 0:
                # The length first: it is at hand.
                if other_length != LOOK_CLOSELY and abs(other_length - together) > MOST_APART:
                    continue
                if not may_join(store.words, other, words, word, second):
                    continue
            if close or other_length == LOOK_CLOSELY:
                count = _weigh(store, words, unit, other, scales, rows, out, count)
                continue
            kind = np.int64(0)
            if other_script != script:
                kind = np.int64(OTHER_IS_ROW if is_row(other_script, script) else OWN_IS_ROW)
            lane = filled[kind]
            room.lane_words[kind, LANE_SOUNDS, lane], room.lane_words[kind, LANE_NUMBER, lane] = packed, other
            filled[kind] += 1
            if filled[kind] == LANES:
                count = _weigh_lanes(
                    store, words, unit, sounds, length, script, kind, letters, half, scales, room, out, count
                )
    for kind in range(KINDS):
        count = _weigh_lanes(
            store, words, unit, sounds, length, script, np.int64(kind), letters, half, scales, room, out, count
        )
    return count


@compiled
def _weigh_lanes(
    store: Store,
    words: Words,
    unit: NDArray[np.int64],
    sounds: NDArray[np.int32],
    length: int,
    script: int,
    kind: int,
    letters: int,
    half: int,
    scales: Scales,
    room: Room,
    out: NDArray[np.int64],
    count: int,
) -> int:
    """Put down those words of a kind that are linked with a unit of these sounds; returns how many are put down."""
    lanes, filled = room.lane_words[kind], room.filled[kind]
    room.filled[kind] = 0
    if filled == 0:
        return count
    if kind:
        least_costs_across(sounds, length, script, kind, filled, scales, room)
    else:
        least_costs(sounds, length, filled, scales.alike, scales.spelt[0], room)
    for lane in range(filled):
        other, other_length = lanes[LANE_NUMBER, lane], lanes[LANE_SOUNDS, lane] >> LENGTH_AT
        says = store.heard[other, SAYS]
        if kind:
            limit = half + (says >> 32) - BY_CHANCE - LINK
        else:
            limit = widest(min(letters, says & NUMBER), length, other_length, np.int64(LINK))
        if lanes[LANE_COST, lane] <= limit:
            count = _weigh(store, words, unit, other, scales, room.tables[0], out, count)
    return count


@compiled
def _weigh(
    store: Store,
    words: Words,
    unit: NDArray[np.int64],
    other: int,
    scales: Scales,
    rows: NDArray[np.int32],
    out: NDArray[np.int64],
    count: int,
) -> int:
    """Put down a word below what it is worth as a pair with a unit, if that links them; returns how many."""
    word, second = unit[FIRST_WORD], unit[SECOND_WORD]
    if second >= 0:
        value = worth_joined(store.words, other, words, word, second, scales.costs, scales.spelt, rows)[0]
    else:
        value = worth(words, word, store.words, other, scales.costs, scales.spelt, np.int64(0), np.int64(LINK), rows)[0]
    if value >= LINK:
        out[count] = np.int64(value) << 32 | other
        count += 1
    return count


@compiled
def link(
    store: Store,
    words: Words,
    unit: NDArray[np.int64],
    turn: int,
    stamp: int,
    memory: NDArray[np.int64],
    scales: Scales,
    room: Room,
    links: NDArray[np.int64],
    marks: NDArray[np.int64],
    bones: NDArray[np.int64],
    begin: int,
) -> int:
    """Find the words of the index that are linked with a unit: remember what the pairs are worth, set their marks, put
    down their first skeletons from `begin` on. Returns where these end."""
    word, second, found, end = unit[FIRST_WORD], unit[SECOND_WORD], -1, begin
    if second < 0:
        found = _recall(store, words, word, scales, room.tables[0], links)
    if found < 0:
        found = _look(store, words, unit, stamp, scales, room, links)
        if second < 0:
            _keep(store, words, word, links, found)
    for k in range(found):
        other = links[k] & NUMBER
        if second < 0 and not remember(memory, turn, word, other, links[k] >> 32):
            forget_some(memory)
        mark = np.int64(store.words[other, HASH] & MARK)
        marks[mark >> 6] |= np.int64(1) << (mark & 63)
        bone, into = np.int64(store.words[other, BONES]), begin
        while into < end and bones[into] != bone:
            into += 1
        if into == end:
            bones[end] = bone
            end += 1
    return end
