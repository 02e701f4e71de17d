"""Workers are replaced one by one by those of the next release, under faults: nothing is lost, doubled or guessed."""

from __future__ import annotations

from collections import Counter

import pytest

from schemas.internal import Link
from tests.schedules.tasks.campaign import run_one
from tests.schedules.tasks.releases import TwoReleases

pytestmark = pytest.mark.filterwarnings("ignore:coroutine")


def test_rolling_restarts_end_as_the_oracle_says() -> None:
    releases = [TwoReleases() for _ in range(8)]
    outcomes = [run_one(seed, releases=each) for seed, each in enumerate(releases)]
    assert {it.seed: it.said for it in outcomes if it.said} == {}
    faults = sum((it.faults for it in outcomes), Counter[str]())
    assert faults["upgrade"] > 20
    assert faults["newer"] > 0
    read = sum((each.read for each in releases), Counter[tuple[str, int, int]]())
    assert read["message", 1, 2] > 20
    assert read["message", 2, 1] > 200
    assert read["state", 2, 1] > 50
    assert read["state", 1, 2] == 0


@pytest.mark.parametrize(
    ("seed", "why"),
    [(1, "holds state of format 1, this release reads 2 to 3"), (3, "holds state of format 3, this release reads 1")],
)
def test_a_release_that_is_not_the_next_is_refused_by_name(seed: int, why: str) -> None:
    (first, *_) = run_one(seed, releases=TwoReleases(1, 3)).said
    assert "ended with RestoreFailed: cases-changelog-" in first
    assert why in first


def test_a_next_release_that_cannot_read_the_messages_of_the_one_before_shows() -> None:
    assert "something was set aside" in run_one(1, releases=TwoReleases(breaks=True)).said


def test_messages_are_read_whatever_release_wrote_them() -> None:
    """They carry the id of their schema, and every schema is compatible with every other: only state has a distance."""
    first, third = TwoReleases(1, 3).codecs.values()
    link = Link(entry_key="a", linked_key="b")
    assert first.encode(link) != third.encode(link)
    assert first.decode(third.encode(link)) == third.decode(first.encode(link)) == link
