"""One batch, one Kafka transaction, and what dying between its steps costs.

1. run the stage over the overlay           dies: nothing happened; the next owner runs the same records
2. begin                                    dies: the same
3. write outputs, changed keys, counters    dies: an open transaction, which the next owner's `init_transactions`
   and the position                         (or its 10 s timeout) aborts; readers of those partitions wait until then
4. commit                                   dies before the broker has it: as 3. After: outputs, state and position are
                                            visible together, and the next owner begins behind them
5. local store (values, changelog offset)   dies: the next owner reads the difference from the changelog
6. position in memory, group offset         dies: the next owner skips what lies below the position

Never another order: a store ahead of the changelog could not be told from a right one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from streams.tasks.errors import OwnershipLost, TransactionAborted
from streams.tasks.log import Outgoing
from streams.tasks.patience import OutOfPatience, patiently
from tocsin.runtime.lost_brokers import BrokerWatch, has_lost_brokers

_log = logging.getLogger(__name__)

PATIENCE = 90.0
"""Seconds for which a retriable call is repeated."""

TRANSACTION_TIMEOUT_MS = 10_000
BATCH_BYTES = 60_000
"""A broker judges whole batches by max.message.bytes, and this client does not split one that is refused: stay below
the smallest topic that we write to (64 KiB)."""
_CALL = 10.0


class KafkaWriter:
    """A transactional producer. Opening one fences the earlier one and ends what it left open.

    Raises OwnershipLost when the broker refuses, or does not answer for `patience` seconds, or less: when this client
    has lost its brokers, which another one reaches.
    """

    def __init__(self, config: Mapping[str, Any], transactional_id: str, patience: float = PATIENCE) -> None:
        self._id, self._patience = transactional_id, patience
        self._last = -1
        self._producer = Producer(
            {
                **config,
                "transactional.id": transactional_id,
                "transaction.timeout.ms": TRANSACTION_TIMEOUT_MS,
                "message.timeout.ms": TRANSACTION_TIMEOUT_MS,
                "enable.idempotence": True,
                "acks": "all",
                "compression.type": "lz4",
                # The batch is whole before it is sent: waiting for more could only add delay.
                "linger.ms": 0,
                "batch.size": BATCH_BYTES,
                "queue.buffering.max.messages": 200_000,
            },
            logger=_log,
        )
        self._watch = BrokerWatch(lambda: has_lost_brokers(self._producer, config))
        self._raise_if_lost("init_transactions")
        try:
            self._patiently("init_transactions", lambda: self._producer.init_transactions(_CALL))
        except _MustAbort as error:
            raise OwnershipLost(f"{transactional_id}: {error}") from error
        self._watch.rests()

    def commit(self, records: Sequence[Outgoing]) -> int:
        self._last = -1
        self._raise_if_lost("commit")
        try:
            self._patiently("begin_transaction", self._producer.begin_transaction)
            for record in records[:-1]:
                self._produce(record)
            self._produce(records[-1], self._note)
            self._patiently("commit_transaction", lambda: self._producer.commit_transaction(_CALL))
        except _MustAbort as must:
            _log.warning("transaction of %s is aborted and done again: %s", self._id, must)
            self._abort()
            raise TransactionAborted(f"{self._id}: {must}") from must
        self._watch.rests()
        if self._last < 0:
            raise OwnershipLost(f"{self._id}: committed without a delivery report of the position")
        return self._last

    def _abort(self) -> None:
        try:
            self._patiently("abort_transaction", lambda: self._producer.abort_transaction(_CALL))
        except _MustAbort as error:
            raise OwnershipLost(f"{self._id}: cannot abort: {error}") from error

    def _note(self, error: KafkaError | None, message: Message) -> None:
        if error is None:
            self._last = message.offset()

    def _produce(self, record: Outgoing, report: Callable[[KafkaError | None, Message], None] | None = None) -> None:
        more = {"on_delivery": report} if report else {}
        self._patiently("produce", lambda: queue(self._producer, record, more), wait=self._producer.poll)

    def _patiently(self, what: str, call: Callable[[], None], *, wait: Callable[[float], object] = time.sleep) -> None:
        """Make the same call again while its error is retriable, for `patience` seconds."""
        try:
            patiently(call, lambda error: self._judge(what, error), self._patience, wait=wait)
        except OutOfPatience as error:
            raise OwnershipLost(f"{self._id}: {what} {error}") from error

    def _judge(self, what: str, error: Exception) -> None:
        """Return when the same call may be made again."""
        self._raise_if_lost(what)
        if isinstance(error, BufferError):  # what is queued goes out, or fails, and makes room
            return
        cause: KafkaError = error.args[0]
        if cause.fatal():
            raise OwnershipLost(f"{self._id}: {what}: {cause}") from error
        if cause.txn_requires_abort():
            raise _MustAbort(f"{what}: {cause}") from error
        if not cause.retriable():
            raise OwnershipLost(f"{self._id}: {what}: {cause}") from error
        _log.info("%s of %s is tried again: %s", what, self._id, error)

    def _raise_if_lost(self, what: str) -> None:
        """Asked from the beginning of a commit until one succeeds: an abort can succeed without any broker."""
        if self._watch.lost():
            raise OwnershipLost(f"{self._id}: {what}: the client has lost its brokers, which another one reaches")

    def close(self) -> None:
        with suppress(KafkaException):
            self._producer.purge()


def queue(producer: Producer, record: Outgoing, more: Mapping[str, Any]) -> None:
    """Hand `record` to the client. Raises BufferError when its queue is full, KafkaException."""
    producer.produce(
        record.place.topic,
        record.value,
        record.key,
        record.place.partition,
        headers=list(record.headers) or None,
        **more,
    )


class _MustAbort(Exception):
    """The broker says that the transaction can only be aborted."""
