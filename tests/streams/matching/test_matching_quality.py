"""A small seeded sample of every kind of pair: recall and false alarms that a broken matcher would not reach."""

import zlib

import pytest
from matching_cases import person

from benchmarks.pairs import bengali, latin, shared
from streams.matching import compare_pair

PLACE = shared.folder()


def _rates(rows, part):
    found, people, false, strangers = 0, 0, 0, 0
    for row in rows:
        if zlib.crc32(row.seed.encode()) // 7 % part or row.kind in ("one shared, one alike", "nearest other name"):
            continue
        hit = compare_pair(person(row.left), person(row.right)).band is not None
        if row.same:
            people, found = people + 1, found + hit
        else:
            strangers, false = strangers + 1, false + hit
    assert people > 50
    return found / people, false / max(strangers, 1)


def test_latin_names_altered_in_many_ways_are_found_and_names_that_share_a_word_are_not():
    recall, false = _rates(latin.pairs([], count=900), 2)
    assert recall >= 0.85
    assert false <= 0.03


def test_bengali_names_are_found_in_latin():
    recall, false = _rates(bengali.pairs(count=400), 1)
    assert recall >= 0.93
    assert false <= 0.02


@pytest.mark.skipif(PLACE is None, reason="../shared/data is not beside this checkout")
@pytest.mark.parametrize(("name", "least"), [("hebrew", 0.82), ("korean", 0.80)])
def test_full_names_in_another_script_are_found_in_latin(name, least):
    rows = [row for row in shared.full_names(PLACE, name) if row.held_out]
    recall, _ = _rates(rows, 4)
    assert recall >= least


@pytest.mark.skipif(PLACE is None, reason="../shared/data is not beside this checkout")
@pytest.mark.parametrize("name", ["arabic", "russian"])
def test_names_put_together_of_words_in_another_script_are_found_in_latin(name):
    rows = [row for row in shared.two_words(PLACE, name) if row.held_out]
    recall, false = _rates(rows, 4)
    assert recall >= 0.82
    assert false <= 0.01
