"""A simulation to the broker: every entry first, then the incidents in order of time, at a rate."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field

from producers.country import CountryProducer
from producers.simulate.plan import Traffic
from schemas.events import WatchlistEntry
from tocsin.runtime.producing import Refusal


@dataclass
class Sent:
    """What became of a published simulation."""

    entries: int = 0
    incidents: int = 0
    delivered: int = 0
    undelivered: Counter[Refusal] = field(default_factory=Counter)


class Pace:
    """Holds a loop to a rate: the n-th `wait` returns n/rate seconds after the first, or at once when it is late."""

    def __init__(
        self,
        rate: float | None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._rate = rate
        self._monotonic = monotonic
        self._sleep = sleep
        self._start: float | None = None
        self._count = 0

    def wait(self) -> None:
        """Return when the next one is due. Without a rate: at once."""
        if self._rate is None:
            return
        if self._start is None:
            self._start = self._monotonic()
        left = self._start + self._count / self._rate - self._monotonic()
        self._count += 1
        if left > 0:
            self._sleep(left)


def publish_traffic(
    traffic: Traffic,
    listed: Iterable[WatchlistEntry],
    producer_of: Callable[[str], CountryProducer],
    *,
    rate: float | None = None,
    on_event: Callable[[Sent], None] = lambda sent: None,
) -> Sent:
    """Publish entries, wait until they are taken, then incidents, at most `rate` a second; wait for these too.

    Each participant's events go out through its own producer. Raises what CountryProducer raises.
    """
    sent = Sent()
    pace = Pace(rate)
    with ExitStack() as open_producers:
        producers: dict[str, CountryProducer] = {}

        def of(code: str) -> CountryProducer:
            if code not in producers:
                producers[code] = open_producers.enter_context(producer_of(code))
            return producers[code]

        for entry in (*listed, *traffic.entries):
            of(entry.producer).publish_entry(entry)
            sent.entries += 1
            on_event(sent)
        for producer in producers.values():
            producer.flush()
        for incident in traffic.incidents:
            pace.wait()
            of(incident.producer).publish_incident(incident)
            sent.incidents += 1
            on_event(sent)
        for producer in producers.values():
            producer.flush()
            sent.delivered += producer.delivered
            sent.undelivered += producer.refused
    return sent
