"""The words of the index that are linked with the words of a query, and what is kept of them. Compiled."""

# What is read out of an array is an integer to numba and Any, or an integer of numpy, to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment, return-value, call-overload"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.comparing import FIRM, LINK, forget_some, remember
from streams.matching.compiled import compiled
from streams.matching.keys import mark_of
from streams.matching.likeness import Words, one_skeleton, worth
from streams.matching.lists import NUMBER
from streams.matching.looking import look
from streams.matching.room import Room
from streams.matching.store import KNOWN_AGE, KNOWN_FIRST, KNOWN_LINKS, KNOWN_ROW, Scales, Store
from streams.matching.units import FIRST_WORD, SECOND_WORD
from streams.matching.words import BONES, COLUMNS, HASH


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
    firm_marks: NDArray[np.int64],
    bones: NDArray[np.int64],
    begin: int,
    state: NDArray[np.int64],
) -> tuple[int, int]:
    """Find the words of the index that are linked with a unit: remember what the pairs are worth, set their marks, put
    down their first skeletons from `begin` on. Returns where those of firm links end, which are the first, and where
    all do; -1 if there is no room for all."""
    word, second, found, firm, end = unit[FIRST_WORD], unit[SECOND_WORD], -1, begin, begin
    if second < 0:
        found = _recall(store, words, word, scales, room.tables[0], links)
    if found < 0:
        found = look(store, words, unit, stamp, scales, room, state, links)
        if found < 0:
            return np.int64(-1), np.int64(-1)
        if second < 0:
            _keep(store, words, word, links, found)
    for k in range(found):
        if second < 0 and not remember(memory, turn, word, links[k] & NUMBER, links[k] >> 32):
            forget_some(memory)
    for firmly in (True, False):
        for k in range(found):
            if (links[k] >> 32 >= FIRM) != firmly:
                continue
            other = links[k] & NUMBER
            mark = mark_of(store.words, other)
            marks[mark >> 6] |= np.int64(1) << (mark & 63)
            if firmly:
                firm_marks[mark >> 6] |= np.int64(1) << (mark & 63)
            bone, into = np.int64(store.words[other, BONES]), begin
            while into < end and bones[into] != bone:
                into += 1
            if into == end:
                if end == len(bones):
                    return np.int64(-1), np.int64(-1)
                bones[end] = bone
                end += 1
        if firmly:
            firm = end
    return firm, end
