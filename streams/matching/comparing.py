"""Two subjects compared by name and date of birth: the core of both the search and the decision. Compiled."""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, assignment"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.alignment import (
    BOTH_ALONE,
    CONFLICT,
    EXTRA_PERCENT,
    LONE_WORD,
    SECOND_FLAG,
    TRUNCATED_FLAG,
    TWICE_FLAG,
    align,
    in_part,
)
from streams.matching.beside import side_of
from streams.matching.compiled import compiled
from streams.matching.dates import DAY, grade
from streams.matching.joining import join, may_join, most_joined
from streams.matching.layout import BIRTHS, FIRST, FORMS, KIND
from streams.matching.likeness import LEAST, Words, comparable, hope, worth
from streams.matching.rarity import RAREST
from streams.matching.room import Room
from streams.matching.words import FLOOR, INFO, WEIGHT

NO_NAME = -(1 << 20)
"""The score where a side bears no name."""

ENOUGH = 1000
"""Hundredths of a bit that all evidence must say together for two subjects to be a POSSIBLE match."""
NAMED = 400
"""And what the names must say by themselves, unless the dates agree to the day: less than one common word is nobody's
name."""

LINK = 200
"""Hundredths of a bit that two words must be worth to be linked, see `relation.py`."""
FIRM = NAMED
"""And to be linked firmly."""

NO_MEMORY = np.full(2, -1, np.int64)
"""What a search remembers of pairs of words: a key and a worth each, then how many places are used, a power of two, and
last how many more may be kept; -1 where linked pairs are missing."""
FEW_PLACES = 1 << 10
"""So many are used at first: what is looked up some hundred times should lie near;"""
WORDS_A_PLACE = 64
"""but one for so many words of the index."""
MOST_REMEMBERED = 63
"""The first words of a query are remembered."""


@compiled
def date_weight(block: NDArray[np.int32], start: int, other_block: NDArray[np.int32], other_start: int) -> int:
    """The weight of the two dates of birth that agree best; 0 where nothing can be said."""
    best, any_said = 0, False
    for i in range(block[start + BIRTHS]):
        for j in range(other_block[other_start + BIRTHS]):
            weight, rule = grade(np.int64(block[start + FIRST + i]), np.int64(other_block[other_start + FIRST + j]))
            if rule and (not any_said or weight > best):
                best, any_said = weight, True
    return best


@compiled
def wanted_of(date: int, beside: int) -> int:
    """What names must say beside dates of birth of this weight for two subjects to be paired by name, if whatever else
    is known of them adds no more than `beside`."""
    return max(1 if date >= DAY else NAMED, ENOUGH - beside - date)


@compiled
def both_alone_of(kind: int) -> int:
    """What it says that both bear one word alone: many an organisation is called by one."""
    return 0 if side_of(kind) else BOTH_ALONE


@compiled
def _place_of(memory: NDArray[np.int64], turn: int, word: int, other: int) -> int:
    """Where the worth of two words is kept; -1 - the place where it would be. What another search kept is nothing."""
    mask = memory[-2] - 1
    key = (turn & 0xFFFFFF) << 38 | word << 32 | other
    at = (other * 40503 + word * 2654435) & mask
    while memory[2 * at] != key:
        if memory[2 * at] >> 38 != key >> 38:
            return -1 - 2 * at
        at = (at + 1) & mask
    return 2 * at


@compiled
def begin_remembering(memory: NDArray[np.int64], places: int) -> None:
    """Forget what an earlier search kept (its turn tells it apart) and have room."""
    memory[-2], memory[-1] = places, places // 2


@compiled
def remember(memory: NDArray[np.int64], turn: int, word: int, other: int, value: int) -> bool:
    """Keep the worth of two words for the rest of a search; False where there is no room."""
    if word > MOST_REMEMBERED or memory[-1] <= 0:
        return False
    at = -1 - _place_of(memory, turn, word, other)
    if at >= 0:
        memory[at], memory[at + 1] = (turn & 0xFFFFFF) << 38 | word << 32 | other, value
        memory[-1] -= 1
    return True


@compiled
def forget_some(memory: NDArray[np.int64]) -> None:
    """Not every linked pair is remembered: what is not may be linked all the same."""
    memory[-1] = -1


