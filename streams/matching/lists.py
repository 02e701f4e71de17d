"""The memory of the index: lists of numbers by key, in flat arrays that grow, are reused and can be searched. Compiled.

`pool` holds blocks of a power of two of numbers: the list of a key, or the block of a subject (see `blocks.py`), which
`halves` shows as the smaller numbers that it is made of. Freed blocks are kept in a list for each size. `slots` is a
hash table with open addressing: [key and length of its list, its place in the pool]; a list of one lies in the place of
its place, if there is nothing beside the pool.

An item of a list is a number of 31 bits to be found by (a subject or a word) below 31 bits of what is told about it.
Lists of words have a second number for each item beside the pool, in the same place: the word's sounds.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type"
from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.matching.compiled import compiled

SIZES = 31
USED, KEYS, GONE, ITEMS = SIZES, SIZES + 1, SIZES + 2, SIZES + 3
"""`heads` holds the first free block of each size, then: numbers of the pool in use, keys, slots of keys that are
gone, and items of all lists."""
HEADS = SIZES + 4

EMPTY, TOMBSTONE = 0, 1
NUMBER = (1 << 32) - 1
"""The part of an item that it is found by; the length of a list in its slot."""


class Lists(NamedTuple):
    """The arrays. Grow them before they are full: nothing here does."""

    pool: NDArray[np.int64]
    halves: NDArray[np.int32]
    """The same memory as `pool`."""
    heads: NDArray[np.int64]
    slots: NDArray[np.int64]
    beside: NDArray[np.int64]
    """A second number for each of the pool, or nothing."""


def empty(beside: bool = False) -> Lists:
    """No lists, and room for a few; `beside`: of items of two numbers."""
    heads = np.full(HEADS, -1, np.int64)
    heads[SIZES:] = 0
    pool = np.zeros(1 << 12, np.int64)
    return Lists(
        pool, pool.view(np.int32), heads, np.zeros((1 << 9, 2), np.int64), np.zeros(len(pool) * beside, np.int64)
    )


def grown(held: Lists, numbers: int, keys: int) -> Lists:
    """The same with room for so many more numbers in the pool and so many more keys."""
    slots = len(held.slots)
    wanted = int(held.heads[KEYS]) + keys
    if wanted + int(held.heads[GONE]) > slots * 7 // 10:
        while wanted > slots * 6 // 10:
            slots *= 2
        fresh = held._replace(slots=np.zeros((slots, 2), np.int64))
        rehash(held.slots, fresh.slots)
        held = fresh
        held.heads[GONE] = 0
    need = int(held.heads[USED]) + numbers
    if need > len(held.pool):
        pool = np.zeros(max(need, len(held.pool) + len(held.pool) // 4), np.int64)
        pool[: len(held.pool)] = held.pool
        held = held._replace(pool=pool, halves=pool.view(np.int32))
        if len(held.beside):
            beside = np.zeros(len(pool), np.int64)
            beside[: len(held.beside)] = held.beside
            held = held._replace(beside=beside)
    return held


@compiled
def size_of(count: int) -> int:
    """The size (power of two) of a block for so many numbers."""
    size = 0
    while 1 << size < count:
        size += 1
    return size


@compiled
def take(lists: Lists, size: int) -> int:
    """A block of this size."""
    block = lists.heads[size]
    if block >= 0:
        lists.heads[size] = lists.pool[block]
        return block
    block = lists.heads[USED]
    lists.heads[USED] += 1 << size
    return block


@compiled
def give(lists: Lists, block: int, size: int) -> None:
    """Take a block back."""
    lists.pool[block] = lists.heads[size]
    lists.heads[size] = block


@compiled
def _copy(lists: Lists, source: int, target: int, count: int) -> None:
    """One by one: to assign slices takes longer to compile."""
    for k in range(count):
        lists.pool[target + k] = lists.pool[source + k]
    if len(lists.beside):
        for k in range(count):
            lists.beside[target + k] = lists.beside[source + k]


@compiled
def slot_of(slots: NDArray[np.int64], key: int) -> int:
    """Where a key is, or -1 - the place where it would go."""
    mask = len(slots) - 1
    at = key & mask
    free = -1
    while True:
        held = slots[at, 0]
        if held >> 32 == key:
            return at
        if held == EMPTY:
            return -1 - (free if free >= 0 else at)
        if held == TOMBSTONE and free < 0:
            free = at
        at = (at + 1) & mask


@compiled
def rehash(old: NDArray[np.int64], new: NDArray[np.int64]) -> None:
    """Move every key into a larger (or cleaner) table."""
    for at in range(len(old)):
        if old[at, 0] > TOMBSTONE:
            slot = -1 - slot_of(new, old[at, 0] >> 32)
            new[slot, 0], new[slot, 1] = old[at, 0], old[at, 1]


@compiled
def room_to_add(lists: Lists, key: int, items: int) -> int:
    """Numbers of the pool that adding so many items under this key takes at most."""
    slot = slot_of(lists.slots, key)
    count = lists.slots[slot, 0] & NUMBER if slot >= 0 else np.int64(0)
    if slot >= 0 and count + items <= 1 << size_of(count) and count > 1:
        return 0
    # The block that holds them all, and before it each of half the size.
    return 2 << size_of(count + items)


@compiled
def room_to_drop(lists: Lists, key: int, items: int) -> int:
    """The same for dropping so many."""
    slot = slot_of(lists.slots, key)
    if slot < 0:
        return 0
    count = lists.slots[slot, 0] & NUMBER
    size = 1 << size_of(count)
    return size if count - items <= size // 2 else 0


@compiled
def add(lists: Lists, key: int, item: int, beside: int) -> None:
    """Put an item, and the number beside it, at the end of the list of a key."""
    pool, heads, slots = lists.pool, lists.heads, lists.slots
    heads[ITEMS] += 1
    slot = slot_of(slots, key)
    if slot < 0:
        slot = -1 - slot
        if slots[slot, 0] == TOMBSTONE:
            heads[GONE] -= 1
        heads[KEYS] += 1
        slots[slot, 0], slots[slot, 1] = key << 32 | 1, item
        if len(lists.beside):
            made = take(lists, np.int64(0))
            pool[made], lists.beside[made], slots[slot, 1] = item, beside, made
        return
    count, place = slots[slot, 0] & NUMBER, slots[slot, 1]
    if count == 1 and not len(lists.beside):
        made = take(lists, np.int64(1))
        pool[made], slots[slot, 1] = place, made
    elif count & (count - 1) == 0:
        size = size_of(count)
        made = take(lists, size + 1)
        _copy(lists, place, made, count)
        give(lists, place, size)
        slots[slot, 1] = made
    pool[slots[slot, 1] + count] = item
    if len(lists.beside):
        lists.beside[slots[slot, 1] + count] = beside
    slots[slot, 0] += 1


@compiled
def drop(lists: Lists, key: int, number: int) -> None:
    """Take an item with this number out of the list of a key; the last one takes its place."""
    pool, heads, slots = lists.pool, lists.heads, lists.slots
    heads[ITEMS] -= 1
    slot = slot_of(slots, key)
    count, place = slots[slot, 0] & NUMBER, slots[slot, 1]
    if count == 1:
        slots[slot, 0] = TOMBSTONE
        heads[GONE] += 1
        heads[KEYS] -= 1
        if len(lists.beside):
            give(lists, place, np.int64(0))
        return
    at = place
    while pool[at] & NUMBER != number:
        at += 1
    pool[at] = pool[place + count - 1]
    if len(lists.beside):
        lists.beside[at] = lists.beside[place + count - 1]
    count -= 1
    if count == 1 and not len(lists.beside):
        slots[slot, 1] = pool[place]
        give(lists, place, np.int64(1))
    elif count & (count - 1) == 0:
        size = size_of(count)
        made = take(lists, size)
        _copy(lists, place, made, count)
        give(lists, place, size + 1)
        slots[slot, 1] = made
    slots[slot, 0] -= 1
