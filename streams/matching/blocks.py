"""A subject as the compiled loops see it: its words, and a block of numbers that says what it is.

A block: [kind, number of dates, number of name forms, the packed dates, then for each form its flags, its number of
words and the rows of its words]. Rows count within the words that go with the block: the subject's own in a query,
those of the index in the index.
"""

from __future__ import annotations

from array import array
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from schemas.subjects import Subject
from streams.matching import dates
from streams.matching.alignment import LOW_FLAG, TRUNCATED_FLAG
from streams.matching.nameforms import Form, borne, is_organisation
from streams.matching.words import COLUMNS

KIND, BIRTHS, FORMS, FIRST = range(4)

MOST_DATES = 64
MOST_FORMS = 256


_KEPT = 256
"""Subjects that stay prepared: one that is met is compared with every entry that it was found for."""


class Prepared(NamedTuple):
    """A subject, ready to be compared."""

    subject: Subject
    organisation: bool
    forms: list[Form]
    rows: list[bytes]
    """Its different words."""
    words: NDArray[np.int32]
    """The same as numbers."""
    block: NDArray[np.int32]


_prepared: dict[int, Prepared] = {}


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
    forms = borne(subject)
    if len(forms) > 1:
        unique = {(form.full, form.low_quality, form.truncated, len(form.words)): form for form in forms}
        forms = [unique[key] for key in sorted(unique)][:MOST_FORMS]
    births = [dates.packed(birth) for birth in subject.births]
    if len(births) > 1:
        births = sorted(set(births))[:MOST_DATES]
    organisation = is_organisation(subject)
    rows: dict[bytes, int] = {}
    number = rows.setdefault
    block = array("i", (organisation, len(births), len(forms), *births))
    for form in forms:
        flags = (TRUNCATED_FLAG if form.truncated else 0) | (LOW_FLAG if form.low_quality else 0)
        block.extend((flags, len(form.words), *[number(word.row, len(rows)) for word in form.words]))
    table = np.frombuffer(bytearray().join(rows), np.int32).reshape(len(rows), COLUMNS)
    return Prepared(subject, organisation, forms, list(rows), table, np.frombuffer(block, np.int32))
