"""The gate's agent: no state, no task, at least once.

A record is acknowledged when everything that it became has been acknowledged by the broker. Its output can therefore
repeat after a crash, and every message says which source position it came from, so that receivers can ignore it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from faust.types import TP
from pydantic import BaseModel

from schemas.partition import partition_of
from streams.stages.contract import Send
from streams.tasks import metrics
from streams.tasks.append_times import AppendTimes, not_ready_for
from streams.tasks.backlogs import Backlogs
from streams.tasks.errors import Hole, SendFailed, Slowed
from streams.tasks.faust_app import SESSION_TIMEOUT, Prelude, TaskApp, build_app, feed
from streams.tasks.held import IN_HAND_SECONDS, as_record
from streams.tasks.leaving import leave_at_once, run_until_told
from streams.tasks.log import Outgoing, Place, Record
from streams.tasks.outbox import size_of
from streams.tasks.quarantine import Fault
from streams.tasks.refused import Refused
from streams.tasks.reject_pace import RejectPace
from streams.tasks.transaction import BATCH_BYTES
from streams.tasks.unfinished import Unfinished
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.health import Ready, serve
from tocsin.runtime.lost_brokers import BrokerWatch, has_lost_brokers
from tocsin.runtime.settings import Connection

_log = logging.getLogger(__name__)

Process = Callable[[Record], Sequence[Send]]
"""What a raw record becomes; asks nobody and does not wait.

Raises Unavailable when something must be looked up first: its partition waits. Other trouble that is no record's fault
(Fault.infrastructure) ends the process. Anything else is a defect: see SetAside.
"""
SetAside = Callable[[Record, Fault], Sequence[Send]]
"""What is said about a record that met a defect, so that it stops nobody. Its own failure ends the process."""

IN_FLIGHT = 5_000
"""Records taken of one partition whose outputs are not all acknowledged yet, at most."""


def _nothing_to_look_up() -> None:
    return


@dataclass(frozen=True, slots=True)
class GateWork:
    """What a gate worker does."""

    app_id: str
    topics: Sequence[str]
    """Country topics; a new country's topics need a restart."""
    process: Process
    encode: Callable[[BaseModel], bytes]
    partitions: Mapping[str, int]
    """Partition counts of every topic written."""
    largest: Mapping[str, int] = field(default_factory=dict)
    """max.message.bytes of the topics written; what is longer is set aside before the broker refuses it."""
    set_aside: SetAside | None = None
    """None: a defect ends the process."""
    ready: Sequence[Ready] = ()
    look_up: Callable[[], None] = _nothing_to_look_up
    """Looks up what `process` may have been missing; runs in a thread, and may wait. Raises Unavailable."""
    pace: RejectPace = field(default_factory=RejectPace)
    """How fast records may be refused."""
    append_times: AppendTimes = field(kw_only=True)
    """Judges what `process` is given."""


class Flow(Protocol):
    """Who fetches the partitions."""

    def hold(self, place: Place) -> None:
        """Fetch no more of this partition."""
        ...

    def release(self, place: Place) -> None:
        """Fetch it again."""
        ...

    async def crash(self, error: BaseException) -> None:
        """End the process before anything is committed."""
        ...


