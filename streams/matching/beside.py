"""What sex, nationality and place of birth can add to what names and dates of birth say of two subjects.

A search leaves out those who would be no match whatever these say. A subject's block (see `layout.py`) tells in one
number what is known of them.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return"
from __future__ import annotations

from functools import lru_cache
from zlib import crc32

from schemas.codes import Sex
from schemas.subjects import Subject
from streams.matching.compiled import compiled
from streams.matching.issuers import issuer
from streams.matching.nameforms import is_organisation

SEX_AGREES = 50
SEX_DIFFERS = -400
"""Hundredths of a bit. Sex is entered wrongly in about one record of a hundred."""
NATIONALITY_AGREES = 200
NATIONALITY_DIFFERS = -200
"""Many have several and show one: one record in ten or more; nearly all strangers differ."""
BIRTH_PLACE_AGREES = 250
BIRTH_COUNTRY_DIFFERS = -100
MOST_BESIDE = SEX_AGREES + NATIONALITY_AGREES + BIRTH_PLACE_AGREES

_ORGANISATION, _ANYTHING, _PLACE = 1, 2, 4
_SEX = 3
"""Two bits from this on: 1 or 2, or 0 where it is not known;"""
_NATIONALITIES = 5
_COUNTRIES = 24
"""a bit for each nationality, which others may share, from this on."""


def kind_of(subject: Subject, most_dates: int) -> int:
    """Person or organisation, and what is known beside its names and dates. Of one that has more dates than
    `most_dates` it says nothing: not all of them are compared in a search."""
    if is_organisation(subject):
        kind = _ORGANISATION
    else:
        kind = 1 << _SEX if subject.sex is Sex.F else 2 << _SEX if subject.sex is Sex.M else 0
        for code in subject.nationalities:
            kind |= _nationality(code)
        if subject.birth_place is not None and subject.birth_place.text:
            kind |= _PLACE
    return kind if len(subject.births) <= most_dates else kind | _ANYTHING


@lru_cache(maxsize=1024)
def _nationality(code: str) -> int:
    known = issuer(code)
    return 0 if known is None else 1 << _NATIONALITIES + crc32(known.encode(errors="replace")) % _COUNTRIES


@compiled
def side_of(kind: int) -> int:
    """1 of organisations, else 0: neither is compared with the other."""
    return kind & _ORGANISATION


@compiled
def most_beside(kind: int, other_kind: int) -> int:
    """What sex, nationality and place of birth add at most, in hundredths of a bit, the same whichever is which."""
    if (kind | other_kind) & _ANYTHING:
        return MOST_BESIDE
    if kind & _ORGANISATION:
        return 0
    most, sex, other_sex = 0, kind >> _SEX & 3, other_kind >> _SEX & 3
    if sex and other_sex:
        most += SEX_AGREES if sex == other_sex else SEX_DIFFERS
    countries, other_countries = kind >> _NATIONALITIES, other_kind >> _NATIONALITIES
    if countries and other_countries:
        most += NATIONALITY_AGREES if countries & other_countries else NATIONALITY_DIFFERS
    if kind & other_kind & _PLACE:
        most += BIRTH_PLACE_AGREES
    return most
