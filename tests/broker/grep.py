"""Looks for words in everything that a Kafka user can read, and in files: for tests that nothing may be found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition

from tocsin.runtime.message_headers import headers_of
from tocsin.runtime.settings import Connection


def records(connection: Connection, topics: Iterable[tuple[str, int]]) -> Iterator[tuple[str, bytes]]:
    """Topic and all bytes of every record, committed or not, in `topics` (with their numbers of partitions)."""
    config = connection.as_librdkafka(
        group_id=f"{connection.user}-grep",
        enable_partition_eof=True,
        enable_auto_commit=False,
        isolation_level="read_uncommitted",
        auto_offset_reset="earliest",
    )
    consumer = Consumer(config)
    try:
        places = [TopicPartition(topic, number, OFFSET_BEGINNING) for topic, count in topics for number in range(count)]
        consumer.assign(places)
        ended = 0
        while ended < len(places):
            for message in consumer.consume(1_000, 0.05):
                if message.error() is not None:
                    assert message.error().code() == KafkaError._PARTITION_EOF
                    ended += 1
                    continue
                headers = [part for name, value in headers_of(message) for part in (name.encode(), value)]
                yield (
                    str(message.topic()),
                    b"\0".join(part or b"" for part in (message.key(), message.value(), *headers)),
                )
    finally:
        consumer.close()


def topics_holding(connection: Connection, topics: Iterable[tuple[str, int]], words: Sequence[bytes]) -> set[str]:
    """Topics of which some record holds one of `words`."""
    return {topic for topic, content in records(connection, topics) if any(word in content for word in words)}


def files_holding(folder: Path, words: Sequence[bytes]) -> set[str]:
    """Files below a state folder, the broker's own apart, that hold one of `words`."""
    found = set()
    for path in folder.rglob("*"):
        if path.is_file() and "broker" not in path.relative_to(folder).parts:
            try:
                content = path.read_bytes()
            except FileNotFoundError:  # rewritten meanwhile
                continue
            if any(word in content for word in words):
                found.add(str(path.relative_to(folder)))
    return found
