"""A subject ready to be compared: its words, and its block (see `layout.py`)."""

from __future__ import annotations

from array import array
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.subjects import Subject
from streams.matching import dates
from streams.matching.alignment import FLAGS, SECOND_FLAG, TWICE_FLAG
from streams.matching.beside import kind_of
from streams.matching.nameforms import BorneName, Form, borne, forms_of, is_organisation
from streams.matching.reading import KnownWords, NoRoom
from streams.matching.words import COLUMNS

MOST_DATES = 64
MOST_FORMS = 256
MOST_READ_TWICE = 10
"""Names of a subject of which each is read in every way; of one that has more each is read in the first way only."""


_READING = (0, TWICE_FLAG, TWICE_FLAG | SECOND_FLAG)
_KEPT = 256
"""Subjects that stay prepared: one that is met is compared with every entry that it was found for."""


class Prepared(NamedTuple):
    """A subject, ready to be compared."""

    subject: Subject
    organisation: bool
    words: NDArray[np.int32]
    """Its different words, a row each."""
    block: NDArray[np.int32]


_prepared: dict[int, Prepared] = {}
_known = KnownWords()


def prepare(subject: Subject) -> Prepared:
    """The subject's borne names and dates in numbers, in an order that does not depend on the order given."""
    found = _prepared.get(id(subject))
    if found is not None and found.subject is subject:
        return found
    made = _made(subject)
    if len(_prepared) >= _KEPT:
        _prepared.clear()
    _prepared[id(subject)] = made
    return made


def form_of(subject: Subject, number: int) -> Form:
    """A name of the subject, with its words, by its number in the block."""
    names, organisation = _names(subject), is_organisation(subject)
    for name in names:
        forms = _ways(name, len(names), organisation)
        if number < len(forms):
            return forms[number]
        number -= len(forms)
    raise IndexError("the subject's block has no such name")


def _names(subject: Subject) -> list[BorneName]:
    """Each once, in an order that does not depend on the order given."""
    names = borne(subject)
    return sorted(set(names)) if len(names) > 1 else names


def _ways(name: BorneName, names: int, organisation: bool) -> tuple[Form, ...]:
    """The ways in which a name is read of a subject that has so many."""
    forms = forms_of(*name, organisation)
    return forms if names <= MOST_READ_TWICE else forms[:1]


def _made(subject: Subject) -> Prepared:
    global _known
    names = _names(subject)
    births = list(map(dates.packed, subject.births))
    if len(births) > 1:
        births = sorted(set(births))[:MOST_DATES]
    kind = kind_of(subject, MOST_DATES)
    if not is_organisation(subject) and 0 < len(names) <= MOST_FORMS:
        try:
            found = _known.read(kind, births, names)
        except NoRoom:
            _known, found = KnownWords(), None
        if found is not None:
            return Prepared(subject, False, *found)
    return of_forms(subject, kind, names, births)


def of_forms(subject: Subject, kind: int, names: list[BorneName], births: list[int]) -> Prepared:
    """The subject prepared from its names as `nameforms` reads them: the same, and slower, for every subject."""
    organisation = is_organisation(subject)
    forms = [form for name in names for form in _ways(name, len(names), organisation)][:MOST_FORMS]
    rows: dict[bytes, int] = {}
    number = rows.setdefault
    block = array("i", (kind, len(births), len(forms), *births))
    for form in forms:
        block.extend((FLAGS[form.low_quality, form.truncated] | _READING[form.reading], len(form.words)))
        block.extend([number(word.row, len(rows)) for word in form.words])
    table = np.frombuffer(bytearray().join(rows), np.int32).reshape(len(rows), COLUMNS)
    return Prepared(subject, organisation, table, np.frombuffer(block, np.int32))
