"""The queue in front of a task: records come in one by one, batches go to a thread, one at a time."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor

from streams.tasks.log import Record
from streams.tasks.task import BATCH_RECORDS, Task
from tocsin.runtime.errors import Unavailable

_log = logging.getLogger(__name__)

QUEUE_RECORDS = 4 * BATCH_RECORDS
_NOT_READY_PAUSE = 0.02
_LONGEST_PAUSE = 5.0


class Runner:
    """Feeds one task. No timer: while one transaction commits, the next batch collects.

    `failed` is told whatever ends the process. Paused until :meth:`resume` is called.
    """

    def __init__(self, task: Task, executor: Executor, failed: Callable[[BaseException], Awaitable[None]]) -> None:
        self.task = task
        self._executor, self._failed = executor, failed
        self._queue: deque[Record] = deque()
        self._accepting = False
        self._changed = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._loop = asyncio.create_task(self._run(), name=f"task {task.name}")
        self.waiting = False
        """The next record is not ready."""

    async def put(self, record: Record) -> None:
        """Queue a record; waits while the queue is full. Dropped while paused: it will be fetched again."""
        while self._accepting and len(self._queue) >= QUEUE_RECORDS:
            self._changed.clear()
            await self._changed.wait()
        if self._accepting:
            self._queue.append(record)
            self._changed.set()

    @property
    def queued(self) -> int:
        """Records in the queue."""
        return len(self._queue)

    def pause(self) -> None:
        """Drop what is queued and take nothing new."""
        self._accepting = False
        self._queue.clear()
        self._changed.set()

    def resume(self) -> None:
        """Take records again."""
        self._queue.clear()
        self._accepting = True

    async def idle(self) -> None:
        """Wait until no batch is in the thread."""
        await self._idle.wait()

    async def close(self) -> None:
        """End, after the batch in hand, and let go of the task."""
        self.pause()
        await self._idle.wait()
        self._loop.cancel()
        await asyncio.get_running_loop().run_in_executor(self._executor, self.task.close)

    async def _run(self) -> None:
        try:
            while True:
                while not self._queue:
                    self._changed.clear()
                    await self._changed.wait()
                await self._batch()
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 (the end of the process, told to whoever can end it)
            await self._failed(error)
        finally:
            self._idle.set()

    async def _batch(self) -> None:
        batch = [self._queue[index] for index in range(min(len(self._queue), BATCH_RECORDS))]
        pause = _NOT_READY_PAUSE
        while True:
            self._idle.clear()
            try:
                progress = await asyncio.get_running_loop().run_in_executor(self._executor, self.task.process, batch)
            except (Unavailable, OSError) as error:
                _log.warning("%s waits: %s", self.task.name, error)
                progress, pause = None, min(pause * 2, _LONGEST_PAUSE)
            finally:
                self._idle.set()
            if progress is not None:
                self.waiting = progress.waiting
                if self._queue and self._queue[0] is batch[0]:
                    for _ in range(progress.consumed):
                        self._queue.popleft()
                    self._changed.set()
                if progress.consumed or not progress.waiting:
                    return
            await asyncio.sleep(pause)
            if not self._queue or self._queue[0] is not batch[0]:
                return
