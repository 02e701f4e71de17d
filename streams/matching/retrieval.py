"""Search: first the words of the index that are linked with the query's, then the subjects that have them. Compiled."""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value, call-overload"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.beside import most_beside, side_of
from streams.matching.comparing import (
    FEW_PLACES,
    WORDS_A_PLACE,
    begin_remembering,
    best_names,
    date_weight,
    most_of,
    pairing_of,
    wanted_of,
)
from streams.matching.compiled import allocating, compiled
from streams.matching.dates import years
from streams.matching.frame import room_of, scales_of, store_of
from streams.matching.holding import DATE, FORM, NAMED_ALIKE, OTHER_FORM, PAIRING, PAIRS, SAID, SCORE
from streams.matching.keys import (
    ANY,
    BEGINNINGS,
    DATED,
    JOINED,
    LONE,
    ONE,
    ONE_JOINED,
    OWN_YEAR,
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
from streams.matching.layout import BIRTHS, FIRST, FORMS, KIND
from streams.matching.likeness import Words
from streams.matching.linking import link
from streams.matching.relation import MISPLACED, related
from streams.matching.room import Room
from streams.matching.store import COMPARED, FETCHED, MARKS, PLANNED, READ, STAMP, Scales, Store
from streams.matching.units import (
    FIRST_WORD,
    UNIT_ALONE,
    UNIT_BEGINNINGS,
    UNIT_BONES,
    UNIT_COLUMNS,
    count_units,
    fill_units,
)
from streams.matching.visits import VISIT_COLUMNS, VISITS, visit, visit_all
from streams.matching.words import VARIANTS

_ANY_DAY = np.int64(-1)
_ROOMS = (1 << 10, 1 << 16)
"""For so many words linked with a unit, and skeletons of those linked with all, that are tried before there is room
for as many as could be."""
_FETCHED = 64
"""Subjects that are read before they are compared: what is read of them stays near until then."""


@compiled
def _of_unit(
    store: Store,
    words: Words,
    block: NDArray[np.int32],
    number: int,
    unit: NDArray[np.int64],
    firm: NDArray[np.int64],
    bones: NDArray[np.int64],
    marks: NDArray[np.int64],
    visits: NDArray[np.int64],
    turn: int,
    count: int,
    state: NDArray[np.int64],
) -> int:
    """Subjects that one linked word brings: `number` is its unit's; `firm`: skeletons of what is linked firmly."""
    side, births, nothing = side_of(np.int64(block[KIND])), block[BIRTHS], np.int64(0)
    always, any_day = np.int64(ANY), _ANY_DAY
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
                other_day = any_day if births > 1 or day == VAGUE else day | OWN_YEAR if year == first else day
                key = key_of(np.int64(YEAR), side, bone, np.int64(year))
                count = visit(store, key, number, number, always, other_day, marks, visits, turn, count, state)
        if unit[UNIT_ALONE]:
            key = key_of(np.int64(ONE), side, bone, nothing)
            count = visit(store, key, number, number, always, any_day, marks, visits, turn, count, state)
    row = len(marks) - len(words) + number
    for bone in firm:
        for kind in (UNDATED, DATED):
            if wanted and not (dated and kind == DATED):
                key = key_of(np.int64(kind), side, bone, nothing)
                count = visit(store, key, row, row, wanted, any_day, marks, visits, turn, count, state)
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
    visits: NDArray[np.int64],
    turn: int,
    count: int,
    state: NDArray[np.int64],
) -> int:
    """Subjects that two linked words of a name bring; `joined` is the unit of its first two words as one."""
    side, nothing, any_day, always = side_of(np.int64(block[KIND])), np.int64(0), np.int64(-1), np.int64(ANY)
    n, anything = block[at + 1], np.int64(len(units))
    for i in range(2 * n - 1):
        # The words of the name, then its neighbours as one.
        one = np.int64(block[at + 2 + i]) if i < n else joined + i - n
        if n == 1 or (n == 2 and i == 2):
            for bone in units[one, UNIT_BONES : UNIT_BONES + VARIANTS]:
                if n == 2 and bone < MISPLACED:
                    continue
                key = key_of(np.int64(ONE_JOINED), side, bone, nothing)
                count = visit(store, key, anything, anything, always, any_day, marks, visits, turn, count, state)
            if n == 2:
                for bone in bones[ends[one] : ends[one + 1]]:
                    key = key_of(np.int64(ONE), side, bone, nothing)
                    count = visit(store, key, one, one, always, any_day, marks, visits, turn, count, state)
        for j in range(n):
            two = np.int64(block[at + 2 + j])
            if (i < n and j == i) or (i >= n and (j == i - n or j == i - n + 1)):
                continue
            for second in bones[ends[two] : ends[two + 1]]:
                for v in range(VARIANTS):
                    bone = units[one, UNIT_BONES + v]
                    if (i < n or bone >= MISPLACED) and (v == 0 or bone != units[one, UNIT_BONES + v - 1]):
                        key = key_of(np.int64(JOINED), side, bone, second)
                        count = visit(store, key, two, two, always, any_day, marks, visits, turn, count, state)
                if i >= n or j > i:
                    for bone in bones[ends[one] : ends[one + 1]]:
                        key = pair_key(side, bone, second)
                        count = visit(store, key, one, two, nothing, any_day, marks, visits, turn, count, state)
    return count


