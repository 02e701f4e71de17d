"""Checks of the gate on persons, organisations and things: names, dates, numbers, countries."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import MAXYEAR

from schemas.codec import encode_state
from schemas.codes import RejectReason
from schemas.model import timestamp
from schemas.subjects import BirthDate, Object, Subject
from streams.matching import meaningless, nameforms
from streams.stages.checks import Problem, Problems, usable_id
from streams.stages.contract import Millis

_COUNTRY = re.compile(r"[a-z]{2,3}", re.ASCII)
_EARLIEST_YEAR = 1850
_LEAP_YEAR = 2000
MOST_NAMES = 60
"""Names of one subject: comparing two takes the product of their numbers (the UN list has up to 33)."""
MOST_WORDS = 20
"""Words of one name (the UN list has up to 14)."""
MOST_COMPARED = nameforms.MOST_WORDS
"""Words of one name that are compared."""
MOST_WORDS_IN_ALL = 300
"""Words of all names of one subject, as matching divides and compares them (the UN list has up to 101)."""
KINDS = ("document", "vehicle", "firearm", "vessel", "artwork")
"""What an object can be; exactly one is set."""


def subject(value: Subject, place: str, appended_at: Millis) -> Problems:
    """One person or organisation at `place` (ending in a dot)."""
    yield from usable_id(value.subject_id, f"{place}subject_id")
    if len(value.names) > MOST_NAMES:
        detail = f"a person or organisation has at most {MOST_NAMES} names; leave out the least telling"
        yield Problem(RejectReason.TOO_LARGE, f"{place}names", detail)
    for number, name in enumerate(value.names):
        if len(name.full.split()) > MOST_WORDS:
            detail = f"a name has at most {MOST_WORDS} words; give other names as names of their own"
            yield Problem(RejectReason.TOO_LARGE, f"{place}names.{number}.full", detail)
        if not any(char.isalpha() for char in name.full):
            detail = "a name has at least one letter; leave out the names that are not known"
            yield Problem(RejectReason.INVALID_FIELD, f"{place}names.{number}.full", detail)
    if _words_in_all(value) > MOST_WORDS_IN_ALL:
        detail = (
            f"the names of a person or organisation have at most {MOST_WORDS_IN_ALL} words in all, as they are compared"
            f" ({MOST_COMPARED} of a name at most); leave out the least telling"
        )
        yield Problem(RejectReason.TOO_LARGE, f"{place}names", detail)
    for number, birth in enumerate(value.births):
        yield from _birth(birth, f"{place}births.{number}.", timestamp(appended_at).year)
    for where, country in _countries(value):
        yield from _country(country, place + where)
    for number, document in enumerate(value.documents):
        yield from _number(document.number, f"{place}documents.{number}.number")


def thing(value: Object, place: str) -> Problems:
    """One object at `place` (ending in a dot)."""
    yield from usable_id(value.object_id, f"{place}object_id")
    kinds = [kind for kind in KINDS if getattr(value, kind) is not None]
    if not kinds:
        detail = f"an object is one of {', '.join(KINDS)}"
        yield Problem(RejectReason.MISSING_SUBJECT, place.rstrip("."), detail)
    for kind in kinds[1:]:
        detail = "an object is exactly one thing; make two objects of it"
        yield Problem(RejectReason.INVALID_FIELD, place + kind, detail)
    for where, country in _countries(value):
        yield from _country(country, place + where)
    for where, number in _numbers(value):
        yield from _number(number, place + where)


def size(value: Subject | Object, place: str, largest: int) -> Problems:
    """An item may not have more than `largest` bytes (as Avro)."""
    if len(encode_state(value)) - 1 > largest:
        detail = f"an item has at most {largest // 1024} KiB"
        yield Problem(RejectReason.TOO_LARGE, place.rstrip("."), detail)


def _words_in_all(value: Subject) -> int:
    """Words that a comparison has to do with, as matching divides them: at marks, and some compounds; in one way of
    reading each name, for of so many names each is read in one.

    0 for so few names that they cannot have too many: whoever reports many people waits for nothing.
    """
    if len(value.names) * MOST_COMPARED <= MOST_WORDS_IN_ALL:
        return 0
    organisation = nameforms.is_organisation(value)
    return sum(len(form.words) for name in value.names for form in nameforms.forms(name, organisation)[:1])


def _birth(birth: BirthDate, place: str, this_year: int) -> Problems:
    impossible = RejectReason.IMPOSSIBLE_DATE
    for where, year in (("year", birth.year), ("year_to", birth.year_to)):
        if year is not None and not _EARLIEST_YEAR <= year <= this_year:
            yield Problem(impossible, place + where, f"years of birth go from {_EARLIEST_YEAR} to this one")
            return
    if birth.year_to is not None and (birth.year is None or birth.year_to < birth.year):
        yield Problem(impossible, f"{place}year_to", "a range of years goes from the earlier to the later")
    if birth.month is not None and not 1 <= birth.month <= 12:
        yield Problem(impossible, f"{place}month", "months are 1 to 12; leave out one that is not known")
    elif birth.day is not None and not 1 <= birth.day <= _days(birth):
        yield Problem(impossible, f"{place}day", "the month has no such day; leave out one that is not known")


def _days(birth: BirthDate) -> int:
    """Days that the month may have, as far as month and year are known."""
    if birth.month is None:
        return 31
    year = birth.year if birth.year is not None and birth.year_to is None else _LEAP_YEAR
    return monthrange(min(year, MAXYEAR), birth.month)[1]


def _countries(value: Subject | Object) -> Iterator[tuple[str, str | None]]:
    if isinstance(value, Subject):
        yield from ((f"nationalities.{number}", code) for number, code in enumerate(value.nationalities))
        yield "birth_place.country", value.birth_place.country if value.birth_place else None
        yield from ((f"documents.{number}.country", it.country) for number, it in enumerate(value.documents))
        return
    yield "document.country", value.document.country if value.document else None
    yield "vehicle.country", value.vehicle.country if value.vehicle else None
    yield "vessel.flag", value.vessel.flag if value.vessel else None


def _country(code: str | None, place: str) -> Problems:
    if code is not None and _COUNTRY.fullmatch(code) is None:
        detail = "countries are ISO 3166-1 alpha-2 codes in lower case; leave out one that is not known"
        yield Problem(RejectReason.INVALID_FIELD, place, detail)


def _numbers(value: Object) -> Iterator[tuple[str, str | None]]:
    if value.document:
        yield "document.number", value.document.number
    if value.vehicle:
        yield "vehicle.vin", value.vehicle.vin
        yield "vehicle.plate", value.vehicle.plate
    if value.firearm:
        yield "firearm.serial", value.firearm.serial
    if value.vessel:
        yield "vessel.imo", value.vessel.imo
        yield "vessel.mmsi", value.vessel.mmsi
    if value.artwork:
        yield "artwork.reference", value.artwork.reference


def _number(number: str | None, place: str) -> Problems:
    if number is not None and meaningless(number):
        detail = "a number that identifies nothing (empty, a filler such as 000000 or UNKNOWN); leave it out"
        yield Problem(RejectReason.MEANINGLESS_NUMBER, place, detail)
