"""Dates of birth, graded."""

from itertools import permutations

import pytest
from matching_cases import birth

from schemas.codes import Verdict
from schemas.subjects import BirthDate
from streams.matching import dates

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
