"""A client that knows no broker any more is replaced: what it had is sent and read on, in order, and once by it."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Iterator
from functools import partial

import pytest
from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.stack.local import Stack
from schemas.codec import Codec, LocalSchemaIds
from schemas.internal import ListedPerson
from schemas.subjects import Name, Subject
from streams.stages.watchlist import Watchlist
from streams.tasks import persons_reader, ticks
from streams.tasks.log import Place
from streams.tasks.persons_reader import PersonsReader
from streams.tasks.ticks import Ticker
from tests.broker.pipeline import fresh
from tocsin.runtime import consuming
from tocsin.runtime.consuming import Record, TopicReader
from tocsin.runtime.lost_brokers import BrokerWatch, has_lost_brokers
from tocsin.runtime.producing import EventProducer, client_config
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker
TOPIC = "incidents.mv"
NOBODY = {"bootstrap.servers": "127.0.0.1:1", "log_level": 0}
"""Reaches nobody, as a client that has lost its brokers."""


@pytest.fixture
def own_topic(provisioned: Stack) -> Iterator[str]:
    """A topic with one partition in which nobody else reads or writes."""
    name = f"lost-{uuid.uuid4().hex[:8]}"
    admin = AdminClient(connect("admin", provisioned.settings).as_librdkafka())
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)
    yield name
    admin.delete_topics([name])[name].result(30)


class Lost(EventProducer):
    """Its first client reaches nobody."""

    clients = 0

    def _new_client(self) -> Producer:
        self.clients += 1
        if self.clients > 1:
            return super()._new_client()
        return Producer(client_config(self._connection, self._buffer) | NOBODY)


def values(reader: TopicReader, count: int, seconds: float = 30) -> list[bytes | None]:
    found: list[bytes | None] = []
    until = time.monotonic() + seconds
    while len(found) < count and time.monotonic() < until:
        event = reader.poll()
        if isinstance(event, Record):
            found.append(event.value)
    return found


def sent(stack: Stack, count: int) -> list[bytes]:
    """As many events of one key."""
    key = fresh("lost")
    events = [f"{key} {number}".encode() for number in range(count)]
    with EventProducer(connect("mv", stack.settings)) as producer:
        for event in events:
            producer.send(TOPIC, key, event)
    return events


def test_what_a_lost_client_had_is_sent_by_another_in_its_order(provisioned: Stack) -> None:
    key = fresh("lost")
    events = [f"{key} {number}".encode() for number in range(50)]
    began = round(time.time() * 1000)

    connection = connect("mv", provisioned.settings)
    with Lost(connection) as producer:
        producer._watch = BrokerWatch(lambda: has_lost_brokers(producer._client, connection.as_librdkafka(), 0.5))
        producer._watch.after = 0.5
        for event in events:
            producer.send(TOPIC, key, event)

    assert (producer.clients, producer.delivered, producer.refused.total()) == (2, 50, 0)
    admin = connect("admin", provisioned.settings)
    with TopicReader(admin, [TOPIC], purpose="lost", from_beginning=False, since=began) as reader:
        assert values(reader, 50) == events


def test_a_lost_reader_reads_on_where_it_was(provisioned: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consuming, "has_lost_brokers", partial(has_lost_brokers, own=0.5))
    sent(provisioned, 1)
    admin = connect("admin", provisioned.settings)
    with TopicReader(admin, [TOPIC], purpose="lost", from_beginning=False) as reader:
        while not reader.partition_count(TOPIC):
            reader.poll()
        first = sent(provisioned, 3)
        assert values(reader, 3) == first

        reader._consumer.close()
        reader._consumer = Consumer(admin.as_librdkafka(group_id="admin-lost") | NOBODY)
        reader._set_line("nobody answers")
        reader._look_for_brokers = 0.0
        then = sent(provisioned, 3)

        assert values(reader, 3) == then
        until = time.monotonic() + 30
        while reader.trouble and time.monotonic() < until:
            assert not isinstance(reader.poll(), Record), "nothing comes twice"
        assert reader.trouble is None


def test_a_broker_that_is_away_is_no_lost_client(provisioned: Stack) -> None:
    nowhere = connect("mv", provisioned.settings).model_copy(update={"bootstrap": "127.0.0.1:1"})

    assert not has_lost_brokers(Producer(NOBODY), nowhere.as_librdkafka(), 0.5)


class LostPersonsReader(PersonsReader):
    """Its first client reaches nobody."""

    clients = 0

    def _new_consumer(self) -> Consumer:
        self.clients += 1
        if self.clients > 1:
            return super()._new_consumer()
        consumer = Consumer(self._config | NOBODY)
        consumer.assign([TopicPartition(self._topic, number, OFFSET_BEGINNING) for number in range(self._count)])
        return consumer


def test_the_watchlist_is_read_by_another_client(
    provisioned: Stack, own_topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(persons_reader, "_WAITS", 0.5)
    config = connect("admin", provisioned.settings).as_librdkafka()
    codec = Codec(LocalSchemaIds())
    listed = ListedPerson(entry_version=1, subject=Subject(subject_id="1", names=(Name(full="Anna Karvelbaba"),)))
    writer = Producer(config)
    writer.produce(own_topic, codec.encode(listed), "ACTUAL:fr:E1")
    writer.flush(30)

    async def read() -> int:
        reader = LostPersonsReader(known := Watchlist(), own_topic, 1, config, codec.decode)
        await asyncio.wait_for(reader.start(), 60)
        await reader.stop()
        return known.version("ACTUAL:fr:E1")

    assert asyncio.run(read()) == 1


class LostTicker(Ticker):
    """Its first client reaches nobody."""

    clients = 0

    def _new_producer(self) -> Producer:
        self.clients += 1
        if self.clients > 1:
            return super()._new_producer()
        return Producer(self._config | NOBODY | {"message.timeout.ms": 300})


def test_time_goes_on_by_another_client(provisioned: Stack, own_topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ticks, "_WAITS", 0.5)
    ticker = LostTicker(connect("admin", provisioned.settings).as_librdkafka(), lambda: b"a tick")
    place, until = Place(own_topic, 0), time.monotonic() + 60

    while place not in ticker._written and time.monotonic() < until:
        ticker.tick({place: 1 << 40})
        time.sleep(0.1)

    assert place in ticker._written
    ticker.close()
