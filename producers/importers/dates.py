"""Dates of birth as lists and officers write them: whole, partial, ranges, in words."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime

from schemas.subjects import BirthDate

_EARLIEST, _LATEST = 1850, 2100
_NUMBERS = re.compile(r"(\d{4})(?:[-/.](\d{1,2}|XX|00)(?:[-/.](\d{1,2}|XX|00))?)?(?:[T ].*)?", re.IGNORECASE)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_DAY_FIRST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_WORDS = re.compile(r"(?:(\d{1,2})[\s.-]+)?([A-Za-z]{3})[a-z]*\.?,?(?:[\s-]+(\d{4}))?")
_YEAR = re.compile(r"\b(1[89]\d\d|20\d\d)\b")
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_HIJRI_EPOCH = 227_015
"""Proleptic Gregorian ordinal (datetime.date) of 1 Muharram 1 in the civil tabular calendar: 19 July 622."""


def is_possible(year: int | None, month: int | None, day: int | None) -> bool:
    """Is there such a day (a month or day that is unknown fits any)?"""
    if year is not None and not _EARLIEST <= year <= _LATEST:
        return False
    if month is not None and not 1 <= month <= 12:
        return False
    if day is None:
        return True
    longest = 31 if month is None else calendar.monthrange(year or 2000, month)[1]
    return 1 <= day <= longest


def read_date(text: str) -> BirthDate | None:
    """1969-07-16, 1969-7, 1969, 1969-00-00, 19690716, 16/07/1969, 16 July 1969, 16-Jul-1969, Nov. 1973; else None.

    The parts are as they were written: `is_possible` says whether there is such a day.
    """
    text = text.strip()
    if found := _NUMBERS.fullmatch(text):
        return BirthDate(year=int(found[1]), month=_part(found[2]), day=_part(found[3]))
    if found := _COMPACT.fullmatch(text):
        return BirthDate(year=int(found[1]), month=_part(found[2]), day=_part(found[3]))
    if found := _DAY_FIRST.fullmatch(text):
        return BirthDate(year=int(found[3]), month=_part(found[2]), day=_part(found[1]))
    if (found := _WORDS.fullmatch(text)) and found[2].lower() in _MONTHS:
        year = int(found[3]) if found[3] else None
        return BirthDate(year=year, month=_MONTHS[found[2].lower()], day=_part(found[1]))
    return None


def without_impossible(birth: BirthDate) -> BirthDate | None:
    """`birth` without the parts that cannot be (1974-01-32 is January 1974); None where nothing is left.

    Nobody was born in a year to come: the gate would refuse the whole event for such a year, its numbers included.
    """
    if not is_possible(birth.year, None, None) or (birth.year or 0) > datetime.now(UTC).year:
        return None
    if is_possible(birth.year, birth.month, birth.day):
        return birth
    if is_possible(birth.year, birth.month, None):
        return birth.model_copy(update={"day": None})
    return birth.model_copy(update={"month": None, "day": None})


def years_in(text: str) -> list[int]:
    """Years of the common era named in `text`, in order."""
    return [int(year) for year in _YEAR.findall(text)]


def from_hijri(year: int, month: int, day: int) -> date:
    """The day in the Gregorian calendar, by the civil tabular Islamic calendar (30-year cycle, leap years 2, 5, 7, 10,
    13, 16, 18, 21, 24, 26, 29): right to within two days of an observed date.
    """
    months = 29 * (month - 1) + month // 2
    return date.fromordinal(_HIJRI_EPOCH + 354 * (year - 1) + (3 + 11 * year) // 30 + months + day - 1)


def _part(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() and int(text) else None