@compiled
def _fetch(store: Store, begin: int, end: int, state: NDArray[np.int64]) -> None:
    """Read some of what is found, one place after the other: memory answers to many such questions at a time, to one
    after a comparison only."""
    halves, total = store.lists.halves, np.int64(0)
    for k in range(begin, end):
        total += halves[store.starts[store.hits[k]] + 1]
    for k in range(begin, end):
        at = np.int64(store.starts[store.hits[k]]) + 1
        at += FIRST + halves[at + BIRTHS]
        for i in range(halves[at + 1]):
            row = store.words[halves[at + 2 + i]]
            total += row[0] + row[-1]
    state[FETCHED] = total


@allocating
def search(
    frame: NDArray[np.int64],
    words: Words,
    block: NDArray[np.int32],
    turn: int,
    memory: NDArray[np.int64],
    state: NDArray[np.int64],
    explained: bool,
) -> NDArray[np.int32]:
    """The subjects that could match, a row each: what is said of it and the query (see `holding.PAIRS`; the pairing
    only if `explained`), then its number. `state` counts items read and subjects compared."""
    store, scales, room = store_of(frame), scales_of(frame), room_of(frame)
    units = np.zeros((count_units(words, block), UNIT_COLUMNS), np.int64)
    fill_units(words, block, scales.classes, units)
    ends = np.zeros(len(units) + 1, np.int64)
    marks, firm_ends = np.zeros((len(units) + 1 + len(words), MARKS), np.int64), np.zeros(len(words), np.int64)
    visits = np.empty((VISITS, VISIT_COLUMNS), np.int64)
    for size in (*_ROOMS, len(units) * len(store.words)):
        links, bones = np.empty(size, np.int64), np.empty(size, np.int64)
        if link_all(store, words, units, turn, memory, scales, room, links, marks, bones, firm_ends, ends, state):
            break
    count = found_by_lists(store, words, block, units, bones, firm_ends, ends, marks, visits, turn, state)
    found = np.empty((count + 1, SAID + 1), np.int32)
    return found[: compared(store, words, block, count, turn, memory, scales, room, found, state, explained)]


