"""Faust's consumer, changed in what tasks need: committed records only, proof of completeness, offsets that are ours.

Faust joins the group, assigns and fetches. Its own bookkeeping of acknowledged offsets is not used: it stalls on
transaction markers. Instead whoever processes a partition says how far its group offset may go.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Protocol

from aiokafka.consumer.fetcher import FetchResult
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread, Consumer, Transport
from faust.types import TP

from streams.tasks.leaving import leave_at_once
from streams.tasks.membership import know_brokers, know_topics_first, watch_client

POLL_BYTES = 8 << 20
"""Bytes of one partition that are handed out at a time, roughly: a fetch of 4 MiB can hold thousands of batches,
each of which unpacks to as much as a batch may."""
_STEP = 8
"""Records after which those are counted."""
_OF_HEADER = 80
"""Bytes of a pair of name and value without their text."""
_CHAIN = "_tocsin_handed_out_to"
_AFTER = "_tocsin_position_after"


class Progressing(Protocol):
    """Who processes the partitions."""

    def committable(self) -> Mapping[TP, int]:
        """Partitions held, with the offset that the group may go on from."""
        ...

    async def finish_in_hand(self) -> None:
        """Take nothing new, and wait a few seconds for what is being processed."""
        ...


class CommittedThread(AIOKafkaConsumerThread):  # type: ignore[misc]
    """Reads committed records only: Faust asks for that only in its own exactly-once mode. Leaves the group when told
    to stop, where the app wants that, and ends the process where it has fallen out of it for good."""

    async def on_start(self) -> None:
        await super().on_start()
        watch_client(self._consumer, leave_at_once)
        know_topics_first(self._consumer._coordinator)
        await know_brokers(self._consumer._client)

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._isolation_level = "read_committed"
        return consumer

    async def on_thread_stop(self) -> None:
        if self.app.leaves_group and self._consumer is not None and self._consumer._coordinator is not None:
            self._consumer._coordinator._group_instance_id = None  # aiokafka lets only members without a name leave
        await super().on_thread_stop()


class TaskConsumer(Consumer):  # type: ignore[misc]
    """Group offsets follow `app.progressing`; nothing that Faust counts decides about them."""

    def _new_consumer_thread(self) -> CommittedThread:
        return CommittedThread(self, loop=self.loop, beacon=self.beacon)

    def ack(self, message: Any) -> bool:
        message.acked = True
        self._unacked_messages.discard(message)
        return True

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        return

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterable[TP]:
        return [tp for tp in self._progressing.committable() if topics is None or tp in topics or tp.topic in topics]

    def _new_offset(self, tp: TP) -> int | None:
        return self._progressing.committable().get(tp)

    async def wait_empty(self) -> None:
        await self._progressing.finish_in_hand()
        self._unacked_messages.clear()
        await self.commit_and_end_transactions()

    @property
    def _progressing(self) -> Progressing:
        progressing: Progressing = self.app.progressing
        return progressing


class TaskTransport(Transport):  # type: ignore[misc]
    """Faust's Kafka transport with our consumer."""

    Consumer: ClassVar[type[TaskConsumer]] = TaskConsumer


def watch_chain() -> None:
    """Make every record that aiokafka hands out carry, in its unused `checksum`, the offset up to which all was given.

    And hand out no more at a time than about POLL_BYTES of a partition.

    A position that moved without us (a seek) begins a new chain there; whether that is right is for the task to say.
    """
    original = FetchResult.getall
    if getattr(original, "_tocsin", False):
        return

    @functools.wraps(original)
    def getall(self: Any, max_records: int | None = None) -> list[Any]:
        state = self._assignment.state_value(self._topic_partition) if self._assignment.active else None
        before = state.position if state is not None and state.has_valid_position else None
        records: list[Any] = []
        size = 0
        while self.has_more() and size < POLL_BYTES and (max_records is None or len(records) < max_records):
            more = original(self, _STEP if max_records is None else min(_STEP, max_records - len(records)))
            if not more:
                break
            size += sum(map(_size_of, more))
            records += more
        if state is None or before is None:
            return records
        chain = getattr(state, _CHAIN, before) if getattr(state, _AFTER, None) == before else before
        for record in records:
            record.checksum = chain
            chain = record.offset + 1
        setattr(state, _CHAIN, chain)
        setattr(state, _AFTER, state.position)
        return records

    getall._tocsin = True  # type: ignore[attr-defined]
    FetchResult.getall = getall


def _size_of(record: Any) -> int:
    """Bytes of key, value and headers; a header costs more as objects than as bytes on the wire."""
    headers = sum(_OF_HEADER + len(name) + len(value or b"") for name, value in record.headers)
    own: int = max(0, record.serialized_key_size) + max(0, record.serialized_value_size)
    return own + headers
