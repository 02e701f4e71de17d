"""A single broker under load is killed: what it had acknowledged is there, and no partition stays closed.

Decides about every release of Kafka that the product pins: 4.3.1 fails this.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient, NewTopic

from deploy.stack.local import running_stack
from deploy.stack.running import Stack
from streams.tasks.errors import OwnershipLost, TransactionAborted
from streams.tasks.kafka_log import KafkaLog
from streams.tasks.log import Outgoing, Place
from streams.tasks.transaction import KafkaWriter
from tocsin.runtime.settings import connect

pytestmark = pytest.mark.broker

WRITERS = 12
PARTITIONS = 8
ROUNDS = 2
TOPIC = "load"


class Load:
    """One transactional producer at work, which begins anew under its own id when it is lost, as a worker does."""

    def __init__(self, log: KafkaLog, number: int, stopping: threading.Event) -> None:
        self.acknowledged: set[bytes] = set()
        self._log, self._id, self._stopping = log, f"load-{number}", stopping
        self.thread = threading.Thread(target=self._run, name=self._id)
        self.thread.start()

    def _run(self) -> None:
        writer, batch = self._log.writer(self._id), 0
        while not self._stopping.is_set():
            batch += 1
            values = [f"{self._id}/{batch}/{number}".encode() for number in range(PARTITIONS)]
            records = [Outgoing(Place(TOPIC, number), b"k", value) for number, value in enumerate(values)]
            try:
                writer.commit(records)
            except TransactionAborted:
                continue
            except OwnershipLost:
                writer = self._log.writer(self._id)
                continue
            self.acknowledged.update(values)


def test_nothing_acknowledged_is_missing_and_no_partition_stays_closed(tmp_path: Path) -> None:
    with running_stack(tmp_path / "stack") as stack:
        config = connect("admin", stack.settings).as_librdkafka()
        admin = AdminClient(config)
        admin.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])[TOPIC].result(30)
        acknowledged = load_and_kill(stack, KafkaLog(config, "load"))
        log = KafkaLog(config, "load")
        # Whoever is left open is ended by its successor, as after any take-over.
        for number in range(WRITERS):
            KafkaWriter(config, f"load-{number}").close()
        places = [Place(TOPIC, number) for number in range(PARTITIONS)]
        closed = wait_open(log, places)
        seen = {record.value for place in places for record in log.read(place, 0)}
    assert closed == []
    assert len(acknowledged) > 1_000
    assert len(acknowledged - seen) == 0


def load_and_kill(stack: Stack, log: KafkaLog) -> set[bytes]:
    """Everything that was acknowledged while the broker was killed ROUNDS times under load."""
    stopping = threading.Event()
    loads = [Load(log, number, stopping) for number in range(WRITERS)]
    try:
        for _ in range(ROUNDS):
            before = sum(len(load.acknowledged) for load in loads)
            until = time.monotonic() + 30
            while sum(len(load.acknowledged) for load in loads) < before + 2_000 and time.monotonic() < until:
                time.sleep(0.05)
            stack.kill("broker", stay_down=True)
            stack.start("broker")
    finally:
        stopping.set()
        for load in loads:
            load.thread.join()
    return set[bytes]().union(*(load.acknowledged for load in loads))


def wait_open(log: KafkaLog, places: list[Place], seconds: float = 30) -> list[Place]:
    """Partitions whose stable offset still is not their end after `seconds`."""
    until = time.monotonic() + seconds
    while True:
        closed = [place for place, bounds in log.bounds(places).items() if bounds.stable != bounds.end]
        if not closed or time.monotonic() > until:
            return closed
        time.sleep(0.5)
