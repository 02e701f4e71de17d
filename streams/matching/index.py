"""Subjects by name: insert, replace, remove and search, without a rebuild and without a limit on hits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from schemas.subjects import Subject
from streams.matching.blocks import BIRTHS, FIRST, FORMS, Prepared, prepare
from streams.matching.costs import pairs, tables
from streams.matching.keys import keys_of
from streams.matching.postings import (
    GONE,
    HEADS,
    KEYS,
    POSTINGS,
    SIZES,
    USED,
    Postings,
    insert,
    rehash,
    remove,
    room,
    search,
)
from streams.matching.words import CLASSES, COLUMNS

_MEMORY = 1 << 14
"""Pairs of words that a search remembers."""
HOT = 10_000
"""Subjects under one key from which it is called hot. Hot keys are searched to their end like all others."""


@dataclass(frozen=True, slots=True)
class IndexStats:
    """What the index holds."""

    subjects: int
    words: int
    keys: int
    postings: int
    hot_keys: int
    longest_key: int
    """Subjects under the key that most have."""
    bytes: int
    """Of the arrays, without Python's own tables of keys and words."""


class PersonIndex:
    """Persons and organisations by the names that they bear; the same class serves watchlist and window.

    `search` returns every key whose subject `decide` could match by name: there is no limit, and no key is dropped
    for being common. It is symmetric: a is found by b exactly if b is found by a. Rows, keys and words that are no
    longer used are recycled. Not safe to be changed, or searched, while another thread searches.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._keys: list[str] = []
        self._free: list[int] = []
        self._word_numbers: dict[bytes, int] = {}
        self._free_words: list[int] = []
        self._words = np.zeros((256, COLUMNS), np.int32)
        self._uses = np.zeros(256, np.int32)
        heads = np.full(HEADS, -1, np.int64)
        heads[SIZES:] = 0
        self._postings = Postings(
            pool=np.zeros(1 << 12, np.int32),
            heads=heads,
            keys=np.zeros(1 << 10, np.int64),
            places=np.zeros(1 << 10, np.int32),
            counts=np.zeros(1 << 10, np.int32),
            starts=np.full(64, -1, np.int32),
            seen=np.zeros(64, np.int32),
        )
        self._memory = np.zeros(2 * _MEMORY, np.int64)
        self._measured = np.zeros(2, np.int64)
        self._turn = 0

    def put(self, key: str, subject: Subject) -> None:
        """Insert the subject under `key`, or replace what was there."""
        self.remove(key)
        made = prepare(subject)
        found = keys_of(made.words, made.block, 0, False, CLASSES)
        block = self._own(made)
        number = self._free.pop() if self._free else len(self._keys)
        if number == len(self._keys):
            self._keys.append(key)
        else:
            self._keys[number] = key
        self._numbers[key] = number
        self._make_room(number, 2 * len(block) + 2 + room(self._postings, found, True), len(found))
        insert(self._postings, number, block, found)

    def remove(self, key: str) -> None:
        """Forget `key`; nothing happens if it is not there."""
        number = self._numbers.pop(key, None)
        if number is None:
            return
        pool, start = self._postings.pool, int(self._postings.starts[number])
        block = pool[start + 1 : start + 1 + int(pool[start])].copy()
        found = keys_of(self._words, block, 0, False, CLASSES)
        self._make_room(number, room(self._postings, found, False), 0)
        remove(self._postings, number, found)
        self._disown(block)
        self._keys[number] = ""
        self._free.append(number)

    def search(self, subject: Subject) -> list[str]:
        """Keys whose subjects could match by name, ascending. No limit."""
        made = prepare(subject)
        self._turn = self._turn % 0xFFFFFF + 1
        if self._turn == 1:
            self._postings.seen[:] = 0
            self._memory[:] = 0
        found = search(
            self._postings,
            self._words,
            made.words,
            made.block,
            keys_of(made.words, made.block, 0, True, CLASSES),
            self._turn,
            self._memory,
            tables(),
            pairs(),
            self._measured,
        )
        return sorted([self._keys[number] for number in found.tolist()])

    def last_work(self) -> tuple[int, int]:
        """Postings that the last search read (none is ever left out), and subjects that it compared."""
        return int(self._measured[0]), int(self._measured[1])

    def stats(self) -> IndexStats:
        """What it holds. Takes a pass over all keys."""
        held = self._postings
        counts = held.counts[held.keys > 0]
        return IndexStats(
            subjects=len(self._numbers),
            words=len(self._word_numbers),
            keys=int(held.heads[KEYS]),
            postings=int(held.heads[POSTINGS]),
            hot_keys=int(np.count_nonzero(counts > HOT)),
            longest_key=int(counts.max()) if len(counts) else 0,
            bytes=sum(array.nbytes for array in (*held, self._words, self._uses, self._memory)),
        )

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, key: str) -> bool:
        return key in self._numbers

    def _own(self, made: Prepared) -> NDArray[np.int32]:
        """The block with the rows that its words have in this index; words that are new get one."""
        rows = np.empty(len(made.words), np.int32)
        for i, row in enumerate(made.words):
            packed = row.tobytes()
            number = self._word_numbers.get(packed)
            if number is None:
                number = self._free_words.pop() if self._free_words else len(self._word_numbers)
                if number >= len(self._words):
                    self._words = _grown(self._words, number + 1)
                    self._uses = _grown(self._uses, number + 1)
                self._word_numbers[packed] = number
                self._words[number] = row
            self._uses[number] += 1
            rows[i] = number
        return _renumbered(made.block, rows)

    def _disown(self, block: NDArray[np.int32]) -> None:
        for number in {number for at, n in _forms(block) for number in block[at : at + n].tolist()}:
            self._uses[number] -= 1
            if self._uses[number] == 0:
                del self._word_numbers[self._words[number].tobytes()]
                self._free_words.append(number)

    def _make_room(self, number: int, pool: int, postings: int) -> None:
        """Grow what an insert or a removal would overflow."""
        held = self._postings
        need = int(held.heads[USED]) + pool
        slots = len(held.keys)
        wanted = int(held.heads[KEYS]) + postings
        if wanted + int(held.heads[GONE]) > slots * 6 // 10:
            while wanted > slots * 5 // 10:
                slots *= 2
            fresh = held._replace(
                keys=np.zeros(slots, np.int64), places=np.zeros(slots, np.int32), counts=np.zeros(slots, np.int32)
            )
            rehash(held, fresh)
            held = fresh
        if need > len(held.pool):
            held = held._replace(pool=_grown(held.pool, need))
        if number >= len(held.starts):
            held = held._replace(starts=_grown(held.starts, number + 1, -1), seen=_grown(held.seen, number + 1))
        self._postings = held


def _forms(block: NDArray[np.int32]) -> list[tuple[int, int]]:
    """Where the words of each form begin, and how many they are."""
    found, at = [], FIRST + int(block[BIRTHS])
    for _ in range(int(block[FORMS])):
        n = int(block[at + 1])
        found.append((at + 2, n))
        at += 2 + n
    return found


def _renumbered(block: NDArray[np.int32], rows: NDArray[np.int32]) -> NDArray[np.int32]:
    own = block.copy()
    for at, n in _forms(block):
        own[at : at + n] = rows[block[at : at + n]]
    return own


def _grown(array: NDArray[np.int32], least: int, fill: int = 0) -> NDArray[np.int32]:
    """A copy with half as many rows again, or `least`."""
    size = max(least, len(array) + len(array) // 2)
    made = np.full((size, *array.shape[1:]), fill, np.int32)
    made[: len(array)] = array
    return made
