"""Dates of birth, graded: what two of them say about being one person's (domain rule 11).

Weights are hundredths of a bit of log-odds: how much oftener such a pair of dates is met of one person than of two
strangers. Strangers' rates: 365 days in some 60 years. One person's: seven records of ten agree to the day, one in
fifty has day and month exchanged, one in sixty a wrong digit.
"""

# What is read out of an array is an integer to numba and Any to mypy.
# mypy: disable-error-code="no-any-return, arg-type"
from __future__ import annotations

from collections.abc import Iterable
from itertools import product

from schemas.codes import Verdict
from schemas.subjects import BirthDate
from streams.matching.compiled import compiled
from streams.matching.evidence import Finding

FEATURE = "date of birth"

DAY = 1200
"""The same day: 1 in 22,000 among strangers."""
MONTH = 800
"""The same month of the same year, a day unknown: 1 in 720."""
YEAR = 500
"""The same year, nothing more known: 1 in 60, and oftener for the young."""
SWAPPED = 750
"""Day and month exchanged: one record in fifty; 1 in 22,000 among strangers."""
TYPO = 600
"""One digit wrong, or two neighbours exchanged: one record in sixty; 1 in 1,000 among strangers."""
CENTURY = 600
"""The same but for a hundred years: a two-digit year read wrongly."""
PLACEHOLDER = 350
"""1 January of the same year against another day of it: a year that was entered as a date."""
YEAR_BESIDE = 400
"""Day and month agree, the years are one apart: an age counted otherwise, or a slip."""
NEAR = 100
"""A year beside an approximate or lone year; or year and one of day and month."""
SAME_YEAR_ONLY = -150
"""The year agrees; day and month both differ."""
DIFFERS = -1100
"""Two full dates that no common error explains."""
YEARS_DIFFER = -800
"""Years differ by more than five."""
PLACEHOLDER_DIFFERS = -400
"""A 1 January is never the only evidence of a conflict: half of what another date would take."""
PER_YEAR = -150
"""Each year between two lone years."""
PER_ABOUT = -75
"""Each year where one is approximate."""

_WIDEST = 40

(
    _SILENT, _SAME, _SAME_PLACEHOLDER, _SAME_MONTH, _SAME_YEAR, _EXCHANGED, _DIGIT, _DIGITS, _CENTURY, _PLACEHOLDER,
    _NEAR_YEAR, _IN_RANGE, _YEAR_AND_ONE, _YEAR_ALONE, _MONTH_DIFFERS, _YEARS, _DAY_MONTH, _DAY_MONTH_EXCHANGED,
    _DAY_MONTH_DIFFER,
) = range(19)  # fmt: skip

_SAYS: dict[int, tuple[Verdict, str | None]] = {
    _SAME: (Verdict.AGREES, None),
    _SAME_PLACEHOLDER: (Verdict.AGREES, "the same, but 1 January is often a placeholder: counts as the year alone"),
    _SAME_MONTH: (Verdict.AGREES, "year and month agree, the day is not known on one side"),
    _SAME_YEAR: (Verdict.AGREES, "year agrees, the rest is not known on one side"),
    _EXCHANGED: (Verdict.CLOSE, "day and month exchanged"),
    _DIGIT: (Verdict.CLOSE, "one digit differs"),
    _DIGITS: (Verdict.CLOSE, "two digits exchanged"),
    _CENTURY: (Verdict.CLOSE, "the same but for the century"),
    _PLACEHOLDER: (Verdict.CLOSE, "year agrees; 1 January is often a placeholder"),
    _NEAR_YEAR: (Verdict.CLOSE, "years are {gap} apart"),
    _IN_RANGE: (Verdict.AGREES, "within the range of years"),
    _YEAR_AND_ONE: (Verdict.CLOSE, "year and one of day and month agree"),
    _YEAR_ALONE: (Verdict.DIFFERS, "year agrees, day and month differ"),
    _MONTH_DIFFERS: (Verdict.DIFFERS, "year agrees, month differs"),
    _YEARS: (Verdict.DIFFERS, "years are {gap} apart"),
    _DAY_MONTH: (Verdict.AGREES, "day and month agree, the year is not known on one side"),
    _DAY_MONTH_EXCHANGED: (Verdict.CLOSE, "day and month exchanged, the year is not known on one side"),
    _DAY_MONTH_DIFFER: (Verdict.DIFFERS, "day and month differ"),
}


def packed(birth: BirthDate) -> int:
    """A date of birth in one number: year, month, day (0 unknown), further years of a range, approximate or not."""
    year, year_to, further = birth.year or 0, birth.year_to, 0
    if year and year_to is not None:
        further = min(max(year_to - year, 0), _WIDEST)
    return ((year << 4 | (birth.month or 0)) << 5 | (birth.day or 0)) << 7 | further << 1 | birth.approximate


@compiled
def years(date: int) -> tuple[int, int]:
    """First and last year that a packed date allows; (0, -1) where it has none. About: two years on either side."""
    year = date >> 16
    if year == 0:
        return 0, -1
    slack = 2 if date & 1 else 0
    return year - slack, year + (date >> 1 & 63) + slack


@compiled
def _apart(gap: int, approximate: int, placeholder: bool) -> tuple[int, int]:
    if gap <= (2 if approximate else 1):
        return NEAR, _NEAR_YEAR
    worst = PLACEHOLDER_DIFFERS if placeholder else YEARS_DIFFER
    return max(worst, (PER_ABOUT if approximate else PER_YEAR) * gap), _YEARS


