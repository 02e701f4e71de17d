"""The last version of an erased entry says that it is gone and nothing of whom it was about."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import count

from producers.erasing import deletions
from producers.list_steps import PublishedEntry
from schemas.codes import Action, EntryStatus, Instrument, Mode, NoticeType, Warning
from schemas.events import LAST_VERSION, WatchlistEntry
from schemas.subjects import Name, Subject

AT = datetime(2026, 3, 1, tzinfo=UTC)
LISTED = WatchlistEntry(
    event_id="e1",
    producer="fr",
    occurred_at=AT,
    recorded_at=AT,
    entry_id="E1",
    entry_version=4,
    instrument=Instrument.NOTICE,
    notice_type=NoticeType.RED,
    action=Action.ARREST,
    warnings=(Warning.ARMED,),
    operation="Karim's friends",
    correlation_id="file of Karim",
    subject=Subject(subject_id="s1", names=(Name(full="Karim Ahmed"),)),
    remarks="Karim limps",
)


def test_it_is_said_in_every_mode_bare_and_with_a_version_that_nothing_stands_above() -> None:
    numbers = count()
    said = deletions("fr", "E1", PublishedEntry(LISTED), AT, lambda: f"d{next(numbers)}")
    assert {(one.status, one.entry_version) for one in said} == {(EntryStatus.DELETED, LAST_VERSION)}
    assert {one.exercise for one in said} == set(Mode) - {Mode.UNKNOWN}
    assert "Karim" not in "".join(one.model_dump_json() for one in said)


def test_nothing_of_a_record_that_was_refused_is_repeated() -> None:
    said = deletions("fr", "E1", PublishedEntry(LISTED, believed=False), AT, lambda: "d")
    assert {one.notice_type for one in said} == {None}
