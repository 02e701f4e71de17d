"""Watch for a stable offset that stands still: somebody's open transaction holds back every reader of the partition."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping

from streams.tasks import metrics
from streams.tasks.errors import RestoreFailed
from streams.tasks.held import HeldTasks
from streams.tasks.log import Bounds, Log, Place

_log = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
_WORRYING = 30.0


class Stability:
    """Remembers since when each partition has been held back at the same stable offset."""

    def __init__(self) -> None:
        self._since: dict[Place, tuple[int, float]] = {}

    def note(self, bounds: Mapping[Place, Bounds], now: float) -> Mapping[Place, float]:
        """Seconds for which each partition has stood still with something unreadable behind; 0 when it has not."""
        still = {}
        for place, at in bounds.items():
            offset, since = self._since.get(place, (-1, now))
            if at.stable >= at.end or at.stable != offset:
                since = now
            self._since[place] = (at.stable, since)
            still[place] = now - since
        return still


async def watch_stability(log: Log, held: HeldTasks, changelogs: Mapping[str, str]) -> None:
    """Set the metric for the inputs and changelogs of the partitions held, every few seconds, for ever."""
    stability = Stability()
    shown = metrics.ByPartition(metrics.STABLE_STILL_SECONDS)
    while True:
        await asyncio.sleep(EVERY_SECONDS)
        places = list(held.runners)
        places += [Place(changelogs[place.topic], place.partition) for place in places]
        if not places:
            continue
        try:
            bounds = await asyncio.to_thread(log.bounds, places)
        except RestoreFailed as error:
            _log.info("stable offsets are not known: %s", error)
            continue
        still = stability.note(bounds, time.monotonic())
        shown.show({place: (seconds,) for place, seconds in still.items()})
        for place, seconds in still.items():
            if seconds > _WORRYING:
                _log.warning("%s has stood still for %.0f s: a transaction hangs (tocsin doctor)", place, seconds)
