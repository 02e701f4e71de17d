"""Two subjects held against each other: score and reasons also where they do not match."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matching_cases import entry, passport, person

from schemas.codes import Band, SubjectKind
from streams.matching import compare_pair, decide, probability

WORDS = ["Ali", "Karim", "Kareem", "Smith", "محمد", "김", "O", "Rahman"]
NAMES = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3)
PEOPLE = st.builds(
    lambda words, born: person(" ".join(words), born=born), NAMES, st.sampled_from(["1971-03-05", "1971", "1990"])
)


@settings(max_examples=100, deadline=None)
@given(PEOPLE, PEOPLE)
def test_a_pair_has_the_band_of_the_decision_and_a_score_on_its_side_of_a_half(one, two):
    made, match = compare_pair(one, two), decide(one, entry(two))
    assert made.band == (match.band if match else None)
    assert (made.probability >= 0.5) == (made.band is not None)
    assert compare_pair(two, one).probability == made.probability


def test_no_match_is_explained_too():
    made = compare_pair(person("Robert Smith"), person("Robert Jones"))
    assert made.band is None
    assert 0 < made.probability < 0.5
    assert [found.feature for found in made.evidence] == ["name"]


def test_a_shared_document_counts_and_kinds_are_kept_apart():
    one, two = (
        person("Ali Karim", documents=(passport("12AB34567"),)),
        person("Jo Wu", documents=(passport("12AB34567"),)),
    )
    assert compare_pair(one, two).band is Band.EXACT
    made = compare_pair(person("Ali Karim"), person("Ali Karim", kind=SubjectKind.ORGANISATION))
    assert (made.band, made.evidence) == (None, ())


def test_the_probability_is_a_half_at_possible_and_rises():
    assert probability(10.0) == 0.5
    assert probability(22.0) == pytest.approx(0.9998, abs=1e-4)
    assert 0 <= probability(-1e9) < probability(0) < probability(10.1) < probability(40) <= 1
