"""A transaction that the broker lost track of: the doctor sees it, one command names it and ends it.

python -m tests.chaos.hanging    # on a broker of its own; exit 0: all as promised
"""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType
from typer.testing import CliRunner

from deploy.doctor.looking import look
from deploy.doctor.seen import HeldBack
from deploy.provision import provision
from deploy.stack.local import running_stack
from deploy.stack.running import Stack
from schemas.participants import Participants, load_participants
from schemas.topics import CASES
from streams.tasks.kafka_log import KafkaLog
from streams.tasks.log import Place
from tests.chaos.report import commit
from tests.chaos.results import HANGING, KEPT
from tocsin.cli import build
from tocsin.cli.declaration import SHIPPED
from tocsin.runtime.settings import Connection, connect

PLACE = Place(CASES, 3)
NAME = "test-hanging"
VERIFICATION = "transaction.partition.verification.enable"


def detected_said_and_ended(provisioned: Stack, participants: Participants) -> None:
    """One that hangs."""
    connection = connect("admin", provisioned.settings)
    log = KafkaLog(connection.as_librdkafka(), "test-hanging")
    state = ["--state", str(provisioned.state)]
    runner = CliRunner()
    provoke(connection)
    try:
        bounds = log.bounds([PLACE])[PLACE]
        assert bounds.stable < bounds.end
        held = seen_by_doctor(connection, participants, provisioned)
        assert [(one.topic, one.partition, one.offset) for one in held] == [(*PLACE, bounds.stable)]

        shown = runner.invoke(build(), ["transactions", *state])
        assert shown.exit_code == 1
        assert f"{PLACE.topic}/{PLACE.partition}: hangs since offset {bounds.stable}" in shown.output
    finally:
        ended = runner.invoke(build(), ["transactions", "--end", *state])
    assert (ended.exit_code, ended.output.count("ended")) == (0, 1)
    bounds = log.bounds([PLACE])[PLACE]
    assert bounds.stable == bounds.end
    assert list(log.read(PLACE, bounds.low)) == [], "nothing of it is ever seen"
    assert "no transaction hangs" in runner.invoke(build(), ["transactions", *state]).output


def left_alone(provisioned: Stack) -> None:
    """One that is merely open."""
    connection = connect("admin", provisioned.settings)
    producer = Producer(connection.as_librdkafka(transactional_id="test-open"))
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce(PLACE.topic, b"open", partition=PLACE.partition)
    assert producer.flush(10) == 0
    try:
        shown = CliRunner().invoke(build(), ["transactions", "--state", str(provisioned.state)])
    finally:
        producer.abort_transaction(10)
    assert (shown.exit_code, shown.output.strip()) == (0, "no transaction hangs")


def seen_by_doctor(connection: Connection, participants: Participants, stack: Stack) -> tuple[HeldBack, ...]:
    """What is held back, once the broker answers in the doctor's time."""
    for _ in range(5):
        broker = look(connection, participants, stack.state).broker
        if broker.trouble is None:
            return broker.held_back
    raise AssertionError(broker.trouble)


def provoke(connection: Connection) -> None:
    """Write in a transaction of which the coordinator is never told.

    Brokers since 3.6 ask the coordinator before they append; older ones, and those where that is switched off, are
    left with a hanging transaction by a request that arrives after the transaction ended.
    """
    admin = AdminClient(connection.as_librdkafka())
    known = Producer(connection.as_librdkafka(transactional_id=NAME))
    known.init_transactions(30)  # the coordinator is there from now on
    verify(admin, "false")
    try:
        asyncio.run(_write(connection))
    finally:
        verify(admin, "true")


def verify(admin: AdminClient, value: str) -> None:
    entry = ConfigEntry(VERIFICATION, value, incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.BROKER, "1", incremental_configs=[entry])
    for done in admin.incremental_alter_configs([resource]).values():
        done.result(10)
    time.sleep(1)  # the broker takes it over from its log


async def _write(connection: Connection) -> None:
    client = AIOKafkaClient(
        bootstrap_servers=connection.bootstrap,
        security_protocol=connection.security_protocol,
        sasl_mechanism="SCRAM-SHA-512",
        sasl_plain_username=connection.user,
        sasl_plain_password=connection.password.get_secret_value(),
    )
    await client.bootstrap()
    try:
        node = client.get_random_node()
        given: Any = await client.send(node, InitProducerIdRequest(NAME, 10_000))
        assert given.error_code == 0, given
        batch = DefaultRecordBatchBuilder(
            magic=2,
            compression_type=0,
            is_transactional=1,
            producer_id=given.producer_id,
            producer_epoch=given.producer_epoch,
            base_sequence=0,
            batch_size=1_000,
        )
        batch.append(0, timestamp=int(time.time() * 1000), key=None, value=b"never seen", headers=[])
        topics = [(PLACE.topic, [(PLACE.partition, bytes(batch.build()))])]
        said: Any = await client.send(node, ProduceRequest(NAME, -1, 10_000, topics))
        assert said.topics[0][1][0][1] == 0, said
    finally:
        await client.close()


def main() -> None:
    """Run both on a stack without workers."""
    participants = load_participants(SHIPPED)

    def make(stack: Stack) -> None:
        provision(participants, connect("admin", stack.settings), stack.registry, stack.state)

    with (
        tempfile.TemporaryDirectory(prefix="hanging-") as folder,
        running_stack(Path(folder), provision=make) as stack,
    ):
        detected_said_and_ended(stack, participants)
        left_alone(stack)
    with KEPT.open("a") as results:
        told = {"scenario": HANGING, "seed": 0, "broken": None, "incidents": 0, "equal": True, "commit": commit()}
        results.write(json.dumps(told) + "\n")
    print("a hanging transaction is detected, said and ended; an open one is left alone")


if __name__ == "__main__":
    main()
