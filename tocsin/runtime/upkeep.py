"""What is owed every so often, done by a process that says whether it is: where no cron and no timer sees to it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import NoReturn

from prometheus_client import Gauge

from tocsin.runtime.errors import TocsinError

AGAIN_S = 300.0
"""Seconds after which what failed is tried again."""
DUE = Gauge(
    "tocsin_upkeep_due_timestamp_seconds",
    "When a part of the upkeep (forget, audit sign) is to be done next, Unix time; past for as long as it fails.",
    ["work"],
)
_log = logging.getLogger(__name__)


class Upkeep:
    """One part of it, done at once and then every `every` seconds.

    `do` returns a line about what was done. What it raises of our own errors is told, and it is tried again after
    `AGAIN_S`; any other ends the process. A process that is stopped in the middle leaves the rest to its next start.
    """

    def __init__(
        self, name: str, do: Callable[[], str], every: float, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._name, self._do, self._every, self._clock = name, do, every, clock
        self._trouble: str | None = None
        DUE.labels(name).set(clock())

    def run(self, wait: Callable[[float], object] = time.sleep) -> NoReturn:
        """Do it until the process ends."""
        while True:
            wait(self.once())

    def once(self) -> float:
        """Do it now; returns the seconds until it is to be done again."""
        began = self._clock()
        try:
            said = self._do()
        except TocsinError as error:
            self._trouble = str(error)
            _log.warning("%s failed and is tried again in %.0f s: %s", self._name, AGAIN_S, error)
            return AGAIN_S
        self._trouble = None
        _log.info("%s: %s", self._name, said)
        DUE.labels(self._name).set(began + self._every)
        return max(0.0, began + self._every - self._clock())

    def not_ready(self) -> str | None:
        """Why it was not done the last time; None: it was, or is being done for the first time."""
        return self._trouble
