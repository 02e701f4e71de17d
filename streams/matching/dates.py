"""Dates of birth, graded: what two of them say about being one person's (domain rule 11)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from math import log2

from schemas.codes import Verdict
from schemas.subjects import BirthDate
from streams.matching.evidence import Finding

FEATURE = "date of birth"

DAY = 12.0
"""The same day: 1 in 22,000 among strangers; of one person in two out of three records."""
MONTH = 8.0
"""The same month of the same year, a day unknown: 1 in 720."""
YEAR = 5.0
"""The same year, nothing more known: 1 in 60 and less for the young."""
SWAPPED = 7.5
"""Day and month exchanged: one record in fifty; 1 in 22,000 among strangers."""
TYPO = 6.0
"""One digit wrong, or two neighbours exchanged: one record in sixty; 1 in 1,000 among strangers."""
CENTURY = 6.0
"""The same but for a hundred years: a two-digit year read wrongly."""
PLACEHOLDER = 3.5
"""1 January of the same year against another day of it: a year that was entered as a date."""
NEAR = 1.0
"""A year beside an approximate or lone year."""
SAME_YEAR_ONLY = -1.5
"""The year agrees; day and month both differ."""
DIFFERS = -11.0
"""Two full dates that no common error explains."""
YEAR_DIFFERS = -7.0
"""Years differ by more than five."""
PLACEHOLDER_DIFFERS = -4.0
"""A 1 January is never the only evidence of a conflict: half of what another date would take."""

_WIDEST_RANGE = 40


def written(birth: BirthDate) -> str:
    """As an officer reads it: 1971-03-05, 1971-03, 1971, 1970 to 1973, about 1971, ????-03-05."""
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


def years(births: Iterable[BirthDate]) -> frozenset[int]:
    """Every year that one of the dates allows; about a year allows two years on either side."""
    found: set[int] = set()
    for birth in births:
        if birth.year is None:
            continue
        slack = 2 if birth.approximate else 0
        last = max(birth.year, birth.year_to if birth.year_to is not None else birth.year)
        found.update(range(birth.year - slack, min(last, birth.year + _WIDEST_RANGE) + slack + 1))
    return frozenset(found)


def compare(left: Iterable[BirthDate], right: Iterable[BirthDate]) -> Finding | None:
    """The best of all pairs (any of several dates may be the true one); None where a side says nothing."""
    findings = [found for a, b in product(left, right) if (found := _grade(a, b)) is not None]
    if not findings:
        return None
    return max(findings, key=lambda f: (f.weight, f.left, f.right))


def _grade(a: BirthDate, b: BirthDate) -> Finding | None:
    graded = _ranges(a, b) if _is_range(a) or _is_range(b) else _points(a, b)
    if graded is None:
        return None
    weight, verdict, note = graded
    return Finding(FEATURE, written(a), written(b), weight, verdict, note)


Graded = tuple[float, Verdict, str | None]


def _is_range(birth: BirthDate) -> bool:
    return birth.year_to is not None and birth.year is not None and birth.year_to > birth.year


def _ranges(a: BirthDate, b: BirthDate) -> Graded | None:
    if a.year is None or b.year is None:
        return None
    a_last, b_last = max(a.year, a.year_to or a.year), max(b.year, b.year_to or b.year)
    width = max(a_last - a.year, b_last - b.year) + 1
    gap = max(a.year - b_last, b.year - a_last)
    if gap <= 0:
        return max(NEAR, YEAR - log2(width)), Verdict.AGREES, "within the range of years"
    return _years_apart(gap, a.approximate or b.approximate, placeholder=False)


def _years_apart(gap: int, approximate: bool, placeholder: bool) -> Graded:
    if gap <= (2 if approximate else 1):
        return NEAR, Verdict.CLOSE, f"years differ by {gap}"
    worst = PLACEHOLDER_DIFFERS if placeholder or approximate else YEAR_DIFFERS
    weight = max(worst, -1.2 * gap)
    return weight, Verdict.DIFFERS, f"years differ by {gap}"


def _is_placeholder(birth: BirthDate) -> bool:
    return birth.month == 1 and birth.day == 1


def _is_full(birth: BirthDate) -> bool:
    return birth.year is not None and birth.month is not None and birth.day is not None


def _points(a: BirthDate, b: BirthDate) -> Graded | None:
    if a.year is None or b.year is None:
        return _without_year(a, b)
    placeholder = _is_placeholder(a) or _is_placeholder(b)
    if _is_full(a) and _is_full(b):
        return _full(a, b, placeholder)
    if a.year != b.year:
        return _years_apart(abs(a.year - b.year), a.approximate or b.approximate, placeholder)
    if a.month is None or b.month is None:
        return YEAR, Verdict.AGREES, "year agrees, the rest is not known on one side"
    if a.month == b.month:
        return MONTH, Verdict.AGREES, "year and month agree, the day is not known on one side"
    if placeholder:
        return PLACEHOLDER, Verdict.CLOSE, "year agrees; 1 January is often a placeholder"
    return SAME_YEAR_ONLY, Verdict.DIFFERS, "year agrees, month differs"


def _without_year(a: BirthDate, b: BirthDate) -> Graded | None:
    if a.month is None or b.month is None or a.day is None or b.day is None:
        return None
    if (a.month, a.day) == (b.month, b.day):
        return YEAR, Verdict.AGREES, "day and month agree, the year is not known on one side"
    if (a.month, a.day) == (b.day, b.month):
        return NEAR, Verdict.CLOSE, "day and month exchanged, the year is not known on one side"
    return PLACEHOLDER_DIFFERS, Verdict.DIFFERS, "day and month differ"


def _digits(birth: BirthDate) -> str:
    return f"{birth.year or 0:04d}{birth.month or 0:02d}{birth.day or 0:02d}"


def _full(a: BirthDate, b: BirthDate, placeholder: bool) -> Graded:
    one, two = _digits(a), _digits(b)
    if one == two:
        if placeholder:
            return YEAR, Verdict.AGREES, "the same, but 1 January is often a placeholder: counts as the year alone"
        return DAY, Verdict.AGREES, None
    gap = abs((a.year or 0) - (b.year or 0))
    if placeholder:
        if gap == 0:
            return PLACEHOLDER, Verdict.CLOSE, "year agrees; 1 January is often a placeholder"
        return _years_apart(gap, a.approximate or b.approximate, placeholder=True)
    if gap == 0 and (a.month, a.day) == (b.day, b.month):
        return SWAPPED, Verdict.CLOSE, "day and month exchanged"
    if gap == 100 and one[4:] == two[4:]:
        return CENTURY, Verdict.CLOSE, "the same but for the century"
    wrong = [i for i in range(8) if one[i] != two[i]]
    if len(wrong) == 1:
        return TYPO, Verdict.CLOSE, "one digit differs"
    if (
        len(wrong) == 2
        and wrong[1] == wrong[0] + 1
        and one[wrong[0]] == two[wrong[1]]
        and one[wrong[1]] == two[wrong[0]]
    ):
        return TYPO, Verdict.CLOSE, "two digits exchanged"
    if gap == 0 and (a.month == b.month or a.day == b.day):
        return NEAR, Verdict.CLOSE, "year and one of day and month agree"
    if gap == 0:
        return SAME_YEAR_ONLY, Verdict.DIFFERS, "year agrees, day and month differ"
    if a.approximate or b.approximate:
        return _years_apart(gap, approximate=True, placeholder=False)
    return DIFFERS, Verdict.DIFFERS, f"years differ by {gap}"
