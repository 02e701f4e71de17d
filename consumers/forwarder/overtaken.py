"""Which revisions were overtaken while they were on their way out: looked at right before each attempt."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from consumers.forwarder.queue import Key

KEPT = 900.0
"""Seconds for which an overtaking is remembered after it was written: longer than a message stays loaded before it is
sent."""

IsOvertaken = Callable[[], bool]
"""Whether something newer of the same alert was read: then what is loaded may not be sent any more."""


class Overtaken:
    """Newest revisions heard, for messages that are in memory already (domain rule 2). Used from several threads.

    The queue in the database holds only the newest revision of an alert; this covers the time between loading a message
    and sending it, and all the time in which what was heard could not be written down.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._newest: dict[Key, tuple[int, float | None]] = {}
        """Revision, and when it was written down."""
        self._monotonic = monotonic
        self._swept = monotonic()
        self._lock = threading.Lock()

    def heard(self, key: Key, revision: int) -> None:
        """A revision was read. Called before it is written down; remembered at least until it is."""
        with self._lock:
            known = self._newest.get(key)
            if known is None or known[0] < revision:
                self._newest[key] = (revision, None)

    def written(self, revisions: Mapping[Key, int]) -> None:
        """The queue knows these now, durably: they are remembered for KEPT seconds more."""
        now = self._monotonic()
        with self._lock:
            for key, revision in revisions.items():
                known = self._newest.get(key)
                if known is not None and known[0] <= revision:
                    self._newest[key] = (known[0], now)

    def is_overtaken(self, key: Key, revision: int) -> bool:
        """Whether something newer than `revision` was heard."""
        known = self._newest.get(key)
        return known is not None and known[0] > revision

    def sweep(self) -> None:
        """Forget what was written down long ago."""
        now = self._monotonic()
        if now - self._swept < KEPT / 10:
            return
        self._swept = now
        with self._lock:
            for key, (_, at) in list(self._newest.items()):
                if at is not None and now - at > KEPT:
                    del self._newest[key]
