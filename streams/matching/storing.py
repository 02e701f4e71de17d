"""Changes of the index: a subject's block, keys and new words are put into the lists, or taken out. Compiled."""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.comparing import LINK
from streams.matching.compiled import allocating, compiled
from streams.matching.frame import scales_of, store_of
from streams.matching.keys import most_stored, row_key, stored, word_key
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
    slot_of,
    take,
)
from streams.matching.sounding import packed_of, says_of
from streams.matching.store import NUMBERED, SPARE, Scales, Store
from streams.matching.vectors import LANES
from streams.matching.words import BONES, COLUMNS, FAMILY, HALF, LETTERS, LONGEST, SCRIPT, TIE, VARIANTS, same_rows

IN_LISTS, IN_WORD_LISTS, IN_ROW_LISTS, FOR_WORDS = range(4)
"""Where more room is needed: in which lists of the index, in the order of `Store`, or for words themselves."""
WHERE = 3
"""The part of what `put` and `remove` return that tells this; the rest is how much."""


@compiled
def _lacks(lists: Lists, numbers: int, keys: int, where: int) -> int:
    """For how many numbers or keys, whichever are more, more room is needed than there is; 0 if there is enough."""
    short = lists.heads[USED] + numbers > len(lists.pool)
    full = (lists.heads[KEYS] + lists.heads[GONE] + keys) * 10 > len(lists.slots) * 7
    return max(numbers, keys, 1) << 2 | where if short or full else 0


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
def _find_numbers(store: Store, words: Words, numbers: NDArray[np.int32]) -> int:
    """Put down the numbers that a subject's words have in the index, or will have: of these nobody has the word yet.
    Returns how many are new."""
    lists, new = store.row_lists, np.int64(0)
    for word in range(len(words)):
        numbers[word] = -1
        slot = slot_of(lists.slots, row_key(words, np.int64(word)))
        held = lists.slots[slot, 0] & NUMBER if slot >= 0 else np.int64(0)
        for k in range(held):
            other = lists.slots[slot, 1] if held == 1 else lists.pool[lists.slots[slot, 1] + k]
            if same_rows(words, np.int64(word), store.words, other):
                numbers[word] = other
                break
        if numbers[word] < 0:
            spare = store.counts[SPARE] - 1 - new
            numbers[word] = store.spare[spare] if spare >= 0 else store.counts[NUMBERED] - 1 - spare
            new += 1
    return new


@compiled
def _renumber(block: NDArray[np.int32], numbers: NDArray[np.int32]) -> None:
    """Put the words' numbers in the index into a block."""
    at = FIRST + block[BIRTHS]
    for _ in range(block[FORMS]):
        n = block[at + 1]
        for i in range(at + 2, at + 2 + n):
            block[i] = numbers[block[i]]
        at += 2 + n


@allocating
def put(frame: NDArray[np.int64], subject: int, words: Words, made: NDArray[np.int32]) -> int:
    """Hold a subject. Returns 0, or, with nothing done, for how much there is no room, and where (see `WHERE`)."""
    store, block, numbers = store_of(frame), made.copy(), np.empty(len(words), np.int32)
    new = _find_numbers(store, words, numbers)
    last = store.counts[NUMBERED] + max(new - store.counts[SPARE], 0)
    if last > len(store.uses):
        return last << 2 | FOR_WORDS
    _renumber(block, numbers)
    keys, sounds = np.empty(most_stored(block, np.int64(0)), np.int64), np.empty(LONGEST, np.int32)
    return _put(store, subject, words, block, numbers, new, scales_of(frame), keys, sounds)


