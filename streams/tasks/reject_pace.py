"""How fast the events of one topic may be refused: so many at once, then so many a second.

Ten kilobytes hold a batch of 10,000 records that are all refused, and each is said to its sender with its reason, its
place and its first bytes. Nothing of that is left out, but it costs everybody's gate and broker hundreds of times what
it costs the sender. So a topic of which too much is refused is read on at a pace, and other topics meanwhile as fast
as ever.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from streams.tasks.errors import Slowed

AT_ONCE = 5_000
"""Rejects about one topic that are said as fast as they come."""
A_SECOND = 500
"""How many more each second: where one event in twenty is refused, 10,000 events, which is more than a gate checks."""
PAUSE = 0.1
"""Seconds, at least, that a topic waits when it has to."""


class RejectPace:
    """Keeps the pace of each topic, as one gate worker sees it; in memory alone, so each life begins anew."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, at_once: int = AT_ONCE, a_second: float = A_SECOND
    ) -> None:
        """`monotonic` is the clock, in seconds."""
        self._monotonic, self._at_once, self._a_second = monotonic, at_once, a_second
        self._spent: dict[str, tuple[float, float]] = {}
        """By topic: rejects not yet made up for, as of when."""

    def check(self, topic: str) -> None:
        """Raises Slowed while a record of this topic has to wait."""
        over = self._owed(topic) - self._at_once
        if over >= 0:
            raise Slowed(f"too much of {topic} is refused", max(PAUSE, over / self._a_second))

    def refused(self, topic: str, count: int) -> None:
        """`count` rejects are about to be said about records of this topic."""
        if count:
            self._spent[topic] = (self._owed(topic) + count, self._monotonic())

    def _owed(self, topic: str) -> float:
        spent, since = self._spent.get(topic, (0.0, 0.0))
        return max(0.0, spent - (self._monotonic() - since) * self._a_second) if spent else 0.0
