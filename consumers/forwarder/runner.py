"""One endpoint's deliveries: its own queue, connections and pace. It waits for nobody, and nobody waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Protocol

from consumers.forwarder import queue
from consumers.forwarder.failure import Failure, Outcome
from consumers.forwarder.figures import Figures
from consumers.forwarder.message import Message
from consumers.forwarder.overtaken import Overtaken
from consumers.forwarder.queue import Due
from consumers.forwarder.schedule import Rng
from consumers.forwarder.settling import Attempt
from consumers.forwarder.storage import Storage
from consumers.forwarder.subscription import Subscription

BATCH = 64
"""Messages loaded at once."""
_OVERTAKEN_WAIT = 0.05
"""Seconds until what overtook a whole batch has been written into the queue."""


class Sender(Protocol):
    """A way out: HTTP, mail, or a list in tests."""

    async def send(self, message: Message, now: datetime) -> Outcome:
        """One attempt."""
        ...

    async def close(self) -> None:
        """Give everything back."""
        ...


class Runner:
    """Delivers what waits for one subscription."""

    def __init__(
        self,
        subscription: Subscription,
        sender: Sender,
        storage: Storage,
        overtaken: Overtaken,
        figures: Figures,
        clock: Callable[[], datetime],
        rng: Rng,
        connections: int,
    ) -> None:
        self.subscription = subscription
        self._sender = sender
        self._storage = storage
        self._overtaken = overtaken
        self._figures = figures
        self._clock = clock
        self._rng = rng
        self._connections = connections
        self._wake = asyncio.Event()
        self._stopping = False

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

        While the endpoint is in doubt, one message at a time.
        """
        id_ = self.subscription.id
        while True:
            endpoint, now = self.subscription.endpoint, self._clock()
            if self._is_over():
                return None
            if endpoint.paused(now):
                return endpoint.paused_until
            most = 1 if endpoint.doubtful else BATCH
            load = partial(queue.due, seal=self._storage.seal, subscription=id_, now=now, most=most)
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
                if not self._overtaken.is_overtaken(due.key, due.revision):
                    written.append(await self._attempt(due))

        async with asyncio.TaskGroup() as tasks:
            for _ in range(min(self._connections, len(batch))):
                tasks.create_task(work())
        if not written:
            await asyncio.sleep(_OVERTAKEN_WAIT)
        # What is not written down yet would be loaded, and sent, again.
        await asyncio.gather(*written)

    async def _attempt(self, due: Due) -> asyncio.Future[None]:
        began, start = self._clock(), time.perf_counter()
        outcome = await self._sender.send(due.message, began)
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
