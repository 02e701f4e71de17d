"""A task: one input partition, its stage, its state, its outputs, and its position in the input."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from streams.stages.contract import Received, Stage
from streams.tasks import metrics
from streams.tasks.append_times import AppendTimes, ClockAhead
from streams.tasks.changelog import restore
from streams.tasks.codecs import Codecs
from streams.tasks.errors import Hole, OwnershipLost, RestoreFailed, TransactionAborted
from streams.tasks.log import Log, Outgoing, Place, Record, Writer
from streams.tasks.outbox import LARGEST, Outbox
from streams.tasks.overlay import Overlay
from streams.tasks.position import FORMAT, POSITION_KEY, Position, counter_records, stored_counters
from streams.tasks.quarantine import TOPIC as QUARANTINE
from streams.tasks.quarantine import Fault, quarantined
from streams.tasks.refused import Refused
from streams.tasks.sequences import Arrival, Heard, Sent, check_chain
from streams.tasks.store import Store

_log = logging.getLogger(__name__)

BATCH_RECORDS = 500
"""Input records in one transaction, at most."""
BATCH_WRITES = 5_000
"""A batch ends once it has more outputs and changed keys than this: a transaction must stay well below its timeout."""
BATCH_BYTES = 8 << 20
"""The same in bytes."""
QUICK, SLOW = 2.0, 5.0
"""Seconds up to which a transaction is quick, and beyond which it is slow (its timeout is 10): the next batch is twice
as large then, or half. A machine that is merely busy makes all of them slow: small batches would only cost it more."""
FIRST_SHARE, LEAST_SHARE = 1 / 8, 1 / 64
"""Of the whole: what a task begins with, and the least. Over a slow network a whole one would never be through before
its timeout, and be done again for ever."""
IDLE_COMMIT_MS = 30_000
"""A position that moved without effect is made durable after this time by the partition's clock."""
TRIES = 3
"""Times that a record is tried before it is set aside."""
PATIENCE = 90.0
"""Seconds for which an aborted transaction is done again."""
PAUSE = 0.1


@dataclass(frozen=True, slots=True)
class Assignment:
    """Names of one task. `partitions` counts the partitions of every topic that the stage sends to."""

    app: str
    place: Place
    changelog: str
    partitions: Mapping[str, int]
    largest: Mapping[str, int] = field(default_factory=dict)
    """max.message.bytes of topics that take less than LARGEST: what the broker would refuse must not get that far."""

    @property
    def transactional_id(self) -> str:
        return f"{self.app}-{self.place}"

    @property
    def changelog_place(self) -> Place:
        return Place(self.changelog, self.place.partition)


@dataclass(frozen=True, slots=True)
class Progress:
    """What a call of :meth:`Task.process` did."""

    consumed: int
    """How many of the records are done with; the rest is to be given again."""
    waiting: bool
    """The next record waits for something that the worker is still reading."""