@compiled
def _full(a: int, b: int, placeholder: bool, gap: int) -> tuple[int, int]:
    month, day, other_month, other_day = a >> 12 & 15, a >> 7 & 31, b >> 12 & 15, b >> 7 & 31
    same = month == other_month and day == other_day
    if gap == 0 and same:
        return (YEAR, _SAME_PLACEHOLDER) if placeholder else (DAY, _SAME)
    if placeholder:
        return (PLACEHOLDER, _PLACEHOLDER) if gap == 0 else _apart(gap, a & 1 | b & 1, placeholder)
    if gap == 0 and month == other_day and day == other_month:
        return SWAPPED, _EXCHANGED
    if gap == 1 and same:
        return YEAR_BESIDE, _NEAR_YEAR
    if gap == 100 and same:
        return CENTURY, _CENTURY
    one = (a >> 16) * 10000 + month * 100 + day
    two = (b >> 16) * 10000 + other_month * 100 + other_day
    wrong, first, second, exchanged = 0, 0, 0, False
    for place in range(8):
        x, y = one % 10, two % 10
        if x != y:
            wrong += 1
            exchanged = wrong == 2 and place == first + 1 and x == second % 10 and y == second // 10
            first, second = place, x * 10 + y
        one, two = one // 10, two // 10
    if wrong == 1:
        return TYPO, _DIGIT
    if wrong == 2 and exchanged:
        return TYPO, _DIGITS
    if gap == 0:
        return (NEAR, _YEAR_AND_ONE) if month == other_month or day == other_day else (SAME_YEAR_ONLY, _YEAR_ALONE)
    return _apart(gap, a & 1 | b & 1, placeholder) if a & 1 or b & 1 else (DIFFERS, _YEARS)


@compiled
def _without_year(a: int, b: int) -> tuple[int, int]:
    month, day, other_month, other_day = a >> 12 & 15, a >> 7 & 31, b >> 12 & 15, b >> 7 & 31
    if month == 0 or day == 0 or other_month == 0 or other_day == 0:
        return 0, _SILENT
    if month == other_month and day == other_day:
        return YEAR, _DAY_MONTH
    if month == other_day and day == other_month:
        return NEAR, _DAY_MONTH_EXCHANGED
    return PLACEHOLDER_DIFFERS, _DAY_MONTH_DIFFER


@compiled
def grade(a: int, b: int) -> tuple[int, int]:
    """Weight of two packed dates, and which rule gave it (0: nothing can be said)."""
    if a >> 16 == 0 or b >> 16 == 0:
        return _without_year(a, b)
    further, other_further = a >> 1 & 63, b >> 1 & 63
    if further or other_further:
        gap = max((a >> 16) - (b >> 16) - other_further, (b >> 16) - (a >> 16) - further)
        if gap > 0:
            return _apart(gap, a & 1 | b & 1, further < 0)
        width, weight = max(further, other_further) + 1, YEAR
        while width > 1 and weight > NEAR:
            width, weight = width // 2, weight - 100
        return weight, _IN_RANGE
    month, day, other_month, other_day = a >> 12 & 15, a >> 7 & 31, b >> 12 & 15, b >> 7 & 31
    placeholder = (month == 1 and day == 1) or (other_month == 1 and other_day == 1)
    gap = abs((a >> 16) - (b >> 16))
    if month and day and other_month and other_day:
        return _full(a, b, placeholder, gap)
    if gap:
        return _apart(gap, a & 1 | b & 1, placeholder)
    if month == 0 or other_month == 0:
        return YEAR, _SAME_YEAR
    if month == other_month:
        return MONTH, _SAME_MONTH
    return (PLACEHOLDER, _PLACEHOLDER) if placeholder else (SAME_YEAR_ONLY, _MONTH_DIFFERS)


def written(birth: BirthDate) -> str:
    """As an officer reads it: 1971-03-05, 1971-03, 1971, 1970 to 1973, about 1971, ????-03-05."""
    if birth.day and birth.month and birth.year and birth.year_to is None and not birth.approximate:
        return f"{birth.year:04d}-{birth.month:02d}-{birth.day:02d}"
    if birth.year_to is not None and birth.year is not None and birth.year_to != birth.year:
        text = f"{birth.year:04d} to {birth.year_to:04d}"
    else:
        text = f"{birth.year:04d}" if birth.year is not None else "????"
        if birth.month is not None:
            text += f"-{birth.month:02d}"
            text += f"-{birth.day:02d}" if birth.day is not None else ""
        elif birth.day is not None:
            text += f"-??-{birth.day:02d}"
    return f"about {text}" if birth.approximate else text


def compare(left: Iterable[BirthDate], right: Iterable[BirthDate]) -> Finding | None:
    """The best of all pairs (any of several dates may be the true one); None where a side says nothing."""
    best: Finding | None = None
    for a, b in product(left, right):
        weight, rule = grade(packed(a), packed(b))
        if rule == _SILENT:
            continue
        verdict, note = _SAYS[rule]
        if note is not None:
            note = note.format(gap=abs((a.year or 0) - (b.year or 0)))
        found = Finding(FEATURE, written(a), written(b), weight / 100, verdict, note)
        if best is None or (found.weight, found.left, found.right) > (best.weight, best.left, best.right):
            best = found
    return best