@compiled
def _hopes(
    words: Words,
    ids: NDArray[np.int32],
    others: Words,
    other_ids: NDArray[np.int32],
    memory: NDArray[np.int64],
    turn: int,
    single: NDArray[np.int32],
    open_pairs: NDArray[np.int32],
    joined_other: NDArray[np.int32],
    joined_own: NDArray[np.int32],
) -> bool:
    """What each pair of words is worth, or, where `open_pairs` becomes 1, what it is worth at most; the same of words
    and neighbours written as one, without any distance. Returns whether any may be joined."""
    # A search remembers all pairs that are linked: one that has a skeleton in common and is not among them is worth
    # less.
    limit = LINK - 1 if memory[-1] >= 0 else RAREST
    n, m, joins = len(ids), len(other_ids), False
    for i in range(n):
        word = np.int64(ids[i])
        for j in range(m):
            other, value, is_open = np.int64(other_ids[j]), np.int64(0), False
            if comparable(words, word, others, other):
                place = np.int64(-1)
                if len(memory) > 2 and word <= MOST_REMEMBERED:
                    place = _place_of(memory, turn, word, other)
                if place >= 0:
                    value = memory[place + 1]
                else:
                    value = np.int64(hope(words, word, others, other, limit))
                    is_open = bool(value > 0)
            with_next, with_own_next = np.int64(0), np.int64(0)
            if j + 1 < m and may_join(words, word, others, other, np.int64(other_ids[j + 1])):
                with_next, joins = most_joined(words, word), True
            if i + 1 < n and may_join(others, other, words, word, np.int64(ids[i + 1])):
                with_own_next, joins = most_joined(others, other), True
            single[i, j], open_pairs[i, j] = value, is_open
            joined_other[i, j], joined_own[i, j] = with_next, with_own_next
    return joins


@compiled
def _at_most(
    words: Words,
    ids: NDArray[np.int32],
    others: Words,
    other_ids: NDArray[np.int32],
    single: NDArray[np.int32],
    joined_other: NDArray[np.int32],
    joined_own: NDArray[np.int32],
    joins: bool,
    both_alone: int,
    best_of_others: NDArray[np.int32],
) -> int:
    """No pairing of two names scores more than this: the best partner of each word of the one name, or of the other,
    less what words without any cost. `joins`: neighbours may be written as one."""
    n, m = len(ids), len(other_ids)
    most, own_left, partners, shared = 0, 0, 0, False
    for j in range(m):
        best_of_others[j] = 0
    for i in range(n):
        best, sharing = 0, False
        for j in range(m):
            value = single[i, j]
            if joins:
                value = max(value, joined_other[i, j], joined_own[i, j])
                sharing = bool(sharing or joined_own[i, j] > 0)
            if value > 0:
                best = max(best, value)
                best_of_others[j] = max(best_of_others[j], value)
                partners |= (3 if joins and joined_other[i, j] > 0 else 1) << j
        if best == 0 and not shared:
            own_left += words[ids[i], WEIGHT]
        most += best
        shared = sharing
    other_most, other_left = 0, 0
    for j in range(m):
        other_most += best_of_others[j]
        if not partners >> j & 1:
            other_left += others[other_ids[j], WEIGHT]
    if not joins:
        most = min(most, other_most)
        if (n == 1) != (m == 1):
            most -= LONE_WORD
    if n == 1 and m == 1:
        most += both_alone
    conflict = min(own_left, other_left)
    return most - conflict * CONFLICT - (max(own_left, other_left) - conflict) * EXTRA_PERCENT // 100


@compiled
def _none_joined(n: int, m: int, joined_other: NDArray[np.int32], joined_own: NDArray[np.int32]) -> None:
    """Two words of a name as one are not held against a word with its particle: that agrees by chance."""
    for i in range(n):
        for j in range(m):
            joined_other[i, j] = joined_own[i, j] = 0


@compiled
def most_of(words: Words, block: NDArray[np.int32]) -> int:
    """No name scores more with one of this subject: each of its words agrees fully with another, or with part of one,
    or as one with its neighbour."""
    most, both_alone = 0, both_alone_of(np.int64(block[KIND]))
    at = FIRST + block[BIRTHS]
    for _ in range(block[FORMS]):
        n, agreed = block[at + 1], 0
        for i in range(at + 2, at + 2 + n):
            agreed += max(words[block[i], INFO], FLOOR)
        most = max(most, in_part(agreed) + (both_alone if n == 1 else 0))
        at += 2 + n
    return most


