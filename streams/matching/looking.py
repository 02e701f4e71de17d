"""The words of an index that are linked with a word of a query, or with two neighbours as one. Compiled.

They are among those that have one of its skeletons. Of these many are weighed at once, and the few that could be linked
one by one.
"""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.across import least_costs_across
from streams.matching.bits import first_of, where_not_above, where_within
from streams.matching.comparing import LINK
from streams.matching.compiled import compiled
from streams.matching.joining import MOST_APART, joined_sounds, worth_joined
from streams.matching.keys import word_key
from streams.matching.lanes import BESIDE, COST, LENGTH_PLACE, LENGTHS, LIMITS, least_costs
from streams.matching.likeness import BY_CHANCE, CLOSE, Words, unpack, worth, worth_at
from streams.matching.lists import NUMBER, slot_of
from streams.matching.lookups import look_up, split_places
from streams.matching.room import LISTS, Room
from streams.matching.sounding import LENGTH_AT, LOOK_CLOSELY, SAYS_HALF_AT, SAYS_LETTERS_AT, letters_in_steps
from streams.matching.stepped import MOST_STEPS, STEP, STEP_ACROSS, Stepped
from streams.matching.store import FETCHED, Scales, Store
from streams.matching.units import FIRST_WORD, SECOND_WORD, UNIT_BONES
from streams.matching.vectors import LANES, lower_of, not_above, not_below, plus_number, unpack_row
from streams.matching.words import HALF, LENGTH, LETTERS, PACKED, SCRIPT, VARIANTS


@compiled
def look(
    store: Store,
    words: Words,
    unit: NDArray[np.int64],
    stamp: int,
    scales: Scales,
    room: Room,
    state: NDArray[np.int64],
    out: NDArray[np.int64],
) -> int:
    """Put down the words of the index that are linked with a unit, each below what the pair is worth. Returns how many,
    or -1 if there is no room for all."""
    word, second, lists, count = unit[FIRST_WORD], unit[SECOND_WORD], store.word_lists, np.int64(0)
    sounds, length = room.tables[1, 0], np.int64(words[word, LENGTH])
    script, letters, half = np.int64(words[word, SCRIPT]), np.int64(words[word, LETTERS]), np.int64(words[word, HALF])
    together, lone_sound = length, length == 1 and second < 0
    if second >= 0:
        together += words[second, LENGTH]
        length = joined_sounds(words, word, second, sounds, room.tables[0, 6])
        letters, half = letters + words[second, LETTERS], half + words[second, HALF]
    else:
        unpack(words, word, sounds)
    own_letters = letters_in_steps(letters, np.int64(LINK))
    own_half = min(max(-((LINK + BY_CHANCE - half) // STEP_ACROSS), 0), MOST_STEPS)
    _find_slots(store, unit, room.slots, state)
    for found in range(LISTS):
        slot, other_script = room.slots[found], found // VARIANTS
        # Within a script all of a word that is not long was weighed, and in whole steps.
        exact = other_script == script and not lone_sound
        if slot < 0:
            continue
        held, at = lists.slots[slot, 0] & NUMBER, lists.slots[slot, 1]
        for begin in range(at, at + held, LANES):
            if other_script == script:
                least_costs(sounds, length, lists.beside, begin, scales.stepped, scales.spelt[0], room.grid)
                _limits(lists.pool, begin, own_letters, length, scales.stepped, room.grid)
            else:
                least_costs_across(sounds, length, script, lists.beside, begin, other_script, scales.stepped, room.grid)
                unpack_row(room.grid, LIMITS, lists.pool, begin, SAYS_HALF_AT, MOST_STEPS)
                plus_number(room.grid, LIMITS, LIMITS, own_half)
            near = where_not_above(room.grid, COST, LIMITS)
            if second >= 0:
                near &= where_within(room.grid, LENGTHS, max(together - MOST_APART, 1), together + MOST_APART)
            near |= where_within(room.grid, LENGTHS, LOOK_CLOSELY, LOOK_CLOSELY)
            if lone_sound:
                near = -1
            near &= (1 << min(at + held - begin, LANES)) - 1
            while near:
                place = begin + first_of(near)
                other = lists.pool[place] & NUMBER
                near &= near - 1
                if store.met[other] != stamp:
                    store.met[other] = stamp
                    if exact and second < 0 and LOOK_CLOSELY < lists.beside[place] >> LENGTH_AT <= PACKED:
                        cost = np.int64(room.grid[COST * LANES + place - begin]) * STEP
                        value = worth_at(words, word, store.words, other, cost, np.int64(LINK))
                    else:
                        value = _worth(store, words, word, second, other, scales, room.tables[0])
                    if value >= LINK:
                        if count == len(out):
                            return np.int64(-1)
                        out[count] = value << 32 | other
                        count += 1
    return count


@compiled
def _find_slots(store: Store, unit: NDArray[np.int64], found: NDArray[np.int64], state: NDArray[np.int64]) -> None:
    """Where the lists are, by script and skeleton; negative where there is none.

    First all places are read, one after the other: memory answers to many such questions at a time.
    """
    slots, total = store.word_lists.slots, np.int64(0)
    for v in range(VARIANTS):
        again = v > 0 and unit[UNIT_BONES + v] == unit[UNIT_BONES + v - 1]
        for script in range(LISTS // VARIANTS):
            key = np.int64(0) if again else word_key(np.int64(script), unit[UNIT_BONES + v])
            found[script * VARIANTS + v] = key
            total += slots[key & (len(slots) - 1), 0]
    for at in range(LISTS):
        found[at] = slot_of(slots, found[at]) if found[at] else np.int64(-1)
        if found[at] >= 0:
            total += store.word_lists.beside[slots[found[at], 1]] + store.word_lists.pool[slots[found[at], 1]]
    state[FETCHED] = total


@compiled
def _limits(
    pool: NDArray[np.int64], begin: int, own_letters: int, length: int, stepped: Stepped, grid: NDArray[np.uint8]
) -> None:
    """What words of one script may cost at most to be linked, in steps: as `worth` has it; what is close always may."""
    unpack_row(grid, LIMITS, pool, begin, SAYS_LETTERS_AT, MOST_STEPS)
    not_above(grid, LIMITS, own_letters)
    split_places(grid, LENGTH_PLACE, LENGTHS)
    look_up(grid, BESIDE, LENGTH_PLACE, stepped.allowed, length)
    lower_of(grid, LIMITS, LIMITS, BESIDE)
    not_below(grid, LIMITS, np.int64(CLOSE // STEP))


@compiled
def _worth(
    store: Store, words: Words, word: int, second: int, other: int, scales: Scales, rows: NDArray[np.int32]
) -> int:
    if second >= 0:
        return np.int64(worth_joined(store.words, other, words, word, second, scales.costs, scales.spelt, rows)[0])
    return np.int64(
        worth(words, word, store.words, other, scales.costs, scales.spelt, np.int64(0), np.int64(LINK), rows)[0]
    )