@compiled
def link_all(
    store: Store,
    words: Words,
    units: NDArray[np.int64],
    turn: int,
    memory: NDArray[np.int64],
    scales: Scales,
    room: Room,
    links: NDArray[np.int64],
    marks: NDArray[np.int64],
    bones: NDArray[np.int64],
    firm_ends: NDArray[np.int64],
    ends: NDArray[np.int64],
    state: NDArray[np.int64],
) -> bool:
    """Find the words that are linked with each unit: their first skeletons, unit by unit, and parts of their hashes, a
    bit each; the next row of these has all, and then there is a row for each word of what is linked with it firmly.
    False if `links` or `bones` are too small."""
    for row in range(len(marks)):
        for k in range(MARKS):
            marks[row, k] = -1 if row == len(units) else 0
    places = np.int64(FEW_PLACES)
    while places * WORDS_A_PLACE < len(store.words) and places < len(memory) // 2 - 1:
        places *= 2
    while True:
        begin_remembering(memory, places)
        for unit in range(len(units)):
            state[STAMP] += 1
            own, own_marks, begin = units[unit], marks[unit], ends[unit]
            firm_marks = marks[len(units) + 1 + unit] if unit < len(words) else own_marks
            firm, end = link(
                store, words, own, turn, state[STAMP], memory, scales, room, links, own_marks, firm_marks, bones, begin,
                state,
            )  # fmt: skip
            if end < 0:
                return False
            ends[unit + 1] = end
            if unit < len(words):
                firm_ends[unit] = firm
        if memory[-1] >= 0 or places == len(memory) // 2 - 1:
            return True
        # Not all linked pairs were remembered: once more, with all places.
        places = np.int64(len(memory) // 2 - 1)


@compiled
def found_by_lists(
    store: Store,
    words: Words,
    block: NDArray[np.int32],
    units: NDArray[np.int64],
    bones: NDArray[np.int64],
    firm_ends: NDArray[np.int64],
    ends: NDArray[np.int64],
    marks: NDArray[np.int64],
    visits: NDArray[np.int64],
    turn: int,
    state: NDArray[np.int64],
) -> int:
    """Put down the subjects that linked words bring; returns how many."""
    state[READ], state[PLANNED], count = 0, 0, np.int64(0)
    for word in range(len(words)):
        firm, every = bones[ends[word] : firm_ends[word]], bones[ends[word] : ends[word + 1]]
        count = _of_unit(store, words, block, word, units[word], firm, every, marks, visits, turn, count, state)
    at, joined = np.int64(FIRST + block[BIRTHS]), np.int64(len(words))
    for _ in range(block[FORMS]):
        count = _of_form(store, block, at, joined, units, bones, ends, marks, visits, turn, count, state)
        joined += block[at + 1] - 1
        at += 2 + block[at + 1]
    return visit_all(store, marks, visits, turn, count, state)


@compiled
def compared(
    store: Store,
    words: Words,
    block: NDArray[np.int32],
    count: int,
    turn: int,
    memory: NDArray[np.int64],
    scales: Scales,
    room: Room,
    found: NDArray[np.int32],
    state: NDArray[np.int64],
    explained: bool,
) -> int:
    """Those of the subjects put down that are related, see `search`; returns how many. `found` has room for one more
    than are put down."""
    state[COMPARED], kept, none = count, 0, np.int64(0)
    most = most_of(words, block)
    for k in range(count):
        if k % _FETCHED == 0:
            _fetch(store, np.int64(k), min(np.int64(k + _FETCHED), count), state)
        subject = store.hits[k]
        other, start = store.lists.halves, np.int64(store.starts[subject]) + 1
        date = date_weight(block, none, other, start)
        least = wanted_of(date, most_beside(np.int64(block[KIND]), np.int64(other[start + KIND])))
        if least > most:
            continue  # as most bearers of a common name are, born on another day
        said = found[kept]
        forms = said[FORM : OTHER_FORM + 1]
        score = best_names(
            words, block, none, store.words, other, start, least, scales.costs, scales.spelt, memory, turn, room, forms
        )
        if score >= least and related(
            words, block, none, store.words, other, start, date, scales.classes, scales.costs, scales.spelt, room
        ):
            said[PAIRS], said[NAMED_ALIKE], said[SCORE], said[DATE], said[SAID] = 1, 1, score, date, subject
            if explained:
                pairing_of(
                    words, block, none, store.words, other, start, forms, scales.costs, scales.spelt, room,
                    said[PAIRING:SAID],
                )  # fmt: skip
            kept += 1
    return kept
