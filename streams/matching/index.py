"""Subjects by name: insert, replace, remove and search, without a rebuild and without a limit on hits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from schemas.subjects import Subject
from streams.matching.blocks import prepare
from streams.matching.costs import pairs, tables
from streams.matching.frame import frame_of
from streams.matching.holding import SAID, Said
from streams.matching.lists import ITEMS, KEYS, NUMBER, empty, grown
from streams.matching.nameforms import MOST_WORDS
from streams.matching.retrieval import search
from streams.matching.room import room_for_words
from streams.matching.stepped import stepped
from streams.matching.store import COMPARED, PLANNED, READ, STAMP, Scales, Store
from streams.matching.storing import FOR_WORDS, WHERE, put, remove
from streams.matching.words import CLASSES, COLUMNS

_MEMORY = 1 << 14
"""Pairs of words that a search remembers."""
_ADDED = 1 << 8
"""What is linked with a word is kept for later searches as long as no more words than this were added;"""
_KNOWN, _LEAST_KNOWN, _MOST_KNOWN = 32, 1 << 14, 1 << 22
"""so many numbers of it for each word of the index, but this at least and at most."""
_LAST_STAMP = (1 << 31) - (1 << 16)
"""From here on the numbers of units begin anew."""
_MOST_KEYS = 1 << 10
"""Room is made for so many keys at least."""
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
    """Of the arrays, without Python's own table of keys."""


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
        known, known_at = _nothing_known(256)
        self._scales = Scales(tables(), pairs(), stepped(), CLASSES)
        self._room = room_for_words(MOST_WORDS)
        self._memory = np.zeros(2 * _MEMORY + 2, np.int64)
        self._state = np.zeros(PLANNED + 1, np.int64)
        self._turn = 0
        self._hold(
            Store(
                lists=empty(),
                word_lists=empty(beside=True),
                starts=np.full(64, -1, np.int32),
                seen=np.zeros(64, np.int32),
                hits=np.zeros(64, np.int32),
                row_lists=empty(),
                words=np.zeros((256, COLUMNS), np.int32),
                uses=np.zeros(256, np.int32),
                spare=np.zeros(256, np.int32),
                counts=np.zeros(2, np.int64),
                met=np.zeros(256, np.int32),
                added=np.zeros(1 + _ADDED, np.int64),
                known=known,
                known_at=known_at,
            )
        )

    def put(self, key: str, subject: Subject) -> None:
        """Insert the subject under `key`, or replace what was there."""
        if key in self._numbers:
            self.remove(key)
        made = prepare(subject)
        number = self._free.pop() if self._free else len(self._keys)
        if number == len(self._keys):
            self._keys.append(key)
        else:
            self._keys[number] = key
        self._numbers[key] = number
        if number >= len(self._store.starts):
            self._hold(
                self._store._replace(
                    starts=_grown(self._store.starts, number + 1, -1),
                    seen=_grown(self._store.seen, number + 1),
                    hits=_grown(self._store.hits, number + 1),
                )
            )
        while need := put(self._frame, number, made.words, made.block):
            self._make_room(need)

    def remove(self, key: str) -> None:
        """Forget `key`; nothing happens if it is not there."""
        number = self._numbers.pop(key, None)
        if number is None:
            return
        while need := remove(self._frame, number):
            self._make_room(need)
        self._keys[number] = ""
        self._free.append(number)

    def search(self, subject: Subject) -> list[str]:
        """Keys whose subjects could match by name, ascending. No limit."""
        return sorted([self._keys[one] for one in self._found(subject, False)[:, SAID].tolist()])

    def weigh(self, subject: Subject) -> dict[str, Said]:
        """The same keys, in no order, each with what names and dates of birth say, for `decide`."""
        return {self._keys[said[SAID]]: said for said in self._found(subject, True).tolist()}

    def _found(self, subject: Subject, explained: bool) -> NDArray[np.int32]:
        """See `retrieval.search`."""
        made = prepare(subject)
        self._turn = self._turn % 0xFFFFFF + 1
        if self._turn == 1 or self._state[STAMP] > _LAST_STAMP:
            self._store.seen[:] = 0
            self._store.met[:] = 0
            self._memory[:] = 0
            self._state[STAMP] = 0
        return search(self._frame, made.words, made.block, self._turn, self._memory, self._state, explained)

    def last_work(self) -> tuple[int, int]:
        """Items of lists that the last search read (none is ever left out), and subjects that it compared."""
        return int(self._state[READ]), int(self._state[COMPARED])

    def stats(self) -> IndexStats:
        """What it holds. Takes a pass over all keys."""
        store = self._store
        held = store.lists.slots[:, 0]
        counts = held[held > NUMBER] & NUMBER
        lists = [array for held in store[:3] for name, array in held._asdict().items() if name != "halves"]
        arrays = (*lists, *store[3:], self._memory)
        return IndexStats(
            subjects=len(self._numbers),
            words=int(store.row_lists.heads[ITEMS]),
            keys=int(store.lists.heads[KEYS]),
            postings=int(store.lists.heads[ITEMS]),
            hot_keys=int(np.count_nonzero(counts > HOT)),
            longest_key=int(counts.max()) if len(counts) else 0,
            bytes=sum(array.nbytes for array in arrays),
        )

    def __len__(self) -> int:
        return len(self._numbers)

    def __contains__(self, key: str) -> bool:
        return key in self._numbers

    def __reduce__(self) -> NoReturn:
        """An index cannot be copied: its frame holds addresses."""
        raise TypeError("a PersonIndex cannot be copied or pickled: put its subjects into another")

    def _hold(self, store: Store) -> None:
        self._store = store
        self._frame = frame_of(store, self._scales, self._room)

    def _make_room(self, need: int) -> None:
        """Grow what an insert or a removal would overflow, see `storing.WHERE`."""
        store, where, numbers = self._store, need & WHERE, need >> 2
        if where == FOR_WORDS:
            uses = _grown(store.uses, numbers)
            known, known_at = _nothing_known(len(uses))
            self._hold(
                store._replace(
                    words=_grown(store.words, numbers),
                    uses=uses,
                    spare=_grown(store.spare, numbers),
                    met=_grown(store.met, numbers),
                    known=known,
                    known_at=known_at,
                )
            )
        else:
            held = [store.lists, store.word_lists, store.row_lists]
            held[where] = grown(held[where], numbers, max(numbers, _MOST_KEYS))
            self._hold(store._replace(lists=held[0], word_lists=held[1], row_lists=held[2]))


def _nothing_known(words: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Room for what is linked with words, as many as the index may have before it grows."""
    numbers = min(max(words * _KNOWN, _LEAST_KNOWN), _MOST_KNOWN)
    at = np.full(1 + numbers // _KNOWN, -1, np.int64)
    at[0] = 0
    return np.zeros(numbers, np.int64), at


_Array = TypeVar("_Array", bound=np.generic)


def _grown(array: NDArray[_Array], least: int, fill: int = 0) -> NDArray[_Array]:
    """A copy with a quarter as many rows again, or `least`."""
    size = max(least, len(array) + len(array) // 4)
    made = np.full((size, *array.shape[1:]), fill, array.dtype)
    made[: len(array)] = array
    return made
