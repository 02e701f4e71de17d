"""Search: first the words of the index that are linked with the query's, then the subjects that have them. Compiled."""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value, call-overload"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.alignment import Words
from streams.matching.blocks import BIRTHS, FIRST, FORMS, KIND
from streams.matching.comparing import ROOM, begin_remembering, best_names, date_weight, wanted_of
from streams.matching.compiled import compiled
from streams.matching.dates import years
from streams.matching.keys import (
    ANY,
    BEGINNINGS,
    DATED,
    DAY,
    JOINED,
    LONE,
    MARK,
    ONE,
    ONE_JOINED,
    RARE,
    UNDATED,
    VAGUE,
    YEAR,
    day_of,
    is_dated,
    is_rare,
    key_of,
    pair_key,
)
from streams.matching.linking import FIRST_WORD, UNIT_ALONE, UNIT_BEGINNINGS, UNIT_BONES, link, room_for, units_of
from streams.matching.lists import NUMBER, slot_of
from streams.matching.relation import MISPLACED, related
from streams.matching.store import COMPARED, FETCHED, MARKS, READ, STAMP, Scales, Store
from streams.matching.words import VARIANTS

DAY_BITS = 511 << DAY
_ANY_DAY = np.int64(-1)


@compiled
def _has(marks: NDArray[np.int64], mark: int) -> bool:
    return marks[mark >> 6] >> (mark & 63) & 1 != 0


@compiled
def _visit(
    store: Store,
    key: int,
    one: NDArray[np.int64],
    two: NDArray[np.int64],
    wanted: int,
    day: int,
    turn: int,
    count: int,
    state: NDArray[np.int64],
) -> int:
    """Put down the subjects of a key that have a word that is marked in `one` and, where `wanted` is 0, another that is
    marked in `two`; else one of the bits that are `wanted`, and, where `day` is not negative, this day or a vague one.
    """
    slot = slot_of(store.lists.slots, key)
    if slot < 0:
        return count
    held, place = store.lists.slots[slot, 0] & NUMBER, store.lists.slots[slot, 1]
    state[READ] += held
    for k in range(held):
        item = store.lists.pool[place + k] if held > 1 else place
        told = item >> 32
        if wanted == 0:
            first, second = told & MARK, told >> 12 & MARK
            if not ((_has(one, first) and _has(two, second)) or (_has(one, second) and _has(two, first))):
                continue
        elif not _has(one, told & MARK) or told & wanted == 0:
            continue
        if day >= 0 and told & VAGUE == 0 and (told ^ day) & DAY_BITS:
            continue
        subject = item & NUMBER
        if store.seen[subject] != turn:
            store.seen[subject] = turn
            store.hits[count] = subject
            count += 1
    return count


@compiled
def _of_unit(
    store: Store,
    words: Words,
    block: NDArray[np.int32],
    unit: NDArray[np.int64],
    bones: NDArray[np.int64],
    marks: NDArray[np.int64],
    turn: int,
    count: int,
    state: NDArray[np.int64],
) -> int:
    """Subjects that one linked word brings."""
    side, births, nothing, always, any_day = np.int64(block[KIND]), block[BIRTHS], np.int64(0), np.int64(ANY), _ANY_DAY
    word = unit[FIRST_WORD]
    dated = is_dated(block, nothing)
    wanted = unit[UNIT_BEGINNINGS] << BEGINNINGS
    if is_rare(words, np.int64(word)):
        wanted |= LONE | RARE if unit[UNIT_ALONE] else LONE
    for bone in bones:
        for b in range(births):
            date = np.int64(block[FIRST + b])
            first, last = years(date)
            if last < first:
                continue
            day = day_of(date)
            for year in range(first - 1, last + 2):
                other_day = day if births == 1 and day != VAGUE and year != first else any_day
                key = key_of(np.int64(YEAR), side, bone, np.int64(year))
                count = _visit(store, key, marks, marks, always, other_day, turn, count, state)
        for kind in (UNDATED, DATED, ONE):
            if unit[UNIT_ALONE] if kind == ONE else wanted and not (dated and kind == DATED):
                key = key_of(np.int64(kind), side, bone, nothing)
                want = always if kind == ONE else wanted
                count = _visit(store, key, marks, marks, want, any_day, turn, count, state)
    return count


