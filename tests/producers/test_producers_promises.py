"""What a country producer promises before a broker is involved. With one: tests/broker."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from confluent_kafka import KafkaError
from pydantic import SecretStr

from producers import CountryProducer, Refusal, Unencodable, WrongProducer
from producers.importers import Note, RefusedRow
from producers.publishing import publish_results
from schemas.codec import Codec, LocalSchemaIds
from schemas.codes import Action, IncidentType, Instrument
from schemas.events import Incident, Location, WatchlistEntry
from schemas.participants import Participant, Participants
from schemas.subjects import BirthDate, Subject
from schemas.topics import all_topics
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.producing import BATCH, LARGEST, client_config, refusal_of
from tocsin.runtime.settings import Connection

AT = datetime(2026, 3, 1, tzinfo=UTC)


def nowhere() -> Connection:
    """A port where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return Connection(
        bootstrap=f"127.0.0.1:{port}",
        registry="http://127.0.0.1:9",
        user="bd",
        password=SecretStr("x"),
        security_protocol="SASL_PLAINTEXT",
    )


def producer(**options: Any) -> CountryProducer:
    return CountryProducer("bd", nowhere(), codec=Codec(LocalSchemaIds()), **options)


def incident(code: str = "bd", number: int = 0, year: int = 1980, point: str = "") -> Incident:
    return Incident(
        event_id="01930000-0000-7000-8000-000000000000",
        producer=code,
        occurred_at=AT,
        recorded_at=AT,
        incident_id=str(number),
        incident_type=IncidentType.BORDER_CHECK,
        location=Location(country=code, point=point),
        subjects=(Subject(subject_id="1", births=(BirthDate(year=year),)),),
    )


def test_an_event_of_another_producer_is_refused_and_nothing_is_sent() -> None:
    ours = producer()

    with pytest.raises(WrongProducer, match="'fr' cannot be published as 'bd'"):
        ours.publish_incident(incident("fr"))
    assert ours.outstanding == 0


@pytest.mark.parametrize("bad", [{"year": 10**30}, {"point": "\ud800"}], ids=["too large a number", "half a character"])
def test_a_value_that_does_not_fit_the_schema_is_an_error_of_its_own(bad: dict[str, Any]) -> None:
    with pytest.raises(Unencodable):
        producer().publish_incident(incident(**bad))


def test_a_broker_that_is_away_holds_the_sender_back_at_a_full_buffer() -> None:
    said: list[str] = []
    ours = producer(buffer=10, patience=0.6, on_waiting=said.append)
    started = time.monotonic()

    def publish_eleven() -> None:
        with ours:
            for number in range(11):
                ours.publish_incident(incident(number=number))

    with pytest.raises(Unavailable, match="10 events are undelivered"):
        publish_eleven()

    assert time.monotonic() - started > 0.5
    assert said, "whoever publishes is told that the broker is away"
    assert ours.delivered == 0
    assert ours.refused == {Refusal.GIVEN_UP: 10}, "what is given up is counted"


def test_a_registry_that_is_away_is_told_and_waited_for_as_long_as_the_broker() -> None:
    said: list[str] = []
    ours = CountryProducer("bd", nowhere(), patience=0.3, on_waiting=said.append)

    with pytest.raises(Unavailable, match="schema registry"), ours:
        ours.publish_incident(incident())

    assert [why for why in said if "schema registry" in why]


@pytest.mark.parametrize("module", ["tocsin.runtime.producing", "tocsin.runtime.consuming"])
def test_what_the_client_says_is_not_printed_between_the_lines_of_a_command(module: str) -> None:
    code = f"import logging, {module}; logging.getLogger({module!r}).error('Connection refused')"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stderr == ""


def test_leaving_the_block_waits_for_the_fate_of_every_event() -> None:
    with pytest.raises(Unavailable), producer(patience=0.5) as ours:
        ours.publish_incident(incident())

    assert ours.refused == {Refusal.GIVEN_UP: 1}


def test_no_batch_can_exceed_the_limit_of_a_topic_that_is_written_to() -> None:
    topics = all_topics(Participants(members={"bd": Participant(code="bd", name="Bangladesh")}))
    limits = [int(topic.config["max.message.bytes"]) for topic in topics if "bd" in topic.writers]

    assert min(limits) > BATCH
    assert max(limits) == LARGEST


def test_the_client_is_idempotent_and_partitions_as_faust_does() -> None:
    config = client_config(nowhere())

    assert config["enable.idempotence"] is True
    assert config["acks"] == "all"
    assert config["partitioner"] == "murmur2_random"
    assert config["compression.type"] in ("lz4", "zstd")
    assert config["message.timeout.ms"] == 0, "no event may expire while the broker is away"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (KafkaError.MSG_SIZE_TOO_LARGE, Refusal.TOO_LARGE),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, Refusal.NOT_AUTHORISED),
        (KafkaError._UNKNOWN_TOPIC, Refusal.NO_SUCH_TOPIC),
        (KafkaError.INVALID_RECORD, Refusal.INVALID),
        (KafkaError._PURGE_QUEUE, Refusal.GIVEN_UP),
        (KafkaError.NOT_LEADER_FOR_PARTITION, Refusal.OTHER),
    ],
)
def test_what_the_broker_says_is_counted_under_one_reason(code: int, reason: Refusal) -> None:
    assert refusal_of(KafkaError(code)) is reason


def test_rows_are_accounted_for_without_a_broker() -> None:
    entry = WatchlistEntry(
        event_id="01930000-0000-7000-8000-000000000000",
        producer="bd",
        occurred_at=AT,
        recorded_at=AT,
        entry_id="1",
        instrument=Instrument.NATIONAL,
        action=Action.INFORM,
    )
    account = publish_results([entry, RefusedRow("2", "f", "w"), Note("3", "f", "w"), incident()], None)

    assert (account.read, account.published, account.refused, account.noted) == (3, 2, 1, 1)
    assert not account.complete


def test_events_of_others_in_a_file_are_refused_rows_and_the_rest_goes_on() -> None:
    ours = producer(patience=0.3)
    with pytest.raises(Unavailable):
        publish_results([incident("fr"), incident()], ours)
    account = publish_results([incident("fr")], producer())

    assert account.refused_rows == [RefusedRow("0", "producer", "an event of 'fr' cannot be published as 'bd'")]
    assert ours.outstanding == 1
    ours.__exit__(Unavailable, None, None)
