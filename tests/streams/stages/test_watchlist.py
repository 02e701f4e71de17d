"""The worker's copy of the persons topic."""

from __future__ import annotations

import pytest
from stages_events import person

from schemas.codes import Mode
from schemas.internal import ListedPerson
from schemas.subjects import Subject
from streams.stages.watchlist import TOMBSTONES, Watchlist

KEY = "ACTUAL:fr:E1"


def listed(name: str, version: int = 1) -> ListedPerson:
    return ListedPerson(entry_version=version, subject=person(name))


def test_who_is_listed_is_found_in_their_mode_alone() -> None:
    watchlist = Watchlist()
    watchlist.apply(KEY, listed("Jeanne Durand"), 1, 10)
    assert watchlist.search(Mode.ACTUAL, person("Durand Jeanne")) == [KEY]
    assert watchlist.search(Mode.TEST, person("Durand Jeanne")) == []
    assert (len(watchlist), watchlist.version(KEY), watchlist.newest) == (1, 1, 10)


def test_a_newer_version_replaces_an_older_one() -> None:
    watchlist = Watchlist()
    watchlist.apply(KEY, listed("Jeanne Durand"), 1, 10)
    watchlist.apply(KEY, listed("Karim Uddin Ahmed", 2), 2, 11)
    assert watchlist.search(Mode.ACTUAL, person("Jeanne Durand")) == []
    assert watchlist.search(Mode.ACTUAL, person("Karim Uddin Ahmed")) == [KEY]


def test_a_version_is_not_to_be_seen_before_the_entry_can_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    watchlist = Watchlist()
    seen: list[tuple[int, bool]] = []
    put = watchlist._persons.put

    def slowly(key: str, subject: Subject) -> None:
        seen.append((watchlist.version(KEY), watchlist.subject(KEY) is None))  # what a task's thread sees meanwhile
        put(key, subject)

    monkeypatch.setattr(watchlist._persons, "put", slowly)
    watchlist.apply(KEY, listed("Jeanne Durand"), 1, 10)
    assert seen == [(0, True)]
    assert watchlist.version(KEY) == 1


def test_reading_the_log_again_changes_nothing() -> None:
    watchlist = Watchlist()
    log = [(listed("Jeanne Durand"), 1, 10), (None, 2, 11)]
    for record in [*log, *log]:
        watchlist.apply(KEY, *record)
    assert (watchlist.version(KEY), watchlist.subject(KEY), len(watchlist)) == (2, None, 0)
    assert watchlist.search(Mode.ACTUAL, person("Jeanne Durand")) == []


def test_a_removal_is_remembered_as_long_as_its_topic_keeps_it() -> None:
    watchlist = Watchlist()
    watchlist.apply(KEY, None, 2, 0)
    watchlist.apply("ACTUAL:fr:E2", None, 1, TOMBSTONES)
    assert watchlist.version(KEY) == 2
    watchlist.apply("ACTUAL:fr:E2", None, 2, TOMBSTONES + 1)
    assert (watchlist.version(KEY), watchlist.version("ACTUAL:fr:E2")) == (0, 2)


def test_who_was_removed_and_listed_again_stays() -> None:
    watchlist = Watchlist()
    watchlist.apply(KEY, None, 2, 0)
    watchlist.apply(KEY, listed("Jeanne Durand", 3), 3, 1)
    watchlist.apply("ACTUAL:fr:E2", None, 1, 2 * TOMBSTONES)
    assert watchlist.version(KEY) == 3


def test_an_end_is_reached_only_by_a_look_that_came_after_the_asking() -> None:
    watchlist = Watchlist()
    first = watchlist.ask_for_end()
    looked = watchlist.ends_asked
    second = watchlist.ask_for_end()
    watchlist.reach_end(looked)
    assert watchlist.end_reached(first)
    assert not watchlist.end_reached(second)
    watchlist.reach_end(watchlist.ends_asked)
    assert watchlist.end_reached(second)
