"""The state of an endpoint: how it fares, how long it is left alone, when it is disabled. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from consumers.forwarder.failure import ABOUT_MESSAGE, Failure, Fault
from consumers.forwarder.schedule import LONGEST_PAUSE, Rng, delay, given_up


class Disabled(StrEnum):
    """Why an endpoint gets nothing any more, until its bureau enables it."""

    GONE = "GONE"
    """It answered 410."""
    FAILING = "FAILING"
    """Nothing was delivered for a day, in ten attempts or more."""
    BY_HAND = "BY_HAND"
    """Its bureau said so."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How one endpoint fares."""

    disabled: Disabled | None = None
    failures: int = 0
    """Failed attempts since the last success, of any kind."""
    failing_since: datetime | None = None
    """The first of them."""
    outages: int = 0
    """Failures in a row that say something about the endpoint, not about one message; those of attempts that ran at
    the same time count once."""
    last_outage: datetime | None = None
    """The last of them."""
    paused_until: datetime | None = None
    """Nothing is sent before this time."""

    @property
    def doubtful(self) -> bool:
        """Whether one message at a time is enough until something gets through."""
        return self.outages > 0

    def paused(self, now: datetime) -> bool:
        """Whether it is left alone at `now`."""
        return self.paused_until is not None and now < self.paused_until <= now + LONGEST_PAUSE

    def after_success(self) -> Endpoint:
        """It took something: everything that it has to its account is forgotten. A disabled one stays so."""
        return Endpoint(disabled=self.disabled)

    def after_failure(self, failure: Failure, began: datetime, now: datetime, rng: Rng) -> Endpoint:
        """It failed at `now` in an attempt that `began` then. A defect of ours is not to its account."""
        if self.disabled or failure.fault is Fault.DEFECT:
            return self
        after = replace(self, failures=self.failures + 1, failing_since=self.failing_since or now)
        if failure.fault is Fault.GONE:
            return replace(after, disabled=Disabled.GONE)
        if given_up(after.failing_since or now, after.failures, now):
            return replace(after, disabled=Disabled.FAILING)
        if failure.fault in ABOUT_MESSAGE:
            return after
        asked = now + (failure.retry_after or timedelta(0))
        if self.last_outage is not None and began < self.last_outage:
            # It ran beside the one that told us already: no longer pause, unless it asks for one.
            return replace(after, paused_until=max(asked, self.paused_until or now))
        outages = self.outages + 1
        until = max(asked, now + delay(outages, rng))
        return replace(after, outages=outages, last_outage=now, paused_until=until)
