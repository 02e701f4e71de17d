"""The watchlist's end is that of the log, not of what an open transaction lets be read."""

from __future__ import annotations

import asyncio
import uuid

import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.stack.running import Stack
from schemas.codec import Codec, LocalSchemaIds
from schemas.internal import ListedPerson
from schemas.subjects import Name, Subject
from streams.stages.watchlist import Watchlist
from streams.tasks.persons_reader import PersonsReader
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker
CODEC = Codec(LocalSchemaIds())
LISTED = ListedPerson(entry_version=1, subject=Subject(subject_id="1", names=(Name(full="Anna Karvelbaba"),)))


@pytest.fixture
def topic(stack: Stack) -> str:
    name = f"persons-{uuid.uuid4().hex[:8]}"
    admin = AdminClient(connect("admin", stack.settings).as_librdkafka())
    admin.create_topics([NewTopic(name, 1, 1)])[name].result(30)
    return name


@pytest.fixture
def writers(stack: Stack) -> list[Producer]:
    made = [
        Producer(connect("admin", stack.settings).as_librdkafka(transactional_id=f"{uuid.uuid4()}")) for _ in range(2)
    ]
    for one in made:
        one.init_transactions(30)
        one.begin_transaction()
    return made


def test_what_was_committed_behind_an_open_transaction_is_waited_for(
    stack: Stack, topic: str, writers: list[Producer]
) -> None:
    still_open, done = writers
    still_open.produce(topic, CODEC.encode(LISTED), "ACTUAL:fr:E1")
    still_open.flush(30)
    done.produce(topic, CODEC.encode(LISTED), "ACTUAL:fr:E2")
    done.commit_transaction(30)

    async def read() -> None:
        known = Watchlist()
        connection = connect("admin", stack.settings)
        reader = PersonsReader(known, topic, 1, connection.as_librdkafka(), CODEC.decode)
        started = asyncio.create_task(reader.start())
        waited, _ = await asyncio.wait({started}, timeout=2)
        assert not waited, "the end was called reached although the committed entry cannot be read yet"
        await asyncio.to_thread(still_open.abort_transaction, 30)
        await asyncio.wait_for(started, 30)
        assert (known.version("ACTUAL:fr:E1"), known.version("ACTUAL:fr:E2")) == (0, 1)
        await reader.stop()

    asyncio.run(read())
