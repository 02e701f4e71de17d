"""Partitions of the gate whose next record waits; the records behind it wait, others go on.

A record may need a schema that nobody has looked up yet: asking the registry takes a network's time, so it happens in a
thread, and while the registry is away only the partitions that need it stand still. Or too much of its topic is
refused (`reject_pace`). Everything here runs on the event loop but `look_up`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable

from streams.tasks import metrics
from streams.tasks.errors import Slowed
from streams.tasks.log import Place, Record
from tocsin.runtime.errors import Unavailable

_log = logging.getLogger(__name__)

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0


class Backlogs:
    """The records of partitions that wait, each partition worked off in its order by a task of its own.

    `process` raises Unavailable to be asked again after a look, Slowed to be asked again after a while. `hold` asks
    for no more records of a partition, `release` for more again; what arrives in spite of `hold` is kept. `failed` is
    told whatever ends the process.
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
        self._slowed: set[Place] = set()
        """Those that wait for nothing but the pace."""
        self._looking = asyncio.Lock()
        self._look_began = float("-inf")

    def __contains__(self, place: Place) -> bool:
        return place in self._records

    def __len__(self) -> int:
        """Records that wait."""
        return sum(map(len, self._records.values()))

    def add(self, record: Record, *, slowed: bool = False) -> None:
        """Have `record` processed after those of its partition that wait already. `slowed`: for the pace alone."""
        place = record.place
        self._hold(place)  # again with each record: Faust gives way by itself when its own queue has room
        if place in self._records:
            self._records[place].append(record)
            return
        self._records[place] = deque((record,))
        self._tasks[place] = asyncio.create_task(self._work_off(place), name=f"backlog of {place}")
        self._show(place, slowed)

    def clear(self) -> None:
        """Forget every record that waits: not acknowledged, it is read again by whoever owns its partition next."""
        for task in self._tasks.values():
            task.cancel()
        self._records, self._tasks, self._slowed = {}, {}, set()
        metrics.WAITING.set(0)
        metrics.SLOWED.set(0)

    async def _work_off(self, place: Place) -> None:
        records = self._records[place]
        pause, looked = _FIRST_PAUSE, False
        try:
            while records:
                try:
                    await self._process(records[0])
                except Slowed as slow:
                    self._show(place, True)
                    await asyncio.sleep(slow.seconds)
                    continue
                except Unavailable as error:
                    self._show(place, False)
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
        self._show(place, False)
        self._release(place)

    def _show(self, place: Place, slowed: bool) -> None:
        (self._slowed.add if slowed else self._slowed.discard)(place)
        metrics.SLOWED.set(len(self._slowed))
        metrics.WAITING.set(len(self._records) - len(self._slowed))

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
