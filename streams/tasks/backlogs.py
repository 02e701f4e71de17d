"""Partitions of the gate whose next record waits for something that is away; the records behind it wait, others go on.

A record that needs a schema nobody has looked up yet is the one case: asking the registry takes a network's time, so
it happens in a thread, and while the registry is away only the partitions that need it stand still. Everything here
runs on the event loop but `look_up`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable

from streams.tasks import metrics
from streams.tasks.log import Place, Record
from tocsin.runtime.errors import Unavailable

_log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0


class Backlogs:
    """The records of partitions that wait, each partition worked off in its order by a task of its own.

    `process` raises Unavailable to be asked again later. `hold` asks for no more records of a partition, `release`
    for more again; what arrives in spite of `hold` is kept. `failed` is told whatever ends the process.
    """

    def __init__(
        self,
        process: Callable[[Record], Awaitable[None]],
        look_up: Callable[[], None],
        hold: Callable[[Place], None],
        release: Callable[[Place], None],
        failed: Callable[[BaseException], Awaitable[None]],
    ) -> None:
        self._process, self._look_up = process, look_up
        self._hold, self._release, self._failed = hold, release, failed
        self._records: dict[Place, deque[Record]] = {}
        self._tasks: dict[Place, asyncio.Task[None]] = {}
        self._looking = asyncio.Lock()
        self._look_began = float("-inf")

    def __contains__(self, place: Place) -> bool:
        return place in self._records

    def __len__(self) -> int:
        """Records that wait."""
        return sum(map(len, self._records.values()))

    def add(self, record: Record) -> None:
        """Have `record` processed after those of its partition that wait already."""
        place = record.place
        self._hold(place)  # again with each record: Faust gives way by itself when its own queue has room
        if place in self._records:
            self._records[place].append(record)
            return
        self._records[place] = deque((record,))
        self._tasks[place] = asyncio.create_task(self._work_off(place), name=f"backlog of {place}")
        metrics.WAITING.set(len(self._records))

    def clear(self) -> None:
        """Forget every record that waits: not acknowledged, it is read again by whoever owns its partition next."""
        for task in self._tasks.values():
            task.cancel()
        self._records, self._tasks = {}, {}
        metrics.WAITING.set(0)

    async def _work_off(self, place: Place) -> None:
        records = self._records[place]
        pause, looked = _FIRST_PAUSE, False
        try:
            while records:
                try:
                    await self._process(records[0])
                except Unavailable as error:
                    if looked:
                        await asyncio.sleep(pause)
                        pause = min(pause * 2, _LONGEST_PAUSE)
                    await self._look(error)
                    looked = True
                    continue
                records.popleft()
                pause, looked = _FIRST_PAUSE, False
                await asyncio.sleep(0)  # nothing above need have waited: others have their turn
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 (the end of the process, told to whoever can end it)
            await self._failed(error)
            return
        del self._records[place], self._tasks[place]
        metrics.WAITING.set(len(self._records))
        self._release(place)

    async def _look(self, missing: Unavailable) -> None:
        """Look up what is missing, once for all partitions that began to wait before the look begins."""
        asked = time.monotonic()
        async with self._looking:
            if self._look_began >= asked:
                return
            self._look_began = time.monotonic()
            try:
                await asyncio.to_thread(self._look_up)
            except Unavailable as error:
                _log.warning("%d partitions of the gate wait: %s (%s)", len(self._records), missing, error)
