"""Lists of subjects, looked up many together. Compiled."""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value, call-overload"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled
from streams.matching.keys import MARK, MARKED, VAGUE, days_may_agree
from streams.matching.lists import NUMBER, slot_of
from streams.matching.store import FETCHED, PLANNED, READ, Store

VISIT_KEY, VISIT_ONE, VISIT_TWO, VISIT_WANTED, VISIT_DAY, VISIT_SLOT = range(6)
VISIT_COLUMNS = VISIT_SLOT + 1
"""What is planned for a list."""
VISITS = 64
"""Lists that are looked up together."""


@compiled
def _has(marks: NDArray[np.int64], mark: int) -> bool:
    return marks[mark >> 6] >> (mark & 63) & 1 != 0


@compiled
def visit(
    store: Store,
    key: int,
    one: int,
    two: int,
    wanted: int,
    day: int,
    marks: NDArray[np.int64],
    visits: NDArray[np.int64],
    turn: int,
    count: int,
    state: NDArray[np.int64],
) -> int:
    """Plan to put down the subjects of a key that have a word that is marked in row `one` and, where `wanted` is 0,
    another that is marked in row `two`; else one of the bits that are `wanted`, and, where `day` is not negative, a day
    that may agree with it or a vague one. Returns how many are put down."""
    plan = visits[state[PLANNED]]
    plan[VISIT_KEY], plan[VISIT_ONE], plan[VISIT_TWO] = key, one, two
    plan[VISIT_WANTED], plan[VISIT_DAY] = wanted, day
    state[PLANNED] += 1
    return visit_all(store, marks, visits, turn, count, state) if state[PLANNED] == VISITS else count


@compiled
def visit_all(
    store: Store,
    marks: NDArray[np.int64],
    visits: NDArray[np.int64],
    turn: int,
    count: int,
    state: NDArray[np.int64],
) -> int:
    """Do what is planned; returns how many are put down.

    First all places are read, one after the other: memory answers to many such questions at a time.
    """
    slots, pool, total = store.lists.slots, store.lists.pool, np.int64(0)
    for v in range(state[PLANNED]):
        total += slots[visits[v, VISIT_KEY] & (len(slots) - 1), 0]
    for v in range(state[PLANNED]):
        slot = slot_of(slots, visits[v, VISIT_KEY])
        visits[v, VISIT_SLOT] = slot
        if slot >= 0 and slots[slot, 0] & NUMBER > 1:
            total += pool[slots[slot, 1]]
    state[FETCHED] = total
    for v in range(state[PLANNED]):
        if visits[v, VISIT_SLOT] >= 0:
            count = _visit_one(store, visits[v], marks, turn, count, state)
    state[PLANNED] = 0
    return count


@compiled
def _visit_one(
    store: Store,
    plan: NDArray[np.int64],
    marks: NDArray[np.int64],
    turn: int,
    count: int,
    state: NDArray[np.int64],
) -> int:
    slot, wanted, day = plan[VISIT_SLOT], plan[VISIT_WANTED], plan[VISIT_DAY]
    one, two = marks[plan[VISIT_ONE]], marks[plan[VISIT_TWO]]
    held, place = store.lists.slots[slot, 0] & NUMBER, store.lists.slots[slot, 1]
    state[READ] += held
    for k in range(held):
        item = store.lists.pool[place + k] if held > 1 else place
        told = item >> 32
        if wanted == 0:
            first, second = told & MARK, told >> MARKED & MARK
            if not ((_has(one, first) and _has(two, second)) or (_has(one, second) and _has(two, first))):
                continue
        elif not _has(one, told & MARK) or told & wanted == 0:
            continue
        if day >= 0 and told & VAGUE == 0 and not days_may_agree(told, day):
            continue
        subject = item & NUMBER
        if store.seen[subject] != turn:
            store.seen[subject] = turn
            store.hits[count] = subject
            count += 1
    return count