@compiled
def best_names(
    words: Words,
    block: NDArray[np.int32],
    start: int,
    others: Words,
    other_block: NDArray[np.int32],
    other_start: int,
    least: int,
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    memory: NDArray[np.int64],
    turn: int,
    room: Room,
    out: NDArray[np.int32],
) -> int:
    """The score of the two name forms that agree best, `out` becomes their numbers; of equal ones the first.

    Forms that cannot reach `least` may be passed over; the score is then below it too.
    """
    best = NO_NAME
    rows, single, joined_other, joined_own = room.tables[0], room.tables[1], room.tables[2], room.tables[3]
    pairing, open_pairs = room.tables[4, 0], room.tables[5]
    both_alone = both_alone_of(np.int64(block[start + KIND]))
    at = start + FIRST + block[start + BIRTHS]
    for form in range(block[start + FORMS]):
        flags, n = block[at], block[at + 1]
        ids = block[at + 2 : at + 2 + n]
        at += 2 + n
        other_at = other_start + FIRST + other_block[other_start + BIRTHS]
        for other_form in range(other_block[other_start + FORMS]):
            other_flags, m = other_block[other_at], other_block[other_at + 1]
            other_ids = other_block[other_at + 2 : other_at + 2 + m]
            other_at += 2 + m
            either = flags | other_flags
            # Where both names have particles these tell nothing.
            if flags & other_flags & TWICE_FLAG and either & SECOND_FLAG:
                continue
            truncated = bool(either & TRUNCATED_FLAG)
            wanted = max(least, best + 1)
            joins = _hopes(words, ids, others, other_ids, memory, turn, single, open_pairs, joined_other, joined_own)
            if joins and either & SECOND_FLAG:
                _none_joined(n, m, joined_other, joined_own)
                joins = False
            bounded = least > 0 and not truncated
            if bounded and wanted > _at_most(
                words, ids, others, other_ids, single, joined_other, joined_own, joins, both_alone, pairing
            ):
                continue
            for i in range(n):
                for j in range(m):
                    word, other = np.int64(ids[i]), np.int64(other_ids[j])
                    if truncated and ((flags & 1 and i == n - 1) or (other_flags & 1 and j == m - 1)):
                        single[i, j] = worth(
                            words, word, others, other, costs, spelt, np.int64(1), np.int64(LEAST), rows
                        )[0]
                    elif open_pairs[i, j]:
                        single[i, j] = worth(
                            words, word, others, other, costs, spelt, np.int64(0), np.int64(LEAST), rows
                        )[0]
                        remember(memory, turn, word, other, np.int64(single[i, j]))
            if bounded and wanted > _at_most(
                words, ids, others, other_ids, single, joined_other, joined_own, joins, both_alone, pairing
            ):
                continue
            if joins:
                join(words, ids, others, other_ids, costs, spelt, True, rows, joined_other, joined_own)
                if bounded and wanted > _at_most(
                    words, ids, others, other_ids, single, joined_other, joined_own, joins, both_alone, pairing
                ):
                    continue
            score = align(
                words, ids, flags, others, other_ids, other_flags, single, joined_other, joined_own, both_alone,
                room, pairing,
            )  # fmt: skip
            if score > best:
                best = score
                out[0], out[1] = form, other_form
    return best


@compiled
def _form_at(block: NDArray[np.int32], start: int, form: int) -> int:
    """Where a name form begins."""
    at = start + FIRST + block[start + BIRTHS]
    for _ in range(form):
        at += 2 + block[at + 1]
    return at


@compiled
def pairing_of(
    words: Words,
    block: NDArray[np.int32],
    start: int,
    others: Words,
    other_block: NDArray[np.int32],
    other_start: int,
    forms: NDArray[np.int32],
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    room: Room,
    pairing: NDArray[np.int32],
) -> int:
    """The score of two name forms again, and which word is whose partner (see `align`)."""
    at = _form_at(block, start, np.int64(forms[0]))
    other_at = _form_at(other_block, other_start, np.int64(forms[1]))
    flags, n, other_flags, m = block[at], block[at + 1], other_block[other_at], other_block[other_at + 1]
    ids, other_ids = block[at + 2 : at + 2 + n], other_block[other_at + 2 : other_at + 2 + m]
    rows, single, joined_other, joined_own = room.tables[0], room.tables[1], room.tables[2], room.tables[3]
    for i in range(n):
        for j in range(m):
            prefix = np.int64((flags & 1 and i == n - 1) or (other_flags & 1 and j == m - 1))
            word, other = np.int64(ids[i]), np.int64(other_ids[j])
            single[i, j] = worth(words, word, others, other, costs, spelt, prefix, np.int64(LEAST), rows)[0]
    if (flags | other_flags) & SECOND_FLAG:
        _none_joined(n, m, joined_other, joined_own)
    else:
        join(words, ids, others, other_ids, costs, spelt, False, rows, joined_other, joined_own)
    return align(
        words, ids, flags, others, other_ids, other_flags, single, joined_other, joined_own,
        both_alone_of(np.int64(block[start + KIND])), room, pairing,
    )  # fmt: skip
