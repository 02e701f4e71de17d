"""The memory of the index: subjects by key, in flat arrays that grow, are reused and can be searched. Compiled.

`pool` holds blocks of a power of two of numbers: the block of a subject, and the list of subjects of a key. Freed
blocks are kept in a list for each size. `keys` is a hash table with open addressing; the list of a key that only one
subject has is that subject's number in `places`.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type"
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.matching.alignment import Words
from streams.matching.comparing import ROOM, best_names, date_weight, wanted_of
from streams.matching.compiled import compiled

SIZES = 31
USED, KEYS, GONE, POSTINGS = SIZES, SIZES + 1, SIZES + 2, SIZES + 3
"""`heads` holds the first free block of each size, then: numbers of the pool in use, keys, slots of keys that are
gone, and postings."""
HEADS = SIZES + 4

EMPTY, TOMBSTONE = 0, -1


class Postings(NamedTuple):
    """The arrays. Grow them before they are full: nothing here does."""

    pool: NDArray[np.int32]
    heads: NDArray[np.int64]
    keys: NDArray[np.int64]
    places: NDArray[np.int32]
    counts: NDArray[np.int32]
    starts: NDArray[np.int32]
    """Where the block of a subject begins; -1 for none."""
    seen: NDArray[np.int32]
    """The last search that met a subject."""


@compiled
def _size(count: int) -> int:
    """The size (power of two) of a block for so many numbers."""
    size = 0
    while 1 << size < count:
        size += 1
    return size


@compiled
def _take(postings: Postings, size: int) -> int:
    pool, heads = postings.pool, postings.heads
    block = heads[size]
    if block >= 0:
        heads[size] = pool[block]
        return block
    block = heads[USED]
    heads[USED] += 1 << size
    return block


@compiled
def _give(postings: Postings, block: int, size: int) -> None:
    postings.pool[block] = postings.heads[size]
    postings.heads[size] = block


@compiled
def _copy(pool: NDArray[np.int32], source: int, target: int, count: int) -> None:
    """One by one: to assign slices takes longer to compile."""
    for k in range(count):
        pool[target + k] = pool[source + k]


@compiled
def _slot(keys: NDArray[np.int64], key: int) -> int:
    """Where a key is, or -1 - the place where it would go."""
    mask = len(keys) - 1
    at = (key ^ key >> 31) & mask
    free = -1
    while True:
        held = keys[at]
        if held == key:
            return at
        if held == EMPTY:
            return -1 - (free if free >= 0 else at)
        if held == TOMBSTONE and free < 0:
            free = at
        at = (at + 1) & mask


@compiled
def rehash(old: Postings, new: Postings) -> None:
    """Move every key into larger (or cleaner) tables."""
    for at in range(len(old.keys)):
        key = old.keys[at]
        if key > 0:
            slot = -1 - _slot(new.keys, key)
            new.keys[slot], new.places[slot], new.counts[slot] = key, old.places[at], old.counts[at]
    new.heads[GONE] = 0


@compiled
def room(postings: Postings, keys: NDArray[np.int64], more: bool) -> int:
    """Numbers of the pool that inserting (`more`) or removing one subject under these keys may take."""
    total = 0
    for key in keys:
        slot = _slot(postings.keys, key)
        if slot >= 0:
            count = postings.counts[slot] if more else postings.counts[slot] - 1
            if count > 0 and count & (count - 1) == 0:
                total += 2 * count
    return total


@compiled
def insert(postings: Postings, subject: int, block: NDArray[np.int32], keys: NDArray[np.int64]) -> None:
    """Hold a subject's block and put the subject under its keys."""
    pool, heads = postings.pool, postings.heads
    start = _take(postings, _size(len(block) + 1))
    pool[start] = len(block)
    for at in range(len(block)):
        pool[start + 1 + at] = block[at]
    postings.starts[subject] = start
    heads[POSTINGS] += len(keys)
    for key in keys:
        slot = _slot(postings.keys, key)
        if slot < 0:
            slot = -1 - slot
            if postings.keys[slot] == TOMBSTONE:
                heads[GONE] -= 1
            heads[KEYS] += 1
            postings.keys[slot], postings.counts[slot], postings.places[slot] = key, 1, subject
            continue
        count, place = np.int64(postings.counts[slot]), postings.places[slot]
        if count == 1:
            made = _take(postings, np.int64(1))
            pool[made], pool[made + 1] = place, subject
            postings.places[slot] = made
        elif count & (count - 1) == 0:
            size = _size(count)
            made = _take(postings, size + 1)
            _copy(pool, place, made, count)
            _give(postings, place, size)
            pool[made + count] = subject
            postings.places[slot] = made
        else:
            pool[place + count] = subject
        postings.counts[slot] = count + 1


@compiled
def remove(postings: Postings, subject: int, keys: NDArray[np.int64]) -> None:
    """Take a subject from under its keys and give its block back."""
    pool, heads = postings.pool, postings.heads
    heads[POSTINGS] -= len(keys)
    for key in keys:
        slot = _slot(postings.keys, key)
        count, place = np.int64(postings.counts[slot]), postings.places[slot]
        if count == 1:
            postings.keys[slot] = TOMBSTONE
            heads[GONE] += 1
            heads[KEYS] -= 1
            continue
        at = place
        while pool[at] != subject:
            at += 1
        pool[at] = pool[place + count - 1]
        count -= 1
        if count == 1:
            postings.places[slot] = pool[place]
            _give(postings, place, np.int64(1))
        elif count & (count - 1) == 0:
            size = _size(count)
            made = _take(postings, size)
            _copy(pool, place, made, count)
            _give(postings, place, size + 1)
            postings.places[slot] = made
        postings.counts[slot] = count
    start = postings.starts[subject]
    _give(postings, start, _size(np.int64(pool[start]) + 1))
    postings.starts[subject] = -1


@compiled
def search(
    postings: Postings,
    index_words: Words,
    words: Words,
    block: NDArray[np.int32],
    keys: NDArray[np.int64],
    turn: int,
    memory: NDArray[np.int64],
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    measured: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Numbers of the subjects that could match; `measured` counts postings read and subjects compared."""
    total = 0
    for key in keys:
        slot = _slot(postings.keys, key)
        if slot >= 0:
            total += postings.counts[slot]
    found = np.empty(total, np.int32)
    count, compared, none = 0, 0, np.int64(0)
    forms, work = np.empty(2, np.int32), np.empty(ROOM, np.int32)
    for key in keys:
        slot = _slot(postings.keys, key)
        if slot < 0:
            continue
        length, place = postings.counts[slot], postings.places[slot]
        for k in range(length):
            subject = postings.pool[place + k] if length > 1 else place
            if postings.seen[subject] == turn:
                continue
            postings.seen[subject] = turn
            compared += 1
            start = postings.starts[subject] + 1
            date = date_weight(block, none, postings.pool, start)
            least = wanted_of(date)
            score = best_names(
                words, block, none, index_words, postings.pool, start, least, costs, spelt, memory, turn, work, forms
            )
            if score >= least:
                found[count] = subject
                count += 1
    measured[0], measured[1] = total, compared
    return found[:count].copy()
