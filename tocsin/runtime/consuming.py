"""Reading whole topics: committed records only, without sharing them with anybody, waiting while the broker is away.

Every reader sees every record: partitions are assigned and not shared out within a group, nothing is committed, and
two officers of a bureau do not take alerts from each other.
"""

from __future__ import annotations

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, Message, TopicPartition

from tocsin.runtime.errors import NotAllowed, NotConfigured, Unavailable
from tocsin.runtime.interrupts import interruptible
from tocsin.runtime.line import line_trouble
from tocsin.runtime.lost_brokers import LOOK_AFTER, has_lost_brokers
from tocsin.runtime.message_headers import headers_of
from tocsin.runtime.settings import Connection

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # what the client says belongs into logs, not between a command's lines
_OPEN_TIMEOUT = 2.0
_GRACE = 3.0
"""Seconds that trouble must last before it is told: connecting, and a leader that moves, take less."""
_NEW_PARTITIONS_EVERY = 60.0
_REFUSED = frozenset(
    (
        KafkaError._AUTHENTICATION,
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    )
)
_ABSENT = frozenset((KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._UNKNOWN_TOPIC, KafkaError._UNKNOWN_PARTITION))


@dataclass(frozen=True, slots=True)
class Record:
    """One committed record."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    """When the broker appended it: milliseconds since 1970-01-01 UTC."""
    key: str | None
    value: bytes | None
    key_bytes: bytes | None = None
    """The key as it came, for who judges it."""
    headers: tuple[tuple[str, bytes | None], ...] = ()


@dataclass(frozen=True, slots=True)
class AtEnd:
    """Everything that was there at the start has been handed out. Said once."""


@dataclass(frozen=True, slots=True)
class LineLost:
    """Records cannot arrive at present: silence means nothing from here to the next LineBack."""

    why: str


@dataclass(frozen=True, slots=True)
class LineBack:
    """Records arrive again; what came meanwhile is handed out next."""


Event = Record | AtEnd | LineLost | LineBack


class TopicReader:
    """Reads all partitions of some topics; `poll` hands out records and what happens to the line."""

    def __init__(
        self,
        connection: Connection,
        topics: Sequence[str],
        *,
        purpose: str,
        from_beginning: bool,
        positions: Mapping[tuple[str, int], int] | None = None,
        since: int | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`purpose` is one word; it names the client and its (unused) group, which must begin with the user's name.

        Nothing is asked of the broker before the first poll. Without `from_beginning`, records appended after the
        first successful connection are handed out; a partition that is added later is always read from its beginning.
        `positions`: next offsets, by topic and partition, from which to go on where there is one. `since`: read what
        was appended at this time (milliseconds since 1970-01-01 UTC) or later.
        """
        self._connection = connection
        self._topics = tuple(topics)
        self._from_beginning = from_beginning
        self._positions = dict(positions or {})
        self._since = since
        self._monotonic = monotonic
        self._events: deque[Event] = deque()
        self._assigned: set[tuple[str, int]] = set()
        self._before_end: set[tuple[str, int]] | None = None
        self._trouble: str | None = "not connected yet"
        self._trouble_since: float | None = None
        self._lost = False
        self._reopens = False
        """Has another client taken over?"""
        self._look_again = 0.0
        self.look_after = LOOK_AFTER
        """Seconds without a line after which it is looked at whether the client has lost its brokers."""
        self._look_for_brokers = 0.0
        self._purpose = purpose
        self._consumer = self._new_consumer()

    def _new_consumer(self) -> Consumer:
        connection, purpose = self._connection, self._purpose
        return Consumer(
            connection.as_librdkafka(
                client_id=f"tocsin-{purpose}",
                group_id=f"{connection.user}-{purpose}",
                isolation_level="read_committed",
                enable_auto_commit=False,
                enable_auto_offset_store=False,
                enable_partition_eof=True,
                auto_offset_reset="earliest",
                socket_keepalive_enable=True,
                statistics_interval_ms=1000,
            )
            | {"stats_cb": self._on_statistics, "error_cb": self._on_error},
            logger=_log,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def trouble(self) -> str | None:
        """Why records cannot arrive at present; None while the line is proven alive."""
        return self._trouble

    def poll(self, timeout: float = 0.2) -> Event | None:
        """What happened next, or None when nothing did for `timeout` seconds.

        Raises NotAllowed and NotConfigured. A broker that is away raises nothing: LineLost is handed out, and polling
        goes on for as long as the caller likes.
        """
        if self._events:
            return self._events.popleft()
        if self._lost and self._monotonic() >= self._look_for_brokers:
            self._look_for_brokers = self._monotonic() + self.look_after
            if self._assigned and has_lost_brokers(self._consumer, self._connection.as_librdkafka()):
                self._begin_anew()
        if not self._assigned:
            self._open(timeout)
        elif self._monotonic() >= self._look_again and not self._lost:
            self._assign_new()
        if not self._events and self._assigned:
            message = interruptible(self._consumer.poll, timeout)
            if message is not None:
                self._take(message)
        return self._events.popleft() if self._events else None

    def partition_count(self, topic: str) -> int:
        """How many partitions of `topic` are read; 0 before the first successful connection."""
        return sum(name == topic for name, _ in self._assigned)

    def close(self) -> None:
        """Give everything back. The reader cannot be used afterwards."""
        self._consumer.close()

    def _begin_anew(self) -> None:
        """Read on by another client."""
        _log.warning("the client of %s has lost its brokers; another one reads on", self._connection.user)
        self._consumer.close()
        self._consumer = self._new_consumer()
        self._reopens, self._assigned = True, set()

    def _open(self, timeout: float) -> None:
        self._consumer.poll(0)
        try:
            found = [place for topic in self._topics for place in self._partitions(topic)]
            starts = self._starts(found)
        except Unavailable as error:
            interruptible(self._consumer.poll, timeout)  # says so if it was our secret
            self._set_line(str(error))
            return
        self._consumer.assign(starts)
        self._assigned = set(found)
        if not self._reopens:
            self._before_end = set(found)
        self._look_again = self._monotonic() + _NEW_PARTITIONS_EVERY

    def _starts(self, found: Sequence[tuple[str, int]]) -> list[TopicPartition]:
        """Where to read on, or to begin."""
        fresh = [place for place in found if place not in self._positions]
        starts = [TopicPartition(*place, self._positions[place]) for place in found if place in self._positions]
        if self._since is None and self._from_beginning:
            return starts + [TopicPartition(*place, OFFSET_BEGINNING) for place in fresh]
        try:
            if self._since is not None:
                wanted = [TopicPartition(topic, number, self._since) for topic, number in fresh]
                return starts + (self._consumer.offsets_for_times(wanted, timeout=_OPEN_TIMEOUT) if wanted else [])
            for place in fresh:  # known from here on, so that another client goes on from there
                (_, end) = self._consumer.get_watermark_offsets(TopicPartition(*place), timeout=_OPEN_TIMEOUT)
                self._positions[place] = end
                starts.append(TopicPartition(*place, end))
        except KafkaException as error:
            raise self._translated(error.args[0], ", ".join(self._topics)) from error
        return starts

    def _assign_new(self) -> None:
        self._look_again = self._monotonic() + _NEW_PARTITIONS_EVERY
        try:
            found = {place for topic in self._topics for place in self._partitions(topic)}
        except Unavailable as error:
            _log.info("partitions not looked up: %s", error)
            return
        new = sorted(found - self._assigned)
        if new:
            self._consumer.incremental_assign([TopicPartition(topic, n, OFFSET_BEGINNING) for topic, n in new])
            self._assigned |= set(new)
            self._positions |= dict.fromkeys(new, 0)

    def _partitions(self, topic: str) -> list[tuple[str, int]]:
        try:
            known = self._consumer.list_topics(topic, timeout=_OPEN_TIMEOUT).topics[topic]
        except KafkaException as error:
            raise self._translated(error.args[0], topic) from error
        if known.error is not None:
            raise self._translated(known.error, topic)
        return [(topic, number) for number in known.partitions]

    def _take(self, message: Message) -> None:
        error = message.error()
        if error is None:
            self._positions[message.topic() or "", message.partition() or 0] = (message.offset() or 0) + 1
            key = None if message.key() is None else _bytes(message.key())
            self._events.append(
                Record(
                    topic=message.topic() or "",
                    partition=message.partition() or 0,
                    offset=message.offset() or 0,
                    timestamp=message.timestamp()[1],
                    key=None if key is None else key.decode("utf-8", "replace"),
                    value=message.value(),
                    key_bytes=key,
                    headers=headers_of(message),
                )
            )
        elif error.code() == KafkaError._PARTITION_EOF:
            self._at_end((message.topic() or "", message.partition() or 0))
        elif error.code() in _REFUSED or error.code() in _ABSENT:
            raise self._translated(error, message.topic() or ", ".join(self._topics))
        else:
            _log.info("broker trouble: %s", error)

    def _at_end(self, place: tuple[str, int]) -> None:
        if self._before_end is None:
            return
        self._before_end.discard(place)
        if not self._before_end:
            self._before_end = None
            self._events.append(AtEnd())

    def _on_statistics(self, text: str) -> None:
        if self._assigned:
            statistics: dict[str, Any] = json.loads(text)
            trouble = line_trouble(statistics, self._assigned)
            now = self._monotonic()
            if trouble is None:
                self._trouble_since = None
            elif self._trouble_since is None:
                self._trouble_since = now
            if self._trouble_since is None or now - self._trouble_since >= _GRACE:
                self._set_line(trouble)

    def _on_error(self, error: KafkaError) -> None:
        if error.code() in (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED) and not self._assigned:
            raise self._translated(error, ", ".join(self._topics))
        _log.info("broker trouble: %s", error)

    def _set_line(self, trouble: str | None) -> None:
        if trouble is not None and not self._lost:
            self._look_for_brokers = self._monotonic() + self.look_after
            self._events.append(LineLost(trouble))
        elif trouble is None and self._lost:
            self._events.append(LineBack())
        self._lost = trouble is not None
        self._trouble = trouble

    def _translated(self, error: KafkaError, topic: str) -> NotAllowed | NotConfigured | Unavailable:
        code, user = error.code(), self._connection.user
        if code in (KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED):
            return NotAllowed(f"the broker refuses the secret of {user!r} ({error.str()})")
        if code in _REFUSED:
            return NotAllowed(f"{user!r} may not read {topic} (rights come from deploy/bureaus.toml: tocsin provision)")
        if code in _ABSENT:
            return NotConfigured(f"there is no topic {topic}, or {user!r} may not see it (tocsin provision makes it)")
        return Unavailable(f"the broker at {self._connection.bootstrap} cannot be reached ({error.str()})")


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value
