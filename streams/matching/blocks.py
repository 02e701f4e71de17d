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
    names: list[BorneName]
    """As the block has them: a name that is read in two ways twice."""
    words: NDArray[np.int32]
    """Its different words, a row each."""
    block: NDArray[np.int32]

    def form(self, number: int) -> Form:
        """One of its names, with its words."""
        name, reading = self.names[number], 0
        while reading < number and self.names[number - reading - 1] == name:
            reading += 1
        return forms_of(*name, self.organisation)[reading]


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


def _made(subject: Subject) -> Prepared:
    global _known
    names = borne(subject)
    if len(names) > 1:
        names = sorted(set(names))
    births = [dates.packed(birth) for birth in subject.births]
    if len(births) > 1:
        births = sorted(set(births))[:MOST_DATES]
    kind = kind_of(subject, MOST_DATES)
    if not is_organisation(subject) and 0 < len(names) <= MOST_FORMS:
        try:
            found = _known.read(kind, births, names)
        except NoRoom:
            _known, found = KnownWords(), None
        if found is not None:
            return Prepared(subject, False, names, *found)
    return of_forms(subject, kind, names, births)


def of_forms(subject: Subject, kind: int, names: list[BorneName], births: list[int]) -> Prepared:
    """The subject prepared from its names as `nameforms` reads them: the same, and slower, for every subject."""
    organisation = is_organisation(subject)
    ways = None if len(names) <= MOST_READ_TWICE else 1
    forms = [form for name in names for form in forms_of(*name, organisation)[:ways]][:MOST_FORMS]
    rows: dict[bytes, int] = {}
    number = rows.setdefault
    block = array("i", (kind, len(births), len(forms), *births))
    for form in forms:
        block.extend((FLAGS[form.low_quality, form.truncated] | _READING[form.reading], len(form.words)))
        block.extend([number(word.row, len(rows)) for word in form.words])
    table = np.frombuffer(bytearray().join(rows), np.int32).reshape(len(rows), COLUMNS)
    kept = [(form.full, form.low_quality, form.truncated) for form in forms]
    return Prepared(subject, organisation, kept, table, np.frombuffer(block, np.int32))
