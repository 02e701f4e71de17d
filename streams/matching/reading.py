"""Names read by what is known of their words: most words of a name that is met have been met before. Compiled.

A word that reads the same wherever in a name it stands is kept with the rows that it becomes; a name of such words is
put together without Python's objects, several times as fast as `nameforms` reads it, and never otherwise. All other
names (with Arabic of an MRZ, with a word that completes the one before it, of too many words, ...) are left to
`nameforms`.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value, assignment"
from __future__ import annotations

import secrets
import threading
from array import array
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.matching.alignment import FLAGS
from streams.matching.compiled import allocating, compiled
from streams.matching.frame import addresses_of, line_of, rows_of
from streams.matching.layout import BIRTHS, FIRST, FORMS, KIND
from streams.matching.likeness import Words
from streams.matching.nameforms import (
    MOST_WORDS,
    OVERLAY,
    SEPARATING,
    BorneName,
    Standing,
    divided_name,
    standing_alone,
)
from streams.matching.words import COLUMNS, same_rows

_UNKNOWN, _LEFT = -1, -2
"""What `_read` puts instead of a block: the word between two places is not known; or the name is left to others."""
MOST_KNOWN = 1 << 18
"""Words that are kept; with one more, or when their rows or bytes have no room, all are forgotten."""
_BYTES = 16
"""There is room for so many bytes of each."""
_LONGEST = 64
"""Bytes of a word that is kept."""
_LEARN = 16
"""Words that are learnt at one reading: after each the subject is read from its beginning. One who has more that are
new is read the slow way, and these are learnt the next time."""
_PROBES = 64
"""Places at which a word is looked for: whoever makes words up so that they share their places makes nothing slow."""
_BEGIN, _LENGTH, _STANDING, _FIRST, _COUNT = range(5)
"""Of a known word: where in the pool its bytes are, how many; how it stands in a name; its first row, how many."""
_MIXED, _KNOWN, _POOLED, _ROWS = range(4)
"""Where mixing begins, known to nobody; how many words, bytes, rows there are."""
_NATIVE = "\x01"
"""Stands before each word of a Korean's or Chinese name that was divided: it reads otherwise than in another name."""
_ANY = "surrogatepass"
_OF_NAME = 2 + MOST_WORDS * (2 + COLUMNS)
"""Room for what is made of a name."""
_SEPARATING = np.array([byte in SEPARATING for byte in range(256)], np.bool_)
_, _LEFT_OUT, _COMPLETES, _OTHERWISE, _NOTHING = map(int, Standing)


class NoRoom(Exception):
    """So many words are known that no other can be."""


class _Kept(NamedTuple):
    """What is known of words."""

    heads: NDArray[np.int64]
    """See `_MIXED`."""
    slots: NDArray[np.int32]
    """1 + the number of a word, or 0, by its bytes."""
    known: Words
    """See `_BEGIN`."""
    pool: NDArray[np.uint8]
    rows: Words


