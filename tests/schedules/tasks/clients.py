"""The Kafka clients of one process, as far as tasks and the watchlist's reader use them, over the broker in memory.

The producer stands where confluent_kafka's would, under the product's own KafkaWriter; so do consumer and admin client
under the product's own PersonsReader. Errors are the client's own, with its flags.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from streams.tasks.errors import OwnershipLost, RestoreFailed
from streams.tasks.log import Bounds, Outgoing, Place, Record, Writer
from streams.tasks.patience import OutOfPatience, patiently
from streams.tasks.store import MemoryStore
from streams.tasks.transaction import KafkaWriter
from tests.schedules.tasks.broker import Broker, Fate, Fenced
from tests.schedules.tasks.faults import Faults
from tests.schedules.tasks.machine import Process
from tocsin.runtime.lost_brokers import BrokerWatch


@dataclass(frozen=True, slots=True)
class Reported:
    """A message of the client: what a delivery report or a consumer gives."""

    record: Record | None
    place: Place
    at: int
    failed: KafkaError | None = None

    def error(self) -> KafkaError | None:
        return self.failed

    def topic(self) -> str:
        return self.place.topic

    def partition(self) -> int:
        return self.place.partition

    def offset(self) -> int:
        return self.at

    def key(self) -> bytes | None:
        return self.record.key if self.record else None

    def value(self) -> bytes | None:
        return self.record.value if self.record else None

    def headers(self) -> list[tuple[str, bytes]]:
        return list(self.record.headers) if self.record else []

    def timestamp(self) -> tuple[int, int]:
        return 2, self.record.timestamp if self.record else 0


def _retriable() -> KafkaException:
    return KafkaException(KafkaError(KafkaError._TIMED_OUT, "no answer", False, True, False))


def _fenced() -> KafkaException:
    return KafkaException(KafkaError(KafkaError._FENCED, "a newer producer has the id", True, False, False))


def _must_abort() -> KafkaException:
    return KafkaException(KafkaError(KafkaError._PURGE_QUEUE, "a message was not delivered", False, False, True))


class SimProducer:
    """A transactional producer. What is produced goes out in order, some at once and the rest with the commit."""

    def __init__(self, process: Process, broker: Broker, faults: Faults, name: str) -> None:
        self._process, self._broker, self._faults, self._name = process, broker, faults, name
        self._epoch = -1
        self._queue: deque[tuple[Outgoing, Callable[..., None] | None]] = deque()
        self._must_abort = False

    def init_transactions(self, _: float) -> None:
        self._process.pause("init")
        if self._faults.strikes("refused", 0.02):
            raise _retriable()
        self._broker.fence(self._name)
        self._process.pause("init fenced")
        if not self._broker.settled(self._name):
            self._process.wait(lambda: self._broker.settled(self._name), None)
        epoch = self._broker.fence(self._name)
        if self._faults.strikes("unanswered", 0.02):
            raise _retriable()
        self._epoch = epoch

    def begin_transaction(self) -> None:
        self._process.pause("begin")

    def produce(
        self,
        topic: str,
        value: bytes | None,
        key: bytes | None,
        partition: int,
        headers: Sequence[tuple[str, bytes]] | None,
        on_delivery: Callable[..., None] | None = None,
    ) -> None:
        if self._faults.strikes("full", 0.002):
            raise BufferError("the queue is full")
        self._queue.append((Outgoing(Place(topic, partition), key, value, tuple(headers or ())), on_delivery))
        self._process.pause("produce")

    def poll(self, timeout: float) -> int:
        self._process.sleep(timeout)
        return 0

    def commit_transaction(self, _: float) -> None:
        if self._must_abort:
            raise _must_abort()
        self._send()
        if self._faults.strikes("refused", 0.02):
            raise _retriable()
        self._process.pause("commit")
        self._end(Fate.COMMITTED)
        if self._faults.strikes("unanswered", 0.03):
            self._process.pause("commit unanswered")
            raise _retriable()
        self._process.pause("committed")

    def abort_transaction(self, _: float) -> None:
        self._queue.clear()
        if self._faults.strikes("refused", 0.02):
            raise _retriable()
        self._process.pause("abort")
        self._end(Fate.ABORTED)
        self._must_abort = False

    def purge(self) -> None:
        self._queue.clear()

    def _send(self) -> None:
        if not self._broker.settled(self._name) and not self._owned():
            self._process.wait(lambda: self._broker.settled(self._name) or self._lost(), None)
        while self._queue:
            outgoing, report = self._queue[0]
            if self._faults.strikes("abort", 0.005):
                self._must_abort = True
                raise _must_abort()
            try:
                offset = self._broker.add(self._name, self._epoch, outgoing)
            except Fenced:
                raise _fenced() from None
            self._queue.popleft()
            if report is not None:
                report(None, Reported(None, outgoing.place, offset))
            self._process.pause("sent")

    def _owned(self) -> bool:
        return self._name in self._broker.open_since() and not self._lost()

    def _lost(self) -> bool:
        return self._broker.epoch(self._name) != self._epoch

    def _end(self, fate: Fate) -> None:
        try:
            self._broker.end(self._name, self._epoch, fate)
        except Fenced:
            raise _fenced() from None


class SimWriter(KafkaWriter):
    """The product's writer on the producer in memory: it waits by the clock of the process."""

    def __init__(self, process: Process, broker: Broker, faults: Faults, name: str) -> None:
        self._id, self._patience, self._last, self._process = name, 90.0, -1, process
        self._producer = SimProducer(process, broker, faults, name)
        self._watch = BrokerWatch(lambda: False, monotonic=process.loop.time, begin=lambda look: look())
        self._patiently("init_transactions", lambda: self._producer.init_transactions(10.0))

    def _patiently(self, what: str, call: Callable[[], None], *, wait: Callable[[float], object] | None = None) -> None:
        try:
            patiently(
                call,
                lambda error: self._judge(what, error),
                self._patience,
                wait=self._process.sleep,
                clock=self._process.loop.time,
            )
        except OutOfPatience as error:
            raise OwnershipLost(f"{self._id}: {what} {error}") from error


