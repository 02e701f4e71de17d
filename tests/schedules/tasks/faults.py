"""What goes wrong: how often, of which kind, drawn from the schedule's random numbers and counted."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping

KINDS: Mapping[str, str] = {
    "crash": "a worker is killed between any two calls, and started again",
    "disk": "its local stores are gone when it starts again",
    "old disk": "its local stores are those of an earlier moment when it starts again",
    "stop": "a worker stands still beyond its session timeout, and wakes while its partitions are another's",
    "silence": "a worker that is well loses its membership",
    "rebalance": "the group gives the partitions away anew",
    "leave": "a worker is told to stop (SIGTERM)",
    "gate": "the gate dies before it acknowledged; what it had sent may still arrive",
    "refused": "the broker refuses a call that may be made again",
    "unanswered": "the broker does a call and does not say so",
    "abort": "a transaction can only be aborted",
    "full": "the client's queue is full",
    "timeout": "time passes until the broker gives up what is open",
    "upgrade": "a worker stops or is killed, and comes back as the next release (--releases)",
    "newer": "a worker is given state of the release after its own, and ends",
    "away": "the broker does not say where a partition ends",
}
"""By the name that tables print."""


class Faults:
    """Up to `budget` faults are drawn while `on`; `made` counts them."""

    def __init__(self, rng: random.Random, budget: int) -> None:
        self._rng, self.budget = rng, budget
        self.on = True
        self.made: Counter[str] = Counter()

    def strikes(self, kind: str, chance: float) -> bool:
        """Does this fault happen here and now?"""
        if not self.on or self.budget <= 0 or self._rng.random() >= chance:
            return False
        self.make(kind)
        return True

    def make(self, kind: str) -> None:
        """Note that it happens."""
        assert kind in KINDS, kind
        self.budget -= 1
        self.made[kind] += 1
