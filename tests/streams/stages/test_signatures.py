"""Whoever must sign is believed by its signature alone: forged, altered, moved, stale and unsigned messages go back."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel
from stages_events import CODEC, PARTICIPANTS, T0, entry, incident, now, response

from schemas.alerts import Reject
from schemas.codes import RejectReason
from schemas.envelope import Delegation
from schemas.events import Incident, WatchlistEntry
from schemas.participants import Participants, Service
from schemas.public_keys import PublicKey, SignaturePolicy
from schemas.signing import KEY_ID, SIGNATURE, SIGNED_AT, SigningKey, signature_input
from schemas.topics import DAY, MINUTE
from streams.stages.gate import Gate

R = RejectReason
Headers = Sequence[tuple[str, bytes | None]]
Refused = tuple[RejectReason, str] | None

OWN, NEXT, CONSOLE, OTHERS, STRANGE = (
    SigningKey(Ed25519PrivateKey.from_private_bytes(bytes([n] * 32))) for n in range(5)
)
ROTATION = T0 + DAY
"""OWN ends a day after this; NEXT has counted from then on."""


def declared(*keys: SigningKey, **times: Any) -> dict[str, PublicKey]:
    times = {"valid_from": now() - timedelta(days=300)} | times
    return {key.key_id: PublicKey(public=key.public, **times) for key in keys}


def participants(policy: SignaturePolicy = SignaturePolicy.REQUIRED) -> Participants:
    """bd with two keys and a console that answers for it, fr with one key, the others with none."""
    members = dict(PARTICIPANTS.members)
    console = Service(events=("responses",), keys=declared(CONSOLE))
    own = declared(OWN, valid_until=now() + timedelta(days=2)) | declared(NEXT, valid_from=now() + timedelta(days=1))
    members["bd"] = members["bd"].model_copy(update={"keys": own, "services": {"console": console}})
    members["fr"] = members["fr"].model_copy(update={"keys": declared(OTHERS)})
    return PARTICIPANTS.model_copy(update={"members": members, "signatures": policy})


GATE = Gate(participants(), CODEC.decode)
ID, VALUE = b"I1", CODEC.encode(incident())


def judged(
    topic: str = "incidents.bd",
    key: bytes | None = ID,
    value: bytes = VALUE,
    headers: Headers = (),
    at: int = T0,
    gate: Gate = GATE,
) -> Refused:
    (said,) = gate.process(topic, 0, 0, at, key, value, headers)
    return (said.message.reason, said.message.place) if isinstance(said.message, Reject) else None


def signed(key: SigningKey = OWN, at: int = T0, topic: str = "incidents.bd", value: bytes = VALUE) -> Headers:
    return key.headers(topic, ID, value, at)


def test_a_message_signed_with_a_declared_key_passes() -> None:
    assert judged(headers=signed()) is None
    assert judged(headers=[("trace", b"1"), *signed(), ("other", None)]) is None


def test_whoever_has_no_key_publishes_unsigned_only_where_the_declaration_lets_it() -> None:
    lenient = Gate(participants(SignaturePolicy.WHERE_DECLARED), CODEC.decode)
    listed = {"topic": "watchlist.un", "key": b"E1", "value": CODEC.encode(entry(producer="un"))}

    assert judged(**listed) == (R.SIGNATURE_MISSING, f"headers.{KEY_ID}")
    assert judged(**listed, headers=STRANGE.headers("watchlist.un", b"E1", b"", T0)) == (
        R.UNKNOWN_KEY,
        f"headers.{KEY_ID}",
    )
    assert judged(**listed, gate=lenient) is None
    assert judged(gate=lenient) == (R.SIGNATURE_MISSING, f"headers.{KEY_ID}")


def test_a_service_with_a_key_makes_its_participant_sign() -> None:
    members = dict(PARTICIPANTS.members)
    console = Service(events=("responses",), keys=declared(CONSOLE))
    members["bd"] = members["bd"].model_copy(update={"services": {"console": console}})
    update = {"members": members, "signatures": SignaturePolicy.WHERE_DECLARED}

    assert judged(gate=Gate(PARTICIPANTS.model_copy(update=update), CODEC.decode)) == (
        R.SIGNATURE_MISSING,
        f"headers.{KEY_ID}",
    )


@pytest.mark.parametrize("missing", [KEY_ID, SIGNED_AT, SIGNATURE])
def test_a_part_of_the_signature_that_is_not_there_is_named(missing: str) -> None:
    headers = [(name, value) for name, value in signed() if name != missing]

    assert judged(headers=headers) == (R.SIGNATURE_MISSING, f"headers.{missing}")


@pytest.mark.parametrize("twice", [KEY_ID, SIGNED_AT, SIGNATURE])
def test_a_header_that_stands_there_twice_is_no_signature(twice: str) -> None:
    headers = [*signed(), *((name, value) for name, value in signed() if name == twice)]

    assert judged(headers=headers) == (R.BAD_SIGNATURE, f"headers.{twice}")


@pytest.mark.parametrize("key", [STRANGE, OTHERS], ids=["nobody's", "another participant's"])
def test_a_key_that_is_not_this_participants_is_unknown(key: SigningKey) -> None:
    assert judged(headers=signed(key)) == (R.UNKNOWN_KEY, f"headers.{KEY_ID}")


def test_a_signature_of_another_key_under_this_ones_id_is_bad() -> None:
    headers = [(KEY_ID, OWN.key_id.encode()), *signed(OTHERS)[1:]]

    assert judged(headers=headers) == (R.BAD_SIGNATURE, f"headers.{SIGNATURE}")


def test_the_same_message_moved_or_under_another_key_is_bad() -> None:
    value = CODEC.encode(response(producer="bd"))
    for changed in (
        {"topic": "responses.bd"},
        {"topic": "watchlist.bd"},
        {"key": b"I2"},
        {"key": None},
        {"value": value},
    ):
        assert judged(**{"headers": signed()} | changed) == (R.BAD_SIGNATURE, f"headers.{SIGNATURE}"), changed


@given(st.data())
def test_any_altered_byte_of_what_is_signed_is_noticed(data: st.DataObject) -> None:
    def altered(value: bytes) -> bytes:
        place = data.draw(st.integers(0, len(value) - 1))
        return value[:place] + bytes([value[place] ^ data.draw(st.integers(1, 255))]) + value[place + 1 :]

    headers = dict(signed())
    part = data.draw(st.sampled_from(["key", "value", SIGNED_AT, SIGNATURE, KEY_ID]))
    if part == "key":
        said = judged(key=altered(ID), headers=signed())
    elif part == "value":
        said = judged(value=altered(VALUE), headers=signed())
    elif part == SIGNATURE:
        raw = altered(base64.b64decode(headers[SIGNATURE] or b""))
        said = judged(headers=[*(headers | {SIGNATURE: base64.b64encode(raw)}).items()])
    else:
        said = judged(headers=[*(headers | {part: altered(headers[part] or b"")}).items()])

    assert said is not None
    assert said[0] is (R.UNKNOWN_KEY if part == KEY_ID else R.BAD_SIGNATURE)


@given(st.lists(st.tuples(st.sampled_from([KEY_ID, SIGNED_AT, SIGNATURE, "x"]), st.none() | st.binary(max_size=100))))
def test_any_headers_are_answered_and_pass_nothing(headers: list[tuple[str, bytes | None]]) -> None:
    said = judged(headers=headers)

    assert said is not None
    assert said[0] in (R.SIGNATURE_MISSING, R.BAD_SIGNATURE, R.UNKNOWN_KEY)


@pytest.mark.parametrize(
    ("signed_at", "wanted"),
    [
        (T0 - 7 * DAY, None),
        (T0 - 7 * DAY - 1, (R.STALE, f"headers.{SIGNED_AT}")),
        (T0 + 5 * MINUTE, None),
        (T0 + 5 * MINUTE + 1, (R.FROM_THE_FUTURE, f"headers.{SIGNED_AT}")),
    ],
)
def test_a_signature_counts_for_seven_days(signed_at: int, wanted: Refused) -> None:
    assert judged(headers=signed(at=signed_at)) == wanted


@pytest.mark.parametrize("text", [b"", b"-1", b"1.5", b"1e3", b" 1", b"\xd9\xa1", b"9" * 16])
def test_a_time_that_is_none_is_named(text: bytes) -> None:
    headers = [(KEY_ID, OWN.key_id.encode()), (SIGNED_AT, text), signed()[2]]

    assert judged(headers=headers) == (R.BAD_SIGNATURE, f"headers.{SIGNED_AT}")


@pytest.mark.parametrize(
    ("key", "at", "wanted"),
    [
        (NEXT, ROTATION - 1, (R.KEY_NOT_VALID, f"headers.{KEY_ID}")),
        (OWN, ROTATION, None),
        (NEXT, ROTATION, None),
        (OWN, ROTATION + DAY - 1, None),
        (OWN, ROTATION + DAY, (R.KEY_NOT_VALID, f"headers.{KEY_ID}")),
        (NEXT, ROTATION + DAY, None),
    ],
)
def test_one_key_follows_another_with_a_time_in_which_both_count(key: SigningKey, at: int, wanted: Refused) -> None:
    assert judged(headers=signed(key, at=at), at=at) == wanted


def delegated(
    key: SigningKey, event: BaseModel, topic: str, key_of: bytes, service: str | None, gate: Gate = GATE
) -> Refused:
    delegation = None if service is None else Delegation(service=service, officer="k-17")
    value = CODEC.encode(event.model_copy(update={"delegation": delegation}))
    return judged(topic, key_of, value, key.headers(topic, key_of, value, T0), gate=gate)


def test_a_services_key_is_good_for_its_events_alone_and_the_event_names_it() -> None:
    answer = response(producer="bd")
    answers = ("responses.bd", answer.case_ref.encode())
    refused = (R.NOT_DELEGATED, "delegation.service")

    assert delegated(CONSOLE, answer, *answers, "console") is None
    assert delegated(OWN, answer, *answers, None) is None
    assert delegated(CONSOLE, answer, *answers, None) == refused
    assert delegated(CONSOLE, answer, *answers, "other") == refused
    assert delegated(OWN, answer, *answers, "console") == refused
    assert delegated(CONSOLE, incident(), "incidents.bd", ID, "console") == refused
    assert delegated(CONSOLE, entry(producer="bd"), "watchlist.bd", b"E1", "console") == refused


def test_a_services_key_is_nothing_to_another_participant() -> None:
    assert delegated(CONSOLE, entry(), "watchlist.fr", b"E1", "console") == (R.UNKNOWN_KEY, f"headers.{KEY_ID}")


def test_an_unsigned_event_names_no_service_that_is_not_declared_for_it() -> None:
    bare = participants(SignaturePolicy.WHERE_DECLARED).without_signatures()
    gate, answer = Gate(bare, CODEC.decode), response(producer="bd")
    answers = ("responses.bd", answer.case_ref.encode())

    assert delegated(STRANGE, answer, *answers, "console", gate) is None
    assert delegated(STRANGE, answer, *answers, "nobody", gate) == (R.NOT_DELEGATED, "delegation.service")
    assert delegated(STRANGE, incident(), "incidents.bd", ID, "console", gate) == (
        R.NOT_DELEGATED,
        "delegation.service",
    )


def test_all_that_is_wrong_is_told_to_whoever_asks_for_more_than_the_first() -> None:
    value = CODEC.encode(incident(zone="Mars/Base"))
    (event, problems) = GATE.examine("incidents.bd", T0, b"I2", value, signed())

    assert isinstance(event, Incident)
    assert [problem.reason for problem in problems] == [R.BAD_SIGNATURE, R.WRONG_KEY, R.INVALID_FIELD]
    (nothing, problems) = GATE.examine("incidents.bd", T0, ID, b"{}", ())
    assert nothing is None
    assert [problem.reason for problem in problems] == [R.SIGNATURE_MISSING, R.UNDECODABLE]


def test_what_is_said_of_a_bad_signature_still_names_the_event() -> None:
    (said,) = GATE.process("incidents.bd", 0, 0, T0, ID, VALUE)

    assert isinstance(said.message, Reject)
    assert said.message.event_id == incident().event_id


def test_the_signature_says_nothing_of_what_the_event_is() -> None:
    value = CODEC.encode(entry())
    gate = Gate(participants(), CODEC.decode)
    one, other = (gate.process("watchlist.fr", 0, 0, T0, b"E1", value, OTHERS.headers("watchlist.fr", b"E1", value, T0 + n)) for n in (0, 1))  # fmt: skip  # noqa: E501

    assert one == other
    assert isinstance(CODEC.decode(value), WatchlistEntry)


def test_what_is_signed_begins_with_its_context_and_every_part_with_its_length() -> None:
    assert signature_input("ab", b"c", b"d", b"1") != signature_input("a", b"bc", b"d", b"1")
    assert signature_input("a", b"b", b"cd", b"1") != signature_input("a", b"b", b"c", b"d1")
    assert signature_input("t", b"", b"", b"").startswith(b"\0\0\0\x10tocsin message 1\0\0\0\x01t\0\0\0\0")


def test_a_signing_key_never_shows_its_private_half() -> None:
    key = SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))

    assert repr(key) == f"{key}" == f"SigningKey({key.key_id})"
