"""One endpoint's deliveries: its own queue, connections and pace. It waits for nobody, and nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Protocol

from consumers.forwarder import queue
from consumers.forwarder.containment import Containment
from consumers.forwarder.failure import Failure, Fault, Outcome, Withheld
from consumers.forwarder.figures import Figures
from consumers.forwarder.message import Message
from consumers.forwarder.overtaken import IsOvertaken, Overtaken
from consumers.forwarder.queue import Due
from consumers.forwarder.schedule import Rng, delay
from consumers.forwarder.settling import Attempt
from consumers.forwarder.storage import Storage
from consumers.forwarder.subscription import Subscription

BATCH = 64
"""Messages loaded at once."""
_OVERTAKEN_WAIT = 0.05
"""Seconds until what overtook a whole batch has been written into the queue."""


class Sender(Protocol):
    """A way out: HTTP, mail, or a list in tests."""

    async def send(self, message: Message, now: datetime, is_overtaken: IsOvertaken) -> Outcome | Withheld:
        """One attempt. `is_overtaken` is asked at the last moment, when the connection stands."""
        ...

    async def close(self) -> None:
        """Give everything back."""
        ...


@dataclass(frozen=True, slots=True)
class NoWay:
    """Stands for a way out that could not be made: what is due waits, and is tried again like after any failure."""

    fault: Fault

    async def send(self, message: Message, now: datetime, is_overtaken: IsOvertaken) -> Outcome:
        """Fail."""
        return Failure(self.fault)

    async def close(self) -> None:
        """Nothing is open."""


class Runner:
    """Delivers what waits for one subscription."""

    def __init__(
        self,
        subscription: Subscription,
        sender: Sender,
        storage: Storage,
        overtaken: Overtaken,
        figures: Figures,
        containment: Containment,
        clock: Callable[[], datetime],
        rng: Rng,
        connections: int,
    ) -> None:
        self.subscription = subscription
        self._sender = sender
        self._storage = storage
        self._overtaken = overtaken
        self._figures = figures
        self._containment = containment
        self._clock = clock
        self._rng = rng
        self._connections = connections
        self._wake = asyncio.Event()
        self._stopping = False
        self._defects = 0
        self._rests_until: datetime | None = None

    def wake(self) -> None:
        """There may be something to send."""
        self._wake.set()

    def stop(self) -> None:
        """Begin no further attempt."""
        self._stopping = True
        self._wake.set()

    async def close(self) -> None:
        """Close its connections."""
        await self._sender.close()

    async def run(self) -> None:
        """Deliver until stopped, or until the endpoint is disabled."""
        while not self._is_over():
            self._wake.clear()
            when = await self.run_due()
            if self._is_over():
                return
            wait = None if when is None else max(0.0, (when - self._clock()).total_seconds())
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._wake.wait()

    def _is_over(self) -> bool:
        return self._stopping or self.subscription.endpoint.disabled is not None

    async def run_due(self) -> datetime | None:
        """Deliver everything that may be sent now; returns when there is something to do again, None if nothing waits.

        After a defect of our own it rests, longer each time, whoever wakes it.
        """
        if self._rests_until is not None and self._clock() < self._rests_until:
            return self._rests_until
        when = None
        with self._containment.around(self.subscription.participant, self.subscription.id) as caught:
            when = await self._run_due()
        self._defects = self._defects + 1 if caught.failure else 0
        self._rests_until = self._clock() + delay(self._defects, self._rng) if caught.failure else None
        return self._rests_until or when

    async def _run_due(self) -> datetime | None:
        """While the endpoint is in doubt, one message at a time."""
        id_ = self.subscription.id
        while True:
            endpoint, now = self.subscription.endpoint, self._clock()
            if self._is_over():
                return None
            if endpoint.paused(now):
                return endpoint.paused_until
            most = 1 if endpoint.doubtful else BATCH
            load = partial(queue.due, subscription=id_, now=now, most=most)
            batch = await self._storage.run(load)
            if not batch:
                return await self._storage.run(partial(queue.next_due, subscription=id_))
            await self._deliver(batch)

    async def _deliver(self, batch: Sequence[Due]) -> None:
        waiting = iter(batch)
        written: list[asyncio.Future[None]] = []

        async def work() -> None:
            for due in waiting:
                if self._is_over() or self.subscription.endpoint.paused(self._clock()):
                    return
                settled = await self._attempt(due)
                if settled is not None:
                    written.append(settled)

        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(self._connections, len(batch))):
                tasks.create_task(work())
        if not written:
            await asyncio.sleep(_OVERTAKEN_WAIT)
        # What is not written down yet would be loaded, and sent, again.
        await asyncio.gather(*written)

    async def _attempt(self, due: Due) -> asyncio.Future[None] | None:
        """Done when its outcome is durable; None when nothing was sent, for it was overtaken."""
        is_overtaken = partial(self._overtaken.is_overtaken, due.key, due.revision)
        if is_overtaken():
            return None
        began, start = self._clock(), time.perf_counter()
        outcome: Outcome | Withheld = Withheld()
        with self._containment.around(self.subscription.participant, self.subscription.id) as caught:
            outcome = await self._sender.send(due.open(self._storage.seal), began, is_overtaken)
        outcome = caught.failure or outcome
        if isinstance(outcome, Withheld):
            return None
        duration, ended = time.perf_counter() - start, self._clock()
        before = self.subscription.endpoint
        if isinstance(outcome, Failure):
            after = before.after_failure(outcome, began, ended, self._rng)
        else:
            after = before.after_success()
        self.subscription = replace(self.subscription, endpoint=after)
        self._count(due, outcome, duration, ended)
        attempt = Attempt(self.subscription.participant, due, ended, round(duration * 1000), outcome)
        return self._storage.settle(attempt, self.subscription if after != before else None)

    def _count(self, due: Due, outcome: Outcome, duration: float, ended: datetime) -> None:
        participant = self.subscription.participant
        self._figures.duration.labels(participant).observe(duration)
        if isinstance(outcome, Failure):
            self._figures.attempts.labels(participant, outcome.fault.value).inc()
        else:
            self._figures.attempts.labels(participant, "DELIVERED").inc()
            self._figures.delay.labels(participant).observe(max(0.0, (ended - due.queued_at).total_seconds()))
