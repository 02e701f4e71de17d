"""The gate lets right events through to the stage that owns them and sends everything else back to its sender."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel
from stages_events import (
    CODEC,
    PARTICIPANTS,
    T0,
    entry,
    event_id,
    incident,
    now,
    passport,
    person,
    publish,
    refusal,
    response,
)

from schemas.alerts import Reject
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import (
    Action,
    DetentionBasis,
    EntryStatus,
    IncidentType,
    Instrument,
    Mode,
    NameType,
    NoticeType,
    ReceiversMode,
    RejectReason,
    ResponseKind,
    Warning,
)
from schemas.envelope import Delegation, Handling
from schemas.events import LAST_VERSION, Incident, Location, Response, WatchlistEntry
from schemas.internal import GatedEntry, GatedIncident, GatedResponse, Tick
from schemas.participants import Service
from schemas.subjects import (
    Artwork,
    BirthDate,
    Document,
    Firearm,
    Name,
    Object,
    Place,
    Vehicle,
    Vessel,
)
from streams.stages import keys
from streams.stages.contract import UnreadBatch
from streams.stages.gate import Gate, content_of
from tocsin.runtime.errors import Unavailable

R = RejectReason


def born(**parts: Any) -> Incident:
    return incident(subjects=(person("Jeanne Durand", births=(BirthDate(**parts),)),))


def thing(**kinds: Any) -> Object:
    return Object(object_id="o1", **kinds)


def nth(number: int) -> str:
    """A word for each number below 676."""
    return "Kor" + chr(97 + number // 26) + chr(97 + number % 26)


_DESK = {"desk": Service(events=("incidents", "watchlist", "responses"))}
WITH_A_DESK = PARTICIPANTS.model_copy(
    update={"members": PARTICIPANTS.members | {"bd": PARTICIPANTS.members["bd"].model_copy(update={"services": _DESK})}}
)
NO_OFFICER = (R.INVALID_FIELD, "delegation.officer")


def by_a_service(event: BaseModel, officer: str | None = None) -> BaseModel:
    return event.model_copy(update={"delegation": Delegation(service="desk", officer=officer)})


def test_an_incident_goes_to_sightings_under_mode_producer_and_id() -> None:
    (said,) = publish(incident(exercise=Mode.EXERCISE))
    assert (said.topic, said.key, said.partition) == ("sightings", "EXERCISE:bd:I1", None)
    assert isinstance(said.message, GatedIncident)


def test_a_record_that_only_closes_a_segment_is_nobodys_event() -> None:
    gate = Gate(PARTICIPANTS, CODEC.decode)
    assert gate.process("watchlist.fr", 0, 7, T0, b"-roll-3", None) == []
    assert len(gate.process("watchlist.fr", 0, 7, T0, b"-roll-3", b"x")) == 1
    assert len(gate.process("watchlist.fr", 0, 7, T0, b"E1", None)) == 1


def test_an_entry_goes_to_cases_under_mode_owner_and_id() -> None:
    (said,) = publish(entry())
    assert (said.topic, said.key) == ("cases", "ACTUAL:fr:E1")
    assert isinstance(said.message, GatedEntry)


def test_a_response_goes_to_the_partition_that_its_case_ref_names() -> None:
    event = response()
    (said,) = publish(event)
    case = keys.read_case_ref(event.case_ref, PARTICIPANTS.partitions)
    assert (said.topic, said.partition) == ("cases", case.partition)
    assert isinstance(said.message, GatedResponse)
    assert said.message.alert_id == case.alert_id


def test_the_source_tells_position_digest_size_and_the_first_64_kib() -> None:
    value = CODEC.encode(entry(remarks="x" * 7000))
    (said,) = Gate(PARTICIPANTS, CODEC.decode).process("watchlist.fr", 3, 9, T0, b"E1", value)
    assert isinstance(said.message, GatedEntry)
    source = said.message.source
    assert (source.topic, source.partition, source.offset, source.timestamp) == ("watchlist.fr", 3, 9, now())
    assert (source.sha256, source.size, source.head) == (sha256(value).digest(), len(value), value)


def test_the_same_record_gets_the_same_answer() -> None:
    gate = Gate(PARTICIPANTS, CODEC.decode)
    record = ("incidents.bd", 0, 1, T0, b"I1", CODEC.encode(incident()))
    assert gate.process(*record) == gate.process(*record) == Gate(PARTICIPANTS, CODEC.decode).process(*record)


def test_the_content_digest_leaves_out_what_names_the_message() -> None:
    again = incident(event_id=event_id(2), recorded_at=now() + timedelta(minutes=1), correlation_id="x")
    assert content_of(again) == content_of(incident())
    assert content_of(incident(detained=True)) != content_of(incident())


CASES: dict[str, tuple[BaseModel, tuple[RejectReason, str] | None]] = {
    "a right incident": (incident(), None),
    "a right entry": (entry(), None),
    "a right response": (response(), None),
    "an event id that is no UUID 7": (incident(event_id="1"), (R.INVALID_FIELD, "event_id")),
    "an incident of another country": (
        incident(location=Location(country="in")),
        (R.WRONG_COUNTRY, "location.country"),
    ),
    "an incident of an organisation": (
        incident(producer="un", location=Location(country="un")),
        (R.WRONG_PRODUCER, "producer"),
    ),
    "five minutes ahead": (incident(occurred_at=now() + timedelta(minutes=5)), None),
    "more than five minutes ahead": (
        incident(occurred_at=now() + timedelta(minutes=5, milliseconds=1)),
        (R.FROM_THE_FUTURE, "occurred_at"),
    ),
    "recorded in the future": (entry(recorded_at=now() + timedelta(days=1)), (R.FROM_THE_FUTURE, "recorded_at")),
    "before 1900": (incident(occurred_at=datetime(1, 1, 1, tzinfo=UTC)), (R.IMPOSSIBLE_DATE, "occurred_at")),
    "expires in the year 9999": (
        entry(expires_at=datetime(9999, 12, 31, tzinfo=UTC)),
        (R.IMPOSSIBLE_DATE, "expires_at"),
    ),
    "an answer promised for the year 1": (
        response(kind=ResponseKind.CONFIRM_LATER, eta=datetime(1, 1, 1, tzinfo=UTC)),
        (R.IMPOSSIBLE_DATE, "eta"),
    ),
    "sixty names": (incident(subjects=(person(*(f"Anna Karvel {n}" for n in range(60))),)), None),
    "sixty-one names": (
        incident(subjects=(person(*(f"Anna Karvel {n}" for n in range(61))),)),
        (R.TOO_LARGE, "subjects.0.names"),
    ),
    "a name of twenty-one words": (
        incident(subjects=(person(" ".join(["Anna"] * 21)),)),
        (R.TOO_LARGE, "subjects.0.names.0.full"),
    ),
    "thirty-one names of ten words": (
        entry(subject=person(*(f"{nth(n)} {' '.join(['Karvel'] * 9)}" for n in range(31)))),
        (R.TOO_LARGE, "subject.names"),
    ),
    "thirty-one names whose hyphens and compounds make ten words of five": (
        incident(
            subjects=(person(*(f"Abdul{nth(n)} Abdulrahim-Karvel-{'-'.join(['Karvel'] * 5)}" for n in range(31))),)
        ),
        (R.TOO_LARGE, "subjects.0.names"),
    ),
    "thirty names of twenty words": (entry(subject=person(*(" ".join([nth(n)] * 20) for n in range(30)))), None),
    "sixty names of five words": (entry(subject=person(*(" ".join([nth(n)] * 5) for n in range(60)))), None),
    "31 February": (born(year=1980, month=2, day=31), (R.IMPOSSIBLE_DATE, "subjects.0.births.0.day")),
    "29 February of no leap year": (born(year=1981, month=2, day=29), (R.IMPOSSIBLE_DATE, "subjects.0.births.0.day")),
    "29 February of a leap year": (born(year=1980, month=2, day=29), None),
    "29 February of an unknown year": (born(month=2, day=29), None),
    "31 of an unknown month": (born(year=1980, day=31), None),
    "month 13": (born(year=1980, month=13), (R.IMPOSSIBLE_DATE, "subjects.0.births.0.month")),
    "month 0": (born(year=1980, month=0), (R.IMPOSSIBLE_DATE, "subjects.0.births.0.month")),
    "day 0": (born(year=1980, month=1, day=0), (R.IMPOSSIBLE_DATE, "subjects.0.births.0.day")),
    "born in the future": (born(year=2200), (R.IMPOSSIBLE_DATE, "subjects.0.births.0.year")),
    "born in 1066": (born(year=1066), (R.IMPOSSIBLE_DATE, "subjects.0.births.0.year")),
    "a range of years": (born(year=1980, year_to=1985), None),
    "a reversed range": (born(year=1985, year_to=1980), (R.IMPOSSIBLE_DATE, "subjects.0.births.0.year_to")),
    "a range without a beginning": (born(year_to=1980), (R.IMPOSSIBLE_DATE, "subjects.0.births.0.year_to")),
    "expires before it becomes valid": (
        entry(valid_from=now(), expires_at=now() - timedelta(days=1)),
        (R.IMPOSSIBLE_DATE, "expires_at"),
    ),
    "a receiver that nobody knows": (
        entry(handling=Handling(receivers_mode=ReceiversMode.ONLY, receivers=("bd", "zz"))),
        (R.UNKNOWN_PARTICIPANT, "handling.receivers.1"),
    ),
    "ONLY nobody": (
        entry(handling=Handling(receivers_mode=ReceiversMode.ONLY)),
        (R.INVALID_FIELD, "handling.receivers"),
    ),
    "ALL but some": (entry(handling=Handling(receivers=("bd",))), (R.INVALID_FIELD, "handling.receivers_mode")),
    "a mode newer than the program": (incident(exercise=Mode.UNKNOWN), (R.UNKNOWN_CODE, "exercise")),
    "an instrument newer than the program": (entry(instrument=Instrument.UNKNOWN), (R.UNKNOWN_CODE, "instrument")),
    "an action newer than the program": (entry(action=Action.UNKNOWN), (R.UNKNOWN_CODE, "action")),
    "a warning newer than the program": (
        entry(warnings=(Warning.ARMED, Warning.UNKNOWN)),
        (R.UNKNOWN_CODE, "warnings.1"),
    ),
    "a restriction newer than the program": (
        incident(handling=Handling(receivers_mode=ReceiversMode.UNKNOWN)),
        (R.UNKNOWN_CODE, "handling.receivers_mode"),
    ),
    "a document of unknown type": (
        incident(subjects=(person("Jeanne Durand", documents=(Document(number="12AB34567"),)),)),
        None,
    ),
    "number 000000": (incident(objects=(passport("000000"),)), (R.MEANINGLESS_NUMBER, "objects.0.document.number")),
    "number UNKNOWN": (
        entry(subject=person("Jeanne Durand", numbers=("UNKNOWN",))),
        (R.MEANINGLESS_NUMBER, "subject.documents.0.number"),
    ),
    "no number": (incident(objects=(passport(""),)), (R.MEANINGLESS_NUMBER, "objects.0.document.number")),
    "plate XXXX": (
        incident(objects=(thing(vehicle=Vehicle(plate="XXXX")),)),
        (R.MEANINGLESS_NUMBER, "objects.0.vehicle.plate"),
    ),
    "an incident about nothing": (incident(subjects=()), (R.MISSING_SUBJECT, "subjects")),
    "a threat about nothing": (incident(subjects=(), incident_type=IncidentType.THREAT), None),
    "a correction that takes everything back": (incident(subjects=(), incident_version=2), None),
    "an entry about nothing": (entry(subject=None), (R.MISSING_SUBJECT, "subject")),
    "a deleted entry about nothing": (entry(subject=None, status=EntryStatus.DELETED), None),
    "a deleted entry that still says about whom": (entry(status=EntryStatus.DELETED), (R.INVALID_FIELD, "subject")),
    "a deleted entry that still says about what": (
        entry(subject=None, object=passport(), status=EntryStatus.DELETED),
        (R.INVALID_FIELD, "object"),
    ),
    "a deleted entry with remarks": (
        entry(subject=None, remarks="He limps", status=EntryStatus.DELETED),
        (R.INVALID_FIELD, "remarks"),
    ),
    "the last version for a deletion": (
        entry(subject=None, status=EntryStatus.DELETED, entry_version=LAST_VERSION),
        None,
    ),
    "the last version for anything else": (entry(entry_version=LAST_VERSION), (R.INVALID_FIELD, "entry_version")),
    "a deletion above the last version": (
        entry(subject=None, status=EntryStatus.DELETED, entry_version=LAST_VERSION + 1),
        (R.INVALID_FIELD, "entry_version"),
    ),
    "a withdrawn entry about nothing": (
        entry(subject=None, status=EntryStatus.WITHDRAWN),
        (R.MISSING_SUBJECT, "subject"),
    ),
    "an entry about two": (entry(object=passport()), (R.INVALID_FIELD, "object")),
    "an object that is nothing": (incident(objects=(thing(),)), (R.MISSING_SUBJECT, "objects.0")),
    "an object that is two": (
        incident(objects=(thing(document=Document(number="12AB34567"), vessel=Vessel(imo="9074729")),)),
        (R.INVALID_FIELD, "objects.0.vessel"),
    ),
    "the same id twice": (
        incident(subjects=(person("Jeanne Durand", item_id="x"),), objects=(passport(item_id="x"),)),
        (R.DUPLICATE_ID, "objects.0.object_id"),
    ),
    "a document record with a person": (
        entry(instrument=Instrument.DOC_RECORD),
        (R.INVALID_FIELD, "subject"),
    ),
    "a document record with a car": (
        entry(instrument=Instrument.DOC_RECORD, subject=None, object=thing(vehicle=Vehicle(plate="DHK1234"))),
        (R.MISSING_SUBJECT, "object.document"),
    ),
    "a document record": (entry(instrument=Instrument.DOC_RECORD, subject=None, object=passport()), None),
    "a notice without a colour": (entry(instrument=Instrument.NOTICE), (R.INVALID_FIELD, "notice_type")),
    "a thing without any number": (
        entry(instrument=Instrument.ART_RECORD, subject=None, object=thing(artwork=Artwork(title="Untitled"))),
        (R.TOO_WEAK, "object"),
    ),
    "a firearm met without a serial": (incident(objects=(thing(firearm=Firearm(make="Beretta")),)), None),
    "a common name of one word": (entry(subject=person("Mohammed")), (R.TOO_WEAK, "subject.names")),
    "a common name of one word in Arabic": (entry(subject=person("محمد")), (R.TOO_WEAK, "subject.names")),
    "a common name with a year of birth": (entry(subject=person("Mohammed", births=(BirthDate(year=1980),))), None),
    "a common name with a number": (entry(subject=person("Mohammed", numbers=("12AB34567",))), None),
    "a common name beside a full one": (entry(subject=person("Mohammed", "Mohammed Karim Uddin")), None),
    "a rare name of one word": (entry(subject=person("Sukarnoputri")), None),
    "a common name met": (incident(subjects=(person("Mohammed"),)), None),
    "only a victim's name": (
        entry(subject=person(names=(Name(full="Jeanne Durand", type=NameType.MISUSED),))),
        (R.TOO_WEAK, "subject.names"),
    ),
    "nobody's name": (entry(subject=person()), (R.TOO_WEAK, "subject.names")),
    "an unidentified body": (
        entry(instrument=Instrument.NOTICE, notice_type=NoticeType.BLACK, subject=person()),
        None,
    ),
    "an id with a colon": (incident(incident_id="a:b"), (R.INVALID_FIELD, "incident_id")),
    "an id with a slash": (incident(incident_id="2026/77"), None),
    "an id with NUL": (entry(entry_id="a\0b"), (R.INVALID_FIELD, "entry_id")),
    "an empty id": (
        incident(subjects=(person("Jeanne Durand", item_id=""),)),
        (R.INVALID_FIELD, "subjects.0.subject_id"),
    ),
    "a long id": (entry(entry_id="e" * 129), (R.INVALID_FIELD, "entry_id")),
    "version 0": (incident(incident_version=0), (R.INVALID_FIELD, "incident_version")),
    "a name with an escape": (
        incident(subjects=(person("Jeanne\x1b[2J"),)),
        (R.INVALID_FIELD, "subjects.0.names.0.full"),
    ),
    "a name that reads backwards": (
        incident(subjects=(person("Jeanne \u202edurand"),)),
        (R.INVALID_FIELD, "subjects.0.names.0.full"),
    ),
    "a name with a joiner": (incident(subjects=(person("রহ\u200dমান"),)), None),
    "a name without letters": (incident(subjects=(person("12 34"),)), (R.INVALID_FIELD, "subjects.0.names.0.full")),
    "an overlong name": (incident(subjects=(person("x" * 301),)), (R.INVALID_FIELD, "subjects.0.names.0.full")),
    "too many names": (incident(subjects=(person(*["Jeanne Durand"] * 201),)), (R.INVALID_FIELD, "subjects.0.names")),
    "remarks of several lines": (entry(remarks="one\ntwo"), None),
    "a country in capitals": (
        incident(subjects=(person("Jeanne Durand", nationalities=("FR",)),)),
        (R.INVALID_FIELD, "subjects.0.nationalities.0"),
    ),
    "a country spelt out": (
        incident(subjects=(person("Jeanne Durand", birth_place=Place(country="france")),)),
        (R.INVALID_FIELD, "subjects.0.birth_place.country"),
    ),
    "a zone that is none": (incident(zone="Asia/Atlantis"), (R.INVALID_FIELD, "zone")),
    "held on the hit, but not held": (
        incident(detention_basis=DetentionBasis.HIT_ONLY),
        (R.INVALID_FIELD, "detention_basis"),
    ),
    "an unknown case": (response(case_ref="1-nonsense"), (R.UNKNOWN_CASE, "case_ref")),
    "an officer named by nothing": (by_a_service(incident(), ""), NO_OFFICER),
    "an officer named by blanks and signs": (by_a_service(entry(producer="bd"), " \u200b-"), NO_OFFICER),
    "an officer's pseudonym in any script": (by_a_service(response(), "اف-٧"), None),
    "a service's answer, and no officer's": (by_a_service(response()), NO_OFFICER),
    "a service's receipt": (by_a_service(response(kind=ResponseKind.RECEIPT)), None),
    "a receipt that an officer named by nothing sent": (
        by_a_service(response(kind=ResponseKind.RECEIPT), ""),
        NO_OFFICER,
    ),
    "what a machine met": (by_a_service(incident()), None),
    "later, but not when": (response(kind=ResponseKind.CONFIRM_LATER), (R.INVALID_FIELD, "eta")),
}


@pytest.mark.parametrize("name", CASES)
def test_what_passes_and_what_does_not(name: str) -> None:
    (event, wanted) = CASES[name]
    assert refusal(event, participants=WITH_A_DESK) == wanted


@pytest.mark.parametrize("key", [None, b"", b"I2", b"i1", b"I1 ", b"\xff"])
def test_the_key_must_be_the_incident_id(key: bytes | None) -> None:
    (said,) = Gate(PARTICIPANTS, lambda _: incident()).process("incidents.bd", 0, 0, T0, key, b"x")
    assert isinstance(said.message, Reject)
    assert (said.message.reason, said.message.place) == (R.WRONG_KEY, "incident_id")


@pytest.mark.parametrize("timestamp", [-(2**63), -1, 253_402_300_800_000, 2**63 - 1])
def test_an_append_time_that_is_none_refuses_the_record_and_ends_nothing(timestamp: int) -> None:
    """The broker sets it, unless an administrator let senders set it (message.timestamp.type)."""
    gate, value = Gate(PARTICIPANTS, CODEC.decode), CODEC.encode(incident())
    (said,) = gate.process("incidents.bd", 0, 0, timestamp, b"I1", value)
    assert said.topic == ("sightings" if timestamp > 0 else "rejects.bd")
    (aside,) = gate.set_aside("incidents.bd", 0, 0, timestamp, value, "f")
    assert aside.topic == "rejects.bd"
    assert gate.examine("incidents.bd", timestamp, b"I1", value)[0] is not None


def test_an_event_in_the_topic_of_another_kind_is_refused() -> None:
    assert refusal(entry(producer="bd"), topic="incidents.bd") == (R.WRONG_EVENT_TYPE, "")
    assert refusal(Tick(at=now()), topic="incidents.bd") == (R.WRONG_EVENT_TYPE, "")


def test_an_event_of_another_producer_is_refused_to_whose_topic_it_is() -> None:
    (said,) = publish(incident(producer="in"), topic="incidents.bd")
    assert said.topic == "rejects.bd"
    assert isinstance(said.message, Reject)
    assert said.message.reason is R.WRONG_PRODUCER


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, R.UNDECODABLE),
        (b"", R.UNDECODABLE),
        (b"{}", R.UNDECODABLE),
        (b"\x00\x00\x00\x00\x01oops", R.UNDECODABLE),
        (b"\x00\x00\x00\x00\x63", R.UNKNOWN_SCHEMA),
        (CODEC.encode(incident()) + b"x", R.UNDECODABLE),
        (b"\x00" * (2 * 1024 * 1024), R.TOO_LARGE),
    ],
)
def test_bytes_that_are_no_event_are_refused_with_digest_and_head(value: bytes | None, reason: RejectReason) -> None:
    (said,) = Gate(PARTICIPANTS, CODEC.decode).process("incidents.bd", 0, 5, T0, b"I1", value)
    data = value or b""
    assert (said.topic, said.key) == ("rejects.bd", "incidents.bd:0:5")
    reject = said.message
    assert isinstance(reject, Reject)
    assert (reject.reason, reject.place, reject.stage) == (reason, "", "gate")
    assert (reject.sha256, reject.size, reject.head) == (sha256(data).digest(), len(data), data[: 64 * 1024])


def test_a_batch_that_was_not_read_is_too_large_whatever_its_sender_signed() -> None:
    value = UnreadBatch(3, 5, "it has more than 10000 records")
    (said,) = Gate(PARTICIPANTS, CODEC.decode).process("incidents.bd", 0, 5, T0, None, value)
    assert (said.topic, said.key) == ("rejects.bd", "incidents.bd:0:5")
    assert isinstance(said.message, Reject)
    assert (said.message.reason, said.message.size) == (R.TOO_LARGE, 0)
    assert "from offset 3 to 5 was not read: it has more than 10000 records" in said.message.detail


def test_an_item_of_more_than_32_kib_is_too_large() -> None:
    names = tuple(Name(full="x" * 290) for _ in range(150))
    event = incident(subjects=(person(names=names),))
    assert refusal(event, value=CODEC.encode(event)) == (R.TOO_LARGE, "subjects.0")


def test_an_incident_of_more_than_a_thousand_items_is_too_large() -> None:
    event = incident(subjects=tuple(person("Jeanne Durand", item_id=f"s{n}") for n in range(1001)))
    assert refusal(event) == (R.TOO_LARGE, "subjects")


def test_a_registry_that_is_away_is_nobodys_fault() -> None:
    def away(_: bytes) -> BaseModel:
        raise Unavailable("the registry does not answer")

    with pytest.raises(Unavailable):
        Gate(PARTICIPANTS, away).process("incidents.bd", 0, 0, T0, b"I1", CODEC.encode(incident()))


def test_every_reject_fits_its_topic_whatever_the_event_holds() -> None:
    codec = Codec(LocalSchemaIds())
    for huge in (incident(event_id="f" * 190_000), incident(event_id=secrets.token_hex(95_000))):
        (send,) = publish(huge)
        assert send.topic == "rejects.bd"
        assert send.message is not None
        assert len(codec.encode(send.message)) < 100 * 1024


def test_a_record_that_meets_a_defect_gets_the_smallest_reject() -> None:
    (send,) = Gate(PARTICIPANTS, Codec(LocalSchemaIds()).decode).set_aside("incidents.bd", 0, 7, T0, b"x" * 9, "abc")
    assert isinstance(send.message, Reject)
    assert (send.message.reason, send.message.size, send.message.head) == (R.NOT_PROCESSED, 9, b"")
    assert "abc" in send.message.detail


def test_a_reject_repeats_no_value_of_the_event() -> None:
    for event, _ in CASES.values():
        (said,) = publish(event)
        if isinstance(said.message, Reject):
            assert "Durand" not in said.message.detail
            assert "AB34567" not in said.message.detail


@given(st.binary(max_size=300), st.one_of(st.none(), st.binary(max_size=20)))
def test_any_bytes_are_answered_and_never_raise(value: bytes, key: bytes | None) -> None:
    gate = Gate(PARTICIPANTS, CODEC.decode)
    for topic in ("incidents.bd", "watchlist.fr", "responses.ccc"):
        for data in (value, b"\x00\x00\x00\x00\x01" + value, b"\x00\x00\x00\x00\x02" + value):
            assert len(gate.process(topic, 0, 0, T0, key, data)) == 1


st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))


@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(st.one_of(*(st.from_type(kind) for kind in (Incident, WatchlistEntry, Response))), st.booleans(), st.data())
def test_any_event_is_answered_and_never_raises(event: BaseModel, own: bool, data: st.DataObject) -> None:
    producer = data.draw(st.sampled_from(PARTICIPANTS.codes)) if own else "bd"
    changed: dict[str, Any] = {"producer": producer, "event_id": event_id(), "handling": Handling()} if own else {}
    event = event.model_copy(update=changed)
    (said,) = publish(event, topic=None if own else "incidents.bd", timestamp=T0)
    assert said.message is not None