@compiled
def _of_form(
    store: Store,
    block: NDArray[np.int32],
    at: int,
    joined: int,
    units: NDArray[np.int64],
    bones: NDArray[np.int64],
    ends: NDArray[np.int64],
    marks: NDArray[np.int64],
    turn: int,
    count: int,
    state: NDArray[np.int64],
) -> int:
    """Subjects that two linked words of a name bring; `joined` is the unit of its first two words as one."""
    side, nothing, any_day, always = np.int64(block[KIND]), np.int64(0), np.int64(-1), np.int64(ANY)
    n = block[at + 1]
    anything = np.full(MARKS, -1, np.int64)
    for i in range(2 * n - 1):
        # The words of the name, then its neighbours as one.
        one = np.int64(block[at + 2 + i]) if i < n else joined + i - n
        if n == 1 or (n == 2 and i == 2):
            for bone in units[one, UNIT_BONES : UNIT_BONES + VARIANTS]:
                if n == 2 and bone < MISPLACED:
                    continue
                key = key_of(np.int64(ONE_JOINED), side, bone, nothing)
                count = _visit(store, key, anything, anything, always, any_day, turn, count, state)
            if n == 2:
                for bone in bones[ends[one] : ends[one + 1]]:
                    key = key_of(np.int64(ONE), side, bone, nothing)
                    count = _visit(store, key, marks[one], marks[one], always, any_day, turn, count, state)
        for j in range(n):
            two = np.int64(block[at + 2 + j])
            if (i < n and j == i) or (i >= n and (j == i - n or j == i - n + 1)):
                continue
            for second in bones[ends[two] : ends[two + 1]]:
                for v in range(VARIANTS):
                    bone = units[one, UNIT_BONES + v]
                    if (i < n or bone >= MISPLACED) and (v == 0 or bone != units[one, UNIT_BONES + v - 1]):
                        key = key_of(np.int64(JOINED), side, bone, second)
                        count = _visit(store, key, marks[two], marks[two], always, any_day, turn, count, state)
                if i >= n or j > i:
                    for bone in bones[ends[one] : ends[one + 1]]:
                        key = pair_key(side, bone, second)
                        count = _visit(store, key, marks[one], marks[two], nothing, any_day, turn, count, state)
    return count


@compiled
def _fetch(store: Store, count: int, state: NDArray[np.int64]) -> None:
    """Read what is found, one place after the other: memory answers to many such questions at a time, to one after a
    comparison only."""
    halves, total = store.lists.halves, np.int64(0)
    for k in range(count):
        total += halves[store.starts[store.hits[k]] + 1]
    for k in range(count):
        at = np.int64(store.starts[store.hits[k]]) + 1
        at += FIRST + halves[at + BIRTHS]
        for i in range(halves[at + 1]):
            row = store.words[halves[at + 2 + i]]
            total += row[0] + row[-1]
    state[FETCHED] = total


@compiled
def search(
    store: Store,
    words: Words,
    block: NDArray[np.int32],
    turn: int,
    memory: NDArray[np.int64],
    scales: Scales,
    state: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Numbers of the subjects that could match; `state` counts items read and subjects compared."""
    state[READ] = 0
    begin_remembering(memory)
    none, work, forms = np.int64(0), np.empty(ROOM, np.int32), np.empty(2, np.int32)
    units = units_of(words, block, scales.classes)
    room, most, ends = 0, 0, np.zeros(len(units) + 1, np.int64)
    for unit in range(len(units)):
        # As many as there are, and words that went.
        ends[unit + 1] = len(store.added) + room_for(store, units[unit, UNIT_BONES : UNIT_BONES + VARIANTS])
        room, most = room + ends[unit + 1], max(most, ends[unit + 1])
    # The words that are linked with a unit; their first skeletons, unit by unit; parts of their hashes, a bit each.
    links, bones, marks = np.empty(most, np.int64), np.empty(room, np.int64), np.zeros((len(units), MARKS), np.int64)
    for unit in range(len(units)):
        state[STAMP] += 1
        own, some = units[unit], links[: ends[unit + 1]]
        ends[unit + 1] = link(
            store, words, own, turn, state[STAMP], memory, scales, work[0], some, marks[unit], bones, ends[unit]
        )
    count = np.int64(0)
    for word in range(len(words)):
        begun = bones[ends[word] : ends[word + 1]]
        count = _of_unit(store, words, block, units[word], begun, marks[word], turn, count, state)
    at, joined = np.int64(FIRST + block[BIRTHS]), np.int64(len(words))
    for _ in range(block[FORMS]):
        count = _of_form(store, block, at, joined, units, bones, ends, marks, turn, count, state)
        joined += block[at + 1] - 1
        at += 2 + block[at + 1]
    state[COMPARED], found = count, 0
    _fetch(store, count, state)
    for k in range(count):
        subject = store.hits[k]
        other, start = store.lists.halves, np.int64(store.starts[subject]) + 1
        date = date_weight(block, none, other, start)
        least = wanted_of(date)
        score = best_names(
            words, block, none, store.words, other, start, least, scales.costs, scales.spelt, memory, turn, work, forms
        )
        if score >= least and related(
            words, block, none, store.words, other, start, date, scales.classes, scales.costs, scales.spelt, work
        ):
            store.hits[found] = subject
            found += 1
    return store.hits[:found].copy()
