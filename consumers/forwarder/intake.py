"""From the topics into the queue: positions and what was queued become durable together, so nothing is left out."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, Engine

from consumers.forwarder import positions, queueing, subscriptions
from consumers.forwarder.containment import Containment
from consumers.forwarder.database import transaction
from consumers.forwarder.errors import DatabaseUnavailable
from consumers.forwarder.figures import Figures
from consumers.forwarder.overtaken import Overtaken
from consumers.forwarder.positions import Positions
from consumers.forwarder.queue import Key
from consumers.forwarder.queueing import Read
from consumers.forwarder.sealing import Seal
from consumers.reading import Got, Step, Unreadable
from schemas.alerts import Alert
from schemas.model import timestamp
from schemas.topics import country_of
from tocsin.runtime.consuming import AtEnd, LineBack, LineLost, Record

T = TypeVar("T")
_log = logging.getLogger(__name__)
MOST = 500
"""Records in one transaction."""
LONGEST_WAIT = 0.1
"""Seconds that a record waits for others to be queued with it."""
_POLL, _SOON = 0.2, 0.002
_WAITS = (0.2, 0.5, 1.0, 2.0, 5.0)


class Intake:
    """Reads alerts and puts them into the queue. `run` is for a thread of its own."""

    def __init__(
        self,
        engine: Engine,
        seal: Seal,
        overtaken: Overtaken,
        figures: Figures,
        clock: Callable[[], datetime],
        on_queued: Callable[[set[Key]], None] = lambda keys: None,
        on_caught_up: Callable[[], None] = lambda: None,
    ) -> None:
        self.trouble: str | None = None
        """Why alerts cannot be read at present."""
        self.database_trouble: str | None = None
        """Why they cannot be queued."""
        self.caught_up = False
        self._engine = engine
        self._seal = seal
        self._overtaken = overtaken
        self._figures = figures
        self._containment = Containment(figures)
        self._clock = clock
        self._on_queued = on_queued
        self.on_caught_up = on_caught_up
        self._monotonic = time.monotonic
        self._since = 0.0
        self._stopping = threading.Event()
        self._at: Positions = {}
        self._next: Positions = {}
        self._alerts: list[Read] = []
        self._ids: dict[str, list[str]] = {}
        self._heard: dict[Key, int] = {}
        """Highest revisions heard and not yet written down."""

    def start_positions(self) -> Positions:
        """Where reading goes on; waits for the database."""
        self._at = self._patiently(positions.read, write=False) or {}
        return dict(self._at)

    def stop(self) -> None:
        """Let `run` end soon. What was read and not written down is read again next time."""
        self._stopping.set()

    def run(self, steps: Iterable[Step[Alert]]) -> None:
        """Queue what `steps` bring until they end or `stop` is called. Raises TwoForwarders, WrongKey."""
        for step in steps:
            match step:
                case Got(message=alert, record=record):
                    self._got(alert, record)
                case Unreadable(record=record, why=why):
                    self._pass_over(record, why)
                case LineLost(why=why):
                    self.trouble = why
                    _log.warning("line lost: %s", why)
                case LineBack():
                    self.trouble = None
                    _log.info("line back")
            if self._next and (not isinstance(step, Got | Unreadable) or self._is_full()):
                self._flush()
            if isinstance(step, AtEnd) and not self._stopping.is_set():
                self.caught_up = True
                _log.info("read to the end: delivering")
                self.on_caught_up()
            if self._stopping.is_set():
                return

    def poll_time(self) -> float:
        """How long to wait for the next record: no time at all while some wait to be queued."""
        return _SOON if self._next else _POLL

    def _is_full(self) -> bool:
        return len(self._alerts) >= MOST or self._monotonic() - self._since >= LONGEST_WAIT

    def _note_position(self, record: Record) -> None:
        if not self._next:
            self._since = self._monotonic()
        self._next[record.topic, record.partition] = record.offset + 1

    def _got(self, alert: Alert, record: Record) -> None:
        participant = country_of(record.topic)
        if alert.recipient != participant:
            self._pass_over(record, "it is for another recipient")
            return
        self._figures.read.labels(participant).inc()
        self._alerts.append((alert, timestamp(record.timestamp)))
        self._note_position(record)
        self._hear(alert)

    def _hear(self, alert: Alert) -> None:
        for id_ in self._ids.get(alert.recipient, ()):
            key = (id_, alert.alert_id)
            self._heard[key] = max(alert.revision, self._heard.get(key, 0))
            self._overtaken.heard(key, alert.revision)

    def _pass_over(self, record: Record, why: str) -> None:
        self._figures.unreadable.labels(country_of(record.topic)).inc()
        _log.warning("passed over %s[%d]@%d: %s", record.topic, record.partition, record.offset, why)
        self._note_position(record)

    def _flush(self) -> None:
        alerts, after = self._alerts, self._next
        keys = self._patiently(lambda connection: self._write(connection, alerts, after), write=True)
        if keys is None:
            return  # told to stop while the database was away
        self._at |= after
        self._overtaken.written(self._heard)
        self._alerts, self._next, self._heard = [], {}, {}
        if keys:
            self._on_queued(keys)

    def _write(self, connection: Connection, alerts: list[Read], after: Positions) -> set[Key]:
        every = subscriptions.every(connection)
        self._ids = {}
        for one in every:
            self._ids.setdefault(one.participant, []).append(one.id)
        for alert, _ in alerts:  # also for those subscribed since we last looked
            self._hear(alert)
        keys = queueing.take(connection, self._seal, every, alerts, self._clock(), self._containment)
        positions.move(connection, self._at, after)
        return keys

    def _patiently(self, work: Callable[[Connection], T], *, write: bool) -> T | None:
        """The result of `work`, tried again while the database is away; None when told to stop meanwhile."""
        failures = 0
        while not self._stopping.is_set():
            try:
                with transaction(self._engine, write=write) as connection:
                    result = work(connection)
            except DatabaseUnavailable as error:
                self.database_trouble = str(error)
                self._figures.database_trouble.inc()
                _log.warning("%s; trying again", error)
                self._stopping.wait(_WAITS[min(failures, len(_WAITS) - 1)])
                failures += 1
            else:
                self.database_trouble = None
                return result
        return None
