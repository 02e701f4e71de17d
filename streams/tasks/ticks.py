"""Ticks: a partition in which nobody speaks must hear all the same that time passes.

Each worker writes one into every partition that it holds, once a second, by an ordinary idempotent producer: all
ticks of a second are one or two requests. They are not part of a transaction, because nothing depends on who wrote a
tick or how often (its append timestamp is all it says, and that is the broker's); a transaction of their own would
cost a marker and three writes of the coordinator each. A tick that moves nothing in the state is processed without
a transaction too (see Task.process), so an idle partition costs one small record a second and one transaction in
thirty. No second tick is written while one is on its way, so a partition that waits is not filled with them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from confluent_kafka import KafkaError, KafkaException, Message, Producer

from streams.tasks.log import Place

_log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
_WAITS = 40.0
"""Seconds without a tick after which another client writes them."""
_FORGET_AFTER = 10
"""Rounds after which a tick that was never reported is taken for lost."""


class Ticker:
    """`value` makes the bytes of a tick."""

    def __init__(self, config: Mapping[str, Any], value: Callable[[], bytes]) -> None:
        self._value = value
        self._pending: dict[Place, int] = {}
        self._written: dict[Place, int] = {}
        self._config = {
            **config,
            "enable.idempotence": True,
            "acks": "all",
            "linger.ms": 5,
            "message.timeout.ms": 10_000,
        }
        self._producer = self._new_producer()
        self._failing: float | None = None
        """Since when no tick was written; None: the last one was."""

    def tick(self, positions: Mapping[Place, int]) -> None:
        """Write a tick into each partition whose last one has been processed. `positions` are the tasks'."""
        self._producer.poll(0)
        if self._failing is not None and time.monotonic() - self._failing > _WAITS:
            # It may have lost its brokers for good, see tocsin.runtime.lost_brokers; what it had is worth nothing.
            _log.warning("no tick was written for %.0f s: another client tries", _WAITS)
            self._producer, self._pending, self._failing = self._new_producer(), {}, None
        value = self._value()
        for place, position in positions.items():
            if place in self._pending and self._pending[place] < _FORGET_AFTER:
                self._pending[place] += 1
            elif self._written.get(place, -1) < position:
                self._write(place, value)

    def _write(self, place: Place, value: bytes) -> None:
        def report(error: KafkaError | None, message: Message) -> None:
            self._pending.pop(place, None)
            if error is None:
                self._written[place], self._failing = message.offset(), None
            elif self._failing is None:
                self._failing = time.monotonic()

        try:
            self._producer.produce(place.topic, value, partition=place.partition, on_delivery=report)
            self._pending[place] = 0
        except (BufferError, KafkaException) as error:
            _log.warning("no tick to %s: %s", place, error)

    def _new_producer(self) -> Producer:
        return Producer(self._config, logger=_log)

    def close(self) -> None:
        """Drop what was not sent: the next owner ticks."""
        self._producer.purge()
