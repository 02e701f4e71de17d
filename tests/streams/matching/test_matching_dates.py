"""Dates of birth, graded."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from matching_cases import birth

from schemas.codes import Verdict
from schemas.subjects import BirthDate
from streams.matching import dates
from streams.matching.keys import OWN_YEAR, VAGUE, day_of, days_may_agree

CASES = [
    ("the same day", "1971-03-05", "1971-03-05", dates.DAY, Verdict.AGREES),
    ("day unknown", "1971-03", "1971-03-05", dates.MONTH, Verdict.AGREES),
    ("only the year known", "1971", "1971-03-05", dates.YEAR, Verdict.AGREES),
    ("day and month exchanged", "1971-03-05", "1971-05-03", dates.SWAPPED, Verdict.CLOSE),
    ("one digit wrong", "1971-03-05", "1981-03-05", dates.TYPO, Verdict.CLOSE),
    ("two digits exchanged", "1965-03-05", "1956-03-05", dates.TYPO, Verdict.CLOSE),
    ("years one apart", "1970-08-21", "1969-08-21", dates.YEAR_BESIDE, Verdict.CLOSE),
    ("another century", "1921-03-05", "2021-03-05", dates.CENTURY, Verdict.CLOSE),
    ("the same 1 January is the year alone", "1971-01-01", "1971-01-01", dates.YEAR, Verdict.AGREES),
    ("1 January of the same year", "1971-01-01", "1971-07-19", dates.PLACEHOLDER, Verdict.CLOSE),
    ("1 January of another year", "1971-01-01", "1995-07-19", dates.PLACEHOLDER_DIFFERS, Verdict.DIFFERS),
    ("another date", "1971-03-05", "1988-11-22", dates.DIFFERS, Verdict.DIFFERS),
    ("years far apart", "1971", "1988", dates.YEARS_DIFFER, Verdict.DIFFERS),
    ("within a range", "1971-03-05", "1970..1973", dates.YEAR - 200, Verdict.AGREES),
    ("about", "~1971", "1973", dates.NEAR, Verdict.CLOSE),
    ("about, some years apart", "~1971", "1967", 4 * dates.PER_ABOUT, Verdict.DIFFERS),
    ("about, a generation apart", "~1971", "1996-07-19", dates.YEARS_DIFFER, Verdict.DIFFERS),
]


@pytest.mark.parametrize(("left", "right", "weight", "verdict"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_dates_are_graded_and_both_ways_alike(left, right, weight, verdict):
    for one, two in ((left, right), (right, left)):
        found = dates.compare([birth(one)], [birth(two)])
        assert (found.weight, found.verdict) == (weight / 100, verdict)


def test_a_date_that_is_not_known_says_nothing():
    assert dates.compare([], [birth("1971")]) is None
    assert dates.compare([BirthDate()], [birth("1971")]) is None
    assert dates.compare([BirthDate(month=3)], [birth("1971-03-05")]) is None


def test_of_several_dates_any_may_be_the_true_one_whatever_their_order():
    several = [birth("1960"), birth("1971-03-05"), birth("1955-01-01")]
    for order in permutations(several):
        assert dates.compare([birth("1971-03-05")], order) == dates.compare([birth("1971-03-05")], several)
        assert dates.compare(order, [birth("1971-03-05")]).weight == dates.DAY / 100


_DAYS = st.dates(date(1970, 1, 2), date(1972, 12, 31))


@settings(max_examples=800, deadline=None)
@given(_DAYS, _DAYS)
@example(date(1971, 10, 21), date(1971, 12, 1))
@example(date(1971, 3, 12), date(1971, 12, 3))
@example(date(1970, 12, 5), date(1971, 2, 5))
def test_no_date_that_speaks_for_another_is_left_out_of_the_lists_of_years(one: date, two: date):
    asked, told = (dates.packed(BirthDate(year=day.year, month=day.month, day=day.day)) for day in (one, two))
    if day_of(asked) == VAGUE or day_of(told) == VAGUE or abs(one.year - two.year) > 1:
        return
    own_year = OWN_YEAR if one.year == two.year else 0
    if dates.grade(asked, told)[0] > 0:
        assert days_may_agree(day_of(told), day_of(asked) | own_year)


def test_of_days_of_a_year_nearly_all_are_left_out():
    first = date(1971, 1, 2)
    days = [first + timedelta(days=number) for number in range(363)]
    told = [day_of(dates.packed(BirthDate(year=day.year, month=day.month, day=day.day))) for day in days]
    asked = told[137]
    assert sum(days_may_agree(day, asked | OWN_YEAR) for day in told) < 80
    assert sum(days_may_agree(day, asked) for day in told) == 1
