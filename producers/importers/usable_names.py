"""Names as the gate takes them: so many of so many words; the least telling are left out, with a note."""

from __future__ import annotations

import re
from collections.abc import Iterable

from anyascii import anyascii

from producers.importers.results import Note
from producers.importers.scripts import script_of
from producers.importers.un_names import without_repeats
from schemas.subjects import Name

MOST_NAMES = 60
"""Names of one subject that the gate takes."""
MOST_WORDS = 20
"""Words of one name that it takes."""
MOST_WORDS_IN_ALL = 300
"""Words of all names of one subject that it takes, as they are compared."""
MOST_COMPARED = 10
"""Words of one name that are compared."""
_BETWEEN_WORDS = re.compile(r"[\W_]+")


def usable_names(names: Iterable[Name], field: str, row: str, notes: list[Note]) -> tuple[Name, ...]:
    """The names that have a letter, each once and in order, as many and as long as the gate takes.

    A name of too many words is left out if there are others, else cut.
    """
    found = without_repeats(name for name in names if script_of(name.full) or any(c.isalpha() for c in name.full))
    short = tuple(name for name in found if len(name.full.split()) <= MOST_WORDS)
    if len(short) < len(found):
        what = "left out" if short else "cut"
        notes.append(Note(row, field, f"names of more than {MOST_WORDS} words are {what}"))
        found = short or tuple(
            name.model_copy(update={"full": " ".join(name.full.split()[:MOST_WORDS]), "truncated": True})
            for name in found
        )
    if len(found) > MOST_NAMES:
        notes.append(Note(row, field, f"{len(found)} names, of which the first {MOST_NAMES} are taken"))
    return _of_few_words(found[:MOST_NAMES], field, row, notes)


def most_compared(full: str) -> int:
    """Words that are compared of a name, at most: compounds with Abd are divided, and Chinese and Korean names."""
    latin: str = anyascii(full)
    parts = len(_BETWEEN_WORDS.sub(" ", full).split()) + latin.lower().count("bd")
    return min(max(parts, 2), MOST_COMPARED)


def _of_few_words(names: tuple[Name, ...], field: str, row: str, notes: list[Note]) -> tuple[Name, ...]:
    words = 0
    for number, name in enumerate(names):
        words += most_compared(name.full)
        if words > MOST_WORDS_IN_ALL:
            what = f"{len(names)} names of more than {MOST_WORDS_IN_ALL} words, of which the first {number} are taken"
            notes.append(Note(row, field, what))
            return names[:number]
    return names
