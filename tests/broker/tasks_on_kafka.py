"""Topics, workers and records of the counting stage on the real broker, and what must be there in the end."""

from __future__ import annotations

import contextlib
import json
import os
import random
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from streams.tasks.kafka_log import KafkaLog
from streams.tasks.log import Place, Record
from streams.tasks.store import RocksStore
from tests.streams.tasks.counting_stage import Amount, Total, decode, encode
from tocsin.runtime.settings import Connection

PARTITIONS = 8
ROOT = Path(__file__).parents[2]
STATE_KEYS = b"totals\0"


class Campaign:
    """Topics of its own on a shared broker, and the processes that it started."""

    def __init__(self, connection: Connection, folder: Path, session: float = 6.0) -> None:
        self.connection, self.folder, self.session = connection, folder, session
        self.config = connection.as_librdkafka()
        tag = uuid.uuid4().hex[:8]
        self.app, self.input, self.output, self.changelog = (f"{it}-{tag}" for it in ("app", "in", "out", "changelog"))
        self.counts = {self.input: PARTITIONS, self.output: PARTITIONS, "quarantine": 1}
        self.processes: list[subprocess.Popen[bytes]] = []
        self.said: dict[str, list[int]] = defaultdict(list)
        topics = [NewTopic(name, PARTITIONS, 1) for name in (self.input, self.output)]
        topics.append(NewTopic(self.changelog, PARTITIONS, 1, config={"cleanup.policy": "compact"}))
        admin = AdminClient(self.config)
        for made in admin.create_topics(topics).values():
            made.result(30)

    def worker(self, name: str, **more: Any) -> subprocess.Popen[bytes]:
        """Start a worker; its log is NAME.log in the folder."""
        given = {
            "bootstrap": self.connection.bootstrap,
            "user": self.connection.user,
            "password": self.connection.password.get_secret_value(),
            "app": self.app,
            "input": self.input,
            "output": self.output,
            "changelog": self.changelog,
            "partitions": self.counts,
            "state": str(self.folder / "state"),
            "worker": name,
            "session": self.session,
            **more,
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.streams.tasks.counting_worker", json.dumps(given)],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def wait_shared(self, *names: str, seconds: float = 30) -> None:
        """Wait until each of the workers holds its share of the partitions and feeds them."""
        share = f"{PARTITIONS // len(names)} partitions"
        until = time.monotonic() + seconds
        while not all(self.log(name).rpartition("holding ")[2].startswith(share) for name in names):
            assert time.monotonic() < until, f"not every one of {names} holds {share}"
            time.sleep(0.1)

    def say(self, count: int, keys: int, seed: int = 1) -> None:
        """Write `count` amounts to the input; what must come of them is in `said`."""
        rnd = random.Random(seed)
        producer = Producer({**self.config, "partitioner": "murmur2_random", "enable.idempotence": True})
        for _ in range(count):
            who, amount = f"k{rnd.randrange(keys)}", rnd.randrange(14, 100)
            self.said[who].append(amount)
            producer.produce(self.input, encode(Amount(who=who, amount=amount)), who)
            producer.poll(0)
        assert producer.flush(30) == 0

    def expected(self) -> dict[str, list[tuple[int, int]]]:
        """Per key every count and total that must be said, in order."""
        return {
            who: [(number, sum(amounts[:number])) for number in range(1, len(amounts) + 1)]
            for who, amounts in self.said.items()
        }

    def listen(self) -> Listener:
        return Listener(self)

    def changelog_content(self) -> dict[bytes, bytes]:
        """What a cold restore makes of the changelog: the stage's own keys."""
        content: dict[bytes, bytes] = {}
        log = KafkaLog(self.config, "content")
        for partition in range(PARTITIONS):
            for record in log.read(Place(self.changelog, partition), 0):
                apply(content, record)
        return {key: value for key, value in content.items() if key.startswith(STATE_KEYS)}

    def stored_content(self) -> Iterator[tuple[Place, int, dict[bytes, bytes]]]:
        """Every local store that workers have left: partition, changelog offset, the stage's own keys."""
        for folder in sorted((self.folder / "state" / self.app).glob("*/*")):
            store = RocksStore(folder, max_age=1e9, clock=time.time, discarded=lambda why: None)
            with contextlib.closing(store):
                partition = int(folder.name.rsplit("-", 1)[1])
                yield Place(self.changelog, partition), store.changelog_offset, dict(store.scan(STATE_KEYS))

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait(30)


def apply(content: dict[bytes, bytes], record: Record) -> None:
    if record.key is None:
        return
    content.pop(record.key, None)
    if record.value is not None:
        content[record.key] = record.value


class Listener:
    """Reads the output from its beginning with read_committed, per key, in order."""

    def __init__(self, campaign: Campaign) -> None:
        self.heard: Mapping[str, list[tuple[int, int]]] = defaultdict(list)
        self.count = 0
        self._consumer = Consumer(
            {
                **campaign.config,
                "group.id": f"listener-{campaign.app}",
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
            }
        )
        self._consumer.assign([TopicPartition(campaign.output, number, 0) for number in range(PARTITIONS)])

    def until(self, count: int, seconds: float) -> int:
        """Listen until `count` outputs were heard in all, or for `seconds`; gives how many were."""
        until = time.monotonic() + seconds
        while self.count < count and time.monotonic() < until:
            for message in self._consumer.consume(1_000, 0.05):
                assert message.error() is None, message.error()
                total = decode(message.value())
                assert isinstance(total, Total)
                self.heard[message.key().decode()].append((total.count, total.total))
                self.count += 1
        return self.count

    def close(self) -> None:
        self._consumer.close()


def damage(expected: Mapping[str, list[tuple[int, int]]], heard: Mapping[str, list[tuple[int, int]]]) -> dict[str, int]:
    """How many outputs are missing, said twice, or wrong; all 0 when the two are equal, order a key included."""
    missing = doubled = wrong = 0
    for who in expected.keys() | heard.keys():
        must, did = expected.get(who, []), heard.get(who, [])
        counts = [count for count, _ in did]
        doubled += len(counts) - len(set(counts))
        missing += len({count for count, _ in must} - set(counts))
        wrong += must != did
    return {"missing": missing, "doubled": doubled, "wrong keys": wrong}
