"""A list kept in step: exactly what differs is said, twice the same file says nothing, too much is asked about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.list_steps import ENDED, PublishedEntry, Steps, TooManyWithdrawn, judge_withdrawals, steps
from producers.published_entries import remember
from schemas.codes import Action, EntryStatus, Instrument, Mode
from schemas.events import WatchlistEntry
from schemas.subjects import Name, Subject

AT = datetime(2026, 3, 1, tzinfo=UTC)
LATER = datetime(2026, 3, 2, tzinfo=UTC)


def entry(entry_id: str, name: str = "Karim Ahmed", version: int = 1, **changes: Any) -> WatchlistEntry:
    values: dict[str, Any] = {
        "event_id": f"{entry_id}-{version}-{name}",
        "producer": "bd",
        "occurred_at": AT,
        "recorded_at": AT,
        "entry_id": entry_id,
        "entry_version": version,
        "instrument": Instrument.NATIONAL,
        "action": Action.INFORM,
        "list_name": "wanted",
        "subject": Subject(subject_id="1", names=(Name(full=name),)),
    }
    return WatchlistEntry(**values | changes)


def topic(*entries: WatchlistEntry) -> dict[str, PublishedEntry]:
    found: dict[str, PublishedEntry] = {}
    for one in entries:
        remember(found, one)
    return found


def step(published: dict[str, PublishedEntry], wanted: Iterable[WatchlistEntry], list_name: str = "wanted") -> Steps:
    return steps(published, wanted, list_name=list_name, exercise=Mode.ACTUAL, at=LATER, event_id=lambda: "withdrawal")


def versions(entries: Iterable[WatchlistEntry]) -> dict[str, int]:
    return {one.entry_id: one.entry_version for one in entries}


def test_what_is_new_changed_and_gone_is_said_and_nothing_else() -> None:
    published = topic(entry("same"), entry("other", version=4), entry("gone", version=2))
    again = {"event_id": "new", "occurred_at": LATER, "recorded_at": LATER, "entry_version": 1, "list_name": None}

    made = step(published, [entry("same", **again), entry("other", "Karim Uddin"), entry("new")])

    assert (versions(made.added), versions(made.changed), versions(made.withdrawn)) == (
        {"new": 1},
        {"other": 5},
        {"gone": 3},
    )
    assert (made.unchanged, made.live, made.refused) == (1, 3, [])
    (gone,) = made.withdrawn
    assert (gone.status, gone.occurred_at, gone.event_id) == (EntryStatus.WITHDRAWN, LATER, "withdrawal")
    assert gone.subject == entry("gone").subject


def test_what_was_refused_is_said_again_above_it_and_after_all_else() -> None:
    published = topic(entry("forged"), entry("hidden"))
    remember(published, entry("forged", version=7), believed=False)
    remember(published, entry("hidden", version=3, exercise=Mode.TEST, list_name="other"), believed=False)

    remember(published, entry("weak"), believed=False)

    made = step(published, [entry("weak"), entry("forged"), entry("hidden"), entry("new")])

    assert (versions(made.changed), versions(made.again)) == ({"hidden": 4}, {"weak": 2, "forged": 8})
    assert (made.unchanged, made.refused, made.withdrawn) == (0, [], [])
    assert [one.entry_id for one in made.events] == ["new", "hidden", "weak", "forged"]


def test_what_was_taken_in_after_it_had_been_refused_is_not_said_again() -> None:
    published: dict[str, PublishedEntry] = {}
    remember(published, entry("1"), believed=False)
    remember(published, entry("1", version=2))

    assert (published["1"].holds, published["1"].believed) == (entry("1", version=2), True)
    assert step(published, [entry("1")]).events == []


def test_a_withdrawal_that_was_refused_is_said_again_with_what_still_holds() -> None:
    published = topic(entry("held", version=4))
    gone = entry("held", "Somebody Else", version=6, status=EntryStatus.WITHDRAWN, list_name="other")
    remember(published, gone, believed=False)
    remember(published, entry("late", version=3, status=EntryStatus.WITHDRAWN), believed=False)
    remember(published, entry("late", version=2))

    made = step(published, [])

    assert versions(made.withdrawn) == {"held": 7, "late": 4}
    assert made.withdrawn[0].subject == entry("held").subject
    assert made.live == 2


def test_what_was_never_taken_in_is_withdrawn_once_and_not_for_ever() -> None:
    published: dict[str, PublishedEntry] = {}
    remember(published, entry("weak"), believed=False)
    (gone,) = step(published, []).withdrawn
    remember(published, gone, believed=False)

    assert step(published, []).events == []


def test_an_id_that_another_list_holds_stays_its_whoever_was_refused_since() -> None:
    published = topic(entry("theirs", list_name="stolen"))
    remember(published, entry("theirs", version=2), believed=False)

    made = step(published, [entry("theirs")])

    assert (made.events, [row.row for row in made.refused]) == ([], ["entry theirs"])


def test_entries_of_other_lists_and_modes_are_left_alone_and_their_ids_refused() -> None:
    published = topic(
        entry("theirs", list_name="stolen"),
        entry("exercise", exercise=Mode.EXERCISE),
        entry("nameless", list_name=None),
    )
    made = step(published, [entry("theirs"), entry("exercise"), entry("nameless")])

    assert not made.withdrawn
    assert versions(made.changed) == {"nameless": 2}
    assert [row.row for row in made.refused] == ["entry theirs", "entry exercise"]
    assert not step(published, []).withdrawn


@pytest.mark.parametrize("status", sorted(ENDED))
def test_what_has_ended_is_not_withdrawn_and_comes_back_as_a_change(status: EntryStatus) -> None:
    published = topic(entry("1", version=3, status=status))

    assert step(published, []).events == []
    assert versions(step(published, [entry("1")]).changed) == {"1": 4}


def test_a_lower_version_that_came_last_is_said_again_with_a_higher_one() -> None:
    published = topic(entry("1", version=5), entry("1", "Somebody Else", version=2))

    assert versions(step(published, [entry("1")]).changed) == {"1": 6}


def test_an_entry_that_is_in_the_file_twice_is_refused_once() -> None:
    made = step({}, [entry("1"), entry("1", "Karim Uddin")])

    assert versions(made.added) == {"1": 1}
    assert [(row.row, row.why) for row in made.refused] == [("entry 1", "is in the file more than once")]


@pytest.mark.parametrize(
    ("live", "gone", "allowed", "fine"),
    [
        (10_000, 20, None, True),
        (10_000, 50, None, True),
        (10_000, 51, None, False),
        (100, 5, None, True),
        (100, 6, None, False),
        (100, 6, 6, True),
        (100, 6, 5, False),
        (100, 0, None, True),
        (0, 0, None, True),
    ],
)
def test_more_than_five_per_cent_or_fifty_are_asked_about(
    live: int, gone: int, allowed: int | None, fine: bool
) -> None:
    made = Steps(withdrawn=[entry(str(number)) for number in range(gone)], live=live)
    if fine:
        judge_withdrawals(made, allowed)
    else:
        with pytest.raises(TooManyWithdrawn, match=f"--allow-withdraw {gone}"):
            judge_withdrawals(made, allowed)


LISTS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["Karim", "Rahim", "Salim"]))


@given(st.lists(LISTS, min_size=1, max_size=5))
def test_whatever_files_follow_each_other_the_topic_says_what_the_last_one_says(files: list[dict[str, str]]) -> None:
    said: list[WatchlistEntry] = []
    for file in files:
        wanted = [entry(entry_id, name) for entry_id, name in file.items()]
        made = step(topic(*said), wanted)
        assert not made.refused
        said += made.events
        assert step(topic(*said), wanted).events == []

    live = {one.entry.entry_id: one.entry for one in topic(*said).values() if one.entry.status not in ENDED}
    assert {key: one.subject and one.subject.names[0].full for key, one in live.items()} == files[-1]
    for entry_id in {one.entry_id for one in said}:
        of_entry = [one.entry_version for one in said if one.entry_id == entry_id]
        assert of_entry == sorted(set(of_entry))
