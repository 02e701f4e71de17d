"""Keeps one runner for each subscription that takes deliveries, and the figures of the whole."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, Engine

from consumers.forwarder import ledger, queue, subscriptions
from consumers.forwarder.access import Access, SealedAccess, sealed_access
from consumers.forwarder.containment import Containment
from consumers.forwarder.failure import Fault
from consumers.forwarder.figures import Figures
from consumers.forwarder.overtaken import Overtaken
from consumers.forwarder.queue import Key
from consumers.forwarder.runner import NoWay, Runner, Sender
from consumers.forwarder.schedule import Rng
from consumers.forwarder.sealing import Seal
from consumers.forwarder.storage import Storage
from consumers.forwarder.subscription import Subscription

LOOK_EVERY = 2.0
"""Seconds between two looks at what was subscribed, changed or queued by commands."""
END_WITHIN = 5.0
"""Seconds that an attempt which runs may take to its end when its runner is to stop; then it is broken off, and made
again later under the same id."""
_FORGET_EVERY = timedelta(hours=1)

MakeSender = Callable[[Subscription, Access], Sender]


@dataclass(frozen=True, slots=True)
class _Seen:
    subscriptions: list[Subscription]
    access: dict[str, SealedAccess]
    waiting: set[str]
    depths: dict[str, tuple[int, datetime]]


class Dispatcher:
    """Delivers what is in the queue, whoever put it there."""

    def __init__(
        self,
        engine: Engine,
        seal: Seal,
        make_sender: MakeSender,
        figures: Figures,
        clock: Callable[[], datetime],
        *,
        participants: Collection[str] | None = None,
        connections: int = 4,
        rng: Rng = random.random,
    ) -> None:
        """`participants`: those whose subscriptions are served; None for all that the database knows."""
        self.overtaken = Overtaken()
        self.runners: dict[str, Runner] = {}
        self._containment = Containment(figures)
        self._storage = Storage(engine, seal, figures, self._containment, clock, rng, self._wake)
        self._make_sender = make_sender
        self._figures = figures
        self._clock = clock
        self._served = None if participants is None else frozenset(participants)
        self._connections = connections
        self._rng = rng
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._known: dict[str, int] = {}
        self._shown: set[str] = set()
        self._forgot = clock()
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def trouble(self) -> str | None:
        """Why nothing can be delivered at present."""
        return self._storage.trouble

    def queued(self, keys: Collection[Key]) -> None:
        """Something was put into the queue. May be called from any thread."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: the queue keeps it
                self._loop.call_soon_threadsafe(self._wake, {subscription for subscription, _ in keys})

    async def run(self) -> None:
        """Deliver until cancelled. Raises, in an ExceptionGroup, what ended it."""
        async with self.running() as tasks:
            while True:
                await self.refresh()
                self._start(tasks)
                await asyncio.sleep(LOOK_EVERY)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.TaskGroup]:
        """Outcomes are written down within the block; at its end what is on its way may still arrive."""
        self._loop = asyncio.get_running_loop()
        try:
            async with asyncio.TaskGroup() as tasks:
                writing = tasks.create_task(self._storage.write_outcomes())
                try:
                    yield tasks
                finally:
                    self._loop = None
                    await self._end(list(self.runners))
                    writing.cancel()
        finally:
            self._storage.close()

    async def refresh(self) -> None:
        """Look at what was subscribed, changed or queued."""
        seen = await self._storage.run(partial(self._look, now=self._clock()))
        here = {one.id: one for one in seen.subscriptions if one.endpoint.disabled is None}
        await self._end([id_ for id_, runner in self.runners.items() if not self._same(runner, here.get(id_))])
        for one in here.values():
            # One that disabled itself after we looked has just ended, its access not loaded: the next look sees it so.
            if one.id not in self.runners and one.id in seen.access:
                self._add(one, seen.access[one.id])
        self._wake(seen.waiting)
        self._show(seen)
        self.overtaken.sweep()
        if self._clock() - self._forgot >= _FORGET_EVERY:
            self._forgot = self._clock()
            await self._storage.run(partial(ledger.forget, now=self._forgot), write=True)
            await self._storage.empty_journal()

    def _look(self, connection: Connection, now: datetime) -> _Seen:
        every = [
            one for one in subscriptions.every(connection) if self._served is None or one.participant in self._served
        ]
        new = [one.id for one in every if self._known.get(one.id) != one.generation]
        return _Seen(
            every,
            sealed_access(connection, new, now),
            queue.waiting(connection, now),
            queue.depths(connection),
        )

    def _same(self, runner: Runner, now: Subscription | None) -> bool:
        """Whether a runner goes on: nobody changed its subscription, and it has not disabled it itself."""
        mine = runner.subscription
        return now is not None and mine.generation == now.generation and mine.endpoint.disabled is None

    def _add(self, subscription: Subscription, access: SealedAccess) -> None:
        sender: Sender = NoWay(Fault.DEFECT)
        with self._containment.around(subscription.participant, subscription.id):
            sender = self._make_sender(subscription, access.open(self._storage.seal))
        self._known[subscription.id] = subscription.generation
        self.runners[subscription.id] = Runner(
            subscription,
            sender,
            self._storage,
            self.overtaken,
            self._figures,
            self._containment,
            self._clock,
            self._rng,
            self._connections,
        )

    def _start(self, tasks: asyncio.TaskGroup) -> None:
        for id_, runner in self.runners.items():
            if id_ not in self._tasks:
                self._tasks[id_] = tasks.create_task(runner.run())

    async def _end(self, ids: Collection[str]) -> None:
        ended = [self.runners.pop(id_) for id_ in ids]
        tasks = [self._tasks.pop(id_) for id_ in ids if id_ in self._tasks]
        for id_ in ids:
            self._known.pop(id_, None)
        for runner in ended:
            runner.stop()
        if tasks:
            _, slow = await asyncio.wait(tasks, timeout=END_WITHIN)
            for task in slow:
                task.cancel()
            await asyncio.gather(*slow, return_exceptions=True)
        for runner in ended:
            with self._containment.around(runner.subscription.participant, runner.subscription.id):
                await runner.close()

    def _wake(self, ids: Collection[str]) -> None:
        for id_ in ids:
            if id_ in self.runners:
                self.runners[id_].wake()

    def _show(self, seen: _Seen) -> None:
        now = self._clock()
        depth: dict[str, int] = {}
        oldest: dict[str, float] = {}
        disabled: dict[str, int] = {}
        for one in seen.subscriptions:
            code = one.participant
            count, since = seen.depths.get(one.id, (0, now))
            depth[code] = depth.get(code, 0) + count
            oldest[code] = max(oldest.get(code, 0.0), (now - since).total_seconds())
            disabled[code] = disabled.get(code, 0) + (one.endpoint.disabled is not None)
        for code in self._shown - depth.keys():
            for gauge in (self._figures.depth, self._figures.oldest, self._figures.disabled):
                gauge.labels(code).set(0)
        self._shown |= depth.keys()
        for code in depth:
            self._figures.depth.labels(code).set(depth[code])
            self._figures.oldest.labels(code).set(oldest[code])
            self._figures.disabled.labels(code).set(disabled[code])