class KnownWords:
    """Words by their bytes as written. Threads may use it at once."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        """`most`: words that are kept."""
        self._using = threading.Lock()
        self._kept = _Kept(
            np.array([secrets.randbits(62), 0, 0, 0], np.int64),
            np.zeros(4 << most.bit_length(), np.int32),
            np.zeros((most, _COUNT + 1), np.int32),
            np.zeros(_BYTES * most, np.uint8),
            np.zeros((most, COLUMNS), np.int32),
        )
        self._frame = addresses_of(self._kept)

    def add(self, written: bytes) -> bool:
        """Learn a word of a name. False if there is no room."""
        text = written.decode(errors=_ANY)
        standing, words = standing_alone(text.removeprefix(_NATIVE), text.startswith(_NATIVE))
        rows = np.frombuffer(b"".join([word.row for word in words]), np.int32)
        with self._using:
            return _add(self._frame, written, int(standing), rows)

    def read(
        self, kind: int, births: list[int], names: list[BorneName]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]] | None:
        """The different words of a person and the block (see `layout.py`); None if some name must be read otherwise.

        `kind`: of the block; `births`: the packed dates. Raises NoRoom.
        """
        asked, text = array("i", (kind, len(births), len(names), *births)), b""
        for full, low_quality, truncated in names:
            written = full
            if not full.isascii() and (divided := divided_name(full)) is not None:
                written = _NATIVE + divided.replace(" ", f" {_NATIVE}")
            elif _NATIVE in full or OVERLAY in full:
                return None
            spelt = written.encode(errors=_ANY)
            text += spelt
            asked.extend((FLAGS[low_quality, truncated], len(spelt)))
        out = np.empty(FIRST + len(births) + len(names) * _OF_NAME, np.int32)
        for _ in range(_LEARN):
            with self._using:
                lengths = _read(self._frame, asked, text, out)
            if lengths:
                block, different = lengths >> 32, lengths & 0xFFFFFFFF
                return out[block : block + different * COLUMNS].reshape(different, COLUMNS), out[:block]
            if out[0] == _LEFT:
                return None
            if not self.add(text[out[1] : out[2]]):
                raise NoRoom
        return None


@allocating
def _kept_of(frame: NDArray[np.int64]) -> _Kept:
    return _Kept(
        line_of(frame, 0, np.int64),
        line_of(frame, 1, np.int32),
        rows_of(frame, 2, np.int32),
        line_of(frame, 3, np.uint8),
        rows_of(frame, 4, np.int32),
    )


@allocating
def _add(frame: NDArray[np.int64], written: bytes, standing: int, rows: NDArray[np.int32]) -> bool:
    """Keep a word that is not kept yet. False if there is no room."""
    kept = _kept_of(frame)
    heads, count, length = kept.heads, len(rows) // COLUMNS, len(written)
    slot = _slot(kept, written, np.int64(0), np.int64(length))
    full = heads[_KNOWN] == len(kept.known) or heads[_ROWS] + count > len(kept.rows)
    if full or heads[_POOLED] + length > len(kept.pool) or slot < 0:
        return False
    if kept.slots[slot] == 0:
        word, begin, first = heads[_KNOWN], heads[_POOLED], heads[_ROWS]
        for at in range(length):
            kept.pool[begin + at] = written[at]
        for at in range(len(rows)):
            kept.rows[first + at // COLUMNS, at % COLUMNS] = rows[at]
        known = kept.known[word]
        known[_BEGIN], known[_LENGTH], known[_STANDING], known[_FIRST], known[_COUNT] = (
            begin, length, standing, first, count,
        )  # fmt: skip
        heads[_KNOWN], heads[_POOLED], heads[_ROWS] = word + 1, begin + length, first + count
        kept.slots[slot] = word + 1
    return True


@compiled
def _slot(kept: _Kept, text: bytes, begin: int, end: int) -> int:
    """Where the word of these bytes is or would be; -1 if it must not be kept."""
    slots, known, pool = kept.slots, kept.known, kept.pool
    if end - begin > _LONGEST:
        return -1
    mixed = np.uint64(kept.heads[_MIXED])
    for at in range(begin, end):
        mixed = (mixed ^ np.uint64(text[at])) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    slot = np.int64(mixed >> np.uint64(32)) & (len(slots) - 1)
    for _ in range(_PROBES):
        number = np.int64(slots[slot]) - 1
        if number < 0:
            return slot
        if known[number, _LENGTH] == end - begin:
            at, first = np.int64(0), np.int64(known[number, _BEGIN])
            while at < end - begin and pool[first + at] == text[begin + at]:
                at += 1
            if at == end - begin:
                return slot
        slot = (slot + 1) & (len(slots) - 1)
    return -1


@allocating
def _read(frame: NDArray[np.int64], asked: array[int], text: bytes, out: NDArray[np.int32]) -> int:
    """See :meth:`KnownWords.read`; `asked`: the kind, how many dates and names, the dates, each name's flags
    and bytes.

    Puts the block into `out`, and after it the words. Returns how many words, and above bit 32 how long the block is;
    or 0 with `_UNKNOWN` and where a word begins and ends, or `_LEFT`, in `out`.
    """
    return _read_names(_kept_of(frame), asked, text, out)


@compiled
def _read_names(kept: _Kept, asked: array[int], text: bytes, out: NDArray[np.int32]) -> int:
    births, names = np.int64(asked[1]), np.int64(asked[2])
    question, used, different, at = 3 + births, FIRST + births, np.int64(0), np.int64(0)
    # The rows of the different words are noted at the end, backwards.
    last = len(out) - 1
    for _ in range(names):
        end = at + asked[question + 1]
        count, spelt, left_out = np.int64(0), 0, False
        while at < end:
            while at < end and _SEPARATING[text[at]]:
                at += 1
            begin = at
            while at < end and not _SEPARATING[text[at]]:
                at += 1
            if begin == at:
                continue
            slot = _slot(kept, text, begin, at)
            if slot >= 0 and kept.slots[slot] == 0:
                out[0], out[1], out[2] = _UNKNOWN, begin, at
                return 0
            standing, first, more = np.int64(_OTHERWISE), np.int64(0), np.int64(0)
            if slot >= 0:
                known = kept.known[kept.slots[slot] - 1]
                standing, first, more = np.int64(known[_STANDING]), np.int64(known[_FIRST]), np.int64(known[_COUNT])
            if standing == _OTHERWISE or (standing == _COMPLETES and count) or count + more > MOST_WORDS:
                out[0] = _LEFT
                return 0
            if standing in (_LEFT_OUT, _NOTHING):
                left_out = left_out or standing == _LEFT_OUT
                continue
            spelt += 1
            for row in range(first, first + more):
                place = np.int64(0)
                while place < different and not same_rows(kept.rows, np.int64(out[last - place]), kept.rows, row):
                    place += 1
                if place == different:
                    out[last - different] = row
                    different += 1
                out[used + 2 + count] = place
                count += 1
        if count == 0 or (left_out and spelt < 2):
            out[0] = _LEFT
            return 0
        out[used], out[used + 1] = asked[question], count
        used, question = used + 2 + count, question + 2
    out[KIND], out[BIRTHS], out[FORMS] = asked[0], births, names
    for i in range(births):
        out[FIRST + i] = asked[3 + i]
    for place in range(different):
        row = np.int64(out[last - place])
        for column in range(COLUMNS):
            out[used + place * COLUMNS + column] = kept.rows[row, column]
    return used << 32 | different
