"""The log on Kafka: restoring readers, offsets, transactional writers."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from confluent_kafka import (
    TIMESTAMP_NOT_AVAILABLE,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec

from streams.tasks.errors import RestoreFailed
from streams.tasks.log import Bounds, Place, Record, Writer
from streams.tasks.transaction import PATIENCE, KafkaWriter
from tocsin.runtime.message_headers import headers_of
from tocsin.runtime.told_offsets import told_offset

_log = logging.getLogger(__name__)

# consume(n, timeout) waits out the whole timeout even at the end of the partition: keep it short.
_POLL = 0.05
_PAUSE = 0.5
_CHUNK = 1_000
_CALL = 10.0
_FIRST_CALL = 2.0
"""Seconds for the first question: a client that insists on a leader that is away gets no answer to it."""


class KafkaLog:
    """`config` is a principal's librdkafka configuration; `group` one that it may read (nothing is committed)."""

    def __init__(self, config: Mapping[str, Any], group: str) -> None:
        self._config, self._group = dict(config), group
        # An AdminClient is falsy: never test it with `or`.
        self._admin = AdminClient(self._config, logger=_log)

    def writer(self, transactional_id: str) -> Writer:
        return KafkaWriter(self._config, transactional_id)

    def read(self, place: Place, offset: int) -> Iterator[Record]:
        consumer = Consumer(
            {
                **self._config,
                "group.id": self._group,
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "error",
                "fetch.wait.max.ms": 100,
                "queued.max.messages.kbytes": 16_384,
            },
            logger=_log,
        )
        try:
            consumer.assign([TopicPartition(place.topic, place.partition, offset)])
            yield from self._to_the_end(consumer, place)
        finally:
            consumer.close()

    def _to_the_end(self, consumer: Consumer, place: Place) -> Iterator[Record]:
        last_answer = time.monotonic()
        while True:
            messages = consumer.consume(_CHUNK, _POLL)
            if messages:
                last_answer = time.monotonic()
            elif time.monotonic() - last_answer > PATIENCE:
                raise RestoreFailed(f"{place} could not be read for {PATIENCE:.0f} s")
            for message in messages:
                error = message.error()
                if error is None:
                    yield _record(place, message)
                elif error.code() == KafkaError._PARTITION_EOF:
                    return
                elif error.fatal() or error.code() in _HOPELESS:
                    raise RestoreFailed(f"{place}: {error}")
                else:
                    _log.info("reading %s goes on after: %s", place, error)

    def bounds(self, places: Iterable[Place]) -> Mapping[Place, Bounds]:
        wanted = [TopicPartition(place.topic, place.partition) for place in places]
        low = self._offsets(wanted, OffsetSpec.earliest(), IsolationLevel.READ_UNCOMMITTED)
        stable = self._offsets(wanted, OffsetSpec.latest(), IsolationLevel.READ_COMMITTED)
        end = self._offsets(wanted, OffsetSpec.latest(), IsolationLevel.READ_UNCOMMITTED)
        return {place: Bounds(low[place], stable[place], end[place]) for place in end}

    def _offsets(self, wanted: list[TopicPartition], spec: Any, isolation: IsolationLevel) -> dict[Place, int]:
        until, call = time.monotonic() + PATIENCE, _FIRST_CALL
        while True:
            # Kept until its answers are there: one that nobody holds any more answers nothing, ever, to whoever waits.
            admin = self._admin
            try:
                answers = admin.list_offsets(
                    dict.fromkeys(wanted, spec), isolation_level=isolation, request_timeout=call
                )
                return {
                    Place(where.topic, where.partition): told_offset(answer.result(2 * _CALL))
                    for where, answer in answers.items()
                }
            except (KafkaException, TimeoutError) as error:
                cause = error.args[0] if isinstance(error, KafkaException) else None
                if (cause is not None and cause.code() in _HOPELESS) or time.monotonic() > until:
                    why = cause or "no answer"
                    raise RestoreFailed(f"offsets of {wanted[0].topic} and others: {why}") from error
                _log.info("asking for offsets again after: %s", cause or "no answer")
                time.sleep(_PAUSE)
                # A client that knew the broker before it was killed can insist on its old leader, or its epoch.
                call = _CALL
                if self._admin is admin:
                    self._admin = AdminClient(self._config, logger=_log)


_HOPELESS = frozenset(
    {
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError._UNKNOWN_PARTITION,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.OFFSET_OUT_OF_RANGE,
        KafkaError._AUTO_OFFSET_RESET,
    }
)


def _record(place: Place, message: Any) -> Record:
    kind, timestamp = message.timestamp()
    return Record(
        place,
        message.offset(),
        0 if kind == TIMESTAMP_NOT_AVAILABLE else timestamp,
        message.key(),
        message.value(),
        headers_of(message),
    )
