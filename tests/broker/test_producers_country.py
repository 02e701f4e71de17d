"""A country producer against the real broker: what is taken arrives as it was, what is refused is counted."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from pydantic import SecretStr

from deploy.provision import provision
from deploy.stack.local import Stack, running_stack
from producers import CountryProducer, Refusal, Undelivered
from producers.importers import read_un_list
from producers.publishing import publish_results
from producers.simulate import Bureau, Plan, simulate
from producers.simulate.publication import publish_traffic
from schemas.codec import Codec
from schemas.codes import Action, IncidentType, Instrument, ResponseKind
from schemas.events import Incident, Location, Response, WatchlistEntry
from schemas.participants import Participants
from schemas.subjects import Document, Object
from tocsin.runtime.errors import NotConfigured
from tocsin.runtime.registry import RegistrySchemaIds
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

UN_LIST = Path(__file__).parents[2] / "examples/un/consolidated-2026-02-27.xml"
AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)


def envelope(producer: str) -> dict[str, Any]:
    return {"event_id": str(uuid.uuid4()), "producer": producer, "occurred_at": AT, "recorded_at": AT}


def incident(producer: str, number: int = 0, point: str = "Benapole") -> Incident:
    return Incident(
        **envelope(producer),
        incident_id=f"{uuid.uuid4()}-{number}",
        incident_type=IncidentType.BORDER_CHECK,
        location=Location(country=producer, point=point),
    )


def entry(producer: str) -> WatchlistEntry:
    return WatchlistEntry(
        **envelope(producer),
        entry_id=str(uuid.uuid4()),
        instrument=Instrument.DOC_RECORD,
        action=Action.SEIZE,
        object=Object(object_id="1", document=Document(number="18AA12345", country="fr")),
    )


def response(producer: str, text: str = "") -> Response:
    return Response(**envelope(producer), case_ref=str(uuid.uuid4()), kind=ResponseKind.ACKNOWLEDGE, text=text)


def producer_of(stack: Stack, code: str, **options: Any) -> CountryProducer:
    return CountryProducer(code, connect(code, stack.settings), **options)


def records(stack: Stack, topic: str) -> dict[str, Message]:
    """What stands in the topic, by key, as `admin` reads it."""
    connection = connect("admin", stack.settings)
    consumer = Consumer(
        connection.as_librdkafka(group_id=str(uuid.uuid4()), enable_partition_eof=True, enable_auto_commit=False)
    )
    numbers = consumer.list_topics(topic, timeout=20).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, 0) for number in numbers])
    found: dict[str, Message] = {}
    ended: set[int] = set()
    while len(ended) < len(numbers):
        for message in consumer.consume(500, timeout=0.1):
            error = message.error()
            if error is not None:
                assert error.code() == KafkaError._PARTITION_EOF
                ended.add(message.partition())
            else:
                found[message.key().decode()] = message
    consumer.close()
    return found


def test_each_kind_of_event_arrives_as_it_was_under_its_key(provisioned: Stack) -> None:
    met, listed, answer = incident("bd"), entry("bd"), response("bd")

    with producer_of(provisioned, "bd") as producer:
        producer.publish_incident(met)
        producer.publish_entry(listed)
        producer.publish_response(answer)

    assert (producer.delivered, producer.refused.total(), producer.outstanding) == (3, 0, 0)
    codec = Codec(RegistrySchemaIds(provisioned.registry))
    for topic, key, event in (
        ("incidents.bd", met.incident_id, met),
        ("watchlist.bd", listed.entry_id, listed),
        ("responses.bd", answer.case_ref, answer),
    ):
        assert codec.decode(records(provisioned, topic)[key].value()) == event


def test_an_event_that_is_too_large_is_counted_and_its_neighbours_are_delivered(provisioned: Stack) -> None:
    refused: list[Undelivered] = []
    for_client, for_broker = incident("np", point="x" * 5_000_000), response("np", text=secrets.token_hex(300_000))

    with producer_of(provisioned, "np", on_refused=refused.append) as producer:
        producer.publish_incident(incident("np"))
        producer.publish_incident(for_client)
        producer.publish_response(response("np"))
        producer.publish_response(for_broker)
        producer.publish_response(response("np"))

    assert producer.delivered == 3
    assert producer.refused == {Refusal.TOO_LARGE: 2}
    assert {event.key for event in refused} == {for_client.incident_id, for_broker.case_ref}


def test_an_event_for_a_topic_of_others_is_counted_as_not_authorised(provisioned: Stack) -> None:
    with CountryProducer("fr", connect("bd", provisioned.settings)) as producer:
        producer.publish_incident(incident("fr"))

    assert producer.delivered == 0
    assert producer.refused == {Refusal.NOT_AUTHORISED: 1}


def test_wrong_credentials_are_said_and_not_waited_out(provisioned: Stack) -> None:
    wrong = connect("bd", provisioned.settings).model_copy(update={"password": SecretStr("guessed")})
    codec = Codec(RegistrySchemaIds(provisioned.registry))

    with pytest.raises(NotConfigured, match="credentials of 'bd'"), CountryProducer("bd", wrong, codec=codec) as it:
        it.publish_incident(incident("bd"))


def test_the_whole_un_list_is_published(provisioned: Stack) -> None:
    with producer_of(provisioned, "un") as producer:
        account = publish_results(read_un_list(UN_LIST), producer)

    assert (account.published, account.delivered, account.refused, account.complete) == (1003, 1003, 0, True)
    listed = {entry.entry_id for entry in read_un_list(UN_LIST) if isinstance(entry, WatchlistEntry)}
    assert listed <= records(provisioned, "watchlist.un").keys()


def test_a_simulation_is_published_by_each_participant_in_its_own_topics(provisioned: Stack) -> None:
    plan = Plan((Bureau("lk"), Bureau("mv")), uuid.uuid4().hex[:8], datetime.now(UTC), incidents=40, share=0.5)
    traffic = simulate(Random(5), [], plan)

    sent = publish_traffic(traffic, [], lambda code: producer_of(provisioned, code))

    assert (sent.entries, sent.incidents, sent.delivered) == (28, 40, 68)
    assert not sent.undelivered
    for code in ("lk", "mv"):
        assert records(provisioned, f"watchlist.{code}").keys() >= {
            entry.entry_id for entry in traffic.entries if entry.producer == code
        }
        assert records(provisioned, f"incidents.{code}").keys() >= {
            met.incident_id for met in traffic.incidents if met.producer == code
        }


def test_a_broker_killed_in_the_middle_is_waited_for_and_nothing_is_lost(
    tmp_path: Path, participants: Participants
) -> None:
    few = participants.model_copy(
        update={"members": {code: participants.members[code] for code in ("bd", "un", "ccc")}, "partitions": 1}
    )

    def make(running: Stack) -> None:
        provision(few, connect("admin", running.settings), running.registry, running.state)

    sent = [incident("bd", number) for number in range(3000)]
    with running_stack(tmp_path / "stack", provision=make) as stack:
        with producer_of(stack, "bd", buffer=200) as producer:
            for number, event in enumerate(sent):
                if number == 1000:
                    stack.kill("broker")
                producer.publish_incident(event)
        stack.wait_ready("broker")
        arrived = records(stack, "incidents.bd")

    assert producer.delivered == len(sent)
    assert not producer.refused
    assert arrived.keys() == {event.incident_id for event in sent}
