"""Every principal against every topic, with real clients: what the topic table grants works, all else is refused."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

import deploy
from deploy.provision.rights import APPS, principals
from deploy.stack.local import Stack
from schemas.participants import load_participants
from schemas.topics import all_topics
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

DECLARED = load_participants(Path(deploy.__file__).with_name("bureaus.toml"))
TOPICS = all_topics(DECLARED)
QUIET = {"log_level": 0}


@pytest.mark.parametrize("principal", principals(DECLARED))
def test_a_principal_writes_the_topics_that_the_table_gives_it_and_no_other(provisioned: Stack, principal: str) -> None:
    outcome = written(provisioned, principal, [topic.name for topic in TOPICS])

    assert {name for name, error in outcome.items() if error is None} == {
        topic.name for topic in TOPICS if principal in topic.writers
    }
    assert {error for error in outcome.values() if error} <= {"TOPIC_AUTHORIZATION_FAILED"}


@pytest.mark.parametrize("principal", principals(DECLARED))
def test_a_principal_reads_the_topics_that_the_table_gives_it_and_no_other(provisioned: Stack, principal: str) -> None:
    outcome = read(provisioned, principal, [topic.name for topic in TOPICS])

    assert {name for name, error in outcome.items() if error is None} == {
        topic.name for topic in TOPICS if principal in topic.readers
    }
    assert {error for error in outcome.values() if error} <= {"TOPIC_AUTHORIZATION_FAILED"}


@pytest.mark.parametrize("principal", principals(DECLARED))
def test_a_principal_sees_the_names_of_its_own_topics_alone(provisioned: Stack, principal: str) -> None:
    producer = Producer(connect(principal, provisioned.settings).as_librdkafka() | QUIET)

    assert set(producer.list_topics(timeout=20).topics) == {
        topic.name for topic in TOPICS if principal in (*topic.writers, *topic.readers)
    }


def written(stack: Stack, principal: str, topics: Iterable[str]) -> dict[str, str | None]:
    """What became of one record written to each topic: None, or the error's name."""
    outcome: dict[str, str | None] = {}
    producer = Producer(connect(principal, stack.settings).as_librdkafka(message_timeout_ms=15_000) | QUIET)
    for topic in topics:

        def done(error: KafkaError | None, _: object, topic: str = topic) -> None:
            outcome[topic] = error.name() if error else None

        producer.produce(topic, b"probe", key=b"probe", on_delivery=done)
    producer.flush(30)
    return outcome


def read(stack: Stack, principal: str, topics: list[str]) -> dict[str, str | None]:
    """What a reader of partition 0 of each topic gets first: None for a record or the end, else the error's name."""
    consumer = Consumer(
        connect(principal, stack.settings).as_librdkafka(
            group_id=APPS.get(principal, f"{principal}-probe"), enable_partition_eof=True, enable_auto_commit=False
        )
        | QUIET
    )
    outcome: dict[str, str | None] = {}
    try:
        for topic in topics:  # READ implies DESCRIBE: a topic whose description is refused cannot be read either
            refused = consumer.list_topics(topic, timeout=20).topics[topic].error
            if refused is not None:
                outcome[topic] = refused.name()
        consumer.assign([TopicPartition(topic, 0, 0) for topic in topics if topic not in outcome])
        while len(outcome) < len(topics):
            message = consumer.poll(20)
            assert message is not None, f"no word about {sorted(set(topics) - outcome.keys())}"
            error = message.error()
            good = error is None or error.code() == KafkaError._PARTITION_EOF
            outcome.setdefault(str(message.topic()), None if good else error.name())
    finally:
        consumer.close()
    return outcome
