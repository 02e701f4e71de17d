"""The metrics consumer's life: read the topic from its beginning, then stay with it, and say truly whether it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import structlog
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.registry import Collector

from consumers.metrics.figures import Figures
from consumers.metrics.statistics import Statistics
from consumers.reading import Got, Quiet, Step, Unreadable
from schemas.alerts import Alert
from schemas.model import timestamp
from schemas.participants import Participants
from tocsin.runtime.consuming import AtEnd, LineBack, LineLost

_log = structlog.get_logger(__name__)
_FORGET_EVERY = timedelta(hours=1)


class MetricsService(Collector):
    """Counts what it reads, and is itself the collector that Prometheus' registry asks.

    Counters are made anew from the beginning of the topic with each start. Nothing is exposed before the end of what
    was there has been read: a half-way count would look like a reset and be added to rates a second time.
    """

    def __init__(self, participants: Participants, clock: Callable[[], datetime]) -> None:
        self._registry = CollectorRegistry()
        self._statistics = Statistics(participants, Figures(self._registry))
        self._clock = clock
        self._caught_up = False
        self._trouble: str | None = None
        self._forgot = clock()

    def collect(self) -> Iterator[Metric]:
        """The metrics, once they are whole."""
        if not self._caught_up:
            return iter(())
        self._statistics.count_operations()
        return iter(self._registry.collect())

    def ready(self, line_trouble: Callable[[], str | None]) -> str | None:
        """Why the figures are not to be relied on now; None when they are."""
        if not self._caught_up:
            return line_trouble() or "reading what was in the topic"
        return self._trouble or line_trouble()

    def run(self, steps: Iterable[Step[Alert]], stopping: Callable[[], bool] = lambda: False) -> None:
        """Count until `steps` end or `stopping` says so."""
        for step in steps:
            match step:
                case Got(message=alert, record=record):
                    self._statistics.take(alert, timestamp(record.timestamp))
                case Unreadable(record=record, why=why):
                    self._statistics.unreadable()
                    where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
                    _log.warning("a record holds no alert", **where, why=why)
                case AtEnd():
                    self._caught_up = True
                    _log.info("read to the end: ready")
                case LineLost(why=why):
                    self._trouble = why
                    _log.warning("line lost", why=why)
                case LineBack():
                    self._trouble = None
                    _log.info("line back")
                case Quiet():
                    self._forget()
            if stopping():
                return

    def _forget(self) -> None:
        now = self._clock()
        if now - self._forgot >= _FORGET_EVERY:
            self._forgot = now
            self._statistics.forget(now)