class Task:
    """Process one partition exactly once. Used by one thread at a time.

    `stage` makes the stage anew (also after a failed step, whose indexes may be half changed); `store` opens the local
    store. :meth:`take_over` comes first.
    """

    def __init__(
        self,
        assignment: Assignment,
        stage: Callable[[int], Stage],
        log: Log,
        store: Store,
        codecs: Codecs,
        append_times: AppendTimes,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`append_times` is this task's own. `sleep` passes the seconds until something is tried again; `monotonic`
        tells how long that has been going on."""
        self.assignment = assignment
        self._append_times = append_times
        self._sleep, self._monotonic = sleep, monotonic
        self._make_stage, self._stage = stage, stage(assignment.place.partition)
        self._log, self._store, self._codecs = log, store, codecs
        self._overlay = Overlay(store, codecs.encode_state, codecs.decode_state)
        self._writer: Writer | None = None
        self._durable = Position(born="", from_start=True, next=0, now=0)
        self._next = self._now = 0
        self._share = FIRST_SHARE
        self._refused = Refused(self._stage.name, assignment.partitions)
        metrics.begin(self._stage.name)
        self._use_counters({}, {})

    @property
    def name(self) -> str:
        """Its name as a source: what receivers of its outputs know it by."""
        return str(self.assignment.place)

    @property
    def position(self) -> int:
        """Offset of the next input record."""
        return self._next

    @property
    def durable_position(self) -> int:
        """The position in the changelog: what a successor would begin with, and what the group offset may follow."""
        return self._durable.next

    @property
    def now(self) -> int:
        """The largest append timestamp seen, milliseconds."""
        return self._now

    @property
    def clock_ahead(self) -> float:
        """Seconds by which the next record was appended ahead of this worker's clock, while it waits for that."""
        return self._append_times.ahead(self.assignment.place)

    def take_over(self) -> None:
        """Become the owner. Raises OwnershipLost, RestoreFailed, Hole, StoreBroken: end the process with code 70.

        The order matters: only when the earlier owner is fenced does the end of the changelog stand still.
        """
        started = time.monotonic()
        place, stage = self.assignment.place, self._stage.name
        self._writer = self._log.writer(self.assignment.transactional_id)
        count = restore(self._log, self.assignment.changelog_place, self._store, self._say_discarded, self._sleep)
        self._overlay.clear()
        self._load_position()
        self._rebuild_stage()
        took = time.monotonic() - started
        metrics.RESTORE_SECONDS.labels(stage).observe(took)
        metrics.RESTORED_RECORDS.labels(stage).inc(count)
        _log.info("%s taken over at offset %d, %d changelog records in %.1f s", place, self._next, count, took)

    def _say_discarded(self, reason: str) -> None:
        say_discarded(self._stage.name, self.assignment.place, reason)

    def _load_position(self) -> None:
        low = self._log.bounds([self.assignment.place])[self.assignment.place].low
        data, ours = self._store.get(POSITION_KEY), self._codecs.state_format
        if data is None:
            self._durable = Position(born=uuid.uuid4().hex, from_start=low == 0, next=low, now=0, state=ours)
        else:
            self._durable = Position.decoded(data)
        if self._durable.format != FORMAT:
            raise RestoreFailed(
                f"{self.assignment.changelog} is in format {self._durable.format}, this release reads {FORMAT}"
            )
        if not ours - 1 <= self._durable.state <= ours:
            raise RestoreFailed(
                f"{self.assignment.changelog_place} holds state of format {self._durable.state}, this release reads"
                f" {ours - 1 or ours} to {ours}: upgrade one release at a time, and not back (docs/versions.md)"
            )
        if low > self._durable.next:
            metrics.HOLES.labels(self._stage.name).inc()
            raise Hole(f"{self.assignment.place}: retention took records {self._durable.next} to {low} unread")
        self._next, self._now = self._durable.next, self._durable.now
        self._use_counters(*stored_counters(self._store))

    def _use_counters(self, sent: Mapping[str, int], heard: Mapping[str, int]) -> None:
        it = self.assignment
        self._outbox = Outbox(Sent(self.name, sent), it.partitions, it.largest, self._codecs.encode)
        self._heard = Heard(heard, self._durable.from_start)

    def _rebuild_stage(self) -> None:
        self._stage = self._make_stage(self.assignment.place.partition)
        self._stage.restore(self._overlay)

    def process(self, records: Sequence[Record]) -> Progress:
        """Process `records` (ascending, of this partition) as far as they are ready, and make it durable.

        Records below the position are skipped. Raises Hole, OwnershipLost, StoreBroken: end the process with code 70.
        Raises Unavailable when a codec cannot work at the moment, or the first record comes from the future (see
        AppendTimes): nothing was done, give the same records again.
        """
        progress = self._run(records)
        if self._outbox.outputs or self._overlay.changes or self._now - self._durable.now >= IDLE_COMMIT_MS:
            self._commit()
        elif progress.consumed:
            # Nothing to make durable: a successor would run these records again and find nothing to say either.
            metrics.BATCHES.labels(self._stage.name, "idle").inc()
        metrics.RECORDS.labels(self._stage.name).inc(progress.consumed)
        return progress

    def _run(self, records: Sequence[Record]) -> Progress:
        for consumed, record in enumerate(records):
            if record.offset < self._next:
                continue
            if consumed and (
                consumed >= BATCH_RECORDS * self._share
                or len(self._outbox.outputs) + len(self._overlay.changes) > BATCH_WRITES * self._share
                or self._outbox.bytes > BATCH_BYTES * self._share
            ):
                return Progress(consumed, waiting=False)
            try:
                check_chain(record, self._next)
                if not self._attempt(self._append_times.judged(record)):
                    return Progress(consumed, waiting=True)
                if self._heard.hear(record) is Arrival.REPEAT:
                    metrics.REPEATS.labels(self._stage.name).inc()
            except ClockAhead:
                if consumed:  # those before it are made durable first
                    return Progress(consumed, waiting=True)
                raise
            except Hole:
                metrics.HOLES.labels(self._stage.name).inc()
                raise
            self._next = record.offset + 1
        return Progress(len(records), waiting=False)

    def _attempt(self, record: Record) -> bool:
        """Step one record, or set it aside after TRIES failures; False when it is not ready."""
        fault: Fault | None = None
        for _ in range(TRIES):
            received: Received | None = None
            try:
                received = self._decoded(record)
                if not self._stage.ready(received):
                    return False
                self._step(received)
            except Fault.infrastructure():
                self._overlay.drop()
                if received is not None:
                    self._rebuild_stage()
                raise
            except Exception as error:  # noqa: BLE001 (whatever a record provokes must not stop the stream)
                fault = Fault.of(error)
                metrics.FAILED_TRIES.labels(self._stage.name).inc()
                self._overlay.drop()
                if received is not None:
                    self._rebuild_stage()
            else:
                return True
        assert fault is not None
        _log.error("%s/%d set aside: %s", record.place, record.offset, fault)
        metrics.QUARANTINED.labels(self._stage.name).inc()
        self._now = max(self._now, record.timestamp)
        self._outbox.add([quarantined(record, self._stage.name, fault, self._outbox.partitions_of(QUARANTINE))])
        return True

    def _decoded(self, record: Record) -> Received:
        if record.value is None:
            raise ValueError("a tombstone in a topic of messages")
        return Received(
            record.place.topic,
            record.place.partition,
            record.offset,
            record.timestamp,
            None if record.key is None else record.key.decode(),
            self._codecs.decode(record.value),
        )

    def _step(self, received: Received) -> None:
        now = max(self._now, received.timestamp)
        sends = self._stage.step(self._overlay, received, now)
        outputs = [self._outbox.encoded(send) for send in sends]
        self._overlay.keep(LARGEST)
        self._now = now
        self._outbox.add(outputs)
        self._refused.note(sends)

    def _commit(self) -> None:
        place, stage = self.assignment.changelog_place, self._stage.name
        told = {"next": self._next, "now": self._now, "state": self._codecs.state_format}
        durable = self._durable.model_copy(update=told)
        changes = {
            **self._overlay.changes,
            **counter_records(self._outbox.take_numbers(), self._heard.take_changes()),
            POSITION_KEY: durable.encoded(),
        }
        batch = [*self._outbox.outputs, *(Outgoing(place, key, value) for key, value in changes.items())]
        started = self._monotonic()
        last = self._write(batch)
        took = self._monotonic() - started
        if took > SLOW:
            self._share = max(self._share / 2, LEAST_SHARE)
        elif took < QUICK:
            self._share = min(self._share * 2, 1.0)
        metrics.TRANSACTION_SECONDS.labels(stage).observe(took)
        metrics.BATCHES.labels(stage, "committed").inc()
        self._store.write(changes, last + 1)
        self._overlay.settle()
        self._outbox.clear()
        self._refused.count()
        self._durable = durable

    def _write(self, batch: Sequence[Outgoing]) -> int:
        """One transaction, again and again while it is aborted; gives the offset of the position record."""
        assert self._writer is not None
        started = self._monotonic()
        while True:
            try:
                return self._writer.commit(batch)
            except TransactionAborted as aborted:
                metrics.BATCHES.labels(self._stage.name, "aborted").inc()
                if self._monotonic() - started > PATIENCE:
                    raise OwnershipLost(f"{self.name}: aborted for {PATIENCE:.0f} s: {aborted}") from aborted
                self._sleep(PAUSE)

    def close(self) -> None:
        """Let go of store and producer. The partition stays as it is; whoever takes it over fences us."""
        if self._writer:
            self._writer.close()
        self._store.close()


def say_discarded(stage: str, place: Place, reason: str) -> None:
    """Log and count that a local store was thrown away; it is rebuilt from the changelog."""
    _log.warning("the local store of %s is discarded and rebuilt (%s)", place, reason)
    metrics.DISCARDED_STORES.labels(stage, reason).inc()
