"""What a bureau can reach of a running pipeline, to compare what it sees when something happened and when not."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.record.memory_records import MemoryRecords
from confluent_kafka import ConsumerGroupTopicPartitions, IsolationLevel, TopicPartition
from confluent_kafka.admin import AdminClient, OffsetSpec

from tocsin.runtime.settings import Connection

Figures = dict[tuple[str, ...], float]
"""Numbers, by what they are of."""
_SERIES = re.compile(r"^(?P<series>\w+(?:\{(?P<labels>.*)\})?) (?P<value>\S+)$", re.MULTILINE)
_LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True)
class Batch:
    """A batch as it lies in the log: also a transaction's marker is one."""

    offset: int
    producer_id: int
    producer_epoch: int
    sequence: int
    marker: bool


class Reach:
    """Everything that the broker and the registry tell one bureau, asked with its own credentials."""

    def __init__(self, connection: Connection, registry: str) -> None:
        self._connection, self._registry = connection, registry
        self._admin = AdminClient(connection.as_librdkafka())

    def topics(self) -> list[tuple[str, int]]:
        """Every topic that it sees, with the number of partitions."""
        return [(name, len(it.partitions)) for name, it in self._admin.list_topics(timeout=20).topics.items()]

    def seen(self) -> Figures:
        """Ends of every partition that it may look at (a transaction's marker moves them, too), by every way of
        asking; its groups with their positions; subjects and versions of the registry."""
        found: Figures = {}
        partitions = [TopicPartition(name, number) for name, count in self.topics() for number in range(count)]
        for what, spec in (("earliest", OffsetSpec.earliest()), ("latest", OffsetSpec.latest())):
            for level in IsolationLevel:
                asked = self._admin.list_offsets(dict.fromkeys(partitions, spec), isolation_level=level)
                for place, future in asked.items():
                    found[what, level.name, place.topic, str(place.partition)] = future.result(20).offset
        for group in self._admin.list_consumer_groups().result(20).valid:
            (held,) = self._admin.list_consumer_group_offsets([ConsumerGroupTopicPartitions(group.group_id)]).values()
            for place in held.result(20).topic_partitions:
                found["group", group.group_id, place.topic, str(place.partition)] = place.offset
        for subject in httpx.get(f"{self._registry}/subjects").raise_for_status().json():
            for version in httpx.get(f"{self._registry}/subjects/{subject}/versions").raise_for_status().json():
                found["registry", subject, str(version)] = 1
        return found

    def batches(self, topic: str) -> list[Batch]:
        """Partition 0 of a topic as any client may read it: what is hidden from applications too."""
        return asyncio.run(self._batches(topic))

    async def _batches(self, topic: str) -> list[Batch]:
        client = AIOKafkaClient(
            bootstrap_servers=self._connection.bootstrap,
            security_protocol=self._connection.security_protocol,
            sasl_mechanism="SCRAM-SHA-512",
            sasl_plain_username=self._connection.user,
            sasl_plain_password=self._connection.password.get_secret_value(),
        )
        await client.bootstrap()
        found: list[Batch] = []
        try:
            (node,) = {broker.nodeId for broker in client.cluster.brokers()}
            low, end = 0, None
            while end is None or low < end:
                request = FetchRequest(100, 1, 8_000_000, 0, [(topic, [(0, low, 8_000_000)])])
                said: Any = await client.send(node, request)
                partition = said.topics[0][1][0]
                assert partition[1] == 0, f"{topic}: error {partition[1]}"
                end = partition[2]
                read = MemoryRecords(partition[-1])
                while read.has_next():
                    it: Any = read.next_batch()
                    found.append(
                        Batch(
                            it.base_offset,
                            it.producer_id,
                            it.producer_epoch,
                            it.base_sequence,
                            it.is_control_batch,
                        )
                    )
                    low = it.next_offset
        finally:
            await client.close()
        return found


def series(pages: Mapping[str, str]) -> dict[tuple[str, str], float]:
    """Every series of metrics pages, by page and name with labels."""
    return {
        (page, found["series"]): float(found["value"])
        for page, text in pages.items()
        for found in _SERIES.finditer(text)
    }


def label_values(pages: Mapping[str, str]) -> set[str]:
    """Every value of a label on metrics pages."""
    return {value for _, name in series(pages) for _, value in _labels(name)}


def naming(code: str, pages: Mapping[str, str]) -> Figures:
    """The series that name a participant or a topic of it; without ages, which move by themselves."""
    return {
        (page, name): value
        for (page, name), value in series(pages).items()
        if any(word == code or word.endswith(f".{code}") for _, word in _labels(name))
        and not name.partition("{")[0].endswith(("_seconds", "_created"))
    }


def _labels(name: str) -> Iterator[tuple[str, str]]:
    return ((found[1], found[2]) for found in _LABEL.finditer(name))
