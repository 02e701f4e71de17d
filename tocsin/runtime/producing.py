"""Events into Kafka: idempotent, bounded, patient. What the broker refuses is counted by reason, never lost silently.

The client retries for ever what may still succeed, so a broker that is away holds the sender back instead of losing
events; `patience` bounds that wait. Order within a key is kept.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any, NamedTuple, Self

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from schemas.signing import SigningKey
from tocsin.runtime.errors import NotConfigured, TocsinError, Unavailable
from tocsin.runtime.interrupts import interruptible
from tocsin.runtime.key_files import private_key
from tocsin.runtime.lost_brokers import BrokerWatch, has_lost_brokers
from tocsin.runtime.settings import Connection

BUFFER = 10_000
"""Events that may wait for the broker before `send` holds the caller back."""
LARGEST = 4 * 1024 * 1024
"""Largest message in bytes that the client hands to the broker: that of the country topics (schemas.topics)."""
BATCH = 192 * 1024
"""Largest batch in bytes: below the smallest limit of a topic that is written to, so that the broker never refuses
an event for the size of its neighbours."""
_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # what the client says belongs into logs, not between a command's lines
_POLL = 0.1
_GIVEN_UP = 5.0


class Refusal(StrEnum):
    """Why the broker did not take an event. A closed list: the counts are by this."""

    TOO_LARGE = "too large"
    NOT_AUTHORISED = "not authorised"
    NO_SUCH_TOPIC = "no such topic"
    INVALID = "invalid record"
    GIVEN_UP = "given up while waiting for the broker"
    OTHER = "other"


_REFUSALS: dict[int, Refusal] = {
    KafkaError.MSG_SIZE_TOO_LARGE: Refusal.TOO_LARGE,
    KafkaError.RECORD_LIST_TOO_LARGE: Refusal.TOO_LARGE,
    KafkaError.TOPIC_AUTHORIZATION_FAILED: Refusal.NOT_AUTHORISED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED: Refusal.NOT_AUTHORISED,
    KafkaError.UNKNOWN_TOPIC_OR_PART: Refusal.NO_SUCH_TOPIC,
    KafkaError._UNKNOWN_TOPIC: Refusal.NO_SUCH_TOPIC,
    KafkaError._UNKNOWN_PARTITION: Refusal.NO_SUCH_TOPIC,
    KafkaError.INVALID_RECORD: Refusal.INVALID,
    KafkaError.INVALID_TIMESTAMP: Refusal.INVALID,
    KafkaError.INVALID_MSG: Refusal.INVALID,
    KafkaError._MSG_TIMED_OUT: Refusal.GIVEN_UP,
    KafkaError._PURGE_QUEUE: Refusal.GIVEN_UP,
    KafkaError._PURGE_INFLIGHT: Refusal.GIVEN_UP,
}
_BAD_CREDENTIALS = frozenset({KafkaError._AUTHENTICATION, KafkaError.SASL_AUTHENTICATION_FAILED})
_AWAY = frozenset({KafkaError._ALL_BROKERS_DOWN, KafkaError._TRANSPORT, KafkaError._RESOLVE})


def refusal_of(error: KafkaError) -> Refusal:
    """The reason that `error` is counted under."""
    return _REFUSALS.get(error.code(), Refusal.OTHER)


class ProducerFailed(TocsinError):
    """The client met an error that it cannot get over; what was not delivered is counted. Start again."""


@dataclass(frozen=True)
class Undelivered:
    """One event that the broker did not take."""

    topic: str
    key: str
    reason: Refusal
    text: str
    """What the client or the broker said."""


def client_config(connection: Connection, buffer: int = BUFFER) -> dict[str, Any]:
    """Configuration of the client. No event times out: whether to go on waiting is decided by `patience`."""
    return connection.as_librdkafka(
        enable_idempotence=True,
        acks="all",
        partitioner="murmur2_random",
        compression_type="lz4",
        linger_ms=5,
        batch_size=BATCH,
        message_max_bytes=LARGEST,
        message_timeout_ms=0,
        queue_buffering_max_messages=buffer,
        queue_buffering_max_kbytes=64 * 1024,
        topic_metadata_propagation_max_ms=10_000,
        client_id="tocsin-producer",
    )


class _Queued(NamedTuple):
    """An event whose fate is not known yet."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]] | None


