"""Names as the gate takes them: so many of so many words; the least telling are left out, with a note."""

from __future__ import annotations

from collections.abc import Iterable

from producers.importers.results import Note
from producers.importers.scripts import script_of
from producers.importers.un_names import without_repeats
from schemas.subjects import Name

MOST_NAMES = 60
"""Names of one subject that the gate takes."""
MOST_WORDS = 20
"""Words of one name that it takes."""


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
    return found[:MOST_NAMES]
