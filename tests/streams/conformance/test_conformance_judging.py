"""A bureau's team reads what is wrong with a message, all of it, by the gate's own rules and beyond them."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

import deploy
from schemas.alerts import Reject
from schemas.avro import full_name
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import IncidentType, Mode
from schemas.envelope import Delegation
from schemas.events import Incident, Location, Response, WatchlistEntry
from schemas.model import millis
from schemas.participants import load_participants
from schemas.partition import partition_of
from schemas.public_keys import PublicKey
from schemas.signing import CONTEXT, KEY_ID, SIGNATURE, SIGNED_AT, SigningKey, signature_input
from schemas.subjects import BirthDate, Name, Subject
from streams.conformance import Finding, Judge, Published, Verdict
from streams.stages.gate import Gate

PARTICIPANTS = load_participants(Path(deploy.__file__).with_name("bureaus.toml")).without_signatures()
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
CODEC = Codec(LocalSchemaIds())
IDS = {full_name(model): LocalSchemaIds().id_of(full_name(model)) for model in (Incident, WatchlistEntry, Response)}
JUDGE = Judge(PARTICIPANTS, CODEC.decode, IDS)
COUNT = 6


def incident(**changes: Any) -> Incident:
    values: dict[str, Any] = {
        "event_id": "01930a00-0000-7000-8000-000000000001",
        "producer": "bd",
        "occurred_at": NOW,
        "recorded_at": NOW,
        "exercise": Mode.TEST,
        "incident_id": "check-1",
        "incident_type": IncidentType.BORDER_CHECK,
        "location": Location(country="bd"),
        "subjects": (Subject(subject_id="s1", names=(Name(full="Rahima Khatun"),)),),
    }
    return Incident(**values | changes)


def published(event: Any = None, **changes: Any) -> Published:
    event = incident() if event is None else event
    key = changes.get("key", event.incident_id.encode())
    values: dict[str, Any] = {
        "topic": "incidents.bd",
        "partition": partition_of(key, COUNT) if key is not None else 0,
        "offset": 3,
        "timestamp": millis(NOW),
        "key": key,
        "value": CODEC.encode(event),
    }
    return Published(**values | changes)


def findings(message: Published) -> tuple[Finding, ...]:
    return JUDGE.judge(message, COUNT).findings


def reasons(message: Published) -> list[tuple[str, str]]:
    return [(one.reason, one.place) for one in findings(message)]


def test_a_right_message_has_nothing_to_be_said_about_it() -> None:
    verdict = JUDGE.judge(published(), COUNT)

    assert verdict == Verdict(
        published(), event=incident(), schema_id=IDS["tocsin.Incident"], belongs_to=partition_of("check-1", COUNT)
    )
    assert verdict.is_right


def test_every_fault_is_named_at_once() -> None:
    message = published(
        incident(
            producer="fr",
            incident_version=0,
            zone="Mars/Base",
            delegation=Delegation(service="nobody's", officer=" "),
            subjects=(Subject(subject_id="s 1", births=(BirthDate(year=1700),)),),
        ),
        key=b"other",
        headers=(("__value_schema_id", b"x"),),
    )

    assert reasons(message) == [
        ("WRONG_PRODUCER", "producer"),
        ("WRONG_KEY", "key"),
        ("NOT_DELEGATED", "delegation.service"),
        ("INVALID_FIELD", "delegation.officer"),
        ("INVALID_FIELD", "incident_version"),
        ("INVALID_FIELD", "zone"),
        ("INVALID_FIELD", "subjects.0.subject_id"),
        ("IMPOSSIBLE_DATE", "subjects.0.births.0.year"),
        ("SCHEMA_ID_IN_HEADER", "headers.__value_schema_id"),
    ]


def test_a_subject_of_too_many_words_is_named() -> None:
    names = tuple(Name(full=f"Mr{chr(97 + number % 26)} {'Karvel ' * (8 + number // 26)}Kor") for number in range(31))
    (finding,) = findings(published(incident(subjects=(Subject(subject_id="s1", names=names),))))

    assert (finding.reason, finding.place) == ("TOO_LARGE", "subjects.0.names")
    assert "at most 300 words in all" in finding.detail


@pytest.mark.parametrize(
    ("key", "said"),
    [
        (None, "it has none"),
        (b"\0\0\0\0\7\x0echeck-1", "plain text serializer"),
        (b'"check-1"', "quotation marks"),
        (b" CHECK-1", "case or in spaces"),
        (b"01930a00-0000-7000-8000-000000000001", "event_id"),
        (b"TEST:bd:check-1", "bare identifier"),
        (bytes(range(1, 17)), "UUID in binary"),
        (b"else", "the record's key must be the incident_id"),
    ],
)
def test_a_wrong_key_is_told_by_its_trace(key: bytes | None, said: str) -> None:
    (finding,) = findings(published(key=key))

    assert (finding.reason, finding.place) == ("WRONG_KEY", "key")
    assert said in finding.detail


def test_the_partitioner_of_librdkafka_is_recognised() -> None:
    key = next(
        f"check-{n}"
        for n in range(99)
        if zlib.crc32(f"check-{n}".encode()) % COUNT != partition_of(f"check-{n}", COUNT)
    )
    crc = zlib.crc32(key.encode()) % COUNT
    (finding,) = findings(published(incident(incident_id=key), partition=crc))

    assert (finding.reason, finding.place) == ("WRONG_PARTITION", "partition")
    assert f"belongs to partition {partition_of(key, COUNT)} of {COUNT}" in finding.detail
    assert "partitioner=murmur2_random" in finding.detail


def test_a_partition_chosen_by_hand_is_named() -> None:
    (finding,) = findings(published(partition=(partition_of("check-1", COUNT) + 1) % COUNT))

    assert finding.reason == "WRONG_PARTITION"


RECORD = CODEC.encode(incident())[5:]


@pytest.mark.parametrize(
    ("value", "reason", "said"),
    [
        (b"Obj\x01" + RECORD, "UNDECODABLE", "container file"),
        (incident().model_dump_json().encode(), "UNDECODABLE", "it is JSON"),
        (b"\x01" + bytes(16) + RECORD, "UNDECODABLE", "schema GUID"),
        (RECORD, "UNDECODABLE", "the first byte is"),
        (b"", "UNDECODABLE", "there is no byte"),
        (b"\0\0", "UNDECODABLE", "fewer than five bytes"),
        (CODEC.encode(incident())[:-1], "UNDECODABLE", "order of the schema file"),
        (CODEC.encode(incident()) + b"\0", "UNDECODABLE", "1 bytes left over"),
        (None, "UNDECODABLE", "publish it with a higher version"),
        (b"\0" + struct.pack(">I", 4_000) + RECORD, "UNKNOWN_SCHEMA", "tocsin.Incident is "),
        (b"\0" + struct.pack("<I", IDS["tocsin.Incident"]) + RECORD, "UNKNOWN_SCHEMA", "wrong order"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_by_its_trace(value: bytes | None, reason: str, said: str) -> None:
    (finding,) = findings(published(value=value))

    assert finding.reason == reason
    assert said in finding.detail


def test_an_event_of_another_kind_is_named() -> None:
    entry = Response(
        event_id="01930a00-0000-7000-8000-000000000001",
        producer="bd",
        occurred_at=NOW,
        recorded_at=NOW,
        exercise=Mode.TEST,
        case_ref="0-x",
        kind="RECEIPT",
    )

    assert reasons(published(value=CODEC.encode(entry))) == [("WRONG_EVENT_TYPE", "")]


def test_a_message_that_is_no_trial_is_named_unless_any_mode_is_asked_for() -> None:
    real = published(incident(exercise=Mode.ACTUAL))

    assert reasons(real) == [("NOT_IN_MODE", "exercise")]
    assert Judge(PARTICIPANTS, CODEC.decode, IDS, mode=None).judge(real, COUNT).is_right


def test_other_headers_and_other_versions_of_a_schema_are_noted_and_not_wrong() -> None:
    judge = Judge(PARTICIPANTS, CODEC.decode, IDS | {"tocsin.Incident": 99})
    verdict = judge.judge(published(headers=(("traceparent", b"00-1"),)), COUNT)

    assert verdict.is_right
    assert "traceparent" in verdict.notes[0]
    assert "id 99" in verdict.notes[1]


@given(
    st.builds(
        incident,
        producer=st.sampled_from(["bd", "fr", "zz", ""]),
        incident_version=st.integers(-(2**62), 2**62),
        zone=st.text(max_size=5),
        occurred_at=st.sampled_from([NOW, NOW + timedelta(days=1), datetime(1, 1, 1, tzinfo=UTC)]),
        exercise=st.sampled_from(Mode),
        subjects=st.lists(
            st.builds(
                Subject,
                subject_id=st.text(st.characters(exclude_categories=("Cs",)), max_size=3),
                births=st.lists(
                    st.builds(BirthDate, year=st.integers(-(2**40), 2**40), month=st.integers(-1, 20)), max_size=2
                ).map(tuple),
            ),
            max_size=3,
        ).map(tuple),
    ),
    st.one_of(st.none(), st.binary(max_size=8)),
)
def test_the_first_finding_is_the_gates_reason_whatever_is_published(event: Incident, key: bytes | None) -> None:
    message = published(event, key=key)
    (said,) = Gate(PARTICIPANTS, CODEC.decode).process("incidents.bd", 0, 3, message.timestamp, key, message.value)
    refused = said.message if isinstance(said.message, Reject) else None
    of_gate = [one for one in findings(message) if one.reason not in ("NOT_IN_MODE", "WRONG_PARTITION")]

    assert (of_gate[0].reason if of_gate else None) == (refused.reason if refused else None)


def test_published_golden_bytes_are_judged_without_a_failure() -> None:
    for path in (Path(__file__).parents[2] / "schemas" / "golden" / "v1").glob("*.json"):
        for case in json.loads(path.read_text(encoding="utf-8")).values():
            number = LocalSchemaIds().id_of(f"tocsin.{path.stem}")
            value = b"\0" + struct.pack(">I", number) + bytes.fromhex(case["hex"])
            for topic in ("incidents.bd", "watchlist.bd", "responses.bd"):
                assert findings(published(topic=topic, value=value))


def test_a_signature_of_whom_nobody_asks_for_one_is_said_to_be_unchecked() -> None:
    message = replace(published(incident()), headers=((KEY_ID, b"k1"),))
    (note,) = JUDGE.judge(message, COUNT).notes

    assert "was not checked" in note


KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
SIGNING = PARTICIPANTS.members["bd"].model_copy(
    update={"keys": {KEY.key_id: PublicKey(public=KEY.public, valid_from=NOW - timedelta(days=9))}}
)
SIGNED = Judge(PARTICIPANTS.model_copy(update={"members": {**PARTICIPANTS.members, "bd": SIGNING}}), CODEC.decode, {})


def about_signature(said: Callable[[str, bytes, bytes, bytes], bytes]) -> list[tuple[str, str, str]]:
    """The findings about a message whose signature header holds what `said` makes of topic, key, value and time."""
    message = published(incident())
    assert message.key is not None
    assert message.value is not None
    at = str(message.timestamp).encode()
    text = said(message.topic, message.key, message.value, at)
    headers = ((KEY_ID, KEY.key_id.encode()), (SIGNED_AT, at), (SIGNATURE, text))
    return [tuple(one) for one in SIGNED.judge(replace(message, headers=headers), COUNT).findings]  # type: ignore[misc]


def of(signed: bytes) -> bytes:
    return base64.b64encode(Ed25519PrivateKey.from_private_bytes(bytes(range(32))).sign(signed))


def test_a_right_signature_leaves_nothing_to_say() -> None:
    assert about_signature(lambda *parts: of(signature_input(*parts))) == []


@pytest.mark.parametrize(
    ("said", "hint"),
    [
        (lambda topic, key, value, at: of(value), "the value alone"),
        (lambda topic, key, value, at: of(signature_input(topic, key, value[5:], at)), "first five bytes"),
        (lambda topic, key, value, at: of(b"".join((CONTEXT, topic.encode(), key, value, at))), "lengths"),
        (lambda *parts: of(signature_input(*parts)[20:]), "context"),
        (lambda *parts: of(sha256(signature_input(*parts)).digest()), "digest"),
        (lambda *parts: base64.b64decode(of(signature_input(*parts))), "bytes themselves"),
        (lambda *parts: base64.b64decode(of(signature_input(*parts))).hex().encode(), "hexadecimal"),
    ],
)
def test_what_was_signed_instead_is_named(said: Callable[[str, bytes, bytes, bytes], bytes], hint: str) -> None:
    ((reason, place, detail),) = about_signature(said)

    assert (reason, place) == ("BAD_SIGNATURE", f"headers.{SIGNATURE}")
    assert hint in detail


def test_the_keys_that_would_be_known_are_named() -> None:
    (finding,) = SIGNED.judge(
        replace(published(incident()), headers=((KEY_ID, b"k1"), (SIGNED_AT, b"1"), (SIGNATURE, of(b"")))), COUNT
    ).findings

    assert finding.reason == "UNKNOWN_KEY"
    assert KEY.key_id in finding.detail
