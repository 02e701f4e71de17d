"""Whoever asks what is held about somebody finds it in whatever field of whatever message."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from schemas.codes import Action, DocumentType, Instrument, NoticeType, ResponseKind
from schemas.events import Response, WatchlistEntry
from schemas.subjects import BirthDate, Document, Name, Object, Subject
from streams.screening.subject_search import Hit, SubjectSearch

AT = datetime(2026, 3, 1, tzinfo=UTC)
ENVELOPE = {"event_id": "e", "producer": "fr", "occurred_at": AT, "recorded_at": AT}


def person(name: str, year: int | None = None, number: str | None = None) -> Subject:
    return Subject(
        subject_id="s1",
        names=(Name(full=name),),
        births=(BirthDate(year=year),) if year else (),
        documents=(Document(type=DocumentType.PASSPORT, number=number, country="fr"),) if number else (),
    )


def entry(**about: object) -> WatchlistEntry:
    values = {"instrument": Instrument.NOTICE, "notice_type": NoticeType.RED, "action": Action.ARREST} | about
    return WatchlistEntry.model_validate({**ENVELOPE, "entry_id": "E1", **values})


def answer(text: str) -> Response:
    return Response.model_validate({**ENVELOPE, "case_ref": "0-x", "kind": ResponseKind.CONFIRM, "text": text})


KARIM = SubjectSearch(person("Karim Uddin Ahmed", 1980), ("18-AA 12345",))


def test_a_subject_is_found_as_the_matcher_finds_it() -> None:
    assert KARIM.hits(entry(subject=person("AHMAD, Kareem Udin", 1980))) == [Hit("subject", "STRONG")]
    assert KARIM.hits(entry(subject=person("Somebody Else", 1980))) == []


@pytest.mark.parametrize("text", ["It is KARIM  UDDIN Ahmed.", "ahmed, karim uddin", "Karím Uddín Ahmed?"])
def test_a_name_in_free_text_is_found(text: str) -> None:
    assert KARIM.hits(answer(text)) == [Hit("text", "name")]
    assert KARIM.hits(entry(subject=person("A B"), remarks=text)) == [Hit("remarks", "name")]


@pytest.mark.parametrize("number", ["18AA12345", "18 aa 123 45", "18/AA/12345"])
def test_a_number_is_found_however_it_is_written(number: str) -> None:
    thing = Object(object_id="o", document=Document(type=DocumentType.PASSPORT, number=number))
    found = KARIM.hits(entry(instrument=Instrument.DOC_RECORD, object=thing))
    assert found == [Hit("object.document.number", "number")]


def test_a_first_name_or_a_short_number_alone_is_nobody() -> None:
    assert KARIM.hits(answer("Karim said so on 18 March")) == []
    assert SubjectSearch(person("Karim"), ("18",)).hits(answer("Karim, 18")) == []


def test_what_cannot_be_read_is_searched_as_it_is() -> None:
    assert KARIM.in_bytes(b"\x00\x01Karim Uddin Ahmed\xff") == Hit("", "name")
    assert KARIM.in_bytes(b"\x00\x01\xff") is None