class Gate:
    """Processes records and hands what they become to an idempotent producer; says what may be committed."""

    def __init__(
        self, work: GateWork, config: Mapping[str, Any], failed: Callable[[SendFailed | Hole], None], flow: Flow
    ) -> None:
        self._work, self._failed, self._flow = work, failed, flow
        self._unfinished: dict[Place, Unfinished] = {}
        self._backlogs = Backlogs(self._process, work.look_up, flow.hold, flow.release, self.fail)
        self._generation: int | None = None
        self._producer = Producer(
            {
                **config,
                "enable.idempotence": True,
                "acks": "all",
                "compression.type": "lz4",
                "linger.ms": 5,
                "batch.size": BATCH_BYTES,
                "message.timeout.ms": 300_000,
                "queue.buffering.max.messages": 100_000,
            },
            logger=_log,
        )
        self._watch = BrokerWatch(lambda: has_lost_brokers(self._producer, config))
        self._stopping = threading.Event()
        self._refused = Refused("gate", work.partitions)
        self._lags = metrics.ByPartition(metrics.LAG_EVENTS, metrics.LAG_SECONDS, metrics.CLOCK_AHEAD_SECONDS)
        metrics.begin("gate")
        for topic in work.topics:
            metrics.GATE_RECORDS.labels(*topic.split(".", 1))
        self._poller = threading.Thread(target=self._poll, name="delivery reports", daemon=True)
        self._poller.start()

    async def submit(self, message: Any) -> None:
        """Process one Faust message; one that was fetched under an earlier assignment is left to its new owner."""
        generation = self._generation
        if generation is None or message.generation_id != generation:
            return
        record = as_record(message)
        unfinished = self._unfinished.setdefault(record.place, Unfinished())
        while len(unfinished) >= IN_FLIGHT and record.place not in self._backlogs:
            await asyncio.sleep(0.01)
            if self._generation != generation:
                return
        unfinished.took(record)
        if record.place in self._backlogs:
            self._backlogs.add(record)
            return
        try:
            await self._process(record)
        except Unavailable:
            self._backlogs.add(record)
        except Slowed:
            self._backlogs.add(record, slowed=True)

    async def _process(self, record: Record) -> None:
        """Hand what `record` becomes to the producer.

        Raises Unavailable or Slowed when it must wait; nothing was sent then.
        """
        self._work.pace.check(record.place.topic)
        unfinished = self._unfinished[record.place]
        for output in self._outputs(record):
            await self._send(unfinished, record.offset, output)
        unfinished.done(record.offset)
        metrics.RECORDS.labels("gate").inc()
        metrics.GATE_RECORDS.labels(*record.place.topic.split(".", 1)).inc()
        self._refused.count()

    def _outputs(self, record: Record) -> Sequence[Outgoing]:
        """What `record` becomes, encoded and sure to fit. Raises Unavailable."""
        record = self._work.append_times.judged(record)
        try:
            return self._encoded_all(record, self._work.process(record))
        except Fault.infrastructure():
            raise
        except Exception as error:  # one bureau's record must not stop the others
            if self._work.set_aside is None:
                raise
            fault = Fault.of(error)
            _log.error("%s offset %d is set aside: %s", record.place, record.offset, fault)
            metrics.QUARANTINED.labels("gate").inc()
            return self._encoded_all(record, self._work.set_aside(record, fault))

    def _encoded_all(self, record: Record, sends: Sequence[Send]) -> Sequence[Outgoing]:
        outputs = [self._encoded(send) for send in sends]
        self._work.pace.refused(record.place.topic, self._refused.note(sends))
        return outputs

    async def fail(self, error: BaseException) -> None:
        """End the process: an agent that raises goes on with the next record, as if this one were done."""
        if isinstance(error, Hole | SendFailed):
            self._failed(error)
        else:
            await self._flow.crash(error)

    def _encoded(self, send: Send) -> Outgoing:
        """Raises ValueError when the topic would refuse it, and whatever encoding raises."""
        partition = send.partition
        if partition is None:
            partition = partition_of(send.key, self._work.partitions[send.topic])
        value = None if send.message is None else self._work.encode(send.message)
        headers = tuple((name, text.encode()) for name, text in send.headers)
        output = Outgoing(Place(send.topic, partition), send.key.encode(), value, headers)
        if (limit := self._work.largest.get(send.topic)) is not None and size_of(output) > limit:
            raise ValueError(f"an output to {send.topic} is longer than {limit} bytes")
        return output

    async def _send(self, unfinished: Unfinished, offset: int, output: Outgoing) -> None:
        topic = output.place.topic

        def report(error: KafkaError | None, _: Message) -> None:
            if error is None:
                self._watch.rests()
                unfinished.done(offset)
            else:
                self._failed(SendFailed(f"a record for {topic} was not delivered: {error}"))

        unfinished.sending(offset)
        while True:
            try:
                self._producer.produce(
                    topic,
                    output.value,
                    output.key,
                    output.place.partition,
                    headers=list(output.headers) or None,
                    on_delivery=report,
                )
            except BufferError:
                await asyncio.sleep(0.01)
            except KafkaException as error:
                raise SendFailed(f"a record for {topic} was refused: {error}") from error
            else:
                return

    def _poll(self) -> None:
        while not self._stopping.is_set():
            self._producer.poll(0.1)
            if not len(self._producer):
                self._watch.rests()
            elif self._watch.lost():
                self._failed(SendFailed("the client has lost its brokers, which another one reaches"))

    async def assigned(self, generation: int) -> None:
        """A new assignment: forget the records of the earlier one."""
        self._backlogs.clear()
        for place in self._unfinished:
            self._work.append_times.forget(place)
        self._unfinished = {}
        self._generation = generation

    async def finish_in_hand(self) -> None:
        self._generation = None
        waiting = len(self._backlogs)
        self._backlogs.clear()
        until = time.monotonic() + IN_HAND_SECONDS
        while sum(map(len, self._unfinished.values())) > waiting and time.monotonic() < until:
            await asyncio.sleep(0.01)

    def committable(self) -> Mapping[TP, int]:
        return {
            TP(*place): offset
            for place, unfinished in self._unfinished.items()
            if (offset := unfinished.committable()) is not None
        }

    def measure(self, highwater: Callable[[TP], int | None], now: float) -> None:
        """Set the gauges of lag and clocks; `now` in milliseconds."""
        lags = {}
        for place, unfinished in self._unfinished.items():
            end, position, oldest = highwater(TP(*place)), unfinished.committable(), unfinished.oldest()
            behind = max(0, (end or 0) - (position or 0))
            old = 0.0 if oldest is None else max(0.0, now - oldest) / 1000
            lags[place] = (behind, old, self._work.append_times.ahead(place))
        self._lags.show(lags)

    def not_ready(self) -> str | None:
        """None when partitions have been assigned and none waits for a clock, else why not."""
        if self._generation is None:
            return "partitions are being assigned"
        ahead = max(map(self._work.append_times.ahead, list(self._unfinished)), default=0.0)
        return not_ready_for(ahead) if ahead else None

    def close(self) -> None:
        """Stop listening to reports; what is not acknowledged is processed again."""
        self._stopping.set()
        self._poller.join()


