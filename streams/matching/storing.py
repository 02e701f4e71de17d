"""Changes of the index: a subject's block, keys and new words are put into the lists, or taken out. Compiled."""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.comparing import LINK
from streams.matching.compiled import allocating, compiled
from streams.matching.frame import scales_of, store_of
from streams.matching.keys import most_stored, stored, word_key
from streams.matching.layout import BIRTHS, FIRST, FORMS
from streams.matching.likeness import Words, unpack
from streams.matching.lists import (
    GONE,
    KEYS,
    NUMBER,
    USED,
    Lists,
    add,
    drop,
    give,
    room_to_add,
    room_to_drop,
    size_of,
    take,
)
from streams.matching.sounding import packed_of, says_of
from streams.matching.store import Scales, Store
from streams.matching.vectors import LANES
from streams.matching.words import BONES, COLUMNS, FAMILY, HALF, LETTERS, LONGEST, SCRIPT, TIE, VARIANTS


@compiled
def _lacks(lists: Lists, numbers: int, keys: int) -> int:
    """For how many numbers or keys, whichever are more, more room is needed than there is; 0 if there is enough."""
    short = lists.heads[USED] + numbers > len(lists.pool)
    full = (lists.heads[KEYS] + lists.heads[GONE] + keys) * 10 > len(lists.slots) * 7
    return max(numbers, keys, 1) if short or full else 0


@compiled
def _room_under(lists: Lists, keys: NDArray[np.int64], found: int, more: bool) -> int:
    """Numbers of the pool that adding (`more`) or dropping a subject's items, ascending by key, takes at most."""
    need, items = np.int64(0), np.int64(0)
    for k in range(found):
        items, key = items + 1, keys[k] >> 32
        if k + 1 == found or key != keys[k + 1] >> 32:
            need += room_to_add(lists, key, items) if more else room_to_drop(lists, key, items)
            items = np.int64(0)
    return need


@compiled
def _word_key(store: Store, word: int, variant: int) -> int:
    """The key of a skeleton of a word; 0 for one that it has already had."""
    bone = np.int64(store.words[word, BONES + variant])
    for v in range(variant):
        if store.words[word, BONES + v] == bone:
            return 0
    return word_key(np.int64(store.words[word, SCRIPT]), bone)


@compiled
def _renumber(block: NDArray[np.int32], numbers: NDArray[np.int32]) -> None:
    """Put the words' numbers in the index into a block."""
    at = FIRST + block[BIRTHS]
    for _ in range(block[FORMS]):
        n = block[at + 1]
        for i in range(at + 2, at + 2 + n):
            number = numbers[block[i]]
            block[i] = number if number >= 0 else -1 - number
        at += 2 + n


@allocating
def put(
    frame: NDArray[np.int64],
    subject: int,
    words: Words,
    made: NDArray[np.int32],
    numbers: NDArray[np.int32],
    uses: NDArray[np.int32],
) -> int:
    """Hold a subject whose words have these numbers; of those that are new -1 - their number. Returns 0, or, with
    nothing done, room that it needs (see `_lacks`): negative if it is the lists of words that have too little."""
    block = made.copy()
    _renumber(block, numbers)
    keys, sounds = np.empty(most_stored(block, np.int64(0)), np.int64), np.empty(LONGEST, np.int32)
    return _put(store_of(frame), subject, words, block, numbers, uses, scales_of(frame), keys, sounds)


@compiled
def _put(
    store: Store,
    subject: int,
    words: Words,
    block: NDArray[np.int32],
    numbers: NDArray[np.int32],
    uses: NDArray[np.int32],
    scales: Scales,
    keys: NDArray[np.int64],
    sounds: NDArray[np.int32],
) -> int:
    for i in range(len(numbers)):
        if numbers[i] < 0:
            for column in range(COLUMNS):
                store.words[-1 - numbers[i], column] = words[i, column]
    lists = store.lists
    found = stored(store.words, block, np.int64(0), scales.classes, keys)
    size = size_of((len(block) + 2) // 2)
    new = np.int64(0)
    need = _lacks(lists, (1 << size) + _room_under(lists, keys, found, True), found)
    if need:
        return need
    for number in numbers:
        new += number < 0
    keys_of_words = 0
    for number in numbers:
        if number < 0:
            for v in range(VARIANTS):
                key = _word_key(store, np.int64(-1 - number), v)
                if key:
                    # All of them may have one skeleton.
                    need += room_to_add(store.word_lists, key, new)
                    keys_of_words += 1
    need = _lacks(store.word_lists, need + LANES, keys_of_words)
    if need:
        return -need
    for number in numbers:
        word = np.int64(number if number >= 0 else -1 - number)
        uses[word] += 1
        if number < 0:
            _begin_word(store, word, sounds)
    start = 2 * take(lists, size)
    lists.halves[start] = len(block)
    for at in range(len(block)):
        lists.halves[start + 1 + at] = block[at]
    store.starts[subject] = start
    for k in range(found):
        add(lists, keys[k] >> 32, (keys[k] & NUMBER) << 32 | subject, np.int64(0))
    return 0


@compiled
def _begin_word(store: Store, word: int, sounds: NDArray[np.int32]) -> None:
    """Hold a word that is new."""
    store.added[1 + store.added[0] % (len(store.added) - 1)] = word
    store.added[0] += 1
    length = unpack(store.words, word, sounds)
    close = store.words[word, FAMILY] != 0 or store.words[word, TIE] != 0 or length == 1
    says = says_of(np.int64(store.words[word, LETTERS]), np.int64(store.words[word, HALF]), np.int64(LINK))
    packed = packed_of(sounds, length, close)
    for v in range(VARIANTS):
        key = _word_key(store, word, v)
        if key:
            add(store.word_lists, key, says | word, packed)


@allocating
def remove(frame: NDArray[np.int64], subject: int, gone: NDArray[np.int32]) -> int:
    """Take out a subject, and its words that nobody else has. Returns 0, or, with nothing done, room that it needs."""
    store = store_of(frame)
    keys = np.empty(most_stored(store.lists.halves, np.int64(store.starts[subject]) + 1), np.int64)
    return _remove(store, subject, gone, scales_of(frame).classes, keys)


@compiled
def _remove(
    store: Store, subject: int, gone: NDArray[np.int32], classes: NDArray[np.int32], keys: NDArray[np.int64]
) -> int:
    lists = store.lists
    start = np.int64(store.starts[subject])
    found = stored(store.words, lists.halves, start + 1, classes, keys)
    need = _lacks(lists, _room_under(lists, keys, found, False), np.int64(0))
    if need:
        return need
    for word in gone:
        for v in range(VARIANTS):
            key = _word_key(store, np.int64(word), v)
            if key:
                need += room_to_drop(store.word_lists, key, np.int64(len(gone)))
    need = _lacks(store.word_lists, need + LANES, np.int64(0))
    if need:
        return -need
    for k in range(found):
        drop(lists, keys[k] >> 32, subject)
    for word in gone:
        for v in range(VARIANTS):
            key = _word_key(store, np.int64(word), v)
            if key:
                drop(store.word_lists, key, np.int64(word))
    give(lists, start >> 1, size_of((np.int64(lists.halves[start]) + 2) // 2))
    store.starts[subject] = -1
    return 0