@compiled
def _put(
    store: Store,
    subject: int,
    words: Words,
    block: NDArray[np.int32],
    numbers: NDArray[np.int32],
    new: int,
    scales: Scales,
    keys: NDArray[np.int64],
    sounds: NDArray[np.int32],
) -> int:
    for i in range(len(numbers)):
        if store.uses[numbers[i]] == 0:
            for column in range(COLUMNS):
                store.words[numbers[i], column] = words[i, column]
    lists = store.lists
    found = stored(store.words, block, np.int64(0), scales.classes, keys)
    size = size_of((len(block) + 2) // 2)
    need = _lacks(lists, (1 << size) + _room_under(lists, keys, found, True), found, np.int64(IN_LISTS))
    if need == 0 and new:
        need = _no_room_for_words(store, numbers, new, True)
    if need:
        return need
    for word in numbers:
        if store.uses[word] == 0:
            _begin_word(store, np.int64(word), sounds)
        store.uses[word] += 1
    start = 2 * take(lists, size)
    lists.halves[start] = len(block)
    for at in range(len(block)):
        lists.halves[start + 1 + at] = block[at]
    store.starts[subject] = start
    for k in range(found):
        add(lists, keys[k] >> 32, (keys[k] & NUMBER) << 32 | subject, np.int64(0))
    return 0


@compiled
def _no_room_for_words(store: Store, numbers: NDArray[np.int32], changed: int, more: bool) -> int:
    """0 if there is room in the lists of words and of rows when so many of a subject's words come (`more`: those that
    nobody has) or go (those that nobody else has); else see `put`."""
    room, room_of_rows, keys = np.int64(0), np.int64(0), np.int64(0)
    for number in numbers:
        if store.uses[number] == (0 if more else 1):
            word = np.int64(number)
            # All of them may have one key.
            key = row_key(store.words, word)
            rows = store.row_lists
            room_of_rows += room_to_add(rows, key, changed) if more else room_to_drop(rows, key, changed)
            for v in range(VARIANTS):
                key, lists = _word_key(store, word, v), store.word_lists
                if key:
                    room += room_to_add(lists, key, changed) if more else room_to_drop(lists, key, changed)
                    keys += 1
    need = _lacks(store.word_lists, room + LANES, keys if more else 0, np.int64(IN_WORD_LISTS))
    return need if need else _lacks(store.row_lists, room_of_rows, changed if more else 0, np.int64(IN_ROW_LISTS))


@compiled
def _begin_word(store: Store, word: int, sounds: NDArray[np.int32]) -> None:
    """Hold a word that is new."""
    store.counts[SPARE if store.counts[SPARE] else NUMBERED] += -1 if store.counts[SPARE] else 1
    add(store.row_lists, row_key(store.words, word), word, np.int64(0))
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
def remove(frame: NDArray[np.int64], subject: int) -> int:
    """Take out a subject, and its words that nobody else has. Returns 0, or, with nothing done, as `put` does."""
    store = store_of(frame)
    start = np.int64(store.starts[subject])
    keys = np.empty(most_stored(store.lists.halves, start + 1), np.int64)
    return _remove(store, subject, scales_of(frame).classes, keys, np.empty(store.lists.halves[start], np.int32))


@compiled
def _different_words(block: NDArray[np.int32], start: int, found: NDArray[np.int32]) -> int:
    """Put the numbers of a block's words into `found`, each once; returns how many."""
    count, at = 0, start + FIRST + block[start + BIRTHS]
    for _ in range(block[start + FORMS]):
        for i in range(at + 2, at + 2 + block[at + 1]):
            k = 0
            while k < count and found[k] != block[i]:
                k += 1
            if k == count:
                found[count] = block[i]
                count += 1
        at += 2 + block[at + 1]
    return count


@compiled
def _remove(
    store: Store, subject: int, classes: NDArray[np.int32], keys: NDArray[np.int64], numbers: NDArray[np.int32]
) -> int:
    lists = store.lists
    start = np.int64(store.starts[subject])
    found = stored(store.words, lists.halves, start + 1, classes, keys)
    need = _lacks(lists, _room_under(lists, keys, found, False), np.int64(0), np.int64(IN_LISTS))
    own = numbers[: _different_words(lists.halves, start + 1, numbers)]
    gone = np.int64(0)
    for word in own:
        gone += store.uses[word] == 1
    if need == 0:
        need = _no_room_for_words(store, own, gone, False)
    if need:
        return need
    for k in range(found):
        drop(lists, keys[k] >> 32, subject)
    for word in own:
        store.uses[word] -= 1
        if store.uses[word] == 0:
            _end_word(store, np.int64(word))
    give(lists, start >> 1, size_of((np.int64(lists.halves[start]) + 2) // 2))
    store.starts[subject] = -1
    return 0


@compiled
def _end_word(store: Store, word: int) -> None:
    """Forget a word that nobody has any more; its number is spare."""
    for v in range(VARIANTS):
        key = _word_key(store, word, v)
        if key:
            drop(store.word_lists, key, word)
    drop(store.row_lists, row_key(store.words, word), word)
    store.spare[store.counts[SPARE]] = word
    store.counts[SPARE] += 1