def run_gate(
    work: GateWork,
    *,
    connection: Connection,
    worker_id: str,
    host: str = "127.0.0.1",
    port: int = 0,
    session_timeout: float = SESSION_TIMEOUT,
) -> NoReturn:
    """Run until SIGTERM (exit code 0, after what is in flight), a crash (1), or a hole or a failed delivery (70).

    See run_worker about `worker_id`.
    """
    app = build_app(work.app_id, worker_id, connection, session_timeout)
    # Its topics change with the participants. A member that comes back under its name is given what it had, whatever it
    # subscribes to now (KIP-345): it would never be assigned the topics of a participant that joined.
    app.leaves_group = True
    gate_of(app, work, connection.as_librdkafka(client_id=f"{work.app_id}-{worker_id}"), host, port)
    run_until_told(app)


def gate_of(app: TaskApp, work: GateWork, config: Mapping[str, Any], host: str, port: int) -> Gate:
    """Wire a gate into `app` and serve its health."""

    gate = Gate(work, config, leave_at_once, app)
    app.progressing = gate

    async def handle(message: Any) -> None:
        try:
            await gate.submit(message)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            await gate.fail(error)
            raise

    feed(app, work.topics, handle)

    @app.on_rebalance_complete.connect(weak=False)  # type: ignore[untyped-decorator]
    async def _(*_: Any, **__: Any) -> None:
        await gate.assigned(app.consumer_generation_id)

    background: list[asyncio.Task[None]] = []

    async def before() -> None:
        background.append(asyncio.create_task(_measure(app, gate)))

    async def after() -> None:
        for task in background:
            task.cancel()
        gate.close()

    app.prelude = [Prelude(before, after)]

    def ready() -> str | None:
        if app.rebalancing:
            return "the group is rebalancing"
        return gate.not_ready() or next((reason for source in work.ready if (reason := source())), None)

    serve(host, port, ready)
    return gate


async def _measure(app: TaskApp, gate: Gate) -> None:
    while True:
        await asyncio.sleep(1.0)
        if not app.rebalancing:
            gate.measure(app.consumer.highwater, time.time() * 1000)
