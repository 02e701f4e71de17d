"""A list in memory finds whom the pipeline would find, by name and by number, and refuses what the gate refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import deploy
from schemas.codes import Action, Band, DocumentType, EntryStatus, Instrument, Mode, NoticeType, RejectReason
from schemas.events import WatchlistEntry
from schemas.participants import load_participants
from schemas.subjects import BirthDate, Document, Name, Object, Subject
from streams.matching import compare_pair
from streams.screening import ScreenedList

PARTICIPANTS = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))
NOW = datetime(2026, 3, 1, tzinfo=UTC)
PASSPORT = Document(type=DocumentType.PASSPORT, number="19CK48213", country="fr")
_numbers = iter(range(1, 1000))


def person(name: str, *documents: Document, year: int | None = 1980) -> Subject:
    births = (BirthDate(year=year, month=4, day=23),) if year else ()
    return Subject(subject_id="1", names=(Name(full=name),) if name else (), births=births, documents=documents)


def notice(entry_id: str, subject: Subject | None, **changes: Any) -> WatchlistEntry:
    values: dict[str, Any] = {
        "event_id": f"019a0000-0000-7000-8000-{next(_numbers):012x}",
        "producer": "fr",
        "occurred_at": NOW,
        "recorded_at": NOW,
        "entry_id": entry_id,
        "instrument": Instrument.NOTICE,
        "notice_type": NoticeType.RED,
        "action": Action.ARREST,
        "subject": subject,
    }
    return WatchlistEntry(**values | changes)


@pytest.fixture
def held() -> ScreenedList:
    return ScreenedList(NOW, Mode.ACTUAL, PARTICIPANTS)


def test_a_person_is_found_by_name_and_by_number_best_first(held: ScreenedList) -> None:
    assert held.put(notice("NAME", person("Jean-Luc Moreau"))) is None
    assert held.put(notice("BOTH", person("Jean Luc Moreau", PASSPORT))) is None
    assert held.put(notice("OTHER", person("Peter Novak"))) is None

    hits = held.search(person("MOREAU Jean Luc", PASSPORT))

    assert [(hit.entry_id, hit.band) for hit in hits] == [("BOTH", Band.EXACT), ("NAME", Band.STRONG)]
    assert "document number agrees" in hits[0].explanation
    assert all(0.5 <= hit.score <= 1 for hit in hits)


def test_a_stolen_document_is_found_without_any_name(held: ScreenedList) -> None:
    record = notice(
        "DOC",
        None,
        instrument=Instrument.DOC_RECORD,
        notice_type=None,
        action=Action.SEIZE,
        object=Object(object_id="1", document=PASSPORT),
    )
    assert held.put(record) is None

    assert [hit.entry_id for hit in held.search(person("", PASSPORT, year=None))] == ["DOC"]


def test_what_is_found_and_how_sure_is_what_the_comparison_of_the_pair_says(held: ScreenedList) -> None:
    met = person("Moreau Jean")
    held.put(notice("1", person("Jean-Luc Moreau")))

    (hit,) = held.search(met)

    pair = compare_pair(met, person("Jean-Luc Moreau"))
    assert (hit.band, hit.score) == (pair.band, pair.probability)


def test_an_entry_that_is_too_weak_is_refused_with_the_rule(held: ScreenedList) -> None:
    problem = held.put(notice("WEAK", person("Kim", year=None)))

    assert problem is not None
    assert problem.reason is RejectReason.TOO_WEAK
    assert "common name of one word" in problem.detail
    assert len(held) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"status": EntryStatus.SUSPENDED},
        {"expires_at": NOW},
        {"valid_from": NOW + timedelta(days=1)},
        {"exercise": Mode.EXERCISE},
    ],
)
def test_an_entry_that_raises_no_alert_now_is_taken_and_never_found(
    held: ScreenedList, changes: dict[str, Any]
) -> None:
    entry = notice("1", person("Jean-Luc Moreau"), **changes)

    assert held.put(entry) is None
    assert not held.raises_alerts(entry)
    assert held.search(person("Jean-Luc Moreau")) == []


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, True),
        ({"status": EntryStatus.SUSPENDED}, True),
        ({"status": EntryStatus.WITHDRAWN}, False),
        ({"expires_at": NOW}, False),
    ],
)
def test_an_object_ends_with_the_entry_that_it_is_linked_to(
    held: ScreenedList, changes: dict[str, Any], found: bool
) -> None:
    record: dict[str, Any] = {"instrument": Instrument.DOC_RECORD, "notice_type": None, "action": Action.SEIZE}
    thing = Object(object_id="1", document=PASSPORT)
    held.put(notice("DOC", None, **record, object=thing, linked_entry="P"))
    held.put(notice("P", person("Peter Novak"), **changes))

    assert ([hit.entry_id for hit in held.search(person("", PASSPORT, year=None))] == ["DOC"]) is found


def test_versions_are_judged_as_the_pipeline_judges_them(held: ScreenedList) -> None:
    first = notice("1", person("Jean-Luc Moreau", PASSPORT))
    held.put(first)
    same_version = held.put(notice("1", person("Peter Novak")))
    held.put(notice("1", person("Peter Novak"), entry_version=2))
    lower = held.put(notice("1", person("Peter Novak")))

    assert same_version is not None
    assert same_version.reason is RejectReason.VERSION_CONFLICT
    assert lower is not None
    assert lower.reason is RejectReason.NOT_HIGHER_VERSION
    assert held.search(person("Jean-Luc Moreau", PASSPORT)) == []
    assert [hit.entry_id for hit in held.search(person("Peter Novak"))] == ["1"]


def test_a_traveller_whom_the_gate_would_refuse_is_told(held: ScreenedList) -> None:
    assert held.refuses(person("Jean-Luc Moreau", PASSPORT)) is None
    problem = held.refuses(person("4711"))
    assert problem is not None
    assert problem.place == "subjects.0.names.0.full"