class EventProducer:
    """Sends keyed bytes, signed where the connection has a key to sign with.

    Use it as a context manager: leaving flushes, so everything is delivered or counted. Left by an error, it tries for
    some seconds more (not after an error of its own) and counts the rest as GIVEN_UP.

    A client that has lost its brokers is replaced, and what it had is sent again in its order: an event may then stand
    in its topic twice.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        buffer: int = BUFFER,
        patience: float | None = None,
        on_refused: Callable[[Undelivered], None] | None = None,
        on_delivered: Callable[[str, int, int], None] | None = None,
        on_waiting: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`patience`: seconds without any progress after which Unavailable is raised; None waits for ever.

        `on_refused` hears of each event that was not taken, `on_delivered` of each that was (topic, partition, offset),
        `on_waiting` once whenever the broker turns out to be away. `clock` (seconds since 1970) tells when it is
        signed. Raises BadKey when the key to sign with cannot be read.
        """
        self._signing_key = SigningKey(private_key(connection.signing_key)) if connection.signing_key else None
        self._clock = clock
        self._connection, self._buffer = connection, buffer
        self._client = self._new_client()
        self._queued: dict[int, _Queued] = {}
        """By number, in the order in which they were sent."""
        self._patience = patience
        self._watch = BrokerWatch(lambda: has_lost_brokers(self._client, connection.as_librdkafka()))
        self._on_refused = on_refused
        self._on_delivered = on_delivered
        self._on_waiting = on_waiting
        self._broken: TocsinError | None = None
        self._waiting = False
        self._progress = time.monotonic()
        self.sent = 0
        self.delivered = 0
        self.refused: Counter[Refusal] = Counter()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            self.give_up(0 if issubclass(kind, TocsinError) else _GIVEN_UP)
            return
        try:
            self.flush()
        except TocsinError:
            self.give_up(0)
            raise

    @property
    def outstanding(self) -> int:
        """Events whose fate is not known yet."""
        return self.sent - self.delivered - self.refused.total()

    def send(self, topic: str, key: str, value: bytes) -> None:
        """Queue one event; waits while the buffer is full.

        Raises NotConfigured (wrong credentials), ProducerFailed, Unavailable (patience is at an end); the event was
        then not queued.
        """
        if self.outstanding == 0:
            self._progress = time.monotonic()
        name = key.encode()
        headers = self._headers(topic, name, value)
        while True:
            try:
                self._produce(self.sent, _Queued(topic, name, value, headers))
            except BufferError:
                self._poll(_POLL)
                continue
            except KafkaException as error:
                self._raise_if_broken()
                self.sent += 1
                self._refuse(Undelivered(topic, key, refusal_of(error.args[0]), error.args[0].str()))
                return
            self.sent += 1
            self._poll(0)
            return

    def _new_client(self) -> Producer:
        return Producer(client_config(self._connection, self._buffer), error_cb=self._on_error, logger=_log)

    def _produce(self, number: int, event: _Queued) -> None:
        """Raises as the client's `produce` does; the event was then not queued."""
        self._client.produce(
            event.topic,
            value=event.value,
            key=event.key,
            headers=event.headers,
            on_delivery=partial(self._on_delivery, number),
        )
        self._queued[number] = event

    def _headers(self, topic: str, key: bytes, value: bytes) -> list[tuple[str, bytes]] | None:
        if self._signing_key is None:
            return None
        return self._signing_key.headers(topic, key, value, round(self._clock() * 1000))

    def flush(self) -> None:
        """Wait until the fate of every event is known. Raises as `send` does."""
        while len(self._client):
            self._poll(_POLL)
        self._raise_if_broken()

    def give_up(self, seconds: float) -> None:
        """Wait `seconds` at most, then drop what is left; it is counted as GIVEN_UP."""
        if interruptible(self._client.flush, seconds):
            self._client.purge()
            interruptible(self._client.flush, seconds)

    def _poll(self, seconds: float) -> None:
        interruptible(self._client.poll, seconds)
        self._raise_if_broken()
        idle = time.monotonic() - self._progress
        if self._patience is not None and self.outstanding and idle > self._patience:
            raise Unavailable(f"the broker took nothing for {idle:.0f} s; {self.outstanding} events are undelivered")
        if not self.outstanding:
            self._watch.rests()
        elif self._watch.lost():
            self._begin_anew()

    def _begin_anew(self) -> None:
        """Leave the client, which is never asked again, and send what it had by another one."""
        _log.warning(
            "the client of %s has lost its brokers; another one sends what it had again", self._connection.user
        )
        waiting = list(self._queued.items())
        self._client = self._new_client()
        for number, event in waiting:
            while True:
                try:
                    self._produce(number, event)
                    break
                except BufferError:
                    interruptible(self._client.poll, _POLL)

    def _raise_if_broken(self) -> None:
        if self._broken is not None:
            raise self._broken

    def _on_delivery(self, number: int, error: KafkaError | None, message: Message) -> None:
        del self._queued[number]
        self._progress = time.monotonic()
        self._watch.rests()
        self._waiting = False
        if error is None:
            self.delivered += 1
            if self._on_delivered is not None:
                self._on_delivered(message.topic() or "", message.partition() or 0, message.offset() or 0)
            return
        key = message.key() or b""
        self._refuse(Undelivered(message.topic() or "", key.decode(), refusal_of(error), error.str()))

    def _refuse(self, event: Undelivered) -> None:
        self.refused[event.reason] += 1
        if self._on_refused is not None:
            self._on_refused(event)

    def _on_error(self, error: KafkaError) -> None:
        if error.code() in _BAD_CREDENTIALS:
            self._broken = NotConfigured(
                f"the broker refuses the credentials of {self._connection.user!r}: {error.str()}"
            )
        elif error.fatal():
            self._broken = ProducerFailed(f"the Kafka client of {self._connection.user!r} failed: {error.str()}")
        elif error.code() in _AWAY and not self._waiting:
            self._waiting = True
            if self._on_waiting is not None:
                self._on_waiting(f"the broker is away ({error.str()})")
