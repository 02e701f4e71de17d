"""Which two subjects are compared by name at all. Compiled.

Two words are linked if a skeleton of the one (coarse consonants, read in up to four ways) is one of the other, and if
they are worth something as a pair. Two subjects are compared if

- two words of one name are linked with two of the other's, or a word and two neighbours written as one; or the words
  of two one-word names are; or neighbours as one have a skeleton of neighbours as one (a space in the wrong place);
- one word is linked, the years of birth are at most one apart, and the dates speak for the two;
- a side has no year of birth, one word is linked firmly (the pair is worth twice as much as a link has to be), and
  another word may begin with the same consonant as one there;
- a side has no year of birth, a side has a one-word name, and that word, a rare one, is linked firmly with a rare one.

The relation is the same both ways.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type, return-value"
from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from streams.matching.beside import side_of
from streams.matching.comparing import FIRM, LINK
from streams.matching.compiled import compiled
from streams.matching.dates import years
from streams.matching.joining import worth_joined
from streams.matching.keys import beginning, is_dated, is_rare, joined_bone
from streams.matching.layout import BIRTHS, FIRST, FORMS, KIND
from streams.matching.likeness import Words, one_skeleton, worth
from streams.matching.room import Room
from streams.matching.words import BONES, VARIANTS

MISPLACED = 0x10000
"""Skeletons of five consonants and more tell that a space is in the wrong place; shorter ones are met by chance."""


@compiled
def linked(
    words: Words,
    word: int,
    others: Words,
    other: int,
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    rows: NDArray[np.int32],
) -> int:
    """What two words are worth as a pair if they are linked: a skeleton of the one is one of the other, and they are
    worth something; else 0."""
    if not one_skeleton(words, word, others, other):
        return np.int64(0)
    value = np.int64(worth(words, word, others, other, costs, spelt, np.int64(0), np.int64(LINK), rows)[0])
    return value if value >= LINK else np.int64(0)


@compiled
def linked_joined(
    words: Words,
    word: int,
    others: Words,
    first: int,
    second: int,
    classes: NDArray[np.int32],
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    rows: NDArray[np.int32],
) -> bool:
    """The same for a word and two neighbours written as one."""
    if worth_joined(words, word, others, first, second, costs, spelt, rows)[0] < LINK:
        return False
    for v in range(VARIANTS):
        bone = joined_bone(others, first, second, v, classes)
        for u in range(VARIANTS):
            if words[word, BONES + u] == bone:
                return True
    return False


@compiled
def _both_joined(
    words: Words,
    first: int,
    second: int,
    others: Words,
    other_first: int,
    other_second: int,
    classes: NDArray[np.int32],
) -> bool:
    """Have neighbours as one a skeleton of neighbours as one?"""
    for v in range(VARIANTS):
        bone = joined_bone(words, first, second, v, classes)
        if bone >= MISPLACED:
            for u in range(VARIANTS):
                if joined_bone(others, other_first, other_second, u, classes) == bone:
                    return True
    return False


@compiled
def _near_years(block: NDArray[np.int32], start: int, other_block: NDArray[np.int32], other_start: int) -> bool:
    """Are two years of birth at most one apart?"""
    for i in range(block[start + BIRTHS]):
        first, last = years(np.int64(block[start + FIRST + i]))
        for j in range(other_block[other_start + BIRTHS]):
            other_first, other_last = years(np.int64(other_block[other_start + FIRST + j]))
            if first <= last and other_first <= other_last and first <= other_last + 1 and other_first <= last + 1:
                return True
    return False


@compiled
def _links(
    words: Words,
    ids: NDArray[np.int32],
    others: Words,
    other_ids: NDArray[np.int32],
    classes: NDArray[np.int32],
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    rows: NDArray[np.int32],
    links: NDArray[np.int32],
) -> None:
    """Links of two words (bit 1, and 16 if they are linked firmly), of a word with two neighbours of the other name
    (2), the other way (4), and of two neighbours with two (8)."""
    n, m = len(ids), len(other_ids)
    for i in range(n):
        for j in range(m):
            word, other = np.int64(ids[i]), np.int64(other_ids[j])
            value = linked(words, word, others, other, costs, spelt, rows)
            links[i, j] = 17 if value >= FIRM else 1 if value else 0
            if j + 1 < m:
                second = np.int64(other_ids[j + 1])
                if linked_joined(words, word, others, other, second, classes, costs, spelt, rows):
                    links[i, j] |= 2
            if i + 1 < n:
                second = np.int64(ids[i + 1])
                if linked_joined(others, other, words, word, second, classes, costs, spelt, rows):
                    links[i, j] |= 4
                if j + 1 < m:
                    other_second = np.int64(other_ids[j + 1])
                    if _both_joined(words, word, second, others, other, other_second, classes):
                        links[i, j] |= 8


@compiled
def _two_linked(links: NDArray[np.int32], n: int, m: int) -> bool:
    """Two words with two others; one of them may be two neighbours."""
    for i in range(n):
        for j in range(m):
            link = links[i, j]
            if link & 2 and n == 1 and m == 2:
                return True
            if link & 4 and n == 2 and m == 1:
                return True
            if link & 8 and n == 2 and m == 2:
                return True
            if link == 0:
                continue
            for k in range(n):
                for h in range(m):
                    if k == i or h == j or links[k, h] & 1 == 0:
                        continue
                    if link & 1 or (link & 2 and h != j + 1) or (link & 4 and k != i + 1):
                        return True
                    if link & 8 and h != j + 1 and k != i + 1:
                        return True
    return False


@compiled
def related(
    words: Words,
    block: NDArray[np.int32],
    start: int,
    others: Words,
    other_block: NDArray[np.int32],
    other_start: int,
    date: int,
    classes: NDArray[np.int32],
    costs: NDArray[np.int16],
    spelt: NDArray[np.int16],
    room: Room,
) -> bool:
    """The relation itself; `date` is the weight of the dates of birth, `room` is room to work in."""
    if side_of(np.int64(block[start + KIND])) != side_of(np.int64(other_block[other_start + KIND])):
        return False
    undated = not (is_dated(block, start) and is_dated(other_block, other_start))
    near = date > 0 and _near_years(block, start, other_block, other_start)
    rows, links = room.tables[0], room.tables[1]
    at = start + FIRST + block[start + BIRTHS]
    for _ in range(block[start + FORMS]):
        n = block[at + 1]
        ids = block[at + 2 : at + 2 + n]
        at += 2 + n
        other_at = other_start + FIRST + other_block[other_start + BIRTHS]
        for _ in range(other_block[other_start + FORMS]):
            m = other_block[other_at + 1]
            other_ids = other_block[other_at + 2 : other_at + 2 + m]
            other_at += 2 + m
            _links(words, ids, others, other_ids, classes, costs, spelt, rows, links)
            if _two_linked(links, n, m):
                return True
            for i in range(n):
                for j in range(m):
                    if links[i, j] & 1 == 0:
                        continue
                    if near or (n == 1 and m == 1):
                        return True
                    if not undated or links[i, j] & 16 == 0:
                        continue
                    if (
                        (n == 1 or m == 1)
                        and is_rare(words, np.int64(ids[i]))
                        and is_rare(others, np.int64(other_ids[j]))
                    ):
                        return True
                    for k in range(n):
                        for h in range(m):
                            if (
                                k != i
                                and h != j
                                and beginning(words, np.int64(ids[k])) & beginning(others, np.int64(other_ids[h])) != 0
                            ):
                                return True
    return False
