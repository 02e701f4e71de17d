"""The tasks that this worker holds: taken over when partitions come, fed, and let go when they leave."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from faust.types import TP

from streams.tasks import metrics
from streams.tasks.append_times import not_ready_for
from streams.tasks.log import Place, Record
from streams.tasks.runner import Runner
from streams.tasks.task import Task

_log = logging.getLogger(__name__)

IN_HAND_SECONDS = 5.0
"""How long a rebalance waits for batches in a thread; one that takes longer is fenced if its partition has moved."""


class Follower(Protocol):
    """Something that the worker reads beside its partitions, whole (the watchlist)."""

    async def start(self) -> None:
        """Read to the end as it is now, then keep following. Called once, before partitions are asked for."""
        ...

    async def catch_up(self) -> None:
        """Return when everything is read that had been written when this was called.

        Called after each assignment and before its first record.
        """
        ...

    def not_ready(self) -> str | None:
        """None when it has read to the end, else why not."""
        ...

    async def stop(self) -> None:
        """Let go of connections."""
        ...


class HeldTasks:
    """`make` builds the task of a partition (it opens the store, so it runs in a thread); `failed` ends the process."""

    def __init__(
        self,
        make: Callable[[Place], Task],
        followers: Iterable[Follower],
        failed: Callable[[BaseException], Awaitable[None]],
        threads: int,
    ) -> None:
        self._make, self._followers, self._failed = make, tuple(followers), failed
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="task")
        self._runners: dict[Place, Runner] = {}
        self._generation: int | None = None
        self._held_since: int | None = None
        self._complete = False
        self._lags = metrics.ByPartition(metrics.LAG_EVENTS, metrics.LAG_SECONDS, metrics.CLOCK_AHEAD_SECONDS)

    @property
    def runners(self) -> Mapping[Place, Runner]:
        """The partitions held, taken over and fed."""
        return self._runners

    async def submit(self, message: Any) -> None:
        """Queue a Faust message for its task, unless it was fetched under an earlier assignment."""
        if message.generation_id != self._generation:
            return
        place = Place(message.topic, message.partition)
        if (runner := self._runners.get(place)) is not None:
            await runner.put(as_record(message))

    async def assigned(self, partitions: Iterable[TP], generation: int) -> None:
        """Hold exactly `partitions`; returns when every one is taken over and fed."""
        try:
            await self._assigned({Place(tp.topic, tp.partition) for tp in partitions}, generation)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 (Faust swallows what a signal's receiver raises)
            await self._failed(error)

    async def _assigned(self, places: set[Place], generation: int) -> None:
        await self.finish_in_hand()
        # Whoever missed a generation cannot know whose its partitions were in it: a task that another has fenced stands
        # where it stood, and what is fetched begins where the other left off.
        kept = places if self._held_since == generation - 1 else set()
        leaving = [self._runners.pop(place) for place in self._runners.keys() - kept]
        await asyncio.gather(*(runner.close() for runner in leaving))
        coming = sorted(places - self._runners.keys())
        loop = asyncio.get_running_loop()
        tasks = await asyncio.gather(*(loop.run_in_executor(self._executor, self._take_over, it) for it in coming))
        for place, task in zip(coming, tasks, strict=True):
            self._runners[place] = Runner(task, self._executor, self._failed)
        for follower in self._followers:
            await follower.catch_up()
        self._generation = self._held_since = generation
        for runner in self._runners.values():
            runner.resume()
        self._complete = True
        _log.info("holding %d partitions, generation %d", len(self._runners), generation)

    def _take_over(self, place: Place) -> Task:
        task = self._make(place)
        task.take_over()
        return task

    async def finish_in_hand(self) -> None:
        self._complete, self._generation = False, None
        for runner in self._runners.values():
            runner.pause()
        waits = [asyncio.create_task(runner.idle()) for runner in self._runners.values()]
        if waits:
            _, late = await asyncio.wait(waits, timeout=IN_HAND_SECONDS)
            for wait in late:
                wait.cancel()
            if late:
                _log.warning("%d batches are still being processed after %.0f s", len(late), IN_HAND_SECONDS)

    def committable(self) -> Mapping[TP, int]:
        return {TP(*place): runner.task.durable_position for place, runner in self._runners.items()}

    def not_ready(self) -> str | None:
        """None when every assigned partition is taken over, none waits for a clock, and every follower has read to its
        end; else why not."""
        if not self._complete:
            return "partitions are being assigned or taken over"
        if ahead := max((runner.task.clock_ahead for runner in self._runners.values()), default=0.0):
            return not_ready_for(ahead)
        return next((reason for follower in self._followers if (reason := follower.not_ready())), None)

    def measure(self, highwater: Callable[[TP], int | None], now: float) -> None:
        """Set the gauges of lag and clocks; `now` in milliseconds."""
        lags = {}
        for place, runner in self._runners.items():
            end = highwater(TP(*place))
            behind = max(0, (end or 0) - runner.task.position)
            busy = runner.queued > 0 or runner.waiting
            old = max(0.0, now - runner.task.now) / 1000 if busy else 0.0
            lags[place] = (behind, old, runner.task.clock_ahead)
        self._lags.show(lags)


def as_record(message: Any) -> Record:
    """A Faust message as a record of the log."""
    headers = message.headers
    pairs = headers.items() if isinstance(headers, Mapping) else headers or ()
    return Record(
        Place(message.topic, message.partition),
        message.offset,
        round(message.timestamp * 1000),
        message.key,
        message.value,
        tuple(pairs),
        message.checksum,
    )
