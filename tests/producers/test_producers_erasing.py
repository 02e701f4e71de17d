"""The last version of an erased entry says that it is gone and nothing of whom it was about."""

from __future__ import annotations

from datetime import UTC, datetime

from producers.erasing import erased
from producers.list_steps import PublishedEntry
from schemas.codes import Action, EntryStatus, Instrument, NoticeType, Warning
from schemas.events import WatchlistEntry
from schemas.subjects import Name, Subject
from streams.stages.gate import content_of

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


def test_the_last_version_is_higher_and_bare() -> None:
    last = erased(PublishedEntry(LISTED), AT, "e2")
    assert last is not None
    assert (last.entry_version, last.status, last.event_id) == (5, EntryStatus.DELETED, "e2")
    assert "Karim" not in last.model_dump_json()


def test_it_is_said_once_unless_a_lower_version_came_after_it() -> None:
    last = erased(PublishedEntry(LISTED), AT, "e2")
    assert last is not None
    assert erased(PublishedEntry(last), AT, "e3") is None
    forged = erased(PublishedEntry(last, believed=False), AT, "e3")
    assert forged is not None  # the gate never took that in
    assert forged.entry_version == last.entry_version + 1
    again = erased(PublishedEntry(last, in_order=False), AT, "e3")
    assert again is not None
    assert again.entry_version == 6


def test_an_entry_that_was_deleted_with_its_subject_is_said_again_without() -> None:
    kept = LISTED.model_copy(update={"status": EntryStatus.DELETED})
    last = erased(PublishedEntry(kept), AT, "e2")
    assert last is not None
    assert content_of(last) != content_of(kept)
