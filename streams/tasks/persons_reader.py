"""Reads the persons topic whole, without a group, into the worker's Watchlist, and keeps following it.

One thread reads with read_committed. The end of a partition is known by its EOF event, whose offset counts
transaction markers too; what had been written at a moment is read when EOF lies at or beyond the high watermark of
that moment. A consumer that reads committed records alone is told the last stable offset in its place (librdkafka since
1.7.1): one transaction that is still open would hide what others have committed behind it, so an AdminClient is asked.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec
from pydantic import BaseModel

from schemas.internal import ListedPerson
from schemas.topics import is_roll
from streams.stages.watchlist import Watchlist
from streams.tasks import metrics
from streams.tasks.errors import ListUnreadable, TaskError
from streams.tasks.leaving import leave_at_once
from streams.tasks.quarantine import Fault
from tocsin.runtime.errors import Unavailable
from tocsin.runtime.message_headers import headers_of
from tocsin.runtime.told_offsets import told_offset

_log = logging.getLogger(__name__)

_WAITS = 40.0
"""Seconds without anything, while there is more, after which another client reads."""
_BATCH = 2_000
_WATERMARK_TIMEOUT = 3.0
_COUNT_EVERY = 30.0
"""Seconds between two counts of hot keys: each is a pass over all keys."""


class PersonsReader:
    """A Follower (streams.tasks.held) that fills a Watchlist; tasks may ask for the end (Watchlist.ask_for_end)."""

    def __init__(
        self,
        watchlist: Watchlist,
        topic: str,
        partitions: int,
        config: Mapping[str, Any],
        decode: Callable[[bytes], BaseModel],
        failed: Callable[[TaskError], None] = leave_at_once,
    ) -> None:
        """`config` is librdkafka's client configuration; `decode` may raise Unavailable, which is waited out."""
        self._failed = failed
        self._watchlist, self._topic, self._count, self._decode = watchlist, topic, partitions, decode
        self._client_config = dict(config)
        self._admin: AdminClient | None = None
        self._config = {
            **config,
            "group.id": "joins",  # librdkafka wants one; nothing is joined or committed
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.auto.offset.store": False,
            "enable.partition.eof": True,
            "fetch.wait.max.ms": 50,
        }
        self._read: dict[int, int] = {}
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._failure: BaseException | None = None
        self._loaded = False

    async def start(self) -> None:
        """Read to the end as it is now, then keep following. A reader that dies ends the process (exit code 70)."""
        self._thread = threading.Thread(target=self._run, name="watchlist", daemon=True)
        self._thread.start()
        began = time.monotonic()
        await self.catch_up()
        self._loaded = True
        _log.info("watchlist read: %d persons in %.1f s", len(self._watchlist), time.monotonic() - began)

    async def catch_up(self) -> None:
        """Return when everything is read that had been written when this was called."""
        asked = self._watchlist.ask_for_end()
        while not self._watchlist.end_reached(asked):
            if self._failure is not None:
                raise self._failure
            await asyncio.sleep(0.01)

    def not_ready(self) -> str | None:
        """None when the list has been read to its end, else why not."""
        if self._failure is not None:
            return "reading the watchlist failed"
        return None if self._loaded else "the watchlist is being read"

    async def stop(self) -> None:
        """Let go of the connection."""
        self._stopping.set()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, 10)

    def _run(self) -> None:
        try:
            self._follow()
        except BaseException as error:  # noqa: BLE001 (a stale list finds nobody new: better no worker than this)
            self._failure = error
            self._failed(ListUnreadable(f"reading {self._topic} failed: {Fault.of(error)}"))

    def _follow(self) -> None:
        consumer = self._new_consumer()
        progress = time.monotonic()
        try:
            target: tuple[int, dict[int, int]] | None = None
            counted = float("-inf")
            while not self._stopping.is_set():
                for message in consumer.consume(_BATCH, 0.02):
                    progress = time.monotonic()
                    self._take(message)
                asked = self._watchlist.ends_asked
                if asked > self._watchlist.ends_reached and (target is None or target[0] < asked):
                    target = self._ends(asked) or target
                if target is None:
                    progress = time.monotonic()
                elif time.monotonic() - progress > _WAITS:
                    # It may have lost its brokers for good, see tocsin.runtime.lost_brokers.
                    _log.warning(
                        "nothing of %s came for %.0f s, and there is more: another client", self._topic, _WAITS
                    )
                    consumer.close()
                    consumer, progress = self._new_consumer(), time.monotonic()
                if target is not None and all(self._read.get(it, -1) >= end for it, end in target[1].items()):
                    self._watchlist.reach_end(target[0])
                    target = None
                metrics.WATCHLIST_PERSONS.set(len(self._watchlist))
                metrics.WATCHLIST_NEWEST.set(self._watchlist.newest / 1000)
                if time.monotonic() >= counted + _COUNT_EVERY:
                    metrics.WATCHLIST_HOT_KEYS.set(self._watchlist.hot_keys())
                    counted = time.monotonic()
        finally:
            consumer.close()

    def _new_consumer(self) -> Consumer:
        """One that reads everything: what was read before changes nothing when it is read again."""
        consumer = Consumer(self._config, logger=_log)
        consumer.assign([TopicPartition(self._topic, number, OFFSET_BEGINNING) for number in range(self._count)])
        return consumer

    def _ends(self, asked: int) -> tuple[int, dict[int, int]] | None:
        """The high watermarks from now on, or None when the broker does not answer: asked again soon."""
        if self._admin is None:
            self._admin = AdminClient(self._client_config, logger=_log)
        wanted = [TopicPartition(self._topic, number) for number in range(self._count)]
        try:
            answers = self._admin.list_offsets(
                dict.fromkeys(wanted, OffsetSpec.latest()),
                isolation_level=IsolationLevel.READ_UNCOMMITTED,
                request_timeout=_WATERMARK_TIMEOUT,
            )
            return asked, {where.partition: told_offset(answer.result()) for where, answer in answers.items()}
        except KafkaException as error:
            _log.warning("the end of %s is not known yet: %s", self._topic, error)
            # A client that knew the broker before it was killed can insist on its old leader, or its epoch.
            self._admin = None
            return None

    def _take(self, message: Message) -> None:
        error = message.error()
        partition, offset = message.partition(), message.offset()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF and partition is not None and offset is not None:
                self._read[partition] = max(self._read.get(partition, 0), offset)
            else:
                _log.warning("reading %s: %s", self._topic, error)
            return
        key, value = message.key(), message.value()
        if key is None or is_roll(key, value):
            return
        (_, appended) = message.timestamp()
        if value is None:
            self._watchlist.apply(key.decode(), None, _version(message), appended)
            return
        listed = self._decoded(value)
        if isinstance(listed, ListedPerson):
            self._watchlist.apply(key.decode(), listed, listed.entry_version, appended)

    def _decoded(self, value: bytes) -> BaseModel:
        while True:
            try:
                return self._decode(value)
            except Unavailable as error:
                _log.warning("the watchlist waits: %s", error)
                if self._stopping.wait(1.0):
                    raise


def _version(message: Message) -> int:
    """The entry version that a removal carries in its header."""
    for name, value in headers_of(message):
        if name == "version" and value:
            return int(value)
    return 0