class SimLog:
    """The log of one process."""

    def __init__(self, process: Process, broker: Broker, faults: Faults) -> None:
        self._process, self._broker, self._faults = process, broker, faults

    def writer(self, transactional_id: str) -> Writer:
        return SimWriter(self._process, self._broker, self._faults, transactional_id)

    def read(self, place: Place, offset: int) -> Iterator[Record]:
        self._process.pause("restore")
        end = self._broker.bounds(place).stable
        for record in self._broker.committed(place, offset, end):
            yield record
            self._process.pause("restoring")

    def bounds(self, places: Iterable[Place]) -> Mapping[Place, Bounds]:
        self._process.pause("bounds")
        if self._faults.strikes("away", 0.01):
            raise RestoreFailed("offsets: no answer")
        return {place: self._broker.bounds(place) for place in places}


class SimStore(MemoryStore):
    """A local store of one process; its content outlives the process, unless the disk does not."""

    def __init__(self, process: Process) -> None:
        super().__init__()
        self._process = process
        self._earlier: tuple[list[bytes], dict[bytes, bytes], int] = ([], {}, 0)

    def write(self, changes: Mapping[bytes, bytes | None], changelog_offset: int) -> None:
        self._process.pause("store")
        if changelog_offset % 3 == 0:
            self._earlier = list(self._keys), dict(self._values), self._offset
        super().write(changes, changelog_offset)
        self._process.pause("stored")

    def turn_back(self) -> None:
        """The disk forgets what was written last."""
        self._keys, self._values, self._offset = list(self._earlier[0]), dict(self._earlier[1]), self._earlier[2]

    def opened_by(self, process: Process) -> SimStore:
        """The same content in another process."""
        again = SimStore(process)
        again._keys, again._values, again._offset = list(self._keys), dict(self._values), self._offset
        again._earlier = self._earlier
        return again

    def content(self) -> dict[bytes, bytes]:
        return dict(self._values)


class SimConsumer:
    """A consumer without a group that reads committed records and tells where they end."""

    def __init__(self, process: Process, broker: Broker, called: Callable[[], bool]) -> None:
        """`called` says that the reader has something to do although nothing came."""
        self._process, self._broker, self._called = process, broker, called
        self._positions: dict[Place, int] = {}
        self._told: dict[Place, int] = {}

    def assign(self, partitions: Iterable[TopicPartition]) -> None:
        self._positions = {Place(it.topic, it.partition): 0 for it in partitions}

    def consume(self, _: int, timeout: float) -> list[Reported]:
        self._process.pause("read list")
        if not self._behind() and not self._called():
            self._process.wait(lambda: bool(self._behind()) or self._called(), None, idle=True)
        found: list[Reported] = []
        for place in self._behind():
            stable = self._broker.bounds(place).stable
            for record in self._broker.committed(place, self._positions[place], self._positions[place] + 3):
                found.append(Reported(record, place, record.offset))
            self._positions[place] = min(stable, self._positions[place] + 3)
        for place, position in self._positions.items():
            if position == self._broker.bounds(place).stable and self._told.get(place) != position:
                self._told[place] = position
                found.append(Reported(None, place, position, KafkaError(KafkaError._PARTITION_EOF)))
        return found

    def _behind(self) -> list[Place]:
        return [it for it, position in self._positions.items() if position < self._broker.bounds(it).stable]

    def close(self) -> None:
        return


class SimAdmin:
    """Tells where partitions end, open transactions included."""

    def __init__(self, process: Process, broker: Broker) -> None:
        self._process, self._broker = process, broker

    def list_offsets(self, wanted: Mapping[TopicPartition, Any], **_: Any) -> dict[TopicPartition, Any]:
        self._process.pause("end of list")
        return {it: _Answer(self._broker.bounds(Place(it.topic, it.partition)).end) for it in wanted}


@dataclass(frozen=True, slots=True)
class _Answer:
    offset: int

    def result(self) -> _Answer:
        return self
